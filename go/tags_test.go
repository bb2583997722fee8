// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"syscall"
	"testing"

	bpfcompare "example.org/libbpf-compare/go"
	"example.org/libbpf-compare/go/internal/bpfmap"
)

var tagLine = regexp.MustCompile(`(?m)^prog_tag:\s*([0-9a-f]+)$`)

// programTags gives what the kernel calls this process' programs, after their instructions but for the maps in them, by
// their descriptors.
func programTags(t *testing.T) map[string]string {
	t.Helper()
	all, err := filepath.Glob("/proc/self/fdinfo/*")
	if err != nil {
		t.Fatal(err)
	}
	tags := map[string]string{}
	for _, path := range all {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if found := tagLine.FindSubmatch(text); found != nil {
			tags[filepath.Base(path)] = string(found[1])
		}
	}
	return tags
}

const (
	hash       = uint32(bpfcompare.Hash)
	lru        = uint32(bpfcompare.LRUHash)
	noPrealloc = 1
)

// tagCases are calls that have a program loaded, each on a map of its own.
var tagCases = []struct {
	name string
	info bpfmap.Info // keys of 21 bytes where none are said
	call func(fd int, key, value []byte) error
}{
	{"compare, all", bpfmap.Info{Type: hash, ValueSize: 56}, func(fd int, key, value []byte) error {
		return bpfcompare.DeleteIf(fd, key, value, &bpfcompare.Options{})
	}},
	{"compare, odd region", bpfmap.Info{Type: lru, ValueSize: 56}, func(fd int, key, value []byte) error {
		return bpfcompare.DeleteIf(fd, key, value[:29], &bpfcompare.Options{Offset: 13, Size: 29})
	}},
	{"compare, long region", bpfmap.Info{Type: hash, ValueSize: 33500}, func(fd int, key, value []byte) error {
		return bpfcompare.DeleteIf(fd, key, value, nil)
	}},
	{"compare, learned", bpfmap.Info{Type: hash, ValueSize: 56, MaxEntries: 8192}, deleteMany},
	{"compare, learned, LRU", bpfmap.Info{Type: lru, ValueSize: 56, MaxEntries: 8192}, deleteMany},
	{"claim, 8", bpfmap.Info{Type: hash, ValueSize: 56}, func(fd int, key, value []byte) error {
		return bpfcompare.DeleteIf(fd, key, value, &bpfcompare.Options{Claim: make8(9), ClaimOffset: 16})
	}},
	{"claim, 4", bpfmap.Info{Type: hash, ValueSize: 56}, func(fd int, key, value []byte) error {
		return bpfcompare.DeleteIf(fd, key, value[:8], &bpfcompare.Options{Offset: 17, Size: 8, Claim: make8(9)[:4],
			ClaimOffset: 20})
	}},
	{"claim under a lock", bpfmap.Info{Type: hash}, func(fd int, key, value []byte) error {
		return bpfcompare.DeleteIf(fd, key, value[:20], &bpfcompare.Options{Offset: 4, Size: 20, Claim: make8(9),
			ClaimOffset: 8})
	}},
	{"values", bpfmap.Info{Type: hash, ValueSize: 59}, func(fd int, key, value []byte) error {
		return bpfcompare.DeleteIf(fd, key, value, &bpfcompare.Options{Values: make([]byte, 59)})
	}},
	{"values beside a lock", bpfmap.Info{Type: hash}, func(fd int, key, value []byte) error {
		return bpfcompare.DeleteIf(fd, key, value[:16], &bpfcompare.Options{Offset: 8, Size: 16,
			Values: make([]byte, len(value))})
	}},
	{"linked", bpfmap.Info{Type: hash, ValueSize: 56}, func(fd int, key, value []byte) error {
		_, _, _, err := bpfcompare.DeleteLinkedIf(fd, key, value, nil, &bpfcompare.Linked{FD: fd, Keys: key, Seen: value})
		return err
	}},
	{"linked, claims", bpfmap.Info{Type: hash, ValueSize: 56}, func(fd int, key, value []byte) error {
		opts := &bpfcompare.Options{Claim: make8(9)}
		_, _, _, err := bpfcompare.DeleteLinkedIf(fd, key, value, opts, &bpfcompare.Linked{FD: fd, Keys: key,
			Seen: value, Options: opts})
		return err
	}},
	{"linked, claims under locks, any", bpfmap.Info{Type: hash}, func(fd int, key, value []byte) error {
		opts := &bpfcompare.Options{Offset: 8, Size: 8, Claim: make8(9), ClaimOffset: 8}
		_, _, _, err := bpfcompare.DeleteLinkedIf(fd, key, value[:8], opts, &bpfcompare.Linked{FD: fd, Keys: key,
			Any: true, Options: &bpfcompare.Options{Claim: make8(9), ClaimOffset: 8}})
		return err
	}},
	{"update", bpfmap.Info{Type: hash, ValueSize: 50}, func(fd int, key, value []byte) error {
		return bpfcompare.UpdateIf(fd, key, value, value, &bpfcompare.Options{Values: make([]byte, 50)})
	}},
	{"update, no condition", bpfmap.Info{Type: lru, ValueSize: 50}, func(fd int, key, value []byte) error {
		_, _, err := bpfcompare.UpdateBatch(fd, key, value, bpfcompare.UpdateAny)
		return err
	}},
	{"word, 8", bpfmap.Info{Type: hash, ValueSize: 56}, func(fd int, key, value []byte) error {
		return bpfcompare.UpdateInPlace(fd, key, value[:8], &bpfcompare.InPlace{Offset: 48, Size: 8, Op: bpfcompare.OpAdd})
	}},
	{"word, 4, condition", bpfmap.Info{Type: hash, ValueSize: 56}, func(fd int, key, value []byte) error {
		return bpfcompare.UpdateInPlace(fd, key, value[:4], &bpfcompare.InPlace{Offset: 4, Size: 4, Op: bpfcompare.OpXor,
			If: &bpfcompare.Options{Offset: 3, Size: 30}, Seen: value[:30]})
	}},
	{"bytes", bpfmap.Info{Type: hash}, func(fd int, key, value []byte) error {
		return bpfcompare.UpdateInPlace(fd, key, value[:11], &bpfcompare.InPlace{Offset: 9, Size: 11,
			If: &bpfcompare.Options{Offset: 4, Size: 20}, Seen: value[:20]})
	}},
	{"sweep, each", bpfmap.Info{Type: hash, ValueSize: 56}, sweepWhere(nil)},
	// The first one has walks tried, which the others then go by.
	{"sweep, buckets", bpfmap.Info{Type: hash, ValueSize: 56, MaxEntries: 8192, Flags: noPrealloc}, sweepAll(false)},
	{"sweep, elements", bpfmap.Info{Type: hash, ValueSize: 56, MaxEntries: 8192}, sweepAll(false)},
	{"sweep, elements, LRU", bpfmap.Info{Type: lru, ValueSize: 56, MaxEntries: 8192}, sweepAll(true)},
	{"sweep, conditions", bpfmap.Info{Type: hash, ValueSize: 56, MaxEntries: 8192}, sweepWhere(nil)},
	{"sweep, claim", bpfmap.Info{Type: hash, ValueSize: 56, MaxEntries: 8192}, sweepWhere(make8(9))},
}

func make8(first byte) []byte { return []byte{first, 0, 0, 0, 0, 0, 0, 0} }

// deleteMany is enough for what is to be learned of the kernel. They are all missing.
func deleteMany(fd int, key, value []byte) error {
	const n = 1<<16 + 1
	keys, values := make([]byte, n*len(key)), make([]byte, n*len(value))
	if _, _, err := bpfcompare.DeleteBatchIf(fd, keys, values, nil); err != nil {
		return err
	}
	return bpfcompare.DeleteIf(fd, key, value, nil)
}

func sweepAll(handsOut bool) func(fd int, key, value []byte) error {
	return func(fd int, key, value []byte) error {
		s, err := bpfcompare.NewSweeper(fd, &bpfcompare.SweepOptions{All: true})
		if err != nil {
			return err
		}
		if !handsOut {
			key, value = nil, nil
		}
		_, err = s.Next(key, value)
		return err
	}
}

// sweepWhere has conditions of all kinds.
func sweepWhere(claim []byte) func(fd int, key, value []byte) error {
	type where = bpfcompare.Condition
	word := where{Size: 8, Op: bpfcompare.LT, Operand: 5}
	return func(fd int, key, value []byte) error {
		_, err := bpfcompare.Sweep(fd, &bpfcompare.SweepOptions{Claim: claim, Where: bpfcompare.Where{
			{word, {Offset: 2, Size: 2, Op: bpfcompare.NE, Operand: 7}, {Key: true, Offset: 3, Size: 8, BigEndian: true,
				Op: bpfcompare.GE, Operand: 1, Mask: 0xff00}},
			{word, {Offset: 41, Size: 4, Signed: true, Op: bpfcompare.GT, Operand: -5}, {Offset: 11, Size: 2, Signed: true,
				BigEndian: true, Op: bpfcompare.LE, Operand: -5}},
			{word, {Offset: 50, Size: 4, Op: bpfcompare.Before, Operand: 9}, {Offset: 40, Size: 8, Op: bpfcompare.After,
				Operand: 9}, {Size: 1, Offset: 55, Operand: 3}},
		}})
		return err
	}
}

// TestProgramTags writes which programs are loaded for what: so that a build with cgo can be compared with one without.
func TestProgramTags(t *testing.T) {
	path := os.Getenv("BPFCOMPARE_TAGS")
	if path == "" {
		t.Skip("BPFCOMPARE_TAGS names no file to write to")
	}
	var out strings.Builder
	for _, c := range tagCases {
		fmt.Fprintln(&out, c.name, tagsOf(t, c.name, c.info, c.call))
	}
	if err := os.WriteFile(path, []byte(out.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}

// tagsOf has the call find the entry that it is about.
func tagsOf(t *testing.T, name string, info bpfmap.Info, call func(fd int, key, value []byte) error) (tags []string) {
	var fd int
	var err error
	if info.MaxEntries == 0 {
		info.MaxEntries = 8
	}
	if info.ValueSize == 0 {
		info.KeySize, info.ValueSize = 4, bpfmap.LockedValueSize
		fd, err = bpfmap.CreateLocked(info.Type, info.MaxEntries)
	} else {
		info.KeySize = 21
		fd, err = bpfmap.Create(info)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	defer bpfcompare.Release(fd)
	key, value := make([]byte, info.KeySize), make([]byte, info.ValueSize)
	key[0] = 1
	put(t, fd, key, value)
	before := programTags(t)
	if err := call(fd, key, value); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	for number, tag := range programTags(t) {
		if before[number] != tag {
			tags = append(tags, tag)
		}
	}
	sort.Strings(tags)
	if len(tags) == 0 {
		t.Errorf("%s: no program", name)
	}
	return tags
}
