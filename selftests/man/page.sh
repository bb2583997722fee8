# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
# shellcheck shell=sh
#
# What the tests of the manual pages share.

# One of the code blocks under a heading: the first is a program, the second what it prints. As the
# page's reader sees it, not as it is written.
code_block() { # page as made, heading, number
	groff -man -t -Tutf8 -P-cbou -rLL=200n "$1" | awk -v heading="$2" -v number="$3" '
		{ words = $0; sub(/^ +/, "", words) }
		/^(   )?[^ ]/ { inside = blocks = 0; found = words == heading; next }
		/^       [^ ]/ { inside = 0; next }
		/^           / && !inside { inside = 1; blocks++ }
		!found || !inside || blocks != number { next }
		!NF { blank = blank "\n"; next }
		{ print blank substr($0, 12); blank = "" }'
}

program() { # page as made, file name, which is the heading too
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
