// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//! Threads at the same time.

mod common;

use std::sync::Barrier;
use std::thread;

use common::*;
use libbpf_compare::{field, Claim, Comparer, Error, Guarantee, Map, Options, Stopped, Sweep, Word};

const KEYS: u32 = 2000;

fn conns() -> Map<u32, Conn> {
    let map = Map::new(create::<u32, Conn>(HASH, KEYS, 0)).unwrap();
    (0..KEYS).for_each(|key| put(&map, key, conn(0, 100)));
    map
}

/// Runs it by two threads at the same time.
fn by_two<T: Send>(f: impl Fn() -> T + Sync) -> [T; 2] {
    let barrier = Barrier::new(2);
    let run = || {
        barrier.wait();
        f()
    };
    thread::scope(|scope| [scope.spawn(run), scope.spawn(run)].map(|thread| thread.join().unwrap()))
}

fn one_each(delete: impl Fn(u32) -> Result<(), Error> + Sync) {
    let [a, b] = by_two(|| (0..KEYS).map(&delete).collect::<Vec<_>>());
    for answers in a.into_iter().zip(b) {
        assert!(
            matches!(answers, (Ok(()), Err(Error::NotFound)) | (Err(Error::NotFound), Ok(()))),
            "of two deletes of one entry: {answers:?}"
        );
    }
}

#[test]
fn of_two_deletes_of_one_entry_one_succeeds() {
    let map = conns();
    one_each(|key| map.delete_if(&key, &conn(0, 100), &Options::new()));
}

#[test]
fn likewise_by_one_comparer() {
    let comparer = conns().comparer(&Options::new(), Guarantee::Any).unwrap();
    one_each(|key| comparer.delete_if(&key, &conn(0, 100)));
}

#[test]
fn likewise_with_a_claim_each() {
    let map = conns();
    let word = field!(Conn, expires);
    let [a, b] = by_two(|| {
        let claim = map.take_claim(1..=2).unwrap();
        let opts = Options::new().compare(word).claim(word, &claim);
        (0..KEYS).filter(|key| map.delete_if(key, &conn(0, 100), &opts).is_ok()).count()
    });
    // Of an entry that carries the other's claim for a moment, each may find that it differs.
    let left = (0..KEYS).filter(|&key| get(&map, key) == Some(conn(0, 100))).count();
    assert_eq!(a + b + left, KEYS as usize);
}

#[test]
fn threads_share_a_sweep() {
    let map = conns();
    let parts = [0, 1].map(|part| Sweep::new().value(field!(Conn, expires).le(100)).part(part, 2));
    let map = &map;
    let swept = thread::scope(|scope| {
        let threads = parts.map(|part| scope.spawn(move || map.sweep(&part).unwrap().deleted));
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(swept.iter().sum::<u64>(), KEYS.into());
}

#[test]
fn no_addition_is_lost() {
    let map = conns();
    let packets = map.word(field!(Conn, packets));
    let [a, b] = by_two(|| {
        let taken: u64 = (0..KEYS)
            .map(|i| {
                packets.add(&1, 1).unwrap();
                if i % 64 == 0 {
                    packets.swap(&1, 0).unwrap()
                } else {
                    0
                }
            })
            .sum();
        taken
    });
    assert_eq!(a + b + packets.add(&1, 0).unwrap(), 2 * u64::from(KEYS));
}

#[test]
fn what_threads_may_share() {
    fn shared<T: Send + Sync>() {}
    shared::<Map<u32, Conn>>();
    shared::<Comparer<u32, Conn>>();
    shared::<Claim<u32>>();
    shared::<Options<Conn>>();
    shared::<Sweep<u32, Conn>>();
    shared::<Word<u32, Conn, u64>>();
    shared::<Stopped<Error>>();
}
