#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# dist.sh TARBALL NAME PROGRAMS MAN: writes the sources as git has them, in a folder NAME, with the header that holds
# the compiled BPF programs and the manual pages in NAME/prebuilt. The same commit gives the same bytes.
set -eu

tarball=$1 name=$2 programs=$3 man=$4

[ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ] || {
	echo "error: make dist takes a git checkout, which says what is part of the sources" >&2
	exit 1
}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' HUP INT TERM

mkdir -p "$tmp/$name"
git ls-files -z | tar -c --null -T - | tar -x -C "$tmp/$name"
mkdir -p "$tmp/$name/prebuilt"
cp "$programs" "$tmp/$name/prebuilt"
cp -R "$man" "$tmp/$name/prebuilt/man"
tar -c --sort=name --mtime="@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}" --owner=0 --group=0 --numeric-owner \
	--mode=go=rX,u+rw -C "$tmp" "$name" | xz -9 >"$tmp/tarball"
cp "$tmp/tarball" "$tarball"
