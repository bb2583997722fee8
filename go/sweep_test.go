// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
)

type endpoint struct {
	IP   [4]byte
	Port uint16 // big endian
}

type tuple struct {
	endpoint
	Proto uint8
	_     uint8
}

type state uint8

type conn struct {
	Expires uint64
	Skew    int32
	Flags   uint16
	State   state
	Closing bool
	Inner   struct {
		Clock uint32
		Words [2]int16
		Addr  [3]byte
		Tiny  int8
		Ratio float32
	}
	Name [8]byte
}

const conns = 64

// tupleOf and connOf have each field be some other function of i.
func tupleOf(i int) tuple {
	return tuple{endpoint{[4]byte{10, 0, byte(i / 8), byte(i % 8)}, bits.ReverseBytes16(uint16(250 + i))}, uint8(i % 3), 0}
}

func connOf(i int) conn {
	c := conn{Expires: uint64(i) << 32, Skew: int32(i-32) << 20, Flags: uint16(i) << 8, State: state(i * 4),
		Closing: i%2 == 1}
	c.Inner.Clock = uint32(i) << 26
	c.Inner.Words = [2]int16{int16(i - 32), int16(32 - i)}
	c.Inner.Tiny = int8(i*4 - 128)
	binary.BigEndian.PutUint64(c.Name[:], uint64(i)*0x0100000000000003)
	return c
}

// newConns gives a Map for so many entries, of which conns are to be written. Small ones are swept by another
// way than large ones.
func newConns(t *testing.T, maxEntries uint32) (fd int, m *bpfcompare.Map[tuple, conn]) {
	t.Helper()
	fd, err := bpfmap.Create(bpfmap.Info{Type: uint32(bpfcompare.Hash), KeySize: uint32(unsafe.Sizeof(tuple{})),
		ValueSize: uint32(unsafe.Sizeof(conn{})), MaxEntries: maxEntries})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	m = mapOf[tuple, conn](t, fd)
	fillConns(t, fd, m)
	return fd, m
}

func fillConns(t *testing.T, fd int, m *bpfcompare.Map[tuple, conn]) {
	t.Helper()
	for i := 0; i < conns; i++ {
		putConn(t, fd, m, i)
	}
}

func putConn(t *testing.T, fd int, m *bpfcompare.Map[tuple, conn], i int) {
	t.Helper()
	key := tupleOf(i)
	put(t, fd, (*[unsafe.Sizeof(key)]byte)(unsafe.Pointer(&key))[:], m.Bytes([]conn{connOf(i)}))
}

func hasConn(fd, i int) bool {
	key := tupleOf(i)
	return bpfmap.Lookup(fd, (*[unsafe.Sizeof(key)]byte)(unsafe.Pointer(&key))[:],
		make([]byte, unsafe.Sizeof(conn{}))) == nil
}

// wantLeft tells whether just those entries are gone that match.
func wantLeft(t *testing.T, fd int, matches func(i int) bool) {
	t.Helper()
	for i := 0; i < conns; i++ {
		if has := hasConn(fd, i); has == matches(i) {
			t.Errorf("entry %d: there it is: %v", i, has)
		}
	}
}

func count(matches func(i int) bool) (n uint64) {
	for i := 0; i < conns; i++ {
		if matches(i) {
			n++
		}
	}
	return n
}

func inSizes(t *testing.T, test func(t *testing.T, maxEntries uint32)) {
	for _, maxEntries := range []uint32{conns, 4096} {
		t.Run(fmt.Sprintf("%d entries", maxEntries), func(t *testing.T) { test(t, maxEntries) })
	}
}

const (
	eq     = bpfcompare.EQ
	ne     = bpfcompare.NE
	lt     = bpfcompare.LT
	le     = bpfcompare.LE
	gt     = bpfcompare.GT
	ge     = bpfcompare.GE
	before = bpfcompare.Before
	after  = bpfcompare.After
)

type condition = bpfcompare.Condition

// where is one group.
func where(group ...condition) bpfcompare.Where { return bpfcompare.Where{group} }

func TestSweep(t *testing.T) {
	inSizes(t, func(t *testing.T, maxEntries uint32) {
		fd, m := newConns(t, maxEntries)
		for _, c := range []struct {
			name    string
			where   bpfcompare.Where
			matches func(i int) bool
		}{
			{"EQ", where(condition{Field: "Expires", Operand: uint64(3) << 32}), func(i int) bool { return i == 3 }},
			{"NE", where(condition{Field: "Expires", Op: ne, Operand: uint64(3) << 32}), func(i int) bool { return i != 3 }},
			{"LT", where(condition{Field: "Expires", Op: lt, Operand: 3 << 32}), func(i int) bool { return i < 3 }},
			{"LE", where(condition{Field: "Expires", Op: le, Operand: 3 << 32}), func(i int) bool { return i <= 3 }},
			{"GT", where(condition{Field: "Expires", Op: gt, Operand: time.Duration(3 << 32)}), func(i int) bool { return i > 3 }},
			{"GE", where(condition{Field: "Expires", Op: ge, Operand: 3 << 32}), func(i int) bool { return i >= 3 }},
			{"before", where(condition{Field: "Inner.Clock", Op: before, Operand: uint32(3) << 26}),
				func(i int) bool { return i < 3 || i >= 35 }},
			{"after", where(condition{Field: "Inner.Clock", Op: after, Operand: uint32(40) << 26}),
				func(i int) bool { return i > 40 || i < 8 }},
			{"signed", where(condition{Field: "Skew", Op: lt, Operand: -1}), func(i int) bool { return i < 32 }},
			{"signed, above", where(condition{Field: "Skew", Op: gt, Operand: -1 << 20}), func(i int) bool { return i > 31 }},
			{"signed, least", where(condition{Field: "Inner.Tiny", Operand: -128}), func(i int) bool { return i == 0 }},
			{"signed, of unsigned", where(condition{Field: "Inner.Tiny", Op: ge, Operand: uint64(0)}),
				func(i int) bool { return i >= 32 }},
			{"unsigned", where(condition{Field: "State", Op: ge, Operand: state(128)}), func(i int) bool { return i >= 32 }},
			{"mask", where(condition{Field: "Flags", Mask: 0x700, Operand: 0x500}), func(i int) bool { return i%8 == 5 }},
			{"mask, signed", where(condition{Field: "Skew", Mask: 0x80000000, Op: lt, Operand: 0}),
				func(i int) bool { return i < 32 }},
			{"bool", where(condition{Field: "Closing", Operand: true}), func(i int) bool { return i%2 == 1 }},
			{"bool, not", where(condition{Field: "Closing", Operand: 0}), func(i int) bool { return i%2 == 0 }},
			{"an element", where(condition{Field: "Inner.Words[1]", Op: lt, Operand: int8(-20)}), func(i int) bool { return i > 52 }},
			{"big endian", where(condition{Field: "Name", BigEndian: true, Op: lt, Operand: 5 * 0x0100000000000003}),
				func(i int) bool { return i < 5 }},
			{"bytes", where(condition{Field: "Name", Operand: connOf(7).Name}), func(i int) bool { return i == 7 }},
			{"bytes, in big endian", where(condition{Field: "Name", BigEndian: true, Op: ge, Operand: connOf(7).Name}),
				func(i int) bool { return i >= 7 }},
			{"a key's field", where(condition{Key: true, Field: "Proto", Operand: 2}), func(i int) bool { return i%3 == 2 }},
			{"of an embedded struct", where(condition{Key: true, Field: "Port", BigEndian: true, Op: lt, Operand: 256}),
				func(i int) bool { return i < 6 }},
			{"by its whole name", where(condition{Key: true, Field: "endpoint.Port", BigEndian: true, Op: ge, Operand: 256}),
				func(i int) bool { return i >= 6 }},
			{"a key's bytes", where(condition{Key: true, Field: "IP", Operand: []byte{10, 0, 2, 1}}),
				func(i int) bool { return i == 17 }},
			{"a network", where(condition{Key: true, Field: "IP", BigEndian: true, Mask: 0xffffff00, Operand: 0x0a000300}),
				func(i int) bool { return i/8 == 3 }},
			{"a byte of an array", where(condition{Key: true, Field: "IP[2]", Operand: 3}), func(i int) bool { return i/8 == 3 }},
			{"by offset and size", where(condition{Offset: uint32(unsafe.Offsetof(conn{}.Skew)), Size: 4, Signed: true,
				Op: lt, Operand: 0}), func(i int) bool { return i < 32 }},
			{"all of a group", where(
				condition{Field: "Expires", Op: lt, Operand: 20 << 32},
				condition{Field: "Closing", Operand: true},
				condition{Key: true, Field: "Proto", Op: ne, Operand: 1}),
				func(i int) bool { return i < 20 && i%2 == 1 && i%3 != 1 }},
			{"any of the groups", bpfcompare.Where{
				{{Field: "Expires", Op: lt, Operand: 10 << 32}, {Key: true, Field: "Proto", Operand: 0}},
				{{Field: "Skew", Op: gt, Operand: 20 << 20}},
				{{Field: "State", Operand: 80}, {Field: "Closing", Operand: false}}},
				func(i int) bool { return i < 10 && i%3 == 0 || i > 52 || i == 20 }},
		} {
			t.Run(c.name, func(t *testing.T) {
				defer fillConns(t, fd, m)
				want := count(c.matches)
				if want == 0 || want == conns {
					t.Fatal("this says nothing")
				}
				swept, err := m.Sweep(&bpfcompare.SweepOptions{Where: c.where, Count: true})
				if is := (bpfcompare.Swept{Scanned: conns, Matched: want}); err != nil || swept != is {
					t.Errorf("counted: %+v, %v, want %+v", swept, err, is)
				}
				wantLeft(t, fd, func(int) bool { return false })
				swept, err = m.Sweep(&bpfcompare.SweepOptions{Where: c.where})
				if is := (bpfcompare.Swept{Scanned: conns, Matched: want, Deleted: want}); err != nil || swept != is {
					t.Errorf("%+v, %v, want %+v", swept, err, is)
				}
				wantLeft(t, fd, c.matches)
			})
		}
		swept, err := m.Sweep(&bpfcompare.SweepOptions{All: true})
		if is := (bpfcompare.Swept{Scanned: conns, Matched: conns, Deleted: conns}); err != nil || swept != is {
			t.Errorf("all: %+v, %v", swept, err)
		}
	})
}

// Without types, by descriptor.
func TestSweepByDescriptor(t *testing.T) {
	fd := newMap(t, bpfcompare.LRUHash, 1024)
	fill(t, fd, 100)
	low := where(condition{Size: 8, Op: lt, Operand: 30}, condition{Key: true, Size: 4, Op: ge, Operand: 10})
	swept, err := bpfcompare.Sweep(fd, &bpfcompare.SweepOptions{Where: low})
	if want := (bpfcompare.Swept{Scanned: 100, Matched: 20, Deleted: 20}); err != nil || swept != want {
		t.Errorf("%+v, %v, want %+v", swept, err, want)
	}
	for i := uint32(0); i < 100; i++ {
		if has(fd, keyOf(i)) != (i < 10 || i >= 30) {
			t.Errorf("entry %d: there it is: %v", i, has(fd, keyOf(i)))
		}
	}
	s, err := bpfcompare.NewSweeper(fd, &bpfcompare.SweepOptions{Where: where(condition{Size: 8, Op: lt, Operand: 50})})
	if err != nil {
		t.Fatal(err)
	}
	keys, values, seen := atEnd(t, make([]byte, 7*keySize)), atEnd(t, make([]byte, 7*valueSize)), map[uint32]bool{}
	for n := 0; err == nil; n, err = s.Next(keys, values) {
		for i := 0; i < n; i++ {
			key := binary.LittleEndian.Uint32(keys[i*keySize:])
			if value := valueOf(uint64(key), 1); string(value) != string(values[i*valueSize:(i+1)*valueSize]) {
				t.Errorf("the value of key %d was %x", key, values[i*valueSize:(i+1)*valueSize])
			}
			seen[key] = true
		}
	}
	if err != io.EOF || len(seen) != 30 || s.Swept().Deleted != 30 {
		t.Errorf("%v, %v, %+v", err, seen, s.Swept())
	}
	for _, room := range []struct {
		keys, values []byte
		says         string
	}{
		{make([]byte, 7), nil, "room for 7 bytes of keys, of 4 each"},
		{[]byte{}, nil, "room for 0 bytes of keys, of 4 each"},
		{nil, make([]byte, 17), "room for 17 bytes of values, of 16 each"},
		{nil, []byte{}, "room for 0 bytes of values, of 16 each"},
		{make([]byte, 8), make([]byte, 48), "room for 2 keys, but for 3 values"},
	} {
		s, err := bpfcompare.NewSweeper(fd, &bpfcompare.SweepOptions{All: true})
		if err != nil {
			t.Fatal(err)
		}
		n, err := s.Next(room.keys, room.values)
		wantError(t, err, bpfcompare.ErrInvalid)
		if n != 0 || err == nil || !strings.Contains(err.Error(), room.says) || !has(fd, keyOf(50)) {
			t.Errorf("%d deleted, %v, want an error with %q", n, err, room.says)
		}
	}
}

// Values that are a number have no field, and those of an array only elements.
func TestSweepPlainTypes(t *testing.T) {
	fd, err := bpfmap.Create(bpfmap.Info{Type: uint32(bpfcompare.Hash), KeySize: 16, ValueSize: 4, MaxEntries: 8})
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	m := mapOf[[4]uint32, int32](t, fd)
	for i := byte(0); i < 8; i++ {
		put(t, fd, append(make([]byte, 12), i, 0, 0, 0), []byte{i - 4, 0xff * (i/4 ^ 1), 0xff * (i/4 ^ 1), 0xff * (i/4 ^ 1)})
	}
	sweep := func(conditions ...condition) uint64 {
		swept, err := m.Sweep(&bpfcompare.SweepOptions{Where: where(conditions...)})
		wantError(t, err, nil)
		return swept.Deleted
	}
	if n := sweep(condition{Op: le, Operand: -2}); n != 3 {
		t.Errorf("%d deleted", n)
	}
	if n := sweep(condition{Key: true, Field: "[3]", Op: ge, Operand: 4}); n != 4 {
		t.Errorf("%d deleted", n)
	}
	_, err = m.Sweep(&bpfcompare.SweepOptions{Where: where(condition{Key: true, Operand: 1})})
	if want := "[4]uint32 as a key is no number, but has [0..3]"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want an error with %q", err, want)
	}
}

func TestSweepRefuses(t *testing.T) {
	fd, m := newConns(t, conns)
	fields := "but Expires, Skew, Flags, State, Closing, Inner.Clock, Inner.Words[0..1], Inner.Addr[0..2], Inner.Tiny, Name: "
	ok := condition{Field: "State", Operand: 1}
	many := func(n int) (all bpfcompare.Where) {
		for i := 0; i < n; i++ {
			all = append(all, []condition{ok})
		}
		return all
	}
	claim := make([]byte, 8)
	for _, c := range []struct {
		opts *bpfcompare.SweepOptions
		says string
	}{
		{nil, "neither conditions nor BPF_MAP_SWEEP_ALL"},
		{&bpfcompare.SweepOptions{Where: where(ok), All: true}, "BPF_MAP_SWEEP_ALL with conditions"},
		{&bpfcompare.SweepOptions{Where: many(9)}, "group 8, of at most 8"},
		{&bpfcompare.SweepOptions{Where: many(256)}, "256 groups"},
		{&bpfcompare.SweepOptions{Where: bpfcompare.Where{{ok}, {}}}, "group 1 has no conditions"},
		{&bpfcompare.SweepOptions{Where: where(make([]condition, 17)...)}, "conn as a value is no number, " + strings.Replace(fields[:len(fields)-2], "but", "but has", 1)},
		{&bpfcompare.SweepOptions{Where: where(ok, ok, ok, ok, ok, ok, ok, ok, ok, ok, ok, ok, ok, ok, ok, ok, ok)}, "17 conditions, of at most 16"},
		{&bpfcompare.SweepOptions{Where: where(ok), Part: 1}, "part 1 of 0"},
		{&bpfcompare.SweepOptions{Where: where(ok), Part: 2, Parts: 2}, "part 2 of 2"},
		{&bpfcompare.SweepOptions{Where: where(ok), Part: -1, Parts: 2}, "part -1 of 2"},
		{&bpfcompare.SweepOptions{Where: where(ok), Parts: 256}, "part 0 of 256"},
		{&bpfcompare.SweepOptions{Where: where(ok), Claim: claim}, "the claim's 8 bytes at 0 are no condition's field"},
		{&bpfcompare.SweepOptions{Where: where(ok), Claim: []byte{}}, "claim_size is 0"},
		{&bpfcompare.SweepOptions{Where: where(ok), ClaimFirst: 1, ClaimLast: 2}, "without a claim"},
		{&bpfcompare.SweepOptions{Where: where(ok), ClaimField: "Expires"}, "ClaimField without a Claim"},
		{&bpfcompare.SweepOptions{Where: where(ok), Claim: claim, ClaimField: "Expires", ClaimOffset: 8}, "with ClaimOffset"},
		{&bpfcompare.SweepOptions{Where: where(ok), Claim: claim, ClaimField: "Skew"}, "a claim of 8 bytes, for Skew with 4"},
		{&bpfcompare.SweepOptions{Where: where(ok), Claim: claim, ClaimField: "Expired"}, "no field \"Expired\", " + fields},
	} {
		refusedSweep(t, m, c.opts, c.says)
	}
	for _, c := range []struct {
		condition condition
		says      string
	}{
		{condition{Field: "expires", Operand: 1}, `bpfcompare_test.conn as a value has no field "expires", ` + fields},
		{condition{Field: "Inner.Watch", Operand: 1}, `no field "Inner.Watch", ` + fields},
		{condition{Field: "Inner.Words[2]", Operand: 1}, `no field "Inner.Words[2]", ` + fields},
		{condition{Field: "Inner.Words[01]", Operand: 1}, `no field "Inner.Words[01]", ` + fields},
		{condition{Field: "Inner.Words[1", Operand: 1}, `no field "Inner.Words[1", ` + fields},
		{condition{Field: "Inner.Words.1", Operand: 1}, `no field "Inner.Words.1", ` + fields},
		{condition{Field: "Inner..Clock", Operand: 1}, `no field "Inner..Clock", ` + fields},
		{condition{Field: "Inner.Clock.", Operand: 1}, `no field "Inner.Clock.", ` + fields},
		{condition{Field: ".Expires", Operand: 1}, `no field ".Expires", ` + fields},
		{condition{Field: "State[0]", Operand: 1}, `no field "State[0]", ` + fields},
		{condition{Field: "Port", Operand: 1}, `no field "Port", ` + fields},
		{condition{Key: true, Field: "Expires", Operand: 1},
			`bpfcompare_test.tuple as a key has no field "Expires", but endpoint.IP, endpoint.Port, Proto: `},
		{condition{Key: true, Field: "_", Operand: 1}, `no field "_", but`},
		{condition{Field: "Inner", Operand: 1}, "as a value's Inner is no number, but has Clock, Words[0..1], Addr[0..2], Tiny: "},
		{condition{Field: "Inner.Addr", Operand: 1}, "[3]uint8 as a value's Inner.Addr is no number, but has [0..2]: "},
		{condition{Field: "Inner.Ratio", Operand: 1}, "float32 as a value's Inner.Ratio is no number: "},
		{condition{Field: "State"}, "condition on the value's State: no operand"},
		{condition{Field: "State", Operand: 256}, "operand 256 of type int is no unsigned number of 1 bytes"},
		{condition{Field: "State", Operand: uint64(1) << 63}, "is no unsigned number of 1 bytes"},
		{condition{Field: "State", Operand: -1}, "operand -1 of type int is no unsigned number of 1 bytes"},
		{condition{Field: "Expires", Operand: int64(-1)}, "operand -1 of type int64 is no unsigned number of 8 bytes"},
		{condition{Field: "Skew", Operand: 1 << 31}, "operand 2147483648 of type int is no signed number of 4 bytes"},
		{condition{Field: "Skew", Operand: uint32(1) << 31}, "of type uint32 is no signed number of 4 bytes"},
		{condition{Field: "Skew", Operand: -1<<31 - 1}, "operand -2147483649 of type int is no signed number of 4 bytes"},
		{condition{Field: "Inner.Tiny", Operand: -129}, "is no signed number of 1 bytes"},
		{condition{Field: "Expires", Operand: 1.5}, "operand 1.5 of type float64 is no"},
		{condition{Field: "Expires", Operand: "1"}, "operand 1 of type string is no"},
		{condition{Field: "Name", Operand: [4]byte{}}, "of type [4]uint8 is no unsigned number of 8 bytes"},
		{condition{Field: "Name", Operand: []uint16{1, 2, 3, 4, 5, 6, 7, 8}}, "of type []uint16 is no unsigned number of 8 bytes"},
		{condition{Field: "Flags", Mask: 1 << 16, Operand: 0}, "condition on the value's Flags: mask 0x10000, of 2 bytes"},
		{condition{Field: "State", Op: 8, Operand: 0}, "unknown op 8"},
		{condition{Field: "State", Size: 1, Operand: 0}, "a field by its name takes a Map, and no Size"},
		{condition{Size: 3, Operand: 0}, "condition on the value's 3 bytes at 0: a field of 3 bytes, which is not 1, 2, 4 or 8"},
		{condition{Size: 257, Operand: 0}, "a field of 257 bytes"},
		{condition{Offset: 8, Operand: 0}, "Offset or Signed without Size"},
		{condition{Signed: true, Operand: 0}, "Offset or Signed without Size"},
		{condition{Offset: uint32(unsafe.Sizeof(conn{})) - 1, Size: 2, Operand: 0}, "is past the value's end: 40"},
		{condition{Offset: 1<<32 - 1, Size: 2, Operand: 0}, "is past the value's end: 40"},
	} {
		refusedSweep(t, m, &bpfcompare.SweepOptions{Where: where(c.condition)}, c.says)
	}
	for _, c := range []struct {
		opts bpfcompare.SweepOptions
		says string
	}{
		{bpfcompare.SweepOptions{Where: where(ok)}, "condition on the value's State: a field by its name takes a Map"},
		{bpfcompare.SweepOptions{Where: where(condition{Operand: 1})}, "condition on the value: a field of 0 bytes"},
		{bpfcompare.SweepOptions{Where: where(condition{Size: 8, Operand: 1}), Claim: claim, ClaimField: "Expires"},
			`ClaimField "Expires" takes a Map`},
	} {
		_, err := bpfcompare.Sweep(fd, &c.opts)
		wantError(t, err, bpfcompare.ErrInvalid)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, want an error with %q", err, c.says)
		}
	}
	wantLeft(t, fd, func(int) bool { return false })

	if err := bpfmap.Freeze(fd); err != nil {
		t.Fatal(err)
	}
	_, err := m.Sweep(&bpfcompare.SweepOptions{Where: where(ok)})
	wantError(t, err, bpfcompare.ErrPermission)
	swept, err := m.Sweep(&bpfcompare.SweepOptions{All: true, Count: true})
	if err != nil || swept.Matched != conns {
		t.Errorf("a frozen map counted: %+v, %v", swept, err)
	}
	_, err = bpfcompare.Sweep(-1, &bpfcompare.SweepOptions{All: true})
	wantError(t, err, syscall.EBADF)
	array, err := bpfmap.Create(bpfmap.Info{Type: 2, KeySize: keySize, ValueSize: valueSize, MaxEntries: 8})
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(array)
	_, err = bpfcompare.Sweep(array, &bpfcompare.SweepOptions{All: true})
	wantError(t, err, bpfcompare.ErrNotSupported)
}

func refusedSweep(t *testing.T, m *bpfcompare.Map[tuple, conn], opts *bpfcompare.SweepOptions, says string) {
	t.Helper()
	swept, err := m.Sweep(opts)
	wantError(t, err, bpfcompare.ErrInvalid)
	wantError(t, err, syscall.EINVAL)
	if err == nil || !strings.Contains(err.Error(), says) || swept != (bpfcompare.Swept{}) {
		t.Errorf("%+v, %v, want an error with %q", swept, err, says)
	}
}

// Entries that carry our claim, or another's, are left alone; without claims they are as any.
func TestSweepClaim(t *testing.T) {
	expired := where(condition{Field: "Expires", Op: lt, Operand: uint64(20) << 32})
	claimBytes := func(word uint64) []byte { return (*[8]byte)(unsafe.Pointer(&word))[:] }
	inSizes(t, func(t *testing.T, maxEntries uint32) {
		fd, m := newConns(t, maxEntries)
		for _, c := range []struct {
			name   string
			opts   bpfcompare.SweepOptions
			spares func(i int) bool
		}{
			{"no claim", bpfcompare.SweepOptions{}, func(i int) bool { return false }},
			{"one", bpfcompare.SweepOptions{Claim: claimBytes(4 << 32), ClaimField: "Expires"}, func(i int) bool { return i == 4 }},
			{"by offset", bpfcompare.SweepOptions{Claim: claimBytes(5 << 32)}, func(i int) bool { return i == 5 }},
			{"a range", bpfcompare.SweepOptions{Claim: claimBytes(5 << 32), ClaimField: "Expires", ClaimFirst: 4 << 32, ClaimLast: 7 << 32},
				func(i int) bool { return i >= 4 && i <= 7 }},
			{"another field's", bpfcompare.SweepOptions{Claim: claimBytes(3 << 26)[:4], ClaimField: "Inner.Clock",
				Where: bpfcompare.Where{{expired[0][0], {Field: "Inner.Clock", Op: lt, Operand: 20 << 26}}}},
				func(i int) bool { return i == 3 }},
		} {
			t.Run(c.name, func(t *testing.T) {
				defer fillConns(t, fd, m)
				goes := func(i int) bool { return i < 20 && !c.spares(i) }
				if c.opts.Where == nil {
					c.opts.Where = expired
				}
				swept, err := m.Sweep(&c.opts)
				if is := (bpfcompare.Swept{Scanned: conns, Matched: count(goes), Deleted: count(goes)}); err != nil || swept != is {
					t.Errorf("%+v, %v, want %+v", swept, err, is)
				}
				wantLeft(t, fd, goes)
			})
		}
	})
}

// Keys and values come out, so many at a time as there is room for, each once.
func TestSweeper(t *testing.T) {
	odd := where(condition{Field: "Closing", Operand: true})
	inSizes(t, func(t *testing.T, maxEntries uint32) {
		fd, m := newConns(t, maxEntries)
		for _, c := range []struct {
			name                string
			room                int
			noKeys, noValues    bool
			count, claims       bool
			limit               uint32
			atMost, steps, goes int
		}{
			{name: "one at a time", room: 1, atMost: 1, steps: 32},
			{name: "some", room: 5, atMost: 5, steps: 7},
			{name: "exactly all", room: 32, atMost: 32, steps: 1},
			{name: "more than there are", room: 100, atMost: 32, steps: 1},
			{name: "keys alone", room: 5, noValues: true, atMost: 5, steps: 7},
			{name: "values alone", room: 5, noKeys: true, atMost: 5, steps: 7},
			{name: "with a limit", room: 5, limit: 3, atMost: 3, steps: 11},
			{name: "with a limit above", room: 5, limit: 9, atMost: 5, steps: 7},
			{name: "neither, with a limit", noKeys: true, noValues: true, limit: 3, atMost: 3, steps: 11},
			{name: "neither", noKeys: true, noValues: true, atMost: 32, steps: 1},
			{name: "counted", room: 64, count: true, atMost: 32, steps: 1},
			{name: "with a claim", room: 5, claims: true, atMost: 5, steps: 7},
		} {
			t.Run(c.name, func(t *testing.T) {
				defer fillConns(t, fd, m)
				opts := &bpfcompare.SweepOptions{Where: odd, Count: c.count, Limit: c.limit}
				if c.claims {
					opts.Claim, opts.ClaimField = []byte{1, 2, 3, 4, 5, 6, 7, 8}, "Expires"
					opts.Where = where(odd[0][0], condition{Field: "Expires", Op: ne, Operand: 1})
				}
				s, err := m.Sweeper(opts)
				if err != nil {
					t.Fatal(err)
				}
				keys, values := make([]tuple, c.room), make([]conn, c.room)
				if c.noKeys {
					keys = nil
				}
				if c.noValues {
					values = nil
				}
				seen, sum, steps := map[int]bool{}, 0, 0
				for {
					n, err := s.Next(keys, values)
					if err == io.EOF && n == 0 {
						break
					}
					if err != nil || n > c.atMost {
						t.Fatalf("%d, %v", n, err)
					}
					steps++
					sum += n
					for at := 0; at < n; at++ {
						var i int
						if keys != nil {
							i = int(bits.ReverseBytes16(keys[at].Port)) - 250
						} else if values != nil {
							i = int(values[at].Expires >> 32)
						} else {
							continue
						}
						if seen[i] || i%2 == 0 || keys != nil && keys[at] != tupleOf(i) ||
							values != nil && values[at] != connOf(i) {
							t.Errorf("of %d: %v, %v; seen before: %v", i, keys, values, seen[i])
						}
						seen[i] = true
					}
				}
				if _, err := s.Next(keys, values); err != io.EOF {
					t.Errorf("after the end: %v", err)
				}
				if sum != 32 || steps != c.steps || (len(seen) != 32 && keys != nil) {
					t.Errorf("%d in %d steps, want 32 in %d: %v", sum, steps, c.steps, seen)
				}
				want := bpfcompare.Swept{Matched: 32, Deleted: 32}
				if c.count {
					want.Deleted = 0
				}
				swept := s.Swept()
				if swept.Scanned < conns {
					t.Errorf("%d scanned", swept.Scanned)
				}
				swept.Scanned = 0
				if swept != want {
					t.Errorf("%+v, want %+v", swept, want)
				}
				wantLeft(t, fd, func(i int) bool { return i%2 == 1 && !c.count })
			})
		}
		s, err := m.Sweeper(&bpfcompare.SweepOptions{All: true})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Next(make([]tuple, 2), make([]conn, 3))
		wantError(t, err, bpfcompare.ErrInvalid)
		_, err = s.Next([]tuple{}, nil)
		wantError(t, err, bpfcompare.ErrInvalid)
		_, err = s.Next(nil, []conn{})
		wantError(t, err, bpfcompare.ErrInvalid)
		wantLeft(t, fd, func(int) bool { return false })
	})
}

// What is counted stays, and goes on where it stopped.
func TestSweeperCount(t *testing.T) {
	inSizes(t, func(t *testing.T, maxEntries uint32) {
		fd, m := newConns(t, maxEntries)
		s, err := m.Sweeper(&bpfcompare.SweepOptions{All: true, Count: true})
		if err != nil {
			t.Fatal(err)
		}
		keys, seen := make([]tuple, 10), map[tuple]bool{}
		for n := 0; err == nil; n, err = s.Next(keys, nil) {
			for _, key := range keys[:n] {
				if seen[key] {
					t.Fatalf("%v came twice", key)
				}
				seen[key] = true
			}
		}
		if err != io.EOF || len(seen) != conns {
			t.Errorf("%d seen, %v", len(seen), err)
		}
		wantLeft(t, fd, func(int) bool { return false })
	})
}

// All parts together are the whole.
func TestSweepParts(t *testing.T) {
	const n, parts = 5000, 5
	for _, maxEntries := range []uint32{n, 1 << 16} {
		fd := newMap(t, bpfcompare.Hash, maxEntries)
		fill(t, fd, n)
		m := mapOf[uint32, value](t, fd)
		var mutex sync.Mutex
		var wg sync.WaitGroup
		var sum bpfcompare.Swept
		seen, took := map[uint32]int{}, 0
		for part := 0; part < parts; part++ {
			wg.Add(1)
			go func(part int) {
				defer wg.Done()
				s, err := m.Sweeper(&bpfcompare.SweepOptions{Where: where(condition{Field: "Number", Op: ge, Operand: 1000}),
					Part: part, Parts: parts, MaxScan: 100 * time.Microsecond})
				keys := make([]uint32, 300)
				for n := 0; err == nil; n, err = s.Next(keys, nil) {
					mutex.Lock()
					for _, key := range keys[:n] {
						seen[key]++
					}
					mutex.Unlock()
				}
				if err != io.EOF {
					t.Error(err)
				}
				mutex.Lock()
				defer mutex.Unlock()
				swept := s.Swept()
				if swept.Scanned > 0 {
					took++
				}
				sum.Scanned += swept.Scanned
				sum.Matched += swept.Matched
				sum.Deleted += swept.Deleted
				sum.Changed += swept.Changed
			}(part)
		}
		wg.Wait()
		if want := (bpfcompare.Swept{Scanned: n, Matched: n - 1000, Deleted: n - 1000}); sum != want {
			t.Errorf("%+v, want %+v", sum, want)
		}
		if maxEntries == n && took != parts {
			t.Errorf("%d parts took part", took)
		}
		for i := uint32(0); i < n; i++ {
			if want := map[bool]int{true: 1, false: 0}[i >= 1000]; seen[i] != want || has(fd, keyOf(i)) != (want == 0) {
				t.Fatalf("key %d came %d times, and is there: %v", i, seen[i], has(fd, keyOf(i)))
			}
		}
	}
}

// Goroutines that sweep, write and delete: what is deleted is counted once, what is refreshed stays.
func TestSweepMeanwhile(t *testing.T) {
	const n, rounds = 3000, 20
	fd := newMap(t, bpfcompare.Hash, 2*n)
	m := mapOf[uint32, value](t, fd)
	fill(t, fd, n)
	stop := make(chan struct{})
	var wg, sweepers sync.WaitGroup
	wg.Add(1)
	go func() { // refreshes what is never to match
		defer wg.Done()
		for i := uint32(0); ; i = (i + 1) % (n / 2) {
			select {
			case <-stop:
				return
			default:
				if err := bpfmap.Update(fd, keyOf(i), valueOf(uint64(i), 1)); err != nil {
					t.Error(err)
					return
				}
			}
		}
	}()
	var mutex sync.Mutex
	deleted := uint64(0)
	for g := 0; g < 4; g++ {
		sweepers.Add(1)
		go func() {
			defer sweepers.Done()
			for round := 0; round < rounds; round++ {
				swept, err := m.Sweep(&bpfcompare.SweepOptions{Where: where(condition{Field: "Number", Op: ge, Operand: n / 2})})
				if err != nil && err != bpfcompare.ErrAgain || swept.Matched < swept.Deleted {
					t.Errorf("%+v, %v", swept, err)
				}
				mutex.Lock()
				deleted += swept.Deleted
				mutex.Unlock()
			}
		}()
	}
	sweepers.Wait()
	close(stop)
	wg.Wait()
	if deleted != n/2 {
		t.Errorf("%d deleted, want %d", deleted, n/2)
	}
	for i := uint32(0); i < n; i++ {
		if has(fd, keyOf(i)) != (i < n/2) {
			t.Errorf("key %d: there it is: %v", i, has(fd, keyOf(i)))
		}
	}
}

func TestSweepMaxScan(t *testing.T) {
	for _, d := range []time.Duration{-1, -time.Hour, 0, 1, time.Microsecond, time.Second, time.Hour, 1<<63 - 1} {
		fd := newMap(t, bpfcompare.Hash, 4096)
		fill(t, fd, 100)
		swept, err := bpfcompare.Sweep(fd, &bpfcompare.SweepOptions{All: true, MaxScan: d})
		if want := (bpfcompare.Swept{Scanned: 100, Matched: 100, Deleted: 100}); err != nil || swept != want {
			t.Errorf("%v: %+v, %v", d, swept, err)
		}
	}
}

func TestSweepClosed(t *testing.T) {
	fd, m := newConns(t, conns)
	opts := &bpfcompare.SweepOptions{Where: where(condition{Field: "Closing", Operand: true})}
	s, err := m.Sweeper(opts)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.Next(make([]tuple, 1), nil); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	before := openFiles(t)
	wantError(t, m.Close(), nil)
	if after := openFiles(t); after > before-2 {
		t.Errorf("%d files open before, %d after: the program is still kept", before, after)
	}
	_, err = s.Next(make([]tuple, 1), nil)
	wantError(t, err, os.ErrClosed)
	_, err = m.Sweep(opts)
	wantError(t, err, os.ErrClosed)
	if swept := s.Swept(); swept.Deleted != 1 {
		t.Errorf("%+v", swept)
	}
	left := 0
	for i := 0; i < conns; i++ {
		if hasConn(fd, i) {
			left++
		}
	}
	if left != conns-1 {
		t.Errorf("%d left", left)
	}
}

// A Sweeper copies what it was given, and an error of one step is none of the next.
func TestSweeperGoesOn(t *testing.T) {
	fd, m := newConns(t, conns)
	opts := &bpfcompare.SweepOptions{Where: where(condition{Field: "Expires", Op: lt, Operand: 20 << 32}),
		Claim: make([]byte, 8), ClaimField: "Expires"}
	opts.Claim[0] = 1
	s, err := m.Sweeper(opts)
	if err != nil {
		t.Fatal(err)
	}
	for i := range opts.Claim {
		opts.Claim[i] = 0 // which entry 0 has
	}
	opts.Where[0][0].Operand = 0
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 4, Max: limit.Max}); err != nil {
		t.Fatal(err)
	}
	_, err = s.Next(nil, nil)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	wantError(t, err, syscall.EMFILE)
	var failure *bpfcompare.Error
	if !errors.As(err, &failure) {
		t.Errorf("%v is no Error", err)
	}
	if n, err := s.Next(nil, nil); n != 20 || err != nil {
		t.Errorf("%d deleted, %v", n, err)
	}
	wantLeft(t, fd, func(i int) bool { return i < 20 })
}

// Conditions of all sizes, with and without a sign, in both byte orders, where a Go type has no name for them.
func TestSweepSizes(t *testing.T) {
	fd := newMap(t, bpfcompare.Hash, 8)
	put(t, fd, keyOf(1), []byte{0, 0, 0, 0x81, 2, 3, 4, 5, 6, 7, 8, 0x89, 0, 0, 0, 0})
	const offset = 3 // not aligned
	for _, c := range []struct {
		size   uint32
		big    bool
		number uint64
	}{
		{1, false, 0x81}, {1, true, 0x81}, {2, false, 0x0281}, {2, true, 0x8102}, {4, false, 0x04030281},
		{4, true, 0x81020304}, {8, false, 0x0807060504030281}, {8, true, 0x8102030405060708},
	} {
		shift := 64 - 8*c.size
		for _, operand := range []any{c.number, int64(c.number<<shift) >> shift} {
			_, signed := operand.(int64)
			swept, err := bpfcompare.Sweep(fd, &bpfcompare.SweepOptions{Count: true, Where: where(condition{
				Offset: offset, Size: c.size, Signed: signed, BigEndian: c.big, Operand: operand})})
			if err != nil || swept.Matched != 1 {
				t.Errorf("%+v, %v: %+v, %v", c, reflect.TypeOf(operand), swept, err)
			}
		}
	}
}
