#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# DEST=DIR vendor.sh VERSION PROGRAMS FILE.C...: writes the library into DIR, to be checked into
# another tree: these files as one, with the header that holds the compiled BPF programs, and the
# headers. The same input gives the same bytes.
set -eu

die() {
	echo "error: $*" >&2
	exit 1
}

dest=${DEST:-} version=$1 programs=$2
shift 2

[ "$dest" ] || die "DEST is not set: make vendor DEST=DIR, the folder to write the library into"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' HUP INT TERM
new=$tmp/new
mkdir -p "$new/bpf"

# The last change to what is vendored, so that to commit the result changes nothing.
commit() {
	set -- include libbpf packaging Makefile
	[ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ] || return 0
	git log -1 --format='commit %H' -- "$@"
	[ -z "$(git status --porcelain -- "$@")" ] || echo "and changes that are not committed"
}

number() { # which of the version's numbers
	echo "$version" | cut -d. -f"$1"
}

one_file() {
	cat <<-END
		// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

		/*
		 * All of libbpf-compare $version, as 'make vendor' puts it together. Change it there.
		 */
		#ifndef _GNU_SOURCE
		#define _GNU_SOURCE
		#endif

		#define COMPARE_MAJOR $(number 1)
		#define COMPARE_MINOR $(number 2)
		#define COMPARE_PATCH $(number 3)
		#define INTERNAL      static
	END
	awk -v folders="libbpf $(dirname "$programs")" -f packaging/amalgamate.awk "$@"
}

one_file "$@" >"$new/libbpf_compare.c"
cp include/bpf/bpf_compare.h include/bpf/bpf_compare.bpf.h "$new/bpf"
cp LICENSE LICENSE.* "$new"
cp packaging/vendored.md "$new/README.md"
{
	echo "libbpf-compare $version"
	commit
} >"$new/VERSION"
packaging/place.sh "$new" "$dest" vendor
