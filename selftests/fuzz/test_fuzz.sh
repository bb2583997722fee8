#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# Fuzzes the options for FUZZ_SECONDS (default 20), from the seeds in corpus/. FUZZ names the program
# that `make fuzz` builds. What it finds is left in the current folder as crash-*, to be run again by
# giving that file as the program's argument.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.sh"
: "${FUZZ:=build/fuzz/fuzz_opts}"
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT

ok "answers to options of every kind are as the contract says" \
	"$FUZZ" -max_total_time="${FUZZ_SECONDS:-20}" -max_len=120 -timeout=10 -verbosity=0 \
	"$corpus" "$here/corpus"
tap_done
