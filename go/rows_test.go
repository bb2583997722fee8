// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"syscall"
	"testing"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
)

// The rows of the C library's contract, by the names that selftests/test_contract.c, test_update_opts.c,
// test_linked_opts.c and test_sweep.c have for them. selftests/go/test_go.sh looks whether one is missing here.

// notInGo are rows that cannot be written in Go.
var notInGo = map[string]string{
	"opts smaller than sz":                         "there is no sz",
	"opts->sz never set":                           "there is no sz",
	"opts with a non-zero tail":                    "there is no sz",
	"sz of nothing":                                "there is no sz",
	"sz never set":                                 "there is no sz",
	"a tail that is not 0":                         "there is no sz",
	"unknown flag":                                 "a delete has no flags",
	"flag over 32 bit":                             "a delete has no flags",
	"compare without BPF_F_COMPARE":                "DeleteIf compares, Delete does not",
	"claim_size without claim":                     "a claim has its size",
	"BPF_EXIST too":                                "UpdateInPlace has no flags",
	"BPF_NOEXIST too":                              "UpdateInPlace has no flags",
	"compare without its flag":                     "If is the flag",
	"offset and size without their flag":           "UpdateInPlace is the flag",
	"old without flags":                            "Update has no Old",
	"claim_last without flags":                     "Update has no claims",
	"op without flags":                             "Update has no Op",
	"linked_fd without linked_keys":                "a Linked has both",
	"linked_keys with elem_flags 0":                "DeleteLinkedIf compares",
	"a range with elem_flags 0":                    "DeleteLinkedIf compares",
	"linked_compare_stride without linked_compare": "there is no stride",
	"linked_claim_size without linked_claim":       "a claim has its size",
	"an unknown flag of a condition":               "a condition has bools",
}

const (
	rowKey       = 7
	rowValueSize = 24
)

var (
	rowValue = []byte("the value, as it was put")
	rowOther = []byte("another one that is new!")
)

// rowCall is a call that does what it is to do, until something is made wrong with it.
type rowCall struct {
	mapType                                   uint32
	closed, program, readOnly, frozen, absent bool
	noKey, noValue                            bool
	opts                                      bpfcompare.Options
	seen                                      []byte
	in                                        bpfcompare.InPlace // of updates, If is opts
	flags                                     bpfcompare.UpdateFlags
}

// row is something wrong. Of two with other ranks the lower one is answered.
type row struct {
	name string
	rank int
	want error
	make func(c *rowCall)
}

// Of what a call gets for a map, lengths are looked at first: unlike in C, where there are none.
const (
	rankFD = iota
	rankInvalid
	rankPermission
	rankPlace
	rankType
	rankServes
	rankBackend
	rankAbsent
	rankDiffers
	rankRight
)

var (
	invalid      = bpfcompare.ErrInvalid
	notSupported = bpfcompare.ErrNotSupported
	permission   = bpfcompare.ErrPermission
)

func closedFD(c *rowCall)   { c.closed = true }
func programFD(c *rowCall)  { c.program = true }
func readOnlyFD(c *rowCall) { c.readOnly = true }
func frozenMap(c *rowCall)  { c.frozen = true }

var deleteRows = []row{
	{"closed fd", rankFD, syscall.EBADF, closedFD},
	{"a program's fd", rankInvalid, invalid, programFD},
	{"read-only fd", rankPermission, permission, readOnlyFD},
	{"frozen map", rankPermission, permission, frozenMap},
	{"unknown backend", rankInvalid, invalid, func(c *rowCall) { c.opts.Backend = 3 }},
	{"claim_offset without claim", rankInvalid, invalid, func(c *rowCall) { c.opts.ClaimOffset = 4 }},
	{"NULL key", rankInvalid, invalid, func(c *rowCall) { c.noKey = true }},
	{"size over the value's", rankInvalid, invalid, func(c *rowCall) { c.opts.Offset, c.opts.Size = 0, rowValueSize+1 }},
	{"region past the value's end", rankInvalid, invalid, func(c *rowCall) {
		c.opts.Offset, c.opts.Size = rowValueSize-3, 4
	}},
	{"offset at the value's end", rankInvalid, invalid, func(c *rowCall) { c.opts.Offset, c.opts.Size = rowValueSize, 1 }},
	{"offset + size overflows", rankInvalid, invalid, func(c *rowCall) {
		c.opts.Offset, c.opts.Size = math.MaxUint32-3, 8
	}},
	{"size near 2^32", rankInvalid, invalid, func(c *rowCall) { c.opts.Offset, c.opts.Size = 8, math.MaxUint32-3 }},
	{"whole value from an offset", rankInvalid, invalid, func(c *rowCall) { c.opts.Offset, c.opts.Size = 1, 0 }},
	{"unsupported map type", rankType, notSupported, func(c *rowCall) { c.mapType = 2 }},
	{"backend that this kernel lacks", rankBackend, notSupported, func(c *rowCall) { c.opts.Backend = bpfcompare.Native }},
	{"NULL compare", rankInvalid, invalid, func(c *rowCall) { c.seen = nil }},
	{"region differs", rankDiffers, bpfcompare.ErrMismatch, func(c *rowCall) { c.seen = rowOther }},
	{"no such key", rankAbsent, bpfcompare.ErrNotExist, func(c *rowCall) { c.absent = true }},
	{"nothing wrong", rankRight, nil, func(*rowCall) {}},
}

var updateRows = []row{
	{"a closed fd", rankFD, syscall.EBADF, closedFD},
	{"a program's fd", rankInvalid, invalid, programFD},
	{"a read-only fd", rankPermission, permission, readOnlyFD},
	{"a frozen map", rankPermission, permission, frozenMap},
	{"an unknown op", rankInvalid, invalid, func(c *rowCall) { c.in.Op = bpfcompare.OpXor + 1 }},
	{"an unknown backend", rankInvalid, invalid, func(c *rowCall) { c.opts.Backend = 3 }},
	{"claim_first over claim_last", rankInvalid, invalid, func(c *rowCall) { c.in.ClaimFirst, c.in.ClaimLast = 2, 1 }},
	{"add to 12 bytes", rankInvalid, invalid, func(c *rowCall) { c.in.Op, c.in.Size = bpfcompare.OpAdd, 12 }},
	{"add beside a word", rankInvalid, invalid, func(c *rowCall) { c.in.Op, c.in.Offset = bpfcompare.OpAdd, 4 }},
	{"or to a byte", rankInvalid, invalid, func(c *rowCall) { c.in.Op, c.in.Size = bpfcompare.OpOr, 1 }},
	{"claims among 16 bytes", rankInvalid, invalid, func(c *rowCall) { c.in.Size, c.in.ClaimLast = 16, 5 }},
	{"claims that no word can be", rankInvalid, invalid, func(c *rowCall) {
		c.in.Size, c.in.ClaimFirst, c.in.ClaimLast = 4, math.MaxUint64, math.MaxUint64
	}},
	{"no key", rankInvalid, invalid, func(c *rowCall) { c.noKey = true }},
	{"no value", rankInvalid, invalid, func(c *rowCall) { c.noValue = true }},
	{"no compare", rankInvalid, invalid, func(c *rowCall) { c.seen = nil }},
	{"a region past the end", rankInvalid, invalid, func(c *rowCall) { c.opts.Offset, c.opts.Size = rowValueSize-3, 4 }},
	{"a region that overflows", rankInvalid, invalid, func(c *rowCall) { c.opts.Offset = math.MaxUint32 - 3 }},
	{"bytes past the end", rankPlace, invalid, func(c *rowCall) { c.in.Offset = rowValueSize }},
	{"bytes that overflow", rankPlace, invalid, func(c *rowCall) { c.in.Offset, c.in.Size = math.MaxUint32-7, 16 }},
	{"a size that overflows", rankInvalid, invalid, func(c *rowCall) { c.in.Size = math.MaxUint32 - 7 }},
	{"add to all of a value", rankPlace, invalid, func(c *rowCall) {
		c.in.Op, c.in.Offset, c.in.Size = bpfcompare.OpAdd, 0, 0
	}},
	{"an array", rankType, notSupported, func(c *rowCall) { c.mapType = 2 }},
	{"values per CPU", rankType, notSupported, func(c *rowCall) { c.mapType = 5 }},
	{"a byte in place", rankServes, notSupported, func(c *rowCall) { c.in.Size = 1 }},
	{"2 bytes in place", rankServes, notSupported, func(c *rowCall) { c.in.Size = 2 }},
	{"12 bytes without a lock", rankServes, notSupported, func(c *rowCall) { c.in.Size = 12 }},
	{"8 bytes across words", rankServes, notSupported, func(c *rowCall) { c.in.Offset = 4 }},
	{"a whole value without a lock", rankServes, notSupported, func(c *rowCall) { c.in.Offset, c.in.Size = 0, 0 }},
	{"the native backend", rankBackend, notSupported, func(c *rowCall) { c.opts.Backend = bpfcompare.Native }},
	{"no such key", rankAbsent, bpfcompare.ErrNotExist, func(c *rowCall) { c.absent = true }},
	{"a region that differs", rankDiffers, bpfcompare.ErrMismatch, func(c *rowCall) { c.seen = rowOther }},
	{"nothing wrong", rankRight, nil, func(*rowCall) {}},
}

// Of an update of a whole value.
var updateFlagsRows = []struct {
	name  string
	flags bpfcompare.UpdateFlags
}{
	{"an unknown flag", 1 << 7},
	{"BPF_F_LOCK", 4},
	{"a flag above 32 bits", 1 << 37},
	{"BPF_NOEXIST | BPF_EXIST", bpfcompare.UpdateNoExist | bpfcompare.UpdateExist},
}

// open makes the map, with its entry, and gives the descriptor that the call has of it.
func (c *rowCall) open(t *testing.T) (fd, given int) {
	t.Helper()
	fd, err := bpfmap.Create(bpfmap.Info{Type: c.mapType, KeySize: keySize, ValueSize: rowValueSize, MaxEntries: 16})
	if err != nil {
		t.Fatal(err)
	}
	if !c.absent || c.mapType == 2 {
		value := make([]byte, rowValueSize*1024) // of all CPUs
		copy(value, rowValue)
		put(t, fd, keyOf(rowKey), value)
	}
	if c.frozen {
		if err := bpfmap.Freeze(fd); err != nil {
			t.Fatal(err)
		}
	}
	switch {
	case c.closed:
		return fd, 4000
	case c.program:
		return fd, programOf(t)
	case c.readOnly:
		if given, err = bpfmap.Reopen(fd, bpfmap.ReadOnly); err != nil {
			t.Fatal(err)
		}
		return fd, given
	}
	return fd, fd
}

// programOf gives the descriptor of one of this process' programs.
func programOf(t *testing.T) int {
	t.Helper()
	for round := 0; round < 2; round++ {
		for name := range programTags(t) {
			if fd, err := strconv.Atoi(name); err == nil {
				return fd
			}
		}
		bpfcompare.DeleteIf(newMap(t, bpfcompare.Hash, 1), keyOf(1), make([]byte, valueSize), nil)
	}
	t.Fatal("no program is open")
	return -1
}

// try makes the call, of one key and of a batch, each on a map of its own.
func (c *rowCall) try(t *testing.T, what string, want error, call func(fd int, key []byte, batch bool) error) {
	t.Helper()
	for _, batch := range []bool{false, true} {
		fd, given := c.open(t)
		key := keyOf(rowKey)
		if c.noKey && batch {
			key = key[:3] // a batch of no keys is right
		} else if c.noKey {
			key = nil
		}
		err := call(given, key, batch)
		value := make([]byte, rowValueSize*1024)
		untouched := bpfmap.Lookup(fd, keyOf(rowKey), value) == nil && string(value[:rowValueSize]) == string(rowValue)
		if !errors.Is(err, want) || want != nil && !c.absent && !untouched || want == nil && untouched {
			t.Errorf("%s, batch: %v: %v, want %v; it is untouched: %v", what, batch, err, want, untouched)
		}
		if given != fd && c.readOnly {
			syscall.Close(given)
		}
		if err := bpfcompare.Release(fd); err != nil && c.mapType != 2 && c.mapType != 5 {
			t.Error(err)
		}
		syscall.Close(fd)
	}
}

// tryRows makes each call wrong in one way, and in two.
func tryRows(t *testing.T, rows []row, together func(a, b row) bool, good rowCall,
	call func(c *rowCall, fd int, key []byte, batch bool) error) {
	for _, first := range rows {
		t.Run(first.name, func(t *testing.T) {
			for _, second := range rows {
				if second.name != first.name && (second.rank <= first.rank || !together(first, second)) {
					continue
				}
				c := good
				second.make(&c)
				first.make(&c)
				c.try(t, first.name+" before "+second.name, first.want, func(fd int, key []byte, batch bool) error {
					return call(&c, fd, key, batch)
				})
			}
		})
	}
}

func TestDeleteRows(t *testing.T) {
	native := bpfcompare.Probe(bpfcompare.Hash, bpfcompare.Native)
	for _, mapType := range []uint32{hash, lru} {
		for _, backend := range []bpfcompare.Backend{bpfcompare.Auto, bpfcompare.SyscallProg} {
			var rows []row
			for _, r := range deleteRows {
				if r.rank != rankBackend || native != nil {
					rows = append(rows, r)
				}
			}
			good := rowCall{mapType: mapType, seen: rowValue,
				opts: bpfcompare.Options{Size: rowValueSize, Whole: true, Backend: backend}}
			// What a program's descriptor is told to be is as wrong for one reason as for another.
			together := func(a, b row) bool { return true }
			t.Run(fmt.Sprintf("type %d, %v", mapType, backend), func(t *testing.T) {
				tryRows(t, rows, together, good, func(c *rowCall, fd int, key []byte, batch bool) error {
					if !batch {
						return bpfcompare.DeleteIf(fd, key, c.seen, &c.opts)
					}
					results, deleted, err := bpfcompare.DeleteBatchIf(fd, key, c.seen, &c.opts)
					return ofOne(results, deleted, err)
				})
			})
		}
	}
}

// ofOne is the answer of a batch of one key.
func ofOne(results []error, done int, err error) error {
	switch {
	case err != nil && (done != 0 || len(results) > 0 && results[0] != bpfcompare.ErrCanceled):
		return fmt.Errorf("%v with %d done: %v", err, done, results)
	case err != nil:
		return err
	case len(results) != 1 || (done == 1) != (results[0] == nil):
		return fmt.Errorf("%d done: %v", done, results)
	}
	return results[0]
}

func TestUpdateRows(t *testing.T) {
	good := rowCall{mapType: hash, seen: rowValue, opts: bpfcompare.Options{Size: 8, Whole: true},
		in: bpfcompare.InPlace{Size: 8}}
	// Where two change the same, one is left.
	together := func(a, b row) bool {
		return a.rank != rankInvalid && a.rank != rankServes || b.rank != rankServes || a.name == "no key" ||
			a.name == "a program's fd"
	}
	tryRows(t, updateRows, together, good, func(c *rowCall, fd int, key []byte, batch bool) error {
		size := int64(c.in.Size)
		if size == 0 || size > 1024 {
			size = rowValueSize
		}
		in, value := c.in, append([]byte(nil), rowOther...)[:size]
		value[0]++
		if c.noValue {
			value = nil
		}
		in.If, in.Seen, in.Old = &c.opts, c.seen, make([]byte, size)
		if batch {
			results, updated, err := bpfcompare.UpdateBatchInPlace(fd, key, value, &in)
			return ofOne(results, updated, err)
		}
		return bpfcompare.UpdateInPlace(fd, key, value, &in)
	})
	for _, r := range updateFlagsRows {
		c := good
		c.try(t, r.name, invalid, func(fd int, key []byte, batch bool) error {
			if batch {
				results, updated, err := bpfcompare.UpdateBatch(fd, key, rowOther, r.flags)
				return ofOne(results, updated, err)
			}
			return bpfcompare.Update(fd, key, rowOther, r.flags)
		})
	}
}

// Each row that cannot be written is one of C alone.
func TestRowsAreOnce(t *testing.T) {
	for _, rows := range [][]row{deleteRows, updateRows} {
		for _, r := range rows {
			if why := notInGo[r.name]; why != "" {
				t.Errorf("%s is here, although %s", r.name, why)
			}
		}
	}
}
