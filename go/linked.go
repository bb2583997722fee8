// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

import (
	"context"

	"example.org/libbpf-compare/go/internal/call"
)

// Fate is what becomes of the linked entries of pairs that are deleted.
type Fate uint32

const (
	// LinkedDelete: it is deleted, after the first one of its pair.
	LinkedDelete Fate = 0
	// LinkedFirst: it is deleted, before the first one.
	LinkedFirst Fate = call.LinkedFirst
	// LinkedKeep: it is looked at, and stays.
	LinkedKeep Fate = call.LinkedKeep
	// LinkedAbsent: it must not be there. So nothing was seen of it.
	LinkedAbsent Fate = call.LinkedAbsent
)

// Linked has a second entry for each key of [DeleteLinkedIf], and says what it has to be. [Map.Linked]
// gives one with typed entries.
type Linked struct {
	// FD is a descriptor of their map, which may be the first ones'. One from Map.Linked does not use it.
	FD int
	// Keys are as many as the first ones, one after the other.
	Keys []byte
	// Seen is what was seen of them, as much of each as Options say.
	Seen []byte
	// Any says that their values do not count, nor whether they are there. Seen is nil then.
	Any bool
	// Fate is what becomes of them.
	Fate Fate
	// Options are as those of the first ones, for the linked entries' values. What counts for both at
	// once, Backend, ClaimFirst and ClaimLast, is said there, and here again or not; Values is nil.
	Options *Options

	of interface { // a Map, or nil
		begin() (fd int, err error)
		end()
	}
}

// DeleteLinkedIf is [DeleteBatchIf] for entries that belong together: each key's entry, and the linked one
// at the same place. Both are looked at before either is deleted, and both have an answer:
//
//	the entry  the linked entry                       results      linkedResults
//	missing    not looked at                          ErrNotExist  ErrCanceled
//	differs    not looked at                          ErrMismatch  ErrCanceled
//	equal      differs; is there, but LinkedAbsent;
//	           is claimed by another                  ErrMismatch  ErrMismatch
//	equal      missing, although it counts            ErrMismatch  ErrNotExist
//	equal      missing, with Any or LinkedAbsent      nil          ErrNotExist
//	equal      as it has to be                        nil          nil
//	one entry is both                                 ErrInvalid   ErrCanceled
//
// Where the kernel could not take a lock for the second of the two deletes, that one has [ErrAgain] and the
// other nil: bpf_map_delete_batch_opts(3) says all. Pairs go in their order, and deleted counts first
// entries.
//
// With a claim in the options of both a pair is deleted whole or not at all, under the conditions of claims.
// Without, one may be deleted while the other is refreshed, in as short a time as with DeleteBatchIf. It is
// no transaction for those who read. It takes SyscallProg. What is kept for two maps goes with the
// [Release] of either.
func DeleteLinkedIf(fd int, keys, seen []byte, opts *Options, linked *Linked) (
	results, linkedResults []error, deleted int, err error) {
	return DeleteLinkedIfContext(context.Background(), fd, keys, seen, opts, linked)
}

// DeleteLinkedIfContext is [DeleteLinkedIf] until a context is done, as [DeleteBatchIfContext] says: no pair is half
// deleted for that.
func DeleteLinkedIfContext(ctx context.Context, fd int, keys, seen []byte, opts *Options, linked *Linked) (
	results, linkedResults []error, deleted int, err error) {
	if linked == nil {
		return nil, nil, 0, invalid("no linked entries")
	}
	if err := linked.check(opts); err != nil {
		return nil, nil, 0, err
	}
	theirs, options := linked.FD, linked.Options
	if linked.of != nil {
		if theirs, err = linked.of.begin(); err != nil {
			return nil, nil, 0, err
		}
		defer linked.of.end()
		options = options.ofWhole()
	}
	second := call.Linked{FD: theirs, Keys: linked.Keys, Opts: options.call(), Flags: uint32(linked.Fate)}
	if linked.counts() {
		second.Seen = given(linked.Seen)
	}
	return deleteBatchIf(ctx, fd, keys, seen, opts, &second)
}

// given is a slice that is not nil.
func given(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// counts tells whether what was seen does.
func (l *Linked) counts() bool { return !l.Any && l.Fate != LinkedAbsent }

// check refuses what would be left out of account.
func (l *Linked) check(first *Options) error {
	if l.Seen != nil && !l.counts() {
		return invalid("linked entries: Seen, with Any or LinkedAbsent")
	}
	if l.Any && l.Fate == LinkedAbsent {
		return invalid("linked entries: Any, with LinkedAbsent")
	}
	if l.Options == nil {
		return nil
	}
	if first == nil {
		first = &Options{}
	}
	if l.Options.Values != nil {
		return invalid("linked entries: Values are those of the first entries alone")
	}
	if l.Options.Backend != Auto && l.Options.Backend != first.Backend {
		return invalid("linked entries: backend %v, but %v for the first ones", l.Options.Backend,
			first.Backend)
	}
	if (l.Options.ClaimFirst != 0 || l.Options.ClaimLast != 0) &&
		(l.Options.ClaimFirst != first.ClaimFirst || l.Options.ClaimLast != first.ClaimLast) {
		return invalid("linked entries: ClaimFirst and ClaimLast are not those of the first ones")
	}
	return nil
}
