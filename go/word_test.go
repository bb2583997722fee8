// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
)

type count32 uint32

type counters struct {
	Packets uint64
	Balance int64
	Hits    count32
	Skew    int32
	Small   uint16
	Flag    bool
	Tiny    int8
	Ratio   float32
	Words   [2]uint32
	Inner   struct {
		Seen uint32
	}
	Late   [8]byte // at a multiple of 4, as C's packed structs can have it
	Port   [4]byte
	Double float64
	Total  uint64
}

// newCounters gives a Map of which key 1 has an entry.
func newCounters(t testing.TB, mapType bpfcompare.MapType, maxEntries uint32) (
	fd int, m *bpfcompare.Map[uint32, counters]) {
	t.Helper()
	fd, err := bpfmap.Create(bpfmap.Info{Type: uint32(mapType), KeySize: keySize,
		ValueSize: uint32(unsafe.Sizeof(counters{})), MaxEntries: maxEntries})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	m, err = bpfcompare.NewMap[uint32, counters](fd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	wantNoError(t, m.Update(1, counters{}, updateAny))
	return fd, m
}

func wantNoError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func bytesOfCounters(c *counters) []byte {
	return (*[unsafe.Sizeof(counters{})]byte)(unsafe.Pointer(c))[:]
}

func read(t testing.TB, fd int, key uint32) (c counters) {
	t.Helper()
	wantNoError(t, bpfmap.Lookup(fd, keyOf(key), bytesOfCounters(&c)))
	return c
}

func newWord[W bpfcompare.WordType](t testing.TB, m *bpfcompare.Map[uint32, counters], field string,
	opts *bpfcompare.WordOptions) *bpfcompare.Word[uint32, counters, W] {
	t.Helper()
	w, err := bpfcompare.NewWord[W](m, field, opts)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Each op on words of each type. What is beside them stays.
func TestWord(t *testing.T) {
	for _, mapType := range []bpfcompare.MapType{bpfcompare.Hash, bpfcompare.LRUHash} {
		t.Run(fmt.Sprintf("type %d", mapType), func(t *testing.T) {
			fd, m := newCounters(t, mapType, 8)
			testWord(t, fd, m, "Packets", func(c *counters) *uint64 { return &c.Packets })
			testWord(t, fd, m, "Balance", func(c *counters) *int64 { return &c.Balance })
			testWord(t, fd, m, "Hits", func(c *counters) *count32 { return &c.Hits })
			testWord(t, fd, m, "Skew", func(c *counters) *int32 { return &c.Skew })
			if mapType == bpfcompare.Hash {
				testWord(t, fd, m, "Words[1]", func(c *counters) *uint32 { return &c.Words[1] })
				testWord(t, fd, m, "Inner.Seen", func(c *counters) *uint32 { return &c.Inner.Seen })
				testWord(t, fd, m, "Total", func(c *counters) *uint64 { return &c.Total })
			}
		})
	}
}

func testWord[W bpfcompare.WordType](t *testing.T, fd int, m *bpfcompare.Map[uint32, counters], field string,
	in func(c *counters) *W) {
	t.Run(field, func(t *testing.T) {
		w := newWord[W](t, m, field, nil)
		top := W(1) << (8*unsafe.Sizeof(W(0)) - 1)
		numbers := []W{0, 1, 5, top, top - 1, ^W(0), ^W(0) - 4, W(0x5a5a5a5a)}
		for _, op := range []struct {
			name string
			op   bpfcompare.WordOp
			of   func(word, operand W) W
			call func(key uint32, operand W) (old W, err error)
		}{
			{"set", bpfcompare.OpSet, func(word, operand W) W { return operand }, w.Swap},
			{"add", bpfcompare.OpAdd, func(word, operand W) W { return word + operand }, w.Add},
			{"and", bpfcompare.OpAnd, func(word, operand W) W { return word & operand }, nil},
			{"or", bpfcompare.OpOr, func(word, operand W) W { return word | operand }, nil},
			{"xor", bpfcompare.OpXor, func(word, operand W) W { return word ^ operand }, nil},
		} {
			for _, word := range numbers {
				for _, operand := range numbers {
					was := counters{}
					copy(bytesOfCounters(&was), bytes.Repeat([]byte{0xa5}, int(unsafe.Sizeof(was))))
					*in(&was) = word
					want := was
					*in(&want) = op.of(word, operand)
					results, olds := make([]error, 1), make([]W, 1)
					for _, call := range []func() (W, error){
						func() (W, error) { return op.call(1, operand) },
						func() (W, error) { return w.Apply(1, op.op, operand) },
						func() (W, error) {
							changed, err := w.ApplyBatch([]uint32{1}, op.op, []W{operand}, olds, results)
							if changed != 1 || results[0] != nil {
								t.Errorf("%d changed, %v", changed, results)
							}
							return olds[0], err
						},
					} {
						put(t, fd, keyOf(1), bytesOfCounters(&was))
						if op.call == nil {
							op.call = func(key uint32, operand W) (W, error) { return w.Apply(key, op.op, operand) }
						}
						old, err := call()
						if err != nil || old != word {
							t.Errorf("%s, of %#x and %#x: %v, it was %#x", op.name, word, operand, err, old)
						}
						now := read(t, fd, 1)
						if !bytes.Equal(bytesOfCounters(&now), bytesOfCounters(&want)) {
							t.Errorf("%s, of %#x and %#x: got %x, want %x", op.name, word, operand, bytesOfCounters(&now),
								bytesOfCounters(&want))
						}
					}
				}
			}
			_, err := w.Apply(2, op.op, 1)
			wantError(t, err, bpfcompare.ErrNotExist)
		}
		_, err := w.Apply(1, bpfcompare.OpXor+1, 1)
		wantError(t, err, bpfcompare.ErrInvalid)
		if has(fd, keyOf(2)) {
			t.Error("an entry came to be")
		}
	})
}

func refusedWord[W bpfcompare.WordType, K, V comparable](t *testing.T, m *bpfcompare.Map[K, V], field string,
	opts *bpfcompare.WordOptions, says string) {
	t.Helper()
	w, err := bpfcompare.NewWord[W](m, field, opts)
	if w != nil {
		t.Errorf("there is a word %q of type %T", field, W(0))
	}
	refusedWith(t, err, says)
}

func TestWordRefused(t *testing.T) {
	_, m := newCounters(t, bpfcompare.Hash, 8)
	refusedWord[uint64](t, m, "Nothing", nil, `counters as a value has no field "Nothing", but Packets, Balance, Hits`)
	refusedWord[uint64](t, m, "", nil, "counters as a value is no number, but has Packets")
	refusedWord[uint64](t, m, "Inner", nil, "as a value's Inner is no number, but has Seen")
	refusedWord[uint64](t, m, "Inner.Gone", nil, `no field "Inner.Gone"`)
	refusedWord[uint64](t, m, "Words[2]", nil, `no field "Words[2]"`)
	refusedWord[uint32](t, m, "Ratio", nil, "float32 as a value's Ratio is no number")
	refusedWord[uint64](t, m, "Double", nil, "float64 as a value's Double is no number")
	refusedWord[uint32](t, m, "Small", nil, "the value's Small has 2 bytes, and uint32 4")
	refusedWord[uint32](t, m, "Flag", nil, "the value's Flag has 1 bytes, and uint32 4")
	refusedWord[int32](t, m, "Tiny", nil, "the value's Tiny has 1 bytes, and int32 4")
	refusedWord[uint32](t, m, "Packets", nil, "the value's Packets has 8 bytes, and uint32 4")
	refusedWord[uint64](t, m, "Hits", nil, "the value's Hits has 4 bytes, and uint64 8")
	refusedWord[int64](t, m, "Packets", nil, "the value's Packets is unsigned, and int64 signed")
	refusedWord[count32](t, m, "Skew", nil, "the value's Skew is signed, and bpfcompare_test.count32 unsigned")
	refusedWord[uint64](t, m, "Late", nil, "the value's Late is at byte 44, which is no multiple of its 8")
	refusedWord[uint32](t, m, "Hits", &bpfcompare.WordOptions{ClaimLast: 1 << 32},
		"claims up to 0x100000000, of words with 4 bytes")
	newWord[uint32](t, m, "Port", nil)
	newWord[uint32](t, m, "Hits", &bpfcompare.WordOptions{ClaimLast: 1<<32 - 1})
	// What C alone knows comes with the first call.
	_, err := newWord[uint32](t, m, "Hits", &bpfcompare.WordOptions{ClaimFirst: 2, ClaimLast: 1}).Add(1, 1)
	wantError(t, err, bpfcompare.ErrInvalid)
}

// Values that are one word have no name for it.
func TestWordIsValue(t *testing.T) {
	fd, err := bpfmap.Create(bpfmap.Info{Type: uint32(bpfcompare.Hash), KeySize: keySize, ValueSize: 8, MaxEntries: 8})
	wantNoError(t, err)
	defer syscall.Close(fd)
	m := mapOf[[4]byte, int64](t, fd)
	w, err := bpfcompare.NewWord[int64](m, "", nil)
	wantNoError(t, err)
	refusedWord[uint64](t, m, "", nil, "the value is signed, and uint64 unsigned")
	wantError(t, m.Update([4]byte{1}, -3, updateNoExist), nil)
	old, err := w.Add([4]byte{1}, 5)
	if old != -3 || err != nil {
		t.Error(old, err)
	}
	old, err = w.Swap([4]byte{1}, 0)
	if old != 2 || err != nil {
		t.Error(old, err)
	}
	_, err = w.Add([4]byte{2}, 5)
	wantError(t, err, bpfcompare.ErrNotExist)
}

func TestWordCompareAndSwap(t *testing.T) {
	fd, m := newCounters(t, bpfcompare.Hash, 8)
	skew := newWord[int32](t, m, "Skew", nil)
	was := counters{Packets: 1, Hits: 2, Skew: -3, Small: 4}
	wantError(t, m.Update(1, was, updateExist), nil)
	wantError(t, skew.CompareAndSwap(1, 3, 7), bpfcompare.ErrMismatch)
	wantError(t, skew.CompareAndSwap(2, -3, 7), bpfcompare.ErrNotExist)
	if now := read(t, fd, 1); now != was {
		t.Errorf("%+v", now)
	}
	wantError(t, skew.CompareAndSwap(1, -3, 7), nil)
	wantError(t, skew.CompareAndSwap(1, -3, 7), bpfcompare.ErrMismatch)
	was.Skew = 7
	if now := read(t, fd, 1); now != was {
		t.Errorf("%+v", now)
	}
	results := make([]error, 4)
	changed, err := skew.CompareAndSwapBatch([]uint32{1, 2, 1, 1}, []int32{7, 7, 8, 9}, []int32{8, 8, 9, -1}, results)
	if changed != 3 || err != nil || results[0] != nil || results[1] != bpfcompare.ErrNotExist || results[2] != nil ||
		results[3] != nil {
		t.Error(changed, err, results)
	}
	changed, err = skew.CompareAndSwapBatch([]uint32{1}, []int32{7}, []int32{8}, nil)
	if changed != 0 || err != nil {
		t.Error(changed, err)
	}
	if now := read(t, fd, 1); now.Skew != -1 {
		t.Errorf("%+v", now)
	}
}

// What is expected of the value decides, whether it is the word, beside it, or both.
func TestWordIf(t *testing.T) {
	fd, m := newCounters(t, bpfcompare.Hash, 8)
	hits := newWord[count32](t, m, "Hits", nil)
	was := counters{Packets: 1, Hits: 2, Skew: 3, Total: 4}
	region := func(offset, size uintptr) *bpfcompare.Options {
		return &bpfcompare.Options{Offset: uint32(offset), Size: uint32(size)}
	}
	total := region(unsafe.Offsetof(was.Total), unsafe.Sizeof(was.Total))
	both := region(unsafe.Offsetof(was.Hits), unsafe.Sizeof(was.Hits)+unsafe.Sizeof(was.Skew))
	for _, c := range []struct {
		name string
		seen counters
		opts *bpfcompare.Options
		want error
	}{
		{"the value", was, nil, nil},
		{"the value, which differs", counters{Packets: 1, Hits: 2, Skew: 3}, nil, bpfcompare.ErrMismatch},
		{"beside", counters{Total: 4}, total, nil},
		{"beside, which differs", counters{Hits: 2, Total: 5}, total, bpfcompare.ErrMismatch},
		{"more than the word", counters{Hits: 2, Skew: 3}, both, nil},
		{"the word differs", counters{Hits: 1, Skew: 3}, both, bpfcompare.ErrMismatch},
		{"the rest differs", counters{Hits: 2}, both, bpfcompare.ErrMismatch},
		{"past the value", was, region(unsafe.Sizeof(was), 1), bpfcompare.ErrInvalid},
		{"by the native backend", was, &bpfcompare.Options{Backend: bpfcompare.Native}, bpfcompare.ErrNotSupported},
		{"a claim", was, &bpfcompare.Options{Claim: make([]byte, 4)}, bpfcompare.ErrInvalid},
		{"claims", was, &bpfcompare.Options{ClaimFirst: 1, ClaimLast: 1}, bpfcompare.ErrInvalid},
		{"values", was, &bpfcompare.Options{Values: m.Bytes(make([]counters, 1))}, bpfcompare.ErrInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			results := make([]error, 1)
			olds := make([]count32, 1)
			for _, call := range []func() (old count32, err error){
				func() (count32, error) { return hits.ApplyIf(1, c.seen, bpfcompare.OpOr, 9, c.opts) },
				func() (count32, error) {
					olds[0] = 0
					changed, err := hits.ApplyBatchIf([]uint32{1}, []counters{c.seen}, bpfcompare.OpOr, []count32{9}, c.opts,
						olds, results)
					if err == nil {
						err = results[0]
					}
					if (changed == 1) != (err == nil) {
						t.Errorf("%d changed, %v", changed, err)
					}
					return olds[0], err
				},
			} {
				wantError(t, m.Update(1, was, updateAny), nil)
				old, err := call()
				wantError(t, err, c.want)
				want := was
				if c.want == nil {
					want.Hits = 11
				}
				if now := read(t, fd, 1); now != want || (old == 2) != (err == nil) || old|2 != 2 {
					t.Errorf("it was %d, and is %+v", old, now)
				}
			}
		})
	}
}

func TestWordClaims(t *testing.T) {
	fd, m := newCounters(t, bpfcompare.Hash, 8)
	skew := newWord[int32](t, m, "Skew", &bpfcompare.WordOptions{ClaimFirst: 0xfffffff0, ClaimLast: 0xffffffff})
	set := func(to int32) { wantError(t, m.Update(1, counters{Skew: to}, updateAny), nil) }
	for _, c := range []struct{ word, n int32 }{{-1, 5}, {-16, -1}, {-1, 0}, {-17, 1}, {5, -6}, {-17, 16}} {
		set(c.word)
		_, err := skew.Add(1, c.n)
		if err != bpfcompare.ErrMismatch || read(t, fd, 1).Skew != c.word {
			t.Errorf("%d, to which %d is added: %v, %d", c.word, c.n, err, read(t, fd, 1).Skew)
		}
	}
	for _, c := range []struct{ word, n int32 }{{-17, 0}, {-17, -1}, {-17, 17}, {5, -5}, {0, 0}} {
		set(c.word)
		old, err := skew.Add(1, c.n)
		if err != nil || old != c.word || read(t, fd, 1).Skew != c.word+c.n {
			t.Errorf("%d, to which %d is added: %v, %d", c.word, c.n, err, read(t, fd, 1).Skew)
		}
	}
	set(3)
	_, err := skew.Swap(1, -2)
	wantError(t, err, bpfcompare.ErrMismatch)
	wantError(t, skew.CompareAndSwap(1, 3, -2), bpfcompare.ErrMismatch)
	wantError(t, skew.CompareAndSwap(1, 3, -20), nil)
	set(-2)
	wantError(t, skew.CompareAndSwap(1, -2, 3), bpfcompare.ErrMismatch)

	// The whole range of 8 bytes but 0 and 1: of claims that stand a reader leaves everything.
	total := newWord[uint64](t, m, "Total", &bpfcompare.WordOptions{ClaimFirst: 2, ClaimLast: 1<<64 - 1})
	wantError(t, m.Update(1, counters{Total: 1}, updateAny), nil)
	wantError(t, m.Update(2, counters{Total: 2}, updateAny), nil)
	olds, results := []uint64{7, 7, 7}, make([]error, 3)
	changed, err := total.SwapBatch([]uint32{1, 2, 3}, make([]uint64, 3), olds, results)
	if changed != 1 || err != nil || results[0] != nil || results[1] != bpfcompare.ErrMismatch ||
		results[2] != bpfcompare.ErrNotExist || olds[0] != 1 || olds[1] != 7 || olds[2] != 7 {
		t.Error(changed, err, results, olds)
	}
	if now := read(t, fd, 2).Total; now != 2 {
		t.Error("over the claim there is", now)
	}
}

func TestWordBatch(t *testing.T) {
	const n = 2000 // some runs of the program, the last of them not full
	fd, m := newCounters(t, bpfcompare.Hash, 2*n)
	packets, hits := newWord[uint64](t, m, "Packets", nil), newWord[count32](t, m, "Hits", nil)
	keys, values := make([]uint32, n), make([]counters, n)
	for i := range keys {
		keys[i], values[i] = uint32(i), counters{Packets: uint64(i) << 30, Hits: count32(i), Total: uint64(i)}
	}
	_, updated, err := m.UpdateBatch(keys, values, updateAny)
	if updated != n || err != nil {
		t.Fatal(updated, err)
	}
	for i := 0; i < n; i += 10 {
		wantError(t, m.Delete(uint32(i)), nil)
	}
	operands, olds, results := make([]uint64, n), make([]uint64, n), make([]error, n)
	for i := range operands {
		operands[i], olds[i] = uint64(2*i), 1<<63
	}
	changed, err := packets.AddBatch(keys, operands, olds, results)
	if changed != n*9/10 || err != nil {
		t.Fatal(changed, err)
	}
	for i := range keys {
		if i%10 == 0 {
			if results[i] != bpfcompare.ErrNotExist || olds[i] != 1<<63 || has32(fd, uint32(i)) {
				t.Fatalf("key %d: %v, it was %d", i, results[i], olds[i])
			}
			continue
		}
		values[i].Packets += uint64(2 * i)
		if now := read(t, fd, uint32(i)); results[i] != nil || olds[i] != uint64(i)<<30 || now != values[i] {
			t.Fatalf("key %d: %v, it was %d, and is %+v", i, results[i], olds[i], now)
		}
	}
	// Results and old words are not wanted; the words go all the same.
	changed, err = hits.SwapBatch(keys, make([]count32, n), nil, nil)
	if changed != n*9/10 || err != nil {
		t.Fatal(changed, err)
	}
	for i := range keys {
		if i%10 != 0 {
			values[i].Hits = 0
			if now := read(t, fd, uint32(i)); now != values[i] {
				t.Fatalf("key %d: %+v", i, now)
			}
		}
	}
	// Of a key that is there twice the second change finds the first one's word.
	olds, results = make([]uint64, 3), make([]error, 3)
	wantError(t, m.Update(1, counters{Packets: 5}, updateAny), nil)
	changed, err = packets.AddBatch([]uint32{1, 1, 1}, []uint64{1, 10, 100}, olds, results)
	if changed != 3 || err != nil || olds[0] != 5 || olds[1] != 6 || olds[2] != 16 || read(t, fd, 1).Packets != 116 {
		t.Error(changed, err, olds)
	}
	changed, err = packets.AddBatch(nil, nil, nil, nil)
	if changed != 0 || err != nil {
		t.Error("no keys:", changed, err)
	}
	changed, err = packets.AddBatch([]uint32{}, []uint64{}, []uint64{}, []error{})
	if changed != 0 || err != nil {
		t.Error("no keys:", changed, err)
	}

	_, err = packets.AddBatch(keys[:2], operands[:1], nil, nil)
	refusedWith(t, err, "2 keys, but 1 operands")
	_, err = packets.AddBatch(keys[:2], operands[:2], olds[:1], nil)
	refusedWith(t, err, "2 keys, but room for 1 old words")
	_, err = packets.AddBatch(keys[:2], operands[:2], []uint64{}, nil)
	refusedWith(t, err, "2 keys, but room for 0 old words")
	_, err = packets.AddBatch(keys[:2], operands[:2], nil, results[:3])
	refusedWith(t, err, "2 keys, but room for 3 results")
	_, err = packets.CompareAndSwapBatch(keys[:2], operands[:1], operands[:2], nil)
	refusedWith(t, err, "2 keys, but 1 words seen")
	_, err = packets.ApplyBatchIf(keys[:2], values[:1], bpfcompare.OpAdd, operands[:2], nil, nil, nil)
	refusedWith(t, err, "2 keys, but 1 values seen")

	// An error of the call leaves no key without its answer.
	results[0], results[1] = nil, nil
	wantError(t, bpfmap.Freeze(fd), nil)
	changed, err = packets.AddBatch(keys[:2], operands[:2], nil, results[:2])
	if changed != 0 || !errors.Is(err, bpfcompare.ErrPermission) || results[0] != bpfcompare.ErrCanceled ||
		results[1] != bpfcompare.ErrCanceled {
		t.Error(changed, err, results)
	}
	_, err = packets.Add(1, 1)
	wantError(t, err, bpfcompare.ErrPermission)
	wantError(t, m.Close(), nil)
	_, err = packets.Add(1, 1)
	wantError(t, err, os.ErrClosed)
	_, err = packets.AddBatch(keys, operands, nil, nil)
	wantError(t, err, os.ErrClosed)
}

func has32(fd int, key uint32) bool {
	return bpfmap.Lookup(fd, keyOf(key), bytesOfCounters(&counters{})) == nil
}

// Many goroutines add to the same words, and others take what is there: each number is taken once.
func TestWordRace(t *testing.T) {
	for _, mapType := range []bpfcompare.MapType{bpfcompare.Hash, bpfcompare.LRUHash} {
		t.Run(fmt.Sprintf("type %d", mapType), func(t *testing.T) { testWordRace(t, mapType) })
	}
}

func testWordRace(t *testing.T, mapType bpfcompare.MapType) {
	const keys, goroutines, rounds, takes = 4, 8, 30, 1000
	fd, m := newCounters(t, mapType, 64)
	for key := uint32(0); key < keys; key++ {
		wantError(t, m.Update(key, counters{Balance: 7}, updateAny), nil)
	}
	packets, hits := newWord[uint64](t, m, "Packets", nil), newWord[count32](t, m, "Hits", nil)
	var added, taken, addedHits, takenHits, took uint64
	var writers, takers sync.WaitGroup
	over := make(chan struct{})
	for g := 0; g < goroutines; g += 2 {
		writers.Add(1)
		go func(seed uint32) {
			defer writers.Done()
			// The first calls load programs, which takes its time: it is over when both have met often.
			for i := 0; i < rounds || atomic.LoadUint64(&took) < takes; i++ {
				seed = seed*1664525 + 1013904223
				atomic.AddUint64(&added, addToWords(t, packets, seed))
				atomic.AddUint64(&addedHits, addToWords(t, hits, seed))
				if t.Failed() {
					return
				}
			}
		}(uint32(g))
		takers.Add(1)
		go func(batch bool) {
			defer takers.Done()
			for {
				atomic.AddUint64(&taken, takeWords(t, packets, keys, batch))
				atomic.AddUint64(&takenHits, takeWords(t, hits, keys, batch))
				atomic.AddUint64(&took, 1)
				select {
				case <-over:
					return
				default:
				}
			}
		}(g%4 == 0)
	}
	writers.Wait()
	close(over)
	takers.Wait()
	if taken == 0 || takenHits == 0 {
		t.Error("nothing was taken meanwhile: this says nothing")
	}
	taken += takeWords(t, packets, keys, true)
	takenHits += takeWords(t, hits, keys, false)
	// Words of 4 bytes wrap around.
	if added != taken || uint32(addedHits) != uint32(takenHits) {
		t.Errorf("%d added, %d taken; of 4 bytes %d and %d", added, taken, uint32(addedHits), uint32(takenHits))
	}
	for key := uint32(0); key < keys; key++ {
		if now := read(t, fd, key); now != (counters{Balance: 7}) {
			t.Errorf("key %d: %+v", key, now)
		}
	}
}

// addToWords adds some numbers, by single calls and by batches, and tells how much.
func addToWords[W bpfcompare.WordType](t *testing.T, w *bpfcompare.Word[uint32, counters, W], seed uint32) (sum uint64) {
	keys, operands, results := make([]uint32, 8), make([]W, 8), make([]error, 8)
	for i := 0; i < 50; i++ {
		seed = seed*1664525 + 1013904223
		if seed>>16%8 != 0 {
			n := W(seed>>20 + 1)
			switch _, err := w.Add(seed>>16%4, n); err {
			case nil:
				sum += uint64(n)
			case bpfcompare.ErrAgain:
			default:
				t.Error(err)
				return sum
			}
			continue
		}
		for j := range keys {
			keys[j], operands[j] = seed>>(16+j)%4, W(seed>>(j+3))
		}
		if _, err := w.AddBatch(keys, operands, nil, results); err != nil {
			t.Error(err)
			return sum
		}
		for j, err := range results {
			switch err {
			case nil:
				sum += uint64(operands[j])
			case bpfcompare.ErrAgain:
			default:
				t.Error(err)
			}
		}
	}
	return sum
}

// takeWords sets all words to 0, and tells what was in them.
func takeWords[W bpfcompare.WordType](t *testing.T, w *bpfcompare.Word[uint32, counters, W], keys uint32, batch bool) (
	sum uint64) {
	if !batch {
		for key := uint32(0); key < keys; key++ {
			old, err := w.Swap(key, 0)
			if err != nil && err != bpfcompare.ErrAgain {
				t.Error(err)
			}
			sum += uint64(old)
		}
		return sum
	}
	all, olds, results := make([]uint32, keys), make([]W, keys), make([]error, keys)
	for i := range all {
		all[i] = uint32(i)
	}
	if _, err := w.SwapBatch(all, make([]W, keys), olds, results); err != nil {
		t.Error(err)
	}
	for i, err := range results {
		if err != nil && err != bpfcompare.ErrAgain || err != nil && olds[i] != 0 {
			t.Error(err, olds[i])
		}
		sum += uint64(olds[i])
	}
	return sum
}

// Of many who compare and swap one word, each number is one's alone.
func TestWordCompareAndSwapRace(t *testing.T) {
	const goroutines, rounds = 4, 500
	fd, m := newCounters(t, bpfcompare.Hash, 8)
	hits := newWord[count32](t, m, "Hits", nil)
	var won [goroutines*rounds + 1]int32
	var wg sync.WaitGroup
	for g := 0; g < goroutines; g++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := 0; n < rounds; {
				seen, err := hits.Add(1, 0)
				if err == nil {
					err = hits.CompareAndSwap(1, seen, seen+1)
				}
				switch err {
				case nil:
					atomic.AddInt32(&won[seen], 1)
					n++
				case bpfcompare.ErrMismatch, bpfcompare.ErrAgain:
				default:
					t.Error(err)
					return
				}
			}
		}()
	}
	wg.Wait()
	for i, n := range won[:goroutines*rounds] {
		if n != 1 {
			t.Fatalf("%d was replaced %d times", i, n)
		}
	}
	if now := read(t, fd, 1).Hits; now != goroutines*rounds {
		t.Error("it is", now)
	}
}

func fillCounters(t testing.TB, m *bpfcompare.Map[uint32, counters], n int) (keys []uint32) {
	t.Helper()
	keys = make([]uint32, n)
	for i := range keys {
		keys[i] = uint32(i)
	}
	_, updated, err := m.UpdateBatch(keys, make([]counters, n), updateAny)
	if updated != n || err != nil {
		t.Fatal(updated, err)
	}
	return keys
}

// A batch takes no memory for each key.
func TestWordAllocations(t *testing.T) {
	const n = 4096
	_, m := newCounters(t, bpfcompare.Hash, n)
	packets := newWord[uint64](t, m, "Packets", nil)
	keys := fillCounters(t, m, n)
	keys[7] = n // which is missing
	to, olds, results := make([]uint64, n), make([]uint64, n), make([]error, n)
	batch := func() {
		if changed, err := packets.SwapBatch(keys, to, olds, results); changed != n-1 || err != nil {
			t.Error(changed, err)
		}
	}
	for i := 0; i < 17; i++ { // after so many keys another program is loaded
		batch()
	}
	if allocs := testing.AllocsPerRun(20, batch); allocs > 2 {
		t.Errorf("%v allocations a batch", allocs)
	}
	one := func() {
		if _, err := packets.Add(1, 1); err != nil {
			t.Error(err)
		}
	}
	if allocs := testing.AllocsPerRun(20, one); allocs > 2 {
		t.Errorf("%v allocations a call", allocs)
	}
}

func BenchmarkSwapBatch(b *testing.B) {
	const n = 4096
	_, m := newCounters(b, bpfcompare.Hash, n)
	packets := newWord[uint64](b, m, "Packets", nil)
	keys := fillCounters(b, m, n)
	to, olds, results := make([]uint64, n), make([]uint64, n), make([]error, n)
	if _, err := packets.SwapBatch(keys, to, olds, results); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	start := time.Now()
	for i := 0; i < b.N; i++ {
		if changed, err := packets.SwapBatch(keys, to, olds, results); changed != n || err != nil {
			b.Fatal(changed, err)
		}
	}
	b.ReportMetric(float64(time.Since(start).Nanoseconds())/float64(b.N*n), "ns/key")
}

func BenchmarkAdd(b *testing.B) {
	_, m := newCounters(b, bpfcompare.Hash, 8)
	packets := newWord[uint64](b, m, "Packets", nil)
	if _, err := packets.Add(1, 1); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		if _, err := packets.Add(1, 1); err != nil {
			b.Fatal(err)
		}
	}
}
