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

# With warnings as errors, and what the library is built to: into a program or an object beside it.
build() { # file
	case $1 in
	*.bpf.c)
		"${CLANG:-clang}" -O2 -g -target bpf -mcpu=v3 -Wall -Wextra -Werror -I"$top/include" \
			-idirafter "/usr/include/$("${CC:-gcc}" -print-multiarch)" -c "$1" -o "${1%.c}.o"
		;;
	*)
		"${CC:-gcc}" -O2 -Wall -Wextra -Werror -I"$top/include" "$1" -L"$O/static" \
			-lbpf -lelf -lz -o "${1%.c}"
		;;
	esac
}

prints() { # page as made, file: it is built
	code_block "$1" "$2" 2 >expected
	timeout -k 5 60 "./${2%.c}" >printed 2>&1 || echo "exit status $?" >>printed
	[ -s expected ] && diff expected printed
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
