// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A map that is frozen while a batch is deleted from it, or updated in it, loses no more than the one entry
 * whose delete has begun, nor is more than that one written to; where the program cannot ask, what its run
 * still takes.
 */
#include <pthread.h>
#include "common.h"

#define KEYS 20000
#define RUN  512

static int fd;
static __u32 keys[KEYS];
static int results[KEYS];

static void *delete_all(void *unused)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE, .compare = keys,
		    .results = results, .backend = BPF_MAP_COMPARE_SYSCALL_PROG);
	__u32 count = KEYS;
	long err;

	(void)unused;
	err = bpf_map_delete_batch_opts(fd, keys, &count, &opts);
	return (void *)err;
}

/* Each value becomes another one: by KEYS more, in either way. */
static long update_all(__u64 flags)
{
	LIBBPF_OPTS(bpf_map_update_batch_opts, opts, .elem_flags = flags, .results = results);
	static __u32 others[KEYS], addends[KEYS];
	__u32 count = KEYS;

	for (__u32 i = 0; i < KEYS; i++) {
		others[i] = keys[i] + KEYS;
		addends[i] = KEYS;
	}
	if (flags & BPF_F_IN_PLACE)
		opts.op = BPF_MAP_UPDATE_ADD;
	else
		opts.compare = keys;
	return bpf_map_update_batch_opts(fd, keys, opts.op ? addends : others, &count, &opts);
}

static void *replace_all(void *unused)
{
	(void)unused;
	return (void *)update_all(BPF_F_COMPARE);
}

static void *add_to_all(void *unused)
{
	(void)unused;
	return (void *)update_all(BPF_F_IN_PLACE);
}

static bool is_as_it_was(__u32 key)
{
	__u32 value;

	return !bpf_map_lookup_elem(fd, &key, &value) && value == key;
}

/* A batch goes from the first key to the last: so this is found before many more could be changed. */
static __u32 as_they_were(void)
{
	__u32 changed = 0, not_changed = KEYS;

	while (changed < not_changed) {
		__u32 middle = (changed + not_changed) / 2;

		if (is_as_it_was(keys[middle]))
			not_changed = middle;
		else
			changed = middle + 1;
	}
	return KEYS - changed;
}

/* Freezes it when about a third is gone, or written to; how many are afterwards. */
static __u32 freeze_midway(void *(*change_all)(void *), bool *midway)
{
	__u32 at_freeze, at_end, counted = 0;
	pthread_t thread;
	void *answer;

	fd = make_map(BPF_MAP_TYPE_HASH, sizeof(__u32), sizeof(__u32), KEYS, 0);
	for (__u32 i = 0; i < KEYS; i++) {
		keys[i] = i;
		put(fd, &i, &i);
	}
	if (pthread_create(&thread, NULL, change_all, NULL))
		tap_bail("pthread_create");
	while (is_as_it_was(KEYS / 3))
		;
	if (bpf_map_freeze(fd))
		tap_bail("bpf_map_freeze");
	at_freeze = as_they_were();
	pthread_join(thread, &answer);
	at_end = as_they_were();
	*midway = at_end > 0;
	for (__u32 i = 0; i < KEYS; i++)
		counted += !results[i];
	if (*midway)
		tap_is((long)answer, -EPERM, "the batch is told");
	tap_is(counted, KEYS - at_end, "what was done is what the results say");
	bpf_map_compare_release(fd);
	close(fd);
	return at_freeze - at_end;
}

static void test(void *(*change_all)(void *), const char *what)
{
	const __u32 allowed = kernel_has("asks") ? 1 : RUN;
	__u32 changed, most = 0, met = 0;
	bool midway;

	for (int round = 0; round < 20 && met < 5; round++) {
		changed = freeze_midway(change_all, &midway);
		met += midway;
		most = changed > most ? changed : most;
	}
	printf("# %u rounds were frozen midway, %u entries %s afterwards at most\n", met, most,
	       what);
	tap_ok(most <= allowed, "at most %u entries %s in a frozen map", allowed, what);
}

int main(void)
{
	if (!kernel_has("syscall_prog")) {
		tap_skip("frozen maps", "this kernel has no syscall programs");
		return tap_done();
	}
	test(delete_all, "vanish");
	test(replace_all, "are replaced");
	if (can_write_in_place())
		test(add_to_all, "are added to");
	return tap_done();
}
