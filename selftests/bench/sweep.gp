# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# Whole collections over the share of entries that have expired. Given: data (what sweep --save wrote), output
# (a file), kernel, entries (of the map).

set terminal svg size 900, 420 enhanced font "Helvetica,Arial,sans-serif,14" background rgb "white"
set output output

ink = "0x1d2330"
faint = "0x5c6370"

set lmargin 9
set rmargin 4
set tmargin 5
set bmargin 4.2
set border 1 linecolor rgb 0xe4e7eb
set tics scale 0
set grid ytics linetype 1 linewidth 1 linecolor rgb "0xe4e7eb"
set xrange [-3:103]
set yrange [0:*]
set xtics (0, 10, 50, 100) textcolor rgb faint
set ytics textcolor rgb faint
set xlabel "% of the entries have expired" textcolor rgb faint
set ylabel "ns of CPU time per entry" textcolor rgb faint
set title sprintf("{/:Bold Collecting from a BPF hash map of %d entries}, on Linux %s", entries, kernel) \
	textcolor rgb ink offset 0, 1.6
set key horizontal Left reverse left at graph 0, 1.0 bottom samplen 1.5 maxrows 1 width -3 height 0.6 \
	textcolor rgb ink

of(way) = "< awk '$1 == \"hash\" && $2 == " . entries . " && $4 == \"" . way . "\"' " . data
plot of("batch") using 3:6:5:7 with yerrorlines pointtype 7 pointsize 0.8 linewidth 1.6 \
		linecolor rgb 0x7a828e title "read in batches, batch by compare", \
	of("for_each") using 3:6:5:7 with yerrorlines pointtype 7 pointsize 0.8 linewidth 1.6 \
		linecolor rgb 0xdf9f4b title "sweep by for\\_each", \
	of("claim") using 3:6:5:7 with yerrorlines pointtype 7 pointsize 0.8 linewidth 1.6 \
		linecolor rgb 0x3f9160 title "sweep with a claim", \
	of("sweep") using 3:6:5:7 with yerrorlines pointtype 7 pointsize 0.8 linewidth 1.6 \
		linecolor rgb 0x2b6cb0 title "sweep"
