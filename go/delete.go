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
	return errorOf(fd, C.flat_delete(cInt(fd), flat(key)))
}

// DeleteIf deletes the entry of a key if its value, or the region of it that the options name, still
// is what the caller saw. seen has as many bytes as the region: any other number is [ErrInvalid], as
// it is of a key. The answer is nil, [ErrMismatch], [ErrNotExist], or another error; with any error
// nothing was deleted.
func DeleteIf(fd int, key, seen []byte, opts *Options) error {
	return errorOf(fd, C.flat_delete_if(cInt(fd), flat(key), flat(seen), opts.flat()))
}

// DeleteBatchIf is [DeleteIf] for many keys in one call. The keys are one after the other, and so is
// what was seen of each. Every key is looked at, in their order, and has an answer of its own in
// results, nil where it was deleted; deleted counts those.
//
// err is about the call, the map or the process, not about a key: it ends the batch, and keys that
// were not reached have [ErrCanceled]. A call that is refused for the lengths of its slices has no
// results.
func DeleteBatchIf(fd int, keys, seen []byte, opts *Options) (results []error, deleted int, err error) {
	results, _, deleted, err = deleteBatchIf(fd, keys, seen, opts, nil)
	return results, deleted, err
}

// deleteBatchIf gives the linked entries, if there are any, their answers too.
func deleteBatchIf(fd int, keys, seen []byte, opts *Options, linked *C.struct_flat_linked) (
	results, linkedResults []error, deleted int, err error) {
	n, err := keysIn(fd, keys)
	if err != nil {
		return nil, nil, 0, err
	}
	answers := make([]C.int, n+1) // one at least, as its address is taken
	var linkedAnswers []C.int
	var second C.struct_flat_linked
	if linked != nil {
		linkedAnswers = make([]C.int, n+1)
		second = *linked
		second.results = &linkedAnswers[0]
	}
	end := C.flat_delete_batch_if(cInt(fd), flat(keys), C.uint32_t(n), flat(seen), opts.flat(), &answers[0],
		second)
	if end.misfit {
		return nil, nil, 0, errorOf(fd, end)
	}
	results, deleted = errorsOf(answers[:n])
	if linked != nil {
		linkedResults, _ = errorsOf(linkedAnswers[:n])
	}
	return results, linkedResults, deleted, errorOf(fd, end)
}

// keysIn tells how many keys these are: only for how much room to make. What the sizes are is looked at in C,
// of the map that is used.
func keysIn(fd int, keys []byte) (n int, err error) {
	info := C.flat_map(cInt(fd))
	if info.err != 0 {
		return 0, errorOf(fd, C.struct_flat_answer{err: info.err})
	}
	if info.key_size > 0 {
		n = len(keys) / int(info.key_size)
	}
	if uint64(n) > math.MaxUint32 {
		return 0, invalid("%d keys", n)
	}
	return n, nil
}

// errorsOf is answerOf for each of many, and counts what is no error.
func errorsOf(answers []C.int) (results []error, done int) {
	results = make([]error, len(answers))
	return results, writeErrors(results, answers)
}

// writeErrors is errorsOf with room for the results, or nil.
func writeErrors(results []error, answers []C.int) (done int) {
	for i, answer := range answers {
		if answer == 0 {
			done++
		}
		if results != nil {
			results[i] = answerOf(answer)
		}
	}
	return done
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

// flat gives a slice's bytes to C.
func flat(b []byte) C.struct_flat_bytes {
	return C.struct_flat_bytes{at: pointer(b), size: C.size_t(len(b))}
}

// flatOrNone is flat, and nothing for nil.
func flatOrNone(b []byte) C.struct_flat_bytes {
	if b == nil {
		return C.struct_flat_bytes{}
	}
	return flat(b)
}
