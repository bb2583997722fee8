/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* EXPERIMENTAL: how a program creates an entry in a flow table. Included by bpf_flowtab.bpf.h. */
#ifndef __LIBBPF_BPF_FLOWTAB_CREATE_BPF_H
#define __LIBBPF_BPF_FLOWTAB_CREATE_BPF_H

#include "bpf_flowtab_visit.bpf.h"

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
	int lost;   /* one to others, who took it first */
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
	/* An alias has no time: one that is FREE is 0, and may be used at once. */
	const __u64 now = alias ? 0 : call->now, grace = alias ? 0 : call->grace;
	__u32 first = bpf_flowtab_bucket(hash, call->mask, 0);
	__u32 second = bpf_flowtab_bucket(hash, call->mask, 1);
	__u32 bits = __bpf_flowtab_free(__bpf_flowtab_words(call, first) + at, slots, now, grace);
	__u32 others = __bpf_flowtab_free(__bpf_flowtab_words(call, second) + at, slots, now, grace);
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
		taken.lost = 1;
		at_word = __bpf_flowtab_words(call, taken.bucket) + at + taken.slot * 8;
		seen = __bpf_flowtab_load(at_word);
		if ((seen & BPF_FLOWTAB_STATE_MASK) != BPF_FLOWTAB_FREE ||
		    !bpf_flowtab_has_passed(seen, now, grace))
			continue;
		if (!alias)
			word = __bpf_flowtab_busy(seen, now, hash, class);
		if (__bpf_flowtab_exchange(at_word, seen, word)) {
			taken.word = word;
			break;
		}
	}
	return taken;
}

/*
 * Takes the slot of the entry that was refreshed first, if that is a grace ago: its number and one, or 0. In a function of
 * its own, as the verifier would go through all of it once for each way that leads there.
 */
static __always_inline __u64 __bpf_flowtab_evict(struct __bpf_flowtab_shape shape, __u64 hash, __u64 ns,
						 __u32 class)
{
	struct __bpf_flowtab_call call;
	__u64 oldest = 0, at, seen;
	__u32 bucket;

	if (__bpf_flowtab_begin(shape, ns, &call))
		return 0;
	_Pragma("clang loop unroll(disable)")
	for (__u32 i = 0; i < 2 * shape.slots; i++) {
		__u64 live, age;

		bucket = bpf_flowtab_bucket(hash, call.mask, i >= shape.slots);
		live = __bpf_flowtab_load(__bpf_flowtab_words(&call, bucket) + i % shape.slots * 8);
		/* With its place, and 0 of all that are not LIVE. The larger one stays. */
		age = __bpf_flowtab_skewed_age(live, call.now) << 5 | i;
		age &= -__bpf_flowtab_is_zero((live & BPF_FLOWTAB_STATE_MASK) ^ BPF_FLOWTAB_LIVE);
		age -= oldest;
		asm volatile("" : "+r"(age)); /* as there */
		oldest += age & (age >> 63) - 1;
	}
	if (oldest >> 5 < call.grace + BPF_FLOWTAB_SKEW)
		return 0;
	bucket = bpf_flowtab_bucket(hash, call.mask, (oldest & 31) >= shape.slots);
	at = __bpf_flowtab_words(&call, bucket) + (oldest & (shape.slots - 1)) * 8;
	seen = __bpf_flowtab_load(at);
	if ((seen & BPF_FLOWTAB_STATE_MASK) != BPF_FLOWTAB_LIVE ||
	    !bpf_flowtab_has_passed(seen, call.now, call.grace) ||
	    !__bpf_flowtab_exchange(at, seen, __bpf_flowtab_busy(seen, call.now, hash, class)))
		return 0;
	return (__u64)bucket * shape.slots + (oldest & (shape.slots - 1)) + 1;
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

static __always_inline long __bpf_flowtab_create(struct __bpf_flowtab_shape shape, const void *key,
						 const void *second, const void *value, __u64 ns,
						 __u32 class, __u32 flags,
						 __u64 (*evict)(__u64 hash, __u64 ns, __u32 class))
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
	if (!taken.word && taken.lost)
		return -BPF_FLOWTAB_CHANGING;
	if (!taken.word && (flags & BPF_FLOWTAB_EVICT)) {
		__u64 number = evict(hash, ns, class) - 1;

		if (number == -1ull)
			return -BPF_FLOWTAB_FULL;
		taken.bucket = number / shape.slots;
		taken.slot = number % shape.slots;
		taken.word = __bpf_flowtab_load(__bpf_flowtab_slot(&call, taken.bucket, taken.slot).word);
	}
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

#endif /* __LIBBPF_BPF_FLOWTAB_CREATE_BPF_H */
