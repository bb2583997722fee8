/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* Has the programs of flowtab.bpf.c loaded on tables of the test's, and asks them. */
#ifndef SELFTESTS_FLOWTAB_PROGRAM_H
#define SELFTESTS_FLOWTAB_PROGRAM_H

#include <sys/mman.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <bpf/bpf_flowtab.h>
#include "clock.h"
#include "shapes.h"
#include "tap.h"
#include "object.h"
#include "flowtab_plain8.skel.h"
#include "flowtab_plain16.skel.h"
#include "flowtab_pairs8.skel.h"
#include "flowtab_pairs16.skel.h"
#include "flowtab_odd8.skel.h"

struct shape {
	const char *name;
	elf_bytes bytes;
	__u32 key_size;
	__u32 value_size;
	__u32 keys;
	__u32 slots;
};

#define SHAPE_ROW(name, key_type, value_type, keys, slots)                                          \
	{                                                                                           \
		#name, flowtab_##name##_bpf__elf_bytes, sizeof(key_type), sizeof(value_type), keys, \
		slots                                                                               \
	},

static const struct shape shapes[] = { FLOWTAB_plain8(SHAPE_ROW) FLOWTAB_plain16(
	SHAPE_ROW) FLOWTAB_pairs8(SHAPE_ROW) FLOWTAB_pairs16(SHAPE_ROW) FLOWTAB_odd8(SHAPE_ROW) };

#define SHAPES ((int)(sizeof(shapes) / sizeof(shapes[0])))

struct program {
	const struct shape *shape;
	struct bpf_flowtab *table;
	struct bpf_object *object;
	struct flowtab_request *request; /* what the program is to do, and its answer */
	int fd;
};

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

/* Loads the shape's program on the table, which may be of another shape. 0, or a negative error. */
static inline int try_load_program(struct program *program, const struct shape *shape,
				   struct bpf_flowtab *table)
{
	struct bpf_object *object = open_object(shape->bytes);
	int err;

	/* Which gives it the table's name. */
	if (bpf_map__reuse_fd(map_of_type(object, 33 /* BPF_MAP_TYPE_ARENA */),
			      bpf_flowtab__fd(table)))
		tap_bail("cannot reuse the table's map");
	err = bpf_object__load(object);
	if (err) {
		bpf_object__close(object);
		return err;
	}
	*program = (struct program){
		.shape = shape,
		.table = table,
		.object = object,
		.request = map_bss(object, sizeof(*program->request)),
		.fd = bpf_program__fd(bpf_object__next_program(object, NULL)),
	};
	return 0;
}

static inline void load_program(struct program *program, const struct shape *shape,
				struct bpf_flowtab *table)
{
	if (try_load_program(program, shape, table))
		tap_bail("cannot load the program of %s", shape->name);
}

static inline void unload_program(struct program *program)
{
	munmap(program->request, sizeof(*program->request));
	bpf_object__close(program->object);
}

static inline void close_program(struct program *program)
{
	unload_program(program);
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
	struct flowtab_request *request = program->request;
	char packet[64] = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet));

	request->call = call;
	request->ns = ns;
	number_key(request->key, program->shape->key_size, key);
	if (bpf_prog_test_run_opts(program->fd, &opts))
		tap_bail("cannot run the program of %s", program->shape->name);
	return request->answer;
}

/* A create: with pairs the second key is that of key + 1,000,000. */
#define SECOND(key) ((key) + 1000000)

static inline int create(struct program *program, __u32 key, __u64 ns)
{
	struct flowtab_request *request = program->request;

	number_key(request->second, program->shape->key_size, SECOND(key));
	memset(request->value, key, sizeof(request->value));
	return ask(program, FLOWTAB_CREATE, key, ns);
}

#endif /* SELFTESTS_FLOWTAB_PROGRAM_H */
