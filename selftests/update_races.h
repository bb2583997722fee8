/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Updates beside programs that write in place: who runs those meanwhile, and how long.
 */
#ifndef SELFTESTS_UPDATE_RACES_H
#define SELFTESTS_UPDATE_RACES_H

#include <pthread.h>
#include <stdatomic.h>
#include "common.h"
#include "cpus.h"
#include "interrupts.h"
#include "update_shared.h"
#include "test_update.skel.h"

#define PROG BPF_MAP_COMPARE_SYSCALL_PROG

/* How many operations: enough for a test, or, with STRESS, to believe it. */
static inline unsigned long many(unsigned long at_length)
{
	return getenv("STRESS")		? at_length
	       : getenv("SLOW_MACHINE") ? at_length / 20000
					: at_length / 100;
}

/* Fresh maps and programs, with room for so many counters; on an LRU map for more. */
static inline struct test_update_bpf *load(__u32 type, __u32 max_entries)
{
	struct test_update_bpf *skel = test_update_bpf__open();

	if (!skel || bpf_map__set_type(skel->maps.counters, type) ||
	    bpf_map__set_max_entries(skel->maps.counters,
				     type == BPF_MAP_TYPE_LRU_HASH ? 4096 : max_entries))
		tap_bail("test_update_bpf");
	bpf_program__set_autoload(skel->progs.interrupt, kernel_has("asks"));
	if (test_update_bpf__load(skel))
		tap_bail("test_update_bpf__load");
	return skel;
}

/* With all counters there. */
static inline struct test_update_bpf *load_counters(__u32 type)
{
	struct test_update_bpf *skel = load(type, UPDATE_KEYS);
	struct counter counter = {};

	for (__u32 key = 0; key < UPDATE_KEYS; key++)
		put(bpf_map__fd(skel->maps.counters), &key, &counter);
	return skel;
}

/* This thread's, where the kernel has tracing: so what takes one at a certain moment meets it. */
static inline struct bpf_link *interrupt(const struct test_update_bpf *skel)
{
	return kernel_has("asks") ? interrupt_this_thread(skel->progs.interrupt, 20000) : NULL;
}

/* A thread that does something until it is told to stop. */
struct beside {
	void (*step)(struct beside *beside);
	struct bpf_program *program;	     /* run by run_program() */
	struct test_update_bpf *interrupted; /* all the time, by a program of it; or NULL */
	void *arg;
	_Atomic bool stop;
	pthread_t thread;
};

static inline void run_program(struct beside *beside)
{
	char packet[64] = "";
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = 1000);

	if (bpf_prog_test_run_opts(bpf_program__fd(beside->program), &opts))
		tap_bail("bpf_prog_test_run_opts");
}

static inline void *beside_thread(void *arg)
{
	struct bpf_link *interrupts = NULL;
	struct beside *beside = arg;

	if (beside->interrupted)
		interrupts = interrupt(beside->interrupted);
	pin_to_cpu(1);
	while (!beside->stop)
		beside->step(beside);
	bpf_link__destroy(interrupts);
	return NULL;
}

static inline void beside_start(struct beside *beside)
{
	beside->stop = false;
	if (pthread_create(&beside->thread, NULL, beside_thread, beside))
		tap_bail("pthread_create");
}

static inline void beside_end(struct beside *beside)
{
	beside->stop = true;
	pthread_join(beside->thread, NULL);
}

#endif /* SELFTESTS_UPDATE_RACES_H */
