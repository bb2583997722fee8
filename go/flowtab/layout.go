// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package flowtab

import (
	"fmt"
	"math/bits"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// As bpf/bpf_flowtab.h has them.
const (
	page        = 4096
	keyMax      = 256
	valueMax    = 1024
	version     = 1
	magic       = 0xf107
	tickShift   = 20
	timeShift   = 30
	timeMask    = 1<<34 - 1
	generations = (1<<14 - 1) << 16
	tagShift    = 6
	tagBits     = 10
	classShift  = 2
	stateMask   = 3
	matchMask   = (1<<tagBits-1)<<tagShift | stateMask
	skew        = 1 << 18

	live = 3 // of the states
)

// Classes is how many timeouts there are.
const Classes = 15

type head struct {
	shape      uint64
	bucketMask uint32
	grace      uint32
	secret     [1 + keyMax/4]uint64
}

// layout is what was read of the first page, once, and checked.
type layout struct {
	size               uint64
	keySize, valueSize uint32
	keys, slots        uint32
	bucketMask         uint32
	grace              uint64
	records            uint64
	secret             [1 + keyMax/4]uint64
}

func roundUp(size uint32) uint64 { return (uint64(size) + 7) / 8 * 8 }

func (l *layout) recordSize() uint64 {
	return uint64(l.keys)*roundUp(l.keySize) + roundUp(l.valueSize)
}

func (l *layout) words(bucket uint64) uint64 {
	return page + bucket*uint64(l.keys)*uint64(l.slots)*8
}

func (l *layout) allSlots() uint64 { return (uint64(l.bucketMask) + 1) * uint64(l.slots) }

func (l *layout) readHead(at unsafe.Pointer) error {
	h := (*head)(at)
	shape := atomic.LoadUint64(&h.shape)
	l.keySize, l.valueSize = uint32(shape>>32&0xffff), uint32(shape>>16&0xffff)
	l.slots, l.keys = uint32(shape>>8&0xff), uint32(shape>>4&0xf)
	if shape>>48 != magic || shape&0xf != version {
		return fmt.Errorf("no table of version %d: %w", version, ErrNoTable)
	}
	l.bucketMask = atomic.LoadUint32(&h.bucketMask)
	l.grace = uint64(atomic.LoadUint32(&h.grace))
	l.secret = h.secret
	buckets := uint64(l.bucketMask) + 1
	l.records = l.words(buckets)
	if l.keySize == 0 || l.keySize > keyMax || l.valueSize == 0 || l.valueSize > valueMax ||
		(l.keys != 1 && l.keys != 2) || (l.slots != 8 && l.slots != 16) ||
		bits.OnesCount64(buckets) != 1 || l.records+l.allSlots()*l.recordSize() > l.size {
		return fmt.Errorf("a table of a shape that cannot be, or does not fit: %w", ErrNoTable)
	}
	return nil
}

// hash is what programs call so.
func (l *layout) hash(key []byte) uint64 {
	sum := l.secret[0]
	for i := 0; i*4 < len(key); i++ {
		part := uint32(0)
		for j := i * 4; j < len(key) && j < i*4+4; j++ {
			part |= uint32(key[j]) << (j % 4 * 8)
		}
		sum += l.secret[1+i] * uint64(part)
	}
	sum ^= sum >> 32
	sum *= 0x9e3779b97f4a7c15
	return sum ^ sum>>32
}

func (l *layout) bucket(hash uint64, second bool) uint64 {
	if second {
		hash >>= 27
	}
	return hash & uint64(l.bucketMask)
}

func tagOf(hash uint64) uint64   { return hash >> (64 - tagBits) << tagShift }
func classOf(word uint64) uint64 { return word >> classShift & 15 }

// What Go's clock has counted since epoch is CLOCK_MONOTONIC since base, which was read right before.
var (
	base  = readClock()
	epoch = time.Now()
)

func readClock() uint64 {
	var now syscall.Timespec
	const clockMonotonic = 1
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&now)), 0)
	return uint64(now.Nano())
}

func ticksNow() uint64 { return (base + uint64(time.Since(epoch))) >> tickShift & timeMask }

// hasPassed tells whether so many ticks have passed since the word's time.
func hasPassed(word, now, ticks uint64) bool {
	return (now+skew-word>>timeShift)&timeMask >= ticks+skew
}

// ticksOf is a timeout in whole ticks, and one, as both clocks were rounded down.
func ticksOf(timeout time.Duration) uint64 {
	if timeout < 0 {
		return timeMask
	}
	ticks := uint64(timeout)>>tickShift + 2
	if ticks > timeMask {
		return timeMask
	}
	return ticks
}

// at gives the memory at an offset, which lies in it.
func (t *Table[K, V]) at(offset uint64) unsafe.Pointer {
	address := t.memory + uintptr(offset)
	return *(*unsafe.Pointer)(unsafe.Pointer(&address)) // not of Go's heap
}

func (t *Table[K, V]) word(slot uint64) *uint64 {
	return (*uint64)(t.at(t.words(slot/uint64(t.slots)) + slot%uint64(t.slots)*8))
}

func (t *Table[K, V]) alias(slot uint64) *uint64 {
	return (*uint64)(unsafe.Add(unsafe.Pointer(t.word(slot)), t.slots*8))
}

// copyPart reads words of 8 bytes, as programs may write them meanwhile.
func (t *Table[K, V]) copyPart(to []byte, offset uint64) {
	for i := 0; i < len(to); i += 8 {
		part := atomic.LoadUint64((*uint64)(t.at(offset + uint64(i))))
		for j := i; j < len(to) && j < i+8; j++ {
			to[j] = byte(part >> (j % 8 * 8))
		}
	}
}
