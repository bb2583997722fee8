// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"syscall"

	"example.org/libbpf-compare/go/internal/call"
	"example.org/libbpf-compare/go/internal/sysbpf"
)

// Where the delete of one key comes in: its options and its map are checked, a backend is chosen.

// Map tells what there is to know of a map.
func Map(fd int) call.Map {
	t := newTask()
	defer t.end()
	info := &t.target.info
	if fd != int(int32(fd)) {
		return call.Map{Errno: syscall.EBADF}
	}
	if errno := readInfo(fd, info); errno != 0 {
		return call.Map{Errno: errno}
	}
	return call.Map{Type: info.Type, KeySize: info.KeySize, ValueSize: info.ValueSize}
}

func (t *target) fitKey(key []byte) *call.Answer {
	if len(key) != int(t.info.KeySize) {
		return misfit("a key of %d bytes, for a map with keys of %d", len(key), t.info.KeySize)
	}
	return nil
}

func (t *target) fitKeys(keys []byte, n uint32) *call.Answer {
	if uint64(len(keys)) != uint64(n)*uint64(t.info.KeySize) {
		return misfit("%d bytes of keys, for a map with keys of %d", len(keys), t.info.KeySize)
	}
	return nil
}

// fitSeen has entries be compared with what was seen of them.
func (t *target) fitSeen(e *entries, whose string, seen []byte, n uint32, opts *call.Opts) *call.Answer {
	size, valueSize := opts.CompareSize, t.info.ValueSize
	if size == 0 {
		size = valueSize
	}
	if size > valueSize || opts.CompareOffset > valueSize-size {
		return misfit("%sa region of %d bytes at %d, for a map with values of %d", whose, size, opts.CompareOffset,
			valueSize)
	}
	e.region = region{opts.CompareOffset, size}
	e.stride = size
	from := uint32(0)
	if opts.Whole {
		e.stride = valueSize
		if n > 0 {
			from = opts.CompareOffset
		}
	}
	if uint64(len(seen)) != uint64(n)*uint64(e.stride) {
		return misfit("%s%d bytes seen, of %d entries with %d each", whose, len(seen), n, e.stride)
	}
	e.compare = given(seen)[from:]
	return nil
}

// given is a slice that is not nil.
func given(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Delete is without a condition.
func Delete(fd int, key []byte) call.Answer {
	t := newTask()
	defer t.end()
	if errno := t.target.begin(fd); errno != 0 {
		return answerOf(errno)
	}
	if wrong := t.target.fitKey(key); wrong != nil {
		return *wrong
	}
	return answerOf(failed(sysbpf.Elem(sysbpf.MapDelete, t.target.fd, key, nil, 0)))
}

// readOpts says what is wrong with what is asked of the first entries, as far as that can be said without the map.
func (j *job) readOpts(opts *call.Opts) error {
	if opts.Backend > call.SyscallProg {
		return refuse(syscall.EINVAL, "backend %d is unknown", opts.Backend)
	}
	if err := j.first.claim.read("", opts.Claim, opts.ClaimOffset); err != nil {
		return err
	}
	return j.first.claim.checkWithin("", j.first.region)
}

// DeleteIf deletes the entry of one key by compare.
func DeleteIf(fd int, key, seen []byte, opts *call.Opts) call.Answer {
	t := newTask()
	defer t.end()
	// With what there is for batches alone.
	if opts.Values != nil || opts.ClaimFirst != 0 || opts.ClaimLast != 0 {
		a := t.deleteBatch(fd, key, 1, seen, opts, t.one[:], &call.Linked{})
		if a.Err == 0 {
			a.Err = t.one[0]
		}
		return a
	}
	if errno := t.target.begin(fd); errno != 0 {
		return answerOf(errno)
	}
	wrong := t.target.fitKey(key)
	if wrong == nil {
		wrong = t.target.fitSeen(&t.job.first, "", seen, 1, opts)
	}
	if wrong != nil {
		return *wrong
	}
	j := &t.job
	j.first.keys = key
	if err := j.readOpts(opts); err != nil {
		return answerOf(err)
	}
	if j.first.claim.isExpected(j.first.region, j.first.compare) {
		return answerOf(refuse(syscall.EINVAL, "the claim equals the expected word"))
	}
	j.action = actionCompare
	if j.first.claim.size != 0 {
		j.action = actionClaim
	}
	return t.deleteByCompare(opts.Backend)
}

func (t *task) deleteByCompare(backend uint32) call.Answer {
	e := &t.job.first
	native, unknown := false, syscall.Errno(0)
	// The kernel knows no claims.
	if backend != call.SyscallProg && e.claim.size == 0 {
		native, unknown = probeNative(t.target.info.Type)
	}
	if native {
		// The kernel does the checks below itself, in the same order.
		errno := nativeDelete(t.target.fd, e.keys, e.compare, e.region)
		if errno != syscall.EOPNOTSUPP || backend == call.Native {
			return answerOf(refuseNatively(errno, e.region))
		}
	}
	err := t.target.checkType()
	// The emulation promises less: it does not stand in for what could not be told.
	if err == nil {
		err = failed(unknown)
	}
	if err == nil && backend == call.Native {
		if e.claim.size != 0 {
			err = refuseMap(t.target.fd, syscall.EOPNOTSUPP, "the native backend knows no claims")
		} else {
			err = refuseMap(t.target.fd, syscall.EOPNOTSUPP, "the native backend does not serve this map")
		}
	}
	if err == nil {
		_, err = runEmulation(&t.target, &t.job, 0, t.answers[:1])
	}
	if err != nil {
		return answerOf(err)
	}
	result := t.answers[0].result
	if result == negative(syscall.EPERM) {
		return answerOf(refuse(syscall.EPERM, "the map is frozen"))
	}
	return call.Answer{Err: result}
}
