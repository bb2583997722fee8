// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package flowtab

import (
	"fmt"
	"sync/atomic"
	"syscall"
	"time"

	"example.org/libbpf-compare/go/internal/plain"
)

// Entry is a copy of one.
type Entry[K, V comparable] struct {
	Key    K
	Second K // of a pair
	Value  V
	Seen   Seen
}

func (t *Table[K, V]) copyEntry(s Seen) (e Entry[K, V], isOne bool) {
	keys, values := []K{e.Key, e.Second}, []V{e.Value}
	t.copyOf(plain.Bytes(keys[:1]), s.slot, firstKey)
	if t.keys == 2 {
		t.copyOf(plain.Bytes(keys[1:]), s.slot, secondKey)
	}
	t.copyOf(plain.Bytes(values), s.slot, value)
	return Entry[K, V]{keys[0], keys[1], values[0], s}, t.sameLife(s)
}

// Each calls f with each entry until it returns false. An entry that is there all the while is met once.
func (t *Table[K, V]) Each(f func(Entry[K, V]) bool) error {
	if err := t.begin(); err != nil {
		return err
	}
	defer t.end()
	for slot := uint64(0); slot < t.allSlots(); slot++ {
		s := Seen{atomic.LoadUint64(t.word(slot)), slot}
		if s.word&stateMask != live {
			continue
		}
		if e, isOne := t.copyEntry(s); isOne && !f(e) {
			break
		}
	}
	return nil
}

// Never is a timeout that does not pass.
const Never time.Duration = -1

// SweepOptions say what a sweep deletes.
type SweepOptions[K, V comparable] struct {
	// Timeouts has one for each class: entries that were refreshed so long ago are deleted. Classes beyond it have Never.
	Timeouts []time.Duration
	// Keep, unless it is nil, is asked of each entry that has timed out.
	Keep func(Entry[K, V]) bool
	// Slots is how many to look at, at most; 0 is all.
	Slots int
	// Cursor is the slot to begin with.
	Cursor int
}

// Swept is what became of a sweep.
type Swept struct {
	Scanned  int // slots
	Live     int // of which had an entry
	TimedOut int // of which were refreshed too long ago
	Deleted  int // of which were deleted
	Changed  int // of which others refreshed or deleted right before; the rest was kept
	Cursor   int // where to go on; 0 after the last slot
}

// Sweep deletes the entries that have timed out, each by one compare-exchange of what it had when it was judged. Several may
// sweep at the same time, in whatever process. A visit that a program was told of is not lost: an entry stays for its
// class's timeout from the time that the program read before it.
func (t *Table[K, V]) Sweep(opts *SweepOptions[K, V]) (swept Swept, err error) {
	if err = t.begin(); err != nil {
		return swept, err
	}
	defer t.end()
	end := int(t.allSlots())
	if opts.Cursor < 0 || opts.Cursor >= end || opts.Slots < 0 || len(opts.Timeouts) > Classes {
		return swept, fmt.Errorf("slot %d of %d, %d slots, %d timeouts: %w", opts.Cursor, end, opts.Slots,
			len(opts.Timeouts), syscall.EINVAL)
	}
	var timeouts [Classes + 1]uint64
	for i := range timeouts {
		timeouts[i] = timeMask
	}
	for i, timeout := range opts.Timeouts {
		timeouts[i] = ticksOf(timeout)
	}
	if opts.Slots != 0 && opts.Slots < end-opts.Cursor {
		end = opts.Cursor + opts.Slots
	}
	now := ticksNow()
	for slot := uint64(opts.Cursor); slot < uint64(end); slot++ {
		s := Seen{atomic.LoadUint64(t.word(slot)), slot}
		if s.word&stateMask != live {
			continue
		}
		swept.Live++
		timeout := timeouts[classOf(s.word)]
		if hasPassed(s.word, now, timeout) && !isAhead(s.word, now, timeout) {
			t.judge(s, opts.Keep, &swept)
		}
	}
	swept.Scanned = end - opts.Cursor
	if end < int(t.allSlots()) {
		swept.Cursor = end
	}
	return swept, nil
}

// isAhead tells of a word that seems to be of half a round ago, but is of after the clock was read, as a sweep may be stopped
// in between.
func isAhead(word, now, timeout uint64) bool {
	return (now+skew-word>>timeShift)&timeMask > timeMask/2 && !hasPassed(word, ticksNow(), timeout)
}

func (t *Table[K, V]) judge(s Seen, keep func(Entry[K, V]) bool, swept *Swept) {
	swept.TimedOut++
	if keep != nil {
		e, isOne := t.copyEntry(s)
		if isOne && keep(e) {
			return
		}
		if !isOne {
			swept.Changed++
			return
		}
	}
	if t.free(s) {
		swept.Deleted++
	} else {
		swept.Changed++
	}
}
