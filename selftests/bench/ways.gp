# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The time that each way takes, as bars. Given: data (a folder), output (a file).

load data . "facts"
stats data . "ways" using 5 nooutput name "time"

set terminal svg size 900, 110 + 30 * (rows + 1) enhanced font "Helvetica,Arial,sans-serif,14" \
	background rgb "white"
set output output

ink = "0x1d2330"
faint = "0x5c6370"
colour(kind) = kind == 0 ? 0xb4b9c1 : kind == 1 ? 0xdf9f4b : kind == 2 ? 0x2b6cb0 : 0x3f9160

set lmargin 30
set rmargin 3
set tmargin 5
set bmargin 4.2
set border 0
set tics scale 0
set xrange [0:time_max * 1.1]
set yrange [rows + 0.8:-0.6]
set grid xtics linetype 1 linewidth 1 linecolor rgb "0xe4e7eb"
set xtics textcolor rgb faint
unset ytics
set xlabel "ns of CPU time per entry: median and quartiles" textcolor rgb faint
set key horizontal Left reverse left at graph 0, 1.0 bottom samplen 1.2 maxrows 1 width -2 height 0.6 textcolor rgb ink

set title sprintf("{/:Bold Deleting from a BPF hash map of %d entries}, on Linux %s", entries, kernel) \
	textcolor rgb ink offset 0, 1.6
plot data . "ways" using (0):1:(0):4:($1 - 0.36):($1 + 0.36):(colour($2)) with boxxyerror \
		fillstyle solid noborder linecolor rgb variable notitle, \
	"" using 4:1:3:5 with xerrorbars pointtype 0 linewidth 1.4 linecolor rgb ink notitle, \
	"" using 5:1:(sprintf("%.0f", $4)) with labels left offset 0.9, 0 textcolor rgb ink notitle, \
	"" using (0):1:6 with labels right offset -1, 0 noenhanced \
		textcolor rgb ink notitle, \
	data . "heads" using (0):1:(sprintf("{/:Bold %s}", strcol(2))) with labels left \
		offset -29.5, 0 textcolor rgb ink notitle, \
	keyentry with boxes fillstyle solid noborder fillcolor rgb colour(0) \
		title "deletes regardless", \
	keyentry with boxes fillstyle solid noborder fillcolor rgb colour(1) title "reads again", \
	keyentry with boxes fillstyle solid noborder fillcolor rgb colour(2) \
		title "compares and deletes"
