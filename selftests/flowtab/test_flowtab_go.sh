#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The Go package of flow tables, on tables that the C library has made and BPF programs have filled: with cgo and
# without, with Go's race detector; for other machines it is built, and refuses.
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"
. "$top/selftests/go/offline.sh"
fill=$(realpath -m "${O:-$top/build}/selftests/flowtab/fill")
dir=$(mktemp -d)
trap 'umount "$dir/bpf" 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
mkdir "$dir/bpf" && mount -t bpf none "$dir/bpf" || bail "no bpf file system"
cd "$top/go" || exit
offline_mod "$top/go" "$dir/go.mod"
export FLOWTAB_COUNT=3000 FLOWTAB_PIN=$dir/bpf/table GOFLAGS="-mod=mod -modfile=$dir/go.mod"

tests() { # shape, cgo or not, go test's options
	rm -f "$FLOWTAB_PIN"
	"$fill" "$1" "$FLOWTAB_COUNT" "$FLOWTAB_PIN" || return
	CGO_ENABLED=$2 go test -count=1 "${@:3}" -v ./flowtab >"$dir/said" 2>&1 && ! grep -q -e '--- SKIP' "$dir/said" && return
	cat "$dir/said"
	return 1
}

for shape in plain8 pairs16; do
	ok "$shape: without cgo" tests "$shape" 0
	ok "$shape: with cgo, and the race detector" tests "$shape" 1 -race
done
for machine in arm64 s390x 386; do
	ok "$machine: it is built" env CGO_ENABLED=0 GOARCH="$machine" go build ./flowtab
done
tap_done
