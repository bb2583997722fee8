// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"syscall"

	"example.org/libbpf-compare/go/internal/call"
)

// Where the delete of many keys comes in: options and map are checked, a way is chosen.

// DeleteBatchIf deletes by compare, with second entries where Linked has results. results are for n keys at least.
func DeleteBatchIf(fd int, keys []byte, n uint32, seen []byte, opts *call.Opts, results []int32,
	linked *call.Linked) call.Answer {
	t := newTask()
	defer t.end()
	return t.deleteBatch(fd, keys, n, seen, opts, results, linked)
}

func (t *task) deleteBatch(fd int, keys []byte, n uint32, seen []byte, opts *call.Opts, results []int32,
	linked *call.Linked) call.Answer {
	t.progress.start(n, results, linked.Results)
	if errno := t.target.begin(fd); errno != 0 {
		return answerOf(errno)
	}
	if wrong := t.fitBatch(keys, n, seen, opts, linked); wrong != nil {
		return *wrong
	}
	j := &t.job
	j.first.keys, j.values = keys, opts.Values
	if err := j.readBatchOpts(opts, linked); err != nil {
		return answerOf(err)
	}
	return answerOf(t.deleteKeys(opts.Backend))
}

// fitBatch also opens the linked entries' map.
func (t *task) fitBatch(keys []byte, n uint32, seen []byte, opts *call.Opts, linked *call.Linked) *call.Answer {
	if wrong := t.target.fitKeys(keys, n); wrong != nil {
		return wrong
	}
	if wrong := t.target.fitSeen(&t.job.first, "", seen, n, opts); wrong != nil {
		return wrong
	}
	if wrong := t.target.fitValues(opts.Values, n); wrong != nil {
		return wrong
	}
	if linked.Results == nil {
		return nil
	}
	return t.fitLinked(linked, n)
}

func (t *target) fitValues(values []byte, n uint32) *call.Answer {
	if values != nil && uint64(len(values)) != uint64(n)*uint64(t.info.ValueSize) {
		return misfit("room for %d bytes of values, of %d entries with %d each", len(values), n, t.info.ValueSize)
	}
	return nil
}

// readRange says which words are claims, beside the ones that are given.
func (j *job) readRange(opts *call.Opts) error {
	if err := j.claims.read(opts.ClaimFirst, opts.ClaimLast); err != nil {
		return err
	}
	if opts.ClaimLast != 0 && j.first.claim.size == 0 && j.linked.claim.size == 0 {
		return refuse(syscall.EINVAL, "claim_first or claim_last without a claim")
	}
	if err := j.first.claim.checkIn(&j.claims, ""); err != nil {
		return err
	}
	return j.linked.claim.checkIn(&j.claims, "linked_")
}

// readBatchOpts says what is wrong with the options, as far as that can be said without the map.
func (j *job) readBatchOpts(opts *call.Opts, linked *call.Linked) error {
	err := j.readOpts(opts)
	if err == nil && linked.Results != nil {
		err = j.readLinked(linked)
	}
	if err == nil {
		err = j.readRange(opts)
	}
	if err != nil {
		return err
	}
	j.action = actionCompare
	if j.first.claim.size != 0 {
		j.asks |= asksClaim
		j.action = actionClaim
	}
	if j.values != nil {
		j.asks |= asksValue
	}
	if j.asks&(asksLinked|asksValue) != 0 {
		j.action = actionLinked
	}
	return nil
}

// beyondNative is what the kernel's own way does not have.
func (j *job) beyondNative() string {
	switch {
	case j.hasLinks():
		return "the native backend knows no linked entries"
	case j.values != nil:
		return "the native backend hands out no values"
	case j.first.claim.size != 0:
		return "the native backend knows no claims"
	}
	return ""
}

func (t *task) deleteKeys(backend uint32) error {
	j := &t.job
	err := checkWritable(t.target.fd)
	if err == nil {
		err = t.openLinked()
	}
	if err == nil {
		err = t.target.checkType()
	}
	if err == nil {
		err = j.checkLinked(&t.target)
	}
	if err != nil {
		return err
	}
	beyond := j.beyondNative()
	// The program may be faster, but the kernel's own way promises more.
	if backend != call.SyscallProg && beyond == "" {
		native, errno := nativeServes(&t.target)
		if errno != 0 { // the emulation promises less: it does not stand in for what could not be told
			return errno
		}
		if native {
			return t.deleteNatively()
		}
	}
	if backend == call.Native {
		if beyond == "" {
			beyond = "the native backend does not serve this map"
		}
		return refuse(syscall.EOPNOTSUPP, "%s", beyond)
	}
	if err := prepareEmulation(&t.target, j); err != nil {
		return err
	}
	return t.byProgram()
}

func (t *task) deleteNatively() error {
	e := &t.job.first
	err := t.byCall(func(t *task, i uint32) syscall.Errno {
		e, size := &t.job.first, t.target.info.KeySize
		key := e.keys[uint64(i)*uint64(size):][:size]
		return nativeDelete(t.target.fd, key, e.compare[uint64(i)*uint64(e.stride):], e.region)
	})
	if err != nil {
		return refuseNatively(errnoOf(err), e.region)
	}
	return nil
}
