// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "fail.h"
#include "table.h"

#define CHUNK 4096

/* Some entries on their way into the map or out of it. */
struct chunk {
	char keys[CHUNK * 64];
	char values[CHUNK * VALUE_SIZE];
	__u32 count;
};

/* The finalizer of splitmix64: no two numbers become the same. */
static __u64 mix(__u64 n)
{
	n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
	n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
	return n ^ (n >> 31);
}

/* By chance, so that no branch predictor learns it, and the same in every round. */
static bool is_refreshed(const struct config *config, __u32 i)
{
	return mix(~(__u64)i) % 100 < config->refreshed;
}

static void write_all(const struct table *table, struct chunk *chunk)
{
	if (chunk->count &&
	    bpf_map_update_batch(table->fd, chunk->keys, chunk->values, &chunk->count, NULL))
		fail_errno("%s: cannot fill the map", table->config->name);
	chunk->count = 0;
}

/* An entry with this key, or with the nth key where that is NULL. */
static void add(const struct table *table, struct chunk *chunk, const void *key, __u32 n,
		__u32 lifetime)
{
	__u32 key_size = table->config->key_size;
	char *new_key = chunk->keys + chunk->count * key_size;
	char *value = chunk->values + chunk->count * VALUE_SIZE;
	__u64 address = mix(n);

	if (key) {
		memcpy(new_key, key, key_size);
	} else {
		memset(new_key, 6, key_size);
		memcpy(new_key, &address, sizeof(address));
	}
	memset(value, 1, VALUE_SIZE);
	memcpy(value + LIFETIME_OFFSET, &lifetime, sizeof(lifetime));
	if (++chunk->count == CHUNK)
		write_all(table, chunk);
}

/* In the order of no hash, so that neighbours in the table are no neighbours in memory. */
void table_fill(const struct table *table)
{
	static struct chunk chunk;

	for (__u32 i = 0; i < table->config->entries; i++)
		add(table, &chunk, NULL, i, LIFETIME_SEEN);
	write_all(table, &chunk);
}

void table_refresh(const struct table *table)
{
	const struct config *config = table->config;
	static struct chunk chunk;

	for (__u32 i = 0; i < config->entries; i++)
		if (is_refreshed(config, i))
			add(table, &chunk, table->keys + (size_t)i * config->key_size, i,
			    LIFETIME_REFRESHED);
	write_all(table, &chunk);
}

/* The next entries of a walk through the map; false where those are the last. */
static bool read_some(const struct table *table, __u32 *position, bool first, void *keys,
		      void *values, __u32 *count)
{
	if (!bpf_map_lookup_batch(table->fd, first ? NULL : position, position, keys, values, count,
				  NULL))
		return true;
	if (errno != ENOENT)
		fail_errno("%s: cannot read the map", table->config->name);
	return false;
}

__u32 table_count_refreshed(const struct table *table)
{
	static struct chunk chunk;
	__u32 position, lifetime, found = 0;
	bool first = true, more = true;

	for (; more; first = false) {
		chunk.count = CHUNK;
		more = read_some(table, &position, first, chunk.keys, chunk.values, &chunk.count);
		for (__u32 i = 0; i < chunk.count; i++) {
			memcpy(&lifetime, chunk.values + i * VALUE_SIZE + LIFETIME_OFFSET,
			       sizeof(lifetime));
			if (lifetime != LIFETIME_REFRESHED)
				fail("%s: an expired entry is still there", table->config->name);
		}
		found += chunk.count;
	}
	chunk.count = 0;
	return found;
}

static void take_snapshot(struct table *table)
{
	const struct config *config = table->config;
	__u32 position, count = config->entries;

	read_some(table, &position, true, table->keys, table->values, &count);
	if (count != config->entries)
		fail("%s: %u entries of %u are in the map", config->name, count, config->entries);
}

void table_make(struct table *table, const struct config *config)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = config->map_flags);
	__u32 max_entries = config->entries;

	/* CPUs have free elements of an LRU map of their own; with some to spare none is evicted.
	 */
	if (config->map_type == BPF_MAP_TYPE_LRU_HASH)
		max_entries *= 2;
	*table = (struct table){
		.config = config,
		.keys = malloc((size_t)config->entries * config->key_size),
		.values = malloc((size_t)config->entries * VALUE_SIZE),
	};
	if (!table->keys || !table->values)
		fail_errno("%s", config->name);
	table->fd = bpf_map_create(config->map_type, "bench", config->key_size, VALUE_SIZE,
				   max_entries, &opts);
	if (table->fd < 0)
		fail_errno("%s: cannot create the map", config->name);
	for (__u32 i = 0; i < config->entries; i++)
		table->refreshed += is_refreshed(config, i);
	table_fill(table);
	take_snapshot(table);
}

void table_free(struct table *table)
{
	close(table->fd);
	free(table->keys);
	free(table->values);
}
