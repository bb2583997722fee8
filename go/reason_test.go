// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	bpfcompare "example.org/libbpf-compare/go"
)

// An error says why, where the library does.
func TestReason(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	key, value := keyOf(1), valueOf(1, 1)
	put(t, fd, key, value)
	claim := &bpfcompare.Options{Claim: []byte{1, 2, 3, 4}, ClaimOffset: 2}
	for _, c := range []struct {
		err    error
		reason string
	}{
		{bpfcompare.DeleteIf(fd, key, value, &bpfcompare.Options{Backend: 9}), "backend 9 is unknown"},
		{bpfcompare.DeleteIf(fd, key, value, claim),
			"claim_offset 2 is no multiple of claim_size 4"},
		{bpfcompare.Delete(-1, key), ""},
	} {
		var failure *bpfcompare.Error
		if !errors.As(c.err, &failure) || failure.Reason != c.reason {
			t.Errorf("got %v, want the reason %q", c.err, c.reason)
		}
		if c.reason != "" && !strings.HasSuffix(c.err.Error(), ": "+c.reason) {
			t.Errorf("it says %q", c.err)
		}
	}
	wantError(t, bpfcompare.DeleteIf(fd, key, value, nil), nil)
}

// Each thread's call has the reason that it was given itself.
func TestReasonsOfThreads(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	key, value := keyOf(1), valueOf(1, 1)
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
