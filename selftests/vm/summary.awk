# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# From what report.awk left of each row: the table of kernels, the counts, and
# the last line; status 1 where anything failed.

BEGIN { FS = "\t" }

$1 == "count" {
	counts[++rows] = "# " $2 " " $3 " passed " $4 " failed " $5 " skipped"
	passed += $3
	failed += $4
	skipped += $5
}

$1 == "cell" {
	if (!($2 in release)) {
		kernels[++nr_kernels] = $2
		release[$2] = $3
	}
	if (!($4 in seen)) {
		columns[++nr_columns] = $4
		seen[$4]
	}
	cell[$2, $4] = $5
}

END {
	if (nr_columns) {
		line = "| kernel | Linux |"
		rule = "|---|---|"
		for (c = 1; c <= nr_columns; c++) {
			line = line " " columns[c] " |"
			rule = rule "---|"
		}
		print line "\n" rule
		for (k = 1; k <= nr_kernels; k++) {
			line = "| " kernels[k] " | " release[kernels[k]] " |"
			for (c = 1; c <= nr_columns; c++) {
				value = cell[kernels[k], columns[c]]
				line = line " " (value == "" ? "-" : value) " |"
			}
			print line
		}
	}
	for (r = 1; r <= rows; r++)
		print counts[r]
	print passed + 0 " passed, " failed + 0 " failed, " skipped + 0 " skipped"
	exit failed || !passed ? 1 : 0
}
