// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

// Package bpfmap has the few other calls to a BPF map that the agent and the tests make.
package bpfmap

/*
#cgo pkg-config: libbpf
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>

// Describes struct { struct bpf_spin_lock lock; u32 flags; u64 words[2]; }, and gives its id.
static int add_locked(struct btf *btf)
{
	int u32, u64, index, words, lock, value;

	u32 = btf__add_int(btf, "unsigned int", 4, 0);
	u64 = btf__add_int(btf, "unsigned long long", 8, 0);
	index = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	words = btf__add_array(btf, index, u64, 2);
	lock = btf__add_struct(btf, "bpf_spin_lock", 4);
	if (btf__add_field(btf, "val", u32, 0, 0))
		return -EINVAL;
	value = btf__add_struct(btf, "value", 24);
	if (btf__add_field(btf, "lock", lock, 0, 0) || btf__add_field(btf, "flags", u32, 32, 0) ||
	    btf__add_field(btf, "words", words, 64, 0))
		return -EINVAL;
	return value;
}

static int create_locked(uint32_t type, uint32_t max_entries)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	struct btf *btf = btf__new_empty();
	int id, fd;

	id = btf ? add_locked(btf) : -errno;
	fd = id < 0 ? id : btf__load_into_kernel(btf);
	if (fd >= 0) {
		opts.btf_fd = btf__fd(btf);
		opts.btf_key_type_id = 1;
		opts.btf_value_type_id = id;
		fd = bpf_map_create(type, "bpfmap", 4, 24, max_entries, &opts);
	}
	btf__free(btf);
	return fd;
}

// Of bytes, not void, cgo knows that they hold no pointers.
static int update(int fd, const uint8_t *key, const uint8_t *value)
{
	return bpf_map_update_elem(fd, key, value, BPF_ANY);
}

static int update_batch(int fd, const uint8_t *keys, const uint8_t *values, uint32_t *count)
{
	return bpf_map_update_batch(fd, keys, values, count, NULL);
}

static int lookup(int fd, const uint8_t *key, uint8_t *value)
{
	return bpf_map_lookup_elem(fd, key, value);
}

static int lookup_batch(int fd, uint8_t *from, uint8_t *to, uint8_t *keys, uint8_t *values,
			uint32_t *count)
{
	return bpf_map_lookup_batch(fd, from, to, keys, values, count, NULL);
}
*/
import "C"

import (
	"fmt"
	"io"
	"syscall"
	"unsafe"
)

// Info is what a map is made of.
type Info struct {
	Type, KeySize, ValueSize, MaxEntries uint32
}

// Create makes a map.
func Create(info Info) (fd int, err error) {
	name := C.CString("bpfmap")
	defer C.free(unsafe.Pointer(name))
	n := C.bpf_map_create(info.Type, name, C.__u32(info.KeySize), C.__u32(info.ValueSize),
		C.__u32(info.MaxEntries), nil)
	return int(n), failure("creating a map", n)
}

// LockedValueSize is the size of values with a bpf_spin_lock: that, 4 bytes and 2 words of 8 bytes.
const LockedValueSize = 24

// CreateLocked makes a map with such values, and keys of 4 bytes.
func CreateLocked(mapType, maxEntries uint32) (fd int, err error) {
	n := C.create_locked(C.uint32_t(mapType), C.uint32_t(maxEntries))
	return int(n), failure("creating a map of values with a lock", n)
}

// Open gives a descriptor of a pinned map.
func Open(path string) (fd int, err error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	n := C.bpf_obj_get(name)
	return int(n), failure("opening "+path, n)
}

// Pin gives a map a name in a bpf file system.
func Pin(fd int, path string) error {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	return failure("pinning a map as "+path, C.bpf_obj_pin(C.int(fd), name))
}

// InfoOf tells what a map is made of.
func InfoOf(fd int) (Info, error) {
	var info C.struct_bpf_map_info
	size := C.__u32(unsafe.Sizeof(info))
	err := failure("looking at a map", C.bpf_obj_get_info_by_fd(C.int(fd), unsafe.Pointer(&info), &size))
	return Info{uint32(info._type), uint32(info.key_size), uint32(info.value_size),
		uint32(info.max_entries)}, err
}

// Freeze has the kernel refuse all later writes by system calls.
func Freeze(fd int) error {
	return failure("freezing a map", C.bpf_map_freeze(C.int(fd)))
}

// Update writes an entry. The slices have to be of the map's sizes, as in all that follows.
func Update(fd int, key, value []byte) error {
	return failure("writing an entry", C.update(C.int(fd), pointer(key), pointer(value)))
}

// UpdateBatch writes n entries.
func UpdateBatch(fd, n int, keys, values []byte) error {
	count := C.uint32_t(n)
	return failure("writing entries", C.update_batch(C.int(fd), pointer(keys), pointer(values), &count))
}

// Lookup reads an entry into value.
func Lookup(fd int, key, value []byte) error {
	return failure("reading an entry", C.lookup(C.int(fd), pointer(key), pointer(value)))
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
	var from *C.uint8_t
	if r.started {
		copy(r.from, r.to)
		from = pointer(r.from)
	}
	count := C.uint32_t(len(r.keys) / int(r.info.KeySize))
	n := C.lookup_batch(C.int(r.fd), from, pointer(r.to), pointer(r.keys), pointer(r.values), &count)
	switch {
	case n == -C.ENOSPC: // A bucket holds more.
		r.resize(2 * len(r.keys) / int(r.info.KeySize))
		return r.Next()
	case n == -C.ENOENT:
		r.end = true
	case n < 0:
		return nil, nil, failure("reading a batch", n)
	}
	r.started = true
	return r.keys[:int(count)*int(r.info.KeySize)], r.values[:int(count)*int(r.info.ValueSize)], nil
}

// Rewind lets Next start anew.
func (r *Reader) Rewind() { r.started, r.end = false, false }

func pointer(b []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.Pointer(&b[0])) }

func failure(what string, n C.int) error {
	if n >= 0 {
		return nil
	}
	return fmt.Errorf("%s: %w", what, syscall.Errno(-n))
}
