// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * One at a time, in the order in which they came: a mutex alone lets some wait for long.
 */
#include "compare_internal.h"

void turn_take(struct turn *turn)
{
	__u64 mine;

	pthread_mutex_lock(&turn->lock);
	for (mine = turn->given++; turn->now != mine;)
		pthread_cond_wait(&turn->next, &turn->lock);
	pthread_mutex_unlock(&turn->lock);
}

void turn_pass(struct turn *turn)
{
	pthread_mutex_lock(&turn->lock);
	turn->now++;
	pthread_cond_broadcast(&turn->next);
	pthread_mutex_unlock(&turn->lock);
}

/* Runs with a claim take turns, as two at once might take each other's claims for their own. */
#define TURN_BITS 4

static struct turn claim_turns[1 << TURN_BITS] = {
	TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT,
	TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT,
};

/* One for all runs on a map; some other maps have the same, which costs time alone. */
struct turn *claim_turn(__u32 map_id)
{
	return &claim_turns[map_id & ((1 << TURN_BITS) - 1)];
}

/* In a child the threads that had a turn, or waited for one, are not there. */
void turns_start_afresh(void)
{
	static const struct turn fresh = TURN_INIT;

	for (size_t i = 0; i < ARRAY_LEN(claim_turns); i++)
		claim_turns[i] = fresh;
}
