#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# bpfcmp sweep deletes what matches and nothing else, and bpfcmp count counts it: judged beside a reading of the
# conditions in here. Whatever they are told wrongly, they delete nothing.
set -u

[ "${1:-}" = inside ] || exec unshare -m "$0" inside

. "$(dirname "$0")/tool.sh"

# A map with BTF takes a program that has it. Its name is such that the page's examples find it.
conns=$dir/bpf/${name}conns
make_maps() {
	cat >"$dir/maps.bpf.c" <<-END
		typedef unsigned int __be32;
		typedef unsigned short __be16;
		struct key {
			__be32 ip;
			__be16 port;
			unsigned char proto, id;
		};
		struct value {
			unsigned long long seen;
			unsigned int lifetime;
			unsigned short flags;
			unsigned char state;
			unsigned char low : 4, high : 3, top : 1;
			__be32 addr;
			__be16 port;
			short temp;
		};
		enum state { NEW, OPEN };
		struct nested {
			struct {
				__be32 addr[2];
				const volatile __be16 port;
				enum state state : 3;
				int way : 2;
			} tuple[2];
			union {
				unsigned int mark;
				struct {
					unsigned short low, high;
				};
			};
			float rate;
			void *next;
		};
		struct {
			int (*type)[1];
			int (*max_entries)[64];
			struct key *key;
			struct value *value;
		} ${name}conns __attribute__((section(".maps"), used));
		struct {
			int (*type)[1];
			int (*max_entries)[64];
			unsigned int *key;
			struct nested *value;
		} nested __attribute__((section(".maps"), used));
		__attribute__((section("socket"), used)) int none(void *ctx)
		{
			return !ctx;
		}
	END
	# libbpf writes other dots than ours into the paths of maps.
	"${CLANG:-clang}" -O2 -g -target bpf -c "$dir/maps.bpf.c" -o "$dir/maps.o" && cd "$dir" &&
		"$bpftool" prog load maps.o bpf/maps_prog type socket pinmaps bpf
}
ok "maps with BTF" make_maps
nested=$dir/bpf/nested

# Of entry i its key and value, byte by byte: seen, lifetime, flags, state, bits, addr, port, temp.
declare -A keys values
keys[1]="10 0 0 1  0 80  6 1"
values[1]="100 0 0 0 0 0 0 0  232 3 0 0  10 0  1 15  10 0 0 1  0 80  251 255"
keys[2]="10 0 0 2  1 187  17 2"
values[2]="200 0 0 0 0 0 0 0  208 7 0 0  20 0  2 240  10 0 0 2  1 187  5 0"
keys[3]="192 168 1 1  31 144  6 3"
values[3]="254 255 255 255 255 255 255 255  254 255 255 255  254 255  254 255  192 168 1 1  31 144  212 254"
keys[4]="127 0 0 1  255 255  17 4"
values[4]="0 0 0 0 0 0 0 128  0 0 0 128  0 128  128 0  127 0 0 1  255 255  0 128"
keys[5]="0 0 0 0  0 0  0 5"
values[5]="0 0 0 0 0 0 0 0  0 0 0 0  0 0  0 60  0 0 0 0  0 0  255 127"
ids="1 2 3 4 5"

fill() { # conns: all of them
	for i in $ids; do
		echo "map update pinned $conns key ${keys[$i]} value ${values[$i]}"
	done >"$dir/batch"
	"$bpftool" batch file "$dir/batch" >/dev/null
}

left() { # which are there
	"$bpftool" -j map dump pinned "$conns" | jq -r '[.[].key[7][3:]] | sort | join(" ")' | tr -d 0
}

# The conditions as they are to be read.
number() { # size, whether big endian, signed; bytes
	local size=$1 big=$2 signed=$3 n=0 i at
	shift 3
	for ((i = 1; i <= size; i++)); do
		at=$((big ? i : size + 1 - i))
		n=$((n << 8 | ${!at}))
	done
	[ "$mask" = "" ] || n=$((n & mask))
	[ "$signed" -eq 0 ] || n=$((n << (64 - 8 * size) >> (64 - 8 * size)))
	echo $n
}

field() { # id, words of the field: its number, size and whether it is signed
	local id=$1 mask='' bytes type size big=0 signed=0
	shift
	bytes=${values[$id]}
	[ "$1" != key ] || bytes=${keys[$id]}
	[[ $1 != @(key|value) ]] || shift
	type=$1
	[ "${4:-}" != mask ] || mask=$(($5))
	size=$((${type##*[a-z]} / 8))
	[[ $type != be* ]] || big=1
	[[ $type != s* ]] || signed=1
	# shellcheck disable=SC2086 # a list
	set -- $3 $bytes
	shift $(($1 + 1))
	echo "$(number $size $big $signed "$@") $size $signed"
}

holds() { # id, words of one condition
	local id=$1 words a b size signed top=$((1 << 63)) order
	shift
	words=("$@")
	read -r a size signed <<<"$(field "$id" "${words[@]:0:$#-2}")"
	b=$((${words[-1]}))
	case ${words[-2]} in
	before | after)
		order=$(((a - b) << (64 - 8 * size) >> (64 - 8 * size)))
		[ "${words[-2]}" = before ] && ((order < 0)) || { [ "${words[-2]}" = after ] && ((order > 0)); }
		return
		;;
	esac
	((signed)) || a=$((a ^ top)) b=$((b ^ top))
	case ${words[-2]} in
	eq | = | ==) ((a == b)) ;;
	ne | !=) ((a != b)) ;;
	lt | "<") ((a < b)) ;;
	le | "<=") ((a <= b)) ;;
	gt | ">") ((a > b)) ;;
	ge | ">=") ((a >= b)) ;;
	esac
}

matches() { # id, words behind where: the groups are apart by "or"
	local id=$1 word condition=() all=true
	shift
	for word in "$@" or; do
		case $word in
		and | or)
			holds "$id" "${condition[@]}" || all=false
			condition=()
			;;
		*)
			condition+=("$word")
			;;
		esac
		if [ "$word" = or ]; then
			! $all || return 0
			all=true
		fi
	done
	return 1
}

expected() { # words behind where
	local id all=()
	for id in $ids; do
		! matches "$id" "$@" || all+=("$id")
	done
	echo "${all[*]}"
}

listed() { # arguments: the ids of the keys that are printed, and that the line below has their number
	"$bpfcmp" "$@" keys >"$dir/listed" || return
	sed -n 's/^key: .* 0\(.\)$/\1/p' "$dir/listed" | sort | xargs
	tail -n 1 "$dir/listed" | grep -q "^scanned [1-5], matched $(grep -c key "$dir/listed"), "
}

counts() { # which, words behind where
	local which=$1 got
	shift
	got=$(listed count pinned "$conns" where "$@") && [ "$got" = "$which" ] && return
	echo "count where $*: '$got', not '$which': $(cat "$dir/listed")"
	return 1
}

agrees() { # words behind where
	counts "$(expected "$@")" "$@"
}

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

fill
each_op() { # type, offset
	local op operand
	read -r operand _ <<<"$(field 2 "$1" at "$2")"
	for op in eq ne lt le gt ge before after; do
		agrees "$1" at "$2" $op "$operand" || return
	done
}
for at in "u8 14" "u16 12" "u32 8" "u64 0" "s8 14" "s16 22" "s32 8" "s64 0" "be16 20" "be32 16" "be64 16"; do
	# shellcheck disable=SC2086 # a list
	ok "each comparison of ${at/ / at }" each_op $at
done

RANDOM=7
some_conditions() { # how many
	local types=(u8 u16 u32 u64 s8 s16 s32 s64 be16 be32 be64) ops=(eq ne lt le gt ge before after)
	local i of type room offset operand size
	for ((i = 0; i < $1; i++)); do
		of=value room=24
		((RANDOM % 3)) || of=key room=8
		type=${types[RANDOM % 11]}
		size=$((${type##*[a-z]} / 8))
		offset=$((RANDOM % (room - size + 1)))
		read -r operand size _ <<<"$(field $((RANDOM % 5 + 1)) $of $type at $offset)"
		[[ $type == s* ]] || operand=$(printf 0x%x "$operand")
		agrees $of "$type" at $offset "${ops[RANDOM % 8]}" "$operand" || return
	done
}
ok "conditions at any place" some_conditions 30
ok "the value is meant where nothing is said" agrees u8 at 14 eq 2
ok "the value" agrees value u8 at 14 eq 2
ok "the key" agrees key u8 at 6 eq 17
ok "a key's big endian" agrees key be16 at 4 ge 443
for sign in = == != "<" "<=" ">" ">="; do
	ok "the sign $sign" agrees u32 at 8 "$sign" 2000
done
ok "hexadecimal" agrees u32 at 8 eq 0x7d0
ok "octal, as in C" agrees u32 at 8 eq 03720
ok "below zero" agrees s16 at 22 lt -5
ok "the least of 64 bits" counts 4 s64 at 0 eq -9223372036854775808
ok "the largest of 64 bits" counts 3 u64 at 0 gt 18446744073709551613
ok "the least of 8 bits" counts 4 s8 at 14 eq -128
ok "an address" counts 3 be32 at 16 eq 192.168.1.1
ok "a network" counts "1 2" be32 at 16 mask 255.255.255.0 eq 10.0.0.0
ok "a mask" agrees u8 at 15 mask 0x0f eq 0x0f
ok "a mask that leaves nothing of some" agrees u8 at 15 mask 0xf0 ne 0
ok "a mask, and a sign" agrees s16 at 22 mask 0xff00 lt 0
ok "a mask of a big endian field" agrees be16 at 20 mask 0xff00 gt 0x100
ok "a clock that wraps: before" counts "3 4" u32 at 8 before 0
ok "a clock that wraps: after" counts "1 2 5" u32 at 8 after 0xfffffffe

ok "and" agrees u8 at 14 ge 1 and u32 at 8 lt 2000
ok "or" agrees u8 at 14 eq 1 or u8 at 14 eq 254
ok "and before or" agrees u8 at 14 eq 1 and u32 at 8 eq 5 or key u8 at 6 eq 17 and be16 at 20 eq 443
ok "or before and" agrees u8 at 14 eq 0 or u8 at 14 ge 1 and key u8 at 6 eq 17
eight_groups() { # as many as there may be, of two each
	local words=() i
	for i in 1 2 3 4 5 6 7 8; do
		words+=(key u8 at 7 eq $i and u8 at 14 mask $((i % 4 + 1)) eq 0 or)
	done
	agrees "${words[@]:0:${#words[@]}-1}"
}
ok "16 conditions in 8 groups" eight_groups

# By the clock of bpf_ktime_get_ns().
now=$(sed -n 's/^now at \([0-9]*\) nsecs/\1/p' /proc/timer_list)
le() { # number, size
	local i
	for ((i = 0; i < $2; i++)); do
		echo $(($1 >> 8 * i & 255))
	done | xargs
}
aged() { # conns: entry i was seen i minutes ago, and its lifetime is as many seconds from then on
	for i in $ids; do
		echo "map update pinned $conns key ${keys[$i]} value $(le $((now - i * 60000000000)) 8)" \
			"$(le $((now / 1000000000 - i * 60)) 4) $(le $((now / 1000000 - 1000 * i)) 2)" \
			"0 0 0 0 0 0 0 0 0 0"
	done >"$dir/batch"
	"$bpftool" batch file "$dir/batch" >/dev/null
}
aged
ok "before now" counts "1 2 3 4 5" u64 at 0 before now
ok "after now" counts "" u64 at 0 after now
ok "before a time, in m" counts "3 4 5" u64 at 0 before now-150s
ok "in ms" counts "3 4 5" u64 at 0 before now-150000ms
ok "in us" counts "3 4 5" u64 at 0 before now-150000000us
ok "in ns" counts "3 4 5" u64 at 0 before now-150000000000ns
ok "in h, as a number" counts "" u64 at 0 gt now+1h
ok "a minute after" counts "1 2 3 4 5" u64 at 0 after now-6m
ok "lt of a time" counts "3 4 5" u64 at 0 lt now-150s
ok "a field of seconds" counts "3 4 5" u32 at 8 before now-150s in s
ok "a field of seconds, by its name" counts "3 4 5" value.lifetime before now-150s in s
ok "a field of milliseconds that wraps" counts "4 5" u16 at 12 before now-3500ms in ms
ok "a field of nanoseconds, said so" counts "5" value.seen before now-270s in ns
ok "what is to come" counts "1 2 3 4 5" value.lifetime before now+5m in s
ok "a time before the boot" counts "" u64 at 0 before now-1000h
ok "all of it after that" counts "1 2 3 4 5" u64 at 0 after now-1000h
fill

ok "a name" counts 2 value.state eq 2
ok "a key's name" counts "2 4" key.proto eq 17
ok "a name's size and sign" counts "1 3 4" value.temp lt 0
ok "a name's byte order" counts "2 3 4" key.port ge 443
ok "an address by its name" counts 1 key.ip eq 10.0.0.1
ok "a bit-field" counts "1 3" value.low eq 15
ok "a bit-field in the middle" counts 5 value.high eq 3
ok "a bit-field's last bit" counts "2 3" value.top eq 1
ok "a bit-field by size" counts "2 3" value.high gt 3
ok "a bit-field with a mask" counts "2 3" value.high mask 4 ne 0
ok "names and places" counts 2 value.state ge 2 and key u8 at 6 eq 17 and value.lifetime mask 0xf0 ne 0
put_nested() { # key, value
	"$bpftool" map update pinned "$nested" key "$1" 0 0 0 value $2
}
ok "an entry with nested fields" put_nested 1 "1 1 1 1 10 0 0 2 0 80 1 0  2 2 2 2 3 3 3 3 1 187 7 0  5 0 6 0
	0 0 0 0  1 0 0 0 0 0 0 0"
ok "and one that is empty" put_nested 2 "$(printf '0 %.0s' {1..40})"
finds() { # name, operand: the first entry alone
	says 0 "matched 1," "$bpfcmp" count pinned "$nested" where "$1" eq "$2" &&
		says 0 "matched 1," "$bpfcmp" count pinned "$nested" where "$1" ne "$2"
}
for field in "value.tuple[0].addr[1] 10.0.0.2" "value.tuple[1].addr[0] 2.2.2.2" "value.tuple[1].port 443" \
	"value.tuple[1].state 7" "value.mark 0x60005" "value.low 5" "value.high 6" "value.next 1" "key 1"; do
	# shellcheck disable=SC2086 # a list
	ok "nested: ${field% *}" finds $field
done

ok "sweeps what matches" sweeps "1 2" where u8 at 14 mask 0x7c eq 0 and u8 at 14 ne 0 and u8 at 14 lt 128
ok "by name" sweeps 2 where value.state eq 2
ok "sweeps all" sweeps "1 2 3 4 5" all
ok "nothing matches" sweeps "" where u8 at 14 eq 77
ok "by the map's id" says 0 "deleted 0," "$bpfcmp" sweep id "$(id_of "${name}conns")" where u8 at 14 eq 77
ok "by the map's name" says 0 "deleted 0," "$bpfcmp" sweep name "${name}conns" where u8 at 14 eq 77
ok "a claim" sweeps "1 2" where u32 at 8 lt 3000 and u32 at 8 gt 0 claim hex ff ff ff ff
ok "a claim beside the first condition" sweeps 2 where u8 at 14 eq 2 and u32 at 8 lt 3000 \
	claim_offset 8 claim 255 255 255 255
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
each_start_is_refused() {
	local words=(pinned "$conns" where key.id mask 1 eq 1 and value u32 at 8 after now-5m in) i
	for ((i = 0; i <= ${#words[@]}; i++)); do
		# Up to "and" it is a call.
		[ $i -eq 8 ] || { says 2 "Error: " "$bpfcmp" sweep "${words[@]:0:i}" && [ "$(left)" = "$ids" ]; } ||
			return
	done
}
ok "no other start of a call deletes" each_start_is_refused
fails=(
	"which entries? where"               ""
	"which entries? where"               "dry-run"
	"all, and where"                     "all where key.id eq 1"
	"no condition after 'where'"         "where"
	"no condition after 'and'"           "where key.id eq 1 and"
	"no condition after 'or'"            "where key.id eq 1 or"
	"'keys' is no field"                 "where keys"
	"'u24' is no field"                  "where u24 at 0 eq 1"
	"'valued' is no field"               "where valued eq 1"
	"u32: no 'at' after it"              "where u32 8 eq 1"
	"at: no number given"                "where u32 at"
	"at: 'x' is no number"               "where u32 at x eq 1"
	"at: '-1' is no number"              "where u32 at -1 eq 1"
	"u32 at 21: the value has 24 bytes"  "where u32 at 21 eq 1"
	"u64 at 1: the key has 8 bytes"      "where key u64 at 1 eq 1"
	"u32 at 4294967295: the value has"   "where u32 at 4294967295 eq 1"
	"'' is no comparison"                "where u32 at 8"
	"'is' is no comparison"              "where u32 at 8 is 1"
	"u32: nothing given to compare with" "where u32 at 8 eq"
	"'-1' is no number of 32 bits"       "where u32 at 8 eq -1"
	"'256' is no number of 8 bits"       "where u8 at 8 eq 256"
	"'128' is no signed number of 8"     "where s8 at 8 eq 128"
	"'-129' is no signed number of 8"    "where s8 at 8 eq -129"
	"'--1' is no signed number"          "where s8 at 8 eq --1"
	"'1s' is no number"                  "where u32 at 8 eq 1s"
	"'16' is no number of 4 bits"        "where value.low eq 16"
	"'2' is no number of 1 bit"          "where value.top eq 2"
	"before or after, of a bit-field"    "where value.low before 1"
	"'10.0.0' is no IPv4 address"        "where be32 at 16 eq 10.0.0"
	"the field not be32"                 "where u32 at 16 eq 10.0.0.1"
	"mask: no number given"              "where u32 at 8 mask"
	"mask: '0x100' is no number of 8"    "where u8 at 8 mask 0x100 eq 1"
	"mask 0 leaves nothing"              "where u8 at 8 mask 0 eq 1"
	"has bits that the mask has not"     "where u8 at 8 mask 0xf0 eq 1"
	"has bits that the mask has not"     "where u8 at 8 mask 0xf0 ne 1"
	"in which unit does the field count" "where u32 at 8 before now"
	"in which unit does the field count" "where value.lifetime before now-30s and key.id eq 1"
	"no unit of time"                    "where u32 at 8 before now in"
	"no unit of time"                    "where u32 at 8 before now in d"
	"is no time"                         "where u64 at 0 before nowadays"
	"is no time"                         "where u64 at 0 before now-30"
	"is no time"                         "where u64 at 0 before now-s"
	"is no time"                         "where u64 at 0 before now-30d"
	"is no time"                         "where u64 at 0 before now--30s"
	"is no time"                         "where u64 at 0 before now-10000000h"
	"more than half of what 16 bits"     "where u16 at 12 before now-33s in ms"
	"before the clock began"             "where u64 at 0 lt now-1000000h"
	"over 8 bits by now"                 "where u8 at 14 lt now+5m in s"
	"unknown word 'in'"                  "where u64 at 0 before 5 in s"
	"no such field; there are value.see" "where value.sean before now"
	"value.low, value.high, value.top, " "where value. eq 1"
	"no such field; there are key.ip, "  "where key.ip.x eq 1"
	"no such field"                      "where key[0] eq 1"
	"key: no number; there are key.ip"   "where key eq 1"
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
	"group 8, of at most 8"              "where key.id eq 1 $(printf 'or key.id ge 0 %.0s' {1..8})"
	"more than 16 conditions"            "where key.id ge 0 $(printf 'and key.id ge 0 %.0s' {1..16})"
)
for ((i = 0; i < ${#fails[@]}; i += 2)); do
	# shellcheck disable=SC2086 # a list
	ok "refuses '${fails[i + 1]:0:60}'" refuses "${fails[i]}" ${fails[i + 1]}
done
all_names="no such field; there are value.tuple[0..1].addr[0..1], value.tuple[0..1].port, value.tuple[0..1].state,"
all_names+=" value.tuple[0..1].way, value.mark, value.low, value.high, value.next"
nested_refuses() { # text, name
	says 2 "$1" "$bpfcmp" sweep pinned "$nested" where "$2" ge 0
}
ok "an unknown name: lists those there are" nested_refuses "$all_names" value.tuples
ok "an array's end" nested_refuses "$all_names" "value.tuple[2].port"
ok "no number in brackets" nested_refuses "$all_names" "value.tuple[x].port"
ok "no bracket at the end" nested_refuses "$all_names" "value.tuple[0"
ok "a struct: lists what it has" nested_refuses \
	"no number; there are value.tuple[1].addr[0..1], value.tuple[1].port" "value.tuple[1]"
ok "an array: its elements" nested_refuses "no number; there is value.tuple[0].addr[0..1]" "value.tuple[0].addr"
ok "no float" nested_refuses "value.rate: no number; there are value.tuple" value.rate
ok "no bit-field with a sign" nested_refuses "a bit-field that cannot be compared" "value.tuple[0].way"
ok "a key that has no fields" nested_refuses "no such field; there is key" key.id
ok "all entries stay" says 0 "matched 2," "$bpfcmp" count pinned "$nested"

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
tap_done
