// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

import (
	"io"
	"sync"
	"syscall"
)

// TakeClaim takes a claim from first to last for a map, of size 4 or 8 bytes, that no other process has, nor any
// other call of this one: for [Options.Claim] and [SweepOptions.Claim]. It is held until it is closed, or the
// process ends, however that comes. Where all are taken the error is [ErrTaken].
//
// Nothing is held back from those who do not ask: all who collect from the map take their claims, or none does.
// bpf_map_claim_take(3) says all.
func TakeClaim(fd int, first, last uint64, size int) (claim []byte, held io.Closer, err error) {
	if size != 4 && size != 8 {
		return nil, nil, invalid("a claim of %d bytes, not 4 or 8", size)
	}
	claim = make([]byte, size)
	answer := callTakeClaim(fd, first, last, claim)
	switch {
	case answer.Err == -int32(syscall.EBUSY):
		return nil, nil, ErrTaken
	case answer.Err < 0:
		return nil, nil, errorOf(fd, answer)
	}
	return claim, &heldClaim{fd: int(answer.Err)}, nil
}

// heldClaim has no finalizer: a claim that nobody closes is held.
type heldClaim struct {
	mutex sync.Mutex
	fd    int
}

func (c *heldClaim) Close() error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	fd := c.fd
	c.fd = -1
	return syscall.Close(fd)
}
