#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The demo shows the race, and leaves nothing behind however it ends. What it holds is read off
# /proc while it runs, not told by names: another demo may be running.
set -u

demo=$(realpath "${DEMO:-$(dirname "$0")/../../build/demo}")
bpftool=${BPFTOOL:-/usr/sbin/bpftool}
scratch=$(mktemp -d)
trap '[ -z "$pid" ] || kill "$pid"; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
tests=0 failures=0 pid=

ok() { # name, command...
	name=$1
	shift
	tests=$((tests + 1))
	if "$@"; then
		echo "ok $tests - $name"
	else
		echo "not ok $tests - $name"
		failures=$((failures + 1))
	fi
}

bail() {
	echo "Bail out! $1"
	sed 's/^/# /' "$scratch/err"
	exit 1
}

# A shell's background jobs ignore SIGINT unless told otherwise.
start() { # arguments...
	: >"$scratch/ids"
	: >"$scratch/err"
	mkdir -p "$scratch/tmp"
	(cd "$scratch/tmp" && TMPDIR=$scratch/tmp exec env --default-signal=INT "$demo" --quick --json "$@") \
		>"$scratch/out" 2>"$scratch/err" &
	pid=$!
}

# Waits for the demo's end and keeps its status.
finish() {
	wait "$pid" 2>/dev/null
	status=$?
	pid=
}

# Waits until the demo is at its nth way, and notes the BPF objects it holds then.
until_way() {
	until grep -q "^\[$1/" "$scratch/err"; do
		kill -0 "$pid" 2>/dev/null || bail "the demo ended before its way number $1"
		sleep 0.1
	done
	sed -n 's/^\(prog\|map\|link\)_id:[[:space:]]*/\1 /p' /proc/"$pid"/fdinfo/* |
		sort -u >>"$scratch/ids"
}

exists() { # kind of BPF object, its id
	"$bpftool" "$1" show id "$2" >/dev/null 2>&1
}

bpf_objects_are_there() {
	for kind in prog map link; do
		grep -q "^$kind " "$scratch/ids" || return 1
	done
	while read -r kind id; do
		exists "$kind" "$id" || return 1
	done <"$scratch/ids"
}

# The kernel frees maps and programs a while after their last user.
bpf_objects_go() {
	tries=600
	while read -r kind id; do
		while exists "$kind" "$id"; do
			tries=$((tries - 1))
			[ $tries -gt 0 ] || return 1
			sleep 0.1
		done
	done <"$scratch/ids"
}

# With its one holder and no mount, a namespace goes with the process, and its devices with it.
alone_in_its_namespace() {
	ns=$(readlink "/proc/$pid/ns/net")
	[ "$ns" != "$(readlink /proc/self/ns/net)" ] &&
		! grep -qF " $ns " /proc/self/mountinfo &&
		[ -z "$(find /proc/[0-9]*/ns/net /proc/[0-9]*/fd -lname "net:\[${ns#*:\[}" \
			! -path "/proc/$pid/*" 2>/dev/null)" ]
}

no_files_left() {
	[ -z "$(ls -A "$scratch/tmp")" ]
}

shows_the_race() {
	[ "$(value by-key broken)" -gt 0 ] && [ "$(value compare torn)" -ge 8 ] &&
		[ "$(value linked skipped)" -gt 0 ] && sweep_is_faster
}

# Where sweeps go along the kernel's own memory.
sweep_is_faster() {
	case " ${KERNEL_HAS:-} " in
	*" asks "*) [ "$(value sweep collecting_ns)" -lt "$(value claim collecting_ns)" ] ;;
	esac
}

value() { # way, field
	sed -n "s/.*\"way\": \"$1\",.*\"$2\": \([0-9]*\).*/\1/p" "$scratch/out"
}

# A run to its end.
start
until_way 1
ok "holds a program, maps and a link" bpf_objects_are_there
ok "shares its network namespace with nobody" alone_in_its_namespace
until_way 7
finish
# Where CPUs are short a collector and the traffic may take turns, and never meet: then once more.
tries=10
until [ $status -ne 0 ] || shows_the_race || [ $((tries -= 1)) -eq 0 ]; do
	start
	until_way 7
	finish
done
ok "runs to its end" [ $status -eq 0 ]
[ $status -eq 0 ] || bail "exit status $status"
for way in by-key read-again compare linked claim sweep arena; do
	ok "$way: scans and deletes" \
		[ "$(value $way scanned)" -gt 0 -a "$(value $way deleted)" -gt 0 ]
done
ok "by key alone breaks live flows" [ "$(value by-key broken)" -gt 0 ]
ok "reading again breaks fewer" [ "$(value read-again broken)" -lt "$(value by-key broken)" ]
ok "compare-and-delete breaks fewer" [ "$(value compare broken)" -lt "$(value by-key broken)" ]
ok "linked, so it does" [ "$(value linked broken)" -lt "$(value by-key broken)" ]
ok "with claims nothing breaks" [ "$(value claim broken)" -eq 0 ]
ok "compare-and-delete skips refreshed entries" [ "$(value compare skipped)" -gt 0 ]
ok "linked, so it does, too" [ "$(value linked skipped)" -gt 0 ]
ok "without links flows lose their mappings" [ "$(value compare unmapped)" -gt 0 ]
ok "with them few are torn" [ "$(value linked torn)" -le $(($(value compare torn) / 8)) ]
ok "with claims none is torn" [ "$(value claim torn)" -eq 0 ]
ok "by a sweep nothing breaks, none is torn" \
	[ "$(value sweep broken)" -eq 0 -a "$(value sweep torn)" -eq 0 ]
ok "by a sweep collections take less time" sweep_is_faster
ok "in an arena nothing breaks, none is torn" \
	[ "$(value arena broken)" -eq 0 -a "$(value arena torn)" -eq 0 ]
sed 's/^/# /' "$scratch/out"
ok "leaves no BPF objects" bpf_objects_go
ok "leaves no files" no_files_left

# Ends in the middle: in the first way, and in the last, which has the library keep a program.
for end in "INT 1 batch" "TERM 1 batch" "KILL 6 sweep" "TERM 7 arena"; do
	signal=${end%% *}
	start --collect "${end##* }"
	way=${end#* }
	until_way "${way% *}"
	kill -s "$signal" "$pid"
	finish
	ok "SIG$signal ends it" [ "$(kill -l $status)" = "$signal" ]
	ok "SIG$signal: leaves no BPF objects" bpf_objects_go
	ok "SIG$signal: leaves no files" no_files_left
done

"$demo" --help >"$scratch/out" 2>"$scratch/err"
ok "--help succeeds" [ $? -eq 0 ]
ok "--help says how to use it" grep -q "^Usage: demo" "$scratch/out"
"$demo" --unknown >"$scratch/out" 2>"$scratch/err"
ok "an unknown option is an error" [ $? -eq 2 ]
start --collect arena
finish
ok "--collect arena runs to its end" [ $status -eq 0 ]
start --collect sweep
finish
ok "--collect sweep runs to its end" [ $status -eq 0 ]
ok "and runs what sweeps alone" [ "$(grep -o '"way": "[a-z-]*"' "$scratch/out")" = '"way": "sweep"' ]
"$demo" --collect all >"$scratch/out" 2>"$scratch/err"
ok "another way is an error" [ $? -eq 1 ]
"$demo" --quick --collector false >"$scratch/out" 2>"$scratch/err"
ok "a collector that ends by itself is an error" [ $? -eq 1 ]
ok "and is said" grep -q "the collector ended by itself" "$scratch/err"

echo "1..$tests"
[ $failures -eq 0 ]
