#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# Build the test kernel: Debian's linux-source-6.1, our patch, a small config.
# Prints the image's path, out of the cache where these ingredients were built
# before. The path is all that goes to stdout.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${LIBBPF_COMPARE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/libbpf-compare}
package=linux-source-6.1

say() { echo "build.sh: $*" >&2; }
die() { say "$*"; exit 1; }

source=$("$here/linux-source.sh") || die "$package is out of reach"

key=$({
	sha256sum <"$source"
	gcc --version
	pahole --version
	cat "$here/kernel.config" "$here/bpf-f-compare.patch" "$here/build.sh"
} | sha256sum | cut -c1-16)
image=$cache/kernel-$key/bzImage

# The second of two builds at once waits, and finds the first one's image.
mkdir -p "$cache"
exec 9>"$cache/build.lock"
flock -n 9 || { say "another build is running, waiting"; flock 9; }
if [ -r "$image" ]; then
	echo "$image"
	exit
fi

tmp=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

say "building $package with BPF_F_COMPARE; this takes minutes, once"
tar -C "$tmp" --strip-components=1 -xf "$source"
cd "$tmp"

# No fuzz: what moved further than its line numbers is for a human to look at.
patch -p1 --forward --fuzz=0 --no-backup-if-mismatch <"$here/bpf-f-compare.patch" >patch.log ||
	die "bpf-f-compare.patch does not apply to $package:" \
	    $'\n'"$(grep -v succeeded patch.log)"

make -s KCONFIG_ALLCONFIG="$here/kernel.config" allnoconfig >&2
unmet=$(grep '^CONFIG_' "$here/kernel.config" | grep -vxFf .config) || true
[ -z "$unmet" ] || die "kernel.config asks in vain for:"$'\n'"$unmet"

make -j"$(nproc)" KBUILD_BUILD_USER=selftests KBUILD_BUILD_HOST=vm bzImage 2>&1 9>&- |
	tee build.log |
	awk 'NR % 200 == 0 { print "build.sh: " NR " of about 1500 steps"; fflush() }' >&2 || {
		tail -n 20 build.log >&2
		die "the kernel does not build"
	}

# Into its place by one rename: whoever looks sees all of it or nothing.
mkdir result
cp arch/x86/boot/bzImage .config result
mv -T result "${image%/*}"
say "built $image"
echo "$image"
