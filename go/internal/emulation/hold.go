// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"math"
	"syscall"
	"unsafe"

	"example.org/libbpf-compare/go/internal/call"
)

// Claims that are held, so that no two collectors have the same one, by a lock in the kernel's one inode behind all file
// descriptors that are no file's. The C library's lock the same bytes: see libbpf/hold.c.

const (
	takeTries = 65536 // of the words of a range so many are tried
	holdGet   = 36    // F_OFD_GETLK
	holdSet   = 37    // F_OFD_SETLK
	noMap     = 0     // the id of no map: there it is tried out
)

// holdLock is as the kernel has it, with offsets of 64 bits.
type holdLock struct {
	kind, whence int16
	_            int32
	start, len   int64
	pid, _       int32
}

// lockByte: a byte for each map and claim. No map's id has its upper bit set. Of two words of a range the lower 32 bits
// differ.
func lockByte(fd, command int, kind int16, mapID uint32, word uint64) (isFree bool, errno syscall.Errno) {
	lock := holdLock{kind: kind, start: int64(uint64(mapID)<<32 | word&math.MaxUint32), len: 1}
	_, _, errno = syscall.Syscall(fcntlCall, uintptr(fd), uintptr(command), uintptr(unsafe.Pointer(&lock)))
	return lock.kind == syscall.F_UNLCK, errno
}

// openHold: an event file: the kind does not matter, and this one takes no privilege.
func openHold() (fd int, errno syscall.Errno) {
	n, _, errno := syscall.Syscall(syscall.SYS_EVENTFD2, 0, syscall.O_CLOEXEC, 0)
	return aboveStandard(int(n), errno)
}

// excludeEachOther tells whether a lock by one of them is in the other's way.
func excludeEachOther(one, other int) (bool, syscall.Errno) {
	// Others try it too, at the same time: a lock that all can have.
	if _, errno := lockByte(one, holdSet, syscall.F_RDLCK, noMap, 0); errno != 0 {
		return false, errno
	}
	isFree, errno := lockByte(other, holdGet, syscall.F_WRLCK, noMap, 0)
	if errno == 0 {
		_, errno = lockByte(one, holdSet, syscall.F_UNLCK, noMap, 0)
	}
	return !isFree, errno
}

// newHold gives a file descriptor that claims can be held by.
func newHold() (fd int, err error) {
	fd, errno := openHold()
	if errno == syscall.ENOSYS {
		return -1, refuse(syscall.EOPNOTSUPP, "the kernel has no eventfd()")
	}
	if errno != 0 {
		return -1, errno
	}
	excluded := false
	other, errno := openHold()
	if errno == 0 {
		excluded, errno = excludeEachOther(fd, other)
		syscall.Close(other)
	}
	if errno == 0 && excluded {
		return fd, nil
	}
	syscall.Close(fd)
	// The latter two of a kernel without file locks.
	if errno == 0 || errno == syscall.EINVAL || errno == syscall.EACCES {
		return -1, refuse(syscall.EOPNOTSUPP, "locks of open file descriptions do not exclude each other in the "+
			"kernel's anonymous inode")
	}
	return -1, errno
}

// holdAny gives the first one that is to be had.
func (c *claims) holdAny(fd int, mapID uint32) (word uint64, err error) {
	more := c.last - c.first
	if more >= takeTries {
		more = takeTries - 1
	}
	for i := uint64(0); i <= more; i++ {
		_, errno := lockByte(fd, holdSet, syscall.F_WRLCK, mapID, c.first+i)
		if errno != syscall.EAGAIN {
			return c.first + i, failed(errno)
		}
	}
	return 0, syscall.EBUSY
}

func (c *claims) checkRange(size int) error {
	if size != 4 && size != 8 {
		return refuse(syscall.EINVAL, "claim_size is %d, not 4 or 8", size)
	}
	if c.last == 0 {
		return refuse(syscall.EINVAL, "claim_first and claim_last are 0: no word is a claim")
	}
	if size == 4 && c.last > math.MaxUint32 {
		return refuse(syscall.EINVAL, "claim_last 0x%x is no word of 4 bytes", c.last)
	}
	if c.last-c.first > math.MaxUint32 {
		return refuse(syscall.EINVAL, "claim_first and claim_last are more than 2^32 words apart")
	}
	return nil
}

// TakeClaim answers with the descriptor that holds the claim.
func TakeClaim(fd int, from, to uint64, claim []byte) call.Answer {
	var c claims
	err := c.read(from, to)
	if err == nil {
		err = c.checkRange(len(claim))
	}
	if err == nil {
		err = checkWritable(fd)
	}
	if err != nil {
		return answerOf(err)
	}
	t := newTask()
	defer t.end()
	target := &t.target
	if errno := target.begin(fd); errno != 0 {
		return answerOf(errno)
	}
	if err := target.checkType(); err != nil {
		return answerOf(err)
	}
	holding, err := newHold()
	if err != nil {
		return answerOf(err)
	}
	word, err := c.holdAny(holding, target.info.ID)
	if err != nil {
		syscall.Close(holding)
		return answerOf(err)
	}
	storeWord(claim, word, uint32(len(claim)))
	return call.Answer{Err: int32(holding)}
}
