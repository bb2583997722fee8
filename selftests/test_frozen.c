// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A map that is frozen while a batch is deleted from it loses no more than the one entry whose delete has
 * begun; where the program cannot ask, what its run still takes.
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

static __u32 present(void)
{
	__u32 value, count = 0;

	for (__u32 i = 0; i < KEYS; i++)
		count += !bpf_map_lookup_elem(fd, &keys[i], &value);
	return count;
}

static bool is_there(__u32 key)
{
	__u32 value;

	return !bpf_map_lookup_elem(fd, &key, &value);
}

/* Freezes it when about a third is gone; how many vanish afterwards. */
static __u32 freeze_midway(bool *midway)
{
	__u32 at_freeze, at_end, counted = 0;
	pthread_t thread;
	void *answer;

	fd = make_map(BPF_MAP_TYPE_HASH, sizeof(__u32), sizeof(__u32), KEYS, 0);
	for (__u32 i = 0; i < KEYS; i++) {
		keys[i] = i;
		put(fd, &i, &i);
	}
	if (pthread_create(&thread, NULL, delete_all, NULL))
		tap_bail("pthread_create");
	while (is_there(KEYS / 3))
		;
	if (bpf_map_freeze(fd))
		tap_bail("bpf_map_freeze");
	at_freeze = present();
	pthread_join(thread, &answer);
	at_end = present();
	*midway = at_end > 0;
	for (__u32 i = 0; i < KEYS; i++)
		counted += !results[i];
	if (*midway)
		tap_is((long)answer, -EPERM, "the batch is told");
	tap_is(counted, KEYS - at_end, "what was deleted is what the results say");
	bpf_map_compare_release(fd);
	close(fd);
	return at_freeze - at_end;
}

int main(void)
{
	const __u32 allowed = kernel_has("asks") ? 1 : RUN;
	__u32 vanished, most = 0, met = 0;
	bool midway;

	if (!kernel_has("syscall_prog")) {
		tap_skip("frozen maps", "this kernel has no syscall programs");
		return tap_done();
	}
	for (int round = 0; round < 20 && met < 5; round++) {
		vanished = freeze_midway(&midway);
		met += midway;
		most = vanished > most ? vanished : most;
	}
	printf("# %u rounds were frozen midway, %u entries vanished at most\n", met, most);
	tap_ok(most <= allowed, "at most %u entries vanish from a frozen map", allowed);
	return tap_done();
}
