// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"syscall"

	"example.org/libbpf-compare/go/internal/call"
	"example.org/libbpf-compare/go/internal/sysbpf"
)

// A sweep by what user space reads: batched look-ups, and batches by compare of what matches. It holds no CPU for long,
// and takes no privilege beyond the emulation's.

const (
	chunkEntries   = 2048 // entries that are read at once, and memory for them. A bucket has to fit.
	chunkMax       = 1 << 20
	chunkSize      = 4 << 20
	deleteTriesMax = 16 // how often an entry is looked at again that changes, and still matches
)

type chunk struct {
	*target
	job                   *job
	region                region // of values, that is compared
	room, count, matching uint32
	keys, values, out     []byte // out: what was deleted
	results               []int32
}

func (c *chunk) key(i uint32) []byte {
	return c.keys[uint64(i)*uint64(c.info.KeySize):][:c.info.KeySize]
}

func (c *chunk) valueIn(values []byte, i uint32) []byte {
	return values[uint64(i)*uint64(c.info.ValueSize):][:c.info.ValueSize]
}

func (c *chunk) value(i uint32) []byte { return c.valueIn(c.values, i) }

func (c *chunk) makeRoom() {
	c.keys = make([]byte, uint64(c.room)*uint64(c.info.KeySize))
	c.values = make([]byte, uint64(c.room)*uint64(c.info.ValueSize))
	c.results = make([]int32, c.room)
	if c.job.sweep.values != nil {
		c.out = make([]byte, len(c.values))
	}
}

func (c *chunk) isClaimed(value []byte) bool {
	claim := &c.job.first.claim
	if claim.size == 0 {
		return false
	}
	word := readWord(value[claim.offset:], claim.size)
	return word == claim.word || c.job.claims.has(word)
}

// keep has what of a chunk is to be deleted come to be its first entries.
func (c *chunk) keep(from, to uint32) {
	if from != to {
		copy(c.key(to), c.key(from))
		copy(c.value(to), c.value(from))
	}
}

// handOut writes behind what was handed out before.
func (c *chunk) handOut(values []byte, i uint32) {
	s := c.job.sweep
	at := s.deleted
	if s.counts() {
		at = s.matched
	}
	if s.keys != nil {
		copy(s.keys[at*uint64(c.info.KeySize):], c.key(i))
	}
	if s.values != nil {
		copy(s.values[at*uint64(c.info.ValueSize):], c.valueIn(values, i))
	}
}

// delete deletes the entries that match, with no condition where no field of their values is judged.
func (c *chunk) delete() error {
	t := newTask()
	defer t.end()
	j := &t.job
	t.target.info = c.info
	ours, errno := Duplicate(c.fd)
	if errno != 0 {
		return errno
	}
	t.target.fd = ours
	t.progress.start(c.matching, c.results, nil)
	j.first = entries{keys: c.keys, region: c.region, claim: c.job.first.claim, stride: c.info.ValueSize}
	j.claims = c.job.claims
	if c.out != nil {
		j.values, j.asks = c.out[:uint64(c.matching)*uint64(c.info.ValueSize)], asksValue
	}
	if c.region.size != 0 {
		j.first.compare = c.values[c.region.offset:]
	}
	switch {
	case j.values != nil:
		j.action = actionLinked
		if j.first.claim.size != 0 {
			j.asks |= asksClaim
		}
	case j.first.claim.size != 0:
		j.action = actionClaim
	case c.region.size != 0:
		j.action = actionCompare
	default:
		j.action = actionPlain
		if err := checkWritable(ours); err != nil {
			return err
		}
		return t.eitherWay(deletePlainly)
	}
	if err := checkWritable(ours); err != nil {
		return err
	}
	if err := prepareEmulation(&t.target, j); err != nil {
		return err
	}
	return t.byProgram()
}

func deletePlainly(t *task, i uint32) syscall.Errno {
	size := t.target.info.KeySize
	errno := sysbpf.Elem(sysbpf.MapDelete, t.target.fd, t.job.first.keys[uint64(i)*uint64(size):][:size], nil, 0)
	// As everywhere but in the kernel's own calls: EBUSY means "differs" alone.
	if errno == syscall.EBUSY {
		return syscall.EAGAIN
	}
	return errno
}

// deleteOnce leaves those that have changed meanwhile.
func (c *chunk) deleteOnce() error {
	s, left := c.job.sweep, uint32(0)
	err := c.delete()
	for i := uint32(0); i < c.matching; i++ {
		switch c.results[i] {
		case 0:
			c.handOut(c.out, i)
			s.matched++
			s.deleted++
		case negative(syscall.ENOENT):
			s.matched++
			s.changed++
		default:
			c.keep(i, left)
			left++
		}
	}
	c.matching = left
	return err
}

// readAgain reads what was not deleted, for another value or a lock; what does not match now is left alone.
func (c *chunk) readAgain() error {
	s, left := c.job.sweep, uint32(0)
	for i := uint32(0); i < c.matching; i++ {
		errno := sysbpf.Elem(sysbpf.MapLookup, c.fd, c.key(i), c.value(i), 0)
		if errno != 0 && errno != syscall.ENOENT {
			return errno
		}
		if errno == 0 && c.isClaimed(c.value(i)) {
			continue
		}
		if errno == 0 && s.match(c.key(i), c.value(i)) {
			c.keep(i, left)
			left++
			continue
		}
		s.matched++
		s.changed++
	}
	c.matching = left
	return nil
}

func (c *chunk) deleteMatching() error {
	for tries := 0; tries < deleteTriesMax && c.matching > 0; tries++ {
		if err := c.deleteOnce(); err != nil {
			return err
		}
		if c.matching > 0 {
			if err := c.readAgain(); err != nil {
				return err
			}
		}
	}
	c.job.sweep.matched += uint64(c.matching)
	c.job.sweep.changed += uint64(c.matching)
	return nil
}

// judge finds what matches of what was read, from one of it on, as far as there is room, and was not counted already; how
// far that was.
func (c *chunk) judge(from uint32, counted *uint64) uint32 {
	s := c.job.sweep
	room, i := s.room(), from
	c.matching = 0
	for ; i < c.count && uint64(c.matching) < room; i++ {
		match := !c.isClaimed(c.value(i)) && s.match(c.key(i), c.value(i))
		if *counted > 0 {
			if match {
				*counted--
			}
			continue
		}
		s.scanned++
		if match {
			c.keep(i, c.matching)
			c.matching++
		}
	}
	return i
}

func (c *chunk) collect() error {
	s := c.job.sweep
	if !s.counts() {
		return c.deleteMatching()
	}
	for i := uint32(0); i < c.matching; i++ {
		c.handOut(c.values, i)
		s.matched++
	}
	return nil
}

// read tells whether that was the map's end; a bucket that does not fit takes more room.
func (c *chunk) read(token *uint32) (end bool, err error) {
	next := make([]uint32, 1)
	for {
		var from []byte
		if *token != 0 {
			from = bytesOf([]uint32{*token})
		}
		count, errno := sysbpf.Batch(sysbpf.MapLookupBatch, c.fd, from, bytesOf(next), c.keys, c.values, c.room)
		if errno == syscall.ENOSPC && c.room < chunkMax {
			c.room *= 2
			c.makeRoom()
			continue
		}
		if errno != 0 && errno != syscall.ENOENT {
			return false, errno
		}
		c.count, *token = count, next[0]
		return errno == syscall.ENOENT, nil
	}
}

// sweep does all of a chunk, or as much as there is room for: what was not deleted for others makes room again.
func (c *chunk) sweep() (full bool, err error) {
	s := c.job.sweep
	matched, deleted, counted, judged := s.matched, s.deleted, s.skip, uint32(0)
	for judged < c.count && s.room() > 0 && err == nil {
		judged = c.judge(judged, &counted)
		err = c.collect()
	}
	full = judged < c.count
	// What is left is read again by the next call, with all of the chunk: the matches that were counted are left out
	// then; where they were deleted, the entries that stay are counted then.
	if full && s.counts() {
		s.skip += s.matched - matched
	} else if full {
		s.scanned -= uint64(judged) - (s.deleted - deleted)
	}
	return full, err
}

func (c *chunk) sweepAll() (more bool, err error) {
	s := c.job.sweep
	token := uint32(s.next)
	for end := false; !end; {
		if s.room() == 0 {
			return true, nil
		}
		if end, err = c.read(&token); err != nil {
			return false, err
		}
		full, err := c.sweep()
		if err != nil || full {
			return full, err
		}
		s.skip = 0
		s.next = uint64(token)
		if !end && s.isOverTime() {
			return true, nil
		}
	}
	return false, nil
}

// checkFields checks that none of the fields is one that the kernel manages, of which a look-up gives zeroes.
func (t *target) checkFields(conds []call.Cond) error {
	var info sysbpf.MapInfo
	if err := readFullInfo(t.fd, &info); err != nil || info.ValueTypeID == 0 {
		return err
	}
	letSignals := holdSignals()
	defer letSignals()
	err := allowsRead(t.fd, info.KeySize, 0, info.ValueSize)
	if !is(err, syscall.EOPNOTSUPP) {
		return err
	}
	for i, c := range conds {
		if c.Flags&call.OfKey != 0 {
			continue
		}
		err := allowsRead(t.fd, info.KeySize, c.Offset, c.Offset+uint32(c.Size))
		if is(err, syscall.EOPNOTSUPP) {
			return refuse(syscall.EOPNOTSUPP, "condition %d: a field that the kernel manages is there", i)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *task) sweepByBatch() (more bool, err error) {
	s, info := t.job.sweep, &t.target.info
	c := &chunk{target: &t.target, job: &t.job, region: s.judged(), room: chunkEntries}
	for c.room > 1 && uint64(c.room)*(uint64(info.KeySize)+uint64(info.ValueSize)) > chunkSize {
		c.room /= 2
	}
	if !s.counts() {
		if err := checkEmulation(&t.target, &t.job); err != nil {
			return false, err
		}
	}
	if err := t.target.checkFields(s.conds); err != nil {
		return false, err
	}
	c.makeRoom()
	return c.sweepAll()
}
