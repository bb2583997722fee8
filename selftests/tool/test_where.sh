#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# bpfcmp reads conditions as its page says: each comparison and type, beside a reading of them in here; fields by
# their names; times. Those that are wrong are refused, and nothing is deleted.
set -u

[ "${1:-}" = inside ] || exec unshare -m "$0" inside

. "$(dirname "$0")/tool.sh"
. "$(dirname "$0")/conns.sh"

ok "maps with BTF" make_maps

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
aged() { # conns: entry i was seen i minutes ago, its lifetime began then, and its flags five seconds for each
	local now
	now=$(sed -n 's/^now at \([0-9]*\) nsecs/\1/p' /proc/timer_list)
	for i in $ids; do
		echo "map update pinned $conns key ${keys[$i]} value $(le $((now - i * 60000000000)) 8)" \
			"$(le $((now / 1000000000 - i * 60)) 4) $(le $((now / 1000000 - 5000 * i)) 2)" \
			"0 0 0 0 0 0 0 0 0 0"
	done >"$dir/batch"
	"$bpftool" batch file "$dir/batch" >/dev/null
}
aged
ok "a field of milliseconds that wraps" counts "3 4 5" u16 at 12 before now-12500ms in ms
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
	"unknown option '--1'"                "where s8 at 8 eq --1"
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

ok "the entries of the other map stay, too" [ "$(left)" = "$ids" ]
tap_done
