#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The Go package and its agent: tested, vendored, used beside cilium/ebpf, and run on the demo's
# datapath. All in a mount namespace with a bpf file system of its own. What goes in comes from this
# tree and from Debian's packages, nothing from the network.
set -u

if [ "${1:-}" != inside ]; then
	exec unshare -m sh -c 'mount -t bpf bpf /sys/fs/bpf && exec "$0" inside' "$0"
fi

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"
. "$top/selftests/go/offline.sh"
O=$(realpath -m "${O:-$top/build}")
bpftool=${BPFTOOL:-/usr/sbin/bpftool}
dir=$(mktemp -d)
chmod 755 "$dir" # for who is not root
demo=
trap '[ -z "$demo" ] || kill "$demo"; rm -rf --one-file-system "$dir"' EXIT
trap 'exit 130' INT TERM
# What Go builds of its own library takes longer than all the rest; it finds it there the next time.
export GOCACHE=${LIBBPF_COMPARE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/libbpf-compare}/go
export GOPATH=$dir/gopath GOENV=off GOPROXY=off GOFLAGS=
agent=$O/go/conntrack-gc
module=$(sed -n 's/^module //p' "$top/go/go.mod")

in_go() { # command...
	(cd "$top/go" && "$@")
}

# Likewise without cgo; with_tag: with the tag that chooses the same where there is cgo.
pure() { # command...
	in_go env CGO_ENABLED=0 GOFLAGS="-mod=mod -modfile=$dir/go.mod" "$@"
}

with_tag() { # command...
	in_go env CGO_ENABLED=1 GOFLAGS="-mod=mod -modfile=$dir/go.mod -tags=purego" "$@"
}

# The agent takes more of Debian's Go packages, which are as GOPATH wants them. It is a module of its own.
agent_module=$module/cmd/conntrack-gc

in_agent() { # command...
	mkdir -p "$dir/agent/src/${module%/*}" && ln -sfn "$top/go" "$dir/agent/src/$module" &&
		(cd / && GO111MODULE=off GOPATH=$dir/agent:${gocode%/src} "$@")
}

pure_agent() { # command...
	in_agent env CGO_ENABLED=0 "$@"
}

agent_names_modules() {
	local package module found
	for package in $(pure_agent go list -deps "$agent_module" | grep '^[a-z.]*\.[a-z]*/'); do
		found=
		while read -r module; do
			case $package/ in "${module%/v2}"/*) found=yes ;; esac
		done < <(sed -n 's/^module //p; s/^\t\([^ ]*\) v.*/\1/p' "$top/go/cmd/conntrack-gc/go.mod")
		[ "$found" ] || { echo "$package is of no module that go.mod names" && return 1; }
	done
}

# What the kernel calls the programs tells whether they are the same.
loads_same_programs() {
	in_go env BPFCOMPARE_TAGS="$dir/tags" go test -count=1 -run ProgramTags . &&
		pure env BPFCOMPARE_TAGS="$dir/pure_tags" go test -count=1 -run ProgramTags . &&
		diff "$dir/tags" "$dir/pure_tags"
}

gofmt_finds_nothing() {
	[ -z "$(gofmt -l "$top/go" "$top/selftests/go" | tee /dev/stderr)" ]
}

# Other versions of clang than the checked in BPF programs were made with write other ones:
# there they are left out.
is_up_to_date() {
	local made=$O/go/generated file
	while read -r file; do
		if has_same_program "$file"; then
			cmp "$made/$file" "$top/go/$file" || return
		elif [ "${file##*/}" != programs.go ]; then
			diff <(without_program "$made/$file") <(without_program "$top/go/$file") || return
		fi
	done < <(cd "$made" && find . -type f)
}

has_same_program() { # file
	local made
	made=$(grep '^// Its BPF program: ' "$O/go/generated/$1") || return 0
	grep -qxF "$made" "$top/go/$1"
}

without_program() { # file
	sed '/^.. ---- emulate.insns.h/,/^.. ---- /d; /^.. Its BPF program: /d' "$1"
}

# Each row of the contract, as the C library's tests have them, is one of Go's or said to be none.
go_has_rows() {
	local row rows
	rows=$(cd "$top/selftests" && {
		sed -n 's/^\t{ "\([^"]*\)", [a-z].*/\1/p' test_contract.c test_update_opts.c
		cat test_linked_opts.c test_sweep.c | grep -oE '(REFUSED\(-E[A-Z]+|WITH\([a-z]+), ([-0-9u]+, )?"[^"]*"' |
			sed 's/^[^"]*"//; s/"$//'
	})
	[ "$(wc -l <<<"$rows")" -gt 120 ] || return
	while read -r row; do
		grep -qF "\"$row\"" "$top"/go/rows*_test.go || { echo "no row in Go: $row" && return 1; }
	done <<<"$rows"
}

# Calls by chance, the same ones in both builds.
answers_alike() { # seed, how it is run...
	local seed=$1
	shift
	in_go go test -c -o "$dir/cgo.test" . && pure go test -c -o "$dir/pure.test" . || return
	for build in cgo pure; do
		BPFCOMPARE_SEED=$seed BPFCOMPARE_CONTRACT="$dir/$build.answers" \
			"$@" "$dir/$build.test" -test.run 'Contract$' 2>"$dir/reasons" || return
	done
	diff "$dir/cgo.answers" "$dir/pure.answers" | head -n 20 && cmp "$dir/cgo.answers" "$dir/pure.answers"
}

# As on a machine where nobody mounted one.
without_bpf_fs() { # command...
	unshare -m sh -c 'while umount /sys/fs/bpf; do :; done 2>/dev/null; exec "$@"' sh "$@"
}

# As what there is to be said, instead of what all fails.
says_to_be_root() { # a package's tests
	local said
	said=$(setpriv --reuid=nobody --regid=nogroup --clear-groups "$1" 2>&1)
	[ $? -eq 1 ] && echo "$said" && [ "$(wc -l <<<"$said")" -eq 1 ] && grep -q 'run them as root' <<<"$said"
}

# What another project checks in is the package alone, and what its vendoring takes of that.
vendors() {
	mkdir "$dir/consumer" && cp -r "$top/go" "$dir/package" && cd "$dir/consumer" || return
	cp "$top/selftests/go/consumer/main.go" . &&
		go mod init example.org/consumer &&
		go mod edit -require "$module@v0.0.0" -replace "$module=$dir/package" \
			-require github.com/cilium/ebpf@v0.9.1 -require golang.org/x/sys@v0.3.0 \
			"${offline_replacements[@]}" &&
		go mod vendor && rm -r "$dir/package" && go build -mod=vendor -o consumer . &&
		CGO_ENABLED=0 go build -mod=vendor -o pure_consumer . &&
		ls vendor/$module/LICENSE* && ! grep prometheus vendor/modules.txt
}

consumer_runs() { # its name
	[ "$("$dir/consumer/$1")" = "syscall_prog <nil>" ]
}

# Debian has Go packages as GOPATH wants them.
cilium() {
	mkdir -p "$dir/src/${module%/*}" "$dir/src/example.org" && cp -r "$top/go" "$dir/src/$module" &&
		cp -r "$top/selftests/go/cilium" "$dir/src/example.org" && cd "$dir/src/example.org/cilium" &&
		GO111MODULE=off GOPATH=$dir:${gocode%/src} go test -count=1 . &&
		CGO_ENABLED=0 GO111MODULE=off GOPATH=$dir:${gocode%/src} go test -count=1 .
}

measures() {
	in_go go test -tags cbatch -count=1 -v -run CostAgainstC . >"$dir/cost"
}

measures_pure() {
	ROUNDS=5 "$top/selftests/go/bench_go.sh" >"$dir/pure_cost"
}

builds_agent() {
	in_agent go build -o "$agent" "$agent_module"
}

builds_pure_agent() {
	pure_agent go build -o "$dir/conntrack-gc" "$agent_module" && ! ldd "$dir/conntrack-gc"
}

# As in an image from scratch: there is the agent, and the file system that its map is pinned in, which is the demo's.
makes_empty_root() {
	mkdir -p "$dir/root/sys/fs/bpf" && cp "$dir/conntrack-gc" "$dir/root/" &&
		[ "$(find "$dir/root" ! -type d)" = "$dir/root/conntrack-gc" ] &&
		cat >"$dir/in_empty_root" <<-END && chmod +x "$dir/in_empty_root"
			#!/bin/sh
			mount --bind /sys/fs/bpf "$dir/root/sys/fs/bpf" && exec chroot "$dir/root" /conntrack-gc "\$@"
		END
}

agent_has_help() {
	"$agent" -h 2>&1 | grep -q '^Usage: conntrack-gc' && "$agent" -h 2>/dev/null
}

agent_fails() { # status, arguments...
	status=$1
	shift
	"$agent" "$@"
	[ $? -eq "$status" ]
}

# Starts the demo with the agent as its collector, and waits for its first deletes.
start() { # the agent's arguments
	pid='' map=''
	: >"$dir/out"
	"$O/demo" --quick --collector "$agent $* -interval 50ms -batch 16384" >"$dir/out" 2>"$dir/err" &
	demo=$!
	until grep -q 'deleted [1-9]' "$dir/out"; do
		kill -0 "$demo" 2>/dev/null || return
		sleep 0.05
	done
	pid=$(pgrep -P "$demo")
	map=$(sed -n 's/^map_id:[[:space:]]*//p' "/proc/$pid/fdinfo"/* | head -n 1)
}

# Reads the counters where the agent is, which shares its network with the demo alone.
read_metrics() {
	local port
	port=$(sed -n '1s,.*http://127.0.0.1:\([0-9]*\)/metrics$,\1,p' "$dir/out")
	nsenter -t "$pid" -n bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" &&
		printf "GET /metrics HTTP/1.0\r\n\r\n" >&3 && cat <&3' "$port" | tee "$dir/metrics"
}

field() { # name: in the lines of the agent's sums and of the demo's
	tail -n 2 "$dir/out" | sed -n "s/.*\\<$1 \\([0-9]*\\).*/\\1/p"
}

metric() { # name
	awk -v name="conntrack_gc_$1_total" '$1 == name { printf "%.0f\n", $2 }' "$dir/metrics"
}

tells_how_long() { # name: it was 'collecting by' it
	grep -q "collecting by $1, " "$dir/out" && grep -q ' took [0-9.]*[mµ]*s$' "$dir/out" &&
		grep -q '^conntrack_gc_sweep_duration_seconds_count [1-9]' "$dir/metrics"
}

# They were read while it ran: more than nothing, no more than in the end.
metrics_agree() {
	local name
	for name in sweeps interrupted scanned deleted skipped deferred; do
		case $name in
		sweeps) value=$(metric sweeps) ;;
		interrupted) value=$(metric interrupted_sweeps) ;;
		*) value=$(metric ${name}_entries) ;;
		esac
		[ "$value" -le "$(field $name)" ] || return
		case $name in
		sweeps | scanned | deleted) [ "$value" -gt 0 ] || return ;;
		esac
	done
}

all_deleted() {
	[ "$(field left)" -eq 0 ] && [ "$(field created)" -gt 0 ] &&
		[ "$(field deleted)" -eq "$(field created)" ]
}

nothing_left() {
	! kill -0 "$pid" 2>/dev/null || return
	for _ in {1..300}; do # the kernel frees a map a while after its last user
		"$bpftool" map show id "$map" >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	return 1
}

run_agent() { # name, the agent's arguments
	local name=$1
	shift
	start "$@"
	ok "$name: the agent holds the demo's map" "$bpftool" map show id "$map"
	ok "$name: it serves its counters" read_metrics
	wait "$demo"
	status=$?
	demo=
	ok "$name: it ends upon SIGTERM, with 0" [ $status -eq 0 ]
	tail -q -n 2 "$dir/out" "$dir/err" | sed 's/^/# /'
	ok "$name: it deleted what expired, once each" all_deleted
	ok "$name: what it served agrees with what it prints" metrics_agree
	ok "$name: nothing is left" nothing_left
}

ok "what is generated is up to date (else: make go-generate)" is_up_to_date
ok "gofmt finds nothing" gofmt_finds_nothing
ok "go vet finds nothing" in_go go vet ./...
ok "go vet finds nothing in what is built for tests" in_go go vet -tags cbatch ./...
ok "tests and examples pass" in_go go test -count=1 ./...
ok "with the race detector, and all pointers checked" \
	in_go env GODEBUG=cgocheck=2 go test -race -count=1 ./...
ok "a go.mod for builds offline is written" offline_mod "$top/go" "$dir/go.mod"
ok "without cgo: go vet finds nothing" pure go vet ./...
ok "without cgo: tests and examples pass" pure go test -count=1 ./...
ok "without cgo: it is built for arm64" pure env GOARCH=arm64 go build ./...
ok "without cgo: and for a big-endian machine, and one of 32 bits" \
	pure sh -c 'GOARCH=s390x go build ./... && GOARCH=386 go build ./...'
ok "with the tag: go vet finds nothing" with_tag go vet ./...
ok "with the tag: tests and examples pass, with the race detector" with_tag go test -race -count=1 ./...
ok "without cgo: the programs are the same" loads_same_programs
ok "without cgo: calls have the same answers" answers_alike $RANDOM env
ok "without cgo: likewise without CAP_PERFMON and CAP_SYS_ADMIN" answers_alike $RANDOM \
	setpriv --bounding-set=-perfmon,-sys_admin --inh-caps=-perfmon,-sys_admin
ok "sweeps by a context, likewise without them" setpriv --bounding-set=-perfmon,-sys_admin \
	--inh-caps=-perfmon,-sys_admin "$dir/cgo.test" -test.run SweepContext
ok "without cgo: likewise" setpriv --bounding-set=-perfmon,-sys_admin \
	--inh-caps=-perfmon,-sys_admin "$dir/pure.test" -test.run SweepContext
ok "tests pass where no bpf file system is mounted" in_go without_bpf_fs go test -count=1 ./...
ok "without root: tests say what to do" says_to_be_root "$dir/cgo.test"
ok "without root, without cgo: likewise" says_to_be_root "$dir/pure.test"
ok "each row of the contract is one of Go's" go_has_rows
ok "it can be vendored, and built from there" vendors
ok "the consumer's program runs" consumer_runs consumer
ok "without cgo: the consumer's program runs" consumer_runs pure_consumer
ok "it works on maps of cilium/ebpf" cilium
ok "the agent: go vet finds nothing" in_agent go vet "$agent_module"
ok "the agent: tests pass" in_agent go test -count=1 "$agent_module"
ok "the agent: likewise with the race detector" in_agent go test -race -count=1 "$agent_module"
ok "the agent: likewise without cgo" pure_agent go test -count=1 "$agent_module"
ok "the agent: without cgo it is built for arm64" pure_agent env GOARCH=arm64 go build -o "$dir/arm64" "$agent_module"
ok "the agent: tests pass where no bpf file system is mounted" \
	in_agent without_bpf_fs go test -count=1 "$agent_module"
ok "the agent: its tests are built" in_agent go test -c -o "$dir/agent.test" "$agent_module"
ok "the agent: without root its tests say what to do" says_to_be_root "$dir/agent.test"
ok "the agent: its go.mod names all that it takes" agent_names_modules
ok "the agent is built" builds_agent
ok "the agent has help" agent_has_help
ok "an unknown flag is an error" agent_fails 2 -unknown
ok "a map that is not there is an error" agent_fails 1 /sys/fs/bpf/none
run_agent "with a claim" -claim 2 -claim-first 1 -claim-last 16
ok "with a claim: no live flow is broken" [ "$(field broken)" -eq 0 ]
ok "with a claim: it tells how long a sweep takes" tells_how_long sweep
run_agent "without a claim"
run_agent "by batch, with a claim" -collect batch -claim 2 -claim-first 1 -claim-last 16
ok "by batch, with a claim: no live flow is broken" [ "$(field broken)" -eq 0 ]
ok "by batch, with a claim: it tells how long that takes" tells_how_long batch
ok "without cgo: the agent is built, and static" builds_pure_agent
agent=$dir/conntrack-gc
run_agent "without cgo, with a claim" -claim 2 -claim-first 1 -claim-last 16
ok "without cgo, with a claim: no live flow is broken" [ "$(field broken)" -eq 0 ]
ok "in an empty root: there is the agent alone" makes_empty_root
agent=$dir/in_empty_root
run_agent "in an empty root" -claim 2 -claim-first 1 -claim-last 16
ok "in an empty root: it tells how long a sweep takes" tells_how_long sweep
ok "in an empty root: no live flow is broken" [ "$(field broken)" -eq 0 ]
ok "a batch in Go is measured against one in C" measures
grep ' C' "$dir/cost" | sed 's/^/# /'
ok "without cgo: batches are measured against those with it" measures_pure
sed 's/^/# /' "$dir/pure_cost"
tap_done
