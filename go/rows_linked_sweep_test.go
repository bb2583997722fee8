// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"syscall"
	"testing"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
)

// The rows of linked entries and of sweeps: see rows_test.go.

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
