// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"sync"
	"syscall"
	"time"
	"unsafe"

	"example.org/libbpf-compare/go/internal/sysbpf"
)

const (
	// learnAfter: what is to be learned of the kernel takes as long as so many keys are then faster.
	learnAfter = 1 << 16
	// emulationsMax: of different regions and claims, what was used last.
	emulationsMax = 16
)

// emulation is a program, with memory that it shares with us.
type emulation struct {
	requests requests
	program  *program
	test     testAttr
	lastUse  uint64
	served   uint32 // keys, up to learnAfter
	learned  bool   // loaded after that, or not to be loaded anew
}

// testAttr is the attributes of a program that is run: up to what all kernels know that have syscall programs. That of
// cilium/ebpf takes memory for each run, and has programs of its own loaded before the first.
type testAttr struct {
	fd, retval        uint32
	inSize, outSize   uint32
	in, out           uint64
	repeat, duration  uint32
	ctxIn, ctxOut     uint32
	ctxInAt, ctxOutAt uint64
	flags, cpu, batch uint32
}

// lane is what the emulation has for one map, for one call at a time: a call writes its requests there, runs the
// program, reads the answers.
type lane struct {
	info, linkedInfo sysbpf.MapInfo // of the linked entries' map: the same, or another
	emulations       [emulationsMax]*emulation
	uses             uint64
}

func newLane(t *target, j *job) *lane {
	l := &lane{info: t.info, linkedInfo: t.info}
	if j.linkedTarget != nil {
		l.linkedInfo = j.linkedTarget.info
	}
	return l
}

func (e *emulation) close() {
	e.program.close()
	e.requests.close()
}

func (l *lane) openEmulation(fd int, j *job, learns bool) (*emulation, error) {
	e := &emulation{learned: learns}
	requestsFD, err := e.requests.open(&l.info, &l.linkedInfo, j)
	if err != nil {
		return nil, err
	}
	defer syscall.Close(requestsFD)
	e.program, err = loadProgram(fd, requestsFD, &l.info, j, &e.requests.layout, learns)
	if err != nil {
		e.requests.close()
		return nil, err
	}
	e.test.fd = uint32(e.program.fd)
	return e, nil
}

// find gives the place of the emulation for this job, or -1.
func (l *lane) find(j *job) int {
	for i, e := range l.emulations {
		if e != nil && e.requests.serve(j) {
			return i
		}
	}
	return -1
}

// findPlace is where there is none, or the one that is to make place for another.
func (l *lane) findPlace() int {
	place := 0
	for i, e := range l.emulations {
		if e == nil {
			return i
		}
		if e.lastUse < l.emulations[place].lastUse {
			place = i
		}
	}
	return place
}

// get makes sure that there is a program; fd is the map's.
func (l *lane) get(fd int, j *job) (*emulation, error) {
	place := l.find(j)
	if place < 0 {
		e, err := l.openEmulation(fd, j, false)
		if err != nil {
			return nil, err
		}
		place = l.findPlace()
		l.dropAt(place)
		l.emulations[place] = e
	} else if e := l.emulations[place]; e.served == learnAfter && !e.learned && j.sweep == nil {
		// It stays where there is no better one: whoever could load it may not be able to any more.
		e.learned = true
		if better, err := l.openEmulation(fd, j, true); err == nil {
			l.dropAt(place)
			l.emulations[place] = better
		}
	}
	e := l.emulations[place]
	l.uses++
	e.lastUse = l.uses
	return e, nil
}

// whyNotRun is what is to be said where nobody had the requests.
func (e *emulation) whyNotRun(errno syscall.Errno) error {
	if errno == 0 && e.test.retval == runRefused && e.program.guarded {
		return syscall.EACCES
	}
	// Our program would not have been answered so: this is no fd of it.
	if errno == 0 || errno == syscall.EBADF || errno == syscall.EINVAL || errno == enotsupp {
		return syscall.ESTALE
	}
	return errno
}

// A run comes to an end, also where it is none of ours: for so long that is waited for.
const (
	waits     = 2000
	waitBreak = 500 * time.Microsecond
)

func (e *emulation) run(answers []answer) error {
	e.test.retval = 0
	testRun := sysbpf.CallShort
	if e.requests.sweep != nil { // which may be as long as the caller says
		testRun = sysbpf.Call
	}
	_, errno := testRun(sysbpf.ProgTestRun, unsafe.Pointer(&e.test), unsafe.Offsetof(e.test.flags))
	if errno == 0 && e.requests.readAnswers(answers) {
		return nil
	}
	// What nobody has taken nobody will.
	if e.requests.takeBack() {
		return e.whyNotRun(errno)
	}
	for i := 0; i < waits; i++ {
		if e.requests.readAnswers(answers) {
			return nil
		}
		time.Sleep(waitBreak)
	}
	return refuse(syscall.ETIMEDOUT, "another run has the keys, and does not come to an end")
}

// claimTurns: runs with a claim take turns on each map that they claim in, as two at once might take each other's
// claims for their own. Some maps have the same, which costs time alone.
var claimTurns [16]sync.Mutex

// turns are those for a run, of which the lower one is taken first, so that nobody waits for somebody who waits for
// him; -1: none.
func (l *lane) turns(r *requests) (lower, upper int) {
	lower, upper = -1, -1
	if r.first.claim.size != 0 {
		lower = int(l.info.ID % uint32(len(claimTurns)))
	}
	if r.linked.claim.size != 0 {
		upper = int(l.linkedInfo.ID % uint32(len(claimTurns)))
	}
	if lower > upper {
		lower, upper = upper, lower
	}
	if lower == upper {
		lower = -1
	}
	return lower, upper
}

func (l *lane) runInTurn(e *emulation, answers []answer) error {
	lower, upper := l.turns(&e.requests)
	if lower >= 0 {
		claimTurns[lower].Lock()
		defer claimTurns[lower].Unlock()
	}
	if upper >= 0 {
		claimTurns[upper].Lock()
		defer claimTurns[upper].Unlock()
	}
	return e.run(answers)
}

// run does keys from one on, as many as there is room for answers, at most, and no more than one run of the program
// takes; it tells how many. On an error none was done, but by ETIMEDOUT. ESTALE: the program's file descriptor is
// another's, and it may be tried once more, with another; EACCES: the program is guarded from this caller.
func (l *lane) run(e *emulation, j *job, from uint32, answers []answer) (count uint32, err error) {
	count = e.requests.write(j, from, uint32(len(answers)))
	answers = answers[:count]
	err = l.runInTurn(e, answers)
	if is(err, syscall.ESTALE, syscall.ETIMEDOUT) {
		l.drop(j)
	}
	if err != nil {
		return 0, err
	}
	if j.sweep != nil {
		e.requests.readSweep(j)
	} else {
		e.requests.readValues(j, from, answers)
	}
	if e.served += count; e.served > learnAfter {
		e.served = learnAfter
	}
	return count, nil
}

func (l *lane) dropAt(place int) {
	if e := l.emulations[place]; e != nil {
		e.close()
		l.emulations[place] = nil
	}
}

// drop: the program for this job is not to be used again.
func (l *lane) drop(j *job) {
	if place := l.find(j); place >= 0 {
		l.dropAt(place)
	}
}

func (l *lane) close() {
	for i := range l.emulations {
		l.dropAt(i)
	}
}

// hasGuarded tells whether it has a program for this job that asks by itself what its caller may.
func (l *lane) hasGuarded(j *job) bool {
	place := l.find(j)
	return place >= 0 && l.emulations[place].program.guarded
}

func (l *lane) programs() (count int) {
	for _, e := range l.emulations {
		if e != nil {
			count++
		}
	}
	return count
}
