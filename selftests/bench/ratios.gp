# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The batch's time in that of other ways, over configurations. Given: data (a folder), output (a file).

load data . "facts"

set terminal svg size 900, 130 + 38 * configs enhanced font "Helvetica,Arial,sans-serif,14" \
	background rgb "white"
set output output

ink = "0x1d2330"
faint = "0x5c6370"

set lmargin 22
set rmargin 3
set tmargin 5
set bmargin 4.2
set border 0
set tics scale 0
set xrange [0:*]
set yrange [configs - 0.4:-0.6]
set grid xtics linetype 1 linewidth 1 linecolor rgb "0xe4e7eb"
set arrow from 1, graph 0 to 1, graph 1 nohead linewidth 1.4 linecolor rgb faint
set xtics 0.2 format "%.1f" textcolor rgb faint
unset ytics
set xlabel "ratio of times: median and quartiles; left of 1 the batch is faster" textcolor rgb faint
set title "{/:Bold Compare-and-delete in batches, against other ways}" textcolor rgb ink offset 0, 1.6
set key horizontal Left reverse left at graph 0, 1.0 bottom samplen 1.5 maxrows 1 width -3 \
	height 0.6 textcolor rgb ink

points(way) = data . way
plot points("read-again") using 3:1:2:4 with xerrorbars pointtype 7 pointsize 0.8 linewidth 1.6 \
		linecolor rgb 0xdf9f4b title "lookup, then delete", \
	points("plain") using 3:1:2:4 with xerrorbars pointtype 7 pointsize 0.8 linewidth 1.6 \
		linecolor rgb 0x7a828e title "bpf\\_map\\_delete\\_elem", \
	points("kernel-batch") using 3:1:2:4 with xerrorbars pointtype 7 pointsize 0.8 linewidth 1.6 \
		linecolor rgb 0xb5483f title "BPF\\_MAP\\_DELETE\\_BATCH", \
	points("floor") using 3:1:2:4 with xerrorbars pointtype 6 pointsize 0.8 linewidth 1.6 \
		linecolor rgb 0x2b6cb0 title "itself without the compare", \
	points("configs") using (0):1:(strcol(2)) with labels right offset -1, 0 noenhanced \
		textcolor rgb ink notitle
