// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
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

// linkedCall is a pair that would go, but for what is wrong.
type linkedCall struct {
	opts   bpfcompare.Options
	linked *bpfcompare.Linked
}

func (c *linkedCall) any() {
	c.linked.Any, c.linked.Seen, c.linked.Options = true, nil, &bpfcompare.Options{}
}

func (c *linkedCall) fate(fate bpfcompare.Fate) { c.linked.Fate = fate }

func (c *linkedCall) claims() {
	claim := []byte{255, 255, 255, 255}
	c.opts.Claim, c.opts.ClaimOffset = claim, 8
	c.linked.Options.Claim, c.linked.Options.ClaimOffset = claim, 8
}

func (c *linkedCall) noClaim(o *bpfcompare.Options) { o.Claim, o.ClaimOffset = nil, 0 }

const keep = bpfcompare.LinkedKeep

var linkedRows = []struct {
	name string
	want error
	make func(c *linkedCall)
}{
	{"linked_compare without linked_keys", invalid, func(c *linkedCall) { c.linked.Keys = nil }},
	{"linked_flags without linked_keys", invalid, func(c *linkedCall) { c.any(); c.fate(keep); c.linked.Keys = nil }},
	{"an unknown flag", invalid, func(c *linkedCall) { c.fate(8) }},
	{"ABSENT and KEEP", invalid, func(c *linkedCall) { c.any(); c.fate(bpfcompare.LinkedAbsent | keep) }},
	{"ABSENT and FIRST", invalid, func(c *linkedCall) { c.any(); c.fate(bpfcompare.LinkedAbsent | bpfcompare.LinkedFirst) }},
	{"ABSENT and a compare", invalid, func(c *linkedCall) { c.fate(bpfcompare.LinkedAbsent) }},
	{"ABSENT and a claim", invalid, func(c *linkedCall) {
		c.any()
		c.claims()
		c.linked.Any = false
		c.fate(bpfcompare.LinkedAbsent)
	}},
	{"KEEP and FIRST", invalid, func(c *linkedCall) { c.fate(keep | bpfcompare.LinkedFirst) }},
	{"KEEP and a claim", invalid, func(c *linkedCall) { c.claims(); c.fate(keep) }},
	{"linked_compare_size without linked_compare", invalid, func(c *linkedCall) { c.any(); c.linked.Options.Size = 4 }},
	{"linked_compare_offset without linked_compare", invalid, func(c *linkedCall) {
		c.any()
		c.linked.Options.Offset = 8
	}},
	{"linked_claim_size 2", invalid, func(c *linkedCall) { c.claims(); c.linked.Options.Claim = []byte{255, 255} }},
	{"linked_claim_offset 6", invalid, func(c *linkedCall) { c.claims(); c.linked.Options.ClaimOffset = 6 }},
	{"a linked claim outside of its region", invalid, func(c *linkedCall) {
		c.claims()
		c.linked.Options.ClaimOffset = 12
	}},
	{"a linked claim outside of the value", invalid, func(c *linkedCall) {
		c.any()
		c.claims()
		c.linked.Options.ClaimOffset = valueSize
	}},
	{"a claim on the first alone", invalid, func(c *linkedCall) { c.claims(); c.noClaim(c.linked.Options) }},
	{"a claim on the linked one alone", invalid, func(c *linkedCall) { c.claims(); c.noClaim(&c.opts) }},
	{"a linked region past the value", invalid, func(c *linkedCall) { c.linked.Options.Size = 9 }},
	{"claim_first over claim_last", invalid, func(c *linkedCall) {
		c.claims()
		c.opts.ClaimFirst, c.opts.ClaimLast = math.MaxUint64, 1
	}},
	{"claim_last without a claim", invalid, func(c *linkedCall) { c.opts.ClaimLast = 1 }},
	{"a range without the claim", invalid, func(c *linkedCall) {
		c.claims()
		c.opts.ClaimFirst, c.opts.ClaimLast = 10, 20
	}},
	{"the native backend", notSupported, func(c *linkedCall) { c.opts.Backend = bpfcompare.Native }},
	{"values by the native backend", notSupported, func(c *linkedCall) {
		c.opts.Backend, c.opts.Values, c.linked = bpfcompare.Native, make([]byte, valueSize), nil
	}},
}

func newLinkedCall(fd int) *linkedCall {
	region := bpfcompare.Options{Offset: 8, Size: 4, Whole: true}
	linked := region
	return &linkedCall{region, &bpfcompare.Linked{FD: fd, Keys: keyOf(2), Seen: valueOf(2, equal), Options: &linked}}
}

// refused tells whether the call is answered so, and leaves both entries alone.
func (c *linkedCall) refused(t *testing.T, name string, fd int, want error) {
	t.Helper()
	var results, linkedResults []error
	var deleted int
	var err error
	if c.linked == nil {
		results, deleted, err = bpfcompare.DeleteBatchIf(fd, keyOf(1), valueOf(1, equal), &c.opts)
	} else {
		results, linkedResults, deleted, err = bpfcompare.DeleteLinkedIf(fd, keyOf(1), valueOf(1, equal), &c.opts, c.linked)
	}
	all := append(results, linkedResults...)
	if !errors.Is(err, want) || deleted != 0 || strings.Trim(fmt.Sprint(all), "[] "+bpfcompare.ErrCanceled.Error()) != "" ||
		!has(fd, keyOf(1)) || !has(fd, keyOf(2)) {
		t.Errorf("%s: %v, want %v; %d deleted: %v", name, err, want, deleted, all)
	}
}

func TestLinkedRows(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	set(t, fd, 1, equal)
	set(t, fd, 2, equal)
	for _, r := range linkedRows {
		c := newLinkedCall(fd)
		r.make(c)
		c.refused(t, r.name, fd, r.want)
	}
	// "the same by linked_fd"
	twin, err := syscall.Dup(fd)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(twin)
	c := newLinkedCall(twin)
	c.claims()
	c.noClaim(&c.opts)
	c.refused(t, "the same by linked_fd", fd, invalid)
}

// What the linked map can be, and what may be asked of it.
func TestLinkedMapRows(t *testing.T) {
	fd, other, frozen := newMap(t, bpfcompare.Hash, 8), newMap(t, bpfcompare.Hash, 8), newMap(t, bpfcompare.Hash, 8)
	array, err := bpfmap.Create(bpfmap.Info{Type: 2, KeySize: keySize, ValueSize: valueSize, MaxEntries: 8})
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(array)
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	reopen := func(fd, may int) int {
		twin, err := bpfmap.Reopen(fd, may)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { syscall.Close(twin) })
		return twin
	}
	set(t, fd, 1, equal)
	set(t, fd, 2, equal)
	set(t, other, 2, equal)
	set(t, frozen, 2, equal)
	if err := bpfmap.Freeze(frozen); err != nil {
		t.Fatal(err)
	}
	readOnly, writeOnly := reopen(other, bpfmap.ReadOnly), reopen(other, bpfmap.WriteOnly)
	for _, r := range []struct {
		name string
		fd   int
		fate bpfcompare.Fate
		size uint32
		want error // nil: the first one goes
	}{
		{"linked_fd is closed", 4000, 0, 4, syscall.EBADF},
		{"linked_fd is no map's", int(null.Fd()), 0, 4, invalid},
		{"linked_fd is no map's, KEEP", int(null.Fd()), keep, 4, invalid},
		{"linked_fd is an array's", array, 0, 4, notSupported},
		{"linked_fd is read-only", readOnly, 0, 4, permission},
		{"linked_fd is read-only, and a region past its value is looked at", readOnly, keep, 9, invalid},
		{"linked_fd is write-only, KEEP", writeOnly, keep, 4, permission},
		{"linked_fd is write-only, and of the same map", reopen(fd, bpfmap.WriteOnly), keep, 4, permission},
		{"the linked map is frozen", frozen, 0, 4, permission},
		{"linked_fd is read-only, and looked at", readOnly, keep, 4, nil},
		{"the linked map is frozen, and looked at", frozen, keep, 4, nil},
	} {
		set(t, fd, 1, equal)
		c := newLinkedCall(r.fd)
		c.linked.Fate, c.linked.Options.Size = r.fate, r.size
		if r.want != nil {
			c.refused(t, r.name, fd, r.want)
			continue
		}
		results, linkedResults, deleted, err := bpfcompare.DeleteLinkedIf(fd, keyOf(1), valueOf(1, equal), &c.opts, c.linked)
		if err != nil || deleted != 1 || results[0] != nil || linkedResults[0] != nil || has(fd, keyOf(1)) || !has(r.fd, keyOf(2)) {
			t.Errorf("%s: %d deleted, %v, %v, %v", r.name, deleted, results, linkedResults, err)
		}
	}
}

// goodCondition is of the first 8 of 24 bytes.
func goodCondition() condition { return condition{Size: 8, Op: lt, Operand: 100} }

func TestSweepRows(t *testing.T) {
	fd, err := bpfmap.Create(bpfmap.Info{Type: hash, KeySize: 8, ValueSize: rowValueSize, MaxEntries: 8})
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	put(t, fd, make([]byte, 8), make([]byte, rowValueSize))
	claim, short := []byte{200, 0, 0, 0, 0, 0, 0, 0}, []byte{200, 0, 0, 0}
	times := func(n int) (group []condition) {
		for i := 0; i < n; i++ {
			group = append(group, goodCondition())
		}
		return group
	}
	groups := func(n int) (all bpfcompare.Where) {
		for i := 0; i < n; i++ {
			all = append(all, times(1))
		}
		return all
	}
	with := func(change func(c *condition)) bpfcompare.SweepOptions {
		c := goodCondition()
		change(&c)
		return bpfcompare.SweepOptions{Where: where(c)}
	}
	good := groups(1)
	for _, r := range []struct {
		name         string
		opts         bpfcompare.SweepOptions
		keys, values []byte
	}{
		{"17 conditions", bpfcompare.SweepOptions{Where: where(times(17)...)}, nil, nil},
		{"no condition", bpfcompare.SweepOptions{}, nil, nil},
		{"all, with a condition", bpfcompare.SweepOptions{Where: good, All: true}, nil, nil},
		{"keys without capacity", bpfcompare.SweepOptions{Where: good}, []byte{}, nil},
		{"values without capacity", bpfcompare.SweepOptions{Where: good}, nil, []byte{}},
		{"a cursor of a part that is not there", bpfcompare.SweepOptions{Where: good, Part: 2, Parts: 2}, nil, nil},
		{"a claim and all", bpfcompare.SweepOptions{All: true, Claim: claim}, nil, nil},
		{"a claim on another field", bpfcompare.SweepOptions{Where: good, Claim: claim, ClaimOffset: 8}, nil, nil},
		{"a claim of another size", bpfcompare.SweepOptions{Where: good, Claim: short}, nil, nil},
		{"a claim past the value", bpfcompare.SweepOptions{Where: good, Claim: claim, ClaimOffset: 24}, nil, nil},
		{"a range without a claim", bpfcompare.SweepOptions{Where: good, ClaimLast: 9}, nil, nil},
		{"a claim out of its range", bpfcompare.SweepOptions{Where: good, Claim: claim, ClaimFirst: 1, ClaimLast: 2}, nil, nil},
		{"a claim that one group does not judge", bpfcompare.SweepOptions{Where: bpfcompare.Where{times(1),
			{condition{Offset: 8, Size: 8, Operand: 1}}}, Claim: claim}, nil, nil},
		{"a field that is the claim's in part", bpfcompare.SweepOptions{Where: where(goodCondition(),
			condition{Offset: 4, Size: 8, Operand: 1}), Claim: claim}, nil, nil},
		{"a size of 3", with(func(c *condition) { c.Size = 3 }), nil, nil},
		{"a size of 0", with(func(c *condition) { c.Size = 0 }), nil, nil},
		{"an unknown op", with(func(c *condition) { c.Op = 8 }), nil, nil},
		{"a field past the value's end", with(func(c *condition) { c.Offset = 17 }), nil, nil},
		{"a field far past the value's end", with(func(c *condition) { c.Offset = math.MaxUint32 }), nil, nil},
		{"a field past the key's end", with(func(c *condition) { c.Key, c.Offset = true, 1 }), nil, nil},
		{"no group 0", bpfcompare.SweepOptions{Where: bpfcompare.Where{{}, times(1)}}, nil, nil},
		{"an operand outside of the field", with(func(c *condition) { c.Size, c.Operand = 4, uint64(1)<<32 }), nil, nil},
		{"a mask outside of the field", with(func(c *condition) { c.Size, c.Operand, c.Mask = 4, 0, 1<<32 }), nil, nil},
		{"9 groups", bpfcompare.SweepOptions{Where: groups(9)}, nil, nil},
		{"a group left out", bpfcompare.SweepOptions{Where: bpfcompare.Where{times(1), {}, times(1)}}, nil, nil},
	} {
		s, err := bpfcompare.NewSweeper(fd, &r.opts)
		if err == nil {
			_, err = s.Next(r.keys, r.values)
		}
		if !errors.Is(err, invalid) || bpfmap.Lookup(fd, make([]byte, 8), make([]byte, rowValueSize)) != nil {
			t.Errorf("%s: %v", r.name, err)
		}
	}
}

// What a descriptor may, and a map.
func TestSweepMapRows(t *testing.T) {
	array, err := bpfmap.Create(bpfmap.Info{Type: 2, KeySize: keySize, ValueSize: valueSize, MaxEntries: 8})
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(array)
	fd, frozen := newMap(t, bpfcompare.Hash, 8), newMap(t, bpfcompare.Hash, 8)
	set(t, fd, 1, equal)
	set(t, frozen, 1, equal)
	if err := bpfmap.Freeze(frozen); err != nil {
		t.Fatal(err)
	}
	var twins [2]int
	for i, may := range []int{bpfmap.ReadOnly, bpfmap.WriteOnly} {
		if twins[i], err = bpfmap.Reopen(fd, may); err != nil {
			t.Fatal(err)
		}
		defer syscall.Close(twins[i])
	}
	for _, r := range []struct {
		name             string
		fd               int
		deletes, counted error
	}{
		{"no file descriptor", -1, syscall.EBADF, syscall.EBADF},
		{"an array", array, notSupported, notSupported},
		{"read-only", twins[0], permission, nil},
		{"write-only", twins[1], permission, permission},
		{"frozen", frozen, permission, nil},
	} {
		for _, count := range []bool{true, false} {
			want := r.deletes
			if count {
				want = r.counted
			}
			swept, err := bpfcompare.Sweep(r.fd, &bpfcompare.SweepOptions{All: true, Count: count})
			if !errors.Is(err, want) || err == nil && swept.Matched != 1 || !has(fd, keyOf(1)) || !has(frozen, keyOf(1)) {
				t.Errorf("%s, counted: %v: %+v, %v, want %v", r.name, count, swept, err, want)
			}
		}
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
