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
		conns, err := bpfcompare.NewMapOf[key, conn](m)
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

// Connections in an LRU map and the mappings of their addresses in another: a connection that is refreshed
// keeps its mapping.
func TestCiliumLinked(t *testing.T) {
	conns, mappings := newMap(t, ebpf.LRUHash), newMap(t, ebpf.LRUHash)
	typedConns, err := bpfcompare.NewMapOf[key, conn](conns)
	if err != nil {
		t.Fatal(err)
	}
	defer typedConns.Close()
	typedMappings, err := bpfcompare.NewMapOf[key, conn](mappings)
	if err != nil {
		t.Fatal(err)
	}
	defer typedMappings.Close()
	var keys []key
	var seen []conn
	for port := uint16(0); port < 32; port++ {
		k, c := key{Port: port}, conn{Packets: uint64(port), Expires: 100}
		if err := conns.Put(k, c); err != nil {
			t.Fatal(err)
		}
		if err := mappings.Put(k, conn{}); err != nil {
			t.Fatal(err)
		}
		keys, seen = append(keys, k), append(seen, c)
	}
	for port := uint16(0); port < 16; port++ {
		if err := conns.Put(key{Port: port}, conn{Expires: 200}); err != nil {
			t.Fatal(err)
		}
	}
	values := make([]conn, len(keys))
	linked := typedMappings.Linked(keys, nil)
	linked.Any = true
	_, _, deleted, err := typedConns.DeleteLinkedIf(keys, seen, &bpfcompare.Options{
		Offset: uint32(unsafe.Offsetof(conn{}.Expires)),
		Size:   uint32(unsafe.Sizeof(conn{}.Expires)),
		Values: typedConns.Bytes(values),
	}, linked)
	if err != nil || deleted != 16 {
		t.Fatalf("%d deleted, %v", deleted, err)
	}
	for i, k := range keys {
		var c, mapping conn
		gone, mappingGone := conns.Lookup(k, &c) != nil, mappings.Lookup(k, &mapping) != nil
		if gone != (i >= 16) || mappingGone != gone {
			t.Errorf("port %d is gone: %v, and its mapping: %v", k.Port, gone, mappingGone)
		}
		if gone && values[i] != seen[i] {
			t.Errorf("port %d: its value was %v", k.Port, values[i])
		}
	}
}

// Counters are read and cleared while others add to them.
func TestCiliumWord(t *testing.T) {
	m := newMap(t, ebpf.LRUHash)
	conns, err := bpfcompare.NewMapOf[key, conn](m)
	if err != nil {
		t.Fatal(err)
	}
	defer conns.Close()
	packets, err := bpfcompare.NewWord[uint64](conns, "Packets", nil)
	if err != nil {
		t.Fatal(err)
	}
	const added, by = 1000, 3
	k := key{Port: 1}
	if err := m.Put(k, conn{Expires: 100}); err != nil {
		t.Fatal(err)
	}
	adder := make(chan error)
	go func() {
		for i := 0; i < added; {
			switch _, err := packets.Add(k, by); {
			case err == nil:
				i++
			case !errors.Is(err, bpfcompare.ErrAgain):
				adder <- err
				return
			}
		}
		adder <- nil
	}()
	taken := uint64(0)
	for over := false; ; {
		select {
		case err := <-adder:
			if err != nil {
				t.Fatal(err)
			}
			over = true
		default:
		}
		n, err := packets.Swap(k, 0)
		if err != nil && !errors.Is(err, bpfcompare.ErrAgain) {
			t.Fatal(err)
		}
		taken += n
		if over && err == nil {
			break
		}
	}
	if taken != added*by {
		t.Errorf("%d taken, of %d", taken, added*by)
	}
	var c conn
	if err := m.Lookup(k, &c); err != nil || c != (conn{Expires: 100}) {
		t.Error(c, err)
	}
}
