#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# place.sh NEW DIR TARGET: writes the files of the folder NEW into DIR, for make's TARGET, with a MANIFEST of them. What
# was written there before and is no longer part is removed, nobody else's files are.
set -eu

die() {
	echo "error: $*" >&2
	exit 1
}

new=$1 dest=$2 target=$3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' HUP INT TERM

case $dest in
/ | -* | \~* | *[[:cntrl:]]*) die "DEST is an odd folder to write into: $dest" ;;
esac
[ ! -e "$dest" ] || [ -d "$dest" ] || die "DEST is no folder: $dest"

touch "$new/MANIFEST"
(cd "$new" && find . -type f | sed 's|^\./||' | LC_ALL=C sort) >"$tmp/manifest"
mv "$tmp/manifest" "$new/MANIFEST"

# What is there under our names without a manifest that names it is somebody else's.
while read -r file; do
	[ ! -e "$dest/$file" ] || grep -qsxF -- "$file" "$dest/MANIFEST" ||
		die "$dest/$file is there already and not of 'make $target': name a folder of its own as DEST"
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
