// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

// Package emulation is the C library in Go, for programs that are built without C: what a call asks for is checked,
// a way is chosen, and what the kernel cannot do by itself a BPF syscall program does. The programs are the C
// library's, and so is the order of all checks; libbpf/ has the reasons for what is done here.
package emulation

import (
	"errors"
	"fmt"
	"syscall"

	"example.org/libbpf-compare/go/internal/call"
)

// enotsupp is the kernel's own ENOTSUPP, which no user space header has.
const enotsupp = syscall.Errno(524)

// refusal is an errno, and why.
type refusal struct {
	errno  syscall.Errno
	reason string
}

func (r *refusal) Error() string { return r.reason }
func (r *refusal) Unwrap() error { return r.errno }

func refuse(errno syscall.Errno, format string, args ...any) error {
	return &refusal{errno, fmt.Sprintf(format, args...)}
}

// refuseMap is refuse, but what is to be said of the map behind fd itself comes first.
func refuseMap(fd int, errno syscall.Errno, format string, args ...any) error {
	if err := checkWritable(fd); err != nil {
		return err
	}
	return refuse(errno, format, args...)
}

// errnoOf is 0 for nil.
func errnoOf(err error) syscall.Errno {
	switch e := err.(type) {
	case nil:
		return 0
	case syscall.Errno:
		return e
	case *refusal:
		return e.errno
	}
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return syscall.EIO
	}
	return errno
}

// failed is nil for 0.
func failed(errno syscall.Errno) error {
	if errno == 0 {
		return nil
	}
	return errno
}

// is tells whether an error is of one of these numbers.
func is(err error, numbers ...syscall.Errno) bool {
	if err == nil {
		return false
	}
	errno := errnoOf(err)
	for _, number := range numbers {
		if errno == number {
			return true
		}
	}
	return false
}

// answerOf gives an error's number and reason to the package's public half.
func answerOf(err error) call.Answer {
	if err == nil {
		return call.Answer{}
	}
	answer := call.Answer{Err: negative(errnoOf(err))}
	if r, ok := err.(*refusal); ok {
		answer.Reason = r.reason
	}
	return answer
}

// negative is an answer as a program gives it.
func negative(errno syscall.Errno) int32 { return -int32(errno) }

// misfit is the answer to bytes that do not fit the map.
func misfit(format string, args ...any) *call.Answer {
	return &call.Answer{Err: negative(syscall.EINVAL), Misfit: true, Reason: fmt.Sprintf(format, args...)}
}
