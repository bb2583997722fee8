#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# What `make vendor` writes is compiled with the flags of others: each C standard with and without GNU's
# extensions, all warnings, and the headers of each libbpf that there is.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"
O=$(realpath -m "${O:-$top/build}")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cd "$dir"

silent() { # compiler and arguments: succeeds, and has nothing to say
	"$@" 2>&1 | tee said
	[ "${PIPESTATUS[0]}" -eq 0 ] && [ ! -s said ]
}

strict() { # folder of headers or '', compiler
	local std status=0
	for std in c99 c11 c17 gnu99 gnu11 gnu17; do
		silent "$2" -std=$std -Wall -Wextra -Wpedantic -fsyntax-only ${1:+-isystem "$1"} \
			vendored/libbpf_compare.c || { echo "that was -std=$std"; status=1; }
	done
	return $status
}

ok "is written" "${MAKE:-make}" --no-print-directory -C "$top" O="$O" vendor DEST="$dir/vendored"

for cc in gcc clang; do
	ok "every standard, $cc, the installed libbpf" strict '' $cc
	for level in -O0 -O1 -O2 -O3 -Os; do
		ok "all warnings, $cc $level" silent $cc $level -std=c11 -Wall -Wextra -Wpedantic \
			-c vendored/libbpf_compare.c -o alone.o
	done
done

for kind in github newest; do
	if ! tree=$("$top/selftests/packaging/source.sh" $kind 2>source.log); then
		skip "every standard, libbpf's headers, $kind" "Debian's mirror cannot be reached"
		continue
	fi
	mkdir -p $kind
	cp -r "$tree/src" $kind/bpf
	for cc in gcc clang; do
		ok "every standard, $cc, libbpf's headers, $kind" strict "$dir/$kind" $cc
	done
	# As from libbpf 1.8 on.
	sed -i 's/^static inline __u16 btf_vlen/static inline __u32 btf_vlen/' $kind/bpf/btf.h
	ok "and with an unsigned btf_vlen()" strict "$dir/$kind" gcc
done
tap_done
