#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# MODULE=PATH [DEST=DIR] go-module.sh: sets the path that the Go module is imported by, in this tree, to be published from
# there; or, with DEST, writes a copy of the module with that path into DIR, to be checked into another project.
set -eu

die() {
	echo "error: $*" >&2
	exit 1
}

path=${MODULE:-} dest=${DEST:-}
old=$(sed -n 's/^module //p' go/go.mod)

# As the go command has it: a host's name, if it is to be published, then the rest.
[ "$path" ] || die "MODULE is not set: make go-module MODULE=example.com/you/libbpf-compare/go, the path to import it by"
echo "$path" | LC_ALL=C grep -qxE '[a-z0-9]([a-z0-9.-]*[a-z0-9])?(/[A-Za-z0-9_~-]([A-Za-z0-9._~-]*[A-Za-z0-9_~-])?)+' ||
	die "MODULE is no path to import a Go module by, such as example.com/you/libbpf-compare/go: $path"
! echo "$path" | grep -qE '/v[0-9]+$' || die "MODULE ends with a version, which the module's own, 0, has none for: $path"

# In which of these files, or files of these folders, it is.
named_in() {
	LC_ALL=C grep -rlF -- "$old" "$@" || true
}

set_path() { # files or folders
	named_in "$@" | while read -r file; do
		# Not of a longer path that has this one in it.
		sed -E "s,(^|[^A-Za-z0-9._~/-])$pattern(\$|[^A-Za-z0-9._~-]),\1$path\2,g" "$file" >"$tmp/file"
		cmp -s "$tmp/file" "$file" || cat "$tmp/file" >"$file"
	done
}

pattern=$(echo "$old" | sed 's/\./\\./g')
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' HUP INT TERM

if [ "$dest" ]; then
	cp -R go "$tmp/new"
	rm "$tmp/new/go.mk" "$tmp/new/needs.txt"
	set_path "$tmp/new"
	packaging/place.sh "$tmp/new" "$dest" go-module
else
	set_path go selftests/go/cilium selftests/go/consumer README.md
fi
