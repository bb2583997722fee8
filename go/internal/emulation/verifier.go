// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"

	"example.org/libbpf-compare/go/internal/sysbpf"
	"github.com/cilium/ebpf/asm"
)

// Asks the kernel's verifier what syscall programs may do here, by loading small ones. They never run.

// holdSignals has signals wait, some milliseconds at most, until what it gives is called: the verifier gives up with
// EAGAIN whenever one is pending, and a profiler's timer could keep a program from ever being loaded.
func holdSignals() (letSignals func()) {
	const setMask = 2
	all, before := ^uint64(0), uint64(0)
	runtime.LockOSThread()
	_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, setMask, uintptr(unsafe.Pointer(&all)),
		uintptr(unsafe.Pointer(&before)), 8, 0, 0)
	return func() {
		if errno == 0 {
			syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, setMask, uintptr(unsafe.Pointer(&before)), 0, 8, 0, 0)
		}
		runtime.UnlockOSThread()
	}
}

const (
	progSyscall       = 31
	progRawTracepoint = 17
	sleepable         = 1 << 4
)

// loadAttr is the attributes of a program that is loaded.
type loadAttr struct {
	progType, insnCount         uint32
	insns, license              uint64
	logLevel, logSize           uint32
	logBuf                      uint64
	kernVersion, flags          uint32
	name                        [16]byte
	ifindex, attachType         uint32
	btfFD, funcInfoSize         uint32
	funcInfo                    uint64
	funcInfoCount, lineInfoSize uint32
	lineInfo                    uint64
	lineInfoCount, attachID     uint32
	attachFD, relocationsCount  uint32
	fdArray, relocations        uint64
	relocationSize, _           uint32
}

var license = []byte("Dual BSD/GPL\x00")

func (c *code) loadSmall() (fd int, errno syscall.Errno) {
	insns := c.forKernel()
	raw := unsafe.Slice((*byte)(unsafe.Pointer(&insns[0])), 8*len(insns))
	attr := loadAttr{progType: progSyscall, flags: sleepable, insns: sysbpf.Pointer(raw),
		insnCount: uint32(len(insns)), license: sysbpf.Pointer(license)}
	fd, errno = sysbpf.Call(sysbpf.ProgLoad, unsafe.Pointer(&attr), unsafe.Offsetof(attr.funcInfoCount)+4)
	runtime.KeepAlive(insns)
	return fd, errno
}

// hasSyscallPrograms is 1 where it is known that there are, and -1 where there are none.
var hasSyscallPrograms atomic.Int32

// kernelHasSyscallPrograms remembers yes and no, as no kernel changes its mind.
func kernelHasSyscallPrograms() (bool, error) {
	if known := hasSyscallPrograms.Load(); known != 0 {
		return known > 0, nil
	}
	var c code
	var fd int
	errno := syscall.EAGAIN
	c.returns(0)
	for tries := 0; tries < 5 && (errno == syscall.EAGAIN || errno == syscall.EINTR); tries++ {
		fd, errno = c.loadSmall()
	}
	switch errno {
	case 0:
		syscall.Close(fd)
		hasSyscallPrograms.Store(1)
		return true, nil
	case syscall.EINVAL: // there is nothing else in it that a kernel could find invalid
		hasSyscallPrograms.Store(-1)
		return false, nil
	case syscall.EPERM:
		return false, refuse(errno, "loading a BPF_PROG_TYPE_SYSCALL program takes CAP_BPF")
	}
	return false, errno
}

// isRefusal tells whether an error of loading a program is the verifier's own: that this cannot be done.
func isRefusal(errno syscall.Errno) bool {
	return errno == syscall.EACCES || errno == syscall.EINVAL || errno == enotsupp
}

func refusalOf(errno syscall.Errno) syscall.Errno {
	if isRefusal(errno) {
		return syscall.EOPNOTSUPP
	}
	return errno
}

// allowsRead is nil where a syscall program may look up an element of this map and read bytes lo to hi of its value
// (with lo and hi equal, none of them); EOPNOTSUPP where the verifier refuses that, as it does where a field is in the
// way that the kernel manages; another error where it could not be asked.
func allowsRead(fd int, keySize, lo, hi uint32) error {
	const array, lookup = 2, 1
	// An array of one element, which serves as the key: for the largest the stack would be too small.
	attr := sysbpf.CreateAttr{Type: array, KeySize: 4, ValueSize: keySize, MaxEntries: 1}
	if attr.ValueSize < 8 {
		attr.ValueSize = 8
	}
	scratch, errno := sysbpf.Create(&attr)
	if errno != 0 {
		return errno
	}
	defer syscall.Close(scratch)
	var c code
	c.wide(r1, pseudoMapFD, uint64(fd))
	c.wide(r2, pseudoValue, uint64(scratch))
	c.call(lookup)
	missing := c.jump(jumpEqual, r0, 0, 0)
	// A number that the verifier cannot know.
	c.wide(r1, pseudoValue, uint64(scratch))
	c.load(r1, r1, 0, 8)
	last := int32(0)
	if hi > lo {
		last = int32(hi - lo - 1)
	}
	const jumpGreater = uint8(asm.JGT) | jumpClass
	outside := c.jump(jumpGreater, r1, 0, last)
	// The same arithmetic where nothing is read: without CAP_PERFMON it can be that which is refused.
	c.add(asm.Add.Imm(r0, int32(lo)), asm.Add.Reg(r0, r1))
	if hi > lo {
		c.load(r1, r0, 0, 1)
	} else {
		c.move(r1, r0)
	}
	c.land(outside)
	c.land(missing)
	c.returns(0)
	prog, errno := c.loadSmall()
	if errno != 0 {
		return refusalOf(errno)
	}
	syscall.Close(prog)
	return nil
}
