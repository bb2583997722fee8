#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# bpf_compare(7) is well formed, names only what is there, and the programs in it are complete: they
# are taken out of the page, built, and run; datapath and collector in a network namespace of their own,
# the collectors of pairs on maps that are as they have to be when they end, and not without the pairs.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"
. "$top/selftests/man/page.sh"
O=$(realpath -m "${O:-$top/build}")
page=$top/man/bpf_compare.7.scd
cc=${CC:-gcc}
clang=${CLANG:-clang}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cd "$dir"

make_page() {
	scdoc <"$page" >page.7 && [ -s page.7 ]
}

# All that the headers and the helpers declare and define.
headers() {
	"$clang" -E -P -target bpf -I"$top/include" -idirafter "/usr/include/$("$cc" -print-multiarch)" \
		flow.bpf.c
	printf '#include <bpf/bpf.h>\n#include <bpf/libbpf.h>\n#include <bpf/bpf_compare.h>\n' >all.c
	"$cc" -E -P -I"$top/include" all.c
	"$cc" -E -dM -I"$top/include" all.c
	"$clang" -E -dM -target bpf -I"$top/include" \
		-idirafter "/usr/include/$("$cc" -print-multiarch)" flow.bpf.c
}

all_there() { # pattern: each name in the page that it matches is in the headers too
	grep -oE "$1" text | tr -d '*()' | sort -u >names
	[ -s names ] && ! while read -r name; do
		grep -qwF -- "$name" names.h || echo "no header has $name"
	done <names | grep .
}

names_all_of_the_datapath_header() {
	grep -oE '\<bpf_compare_[a-z_]+(32|64)\(' names.h | tr -d '(' | sort -u >names
	[ -s names ] && ! while read -r name; do
		grep -qwF -- "$name" text || echo "the page lacks $name"
	done <names | grep .
}

no_longer_than() { # lines, file
	[ "$(wc -l <"$2")" -le "$1" ]
}

# As build(), but with something between the program and the library.
build_wrapped() { # output, file, what comes between
	"$cc" -O2 -Wall -Wextra -Werror -I"$top/include" "$2" "$top/selftests/man/$3" \
		-Wl,--wrap=bpf_map_delete_batch_opts -L"$O/static" -lbpf -lelf -lz -o "$1"
}

# Each packet to 127.0.0.2 is answered from there. One address is heard of once, the other throughout.
cat >traffic.sh <<'EOF'
ip link set lo up
"./$1" lo 4 &
until ip link show lo | grep -q xdp; do
	kill -0 $! || exit
	sleep 0.05
done
echo >/dev/udp/127.0.0.2/9
while kill -0 $!; do
	echo >/dev/udp/127.0.0.3/9
	sleep 0.05
done 2>/dev/null
wait $!
EOF

run() { # collector, output
	timeout -k 5 60 unshare -n bash traffic.sh "$1" >"$2" 2>&1 || { cat "$2"; return 1; }
}

says() { # output, line
	grep -qxF "$2" "$1" || { cat "$1"; return 1; }
}

says_not() { # output, word
	! grep -F "$2" "$1"
}

# What it prints where each first entry is deleted without a look at its second one.
leaves_without_links() { # file, line
	build_wrapped unlinked "$1" unlinked.c && ./unlinked >out && says out "$2"
}

ok "the page is made" make_page
ok "mandoc finds nothing" mandoc_finds_nothing page.7
ok "groff finds nothing" groff_finds_nothing page.7
ok "the datapath is in the page" program page.7 flow.bpf.c
ok "the collector is in the page" program page.7 collector.c
ok "the datapath is short" no_longer_than 50 flow.bpf.c
ok "the collector is short" no_longer_than 80 collector.c
headers >names.h
awk '/^```$/ { inside = !inside; next } !inside && NR > 1' "$page" >text
sed -n '/^# SYNOPSIS/,/^# DESCRIPTION/p' "$page" >>text
ok "functions it names are there" all_there '\*?(lib)?bpf_[a-z0-9_]+\*?\('
ok "constants it names are there" all_there '\<BPF_[A-Z_]+[A-Z]\>'
ok "it names the datapath's functions" names_all_of_the_datapath_header
ok "the datapath compiles" build flow.bpf.c
ok "the collector compiles" build collector.c
ok "and with a packet that comes late" build_wrapped late collector.c late.c
ok "they run" run collector out
ok "an address that fell silent is deleted" says out "127.0.0.2 deleted"
ok "one that did not is not" says_not out 127.0.0.3
ok "they run with a packet that comes late" run late out
ok "an address heard of after the snapshot stays" says out "127.0.0.2 refreshed meanwhile"
ok "and is not deleted" says_not out deleted

for file in nat.c pairs.c; do
	ok "$file is in the page" program page.7 "$file"
	ok "$file compiles" build "$file"
	ok "$file prints what the page says" prints page.7 "$file"
done
./nat >out
ok "a connection that expired goes, one that was refreshed stays" says out "connections: 2 3 5"
ok "each with its mapping, and an orphan goes while it has no connection" \
	says out "mappings: 102 103 105"
ok "without links a mapping goes from under its connection" \
	leaves_without_links nat.c "mappings: 102 103"
./pairs >out
ok "a pair goes where both expired, and stays where the reverse entry was refreshed" \
	says out "entries: 2 3 102 103"
ok "without links the forward entry goes alone" leaves_without_links pairs.c "entries: 3 101 102 103"
tap_done
