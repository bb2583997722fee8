#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# needs.sh [install] TABLE...: says what of these tables is not on this machine, all of it at once; with
# `install`, where there is apt and this is root, installs just that. CC, HOSTCC, CLANG, BPFTOOL and
# PKG_CONFIG say what to look for.
#
# A line of a table is a package of Debian's and a test, one of the functions below with its arguments:
# where that fails the package is missing. @ in a package's name is clang's version.
# shellcheck disable=SC2317 # they are called by name
set -u

: "${CC:=cc}" "${HOSTCC:=cc}" "${CLANG:=clang}" "${BPFTOOL:=bpftool}" "${PKG_CONFIG:=pkg-config}"

# Each says, as what, what it looked for. Commands may have arguments.
tool() { # command
	what=$*
	command -v "$1"
}

runs() { # command, arguments
	what=$1
	"$@"
}

compiler() { # command
	what="C compiler $*"
	echo 'int compiles;' | "$@" -x c -c -o "$dir/object.o" -
}

# For machines of either byte order.
bpf_compiler() { # command
	what="BPF compiler $*"
	echo 'int compiles;' | "$@" -target bpfel -x c -c -o "$dir/object.o" - &&
		echo 'int compiles;' | "$@" -target bpfeb -x c -c -o "$dir/object.o" -
}

# What a tarball of `make dist` has takes nothing to make it.
unless() { # file, test
	[ -e "$1" ] && return
	shift
	"$@"
}

header() { # name
	what="header $1"
	# shellcheck disable=SC2086 # a command and its arguments
	echo "#include <$1>" | $CC -E -x c -
}

module() { # name, least version: by pkg-config
	what="$1 >= $2 (by $PKG_CONFIG)"
	$PKG_CONFIG --atleast-version="$2" "$1"
}

links() { # compiler, its arguments
	what="what '$*' links"
	with=$1
	shift
	echo 'int main(void) { return 0; }' >"$dir/main.c"
	$with -o "$dir/main" "$dir/main.c" "$@"
}

static() { # command: one that takes no shared libraries
	what="static $1"
	command -v "$1" && ! ldd "$(command -v "$1")"
}

file() { # path
	what="file $1"
	[ -e "$1" ]
}

# On other systems than Debian it comes as a module.
go_package() { # path
	what="Go package $1"
	[ -d "${GOCODE:-/usr/share/gocode/src}/$1" ] || ! [ -e /etc/debian_version ]
}

# Sets packages, those that are missing, and with `tell` says what is.
check() {
	version=$($CLANG -dumpversion 2>/dev/null | cut -d. -f1)
	packages=
	while read -r package looks; do
		eval "$looks" >/dev/null 2>&1 </dev/null && continue
		package=$(echo "$package" | sed "s/@/${version:-*}/")
		[ $# -eq 0 ] || echo "error: $what not found (Debian package: $package)" >&2
		case " $packages " in
		*" $package "*) ;;
		*) packages="$packages $package" ;;
		esac
	done <"$dir/table"
	[ -z "$packages" ]
}

install=false
if [ "$1" = install ]; then
	install=true
	shift
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM
awk '!/^#/ && NF && !seen[$0]++' "$@" >"$dir/table" || exit

check && exit
if $install && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
	export DEBIAN_FRONTEND=noninteractive
	apt-get -qq update
	# Once more for what goes by the version of a clang that was not there before.
	for _ in 1 2; do
		now=$(echo "$packages" | tr ' ' '\n' | grep -v '[*]')
		# shellcheck disable=SC2086 # a list
		echo "Installing" $now
		# shellcheck disable=SC2086 # a list
		apt-get -qq install --no-install-recommends -o Dpkg::Use-Pty=0 $now >/dev/null || break
		check && exit
	done
fi
check tell 2>&1 | awk '!seen[$0]++' >&2
echo "Debian has it all: apt-get install$packages" >&2
exit 1
