// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"io"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	bpfcompare "example.org/libbpf-compare/go"
)

// What cgo refuses is memory with pointers to Go's memory. Bytes have none, whatever lies beside.
func TestBytesBesidePointers(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	entry := &struct {
		next  *int
		key   [keySize]byte
		value [valueSize]byte
		claim [8]byte
	}{next: new(int), claim: [8]byte{9}}
	put(t, fd, entry.key[:], entry.value[:])
	opts := &bpfcompare.Options{Claim: entry.claim[:]}
	wantError(t, bpfcompare.DeleteIf(fd, entry.key[:], entry.value[:], opts), nil)
	put(t, fd, entry.key[:], entry.value[:])
	wantError(t, bpfcompare.Delete(fd, entry.key[:]), nil)
	_, _, err := bpfcompare.DeleteBatchIf(fd, entry.key[:], entry.value[:], opts)
	wantError(t, err, nil)
}

// Many goroutines delete the same entries, each of which only one can have deleted.
func TestGoroutines(t *testing.T) {
	const n, goroutines = 4096, 32
	fd := newMap(t, bpfcompare.Hash, n)
	keys, seen := fill(t, fd, n)
	var deleted int64
	var wg sync.WaitGroup
	for g := 0; g < goroutines; g++ {
		wg.Add(1)
		go func(g int) {
			defer wg.Done()
			var sum int
			if g%2 == 0 {
				for i := 0; i < n; i += 512 {
					at := (i + g*512) % n
					_, some, err := bpfcompare.DeleteBatchIf(fd, keys[at*keySize:(at+512)*keySize],
						seen[at*valueSize:(at+512)*valueSize], nil)
					if err != nil {
						t.Error(err)
					}
					sum += some
				}
			} else {
				for i := 0; i < n; i += 8 {
					at := (i + g) % n
					switch err := bpfcompare.DeleteIf(fd, keys[at*keySize:(at+1)*keySize],
						seen[at*valueSize:(at+1)*valueSize], nil); err {
					case nil:
						sum++
					case bpfcompare.ErrNotExist, bpfcompare.ErrAgain:
					default:
						t.Error(err)
					}
				}
				runtime.GC()
			}
			atomic.AddInt64(&deleted, int64(sum))
		}(g)
	}
	wg.Wait()
	left := 0
	for i := uint32(0); i < n; i++ {
		if has(fd, keyOf(i)) {
			left++
		}
	}
	if int(deleted)+left != n {
		t.Errorf("%d deleted and %d left, of %d", deleted, left, n)
	}
}

// The profiler's signals come down on calls, and on the loading of programs: on each map the first
// call loads one. Its timer ticks no faster than the kernel's, so there are some more for this thread.
func TestProfiling(t *testing.T) {
	const n, maps = 4096, 12
	runtime.SetCPUProfileRate(1000)
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		t.Fatal(err)
	}
	defer pprof.StopCPUProfile()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	thread, stop, stopped := syscall.Gettid(), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				syscall.Tgkill(syscall.Getpid(), thread, syscall.SIGPROF)
				time.Sleep(20 * time.Microsecond)
			}
		}
	}()
	defer func() { close(stop); <-stopped }()
	for i := 0; i < maps; i++ {
		fd := newMap(t, bpfcompare.Hash, n)
		keys, seen := fill(t, fd, n)
		results, deleted, err := bpfcompare.DeleteBatchIf(fd, keys, seen,
			&bpfcompare.Options{Backend: bpfcompare.SyscallProg})
		if err != nil || deleted != n {
			t.Fatalf("map %d: %d deleted, %v, the first one's answer is %v", i, deleted, err, results[0])
		}
		wantError(t, bpfcompare.Release(fd), nil)
		time.Sleep(10 * time.Millisecond)
	}
}
