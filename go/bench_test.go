// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"context"
	"encoding/binary"
	"syscall"
	"testing"
	"time"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
)

// large is a map of 2^18 entries, such as a connection tracker's, and all of its keys and values.
func large(b *testing.B, mapType bpfcompare.MapType) (fd, n int, keys, values []byte) {
	const count, keySize, valueSize = 1 << 18, 16, 56
	fd, err := bpfmap.Create(bpfmap.Info{Type: uint32(mapType), KeySize: keySize, ValueSize: valueSize,
		MaxEntries: count})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		bpfcompare.Release(fd)
		syscall.Close(fd)
	})
	keys, values = make([]byte, count*keySize), make([]byte, count*valueSize)
	for i := 0; i < count; i++ {
		binary.LittleEndian.PutUint64(keys[i*keySize:], uint64(i))
		binary.LittleEndian.PutUint64(values[i*valueSize:], uint64(i)+1<<32)
	}
	return fd, count, keys, values
}

// cpuTime is what the process has used.
func cpuTime(b *testing.B) int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func benchmarkDeleteBatch(ctx context.Context, b *testing.B, opts *bpfcompare.Options) {
	fd, n, keys, values := large(b, bpfcompare.Hash)
	var took time.Duration
	var cpu int64
	once := func() {
		b.StopTimer()
		if err := bpfmap.UpdateBatch(fd, n, keys, values); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		start, before := time.Now(), cpuTime(b)
		if _, deleted, err := bpfcompare.DeleteBatchIfContext(ctx, fd, keys, values, opts); deleted != n || err != nil {
			b.Fatal(deleted, err)
		}
		took += time.Since(start)
		cpu += cpuTime(b) - before
	}
	once() // what is loaded only once
	b.ReportAllocs()
	b.ResetTimer()
	took, cpu = 0, 0
	for i := 0; i < b.N; i++ {
		once()
	}
	b.ReportMetric(float64(took.Nanoseconds())/float64(b.N*n), "ns/key")
	b.ReportMetric(float64(cpu)/float64(b.N*n), "cpu-ns/key")
}

func BenchmarkDeleteBatch(b *testing.B) {
	benchmarkDeleteBatch(context.Background(), b, &bpfcompare.Options{Backend: bpfcompare.SyscallProg})
}

func BenchmarkDeleteBatchClaim(b *testing.B) {
	benchmarkDeleteBatch(context.Background(), b, &bpfcompare.Options{Claim: []byte{9, 0, 0, 0, 0, 0, 0, 0},
		Backend: bpfcompare.SyscallProg})
}

func BenchmarkDeleteBatchContext(b *testing.B) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	benchmarkDeleteBatch(ctx, b, &bpfcompare.Options{Backend: bpfcompare.SyscallProg})
}
