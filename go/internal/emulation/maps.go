// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"syscall"
	"unsafe"

	"example.org/libbpf-compare/go/internal/sysbpf"
)

// target is the map that a call is about.
type target struct {
	fd   int            // a duplicate of the caller's: what becomes of his number no longer matters
	info sysbpf.MapInfo // its fields before Name alone
}

// firstFD: those below are the standard streams', also where a process has closed them.
const firstFD = 3

func fcntl(fd int, command, arg uintptr) (int, syscall.Errno) {
	n, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), command, arg)
	return int(n), errno
}

// Duplicate gives a descriptor that is nobody else's.
func Duplicate(fd int) (ours int, errno syscall.Errno) {
	if fd != int(int32(fd)) {
		return -1, syscall.EBADF
	}
	ours, errno = fcntl(fd, syscall.F_DUPFD_CLOEXEC, firstFD)
	if errno != 0 {
		return -1, errno
	}
	return ours, 0
}

// readInfo fills the fields before Name: less to fill for the kernel.
func readInfo(fd int, info *sysbpf.MapInfo) syscall.Errno {
	*info = sysbpf.MapInfo{}
	errno := sysbpf.Info(fd, unsafe.Pointer(info), sysbpf.ShortInfoSize)
	// This one command has a number of its own for what the others call EBADF.
	if errno == syscall.EBADFD {
		return syscall.EBADF
	}
	return errno
}

// readFullInfo fills all of it.
func readFullInfo(fd int, info *sysbpf.MapInfo) error {
	*info = sysbpf.MapInfo{}
	switch errno := sysbpf.Info(fd, unsafe.Pointer(info), unsafe.Sizeof(*info)); errno {
	case syscall.EBADFD, syscall.EBADF:
		return refuse(syscall.EBADF, "the file descriptor is not open")
	case syscall.EINVAL:
		return refuse(errno, "the file descriptor is no map's")
	default:
		return failed(errno)
	}
}

// identity is all that says which map this is: programs and others have ids too, and could have a map's.
type identity [6]uint32

func identityOf(info *sysbpf.MapInfo) identity {
	return identity{info.Type, info.ID, info.KeySize, info.ValueSize, info.MaxEntries, info.Flags}
}

// nameOf is for reasons.
func nameOf(info *sysbpf.MapInfo) string {
	for i, c := range info.Name {
		if c == 0 {
			return string(info.Name[:i])
		}
	}
	return string(info.Name[:])
}

// begin has the map that fd is of be the one of all that follows, until end.
func (t *target) begin(fd int) syscall.Errno {
	ours, errno := Duplicate(fd)
	t.fd = ours
	if errno != 0 {
		return errno
	}
	return readInfo(ours, &t.info)
}

func (t *target) end() {
	if t.fd >= 0 {
		syscall.Close(t.fd)
	}
	t.fd = -1
}

// checkWritable asks the kernel whether fd is a map that may be written through it: a batch of no keys deletes
// none, but is refused as any other would be. A program needs fd for nothing, so nobody else would ask.
func checkWritable(fd int) error {
	_, errno := sysbpf.Batch(sysbpf.MapDeleteBatch, fd, nil, nil, nil, nil, 0)
	switch errno {
	case 0, enotsupp: // or it is a map, writable, of a type without batches
		return nil
	case syscall.EINVAL:
		return refuse(errno, "the file descriptor is no map's")
	case syscall.EPERM:
		return refuse(errno, "the file descriptor is read-only, or the map frozen")
	case syscall.EBADF:
		return refuse(errno, "the file descriptor is not open")
	}
	return errno
}

// checkMode tells whether fd was opened for writing: all that checkWritable asks but whether the map is frozen.
func checkMode(fd int) error {
	flags, errno := fcntl(fd, syscall.F_GETFL, 0)
	if errno == 0 && flags&syscall.O_ACCMODE == syscall.O_RDONLY {
		return refuse(syscall.EPERM, "the file descriptor is read-only")
	}
	return failed(errno)
}

// checkReadable asks what a look-up would.
func checkReadable(fd int) error {
	flags, errno := fcntl(fd, syscall.F_GETFL, 0)
	if errno == 0 && flags&syscall.O_ACCMODE == syscall.O_WRONLY {
		return refuse(syscall.EPERM, "the file descriptor is write-only")
	}
	return failed(errno)
}

// firstError is what is to be said of the map itself, where there is an error.
func firstError(fd int, err error) error {
	if err != nil {
		if first := checkWritable(fd); first != nil {
			return first
		}
	}
	return err
}

func typeServes(mapType uint32) bool { return mapType == 1 || mapType == 9 }

func (t *target) checkType() error {
	if typeServes(t.info.Type) {
		return nil
	}
	return refuseMap(t.fd, syscall.EOPNOTSUPP,
		"map type %d is neither BPF_MAP_TYPE_HASH nor BPF_MAP_TYPE_LRU_HASH", t.info.Type)
}

// region is part of a value, in bytes.
type region struct{ offset, size uint32 }

func (r region) end() uint32 { return r.offset + r.size }

// checkRegion has a size of 0 be the whole value's.
func (t *target) checkRegion(whose string, r *region) error {
	size := r.size
	if size == 0 {
		size = t.info.ValueSize
	}
	if size > t.info.ValueSize || r.offset > t.info.ValueSize-size {
		return refuseMap(t.fd, syscall.EINVAL, "%soffset %d + %ssize %d is past the value's end: value_size %d",
			whose, r.offset, whose, size, t.info.ValueSize)
	}
	r.size = size
	return nil
}
