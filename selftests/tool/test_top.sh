#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# bpfcmp top tells what becomes of a map: in lines, in JSON, and on a terminal, which it gives back as it was whatever
# ends it. On terminals it is also told how far what takes long has come. The terminals are tmux's.
set -u

[ "${1:-}" = inside ] || exec unshare -m "$0" inside

. "$(dirname "$0")/tool.sh"
. "$(dirname "$0")/conns.sh"

# A server of our own, which goes with us.
export TMUX_TMPDIR=$dir
terminal() { # what tmux is to do
	tmux -L "$(cat "$dir/server")" -f /dev/null "$@"
}
echo 0 >"$dir/server"
trap 'terminal kill-server 2>/dev/null; umount "$dir/bpf" 2>/dev/null; rm -rf "$dir"' EXIT
export TERM=xterm LC_ALL=C

ok "maps with BTF" make_maps
fill

# Looks that are told in lines.
is_line() { # file, line's number, pattern
	sed -n "$2p" "$1" | grep -qxE "$3, in [0-9.]+ ms" && return
	cat "$1"
	return 1
}
"$bpfcmp" top pinned "$conns" where value.state eq 1 or value.state eq 2 times 2 interval 1ms >"$dir/lines"
ok "ends after so many looks" [ "$(wc -l <"$dir/lines")" -eq 2 ]
ok "the first has counts alone" is_line "$dir/lines" 1 "entries 5, matching 2"
ok "the second has rates, too" is_line "$dir/lines" 2 "entries 5, matching 2, created 0/s, deleted 0/s"
"$bpfcmp" top pinned "$conns" times 2 interval 1ms refreshed seen >"$dir/lines"
ok "without conditions none match" is_line "$dir/lines" 1 "entries 5"
ok "refreshed by a name" is_line "$dir/lines" 2 "entries 5, created 0/s, deleted 0/s, refreshed 0/s"
ok "JSON" json 0 'del(.microseconds) == {entries: 5, matching: 1}' -j top pinned "$conns" where key.id eq 3 times 1
json_looks() {
	"$bpfcmp" top pinned "$conns" refreshed u32 at 8 times 3 interval 1ms json | jq -se 'length == 3 and
		(.[0] | has("created") | not) and all(.[1:][]; .created == 0 and .deleted == 0 and .refreshed == 0 and .one_of == 1)'
}
ok "JSON: an object for each look" json_looks

# The rates, as a sum over looks, of which nobody knows which one sees the change.
sums() { # filter that must be true of the sums; what is done meanwhile; words
	local filter=$1 meanwhile=$2 pid
	shift 2
	rm -f "$dir/looks"
	"$bpfcmp" -j top "$@" >"$dir/looks" &
	pid=$!
	until [ -s "$dir/looks" ]; do
		kill -0 $pid || return
		sleep 0.05
	done
	$meanwhile
	# Two more that have begun behind it.
	local seen
	seen=$(wc -l <"$dir/looks")
	until [ "$(wc -l <"$dir/looks")" -ge $((seen + 2)) ]; do
		kill -0 $pid || return
		sleep 0.05
	done
	kill -TERM $pid
	wait $pid
	# A rate is at most ten times what there was, at 100 ms, and less where looks are further apart.
	jq -se "map(select(has(\"created\"))) | {created: (map(.created) | add), deleted: (map(.deleted) | add),
		refreshed: (map(.refreshed // 0) | add), entries: .[-1].entries, one_of: .[-1].one_of} | $filter" "$dir/looks" && return
	cat "$dir/looks"
	return 1
}
# So many that they are some a second, however long a look takes: 20 created, of those that were there 10 refreshed.
change() {
	local i
	for i in {1..20}; do
		echo "map update pinned $conns key 9 9 9 9 9 9 9 $i value ${values[1]}"
	done | "$bpftool" batch file -
	"$bpfcmp" count pinned "$conns" where key u8 at 0 eq 8 keys | "$bpfcmp" add pinned "$conns" keys - field seen by 1
	"$bpfcmp" sweep pinned "$conns" where key u8 at 0 eq 7
}
fill
for i in {1..10}; do
	"$bpftool" map update pinned "$conns" key 8 8 8 8 8 8 8 "$i" value ${values[1]}
	"$bpftool" map update pinned "$conns" key 7 8 8 8 8 8 8 "$i" value ${values[1]}
done
ok "what is created, deleted and refreshed" sums \
	'.created > 0 and .created <= 201 and .deleted > 0 and .deleted <= 101 and .refreshed > 0 and .refreshed <= 101 and .entries == 35' \
	change pinned "$conns" refreshed value.seen interval 100ms
"$bpfcmp" sweep pinned "$conns" where key u8 at 0 ge 8 and key u8 at 0 le 9 >"$dir/none"
other_field() {
	"$bpfcmp" add pinned "$conns" key ${keys[1]} field seen by 1
	"$bpftool" map update pinned "$conns" key ${keys[3]} value ${values[3]}
}
ok "not by another field, nor by what replaces it with the same" sums '.refreshed == 0 and .created == 0 and .deleted == 0' \
	other_field pinned "$conns" refreshed value.lifetime interval 100ms

# More than are compared: half of them, and the rates are of all.
create_big() {
	local i
	"$bpftool" map create "$dir/bpf/big" type hash key 4 value 8 entries 100000 name big &&
		for ((i = 0; i < 80000; i++)); do
			echo "map update pinned $dir/bpf/big key $((i & 255)) $((i >> 8 & 255)) $((i >> 16)) 0 value $((i & 255)) 0 0 0 0 0 0 0"
		done >"$dir/batch" && "$bpftool" batch file "$dir/batch" >/dev/null
}
ok "a large map" create_big
delete_some() { # a fourth
	"$bpfcmp" sweep pinned "$dir/bpf/big" where value u8 at 0 lt 64
}
# Twice 20000 a second at most; chance may pick some more.
ok "of a large map a sample" sums '.deleted > 100 and .deleted < 50000 and .created == 0 and .refreshed == 0' \
	delete_some pinned "$dir/bpf/big" refreshed u64 at 0 interval 500ms
ok "and it is said of how many" jq -se '.[1].one_of == 2 and .[0].entries == 80000 and .[-1].entries < 65536' "$dir/looks"
of_few() {
	jq -se '.[0].entries == 5 and .[0].matching == 1' <("$bpfcmp" -j top pinned "$conns" where key.id eq 3 times 1)
}
fill
ok "of a small map all" of_few

# What is wrong.
ok "no map" says 2 "top: which map?" "$bpfcmp" top
ok "an unknown word" says 2 "unknown word 'all'" "$bpfcmp" top pinned "$conns" all
ok "a word twice" says 2 "'times' is there twice" "$bpfcmp" top pinned "$conns" times 1 times 1
ok "no times" says 2 "times: 0" "$bpfcmp" top pinned "$conns" times 0
ok "no interval" says 2 "interval: '' is no time" "$bpfcmp" top pinned "$conns" interval
ok "an interval of 0" says 2 "interval: '0s' is not 1ms" "$bpfcmp" top pinned "$conns" interval 0s
ok "no field" says 2 "no field after 'refreshed'" "$bpfcmp" top pinned "$conns" refreshed
ok "an unknown one" says 2 "value.none: no such field" "$bpfcmp" top pinned "$conns" refreshed value.none
ok "one of the key" says 2 "of a key nothing is refreshed" "$bpfcmp" top pinned "$conns" refreshed key.id
"$bpftool" map create "$dir/bpf/array" type array key 4 value 4 entries 4 name array
ok "an array: status 5" says 5 "neither hash nor lru_hash" "$bpfcmp" top pinned "$dir/bpf/array"
ok "no privilege: status 6" says 6 "not permitted" without_privilege "$bpfcmp" top pinned "$conns" where key.id eq 3
full() {
	"$bpfcmp" top pinned "$conns" interval 1ms >/dev/full 2>"$dir/err"
	[ $? -eq 1 ] && grep -q "write what is printed: No space" "$dir/err"
}
ok "it ends where nothing can be printed" full
interrupted() {
	rm "$dir/lines"
	env --default-signal=INT "$bpfcmp" top pinned "$conns" interval 1h >"$dir/lines" &
	until [ -s "$dir/lines" ]; do
		kill -0 $! || return
		sleep 0.05
	done
	kill -INT $!
	wait $!
	[ $? -eq 130 ]
}
ok "Ctrl-C ends the wait" interrupted

# On a terminal.
shows() { # pattern, within a while
	for _ in {1..200}; do
		terminal capture-pane -p >"$dir/pane" && grep -qE -- "$1" "$dir/pane" && return
		sleep 0.05
	done
	echo "does not show '$1':"
	cat "$dir/pane"
	return 1
}
shows_not() { # pattern, within a while
	for _ in {1..200}; do
		terminal capture-pane -p >"$dir/pane" && ! grep -qE -- "$1" "$dir/pane" && return
		sleep 0.05
	done
	echo "shows '$1':"
	cat "$dir/pane"
	return 1
}
in_terminal() { # shell's text, in a terminal of its own
	terminal kill-server 2>/dev/null
	# Another one: the last may not have ended yet.
	echo $(($(cat "$dir/server") + 1)) >"$dir/server"
	terminal new-session -d -x "${columns:-80}" -y 24 "$1; sleep 1000"
}
# The line's settings before and after, and the screen as it was.
run_top() { # words
	rm -f "$dir/pid"
	in_terminal "
		trap : INT TERM QUIT; echo before; stty -g >'$dir/stty'
		sh -c 'echo \$\$ >$dir/pid; exec env --default-signal=INT,TERM,QUIT $bpfcmp top pinned $conns $*'
		echo \"after, status \$?\"; stty -g | diff '$dir/stty' - && echo as it was"
}
given_back() { # status
	shows "^after, status $1$" && shows "^as it was" && shows "^before" && shows_not "^looking took" &&
		[ "$(terminal display-message -p '#{alternate_on} #{cursor_flag}')" = "0 1" ]
}
fill
ok "tmux starts it" run_top where value.state eq 1 refreshed value.seen interval 200ms
ok "it shows the map" shows "^map $(id_of "${name}conns") '${name}conns', hash, at most 64 entries, every 0.2 s; q to quit"
ok "its entries" shows "^entries +5 +7.8 % of what there can be"
ok "those that match" shows "^matching +1 +20.0 % of them"
ok "no rates that there are not" shows "^refreshed +0  a second"
ok "without what was there before" shows_not "^before"
"$bpftool" map update pinned "$conns" key 9 9 9 9 9 9 9 9 value ${values[1]}
ok "an entry more" shows "^entries +6 "
ok "which matches" shows "^matching +2 +33.3 %"
# A rate is shown until the next look, and then another one is, which may be before we look.
is_rate() { # name: of what the pane shows
	grep -qE "^$1 +[1-9][0-9]*  a second" "$dir/pane"
}
is_refreshed() {
	for _ in {1..400}; do
		"$bpfcmp" add pinned "$conns" key ${keys[1]} field seen by 1 >"$dir/none"
		terminal capture-pane -p >"$dir/pane" && is_rate refreshed && return
	done
	cat "$dir/pane"
	return 1
}
comes_and_goes() {
	local created='' deleted=''
	for _ in {1..50}; do
		"$bpftool" map update pinned "$conns" key 8 8 8 8 8 8 8 8 value ${values[1]} && shows "^entries +7 " || return
		is_rate created && created=yes
		"$bpftool" map delete pinned "$conns" key 8 8 8 8 8 8 8 8 && shows "^entries +6 " || return
		is_rate deleted && deleted=yes
		[ -z "$created" ] || [ -z "$deleted" ] || return 0
	done
	echo "created seen: $created, deleted seen: $deleted"
	return 1
}
ok "what is refreshed" is_refreshed
ok "what is created and deleted" comes_and_goes
ok "narrow and low" terminal resize-window -x 23 -y 4
narrow() {
	shows "^map $(id_of "${name}conns") " && shows "^matching +[1-9]$" &&
		[ "$(wc -l <"$dir/pane")" -eq 4 ] && shows_not "quit|%"
}
ok "is cut" narrow
ok "and wide again" terminal resize-window -x 100 -y 30
ok "is all there" shows "q to quit"
ok "other keys do nothing" terminal send-keys x
ok "it goes on" shows "^looking took"
ok "q ends it" terminal send-keys q
ok "the terminal is given back" given_back 0
run_top interval 1h
ok "it is there" shows "^entries"
ok "Ctrl-C ends it" terminal send-keys C-c
ok "and gives the terminal back" given_back 130
columns=23 run_top interval 1h
ok "where it is narrow from the start" shows "^entries +[0-9]$"
ok "and gets wide" terminal resize-window -x 80 -y 24
ok "it does not wait for the next look" shows "q to quit$"
ok "q need not wait either" terminal send-keys Q
ok "to give the terminal back" given_back 0
for signal in TERM QUIT; do
	run_top interval 1h
	ok "it is there again" shows "^entries"
	ok "SIG$signal ends it" kill -"$signal" "$(cat "$dir/pid")"
	ok "and gives the terminal back as well" given_back $((128 + $(kill -l $signal)))
done
stops() {
	local pid
	pid=$(cat "$dir/pid")
	kill -TSTP "$pid" && shows_not "^entries" && shows "^before" &&
		stty -g -F "$(terminal display-message -p '#{pane_tty}')" | diff "$dir/stty" - &&
		kill -CONT "$pid" && shows "^entries" && terminal send-keys q && given_back 0
}
run_top interval 1h
ok "it is there once more" shows "^entries"
ok "where it is stopped the terminal is given back, and taken again" stops
run_top times 2 interval 1ms
ok "times end it, too" given_back 0
run_top interval 1h '</dev/null'
ok "without keys it is there" shows "^entries"
ok "and Ctrl-C ends it" terminal send-keys C-c
ok "and it gives the terminal back, without keys" given_back 130
in_dumb_terminal() {
	in_terminal "TERM=dumb '$bpfcmp' top pinned '$conns' times 1"
	shows "^entries [0-9]+, in"
}
ok "where a terminal can do nothing it is lines" in_dumb_terminal

# How far it has come. The keys come from a pipe that stays open: what is shown stays, too.
progress() {
	local shown=1
	mkfifo "$dir/fifo" || return
	in_terminal "'$bpfcmp' delete pinned '$dir/bpf/big' keys '$dir/fifo' size 1"
	exec 8>"$dir/fifo"
	# A batch is 8192 keys, and nothing is told in the first half of a second.
	for _ in {1..100}; do
		yes "key: 00 00 00 ff  value: 00 00 00 00 00 00 00 00" | head -n 8192 >&8
		terminal capture-pane -p >"$dir/pane"
		grep -qE "^keys [0-9]+, deleted 0$" "$dir/pane" && shown=0 && break
		sleep 0.1
	done
	cat "$dir/pane"
	exec 8>&-
	rm "$dir/fifo"
	return $shown
}
ok "deletes of many keys tell how far they have come" progress
ok "and take it away" shows "^keys [0-9]+, deleted 0, differed 0, absent [0-9]+, locked 0, in"
ok "all of it" shows_not "^keys [0-9]+, deleted 0$"
waits_for_claims() {
	in_terminal "'$bpfcmp' claims pinned '$conns' claim value.lifetime from 1000 to 1000 wait 1500ms"
	shows "^looking for 1.500 s whether claims stand$"
}
"$bpfcmp" sweep pinned "$conns" all >/dev/null
fill
ok "so does claims" waits_for_claims
ok "and takes it away" shows "^found 1, "
ok "all of it" shows_not "whether claims stand"

for help in help --help -h; do
	ok "bpfcmp top $help" says 0 "how many keys" "$bpfcmp" top $help
done
ok "the page is made" make_page
page_example() {
	local i
	"$bpfcmp" sweep pinned "$conns" all >"$dir/none"
	for i in 1 2 3 4; do
		"$bpftool" map update pinned "$conns" key 10 0 0 $i 1 187 6 $i value \
			1 0 0 0 0 0 0 0 0 0 0 0 0 0 $((2 + i / 3)) 0 0 0 0 0 0 0 0 0 || return
	done
	example_is_true 10
}
cd "$dir" || exit 1
ok "the page's tenth example" page_example

ok "completes words" completes "interval json refreshed times where" bpfcmp top id 7 ""
ok "completes conditions" completes "after before eq ge gt le lt mask ne" bpfcmp top id 7 where key.id ""
ok "completes fields" offers value bpfcmp top id 7 refreshed ""
ok "and goes on" completes "interval json times where" bpfcmp top id 7 refreshed value.seen ""
tap_done
