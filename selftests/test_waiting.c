// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Calls by file descriptor wait for nobody: while many threads are in the middle of theirs, on one map, one
 * more is served at once.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include "faults.h"

#define THREADS 24
#define PROG	BPF_MAP_COMPARE_SYSCALL_PROG

/* The system calls of a call whose program is kept: what is behind the fd, its mode, the run. */
#define THE_RUN 2

static const __u32 key = 1;
static const __u64 was = 1, other = 2;
static int fd;
static pthread_barrier_t midway;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

/* In the middle of a call; and goes on when the gate opens. */
static void stop(void)
{
	pthread_barrier_wait(&midway);
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
}

static void *call_and_stop(void *unused)
{
	long err;

	(void)unused;
	/* One that is loaded anew takes more calls, and stops among them. */
	fault_arm_event(stop, THE_RUN);
	err = delete_if(fd, &key, &other, 0, 0, PROG);
	if (!fault_disarm())
		pthread_barrier_wait(&midway);
	return (void *)err;
}

static void *call(void *unused)
{
	long err = delete_if(fd, &key, &other, 0, 0, PROG);

	(void)unused;
	return (void *)err;
}

int main(void)
{
	pthread_t threads[THREADS], one_more;
	struct timespec limit;
	void *answer;
	int wrong = 0;

	if (!kernel_has("syscall_prog")) {
		tap_skip("waiting", "this kernel has no syscall programs");
		return tap_done();
	}
	fd = make_map(BPF_MAP_TYPE_HASH, sizeof(key), sizeof(was), 4, 0);
	put(fd, &key, &was);
	tap_is(delete_if(fd, &key, &other, 0, 0, PROG), -EBUSY, "a program is kept");
	pthread_barrier_init(&midway, NULL, THREADS + 1);
	pthread_mutex_lock(&gate);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, call_and_stop, NULL))
			tap_bail("pthread_create");
	pthread_barrier_wait(&midway);

	if (pthread_create(&one_more, NULL, call, NULL))
		tap_bail("pthread_create");
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += 120;
	/* Whoever waits for those that stopped would wait for ever. */
	if (!tap_ok(!pthread_timedjoin_np(one_more, &answer, &limit),
		    "one more than %d calls is served", THREADS)) {
		tap_done();
		_exit(1);
	}
	tap_is((long)answer, -EBUSY, "and answered");
	pthread_mutex_unlock(&gate);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &answer);
		wrong += (long)answer != -EBUSY;
	}
	tap_is(wrong, 0, "as are the others");
	bpf_map_compare_release(fd);
	close(fd);
	return tap_done();
}
