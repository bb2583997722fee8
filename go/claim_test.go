// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"errors"
	"math"
	"syscall"
	"testing"
	"unsafe"

	bpfcompare "example.org/libbpf-compare/go"
)

// wordOf is a claim as a number.
func wordOf(claim []byte) uint64 {
	if len(claim) == 4 {
		return uint64(*(*uint32)(unsafe.Pointer(&claim[0])))
	}
	return *(*uint64)(unsafe.Pointer(&claim[0]))
}

func TestTakeClaim(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 16)
	first := uint64(math.MaxUint64 - 1)
	one, held, err := bpfcompare.TakeClaim(fd, first, math.MaxUint64, 8)
	if err != nil || wordOf(one) != first {
		t.Fatal(one, err)
	}
	other, heldToo, err := bpfcompare.TakeClaim(fd, first, math.MaxUint64, 8)
	if err != nil || wordOf(other) != math.MaxUint64 {
		t.Fatal(other, err)
	}
	if _, _, err := bpfcompare.TakeClaim(fd, first, math.MaxUint64, 8); err != bpfcompare.ErrTaken || !errors.Is(err, syscall.EBUSY) {
		t.Error("both are taken, and the third answers", err)
	}
	if err := held.Close(); err != nil {
		t.Error(err)
	}
	if err := held.Close(); !errors.Is(err, syscall.EBADF) {
		t.Error("closed twice:", err)
	}
	again, held, err := bpfcompare.TakeClaim(fd, first, math.MaxUint64, 8)
	if err != nil || wordOf(again) != first {
		t.Error(again, err)
	}
	held.Close()
	heldToo.Close()
	half, held, err := bpfcompare.TakeClaim(fd, 7, 8, 4)
	if err != nil || wordOf(half) != 7 {
		t.Fatal(half, err)
	}
	held.Close()
	for _, size := range []int{-1, 0, 2, 16} {
		if _, _, err := bpfcompare.TakeClaim(fd, 7, 8, size); !errors.Is(err, bpfcompare.ErrInvalid) {
			t.Error(size, err)
		}
	}
	var why *bpfcompare.Error
	if _, _, err := bpfcompare.TakeClaim(fd, 8, 7, 8); !errors.As(err, &why) || why.Reason == "" {
		t.Error("a reversed range:", err)
	}
	if _, _, err := bpfcompare.TakeClaim(-1, 7, 8, 8); !errors.Is(err, syscall.EBADF) {
		t.Error("no file:", err)
	}
}
