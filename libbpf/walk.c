// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Walks along the kernel's own memory of a map: which there are, and whether they find here what they have to.
 */
#include <bpf/libbpf.h>
#include "compare_internal.h"
#include "request.h"

static bool is_preallocated(const struct bpf_map_info *info)
{
	return !(info->map_flags & BPF_F_NO_PREALLOC);
}

static enum action action_for(const struct bpf_map_info *info)
{
	return is_preallocated(info) ? ACTION_SWEEP_ELEMS : ACTION_SWEEP_BUCKETS;
}

static __u64 possible_cpus(void)
{
	int cpus = libbpf_num_possible_cpus();

	return cpus > 0 ? cpus : 1;
}

/* How many elements the kernel has, at most, or buckets. */
__u64 walk_places(const struct bpf_map_info *info)
{
	__u64 places = 1;

	/* A spare one for each CPU; with BPF_F_NO_COMMON_LRU as many more as make equal shares. */
	if (is_preallocated(info))
		return info->max_entries + possible_cpus();
	while (places < info->max_entries)
		places *= 2;
	return places;
}

/* Along the elements or the buckets, of which a part may be wanted. */
int sweep_by_walk(const struct target *target, struct job *job)
{
	struct sweep *sweep = job->sweep;
	__u64 places = walk_places(&target->info), begin;

	job->action = action_for(&target->info);
	sweep->out = !sweep_hands_out(sweep) ? 0 : RUN_KEYS_MAX;
	begin = sweep->parts ? places * sweep->part / sweep->parts : 0;
	sweep->until = sweep->parts ? places * (sweep->part + 1) / sweep->parts : places;
	if (!sweep->from)
		sweep->from = begin;
	if (sweep->from < begin || sweep->from > sweep->until)
		return refuse(-EINVAL, "no call gave this cursor for this map");
	return sweep_by_program(target, job);
}

enum {
	TEST_ENTRIES = 48,
	TEST_KEY_SIZE = 12,
	TEST_VALUE_SIZE = 20,
};

struct test_entry {
	__u32 key[TEST_KEY_SIZE / sizeof(__u32)];
	__u32 value[TEST_VALUE_SIZE / sizeof(__u32)];
};

static void set_entry(struct test_entry *entry, __u32 i)
{
	memset(entry, 0, sizeof(*entry));
	entry->key[0] = entry->key[2] = i;
	entry->value[4] = i;
}

/* A map whose elements were used, freed and used again. */
static int make_test_map(const struct bpf_map_info *like)
{
	struct bpf_map_create_opts opts;
	struct test_entry entry;
	int fd, err = 0;

	memset(&opts, 0, sizeof(opts));
	opts.sz = sizeof(opts);
	opts.map_flags = like->map_flags & BPF_F_NO_PREALLOC;
	fd = bpf_map_create(like->type, "compare_test", TEST_KEY_SIZE, TEST_VALUE_SIZE,
			    16 * TEST_ENTRIES, &opts);
	if (fd < 0)
		return -errno;
	for (__u32 i = 0; i < 2 * TEST_ENTRIES && !err; i++) {
		set_entry(&entry, i);
		err = bpf_map_update_elem(fd, entry.key, entry.value, BPF_ANY) ? -errno : 0;
		set_entry(&entry, i - TEST_ENTRIES);
		if (i >= TEST_ENTRIES && !err)
			err = bpf_map_delete_elem(fd, entry.key) ? -errno : 0;
	}
	if (err)
		close(fd);
	return err ? err : fd;
}

/* Half of the entries are to be deleted, by what is at the end of their values; all are to be seen. */
static int run_test(int fd, bool *good)
{
	struct target target = TARGET_BY_FD(fd);
	struct job job;
	struct sweep sweep;
	int err;

	memset(&job, 0, sizeof(job));
	memset(&sweep, 0, sizeof(sweep));
	job.sweep = &sweep;
	sweep.budget = UINT64_MAX;
	sweep.conds_cnt = 1;
	sweep.conds[0] = (struct bpf_map_sweep_cond){
		.offset = TEST_VALUE_SIZE - sizeof(__u32),
		.size = sizeof(__u32),
		.op = BPF_MAP_SWEEP_GE,
		.operand = TEST_ENTRIES + TEST_ENTRIES / 2,
	};
	err = map_info(fd, &target.info);
	if (err)
		return err;
	err = sweep_by_walk(&target, &job);
	kept_release_map(target.info.id);
	*good = !err && sweep.scanned == TEST_ENTRIES && sweep.matched == TEST_ENTRIES / 2 &&
		sweep.deleted == TEST_ENTRIES / 2 && !sweep.changed;
	return err;
}

enum {
	UNKNOWN,
	NO,
	YES
};

/* Whether maps of a kind can be walked along here, of which the kernel changes nothing. */
static char *answer_for(const struct bpf_map_info *info)
{
	static char answers[3];

	if (!is_preallocated(info))
		return &answers[0];
	return &answers[info->type == BPF_MAP_TYPE_HASH ? 1 : 2];
}

/* Whoever may not walk is told nothing of it. On machines of the other byte order it was never tried. */
static bool may_walk(void)
{
	__u64 capabilities = 0;

	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && !own_capabilities(&capabilities) &&
	       capabilities & TRACING_CAPABILITIES;
}

/* Whether that is known already, and it can be done. */
bool walk_is_known(const struct bpf_map_info *info)
{
	return __atomic_load_n(answer_for(info), __ATOMIC_RELAXED) == YES && may_walk();
}

/* 1 or 0; or an error, of which nothing is remembered, where it could not be told. */
int walk_serves(const struct bpf_map_info *info)
{
	char *answer = answer_for(info), known = __atomic_load_n(answer, __ATOMIC_RELAXED);
	bool good = false, printing;
	int fd, err;

	if (!may_walk())
		return 0;
	if (known != UNKNOWN)
		return known == YES;
	printing = print_reasons(false);
	fd = make_test_map(info);
	err = fd < 0 ? fd : run_test(fd, &good);
	if (fd >= 0)
		close(fd);
	print_reasons(printing);
	if (err && err != -EOPNOTSUPP)
		return err == -EPERM ? 0 : err;
	__atomic_store_n(answer, good ? YES : NO, __ATOMIC_RELAXED);
	return good;
}
