/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * All that the protocol changes in this datapath: how it writes words, creates entries and deletes
 * them. Without it that is what datapaths have today.
 */
#ifndef WAY_BPF_H
#define WAY_BPF_H

const volatile bool by_protocol;
__u64 claims_taken;

#define WORD   0 /* where the word is, in the values of both maps */
#define CLAIMS CT_CLAIM_FIRST, CT_CLAIM_LAST

_Static_assert(offsetof(struct ct_entry, expires) == WORD, "the word's place");
_Static_assert(offsetof(struct nat_entry, expires) == WORD, "the word's place");

static __always_inline int word_store(void *value, __u64 word, __u64 now)
{
	if (by_protocol)
		return bpf_compare_store64(value, WORD, word, now, CT_MARGIN, CLAIMS);
	*(volatile __u64 *)value = word;
	return BPF_COMPARE_DONE;
}

static __always_inline bool word_is_claimed(const void *value)
{
	return by_protocol && bpf_compare_is_claimed64(value, WORD, CLAIMS);
}

static __always_inline int entry_create(void *map, const void *key, const void *value)
{
	if (by_protocol)
		return bpf_compare_create64(map, key, value, WORD, CLAIMS);
	return bpf_map_update_elem(map, key, value, BPF_ANY);
}

static __always_inline int entry_remove(void *map, const void *key)
{
	if (by_protocol)
		return bpf_compare_remove64(map, key, WORD,
					    BPF_COMPARE_CLAIM(claims_taken, CT_DATAPATH_FIRST,
							      CT_DATAPATH_LAST),
					    CLAIMS);
	return bpf_map_delete_elem(map, key) ? BPF_COMPARE_NO_ENTRY : BPF_COMPARE_DONE;
}

#endif /* WAY_BPF_H */
