#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# bpfcmp sweep deletes what matches and nothing else, bpfcmp count counts it, and both say so as the page has it:
# claims, limits, JSON, maps that are gone through in parts. Whatever they are told wrongly, they delete nothing.
set -u

[ "${1:-}" = inside ] || exec unshare -m "$0" inside

. "$(dirname "$0")/tool.sh"
. "$(dirname "$0")/conns.sh"

ok "maps with BTF" make_maps

sweeps() { # which go, words behind the map
	local which=$1 got all
	shift
	fill
	got=$(listed sweep pinned "$conns" "$@")
	all=$(xargs -n 1 <<<"$got $(left)" | sort | xargs)
	[ "$got" = "$which" ] && [ "$all" = "$ids" ] && return
	echo "sweep $*: '$got', left '$(left)': $(cat "$dir/listed")"
	return 1
}

ok "sweeps what matches" sweeps "1 2" where u8 at 14 mask 0x7c eq 0 and u8 at 14 ne 0 and u8 at 14 lt 128
ok "by name" sweeps 2 where value.state eq 2
ok "sweeps all" sweeps "1 2 3 4 5" all
ok "nothing matches" sweeps "" where u8 at 14 eq 77
ok "by the map's id" says 0 "deleted 0," "$bpfcmp" sweep id "$(id_of "${name}conns")" where u8 at 14 eq 77
ok "by the map's name" says 0 "deleted 0," "$bpfcmp" sweep name "${name}conns" where u8 at 14 eq 77
ok "a claim" sweeps "1 2" where u32 at 8 lt 3000 and u32 at 8 gt 0 claim hex ff ff ff ff
ok "a claim beside the first condition" sweeps 2 where u8 at 14 eq 2 and u32 at 8 lt 3000 \
	claim_offset 8 claim 255 255 255 255
ok "a claim where the first condition is" sweeps 2 where u32 at 8 lt 3000 and u8 at 14 eq 2 claim 9 9 9 9
ok "a claim where the key comes first" sweeps 2 where key.id eq 2 and u32 at 8 lt 3000 claim 9 9 9 9
ok "whose word is claimed stays" sweeps "" where u32 at 8 eq 1000 claim 232 3 0 0
ok "in a range, too" sweeps "2" where u32 at 8 ne 0 and u32 at 8 lt 0x10000 claim 208 3 0 0 \
	claim_first 976 claim_last 1000
fill
dry_run() {
	[ "$(listed sweep pinned "$conns" where u8 at 14 eq 2 dry-run)" = 2 ] &&
		says 0 "scanned 5, matched 1, in" "$bpfcmp" sweep pinned "$conns" dry-run where u8 at 14 eq 2 &&
		says 0 "scanned 5, matched 5, in" "$bpfcmp" sweep pinned "$conns" all dry-run &&
		[ "$(left)" = "$ids" ]
}
ok "dry-run deletes nothing" dry_run
ok "count, of all" says 0 "scanned 5, matched 5, in" "$bpfcmp" count pinned "$conns"
ok "count, of all, said" says 0 "scanned 5, matched 5, in" "$bpfcmp" count pinned "$conns" all
ok "nor does count" [ "$(left)" = "$ids" ]
bytes="00 00 00 80 00 80 80 00 7f 00 00 01 ff ff 00 80"
ok "keys and values" says 0 "key: 7f 00 00 01 ff ff 11 04  value: 00 00 00 00 00 00 00 80 $bytes" \
	"$bpfcmp" count pinned "$conns" where value.state eq 128 keys values
ok "values alone" says 0 $'\n'"value: 00 00 00 00 00 00 00 80 $bytes" \
	bash -c 'echo; "$@"' bash "$bpfcmp" sweep pinned "$conns" where value.state eq 128 values
limited() {
	fill
	says 0 "matched 2, deleted 2, changed 0, in" "$bpfcmp" sweep pinned "$conns" all limit 2 &&
		[ "$(left | wc -w)" -eq 3 ] &&
		says 0 "limit reached" "$bpfcmp" sweep pinned "$conns" where key.id ge 1 limit 1 keys &&
		[ "$(left | wc -w)" -eq 2 ] &&
		says 0 "matched 1, in" "$bpfcmp" count pinned "$conns" limit 1 &&
		[ "$(listed count pinned "$conns" limit 1 | wc -w)" -eq 1 ] &&
		says 0 "deleted 2" "$bpfcmp" sweep pinned "$conns" all limit 4294967295 &&
		[ "$(left)" = "" ]
}
ok "a limit" limited
fill
ok "JSON: counted" json 0 '.result == "done" and .scanned == 5 and .matched == 2 and .deleted == 0 and
	.changed == 0 and .microseconds > 0 and (has("entries") | not)' -j count pinned "$conns" where key.proto eq 6
ok "JSON: the word" json 0 '.matched == 2' count pinned "$conns" json where key.proto eq 6
ok "JSON: entries" json 0 '.entries == [{key: ["0x7f","0x00","0x00","0x01","0xff","0xff","0x11","0x04"]}]' \
	-p count pinned "$conns" where value.state eq 128 keys
ok "JSON: values" json 0 '.deleted == 1 and (.entries | length == 1 and (.[0].value | length == 24)
	and (.[0] | has("key") | not))' -j sweep pinned "$conns" where value.state eq 128 values
ok "JSON: no entries" json 0 '.entries == [] and .matched == 0' -p sweep pinned "$conns" where key.id eq 9 keys
ok "JSON: a limit" json 0 '.result == "limit" and .deleted == 1' -j sweep pinned "$conns" all limit 1
ok "JSON: an error" json 2 '.result == "usage" and (.error | contains("no field"))' -j sweep pinned "$conns" where x
ok "JSON: an error, the word behind it" json 2 '.result == "usage"' sweep pinned "$conns" where x json
ok "JSON: the library's error" json 2 '.result == "usage" and (.reason | length > 0) and .deleted == 0 and
	.entries == []' -p sweep pinned "$conns" where key.id eq 1 keys claim 1 0 0 0
fill

# What is wrong, of calls that would delete were they right.
refuses() { # text, words behind the map: status 2, and all stay
	local text=$1
	shift
	says 2 "$text" "$bpfcmp" sweep pinned "$conns" "$@" && [ "$(left)" = "$ids" ]
}
fails=(
	"which entries? where"               ""
	"which entries? where"               "dry-run"
	"all, and where"                     "all where key.id eq 1"
	"unknown word 'there'"               "all there"
	"'all' is there twice"               "all all"
	"'where' is there twice"             "where key.id eq 1 where key.id eq 1"
	"limit: no number given"             "all limit"
	"limit: 0 entries"                   "all limit 0"
	"'4294967296' is no number of 32"    "all limit 4294967296"
	"claim: expected 4 or 8 bytes, give" "where u32 at 8 ge 0 claim 1 2 3"
	"all with claim"                     "all claim 1 0 0 0"
	"claim_offset without claim"         "where u32 at 8 ge 0 claim_offset 8"
	"claim_first without claim"          "where u32 at 8 ge 0 claim_first 1 claim_last 2"
	"one without the other"              "where u32 at 8 ge 0 claim 1 0 0 0 claim_first 1"
	"are no condition's field"           "where u32 at 8 ge 0 or key.id ge 0 claim 1 0 0 0"
)
for ((i = 0; i < ${#fails[@]}; i += 2)); do
	# shellcheck disable=SC2086 # a list
	ok "refuses '${fails[i + 1]:0:60}'" refuses "${fails[i]}" ${fails[i + 1]}
done

create() { # file, type, entries, more for bpftool
	local file=$1
	"$bpftool" map create "$dir/bpf/$file" type "$2" key 4 value 4 entries "$3" name "$name$file" "${@:4}"
}
create plain hash 8
create lru lru_hash 8
create array array 8
create frozen hash 8
for file in plain lru frozen; do
	"$bpftool" map update pinned "$dir/bpf/$file" key 1 0 0 0 value 1 0 0 0
done
"$bpftool" map freeze pinned "$dir/bpf/frozen"
ok "no BTF: says how to do without" says 2 "the map has no BTF, which would have names: say where it is, as in 'value u32 at 0'" \
	"$bpfcmp" count pinned "$dir/bpf/plain" where value.x eq 1
ok "no privilege to read BTF: status 6" says 6 "without, say where it is, as in 'key u32 at 0'" \
	without_privilege "$bpfcmp" count pinned "$conns" where key.id eq 1
ok "without BTF" says 0 "deleted 1," "$bpfcmp" sweep pinned "$dir/bpf/plain" where u32 at 0 eq 1
ok "an LRU map" says 0 "deleted 1," "$bpfcmp" sweep pinned "$dir/bpf/lru" where u32 at 0 eq 1
ok "an array: status 5" says 5 "neither hash nor lru_hash" "$bpfcmp" sweep pinned "$dir/bpf/array" where u32 at 0 eq 1
ok "a frozen map: status 6" says 6 frozen "$bpfcmp" sweep pinned "$dir/bpf/frozen" where u32 at 0 eq 1
ok "but it may be counted" says 0 "matched 1," "$bpfcmp" count pinned "$dir/bpf/frozen" where u32 at 0 eq 1
ok "no privilege: status 6" says 6 CAP_BPF without_privilege "$bpfcmp" sweep pinned "$conns" where u8 at 14 ge 0
ok "and the entries stay" [ "$(left)" = "$ids" ]
with_cap_bpf() {
	setpriv --inh-caps=-all,+bpf --bounding-set=-all,+bpf "$@"
}
ok "CAP_BPF will do" says 0 "deleted 1," with_cap_bpf "$bpfcmp" sweep pinned "$conns" where u8 at 14 eq 2
ok "no map" says 2 "sweep: which map?" "$bpfcmp" sweep
ok "no map to count" says 2 "where: which map?" "$bpfcmp" count where key.id eq 1
ok "no such map" says 1 "no map named '${name}none'" "$bpfcmp" sweep name "${name}none" all

# A map that is gone through in parts. 16384 entries are 280 KB of keys, and a pipe takes 64.
create big hash 16384
fill_big() {
	local i
	for ((i = 0; i < 16384; i++)); do
		echo "map update pinned $dir/bpf/big key $((i & 255)) $((i >> 8)) 0 0 value 1 0 0 0"
	done >"$dir/batch"
	"$bpftool" batch file "$dir/batch" >/dev/null
}
fill_big
ok "parts: each entry once" says 0 "scanned 16384, matched 16384, in" "$bpfcmp" count pinned "$dir/bpf/big"
ok "parts: a limit over several" says 0 "matched 9000, in" "$bpfcmp" count pinned "$dir/bpf/big" limit 9000
ok "parts: by CAP_BPF" says 0 "scanned 16384, matched 64," with_cap_bpf "$bpfcmp" count pinned "$dir/bpf/big" where key u8 at 0 eq 7
keys_once() { # command: all keys are printed, each once
	"$@" | grep '^key' | sort -u | wc -l | grep -qx 16384
}
ok "parts: keys" keys_once "$bpfcmp" count pinned "$dir/bpf/big" keys
ok "parts: keys by CAP_BPF" keys_once with_cap_bpf "$bpfcmp" count pinned "$dir/bpf/big" keys
# It is interrupted while nobody reads what it prints of the first part.
interrupted() { # options
	mkfifo "$dir/fifo"
	env --default-signal=INT "$bpfcmp" "$@" sweep pinned "$dir/bpf/big" all keys >"$dir/fifo" 2>&1 &
	{
		head -c 1 >/dev/null
		kill -INT $!
		cat
	} <"$dir/fifo" >"$dir/printed"
	wait $!
	local status=$?
	rm "$dir/fifo"
	[ $status -eq 130 ] || { echo "status $status"; return 1; }
}
is_interrupted() {
	interrupted || return
	grep -q ", changed 0, in .* ms: interrupted" "$dir/printed" || { tail -n 3 "$dir/printed"; return 1; }
	local deleted
	deleted=$(sed -n 's/.* deleted \([0-9]*\),.*/\1/p' "$dir/printed")
	[ "$deleted" -gt 0 ] && says 0 "matched $((16384 - deleted))," "$bpfcmp" count pinned "$dir/bpf/big"
}
ok "interrupted: the counts so far" is_interrupted
fill_big
interrupted_json() {
	interrupted -j || return
	{ echo -n '{'; cat "$dir/printed"; } | tr -s '{' >"$dir/json"
	jq -e '.result == "interrupted" and .deleted == (.entries | length)' "$dir/json"
}
ok "interrupted: JSON" interrupted_json
ok "parts: sweeps the rest" says 0 "matched 0, in" bash -c '"$1" sweep pinned "$2" all && "$1" count pinned "$2"' \
	bash "$bpfcmp" "$dir/bpf/big"
no_program_is_left() {
	! "$bpftool" -j prog show | jq -e --argjson id "$(id_of big)" '.[] | select(.map_ids // [] | index($id))'
}
ok "no program is left" no_program_is_left

for help in help --help -h; do
	ok "bpfcmp sweep $help" says 0 "dry-run         delete nothing" "$bpfcmp" sweep $help
	ok "bpfcmp count $help" says 0 "Counts the entries" "$bpfcmp" count $help
done

page_examples() {
	local now
	now=$(sed -n 's/^now at \([0-9]*\) nsecs/\1/p' /proc/timer_list)
	"$bpfcmp" sweep pinned "$conns" all >"$dir/none"
	# Over; closed for long; closed just now; neither.
	put() { # key's address and id, seconds since it was seen, lifetime from now on, state
		"$bpftool" map update pinned "$conns" key 10 0 0 "$1" 1 187 6 "$1" value \
			$(le $((now - $2 * 1000000000)) 8) $(le $((now / 1000000000 + $3)) 4) \
			0 0 "$4" 0 0 0 0 0 0 0 0 0
	}
	put 1 5 -10 1 && put 2 60 600 3 && put 3 5 600 3 && put 4 5 600 1 && example_is_true 3 &&
		[ "$(left)" = "3 4" ]
}
create flows hash 8
for key in "10 0 0 7" "10 0 0 9" "10 0 1 7"; do
	# shellcheck disable=SC2086 # a list
	"$bpftool" map update pinned "$dir/bpf/flows" key $key value 1 0 0 0
done
ok "the page is made" make_page
cd "$dir" || exit 1
ok "the page's third example" page_examples
ok "the page's fourth example" example_is_true 4

for command in sweep count; do
	ok "$command: completes how to name a map" completes "help id name pinned" bpfcmp $command ""
	ok "$command: completes ids" offers "$(id_of flows)" bpfcmp $command id ""
done
ok "completes keywords" completes "all claim claim_first claim_last claim_offset dry-run json keys limit values where" \
	bpfcmp sweep id 7 ""
ok "completes keywords of count" offers_not dry-run bpfcmp count id 7 ""
ok "each once" completes "json limit values" bpfcmp sweep id 7 all keys claim 1 claim_offset 1 claim_first 1 \
	claim_last 1 dry-run ""
ok "completes fields" completes key bpfcmp sweep id 7 where k
ok "completes types" offers be32 bpfcmp sweep id 7 where ""
ok "of a key" completes "be16 be32 be64" bpfcmp sweep id 7 where key b
ok "completes at" completes at bpfcmp sweep id 7 where u32 ""
ok "offers nothing for an offset" completes "" bpfcmp sweep id 7 where u32 at ""
ok "completes comparisons" completes "after before eq ge gt le lt mask ne" bpfcmp sweep id 7 where u32 at 8 ""
ok "of a name" completes "after before eq ge gt le lt mask ne" bpfcmp sweep id 7 where key.id ""
ok "after a mask" completes "after before eq ge gt le lt ne" bpfcmp sweep id 7 where key.id mask 7 ""
ok "completes now" completes now bpfcmp sweep id 7 where key.id mask 7 eq ""
ok "completes units" completes "h m ms ns s us" bpfcmp sweep id 7 where u32 at 8 before now-30s in ""
ok "completes in" offers in bpfcmp sweep id 7 where u32 at 8 before now-30s ""
ok "completes and, or" completes "and or" bpfcmp sweep id 7 where u32 at 8 eq 5 limit 5 keys values claim 1 \
	claim_offset 1 claim_first 1 claim_last 1 dry-run json and u8 at 1 eq 5 ""
ok "completes data" completes hex bpfcmp sweep id 7 all claim ""
tap_done
