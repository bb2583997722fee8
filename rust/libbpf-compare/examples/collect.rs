// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//! Collects from a pinned map what expired before a time: it deletes that inside the kernel, and tells what it was.
//!
//! `collect MAP TIME`, of a map with these keys and values.

use std::env;
use std::error::Error;
use std::process::ExitCode;

use libbpf_compare::{field, pod, Map, Sweep};

pod! {
    struct Flow {
        packets: u64,
        expires: u32,
        flags: u32,
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let (path, time) = match &args[..] {
        [path, time] => (path, time),
        _ => {
            eprintln!("Usage: collect MAP TIME");
            return ExitCode::from(2);
        }
    };
    match collect(path, time) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("collect: {path}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn collect(path: &str, time: &str) -> Result<(), Box<dyn Error>> {
    let time: u32 = time.parse().map_err(|_| format!("{time} is no time"))?;
    let flows: Map<u32, Flow> = Map::pinned(path)?;
    let expired = Sweep::new().value(field!(Flow, expires).before(time));
    let mut sweeper = flows.sweeper(&expired)?;
    let mut keys = vec![0; 4096];
    let mut values = vec![Flow { packets: 0, expires: 0, flags: 0 }; 4096];
    while let Some(n) = sweeper.step(&mut keys, &mut values)? {
        for (key, flow) in keys[..n].iter().zip(&values[..n]) {
            println!("{key}: {} packets, expired at {}", flow.packets, flow.expires);
        }
    }
    let swept = sweeper.swept();
    println!("{} of {} entries deleted", swept.deleted, swept.scanned);
    Ok(())
}
