# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
# shellcheck shell=bash
#
# What the tests of bpfcmp share, which source it in a mount namespace of their own: the maps are pinned there,
# and go with it.

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"
. "$top/selftests/man/page.sh"
O=$(realpath -m "${O:-$top/build}")
bpftool=${BPFTOOL:-/usr/sbin/bpftool}
PATH=$PATH:$(dirname "$bpftool")
dir=$(mktemp -d)
trap 'umount "$dir/bpf" 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
chmod 755 "$dir"
mkdir "$dir/bpf"
mount -t bpf -o mode=755 bpf "$dir/bpf" || exit 1
# A copy, as who has no privilege may not be able to get at ours.
install -m 755 "$O/bpfcmp" "$dir/bpfcmp" || exit 1
bpfcmp=$dir/bpfcmp
name=t$$_ # no map of anybody else's; a map's name has at most 15 bytes

# Maps with BTF take a program that has it: made of their declarations, which are read, and pinned by their names.
make_btf_maps() { # the program's name
	{
		cat
		echo '__attribute__((section("socket"), used)) int none(void *ctx) { return !ctx; }'
	} >"$dir/$1.bpf.c"
	# libbpf writes other dots than ours into the paths of maps.
	"${CLANG:-clang}" -O2 -g -target bpf -c "$dir/$1.bpf.c" -o "$dir/$1.o" && cd "$dir" &&
		"$bpftool" prog load "$1.o" "bpf/$1" type socket pinmaps bpf
}

id_of() { # file
	"$bpftool" -j map show pinned "$dir/bpf/$1" | jq .id
}

without_privilege() { # command: as root, but with no capability
	setpriv --inh-caps=-all --bounding-set=-all "$@"
}

says() { # status, text, command: it ends so, and says that
	local status=$1 text=$2 out got
	shift 2
	out=$("$@" 2>&1)
	got=$?
	[ $got -eq "$status" ] && grep -qF -- "$text" <<<"$out" && return
	echo "status $got: $out"
	return 1
}

json() { # status, filter that must be true of what is printed, arguments
	local status=$1 filter=$2 out got
	shift 2
	out=$("$bpfcmp" "$@" 2>"$dir/err")
	got=$?
	[ $got -eq "$status" ] && [ ! -s "$dir/err" ] && jq -e "$filter" <<<"$out" >/dev/null &&
		return
	echo "status $got: $out"
	cat "$dir/err"
	return 1
}

# The page is the help at length, and its examples are run.
page=$top/man/bpfcmp.8.scd
make_page() {
	scdoc <"$page" >"$dir/bpfcmp.8" && [ -s "$dir/bpfcmp.8" ]
}

without_time() { # each sweep takes its own
	sed 's/in [0-9.]* ms/in a while/'
}

example_is_true() { # its number
	code_block "$dir/bpfcmp.8" EXAMPLES "$1" >"$dir/example"
	sed -n "s/name \\(flows\\|nat\\|conns\\)/name $name\\1/g; s/^# //p; /^ /p" "$dir/example" >"$dir/commands"
	grep -v '^[# ]' "$dir/example" | without_time >"$dir/expected"
	[ -s "$dir/commands" ] && PATH=$dir:$PATH bash "$dir/commands" 2>&1 | without_time |
		diff "$dir/expected" -
}

# Of what is completed.
# shellcheck source=/dev/null
. "$top/tool/bash-completion/bpfcmp"
completes() { # what is offered, sorted; words, of which the last is being typed
	local expected=$1 got
	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	_bpfcmp
	got=$(printf '%s\n' ${COMPREPLY[@]+"${COMPREPLY[@]}"} | sort | xargs)
	[ "$got" = "$expected" ] || { echo "offers '$got'"; return 1; }
}

offers() { # one word among those offered; words
	local word=$1
	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	_bpfcmp
	printf '%s\n' "${COMPREPLY[@]}" | grep -qxF -- "$word"
}

offers_not() {
	! offers "$@"
}
