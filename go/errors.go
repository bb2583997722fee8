// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

import (
	"fmt"
	"syscall"

	"example.org/libbpf-compare/go/internal/call"
)

// What errors.Is recognises. Each unwraps to its errno, so that errors.As finds a [syscall.Errno],
// and errors.Is [os.ErrNotExist], [os.ErrExist] and [os.ErrPermission]. All other errors unwrap to an errno too.
var (
	// ErrMismatch (EBUSY): the value is not as expected any more, or its linked entry is not, or the word
	// that is to be changed is a claim; the entry is untouched.
	ErrMismatch error = &answer{syscall.EBUSY, "the value differs"}
	// ErrNotExist (ENOENT): there is no such key.
	ErrNotExist error = &answer{syscall.ENOENT, "no such key"}
	// ErrExist (EEXIST), of [UpdateNoExist]: there is such a key.
	ErrExist error = &answer{syscall.EEXIST, "the key exists"}
	// ErrNotSupported (EOPNOTSUPP): the map, the region or the kernel is not supported.
	ErrNotSupported error = &answer{syscall.EOPNOTSUPP, "not supported"}
	// ErrInvalid (EINVAL): the call is wrong in itself, or does not fit the map.
	ErrInvalid error = &answer{syscall.EINVAL, "invalid argument"}
	// ErrPermission (EPERM): the descriptor is read-only, the map frozen, or CAP_BPF lacking, or
	// CAP_PERFMON, which changes in place take.
	ErrPermission error = &answer{syscall.EPERM, "not permitted"}
	// ErrAgain (EAGAIN): the kernel could not take a lock, or was too busy, or others changed the word, or
	// replaced the entry, each time that it was to be changed; the entry was neither deleted nor changed.
	ErrAgain error = &answer{syscall.EAGAIN, "the kernel asks to try again"}
	// ErrTaken (EBUSY), of [TakeClaim]: all claims are taken.
	ErrTaken error = &answer{syscall.EBUSY, "all claims are taken"}
	// ErrCanceled (ECANCELED): the key of a batch that was not reached, because of the batch's error; or
	// the linked entry that was not looked at, because of the first one's answer.
	ErrCanceled error = &answer{syscall.ECANCELED, "not looked at"}
)

type answer struct {
	errno syscall.Errno
	text  string
}

func (a *answer) Error() string { return a.text }
func (a *answer) Unwrap() error { return a.errno }

// Is tells of what another package calls the same.
func (a *answer) Is(target error) bool { return isOther(a, target) }

// answerOf gives what an answer, 0 or a negative errno, means for one key.
func answerOf(result int32) error {
	switch errno := syscall.Errno(-result); errno {
	case 0:
		return nil
	case syscall.EBUSY:
		return ErrMismatch
	case syscall.ENOENT:
		return ErrNotExist
	case syscall.EEXIST:
		return ErrExist
	case syscall.EOPNOTSUPP:
		return ErrNotSupported
	case syscall.EINVAL:
		return ErrInvalid
	case syscall.EPERM:
		return ErrPermission
	case syscall.EAGAIN:
		return ErrAgain
	case syscall.ECANCELED:
		return ErrCanceled
	default:
		return errno
	}
}

// Error is what a call fails with for another reason than its key's.
type Error struct {
	Err    error  // one of the errors above, a [syscall.Errno], or a context's
	Reason string // what is known of why, or nothing
	what   string // failed
}

func (e *Error) Error() string {
	text := fmt.Sprintf("bpfcompare: %s: %v", e.what, e.Err)
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// errorOf is answerOf for a call on a map, which it names unless the answer is about the key.
func errorOf(fd int, a call.Answer) error {
	switch err := answerOf(a.Err); err {
	case nil, ErrMismatch, ErrNotExist, ErrExist, ErrAgain:
		return err
	default:
		return &Error{err, a.Reason, whatOf(fd)}
	}
}

func whatOf(fd int) string { return fmt.Sprintf("map with file descriptor %d", fd) }

// invalid is a call that is wrong in itself.
func invalid(format string, args ...any) error {
	return fmt.Errorf("bpfcompare: "+format+": %w", append(args, ErrInvalid)...)
}
