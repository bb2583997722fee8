/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The datapath's half of a delete with a claim.
 *
 * A collector that calls bpf_map_delete_elem_opts() with a claim writes a word that no live entry
 * carries (the claim) over the word that it expects, by compare-exchange, and deletes only then. A
 * BPF program that writes that word as the functions here do cannot lose a write to such a delete on
 * a BPF_MAP_TYPE_HASH: either the word was refreshed first, and the collector leaves the entry alone,
 * or it was claimed first, and the program is told so.
 *
 * What all programs that share the map must keep to, for that to hold:
 *
 * - the word is written by these functions alone, once an entry is there;
 * - entries are created by BPF_NOEXIST alone, as bpf_compare_create32() does: nobody uses BPF_ANY,
 *   BPF_EXIST, BPF_F_LOCK or a delete without a claim on this map;
 * - words grow with time over all keys of the map, as one clock's readings do or a revision that is
 *   counted for the whole map: no entry is created with an earlier word than a refresh of its key
 *   that is still under way, and none with one that a collector expects. (With a count for each key a
 *   refresh through an element that was recycled could leave another key a word that is far ahead
 *   of its own.)
 *   A word that can shrink, as a lifetime that a closing connection shortens, is no such word;
 * - no live entry ever carries a claim, nothing from first to last (below) is ever written as a word,
 *   and no collector ever expects one;
 * - to delete by key without a claim is a plain delete whoever does it: a program, a timer, a
 *   bpf_map_lookup_and_delete_elem().
 *
 * On BPF_MAP_TYPE_LRU_HASH one gap stays open: an entry that is evicted and created anew between the
 * collector's last look and its delete.
 *
 * To be included after <linux/bpf.h> or vmlinux.h, and <bpf/bpf_helpers.h>. Compare-exchange takes
 * clang's -mcpu=v3, and Linux 5.12. Everything is inlined and every loop unrolled, as the verifier
 * comes to no end with loops where it follows speculative execution too, and pointers are never
 * compared with one another: so CAP_BPF with what the program's type takes is enough.
 */
#ifndef __LIBBPF_BPF_COMPARE_BPF_H
#define __LIBBPF_BPF_COMPARE_BPF_H

enum bpf_compare_answer {
	/*
	 * The entry of this key carries the word, or a later one: a collector that expects an
	 * earlier one will not delete it. The packet belongs to a known flow.
	 */
	BPF_COMPARE_DONE = 0,
	/* The key has no entry: nothing was written that counts. The flow is unknown: create it. */
	BPF_COMPARE_NO_ENTRY = 1,
	/* The key has an entry that was created by someone else meanwhile: refresh it. */
	BPF_COMPARE_EXISTS = 2,
	/*
	 * A collector has claimed the entry and is about to delete it: a matter of a microsecond, but
	 * for as long as it is preempted a matter of a scheduling quantum. Let the packet pass
	 * without an entry, or drop it; the next one will find none and create it.
	 */
	BPF_COMPARE_CLAIMED = 3,
	/* Others wrote each time in between. Treat the packet as BPF_COMPARE_CLAIMED. */
	BPF_COMPARE_BUSY = 4,
};

/* How often a function starts over before it gives up. */
#ifndef BPF_COMPARE_TRIES
#define BPF_COMPARE_TRIES 4
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
 * bpf_compare_refresh32(map, key, offset, word, first, last)
 *
 *	Writes word at offset into the value of this key's entry, unless a later one is there, or a
 *	claim. Then it looks the key up again: the element might have been deleted before the write,
 *	and even be another key's by now. What it answers is true of the entry that was found then.
 *	DONE, NO_ENTRY, CLAIMED or BUSY.
 *
 * bpf_compare_refresh_locked32(map, key, lock_offset, offset, word, first, last)
 *
 *	The same, with the write under the value's bpf_spin_lock at lock_offset. With that lock held
 *	a collector compares its whole region and claims (Linux >= 6.6): so it is for values of which a
 *	writer changes several fields under the lock, of which this word is the last. A lock that is
 *	not at offset 0 takes CAP_PERFMON, and tracing programs may have none at all: so the kernel.
 *
 * bpf_compare_create32(map, key, value, offset, first, last)
 *
 *	Creates the entry, and never replaces one. It looks before each try, as on an LRU map even a
 *	create that fails allocates, and so evicts. DONE, EXISTS, CLAIMED, or a negative error of
 *	bpf_map_update_elem() (-E2BIG: the map is full, -ENOMEM, -EBUSY: a lock was not to be had).
 *
 * map is the map's address, key and value point to what its helpers take, offset is the word's in the
 * value, in bytes and a multiple of its size, and a constant, as is lock_offset. The claims of all
 * collectors of this map lie from first to last, both included: processes that collect at the same
 * time need a claim each.
 */
#define __BPF_COMPARE_FUNCTIONS(bits)                                                              \
	static __always_inline int __bpf_compare_in_range##bits(__u##bits word, __u##bits first,   \
								__u##bits last)                    \
	{                                                                                          \
		return word - first <= last - first;                                               \
	}                                                                                          \
                                                                                                   \
	/* Words wrap around, as clocks do. */                                                     \
	static __always_inline int __bpf_compare_reaches##bits(__u##bits seen, __u##bits word)     \
	{                                                                                          \
		return (__s##bits)(seen - word) >= 0;                                              \
	}                                                                                          \
                                                                                                   \
	static __always_inline __u##bits __bpf_compare_read##bits(const void *value,               \
								  __u32 offset)                    \
	{                                                                                          \
		return *(const volatile __u##bits *)((const char *)value + offset);                \
	}                                                                                          \
                                                                                                   \
	/* The word that was there: the old one where it was written or a later one is there. */   \
	static __always_inline int __bpf_compare_write##bits(void *value, __u32 offset,            \
							     __u##bits seen, __u##bits word)       \
	{                                                                                          \
		__u##bits *at = (__u##bits *)((char *)value + offset);                             \
                                                                                                   \
		return __bpf_compare_reaches##bits(seen, word) ||                                  \
		       __sync_val_compare_and_swap(at, seen, word) == seen;                        \
	}                                                                                          \
                                                                                                   \
	static __always_inline int __bpf_compare_look_again##bits(                                 \
		void *map, const void *key, __u32 offset, __u##bits word, __u##bits first,         \
		__u##bits last)                                                                    \
	{                                                                                          \
		void *value = bpf_map_lookup_elem(map, key);                                       \
		__u##bits seen;                                                                    \
                                                                                                   \
		if (!value)                                                                        \
			return BPF_COMPARE_NO_ENTRY;                                               \
		seen = __bpf_compare_read##bits(value, offset);                                    \
		if (__bpf_compare_in_range##bits(seen, first, last))                               \
			return BPF_COMPARE_CLAIMED;                                                \
		return __bpf_compare_reaches##bits(seen, word) ? BPF_COMPARE_DONE :                \
								 BPF_COMPARE_BUSY;                 \
	}                                                                                          \
                                                                                                   \
	static __always_inline int bpf_compare_is_claimed##bits(                                   \
		const void *value, __u32 offset, __u##bits first, __u##bits last)                  \
	{                                                                                          \
		return __bpf_compare_in_range##bits(__bpf_compare_read##bits(value, offset),       \
						    first, last);                                  \
	}                                                                                          \
                                                                                                   \
	static __always_inline int bpf_compare_refresh##bits(void *map, const void *key,           \
							     __u32 offset, __u##bits word,         \
							     __u##bits first, __u##bits last)      \
	{                                                                                          \
		_Pragma("clang loop unroll(full)")                                                 \
		for (int i = 0; i < BPF_COMPARE_TRIES; i++) {                                      \
			void *value = bpf_map_lookup_elem(map, key);                               \
			__u##bits seen;                                                            \
			int answer;                                                                \
                                                                                                   \
			if (!value)                                                                \
				return BPF_COMPARE_NO_ENTRY;                                       \
			seen = __bpf_compare_read##bits(value, offset);                            \
			if (__bpf_compare_in_range##bits(seen, first, last))                       \
				return BPF_COMPARE_CLAIMED;                                        \
			if (!__bpf_compare_write##bits(value, offset, seen, word))                 \
				continue;                                                          \
			answer = __bpf_compare_look_again##bits(map, key, offset, word, first,     \
								last);                             \
			if (answer != BPF_COMPARE_BUSY)                                            \
				return answer;                                                     \
		}                                                                                  \
		return BPF_COMPARE_BUSY;                                                           \
	}                                                                                          \
                                                                                                   \
	static __always_inline int bpf_compare_refresh_locked##bits(                               \
		void *map, const void *key, __u32 lock_offset, __u32 offset, __u##bits word,       \
		__u##bits first, __u##bits last)                                                   \
	{                                                                                          \
		_Pragma("clang loop unroll(full)")                                                 \
		for (int i = 0; i < BPF_COMPARE_TRIES; i++) {                                      \
			void *value = bpf_map_lookup_elem(map, key);                               \
			struct bpf_spin_lock *lock;                                                \
			int claimed, written, answer;                                              \
			__u##bits seen;                                                            \
                                                                                                   \
			if (!value)                                                                \
				return BPF_COMPARE_NO_ENTRY;                                       \
			lock = (struct bpf_spin_lock *)((char *)value + lock_offset);              \
			bpf_spin_lock(lock);                                                       \
			seen = __bpf_compare_read##bits(value, offset);                            \
			claimed = __bpf_compare_in_range##bits(seen, first, last);                 \
			written = !claimed &&                                                      \
				  __bpf_compare_write##bits(value, offset, seen, word);            \
			bpf_spin_unlock(lock);                                                     \
			if (claimed)                                                               \
				return BPF_COMPARE_CLAIMED;                                        \
			if (!written)                                                              \
				continue;                                                          \
			answer = __bpf_compare_look_again##bits(map, key, offset, word, first,     \
								last);                             \
			if (answer != BPF_COMPARE_BUSY)                                            \
				return answer;                                                     \
		}                                                                                  \
		return BPF_COMPARE_BUSY;                                                           \
	}                                                                                          \
                                                                                                   \
	static __always_inline int bpf_compare_create##bits(                                       \
		void *map, const void *key, const void *value, __u32 offset, __u##bits first,      \
		__u##bits last)                                                                    \
	{                                                                                          \
		_Pragma("clang loop unroll(full)")                                                 \
		for (int i = 0; i < BPF_COMPARE_TRIES; i++) {                                      \
			void *there = bpf_map_lookup_elem(map, key);                               \
			int err; /* not long: its upper half is anything before Linux 6.4 */       \
                                                                                                   \
			if (there) {                                                               \
				if (!bpf_compare_is_claimed##bits(there, offset, first, last))     \
					return BPF_COMPARE_EXISTS;                                 \
				continue;                                                          \
			}                                                                          \
			err = bpf_map_update_elem(map, key, value, BPF_NOEXIST);                   \
			if (!err)                                                                  \
				return BPF_COMPARE_DONE;                                           \
			if (err != -17 /* -EEXIST */)                                              \
				return err;                                                        \
		}                                                                                  \
		return BPF_COMPARE_CLAIMED;                                                        \
	}

__BPF_COMPARE_FUNCTIONS(32)
__BPF_COMPARE_FUNCTIONS(64)

#undef __BPF_COMPARE_FUNCTIONS

#endif /* __LIBBPF_BPF_COMPARE_BPF_H */
