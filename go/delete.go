// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

import (
	"math"

	"example.org/libbpf-compare/go/internal/call"
)

// Delete deletes the entry of a key whatever its value is, from a map of any type that deletes by
// key.
func Delete(fd int, key []byte) error {
	return errorOf(fd, callDelete(fd, key))
}

// DeleteIf deletes the entry of a key if its value, or the region of it that the options name, still
// is what the caller saw. seen has as many bytes as the region: any other number is [ErrInvalid], as
// it is of a key. The answer is nil, [ErrMismatch], [ErrNotExist], or another error; with any error
// nothing was deleted.
func DeleteIf(fd int, key, seen []byte, opts *Options) error {
	return errorOf(fd, callDeleteIf(fd, key, seen, opts.call()))
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
func deleteBatchIf(fd int, keys, seen []byte, opts *Options, linked *call.Linked) (
	results, linkedResults []error, deleted int, err error) {
	n, err := keysIn(fd, keys)
	if err != nil {
		return nil, nil, 0, err
	}
	answers := make([]int32, n+1) // one at least, as its address is taken
	var linkedAnswers []int32
	var second call.Linked
	if linked != nil {
		linkedAnswers = make([]int32, n+1)
		second = *linked
		second.Results = linkedAnswers
	}
	end := callDeleteBatchIf(fd, keys, n, seen, opts.call(), answers, second)
	if end.Misfit {
		return nil, nil, 0, errorOf(fd, end)
	}
	results, deleted = errorsOf(answers[:n])
	if linked != nil {
		linkedResults, _ = errorsOf(linkedAnswers[:n])
	}
	return results, linkedResults, deleted, errorOf(fd, end)
}

// keysIn tells how many keys these are: only for how much room to make. What the sizes are is looked at
// anew, of the map that is used.
func keysIn(fd int, keys []byte) (n int, err error) {
	info := callMap(fd)
	if info.Errno != 0 {
		return 0, errorOf(fd, call.Answer{Err: -int32(info.Errno)})
	}
	if info.KeySize > 0 {
		n = len(keys) / int(info.KeySize)
	}
	if uint64(n) > math.MaxUint32 {
		return 0, invalid("%d keys", n)
	}
	return n, nil
}

// errorsOf is answerOf for each of many, and counts what is no error.
func errorsOf(answers []int32) (results []error, done int) {
	results = make([]error, len(answers))
	return results, writeErrors(results, answers)
}

// writeErrors is errorsOf with room for the results, or nil.
func writeErrors(results []error, answers []int32) (done int) {
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
