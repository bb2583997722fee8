// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

// #cgo pkg-config: libbpf
// #include "flat.h"
import "C"

import (
	"math"
	"unsafe"
)

// Delete deletes the entry of a key whatever its value is, from a map of any type that deletes by
// key.
func Delete(fd int, key []byte) error {
	if _, err := mapOfKey(fd, key); err != nil {
		return err
	}
	return errorOf(fd, C.flat_delete(cInt(fd), pointer(key)))
}

// DeleteIf deletes the entry of a key if its value, or the region of it that the options name, still
// is what the caller saw. seen is the whole value or that region alone. The answer is nil,
// [ErrMismatch], [ErrNotExist], or another error; with any error nothing was deleted.
func DeleteIf(fd int, key, seen []byte, opts *Options) error {
	info, err := mapOfKey(fd, key)
	if err != nil {
		return err
	}
	compare, flat, err := opts.flat(seen, 1, info.value_size)
	if err != nil {
		return err
	}
	return errorOf(fd, C.flat_delete_if(cInt(fd), pointer(key), pointer(compare), opts.claim(), flat))
}

// DeleteBatchIf is [DeleteIf] for many keys in one call. The keys are one after the other, and so is
// what was seen of each, whole values or regions. Every key is looked at, in their order, and has an
// answer of its own in results, nil where it was deleted; deleted counts those.
//
// err is about the call, the map or the process, not about a key: it ends the batch, and keys that
// were not reached have [ErrCanceled]. A call that is refused for the lengths of its slices has no
// results.
func DeleteBatchIf(fd int, keys, seen []byte, opts *Options) (results []error, deleted int, err error) {
	info, err := mapOf(fd)
	if err != nil {
		return nil, 0, err
	}
	size := int(info.key_size)
	if size == 0 || len(keys)%size != 0 || uint64(len(keys)/size) > math.MaxUint32 {
		return nil, 0, invalid("%d bytes of keys, for a map with keys of %d", len(keys), size)
	}
	n := len(keys) / size
	compare, flat, err := opts.flat(seen, n, info.value_size)
	if err != nil {
		return nil, 0, err
	}
	answers := make([]C.int, n+1) // one at least, as its address is taken
	end := C.flat_delete_batch_if(cInt(fd), pointer(keys), C.uint32_t(n), pointer(compare),
		opts.claim(), flat, &answers[0])

	results = make([]error, n)
	for i, answer := range answers[:n] {
		if answer == 0 {
			deleted++
		} else {
			results[i] = answerOf(answer)
		}
	}
	return results, deleted, errorOf(fd, end)
}

// mapOf looks at the map, as C is to read no byte past a slice. It asks every time: the descriptor
// may be that of another map by now.
func mapOf(fd int) (C.struct_flat_map, error) {
	info := C.flat_map(cInt(fd))
	return info, errorOf(fd, info.err)
}

func mapOfKey(fd int, key []byte) (C.struct_flat_map, error) {
	info, err := mapOf(fd)
	if err == nil && len(key) != int(info.key_size) {
		err = invalid("a key of %d bytes, for a map with keys of %d", len(key), info.key_size)
	}
	return info, err
}

// cInt is fd for C, -1 where it does not fit: that is no open descriptor either.
func cInt(fd int) C.int {
	if fd != int(C.int(fd)) {
		return -1
	}
	return C.int(fd)
}

// pointer gives the address of a slice's bytes, which is not nil for a slice of none.
func pointer(b []byte) *C.uint8_t {
	if len(b) == 0 {
		b = make([]byte, 1)
	}
	return (*C.uint8_t)(unsafe.Pointer(&b[0]))
}
