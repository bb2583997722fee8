/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* EXPERIMENTAL: the datapath's half of a flow table in an arena. Included by <bpf/bpf_flowtab.h>. */
#ifndef __LIBBPF_BPF_FLOWTAB_BPF_H
#define __LIBBPF_BPF_FLOWTAB_BPF_H

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

/*
 * What may be used in a bucket is kept as bits, one for each word, and made without branches: the verifier
 * follows each of those both ways.
 */
static __always_inline __u64 __bpf_flowtab_is_zero(__u64 number) /* below 2^63 */
{
	number--;
	asm volatile("" : "+r"(number)); /* compilers would make a branch of it */
	return number >> 63;
}

static __always_inline __u32 __bpf_flowtab_lowest(__u32 bits) /* of 16, and there is one */
{
	return 0xcd7ea84fb6935210ull >> ((bits & -bits) * 0x09af >> 12 & 15) * 4 & 15;
}

static __always_inline __u32 __bpf_flowtab_count(__u32 bits) /* of 16 */
{
	bits -= bits >> 1 & 0x5555;
	bits = (bits & 0x3333) + (bits >> 2 & 0x3333);
	bits = (bits + (bits >> 4)) & 0x0f0f;
	return (bits + (bits >> 8)) & 31;
}

/* Words that are FREE, and have been for a grace. */
static __always_inline __u32 __bpf_flowtab_free(__u64 words, __u32 slots, __u64 now, __u64 grace)
{
	const volatile __u64 *word = __bpf_flowtab_at(words);
	__u64 bits = 0;

	_Pragma("clang loop unroll(full)")
	for (__u32 i = 0; i < slots; i++) {
		__u64 seen = word[i], young;

		young = (__bpf_flowtab_skewed_age(seen, now) - grace - BPF_FLOWTAB_SKEW) >> 63;
		bits |= __bpf_flowtab_is_zero((seen & BPF_FLOWTAB_STATE_MASK) | young) << i;
	}
	return bits;
}

/* A word of FREE that was taken. */
struct __bpf_flowtab_taken {
	__u32 bucket;
	__u32 slot;
	__u64 word; /* the new one; 0 where there was none */
};

/* The word of a new life: whatever was there. */
static __always_inline __u64 __bpf_flowtab_busy(__u64 seen, __u64 now, __u64 hash, __u32 class)
{
	__u64 generation = seen + (1ull << BPF_FLOWTAB_GENERATION_SHIFT);

	return now << BPF_FLOWTAB_TIME_SHIFT | (generation & BPF_FLOWTAB_GENERATION_MASK) |
	       bpf_flowtab_tag(hash) | (class & 15) << BPF_FLOWTAB_CLASS_SHIFT | BPF_FLOWTAB_BUSY;
}

/*
 * Takes a FREE word in one of a key's buckets: a slot's, which becomes BUSY, or an alias's, which becomes alias.
 * The first bucket is preferred, which is looked at first, until it fills up: then the emptier one, so that
 * both being full is rare.
 */
static __always_inline struct __bpf_flowtab_taken __bpf_flowtab_take(struct __bpf_flowtab_call *call,
								     __u64 hash, __u32 class,
								     __u64 alias)
{
	const __u32 slots = call->shape.slots, few = slots == 8 ? 3 : 4, at = alias ? slots * 8 : 0;
	const __u64 grace = alias ? 0 : call->grace;
	__u32 first = bpf_flowtab_bucket(hash, call->mask, 0);
	__u32 second = bpf_flowtab_bucket(hash, call->mask, 1);
	__u32 bits = __bpf_flowtab_free(__bpf_flowtab_words(call, first) + at, slots, call->now, grace);
	__u32 others = __bpf_flowtab_free(__bpf_flowtab_words(call, second) + at, slots, call->now, grace);
	struct __bpf_flowtab_taken taken = { .bucket = first };

	if (__bpf_flowtab_count(bits) < few &&
	    __bpf_flowtab_count(bits) < __bpf_flowtab_count(others)) {
		__u32 fewer = bits;

		bits = others;
		others = fewer;
		taken.bucket = second;
	}
	_Pragma("clang loop unroll(disable)")
	for (int i = 0; i < BPF_FLOWTAB_TRIES; i++) {
		__u64 seen, at_word, word = alias;

		if (!bits) {
			bits = others;
			others = 0;
			taken.bucket ^= first ^ second;
		}
		if (!bits)
			break;
		taken.slot = __bpf_flowtab_lowest(bits);
		bits &= bits - 1;
		at_word = __bpf_flowtab_words(call, taken.bucket) + at + taken.slot * 8;
		seen = __bpf_flowtab_load(at_word);
		if ((seen & BPF_FLOWTAB_STATE_MASK) != BPF_FLOWTAB_FREE ||
		    !bpf_flowtab_has_passed(seen, call->now, grace))
			continue;
		if (!alias)
			word = __bpf_flowtab_busy(seen, call->now, hash, class);
		if (__bpf_flowtab_exchange(at_word, seen, word)) {
			taken.word = word;
			break;
		}
	}
	return taken;
}

/* Takes the slot of the entry that was refreshed first, if that is a grace ago. */
static __always_inline struct __bpf_flowtab_taken __bpf_flowtab_evict(struct __bpf_flowtab_call *call,
								      __u64 hash, __u32 class)
{
	struct __bpf_flowtab_taken taken = {};
	__u64 oldest = 0, at, seen, word;

	_Pragma("clang loop unroll(disable)")
	for (__u32 i = 0; i < 2 * call->shape.slots; i++) {
		__u32 bucket = bpf_flowtab_bucket(hash, call->mask, i >= call->shape.slots);
		__u64 live, age;

		live = __bpf_flowtab_load(__bpf_flowtab_words(call, bucket) + i % call->shape.slots * 8);
		/* With its place, and 0 of all that are not LIVE. The larger one stays. */
		age = __bpf_flowtab_skewed_age(live, call->now) << 5 | i;
		age &= -__bpf_flowtab_is_zero((live & BPF_FLOWTAB_STATE_MASK) ^ BPF_FLOWTAB_LIVE);
		age -= oldest;
		oldest += age & (age >> 63) - 1;
	}
	if (oldest >> 5 < call->grace + BPF_FLOWTAB_SKEW)
		return taken;
	taken.bucket = bpf_flowtab_bucket(hash, call->mask, (oldest & 31) >= call->shape.slots);
	taken.slot = oldest & (call->shape.slots - 1);
	at = __bpf_flowtab_words(call, taken.bucket) + taken.slot * 8;
	seen = __bpf_flowtab_load(at);
	word = __bpf_flowtab_busy(seen, call->now, hash, class);
	if ((seen & BPF_FLOWTAB_STATE_MASK) == BPF_FLOWTAB_LIVE &&
	    bpf_flowtab_has_passed(seen, call->now, call->grace) &&
	    __bpf_flowtab_exchange(at, seen, word))
		taken.word = word;
	return taken;
}

/* Whether an entry with this word, which an alias leads to, may be deleted in favour of another. */
static __always_inline int __bpf_flowtab_give_way(struct __bpf_flowtab_call *call, __u64 at,
						  __u64 word, __u32 flags)
{
	return (flags & BPF_FLOWTAB_EVICT) &&
	       (word & BPF_FLOWTAB_STATE_MASK) == BPF_FLOWTAB_LIVE &&
	       bpf_flowtab_has_passed(word, call->now, call->grace) &&
	       __bpf_flowtab_exchange(at, word, word & ~BPF_FLOWTAB_STATE_MASK);
}

/* Takes an alias that is nobody's: whoever deleted its entry has not come to free it, or will not. */
static __always_inline struct __bpf_flowtab_taken
__bpf_flowtab_take_over(struct __bpf_flowtab_call *call, __u64 hash, __u64 alias, __u32 flags)
{
	const __u64 mask = BPF_FLOWTAB_GENERATION_MASK;
	struct __bpf_flowtab_taken taken = {};

	_Pragma("clang loop unroll(disable)")
	for (__u32 i = 0; i < 2 * call->shape.slots; i++) {
		__u64 at, seen, owner, word;

		taken.bucket = bpf_flowtab_bucket(hash, call->mask, i >= call->shape.slots);
		taken.slot = i % call->shape.slots;
		at = __bpf_flowtab_words(call, taken.bucket) + (call->shape.slots + taken.slot) * 8;
		seen = __bpf_flowtab_load(at);
		owner = __bpf_flowtab_slot_of(call, seen).word;
		word = __bpf_flowtab_load(owner);
		if ((word & BPF_FLOWTAB_STATE_MASK) != BPF_FLOWTAB_FREE &&
		    !((word ^ seen) & mask) && !__bpf_flowtab_give_way(call, owner, word, flags))
			continue;
		if (__bpf_flowtab_exchange(at, seen, alias)) {
			taken.word = alias;
			break;
		}
	}
	return taken;
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

static __always_inline long __bpf_flowtab_create(struct __bpf_flowtab_shape shape, const void *key,
						 const void *second, const void *value, __u64 ns,
						 __u32 class, __u32 flags)
{
	const __u32 key_room = __BPF_FLOWTAB_ALIGN(shape.key_size);
	__u64 hash, second_hash = 0, word, alias = 0;
	struct __bpf_flowtab_taken taken;
	struct __bpf_flowtab_slot slot;
	struct __bpf_flowtab_call call;
	long err = __bpf_flowtab_begin(shape, ns, &call);
	char *record;

	if (err)
		return err;
	hash = __bpf_flowtab_hash(key, shape.key_size);
	taken = __bpf_flowtab_take(&call, hash, class, 0);
	if (!taken.word && (flags & BPF_FLOWTAB_EVICT))
		taken = __bpf_flowtab_evict(&call, hash, class);
	if (!taken.word)
		return -BPF_FLOWTAB_FULL;
	word = taken.word;
	slot = __bpf_flowtab_slot(&call, taken.bucket, taken.slot);
	record = __bpf_flowtab_at(slot.record);
	__bpf_flowtab_copy(record, key, shape.key_size);
	__bpf_flowtab_copy(record + shape.keys * key_room, value, shape.value_size);
	if (second) {
		__bpf_flowtab_copy(record + key_room, second, shape.key_size);
		second_hash = __bpf_flowtab_hash(second, shape.key_size);
		alias = __bpf_flowtab_alias((__u64)taken.bucket * shape.slots + taken.slot, word,
					    second_hash);
		taken = __bpf_flowtab_take(&call, second_hash, 0, alias);
		if (!taken.word)
			taken = __bpf_flowtab_take_over(&call, second_hash, alias, flags);
		if (!taken.word)
			err = -BPF_FLOWTAB_FULL;
	}
	/* From here on others see it; and what they have made TENT before is seen by this. */
	word += BPF_FLOWTAB_TENT - BPF_FLOWTAB_BUSY;
	__bpf_flowtab_exchange(slot.word, word - (BPF_FLOWTAB_TENT - BPF_FLOWTAB_BUSY), word);
	if (!err)
		err = __bpf_flowtab_scan(&call, key, hash, 0, NULL, slot.word);
	if (!err && second)
		err = __bpf_flowtab_scan(&call, second, second_hash, 0, NULL, slot.word);
	if (!err && __bpf_flowtab_exchange(slot.word, word, word | BPF_FLOWTAB_LIVE))
		return slot.record;
	/* Freed by another, or by this */
	__bpf_flowtab_exchange(slot.word, word, word & ~BPF_FLOWTAB_STATE_MASK);
	if (second)
		__bpf_flowtab_free_alias(&call, second_hash, alias);
	return err ?: -BPF_FLOWTAB_CREATING;
}

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
					    key, NULL, initial, ns, class, flags);                 \
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
					    class_and_flags >> 4);                                 \
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
