// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What this kernel can do for this caller, and what this library is.
 */
#include "compare_internal.h"

/*
 * 1: a delete of the scratch map's entry, if it equals value, gets this answer, and the entry then is
 * there or gone as that says; 0: it is otherwise; negative: could not be told.
 */
static int try_delete(int fd, const struct bpf_map_info *info, const struct scratch_value *value,
		      int answer)
{
	const __u32 key = SCRATCH_KEY;
	const struct target target = { fd, *info, NULL };
	const struct job job = {
		.action = ACTION_COMPARE,
		.first = {
			.keys = (const char *)&key,
			.compare = (const char *)value,
			.region = { 0, sizeof(*value) },
		},
	};
	struct answer said;
	__u32 count = 1;
	int err, has;

	err = emulate_run(&target, &job, 0, &count, &said);
	if (err)
		return err == -EOPNOTSUPP ? 0 : err;
	has = scratch_has(fd);
	if (has < 0)
		return has;
	return said.result == answer && has == (answer != 0);
}

/* Whether the emulation does on a scratch map what it should. */
static int try_emulation(int fd)
{
	const struct scratch_value value = { 1, 2, 3 }, wrong = { 1, 2, 4 };
	struct bpf_map_info info;
	int ret;

	ret = scratch_add(fd, &value);
	if (!ret)
		ret = map_info(fd, &info);
	if (ret)
		return ret;
	ret = try_delete(fd, &info, &wrong, -EBUSY);
	if (ret == 1)
		ret = try_delete(fd, &info, &value, 0);
	kept_release_map(info.id);
	return ret;
}

static int emulate_probe(__u32 map_type)
{
	int fd, ret;

	if (!map_type_serves(map_type))
		return 0;
	ret = verifier_has_syscall_progs();
	if (ret != 1)
		return ret;
	fd = scratch_map(map_type);
	if (fd < 0)
		return fd;
	ret = try_emulation(fd);
	close(fd);
	return ret;
}

static int probe(enum bpf_map_type map_type, enum bpf_map_compare_backend backend)
{
	int native, emulation;

	switch (backend) {
	case BPF_MAP_COMPARE_NATIVE:
		return native_probe(map_type);
	case BPF_MAP_COMPARE_SYSCALL_PROG:
		return emulate_probe(map_type);
	case BPF_MAP_COMPARE_AUTO:
		native = native_probe(map_type);
		if (native == 1)
			return 1;
		emulation = emulate_probe(map_type);
		return emulation ? emulation : native;
	}
	return refuse(-EINVAL, "backend %d is unknown", (int)backend);
}

int libbpf_probe_bpf_map_compare(enum bpf_map_type map_type, enum bpf_map_compare_backend backend,
				 const void *opts)
{
	int cancel_state = enter();

	return leave(cancel_state,
		     opts ? refuse(-EINVAL, "opts is not NULL") : probe(map_type, backend));
}

static int get_backend(int fd)
{
	struct target target = TARGET_BY_FD(fd);
	int err, native;

	err = map_info(fd, &target.info);
	if (!err)
		err = map_check_writable(fd);
	if (err)
		return err;
	native = native_serves_map(fd, &target.info);
	if (native)
		return native == 1 ? BPF_MAP_COMPARE_NATIVE : native;
	err = emulate_serves_map(&target);
	return err ? err : BPF_MAP_COMPARE_SYSCALL_PROG;
}

int bpf_map_get_compare_backend(int fd)
{
	int cancel_state = enter();

	return leave(cancel_state, get_backend(fd));
}

const char *libbpf_bpf_map_compare_backend_str(enum bpf_map_compare_backend backend)
{
	switch (backend) {
	case BPF_MAP_COMPARE_AUTO:
		return "auto";
	case BPF_MAP_COMPARE_NATIVE:
		return "native";
	case BPF_MAP_COMPARE_SYSCALL_PROG:
		return "syscall_prog";
	}
	return NULL;
}

__u32 libbpf_compare_major_version(void)
{
	return COMPARE_MAJOR;
}

__u32 libbpf_compare_minor_version(void)
{
	return COMPARE_MINOR;
}

#define STRING(a)		#a
#define VERSION_STRING(a, b, c) STRING(a) "." STRING(b) "." STRING(c)

const char *libbpf_compare_version_string(void)
{
	return VERSION_STRING(COMPARE_MAJOR, COMPARE_MINOR, COMPARE_PATCH);
}
