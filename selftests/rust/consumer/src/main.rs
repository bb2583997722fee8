// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

use libbpf_compare::{probe, Backend, MapType};

fn main() {
    println!("{:?}", probe(MapType::Hash, Backend::SyscallProg));
}
