#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# run.sh tells a program that fails, in whichever way, from one that passes, and leaves none running.
set -u

top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/selftests/tap.sh"
dir=$(mktemp -d)
trap 'pkill -KILL -f "$dir/test"; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
unset LABEL RESULTS RUN
export KERNEL_HAS=

says() { # status, last line, script, options: run.sh ends so when the program is that script
	status=$1 last=$2
	printf '#!/bin/sh\n%s\n' "$3" >"$dir/test"
	chmod +x "$dir/test"
	shift 3
	"$top/selftests/run.sh" "$@" "$dir/test" >"$dir/out" 2>&1
	got=$?
	cat "$dir/out"
	[ $got -eq "$status" ] && [ "$(tail -n 1 "$dir/out")" = "$last" ]
}

says_as_well() { # text, arguments of says
	text=$1
	shift
	says "$@" && grep -qF -- "$text" "$dir/out"
}

hangs() {
	TIMEOUT=1 says_as_well "ran longer than 1 s" 1 "1 passed, 1 failed, 0 skipped" \
		'echo "ok 1 - a"; sleep 100' && ! pgrep -f "$dir/test"
}

# What it runs goes with it.
is_interrupted() {
	printf '#!/bin/sh\nsleep 100\n' >"$dir/test"
	env --default-signal=INT "$top/selftests/run.sh" "$dir/test" &
	until pgrep -f "^/bin/sh $dir/test" >/dev/null; do
		sleep 0.1
	done
	kill -s "$1" $!
	wait $!
	[ $? -eq 130 ] || return
	timeout 60 sh -c "while pgrep -f '^/bin/sh $dir/test'; do sleep 0.1; done"
}

keeps_results() {
	export RESULTS="$dir/results" LABEL=l
	says 1 "1 passed, 2 failed, 0 skipped" 'echo "ok 1 - a"; echo "not ok 2 - b"; echo 1..2; exit 1' \
		"$dir/none"
	printf '%s\n' "not ok - l: none: exit status 127" "not ok - l: test: b" "1 2 0" |
		diff "$RESULTS" -
}

streams() {
	printf '#!/bin/sh\necho "ok 1 - a"; sleep 2; echo 1..1\n' >"$dir/test"
	"$top/selftests/run.sh" -v "$dir/test" | {
		read -r line
		[ "$line" = "test: ok 1 - a" ] && pgrep -f "^/bin/sh $dir/test" && cat >/dev/null
	}
}

ok "passes" says 0 "2 passed, 0 failed, 1 skipped" \
	'echo "ok 1 - a"; echo "ok 2 - b # SKIP c"; echo "ok 3 - d"; echo 1..3'
ok "a test fails" says_as_well "test: not ok 2 - b" 1 "1 passed, 1 failed, 0 skipped" \
	'echo "ok 1 - a"; echo "not ok 2 - b"; echo 1..2; exit 1'
ok "a status without a failure" says_as_well "exit status 3" 1 "1 passed, 1 failed, 0 skipped" \
	'echo "ok 1 - a"; echo 1..1; exit 3'
ok "dies" says_as_well "exit status 139" 1 "0 passed, 1 failed, 0 skipped" 'kill -s SEGV $$'
ok "fewer tests than planned" says_as_well "planned 2 tests, ran 1" 1 "1 passed, 1 failed, 0 skipped" \
	'echo "ok 1 - a"; echo 1..2'
ok "no plan" says_as_well "planned no tests, ran 1" 1 "1 passed, 1 failed, 0 skipped" 'echo "ok 1 - a"'
ok "nothing" says 1 "0 passed, 1 failed, 0 skipped" ''
ok "is not there" says_as_well "exit status 127" 1 "2 passed, 1 failed, 0 skipped" \
	'echo "ok 1 - a"; echo "ok 2 - b"; echo 1..2' "$dir/none"
ok "hangs, and is killed" hangs
for signal in INT TERM; do
	ok "SIG$signal ends what it runs too" is_interrupted $signal
done
ok "RESULTS: what failed, and how many" keeps_results
ok "-v: all that is said" says_as_well "test: ok 1 - a" 0 "1 passed, 0 failed, 0 skipped" \
	'echo "ok 1 - a"; echo 1..1' -v
ok "-v: as it is said" streams
tap_done
