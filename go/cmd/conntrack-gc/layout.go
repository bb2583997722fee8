// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"syscall"
	"time"
	"unsafe"

	bpfcompare "example.org/libbpf-compare/go"
)

// layout says where in a value the time is at which the entry expires, and how to read it. A time from
// claimFirst to claimLast is a claim, of whichever collector; ours is one of them. With no claims in the
// map all three are 0.
type layout struct {
	offset, size                 uint
	unit                         time.Duration
	claim, claimFirst, claimLast uint64
}

// complete fills in what was left out: without other collectors there is our claim alone.
func (l *layout) complete() {
	if l.claimFirst == 0 {
		l.claimFirst = l.claim
	}
	if l.claimLast == 0 {
		l.claimLast = l.claim
	}
}

func (l *layout) check() error {
	switch {
	case l.size != 4 && l.size != 8:
		return fmt.Errorf("-expires-size is 4 or 8, not %d", l.size)
	case l.unit <= 0:
		return fmt.Errorf("-expires-unit has to be positive")
	case l.claim == 0 && (l.claimFirst != 0 || l.claimLast != 0):
		// What is deleted without a claim breaks the claims of others.
		return fmt.Errorf("-claim-first and -claim-last take a -claim among them")
	case l.claim < l.claimFirst || l.claim > l.claimLast:
		return fmt.Errorf("-claim %d is not from -claim-first %d to -claim-last %d", l.claim,
			l.claimFirst, l.claimLast)
	case l.size == 4 && l.claimLast > math.MaxUint32:
		return fmt.Errorf("claims up to %d have no room in 4 bytes", l.claimLast)
	}
	return nil
}

func (l *layout) fits(valueSize uint) bool {
	return l.size <= valueSize && l.offset <= valueSize-l.size
}

// word gives the bytes of a value that hold its time.
func (l *layout) word(value []byte) []byte {
	return value[l.offset : l.offset+l.size]
}

// expired tells whether a time is over. A claim is no time: what one collector has claimed no other may
// delete.
func (l *layout) expired(word []byte, now uint64) bool {
	expires := l.read(word)
	return expires < now/uint64(l.unit) && !l.claimed(expires)
}

// condition says the same for a sweep, but for claims.
func (l *layout) condition(now uint64) bpfcompare.Condition {
	c := bpfcompare.Condition{Offset: uint32(l.offset), Size: uint32(l.size), Op: bpfcompare.LT}
	until := now / uint64(l.unit)
	if l.size == 4 && until > math.MaxUint32 {
		until, c.Op = math.MaxUint32, bpfcompare.LE // whatever there is
	}
	c.Operand = until
	return c
}

func (l *layout) claimed(word uint64) bool {
	return l.claim != 0 && l.claimFirst <= word && word <= l.claimLast
}

func (l *layout) read(word []byte) uint64 {
	if l.size == 4 {
		return uint64(nativeOrder().Uint32(word))
	}
	return nativeOrder().Uint64(word)
}

// claimBytes is the claim as it would be in a value, nil where there is none.
func (l *layout) claimBytes() []byte {
	if l.claim == 0 {
		return nil
	}
	word := make([]byte, 8)
	if l.size == 4 {
		nativeOrder().PutUint32(word, uint32(l.claim))
	} else {
		nativeOrder().PutUint64(word, l.claim)
	}
	return word[:l.size]
}

func nativeOrder() binary.ByteOrder {
	one := uint16(1)
	if *(*byte)(unsafe.Pointer(&one)) == 1 {
		return binary.LittleEndian
	}
	return binary.BigEndian
}

// ktime is bpf_ktime_get_ns(), which is CLOCK_MONOTONIC.
func ktime() (uint64, error) {
	const clockMonotonic = 1
	var now syscall.Timespec
	_, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic,
		uintptr(unsafe.Pointer(&now)), 0)
	if errno != 0 {
		return 0, fmt.Errorf("reading the clock: %w", errno)
	}
	return uint64(now.Nano()), nil
}
