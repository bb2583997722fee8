/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What a call of the fuzzer's should be answered, by the contract in <bpf/bpf_compare.h> alone.
 */
#ifndef SELFTESTS_FUZZ_MODEL_H
#define SELFTESTS_FUZZ_MODEL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf.h>
#include <bpf/bpf_compare.h>

#define VALUE_SIZE    40
#define KEYS	      4 /* of which the last is missing */
#define KEYS_MAX      8 /* that a call has */
#define OPTS_SIZE_MAX 4096

/* Where the last field of the options ends. */
#define KNOWN(type, field) (offsetof(struct type, field) + sizeof(((struct type *)0)->field))
#define ELEM_OPTS_KNOWN	   KNOWN(bpf_map_delete_elem_opts, backend)
#define BATCH_OPTS_KNOWN   KNOWN(bpf_map_delete_batch_opts, claim_last)
#define SANE_SIZE(batch)                                                                           \
	((batch) ? sizeof(struct bpf_map_delete_batch_opts)                                        \
		 : sizeof(struct bpf_map_delete_elem_opts))

enum {
	HASH,
	LRU_HASH,
	READ_ONLY,
	ARRAY,
	NOT_BPF,
	NOT_OPEN,
	TARGETS
};

struct target {
	const char *name;
	bool serves; /* it is a map of a type that can be served */
	bool read_only;
	int error; /* that its fd alone brings about */
	int map;   /* those that have the same are one map's */
	int fd;
};

/* What is asked of second entries, and beside. */
struct linked {
	const struct target *target; /* that linked_fd is of, or the first ones' */
	const __u32 *keys_at;
	const unsigned char *compare;
	const void *claim;
	int *results;
	__u32 fd, flags, offset, size, stride, claim_offset, claim_size;
};

struct call {
	bool batch;
	const struct target *target;
	const __u32 *keys_at;
	__u32 keys;
	int *results;
	const unsigned char *value; /* that all entries have */
	/* The options, as they are meant: how many bytes of them get there says sz. */
	size_t sz;
	__u64 flags;
	const unsigned char *compare;
	__u32 offset;
	__u32 size;
	__u32 stride;
	const void *claim;
	__u32 claim_offset;
	__u32 claim_size;
	__u32 backend;
	void *values;
	struct linked linked;
	__u64 claim_first, claim_last;
};

struct answer {
	int err;
	__u32 deleted;
	bool has_results;
	int results[KEYS_MAX];
	bool has_linked_results;
	int linked_results[KEYS_MAX];
	bool there[KEYS];
	bool linked_there[KEYS]; /* where that is another map */
};

void predict(const struct call *call, const void *opts, struct answer *answer);

#endif /* SELFTESTS_FUZZ_MODEL_H */
