#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# Through a datapath without the protocol connections break, through one with it none does, whether
# it works beside the collector or interrupts it; and nothing is left behind.
set -u

here=$(dirname "$0")
# shellcheck source=selftests/tap.sh
. "$here/../tap.sh"
conntrack=$(realpath "${CONNTRACK:-$here/../../build/conntrack}")
bpftool=${BPFTOOL:-/usr/sbin/bpftool}
scratch=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill -s KILL "$pid"; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

value() { # field
	sed -n "s/.*\"$1\": \(-\?[0-9]*\).*/\1/p" "$scratch/out"
}

# Whether the last run has seen what it is to judge.
is_witness() {
	[ "$(value connections)" -ge 2000 ] && [ "$(value late)" -ge 500 ] &&
		[ "$(value collected)" -ge 500 ] && [ "$(value removed)" -ge 500 ] && "$@"
}

# No run of the datapath took longer than the margin, as one does where the machine stands still: of
# those nothing is promised.
kept_margin() {
	[ "$(value overlong)" -eq 0 ]
}

plain_met() {
	[ "$(value failed)" -gt 0 ]
}

protocol_met() {
	[ "$(value refused)" -ge 100 ]
}

# Where CPUs are short too little may come of one run: then a longer one is made.
run() { # what it has to have met, arguments...
	met=$1
	shift
	for seconds in 4 8 16 32; do
		"$conntrack" --json --seconds $seconds "$@" >"$scratch/out" 2>"$scratch/err" || return
		is_witness "$met" && kept_margin && break
	done
	sed 's/^/# /' "$scratch/out"
}

is_exact() {
	[ "$(value overlaps)" -eq 0 ] && [ "$(value evicted)" -eq 0 ] && [ "$(value errors)" -eq 0 ]
}

none_broken() {
	[ "$(value broken)" -eq 0 ] && [ "$(value vanished)" -eq 0 ]
}

no_more_failed_than_broken() {
	[ "$(value failed)" -le "$(value broken)" ]
}

run plain_met --way plain
ok "plain: runs to its end" [ $? -eq 0 ]
ok "plain: thousands of connections, many of them late" is_witness plain_met
ok "plain: the datapath's count is exact" is_exact
ok "plain: connections break" [ "$(value broken)" -gt 0 ]
ok "plain: and clients see them fail" [ "$(value failed)" -gt 0 ]
ok "plain: but no other" no_more_failed_than_broken

for where in beside interrupt; do
	set --
	[ $where = beside ] || set -- --interrupt
	run protocol_met --way protocol "$@"
	ok "protocol, $where: runs to its end" [ $? -eq 0 ]
	ok "protocol, $where: thousands of connections, many of them late" is_witness protocol_met
	ok "protocol, $where: the datapath's count is exact" is_exact
	if ! kept_margin; then
		skip "protocol, $where: none breaks" "the datapath was stopped for longer than the margin"
		continue
	fi
	ok "protocol, $where: none breaks" none_broken
	ok "protocol, $where: clients see none fail" [ "$(value failed)" -eq 0 ]
done

# Ends in the middle. A shell's background jobs ignore SIGINT unless told otherwise.
start() {
	env --default-signal=INT "$conntrack" --way protocol >"$scratch/out" 2>"$scratch/err" &
	pid=$!
	until grep -q future "$scratch/err"; do
		kill -0 "$pid" 2>/dev/null || return
		sleep 0.1
	done
	sleep 0.5
	cat /proc/"$pid"/fdinfo/* 2>/dev/null | sed -n 's/^\(prog\|map\)_id:[[:space:]]*/\1 /p' |
		sort -u >"$scratch/ids"
}

holds_objects() {
	grep -q '^prog ' "$scratch/ids" && grep -q '^map ' "$scratch/ids"
}

shares_no_namespace() {
	for ns in $(readlink /proc/"$pid"/task/*/ns/net | sort -u); do
		[ "$ns" != "$(readlink /proc/self/ns/net)" ] &&
			! grep -qF " $ns " /proc/self/mountinfo || return
	done
}

# The kernel frees maps and programs a while after their last user.
objects_go() {
	tries=600
	while read -r kind id; do
		while "$bpftool" "$kind" show id "$id" >/dev/null 2>&1; do
			tries=$((tries - 1))
			[ $tries -gt 0 ] || return 1
			sleep 0.1
		done
	done <"$scratch/ids"
}

for signal in INT KILL; do
	start
	ok "holds programs and maps" holds_objects
	ok "has namespaces of its own, that nobody else can see" shares_no_namespace
	kill -s $signal "$pid"
	wait "$pid" 2>/dev/null
	ok "SIG$signal ends it" [ "$(kill -l $?)" = $signal ]
	pid=
	ok "SIG$signal: leaves nothing" objects_go
done

help_says_usage() {
	"$conntrack" --help | grep -q '^Usage: conntrack'
}

status_of() { # status, arguments...
	status=$1
	shift
	"$conntrack" "$@"
	[ $? -eq "$status" ]
}

ok "--help says how to use it" help_says_usage
ok "an unknown option is an error" status_of 2 --unknown
ok "an unknown way is an error" status_of 1 --way other
ok "too many connections are an error" status_of 1 --connections 1000000
tap_done
