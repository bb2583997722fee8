// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"errors"
	"io/fs"
	"os"
	"sync"
)

// What the kernel's BTF tells: which of its functions programs may call, and where in its hash maps is what a program
// looks at. It takes some milliseconds, is done once, and remembered.

// Functions of the kernel's that programs may call.
type kfuncs [2]uint32 // their ids

const (
	preemptDisable = 0 // Linux 6.10
	preemptEnable  = 1
)

// hashtab is offsets in the kernel's structs of a hash map, in bytes.
type hashtab struct {
	buckets, nBuckets, seed    uint32 // of bpf_htab
	elems, elemSize            uint32 // likewise, of pre-allocated maps
	head, bucketSize           uint32 // of bucket
	elemHash, elemKey, elemLRU uint32 // of htab_elem
	lruType                    uint32 // of htab_elem, for LRU maps: which list it is in,
	lruFree, lruLocalFree      uint32 // and the numbers of those of free ones
	wordType                   uint32 // id of a struct's type that starts with 64 bits
	cast                       uint32 // id of bpf_rdonly_cast(), or 0
}

var kernel struct {
	sync.Mutex
	known      bool
	kfuncs     kfuncs
	hasKfuncs  bool
	hashtab    hashtab
	hasHashtab bool
}

// learn reads the kernel's BTF. Where that is not to be had nothing in it is.
func learn() error {
	raw, err := os.ReadFile("/sys/kernel/btf/vmlinux")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	kernel.known = true
	b, err := parseBTF(raw)
	if err != nil {
		return nil
	}
	kernel.kfuncs = kfuncs{b.find("bpf_preempt_disable", kindFunc), b.find("bpf_preempt_enable", kindFunc)}
	kernel.hasKfuncs = kernel.kfuncs[0] != 0 && kernel.kfuncs[1] != 0
	kernel.hasHashtab = kernel.hashtab.read(b)
	return nil
}

// findKfuncs tells whether the kernel has all of them.
func findKfuncs() (found kfuncs, has bool, err error) {
	kernel.Lock()
	defer kernel.Unlock()
	if !kernel.known {
		err = learn()
	}
	return kernel.kfuncs, kernel.hasKfuncs, err
}

// hashtabLayout tells whether it is known, and learns it only where that is wanted.
func hashtabLayout(learns bool) (hashtab, bool) {
	kernel.Lock()
	defer kernel.Unlock()
	if !kernel.known && learns {
		learn() // else it is not known
	}
	return kernel.hashtab, kernel.hasHashtab
}

func (h *hashtab) read(b *btf) bool {
	table, elem := b.typeOf(b.find("bpf_htab", kindStruct)), b.typeOf(b.find("htab_elem", kindStruct))
	// Some struct that starts with a number of 64 bits, and is part of the kernel's interface.
	h.wordType = b.find("bpf_cgroup_storage_key", kindStruct)
	h.cast = b.find("bpf_rdonly_cast", kindFunc)
	if table == nil || elem == nil || h.wordType == 0 {
		return false
	}
	buckets, ok := b.findMember(table, "buckets", 0)
	pointer := b.typeOf(buckets.of)
	if !ok || pointer == nil || pointer.kind() != kindPtr {
		return false
	}
	// By what points to it: of its name there are more than one.
	bucket := b.typeOf(pointer.size)
	if bucket == nil || !h.readLRU(b, elem) {
		return false
	}
	h.buckets, h.bucketSize = buckets.offset, bucket.size
	for _, f := range []struct {
		of   *btfType
		name string
		to   *uint32
	}{
		{bucket, "head", &h.head}, {table, "n_buckets", &h.nBuckets}, {table, "elems", &h.elems},
		{table, "elem_size", &h.elemSize}, {table, "hashrnd", &h.seed}, {elem, "hash", &h.elemHash},
		{elem, "key", &h.elemKey},
	} {
		m, ok := b.findMember(f.of, f.name, 0)
		if !ok {
			return false
		}
		*f.to = m.offset
	}
	return true
}

// readLRU reads what of an LRU map's elements tells free ones.
func (h *hashtab) readLRU(b *btf, elem *btfType) bool {
	node, ok := b.findMember(elem, "lru_node", 1)
	if !ok {
		return false
	}
	kind, ok := b.findMember(b.typeOf(node.of), "type", 0)
	lists := b.typeOf(b.find("bpf_lru_list_type", kindEnum))
	if !ok || lists == nil {
		return false
	}
	h.elemLRU, h.lruType = node.offset, node.offset+kind.offset
	known := 0
	for i := uint32(0); i < lists.count(); i++ {
		raw := lists.behind[8*i:]
		value := native.Uint32(raw[4:])
		switch string(b.nameAt(native.Uint32(raw))) {
		case "BPF_LRU_LIST_T_FREE":
			h.lruFree = value
			known++
		case "BPF_LRU_LOCAL_LIST_T_FREE":
			h.lruLocalFree = value
			known++
		}
	}
	return known == 2
}
