#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The tracker, copied out of the tree, is built in each way with what is installed alone. On a router it tracks connections,
# keeps those that either direction refreshes, collects both directions of others, and leaves nothing behind.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"
O=$(realpath -m "${O:-$top/build}")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cd "$dir"

export PKG_CONFIG_PATH="$dir/installed/lib/pkgconfig" LD_LIBRARY_PATH="$dir/installed/lib"
unset CFLAGS LDFLAGS MAKEFLAGS MFLAGS

install_library() {
	"${MAKE:-make}" --no-print-directory -C "$top" O="$O" install PREFIX="$dir/installed"
}

by_make() {
	make -C "$1" CC="$CC" CFLAGS='-O2 -g -Wall -Wextra -Werror' BPF_CFLAGS='-O2 -g -Wall -Wextra -Werror'
}

by_cmake() {
	cmake -S "$1" -B "$1" -DCMAKE_C_FLAGS=-Werror && cmake --build "$1"
}

by_meson() {
	meson setup --werror "$1/build" "$1" && ninja -C "$1/build" && cp "$1/build/tracker" "$1"
}

builds() { # by which, compiler
	copy=$1-$2
	cp -r "$top/examples/tracker" "$copy"
	CC=$2 "by_$1" "$copy" >log 2>&1 && ! grep -i warning log && [ -x "$copy/tracker" ] && return
	cat log
	return 1
}

# A program is freed a moment after who had it has ended.
is_gone() { # bpftool's object, name
	tries=100
	while "${BPFTOOL:-/usr/sbin/bpftool}" "$1" show | grep -w "name $2"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

run() {
	timeout -k 5 300 unshare -nm "$top/selftests/examples/network.sh" "$dir"
}

none_was_collected() {
	cat kept
	awk '/^6 flows/ { open++ } open && !/^6 flows, 4 hosts: 0 pairs, 0 orphans and 0 hosts/ { bad = 1 }
		END { exit bad || open < 5 }' kept
}

total() { # what was deleted
	sed -n "s/.*: .*\<\([0-9]*\) $1\>.*/\1/p" said | awk '{ sum += $1 } END { print sum + 0 }'
}

both_or_neither() {
	cat paired
	awk '/ flows/ { odd += $1 % 2; orphans += $7 } END { exit odd || orphans || !NR }' paired
}

ended_well() {
	[ "$(cat status)" -eq 0 ]
}

usage_is_wrong() { # arguments
	status=0
	make-gcc/tracker "$@" >out 2>&1 || status=$?
	[ $status -eq 2 ] && grep -q '^Usage: tracker' out
}

fails_on() { # arguments
	status=0
	make-gcc/tracker "$@" >out 2>&1 || status=$?
	[ $status -eq 1 ] && grep -q 'No such device' out
}

ok "the library is installed" install_library
for way in make cmake meson; do
	for cc in gcc clang; do
		ok "is built by $way with $cc" builds $way $cc
	done
done
ok "a bad option is wrong usage" usage_is_wrong -i 2 lo
ok "no interface is wrong usage" usage_is_wrong
ok "an interface that is not there is an error" fails_on none0
cp meson-clang/tracker tracker
ok "connections come and go" run
ok "it was attached" grep -qx 1 attached
ok "what packets of one direction refresh stays" none_was_collected
ok "both directions of a connection are there, or neither" both_or_neither
ok "connections were collected" [ "$(total pairs)" -ge 3 ]
ok "and an entry whose other half somebody deleted" [ "$(total orphans)" -eq 1 ]
ok "hosts were collected" [ "$(total 'hosts deleted')" -ge 4 ]
ok "Ctrl-C ends it well" ended_well
ok "nothing is attached any more" grep -qx 0 left
ok "its program is gone" is_gone prog track
ok "its maps are gone" is_gone map flows
tap_done
