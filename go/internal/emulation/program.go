// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"syscall"

	"example.org/libbpf-compare/go/internal/sysbpf"
)

// Has a program for one map, or two, and for regions and claims: finds out what its instructions have to know of the
// maps, has it put together and loaded, and says why where that cannot be. Likewise libbpf/program.c.

// lockedRegionMax is the longest region that is compared under a value's bpf_spin_lock.
const lockedRegionMax = 256

// holding is how long a program has its CPU to itself.
type holding int

const (
	holdNothing holding = iota // it can be preempted anywhere
	holdClaims                 // while a claim of it stands, by functions of the kernel's
	holdRuns                   // from its beginning to its end, as one that is run as a raw tracepoint's
)

// plan is what a program is put together for.
type plan struct {
	action     action
	judges     [sides]judge
	mapFDs     [sides]int
	requestsFD int
	layout     *layout
	infos      [sides]*sysbpf.MapInfo
	touches    [sides]bool // reads ahead what the next requests need of that map
	hashtab    hashtab
	hold       holding
	kfuncs     kfuncs
	guarded    bool
}

// chooseLock: where a program may look at all of a value there is no lock in it: to read BTF, by which the kernel knows
// what it keeps to itself, takes a privilege.
func (p *plan) chooseLock(s side, info *sysbpf.MapInfo) error {
	j := &p.judges[s]
	j.lock = noLock
	if j.claim.size == 0 && j.written.size == 0 || info.ValueTypeID == 0 {
		return nil
	}
	err := allowsRead(p.mapFDs[s], info.KeySize, 0, info.ValueSize)
	if is(err, syscall.EOPNOTSUPP) {
		j.lock, err = findLock(info)
	}
	return err
}

// checkLocked: what is done with the lock held has to be short.
func (p *plan) checkLocked(s side, name string) error {
	j := &p.judges[s]
	if p.action == actionBytes && j.written.size != 0 && j.lock == noLock {
		return refuseMap(p.mapFDs[s], syscall.EOPNOTSUPP, "offset %d, size %d: the values of map '%s' have no "+
			"bpf_spin_lock, under which more than one word could be written in place", j.written.offset,
			j.written.size, name)
	}
	if p.action == actionWord || j.lock == noLock {
		return nil
	}
	if j.region.size > lockedRegionMax {
		return refuse(syscall.EOPNOTSUPP, "compare_size %d: at most %d bytes are compared under the bpf_spin_lock of "+
			"map '%s'", j.region.size, lockedRegionMax, name)
	}
	if j.written.size > lockedRegionMax {
		return refuseMap(p.mapFDs[s], syscall.EOPNOTSUPP, "size %d: at most %d bytes are written under the "+
			"bpf_spin_lock of map '%s'", j.written.size, lockedRegionMax, name)
	}
	return nil
}

func (j *judge) addPart(lo, hi uint32) error {
	if n := len(j.parts); n > 0 && j.parts[n-1].end() == lo {
		j.parts[n-1].size += hi - lo
		return nil
	}
	if len(j.parts) == partsMax {
		return refuse(syscall.EOPNOTSUPP, "values with more than %d fields that the kernel manages", partsMax-1)
	}
	j.parts = append(j.parts, region{lo, hi - lo})
	return nil
}

// fieldSizeMin: no field of the kernel's is smaller.
const fieldSizeMin = 4

// findParts finds those of a value's bytes from lo to hi that a program may read.
func (j *judge) findParts(fd int, keySize, lo, hi uint32) error {
	err := allowsRead(fd, keySize, lo, hi)
	if err == nil {
		return j.addPart(lo, hi)
	}
	if !is(err, syscall.EOPNOTSUPP) {
		return err
	}
	if hi-lo <= fieldSizeMin {
		return nil
	}
	middle := lo + (hi-lo)/2&^(fieldSizeMin-1)
	if middle == lo {
		middle += fieldSizeMin
	}
	if err := j.findParts(fd, keySize, lo, middle); err != nil {
		return err
	}
	return j.findParts(fd, keySize, middle, hi)
}

func (j *judge) chooseParts(fd int, info *sysbpf.MapInfo) error {
	if info.ValueTypeID == 0 {
		return j.addPart(0, info.ValueSize)
	}
	if err := j.findParts(fd, info.KeySize, 0, info.ValueSize); err != nil {
		return err
	}
	return j.checkCopied(fd, info)
}

// checkCopied makes sure of the region: what is compared is so where it was copied to, and the verifier does not see
// what was left out of it.
func (j *judge) checkCopied(fd int, info *sysbpf.MapInfo) error {
	// Where nothing can be read of it no program can be loaded, unless the field is all there is.
	if len(j.parts) == 0 && allowsRead(fd, info.KeySize, 0, 0) != nil {
		return nil
	}
	for _, part := range j.parts {
		if j.region.offset >= part.offset && j.region.end() <= part.end() {
			return nil
		}
	}
	if j.region.size == 0 {
		return nil
	}
	return refuseRegion(j.region, nameOf(info))
}

func refuseRegion(r region, name string) error {
	return refuse(syscall.EOPNOTSUPP, "compare_offset %d, compare_size %d: a field that the kernel manages is in that "+
		"region of map '%s'", r.offset, r.size, name)
}

// sayWhatOfMap says what the verifier refused, asked after it did: all of a map, or a region; nil where it was neither.
func (j *judge) sayWhatOfMap(fd int, info *sysbpf.MapInfo) error {
	refused := func(r region) bool {
		return is(allowsRead(fd, info.KeySize, r.offset, r.end()), syscall.EOPNOTSUPP)
	}
	name := nameOf(info)
	if refused(region{}) {
		withBTF := ""
		if info.ValueTypeID != 0 {
			withBTF = ", values with BTF"
		}
		return refuse(syscall.EOPNOTSUPP, "this kernel lets no syscall program use map '%s' (map_flags 0x%x%s)", name,
			info.Flags, withBTF)
	}
	if j.region.size != 0 && refused(j.region) {
		return refuseRegion(j.region, name)
	}
	if j.written.size != 0 && refused(j.written) {
		return refuse(syscall.EOPNOTSUPP, "offset %d, size %d: a field that the kernel manages is there in map '%s'",
			j.written.offset, j.written.size, name)
	}
	return nil
}

func (p *plan) isInPlace() bool { return p.action == actionWord || p.action == actionBytes }

func (p *plan) sayWhy(infos *[sides]sysbpf.MapInfo) error {
	for s := range p.judges {
		if err := p.judges[s].sayWhatOfMap(p.mapFDs[s], &infos[s]); err != nil {
			return err
		}
	}
	and, other, hint := "", "", ""
	if infos[first].ID != infos[linked].ID {
		and, other = " and map ", nameOf(&infos[linked])
	}
	if p.isInPlace() {
		hint = "; in place it takes Linux 5.17"
	}
	return refuse(syscall.EOPNOTSUPP, "the kernel's verifier refused the program for map '%s'%s%s%s",
		nameOf(&infos[first]), and, other, hint)
}

// cannotAsk tells whether that is what is said where a program may not ask what the kernel has in its structs: it is
// older than that (E2BIG), lacks BTF or tracing (EFAULT), or the caller lacks CAP_PERFMON.
func cannotAsk(err error) bool {
	return is(err, syscall.E2BIG, syscall.EFAULT, syscall.EPERM, syscall.EOPNOTSUPP) || isVerifiers(err)
}

func isVerifiers(err error) bool { return err != nil && isRefusal(errnoOf(err)) }

// lookAtMap sees that a map still is the one that is meant, and what its values have that is not to be touched.
func (p *plan) lookAtMap(s side, now *sysbpf.MapInfo) error {
	err := readFullInfo(p.mapFDs[s], now)
	if err == nil && now.ID != p.infos[s].ID {
		err = refuse(syscall.EBADF, "the file descriptor has become another map meanwhile")
	}
	if err == nil {
		err = p.chooseLock(s, now)
	}
	if err != nil {
		return err
	}
	return p.checkLocked(s, nameOf(now))
}

// loadWithMost: it asks the kernel, and reads ahead, where it can, while it holds its CPU for so long.
func (p *plan) loadWithMost(hold holding) (*program, error) {
	all := *p
	all.hold = hold
	loaded, err := all.assembleAndLoad(true)
	if cannotAsk(err) && all.touches[first] {
		all.touches = [sides]bool{}
		loaded, err = all.assembleAndLoad(true)
	}
	if cannotAsk(err) {
		loaded, err = all.assembleAndLoad(false)
	}
	return loaded, err
}

func (p *plan) hasClaims() bool {
	sweep := p.judges[first].sweep
	return p.action != actionWord && (p.judges[first].claim.size != 0 || p.judges[linked].claim.size != 0) &&
		!(sweep != nil && sweep.counts())
}

// mayHoldRuns tells whether a run is so short that others can wait for it, and of maps that syscall programs take too:
// what older kernels let others do with maps that are not pre-allocated they warn of.
func (p *plan) mayHoldRuns() bool {
	if p.judges[first].capabilities&tracingCapabilities == 0 ||
		p.action == actionSweepEach && !sweepIsShort(p.infos[first]) {
		return false
	}
	for s, info := range p.infos {
		if info.Flags&noPrealloc != 0 && allowsRead(p.mapFDs[s], info.KeySize, 0, 0) != nil {
			return false
		}
	}
	return true
}

// loadWithHold: while a claim stands the entry is there for nobody, and who is preempted meanwhile may run again a
// second later: so none is, where the kernel lets us see to that.
func (p *plan) loadWithHold() (loaded *program, err error) {
	err = syscall.EOPNOTSUPP
	if p.hasClaims() {
		found, has, failure := findKfuncs()
		if failure != nil {
			return nil, failure
		}
		p.kfuncs = found
		if has {
			loaded, err = p.loadWithMost(holdClaims)
		}
		if cannotAsk(err) && p.mayHoldRuns() {
			loaded, err = p.loadWithMost(holdRuns)
		}
	}
	if cannotAsk(err) {
		return p.loadWithMost(holdNothing)
	}
	return loaded, err
}

func (p *plan) load(copies bool) (*program, error) {
	var now [sides]sysbpf.MapInfo
	for s := range now {
		if err := p.lookAtMap(side(s), &now[s]); err != nil {
			return nil, err
		}
	}
	j := &p.judges[first]
	if p.isInPlace() && j.capabilities&tracingCapabilities == 0 {
		return nil, refuse(syscall.EPERM, "to change a value of map '%s' in place takes CAP_PERFMON",
			nameOf(&now[first]))
	}
	if copies {
		if err := j.chooseParts(p.mapFDs[first], &now[first]); err != nil {
			return nil, err
		}
	}
	loaded, err := p.loadWithHold()
	switch {
	case is(err, syscall.EFAULT) && p.action >= actionSweepElems:
		// A walk along the kernel's memory takes what it is asked by.
		return nil, refuse(syscall.EOPNOTSUPP, "this kernel has no tracing, by which its memory is read")
	case isVerifiers(err) || is(err, syscall.E2BIG):
		// Regions so large that it gives up are refused too.
		return nil, p.sayWhy(&now)
	case is(err, syscall.EPERM):
		return nil, refuse(syscall.EPERM, "loading a program for map '%s' takes CAP_BPF", nameOf(&now[first]))
	}
	return loaded, err
}

// largeEntries are so many that the processor's nearest caches do not have all of them.
const largeEntries = 4096

// loadProgram gives EOPNOTSUPP where no program of ours can serve this map and region; another error where that could
// not be told. It reads ahead where what that takes is known, or may be learned now.
func loadProgram(fd, requestsFD int, info *sysbpf.MapInfo, j *job, l *layout, learns bool) (*program, error) {
	p := &plan{action: j.action, requestsFD: requestsFD, layout: l, guarded: !bigEndian,
		infos: [sides]*sysbpf.MapInfo{info, info}, mapFDs: [sides]int{fd, fd}}
	p.judges[first] = judge{region: j.first.region, claim: j.first.claim}
	p.judges[linked] = judge{region: j.linked.region, claim: j.linked.claim}
	if j.linkedTarget != nil {
		p.infos[linked], p.mapFDs[linked] = &j.linkedTarget.info, j.linkedTarget.fd
	}
	if j.update != nil {
		p.judges[first].written = j.update.written
	}
	if j.action == actionWord { // it is what is exchanged
		p.judges[first].claim = claim{offset: j.update.written.offset, size: j.update.written.size}
	}
	var err error
	if p.judges[first].capabilities, err = ownCapabilities(); err != nil {
		return nil, err
	}
	known := false
	if j.sweep != nil {
		judge := &p.judges[first]
		judge.sweep, judge.keySize, judge.hashtab = j.sweep, info.KeySize, &p.hashtab
		if j.action != actionSweepEach {
			if p.hashtab, known = hashtabLayout(true); !known {
				return nil, refuse(syscall.EOPNOTSUPP, "the kernel's BTF does not tell of its hash maps")
			}
		}
	} else if !bigEndian && info.MaxEntries >= largeEntries {
		// The hash by which the kernel finds a bucket is known for machines of this byte order alone.
		p.hashtab, known = hashtabLayout(learns)
		p.touches[first] = known && p.hashtab.cast != 0
	}
	p.touches[linked] = p.touches[first] && j.hasLinks()
	letSignals := holdSignals()
	defer letSignals()
	return p.load(j.asks&asksValue != 0)
}
