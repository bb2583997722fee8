# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
# shellcheck shell=sh
#
# For scripts that fetch from Debian, which source it in a folder of their own. The mirror is the one
# the machine uses; the download and its signatures are apt's business, with its state in this folder,
# so that the machine's lists and sources stay as they are. The mirror may be one of a day long past.

apt_dir=$(pwd)
mkdir -p state/lists/partial cache/archives/partial etc/preferences.d
: >state/status

own() { # apt tool, arguments
	apt_tool=$1
	shift
	"$apt_tool" -q=2 -o Dir::State="$apt_dir/state" -o Dir::State::status="$apt_dir/state/status" \
		-o Dir::Cache="$apt_dir/cache" -o Dir::Etc="$apt_dir/etc" \
		-o APT::Architecture=amd64 -o APT::Sandbox::User= \
		-o Acquire::Check-Valid-Until=false \
		-o APT::Update::Error-Mode=any -o Acquire::Languages=none "$@"
}

own_suite() { # deb or deb-src, suite: what is fetched from now on comes from there
	apt_label=Debian
	case $2 in
	*-security) apt_label=Debian-Security ;;
	esac
	# shellcheck disable=SC2016 # apt's own variable
	apt_site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' "Label: $apt_label" |
		head -n 1)
	[ -n "$apt_site" ] || { echo "apt knows of no Debian mirror" >&2; return 1; }
	echo "$1 [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
		"$apt_site $2 main" >"$apt_dir/etc/sources.list"
	own apt-get update
}
