// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The programs that race on flow tables. They write down what they were told, and what they find amiss.
 * Compiled for tables with KEYS keys a record, 1 or 2; on the header as it is, and on what hooks.sh makes of it.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>
#include "races.h"

const volatile __u32 without; /* enum rule */
const volatile __u32 pauses;  /* of 2^32 exchanges */
struct races races;

#include "hooks.h"
#include <bpf/bpf_flowtab.h>

#if KEYS == 1
BPF_FLOWTAB(flows, struct race_key, struct race_value, 8)
#else
BPF_FLOWTAB_PAIRS(flows, struct race_key, struct race_value, 8)
#endif

static __always_inline bool chance(__u32 of)
{
	return bpf_get_prandom_u32() < of;
}

static long spin(__u32 i, __u64 *until)
{
	return bpf_ktime_get_ns() >= *until;
}

static __always_inline void wait_for(__u64 ns)
{
	__u64 until = bpf_ktime_get_ns() + ns;

	bpf_loop(1 << 20, spin, &until, 0);
}

/* A pause is short mostly, and as long as it may be at times. */
static __always_inline void wait_a_while(void)
{
	wait_for(chance(1 << 20) ? races.limit / 2 : bpf_get_prandom_u32() & 4095);
}

static __always_inline __u64 to_time(__u64 real)
{
	return races.base + ((real - races.began) << races.faster);
}

static __always_inline __u64 to_stamp(__u64 time)
{
	return ((bpf_flowtab_ticks(time) - bpf_flowtab_ticks(races.base)) & BPF_FLOWTAB_TIME_MASK) +
	       1;
}

static __always_inline bool is_others(volatile struct race_value *value, __u32 number)
{
	return value->number != number || value->stamps[0] != number ||
	       value->stamps[1] != number || value->stamps[2] != number ||
	       value->stamps[3] != number;
}

/* Who was told of an entry may read and write its value. */
static __always_inline void use(struct writer *writer, __u32 by, struct race_value *told,
				__u32 number, __u64 time, bool created)
{
	volatile struct race_value *value = told;
	struct life *life = &races.lives[value->life & (LIVES - 1)];

	if (created) {
		life->number = number;
		life->slot = (__u32)(long)told;
		life->created = to_stamp(time);
	}
	life->told[by] = to_stamp(time);
	if (is_others(value, number))
		writer->damaged++;
	if (chance(races.chances.hold))
		wait_a_while();
	value->stamps[by] = number;
	if (is_others(value, number))
		writer->damaged++;
}

static __always_inline __u32 pick(void)
{
	return bpf_get_prandom_u32() %
		       (chance(races.chances.hot) && races.keys > 16 ? 16 : races.keys) &
	       0xffffff;
}

static __always_inline int tell_of(struct writer *writer, int answer)
{
	if (answer == BPF_FLOWTAB_FULL)
		writer->full++;
	else if (answer == BPF_FLOWTAB_CHANGING)
		writer->changing++;
	else if (answer == BPF_FLOWTAB_EXISTS || answer == BPF_FLOWTAB_CREATING)
		writer->refused++;
	else
		writer->damaged++;
	return 0;
}

/* Of a pair number n has the keys 2n and 2n + 1; either is the first one. */
static __always_inline void set_keys(__u32 number, struct race_key *key, struct race_key *second)
{
	__u32 other = bpf_get_prandom_u32() & 1;

	key->number = KEYS == 1 ? number : 2 * (__u64)number + other;
	second->number = key->number ^ 1;
}

static __always_inline int create_entry(const struct race_key *key, const struct race_key *second,
					const struct race_value *initial, __u64 time,
					struct race_value **value)
{
#if KEYS == 1
	return bpf_flowtab_create(flows, key, initial, time, 0, races.flags, value);
#else
	return bpf_flowtab_create_pair(flows, key, second, initial, time, 0, races.flags, value);
#endif
}

static __always_inline int create_life(struct writer *writer, __u32 number,
				       const struct race_key *key, const struct race_key *second,
				       __u64 time, struct race_value **value)
{
	struct race_value initial = { .number = number,
				      .stamps = { number, number, number, number } };
	int answer;

	if (!writer->next_life)
		writer->next_life = 1 + __sync_fetch_and_add(&races.nr_lives, 1);
	if (writer->next_life > LIVES) {
		races.full = 1;
		return BPF_FLOWTAB_FULL;
	}
	initial.life = writer->next_life - 1;
	answer = create_entry(key, second, &initial, time, value);
	if (answer == BPF_FLOWTAB_DONE) {
		writer->next_life = 0;
		writer->created++;
	}
	return answer;
}

/* What a datapath does of a packet: refreshes the entry or creates it; or deletes it. */
static __always_inline int visit_number(__u32 by, __u32 number)
{
	struct writer *writer = &races.writers[by &= WRITERS - 1];
	__u64 start = bpf_ktime_get_ns(), time = to_time(start);
	struct race_value *value = NULL;
	struct race_key key, second;
	bool created = false;
	int answer;

	set_keys(number, &key, &second);
	writer->visiting = number;
	if (races.full)
		return 0;
	if (chance(races.chances.delete)) {
		answer = bpf_flowtab_delete(flows, &key);
		if (answer == BPF_FLOWTAB_DONE)
			writer->deleted++;
		return answer <= BPF_FLOWTAB_NO_ENTRY ? 0 : tell_of(writer, answer);
	}
	if (chance(races.chances.late))
		wait_a_while();
	answer = bpf_flowtab_refresh(flows, &key, time, BPF_FLOWTAB_SAME_CLASS, &value);
	if (answer == BPF_FLOWTAB_DONE) {
		writer->refreshed++;
	} else if (answer == BPF_FLOWTAB_NO_ENTRY) {
		answer = create_life(writer, number, &key, &second, time, &value);
		created = true;
	}
	if (answer != BPF_FLOWTAB_DONE || !value)
		return tell_of(writer, answer);
	use(writer, by, value, number, time, created);
	if (bpf_ktime_get_ns() - start > races.limit)
		writer->overlong++;
	return 0;
}

SEC("tc") int visit(struct __sk_buff *packet)
{
	return visit_number(packet->mark, pick());
}

/* Half of the time the very key that is being visited. */
SEC("perf_event") int interrupt_visit(void *context)
{
	__u32 by = bpf_get_attach_cookie(context) & (WRITERS - 1);
	__u32 visiting = races.writers[by ^ 2].visiting & 0xffffff;

	return visit_number(by, chance(1u << 31) ? visiting : pick());
}

/* Creates that race: of a step's key, or pair, by both CPUs at one time, and whoever interrupts them. */

/* Of a key that has an entry already that is another one. */
static __always_inline void add(struct writer *writer, __u64 key)
{
	if (__sync_fetch_and_add(&races.there[key & (STEP_KEYS - 1)], 1))
		writer->twins++;
}

static __always_inline void take_away(__u64 key)
{
	__sync_fetch_and_add(&races.there[key & (STEP_KEYS - 1)], -1);
}

/* Of pairs most share both keys; or the first one, the second one, or one that is the other's second. */
static __always_inline void set_step_keys(__u32 by, __u32 step, struct race_key *key,
					  struct race_key *second)
{
	__u32 one = 8 * step, other = one + 1, own = one + 2 + by;

	key->number = second->number = one;
	if (KEYS == 1)
		return;
	if (chance(1u << 31)) {
		one = other;
		other = 8 * step;
	}
	if (chance(races.chances.second))
		other = own;
	if (chance(1u << 31)) {
		key->number = one;
		second->number = other;
	} else {
		key->number = other;
		second->number = one;
	}
}

static __always_inline int race_to_create(__u32 by, __u32 step)
{
	struct writer *writer = &races.writers[by &= WRITERS - 1];
	struct race_value initial = {}, *value;
	struct race_key key, second;
	int answer;

	set_step_keys(by, races.churn ? step % races.churn : step, &key, &second);
	answer = create_entry(&key, &second, &initial, to_time(bpf_ktime_get_ns()), &value);
	if (answer != BPF_FLOWTAB_DONE)
		return tell_of(writer, answer);
	writer->created++;
	add(writer, key.number);
	if (KEYS == 2)
		add(writer, second.number);
	if (!races.churn)
		return 0;
	take_away(key.number);
	if (KEYS == 2)
		take_away(second.number);
	if (bpf_flowtab_delete(flows, &key) == BPF_FLOWTAB_DONE)
		writer->deleted++;
	else
		writer->damaged++;
	return 0;
}

struct both {
	__u32 by;
	__u32 step;
};

static long meet(__u32 i, struct both *both)
{
	return *(volatile __u32 *)&races.writers[(both->by ^ 1) & (WRITERS - 1)].step >= both->step;
}

SEC("tc") int create(struct __sk_buff *packet)
{
	struct both both = { .by = packet->mark & 1 };
	struct writer *writer = &races.writers[both.by];

	both.step = writer->step + 1;
	if (both.step >= STEPS)
		return 0;
	*(volatile __u32 *)&writer->step = both.step;
	bpf_loop(races.patience, meet, &both, 0);
	return race_to_create(both.by, both.step);
}

SEC("perf_event") int interrupt_create(void *context)
{
	__u32 by = bpf_get_attach_cookie(context) & (WRITERS - 1);
	__u32 step = races.writers[by ^ 2].step;

	return step ? race_to_create(by, step) : 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
