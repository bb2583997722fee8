// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//! Sweeps: which entries match, and what is told of them.

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use common::*;
use libbpf_compare::{field, pod, Condition, Error, Map, Sweep, Swept};

pod! {
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
    struct Key {
        port: u16,
        proto: u16,
    }

    #[derive(Debug, PartialEq, Eq)]
    struct Value {
        expires: u32,
        balance: i32,
    }
}

type Flows = Map<Key, Value>;

/// Of each port from 0 on: it expires at that number, and its balance is 2 less.
fn flows(count: u16) -> Flows {
    let map = Map::new(create::<Key, Value>(HASH, count.into(), 0)).unwrap();
    for n in 0..count {
        put(&map, Key { port: n.to_be(), proto: n % 3 }, Value { expires: n.into(), balance: i32::from(n) - 2 });
    }
    map
}

fn expires(make: impl Fn(libbpf_compare::Field<Value, u32>) -> Condition<Value>) -> Sweep<'static, Key, Value> {
    Sweep::new().value(make(field!(Value, expires)))
}

fn of_key(proto: u16) -> Condition<Key> {
    field!(Key, proto).eq(proto)
}

#[test]
fn conditions() {
    let map = flows(8);
    let balance = field!(Value, balance);
    for (matches, sweep) in [
        (1, expires(|it| it.eq(3))),
        (7, expires(|it| it.ne(3))),
        (3, expires(|it| it.lt(3))),
        (4, expires(|it| it.le(3))),
        (4, expires(|it| it.gt(3))),
        (5, expires(|it| it.ge(3))),
        (3, expires(|it| it.before(3))),
        (4, expires(|it| it.after(3))),
        (8, expires(|it| it.after(u32::MAX))),
        (4, expires(|it| it.eq(2).mask(2))),
        (2, Sweep::new().value(balance.lt(0))),
        (1, Sweep::new().value(balance.eq(-1))),
        (1, Sweep::new().key(field!(Key, port).eq(5).big_endian())),
        (3, Sweep::new().key(of_key(1))),
        (2, expires(|it| it.lt(6)).key(of_key(1))),
        (4, expires(|it| it.lt(6)).key(of_key(1)).or().value(balance.lt(0)).or().key(of_key(1)).value(balance.gt(4))),
        (8, Sweep::all()),
    ] {
        let swept = map.count(&sweep).unwrap();
        assert_eq!(swept, Swept { scanned: 8, matched: matches, ..Swept::default() }, "{sweep:?}");
    }
}

#[test]
fn what_matches_is_deleted() {
    let map = flows(100);
    let swept = map.sweep(&expires(|it| it.lt(10)).max_scan(Duration::MAX)).unwrap();
    assert_eq!(swept, Swept { scanned: 100, matched: 10, deleted: 10, changed: 0 });
    let left = |n: u16| get::<Key, Value>(&map, Key { port: n.to_be(), proto: n % 3 }).is_some();
    assert_eq!((0..100).filter(|&n| left(n)).count(), 90);
    assert!(!left(9) && left(10));
    assert_eq!(map.sweep(&Sweep::all()).unwrap().deleted, 90);
}

#[test]
fn steps_hand_keys_and_values_out() {
    let map = flows(100);
    let nothing = Value { expires: 0, balance: 0 };
    let (mut keys, mut values) = ([Key { port: 0, proto: 0 }; 16], [nothing; 16]);
    let mut found = BTreeSet::new();
    let mut sweeper = map.sweeper(&expires(|it| it.lt(50))).unwrap();
    while let Some(n) = sweeper.step(&mut keys, &mut values).unwrap() {
        assert!(n <= 16);
        for (key, value) in keys[..n].iter().zip(&values[..n]) {
            assert_eq!(u32::from(u16::from_be(key.port)), value.expires);
            assert!(found.insert(*key));
        }
    }
    assert_eq!((found.len(), sweeper.swept().deleted), (50, 50));
    assert_eq!(sweeper.step(&mut keys, &mut []), Ok(None));

    let mut sweeper = map.sweeper(&Sweep::all().limit(20)).unwrap();
    assert_eq!(sweeper.step(&mut [], &mut []), Ok(Some(20)));
    assert_eq!(sweeper.step(&mut keys, &mut []), Ok(Some(16)));
    let mut all = vec![nothing; 100];
    let mut counter = map.counter(&Sweep::all()).unwrap();
    assert_eq!(counter.step(&mut [], &mut all), Ok(Some(14)));
    assert!(all[..14].iter().all(|value| value.expires >= 50) && all[14..].iter().all(|value| *value == nothing));
    let mut sweeper = map.sweeper(&Sweep::all()).unwrap();
    let refused = sweeper.step(&mut keys, &mut values[..2]).unwrap_err();
    assert_eq!((refused.error.reason(), refused.done), ("room for 16 keys, but for 2 values", 0));
}

#[test]
fn steps_end_when_the_time_is_over() {
    let map = flows(60000);
    let bounded = Sweep::new().value(field!(Value, expires).ge(0)).max_scan(Duration::from_micros(1));
    let mut sweeper = map.sweeper(&bounded).unwrap();
    let mut steps = 0;
    while sweeper.step_for(Duration::ZERO, &mut [], &mut []).unwrap().is_some() {
        steps += 1;
    }
    assert!(steps > 1, "{steps} steps");
    assert_eq!(sweeper.swept().deleted, 60000);
}

#[test]
fn claims() {
    let map = flows(10);
    let claim = map.take_claim(2u32..=5).unwrap();
    let word = field!(Value, expires);
    // those with a claim, from 2 to 5, are left alone
    let swept = map.sweep(&expires(|it| it.lt(8)).claim(word, &claim)).unwrap();
    assert_eq!((swept.scanned, swept.deleted), (10, 4));
    let elsewhere = Sweep::new().value(field!(Value, balance).lt(0)).claim(word, &claim);
    assert!(matches!(map.sweep(&elsewhere).unwrap_err().error, Error::Invalid(_)));
}

#[test]
fn sweeps_that_are_refused() {
    let map = flows(3);
    let condition = field!(Value, expires).eq(1);
    let many = (0..17).fold(Sweep::new(), |sweep, _| sweep.value(condition));
    let groups = (0..8).fold(Sweep::new().value(condition), |sweep, _| sweep.or().value(condition));
    for sweep in [
        Sweep::new(),
        Sweep::all().value(condition),
        Sweep::new().or().value(condition),
        Sweep::new().value(condition).or(),
        Sweep::new().value(condition).or().or().value(condition),
        Sweep::new().value(condition.mask(1 << 32)),
        Sweep::all().part(2, 2),
        many,
        groups,
    ] {
        let stopped = map.sweep(&sweep).unwrap_err();
        assert!(matches!(stopped.error, Error::Invalid(_)), "{sweep:?}: {stopped:?}");
        assert_ne!(stopped.error.reason(), "");
        assert_eq!(stopped.done.deleted, 0);
    }
    assert_eq!(map.count(&Sweep::all()).unwrap().matched, 3);
    freeze(&map);
    assert!(matches!(map.sweep(&Sweep::all()).unwrap_err().error, Error::Permission(_)));
    assert_eq!(map.count(&Sweep::all()).unwrap().matched, 3);
}
