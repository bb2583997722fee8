// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * bpfcmp probe: which backends the running kernel has, by type of map, and what else can be done.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <bpf/bpf_flowtab.h>
#include <bpf/libbpf.h>
#include "features.h"

/* By newer versions of libbpf and <linux/bpf.h>. */
#define MAP_TYPE_ARENA 33

static const enum bpf_map_compare_backend backends[] = {
	BPF_MAP_COMPARE_NATIVE,
	BPF_MAP_COMPARE_SYSCALL_PROG,
};

#define BACKENDS (sizeof(backends) / sizeof(backends[0]))

static const char *why_not(enum bpf_map_type type, enum bpf_map_compare_backend backend, int answer)
{
	bool native = backend == BPF_MAP_COMPARE_NATIVE;

	if (answer == -EPERM)
		return native ? "needs CAP_BPF"
			      : "needs CAP_BPF, before Linux 6.1 perhaps CAP_PERFMON too";
	if (answer < 0)
		return strerror(-answer);
	if (type != BPF_MAP_TYPE_HASH && type != BPF_MAP_TYPE_LRU_HASH)
		return "neither hash nor lru_hash";
	if (native)
		return libbpf_probe_bpf_map_compare(BPF_MAP_TYPE_HASH, backend, NULL) == 1
			       ? "BPF_F_COMPARE is for hash alone"
			       : "no BPF_F_COMPARE";
	if (!libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SYSCALL, NULL))
		return "needs Linux 5.14";
	return "its program does not work here";
}

int ask_kernel(enum bpf_map_type type, enum bpf_map_compare_backend backend, const char **reason)
{
	int answer;

	answer = libbpf_probe_bpf_map_compare(type, backend, NULL);
	/* Where neither backend is to be had, the one that more kernels have says more. */
	if (backend == BPF_MAP_COMPARE_AUTO)
		backend = BPF_MAP_COMPARE_SYSCALL_PROG;
	*reason = answer == 1 ? NULL : why_not(type, backend, answer);
	return answer;
}

enum status fail_unserved(int err, enum bpf_map_type type, const char *unserved)
{
	const char *reason, *name = libbpf_bpf_map_type_str(type);

	if (err == -EPERM)
		return fail(STATUS_DENIED,
			    "not permitted: the map is read-only or frozen, or the caller lacks "
			    "CAP_BPF (before Linux 6.1 perhaps CAP_PERFMON)");
	if (ask_kernel(type, BPF_MAP_COMPARE_SYSCALL_PROG, &reason) == 1)
		reason = unserved;
	return fail(STATUS_UNSUPPORTED, "not supported: map type %s: %s", name ? name : "unknown",
		    reason);
}

/* What there is of one backend, or of what is done by it: 1, 0, or that it could not be told. */
static void print_answer(const char *name, int answer, const char *why)
{
	const char *text = answer == 1 ? "yes" : answer ? "unknown" : "no";

	if (!output_is_json()) {
		printf("  %-12s  %s%s%s\n", name, text, why ? ": " : "", why ? why : "");
		return;
	}
	json_open(name, '{');
	if (answer < 0)
		json_null("available");
	else
		json_bool("available", answer);
	if (why)
		json_string("reason", why);
	json_close('}');
}

static void keep_worst(enum status *worst, int answer)
{
	if (answer < 0)
		*worst = answer == -EPERM ? STATUS_DENIED : STATUS_ERROR;
}

/* The kernel's refusal is an answer; that it is not for this caller to ask is none. */
static int ask_feature(enum bpf_map_type type, __u32 i, const char **why)
{
	int err = try_feature(type, i, why);

	if (err && (!*why || !**why))
		*why = strerror(-err);
	if (!err)
		*why = NULL;
	return !err ? 1 : err == -EOPNOTSUPP || err == -EINVAL ? 0 : err;
}

static void probe_features(enum bpf_map_type type, enum status *worst)
{
	const char *why;
	int answer;

	for (__u32 i = 0; feature_name(i); i++) {
		if (!has_feature(type, i))
			continue;
		answer = ask_feature(type, i, &why);
		keep_worst(worst, answer);
		print_answer(feature_name(i), answer, why);
	}
}

static bool is_served(enum bpf_map_type type)
{
	return type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH;
}

/* A line is enough for those of which there is nothing to tell. */
static void print_unserved(enum bpf_map_type type, enum status *worst)
{
	const char *why;
	int answer = ask_kernel(type, BPF_MAP_COMPARE_AUTO, &why);

	keep_worst(worst, answer);
	printf("%s  %s: %s\n", libbpf_bpf_map_type_str(type), answer ? "unknown" : "no", why);
}

/* What is done beside a delete is done by the emulation, the last one. */
static void probe_type(enum bpf_map_type type, enum status *worst)
{
	int answer = 0;
	const char *why;

	if (!is_served(type) && !output_is_json()) {
		print_unserved(type, worst);
		return;
	}

	if (output_is_json()) {
		json_open(NULL, '{');
		json_string("map_type", libbpf_bpf_map_type_str(type));
	} else {
		puts(libbpf_bpf_map_type_str(type));
	}
	for (size_t i = 0; i < BACKENDS; i++) {
		answer = ask_kernel(type, backends[i], &why);
		keep_worst(worst, answer);
		print_answer(libbpf_bpf_map_compare_backend_str(backends[i]), answer, why);
	}
	if (answer == 1)
		probe_features(type, worst);
	if (output_is_json())
		json_close('}');
}

/* A table of flows in an arena, by making one. */
static void probe_arena(enum status *worst)
{
	LIBBPF_OPTS(bpf_flowtab_create_opts, opts, .key_size = 4, .value_size = 4,
		    .max_entries = 1);
	struct bpf_flowtab *table = bpf_flowtab__create(NULL, &opts);
	int answer = table ? 1 : errno == EOPNOTSUPP ? 0 : -errno;

	keep_worst(worst, answer);
	if (output_is_json()) {
		json_open(NULL, '{');
		json_string("map_type", "arena");
	} else {
		puts("arena");
	}
	print_answer("flow_table", answer, table ? NULL : bpf_flowtab_reason());
	if (output_is_json())
		json_close('}');
	bpf_flowtab__close(table);
}

static enum status parse_words(char **words, bool *all)
{
	if (*words && !strcmp(*words, "kernel"))
		words++;
	*all = *words && !strcmp(*words, "all");
	words += *all;
	return *words ? fail(STATUS_USAGE, "unknown word '%s', see bpfcmp probe help", *words)
		      : STATUS_OK;
}

enum status do_probe(char **argv)
{
	enum status status, worst = STATUS_OK;
	bool all;

	status = parse_words(argv, &all);
	if (status)
		return status;
	if (output_is_json())
		json_open(NULL, '[');
	/* All that libbpf knows by name; 0 is "unspec". */
	for (int type = 1; libbpf_bpf_map_type_str(type); type++)
		if (is_served(type) || (all && type != MAP_TYPE_ARENA))
			probe_type(type, &worst);
	probe_arena(&worst);
	if (output_is_json())
		json_close(']');
	return worst;
}
