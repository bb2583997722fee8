/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What a sweep of the fuzzer's should be answered, and which entries match, by the contract in
 * <bpf/bpf_compare.h> alone.
 */
#ifndef SELFTESTS_FUZZ_SWEEP_MODEL_H
#define SELFTESTS_FUZZ_SWEEP_MODEL_H

#include "model.h"

#define SWEEP_KEY_SIZE	 12
#define SWEEP_CONDS_MOST 20 /* that a call has: more than it may */
#define SWEEP_OPTS_KNOWN KNOWN(bpf_map_sweep_opts, changed)

struct sweep_call {
	const struct target *target;
	const struct bpf_map_sweep_cond *conds; /* or NULL */
	__u32 conds_cnt;
	size_t sz; /* 0: there are no options */
	/* As far as sz lets them get there. */
	struct bpf_map_sweep_opts opts;
	bool padding; /* some byte past what is known is not 0 */
};

/* The error that has to be answered, or 0. */
int predict_sweep(const struct sweep_call *call);

/* Whether an entry is one that is to be deleted. */
bool sweep_matches(const struct sweep_call *call, const void *key, const void *value);

#endif /* SELFTESTS_FUZZ_SWEEP_MODEL_H */
