// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Reads ahead what the next requests will need of the kernel's memory: the buckets of their keys, then the
 * elements that those start with. A look-up waits for the one before the other, and the next key's look-up
 * for that; here those of many keys are waited for at once.
 *
 * What is read is not used. So it does not matter who changes it meanwhile, or whether it is what it is
 * taken for: bpf_rdonly_cast() makes of any address one that may be read, which gives 0 where nothing is.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include "jhash.h"
#include "request.h"

/* As in steps.bpf.h: one entry's map and key, */
extern char target[], requests[], key_at[], key_size[];
/* and what hashtab.c knows. */
extern char hashtab_buckets[], hashtab_n_buckets[], hashtab_seed[], hashtab_bucket_size[],
	hashtab_head[], hashtab_elem_hash[], hashtab_elem_key[], hashtab_word_type[];
/* Weak, as a compiler takes other symbols for none that is 0: of another map than an LRU one it is. */
extern char hashtab_elem_lru[] __attribute__((weak));
void *cast(const void *address, __u32 type);

#define NUMBER(symbol) ((unsigned long)(symbol))

static __always_inline __u64 read_64(__u64 address)
{
	return *(volatile __u64 *)cast((void *)address, NUMBER(hashtab_word_type));
}

static __always_inline __u32 read_32(__u64 address)
{
	return *(volatile __u32 *)cast((void *)address, NUMBER(hashtab_word_type));
}

/* Straight code: so short that the processor has all of them under way before it waits for the first. */
#define EACH _Pragma("clang loop unroll(full)") for (int i = 0; i < TOUCHED_AT_ONCE; i++)

int touch(__u32 first, __s32 run)
{
	__u64 map = (__u64)cast(target, NUMBER(hashtab_word_type));
	__u64 buckets = read_64(map + NUMBER(hashtab_buckets)) + NUMBER(hashtab_head);
	__u32 mask = read_32(map + NUMBER(hashtab_n_buckets)) - 1;
	__u32 seed = read_32(map + NUMBER(hashtab_seed));
	__u64 at[TOUCHED_AT_ONCE] = {}; /* 0 where there is nothing to read */

	for (__u32 i = 0; i < TOUCHED_AT_ONCE; i++) {
		__u32 number = first + i, hash;
		struct request *request = bpf_map_lookup_elem(requests, &number);

		if (!request || request->result != run)
			break;
		hash = jhash_key((void *)request + NUMBER(key_at), NUMBER(key_size), seed);
		at[i] = buckets + (hash & mask) * NUMBER(hashtab_bucket_size);
	}
	EACH at[i] = read_64(at[i]);
	EACH
	{
		read_32(at[i] + NUMBER(hashtab_elem_hash));
		read_32(at[i] + NUMBER(hashtab_elem_key) + NUMBER(key_size));
	}
	/* A delete writes to the next one in the bucket, and in an LRU map to those beside it in its list. */
	EACH read_64(read_64(at[i]) + 8);
	if (NUMBER(hashtab_elem_lru))
		EACH
		{
			read_64(read_64(at[i] + NUMBER(hashtab_elem_lru)));
			read_64(read_64(at[i] + NUMBER(hashtab_elem_lru) + 8));
		}
	return 0;
}
