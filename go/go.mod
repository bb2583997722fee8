module example.org/libbpf-compare/go

go 1.19

// For programs that are built without cgo, or with the tag purego; with cgo nothing of it is built.
require github.com/cilium/ebpf v0.9.1

require golang.org/x/sys v0.3.0 // indirect
