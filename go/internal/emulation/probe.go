// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"syscall"

	"example.org/libbpf-compare/go/internal/call"
)

// What this kernel can do for this caller.

// tryDelete tells whether a delete of the scratch map's entry, if it equals value, gets this answer, and the entry
// then is there or gone as that says.
func tryDelete(t *target, value []byte, want syscall.Errno) (bool, error) {
	j := &job{action: actionCompare, first: entries{keys: scratchKey, compare: value, stride: 12, region: region{0, 12}}}
	var answers [1]answer
	if _, err := runEmulation(t, j, 0, answers[:]); err != nil {
		if is(err, syscall.EOPNOTSUPP) {
			err = nil
		}
		return false, err
	}
	has, errno := scratchHas(t.fd)
	return errno == 0 && answers[0].result == negative(want) && has == (want != 0), failed(errno)
}

func probeEmulation(mapType uint32) (bool, error) {
	if !typeServes(mapType) {
		return false, nil
	}
	if has, err := kernelHasSyscallPrograms(); !has || err != nil {
		return false, err
	}
	fd, errno := newScratch(mapType)
	if errno != 0 {
		return false, errno
	}
	t := &target{fd: fd}
	defer t.end()
	if errno := addToScratch(fd); errno != 0 {
		return false, errno
	}
	if errno := readInfo(fd, &t.info); errno != 0 {
		return false, errno
	}
	defer releaseMap(t.info.ID)
	yes, err := tryDelete(t, scratchWrong, syscall.EBUSY)
	if yes {
		yes, err = tryDelete(t, scratchValue, 0)
	}
	return yes, err
}

// Probe answers 1 for yes and 0 for no.
func Probe(mapType, backend uint32) call.Answer {
	var yes bool
	var err error
	var errno syscall.Errno
	switch backend {
	case call.Native:
		yes, errno = probeNative(mapType)
		err = failed(errno)
	case call.SyscallProg:
		yes, err = probeEmulation(mapType)
	case call.Auto:
		var native bool
		native, errno = probeNative(mapType)
		yes = native
		if !native {
			yes, err = probeEmulation(mapType)
		}
		if !yes && err == nil {
			err = failed(errno)
		}
	default:
		err = refuse(syscall.EINVAL, "backend %d is unknown", backend)
	}
	if err == nil && yes {
		return call.Answer{Err: 1}
	}
	return answerOf(err)
}

// Backend answers with what Auto stands for on a map.
func Backend(fd int) call.Answer {
	t := newTask()
	defer t.end()
	target := &t.target
	if errno := target.begin(fd); errno == syscall.EBADF {
		return answerOf(refuse(errno, "the file descriptor is not open"))
	} else if errno == syscall.EINVAL {
		return answerOf(refuse(errno, "the file descriptor is no map's"))
	} else if errno != 0 {
		return answerOf(errno)
	}
	if err := checkWritable(target.fd); err != nil {
		return answerOf(err)
	}
	native, errno := nativeServes(target)
	if errno != 0 {
		return answerOf(errno)
	}
	if native {
		return call.Answer{Err: call.Native}
	}
	if err := emulationServes(target); err != nil {
		return answerOf(err)
	}
	return call.Answer{Err: call.SyscallProg}
}
