// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

import (
	"context"
	"reflect"
	"unsafe"

	"example.org/libbpf-compare/go/internal/call"
	"example.org/libbpf-compare/go/internal/plain"
)

// WordType is what the numbers of a [Word] can be.
type WordType interface {
	~int32 | ~uint32 | ~int64 | ~uint64
}

// WordOptions says what is to be known of a word beside its place. nil is like the zero WordOptions.
type WordOptions struct {
	// ClaimFirst and ClaimLast are the range of words that are claims, of whichever collector, as unsigned
	// numbers of the word's size: none is written over, nor written, the answer is [ErrMismatch]. Both 0: there
	// are none.
	ClaimFirst, ClaimLast uint64
}

// Word is one word of the values of a [Map], and ends with it: it is changed where it is, as by [UpdateInPlace],
// and what others write beside it stays. Of changes by atomic operations of BPF programs none is lost, and each is
// seen by one caller alone: whoever takes counters by [Word.Swap] has all that was counted, once, but for what was
// counted between the last Swap and the delete of an entry.
//
// It takes [SyscallProg], Linux 5.17, and CAP_PERFMON beside CAP_BPF. Goroutines may share a Word.
type Word[K, V comparable, W WordType] struct {
	m      *Map[K, V]
	change call.Update
}

// NewWord gives a Word by its field's name in the values' type, as a [Condition] has it: an integer of W's size
// and sign. Where the values are the word itself the name is "". The key's and the value's type follow from m:
//
//	packets, err := bpfcompare.NewWord[uint64](flows, "Packets", nil)
func NewWord[W WordType, K, V comparable](m *Map[K, V], field string, opts *WordOptions) (*Word[K, V, W], error) {
	if opts == nil {
		opts = &WordOptions{}
	}
	f, err := wordIn(reflect.TypeOf((*V)(nil)).Elem(), field, reflect.TypeOf(W(0)))
	if err != nil {
		return nil, err
	}
	if opts.ClaimLast&^bits(f.size) != 0 {
		return nil, invalid("claims up to %#x, of words with %d bytes", opts.ClaimLast, f.size)
	}
	w := &Word[K, V, W]{m: m}
	w.change.Flags = call.InPlace
	w.change.Offset, w.change.Size = uint32(f.offset), uint32(f.size)
	w.change.Opts.ClaimFirst, w.change.Opts.ClaimLast = opts.ClaimFirst, opts.ClaimLast
	return w, nil
}

// wordIn finds the field that is such a word.
func wordIn(value reflect.Type, name string, word reflect.Type) (field, error) {
	f, err := fieldOf("value", value, name)
	if err != nil {
		return f, err
	}
	what := "value"
	if name != "" {
		what += "'s " + name
	}
	like, _ := numberType(word)
	switch {
	case f.size != like.size:
		return f, invalid("the %s has %d bytes, and %v %d", what, f.size, word, like.size)
	case f.signed != like.signed:
		return f, invalid("the %s is %s, and %v %s", what, signOf(f), word, signOf(like))
	case f.offset%f.size != 0:
		return f, invalid("the %s is at byte %d, which is no multiple of its %d", what, f.offset, f.size)
	}
	return f, nil
}

func signOf(f field) string {
	if f.signed {
		return "signed"
	}
	return "unsigned"
}

// Add adds to the word of a key, and gives what it was. The sum wraps around; adding 0 reads the word.
func (w *Word[K, V, W]) Add(key K, n W) (old W, err error) { return w.Apply(key, OpAdd, n) }

// Swap sets the word of a key, and gives what it was: with 0 it reads and clears.
func (w *Word[K, V, W]) Swap(key K, to W) (old W, err error) { return w.Apply(key, OpSet, to) }

// CompareAndSwap sets the word of a key if it still is what the caller saw; else the answer is [ErrMismatch]. Of
// two who saw the same, one alone is answered nil.
func (w *Word[K, V, W]) CompareAndSwap(key K, seen, to W) error {
	_, err := w.apply(key, OpSet, to, w.ifWord(plain.Bytes([]W{seen})))
	return err
}

// Apply changes the word of a key as op says, and gives what it was. The answer is nil, [ErrMismatch] where a
// claim is in the way, [ErrNotExist], [ErrAgain], or another error; with any error nothing was changed.
func (w *Word[K, V, W]) Apply(key K, op WordOp, operand W) (old W, err error) {
	return w.apply(key, op, operand, w.change)
}

// ApplyIf is [Word.Apply] if the value, or the region of it that the options name, still is what the caller saw;
// else the answer is [ErrMismatch]. Of the region the word is compared in the moment of the change, what is beside
// it just before. The options have no claims, and no Values.
func (w *Word[K, V, W]) ApplyIf(key K, seen V, op WordOp, operand W, opts *Options) (old W, err error) {
	how := w.change
	if err := setCondition(&how, opts.ofWhole(), plain.Bytes([]V{seen})); err != nil {
		return 0, err
	}
	return w.apply(key, op, operand, how)
}

// ifWord is the change under the condition that the word was seen so.
func (w *Word[K, V, W]) ifWord(seen []byte) call.Update {
	how := w.change
	how.Flags |= call.Compare
	how.Seen = seen
	how.Opts.CompareOffset, how.Opts.CompareSize = how.Offset, how.Size
	return how
}

func (w *Word[K, V, W]) apply(key K, op WordOp, operand W, how call.Update) (old W, err error) {
	fd, err := w.m.begin()
	if err != nil {
		return 0, err
	}
	defer w.m.end()
	one := &struct {
		key          K
		operand, old W
	}{key: key, operand: operand}
	how.Op = uint32(op)
	how.Opts.Values = bytesAt(&one.old)
	err = update(fd, bytesAt(&one.key), bytesAt(&one.operand), how)
	return one.old, err
}

// bytesAt is bytesOf for one.
func bytesAt[T any](at *T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(at)), unsafe.Sizeof(*at))
}

// AddBatch is [Word.Add] for many keys in one call, see [Word.ApplyBatch].
func (w *Word[K, V, W]) AddBatch(keys []K, n, old []W, results []error) (changed int, err error) {
	return w.ApplyBatch(keys, OpAdd, n, old, results)
}

// SwapBatch is [Word.Swap] for many keys in one call, see [Word.ApplyBatch].
func (w *Word[K, V, W]) SwapBatch(keys []K, to, old []W, results []error) (changed int, err error) {
	return w.ApplyBatch(keys, OpSet, to, old, results)
}

// CompareAndSwapBatch is [Word.CompareAndSwap] for many keys in one call, see [Word.ApplyBatch].
func (w *Word[K, V, W]) CompareAndSwapBatch(keys []K, seen, to []W, results []error) (changed int, err error) {
	return w.CompareAndSwapBatchContext(context.Background(), keys, seen, to, results)
}

// CompareAndSwapBatchContext is [Word.CompareAndSwapBatch] until a context is done, as [DeleteBatchIfContext] says.
func (w *Word[K, V, W]) CompareAndSwapBatchContext(ctx context.Context, keys []K, seen, to []W, results []error) (
	changed int, err error) {
	if len(keys) != len(seen) {
		return 0, invalid("%d keys, but %d words seen", len(keys), len(seen))
	}
	return w.applyBatch(ctx, keys, OpSet, to, nil, results, w.ifWord(plain.Bytes(seen)))
}

// ApplyBatch is [Word.Apply] for many keys in one call, each with an operand. Every key is looked at, in their
// order, and has an answer of its own; changed counts those that were changed. A key that is there twice is
// changed twice.
//
// old and results are room for what the words were, and for the answers: as long as the keys, or nil, which is not
// wanted. The old word of a key that was not changed is left alone. No memory is taken for each key.
//
// err is about the call, the map or the process, not about a key: it ends the batch, and keys that were not reached
// have [ErrCanceled]. A call that is refused for the lengths of its slices has no results.
func (w *Word[K, V, W]) ApplyBatch(keys []K, op WordOp, operands, old []W, results []error) (
	changed int, err error) {
	return w.ApplyBatchContext(context.Background(), keys, op, operands, old, results)
}

// ApplyBatchContext is [Word.ApplyBatch] until a context is done, as [DeleteBatchIfContext] says: with it also
// AddBatch (OpAdd) and SwapBatch (OpSet).
func (w *Word[K, V, W]) ApplyBatchContext(ctx context.Context, keys []K, op WordOp, operands, old []W,
	results []error) (changed int, err error) {
	return w.applyBatch(ctx, keys, op, operands, old, results, w.change)
}

// ApplyBatchIf is [Word.ApplyIf] for many keys in one call, see [Word.ApplyBatch].
func (w *Word[K, V, W]) ApplyBatchIf(keys []K, seen []V, op WordOp, operands []W, opts *Options, old []W,
	results []error) (changed int, err error) {
	return w.ApplyBatchIfContext(context.Background(), keys, seen, op, operands, opts, old, results)
}

// ApplyBatchIfContext is [Word.ApplyBatchIf] until a context is done, as [DeleteBatchIfContext] says.
func (w *Word[K, V, W]) ApplyBatchIfContext(ctx context.Context, keys []K, seen []V, op WordOp, operands []W,
	opts *Options, old []W, results []error) (changed int, err error) {
	if len(keys) != len(seen) {
		return 0, invalid("%d keys, but %d values seen", len(keys), len(seen))
	}
	how := w.change
	if err := setCondition(&how, opts.ofWhole(), plain.Bytes(seen)); err != nil {
		return 0, err
	}
	return w.applyBatch(ctx, keys, op, operands, old, results, how)
}

func (w *Word[K, V, W]) applyBatch(ctx context.Context, keys []K, op WordOp, operands, old []W, results []error,
	how call.Update) (changed int, err error) {
	switch {
	case len(operands) != len(keys):
		return 0, invalid("%d keys, but %d operands", len(keys), len(operands))
	case old != nil && len(old) != len(keys):
		return 0, invalid("%d keys, but room for %d old words", len(keys), len(old))
	case results != nil && len(results) != len(keys):
		return 0, invalid("%d keys, but room for %d results", len(keys), len(results))
	}
	fd, err := w.m.begin()
	if err != nil {
		return 0, err
	}
	defer w.m.end()
	how.Op = uint32(op)
	how.Opts.Values = plain.Bytes(old)
	changed, _, err = updateMany(ctx, fd, plain.Bytes(keys), plain.Bytes(operands), how, results, len(keys))
	return changed, err
}
