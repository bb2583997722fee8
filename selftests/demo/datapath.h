/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* The datapath: a program on the server's device, with its flows in hash maps or in an arena. */
#ifndef DEMO_DATAPATH_H
#define DEMO_DATAPATH_H

#include <stdbool.h>

#include "collect.h"
#include "demo.h"

struct datapath {
	struct collect_maps maps;
	const struct demo_counters *counters;
	struct demo_bpf *in_maps;
	struct arena_bpf *in_arena;
};

/* Not every kernel has arenas. Says so where this has none. */
bool datapath_is_there(const struct collect_way *way);
void datapath_load(struct datapath *datapath, const struct collect_way *way, __u32 nr_flows,
		   int ifindex);
void datapath_unload(struct datapath *datapath);

#endif /* DEMO_DATAPATH_H */
