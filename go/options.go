// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

// #include "flat.h"
import "C"

// Options says what of a value counts, and how it is compared. nil is like the zero Options: the
// whole value, by whichever backend serves.
type Options struct {
	// Offset is where in the value the region starts that has to be the same still, in bytes.
	Offset uint32
	// Size is how many bytes the region has; 0 is the whole value, and nothing else.
	Size uint32
	// Whole says that what was seen is whole values, as a look-up gives them, of which the region
	// counts. Otherwise it is the regions alone.
	Whole bool
	// Claim is a word of 4 or 8 bytes that no live entry carries, in the machine's byte order; nil is
	// no claim. It closes the race with a datapath that keeps to the protocol, see bpf_compare(7).
	Claim []byte
	// ClaimOffset is where in the value that word is, in bytes: a multiple of its size, inside of the
	// region.
	ClaimOffset uint32
	// Backend is the way to delete.
	Backend Backend
}

func (o *Options) flat() C.struct_flat_opts {
	if o == nil {
		o = &Options{}
	}
	return C.struct_flat_opts{
		compare_offset: C.uint32_t(o.Offset),
		compare_size:   C.uint32_t(o.Size),
		whole:          C.bool(o.Whole),
		claim_offset:   C.uint32_t(o.ClaimOffset),
		claim_size:     C.uint32_t(len(o.Claim)),
		backend:        C.uint32_t(o.Backend),
	}
}

// ofWhole gives the options for whole values.
func (o *Options) ofWhole() *Options {
	whole := Options{}
	if o != nil {
		whole = *o
	}
	whole.Whole = true
	return &whole
}

// claim gives the claim's address, nil where there is none.
func (o *Options) claim() *C.uint8_t {
	if o == nil || o.Claim == nil {
		return nil
	}
	return pointer(o.Claim)
}
