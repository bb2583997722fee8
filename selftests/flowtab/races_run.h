/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Runs the programs of races.bpf.c on threads of two CPUs, round after round, and counts what came of it. Who
 * includes it defines _GNU_SOURCE.
 */
#ifndef SELFTESTS_FLOWTAB_RACES_RUN_H
#define SELFTESTS_FLOWTAB_RACES_RUN_H

#include <pthread.h>
#include <sys/mman.h>
#include <bpf/bpf_flowtab.h>
#include "clock.h"
#include "cpus.h"
#include "interrupts.h"
#include "object.h"
#include "races.h"
#include "races_1.skel.h"
#include "races_2.skel.h"
#include "hooked_races_1.skel.h"
#include "hooked_races_2.skel.h"

/* Of all collectors, which may be other processes. */
struct signs {
	_Atomic bool stop;
	_Atomic __u64 deletes;
	_Atomic __u64 by_key; /* of which nobody knows what they ended */
};

struct field {
	bool pairs;
	enum rule without;
	__u32 pauses; /* of 2^32 exchanges; with them or a rule left out, the header is the one with hooks */
	__u32 max_entries;
	const char *program;   /* of both CPUs */
	const char *interrupt; /* of them; or NULL */

	struct bpf_flowtab *table;
	struct bpf_flowtab_info info;
	char *memory; /* the arena's */
	struct bpf_object *object;
	struct bpf_program *programs[2]; /* program, interrupt */
	struct races *races;
	struct signs *signs;
};

static inline bool is_slow(void)
{
	return getenv("SLOW_MACHINE");
}

/* How much of everything: the long form, the short one, or what a slow machine can do. */
static inline unsigned long scaled(unsigned long stress)
{
	return stress / (getenv("STRESS") ? 1 : is_slow() ? 2000 : 50);
}

/* A tick is 2^20 ns of the programs' time: so it is about a microsecond, or 32. */
static inline __u32 faster(void)
{
	return is_slow() ? 5 : 10;
}

/* Of the programs' time; a run is to end within a grace. */
#define GRACE_MS 4000
#define LIMIT_MS 3000

static inline void create_race_table(struct field *field)
{
	LIBBPF_OPTS(bpf_flowtab_create_opts, opts, .key_size = sizeof(struct race_key),
		    .value_size = sizeof(struct race_value), .max_entries = field->max_entries,
		    .keys = field->pairs ? 2 : 1, .slots = 8, .grace_ms = GRACE_MS);
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);

	field->table = bpf_flowtab__create("flows", &opts);
	if (!field->table)
		tap_bail("no table: %s", bpf_flowtab_reason());
	bpf_flowtab__info(field->table, &field->info);
	if (bpf_obj_get_info_by_fd(bpf_flowtab__fd(field->table), &info, &size))
		tap_bail("bpf_obj_get_info_by_fd");
	field->memory = (char *)info.map_extra;
	if (field->without == WITHOUT_GRACE)
		((struct bpf_flowtab_head *)field->memory)->grace = 0;
}

static inline void load_race_programs(struct field *field)
{
	static const elf_bytes bytes[2][2] = {
		{ races_1_bpf__elf_bytes, races_2_bpf__elf_bytes },
		{ hooked_races_1_bpf__elf_bytes, hooked_races_2_bpf__elf_bytes },
	};
	bool hooked = field->without != WITHOUT_NONE || field->pauses;
	struct hooked_races_1_bpf__rodata constants = { .without = field->without,
							.pauses = field->pauses };
	const char *names[2] = { field->program, field->interrupt };
	struct bpf_program *program;

	field->object = open_object(bytes[hooked][field->pairs]);
	bpf_object__for_each_program(program, field->object)
	{
		bool wanted = false;

		for (int i = 0; i < 2; i++)
			if (names[i] && !strcmp(bpf_program__name(program), names[i])) {
				field->programs[i] = program;
				wanted = true;
			}
		bpf_program__set_autoload(program, wanted);
	}
	if (bpf_map__reuse_fd(map_of_type(field->object, 33 /* BPF_MAP_TYPE_ARENA */),
			      bpf_flowtab__fd(field->table)))
		tap_bail("cannot reuse the table's map");
	if (hooked && bpf_map__set_initial_value(map_of_section(field->object, ".rodata"),
						 &constants, sizeof(constants)))
		tap_bail("cannot say which rule is taken out");
	if (bpf_object__load(field->object))
		tap_bail("cannot load %s", field->program);
	field->races = map_bss(field->object, sizeof(*field->races));
	field->signs = mmap(NULL, sizeof(*field->signs), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (field->signs == MAP_FAILED)
		tap_bail("mmap");
}

static inline void open_field(struct field *field)
{
	create_race_table(field);
	load_race_programs(field);
}

static inline void close_field(struct field *field)
{
	munmap(field->races, sizeof(*field->races));
	munmap(field->signs, sizeof(*field->signs));
	bpf_object__close(field->object);
	bpf_flowtab__close(field->table);
}

static inline __u64 *race_word(const struct field *field, __u32 slot)
{
	return (__u64 *)(field->memory + bpf_flowtab_words(slot / field->info.slots,
							   field->info.keys, field->info.slots)) +
	       slot % field->info.slots;
}

/* The table is empty again, nobody being there, and the programs' time begins. */
static inline void start_round(struct field *field, __u32 keys, __u32 flags, struct chances chances)
{
	struct races *races = field->races;
	__u64 base = clock_ns() - (1ull << (BPF_FLOWTAB_TIME_BITS + BPF_FLOWTAB_TICK_SHIFT - 1));
	__u64 long_ago = bpf_flowtab_ticks(base) - (1 << 20);

	memset(races, 0, sizeof(*races));
	races->began = clock_ns();
	races->base = base;
	races->faster = faster();
	races->limit = LIMIT_MS * 1000000ull >> races->faster;
	races->keys = keys;
	races->flags = flags;
	races->patience = is_slow() ? 5000 : 300;
	races->chances = chances;
	for (__u32 slot = 0; slot < field->info.all_slots; slot++) {
		*race_word(field, slot) = long_ago << BPF_FLOWTAB_TIME_SHIFT;
		if (field->pairs)
			race_word(field, slot)[field->info.slots] = 0;
	}
	field->signs->stop = false;
	field->signs->deletes = field->signs->by_key = 0;
}

static inline __u64 stamp_of(const struct field *field, __u64 word)
{
	return (((word >> BPF_FLOWTAB_TIME_SHIFT) - bpf_flowtab_ticks(field->races->base)) &
		BPF_FLOWTAB_TIME_MASK) +
	       1;
}

/* A CPU's thread. */
struct runner {
	struct field *field;
	__u32 writer;
	pthread_t thread;
};

static inline void run_program(struct runner *runner, __u32 repeat)
{
	struct __sk_buff context = { .mark = runner->writer };
	char packet[64] = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet),
		    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = repeat);

	if (bpf_prog_test_run_opts(bpf_program__fd(runner->field->programs[0]), &opts))
		tap_bail("cannot run %s", runner->field->program);
}

static inline struct bpf_link *interrupt_runner(struct runner *runner)
{
	struct bpf_program *program = runner->field->programs[1];

	pin_to_cpu(runner->writer);
	return program ? interrupt_this_thread_as(program, 20000, INTERRUPTS(runner->writer))
		       : NULL;
}

static inline void *run_until_stop(void *arg)
{
	struct runner *runner = arg;
	const volatile __u32 *full = &runner->field->races->full;
	struct bpf_link *link = interrupt_runner(runner);

	while (!runner->field->signs->stop && !*full)
		run_program(runner, 200);
	bpf_link__destroy(link);
	return NULL;
}

static inline void *run_steps(void *arg)
{
	struct runner *runner = arg;
	struct bpf_link *link = interrupt_runner(runner);

	run_program(runner, STEPS);
	bpf_link__destroy(link);
	return NULL;
}

static inline void start_runners(struct field *field, struct runner runners[2],
				 void *(*run)(void *))
{
	for (__u32 i = 0; i < 2; i++) {
		runners[i] = (struct runner){ field, i, 0 };
		if (pthread_create(&runners[i].thread, NULL, run, &runners[i]))
			tap_bail("pthread_create");
	}
}

static inline void join_runners(struct runner runners[2])
{
	for (int i = 0; i < 2; i++)
		pthread_join(runners[i].thread, NULL);
}

#endif /* SELFTESTS_FLOWTAB_RACES_RUN_H */
