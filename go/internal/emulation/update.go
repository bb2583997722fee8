// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"math"
	"syscall"

	"example.org/libbpf-compare/go/internal/call"
	"example.org/libbpf-compare/go/internal/sysbpf"
)

// Where updates come in, of one key or of many: options and map are checked, a way is chosen.

const (
	kernelFlags = call.NoExist | call.Exist
	ourFlags    = call.Compare | call.InPlace
)

func (r region) isWord() bool { return (r.size == 4 || r.size == 8) && r.offset%r.size == 0 }

// fullValueSize is what the kernel takes for a value: of maps that have one for each CPU, all of those.
func (t *target) fullValueSize() (uint64, error) {
	const percpuHash, percpuArray, lruPercpuHash, percpuCgroupStorage = 5, 6, 10, 21
	switch t.info.Type {
	case percpuHash, percpuArray, lruPercpuHash, percpuCgroupStorage:
		cpus, err := possibleCPUs()
		return (uint64(t.info.ValueSize) + 7) / 8 * 8 * uint64(cpus), err
	}
	return uint64(t.info.ValueSize), nil
}

// fitWritten also sets how far what is written lies apart.
func (t *task) fitWritten(values []byte, n uint32, u *call.Update) *call.Answer {
	each, err := uint64(u.Size), error(nil)
	if u.Flags&call.InPlace == 0 {
		each, err = t.target.fullValueSize()
	} else if u.Size == 0 {
		each = uint64(t.target.info.ValueSize)
	}
	if err != nil {
		a := answerOf(err)
		return &a
	}
	if uint64(len(values)) != uint64(n)*each {
		return misfit("%d bytes to write, to %d entries with %d each", len(values), n, each)
	}
	if old := u.Opts.Values; old != nil && uint64(len(old)) != uint64(n)*each {
		return misfit("room for %d bytes of what was there, in %d entries with %d each", len(old), n, each)
	}
	t.update.values, t.update.stride = values, uint32(each)
	return nil
}

// checkUpdateFlags names them as the call does that they came with.
func checkUpdateFlags(u *call.Update, name string) error {
	f := u.Flags
	if f&^(kernelFlags|ourFlags) != 0 {
		return refuse(syscall.EINVAL,
			"%s 0x%x: BPF_NOEXIST, BPF_EXIST, BPF_F_COMPARE and BPF_F_IN_PLACE alone are known", name, f)
	}
	if f&kernelFlags == kernelFlags || f&kernelFlags != 0 && f&ourFlags != 0 {
		return refuse(syscall.EINVAL, "%s 0x%x: BPF_NOEXIST and BPF_EXIST go with no other flag", name, f)
	}
	if f&call.Compare == 0 && (u.Opts.CompareOffset != 0 || u.Opts.CompareSize != 0) {
		return refuse(syscall.EINVAL, "compare fields without BPF_F_COMPARE in %s", name)
	}
	if f&call.InPlace == 0 && (u.Offset != 0 || u.Size != 0 || u.Op != 0) {
		return refuse(syscall.EINVAL, "offset, size or op without BPF_F_IN_PLACE in %s", name)
	}
	if f&call.InPlace == 0 && (u.Opts.ClaimFirst != 0 || u.Opts.ClaimLast != 0) {
		return refuse(syscall.EINVAL, "claim_first or claim_last without BPF_F_IN_PLACE in %s", name)
	}
	if f&ourFlags == 0 && u.Opts.Values != nil {
		return refuse(syscall.EINVAL, "old without BPF_F_COMPARE or BPF_F_IN_PLACE in %s", name)
	}
	return nil
}

// checkIsWord: there is what makes sense of a word alone.
func (j *job) checkIsWord() error {
	w := j.update.written
	if w.isWord() {
		if w.size == 4 && j.claims.first > math.MaxUint32 {
			return refuse(syscall.EINVAL, "claim_first 0x%x: no word of 4 bytes is that", j.claims.first)
		}
		return nil
	}
	if j.update.op != 0 {
		return refuse(syscall.EINVAL, "offset %d, size %d: op %d is for one word, of 4 or 8 bytes at a multiple of its "+
			"size", w.offset, w.size, j.update.op)
	}
	if j.claims.last != 0 {
		return refuse(syscall.EINVAL, "offset %d, size %d: claim_last is for one word, of 4 or 8 bytes at a multiple of "+
			"its size", w.offset, w.size)
	}
	return nil
}

// readUpdate says what is wrong with the options, as far as that can be said without the map.
func (t *task) readUpdate(u *call.Update, name string) error {
	if err := checkUpdateFlags(u, name); err != nil {
		return err
	}
	if u.Op > call.Xor {
		return refuse(syscall.EINVAL, "op %d is unknown", u.Op)
	}
	if u.Opts.Backend > call.SyscallProg {
		return refuse(syscall.EINVAL, "backend %d is unknown", u.Opts.Backend)
	}
	j := &t.job
	if err := j.claims.read(u.Opts.ClaimFirst, u.Opts.ClaimLast); err != nil {
		return err
	}
	t.update.written, t.update.op, t.update.flags = region{u.Offset, u.Size}, u.Op, u.Flags
	if u.Flags&call.Compare != 0 { // it is to replace one that was looked at
		t.update.flags = call.Exist
	}
	j.action, j.update, j.values = actionUpdate, &t.update, u.Opts.Values
	if u.Size != 0 {
		return j.checkIsWord()
	}
	return nil
}

func (t *task) checkWritten() error {
	j, w := &t.job, &t.update.written
	err := t.target.checkRegion("", w)
	if err == nil {
		err = firstError(t.target.fd, j.checkIsWord())
	}
	if err == nil {
		err = t.target.checkType()
	}
	if err != nil {
		return err
	}
	if w.size <= 2 {
		return refuseMap(t.target.fd, syscall.EOPNOTSUPP, "size %d: 1 or 2 bytes are not written in place", w.size)
	}
	j.action = actionBytes
	if w.isWord() {
		j.action = actionWord
	}
	return nil
}

// checkUpdate is what is asked for, with the map known.
func (t *task) checkUpdate(flags uint64) error {
	if flags&call.InPlace != 0 {
		if err := t.checkWritten(); err != nil {
			return err
		}
	}
	if flags&ourFlags != 0 {
		if err := t.target.checkType(); err != nil {
			return err
		}
	}
	if t.job.action == actionUpdate && t.job.values != nil {
		t.job.asks |= asksValue
	}
	return nil
}

// updatePlainly is without a condition.
func updatePlainly(t *task, i uint32) syscall.Errno {
	j, size := &t.job, t.target.info.KeySize
	key := j.first.keys[uint64(i)*uint64(size):][:size]
	errno := sysbpf.Elem(sysbpf.MapUpdate, t.target.fd, key, j.update.bytesFor(i, j.update.stride), j.update.flags)
	// As everywhere but in the kernel's own calls: EBUSY means "differs" alone.
	if errno == syscall.EBUSY {
		return syscall.EAGAIN
	}
	return errno
}

func (t *task) updateKeys(u *call.Update) error {
	if err := t.checkUpdate(u.Flags); err != nil {
		return err
	}
	if u.Flags&ourFlags == 0 {
		return t.eitherWay(updatePlainly)
	}
	if u.Opts.Backend == call.Native {
		return refuseMap(t.target.fd, syscall.EOPNOTSUPP,
			"the native backend knows no updates by compare or in place")
	}
	if err := prepareEmulation(&t.target, &t.job); err != nil {
		return err
	}
	return t.byProgram()
}

// fit opens the map, and has all bytes fit it.
func (t *task) fitUpdate(fd int, keys []byte, n uint32, values []byte, u *call.Update, one bool) *call.Answer {
	if errno := t.target.begin(fd); errno != 0 {
		return &call.Answer{Err: negative(errno)}
	}
	wrong := t.target.fitKeys(keys, n)
	if one {
		wrong = t.target.fitKey(keys)
	}
	if wrong == nil {
		wrong = t.fitWritten(values, n, u)
	}
	if wrong == nil && u.Flags&call.Compare != 0 {
		wrong = t.target.fitSeen(&t.job.first, "", u.Seen, n, &u.Opts)
	}
	t.job.first.keys = keys
	return wrong
}

// Update updates the entry of one key.
func Update(fd int, key, value []byte, u *call.Update) call.Answer {
	t := newTask()
	defer t.end()
	t.progress.start(1, t.one[:], nil)
	if wrong := t.fitUpdate(fd, key, 1, value, u, true); wrong != nil {
		return *wrong
	}
	if err := t.readUpdate(u, "flags"); err != nil {
		return answerOf(err)
	}
	if u.Flags&ourFlags == 0 {
		errno := withoutLockErrors(sysbpf.Elem(sysbpf.MapUpdate, t.target.fd, key, value, u.Flags))
		if errno == syscall.EBUSY {
			errno = syscall.EAGAIN
		}
		return answerOf(failed(errno))
	}
	if err := t.updateKeys(u); err != nil {
		return answerOf(err)
	}
	return call.Answer{Err: t.one[0]}
}

// UpdateBatch updates those of n keys.
func UpdateBatch(fd int, keys []byte, n uint32, values []byte, u *call.Update, results []int32) call.Answer {
	t := newTask()
	defer t.end()
	t.progress.start(n, results, nil)
	if wrong := t.fitUpdate(fd, keys, n, values, u, false); wrong != nil {
		return *wrong
	}
	err := t.readUpdate(u, "elem_flags")
	if err == nil {
		err = checkWritable(t.target.fd)
	}
	if err == nil {
		err = t.updateKeys(u)
	}
	return answerOf(err)
}
