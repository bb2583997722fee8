#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# Installs the Debian packages named in selftests/packages.txt and in selftests/*/packages.txt that
# are missing. Elsewhere, or without root, it only says what is missing.
set -eu

cd "$(dirname "$0")"
missing=
for package in $(sed 's/#.*//' packages.txt ./*/packages.txt); do
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
