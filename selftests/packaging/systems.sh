# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
# shellcheck shell=bash
#
# For tests on bare systems: copies of those that system.sh makes, in memory, where as root or another user commands
# are run. They begin in a mount namespace of their own, and all of it ends with that.

cache=${LIBBPF_COMPARE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/libbpf-compare}
dir=$cache/systems
mkdir -p "$dir"
mount -t tmpfs -o size=3g systems "$dir"
trap 'exit 130' INT TERM

# A copy of a system in memory, with the sources in it, and what it downloads kept for the next.
start() { # suite
	root=$dir/$1
	cp -a "$system" "$root"
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

# Its folder is system, or a test says that it cannot be had.
get() { # suite
	local status=0
	system=$("$top/selftests/packaging/system.sh" "$1" 2>"$dir/log") || status=$?
	if [ $status -eq 3 ]; then
		skip "$1" "Debian's mirror cannot be reached"
		return 1
	elif [ $status -ne 0 ]; then
		ok "$1: is there" sh -c "tail $dir/log; false"
		return 1
	fi
}

# The copy.
drop() {
	umount -R "$root"/{proc,sys,dev,var/cache/apt/archives}
	rm -rf --one-file-system "$root"
}

example() { # how to link it
	as_root "sed -n '/^\`\`\`c\$/,/^\`\`\`\$/{/^\`\`\`/d;p}' README.md >/tmp/example.c &&
		cc /tmp/example.c -o /tmp/example \$(pkg-config --cflags --libs libbpf-compare) &&
		ldconfig && /tmp/example" >said && printf 'changed meanwhile, left alone\ndeleted\n' | diff - said
}

cd "$dir" || exit
