#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# What is installed of flow tables is enough to build and run what the manual page has, and goes again.
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
O=$(realpath -m "${O:-$top/build}")
root=$dir/root
export PKG_CONFIG_PATH=$root/usr/local/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root

quietly() {
	DESTDIR=$root make -C "$top" O="$O" --no-print-directory "$1" >/dev/null
}

of_page() { # file's name: its block of the page
	sed -n "/^\/\* $1 \*\/\$/,/^\`\`\`\$/p" "$top/man/bpf_flowtab.7.scd" | sed '$d; s/\\\\n/\\n/'
}

flags() {
	# shellcheck disable=SC2086 # a list
	pkg-config $1 libbpf-flowtab | sed "s,$root$root,$root,g"
}

compiles_datapath() {
	of_page flows.bpf.c >"$dir/flows.bpf.c"
	[ "$(wc -l <"$dir/flows.bpf.c")" -gt 30 ] || return
	# shellcheck disable=SC2046 # a list
	clang -target bpf -O2 -g -mcpu=v3 -Wall -Wextra -Werror -Wno-unused-parameter $(flags --cflags) \
		-idirafter "/usr/include/$(gcc -print-multiarch)" -c "$dir/flows.bpf.c" -o "$dir/flows.bpf.o" &&
		"${BPFTOOL:-/usr/sbin/bpftool}" gen skeleton "$dir/flows.bpf.o" name flows >"$dir/flows.skel.h"
}

compiles_collector() {
	{
		printf '#include <%s>\n' err.h stdio.h bpf/bpf_flowtab.h
		cat <<-'END'
			#include "flows.skel.h"
			struct key { __u32 from, to, ports, protocol; };
			struct flow { __u64 packets, bytes; };
			enum { NEW, ESTABLISHED };
			int main(void)
			{
				struct flows *skel = flows__open();
		END
		of_page collector.c | sed 's|^/\* load.*|if (flows__load(skel)) errx(1, "load");|'
		echo '	return 0; }'
	} >"$dir/collector.c"
	# shellcheck disable=SC2046 # a list
	cc -Wall -Wextra -Werror "$dir/collector.c" -I"$dir" $(flags '--cflags --libs') -lbpf -o "$dir/collector"
}

runs() {
	[ "$(LD_LIBRARY_PATH=$root/usr/local/lib "$dir/collector")" = "0 of 0 flows are over" ]
}

ok "it is installed" quietly flowtab-install
ok "the page's datapath compiles" compiles_datapath
ok "so does its collector" compiles_collector
ok "which creates the table, and loads the datapath" runs
ok "it is uninstalled" quietly flowtab-uninstall
ok "and nothing is left" test -z "$(find "$root" -type f -o -type l)"
tap_done
