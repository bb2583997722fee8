// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What a request for an update has beside the key and the expected bytes: what is to be written; and what it says
 * afterwards of what was there.
 */
#include "compare_internal.h"
#include "request.h"

static const char *bytes_to_write(const struct job *job, __u32 i)
{
	return job->update->values + (size_t)i * job->update->stride;
}

/* Whether all of the word is compared: only then it is known what it has to be. */
static bool compares_word(const struct region *compared, const struct region *word)
{
	return compared->size && compared->offset <= word->offset &&
	       word->offset + word->size <= compared->offset + compared->size;
}

static void write_op(struct word_request *asked, __u32 op, __u64 operand)
{
	asked->keep = op == BPF_MAP_UPDATE_SET	 ? 0
		      : op == BPF_MAP_UPDATE_AND ? operand
		      : op == BPF_MAP_UPDATE_OR	 ? ~operand
						 : ~(__u64)0;
	asked->flip = op == BPF_MAP_UPDATE_ADD || op == BPF_MAP_UPDATE_AND ? 0 : operand;
	asked->add = op == BPF_MAP_UPDATE_ADD ? operand : 0;
}

static void write_word_request(const struct job *job, struct word_request *asked, __u32 i)
{
	const struct region *word = &job->update->written;
	const struct entries *first = &job->first;

	write_op(asked, job->update->op, read_word(bytes_to_write(job, i), word->size));
	asked->bits = word->size == sizeof(__u32) ? ~(__u32)0 : ~(__u64)0;
	asked->claims_first = job->claims.last ? job->claims.first : 1;
	asked->claims_last = job->claims.last;
	asked->compared = 0;
	if (!compares_word(&first->region, word))
		return;
	asked->compared = asked->bits;
	asked->word = read_word(first->compare + (size_t)i * first->stride +
					(word->offset - first->region.offset),
				word->size);
}

void update_write(const struct requests *r, const struct job *job, struct request *request, __u32 i)
{
	struct update_request *asked = (struct update_request *)request;
	char *bytes = (char *)request + r->layout.new_at;

	switch (r->action) {
	case ACTION_WORD:
		write_word_request(job, (struct word_request *)request, i);
		break;
	case ACTION_BYTES:
		memcpy(bytes + (r->written.offset & 7), bytes_to_write(job, i), r->written.size);
		break;
	default:
		asked->flags = job->update->flags;
		asked->compares = !!job->first.region.size;
		memcpy(bytes, bytes_to_write(job, i), r->value_size);
	}
}

void update_read(const struct requests *r, const struct job *job, const struct request *request,
		 __u32 i)
{
	size_t size = r->written.size ? r->written.size : r->value_size;
	char *old = job->values + i * size;

	switch (r->action) {
	case ACTION_WORD:
		store_word(old, ((const struct word_request *)request)->old, r->written.size);
		break;
	case ACTION_BYTES:
		memcpy(old, (const char *)request + r->layout.old_at + (r->written.offset & 7),
		       size);
		break;
	default:
		memcpy(old, (const char *)request + r->layout.value_at, size);
	}
}
