#!/bin/bash
# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# The Go module's path is set by one command: in a tree, as for a fork that publishes it, and of a copy in another
# project. By the new path it is imported, built with cgo and without, and nothing of the old one is left.
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/tap.sh"
. "$top/selftests/go/offline.sh"
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
export GOCACHE=${LIBBPF_COMPARE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/libbpf-compare}/go
export GOPATH=$dir/gopath GOENV=off GOPROXY=off GOFLAGS='' GONOSUMDB='*'
unset MAKEFLAGS MFLAGS
old=$(sed -n 's/^module //p' "$top/go/go.mod")
path=git.example.com/some-one/libbpf-compare/go
copied=agent.example.net/agent/third_party/bpfcompare

# This tree, for as much as is git's or to be.
(cd "$top" && git ls-files -z --cached --others --exclude-standard | tar -c --null -T -) >"$dir/tree.tar" &&
	mkdir "$dir/tree" && tar -x -C "$dir/tree" -f "$dir/tree.tar" && cp -r "$dir/tree" "$dir/before"

go_module() { # make's arguments
	"${MAKE:-make}" --no-print-directory -C "$dir/tree" O="$dir/build" go-module "$@"
}

refuses() { # what is said, make's variables
	local says=$1
	shift
	(cd "$dir/tree" && ! env "$@" packaging/go-module.sh >"$dir/out" 2>&1) && grep -qF -- "error: $says" "$dir/out" &&
		diff -r "$dir/before" "$dir/tree" && return
	cat "$dir/out"
	return 1
}

has_nothing_of() { # path, folders...
	local path=$1
	shift
	! grep -rnF -- "$path" "$@"
}

is_as_before() {
	go_module MODULE="$old" && diff -r "$dir/before" "$dir/tree" && go_module MODULE="$path"
}

stays_the_same() { # folder, make's arguments
	local folder=$1
	shift
	cp -r "$folder" "$dir/once" && go_module "$@" && diff -r "$dir/once" "$folder" && rm -r "$dir/once"
}

formatted() { # folders...
	[ -z "$(gofmt -l "$@" | tee /dev/stderr)" ]
}

builds() { # folder
	(cd "$1" && go vet . ./internal/... && offline_mod . "$dir/go.mod" &&
		CGO_ENABLED=0 GOFLAGS="-mod=mod -modfile=$dir/go.mod" go vet . ./internal/...)
}

# A project that imports it by a path, built in both ways.
project() { # name, path, go mod edit's arguments
	local name=$1 path=$2
	shift 2
	mkdir "$dir/$name" && cd "$dir/$name" && sed "s,$old,$path," "$top/selftests/go/consumer/main.go" >main.go &&
		go mod init agent.example.net/agent && go mod edit -require github.com/cilium/ebpf@v0.9.1 \
			-require golang.org/x/sys@v0.3.0 "${offline_replacements[@]}" "$@"
}

project_runs() { # name
	cd "$dir/$1" && GOFLAGS=-mod=mod go build -o cgo . && CGO_ENABLED=0 GOFLAGS=-mod=mod go build -o pure . &&
		[ "$(./cgo)" = "syscall_prog <nil>" ] && [ "$(./pure)" = "syscall_prog <nil>" ]
}

copy_is_imported() {
	project by_copy $copied -require $copied@v0.0.0 -replace "$copied=./third_party/bpfcompare" &&
		go_module MODULE=$copied DEST="$dir/by_copy/third_party/bpfcompare" && project_runs by_copy
}

# Without a go.mod of its own it is one more package of the project.
copy_is_a_package() {
	project as_package $copied && go_module MODULE=$copied DEST="$dir/as_package/third_party/bpfcompare" &&
		rm third_party/bpfcompare/go.mod && project_runs as_package
}

# What a module proxy has of what is tagged.
publishes() {
	local at=$dir/proxy/$path/@v version=v0.2.0
	mkdir -p "$at" "$dir/zip/$path@$version" && cp -r "$dir/tree/go/." "$dir/zip/$path@$version" &&
		rm -r "$dir/zip/$path@$version/cmd/conntrack-gc" && cp "$dir/tree/go/go.mod" "$at/$version.mod" &&
		echo "{\"Version\":\"$version\"}" >"$at/$version.info" &&
		(cd "$dir/zip" && find . -type f -printf '%P\n' | python3 -c 'import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as zip:
    for file in sys.stdin.read().splitlines(): zip.write(file)' "$at/$version.zip")
}

published_is_imported() {
	project by_version $path -require $path@v0.2.0 && GOPROXY=file://$dir/proxy project_runs by_version
}

file_of_others_stays() {
	mkdir "$dir/others" && echo theirs >"$dir/others/go.mod" &&
		refuses "$dir/others/go.mod is there already" MODULE=$copied DEST="$dir/others" &&
		[ "$(ls "$dir/others")" = go.mod ] && grep -qx theirs "$dir/others/go.mod"
}

longer_path_stays() {
	local line="// Not $path-tools, nor mirror.$path either."
	echo "$line" >>"$dir/tree/go/doc.go" && go_module MODULE="$old" && grep -qxF -- "$line" "$dir/tree/go/doc.go"
}

ok "no path is refused" refuses "MODULE is not set"
for bad in / a /a/b a/b/ a//b ../a a/../b 'a b/c' https://example.com/a Example.com/a example.com/a. example.com/.a \
	example.com/a@v1 example.com/ä; do
	ok "'$bad' is refused" refuses "MODULE is no path" MODULE="$bad"
done
ok "a version in the path is refused" refuses "MODULE ends with a version" MODULE=example.com/a/v2
ok "a folder with others' files is refused" file_of_others_stays
ok "a copy is imported by its path, without being published" copy_is_imported
copy=$dir/by_copy/third_party/bpfcompare
ok "nothing of the old path is in it" has_nothing_of "$old" "$copy"
ok "it is laid out as gofmt has it" formatted "$copy"
ok "written again it is the same" stays_the_same "$copy" MODULE=$copied DEST="$copy"
ok "this tree is as it was" diff -r "$dir/before" "$dir/tree"
ok "a copy is a package of its project" copy_is_a_package
ok "a tree's path is set" go_module MODULE=$path
ok "nothing of the old path is in it" has_nothing_of "$old" "$dir/tree"
ok "it is laid out as gofmt has it" formatted "$dir/tree/go" "$dir/tree/selftests/go"
ok "set again it is the same" stays_the_same "$dir/tree" MODULE=$path
ok "set back it is as before" is_as_before
ok "it is built" builds "$dir/tree/go"
ok "it is published" publishes
ok "then it is imported by its path and version" published_is_imported
ok "a longer path with that one in it stays" longer_path_stays
tap_done
