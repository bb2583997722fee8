// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

import (
	"fmt"

	"example.org/libbpf-compare/go/internal/call"
)

// MapType is a map's type, by the kernel's numbers.
type MapType uint32

// The map types that are served.
const (
	Hash    MapType = call.Hash
	LRUHash MapType = call.LRUHash
)

// Backend is a way to delete by compare.
type Backend uint32

const (
	// Auto is Native where it serves the map and the options, else SyscallProg.
	Auto Backend = call.Auto
	// Native is the kernel's own BPF_F_COMPARE.
	Native Backend = call.Native
	// SyscallProg is a BPF syscall program.
	SyscallProg Backend = call.SyscallProg
)

// String gives the backend's name: "auto", "native" or "syscall_prog".
func (b Backend) String() string {
	switch b {
	case Auto:
		return "auto"
	case Native:
		return "native"
	case SyscallProg:
		return "syscall_prog"
	}
	return fmt.Sprintf("Backend(%d)", uint32(b))
}

// Probe tells whether the running kernel can delete by compare from maps of a type, for this
// process: nil if it can, [ErrNotSupported] if it cannot, another error if that could not be told,
// among them [ErrPermission]. With Auto it asks for either backend.
func Probe(mapType MapType, backend Backend) error {
	yes := callProbe(uint32(mapType), uint32(backend))
	if yes.Err == 1 {
		return nil
	}
	err := ErrNotSupported
	if yes.Err < 0 {
		err = answerOf(yes.Err)
	}
	return &Error{err, yes.Reason,
		fmt.Sprintf("delete by compare (backend %v) from maps of type %d", backend, mapType)}
}

// BackendOf tells which backend Auto stands for on a map, without a claim. Nothing is deleted.
func BackendOf(fd int) (Backend, error) {
	backend := callBackend(fd)
	if backend.Err < 0 {
		return Auto, errorOf(fd, backend)
	}
	return Backend(backend.Err), nil
}

// Release lets go of what is kept for a map between calls: a BPF program, which holds the map in the
// kernel although it was closed everywhere else. Call it before the last close.
func Release(fd int) error {
	return errorOf(fd, callRelease(fd))
}
