/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* EXPERIMENTAL: what a program has of a flow table in an arena. Included by <bpf/bpf_flowtab.h>. */
#ifndef __LIBBPF_BPF_FLOWTAB_BPF_H
#define __LIBBPF_BPF_FLOWTAB_BPF_H

#include "bpf_flowtab_visit.bpf.h"
#include "bpf_flowtab_create.bpf.h"

/*
 * BPF_FLOWTAB(table, key_type, value_type, slots)
 * BPF_FLOWTAB_PAIRS(table, key_type, value_type, slots)
 *
 *	Declares the table's map, and the functions behind those below, at file scope; with PAIRS each record has
 *	two keys. The map is created by bpf_flowtab__create(), with these very sizes and slots of a bucket (8 or
 *	16), and put in the place of this one before the object is loaded. An object has one table.
 *
 * bpf_flowtab_lookup(table, key, value)
 *
 *	Finds the key's entry, and leaves it as it is. Who reads through *value may read what is another entry's
 *	by then, where the entry is deleted meanwhile; nobody who only looked may write. DONE, NO_ENTRY, NO_TABLE.
 *
 * bpf_flowtab_refresh(table, key, ns, class, value)
 *
 *	Sets the entry's time to ns, unless it is later already, and its class, unless that is
 *	BPF_FLOWTAB_SAME_CLASS. ns is CLOCK_MONOTONIC as this run of the program has read it, by
 *	bpf_ktime_get_ns(). *value may be read and written until the run ends, which has to be less than a grace,
 *	and 4 minutes, later. DONE, NO_ENTRY, CHANGING, NO_TABLE.
 *
 * bpf_flowtab_create(table, key, initial, ns, class, flags, value)
 * bpf_flowtab_create_pair(table, key, second, initial, ns, class, flags, value)
 *
 *	Creates an entry of this key, or of both keys: none is created where either has an entry, by whichever
 *	of its keys. flags is 0 or BPF_FLOWTAB_EVICT. DONE, EXISTS, CREATING, CHANGING, FULL, NO_TABLE.
 *
 * bpf_flowtab_delete(table, key)
 *
 *	Deletes the key's entry, whenever it was refreshed. DONE, NO_ENTRY, CHANGING, NO_TABLE.
 *
 * bpf_flowtab_is_second(table, key, value)
 *
 *	Of a pair with this value, which key has led to: whether that is not its first key.
 *
 * key, second and initial point to what may be read, value to a pointer to value_type, class is below
 * BPF_FLOWTAB_CLASSES. Key and value are compared and copied as they are in memory, padding too. Fields of a value
 * that several programs write at the same time take atomic operations, as in any map.
 *
 * Loading takes CAP_BPF and CAP_PERFMON, clang's -mcpu=v3, and -g.
 */
#define BPF_FLOWTAB(table, key_type, value_type, slots)                                            \
	__BPF_FLOWTAB_DECLARE(table, key_type, value_type, 1, slots)                               \
	__attribute__((noinline)) long __##table##_create(const key_type *key,                     \
							  const value_type *initial, __u64 ns,     \
							  __u32 class, __u32 flags)                \
	{                                                                                          \
		__BPF_FLOWTAB_USE(table);                                                  \
		if (!key || !initial)                                                              \
			return -BPF_FLOWTAB_NO_ENTRY;                                              \
		return __bpf_flowtab_create(__BPF_FLOWTAB_SHAPE(key_type, value_type, 1, slots),   \
					    key, NULL, initial, ns, class, flags,                  \
					    __##table##_evict);                                    \
	}

#define BPF_FLOWTAB_PAIRS(table, key_type, value_type, slots)                                      \
	__BPF_FLOWTAB_DECLARE(table, key_type, value_type, 2, slots)                               \
	__attribute__((noinline)) long __##table##_create_pair(                                    \
		const key_type *key, const key_type *second, const value_type *initial, __u64 ns,  \
		__u32 class_and_flags)                                                             \
	{                                                                                          \
		__BPF_FLOWTAB_USE(table);                                                  \
		if (!key || !second || !initial)                                                   \
			return -BPF_FLOWTAB_NO_ENTRY;                                              \
		return __bpf_flowtab_create(__BPF_FLOWTAB_SHAPE(key_type, value_type, 2, slots),   \
					    key, second, initial, ns, class_and_flags,             \
					    class_and_flags >> 4, __##table##_evict);              \
	}                                                                                          \
                                                                                                   \
	__BPF_FLOWTAB_INLINE int __##table##_is_second(const key_type *key, value_type *value)     \
	{                                                                                          \
		__BPF_FLOWTAB_USE(table);                                                          \
		return !__bpf_flowtab_has_key((__u64)value -                                       \
						      2 * __BPF_FLOWTAB_ALIGN(sizeof(key_type)),   \
					      key, sizeof(key_type));                              \
	}

#define bpf_flowtab_lookup(table, key, value) __##table##_value(__##table##_look(key), value)
#define bpf_flowtab_refresh(table, key, ns, class, value)                                          \
	__##table##_value(__##table##_refresh(key, ns, class), value)
#define bpf_flowtab_create(table, key, initial, ns, class, flags, value)                           \
	__##table##_value(__##table##_create(key, initial, ns, class, flags), value)
#define bpf_flowtab_create_pair(table, key, second, initial, ns, class, flags, value)              \
	__##table##_value(                                                                         \
		__##table##_create_pair(key, second, initial, ns, ((class) & 15) | (flags) << 4), value)
#define bpf_flowtab_delete(table, key) __##table##_delete(key)
#define bpf_flowtab_is_second(table, key, value) __##table##_is_second(key, value)

#define __BPF_FLOWTAB_SHAPE(key_type, value_type, keys_of_record, slots_of_bucket)                 \
	((struct __bpf_flowtab_shape){ .key_size = sizeof(key_type),                               \
				       .value_size = sizeof(value_type),                           \
				       .keys = keys_of_record,                                     \
				       .slots = slots_of_bucket })

/* -is, from 1 to 8: so that the compiler, and then the verifier, can see that it is not 0. */
#define __BPF_FLOWTAB_ANSWER(is) (1 + (int)(~(is) & 7))

#define __BPF_FLOWTAB_INLINE static __always_inline __attribute__((unused))

/* The verifier lets a program that names the map use its memory. */
#define __BPF_FLOWTAB_USE(table) asm volatile("" : : "r"(&table))

/* Functions that are not static the verifier looks at once, not at each call: there pointers may be NULL. */
#define __BPF_FLOWTAB_DECLARE(table, key_type, value_type, keys, slots)                            \
	_Static_assert(slots == 8 || slots == 16, "a bucket has 8 or 16 slots");                   \
	_Static_assert(sizeof(key_type) <= BPF_FLOWTAB_KEY_MAX, "the key is too large");           \
	_Static_assert(sizeof(value_type) <= BPF_FLOWTAB_VALUE_MAX, "the value is too large");     \
                                                                                                   \
	struct {                                                                                   \
		__uint(type, __BPF_FLOWTAB_ARENA);                                                 \
		__uint(map_flags, __BPF_FLOWTAB_MMAPABLE);                                         \
		__uint(max_entries, 1);                                                            \
	} table SEC(".maps");                                                                      \
                                                                                                   \
	__attribute__((noinline)) long __##table##_look(const key_type *key)                       \
	{                                                                                          \
		__BPF_FLOWTAB_USE(table);                                                  \
		if (!key)                                                                          \
			return -BPF_FLOWTAB_NO_ENTRY;                                              \
		return __bpf_flowtab_find(__BPF_FLOWTAB_SHAPE(key_type, value_type, keys, slots),  \
					  key, 0, __BPF_FLOWTAB_LOOK);                             \
	}                                                                                          \
                                                                                                   \
	__attribute__((noinline)) long __##table##_refresh(const key_type *key, __u64 ns,          \
							   __u32 class)                            \
	{                                                                                          \
		__BPF_FLOWTAB_USE(table);                                                  \
		if (!key)                                                                          \
			return -BPF_FLOWTAB_NO_ENTRY;                                              \
		return __bpf_flowtab_find(__BPF_FLOWTAB_SHAPE(key_type, value_type, keys, slots),  \
					  key, ns, class & 15);                                    \
	}                                                                                          \
                                                                                                   \
	__attribute__((noinline)) __u64 __##table##_evict(__u64 hash, __u64 ns, __u32 class)       \
	{                                                                                          \
		__BPF_FLOWTAB_USE(table);                                                          \
		return __bpf_flowtab_evict(__BPF_FLOWTAB_SHAPE(key_type, value_type, keys, slots), \
					   hash, ns, class);                                       \
	}                                                                                          \
                                                                                                   \
	__attribute__((noinline)) int __##table##_delete(const key_type *key)                      \
	{                                                                                          \
		__u64 second[keys > 1 ? __BPF_FLOWTAB_ALIGN(sizeof(key_type)) / 8 : 1];            \
		long is;                                                                           \
                                                                                                   \
		__BPF_FLOWTAB_USE(table);                                                  \
		if (!key)                                                                          \
			return BPF_FLOWTAB_NO_ENTRY;                                               \
		is = __bpf_flowtab_delete(__BPF_FLOWTAB_SHAPE(key_type, value_type, keys, slots),  \
					  key, keys > 1 ? second : NULL);                          \
		return is < 0 ? __BPF_FLOWTAB_ANSWER(is) : BPF_FLOWTAB_DONE;                       \
	}                                                                                          \
                                                                                                   \
	__BPF_FLOWTAB_INLINE int __##table##_value(long is, value_type **value)                    \
	{                                                                                          \
		__BPF_FLOWTAB_USE(table);                                                          \
		if (is < 0)                                                                        \
			return __BPF_FLOWTAB_ANSWER(is);                                           \
		*value = __bpf_flowtab_at(is + keys * __BPF_FLOWTAB_ALIGN(sizeof(key_type)));      \
		return BPF_FLOWTAB_DONE;                                                           \
	}

#endif /* __LIBBPF_BPF_FLOWTAB_BPF_H */
