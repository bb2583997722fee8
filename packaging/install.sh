#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# install.sh install|uninstall SOURCE:FOLDER...: puts each source into its folder under DESTDIR, or
# takes it out of there. Links stay links.
set -eu

action=$1
shift

for pair; do
	source=${pair%%:*}
	target=${DESTDIR:-}${pair#*:}/${source##*/}
	if [ "$action" = uninstall ]; then
		echo "  REMOVE   $target"
		rm -f -- "$target"
		continue
	fi
	echo "  INSTALL  $target"
	mkdir -p -- "${target%/*}"
	if [ -L "$source" ]; then
		ln -sfn -- "$(readlink "$source")" "$target"
	elif [ -x "$source" ]; then
		install -m 755 -- "$source" "$target"
	else
		install -m 644 -- "$source" "$target"
	fi
done
