/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The library for callers who can neither use LIBBPF_OPTS nor hand over pointers inside of structs.
 * Pointers are to bytes, not void: of those cgo knows that they hold no pointers.
 */
#ifndef FLAT_H
#define FLAT_H

#include <stdint.h>
#include "bpf_compare.h"

struct flat_map {
	int err; /* 0, or a negative errno: then nothing else is filled */
	uint32_t key_size;
	uint32_t value_size;
};

struct flat_opts {
	uint32_t compare_offset;
	uint32_t compare_size;
	uint32_t compare_stride; /* of a batch */
	uint32_t claim_offset;
	uint32_t claim_size;
	uint32_t backend;
};

struct flat_map flat_map(int fd);

int flat_delete(int fd, const uint8_t *key);
int flat_delete_if(int fd, const uint8_t *key, const uint8_t *compare, const uint8_t *claim,
		   struct flat_opts opts);
int flat_delete_batch_if(int fd, const uint8_t *keys, uint32_t count, const uint8_t *compare,
			 const uint8_t *claim, struct flat_opts opts, int *results);

#endif /* FLAT_H */
