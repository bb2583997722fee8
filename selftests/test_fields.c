// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Values that hold fields which the kernel manages: a region beside them is compared, one that
 * overlaps them is refused.
 */
#include "common.h"
#include "test_fields.skel.h"

/* Where the field is in the value, and which feature lets the emulation serve the map at all. */
static const struct field {
	const char *map;
	const char *feature;
	const char *emulated_with;
	__u32 lo;
	__u32 hi;
	__u32 value_size;
} fields[] = {
	{ "locked", "syscall_prog", "spin_lock", 4, 8, 16 },
	{ "uneven", "syscall_prog", "spin_lock", 8, 12, 15 },
	{ "timed", "timer", "syscall_prog", 8, 24, 32 },
	{ "pointing", "kptr", "syscall_prog", 8, 16, 24 },
	/* None at all: BTF by itself is no obstacle. */
	{ "plain", "plain", "syscall_prog", 0, 0, 16 },
};

static int open_map(const struct field *field, struct test_fields_bpf **skel)
{
	struct bpf_map *map;
	int err;

	*skel = test_fields_bpf__open();
	if (!*skel)
		tap_bail("test_fields_bpf__open");
	bpf_object__for_each_map(map, (*skel)->obj)
		bpf_map__set_autocreate(map, !strcmp(bpf_map__name(map), field->map));
	err = test_fields_bpf__load(*skel);
	if (err)
		return err;
	map = bpf_object__find_map_by_name((*skel)->obj, field->map);
	/* What the kernel finds wrong with BTF makes libbpf do without. */
	if (!bpf_map__btf_value_type_id(map))
		tap_bail("map %s has no BTF", field->map);
	return bpf_map__fd(map);
}

static bool has_field(const struct field *field)
{
	return !strcmp(field->feature, "plain") || kernel_has(field->feature);
}

static int want(const struct field *field, __u32 offset, __u32 size, __u32 backend, bool differs)
{
	bool managed = field->hi > field->lo;
	bool overlaps = offset < field->hi && offset + size > field->lo;
	bool native = kernel_has("native") && !managed && backend != BPF_MAP_COMPARE_SYSCALL_PROG;
	bool prog = kernel_has("syscall_prog") && kernel_has(field->emulated_with) &&
		    backend != BPF_MAP_COMPARE_NATIVE;

	if (!(native || prog) || (managed && overlaps))
		return -EOPNOTSUPP;
	return differs ? -EBUSY : 0;
}

static void test_map(const struct field *field, __u32 backend)
{
	static const char zeros[32];
	const __u32 key = 1;
	struct test_fields_bpf *skel;
	char ones[32], value[32];
	bool pass = true;
	int fd, err;

	memset(ones, 1, sizeof(ones));
	fd = open_map(field, &skel);
	if (fd < 0)
		tap_bail("map %s", field->map);
	put(fd, &key, zeros);
	/*
	 * Regions of every size, whose ends come to lie at every offset. Not all of them: each has a
	 * program loaded for it, and to free thousands at once is more than some kernels can take.
	 */
	for (__u32 size = 1; size <= field->value_size; size++)
		for (__u32 offset = size % 3; offset + size <= field->value_size; offset += 3)
			for (int differs = 1; differs >= 0; differs--) {
				int answer = want(field, offset, size, backend, differs);

				err = delete_if(fd, &key, differs ? ones : zeros, offset, size,
						backend);
				if (err != answer) {
					printf("# region of %u at %u: got %d, want %d\n", size,
					       offset, err, answer);
					pass = false;
				}
				if (!bpf_map_lookup_elem(fd, &key, value) != !!err)
					pass = false;
				if (!err)
					put(fd, &key, zeros);
				/* The kernel frees programs in its own time. */
				usleep(2000);
			}
	tap_ok(pass, "%s, %s: regions everywhere", field->map, backend_name(backend));
	tap_is(bpf_map_compare_release(fd), 0, "%s, %s: release", field->map,
	       backend_name(backend));
	test_fields_bpf__destroy(skel);
}

/* As a look-up has it: where the field is there are zeroes. And an entry that is linked beside it. */
static void test_values(const struct field *field)
{
	bool serves = kernel_has("syscall_prog") && kernel_has(field->emulated_with);
	const __u32 keys[2] = { 1, 2 }, linked_key = 2;
	const int want = serves ? 0 : -EOPNOTSUPP;
	char ones[32], was[32], got[32] = "";
	struct test_fields_bpf *skel;
	__u32 count = 1;
	int fd, err;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE, .compare = ones,
		    .compare_size = 4, .values = got, .linked_keys = &linked_key,
		    .linked_compare = ones, .linked_compare_size = 4);

	memset(ones, 1, sizeof(ones));
	fd = open_map(field, &skel);
	if (fd < 0)
		tap_bail("map %s", field->map);
	for (int i = 0; i < 2; i++)
		put(fd, &keys[i], ones);
	if (bpf_map_lookup_elem(fd, keys, was))
		tap_bail("bpf_map_lookup_elem");
	err = bpf_map_delete_batch_opts(fd, keys, &count, &opts);
	tap_is(err, want, "%s: linked entries, values", field->map);
	if (!err)
		tap_ok(count == 1 && !memcmp(got, was, field->value_size) &&
			       bpf_map_lookup_elem(fd, &keys[0], was) &&
			       bpf_map_lookup_elem(fd, &keys[1], was),
		       "%s: the value, and both are gone", field->map);
	bpf_map_compare_release(fd);
	test_fields_bpf__destroy(skel);
}

/* Where the value is wanted too, a region with the field in it is no more to be had than otherwise. */
static void test_region_of_all(const struct field *field)
{
	bool serves = kernel_has("syscall_prog") && kernel_has(field->emulated_with);
	const int want = serves && field->hi == field->lo ? 0 : -EOPNOTSUPP;
	char ones[32], was[32], got[32] = "";
	struct test_fields_bpf *skel;
	const __u32 key = 1;
	__u32 count = 1;
	int fd;
	LIBBPF_OPTS(bpf_map_update_elem_opts, update, .flags = BPF_F_COMPARE, .compare = was,
		    .old = got);
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE, .compare = was,
		    .values = got, .backend = BPF_MAP_COMPARE_SYSCALL_PROG);

	memset(ones, 1, sizeof(ones));
	fd = open_map(field, &skel);
	if (fd < 0)
		tap_bail("map %s", field->map);
	put(fd, &key, ones);
	if (bpf_map_lookup_elem(fd, &key, was))
		tap_bail("bpf_map_lookup_elem");
	tap_is(bpf_map_update_elem_opts(fd, &key, ones, &update), want,
	       "%s: update by compare of all, with the old value", field->map);
	tap_is(bpf_map_delete_batch_opts(fd, &key, &count, &opts), want,
	       "%s: delete by compare of all, with the value", field->map);
	tap_ok(!bpf_map_lookup_elem(fd, &key, was) == !!want, "%s: which is true", field->map);
	bpf_map_compare_release(fd);
	test_fields_bpf__destroy(skel);
}

static void test_backend(const struct field *field)
{
	bool native = kernel_has("native") && field->hi == field->lo;
	bool prog = kernel_has("syscall_prog") && kernel_has(field->emulated_with);
	struct test_fields_bpf *skel;
	int fd;

	fd = open_map(field, &skel);
	if (fd < 0)
		tap_bail("map %s", field->map);
	tap_is(bpf_map_get_compare_backend(fd),
	       native ? BPF_MAP_COMPARE_NATIVE
	       : prog ? BPF_MAP_COMPARE_SYSCALL_PROG
		      : -EOPNOTSUPP,
	       "%s: backend", field->map);
	test_fields_bpf__destroy(skel);
}

/* The same on libbpf's map objects. */
static void test_map_object(void)
{
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE, .compare_offset = 8);
	bool serves = backend_serves(BPF_MAP_COMPARE_AUTO, BPF_MAP_TYPE_HASH, 0);
	const __u64 value[2] = { 1, 2 }, other = 3;
	struct test_fields_bpf *skel;
	const __u32 key = 1;
	struct bpf_map *map;

	opts.compare = &other;
	opts.compare_size = sizeof(other);
	skel = test_fields_bpf__open();
	if (!skel)
		tap_bail("test_fields_bpf__open");
	map = skel->maps.plain;
	tap_is(bpf_map__delete_elem_opts(map, &key, sizeof(key), &opts), -EBADF,
	       "map object that is not created yet");
	bpf_object__for_each_map(map, skel->obj)
		bpf_map__set_autocreate(map, map == skel->maps.plain);
	if (test_fields_bpf__load(skel))
		tap_bail("test_fields_bpf__load");
	map = skel->maps.plain;
	put(bpf_map__fd(map), &key, value);
	tap_is(bpf_map__delete_elem_opts(NULL, &key, sizeof(key), &opts), -EINVAL, "NULL map");
	tap_is(bpf_map__delete_elem_opts(map, &key, sizeof(key) + 1, &opts), -EINVAL,
	       "map object, wrong key size");
	tap_is(bpf_map__delete_elem_opts(map, &key, sizeof(key), &opts),
	       serves ? -EBUSY : -EOPNOTSUPP, "map object, differs");
	opts.compare = &value[1];
	tap_is(bpf_map__delete_elem_opts(map, &key, sizeof(key), &opts), serves ? 0 : -EOPNOTSUPP,
	       "map object, equals");
	put(bpf_map__fd(map), &key, value);
	tap_is(bpf_map__delete_elem_opts(map, &key, sizeof(key), NULL), 0, "map object, no opts");
	bpf_map_compare_release(bpf_map__fd(map));
	test_fields_bpf__destroy(skel);
}

int main(void)
{
	test_map_object();
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!has_field(&fields[i])) {
			tap_skip(fields[i].map, "this kernel has no such field");
			continue;
		}
		test_backend(&fields[i]);
		for (size_t b = 0; b < ARRAY_SIZE(all_backends); b++)
			test_map(&fields[i], all_backends[b]);
		test_values(&fields[i]);
		test_region_of_all(&fields[i]);
	}
	return tap_done();
}
