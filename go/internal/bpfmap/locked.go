// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfmap

import (
	"bytes"
	"encoding/binary"
	"syscall"
	"unsafe"

	"example.org/libbpf-compare/go/internal/sysbpf"
)

// LockedValueSize is the size of values with a bpf_spin_lock: that, 4 bytes and 2 words of 8 bytes.
const LockedValueSize = 24

// CreateLocked makes a map with such values, and keys of 4 bytes.
func CreateLocked(mapType, maxEntries uint32) (fd int, err error) {
	const what = "creating a map of values with a lock"
	btfFD, errno := sysbpf.LoadBTF(lockedBTF())
	if errno != 0 {
		return -1, failure(what, errno)
	}
	defer syscall.Close(btfFD)
	attr := attrOf(Info{Type: mapType, KeySize: 4, ValueSize: LockedValueSize, MaxEntries: maxEntries})
	attr.BTFFD, attr.KeyTypeID, attr.ValueTypeID = uint32(btfFD), 1, 6
	fd, errno = sysbpf.Create(&attr)
	return fd, failure(what, errno)
}

// lockedBTF describes struct { struct bpf_spin_lock lock; u32 flags; u64 words[2]; }, which is type 6.
func lockedBTF() []byte {
	const integer, array, structure = 1, 3, 4
	var strings bytes.Buffer
	strings.WriteByte(0)
	name := func(s string) uint32 {
		at := uint32(strings.Len())
		strings.WriteString(s + "\x00")
		return at
	}
	info := func(kind, members uint32) uint32 { return kind<<24 | members }
	types := []uint32{
		name("unsigned int"), info(integer, 0), 4, 32,
		name("unsigned long long"), info(integer, 0), 8, 64,
		name("int"), info(integer, 0), 4, 1<<24 | 32,
		0, info(array, 0), 0, 2, 3, 2,
		name("bpf_spin_lock"), info(structure, 1), 4, name("val"), 1, 0,
		name("value"), info(structure, 3), LockedValueSize, name("lock"), 5, 0, name("flags"), 1, 32,
		name("words"), 4, 64,
	}
	size := uint32(4 * len(types))
	one := uint16(1)
	var order binary.ByteOrder = binary.BigEndian
	if *(*byte)(unsafe.Pointer(&one)) == 1 {
		order = binary.LittleEndian
	}
	var btf bytes.Buffer
	binary.Write(&btf, order, []uint16{0xeb9f, 1})
	binary.Write(&btf, order, []uint32{24, 0, size, size, uint32(strings.Len())})
	binary.Write(&btf, order, types)
	return append(btf.Bytes(), strings.Bytes()...)
}
