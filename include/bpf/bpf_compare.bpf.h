/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The datapath's half of a delete with a claim.
 *
 * A collector that calls bpf_map_delete_elem_opts() with a claim writes a word that no live entry
 * carries (the claim) over the word that it expects, by compare-exchange, and deletes only then. A
 * BPF program that writes that word as the functions here do cannot lose a write to such a delete on
 * a BPF_MAP_TYPE_HASH: either the word was refreshed first, and the collector leaves the entry alone,
 * or it was claimed first, and the program is told so. There are two protocols to choose from, one
 * for all who share a map.
 *
 * Future words: bpf_compare_store32(). The word is an expiry, by a clock that does not wrap around,
 * such as one of nanoseconds in 64 bits or of seconds in 32. It costs no more than a plain store, and
 * changes little in a datapath that is there already. What all have to keep to:
 *
 * - the clock is read before the look-up, and from then on no run lasts longer than a margin;
 * - what is written lies ahead of the clock by more than two margins, be it later or earlier than
 *   what was there: so a lifetime may be cut short;
 * - collectors expect only words that lie a margin behind the clock, or more;
 * - the word is written by bpf_compare_store32(), and what that says is claimed is not there;
 * - entries are created by bpf_compare_create32(). They are replaced (BPF_ANY, BPF_EXIST), or deleted
 *   by key, only where bpf_compare_is_ahead32() has told so in the same run: the word lies ahead of
 *   the clock by more than a margin; and deleted by bpf_compare_remove32() where it lies behind it.
 *
 * A margin is a time that a run does not take, whatever interrupts it: a second is safe for programs that
 * tasks do not preempt, such as XDP and tc, on machines that are not stopped for longer. What sleeps, or may
 * be preempted, takes the other protocol.
 *
 * Words in order: bpf_compare_refresh32(). The word is anything that grows: a revision, the time of
 * the last packet, also by a clock that wraps around. No time comes into what is promised, so that a
 * run may be preempted for as long as you like. What all have to keep to:
 *
 * - the word is written by these functions alone, once an entry is there;
 * - entries are created by BPF_NOEXIST alone, as bpf_compare_create32() does, and deleted by a claim
 *   alone, as bpf_compare_delete32() and bpf_compare_remove32() do: nobody uses BPF_ANY, BPF_EXIST,
 *   BPF_F_LOCK or a delete by key on this map, from whichever program, timer or process;
 * - words grow with time over all keys of the map, as one clock's readings do or a revision that is
 *   counted for the whole map, and none is created with one that a collector expects. (With a count
 *   for each key a refresh through an element that was recycled could leave another key a word that
 *   is far ahead of its own.) A word that is to shrink has a stamp before it, see struct
 *   bpf_compare_word;
 * - no entry that was created with an earlier word than a refresh of its key that is under way is
 *   expected by a collector meanwhile: as a clock may be read well before the create, collectors leave
 *   alone what is younger than two runs of a program.
 *
 * In both no live entry ever carries a claim, nothing from first to last (below) is ever written as a
 * word, and no collector ever expects one.
 *
 * On BPF_MAP_TYPE_LRU_HASH one gap stays open: an entry that is evicted and created anew between the
 * last look of who deletes it and the delete.
 *
 * To be included after <linux/bpf.h> or vmlinux.h, and <bpf/bpf_helpers.h>; or after the headers of a
 * project that calls the helpers by other names, and then defines BPF_COMPARE_LOOKUP_ELEM(map, key),
 * BPF_COMPARE_UPDATE_ELEM(map, key, value, flags) and BPF_COMPARE_DELETE_ELEM(map, key) before, and
 * for the functions with a lock BPF_COMPARE_SPIN_LOCK(lock) and BPF_COMPARE_SPIN_UNLOCK(lock).
 *
 * Compare-exchange takes clang's -mcpu=v3, and Linux 5.12 on x86-64 and s390, 6.1 on arm64, riscv64
 * and ppc64. Everything is inlined and every loop unrolled, as the verifier comes to no end with loops
 * where it follows speculative execution too, and pointers are never compared with one another: so
 * CAP_BPF with what the program's type takes is enough.
 */
#ifndef __LIBBPF_BPF_COMPARE_BPF_H
#define __LIBBPF_BPF_COMPARE_BPF_H

enum bpf_compare_answer {
	/*
	 * The entry of this key carries the word, or a later one: a collector that expects an
	 * earlier one will not delete it. The packet belongs to a known flow. Of a delete: done.
	 */
	BPF_COMPARE_DONE = 0,
	/* The key has no entry: nothing was written that counts. The flow is unknown: create it. */
	BPF_COMPARE_NO_ENTRY = 1,
	/* The key has an entry that was created by someone else meanwhile: refresh it. */
	BPF_COMPARE_EXISTS = 2,
	/*
	 * Someone has claimed the entry and is about to delete it: a matter of a microsecond, as
	 * collectors are not preempted meanwhile where the kernel can see to that (Linux 6.10; before
	 * that with CAP_PERFMON); elsewhere for as long as they wait for a CPU. Let the packet pass
	 * without an entry, or drop it; the next one will find none and create it.
	 */
	BPF_COMPARE_CLAIMED = 3,
	/* Others wrote each time in between. Treat the packet as BPF_COMPARE_CLAIMED. */
	BPF_COMPARE_BUSY = 4,
	/* Of a delete: the entry carries another word than the expected one, and stays. */
	BPF_COMPARE_CHANGED = 5,
};

/* How often a function starts over before it gives up. */
#ifndef BPF_COMPARE_TRIES
#define BPF_COMPARE_TRIES 4
#endif

/*
 * Words in order: how far ahead of ours a word can be that was written at the same time. A word that is
 * further ahead is taken for one from before the clock wrapped around, and written over. So it has to
 * cover the longest run of a program, and where words are expiries the difference between the longest
 * lifetime and the shortest; and an entry must be collected before the clock has gone round by all but
 * that. With a sixteenth of the words, as here, a clock of microseconds in 32 bits goes 4.5 minutes
 * ahead, and 67 minutes without a packet are told from none.
 */
#ifndef BPF_COMPARE_AHEAD32
#define BPF_COMPARE_AHEAD32 (1u << 28)
#endif
#ifndef BPF_COMPARE_AHEAD64
#define BPF_COMPARE_AHEAD64 (1ull << 60)
#endif

/*
 * A word of 64 bits whose order is that of its upper half: a stamp that grows, such as seconds or a
 * revision, before anything else, such as a lifetime that a connection's end cuts short. Claims are
 * words too: stamps of all ones are kept for them, say.
 */
struct bpf_compare_word {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	__u32 low;
	__u32 stamp;
#else
	__u32 stamp;
	__u32 low;
#endif
} __attribute__((aligned(8)));

#define BPF_COMPARE_WORD(stamp, low) ((__u64)(stamp) << 32 | (__u32)(low))

/*
 * The next claim from first to last: each run that deletes takes one of its own, as it can interrupt
 * another, or run beside it on another CPU. counter is a variable of 32 or 64 bits in the program's own
 * data that all who take claims of this range share. A claim comes again after last - first + 1 deletes:
 * so many must not begin while one is under way, which may be interrupted. Keep a few billion words for
 * it of 64 bits, a few million of 32 bits, and others for each collector in user space.
 */
#define BPF_COMPARE_CLAIM(counter, first, last)                                                    \
	((first) + __sync_fetch_and_add(&(counter), 1) % ((last) - (first) + 1))

#ifdef __BPF_HELPERS__
#ifndef BPF_COMPARE_LOOKUP_ELEM
#define BPF_COMPARE_LOOKUP_ELEM(map, key) bpf_map_lookup_elem(map, key)
#endif
#ifndef BPF_COMPARE_UPDATE_ELEM
#define BPF_COMPARE_UPDATE_ELEM(map, key, value, flags) bpf_map_update_elem(map, key, value, flags)
#endif
#ifndef BPF_COMPARE_DELETE_ELEM
#define BPF_COMPARE_DELETE_ELEM(map, key) bpf_map_delete_elem(map, key)
#endif
#ifndef BPF_COMPARE_SPIN_LOCK
#define BPF_COMPARE_SPIN_LOCK(lock)   bpf_spin_lock(lock)
#define BPF_COMPARE_SPIN_UNLOCK(lock) bpf_spin_unlock(lock)
#endif
#endif

/*
 * The functions come for words of 32 and 64 bits.
 *
 * bpf_compare_is_claimed32(value, offset, first, last)
 *
 *	Tells whether the entry with this value (from bpf_map_lookup_elem()) is claimed. By the next
 *	instruction that may have changed: to write without a look at the answer of one of the
 *	functions below is to lose writes.
 *
 * bpf_compare_is_ahead32(value, offset, now, margin, first, last)
 *
 *	Future words: tells whether the entry's word, which is no claim, lies ahead of now by more than
 *	margin, so that the run may replace or delete the entry by key.
 *
 * bpf_compare_store32(value, offset, word, now, margin, first, last)
 *
 *	Future words: writes word at offset into value, which the caller has looked up, be it later or
 *	earlier than what is there. now is the clock when the run began, before the look-up. Where what
 *	is there lies ahead of now + margin that is a plain store, or none where it is word already; else
 *	a compare-exchange. DONE, CLAIMED (the key is as good as without an entry) or BUSY.
 *
 *	No collector deletes an entry after a visit that was DONE, until the word that was written last
 *	has passed. The key is not looked up again. So where its entry had expired, and was deleted and
 *	its element taken by another key since the look-up, DONE is said of that one, which gets the word:
 *	what happens in any map that is written in place, and no refresh is lost by it.
 *
 * bpf_compare_refresh32(map, key, offset, word, first, last)
 *
 *	Words in order: writes word at offset into the value of this key's entry, unless a later one is
 *	there, or a claim. Then it looks the key up again: the element might have been deleted before the
 *	write, and even be another key's by now. What it answers is true of the entry that was found
 *	then. DONE, NO_ENTRY, CLAIMED or BUSY.
 *
 * bpf_compare_refresh_at32(map, key, value, offset, word, first, last)
 *
 *	The same for who has looked the key up already: value points to the pointer that was found, or
 *	to NULL. It is left with the one that was found last, of which the answer is true. Where the very
 *	word is there already nothing is written and the key is not looked up again, so that DONE is true
 *	of the element alone, which may have become another key's since it was looked up: no write is
 *	lost, as there was none, but the key's entry may have been collected. With a coarse clock that is
 *	most packets.
 *
 * bpf_compare_store_keyed32(value, key, key_size, offset, word, now, margin, first, last)
 * bpf_compare_refresh_keyed32(value, key, key_size, offset, word, first, last)
 *
 *	As bpf_compare_store32() and bpf_compare_refresh_at32(), but the element's key is read, right before
 *	its value, in the place of a second look-up: some 2 ns, where that takes 30. DONE is true of the key
 *	then. NO_ENTRY says that the element has become another key's; nothing of that key's has been changed
 *	by a store, and by a refresh only to a later word. They take CAP_PERFMON, Linux 6.2 with BTF,
 *	key_size a constant, and a key that may be read up to there; a program that is for older kernels too
 *	asks bpf_ksym_exists(bpf_rdonly_cast).
 *
 * bpf_compare_refresh_stamped(map, key, value, offset, word, first, last)
 *
 *	The same for a word of 64 bits of which the upper half is a stamp: it is written unless it is
 *	there already, or one with a later stamp is. Among words of one stamp, the last one counts.
 *
 * bpf_compare_refresh_locked32(map, key, lock_offset, offset, word, first, last)
 *
 *	As bpf_compare_refresh32(), with the write under the value's bpf_spin_lock at lock_offset. With that
 *	lock held a collector compares its whole region and claims (Linux >= 6.6): so it is for values of
 *	which a writer changes several fields under the lock, of which this word is the last. A lock that is
 *	not at offset 0 takes CAP_PERFMON, and tracing programs may have none at all: so the kernel.
 *
 * bpf_compare_create32(map, key, value, offset, first, last)
 *
 *	Creates the entry, and never replaces one. It looks before each try, as on an LRU map even a
 *	create that fails allocates, and so evicts. DONE, EXISTS, CLAIMED, or a negative error of
 *	bpf_map_update_elem() (-E2BIG: the map is full, -ENOMEM, -EBUSY: a lock was not to be had).
 *
 * bpf_compare_delete32(map, key, offset, expected, claim, first, last)
 * bpf_compare_remove32(map, key, offset, claim, first, last)
 *
 *	Deletes the entry only if its word is the expected one; or whichever word it carries, unless that
 *	is a claim. claim is one of BPF_COMPARE_CLAIM(): it stands in the word's place until the entry is
 *	gone, and is taken back where it is not. DONE, NO_ENTRY, CHANGED, CLAIMED, BUSY, -EINVAL (claim is
 *	none from first to last, or expected is one), or a negative error of bpf_map_delete_elem(): a lock
 *	was not to be had, as in a program that interrupts one that holds it, and the entry stays.
 *
 * map is the map's address, key and value point to what its helpers take, offset is the word's in the
 * value, in bytes and a multiple of its size, and a constant, as is lock_offset. The claims of all who
 * delete from this map lie from first to last, both included: runs that delete at the same time need a
 * claim each.
 */

/* A word's place in a value, and what is kept for claims. All of it is known when this is compiled. */
struct __bpf_compare_place {
	__u32 size;
	__u32 offset;
	__u64 first;
	__u64 last;
};

#define __BPF_COMPARE_EINVAL (-22)
#define __BPF_COMPARE_EEXIST (-17)
#define __BPF_COMPARE_ENOENT (-2)

/* How many steps it is from one word to another, in the direction in which clocks go. */
static __always_inline __u64 __bpf_compare_distance(struct __bpf_compare_place place, __u64 from,
						    __u64 to)
{
	return place.size == 4 ? (__u32)to - (__u32)from : to - from;
}

static __always_inline int __bpf_compare_is_claim(struct __bpf_compare_place place, __u64 word)
{
	return __bpf_compare_distance(place, place.first, word) <=
	       __bpf_compare_distance(place, place.first, place.last);
}

static __always_inline __u64 __bpf_compare_read(struct __bpf_compare_place place, const void *value)
{
	const char *at = (const char *)value + place.offset;

	return place.size == 4 ? *(const volatile __u32 *)at : *(const volatile __u64 *)at;
}

static __always_inline void __bpf_compare_write(struct __bpf_compare_place place, void *value,
						__u64 word)
{
	char *at = (char *)value + place.offset;

	if (place.size == 4)
		*(volatile __u32 *)at = word;
	else
		*(volatile __u64 *)at = word;
}

/* Puts word in the place of seen. What was there: seen, if it did. */
static __always_inline __u64 __bpf_compare_exchange(struct __bpf_compare_place place, void *value,
						    __u64 seen, __u64 word)
{
	char *at = (char *)value + place.offset;

	if (place.size == 4)
		return __sync_val_compare_and_swap((__u32 *)at, (__u32)seen, (__u32)word);
	return __sync_val_compare_and_swap((__u64 *)at, seen, word);
}

/* Whether a word that was seen is ours or a later one. */
static __always_inline int __bpf_compare_reaches(struct __bpf_compare_place place, __u64 seen,
						 __u64 word)
{
	return __bpf_compare_distance(place, word, seen) <=
	       (place.size == 4 ? BPF_COMPARE_AHEAD32 : BPF_COMPARE_AHEAD64);
}

/* Likewise of the stamps: as late as ours is enough once ours has been written. */
static __always_inline int __bpf_compare_stamp_reaches(__u64 seen, __u64 word, long written)
{
	__u32 distance = (__u32)(seen >> 32) - (__u32)(word >> 32);

	return distance - !written <= BPF_COMPARE_AHEAD32 - 1;
}

/* What refreshes differ in. */
#define __BPF_COMPARE_SURE    1 /* also where the word is there already, the key is looked up again */
#define __BPF_COMPARE_STAMPED 2
#define __BPF_COMPARE_LOCKED  4

static __always_inline void __bpf_compare_lock(void *value, __u32 lock_offset, int how)
{
#ifdef BPF_COMPARE_SPIN_LOCK
	if (how & __BPF_COMPARE_LOCKED)
		BPF_COMPARE_SPIN_LOCK((struct bpf_spin_lock *)((char *)value + lock_offset));
#endif
}

static __always_inline void __bpf_compare_unlock(void *value, __u32 lock_offset, int how)
{
#ifdef BPF_COMPARE_SPIN_LOCK
	if (how & __BPF_COMPARE_LOCKED)
		BPF_COMPARE_SPIN_UNLOCK((struct bpf_spin_lock *)((char *)value + lock_offset));
#endif
}

/*
 * What became of one try to write a word. Numbers are as wide as registers here: without CAP_PERFMON the
 * verifier lets no narrower one be put where a pointer was kept before.
 */
#define __BPF_COMPARE_TRY_CLAIMED 0
#define __BPF_COMPARE_TRY_SAME	  1 /* it was there already */
#define __BPF_COMPARE_TRY_LATER	  2 /* or a later one was */
#define __BPF_COMPARE_TRY_WRITTEN 3
#define __BPF_COMPARE_TRY_FAILED  4

static __always_inline long __bpf_compare_try(struct __bpf_compare_place place, void *value,
					      __u64 word, int how, long looked_again)
{
	__u64 seen = __bpf_compare_read(place, value);

	if (__bpf_compare_is_claim(place, seen))
		return __BPF_COMPARE_TRY_CLAIMED;
	if (seen == word)
		return __BPF_COMPARE_TRY_SAME;
	if (how & __BPF_COMPARE_STAMPED ? __bpf_compare_stamp_reaches(seen, word, looked_again) :
					  __bpf_compare_reaches(place, seen, word))
		return __BPF_COMPARE_TRY_LATER;
	return __bpf_compare_exchange(place, value, seen, word) == seen ?
		       __BPF_COMPARE_TRY_WRITTEN :
		       __BPF_COMPARE_TRY_FAILED;
}

/*
 * Whatever was written, what is found then under the key is judged as what was found first: by the next
 * turn of the loop. The last one writes in vain.
 */
static __always_inline int __bpf_compare_refresh(void *map, const void *key, void **value,
						 struct __bpf_compare_place place, __u64 word,
						 __u32 lock_offset, int how)
{
	long looked_again = 0;

	_Pragma("clang loop unroll(full)")
	for (int i = 0; i <= BPF_COMPARE_TRIES; i++) {
		long is;

		if (!*value)
			return BPF_COMPARE_NO_ENTRY;
		__bpf_compare_lock(*value, lock_offset, how);
		is = __bpf_compare_try(place, *value, word, how, looked_again);
		__bpf_compare_unlock(*value, lock_offset, how);
		if (is == __BPF_COMPARE_TRY_CLAIMED)
			return BPF_COMPARE_CLAIMED;
		if (is == __BPF_COMPARE_TRY_SAME && !(how & __BPF_COMPARE_SURE))
			return BPF_COMPARE_DONE;
		if (is <= __BPF_COMPARE_TRY_LATER && looked_again)
			return BPF_COMPARE_DONE;
		looked_again = is <= __BPF_COMPARE_TRY_WRITTEN;
		if (looked_again && i < BPF_COMPARE_TRIES)
			*value = BPF_COMPARE_LOOKUP_ELEM(map, key);
	}
	return BPF_COMPARE_BUSY;
}

#ifdef __ksym
extern void *bpf_rdonly_cast(const void *obj__ign, __u32 btf_id__k) __ksym __weak;

/* A struct of the kernel's that begins with a word of 64 bits, for which bpf_rdonly_cast() takes any memory. */
struct timespec64___bpf_compare {
	long long tv_sec;
} __attribute__((preserve_access_index));

/*
 * Whether the element is this key's. The kernel has keys right before values, from a multiple of 8 on. seen
 * has been read from the element before: that this takes no other way from one to the other keeps processors
 * from reading the key first.
 */
static __always_inline int __bpf_compare_has_key(const void *value, const void *key, __u32 key_size,
						 __u64 seen)
{
	const char *at = (const char *)value - (key_size + 7) / 8 * 8;
	const struct timespec64___bpf_compare *element;

	asm volatile("%0 &= 0" : "+r"(seen));
	at += seen;
	_Pragma("clang loop unroll(full)")
	for (__u32 done = 0; done < key_size; done += 8) {
		__u32 size = key_size - done < 8 ? key_size - done : 8;
		__u64 part = 0, mask = 0;

		__builtin_memcpy(&part, (const char *)key + done, size);
		__builtin_memset(&mask, 0xff, size);
		element = bpf_rdonly_cast(at + done, __builtin_btf_type_id(
			*(struct timespec64___bpf_compare *)0, 1 /* its id in the kernel's BTF */));
		if (((__u64)element->tv_sec & mask) != part)
			return 0;
	}
	return 1;
}
#else
static __always_inline int __bpf_compare_has_key(const void *value, const void *key, __u32 key_size,
						 __u64 seen)
{
	return 0;
}
#endif

/* Whether a word lies ahead of soon, and is no claim: those are ahead of all that are written. */
static __always_inline int __bpf_compare_is_ahead(struct __bpf_compare_place place, __u64 word,
						  __u64 soon)
{
	return __bpf_compare_distance(place, soon + 1, word) <
	       __bpf_compare_distance(place, soon + 1, place.first);
}

/* key: NULL, or that of which the element still has to be, before it is written to. */
static __always_inline int __bpf_compare_store(void *value, const void *key, __u32 key_size,
					       struct __bpf_compare_place place, __u64 word,
					       __u64 soon)
{
	__u64 seen = __bpf_compare_read(place, value), was;

	_Pragma("clang loop unroll(full)")
	for (int i = 0; i < BPF_COMPARE_TRIES; i++) {
		if (__bpf_compare_is_ahead(place, seen, soon)) {
			if (key && !__bpf_compare_has_key(value, key, key_size, seen))
				return BPF_COMPARE_NO_ENTRY;
			if (seen != word)
				__bpf_compare_write(place, value, word);
			return BPF_COMPARE_DONE;
		}
		if (__bpf_compare_is_claim(place, seen))
			return BPF_COMPARE_CLAIMED;
		was = __bpf_compare_exchange(place, value, seen, word);
		if (was == seen)
			return BPF_COMPARE_DONE;
		seen = was;
	}
	return BPF_COMPARE_BUSY;
}

/* The element's key takes the place of a second look-up. */
static __always_inline int __bpf_compare_refresh_keyed(void *value, const void *key, __u32 key_size,
						       struct __bpf_compare_place place, __u64 word)
{
	__u64 seen = __bpf_compare_read(place, value), was;

	_Pragma("clang loop unroll(full)")
	for (int i = 0; i < BPF_COMPARE_TRIES; i++) {
		if (__bpf_compare_is_claim(place, seen))
			return BPF_COMPARE_CLAIMED;
		was = __bpf_compare_reaches(place, seen, word) ?
			      seen :
			      __bpf_compare_exchange(place, value, seen, word);
		if (was == seen)
			return __bpf_compare_has_key(value, key, key_size, was) ?
				       BPF_COMPARE_DONE :
				       BPF_COMPARE_NO_ENTRY;
		seen = was;
	}
	return BPF_COMPARE_BUSY;
}

static __always_inline int __bpf_compare_create(void *map, const void *key, const void *value,
						struct __bpf_compare_place place)
{
	_Pragma("clang loop unroll(full)")
	for (int i = 0; i < BPF_COMPARE_TRIES; i++) {
		void *there = BPF_COMPARE_LOOKUP_ELEM(map, key);
		int err; /* not long: its upper half is anything before Linux 6.4 */

		if (there) {
			if (!__bpf_compare_is_claim(place, __bpf_compare_read(place, there)))
				return BPF_COMPARE_EXISTS;
			continue;
		}
		err = BPF_COMPARE_UPDATE_ELEM(map, key, value, BPF_NOEXIST);
		if (!err)
			return BPF_COMPARE_DONE;
		if (err != __BPF_COMPARE_EEXIST)
			return err;
	}
	return BPF_COMPARE_CLAIMED;
}

/*
 * value has been claimed, and may have been recycled for another key before it was: so the key must lead
 * to an entry with this claim, of which there is one at a time.
 */
static __always_inline int __bpf_compare_delete_claimed(void *map, const void *key,
							struct __bpf_compare_place place,
							__u64 expected, __u64 claim)
{
	void *value = BPF_COMPARE_LOOKUP_ELEM(map, key);
	__u64 seen;
	int err;

	if (!value)
		return BPF_COMPARE_NO_ENTRY;
	seen = __bpf_compare_read(place, value);
	if (seen == claim) {
		err = BPF_COMPARE_DELETE_ELEM(map, key);
		return err == __BPF_COMPARE_ENOENT ? BPF_COMPARE_NO_ENTRY : err;
	}
	if (__bpf_compare_is_claim(place, seen))
		return BPF_COMPARE_CLAIMED;
	return seen == expected ? BPF_COMPARE_BUSY : BPF_COMPARE_CHANGED;
}

/* any: expected is whatever is there. */
static __always_inline int __bpf_compare_delete(void *map, const void *key,
						struct __bpf_compare_place place, __u64 expected,
						int any, __u64 claim)
{
	void *value;
	__u64 was;
	int err;

	if (!__bpf_compare_is_claim(place, claim) ||
	    (!any && __bpf_compare_is_claim(place, expected)))
		return __BPF_COMPARE_EINVAL;
	value = BPF_COMPARE_LOOKUP_ELEM(map, key);
	if (!value)
		return BPF_COMPARE_NO_ENTRY;
	if (any)
		expected = __bpf_compare_read(place, value);
	_Pragma("clang loop unroll(full)")
	for (int i = 0; i < BPF_COMPARE_TRIES; i++) {
		if (__bpf_compare_is_claim(place, expected))
			return BPF_COMPARE_CLAIMED;
		was = __bpf_compare_exchange(place, value, expected, claim);
		if (was == expected) {
			err = __bpf_compare_delete_claimed(map, key, place, expected, claim);
			/* From whichever key has the element now. */
			if (err)
				__bpf_compare_exchange(place, value, claim, expected);
			return any && err == BPF_COMPARE_CHANGED ? BPF_COMPARE_BUSY : err;
		}
		if (!any)
			return __bpf_compare_is_claim(place, was) ? BPF_COMPARE_CLAIMED :
								    BPF_COMPARE_CHANGED;
		expected = was;
	}
	return BPF_COMPARE_BUSY;
}

#define __BPF_COMPARE_FUNCTIONS(bits)                                                              \
	static __always_inline int bpf_compare_is_claimed##bits(                                   \
		const void *value, __u32 offset, __u##bits first, __u##bits last)                  \
	{                                                                                          \
		struct __bpf_compare_place place = { bits / 8, offset, first, last };              \
                                                                                                   \
		return __bpf_compare_is_claim(place, __bpf_compare_read(place, value));            \
	}                                                                                          \
                                                                                                   \
	static __always_inline int bpf_compare_is_ahead##bits(                                     \
		const void *value, __u32 offset, __u##bits now, __u##bits margin, __u##bits first, \
		__u##bits last)                                                                    \
	{                                                                                          \
		struct __bpf_compare_place place = { bits / 8, offset, first, last };              \
                                                                                                   \
		return __bpf_compare_is_ahead(place, __bpf_compare_read(place, value),             \
					      now + margin);                                       \
	}                                                                                          \
                                                                                                   \
	static __always_inline int bpf_compare_store##bits(                                        \
		void *value, __u32 offset, __u##bits word, __u##bits now, __u##bits margin,        \
		__u##bits first, __u##bits last)                                                   \
	{                                                                                          \
		struct __bpf_compare_place place = { bits / 8, offset, first, last };              \
                                                                                                   \
		return __bpf_compare_store(value, 0, 0, place, word, now + margin);                \
	}                                                                                          \
                                                                                                   \
	static __always_inline int bpf_compare_store_keyed##bits(                                  \
		void *value, const void *key, __u32 key_size, __u32 offset, __u##bits word,        \
		__u##bits now, __u##bits margin, __u##bits first, __u##bits last)                  \
	{                                                                                          \
		struct __bpf_compare_place place = { bits / 8, offset, first, last };              \
                                                                                                   \
		return __bpf_compare_store(value, key, key_size, place, word, now + margin);       \
	}                                                                                          \
                                                                                                   \
	static __always_inline int bpf_compare_refresh_keyed##bits(                                \
		void *value, const void *key, __u32 key_size, __u32 offset, __u##bits word,        \
		__u##bits first, __u##bits last)                                                   \
	{                                                                                          \
		struct __bpf_compare_place place = { bits / 8, offset, first, last };              \
                                                                                                   \
		return __bpf_compare_refresh_keyed(value, key, key_size, place, word);             \
	}                                                                                          \
                                                                                                   \
	static __always_inline int bpf_compare_refresh##bits(void *map, const void *key,           \
							     __u32 offset, __u##bits word,         \
							     __u##bits first, __u##bits last)      \
	{                                                                                          \
		struct __bpf_compare_place place = { bits / 8, offset, first, last };              \
		void *value = BPF_COMPARE_LOOKUP_ELEM(map, key);                                   \
                                                                                                   \
		return __bpf_compare_refresh(map, key, &value, place, word, 0,                     \
					     __BPF_COMPARE_SURE);                                  \
	}                                                                                          \
                                                                                                   \
	static __always_inline int bpf_compare_refresh_at##bits(                                   \
		void *map, const void *key, void **value, __u32 offset, __u##bits word,            \
		__u##bits first, __u##bits last)                                                   \
	{                                                                                          \
		struct __bpf_compare_place place = { bits / 8, offset, first, last };              \
                                                                                                   \
		return __bpf_compare_refresh(map, key, value, place, word, 0, 0);                  \
	}                                                                                          \
                                                                                                   \
	static __always_inline int bpf_compare_create##bits(                                       \
		void *map, const void *key, const void *value, __u32 offset, __u##bits first,      \
		__u##bits last)                                                                    \
	{                                                                                          \
		struct __bpf_compare_place place = { bits / 8, offset, first, last };              \
                                                                                                   \
		return __bpf_compare_create(map, key, value, place);                               \
	}                                                                                          \
                                                                                                   \
	static __always_inline int bpf_compare_delete##bits(                                       \
		void *map, const void *key, __u32 offset, __u##bits expected, __u##bits claim,     \
		__u##bits first, __u##bits last)                                                   \
	{                                                                                          \
		struct __bpf_compare_place place = { bits / 8, offset, first, last };              \
                                                                                                   \
		return __bpf_compare_delete(map, key, place, expected, 0, claim);                  \
	}                                                                                          \
                                                                                                   \
	static __always_inline int bpf_compare_remove##bits(void *map, const void *key,            \
							    __u32 offset, __u##bits claim,         \
							    __u##bits first, __u##bits last)       \
	{                                                                                          \
		struct __bpf_compare_place place = { bits / 8, offset, first, last };              \
                                                                                                   \
		return __bpf_compare_delete(map, key, place, 0, 1, claim);                         \
	}

__BPF_COMPARE_FUNCTIONS(32)
__BPF_COMPARE_FUNCTIONS(64)

#undef __BPF_COMPARE_FUNCTIONS

static __always_inline int bpf_compare_refresh_stamped(void *map, const void *key, void **value,
						       __u32 offset, __u64 word, __u64 first,
						       __u64 last)
{
	struct __bpf_compare_place place = { 8, offset, first, last };

	return __bpf_compare_refresh(map, key, value, place, word, 0, __BPF_COMPARE_STAMPED);
}

#ifdef BPF_COMPARE_SPIN_LOCK
#define __BPF_COMPARE_LOCKED_FUNCTION(bits)                                                        \
	static __always_inline int bpf_compare_refresh_locked##bits(                               \
		void *map, const void *key, __u32 lock_offset, __u32 offset, __u##bits word,       \
		__u##bits first, __u##bits last)                                                   \
	{                                                                                          \
		struct __bpf_compare_place place = { bits / 8, offset, first, last };              \
		void *value = BPF_COMPARE_LOOKUP_ELEM(map, key);                                   \
                                                                                                   \
		return __bpf_compare_refresh(map, key, &value, place, word, lock_offset,           \
					     __BPF_COMPARE_SURE | __BPF_COMPARE_LOCKED);           \
	}

__BPF_COMPARE_LOCKED_FUNCTION(32)
__BPF_COMPARE_LOCKED_FUNCTION(64)

#undef __BPF_COMPARE_LOCKED_FUNCTION
#endif

#endif /* __LIBBPF_BPF_COMPARE_BPF_H */
