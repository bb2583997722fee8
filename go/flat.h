/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * The library for callers who can neither use LIBBPF_OPTS nor hand over the address of a struct with
 * pointers, and whose bytes come with their number: it has to be the map's. The map is the one that fd is
 * of when a call begins, whatever becomes of that number meanwhile.
 * Pointers are to bytes, not void: of those cgo knows that they hold no pointers.
 */
#ifndef FLAT_H
#define FLAT_H

#include <stdbool.h>
#include <stdint.h>
#include "bpf_compare.h"

struct flat_map {
	int err; /* 0, or a negative errno: then nothing else is filled */
	uint32_t type;
	uint32_t key_size;
	uint32_t value_size;
};

struct flat_bytes {
	uint8_t *at;
	size_t size;
};

struct flat_opts {
	uint32_t compare_offset;
	uint32_t compare_size;	 /* 0 = the whole value */
	bool whole;		 /* whole values were seen, of which that region counts */
	struct flat_bytes claim; /* at NULL: none */
	uint32_t claim_offset;
	uint64_t claim_first;
	uint64_t claim_last;
	uint32_t backend;
	struct flat_bytes values; /* where they go; at NULL: not wanted */
};

/* Second entries, one for each key; what is not here of their opts is the first ones'. */
struct flat_linked {
	int fd;
	struct flat_bytes keys;
	struct flat_bytes seen; /* at NULL: nothing is compared */
	struct flat_opts opts;
	uint32_t flags;
	int *results; /* NULL: there are no second entries */
};

/* How an entry is updated, or how each of many is. */
struct flat_update {
	uint64_t flags;		/* BPF_NOEXIST, BPF_EXIST, BPF_F_COMPARE, BPF_F_IN_PLACE */
	uint32_t offset;	/* with BPF_F_IN_PLACE: where the bytes are that are written, */
	uint32_t size;		/* and how many; 0 = the whole value */
	uint32_t op;		/* BPF_MAP_UPDATE_* */
	struct flat_bytes seen; /* with BPF_F_COMPARE */
	/* Without a claim; values are what the bytes were that are written. */
	struct flat_opts opts;
};

struct flat_answer {
	int err;     /* 0 or a negative errno */
	bool misfit; /* -EINVAL, as so many bytes do not fit the map: the library was not called */
	char reason[256]; /* for an error, or empty */
};

struct flat_sweep_opts {
	uint64_t flags;
	struct flat_bytes claim; /* at NULL: none */
	uint32_t claim_offset;
	uint64_t claim_first;
	uint64_t claim_last;
	struct flat_bytes keys;	  /* where they go; at NULL: not wanted. So many fit as there is room for, */
	struct flat_bytes values; /* likewise, and into both as many */
	uint32_t most;		  /* no more than so many; 0 = any number */
	uint32_t max_scan_us;
	uint32_t stop_after; /* us, from when on no further run is begun; 0 = however long it takes */
	uint64_t cursor;
};

struct flat_swept {
	struct flat_answer answer; /* err 1: there may be more */
	uint64_t cursor;
	uint64_t scanned;
	uint64_t matched;
	uint64_t deleted;
	uint64_t changed;
};

struct flat_map flat_map(int fd);
/* A descriptor that is nobody else's, or a negative errno. */
int flat_duplicate(int fd);

struct flat_answer flat_delete(int fd, struct flat_bytes key);
struct flat_answer flat_delete_if(int fd, struct flat_bytes key, struct flat_bytes seen,
				  struct flat_opts opts);
struct flat_answer flat_delete_batch_if(int fd, struct flat_bytes keys, uint32_t count,
					struct flat_bytes seen, struct flat_opts opts, int *results,
					struct flat_linked linked);

struct flat_answer flat_update(int fd, struct flat_bytes key, struct flat_bytes value,
			       struct flat_update update);
struct flat_answer flat_update_batch(int fd, struct flat_bytes keys, uint32_t count,
				     struct flat_bytes values, struct flat_update update,
				     int *results);

struct flat_swept flat_sweep(int fd, const struct bpf_map_sweep_cond *conds, uint32_t count,
			     struct flat_sweep_opts opts);

/* These have what they answer in err too, where it is no error. */
struct flat_answer flat_backend(int fd);
struct flat_answer flat_release(int fd);
/* An err that is not below 0 is the file descriptor. */
struct flat_answer flat_take_claim(int fd, uint64_t first, uint64_t last, uint8_t *claim,
				   uint32_t size);
struct flat_answer flat_probe(uint32_t map_type, uint32_t backend);

#endif /* FLAT_H */
