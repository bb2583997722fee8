// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"

	"example.org/libbpf-compare/go/internal/call"
	"example.org/libbpf-compare/go/internal/sysbpf"
)

// The native backend: BPF_MAP_DELETE_ELEM with BPF_F_COMPARE.

func nativeDelete(fd int, key, compare []byte, r region) syscall.Errno {
	return deleteWith(fd, key, call.Compare, sysbpf.Pointer(compare), r, compare)
}

func deleteWith(fd int, key []byte, flags, compare uint64, r region, alive []byte) syscall.Errno {
	attr := sysbpf.ElemAttr{FD: uint32(fd), Key: sysbpf.Pointer(key), Flags: flags, Compare: compare,
		CompareOffset: r.offset, CompareSize: r.size}
	_, errno := sysbpf.Call(sysbpf.MapDelete, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	runtime.KeepAlive(key)
	runtime.KeepAlive(alive)
	return errno
}

// refuseNatively: what the kernel refuses of a call, it gives no reason for.
func refuseNatively(errno syscall.Errno, r region) error {
	switch errno {
	case syscall.EPERM:
		return refuse(errno, "the file descriptor is read-only, or the map frozen")
	case syscall.EINVAL:
		return refuse(errno, "the kernel's BPF_F_COMPARE: compare_offset %d, compare_size %d", r.offset, r.size)
	case syscall.EFAULT:
		return refuse(errno, "the kernel's BPF_F_COMPARE: key or compare cannot be read")
	case syscall.EOPNOTSUPP:
		return refuse(errno, "the kernel's BPF_F_COMPARE does not serve this map")
	}
	return failed(errno)
}

// unreadable is in the kernel's half of the address space: whatever user space maps, it cannot be read.
var unreadable = uint64(^uintptr(4095))

// isAnswer tells whether this is what a kernel may say of a flag that it does not know, ignores, or means otherwise.
// Anything else, such as EPERM or ENOMEM, does not tell.
func isAnswer(errno syscall.Errno) bool {
	switch errno {
	case 0, syscall.EINVAL, syscall.EBUSY, syscall.ENOENT, syscall.EFAULT, syscall.E2BIG, syscall.EOPNOTSUPP, enotsupp:
		return true
	}
	return false
}

// A map of one entry to try things on.
var (
	scratchKey   = bytesOf([]uint32{1})
	scratchValue = bytesOf([]uint32{1, 2, 3})
	scratchWrong = bytesOf([]uint32{1, 2, 4})
)

func newScratch(mapType uint32) (fd int, errno syscall.Errno) {
	return sysbpf.Create(&sysbpf.CreateAttr{Type: mapType, KeySize: 4, ValueSize: 12, MaxEntries: 1})
}

func addToScratch(fd int) syscall.Errno {
	return sysbpf.Elem(sysbpf.MapUpdate, fd, scratchKey, scratchValue, call.NoExist)
}

func scratchHas(fd int) (bool, syscall.Errno) {
	switch errno := sysbpf.Elem(sysbpf.MapLookup, fd, scratchKey, make([]byte, 12), 0); errno {
	case 0:
		return true, 0
	case syscall.ENOENT:
		return false, 0
	default:
		return false, errno
	}
}

// tryNative does to a scratch map whatever tells BPF_F_COMPARE from a flag that is unknown, ignored, or has another
// meaning.
func tryNative(fd int) (bool, syscall.Errno) {
	// Offset and size unlike each other, should they be taken for one another.
	whole, third := region{}, region{8, 4}
	if errno := addToScratch(fd); errno != 0 {
		return false, errno
	}
	for _, try := range []struct {
		flags, compare uint64
		region         region
		answer         syscall.Errno
	}{
		// Without the flag an equal region first: ignored fields would delete.
		{0, sysbpf.Pointer(scratchValue[8:]), third, syscall.EINVAL},
		{call.Compare, sysbpf.Pointer(scratchWrong), whole, syscall.EBUSY},
		{call.Compare, sysbpf.Pointer(scratchWrong[8:]), third, syscall.EBUSY},
		{call.Compare, unreadable, whole, syscall.EFAULT},
		{call.Compare, sysbpf.Pointer(scratchValue[8:]), third, 0},
	} {
		errno := deleteWith(fd, scratchKey, try.flags, try.compare, try.region, nil)
		if !isAnswer(errno) {
			return false, errno
		}
		if errno != try.answer {
			return false, 0
		}
		has, errno := scratchHas(fd)
		if errno != 0 || has != (try.answer != 0) {
			return false, errno
		}
	}
	return true, 0
}

// nativeAnswers are 1 and -1, by map type.
var nativeAnswers [lruHash + 1]atomic.Int32

const (
	lruHash    = call.LRUHash
	noPrealloc = 1
)

// probeNative tells whether this kernel has BPF_F_COMPARE for maps of this type. Yes and no are remembered, as no
// kernel changes its mind; an error is not.
func probeNative(mapType uint32) (bool, syscall.Errno) {
	if !typeServes(mapType) {
		return false, 0
	}
	if known := nativeAnswers[mapType].Load(); known != 0 {
		return known > 0, 0
	}
	fd, errno := newScratch(mapType)
	if errno != 0 {
		return false, errno
	}
	defer syscall.Close(fd)
	has, errno := tryNative(fd)
	if errno == 0 {
		known := int32(-1)
		if has {
			known = 1
		}
		nativeAnswers[mapType].Store(known)
	}
	return has, errno
}

// nativeServes tells whether it has it for this map, whose values may hold fields that it refuses. The kernel looks at
// those before it reads the expected bytes, which cannot be read.
func nativeServes(t *target) (bool, syscall.Errno) {
	has, errno := probeNative(t.info.Type)
	if !has || errno != 0 {
		return false, errno
	}
	switch errno := deleteWith(t.fd, make([]byte, t.info.KeySize), call.Compare, unreadable, region{}, nil); errno {
	case syscall.EFAULT:
		return true, 0
	case syscall.EOPNOTSUPP:
		return false, 0
	default:
		return false, errno
	}
}
