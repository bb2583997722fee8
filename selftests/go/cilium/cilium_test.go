// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

// Package cilium uses the Go package on maps that github.com/cilium/ebpf made.
package cilium

import (
	"errors"
	"testing"
	"unsafe"

	bpfcompare "example.org/libbpf-compare/go"
	"github.com/cilium/ebpf"
)

type key struct {
	Address [4]byte
	Port    uint16
	_       uint16
}

type conn struct {
	Packets uint64
	Expires uint32
	Flags   uint32
}

func newMap(t *testing.T, mapType ebpf.MapType) *ebpf.Map {
	m, err := ebpf.NewMap(&ebpf.MapSpec{Type: mapType, KeySize: uint32(unsafe.Sizeof(key{})),
		ValueSize: uint32(unsafe.Sizeof(conn{})), MaxEntries: 64})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bpfcompare.Release(m.FD()); err != nil {
			t.Error(err)
		}
		m.Close()
	})
	return m
}

func TestCilium(t *testing.T) {
	for _, mapType := range []ebpf.MapType{ebpf.Hash, ebpf.LRUHash} {
		if err := bpfcompare.Probe(bpfcompare.MapType(mapType), bpfcompare.Auto); err != nil {
			t.Fatal(err)
		}
		m := newMap(t, mapType)
		conns, err := bpfcompare.NewMap[key, conn](m.FD())
		if err != nil {
			t.Fatal(err)
		}
		defer conns.Close()
		var keys []key
		var seen []conn
		for port := uint16(0); port < 32; port++ {
			if err := m.Put(key{Port: port}, conn{Packets: 1, Expires: 100}); err != nil {
				t.Fatal(err)
			}
		}
		for k, c, entries := (key{}), (conn{}), m.Iterate(); entries.Next(&k, &c); {
			keys, seen = append(keys, k), append(seen, c)
		}
		// Meanwhile some packets come: one half of them refresh their entries.
		for port := uint16(0); port < 16; port++ {
			refreshed := conn{Packets: 2, Expires: 100 + uint32(port%2)}
			if err := m.Put(key{Port: port}, refreshed); err != nil {
				t.Fatal(err)
			}
		}
		results, deleted, err := conns.DeleteBatchIf(keys, seen, &bpfcompare.Options{
			Offset: uint32(unsafe.Offsetof(conn{}.Expires)),
			Size:   uint32(unsafe.Sizeof(conn{}.Expires)),
		})
		if err != nil || deleted != 24 || len(results) != 32 {
			t.Fatalf("%v: %d of %d deleted, %v", mapType, deleted, len(results), err)
		}
		for i, k := range keys {
			refreshed := k.Port < 16 && k.Port%2 == 1
			if refreshed != errors.Is(results[i], bpfcompare.ErrMismatch) {
				t.Errorf("%v: port %d: %v", mapType, k.Port, results[i])
			}
			var c conn
			if err := m.Lookup(k, &c); refreshed != (err == nil) {
				t.Errorf("%v: port %d: look-up gave %v", mapType, k.Port, err)
			}
		}
	}
}
