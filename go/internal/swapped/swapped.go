// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

// Package swapped lets a descriptor become another map's in the middle of a call, for tests.
package swapped

// #cgo LDFLAGS: -ldl
// #include "swapped.h"
import "C"

// Arm has fd become what other is, right before the n-th call of bpf(2) from now on; the next one is 0.
func Arm(n uint, fd, other int) { C.swapped_arm(C.uint(n), C.int(fd), C.int(other)) }

// Disarm tells whether there was such a call, and forgets about it.
func Disarm() (met bool) { return bool(C.swapped_disarm()) }
