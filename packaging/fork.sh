#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# fork.sh OUT MAP: builds the libbpf of the source tree LIBBPF_SRC by its own Makefile and this library,
# whose version script is MAP, into one: OUT/libbpf.a, OUT/libbpf.so and its links, OUT/libbpf.pc, and
# the headers of both in OUT/include. What it is, its version, objects and exports, is taken from
# the tree, which is only read. What is built already and did not change is left as it is.
set -eu

die() {
	echo "error: $*" >&2
	exit 1
}

say() { # what, of what
	printf '  %-8s %s\n' "$1" "$2"
}

[ -n "${LIBBPF_SRC:-}" ] ||
	die "LIBBPF_SRC is not set: make fork LIBBPF_SRC=DIR, the sources of libbpf or of a kernel"
for src in "$LIBBPF_SRC/src" "$LIBBPF_SRC/tools/lib/bpf" ''; do
	[ ! -r "$src/libbpf.map" ] || [ ! -r "$src/Makefile" ] || break
done
[ -n "$src" ] ||
	die "no libbpf in $LIBBPF_SRC: neither src nor tools/lib/bpf has a libbpf.map and a Makefile"

# Another tree, compiler or header, or a build that was killed, and all of it is built anew: upstream's
# own Makefile knows of none of these.
made_of() {
	printf '%s\n' "$src" "$CC" "${CFLAGS:-}" "${LDFLAGS:-}" "${EXTRA_CFLAGS:-}"
	find "$src" "$src/../include" -type f ! -name '*.c' -exec cksum {} + 2>/dev/null || true
}

map=$2
mkdir -p "$1"
out=$(cd "$1" && pwd)
upstream=$out/upstream
made_of >"$out/making"
cmp -s "$out/making" "$out/made-of" || rm -rf "$upstream" "$out/ours" "$out/include"
rm -f "$out/made-of"
trap 'mv "$out/making" "$out/made-of"' EXIT
trap 'exit 130' HUP INT TERM
mkdir -p "$upstream" "$out/include/bpf"
export PKG_CONFIG_PATH="$upstream${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"

ours() { # what our version script exports, each with its version
	awk '/^LIBBPF_COMPARE_/ { node = $1 }
		sub(/;.*/, "", $1) && $1 ~ /^[a-z_0-9]+$/ { print $1 "@@" node }' "$map" | sort
}

# The folder and the prefix go by other names in a kernel's tree than in libbpf's, and what comes after
# their -Werror has to. Variables that were meant for our own Makefile are none of theirs.
build_upstream() {
	say MAKE "$src"
	quiet=--silent
	[ "${V:-}" != 1 ] || quiet=V=1
	env -u MAKEFLAGS -u MFLAGS -u O -u V -u CFLAGS "$MAKE" "$quiet" -j"$(nproc)" -C "$src" \
		CC="$CC" OUTPUT="$upstream/" prefix="$upstream/install" OBJDIR="$upstream" \
		PREFIX="$upstream/install" INCLUDEDIR="$upstream/install/include" \
		EXTRA_CFLAGS="${EXTRA_CFLAGS:--O2 -g} ${CFLAGS:-} -Wno-error" \
		CLANG_CROSS_FLAGS=-Wno-error all install_headers >&2
	sed -i -e "s|^prefix=.*|prefix=$out|" -e "s|^libdir=.*|libdir=$upstream|" \
		"$upstream/libbpf.pc"
	"$PKG_CONFIG" --atleast-version=1.0 libbpf ||
		die "$LIBBPF_SRC has libbpf $("$PKG_CONFIG" --modversion libbpf), older than 1.0"
}

# Reads the names that upstream has, one a line.
none_is_ours() {
	ours | sed 's/@.*//' >"$upstream/ours"
	taken=$(sort | comm -12 - "$upstream/ours" | paste -sd ' ')
	[ -z "$taken" ] || die "the libbpf of $LIBBPF_SRC has names of ours: $taken"
}

# Not to be unloaded, as libbpf-compare.so is not.
link_shared() {
	say LD "$out/$file"
	objects=$upstream/sharedobjs/libbpf-in.o
	[ -e "$objects" ] || objects=$(echo "$upstream"/sharedobjs/*.o)
	{
		cat "$src/libbpf.map"
		# Its first node says already that all else is local.
		sed '/^[[:space:]]*local:/,/\*;/d' "$map"
	} >"$out/ours/libbpf.map"
	# shellcheck disable=SC2046,SC2086 # lists
	$CC ${CFLAGS:-} ${LDFLAGS:-} -shared -o "$out/ours/$file" $objects "$out/ours/obj/libbpf-compare.o" \
		-Wl,-soname,"$soname" -Wl,--version-script="$out/ours/libbpf.map" \
		-Wl,-z,defs -Wl,-z,nodelete $("$PKG_CONFIG" --static --libs libbpf | sed 's/-lbpf\>//')
}

exports() { # library
	readelf --dyn-syms -W "$1" |
		awk '$5 ~ /GLOBAL|WEAK|UNIQUE/ && $7 != "UND" && $7 != "ABS" { print $8 }' | sort
}

# All that upstream exports under the same version, ours under our own, and nothing else.
check_exports() {
	{
		exports "$upstream/$file"
		ours
	} | sort >"$out/ours/wanted"
	exports "$out/ours/$file" | diff "$out/ours/wanted" - >&2 ||
		die "the library does not export what it should (<) but something else (>)"
}

sed 's/[;[:space:]]//g' "$src/libbpf.map" | none_is_ours
build_upstream
nm -g --defined-only "$upstream/libbpf.a" | awk 'NF == 3 { print $3 }' | none_is_ours
[ ! -e "$upstream/install/include/bpf/bpf_compare.h" ] ||
	die "the libbpf of $LIBBPF_SRC has a bpf_compare.h of its own"
for header in "$upstream"/install/include/bpf/*.h include/bpf/*.h; do
	cmp -s "$header" "$out/include/bpf/${header##*/}" || cp "$header" "$out/include/bpf"
done
"$MAKE" --no-print-directory O="$1/ours" "$1/ours/static/libbpf.a"
file=$(readlink -f "$upstream/libbpf.so")
file=${file##*/}
soname=$(readelf -d "$upstream/$file" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
# What is written last tells how old the rest is.
if [ ! -e "$out/libbpf.pc" ] || [ "$(find "$upstream/$file" "$out/ours/static" "$map" packaging/fork.sh \
		-newer "$out/libbpf.pc")" ]; then
	rm -f "$out"/libbpf.*
	link_shared
	check_exports
	mv "$out/ours/$file" "$out"
	cp "$out/ours/static/libbpf.a" "$out"
	ln -s "$file" "$out/$soname"
	ln -s "$file" "$out/libbpf.so"
	# shellcheck disable=SC2016 # pkg-config's own variable
	sed 's|^libdir=.*|libdir=${prefix}|' "$upstream/libbpf.pc" >"$out/ours/libbpf.pc"
	mv "$out/ours/libbpf.pc" "$out"
fi
