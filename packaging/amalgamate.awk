# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# awk -v folders='DIR DIR...' [-v lines=1] -f amalgamate.awk FILE...: C files as one. What they include by
# "name" is looked for in the folders, and put where it is first included. Our own header lies beside the
# result. With lines, what the compiler says is of the files as they were.

function name_of(path) {
	sub(/.*\//, "", path)
	return path
}

function find(name,    list, i, n, line) {
	n = split(folders, list, " ")
	for (i = 1; i <= n; i++)
		if ((getline line <(list[i] "/" name)) > 0) {
			close(list[i] "/" name)
			return list[i] "/" name
		}
	print "error: nowhere is " name | "cat >&2"
	exit failed = 1
}

function put(path,    name, line, text, number, told) {
	name = name_of(path)
	if (name in seen)
		return
	seen[name]
	printf "\n/* ---- %s ---- */\n\n", name
	while ((getline line <path) > 0) {
		number++
		if (line ~ /^#include "/) {
			split(line, part, "\"")
			put(find(part[2]))
			told = 0
		} else if (line !~ /SPDX-License-Identifier:/ && (text = text line) != "") {
			if (lines && !told++)
				printf "#line %d \"%s\"\n", number, path
			sub(/<bpf\/bpf_compare.h>/, "\"bpf/bpf_compare.h\"", line)
			print line
		}
	}
	close(path)
}

BEGIN {
	for (i = 1; i < ARGC; i++)
		put(ARGV[i])
	exit failed
}
