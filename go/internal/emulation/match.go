// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"unsafe"

	"example.org/libbpf-compare/go/internal/call"
	"github.com/cilium/ebpf/asm"
)

// What tells whether an entry matches the conditions of a sweep, for their fields, operations and masks: operands
// are read where it runs, so that they may change. Likewise libbpf/match.c.

// Where things are while it runs; r0 and r5 are free.
const (
	inValue   = r1
	inKey     = r2
	inRequest = r3
	inWord    = r4 // what the claim's word was when it was read
	inField   = r0
	inOperand = r5
)

// loadBytes has inField = the bytes there, as the machine reads them; takes inOperand.
func (c *code) loadBytes(base asm.Register, offset, size uint32) {
	far := uint32(0)
	if offset > offsetMax {
		far = offset &^ 7
	}
	c.plus(base, int32(far))
	for done := uint32(0); done < size; {
		now := alignedPiece(offset+done, size-done)
		to := inField
		if done > 0 {
			to = inOperand
		}
		c.load(to, base, offset+done-far, now)
		if now == size {
			break
		}
		shift := done
		if bigEndian {
			shift = size - done - now
		}
		if shift > 0 {
			c.shift(asm.LSh, to, 8*shift)
		}
		if done > 0 {
			c.or(inField, inOperand)
		}
		done += now
	}
	c.plus(base, -int32(far))
}

// takeFromWord is the same of a field that lies in the claim's word: others may have another one there by now.
func (c *code) takeFromWord(claim *claim, cond *call.Cond) {
	above := cond.Offset - claim.offset
	if bigEndian {
		above = claim.size - above - uint32(cond.Size)
	}
	c.move(inField, inWord)
	if above > 0 {
		c.shift(asm.RSh, inField, 8*above)
	}
	if uint32(cond.Size) < claim.size {
		c.shift(asm.LSh, inField, 64-8*uint32(cond.Size))
		c.shift(asm.RSh, inField, 64-8*uint32(cond.Size))
	}
}

func (c *code) extend(size uint8) {
	if size < 8 {
		c.shift(asm.LSh, inField, 64-8*uint32(size))
		c.shift(asm.ArSh, inField, 64-8*uint32(size))
	}
}

// jumpUnless is the jump that is taken where the condition does not hold.
func jumpUnless(cond *call.Cond) asm.JumpOp {
	either := func(unsigned, signed asm.JumpOp) asm.JumpOp {
		if cond.Flags&call.Signed != 0 {
			return signed
		}
		return unsigned
	}
	switch cond.Op {
	case call.EQ:
		return asm.JNE
	case call.NE:
		return asm.JEq
	case call.LT:
		return either(asm.JGE, asm.JSGE)
	case call.LE:
		return either(asm.JGT, asm.JSGT)
	case call.GT:
		return either(asm.JLE, asm.JSLE)
	case call.GE:
		return either(asm.JLT, asm.JSLT)
	case call.Before:
		return asm.JSGE
	}
	return asm.JSLE
}

// compares what was loaded; gives the place of the jump.
func (c *code) compares(request asm.Register, cond *call.Cond, number int) int {
	wraps := cond.Op == call.Before || cond.Op == call.After
	if cond.Flags&call.BigEndian != 0 && cond.Size > 1 {
		c.add(asm.HostTo(asm.BE, inField, sizes[cond.Size]))
	}
	if cond.Mask != 0 {
		c.wide(inOperand, 0, cond.Mask)
		c.add(asm.And.Reg(inField, inOperand))
	}
	if cond.Flags&call.Signed != 0 && !wraps {
		c.extend(cond.Size)
	}
	c.load(inOperand, request, uint32(unsafe.Offsetof(sweepRequest{}.operands))+8*uint32(number), 8)
	op := uint8(jumpUnless(cond)) | jumpClass
	if wraps {
		c.add(asm.Sub.Reg(inField, inOperand))
		c.extend(cond.Size)
		return c.jump(op, inField, 0, 0)
	}
	return c.jump(op|byRegister, inField, inOperand, 0)
}

// writeGroups has r0 = whether the conditions of any one group hold. Ends with its only return.
func (c *code) writeGroups(j *judge, request asm.Register, load func(*call.Cond)) {
	var matches []int
	conds := j.sweep.conds
	for i := 0; i < len(conds); {
		var unless []int
		for group := conds[i].Group; i < len(conds) && conds[i].Group == group; i++ {
			load(&conds[i])
			unless = append(unless, c.compares(request, &conds[i], i))
		}
		c.set(r0, 1)
		matches = append(matches, c.jump(jumpAlways|jumpClass, 0, 0, 0))
		c.land(unless...)
	}
	none := int32(0)
	if len(conds) == 0 {
		none = 1
	}
	c.set(r0, none)
	c.land(matches...)
	c.exit()
}

// writeMatches: r1 value, r2 key, r3 the request, r4 what the claim's word was.
func (c *code) writeMatches(j *judge) {
	c.writeGroups(j, inRequest, func(cond *call.Cond) {
		switch {
		case cond.Flags&call.OfKey != 0:
			c.loadBytes(inKey, cond.Offset, uint32(cond.Size))
		case isInWord(cond, &j.claim):
			c.takeFromWord(&j.claim, cond)
		default:
			c.loadBytes(inValue, cond.Offset, uint32(cond.Size))
		}
	})
}

// loadKernel has r0 = the bytes that the kernel has where r3 points, which may be nowhere: then 0. As a type that they
// need not have, where there is bpf_rdonly_cast(), else copied to the stack.
func (c *code) loadKernel(j *judge, size uint32) {
	if j.hashtab.cast != 0 {
		c.move(r1, r3)
		c.set(r2, int32(j.hashtab.wordType))
		c.kfunc(j.hashtab.cast)
		c.load(r0, r0, 0, size)
		return
	}
	c.move(r1, fp)
	c.plus(r1, -8)
	c.set(r2, int32(size))
	c.call(probeRead)
	c.add(asm.LoadMem(r0, fp, -8, sizes[size]))
}

// writeGlance: whether what a walk found seems to match: r1 an element's address, r2 the request.
func (c *code) writeGlance(j *judge) {
	const elem, request = r6, r7
	c.move(elem, r1)
	c.move(request, r2)
	c.writeGroups(j, request, func(cond *call.Cond) {
		at := j.hashtab.elemKey + cond.Offset
		if cond.Flags&call.OfKey == 0 {
			at += roundUp8(j.keySize)
		}
		c.move(r3, elem)
		c.plus(r3, int32(at))
		c.loadKernel(j, uint32(cond.Size))
	})
}

// writePeek: the 64 bits at the kernel's address r1.
func (c *code) writePeek(j *judge) {
	c.move(r3, r1)
	c.loadKernel(j, 8)
	c.exit()
}
