// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"syscall"
	"testing"
	"time"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
)

// looks is a context that is canceled once it was looked at so often.
type looks struct {
	context.Context
	left int
	look func() // or nil
}

func newLooks(t testing.TB, n int) *looks {
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	return &looks{Context: ctx, left: n}
}

func (l *looks) Err() error {
	if l.left == 0 {
		return context.Canceled
	}
	l.left--
	if l.look != nil {
		l.look()
	}
	return nil
}

type said struct{ Number, Says uint64 }

// many is entries that say equal, each with a second one in the same map.
type many struct {
	fd           int
	m            *bpfcompare.Map[uint32, said]
	word         *bpfcompare.Word[uint32, said, uint64]
	keys, others []uint32
	seen         []said
	zeros, ones  []uint64
}

func newMany(t *testing.T, n int) *many {
	b := &many{fd: newMap(t, bpfcompare.Hash, uint32(4*n)), zeros: make([]uint64, n)}
	b.m = mapOf[uint32, said](t, b.fd)
	var err error
	if b.word, err = bpfcompare.NewWord[uint64](b.m, "Says", nil); err != nil {
		t.Fatal(err)
	}
	for i := uint32(0); i < uint32(n); i++ {
		b.keys, b.others = append(b.keys, i), append(b.others, i+uint32(n))
		b.seen, b.ones = append(b.seen, said{uint64(i), equal}), append(b.ones, equal)
		set(t, b.fd, i, equal)
		put(t, b.fd, keyOf(i+uint32(n)), valueOf(uint64(i), equal))
	}
	return b
}

func (b *many) keyBytes() (keys []byte) {
	for _, key := range b.keys {
		keys = append(keys, keyOf(key)...)
	}
	return keys
}

func (b *many) seenBytes() []byte { return b.m.Bytes(b.seen) }
func (b *many) newBytes() []byte  { return make([]byte, len(b.seen)*valueSize) }

// untouched tells whether an entry is as it was.
func (b *many) untouched(key uint32) bool {
	value := make([]byte, valueSize)
	return bpfmap.Lookup(b.fd, keyOf(key), value) == nil &&
		string(value) == string(valueOf(uint64(key)%uint64(len(b.keys)), equal))
}

// batchCalls are all that take many keys. They delete the entries, or change what they say.
var batchCalls = []struct {
	name string
	call func(ctx context.Context, b *many) (results []error, done int, err error)
}{
	{"DeleteBatchIf", func(ctx context.Context, b *many) ([]error, int, error) {
		return bpfcompare.DeleteBatchIfContext(ctx, b.fd, b.keyBytes(), b.seenBytes(), nil)
	}},
	{"DeleteBatchIf with a claim, and values", func(ctx context.Context, b *many) ([]error, int, error) {
		opts, values := region(true), make([]said, len(b.keys))
		opts.Values = b.m.Bytes(values)
		results, deleted, err := bpfcompare.DeleteBatchIfContext(ctx, b.fd, b.keyBytes(), b.seenBytes(), opts)
		for i := range results {
			if results[i] == nil && values[i].Number != b.seen[i].Number {
				return nil, 0, fmt.Errorf("the value of key %d was %v", i, values[i])
			}
		}
		return results, deleted, err
	}},
	{"DeleteLinkedIf", func(ctx context.Context, b *many) ([]error, int, error) {
		linked := &bpfcompare.Linked{FD: b.fd, Seen: b.seenBytes(), Options: region(true)}
		for _, key := range b.others {
			linked.Keys = append(linked.Keys, keyOf(key)...)
		}
		results, linkedResults, deleted, err := bpfcompare.DeleteLinkedIfContext(ctx, b.fd, b.keyBytes(), b.seenBytes(),
			region(true), linked)
		for i := range results {
			if results[i] != linkedResults[i] || b.untouched(b.others[i]) != b.untouched(b.keys[i]) {
				return nil, 0, fmt.Errorf("pair %d: %v, %v", i, results[i], linkedResults[i])
			}
		}
		return results, deleted, err
	}},
	{"UpdateBatch", func(ctx context.Context, b *many) ([]error, int, error) {
		return bpfcompare.UpdateBatchContext(ctx, b.fd, b.keyBytes(), b.newBytes(), updateAny)
	}},
	{"UpdateBatchIf", func(ctx context.Context, b *many) ([]error, int, error) {
		return bpfcompare.UpdateBatchIfContext(ctx, b.fd, b.keyBytes(), b.seenBytes(), b.newBytes(), region(false))
	}},
	{"UpdateBatchInPlace", func(ctx context.Context, b *many) ([]error, int, error) {
		old := make([]byte, 8*len(b.keys))
		results, done, err := bpfcompare.UpdateBatchInPlaceContext(ctx, b.fd, b.keyBytes(), old[:], &bpfcompare.InPlace{
			Offset: 8, Size: 8, If: region(false), Seen: b.seenBytes(), Old: make([]byte, len(old))})
		return results, done, err
	}},
	{"Map.DeleteBatchIf", func(ctx context.Context, b *many) ([]error, int, error) {
		return b.m.DeleteBatchIfContext(ctx, b.keys, b.seen, nil)
	}},
	{"Map.DeleteLinkedIf", func(ctx context.Context, b *many) ([]error, int, error) {
		results, _, deleted, err := b.m.DeleteLinkedIfContext(ctx, b.keys, b.seen, nil, b.m.Linked(b.others, b.seen))
		return results, deleted, err
	}},
	{"Map.UpdateBatch", func(ctx context.Context, b *many) ([]error, int, error) {
		return b.m.UpdateBatchContext(ctx, b.keys, make([]said, len(b.keys)), updateExist)
	}},
	{"Map.UpdateBatchIf", func(ctx context.Context, b *many) ([]error, int, error) {
		return b.m.UpdateBatchIfContext(ctx, b.keys, b.seen, make([]said, len(b.keys)), nil)
	}},
	{"Word.ApplyBatch", func(ctx context.Context, b *many) ([]error, int, error) {
		results, old := make([]error, len(b.keys)), make([]uint64, len(b.keys))
		done, err := b.word.ApplyBatchContext(ctx, b.keys, bpfcompare.OpAdd, b.ones, old, results)
		for i, was := range old {
			if (was == equal) != (results[i] == nil) {
				return nil, 0, fmt.Errorf("the word of key %d was %d, with %v", i, was, results[i])
			}
		}
		return results, done, err
	}},
	{"Word.ApplyBatchIf", func(ctx context.Context, b *many) ([]error, int, error) {
		results := make([]error, len(b.keys))
		done, err := b.word.ApplyBatchIfContext(ctx, b.keys, b.seen, bpfcompare.OpSet, b.zeros, nil, nil, results)
		return results, done, err
	}},
	{"Word.CompareAndSwapBatch", func(ctx context.Context, b *many) ([]error, int, error) {
		results := make([]error, len(b.keys))
		done, err := b.word.CompareAndSwapBatchContext(ctx, b.keys, b.ones, b.zeros, results)
		return results, done, err
	}},
}

// A batch whose context is canceled has come as far as it says, and no further.
func TestBatchContext(t *testing.T) {
	const n, portion = 100, 8
	defer bpfcompare.SetPortions(portion, time.Microsecond)()
	for _, c := range batchCalls {
		for _, many := range []int{0, 1, 3, n/portion + 1} {
			t.Run(fmt.Sprintf("%s/%d", c.name, many), func(t *testing.T) {
				b := newMany(t, n)
				files := openFiles(t)
				results, done, err := c.call(newLooks(t, many), b)
				want := many * portion
				if want > n {
					want = n
				}
				if done != want || len(results) != n || (want < n) != errors.Is(err, context.Canceled) ||
					(want == n) != (err == nil) {
					t.Fatalf("%d of %d done, want %d: %v", done, len(results), want, err)
				}
				for i, result := range results {
					if result != nil && result != bpfcompare.ErrCanceled || (result == nil) != (i < want) ||
						b.untouched(uint32(i)) != (i >= want) {
						t.Errorf("key %d: %v, it is as it was: %v", i, result, b.untouched(uint32(i)))
					}
				}
				if now := openFiles(t); now > files+4 { // a lane's
					t.Errorf("%d descriptors were open, now %d are", files, now)
				}
			})
		}
	}
}

// A context that is over has nothing done, also of few keys, or none.
func TestContextOver(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 0)
	defer cancel()
	for _, c := range batchCalls {
		b := newMany(t, 3)
		results, done, err := c.call(ctx, b)
		if !errors.Is(err, context.DeadlineExceeded) || done != 0 || len(results) != 3 || !b.untouched(0) {
			t.Errorf("%s: %v, %d, %v", c.name, results, done, err)
		}
		var e *bpfcompare.Error
		if !errors.As(err, &e) || e.Reason != "0 of 3 keys were reached" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	b := newMany(t, 3)
	if _, _, err := bpfcompare.DeleteBatchIfContext(ctx, b.fd, nil, nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if results, _, err := bpfcompare.DeleteBatchIfContext(newLooks(t, 1), b.fd, nil, nil, nil); len(results) != 0 || err != nil {
		t.Error(results, err)
	}
	swept, err := b.m.SweepContext(ctx, &bpfcompare.SweepOptions{All: true})
	if !errors.Is(err, context.DeadlineExceeded) || swept != (bpfcompare.Swept{}) || !b.untouched(2) {
		t.Error(swept, err)
	}
}

// What is wrong is refused before anything is done, with a context too.
func TestContextInvalid(t *testing.T) {
	const n, portion = 100, 8
	defer bpfcompare.SetPortions(portion, time.Microsecond)()
	b := newMany(t, n)
	keys, seen := b.keyBytes(), b.seenBytes()
	for _, c := range []struct {
		name       string
		fd         int
		keys, seen []byte
		opts       *bpfcompare.Options
		want       error
	}{
		{"a key and a half", b.fd, keys[:len(keys)-1], seen[:len(seen)-valueSize], nil, bpfcompare.ErrInvalid},
		{"too little seen", b.fd, keys, seen[:len(seen)-1], nil, bpfcompare.ErrInvalid},
		{"one value less", b.fd, keys, seen[:len(seen)-valueSize], nil, bpfcompare.ErrInvalid},
		{"half of it", b.fd, keys, seen[:len(seen)/2], nil, bpfcompare.ErrInvalid},
		{"nothing seen", b.fd, keys, nil, nil, bpfcompare.ErrInvalid},
		{"too little room", b.fd, keys, seen, &bpfcompare.Options{Values: make([]byte, 7)}, bpfcompare.ErrInvalid},
		{"a region past the end", b.fd, keys, seen, &bpfcompare.Options{Offset: 9, Size: 8, Whole: true},
			bpfcompare.ErrInvalid},
		{"no descriptor", -1, keys, seen, nil, syscall.EBADF},
	} {
		_, deleted, err := bpfcompare.DeleteBatchIfContext(newLooks(t, n), c.fd, c.keys, c.seen, c.opts)
		if !errors.Is(err, c.want) || deleted != 0 || !b.untouched(0) {
			t.Errorf("%s: %v, %d deleted", c.name, err, deleted)
		}
	}
}

// replacing is a context that has a descriptor become another map's after the first portion.
func replacing(t testing.TB, fd, by int) context.Context {
	ctx, looked := newLooks(t, math.MaxInt), 0
	ctx.look = func() {
		if looked++; looked == 2 {
			syscall.Dup3(by, fd, 0)
		}
	}
	return ctx
}

// All portions are of the map that the descriptor was of.
func TestContextOtherMap(t *testing.T) {
	const n, portion = 100, 8
	defer bpfcompare.SetPortions(portion, time.Microsecond)()
	for _, what := range []string{"batch", "linked"} {
		b, other := newMany(t, n), newMany(t, n)
		fd, err := syscall.Dup(b.fd)
		if err != nil {
			t.Fatal(err)
		}
		ctx := replacing(t, fd, other.fd)
		switch what {
		case "batch":
			_, _, err = bpfcompare.DeleteBatchIfContext(ctx, fd, b.keyBytes(), b.seenBytes(), nil)
		case "linked":
			linked := &bpfcompare.Linked{FD: fd, Seen: b.seenBytes()}
			for _, key := range b.others {
				linked.Keys = append(linked.Keys, keyOf(key)...)
			}
			_, _, _, err = bpfcompare.DeleteLinkedIfContext(ctx, fd, b.keyBytes(), b.seenBytes(), nil, linked)
		}
		if err != nil || b.untouched(n-1) || !other.untouched(0) || !other.untouched(n-1) ||
			!other.untouched(2*n-1) {
			t.Errorf("%s: %v, an entry is there: %v", what, err, b.untouched(n-1))
		}
		syscall.Close(fd)
	}
}

// odd matches every second one of entries, which it writes.
func odd(t *testing.T, n int) (fd int, opts bpfcompare.SweepOptions) {
	t.Helper()
	fd = newMap(t, bpfcompare.Hash, uint32(n))
	keys := make([]byte, 0, n*keySize)
	for i := 0; i < n; i++ {
		keys = append(keys, keyOf(uint32(i))...)
	}
	if err := bpfmap.UpdateBatch(fd, n, keys, make([]byte, n*valueSize)); err != nil {
		t.Fatal(err)
	}
	return fd, bpfcompare.SweepOptions{Where: where(condition{Key: true, Size: keySize, Mask: 1, Operand: 1}),
		MaxScan: time.Microsecond}
}

// A sweep whose context is canceled after each run comes to the same in steps.
func TestSweepContext(t *testing.T) {
	const n = 40000
	defer bpfcompare.SetPortions(1, time.Microsecond)()
	for _, counted := range []bool{false, true} {
		for _, room := range []int{0, 1000, n} {
			t.Run(fmt.Sprintf("counted %v, room for %d", counted, room), func(t *testing.T) {
				fd, opts := odd(t, n)
				opts.Count = counted
				s, err := bpfcompare.NewSweeper(fd, &opts)
				if err != nil {
					t.Fatal(err)
				}
				var keys []byte
				if room > 0 {
					keys = make([]byte, room*keySize)
				}
				seen, found, stops := map[string]bool{}, 0, 0
				for err != io.EOF {
					var some int
					some, err = s.NextContext(newLooks(t, 1), keys, nil)
					found += some
					for i := 0; i < some && room > 0; i++ {
						seen[string(keys[i*keySize:][:keySize])] = true
					}
					if errors.Is(err, context.Canceled) {
						stops++
					} else if err != nil && err != io.EOF {
						t.Fatal(err)
					}
				}
				swept, want := s.Swept(), bpfcompare.Swept{Scanned: n, Matched: n / 2}
				if !counted {
					want.Deleted = n / 2
				}
				if swept != want || found != n/2 || room > 0 && len(seen) != n/2 || stops < 2 {
					t.Errorf("%+v, want %+v, %d found, %d of them others, stopped %d times", swept, want, found, len(seen), stops)
				}
				for i := 0; i < n; i++ {
					if has(fd, keyOf(uint32(i))) != (counted || i%2 == 0) {
						t.Fatalf("entry %d", i)
					}
				}
			})
		}
	}
}

func TestSweepContextOtherMap(t *testing.T) {
	const n = 40000
	defer bpfcompare.SetPortions(1, time.Microsecond)()
	first, opts := odd(t, n)
	other, _ := odd(t, n)
	fd, err := syscall.Dup(first)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	swept, err := bpfcompare.SweepContext(replacing(t, fd, other), fd, &opts)
	if err != nil || swept.Deleted != n/2 {
		t.Errorf("%+v, %v", swept, err)
	}
	for i := 0; i < n; i++ {
		if !has(other, keyOf(uint32(i))) {
			t.Fatalf("entry %d of the other map", i)
		}
	}
}

// As long as it is not canceled a context changes nothing.
func TestSweepContextNotDone(t *testing.T) {
	const n = 40000
	defer bpfcompare.SetPortions(1, time.Microsecond)()
	for _, limit := range []uint32{0, 700, n} {
		fd, opts := odd(t, n)
		opts.Limit = limit
		want := uint64(n / 2)
		if limit == 700 {
			want = 700
		}
		looked := 0
		ctx := newLooks(t, math.MaxInt)
		ctx.look = func() { looked++ }
		swept, err := bpfcompare.SweepContext(ctx, fd, &opts)
		if err != nil || swept.Deleted != want || limit != 700 && (swept.Scanned != n || looked < 2) {
			t.Errorf("limit %d: %+v, %v, looked %d times", limit, swept, err, looked)
		}
	}
	// Also in steps, and with values beside the keys.
	fd, opts := odd(t, n)
	m := mapOf[uint32, said](t, fd)
	s, err := m.Sweeper(&opts)
	if err != nil {
		t.Fatal(err)
	}
	keys, values, found := make([]uint32, 3000), make([]said, 3000), 0
	for err == nil {
		var some int
		some, err = s.NextContext(newLooks(t, math.MaxInt), keys, values)
		if found += some; err == nil && some != len(keys) && found != n/2 {
			t.Errorf("a step of %d", some)
		}
	}
	if err != io.EOF || found != n/2 || s.Swept().Deleted != n/2 {
		t.Errorf("%d found, %+v, %v", found, s.Swept(), err)
	}
}

// Sweeps of a whole map by one goroutine, which is told to end by another: whatever it says is true.
func TestSweepContextGoroutines(t *testing.T) {
	const n = 1 << 16
	for round := 0; round < 5; round++ {
		fd, opts := odd(t, n)
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			time.Sleep(time.Duration(round) * time.Millisecond)
			cancel()
		}()
		swept, err := bpfcompare.SweepContext(ctx, fd, &opts)
		left := uint64(0)
		for i := 0; i < n; i++ {
			if has(fd, keyOf(uint32(i))) {
				left++
			}
		}
		if err != nil && !errors.Is(err, context.Canceled) || swept.Deleted+left != n || err == nil && left != n/2 {
			t.Errorf("%+v, %v, %d left", swept, err, left)
		}
		cancel()
	}
}
