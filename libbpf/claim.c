// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The rules for claims, see bpf_map_delete_elem_opts().
 */
#include "compare_internal.h"

__u64 read_word(const void *at, __u32 size)
{
	__u64 word;
	__u32 half;

	if (size == sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		return word;
	}
	memcpy(&half, at, sizeof(half));
	return half;
}

void store_word(void *to, __u64 word, __u32 size)
{
	__u32 half = (__u32)word;

	if (size == sizeof(word))
		memcpy(to, &word, sizeof(word));
	else
		memcpy(to, &half, sizeof(half));
}

int read_claim(struct claim *claim, const char *whose, const void *word, __u32 offset, __u32 size)
{
	memset(claim, 0, sizeof(*claim));
	if (!word)
		return offset || size
			       ? refuse(-EINVAL, "%sclaim_offset or %sclaim_size without %sclaim",
					whose, whose, whose)
			       : 0;
	if (size != sizeof(__u32) && size != sizeof(__u64))
		return refuse(-EINVAL, "%sclaim_size is %u, not 4 or 8", whose, size);
	if (offset % size)
		return refuse(-EINVAL, "%sclaim_offset %u is no multiple of %sclaim_size %u", whose,
			      offset, whose, size);
	claim->offset = offset;
	claim->size = size;
	claim->word = read_word(word, size);
	return 0;
}

int read_claims(struct claims *claims, __u64 first, __u64 last)
{
	if (first > last)
		return refuse(-EINVAL, "claim_first is over claim_last");
	claims->first = first;
	claims->last = last;
	return 0;
}

/* Others who go by the range would take a claim outside of it for a word like any. */
int check_in_claims(const struct claims *claims, const struct claim *claim, const char *whose)
{
	if (!claim->size || !claims->last || is_claim(claims, claim->word))
		return 0;
	return refuse(-EINVAL, "the %sclaim is not between claim_first and claim_last", whose);
}

bool is_claim(const struct claims *claims, __u64 word)
{
	return claims->last && word >= claims->first && word <= claims->last;
}

/* That the word is inside the region, whose size is 0 as long as it is the unknown value's. */
int check_claim(const struct claim *claim, const char *whose, struct region region)
{
	if (!claim->size)
		return 0;
	if (claim->offset < region.offset ||
	    (region.size &&
	     (__u64)claim->offset + claim->size > (__u64)region.offset + region.size))
		return refuse(-EINVAL,
			      "the %sclaim's %u bytes at %u are not within the compared region, "
			      "from %u to %llu",
			      whose, claim->size, claim->offset, region.offset,
			      (unsigned long long)region.offset + region.size);
	return 0;
}

/* To claim an entry by what it carries already would claim nothing. */
bool claim_is_expected(const struct claim *claim, struct region region, const void *compare)
{
	if (!claim->size || !region.size || !compare)
		return false;
	return read_word((const char *)compare + (claim->offset - region.offset), claim->size) ==
	       claim->word;
}
