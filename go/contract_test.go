// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"fmt"
	"math/rand"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
)

var descriptorIn = regexp.MustCompile(`descriptor,? [0-9]+`)

// caller makes calls that are right or wrong by chance, and by the same chance each time it is run.
type caller struct {
	*rand.Rand
	fds  []int
	info []bpfmap.Info
}

// one gives any of them, the first one in every other case.
func one[T any](c *caller, first T, others ...T) T {
	if i := c.Intn(2 * (len(others) + 1)); i < len(others) {
		return others[i]
	}
	return first
}

func (c *caller) bytes(size int, kind byte) []byte {
	if c.Intn(40) == 0 {
		return nil
	}
	b := make([]byte, one(c, size, size, size, size, size+1, 0))
	for i := range b {
		b[i] = one(c, kind, kind, kind, kind, 2)
	}
	return b
}

func (c *caller) options(valueSize int) (opts *bpfcompare.Options, seen []byte) {
	o := &bpfcompare.Options{Offset: one[uint32](c, 0, 8, 8, 8, 17), Whole: one(c, false, true),
		Backend: one(c, bpfcompare.Auto, bpfcompare.SyscallProg, bpfcompare.SyscallProg, bpfcompare.Native, 3)}
	o.Size = one[uint32](c, o.Offset, 8, 4, 9)
	o.Claim = one(c, nil, []byte{9, 1, 1, 1, 1, 1, 1, 1}, []byte{9, 1, 1, 1}, []byte{1, 1, 1, 1}, []byte{}, []byte{1, 2, 3})
	if o.Claim != nil {
		o.ClaimOffset = one[uint32](c, o.Offset, 4, 16)
	} else {
		o.ClaimOffset = one[uint32](c, 0, 0, 0, 0, 8)
	}
	o.ClaimFirst, o.ClaimLast = one[uint64](c, 0, 0, 0, 0, 9), one[uint64](c, 0, 0, 0, 1<<62, 3)
	if c.Intn(4) == 0 {
		o.Values = c.bytes(valueSize, 0)
	}
	size := int(o.Size)
	if o.Whole || size == 0 {
		size = valueSize
	}
	return o, c.bytes(size, 1)
}

func (c *caller) call(i int) string {
	which := one(c, 0, 1, 2, 3, 4, 5, 6, 7)
	fd, info := c.fds[which], c.info[which]
	key, value := c.bytes(int(info.KeySize), 1), c.bytes(int(info.ValueSize), 1)
	if c.Intn(30) == 0 {
		fd = -1
	}
	opts, seen := c.options(int(info.ValueSize))
	flags := bpfcompare.UpdateFlags(c.Intn(4))
	in := &bpfcompare.InPlace{Offset: one[uint32](c, 8, 0, 6, 18), Size: one[uint32](c, 8, 4, 0, 1, 5),
		Op: bpfcompare.WordOp(c.Intn(7)), ClaimLast: one[uint64](c, 0, 0, 0, 3), ClaimFirst: one[uint64](c, 0, 0, 0, 9)}
	if c.Intn(3) == 0 {
		opts.Claim, opts.ClaimOffset, opts.ClaimFirst, opts.ClaimLast, opts.Values = nil, 0, 0, 0, nil
		in.If, in.Seen = opts, seen
	}
	if c.Intn(3) == 0 {
		in.Old = c.bytes(int(in.Size), 0)
	}
	switch i % 8 {
	case 0:
		return fmt.Sprint(bpfcompare.DeleteIf(fd, key, seen, opts), opts.Values)
	case 1:
		return fmt.Sprint(bpfcompare.DeleteBatchIf(fd, key, seen, opts))
	case 2:
		other := one(c, which, 0, 1, 2, 3, 4, 5, 6, 7)
		theirs, theirSeen := c.options(int(c.info[other].ValueSize))
		theirs.Backend, theirs.ClaimFirst, theirs.ClaimLast, theirs.Values = 0, 0, 0, nil
		l := &bpfcompare.Linked{FD: c.fds[other], Keys: c.bytes(int(c.info[other].KeySize), 2), Seen: theirSeen,
			Options: theirs, Fate: bpfcompare.Fate(c.Intn(9))}
		if l.Any = c.Intn(3) == 0; l.Any || l.Fate == bpfcompare.LinkedAbsent {
			l.Seen = nil
		}
		return fmt.Sprint(bpfcompare.DeleteLinkedIf(fd, key, seen, opts, l))
	case 3:
		return fmt.Sprint(bpfcompare.Update(fd, key, value, flags))
	case 4:
		return fmt.Sprint(bpfcompare.UpdateIf(fd, key, seen, value, opts), opts.Values)
	case 5:
		return fmt.Sprint(bpfcompare.UpdateInPlace(fd, key, value[:one(c, len(value), 0, 4%(len(value)+1), 8%(len(value)+1))],
			in), in.Old)
	case 6:
		s, err := bpfcompare.Sweep(fd, &bpfcompare.SweepOptions{All: c.Intn(4) == 0, Count: c.Intn(2) == 0,
			Claim: opts.Claim, ClaimOffset: opts.ClaimOffset, ClaimFirst: opts.ClaimFirst, ClaimLast: opts.ClaimLast,
			Where: where(condition{Size: one[uint32](c, 8, 4, 8, 1), Offset: one[uint32](c, opts.Offset, 0, 3, 22),
				Op: bpfcompare.Op(c.Intn(9)), Operand: 77})})
		return fmt.Sprint(s, err)
	}
	err := bpfcompare.Delete(fd, key)
	if claim, held, err := bpfcompare.TakeClaim(fd, opts.ClaimFirst, opts.ClaimLast, len(opts.Claim)); err == nil {
		held.Close()
		return fmt.Sprint(claim)
	}
	return fmt.Sprint(err)
}

// TestContract writes what is answered to calls that are right or wrong by chance: so that a build with cgo can be
// compared with one without.
func TestContract(t *testing.T) {
	path := os.Getenv("BPFCOMPARE_CONTRACT")
	if path == "" {
		t.Skip("BPFCOMPARE_CONTRACT names no file to write to")
	}
	seed, _ := strconv.ParseInt(os.Getenv("BPFCOMPARE_SEED"), 10, 64)
	c := &caller{Rand: rand.New(rand.NewSource(seed))}
	const array, percpuHash, readOnly, readOnlyProg = 2, 5, 1 << 3, 1 << 7
	for _, info := range []bpfmap.Info{{Type: hash}, {Type: lru}, {Type: hash}, {Type: array}, {Type: percpuHash},
		{Type: hash, Flags: readOnlyProg}, {Type: hash, Flags: readOnly}, {Type: lru}} {
		info.KeySize, info.ValueSize, info.MaxEntries = 4, 24, 256
		fd, err := bpfmap.Create(info)
		if len(c.fds) == 2 {
			fd, err = bpfmap.CreateLocked(hash, 256)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer syscall.Close(fd)
		defer bpfcompare.Release(fd)
		if len(c.fds) == 7 {
			if err := bpfmap.Freeze(fd); err != nil {
				t.Fatal(err)
			}
		}
		c.fds, c.info = append(c.fds, fd), append(c.info, info)
	}
	var out strings.Builder
	for i := 0; i < 6000; i++ {
		for n := byte(1); n < 3 && i%8 < 7; n++ {
			bpfmap.Update(c.fds[0], []byte{n, n, n, n}, []byte(strings.Repeat(string(rune(n)), 24)))
		}
		fmt.Fprintln(&out, i, descriptorIn.ReplaceAllString(c.call(i), "descriptor"))
	}
	if err := os.WriteFile(path, []byte(out.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}
