#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# usage: fetch.sh VERSION SUITE...
#
# Fetch Debian's stock kernel of this series (5.10, 6.1, 6.12) from the first of
# the suites that has it, and print the path of its vmlinuz, which is all that
# goes to stdout. What was fetched once is served from the cache; remove it
# there to have a newer one.
#
# The mirror is the one the machine uses; the download and its signatures are
# apt's business, in a state folder of its own, so that the machine's lists and
# sources stay as they are.
set -euo pipefail

cache=${LIBBPF_COMPARE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/libbpf-compare}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
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

# shellcheck disable=SC2016 # apt's own variable
site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Label: Debian' |
	head -n 1)
[ -n "$site" ] || die "apt knows of no Debian mirror"

tmp=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp"
mkdir -p state/lists/partial cache/archives/partial etc/preferences.d image
: >state/status

own() {
	local tool=$1
	shift
	"$tool" -q=2 -o Dir::State="$tmp/state" -o Dir::State::status="$tmp/state/status" \
		-o Dir::Cache="$tmp/cache" -o Dir::Etc="$tmp/etc" \
		-o APT::Architecture=amd64 -o APT::Sandbox::User= \
		-o APT::Update::Error-Mode=any -o Acquire::Languages=none "$@"
}

for suite; do
	echo "deb [arch=amd64 signed-by=$keyring] $site $suite main" >etc/sources.list
	own apt-get update >&2 || { say "suite $suite: out of reach"; continue; }
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
