// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"syscall"
	"unsafe"

	"example.org/libbpf-compare/go/internal/sysbpf"
)

// depthMax is as deep as the kernel itself looks for its fields, and some more.
const depthMax = 8

// findLock tells where in a map's values their bpf_spin_lock is, by the map's BTF, or noLock. To read that takes
// CAP_SYS_ADMIN.
func findLock(info *sysbpf.MapInfo) (offset uint32, err error) {
	raw, errno := sysbpf.ReadBTF(info.BTFID)
	if errno == syscall.EPERM {
		return 0, refuse(errno, "map '%s': whether its values have a bpf_spin_lock takes CAP_SYS_ADMIN to know",
			nameOf(info))
	}
	if errno != 0 {
		return 0, errno
	}
	b, err := parseBTF(raw)
	if err != nil {
		return 0, syscall.EINVAL
	}
	offset, found, err := b.lockIn(info.ValueTypeID, 0)
	if err != nil || !found {
		return noLock, err
	}
	return offset, nil
}

func (b *btf) lockIn(id uint32, depth int) (offset uint32, found bool, err error) {
	t := b.withoutModifiers(b.typeOf(id))
	if t == nil || t.kind() != kindStruct || depth > depthMax {
		return 0, false, nil
	}
	switch string(b.nameAt(t.name)) {
	case "bpf_spin_lock":
		return 0, true, nil
	case "bpf_res_spin_lock": // a lock of another kind, which takes other calls
		return 0, false, refuse(syscall.EOPNOTSUPP, "a claim beside a bpf_res_spin_lock")
	}
	for i := uint32(0); i < t.count(); i++ {
		m, _ := b.memberOf(t, i)
		offset, found, err = b.lockIn(m.of, depth+1)
		if found || err != nil {
			return offset + m.offset, found, err
		}
	}
	return 0, false, nil
}

// The capabilities that loading takes, or can use.
const (
	capSysAdmin         = 1 << 21
	capPerfmon          = 1 << 38
	capBPF              = 1 << 39
	capabilitiesMask    = capSysAdmin | capPerfmon | capBPF
	tracingCapabilities = capSysAdmin | capPerfmon // of which one is enough for programs that trace
)

// ownCapabilities are the effective ones, of those that count.
func ownCapabilities() (uint64, error) {
	header := struct {
		version uint32
		pid     int32
	}{version: 0x20080522}
	var data [2]struct{ effective, permitted, inheritable uint32 }
	_, _, errno := syscall.RawSyscall(syscall.SYS_CAPGET, uintptr(unsafe.Pointer(&header)),
		uintptr(unsafe.Pointer(&data)), 0)
	return (uint64(data[1].effective)<<32 | uint64(data[0].effective)) & capabilitiesMask, failed(errno)
}
