#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# usage: fetch.sh VERSION SUITE...
#
# Fetch Debian's stock kernel of this series (5.10, 6.1, 6.12) from the first of
# the suites that has it, and print the path of its vmlinuz, which is all that
# goes to stdout. What was fetched once is served from the cache; remove it
# there to have a newer one.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${LIBBPF_COMPARE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/libbpf-compare}
version=$1
shift

say() { echo "fetch.sh: $*" >&2; }
die() { say "$*"; exit 1; }

find_cached() { find "$cache" -path "$cache/stock-$version/vmlinuz-*" -print -quit; }

mkdir -p "$cache"
exec 9>"$cache/fetch.lock"
flock 9
image=$(find_cached)
if [ -n "$image" ]; then
	echo "$image"
	exit
fi

tmp=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp"
mkdir image
# shellcheck source=selftests/apt.sh
. "$here/../apt.sh"

for suite; do
	own_suite deb "$suite" >&2 || { say "suite $suite: out of reach"; continue; }
	# The package of the series is what the metapackage depends on.
	package=$(own apt-cache depends linux-image-amd64 | awk '$1 == "Depends:" { print $2 }') || true
	case $package in
	linux-image-"$version".*) ;;
	*) say "suite $suite: has ${package:-no kernel}, not $version"; continue ;;
	esac
	say "fetching $package from $suite"
	own apt-get download "$package" >&2 || { say "suite $suite: no download"; continue; }
	dpkg-deb --fsys-tarfile "$package"_*.deb |
		tar -C image --strip-components=2 --wildcards -x './boot/vmlinuz-*'
	mv -T image "$cache/stock-$version"
	find_cached
	exit
done
die "no suite of ($*) gives a kernel $version"
