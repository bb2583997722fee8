#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# Times batches of 2^18 deletes by the Go package with cgo and without, in turn, ROUNDS times each (10), and prints the
# medians of the CPU time that a key takes, and of their ratio in each round.
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/go/offline.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
export GOPROXY=off

cd "$top/go" &&
	go test -c -o "$dir/cgo" . && offline_mod . "$dir/go.mod" &&
	CGO_ENABLED=0 go test -mod=mod -modfile="$dir/go.mod" -c -o "$dir/pure" . || exit

run() { # mode, benchmark
	"$dir/$1" -test.run none -test.bench "^Benchmark$2\$" -test.benchtime "${TIMES:-5}x" |
		sed -n 's,.*[[:space:]]\([0-9.]*\) cpu-ns/key.*,\1,p'
}

median() {
	sort -g | awk '{ n[NR] = $1 } END { print n[int((NR + 1) / 2)] }'
}

for bench in DeleteBatch DeleteBatchClaim; do
	: >"$dir/rounds"
	for round in $(seq "${ROUNDS:-10}"); do
		if [ $((round % 2)) -eq 0 ]; then
			cgo=$(run cgo $bench) && pure=$(run pure $bench) || exit
		else
			pure=$(run pure $bench) && cgo=$(run cgo $bench) || exit
		fi
		echo "$cgo $pure" >>"$dir/rounds"
	done
	awk '{ print $2 / $1 }' "$dir/rounds" | median >"$dir/ratio"
	echo "$bench: ns of CPU time a key: cgo $(cut -d' ' -f1 "$dir/rounds" | median), without" \
		"$(cut -d' ' -f2 "$dir/rounds" | median); ratio $(cat "$dir/ratio")" || exit
done
