// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"math"
	"unsafe"

	"example.org/libbpf-compare/go/internal/call"
)

// What a request for an update has beside the key and the expected bytes: what is to be written; and what it says
// afterwards of what was there.

func (u *update) bytesFor(i uint32, size uint32) []byte {
	return u.values[uint64(i)*uint64(u.stride):][:size]
}

// holds tells whether all of another region is in this one.
func (r region) holds(other region) bool {
	return r.size != 0 && r.offset <= other.offset && other.end() <= r.end()
}

func (w *wordRequest) setOp(op uint32, operand uint64) {
	w.keep, w.flip, w.add = math.MaxUint64, operand, 0
	switch op {
	case call.Set:
		w.keep = 0
	case call.Add:
		w.flip, w.add = 0, operand
	case call.And:
		w.keep, w.flip = operand, 0
	case call.Or:
		w.keep = ^operand
	}
}

func (w *wordRequest) set(j *job, i uint32) {
	word, e := j.update.written, &j.first
	w.setOp(j.update.op, readWord(j.update.bytesFor(i, word.size), word.size))
	w.bits = math.MaxUint64
	if word.size == 4 {
		w.bits = math.MaxUint32
	}
	w.claimsFirst, w.claimsLast = j.claims.inRequest()
	w.compared = 0
	// Only where all of it is compared it is known what it has to be.
	if e.region.holds(word) {
		w.compared = w.bits
		w.word = readWord(e.compare[uint64(i)*uint64(e.stride)+uint64(word.offset-e.region.offset):], word.size)
	}
}

func (r *requests) writeUpdate(j *job, to []byte, i uint32) {
	switch r.action {
	case actionWord:
		(*wordRequest)(unsafe.Pointer(&to[0])).set(j, i)
	case actionBytes:
		copy(to[r.layout.newAt+r.written.offset&7:], j.update.bytesFor(i, r.written.size))
	default:
		asked := (*updateRequest)(unsafe.Pointer(&to[0]))
		asked.flags, asked.compares = uint32(j.update.flags), 0
		if j.first.region.size != 0 {
			asked.compares = 1
		}
		copy(to[r.layout.newAt:], j.update.bytesFor(i, r.valueSize))
	}
}

func (r *requests) readUpdate(j *job, from []byte, i uint32) {
	size := r.written.size
	if size == 0 {
		size = r.valueSize
	}
	old := j.values[uint64(i)*uint64(size):][:size]
	switch r.action {
	case actionWord:
		storeWord(old, (*wordRequest)(unsafe.Pointer(&from[0])).old, size)
	case actionBytes:
		copy(old, from[r.layout.oldAt+r.written.offset&7:])
	default:
		copy(old, from[r.layout.valueAt:])
	}
}
