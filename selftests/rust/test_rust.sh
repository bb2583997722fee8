#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The Rust crates, by Debian's compiler: tested with the C that is in them and with the library that is installed, used by
# another project, and their example run on a pinned map, in a mount namespace with a bpf file system of its own. Nothing comes
# from the network.
set -u

if [ "${1:-}" != inside ]; then
	exec unshare -m sh -c 'mount -t bpf bpf /sys/fs/bpf && exec "$0" inside' "$0"
fi

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"
O=$(realpath -m "${O:-$top/build}")
bpftool=${BPFTOOL:-/usr/sbin/bpftool}
bindings=rust/libbpf-compare-sys/src/bindings.rs
map=/sys/fs/bpf/flows
dir=$(mktemp -d)
without=()
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
# Before what rustup may have put there.
export PATH=/usr/bin:$PATH CARGO_TARGET_DIR=$O/rust/target CARGO_HOME=$dir/cargo CARGO_NET_OFFLINE=true
unset RUSTFLAGS RUSTDOCFLAGS CFLAGS MAKEFLAGS MFLAGS

in_rust() { # command...
	(cd "$top/rust" && "$@")
}

# Says no more than they do: what the library warns of is made wrong on purpose.
tests_pass() { # cargo's arguments
	in_rust cargo test -q "$@" >"$dir/out" 2>&1 && return
	grep -v '^[.]*libbpf-compare: ' "$dir/out"
	return 1
}

# With the library that is installed in $dir, and no C compiler.
installed_passes() {
	CC=false PKG_CONFIG_PATH="$dir/installed/lib/pkgconfig" LD_LIBRARY_PATH="$dir/installed/lib" \
		tests_pass -p libbpf-compare --no-default-features --tests
}

install_library() {
	"${MAKE:-make}" --no-print-directory -C "$top" O="$O" install PREFIX="$dir/installed"
}

lacks_library() {
	! in_rust env CARGO_TARGET_DIR="$dir/target" cargo check --no-default-features >"$dir/out" 2>&1 &&
		grep -q 'libbpf-compare.*not found' "$dir/out"
}

is_static() {
	in_rust cargo build --features static --example collect &&
		! ldd "$CARGO_TARGET_DIR/debug/examples/collect" | grep -E 'libbpf|libelf|libz'
}

# What is published of the one that the other needs.
is_packaged() {
	cp -r "$top/rust" "$dir/sources" && cp -rL "$top/rust/libbpf-compare-sys/vendor" "$dir" &&
		rm -r "$dir/sources/libbpf-compare-sys/vendor" && cp -r "$dir/vendor" "$dir/sources/libbpf-compare-sys" &&
		cd "$dir/sources/libbpf-compare-sys" && cargo package --target-dir "$dir/packaged" &&
		tar -tf "$dir"/packaged/package/*.crate | grep -q 'vendor/LICENSE$'
}

# Another project, beside a copy of this tree.
consumer_runs() {
	mkdir "$dir/project" && cp -r "$top/rust" "$top/go" "$top/selftests/rust/consumer" "$dir/project" &&
		cd "$dir/project/consumer" && [ "$(cargo run -q)" = "Ok(true)" ]
}

# What README shows is compiled.
readme_builds() {
	mkdir "$dir/project/consumer/examples" && cd "$dir/project/consumer" && {
		cat <<-END
			use std::os::unix::io::OwnedFd;
			fn readme(fd: OwnedFd, keys: Vec<u32>, key: u32, now: u32) -> Result<(), libbpf_compare::Error> {
			let seen = Vec::new();
		END
		sed -n '/^```rust$/,/^```$/{/^```/d;p}' "$top/README.md"
		echo 'println!("{swept:?} {packets}"); Ok(()) } fn main() { let _ = readme; }'
	} >examples/readme.rs && RUSTFLAGS='-D warnings' cargo build -q --example readme
}

makes_map() {
	"$bpftool" map create "$map" type hash key 4 value 16 entries 8 name flows &&
		for n in 1 2 3; do
			# packets, expires, flags
			"$bpftool" map update pinned "$map" key hex 0$n 0 0 0 \
				value hex 0$n 0 0 0 0 0 0 0 ${n}0 0 0 0 0 0 0 0 || return
		done
}

collect() { # status, arguments...
	local status=$1
	shift
	"${without[@]}" "$CARGO_TARGET_DIR/debug/examples/collect" "$@" >"$dir/out" 2>&1
	[ $? -eq "$status" ] && return
	cat "$dir/out"
	return 1
}

collects() {
	collect 0 "$map" 48 && says '^1: 1 packets, expired at 16$' && says '^2: 2 packets, expired at 32$' &&
		says '^2 of 3 entries deleted$' && "$bpftool" map dump pinned "$map" | grep -q 'Found 1 element' &&
		"$bpftool" map lookup pinned "$map" key 3 0 0 0
}

says() { # text
	grep -q -- "$1" "$dir/out" && return
	cat "$dir/out"
	return 1
}

ok "the bindings are up to date (else: make rust-generate)" diff "$O/$bindings" "$top/$bindings"
ok "rustfmt finds nothing" in_rust cargo fmt --check
ok "clippy finds nothing" in_rust cargo clippy -q --all-targets -- -D warnings -D clippy::undocumented-unsafe-blocks
ok "rustdoc finds nothing" in_rust env RUSTDOCFLAGS='-D warnings' cargo doc -q --no-deps
ok "tests and examples pass" tests_pass
ok "optimized, they pass" tests_pass --release --tests
ok "a library that is not installed is an error" lacks_library
ok "the library is installed" install_library
ok "with the installed library they pass" installed_passes
ok "what it links can be static" is_static
ok "it can be packaged" is_packaged
ok "another project uses it" consumer_runs
ok "README's example is compiled" readme_builds
ok "a map is pinned" makes_map
ok "the example collects from it what has expired" collects
ok "a map that is not there is an error" collect 1 /sys/fs/bpf/none 1
ok "and it says so" says 'collect: /sys/fs/bpf/none: No such file or directory'
without=(setpriv --bounding-set=-all --inh-caps=-all)
ok "no privilege is an error" collect 1 "$map" 99
ok "and it says so" says 'collect: /sys/fs/bpf/flows: not permitted'
without=()
ok "no map is wrong usage" collect 2
tap_done
