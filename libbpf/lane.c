// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What the emulation has for one map, for one call at a time: programs, each with memory that it shares
 * with us. A call writes its requests there, runs the program, reads the answers.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "compare_internal.h"
#include "request.h"

/* Of different regions and claims, what was used last. */
#define EMULATIONS_MAX 16

/* Room for the largest request there can be, and for as many small ones as go into it. */
#define MEMORY_MAX (72u * 1024)

struct emulation {
	enum action action;
	struct region region;
	struct claim claim; /* but for its word */
	struct program program;
	char *memory;
	size_t memory_size;
	__u32 requests; /* that there is room for */
	__u32 stride;	/* from one to the next */
	__u32 key_at;	/* where in each its key is, */
	__u32 expected_at; /* and the expected bytes, of the region from its offset rounded down to 8 */
	__s32 run;	   /* the last one's number */
	__u64 last_use;
};

struct lane {
	struct bpf_map_info info;
	struct emulation *emulations[EMULATIONS_MAX];
	__u64 uses;
	bool guarded; /* its programs refuse who lacks what they were loaded with, where they can */
};

struct lane *lane_open(const struct bpf_map_info *info, bool guarded)
{
	struct lane *lane = calloc(1, sizeof(*lane));

	if (lane) {
		lane->info = *info;
		lane->guarded = guarded;
	}
	return lane;
}

static void lay_out(struct emulation *e, __u32 key_size)
{
	e->key_at =
		e->action == ACTION_CLAIM ? sizeof(struct claim_request) : sizeof(struct request);
	e->expected_at = e->key_at + ROUND_UP_8(key_size);
	e->stride = e->expected_at;
	if (e->action != ACTION_PLAIN)
		e->stride += ROUND_UP_8(e->region.size + (e->region.offset & 7));
	e->requests = MEMORY_MAX / e->stride;
	if (e->requests > RUN_KEYS_MAX)
		e->requests = RUN_KEYS_MAX;
	e->memory_size = (size_t)e->requests * e->stride;
}

/* The map of the requests, as our memory as well; its file descriptor, or an error. */
static int share_memory(struct emulation *e)
{
	union bpf_attr attr;
	void *memory;
	int fd, err;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(__u32);
	attr.value_size = e->stride;
	attr.max_entries = e->requests;
	attr.map_flags = BPF_F_MMAPABLE;
	strcpy(attr.map_name, "compare_reqs");
	fd = sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd == -EPERM)
		return refuse(fd, "creating the emulation's map takes CAP_BPF");
	if (fd < 0)
		return fd;
	memory = mmap(NULL, e->memory_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		err = -errno;
	} else if (madvise(memory, e->memory_size, MADV_DONTFORK)) {
		err = -errno;
		munmap(memory, e->memory_size);
	} else {
		e->memory = memory;
		return fd;
	}
	close(fd);
	return err;
}

static void drop(struct emulation **place)
{
	struct emulation *e = *place;

	if (!e)
		return;
	program_close(&e->program);
	munmap(e->memory, e->memory_size);
	free(e);
	*place = NULL;
}

static int open_emulation(struct lane *lane, int fd, const struct deletion *deletion,
			  struct emulation **opened)
{
	struct emulation *e = calloc(1, sizeof(*e));
	int requests_fd, err;

	if (!e)
		return -ENOMEM;
	e->action = deletion->action;
	e->region = deletion->region;
	e->claim = deletion->claim;
	lay_out(e, lane->info.key_size);
	requests_fd = share_memory(e);
	if (requests_fd < 0) {
		free(e);
		return requests_fd;
	}
	err = program_load(&e->program, fd, requests_fd, &lane->info, deletion, e->expected_at,
			   lane->guarded);
	close(requests_fd);
	if (err) {
		munmap(e->memory, e->memory_size);
		free(e);
		return err;
	}
	*opened = e;
	return 0;
}

static bool does(const struct emulation *e, const struct deletion *deletion)
{
	if (e->action != deletion->action)
		return false;
	if (e->action == ACTION_PLAIN)
		return true;
	return e->region.offset == deletion->region.offset &&
	       e->region.size == deletion->region.size &&
	       e->claim.offset == deletion->claim.offset && e->claim.size == deletion->claim.size;
}

/* Where the emulation for this deletion is, or the one that is to make place for it. */
static struct emulation **find_place(struct lane *lane, const struct deletion *deletion)
{
	struct emulation **place = lane->emulations;

	for (size_t i = 0; i < EMULATIONS_MAX; i++) {
		struct emulation **e = lane->emulations + i;

		if (*e && does(*e, deletion))
			return e;
		if (*place && (!*e || (*e)->last_use < (*place)->last_use))
			place = e;
	}
	return place;
}

/* Makes sure that there is a program; fd is the map's. */
static int get_emulation(struct lane *lane, int fd, const struct deletion *deletion,
			 struct emulation **e)
{
	struct emulation **place = find_place(lane, deletion);
	int err;

	if (!*place || !does(*place, deletion)) {
		err = open_emulation(lane, fd, deletion, e);
		if (err)
			return err;
		drop(place);
		*place = *e;
	}
	*e = *place;
	(*e)->last_use = ++lane->uses;
	return 0;
}

/* And tells whether it asks by itself if the map is frozen. */
int lane_prepare(struct lane *lane, int fd, const struct deletion *deletion, bool *checks_frozen)
{
	struct emulation *e;
	int err;

	err = get_emulation(lane, fd, deletion, &e);
	if (!err)
		*checks_frozen = e->program.checks_frozen;
	return err;
}

static struct request *request_at(const struct emulation *e, __u32 i)
{
	return (struct request *)(e->memory + (size_t)i * e->stride);
}

static void write_request(const struct emulation *e, const struct deletion *deletion,
			  struct request *request, const char *key, __u32 key_size,
			  const char *expected)
{
	memcpy((char *)request + e->key_at, key, key_size);
	if (e->action == ACTION_PLAIN)
		return;
	memcpy((char *)request + e->expected_at + (e->region.offset & 7), expected, e->region.size);
	if (e->action == ACTION_CLAIM) {
		struct claim_request *by = (struct claim_request *)request;

		by->word =
			read_word(expected + (e->claim.offset - e->region.offset), e->claim.size);
		by->claim = deletion->claim.word;
	}
}

static void store(__s32 *to, __s32 number)
{
	__atomic_store_n(to, number, __ATOMIC_RELEASE);
}

static __s32 load(const __s32 *from)
{
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

/* Writes as many requests as one run takes of those wanted; gives their number. */
static __u32 write_requests(const struct lane *lane, struct emulation *e,
			    const struct deletion *deletion, __u32 first, __u32 wanted)
{
	__u32 key_size = lane->info.key_size, count = wanted < e->requests ? wanted : e->requests;
	const char *key = deletion->keys + (size_t)first * key_size, *expected = NULL;

	e->run = e->run == INT32_MAX ? 1 : e->run + 1;
	if (e->action != ACTION_PLAIN)
		expected = deletion->compare + (size_t)first * deletion->stride;
	for (__u32 i = 0; i < count; i++) {
		write_request(e, deletion, request_at(e, i), key, key_size, expected);
		store(&request_at(e, i)->result, e->run);
		key += key_size;
		if (expected)
			expected += deletion->stride;
	}
	/* Where the numbers began anew an old request could have this one. */
	if (count < e->requests)
		store(&request_at(e, count)->result, 0);
	store(&request_at(e, 0)->run, e->run);
	return count;
}

static bool read_results(const struct emulation *e, __u32 count, int *results)
{
	for (__u32 i = 0; i < count; i++) {
		results[i] = load(&request_at(e, i)->result);
		if (results[i] == e->run)
			return false;
	}
	return true;
}

/* What is to be said where nobody had the requests. */
static int why_not_run(const struct emulation *e, int err, __u32 retval)
{
	if (!err && retval == RUN_REFUSED && e->program.guarded)
		return -EACCES;
	/* Our program would not have been answered so: this is no fd of it. */
	return !err || err == -EBADF || err == -EINVAL || err == -KERNEL_ENOTSUPP ? -ESTALE : err;
}

/* A run comes to an end, also where it is none of ours: for so long that is waited for. */
#define WAITS	   2000
#define WAIT_USECS 500

static int wait_for_results(const struct emulation *e, __u32 count, int *results)
{
	for (int i = 0; i < WAITS; i++) {
		if (read_results(e, count, results))
			return 0;
		usleep(WAIT_USECS);
	}
	return refuse(-ETIMEDOUT, "another run has the keys, and does not come to an end");
}

static int run(const struct emulation *e, __u32 count, int *results)
{
	struct bpf_test_run_opts opts = { .sz = sizeof(opts) };
	__s32 asked = e->run;
	int err;

	err = bpf_prog_test_run_opts(e->program.fd, &opts) ? -errno : 0;
	if (!err && read_results(e, count, results))
		return 0;
	/* What nobody has taken nobody will. */
	if (__atomic_compare_exchange_n(&request_at(e, 0)->run, &asked, 0, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST))
		return why_not_run(e, err, opts.retval);
	return wait_for_results(e, count, results);
}

static int run_in_turn(const struct lane *lane, const struct emulation *e, __u32 count,
		       int *results)
{
	struct turn *turn = e->action == ACTION_CLAIM ? claim_turn(lane->info.id) : NULL;
	int err;

	if (turn)
		turn_take(turn);
	err = run(e, count, results);
	if (turn)
		turn_pass(turn);
	return err;
}

/*
 * Deletes keys from first on, at most *count of them and no more than one run of the program takes;
 * *count is then how many it took, each of which has its result. On an error none was deleted, but by
 * -ETIMEDOUT. -ESTALE: the program's file descriptor is another's, and it may be tried once more, with
 * another; -EACCES: the program is guarded from this caller.
 */
int lane_run(struct lane *lane, int fd, const struct deletion *deletion, __u32 first, __u32 *count,
	     int *results)
{
	struct emulation *e;
	__u32 taken;
	int err;

	err = get_emulation(lane, fd, deletion, &e);
	if (err)
		return err;
	taken = write_requests(lane, e, deletion, first, *count);
	err = run_in_turn(lane, e, taken, results);
	if (err == -ESTALE || err == -ETIMEDOUT)
		lane_drop(lane, deletion);
	if (!err)
		*count = taken;
	return err;
}

/* The program for this deletion is not to be used again. */
void lane_drop(struct lane *lane, const struct deletion *deletion)
{
	struct emulation **place = find_place(lane, deletion);

	if (*place && does(*place, deletion))
		drop(place);
}

void lane_close(struct lane *lane)
{
	for (size_t i = 0; i < EMULATIONS_MAX; i++)
		drop(lane->emulations + i);
	free(lane);
}

/* A parent's, in its child, which has none of the memory, and may find the allocator's lock taken. */
void lane_disown(const struct lane *lane)
{
	for (size_t i = 0; i < EMULATIONS_MAX; i++)
		if (lane->emulations[i])
			program_close(&lane->emulations[i]->program);
}

/* What is left of one that was disowned. */
void lane_free(struct lane *lane)
{
	for (size_t i = 0; i < EMULATIONS_MAX; i++)
		free(lane->emulations[i]);
	free(lane);
}

/* Whether it has a program for this deletion that asks by itself what its caller may. */
bool lane_has_guarded(struct lane *lane, const struct deletion *deletion)
{
	const struct emulation *e = *find_place(lane, deletion);

	return e && does(e, deletion) && e->program.guarded;
}

__u32 lane_programs(const struct lane *lane)
{
	__u32 count = 0;

	for (size_t i = 0; i < EMULATIONS_MAX; i++)
		count += !!lane->emulations[i];
	return count;
}
