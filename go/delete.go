// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

import (
	"context"
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
	return DeleteBatchIfContext(context.Background(), fd, keys, seen, opts)
}

// DeleteBatchIfContext is [DeleteBatchIf] until a context is done, which is looked at every few thousand keys, in
// between of two runs of the BPF program. The error then wraps the context's, keys that were not reached have
// [ErrCanceled], and nothing is half done.
func DeleteBatchIfContext(ctx context.Context, fd int, keys, seen []byte, opts *Options) (
	results []error, deleted int, err error) {
	results, _, deleted, err = deleteBatchIf(ctx, fd, keys, seen, opts, nil)
	return results, deleted, err
}

// deleteBatchIf gives the linked entries, if there are any, their answers too.
func deleteBatchIf(ctx context.Context, fd int, keys, seen []byte, opts *Options, linked *call.Linked) (
	results, linkedResults []error, deleted int, err error) {
	n, err := keysIn(fd, keys)
	if err != nil {
		return nil, nil, 0, err
	}
	o := opts.call()
	values := o.Values
	var second call.Linked
	if linked != nil {
		second = *linked
	}
	theirs := second
	p := portionsOf(ctx, n, fd, second.FD, keys, seen, values, second.Keys, second.Seen)
	defer p.end()
	answers := make([]int32, n+1) // one at least, as its address is taken
	p.cancel(answers)
	var linkedAnswers []int32
	if linked != nil {
		linkedAnswers = make([]int32, n+1)
		p.cancel(linkedAnswers)
	}
	var end call.Answer
	for end.Err == 0 && p.next() {
		o.Values = p.cut(values)
		if linked != nil {
			theirs.FD, theirs.Keys, theirs.Seen = p.linkedFD, p.cut(second.Keys), p.cut(second.Seen)
			theirs.Results = linkedAnswers[p.from : p.to+1]
		}
		end = callDeleteBatchIf(p.fd, p.cut(keys), p.to-p.from, p.cut(seen), o, answers[p.from:p.to+1], theirs)
	}
	if end.Misfit {
		return nil, nil, 0, errorOf(fd, end)
	}
	results, deleted = errorsOf(answers[:n])
	if linked != nil {
		linkedResults, _ = errorsOf(linkedAnswers[:n])
	}
	return results, linkedResults, deleted, p.errorOf(fd, end)
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
