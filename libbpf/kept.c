// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Lanes that are kept between calls that come with a file descriptor, by map id, which the kernel gives to
 * no other map as long as a program holds it. Each call has one to itself: calls at one time on one map
 * have one each.
 */
#include <stdlib.h>
#include "compare_internal.h"

#define KEPT_MAX 64

struct kept {
	struct lane *lane; /* NULL: free */
	struct bpf_map_info info;
	__u64 capabilities; /* what is kept for a caller of others would answer otherwise than a new one */
	bool busy;
	bool leaving; /* not to be used again: closed with the call that has it */
	__u64 last_use;
};

static struct {
	pthread_mutex_t lock;
	__u64 uses;
	struct kept all[KEPT_MAX];
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER };

/*
 * All that was said of the map has to be the same: a program has an id too, and could have this one, but not
 * a hash of its instructions where the map has its sizes.
 */
static bool is_same(const struct bpf_map_info *a, const struct bpf_map_info *b)
{
	return !memcmp(a, b, offsetof(struct bpf_map_info, name));
}

/* Ids follow one another, so that the first look finds most. */
static struct kept *find(const struct bpf_map_info *info)
{
	for (__u32 i = 0; i < KEPT_MAX; i++) {
		struct kept *k = kept.all + (info->id + i) % KEPT_MAX;

		if (k->lane && !k->busy && is_same(&k->info, info) && lane_is_guarded(k->lane))
			return k;
	}
	return NULL;
}

static struct kept *find_for(const struct bpf_map_info *info, __u64 capabilities)
{
	for (__u32 i = 0; i < KEPT_MAX; i++) {
		struct kept *k = kept.all + (info->id + i) % KEPT_MAX;

		if (k->lane && !k->busy && is_same(&k->info, info) &&
		    (k->capabilities == capabilities || capabilities == CAPABILITIES_UNKNOWN))
			return k;
	}
	return NULL;
}

/* A free place, if need be that whose last use is longest ago; NULL = all are busy. */
static struct kept *find_room(__u32 map_id)
{
	struct kept *oldest = NULL;

	for (__u32 i = 0; i < KEPT_MAX; i++) {
		struct kept *k = kept.all + (map_id + i) % KEPT_MAX;

		if (!k->lane)
			return k;
		if (!k->busy && (!oldest || k->last_use < oldest->last_use))
			oldest = k;
	}
	return oldest;
}

/* What finds no place is closed when it is put back. */
static struct kept *make(const struct bpf_map_info *info, __u64 capabilities, struct lane **evicted)
{
	struct lane *lane = lane_open(info, true);
	struct kept *k;

	if (!lane)
		return NULL;
	k = find_room(info->id);
	if (k)
		*evicted = k->lane;
	else
		k = malloc(sizeof(*k));
	if (!k) {
		lane_close(lane);
		return NULL;
	}
	memset(k, 0, sizeof(*k));
	k->lane = lane;
	k->info = *info;
	k->capabilities = capabilities;
	return k;
}

/*
 * A lane for this map, to be put back; NULL = no memory. One whose programs ask by themselves what the caller
 * may will do for a first try.
 */
struct kept *kept_take(const struct bpf_map_info *info, bool guarded_will_do)
{
	struct lane *evicted = NULL;
	struct kept *k = NULL;
	__u64 capabilities;

	pthread_mutex_lock(&kept.lock);
	if (guarded_will_do)
		k = find(info);
	if (!k) {
		capabilities = verifier_capabilities();
		k = find_for(info, capabilities);
		if (!k)
			k = make(info, capabilities, &evicted);
	}
	if (k)
		k->busy = true;
	pthread_mutex_unlock(&kept.lock);
	if (evicted)
		lane_close(evicted);
	return k;
}

struct lane *kept_lane(const struct kept *k)
{
	return k->lane;
}

void kept_put(struct kept *k)
{
	struct lane *closed = NULL;
	bool has_place = k >= kept.all && k < kept.all + KEPT_MAX;

	pthread_mutex_lock(&kept.lock);
	k->busy = false;
	k->last_use = ++kept.uses;
	if (k->leaving || !has_place || lane_is_empty(k->lane)) {
		closed = k->lane;
		k->lane = NULL;
	}
	pthread_mutex_unlock(&kept.lock);
	if (closed)
		lane_close(closed);
	if (!has_place)
		free(k);
}

void kept_release_map(__u32 map_id)
{
	struct lane *released[KEPT_MAX];
	size_t count = 0;

	pthread_mutex_lock(&kept.lock);
	for (struct kept *k = kept.all; k < kept.all + KEPT_MAX; k++) {
		if (!k->lane || k->info.id != map_id)
			continue;
		k->leaving = true;
		if (!k->busy) {
			released[count++] = k->lane;
			k->lane = NULL;
		}
	}
	pthread_mutex_unlock(&kept.lock);
	while (count)
		lane_close(released[--count]);
}

/* In a child, which has no use for its parent's. What another thread was just changing is half done. */
void kept_drop_all(void)
{
	pthread_mutex_init(&kept.lock, NULL);
	for (struct kept *k = kept.all; k < kept.all + KEPT_MAX; k++) {
		if (k->lane)
			lane_disown(k->lane);
		memset(k, 0, sizeof(*k));
	}
}

int bpf_map_compare_release(int fd)
{
	int err, cancel_state = enter();
	struct bpf_map_info info;
	__u64 process;

	/* To have information is not to be a map: programs do too, with ids of their own. */
	err = map_check_writable(fd);
	if (!err || err == -EPERM)
		err = map_info(fd, &info);
	if (!err && !process_number(&process))
		kept_release_map(info.id);
	return leave(cancel_state, err);
}
