// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * bpf_compare.bpf.h: it loads as what the datapath consists of, with CAP_BPF and CAP_NET_ADMIN
 * alone, and its functions answer and leave behind what the header says.
 */
#include <sys/syscall.h>
#include "capabilities.h"
#include "common.h"
#include "datapath_shared.h"
#include "test_datapath.skel.h"

/* As enum bpf_compare_answer. */
enum {
	DONE,
	NO_ENTRY,
	EXISTS,
	CLAIMED
};

/* Of either map; a lock reads as 0. */
struct entry {
	__u32 first;
	__u32 word32;
	__u64 word64;
	__u64 after;
};

static struct test_datapath_bpf *skel;
static const char *program_name;
static int program_fd, map_fd;
static __u32 bits;

static int run(enum operation operation, __u32 key, __u64 word)
{
	char packet[64] = "";
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	/* A raw tracepoint has no packet. */
	if (strcmp(program_name, "in_raw_tracepoint")) {
		opts.data_in = packet;
		opts.data_size_in = sizeof(packet);
		opts.repeat = 1;
	}
	skel->bss->answer = 12345;
	skel->bss->request.operation = operation;
	skel->bss->request.bits = bits;
	skel->bss->request.key = key;
	skel->bss->request.word = word;
	if (bpf_prog_test_run_opts(program_fd, &opts))
		tap_bail("bpf_prog_test_run_opts, %s", program_name);
	return skel->bss->answer;
}

static void check_answer(int got, int want, const char *what)
{
	tap_is(got, want, "%s, %u bits: %s", program_name, bits, what);
}

/* That the entry has this word where it belongs, and everything else as it was created. */
static void check_entry(__u32 key, __u64 word, __u64 created, const char *what)
{
	struct entry entry = {}, want = { 0, created, created, 77 };

	if (bits == 32)
		want.word32 = word;
	else
		want.word64 = word;
	tap_ok(!bpf_map_lookup_elem(map_fd, &key, &entry) && !memcmp(&entry, &want, sizeof(want)),
	       "%s, %u bits: %s, the entry", program_name, bits, what);
}

static void put_word(__u32 key, __u64 word)
{
	struct entry entry = { 0, word, word, 77 };

	put(map_fd, &key, &entry);
}

static void test_unclaimed(void)
{
	const __u64 near_the_end = bits == 32 ? -3u : -3ull;

	check_answer(run(REFRESH, 1, 1000), NO_ENTRY, "refresh without an entry");
	check_answer(run(CREATE, 1, 1000), DONE, "create");
	check_entry(1, 1000, 1000, "create");
	check_answer(run(IS_CLAIMED, 1, 0), 0, "created, not claimed");
	check_answer(run(CREATE, 1, 2000), EXISTS, "create what is there");
	check_entry(1, 1000, 1000, "create what is there");
	check_answer(run(REFRESH, 1, 1001), DONE, "refresh");
	check_entry(1, 1001, 1000, "refresh");
	check_answer(run(REFRESH, 1, 1001), DONE, "refresh with the same word");
	check_answer(run(REFRESH, 1, 900), DONE, "refresh with an earlier word");
	check_entry(1, 1001, 1000, "refresh with an earlier word");

	put_word(1, near_the_end);
	check_answer(run(REFRESH, 1, 2), DONE, "refresh with a word that wrapped around");
	check_entry(1, 2, near_the_end, "refresh with a word that wrapped around");
	check_answer(run(REFRESH, 1, near_the_end), DONE, "refresh with a word from before that");
	check_entry(1, 2, near_the_end, "refresh with a word from before that");
}

static void test_claimed(void)
{
	for (__u64 claim = CLAIM_FIRST; claim <= CLAIM_LAST; claim += CLAIM_LAST - CLAIM_FIRST) {
		put_word(1, claim);
		check_answer(run(IS_CLAIMED, 1, 0), 1, "claimed");
		check_answer(run(REFRESH, 1, 2000), CLAIMED, "refresh of a claimed entry");
		check_answer(run(REFRESH, 1, 50), CLAIMED, "earlier refresh of a claimed entry");
		check_answer(run(CREATE, 1, 2000), CLAIMED, "create over a claimed entry");
		check_entry(1, claim, claim, "all of that");
	}
	put_word(1, CLAIM_FIRST - 1);
	check_answer(run(IS_CLAIMED, 1, 0), 0, "not claimed, just below");
	put_word(1, CLAIM_LAST + 1);
	check_answer(run(IS_CLAIMED, 1, 0), 0, "not claimed, just above");
	check_answer(run(REFRESH, 1, 2000), DONE, "refresh, just above");
}

static void test_full(bool lru)
{
	int err = 0;

	/* Those two, and what CPUs may have at hand. */
	for (__u32 key = 1; key < 1000 && err >= 0; key++)
		err = run(CREATE, key, 1000);
	if (lru)
		check_answer(err, DONE, "create in a full LRU map");
	else
		check_answer(err, -E2BIG, "create in a full map");
}

static void open_skeleton(__u32 map_type, const char *name)
{
	struct bpf_program *program;

	skel = test_datapath_bpf__open();
	if (!skel)
		tap_bail("test_datapath_bpf__open");
	bpf_object__for_each_program(program, skel->obj)
		bpf_program__set_autoload(program, !strcmp(bpf_program__name(program), name));
	bpf_map__set_autocreate(skel->maps.locked, !!strstr(name, "_locked"));
	bpf_map__set_type(skel->maps.plain, map_type);
	program_name = name;
}

static void test_program(__u32 map_type, const char *name)
{
	open_skeleton(map_type, name);
	if (!tap_ok(!test_datapath_bpf__load(skel), "%s loads, map type %u", name, map_type))
		goto out;
	program_fd = bpf_program__fd(bpf_object__find_program_by_name(skel->obj, name));
	map_fd = bpf_map__fd(strstr(name, "_locked") ? skel->maps.locked : skel->maps.plain);
	for (bits = 32; bits <= 64; bits += 32) {
		for (__u32 key = 1; key < 1000; key++)
			bpf_map_delete_elem(map_fd, &key);
		test_unclaimed();
		test_claimed();
		test_full(map_type == BPF_MAP_TYPE_LRU_HASH);
	}
out:
	test_datapath_bpf__destroy(skel);
}

/* These cannot be run at will. */
static void test_load(const char *name)
{
	open_skeleton(BPF_MAP_TYPE_HASH, name);
	tap_ok(!test_datapath_bpf__load(skel), "%s loads", name);
	test_datapath_bpf__destroy(skel);
}

int main(void)
{
	static const char *const programs[] = { "in_xdp", "in_tc", "in_cgroup_skb" };
	static const char *const locked[] = { "in_xdp_locked", "in_tc_locked",
					      "in_cgroup_skb_locked" };

	/* Compare-exchange came with 5.12, syscall programs with 5.14: nobody collects before. */
	if (!kernel_has("syscall_prog")) {
		tap_skip("datapath", "this kernel has no syscall programs to collect with");
		return tap_done();
	}
	/* Tracing takes CAP_PERFMON, and a kernel that has it at all. */
	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_RAW_TRACEPOINT, NULL) == 1) {
		test_program(BPF_MAP_TYPE_HASH, "in_raw_tracepoint");
		test_load("in_tracepoint");
	} else {
		tap_skip("tracing", "this kernel was built without tracing programs");
	}

	keep_capabilities(1ull << CAP_BPF | 1ull << CAP_NET_ADMIN);
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		test_program(BPF_MAP_TYPE_HASH, programs[i]);
		test_program(BPF_MAP_TYPE_LRU_HASH, programs[i]);
		/* Whatever the kernel lets syscall programs do, these take locks since 5.1. */
		test_program(BPF_MAP_TYPE_HASH, locked[i]);
	}
	return tap_done();
}
