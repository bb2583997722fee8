// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"math"
	"unsafe"

	"example.org/libbpf-compare/go/internal/sysbpf"
)

// The memory that a sweep's program shares with us: the request, and after it elements for what it finds, each a key
// and, where it is wanted, a value. Without those one serves all matches, in turn.

// outMemoryMax is for what a run hands out.
const outMemoryMax = 512 * 1024

// elementSize is what an element takes, with a value or without: the first one is the request.
func elementSize(keySize, valueSize uint32) uint32 {
	size := uint32(unsafe.Sizeof(request{})) + roundUp8(keySize) + roundUp8(valueSize)
	if least := uint32(unsafe.Sizeof(sweepRequest{})); size < least {
		return least
	}
	return size
}

// fits tells whether all of a map could be handed out by one run.
func (s *sweep) fits(info *sysbpf.MapInfo) bool {
	valueSize := uint32(0)
	if s.values != nil {
		valueSize = info.ValueSize
	}
	return uint64(elementSize(info.KeySize, valueSize))*uint64(info.MaxEntries) <= outMemoryMax
}

func (r *requests) layOutSweep(j *job) {
	key, value, out := roundUp8(r.keySize), uint32(0), j.sweep.out
	if j.asks&asksValue != 0 {
		value = roundUp8(r.valueSize)
		r.layout.valueAt = key
	}
	r.layout.stride = elementSize(r.keySize, value)
	if most := outMemoryMax / r.layout.stride; out > most {
		out = most
	}
	if out == 0 {
		out = 1
	}
	r.room = 1 + out
	like := *j.sweep
	r.sweep = &like
}

// serveSweep: what a program has in its instructions of a sweep has to be the same.
func (r *requests) serveSweep(j *job) bool {
	a, b := r.sweep, j.sweep
	return a.isLike(b) && a.counts() == b.counts() && a.out == b.out
}

func (r *requests) roomFor(s *sweep) uint32 {
	most := uint64(math.MaxUint32)
	if s.out != 0 {
		most = uint64(r.room - 1)
	}
	if room := s.room(); room < most {
		return uint32(room)
	}
	return uint32(most)
}

// writeSweep writes all but what says that it is one.
func (r *requests) writeSweep(j *job) {
	s, asked := j.sweep, (*sweepRequest)(unsafe.Pointer(&r.memory[0]))
	run := asked.request
	*asked = sweepRequest{request: run, room: r.roomFor(s), from: s.from, until: s.until, next: s.from, skip: s.skip,
		budget: s.budget, claim: j.first.claim.word}
	asked.claimsFirst, asked.claimsLast = j.claims.inRequest()
	if s.counts() {
		asked.flags |= sweepsCount
	}
	if s.out != 0 {
		asked.flags |= sweepsOut
	}
	if j.first.claim.size != 0 {
		asked.flags |= sweepsClaim
		// While it claims, others may have to wait for the CPU.
		if asked.budget > holdNsMax {
			asked.budget = holdNsMax
		}
	}
	for i := range s.conds {
		asked.operands[i] = operandOf(&s.conds[i])
	}
}

// copyOut is behind what the runs before handed out.
func (r *requests) copyOut(s *sweep, found uint64) {
	before := s.deleted
	if s.counts() {
		before = s.matched
	}
	for i := uint64(0); i < found && s.out != 0; i++ {
		element := r.bytesOf(uint32(1 + i))[unsafe.Sizeof(request{}):]
		if s.keys != nil {
			copy(s.keys[(before+i)*uint64(r.keySize):][:r.keySize], element)
		}
		if s.values != nil {
			copy(s.values[(before+i)*uint64(r.valueSize):][:r.valueSize], element[r.layout.valueAt:])
		}
	}
}

func (r *requests) readSweep(j *job) {
	s, asked := j.sweep, (*sweepRequest)(unsafe.Pointer(&r.memory[0]))
	// Others could have written there.
	found := asked.found
	if most := uint64(r.room - 1); found > most {
		found = most
	}
	if room := uint64(r.roomFor(s)); found > room {
		found = room
	}
	r.copyOut(s, found)
	s.next, s.skip = asked.next, asked.seen
	s.scanned += asked.scanned
	s.matched += asked.matched
	s.deleted += asked.deleted
	s.changed += asked.changed
}
