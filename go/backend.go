// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

// #include "flat.h"
import "C"

import "fmt"

// MapType is a map's type, by the kernel's numbers.
type MapType uint32

// The map types that are served.
const (
	Hash    MapType = C.BPF_MAP_TYPE_HASH
	LRUHash MapType = C.BPF_MAP_TYPE_LRU_HASH
)

// Backend is a way to delete by compare.
type Backend uint32

const (
	// Auto is Native where it serves the map and the options, else SyscallProg.
	Auto Backend = C.BPF_MAP_COMPARE_AUTO
	// Native is the kernel's own BPF_F_COMPARE.
	Native Backend = C.BPF_MAP_COMPARE_NATIVE
	// SyscallProg is a BPF syscall program.
	SyscallProg Backend = C.BPF_MAP_COMPARE_SYSCALL_PROG
)

// String gives the backend's name: "auto", "native" or "syscall_prog".
func (b Backend) String() string {
	name := C.libbpf_bpf_map_compare_backend_str(C.enum_bpf_map_compare_backend(b))
	if name == nil {
		return fmt.Sprintf("Backend(%d)", uint32(b))
	}
	return C.GoString(name)
}

// Probe tells whether the running kernel can delete by compare from maps of a type, for this
// process: nil if it can, [ErrNotSupported] if it cannot, another error if that could not be told,
// among them [ErrPermission]. With Auto it asks for either backend.
func Probe(mapType MapType, backend Backend) error {
	yes := C.flat_probe(C.uint32_t(mapType), C.uint32_t(backend))
	if yes.err == 1 {
		return nil
	}
	err := ErrNotSupported
	if yes.err < 0 {
		err = answerOf(yes.err)
	}
	return &Error{err, C.GoString(&yes.reason[0]),
		fmt.Sprintf("delete by compare (backend %v) from maps of type %d", backend, mapType)}
}

// BackendOf tells which backend Auto stands for on a map, without a claim. Nothing is deleted.
func BackendOf(fd int) (Backend, error) {
	backend := C.flat_backend(cInt(fd))
	if backend.err < 0 {
		return Auto, errorOf(fd, backend)
	}
	return Backend(backend.err), nil
}

// Release lets go of what is kept for a map between calls: a BPF program, which holds the map in the
// kernel although it was closed everywhere else. Call it before the last close.
func Release(fd int) error {
	return errorOf(fd, C.flat_release(cInt(fd)))
}
