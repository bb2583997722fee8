// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * bpfcmp top: looks at a map again and again, and tells how many entries it has, how many of them match, and how many
 * came, went and changed in between.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "top.h"

struct top {
	int fd;
	struct bpf_map_info info;
	struct top_request request;
	struct sampler sampler;
	struct sample before, now;
	bool on_screen;
	/* Of the last look: */
	__u32 looks;
	__u64 entries, matching;
	__u64 started, took; /* in nanoseconds */
	__u64 since;	     /* the look before */
	struct difference difference;
};

/* All entries, and those that match. */
static int count_entries(struct top *top)
{
	const struct where *where = &top->request.where;
	LIBBPF_OPTS(bpf_map_sweep_opts, opts, .flags = BPF_MAP_SWEEP_COUNT);
	int err;

	if (!where->count)
		opts.flags |= BPF_MAP_SWEEP_ALL;
	err = bpf_map_sweep(top->fd, where->conds, where->count, &opts);
	top->entries = opts.scanned;
	top->matching = opts.matched;
	return err;
}

static int look(struct top *top)
{
	__u64 started = now_ns();
	struct sample last;
	int err;

	top->since = started - top->started;
	top->started = started;
	err = count_entries(top);
	if (err)
		return err;
	last = top->before;
	top->before = top->now;
	top->now = last;
	err = take_sample(&top->sampler, top->entries, &top->now);
	if (err)
		return err;
	if (top->looks++)
		compare_samples(&top->sampler, &top->before, &top->now, &top->difference);
	top->took = now_ns() - started;
	return 0;
}

static const struct {
	const char *name;
	size_t at; /* in the difference */
} numbers[] = {
	{ "created", offsetof(struct difference, created) },
	{ "deleted", offsetof(struct difference, deleted) },
	{ "refreshed", offsetof(struct difference, refreshed) },
};

/* The first look has nothing to be compared with. */
static __u32 numbers_count(const struct top *top)
{
	if (top->looks < 2)
		return 0;
	return top->request.field.size ? 3 : 2;
}

/* A second. */
static unsigned long long rate(const struct top *top, __u32 i)
{
	__u64 count = *(const __u64 *)((const char *)&top->difference + numbers[i].at);

	return count * 1e9 / top->since + 0.5;
}

static void print_line(const struct top *top)
{
	printf("entries %llu", (unsigned long long)top->entries);
	if (top->request.where.count)
		printf(", matching %llu", (unsigned long long)top->matching);
	for (__u32 i = 0; i < numbers_count(top); i++)
		printf(", %s %llu/s", numbers[i].name, rate(top, i));
	printf(", in %.1f ms\n", top->took / 1e6);
}

static void print_json(const struct top *top)
{
	json_open(NULL, '{');
	json_number("entries", top->entries);
	if (top->request.where.count)
		json_number("matching", top->matching);
	for (__u32 i = 0; i < numbers_count(top); i++)
		json_number(numbers[i].name, rate(top, i));
	if (top->looks > 1)
		json_number("one_of", 1ULL << top->difference.level);
	json_number("microseconds", top->took / 1000);
	json_close('}');
}

static double percent(__u64 part, __u64 of)
{
	return of ? 100.0 * part / of : 0;
}

static void draw(const struct top *top)
{
	const char *type = libbpf_bpf_map_type_str(top->info.type);
	char text[2048];
	FILE *page = fmemopen(text, sizeof(text), "w");

	if (!page)
		return;
	fprintf(page, "map %u '%s', %s, at most %u entries, every %g s; q to quit\n\n",
		top->info.id, top->info.name, type ? type : "unknown", top->info.max_entries,
		top->request.interval_ms / 1e3);
	fprintf(page, "entries    %12llu  %5.1f %% of what there can be\n",
		(unsigned long long)top->entries, percent(top->entries, top->info.max_entries));
	if (top->request.where.count)
		fprintf(page, "matching   %12llu  %5.1f %% of them\n",
			(unsigned long long)top->matching, percent(top->matching, top->entries));
	for (__u32 i = 0; i < numbers_count(top); i++)
		fprintf(page, "%-10s %12llu  a second\n", numbers[i].name, rate(top, i));
	fprintf(page, "\nlooking took %.1f ms", top->took / 1e6);
	if (top->looks > 1 && top->difference.level)
		fprintf(page, "; created, deleted and refreshed by one of %llu keys",
			1ULL << top->difference.level);
	fputc('\n', page);
	fclose(page);
	draw_screen(text);
}

static void show(const struct top *top)
{
	if (top->on_screen)
		draw(top);
	else if (output_is_json())
		print_json(top);
	else
		print_line(top);
	output_failed();
}

/* Until the next look; false: there is none. */
static bool wait_for_next(const struct top *top)
{
	__u64 until = top->started + top->request.interval_ms * 1000000ULL, now;
	enum event event = EVENT_RESIZED;

	if (top->looks == top->request.times || output_failed())
		return false;
	while (top->on_screen && event == EVENT_RESIZED) {
		event = wait_at_screen(until);
		if (event == EVENT_RESIZED)
			draw(top);
	}
	while (!top->on_screen && !is_interrupted() && (now = now_ns()) < until)
		poll(NULL, 0, (int)((until - now) / 1000000) + 1);
	return event != EVENT_QUIT && !is_interrupted();
}

static enum status fail_to_look(int err, const struct top *top)
{
	switch (err) {
	case -EOPNOTSUPP:
	case -EPERM:
		return fail_unserved(err, top->info.type, "not for this map or these fields");
	case -ENOMEM:
		return fail(STATUS_ERROR, "out of memory");
	}
	return fail_errno(-err, "look at", "the map");
}

static enum status watch(struct top *top)
{
	int err;

	err = look(top);
	keep_reason();
	if (err)
		return fail_to_look(err, top);
	/* What goes wrong at once is told where we were started. */
	top->on_screen = !output_is_json() && open_screen();
	if (!top->on_screen)
		catch_interrupt();
	do {
		show(top);
		if (!wait_for_next(top))
			break;
		err = look(top);
		keep_reason();
	} while (!err);
	if (top->on_screen)
		close_screen();
	return err ? fail_to_look(err, top) : STATUS_OK;
}

static enum status top_in(int fd, const struct bpf_map_info *info, char **words)
{
	struct top top = { .fd = fd, .info = *info };
	enum status status;

	status = parse_top_request(words, info, &top.request);
	if (!status)
		status = open_sampler(&top.sampler, fd, info, &top.request.field);
	if (!status)
		status = watch(&top);
	bpf_map_compare_release(fd);
	close_sampler(&top.sampler);
	free(top.before.records);
	free(top.now.records);
	return status;
}

enum status do_top(char **argv)
{
	return with_map(argv, "top", top_in);
}
