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

/* The part of a request that is about one entry. */
struct part {
	struct region region;
	struct claim claim; /* but for its word */
};

struct emulation {
	enum action action;
	__u32 asks; /* what the layout depends on */
	struct part first, linked;
	struct program program;
	struct layout layout;
	char *memory;
	size_t memory_size;
	__u32 requests; /* that there is room for */
	__s32 run;	/* the last one's number */
	__u64 last_use;
};

struct lane {
	struct bpf_map_info info;
	struct bpf_map_info linked_info; /* of the linked entries' map: the same, or another */
	struct emulation *emulations[EMULATIONS_MAX];
	__u64 uses;
	bool guarded; /* its programs refuse who lacks what they were loaded with, where they can */
};

/* linked_info is NULL where linked entries, if any, are in the same map. */
struct lane *lane_open(const struct bpf_map_info *info, const struct bpf_map_info *linked_info,
		       bool guarded)
{
	struct lane *lane = calloc(1, sizeof(*lane));

	if (lane) {
		lane->info = *info;
		lane->linked_info = linked_info ? *linked_info : *info;
		lane->guarded = guarded;
	}
	return lane;
}

/* Expected bytes lie as those of the value from the region's offset on, rounded down to 8. */
static __u32 expected_size(const struct part *part)
{
	return part->region.size ? part->region.size + (part->region.offset & 7) : 0;
}

static __u32 header_size(enum action action)
{
	switch (action) {
	case ACTION_CLAIM:
		return sizeof(struct claim_request);
	case ACTION_LINKED:
		return sizeof(struct linked_request);
	default:
		return sizeof(struct request);
	}
}

/* Where a part of this size is; at the start where there is none, since the verifier wants it inside. */
static __u32 place(struct layout *layout, __u32 size)
{
	__u32 at = layout->stride;

	layout->stride += ROUND_UP_8(size);
	return size ? at : 0;
}

static void lay_out(struct emulation *e, const struct lane *lane)
{
	struct layout *layout = &e->layout;
	bool linked = e->asks & ASKS_LINKED;
	__u32 requests_max = linked ? RUN_KEYS_MAX / 2 : RUN_KEYS_MAX;

	layout->stride = header_size(e->action);
	layout->key_at = place(layout, lane->info.key_size);
	layout->expected_at = place(layout, expected_size(&e->first));
	/* Without one it is the first one's key that the verifier sees. */
	layout->linked_key_at = linked ? place(layout, lane->linked_info.key_size) : layout->key_at;
	layout->linked_expected_at = place(layout, expected_size(&e->linked));
	layout->value_at = place(layout, e->asks & ASKS_VALUE ? lane->info.value_size : 0);
	e->requests = MEMORY_MAX / layout->stride;
	if (e->requests > requests_max)
		e->requests = requests_max;
	if (!e->requests)
		e->requests = 1;
	e->memory_size = (size_t)e->requests * layout->stride;
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
	attr.value_size = e->layout.stride;
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

static void set_part(struct part *part, const struct entries *entries)
{
	part->region = entries->region;
	part->claim = entries->claim;
}

/* What of a linked_request the layout depends on: all else may change from one call to the next. */
static __u32 lasting_asks(const struct deletion *deletion)
{
	return deletion->asks & (ASKS_VALUE | ASKS_LINKED);
}

static int open_emulation(struct lane *lane, int fd, const struct deletion *deletion,
			  struct emulation **opened)
{
	struct emulation *e = calloc(1, sizeof(*e));
	int requests_fd, err;

	if (!e)
		return -ENOMEM;
	e->action = deletion->action;
	e->asks = lasting_asks(deletion);
	set_part(&e->first, &deletion->first);
	set_part(&e->linked, &deletion->linked);
	lay_out(e, lane);
	requests_fd = share_memory(e);
	if (requests_fd < 0) {
		free(e);
		return requests_fd;
	}
	err = program_load(&e->program, fd, requests_fd, &lane->info, deletion, &e->layout,
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

static bool is_for(const struct part *part, const struct entries *entries)
{
	return part->region.offset == entries->region.offset &&
	       part->region.size == entries->region.size &&
	       part->claim.offset == entries->claim.offset &&
	       part->claim.size == entries->claim.size;
}

static bool does(const struct emulation *e, const struct deletion *deletion)
{
	if (e->action != deletion->action)
		return false;
	if (e->action == ACTION_PLAIN)
		return true;
	return is_for(&e->first, &deletion->first) && is_for(&e->linked, &deletion->linked) &&
	       e->asks == lasting_asks(deletion);
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
	return (struct request *)(e->memory + (size_t)i * e->layout.stride);
}

static const char *key_of(const struct entries *entries, __u32 i, __u32 key_size)
{
	return entries->keys + (size_t)i * key_size;
}

/* Its expected word; 0 where nothing is compared. */
static __u64 write_part(char *key_at, char *expected_at, const struct entries *entries,
			const struct part *part, __u32 i, __u32 key_size)
{
	const char *expected;

	memcpy(key_at, key_of(entries, i, key_size), key_size);
	if (!entries->compare)
		return 0;
	expected = entries->compare + (size_t)i * entries->stride;
	memcpy(expected_at + (part->region.offset & 7), expected, part->region.size);
	if (!part->claim.size)
		return 0;
	return read_word(expected + (part->claim.offset - part->region.offset), part->claim.size);
}

/* From a word that is a claim nothing may be claimed. */
static __u64 claim_for(const struct deletion *deletion, const struct claim *claim, __u64 word)
{
	return is_claim(&deletion->claims, word) ? word : claim->word;
}

static void write_linked(const struct lane *lane, const struct emulation *e,
			 const struct deletion *deletion, struct linked_request *asked, __u32 i)
{
	const struct entries *linked = &deletion->linked;
	char *bytes = (char *)asked;

	asked->asks = deletion->asks;
	asked->claims_first = deletion->claims.last ? deletion->claims.first : 1;
	asked->claims_last = deletion->claims.last;
	if (!(e->asks & ASKS_LINKED))
		return;
	asked->linked_word =
		write_part(bytes + e->layout.linked_key_at, bytes + e->layout.linked_expected_at,
			   linked, &e->linked, i, lane->linked_info.key_size);
	asked->linked_claim = claim_for(deletion, &linked->claim, asked->linked_word);
	if (!linked->compare)
		asked->linked_claim = linked->claim.word;
	/* One and the same entry. */
	if (!deletion->linked_target &&
	    !memcmp(bytes + e->layout.linked_key_at, bytes + e->layout.key_at, lane->info.key_size))
		asked->asks |= ASKS_NOTHING;
}

static void write_request(const struct lane *lane, const struct emulation *e,
			  const struct deletion *deletion, struct request *request, __u32 i)
{
	struct claim_request *by = (struct claim_request *)request;
	char *bytes = (char *)request;
	__u64 word;

	word = write_part(bytes + e->layout.key_at, bytes + e->layout.expected_at, &deletion->first,
			  &e->first, i, lane->info.key_size);
	if (e->action == ACTION_PLAIN || e->action == ACTION_COMPARE)
		return;
	by->word = word;
	by->claim = claim_for(deletion, &deletion->first.claim, word);
	if (e->action == ACTION_LINKED)
		write_linked(lane, e, deletion, (struct linked_request *)request, i);
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
	__u32 count = wanted < e->requests ? wanted : e->requests;

	e->run = e->run == INT32_MAX ? 1 : e->run + 1;
	for (__u32 i = 0; i < count; i++) {
		write_request(lane, e, deletion, request_at(e, i), first + i);
		store(&request_at(e, i)->result, e->run);
	}
	/* Where the numbers began anew an old request could have this one. */
	if (count < e->requests)
		store(&request_at(e, count)->result, 0);
	store(&request_at(e, 0)->run, e->run);
	return count;
}

/* Whether each of them has its answer. */
static bool read_answers(const struct emulation *e, __u32 count, struct answer *answers)
{
	const struct request *request;

	for (__u32 i = 0; i < count; i++) {
		request = request_at(e, i);
		answers[i].result = load(&request->result);
		if (answers[i].result == e->run)
			return false;
		if (e->asks & ASKS_LINKED)
			answers[i].linked_result =
				((const struct linked_request *)request)->linked_result;
	}
	return true;
}

/* Where the entry was claimed the copy has the claim, in the place of the expected word. */
static void read_values(const struct lane *lane, const struct emulation *e,
			const struct deletion *deletion, __u32 first, __u32 count,
			const struct answer *answers)
{
	const struct claim *claim = &deletion->first.claim;

	for (__u32 i = 0; i < count; i++) {
		char *value = deletion->values + (size_t)(first + i) * lane->info.value_size;
		const struct entries *entries = &deletion->first;

		if (answers[i].result)
			continue;
		memcpy(value, (char *)request_at(e, i) + e->layout.value_at, lane->info.value_size);
		if (claim->size)
			memcpy(value + claim->offset,
			       entries->compare + (size_t)(first + i) * entries->stride +
				       (claim->offset - entries->region.offset),
			       claim->size);
	}
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

static int wait_for_answers(const struct emulation *e, __u32 count, struct answer *answers)
{
	for (int i = 0; i < WAITS; i++) {
		if (read_answers(e, count, answers))
			return 0;
		usleep(WAIT_USECS);
	}
	return refuse(-ETIMEDOUT, "another run has the keys, and does not come to an end");
}

static int run(const struct emulation *e, __u32 count, struct answer *answers)
{
	struct bpf_test_run_opts opts = { .sz = sizeof(opts) };
	__s32 asked = e->run;
	int err;

	err = bpf_prog_test_run_opts(e->program.fd, &opts) ? -errno : 0;
	if (!err && read_answers(e, count, answers))
		return 0;
	/* What nobody has taken nobody will. */
	if (__atomic_compare_exchange_n(&request_at(e, 0)->run, &asked, 0, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST))
		return why_not_run(e, err, opts.retval);
	return wait_for_answers(e, count, answers);
}

/*
 * Runs with a claim take turns on each map that they claim in. Of two the one that comes first in memory is
 * taken first, so that nobody waits for somebody who waits for him.
 */
static int run_in_turn(const struct lane *lane, const struct emulation *e, __u32 count,
		       struct answer *answers)
{
	struct turn *turn = e->first.claim.size ? claim_turn(lane->info.id) : NULL;
	struct turn *other = e->linked.claim.size ? claim_turn(lane->linked_info.id) : NULL,
		    *swapped;
	int err;

	if (other == turn)
		other = NULL;
	if (other && turn > other) {
		swapped = turn;
		turn = other;
		other = swapped;
	}
	if (turn)
		turn_take(turn);
	if (other)
		turn_take(other);
	err = run(e, count, answers);
	if (other)
		turn_pass(other);
	if (turn)
		turn_pass(turn);
	return err;
}

/*
 * Deletes keys from first on, at most *count of them and no more than one run of the program takes;
 * *count is then how many it took, each of which has its answer. On an error none was deleted, but by
 * -ETIMEDOUT. -ESTALE: the program's file descriptor is another's, and it may be tried once more, with
 * another; -EACCES: the program is guarded from this caller.
 */
int lane_run(struct lane *lane, int fd, const struct deletion *deletion, __u32 first, __u32 *count,
	     struct answer *answers)
{
	struct emulation *e;
	__u32 taken;
	int err;

	err = get_emulation(lane, fd, deletion, &e);
	if (err)
		return err;
	taken = write_requests(lane, e, deletion, first, *count);
	err = run_in_turn(lane, e, taken, answers);
	if (err == -ESTALE || err == -ETIMEDOUT)
		lane_drop(lane, deletion);
	if (err)
		return err;
	if (e->asks & ASKS_VALUE)
		read_values(lane, e, deletion, first, taken, answers);
	*count = taken;
	return 0;
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
