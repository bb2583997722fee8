// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log"
	"syscall"
	"unsafe"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
)

// flow is the value of a map of flows.
type flow struct {
	Packets uint64
	Expires uint32
	Flags   uint32
}

func (f flow) bytes() []byte {
	b := binary.LittleEndian.AppendUint64(nil, f.Packets)
	b = binary.LittleEndian.AppendUint32(b, f.Expires)
	return binary.LittleEndian.AppendUint32(b, f.Flags)
}

// expires is the word that a collector compares, of the whole values that it read.
var expires = &bpfcompare.Options{
	Offset: uint32(unsafe.Offsetof(flow{}.Expires)),
	Size:   uint32(unsafe.Sizeof(flow{}.Expires)),
	Whole:  true,
}

// openFlows gives a map with flows 1 to n, which expire at 200. With github.com/cilium/ebpf its
// descriptor would be m.FD().
func openFlows(n uint32) (fd int) {
	fd, err := bpfmap.Create(bpfmap.Info{Type: uint32(bpfcompare.Hash), KeySize: 4, ValueSize: 16,
		MaxEntries: n})
	for key := uint32(1); err == nil && key <= n; key++ {
		err = bpfmap.Update(fd, keyOf(key), flow{Packets: 3, Expires: 200}.bytes())
	}
	if err != nil {
		log.Fatal(err)
	}
	return fd
}

func closeFlows(fd int) {
	bpfcompare.Release(fd) // what is kept for the map would keep it
	syscall.Close(fd)
}

// A collector saw a flow that would expire at 100. It was refreshed meanwhile, and is to stay.
func ExampleDeleteIf() {
	fd := openFlows(1)
	defer closeFlows(fd)

	for _, seen := range []flow{{Expires: 100}, {Expires: 200}} {
		err := bpfcompare.DeleteIf(fd, keyOf(1), seen.bytes(), expires)
		switch {
		case err == nil:
			fmt.Println("deleted")
		case errors.Is(err, bpfcompare.ErrMismatch):
			fmt.Println("changed meanwhile, left alone")
		default:
			fmt.Println(err)
		}
	}
	// Output:
	// changed meanwhile, left alone
	// deleted
}

// Keys and values as a batched look-up gave them are handed on as they are.
func ExampleDeleteBatchIf() {
	fd := openFlows(2)
	defer closeFlows(fd)

	keys := append(append(keyOf(1), keyOf(2)...), keyOf(3)...)
	var seen []byte
	for _, f := range []flow{{Expires: 200}, {Expires: 100}, {Expires: 200}} {
		seen = append(seen, f.bytes()...)
	}
	results, deleted, err := bpfcompare.DeleteBatchIf(fd, keys, seen, expires)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(deleted, "deleted")
	for i, err := range results {
		fmt.Println(i, err)
	}
	// Output:
	// 1 deleted
	// 0 <nil>
	// 1 the value differs
	// 2 no such key
}

func ExampleMap() {
	fd := openFlows(1)
	defer closeFlows(fd)

	flows, err := bpfcompare.NewMap[uint32, flow](fd)
	if err != nil {
		log.Fatal(err)
	}
	defer flows.Close()
	fmt.Println(flows.DeleteIf(1, flow{Packets: 2, Expires: 200}, nil)) // all of the value counts
	fmt.Println(flows.DeleteIf(1, flow{Packets: 2, Expires: 200}, expires))
	// Output:
	// the value differs
	// <nil>
}

func ExampleProbe() {
	err := bpfcompare.Probe(bpfcompare.LRUHash, bpfcompare.Auto)
	switch {
	case err == nil:
		fmt.Println("yes")
	case errors.Is(err, bpfcompare.ErrNotSupported):
		fmt.Println("no")
	default:
		fmt.Println("could not be told:", err)
	}
	// Output: yes
}
