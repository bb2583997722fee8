// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Every map type that this kernel can create, of those known when this was written and of the next
 * ones: served or -EOPNOTSUPP, and probed as they are served.
 */
#include <stdint.h>
#include <sys/syscall.h>
#include "common.h"
#include "test_fields.skel.h"

#define TYPES 64

static char bytes[1 << 16];

static int print_nothing(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

/* Some form that the type can be created in; -1 where none of these will do. */
static int create_any(__u32 type)
{
	static const struct {
		__u32 key_size, value_size, max_entries, flags;
	} shapes[] = {
		{ 4, 4, 4, 0 },
		{ 4, 8, 4, 0 },
		{ 8, 8, 4, BPF_F_NO_PREALLOC },
		{ 8, 8, 0, 0 },
		{ 4, 8, 0, BPF_F_NO_PREALLOC },
		{ 0, 8, 4, 0 },
		{ 0, 0, 4096, 0 },
		{ 0, 0, 4, BPF_F_MMAPABLE },
		{ 16, 8, 0, 0 },
		{ 12, 8, 0, 0 },
	};
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	int inner, fd = -1;

	inner = make_map(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0);
	if (type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS)
		opts.inner_map_fd = inner;
	for (size_t i = 0; fd < 0 && i < ARRAY_SIZE(shapes); i++) {
		opts.map_flags = shapes[i].flags;
		fd = bpf_map_create(type, "selftest", shapes[i].key_size, shapes[i].value_size,
				    shapes[i].max_entries, &opts);
	}
	close(inner);
	return fd;
}

static void test_map(int fd, __u32 type, const char *name)
{
	bool serves;
	int want;

	for (size_t i = 0; i < ARRAY_SIZE(all_backends); i++) {
		serves = backend_serves(all_backends[i], type, 0);
		want = serves ? -ENOENT : -EOPNOTSUPP;
		/* A ring buffer's values have no bytes at all, so that any region is too large. */
		if (type == BPF_MAP_TYPE_RINGBUF || type == 31 || type == 33)
			want = -EINVAL;
		tap_is(delete_if(fd, bytes, bytes, 0, 1, all_backends[i]), want, "%s, %s", name,
		       backend_name(all_backends[i]));
		tap_is(libbpf_probe_bpf_map_compare(type, all_backends[i], NULL), serves,
		       "%s, %s: probe", name, backend_name(all_backends[i]));
	}
	if (!backend_serves(BPF_MAP_COMPARE_AUTO, type, 0))
		tap_is(bpf_map_get_compare_backend(fd), -EOPNOTSUPP, "%s: backend", name);
	tap_is(bpf_map_compare_release(fd), 0, "%s: release", name);
}

static void test_by_number(void)
{
	int fd, created = 0;
	char name[32];

	for (__u32 type = 1; type < TYPES; type++) {
		fd = create_any(type);
		if (fd < 0)
			continue;
		created++;
		snprintf(name, sizeof(name), "%s (%u)",
			 libbpf_bpf_map_type_str(type) ? libbpf_bpf_map_type_str(type) : "new type",
			 type);
		test_map(fd, type, name);
		close(fd);
	}
	/* Any kernel since 5.10 has more than twenty of them. */
	tap_ok(created > 15, "%d map types could be created", created);
}

/* These take BTF. */
static void test_storage(void)
{
	static const char *const names[] = { "sk_storage", "task_storage", "inode_storage",
					     "cgrp_storage" };
	struct test_fields_bpf *skel;
	struct bpf_map *map;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		skel = test_fields_bpf__open();
		if (!skel)
			tap_bail("test_fields_bpf__open");
		bpf_object__for_each_map(map, skel->obj)
			bpf_map__set_autocreate(map, !strcmp(bpf_map__name(map), names[i]));
		map = bpf_object__find_map_by_name(skel->obj, names[i]);
		if (test_fields_bpf__load(skel))
			tap_skip(names[i], "this kernel cannot create it");
		else
			test_map(bpf_map__fd(map), bpf_map__type(map), names[i]);
		test_fields_bpf__destroy(skel);
	}
}

/* A map that is bound to another program: no program of ours may touch it (since Linux 6.18). */
static void test_exclusive(void)
{
	struct {
		__u32 map_type, key_size, value_size, max_entries;
		char unused[64];
		__aligned_u64 excl_prog_hash;
		__u32 excl_prog_hash_size;
		__u32 pad;
	} attr = { BPF_MAP_TYPE_HASH, 4, 8, 4, {}, (uintptr_t)bytes, 32, 0 };
	bool native = kernel_has("native");
	__u32 key = 1;
	int fd;

	_Static_assert(offsetof(typeof(attr), excl_prog_hash) == 80, "the kernel's layout");
	fd = syscall(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd < 0) {
		tap_skip("exclusive map", "this kernel has none");
		return;
	}
	put(fd, &key, bytes);
	tap_is(delete_if(fd, &key, bytes, 0, 0, BPF_MAP_COMPARE_SYSCALL_PROG), -EOPNOTSUPP,
	       "exclusive map, syscall_prog");
	tap_is(bpf_map_get_compare_backend(fd), native ? BPF_MAP_COMPARE_NATIVE : -EOPNOTSUPP,
	       "exclusive map: backend");
	close(fd);
}

int main(void)
{
	libbpf_set_print(print_nothing);
	test_by_number();
	test_storage();
	test_exclusive();
	return tap_done();
}
