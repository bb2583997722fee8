// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"sync"
	"syscall"

	"example.org/libbpf-compare/go/internal/call"
)

// Lanes that are kept between calls, by map id, which the kernel gives to no other map as long as a program holds it.
// Each call has one to itself: calls at one time on one map have one each.

const (
	keptMax = 512
	// programsMax is of all lanes. Linux 6.18 comes to a standstill where over a thousand programs are freed at one
	// time, as they are when a process ends.
	programsMax = 512
)

type kept struct {
	lane         *lane
	map_, linked identity // linked: of another map that linked entries are in, or zeroes
	capabilities uint64   // what is kept for a caller of others would answer otherwise than a new one
	busy         bool
	placed       bool // it is one of those that are kept: else it is closed when it is put back
	leaving      bool // not to be used again: closed with the call that has it
	refused      bool // a caller of other capabilities: they are looked at first from then on
	programs     int  // as counted when it was put back
	lastUse      uint64
}

var keeper struct {
	sync.Mutex
	uses            uint64
	count, programs int
	byMap           map[uint32][]*kept
}

func linkedIdentity(j *job) identity {
	if j.linkedTarget == nil {
		return identity{}
	}
	return identityOf(&j.linkedTarget.info)
}

// findKept gives one for these capabilities; or, where they are nil, one whose program asks for them.
func findKept(t *target, j *job, capabilities *uint64) *kept {
	id, linked := identityOf(&t.info), linkedIdentity(j)
	for _, k := range keeper.byMap[t.info.ID] {
		if k.busy || k.map_ != id || k.linked != linked {
			continue
		}
		if capabilities != nil && k.capabilities == *capabilities ||
			capabilities == nil && !k.refused && k.lane.hasGuarded(j) {
			return k
		}
	}
	return nil
}

func findOldest() (oldest *kept) {
	for _, all := range keeper.byMap {
		for _, k := range all {
			if !k.busy && (oldest == nil || k.lastUse < oldest.lastUse) {
				oldest = k
			}
		}
	}
	return oldest
}

// remove takes what is kept out of its place; for close, outside of the lock.
func (k *kept) remove() *lane {
	id := k.map_[1]
	all := keeper.byMap[id]
	for i := range all {
		if all[i] == k {
			all[i] = all[len(all)-1]
			all = all[:len(all)-1]
			break
		}
	}
	if len(all) == 0 {
		delete(keeper.byMap, id)
	} else {
		keeper.byMap[id] = all
	}
	keeper.count--
	keeper.programs -= k.programs
	k.placed = false
	return k.lane
}

// makeKept has the one whose last use is longest ago leave, if there is no other room.
func makeKept(t *target, j *job, capabilities uint64) (k *kept, evicted *lane) {
	k = &kept{lane: newLane(t, j), map_: identityOf(&t.info), linked: linkedIdentity(j), capabilities: capabilities}
	if keeper.count == keptMax {
		oldest := findOldest()
		if oldest == nil {
			return k, nil
		}
		evicted = oldest.remove()
	}
	if keeper.byMap == nil {
		keeper.byMap = map[uint32][]*kept{}
	}
	k.placed = true
	keeper.count++
	keeper.byMap[t.info.ID] = append(keeper.byMap[t.info.ID], k)
	return k, evicted
}

// takeKept gives a lane for this map and the caller's capabilities, to be put back; or, where a guarded one will do,
// one whose program asks for them by itself.
func takeKept(t *target, j *job, guardedWillDo bool) (*kept, error) {
	if guardedWillDo {
		keeper.Lock()
		k := findKept(t, j, nil)
		if k != nil {
			k.busy = true
		}
		keeper.Unlock()
		if k != nil {
			return k, nil
		}
	}
	capabilities, err := ownCapabilities()
	if err != nil {
		return nil, err
	}
	var evicted *lane
	keeper.Lock()
	k := findKept(t, j, &capabilities)
	if k == nil {
		k, evicted = makeKept(t, j, capabilities)
	}
	k.busy = true
	keeper.Unlock()
	if evicted != nil {
		evicted.close()
	}
	return k, nil
}

// programsNow is how many there may be: half of the file descriptors are the application's at least.
func programsNow() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur/2 >= programsMax {
		return programsMax
	}
	return int(limit.Cur / 2)
}

// putInPlace: one call adds one program at most, so that to let go of one lane for each that is too much will do.
func (k *kept) putInPlace(served bool) *lane {
	programs := k.lane.programs()
	k.busy = false
	k.refused = !served
	if served {
		keeper.uses++
		k.lastUse = keeper.uses
	}
	if k.leaving || programs == 0 {
		return k.remove()
	}
	if programs == k.programs {
		return nil
	}
	keeper.programs += programs - k.programs
	k.programs = programs
	if keeper.programs <= programsNow() {
		return nil
	}
	if oldest := findOldest(); oldest != nil && oldest != k {
		return oldest.remove()
	}
	return nil
}

// put puts it back. served: it did not refuse its caller.
func (k *kept) put(served bool) {
	closed := k.lane
	if k.placed {
		keeper.Lock()
		closed = k.putInPlace(served)
		keeper.Unlock()
	}
	if closed != nil {
		closed.close()
	}
}

func releaseMap(id uint32) {
	var released []*lane
	keeper.Lock()
	for _, all := range keeper.byMap {
		for _, k := range append([]*kept{}, all...) {
			if k.map_[1] != id && k.linked[1] != id {
				continue
			}
			k.leaving = true
			if !k.busy {
				released = append(released, k.remove())
			}
		}
	}
	keeper.Unlock()
	for _, l := range released {
		l.close()
	}
}

// Release lets go of what is kept for a map.
func Release(fd int) call.Answer {
	// To have information is not to be a map: programs do too, with ids of their own.
	if err := checkWritable(fd); err != nil && !is(err, syscall.EPERM) {
		return answerOf(err)
	}
	t := newTask()
	defer t.end()
	if errno := readInfo(fd, &t.target.info); errno != 0 {
		return answerOf(errno)
	}
	releaseMap(t.target.info.ID)
	return call.Answer{}
}
