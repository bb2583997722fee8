#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# usage: system.sh SUITE
#
# A bare system of this suite of Debian, as debootstrap makes it of the machine's own mirror. Prints its
# folder, out of the cache where it was asked for before, which is all that goes to stdout. Status 3 where
# the mirror cannot be reached.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${LIBBPF_COMPARE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/libbpf-compare}
suite=$1
system=$cache/system-$suite

mkdir -p "$cache"
exec 9>"$cache/system.lock"
flock 9
if [ -d "$system" ]; then
	echo "$system"
	exit
fi

tmp=$(mktemp -d "$cache/system.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp"
# shellcheck source=selftests/apt.sh
. "$here/../apt.sh"
own_suite deb "$suite" >&2 || exit 3
# In a mount namespace of its own, whose mounts end with it.
unshare -m debootstrap --variant=minbase "$suite" root "$apt_site" >&2
cp /etc/resolv.conf root/etc
apt-config dump | grep -i '^Acquire::[a-z]*::Proxy' >root/etc/apt/apt.conf.d/proxy || true
cat >root/etc/apt/apt.conf.d/here <<END
Acquire::Check-Valid-Until "false";
APT::Sandbox::User "root";
END
echo force-unsafe-io >root/etc/dpkg/dpkg.cfg.d/here
chroot root apt-get -qq update >&2
mv -T root "$system"
echo "$system"
