/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What bpfcmpd's files know of one another. Conditions, fields and maps are bpfcmp's, see tool/bpfcmp.h; what
 * that says of them is kept here, see complaint.c.
 */
#ifndef BPFCMPD_H
#define BPFCMPD_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/* What may stand in a configuration file, see config.c. */
enum key {
	KEY_METRICS, /* before the first section */
	KEY_MAP,     /* and the rest in each */
	KEY_WHERE,
	KEY_CLAIM,
	KEY_KEY_SIZE,
	KEY_VALUE_SIZE,
	KEY_INTERVAL,
	KEY_DRY_RUN,
	KEYS
};

struct value {
	char *text; /* NULL: it is not there */
	unsigned int line;
};

/* What came of a collection. */
enum result {
	RESULT_DONE,
	RESULT_ABSENT, /* there is no map yet, or none any more */
	RESULT_UNFIT,  /* the map is not what the configuration says */
	RESULT_LOCKED, /* the kernel could not take a lock, again and again */
	RESULT_FAILED,
	RESULTS
};

extern const char *const result_names[RESULTS];

struct counters {
	__u64 results[RESULTS];
	__u64 scanned, matched, deleted, refreshed;
	__u64 sweeps;	 /* by which they were counted, */
	__u64 ns;	 /* and what those took */
	__u64 succeeded; /* when it did last, in seconds since 1970; 0: never */
};

#define SAID_MAX 512

/* A section of the file. */
struct map {
	char *name;
	unsigned int line;
	struct value values[KEYS];
	char **where, **claim;	    /* their words; claim NULL: none */
	__u32 key_size, value_size; /* 0: nothing is said of it */
	__u32 interval_ms;
	bool dry_run;
	/* what goes on with it */
	struct counters counters;
	__u64 due_ns;
	char said[SAID_MAX]; /* what was told of it last */
};

struct config {
	const char *file;
	struct value metrics; /* the file that they are written to */
	struct map *maps;
	size_t count;
};

/* config.c: says what is wrong itself, with file and line. To be freed in any case. */
bool read_config(const char *file, struct config *config);
void free_config(struct config *config);
void complain_at(const struct config *config, unsigned int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* collect.c */
/* Deletes what matches now, and counts it. Tells what came of it, unless it told that the last time. */
void collect(struct map *map);
/*
 * These delete nothing, and say what is wrong themselves. That fields at offsets can be compared so, which takes no
 * map; and that all can be done with the map that is there, if one is. loud: tells how many entries match.
 */
bool check_places(const struct config *config, const struct map *map);
bool check_map(const struct config *config, const struct map *map, bool loud);

/* metrics.c: the file is another one each time, or stays as it was. */
bool write_metrics(const struct config *config, bool reload_failed, __u64 reloaded);

/* notify.c: of what goes on, to whoever has started us, where that wants to be told. */
void notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* complaint.c: what bpfcmp's files said last, and for which error; 0: none of the kernel's */
const char *complaint(void);
int complaint_errno(void);

#endif /* BPFCMPD_H */
