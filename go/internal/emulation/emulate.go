// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import "syscall"

// What BPF syscall programs can serve at all, and whether the caller may.

const (
	keySizeMax    = 1024
	regionSizeMax = 65536
	readOnlyProg  = 1 << 7
	writeOnlyProg = 1 << 8
)

// checkLimits is what can be said of a map without asking the kernel. fd is who is told of.
func (t *target) checkLimits(fd int, regionSize uint32) error {
	if !typeServes(t.info.Type) {
		return refuseMap(fd, syscall.EOPNOTSUPP,
			"map type %d is neither BPF_MAP_TYPE_HASH nor BPF_MAP_TYPE_LRU_HASH", t.info.Type)
	}
	if t.info.KeySize > keySizeMax {
		return refuseMap(fd, syscall.EOPNOTSUPP, "key_size %d is over the emulation's %d", t.info.KeySize, keySizeMax)
	}
	if regionSize > regionSizeMax {
		return refuseMap(fd, syscall.EOPNOTSUPP, "compare_size %d is over the emulation's %d", regionSize,
			regionSizeMax)
	}
	if t.info.Flags&(readOnlyProg|writeOnlyProg) != 0 {
		flag := "BPF_F_WRONLY_PROG"
		if t.info.Flags&readOnlyProg != 0 {
			flag = "BPF_F_RDONLY_PROG"
		}
		return refuseMap(fd, syscall.EOPNOTSUPP, "%s: the emulation's program may not use this map", flag)
	}
	return nil
}

func (t *target) checkKernel() error {
	has, err := kernelHasSyscallPrograms()
	if err == nil && !has {
		return refuseMap(t.fd, syscall.EOPNOTSUPP, "this kernel has no BPF_PROG_TYPE_SYSCALL (Linux 5.14)")
	}
	return err
}

// checkPermission: a program asks by itself whether the map is frozen, where kernel and caller allow that.
func checkPermission(t *target, j *job, programAsks bool) error {
	if j.hasLinks() {
		if err := j.checkLinkedPermission(t, programAsks); err != nil {
			return err
		}
	}
	if j.values != nil || j.sweep != nil {
		if err := checkReadable(t.fd); err != nil {
			return err
		}
	}
	if j.sweep != nil && j.sweep.counts() {
		return nil
	}
	if programAsks {
		return checkMode(t.fd)
	}
	return checkWritable(t.fd)
}

func prepareOn(t *target, j *job, l *lane) (*emulation, error) {
	e, err := l.get(t.fd, j)
	if err == nil {
		err = checkPermission(t, j, e.program.checksFrozen)
	}
	if err == nil && j.first.region.size != 0 && j.first.compare == nil {
		err = refuseMap(t.fd, syscall.EFAULT, "compare is NULL")
	}
	return e, err
}

// checkEmulation tells whether it can be asked for at all, of this map and on this kernel.
func checkEmulation(t *target, j *job) error {
	if err := t.checkLimits(t.fd, j.first.region.size); err != nil {
		return err
	}
	if (j.asks&asksValue != 0 || j.action == actionUpdate) && t.info.ValueSize > regionSizeMax {
		return refuseMap(t.fd, syscall.EOPNOTSUPP,
			"value_size %d: the emulation hands out and writes values of up to %d bytes", t.info.ValueSize,
			regionSizeMax)
	}
	if j.hasLinks() {
		if err := j.linkedMap(t).checkLimits(t.fd, j.linked.region.size); err != nil {
			return err
		}
	}
	return t.checkKernel()
}

// prepareEmulation is all that can go wrong before the first key is deleted.
func prepareEmulation(t *target, j *job) error {
	if err := checkEmulation(t, j); err != nil {
		return err
	}
	k, err := takeKept(t, j, false)
	if err != nil {
		return err
	}
	_, err = prepareOn(t, j, k.lane)
	k.put(true)
	return err
}

func runBy(t *target, j *job, from uint32, answers []answer, guardedWillDo bool) (count uint32, err error) {
	k, err := takeKept(t, j, guardedWillDo)
	if err != nil {
		return 0, err
	}
	e, err := prepareOn(t, j, k.lane)
	if err == nil {
		count, err = k.lane.run(e, j, from, answers)
	}
	// It was loaded with what this caller has: so it was not our program that said so.
	if err == syscall.EACCES && !guardedWillDo {
		k.lane.drop(j)
		err = syscall.ESTALE
	}
	k.put(err != syscall.EACCES)
	return count, err
}

// runEmulation: see run of a lane. What a program was loaded for does not serve those who could not load it now.
func runEmulation(t *target, j *job, from uint32, answers []answer) (count uint32, err error) {
	if err := checkEmulation(t, j); err != nil {
		return 0, err
	}
	guardedWillDo := true
	for tries := 0; tries < 3; tries++ {
		count, err = runBy(t, j, from, answers, guardedWillDo)
		if err != syscall.EACCES && err != syscall.ESTALE {
			return count, err
		}
		guardedWillDo = guardedWillDo && err != syscall.EACCES
	}
	if err == syscall.ESTALE {
		err = refuse(syscall.ESTALE, "a program's file descriptor was closed, and became another's")
	}
	return 0, err
}

// emulationServes tells whether there can be a program for this map.
func emulationServes(t *target) error {
	if err := t.checkLimits(t.fd, 0); err != nil {
		return err
	}
	if err := t.checkKernel(); err != nil {
		return err
	}
	letSignals := holdSignals()
	err := allowsRead(t.fd, t.info.KeySize, 0, 0)
	letSignals()
	switch err {
	case syscall.EOPNOTSUPP:
		return refuse(syscall.EOPNOTSUPP, "this kernel lets no syscall program use this map")
	case syscall.EPERM:
		return refuse(syscall.EPERM, "loading the emulation's program takes CAP_BPF")
	}
	return err
}
