#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# bpfcmp delete, add and set with keys from a file: all that bpftool and a sweep print, and keys as they are typed; each
# key has its answer, and what is no such file does nothing from there on. One program is loaded, however many keys.
set -u

[ "${1:-}" = inside ] || exec unshare -m "$0" inside

. "$(dirname "$0")/tool.sh"
flows=$dir/bpf/flows
wide=$dir/bpf/wide
big=$dir/bpf/big

create() { # file, type, size of keys, of values, entries, more for bpftool
	local file=$1 type=$2 key=$3 value=$4 entries=$5
	shift 5
	"$bpftool" map create "$dir/bpf/$file" type "$type" key "$key" value "$value" entries "$entries" \
		name "$name$file" "$@"
}
create flows hash 4 16 16
# Such that bpftool takes several lines for an entry, and for its value.
create wide hash 20 40 16
create big lru_hash 4 8 40000
create array array 4 16 4

put() { # key's first byte, value's first and 13th
	"$bpftool" map update pinned "$flows" key "$1" 0 0 0 value "$2" 0 0 0 0 0 0 0 0 0 0 0 "$3" 0 0 0
}
fill() { # flows: 1 to 4
	local i
	for i in 1 2 3 4; do
		put $i $((i + 4)) 100
	done
}
left() { # which keys are in flows
	"$bpftool" -j map dump pinned "$flows" | jq -r '[.[].key[0][3:] | tonumber] | sort | join(" ")'
}
deletes() { # keys that are left, summary, arguments, of standard input
	local left=$1 summary=$2 out
	shift 2
	out=$("$bpfcmp" delete pinned "$flows" "$@" 2>&1)
	status=$?
	[[ $out == "keys $summary, locked 0, in "*" ms" ]] && [ "$(left)" = "$left" ] && return
	echo "status $status, left $(left): $out"
	return 1
}
with_status() { # status, command
	local want=$1 status=
	shift
	"$@" && [ "$status" -eq "$want" ] && return
	echo "status $status"
	return 1
}
dump() {
	"$bpftool" "$@" map dump pinned "$flows"
}

fill
dump >"$dir/plain"
dump -j >"$dir/json"
dump -p >"$dir/pretty"
all="4, deleted 4, differed 0, absent 0"
for file in plain json pretty; do
	fill
	ok "what bpftool dumps, $file" with_status 0 deletes "" "$all" keys "$dir/$file"
	ok "a second time: absent, status 4" with_status 4 deletes "" "4, deleted 0, differed 0, absent 4" keys "$dir/$file"
	fill
	ok "from standard input" with_status 0 deletes "" "$all" keys - <"$dir/$file"
	fill
	put 2 9 100
	ok "one that changed meanwhile: status 3" with_status 3 deletes 2 "4, deleted 3, differed 1, absent 0" \
		keys "$dir/$file"
	fill
	put 2 9 100
	ok "not in what is looked at" with_status 0 deletes "" "$all" keys "$dir/$file" offset 12
	fill
	put 2 9 100
	put 3 7 101
	ok "where it is looked at" with_status 3 deletes 3 "4, deleted 3, differed 1, absent 0" \
		keys "$dir/$file" offset 12 size 1
	fill
	put 2 9 100
	ok "all compared with the same" with_status 3 deletes "1 3 4" "4, deleted 1, differed 3, absent 0" \
		keys "$dir/$file" compare 9 offset 0 size 1
done

one="1, deleted 1, differed 0, absent 0"
two="2, deleted 2, differed 0, absent 0"
of() { # text, what is left, summary, words
	local text=$1 left=$2 summary=$3
	shift 3
	fill
	printf %b "$text" | deletes "$left" "$summary" keys - "$@"
}
# Bytes 12 to 15 are 100 0 0 0 in all.
seen=(compare 100 0 0 0 offset 12 size 4)
ok "keys as they are typed" of '1 0 0 0\n0x2 0x00 0 0\n' "3 4" "$two" "${seen[@]}"
ok "in hex" of 'hex 01 00 00 00\nhex 2 0 0 0' "3 4" "$two" "${seen[@]}"
ok "with blanks, tabs, empty lines and carriage returns" of '\n \t1  0 0\t0 \r\n\r\n  \n2 0 0 0\r\n\n' "3 4" "$two" "${seen[@]}"
ok "keys that a sweep prints" of 'key: 01 00 00 00\nkey: 02 00 00 00\nscanned 4, matched 2, in 1.2 ms\n' "3 4" "$two" "${seen[@]}"
ok "all on one line" of 'key: 01 00 00 00  value: 05 00 00 00 00 00 00 00  00 00 00 00 64 00 00 00\n' "2 3 4" "$one"
ok "the value on another" of 'key: 01 00 00 00\nvalue: 05 00 00 00 00 00 00 00\n00 00 00 00 64 00 00 00' "2 3 4" "$one"
ok "of an entry that bpftool could not read nothing is known" of \
	'key: 01 00 00 00  value: No such file or directory\nkey: 02 00 00 00\nvalue:\n<no entry>\nFound 2 elements\n' \
	"1 2 3 4" "2, deleted 0, differed 0, absent 2"
ok "but the key" of 'key: 01 00 00 00  value: No such file or directory\n' "2 3 4" "$one" "${seen[@]}"
ok "likewise in JSON" of '[{"key":["0x01","0x00","0x00","0x00"],"value":{"error":"No such file or directory"}}]' \
	"1 2 3 4" "1, deleted 0, differed 0, absent 1"
ok "arrays of keys" of '[["0x01","0x00","0x00","0x00"],["0x02","0x00","0x00","0x00"]]' "3 4" "$two" "${seen[@]}"
ok "one after the other" of '["0x01","0x00","0x00","0x00"]\n["0x02","0x00","0x00","0x00"]\n' "3 4" "$two" "${seen[@]}"
ok "of numbers" of '[1,0,0,0] [2, 0 ,0, 0]' "3 4" "$two" "${seen[@]}"
ok "members of every kind are passed over" of '{"formatted":{"a":[{"}":"]\\\\"}],"b":-1.5e+3,"c":null},"key":[1,0,0,0],"x":"\\\\\\""}' \
	"2 3 4" "$one" "${seen[@]}"
ok "the value before the key" of '{"value":[5,0,0,0,0,0,0,0,0,0,0,0,100,0,0,0],"key":[1,0,0,0]}' "2 3 4" "$one"
ok "a key twice: the second is absent" of '1 0 0 0\n1 0 0 0\n' "2 3 4" "2, deleted 1, differed 0, absent 1" "${seen[@]}"
none="0, deleted 0, differed 0, absent 0"
for text in '' '\n \n' '[]' ' [[],[ ]]' 'Found 0 elements\n'; do
	ok "no keys: '$text'" of "$text" "1 2 3 4" "$none"
	ok "is success" "$bpfcmp" delete pinned "$flows" keys - < <(printf %b "$text")
done
ok "with a claim" of '1 0 0 0' "2 3 4" "$one" "${seen[@]}" claim 9 9 9 9
ok "a claim in the values" of 'key: 01 00 00 00\nvalue: 05 00 00 00 00 00 00 00 00 00 00 00 64 00 00 00' "2 3 4" "$one" \
	claim 9 9 9 9 claim_offset 12 claim_first 0x09090909 claim_last 0x09090909
ok "a value that is a claim already" of 'key: 01 00 00 00\nvalue: 05 00 00 00 00 00 00 00 00 00 00 00 64 00 00 00' "1 2 3 4" \
	"1, deleted 0, differed 1, absent 0" claim 100 0 0 0 claim_offset 12

for size in 20 40; do
	bytes[size]=$(for ((i = 0; i < size; i++)); do printf ' %02x' $((i * 7)); done)
done
fill_wide() {
	# shellcheck disable=SC2086 # lists
	"$bpftool" map update pinned "$wide" key hex ${bytes[20]} value hex ${bytes[40]}
}
fill_wide
"$bpftool" map dump pinned "$wide" >"$dir/plain_wide"
"$bpftool" -j map dump pinned "$wide" >"$dir/json_wide"
"$bpfcmp" count pinned "$wide" keys values >"$dir/sweep_wide"
for how in plain json sweep; do
	fill_wide
	ok "large entries: $how" says 0 "keys $one" "$bpfcmp" delete pinned "$wide" keys "$dir/${how}_wide"
done
ok "bpftool wrote them on several lines" grep -qx key: "$dir/plain_wide"

# What is not as it has to be: nothing of that is done.
wrong() { # place and problem, text, words
	local problem=$1 text=$2 out got
	shift 2
	fill
	out=$(printf %b "$text" | "$bpfcmp" delete pinned "$flows" keys - "$@" 2>&1)
	got=$?
	[ $got -eq 1 ] && grep -qF -- "Error: standard input, $problem" <<<"$out" && [ "$(left)" = "1 2 3 4" ] && return
	echo "status $got, left $(left): $out"
	return 1
}
line="line 2: "
ok "a key too short" wrong "$line""key: expected 4 bytes" '1 0 0 0\n2 0 0\n' "${seen[@]}"
ok "a key too long" wrong "$line""key: expected 4 bytes" '1 0 0 0\n2 0 0 0 0\n3 0 0 0' "${seen[@]}"
ok "no byte" wrong "$line'256' is no byte" '1 0 0 0\n256 0 0 0' "${seen[@]}"
ok "a number with a 0 before it" wrong "$line'02' is no byte" '1 0 0 0\n02 00 00 00' "${seen[@]}"
ok "a word" wrong "$line'results' is no byte" '1 0 0 0\n2 0 0 results' "${seen[@]}"
ok "a word that is long" wrong "$line" "1 0 0 0\n2 0 0 $(printf '%0300d' 0)" "${seen[@]}"
ok "a key without its value" wrong "line 1: no value to compare with" '1 0 0 0\n'
ok "one of a dump" wrong "line 1: no value to compare with" 'key: 01 00 00 00\n'
ok "a dumped key too short" wrong "$line""key: expected 4 bytes" 'key: 01 00 00 00\nkey: 02 00 00 value: 05' "${seen[@]}"
ok "a dumped key too long" wrong "$line""more on the line" 'key: 01 00 00 00\nkey: 02 00 00 00 00' "${seen[@]}"
ok "a value too short" wrong "line 3: value: expected 16 bytes" 'key: 01 00 00 00\nvalue: 05 00\n' "${seen[@]}"
ok "a value too long" wrong "line 1: more on the line" \
	'key: 01 00 00 00  value: 05 00 00 00 00 00 00 00  00 00 00 00 64 00 00 00 00\n' "${seen[@]}"
ok "a value cut in a byte" wrong "line 1: value: expected 16 bytes" 'key: 01 00 00 00  value: 05 00 0'
ok "no value" wrong "$line""no 'value:'" 'key: 01 00 00 00\nvalues: 05' "${seen[@]}"
ok "a value without a key" wrong "line 1: 'value:' is no byte" 'value: 05 00 00 00\n' "${seen[@]}"
ok "JSON in lines" wrong "$line'[1,0,0,0]' is no byte" '1 0 0 0\n[1,0,0,0]' "${seen[@]}"
key1='{"key":[1,0,0,0]}'
json="line 1, entry 2: "
for text in '' ',' ']]' '}' '] x' '],' ',]' ',,[2,0,0,0]]' ' [2,0,0,0]]' ',{"key":[2,0,0]}]' ',{"key":[2,0,0,0,0]}]' \
	',{"key":[2,0,0,256]}]' ',{"key":[2,0,0,-1]}]' ',{"key":["2",0,0,"0x"]}]' ',{"key":["02",0,0,0]}]' \
	',{"key":2}]' ',{"value":[1]}]' ',{}]' ',{"key":[2,0,0,0],}]' ',{"key":[2,0,0,0] "a":1}]' \
	',{"key":[2,0,0,0],"a":[}]}]' ',{"key":[2,0,0,0],"a":"}]' ',{"key":[2,0,0,0],"value":5}]' \
	',{"key":[2,0,0,0],"a":}]' ',{"key"[2,0,0,0]}]' ',{key:[2,0,0,0]}]' ',"key"]' ',1]' ',null]' ',[2,0,0,0'; do
	ok "JSON that ends in '$text'" wrong "$json" "[$key1$text" "${seen[@]}"
done
ok "JSON that is nested too deeply" wrong "line 1, entry 1: " "$(printf '[%.0s' {1..100})"
ok "values that are, too" wrong "line 1, entry 1: no JSON" "{\"a\":$(printf '[%.0s' {1..100})" "${seen[@]}"
ok "of BTF's plain dump it is said what to do" wrong "line 3, entry 1: key: no array of as many bytes as the map has: bpftool -j" \
	'[\n{\n"key": 1,\n"value": {"a": 5}\n}]' "${seen[@]}"
every_start() { # file: of each start it deletes no more than it has
	local size i out
	size=$(wc -c <"$1")
	for ((i = 0; i < size; i += 3)); do
		fill
		out=$(head -c $i "$1" | "$bpfcmp" delete pinned "$flows" keys - 2>&1)
		grep -qE "^keys [0-4], .*, absent 0, |^Error: standard input, line" <<<"$out" || { echo "$i: $out"; return 1; }
	done
}
ok "each start of a dump" every_start "$dir/plain"
ok "each start of JSON" every_start "$dir/json"
any_bytes() { # file: with some bytes of it replaced. What it then is nobody knows, but it ends by itself.
	local i out got
	for ((i = 0; i < 150; i++)); do
		LC_ALL=C awk -v seed=$i -v RS='\001' 'BEGIN { srand(seed) } {
			for (n = 1 + rand() * 4; n > 1; n--) {
				at = int(rand() * length) + 1
				$0 = substr($0, 1, at - 1) sprintf("%c", 1 + int(rand() * 126)) substr($0, at + 1)
			}
			printf "%s", $0
		}' "$1" >"$dir/bytes"
		out=$("$bpfcmp" delete pinned "$flows" keys "$dir/bytes" 2>&1)
		got=$?
		[[ $got -le 4 && $out != *Sanitizer* ]] || { echo "$i, status $got: $out"; return 1; }
	done
}
ok "a dump with other bytes" any_bytes "$dir/plain"
ok "JSON with other bytes" any_bytes "$dir/json"
bytes_of_nothing() {
	head -c 200000 /dev/zero | "$bpfcmp" delete pinned "$flows" keys - "${seen[@]}" 2>&1 | grep -q "line 1: key: expected 4 bytes"
}
ok "zeros" bytes_of_nothing

# Wrong usage, and files that cannot be read.
fill
ok "no file" says 2 "keys: no file given" "$bpfcmp" delete pinned "$flows" keys
ok "no such file" says 1 "open $dir/none: No such file" "$bpfcmp" delete pinned "$flows" keys "$dir/none"
ok "a folder" says 1 "read $dir: Is a directory" "$bpfcmp" delete pinned "$flows" keys "$dir"
ok "standard input that is closed" says 1 "read standard input: Bad file" bash -c '"$@" <&-' bash "$bpfcmp" delete pinned "$flows" keys -
ok "key, and keys" says 2 "key, and keys" "$bpfcmp" delete pinned "$flows" keys - key 1 0 0 0 "${seen[@]}"
ok "linked" says 2 "linked with keys" "$bpfcmp" delete pinned "$flows" keys - linked pinned "$flows" key 1 0 0 0
ok "results of one key" says 2 "results without keys" "$bpfcmp" delete pinned "$flows" key 1 0 0 0 "${seen[@]}" results
ok "a region past the end" says 2 "the value has 16 bytes" "$bpfcmp" delete pinned "$flows" keys - offset 16
ok "a comparison too short" says 2 "compare: expected 16 bytes" "$bpfcmp" delete pinned "$flows" keys - compare 1
ok "an array: status 5" says 5 "neither hash nor lru_hash" "$bpfcmp" delete pinned "$dir/bpf/array" keys "$dir/json"
ok "no privilege: status 6" says 6 CAP_BPF without_privilege "$bpfcmp" delete pinned "$flows" keys - <"$dir/plain"
ok "a claim that is not aligned: status 2" says 2 "claim_offset 2" "$bpfcmp" delete pinned "$flows" keys - claim 1 1 1 1 claim_offset 2 <"$dir/plain"
ok "and the entries stay" [ "$(left)" = "1 2 3 4" ]

# Each key's answer.
answers() { # expected, words
	fill
	put 2 9 100
	{ cat "$dir/plain"; echo "key: 07 00 00 00  value: $(printf '00 %.0s' {1..16})"; } | grep -v Found |
		"$bpfcmp" delete pinned "$flows" keys - "${@:2}" >"$dir/answers"
	grep -v ^keys "$dir/answers" | sort | diff <(printf %b "$1") -
}
value_of() { # first byte
	echo "$1 00 00 00 00 00 00 00 00 00 00 00 64 00 00 00"
}
ok "results" answers "key: 01 00 00 00  deleted\nkey: 02 00 00 00  differs\nkey: 03 00 00 00  deleted
key: 04 00 00 00  deleted\nkey: 07 00 00 00  absent\n" results
ok "values of those that are deleted" answers "key: 01 00 00 00  value: $(value_of 05)\nkey: 03 00 00 00  value: $(value_of 07)
key: 04 00 00 00  value: $(value_of 08)\n" value
ok "both" answers "key: 01 00 00 00  deleted  value: $(value_of 05)\nkey: 02 00 00 00  differs
key: 03 00 00 00  deleted  value: $(value_of 07)\nkey: 04 00 00 00  deleted  value: $(value_of 08)\nkey: 07 00 00 00  absent\n" results value
back_again() { # what was deleted is put back by what is printed of it
	fill
	"$bpfcmp" delete pinned "$flows" keys "$dir/plain" value >"$dir/gone" && [ -z "$(left)" ] &&
		sed -n "s|^key: \(.*\)  value: |map update pinned $flows key hex \1 value hex |p" "$dir/gone" >"$dir/batch" &&
		"$bpftool" batch file "$dir/batch" >/dev/null && [ "$(left)" = "1 2 3 4" ] &&
		says 0 "keys $all" "$bpfcmp" delete pinned "$flows" keys "$dir/gone"
}
ok "what is printed is a file of keys" back_again
fill
ok "JSON" json 0 'del(.microseconds) == {result: "done", keys: 4, deleted: 4, differed: 0, absent: 0, locked: 0}' \
	-j delete pinned "$flows" keys "$dir/json"
ok "JSON: each key" json 4 '(.entries | length == 4) and all(.entries[]; .result == "absent" and (.key | length == 4) and
	(has("value") | not)) and .absent == 4' -j delete pinned "$flows" keys "$dir/json" results value
ok "JSON: nothing" json 0 '.entries == [] and .keys == 0' -p delete pinned "$flows" keys /dev/null results
fill
ok "JSON: an error" json 1 '.result == "error" and (.error | contains("line 1")) and .keys == 0 and .entries == []' \
	-j delete pinned "$flows" keys - results < <(echo 1)

# Words of many keys.
fill
ok "set" says 0 "key: 02 00 00 00  set  old: 6  new: 0" "$bpfcmp" set pinned "$flows" keys "$dir/plain" offset 0 size 4 to 0
ok "set if" says 3 "keys 4, set 0, differed 4, absent 0, locked 0, in" \
	"$bpfcmp" set pinned "$flows" keys "$dir/json" offset 0 size 8 to 1 if 7
ok "add, an absent key: status 4" says 4 "key: 09 00 00 00  absent" \
	"$bpfcmp" add pinned "$flows" keys - offset 12 size 4 by -3 < <(printf '1 0 0 0\n9 0 0 0\n')
ok "and the one before was added to" says 0 "old: 97" "$bpfcmp" add pinned "$flows" key 1 0 0 0 offset 12 size 4 by 0
ok "a claim" says 3 "key: 01 00 00 00  claimed" "$bpfcmp" set pinned "$flows" keys - offset 12 size 4 to 5 \
	claim_first 97 claim_last 97 <<<"1 0 0 0"
ok "JSON of words" json 0 '.added == 4 and (.entries | length == 4) and all(.entries[]; .result == "added" and .new == "3")' \
	-j add pinned "$flows" keys "$dir/plain" offset 8 size 4 by 3
ok "words: key, and keys" says 2 "key, and keys" "$bpfcmp" add pinned "$flows" key 1 0 0 0 keys - offset 8 size 4 by 3
ok "words: no privilege: status 6" says 6 CAP_PERFMON without_privilege \
	"$bpfcmp" add pinned "$flows" keys - offset 8 size 4 by 3 <<<"1 0 0 0"

# Many keys.
fill_big() { # how many keys
	local i
	for ((i = 0; i < $1; i++)); do
		echo "map update pinned $big key $((i & 255)) $((i >> 8)) 0 0 value $((i & 255)) 0 0 0 0 0 0 0"
	done >"$dir/batch"
	"$bpftool" batch file "$dir/batch" >/dev/null
	"$bpftool" -j map dump pinned "$big" >"$dir/big"
}
# But for those of two instructions, by which it is asked what the kernel takes.
programs() { # command: how many it loads. A sanitizer cannot look for leaks while it is traced.
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=bpf -o "$dir/calls" "$@" >"$dir/printed" || return
	grep BPF_PROG_LOAD "$dir/calls" | grep -cv 'insn_cnt=2,'
}
one_program() {
	local loaded
	fill_big 20000
	loaded=$(programs "$bpfcmp" delete pinned "$big" keys "$dir/big" size 1)
	[ "$loaded" = 1 ] && grep -q '^keys 20000, deleted 20000, ' "$dir/printed" && return
	echo "$loaded programs"
	cat "$dir/printed"
	return 1
}
ok "20000 keys take one program" one_program
fill_big 20000
third_is_bad() {
	local got
	{ jq -c '.[]' "$dir/big"; echo '{"key":[1]}'; } | "$bpfcmp" delete pinned "$big" keys - size 1 >"$dir/printed" 2>&1
	got=$?
	# Batches are of 8192.
	[ $got -eq 1 ] && grep -q '^keys 16384, deleted 16384, .*: failed$' "$dir/printed" &&
		grep -q 'line 20001, entry 20001: key: no array' "$dir/printed" &&
		says 0 "matched $((20000 - 16384)), in" "$bpfcmp" count pinned "$big" && return
	cat "$dir/printed"
	return 1
}
ok "what was done before an error is told" third_is_bad
full() { # what it is
	fill_big 20000
	"$bpfcmp" "$@" delete pinned "$big" keys "$dir/big" size 1 results >/dev/full 2>"$dir/err"
	[ $? -eq 1 ] && grep -q "write what is printed: No space" "$dir/err" &&
		says 0 "matched $((20000 - 8192)), in" "$bpfcmp" count pinned "$big" && return
	cat "$dir/err"
	return 1
}
ok "where nothing can be printed it ends" full
ok "and says how far it came" grep -q '^keys 8192, deleted 8192, .*: failed$' "$dir/err"
ok "as in JSON" full -j

# It is interrupted while it waits for more: 8192 keys are a batch.
interrupted() { # options
	local pid
	fill_big 20000
	mkfifo "$dir/fifo"
	env --default-signal=INT "$bpfcmp" "$@" delete pinned "$big" keys "$dir/fifo" size 1 >"$dir/printed" 2>&1 &
	pid=$!
	exec 8>"$dir/fifo"
	jq -c '.[:10000][]' "$dir/big" >&8
	# The first batch is done when it is all read but for what the rest of it is.
	until [ "$("$bpfcmp" -j count pinned "$big" | jq .matched)" = 11808 ]; do
		kill -0 $pid || break
		sleep 0.1
	done
	kill -INT $pid
	wait $pid
	local status=$?
	exec 8>&-
	rm "$dir/fifo"
	[ $status -eq 130 ] && says 0 "matched 11808, in" "$bpfcmp" count pinned "$big" && return
	echo "status $status"
	cat "$dir/printed"
	return 1
}
ok "interrupted while it waits" interrupted
ok "it says how far it came" grep -q '^keys 8192, deleted 8192, .*: interrupted$' "$dir/printed"
ok "likewise in JSON" interrupted -j
ok "and says so" jq -e '.result == "interrupted" and .deleted == 8192' "$dir/printed"
no_program_is_left() {
	! "$bpftool" -j prog show | jq -e --argjson id "$(id_of big)" '.[] | select(.map_ids // [] | index($id))'
}
ok "no program is left" no_program_is_left

ok "the page is made" make_page
cd "$dir" || exit 1
"$bpfcmp" sweep pinned "$flows" all >/dev/null
put 1 7 100 && put 2 5 101 && put 3 5 100
ok "the page's eighth example" example_is_true 8
put 1 7 100 && put 2 5 101
ok "the page's ninth example" example_is_true 9

ok "completes a file" completes "$dir/json $dir/json_wide" bpfcmp delete id 7 keys "$dir/js"
ok "completes what there is of many keys" completes "results size" bpfcmp delete id 7 keys - compare 1 offset 1 claim 1 \
	claim_offset 1 claim_first 1 claim_last 1 backend auto value ""
ok "of words" offers_not key bpfcmp add id 7 keys - ""
tap_done
