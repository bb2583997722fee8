#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# bpfcmp add and bpfcmp set change one word of a value, told by its name or place, and say what it was and is, as
# their page has it: nothing is lost between those that run at one time. Whatever they are told wrongly, they write
# nothing.
set -u

[ "${1:-}" = inside ] || exec unshare -m "$0" inside

. "$(dirname "$0")/tool.sh"

make_counters() {
	make_btf_maps counters_prog <<-END
		typedef unsigned int __be32;
		struct counter {
			unsigned long long bytes;
			unsigned int packets;
			int credit;
			long long balance;
			unsigned int slots[2];
			__be32 addr;
			unsigned short small;
			unsigned char low : 4, high : 4;
			struct {
				unsigned int inner;
			} key;
			union {
				unsigned int kind;
				unsigned short half;
			};
		};
		struct {
			int (*type)[1];
			int (*max_entries)[8];
			unsigned int *key;
			struct counter *value;
		} ${name}ctr __attribute__((section(".maps"), used));
	END
}
ok "a map with BTF" make_counters
ctr=$dir/bpf/${name}ctr
key=(1 0 0 0)
# bytes, packets, credit, balance, slots, addr, small and bits, key.inner, kind
numbers=(700 7 -2 -300 5 6 0x0100000a 3 9 11)
sizes=(8 4 4 8 4 4 4 4 4 4)

bytes() { # numbers, as many as there are
	local number n i=0 size
	for number in "$@"; do
		n=$((number))
		for ((size = sizes[i++]; size > 0; size--)); do
			echo $((n & 255))
			n=$((n >> 8))
		done
	done
}

fill() {
	# shellcheck disable=SC2046 # a list
	"$bpftool" map update pinned "$ctr" key "${key[@]}" value $(bytes "${numbers[@]}")
}

# All of the value is as it was, but for one of the numbers.
is_but() { # which, the number that it is
	local all=("${numbers[@]}") got
	[ -z "$1" ] || all[$1]=$2
	got=$("$bpftool" -j map lookup pinned "$ctr" key "${key[@]}" | jq -r '.value | join(" ")' | xargs printf '%d ')
	[ "$got" = "$(bytes "${all[@]}" | xargs) " ] || { echo "has $got"; return 1; }
}

# What a call says, as a whole; words behind the key.
prints() { # text, command, words
	local out
	out=$("$bpfcmp" "$2" pinned "$ctr" key "${key[@]}" "${@:3}" 2>&1) && [ "$out" = "$1" ] && return
	echo "$out"
	return 1
}

adds() { # which of the numbers, what it was, what it is to be, words behind the key
	fill
	prints "added"$'\n'"old: $2"$'\n'"new: $3" add "${@:4}" && is_but "$1" "$3"
}

sets() { # likewise
	fill
	prints "set"$'\n'"old: $2"$'\n'"new: $3" set "${@:4}" && is_but "$1" "$3"
}

leaves() { # status, text, command, words behind the key
	fill
	says "$1" "$2" "$bpfcmp" "$3" pinned "$ctr" key "${key[@]}" "${@:4}" && is_but ""
}

ok "adds, by name" adds 1 7 12 field packets by 5
ok "by the whole name" adds 1 7 12 by 5 field value.packets
ok "by type and offset" adds 1 7 12 field u32 at 8 by 5
ok "and of what" adds 1 7 12 field value u32 at 8 by 5
ok "by offset and size" adds 1 7 12 offset 8 size 4 by 5
ok "in another order" adds 1 7 12 by 5 size 4 offset 8
ok "in hex" adds 1 7 263 field packets by 0x100
ok "8 bytes" adds 0 700 4294967996 field bytes by 4294967296
ok "8 bytes by offset and size" adds 0 700 701 offset 0 size 8 by 1
ok "a number below 0" adds 1 7 4 field packets by -3
ok "in hex, too" adds 0 700 444 field bytes by -0x100
ok "around the end" adds 1 7 4294967295 field packets by -8
ok "and back" adds 1 7 6 field packets by 4294967295
ok "around the end of 8 bytes" adds 0 700 18446744073709551615 field bytes by -701
ok "with a sign" adds 2 -2 -7 field credit by -5
ok "with a sign, over 0" adds 2 -2 3 field credit by 5
ok "with a sign, 8 bytes" adds 3 -300 -4294967596 field balance by -4294967296
ok "with a sign, by type" adds 2 -2 -1 field s32 at 12 by 1
ok "without it" adds 2 4294967294 4294967295 field u32 at 12 by 1
ok "an element" adds 5 6 8 field slots[1] by 2
ok "a member of a member, named like a root" adds 8 9 10 field value.key.inner by 1
ok "a member of what has no name" adds 9 11 12 field kind by 1
ok "by 0 it reads" adds 1 7 7 field packets by 0

ok "sets" sets 1 7 100 field packets to 100
ok "sets in hex" sets 1 7 255 field packets to 0xff
ok "drains" sets 0 700 0 field bytes to 0
ok "sets by offset and size" sets 1 7 8 offset 8 size 4 to 8
ok "sets below 0" sets 2 -2 -9 field credit to -9
ok "if it is so" sets 1 7 8 if 7 to 8 field packets
ok "if it is so, with a sign" sets 3 -300 1 field balance if -300 to 1
ok "it is not" leaves 3 "differs: the entry is left alone" set field packets to 8 if 6
ok "by the map's id" says 0 "new: 9" "$bpfcmp" set id "$(id_of "${name}ctr")" key "${key[@]}" field packets to 9
ok "by the map's name" says 0 "new: 9" "$bpfcmp" add name "${name}ctr" key "${key[@]}" field packets by 0

time_is_set() { # the field's number, unit in nanoseconds, words behind the key
	local before after new
	before=$(sed -n 's/^now at \([0-9]*\) nsecs/\1/p' /proc/timer_list)
	new=$("$bpfcmp" -j set pinned "$ctr" key "${key[@]}" "${@:3}" | jq -r .new)
	after=$(sed -n 's/^now at \([0-9]*\) nsecs/\1/p' /proc/timer_list)
	[ $((before / $2 + $1)) -le "$new" ] && [ "$new" -le $((after / $2 + $1)) ]
}
ok "to a time" time_is_set 30 1000000000 field packets to now+30s in s
ok "to another one" time_is_set -5000000000 1 to now-5s field bytes

range=(claim_first 7 claim_last 9)
ok "no claim is added to" leaves 3 "claimed: the word is a claim" add field packets by 5 "${range[@]}"
ok "nor come to" leaves 3 claimed add field slots[0] by 3 "${range[@]}"
ok "nor set" leaves 3 claimed set field kind to 8 "${range[@]}"
ok "what is none is" sets 9 11 10 field kind to 10 "${range[@]}"
ok "claims, counted from the top" leaves 3 claimed set field kind to 0xfffffffe claim_first -2 claim_last -1
ok "below them" sets 9 11 4294967293 field kind to 0xfffffffd claim_first -2 claim_last -1
ok "a claim, and compared" leaves 3 "differs, or its word is a claim" set field packets to 5 if 7 "${range[@]}"

# Those that run at one time. What is taken by one is what others added, all of it.
count_together() {
	local pids=() pid sum=0 taken
	"$bpfcmp" set pinned "$ctr" key "${key[@]}" field packets to 0 >/dev/null
	for _ in 1 2 3; do
		for _ in {1..15}; do
			"$bpfcmp" add pinned "$ctr" key "${key[@]}" field packets by 7 || exit
		done >/dev/null &
		pids+=($!)
	done
	for _ in {1..10}; do
		taken=$("$bpfcmp" -j set pinned "$ctr" key "${key[@]}" field packets to 0 | jq -r .old) || return
		sum=$((sum + taken))
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || return
	done
	taken=$("$bpfcmp" -j set pinned "$ctr" key "${key[@]}" field packets to 0 | jq -r .old)
	[ $((sum + taken)) -eq $((3 * 15 * 7)) ] || { echo "$sum + $taken"; return 1; }
}
fill
ok "none is lost between several" count_together

fields="value.bytes, value.packets, value.credit, value.balance, value.slots[0..1], value.addr, value.small, value.low, "
fields+="value.high, value.key.inner, value.kind, value.half"
fails=(
	"which word? field and its name, or"      "by 5"
	"which word? field and its name, or"      "offset 8 by 5"
	"which word? field and its name, or"      "size 4 by 5"
	"field, and offset or size"               "field packets offset 8 by 5"
	"field, and offset or size"               "size 4 field packets by 5"
	"no number given: 'by' and one"           "field packets"
	"by: no number given"                     "field packets by"
	"'x' is no number of 32 bits"             "field packets by x"
	"'4294967296' is no number of 32 bits"    "field packets by 4294967296"
	"'-2147483649' is no signed number of 32" "field packets by -2147483649"
	"'18446744073709551616' is no number"     "field bytes by 18446744073709551616"
	"'5.5' is no number of 32 bits"           "field packets by 5.5"
	"'now' is no number of 32 bits"           "field packets by now in s"
	"size 3: a word has 4 or 8 bytes"         "offset 8 size 3 by 5"
	"size 2: a word has 4 or 8 bytes"         "offset 8 size 2 by 5"
	"size 0: a word has 4 or 8 bytes"         "offset 8 size 0 by 5"
	"offset 48 and size 4: the value has 48"  "offset 48 size 4 by 5"
	"offset 4294967292 and size 8: the valu"  "offset 4294967292 size 8 by 5"
	"at 9, which is no multiple of its 4 by"  "offset 9 size 4 by 5"
	"at 4, which is no multiple of its 8 by"  "offset 4 size 8 by 5"
	"at 12, which is no multiple of its 8 b"  "field u64 at 12 by 5"
	"u32 at 48: the value has 48 bytes"       "field u32 at 48 by 5"
	"no field after 'field'"                  "by 5 field"
	"u32: no 'at' after it, and an offset"    "field u32 by 5"
	"packet: no such field; there are $fields" "field packet by 5"
	"slots: no number; there is slots[0..1]"  "field slots by 5"
	"slots[2]: no such field; there are valu" "field slots[2] by 5"
	"[0]: no such field; there are value.byt" "field [0] by 5"
	"value.: no such field; there are value." "field value. by 5"
	"small: add is for words of a value, of"  "field small by 5"
	"low: add is for words of a value, of 4"  "field low by 5"
	"addr: add is for words of a value, of 4" "field addr by 5"
	"be32: add is for words of a value, of 4" "field be32 at 32 by 5"
	"u8: add is for words of a value, of 4 o" "field u8 at 8 by 5"
	"key: add is for words of a value, of 4"  "field key by 5"
	"half: add is for words of a value, of 4"  "field half by 5"
	"one without the other"                   "field packets by 5 claim_first 1"
	"claim_last: no number given"             "field packets by 5 claim_first 1 claim_last"
	"0 alone cannot be the claims"            "field packets by 5 claim_first 0 claim_last 0"
	"as unsigned numbers that is none"        "field packets by 5 claim_first -1 claim_last 0"
	"unknown word 'to', see bpfcmp add help"  "field packets to 5"
	"unknown word 'if', see bpfcmp add help"  "field packets by 5 if 7"
	"'by' is there twice"                     "field packets by 5 by 5"
)
set_fails=(
	"no number given: 'to' and one"           "field packets"
	"to: no number given"                     "field packets to"
	"if: no number given"                     "field packets to 5 if"
	"unknown word 'by', see bpfcmp set help"  "field packets by 5"
	"packets: '-1' is no number of 32 bits"   "field packets to -1"
	"credit: '2147483648' is no signed numbe" "field credit to 2147483648"
	"packets: '-1' is no number of 32 bits"   "field packets to 5 if -1"
	"in which unit does the field count?"     "field packets to now"
	"in 'x': no unit of time"                 "field packets to now in x"
	"in '': no unit of time"                  "field packets to now in"
	"unknown word 'in'"                       "field packets to 5 in s"
	"over 32 bits by now"                     "field packets to now+10h in ns"
	"the field not be32"                      "field packets to 10.0.0.1"
	"small: set is for words of a value, of"  "field small to 5"
)
for ((i = 0; i < ${#fails[@]}; i += 2)); do
	# shellcheck disable=SC2086 # a list
	ok "add refuses '${fails[i + 1]:0:60}'" leaves 2 "${fails[i]}" add ${fails[i + 1]}
done
for ((i = 0; i < ${#set_fails[@]}; i += 2)); do
	# shellcheck disable=SC2086 # a list
	ok "set refuses '${set_fails[i + 1]:0:60}'" leaves 2 "${set_fails[i]}" set ${set_fails[i + 1]}
done
ok "refuses an empty number" leaves 2 "packets: '' is no number of 32 bits" add field packets by ""
ok "refuses an empty name" leaves 2 ": no such field; there are $fields" add field "" by 5
for call in "add by" "set to"; do
	read -r command word <<<"$call"
	at=("$bpfcmp" "$command" pinned "$ctr")
	to=(field packets "$word" 5)
	ok "$command: no map" says 2 "$command: which map?" "$bpfcmp" "$command"
	ok "$command: no key" says 2 "no key given" "${at[@]}" "${to[@]}"
	ok "$command: a key too short" says 2 "key: expected 4 bytes, given 1" "${at[@]}" key 1 "${to[@]}"
	ok "$command: absent: status 4" says 4 "absent: there is no such key" "${at[@]}" key 9 0 0 0 "${to[@]}"
done

create() { # file, type
	"$bpftool" map create "$dir/bpf/$1" type "$2" key 4 value 16 entries 4 name "$name$1"
	"$bpftool" map update pinned "$dir/bpf/$1" key "${key[@]}" value {0..15}
}
create flows hash
create lru lru_hash
create array array
create frozen hash
"$bpftool" map freeze pinned "$dir/bpf/frozen"
ok "no BTF: says how to do without" says 2 "packets: the map has no BTF, which would have names: say where it is, as in 'value u32 at 0'" \
	"$bpfcmp" add pinned "$dir/bpf/flows" key "${key[@]}" field packets by 5
ok "without BTF" says 0 "new: 50462981" "$bpfcmp" add pinned "$dir/bpf/flows" key "${key[@]}" offset 0 size 4 by 5
ok "an LRU map" says 0 "old: 50462976" "$bpfcmp" set pinned "$dir/bpf/lru" key "${key[@]}" offset 0 size 4 to 0
ok "an array: status 5" says 5 "neither hash nor lru_hash" "$bpfcmp" add pinned "$dir/bpf/array" key 1 0 0 0 offset 0 size 4 by 5
ok "a frozen map: status 6" says 6 frozen "$bpfcmp" set pinned "$dir/bpf/frozen" key "${key[@]}" offset 0 size 4 to 0
with_capabilities() {
	setpriv --inh-caps="$1" --bounding-set="$1" "${@:2}"
}
fill
ok "no privilege: status 6" says 6 "takes CAP_BPF" with_capabilities -all "$bpfcmp" add pinned "$ctr" key "${key[@]}" \
	offset 8 size 4 by 5
ok "CAP_BPF does not do" says 6 "takes CAP_PERFMON" with_capabilities -all,+bpf "$bpfcmp" set pinned "$ctr" \
	key "${key[@]}" offset 8 size 4 to 5
ok "and nothing is written" is_but ""
ok "both do" says 0 "old: 7" with_capabilities -all,+bpf,+perfmon "$bpfcmp" add pinned "$ctr" key "${key[@]}" \
	offset 8 size 4 by 5
ok "but not for names: status 6" says 6 "without, say where it is, as in 'value u32 at 0'" \
	with_capabilities -all,+bpf,+perfmon "$bpfcmp" add pinned "$ctr" key "${key[@]}" field packets by 5

fill
ok "JSON: added" json 0 '. == {result: "added", old: "7", new: "12"}' -j add pinned "$ctr" key "${key[@]}" \
	field packets by 5
ok "JSON: the word" json 0 '. == {result: "set", old: "-2", new: "-3"}' set pinned "$ctr" key "${key[@]}" \
	field credit json to -3
ok "JSON: all bits" json 0 '.new == "18446744073709551615"' -p set pinned "$ctr" key "${key[@]}" \
	field bytes to 18446744073709551615
ok "JSON: differs" json 3 '. == {result: "differs"}' -j set pinned "$ctr" key "${key[@]}" field credit to 1 if 5
ok "JSON: claimed" json 3 '. == {result: "claimed"}' -j add pinned "$ctr" key "${key[@]}" field kind by 1 \
	claim_first 11 claim_last 11
ok "JSON: absent" json 4 '. == {result: "absent"}' -j add pinned "$ctr" key 9 0 0 0 field packets by 5
ok "JSON: denied" json 6 '.result == "denied"' -j set pinned "$dir/bpf/frozen" key "${key[@]}" offset 0 size 4 to 0
ok "JSON: an error, the word behind it" json 2 '.result == "usage" and (.error | startswith("packet: no such field"))' \
	add pinned "$ctr" key "${key[@]}" field packet by 5 json
no_program_is_left() {
	! "$bpftool" -j prog show | jq -e --argjson id "$(id_of flows)" '.[] | select(.map_ids // [] | index($id))'
}
ok "no program is left" no_program_is_left

for help in help --help -h; do
	ok "bpfcmp add $help" says 0 "0 reads the word" "$bpfcmp" add $help
	ok "bpfcmp set $help" says 0 "only if it is this" "$bpfcmp" set $help
done
ok "the start of a command is as before: s" says 2 "which entries? where" "$bpfcmp" s pinned "$ctr"
ok "the start of a command: se" says 2 "no key given" "$bpfcmp" se pinned "$ctr"
ok "the page is made" make_page
cd "$dir" || exit 1
"$bpftool" map update pinned "$dir/bpf/flows" key "${key[@]}" value 7 0 0 0 0 0 0 0 0 0 0 0 100 0 0 0
ok "the page's seventh example" example_is_true 7

for command in add set; do
	ok "$command: completes how to name a map" completes "help id name pinned" bpfcmp $command ""
	ok "$command: completes ids" offers "$(id_of flows)" bpfcmp $command id ""
done
ok "completes keywords of add" completes "by claim_first claim_last field json key keys offset size" bpfcmp add id 7 ""
ok "completes keywords of set" completes "claim_first claim_last field if json key keys offset size to" bpfcmp set id 7 ""
ok "each once" completes "by json" bpfcmp add id 7 key 1 field packets claim_first 1 claim_last 1 ""
ok "no field beside an offset" completes "claim_first claim_last json size to" bpfcmp set id 7 key 1 if 1 offset 8 ""
ok "completes types" completes "s32 s64 u32 u64" bpfcmp add id 7 field ""
ok "completes at" completes at bpfcmp add id 7 field u32 ""
ok "completes now" completes now bpfcmp set id 7 to ""
ok "completes in" offers in bpfcmp set id 7 to now+5s ""
ok "completes units" completes "h m ms ns s us" bpfcmp set id 7 to now+5s in ""
ok "completes data" completes hex bpfcmp set id 7 key ""
ok "offers nothing for a number" completes "" bpfcmp add id 7 by ""
tap_done
