// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"
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

// A flow's lifetime is cut unless it was refreshed since it was read.
func ExampleMap_UpdateIf() {
	fd := openFlows(2)
	defer closeFlows(fd)
	flows, err := bpfcompare.NewMap[uint32, flow](fd)
	if err != nil {
		log.Fatal(err)
	}
	defer flows.Close()

	for key, seen := range map[uint32]flow{1: {Expires: 200}, 2: {Expires: 100}} {
		next := seen
		next.Expires = 50
		if err := flows.UpdateIf(key, seen, next, expires); err != nil {
			fmt.Println(key, err)
		}
	}
	// Output: 2 the value differs
}

// One bit is set, and all that the datapath writes beside it stays.
func ExampleWord_ApplyIf() {
	fd := openFlows(2)
	defer closeFlows(fd)
	flows, err := bpfcompare.NewMap[uint32, flow](fd)
	if err != nil {
		log.Fatal(err)
	}
	defer flows.Close()
	flags, err := bpfcompare.NewWord[uint32](flows, "Flags", nil)
	if err != nil {
		log.Fatal(err)
	}

	const closing = 0x10
	fmt.Println(flags.Apply(1, bpfcompare.OpOr, closing|1))
	fmt.Println(flags.ApplyIf(1, flow{Expires: 200}, bpfcompare.OpXor, closing, expires))
	fmt.Println(flags.ApplyIf(1, flow{Expires: 100}, bpfcompare.OpXor, closing, expires))
	fmt.Println(flags.Add(1, 0)) // reads it
	// Output:
	// 0 <nil>
	// 17 <nil>
	// 0 the value differs
	// 1 <nil>
}

// Counters are read and cleared. What a BPF program adds by an atomic operation is in this round's numbers or in
// the next one's: nothing is lost, and nothing counted twice. The slices serve round after round.
func ExampleWord_SwapBatch() {
	fd := openFlows(3) // of which each has 3 packets
	defer closeFlows(fd)
	flows, err := bpfcompare.NewMap[uint32, flow](fd)
	if err != nil {
		log.Fatal(err)
	}
	defer flows.Close()
	packets, err := bpfcompare.NewWord[uint64](flows, "Packets", nil)
	if err != nil {
		log.Fatal(err)
	}

	keys := []uint32{1, 2, 3, 4} // as a look-up gave them; since then flow 4 has ended
	zeros, counts := make([]uint64, len(keys)), make([]uint64, len(keys))
	results := make([]error, len(keys))
	for round := 1; round <= 2; round++ {
		if _, err := packets.SwapBatch(keys, zeros, counts, results); err != nil {
			log.Fatal(err)
		}
		total := uint64(0)
		for i, err := range results {
			switch {
			case err == nil:
				total += counts[i]
			case errors.Is(err, bpfcompare.ErrNotExist):
				fmt.Println("flow", keys[i], "has ended")
			case errors.Is(err, bpfcompare.ErrAgain):
				// What is there is taken in the next round.
			default:
				log.Fatal(err)
			}
		}
		fmt.Println(total, "packets")
		packets.Add(2, 5) // as a datapath would
	}
	// Output:
	// flow 4 has ended
	// 9 packets
	// flow 4 has ended
	// 5 packets
}

// What has expired goes, and what is flagged and has few packets: all inside the kernel.
func ExampleMap_Sweep() {
	fd := openFlows(10)
	defer closeFlows(fd)
	put := func(key uint32, f flow) {
		if err := bpfmap.Update(fd, keyOf(key), f.bytes()); err != nil {
			log.Fatal(err)
		}
	}
	put(4, flow{Packets: 7, Expires: 100})
	put(5, flow{Packets: 1, Expires: 200, Flags: 0x13})

	flows, err := bpfcompare.NewMap[uint32, flow](fd)
	if err != nil {
		log.Fatal(err)
	}
	defer flows.Close()
	const now, closing = 150, 0x10
	swept, err := flows.Sweep(&bpfcompare.SweepOptions{Where: bpfcompare.Where{
		{{Field: "Expires", Op: bpfcompare.Before, Operand: now}},
		{{Field: "Flags", Mask: closing, Op: bpfcompare.NE, Operand: 0},
			{Field: "Packets", Op: bpfcompare.LT, Operand: 2}},
	}})
	fmt.Printf("%+v %v\n", swept, err)
	// Output: {Scanned:10 Matched:2 Deleted:2 Changed:0} <nil>
}

// A sweep that ends when the program is told to, or takes too long. The next one sees the rest.
func ExampleMap_SweepContext() {
	fd := openFlows(10)
	defer closeFlows(fd)
	flows, err := bpfcompare.NewMap[uint32, flow](fd)
	if err != nil {
		log.Fatal(err)
	}
	defer flows.Close()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	swept, err := flows.SweepContext(ctx, &bpfcompare.SweepOptions{All: true})
	if errors.Is(err, context.DeadlineExceeded) {
		fmt.Println("not all of it:", err)
	}
	fmt.Println(swept.Deleted, "deleted")
	// Output: 10 deleted
}

// The last values of what is deleted come out, so many at a time.
func ExampleMap_Sweeper() {
	fd := openFlows(10)
	defer closeFlows(fd)
	flows, err := bpfcompare.NewMap[uint32, flow](fd)
	if err != nil {
		log.Fatal(err)
	}
	defer flows.Close()

	sweeper, err := flows.Sweeper(&bpfcompare.SweepOptions{Where: bpfcompare.Where{
		{{Field: "Expires", Op: bpfcompare.LE, Operand: 200},
			{Key: true, Op: bpfcompare.GT, Operand: 3}},
	}})
	if err != nil {
		log.Fatal(err)
	}
	keys, values, packets := make([]uint32, 4), make([]flow, 4), uint64(0)
	for {
		n, err := sweeper.Next(keys, values)
		for _, f := range values[:n] {
			packets += f.Packets
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(n, "deleted")
	}
	fmt.Println(packets, "packets")
	// Output:
	// 4 deleted
	// 3 deleted
	// 21 packets
}

// address is a key of a map of connections, and of one of the mappings that translate their addresses.
type address struct {
	IP   [4]byte
	Port uint16
	_    uint16
}

// mapping is the value of a map of mappings.
type mapping struct {
	IP   [4]byte
	Port uint16
	_    uint16
}

// openNAT gives a map of connections from ports 1 to n, which expire at 200, and one of their mappings to
// ports 1001 to 1000 + n.
func openNAT(n uint16) (conns *bpfcompare.Map[address, flow], mappings *bpfcompare.Map[address, mapping], done func()) {
	connsFD, err := bpfmap.Create(bpfmap.Info{Type: uint32(bpfcompare.LRUHash), KeySize: 8, ValueSize: 16,
		MaxEntries: 64})
	if err != nil {
		log.Fatal(err)
	}
	mappingsFD, err := bpfmap.Create(bpfmap.Info{Type: uint32(bpfcompare.LRUHash), KeySize: 8, ValueSize: 8,
		MaxEntries: 64})
	for port := uint16(1); err == nil && port <= n; port++ {
		if err = bpfmap.Update(connsFD, addressOf(port), flow{Packets: 3, Expires: 200}.bytes()); err == nil {
			err = bpfmap.Update(mappingsFD, addressOf(port), addressOf(1000+port))
		}
	}
	if err == nil {
		conns, err = bpfcompare.NewMap[address, flow](connsFD)
	}
	if err == nil {
		mappings, err = bpfcompare.NewMap[address, mapping](mappingsFD)
	}
	if err != nil {
		log.Fatal(err)
	}
	syscall.Close(connsFD) // the Map has its own
	syscall.Close(mappingsFD)
	return conns, mappings, func() { conns.Close(); mappings.Close() }
}

func addressOf(port uint16) []byte {
	return append(binary.LittleEndian.AppendUint16([]byte{10, 0, 0, 1}, port), 0, 0)
}

func local(port uint16) address { return address{IP: [4]byte{10, 0, 0, 1}, Port: port} }

// A connection goes only together with its mapping. One of these was refreshed meanwhile, and keeps its
// mapping, which nobody wrote to; and one has none.
func ExampleMap_DeleteLinkedIf() {
	conns, mappings, done := openNAT(3)
	defer done()
	if err := mappings.Delete(local(3)); err != nil {
		log.Fatal(err)
	}

	expired := []address{local(1), local(2), local(3)}
	seen := []flow{{Expires: 200}, {Expires: 100}, {Expires: 200}}
	deleted := make([]flow, len(expired))
	opts := *expires
	opts.Values = conns.Bytes(deleted)
	theirs := mappings.Linked(expired, nil)
	theirs.Any = true
	results, linkedResults, n, err := conns.DeleteLinkedIf(expired, seen, &opts, theirs)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n, "deleted")
	for i := range results {
		fmt.Printf("port %d: %v; mapping: %v\n", expired[i].Port, results[i], linkedResults[i])
		if results[i] == nil {
			fmt.Println(deleted[i].Packets, "packets")
		}
	}
	// Output:
	// 2 deleted
	// port 1: <nil>; mapping: <nil>
	// 3 packets
	// port 2: the value differs; mapping: not looked at
	// port 3: <nil>; mapping: no such key
	// 3 packets
}

// A mapping goes if its connection is gone.
func ExampleMap_Linked() {
	conns, mappings, done := openNAT(2)
	defer done()
	if err := conns.Delete(local(1)); err != nil {
		log.Fatal(err)
	}

	keys := []address{local(1), local(2)}
	seen := []mapping{{IP: local(1).IP, Port: 1001}, {IP: local(2).IP, Port: 1002}}
	owners := conns.Linked(keys, nil)
	owners.Fate = bpfcompare.LinkedAbsent
	results, linkedResults, _, err := mappings.DeleteLinkedIf(keys, seen, nil, owners)
	if err != nil {
		log.Fatal(err)
	}
	for i := range results {
		fmt.Printf("port %d: %v; connection: %v\n", keys[i].Port, results[i], linkedResults[i])
	}
	// Output:
	// port 1: <nil>; connection: no such key
	// port 2: the value differs; connection: the value differs
}

// Forward and reverse entry of a connection are in one map.
func ExampleDeleteLinkedIf() {
	fd := openFlows(2)
	defer closeFlows(fd)

	seen := flow{Expires: 200}.bytes()
	results, linkedResults, deleted, err := bpfcompare.DeleteLinkedIf(fd, keyOf(1), seen, expires,
		&bpfcompare.Linked{FD: fd, Keys: keyOf(2), Seen: seen, Options: expires})
	fmt.Println(results, linkedResults, deleted, err)
	// Output: [<nil>] [<nil>] 1 <nil>
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
