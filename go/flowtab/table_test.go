// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package flowtab_test

import (
	"errors"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"example.org/libbpf-compare/go/flowtab"
	"example.org/libbpf-compare/go/internal/bpfmap"
)

// As selftests/flowtab/shapes.h has them.
type key [16]byte

type flow struct {
	Packets uint64
	Stamps  [6]uint64
}

func keyOf(number uint32) (k key) {
	for i := range k {
		k[i] = byte(number>>(i%4*8)) ^ byte(i*37)
	}
	return k
}

func second(number uint32) key { return keyOf(number + 1000000) }

func flowOf(number uint32) (f flow) {
	f.Packets = uint64(byte(number)) * 0x0101010101010101
	for i := range f.Stamps {
		f.Stamps[i] = f.Packets
	}
	return f
}

// pinned is a table that selftests/flowtab/fill has left behind for this test alone: of FLOWTAB_COUNT entries, of classes 0
// to 2 in turn, ten seconds old.
func pinned(t testing.TB) (table *flowtab.Table[key, flow], count uint32) {
	t.Helper()
	path := os.Getenv("FLOWTAB_PIN")
	if path == "" {
		t.Skip("FLOWTAB_PIN names no table: selftests/flowtab/test_flowtab_go.sh makes one")
	}
	table, err := flowtab.OpenPinned[key, flow](path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { table.Close() })
	n, err := strconv.Atoi(os.Getenv("FLOWTAB_COUNT"))
	if err != nil {
		t.Fatal(err)
	}
	return table, uint32(n)
}

func want(t *testing.T, err, expected error, what string) {
	t.Helper()
	if !errors.Is(err, expected) {
		t.Errorf("%s: %v, want %v", what, err, expected)
	}
}

func TestEntries(t *testing.T) {
	table, count := pinned(t)
	pairs := table.Info().Keys == 2
	for n := uint32(0); n < count; n++ {
		value, seen, err := table.Lookup(keyOf(n))
		if err != nil || value != flowOf(n) || seen.Class() != int(n%3) {
			t.Fatalf("entry %d: %v, class %d: %v", n, value, seen.Class(), err)
		}
		if !pairs {
			continue
		}
		if _, bySecond, err := table.Lookup(second(n)); err != nil || bySecond != seen {
			t.Fatalf("entry %d by its second key: %v", n, err)
		}
	}
	met := map[key]bool{}
	err := table.Each(func(e flowtab.Entry[key, flow]) bool {
		met[e.Key] = true
		if pairs && e.Second == (key{}) {
			t.Error("no second key")
		}
		return true
	})
	if err != nil || len(met) != int(count) {
		t.Fatalf("%d entries: %v", len(met), err)
	}

	_, seen, _ := table.Lookup(keyOf(0))
	want(t, table.DeleteSeen(seen), nil, "as it was seen")
	want(t, table.DeleteSeen(seen), flowtab.ErrChanged, "again")
	want(t, table.DeleteSeen(flowtab.Seen{}), flowtab.ErrChanged, "never seen")
	_, _, err = table.Lookup(keyOf(0))
	want(t, err, flowtab.ErrNotExist, "it is gone")
	want(t, err, os.ErrNotExist, "it is gone")
	last := keyOf(1)
	if pairs {
		last = second(1)
	}
	want(t, table.Delete(last), nil, "by key")
	want(t, table.Delete(keyOf(1)), flowtab.ErrNotExist, "again")

	opts := &flowtab.SweepOptions[key, flow]{Timeouts: []time.Duration{time.Second, flowtab.Never, time.Minute}}
	opts.Keep = func(e flowtab.Entry[key, flow]) bool { return e.Value == flowOf(3) }
	swept, err := table.Sweep(opts)
	kept := swept.TimedOut - swept.Deleted
	if err != nil || swept.Live != int(count)-2 || swept.Deleted == 0 || kept == 0 || swept.Changed != 0 ||
		swept.Scanned != table.Info().Slots || swept.Cursor != 0 {
		t.Errorf("%+v: %v", swept, err)
	}
	for n := uint32(0); n < count; n++ {
		_, _, err := table.Lookup(keyOf(n))
		if gone := n == 1 || n%3 == 0 && flowOf(n) != flowOf(3); gone != (err != nil) {
			t.Errorf("entry %d: %v", n, err)
		}
	}
	opts.Cursor = table.Info().Slots
	_, err = table.Sweep(opts)
	want(t, err, syscall.EINVAL, "a cursor behind the last slot")
}

// Entries are deleted by one of many goroutines each, in steps.
func TestSweepTogether(t *testing.T) {
	table, _ := pinned(t)
	var deleted, before int64
	_ = table.Each(func(flowtab.Entry[key, flow]) bool { before++; return true })
	var all sync.WaitGroup
	for i := 0; i < 8; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			opts := &flowtab.SweepOptions[key, flow]{Timeouts: make([]time.Duration, flowtab.Classes), Slots: 77}
			for again := true; again; again = opts.Cursor != 0 {
				swept, err := table.Sweep(opts)
				if err != nil || swept.Scanned > 77 {
					t.Errorf("%+v: %v", swept, err)
					return
				}
				atomic.AddInt64(&deleted, int64(swept.Deleted))
				opts.Cursor = swept.Cursor
			}
		}()
	}
	all.Wait()
	if before == 0 || deleted != before {
		t.Errorf("%d entries were deleted %d times", before, deleted)
	}
	table.Close()
	_, _, err := table.Lookup(keyOf(5))
	want(t, err, os.ErrClosed, "closed")
	_, err = table.Sweep(&flowtab.SweepOptions[key, flow]{})
	want(t, err, os.ErrClosed, "closed")
	want(t, table.Close(), nil, "close again")
}

func TestOpen(t *testing.T) {
	_, err := flowtab.OpenPinned[key, flow]("/nowhere")
	want(t, err, os.ErrNotExist, "no such path")
	_, err = flowtab.Open[key, flow](-1)
	want(t, err, syscall.EBADF, "no descriptor")
	_, err = flowtab.Open[struct {
		A uint8
		B uint32
	}, flow](0)
	want(t, err, syscall.EINVAL, "padding in a key")
	fd, err := bpfmap.Create(bpfmap.Info{Type: 1, KeySize: 4, ValueSize: 4, MaxEntries: 1})
	if err != nil {
		t.Skip("no map without CAP_BPF: run this as root")
	}
	defer syscall.Close(fd)
	_, err = flowtab.Open[key, flow](fd)
	want(t, err, flowtab.ErrNoTable, "a hash map")
}

func TestShape(t *testing.T) {
	table, _ := pinned(t)
	_, err := flowtab.OpenPinned[key, flow](os.Getenv("FLOWTAB_PIN"))
	want(t, err, syscall.EEXIST, "open already")
	table.Close()
	_, err = flowtab.OpenPinned[[8]byte, flow](os.Getenv("FLOWTAB_PIN"))
	want(t, err, flowtab.ErrNoTable, "keys of another size")
}

func BenchmarkLookup(b *testing.B) {
	table, _ := pinned(b)
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		_, _, _ = table.Lookup(keyOf(uint32(i % 1000)))
	}
}

func BenchmarkSweep(b *testing.B) {
	table, _ := pinned(b)
	b.ReportAllocs()
	began := time.Now()
	for i := 0; i < b.N; i++ {
		_, _ = table.Sweep(&flowtab.SweepOptions[key, flow]{})
	}
	b.ReportMetric(float64(time.Since(began).Nanoseconds())/float64(b.N*table.Info().Slots), "ns/slot")
}
