// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The emulation: writes a request into memory that a BPF program shares, runs the program, reads
 * its answer.
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
	do {
		run->words = (run->start + unit - 1) & -unit;
		unit /= 2;
	} while (run->words > run->end);
}

static struct request *write_request(const struct kept_call *call, const void *key,
				     const void *compare, struct region region)
{
	const struct emulate_config *config = kept_config(call);
	struct emulate_run *run = kept_memory(call);
	struct request *request = (struct request *)(run + 1);
	char *bytes = (char *)request;

	run->count = 1;
	describe_region(run, config, region);
	request->result = -ECANCELED;
	memcpy(bytes + request_key(), key, config->key_size);
	memcpy(bytes + request_window(config) + run->start, compare, region.size);
	return request;
}

int emulate_delete(int fd, const struct bpf_map_info *info, const void *key, const void *compare,
		   struct region region)
{
	struct request *request;
	struct kept_call call;
	int err, tries = 2;

	if (!within_limits(info, region.size))
		return -EOPNOTSUPP;
	do {
		err = kept_acquire(fd, info, region, &call);
		if (err)
			return err;
		if (!compare) {
			kept_put(&call);
			return -EFAULT;
		}
		request = write_request(&call, key, compare, region);
		err = kept_run(&call);
		if (!err)
			err = request->result;
		if (err == -ESTALE)
			kept_forget(&call);
		kept_put(&call);
	} while (err == -ESTALE && --tries);
	return err;
}

int emulate_serves_map(int fd, const struct bpf_map_info *info)
{
	int ret;

	if (!within_limits(info, 0))
		return -EOPNOTSUPP;
	ret = verifier_has_syscall_progs();
	if (ret <= 0)
		return ret ? ret : -EOPNOTSUPP;
	return verifier_allows_read(fd, 0, 0);
}
