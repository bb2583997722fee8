// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import "syscall"

// progress is how far a batch has come: its keys go one way or another, run by run or call by call, until all are done
// or one fails for a reason that is not its own. Each has an answer.
type progress struct {
	total, reached uint32 // keys, and those that have their answer
	results        []int32
	linkedResults  []int32 // nil: there are no second entries
}

// start cancels all: those that are not reached stay so.
func (p *progress) start(total uint32, results, linkedResults []int32) {
	*p = progress{total: total, results: results, linkedResults: linkedResults}
	cancelAll(results[:total])
	if linkedResults != nil {
		cancelAll(linkedResults[:total])
	}
}

func cancelAll(results []int32) {
	for i := range results {
		results[i] = negative(syscall.ECANCELED)
	}
}

func (p *progress) set(a answer) {
	p.results[p.reached] = a.result
	if p.linkedResults != nil {
		p.linkedResults[p.reached] = a.linkedResult
	}
	p.reached++
}

// isResult tells whether an answer is about its key, so that the other keys can go on.
func (j *job) isResult(errno syscall.Errno) bool {
	switch errno {
	case 0, syscall.EBUSY, syscall.ENOENT, syscall.EAGAIN:
		return true
	case syscall.EEXIST, syscall.E2BIG, syscall.ENOMEM:
		return j.update != nil
	case syscall.EINVAL:
		// A pair that is one and the same entry is refused by itself.
		return j.hasLinks()
	}
	return false
}

// withoutLockErrors: that the kernel could not take a lock is EAGAIN, as EBUSY means "differs" alone.
func withoutLockErrors(errno syscall.Errno) syscall.Errno {
	switch errno {
	case syscall.EDEADLK, syscall.ETIMEDOUT:
		return syscall.EAGAIN
	}
	return errno
}

// byCall makes a call for each key; what it answers that is about no key ends it.
func (t *task) byCall(call func(t *task, i uint32) syscall.Errno) error {
	p := &t.progress
	for p.reached < p.total {
		errno := withoutLockErrors(call(t, p.reached))
		if !t.job.isResult(errno) {
			return errno
		}
		p.set(answer{negative(errno), negative(syscall.ECANCELED)})
	}
	return nil
}

func (t *task) byProgram() error {
	p := &t.progress
	for p.reached < p.total {
		answers := t.answers[:]
		if left := p.total - p.reached; left < uint32(len(answers)) {
			answers = answers[:left]
		}
		count, err := runEmulation(&t.target, &t.job, p.reached, answers)
		if err != nil {
			return err
		}
		for _, a := range answers[:count] {
			if errno := syscall.Errno(-a.result); !t.job.isResult(errno) {
				// Of the map, not of the key: it was frozen meanwhile, say.
				err = errno
				a = answer{negative(syscall.ECANCELED), negative(syscall.ECANCELED)}
			}
			p.set(a)
		}
		if err == syscall.EPERM && p.total == 1 {
			return refuse(syscall.EPERM, "the map is frozen")
		}
		if err == syscall.EPERM {
			return refuse(syscall.EPERM, "a map was frozen meanwhile")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// eitherWay goes by a program, which is only a faster way to the same: where it is not to be had, there is the other.
func (t *task) eitherWay(call func(t *task, i uint32) syscall.Errno) error {
	if prepareEmulation(&t.target, &t.job) == nil {
		return t.byProgram()
	}
	return t.byCall(call)
}
