// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

// #include "flat.h"
import "C"

// Options says what of a value counts, and how it is compared. nil is like the zero Options: the
// whole value, by whichever backend serves.
type Options struct {
	// Offset is where in the value the region starts that has to be the same still, in bytes.
	Offset uint32
	// Size is how many bytes the region has; 0 is as many as the caller saw, from Offset on.
	Size uint32
	// Claim is a word of 4 or 8 bytes that no live entry carries, in the machine's byte order; nil is
	// no claim. It closes the race with a datapath that keeps to the protocol, see bpf_compare(7).
	Claim []byte
	// ClaimOffset is where in the value that word is, in bytes: a multiple of its size, inside of the
	// region.
	ClaimOffset uint32
	// Backend is the way to delete.
	Backend Backend
}

// flat gives the options for C, and the bytes from the first entry's expected ones on. seen has n
// whole values, or n regions.
func (o *Options) flat(seen []byte, n int, valueSize C.uint32_t) ([]byte, C.struct_flat_opts, error) {
	if o == nil {
		o = &Options{}
	}
	total, count, value := uint64(len(seen)), uint64(n), uint64(valueSize)
	offset, size := uint64(o.Offset), uint64(o.Size)
	first, stride := offset, value
	if total != count*value {
		first, stride = 0, size
		if size == 0 && n > 0 {
			stride = total / count
		}
	}
	if size == 0 && stride > first {
		size = stride - first
	}
	if size == 0 || offset+size > value || total != count*stride {
		return nil, C.struct_flat_opts{}, invalid("%d bytes seen of %d entries, for a map with values "+
			"of %d and a region of %d at %d", total, n, value, o.Size, offset)
	}
	if n == 0 {
		first = 0
	}
	return seen[first:], C.struct_flat_opts{
		compare_offset: C.uint32_t(o.Offset),
		compare_size:   C.uint32_t(size),
		compare_stride: C.uint32_t(stride),
		claim_offset:   C.uint32_t(o.ClaimOffset),
		claim_size:     C.uint32_t(len(o.Claim)),
		backend:        C.uint32_t(o.Backend),
	}, nil
}

// claim gives the claim's address, nil where there is none.
func (o *Options) claim() *C.uint8_t {
	if o == nil || o.Claim == nil {
		return nil
	}
	return pointer(o.Claim)
}
