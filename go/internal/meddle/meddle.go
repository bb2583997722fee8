// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

// Package meddle meddles in the middle of a call, for tests: right before its n-th call of bpf(2), the
// first one being 0.
package meddle

// #cgo pkg-config: libbpf
// #cgo LDFLAGS: -ldl
// #include <stdlib.h>
// #include "meddle.h"
import "C"

import (
	"syscall"
	"unsafe"
)

// Swap has fd become what other is.
func Swap(n uint, fd, other int) { C.meddle_swap(C.uint(n), C.int(fd), C.int(other)) }

// Say says a line by libbpf's print callback, and lets that call of bpf(2) fail.
func Say(n uint, line string, errno syscall.Errno) {
	c := C.CString(line)
	defer C.free(unsafe.Pointer(c))
	C.meddle_say(C.uint(n), c, C.int(errno))
}

// Done tells whether there was such a call. There is nothing more to come then.
func Done() bool { return bool(C.meddle_done()) }

// Listen sets a print callback of an application's, and Heard takes it away: it tells the last line that
// came, and whether the callback still was set.
func Listen() { C.meddle_listen() }

func Heard() (line string, listening bool) {
	var c C.bool
	line = C.GoString(C.meddle_heard(&c))
	return line, bool(c)
}
