// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"unsafe"

	"github.com/cilium/ebpf/asm"
)

// insn is an instruction, or one of the two halves of a wide one. Jumps and calls lead as far as imm or off say: that
// is what compiled programs have. asm knows labels in the place of that, and wide ones as one.
type insn struct {
	op, dst, src uint8
	off          int16
	imm          int32
}

// field is one of the kernel's own structs, whose place is for the kernel to say.
type field int

const (
	fieldFrozen field = iota
	fieldCred
	fieldCapabilities
	fields
)

// code is instructions that are being written.
type code struct {
	insns []insn
	reads []struct { // of the kernel's own structs
		insn  int
		field field
	}
	functions []struct {
		name  string
		start int
	}
}

const (
	wide         = 0x18 // the op of the first half of one
	pseudoMapFD  = 1
	pseudoValue  = 2
	pseudoCall   = 1
	pseudoFunc   = 4
	pseudoKfunc  = 2
	callOp       = 0x85
	exitOp       = 0x95
	jumpClass    = 0x05
	jump32Class  = 0x06
	classMask    = 0x07
	jumpOpMask   = 0xf0
	jumpAlways   = 0x00
	jumpCall     = 0x80
	jumpExit     = 0x90
	byRegister   = 0x08
	atomicStore  = 0xc3
	compareXchg  = 0xf1
	offsetMax    = 32760 // an instruction's own offset is a signed number of 16 bits; pointers are moved up where it ends
	probeRead    = 113   // bpf_probe_read_kernel(), of which asm's name has changed
	inlineMax    = 24
	functionsMax = 64
)

func (c *code) emit(op uint8, dst, src asm.Register, off int16, imm int32) {
	c.insns = append(c.insns, insn{op, uint8(dst), uint8(src), off, imm})
}

// add writes instructions as asm makes them, of those that are not wide and lead nowhere.
func (c *code) add(all ...asm.Instruction) {
	for i := range all {
		in := &all[i]
		c.emit(uint8(in.OpCode), in.Dst, in.Src, in.Offset, int32(in.Constant))
	}
}

func (c *code) wide(dst asm.Register, src uint8, imm uint64) {
	c.emit(wide, dst, asm.Register(src), 0, int32(uint32(imm)))
	c.emit(0, 0, 0, 0, int32(imm>>32))
}

func (c *code) move(to, from asm.Register)                    { c.add(asm.Mov.Reg(to, from)) }
func (c *code) set(to asm.Register, n int32)                  { c.add(asm.Mov.Imm(to, n)) }
func (c *code) exit()                                         { c.add(asm.Return()) }
func (c *code) call(fn int32)                                 { c.emit(callOp, 0, 0, 0, fn) }
func (c *code) kfunc(id uint32)                               { c.emit(callOp, 0, pseudoKfunc, 0, int32(id)) }
func (c *code) returns(n int32)                               { c.set(asm.R0, n); c.exit() }
func (c *code) or(to, from asm.Register)                      { c.add(asm.Or.Reg(to, from)) }
func (c *code) xor(to, from asm.Register)                     { c.add(asm.Xor.Reg(to, from)) }
func (c *code) shift(op asm.ALUOp, r asm.Register, by uint32) { c.add(op.Imm(r, int32(by))) }

func (c *code) plus(to asm.Register, n int32) {
	if n != 0 {
		c.add(asm.Add.Imm(to, n))
	}
}

func (c *code) load(to, from asm.Register, off uint32, size uint32) {
	c.add(asm.LoadMem(to, from, int16(off), sizes[size]))
}

func (c *code) store(to asm.Register, off uint32, from asm.Register, size uint32) {
	c.add(asm.StoreMem(to, int16(off), from, sizes[size]))
}

var sizes = [...]asm.Size{1: asm.Byte, 2: asm.Half, 4: asm.Word, 8: asm.DWord}

// jump gives its place, for land. It compares with a register where that is not R0, else with a number.
func (c *code) jump(op uint8, dst, src asm.Register, imm int32) int {
	c.emit(op, dst, src, 0, imm)
	return len(c.insns) - 1
}

// land has jumps lead here.
func (c *code) land(jumps ...int) {
	for _, jump := range jumps {
		c.insns[jump].off = int16(len(c.insns) - jump - 1)
	}
}

func (c *code) read(f field) {
	c.reads = append(c.reads, struct {
		insn  int
		field field
	}{len(c.insns), f})
}

func (c *code) function(name string) {
	c.functions = append(c.functions, struct {
		name  string
		start int
	}{name, len(c.insns)})
}

// alignedPiece is how much of the bytes that begin at offset can be loaded at once.
func alignedPiece(offset, left uint32) uint32 {
	size := uint32(8)
	for offset%size != 0 || size > left {
		size /= 2
	}
	return size
}

func roundUp8(n uint32) uint32 { return (n + 7) &^ 7 }

// bigEndian is the machine's byte order.
var bigEndian = func() bool {
	one := uint16(1)
	return *(*byte)(unsafe.Pointer(&one)) == 0
}()

// kernelInsn is an instruction as the kernel has it, with the registers in one byte.
type kernelInsn struct {
	op, registers uint8
	off           int16
	imm           int32
}

func (c *code) forKernel() []kernelInsn {
	all := make([]kernelInsn, len(c.insns))
	for i, in := range c.insns {
		registers := in.src<<4 | in.dst
		if bigEndian {
			registers = in.dst<<4 | in.src
		}
		all[i] = kernelInsn{in.op, registers, in.off, in.imm}
	}
	return all
}
