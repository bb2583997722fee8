// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

// Package bpfcompare deletes an entry of a BPF hash map only if its value still is what the caller
// saw. It is libbpf-compare for Go: kernels that carry BPF_F_COMPARE do it themselves, on all others
// since Linux 5.14 a BPF syscall program does.
//
// Maps are given as file descriptors, so that the package works beside any other that loads them.
// With github.com/cilium/ebpf a descriptor is m.FD(). A map must stay open during a call (and m be
// kept alive, or its finalizer closes it: [WithFD] and [NewMapOf] see to that), and has to be let go of
// by [Release] before it is closed for the last time.
//
// What the caller saw of an entry is its whole value, as a look-up gave it, or a region of it, which
// the options name. How much of it counts is what they say and never follows from how many bytes are
// given, which have to be as many:
//
//	err := bpfcompare.DeleteIf(fd, key, value[16:24], &bpfcompare.Options{Offset: 16, Size: 8})
//	if errors.Is(err, bpfcompare.ErrMismatch) {
//		// It was refreshed meanwhile, and left alone.
//	}
//
// A [Map] does the same with keys and values of Go types. It has a descriptor of its own, until
// [Map.Close].
//
// Entries that belong together, such as both directions of a connection, or a connection and the mapping
// of its addresses, are looked at and deleted together by [DeleteLinkedIf].
//
// [UpdateIf] replaces a value under the same condition. A [Word] is one number of the values: BPF programs and Go add
// to it, swap it and change its bits at the same time without losing anything, which is how counters are read and
// cleared:
//
//	packets, err := bpfcompare.NewWord[uint64](flows, "Packets", nil)
//	...
//	_, err = packets.SwapBatch(keys, zeros, counts, results)
//
// What matches conditions on fields of key and value is deleted by [Map.Sweep] inside the kernel, without being
// read first: a whole collection in one call.
//
// Calls that can take long, sweeps and those for many keys, have a form that takes a context, as [Map.SweepContext]. It
// is looked at every few milliseconds, in between of two runs of a BPF program: no claim stands then, and no pair is half
// deleted. The error wraps the context's, and what was done until then is told as with any other: by the keys' results,
// by what was [Swept], and a [Sweeper] can go on from there. Without a context such a call is one call of the library.
//
// # What it is atomic against
//
// [Native] is atomic against writers that replace an entry, not against BPF programs that write in
// place. [SyscallProg] is atomic against neither: it narrows the race to well under a microsecond as a
// rule, but a writer that never pauses still gets in between nearly every time. With a claim (see
// [Options] and [TakeClaim]) the race is closed, where all who share the map keep to the protocol that
// <bpf/bpf_compare.bpf.h> carries out for BPF programs; on an LRU hash map but for an entry that is
// evicted and created anew between check and delete. No error, old kernel or missing privilege turns a
// conditional delete into an unconditional one. bpf_compare(7) has the whole story.
//
// A [Word] is changed by compare-exchange, which is atomic against all who change it by atomic operations; entries
// that are replaced or deleted meanwhile are told apart as [UpdateInPlace] says. An [UpdateIf] is narrowed as a delete
// without a claim.
//
// # Reasons
//
// An [Error] has the library's reason. With cgo the library gives it by libbpf's print callback too, where
// the application has set one.
//
// # Building
//
// With cgo the package takes a C compiler, pkg-config and libbpf 1.0 or newer with its headers
// (libbpf-dev). All else that is written in C travels with it, and so do the BPF programs, compiled.
//
// Without cgo (CGO_ENABLED=0), or with the tag purego, it takes github.com/cilium/ebpf and no C: the same
// calls have the same answers then, by the same BPF programs. errors.Is also knows what cilium/ebpf calls
// ErrKeyNotExist, ErrKeyExist and ErrNotSupported. With cgo it does not, as nothing of cilium/ebpf is built then:
// [ErrNotExist], [ErrExist] and [ErrNotSupported] are known in both builds.
//
// All functions may be called by many goroutines at a time, but a [Sweeper] is of one.
package bpfcompare
