#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The benchmark runs, and what it writes can be read: not how long anything takes.
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"
bench=$(realpath -m "${O:-$top/build}/bench/bench")
refresh=$(dirname "$bench")/refresh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cd "$dir" || exit 1

has_all_configs() { # those that --help names, but what takes more CPUs than there are
	"$bench" --help | sed -n 's/^                  \([^ ]*\) .*/\1/p' >names
	[ -s names ] || return 1
	while read -r name; do
		[ "$name" = threads-2 ] && [ "$(nproc)" -lt 2 ] && continue
		grep -q "{\"config\": \"$name\"," results.json || return 1
	done <names
}

way() { # name: its line in the first configuration
	grep -m 1 "{\"way\": \"$1\", .*\"cpu_ns\": {\"min\": [0-9.e+]*[1-9]" results.json
}

field() { # way, field: its value
	way "$1" | sed "s/.*\"$2\": \([0-9]*\).*/\1/"
}

counts_are() { # way, refreshed entries it left alone
	[ "$(field "$1" skipped)" -eq "$2" ] && [ "$(field "$1" deleted)" -eq $((4096 - $2)) ]
}

draws() { # chart
	grep -q '</svg>' "$1.svg" && ! grep -q NaN "$1.svg"
}

fails() { # exit status, what it says, arguments
	want=$1 text=$2
	shift 2
	"$bench" "$@" >out 2>err
	[ $? -eq "$want" ] && grep -q -- "$text" out err
}

ok "a quick run ends well" "$bench" --quick --save results.json
ok "it has every configuration" has_all_configs
for name in plain read-again kernel-batch collect-plain collect-read-again; do
	ok "it has times of $name" way $name
done
if [ "${KERNEL_HAS+set}" ] && [ "${KERNEL_HAS#*syscall_prog}" = "$KERNEL_HAS" ]; then
	skip "single, batch, claim-single, claim-batch, floor, collect-batch" "this kernel has no syscall programs"
else
	for name in single batch claim-single claim-batch floor collect-batch; do
		ok "it has times of $name" way $name
	done
fi
if [ "${KERNEL_HAS+set}" ] && [ "${KERNEL_HAS#*native}" != "$KERNEL_HAS" ]; then
	ok "it has times of native" way native
fi
ok "nothing is skipped where nothing was refreshed" counts_are read-again 0
if command -v python3 >/dev/null; then
	ok "what it saved is JSON" python3 -m json.tool results.json
else
	skip "what it saved is JSON" "there is no python3"
fi

print_json() {
	"$bench" --quick --rounds 1 --only refreshed-50,refreshed-1 --json >results.json 2>/dev/null
}
ok "--json writes the same to stdout" print_json
ok "--only leaves the others out" [ "$(grep -c '{"config":' results.json)" -eq 2 ]
ok "--rounds says how many" [ "$(grep -c '"rounds": 1,' results.json)" -eq 2 ]
skipped=$(field read-again skipped)
ok "of refreshed entries there are some" [ "$skipped" -gt 0 ]
ok "lookup, then delete leaves them alone" counts_are read-again "$skipped"
ok "plain delete does not" counts_are plain 0

if command -v gnuplot >/dev/null; then
	"$bench" --quick --rounds 1 --save results.json >/dev/null 2>&1
	ok "the charts are drawn" "$top/selftests/bench/charts.sh" results.json .
	ok "one of the ways" draws ways
	ok "one of the ratios" draws ratios
	has_collections() {
		"$(dirname "$bench")/sweep" --quick --rounds 1 --save sweep.dat >out &&
			[ "$(grep -c '^hash [0-9]* [0-9]* ' sweep.dat)" -eq 35 ]
	}
	ok "collections are timed" has_collections
	ok "and drawn" "$top/selftests/bench/charts.sh" results.json . sweep.dat
	ok "with each share" draws sweep
else
	skip "the charts are drawn" "there is no gnuplot"
fi

ok "--help succeeds" fails 0 "^Usage: bench" --help
ok "an unknown option is an error" fails 2 "^Usage: bench" --unknown
ok "so is an unknown configuration" fails 1 'no configuration "ba", see --help' --only ba
ok "so is an empty one" fails 1 'an empty name' --only base,
ok "so is an unknown way" fails 1 'no way "x", see --help' --ways plain,x
ok "so is a wrong number of rounds" fails 1 "from 1 to 99" --rounds 0
ok "so is a file that cannot be written" fails 1 "nowhere/x: No such file" \
	--quick --rounds 1 --only small --save nowhere/x

has_ratios() {
	"$refresh" --quick >out && [ "$(grep -cE '^..._create32.* [0-9]+\.[0-9]+\.\.[0-9]+\.[0-9]+$' out)" -eq 6 ]
}
ok "the datapath's refresh is timed" has_ratios
fails_to_refresh() {
	! "$refresh" --unknown 2>err && grep -q '^Usage: refresh' err
}
ok "an unknown option of that is an error" fails_to_refresh
has_times() {
	"$(dirname "$bench")/first" >out && [ "$(grep -cE ' +[0-9.]+ +[0-9.]+\.\.[0-9.]+ *$' out)" -eq 4 ]
}
ok "first calls are timed" has_times
loses_nothing() {
	"$(dirname "$bench")/update" --rounds 1 >out && [ "$(grep -cE ' lost [0-9-]+$' out)" -eq 6 ] &&
		[ "$(grep -cE '^(HASH|LRU_HASH) +batch in place .* lost 0$' out)" -eq 2 ]
}
ok "counters are read and cleared, and none is lost" loses_nothing
# On the test kernels the benchmark is alone.
if [ -e "$(dirname "$bench")/tables" ]; then
	times_tables() { # what is timed, of which table by which: 13 rows
		"$(dirname "$bench")/tables" --quick >out &&
			[ "$(grep -cE '^(create|look-up|refresh|delete|collect).* [-0-9.]+$' out)" -eq 13 ]
	}
	ok "flow tables are timed" times_tables
fi
tap_done
