// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A process that was just forked starts afresh once, whichever thread comes first, and whoever waits for
 * that sleeps: a thread that spins keeps one of lower priority on its CPU from ever coming to an end.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <sys/wait.h>
#include "tap.h"
#include "../libbpf/fork.c"

static pthread_t waiter;
static bool waits;
static int starts;
static __u64 waiter_number;
static double waiter_seconds;

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void *wait_for_start(void *unused)
{
	(void)unused;
	__atomic_store_n(&waits, true, __ATOMIC_SEQ_CST);
	process_number(&waiter_number);
	waiter_seconds = cpu_seconds();
	return NULL;
}

static void start_waiter(void)
{
	struct sched_param param = { .sched_priority = 1 };
	pthread_attr_t attr;
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(sched_getcpu(), &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu);
	pthread_attr_init(&attr);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
	pthread_attr_setschedparam(&attr, &param);
	if (pthread_create(&waiter, &attr, wait_for_start, NULL))
		tap_bail("pthread_create");
}

/* What the library does then. */
void kept_drop_all(void)
{
	double until;

	if (!starts++)
		return;
	start_waiter();
	while (!__atomic_load_n(&waits, __ATOMIC_SEQ_CST))
		sched_yield();
	for (until = cpu_seconds() + 0.05; cpu_seconds() < until;)
		;
}

void turns_start_afresh(void)
{
}

void print_start_afresh(void)
{
}

static int in_child(__u64 parents)
{
	__u64 mine;

	process_number(&mine);
	pthread_join(waiter, NULL);
	printf("# the thread of higher priority used %.3f s\n", waiter_seconds);
	return (mine != parents + 1) + 2 * (waiter_number != mine) + 4 * (starts != 2) +
	       8 * (waiter_seconds > 0.4);
}

int main(void)
{
	__u64 number, again;
	int status;
	pid_t child;

	tap_is(process_number(&number), 0, "which process this is");
	tap_is(process_number(&again), 0, "once more");
	tap_ok(number == again && starts == 1, "it started once");
	fflush(stdout);
	/* Without the C library, so that no handler of it runs. */
	child = (pid_t)syscall(__NR_clone, SIGCHLD, 0, 0, 0, 0);
	if (!child)
		_exit(in_child(number));
	if (waitpid(child, &status, 0) != child)
		tap_bail("waitpid");
	tap_ok(WIFEXITED(status), "a child comes to an end");
	tap_is(WEXITSTATUS(status), 0,
	       "as another process, for both threads, once, without spinning");
	return tap_done();
}
