# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
# shellcheck shell=sh
#
# tap.h for shell scripts, which source it.

tap_tests=0 tap_failures=0

ok() { # name, command...: one test, passed where the command succeeds
	tap_name=$1
	shift
	tap_tests=$((tap_tests + 1))
	if tap_output=$("$@" 2>&1); then
		echo "ok $tap_tests - $tap_name"
	else
		tap_failures=$((tap_failures + 1))
		echo "not ok $tap_tests - $tap_name"
		echo "$tap_output" | sed 's/^/# /'
	fi
}

skip() { # name, reason
	tap_tests=$((tap_tests + 1))
	echo "ok $tap_tests - $1 # SKIP $2"
}

tap_done() {
	echo "1..$tap_tests"
	[ "$tap_failures" -eq 0 ]
}
