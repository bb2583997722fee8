// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * One at a time. Those who have to wait sleep, and have their turn in the order in which they came. Whoever
 * comes while nobody has a turn need not wait for a sleeper to be up, which takes longer than most turns: but
 * so many times only, or the sleeper would wait for long.
 */
#include "compare_internal.h"

#define AHEAD_MAX 16

void turn_take(struct turn *turn)
{
	__u64 mine;

	pthread_mutex_lock(&turn->lock);
	if (turn->taken || (turn->given != turn->now && turn->ahead == AHEAD_MAX)) {
		for (mine = turn->given++; turn->taken || turn->now != mine;)
			pthread_cond_wait(&turn->next, &turn->lock);
		turn->now++;
		turn->ahead = 0;
	} else if (turn->given != turn->now) {
		turn->ahead++;
	}
	turn->taken = true;
	pthread_mutex_unlock(&turn->lock);
}

void turn_pass(struct turn *turn)
{
	pthread_mutex_lock(&turn->lock);
	turn->taken = false;
	if (turn->given != turn->now)
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
