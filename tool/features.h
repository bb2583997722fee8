/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What can be done with a type of map, beside a plain delete by compare.
 */
#ifndef BPFCMP_FEATURES_H
#define BPFCMP_FEATURES_H

#include "bpfcmp.h"

/* Of the i-th, from 0 on; NULL: there are no more. */
const char *feature_name(__u32 i);
/* Whether there is such a map of this type. */
bool has_feature(enum bpf_map_type type, __u32 i);
/* 0: it was done; else a negative errno, and the library's reason until the next one, or NULL. */
int try_feature(enum bpf_map_type type, __u32 i, const char **why);

#endif /* BPFCMP_FEATURES_H */
