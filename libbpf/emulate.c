// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The emulation: writes requests into memory that a BPF program shares, runs the program, reads its
 * answers.
 */
#include <string.h>
#include "compare_internal.h"
#include "emulate.h"

/* What can be said without asking the kernel. */
static bool within_limits(const struct bpf_map_info *info, __u32 region_size)
{
	return map_type_serves(info->type) && info->key_size <= KEY_SIZE_MAX &&
	       region_size <= REGION_SIZE_MAX &&
	       !(info->map_flags & (BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG));
}

/* Cuts the region where its alignment changes, see struct emulate_run. */
static void describe_region(struct emulate_run *run, const struct emulate_config *config,
			    struct region region)
{
	__u64 unit = 8;

	run->start = region.offset - window_base(config);
	run->end = run->start + region.size;
	run->base = run->start & ~7ull;
	do {
		run->words = (run->start + unit - 1) & -unit;
		unit /= 2;
	} while (run->words > run->end);
}

static void describe_run(struct emulate_run *run, const struct emulate_config *config,
			 const struct deletion *deletion, __u32 wanted)
{
	__u32 fit;

	run->stride = request_expected(config);
	if (deletion->conditional) {
		run->mode = deletion->claim.size ? EMULATE_CLAIM : EMULATE_COMPARE;
		run->claim = deletion->claim.word;
		run->claim_at = deletion->claim.offset - window_base(config);
		run->claim_size = deletion->claim.size;
		describe_region(run, config, deletion->region);
		run->stride += ROUND_UP_8(run->end - run->base);
	} else {
		run->mode = EMULATE_REGARDLESS;
	}
	fit = last_request(config) / run->stride + 1;
	if (fit > RUN_KEYS_MAX)
		fit = RUN_KEYS_MAX;
	run->count = wanted < fit ? wanted : fit;
}

/* Writes as many requests as one run takes of those wanted; gives their number. */
static __u32 write_requests(const struct kept_call *call, const struct deletion *deletion,
			    __u32 first, __u32 wanted)
{
	const struct emulate_config *config = kept_config(call);
	struct emulate_run *run = kept_memory(call);
	const char *key = deletion->keys + (size_t)first * config->key_size;
	__u32 expected_at = request_expected(config) + (deletion->region.offset & 7);
	char *request = (char *)(run + 1);

	describe_run(run, config, deletion, wanted);
	for (__u32 i = 0; i < run->count; i++) {
		((struct request *)request)->result = -ECANCELED;
		memcpy(request + request_key(), key, config->key_size);
		if (deletion->conditional)
			memcpy(request + expected_at,
			       deletion->compare + (size_t)(first + i) * deletion->stride,
			       deletion->region.size);
		request += run->stride;
		key += config->key_size;
	}
	return run->count;
}

static void read_results(const struct kept_call *call, int *results)
{
	const struct emulate_run *run = kept_memory(call);
	const char *bytes = (const char *)(run + 1);

	for (__u32 i = 0; i < run->count; i++, bytes += run->stride)
		results[i] = ((const struct request *)bytes)->result;
}

/* Gets hold of a program that can serve these deletions, to be put after use. */
static int acquire(int fd, const struct bpf_map_info *info, const struct deletion *deletion,
		   struct kept_call *call)
{
	int err;

	if (!within_limits(info, deletion->region.size))
		return -EOPNOTSUPP;
	err = kept_acquire(fd, info, deletion->region, deletion->claim.size, call);
	if (err)
		return err;
	if (deletion->conditional && !deletion->compare) {
		kept_put(call);
		return -EFAULT;
	}
	return 0;
}

/* All that can go wrong before the first key is deleted. */
int emulate_prepare(int fd, const struct bpf_map_info *info, const struct deletion *deletion)
{
	struct kept_call call;
	int err;

	err = acquire(fd, info, deletion, &call);
	if (!err)
		kept_put(&call);
	return err;
}

/*
 * Deletes keys from first on, at most *count of them and no more than one run of the program takes;
 * *count is then how many it took, each of which has its result. On an error none was deleted.
 */
int emulate_delete(int fd, const struct bpf_map_info *info, const struct deletion *deletion,
		   __u32 first, __u32 *count, int *results)
{
	struct kept_call call;
	int err, tries = 2;
	__u32 done;

	do {
		err = acquire(fd, info, deletion, &call);
		if (err)
			return err;
		done = write_requests(&call, deletion, first, *count);
		err = kept_run(&call);
		if (!err)
			read_results(&call, results);
		/* Some program ran, but it was not ours. */
		if (!err && results[0] == -ECANCELED)
			err = -ESTALE;
		if (err == -ESTALE)
			kept_forget(&call);
		kept_put(&call);
	} while (err == -ESTALE && --tries);
	if (!err)
		*count = done;
	return err;
}

int emulate_serves_map(int fd, const struct bpf_map_info *info)
{
	sigset_t before;
	int ret;

	if (!within_limits(info, 0))
		return -EOPNOTSUPP;
	ret = verifier_has_syscall_progs();
	if (ret <= 0)
		return ret ? ret : -EOPNOTSUPP;
	verifier_hold_signals(&before);
	ret = verifier_allows_read(fd, 0, 0);
	if (!ret)
		ret = verifier_allows_dead_code();
	verifier_let_signals(&before);
	return ret;
}
