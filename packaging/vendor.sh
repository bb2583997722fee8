#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# DEST=DIR vendor.sh VERSION PROGRAMS FILE.C...: writes the library into DIR, to be checked into
# another tree: these files as one, with the header that holds the compiled BPF programs, and the
# headers. The same input gives the same bytes. What was written there before and is no longer part
# is removed, nobody else's files are.
set -eu

die() {
	echo "error: $*" >&2
	exit 1
}

dest=${DEST:-} version=$1 programs=$2
shift 2

case $dest in
'') die "DEST is not set: make vendor DEST=DIR, the folder to write the library into" ;;
/ | -* | \~* | *[[:cntrl:]]*) die "DEST is an odd folder to write the library into: $dest" ;;
esac
[ ! -e "$dest" ] || [ -d "$dest" ] || die "DEST is no folder: $dest"

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
touch "$new/MANIFEST"
(cd "$new" && find . -type f | sed 's|^\./||' | LC_ALL=C sort) >"$tmp/manifest"
mv "$tmp/manifest" "$new/MANIFEST"

# What is there under our names without a manifest that names it is somebody else's.
while read -r file; do
	[ ! -e "$dest/$file" ] || grep -qsxF -- "$file" "$dest/MANIFEST" ||
		die "$dest/$file is there already and not of 'make vendor': name a folder of its own as DEST"
done <"$new/MANIFEST"

if [ -e "$dest/MANIFEST" ]; then
	grep -vxF -f "$new/MANIFEST" "$dest/MANIFEST" | while read -r file; do
		case /$file/ in
		*/../* | //*) die "$dest/MANIFEST names $file, which cannot be ours" ;;
		esac
		rm -f -- "$dest/$file"
		echo "  REMOVE   $dest/$file"
	done
fi
while read -r file; do
	mkdir -p "$dest/${file%"${file##*/}"}"
	cmp -s "$new/$file" "$dest/$file" && continue
	install -m 644 "$new/$file" "$dest/$file"
	echo "  WRITE    $dest/$file"
done <"$new/MANIFEST"
