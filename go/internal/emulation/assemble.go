// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"syscall"
	"unsafe"

	"example.org/libbpf-compare/go/internal/sysbpf"
)

// Puts a program together, with what the kernel wants to be told of it, and loads it. By bpf(2) itself: what
// cilium/ebpf's NewProgram loads has no functions of its own that are known by BTF which was not compiled (0.9.1), its
// fields of the kernel's are found in user space, by all of the kernel's BTF, and what is refused is loaded once more,
// for its log.

// program is one for one map, or two, and one job's action, regions and claims.
type program struct {
	fd           int
	id, progType uint32
	checksFrozen bool
	guarded      bool // refuses who lacks capabilities that it was loaded with
}

// bpfInfo is the start of what the kernel tells of a program.
type progInfo struct{ progType, id uint32 }

// leastBTF is what a program with a callback must have, and those fields of the kernel's that it reads.
type leastBTF struct {
	types   []uint32
	strings bytes.Buffer
	count   uint32
	// Of the fields, ids of the structs; and the name of the first one of any.
	fieldTypes [fields]uint32
	firstField uint32
	proto      uint32
}

func (b *leastBTF) name(s string) uint32 {
	at := uint32(b.strings.Len())
	b.strings.WriteString(s)
	b.strings.WriteByte(0)
	return at
}

// add gives the type's id.
func (b *leastBTF) add(name string, kind, count, size uint32, behind ...uint32) uint32 {
	at := uint32(0)
	if name != "" {
		at = b.name(name)
	}
	b.types = append(append(b.types, at, kind<<24|count, size), behind...)
	b.count++
	return b.count
}

func newLeastBTF() *leastBTF {
	const signed, truth = 1 << 24, 4 << 24
	b := &leastBTF{}
	b.strings.WriteByte(0)
	number := b.add("int", kindInt, 0, 4, signed|32)
	b.proto = b.add("", kindProto, 0, number)
	boolean := b.add("bool", kindInt, 0, 1, truth|8)
	set := b.add("kernel_cap_t", kindStruct, 0, 8)
	// A struct of the kernel's with one field, which is all that it is known by here.
	cred := b.add("cred", kindStruct, 1, 8, b.name("cap_effective"), set, 0)
	pointer := b.add("", kindPtr, 0, cred)
	b.fieldTypes[fieldCapabilities] = cred
	b.fieldTypes[fieldFrozen] = b.add("bpf_map", kindStruct, 1, 8, b.name("frozen"), boolean, 0)
	b.fieldTypes[fieldCred] = b.add("task_struct", kindStruct, 1, 8, b.name("cred"), pointer, 0)
	b.firstField = b.name("0:0")
	return b
}

func (b *leastBTF) raw() []byte {
	var raw bytes.Buffer
	size := uint32(4 * len(b.types))
	binary.Write(&raw, native, []uint16{btfMagic, 1})
	binary.Write(&raw, native, []uint32{24, 0, size, size, uint32(b.strings.Len())})
	binary.Write(&raw, native, b.types)
	raw.Write(b.strings.Bytes())
	return raw.Bytes()
}

// bytesOf is the memory of numbers.
func bytesOf[T any](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
}

// aboveStandard is the same file by a number that is none of the standard streams'.
func aboveStandard(fd int, errno syscall.Errno) (int, syscall.Errno) {
	if errno != 0 || fd >= firstFD {
		return fd, errno
	}
	defer syscall.Close(fd)
	return fcntl(fd, syscall.F_DUPFD_CLOEXEC, firstFD)
}

// typeFor: as a raw tracepoint's it is run with the CPU held, and cannot sleep.
func (p *plan) typeFor() uint32 {
	if p.hold == holdRuns {
		return progRawTracepoint
	}
	return progSyscall
}

func (p *plan) loadCode(c *code, name string) (fd int, errno syscall.Errno) {
	b := newLeastBTF()
	var functions []uint32 // where each starts, and its type
	for _, f := range c.functions {
		functions = append(functions, uint32(f.start), b.add(f.name, kindFunc, 0, b.proto))
	}
	raw := b.raw()
	btfFD, errno := sysbpf.LoadBTF(raw)
	if errno != 0 {
		return -1, errno
	}
	defer syscall.Close(btfFD)
	insns := c.forKernel()
	var relocations []uint32 // of struct bpf_core_relo: an instruction's byte, a type, a field, a kind
	for _, r := range c.reads {
		const byteOffset = 0
		relocations = append(relocations, 8*uint32(r.insn), b.fieldTypes[r.field], b.firstField, byteOffset)
	}
	attr := loadAttr{
		progType: p.typeFor(), insnCount: uint32(len(insns)), insns: sysbpf.Pointer(bytesOf(insns)),
		license: sysbpf.Pointer(license), btfFD: uint32(btfFD),
		funcInfo: sysbpf.Pointer(bytesOf(functions)), funcInfoCount: uint32(len(functions) / 2), funcInfoSize: 8,
	}
	copy(attr.name[:15], name)
	if attr.progType == progSyscall {
		attr.flags = sleepable
	}
	if len(relocations) > 0 {
		attr.relocations, attr.relocationSize = sysbpf.Pointer(bytesOf(relocations)), 16
		attr.relocationsCount = uint32(len(relocations) / 4)
	}
	fd, errno = aboveStandard(sysbpf.Call(sysbpf.ProgLoad, unsafe.Pointer(&attr), unsafe.Sizeof(attr)))
	runtime.KeepAlive(insns)
	runtime.KeepAlive(functions)
	runtime.KeepAlive(relocations)
	return fd, errno
}

// assembleAndLoad has it with questions to the kernel's own structs, or without.
func (p *plan) assembleAndLoad(asks bool) (*program, error) {
	for s := range p.judges {
		j := &p.judges[s]
		j.mapFD = -1
		// Of a frozen map too what matches is counted.
		if asks && !(j.sweep != nil && j.sweep.counts()) {
			j.mapFD = p.mapFDs[s]
		}
	}
	p.judges[first].guarded = asks && p.guarded
	c, name := p.write()
	fd, errno := p.loadCode(c, name)
	if errno != 0 {
		return nil, errno
	}
	var info progInfo
	if errno := sysbpf.Info(fd, unsafe.Pointer(&info), unsafe.Sizeof(info)); errno != 0 {
		syscall.Close(fd)
		return nil, errno
	}
	return &program{fd: fd, id: info.id, progType: p.typeFor(), checksFrozen: asks, guarded: p.judges[first].guarded}, nil
}

// close closes nothing but what has our id: an application may close numbers that it does not own, and get them
// again for something else.
func (p *program) close() {
	for tries := 0; tries < 3; tries++ {
		var info progInfo
		switch errno := sysbpf.Info(p.fd, unsafe.Pointer(&info), unsafe.Sizeof(info)); errno {
		case 0:
			if info.id == p.id && info.progType == p.progType {
				syscall.Close(p.fd)
			}
			return
		case syscall.EBADFD, syscall.EBADF, syscall.EINVAL:
			return
		}
	}
}
