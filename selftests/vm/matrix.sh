#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# usage: matrix.sh [-i] [-k ROW]... [-e NAME=VALUE]... [-t SECONDS] [--] PROGRAM...
#
# Run these static programs on every kernel of rows.txt, or on the ROWs alone, on
# as many at a time as there are CPUs: a line for each test, then a table of what
# the programs told about the kernels, the counts of each row, and the sums.
# Status 1 where a test failed.
# -i boots the row with its console and a shell here; -e and -t as in boot.sh.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
wanted=" "
options=()
interactive=

usage() {
	sed -n '4,/^set/{s/^# \{0,1\}//p}' "$0" >&2
	exit 2
}

while getopts ik:e:t: opt; do
	case $opt in
	i) interactive=-i ;;
	k) wanted+="$OPTARG " ;;
	e | t) options+=("-$opt" "$OPTARG") ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage
known=$(awk '!/^#/ && NF { printf "%s ", $1 }' "$here/rows.txt")
for row in $wanted; do
	case " $known" in *" $row "*) continue ;; esac
	echo "matrix.sh: no kernel '$row' in rows.txt, there is: $known" >&2
	exit 2
done

tmp=$(mktemp -d)
# Rows that run side by side have a process group each: boot.sh is to clean up when this ends early.
[ "$interactive" ] || set -m
cleanup() {
	local pids job
	mapfile -t pids < <(jobs -pr)
	for job in ${pids[@]+"${pids[@]}"}; do
		kill -TERM -- "-$job" 2>/dev/null || true
	done
	wait
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

# What a row's kernel and programs say, for report.awk
run_row() {
	local row=$1 kernel=$2 parameter=$3 needed=$4 has=$5 suites image
	local reason=$tmp/$row.reason
	shift 5

	if [ "$kernel" = built ]; then
		image=$("$here/build.sh") || echo "does not build, see above" >"$reason"
	else
		IFS=, read -r -a suites <<<"${kernel#*:}"
		image=$("$here/fetch.sh" "${kernel%%:*}" "${suites[@]}" 2>"$reason") ||
			cat "$reason" >&2
	fi
	if [ -z "$image" ]; then
		echo "# begin kernel"
		if [ "$needed" = may ]; then
			echo "ok 1 - boots # SKIP $(tail -n 1 "$reason")"
		else
			echo "not ok 1 - boots: $(tail -n 1 "$reason")"
		fi
		printf '1..1\n# end kernel 0 0\n'
		return
	fi
	"$here/boot.sh" $interactive -a "${parameter#-}" -e "KERNEL_HAS=$has" \
		${options[@]+"${options[@]}"} "$image" "$@"
}

rows=()
while read -r row kernel parameter needed has; do
	case $row in '' | '#'*) continue ;; esac
	case $wanted in " " | *" $row "*) ;; *) continue ;; esac
	if [ "$interactive" ]; then
		run_row "$row" "$kernel" "$parameter" "$needed" "$has" "$@" <&3
		continue
	fi
	while [ "$(jobs -pr | wc -l)" -ge "$(nproc)" ]; do
		wait -n || true
	done
	rows+=("$tmp/$row.sums")
	# report.awk says what boot.sh's status would, and more
	run_row "$row" "$kernel" "$parameter" "$needed" "$has" "$@" </dev/null |
		awk -v row="$row" -v sums="$tmp/$row.sums" -f "$here/report.awk" &
done 3<&0 <"$here/rows.txt"
wait
[ "$interactive" ] || awk -f "$here/summary.awk" "${rows[@]}" /dev/null
