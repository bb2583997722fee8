// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"math"
	"sync/atomic"
	"syscall"

	"example.org/libbpf-compare/go/internal/call"
	"example.org/libbpf-compare/go/internal/sysbpf"
)

// Walks along the kernel's own memory of a map: which there are, and whether they find here what they have to.

func isPreallocated(info *sysbpf.MapInfo) bool { return info.Flags&noPrealloc == 0 }

// walkPlaces is how many elements the kernel has, at most, or buckets.
func walkPlaces(info *sysbpf.MapInfo) uint64 {
	// A spare one for each CPU; with BPF_F_NO_COMMON_LRU as many more as make equal shares.
	if isPreallocated(info) {
		cpus, err := possibleCPUs()
		if err != nil {
			cpus = 1
		}
		return uint64(info.MaxEntries) + uint64(cpus)
	}
	places := uint64(1)
	for places < uint64(info.MaxEntries) {
		places *= 2
	}
	return places
}

// sweepByWalk is along the elements or the buckets, of which a part may be wanted.
func (t *task) sweepByWalk() (more bool, err error) {
	s, places := t.job.sweep, walkPlaces(&t.target.info)
	t.job.action = actionSweepBuckets
	if isPreallocated(&t.target.info) {
		t.job.action = actionSweepElems
	}
	s.out = 0
	if s.handsOut() {
		s.out = runKeysMax
	}
	begin := uint64(0)
	s.until = places
	if s.parts != 0 {
		begin = places * uint64(s.part) / uint64(s.parts)
		s.until = places * uint64(s.part+1) / uint64(s.parts)
	}
	if s.from == 0 {
		s.from = begin
	}
	if s.from < begin || s.from > s.until {
		return false, refuse(syscall.EINVAL, "no call gave this cursor for this map")
	}
	return t.byRuns()
}

const (
	testEntries   = 48
	testKeySize   = 12
	testValueSize = 20
)

// testEntry is a key and a value.
func testEntry(i uint32) (key, value []byte) {
	return bytesOf([]uint32{i, 0, i}), bytesOf([]uint32{0, 0, 0, 0, i})
}

// newTestMap makes one whose elements were used, freed and used again.
func newTestMap(like *sysbpf.MapInfo) (fd int, errno syscall.Errno) {
	attr := sysbpf.CreateAttr{Type: like.Type, KeySize: testKeySize, ValueSize: testValueSize,
		MaxEntries: 16 * testEntries, Flags: like.Flags & noPrealloc}
	copy(attr.Name[:], "compare_test")
	fd, errno = sysbpf.Create(&attr)
	if errno != 0 {
		return -1, errno
	}
	for i := uint32(0); i < 2*testEntries && errno == 0; i++ {
		key, value := testEntry(i)
		errno = sysbpf.Elem(sysbpf.MapUpdate, fd, key, value, call.Any)
		if i >= testEntries && errno == 0 {
			key, _ = testEntry(i - testEntries)
			errno = sysbpf.Elem(sysbpf.MapDelete, fd, key, nil, 0)
		}
	}
	if errno != 0 {
		syscall.Close(fd)
	}
	return fd, errno
}

// testWalk: half of the entries are to be deleted, by what is at the end of their values; all are to be seen.
func testWalk(like *sysbpf.MapInfo) (good bool, err error) {
	fd, errno := newTestMap(like)
	if errno != 0 {
		return false, errno
	}
	t := newTask()
	defer t.end()
	t.target.fd = fd
	s := &sweep{budget: math.MaxUint64, conds: []call.Cond{{Offset: testValueSize - 4, Size: 4, Op: call.GE,
		Operand: testEntries + testEntries/2}}}
	t.job.sweep = s
	if errno := readInfo(fd, &t.target.info); errno != 0 {
		return false, errno
	}
	_, err = t.sweepByWalk()
	releaseMap(t.target.info.ID)
	return err == nil && s.scanned == testEntries && s.matched == testEntries/2 && s.deleted == testEntries/2 &&
		s.changed == 0, err
}

// walkAnswers are 1 and -1, of kinds of maps of which the kernel changes nothing.
var walkAnswers [3]atomic.Int32

// walkAnswer tells whether maps of a kind can be walked along here.
func walkAnswer(info *sysbpf.MapInfo) *atomic.Int32 {
	switch {
	case !isPreallocated(info):
		return &walkAnswers[0]
	case info.Type == lruHash:
		return &walkAnswers[2]
	}
	return &walkAnswers[1]
}

// mayWalk: whoever may not walk is told nothing of it. On machines of the other byte order it was never tried.
func mayWalk() bool {
	capabilities, err := ownCapabilities()
	return !bigEndian && err == nil && capabilities&tracingCapabilities != 0
}

// walkIsKnown tells whether that is known already, and it can be done.
func walkIsKnown(info *sysbpf.MapInfo) bool { return walkAnswer(info).Load() > 0 && mayWalk() }

// walkServes gives an error, of which nothing is remembered, where it could not be told.
func walkServes(info *sysbpf.MapInfo) (bool, error) {
	if !mayWalk() {
		return false, nil
	}
	answer := walkAnswer(info)
	if known := answer.Load(); known != 0 {
		return known > 0, nil
	}
	good, err := testWalk(info)
	if is(err, syscall.EPERM) {
		return false, nil
	}
	if err != nil && !is(err, syscall.EOPNOTSUPP) {
		return false, err
	}
	known := int32(-1)
	if good {
		known = 1
	}
	answer.Store(known)
	return good, nil
}
