// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

#include <errno.h>
#include <stdio.h>
#include <bpf/libbpf.h>
#include <bpf/bpf_flowtab.h>

#include "datapath.h"
#include "report.h"

/* What these have is declared by then. */
#include "arena.skel.h"
#include "demo.skel.h"

static void load_in_maps(struct datapath *datapath, bool claims, __u32 nr_flows, int ifindex)
{
	struct demo_bpf *skel = demo_bpf__open();

	if (!skel)
		fail_errno("opening the datapath program");
	if (bpf_map__set_max_entries(skel->maps.demo_conns, nr_flows) ||
	    bpf_map__set_max_entries(skel->maps.demo_mappings, nr_flows) ||
	    bpf_map__set_max_entries(skel->maps.demo_promises, nr_flows))
		fail_errno("sizing the datapath's maps");
	skel->rodata->keep_to_protocol = claims;
	if (demo_bpf__load(skel))
		fail_errno("loading the datapath program (this takes root)");
	skel->links.demo_track = bpf_program__attach_xdp(skel->progs.demo_track, ifindex);
	if (!skel->links.demo_track)
		fail_errno("attaching the datapath program to the server's device");
	*datapath = (struct datapath){
		.maps.conns = bpf_map__fd(skel->maps.demo_conns),
		.maps.mappings = bpf_map__fd(skel->maps.demo_mappings),
		.counters = &skel->bss->counters,
		.in_maps = skel,
	};
}

static struct bpf_flowtab *create_table(__u32 slots)
{
	LIBBPF_OPTS(bpf_flowtab_create_opts, opts, .key_size = sizeof(struct conn_key),
		    .value_size = sizeof(struct arena_flow), .max_entries = slots);

	return bpf_flowtab__create("demo_flows", &opts);
}

bool datapath_is_there(const struct collect_way *way)
{
	struct bpf_flowtab *table;

	if (!way->in_arena)
		return true;
	table = create_table(1);
	if (!table && errno == EOPNOTSUPP) {
		fprintf(stderr, "left out: %s: %s\n", way->title, bpf_flowtab_reason());
		return false;
	}
	bpf_flowtab__close(table);
	return true;
}

static void load_in_arena(struct datapath *datapath, __u32 nr_flows, int ifindex)
{
	struct bpf_flowtab *table = create_table(2 * nr_flows);
	struct arena_bpf *skel = arena_bpf__open();

	if (!table)
		fail("creating a table in an arena: %s", bpf_flowtab_reason());
	if (!skel || bpf_map__set_max_entries(skel->maps.demo_promises, nr_flows) ||
	    bpf_map__reuse_fd(skel->maps.demo_flows, bpf_flowtab__fd(table)))
		fail_errno("opening the datapath program");
	if (arena_bpf__load(skel))
		fail_errno("loading the datapath program (this takes root)");
	skel->links.demo_track = bpf_program__attach_xdp(skel->progs.demo_track, ifindex);
	if (!skel->links.demo_track)
		fail_errno("attaching the datapath program to the server's device");
	*datapath = (struct datapath){
		.maps.table = table,
		.counters = &skel->bss->counters,
		.in_arena = skel,
	};
}

void datapath_load(struct datapath *datapath, const struct collect_way *way, __u32 nr_flows,
		   int ifindex)
{
	if (way->in_arena)
		load_in_arena(datapath, nr_flows, ifindex);
	else
		load_in_maps(datapath, way->claims, nr_flows, ifindex);
}

void datapath_unload(struct datapath *datapath)
{
	demo_bpf__destroy(datapath->in_maps);
	arena_bpf__destroy(datapath->in_arena);
	bpf_flowtab__close(datapath->maps.table);
}
