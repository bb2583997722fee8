#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The README's first commands on bare systems, of Debian 12 and 13, and where there is neither apt nor dpkg;
# on one of them then for other machines. What is installed there stays there, and what is mounted there is
# so in a mount namespace that ends with this test, however it ends.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"

if [ "${1:-}" != inside ]; then
	exec unshare -m -p -f --kill-child "$0" inside
fi
. "$top/selftests/packaging/systems.sh"

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

installs_without_scdoc() {
	as_root "make install" >said 2>&1 || { cat said; return 1; }
	grep -q 'manual pages: scdoc not found' said || { cat said; return 1; }
}

bare() { # suite
	local library
	get "$1" || return 0
	start "$1"
	ok "$1: has make" fetch make
	library=$(packages libbpf)
	ok "$1: make says all that is missing at once, and installs nothing" asks_for 0 make "$library"
	ok "$1: so does make demo without root" asks_for 65534 "make O=/tmp/nobody demo" \
		"$library $(packages selftests/demo)"
	ok "$1: and without apt" without_apt asks_for 0 "make demo" "$library $(packages selftests/demo)"
	ok "$1: and make go-agent" without_apt asks_for 0 "make go-agent" "$(packages go)"
	ok "$1: and make bench" without_apt asks_for 0 "make bench" "$library $(packages selftests/bench)"
	ok "$1: make demo" as_root "make demo ARGS=--quick"
	ok "$1: installs nothing that it does not use" installed_none_of \
		"g++ llvm libclang-rt-14-dev libclang-rt-19-dev qemu-system-x86 scdoc"
	ok "$1: make demo, without apt and dpkg" without_apt as_root "make O=/tmp/bare demo ARGS=--quick"
	ok "$1: make" as_root "make"
	ok "$1: make install without scdoc" installs_without_scdoc
	ok "$1: README's example with what is installed" example
	ok "$1: make CC=clang" as_root "make CC=clang O=/tmp/clang lib tool /tmp/clang/selftests/test_contract"
	ok "$1: and keeps the contract" as_root "selftests/run.sh /tmp/clang/selftests/test_contract"
	ok "$1: its clang makes datapaths that the kernel takes" as_root \
		"make CC=clang O=/tmp/clang /tmp/clang/selftests/test_datapath &&
		 selftests/run.sh /tmp/clang/selftests/test_datapath"
	ok "$1: and flow tables" as_root \
		"make CC=clang O=/tmp/clang flowtab /tmp/clang/selftests/flowtab/test_flowtab &&
		 selftests/run.sh /tmp/clang/selftests/flowtab/test_flowtab"
	ok "$1: without an archive of libbpf" as_root "rm /usr/lib/\$(gcc -print-multiarch)/libbpf.a &&
		make O=/tmp/shared all /tmp/shared/demo && test ! -e /tmp/shared/static/libbpf.a"
}

export RESULTS=/dev/null
# Builds for another machine, and runs what can be run of it here.
builds_for() { # name, make's variables, runner
	local o=/tmp/$1
	as_root "make $2 O=$o lib tool && $3 $o/bpfcmp --version && $3 $o/bpfcmp --help >/dev/null"
}

runs_vendored() { # compiler, runner
	as_root "cd /tmp/vendored && $1 -Wall -Wextra -Werror -I. ../answers.c libbpf_compare.c -lbpf -o answers &&
		$2 ./answers"
}

# What is answered before the kernel is asked, and that there is an answer where the kernel has none.
answers() {
	cat >"$root/tmp/answers.c" <<-'END'
		#include <errno.h>
		#include <stdio.h>
		#include <string.h>
		#include "bpf/bpf_compare.h"

		int main(void)
		{
			LIBBPF_OPTS(bpf_map_delete_elem_opts, bad, .flags = 1U << 31);
			LIBBPF_OPTS(bpf_map_delete_elem_opts, good, .flags = BPF_F_COMPARE, .compare = "");

			printf("%s\n", libbpf_compare_version_string());
			return bpf_map_delete_elem_opts(-1, "", &bad) != -EINVAL ||
			       bpf_map_delete_elem_opts(-1, "", &good) >= 0 ||
			       strcmp(libbpf_bpf_map_compare_backend_str(BPF_MAP_COMPARE_NATIVE), "native");
		}
	END
}

machine() { # name, make's variables, compiler, runner
	ok "$1: make $2" builds_for "$1" "$2" "$4"
	ok "$1: the vendored file, $3" runs_vendored "$3" "$4"
}

other_machines() {
	local arm=aarch64-linux-gnu s390=s390x-linux-gnu arch
	for arch in arm64 s390x i386; do
		as_root "dpkg --add-architecture $arch"
	done
	as_root "apt-get -qq update"
	# Debian lets nobody have gcc-multilib beside the others, but what it stands for.
	ok "has compilers for other machines" fetch "ccache gcc-$arm gcc-$s390 qemu-user libbpf-dev:i386 \
		gcc-\$(gcc -dumpversion)-multilib $(echo lib{c6,bpf}-dev:{arm64,s390x})"
	answers
	ok "the vendored file is written here" as_root "make vendor DEST=/tmp/vendored"
	machine i386 "CC='gcc -m32' $(libraries i386-linux-gnu)" "gcc -m32" ""
	ok "i386: test_contract builds" \
		as_root "make CC='gcc -m32' $(libraries i386-linux-gnu) O=/tmp/i386 /tmp/i386/selftests/test_contract"
	ok "i386: keeps the contract" as_root "selftests/run.sh /tmp/i386/selftests/test_contract"
	machine arm64 "CC='ccache $arm-gcc' CLANG='ccache clang' $(libraries $arm)" $arm-gcc qemu-aarch64
	machine s390x "CC=$s390-gcc $(libraries $s390)" $s390-gcc qemu-s390x
	machine s390x-clang "CC='clang --target=$s390' $(libraries $s390)" "clang --target=$s390" qemu-s390x
	ok "arm64: has a sysroot" sysroot
	machine sysroot "CC='$arm-gcc --sysroot=/sdk' PKG_CONFIG_SYSROOT_DIR=/sdk $(libraries $arm /sdk)" \
		"$arm-gcc --sysroot=/sdk" qemu-aarch64
}

libraries() { # of which machine, its sysroot
	echo "PKG_CONFIG_LIBDIR=${2:-}/usr/lib/$1/pkgconfig:${2:-}/usr/share/pkgconfig"
}

# As the tools that build whole systems have: all for the other machine in a folder of its own.
sysroot() {
	as_root 'mkdir /sdk && cd /var/cache/apt/archives && for package in libbpf-dev libbpf1 libelf-dev libelf1 \
			zlib1g-dev zlib1g libc6-dev libc6 linux-libc-dev; do
		dpkg -x "$(ls -t ${package}_*_arm64.deb | head -n 1)" /sdk || exit
	done'
}

bare bookworm
if [ -d "${root:-}" ]; then
	other_machines
	drop
fi
bare trixie
tap_done
