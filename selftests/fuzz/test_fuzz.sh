#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# Fuzzes the options of deletes, sweeps, and updates, and bpfcmp's files of keys, each for FUZZ_SECONDS (default 20),
# from the seeds in corpus/, corpus-sweep/, corpus-update/ and corpus-entries/. FUZZ names the folder of the programs that `make fuzz` builds. What
# they find is left in the current folder as crash-*, to be run again by giving that file as the program's argument.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.sh"
: "${FUZZ:=build/fuzz}"
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT

fuzz() { # program, seeds, how long inputs are at most, if not 120
	mkdir "$corpus/$1"
	"$FUZZ/$1" -max_total_time="${FUZZ_SECONDS:-20}" -max_len="${3:-120}" -timeout=10 -verbosity=0 \
		"$corpus/$1" "$here/$2"
}

ok "answers to options of every kind are as the contract says" fuzz fuzz_opts corpus
ok "sweeps of every kind do what the contract says" fuzz fuzz_sweep corpus-sweep
ok "updates of every kind do what the contract says" fuzz fuzz_update corpus-update
ok "files of keys are read to an end, and mean what they say" fuzz fuzz_entries corpus-entries 400
tap_done
