#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The library is built with the flags of distributions, and with those that leave it to the linker to
# write the code, and its contract is kept then. Whatever they warn of is no error.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
unset WERROR CC CFLAGS CPPFLAGS LDFLAGS

build() { # name, make's variables
	O=$dir/$1
	shift
	"${MAKE:-make}" --no-print-directory -C "$top" O="$O" "$@" lib "$O/selftests/test_contract"
}

contract() { # name, make's variables
	name=$1
	ok "$name: builds" build "$@"
	ok "$name: keeps the contract" "$top/selftests/run.sh" "$dir/$1/selftests/test_contract"
	rm -rf "${dir:?}/$1"
}

export RESULTS=/dev/null
if [ "$(uname -m)" = x86_64 ]; then
	x86="-m64 -march=x86-64 -mtune=generic -fcf-protection"
	contract thunk CFLAGS='-O2 -g -mindirect-branch=thunk'
fi
common='-g -O2 -fno-omit-frame-pointer -fstack-protector-strong -fstack-clash-protection -Wformat'
common="$common -Werror=format-security"
fortify='-Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=3'
now='-Wl,-z,relro -Wl,-z,now'
relative='-Wl,-z,pack-relative-relocs'

contract fedora LDFLAGS="$now -Wl,--as-needed $relative -Wl,--build-id=sha1" \
	CFLAGS="$common -flto=auto -ffat-lto-objects -fexceptions -pipe -Wall $fortify ${x86:-}"
contract debian LDFLAGS="$now -pie" CPPFLAGS='-Wdate-time -D_FORTIFY_SOURCE=2' \
	CFLAGS="$common -Werror=implicit-function-declaration -ffile-prefix-map=$top=. -fPIE"
contract arch LDFLAGS="$now -Wl,-O1 -Wl,--sort-common -Wl,--as-needed $relative -flto=auto" \
	CFLAGS="$common -pipe -fno-plt -fexceptions $fortify -ffile-prefix-map=$top=. -flto=auto ${x86:-}"
contract ubuntu LDFLAGS='-Wl,-Bsymbolic-functions -flto=auto -ffat-lto-objects -Wl,-z,relro' \
	CPPFLAGS='-Wdate-time -D_FORTIFY_SOURCE=3' \
	CFLAGS="$common -ffile-prefix-map=$top=. -flto=auto -ffat-lto-objects"
contract thinlto CC=clang CFLAGS='-O2 -g -flto=thin'

fails() { # command
	! "$@"
}
ok "warnings are no errors" build warned CC=clang CFLAGS=-Weverything
ok "but with WERROR=1" fails build error CC=clang CFLAGS=-Weverything WERROR=1
ok "unless CFLAGS have it otherwise" build last CC=clang CFLAGS='-Weverything -Wno-error' WERROR=1
tap_done
