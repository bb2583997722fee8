// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package cilium

import (
	"errors"
	"reflect"
	"runtime"
	"testing"
	"unsafe"

	bpfcompare "example.org/libbpf-compare/go"
	"github.com/cilium/ebpf"
)

type wide struct {
	Expires uint64
	_       [504]byte
}

// batchLookup reads from a map's start. With which arguments depends on cilium/ebpf's version: until 0.12 it takes the
// last key and room for the next one, since then a cursor.
func batchLookup(m *ebpf.Map, keys []key, values []wide) (int, error) {
	lookup := reflect.ValueOf(m).MethodByName("BatchLookup")
	var args []reflect.Value
	if first := lookup.Type().In(0); first.Kind() == reflect.Ptr {
		args = append(args, reflect.New(first.Elem()))
	} else {
		args = append(args, reflect.Zero(first), reflect.ValueOf(&key{}))
	}
	args = append(args, reflect.ValueOf(keys), reflect.ValueOf(values), reflect.ValueOf((*ebpf.BatchOptions)(nil)))
	got := lookup.Call(args)
	err, _ := got[1].Interface().(error)
	return int(got[0].Int()), err
}

// What a batched look-up of cilium/ebpf wrote is given on as it is: nothing is taken for each key but its answer, and
// what there is to a call is the same for many keys as for few.
func TestCiliumBatch(t *testing.T) {
	const n = 4096
	m, err := ebpf.NewMap(&ebpf.MapSpec{Type: ebpf.Hash, KeySize: uint32(unsafe.Sizeof(key{})),
		ValueSize: uint32(unsafe.Sizeof(wide{})), MaxEntries: 2 * n})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	conns, err := bpfcompare.NewMapOf[key, wide](m)
	if err != nil {
		t.Fatal(err)
	}
	defer conns.Close()
	for port := 0; port < n; port++ {
		if err := m.Put(key{Port: uint16(port)}, wide{Expires: 100}); err != nil {
			t.Fatal(err)
		}
	}
	keys, seen := make([]key, 2*n), make([]wide, 2*n)
	found, err := batchLookup(m, keys, seen)
	if found != n || err != nil && !errors.Is(err, ebpf.ErrKeyNotExist) {
		t.Fatalf("%d found, %v", found, err)
	}
	keys, seen = keys[:n], seen[:n]
	expires := &bpfcompare.Options{Size: 8, Backend: bpfcompare.SyscallProg}
	_, deleted, err := conns.DeleteBatchIf(keys, seen, expires)
	if deleted != n || err != nil {
		t.Fatalf("%d deleted, %v", deleted, err)
	}
	// From here on the keys are missing, which takes the same memory.
	missing := func(n int) func() {
		return func() {
			if results, _, err := conns.DeleteBatchIf(keys[:n], seen[:n], expires); err != nil ||
				results[n-1] != bpfcompare.ErrNotExist {
				t.Fatal(results[n-1], err)
			}
		}
	}
	few, many := testing.AllocsPerRun(50, missing(8)), testing.AllocsPerRun(50, missing(n))
	if many > few+1 || many > 4 {
		t.Errorf("%v allocations with 8 keys, %v with %d", few, many, n)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for round := 0; round < 10; round++ {
		missing(n)()
	}
	runtime.ReadMemStats(&after)
	const answer = unsafe.Sizeof(error(nil)) + unsafe.Sizeof(int32(0))
	if each := float64(after.TotalAlloc-before.TotalAlloc) / 10 / n; each > float64(2*answer) {
		t.Errorf("%.1f bytes a key of %d bytes", each, unsafe.Sizeof(key{})+unsafe.Sizeof(wide{}))
	}
}
