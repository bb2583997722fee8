// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

import "example.org/libbpf-compare/go/internal/call"

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
	// ClaimFirst and ClaimLast are the range of words that are claims, of whichever collector: what
	// carries one is left alone. Both 0: Claim alone is one.
	ClaimFirst, ClaimLast uint64
	// Backend is the way to delete.
	Backend Backend
	// Values, unless it is nil, is where the values go as they were just before their delete, or
	// update, one after the other: as many whole values as there are keys. Those of keys that were not
	// deleted are undefined. What was compared is exact; the rest can be written in place between copy and
	// delete. It takes SyscallProg.
	Values []byte
}

// call gives the options to what carries a call out.
func (o *Options) call() call.Opts {
	if o == nil {
		o = &Options{}
	}
	return call.Opts{
		CompareOffset: o.Offset,
		CompareSize:   o.Size,
		Whole:         o.Whole,
		Claim:         o.Claim,
		ClaimOffset:   o.ClaimOffset,
		ClaimFirst:    o.ClaimFirst,
		ClaimLast:     o.ClaimLast,
		Backend:       uint32(o.Backend),
		Values:        o.Values,
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
