// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//! Batches, linked entries, and what is held and kept.

mod common;

use std::ops::RangeInclusive;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

use common::*;
use libbpf_compare::{field, Backend, Claim, Error, Field, Guarantee, Linked, Map, Options};

type Conns = Map<u32, Conn>;

fn conns(keys: impl IntoIterator<Item = u32>) -> Conns {
    let map = Map::new(create::<u32, Conn>(HASH, 1024, 0)).unwrap();
    keys.into_iter().for_each(|key| put(&map, key, conn(key.into(), 100)));
    map
}

fn expires<'a>() -> Options<'a, Conn> {
    Options::new().compare(field!(Conn, expires))
}

#[test]
fn each_key_of_a_batch_has_an_answer() {
    let map = conns([1, 2, 3]);
    // what is beside the region does not count
    let seen = [conn(9, 100), conn(9, 101), conn(9, 100), conn(9, 100), conn(9, 100)];
    let batch = map.delete_batch_if(&[1, 2, 4, 3, 1], &seen, &expires()).unwrap();
    assert_eq!(batch.results, [Ok(()), Err(Error::Mismatch), Err(Error::NotFound), Ok(()), Err(Error::NotFound)]);
    assert_eq!(batch.done, 2);
    assert_eq!([1, 2, 3].map(|key| get::<u32, Conn>(&map, key).is_some()), [false, true, false]);
    assert_eq!(map.delete_batch_if(&[], &[], &expires()).unwrap().results, []);
    let stopped = map.delete_batch_if(&[2, 3], &[conn(2, 100)], &expires()).unwrap_err();
    assert_eq!(stopped.error.reason(), "2 keys, but 1 values seen");
    assert_eq!(stopped.done.done, 0);
    assert!(get::<u32, Conn>(&map, 2).is_some());
}

#[test]
fn a_batch_that_is_refused_has_its_keys_canceled() {
    let map = conns([1, 2]);
    freeze(&map);
    let stopped = map.delete_batch_if(&[1, 2], &[conn(1, 100); 2], &expires()).unwrap_err();
    assert!(matches!(stopped.error, Error::Permission(_)), "{stopped:?}");
    assert_eq!(stopped.done.results, [Err(Error::Canceled), Err(Error::Canceled)]);
}

#[test]
fn values_are_handed_out() {
    let map = conns([1, 2]);
    let mut values = [conn(0, 0); 2];
    let batch = map.take_batch_if(&[2, 1], &[conn(9, 100); 2], &expires(), &mut values).unwrap();
    assert_eq!((batch.done, values), (2, [conn(2, 100), conn(1, 100)]));
    let stopped = map.take_batch_if(&[1], &[conn(1, 100)], &expires(), &mut values).unwrap_err();
    assert_eq!(stopped.error.reason(), "1 keys, but 2 values' room");
}

#[test]
fn plain_deletes() {
    let map = conns([1]);
    assert_eq!(map.delete(&1), Ok(()));
    assert_eq!(map.delete(&1), Err(Error::NotFound));
}

#[test]
fn the_whole_value_counts_unless_told_otherwise() {
    let map = conns([1]);
    assert_eq!(map.delete_if(&1, &conn(2, 100), &Options::new()), Err(Error::Mismatch));
    assert_eq!(map.delete_if(&1, &conn(1, 100), &Options::new()), Ok(()));
}

#[test]
fn linked_entries() {
    let (ok, mismatch, missing, canceled) = (Ok(()), Err(Error::Mismatch), Err(Error::NotFound), Err(Error::Canceled));
    // each row: A's key, what was seen of B, B's key, the answers, and who is there afterwards
    let seen = [conn(0, 100)];
    let other = [conn(0, 101)];
    type Make = for<'a> fn(&'a Conns, &'a [u32], &'a [Conn]) -> Linked<'a, u32, Conn>;
    let compared: Make = |map, keys, seen| Linked::seen(map, keys, seen).options(expires());
    let kept: Make = |map, keys, seen| Linked::seen(map, keys, seen).options(expires()).keep();
    let first: Make = |map, keys, seen| Linked::seen(map, keys, seen).options(expires()).first();
    let any: Make = |map, keys, _| Linked::any(map, keys);
    let absent: Make = |map, keys, _| Linked::absent(map, keys);
    let rows = [
        (3, 100, compared, 2, &seen, &missing, &canceled, [true, true]),
        (1, 101, compared, 2, &seen, &mismatch, &canceled, [true, true]),
        (1, 100, compared, 2, &other, &mismatch, &mismatch, [true, true]),
        (1, 100, compared, 3, &seen, &mismatch, &missing, [true, true]),
        (1, 100, compared, 2, &seen, &ok, &ok, [false, false]),
        (1, 100, kept, 2, &seen, &ok, &ok, [false, true]),
        (1, 100, kept, 2, &other, &mismatch, &mismatch, [true, true]),
        (1, 100, first, 2, &seen, &ok, &ok, [false, false]),
        (1, 100, any, 2, &seen, &ok, &ok, [false, false]),
        (1, 100, any, 3, &seen, &ok, &missing, [false, true]),
        (1, 100, absent, 2, &seen, &mismatch, &mismatch, [true, true]),
        (1, 100, absent, 3, &seen, &ok, &missing, [false, true]),
    ];
    let map = conns([]);
    for (i, (a, word, make, b, b_seen, result, linked_result, there)) in rows.into_iter().enumerate() {
        put(&map, 1, conn(1, 100));
        put(&map, 2, conn(2, 100));
        let b = [b];
        let batch = map.delete_linked_if(&[a], &[conn(0, word)], &expires(), &make(&map, &b, b_seen)).unwrap();
        assert_eq!((&batch.results[0], &batch.linked[0]), (result, linked_result), "row {i}");
        assert_eq!([1, 2].map(|key| get::<u32, Conn>(&map, key).is_some()), there, "row {i}");
    }
    put(&map, 1, conn(1, 100));
    let one = map.delete_linked_if(&[1], &seen, &expires(), &compared(&map, &[1], &seen)).unwrap();
    assert!(matches!(one.results[0], Err(Error::Invalid(_))));
    assert_eq!(one.linked[0], canceled);
}

#[test]
fn linked_entries_of_another_map() {
    let map = conns([1, 2]);
    let names: Map<u64, [u8; 3]> = Map::new(create::<u64, [u8; 3]>(LRU_HASH, 8, 0)).unwrap();
    put(&names, 10u64, *b"abc");
    put(&names, 20u64, *b"abc");
    let seen = [*b"abc", *b"abd"];
    let linked = Linked::seen(&names, &[10, 20], &seen);
    let batch = map.delete_linked_if(&[1, 2], &[conn(0, 100); 2], &expires(), &linked).unwrap();
    assert_eq!(batch.results, [Ok(()), Err(Error::Mismatch)]);
    assert_eq!(batch.linked, [Ok(()), Err(Error::Mismatch)]);
    assert_eq!([10, 20].map(|key| get::<u64, [u8; 3]>(&names, key).is_some()), [false, true]);

    let refused = |linked: Linked<'_, u64, [u8; 3]>| {
        map.delete_linked_if(&[2], &[conn(0, 100)], &expires(), &linked).unwrap_err().error
    };
    assert_eq!(refused(Linked::any(&names, &[1, 2])).reason(), "1 keys, but 2 linked keys");
    assert_eq!(refused(Linked::seen(&names, &[20], &[])).reason(), "1 keys, but 0 linked values seen");
    assert!(matches!(refused(Linked::absent(&names, &[20]).keep()), Error::Invalid(_)));
    assert!(matches!(
        refused(Linked::any(&names, &[20]).options(Options::new().backend(Backend::Native))),
        Error::Invalid(_)
    ));
    assert!(get::<u32, Conn>(&map, 2).is_some());
}

#[test]
fn claims_of_both_entries() {
    let map = conns([1, 2, 3, 4]);
    let claim = map.take_claim(2..=9).unwrap();
    let opts = expires().claim(field!(Conn, expires), &claim);
    // somebody else's
    put(&map, 4, conn(4, 5));
    let seen = [conn(0, 100), conn(0, 100)];
    let linked = Linked::any(&map, &[2, 4]).options(opts);
    let batch = map.delete_linked_if(&[1, 3], &seen, &opts, &linked).unwrap();
    assert_eq!(batch.results, [Ok(()), Err(Error::Mismatch)]);
    assert_eq!(batch.linked, [Ok(()), Err(Error::Mismatch)]);
    assert_eq!(get(&map, 3), Some(conn(3, 100)));

    let wider = Claim::agreed(2, 2..=20);
    let linked = Linked::any(&map, &[4]).options(expires().claim(field!(Conn, expires), &wider));
    let refused = map.delete_linked_if(&[3], &seen[..1], &opts, &linked).unwrap_err();
    assert!(refused.error.reason().contains("range of claims"), "{refused}");
}

#[test]
fn what_carries_a_claim_is_left_alone() {
    let map = conns([]);
    let claim = map.take_claim(2..=9).unwrap();
    let opts = expires().claim(field!(Conn, expires), &claim);
    put(&map, 1, conn(1, 9));
    put(&map, 2, conn(1, 10));
    assert_eq!(map.delete_if(&1, &conn(1, 9), &opts), Err(Error::Mismatch));
    assert_eq!(map.delete_if(&2, &conn(1, 10), &opts), Ok(()));
    assert_eq!(get(&map, 1), Some(conn(1, 9)));
}

#[test]
fn a_claim_is_held_until_it_is_dropped() {
    let map = conns([1]);
    let claim = map.take_claim(2u32..=3).unwrap();
    let other = map.take_claim(2u32..=3).unwrap();
    assert_eq!([claim.word(), other.word()], [2, 3]);
    assert_eq!(map.take_claim(2u32..=3).unwrap_err(), Error::Taken);
    drop(claim);
    assert_eq!(map.take_claim(2u32..=3).unwrap().word(), 2);
    assert!(matches!(map.take_claim(RangeInclusive::new(3u32, 2)), Err(Error::Invalid(_))));
    // of 8 bytes it is the same word
    assert_eq!(map.take_claim(3u64..=3).unwrap_err(), Error::Taken);
}

#[test]
fn a_panic_lets_go_of_a_claim() {
    let map = conns([1]);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _claim = map.take_claim(7u32..=7).unwrap();
        assert_eq!(map.take_claim(7u32..=7).unwrap_err(), Error::Taken);
        resume_unwind(Box::new("on purpose"));
    }));
    assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"on purpose"));
    assert_eq!(map.take_claim(7u32..=7).unwrap().word(), 7);
}

#[test]
fn claims_of_64_bits() {
    let map: Map<u32, [u64; 2]> = Map::new(create::<u32, [u64; 2]>(HASH, 8, 0)).unwrap();
    put(&map, 1, [100u64 << 32, 5]);
    let claim = map.take_claim(1u64..=4).unwrap();
    let word = Field::<[u64; 2], _>::whole().at(0);
    let opts = Options::new().compare(word).claim(word, &claim);
    assert_eq!(map.delete_if(&1, &[101 << 32, 0], &opts), Err(Error::Mismatch));
    assert_eq!(get(&map, 1), Some([100u64 << 32, 5]));
    assert_eq!(map.delete_if(&1, &[100 << 32, 0], &opts), Ok(()));
}

#[test]
fn comparers() {
    let map = conns([1, 2, 3]);
    let claim = map.take_claim(2..=9).unwrap();
    let narrowed = map.comparer(&expires().backend(Backend::SyscallProg), Guarantee::Any).unwrap();
    let opts = expires().claim(field!(Conn, expires), &claim);
    let claiming = map.comparer(&opts, Guarantee::InPlace).unwrap();
    assert_eq!([narrowed.guarantee(), claiming.guarantee()], [Guarantee::Narrowed, Guarantee::InPlace]);
    assert!(matches!(
        map.comparer(&expires().backend(Backend::SyscallProg), Guarantee::InPlace),
        Err(Error::NotSupported(_))
    ));
    drop(map);
    assert_eq!(narrowed.delete_if(&1, &conn(0, 101)), Err(Error::Mismatch));
    assert_eq!(narrowed.delete_if(&1, &conn(0, 100)), Ok(()));
    assert_eq!(claiming.delete_if(&1, &conn(0, 100)), Err(Error::NotFound));
    let mut values = [conn(0, 0)];
    assert_eq!(narrowed.take_batch_if(&[2], &[conn(0, 100)], &mut values).unwrap().done, 1);
    assert_eq!(values, [conn(2, 100)]);
    assert_eq!(claiming.delete_batch_if(&[3], &[conn(0, 100)]).unwrap().results, [Ok(())]);
}

#[test]
fn a_dropped_map_is_let_go_of() {
    let fd = create::<u32, Conn>(HASH, 4, 0);
    let id = id(&fd);
    let map: Conns = Map::new(&fd).unwrap();
    let opts = expires().backend(Backend::SyscallProg);
    assert_eq!(map.delete_if(&1, &conn(1, 100), &opts), Err(Error::NotFound));
    drop(fd);
    let comparer = map.comparer(&opts, Guarantee::Any).unwrap();
    drop(map);
    assert_eq!(comparer.delete_if(&1, &conn(1, 100)), Err(Error::NotFound));
    assert!(exists(id));
    drop(comparer);
    assert!(is_freed(id));
}
