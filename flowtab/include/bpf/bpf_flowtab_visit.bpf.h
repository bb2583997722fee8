/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* EXPERIMENTAL: how a program finds a key in a flow table, and what becomes of it. Included by bpf_flowtab.bpf.h. */
#ifndef __LIBBPF_BPF_FLOWTAB_VISIT_BPF_H
#define __LIBBPF_BPF_FLOWTAB_VISIT_BPF_H

/* How often a function starts over before it gives up. */
#ifndef BPF_FLOWTAB_TRIES
#define BPF_FLOWTAB_TRIES 4
#endif

/* BPF_MAP_TYPE_ARENA and BPF_F_MMAPABLE, of whatever age <linux/bpf.h> is. */
#define __BPF_FLOWTAB_ARENA    33
#define __BPF_FLOWTAB_MMAPABLE (1 << 10)

/* All of it is known when this is compiled. */
struct __bpf_flowtab_shape {
	__u32 key_size;
	__u32 value_size;
	__u32 keys;
	__u32 slots;
};

/*
 * The arena's memory at an offset: an addr_space_cast to that of the kernel, which takes the lower 32 bits.
 * Spelled in bytes, as compilers before clang 19 have no word for it. Nothing that is made of it can lie
 * outside of the arena.
 */
static __always_inline void *__bpf_flowtab_at(__u64 offset)
{
	asm volatile(".byte 0xbf\n"
		     ".ifc %0, r0\n.byte 0x00\n.endif\n"
		     ".ifc %0, r1\n.byte 0x11\n.endif\n"
		     ".ifc %0, r2\n.byte 0x22\n.endif\n"
		     ".ifc %0, r3\n.byte 0x33\n.endif\n"
		     ".ifc %0, r4\n.byte 0x44\n.endif\n"
		     ".ifc %0, r5\n.byte 0x55\n.endif\n"
		     ".ifc %0, r6\n.byte 0x66\n.endif\n"
		     ".ifc %0, r7\n.byte 0x77\n.endif\n"
		     ".ifc %0, r8\n.byte 0x88\n.endif\n"
		     ".ifc %0, r9\n.byte 0x99\n.endif\n"
		     ".short 1\n.long 1\n"
		     : "+r"(offset));
	return (void *)(long)offset;
}

static __always_inline __u64 __bpf_flowtab_load(__u64 offset)
{
	return *(volatile __u64 *)__bpf_flowtab_at(offset);
}

/* Whether word has taken the place of seen. Nothing is loaded or stored before it that comes after it. */
static __always_inline int __bpf_flowtab_exchange(__u64 offset, __u64 seen, __u64 word)
{
	return __sync_val_compare_and_swap((__u64 *)__bpf_flowtab_at(offset), seen, word) == seen;
}

static __always_inline int __bpf_flowtab_has_key(__u64 there, const void *key, __u32 size)
{
	const char *at = __bpf_flowtab_at(there), *part = key;
	__u64 differ = 0;
	__u32 i = 0;

	_Pragma("clang loop unroll(full)")
	for (; i + 8 <= size; i += 8)
		differ |= *(const volatile __u64 *)(at + i) ^ *(const __u64 *)(part + i);
	_Pragma("clang loop unroll(full)")
	for (; i + 4 <= size; i += 4)
		differ |= *(const volatile __u32 *)(at + i) ^ *(const __u32 *)(part + i);
	_Pragma("clang loop unroll(full)")
	for (; i < size; i++)
		differ |= *(const volatile __u8 *)(at + i) ^ *(const __u8 *)(part + i);
	return !differ;
}

static __always_inline void __bpf_flowtab_copy(void *to, const void *from, __u32 size)
{
	__u32 i = 0;

	_Pragma("clang loop unroll(full)")
	for (; i + 8 <= size; i += 8)
		*(volatile __u64 *)(to + i) = *(const volatile __u64 *)(from + i);
	_Pragma("clang loop unroll(full)")
	for (; i + 4 <= size; i += 4)
		*(volatile __u32 *)(to + i) = *(const volatile __u32 *)(from + i);
	_Pragma("clang loop unroll(full)")
	for (; i < size; i++)
		*(volatile __u8 *)(to + i) = *(const volatile __u8 *)(from + i);
}

/* A call: what it is about, and what it has read of the table. */
struct __bpf_flowtab_call {
	struct __bpf_flowtab_shape shape;
	__u32 mask;
	__u32 grace;
	__u64 now;
	__u64 records;
	__u64 was; /* the word that was visited, before */
};

/* Where a slot has its word, and its record. */
struct __bpf_flowtab_slot {
	__u64 word;
	__u64 record;
};

static __always_inline int __bpf_flowtab_begin(struct __bpf_flowtab_shape shape, __u64 ns,
					       struct __bpf_flowtab_call *call)
{
	const volatile struct bpf_flowtab_head *head = __bpf_flowtab_at(0);

	if (head->shape !=
	    BPF_FLOWTAB_SHAPE(shape.key_size, shape.value_size, shape.keys, shape.slots))
		return -BPF_FLOWTAB_NO_TABLE;
	call->shape = shape;
	call->mask = head->bucket_mask;
	call->grace = head->grace;
	call->now = bpf_flowtab_ticks(ns);
	call->records = bpf_flowtab_words((__u64)call->mask + 1, shape.keys, shape.slots);
	return 0;
}

static __always_inline __u64 __bpf_flowtab_hash(const void *key, __u32 size)
{
	const struct bpf_flowtab_head *head = __bpf_flowtab_at(0);

	return bpf_flowtab_hash(head->secret, key, size);
}

static __always_inline __u64 __bpf_flowtab_words(struct __bpf_flowtab_call *call, __u32 bucket)
{
	return bpf_flowtab_words(bucket, call->shape.keys, call->shape.slots);
}

static __always_inline struct __bpf_flowtab_slot
__bpf_flowtab_slot(struct __bpf_flowtab_call *call, __u64 bucket, __u64 slot)
{
	struct __bpf_flowtab_shape shape = call->shape;

	return (struct __bpf_flowtab_slot){
		.word = __bpf_flowtab_words(call, bucket) + slot * 8,
		.record = call->records + (bucket * shape.slots + slot) *
						  bpf_flowtab_record_size(shape.key_size, shape.value_size,
									  shape.keys),
	};
}

/* The slot that an alias leads to, if that is of this generation. */
static __always_inline struct __bpf_flowtab_slot
__bpf_flowtab_slot_of(struct __bpf_flowtab_call *call, __u64 alias)
{
	__u64 slot = alias >> BPF_FLOWTAB_TIME_SHIFT;

	return __bpf_flowtab_slot(call, slot / call->shape.slots, slot % call->shape.slots);
}

/* What becomes of an entry that is found, other than that its class is set. */
#define __BPF_FLOWTAB_LOOK   32
#define __BPF_FLOWTAB_DELETE 33

static __always_inline __u64 __bpf_flowtab_next_word(__u64 seen, __u64 now, __u32 action)
{
	const __u64 beside_time = (1ull << BPF_FLOWTAB_TIME_SHIFT) - 1;
	__u64 word = seen;

	if (action == __BPF_FLOWTAB_LOOK)
		return seen;
	if (action == __BPF_FLOWTAB_DELETE)
		return seen & ~BPF_FLOWTAB_STATE_MASK;
	/* A time ahead is that of a program that began later: it stays. */
	if (__bpf_flowtab_skewed_age(seen, now) > BPF_FLOWTAB_SKEW)
		word = now << BPF_FLOWTAB_TIME_SHIFT | (seen & beside_time);
	if (action != BPF_FLOWTAB_SAME_CLASS)
		word = (word & ~BPF_FLOWTAB_CLASS_MASK) | (__u64)action << BPF_FLOWTAB_CLASS_SHIFT;
	return word;
}

/*
 * Of a slot that may be the key's, as its word is like want where mask is: its record, with what action makes
 * of its word done; 0 where it is not the key's; or an answer. Of a pair that is deleted second is its second key.
 */
static __always_inline long __bpf_flowtab_visit(struct __bpf_flowtab_call *call,
						struct __bpf_flowtab_slot slot, __u64 want, __u64 mask,
						const void *key, __u32 key_at, __u32 action,
						void *second)
{
	_Pragma("clang loop unroll(disable)")
	for (int i = 0; i < BPF_FLOWTAB_TRIES; i++) {
		__u64 seen = __bpf_flowtab_load(slot.word), word;

		if (((seen ^ want) & mask) ||
		    !__bpf_flowtab_has_key(slot.record + key_at, key, call->shape.key_size))
			return 0;
		/* It may become another entry's right after the exchange. */
		if (second)
			__bpf_flowtab_copy(second,
					   __bpf_flowtab_at(slot.record + __BPF_FLOWTAB_ALIGN(
										 call->shape.key_size)),
					   call->shape.key_size);
		word = __bpf_flowtab_next_word(seen, call->now, action);
		/* One that is refreshed already is not used again in this run; one that is looked at may be. */
		if (action == __BPF_FLOWTAB_LOOK ? __bpf_flowtab_load(slot.word) != seen :
						   word != seen && !__bpf_flowtab_exchange(slot.word, seen, word))
			continue;
		call->was = seen;
		return slot.record;
	}
	return -BPF_FLOWTAB_CHANGING;
}

/*
 * Of a slot that may have the key of own, a slot that is TENT: 0 where it has not, or is FREE now; else an
 * answer for who creates own. Of two that are TENT the first one stays.
 */
static __always_inline long __bpf_flowtab_meet(struct __bpf_flowtab_call *call,
					       struct __bpf_flowtab_slot slot, __u64 want, __u64 mask,
					       const void *key, __u32 key_at, __u64 own)
{
	if (slot.word == own)
		return 0;
	_Pragma("clang loop unroll(disable)")
	for (int i = 0; i < BPF_FLOWTAB_TRIES; i++) {
		__u64 seen = __bpf_flowtab_load(slot.word);

		if (((seen ^ want) & mask) ||
		    !__bpf_flowtab_has_key(slot.record + key_at, key, call->shape.key_size))
			return 0;
		if ((seen & BPF_FLOWTAB_STATE_MASK) == BPF_FLOWTAB_LIVE)
			return -BPF_FLOWTAB_EXISTS;
		if (slot.word < own)
			return -BPF_FLOWTAB_CREATING;
		if (__bpf_flowtab_exchange(slot.word, seen, seen & ~BPF_FLOWTAB_STATE_MASK))
			return 0;
	}
	return -BPF_FLOWTAB_CHANGING;
}

/* Visits the key's slots, until one is its own; or with own meets those that are TENT or LIVE, until one stays. */
static __always_inline long __bpf_flowtab_scan(struct __bpf_flowtab_call *call, const void *key,
					       __u64 hash, __u32 action, void *second, __u64 own)
{
	/* TENT and LIVE have a bit in common that the others have not. */
	const __u64 state = own ? BPF_FLOWTAB_TENT : BPF_FLOWTAB_LIVE;
	const __u64 state_mask = own ? BPF_FLOWTAB_TENT : BPF_FLOWTAB_STATE_MASK;
	const __u64 tag = bpf_flowtab_tag(hash);
	const __u32 slots = call->shape.slots, key_size = call->shape.key_size;

	/* So that the processor has the second bucket by the time that it is looked at. */
	__bpf_flowtab_load(__bpf_flowtab_words(call, bpf_flowtab_bucket(hash, call->mask, 1)));

	_Pragma("clang loop unroll(full)")
	for (int i = 0; i < 2; i++) {
		__u32 bucket = bpf_flowtab_bucket(hash, call->mask, i);
		const volatile __u64 *word = __bpf_flowtab_at(__bpf_flowtab_words(call, bucket));
		struct __bpf_flowtab_slot slot;
		long is;

		_Pragma("clang loop unroll(disable)")
		for (__u32 j = 0; j < slots; j++, word++) {
			const __u64 want = tag | state, mask = BPF_FLOWTAB_TAG_MASK | state_mask;

			if ((*word ^ want) & mask)
				continue;
			slot = __bpf_flowtab_slot(call, bucket, j);
			is = own ? __bpf_flowtab_meet(call, slot, want, mask, key, 0, own) :
				   __bpf_flowtab_visit(call, slot, want, mask, key, 0, action, second);
			if (is)
				return is;
		}
		if (call->shape.keys == 1)
			continue;
		_Pragma("clang loop unroll(disable)")
		for (__u32 j = 0; j < slots; j++, word++) {
			__u64 alias = *word, want, mask;

			if ((alias ^ (tag | BPF_FLOWTAB_LIVE)) & BPF_FLOWTAB_MATCH_MASK)
				continue;
			slot = __bpf_flowtab_slot_of(call, alias);
			want = (alias & BPF_FLOWTAB_GENERATION_MASK) | state;
			mask = BPF_FLOWTAB_GENERATION_MASK | state_mask;
			is = own ? __bpf_flowtab_meet(call, slot, want, mask, key,
						      __BPF_FLOWTAB_ALIGN(key_size), own) :
				   __bpf_flowtab_visit(call, slot, want, mask, key,
						       __BPF_FLOWTAB_ALIGN(key_size), action, second);
			if (is)
				return is;
		}
	}
	return own ? 0 : -BPF_FLOWTAB_NO_ENTRY;
}

static __always_inline __u64 __bpf_flowtab_alias(__u64 slot, __u64 word, __u64 hash)
{
	return slot << BPF_FLOWTAB_TIME_SHIFT | (word & BPF_FLOWTAB_GENERATION_MASK) |
	       bpf_flowtab_tag(hash) | BPF_FLOWTAB_LIVE;
}

/* Of a pair that is no more. Where nobody comes to it, others take it over. */
static __always_inline void __bpf_flowtab_free_alias(struct __bpf_flowtab_call *call, __u64 hash,
						     __u64 alias)
{
	_Pragma("clang loop unroll(disable)")
	for (__u32 i = 0; i < 2 * call->shape.slots; i++) {
		__u32 bucket = bpf_flowtab_bucket(hash, call->mask, i >= call->shape.slots);
		__u64 at = __bpf_flowtab_words(call, bucket) +
			   (call->shape.slots + i % call->shape.slots) * 8;

		if (__bpf_flowtab_load(at) == alias && __bpf_flowtab_exchange(at, alias, 0))
			return;
	}
}

static __always_inline long __bpf_flowtab_find(struct __bpf_flowtab_shape shape, const void *key,
					       __u64 ns, __u32 action)
{
	struct __bpf_flowtab_call call;
	long err = __bpf_flowtab_begin(shape, ns, &call);

	if (err)
		return err;
	return __bpf_flowtab_scan(&call, key, __bpf_flowtab_hash(key, shape.key_size), action, NULL, 0);
}

static __always_inline long __bpf_flowtab_delete(struct __bpf_flowtab_shape shape, const void *key,
						 void *second)
{
	struct __bpf_flowtab_call call;
	long record = __bpf_flowtab_begin(shape, 0, &call);
	__u64 hash, slot;

	if (record)
		return record;
	record = __bpf_flowtab_scan(&call, key, __bpf_flowtab_hash(key, shape.key_size),
				    __BPF_FLOWTAB_DELETE, second, 0);
	if (record <= 0 || !second)
		return record;
	hash = __bpf_flowtab_hash(second, shape.key_size);
	slot = (record - call.records) /
	       bpf_flowtab_record_size(shape.key_size, shape.value_size, shape.keys);
	__bpf_flowtab_free_alias(&call, hash, __bpf_flowtab_alias(slot, call.was, hash));
	return record;
}

#endif /* __LIBBPF_BPF_FLOWTAB_VISIT_BPF_H */
