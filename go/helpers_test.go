// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"encoding/binary"
	"os"
	"syscall"
	"testing"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
)

const (
	keySize   = 4
	valueSize = 16
)

func newMap(t testing.TB, mapType bpfcompare.MapType, maxEntries uint32) (fd int) {
	t.Helper()
	fd, err := bpfmap.Create(bpfmap.Info{Type: uint32(mapType), KeySize: keySize, ValueSize: valueSize,
		MaxEntries: maxEntries})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bpfcompare.Release(fd); err != nil {
			t.Error(err)
		}
		syscall.Close(fd)
	})
	return fd
}

func keyOf(n uint32) []byte {
	return binary.LittleEndian.AppendUint32(nil, n)
}

// valueOf makes a value: its first half says n, its other half generation.
func valueOf(n, generation uint64) []byte {
	value := binary.LittleEndian.AppendUint64(nil, n)
	return binary.LittleEndian.AppendUint64(value, generation)
}

func put(t testing.TB, fd int, key, value []byte) {
	t.Helper()
	if err := bpfmap.Update(fd, key, value); err != nil {
		t.Fatal(err)
	}
}

// fill writes n entries, and gives their keys and values.
func fill(t testing.TB, fd, n int) (keys, values []byte) {
	t.Helper()
	for i := 0; i < n; i++ {
		key, value := keyOf(uint32(i)), valueOf(uint64(i), 1)
		put(t, fd, key, value)
		keys, values = append(keys, key...), append(values, value...)
	}
	return keys, values
}

func has(fd int, key []byte) bool {
	return bpfmap.Lookup(fd, key, make([]byte, valueSize)) == nil
}

func openFiles(t testing.TB) int {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(fds)
}

// atEnd copies bytes to where a read past them ends in a fault.
func atEnd(t testing.TB, b []byte) []byte {
	t.Helper()
	page := syscall.Getpagesize()
	pages := len(b)/page + 2
	memory, err := syscall.Mmap(-1, 0, pages*page, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(memory) })
	end := (pages - 1) * page
	if err := syscall.Mprotect(memory[end:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	copy(memory[end-len(b):end], b)
	return memory[end-len(b) : end : end]
}
