// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

import (
	"context"
	"os"
	"reflect"
	"runtime"
	"sync"
	"syscall"

	"example.org/libbpf-compare/go/internal/call"
	"example.org/libbpf-compare/go/internal/plain"
)

// Map deletes from a map whose keys are laid out as a K, and its values as a V. These are types of a
// fixed size without pointers and without implied padding: what a C struct has of it is spelled out
// as a blank field, as bpf2go does.
type Map[K, V comparable] struct {
	fd     int            // a duplicate
	calls  sync.WaitGroup // that are under way, so that Close waits for them
	mutex  sync.Mutex     // of closed, and so that none begins when Close waits
	closed bool
}

// NewMap gives a Map for the map behind a descriptor. The descriptor stays the caller's, who may close
// it: the Map has a duplicate, until [Map.Close]. It refuses types that cannot be the map's.
func NewMap[K, V comparable](fd int) (*Map[K, V], error) {
	ours, errno := callDuplicate(fd)
	if errno != 0 {
		return nil, errorOf(fd, call.Answer{Err: -int32(errno)})
	}
	m := &Map[K, V]{fd: ours}
	info := callMap(ours)
	err := errorOf(fd, call.Answer{Err: -int32(info.Errno)})
	if err == nil {
		err = checkType("key", reflect.TypeOf((*K)(nil)).Elem(), uintptr(info.KeySize))
	}
	if err == nil {
		err = checkType("value", reflect.TypeOf((*V)(nil)).Elem(), uintptr(info.ValueSize))
	}
	if err != nil {
		syscall.Close(m.fd)
		return nil, err
	}
	runtime.SetFinalizer(m, (*Map[K, V]).Close)
	return m, nil
}

// Descriptor is what has a map's descriptor, such as the *Map of github.com/cilium/ebpf.
type Descriptor interface {
	FD() int
}

// NewMapOf is [NewMap] for a map of another package, which it keeps nothing of: that map may be closed before the Map.
func NewMapOf[K, V comparable](of Descriptor) (*Map[K, V], error) {
	m, err := NewMap[K, V](of.FD())
	runtime.KeepAlive(of) // so that no finalizer closes it meanwhile
	return m, err
}

// WithFD calls f with the descriptor of a map of another package, which stays open until f returns:
//
//	err := bpfcompare.WithFD(m, func(fd int) error { return bpfcompare.Delete(fd, key) })
func WithFD(of Descriptor, f func(fd int) error) error {
	err := f(of.FD())
	runtime.KeepAlive(of)
	return err
}

// Close closes the Map's descriptor when no call is under way any more, after it let go of what is kept
// for the map, as [Release] does. Later calls answer [os.ErrClosed], and Close nil. A Map that is
// forgotten is closed by the garbage collector.
func (m *Map[K, V]) Close() error {
	m.mutex.Lock()
	closed := m.closed
	m.closed = true
	m.mutex.Unlock()
	m.calls.Wait()
	if closed {
		return nil
	}
	runtime.SetFinalizer(m, nil)
	err := Release(m.fd)
	if closeErr := syscall.Close(m.fd); err == nil {
		err = closeErr
	}
	return err
}

// begin gives the descriptor, which stays open until end.
func (m *Map[K, V]) begin() (fd int, err error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.closed {
		return -1, &Error{Err: os.ErrClosed, what: "map"}
	}
	m.calls.Add(1)
	return m.fd, nil
}

func (m *Map[K, V]) end() { m.calls.Done() }

// Delete is [Delete] by a typed key.
func (m *Map[K, V]) Delete(key K) error {
	fd, err := m.begin()
	if err != nil {
		return err
	}
	defer m.end()
	return Delete(fd, plain.Bytes([]K{key}))
}

// DeleteIf is [DeleteIf] by a typed key and a whole value. The options name the region of the value
// that counts, by [unsafe.Offsetof] and [unsafe.Sizeof].
func (m *Map[K, V]) DeleteIf(key K, seen V, opts *Options) error {
	fd, err := m.begin()
	if err != nil {
		return err
	}
	defer m.end()
	return DeleteIf(fd, plain.Bytes([]K{key}), plain.Bytes([]V{seen}), opts.ofWhole())
}

// DeleteBatchIf is [DeleteBatchIf] by typed keys and whole values, of which there are as many.
func (m *Map[K, V]) DeleteBatchIf(keys []K, seen []V, opts *Options) (results []error, deleted int, err error) {
	return m.DeleteBatchIfContext(context.Background(), keys, seen, opts)
}

// DeleteBatchIfContext is [DeleteBatchIfContext] by typed keys and whole values, of which there are as many.
func (m *Map[K, V]) DeleteBatchIfContext(ctx context.Context, keys []K, seen []V, opts *Options) (
	results []error, deleted int, err error) {
	if len(keys) != len(seen) {
		return nil, 0, invalid("%d keys, but %d values", len(keys), len(seen))
	}
	fd, err := m.begin()
	if err != nil {
		return nil, 0, err
	}
	defer m.end()
	return DeleteBatchIfContext(ctx, fd, plain.Bytes(keys), plain.Bytes(seen), opts.ofWhole())
}

// DeleteLinkedIf is [DeleteLinkedIf] by typed keys and whole values, of which there are as many.
func (m *Map[K, V]) DeleteLinkedIf(keys []K, seen []V, opts *Options, linked *Linked) (
	results, linkedResults []error, deleted int, err error) {
	return m.DeleteLinkedIfContext(context.Background(), keys, seen, opts, linked)
}

// DeleteLinkedIfContext is [DeleteLinkedIfContext] by typed keys and whole values, of which there are as many.
func (m *Map[K, V]) DeleteLinkedIfContext(ctx context.Context, keys []K, seen []V, opts *Options, linked *Linked) (
	results, linkedResults []error, deleted int, err error) {
	if len(keys) != len(seen) {
		return nil, nil, 0, invalid("%d keys, but %d values", len(keys), len(seen))
	}
	fd, err := m.begin()
	if err != nil {
		return nil, nil, 0, err
	}
	defer m.end()
	return DeleteLinkedIfContext(ctx, fd, plain.Bytes(keys), plain.Bytes(seen), opts.ofWhole(), linked)
}

// Linked gives the entries of these keys as the second ones of pairs, and what was seen of them: whole
// values, or nil where Any or Fate are set to what has nothing compared.
func (m *Map[K, V]) Linked(keys []K, seen []V) *Linked {
	return &Linked{Keys: plain.Bytes(keys), Seen: plain.Bytes(seen), of: m}
}

// Bytes gives the memory of values, for [Options] to have what was deleted written to. Where V has a bool,
// the map's byte there has to be 0 or 1.
func (m *Map[K, V]) Bytes(values []V) []byte { return plain.Bytes(values) }

func checkType(what string, t reflect.Type, size uintptr) error {
	if why := plain.Why(t); why != "" {
		return invalid("%v as a %s: %s", t, what, why)
	}
	if t.Size() != size {
		return invalid("%v has %d bytes, the map's %ss %d", t, t.Size(), what, size)
	}
	return nil
}
