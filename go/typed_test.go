// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"strings"
	"syscall"
	"testing"
	"unsafe"

	bpfcompare "example.org/libbpf-compare/go"
)

type value struct {
	Number     uint64
	Generation uint32
	_          [4]byte
}

func TestMap(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	m, err := bpfcompare.NewMap[uint32, value](fd)
	if err != nil {
		t.Fatal(err)
	}
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
	if _, err := bpfcompare.NewMap[[4]byte, [16]byte](fd); err != nil {
		t.Error(err)
	}
	if _, err := bpfcompare.NewMap[uint32, value](-1); err == nil {
		t.Error("there is a map behind -1")
	}
}
