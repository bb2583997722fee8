#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# kernel-has.sh [RELEASE]: what a stock kernel of that release (default: the running one) must have,
# in the words of common.h.
set -eu

release=${1:-$(uname -r)}
major=${release%%.*}
minor=${release#*.}
minor=${minor%%[!0-9]*}

since() { # major, minor, feature
	if [ "$major" -gt "$1" ] || { [ "$major" -eq "$1" ] && [ "$minor" -ge "$2" ]; }; then
		printf '%s ' "$3"
	fi
}

since 5 14 syscall_prog
since 5 15 timer
since 5 17 loop
since 5 17 asks
since 5 19 kptr
since 6 1 no_prealloc
since 6 2 cast
since 6 6 spin_lock
since 6 10 preempt_kfuncs
since 6 1 cap_bpf_alone
if [ "$(uname -m)" = x86_64 ]; then since 6 12 arena; fi
echo
