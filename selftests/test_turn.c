// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Turns are taken in the order in which they were asked for, one at a time.
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

static __u64 asked(void)
{
	__u64 given;

	pthread_mutex_lock(&turn.lock);
	given = turn.given;
	pthread_mutex_unlock(&turn.lock);
	return given;
}

int main(void)
{
	pthread_t threads[THREADS];
	bool in_order = true;

	turn_take(&turn);
	for (long i = 0; i < THREADS; i++) {
		if (pthread_create(&threads[i], NULL, wait_for_turn, (void *)i))
			tap_bail("pthread_create");
		while (asked() < (__u64)i + 2)
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
	return tap_done();
}
