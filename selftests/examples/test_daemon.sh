#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# bpfcmpd deletes what matches by its configuration and nothing else, from maps that come, go and are replaced; takes a new
# configuration, and refuses one that is wrong; and tells of all that.
set -u

[ "${1:-}" = inside ] || exec unshare -m "$0" inside

. "$(dirname "$0")/../tool/tool.sh"
. "$(dirname "$0")/../tool/conns.sh"
here=$top/selftests/examples
install -m 755 "$O/bpfcmpd" "$dir/bpfcmpd" || exit 1
bpfcmpd=$dir/bpfcmpd
conf=$dir/conf
prom=$dir/prom
pids=
trap 'kill $pids 2>/dev/null; umount "$dir/bpf"; rm -rf "$dir"' EXIT
cd "$dir" || exit 1

until_true() { # command: in a minute
	local tries=600
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { echo "in vain: $*"; cat "$dir/said" 2>/dev/null; return 1; }
		sleep 0.1
	done
}

make_map() { # name, bytes of a value
	"$bpftool" map create "bpf/$1" type hash key 4 value "$2" entries 64 name "$name"
}

put() { # map, key, bytes of the value
	"$bpftool" map update pinned "bpf/$1" key "$2" 0 0 0 value "${@:3}"
}

has() { # map, key
	"$bpftool" map lookup pinned "bpf/$1" key "$2" 0 0 0 | grep -q 'value:'
}

has_not() {
	! has "$@"
}

metric() { # as it is before its value
	sed -n "s/^bpfcmpd_$1 //p" "$prom"
}

is_metric() { # metric, test's arguments
	test "$(metric "$1")" "${@:2}"
}

said() { # text
	grep -qF -- "$1" "$dir/said"
}

said_once() {
	[ "$(grep -cF -- "$1" "$dir/said")" -eq 1 ] || { cat "$dir/said"; return 1; }
}

# A section for the map of that name, and what comes behind it.
section() { # map, where, lines
	printf '[%s]\nmap = %s\nwhere = %s\ninterval = 100ms\n' "$1" "$dir/bpf/$1" "$2"
	printf '%s\n' "${@:3}"
}

sizes=$'key_size = 4\nvalue_size = 8'

refuses() { # file:line: and text behind the path, a configuration
	local want=$1 got
	printf '%s\n' "${@:2}" >"$conf"
	if got=$("$bpfcmpd" --check "$conf" 2>&1); then
		echo "exit status 0: $got"
		return 1
	fi
	grep -qF -- "$conf:$want" <<<"$got" || { echo "$got"; return 1; }
}

ok "tells how to use it" says 0 "Usage: bpfcmpd" "$bpfcmpd" --help
ok "tells its version" says 0 "bpfcmpd v" "$bpfcmpd" --version
ok "an unknown option is wrong usage" says 2 "Usage: bpfcmpd" "$bpfcmpd" --unknown
ok "two files are wrong usage" says 2 "Usage: bpfcmpd" "$bpfcmpd" a b
ok "a file that is not there is an error" says 1 "$dir/none: No such file" "$bpfcmpd" "$dir/none"
ok "a folder is an error" says 1 "$dir: Is a directory" "$bpfcmpd" "$dir"

ok "no section" refuses " no section" ""
ok "a line that is nothing" refuses "2: 'what' is neither" "# a comment" what
ok "an unknown key" refuses "2: 'maps' is no key of a section" "[a]" "maps = x"
ok "a key before the first section" refuses "1: 'map' is no key before the first" "map = x"
ok "metrics in a section" refuses "2: 'metrics' is no key of a section" "[a]" "metrics = x"
ok "a key twice" refuses "3: 'map' is there twice, first in line 2" "[a]" "map = x" "map = y"
ok "a section twice" refuses "3: [a] is there twice, first in line 1" "[a]" "map = x" "[a]"
ok "a section that does not end" refuses "1: a section is [NAME]" "[a"
ok "a name that is no label" refuses '1: [a"b]: a name has' '[a"b]'
ok "a line that goes on with nothing" refuses "2: a line that begins with a blank" "[a]" "  x"
ok "no map" refuses "1: [a] has no 'map'" "[a]" "where = u8 at 0 eq 1" "interval = 1s"
ok "no conditions" refuses "1: [a] has no 'where'" "[a]" "map = x" "interval = 1s"
ok "an empty condition" refuses "1: [a] has no 'where'" "[a]" "map = x" "where =" "interval = 1s"
ok "no interval" refuses "1: [a] has no 'interval'" "[a]" "map = x" "where = u8 at 0 eq 1"
ok "an interval that is none" refuses "4: [a] interval: 'often' is no time" "[a]" "map = x" "where = u8 at 0 eq 1" \
	"interval = often" "$sizes"
ok "one that is too short" refuses "4: [a] interval: less than 100 ms" "[a]" "map = x" "where = u8 at 0 eq 1" \
	"interval = 99ms" "$sizes"
ok "dry_run" refuses "5: [a] dry_run: 'maybe' is neither" "$(section a 'key eq 1' 'dry_run = maybe')"
ok "a size that is none" refuses "5: [a] key_size: 'x' is no number" "$(section a 'key eq 1' 'key_size = x')"
ok "a place without sizes" refuses "3: [a] fields 'at' offsets take" "$(section a 'u8 at 0 eq 1')"
ok "a place with one of them" refuses "3: [a] fields 'at' offsets take" "$(section a 'u8 at 0 eq 1' 'key_size = 4')"
ok "a place outside of the value" refuses "3: [a] u64 at 4: the value has 8 bytes" \
	"$(section a 'u64 at 4 eq 1' "$sizes")"
ok "conditions that are none, without a map" refuses "3: [a] u32: 'is' is no comparison" \
	"$(section a 'u32 at 0 is 1' "$sizes")"
ok "words behind them" refuses "3: [a] 'json': neither" "$(section a 'u32 at 0 eq 1 json' "$sizes")"
ok "and in the middle" refuses "3: [a] 'keys': neither" "$(section a 'u32 at 0 eq 1 keys and u8 at 0 eq 1' "$sizes")"
ok "a time without a unit" refuses "3: [a] u32: now-30s: in which unit" "$(section a 'u32 at 0 before now-30s' "$sizes")"
ok "a claim that is none" refuses "7: [a] claim: not as" \
	"$(section a 'u32 at 0 eq 1' "$sizes" 'claim = u32 at 0 to 5')"
ok "a claim of no word" refuses "7: [a] u8: claims are words" \
	"$(section a 'u8 at 0 eq 1' "$sizes" 'claim = u8 at 0 from 1 to 5')"

make_map flows 8
flows='u32 at 0 lt 3'
put flows 1 1 0 0 0 0 0 0 0
put flows 5 5 0 0 0 0 0 0 0
ok "sizes that the map has not" refuses "6: [flows] values have 8 bytes, and are to have 16" \
	"$(section flows "$flows" 'key_size = 4' 'value_size = 16')"
ok "a name that the map has not" refuses "3: [flows] value.x: the map has no BTF" "$(section flows 'value.x eq 1')"
ok "a claim that is in no condition" refuses "7: [flows] sweep the map: the claim's 4 bytes at 4" \
	"$(section flows "$flows" "$sizes" 'claim = u32 at 4 from 16 to 17')"
"$bpftool" map create bpf/array type array key 4 value 8 entries 4 name "$name"
ok "a map of another type" refuses "3: [array] sweep the map: " "$(section array "$flows" "$sizes")"

check() { # text
	says 0 "$1" "$bpfcmpd" --check "$conf"
}

{
	section flows "$flows" "$sizes"
	section late "$flows" "$sizes"
} >"$conf"
ok "--check counts what matches" check "1 of 2 entries match"
ok "and tells what is not there" check "[late] not tried: open $dir/bpf/late: No such file"
ok "and deletes nothing" has flows 1

{
	echo "metrics = $prom"
	section flows $'u32 at 0\n  lt 3\n\t or key u8 at 0 eq 9' "$sizes"
} >"$conf"
put flows 9 9 0 0 0 0 0 0 0
ok "--once collects" says 0 "collecting from map" "$bpfcmpd" --once "$conf"
ok "what matches is gone" has_not flows 1
ok "by a line that goes on, too" has_not flows 9
ok "what does not is not" has flows 5
ok "metrics are as Prometheus has them" /usr/bin/python3 "$here/metrics.py" "$prom"
ok "entries are counted" is_metric 'scanned_entries_total{map="flows"}' -eq 3
ok "those that matched" is_metric 'matched_entries_total{map="flows"}' -eq 2
ok "those that were deleted" is_metric 'deleted_entries_total{map="flows"}' -eq 2
ok "collections are" is_metric 'collections_total{map="flows",result="done"}' -eq 1
ok "a new file leaves no other" test ! -e "$prom.new"

put flows 1 1 0 0 0 0 0 0 0
{
	echo "metrics = $prom"
	section flows "$flows" "$sizes" 'dry_run = yes'
} >"$conf"
ok "a dry run" says 0 "counting in map" "$bpfcmpd" --once "$conf"
ok "deletes nothing" has flows 1
ok "and counts" is_metric 'matched_entries_total{map="flows"}' -eq 1
ok "as not deleted" is_metric 'deleted_entries_total{map="flows"}' -eq 0

section flows "$flows" "$sizes" 'claim = u32 at 0 from 1 to 2' >"$conf"
put flows 6 0 0 0 0 0 0 0 0
put flows 2 2 0 0 0 0 0 0 0
ok "collects by a claim" "$bpfcmpd" --once "$conf"
ok "what matches is gone" has_not flows 6
ok "what carries its claim is not" has flows 1
ok "nor what carries another" has flows 2

# By names, and without the privilege that those take, or any.
make_maps && fill
{
	echo "metrics = $prom"
	section "${name}conns" 'value.state eq 2'
} >"$conf"
ok "CAP_BPF alone does not tell names" says 1 "read the map's BTF: Operation not permitted" \
	setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,+bpf "$bpfcmpd" --once "$conf"
ok "which is counted" is_metric "collections_total{map=\"${name}conns\",result=\"failed\"}" -eq 1
ok "and nothing is deleted" test "$(left)" = "$ids"
ok "with CAP_SYS_ADMIN it collects by them" \
	setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,+bpf,+sys_admin "$bpfcmpd" --once "$conf"
ok "what matches is gone" test "$(left)" = "1 3 4 5"
ok "a name that is none is refused" refuses "3: [${name}conns] value.stat: no such field" \
	"$(section "${name}conns" 'value.stat eq 2')"
section flows "$flows" "$sizes" >"$conf"
ok "no privilege is an error" says 1 "takes CAP_BPF" without_privilege "$bpfcmpd" --once "$conf"
ok "and nothing is deleted" has flows 1
ok "CAP_BPF is enough" setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,+bpf "$bpfcmpd" --once "$conf"
ok "what matches is gone" has_not flows 1
put flows 1 1 0 0 0 0 0 0 0
mount --bind bpf bpf && mount -o remount,bind,ro bpf
ok "a BPF file system that is read-only will do" "$bpfcmpd" --once "$conf"
umount bpf
ok "what matches is gone" has_not flows 1

# While it runs. A socket in the abstract, too.
for socket in "$dir/socket" "@$dir/abstract"; do
	python3 "$here/notified.py" "$socket" >"$dir/notified" &
	pids="$pids $!"
	rm -f bpf/late
	{
		echo "metrics = $prom"
		section flows "u64 at 0 lt now" "$sizes"
		section late "$flows" "$sizes"
	} >"$conf"
	until_true grep -qF "$socket" /proc/net/unix
	NOTIFY_SOCKET=$socket "$bpfcmpd" "$conf" >"$dir/said" 2>&1 &
	daemon=$!
	pids="$pids $daemon"
	ok "${socket%%/*}: tells that it is ready" until_true grep -q '^READY=1' "$dir/notified"
	[ "$socket" = "$dir/socket" ] || break
	kill -s TERM $daemon
	wait $daemon
	ok "SIGTERM ends it well" [ $? -eq 0 ]
	ok "it says so" until_true grep -q '^STOPPING=1' "$dir/notified"
	ok "its metrics go" test ! -e "$prom"
done

ok "it waits for a map" until_true said "[late] waiting for $dir/bpf/late"
ok "and counts that" until_true is_metric 'collections_total{map="late",result="absent"}' -ge 2
ok "but says it once" said_once "waiting for"

# An entry that will have expired in a second, if the time is each collection's.
monotonic() {
	python3 -c 'import time; print(time.monotonic_ns())'
}
until=$(($(monotonic) + 1000000000))
# shellcheck disable=SC2046 # bytes
put flows 7 $(le $until 8)
ok "what expires is collected" until_true has_not flows 7
ok "when it has" [ "$(monotonic)" -ge $until ]

make_map late 8
put late 1 1 0 0 0 0 0 0 0
ok "a map that comes is collected from" until_true has_not late 1
first=$(id_of late)
ok "it says so" until_true said "[late] collecting from map $first"
rm bpf/late
make_map late 16
put late 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
ok "one that does not fit in its place is left alone" until_true \
	is_metric 'collections_total{map="late",result="unfit"}' -ge 2
ok "all of it" has late 1
ok "it says so, once" said_once "[late] not collected from: values have 16 bytes, and are to have 8"
rm bpf/late
"$bpftool" prog load maps_prog.o bpf/late type socket
ok "what is no map is left alone" until_true said "[late] not collected from: $dir/bpf/late is no map"
rm bpf/late
make_map late 8
put late 1 1 0 0 0 0 0 0 0
ok "one that fits is collected from again" until_true has_not late 1
ok "it says so" until_true said "[late] collecting from map $(id_of late)"
gone() { # id: the map is, as nobody holds it
	! "$bpftool" map show id "$1"
}
ok "a map that its owner is done with is not held" until_true gone "$first"

# Who reads the metrics has all of them, however slowly.
exec 3<"$prom"
before=$(cat /proc/self/fd/3)
done_before=$(metric 'collections_total{map="late",result="done"}')
ok "metrics are written anew" until_true is_metric 'collections_total{map="late",result="done"}' -gt "$done_before"
ok "but not into what is being read" test "$(cat /proc/self/fd/3)" = "$before"
exec 3<&-

deleted=$(metric 'deleted_entries_total{map="late"}')
notified=$(wc -l <"$dir/notified")
sed -i 's/u32 at 0 lt 3/u32 at 0 what 3/' "$conf"
kill -s HUP $daemon
ok "a wrong configuration is refused" until_true said "$conf: refused"
ok "with its line" said "$conf:10: [late] u32: 'what' is no comparison"
ok "metrics tell" until_true is_metric config_last_reload_successful -eq 0
ok "whoever has started it is told when it begins" until_true \
	eval "tail -n +$((notified + 1)) '$dir/notified' | grep -q '^RELOADING=1 MONOTONIC_USEC=[0-9]'"
ok "and that it is ready" until_true eval "tail -n +$((notified + 1)) '$dir/notified' | grep -q '^READY=1.*refused'"
put late 1 1 0 0 0 0 0 0 0
ok "all goes on as it was" until_true has_not late 1

put late 4 4 0 0 0 0 0 0 0
put late 8 8 0 0 0 0 0 0 0
ok "what did not match is there" has late 4
sed -i 's/u32 at 0 what 3/u32 at 0 lt 5/' "$conf"
kill -s HUP $daemon
ok "a good one is taken" until_true has_not late 4
ok "metrics tell" until_true is_metric config_last_reload_successful -eq 1
ok "what was counted goes on" until_true is_metric 'deleted_entries_total{map="late"}' -ge $((deleted + 2))
ok "what does not match is there" has late 8
sed -i '/^metrics/s/prom$/other/' "$conf"
kill -s HUP $daemon
ok "metrics go elsewhere" until_true test -s "$dir/other"
ok "and not stay where they were" until_true test ! -e "$prom"
ok "they are as Prometheus has them" /usr/bin/python3 "$here/metrics.py" "$dir/other"
sed -i "s,^metrics.*,metrics = $dir/none/prom," "$conf"
kill -s HUP $daemon
ok "metrics that cannot be written are an error" until_true said "metrics: $dir/none/prom: No such file"
put late 1 1 0 0 0 0 0 0 0
ok "but not the end" until_true has_not late 1
ok "and told once" said_once "metrics: "
kill -s INT $daemon
wait $daemon
ok "SIGINT ends it well" [ $? -eq 0 ]

# As it is installed.
installs() {
	"${MAKE:-make}" --no-print-directory -C "$top" O="$O" "$1" PREFIX=/usr DESTDIR="$dir/root"
}
unit_is_fine() {
	local unit=root/usr/lib/systemd/system/bpfcmpd.service
	sed "s,^ExecStart=,&$dir/root," "$unit" >bpfcmpd.service
	MANPATH=$dir/root/usr/share/man systemd-analyze verify ./bpfcmpd.service 2>&1 | tee verified
	[ ! -s verified ] && grep -qx 'ExecStart=/usr/sbin/bpfcmpd /etc/bpfcmpd.conf' "$unit"
}
page_is_fine() {
	local page=root/usr/share/man/man8/bpfcmpd.8
	mandoc_finds_nothing $page && groff_finds_nothing $page
}
page_has_the_keys() {
	local key
	for key in $(sed -n 's/.*\[KEY_[A-Z_]*\] = "\([a-z_]*\)".*/\1/p; s/.*\t\[KEY_[A-Z_]*\] = "\([a-z_]*\)".*/\1/p' \
		"$top/examples/daemon/config.c"); do
		grep -q "\*$key\* = " "$top/examples/daemon/bpfcmpd.8.scd" || { echo "no $key"; return 1; }
	done
}
page_has_the_metrics() {
	local metric
	for metric in $(sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' other); do
		grep -q "\*$metric\*" "$top/examples/daemon/bpfcmpd.8.scd" || { echo "no $metric"; return 1; }
	done
}
ok "is installed" installs daemon-install
ok "the unit is fine" unit_is_fine
ok "the page is" page_is_fine
ok "it has all keys" page_has_the_keys
ok "and all metrics" page_has_the_metrics
ok "the example is fine" says 0 "[conntrack] not tried" "$bpfcmpd" --check "$top/examples/daemon/bpfcmpd.conf"
ok "is uninstalled" installs daemon-uninstall
ok "nothing is left" [ -z "$(find root -type f)" ]
tap_done
