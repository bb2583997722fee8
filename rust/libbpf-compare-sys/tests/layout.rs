// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//! What the C compiler makes of the header, compared with what Rust makes of the bindings.

use std::mem::size_of;
use std::process::Command;
use std::{env, fs, process};

use libbpf_compare_sys::*;

/// Expressions of C, and what they are in Rust.
macro_rules! numbers {
    ($($opts:ident),*) => {
        [
            ("sizeof(struct bpf_map_sweep_cond)", size_of::<bpf_map_sweep_cond>()),
            $((concat!("sizeof(struct ", stringify!($opts), ")"), size_of::<$opts>()),
            // as LIBBPF_OPTS counts them
            (concat!("offsetofend(", stringify!($opts), ", ", stringify!($opts), "__last_field)"), $opts::new().sz),)*
        ]
    };
}

#[test]
fn layout() {
    let numbers = numbers![
        bpf_map_delete_elem_opts,
        bpf_map_delete_batch_opts,
        bpf_map_update_elem_opts,
        bpf_map_update_batch_opts,
        bpf_map_comparer_opts,
        bpf_map_sweep_opts,
        bpf_map_claims_opts
    ];
    let asserts = numbers.map(|(in_c, number)| format!("_Static_assert({in_c} == {number}, \"\");\n"));
    let text = format!(
        "#include <bpf_compare.h>\n\
        #define offsetofend(type, last) (offsetof(struct type, last) + sizeof(((struct type *)0)->last))\n\
        {}",
        asserts.concat()
    );
    let path = env::temp_dir().join(format!("layout.{}.c", process::id()));
    fs::write(&path, text).unwrap();
    let cc = env::var("CC").unwrap_or_else(|_| "cc".into());
    let mut cc = cc.split_whitespace();
    let output =
        Command::new(cc.next().unwrap()).args(cc).args(["-fsyntax-only", "-Ivendor"]).arg(&path).output().unwrap();
    fs::remove_file(&path).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn version() {
    // SAFETY: they take nothing
    let numbers = unsafe { (libbpf_compare_major_version(), libbpf_compare_minor_version()) };
    let [major, minor] = [env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR")].map(str::parse);
    assert_eq!((Ok(numbers.0), Ok(numbers.1)), (major, minor));
}
