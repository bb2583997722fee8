// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	bpfcompare "example.org/libbpf-compare/go"
)

type value struct {
	Number     uint64
	Generation uint32
	_          [4]byte
}

func mapOf[K, V comparable](t *testing.T, fd int) *bpfcompare.Map[K, V] {
	t.Helper()
	m, err := bpfcompare.NewMap[K, V](fd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { wantError(t, m.Close(), nil) })
	return m
}

func TestMap(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	m := mapOf[uint32, value](t, fd)
	keys, values := make([]uint32, 3), make([]value, 3)
	for i := range keys {
		keys[i], values[i] = uint32(i), value{Number: uint64(i), Generation: 1}
		put(t, fd, keyOf(uint32(i)), valueOf(uint64(i), 1))
	}
	seen := values[1]
	seen.Generation = 2
	wantError(t, m.DeleteIf(1, seen, nil), bpfcompare.ErrMismatch)
	generation := bpfcompare.Options{
		Offset: uint32(unsafe.Offsetof(seen.Generation)),
		Size:   uint32(unsafe.Sizeof(seen.Generation)),
	}
	wantError(t, m.DeleteIf(1, seen, &generation), bpfcompare.ErrMismatch)
	seen = value{Generation: 1}
	wantError(t, m.DeleteIf(1, seen, nil), bpfcompare.ErrMismatch)
	wantError(t, m.DeleteIf(1, seen, &generation), nil)
	wantError(t, m.DeleteIf(1, seen, nil), bpfcompare.ErrNotExist)

	values[2].Number = 7
	results, deleted, err := m.DeleteBatchIf(keys, values, nil)
	if err != nil || deleted != 1 || results[0] != nil || results[1] != bpfcompare.ErrNotExist ||
		results[2] != bpfcompare.ErrMismatch {
		t.Errorf("%v, %d deleted, %v", results, deleted, err)
	}
	_, _, err = m.DeleteBatchIf(keys, values[:2], nil)
	wantError(t, err, syscall.EINVAL)
	results, deleted, err = m.DeleteBatchIf(nil, nil, nil)
	if err != nil || deleted != 0 || len(results) != 0 {
		t.Errorf("no keys: %v, %d deleted, %v", results, deleted, err)
	}
	wantError(t, m.Delete(2), nil)
	wantError(t, m.Delete(2), bpfcompare.ErrNotExist)
}

// foreign is another package's map.
type foreign struct{ fd int }

func (f *foreign) FD() int { return f.fd }

func TestMapOf(t *testing.T) {
	of := &foreign{newMap(t, bpfcompare.Hash, 8)}
	put(t, of.fd, keyOf(1), valueOf(1, 1))
	m, err := bpfcompare.NewMapOf[uint32, value](of)
	if err != nil {
		t.Fatal(err)
	}
	seen := value{Number: 1, Generation: 1}
	wantError(t, m.DeleteIf(1, seen, nil), nil)
	wantError(t, bpfcompare.WithFD(of, func(fd int) error { return bpfcompare.Delete(fd, keyOf(1)) }),
		bpfcompare.ErrNotExist)
	_, err = bpfcompare.NewMapOf[uint64, value](of)
	wantError(t, err, bpfcompare.ErrInvalid)
	_, err = bpfcompare.NewMapOf[uint32, value](&foreign{-1})
	wantError(t, err, syscall.EBADF)
	wantError(t, m.Close(), nil)
}

func refused[K, V comparable](t *testing.T, fd int, why string) {
	t.Helper()
	m, err := bpfcompare.NewMap[K, V](fd)
	if m != nil || err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("got %v, want an error with %q", err, why)
	}
	wantError(t, err, syscall.EINVAL)
}

func TestMapRefusesTypes(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	refused[uint64, value](t, fd, "uint64 has 8 bytes, the map's keys 4")
	refused[uint32, uint64](t, fd, "uint64 has 8 bytes, the map's values 16")
	refused[uint32, struct {
		A *byte
		B uint64
	}](t, fd, "A: C has no ptr of the same layout")
	refused[uint32, string](t, fd, "no string")
	refused[uint32, [2]uintptr](t, fd, "no uintptr")
	refused[uint32, [1]struct{ A struct{ B chan int } }](t, fd, "A: B: C has no chan")
	refused[uint32, struct {
		A uint64
		B uint32
	}](t, fd, "padding at its end")
	refused[uint32, struct {
		A uint32
		B uint64
	}](t, fd, "padding before B")
	mapOf[[4]byte, [16]byte](t, fd)
	if _, err := bpfcompare.NewMap[uint32, value](-1); err == nil {
		t.Error("there is a map behind -1")
	}
}

// The number of the descriptor that a Map was made of becomes another map's, with longer keys.
func TestMapKeepsItsMap(t *testing.T) {
	fd, other := newMap(t, bpfcompare.Hash, 8), newMap(t, bpfcompare.Hash, 8)
	put(t, fd, keyOf(1), valueOf(1, 1))
	put(t, other, keyOf(1), valueOf(1, 1))
	number, err := syscall.Dup(fd)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(number)
	m := mapOf[uint32, value](t, number)
	if err := syscall.Dup3(other, number, 0); err != nil {
		t.Fatal(err)
	}
	wantError(t, m.DeleteIf(1, value{Number: 1, Generation: 1}, nil), nil)
	if has(fd, keyOf(1)) || !has(other, keyOf(1)) {
		t.Error("it was deleted from the other map")
	}
}

func TestMapClose(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	before := openFiles(t)
	m := mapOf[uint32, value](t, fd)
	wantError(t, m.DeleteIf(1, value{}, &bpfcompare.Options{Backend: bpfcompare.SyscallProg}),
		bpfcompare.ErrNotExist)
	if openFiles(t) < before+2 {
		t.Error("it keeps nothing open: this test says nothing")
	}
	wantError(t, m.Close(), nil)
	if after := openFiles(t); after != before {
		t.Errorf("%d files open before, %d after", before, after)
	}
	wantError(t, m.Close(), nil)
	wantError(t, m.Delete(1), os.ErrClosed)
	wantError(t, m.DeleteIf(1, value{}, nil), os.ErrClosed)
	_, _, err := m.DeleteBatchIf(make([]uint32, 1), make([]value, 1), nil)
	wantError(t, err, os.ErrClosed)
}

// Close and calls of many goroutines: what a call has begun on stays open until its end.
func TestMapCloseMeanwhile(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	for round := 0; round < 20; round++ {
		m := mapOf[uint32, value](t, fd)
		var wg sync.WaitGroup
		for g := 0; g < 4; g++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for {
					err := m.Delete(1)
					if errors.Is(err, os.ErrClosed) {
						return
					}
					if err != bpfcompare.ErrNotExist {
						t.Error(err)
						return
					}
				}
			}()
		}
		time.Sleep(time.Millisecond)
		wantError(t, m.Close(), nil)
		wg.Wait()
	}
}

func TestMapForgotten(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	before := openFiles(t)
	for i := 0; i < 10; i++ {
		if _, err := bpfcompare.NewMap[uint32, value](fd); err != nil {
			t.Fatal(err)
		}
	}
	for tries := 0; openFiles(t) > before; tries++ {
		if tries == 100 {
			t.Fatalf("%d files open before, %d after", before, openFiles(t))
		}
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
}
