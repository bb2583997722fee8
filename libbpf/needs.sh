#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# Names every package that the build needs and does not find. CC, CLANG, BPFTOOL and PKG_CONFIG say
# what to look for.
set -u

missing=0

need() { # what, Debian's package for it, a command that succeeds where it is there
	what=$1 package=$2
	shift 2
	"$@" >/dev/null 2>&1 && return
	echo "error: $what not found (Debian package: $package)" >&2
	missing=1
}

compiles() { # a header
	echo "#include <$1>" | ${CC:-cc} -E - >/dev/null 2>&1
}

need "C compiler ${CC:-cc}" gcc command -v "${CC:-cc}"
need "BPF compiler ${CLANG:-clang}" clang command -v "${CLANG:-clang}"
need "${BPFTOOL:-bpftool}" bpftool "${BPFTOOL:-bpftool}" version
need "${PKG_CONFIG:-pkg-config}" pkg-config command -v "${PKG_CONFIG:-pkg-config}"
need "libbpf >= 1.0 (by ${PKG_CONFIG:-pkg-config})" libbpf-dev \
	"${PKG_CONFIG:-pkg-config}" --atleast-version=1.0 libbpf
need "header linux/bpf.h" linux-libc-dev compiles linux/bpf.h
need "header libelf.h" libelf-dev compiles libelf.h
need "header zlib.h" zlib1g-dev compiles zlib.h

if [ $missing -ne 0 ]; then
	echo "As root, 'make deps' installs what is missing." >&2
	exit 1
fi
