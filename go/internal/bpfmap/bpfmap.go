// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

// Package bpfmap has the few other calls to a BPF map that the agent and the tests make.
package bpfmap

import (
	"fmt"
	"io"
	"runtime"
	"syscall"
	"unsafe"

	"example.org/libbpf-compare/go/internal/sysbpf"
)

// Info is what a map is made of.
type Info struct {
	Type, KeySize, ValueSize, MaxEntries, Flags uint32
}

// Create makes a map.
func Create(info Info) (fd int, err error) {
	attr := attrOf(info)
	fd, errno := sysbpf.Create(&attr)
	return fd, failure("creating a map", errno)
}

func attrOf(info Info) sysbpf.CreateAttr {
	attr := sysbpf.CreateAttr{Type: info.Type, KeySize: info.KeySize, ValueSize: info.ValueSize,
		MaxEntries: info.MaxEntries, Flags: info.Flags}
	copy(attr.Name[:], "bpfmap")
	return attr
}

// Open gives a descriptor of a pinned map.
func Open(path string) (fd int, err error) {
	fd, errno := named(sysbpf.ObjGet, path, 0)
	return fd, failure("opening "+path, errno)
}

// Pin gives a map a name in a bpf file system.
func Pin(fd int, path string) error {
	_, errno := named(sysbpf.ObjPin, path, fd)
	return failure("pinning a map as "+path, errno)
}

func named(command int, path string, fd int) (int, syscall.Errno) {
	name := append([]byte(path), 0)
	attr := struct {
		path      uint64
		fd, flags uint32
	}{path: sysbpf.Pointer(name), fd: uint32(fd)}
	n, errno := sysbpf.Call(command, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	runtime.KeepAlive(name)
	return n, errno
}

// InfoOf tells what a map is made of.
func InfoOf(fd int) (Info, error) {
	var info sysbpf.MapInfo
	errno := sysbpf.Info(fd, unsafe.Pointer(&info), sysbpf.ShortInfoSize)
	return Info{info.Type, info.KeySize, info.ValueSize, info.MaxEntries, info.Flags}, failure("looking at a map", errno)
}

// What a descriptor of Reopen may be used for.
const (
	ReadOnly  = 1 << 3
	WriteOnly = 1 << 4
)

// Reopen gives another descriptor of a map, which is ReadOnly or WriteOnly.
func Reopen(fd, may int) (int, error) {
	var info sysbpf.MapInfo
	if errno := sysbpf.Info(fd, unsafe.Pointer(&info), unsafe.Sizeof(info)); errno != 0 {
		return -1, failure("asking about the map", errno)
	}
	const mapGetFDByID = 14
	attr := struct{ ID, NextID, OpenFlags uint32 }{ID: info.ID, OpenFlags: uint32(may)}
	fd, errno := sysbpf.Call(mapGetFDByID, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	if errno != 0 {
		return -1, failure("opening the map", errno)
	}
	return fd, nil
}

// Freeze has the kernel refuse all later writes by system calls.
func Freeze(fd int) error {
	attr := struct{ fd uint32 }{uint32(fd)}
	_, errno := sysbpf.Call(sysbpf.MapFreeze, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	return failure("freezing a map", errno)
}

// Update writes an entry. The slices have to be of the map's sizes, as in all that follows.
func Update(fd int, key, value []byte) error {
	return failure("writing an entry", sysbpf.Elem(sysbpf.MapUpdate, fd, key, value, 0))
}

// UpdateBatch writes n entries.
func UpdateBatch(fd, n int, keys, values []byte) error {
	_, errno := sysbpf.Batch(sysbpf.MapUpdateBatch, fd, nil, nil, keys, values, uint32(n))
	return failure("writing entries", errno)
}

// Lookup reads an entry into value.
func Lookup(fd int, key, value []byte) error {
	return failure("reading an entry", sysbpf.Elem(sysbpf.MapLookup, fd, key, value, 0))
}

// Reader reads all of a hash map, in batches.
type Reader struct {
	fd           int
	info         Info
	keys, values []byte
	from, to     []byte
	started, end bool
}

// NewReader makes a Reader. Each of its batches has so many entries at most, but at least those of
// one bucket.
func NewReader(fd, batch int) (*Reader, error) {
	info, err := InfoOf(fd)
	r := &Reader{fd: fd, info: info, from: make([]byte, 4), to: make([]byte, 4)}
	r.resize(batch)
	return r, err
}

func (r *Reader) resize(batch int) {
	r.keys = make([]byte, batch*int(r.info.KeySize))
	r.values = make([]byte, batch*int(r.info.ValueSize))
}

// Next gives the next entries, which are the caller's until the next call, or io.EOF after the last.
// Then it starts anew.
func (r *Reader) Next() (keys, values []byte, err error) {
	if r.end {
		r.Rewind()
		return nil, nil, io.EOF
	}
	var from []byte
	if r.started {
		copy(r.from, r.to)
		from = r.from
	}
	count, errno := sysbpf.Batch(sysbpf.MapLookupBatch, r.fd, from, r.to, r.keys, r.values,
		uint32(len(r.keys)/int(r.info.KeySize)))
	switch errno {
	case 0:
	case syscall.ENOSPC: // A bucket holds more.
		r.resize(2 * len(r.keys) / int(r.info.KeySize))
		return r.Next()
	case syscall.ENOENT:
		r.end = true
	default:
		return nil, nil, failure("reading a batch", errno)
	}
	r.started = true
	return r.keys[:int(count)*int(r.info.KeySize)], r.values[:int(count)*int(r.info.ValueSize)], nil
}

// Rewind lets Next start anew.
func (r *Reader) Rewind() { r.started, r.end = false, false }

func failure(what string, errno syscall.Errno) error {
	if errno == 0 {
		return nil
	}
	return fmt.Errorf("%s: %w", what, errno)
}
