# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# What programs print, between "# begin NAME" and "# end NAME STATUS SECONDS", as
# one line a test that names the row and the program. Variables: row; sums, a
# file that gets "count ROW PASSED FAILED SKIPPED" and, tab-separated, what the
# programs give for the table at the end.
#
# A program fails that ends with a status of its own, without a plan, with one
# that does not match its tests, or not at all: silence is no success.

function say(verdict, name)
{
	print verdict " - " row ": " name
	fflush()
}

function pass(name) { passed++; say("ok", name) }
function skip(name) { skipped++; say("ok", name) }
function fail(name) { failed++; failed_here++; say("not ok", name) }

# "ok 12 - name" without what stands before the name
function name_of(line)
{
	sub(/^(not )?ok *[0-9]* *(- )?/, "", line)
	return program ": " line
}

BEGIN { OFS = "\t" }

{ sub(/\r$/, "") }

/^# kernel / { release = $3; next }
/^# done$/   { next }

/^# begin / {
	if (program)
		fail(program ": does not end")
	program = $3
	tests = failed_here = bailed = 0
	plan = -1
	next
}

/^# end / {
	if ($4 == "timeout")
		fail(program ": takes longer than its time limit, " $5 " s")
	else if (bailed)
		; # has failed already
	else if (plan != tests)
		fail(program ": " (plan < 0 ? "prints no plan" : "plans " plan " tests") \
		     ", ran " tests ", status " $4)
	else if ($4 != 0 && !failed_here)
		fail(program ": all tests pass, yet the status is " $4)
	program = ""
	next
}

/^ok / || /^not ok / {
	tests++
	if (/^not/)
		fail(name_of($0))
	else if (/# SKIP/)
		skip(name_of($0))
	else
		pass(name_of($0))
	next
}

# a program without any test here says so by "1..0 # SKIP reason"
/^1\.\.[0-9]+/ {
	plan = substr($1, 4)
	if (plan == 0 && /# SKIP/)
		skip(program ": " substr($0, index($0, "# SKIP")))
	next
}

/^Bail out!/ {
	bailed = 1
	fail(program ": " $0)
	next
}

# "# table: COLUMN = VALUE" becomes a cell of the table at the end
/^# table: / {
	cell = substr($0, length("# table: ") + 1)
	column = value = cell
	sub(/ *=.*/, "", column)
	sub(/[^=]*= */, "", value)
	print "cell", row, release, column, value >>sums
	next
}

{
	sub(/^# ?/, "")
	print "# " row ": " (program ? program ": " : "") $0
	fflush()
}

END {
	if (program)
		fail(program ": does not end")
	if (!passed && !failed && !skipped)
		fail("no test ran")
	print "count", row, passed + 0, failed + 0, skipped + 0 >>sums
}
