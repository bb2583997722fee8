// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
)

// What an entry's second half says.
const (
	equal       = 1
	differs     = 2
	ourClaim    = 1<<63 + 1
	othersClaim = 1<<63 + 2
)

// region is the second half of a value.
func region(claim bool) *bpfcompare.Options {
	opts := &bpfcompare.Options{Offset: 8, Size: 8, Whole: true}
	if claim {
		opts.Claim, opts.ClaimOffset = binary.LittleEndian.AppendUint64(nil, ourClaim), 8
		opts.ClaimFirst, opts.ClaimLast = 1<<63, 1<<63+15
	}
	return opts
}

// set writes the entry of a key, or removes it where it is to say nothing.
func set(t testing.TB, fd int, key uint32, says uint64) {
	t.Helper()
	if says != 0 {
		put(t, fd, keyOf(key), valueOf(uint64(key), says))
	} else if err := bpfcompare.Delete(fd, keyOf(key)); err != nil && err != bpfcompare.ErrNotExist {
		t.Fatal(err)
	}
}

// inMaps runs a test on two maps, and on one.
func inMaps(t *testing.T, test func(t *testing.T, fd, linkedFD int)) {
	t.Run("two maps", func(t *testing.T) {
		test(t, newMap(t, bpfcompare.Hash, 8), newMap(t, bpfcompare.LRUHash, 8))
	})
	t.Run("one map", func(t *testing.T) {
		fd := newMap(t, bpfcompare.Hash, 8)
		test(t, fd, fd)
	})
}

// The rows of the table at DeleteLinkedIf.
func TestLinked(t *testing.T) {
	const (
		any  = true
		seen = false
	)
	const key, linkedKey = 1, 2
	mismatch, notExist, canceled := bpfcompare.ErrMismatch, bpfcompare.ErrNotExist, bpfcompare.ErrCanceled
	rows := []struct {
		is, linkedIs uint64 // 0: missing
		any          bool
		fate         bpfcompare.Fate
		claim        bool
		result       error
		linkedResult error
	}{
		{0, equal, seen, bpfcompare.LinkedDelete, false, notExist, canceled},
		{0, 0, any, bpfcompare.LinkedDelete, true, notExist, canceled},
		{differs, equal, seen, bpfcompare.LinkedDelete, false, mismatch, canceled},
		{othersClaim, equal, seen, bpfcompare.LinkedDelete, true, mismatch, canceled},
		{equal, differs, seen, bpfcompare.LinkedDelete, false, mismatch, mismatch},
		{equal, differs, seen, bpfcompare.LinkedFirst, true, mismatch, mismatch},
		{equal, differs, seen, bpfcompare.LinkedKeep, false, mismatch, mismatch},
		{equal, differs, seen, bpfcompare.LinkedAbsent, false, mismatch, mismatch},
		{equal, equal, seen, bpfcompare.LinkedAbsent, true, mismatch, mismatch},
		{equal, othersClaim, any, bpfcompare.LinkedDelete, true, mismatch, mismatch},
		{equal, othersClaim, seen, bpfcompare.LinkedDelete, true, mismatch, mismatch},
		{equal, 0, seen, bpfcompare.LinkedDelete, false, mismatch, notExist},
		{equal, 0, seen, bpfcompare.LinkedFirst, true, mismatch, notExist},
		{equal, 0, seen, bpfcompare.LinkedKeep, false, mismatch, notExist},
		{equal, 0, any, bpfcompare.LinkedDelete, false, nil, notExist},
		{equal, 0, any, bpfcompare.LinkedFirst, true, nil, notExist},
		{equal, 0, any, bpfcompare.LinkedKeep, false, nil, notExist},
		{equal, 0, seen, bpfcompare.LinkedAbsent, false, nil, notExist},
		{equal, 0, seen, bpfcompare.LinkedAbsent, true, nil, notExist},
		{equal, equal, seen, bpfcompare.LinkedDelete, false, nil, nil},
		{equal, equal, seen, bpfcompare.LinkedDelete, true, nil, nil},
		{equal, equal, seen, bpfcompare.LinkedFirst, true, nil, nil},
		{equal, equal, seen, bpfcompare.LinkedKeep, true, nil, nil},
		{equal, differs, any, bpfcompare.LinkedDelete, false, nil, nil},
		{equal, differs, any, bpfcompare.LinkedFirst, true, nil, nil},
		{equal, differs, any, bpfcompare.LinkedKeep, false, nil, nil},
	}
	inMaps(t, func(t *testing.T, fd, linkedFD int) {
		for _, c := range rows {
			counts := !c.any && c.fate != bpfcompare.LinkedAbsent
			goes := c.fate == bpfcompare.LinkedDelete || c.fate == bpfcompare.LinkedFirst
			linked := &bpfcompare.Linked{FD: linkedFD, Keys: atEnd(t, keyOf(linkedKey)), Any: c.any,
				Fate: c.fate, Options: region(c.claim && goes)}
			if counts {
				linked.Seen = atEnd(t, valueOf(0, equal))
			} else {
				linked.Options.Offset, linked.Options.Size = 0, 0
			}
			opts := region(c.claim)
			opts.Values = bytes.Repeat([]byte{0xee}, valueSize)
			set(t, fd, key, c.is)
			set(t, linkedFD, linkedKey, c.linkedIs)
			results, linkedResults, deleted, err := bpfcompare.DeleteLinkedIf(fd, atEnd(t, keyOf(key)),
				atEnd(t, valueOf(0, equal)), opts, linked)
			says := fmt.Sprintf("%+v", c)
			if err != nil || len(results) != 1 || len(linkedResults) != 1 {
				t.Fatalf("%s: %v, %v, %v", says, results, linkedResults, err)
			}
			if results[0] != c.result || linkedResults[0] != c.linkedResult ||
				(deleted == 1) != (c.result == nil) {
				t.Errorf("%s: %v, %v, %d deleted", says, results[0], linkedResults[0], deleted)
			}
			if c.result == nil && !bytes.Equal(opts.Values, valueOf(key, equal)) {
				t.Errorf("%s: the value was %x", says, opts.Values)
			}
			if has(fd, keyOf(key)) != (c.is != 0 && c.result != nil) ||
				has(linkedFD, keyOf(linkedKey)) != (c.linkedIs != 0 && (c.result != nil || !goes)) {
				t.Errorf("%s: there it is: %v, and the linked one: %v", says, has(fd, keyOf(key)),
					has(linkedFD, keyOf(linkedKey)))
			}
		}
	})
}

func TestLinkedOneEntry(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	put(t, fd, keyOf(1), valueOf(1, equal))
	results, linkedResults, deleted, err := bpfcompare.DeleteLinkedIf(fd, keyOf(1), valueOf(1, equal), nil,
		&bpfcompare.Linked{FD: fd, Keys: keyOf(1), Any: true})
	if err != nil || results[0] != bpfcompare.ErrInvalid || linkedResults[0] != bpfcompare.ErrCanceled ||
		deleted != 0 || !has(fd, keyOf(1)) {
		t.Errorf("%v, %v, %d deleted, %v", results, linkedResults, deleted, err)
	}
}

// Some runs of the program, pairs whose both directions are given, and keys and values of other sizes in
// the second map.
func TestLinkedBatch(t *testing.T) {
	type number [3]uint32
	const n = 1000
	flowsFD := newMap(t, bpfcompare.Hash, 2*n)
	numbersFD, err := bpfmap.Create(bpfmap.Info{Type: uint32(bpfcompare.Hash), KeySize: 8, ValueSize: 12,
		MaxEntries: 2 * n})
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(numbersFD)
	flows, numbers := mapOf[uint32, value](t, flowsFD), mapOf[uint64, number](t, numbersFD)
	write := func() (keys []uint32, seen []value, numberKeys []uint64, numbersSeen []number) {
		for i := uint32(0); i < n; i++ {
			key, is := i, number{i, 2, 3}
			put(t, flowsFD, keyOf(key), valueOf(uint64(i), equal))
			if err := bpfmap.Update(numbersFD, binary.LittleEndian.AppendUint64(nil, uint64(i)<<32),
				unsafe.Slice((*byte)(unsafe.Pointer(&is)), 12)); err != nil {
				t.Fatal(err)
			}
			keys, seen = append(keys, key), append(seen, value{Number: uint64(i), Generation: equal})
			numberKeys, numbersSeen = append(numberKeys, uint64(i)<<32), append(numbersSeen, is)
		}
		return keys, seen, numberKeys, numbersSeen
	}

	keys, seen, numberKeys, numbersSeen := write()
	values := make([]value, n)
	for i := 0; i < n; i += 10 {
		numbersSeen[i][2]++
		seen[i+1].Number++
		wantError(t, numbers.Delete(numberKeys[i+2]), nil)
	}
	linked := numbers.Linked(numberKeys, numbersSeen)
	linked.Fate = bpfcompare.LinkedFirst
	results, linkedResults, deleted, err := flows.DeleteLinkedIf(keys, seen,
		&bpfcompare.Options{Values: flows.Bytes(values)}, linked)
	if err != nil || deleted != n*7/10 || len(results) != n || len(linkedResults) != n {
		t.Fatalf("%d and %d results, %d deleted, %v", len(results), len(linkedResults), deleted, err)
	}
	for i := range results {
		want := map[int][2]error{
			0: {bpfcompare.ErrMismatch, bpfcompare.ErrMismatch},
			1: {bpfcompare.ErrMismatch, bpfcompare.ErrCanceled},
			2: {bpfcompare.ErrMismatch, bpfcompare.ErrNotExist},
		}[i%10]
		if results[i] != want[0] || linkedResults[i] != want[1] {
			t.Fatalf("pair %d: got %v, %v, want %v", i, results[i], linkedResults[i], want)
		}
		if results[i] == nil && values[i] != seen[i] {
			t.Fatalf("pair %d: the value was %v", i, values[i])
		}
		wantError(t, numbers.Delete(numberKeys[i]), map[bool]error{true: nil, false: bpfcompare.ErrNotExist}[i%10 < 2])
	}

	// The region of the linked values that the options name counts.
	keys, seen, numberKeys, numbersSeen = write()
	for i := range numbersSeen {
		numbersSeen[i][0]++
	}
	linked = numbers.Linked(numberKeys, numbersSeen)
	linked.Options = &bpfcompare.Options{Offset: 4, Size: 8}
	_, _, deleted, err = flows.DeleteLinkedIf(keys, seen, nil, linked)
	if err != nil || deleted != n {
		t.Errorf("%d deleted, %v", deleted, err)
	}

	// Forward and reverse entries of one map: either deletes both.
	keys, seen, _, _ = write()
	reverse, reverseSeen := make([]uint32, n), make([]value, n)
	for i := range keys {
		reverse[i], reverseSeen[i] = keys[i^1], seen[i^1]
	}
	results, linkedResults, deleted, err = flows.DeleteLinkedIf(keys, seen, nil, flows.Linked(reverse, reverseSeen))
	if err != nil || deleted != n/2 {
		t.Fatalf("%d deleted, %v", deleted, err)
	}
	for i := range results {
		want := [][2]error{{nil, nil}, {bpfcompare.ErrNotExist, bpfcompare.ErrCanceled}}[i%2]
		if results[i] != want[0] || linkedResults[i] != want[1] || has(flowsFD, keyOf(uint32(i))) {
			t.Fatalf("pair %d: %v, %v", i, results[i], linkedResults[i])
		}
	}
	results, linkedResults, deleted, err = flows.DeleteLinkedIf(nil, nil, nil, numbers.Linked(nil, nil))
	if err != nil || deleted != 0 || len(results) != 0 || len(linkedResults) != 0 {
		t.Errorf("no pairs: %v, %v, %d deleted, %v", results, linkedResults, deleted, err)
	}
}

// Values come of single keys and of batches too.
func TestValues(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	fill(t, fd, 3)
	m := mapOf[uint32, value](t, fd)
	generation := bpfcompare.Options{Offset: 8, Size: 4}
	one := make([]value, 1)
	generation.Values = m.Bytes(one)
	wantError(t, m.DeleteIf(1, value{Generation: 2}, &generation), bpfcompare.ErrMismatch)
	wantError(t, m.DeleteIf(7, value{Generation: 1}, &generation), bpfcompare.ErrNotExist)
	wantError(t, m.DeleteIf(1, value{Generation: 1}, &generation), nil)
	if want := (value{Number: 1, Generation: 1}); one[0] != want {
		t.Errorf("the value was %v, want %v", one[0], want)
	}
	two := make([]value, 2)
	generation.Values = m.Bytes(two)
	_, deleted, err := m.DeleteBatchIf([]uint32{0, 2}, []value{{Generation: 1}, {Generation: 1}}, &generation)
	if want := (value{Number: 2, Generation: 1}); err != nil || deleted != 2 || two[1] != want {
		t.Errorf("%d deleted, %v, the second value was %v, want %v", deleted, err, two[1], want)
	}
	generation.Backend = bpfcompare.Native
	_, _, err = m.DeleteBatchIf([]uint32{0, 2}, []value{{}, {}}, &generation)
	wantError(t, err, bpfcompare.ErrNotSupported)
}

// Whose words are in the range are left alone, by a single delete too.
func TestClaimRange(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	key := keyOf(1)
	for _, c := range []struct {
		is   uint64
		want error
	}{{othersClaim, bpfcompare.ErrMismatch}, {1<<63 + 16, nil}, {equal, nil}} {
		set(t, fd, 1, c.is)
		wantError(t, bpfcompare.DeleteIf(fd, key, valueOf(0, c.is), region(true)), c.want)
		if has(fd, key) != (c.want != nil) {
			t.Errorf("%x: the entry is there: %v", c.is, has(fd, key))
		}
	}
	set(t, fd, 1, equal)
	opts := region(true)
	opts.ClaimFirst = 1<<63 + 2
	wantError(t, bpfcompare.DeleteIf(fd, key, valueOf(0, equal), opts), bpfcompare.ErrInvalid)
	opts = region(true)
	opts.ClaimLast = 0
	wantError(t, bpfcompare.DeleteIf(fd, key, valueOf(0, equal), opts), bpfcompare.ErrInvalid)
	if !has(fd, key) {
		t.Error("the entry is gone")
	}
}

// As TestLengths, for what pairs and values have more of.
func TestLinkedLengths(t *testing.T) {
	fd, linkedFD := newMap(t, bpfcompare.Hash, 8), newMap(t, bpfcompare.Hash, 8)
	keys, values := fill(t, fd, 3)
	fill(t, linkedFD, 3)
	part := func(whole bool) *bpfcompare.Options {
		return &bpfcompare.Options{Offset: 8, Size: 8, Whole: whole}
	}
	const none = -1
	for _, c := range []struct {
		name                   string
		keys, seen, values     int
		linkedKeys, linkedSeen int
		linkedOpts             *bpfcompare.Options
		any                    bool
		fate                   bpfcompare.Fate
		says                   string
	}{
		{"no linked keys", 12, 48, none, 0, 48, nil, false, 0, "0 bytes of keys, of 3 with 4 each"},
		{"a linked key short", 12, 48, none, 8, 48, nil, false, 0, "8 bytes of keys, of 3 with 4 each"},
		{"linked keys short of a byte", 12, 48, none, 11, none, nil, true, 0, "11 bytes of keys, of 3"},
		{"a linked key too many", 8, 32, none, 12, 32, nil, false, 0, "12 bytes of keys, of 2"},
		{"linked keys, but none", 0, 0, none, 4, none, nil, true, 0, "4 bytes of keys, of 0"},
		{"keys short of a byte", 11, 48, none, 12, 48, nil, false, 0, "11 bytes of keys, for a map"},
		{"seen short of a byte", 12, 47, none, 12, 48, nil, false, 0, "47 bytes seen, of 3"},
		{"nothing seen of the linked", 12, 48, none, 12, none, nil, false, 0, "0 bytes seen, of 3 entries"},
		{"nor whatever becomes of it", 12, 48, none, 12, none, nil, false, bpfcompare.LinkedKeep,
			"0 bytes seen, of 3 entries"},
		{"linked value short of a byte", 12, 48, none, 12, 47, nil, false, 0, "entries: 47 bytes seen, of 3"},
		{"linked value a byte too long", 12, 48, none, 12, 49, nil, false, 0, "entries: 49 bytes seen, of 3"},
		{"linked region short", 12, 48, none, 12, 23, part(false), false, 0, "23 bytes seen, of 3 entries with 8"},
		{"a linked value as region", 12, 48, none, 12, 48, part(false), false, 0, "48 bytes seen, of 3 entries with 8"},
		{"a linked region as value", 12, 48, none, 12, 24, part(true), false, 0, "24 bytes seen, of 3 entries with 16"},
		{"linked region past the value", 12, 48, none, 12, 27, &bpfcompare.Options{Offset: 8, Size: 9}, false, 0,
			"linked entries: a region of 9 bytes at 8, for a map with values of 16"},
		{"seen, but any", 12, 48, none, 12, 48, nil, true, 0, "Seen, with Any"},
		{"seen, but absent", 12, 48, none, 12, 48, nil, false, bpfcompare.LinkedAbsent, "Seen, with Any"},
		{"any, but absent", 12, 48, none, 12, none, nil, true, bpfcompare.LinkedAbsent, "Any, with LinkedAbsent"},
		{"a region of any", 12, 48, none, 12, none, part(true), true, 0, "without linked_compare"},
		{"values short of a byte", 12, 48, 47, 12, 48, nil, false, 0, "room for 47 bytes of values, of 3"},
		{"values a byte too long", 12, 48, 49, 12, 48, nil, false, 0, "room for 49 bytes of values, of 3"},
		{"no room for values", 12, 48, 0, 12, 48, nil, false, 0, "room for 0 bytes of values, of 3"},
		{"unknown fate", 12, 48, none, 12, 48, nil, false, 8, "linked_flags 0x8: unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cut := func(of []byte, n int) []byte {
				if n == none {
					return nil
				}
				return atEnd(t, append(of[:len(of):len(of)], 0)[:n])
			}
			_, _, deleted, err := bpfcompare.DeleteLinkedIf(fd, cut(keys, c.keys), cut(values, c.seen),
				&bpfcompare.Options{Values: cut(values, c.values)},
				&bpfcompare.Linked{FD: linkedFD, Keys: cut(keys, c.linkedKeys), Seen: cut(values, c.linkedSeen),
					Any: c.any, Fate: c.fate, Options: c.linkedOpts})
			wantError(t, err, bpfcompare.ErrInvalid)
			if err == nil || !strings.Contains(err.Error(), c.says) || deleted != 0 {
				t.Errorf("got %v, want an error with %q; %d deleted", err, c.says, deleted)
			}
			for i := uint32(0); i < 3; i++ {
				if !has(fd, keyOf(i)) || !has(linkedFD, keyOf(i)) {
					t.Fatalf("an entry of key %d is gone", i)
				}
			}
		})
	}
	for _, room := range []int{0, 15, 17, 32} {
		opts := &bpfcompare.Options{Values: atEnd(t, make([]byte, room))}
		wantError(t, bpfcompare.DeleteIf(fd, keys[:4], values[:16], opts), bpfcompare.ErrInvalid)
		wantError(t, bpfcompare.DeleteIf(fd, keys[:8], values[:32], opts), bpfcompare.ErrInvalid)
	}
	if !has(fd, keyOf(0)) || !has(fd, keyOf(1)) {
		t.Error("an entry is gone")
	}

	flows, numbers := mapOf[uint32, value](t, fd), mapOf[uint32, value](t, linkedFD)
	three, seen := []uint32{0, 1, 2}, []value{{0, 1, [4]byte{}}, {1, 1, [4]byte{}}, {2, 1, [4]byte{}}}
	for _, linked := range []*bpfcompare.Linked{nil, numbers.Linked(three[:2], seen[:2]),
		numbers.Linked(three, seen[:2]), numbers.Linked(three, nil)} {
		_, _, deleted, err := flows.DeleteLinkedIf(three, seen, nil, linked)
		wantError(t, err, bpfcompare.ErrInvalid)
		if deleted != 0 {
			t.Errorf("%d deleted", deleted)
		}
	}
	_, _, _, err := flows.DeleteLinkedIf(three, seen[:2], nil, numbers.Linked(three, seen))
	wantError(t, err, bpfcompare.ErrInvalid)
}

// What would be left out of account is refused.
func TestLinkedOptions(t *testing.T) {
	fd, linkedFD := newMap(t, bpfcompare.Hash, 8), newMap(t, bpfcompare.Hash, 8)
	put(t, fd, keyOf(1), valueOf(1, equal))
	put(t, linkedFD, keyOf(1), valueOf(1, equal))
	try := func(first, linked *bpfcompare.Options) error {
		results, _, _, err := bpfcompare.DeleteLinkedIf(fd, keyOf(1), valueOf(1, equal), first,
			&bpfcompare.Linked{FD: linkedFD, Keys: keyOf(1), Seen: valueOf(1, equal), Options: linked})
		if err == nil {
			err = results[0]
		}
		return err
	}
	prog := &bpfcompare.Options{Backend: bpfcompare.SyscallProg}
	wantError(t, try(nil, prog), bpfcompare.ErrInvalid)
	wantError(t, try(nil, &bpfcompare.Options{Values: []byte{}}), bpfcompare.ErrInvalid)
	wantError(t, try(nil, region(true)), bpfcompare.ErrInvalid)
	other := region(true)
	other.ClaimLast++
	wantError(t, try(region(true), other), bpfcompare.ErrInvalid)
	wantError(t, try(&bpfcompare.Options{Backend: bpfcompare.Native}, nil), bpfcompare.ErrNotSupported)
	if !has(fd, keyOf(1)) || !has(linkedFD, keyOf(1)) {
		t.Fatal("an entry is gone")
	}
	wantError(t, try(region(true), region(true)), nil)
	put(t, fd, keyOf(1), valueOf(1, equal))
	put(t, linkedFD, keyOf(1), valueOf(1, equal))
	wantError(t, try(prog, prog), nil)
}

// What is wrong with the linked map is said, and nothing is deleted.
func TestLinkedErrors(t *testing.T) {
	fd, frozen := newMap(t, bpfcompare.Hash, 8), newMap(t, bpfcompare.Hash, 8)
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
	put(t, fd, keyOf(1), valueOf(1, equal))
	put(t, frozen, keyOf(1), valueOf(1, equal))
	if err := bpfmap.Freeze(frozen); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		fd   int
		want error
		says string
	}{
		{-1, syscall.EBADF, "the linked map's descriptor, -1"},
		{int(file.Fd()), syscall.EINVAL, fmt.Sprintf("the linked map's descriptor, %d", file.Fd())},
		{array, bpfcompare.ErrNotSupported, ""},
		{frozen, bpfcompare.ErrPermission, ""},
	} {
		results, linkedResults, deleted, err := bpfcompare.DeleteLinkedIf(fd, keyOf(1), valueOf(1, equal), nil,
			&bpfcompare.Linked{FD: c.fd, Keys: keyOf(1), Seen: valueOf(1, equal)})
		wantError(t, err, c.want)
		if err == nil || !strings.Contains(err.Error(), c.says) || deleted != 0 || len(results) != 1 ||
			results[0] != bpfcompare.ErrCanceled || len(linkedResults) != 1 ||
			linkedResults[0] != bpfcompare.ErrCanceled || !has(fd, keyOf(1)) {
			t.Errorf("%v, %v, %d deleted, %v", results, linkedResults, deleted, err)
		}
	}
	// A map that is only looked at may be frozen.
	_, _, deleted, err := bpfcompare.DeleteLinkedIf(fd, keyOf(1), valueOf(1, equal), nil,
		&bpfcompare.Linked{FD: frozen, Keys: keyOf(1), Seen: valueOf(1, equal), Fate: bpfcompare.LinkedKeep})
	if err != nil || deleted != 1 || !has(frozen, keyOf(1)) {
		t.Errorf("%d deleted, %v", deleted, err)
	}
}

func TestLinkedClose(t *testing.T) {
	fd, linkedFD := newMap(t, bpfcompare.Hash, 8), newMap(t, bpfcompare.Hash, 8)
	put(t, fd, keyOf(1), valueOf(1, 1))
	before := openFiles(t)
	flows, numbers := mapOf[uint32, value](t, fd), mapOf[uint32, value](t, linkedFD)
	try := func(m, linked *bpfcompare.Map[uint32, value]) error {
		l := linked.Linked([]uint32{1}, nil)
		l.Any, l.Fate = true, bpfcompare.LinkedKeep
		results, _, _, err := m.DeleteLinkedIf([]uint32{1}, []value{{}}, nil, l)
		if err == nil {
			err = results[0]
		}
		return err
	}
	wantError(t, try(flows, numbers), bpfcompare.ErrMismatch)
	if openFiles(t) < before+3 {
		t.Error("it keeps nothing open: this test says nothing")
	}
	// What is kept for both goes with either.
	wantError(t, numbers.Close(), nil)
	if after := openFiles(t); after != before+1 {
		t.Errorf("%d files open before, %d after one was closed", before, after)
	}
	wantError(t, try(flows, numbers), os.ErrClosed)
	wantError(t, flows.Close(), nil)
	wantError(t, try(flows, flows), os.ErrClosed)
	if !has(fd, keyOf(1)) {
		t.Error("the entry is gone")
	}
}

// As TestMapCloseMeanwhile, with maps that are linked one way and the other, and with themselves.
func TestLinkedCloseMeanwhile(t *testing.T) {
	fds := [2]int{newMap(t, bpfcompare.Hash, 8), newMap(t, bpfcompare.Hash, 8)}
	for round := 0; round < 10; round++ {
		maps := [2]*bpfcompare.Map[uint32, value]{mapOf[uint32, value](t, fds[0]), mapOf[uint32, value](t, fds[1])}
		var wg sync.WaitGroup
		for g := 0; g < 4; g++ {
			wg.Add(1)
			go func(m, linked *bpfcompare.Map[uint32, value]) {
				defer wg.Done()
				for {
					l := linked.Linked([]uint32{2}, nil)
					l.Any = true
					results, _, _, err := m.DeleteLinkedIf([]uint32{1}, []value{{}}, nil, l)
					if errors.Is(err, os.ErrClosed) {
						return
					}
					if err != nil || results[0] != bpfcompare.ErrNotExist {
						t.Error(results, err)
						return
					}
				}
			}(maps[g&1], maps[g>>1])
		}
		time.Sleep(time.Millisecond)
		for _, m := range maps {
			wg.Add(1)
			go func(m *bpfcompare.Map[uint32, value]) {
				defer wg.Done()
				wantError(t, m.Close(), nil)
			}(m)
		}
		wg.Wait()
	}
}
