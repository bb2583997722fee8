/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What several selftests use: what this kernel must have, maps, backends.
 */
#ifndef SELFTESTS_COMMON_H
#define SELFTESTS_COMMON_H

#include <fcntl.h>
#include <unistd.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <bpf/bpf_compare.h>
#include "tap.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/*
 * Whether this kernel must have a feature: a word in the environment's KERNEL_HAS, which run.sh and
 * the test kernels set. What it must have has to work, what it has not must be refused; that a test
 * finds out by itself would let a wrong probe pass.
 *
 *	native		BPF_F_COMPARE, for BPF_MAP_TYPE_HASH
 *	syscall_prog	BPF syscall programs
 *	no_prealloc	these may use maps with BPF_F_NO_PREALLOC
 *	spin_lock	these may use values with a bpf_spin_lock
 *	loop		programs have loops of the kernel's
 *	asks		these may read what the kernel has in its structs (with CAP_PERFMON)
 *	cast		programs may read any memory of the kernel's as if it had a type (likewise)
 *	preempt_kfuncs	programs may have themselves not preempted
 *	preempts	it can be told to preempt what runs in it anywhere
 *	cap_bpf_alone	these load without CAP_PERFMON
 *	arena		programs and user space share memory in which programs may exchange (x86-64, 6.12)
 *	timer, kptr	values may hold these
 */
static inline bool kernel_has(const char *feature)
{
	const char *list = getenv("KERNEL_HAS"), *at;
	size_t len = strlen(feature);

	if (!list)
		tap_bail("KERNEL_HAS is not set; run this by selftests/run.sh");
	for (at = list; (at = strstr(at, feature)); at += len)
		if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

static const __u32 all_backends[] = {
	BPF_MAP_COMPARE_AUTO,
	BPF_MAP_COMPARE_NATIVE,
	BPF_MAP_COMPARE_SYSCALL_PROG,
};

static inline const char *backend_name(__u32 backend)
{
	return libbpf_bpf_map_compare_backend_str(backend);
}

/* Whether a backend must serve maps of this type and flags, whose values are plain bytes. */
static inline bool backend_serves(__u32 backend, __u32 map_type, __u32 map_flags)
{
	bool native = kernel_has("native") && map_type == BPF_MAP_TYPE_HASH;
	bool prog = kernel_has("syscall_prog") &&
		    (kernel_has("no_prealloc") || !(map_flags & BPF_F_NO_PREALLOC)) &&
		    !(map_flags & (BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG));

	if (map_type != BPF_MAP_TYPE_HASH && map_type != BPF_MAP_TYPE_LRU_HASH)
		return false;
	return (backend != BPF_MAP_COMPARE_SYSCALL_PROG && native) ||
	       (backend != BPF_MAP_COMPARE_NATIVE && prog);
}

/* Whether values can be changed in place. */
static inline bool can_write_in_place(void)
{
	return kernel_has("syscall_prog") && kernel_has("loop");
}

/* A map, or the end of the test. */
static inline int make_map(__u32 type, __u32 key_size, __u32 value_size, __u32 max_entries,
			   __u32 flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = flags);
	int fd;

	/* Each CPU takes 128 free elements at once, and who runs on another then evicts an entry. */
	if (type == BPF_MAP_TYPE_LRU_HASH && value_size <= 1024)
		max_entries += 256 * sysconf(_SC_NPROCESSORS_ONLN);
	fd = bpf_map_create(type, "selftest", key_size, value_size, max_entries, &opts);
	if (fd < 0)
		tap_bail("map of type %u, key %u, value %u, flags %#x", type, key_size, value_size,
			 flags);
	return fd;
}

static inline void put(int fd, const void *key, const void *value)
{
	if (bpf_map_update_elem(fd, key, value, BPF_ANY))
		tap_bail("bpf_map_update_elem");
}

static inline __u32 map_id(int fd)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		tap_bail("bpf_obj_get_info_by_fd");
	return info.id;
}

/* Whether it is one that the library loaded. */
static inline bool is_library_program(const struct bpf_prog_info *info)
{
	return !strncmp(info->name, "compare_", strlen("compare_"));
}

/* The id of the program that was loaded last of those that use a map, or 0. */
static inline __u32 last_program_of(int map_fd)
{
	__u32 id = 0, ours = map_id(map_fd), last = 0, maps[4], size;
	struct bpf_prog_info info;
	int program;

	while (!bpf_prog_get_next_id(id, &id)) {
		program = bpf_prog_get_fd_by_id(id);
		if (program < 0)
			continue;
		memset(&info, 0, sizeof(info));
		info.nr_map_ids = ARRAY_SIZE(maps);
		info.map_ids = (unsigned long)maps;
		size = sizeof(info);
		if (!bpf_obj_get_info_by_fd(program, &info, &size))
			for (__u32 i = 0; i < info.nr_map_ids && i < ARRAY_SIZE(maps); i++)
				if (maps[i] == ours)
					last = id;
		close(program);
	}
	return last;
}

static inline int open_fds(void)
{
	int count = 0;

	for (int fd = 0; fd < 2000; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/*
 * Linux 6.18 comes to a standstill where too many programs are freed at one time (see
 * CONTRIBUTING.md): whoever loads many waits now and then until the last ones are.
 */
static inline void let_programs_be_freed(void)
{
	syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	usleep(20000);
}

/* Delete by compare; the answer, after a look at errno. */
static inline int delete_if(int fd, const void *key, const void *compare, __u32 offset, __u32 size,
			    __u32 backend)
{
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE, .compare = compare,
		    .compare_offset = offset, .compare_size = size, .backend = backend);
	int err;

	errno = 0;
	err = bpf_map_delete_elem_opts(fd, key, &opts);
	if (err > 0 || (err && errno != -err))
		tap_ok(false, "answer %d with errno %d", err, errno);
	return err;
}

#endif /* SELFTESTS_COMMON_H */
