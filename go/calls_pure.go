// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package bpfcompare

import (
	"syscall"

	"example.org/libbpf-compare/go/internal/call"
	"example.org/libbpf-compare/go/internal/emulation"
	"github.com/cilium/ebpf"
)

func callMap(fd int) call.Map { return emulation.Map(fd) }

// callDuplicate gives a descriptor that is nobody else's.
func callDuplicate(fd int) (ours int, errno syscall.Errno) { return emulation.Duplicate(fd) }

func callDelete(fd int, key []byte) call.Answer { return emulation.Delete(fd, key) }

func callDeleteIf(fd int, key, seen []byte, opts call.Opts) call.Answer {
	return emulation.DeleteIf(fd, key, seen, &opts)
}

func callDeleteBatchIf(fd int, keys []byte, n int, seen []byte, opts call.Opts, results []int32,
	linked call.Linked) call.Answer {
	return emulation.DeleteBatchIf(fd, keys, uint32(n), seen, &opts, results, &linked)
}

func callUpdate(fd int, key, value []byte, update call.Update) call.Answer {
	return emulation.Update(fd, key, value, &update)
}

func callUpdateBatch(fd int, keys []byte, n int, values []byte, update call.Update, results []int32) call.Answer {
	return emulation.UpdateBatch(fd, keys, uint32(n), values, &update, results)
}

func callSweep(fd int, conds []call.Cond, opts call.SweepOpts) call.Swept {
	return emulation.Sweep(fd, conds, &opts)
}

func callBackend(fd int) call.Answer { return emulation.Backend(fd) }

func callRelease(fd int) call.Answer { return emulation.Release(fd) }

// callTakeClaim answers with the descriptor that holds the claim.
func callTakeClaim(fd int, first, last uint64, claim []byte) call.Answer {
	return emulation.TakeClaim(fd, first, last, claim)
}

func callProbe(mapType, backend uint32) call.Answer { return emulation.Probe(mapType, backend) }

// isOther tells whether an answer is also one of cilium/ebpf's.
func isOther(a *answer, target error) bool {
	switch a {
	case ErrNotExist:
		return target == ebpf.ErrKeyNotExist
	case ErrExist:
		return target == ebpf.ErrKeyExist
	case ErrNotSupported:
		return target == ebpf.ErrNotSupported
	}
	return false
}
