#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The tarball of `make dist` builds and installs without clang and scdoc, the same programs are in it, and packages for
# systems with RPM can be made of it as far as can be told here.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cd "$dir"
version=$(sed -n 's/^VERSION := //p' "$top/Makefile")
name=libbpf-compare-$version

make_dist() {
	"${MAKE:-make}" -s -C "$top" O="$dir/build" dist && cp "build/$name.tar.xz" "$1"
}

is_the_same_again() {
	make_dist again.tar.xz && cmp first.tar.xz again.tar.xz
}

# Nothing that is not git's but what is prebuilt.
has_the_sources() {
	tar -tf first.tar.xz | grep -v '/$' | sed "s,^$name/,," | grep -v '^prebuilt/' | sort >there
	(cd "$top" && git ls-files) | sort | diff - there
}

builds_without() {
	tar -xf first.tar.xz &&
		"${MAKE:-make}" -C "$name" CLANG=false SCDOC=false BPFTOOL=false PREFIX=/usr LIBDIR=/usr/lib64 \
			DESTDIR="$dir/root" install daemon-install
}

is_installed() {
	man -M root/usr/share/man -w bpf_map_sweep bpf_map_update_batch_opts bpfcmpd &&
		ls root/usr/lib64/libbpf-compare.so root/usr/sbin/bpfcmp root/usr/sbin/bpfcmpd root/usr/include/bpf/bpf_compare.h
}

has_the_same_programs() {
	cmp build/include/emulate.insns.h "$name/build/include/emulate.insns.h"
}

refuses_without_git() {
	! "${MAKE:-make}" -C "$name" CLANG=false SCDOC=false dist >said 2>&1 && grep -q 'takes a git checkout' said
}

spec_is_of_this_version() {
	grep -q "^Version: *$version\$" "$top/packaging/libbpf-compare.spec"
}

# With what systemd's macros say.
spec() {
	rpmspec -D '_unitdir /usr/lib/systemd/system' -P "$top/packaging/libbpf-compare.spec"
}

spec_parses() {
	spec >parsed && grep -q '^%files devel' parsed
}

# What is installed is in one of the packages, and what they list is installed.
spec_lists_what_is_installed() {
	spec |
		awk '/^%files/ { inside = 1; next } /^%/ && !/^%license|^%doc/ { inside = 0 } inside && /^\// { print }' >listed
	find root -type f -o -type l | sed 's,^root,,' | sort >installed
	while read -r pattern; do
		# shellcheck disable=SC2086 # a pattern
		(cd root && ls -d .$pattern) | sed 's,^\.,,'
	done <listed | sort -u | diff - installed
}

ok "make dist" make_dist first.tar.xz
ok "the same again" is_the_same_again
ok "has git's files" has_the_sources
ok "it builds and installs without clang and scdoc" builds_without
ok "with manual pages" is_installed
ok "with the same BPF programs" has_the_same_programs
ok "without git make dist says why not" refuses_without_git
ok "the spec has our version" spec_is_of_this_version
ok "the spec parses" spec_parses
ok "the spec lists what is installed" spec_lists_what_is_installed
tap_done
