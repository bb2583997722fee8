// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

// Package call says what a call asks for and what it answers, in words that the Go package has in common with
// what carries it out: the C library, or the same in Go. Slices that are nil are not given, or not wanted.
package call

import "syscall"

// The C library's numbers.
const (
	Hash    = 1
	LRUHash = 9

	Auto        = 0
	Native      = 1
	SyscallProg = 2

	LinkedKeep   = 1
	LinkedAbsent = 2
	LinkedFirst  = 4

	Any     = 0
	NoExist = 1
	Exist   = 2
	Compare = 1 << 5
	InPlace = 1 << 30

	Set = 0
	Add = 1
	And = 2
	Or  = 3
	Xor = 4

	EQ     = 0
	NE     = 1
	LT     = 2
	LE     = 3
	GT     = 4
	GE     = 5
	Before = 6
	After  = 7

	OfKey     = 1
	Signed    = 2
	BigEndian = 4

	SweepCount = 1
	SweepAll   = 2
)

// Map is what there is to know of a map.
type Map struct {
	Errno                    syscall.Errno // or 0; else nothing else is filled
	Type, KeySize, ValueSize uint32
}

// Opts is how an entry is compared, and what goes with that.
type Opts struct {
	CompareOffset uint32
	CompareSize   uint32 // 0 = the whole value
	Whole         bool   // whole values were seen, of which that region counts
	Claim         []byte
	ClaimOffset   uint32
	ClaimFirst    uint64
	ClaimLast     uint64
	Backend       uint32
	Values        []byte // where they go
}

// Linked is second entries, one for each key. What is not here of their Opts is the first ones'.
type Linked struct {
	FD      int
	Keys    []byte
	Seen    []byte // nil: nothing is compared
	Opts    Opts
	Flags   uint32
	Results []int32 // nil: there are no second entries
}

// Update is how an entry is updated, or how each of many is.
type Update struct {
	Flags  uint64 // NoExist, Exist, Compare, InPlace
	Offset uint32 // with InPlace: where the bytes are that are written,
	Size   uint32 // and how many; 0 = the whole value
	Op     uint32
	Seen   []byte // with Compare
	Opts   Opts   // without a claim; Values are what the bytes were that are written
}

// Answer is 0 or a negative errno, or what is answered where that is no error.
type Answer struct {
	Err    int32
	Misfit bool   // -EINVAL, as so many bytes do not fit the map
	Reason string // for an error, or empty
}

// Cond is a condition of a sweep, laid out as the C library has it.
type Cond struct {
	Offset                 uint32
	Size, Op, Flags, Group uint8
	Mask, Operand          uint64
}

// SweepOpts is what a sweep is about.
type SweepOpts struct {
	Flags       uint64
	Claim       []byte
	ClaimOffset uint32
	ClaimFirst  uint64
	ClaimLast   uint64
	Keys        []byte // where they go. So many fit as there is room for,
	Values      []byte // likewise, and into both as many
	Most        uint32 // no more than so many; 0 = any number
	MaxScanUs   uint32
	StopAfterUs uint32 // after so long no further run is begun; 0 = however long it takes
	Cursor      uint64
}

// Swept is what a sweep came to. Answer.Err 1: there may be more.
type Swept struct {
	Answer                             Answer
	Cursor                             uint64
	Scanned, Matched, Deleted, Changed uint64
}
