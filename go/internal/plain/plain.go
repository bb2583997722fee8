// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

// Package plain has types whose memory is just their value, as that of a map's keys and values is.
package plain

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Bytes gives the bytes of a slice's elements, of a type that [Why] has nothing against.
func Bytes[T any](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
}

// Why says why a type's memory is not just its value, or nothing where it is.
func Why(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Array:
		return Why(t.Elem())
	case reflect.Struct:
		var end uintptr
		for i := 0; i < t.NumField(); i++ {
			f := t.Field(i)
			if f.Offset != end {
				return fmt.Sprintf("there is padding before %s", f.Name)
			}
			if why := Why(f.Type); why != "" {
				return fmt.Sprintf("%s: %s", f.Name, why)
			}
			end += f.Type.Size()
		}
		if end != t.Size() {
			return "there is padding at its end"
		}
		return ""
	case reflect.Bool, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64:
		return ""
	default:
		return fmt.Sprintf("C has no %v of the same layout", t.Kind())
	}
}
