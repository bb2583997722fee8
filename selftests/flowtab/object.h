/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Objects with BPF programs on a table, of which there is one for each: libbpf takes no second arena in an object.
 * So they are told apart by where their bytes are, not by their type.
 */
#ifndef SELFTESTS_FLOWTAB_OBJECT_H
#define SELFTESTS_FLOWTAB_OBJECT_H

#include <string.h>
#include <sys/mman.h>
#include <bpf/libbpf.h>
#include "tap.h"

typedef const void *(*elf_bytes)(size_t *size);

static inline struct bpf_object *open_object(elf_bytes bytes)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "flowtab");
	size_t size;
	const void *elf = bytes(&size);
	struct bpf_object *object = bpf_object__open_mem(elf, size, &opts);

	if (!object)
		tap_bail("cannot open the programs");
	return object;
}

/* Its map of that type, of which there is one. */
static inline struct bpf_map *map_of_type(struct bpf_object *object, enum bpf_map_type type)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		if (bpf_map__type(map) == type)
			return map;
	}
	tap_bail("no map of type %d", type);
}

static inline struct bpf_map *map_of_section(struct bpf_object *object, const char *section)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		const char *at = strchr(bpf_map__name(map), '.');

		if (at && !strcmp(at, section))
			return map;
	}
	tap_bail("no map of %s", section);
}

/* Its variables that begin with 0; they stay mapped until the object's map and this are gone. */
static inline void *map_bss(struct bpf_object *object, size_t size)
{
	void *bss = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			 bpf_map__fd(map_of_section(object, ".bss")), 0);

	if (bss == MAP_FAILED)
		tap_bail("cannot map the programs' variables");
	return bss;
}

#endif /* SELFTESTS_FLOWTAB_OBJECT_H */
