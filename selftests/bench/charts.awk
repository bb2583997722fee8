# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# Makes tables for gnuplot of bench's JSON, which has a way, a ratio, a configuration a line.

function text(name) {
	if (!match($0, "\"" name "\": \"[^\"]*\""))
		return ""
	return substr($0, RSTART + length(name) + 5, RLENGTH - length(name) - 6)
}

function number(name) {
	if (!match($0, "\"" name "\": [-+0-9.e]*"))
		return ""
	return substr($0, RSTART + length(name) + 4, RLENGTH - length(name) - 4)
}

# The quartiles of a spread: q1, median, q3.
function quartiles(name,    line, all) {
	line = $0
	sub(".*\"" name "\": [{]", "")
	all = number("q1") " " number("median") " " number("q3")
	$0 = line
	return all
}

function quoted(string) {
	return "\"" string "\""
}

function say(name, value) {
	print name " = " value >(dir "/facts")
}

# A row's kind, which is its colour: 0 deletes regardless, 1 reads again, 2 is ours, 3 the kernel's.
function kind(way) {
	return way ~ /read-again$/ ? 1 : way == "native" ? 3 : \
		way ~ /^(claim-|own-)?(single|batch)$|^collect-batch$/ ? 2 : 0
}

/"kernel":/ {
	kernel = text("kernel")
	sub(/-.*/, "", kernel)
	say("kernel", quoted(kernel))
}

/\{"config":/ {
	config++
	title = text("title")
	if (config == 1)
		say("entries", number("entries"))
}

/\{"way":/ && config == 1 {
	collects = text("way") ~ /^collect-/
	if (!row || collects != collected) {
		row += row ? 1.5 : 0
		print row, quoted(collects ? "To read in batches, decide, and delete" : \
			"To delete what was read") >(dir "/heads")
	}
	collected = collects
	row++
	print row, kind(text("way")), quartiles("cpu_ns"), quoted(text("title")) >(dir "/ways")
}

/\{"ratio": "batch\/(kernel-batch|plain|read-again|floor)"/ {
	if (!(config in rows)) {
		rows[config] = nr_rows++
		print rows[config], quoted(title) >(dir "/configs")
	}
	split(text("ratio"), ways, "/")
	print rows[config], quartiles("cpu") >(dir "/" ways[2])
}

END {
	say("rows", row)
	say("configs", nr_rows)
}
