// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build cgo && !purego

package bpfcompare

// #cgo pkg-config: libbpf
// #include "flat.h"
import "C"

import (
	"syscall"
	"unsafe"

	"example.org/libbpf-compare/go/internal/call"
)

// What call knows are C's numbers: an array's length is not to be negative, nor another one's than its type's.
var (
	_ = [1]struct{}{}[call.Hash-C.BPF_MAP_TYPE_HASH]
	_ = [1]struct{}{}[call.LRUHash-C.BPF_MAP_TYPE_LRU_HASH]
	_ = [1]struct{}{}[call.SyscallProg-C.BPF_MAP_COMPARE_SYSCALL_PROG]
	_ = [1]struct{}{}[call.LinkedKeep-C.BPF_MAP_LINKED_KEEP]
	_ = [1]struct{}{}[call.LinkedAbsent-C.BPF_MAP_LINKED_ABSENT]
	_ = [1]struct{}{}[call.LinkedFirst-C.BPF_MAP_LINKED_FIRST]
	_ = [1]struct{}{}[call.NoExist-C.BPF_NOEXIST]
	_ = [1]struct{}{}[call.Exist-C.BPF_EXIST]
	_ = [1]struct{}{}[call.Compare-C.BPF_F_COMPARE]
	_ = [1]struct{}{}[call.InPlace-C.BPF_F_IN_PLACE]
	_ = [1]struct{}{}[call.Xor-C.BPF_MAP_UPDATE_XOR]
	_ = [1]struct{}{}[call.After-C.BPF_MAP_SWEEP_AFTER]
	_ = [1]struct{}{}[call.OfKey-C.BPF_MAP_SWEEP_KEY]
	_ = [1]struct{}{}[call.Signed-C.BPF_MAP_SWEEP_SIGNED]
	_ = [1]struct{}{}[call.BigEndian-C.BPF_MAP_SWEEP_BE]
	_ = [1]struct{}{}[call.SweepCount-C.BPF_MAP_SWEEP_COUNT]
	_ = [1]struct{}{}[call.SweepAll-C.BPF_MAP_SWEEP_ALL]
	_ = [1]struct{}{}[unsafe.Sizeof(call.Cond{})-C.sizeof_struct_bpf_map_sweep_cond]
)

func callMap(fd int) call.Map {
	info := C.flat_map(cInt(fd))
	return call.Map{Errno: syscall.Errno(-info.err), Type: uint32(info._type), KeySize: uint32(info.key_size),
		ValueSize: uint32(info.value_size)}
}

// callDuplicate gives a descriptor that is nobody else's.
func callDuplicate(fd int) (ours int, errno syscall.Errno) {
	n := C.flat_duplicate(cInt(fd))
	if n < 0 {
		return -1, syscall.Errno(-n)
	}
	return int(n), 0
}

func callDelete(fd int, key []byte) call.Answer {
	return answerOfC(C.flat_delete(cInt(fd), flat(key)))
}

func callDeleteIf(fd int, key, seen []byte, opts call.Opts) call.Answer {
	return answerOfC(C.flat_delete_if(cInt(fd), flat(key), flat(seen), flatOpts(&opts)))
}

// callDeleteBatchIf takes results for n keys, and one more at least.
func callDeleteBatchIf(fd int, keys []byte, n int, seen []byte, opts call.Opts, results []int32,
	linked call.Linked) call.Answer {
	var second C.struct_flat_linked
	if linked.Results != nil {
		second = C.struct_flat_linked{
			fd:      cInt(linked.FD),
			keys:    flat(linked.Keys),
			seen:    flatOrNone(linked.Seen),
			opts:    flatOpts(&linked.Opts),
			flags:   C.uint32_t(linked.Flags),
			results: (*C.int)(unsafe.Pointer(&linked.Results[0])),
		}
	}
	return answerOfC(C.flat_delete_batch_if(cInt(fd), flat(keys), C.uint32_t(n), flat(seen), flatOpts(&opts),
		(*C.int)(unsafe.Pointer(&results[0])), second))
}

func callUpdate(fd int, key, value []byte, update call.Update) call.Answer {
	return answerOfC(C.flat_update(cInt(fd), flat(key), flat(value), flatUpdate(&update)))
}

// callUpdateBatch takes results for n keys, and one more at least.
func callUpdateBatch(fd int, keys []byte, n int, values []byte, update call.Update, results []int32) call.Answer {
	return answerOfC(C.flat_update_batch(cInt(fd), flat(keys), C.uint32_t(n), flat(values), flatUpdate(&update),
		(*C.int)(unsafe.Pointer(&results[0]))))
}

func callSweep(fd int, conds []call.Cond, opts call.SweepOpts) call.Swept {
	var first *C.struct_bpf_map_sweep_cond
	if len(conds) > 0 {
		first = (*C.struct_bpf_map_sweep_cond)(unsafe.Pointer(&conds[0]))
	}
	end := C.flat_sweep(cInt(fd), first, C.uint32_t(len(conds)), C.struct_flat_sweep_opts{
		flags:        C.uint64_t(opts.Flags),
		claim:        flatOrNone(opts.Claim),
		claim_offset: C.uint32_t(opts.ClaimOffset),
		claim_first:  C.uint64_t(opts.ClaimFirst),
		claim_last:   C.uint64_t(opts.ClaimLast),
		keys:         flatOrNone(opts.Keys),
		values:       flatOrNone(opts.Values),
		most:         C.uint32_t(opts.Most),
		max_scan_us:  C.uint32_t(opts.MaxScanUs),
		stop_after:   C.uint32_t(opts.StopAfterUs),
		cursor:       C.uint64_t(opts.Cursor),
	})
	return call.Swept{Answer: answerOfC(end.answer), Cursor: uint64(end.cursor), Scanned: uint64(end.scanned),
		Matched: uint64(end.matched), Deleted: uint64(end.deleted), Changed: uint64(end.changed)}
}

func callBackend(fd int) call.Answer { return answerOfC(C.flat_backend(cInt(fd))) }

func callRelease(fd int) call.Answer { return answerOfC(C.flat_release(cInt(fd))) }

// callTakeClaim answers with the descriptor that holds the claim.
func callTakeClaim(fd int, first, last uint64, claim []byte) call.Answer {
	return answerOfC(C.flat_take_claim(cInt(fd), C.uint64_t(first), C.uint64_t(last), pointer(claim),
		C.uint32_t(len(claim))))
}

func callProbe(mapType, backend uint32) call.Answer {
	return answerOfC(C.flat_probe(C.uint32_t(mapType), C.uint32_t(backend)))
}

// isOther tells whether an answer is also another package's: of none that this one is built with.
func isOther(*answer, error) bool { return false }

func answerOfC(a C.struct_flat_answer) call.Answer {
	if a.reason[0] == 0 {
		return call.Answer{Err: int32(a.err), Misfit: bool(a.misfit)}
	}
	reason := a.reason // has its address taken: so a call without a reason takes no memory for a
	return call.Answer{Err: int32(a.err), Misfit: bool(a.misfit), Reason: C.GoString(&reason[0])}
}

func flatOpts(o *call.Opts) C.struct_flat_opts {
	return C.struct_flat_opts{
		compare_offset: C.uint32_t(o.CompareOffset),
		compare_size:   C.uint32_t(o.CompareSize),
		whole:          C.bool(o.Whole),
		claim:          flatOrNone(o.Claim),
		claim_offset:   C.uint32_t(o.ClaimOffset),
		claim_first:    C.uint64_t(o.ClaimFirst),
		claim_last:     C.uint64_t(o.ClaimLast),
		backend:        C.uint32_t(o.Backend),
		values:         flatOrNone(o.Values),
	}
}

func flatUpdate(u *call.Update) C.struct_flat_update {
	var seen C.struct_flat_bytes
	if u.Flags&call.Compare != 0 {
		seen = flat(u.Seen)
	}
	return C.struct_flat_update{
		flags:  C.uint64_t(u.Flags),
		offset: C.uint32_t(u.Offset),
		size:   C.uint32_t(u.Size),
		op:     C.uint32_t(u.Op),
		seen:   seen,
		opts:   flatOpts(&u.Opts),
	}
}

// cInt is fd for C, -1 where it does not fit: that is no open descriptor either.
func cInt(fd int) C.int {
	if fd != int(C.int(fd)) {
		return -1
	}
	return C.int(fd)
}

// pointer gives the address of a slice's bytes, which is not nil for a slice of none.
func pointer(b []byte) *C.uint8_t {
	if len(b) == 0 {
		b = make([]byte, 1)
	}
	return (*C.uint8_t)(unsafe.Pointer(&b[0]))
}

// flat gives a slice's bytes to C.
func flat(b []byte) C.struct_flat_bytes {
	return C.struct_flat_bytes{at: pointer(b), size: C.size_t(len(b))}
}

// flatOrNone is flat, and nothing for nil.
func flatOrNone(b []byte) C.struct_flat_bytes {
	if b == nil {
		return C.struct_flat_bytes{}
	}
	return flat(b)
}
