#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# usage: boot.sh [-i] [-a PARAMETERS] [-e NAME=VALUE]... [-t SECONDS] KERNEL PROGRAM...
#
# Boot this kernel image in qemu, without KVM, and run these static programs in
# it, each for no more than SECONDS (120). PARAMETERS go onto the kernel's command
# line, NAME=VALUE into the programs' environment. -i: the kernel's console here,
# with a shell after the last program (leave it with exit, or Ctrl-A x).
#
# To stdout goes what the programs print, each between "# begin NAME" and
# "# end NAME STATUS SECONDS"; the last one, "kernel", is the kernel's own: did it
# come to the end, and without a complaint in its log. Needs no privilege.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
limit=120
parameters=
env=()
shell=

while getopts ia:e:t: opt; do
	case $opt in
	i) shell=1 ;;
	a) parameters=$OPTARG ;;
	# what the kernel does not know, with no dot in it, becomes init's environment
	e) env+=("${OPTARG%%=*}=\"${OPTARG#*=}\"") ;;
	t) limit=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
kernel=$1
shift

qemu=
tmp=$(mktemp -d)
cleanup() {
	[ -z "$qemu" ] || kill -KILL "$qemu" 2>/dev/null || true
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

"$here/initramfs.sh" "$@" >"$tmp/initramfs"
log=$tmp/kernel.log
: >"$log"

# no_timer_check: that is by the time, of which qemu may get none for long.
command=(qemu-system-x86_64 -accel "tcg,thread=multi" -smp 2 -m 1G
	-nodefaults -no-user-config -display none -no-reboot
	-kernel "$kernel" -initrd "$tmp/initramfs"
	-append "console=ttyS0 loglevel=8 panic=-1 oops=panic reboot=t mitigations=off
		 no_timer_check
		 $parameters VM_LIMIT=$limit ${shell:+VM_SHELL=1} ${env[*]}")

if [ "$shell" ]; then
	"${command[@]}" -serial mon:stdio -serial "file:$tmp/results" || true
	cat "$tmp/results"
	exit
fi

# Sets verdict, empty where the guest came to its end; current, where in the programs it was; and cpus.
run_guest() {
	local line
	"${command[@]}" -serial "file:$log" -serial stdio </dev/null >"$tmp/results" &
	qemu=$!

	# Silence for longer than a program may take means that the kernel hangs.
	current=boot
	cpus=
	verdict="the guest ended early, in"
	while read -r -t $((limit + 60)) line || {
		[ $? -le 128 ] || verdict="the guest hangs, in"
		false
	}; do
		line=${line%$'\r'}
		echo "$line"
		case $line in
		"# kernel "*" 2") ;;
		"# kernel "*) cpus="the guest has not got two CPUs" ;;
		"# begin "*) current=${line#\# begin } ;;
		"# end "*) current="between programs" ;;
		"# done") verdict= ; break ;;
		esac
	done <"$tmp/results"

	if [ -z "$verdict" ]; then
		# the way down is the kernel's as well
		timeout 30 tail --pid="$qemu" -f /dev/null || verdict="the guest does not power off"
	fi
	kill -KILL "$qemu" 2>/dev/null || true
	wait "$qemu" 2>/dev/null || true
	qemu=
}

mkfifo "$tmp/results"
# Before qemu 8.1 one CPU may meet a breakpoint that another has just taken back from the kernel's code,
# at times while the kernel changes much of it: before any program of ours, the guest gets another go.
for go in 1 2 3; do
	run_guest
	if [ -z "$verdict" ] || [ "$current" != boot ] || ! grep -aq 'int3: 0000' "$log"; then
		break
	fi
	[ $go -eq 3 ] || echo "# the kernel met a stale breakpoint of qemu's as it booted: once more"
done

complaint=$(grep -a -m1 -E 'Kernel panic|Oops:|BUG:|WARNING: (CPU|possible|suspicious|.* at )|INFO: (task|rcu)|rcu:.*(stall|self-detected)|(KASAN|UBSAN):|general protection|Call Trace' "$log" |
	tr -d '\r') || true
[ -z "$verdict" ] || verdict="$verdict $current"
[ -z "$complaint" ] || verdict="${verdict:+$verdict: }$complaint"
[ -z "$cpus" ] || verdict="${verdict:+$verdict: }$cpus"

echo "# begin kernel"
if [ -z "$verdict" ]; then
	echo "ok 1 - comes to the end without a complaint"
else
	echo "not ok 1 - $verdict"
	echo "# the end of its log:"
	tail -n 30 "$log" | tr -d '\r' | sed 's/^/# /'
fi
echo "1..1"
echo "# end kernel $([ -z "$verdict" ] && echo 0 || echo 1) 0"
[ -z "$verdict" ]
