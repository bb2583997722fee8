// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Lanes that are kept between calls that come with a file descriptor, by map id, which the kernel gives to
 * no other map as long as a program holds it. Each call has one to itself: calls at one time on one map
 * have one each.
 */
#include <stdlib.h>
#include <sys/resource.h>
#include "compare_internal.h"

/* A bucket for each on the average. */
#define KEPT_MAX 512

/*
 * Of all lanes. Linux 6.18 comes to a standstill where over a thousand programs are freed at one time, as they
 * are when a process ends.
 */
#define PROGRAMS_MAX 512

struct kept {
	struct lane *lane; /* NULL: free */
	struct kept *next; /* in its bucket */
	struct bpf_map_info info;
	struct bpf_map_info linked_info; /* of another map that linked entries are in, or zeroes */
	__u64 capabilities; /* what is kept for a caller of others would answer otherwise than a new one */
	bool busy;
	bool leaving;	/* not to be used again: closed with the call that has it */
	bool refused;	/* a caller of other capabilities: they are looked at first from then on */
	__u32 programs; /* as counted when it was put back */
	__u64 last_use;
};

static struct {
	pthread_mutex_t lock;
	__u64 uses;
	__u32 programs;
	struct kept *buckets[KEPT_MAX]; /* by map id: ids follow one another */
	struct kept all[KEPT_MAX];
	struct lane *inherited[KEPT_MAX]; /* see kept_drop_all() */
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Whether this one can be tried without a look at the caller's capabilities: its program asks. */
static bool will_do(const struct kept *k, const struct job *job)
{
	return !k->refused && lane_has_guarded(k->lane, job);
}

static struct kept **bucket_of(const struct bpf_map_info *info)
{
	return kept.buckets + info->id % KEPT_MAX;
}

/* What linked entries are in, where it is another map. */
static const struct bpf_map_info *linked_info_of(const struct job *job)
{
	static const struct bpf_map_info none;

	return job->linked_target ? &job->linked_target->info : &none;
}

/* For these capabilities; or, where they are NULL, one whose program asks for them. */
static struct kept *find(const struct target *target, const struct job *job,
			 const __u64 *capabilities)
{
	for (struct kept *k = *bucket_of(&target->info); k; k = k->next)
		if (!k->busy && map_is_same(&k->info, &target->info) &&
		    map_is_same(&k->linked_info, linked_info_of(job)) &&
		    (capabilities ? k->capabilities == *capabilities : will_do(k, job)))
			return k;
	return NULL;
}

static struct kept *find_oldest(void)
{
	struct kept *oldest = NULL;

	for (struct kept *k = kept.all; k < kept.all + KEPT_MAX; k++)
		if (k->lane && !k->busy && (!oldest || k->last_use < oldest->last_use))
			oldest = k;
	return oldest;
}

static bool has_place(const struct kept *k)
{
	return k >= kept.all && k < kept.all + KEPT_MAX;
}

static void put_into_bucket(struct kept *k)
{
	struct kept **bucket = bucket_of(&k->info);

	k->next = *bucket;
	*bucket = k;
}

/* Takes what is kept out of its place; for lane_close(), outside of the lock. */
static struct lane *clear(struct kept *k)
{
	struct kept **at = bucket_of(&k->info);
	struct lane *lane = k->lane;

	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	kept.programs -= k->programs;
	memset(k, 0, sizeof(*k));
	return lane;
}

/* A free place, if need be that whose last use is longest ago; NULL = all are busy. */
static struct kept *find_room(struct lane **evicted)
{
	struct kept *oldest;

	for (struct kept *k = kept.all; k < kept.all + KEPT_MAX; k++)
		if (!k->lane)
			return k;
	oldest = find_oldest();
	if (oldest)
		*evicted = clear(oldest);
	return oldest;
}

/* What finds no place is closed when it is put back. */
static struct kept *make(const struct target *target, const struct job *job, __u64 capabilities,
			 struct lane **evicted)
{
	const struct target *linked = job->linked_target;
	struct lane *lane = lane_open(&target->info, linked ? &linked->info : NULL, true);
	struct kept *k;

	if (!lane)
		return NULL;
	k = find_room(evicted);
	if (!k)
		k = calloc(1, sizeof(*k));
	if (!k) {
		lane_close(lane);
		return NULL;
	}
	k->lane = lane;
	k->info = target->info;
	k->linked_info = *linked_info_of(job);
	k->capabilities = capabilities;
	if (has_place(k))
		put_into_bucket(k);
	return k;
}

/* A lane for this map and the caller's capabilities, to be put back. */
static int take_by_capabilities(const struct target *target, const struct job *job,
				struct kept **taken)
{
	struct lane *evicted = NULL;
	__u64 capabilities = 0;
	int err;

	err = own_capabilities(&capabilities);
	if (err)
		return err;
	pthread_mutex_lock(&kept.lock);
	*taken = find(target, job, &capabilities);
	if (!*taken)
		*taken = make(target, job, capabilities, &evicted);
	if (*taken)
		(*taken)->busy = true;
	pthread_mutex_unlock(&kept.lock);
	if (evicted)
		lane_close(evicted);
	return *taken ? 0 : -ENOMEM;
}

/* Likewise; or, where a guarded one will do, one whose program asks for them by itself. */
int kept_take(const struct target *target, const struct job *job, bool guarded_will_do,
	      struct kept **taken)
{
	if (guarded_will_do) {
		pthread_mutex_lock(&kept.lock);
		*taken = find(target, job, NULL);
		if (*taken)
			(*taken)->busy = true;
		pthread_mutex_unlock(&kept.lock);
		if (*taken)
			return 0;
	}
	return take_by_capabilities(target, job, taken);
}

struct lane *kept_lane(const struct kept *k)
{
	return k->lane;
}

/* Half of the file descriptors are the application's at least. */
static __u32 programs_max(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur / 2 >= PROGRAMS_MAX)
		return PROGRAMS_MAX;
	return limit.rlim_cur / 2;
}

/* One call adds one program at most, so that to let go of one lane for each that is too much will do. */
static struct lane *put_in_place(struct kept *k, bool served)
{
	__u32 programs = lane_programs(k->lane);
	struct kept *oldest;

	k->busy = false;
	k->refused = !served;
	if (served)
		k->last_use = ++kept.uses;
	if (k->leaving || !programs)
		return clear(k);
	if (programs == k->programs)
		return NULL;
	kept.programs += programs - k->programs;
	k->programs = programs;
	oldest = kept.programs > programs_max() ? find_oldest() : NULL;
	return oldest && oldest != k ? clear(oldest) : NULL;
}

/* served: it did not refuse its caller. */
void kept_put(struct kept *k, bool served)
{
	struct lane *closed;

	if (!has_place(k)) {
		lane_close(k->lane);
		free(k);
		return;
	}
	pthread_mutex_lock(&kept.lock);
	closed = put_in_place(k, served);
	pthread_mutex_unlock(&kept.lock);
	if (closed)
		lane_close(closed);
}

void kept_release_map(__u32 map_id)
{
	struct lane *released[KEPT_MAX];
	size_t count = 0;

	pthread_mutex_lock(&kept.lock);
	for (struct kept *k = kept.all; k < kept.all + KEPT_MAX; k++) {
		if (!k->lane || (k->info.id != map_id && k->linked_info.id != map_id))
			continue;
		k->leaving = true;
		if (!k->busy)
			released[count++] = clear(k);
	}
	pthread_mutex_unlock(&kept.lock);
	while (count)
		lane_close(released[--count]);
}

/*
 * In a child, which has no use for its parent's. What another thread was just changing is half done: so
 * nothing is freed, and stays known here alone.
 */
void kept_drop_all(void)
{
	pthread_mutex_init(&kept.lock, NULL);
	for (struct kept *k = kept.all; k < kept.all + KEPT_MAX; k++) {
		if (k->lane) {
			lane_disown(k->lane);
			kept.inherited[k - kept.all] = k->lane;
		}
		memset(k, 0, sizeof(*k));
	}
	memset(kept.buckets, 0, sizeof(kept.buckets));
	kept.programs = 0;
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
