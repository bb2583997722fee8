// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <bpf/bpf_compare.h>

#include "clock.h"
#include "fail.h"
#include "measure.h"

static cpu_set_t cpus;

int measure_init(void)
{
	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		fail_errno("sched_getaffinity");
	return CPU_COUNT(&cpus);
}

/* Binds this thread to the nth CPU there is. */
static void take_cpu(int nth)
{
	cpu_set_t mine;
	int cpu;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &cpus) && nth-- == 0)
			break;
	CPU_ZERO(&mine);
	CPU_SET(cpu, &mine);
	if (sched_setaffinity(0, sizeof(mine), &mine))
		fail_errno("cannot run on CPU %d", cpu);
}

struct worker {
	pthread_t thread;
	int cpu;
	struct job job;
	pthread_barrier_t *start;
	double cpu_ns, began, ended;
};

static void *work(void *arg)
{
	struct worker *worker = arg;
	double cpu_began;

	take_cpu(worker->cpu);
	pthread_barrier_wait(worker->start);
	worker->began = ns_by(CLOCK_MONOTONIC);
	cpu_began = ns_by(CLOCK_THREAD_CPUTIME_ID);
	job_run(&worker->job);
	worker->cpu_ns = ns_by(CLOCK_THREAD_CPUTIME_ID) - cpu_began;
	worker->ended = ns_by(CLOCK_MONOTONIC);
	return NULL;
}

/* Each thread has its share of the keys. The first is this one. */
static void run_once(const struct table *table, struct series *series, double *cpu_ns,
		     double *wall_ns)
{
	__u32 share = table->config->entries / series->threads;
	struct worker workers[THREADS_MAX];
	double began, ended, busiest = 0;
	pthread_barrier_t start;

	pthread_barrier_init(&start, NULL, series->threads);
	for (__u32 i = 0; i < series->threads; i++) {
		struct worker *worker = &workers[i];

		*worker = (struct worker){ .cpu = i, .start = &start };
		job_make(&worker->job, table, series->way, i * share, share);
		if (i && pthread_create(&worker->thread, NULL, work, worker))
			fail("cannot start a thread");
	}
	work(&workers[0]);
	series->deleted = 0;
	series->skipped = 0;
	began = workers[0].began;
	ended = workers[0].ended;
	for (__u32 i = 0; i < series->threads; i++) {
		struct worker *worker = &workers[i];

		if (i)
			pthread_join(worker->thread, NULL);
		began = worker->began < began ? worker->began : began;
		ended = worker->ended > ended ? worker->ended : ended;
		busiest = worker->cpu_ns > busiest ? worker->cpu_ns : busiest;
		series->deleted += worker->job.deleted;
		series->skipped += worker->job.skipped;
		job_free(&worker->job);
	}
	pthread_barrier_destroy(&start);
	*cpu_ns += busiest;
	*wall_ns += ended - began;
}

/* What a way says it did, and what the map says. */
static void check(const struct table *table, const struct series *series)
{
	__u32 spared = series->way->regards ? table->refreshed : 0;
	__u32 entries = table->config->entries, left = table_count_refreshed(table);

	if (series->deleted != entries - spared || series->skipped != spared || left != spared)
		fail("%s: %s, %u threads: %u deleted, %u skipped, %u left of %u entries, "
		     "%u of them refreshed",
		     table->config->name, series->way->name, series->threads, series->deleted,
		     series->skipped, left, entries, table->refreshed);
}

static void take_sample(const struct table *table, struct series *series, int round)
{
	const struct config *config = table->config;
	double cpu_ns = 0, wall_ns = 0, entries = (double)config->entries * config->repeats;

	for (__u32 i = 0; i < config->repeats; i++) {
		table_fill(table);
		table_refresh(table);
		run_once(table, series, &cpu_ns, &wall_ns);
		check(table, series);
	}
	series->cpu[round] = cpu_ns / entries;
	series->wall[round] = wall_ns / entries;
}

/* Where several threads are asked for, one alone is measured beside them. */
static void choose_series(struct result *result, const struct table *table, __u32 chosen)
{
	const struct config *config = result->config;

	for (const struct way *way = ways; way < ways + nr_ways; way++) {
		if (!(chosen >> (way - ways) & 1) || (way->collects && !config->collections) ||
		    !way_works(way, table))
			continue;
		for (__u32 threads = 1; threads <= config->threads; threads++) {
			if (result->nr_series == SERIES_MAX)
				fail("more than %d ways", SERIES_MAX);
			result->series[result->nr_series++] = (struct series){
				.way = way,
				.threads = threads,
			};
		}
	}
}

/*
 * In every round another series starts, and every second one goes the other way round: what one
 * leaves behind in caches and free lists must not fall on the same other each time.
 */
static struct series *nth_series(struct result *result, int round, int nth)
{
	int n = round % 2 ? result->nr_series - 1 - nth : nth;

	return &result->series[(n + round) % result->nr_series];
}

void measure(struct result *result, const struct config *config,
	     const struct measure_options *options)
{
	int rounds = options->rounds;
	struct table table;
	struct series *series;

	if (config->max_rounds && rounds > config->max_rounds)
		rounds = config->max_rounds;
	*result = (struct result){ .config = config, .rounds = rounds };
	take_cpu(0);
	table_make(&table, config);
	choose_series(result, &table, options->ways);
	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < result->nr_series; i++) {
			series = nth_series(result, round, i);
			options->progress(config, round, rounds, series->way);
			take_sample(&table, series, round);
		}
	}
	if (bpf_map_compare_release(table.fd))
		fail_errno("%s: cannot let go of the map", config->name);
	table_free(&table);
}

const struct series *result_series(const struct result *result, const char *way, __u32 threads)
{
	for (int i = 0; i < result->nr_series; i++)
		if (result->series[i].threads == threads &&
		    !strcmp(result->series[i].way->name, way))
			return &result->series[i];
	return NULL;
}
