# SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
#
# For scripts that build the Go package without cgo: what it then takes of others comes from Debian's Go packages
# instead of the module proxy. GOCODE names another place with the same of other versions.
gocode=${GOCODE:-/usr/share/gocode/src}

# The replacements, for go mod edit.
offline_replacements=(-replace "github.com/cilium/ebpf=$gocode/github.com/cilium/ebpf"
	-replace "golang.org/x/sys=$gocode/golang.org/x/sys")

# Writes a go.mod like the package's, for go's -modfile.
offline_mod() { # package's folder, file
	cp "$1/go.mod" "$2" && go mod edit "${offline_replacements[@]}" "$2"
}
