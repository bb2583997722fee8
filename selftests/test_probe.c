// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The probes say what this kernel must have, and the rest of the interface that takes no map.
 */
#include "common.h"

static void test_kernel(void)
{
	static const struct {
		__u32 type;
		const char *name;
	} types[] = {
		{ BPF_MAP_TYPE_HASH, "hash" },
		{ BPF_MAP_TYPE_LRU_HASH, "lru_hash" },
		{ BPF_MAP_TYPE_PERCPU_HASH, "percpu_hash" },
		{ BPF_MAP_TYPE_ARRAY, "array" },
		{ BPF_MAP_TYPE_UNSPEC, "unspec" },
		{ 12345, "12345" },
	};

	for (size_t t = 0; t < ARRAY_SIZE(types); t++)
		for (size_t b = 0; b < ARRAY_SIZE(all_backends); b++)
			for (int again = 0; again < 2; again++)
				tap_is(libbpf_probe_bpf_map_compare(types[t].type, all_backends[b],
								    NULL),
				       backend_serves(all_backends[b], types[t].type, 0),
				       "probe %s, %s%s", types[t].name,
				       backend_name(all_backends[b]), again ? ", again" : "");
}

static void test_arguments(void)
{
	int reserved = 0;

	errno = 0;
	tap_is(libbpf_probe_bpf_map_compare(BPF_MAP_TYPE_HASH, 3, NULL), -EINVAL,
	       "probe of an unknown backend");
	tap_is(errno, EINVAL, "and errno");
	tap_is(libbpf_probe_bpf_map_compare(BPF_MAP_TYPE_HASH, 0, &reserved), -EINVAL,
	       "probe with opts");
	tap_ok(!strcmp(backend_name(0), "auto") && !strcmp(backend_name(1), "native") &&
		       !strcmp(backend_name(2), "syscall_prog"),
	       "names of backends");
	tap_ok(!backend_name(3), "an unknown backend has no name");
}

static void test_version(void)
{
	char version[32];

	snprintf(version, sizeof(version), "%u.%u.", libbpf_compare_major_version(),
		 libbpf_compare_minor_version());
	tap_ok(!strncmp(libbpf_compare_version_string(), version, strlen(version)),
	       "version %s begins with %s", libbpf_compare_version_string(), version);
}

/* For the README's table of kernels and backends. */
static void print_table(void)
{
	static const struct {
		__u32 type;
		const char *name;
	} types[] = {
		{ BPF_MAP_TYPE_HASH, "hash map" },
		{ BPF_MAP_TYPE_LRU_HASH, "LRU hash map" },
	};
	bool native, prog;

	for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
		native = libbpf_probe_bpf_map_compare(types[t].type, BPF_MAP_COMPARE_NATIVE,
						      NULL) == 1;
		prog = libbpf_probe_bpf_map_compare(types[t].type, BPF_MAP_COMPARE_SYSCALL_PROG,
						    NULL) == 1;
		printf("# table: %s = %s%s%s\n", types[t].name, native ? "native" : "",
		       native && prog ? ", emulation" : "",
		       prog && !native ? "emulation" :
		       !prog && !native ? "neither" :
					  "");
	}
}

int main(void)
{
	test_kernel();
	test_arguments();
	test_version();
	print_table();
	return tap_done();
}
