// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The rules for claims, see bpf_map_delete_elem_opts().
 */
#include <string.h>
#include "compare_internal.h"

int read_claim(struct claim *claim, const void *word, __u32 offset, __u32 size)
{
	*claim = (struct claim){};
	if (!word)
		return offset || size ? -EINVAL : 0;
	if ((size != sizeof(__u32) && size != sizeof(__u64)) || offset % size)
		return -EINVAL;
	claim->offset = offset;
	claim->size = size;
	if (size == sizeof(__u32)) {
		__u32 half;

		memcpy(&half, word, sizeof(half));
		claim->word = half;
	} else {
		memcpy(&claim->word, word, sizeof(claim->word));
	}
	return 0;
}

/* That the word is inside the region, whose size is 0 as long as it is the unknown value's. */
int check_claim(const struct claim *claim, struct region region)
{
	if (!claim->size)
		return 0;
	if (claim->offset < region.offset)
		return -EINVAL;
	if (region.size &&
	    (__u64)claim->offset + claim->size > (__u64)region.offset + region.size)
		return -EINVAL;
	return 0;
}

/* To claim an entry by what it carries already would claim nothing. */
bool claim_is_expected(const struct claim *claim, struct region region, const void *compare)
{
	const char *expected = compare;
	__u32 half = claim->word;

	if (!claim->size || !region.size || !compare)
		return false;
	expected += claim->offset - region.offset;
	return claim->size == sizeof(half) ? !memcmp(expected, &half, sizeof(half)) :
					     !memcmp(expected, &claim->word, sizeof(claim->word));
}
