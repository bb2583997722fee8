#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# usage: initramfs.sh PROGRAM... >IMAGE
#
# An initramfs of busybox, ./init, and these static programs and scripts. Those named test_* are run,
# in this order; others lie beside them.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
busybox=$(command -v busybox) || { echo "initramfs.sh: no busybox" >&2; exit 1; }

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
trap 'exit 1' HUP INT TERM

mkdir -p "$root/bin" "$root/tests"
install -m 755 "$busybox" "$root/bin/busybox"
install -m 755 "$here/init" "$root/init"
for program; do
	# A missing loader would be told as "not found" in the guest, which is no help.
	if readelf -lW "$program" 2>/dev/null | grep -q INTERP; then
		echo "initramfs.sh: $program is not linked statically" >&2
		exit 1
	fi
	install -m 755 "$program" "$root/tests/"
	case ${program##*/} in test_*) echo "${program##*/}" >>"$root/tests.list" ;; esac
done

cd "$root"
find . | cpio --quiet -o -H newc -R 0:0 | gzip -1
