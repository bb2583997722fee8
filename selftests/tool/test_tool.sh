#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# bpfcmp does what its page says: each exit status, JSON, help, completion; and whatever it is told
# wrongly, it deletes nothing. The maps are pinned in a mount namespace of our own, and go with it.
set -u

[ "${1:-}" = inside ] || exec unshare -m "$0" inside

. "$(dirname "$0")/tool.sh"
flows=$dir/bpf/flows

key=(1 0 0 0)
value=({0..15})
other=({0..14} 16)

create() { # file, type, more for bpftool
	local file=$1 type=$2
	shift 2
	"$bpftool" map create "$dir/bpf/$file" type "$type" key 4 value 16 entries 8 name "$name$file" "$@"
}

fill() { # file: one entry
	"$bpftool" map update pinned "$dir/bpf/$1" key "${key[@]}" value "${value[@]}"
}

is_there() { # file
	"$bpftool" map lookup pinned "$dir/bpf/$1" key "${key[@]}" >/dev/null 2>&1
}

deletes() { # arguments: from flows, which has the entry before and not afterwards
	fill flows && says 0 deleted "$bpfcmp" delete "$@" && ! is_there flows
}

deletes_not() { # status, text, arguments: the entry stays
	local status=$1 text=$2
	shift 2
	says "$status" "$text" "$bpfcmp" delete "$@" && is_there flows
}

for map in flows frozen twin nat; do
	create "$map" hash
done
create lru lru_hash
create array array
# Another of the same name.
"$bpftool" map create "$dir/bpf/twin2" type hash key 4 value 16 entries 8 name "${name}twin"
fill flows
fill frozen
"$bpftool" map freeze pinned "$dir/bpf/frozen"

ok "deletes what equals" deletes pinned "$flows" key "${key[@]}" compare "${value[@]}"
ok "by the map's id" deletes id "$(id_of flows)" key "${key[@]}" compare "${value[@]}"
ok "by the map's name" deletes name "${name}flows" key "${key[@]}" compare "${value[@]}"
ok "in hex" deletes pinned "$flows" key hex 01 00 00 00 \
	compare hex 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f
ok "in 0x, a region" deletes pinned "$flows" key 0x1 0x00 0 0 compare 0xd 0x0E offset 13 size 2
ok "an offset, to the value's end" deletes pinned "$flows" key "${key[@]}" offset 14 compare 14 15
ok "in another order" deletes pinned "$flows" backend auto size 1 compare 0 key "${key[@]}"
ok "by the emulation" deletes pinned "$flows" key "${key[@]}" compare "${value[@]}" \
	backend syscall_prog
ok "with a claim" deletes pinned "$flows" key "${key[@]}" compare "${value[@]}" \
	claim 1 0 0 0 0 0 0 0 claim_offset 8
ok "with a claim where the region starts" deletes pinned "$flows" key "${key[@]}" \
	compare 4 5 6 7 offset 4 size 4 claim 1 0 0 0

fill flows
ok "differs: status 3" deletes_not 3 differs pinned "$flows" key "${key[@]}" compare "${other[@]}"
ok "differs, with a claim" deletes_not 3 differs pinned "$flows" key "${key[@]}" \
	compare "${other[@]}" claim 1 0 0 0
ok "absent: status 4" says 4 absent "$bpfcmp" delete pinned "$flows" key 2 0 0 0 \
	compare "${value[@]}"
ok "unsupported map: status 5" says 5 "neither hash nor lru_hash" \
	"$bpfcmp" delete pinned "$dir/bpf/array" key 0 0 0 0 compare "${value[@]}"
case " ${KERNEL_HAS-} " in
*" native "*)
	ok "native" deletes pinned "$flows" key "${key[@]}" compare "${value[@]}" backend native
	fill flows
	;;
*)
	ok "unsupported backend: status 5" deletes_not 5 "no BPF_F_COMPARE" pinned "$flows" \
		key "${key[@]}" compare "${value[@]}" backend native
	;;
esac
ok "a frozen map: status 6" says 6 "frozen" "$bpfcmp" delete pinned "$dir/bpf/frozen" \
	key "${key[@]}" compare "${value[@]}"
ok "and it keeps its entry" is_there frozen
ok "no privilege: status 6" says 6 CAP_BPF without_privilege "$bpfcmp" delete pinned "$flows" \
	key "${key[@]}" compare "${value[@]}"
ok "and the entry stays" is_there flows
ok "no privilege to open by id: status 6" says 6 "Operation not permitted" \
	without_privilege "$bpfcmp" delete id "$(id_of flows)" key "${key[@]}" compare "${value[@]}"
ok "nor by name" says 6 "Operation not permitted" \
	without_privilege "$bpfcmp" delete name "${name}flows" key "${key[@]}" compare "${value[@]}"
ok "nor a file" says 6 "Permission denied" setpriv --reuid 65534 --regid 65534 --clear-groups \
	"$bpfcmp" delete pinned "$flows" key "${key[@]}" compare "${value[@]}"

# What is wrong, of a call that would delete were it right.
right=(key "${key[@]}" compare "${value[@]}")
refuses() { # text, arguments: status 2
	deletes_not 2 "$@"
}
each_start_is_refused() {
	local words=(pinned "$flows" "${right[@]}") i
	for ((i = 0; i < ${#words[@]}; i++)); do
		refuses "Error: " "${words[@]:0:i}" || return 1
	done
}
ok "no start of a call deletes" each_start_is_refused
ok "no key" refuses "no key given" pinned "$flows" compare "${value[@]}"
ok "nothing to compare with" refuses "nothing given to compare with" pinned "$flows" key "${key[@]}"
ok "a key too short" refuses "key: expected 4 bytes, given 3" \
	pinned "$flows" key 1 0 0 compare "${value[@]}"
ok "a key too long" refuses "key: expected 4 bytes, given 5" \
	pinned "$flows" key 1 0 0 0 0 compare "${value[@]}"
ok "bytes that are too few" refuses "compare: expected 16 bytes, given 15" \
	pinned "$flows" key "${key[@]}" compare "${value[@]:0:15}"
ok "too few for the size" refuses "compare: expected 2 bytes, given 1" \
	pinned "$flows" key "${key[@]}" compare 0 size 2
ok "too few up to the end" refuses "compare: expected 12 bytes, given 4" \
	pinned "$flows" key "${key[@]}" compare 4 5 6 7 offset 4
ok "a byte over 255" refuses "'256' is no byte" pinned "$flows" key 256 0 0 0 compare "${value[@]}"
ok "a byte under 0" refuses "'-1' is no byte" pinned "$flows" key -1 0 0 0 compare "${value[@]}"
ok "no number at all" refuses "'ff' is no byte" pinned "$flows" key ff 0 0 0 compare "${value[@]}"
ok "an empty word" refuses "'' is no byte" pinned "$flows" key "" 0 0 0 compare "${value[@]}"
ok "a region past the end" refuses "the value has 16 bytes" \
	pinned "$flows" key "${key[@]}" compare 15 0 offset 15 size 2
ok "an offset past the end" refuses "the value has 16 bytes" \
	pinned "$flows" key "${key[@]}" compare offset 16
ok "a region that wraps around" refuses "the value has 16 bytes" \
	pinned "$flows" key "${key[@]}" compare 0 offset 4294967295 size 2
ok "a size of 0, which is all to the library" refuses "the value has 16 bytes" \
	pinned "$flows" key "${key[@]}" compare size 0
ok "a size over 32 bits" refuses "no number of 32 bits" \
	pinned "$flows" key "${key[@]}" compare "${value[@]}" size 4294967312
ok "a keyword twice" refuses "'key' is there twice" pinned "$flows" "${right[@]}" key 1 0 0 0
ok "no keyword" refuses "unknown word 'kees'" pinned "$flows" kees "${right[@]}"
ok "no backend" refuses "backend: none given" pinned "$flows" "${right[@]}" backend
ok "an unknown backend" refuses "unknown backend 'fast'" pinned "$flows" "${right[@]}" backend fast
ok "a claim of 3 bytes" refuses "claim: expected 4 or 8 bytes, given 3" \
	pinned "$flows" "${right[@]}" claim 1 0 0
ok "a claim's offset without a claim" refuses "claim_offset without claim" \
	pinned "$flows" "${right[@]}" claim_offset 0
ok "a claim beside its multiples" refuses "the claim has to lie" \
	pinned "$flows" "${right[@]}" claim 1 0 0 0 claim_offset 2
ok "a claim outside the region" refuses "the claim has to lie" \
	pinned "$flows" key "${key[@]}" compare 0 1 2 3 size 4 claim 1 0 0 0 claim_offset 4
ok "a claim that is expected" refuses "claim: it equals the bytes that it replaces" \
	pinned "$flows" "${right[@]}" claim 0 1 2 3
ok "no way to name a map" refuses "file: which map?" file "$flows" "${right[@]}"
ok "a name that several maps have" says 2 "ids $(id_of twin), $(id_of twin2)" \
	"$bpfcmp" delete name "${name}twin" "${right[@]}"
ok "a name longer than a map's" refuses "has not 1 to 15 bytes" name 1234567890123456 "${right[@]}"
ok "a name that no map has" deletes_not 1 "no map named '${name}none'" \
	name "${name}none" "${right[@]}"
ok "an id that no map has" deletes_not 1 "no map with id 4294967295" id 4294967295 "${right[@]}"
ok "a file that is not there" deletes_not 1 "No such file" pinned "$dir/bpf/none" "${right[@]}"
ok "a file that is not pinned" deletes_not 1 "not in a BPF file system" pinned "$bpfcmp" "${right[@]}"
# Pairs of flows' entry and another one, in nat or in flows itself.
second=(2 0 0 0)
put() { # file, key's first byte, value's last byte
	"$bpftool" map update pinned "$dir/bpf/$1" key "$2" 0 0 0 value {0..14} "$3"
}
holds() { # file, key's first byte
	"$bpftool" map lookup pinned "$dir/bpf/$1" key "$2" 0 0 0 >/dev/null 2>&1
}
# What becomes of both: the status, the first line, the other line, which of 1 and 2 are left in the end.
pairs() { # status, text, text of the linked one, left, file of the linked one, words after the first compare
	local status=$1 text=$2 linked=$3 left=$4 file=$5 out got is=
	shift 5
	fill flows
	out=$("$bpfcmp" delete pinned "$flows" key "${key[@]}" compare "${value[@]}" "$@" 2>&1)
	got=$?
	holds flows 1 && is+=1
	holds "$file" 2 && is+=2
	[ $got -eq "$status" ] && [ "$is" = "$left" ] && [ "$(sed -n 1p <<<"$out")" = "$text" ] &&
		[ "$(sed -n 2p <<<"$out")" = "linked: $linked" ] && return
	echo "status $got, left '$is': $out"
	return 1
}
both="differs: the linked entry does, and both are left alone"
for file in nat flows; do
	in="linked $file"
	pair=(linked pinned "$dir/bpf/$file" key "${second[@]}")
	put "$file" 2 16
	ok "$in: differs" pairs 3 "$both" "differs: the entry is left alone" 12 "$file" \
		"${pair[@]}" compare "${value[@]}"
	ok "$in: absent, but there" pairs 3 "$both" "differs: it is there, and left alone" 12 "$file" \
		"${pair[@]}" absent
	ok "$in: keep, but it differs" pairs 3 "$both" "differs: the entry is left alone" 12 "$file" \
		"${pair[@]}" keep compare "${value[@]}"
	ok "$in: kept" pairs 0 deleted kept 2 "$file" "${pair[@]}" compare "${other[@]}" keep
	ok "$in: kept, whatever it is" pairs 0 deleted kept 2 "$file" "${pair[@]}" keep
	ok "$in: equal" pairs 0 deleted deleted "" "$file" "${pair[@]}" compare "${other[@]}"
	ok "$in: missing" pairs 3 "$both" "absent: there is no such key" 1 "$file" \
		"${pair[@]}" compare "${other[@]}"
	ok "$in: absent" pairs 0 deleted "absent: there is no such key" "" "$file" "${pair[@]}" absent
	ok "$in: missing, but not compared" pairs 0 deleted "absent: there is no such key" "" "$file" \
		"${pair[@]}"
	put "$file" 2 16
	ok "$in: not compared, before the first one" pairs 0 deleted deleted "" "$file" "${pair[@]}" first
	put "$file" 2 16
	ok "$in: a region of it" pairs 0 deleted deleted "" "$file" "${pair[@]}" compare 13 14 offset 13 size 2
	put "$file" 2 16
	ok "$in: with claims" pairs 0 deleted deleted "" "$file" claim 1 0 0 0 claim_first 1 claim_last 9 \
		"${pair[@]}" compare "${other[@]:4}" offset 4 claim 1 0 0 0
	put "$file" 2 16
	ok "$in: a claim in the range is left alone" pairs 3 "$both" "differs: the entry is left alone" 12 "$file" \
		claim 13 13 14 16 claim_offset 12 claim_first 0x100e0d0c claim_last 0x100e0d0f \
		"${pair[@]}" claim 13 13 14 16 claim_offset 12
	fill flows
	ok "$in: the entry differs" says 3 "linked: skipped: not looked at" "$bpfcmp" delete pinned "$flows" \
		key "${key[@]}" compare "${other[@]}" "${pair[@]}"
	ok "$in: the entry is absent" says 4 "linked: skipped: not looked at" "$bpfcmp" delete pinned "$flows" \
		key 9 0 0 0 compare "${value[@]}" "${pair[@]}"
	ok "$in: JSON, both deleted" json 0 '. == {result: "deleted", linked: "deleted"}' -j delete \
		pinned "$flows" "${right[@]}" "${pair[@]}"
	fill flows
done
ok "a claim where the linked value is not compared is as the map's others" refuses "linked: no claim, but" \
	pinned "$flows" "${right[@]}" claim 9 0 0 0 linked pinned "$flows" key "${second[@]}"
ok "nor one of the linked entry alone" refuses "linked: a claim, but none" \
	pinned "$flows" "${right[@]}" linked pinned "$flows" key "${second[@]}" claim 9 0 0 0
ok "the entry linked to itself" refuses "linked: this is the entry itself" \
	pinned "$flows" "${right[@]}" linked id "$(id_of flows)" key "${key[@]}"
to_nat=(linked pinned "$dir/bpf/nat")
ok "no map after linked" refuses "linked: which map?" pinned "$flows" "${right[@]}" linked
ok "no way to name the linked map" refuses "key: which map?" pinned "$flows" "${right[@]}" linked key "${second[@]}"
ok "no name of the linked map" refuses "no word after 'id'" pinned "$flows" "${right[@]}" linked id
ok "no linked key" refuses "linked: no key given" pinned "$flows" "${right[@]}" "${to_nat[@]}" absent
ok "a linked key too short" refuses "linked: key: expected 4 bytes, given 3" \
	pinned "$flows" "${right[@]}" "${to_nat[@]}" key 2 0 0
ok "linked bytes that are too few" refuses "linked: compare: expected 16 bytes, given 15" \
	pinned "$flows" "${right[@]}" "${to_nat[@]}" key "${second[@]}" compare "${value[@]:1}"
ok "a linked region past the end" refuses "linked: offset 15 and size 2: the value has 16 bytes" \
	pinned "$flows" "${right[@]}" "${to_nat[@]}" key "${second[@]}" compare 0 0 offset 15 size 2
ok "a linked region without bytes" refuses "linked: offset or size without compare" \
	pinned "$flows" "${right[@]}" "${to_nat[@]}" key "${second[@]}" size 2
ok "a linked claim of 3 bytes" refuses "linked: claim: expected 4 or 8 bytes, given 3" \
	pinned "$flows" "${right[@]}" "${to_nat[@]}" key "${second[@]}" claim 1 0 0
ok "a linked claim's offset without a claim" refuses "linked: claim_offset without claim" \
	pinned "$flows" "${right[@]}" "${to_nat[@]}" key "${second[@]}" claim_offset 4
ok "a linked claim outside the value" refuses "the claim has to lie" \
	pinned "$flows" "${right[@]}" "${to_nat[@]}" key "${second[@]}" claim 9 0 0 0 claim_offset 16
ok "a linked claim that is expected" refuses "linked: claim: it equals" \
	pinned "$flows" "${right[@]}" "${to_nat[@]}" key "${second[@]}" compare "${value[@]}" claim 0 1 2 3
ok "keep and first" refuses "more than one of keep, absent and first" \
	pinned "$flows" "${right[@]}" "${to_nat[@]}" key "${second[@]}" keep first
ok "absent with bytes" refuses "linked: compare or claim with absent" \
	pinned "$flows" "${right[@]}" "${to_nat[@]}" key "${second[@]}" absent compare "${value[@]}"
ok "keep with a claim" refuses "linked: claim with keep" \
	pinned "$flows" "${right[@]}" "${to_nat[@]}" key "${second[@]}" keep claim 9 0 0 0
ok "keep without linked" refuses "'keep' before 'linked'" pinned "$flows" "${right[@]}" keep
ok "a backend of linked" refuses "'backend' after 'linked'" \
	pinned "$flows" "${right[@]}" "${to_nat[@]}" key "${second[@]}" backend auto
ok "linked twice" refuses "'linked' after 'linked'" \
	pinned "$flows" "${right[@]}" "${to_nat[@]}" key "${second[@]}" "${to_nat[@]}" key "${second[@]}"
ok "a linked keyword twice" refuses "'key' is there twice" \
	pinned "$flows" "${right[@]}" "${to_nat[@]}" key "${second[@]}" key "${second[@]}"
ok "half a range of claims" refuses "one without the other" \
	pinned "$flows" "${right[@]}" claim 9 0 0 0 claim_first 1
ok "a range without a claim" refuses "claim_first without claim" \
	pinned "$flows" "${right[@]}" claim_first 1 claim_last 2
ok "a range that does not have the claim" refuses "not between claim_first and claim_last" \
	pinned "$flows" "${right[@]}" claim 9 0 0 0 claim_first 1 claim_last 2
ok "a range over 64 bits" refuses "no number of 64 bits" \
	pinned "$flows" "${right[@]}" claim 9 0 0 0 claim_first 1 claim_last 18446744073709551616
ok "no linked map of this name" deletes_not 1 "no map named '${name}none'" \
	pinned "$flows" "${right[@]}" linked name "${name}none" key "${second[@]}"
ok "a linked array: status 5" deletes_not 5 "map type 2" \
	pinned "$flows" "${right[@]}" linked pinned "$dir/bpf/array" key "${second[@]}"
ok "a linked map that is frozen: status 6" deletes_not 6 frozen \
	pinned "$flows" "${right[@]}" linked pinned "$dir/bpf/frozen" key "${key[@]}"
ok "but to be looked at" says 0 "linked: kept" "$bpfcmp" delete pinned "$flows" "${right[@]}" \
	linked pinned "$dir/bpf/frozen" key "${key[@]}" compare "${value[@]}" keep
fill flows
ok "linked by the kernel's own way: status 5" deletes_not 5 "not supported" \
	pinned "$flows" "${right[@]}" backend native "${to_nat[@]}" key "${second[@]}"
bytes="value: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f"
ok "the value" says 0 "$bytes" "$bpfcmp" delete pinned "$flows" key "${key[@]}" compare 0 size 1 value
fill flows
ok "the value of a linked pair" says 0 "$bytes" "$bpfcmp" delete pinned "$flows" "${right[@]}" value \
	"${to_nat[@]}" key "${second[@]}"
fill flows
no_value() {
	! "$bpfcmp" delete pinned "$flows" key "${key[@]}" compare 1 size 1 value | grep value:
}
ok "no value where it differs" no_value
ok "JSON: the value" json 0 '.result == "deleted" and (.value | length == 16 and .[15] == "0x0f")' \
	-p delete pinned "$flows" "${right[@]}" value
ok "JSON: no value where it is absent" json 4 '. == {result: "absent"}' \
	-p delete pinned "$flows" "${right[@]}" value
fill flows
ok "JSON: linked, absent" json 3 '. == {result: "differs", linked: "absent"}' \
	-j delete pinned "$flows" "${right[@]}" "${to_nat[@]}" key 8 0 0 0 compare "${value[@]}"
ok "JSON: linked, not looked at" json 3 '. == {result: "differs", linked: "skipped"}' \
	-j delete pinned "$flows" key "${key[@]}" compare "${other[@]}" "${to_nat[@]}" key 8 0 0 0
pin_program() {
	echo '__attribute__((section("socket"), used)) int none(void *ctx) { return !ctx; }' |
		"${CLANG:-clang}" -target bpf -x c -c - -o "$dir/prog.o" &&
		"$bpftool" prog load "$dir/prog.o" "$dir/bpf/prog" type socket
}
ok "a program is pinned" pin_program
ok "a file that is no map" deletes_not 1 "prog is no map" pinned "$dir/bpf/prog" "${right[@]}"
ok "an unknown command" says 2 "unknown command 'remove'" "$bpfcmp" remove
ok "an empty command" says 2 "unknown command ''" "$bpfcmp" ""
ok "no command" says 2 "no command" "$bpfcmp"
ok "an unknown option" says 2 "unknown option '--yes'" "$bpfcmp" --yes delete pinned "$flows"
ok "a word too many for probe" says 2 "unknown word 'map'" "$bpfcmp" probe map

probed() { # type, what, yes or no: of what was probed
	awk -v type="$1" -v what="$2" -v answer="$3" '
		/^ / { if (in_type == type && $1 == what && $2 ~ "^" answer) found = 1 }
		!/^ / { in_type = $1 }
		END { exit !found }' "$dir/probed" || { echo "of $1, $2 is not $3"; return 1; }
}
has() { # what
	[[ " ${KERNEL_HAS-} " == *" $1 "* ]] && echo yes || echo no
}
probe_agrees() { # with what this kernel must have
	local type what
	"$bpfcmp" probe kernel >"$dir/probed" || return 1
	probed hash native "$(has native)" && probed lru_hash native no &&
		! grep -vE '^(hash|lru_hash|arena|  .*)$' "$dir/probed" || return
	for type in hash lru_hash; do
		for what in syscall_prog claim sweep update; do
			probed $type $what "$(has syscall_prog)" || return
		done
	done
	# Those words are of these kernels, too.
	probed hash no_prealloc "$(has no_prealloc)" && probed hash spin_lock "$(has spin_lock)" &&
		probed arena flow_table "$(has arena)"
}
ok "probe agrees with the kernel" probe_agrees
ok "and is short" [ "$(wc -l <"$dir/probed")" -le 18 ]
probe_says_why() {
	! grep -E '(no|unknown)$' "$dir/probed"
}
ok "each no has a reason" probe_says_why
ok "of all types" says 0 "percpu_hash  no: neither hash nor lru_hash" "$bpfcmp" probe all
ok "of all of this kernel's" says 0 "percpu_hash  no: neither" "$bpfcmp" probe kernel all
ok "probe without privilege: status 6" says 6 "unknown: needs CAP_BPF" without_privilege "$bpfcmp" probe
ok "in place takes CAP_PERFMON" says 6 "takes CAP_PERFMON" \
	setpriv --inh-caps=-all,+bpf --bounding-set=-all,+bpf "$bpfcmp" probe
ok "probe in JSON" json 0 'length == 3 and .[0].map_type == "hash" and .[1].map_type == "lru_hash" and
	.[2].map_type == "arena" and (.[2].flow_table | has("available")) and
	all(.[:2][]; has("native") and (.syscall_prog.available == true or (.syscall_prog.reason | length > 0)))' -j probe
ok "what else there is in JSON" json 0 '.[0] | .sweep.available == .syscall_prog.available and
	has("in_place") and (.spin_lock | has("available"))' -j probe
ok "each type of map once" json 0 'length > 20 and ([.[].map_type] | length == (unique | length))' \
	-p probe kernel all
ok "what could not be told is null" says 6 '"available":null' without_privilege "$bpfcmp" -j probe

ok "JSON: differs" json 3 '. == {result: "differs"}' -j delete pinned "$flows" key "${key[@]}" \
	compare "${other[@]}"
ok "JSON: absent" json 4 '.result == "absent"' --json delete pinned "$flows" key 9 0 0 0 \
	compare "${value[@]}"
ok "JSON: unsupported" json 5 '.result == "unsupported" and (.error | length > 0)' \
	-p delete pinned "$dir/bpf/array" key 0 0 0 0 compare "${value[@]}"
ok "JSON: denied" json 6 '.result == "denied"' -j delete pinned "$dir/bpf/frozen" "${right[@]}"
ok "JSON: wrong usage, with a quote" json 2 '.result == "usage" and (.error | contains("a\"\\\n"))' \
	-j delete pinned "$flows" $'a"\\\n'
ok "JSON: another error" json 1 '.result == "error"' --pretty delete id 4294967295 "${right[@]}"
ok "JSON: an option before is told too" json 2 '.result == "usage"' -j --yes

# Any word may come back in a message, and a word is any bytes. jq would let some of them pass.
is_json() { # filter that must be true of what is read
	cat >"$dir/json"
	iconv -f UTF-8 -t UTF-8 "$dir/json" >/dev/null &&
		! LC_ALL=C tr -d '\n' <"$dir/json" | LC_ALL=C grep -q '[[:cntrl:]]' &&
		jq -e "$1" "$dir/json" >/dev/null && return
	od -c "$dir/json"
	return 1
}
bytes=(
	$'\xff' $'\x80' $'a\xffb' $'\xc3(' $'\xc3' $'\xe2\x82' $'\xf0\x9f\x98' # no characters, or cut short
	$'\xc0\xaf' $'\xc1\xbf' $'\xe0\x9f\xbf' $'\xf0\x8f\xbf\xbf'      # longer than they have to be
	$'\xed\xa0\x80' $'\xed\xbf\xbf'                                    # surrogates
	$'\xf4\x90\x80\x80' $'\xf5\x80\x80\x80' $'\xf8\x88\x80\x80\x80'   # behind the last one
	$'\x01' $'\x1b[31m' $'\t\r\n\v\f\b' $'\x1f' '"' "\\" '\u00' $'\\\xff'
)
stays_json() { # arguments, @ is where the bytes go
	local word
	for word in "${bytes[@]}"; do
		"$bpfcmp" -j "${@//@/$word}" | is_json '.result == "usage" or .result == "error"' || return
		"$bpfcmp" -p "${@//@/$word}" | is_json '.error | length > 0' || return
	done
}
ok "JSON of any bytes: a command" stays_json @
ok "JSON of any bytes: an option" stays_json --@
ok "JSON of any bytes: probe" stays_json probe @
ok "JSON of any bytes: which map" stays_json delete @
ok "JSON of any bytes: a pinned file" stays_json delete pinned "$dir/bpf/@" "${right[@]}"
ok "JSON of any bytes: an id" stays_json delete id @ "${right[@]}"
ok "JSON of any bytes: a name" stays_json delete name @ "${right[@]}"
ok "JSON of any bytes: a word" stays_json delete pinned "$flows" @
ok "JSON of any bytes: a key" stays_json delete pinned "$flows" key @ compare 0
ok "JSON of any bytes: hex" stays_json delete pinned "$flows" key 1 0 0 0 compare hex @
ok "JSON of any bytes: a number" stays_json delete pinned "$flows" "${right[@]}" offset @
ok "JSON of any bytes: a backend" stays_json delete pinned "$flows" "${right[@]}" backend @
ok "JSON of any bytes: a field" stays_json sweep pinned "$flows" where @
ok "JSON of any bytes: an operand" stays_json sweep pinned "$flows" where u32 at 0 eq @
pinned_as_bytes() {
	local file=$dir/bpf/$'\xff\x01\xe2\x82\xacz'
	"$bpftool" prog pin pinned "$dir/bpf/prog" "$file" &&
		"$bpfcmp" -j delete pinned "$file" "${right[@]}" |
		is_json '.error | endswith("/\ufffd\u0001\u20acz is no map")'
}
ok "JSON of any bytes: a pinned file that is no map" pinned_as_bytes
characters_stay() {
	local all=$'\x7f \xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf '
	all+=$'\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf'
	"$bpfcmp" -j "$all" >"$dir/json"
	grep -qF "$all" "$dir/json" && jq -e '.error | contains("\ufffd") | not' "$dir/json"
}
ok "JSON has characters as they are" characters_stay
ok "JSON: version" json 0 '.version | test("^[0-9]+[.][0-9]+[.][0-9]+$")' -j version
ok "JSON: deleted" json 0 '. == {result: "deleted"}' --pretty delete pinned "$flows" "${right[@]}"
pretty_is_indented() {
	"$bpfcmp" -p version | grep -qxE '    "version": ".*",'
}
ok "--pretty is indented" pretty_is_indented

fill flows
ok "the library says why of a map" json 5 '.reason | contains("map type 2")' \
	-j delete pinned "$dir/bpf/array" key 0 0 0 0 compare "${value[@]}"
ok "the library says why of a claim" json 2 '.reason | contains("claim_offset 2")' \
	-j delete pinned "$flows" "${right[@]}" claim 1 0 0 0 claim_offset 2
ends_with() { # text, command
	local end=$1 out
	shift
	out=$("$@" 2>&1)
	[ "${out%"$end"}" != "$out" ] || { echo "$out"; return 1; }
}
ok "and without JSON" ends_with ': claim_offset 2 is no multiple of claim_size 4' \
	"$bpfcmp" delete pinned "$flows" "${right[@]}" claim 1 0 0 0 claim_offset 2
ok "there is no reason for an answer" json 3 '. == {result: "differs"}' \
	-j delete pinned "$flows" key "${key[@]}" compare "${other[@]}"
ok "nor for what bpfcmp itself refuses" json 2 'has("reason") | not' \
	-j delete pinned "$flows" key 1 0 0 0 compare 1

for command in "help" "--help" "-h" "version help" "help help" "-j --help" "version -h"; do
	# shellcheck disable=SC2086 # a list
	ok "bpfcmp $command" says 0 "Exit status: 0 done" "$bpfcmp" $command
done
for command in probe delete sweep count top claims update add set; do
	for help in "$command help" "$command --help" "$command -h" "help $command" "--help $command" "-h $command" \
		"$command name none --help" "$command name -h all 1 2 3"; do
		# shellcheck disable=SC2086 # a list
		ok "bpfcmp $help" says 0 "Usage: bpfcmp [OPTIONS] $command" "$bpfcmp" $help
	done
done
ok "help of what is no command" says 2 "unknown command 'none'" "$bpfcmp" help none
ok "the start of a command will do" says 0 "claim_offset N" "$bpfcmp" del help
for command in version -V --version "probe -V" "delete name x --vers"; do
	# shellcheck disable=SC2086 # a list
	ok "bpfcmp $command" says 0 "using libbpf v" "$bpfcmp" $command
done

# Options are anywhere, and numbers are none.
fill flows
ok "an option behind" json 3 '. == {result: "differs"}' \
	delete pinned "$flows" key "${key[@]}" compare "${other[@]}" -j
ok "an option between" json 3 '. == {result: "differs"}' \
	delete pinned -p "$flows" key "${key[@]}" --json compare "${other[@]}"
ok "an unknown one behind" says 2 "unknown option '-x'" \
	"$bpfcmp" delete pinned "$flows" "${right[@]}" -x
ok "and the entry stays" is_there flows
ok "one of several letters that is unknown" says 2 "unknown option '-jx'" "$bpfcmp" -jx version
ok "an unknown one is told as those behind it say" json 2 '.error | contains("--yes")' --yes version -j
ok "a number below 0 is none" says 2 "'-1' is no byte" "$bpfcmp" delete pinned "$flows" key -1
ok "behind -- there are none" says 2 "unknown word '-j'" "$bpfcmp" delete pinned "$flows" -- -j
ok "nor commands that were options" says 2 "unknown command '--help'" "$bpfcmp" -- --help

# What could not be written.
full() { # status, text on standard error, arguments: with a full disk as standard output
	local status=$1 text=$2 got
	shift 2
	"$bpfcmp" "$@" >/dev/full 2>"$dir/err"
	got=$?
	[ $got -eq "$status" ] && grep -qF -- "$text" "$dir/err" && return
	echo "status $got"
	cat "$dir/err"
	return 1
}
why="write what is printed: No space left on device"
for command in help version "version -j" probe "probe -j" "help delete" "count --help"; do
	# shellcheck disable=SC2086 # a list
	ok "a full disk: bpfcmp $command" full 1 "$why" $command
done
ok "a full disk: differs" full 1 "$why" delete pinned "$flows" key "${key[@]}" compare "${other[@]}"
ok "a full disk: a JSON error" full 1 "$why" -j delete pinned "$flows"
ok "a full disk: count" full 1 "$why" count pinned "$flows"
ok "a full disk: sweep, the counts" full 1 "matched 0, deleted 0, changed 0, in" sweep pinned "$flows" where u8 at 0 eq 9
ok "a full disk: errors in text are not on it" full 2 "no key given" delete pinned "$flows"
ok "a full disk: update" full 1 "$why" update pinned "$flows" key "${key[@]}" value "${value[@]}" any
ok "a full disk: add" full 1 "$why" add pinned "$flows" key "${key[@]}" offset 0 size 4 by 0
ok "a full disk: claims" full 1 "$why" claims pinned "$flows" claim u32 at 0 from -2 to -1
closed() {
	"$bpfcmp" version >&- 2>"$dir/err"
	[ $? -eq 1 ] && grep -q "write what is printed: Bad file descriptor" "$dir/err"
}
ok "a closed standard output" closed
broken_pipe() {
	(
		trap '' PIPE
		"$bpfcmp" help 2>"$dir/err"
		echo $? >"$dir/status"
	) | true
	# It may have been written before the reader was gone.
	[ "$(cat "$dir/status")" -eq 0 ] || grep -q "write what is printed: Broken pipe" "$dir/err"
}
ok "a pipe that nobody reads" broken_pipe

page_has_all_of_help() {
	{
		"$bpfcmp" help
		"$bpfcmp" delete help
		"$bpfcmp" sweep help
		"$bpfcmp" count help
		"$bpfcmp" top help
		"$bpfcmp" probe help
		"$bpfcmp" claims help
		"$bpfcmp" update help
		"$bpfcmp" add help
		"$bpfcmp" set help
	} | grep -oE -- '((^| )--?[a-zA-Z]+|\<(key|compare|offset|size|claim|claim_offset|claim_first|claim_last|backend|value|linked|keep|absent|first|id|pinned|name|hex|probe|kernel|delete|version|help|auto|native|syscall_prog|sweep|count|top|refreshed|interval|times|results|no_prealloc|spin_lock|claims|update|in_place|any|noexist|exist|old|add|set|field|by|if|from|to|clear|own|wait|where|and|or|all|dry-run|keys|values|limit|json|at|mask|eq|ne|lt|le|gt|ge|before|after|now|in|u8|u16|u32|u64|s8|s16|s32|s64|be16|be32|be64|ns|us|ms|s|m|h) )' |
		tr -d ' ' | sort -u >"$dir/words"
	[ "$(wc -l <"$dir/words")" -gt 60 ] && ! while read -r word; do
		grep -qF -- "*$word*" "$page" || echo "the page lacks $word"
	done <"$dir/words" | grep .
}
page_has_each_status() {
	sed -nE 's/^\tSTATUS_[A-Z]+ = ([0-9]+),.*/*\1*/p' "$top/tool/bpfcmp.h" >"$dir/statuses"
	sed -n '/^# EXIT STATUS/,/^# EXAMPLES/p' "$page" | grep -E '^\*[0-9]+\*$' |
		diff "$dir/statuses" -
}
ok "the page is made" make_page
cd "$dir" || exit 1
ok "mandoc finds nothing" mandoc_finds_nothing bpfcmp.8
ok "groff finds nothing" groff_finds_nothing bpfcmp.8
ok "the page has all of the help" page_has_all_of_help
ok "the page has each exit status" page_has_each_status
"$bpftool" map update pinned "$flows" key "${key[@]}" value 5 0 0 0 0 0 0 0 0 0 0 0 100 0 0 0
ok "the page's first example" example_is_true 1
"$bpftool" map update pinned "$flows" key "${second[@]}" value 5 0 0 0 0 0 0 0 0 0 0 0 100 0 0 0
put nat 2 16
ok "the page's second example" example_is_true 2
ok "the page's last example" example_is_true 11

ok "completes commands" completes "add claims count delete help probe set sweep top update version" bpfcmp ""
ok "after options" completes delete bpfcmp -j -p d
ok "completes options" completes "--json" bpfcmp --j
ok "completes options behind" completes "--pretty" bpfcmp delete id 7 --p
ok "completes help" completes "delete" bpfcmp help d
ok "completes probe" completes "all help kernel" bpfcmp probe ""
ok "completes more of probe" completes "all" bpfcmp probe kernel ""
ok "completes how to name a map" completes "help id name pinned" bpfcmp delete ""
ok "completes ids" offers "$(id_of flows)" bpfcmp delete id ""
ok "of LRU maps too" offers "$(id_of lru)" bpfcmp -j delete id ""
ok "not of arrays" offers_not "$(id_of array)" bpfcmp delete id ""
ok "completes names" completes "${name}flows" bpfcmp delete name "${name}fl"
ok "completes files" completes "$flows" bpfcmp delete pinned "$dir/bpf/fl"
ok "completes keywords" completes \
	"backend claim claim_first claim_last claim_offset compare key keys linked offset size value" \
	bpfcmp delete id 7 ""
ok "each once" completes "claim claim_first claim_last claim_offset" \
	bpfcmp delete id 7 key 1 0 0 0 compare 2 c
ok "completes the linked map" completes "id name pinned" bpfcmp delete id 7 key 1 linked ""
ok "completes the linked map's id" offers "$(id_of nat)" bpfcmp delete id 7 key 1 linked id ""
ok "completes keywords of linked" completes "absent claim claim_offset compare first keep key offset size" \
	bpfcmp delete id 7 key 1 compare 2 linked id 8 ""
ok "each once too" completes "claim claim_offset offset size" \
	bpfcmp delete id 7 linked id 8 key 1 keep compare 2 ""
ok "completes linked data" completes hex bpfcmp delete id 7 key 1 linked id 8 key ""
ok "completes data" completes hex bpfcmp delete id 7 key ""
ok "completes backends" completes "auto native syscall_prog" bpfcmp delete id 7 backend ""
ok "offers nothing for a number" completes "" bpfcmp delete id 7 offset ""
tap_done
