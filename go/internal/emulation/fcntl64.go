// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build (!cgo || purego) && (386 || arm || mips || mipsle)

package emulation

import "syscall"

// fcntlCall is the one with offsets of 64 bits.
const fcntlCall = syscall.SYS_FCNTL64
