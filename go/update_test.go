// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
)

const (
	updateAny     = bpfcompare.UpdateAny
	updateNoExist = bpfcompare.UpdateNoExist
	updateExist   = bpfcompare.UpdateExist
)

// wantValue tells whether the entry of a key has this value; nil is no entry.
func wantValue(t *testing.T, fd int, key, want []byte) {
	t.Helper()
	now := make([]byte, len(want)+8) // some more, should it be another map's
	err := bpfmap.Lookup(fd, key, now)
	switch {
	case want == nil && err == nil:
		t.Errorf("key %x is there", key)
	case want != nil && err != nil:
		t.Errorf("key %x: %v, want %x", key, err, want)
	case want != nil && !bytes.Equal(now[:len(want)], want):
		t.Errorf("key %x: got %x, want %x", key, now[:len(want)], want)
	}
}

// With BPF_ANY, BPF_NOEXIST and BPF_EXIST, by one call and by a batch.
func TestUpdate(t *testing.T) {
	for _, mapType := range []bpfcompare.MapType{bpfcompare.Hash, bpfcompare.LRUHash} {
		fd := newMap(t, mapType, 64)
		old, now := valueOf(1, 1), valueOf(1, 2)
		for _, c := range []struct {
			name  string
			there bool
			flags bpfcompare.UpdateFlags
			want  error
		}{
			{"any, missing", false, updateAny, nil},
			{"any, there", true, updateAny, nil},
			{"no exist, missing", false, updateNoExist, nil},
			{"no exist, there", true, updateNoExist, bpfcompare.ErrExist},
			{"exist, missing", false, updateExist, bpfcompare.ErrNotExist},
			{"exist, there", true, updateExist, nil},
			{"both", true, updateNoExist | updateExist, bpfcompare.ErrInvalid},
			{"a flag of the kernel's", true, 4, bpfcompare.ErrInvalid},
			{"by compare", true, 1 << 5, bpfcompare.ErrInvalid},
			{"in place", true, 1 << 30, bpfcompare.ErrInvalid},
			{"an unknown flag", true, 1 << 63, bpfcompare.ErrInvalid},
		} {
			t.Run(fmt.Sprintf("type %d, %s", mapType, c.name), func(t *testing.T) {
				for i, call := range []func(key []byte) error{
					func(key []byte) error { return bpfcompare.Update(fd, key, atEnd(t, now), c.flags) },
					func(key []byte) error {
						results, updated, err := bpfcompare.UpdateBatch(fd, key, atEnd(t, now), c.flags)
						if err == nil {
							err = results[0]
						}
						if (updated == 1) != (err == nil) {
							t.Errorf("%d updated, %v", updated, err)
						}
						return err
					},
				} {
					key := atEnd(t, keyOf(uint32(i)))
					bpfcompare.Delete(fd, key)
					want := []byte(nil)
					if c.there {
						put(t, fd, key, old)
						want = old
					}
					if c.want == nil {
						want = now
					}
					if err := call(key); !errors.Is(err, c.want) {
						t.Errorf("got %v, want %v", err, c.want)
					}
					wantValue(t, fd, key, want)
				}
			})
		}
		put(t, fd, keyOf(1), old)
		err := bpfcompare.Update(fd, keyOf(1), now, updateNoExist)
		if err != bpfcompare.ErrExist || !errors.Is(err, os.ErrExist) || !errors.Is(err, syscall.EEXIST) {
			t.Error(err)
		}
	}
}

// Each key of a batch has its own answer, also where the map is full.
func TestUpdateBatch(t *testing.T) {
	const n, room = 1500, 1200
	fd := newMap(t, bpfcompare.Hash, room)
	fill(t, fd, 100)
	var keys, values []byte
	for i := uint32(0); i < n; i++ {
		keys, values = append(keys, keyOf(i)...), append(values, valueOf(uint64(i), 2)...)
	}
	results, updated, err := bpfcompare.UpdateBatch(fd, atEnd(t, keys), atEnd(t, values), updateNoExist)
	if err != nil || len(results) != n {
		t.Fatalf("%d results, %v", len(results), err)
	}
	created, full := 0, 0
	for i, err := range results {
		switch {
		case i < 100:
			if err != bpfcompare.ErrExist {
				t.Fatalf("key %d: %v", i, err)
			}
			wantValue(t, fd, keyOf(uint32(i)), valueOf(uint64(i), 1))
		case err == nil:
			created++
			wantValue(t, fd, keyOf(uint32(i)), valueOf(uint64(i), 2))
		case errors.Is(err, syscall.E2BIG):
			full++
			wantValue(t, fd, keyOf(uint32(i)), nil)
		default:
			t.Fatalf("key %d: %v", i, err)
		}
	}
	// As many more as there are possible CPUs may fit.
	if created != updated || created < room-100 || full == 0 {
		t.Errorf("%d updated, %d of them created, %d found no room", updated, created, full)
	}
	results, updated, err = bpfcompare.UpdateBatch(fd, nil, nil, updateAny)
	if err != nil || updated != 0 || len(results) != 0 {
		t.Errorf("no keys: %v, %d updated, %v", results, updated, err)
	}
}

// Maps of other types are written too, but not by compare, nor in place.
func TestUpdateOtherMaps(t *testing.T) {
	const array, percpuHash = 2, 5
	for _, mapType := range []uint32{array, percpuHash} {
		fd, err := bpfmap.Create(bpfmap.Info{Type: mapType, KeySize: keySize, ValueSize: 12, MaxEntries: 8})
		if err != nil {
			t.Fatal(err)
		}
		defer syscall.Close(fd)
		value := make([]byte, 12)
		if mapType == percpuHash {
			value = make([]byte, 16*possibleCPUs(t))
		}
		for i := range value {
			if i%16 < 12 {
				value[i] = byte(i)
			}
		}
		wantError(t, bpfcompare.Update(fd, keyOf(1), atEnd(t, value), updateAny), nil)
		wantValue(t, fd, keyOf(1), value)
		two := append(value, value...)
		results, updated, err := bpfcompare.UpdateBatch(fd, append(keyOf(1), keyOf(2)...), atEnd(t, two), updateAny)
		if err != nil || updated != 2 || results[0] != nil || results[1] != nil {
			t.Errorf("type %d: %v, %d updated, %v", mapType, results, updated, err)
		}
		wantValue(t, fd, keyOf(2), value)
		wantError(t, bpfcompare.Update(fd, keyOf(1), atEnd(t, value[:len(value)-1]), updateAny), bpfcompare.ErrInvalid)
		if mapType == percpuHash {
			// One CPU's alone: the kernel would read on.
			wantError(t, bpfcompare.Update(fd, keyOf(1), atEnd(t, value[:12]), updateAny), bpfcompare.ErrInvalid)
		}
		wantError(t, bpfcompare.UpdateIf(fd, keyOf(1), value[:4], value, &bpfcompare.Options{Size: 4}),
			bpfcompare.ErrNotSupported)
		wantError(t, bpfcompare.UpdateInPlace(fd, keyOf(1), value[:4], &bpfcompare.InPlace{Size: 4}),
			bpfcompare.ErrNotSupported)
		wantValue(t, fd, keyOf(1), value)
	}
}

func possibleCPUs(t *testing.T) (n int) {
	t.Helper()
	text, err := os.ReadFile("/sys/devices/system/cpu/possible")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(strings.TrimSpace(string(text)), ",") {
		var first, last int
		if got, _ := fmt.Sscanf(part, "%d-%d", &first, &last); got < 2 {
			last = first
		}
		n += last - first + 1
	}
	return n
}

func TestUpdateIf(t *testing.T) {
	for _, mapType := range []bpfcompare.MapType{bpfcompare.Hash, bpfcompare.LRUHash} {
		for _, backend := range []bpfcompare.Backend{bpfcompare.Auto, bpfcompare.SyscallProg} {
			t.Run(fmt.Sprintf("type %d, %v", mapType, backend), func(t *testing.T) {
				testUpdateIf(t, newMap(t, mapType, 256), backend) // so that none is evicted, on any CPU
			})
		}
	}
}

func testUpdateIf(t *testing.T, fd int, backend bpfcompare.Backend) {
	key, old, now, next := keyOf(1), valueOf(1, 1), valueOf(1, 2), valueOf(3, 4)
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
		{"region alone", now[8:], bpfcompare.Options{Offset: 8, Size: 8}, nil},
		{"region alone differs", old[8:], bpfcompare.Options{Offset: 8, Size: 8}, bpfcompare.ErrMismatch},
		{"an odd region", now[7:10], bpfcompare.Options{Offset: 7, Size: 3}, nil},
		{"a claim", now, bpfcompare.Options{Claim: make([]byte, 8)}, bpfcompare.ErrInvalid},
		{"a claim's place", now, bpfcompare.Options{ClaimOffset: 8}, bpfcompare.ErrInvalid},
		{"a range of claims", now, bpfcompare.Options{ClaimFirst: 1, ClaimLast: 2}, bpfcompare.ErrInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opts.Backend = backend
			for _, wanted := range []bool{false, true} {
				opts := c.opts
				var was []byte
				if wanted {
					was = atEnd(t, make([]byte, valueSize))
					opts.Values = was
				}
				put(t, fd, key, now)
				wantError(t, bpfcompare.UpdateIf(fd, atEnd(t, key), atEnd(t, c.seen), atEnd(t, next), &opts), c.want)
				if c.want != nil {
					wantValue(t, fd, key, now)
					continue
				}
				wantValue(t, fd, key, next)
				if wanted && !bytes.Equal(was, now) {
					t.Errorf("it was %x, and it says %x", now, was)
				}
			}
		})
	}
	put(t, fd, key, now)
	wantError(t, bpfcompare.UpdateIf(fd, key, now, next, nil), nil)
	wantError(t, bpfcompare.UpdateIf(fd, key, now, next, nil), bpfcompare.ErrMismatch)
	wantError(t, bpfcompare.UpdateIf(fd, keyOf(2), now, next, nil), bpfcompare.ErrNotExist)
	wantValue(t, fd, keyOf(2), nil)
	native := &bpfcompare.Options{Backend: bpfcompare.Native}
	wantError(t, bpfcompare.UpdateIf(fd, key, next, now, native), bpfcompare.ErrNotSupported)
	wantValue(t, fd, key, next)
}

func TestUpdateBatchIf(t *testing.T) {
	const n = 2000 // some runs of the program, the last of them not full
	fd := newMap(t, bpfcompare.Hash, 2*n)
	keys, seen := fill(t, fd, n)
	var next []byte
	for i := uint32(0); i < n; i++ {
		next = append(next, valueOf(uint64(i), 3)...)
		if i%10 == 0 {
			put(t, fd, keyOf(i), valueOf(uint64(i), 2))
			wantError(t, bpfcompare.Delete(fd, keyOf(i+1)), nil)
		}
	}
	was := atEnd(t, bytes.Repeat([]byte{0xee}, len(seen)))
	results, updated, err := bpfcompare.UpdateBatchIf(fd, atEnd(t, keys), atEnd(t, seen), atEnd(t, next),
		&bpfcompare.Options{Values: was})
	if err != nil || updated != n*8/10 || len(results) != n {
		t.Fatalf("%d results, %d updated, %v", len(results), updated, err)
	}
	for i, err := range results {
		want := map[int]error{0: bpfcompare.ErrMismatch, 1: bpfcompare.ErrNotExist}[i%10]
		now := map[int][]byte{0: valueOf(uint64(i), 2), 1: nil}
		if i%10 > 1 {
			now[i%10] = valueOf(uint64(i), 3)
		}
		if err != want {
			t.Fatalf("key %d: got %v, want %v", i, err, want)
		}
		wantValue(t, fd, keyOf(uint32(i)), now[i%10])
		is, of := was[i*valueSize:(i+1)*valueSize], seen[i*valueSize:(i+1)*valueSize]
		if err == nil && !bytes.Equal(is, of) {
			t.Fatalf("key %d: it was %x, and it says %x", i, of, is)
		}
		if err != nil && !bytes.Equal(is, bytes.Repeat([]byte{0xee}, valueSize)) {
			t.Fatalf("key %d: %v, and it says that it was %x", i, err, is)
		}
	}
	// A key that is there twice is updated twice; what was seen of it is not what the second finds.
	twice := append(keyOf(2), keyOf(2)...)
	results, updated, err = bpfcompare.UpdateBatchIf(fd, twice, append(valueOf(2, 3), valueOf(2, 3)...),
		append(valueOf(2, 4), valueOf(2, 5)...), nil)
	if err != nil || updated != 1 || results[0] != nil || results[1] != bpfcompare.ErrMismatch {
		t.Errorf("one key twice: %v, %d updated, %v", results, updated, err)
	}
	wantValue(t, fd, keyOf(2), valueOf(2, 4))
	results, updated, err = bpfcompare.UpdateBatchIf(fd, nil, nil, nil, &bpfcompare.Options{Offset: 8, Size: 8})
	if err != nil || updated != 0 || len(results) != 0 {
		t.Errorf("no keys: %v, %d updated, %v", results, updated, err)
	}
}

// The entry is 0x0706050403020100, 0xf0f0f0f0, 0x00000005 by its words at 0, 8 and 12.
func TestUpdateInPlace(t *testing.T) {
	type inPlace = bpfcompare.InPlace
	u32 := func(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }
	u64 := func(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }
	fd := newMap(t, bpfcompare.Hash, 8)
	lru := newMap(t, bpfcompare.LRUHash, 8)
	value := append(u64(0x0706050403020100), append(u32(0xf0f0f0f0), u32(5)...)...)
	whole := &bpfcompare.Options{}
	last := &bpfcompare.Options{Offset: 12, Size: 4}
	busy, invalid, unsupported := bpfcompare.ErrMismatch, bpfcompare.ErrInvalid, bpfcompare.ErrNotSupported
	for _, c := range []struct {
		name    string
		how     inPlace
		operand []byte
		want    error
		to      []byte // what is there afterwards, where want is nil
	}{
		{"set, 8 bytes", inPlace{Size: 8}, u64(7), nil, u64(7)},
		{"add, 8 bytes", inPlace{Size: 8, Op: bpfcompare.OpAdd}, u64(1), nil, u64(0x0706050403020101)},
		{"add a negative", inPlace{Size: 8, Op: bpfcompare.OpAdd}, u64(1<<64 - 0x100), nil, u64(0x0706050403020000)},
		{"and, 8 bytes", inPlace{Size: 8, Op: bpfcompare.OpAnd}, u64(0xff00ff), nil, u64(0x20000)},
		{"or, 8 bytes", inPlace{Size: 8, Op: bpfcompare.OpOr}, u64(0xff), nil, u64(0x07060504030201ff)},
		{"xor, 8 bytes", inPlace{Size: 8, Op: bpfcompare.OpXor}, u64(1<<63 | 1), nil, u64(0x8706050403020101)},
		{"set, 4 bytes", inPlace{Offset: 8, Size: 4}, u32(7), nil, u32(7)},
		{"add, 4 bytes", inPlace{Offset: 8, Size: 4, Op: bpfcompare.OpAdd}, u32(0x0f0f0f0f), nil, u32(0xffffffff)},
		{"add, 4 bytes, around", inPlace{Offset: 8, Size: 4, Op: bpfcompare.OpAdd}, u32(0x0f0f0f11), nil, u32(1)},
		{"and, 4 bytes", inPlace{Offset: 8, Size: 4, Op: bpfcompare.OpAnd}, u32(0xff), nil, u32(0xf0)},
		{"or, 4 bytes", inPlace{Offset: 8, Size: 4, Op: bpfcompare.OpOr}, u32(0xff), nil, u32(0xf0f0f0ff)},
		{"xor, 4 bytes", inPlace{Offset: 8, Size: 4, Op: bpfcompare.OpXor}, u32(0xff), nil, u32(0xf0f0f00f)},
		{"the last word", inPlace{Offset: 12, Size: 4, Op: bpfcompare.OpAdd}, u32(1), nil, u32(6)},
		{"add of nothing reads", inPlace{Offset: 12, Size: 4, Op: bpfcompare.OpAdd}, u32(0), nil, u32(5)},
		{"set to the same", inPlace{Offset: 12, Size: 4}, u32(5), nil, u32(5)},

		{"if the whole value is equal", inPlace{Size: 8, If: whole, Seen: value}, u64(7), nil, u64(7)},
		{"if the whole value differs", inPlace{Size: 8, If: whole, Seen: valueOf(1, 1)}, u64(7), busy, nil},
		{"if the word is equal", inPlace{Offset: 12, Size: 4, If: last, Seen: u32(5)}, u32(7), nil, u32(7)},
		{"if the word differs", inPlace{Offset: 12, Size: 4, If: last, Seen: u32(6)}, u32(7), busy, nil},
		{"an op, if the word is equal", inPlace{Offset: 12, Size: 4, Op: bpfcompare.OpAdd, If: last, Seen: u32(5)}, u32(2),
			nil, u32(7)},
		{"if another word is equal", inPlace{Size: 8, Op: bpfcompare.OpAdd, If: last, Seen: u32(5)}, u64(1), nil,
			u64(0x0706050403020101)},
		{"if another word differs", inPlace{Size: 8, Op: bpfcompare.OpAdd, If: last, Seen: u32(4)}, u64(1), busy, nil},
		{"if a part of the word is equal", inPlace{Size: 8, If: &bpfcompare.Options{Offset: 1, Size: 2}, Seen: []byte{1, 2}},
			u64(7), nil, u64(7)},
		{"if a part of the word differs", inPlace{Size: 8, If: &bpfcompare.Options{Offset: 1, Size: 2}, Seen: []byte{1, 3}},
			u64(7), busy, nil},
		{"of a whole value, the region", inPlace{Size: 8, If: &bpfcompare.Options{Offset: 12, Size: 4, Whole: true},
			Seen: append(make([]byte, 12), value[12:]...)}, u64(7), nil, u64(7)},

		{"the word is the first claim", inPlace{Offset: 12, Size: 4, ClaimFirst: 5, ClaimLast: 9}, u32(70), busy, nil},
		{"the word is the last claim", inPlace{Offset: 12, Size: 4, ClaimFirst: 1, ClaimLast: 5}, u32(70), busy, nil},
		{"the word is the only claim", inPlace{Offset: 12, Size: 4, ClaimFirst: 5, ClaimLast: 5}, u32(70), busy, nil},
		{"a claim is only read", inPlace{Offset: 12, Size: 4, Op: bpfcompare.OpAdd, ClaimFirst: 5, ClaimLast: 5}, u32(0),
			busy, nil},
		{"beside the claims", inPlace{Offset: 12, Size: 4, ClaimFirst: 6, ClaimLast: 9}, u32(10), nil, u32(10)},
		{"below the claims", inPlace{Offset: 12, Size: 4, ClaimFirst: 6, ClaimLast: 9}, u32(1), nil, u32(1)},
		{"to a claim", inPlace{Offset: 12, Size: 4, ClaimFirst: 6, ClaimLast: 9}, u32(6), busy, nil},
		{"added up to a claim", inPlace{Offset: 12, Size: 4, Op: bpfcompare.OpAdd, ClaimFirst: 6, ClaimLast: 9}, u32(4),
			busy, nil},
		{"added up to past the claims", inPlace{Offset: 12, Size: 4, Op: bpfcompare.OpAdd, ClaimFirst: 6, ClaimLast: 9},
			u32(5), nil, u32(10)},
		{"around to a claim", inPlace{Offset: 12, Size: 4, Op: bpfcompare.OpAdd, ClaimLast: 2}, u32(1<<32 - 4), busy, nil},
		{"0 is a claim, too", inPlace{Offset: 12, Size: 4, ClaimLast: 2}, u32(0), busy, nil},
		{"a claim of 8 bytes", inPlace{Size: 8, ClaimFirst: 0x0706050403020100, ClaimLast: 1<<64 - 1}, u64(1), busy, nil},
		{"or'ed to a claim", inPlace{Size: 8, Op: bpfcompare.OpOr, ClaimFirst: 1<<64 - 1, ClaimLast: 1<<64 - 1},
			u64(1<<64 - 1), busy, nil},

		{"an unknown op", inPlace{Size: 8, Op: 5}, u64(7), invalid, nil},
		{"an op on 16 bytes", inPlace{Op: bpfcompare.OpAdd}, value, invalid, nil},
		{"an op on 2 bytes", inPlace{Size: 2, Op: bpfcompare.OpAdd}, value[:2], invalid, nil},
		{"an op on 1 byte", inPlace{Size: 1, Op: bpfcompare.OpOr}, value[:1], invalid, nil},
		{"an op that is not aligned", inPlace{Offset: 4, Size: 8, Op: bpfcompare.OpAdd}, u64(7), invalid, nil},
		{"claims backwards", inPlace{Size: 8, ClaimFirst: 2, ClaimLast: 1}, u64(7), invalid, nil},
		{"claims backwards, to 0", inPlace{Size: 8, ClaimFirst: 2}, u64(7), invalid, nil},
		{"claims on 16 bytes", inPlace{ClaimLast: 1}, value, invalid, nil},
		{"claims on 2 bytes", inPlace{Size: 2, ClaimLast: 1}, value[:2], invalid, nil},
		{"past the value", inPlace{Offset: 16, Size: 4}, u32(7), invalid, nil},
		{"past the value in part", inPlace{Offset: 12, Size: 8}, u64(7), invalid, nil},
		{"wraps around", inPlace{Offset: 1<<32 - 4, Size: 8}, u64(7), invalid, nil},
		{"offset alone", inPlace{Offset: 8}, value, invalid, nil},
		{"the region is past the value", inPlace{Size: 8, If: &bpfcompare.Options{Offset: 12, Size: 8}, Seen: u64(7)},
			u64(7), invalid, nil},
		{"nothing to write", inPlace{Size: 8}, nil, invalid, nil},
		{"a byte short", inPlace{Size: 8}, u64(7)[:7], invalid, nil},
		{"a byte too many", inPlace{Size: 4}, u64(7)[:5], invalid, nil},
		{"nothing seen", inPlace{Size: 8, If: whole}, u64(7), invalid, nil},
		{"a byte short seen", inPlace{Size: 8, If: whole, Seen: value[:15]}, u64(7), invalid, nil},
		{"seen without a condition", inPlace{Size: 8, Seen: value}, u64(7), invalid, nil},
		{"a condition with a claim", inPlace{Size: 8, If: &bpfcompare.Options{Claim: u64(1)}, Seen: value}, u64(7), invalid,
			nil},
		{"a condition with claims", inPlace{Size: 8, If: &bpfcompare.Options{ClaimLast: 1}, Seen: value}, u64(7), invalid, nil},
		{"a condition with values", inPlace{Size: 8, If: &bpfcompare.Options{Values: make([]byte, 16)}, Seen: value}, u64(7),
			invalid, nil},
		{"an unknown backend", inPlace{Size: 8, If: &bpfcompare.Options{Backend: 3}, Seen: value}, u64(7), invalid, nil},
		{"the native backend", inPlace{Size: 8, If: &bpfcompare.Options{Backend: bpfcompare.Native}, Seen: value}, u64(7),
			unsupported, nil},

		{"2 bytes", inPlace{Size: 2}, value[:2], unsupported, nil},
		{"1 byte", inPlace{Offset: 15, Size: 1}, value[:1], unsupported, nil},
		{"16 bytes", inPlace{}, value, unsupported, nil},
		{"12 bytes", inPlace{Offset: 4, Size: 12}, value[:12], unsupported, nil},
		{"8 bytes that are not aligned", inPlace{Offset: 4, Size: 8}, u64(7), unsupported, nil},
		{"4 bytes that are not aligned", inPlace{Offset: 2, Size: 4}, u32(7), unsupported, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var calls []func(fd int, key []byte, how *inPlace) error
			calls = append(calls, func(fd int, key []byte, how *inPlace) error {
				return bpfcompare.UpdateInPlace(fd, key, atEnd(t, c.operand), how)
			}, func(fd int, key []byte, how *inPlace) error {
				results, updated, err := bpfcompare.UpdateBatchInPlace(fd, key, atEnd(t, c.operand), how)
				if err == nil {
					err = results[0]
				}
				if (updated == 1) != (err == nil) {
					t.Errorf("%d updated, %v", updated, err)
				}
				return err
			})
			for _, call := range calls {
				for _, fd := range []int{fd, lru} {
					key, how := atEnd(t, keyOf(1)), c.how
					size, offset := int(how.Size), int(how.Offset)
					if size == 0 {
						size = valueSize
					}
					put(t, fd, key, value)
					how.Seen = nil
					if c.how.Seen != nil {
						how.Seen = atEnd(t, c.how.Seen)
					}
					wantError(t, call(fd, key, &how), c.want)
					if c.want != nil {
						wantValue(t, fd, key, value)
						wantError(t, call(fd, keyOf(2), &how), map[error]error{busy: bpfcompare.ErrNotExist, invalid: invalid,
							unsupported: unsupported}[c.want])
					} else {
						want := append([]byte{}, value...)
						copy(want[offset:], c.to)
						wantValue(t, fd, key, want)
						wantError(t, call(fd, keyOf(2), &how), bpfcompare.ErrNotExist)
					}
					wantValue(t, fd, keyOf(2), nil)
					// Once more, and now the old bytes are wanted.
					put(t, fd, key, value)
					left := bytes.Repeat([]byte{0xee}, size)
					how.Old = atEnd(t, left)
					wantError(t, call(fd, key, &how), c.want)
					if c.want == nil && !bytes.Equal(how.Old, value[offset:offset+size]) {
						t.Errorf("it was %x, and it says %x", value[offset:offset+size], how.Old)
					}
					if c.want != nil && !bytes.Equal(how.Old, left) {
						t.Errorf("%v, and it says that it was %x", c.want, how.Old)
					}
				}
			}
		})
	}
	for _, room := range []int{0, 7, 9, 16} {
		err := bpfcompare.UpdateInPlace(fd, keyOf(1), u64(7), &inPlace{Size: 8, Old: atEnd(t, make([]byte, room))})
		wantError(t, err, invalid)
	}
	wantError(t, bpfcompare.UpdateInPlace(fd, keyOf(1), value, nil), unsupported) // all of it
	var failure *bpfcompare.Error
	if err := bpfcompare.UpdateInPlace(fd, keyOf(1), u64(7), &inPlace{Size: 8, Op: 9}); !errors.As(err, &failure) ||
		failure.Reason != "op 9 is unknown" {
		t.Error(err)
	}
	if err := bpfmap.Freeze(fd); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		bpfcompare.UpdateInPlace(fd, keyOf(1), u64(7), &inPlace{Size: 8}),
		bpfcompare.UpdateIf(fd, keyOf(1), value, value, nil),
		bpfcompare.Update(fd, keyOf(1), value, updateAny),
	} {
		wantError(t, err, bpfcompare.ErrPermission)
	}
	wantError(t, bpfcompare.UpdateInPlace(-1, keyOf(1), u64(7), &inPlace{Size: 8}), syscall.EBADF)
	wantError(t, bpfcompare.UpdateIf(-1, keyOf(1), value, value, nil), syscall.EBADF)
	wantError(t, bpfcompare.Update(-1, keyOf(1), value, updateAny), syscall.EBADF)
}

// A whole value that is one word.
func TestUpdateInPlaceWholeWord(t *testing.T) {
	for size := uint32(4); size <= 8; size += 4 {
		fd, err := bpfmap.Create(bpfmap.Info{Type: uint32(bpfcompare.LRUHash), KeySize: keySize, ValueSize: size,
			MaxEntries: 8})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { bpfcompare.Release(fd); syscall.Close(fd) })
		put(t, fd, keyOf(1), bytes.Repeat([]byte{0xff}, int(size)))
		old, one := make([]byte, size), append([]byte{1}, make([]byte, size-1)...)
		wantError(t, bpfcompare.UpdateInPlace(fd, keyOf(1), one, &bpfcompare.InPlace{Op: bpfcompare.OpAdd, Old: old}), nil)
		wantValue(t, fd, keyOf(1), make([]byte, size))
		if !bytes.Equal(old, bytes.Repeat([]byte{0xff}, int(size))) {
			t.Errorf("it was %x", old)
		}
	}
}

// Several bytes are set where the value has a lock; and words as everywhere.
func TestUpdateInPlaceLocked(t *testing.T) {
	fd, err := bpfmap.CreateLocked(uint32(bpfcompare.Hash), 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bpfcompare.Release(fd); syscall.Close(fd) })
	key := keyOf(1)
	value := make([]byte, bpfmap.LockedValueSize)
	for i := 4; i < len(value); i++ {
		value[i] = byte(i)
	}
	put(t, fd, key, value)
	old := make([]byte, 15)
	how := &bpfcompare.InPlace{Offset: 6, Size: 15, Old: old,
		If: &bpfcompare.Options{Offset: 20, Size: 4}, Seen: append([]byte{}, value[20:]...)}
	to := bytes.Repeat([]byte{0xcc}, 15)
	wantError(t, bpfcompare.UpdateInPlace(fd, key, atEnd(t, to), how), nil)
	if !bytes.Equal(old, value[6:21]) {
		t.Errorf("it was %x, and it says %x", value[6:21], old)
	}
	copy(value[6:], to)
	wantValue(t, fd, key, value)
	// Now the region is another one.
	wantError(t, bpfcompare.UpdateInPlace(fd, key, old, how), bpfcompare.ErrMismatch)
	wantValue(t, fd, key, value)
	wantError(t, bpfcompare.UpdateInPlace(fd, key, value[:8], &bpfcompare.InPlace{Size: 8}), bpfcompare.ErrNotSupported)
	wantError(t, bpfcompare.UpdateInPlace(fd, key, value[:4], &bpfcompare.InPlace{Size: 4}), bpfcompare.ErrNotSupported)
	wantError(t, bpfcompare.UpdateInPlace(fd, key, []byte{1, 0, 0, 0}, &bpfcompare.InPlace{Offset: 4, Size: 4,
		Op: bpfcompare.OpXor}), nil)
	value[4] ^= 1
	wantValue(t, fd, key, value)
}

// What was seen and what is written follow from no slice's length, and C must not read past one.
func TestUpdateLengths(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	keys, values := fill(t, fd, 3)
	region := &bpfcompare.Options{Offset: 8, Size: 8}
	for _, c := range []struct {
		name                string
		keys, seen, written int
		opts                *bpfcompare.Options
		says                string
	}{
		{"short key", 3, 16, 16, nil, "3"},
		{"long key", 5, 16, 16, nil, "5"},
		{"nothing seen", 4, 0, 16, nil, "0 bytes seen, of 1 entries with 16 each"},
		{"a byte short seen", 4, 15, 16, nil, "15 bytes seen, of 1 entries with 16 each"},
		{"a value where a region is to be", 4, 16, 16, region, "16 bytes seen, of 1 entries with 8 each"},
		{"nothing to write", 4, 16, 0, nil, "0 bytes to write, to 1 entries with 16 each"},
		{"a byte short", 4, 16, 15, nil, "15 bytes to write, to 1 entries with 16 each"},
		{"a byte too many", 4, 16, 17, nil, "17 bytes to write, to 1 entries with 16 each"},
		{"a region to write", 4, 8, 8, region, "8 bytes to write, to 1 entries with 16 each"},
		{"two values for three keys", 12, 48, 32, nil, "32 bytes to write, to 3 entries with 16 each"},
		{"two seen for three keys", 12, 32, 48, nil, "32 bytes seen, of 3 entries with 16 each"},
		{"room for a byte less", 4, 16, 16, &bpfcompare.Options{Values: make([]byte, 15)},
			"room for 15 bytes of what was there, in 1 entries with 16 each"},
		{"room for none", 4, 16, 16, &bpfcompare.Options{Values: []byte{}},
			"room for 0 bytes of what was there, in 1 entries with 16 each"},
	} {
		t.Run(c.name, func(t *testing.T) {
			key := atEnd(t, keys[:c.keys])
			seen := atEnd(t, append(values[:len(values):len(values)], 0)[:c.seen])
			written := atEnd(t, make([]byte, c.written))
			if c.keys < 8 {
				refusedWith(t, bpfcompare.UpdateIf(fd, key, seen, written, c.opts), c.says)
			}
			results, n, err := bpfcompare.UpdateBatchIf(fd, key, seen, written, c.opts)
			refusedWith(t, err, c.says)
			if results != nil || n != 0 {
				t.Errorf("%d updated: %v", n, results)
			}
			if strings.Contains(c.says, "to write") {
				if c.keys < 8 {
					refusedWith(t, bpfcompare.Update(fd, key, written, updateAny), c.says)
				}
				_, _, err = bpfcompare.UpdateBatch(fd, key, written, updateAny)
				refusedWith(t, err, c.says)
			}
			for i := uint32(0); i < 3; i++ {
				wantValue(t, fd, keyOf(i), valueOf(uint64(i), 1))
			}
		})
	}
}

func refusedWith(t *testing.T, err error, says string) {
	t.Helper()
	wantError(t, err, bpfcompare.ErrInvalid)
	wantError(t, err, syscall.EINVAL)
	if err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v, want an error with %q", err, says)
	}
}

// No descriptor is left for the duplicate: nothing is written then, and each key's answer says so.
func TestUpdateNoDescriptorLeft(t *testing.T) {
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
	err := bpfcompare.UpdateIf(fd, keys[:keySize], values[:valueSize], make([]byte, valueSize), nil)
	results, updated, batchErr := bpfcompare.UpdateBatchIf(fd, keys, values, make([]byte, 2*valueSize), nil)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	wantError(t, err, syscall.EMFILE)
	wantError(t, batchErr, syscall.EMFILE)
	if updated != 0 || len(results) != 2 || results[0] != bpfcompare.ErrCanceled ||
		results[1] != bpfcompare.ErrCanceled {
		t.Errorf("%d updated: %v", updated, results)
	}
	wantValue(t, fd, keyOf(0), valueOf(0, 1))
	wantValue(t, fd, keyOf(1), valueOf(1, 1))
}

func TestMapUpdate(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	m := mapOf[uint32, value](t, fd)
	one, two := value{Number: 1, Generation: 1}, value{Number: 1, Generation: 2}
	wantError(t, m.Update(1, one, updateExist), bpfcompare.ErrNotExist)
	wantError(t, m.Update(1, one, updateNoExist), nil)
	wantError(t, m.Update(1, one, updateNoExist), bpfcompare.ErrExist)
	wantValue(t, fd, keyOf(1), valueOf(1, 1))

	wantError(t, m.UpdateIf(1, two, value{Number: 7}, nil), bpfcompare.ErrMismatch)
	wantError(t, m.UpdateIf(1, one, two, nil), nil)
	was := make([]value, 1)
	number := &bpfcompare.Options{Size: uint32(unsafe.Sizeof(one.Number)), Values: m.Bytes(was)}
	wantError(t, m.UpdateIf(1, one, value{Number: 3, Generation: 4}, number), nil)
	wantValue(t, fd, keyOf(1), valueOf(3, 4))
	if was[0] != two {
		t.Errorf("it was %v", was)
	}

	results, updated, err := m.UpdateBatch([]uint32{1, 2}, []value{one, two}, updateNoExist)
	if err != nil || updated != 1 || results[0] != bpfcompare.ErrExist || results[1] != nil {
		t.Errorf("%v, %d updated, %v", results, updated, err)
	}
	wantValue(t, fd, keyOf(2), valueOf(1, 2))
	results, updated, err = m.UpdateBatchIf([]uint32{1, 2, 3}, []value{one, two, one}, []value{two, one, two}, nil)
	if err != nil || updated != 1 || results[0] != bpfcompare.ErrMismatch || results[1] != nil ||
		results[2] != bpfcompare.ErrNotExist {
		t.Errorf("%v, %d updated, %v", results, updated, err)
	}
	wantValue(t, fd, keyOf(2), valueOf(1, 1))
	_, _, err = m.UpdateBatch(make([]uint32, 2), make([]value, 1), updateAny)
	wantError(t, err, bpfcompare.ErrInvalid)
	_, _, err = m.UpdateBatchIf(make([]uint32, 2), make([]value, 2), make([]value, 1), nil)
	wantError(t, err, bpfcompare.ErrInvalid)
	_, _, err = m.UpdateBatchIf(make([]uint32, 2), make([]value, 1), make([]value, 2), nil)
	wantError(t, err, bpfcompare.ErrInvalid)
	wantError(t, m.Close(), nil)
	wantError(t, m.Update(1, one, updateAny), os.ErrClosed)
	wantError(t, m.UpdateIf(1, one, two, nil), os.ErrClosed)
	_, _, err = m.UpdateBatch(nil, nil, updateAny)
	wantError(t, err, os.ErrClosed)
	_, _, err = m.UpdateBatchIf(nil, nil, nil, nil)
	wantError(t, err, os.ErrClosed)
}
