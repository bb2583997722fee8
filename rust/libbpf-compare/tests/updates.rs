// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//! Updates by compare, and words that are changed where they are.

mod common;

use common::*;
use libbpf_compare::{field, pod, Backend, Claim, Error, Field, Map, Options, UpdateFlags, WordOp};

type Conns = Map<u32, Conn>;

fn conns(keys: &[u32]) -> Conns {
    let map = Map::new(create::<u32, Conn>(LRU_HASH, 1024, 0)).unwrap();
    keys.iter().for_each(|&key| put(&map, key, conn(key.into(), 100)));
    map
}

fn expires<'a>() -> Options<'a, Conn> {
    Options::new().compare(field!(Conn, expires))
}

#[test]
fn flags_say_whether_it_has_to_be_there() {
    let map = conns(&[]);
    assert_eq!(map.update(&1, &conn(1, 1), UpdateFlags::Exist), Err(Error::NotFound));
    assert_eq!(map.update(&1, &conn(2, 2), UpdateFlags::NoExist), Ok(()));
    assert_eq!(map.update(&1, &conn(3, 3), UpdateFlags::NoExist), Err(Error::Exists));
    assert_eq!(get(&map, 1), Some(conn(2, 2)));
    assert_eq!(map.update(&1, &conn(4, 4), UpdateFlags::Any), Ok(()));
    let batch = map.update_batch(&[1, 2], &[conn(5, 5), conn(6, 6)], UpdateFlags::Exist).unwrap();
    assert_eq!(batch.results, [Ok(()), Err(Error::NotFound)]);
    assert_eq!(get(&map, 1), Some(conn(5, 5)));
}

#[test]
fn whole_values_by_compare() {
    let map = conns(&[1, 2]);
    assert_eq!(map.update_if(&1, &conn(0, 101), &conn(7, 7), &expires()), Err(Error::Mismatch));
    assert_eq!(map.update_if(&1, &conn(0, 100), &conn(7, 7), &expires()), Ok(()));
    assert_eq!(get(&map, 1), Some(conn(7, 7)));
    let batch = map.update_batch_if(&[1, 2, 3], &[conn(0, 100); 3], &[conn(8, 8); 3], &expires()).unwrap();
    assert_eq!(batch.results, [Err(Error::Mismatch), Ok(()), Err(Error::NotFound)]);
    assert_eq!((batch.done, get(&map, 2)), (1, Some(conn(8, 8))));

    let claim = Claim::agreed(2, 2..=3);
    let refused = map.update_if(&1, &conn(7, 7), &conn(9, 9), &expires().claim(field!(Conn, expires), &claim));
    assert!(matches!(refused, Err(Error::Invalid(_))));
    let refused = map.update_if(&1, &conn(7, 7), &conn(9, 9), &expires().backend(Backend::Native));
    assert!(matches!(refused, Err(Error::NotSupported(_))));
    let refused = map.update_batch_if(&[1, 2], &[conn(0, 100); 2], &[conn(8, 8)], &expires()).unwrap_err();
    assert_eq!(refused.error.reason(), "2 keys, but 1 values");
}

#[test]
fn words_in_place() {
    let map = conns(&[1]);
    let packets = map.word(field!(Conn, packets));
    assert_eq!(packets.add(&1, 4), Ok(1));
    assert_eq!(packets.add(&1, u64::MAX), Ok(5));
    assert_eq!(packets.swap(&1, 0b1100), Ok(4));
    assert_eq!(packets.apply(&1, WordOp::And, 0b0110), Ok(0b1100));
    assert_eq!(packets.apply(&1, WordOp::Or, 0b0001), Ok(0b0100));
    assert_eq!(packets.apply(&1, WordOp::Xor, 0b1111), Ok(0b0101));
    assert_eq!(packets.add(&2, 1), Err(Error::NotFound));
    assert_eq!(get(&map, 1), Some(conn(0b1010, 100)));

    assert_eq!(packets.compare_and_swap(&1, 0b1011, 9), Err(Error::Mismatch));
    assert_eq!(packets.compare_and_swap(&1, 0b1010, 9), Ok(()));
    assert_eq!(packets.apply_if(&1, &conn(0, 101), WordOp::Add, 1, &expires()), Err(Error::Mismatch));
    assert_eq!(packets.apply_if(&1, &conn(0, 100), WordOp::Add, 1, &expires()), Ok(9));
    assert_eq!(get(&map, 1), Some(conn(10, 100)));
}

#[test]
fn words_of_many_keys() {
    let map = conns(&[1, 2, 3]);
    let packets = map.word(field!(Conn, packets));
    let mut old = [77; 4];
    let batch = packets.swap_batch(&[1, 9, 3, 1], &[0; 4], &mut old).unwrap();
    assert_eq!(batch.results, [Ok(()), Err(Error::NotFound), Ok(()), Ok(())]);
    assert_eq!((batch.done, old), (3, [1, 77, 3, 0]));
    assert_eq!(packets.add_batch(&[1, 2], &[5, 6], &mut []).unwrap().done, 2);
    assert_eq!([1, 2].map(|key| get(&map, key)), [Some(conn(5, 100)), Some(conn(8, 100))]);
    let batch = packets.compare_and_swap_batch(&[1, 2], &[5, 5], &[1, 1]).unwrap();
    assert_eq!(batch.results, [Ok(()), Err(Error::Mismatch)]);
    let refused = packets.swap_batch(&[1, 2], &[0; 2], &mut [0]).unwrap_err();
    assert_eq!(refused.error.reason(), "2 keys, but 1 old words' room");
    let refused = packets.compare_and_swap_batch(&[1, 2], &[0], &[1, 1]).unwrap_err();
    assert_eq!(refused.error.reason(), "2 keys, but 1 words seen");
}

#[test]
fn claims_are_not_written_over() {
    let map = conns(&[]);
    put(&map, 1, conn(0, 3));
    put(&map, 2, conn(0, 100));
    let expires = map.word(field!(Conn, expires)).claims(2..=9);
    assert_eq!(expires.swap(&1, 200), Err(Error::Mismatch));
    assert_eq!(expires.swap(&2, 4), Err(Error::Mismatch));
    assert_eq!(expires.swap(&2, 200), Ok(100));
}

#[test]
fn words_have_signs_and_places() {
    let map: Map<u32, [i32; 3]> = Map::new(create::<u32, [i32; 3]>(HASH, 4, 0)).unwrap();
    put(&map, 1, [0, -5, 0]);
    let all = Field::<[i32; 3], _>::whole();
    assert_eq!(map.word(all.at(1)).add(&1, 3), Ok(-5));
    assert_eq!(get(&map, 1), Some([0, -2, 0]));

    let map: Map<u32, [u8; 12]> = Map::new(map).unwrap();
    let word = Field::<[u8; 12], _>::whole().cast::<[[u8; 4]; 3]>().at(1).cast::<u32>();
    assert_eq!(map.word(word).add(&1, 1), Ok(-2i32 as u32));
}

pod! {
    #[repr(packed)]
    struct Packed {
        flags: u16,
        packets: u32,
        rest: [u8; 6],
    }
}

#[test]
fn words_out_of_place() {
    let map: Map<u32, Packed> = Map::new(create::<u32, Packed>(HASH, 4, 0)).unwrap();
    let packets = field!(Packed, packets);
    assert_eq!(format!("{packets:?}"), "4 bytes at 2");
    assert!(matches!(map.word(packets).add(&1, 1), Err(Error::Invalid(_))));
}
