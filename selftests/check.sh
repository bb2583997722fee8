#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# check.sh [PART...]: builds and runs every selftest, or these parts of them, the functions below: `host`
# takes this kernel alone and one build; `threads`, `memory` and `coverage` are not among all. What failed
# is told once more at the end. The last line counts: 'N passed, N failed, N skipped'.
#
# O names the build directory, MAKE the make to use.
set -euo pipefail

cd "$(dirname "$0")/.."
O=${O:-build}
MAKE=${MAKE:-make}
RESULTS=$(mktemp)
# What is written for this project has no warnings.
export O RESULTS WERROR=1
beside=
trap 'rm -f "$RESULTS"; [ -z "$beside" ] || kill -- "-$beside"' EXIT
trap 'exit 130' INT TERM
start=$SECONDS

step() { # what is done
	printf '\n== %s (%d s)\n' "$1" $((SECONDS - start))
}

build() { # make's arguments: builds, or counts one failure
	"$MAKE" --no-print-directory "$@" && return
	echo "not ok - make $*" | tee -a "$RESULTS"
	echo "0 1 0" >>"$RESULTS"
	return 1
}

# Runs what ends with a line 'N passed, N failed, N skipped', and counts that; without one it failed.
# What it prints goes to a file as well.
count() {
	local out=$1
	shift
	env -u RESULTS "$@" | tee "$out" || true
	grep '^not ok ' "$out" >>"$RESULTS" || true
	sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$out" |
		grep . >>"$RESULTS" || echo "0 1 0" >>"$RESULTS"
}

# Whether each row of the table that the test kernels gave is in the README, but for the version.
readme_has_table() {
	local row status=0
	while read -r row; do
		grep -qxF -- "$row" README.md && continue
		echo "not ok - README.md has no row '$row'" | tee -a "$RESULTS"
		status=1
	done < <(grep '^|' "$1" | grep -v '^|-' | awk -F' *[|] *' '{ print "| " $2 " | " $4 " | " $5 " |" }')
	echo "$((1 - status)) $status 0" >>"$RESULTS"
}

# The programs of a build directory.
tests() {
	find "$1/selftests${2:+/$2}" -maxdepth 1 -name 'test_*' -type f -executable | sort
}

# Whether programs that load BPF programs come to an end here. On Linux 6.18 none does any more once
# over a thousand programs were freed at one time: all wait for bpf_prog_pack_alloc()'s lock, whose
# holder waits for work that is queued behind them. Only a restart helps.
kernel_loads_programs() {
	local pid
	build tests || return 0
	KERNEL_HAS=$(selftests/kernel-has.sh) "$O/selftests/test_probe" >/dev/null 2>&1 &
	pid=$!
	for _ in {1..150}; do
		kill -0 "$pid" 2>/dev/null || return 0
		sleep 0.1
	done
	! grep -qs bpf_prog_pack "/proc/$pid/stack"
}

host() {
	step "selftests on $(uname -sr)"
	if build lib tests flowtab-tests; then
		# shellcheck disable=SC2046 # a list
		selftests/run.sh $(tests "$O") $(tests "$O" flowtab) || true
	fi
	step "the demo on $(uname -sr)"
	if build "$O/demo"; then
		DEMO=$O/demo selftests/run.sh selftests/demo/test_demo.sh || true
	fi
	step "the connection tracker on $(uname -sr)"
	if build "$O/conntrack"; then
		CONNTRACK=$O/conntrack selftests/run.sh selftests/conntrack/test_conntrack.sh || true
	fi
}

builds() {
	step "what is built: the library, bpfcmp, the manual pages"
	if build lib tool; then
		selftests/run.sh selftests/test_*.sh selftests/man/test_*.sh selftests/tool/test_*.sh || true
	fi
	build O="$O/clang" CC=clang lib tool tests flowtab flowtab-tests || true
}

# A build of its own and its tests: its folder, which is its name as well, and its compiler flags.
run_build() {
	if build O="$O/$1" CFLAGS="$2" tests; then
		# shellcheck disable=SC2046 # a list
		LABEL=$1 selftests/run.sh $(tests "$O/$1") || true
	fi
}

sanitizers() {
	step "selftests with AddressSanitizer and UndefinedBehaviorSanitizer"
	local flags='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all'
	SLOW_MACHINE=1 run_build san "$flags"
	if build O="$O/san" CFLAGS="$flags" flowtab-tests; then
		# shellcheck disable=SC2046 # a list
		SLOW_MACHINE=1 LABEL=san selftests/run.sh $(tests "$O/san" flowtab) || true
	fi
	if build O="$O/san" CFLAGS="$flags" tool; then
		O=$O/san LABEL=san selftests/run.sh selftests/tool/test_*.sh || true
	fi
}

threads() {
	step "selftests with ThreadSanitizer"
	SLOW_MACHINE=1 run_build tsan '-O1 -g -fsanitize=thread'
}

memory() {
	local cpu
	step "selftests with valgrind"
	# It runs one thread at a time. On two CPUs what runs in the kernel meanwhile leaves it no entry as it was.
	cpu=$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')
	if build tests; then
		# shellcheck disable=SC2046 # a list
		RUN="taskset -c $cpu valgrind -q --fair-sched=yes --suppressions=selftests/valgrind/bpf.supp
			--leak-check=full --show-leak-kinds=definite,indirect
			--errors-for-leak-kinds=definite,indirect --error-exitcode=9" \
			SLOW_MACHINE=1 LABEL=valgrind selftests/run.sh $(tests "$O") || true
	fi
}

coverage() {
	step "selftests that count the lines and branches that they reach"
	rm -rf "$O/coverage"
	SLOW_MACHINE=1 run_build coverage '-O0 -g --coverage -fprofile-update=atomic'
	for what in --txt --branches; do
		gcovr --root . --filter 'libbpf/' "$O/coverage/obj" $what |
			awk '/^(File|libbpf|TOTAL|[ -]*Branches)/'
	done
}

fuzz() {
	step "the fuzzer, for a while"
	if build fuzz; then
		FUZZ=$O/fuzz selftests/run.sh selftests/fuzz/test_fuzz.sh || true
	fi
}

packaging() {
	step "installed, vendored, in one with libbpf"
	if build lib; then
		selftests/run.sh selftests/packaging/test_*.sh || true
	fi
}

examples() {
	step "the examples"
	if build lib daemon; then
		selftests/run.sh selftests/examples/test_*.sh || true
	fi
}

golang() {
	step "the Go package and its agent"
	if build "$O/demo" go-generated flowtab-tests; then
		selftests/run.sh selftests/go/test_*.sh selftests/flowtab/test_*.sh || true
	fi
}

rust() {
	step "the Rust crates"
	if build lib rust-generated; then
		selftests/run.sh selftests/rust/test_rust.sh || true
	fi
}

benchmark() {
	step "the benchmark, once over"
	if build "$O"/bench/{bench,refresh,first,sweep,update,tables}; then
		selftests/run.sh selftests/bench/test_bench.sh || true
	fi
}

model() {
	step "the model of the protocol for claims"
	selftests/run.sh selftests/model/test_model.sh || true
}

kernels() {
	step "selftests on the test kernels"
	if build static-tests; then
		# shellcheck disable=SC2046 # a list
		count "$O/kernels.txt" selftests/vm/matrix.sh -e SLOW_MACHINE=1 -t 900 -- \
			$(tests "$O" static) "$O"/selftests/static/{bench,bpfcmp,tap.sh}
		readme_has_table "$O/kernels.txt"
	fi
}

# What needs nothing of this kernel runs beside the rest, and gives way to it. Ours and theirs is built
# by then, as no two may build at one time.
elsewhere() {
	step "the test kernels and the model: beside what follows, see $O/elsewhere.txt"
	build tests static-tests || true
	set -m
	{
		renice -n 10 -p "$BASHPID" >/dev/null
		model >"$O/model.txt" 2>&1 &
		kernels
		wait
		cat "$O/model.txt"
	} >"$O/elsewhere.txt" 2>&1 &
	beside=$!
	set +m
}

elsewhere_result() {
	step "waiting for the test kernels and the model"
	wait "$beside" || true
	beside=
	cat "$O/elsewhere.txt"
}

if kernel_loads_programs; then
	parts=${*:-elsewhere host builds packaging examples golang rust sanitizers fuzz benchmark elsewhere_result}
else
	step "selftests on $(uname -sr)"
	echo "ok - everything on this kernel # SKIP it is stuck: what loads a BPF program hangs in" \
		"bpf_prog_pack_alloc() and cannot be killed. Restart the machine."
	echo "0 0 1" >>"$RESULTS"
	# The test programs run on the test kernels all the same.
	parts="elsewhere elsewhere_result"
fi
for part in $parts; do
	$part
done

step "done"
grep '^not ok ' "$RESULTS" || true
read -r passed failed skipped < <(awk '/^[0-9]/ { p += $1; f += $2; s += $3 } END { print p+0, f+0, s+0 }' "$RESULTS")
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
