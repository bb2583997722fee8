#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# usage: source.sh kernel|github|newest
#
# A source tree that has libbpf in it: of the kernel that Debian's linux-source-6.1 is, what libbpf is
# built with, libbpf's own of Debian 13, or the newest that Debian has. Prints its path, out of the cache
# where it was asked for before, which is all that goes to stdout.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${LIBBPF_COMPARE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/libbpf-compare}
kind=$1
suite=trixie
case $kind in
kernel)
	source=$("$here/../vm/linux-source.sh")
	tree=$cache/libbpf-kernel-$(sha256sum <"$source" | cut -c1-16)
	;;
github) tree=$cache/libbpf-$suite ;;
newest)
	suite=sid
	tree=$cache/libbpf-$suite
	;;
*) exit 2 ;;
esac

mkdir -p "$cache"
exec 9>"$cache/source.lock"
flock 9
if [ -d "$tree" ]; then
	echo "$tree"
	exit
fi

tmp=$(mktemp -d "$cache/source.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp"
mkdir tree
case $kind in
kernel)
	tar -C tree --strip-components=1 -xf "$source" \
		linux-source-6.1/tools/{arch,build,include,lib,scripts} \
		linux-source-6.1/scripts/bpf_doc.py
	;;
*)
	# shellcheck source=selftests/apt.sh
	. "$here/../apt.sh"
	own_suite deb-src $suite >&2
	own apt-get source --download-only libbpf >&2
	tar -C tree --strip-components=1 -xf libbpf_*.orig.tar.*
	;;
esac
mv -T tree "$tree"
echo "$tree"
