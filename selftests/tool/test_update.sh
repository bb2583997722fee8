#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# bpfcmp update replaces a value, or writes to part of it, on the conditions that it is told and no others, and says
# what became of the entry as its page has it. Whatever it is told wrongly, it writes nothing.
set -u

[ "${1:-}" = inside ] || exec unshare -m "$0" inside

. "$(dirname "$0")/tool.sh"

flows=$dir/bpf/flows
key=(1 0 0 0)
value=({0..15})
new=({20..35})

create() { # file, type
	"$bpftool" map create "$dir/bpf/$1" type "$2" key 4 value 16 entries 4 name "$name$1" "${@:3}"
}

fill() { # file
	"$bpftool" map update pinned "$dir/bpf/$1" key "${key[@]}" value "${value[@]}"
}

is() { # file, the value's bytes
	local got
	got=$("$bpftool" -j map lookup pinned "$dir/bpf/$1" key "${key[@]}" | jq -r '.value | join(" ")' |
		xargs printf '%d ')
	[ "$got" = "$2 " ] || { echo "$1 has '$got'"; return 1; }
}

is_absent() { # file, key's first byte
	! "$bpftool" map lookup pinned "$dir/bpf/$1" key "$2" 0 0 0
}

# What a call makes of flows' entry: the value's bytes afterwards, status, text, words behind the key.
makes() {
	fill flows
	says "$2" "$3" "$bpfcmp" update pinned "$flows" key "${key[@]}" "${@:4}" && is flows "$1"
}

leaves() { # status, text, words behind the key
	makes "${value[*]}" "$@"
}

for map in flows full frozen; do
	create $map hash
done
create lru lru_hash
create array array
create percpu percpu_hash
fill frozen
"$bpftool" map freeze pinned "$dir/bpf/frozen"

ok "replaces what equals" makes "${new[*]}" 0 updated value "${new[@]}" compare "${value[@]}"
ok "in hex" makes "${new[*]}" 0 updated value hex 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f 20 21 22 23 \
	compare hex 0d 0e offset 13 size 2
ok "an offset, to the value's end, in another order" makes "${new[*]}" 0 updated offset 14 compare 14 15 \
	value "${new[@]}"
ok "differs: status 3" leaves 3 "differs: the entry is left alone" value "${new[@]}" compare 1 size 1
ok "the old value" makes "${new[*]}" 0 "old: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f" \
	value "${new[@]}" compare 0 size 1 old
by_id_and_name() {
	fill flows
	says 0 updated "$bpfcmp" update id "$(id_of flows)" key "${key[@]}" value "${new[@]}" compare "${value[@]}" &&
		says 0 updated "$bpfcmp" upd name "${name}flows" key "${key[@]}" value "${value[@]}" compare "${new[@]}" &&
		is flows "${value[*]}"
}
ok "by the map's id and name" by_id_and_name
ok "absent: status 4" says 4 "absent: there is no such key" "$bpfcmp" update pinned "$flows" key 9 0 0 0 \
	value "${new[@]}" compare "${value[@]}"
ok "and it is not created" is_absent flows 9

# Part of the value.
ok "a word in place" makes "0 1 2 3 9 8 7 6 ${value[*]:8}" 0 updated value 9 8 7 6 in_place at 4
ok "one of 8 bytes" makes "${value[*]:0:8} 1 0 0 0 0 0 0 0" 0 updated in_place at 8 value 1 0 0 0 0 0 0 0
ok "the old word" makes "0 1 2 3 9 8 7 6 ${value[*]:8}" 0 "old: 04 05 06 07" value 9 8 7 6 in_place at 4 old
ok "if it equals" makes "0 1 2 3 9 8 7 6 ${value[*]:8}" 0 updated value 9 8 7 6 in_place at 4 compare 4 5 6 7 \
	offset 4 size 4
ok "if another part equals" makes "${value[*]:0:12} 9 8 7 6" 0 updated in_place at 12 value 9 8 7 6 compare 0 1 size 2
ok "in place: differs" leaves 3 differs value 9 8 7 6 in_place at 4 compare 4 5 6 8 offset 4 size 4
ok "in place: absent" says 4 absent "$bpfcmp" update pinned "$flows" key 9 0 0 0 value 9 8 7 6 in_place at 4
range=(claim_first 0x07060504 claim_last 0x07060507)
ok "no claim is written over" leaves 3 "claimed: the word is a claim, or would be" value 9 8 7 6 in_place at 4 \
	"${range[@]}"
ok "nor written" leaves 3 claimed value 6 5 6 7 in_place at 8 "${range[@]}"
ok "what is none is" makes "${value[*]:0:8} 3 5 6 7 ${value[*]:12}" 0 updated value 3 5 6 7 in_place at 8 "${range[@]}"
ok "claims, counted from the top" leaves 3 claimed value 254 255 255 255 in_place at 4 claim_first -2 claim_last -1
ok "below them" makes "0 1 2 3 253 255 255 255 ${value[*]:8}" 0 updated value 253 255 255 255 in_place at 4 \
	claim_first -2 claim_last -1
ok "of 8 bytes" leaves 3 claimed value 254 255 255 255 255 255 255 255 in_place at 8 claim_first -2 claim_last -1
ok "a claim, and compared" leaves 3 "differs, or its word is a claim" value 9 8 7 6 in_place at 4 compare 4 5 6 7 \
	offset 4 size 4 "${range[@]}"

# Whatever it is.
ok "any replaces" makes "${new[*]}" 0 updated value "${new[@]}" any
ok "exist replaces" makes "${new[*]}" 0 updated value "${new[@]}" exist
ok "noexist does not" leaves 3 "exists: there is one" value "${new[@]}" noexist
"$bpftool" map delete pinned "$flows" key "${key[@]}"
ok "exist creates none: status 4" says 4 absent "$bpfcmp" update pinned "$flows" key "${key[@]}" value "${new[@]}" exist
ok "and there is none" is_absent flows 1
ok "noexist creates one" says 0 updated "$bpfcmp" update pinned "$flows" key "${key[@]}" value "${new[@]}" noexist
ok "as it has to be" is flows "${new[*]}"
"$bpftool" map delete pinned "$flows" key "${key[@]}"
ok "any creates one" says 0 updated "$bpfcmp" update pinned "$flows" key "${key[@]}" value "${new[@]}" any
ok "as it has to be, too" is flows "${new[*]}"
full() {
	for i in 1 2 3 4; do
		"$bpfcmp" update pinned "$dir/bpf/full" key $i 0 0 0 value "${value[@]}" noexist || return
	done
	says 1 "the map is full, with 4 entries" "$bpfcmp" update pinned "$dir/bpf/full" key 5 0 0 0 \
		value "${value[@]}" any &&
		says 0 updated "$bpfcmp" update pinned "$dir/bpf/full" key 1 0 0 0 value "${new[@]}" compare 0 size 1 &&
		is full "${new[*]}"
}
ok "a full map" full

lru() {
	fill lru
	says 0 updated "$bpfcmp" update pinned "$dir/bpf/lru" key "${key[@]}" value "${new[@]}" compare 0 size 1 &&
		says 0 "old: 14 15 16 17" "$bpfcmp" update pinned "$dir/bpf/lru" key "${key[@]}" value 1 2 3 4 \
			in_place at 0 old &&
		is lru "1 2 3 4 ${new[*]:4}"
}
ok "an LRU map" lru
whole="value ${new[*]}"
for words in "any $whole" "compare 0 size 1 $whole" "in_place at 0 value 1 2 3 4"; do
	for file in array percpu; do
		# shellcheck disable=SC2086 # a list
		ok "$file: ${words%% *}: status 5" says 5 "map type $file" "$bpfcmp" update pinned "$dir/bpf/$file" \
			key "${key[@]}" $words
	done
done
frozen() { # words behind the key
	says 6 frozen "$bpfcmp" update pinned "$dir/bpf/frozen" key "${key[@]}" "$@" && is frozen "${value[*]}"
}
ok "a frozen map: status 6" frozen value "${new[@]}" compare 0 size 1
ok "a frozen map, in place" frozen value 1 2 3 4 in_place at 0
ok "a frozen map, whatever it has" frozen value "${new[@]}" any
fill flows
denied() { # text, its capabilities, words behind the key
	says 6 "$1" setpriv --inh-caps="$2" --bounding-set="$2" "$bpfcmp" update pinned "$flows" key "${key[@]}" "${@:3}" &&
		is flows "${value[*]}"
}
ok "no privilege: status 6" denied "takes CAP_BPF" -all value "${new[@]}" compare 0 size 1
ok "no privilege in place" denied "takes CAP_BPF" -all value 1 2 3 4 in_place at 0
ok "CAP_BPF does not do in place" denied "takes CAP_PERFMON" -all,+bpf value 1 2 3 4 in_place at 0
with_cap_bpf() {
	says 0 updated setpriv --inh-caps=-all,+bpf --bounding-set=-all,+bpf "$bpfcmp" update pinned "$flows" \
		key "${key[@]}" value "${new[@]}" compare 0 size 1 && is flows "${new[*]}"
}
ok "it does by compare" with_cap_bpf

# A value with a lock: then also several bytes at once.
make_lock_map() {
	make_btf_maps lock_prog <<-'END'
		struct bpf_spin_lock {
			unsigned int val;
		};
		struct value {
			struct bpf_spin_lock lock;
			unsigned char bytes[12];
		};
		struct {
			int (*type)[1];
			int (*max_entries)[4];
			unsigned int *key;
			struct value *value;
		} lock __attribute__((section(".maps"), used));
	END
}
ok "a map with a lock" make_lock_map
locked() {
	local at=(update pinned "$dir/bpf/lock" key "${key[@]}")
	"$bpfcmp" "${at[@]}" value 0 0 0 0 "${value[@]:4}" noexist &&
		says 0 "old: 05 06 07 08 09" "$bpfcmp" "${at[@]}" value 9 9 9 9 9 in_place at 5 old &&
		is lock "0 0 0 0 4 9 9 9 9 9 10 11 12 13 14 15" &&
		says 3 differs "$bpfcmp" "${at[@]}" value 1 1 1 1 1 in_place at 5 compare 5 offset 5 size 1 &&
		says 5 "a field that the kernel manages is there" "$bpfcmp" "${at[@]}" value 1 1 1 1 in_place at 0 &&
		says 2 "words of a value, of 4 or 8 bytes" "$bpfcmp" "${at[@]}" value 1 1 1 1 1 in_place at 4 \
			claim_first 1 claim_last 2 &&
		is lock "0 0 0 0 4 9 9 9 9 9 10 11 12 13 14 15"
}
ok "several bytes, under it" locked

# What is wrong, of calls that would write were they right.
cannot=(
	"no bpf_spin_lock"                      "value 1 2 3 4 in_place at 5"
	"no bpf_spin_lock"                      "value 1 2 3 4 5 in_place at 4"
	"no bpf_spin_lock"                      "value 1 2 3 4 5 6 7 8 in_place at 4"
	"1 or 2 bytes"                     "value 1 in_place at 4"
	"1 or 2 bytes"                     "value 1 2 in_place at 4"
)
fails=(
	"which entry? compare"                  "$whole"
	"which entry? compare"                  "$whole json"
	"no value given"                        "compare 0 size 1"
	"no value given"                        "any"
	"which entry? compare"                  "$whole old"
	"value: expected 16 bytes, given 15"    "value ${new[*]:1} any"
	"value: expected 16 bytes, given 17"    "$whole 1 compare 0 size 1"
	"value: expected 16 bytes, given 0"     "value any"
	"compare: expected 16 bytes, given 15"  "$whole compare ${value[*]:1}"
	"compare: expected 1 byte, given 2"     "$whole compare 0 1 size 1"
	"'256' is no byte, nor a keyword"       "$whole compare 256 size 1"
	"the value has 16 bytes"                "$whole compare 0 offset 16 size 1"
	"the value has 16 bytes"                "$whole compare size 0"
	"offset or size without compare"        "value 1 2 3 4 in_place at 4 size 4"
	"offset or size without compare"        "$whole any offset 4"
	"more than one of any, noexist and"     "$whole any exist"
	"any, noexist or exist with compare"    "$whole any compare 0 size 1"
	"any, noexist or exist with compare"    "value 1 2 3 4 exist in_place at 4"
	"old without compare or in_place"       "$whole any old"
	"in_place: no 'at' after it"            "value 1 2 3 4 in_place"
	"in_place: no 'at' after it"            "value 1 2 3 4 in_place 4"
	"at: no number given"                   "value 1 2 3 4 in_place at"
	"at: 'x' is no number of 32 bits"       "value 1 2 3 4 in_place at x"
	"in_place: offset 14 and size 4: the"   "value 1 2 3 4 in_place at 14"
	"in_place: offset 4 and size 0: the"    "value in_place at 4"
	"in_place: offset 4294967295 and size"  "value 1 2 3 4 in_place at 4294967295"
	"one without the other"                 "value 1 2 3 4 in_place at 4 claim_first 1"
	"one without the other"                 "value 1 2 3 4 in_place at 4 claim_last 1"
	"claim_first without in_place"          "$whole compare 0 size 1 claim_first 1 claim_last 2"
	"claim_first: no number given"          "value 1 2 3 4 in_place at 4 claim_last 2 claim_first"
	"'x' is no number of 32 bits"           "value 1 2 3 4 in_place at 4 claim_last 2 claim_first x"
	"'4294967296' is no number of 32"       "value 1 2 3 4 in_place at 4 claim_first 1 claim_last 4294967296"
	"as unsigned numbers that is none"      "value 1 2 3 4 in_place at 4 claim_first -1 claim_last 1"
	"0 alone cannot be the claims"          "value 1 2 3 4 in_place at 4 claim_first 0 claim_last 0"
	"which is no multiple of its 4 bytes"   "value 1 2 3 4 in_place at 5 claim_first 1 claim_last 2"
	"'any' is there twice"                  "$whole any any"
	"unknown word 'backend', see bpfcmp up" "$whole any backend auto"
	"unknown word 'claim', see bpfcmp upda" "value 1 2 3 4 in_place at 4 claim 1 0 0 0"
)
for ((i = 0; i < ${#cannot[@]}; i += 2)); do
	# shellcheck disable=SC2086 # a list
	ok "cannot '${cannot[i + 1]:0:60}': status 5" leaves 5 "${cannot[i]}" ${cannot[i + 1]}
done
for ((i = 0; i < ${#fails[@]}; i += 2)); do
	# shellcheck disable=SC2086 # a list
	ok "refuses '${fails[i + 1]:0:60}'" leaves 2 "${fails[i]}" ${fails[i + 1]}
done
each_start_is_refused() {
	local words=(pinned "$flows" key "${key[@]}" value "${new[@]}" compare "${value[@]}") i
	fill flows
	for ((i = 0; i < ${#words[@]}; i++)); do
		says 2 "Error: " "$bpfcmp" update "${words[@]:0:i}" || return
	done
	is flows "${value[*]}"
}
ok "no start of a call writes" each_start_is_refused
ok "no map" says 2 "update: which map?" "$bpfcmp" update
ok "no key" says 2 "no key given" "$bpfcmp" update pinned "$flows" value "${new[@]}" any
ok "a key too short" says 2 "key: expected 4 bytes, given 3" "$bpfcmp" update pinned "$flows" key 1 0 0 \
	value "${new[@]}" any
ok "no such map" says 1 "no map named '${name}none'" "$bpfcmp" update name "${name}none" key 1 value 1 any

answers() { # status, filter, words behind the key
	fill flows
	json "$1" "$2" "${option[@]}" update pinned "$flows" key "${key[@]}" "${@:3}"
}
option=(-j)
ok "JSON: updated" answers 0 '. == {result: "updated"}' value "${new[@]}" compare "${value[@]}"
ok "JSON: old" answers 0 '. == {result: "updated", old: ["0x04","0x05","0x06","0x07"]}' value 1 2 3 4 in_place at 4 old
ok "JSON: the old value" answers 0 '.old | length == 16 and .[15] == "0x0f"' value "${new[@]}" compare 0 size 1 old
ok "JSON: differs" answers 3 '. == {result: "differs"}' value "${new[@]}" compare 1 size 1 old
ok "JSON: claimed" answers 3 '. == {result: "claimed"}' value 1 2 3 4 in_place at 4 "${range[@]}" old
ok "JSON: exists" answers 3 '. == {result: "exists"}' value "${new[@]}" noexist
ok "JSON: absent" json 4 '. == {result: "absent"}' -p update pinned "$flows" key 9 0 0 0 value "${new[@]}" exist
ok "JSON: unsupported" answers 5 '.result == "unsupported" and (.reason | contains("bpf_spin_lock"))' value 1 2 3 4 \
	in_place at 5
ok "JSON: an error" answers 2 '.result == "usage" and (has("reason") | not)' value 1 2 3 4 compare 1
option=()
ok "JSON: the word" answers 0 '. == {result: "updated"}' json value "${new[@]}" any
ok "JSON: an error, the word behind it" answers 2 '.result == "usage"' value x json
no_program_is_left() {
	! "$bpftool" -j prog show | jq -e --argjson id "$(id_of flows)" '.[] | select(.map_ids // [] | index($id))'
}
ok "no program is left" no_program_is_left

for help in help --help -h; do
	ok "bpfcmp update $help" says 0 "in_place at N   write the data" "$bpfcmp" update $help
done
ok "the page is made" make_page
"$bpftool" map update pinned "$flows" key "${key[@]}" value 5 0 0 0 0 0 0 0 0 0 0 0 100 0 0 0
cd "$dir" || exit 1
ok "the page's sixth example" example_is_true 6

ok "completes how to name a map" completes "help id name pinned" bpfcmp update ""
ok "completes ids" offers "$(id_of flows)" bpfcmp update id ""
ok "completes keywords" completes \
	"any claim_first claim_last compare exist in_place json key noexist offset old size value" bpfcmp update id 7 ""
ok "each once" completes "claim_first claim_last json offset old size" \
	bpfcmp update id 7 key 1 value 1 compare 1 in_place at 4 ""
ok "of those without a condition" completes "json value" bpfcmp update id 7 any key 1 ""
ok "completes at" completes at bpfcmp update id 7 in_place ""
ok "completes data" completes hex bpfcmp update id 7 key 1 value ""
ok "offers nothing for a number" completes "" bpfcmp update id 7 in_place at ""
tap_done
