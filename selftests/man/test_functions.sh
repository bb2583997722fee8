#!/bin/sh
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# Every function that the library exports has a manual page, which is well formed and complete, says
# what the header says, and whose programs are built, run, and print what the page says they print.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"
. "$top/selftests/man/page.sh"
O=$(realpath -m "${O:-$top/build}")
header=$top/include/bpf/bpf_compare.h
cc=${CC:-gcc}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cd "$dir"
pages=$dir/build/man # built anew, as a page that is left over would hide that it is no longer made

# In some containers man cannot have the filter of system calls that it wants.
export MAN_DISABLE_SECCOMP=1
export MANWIDTH=1000 # so that no word is cut

make_pages() {
	"${MAKE:-make}" -s -C "$top" O="$dir/build" man
}

exported() {
	sed -n '/global:/,/local:/s/^\t\t\([a-z_]*\);$/\1/p' "$top/libbpf/libbpf-compare.map"
}

page_of() { # name
	man -M "$pages" -E ascii "$1" | col -bx
}

# From one section's heading to the next one's.
section() { # heading; the page is read from stdin
	awk -v heading="$1" '/^[A-Z]/ { found = $0 == heading; next } found'
}

is_found() { # name: as the page's own name, and in its synopsis
	man -M "$pages" -w "$1" &&
		page_of "$1" | section NAME | grep -qwF -- "$1" &&
		page_of "$1" | section SYNOPSIS | grep -qF -- "$1("
}

is_complete() { # page
	for heading in NAME SYNOPSIS DESCRIPTION PARAMETERS 'RETURN VALUE' ERRORS ATOMICITY VERSIONS \
		EXAMPLES 'SEE ALSO'; do
		echo "$heading"
	done >sections
	grep -E '^# [A-Z ]+$' "$1" | sed 's/^# //' | grep -vx NOTES | diff sections -
}

man_finds_nothing() { # page as built; links are relative to where all pages are
	(cd "$pages" && man --warnings -E UTF-8 -l -Z "$1") 2>&1 >page.out | tee warnings
	[ -s page.out ] && [ ! -s warnings ]
}

# The header without its comments, and what a compiler makes no difference of.
declarations_of_header() {
	echo '#include <bpf/bpf_compare.h>' >header.c
	"$cc" -E -P -I"$top/include" header.c | tr -d '[:space:]' |
		sed 's/__attribute__((visibility("default")))//g; s/__extension__size_t:0;//g'
}

# Each declaration of a page's synopsis is the header's.
synopsis_is_of_header() { # page
	awk '/^# / { inside = $0 == "# SYNOPSIS" } inside && !/^#/ && !/^```/ && !/^Link with/' "$1" |
		awk '{ gsub(/[ \t]/, ""); all = all $0 } /^};$|\);$/ { print all; all = "" }' >declarations
	[ -s declarations ] && ! while read -r declaration; do
		grep -qF -- "$declaration" header.txt || echo "the header has no $declaration"
	done <declarations | grep .
}

# Each parameter and each field that the synopsis declares is described.
names_all_parameters() { # page
	awk '/^# / { inside = $0 == "# SYNOPSIS" } inside' "$1" | tr '\n' ' ' |
		grep -oE '[a-z_]+(,|;|\))' | tr -d ',;)' | grep -vx void | sort -u >names
	sed -n '/^# PARAMETERS/,/^# RETURN/s/^_\([a-z_]*\)_$/\1/p' "$1" | sort -u | diff names -
}

# The comment that documents a function in the header.
doc_of() { # name
	awk -v call="$1(" '/^\/\*/ { doc = ""; inside = 1 } inside { doc = doc $0 "\n" }
		/\*\/$/ { inside = 0; next } !inside && index($0, call) { printf "%s", doc; exit }' "$header"
}

errnos() {
	grep -oE -- '-E[A-Z0-9]+\>' | sort -u
}

names_the_errors_of_header() { # name
	page_of "$1" | sed '/^EXAMPLES/,$d' | errnos >page.errnos || true
	doc_of "$1" >doc
	[ -s doc ] && ! errnos <doc | grep -vxF -f page.errnos
}

errors_are_there() { # name
	page_of "$1" | errnos | sed 's/^-//' >page.errnos || return 0
	echo '#include <errno.h>' >errno.c
	"$cc" -E -dM errno.c | awk '{ print $2 }' >errno.names
	! grep -vxF -f errno.names page.errnos
}

# What a page refers to in section 3, or as the overview, is there too; and it refers to the overview.
refers() { # name
	page_of "$1" | section 'SEE ALSO' | grep -oE '[a-z_]+\([37]\)' | grep -v '^capabilities' >links
	grep -qx 'bpf_compare(7)' links && tr -d ')' <links | tr '(' ' ' | while read -r other number; do
		man -M "$pages" -w "$number" "$other" || exit
	done
}

is_referred_to() { # page's name
	page_of bpf_compare | section 'SEE ALSO' | grep -qF -- "$1(3)"
}

# What is atomic against what.
table_of() { # page
	sed -n '/^\[\[ \*Way\*/,/^$/p' "$1"
}

table_is_of_overview() { # page
	table_of "$top/man/bpf_compare.7.scd" >overview.table
	table_of "$1" >page.table
	[ -s overview.table ] && diff overview.table page.table
}

ok "the pages are made" make_pages
declarations_of_header >header.txt
exported >functions
ok "functions are exported" test -s functions
while read -r name; do
	ok "$name: man finds it" is_found "$name"
	ok "$name: it names the errors that the header names" names_the_errors_of_header "$name"
	ok "$name: the errors that it names are there" errors_are_there "$name"
	ok "$name: what it refers to is there" refers "$name"
done <functions
for name in $(grep -ohE '\<bpf_compare_[a-z_]+(32|64)\(' "$top/include/bpf/bpf_compare.bpf.h" |
	tr -d '(' | sort -u) bpf_compare.h bpf_compare.bpf.h; do
	ok "$name: man finds it" man -M "$pages" -w "$name"
done
for page in "$pages"/man*/*; do
	ok "$(basename "$page"): man finds nothing" man_finds_nothing "$page"
done
for page in "$top"/man/*.3.scd; do
	name=$(basename "$page" .3.scd)
	ok "$name: mandoc finds nothing" mandoc_finds_nothing "$pages/man3/$name.3"
	ok "$name: groff finds nothing" groff_finds_nothing "$pages/man3/$name.3"
	ok "$name: it has all sections" is_complete "$page"
	ok "$name: its synopsis is the header's" synopsis_is_of_header "$page"
	ok "$name: it describes each parameter" names_all_parameters "$page"
	ok "$name: the overview refers to it" is_referred_to "$name"
	case $name in
	bpf_map_delete_*) ok "$name: its table is the overview's" table_is_of_overview "$page" ;;
	esac
	sed -n 's/^## \(.*\.c\)$/\1/p' "$page" >programs
	ok "$name: it has an example" test -s programs
	while read -r file <&3; do
		ok "$name: $file is complete" program "$pages/man3/$name.3" "$file"
		ok "$name: $file compiles" build "$file"
		case $file in
		*.bpf.c) ;;
		*) ok "$name: $file prints what the page says" prints "$pages/man3/$name.3" "$file" ;;
		esac
	done 3<programs
done
tap_done
