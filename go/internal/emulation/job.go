// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import "sync"

// entries are those of one map, and what they have to be.
type entries struct {
	keys    []byte // one after the other, of the map's key size
	compare []byte // key i's expected bytes are at i * stride; nil: none are given
	stride  uint32
	region  region // its size is 0 where nothing is compared
	claim   claim
}

// update is what is written, and how.
type update struct {
	values  []byte // key i's bytes are at i * stride
	stride  uint32
	written region // in place; its size is 0 where the entry is replaced
	op      uint32
	flags   uint64 // of the kernel's update
}

// job is what a call asks for, of one key or of many.
type job struct {
	action        action
	first, linked entries
	linkedTarget  *target // nil: the linked entries are in the same map, if any
	asks          uint32  // of each linkedRequest
	claims        claims
	values        []byte  // where what was there goes, one after the other; or nil
	sweep         *sweep  // in the place of all keys; or nil
	update        *update // or nil
}

func (j *job) hasLinks() bool { return j.asks&asksLinked != 0 }

// task is a call: its maps, its job, and how far it has come. What the kernel is given the address of lies in memory
// that does not move: so that no call takes any for itself, tasks are used again.
type task struct {
	target, linkedTarget target
	job                  job
	update               update
	progress             progress
	answers              [runKeysMax]answer
	one                  [1]int32
}

var tasks = sync.Pool{New: func() any { return new(task) }}

func newTask() *task {
	t := tasks.Get().(*task)
	t.target.fd, t.linkedTarget.fd = -1, -1
	return t
}

// end lets go of all that the task has of its caller.
func (t *task) end() {
	t.target.end()
	t.linkedTarget.end()
	t.job, t.update, t.progress = job{}, update{}, progress{}
	tasks.Put(t)
}
