/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What hooks.sh puts into the datapath's half of the flow table. The rule that is taken out is a constant by the
 * time that the program is loaded, so that the verifier sees no trace of the other way.
 */
#ifndef SELFTESTS_FLOWTAB_HOOKS_H
#define SELFTESTS_FLOWTAB_HOOKS_H

#define WITHOUT(rule) (without == WITHOUT_##rule)

/* At the worst moment, for somewhat longer than it takes another CPU to get through. */
__attribute__((noinline)) int pause(void)
{
	__u32 random = bpf_get_prandom_u32();
	__u64 sum = 0;

	if (random >= pauses)
		return 0;
	for (__u32 i = 0; i < 64 && i < (random & 63); i++)
		sum += bpf_ktime_get_ns();
	return sum;
}

#define IS_LATER(is) (WITHOUT(MAX) || (is))

#define VISIT_EXCHANGE(at, seen, word)                                                             \
	(pause(), WITHOUT(EXCHANGE) ? (*(volatile __u64 *)__bpf_flowtab_at(at) = (word), 1)        \
				    : __bpf_flowtab_exchange(at, seen, word))

#define KILL_EXCHANGE(at, seen, word)                                                              \
	(pause(), WITHOUT(KILL) || __bpf_flowtab_exchange(at, seen, word))

#define TENT_FIRST (!WITHOUT(TENT))
#define TENT_LAST  (pause(), WITHOUT(TENT))
#define BOTH_KEYS  (!WITHOUT(SECOND))

#endif /* SELFTESTS_FLOWTAB_HOOKS_H */
