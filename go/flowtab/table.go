// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

// Package flowtab has the collector's half of a flow table in a BPF arena, in Go alone: see bpf_flowtab(7). It is
// experimental, as the table is.
//
// A table is created by the C library, or by whoever loads the datapath; here it is opened, by a descriptor, an id or a
// pinned path:
//
//	table, err := flowtab.OpenPinned[Key, Flow]("/sys/fs/bpf/flows")
//	defer table.Close()
//	swept, err := table.Sweep(&flowtab.SweepOptions[Key, Flow]{Timeouts: timeouts})
//
// Nothing that BPF programs write into the arena has this read or write outside of it, or never return.
package flowtab

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"sync"
	"syscall"
	"unsafe"

	"example.org/libbpf-compare/go/internal/plain"
	"example.org/libbpf-compare/go/internal/sysbpf"
)

// What errors.Is recognises, beside [os.ErrClosed], [os.ErrPermission], and the errnos of system calls.
var (
	// ErrNotExist: there is no such key.
	ErrNotExist = fmt.Errorf("no such key: %w", os.ErrNotExist)
	// ErrChanged: the entry was refreshed, deleted or created anew since it was seen, and is left alone.
	ErrChanged = errors.New("the entry has changed")
	// ErrAgain: others changed the entry each time in between.
	ErrAgain = errors.New("the entry was changed each time")
	// ErrNoTable: the map is no arena with a table of these types.
	ErrNoTable = errors.New("no such flow table")
	// ErrNotSupported: tables are for x86-64.
	ErrNotSupported = fmt.Errorf("flow tables are for x86-64: %w", syscall.EOPNOTSUPP)
)

// Table is a flow table with two keys a record or one, whose keys are laid out as a K and whose values as a V: types of a
// fixed size without pointers and without implied padding. Its methods may be called by any goroutine.
type Table[K, V comparable] struct {
	layout
	fd     int
	memory uintptr
	inUse  sync.RWMutex
	closed bool
}

// Open gives the table in an arena, by a descriptor that stays the caller's. A process has a table open once.
func Open[K, V comparable](fd int) (*Table[K, V], error) {
	ours, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUPFD_CLOEXEC, 3)
	if errno != 0 {
		return nil, fmt.Errorf("file descriptor %d: %w", fd, errno)
	}
	return openOwned[K, V](int(ours))
}

// OpenID gives the table in the arena with this id. That takes CAP_SYS_ADMIN.
func OpenID[K, V comparable](id uint32) (*Table[K, V], error) {
	attr := struct{ id, next, flags uint32 }{id: id}
	fd, errno := sysbpf.Call(sysbpf.MapGetByID, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	if errno != 0 {
		return nil, fmt.Errorf("map %d: %w", id, errno)
	}
	return openOwned[K, V](fd)
}

// OpenPinned gives the table in the arena that is pinned there.
func OpenPinned[K, V comparable](path string) (*Table[K, V], error) {
	name := append([]byte(path), 0)
	attr := struct {
		path      uint64
		fd, flags uint32
	}{path: sysbpf.Pointer(name)}
	fd, errno := sysbpf.Call(sysbpf.ObjGet, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	runtime.KeepAlive(name)
	if errno != 0 {
		return nil, fmt.Errorf("%s: %w", path, errno)
	}
	return openOwned[K, V](fd)
}

const (
	mapTypeArena    = 33
	flagSegvOnFault = 1 << 17
	// Of mmap(2), which has no constant of it.
	mapFixedNoReplace = 0x100000
)

func openOwned[K, V comparable](fd int) (*Table[K, V], error) {
	t := &Table[K, V]{fd: fd}
	err := t.open()
	if err != nil {
		t.unmap()
		syscall.Close(fd)
		return nil, err
	}
	runtime.SetFinalizer(t, (*Table[K, V]).Close)
	return t, nil
}

func (t *Table[K, V]) open() error {
	var info sysbpf.MapInfo

	if runtime.GOARCH != "amd64" {
		return ErrNotSupported
	}
	for what, typ := range map[string]reflect.Type{
		"key": reflect.TypeOf((*K)(nil)).Elem(), "value": reflect.TypeOf((*V)(nil)).Elem(),
	} {
		if why := plain.Why(typ); why != "" {
			return fmt.Errorf("%v as a %s: %s: %w", typ, what, why, syscall.EINVAL)
		}
	}
	if errno := sysbpf.Info(t.fd, unsafe.Pointer(&info), unsafe.Sizeof(info)); errno != 0 {
		return fmt.Errorf("the map's type: %w", errno)
	}
	if info.Type != mapTypeArena || info.MapExtra == 0 || info.MapExtra<<32 != 0 ||
		info.Flags&flagSegvOnFault != 0 {
		return fmt.Errorf("map %d: %w", info.ID, ErrNoTable)
	}
	t.size = uint64(info.MaxEntries) * page
	at, _, errno := syscall.Syscall6(syscall.SYS_MMAP, uintptr(info.MapExtra), uintptr(t.size),
		syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED|mapFixedNoReplace, uintptr(t.fd), 0)
	if errno != 0 {
		return fmt.Errorf("map %d at %#x: %w", info.ID, info.MapExtra, errno)
	}
	t.memory = at
	if uint64(at) != info.MapExtra {
		return fmt.Errorf("map %d at %#x: %w", info.ID, info.MapExtra, syscall.EEXIST)
	}
	if err := t.readHead(t.at(0)); err != nil {
		return fmt.Errorf("map %d: %w", info.ID, err)
	}
	var k K
	var v V
	if uintptr(t.keySize) != unsafe.Sizeof(k) || uintptr(t.valueSize) != unsafe.Sizeof(v) {
		return fmt.Errorf("map %d has keys of %d bytes and values of %d, not of %d and %d: %w", info.ID,
			t.keySize, t.valueSize, unsafe.Sizeof(k), unsafe.Sizeof(v), ErrNoTable)
	}
	return nil
}

func (t *Table[K, V]) unmap() {
	if t.memory != 0 {
		syscall.Syscall(syscall.SYS_MUNMAP, t.memory, uintptr(t.size), 0)
	}
	t.memory = 0
}

// Close gives the arena back when no call is under way any more. Later calls answer [os.ErrClosed], and Close nil. A Table
// that is forgotten is closed by the garbage collector.
func (t *Table[K, V]) Close() error {
	t.inUse.Lock()
	defer t.inUse.Unlock()
	if t.closed {
		return nil
	}
	t.closed = true
	runtime.SetFinalizer(t, nil)
	t.unmap()
	return syscall.Close(t.fd)
}

// begin keeps the memory until end.
func (t *Table[K, V]) begin() error {
	t.inUse.RLock()
	if t.closed {
		t.inUse.RUnlock()
		return os.ErrClosed
	}
	return nil
}

func (t *Table[K, V]) end() {
	t.inUse.RUnlock()
	runtime.KeepAlive(t)
}

// Info is what a table says of itself.
type Info struct {
	Keys        int // of a record
	BucketSlots int
	Slots       int // in all
}

// Info tells what shape the table has.
func (t *Table[K, V]) Info() Info {
	return Info{Keys: int(t.keys), BucketSlots: int(t.slots), Slots: int(t.allSlots())}
}
