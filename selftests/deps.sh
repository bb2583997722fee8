#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# deps.sh [FOLDER]...: installs the Debian packages named in selftests/packages.txt, and in the
# packages.txt of these folders of selftests/, that are missing. Elsewhere, or without root, it only
# says what is missing.
set -eu

cd "$(dirname "$0")"
missing=
lists=packages.txt
for folder in "$@"; do
	[ ! -e "$folder/packages.txt" ] || lists="$lists $folder/packages.txt"
done
# shellcheck disable=SC2086 # a list
for package in $(sed 's/#.*//' $lists); do
	status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
	[ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
	echo "error: not installed:$missing" >&2
	echo "Install them (by their names in Debian), or run this as root on Debian." >&2
	exit 1
fi
echo "Installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
# shellcheck disable=SC2086 # a list
apt-get -qq install --no-install-recommends -o Dpkg::Use-Pty=0 $missing >/dev/null
