/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* Has the programs of flowtab.bpf.c loaded on tables of the test's, and asks them. */
#ifndef SELFTESTS_FLOWTAB_PROGRAM_H
#define SELFTESTS_FLOWTAB_PROGRAM_H

#include <time.h>
#include <sys/mman.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <bpf/bpf_flowtab.h>
#include "shapes.h"
#include "tap.h"
#include "flowtab.skel.h"

struct shape {
	const char *name;
	const char *program;
	__u32 key_size;
	__u32 value_size;
	__u32 keys;
	__u32 slots;
};

#define SHAPE_ROW(name, key_type, value_type, keys, slots)                                         \
	{ #name, "on_" #name, sizeof(key_type), sizeof(value_type), keys, slots },

static const struct shape shapes[] = { FLOWTAB_SHAPES(SHAPE_ROW) };

#define SHAPES ((int)(sizeof(shapes) / sizeof(shapes[0])))

struct program {
	const struct shape *shape;
	struct bpf_flowtab *table;
	struct flowtab_bpf *skel;
	int fd;
};

static inline __u64 clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* The table's memory, which a test may write to as programs may. */
static inline char *memory_of(const struct bpf_flowtab *table, size_t *size)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_flowtab__fd(table), &info, &length))
		tap_bail("bpf_obj_get_info_by_fd");
	*size = (size_t)info.max_entries * BPF_FLOWTAB_PAGE;
	return (char *)info.map_extra;
}

static inline struct bpf_flowtab *create_table(const struct shape *shape, __u32 max_entries)
{
	LIBBPF_OPTS(bpf_flowtab_create_opts, opts, .key_size = shape->key_size,
		    .value_size = shape->value_size, .max_entries = max_entries,
		    .keys = shape->keys, .slots = shape->slots);
	struct bpf_flowtab *table = bpf_flowtab__create(shape->name, &opts);

	if (!table)
		tap_bail("no table %s: %s", shape->name, bpf_flowtab_reason());
	return table;
}

/* Loads the shape's program alone, on the table, which may be of another shape. 0, or a negative error. */
static inline int try_load_program(struct program *program, const struct shape *shape,
				   struct bpf_flowtab *table)
{
	struct flowtab_bpf *skel = flowtab_bpf__open();
	struct bpf_program *each;
	int err;

	if (!skel)
		tap_bail("cannot open the programs");
	bpf_object__for_each_program(each, skel->obj)
		bpf_program__set_autoload(each, !strcmp(bpf_program__name(each), shape->program));
	for (int i = 0; i < SHAPES; i++)
		bpf_map__set_autocreate(bpf_object__find_map_by_name(skel->obj, shapes[i].name),
					&shapes[i] == shape);
	/* Which gives it the table's name. */
	if (bpf_map__reuse_fd(bpf_object__find_map_by_name(skel->obj, shape->name),
			      bpf_flowtab__fd(table)))
		tap_bail("cannot reuse the table's map");
	err = flowtab_bpf__load(skel);
	if (err) {
		flowtab_bpf__destroy(skel);
		return err;
	}
	*program = (struct program){
		.shape = shape,
		.table = table,
		.skel = skel,
		.fd = bpf_program__fd(bpf_object__find_program_by_name(skel->obj, shape->program)),
	};
	return 0;
}

static inline void load_program(struct program *program, const struct shape *shape,
				struct bpf_flowtab *table)
{
	if (try_load_program(program, shape, table))
		tap_bail("cannot load %s", shape->program);
}

static inline void close_program(struct program *program)
{
	flowtab_bpf__destroy(program->skel);
	bpf_flowtab__close(program->table);
}

/* A key of a number, which is not that of another; in all of its bytes. */
static inline void number_key(void *key, __u32 size, __u32 number)
{
	__u8 *bytes = key;

	for (__u32 i = 0; i < size; i++)
		bytes[i] = number >> i % 4 * 8 ^ i * 37;
}

static inline int ask(struct program *program, enum flowtab_call call, __u32 key, __u64 ns)
{
	struct flowtab_request *request = &program->skel->bss->request;
	char packet[64] = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet));

	request->call = call;
	request->ns = ns;
	number_key(request->key, program->shape->key_size, key);
	if (bpf_prog_test_run_opts(program->fd, &opts))
		tap_bail("cannot run %s", program->shape->program);
	return request->answer;
}

/* A create: with pairs the second key is that of key + 1,000,000. */
#define SECOND(key) ((key) + 1000000)

static inline int create(struct program *program, __u32 key, __u64 ns)
{
	struct flowtab_request *request = &program->skel->bss->request;

	number_key(request->second, program->shape->key_size, SECOND(key));
	memset(request->value, key, sizeof(request->value));
	return ask(program, FLOWTAB_CREATE, key, ns);
}

#endif /* SELFTESTS_FLOWTAB_PROGRAM_H */
