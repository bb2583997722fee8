/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What is written in place is written to an element, which may be another entry's by then: replaced, or deleted
 * and recycled. So its key is looked up again, and where that leads elsewhere all is done once more there.
 * That an element is another one takes CAP_PERFMON to see.
 */
#ifndef LIBBPF_COMPARE_PLACE_BPF_H
#define LIBBPF_COMPARE_PLACE_BPF_H

#include "steps.bpf.h"

/* What a try can come to that another one may mend: */
#define REPLACED     1 /* the entry is another one, or gone */
#define CHANGED	     2 /* the word is another one */

#define REPLACED_MAX 4
#define CHANGED_MAX  64

static __always_inline bool is_still(const void *key, const void *value)
{
	return find(target, key) == value;
}

/* One try: 0, a negative errno, or one of the above. */
static int write_in_place(struct request *request, void *value);

static __always_inline int try_in_place(struct request *request, const void *key)
{
	void *value;
	int ret, replaced = 0;

	for (int tries = 0; tries < CHANGED_MAX; tries++) {
		value = find(target, key);
		if (!value)
			return -ENOENT;
		ret = write_in_place(request, value);
		if (ret <= 0)
			return ret;
		if (ret == REPLACED && ++replaced == REPLACED_MAX)
			break;
	}
	return -EAGAIN;
}

#endif /* LIBBPF_COMPARE_PLACE_BPF_H */
