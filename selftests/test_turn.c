// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Turns are taken one at a time, by those who wait in the order in which they came, and they wait for few.
 */
#include "tap.h"
#include "../libbpf/turn.c"

#define THREADS 40

static struct turn turn = TURN_INIT;
static int order[THREADS], taken, inside, surprises;

static void *wait_for_turn(void *number)
{
	turn_take(&turn);
	surprises += inside++;
	order[taken++] = (int)(long)number;
	inside--;
	turn_pass(&turn);
	return NULL;
}

static __u64 waiting(void)
{
	__u64 number;

	pthread_mutex_lock(&turn.lock);
	number = turn.given - turn.now;
	pthread_mutex_unlock(&turn.lock);
	return number;
}

static bool stop;

static void *take_all_the_time(void *unused)
{
	(void)unused;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		turn_take(&turn);
		turn_pass(&turn);
	}
	return NULL;
}

/* Of turns that others take while one waits, few come ahead of it. */
static void test_waiting(void)
{
	__u32 most = 0;
	pthread_t thread;

	if (pthread_create(&thread, NULL, take_all_the_time, NULL))
		tap_bail("pthread_create");
	for (int i = 0; i < 2000; i++) {
		turn_take(&turn);
		most = turn.ahead > most ? turn.ahead : most;
		turn_pass(&turn);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	tap_ok(most <= AHEAD_MAX, "at most %u turns were taken ahead", most);
}

int main(void)
{
	pthread_t threads[THREADS];
	bool in_order = true;

	turn_take(&turn);
	for (long i = 0; i < THREADS; i++) {
		if (pthread_create(&threads[i], NULL, wait_for_turn, (void *)i))
			tap_bail("pthread_create");
		while (waiting() < (__u64)i + 1)
			usleep(100);
	}
	tap_is(taken, 0, "nobody has a turn while another has");
	turn_pass(&turn);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < THREADS; i++)
		in_order &= order[i] == i;
	tap_ok(in_order && taken == THREADS, "%d threads in the order in which they came", THREADS);
	tap_is(surprises, 0, "one at a time");
	test_waiting();
	return tap_done();
}
