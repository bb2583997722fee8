// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"syscall"

	"example.org/libbpf-compare/go/internal/call"
)

// Second entries: what may be asked of them, and what their map has to be.

// linkedMap is the map that they are in.
func (j *job) linkedMap(t *target) *target {
	if j.linkedTarget != nil {
		return j.linkedTarget
	}
	return t
}

func (t *task) fitLinked(l *call.Linked, n uint32) *call.Answer {
	if errno := t.linkedTarget.begin(l.FD); errno != 0 {
		return &call.Answer{Err: negative(errno), Reason: refuse(errno, "the linked map's descriptor, %d", l.FD).Error()}
	}
	keySize := t.linkedTarget.info.KeySize
	if uint64(len(l.Keys)) != uint64(n)*uint64(keySize) {
		return misfit("linked entries: %d bytes of keys, of %d with %d each", len(l.Keys), n, keySize)
	}
	e := &t.job.linked
	e.keys = given(l.Keys)
	if l.Seen == nil {
		e.region = region{l.Opts.CompareOffset, l.Opts.CompareSize}
		return nil
	}
	return t.linkedTarget.fitSeen(e, "linked entries: ", l.Seen, n, &l.Opts)
}

func checkLinkedFlags(l *call.Linked) error {
	flags, claims := l.Flags, l.Opts.Claim != nil
	if flags&^(call.LinkedKeep|call.LinkedAbsent|call.LinkedFirst) != 0 {
		return refuse(syscall.EINVAL, "linked_flags 0x%x: unknown", flags)
	}
	if flags&call.LinkedAbsent != 0 && (flags != call.LinkedAbsent || l.Seen != nil || claims) {
		return refuse(syscall.EINVAL, "BPF_MAP_LINKED_ABSENT with another flag, linked_compare or linked_claim")
	}
	if flags&call.LinkedKeep != 0 && (flags&call.LinkedFirst != 0 || claims) {
		return refuse(syscall.EINVAL, "BPF_MAP_LINKED_KEEP with BPF_MAP_LINKED_FIRST or linked_claim")
	}
	if l.Seen == nil && (l.Opts.CompareOffset != 0 || l.Opts.CompareSize != 0) {
		return refuse(syscall.EINVAL, "linked_compare fields without linked_compare")
	}
	return nil
}

func asksOf(l *call.Linked) uint32 {
	asks := uint32(asksLinked)
	if l.Seen != nil {
		asks |= asksLinkedCompare
	}
	if l.Opts.Claim != nil {
		asks |= asksLinkedClaim
	}
	if l.Flags&call.LinkedAbsent != 0 {
		asks |= asksLinkedAbsent
	}
	if l.Flags&(call.LinkedAbsent|call.LinkedKeep) == 0 {
		asks |= asksLinkedDelete
	}
	if l.Flags&call.LinkedFirst != 0 {
		asks |= asksLinkedFirst
	}
	return asks
}

// checkClaimsInOneMap: a delete without a claim breaks the protocol for the others of its map.
func (j *job) checkClaimsInOneMap() error {
	one, other := j.first.claim.size != 0, j.linked.claim.size != 0
	if one && !other && j.asks&asksLinkedDelete != 0 {
		return refuse(syscall.EINVAL,
			"claim without linked_claim, on entries of one map that are both deleted")
	}
	if other && !one {
		return refuse(syscall.EINVAL, "linked_claim without claim, on entries of one map")
	}
	return nil
}

// readLinked says what is wrong without the maps.
func (j *job) readLinked(l *call.Linked) error {
	if err := checkLinkedFlags(l); err != nil {
		return err
	}
	j.asks |= asksOf(l)
	e := &j.linked
	if err := e.claim.read("linked_", l.Opts.Claim, l.Opts.ClaimOffset); err != nil {
		return err
	}
	if e.compare != nil {
		return e.claim.checkWithin("linked_", e.region)
	}
	return nil
}

// checkIsMap: to have information is not to be a map: programs do too, with ids of their own.
func checkIsMap(fd int) error {
	if err := checkWritable(fd); err != nil && !is(err, syscall.EPERM) {
		return err
	}
	return nil
}

// openLinked says whether their map is another one than the first entries', and what it may be used for.
func (t *task) openLinked() error {
	j := &t.job
	if !j.hasLinks() {
		return nil
	}
	fd := t.linkedTarget.fd
	check := checkIsMap
	if j.asks&asksLinkedDelete != 0 {
		check = checkWritable
	}
	if err := check(fd); err != nil {
		return err
	}
	if identityOf(&t.linkedTarget.info) != identityOf(&t.target.info) {
		j.linkedTarget = &t.linkedTarget
	}
	if j.asks&asksLinkedDelete == 0 {
		return checkReadable(fd)
	}
	return nil
}

// checkLinked is what is asked of them, with the map known. Whoever asks about fd is told of the first entries'.
func (j *job) checkLinked(t *target) error {
	if !j.hasLinks() {
		return nil
	}
	if j.linkedTarget == nil {
		if err := j.checkClaimsInOneMap(); err != nil {
			return err
		}
	}
	e, info := &j.linked, &j.linkedMap(t).info
	if e.compare == nil && e.claim.size != 0 {
		// It is the word alone that is looked at.
		e.region = e.claim.region()
		if e.claim.offset >= info.ValueSize || e.claim.size > info.ValueSize-e.claim.offset {
			return refuseMap(t.fd, syscall.EINVAL,
				"linked_claim_offset %d + linked_claim_size %d is past the value's end: value_size %d", e.claim.offset,
				e.claim.size, info.ValueSize)
		}
	}
	if err := e.claim.checkWithin("linked_", e.region); err != nil {
		return err
	}
	if typeServes(info.Type) {
		return nil
	}
	return refuseMap(t.fd, syscall.EOPNOTSUPP,
		"map type %d is neither BPF_MAP_TYPE_HASH nor BPF_MAP_TYPE_LRU_HASH", info.Type)
}

// checkLinkedPermission: as for the first entries; those that are only looked at take no more than a look-up does.
func (j *job) checkLinkedPermission(t *target, programAsks bool) error {
	if j.asks&asksLinkedDelete == 0 {
		return checkReadable(j.linkedMap(t).fd)
	}
	if j.linkedTarget == nil {
		return nil
	}
	if programAsks {
		return checkMode(j.linkedTarget.fd)
	}
	return checkWritable(j.linkedTarget.fd)
}
