#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# What `make install` puts under a DESTDIR is all of it, and enough: C, C++ and BPF programs are built
# with what is there alone, by what pkg-config says, and run. `make uninstall` leaves nothing.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"
O=$(realpath -m "${O:-$top/build}")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cd "$dir"

prefix=/opt/compare
version=$(sed -n 's/^VERSION := //p' "$top/Makefile")

run_make() { # target, variables
	"${MAKE:-make}" --no-print-directory -C "$top" O="$O" "$@" PREFIX=$prefix DESTDIR="$dir/root"
}

installed() {
	(cd root && find . -type f -o -type l | sed 's/^\.//' | LC_ALL=C sort)
}

installed_all() { # folder of the libraries
	LC_ALL=C sort >wanted <<-END
		$prefix/include/bpf/bpf_compare.bpf.h
		$prefix/include/bpf/bpf_compare.h
		$1/libbpf-compare.a
		$1/libbpf-compare.so
		$1/libbpf-compare.so.${version%%.*}
		$1/libbpf-compare.so.$version
		$1/pkgconfig/libbpf-compare.pc
		$prefix/sbin/bpfcmp
		$prefix/share/bash-completion/completions/bpfcmp
	END
	installed | grep -v "^$prefix/share/man/" | diff wanted -
}

installed_pages() {
	for page in "$top"/man/*.scd; do
		case $page in */bpf_flowtab.*) continue ;; esac # comes with that
		page=$(basename "$page" .scd)
		[ -s "root$prefix/share/man/man${page##*.}/$page" ] || { echo "no $page"; return 1; }
	done
}

links_as_it_should() {
	cd "root$prefix/lib"
	[ "$(readlink libbpf-compare.so)" = "libbpf-compare.so.$version" ] &&
		[ "$(readlink "libbpf-compare.so.${version%%.*}")" = "libbpf-compare.so.$version" ] &&
		readelf -d libbpf-compare.so | grep -q "SONAME.*\[libbpf-compare.so.${version%%.*}\]"
}

flags() { # pkg-config's arguments
	PKG_CONFIG_PATH=root$prefix/lib/pkgconfig pkg-config --define-variable="prefix=$dir/root$prefix" \
		"$@" libbpf-compare
}

build() { # program, more pkg-config arguments or '', compiler and arguments
	out=$1 static=$2
	shift 2
	# shellcheck disable=SC2046,SC2086 # lists
	"$@" -Wall -Wextra -Werror $(flags --cflags) -o "$out" $(flags $static --libs)
}

example_runs() { # program
	LD_LIBRARY_PATH=root$prefix/lib "./$1" >said
	printf 'changed meanwhile, left alone\ndeleted\n' | diff - said
}

takes_shared() { # program
	readelf -d "$1" >needed
	grep -qF "[libbpf-compare.so.${version%%.*}]" needed && grep -qF "[libbpf.so.1]" needed
}

takes_none() { # program
	! readelf -d "$1" | grep NEEDED
}

empty() {
	[ -z "$(installed)" ]
}

ok "installs" run_make install
ok "all of it" installed_all $prefix/lib
ok "and the manual pages" installed_pages
ok "the library's links and its name" links_as_it_should
ok "pkg-config knows its version" test "$(flags --modversion)" = "$version"

sed -n '/^```c$/,/^```$/{/^```/d;p}' "$top/README.md" >example.c
for cc in gcc clang; do
	ok "README's example, shared, $cc" build shared '' $cc example.c
	ok "takes the shared libraries" takes_shared shared
	ok "and runs" example_runs shared
	ok "README's example, static, $cc" build static --static $cc -static example.c
	ok "takes no shared library" takes_none static
	ok "and runs" example_runs static
done

cat >example.cc <<'END'
#include <bpf/bpf.h>
#include <bpf/bpf_compare.h>
#include <cerrno>

static int try_delete(int fd, __u32 key, __u64 seen)
{
	struct bpf_map_delete_elem_opts opts = {};

	opts.sz = sizeof(opts);
	opts.flags = BPF_F_COMPARE;
	opts.compare = &seen;
	return bpf_map_delete_elem_opts(fd, &key, &opts);
}

int main()
{
	int fd = bpf_map_create(BPF_MAP_TYPE_HASH, "cpp", sizeof(__u32), sizeof(__u64), 1, nullptr);
	__u32 key = 1;
	__u64 value = 2;
	bool good;

	good = !bpf_map_update_elem(fd, &key, &value, BPF_ANY) && try_delete(fd, key, 3) == -EBUSY &&
	       !try_delete(fd, key, 2) && try_delete(fd, key, 2) == -ENOENT;
	bpf_map_compare_release(fd);
	return !good;
}
END
cpp_runs() {
	LD_LIBRARY_PATH=root$prefix/lib ./cpp
}
for cxx in g++ clang++; do
	for std in c++11 c++20; do
		ok "C++, $cxx -std=$std" build cpp '' $cxx -std=$std -Wpedantic example.cc
	done
	ok "and runs" cpp_runs
	ok "C++, static, $cxx" build cpp --static $cxx -static example.cc
	ok "and runs" cpp_runs
done

# A BPF program that the manual page shows.
awk '$0 == "## flow.bpf.c" { found = 1; next }
	found && /^```$/ { if (inside) exit; inside = 1; next }
	inside' "$top/man/bpf_compare.7.scd" >flow.bpf.c
build_bpf() {
	# shellcheck disable=SC2046 # a list
	clang -O2 -g -target bpf -mcpu=v3 -Wall -Wextra -Werror $(flags --cflags) \
		-idirafter "/usr/include/$(gcc -print-multiarch)" -c flow.bpf.c -o flow.bpf.o
	[ -s flow.bpf.o ]
}
ok "a BPF program" build_bpf

echo "libbpf's" >"root$prefix/include/bpf/bpf.h"
ok "uninstalls" run_make uninstall
ok "but not files of others" grep -q "libbpf's" "root$prefix/include/bpf/bpf.h"
rm "root$prefix/include/bpf/bpf.h"
ok "leaves nothing" empty
ok "uninstalls once more" run_make uninstall
ok "nor the folder it made for headers" test ! -e "root$prefix/include/bpf"

ok "installs with a LIBDIR" run_make install LIBDIR=$prefix/lib/triplet
ok "all of it" installed_all $prefix/lib/triplet
ok "says so to pkg-config" grep -qxF "libdir=\${prefix}/lib/triplet" \
	root$prefix/lib/triplet/pkgconfig/libbpf-compare.pc
ok "uninstalls" run_make uninstall LIBDIR=$prefix/lib/triplet
ok "leaves nothing" empty
tap_done
