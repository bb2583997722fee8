// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"syscall"
	"unsafe"
)

// claim is the word that says whose entry it is until it is deleted; none where its size is 0.
type claim struct {
	word   uint64
	offset uint32 // within the value
	size   uint32
}

func (c *claim) region() region { return region{c.offset, c.size} }

// claims are words that are claims, whoever's; both 0: none.
type claims struct{ first, last uint64 }

func (c *claims) has(word uint64) bool { return c.last != 0 && word >= c.first && word <= c.last }

// readWord reads in the machine's byte order, at any place.
func readWord(from []byte, size uint32) uint64 {
	if size == 8 {
		var word uint64
		copy((*[8]byte)(unsafe.Pointer(&word))[:], from[:8])
		return word
	}
	var half uint32
	copy((*[4]byte)(unsafe.Pointer(&half))[:], from[:4])
	return uint64(half)
}

func storeWord(to []byte, word uint64, size uint32) {
	if size == 8 {
		copy(to[:8], (*[8]byte)(unsafe.Pointer(&word))[:])
		return
	}
	half := uint32(word)
	copy(to[:4], (*[4]byte)(unsafe.Pointer(&half))[:])
}

// read takes a claim from options; whose is "" or "linked_", as they are called.
func (c *claim) read(whose string, word []byte, offset uint32) error {
	*c = claim{}
	size := uint32(len(word))
	if word == nil {
		if offset != 0 {
			return refuse(syscall.EINVAL, "%sclaim_offset or %sclaim_size without %sclaim", whose, whose, whose)
		}
		return nil
	}
	if size != 4 && size != 8 {
		return refuse(syscall.EINVAL, "%sclaim_size is %d, not 4 or 8", whose, size)
	}
	if offset%size != 0 {
		return refuse(syscall.EINVAL, "%sclaim_offset %d is no multiple of %sclaim_size %d", whose, offset, whose,
			size)
	}
	*c = claim{readWord(word, size), offset, size}
	return nil
}

func (c *claims) read(first, last uint64) error {
	if first > last {
		return refuse(syscall.EINVAL, "claim_first is over claim_last")
	}
	*c = claims{first, last}
	return nil
}

// checkIn: others who go by the range would take a claim outside of it for a word like any.
func (c *claim) checkIn(all *claims, whose string) error {
	if c.size == 0 || all.last == 0 || all.has(c.word) {
		return nil
	}
	return refuse(syscall.EINVAL, "the %sclaim is not between claim_first and claim_last", whose)
}

// checkWithin checks that the word is inside the region, whose size is 0 as long as it is the unknown value's.
func (c *claim) checkWithin(whose string, r region) error {
	if c.size == 0 {
		return nil
	}
	if c.offset < r.offset || r.size != 0 && uint64(c.offset)+uint64(c.size) > uint64(r.offset)+uint64(r.size) {
		return refuse(syscall.EINVAL, "the %sclaim's %d bytes at %d are not within the compared region, from %d to %d",
			whose, c.size, c.offset, r.offset, uint64(r.offset)+uint64(r.size))
	}
	return nil
}

// isExpected: to claim an entry by what it carries already would claim nothing.
func (c *claim) isExpected(r region, compare []byte) bool {
	return c.size != 0 && r.size != 0 && compare != nil && readWord(compare[c.offset-r.offset:], c.size) == c.word
}
