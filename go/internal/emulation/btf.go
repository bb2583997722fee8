// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// cilium/ebpf's package btf of 0.9.1 reads no BTF with enums of 64 bits, which kernels have since 6.0, and takes all of
// the kernel's apart, where a few types of it are wanted. So the little that is needed is read here.

const (
	kindInt      = 1
	kindPtr      = 2
	kindArray    = 3
	kindStruct   = 4
	kindUnion    = 5
	kindEnum     = 6
	kindTypedef  = 8
	kindVolatile = 9
	kindConst    = 10
	kindRestrict = 11
	kindFunc     = 12
	kindProto    = 13
	kindVar      = 14
	kindDatasec  = 15
	kindDeclTag  = 17
	kindTypeTag  = 18
	kindEnum64   = 19
)

const btfMagic = 0xeb9f

var errBTF = errors.New("BTF that is not understood")

var native = func() binary.ByteOrder {
	if bigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}()

// btf is types by their ids.
type btf struct {
	types, strings []byte
	at             []uint32 // where each is, of which the first one is number 1
}

// btfType is one of them.
type btfType struct {
	name, info, size uint32 // size, or another type
	behind           []byte
}

func (t *btfType) kind() uint32  { return t.info >> 24 & 0x1f }
func (t *btfType) count() uint32 { return t.info & 0xffff }

// sizeBehind is what follows a type in the list; -1 where its kind is not known.
func sizeBehind(kind, count uint32) int {
	switch kind {
	case kindInt, kindVar, kindDeclTag:
		return 4
	case kindArray:
		return 12
	case kindStruct, kindUnion, kindDatasec, kindEnum64:
		return 12 * int(count)
	case kindEnum, kindProto:
		return 8 * int(count)
	case kindPtr, 7, kindTypedef, kindVolatile, kindConst, kindRestrict, kindFunc, 16, kindTypeTag:
		return 0
	}
	return -1
}

// parseBTF finds where the types are. Those behind one that is not known are left out.
func parseBTF(raw []byte) (*btf, error) {
	if len(raw) < 24 || native.Uint16(raw) != btfMagic || raw[2] != 1 {
		return nil, errBTF
	}
	header := uint64(native.Uint32(raw[4:]))
	part := func(at int) ([]byte, bool) {
		start := header + uint64(native.Uint32(raw[at:]))
		end := start + uint64(native.Uint32(raw[at+4:]))
		if end > uint64(len(raw)) {
			return nil, false
		}
		return raw[start:end], true
	}
	types, ok := part(8)
	strings, alsoOK := part(16)
	if !ok || !alsoOK {
		return nil, errBTF
	}
	b := &btf{types: types, strings: strings, at: make([]uint32, 1, len(types)/24+1)}
	for at := 0; at+12 <= len(types); {
		info := native.Uint32(types[at+4:])
		behind := sizeBehind(info>>24&0x1f, info&0xffff)
		if behind < 0 || at+12+behind > len(types) {
			break
		}
		b.at = append(b.at, uint32(at))
		at += 12 + behind
	}
	return b, nil
}

// typeOf gives a type by its id, or nil.
func (b *btf) typeOf(id uint32) *btfType {
	if id == 0 || id >= uint32(len(b.at)) {
		return nil
	}
	raw := b.types[b.at[id]:]
	t := &btfType{native.Uint32(raw), native.Uint32(raw[4:]), native.Uint32(raw[8:]), nil}
	t.behind = raw[12 : 12+sizeBehind(t.kind(), t.count())]
	return t
}

func (b *btf) nameAt(at uint32) []byte {
	if at >= uint32(len(b.strings)) {
		return nil
	}
	name := b.strings[at:]
	if end := bytes.IndexByte(name, 0); end >= 0 {
		return name[:end]
	}
	return nil
}

func (b *btf) isNamed(at uint32, name string) bool { return string(b.nameAt(at)) == name }

// find gives the id of a type of a name, and 0 where there is none.
func (b *btf) find(name string, kind uint32) uint32 {
	for id := 1; id < len(b.at); id++ {
		raw := b.types[b.at[id]:]
		if native.Uint32(raw[4:])>>24&0x1f == kind && b.isNamed(native.Uint32(raw), name) {
			return uint32(id)
		}
	}
	return 0
}

// member is one of a struct.
type member struct {
	of     uint32 // its type's id
	offset uint32 // in bytes
}

func (b *btf) memberOf(t *btfType, i uint32) (m member, name uint32) {
	raw := t.behind[12*i:]
	bits := native.Uint32(raw[8:])
	if t.info>>31 != 0 { // there are bit fields, and their sizes
		bits &= 0xffffff
	}
	return member{native.Uint32(raw[4:]), bits / 8}, native.Uint32(raw)
}

// findMember finds one of a struct, or of its unnamed parts so many levels down.
func (b *btf) findMember(t *btfType, name string, levels int) (member, bool) {
	if t == nil || t.kind() != kindStruct && t.kind() != kindUnion {
		return member{}, false
	}
	for i := uint32(0); i < t.count(); i++ {
		m, this := b.memberOf(t, i)
		if b.isNamed(this, name) {
			return m, true
		}
		if len(b.nameAt(this)) > 0 || levels == 0 {
			continue
		}
		if found, ok := b.findMember(b.typeOf(m.of), name, levels-1); ok {
			found.offset += m.offset
			return found, true
		}
	}
	return member{}, false
}

// withoutModifiers is what a type is apart from const and the like.
func (b *btf) withoutModifiers(t *btfType) *btfType {
	for t != nil {
		switch t.kind() {
		case kindTypedef, kindVolatile, kindConst, kindRestrict, kindTypeTag:
			t = b.typeOf(t.size)
		default:
			return t
		}
	}
	return nil
}
