/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What an update of the fuzzer's should be answered, and what becomes of the entries, by the contract in
 * <bpf/bpf_compare.h> alone.
 */
#ifndef SELFTESTS_FUZZ_UPDATE_MODEL_H
#define SELFTESTS_FUZZ_UPDATE_MODEL_H

#include "model.h"

#define UPDATE_KEYS	   6
#define UPDATE_THERE	   4u /* of these, before a call */
#define CPUS_MAX	   1024
#define ELEM_UPDATE_KNOWN  KNOWN(bpf_map_update_elem_opts, claim_last)
#define BATCH_UPDATE_KNOWN KNOWN(bpf_map_update_batch_opts, claim_last)

/* Where the lock is in the values that have one, and how large. */
#define LOCK_OFFSET 4u
#define LOCK_SIZE   4u

enum kind {
	NO_MAP,
	HASHES,	 /* it is of a type that can be served */
	LOCKED,	 /* likewise, and values have a lock */
	INDEXED, /* an array: all of its entries are there */
	EACH_CPU,
};

struct update_target {
	const char *name;
	enum kind kind;
	int error;   /* that its fd alone brings about */
	__u32 room;  /* for so many entries, or 0: for all */
	size_t full; /* bytes of a value, as the kernel's update takes it */
	int fd, written_by;
};

struct update_call {
	const struct update_target *target;
	bool batch;
	const __u32 *keys_at;
	const unsigned char *values_at;
	__u32 keys;
	size_t sz;    /* 0: there are no options */
	bool padding; /* some byte past what is known is not 0 */
	/* As far as sz lets them get there, those of a single one too. */
	struct bpf_map_update_batch_opts opts;
};

struct update_entries {
	bool there[UPDATE_KEYS];
	unsigned char *values[UPDATE_KEYS]; /* the target's full size each */
};

struct update_answer {
	int err;
	__u32 updated;
	bool has_results;
	int results[KEYS_MAX];
	unsigned char old[KEYS_MAX][VALUE_SIZE]; /* of those whose result is 0 */
};

/* So many bytes of each value are written, if any are. */
size_t update_written_size(const struct update_call *call);

/* The entries become what they should be after the call. */
void predict_update(const struct update_call *call, struct update_entries *entries,
		    struct update_answer *answer);

#endif /* SELFTESTS_FUZZ_UPDATE_MODEL_H */
