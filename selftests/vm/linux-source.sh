#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# usage: linux-source.sh
#
# The source of Debian 12's kernel, as a tar.xz file: that of its package linux-source-6.1 where that is
# installed, else fetched into the cache. Prints its path, which is all that goes to stdout.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${LIBBPF_COMPARE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/libbpf-compare}
package=linux-source-6.1

for file in "/usr/src/$package.tar.xz" "$cache/$package.tar.xz"; do
	if [ -r "$file" ]; then
		echo "$file"
		exit
	fi
done

mkdir -p "$cache"
tmp=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp"
# shellcheck source=selftests/apt.sh
. "$here/../apt.sh"
own_suite deb bookworm-security >&2
echo "linux-source.sh: fetching $package" >&2
own apt-get download "$package" >&2
dpkg-deb --fsys-tarfile "$package"_*.deb | tar -x --strip-components=3 "./usr/src/$package.tar.xz"
mv "$package.tar.xz" "$file"
echo "$file"
