// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

import (
	"context"
	"io"
	"math"
	"reflect"
	"syscall"
	"time"

	"example.org/libbpf-compare/go/internal/call"
	"example.org/libbpf-compare/go/internal/plain"
)

// SweepOptions says what a sweep deletes, and how.
type SweepOptions struct {
	// Where says which entries match.
	Where Where
	// All says that every entry does. Where is empty then.
	All bool
	// Count says that what matches is counted, and stays.
	Count bool
	// Claim is a word as in [Options]: what it is claimed from is the word that was judged. In each group
	// of Where it is a condition's field, all of it.
	Claim []byte
	// ClaimOffset is where in the value that word is, in bytes: a multiple of its size.
	ClaimOffset uint32
	// ClaimField is the word's field of a [Map]'s values by its name, in place of ClaimOffset.
	ClaimField string
	// ClaimFirst and ClaimLast are the range of words that are claims, of whichever collector: what
	// carries one is left alone. Both 0: Claim alone is one.
	ClaimFirst, ClaimLast uint64
	// Limit is how many entries a step deletes at most; 0 is any number.
	Limit uint32
	// MaxScan is for how long the BPF program may run at a time, about, so that others are not kept
	// waiting on kernels without preemption: 0 is the library's choice, less than 0 no limit.
	MaxScan time.Duration
	// Part is which one of Parts, from 0 on, of sweeps that share a map: by a goroutine each, and all parts
	// are the whole. Parts is up to 255, 0 is as 1.
	Part, Parts int
}

// Swept is what became of entries.
type Swept struct {
	Scanned uint64 // were looked at,
	Matched uint64 // of these matched,
	Deleted uint64 // of these were deleted,
	Changed uint64 // or did not match any more when looked up again
}

func (s *Swept) add(more Swept) {
	s.Scanned += more.Scanned
	s.Matched += more.Matched
	s.Deleted += more.Deleted
	s.Changed += more.Changed
}

// Sweep deletes the entries of a map that match, inside the kernel, in one step: all, or as many as Limit
// says. With an error it tells what was done until then.
//
// An entry that is there from before the call until after it, and matches all the time, is deleted. One that is
// created, deleted or rewritten meanwhile may be missed. None is deleted that did not match when it was looked
// up by its key, right before its delete: from there on what is true of [DeleteIf] by SyscallProg is true
// here, with the fields of the conditions in the place of the region. bpf_map_sweep(3) says all.
//
// For conditions that differ in more than their operands another BPF program is loaded, and kept until
// [Release].
func Sweep(fd int, opts *SweepOptions) (Swept, error) {
	return SweepContext(context.Background(), fd, opts)
}

// SweepContext is [Sweep] until a context is done, which is looked at every few milliseconds, in between of two runs of
// the BPF program. The error then wraps the context's, and what was swept until then is told. A [Sweeper] can go on.
func SweepContext(ctx context.Context, fd int, opts *SweepOptions) (Swept, error) {
	s, err := NewSweeper(fd, opts)
	if err != nil {
		return Swept{}, err
	}
	_, err = s.step(ctx, fd, nil, nil)
	return s.swept, err
}

// Sweeper is a sweep in steps, each of which goes on where the last one stopped. It is of one goroutine at a
// time; goroutines that share a sweep have one for each of its parts.
type Sweeper struct {
	fd    int
	conds []call.Cond
	opts  call.SweepOpts
	// Whether the last step came to the end.
	over  bool
	swept Swept
}

// NewSweeper gives a Sweeper that begins at the map's start, or its part's.
func NewSweeper(fd int, opts *SweepOptions) (*Sweeper, error) { return newSweeper(fd, opts, nil, nil) }

// newSweeper takes the types of key and value, where they are known.
func newSweeper(fd int, opts *SweepOptions, key, value reflect.Type) (*Sweeper, error) {
	if opts == nil {
		opts = &SweepOptions{}
	}
	if opts.Part < 0 || opts.Parts < 0 || opts.Parts > math.MaxUint8 || opts.Part > 0 && opts.Part >= opts.Parts {
		return nil, invalid("part %d of %d", opts.Part, opts.Parts)
	}
	conds, err := opts.Where.conds(key, value)
	if err != nil {
		return nil, err
	}
	claimOffset, err := opts.claimOffset(value)
	if err != nil {
		return nil, err
	}
	var flags uint64
	if opts.All {
		flags |= call.SweepAll
	}
	if opts.Count {
		flags |= call.SweepCount
	}
	var claim []byte
	if opts.Claim != nil {
		claim = append([]byte{}, opts.Claim...)
	}
	return &Sweeper{
		fd:    fd,
		conds: conds,
		opts: call.SweepOpts{
			Flags:       flags,
			Claim:       claim,
			ClaimOffset: claimOffset,
			ClaimFirst:  opts.ClaimFirst,
			ClaimLast:   opts.ClaimLast,
			Most:        opts.Limit,
			MaxScanUs:   microseconds(opts.MaxScan),
			Cursor:      uint64(opts.Parts)<<56 | uint64(opts.Part)<<48,
		},
	}, nil
}

// claimOffset is where the claim's word is in a value.
func (o *SweepOptions) claimOffset(value reflect.Type) (uint32, error) {
	if o.ClaimField == "" {
		return o.ClaimOffset, nil
	}
	if o.Claim == nil || o.ClaimOffset != 0 {
		return 0, invalid("ClaimField without a Claim, or with ClaimOffset")
	}
	if value == nil {
		return 0, invalid("ClaimField %q takes a Map", o.ClaimField)
	}
	f, err := fieldOf("value", value, o.ClaimField)
	if err != nil {
		return 0, err
	}
	if f.size != uintptr(len(o.Claim)) {
		return 0, invalid("a claim of %d bytes, for %s with %d", len(o.Claim), o.ClaimField, f.size)
	}
	return uint32(f.offset), nil
}

// microseconds rounds up what is more than nothing, and lasts no longer than can be said.
func microseconds(d time.Duration) uint32 {
	const none = math.MaxUint32
	if d < 0 {
		return none
	}
	us := (d + time.Microsecond - 1) / time.Microsecond
	if d > math.MaxInt64-time.Microsecond || us >= none {
		us = none - 1
	}
	return uint32(us)
}

// Next is the next step. It ends when keys and values are full, or Limit is reached, or at the map's end. n
// are the entries that it deleted, or found with Count: their keys and values are written to the slices, one
// after the other. There is room for as many of both, or nil, which is not wanted.
//
// Where nothing is left err is [io.EOF], and n 0. With another error the first n are deleted too, and a later
// call goes on.
func (s *Sweeper) Next(keys, values []byte) (n int, err error) {
	return s.NextContext(context.Background(), keys, values)
}

// NextContext is [Sweeper.Next] until a context is done, as [SweepContext] says. The error then wraps the context's; the
// first n are deleted, or found, all the same, and a later call goes on.
func (s *Sweeper) NextContext(ctx context.Context, keys, values []byte) (n int, err error) {
	return s.next(ctx, s.fd, keys, values)
}

// Swept is what became of entries in all steps until now.
func (s *Sweeper) Swept() Swept { return s.swept }

func (s *Sweeper) next(ctx context.Context, fd int, keys, values []byte) (n int, err error) {
	if s.over {
		return 0, io.EOF
	}
	n, err = s.step(ctx, fd, keys, values)
	if err == nil && n == 0 && s.over {
		err = io.EOF
	}
	return n, err
}

// step is one in as many portions as it takes.
func (s *Sweeper) step(ctx context.Context, fd int, keys, values []byte) (n int, err error) {
	opts := s.opts
	opts.Keys, opts.Values = keys, values
	if ctx.Done() == nil {
		return s.portion(fd, fd, &opts)
	}
	ours, held := duplicateOf(fd)
	if held {
		defer syscall.Close(ours)
	}
	info := callMap(ours)
	opts.StopAfterUs = microseconds(portionTime)
	for {
		if err := ctx.Err(); err != nil {
			return n, stopped(fd, err, "%d entries were looked at", s.swept.Scanned)
		}
		some, err := s.portion(ours, fd, &opts)
		n += some
		if err != nil || s.over || !s.leave(&opts, some, &info) {
			return n, err
		}
	}
}

// leave has the options be what is left to do where so many were found. more: there is something.
func (s *Sweeper) leave(opts *call.SweepOpts, found int, info *call.Map) (more bool) {
	room := true
	if opts.Keys != nil {
		opts.Keys = opts.Keys[found*int(info.KeySize):]
		room = len(opts.Keys) > 0
	}
	if opts.Values != nil {
		opts.Values = opts.Values[found*int(info.ValueSize):]
		room = len(opts.Values) > 0
	}
	// Where what matches is counted alone, nothing limits it.
	if opts.Most == 0 || s.counts() && opts.Keys == nil && opts.Values == nil {
		return room
	}
	opts.Most -= uint32(found)
	return room && opts.Most > 0
}

func (s *Sweeper) counts() bool { return s.opts.Flags&call.SweepCount != 0 }

// portion goes on with what it does, and tells of an error by the descriptor that the caller knows.
func (s *Sweeper) portion(fd, theirs int, opts *call.SweepOpts) (found int, err error) {
	opts.Cursor = s.opts.Cursor
	end := callSweep(fd, s.conds, *opts)
	s.opts.Cursor = end.Cursor
	s.over = end.Answer.Err == 0
	s.swept.add(Swept{end.Scanned, end.Matched, end.Deleted, end.Changed})
	found = int(end.Deleted)
	if s.counts() {
		found = int(end.Matched)
	}
	if end.Answer.Err < 0 {
		err = errorOf(theirs, end.Answer)
	}
	return found, err
}

// Sweep is [Sweep] with conditions by the names of fields.
func (m *Map[K, V]) Sweep(opts *SweepOptions) (Swept, error) {
	return m.SweepContext(context.Background(), opts)
}

// SweepContext is [SweepContext] with conditions by the names of fields.
func (m *Map[K, V]) SweepContext(ctx context.Context, opts *SweepOptions) (Swept, error) {
	s, err := m.Sweeper(opts)
	if err != nil {
		return Swept{}, err
	}
	fd, err := m.begin()
	if err != nil {
		return Swept{}, err
	}
	defer m.end()
	_, err = s.sweeper.step(ctx, fd, nil, nil)
	return s.Swept(), err
}

// Sweeper gives a sweep in steps, with conditions by the names of fields.
func (m *Map[K, V]) Sweeper(opts *SweepOptions) (*MapSweeper[K, V], error) {
	s, err := newSweeper(-1, opts, reflect.TypeOf((*K)(nil)).Elem(), reflect.TypeOf((*V)(nil)).Elem())
	if err != nil {
		return nil, err
	}
	return &MapSweeper[K, V]{m, s}, nil
}

// MapSweeper is a [Sweeper] of a [Map], and ends with it.
type MapSweeper[K, V comparable] struct {
	m       *Map[K, V]
	sweeper *Sweeper
}

// Next is [Sweeper.Next] with typed keys and values. Where they have a bool, the map's byte there has to be 0
// or 1.
func (s *MapSweeper[K, V]) Next(keys []K, values []V) (n int, err error) {
	return s.NextContext(context.Background(), keys, values)
}

// NextContext is [Sweeper.NextContext] with typed keys and values.
func (s *MapSweeper[K, V]) NextContext(ctx context.Context, keys []K, values []V) (n int, err error) {
	if keys != nil && values != nil && len(keys) != len(values) {
		return 0, invalid("room for %d keys, but for %d values", len(keys), len(values))
	}
	if keys != nil && len(keys) == 0 || values != nil && len(values) == 0 {
		return 0, invalid("room for no keys or values, which are wanted")
	}
	fd, err := s.m.begin()
	if err != nil {
		return 0, err
	}
	defer s.m.end()
	return s.sweeper.next(ctx, fd, plain.Bytes(keys), plain.Bytes(values))
}

// Swept is [Sweeper.Swept].
func (s *MapSweeper[K, V]) Swept() Swept { return s.sweeper.Swept() }
