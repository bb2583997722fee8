// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
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
		{"region of a value", old, bpfcompare.Options{Size: 8, Whole: true}, nil},
		{"region of a value differs", old, bpfcompare.Options{Offset: 8, Size: 8, Whole: true},
			bpfcompare.ErrMismatch},
		{"a value is whole anyway", now, bpfcompare.Options{Whole: true}, nil},
		{"region alone", now[8:], bpfcompare.Options{Offset: 8, Size: 8}, nil},
		{"region alone differs", old[8:], bpfcompare.Options{Offset: 8, Size: 8}, bpfcompare.ErrMismatch},
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
	opts := &bpfcompare.Options{Offset: 8, Size: 8, Whole: true, Claim: claim, ClaimOffset: 8}
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

// How much is compared follows from no slice's length, and C must not read past one: each of these ends
// where a fault is.
func TestLengths(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	keys, values := fill(t, fd, 3)
	region := &bpfcompare.Options{Offset: 8, Size: 8}
	wholes := &bpfcompare.Options{Offset: 8, Size: 8, Whole: true}
	for _, c := range []struct {
		name       string
		keys, seen int
		opts       *bpfcompare.Options
		single     string // what is said of a single key; nothing: it is not tried
		batch      string
	}{
		{"no key, one value", 0, 16, nil, "a key of 0 bytes, for a map with keys of 4",
			"16 bytes seen, of 0 entries with 16 each"},
		{"short key", 3, 16, nil, "a key of 3 bytes, for a map with keys of 4",
			"3 bytes of keys, for a map with keys of 4"},
		{"long key", 5, 16, nil, "a key of 5 bytes, for a map with keys of 4",
			"5 bytes of keys, for a map with keys of 4"},
		{"nothing seen", 4, 0, nil, "0 bytes seen, of 1 entries with 16 each", ""},
		{"one byte seen", 4, 1, nil, "1 bytes seen, of 1 entries with 16 each", ""},
		{"one byte seen, zero options", 4, 1, &bpfcompare.Options{}, "1 bytes seen, of 1 entries with 16", ""},
		{"half a value seen", 4, 8, nil, "8 bytes seen, of 1 entries with 16 each", ""},
		{"a byte short", 4, 15, nil, "15 bytes seen, of 1 entries with 16 each", ""},
		{"seen more than a value", 4, 17, nil, "17 bytes seen, of 1 entries with 16 each", ""},
		{"nothing seen of a region", 4, 0, region, "0 bytes seen, of 1 entries with 8 each", ""},
		{"region cut short", 4, 7, region, "7 bytes seen, of 1 entries with 8 each", ""},
		{"region too long", 4, 9, region, "9 bytes seen, of 1 entries with 8 each", ""},
		{"a value where a region is to be", 4, 16, region, "16 bytes seen, of 1 entries with 8 each", ""},
		{"a region where a value is to be", 4, 8, wholes, "8 bytes seen, of 1 entries with 16 each", ""},
		{"value cut short", 4, 15, wholes, "15 bytes seen, of 1 entries with 16 each", ""},
		{"region past the value", 4, 9, &bpfcompare.Options{Offset: 8, Size: 9},
			"a region of 9 bytes at 8, for a map with values of 16", ""},
		{"region past the value, whole", 4, 16, &bpfcompare.Options{Offset: 8, Size: 9, Whole: true},
			"a region of 9 bytes at 8, for a map with values of 16", ""},
		{"region that wraps", 4, 16, &bpfcompare.Options{Offset: 1 << 31, Size: 1 << 31},
			"a region of 2147483648 bytes at 2147483648, for", ""},
		{"offset alone", 4, 8, &bpfcompare.Options{Offset: 8}, "a region of 16 bytes at 8, for", ""},
		{"offset past the value", 4, 16, &bpfcompare.Options{Offset: 17}, "a region of 16 bytes at 17", ""},
		{"two values for three keys", 12, 32, nil, "", "32 bytes seen, of 3 entries with 16 each"},
		{"a value short of a byte", 12, 47, nil, "", "47 bytes seen, of 3 entries with 16 each"},
		{"a byte of each", 12, 3, nil, "", "3 bytes seen, of 3 entries with 16 each"},
		{"a region short of a byte", 12, 23, region, "", "23 bytes seen, of 3 entries with 8 each"},
		{"values where regions are to be", 12, 48, region, "", "48 bytes seen, of 3 entries with 8 each"},
		{"regions where values are to be", 12, 24, wholes, "", "24 bytes seen, of 3 entries with 16 each"},
		{"keys short of a byte", 11, 32, nil, "", "11 bytes of keys, for a map with keys of 4"},
		{"no keys", 0, 1, region, "", "1 bytes seen, of 0 entries with 8 each"},
	} {
		t.Run(c.name, func(t *testing.T) {
			key, seen := atEnd(t, keys[:c.keys]), atEnd(t, append(values[:len(values):len(values)], 0)[:c.seen])
			refused := func(err error, says string) {
				t.Helper()
				wantError(t, err, bpfcompare.ErrInvalid)
				wantError(t, err, syscall.EINVAL)
				if err == nil || !strings.Contains(err.Error(), says) {
					t.Errorf("got %v, want an error with %q", err, says)
				}
			}
			if c.single != "" {
				refused(bpfcompare.DeleteIf(fd, key, seen, c.opts), c.single)
			}
			if c.batch == "" {
				c.batch = c.single
			}
			results, n, err := bpfcompare.DeleteBatchIf(fd, key, seen, c.opts)
			refused(err, c.batch)
			if results != nil || n != 0 {
				t.Errorf("%d deleted: %v", n, results)
			}
			for i := uint32(0); i < 3; i++ {
				if !has(fd, keyOf(i)) {
					t.Fatalf("the entry of key %d is gone", i)
				}
			}
		})
	}
	wantError(t, bpfcompare.Delete(fd, atEnd(t, keys[:3])), bpfcompare.ErrInvalid)
	wantError(t, bpfcompare.Delete(fd, atEnd(t, keys[:8])), bpfcompare.ErrInvalid)
	wantError(t, bpfcompare.Delete(fd, nil), bpfcompare.ErrInvalid)
	for i := uint32(0); i < 3; i++ {
		if !has(fd, keyOf(i)) {
			t.Errorf("the entry of key %d is gone", i)
		}
	}
}

// No descriptor is left for the duplicate: nothing is deleted then, and no key's answer says so.
func TestNoDescriptorLeft(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	keys, values := fill(t, fd, 2)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := limit
	none.Cur = 4 // which are open
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	err := bpfcompare.DeleteIf(fd, keys[:keySize], values[:valueSize], nil)
	results, deleted, batchErr := bpfcompare.DeleteBatchIf(fd, keys, values, nil)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	wantError(t, err, syscall.EMFILE)
	wantError(t, batchErr, syscall.EMFILE)
	if deleted != 0 || len(results) != 2 || results[0] != bpfcompare.ErrCanceled ||
		results[1] != bpfcompare.ErrCanceled || !has(fd, keyOf(0)) || !has(fd, keyOf(1)) {
		t.Errorf("%d deleted: %v", deleted, results)
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
			whole := i == 0
			keys := append(keyOf(uint32(20*i)), keyOf(uint32(20*i+10))...)
			results, deleted, err = bpfcompare.DeleteBatchIf(fd, keys, atEnd(t, seen),
				&bpfcompare.Options{Size: 8, Whole: whole})
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
	fd := newMap(t, bpfcompare.Hash, 8)
	before := openFiles(t)
	wantError(t, bpfcompare.DeleteIf(fd, keyOf(1), valueOf(1, 1),
		&bpfcompare.Options{Backend: bpfcompare.SyscallProg}), bpfcompare.ErrNotExist)
	if openFiles(t) <= before {
		t.Error("nothing is kept: this test says nothing")
	}
	wantError(t, bpfcompare.Release(fd), nil)
	wantError(t, bpfcompare.Release(fd), nil)
	if after := openFiles(t); after != before {
		t.Errorf("%d files open before, %d after", before, after)
	}
}
