// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"bytes"
	"errors"
	"syscall"
	"testing"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
	"example.org/libbpf-compare/go/internal/meddle"
)

// Before each system call in turn the descriptor becomes that of a map with longer keys and values. Who
// read as many bytes then would fault, as the slices end where memory does.
func TestSwapped(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	other, err := bpfmap.Create(bpfmap.Info{Type: uint32(bpfcompare.Hash), KeySize: 256, ValueSize: 4096,
		MaxEntries: 8})
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(other)
	defer bpfcompare.Release(other)
	key, value := atEnd(t, keyOf(1)), atEnd(t, valueOf(1, 1))
	region := &bpfcompare.Options{Offset: 8, Size: 8}
	another := atEnd(t, valueOf(1, 2))
	inPlace := func() *bpfcompare.InPlace {
		return &bpfcompare.InPlace{Offset: 8, Size: 8, If: &bpfcompare.Options{}, Seen: value,
			Old: atEnd(t, make([]byte, 8))}
	}
	batch := func(results []error, _ int, err error) error {
		if err == nil {
			err = results[0]
		}
		return err
	}
	for _, c := range []struct {
		name string
		call func(fd int) error
	}{
		{"Delete", func(fd int) error { return bpfcompare.Delete(fd, key) }},
		{"DeleteIf", func(fd int) error { return bpfcompare.DeleteIf(fd, key, value, nil) }},
		{"DeleteIf, region", func(fd int) error { return bpfcompare.DeleteIf(fd, key, value[8:], region) }},
		{"DeleteBatchIf", func(fd int) error { return batch(bpfcompare.DeleteBatchIf(fd, key, value, nil)) }},
		{"DeleteBatchIf, region", func(fd int) error {
			return batch(bpfcompare.DeleteBatchIf(fd, key, value[8:], region))
		}},
		{"Sweep", func(fd int) error {
			_, err := bpfcompare.Sweep(fd, &bpfcompare.SweepOptions{Where: where(condition{Size: 8, Operand: 1})})
			return err
		}},
		{"Sweeper, keys and values", func(fd int) error {
			s, err := bpfcompare.NewSweeper(fd, &bpfcompare.SweepOptions{All: true})
			if err == nil {
				_, err = s.Next(atEnd(t, make([]byte, keySize)), atEnd(t, make([]byte, valueSize)))
			}
			return err
		}},
		{"Update", func(fd int) error { return bpfcompare.Update(fd, key, another, bpfcompare.UpdateExist) }},
		{"UpdateIf", func(fd int) error {
			opts := &bpfcompare.Options{Values: atEnd(t, make([]byte, valueSize))}
			return bpfcompare.UpdateIf(fd, key, value, another, opts)
		}},
		{"UpdateIf, region", func(fd int) error {
			return bpfcompare.UpdateIf(fd, key, value[8:], another, region)
		}},
		{"UpdateBatch", func(fd int) error {
			return batch(bpfcompare.UpdateBatch(fd, key, another, bpfcompare.UpdateAny))
		}},
		{"UpdateBatchIf", func(fd int) error {
			return batch(bpfcompare.UpdateBatchIf(fd, key, value, another, nil))
		}},
		{"UpdateInPlace", func(fd int) error { return bpfcompare.UpdateInPlace(fd, key, another[8:], inPlace()) }},
		{"UpdateBatchInPlace", func(fd int) error {
			return batch(bpfcompare.UpdateBatchInPlace(fd, key, another[8:], inPlace()))
		}},
	} {
		t.Run(c.name, func(t *testing.T) { swap(t, fd, other, key, value, c.call, fd) })
	}

	linkedFD := newMap(t, bpfcompare.Hash, 8)
	link := func(fd, linkedFD int) error {
		opts := &bpfcompare.Options{Values: atEnd(t, make([]byte, valueSize))}
		results, _, deleted, err := bpfcompare.DeleteLinkedIf(fd, key, value, opts,
			&bpfcompare.Linked{FD: linkedFD, Keys: key, Seen: value[8:], Options: region})
		return batch(results, deleted, err)
	}
	t.Run("DeleteLinkedIf", func(t *testing.T) {
		swap(t, fd, other, key, value, func(fd int) error { return link(fd, linkedFD) }, fd, linkedFD)
	})
	t.Run("DeleteLinkedIf, linked map", func(t *testing.T) {
		swap(t, linkedFD, other, key, value, func(linkedFD int) error { return link(fd, linkedFD) }, fd, linkedFD)
	})
}

// swap calls with a duplicate of fd, which becomes other before a system call. in are the maps that the
// call deletes the key from, or writes to.
func swap(t *testing.T, fd, other int, key, value []byte, call func(fd int) error, in ...int) {
	done := 0
	for n, met := uint(0), true; met; n++ {
		for _, fd := range in {
			put(t, fd, key, value)
		}
		number, err := syscall.Dup(fd)
		if err != nil {
			t.Fatal(err)
		}
		meddle.Swap(n, number, other)
		err = call(number)
		met = meddle.Done()
		syscall.Close(number)
		if err == nil {
			done++
		} else if !errors.Is(err, syscall.EINVAL) {
			t.Errorf("swapped before call %d: %v", n, err)
		}
		for _, fd := range in {
			now := make([]byte, valueSize)
			untouched := bpfmap.Lookup(fd, key, now) == nil && bytes.Equal(now, value)
			if untouched != (err != nil) {
				t.Errorf("swapped before call %d: %v, and the entry is untouched: %v", n, err, untouched)
			}
		}
	}
	if done < 2 {
		t.Errorf("done %d times: it was swapped in no call", done)
	}
}
