// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build cbatch && cgo && !purego

package bpfcompare

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"sort"
	"syscall"
	"testing"
	"time"

	"example.org/libbpf-compare/go/internal/bpfmap"
)

// cost is what a call takes: all CPU time of the process, and the time on the wall.
type cost struct{ cpu, wall float64 }

func costOf(t *testing.T, n int, call func() (deleted int)) cost {
	t.Helper()
	cpu := func() int64 {
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			t.Fatal(err)
		}
		return usage.Utime.Nano() + usage.Stime.Nano()
	}
	start, before := time.Now(), cpu()
	deleted := call()
	after, end := cpu(), time.Now()
	if deleted != n {
		t.Fatalf("%d deleted, of %d", deleted, n)
	}
	return cost{float64(after-before) / float64(n), float64(end.Sub(start)) / float64(n)}
}

func spread(of []float64) string {
	sort.Float64s(of)
	return fmt.Sprintf("%.3f (%.3f to %.3f)", of[len(of)/2], of[0], of[len(of)-1])
}

// TestCostAgainstC prints what a batch costs against the same batch in C. It fails for nothing else
// than a wrong count: what a machine is busy with is not known here.
func TestCostAgainstC(t *testing.T) {
	const n, keySize, valueSize, rounds = 1 << 18, 16, 56, 15
	fd, err := bpfmap.Create(bpfmap.Info{Type: uint32(Hash), KeySize: keySize, ValueSize: valueSize,
		MaxEntries: n})
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	defer Release(fd)
	keys, values := make([]byte, n*keySize), make([]byte, n*valueSize)
	for i := 0; i < n; i++ {
		binary.LittleEndian.PutUint64(keys[i*keySize:], uint64(i))
		binary.LittleEndian.PutUint64(values[i*valueSize:], uint64(i))
	}
	c := newCBatch(fd, n, keys, values)
	defer c.free()
	inGo := func() (deleted int) {
		_, deleted, err := DeleteBatchIf(fd, keys, values, &Options{Backend: SyscallProg})
		if err != nil {
			t.Error(err)
		}
		return deleted
	}

	var cpu, wall, nsGo, nsC []float64
	for round := 0; round < rounds; round++ {
		var costs [2]cost // of Go, of C
		for turn := 0; turn < 2; turn++ {
			if err := bpfmap.UpdateBatch(fd, n, keys, values); err != nil {
				t.Fatal(err)
			}
			runtime.GC() // of what went before
			which := (round + turn) % 2
			costs[which] = costOf(t, n, []func() int{inGo, c.run}[which])
		}
		cpu = append(cpu, costs[0].cpu/costs[1].cpu)
		wall = append(wall, costs[0].wall/costs[1].wall)
		nsGo, nsC = append(nsGo, costs[0].cpu), append(nsC, costs[1].cpu)
	}
	fmt.Printf("a batch of %d in Go against C, median of %d rounds (least to most): CPU time %s, wall %s\n",
		n, rounds, spread(cpu), spread(wall))
	fmt.Printf("ns of CPU time an entry: Go %s, C %s\n", spread(nsGo), spread(nsC))
}
