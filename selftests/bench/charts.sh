#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# charts.sh RESULTS.json DIR [SWEEP.dat]: draws what bench --save wrote, as DIR/ways.svg (the time that each way
# takes, in the first configuration) and DIR/ratios.svg (that of the batch to that of others, in all), and
# what sweep --save wrote, as DIR/sweep.svg.
set -eu

if [ $# -ne 2 ] && [ $# -ne 3 ]; then
	echo "Usage: charts.sh RESULTS.json DIR [SWEEP.dat]" >&2
	exit 2
fi
here=$(dirname "$0")
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
trap 'exit 130' INT TERM

mkdir -p "$2"
awk -v dir="$data" -f "$here/charts.awk" "$1"
for chart in ways ratios; do
	gnuplot -e "data = '$data/'; output = '$2/$chart.svg'" "$here/$chart.gp"
done
if [ $# -eq 3 ]; then
	gnuplot -e "data = '$3'; output = '$2/sweep.svg'; kernel = '$(uname -r | cut -d. -f1,2)'; \
		entries = $(awk 'NR == 1 { print $2 }' "$3")" "$here/sweep.gp"
fi
