#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The README's first commands on bare systems, of Debian 12 and 13, and where there is neither apt nor dpkg.
# On the latter of them then other compilers, and other machines. What is installed there stays there,
# and what is mounted there is so in a mount namespace that ends with this test.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"

if [ "${1:-}" != inside ]; then
	dir=$(mktemp -d)
	trap 'rm -rf --one-file-system "$dir"' EXIT
	trap 'exit 130' INT TERM
	for suite in bookworm trixie; do
		"$top/selftests/packaging/system.sh" $suite >"$dir/$suite.is" 2>"$dir/$suite.log" ||
			{ tail -n 3 "$dir/$suite.log"; rm "$dir/$suite.is"; }
	done
	unshare -m -p -f --kill-child "$0" inside "$dir"
	exit
fi
dir=$2
cache=${LIBBPF_COMPARE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/libbpf-compare}
trap 'exit 130' INT TERM

# A copy of a system, with the sources in it, and what it downloads kept for the next.
start() { # suite
	root=$dir/$1
	cp -a "$(cat "$dir/$1.is")" "$root"
	mkdir -p "$root/src" "$cache/archives-$1/partial"
	(cd "$top" && git ls-files -z --cached --others --exclude-standard |
		tar -c --null --ignore-failed-read -T -) | tar -x -C "$root/src"
	chown -R nobody "$root/src"
	mount -t proc proc "$root/proc"
	mount --rbind /sys "$root/sys"
	mount --rbind /dev "$root/dev"
	mount --bind "$cache/archives-$1" "$root/var/cache/apt/archives"
}

path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
inside() { # user, command
	chroot "$root" setpriv --reuid "$1" --regid "$1" --clear-groups env -i PATH="$path" HOME=/root \
		LC_ALL=C DEBIAN_FRONTEND=noninteractive sh -c "cd /src && $2" </dev/null
}

as_root() { # command
	inside 0 "$1"
}

fetch() { # packages
	as_root "apt-get -qq install --no-install-recommends $1 >/dev/null"
}

# All of these packages, and no others.
asks_for() { # user, command, packages
	! inside "$1" "$2" >said 2>&1 || { cat said; return 1; }
	sed -n 's/.*(Debian package: \(.*\))/\1/p' said | sort -u >asked
	for package in $3; do
		echo "$package"
	done | sort -u | diff - asked || { cat said; return 1; }
}

installed_none_of() { # packages
	for package in $1; do
		if ls "$root/var/lib/dpkg/info/$package".list "$root/var/lib/dpkg/info/$package":*.list 2>/dev/null; then
			return 1
		fi
	done
}

packages() { # folder of a table
	awk '!/^#/ && NF { print $1 }' "$top/$1/needs.txt"
}

without_apt() { # function, its arguments
	local path=/bare
	chroot "$root" sh -c 'mkdir -p /bare && ln -sf /usr/bin/* /usr/sbin/* /bare && rm /bare/apt* /bare/dpkg*'
	"$@"
}

example() { # how to link it
	as_root "sed -n '/^\`\`\`c\$/,/^\`\`\`\$/{/^\`\`\`/d;p}' README.md >/tmp/example.c &&
		cc /tmp/example.c -o /tmp/example \$(pkg-config --cflags --libs libbpf-compare) &&
		ldconfig && /tmp/example" >said && printf 'changed meanwhile, left alone\ndeleted\n' | diff - said
}

installs_without_scdoc() {
	as_root "make install" >said 2>&1 || { cat said; return 1; }
	grep -q 'manual pages: scdoc not found' said || { cat said; return 1; }
}

bare() { # suite
	local library
	if [ ! -e "$dir/$1.is" ]; then
		skip "$1" "Debian's mirror cannot be reached"
		return
	fi
	start "$1"
	ok "$1: has make" fetch make
	library=$(packages libbpf)
	ok "$1: make says all that is missing at once, and installs nothing" asks_for 0 make "$library"
	ok "$1: so does make demo without root" asks_for 65534 "make O=/tmp/nobody demo" \
		"$library $(packages selftests/demo)"
	ok "$1: and without apt" without_apt asks_for 0 "make demo" "$library $(packages selftests/demo)"
	ok "$1: make demo" as_root "make demo ARGS=--quick"
	ok "$1: installs nothing that it does not use" installed_none_of \
		"g++ llvm libclang-rt-14-dev libclang-rt-19-dev qemu-system-x86 scdoc"
	ok "$1: make demo, without apt and dpkg" without_apt as_root "make O=/tmp/bare demo ARGS=--quick"
	ok "$1: make" as_root "make"
	ok "$1: make install without scdoc" installs_without_scdoc
	ok "$1: README's example with what is installed" example
	ok "$1: make CC=clang" as_root "make CC=clang O=/tmp/clang lib tool /tmp/clang/selftests/test_contract"
	ok "$1: and keeps the contract" as_root "selftests/run.sh /tmp/clang/selftests/test_contract"
}

export RESULTS=/dev/null
cd "$dir"
for suite in bookworm trixie; do
	bare $suite
done
tap_done
