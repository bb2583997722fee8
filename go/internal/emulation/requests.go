// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"bytes"
	"math"
	"sync/atomic"
	"syscall"
	"unsafe"

	"example.org/libbpf-compare/go/internal/sysbpf"
)

// Requests to a program, in memory that is shared with it: how they lie there, what is written into them, and what is
// read out of them afterwards. libbpf/request.h is what both sides agree on.

const (
	runDone    = 0
	runRefused = 1 // to who lacks capabilities
	runTaken   = 2 // by another, or there was none
)

type request struct {
	result int32 // the run's number, over which the program writes 0 or a negative errno
	run    int32 // of the first request: the number, from 1 on; 0 = taken, negative = done
}

type claimRequest struct {
	request
	word, claim uint64
}

// What a linkedRequest asks for.
const (
	asksClaim         = 1
	asksValue         = 2
	asksLinked        = 4
	asksLinkedCompare = 8
	asksLinkedAbsent  = 16
	asksLinkedDelete  = 32
	asksLinkedFirst   = 64
	asksLinkedClaim   = 128
	asksNothing       = 256
)

type linkedRequest struct {
	claimRequest
	linkedResult            int32
	asks                    uint32
	linkedWord, linkedClaim uint64
	claimsFirst, claimsLast uint64
}

type updateRequest struct {
	request
	flags, compares uint32
}

type placeRequest struct {
	request
	replaced, barrier uint32
}

type wordRequest struct {
	placeRequest
	keep, flip, add         uint64
	bits                    uint64
	word, compared          uint64
	claimsFirst, claimsLast uint64
	old                     uint64
}

const condsMax = 16

// What a sweepRequest says of itself.
const (
	sweepsCount = 1
	sweepsOut   = 2
	sweepsClaim = 4
)

type sweepRequest struct {
	request
	flags, room                        uint32
	from, until, skip, budget          uint64
	claim, claimsFirst, claimsLast     uint64
	operands                           [condsMax]uint64
	next, seen                         uint64 // written by the program
	scanned, matched, deleted, changed uint64
	found                              uint64
}

const (
	runKeysMax = 512       // so that a run stays well under 250 us: it does not reschedule
	memoryMax  = 72 * 1024 // for as many requests as go into it, but one at least
)

// layout is where in a request its parts are, in bytes from its start.
type layout struct {
	keyAt, expectedAt             uint32 // expected bytes lie as the region's, from its offset rounded down to 8
	linkedKeyAt, linkedExpectedAt uint32
	valueAt, newAt, oldAt         uint32
	stride                        uint32 // from one request to the next
}

// part is that of a request that is about one entry. Its claim is without a word.
type part struct {
	region region
	claim  claim
}

func partOf(e *entries) part {
	return part{e.region, claim{offset: e.claim.offset, size: e.claim.size}}
}

type requests struct {
	action                            action
	asks                              uint32 // what the layout depends on
	first, linked                     part
	written                           region // in place
	keySize, linkedKeySize, valueSize uint32
	layout                            layout
	memory                            []byte
	room                              uint32 // for so many
	run                               int32  // the last one's number
	sweep                             *sweep // whose conditions they are for; or nil
}

func bytesSize(r region) uint32 {
	if r.size == 0 {
		return 0
	}
	return r.size + r.offset&7
}

// newSize is what an update writes that is not in its request's struct.
func (r *requests) newSize() uint32 {
	switch r.action {
	case actionUpdate:
		return r.valueSize
	case actionBytes:
		return bytesSize(r.written)
	}
	return 0
}

func (a action) headerSize() uint32 {
	switch a {
	case actionClaim:
		return uint32(unsafe.Sizeof(claimRequest{}))
	case actionLinked:
		return uint32(unsafe.Sizeof(linkedRequest{}))
	case actionUpdate:
		return uint32(unsafe.Sizeof(updateRequest{}))
	case actionWord:
		return uint32(unsafe.Sizeof(wordRequest{}))
	case actionBytes:
		return uint32(unsafe.Sizeof(placeRequest{}))
	}
	return uint32(unsafe.Sizeof(request{}))
}

// place is where a part of this size is; at the start where there is none, since the verifier wants it inside.
func (l *layout) place(size uint32) uint32 {
	at := l.stride
	l.stride += roundUp8(size)
	if size == 0 {
		return 0
	}
	return at
}

func (r *requests) layOut() {
	l, most := &r.layout, uint32(runKeysMax)
	l.stride = r.action.headerSize()
	l.keyAt = l.place(r.keySize)
	l.expectedAt = l.place(bytesSize(r.first.region))
	// Without one it is the first one's key that the verifier sees.
	l.linkedKeyAt = l.keyAt
	if r.asks&asksLinked != 0 {
		l.linkedKeyAt = l.place(r.linkedKeySize)
		most /= 2
	}
	l.linkedExpectedAt = l.place(bytesSize(r.linked.region))
	if r.asks&asksValue != 0 {
		l.valueAt = l.place(r.valueSize)
	}
	l.newAt = l.place(r.newSize())
	if r.action == actionBytes {
		l.oldAt = l.place(r.newSize())
	}
	r.room = memoryMax / l.stride
	if r.room > most {
		r.room = most
	}
	if r.room == 0 {
		r.room = 1
	}
}

// share gives the map of the requests, which is our memory as well. NewMap of cilium/ebpf would ask the kernel what it
// can do first, by maps and programs of its own.
func (r *requests) share() (fd int, err error) {
	const array, mmapable = 2, 1 << 10
	attr := sysbpf.CreateAttr{Type: array, KeySize: 4, ValueSize: r.layout.stride, MaxEntries: r.room, Flags: mmapable}
	copy(attr.Name[:], "compare_reqs")
	fd, errno := sysbpf.Create(&attr)
	if errno == syscall.EPERM {
		return -1, refuse(errno, "creating the emulation's map takes CAP_BPF")
	}
	if errno != 0 {
		return -1, errno
	}
	r.memory, err = syscall.Mmap(fd, 0, int(r.room*r.layout.stride), syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_SHARED)
	if err == nil {
		if err = syscall.Madvise(r.memory, syscall.MADV_DONTFORK); err == nil {
			return fd, nil
		}
		syscall.Munmap(r.memory)
	}
	syscall.Close(fd)
	return -1, err
}

// lastingAsks is what of a linkedRequest the layout depends on: all else may change from one call to the next.
func (j *job) lastingAsks() uint32 { return j.asks & (asksValue | asksLinked) }

// open gives the file descriptor of their map.
func (r *requests) open(info, linkedInfo *sysbpf.MapInfo, j *job) (fd int, err error) {
	*r = requests{action: j.action, asks: j.lastingAsks(), first: partOf(&j.first), linked: partOf(&j.linked),
		keySize: info.KeySize, valueSize: info.ValueSize, linkedKeySize: linkedInfo.KeySize}
	if j.update != nil {
		r.written = j.update.written
	}
	if j.sweep != nil {
		r.layOutSweep(j)
	} else {
		r.layOut()
	}
	return r.share()
}

func (r *requests) close() { syscall.Munmap(r.memory) }

// serve tells whether they are what this job takes.
func (r *requests) serve(j *job) bool {
	if r.action != j.action {
		return false
	}
	if r.action == actionPlain {
		return true
	}
	if j.sweep != nil && !r.serveSweep(j) || j.update != nil && j.update.written != r.written {
		return false
	}
	return r.first == partOf(&j.first) && r.linked == partOf(&j.linked) && r.asks == j.lastingAsks()
}

func (r *requests) bytesOf(i uint32) []byte {
	return r.memory[i*r.layout.stride : (i+1)*r.layout.stride]
}

func (r *requests) at(i uint32) *request {
	return (*request)(unsafe.Pointer(&r.memory[i*r.layout.stride]))
}

// writePart gives the expected word; 0 where nothing is compared.
func writePart(to []byte, keyAt, expectedAt uint32, e *entries, i, keySize uint32) uint64 {
	copy(to[keyAt:keyAt+keySize], e.keys[int(i)*int(keySize):])
	if e.compare == nil {
		return 0
	}
	expected := e.compare[int(i)*int(e.stride):]
	at := expectedAt + e.region.offset&7
	copy(to[at:at+e.region.size], expected)
	if e.claim.size == 0 {
		return 0
	}
	return readWord(expected[e.claim.offset-e.region.offset:], e.claim.size)
}

func (c *claim) isGiven(word uint64) bool { return c.size != 0 && c.word == word }

// claimFor: from a word that is a claim, whichever entry's, nothing may be claimed.
func (j *job) claimFor(c *claim, word uint64) uint64 {
	if j.claims.has(word) || j.first.claim.isGiven(word) || j.linked.claim.isGiven(word) {
		return word
	}
	return c.word
}

// inRequest is the claims as a program takes them: none where the first is over the last.
func (c *claims) inRequest() (from, to uint64) {
	if c.last == 0 {
		return 1, 0
	}
	return c.first, c.last
}

func (r *requests) writeLinked(j *job, to []byte, i uint32) {
	asked := (*linkedRequest)(unsafe.Pointer(&to[0]))
	asked.asks = j.asks
	asked.claimsFirst, asked.claimsLast = j.claims.inRequest()
	if r.asks&asksLinked == 0 {
		return
	}
	l := &r.layout
	asked.linkedWord = writePart(to, l.linkedKeyAt, l.linkedExpectedAt, &j.linked, i, r.linkedKeySize)
	asked.linkedClaim = j.linked.claim.word
	if j.linked.compare != nil {
		asked.linkedClaim = j.claimFor(&j.linked.claim, asked.linkedWord)
	}
	// One and the same entry.
	if j.linkedTarget == nil && bytes.Equal(to[l.linkedKeyAt:l.linkedKeyAt+r.keySize], to[l.keyAt:l.keyAt+r.keySize]) {
		asked.asks |= asksNothing
	}
}

func (r *requests) writeOne(j *job, to []byte, i uint32) {
	word := writePart(to, r.layout.keyAt, r.layout.expectedAt, &j.first, i, r.keySize)
	switch r.action {
	case actionClaim, actionLinked:
		by := (*claimRequest)(unsafe.Pointer(&to[0]))
		by.word, by.claim = word, j.claimFor(&j.first.claim, word)
		if r.action == actionLinked {
			r.writeLinked(j, to, i)
		}
	case actionUpdate, actionWord, actionBytes:
		r.writeUpdate(j, to, i)
	}
}

// write writes as many requests as one run takes of those wanted, and gives their number. What is written to the
// first one's run comes after all else for whoever takes it from there.
func (r *requests) write(j *job, from, wanted uint32) uint32 {
	count := wanted
	if count > r.room {
		count = r.room
	}
	if r.run == math.MaxInt32 {
		r.run = 0
	}
	r.run++
	switch {
	case j.sweep != nil:
		r.writeSweep(j)
		r.at(0).result = r.run
	case r.action == actionCompare && j.first.compare != nil:
		r.writeComparisons(&j.first, from, count)
	default:
		for i := uint32(0); i < count; i++ {
			r.writeOne(j, r.bytesOf(i), from+i)
			r.at(i).result = r.run
		}
	}
	// Where the numbers began anew an old request could have this one.
	if count < r.room {
		r.at(count).result = 0
	}
	atomic.StoreInt32(&r.at(0).run, r.run)
	return count
}

// writeComparisons is what most have in most calls: a key and the expected bytes.
func (r *requests) writeComparisons(e *entries, from, count uint32) {
	keySize, size, stride := int(r.keySize), int(e.region.size), int(r.layout.stride)
	keyAt, expectedAt := int(r.layout.keyAt), int(r.layout.expectedAt+e.region.offset&7)
	keys, expected := e.keys[int(from)*keySize:], e.compare[int(from)*int(e.stride):]
	for memory := r.memory[:int(count)*stride]; len(memory) >= stride; memory = memory[stride:] {
		copy(memory[keyAt:keyAt+keySize], keys)
		copy(memory[expectedAt:expectedAt+size], expected)
		(*request)(unsafe.Pointer(&memory[0])).result = r.run
		keys = keys[keySize:]
		if len(expected) >= int(e.stride) { // of whole values the last one's rest is not there
			expected = expected[e.stride:]
		}
	}
}

// answer is what became of one key.
type answer struct{ result, linkedResult int32 }

// readAnswers tells whether each of them has its answer.
func (r *requests) readAnswers(answers []answer) bool {
	if atomic.LoadInt32(&r.at(0).run) != -r.run {
		return false
	}
	for i := range answers {
		one := r.at(uint32(i))
		answers[i].result = one.result
		if r.asks&asksLinked != 0 {
			answers[i].linkedResult = (*linkedRequest)(unsafe.Pointer(one)).linkedResult
		}
	}
	return true
}

// readValues hands out what was there. Where the entry was claimed the copy has the claim, in the place of the
// expected word, which the request has too: the caller's memory with the expected bytes may be the very one that
// values are written to.
func (r *requests) readValues(j *job, from uint32, answers []answer) {
	for i := range answers {
		if j.values == nil || answers[i].result != 0 {
			continue
		}
		asked := r.bytesOf(uint32(i))
		if j.update != nil {
			r.readUpdate(j, asked, from+uint32(i))
			continue
		}
		value := j.values[(uint64(from)+uint64(i))*uint64(r.valueSize):][:r.valueSize]
		copy(value, asked[r.layout.valueAt:])
		if c := &j.first.claim; c.size != 0 {
			storeWord(value[c.offset:], (*claimRequest)(unsafe.Pointer(&asked[0])).word, c.size)
		}
	}
}

// takeBack tells whether nobody has taken them, and nobody will any more.
func (r *requests) takeBack() bool { return atomic.CompareAndSwapInt32(&r.at(0).run, r.run, 0) }
