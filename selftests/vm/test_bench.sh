#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The benchmark on a test kernel, with bench and tap.sh beside this: it times the ways that
# this kernel has. BENCH_FLAGS: options in place of a quick run, and its tables are to be seen.
set -u

cd "$(dirname "$0")" || exit 1
. ./tap.sh
results=$(mktemp)
trap 'rm -f "$results"' EXIT

# shellcheck disable=SC2086 # options
run() {
	./bench ${BENCH_FLAGS:---quick --rounds 1 --only small} --save "$results" 2>&1
}

# By the wall: these kernels may count CPU time in ticks, and a way takes less than one.
has() { # way: it has times, and what it was to delete it deleted
	grep "{\"way\": \"$1\", " "$results" |
		grep "\"deleted\": [1-9].*\"wall_ns\": {\"min\": [0-9.e+]*[1-9]" && return
	cat "$results"
	return 1
}

has_not() {
	! has "$1"
}

if [ -n "${BENCH_FLAGS-}" ]; then
	run | sed 's/^/# /'
else
	ok "a quick run ends well" run
fi
ok "it saves what it found" [ -s "$results" ]
for way in plain read-again; do
	ok "it has times of $way" has $way
done
case " ${KERNEL_HAS-} " in
*" syscall_prog "*)
	for way in single batch floor; do
		ok "it has times of $way" has $way
	done ;;
esac
case " ${KERNEL_HAS-} " in
*" native "*) ok "it has times of native" has native ;;
*) ok "it has none of native" has_not native ;;
esac
tap_done
