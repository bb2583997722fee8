/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What bpfcmp top is made of.
 */
#ifndef BPFCMP_TOP_H
#define BPFCMP_TOP_H

#include "bpfcmp.h"

/* top_request.c: what is looked at, as it is typed */
struct top_request {
	__u32 given; /* the keywords that were, a bit for each */
	struct where where;
	struct field field; /* of which it is told how often it changes; size 0: none */
	__u32 interval_ms;
	__u32 times; /* 0: until it is ended */
};

/* The words behind the map's. */
enum status parse_top_request(char **words, const struct bpf_map_info *info,
			      struct top_request *request);

/* sample.c: some of a map's keys, the same ones at each look, and what a field of their values was */
struct sample {
	__u32 level; /* one of 2^level keys is in it */
	__u32 count, room;
	__u8 *records;
};

struct sampler {
	int fd;
	const struct bpf_map_info *info;
	const struct field *field;
	__u32 stride; /* of the records */
	__u32 room;   /* in keys and values, which are read at once */
	__u8 *keys, *values;
};

/* How two samples differ, counted up to all keys. */
struct difference {
	__u64 created, deleted, refreshed;
	__u32 level;
};

/* field: size 0, no values are read. To be closed in any case. */
enum status open_sampler(struct sampler *sampler, int fd, const struct bpf_map_info *info,
			 const struct field *field);
void close_sampler(struct sampler *sampler);
/* Of a map that has so many entries. The library's answer, or that there is no memory. */
int take_sample(const struct sampler *sampler, __u64 entries, struct sample *sample);
void compare_samples(const struct sampler *sampler, const struct sample *before,
		     const struct sample *now, struct difference *difference);

/* screen.c: a terminal, all of which is ours until it is given back, whatever ends us */
enum event {
	EVENT_TIME, /* it is over */
	EVENT_QUIT,
	EVENT_RESIZED
};

/* Whether standard output is one that can do so. */
bool open_screen(void);
void close_screen(void);
/* Lines that end with \n each; those that do not fit are cut. */
void draw_screen(const char *text);
/* Until this time, as now_ns() has it. */
enum event wait_at_screen(__u64 until);

#endif /* BPFCMP_TOP_H */
