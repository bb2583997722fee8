// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Lanes that are kept between calls that come with a file descriptor, by map id, which the kernel gives to
 * no other map as long as a program holds it. Each call has one to itself: calls at one time on one map
 * have one each.
 */
#include <stdlib.h>
#include "compare_internal.h"

#define KEPT_MAX 64

/* What is kept for a caller of other privileges would answer otherwise than a new one. */
struct place {
	struct lane *lane;
	struct bpf_map_info info;
	__u32 privileges;
	bool busy;
	bool leaving; /* not to be used again: closed with the call that has it */
	__u64 last_use;
};

static struct {
	pthread_mutex_t lock;
	__u64 uses;
	struct place places[KEPT_MAX];
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER };

/*
 * All that was said of the map has to be the same: a program has an id too, and could have this one, but not
 * a hash of its instructions where the map has its sizes.
 */
static bool is_same(const struct bpf_map_info *a, const struct bpf_map_info *b)
{
	return !memcmp(a, b, offsetof(struct bpf_map_info, name));
}

static struct place *find(const struct bpf_map_info *info, __u32 privileges)
{
	for (struct place *p = kept.places; p < kept.places + KEPT_MAX; p++)
		if (p->lane && !p->busy && is_same(&p->info, info) &&
		    (p->privileges == privileges || privileges == PRIVILEGES_UNKNOWN))
			return p;
	return NULL;
}

/* A free place, if need be that whose last use is longest ago; NULL = all are busy. */
static struct place *find_room(struct lane **evicted)
{
	struct place *oldest = NULL;

	for (struct place *p = kept.places; p < kept.places + KEPT_MAX; p++) {
		if (!p->lane)
			return p;
		if (!p->busy && (!oldest || p->last_use < oldest->last_use))
			oldest = p;
	}
	if (oldest)
		*evicted = oldest->lane;
	return oldest;
}

static void occupy(struct place *p, struct lane *lane, const struct bpf_map_info *info,
		   __u32 privileges)
{
	p->lane = lane;
	p->info = *info;
	p->privileges = privileges;
	p->busy = true;
	p->leaving = false;
}

/* A lane for this map, to be put back; NULL = no memory. What has no place is closed then. */
struct lane *kept_take(const struct bpf_map_info *info)
{
	__u32 privileges = verifier_privileges();
	struct lane *lane, *evicted = NULL;
	struct place *p;

	pthread_mutex_lock(&kept.lock);
	p = find(info, privileges);
	if (p) {
		p->busy = true;
		lane = p->lane;
	} else {
		lane = lane_open(info);
		p = lane ? find_room(&evicted) : NULL;
		if (p)
			occupy(p, lane, info, privileges);
	}
	pthread_mutex_unlock(&kept.lock);
	if (evicted)
		lane_close(evicted);
	return lane;
}

static struct place *place_of(const struct lane *lane)
{
	for (struct place *p = kept.places; p < kept.places + KEPT_MAX; p++)
		if (p->lane == lane)
			return p;
	return NULL;
}

void kept_put(struct lane *lane)
{
	struct place *p;

	pthread_mutex_lock(&kept.lock);
	p = place_of(lane);
	if (p) {
		p->busy = false;
		p->last_use = ++kept.uses;
		if (p->leaving || lane_is_empty(lane))
			p->lane = NULL;
		else
			lane = NULL;
	}
	pthread_mutex_unlock(&kept.lock);
	if (lane)
		lane_close(lane);
}

void kept_release_map(__u32 map_id)
{
	struct lane *released[KEPT_MAX];
	size_t count = 0;

	pthread_mutex_lock(&kept.lock);
	for (struct place *p = kept.places; p < kept.places + KEPT_MAX; p++) {
		if (!p->lane || p->info.id != map_id)
			continue;
		p->leaving = true;
		if (!p->busy) {
			released[count++] = p->lane;
			p->lane = NULL;
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
	for (struct place *p = kept.places; p < kept.places + KEPT_MAX; p++) {
		if (p->lane)
			lane_disown(p->lane);
		memset(p, 0, sizeof(*p));
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
