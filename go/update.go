// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

import (
	"context"
	"math"
	"sync"

	"example.org/libbpf-compare/go/internal/call"
	"example.org/libbpf-compare/go/internal/plain"
)

// UpdateFlags says whether an entry has to be there for an update without another condition.
type UpdateFlags uint64

const (
	// UpdateAny creates the entry, or replaces it.
	UpdateAny UpdateFlags = call.Any
	// UpdateNoExist creates it, and answers [ErrExist] where it is there.
	UpdateNoExist UpdateFlags = call.NoExist
	// UpdateExist replaces it, and answers [ErrNotExist] where it is not there.
	UpdateExist UpdateFlags = call.Exist
)

// Update writes the whole value of a key, of a map of any type that is written so. Where that has a value for
// each CPU, it is all of them, as a look-up gives them.
func Update(fd int, key, value []byte, flags UpdateFlags) error {
	if err := flags.check(); err != nil {
		return err
	}
	return update(fd, key, value, call.Update{Flags: uint64(flags)})
}

// UpdateBatch is [Update] for many keys in one call, with the answers of [UpdateBatchIf].
func UpdateBatch(fd int, keys, values []byte, flags UpdateFlags) (results []error, updated int, err error) {
	return UpdateBatchContext(context.Background(), fd, keys, values, flags)
}

// UpdateBatchContext is [UpdateBatch] until a context is done, as [DeleteBatchIfContext] says.
func UpdateBatchContext(ctx context.Context, fd int, keys, values []byte, flags UpdateFlags) (
	results []error, updated int, err error) {
	if err := flags.check(); err != nil {
		return nil, 0, err
	}
	return updateBatch(ctx, fd, keys, values, call.Update{Flags: uint64(flags)})
}

func (f UpdateFlags) check() error {
	if f != UpdateAny && f != UpdateNoExist && f != UpdateExist {
		return invalid("update flags %#x", uint64(f))
	}
	return nil
}

// UpdateIf replaces the whole value of a key if its value, or the region of it that the options name, still is
// what the caller saw. The answer is nil, [ErrMismatch], [ErrNotExist], or another error; with any error nothing
// was written.
//
// It takes [SyscallProg], and is narrowed against all writers, as a delete without a claim: what they write
// between the look at the region and the update right after it is lost. A [Word] is changed without losing
// anything. Options.Values gets what was replaced; claims have no part in this.
func UpdateIf(fd int, key, seen, value []byte, opts *Options) error {
	how, err := opts.update(seen)
	if err != nil {
		return err
	}
	return update(fd, key, value, how)
}

// UpdateBatchIf is [UpdateIf] for many keys in one call. Keys, what was seen of each and the new values are one
// after the other. Every key is looked at, in their order, and has an answer of its own in results, nil where it
// was updated; updated counts those. A key that is there twice is updated twice.
//
// err is about the call, the map or the process, as that of [DeleteBatchIf].
func UpdateBatchIf(fd int, keys, seen, values []byte, opts *Options) (results []error, updated int, err error) {
	return UpdateBatchIfContext(context.Background(), fd, keys, seen, values, opts)
}

// UpdateBatchIfContext is [UpdateBatchIf] until a context is done, as [DeleteBatchIfContext] says.
func UpdateBatchIfContext(ctx context.Context, fd int, keys, seen, values []byte, opts *Options) (
	results []error, updated int, err error) {
	how, err := opts.update(seen)
	if err != nil {
		return nil, 0, err
	}
	return updateBatch(ctx, fd, keys, values, how)
}

// update gives an update of whole values under a condition.
func (o *Options) update(seen []byte) (how call.Update, err error) {
	if o != nil && (o.Claim != nil || o.ClaimOffset != 0 || o.ClaimFirst != 0 || o.ClaimLast != 0) {
		return how, invalid("an update of a whole value has no claims")
	}
	return call.Update{Flags: call.Compare, Seen: seen, Opts: o.call()}, nil
}

// WordOp is what becomes of a word that is changed where it is, by the word that is there and an operand.
type WordOp uint32

const (
	// OpSet makes it the operand.
	OpSet WordOp = call.Set
	// OpAdd adds the operand. The sum wraps around: to subtract, add the negative.
	OpAdd WordOp = call.Add
	// OpAnd clears the bits that the operand has not.
	OpAnd WordOp = call.And
	// OpOr sets the bits of the operand.
	OpOr WordOp = call.Or
	// OpXor turns the bits of the operand over.
	OpXor WordOp = call.Xor
)

// InPlace says which bytes of a value are changed where they are, and how. The zero InPlace sets all of the
// value.
type InPlace struct {
	// Offset is where in the value they are, in bytes.
	Offset uint32
	// Size is how many there are; 0 is the whole value, and nothing else. It is 4 or 8 at a multiple of itself,
	// one word. Only with OpSet, and where the value has a bpf_spin_lock, it is up to 256, set under that lock.
	Size uint32
	// Op is what becomes of the word.
	Op WordOp
	// ClaimFirst and ClaimLast are the range of words that are claims, of whichever collector: none is written
	// over, nor written. Both 0: there are none.
	ClaimFirst, ClaimLast uint64
	// If says which region of the value has to be as it was seen, by Offset, Size, Whole and Backend; nil is no
	// condition. All of the word that is in it is compared in the moment of the change, what is beside it just
	// before.
	If *Options
	// Seen is what was seen, as with [DeleteIf].
	Seen []byte
	// Old, unless it is nil, is where the bytes go as they were, one after the other: Size for each key. Those
	// of keys that were not changed are left alone.
	Old []byte
}

// UpdateInPlace changes bytes of a key's value where they are: what others write beside them stays. value has as
// many bytes. The answer is nil, [ErrMismatch] where the condition is not met or a claim is in the way,
// [ErrNotExist], [ErrAgain], or another error; with any error nothing was changed.
//
// Of a word that others change by atomic operations no change is lost, and the old word is the one that was
// changed: nothing is counted twice. Where the entry is replaced meanwhile the new one is changed; the answer nil
// says that the key led to the changed word after the change. An entry that takes a deleted one's memory in the very
// moment of the change is changed only if it carries the same word. bpf_map_update_elem_opts(3) says all.
//
// It takes [SyscallProg], Linux 5.17, and CAP_PERFMON beside CAP_BPF.
func UpdateInPlace(fd int, key, value []byte, opts *InPlace) error {
	how, err := opts.update()
	if err != nil {
		return err
	}
	return update(fd, key, value, how)
}

// UpdateBatchInPlace is [UpdateInPlace] for many keys in one call, with the answers of [UpdateBatchIf].
func UpdateBatchInPlace(fd int, keys, values []byte, opts *InPlace) (results []error, updated int, err error) {
	return UpdateBatchInPlaceContext(context.Background(), fd, keys, values, opts)
}

// UpdateBatchInPlaceContext is [UpdateBatchInPlace] until a context is done, as [DeleteBatchIfContext] says.
func UpdateBatchInPlaceContext(ctx context.Context, fd int, keys, values []byte, opts *InPlace) (
	results []error, updated int, err error) {
	how, err := opts.update()
	if err != nil {
		return nil, 0, err
	}
	return updateBatch(ctx, fd, keys, values, how)
}

// update gives the change with its condition.
func (p *InPlace) update() (how call.Update, err error) {
	if p == nil {
		p = &InPlace{}
	}
	if p.Seen != nil && p.If == nil {
		return how, invalid("Seen without If")
	}
	how = call.Update{Flags: call.InPlace, Offset: p.Offset, Size: p.Size, Op: uint32(p.Op)}
	if p.If != nil {
		if err := setCondition(&how, p.If, p.Seen); err != nil {
			return how, err
		}
	}
	how.Opts.Values = p.Old
	how.Opts.ClaimFirst, how.Opts.ClaimLast = p.ClaimFirst, p.ClaimLast
	return how, nil
}

// setCondition has a change in place depend on what was seen. Of the options the region and the backend count.
func setCondition(how *call.Update, opts *Options, seen []byte) error {
	o := Options{}
	if opts != nil {
		o = *opts
	}
	if o.Claim != nil || o.ClaimOffset != 0 || o.ClaimFirst != 0 || o.ClaimLast != 0 || o.Values != nil {
		return invalid("the condition of a change in place is a region, without claims or Values")
	}
	claimFirst, claimLast := how.Opts.ClaimFirst, how.Opts.ClaimLast
	how.Flags |= call.Compare
	how.Seen = seen
	how.Opts = o.call()
	how.Opts.ClaimFirst, how.Opts.ClaimLast = claimFirst, claimLast
	return nil
}

func update(fd int, key, value []byte, how call.Update) error {
	return errorOf(fd, callUpdate(fd, key, value, how))
}

func updateBatch(ctx context.Context, fd int, keys, values []byte, how call.Update) (
	results []error, updated int, err error) {
	n, err := keysIn(fd, keys)
	if err != nil {
		return nil, 0, err
	}
	results = make([]error, n)
	updated, misfit, err := updateMany(ctx, fd, keys, values, how, results, n)
	if misfit {
		results = nil
	}
	return results, updated, err
}

// answersOfMany is the room that batches of updates have their answers written to: *[]int32.
var answersOfMany sync.Pool

// updateMany gives n keys their results, unless that is nil. It needs no memory for each.
func updateMany(ctx context.Context, fd int, keys, values []byte, how call.Update, results []error, n int) (
	updated int, misfit bool, err error) {
	if uint64(n) > math.MaxUint32 {
		return 0, false, invalid("%d keys", n)
	}
	room, _ := answersOfMany.Get().(*[]int32)
	if room == nil || len(*room) <= n { // one more, as its address is taken
		room = new([]int32)
		*room = make([]int32, n+1)
	}
	defer answersOfMany.Put(room)
	answers := (*room)[:n]
	seen, old := how.Seen, how.Opts.Values
	p := portionsOf(ctx, n, fd, -1, keys, values, seen, old)
	defer p.end()
	p.cancel(answers)
	var end call.Answer
	for end.Err == 0 && p.next() {
		how.Seen, how.Opts.Values = p.cut(seen), p.cut(old)
		end = callUpdateBatch(p.fd, p.cut(keys), p.to-p.from, p.cut(values), how, (*room)[p.from:p.to+1])
	}
	if !end.Misfit {
		updated = writeErrors(results, answers)
	}
	return updated, end.Misfit, p.errorOf(fd, end)
}

// Update is [Update] by a typed key and value.
func (m *Map[K, V]) Update(key K, value V, flags UpdateFlags) error {
	fd, err := m.begin()
	if err != nil {
		return err
	}
	defer m.end()
	return Update(fd, plain.Bytes([]K{key}), plain.Bytes([]V{value}), flags)
}

// UpdateBatch is [UpdateBatch] by typed keys and values, of which there are as many.
func (m *Map[K, V]) UpdateBatch(keys []K, values []V, flags UpdateFlags) (results []error, updated int, err error) {
	return m.UpdateBatchContext(context.Background(), keys, values, flags)
}

// UpdateBatchContext is [UpdateBatchContext] by typed keys and values, of which there are as many.
func (m *Map[K, V]) UpdateBatchContext(ctx context.Context, keys []K, values []V, flags UpdateFlags) (
	results []error, updated int, err error) {
	if len(keys) != len(values) {
		return nil, 0, invalid("%d keys, but %d values", len(keys), len(values))
	}
	fd, err := m.begin()
	if err != nil {
		return nil, 0, err
	}
	defer m.end()
	return UpdateBatchContext(ctx, fd, plain.Bytes(keys), plain.Bytes(values), flags)
}

// UpdateIf is [UpdateIf] by a typed key and whole values, what was seen and the new one. The options name the
// region of what was seen that counts.
func (m *Map[K, V]) UpdateIf(key K, seen, value V, opts *Options) error {
	fd, err := m.begin()
	if err != nil {
		return err
	}
	defer m.end()
	return UpdateIf(fd, plain.Bytes([]K{key}), plain.Bytes([]V{seen}), plain.Bytes([]V{value}), opts.ofWhole())
}

// UpdateBatchIf is [UpdateBatchIf] by typed keys and whole values, of which there are as many.
func (m *Map[K, V]) UpdateBatchIf(keys []K, seen, values []V, opts *Options) (
	results []error, updated int, err error) {
	return m.UpdateBatchIfContext(context.Background(), keys, seen, values, opts)
}

// UpdateBatchIfContext is [UpdateBatchIfContext] by typed keys and whole values, of which there are as many.
func (m *Map[K, V]) UpdateBatchIfContext(ctx context.Context, keys []K, seen, values []V, opts *Options) (
	results []error, updated int, err error) {
	if len(keys) != len(seen) || len(keys) != len(values) {
		return nil, 0, invalid("%d keys, but %d values seen and %d new ones", len(keys), len(seen), len(values))
	}
	fd, err := m.begin()
	if err != nil {
		return nil, 0, err
	}
	defer m.end()
	return UpdateBatchIfContext(ctx, fd, plain.Bytes(keys), plain.Bytes(seen), plain.Bytes(values), opts.ofWhole())
}
