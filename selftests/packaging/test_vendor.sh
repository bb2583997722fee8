#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# What `make vendor` writes is complete: in a folder of its own one command makes a program of it, which
# runs. It has no names but the library's, and is updated in place.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"
O=$(realpath -m "${O:-$top/build}")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cd "$dir"

vendor() { # folder
	"${MAKE:-make}" --no-print-directory -C "$top" O="$O" vendor DEST="$1"
}

refuses() { # folder, words that the error must have
	if vendor "$1" >refused 2>&1; then
		echo "went on with DEST=$1"
		return 1
	fi
	grep -q -- "$2" refused || { cat refused; return 1; }
}

compile() { # compiler, more arguments
	"$@" -O2 -Wall -Wextra -Werror
}

example_runs() {
	./example >said
	printf 'changed meanwhile, left alone\ndeleted\n' | diff - said
}

exports() { # object: just the names that the version script has
	nm -g --defined-only "$1" | awk '{ print $NF }' | sort >names
	sed -n 's/^[[:space:]]*\([a-z_0-9]*\);.*/\1/p' "$top/libbpf/libbpf-compare.map" | sort | diff - names
}

names_no_machine() {
	[ -s alone/libbpf_compare.c ] && ! grep -rlF -e "$top" -e "$O" alone
}

same() {
	diff -r alone before
}

ok "into a folder that is not there" vendor "$dir/alone"
sed -n '/^```c$/,/^```$/{/^```/d;p}' "$top/README.md" >alone/example.c
cd alone
for cc in gcc clang; do
	ok "README's example in one command, $cc" \
		compile "$cc" example.c libbpf_compare.c -I. -lbpf -o example
	ok "and runs" example_runs
	ok "by itself, $cc" compile "$cc" -c libbpf_compare.c -o alone.o
	ok "exports what the library does" exports alone.o
	ok "unoptimised, $cc" "$cc" -O0 -Wall -Wextra -Werror -c libbpf_compare.c -o alone.o
	rm -f example alone.o
done
rm said names
printf '#include <%s>\n' linux/bpf.h bpf/bpf_helpers.h bpf/bpf_compare.bpf.h >datapath.c
ok "the datapath's header" compile clang -target bpf -mcpu=v3 -I. \
	-idirafter "/usr/include/$(gcc -print-multiarch)" -fsyntax-only datapath.c
rm datapath.c
cd ..

ok "no path of this machine is in it" names_no_machine
cp -r alone before
ok "once more" vendor "$dir/alone"
ok "writes the same" same
echo changed >>alone/libbpf_compare.c
echo older >alone/bpf/older.h
echo bpf/older.h >>alone/MANIFEST
ok "over a changed and an older one" vendor "$dir/alone"
ok "writes the same, but for files of others" same

mkdir foreign
echo theirs >foreign/README.md
ok "files of others are not overwritten" refuses "$dir/foreign" "README.md is there already"
ok "nor is any of ours put beside them" test ! -e foreign/libbpf_compare.c
cp -r before led && printf '../foreign/README.md\n' >>led/MANIFEST
ok "a manifest that leads elsewhere is refused" refuses "$dir/led" "cannot be ours"
ok "what it leads to is still there" test -e foreign/README.md
ok "DEST must be set" refuses "" "DEST is not set"
ok "and a folder" refuses "$dir/before/VERSION" "is no folder"
ok "of its own" refuses / "odd folder"
ok "and not the shell's word for one" refuses \~/vendored "odd folder"
tap_done
