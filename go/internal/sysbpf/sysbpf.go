// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

// Package sysbpf has bpf(2) itself.
package sysbpf

import (
	"runtime"
	"syscall"
	"unsafe"
)

// The commands that are used.
const (
	MapCreate      = 0
	MapLookup      = 1
	MapUpdate      = 2
	MapDelete      = 3
	ProgLoad       = 5
	ObjPin         = 6
	ObjGet         = 7
	ProgTestRun    = 10
	MapGetByID     = 14
	ObjInfo        = 15
	BTFLoad        = 18
	BTFGetByID     = 19
	MapFreeze      = 22
	MapLookupBatch = 24
	MapUpdateBatch = 26
	MapDeleteBatch = 27
)

// Before, unless it is nil, is called right before each call: by tests.
var Before func()

// Package syscall knows it on no machine.
func number() uintptr {
	switch runtime.GOARCH {
	case "amd64":
		return 321
	case "386":
		return 357
	case "arm":
		return 386
	case "ppc64", "ppc64le":
		return 361
	case "s390x":
		return 351
	case "mips", "mipsle":
		return 4355
	case "mips64", "mips64le":
		return 5315
	}
	return 280 // of all that came later
}

// Call gives what the kernel answers: a number, or 0, and an errno. What attr points to as numbers, by Pointer,
// has to be kept alive by the caller.
func Call(command int, attr unsafe.Pointer, size uintptr) (int, syscall.Errno) {
	if Before != nil {
		Before()
	}
	n, _, errno := syscall.Syscall(number(), uintptr(command), uintptr(attr), size)
	return int(n), errno
}

// CallShort is Call for what sleeps on nothing and takes no longer than a fifth of a millisecond. Go's scheduler is not
// told of it: else it gives the thread's place to another one in the middle, and then the goroutine, which finds itself on
// another CPU afterwards. That costs a batch 6 % of its time.
func CallShort(command int, attr unsafe.Pointer, size uintptr) (int, syscall.Errno) {
	if Before != nil {
		Before()
	}
	n, _, errno := syscall.RawSyscall(number(), uintptr(command), uintptr(attr), size)
	return int(n), errno
}

// address has what is there stay where it is: on the heap, as a stack may move before the kernel looks.
//
//go:uintptrescapes
//go:noinline
func address(at uintptr) uint64 { return uint64(at) }

// Pointer is an address as the kernel takes it on all machines, 64 bits. It is 0 for a slice of nothing.
func Pointer(b []byte) uint64 {
	if len(b) == 0 {
		return 0
	}
	return address(uintptr(unsafe.Pointer(&b[0])))
}

// ElemAttr is the attributes of the commands for an entry.
type ElemAttr struct {
	FD                uint32
	_                 uint32
	Key, Value, Flags uint64
	// Of kernels with BPF_F_COMPARE:
	Compare       uint64
	CompareOffset uint32
	CompareSize   uint32
}

// ElemAttrSize is how much of ElemAttr all kernels know.
const ElemAttrSize = unsafe.Offsetof(ElemAttr{}.Compare)

// BatchAttr is the attributes of the commands for many entries.
type BatchAttr struct {
	InBatch, OutBatch uint64
	Keys, Values      uint64
	Count             uint32
	FD                uint32
	ElemFlags, Flags  uint64
}

// MapInfo is what the kernel tells of a map, of struct bpf_map_info.
type MapInfo struct {
	Type, ID                              uint32
	KeySize, ValueSize, MaxEntries, Flags uint32
	Name                                  [16]byte
	Ifindex, VmlinuxID                    uint32
	NetnsDev, NetnsIno                    uint64
	BTFID, KeyTypeID, ValueTypeID, _      uint32
	MapExtra                              uint64
}

// ShortInfoSize is how much of MapInfo says which map it is, and what is asked of most.
const ShortInfoSize = unsafe.Offsetof(MapInfo{}.Name)

type infoAttr struct {
	FD, Size uint32
	Info     uint64
}

// Info has the kernel fill info, so much of it.
func Info(fd int, info unsafe.Pointer, size uintptr) syscall.Errno {
	attr := infoAttr{FD: uint32(fd), Size: uint32(size), Info: address(uintptr(info))}
	_, errno := Call(ObjInfo, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	runtime.KeepAlive(info)
	return errno
}

// Elem makes a call for one entry. What the slices are too short for is the caller's fault.
func Elem(command, fd int, key, value []byte, flags uint64) syscall.Errno {
	attr := ElemAttr{FD: uint32(fd), Key: Pointer(key), Value: Pointer(value), Flags: flags}
	_, errno := Call(command, unsafe.Pointer(&attr), ElemAttrSize)
	runtime.KeepAlive(key)
	runtime.KeepAlive(value)
	return errno
}

// Batch makes a call for many, and tells how many it did.
func Batch(command, fd int, in, out, keys, values []byte, count uint32) (uint32, syscall.Errno) {
	attr := BatchAttr{InBatch: Pointer(in), OutBatch: Pointer(out), Keys: Pointer(keys), Values: Pointer(values),
		Count: count, FD: uint32(fd)}
	_, errno := Call(command, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	runtime.KeepAlive(in)
	runtime.KeepAlive(out)
	runtime.KeepAlive(keys)
	runtime.KeepAlive(values)
	return attr.Count, errno
}

// CreateAttr is the attributes of a map that is created.
type CreateAttr struct {
	Type, KeySize, ValueSize, MaxEntries, Flags uint32
	InnerFD, NumaNode                           uint32
	Name                                        [16]byte
	Ifindex                                     uint32
	BTFFD, KeyTypeID, ValueTypeID               uint32
}

// Create makes a map.
func Create(attr *CreateAttr) (fd int, errno syscall.Errno) {
	return Call(MapCreate, unsafe.Pointer(attr), unsafe.Sizeof(*attr))
}

type btfAttr struct {
	BTF, LogBuf   uint64
	Size, LogSize uint32
	LogLevel, _   uint32
}

// LoadBTF gives BTF to the kernel.
func LoadBTF(btf []byte) (fd int, errno syscall.Errno) {
	attr := btfAttr{BTF: Pointer(btf), Size: uint32(len(btf))}
	fd, errno = Call(BTFLoad, unsafe.Pointer(&attr), unsafe.Offsetof(attr.LogLevel)+4)
	runtime.KeepAlive(btf)
	return fd, errno
}

type btfInfo struct {
	BTF             uint64
	Size, ID        uint32
	Name            uint64
	NameLen, Kernel uint32
}

// ReadBTF reads BTF that the kernel has by its id.
func ReadBTF(id uint32) (raw []byte, errno syscall.Errno) {
	attr := struct{ id, next, flags uint32 }{id: id}
	fd, errno := Call(BTFGetByID, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	if errno != 0 {
		return nil, errno
	}
	defer syscall.Close(fd)
	var info btfInfo
	if errno := Info(fd, unsafe.Pointer(&info), unsafe.Sizeof(info)); errno != 0 {
		return nil, errno
	}
	raw = make([]byte, info.Size)
	info = btfInfo{BTF: Pointer(raw), Size: info.Size}
	errno = Info(fd, unsafe.Pointer(&info), unsafe.Sizeof(info))
	return raw, errno
}
