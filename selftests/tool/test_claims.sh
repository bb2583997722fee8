#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# bpfcmp claims tells which claims stand in a map and who holds them, and clears those that are nobody's, as its
# page has it. Whatever it is told wrongly, it deletes nothing.
set -u

[ "${1:-}" = inside ] || exec unshare -m "$0" inside

. "$(dirname "$0")/tool.sh"
. "$(dirname "$0")/conns.sh"

# Who holds a claim, by the lock that bpf_map_claim_take(3) tells of.
cat >"$dir/hold.c" <<-'END'
	#define _GNU_SOURCE
	#include <fcntl.h>
	#include <stdio.h>
	#include <stdlib.h>
	#include <unistd.h>
	#include <sys/eventfd.h>

	int main(int argc, char **argv)
	{
		struct flock lock = {
			.l_type = F_WRLCK,
			.l_start = strtoull(argv[1], NULL, 0) << 32 | strtoul(argv[2], NULL, 0),
			.l_len = 1,
		};

		if (argc != 3 || fcntl(eventfd(0, 0), F_OFD_SETLK, &lock))
			return 1;
		puts("holds");
		fflush(stdout);
		pause();
		return 0;
	}
END
ok "a holder is built" "${CC:-gcc}" -O2 -D_FILE_OFFSET_BITS=64 "$dir/hold.c" -o "$dir/hold"

map=$dir/bpf/flows
"$bpftool" map create "$map" type hash key 4 value 16 entries 64 name "${name}flows"
ones="255 255 255 255 255 255 255"
put() { # key, lowest byte of its word, the other ones
	"$bpftool" map update pinned "$map" key "$1" 0 0 0 value 1 0 0 0 0 0 0 0 "${@:2}"
}
fill() {
	put 1 100 0 0 0 0 0 0 0
	# shellcheck disable=SC2086 # a list
	{
		put 2 239 $ones
		put 3 240 $ones
		put 4 241 $ones
		put 5 241 $ones
	}
}
left() {
	"$bpftool" -j map dump pinned "$map" | jq -r '.[].key[0]' | sort | xargs printf '%d '
}
claims() { # words
	"$bpfcmp" claims pinned "$map" claim u64 at 8 from -16 to -1 wait 100ms "$@"
}

fill
ok "what stands is told" says 0 "key: 04 00 00 00  claim: 0xfffffffffffffff1  stale, nobody held it" claims
ok "and counted" says 0 "found 3, held 0, stale 3, cleared 0, changed 0, in" claims
ok "and nothing is deleted" [ "$(left)" = "1 2 3 4 5 " ]
ok "from one of them on" says 0 "found 2, held 0, stale 2," "$bpfcmp" claims pinned "$map" claim u64 at 8 \
	from 0xfffffffffffffff1 to -1 wait 100ms
mkfifo "$dir/holds"
"$dir/hold" "$(id_of flows)" 0xfffffff0 >"$dir/holds" &
holder=$!
read -r line <"$dir/holds"
ok "a claim is held" [ "$line" = holds ]
ok "by whom" says 0 "claim: 0xfffffffffffffff0  held by process $holder" claims
ok "JSON: by whom" json 0 '.result == "done" and .found == 3 and .held == 1 and .stale == 2 and .cleared == 0 and
	.microseconds > 100000 and ([.claims[] | select(.state == "held")] |
	length == 1 and .[0].holders == ['"$holder"'] and .[0].claim == "0xfffffffffffffff0")' \
	-j claims pinned "$map" claim u64 at 8 from -16 to -1 wait 200ms
ok "in another PID namespace nobody is seen" says 0 "held by a process that is not seen here" \
	unshare -fp --mount-proc "$bpfcmp" claims pinned "$map" claim u64 at 8 from -16 to -1 wait 100ms
ok "who may not look is told so" says 0 "held by a process that /proc does not show to us" \
	without_privilege "$bpfcmp" claims pinned "$map" claim u64 at 8 from -16 to -1 wait 100ms
ok "what is nobody's is cleared" says 0 "found 3, held 1, stale 2, cleared 2, changed 0, in" claims clear
ok "and nothing else" [ "$(left)" = "1 2 3 " ]
kill "$holder"
wait "$holder" 2>/dev/null
ok "who held it has ended" json 0 '.claims == [{key: ["0x03","0x00","0x00","0x00"], claim: "0xfffffffffffffff0",
	state: "cleared"}] and .cleared == 1' claims pinned "$map" json clear wait 100ms to -1 from -16 claim s64 at 8
ok "its entry is cleared too" [ "$(left)" = "1 2 " ]
fill
ok "by a claim of one's own" says 0 "found 3, held 0, stale 3, cleared 3" claims clear own -15
ok "those that carry that one, too" [ "$(left)" = "1 2 " ]
ok "none is there" says 0 "found 0, held 0, stale 0, cleared 0, changed 0, in" claims clear
ok "JSON: none" json 0 '.claims == [] and .found == 0' -p claims pinned "$map" claim u64 at 8 from 7 to 8 wait 1ms
ok "words of 4 bytes" says 0 "key: 01 00 00 00  claim: 0x64  stale" \
	"$bpfcmp" claims pinned "$map" claim u32 at 8 from 100 to 101 wait 1ms

fill
interrupted() { # options
	env --default-signal=INT "$bpfcmp" "$@" claims pinned "$map" claim u64 at 8 from -16 to -1 clear >"$dir/printed" 2>&1 &
	sleep 1
	kill -INT $!
	wait $!
	[ $? -eq 130 ]
}
ok "interrupted: says so" interrupted
ok "and what was seen" grep -q "^found 3, held 0, stale 0, cleared 0, changed 0, in .* ms: interrupted" "$dir/printed"
ok "interrupted: JSON" interrupted -j
ok "what it has" jq -e '.result == "interrupted" and ([.claims[].state] | unique == ["seen"])' "$dir/printed"
ok "and nothing was deleted" [ "$(left)" = "1 2 3 4 5 " ]

fails=(
	"which word? claim, and its field"         "from -16 to -1 clear"
	"which words are claims? from N to N"      "claim u64 at 8 from -16 clear"
	"which words are claims? from N to N"      "claim u64 at 8 to -1 clear"
	"is there twice"                           "claim u64 at 8 from -16 to -1 clear clear"
	"unknown word 'where'"                     "claim u64 at 8 from -16 to -1 clear where"
	"as unsigned numbers that is none"         "claim u64 at 8 from -1 to -16 clear"
	"as unsigned numbers that is none"         "claim s64 at 8 from -1 to 1 clear"
	"'x' is no number"                         "claim u64 at 8 from x to -1 clear"
	"is no number of 32 bits"                  "claim u32 at 8 from 0 to 0x100000000 clear"
	"from: no number given"                    "claim u64 at 8 to -1 clear from"
	"own without clear"                        "claim u64 at 8 from -16 to -1 own -1"
	"not between claim_first and claim_last"   "claim u64 at 8 from -16 to -1 clear own 5"
	"wait: '5' is no time"                     "claim u64 at 8 from -16 to -1 clear wait 5"
	"wait: '' is no time"                      "claim u64 at 8 from -16 to -1 clear wait"
	"wait: '0s' is not 1ms to 49 days"         "claim u64 at 8 from -16 to -1 clear wait 0s"
	"wait: '2000h' is not 1ms"                 "claim u64 at 8 from -16 to -1 clear wait 2000h"
	"which is no multiple of its 8 bytes"      "claim u64 at 4 from -16 to -1 clear"
	"the value has 16 bytes"                   "claim u64 at 16 from -16 to -1 clear"
	"claims are words of a value"              "claim be64 at 8 from -16 to -1 clear"
	"claims are words of a value"              "claim u16 at 8 from 1 to 2 clear"
	"claims are words of a value"              "claim key u32 at 0 from 1 to 2 clear"
	"'word' is no field"                       "claim word from 1 to 2 clear"
	"no word is a claim"                       "claim u64 at 8 from 0 to 0 clear"
	"the range has one alone"                  "claim u64 at 8 from -16 to -16 clear"
)
refuses() { # text, words behind the map: status 2, and all stay
	local text=$1
	shift
	says 2 "$text" "$bpfcmp" claims pinned "$map" "$@" && [ "$(left)" = "1 2 3 4 5 " ]
}
for ((i = 0; i < ${#fails[@]}; i += 2)); do
	# shellcheck disable=SC2086 # a list
	ok "refuses '${fails[i + 1]:0:60}'" refuses "${fails[i]}" ${fails[i + 1]}
done
ok "no map" says 2 "claims: which map?" "$bpfcmp" claims
ok "JSON: an error" json 2 '.result == "usage" and (.error | contains("which word"))' claims pinned "$map" json
ok "JSON: the library's error" json 2 '.result == "usage" and (.reason | length > 0) and .cleared == 0 and .claims == []' \
	-p claims pinned "$map" claim u64 at 8 from 0 to 0
"$bpftool" map create "$dir/bpf/array" type array key 4 value 16 entries 4 name "${name}array"
ok "an array: status 5" says 5 "neither" "$bpfcmp" claims pinned "$dir/bpf/array" claim u64 at 8 from -16 to -1
ok "no privilege: status 6" says 6 CAP_BPF without_privilege "$bpfcmp" claims pinned "$map" claim u64 at 8 \
	from -16 to -1 clear wait 1h
ok "to tell takes none" says 0 "found 3, held 0, stale 3" without_privilege "$bpfcmp" claims pinned "$map" claim u64 at 8 \
	from -16 to -1 wait 100ms
ok "maps with BTF" make_maps
ok "by name" says 0 "found 0," "$bpfcmp" claims pinned "$conns" claim value.seen from -16 to -1 wait 1ms
ok "by a name that is no word" says 2 "claims are words" "$bpfcmp" claims pinned "$conns" claim value.state from 1 to 2

for help in help --help -h; do
	ok "bpfcmp claims $help" says 0 "how long a claim has to stand" "$bpfcmp" claims $help
done
ok "the page is made" make_page
"$bpftool" map delete pinned "$map" key 4 0 0 0
"$bpftool" map delete pinned "$map" key 5 0 0 0
cd "$dir" || exit 1
ok "the page's fifth example" example_is_true 5

ok "completes how to name a map" completes "help id name pinned" bpfcmp claims ""
ok "completes ids" offers "$(id_of flows)" bpfcmp claims id ""
ok "completes keywords" completes "claim clear from json own to wait" bpfcmp claims id 7 ""
ok "each once" completes "json to" bpfcmp claims id 7 claim u64 at 8 clear from 1 own 1 wait 1s ""
ok "completes types" completes "s32 s64 u32 u64" bpfcmp claims id 7 claim ""
ok "completes at" completes at bpfcmp claims id 7 claim u64 ""
ok "offers nothing for a number" completes "" bpfcmp claims id 7 from ""
tap_done
