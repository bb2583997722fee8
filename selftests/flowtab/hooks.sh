#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# hooks.sh FILE...: these files of the datapath's half of the flow table as one, with a macro of hooks.h at each rule
# that a race takes out to see it missed. Fails where a rule is not found once.
set -eu

hooked=$(sed '
/^#include "bpf_flowtab_/d
/^static .*__bpf_flowtab_next_word(/,/^}/ s/__bpf_flowtab_skewed_age(seen, now) > BPF_FLOWTAB_SKEW/IS_LATER(&)/
/^static .*__bpf_flowtab_visit(/,/^}/ s/__bpf_flowtab_exchange(/VISIT_EXCHANGE(/
/^static .*__bpf_flowtab_meet(/,/^}/ s/__bpf_flowtab_exchange(/KILL_EXCHANGE(/
/^static .*__bpf_flowtab_create(/,/^}/ {
	/^\t__bpf_flowtab_exchange(.*BPF_FLOWTAB_BUSY), word);$/ {
		h
		s/^\t/\tif (TENT_FIRST) /
	}
	/^\tif (!err && __bpf_flowtab_exchange(.*BPF_FLOWTAB_LIVE))$/ {
		x
		s/^\t/\tif (TENT_LAST) /
		G
	}
	s/if (!err && second)/if (!err \&\& second \&\& BOTH_KEYS)/
}' "$@")

for hook in IS_LATER VISIT_EXCHANGE KILL_EXCHANGE TENT_FIRST TENT_LAST BOTH_KEYS; do
	if [ "$(printf "%s\n" "$hooked" | grep -cw "$hook")" -ne 1 ]; then
		echo "hooks.sh: the header has no place, or several, for $hook" >&2
		exit 1
	fi
done
printf "%s\n" "$hooked"
