/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * EXPERIMENTAL: a flow table in a BPF arena, for BPF programs and user space. Names, layout and answers
 * may change from one version to the next, and are no part of the ABI of libbpf-compare.
 *
 * It is for datapaths that are written for it: on Linux >= 6.12 and x86-64, a delete by compare is one
 * compare-exchange on memory that both sides share. bpf_flowtab(7) describes the algorithm, what it
 * promises, and to whom.
 *
 * This file has what both sides know of the memory. BPF programs include it after <linux/bpf.h> or
 * vmlinux.h and <bpf/bpf_helpers.h>, and get bpf/bpf_flowtab.bpf.h with it; all others get the functions
 * of libbpf-flowtab.
 */
#ifndef __LIBBPF_BPF_FLOWTAB_H
#define __LIBBPF_BPF_FLOWTAB_H

#include <linux/types.h>

/*
 * A slot's word, from the highest bit on:
 *
 *	time 34		when it was refreshed last, in ticks of 2^20 ns of CLOCK_MONOTONIC: goes round in 208 days
 *	generation 14	which of the slot's lives this is
 *	tag 10		bits of the key's hash
 *	class 4		picks the timeout: whatever the programs want, such as a TCP state
 *	state 2
 *
 * All changes are compare-exchanges of the whole word.
 */
enum bpf_flowtab_state {
	BPF_FLOWTAB_FREE = 0,
	BPF_FLOWTAB_BUSY = 1, /* its record is being written */
	BPF_FLOWTAB_TENT = 2, /* tentative: seen by other creates alone, until it is known that it has no twin */
	BPF_FLOWTAB_LIVE = 3,
};

/* Of a refresh: the class stays what it is. */
#define BPF_FLOWTAB_SAME_CLASS BPF_FLOWTAB_CLASSES

/* Of a create, in the place of BPF_FLOWTAB_FULL: takes the slot of the entry that was refreshed first. */
#define BPF_FLOWTAB_EVICT 1

#define BPF_FLOWTAB_TICK_SHIFT	     20
#define BPF_FLOWTAB_TIME_SHIFT	     30
#define BPF_FLOWTAB_TIME_BITS	     34
#define BPF_FLOWTAB_GENERATION_SHIFT 16
#define BPF_FLOWTAB_GENERATION_BITS  14
#define BPF_FLOWTAB_TAG_SHIFT	     6
#define BPF_FLOWTAB_TAG_BITS	     10
#define BPF_FLOWTAB_CLASS_SHIFT	     2
#define BPF_FLOWTAB_CLASSES	     15
#define BPF_FLOWTAB_STATE_MASK	     3ull

#define BPF_FLOWTAB_TIME_MASK ((1ull << BPF_FLOWTAB_TIME_BITS) - 1)
#define BPF_FLOWTAB_CLASS_MASK (15ull << BPF_FLOWTAB_CLASS_SHIFT)
#define BPF_FLOWTAB_GENERATION_MASK                                                                \
	(((1ull << BPF_FLOWTAB_GENERATION_BITS) - 1) << BPF_FLOWTAB_GENERATION_SHIFT)
#define BPF_FLOWTAB_TAG_MASK (((1ull << BPF_FLOWTAB_TAG_BITS) - 1) << BPF_FLOWTAB_TAG_SHIFT)
/* What a look-up compares of a word. */
#define BPF_FLOWTAB_MATCH_MASK (BPF_FLOWTAB_TAG_MASK | BPF_FLOWTAB_STATE_MASK)

/*
 * An alias, of tables with two keys a record: leads from the second key to the slot. The word of the slot
 * is the one that counts; an alias of which that is FREE, or of another generation, is nobody's.
 *
 *	slot 34, generation 14 of the slot, tag 10 of the second key, zeros 4, state 2: LIVE, or FREE
 */

/* The clock of a program that began earlier may lie so many ticks, 4 minutes, behind a word's time. */
#define BPF_FLOWTAB_SKEW (1 << 18)

/*
 * The first page. Words begin on the second one: for each bucket those of its slots, then as many aliases
 * where records have two keys. Records follow: key, second key, value, each from a multiple of 8 on.
 */
#define BPF_FLOWTAB_PAGE     4096
#define BPF_FLOWTAB_KEY_MAX  256
#define BPF_FLOWTAB_VALUE_MAX 1024

struct bpf_flowtab_head {
	__u64 shape;	   /* BPF_FLOWTAB_SHAPE(): written last */
	__u32 bucket_mask; /* buckets, a power of two, less one */
	__u32 grace;	   /* in ticks */
	/* Of the hash: one, and one for each 4 bytes of a key. */
	__u64 secret[1 + BPF_FLOWTAB_KEY_MAX / 4];
};

#define BPF_FLOWTAB_VERSION 1
/* keys: 1 or 2 of a record. slots: 8 or 16 of a bucket. Sizes in bytes. */
#define BPF_FLOWTAB_SHAPE(key_size, value_size, keys, slots)                                       \
	(0xf107ull << 48 | (__u64)(key_size) << 32 | (__u64)(value_size) << 16 | (slots) << 8 |    \
	 (keys) << 4 | BPF_FLOWTAB_VERSION)

#define __bpf_flowtab_inline static inline __attribute__((always_inline, unused))

/* A key's two buckets, which may be the same one, and tag. */
__bpf_flowtab_inline __u32 bpf_flowtab_bucket(__u64 hash, __u32 mask, int second)
{
	return (second ? hash >> 27 : hash) & mask;
}

__bpf_flowtab_inline __u64 bpf_flowtab_tag(__u64 hash)
{
	return hash >> (64 - BPF_FLOWTAB_TAG_BITS) << BPF_FLOWTAB_TAG_SHIFT;
}

/* 1 to 4 bytes of a key as a number, the lowest byte first. */
__bpf_flowtab_inline __u32 __bpf_flowtab_part(const unsigned char *at, __u32 size)
{
#ifdef __bpf__
	if (size >= 4) /* BPF loads need not be aligned on x86-64 */
		return *(const __u32 *)at;
#else
	if (size >= 4)
		return at[0] | at[1] << 8 | at[2] << 16 | (__u32)at[3] << 24;
#endif
	return at[0] | (size > 1 ? at[1] << 8 : 0) | (size > 2 ? at[2] << 16 : 0);
}

/*
 * Multilinear, by secret factors: of two keys the upper 32 bits of the sum are equal by chance alone. Then
 * mixed, for its lower bits.
 */
__bpf_flowtab_inline __u64 bpf_flowtab_hash(const __u64 *secret, const void *key, __u32 key_size)
{
	__u64 sum = secret[0];

#ifdef __bpf__
	_Pragma("clang loop unroll(full)")
#endif
	for (__u32 i = 0; i < (key_size + 3) / 4; i++)
		sum += secret[1 + i] * __bpf_flowtab_part((const unsigned char *)key + 4 * i,
							  key_size - 4 * i);
	sum ^= sum >> 32;
	sum *= 0x9e3779b97f4a7c15ull;
	return sum ^ sum >> 32;
}

__bpf_flowtab_inline __u64 bpf_flowtab_ticks(__u64 ns)
{
	return ns >> BPF_FLOWTAB_TICK_SHIFT & BPF_FLOWTAB_TIME_MASK;
}

/* How many ticks ago it was refreshed, and BPF_FLOWTAB_SKEW: so it is never negative. */
__bpf_flowtab_inline __u64 __bpf_flowtab_skewed_age(__u64 word, __u64 now)
{
	return (now + BPF_FLOWTAB_SKEW - (word >> BPF_FLOWTAB_TIME_SHIFT)) & BPF_FLOWTAB_TIME_MASK;
}

/* Whether so many ticks have passed since it was refreshed. */
__bpf_flowtab_inline int bpf_flowtab_has_passed(__u64 word, __u64 now, __u64 ticks)
{
	return __bpf_flowtab_skewed_age(word, now) >= ticks + BPF_FLOWTAB_SKEW;
}

#define __BPF_FLOWTAB_ALIGN(size) (((size) + 7) / 8 * 8)

__bpf_flowtab_inline __u64 bpf_flowtab_record_size(__u32 key_size, __u32 value_size, __u32 keys)
{
	return keys * __BPF_FLOWTAB_ALIGN(key_size) + __BPF_FLOWTAB_ALIGN(value_size);
}

/* Where a bucket's words are in the memory; of one bucket more than there are: the records. */
__bpf_flowtab_inline __u64 bpf_flowtab_words(__u64 bucket, __u32 keys, __u32 slots)
{
	return BPF_FLOWTAB_PAGE + bucket * keys * slots * 8;
}

/* What programs are answered: as by bpf_compare.bpf.h, as far as there is a counterpart. */
enum bpf_flowtab_answer {
	/* Done; of a look-up, a refresh and a create: and *value points to the entry's value. */
	BPF_FLOWTAB_DONE = 0,
	/* The key has no entry: create it. */
	BPF_FLOWTAB_NO_ENTRY = 1,
	/* The key has an entry that was created by someone else meanwhile: refresh it. */
	BPF_FLOWTAB_EXISTS = 2,
	/*
	 * Another program is creating an entry with this key, which this one may have interrupted. Let the
	 * packet pass without an entry, or drop it; the next one will find it.
	 */
	BPF_FLOWTAB_CREATING = 3,
	/* Others wrote each time in between. Treat the packet as BPF_FLOWTAB_CREATING. */
	BPF_FLOWTAB_CHANGING = 4,
	/* None of the key's slots is to be had. */
	BPF_FLOWTAB_FULL = 6,
	/* The arena has no table, or one of another shape. */
	BPF_FLOWTAB_NO_TABLE = 7,
};

#ifdef __bpf__
#include "bpf_flowtab.bpf.h"
#else

#include <stddef.h>
#include <bpf/libbpf_common.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The functions of libbpf-flowtab. All are thread safe but bpf_flowtab__close(), none is async-signal-safe. A
 * child made by fork() does not have the memory: there all of them give -EBADF but bpf_flowtab__close(), and the
 * child opens the table anew. They return 0 or a negative error, and set errno to it; those that return a pointer
 * return NULL, and set errno. bpf_flowtab_reason() tells why.
 *
 * Nothing that BPF programs write into the arena makes them read or write outside of it, or never return:
 * sizes are read when a table is opened, and what words say is never an index here, but for an alias,
 * which is checked.
 */
struct bpf_flowtab;

struct bpf_flowtab_create_opts {
	size_t sz;	   /* size of this struct, for compatibility; LIBBPF_OPTS sets it */
	__u32 key_size;	   /* in bytes, 1 to BPF_FLOWTAB_KEY_MAX; all of them count, padding too */
	__u32 value_size;  /* in bytes, 1 to BPF_FLOWTAB_VALUE_MAX */
	__u32 max_entries; /* slots, at least: their number is rounded up to a power of two */
	__u32 keys;	   /* of a record: 1 or 2; 0 = 1 */
	__u32 slots;	   /* of a bucket: 8 or 16; 0 = 8 */
	__u32 grace_ms;	   /* how long a slot rests after its last refresh, at least 1000; 0 = 1000 */
	__extension__ size_t :0;
};
#define bpf_flowtab_create_opts__last_field grace_ms

struct bpf_flowtab_info {
	__u32 key_size;
	__u32 value_size;
	__u32 keys;
	__u32 slots;	 /* of a bucket */
	__u32 all_slots; /* of the table */
	__u32 grace_ms;
};

/* An entry as it was seen: its slot, and the slot's word. */
struct bpf_flowtab_seen {
	__u64 word;
	__u32 slot;
	__u32 :32;
};

/**
 * @brief **bpf_flowtab__create()** creates an arena with an empty table, and opens it. All of its memory
 * is taken now. The arena's address is random, and the same in every process.
 *
 * To have BPF programs use it, bpf_map__reuse_fd() the map of the table's name in their object with
 * bpf_flowtab__fd() before that is loaded. It lives as long as someone has the map: a program, a pin, this.
 *
 * @return the table, or NULL with errno: EINVAL (an option), EOPNOTSUPP (the kernel has no arenas: they
 * take Linux 6.9, and this library x86-64), EPERM (it takes CAP_BPF), ENOMEM (but what is above the limit of a memory
 * cgroup has its OOM killer end the process), E2BIG (above 4 GiB)
 */
LIBBPF_API struct bpf_flowtab *bpf_flowtab__create(const char *name,
						   const struct bpf_flowtab_create_opts *opts);

/**
 * @brief **bpf_flowtab__open()** opens the table in an arena by a file descriptor, which stays the
 * caller's; **bpf_flowtab__open_id()** by the map's id, which takes CAP_SYS_ADMIN; and
 * **bpf_flowtab__open_pinned()** by a path in a bpffs.
 *
 * @return the table, or NULL with errno: EBADF, ENOENT, EINVAL (there is no table in it, or one that does not
 * fit into it), EPERM (the file descriptor is read-only: an arena cannot be mapped by it), EEXIST (something
 * else of this process is at the arena's address), EOPNOTSUPP, ENOMEM
 */
LIBBPF_API struct bpf_flowtab *bpf_flowtab__open(int fd);
LIBBPF_API struct bpf_flowtab *bpf_flowtab__open_id(__u32 id);
LIBBPF_API struct bpf_flowtab *bpf_flowtab__open_pinned(const char *path);

LIBBPF_API void bpf_flowtab__close(struct bpf_flowtab *table);

/* The arena's file descriptor, which is the table's: to reuse for a program's map, or to pin. */
LIBBPF_API int bpf_flowtab__fd(const struct bpf_flowtab *table);
LIBBPF_API int bpf_flowtab__info(const struct bpf_flowtab *table, struct bpf_flowtab_info *info);

/**
 * @brief **bpf_flowtab__lookup()** copies the value of a key's entry, and how it was seen.
 *
 * What is copied is of one life of the entry; a value that programs write meanwhile may be half of
 * this, half of that, as from any map.
 *
 * @param value where to, or NULL
 * @param seen for bpf_flowtab__delete_seen(), or NULL
 * @return 0, -ENOENT, -EAGAIN (it was created anew each time while it was copied), -EBADF (fork)
 */
LIBBPF_API int bpf_flowtab__lookup(const struct bpf_flowtab *table, const void *key, void *value,
				   struct bpf_flowtab_seen *seen);

/**
 * @brief **bpf_flowtab__delete()** deletes a key's entry, however it was refreshed last. By either key.
 *
 * @return 0, -ENOENT, -EAGAIN (it was refreshed each time in between), -EBADF (fork)
 */
LIBBPF_API int bpf_flowtab__delete(struct bpf_flowtab *table, const void *key);

/**
 * @brief **bpf_flowtab__delete_seen()** deletes an entry only if it has not been refreshed, nor its
 * class changed, since it was seen: one compare-exchange, atomic against all programs and all collectors.
 *
 * A refresh is told from the one before by the tick of 2^20 ns that it is of: an entry that was seen in
 * the very tick it was refreshed in is left alone as long as that lasts. A refresh by a clock that was read in the
 * tick that was seen, or before, leaves no trace, whenever it comes. The value is not compared.
 *
 * @return 0, -EBUSY (refreshed, deleted or created anew since), -EINVAL (seen is not of this table),
 * -EBADF (fork)
 */
LIBBPF_API int bpf_flowtab__delete_seen(struct bpf_flowtab *table,
					const struct bpf_flowtab_seen *seen);

/**
 * @brief **bpf_flowtab__next()** goes to the next entry from slot number *cursor* on, and leaves in it where
 * to go on. From 0 to -ENOENT every entry is met once that is there all the while.
 *
 * @param key, second, value where to copy each, or NULL. A table with one key a record has no second.
 */
LIBBPF_API int bpf_flowtab__next(const struct bpf_flowtab *table, __u32 *cursor, void *key,
				 void *second, void *value, struct bpf_flowtab_seen *seen);

#define BPF_FLOWTAB_NEVER 0xffffffffu

/* What a sweep tells a callback of: copies. */
struct bpf_flowtab_entry {
	const void *key;
	const void *second;
	const void *value;
	struct bpf_flowtab_seen seen;
};

struct bpf_flowtab_sweep_opts {
	size_t sz; /* size of this struct, for compatibility; LIBBPF_OPTS sets it */
	/* For each class, in ms: entries that were refreshed so long ago are deleted. BPF_FLOWTAB_NEVER */
	const __u32 *timeouts_ms;
	/* Is asked of each that has timed out: 0 = delete it, 1 = keep it, a negative error ends the sweep. */
	int (*callback)(void *ctx, const struct bpf_flowtab_entry *entry);
	void *ctx;
	__u32 max_slots; /* to look at, at most; 0 = all */
	__u32 cursor;	 /* in and out: the slot to begin with; 0 after the last one */
	/* out: what became of it */
	__u32 scanned;	 /* slots */
	__u32 live;	 /* of which had an entry */
	__u32 timed_out; /* of which were refreshed too long ago */
	__u32 deleted;	 /* of which were deleted */
	__u32 changed;	 /* others were refreshed, or deleted by others, right before; the rest the callback kept */
	__extension__ size_t :0;
};
#define bpf_flowtab_sweep_opts__last_field changed

/**
 * @brief **bpf_flowtab__sweep()** deletes the entries that have timed out, each by one compare-exchange of
 * what it had when it was judged. Threads and processes may sweep at the same time: each entry is
 * deleted by one of them.
 *
 * A visit that a program was told of is not lost: an entry stays for its class's timeout from the time that
 * the program read before it.
 *
 * @return 0, -EINVAL (an option), -EBADF (fork), or what the callback returned
 */
LIBBPF_API int bpf_flowtab__sweep(struct bpf_flowtab *table, struct bpf_flowtab_sweep_opts *opts);

struct bpf_flowtab_stats {
	__u32 live[BPF_FLOWTAB_CLASSES]; /* of each class */
	__u32 free;			 /* slots to be had now */
	__u32 resting;			 /* slots that are free, and in their grace */
	__u32 creating;			 /* slots that are about to be live */
	__u32 aliases;
};

/* Counts slots: one by one, while others change them. */
LIBBPF_API int bpf_flowtab__stats(const struct bpf_flowtab *table, struct bpf_flowtab_stats *stats);

/* Why this thread's last call was refused. Never NULL; good until its next call. */
LIBBPF_API const char *bpf_flowtab_reason(void);

#ifdef __cplusplus
}
#endif

#endif /* __bpf__ */

#endif /* __LIBBPF_BPF_FLOWTAB_H */
