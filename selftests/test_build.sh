#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# What is built is what was promised: README's example links every way, the header suits C++ and
# 32 bit, and the build fails where it should.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/selftests/tap.sh"
O=$(realpath -m "${O:-$top/build}")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

sed -n '/^```c$/,/^```$/{/^```/d;p}' "$top/README.md" >example.c

compile() { # output, compiler and arguments
	out=$1
	shift
	"$@" -Wall -Wextra -Werror -I"$top/include" -o "$out"
}

example_says_so() { # program: what README says of it
	"$1" | grep -q '^changed meanwhile, left alone$'
	"$1" | grep -q '^deleted$'
}

run_shared() {
	LD_LIBRARY_PATH=$O example_says_so ./shared
}

for cc in gcc clang; do
	ok "README's example, static, $cc" \
		compile static $cc example.c -L"$O/static" -lbpf -lelf -lz
	ok "and runs" example_says_so ./static
	ok "README's example, shared, $cc" compile shared $cc example.c -L"$O" -lbpf-compare -lbpf
	ok "and runs" run_shared
done
ok "README's example with libbpf-compare.a" \
	compile archive gcc example.c "$O/libbpf-compare.a" -lbpf -lelf -lz

# Opened, used and closed again and again, with nothing left over but what one use keeps.
cat >plugin.c <<'END'
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <bpf/bpf.h>
#include <bpf/bpf_compare.h>
static int files_and_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int count = 0, c;
	while ((c = getc(maps)) != EOF)
		count += c == '\n';
	fclose(maps);
	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}
int main(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_HASH, "plugin", 4, 8, 1, NULL), was = 0;
	__u64 value = 1, other = 2;
	__u32 key = 1;
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE, .compare = &other);
	bpf_map_update_elem(fd, &key, &value, 0);
	for (int round = 0; round < 50; round++) {
		void *library = dlopen("libbpf-compare.so", RTLD_NOW);
		typeof(&bpf_map_delete_elem_opts) delete;
		delete = (typeof(delete))dlsym(library, "bpf_map_delete_elem_opts");
		if (delete(fd, &key, &opts) != -EBUSY || dlclose(library))
			return printf("round %d: %m\n", round);
		if (round == 1)
			was = files_and_mappings();
	}
	return files_and_mappings() - was;
}
END
ok "a program that loads the library at run time" \
	compile plugin gcc -include errno.h plugin.c -lbpf
ok "and closes it, 50 times" env LD_LIBRARY_PATH="$O" ./plugin

cat >header.cc <<'END'
#include <cerrno>
#include <bpf/bpf_compare.h>
int main()
{
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE);
	return bpf_map_delete_elem_opts(-1, "", &opts) != -EBADF;
}
END
for cxx in g++ clang++; do
	ok "the header in C++, $cxx" compile header $cxx -std=c++20 header.cc -L"$O/static" -lbpf -lelf -lz
	ok "and runs" ./header
done

cat >layout.c <<'END'
#include <bpf/bpf_compare.h>
/* Each field starts where the one before it ends: no holes, whatever the size of a pointer. */
#define FOLLOWS(type, field, before)                                                               \
	_Static_assert(offsetof(struct type, field) == offsetof(struct type, before) +             \
							sizeof(((struct type *)0)->before), #field)
FOLLOWS(bpf_map_delete_elem_opts, flags, sz);
FOLLOWS(bpf_map_delete_elem_opts, compare, flags);
FOLLOWS(bpf_map_delete_elem_opts, compare_offset, compare);
FOLLOWS(bpf_map_delete_elem_opts, compare_size, compare_offset);
FOLLOWS(bpf_map_delete_elem_opts, claim, compare_size);
FOLLOWS(bpf_map_delete_elem_opts, claim_offset, claim);
FOLLOWS(bpf_map_delete_elem_opts, claim_size, claim_offset);
FOLLOWS(bpf_map_delete_elem_opts, backend, claim_size);
END
mkdir gnu && : >gnu/stubs-32.h
ok "no holes in the structs, 64 bit" gcc -I"$top/include" -fsyntax-only layout.c
ok "no holes in the structs, 32 bit" clang -m32 -I. -I"$top/include" \
	-idirafter "/usr/include/$(gcc -print-multiarch)" -fsyntax-only layout.c

exports() { # a version script
	"$top/libbpf/check-exports.sh" "$O/obj/all.o" "$O/libbpf-compare.so" "$1"
}
refuses() { # words that the error must have, command
	words=$1
	shift
	if "$@" >refused 2>&1; then
		echo "succeeded: $*"
		return 1
	fi
	grep -q -- "$words" refused || { cat refused; return 1; }
}
ok "exports are as versioned" exports "$top/libbpf/libbpf-compare.map"
sed '/bpf_map_compare_release;/d' "$top/libbpf/libbpf-compare.map" >short.map
ok "an exported function without a version fails the build" \
	refuses "bpf_map_compare_release" exports short.map
sed 's/global:/&\nbpf_map_no_such_function;/' "$top/libbpf/libbpf-compare.map" >long.map
ok "a versioned function that is not there fails the build" \
	refuses "bpf_map_no_such_function" exports long.map
ok "a build without clang names the package" refuses "Debian package: clang" \
	env CLANG=no-such-clang "$top/libbpf/needs.sh"
ok "a build without bpftool names the package" refuses "Debian package: bpftool" \
	env BPFTOOL=no-such-bpftool "$top/libbpf/needs.sh"
ok "a build without libbpf names the package" refuses "Debian package: libbpf-dev" \
	env PKG_CONFIG=false "$top/libbpf/needs.sh"
tap_done
