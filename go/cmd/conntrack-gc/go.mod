module example.org/libbpf-compare/go/cmd/conntrack-gc

go 1.19

// A module of its own, so that who uses the package gets nothing of what the agent takes beside it.
require (
	example.org/libbpf-compare/go v0.0.0
	github.com/prometheus/client_golang v1.14.0
)

replace example.org/libbpf-compare/go => ../..

require (
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cespare/xxhash/v2 v2.1.2 // indirect
	github.com/cilium/ebpf v0.9.1 // indirect
	github.com/golang/protobuf v1.5.2 // indirect
	github.com/matttproud/golang_protobuf_extensions v1.0.1 // indirect
	github.com/prometheus/client_model v0.3.0 // indirect
	github.com/prometheus/common v0.37.0 // indirect
	github.com/prometheus/procfs v0.8.0 // indirect
	golang.org/x/sys v0.3.0 // indirect
	google.golang.org/protobuf v1.28.1 // indirect
)
