// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package cilium

import (
	"errors"
	"testing"
	"unsafe"

	bpfcompare "example.org/libbpf-compare/go"
	"github.com/cilium/ebpf"
)

// Without cgo errors.Is knows what is an error of cilium/ebpf too.
func TestCiliumErrors(t *testing.T) {
	m := newMap(t, ebpf.Hash)
	conns, err := bpfcompare.NewMapOf[key, conn](m)
	if err != nil {
		t.Fatal(err)
	}
	defer conns.Close()
	if err := conns.DeleteIf(key{}, conn{}, nil); !errors.Is(err, ebpf.ErrKeyNotExist) {
		t.Error(err)
	}
	if err := m.Put(key{}, conn{}); err != nil {
		t.Fatal(err)
	}
	if err := conns.Update(key{}, conn{}, bpfcompare.UpdateNoExist); !errors.Is(err, ebpf.ErrKeyExist) {
		t.Error(err)
	}
	err = conns.DeleteIf(key{}, conn{Packets: 1}, nil)
	if errors.Is(err, ebpf.ErrKeyNotExist) || !errors.Is(err, bpfcompare.ErrMismatch) {
		t.Error(err)
	}
	array, err := ebpf.NewMap(&ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: uint32(unsafe.Sizeof(conn{})),
		MaxEntries: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer array.Close()
	err = bpfcompare.WithFD(array, func(fd int) error {
		return bpfcompare.DeleteIf(fd, make([]byte, 4), make([]byte, unsafe.Sizeof(conn{})), nil)
	})
	if !errors.Is(err, ebpf.ErrNotSupported) || !errors.Is(err, bpfcompare.ErrNotSupported) {
		t.Error(err)
	}
}
