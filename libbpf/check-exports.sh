#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# check-exports.sh HEADER SHARED MAP: fails where the functions that HEADER marks LIBBPF_API, those that
# the version script MAP names, and those that SHARED exports differ.
set -eu

header=$1 shared=$2 map=$3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

tr '\n' ' ' <"$header" | grep -o 'LIBBPF_API[^;(]*(' | sed 's/.*[^A-Za-z0-9_]\([A-Za-z0-9_]*\)($/\1/' |
	sort >"$dir/marked"
readelf --dyn-syms -W "$shared" | awk '$5 == "GLOBAL" && $7 != "UND" { print $8 }' |
	grep -v '^LIBBPF_COMPARE_[0-9.]*@*' | sort >"$dir/exported"
sed -n 's/^[[:space:]]*\([A-Za-z_][A-Za-z0-9_]*\);.*/\1/p' "$map" | sort >"$dir/versioned"
sed 's/@.*//' "$dir/exported" >"$dir/names"

status=0
differ() { # file, other file, what is wrong with a name that only the first has
	for name in $(comm -23 "$dir/$1" "$dir/$2"); do
		echo "error: $name $3" >&2
		status=1
	done
}
differ marked versioned "is LIBBPF_API but not in $map"
differ versioned marked "is in $map but not LIBBPF_API in $header"
differ names versioned "is exported by $shared but not in $map"
differ versioned names "is in $map but not exported by $shared"
for symbol in $(grep -v '@@LIBBPF_COMPARE_' "$dir/exported" || true); do
	echo "error: $symbol is exported without a version" >&2
	status=1
done
exit $status
