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
	return errorOf(fd, C.flat_delete(cInt(fd), pointer(key), C.size_t(len(key))))
}

// DeleteIf deletes the entry of a key if its value, or the region of it that the options name, still
// is what the caller saw. seen has as many bytes as the region: any other number is [ErrInvalid], as
// it is of a key. The answer is nil, [ErrMismatch], [ErrNotExist], or another error; with any error
// nothing was deleted.
func DeleteIf(fd int, key, seen []byte, opts *Options) error {
	return errorOf(fd, C.flat_delete_if(cInt(fd), pointer(key), C.size_t(len(key)), pointer(seen),
		C.size_t(len(seen)), opts.claim(), opts.flat()))
}

// DeleteBatchIf is [DeleteIf] for many keys in one call. The keys are one after the other, and so is
// what was seen of each. Every key is looked at, in their order, and has an answer of its own in
// results, nil where it was deleted; deleted counts those.
//
// err is about the call, the map or the process, not about a key: it ends the batch, and keys that
// were not reached have [ErrCanceled]. A call that is refused for the lengths of its slices has no
// results.
func DeleteBatchIf(fd int, keys, seen []byte, opts *Options) (results []error, deleted int, err error) {
	info := C.flat_map(cInt(fd))
	if info.err != 0 {
		return nil, 0, errorOf(fd, C.struct_flat_answer{err: info.err})
	}
	// Only for how much room to make: what the sizes are is looked at in C, of the map that is used.
	n := 0
	if info.key_size > 0 {
		n = len(keys) / int(info.key_size)
	}
	if uint64(n) > math.MaxUint32 {
		return nil, 0, invalid("%d keys", n)
	}
	answers := make([]C.int, n+1) // one at least, as its address is taken
	end := C.flat_delete_batch_if(cInt(fd), pointer(keys), C.size_t(len(keys)), C.uint32_t(n),
		pointer(seen), C.size_t(len(seen)), opts.claim(), opts.flat(), &answers[0])
	if end.misfit {
		return nil, 0, errorOf(fd, end)
	}
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
