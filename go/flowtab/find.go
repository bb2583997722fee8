// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package flowtab

import (
	"bytes"
	"sync/atomic"

	"example.org/libbpf-compare/go/internal/plain"
)

// How often a call starts over before it gives up.
const tries = 16

// Seen is an entry as it was seen: its slot, and that slot's word.
type Seen struct {
	word uint64
	slot uint64
}

// Class is the entry's.
func (s Seen) Class() int { return int(classOf(s.word)) }

type part int

const (
	firstKey part = iota
	secondKey
	value
)

func (t *Table[K, V]) copyOf(to []byte, slot uint64, what part) {
	offset := t.records + slot*t.recordSize()
	switch what {
	case secondKey:
		offset += roundUp(t.keySize)
	case value:
		offset += uint64(t.keys) * roundUp(t.keySize)
	}
	t.copyPart(to, offset)
}

// sameLife tells whether what was copied since the word was loaded is of that life.
func (t *Table[K, V]) sameLife(s Seen) bool {
	return (atomic.LoadUint64(t.word(s.slot))^s.word)&(generations|matchMask) == 0
}

func (t *Table[K, V]) isIt(slot uint64, key []byte, which part, like, mask uint64) (Seen, bool) {
	s := Seen{atomic.LoadUint64(t.word(slot)), slot}
	if (s.word^like)&mask != 0 {
		return s, false
	}
	var there [keyMax]byte
	t.copyOf(there[:t.keySize], slot, which)
	return s, bytes.Equal(there[:t.keySize], key) && t.sameLife(s)
}

// nthSlot is one of the slots that a key with this hash may have, and of the aliases that lead to it: of both buckets.
func (l *layout) nthSlot(hash uint64, n uint32) uint64 {
	return l.bucket(hash, n >= l.slots)*uint64(l.slots) + uint64(n%l.slots)
}

func (t *Table[K, V]) find(key []byte) (Seen, bool) {
	hash := t.hash(key)
	like := tagOf(hash) | live
	for i := uint32(0); i < 2*t.slots; i++ {
		slot := t.nthSlot(hash, i)
		if s, is := t.isIt(slot, key, firstKey, like, matchMask); is {
			return s, true
		}
		if t.keys == 1 {
			continue
		}
		alias := atomic.LoadUint64(t.alias(slot))
		of := alias >> timeShift
		if (alias^like)&matchMask != 0 || of >= t.allSlots() {
			continue
		}
		if s, is := t.isIt(of, key, secondKey, alias&generations|live, generations|stateMask); is {
			return s, true
		}
	}
	return Seen{}, false
}

// Lookup gives a copy of the value of a key's entry, and how it was seen, for [Table.DeleteSeen]. The copy is of one life of
// the entry; a value that programs write meanwhile may be half of this, half of that.
func (t *Table[K, V]) Lookup(key K) (v V, seen Seen, err error) {
	if err = t.begin(); err != nil {
		return v, seen, err
	}
	defer t.end()
	for i := 0; i < tries; i++ {
		s, found := t.find(plain.Bytes([]K{key}))
		if !found {
			return v, seen, ErrNotExist
		}
		values := []V{v}
		t.copyOf(plain.Bytes(values), s.slot, value)
		if t.sameLife(s) {
			return values[0], s, nil
		}
	}
	return v, seen, ErrAgain
}

// Delete deletes a key's entry, however it was refreshed last; by either key of a pair.
func (t *Table[K, V]) Delete(key K) error {
	if err := t.begin(); err != nil {
		return err
	}
	defer t.end()
	for i := 0; i < tries; i++ {
		s, found := t.find(plain.Bytes([]K{key}))
		if !found {
			return ErrNotExist
		}
		if t.free(s) {
			return nil
		}
	}
	return ErrAgain
}

// DeleteSeen deletes an entry only if it has not been refreshed, nor its class changed, since it was seen: one
// compare-exchange, atomic against all programs and all collectors; else [ErrChanged]. A refresh is told from the one before
// by its tick of 2^20 ns: an entry that was seen in the tick it was refreshed in is left alone as long as that lasts.
func (t *Table[K, V]) DeleteSeen(s Seen) error {
	if err := t.begin(); err != nil {
		return err
	}
	defer t.end()
	if s.slot >= t.allSlots() || s.word&stateMask != live || !hasPassed(s.word, ticksNow(), 1) || !t.free(s) {
		return ErrChanged
	}
	return nil
}

// free frees a slot, if its word still is as it was seen, and the alias that leads to it.
func (t *Table[K, V]) free(s Seen) bool {
	var second [keyMax]byte
	if t.keys == 2 { // its record may be another entry's right after
		t.copyOf(second[:t.keySize], s.slot, secondKey)
	}
	if !atomic.CompareAndSwapUint64(t.word(s.slot), s.word, s.word&^stateMask) {
		return false
	}
	if t.keys == 2 {
		t.freeAlias(second[:t.keySize], s)
	}
	return true
}

// freeAlias frees that of a pair that is gone. Where it is not found now, a create takes it over.
func (t *Table[K, V]) freeAlias(second []byte, s Seen) {
	hash := t.hash(second)
	alias := s.slot<<timeShift | s.word&generations | tagOf(hash) | live
	for i := uint32(0); i < 2*t.slots; i++ {
		at := t.alias(t.nthSlot(hash, i))
		if atomic.LoadUint64(at) == alias && atomic.CompareAndSwapUint64(at, alias, 0) {
			return
		}
	}
}
