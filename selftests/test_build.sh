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
for cc in g++ clang++; do
	ok "README's example as C++, $cc" $cc -std=gnu++20 -Wall -Werror -I"$top/include" -o cplusplus \
		-x c++ example.c -x none -L"$O/static" -lbpf -lelf -lz
	ok "and runs" example_says_so ./cplusplus
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

mkdir gnu && : >gnu/stubs-32.h
record() { # compiler and arguments: whether the header is as recorded
	"$@" -Iinclude -I"$top/include" -I"$O/include" -I. \
		-idirafter "/usr/include/$(gcc -print-multiarch)" -fsyntax-only "$top/libbpf/abi.c"
}
exports() { # a version script, a header
	"$top/libbpf/check-exports.sh" "${2:-$top/include/bpf/bpf_compare.h}" "$O/libbpf-compare.so" "$1"
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
ok "the ABI is as recorded, 64 bit" record gcc
ok "the ABI is as recorded, 32 bit" record clang -m32
mkdir -p include/bpf
changed() { # sed's command: the header is another, and whoever records the ABI sees what changed
	sed "$1" "$top/include/bpf/bpf_compare.h" >include/bpf/bpf_compare.h
	! cmp -s include/bpf/bpf_compare.h "$top/include/bpf/bpf_compare.h" || return
	refuses "$2" record gcc
}
ok "a new field among the others fails the build" \
	changed 's/^\t__u32 claim_offset;.*/\t__u32 new;\n&/' "ABI: bpf_map_delete_elem_opts.claim_offset"
ok "a field of another size fails the build" \
	changed 's/^\t__u32 backend;/\t__u64 backend;/' "ABI: bpf_map_delete_elem_opts.backend"
ok "another number fails the build" \
	changed 's/COMPARE_NATIVE = 1/COMPARE_NATIVE = 3/' "ABI: BPF_MAP_COMPARE_NATIVE"
ok "another parameter fails the build" \
	changed 's/compare_release(int fd)/compare_release(long fd)/' "ABI: bpf_map_compare_release()"
rm -r include
ok "exports are as versioned" exports "$top/libbpf/libbpf-compare.map"
sed '/bpf_map_compare_release;/d' "$top/libbpf/libbpf-compare.map" >short.map
ok "an exported function without a version fails the build" \
	refuses "bpf_map_compare_release" exports short.map
sed 's/global:/&\nbpf_map_no_such_function;/' "$top/libbpf/libbpf-compare.map" >long.map
ok "a versioned function that is not there fails the build" \
	refuses "bpf_map_no_such_function" exports long.map
sed 's/^LIBBPF_API int bpf_map_compare_release/int bpf_map_compare_release/' \
	"$top/include/bpf/bpf_compare.h" >unmarked.h
ok "a versioned function that is not marked for export fails the build" \
	refuses "bpf_map_compare_release is in .* but not LIBBPF_API" \
	exports "$top/libbpf/libbpf-compare.map" unmarked.h
ok "a build without clang names the package" refuses "Debian package: clang" \
	env CLANG=no-such-clang "$top/libbpf/needs.sh" "$top/libbpf/needs.txt"
ok "a demo without bpftool names the package" refuses "Debian package: bpftool" \
	env BPFTOOL=no-such-bpftool "$top/libbpf/needs.sh" "$top/selftests/demo/needs.txt"
ok "a build without libbpf names the package" refuses "Debian package: libbpf-dev" \
	env PKG_CONFIG=false "$top/libbpf/needs.sh" "$top/libbpf/needs.txt"
needs() { # environment
	env "$@" "$top/libbpf/needs.sh" "$top/libbpf/needs.txt"
}
ok "a build takes compilers with arguments" \
	needs CC="gcc -O1" HOSTCC='gcc -O1' CLANG='clang -O1' PKG_CONFIG='pkg-config --silence-errors'
ok "but none that does not compile" refuses "C compiler gcc -no-such-flag not found" needs CC='gcc -no-such-flag'
cat >needs.txt <<'END'
# A table.
one tool no-such-tool
two file /no/such/file
two file /no/such/other

three header no/such.h
clang-rt-@-dev links "$CC" -lno-such-library
here tool sh
END
all_at_once() {
	refuses "" "$top/libbpf/needs.sh" needs.txt || return
	grep -c '^error: .* not found (Debian package: ' refused | grep -qx 5 &&
		grep -qx "Debian has it all: apt-get install one two three clang-rt-[0-9]*-dev" refused
}
ok "all that is missing is named at once, by the version of clang where that counts" all_at_once
tap_done
