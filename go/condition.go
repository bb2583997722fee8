// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

package bpfcompare

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unsafe"

	"example.org/libbpf-compare/go/internal/call"
)

// Where says which entries match: those that all conditions of any one group are true of. There are up to 16
// conditions, in up to 8 groups.
type Where [][]Condition

// Op is how a field compares with an operand.
type Op uint8

const (
	EQ     Op = call.EQ
	NE     Op = call.NE
	LT     Op = call.LT
	LE     Op = call.LE
	GT     Op = call.GT
	GE     Op = call.GE
	Before Op = call.Before // of clocks that wrap: the difference, signed, is below 0;
	After  Op = call.After  // is above 0
)

// Condition is true of an entry whose field compares with the operand as Op says.
type Condition struct {
	// Field is the field's name in the values' type of a [Map], with dots from a struct to its own:
	// "Tuple.Port", and "Words[2]" for an array's element. It has a size of 1, 2, 4 or 8 bytes: an integer,
	// signed if its type is, or a bool or array of bytes, an unsigned number. Where the values are such a
	// number it is "".
	Field string
	// Key says that it is a field of the keys instead.
	Key bool
	// Offset, Size and Signed say in place of Field where the field is, in bytes, and whether it has a sign.
	// Without a Map it takes these.
	Offset, Size uint32
	Signed       bool
	// BigEndian says that it is a number in that byte order, as addresses and ports are.
	BigEndian bool
	// Mask is ANDed to the number first, before it has its sign; 0 is all bits.
	Mask uint64
	// Op is EQ where it is left out.
	Op Op
	// Operand is of any type of integer that holds it, and within what the field can be; or a bool; or an
	// array or slice of as many bytes as the field has, which are a number as those of the field.
	Operand any
}

// field is where a condition's field is, and what.
type field struct {
	offset, size uintptr
	signed       bool
}

// conds gives the conditions to what carries a call out.
func (w Where) conds(key, value reflect.Type) (conds []call.Cond, err error) {
	if len(w) > math.MaxUint8 {
		return nil, invalid("%d groups of conditions", len(w))
	}
	for i, group := range w {
		if len(group) == 0 {
			return nil, invalid("group %d has no conditions", i)
		}
		for j := range group {
			cond, err := group[j].cond(key, value)
			if err != nil {
				return nil, err
			}
			cond.Group = uint8(i)
			conds = append(conds, cond)
		}
	}
	return conds, nil
}

func (c *Condition) cond(key, value reflect.Type) (cond call.Cond, err error) {
	f, err := c.field(key, value)
	if err != nil {
		return cond, err
	}
	operand, err := c.number(f)
	if err != nil {
		return cond, err
	}
	if c.Mask&^bits(f.size) != 0 {
		return cond, invalid("%s: mask %#x, of %d bytes", c.name(), c.Mask, f.size)
	}
	var flags uint8
	if c.Key {
		flags |= call.OfKey
	}
	if f.signed {
		flags |= call.Signed
	}
	if c.BigEndian {
		flags |= call.BigEndian
	}
	return call.Cond{
		Offset:  uint32(f.offset),
		Size:    uint8(f.size),
		Op:      uint8(c.Op),
		Flags:   flags,
		Mask:    c.Mask,
		Operand: operand,
	}, nil
}

// field finds the field by its name or place.
func (c *Condition) field(key, value reflect.Type) (field, error) {
	what, of := "value", value
	if c.Key {
		what, of = "key", key
	}
	if c.Size != 0 || of == nil {
		if c.Field != "" {
			return field{}, invalid("%s: a field by its name takes a Map, and no Size", c.name())
		}
		if !isSize(uintptr(c.Size)) {
			return field{}, invalid("%s: a field of %d bytes, which is not 1, 2, 4 or 8", c.name(), c.Size)
		}
		return field{uintptr(c.Offset), uintptr(c.Size), c.Signed}, nil
	}
	if c.Offset != 0 || c.Signed {
		return field{}, invalid("%s: Offset or Signed without Size", c.name())
	}
	return fieldOf(what, of, c.Field)
}

// name is for errors.
func (c *Condition) name() string {
	what := "value"
	if c.Key {
		what = "key"
	}
	switch {
	case c.Field != "":
		return fmt.Sprintf("condition on the %s's %s", what, c.Field)
	case c.Size != 0:
		return fmt.Sprintf("condition on the %s's %d bytes at %d", what, c.Size, c.Offset)
	default:
		return fmt.Sprintf("condition on the %s", what)
	}
}

// number gives the operand as it is wanted: extended by zeros.
func (c *Condition) number(f field) (uint64, error) {
	v := reflect.ValueOf(c.Operand)
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := v.Int()
		if f.signed && uint64(n)&^(bits(f.size)>>1) == 0 || !f.signed && n >= 0 && uint64(n)&^bits(f.size) == 0 {
			return uint64(n), nil
		}
		if f.signed && n < 0 && ^uint64(n)&^(bits(f.size)>>1) == 0 {
			return uint64(n) & bits(f.size), nil
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		most := bits(f.size)
		if f.signed {
			most >>= 1
		}
		if v.Uint() <= most {
			return v.Uint(), nil
		}
	case reflect.Bool:
		if v.Bool() {
			return 1, nil
		}
		return 0, nil
	case reflect.Array, reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 || uintptr(v.Len()) != f.size {
			break
		}
		b := make([]byte, f.size)
		for i := range b {
			b[i] = byte(v.Index(i).Uint())
		}
		return numberOf(b, c.BigEndian), nil
	case reflect.Invalid:
		return 0, invalid("%s: no operand", c.name())
	}
	sign := "un"
	if f.signed {
		sign = ""
	}
	return 0, invalid("%s: operand %v of type %T is no %ssigned number of %d bytes", c.name(), c.Operand, c.Operand,
		sign, f.size)
}

// numberOf reads a number in big endian, or in the machine's byte order.
func numberOf(b []byte, bigEndian bool) uint64 {
	one := uint16(1)
	little := *(*byte)(unsafe.Pointer(&one)) == 1
	if bigEndian || !little {
		return binary.BigEndian.Uint64(append(make([]byte, 8-len(b)), b...))
	}
	return binary.LittleEndian.Uint64(append(b, make([]byte, 8-len(b))...))
}

// bits are all those of so many bytes.
func bits(size uintptr) uint64 { return math.MaxUint64 >> (64 - 8*size) }

func isSize(size uintptr) bool { return size == 1 || size == 2 || size == 4 || size == 8 }

// fieldOf finds the field of a type that is named so.
func fieldOf(what string, t reflect.Type, name string) (field, error) {
	var offset uintptr
	at := t
	for _, step := range steps(name) {
		inner, more, ok := inside(at, step)
		if !ok {
			return field{}, invalid("%v as a %s has no field %q%s", t, what, name, prefixed(", but ", namesIn(t, "")))
		}
		offset, at = offset+more, inner
	}
	f, ok := numberType(at)
	if !ok {
		if name != "" {
			what += "'s " + name
		}
		return f, invalid("%v as a %s is no number%s", at, what, prefixed(", but has ", namesIn(at, "")))
	}
	f.offset = offset
	return f, nil
}

// steps gives the names of fields, and the numbers in brackets, that a name is made of.
func steps(name string) []string {
	if name == "" {
		return nil
	}
	name = strings.ReplaceAll(name, "[", ".[")
	if strings.HasPrefix(name, ".[") { // of an array
		name = name[1:]
	}
	return strings.Split(name, ".")
}

// inside tells where a step into a type leads.
func inside(t reflect.Type, step string) (inner reflect.Type, offset uintptr, ok bool) {
	switch t.Kind() {
	case reflect.Struct:
		f, ok := t.FieldByName(step)
		if !ok || step == "_" {
			return nil, 0, false
		}
		for i := range f.Index { // of structs that are embedded too
			offset += t.FieldByIndex(f.Index[:i+1]).Offset
		}
		return f.Type, offset, true
	case reflect.Array:
		number := strings.TrimSuffix(strings.TrimPrefix(step, "["), "]")
		i, err := strconv.Atoi(number)
		if err != nil || step != fmt.Sprintf("[%d]", i) || i < 0 || i >= t.Len() {
			return nil, 0, false
		}
		return t.Elem(), uintptr(i) * t.Elem().Size(), true
	}
	return nil, 0, false
}

// numberType tells which number a type's memory is, if any.
func numberType(t reflect.Type) (field, bool) {
	f := field{size: t.Size()}
	switch t.Kind() {
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		f.signed = true
		return f, true
	case reflect.Bool, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return f, true
	case reflect.Array:
		return f, t.Elem().Kind() == reflect.Uint8 && isSize(f.size)
	}
	return f, false
}

// prefixed lists names, if there are any.
func prefixed(prefix string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return prefix + strings.Join(names, ", ")
}

// namesIn gives the names of what can be compared of a type.
func namesIn(t reflect.Type, prefix string) (names []string) {
	if _, ok := numberType(t); ok && prefix != "" {
		return []string{prefix}
	}
	switch t.Kind() {
	case reflect.Struct:
		for i := 0; i < t.NumField(); i++ {
			if f := t.Field(i); f.Name != "_" {
				names = append(names, namesIn(f.Type, strings.TrimPrefix(prefix+"."+f.Name, "."))...)
			}
		}
	case reflect.Array:
		if t.Len() > 0 {
			names = namesIn(t.Elem(), fmt.Sprintf("%s[0..%d]", prefix, t.Len()-1))
		}
	}
	return names
}
