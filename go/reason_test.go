// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/meddle"
)

// What the library says while a call fails is in the error, and the application's callback gets it too.
func TestReason(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	key, value := keyOf(1), valueOf(1, 1)
	put(t, fd, key, value)
	for _, c := range []struct{ line, reason string }{
		{"libbpf-compare: the moon is full\n", "the moon is full"},
		{"libbpf-compare: no line's end", "no line's end"},
		{"libbpf-compare: " + strings.Repeat("x", 400) + "\n", strings.Repeat("x", 255)},
		{"libbpf: something else\n", ""},
		{"libbpf-compare", ""},
		{"", ""},
	} {
		for n, call := range []func() error{
			func() error { return bpfcompare.Delete(fd, key) },
			func() error { return bpfcompare.DeleteIf(fd, key, value, nil) },
			func() error { _, _, err := bpfcompare.DeleteBatchIf(fd, key, value, nil); return err },
			func() error { _, err := bpfcompare.BackendOf(fd); return err },
			func() error { return bpfcompare.Release(fd) },
		} {
			first := uint(1) // the sizes are asked for before
			if n == 2 {
				first = 2 // twice
			} else if n > 2 {
				first = 0
			}
			meddle.Listen()
			meddle.Say(first, c.line, syscall.EMFILE)
			err := call()
			done := meddle.Done()
			heard, listening := meddle.Heard()
			wantError(t, err, syscall.EMFILE)
			var failure *bpfcompare.Error
			if !done || !errors.As(err, &failure) || failure.Reason != c.reason {
				t.Fatalf("call %d: got %v, want the reason %q", n, err, c.reason)
			}
			if !strings.HasSuffix(err.Error(), "too many open files"+map[bool]string{true: ": "}[c.reason != ""]+c.reason) {
				t.Errorf("call %d: it says %q", n, err)
			}
			if heard != c.line || !listening {
				t.Errorf("call %d: the application heard %q, and it is its callback still: %v", n, heard, listening)
			}
		}
	}
	meddle.Listen()
	meddle.Say(100, "libbpf-compare: not now\n", syscall.EMFILE)
	wantError(t, bpfcompare.DeleteIf(fd, key, value, nil), nil)
	if meddle.Done() {
		t.Error("it took 100 system calls")
	}
	if heard, listening := meddle.Heard(); !listening || strings.Contains(heard, "now") {
		t.Error("the callback is another")
	}
	// There is none, as Heard left it.
	put(t, fd, key, value)
	meddle.Say(1, "libbpf-compare: in silence\n", syscall.EMFILE)
	err := bpfcompare.DeleteIf(fd, key, value, nil)
	if !strings.HasSuffix(err.Error(), ": in silence") {
		t.Error(err)
	}
}

// Each thread's call has the reason that it was given itself.
func TestReasonsOfThreads(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	key, value := keyOf(1), valueOf(1, 1)
	meddle.Heard() // nothing, so that nothing is printed
	var wg sync.WaitGroup
	for g := 0; g < 8; g++ {
		wg.Add(1)
		go func(backend bpfcompare.Backend) {
			defer wg.Done()
			says := fmt.Sprintf("backend %d is unknown", backend)
			for i := 0; i < 500; i++ {
				opts := &bpfcompare.Options{Backend: backend}
				err := bpfcompare.DeleteIf(fd, key, value, opts)
				if i%2 == 0 {
					_, _, err = bpfcompare.DeleteBatchIf(fd, key, value, opts)
				}
				var failure *bpfcompare.Error
				if !errors.As(err, &failure) || failure.Reason != says {
					t.Errorf("got %v, want the reason %q", err, says)
					return
				}
			}
		}(bpfcompare.Backend(1000 + g))
	}
	wg.Wait()
}
