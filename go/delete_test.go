// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"testing"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
)

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func TestDeleteIf(t *testing.T) {
	for _, mapType := range []bpfcompare.MapType{bpfcompare.Hash, bpfcompare.LRUHash} {
		for _, backend := range []bpfcompare.Backend{bpfcompare.Auto, bpfcompare.SyscallProg} {
			t.Run(fmt.Sprintf("type %d, %v", mapType, backend), func(t *testing.T) {
				testDeleteIf(t, newMap(t, mapType, 8), backend)
			})
		}
	}
}

func testDeleteIf(t *testing.T, fd int, backend bpfcompare.Backend) {
	key, old, now := keyOf(1), valueOf(1, 1), valueOf(1, 2)
	for _, c := range []struct {
		name string
		seen []byte
		opts bpfcompare.Options
		want error
	}{
		{"whole value", now, bpfcompare.Options{}, nil},
		{"whole value differs", old, bpfcompare.Options{}, bpfcompare.ErrMismatch},
		{"region of a value", old, bpfcompare.Options{Size: 8}, nil},
		{"region of a value differs", old, bpfcompare.Options{Offset: 8, Size: 8}, bpfcompare.ErrMismatch},
		{"from an offset on", old, bpfcompare.Options{Offset: 9}, nil},
		{"region alone", now[8:], bpfcompare.Options{Offset: 8, Size: 8}, nil},
		{"region alone differs", old[8:], bpfcompare.Options{Offset: 8, Size: 8}, bpfcompare.ErrMismatch},
		{"region alone, its size as given", now[8:10], bpfcompare.Options{Offset: 8}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opts.Backend = backend
			put(t, fd, key, now)
			wantError(t, bpfcompare.DeleteIf(fd, atEnd(t, key), atEnd(t, c.seen), &c.opts), c.want)
			if has(fd, key) != (c.want != nil) {
				t.Errorf("the entry is there: %v", has(fd, key))
			}
		})
	}
	put(t, fd, key, now)
	wantError(t, bpfcompare.DeleteIf(fd, key, now, nil), nil)
	wantError(t, bpfcompare.DeleteIf(fd, key, now, nil), bpfcompare.ErrNotExist)
}

func TestDelete(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	put(t, fd, keyOf(1), valueOf(1, 1))
	wantError(t, bpfcompare.Delete(fd, atEnd(t, keyOf(1))), nil)
	wantError(t, bpfcompare.Delete(fd, keyOf(1)), bpfcompare.ErrNotExist)
}

func TestClaim(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	key, value, claim := keyOf(1), valueOf(1, 1), valueOf(9, 9)[:8]
	put(t, fd, key, value)
	opts := &bpfcompare.Options{Offset: 8, Size: 8, Claim: claim, ClaimOffset: 8}
	wantError(t, bpfcompare.DeleteIf(fd, key, valueOf(1, 2), opts), bpfcompare.ErrMismatch)
	wantError(t, bpfcompare.DeleteIf(fd, key, value, &bpfcompare.Options{Claim: claim[:3]}), syscall.EINVAL)
	wantError(t, bpfcompare.DeleteIf(fd, key, value, &bpfcompare.Options{Claim: []byte{}}), syscall.EINVAL)
	native := *opts
	native.Backend = bpfcompare.Native
	wantError(t, bpfcompare.DeleteIf(fd, key, value, &native), bpfcompare.ErrNotSupported)
	if !has(fd, key) {
		t.Fatal("the entry is gone")
	}
	wantError(t, bpfcompare.DeleteIf(fd, key, value, opts), nil)
}

// C must not read past a slice: each of these ends where a fault is.
func TestLengths(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	keys, values := fill(t, fd, 3)
	big := bpfcompare.Options{Offset: 8, Size: 9}
	wrap := bpfcompare.Options{Offset: 1 << 31, Size: 1 << 31}
	for _, c := range []struct {
		name       string
		keys, seen int
		opts       *bpfcompare.Options
		alsoSingle bool
	}{
		{"no key, one value", 0, 16, nil, true},
		{"short key", 3, 16, nil, true},
		{"long key", 5, 16, nil, true},
		{"nothing seen", 4, 0, nil, true},
		{"nothing seen of a region", 4, 0, &bpfcompare.Options{Size: 8}, true},
		{"seen more than a value", 4, 17, nil, true},
		{"region cut short", 4, 7, &bpfcompare.Options{Size: 8}, true},
		{"region and value cut short", 4, 15, &bpfcompare.Options{Offset: 8, Size: 8}, true},
		{"region past the value", 4, 16, &big, true},
		{"region alone past the value", 4, 9, &big, true},
		{"region that wraps", 4, 16, &wrap, true},
		{"offset past the value", 4, 16, &bpfcompare.Options{Offset: 17}, true},
		{"offset at the value's end", 4, 16, &bpfcompare.Options{Offset: 16}, true},
		{"two values for three keys", 12, 32, &bpfcompare.Options{Size: 16}, false},
		{"a value short of a byte", 12, 47, &bpfcompare.Options{Size: 16}, false},
		{"a region short of a byte", 12, 23, &bpfcompare.Options{Size: 8}, false},
		{"regions of no common size", 12, 23, nil, false},
	} {
		key, seen := atEnd(t, keys[:c.keys]), atEnd(t, append(values[:len(values):len(values)], 0)[:c.seen])
		if c.alsoSingle {
			wantError(t, bpfcompare.DeleteIf(fd, key, seen, c.opts), syscall.EINVAL)
		}
		_, n, err := bpfcompare.DeleteBatchIf(fd, key, seen, c.opts)
		wantError(t, err, syscall.EINVAL)
		if n != 0 || t.Failed() {
			t.Fatalf("%s: %d deleted", c.name, n)
		}
	}
	wantError(t, bpfcompare.Delete(fd, atEnd(t, keys[:3])), syscall.EINVAL)
	wantError(t, bpfcompare.Delete(fd, nil), syscall.EINVAL)
	for i := uint32(0); i < 3; i++ {
		if !has(fd, keyOf(i)) {
			t.Errorf("the entry of key %d is gone", i)
		}
	}
}

func TestErrors(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	key, value := keyOf(1), valueOf(1, 1)
	put(t, fd, key, value)
	array, err := bpfmap.Create(bpfmap.Info{Type: 2, KeySize: keySize, ValueSize: valueSize, MaxEntries: 8})
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(array)
	file, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()

	errno := func(fd int, opts *bpfcompare.Options, wants ...error) {
		t.Helper()
		err := bpfcompare.DeleteIf(fd, key, value, opts)
		for _, want := range wants {
			wantError(t, err, want)
		}
		var errno syscall.Errno
		if !errors.As(err, &errno) || !errors.Is(wants[len(wants)-1], errno) {
			t.Errorf("%v unwraps to errno %v", err, errno)
		}
		_, n, err := bpfcompare.DeleteBatchIf(fd, key, value, opts)
		if n != 0 || !errors.Is(err, wants[0]) {
			t.Errorf("a batch: %d, %v, want %v", n, err, wants[0])
		}
	}
	errno(array, nil, bpfcompare.ErrNotSupported, syscall.EOPNOTSUPP)
	errno(-1, nil, syscall.EBADF)
	errno(fd|1<<(strconv.IntSize/2), nil, syscall.EBADF) // not cut down to fd
	errno(int(file.Fd()), nil, syscall.EINVAL)
	errno(fd, &bpfcompare.Options{Backend: 3}, syscall.EINVAL)
	wantError(t, bpfcompare.DeleteIf(fd, keyOf(2), value, nil), os.ErrNotExist)
	wantError(t, bpfcompare.DeleteIf(fd, keyOf(2), value, nil), syscall.ENOENT)
	wantError(t, bpfcompare.DeleteIf(fd, key, valueOf(2, 2), nil), syscall.EBUSY)
	wantError(t, bpfcompare.Release(-1), syscall.EBADF)
	if _, err := bpfcompare.BackendOf(array); !errors.Is(err, bpfcompare.ErrNotSupported) {
		t.Error(err)
	}
	if err := bpfmap.Freeze(fd); err != nil {
		t.Fatal(err)
	}
	errno(fd, nil, bpfcompare.ErrPermission, os.ErrPermission, syscall.EPERM)
	wantError(t, bpfcompare.Delete(fd, key), bpfcompare.ErrPermission)
	if !has(fd, key) {
		t.Error("the entry is gone")
	}
}

func TestBatch(t *testing.T) {
	const n = 2000 // some runs of the program, the last of them not full
	for _, mapType := range []bpfcompare.MapType{bpfcompare.Hash, bpfcompare.LRUHash} {
		fd := newMap(t, mapType, 2*n)
		keys, seen := fill(t, fd, n)
		for i := uint32(0); i < n; i += 10 {
			put(t, fd, keyOf(i), valueOf(uint64(i), 2))
			wantError(t, bpfcompare.Delete(fd, keyOf(i+1)), nil)
		}
		results, deleted, err := bpfcompare.DeleteBatchIf(fd, atEnd(t, keys), atEnd(t, seen), nil)
		if err != nil || deleted != n*8/10 || len(results) != n {
			t.Fatalf("%d results, %d deleted, %v", len(results), deleted, err)
		}
		for i, err := range results {
			want := map[int]error{0: bpfcompare.ErrMismatch, 1: bpfcompare.ErrNotExist}[i%10]
			if err != want {
				t.Fatalf("key %d: got %v, want %v", i, err, want)
			}
			if has(fd, keyOf(uint32(i))) != (i%10 == 0) {
				t.Fatalf("key %d: there it is: %v", i, i%10 != 0)
			}
		}
		// The first half of the values says the same still: of values, and of regions alone.
		wholes := append(valueOf(0, 1), valueOf(10, 1)...)
		regions := append(valueOf(20, 1)[:8], valueOf(30, 1)[:8]...)
		for i, seen := range [][]byte{wholes, regions} {
			keys := append(keyOf(uint32(20*i)), keyOf(uint32(20*i+10))...)
			results, deleted, err = bpfcompare.DeleteBatchIf(fd, keys, atEnd(t, seen),
				&bpfcompare.Options{Size: 8})
			if err != nil || deleted != 2 || results[0] != nil || results[1] != nil {
				t.Errorf("regions: %v, %d deleted, %v", results, deleted, err)
			}
		}
		results, deleted, err = bpfcompare.DeleteBatchIf(fd, nil, nil, &bpfcompare.Options{Offset: 8, Size: 8})
		if err != nil || deleted != 0 || len(results) != 0 {
			t.Errorf("no keys: %v, %d deleted, %v", results, deleted, err)
		}
	}
}

func TestProbe(t *testing.T) {
	for _, mapType := range []bpfcompare.MapType{bpfcompare.Hash, bpfcompare.LRUHash} {
		wantError(t, bpfcompare.Probe(mapType, bpfcompare.SyscallProg), nil)
		wantError(t, bpfcompare.Probe(mapType, bpfcompare.Auto), nil)

		want := bpfcompare.SyscallProg
		if err := bpfcompare.Probe(mapType, bpfcompare.Native); err == nil {
			want = bpfcompare.Native
		} else {
			wantError(t, err, bpfcompare.ErrNotSupported)
		}
		backend, err := bpfcompare.BackendOf(newMap(t, mapType, 1))
		if err != nil || backend != want {
			t.Errorf("type %d: got %v, %v, want %v", mapType, backend, err, want)
		}
	}
	wantError(t, bpfcompare.Probe(2, bpfcompare.Auto), bpfcompare.ErrNotSupported)
	wantError(t, bpfcompare.Probe(bpfcompare.Hash, 3), syscall.EINVAL)
	if name := bpfcompare.SyscallProg.String(); name != "syscall_prog" {
		t.Error(name)
	}
	if name := bpfcompare.Backend(3).String(); name != "Backend(3)" {
		t.Error(name)
	}
}

func TestRelease(t *testing.T) {
	open := func() int {
		fds, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(fds)
	}
	fd := newMap(t, bpfcompare.Hash, 8)
	before := open()
	wantError(t, bpfcompare.DeleteIf(fd, keyOf(1), valueOf(1, 1),
		&bpfcompare.Options{Backend: bpfcompare.SyscallProg}), bpfcompare.ErrNotExist)
	if open() <= before {
		t.Error("nothing is kept: this test says nothing")
	}
	wantError(t, bpfcompare.Release(fd), nil)
	wantError(t, bpfcompare.Release(fd), nil)
	if open() != before {
		t.Errorf("%d descriptors before, %d after", before, open())
	}
}
