// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build !cgo || purego

package emulation

import (
	"math"
	"syscall"

	"example.org/libbpf-compare/go/internal/call"
	"example.org/libbpf-compare/go/internal/sysbpf"
)

// The conditions of a sweep: whether they are such as they may be, and which entries they are true of.

const groupsMax = 8

func bits(size uint8) uint64 { return math.MaxUint64 >> (64 - 8*size) }

func checkCond(c *call.Cond, i int, info *sysbpf.MapInfo) error {
	what, room := "value", info.ValueSize
	if c.Flags&call.OfKey != 0 {
		what, room = "key", info.KeySize
	}
	switch {
	case c.Size != 1 && c.Size != 2 && c.Size != 4 && c.Size != 8:
		return refuse(syscall.EINVAL, "condition %d: size %d is not 1, 2, 4 or 8", i, c.Size)
	case c.Op > call.After:
		return refuse(syscall.EINVAL, "condition %d: unknown op %d", i, c.Op)
	case c.Flags&^(call.OfKey|call.Signed|call.BigEndian) != 0:
		return refuse(syscall.EINVAL, "condition %d: unknown flags 0x%x", i, c.Flags)
	case uint32(c.Size) > room || c.Offset > room-uint32(c.Size):
		return refuse(syscall.EINVAL, "condition %d: offset %d + size %d is past the %s's end: %d", i, c.Offset, c.Size,
			what, room)
	case c.Mask&^bits(c.Size) != 0:
		return refuse(syscall.EINVAL, "condition %d: a bit of the mask is not in %d bytes", i, c.Size)
	case c.Operand&^bits(c.Size) != 0:
		return refuse(syscall.EINVAL, "condition %d: a bit of the operand is not in %d bytes", i, c.Size)
	}
	return nil
}

func checkGroup(conds []call.Cond, i int) error {
	group, before := conds[i].Group, uint8(0)
	if i > 0 {
		before = conds[i-1].Group
	}
	if group >= groupsMax {
		return refuse(syscall.EINVAL, "condition %d: group %d, of at most %d", i, group, groupsMax)
	}
	if i == 0 && group != 0 || i > 0 && group != before && group != before+1 {
		return refuse(syscall.EINVAL, "condition %d: group %d does not follow group %d", i, group, before)
	}
	return nil
}

func overlaps(c *call.Cond, claim *claim) bool {
	return c.Flags&call.OfKey == 0 && c.Offset < claim.offset+claim.size && claim.offset < c.Offset+uint32(c.Size)
}

// isInWord tells whether the field is the claim's word, or part of it.
func isInWord(c *call.Cond, claim *claim) bool {
	return claim.size != 0 && c.Flags&call.OfKey == 0 && c.Offset >= claim.offset &&
		c.Offset+uint32(c.Size) <= claim.offset+claim.size
}

// checkJudgedWord is so that what is claimed was judged.
func (s *sweep) checkJudgedWord(claim *claim) error {
	if claim.size == 0 {
		return nil
	}
	judged := false
	for i := range s.conds {
		c := &s.conds[i]
		if i > 0 && c.Group != s.conds[i-1].Group {
			if !judged {
				break
			}
			judged = false
		}
		if overlaps(c, claim) && !isInWord(c, claim) {
			return refuse(syscall.EINVAL, "condition %d: its field is the claim's in part", i)
		}
		judged = judged || isInWord(c, claim) && uint32(c.Size) == claim.size
	}
	if !judged {
		return refuse(syscall.EINVAL, "the claim's %d bytes at %d are no condition's field in some group", claim.size,
			claim.offset)
	}
	return nil
}

func (s *sweep) checkConditions(info *sysbpf.MapInfo, claim *claim) error {
	all := s.flags&call.SweepAll != 0
	switch {
	case all && len(s.conds) > 0:
		return refuse(syscall.EINVAL, "BPF_MAP_SWEEP_ALL with conditions")
	case !all && len(s.conds) == 0:
		return refuse(syscall.EINVAL, "neither conditions nor BPF_MAP_SWEEP_ALL")
	case all && claim.size != 0:
		return refuse(syscall.EINVAL, "BPF_MAP_SWEEP_ALL with a claim")
	}
	for i := range s.conds {
		if err := checkCond(&s.conds[i], i, info); err != nil {
			return err
		}
		if err := checkGroup(s.conds, i); err != nil {
			return err
		}
	}
	return s.checkJudgedWord(claim)
}

// isLike tells whether a program for the ones serves the others: but for the operands.
func (s *sweep) isLike(other *sweep) bool {
	if len(s.conds) != len(other.conds) {
		return false
	}
	for i, c := range s.conds {
		c.Operand = other.conds[i].Operand
		if c != other.conds[i] {
			return false
		}
	}
	return true
}

func extended(field uint64, size uint8) uint64 {
	by := 64 - 8*size
	return uint64(int64(field<<by) >> by)
}

// operandOf is as it is compared: of a signed one the sign is extended.
func operandOf(c *call.Cond) uint64 {
	if c.Flags&call.Signed != 0 && c.Op != call.Before && c.Op != call.After {
		return extended(c.Operand, c.Size)
	}
	return c.Operand
}

func readField(c *call.Cond, from []byte) uint64 {
	big, field := c.Flags&call.BigEndian != 0 || bigEndian, uint64(0)
	for i := uint8(0); i < c.Size; i++ {
		at := c.Size - 1 - i
		if big {
			at = i
		}
		field = field<<8 | uint64(from[c.Offset+uint32(at)])
	}
	if c.Mask != 0 {
		field &= c.Mask
	}
	return field
}

// order is how two numbers compare: -1, 0 or 1.
func order(a, b uint64, signed bool) int {
	if signed {
		a ^= 1 << 63
		b ^= 1 << 63
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func holds(c *call.Cond, key, value []byte) bool {
	from := value
	if c.Flags&call.OfKey != 0 {
		from = key
	}
	field, signed, now := readField(c, from), c.Flags&call.Signed != 0, 0
	switch {
	case c.Op == call.Before || c.Op == call.After:
		now = order(extended(field-c.Operand, c.Size), 0, true)
	case signed:
		now = order(extended(field, c.Size), operandOf(c), true)
	default:
		now = order(field, operandOf(c), false)
	}
	switch c.Op {
	case call.EQ:
		return now == 0
	case call.NE:
		return now != 0
	case call.LT, call.Before:
		return now < 0
	case call.LE:
		return now <= 0
	case call.GE:
		return now >= 0
	}
	return now > 0
}

// match tells whether the conditions of any one group hold; all entries match where there are none.
func (s *sweep) match(key, value []byte) bool {
	all := true
	for i := range s.conds {
		if i > 0 && s.conds[i].Group != s.conds[i-1].Group {
			if all {
				return true
			}
			all = true
		}
		all = all && holds(&s.conds[i], key, value)
	}
	return all
}

// judged is the region of a value from the first of its fields that are judged to the last; its size is 0 where none
// is.
func (s *sweep) judged() region {
	from, end := uint32(0), uint32(0)
	for i := range s.conds {
		c := &s.conds[i]
		if c.Flags&call.OfKey != 0 {
			continue
		}
		if end == 0 || c.Offset < from {
			from = c.Offset
		}
		if c.Offset+uint32(c.Size) > end {
			end = c.Offset + uint32(c.Size)
		}
	}
	return region{from, end - from}
}
