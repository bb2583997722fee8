// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Requests to a program, in memory that is shared with it: how they lie there, what is written into them,
 * and what is read out of them afterwards.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "compare_internal.h"
#include "request.h"

/* For as many requests as go into it, but one at least. */
#define MEMORY_MAX (72u * 1024)

/* Expected bytes lie as those of the value from the region's offset on, rounded down to 8. */
static __u32 bytes_size(const struct region *region)
{
	return region->size ? region->size + (region->offset & 7) : 0;
}

/* What an update writes that is not in its request's struct. */
static __u32 new_size(const struct requests *r)
{
	if (r->action == ACTION_UPDATE)
		return r->value_size;
	return r->action == ACTION_BYTES ? bytes_size(&r->written) : 0;
}

static __u32 header_size(enum action action)
{
	switch (action) {
	case ACTION_CLAIM:
		return sizeof(struct claim_request);
	case ACTION_LINKED:
		return sizeof(struct linked_request);
	case ACTION_UPDATE:
		return sizeof(struct update_request);
	case ACTION_WORD:
		return sizeof(struct word_request);
	case ACTION_BYTES:
		return sizeof(struct place_request);
	default:
		return sizeof(struct request);
	}
}

/* Where a part of this size is; at the start where there is none, since the verifier wants it inside. */
static __u32 place(struct layout *layout, __u32 size)
{
	__u32 at = layout->stride;

	layout->stride += ROUND_UP_8(size);
	return size ? at : 0;
}

static void lay_out(struct requests *r)
{
	struct layout *layout = &r->layout;
	bool linked = r->asks & ASKS_LINKED;
	__u32 requests_max = linked ? RUN_KEYS_MAX / 2 : RUN_KEYS_MAX;

	layout->stride = header_size(r->action);
	layout->key_at = place(layout, r->key_size);
	layout->expected_at = place(layout, bytes_size(&r->first.region));
	/* Without one it is the first one's key that the verifier sees. */
	layout->linked_key_at = linked ? place(layout, r->linked_key_size) : layout->key_at;
	layout->linked_expected_at = place(layout, bytes_size(&r->linked.region));
	layout->value_at = place(layout, r->asks & ASKS_VALUE ? r->value_size : 0);
	layout->new_at = place(layout, new_size(r));
	layout->old_at = place(layout, r->action == ACTION_BYTES ? new_size(r) : 0);
	r->room = MEMORY_MAX / layout->stride;
	if (r->room > requests_max)
		r->room = requests_max;
	if (!r->room)
		r->room = 1;
	r->memory_size = (size_t)r->room * layout->stride;
}

/* The map of the requests, as our memory as well; its file descriptor, or an error. */
static int share_memory(struct requests *r)
{
	union bpf_attr attr;
	void *memory;
	int fd, err;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(__u32);
	attr.value_size = r->layout.stride;
	attr.max_entries = r->room;
	attr.map_flags = BPF_F_MMAPABLE;
	strcpy(attr.map_name, "compare_reqs");
	fd = sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd == -EPERM)
		return refuse(fd, "creating the emulation's map takes CAP_BPF");
	if (fd < 0)
		return fd;
	memory = mmap(NULL, r->memory_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		err = -errno;
	} else if (madvise(memory, r->memory_size, MADV_DONTFORK)) {
		err = -errno;
		munmap(memory, r->memory_size);
	} else {
		r->memory = memory;
		return fd;
	}
	close(fd);
	return err;
}

static void set_part(struct part *part, const struct entries *entries)
{
	part->region = entries->region;
	part->claim = entries->claim;
}

/* What of a linked_request the layout depends on: all else may change from one call to the next. */
static __u32 lasting_asks(const struct job *job)
{
	return job->asks & (ASKS_VALUE | ASKS_LINKED);
}

/* The file descriptor of their map, or an error. */
int requests_open(struct requests *r, const struct bpf_map_info *info,
		  const struct bpf_map_info *linked_info, const struct job *job)
{
	int fd;

	r->action = job->action;
	r->asks = lasting_asks(job);
	set_part(&r->first, &job->first);
	set_part(&r->linked, &job->linked);
	if (job->update)
		r->written = job->update->written;
	r->key_size = info->key_size;
	r->value_size = info->value_size;
	r->linked_key_size = linked_info->key_size;
	if (!job->sweep)
		lay_out(r);
	else if (sweep_lay_out(r, job))
		return -ENOMEM;
	fd = share_memory(r);
	if (fd < 0)
		free(r->sweep);
	return fd;
}

void requests_close(const struct requests *r)
{
	munmap(r->memory, r->memory_size);
	free(r->sweep);
}

static bool is_same_region(const struct region *a, const struct region *b)
{
	return a->offset == b->offset && a->size == b->size;
}

static bool is_for(const struct part *part, const struct entries *entries)
{
	return is_same_region(&part->region, &entries->region) &&
	       part->claim.offset == entries->claim.offset &&
	       part->claim.size == entries->claim.size;
}

/* Whether they are what this job takes. */
bool requests_serve(const struct requests *r, const struct job *job)
{
	if (r->action != job->action)
		return false;
	if (r->action == ACTION_PLAIN)
		return true;
	if (job->sweep && !sweep_serves(r, job))
		return false;
	if (job->update && !is_same_region(&r->written, &job->update->written))
		return false;
	return is_for(&r->first, &job->first) && is_for(&r->linked, &job->linked) &&
	       r->asks == lasting_asks(job);
}

static struct request *request_at(const struct requests *r, __u32 i)
{
	return (struct request *)(r->memory + (size_t)i * r->layout.stride);
}

/* Its expected word; 0 where nothing is compared. */
static __u64 write_part(char *key_at, char *expected_at, const struct entries *entries,
			const struct part *part, __u32 i, __u32 key_size)
{
	const char *expected;

	memcpy(key_at, entries->keys + (size_t)i * key_size, key_size);
	if (!entries->compare)
		return 0;
	expected = entries->compare + (size_t)i * entries->stride;
	memcpy(expected_at + (part->region.offset & 7), expected, part->region.size);
	if (!part->claim.size)
		return 0;
	return read_word(expected + (part->claim.offset - part->region.offset), part->claim.size);
}

static bool is_given_claim(const struct claim *claim, __u64 word)
{
	return claim->size && claim->word == word;
}

/* From a word that is a claim, whichever entry's, nothing may be claimed. */
static __u64 claim_for(const struct job *job, const struct claim *claim, __u64 word)
{
	return is_claim(&job->claims, word) || is_given_claim(&job->first.claim, word) ||
			       is_given_claim(&job->linked.claim, word)
		       ? word
		       : claim->word;
}

static void write_linked(const struct requests *r, const struct job *job,
			 struct linked_request *asked, __u32 i)
{
	const struct entries *linked = &job->linked;
	char *bytes = (char *)asked;

	asked->asks = job->asks;
	asked->claims_first = job->claims.last ? job->claims.first : 1;
	asked->claims_last = job->claims.last;
	if (!(r->asks & ASKS_LINKED))
		return;
	asked->linked_word =
		write_part(bytes + r->layout.linked_key_at, bytes + r->layout.linked_expected_at,
			   linked, &r->linked, i, r->linked_key_size);
	asked->linked_claim = linked->compare ? claim_for(job, &linked->claim, asked->linked_word)
					      : linked->claim.word;
	/* One and the same entry. */
	if (!job->linked_target &&
	    !memcmp(bytes + r->layout.linked_key_at, bytes + r->layout.key_at, r->key_size))
		asked->asks |= ASKS_NOTHING;
}

static void write_request(const struct requests *r, const struct job *job, struct request *request,
			  __u32 i)
{
	struct claim_request *by = (struct claim_request *)request;
	char *bytes = (char *)request;
	__u64 word;

	word = write_part(bytes + r->layout.key_at, bytes + r->layout.expected_at, &job->first,
			  &r->first, i, r->key_size);
	if (job->update)
		update_write(r, job, request, i);
	if (r->action != ACTION_CLAIM && r->action != ACTION_LINKED)
		return;
	by->word = word;
	by->claim = claim_for(job, &job->first.claim, word);
	if (r->action == ACTION_LINKED)
		write_linked(r, job, (struct linked_request *)request, i);
}

static void store(__s32 *to, __s32 number)
{
	__atomic_store_n(to, number, __ATOMIC_RELEASE);
}

static __s32 load(const __s32 *from)
{
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

/* Writes as many requests as one run takes of those wanted; gives their number. */
__u32 requests_write(struct requests *r, const struct job *job, __u32 first, __u32 wanted)
{
	__u32 count = wanted < r->room ? wanted : r->room;

	r->run = r->run == INT32_MAX ? 1 : r->run + 1;
	if (job->sweep)
		sweep_write(r, job);
	for (__u32 i = 0; i < count; i++) {
		struct request *request = request_at(r, i);

		if (!job->sweep)
			write_request(r, job, request, first + i);
		store(&request->result, r->run);
	}
	/* Where the numbers began anew an old request could have this one. */
	if (count < r->room)
		store(&request_at(r, count)->result, 0);
	store(&request_at(r, 0)->run, r->run);
	return count;
}

/* Whether each of them has its answer, and those answers. */
bool requests_read_answers(const struct requests *r, __u32 count, struct answer *answers)
{
	const struct request *request;

	if (load(&request_at(r, 0)->run) != -r->run)
		return false;
	for (__u32 i = 0; i < count; i++) {
		request = request_at(r, i);
		answers[i].result = request->result;
		if (r->asks & ASKS_LINKED)
			answers[i].linked_result =
				((const struct linked_request *)request)->linked_result;
	}
	return true;
}

/*
 * Where the entry was claimed the copy has the claim, in the place of the expected word, which the request
 * has too: the caller's memory with the expected bytes may be the very one that values are written to.
 */
static void put_word_back(char *value, const struct claim *claim, const struct request *request)
{
	if (claim->size)
		store_word(value + claim->offset, ((const struct claim_request *)request)->word,
			   claim->size);
}

static void read_value(const struct requests *r, const struct job *job,
		       const struct request *request, __u32 i)
{
	char *value = job->values + (size_t)i * r->value_size;

	memcpy(value, (const char *)request + r->layout.value_at, r->value_size);
	put_word_back(value, &job->first.claim, request);
}

void requests_read_values(const struct requests *r, const struct job *job, __u32 first, __u32 count,
			  const struct answer *answers)
{
	for (__u32 i = 0; i < count && job->values; i++) {
		const struct request *request = request_at(r, i);

		if (answers[i].result)
			continue;
		if (job->update)
			update_read(r, job, request, first + i);
		else
			read_value(r, job, request, first + i);
	}
}

/* Whether nobody has taken them, and nobody will any more. */
bool requests_take_back(const struct requests *r)
{
	__s32 asked = r->run;

	return __atomic_compare_exchange_n(&request_at(r, 0)->run, &asked, 0, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
