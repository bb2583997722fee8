#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# `make fork`, from a kernel's tree and from one of libbpf alone, gives a libbpf that stands in for the
# installed one: ip, tc and pahole run on it as they are, and our selftests with nothing else.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cd "$dir"

# Time is saved where nobody looks: at how fast upstream's own code is.
make_fork() { # source tree, build directory
	EXTRA_CFLAGS='-O0 -g0' "${MAKE:-make}" --no-print-directory -C "$top" O="$2" fork LIBBPF_SRC="$1"
}

refuses() { # source tree, words that the error must have
	if make_fork "$1" "$dir/refused" >refused.txt 2>&1; then
		echo "went on with LIBBPF_SRC=$1"
		return 1
	fi
	grep -q -- "$2" refused.txt || { cat refused.txt; return 1; }
}

listing() { # folder
	find "$1" -printf '%p %s %T@\n' | sort
}

exports() { # library
	nm -D --defined-only "$1" | awk '$2 != "A" { print $NF }' | sort
}

has_all_of() { # library, another
	[ "$(exports "$2" | wc -l)" -gt 100 ] && comm -13 "$1.exports" <(exports "$2") | grep . && return 1
	return 0
}

has_ours_besides() { # library, upstream's own
	comm -23 "$1.exports" <(exports "$2") >besides
	grep -v '@@LIBBPF_COMPARE_[0-9.]*$' besides && return 1
	sed -n 's/^[[:space:]]*\([a-z_0-9]*\);.*/\1/p' "$top/libbpf/libbpf-compare.map" | sort |
		diff - <(sed 's/@.*//' besides)
}

links() { # fork, start of the version
	[ "$(readlink "$1/libbpf.so")" = "$(readlink "$1/libbpf.so.1")" ] &&
		[[ $(readlink "$1/libbpf.so") == libbpf.so."$2"* ]] &&
		readelf -d "$1/libbpf.so" | grep -q '(SONAME).*\[libbpf.so.1\]'
}

build() { # program, source, pkg-config's arguments, compiler's arguments
	local out=$1 source=$2 how=$3
	shift 3
	# shellcheck disable=SC2046,SC2086 # lists
	gcc -Wall -Wextra -Werror -I"$top/selftests" "$source" "$@" -o "$out" \
		$(PKG_CONFIG_PATH=$fork pkg-config --cflags --libs $how libbpf) -lpthread
}

headers_are_all() {
	for header in bpf.h libbpf.h btf.h bpf_helpers.h bpf_helper_defs.h bpf_compare.h bpf_compare.bpf.h; do
		[ -s "$fork/include/bpf/$header" ] || { echo "no $header"; return 1; }
	done
}

runs() { # program
	env -u RESULTS -u LABEL LD_LIBRARY_PATH="$fork" TIMEOUT=100 "$top/selftests/run.sh" "./$1"
}

compiled_against_its_headers() {
	grep -qF "$fork/include/bpf/libbpf.h" "$fork/ours/obj/libbpf-compare.d" &&
		grep -qF "$fork/include/bpf/bpf_helpers.h" "$fork/ours/bpf/libbpf/compare.bpfel.d"
}

# What is there for others, and the objects it was made of.
built() {
	find "$fork" "$fork"/{upstream,ours} -maxdepth 3 \( -name '*.o' -o -name '*.h' -o -name 'libbpf.[!p]*' \) \
		! -path '*/install/*' -printf '%p %s %T@\n' | sort -u
}

builds_nothing() { # source tree, build directory
	built >built.before
	grep -q /libbpf.a built.before && make_fork "$1" "$2" && built | diff built.before -
}

# Killed as its first object is there, it is not taken for whole, nor is anything of it.
killed() { # source tree, build directory
	local pid
	rm -rf "$2"
	set -m
	make_fork "$1" "$2" >killed.txt 2>&1 &
	pid=$!
	set +m
	until find "$2" -path '*/upstream/*.o' 2>/dev/null | grep -q .; do
		kill -0 $pid || return
		sleep 0.05
	done
	kill -KILL -- -$pid
	wait $pid || true
	find "$2/fork/upstream" -name '*.o' | head -n 1 >partial
	: >"$(cat partial)"
	! find "$2/fork" -maxdepth 1 -name 'libbpf.*' | grep .
}

installs() { # build directory
	rm -rf root
	"${MAKE:-make}" --no-print-directory -C "$top" O="$1" fork-install DESTDIR="$dir/root" \
		PREFIX=/opt/fork LIBDIR=/opt/fork/lib64 &&
		(cd root/opt/fork && find . ! -type d | sed 's,^\./,,') | sort >installed &&
		(cd "$fork" && find include -type f && echo lib64/pkgconfig/libbpf.pc &&
			find libbpf.a libbpf.so* | sed 's,^,lib64/,') | sort | diff - installed
}

installed_suffices() {
	# shellcheck disable=SC2046 # a list
	gcc example.c -o installed_example $(PKG_CONFIG_PATH=root/opt/fork/lib64/pkgconfig pkg-config \
		--define-variable="prefix=$dir/root/opt/fork" --cflags --libs libbpf) &&
		LD_LIBRARY_PATH=root/opt/fork/lib64 ./installed_example >said &&
		printf 'changed meanwhile, left alone\ndeleted\n' | diff - said
}

example_runs() {
	LD_LIBRARY_PATH=$fork ./example >said
	printf 'changed meanwhile, left alone\ndeleted\n' | diff - said
}

ok "LIBBPF_SRC must be set" refuses "" "LIBBPF_SRC is not set"
ok "and have libbpf in it" refuses "$dir" "no libbpf in $dir"

# What Debian 12 has, and Debian 13 still must; the kernel's own tree is older.
installed=$(ldconfig -p | awk '$1 == "libbpf.so.1" { print $NF; exit }')
sed -n '/^```c$/,/^```$/{/^```/d;p}' "$top/README.md" >example.c

check_fork() { # kind of tree, what its version starts with
	local kind=$1
	if ! tree=$("$top/selftests/packaging/source.sh" "$kind" 2>source.log); then
		if [ "$kind" != kernel ]; then
			skip "fork of libbpf by itself, $kind" "Debian's mirror cannot be reached"
		else
			ok "$kind: the source tree" sh -c 'cat source.log; false'
		fi
		return
	fi
	fork=$dir/$kind/fork
	listing "$tree" >before
	ok "$kind: builds" make_fork "$tree" "$dir/$kind"
	listing "$tree" >after
	ok "$kind: builds nothing where nothing changed" builds_nothing "$tree" "$dir/$kind"
	ok "$kind: leaves the source tree as it was" diff before after
	exports "$fork/libbpf.so" >"$fork/libbpf.so.exports"
	ok "$kind: exports all that upstream does" \
		has_all_of "$fork/libbpf.so" "$fork/upstream/libbpf.so"
	ok "$kind: and nothing besides but ours" \
		has_ours_besides "$fork/libbpf.so" "$fork/upstream/libbpf.so"
	ok "$kind: has upstream's name and links" links "$fork" "$2"
	ok "$kind: the headers of both are there" headers_are_all
	ok "$kind: ours is compiled against upstream's" compiled_against_its_headers
	ok "$kind: README's example" build example example.c ''
	ok "$kind: and runs" example_runs
	ok "$kind: is installed, all of it" installs "$dir/$kind"
	ok "$kind: and enough" installed_suffices
	ok "$kind: test_regions" build regions "$top/selftests/test_regions.c" ''
	ok "$kind: and runs" runs regions
	ok "$kind: test_regions, static" build regions "$top/selftests/test_regions.c" --static -static
	ok "$kind: and runs" runs regions
}

check_fork github 1.
[ ! -e "${fork:-}/libbpf.so" ] ||
	ok "it has all that $installed exports" has_all_of "$fork/libbpf.so" "$installed"
if [ -e "${fork:-}/libbpf.so" ]; then
	ok "a build that is killed leaves no library" killed "$tree" "$dir/github"
	ok "and is begun anew" make_fork "$tree" "$dir/github"
	exports "$fork/libbpf.so" >"$fork/libbpf.so.exports"
	ok "with all exports" has_all_of "$fork/libbpf.so" "$fork/upstream/libbpf.so"
fi
check_fork newest 1.
check_fork kernel 1.1.
mkdir -p taken/src
cp "$tree/tools/lib/bpf/Makefile" taken/src
sed '0,/global:/s//&\n\t\tbpf_map_compare_release;/' "$tree/tools/lib/bpf/libbpf.map" \
	>taken/src/libbpf.map
ok "a tree that has a name of ours is refused" \
	refuses "$dir/taken" "names of ours: bpf_map_compare_release$"

cat >filter.bpf.c <<'END'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

static void count(void)
{
	__u32 key = 0;
	__u64 *n = bpf_map_lookup_elem(&packets, &key);

	if (n)
		__sync_fetch_and_add(n, 1);
}

SEC("xdp") int at_xdp(void *ctx)
{
	count();
	return ctx ? XDP_PASS : XDP_DROP;
}

SEC("tc") int at_tc(void *ctx)
{
	count();
	return ctx ? 0 : 2;
}

char _license[] SEC("license") = "Dual BSD/GPL";
END
cat >load.sh <<'END'
set -e
ip link set lo up
ip link set lo xdpgeneric obj filter.bpf.o sec xdp
ip link show lo | grep -q xdpgeneric
ip link set lo xdpgeneric off
tc qdisc add dev lo clsact
tc filter add dev lo ingress bpf direct-action obj filter.bpf.o sec tc
tc filter show dev lo ingress | grep -q at_tc
pahole -F btf -C list_head /sys/kernel/btf/vmlinux | grep -q next
END
build_filter() {
	clang -O2 -g -target bpf -Wall -Wextra -Werror -idirafter "/usr/include/$(gcc -print-multiarch)" \
		-I"$fork/include" -c filter.bpf.c -o filter.bpf.o
}
load() { # what to set in the environment
	env LD_DEBUG=libs LD_DEBUG_OUTPUT="$dir/ld" "$@" timeout -k 5 60 unshare -n sh -e load.sh
}
loaded_ours() { # by as many processes: ip four times, tc three times, pahole once
	[ "$(grep -lF "calling init: $fork/libbpf.so.1" ld.* | wc -l)" -eq 8 ]
}
loaded_installed() {
	! grep -lF "calling init: $fork" ld.*
}
ok "a BPF object with its headers" build_filter
ok "ip and tc load it, pahole reads types, with the installed libbpf" load
ok "which is not the fork" loaded_installed
rm -f ld.*
ok "and with the fork" load LD_LIBRARY_PATH="$fork"
ok "which is the fork" loaded_ours
tap_done
