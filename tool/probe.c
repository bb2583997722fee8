// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * bpfcmp probe: which backends the running kernel has, by type of map.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "bpfcmp.h"

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

static void print_json(enum bpf_map_type type, const int *answers, const char *const *reasons)
{
	json_open(NULL, '{');
	json_string("map_type", libbpf_bpf_map_type_str(type));
	for (size_t i = 0; i < BACKENDS; i++) {
		json_open(libbpf_bpf_map_compare_backend_str(backends[i]), '{');
		if (answers[i] < 0)
			json_null("available");
		else
			json_bool("available", answers[i]);
		if (reasons[i])
			json_string("reason", reasons[i]);
		json_close('}');
	}
	json_close('}');
}

static void print_cell(int width, int answer, const char *reason)
{
	char cell[128];

	snprintf(cell, sizeof(cell), "%s%s%s",
		 answer == 1 ? "yes"
		 : answer    ? "unknown"
			     : "no",
		 reason ? ": " : "", reason ? reason : "");
	printf("  %-*s", width, cell);
}

static void print_text(const char *type, const int *answers, const char *const *reasons)
{
	printf("%-21s", type);
	print_cell(36, answers[0], reasons[0]);
	print_cell(0, answers[1], reasons[1]);
	putchar('\n');
}

static enum status probe_type(enum bpf_map_type type)
{
	enum status status = STATUS_OK;
	const char *reasons[BACKENDS];
	int answers[BACKENDS];

	for (size_t i = 0; i < BACKENDS; i++) {
		answers[i] = ask_kernel(type, backends[i], &reasons[i]);
		if (answers[i] < 0)
			status = answers[i] == -EPERM ? STATUS_DENIED : STATUS_ERROR;
	}
	if (output_is_json())
		print_json(type, answers, reasons);
	else
		print_text(libbpf_bpf_map_type_str(type), answers, reasons);
	return status;
}

enum status do_probe(char **argv)
{
	enum status status, worst = STATUS_OK;

	if (*argv && !strcmp(*argv, "kernel"))
		argv++;
	if (*argv)
		return fail(STATUS_USAGE, "unknown word '%s', see bpfcmp probe help", *argv);
	if (output_is_json())
		json_open(NULL, '[');
	else
		printf("%-21s  %-36s  %s\n", "map type", "native", "syscall_prog");
	/* All that libbpf knows by name; 0 is "unspec". */
	for (int type = 1; libbpf_bpf_map_type_str(type); type++) {
		status = probe_type(type);
		if (status)
			worst = status;
	}
	if (output_is_json())
		json_close(']');
	return worst;
}
