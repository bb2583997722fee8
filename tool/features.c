// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What can be done with a type of map on the running kernel, by this caller: it is tried, on maps of our own.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include "features.h"

/* The map's value: room for a lock, and a word that is looked at and changed. */
struct value {
	__u32 lock, word;
};

#define WORD_AT	  offsetof(struct value, word)
#define WORD_SIZE sizeof(((struct value *)0)->word)

static const __u32 key = 1, word = 7, other = 8;
static const struct value value = { .word = 7 };

static int try_delete(int fd)
{
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE, .compare = &word,
		    .compare_offset = WORD_AT, .compare_size = WORD_SIZE,
		    .backend = BPF_MAP_COMPARE_SYSCALL_PROG);

	return bpf_map_delete_elem_opts(fd, &key, &opts);
}

static int try_claim(int fd)
{
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE, .compare = &word,
		    .compare_offset = WORD_AT, .compare_size = WORD_SIZE, .claim = &other,
		    .claim_offset = WORD_AT, .claim_size = WORD_SIZE);

	return bpf_map_delete_elem_opts(fd, &key, &opts);
}

static int try_sweep(int fd)
{
	struct bpf_map_sweep_cond cond = { .offset = WORD_AT, .size = WORD_SIZE, .operand = word };

	return bpf_map_sweep(fd, &cond, 1, NULL);
}

static int try_update(int fd)
{
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = BPF_F_COMPARE, .compare = &word,
		    .compare_offset = WORD_AT, .compare_size = WORD_SIZE);

	return bpf_map_update_elem_opts(fd, &key, &value, &opts);
}

static int try_in_place(int fd)
{
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = BPF_F_IN_PLACE, .offset = WORD_AT,
		    .size = WORD_SIZE);

	return bpf_map_update_elem_opts(fd, &key, &other, &opts);
}

/* Of maps that only BPF_MAP_TYPE_HASH has. */
enum {
	NO_PREALLOC = 1,
	SPIN_LOCK = 2,
};

/* An LRU map with few is full before it has them all, and evicts. */
#define ENTRIES 1024

static const struct feature {
	const char *name;
	int (*try)(int fd);
	unsigned int map; /* of the above */
} features[] = {
	{ "no_prealloc", try_delete, NO_PREALLOC },
	{ "spin_lock", try_delete, SPIN_LOCK },
	{ "claim", try_claim, 0 },
	{ "sweep", try_sweep, 0 },
	{ "update", try_update, 0 },
	{ "in_place", try_in_place, 0 },
};

const char *feature_name(__u32 i)
{
	return i < sizeof(features) / sizeof(features[0]) ? features[i].name : NULL;
}

bool has_feature(enum bpf_map_type type, __u32 i)
{
	return type == BPF_MAP_TYPE_HASH || !features[i].map;
}

/* Its types are in the order in which they are added, from 1 on. */
static struct btf *make_btf(void)
{
	struct btf *btf = btf__new_empty();

	if (libbpf_get_error(btf))
		return NULL;
	if (btf__add_int(btf, "int", 4, 0) == 1 && btf__add_struct(btf, "bpf_spin_lock", 4) == 2 &&
	    !btf__add_field(btf, "val", 1, 0, 0) &&
	    btf__add_struct(btf, "value", sizeof(struct value)) == 3 &&
	    !btf__add_field(btf, "lock", 2, 0, 0) &&
	    !btf__add_field(btf, "word", 1, 8 * WORD_AT, 0))
		return btf;
	btf__free(btf);
	errno = ENOMEM;
	return NULL;
}

static int make_map(enum bpf_map_type type, const struct feature *feature)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	struct btf *btf = NULL;
	int fd;

	if (feature->map & NO_PREALLOC)
		opts.map_flags = BPF_F_NO_PREALLOC;
	if (feature->map & SPIN_LOCK) {
		btf = make_btf();
		if (!btf || btf__load_into_kernel(btf)) {
			fd = -errno;
			btf__free(btf);
			return fd;
		}
		opts.btf_fd = btf__fd(btf);
		opts.btf_key_type_id = 1;
		opts.btf_value_type_id = 3;
	}
	fd = bpf_map_create(type, "bpfcmp", sizeof(key), sizeof(value), ENTRIES, &opts);
	if (fd < 0)
		fd = -errno;
	btf__free(btf);
	return fd;
}

int try_feature(enum bpf_map_type type, __u32 i, const char **why)
{
	static char reason[256];
	int fd = make_map(type, &features[i]), err;

	*why = NULL;
	if (fd < 0)
		return fd;
	err = bpf_map_update_elem(fd, &key, &value, BPF_ANY) ? -errno : 0;
	if (!err) {
		err = features[i].try(fd);
		snprintf(reason, sizeof(reason), "%s", libbpf_compare_reason());
		*why = reason;
	}
	bpf_map_compare_release(fd);
	close(fd);
	return err;
}
