// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//! The contract of deletes, row by row, on every backend: what is wrong with a call, alone and with every other wrong
//! thing that comes later in the order of checks. It is the table of the C library's own test, but for what cannot be
//! said in Rust: unknown flags and backends, pointers, descriptors that are closed, sizes of structs.

mod common;

use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;
use std::os::unix::io::OwnedFd;

use common::*;
use libbpf_compare::{field, Backend, Claim, Error, Guarantee, Map, Options};

const KEY: u32 = 7;
const SIZE: usize = std::mem::size_of::<Conn>();
const CLAIM: u32 = 2;

/// A call that deletes its entry, until something is made wrong with it.
#[derive(Clone)]
struct Call {
    map_type: u32,
    backend: Backend,
    read_only: bool,
    frozen: bool,
    region: Option<Range<usize>>,
    claim: Option<u32>,
    seen: Conn,
    key: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    Done,
    Mismatch,
    NotFound,
    NotSupported,
    Invalid,
    Permission,
}

use Answer::*;

type Wrong = (&'static str, fn(&mut Call), Answer, u8);

const LACKS: u8 = 7;

/// In the order of the checks; equal ranks do not go together.
const WRONGS: &[Wrong] = &[
    ("claim outside of the region", |call| (call.claim, call.region) = (Some(CLAIM), Some(0..8)), Invalid, 1),
    ("region without bytes", |call| call.region = Some(8..8), Invalid, 1),
    ("read-only descriptor", |call| call.read_only = true, Permission, 3),
    ("frozen map", |call| call.frozen = true, Permission, 3),
    ("size over the value's", |call| call.region = Some(0..SIZE + 1), Invalid, 5),
    ("region past the value's end", |call| call.region = Some(SIZE - 3..SIZE + 1), Invalid, 5),
    ("offset at the value's end", |call| call.region = Some(SIZE..SIZE + 1), Invalid, 5),
    ("offset near 2^32", |call| call.region = Some(u32::MAX as usize - 3..u32::MAX as usize), Invalid, 5),
    ("offset over all", |call| call.region = Some(usize::MAX - 4..usize::MAX), Invalid, 5),
    ("size over all", |call| call.region = Some(8..usize::MAX), Invalid, 5),
    ("backend that this kernel lacks", |_| (), NotSupported, LACKS),
    ("region differs", |call| call.seen.expires += 1, Mismatch, 9),
    ("seen with a claim", |call| (call.claim, call.seen.expires) = (Some(CLAIM), 3), Mismatch, 9),
    ("no such key", |call| call.key += 1, NotFound, 9),
    ("nothing wrong", |_| (), Done, 10),
];

fn answer(result: &Result<(), Error>) -> Answer {
    match result {
        Ok(()) => Done,
        Err(Error::Mismatch) => Mismatch,
        Err(Error::NotFound) => NotFound,
        Err(error) => {
            assert_ne!(error.reason(), "", "{error:?} says why");
            match error {
                Error::NotSupported(_) => NotSupported,
                Error::Invalid(_) => Invalid,
                Error::Permission(_) => Permission,
                _ => panic!("{error:?}"),
            }
        }
    }
}

/// Ways to make the same call.
type Door = fn(&Map<u32, Conn>, &Call, &Options<Conn>) -> Result<(), Error>;

const DOORS: [Door; 2] = [
    |map, call, opts| map.delete_if(&call.key, &call.seen, opts),
    |map, call, opts| map.delete_batch_if(&[call.key], &[call.seen], opts)?.results.remove(0),
];

const COMPARER: Door = |map, call, opts| map.comparer(opts, Guarantee::Any)?.delete_if(&call.key, &call.seen);

/// Maps are kept from call to call, as what is loaded for a map is.
#[derive(Default)]
struct Maps(HashMap<(u32, bool, bool), Kept>);

type Kept = (OwnedFd, Map<u32, Conn>);

impl Maps {
    fn carry_out(&mut self, call: &Call, door: Door) -> Answer {
        let present = conn(5, 100);
        let (fd, map) = self.0.entry((call.map_type, call.read_only, call.frozen)).or_insert_with(|| {
            let fd = create::<u32, Conn>(call.map_type, 4, 0);
            put(&fd, KEY, present);
            if call.frozen {
                freeze(&fd);
            }
            let map = if call.read_only { Map::new(read_only_twin(&fd)) } else { Map::new(&fd) };
            (fd, map.unwrap())
        });
        if !call.frozen {
            put(&*fd, KEY, present);
        }
        let claim = Claim::agreed(call.claim.unwrap_or_default(), 1..=4000);
        let mut opts = Options::new().backend(call.backend);
        if let Some(region) = call.region.clone() {
            opts = opts.region(region);
        }
        if call.claim.is_some() {
            opts = opts.claim(field!(Conn, expires), &claim);
        }
        let result = door(map, call, &opts);
        assert_eq!(get(&*fd, KEY), if result.is_ok() { None } else { Some(present) });
        answer(&result)
    }
}

fn order(doors: &[Door], pairs: bool) {
    let mut maps = Maps::default();
    for (&map_type, &backend) in [HASH, LRU_HASH].iter().flat_map(|map| BACKENDS.iter().map(move |by| (map, by))) {
        let serves = serves(backend, map_type);
        for (i, (name, make, wanted, rank)) in WRONGS.iter().enumerate() {
            if if serves { *rank == LACKS } else { *rank > LACKS } {
                continue;
            }
            for (later, make_later, _, later_rank) in &WRONGS[i..] {
                if name != later && (!pairs || rank == later_rank) {
                    continue;
                }
                let mut call = Call {
                    map_type,
                    backend,
                    read_only: false,
                    frozen: false,
                    region: Some(8..12),
                    claim: None,
                    seen: conn(5, 100),
                    key: KEY,
                };
                make_later(&mut call);
                make(&mut call);
                if backend == Backend::Native && call.claim.is_some() {
                    continue;
                }
                for &door in doors {
                    let answer = maps.carry_out(&call, door);
                    assert_eq!(answer, *wanted, "type {map_type}, {backend}: {name} before {later}");
                }
            }
        }
    }
}

#[test]
fn calls_on_maps() {
    order(&DOORS, true);
}

#[test]
fn comparers() {
    order(&[COMPARER], false);
}

#[test]
fn types_that_do_not_fit() {
    let fd = create::<u32, Conn>(HASH, 4, 0);
    assert!(matches!(Map::<u64, Conn>::new(&fd), Err(Error::Invalid(_))));
    assert!(matches!(Map::<u32, u64>::new(&fd), Err(Error::Invalid(_))));
    let error = Map::<u32, [u8; 3]>::new(&fd).unwrap_err();
    assert_eq!(error.to_string(), "invalid argument: [u8; 3] has 3 bytes, the map's values 16");
}

#[test]
fn what_is_no_such_map() {
    let of = |fd: OwnedFd| answer(&Map::<u32, Conn>::new(fd).map(drop));
    assert_eq!(of(File::open("/dev/null").unwrap().into()), Invalid);
    assert_eq!(of(program()), Invalid);
    let fd = create::<u32, Conn>(PERCPU_HASH, 4, 0);
    assert_eq!(of(read_only_twin(&fd)), Permission);
    assert_eq!(of(fd), NotSupported);
    let fd = create::<u32, Conn>(PERCPU_HASH, 4, 0);
    freeze(&fd);
    assert_eq!(of(fd), Permission);
}

#[test]
fn maps_that_programs_may_not_write() {
    let fd = create::<u32, Conn>(HASH, 4, RDONLY_PROG);
    let map = Map::new(&fd).unwrap();
    put(&fd, KEY, conn(5, 100));
    let result = map.delete_if(&KEY, &conn(5, 100), &Options::new().backend(Backend::SyscallProg));
    assert_eq!(answer(&result), NotSupported);
    assert_eq!(get(&fd, KEY), Some(conn(5, 100)));
}

#[test]
fn what_probes_tell() {
    use libbpf_compare::{probe, MapType};
    for backend in BACKENDS {
        assert_eq!(probe(MapType::Hash, backend), Ok(serves(backend, HASH)), "{backend}");
        assert_eq!(probe(MapType::LruHash, backend), Ok(serves(backend, LRU_HASH)), "{backend}");
    }
    let map = Map::<u32, Conn>::new(create::<u32, Conn>(LRU_HASH, 4, 0)).unwrap();
    assert_eq!(map.backend(), Ok(Backend::SyscallProg));
    assert_eq!(libbpf_compare::version(), env!("CARGO_PKG_VERSION"));
}
