// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

// Package meddle meddles in the middle of a call, for tests: right before its n-th call of bpf(2), the
// first one being 0.
package meddle

import (
	"syscall"

	"example.org/libbpf-compare/go/internal/sysbpf"
)

var armed bool

// Swap has fd become what other is.
func Swap(n uint, fd, other int) {
	armed = true
	sysbpf.Before = func() {
		if n == 0 {
			Done()
			syscall.Dup3(other, fd, 0)
		}
		n--
	}
}

// Done tells whether there was such a call. There is nothing more to come then.
func Done() bool {
	was := armed
	armed = false
	sysbpf.Before = nil
	return !was
}
