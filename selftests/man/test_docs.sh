#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# README.md and the pages in docs/ lead to files that are there, and what is in them to be copied compiles, or runs on
# a map that is as they say.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
if [ "${1:-}" != inside ]; then
	# shellcheck disable=SC2016 # the inner shell's
	exec unshare -m sh -c 'mount -t bpf bpf /sys/fs/bpf && exec "$0" inside' "$0"
fi
. "$top/selftests/tap.sh"
. "$top/selftests/man/page.sh"
. "$top/selftests/go/offline.sh"
O=$(realpath -m "${O:-$top/build}")
bpftool=${BPFTOOL:-/usr/sbin/bpftool}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cd "$dir"
map=/sys/fs/bpf/tc/globals/conntrack

links_lead_somewhere() { # page
	awk '/^ *```/ { inside = !inside; next } !inside' "$top/$1" | grep -oE '\]\([^)]+\)' |
		sed 's/^](//; s/)$//; s/#.*//' | grep -v '^https\?:' | sort -u >links || true
	! while read -r link; do
		[ -e "$top/$(dirname "$1")/$link" ] || echo "there is no $link"
	done <links | grep .
}

# All that is fenced and of one language, without what it is indented by.
blocks() { # page, language
	awk -v language="$2" '
		!inside && $0 ~ "^ *```" language "$" { inside = 1; match($0, /^ */); indent = RLENGTH; next }
		/^ *```$/ { inside = 0; next }
		inside { print substr($0, indent + 1) }' "$top/docs/$1.md" >block
	[ -s block ] && cat block
}

is_short() { # page
	[ "$(wc -l <"$top/$1")" -le 50 ]
}

agent_in_c() {
	{
		cat <<-'END'
			#include <bpf/bpf.h>
			#include <bpf/bpf_compare.h>
			struct conn { __u64 packets; __u32 expires; __u32 flags; };
			int delete(int fd, const __u32 *keys, const __u32 *expires, __u32 count, int *results);
			int delete(int fd, const __u32 *keys, const __u32 *expires, __u32 count, int *results)
			{
				int err;
		END
		blocks agent-in-c c
		echo 'return err ?: (int)deleted; } int main(void) { return 0; }'
	} >agent.c && build agent.c
}

datapath() {
	{
		cat <<-'END'
			#include <linux/bpf.h>
			#include <stddef.h>
			#include <bpf/bpf_helpers.h>
			#include <bpf/bpf_compare.bpf.h>
			#define LIFETIME 60000000000ULL
			#define MARGIN 1000000000ULL
			struct conn { __u64 packets, expires; };
			struct {
				__uint(type, BPF_MAP_TYPE_HASH);
				__uint(max_entries, 16);
				__type(key, __u32);
				__type(value, struct conn);
			} conns SEC(".maps");
			char LICENSE[] SEC("license") = "Dual BSD/GPL";
			SEC("xdp") int track(struct xdp_md *ctx)
			{
				struct conn fresh = { 0, bpf_ktime_get_ns() + LIFETIME };
				__u32 key = ctx->ingress_ifindex;
				int answer;
		END
		blocks datapath c
		echo 'return answer == BPF_COMPARE_DONE ? XDP_PASS : XDP_DROP; }'
	} >flow.bpf.c
}

# By the page's own command, which finds the header where it is installed.
datapath_compiles() {
	datapath && blocks datapath sh >"$dir/commands" && C_INCLUDE_PATH=$top/include bash -eu "$dir/commands" &&
		"$bpftool" prog load flow.bpf.o /sys/fs/bpf/flow
}

agent_in_go() {
	mkdir -p goagent && {
		cat <<-'END'
			package main

			import (
				"unsafe"

				"github.com/cilium/ebpf"

				bpfcompare "example.com/agent/third_party/bpfcompare"
			)

			type Key struct{ ID uint32 }
			type Conn struct {
				Packets uint64
				Expires uint32
				Flags   uint32
			}

			func collect(m *ebpf.Map, keys []Key, seen []Conn, now uint32) (any, any, any, error) {
		END
		blocks agent-in-go go
		printf '\treturn results, deleted, swept, err\n}\n\nfunc main() { _ = collect }\n'
	} >goagent/main.go
}

# Likewise by the page's commands, into a project of ours.
agent_in_go_compiles() {
	agent_in_go && (cd goagent && GOFLAGS='' go mod init example.com/agent) &&
		blocks agent-in-go sh | sed "s,\.\./agent,$dir/goagent,g; s,/usr/share/gocode/src,$gocode,g" >"$dir/commands" &&
		(cd "$top" && GOENV=off GOPROXY=off GOFLAGS=-mod=mod \
			GOCACHE=${LIBBPF_COMPARE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/libbpf-compare}/go \
			bash -eux "$dir/commands") && [ -x goagent/agent ]
}

make_map() {
	local value
	mkdir -p "${map%/*}" && "$bpftool" map create $map type hash key 16 value 56 entries 8 name ct || return
	# What expired in the first second, and what will in the last half of the clock's.
	for byte in 1 2; do
		value="$(printf '0 %.0s' {1..16}) 6 $(printf '0 %.0s' {1..19}) $((2 - byte)) 0 0 $((byte == 1 ? 0 : 112))"
		# shellcheck disable=SC2046,SC2086 # bytes
		"$bpftool" map update pinned $map key $byte $(printf '0 %.0s' {1..15}) \
			value $value $(printf '0 %.0s' {1..16}) || return
	done
}

# What is installed elsewhere, or would go on, or starts a service, is not what is tried here.
operators_commands() {
	blocks operator sh | sed -e '/^cp /d; /^systemctl /d' -e '/^bpfcmp top /s/$/ times 1/' >"$dir/commands"
	cp "$top/examples/daemon/bpfcmpd.conf" .
	PATH=$O:$(dirname "$bpftool"):$PATH timeout -k 5 60 bash -euo pipefail "$dir/commands" >said 2>&1 && return
	cat said
	return 1
}

said() { # line, as a pattern
	grep -qx -- "$1" said || { cat said; return 1; }
}

targets_are_there() {
	grep -hE '^[a-z][a-z -]*:' Makefile ./*/*.mk ./*/*/*.mk | sed 's/:.*//' | tr ' ' '\n' | sort -u >"$dir/targets"
	grep -ohE '(^    |`|^)make [a-z-]+' README.md docs/*.md | sed 's/.*make //' | sort -u >"$dir/told"
	[ -s "$dir/told" ] && ! grep -vxF -f "$dir/targets" "$dir/told"
}

all_targets_are_there() {
	(cd "$top" && targets_are_there)
}

for page in README.md CONTRIBUTING.md SECURITY.md $(cd "$top" && echo docs/*.md); do
	ok "$page leads to what is there" links_lead_somewhere "$page"
done
for page in $(cd "$top" && echo docs/*.md); do
	ok "$page is short" is_short "$page"
done
ok "the agent in C compiles" agent_in_c
ok "the datapath compiles, and the kernel takes it" datapath_compiles
ok "the agent in Go compiles" agent_in_go_compiles
ok "a map as operators have it" make_map
ok "bpfcmpd is built" "${MAKE:-make}" -s -C "$top" O="$O" daemon
ok "what operators are told runs" operators_commands
ok "it finds what has expired" said 'scanned 2, matched 1, in .*'
ok "and deletes that" said 'scanned 2, matched 1, deleted 1, changed 0, in .*'
ok "and what is left by a dump" said 'keys 1, deleted 1, differed 0, absent 0, locked 0, in .*'
ok "the daemon finds nothing then" said '\[conntrack\] map [0-9]*: 0 of 0 entries match'
ok "what is told to be made can be" all_targets_are_there
tap_done
