#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# run.sh [-v] PROGRAM...: runs TAP programs on this kernel, one after the other, each at most TIMEOUT
# seconds (default 900). Prints their failures and skips, with -v all they say as they say it, and as
# the last line 'N passed, N failed, N skipped'. A program that dies, hangs, or does not run the tests
# it planned has failed, and so has a line of ours in the kernel's log that tells of a bug.
#
# RUN, if set, is a command that each program is run by, with its arguments.
# LABEL, if set, is put before each program's name. RESULTS, if set, names a file that the lines of
# what failed are appended to, and the three numbers.
set -eu

verbose=false
if [ "${1:-}" = -v ]; then
	verbose=true
	shift
fi
: "${KERNEL_HAS=$("$(dirname "$0")/kernel-has.sh")}"
export KERNEL_HAS
RESULTS=${RESULTS:-/dev/null}

out=$(mktemp)
exec 3>&1
trap 'rm -f "$out"' EXIT
trap 'exit 130' INT TERM
passed=0 failed=0 skipped=0

fail() {
	echo "not ok - $name: $1" | tee -a "$RESULTS"
	failed=$((failed + 1))
}

# Runs a program for at most TIMEOUT seconds; 124 where it took longer, 125 where it then could not be
# killed, as nothing can be that hangs in the kernel. timeout(1) would wait for that for ever.
limited() {
	pid=
	# By its number too: it may not have a group of its own yet.
	trap 'kill -s KILL -- -"${pid:=${!-}}" "$pid" 2>/dev/null; rm -f "$out"; exit 130' INT TERM
	setsid "$@" 3>&- &
	pid=$!
	tail=
	if $verbose; then
		tail -n +1 -f --pid="$pid" "$out" 3>&- | sed -u "s/^/$name: /" >&3 &
		tail=$!
	fi
	deadline=$(($(date +%s) + ${TIMEOUT:-900}))
	while kill -0 "$pid" 2>/dev/null && [ "$(date +%s)" -lt "$deadline" ]; do
		sleep 0.1
	done
	if ! kill -0 "$pid" 2>/dev/null; then
		[ -z "$tail" ] || wait "$tail"
		wait "$pid"
		return
	fi
	kill -s KILL -- -"$pid" 2>/dev/null || true
	sleep 5
	grep -q '^State:.D' "/proc/$pid/status" 2>/dev/null && return 125
	return 124
}

# The time of the last line of the kernel's log, in seconds since it booted.
log_time() {
	dmesg 2>/dev/null | sed -n '$s/^\[ *\([0-9.]*\)\].*/\1/p'
}

# What the kernel's log tells of bugs since then, but not what the verifier says of itself: that of 6.18
# warns, once a boot, where it finds its bounds of some register at odds, and goes on without them.
kernel_bugs() {
	dmesg 2>/dev/null | awk -F '[][]' -v since="$1" '
		$2 + 0 > since + 0 && /BUG:|WARNING:|Oops|general protection|rcu.*stall/ &&
			!/kernel\/bpf\/verifier\.c/'
}

for program in "$@"; do
	name=${LABEL:+$LABEL: }$(basename "$program")
	since=$(log_time)
	status=0
	# shellcheck disable=SC2086 # a command and its arguments
	limited ${RUN:-} "$program" >"$out" 2>&1 || status=$?
	ok=$(grep -c '^ok ' "$out" || true)
	not_ok=$(grep -c '^not ok ' "$out" || true)
	skips=$(grep -c '^ok .*# SKIP' "$out" || true)
	plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$out")

	passed=$((passed + ok - skips))
	failed=$((failed + not_ok))
	skipped=$((skipped + skips))
	grep '^not ok ' "$out" | sed "s/^not ok [0-9 -]*/not ok - $name: /" >>"$RESULTS" || true
	if ! $verbose; then
		grep -E '^(not ok|# |ok .*# SKIP|Bail out)' "$out" | sed "s/^/$name: /" || true
	fi
	if [ "$status" -eq 124 ]; then
		fail "ran longer than ${TIMEOUT:-900} s"
	elif [ "$status" -eq 125 ]; then
		fail "hangs in the kernel and cannot be killed"
	elif [ "$status" -ne 0 ] && [ "$not_ok" -eq 0 ]; then
		fail "exit status $status"
		tail -n 25 "$out" | sed "s/^/# /"
	elif [ "$status" -eq 0 ] && [ "${plan:-none}" != $((ok + not_ok)) ]; then
		fail "planned ${plan:-no} tests, ran $((ok + not_ok))"
	fi
	bugs=$(kernel_bugs "$since")
	if [ "$bugs" ]; then
		fail "the kernel's log tells of a bug: $(echo "$bugs" | head -n 1)"
		dmesg | tail -n 40 | sed 's/^/# /'
	fi
	echo "$name: $((ok - skips)) passed, $not_ok failed, $skips skipped"
done

echo "$passed $failed $skipped" >>"$RESULTS"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
