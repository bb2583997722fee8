// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"math"
	"runtime"
	"syscall"
	"time"

	"example.org/libbpf-compare/go/internal/call"
	"example.org/libbpf-compare/go/internal/sysbpf"
)

// Where a sweep comes in: it is checked, a way through the map is chosen, and that is gone in steps, until all of the map
// was seen or the capacity is used up.

const (
	scanUsDefault = 250
	scanUsNone    = math.MaxUint32
	entryNs       = 200     // what an entry takes, about
	holdNsMax     = 1000000 // so long may a run take that claims and is bounded by time
	lockTries     = 100     // a lock that is held for so long is not given back
	skipMax       = 1<<14 - 1
)

// way through a map.
type way uint64

const (
	wayEach way = 1 + iota
	wayWalk
	wayBatch
)

// sweep is what a sweep asks for, where it is, and what it has come to.
type sweep struct {
	conds        []call.Cond
	capacity     uint32
	flags        uint64
	budget       uint64 // ns for a run
	keys, values []byte
	part, parts  uint32
	out          uint32    // matches that a run may hand out; 0: none is
	stopAt       time.Time // from then on no further run is begun; zero: there is no such time

	from, until, next                  uint64 // elements, or buckets
	skip                               uint64 // entries of the first bucket that were counted already
	runs                               uint32
	scanned, matched, deleted, changed uint64
}

func (s *sweep) counts() bool   { return s.flags&call.SweepCount != 0 }
func (s *sweep) handsOut() bool { return s.keys != nil || s.values != nil }

// A cursor has the part of how many that it is of, the way that was gone, and how far: up to which element or bucket, and
// how many matches, or entries, of that are not to be counted again.
func (s *sweep) cursor(w way) uint64 {
	skip, place := s.skip, s.next&math.MaxUint32
	if skip > skipMax {
		skip = skipMax
	}
	if w == wayEach { // all of the map at once has no place in it
		place = 0
	}
	return uint64(s.parts)<<56 | uint64(s.part)<<48 | uint64(w)<<46 | skip<<32 | place
}

func wayOf(cursor uint64) way { return way(cursor >> 46 & 3) }

// room is how many more may be deleted, or are to be found.
func (s *sweep) room() uint64 {
	used := s.deleted
	if s.counts() {
		used = s.matched
	}
	if s.capacity == 0 || s.counts() && !s.handsOut() {
		return math.MaxUint64
	}
	return uint64(s.capacity) - used
}

func (s *sweep) isOverTime() bool { return !s.stopAt.IsZero() && !time.Now().Before(s.stopAt) }

// checkRun is what a run came to: nil to go on. What it could not delete for a lock is seen by the next one.
func (s *sweep) checkRun(result int32, before uint64, tries *int) error {
	errno := syscall.Errno(-result)
	if errno == syscall.EAGAIN {
		*tries++
	} else {
		*tries = 0
	}
	if errno == syscall.EPERM {
		return refuse(syscall.EPERM, "the map was frozen meanwhile")
	}
	if errno != 0 && errno != syscall.EAGAIN {
		return errno
	}
	if *tries == lockTries {
		return syscall.EAGAIN
	}
	if *tries > 0 {
		runtime.Gosched()
	} else if s.next <= s.from && s.deleted+s.matched == before {
		return refuse(syscall.EOPNOTSUPP, "the walk through the map does not get on")
	}
	return nil
}

// byRuns is one run of the program after the other. more: it has not come to the end.
func (t *task) byRuns() (more bool, err error) {
	s, tries := t.job.sweep, 0
	for s.next = s.from; s.next < s.until && s.room() > 0; {
		s.from = s.next
		before := s.deleted + s.matched
		if _, err := runEmulation(&t.target, &t.job, 0, t.answers[:1]); err != nil {
			return false, err
		}
		s.runs++
		if err := s.checkRun(t.answers[0].result, before, &tries); err != nil {
			return false, err
		}
		if tries == 0 && s.isOverTime() {
			break
		}
	}
	return s.next < s.until, nil
}

// sweepByEach is in one run. What is found has to fit into its memory.
func (t *task) sweepByEach() (more bool, err error) {
	s := t.job.sweep
	t.job.action = actionSweepEach
	s.out = 0
	if s.handsOut() {
		s.out = t.target.info.MaxEntries
	}
	s.from = 0
	// Kernels have gone astray where the current element is deleted: then it is no whole pass.
	s.until = 4 * uint64(t.target.info.MaxEntries)
	return t.byRuns()
}

func nsForAll(info *sysbpf.MapInfo) uint64 { return uint64(info.MaxEntries) * entryNs }

// sweepIsShort tells whether one run over all of the map is no longer than one may be that nobody can preempt.
func sweepIsShort(info *sysbpf.MapInfo) bool { return nsForAll(info) <= holdNsMax }

// isSmall tells whether it takes no longer than the caller allows, and holds what it finds.
func (s *sweep) isSmall(info *sysbpf.MapInfo) bool {
	return (!s.handsOut() || s.fits(info)) && nsForAll(info) <= s.budget
}

// isNoWay tells of errors that say that a way cannot be gone here, and not that a sweep has failed.
func (s *sweep) isNoWay(err error) bool {
	return is(err, syscall.ELOOP) || s.runs == 0 && is(err, syscall.EOPNOTSUPP, syscall.EPERM, syscall.E2BIG)
}

// chooseWay: the one that was begun is gone on with, where that can be. A walk whose like was tried already costs nothing
// to begin, and misses less.
func (t *task) chooseWay(begun way) (way, error) {
	s, info := t.job.sweep, &t.target.info
	if begun == wayBatch || checkEmulation(&t.target, &t.job) != nil {
		return wayBatch, nil
	}
	if begun == wayEach || begun == 0 && s.parts == 0 && s.isSmall(info) && !walkIsKnown(info) {
		return wayEach, nil
	}
	walks, err := walkServes(info)
	if err != nil {
		return 0, err
	}
	if walks {
		return wayWalk, nil
	}
	if begun == wayWalk && s.parts != 0 {
		return 0, refuse(syscall.EPERM, "who began this part could walk through the map")
	}
	return wayBatch, nil
}

// goBy starts from a place on, with so much of it left out.
func (t *task) goBy(w way, place, skip uint64) (more bool, err error) {
	s := t.job.sweep
	s.from, s.next, s.skip = place, place, skip
	// Who cannot share it has the first part do it all.
	if w != wayWalk && s.part != 0 {
		return false, nil
	}
	switch w {
	case wayWalk:
		return t.sweepByWalk()
	case wayEach:
		return t.sweepByEach()
	}
	return t.sweepByBatch()
}

func (t *task) sweepMap(cursor *uint64) (more bool, err error) {
	s, begun := t.job.sweep, wayOf(*cursor)
	w, err := t.chooseWay(begun)
	if err != nil {
		return false, err
	}
	place, skip := uint64(0), uint64(0)
	if begun == w { // of another way the place says nothing
		place, skip = *cursor&math.MaxUint32, *cursor>>32&skipMax
	}
	more, err = t.goBy(w, place, skip)
	// Of several parts the others would not know.
	if w != wayBatch && s.parts == 0 && s.isNoWay(err) {
		w = wayBatch
		s.scanned = s.deleted
		more, err = t.goBy(w, 0, 0)
	}
	*cursor = 0
	if more || err != nil {
		*cursor = s.cursor(w)
	}
	return more, err
}

func (t *task) readSweepOpts(o *call.SweepOpts) error {
	s, j := t.job.sweep, &t.job
	if o.Flags&^(call.SweepCount|call.SweepAll) != 0 {
		return refuse(syscall.EINVAL, "unknown flags 0x%x", o.Flags)
	}
	s.flags, s.keys, s.values = o.Flags, o.Keys, o.Values
	scan := uint64(o.MaxScanUs)
	if scan == 0 {
		scan = scanUsDefault
	}
	s.budget = scan * 1000
	if scan == scanUsNone {
		s.budget = math.MaxUint64
	}
	s.parts, s.part = uint32(o.Cursor>>56), uint32(o.Cursor>>48&0xff)
	if s.parts != 0 && s.part >= s.parts || s.parts == 0 && s.part != 0 {
		return refuse(syscall.EINVAL, "cursor: part %d of %d", s.part, s.parts)
	}
	if s.handsOut() && s.capacity == 0 {
		return refuse(syscall.EINVAL, "keys or values without capacity")
	}
	if s.values != nil {
		j.asks = asksValue
	}
	if err := j.first.claim.read("", o.Claim, o.ClaimOffset); err != nil {
		return err
	}
	if err := j.claims.read(o.ClaimFirst, o.ClaimLast); err != nil {
		return err
	}
	if o.ClaimLast != 0 && o.Claim == nil {
		return refuse(syscall.EINVAL, "claim_first or claim_last without a claim")
	}
	return j.first.claim.checkIn(&j.claims, "")
}

func (t *task) checkSweep() error {
	s := t.job.sweep
	if !s.counts() {
		if err := checkWritable(t.target.fd); err != nil {
			return err
		}
	}
	if err := t.target.checkType(); err != nil {
		return err
	}
	if err := checkReadable(t.target.fd); err != nil {
		return err
	}
	if err := s.checkConditions(&t.target.info, &t.job.first.claim); err != nil {
		return err
	}
	return t.job.first.claim.checkWithin("", region{})
}

// fitRoom lowers most to the number of entries that there is room for.
func fitRoom(what string, room []byte, size uint32, most *uint32) *call.Answer {
	if room == nil {
		return nil
	}
	if len(room) == 0 || size == 0 || len(room)%int(size) != 0 {
		return misfit("room for %d bytes of %s, of %d each", len(room), what, size)
	}
	n := uint64(len(room)) / uint64(size)
	if n > math.MaxUint32 {
		n = math.MaxUint32
	}
	if *most == 0 || uint32(n) < *most {
		*most = uint32(n)
	}
	return nil
}

func (t *target) fitBoth(o *call.SweepOpts) (most uint32, wrong *call.Answer) {
	most = o.Most
	if wrong := fitRoom("keys", o.Keys, t.info.KeySize, &most); wrong != nil {
		return 0, wrong
	}
	if wrong := fitRoom("values", o.Values, t.info.ValueSize, &most); wrong != nil {
		return 0, wrong
	}
	if o.Keys == nil || o.Values == nil {
		return most, nil
	}
	if keys, values := len(o.Keys)/int(t.info.KeySize), len(o.Values)/int(t.info.ValueSize); keys != values {
		return 0, misfit("room for %d keys, but for %d values", keys, values)
	}
	return most, nil
}

// Sweep deletes what matches, or counts it.
func Sweep(fd int, conds []call.Cond, o *call.SweepOpts) call.Swept {
	t := newTask()
	defer t.end()
	swept := call.Swept{Cursor: o.Cursor}
	if errno := t.target.begin(fd); errno != 0 {
		swept.Answer = answerOf(errno)
		return swept
	}
	most, wrong := t.target.fitBoth(o)
	if wrong != nil {
		swept.Answer = *wrong
		return swept
	}
	// The conditions are copied: what was checked is what is gone by.
	s := &sweep{conds: append([]call.Cond(nil), conds...), capacity: most}
	if o.StopAfterUs != 0 {
		s.stopAt = time.Now().Add(time.Duration(o.StopAfterUs) * time.Microsecond)
	}
	t.job.sweep = s
	err := t.readSweepOpts(o)
	if err == nil && len(conds) > condsMax {
		err = refuse(syscall.EINVAL, "%d conditions, of at most %d", len(conds), condsMax)
	}
	if err == nil {
		err = t.checkSweep()
	}
	more := false
	if err == nil {
		more, err = t.sweepMap(&swept.Cursor)
	}
	swept.Answer = answerOf(err)
	if err == nil && more {
		swept.Answer.Err = 1
	}
	swept.Scanned, swept.Matched, swept.Deleted, swept.Changed = s.scanned, s.matched, s.deleted, s.changed
	return swept
}
