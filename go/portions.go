// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"example.org/libbpf-compare/go/internal/call"
)

// A context that can be done is looked at before each portion of a call: so many keys, or so long a sweep. What cannot
// be done is not: then the call is one.
var (
	portionKeys = 4096
	portionTime = 2 * time.Millisecond
)

// portions is how a call for n keys is made by calls for fewer, one after the other.
type portions struct {
	ctx             context.Context
	n, from, to     int
	fd, linkedFD    int // of the call, or duplicates, so that all portions are of the same maps
	held, heldOther bool
	begun           bool
	err             error // of the context
}

// portionsOf cuts what is as much for each key. Anything else is one portion: it is refused as a whole.
func portionsOf(ctx context.Context, n, fd, linkedFD int, ofKeys ...[]byte) portions {
	p := portions{ctx: ctx, n: n, fd: fd, linkedFD: linkedFD}
	if ctx.Done() == nil || n <= portionKeys {
		return p
	}
	for _, b := range ofKeys {
		if len(b)%n != 0 {
			return p
		}
	}
	p.fd, p.held = duplicateOf(fd)
	p.linkedFD, p.heldOther = duplicateOf(linkedFD)
	return p
}

// duplicateOf gives the descriptor itself where there is none: the call then says why.
func duplicateOf(fd int) (ours int, held bool) {
	ours, errno := callDuplicate(fd)
	if errno != 0 {
		return fd, false
	}
	return ours, true
}

func (p *portions) end() {
	if p.held {
		syscall.Close(p.fd)
	}
	if p.heldOther {
		syscall.Close(p.linkedFD)
	}
}

// next tells whether there is one more. Of no keys there is one.
func (p *portions) next() bool {
	if p.begun && p.to == p.n {
		return false
	}
	if p.err = p.ctx.Err(); p.err != nil {
		return false
	}
	p.begun, p.from, p.to = true, p.to, p.n
	if p.held && p.n-p.from > portionKeys {
		p.to = p.from + portionKeys
	}
	return true
}

// cancel has all answers be that the key was not reached, as far as the calls do not see to that.
func (p *portions) cancel(answers []int32) {
	if p.ctx.Done() == nil {
		return
	}
	for i := range answers {
		answers[i] = -int32(syscall.ECANCELED)
	}
}

// errorOf is errorOf for the call, whose last portion ended so. It names the caller's descriptor.
func (p *portions) errorOf(fd int, end call.Answer) error {
	if p.err != nil {
		return stopped(fd, p.err, "%d of %d keys were reached", p.to, p.n)
	}
	return errorOf(fd, end)
}

// stopped is an error by a context.
func stopped(fd int, err error, format string, args ...any) error {
	return &Error{err, fmt.Sprintf(format, args...), whatOf(fd)}
}

// cut gives the part of a slice that is about the portion's keys.
func (p *portions) cut(b []byte) []byte {
	if p.to-p.from == p.n || len(b) == 0 {
		return b
	}
	each := len(b) / p.n
	return b[p.from*each : p.to*each]
}
