#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# check.sh [host]: builds and runs every selftest; with `host` only those that need this kernel alone
# and no second build. The last line counts all: 'N passed, N failed, N skipped'.
#
# O names the build directory, MAKE the make to use.
set -euo pipefail

cd "$(dirname "$0")/.."
O=${O:-build}
MAKE=${MAKE:-make}
RESULTS=$(mktemp)
export O RESULTS
trap 'rm -f "$RESULTS"' EXIT
start=$SECONDS

step() { # what is done
	printf '\n== %s (%d s)\n' "$1" $((SECONDS - start))
}

build() { # make's arguments: builds, or counts one failure
	"$MAKE" --no-print-directory "$@" && return
	echo "not ok - make $*"
	echo "0 1 0" >>"$RESULTS"
	return 1
}

# Runs what ends with a line 'N passed, N failed, N skipped', and counts that; without one it failed.
count() {
	local out
	out=$(mktemp)
	env -u RESULTS "$@" | tee "$out" || true
	sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$out" |
		grep . >>"$RESULTS" || echo "0 1 0" >>"$RESULTS"
	rm -f "$out"
}

# The programs of a build directory.
tests() {
	find "$1/selftests${2:+/$2}" -maxdepth 1 -name 'test_*' -type f -executable | sort
}

host() {
	step "selftests on $(uname -sr)"
	if build lib tests; then
		# shellcheck disable=SC2046 # a list
		selftests/run.sh $(tests "$O") selftests/test_*.sh || true
	fi
	step "the demo on $(uname -sr)"
	if build "$O/demo"; then
		DEMO=$O/demo selftests/run.sh selftests/demo/test_demo.sh || true
	fi
}

other_builds() {
	step "selftests with AddressSanitizer and UndefinedBehaviorSanitizer"
	if build O="$O/san" CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all' \
		tests; then
		# shellcheck disable=SC2046 # a list
		LABEL=san selftests/run.sh $(tests "$O/san") || true
	fi
	step "build with clang"
	if build O="$O/clang" CC=clang lib tests; then
		LABEL=clang selftests/run.sh "$O/clang/selftests/test_contract" || true
	fi
}

kernels() {
	step "selftests on the test kernels"
	if build static-tests; then
		# shellcheck disable=SC2046 # a list
		count selftests/vm/matrix.sh -e SLOW_MACHINE=1 -- $(tests "$O" static)
	fi
}

others() {
	step "the benchmark, the model of the protocol, the manual pages"
	if build "$O/bench"; then
		selftests/run.sh selftests/bench/test_bench.sh || true
	fi
	TIMEOUT=300 selftests/run.sh selftests/model/test_model.sh || true
	selftests/run.sh selftests/man/test_man.sh || true
}

host
if [ "${1:-all}" != host ]; then
	other_builds
	others
	kernels
fi

step done
read -r passed failed skipped < <(awk '{ p += $1; f += $2; s += $3 } END { print p+0, f+0, s+0 }' "$RESULTS")
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
