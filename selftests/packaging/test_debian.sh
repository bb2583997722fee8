#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# Debian's packages: built on a bare system by who is not root, without a word from lintian, and used on another one
# that has nothing but them.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"

if [ "${1:-}" != inside ]; then
	exec unshare -m -p -f --kill-child "$0" inside
fi
. "$top/selftests/packaging/systems.sh"

version_is_ours() {
	local ours theirs
	ours=$(sed -n 's/^VERSION := //p' "$top/Makefile")
	theirs=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$top/debian/changelog")
	[ "$ours" = "$theirs" ] || { echo "VERSION is $ours, debian/changelog has $theirs"; return 1; }
}

# What it takes, as it says itself.
builds() {
	as_root "apt-get -qq install --no-install-recommends dpkg-dev lintian >/dev/null &&
		apt-get -qq --no-install-recommends build-dep ./ >/dev/null && mkdir /out && cp -a /src /out/src &&
		chown -R nobody /out" &&
		inside 65534 "cd /out/src && dpkg-buildpackage -us -uc -b"
}

has_packages() {
	local package
	for package in libbpf-compare0 libbpf-compare-dev libbpf-compare-tools; do
		ls "$root"/out/"${package}"_*.deb || return
	done
}

is_clean() { # of which lintian says nothing
	inside 65534 "lintian --allow-root --fail-on error,warning --tag-display-limit 0 /out/*.changes" >said 2>&1 &&
		! grep '^[EW]:' said || { cat said; return 1; }
}

installs() {
	cp packages/*.deb "$root/tmp"
	as_root "apt-get -qq install --no-install-recommends gcc libc6-dev pkg-config \
		/tmp/libbpf-compare0_*.deb /tmp/libbpf-compare-dev_*.deb /tmp/libbpf-compare-tools_*.deb >/dev/null"
}

tools_work() {
	as_root "bpfcmp --version && bpfcmp probe &&
		bpfcmpd --check /usr/share/doc/libbpf-compare-tools/examples/bpfcmpd.conf"
}

# It is for who has written its configuration to have it run.
daemon_is_not_enabled() {
	ls "$root"/lib/systemd/system/bpfcmpd.service && ! find "$root"/etc/systemd -name bpfcmpd.service | grep .
}

are_purged() {
	as_root "apt-get -qq purge 'libbpf-compare*' && ! ls /usr/lib/*/libbpf-compare* /usr/sbin/bpfcmp* \
		/lib/systemd/system/bpfcmpd.service 2>/dev/null | grep ."
}

tracker() {
	fetch "make clang bpftool" &&
		as_root "cp -r /usr/share/doc/libbpf-compare-dev/examples/tracker /tmp && cd /tmp/tracker && make && ./tracker -h"
}

get bookworm || { tap_done; exit; }
start bookworm
ok "debian/changelog has our version" version_is_ours
ok "dpkg-buildpackage" builds
ok "three packages" has_packages
ok "lintian finds nothing" is_clean
mkdir -p packages
cp "$root"/out/*.deb packages/ || true
drop
start bookworm
ok "they are installed" installs
ok "README's example, with the packages alone" example
ok "bpfcmp and bpfcmpd, likewise" tools_work
ok "bpfcmpd is not enabled" daemon_is_not_enabled
ok "the tracker, copied from there" tracker
ok "they are purged" are_purged
tap_done
