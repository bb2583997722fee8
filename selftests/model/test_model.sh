#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# Searches claim.pml, linked.pml, sweep.pml, future.pml, word.pml and flowtab.pml exhaustively: with all rules in force
# nothing goes wrong, and with any of them taken out something does: about six minutes and 1 GB.
# STRESS=1, or the argument `stress`, makes the larger searches instead: about 25 minutes and 5 GB.
#
# STORIES=1 tells each counterexample, step by step.
set -u

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.sh"
[ "${1:-}" != stress ] || STRESS=1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
cd "$dir" || exit
cp "$here"/*.pml .
model=claim.pml

depth=8000000
mbytes=3000

# Leaves what the search says in ./said, and with KEEP_NAMES a counterexample in $model.trail.
search() { # spin's switches
	rm -f pan* ./*.trail
	spin -a "$@" "$model" >said 2>&1 || return
	# shellcheck disable=SC2086 # a list
	gcc -O1 -w -DSAFETY -DCOLLAPSE -DMEMLIM="$mbytes" $how -o pan pan.c >>said 2>&1 || return
	./pan -m"$depth" >said 2>&1
}

complete() {
	grep -q '^Full statespace search' said &&
		! grep -qE 'max search depth too small|out of memory|MEMLIM|not completed|aborted' said
}

bounds() { # switches: as a name
	echo "${*//-D/}"
}

numbers() {
	awk '/states, stored/ { states = $1 } /elapsed time/ { seconds = $4 }
	     /total actual memory/ { mbytes = $1 }
	     END { printf "# %d states, %.1f s, %d MB\n", states, seconds, mbytes }' said
}

# Under these switches some steps cannot be taken, which others take.
partly() { # holds, switches
	partly=1
	"$@"
	partly=
}
partly=

no_violation() { # switches
	how=
	search "$@"
	if ! grep -q 'errors: 0$' said || ! complete || [ -e "$model.trail" ]; then
		cat said
		return 1
	fi
	# Every step was taken: else nothing would have been shown.
	[ -n "$partly" ] || ! grep '\.pml:[0-9]*, state' said | grep -v -e '"-end-"'
}

violation() { # the assertion that fails, switches
	what=$1
	shift
	how=-DBFS # the shortest
	set -- "-DONLY=${what^^}" -DKEEP_NAMES "$@"
	search "$@"
	if ! grep -q "assertion violated  *!($what)" said; then
		cat said
		return 1
	fi
	spin -t "$@" "$model" |
		sed -nE 's/^ *((collector|refresher|creator|somebody|program|clock|updater)[ :])/\1/p' >story
}

holds() { # switches
	ok "${model%.pml}: no violation: $(bounds "$@")" no_violation "$@"
	numbers
}

breaks() { # the assertion that fails, switches
	ok "${model%.pml}: $1: $(bounds "${@:2}")" violation "$@"
	numbers
	[ -z "${STORIES:-}" ] || sed 's/^/#   /' story
}

if [ -n "${STRESS:-}" ]; then
	depth=40000000
	mbytes=10000
	holds -DCOLLECTORS=1 -DREFRESHERS=2
	holds -DCOLLECTORS=1 -DREFRESHERS=1 -DKEYS=3
	holds -DCOLLECTORS=3 -DWORDS=1
	holds -DELEMS=4
	holds -DWORDS=3
	holds -DUNIQUE -DWORDS=6
	holds -DREST -DWORDS=1
	holds -DREST -DWORDS=1 -DOLD_EXPECTED
	model=linked.pml
	holds -DPAIRS=2
	holds -DPAIRS=1 -DCOLLECTORS=1
	holds -DPAIRS=2 -DREFRESHERS=0 -DKEYS=3
	holds -DPAIRS=2 -DREFRESHERS=0 -DKEYS=3 -DWORDS=1 -DELEMS=4
	holds -DPAIRS=2 -DREFRESHERS=0 -DKEYS=3 -DWORDS=1 -DLOOK_LATE -DTWO_CLAIMS
	holds -DPAIRS=2 -DCOLLECTORS=1 -DREFRESHERS=0 -DWORDS=1
	model=sweep.pml
	holds -DSWEEPS=2
	holds -DSWEEPS=2 -DBY_KEY
	holds -DSWEEPS=1 -DCOLLECTORS=1
	holds -DSWEEPS=1 -DREFRESHERS=2
	holds -DSWEEPS=1 -DKEYS=3
	holds -DSWEEPS=1 -DWORDS=3
	holds -DSWEEPS=1 -DREST
	holds -DSWEEPS=2 -DREFRESHERS=0 -DREST
	holds -DSWEEPS=2 -DLRU -DNO_GAP -DWORDS=1
	holds -DSWEEPS=2 -DCOLLECTORS=1 -DREFRESHERS=0 -DWORDS=1
	holds -DSWEEPS=3 -DREFRESHERS=0 -DWORDS=1
	model=future.pml
	holds -DLIVES=1 -DELEMS=2 -DNO_REMOVE -DWAS_FUTURE
	holds -DELEMS=2 -DNO_REMOVE -DLOOK_AGAIN
	holds -DLIVES=1 -DELEMS=2 -DNO_REMOVE -DKEY_CHECK -DLATE=2 -DMARGIN=1
	holds -DLIVES=1 -DELEMS=2 -DNO_REMOVE -DLOOK_AGAIN -DLRU -DNO_GAP
	holds -DELEMS=2 -DKEYS=1
	holds -DLIVES=1 -DELEMS=2 -DKEYS=1 -DNO_REMOVE -DNO_DELETE -DPROGRAMS=3
	breaks lost -DLIVES=1 -DELEMS=2 -DKEYS=1 -DNO_REMOVE -DRUN=2 -DMARGIN=1 -DLIFE=5
	model=word.pml
	holds -DELEMS=3
	holds -DELEMS=3 -DKEY_FIRST -DLOOK_TWICE -DOP=CLEAR
	holds -DUPDATERS=2 -DKEYS=1 -DMAX=1 -DOP=CLEAR
	holds -DUPDATERS=2 -DELEMS=1 -DMAX=1 -DKEY_FIRST -DLOOK_TWICE
	holds -DCLAIMS -DKEY_FIRST -DLOOK_TWICE
	holds -DCLAIMS -DUPDATERS=2 -DELEMS=1 -DMAX=1
	model=flowtab.pml
	holds -DPROGRAMS=3
	holds -DSLOTS=3
	holds -DRUN=1 -DHORIZON=4
	holds -DPAIRS=1 -DLOOKS -DEVICT
	tap_done
	exit
fi

holds -DCOLLECTORS=2 -DREFRESHERS=1
holds -DUNIQUE -DWORDS=4
holds -DREST -DWORDS=1 -DELEMS=2
holds -DREST -DWORDS=1 -DELEMS=2 -DOLD_EXPECTED

holds -DCOLLECTORS=3 -DREFRESHERS=0
holds -DCOLLECTORS=4 -DREFRESHERS=0 -DWORDS=1 -DELEMS=2

one='-DCOLLECTORS=1 -DREFRESHERS=1'
two='-DCOLLECTORS=2 -DREFRESHERS=1'
# shellcheck disable=SC2086 # lists
{
	breaks lost $two -DSHARED_CLAIM
	breaks lost $two -DNO_LOOK_AFTER_CLAIM
	breaks stuck $one -DNO_TAKE_BACK
	breaks stuck $two -DEXPECT_CLAIM
	breaks not_there $one -DNO_LOOK_AGAIN
	breaks lost $one -DREFRESH_CLAIMED
	breaks lost $one -DANY
	breaks lost $one -DPLAIN_DELETE
	breaks lost $one -DLRU
	breaks not_there $one -DOLD_WORD
	holds $one -DOLD_WORD -DWAIT_FOR_OLD
	holds $one -DSAME_DONE -DONLY=LOST
	breaks not_there $one -DSAME_DONE
	breaks lost -DCOLLECTORS=2 -DREFRESHERS=0 -DSHARED_CLAIM -DONE_CPU
	holds $one -DSTAMP -DELEMS=2
	holds -DCOLLECTORS=1 -DREFRESHERS=2 -DSTAMP -DELEMS=2 -DKEYS=1
	breaks dropped $one -DSTAMP -DINTEGER_ORDER
	breaks lost $one -DSTAMP -DLOW_ORDER
	breaks lost $one -DUNIQUE -DWORDS=4 -DANY
	breaks rest_differs $two -DREST -DWORDS=1 -DELEMS=2 -DOLD_EXPECTED -DNO_COMPARE_AGAIN
}

model=linked.pml
holds -DPAIRS=2 -DOPPOSITE
holds -DPAIRS=1 -DCOLLECTORS=1 -DWORDS=1
holds -DPAIRS=2 -DREFRESHERS=0 -DKEYS=3 -DWORDS=1
holds -DPAIRS=2 -DREFRESHERS=0 -DTWO_CLAIMS
holds -DPAIRS=2 -DREFRESHERS=0 -DSAME_KEY

opposite='-DPAIRS=2 -DREFRESHERS=0 -DOPPOSITE'
three_keys='-DPAIRS=1 -DCOLLECTORS=1 -DREFRESHERS=0 -DKEYS=3 -DELEMS=2'
# shellcheck disable=SC2086 # lists
{
	breaks not_compared $three_keys -DWORDS=1 -DLOOK_LATE
	breaks not_compared $three_keys -DWORDS=1 -DNO_LOOK_AT_B
	breaks lost $opposite -DNO_LOOK_AT_A
	breaks stuck $opposite -DKEEP_A
	breaks stuck $opposite -DKEEP_B
	breaks lost $opposite -DNO_LINKED_CLAIM
	breaks half $opposite -DNO_LINKED_CLAIM
	breaks half $opposite -DOVER_CLAIM
	breaks stuck $opposite -DOVER_CLAIM
	breaks half $opposite -DEXPECT_CLAIM
	breaks half $opposite -DDELETE_UNCLAIMED
	breaks half $opposite -DDELETE_UNSEEN
	breaks lost $opposite -DSHARED_CLAIM
	breaks half -DPAIRS=1 -DREFRESHERS=0 -DSAME_KEY -DOVER_CLAIM
}

model=sweep.pml
holds -DSWEEPS=1
holds -DSWEEPS=1 -DCOLLECTORS=1 -DWORDS=1
holds -DSWEEPS=2 -DWORDS=1
holds -DSWEEPS=2 -DREFRESHERS=0
holds -DSWEEPS=1 -DREST -DWORDS=1
holds -DSWEEPS=2 -DREFRESHERS=0 -DREST -DWORDS=1
holds -DSWEEPS=1 -DLRU -DNO_GAP
holds -DSWEEPS=2 -DREFRESHERS=0 -DLRU -DNO_GAP
holds -DSWEEPS=1 -DPAIRS=1 -DREFRESHERS=0
holds -DSWEEPS=2 -DBY_KEY -DWORDS=1
holds -DSWEEPS=2 -DREFRESHERS=0 -DBY_KEY -DREST -DWORDS=1
holds -DSWEEPS=2 -DREFRESHERS=0 -DBY_KEY -DLRU -DNO_GAP
holds -DNO_CLAIM -DREST -DONLY=GUESSED

sweep='-DSWEEPS=1 -DOWN_KEY'
sweeps='-DSWEEPS=2 -DREFRESHERS=0 -DOWN_KEY'
by_key='-DSWEEPS=2 -DREFRESHERS=0 -DBY_KEY'
# shellcheck disable=SC2086 # lists
{
	breaks lost $sweeps -DNO_LOOK_AFTER_CLAIM
	breaks lost $sweeps -DNO_IS_CLAIMED
	breaks rest_differs $sweeps -DREST -DWORDS=1 -DELEMS=2 -DNO_COMPARE_AGAIN
	breaks lost $sweep -DCLAIM_UNJUDGED
	breaks stuck $sweeps -DNO_TAKE_BACK
	breaks stuck $sweeps -DBACK_BY_KEY
	breaks lost $sweep -DREFRESHERS=0 -DLRU -DNO_GAP -DSTORE_BACK
	breaks lost -DREFRESHERS=0 -DSTORE_BACK
	breaks stuck $sweeps -DHOLD
	breaks lost $sweeps -DSHARED_CLAIM
	breaks stranger $sweeps -DSHARED_CLAIM
	breaks lost $sweep -DCOLLECTORS=1 -DREFRESHERS=0 -DSHARED_CLAIM
	breaks stuck $sweeps -DEXPECT_CLAIM
	breaks lost $by_key -DNO_LOOK_AFTER_CLAIM
	breaks rest_differs $by_key -DREST -DWORDS=1 -DELEMS=2 -DNO_COMPARE_AGAIN
	breaks lost $sweep -DREFRESH_CLAIMED
	breaks not_there $sweep -DNO_LOOK_AGAIN
	breaks lost $sweep -DANY
	breaks lost $sweep -DPLAIN_DELETE
	breaks lost $sweep -DLRU
	breaks lost -DNO_CLAIM
	breaks guessed $sweeps -DNO_CLAIM -DNO_LOOK_UP
	breaks guessed $sweeps -DNO_CLAIM -DELEMENT_KEY
}

model=future.pml
small='-DLIVES=1 -DELEMS=2 -DNO_REMOVE'
one_key='-DELEMS=2 -DKEYS=1'
# shellcheck disable=SC2086 # lists
{
	holds $small -DLOOK_AGAIN
	holds $small -DKEY_CHECK
	holds $small -DNO_DELETE -DLOOK_AGAIN -DLRU -DNO_GAP
	holds $one_key -DLIVES=1
	one_key="$one_key -DNO_REMOVE"
	holds $one_key -DLIVES=1 -DCOLLECTORS=2
	holds $one_key -DLIVES=3
	holds $one_key -DLATE=0 -DMARGIN=1 -DLIFE=4
	holds $one_key -DLIVES=1 -DRUN=2 -DMARGIN=1 -DLIFE=6
	holds $one_key -DNO_ANY -DLIFE=2

	breaks not_there $small
	breaks not_there $small -DKEY_CHECK -DLATE=2 -DMARGIN=1 -DLIFE=2
	breaks lost $small -DLRU
	one_key="$one_key -DLIVES=1"
	breaks lost $one_key -DLATE=0
	breaks lost $one_key -DRUN=2 -DLIFE=9
	breaks lost $one_key -DRUN=2 -DLATE=0 -DMARGIN=1 -DLIFE=9
	breaks lost $one_key -DLIFE=2
	breaks lost $one_key -DLATE=0 -DMARGIN=1 -DLIFE=3
	breaks lost $one_key -DNO_ANY -DLIFE=1
	breaks lost $one_key -DPLAIN_STORE_ALWAYS
	breaks lost $one_key -DSTORE_OVER_CLAIM
	breaks lost $one_key -DANY_EXPIRED
	breaks lost $one_key -DDELETE_EXPIRED
	breaks lost $one_key -DCOLLECTORS=2 -DSHARED_CLAIM
	breaks lost $one_key -DNO_LOOK_AFTER_CLAIM
	breaks stuck $one_key -DNO_TAKE_BACK
}

model=word.pml
stays='-DSTAYS -DKEYS=1 -DELEMS=1'
# shellcheck disable=SC2086 # lists
{
	holds
	holds -DKEY_FIRST -DLOOK_TWICE
	holds $stays -DUPDATERS=2 -DMAX=3
	holds -DCLAIMS
	holds -DCLAIMS -DUPDATERS=2 -DKEYS=1 -DELEMS=1 -DMAX=1

	breaks touched -DNO_LOOK
	breaks not_there -DNO_LOOK -DOP=CLEAR
	breaks touched -DEQUAL_WORDS
	breaks not_there -DKEY_FIRST -DOP=CLEAR
	holds -DKEY_FIRST -DONLY=TOUCHED
	breaks lost $stays -DPLAIN_STORE
	breaks twice $stays -DPLAIN_STORE -DUPDATERS=2 -DOP=CLEAR
	breaks not_there -DSKIP_SAME -DOP=READ
	breaks not_there -DBUSY_AT_ONCE
	breaks lost -DCLAIMS -DOVER_CLAIM
	breaks stuck -DCLAIMS -DMAKES_CLAIM
	breaks late -DOP=CLEAR
	for op in 'CLEAR LOST twice' 'ADD TWICE lost'; do
		read -r op never may <<<"$op"
		holds -DHANDS_OUT -DOP="$op" -DONLY="$never"
		breaks "$may" -DHANDS_OUT -DOP="$op"
	done

	after=-DLOOK_AFTER
	holds $after
	holds $stays $after -DUPDATERS=2
	breaks unsaid $after
	breaks late $after -DOP=CLEAR
	breaks not_there $after -DKEY_FIRST -DOP=CLEAR
	for op in CLEAR ADD; do
		breaks lost -DHANDS_OUT -DOP=$op $after
		breaks twice -DHANDS_OUT -DOP=$op $after
	done
	breaks lost -DCLAIMS -DOP=CLEAR $after
	breaks twice -DCLAIMS -DOP=ADD $after
	breaks lost -DCLAIMS -DOP=CLEAR $after -DDELETED_IS_DONE
	breaks twice -DCLAIMS -DOP=ADD $after -DDELETED_IS_DONE
	holds $after -DWORD_AFTER -DONLY=LATE
	breaks twice $stays $after -DWORD_AFTER -DOP=ADD -DMAX=3

	for op in ADD CLEAR; do
		holds $stays -DUPDATERS=2 -DFETCH -DOP=$op
		breaks damaged -DFETCH -DOP=$op
		breaks damaged -DFETCH -DOP=$op $after
	done
	breaks damaged -DFETCH -DOP=ADD $after -DTAKE_BACK
	holds $after -DTAKE_BACK
	breaks damaged $after -DTAKE_BACK -DEQUAL_WORDS
	breaks lost -DCLAIMS -DOP=CLEAR $after -DTAKE_BACK
	breaks twice -DCLAIMS -DOP=ADD $after -DTAKE_BACK
}

model=flowtab.pml
late='-DRUN=1 -DHORIZON=4'
# shellcheck disable=SC2086 # lists
{
	holds
	holds -DLOOKS
	holds -DCOLLECTORS=2
	partly holds -DAPART -DLOOKS -DEVICT
	partly holds -DAPART -DEVICT -DSLOTS=1 $late
	holds -DPAIRS=1
	partly holds -DPAIRS=2

	breaks twins -DPLAIN_REFRESH
	breaks not_there -DPLAIN_REFRESH
	breaks lost -DBACKWARDS $late
	breaks twins -DNO_TENT
	breaks twins -DSEARCH_FIRST
	breaks twins -DNO_KILL
	breaks twins -DNO_ORDER
	breaks damaged -DNO_GRACE
	breaks damaged -DAPART -DEVICT -DNO_GRACE
	breaks not_there -DAPART -DEVICT -DNO_GRACE -DSLOTS=1
	breaks damaged $late -DGRACE=1
	breaks not_there -DAPART $late -DGRACE=1
	breaks not_there -DLOOKS -DNO_CHECK
	breaks lost -DPLAIN_COLLECT
	breaks twins -DPAIRS=1 -DNO_KILL
	breaks twins -DPAIRS=2 -DALIAS_LAST
	breaks twins -DPAIRS=2 -DONE_KEY
}
tap_done
