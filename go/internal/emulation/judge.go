// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import "github.com/cilium/ebpf/asm"

// What judges a value for one region and one claim is written here: libbpf/judge.c in Go. Straight code with no
// offset but constants.

const noLock = ^uint32(0)

// partsMax is the most parts that a value is copied in: what the kernel manages itself is left out.
const partsMax = 16

// judge is what the functions are for.
type judge struct {
	region       region
	claim        claim
	written      region   // in place
	lock         uint32   // where in the value its bpf_spin_lock is, or noLock
	parts        []region // of the value, to copy
	mapFD        int      // to ask whether it is frozen, or -1
	guarded      bool     // to ask for these capabilities
	capabilities uint64
	sweep        *sweep
	keySize      uint32
	hashtab      *hashtab
}

const (
	r0 = asm.R0
	r1 = asm.R1
	r2 = asm.R2
	r3 = asm.R3
	r4 = asm.R4
	r5 = asm.R5
	r6 = asm.R6
	r7 = asm.R7
	r8 = asm.R8
	r9 = asm.R9
	fp = asm.RFP
)

const (
	jumpNotEqual = uint8(asm.JNE) | jumpClass
	jumpEqual    = uint8(asm.JEq) | jumpClass
)

// differs has r5 |= whether the value at r1 differs from the expected bytes at r2 in the region's part from lo to
// hi. Takes r3 and r4.
func (c *code) differs(j *judge, lo, hi uint32) {
	start, base := j.region.offset&^7, lo&^7
	c.plus(r1, int32(base))
	c.plus(r2, int32(base-start))
	for at, size := lo, uint32(0); at < hi; at += size {
		size = alignedPiece(at, hi-at)
		if at-base > offsetMax {
			c.plus(r1, offsetMax)
			c.plus(r2, offsetMax)
			base += offsetMax
		}
		c.load(r3, r1, at-base, size)
		c.load(r4, r2, at-base, size)
		c.xor(r3, r4)
		c.or(r5, r3)
	}
	c.plus(r1, -int32(base))
	c.plus(r2, -int32(base-start))
}

// restDiffers is the same of all of the region but its word.
func (c *code) restDiffers(j *judge) {
	if j.region.offset < j.claim.offset {
		c.differs(j, j.region.offset, j.claim.offset)
	}
	if end := j.claim.offset + j.claim.size; end < j.region.end() {
		c.differs(j, end, j.region.end())
	}
}

func (c *code) returnNotR5() {
	c.set(r0, 1)
	c.emit(jumpEqual, r5, 0, 1, 0)
	c.set(r0, 0)
	c.exit()
}

// exchange has r0 = the word of the value at r1, which becomes to where it is r0; moves r1. asm of 0.9.1 has no
// compare-exchange.
func (c *code) exchange(j *judge, to asm.Register) {
	c.plus(r1, int32(j.claim.offset))
	c.emit(atomicStore|uint8(sizes[j.claim.size]), r1, to, 0, compareXchg)
}

// readAt is where on the stack what was read of the kernel is.
const readAt = -8

// readField reads 8 bytes from where r0 points, but for the field's offset, which the kernel puts there.
func (c *code) readField(f field) {
	c.read(f)
	c.add(asm.Add.Imm(r0, 0))
	c.move(r1, fp)
	c.plus(r1, readAt)
	c.set(r2, 8)
	c.move(r3, r0)
	c.call(probeRead)
}

// writeIsAllowed: whether the current task's effective capabilities, of those that count, are those that are wanted.
func (c *code) writeIsAllowed(j *judge) {
	const getCurrentTask = 35
	var jumps []int
	if j.guarded {
		c.call(getCurrentTask)
		c.readField(fieldCred)
		c.add(asm.LoadMem(r0, fp, readAt, asm.DWord))
		c.readField(fieldCapabilities)
		c.set(r0, 0)
		for half := 0; half < 2; half++ {
			c.add(asm.LoadMem(r1, fp, int16(readAt+4*half), asm.Word))
			c.add(asm.And.Imm32(r1, int32(uint32(uint64(capabilitiesMask)>>(half*32)))))
			jumps = append(jumps, c.jump(uint8(asm.JNE)|jump32Class, r1, 0,
				int32(uint32(j.capabilities>>(half*32)))))
		}
	}
	c.set(r0, 1)
	c.land(jumps...)
	c.exit()
}

func (c *code) writeIsFrozen(j *judge) {
	c.set(r0, 0)
	if j.mapFD >= 0 {
		c.wide(r1, pseudoMapFD, uint64(j.mapFD))
		c.read(fieldFrozen)
		c.add(asm.LoadMem(r0, r1, 0, asm.Byte))
	}
	c.exit()
}

// r1: value, r2: expected
func (c *code) writeIsEqual(j *judge) {
	c.set(r5, 0)
	c.differs(j, j.region.offset, j.region.end())
	c.returnNotR5()
}

const (
	spinLock   = 93
	spinUnlock = 94
)

func (c *code) lockCall(j *judge, fn int32) {
	if j.lock == noLock {
		return
	}
	c.move(r1, r6)
	c.plus(r1, int32(j.lock))
	c.call(fn)
}

// r1: value, r2: expected, r3: word, r4: claim. A value's lock is held while it is compared and claimed.
func (c *code) writeClaim(j *judge) {
	c.move(r6, r1)
	c.move(r7, r2)
	c.move(r8, r3)
	c.move(r9, r4)
	c.lockCall(j, spinLock)
	c.move(r1, r6)
	c.move(r2, r7)
	c.set(r5, 0)
	c.restDiffers(j)
	jump := c.jump(jumpNotEqual, r5, 0, 0)
	c.move(r0, r8)
	c.exchange(j, r9)
	c.move(r5, r0)
	c.xor(r5, r8)
	c.land(jump)
	c.move(r7, r5)
	c.lockCall(j, spinUnlock)
	c.move(r5, r7)
	c.returnNotR5()
}

func (c *code) writeClaimWord(j *judge) {
	if j.lock == noLock {
		c.move(r0, r3)
		c.exchange(j, r4)
		c.move(r5, r0)
		c.xor(r5, r3)
		c.returnNotR5()
		return
	}
	word := *j
	word.region = j.claim.region()
	c.writeClaim(&word)
}

// r1: value, r2: expected, r3: claim
func (c *code) writeIsClaimed(j *judge) {
	c.move(r5, r3)
	c.plus(r1, int32(j.claim.offset))
	c.load(r3, r1, 0, j.claim.size)
	c.plus(r1, -int32(j.claim.offset))
	c.xor(r5, r3)
	c.restDiffers(j)
	c.returnNotR5()
}

// r1: value, r2: word, r3: claim
func (c *code) writeGiveBack(j *judge) {
	c.move(r0, r3)
	c.exchange(j, r2)
	c.exit()
}

// r1: value
func (c *code) writeWord(j *judge) {
	c.plus(r1, int32(j.claim.offset))
	c.load(r0, r1, 0, j.claim.size)
	c.exit()
}

// copies the part from lo to hi; moves r1 and r2 on from where they are, base.
func (c *code) copies(base, lo, hi uint32) uint32 {
	for at, size := lo, uint32(0); at < hi; at += size {
		size = alignedPiece(at, hi-at)
		if at-base > offsetMax {
			c.plus(r1, int32(at-base))
			c.plus(r2, int32(at-base))
			base = at
		}
		c.load(r3, r1, at-base, size)
		c.store(r2, at-base, r3, size)
	}
	return base
}

// writeUnderLock: r1: value, r2: expected, r3: old bytes, r4: bytes to write instead. Both ways the region is compared
// with the lock held; then the old bytes are read, or compared too and written over.
func (c *code) writeUnderLock(j *judge, reads bool) {
	start := j.written.offset &^ 7
	old := *j
	old.region = j.written
	c.move(r6, r1)
	c.move(r7, r2)
	c.move(r8, r3)
	if !reads {
		c.move(r9, r4)
	}
	c.lockCall(j, spinLock)
	c.move(r1, r6)
	c.move(r2, r7)
	c.set(r5, 0)
	c.differs(j, j.region.offset, j.region.end())
	if !reads {
		c.move(r2, r8)
		c.differs(&old, old.region.offset, old.region.end())
	}
	c.move(r7, r5)
	jump := c.jump(jumpNotEqual, r5, 0, 0)
	value, bytes, from := r2, r1, r9
	if reads {
		value, bytes, from = r1, r2, r8
	}
	c.move(value, r6)
	c.plus(value, int32(start))
	c.move(bytes, from)
	c.copies(start, j.written.offset, j.written.end())
	c.land(jump)
	c.lockCall(j, spinUnlock)
	c.move(r5, r7)
	c.returnNotR5()
}

func (c *code) writeReadBytes(j *judge) { c.writeUnderLock(j, true) }

func (c *code) writeExchangeBytes(j *judge) { c.writeUnderLock(j, false) }

// r1: value, r2: to; no parts: it is not wanted
func (c *code) writeCopy(j *judge) {
	base := uint32(0)
	for _, part := range j.parts {
		base = c.copies(base, part.offset, part.end())
	}
	c.plus(r2, -int32(base))
	if len(j.parts) > 0 {
		c.move(r0, r2)
	} else {
		c.move(r0, r1)
	}
	c.exit()
}

// r1: a value's copy, r2: word; where there is no copy it writes nothing
func (c *code) writePutWord(j *judge) {
	if len(j.parts) > 0 {
		c.plus(r1, int32(j.claim.offset))
		c.store(r1, 0, r2, j.claim.size)
	}
	c.returns(0)
}

func (c *code) writeCopyKey(j *judge) {
	c.copies(0, 0, j.keySize)
	c.returns(0)
}

func (c *code) writeNothing(*judge) { c.returns(0) }

// function is one of those that the compiled programs only declare, for the first entry's map or the linked one's.
type function struct {
	write func(*code, *judge)
	side  side
	// ofClaim: where there is no word to be claimed nobody calls it.
	ofClaim bool
	// called: it cannot stand in the place of a call: it takes registers that are not free there, or stack, or
	// returns in its middle.
	called func(*judge) bool
}

func always(*judge) bool     { return true }
func never(*judge) bool      { return false }
func ifLocked(j *judge) bool { return j.lock != noLock }

var writers = map[string]function{
	"hold_cpu":          {(*code).writeNothing, first, false, never},
	"release_cpu":       {(*code).writeNothing, first, false, never},
	"touch":             {(*code).writeNothing, first, false, never},
	"touch_linked":      {(*code).writeNothing, linked, false, never},
	"is_allowed":        {(*code).writeIsAllowed, first, false, always},
	"is_frozen":         {(*code).writeIsFrozen, first, false, never},
	"is_equal":          {(*code).writeIsEqual, first, false, never},
	"claim":             {(*code).writeClaim, first, true, always},
	"is_claimed":        {(*code).writeIsClaimed, first, true, never},
	"give_back":         {(*code).writeGiveBack, first, true, never},
	"copy_if_wanted":    {(*code).writeCopy, first, false, never},
	"is_linked_frozen":  {(*code).writeIsFrozen, linked, false, never},
	"is_linked_equal":   {(*code).writeIsEqual, linked, false, never},
	"claim_linked":      {(*code).writeClaim, linked, true, always},
	"claim_linked_word": {(*code).writeClaimWord, linked, true, ifLocked},
	"is_linked_claimed": {(*code).writeIsClaimed, linked, true, never},
	"give_linked_back":  {(*code).writeGiveBack, linked, true, never},
	"linked_word":       {(*code).writeWord, linked, true, never},
	"matches":           {(*code).writeMatches, first, false, never},
	"word_of":           {(*code).writeWord, first, true, never},
	"claim_word":        {(*code).writeClaimWord, first, true, ifLocked},
	"put_word":          {(*code).writePutWord, first, true, never},
	"copy_key":          {(*code).writeCopyKey, first, false, never},
	"glance":            {(*code).writeGlance, first, false, always},
	"peek":              {(*code).writePeek, first, false, func(j *judge) bool { return j.hashtab.cast == 0 }},
	"read_bytes":        {(*code).writeReadBytes, first, false, always},
	"exchange_bytes":    {(*code).writeExchangeBytes, first, false, always},
}

func (c *code) write(f *function, j *judge) {
	if f.ofClaim && j.claim.size == 0 {
		c.returns(0)
		return
	}
	f.write(c, j)
}
