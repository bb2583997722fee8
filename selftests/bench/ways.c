// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/bpf_compare.h>

#include "fail.h"
#include "ways.h"

/* Entries an agent reads at a time. */
#define COLLECT_CHUNK 8192
/* Keys in one BPF_MAP_DELETE_BATCH. */
#define KERNEL_BATCH 4096

/* What no lifetime is. */
static const __u32 claim = ~0u;

static void delete_plainly(struct job *job, const char *keys, const char *values, __u32 count)
{
	const struct table *table = job->table;

	(void)values;
	for (__u32 i = 0; i < count; i++, keys += table->config->key_size)
		if (bpf_map_delete_elem(table->fd, keys))
			fail_errno("%s", job->way->name);
	job->deleted += count;
}

static void delete_read_again(struct job *job, const char *keys, const char *values, __u32 count)
{
	const struct table *table = job->table;
	const struct config *config = table->config;
	char now[VALUE_SIZE];

	for (__u32 i = 0; i < count; i++, keys += config->key_size, values += VALUE_SIZE) {
		if (bpf_map_lookup_elem(table->fd, keys, now))
			fail_errno("%s: lookup", job->way->name);
		if (memcmp(now + config->region_offset, values + config->region_offset,
			   config->region_size)) {
			job->skipped++;
			continue;
		}
		if (bpf_map_delete_elem(table->fd, keys))
			fail_errno("%s: delete", job->way->name);
		job->deleted++;
	}
}

static void delete_by_kernel_batch(struct job *job, const char *keys, const char *values,
				   __u32 count)
{
	const struct table *table = job->table;
	__u32 done, part;

	(void)values;
	for (done = 0; done < count; done += part) {
		part = count - done < KERNEL_BATCH ? count - done : KERNEL_BATCH;
		if (bpf_map_delete_batch(table->fd, keys + (size_t)done * table->config->key_size,
					 &part, NULL))
			fail_errno("%s", job->way->name);
	}
	job->deleted += count;
}

static void delete_one_by_one(struct job *job, const char *keys, const char *values, __u32 count)
{
	const struct table *table = job->table;
	const struct config *config = table->config;
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE,
		    .compare_offset = config->region_offset, .compare_size = config->region_size,
		    .backend = job->way->backend);
	int err;

	if (job->way->claims) {
		opts.claim = &claim;
		opts.claim_offset = LIFETIME_OFFSET;
		opts.claim_size = sizeof(claim);
	}
	for (__u32 i = 0; i < count; i++, keys += config->key_size, values += VALUE_SIZE) {
		opts.compare = values + config->region_offset;
		err = job->comparer ? bpf_map_comparer__delete(job->comparer, keys, &opts)
				    : bpf_map_delete_elem_opts(table->fd, keys, &opts);
		if (err && err != -EBUSY)
			fail_errno("%s", job->way->name);
		job->deleted += !err;
		job->skipped += !!err;
	}
}

static void count_results(struct job *job, __u32 count, __u32 deleted)
{
	job->deleted += deleted;
	for (__u32 i = 0; i < count; i++)
		job->skipped += job->results[i] == -EBUSY;
}

static void delete_in_a_batch(struct job *job, const char *keys, const char *values, __u32 count)
{
	const struct config *config = job->table->config;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = values + config->region_offset,
		    .compare_offset = config->region_offset, .compare_size = config->region_size,
		    .compare_stride = VALUE_SIZE, .backend = job->way->backend,
		    .results = job->results);
	__u32 deleted = count;

	if (job->way->claims) {
		opts.claim = &claim;
		opts.claim_offset = LIFETIME_OFFSET;
		opts.claim_size = sizeof(claim);
	}
	if (job->comparer ? bpf_map_comparer__delete_batch(job->comparer, keys, &deleted, &opts)
			  : bpf_map_delete_batch_opts(job->table->fd, keys, &deleted, &opts))
		fail_errno("%s", job->way->name);
	count_results(job, count, deleted);
}

/* The same program, without its compare. */
static void delete_at_the_floor(struct job *job, const char *keys, const char *values, __u32 count)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .results = job->results);
	__u32 deleted = count;

	(void)values;
	if (bpf_map_delete_batch_opts(job->table->fd, keys, &deleted, &opts))
		fail_errno("%s", job->way->name);
	count_results(job, count, deleted);
}

const struct way ways[] = {
	{ .name = "plain", .title = "bpf_map_delete_elem", .delete = delete_plainly },
	{ .name = "read-again",
	  .title = "lookup, then delete",
	  .delete = delete_read_again,
	  .regards = true },
	{ .name = "kernel-batch",
	  .title = "BPF_MAP_DELETE_BATCH",
	  .delete = delete_by_kernel_batch },
	{ .name = "single",
	  .title = "compare-and-delete, single",
	  .delete = delete_one_by_one,
	  .regards = true,
	  .backend = BPF_MAP_COMPARE_SYSCALL_PROG },
	{ .name = "batch",
	  .title = "compare-and-delete, batch",
	  .delete = delete_in_a_batch,
	  .regards = true,
	  .backend = BPF_MAP_COMPARE_SYSCALL_PROG },
	{ .name = "own-single",
	  .title = "the same by a comparer, single",
	  .delete = delete_one_by_one,
	  .regards = true,
	  .owns = true,
	  .backend = BPF_MAP_COMPARE_SYSCALL_PROG },
	{ .name = "own-batch",
	  .title = "the same by a comparer, batch",
	  .delete = delete_in_a_batch,
	  .regards = true,
	  .owns = true,
	  .backend = BPF_MAP_COMPARE_SYSCALL_PROG },
	{ .name = "claim-single",
	  .title = "the same with a claim, single",
	  .delete = delete_one_by_one,
	  .regards = true,
	  .claims = true,
	  .backend = BPF_MAP_COMPARE_SYSCALL_PROG },
	{ .name = "claim-batch",
	  .title = "the same with a claim, batch",
	  .delete = delete_in_a_batch,
	  .regards = true,
	  .claims = true,
	  .backend = BPF_MAP_COMPARE_SYSCALL_PROG },
	{ .name = "floor",
	  .title = "batch without compare",
	  .delete = delete_at_the_floor,
	  .backend = BPF_MAP_COMPARE_SYSCALL_PROG },
	{ .name = "native",
	  .title = "the kernel's BPF_F_COMPARE",
	  .delete = delete_one_by_one,
	  .regards = true,
	  .backend = BPF_MAP_COMPARE_NATIVE },
	{ .name = "collect-plain",
	  .title = "bpf_map_delete_elem",
	  .delete = delete_plainly,
	  .collects = true },
	{ .name = "collect-read-again",
	  .title = "lookup, then delete",
	  .delete = delete_read_again,
	  .collects = true,
	  .regards = true },
	{ .name = "collect-batch",
	  .title = "compare-and-delete, batch",
	  .delete = delete_in_a_batch,
	  .collects = true,
	  .regards = true,
	  .backend = BPF_MAP_COMPARE_SYSCALL_PROG },
};
const int nr_ways = sizeof(ways) / sizeof(ways[0]);

/* Asked of the map itself: kernels differ in what maps of a type they take. */
bool way_works(const struct way *way, const struct table *table)
{
	const struct config *config = table->config;
	char key[64] = {}, expected[VALUE_SIZE] = {};
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE, .compare = expected,
		    .compare_offset = config->region_offset, .compare_size = config->region_size,
		    .backend = way->backend);

	if (!way->backend)
		return true;
	switch (bpf_map_delete_elem_opts(table->fd, key, &opts)) {
	case -ENOENT:
		return true;
	case -EOPNOTSUPP:
		return false;
	}
	fail_errno("%s: %s", config->name, way->name);
}

static struct bpf_map_comparer *open_comparer(const struct table *table, const struct way *way)
{
	LIBBPF_OPTS(bpf_map_comparer_opts, opts, .backend = way->backend,
		    .compare_offset = table->config->region_offset,
		    .compare_size = table->config->region_size);
	struct bpf_map_comparer *comparer = bpf_map_comparer__open(table->fd, &opts);

	if (!comparer)
		fail_errno("%s", way->name);
	return comparer;
}

void job_make(struct job *job, const struct table *table, const struct way *way, __u32 first,
	      __u32 count)
{
	*job = (struct job){
		.table = table,
		.way = way,
		.comparer = way->owns ? open_comparer(table, way) : NULL,
		.first = first,
		.count = count,
		.results = calloc(count, sizeof(*job->results)),
		.keys = calloc(COLLECT_CHUNK, table->config->key_size),
		.values = calloc(COLLECT_CHUNK, VALUE_SIZE),
	};
	if (!job->results || !job->keys || !job->values)
		fail_errno("%s", way->name);
	/* Written once, or the first way to write them would pay for their pages. */
	memset(job->results, 0xff, count * sizeof(*job->results));
	memset(job->keys, 0xff, (size_t)COLLECT_CHUNK * table->config->key_size);
	memset(job->values, 0xff, (size_t)COLLECT_CHUNK * VALUE_SIZE);
}

void job_free(struct job *job)
{
	bpf_map_comparer__close(job->comparer);
	free(job->results);
	free(job->keys);
	free(job->values);
}

static bool has_expired(const char *value)
{
	__u32 lifetime;

	memcpy(&lifetime, value + LIFETIME_OFFSET, sizeof(lifetime));
	return lifetime < LIFETIME_NOW;
}

/* Moves what has expired to the front; gives the number of that. */
static __u32 decide(struct job *job, __u32 count)
{
	__u32 key_size = job->table->config->key_size, expired = 0;

	for (__u32 i = 0; i < count; i++) {
		if (!has_expired(job->values + i * VALUE_SIZE))
			continue;
		if (i != expired) {
			memcpy(job->keys + expired * key_size, job->keys + i * key_size, key_size);
			memcpy(job->values + expired * VALUE_SIZE, job->values + i * VALUE_SIZE,
			       VALUE_SIZE);
		}
		expired++;
	}
	return expired;
}

static void collect(struct job *job)
{
	__u32 position, count;
	bool first = true;
	int err;

	do {
		count = COLLECT_CHUNK;
		err = bpf_map_lookup_batch(job->table->fd, first ? NULL : &position, &position,
					   job->keys, job->values, &count, NULL);
		if (err && errno != ENOENT)
			fail_errno("%s: lookup", job->way->name);
		first = false;
		job->way->delete (job, job->keys, job->values, decide(job, count));
	} while (!err);
}

void job_run(struct job *job)
{
	const struct table *table = job->table;

	if (job->way->collects)
		collect(job);
	else
		job->way->delete (job, table->keys + (size_t)job->first * table->config->key_size,
				  table->values + (size_t)job->first * VALUE_SIZE, job->count);
}
