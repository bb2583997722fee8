// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build cgo && !purego

// Package meddle meddles in the middle of a call, for tests: right before its n-th call of bpf(2), the
// first one being 0.
package meddle

// #cgo pkg-config: libbpf
// #cgo LDFLAGS: -ldl
// #include "meddle.h"
import "C"

// Swap has fd become what other is.
func Swap(n uint, fd, other int) { C.meddle_swap(C.uint(n), C.int(fd), C.int(other)) }

// Done tells whether there was such a call. There is nothing more to come then.
func Done() bool { return bool(C.meddle_done()) }
