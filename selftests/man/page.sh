# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
# shellcheck shell=sh
#
# What the tests of the manual pages share.

# One of the code blocks under a heading: the first is a program, the second what it prints. scdoc takes
# a backslash for its own; a reader sees those that are doubled, and only these are left here.
code_block() { # page, heading, number
	awk -v heading="## $2" -v number="$3" '
		/^```$/ { inside = !inside; blocks += inside; next }
		!inside && /^#/ { found = $0 == heading; blocks = 0 }
		!(inside && found && blocks == number) { next }
		{ gsub(/\\\\/, "\001"); gsub(/\\/, ""); gsub("\001", "\\"); print }' "$1"
}

program() { # page, file name, which is the heading too
	# shellcheck disable=SC2094 # the name is not read as a file
	code_block "$1" "$2" 1 >"$2"
	[ -s "$2" ]
}

# scdoc writes a paragraph macro before and after all it knows, which mandoc finds redundant.
mandoc_finds_nothing() { # page
	! mandoc -T lint -W warning "$1" 2>&1 |
		grep -vE 'skipping paragraph macro: PP (empty|after S[HS])'
}

groff_finds_nothing() { # page
	groff -man -t -ww -Tutf8 "$1" 2>&1 >page.txt | tee warnings
	[ ! -s warnings ]
}
