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
#include "test_names.skel.h"

/* As enum bpf_compare_answer. */
enum {
	DONE,
	NO_ENTRY,
	EXISTS,
	CLAIMED,
	BUSY,
	CHANGED
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

/* What more a run is asked. */
static __u64 now, claim;

static void wait_for_timer(__u32 before)
{
	for (int ms = 0; ms < 10000; ms++) {
		if (*(volatile __u32 *)&skel->bss->fired != before)
			return;
		usleep(1000);
	}
	tap_bail("a timer of %s did not fire in 10 s", program_name);
}

static int run(enum operation operation, __u32 key, __u64 word)
{
	__u32 fired = skel->bss->fired;
	char packet[64] = "";
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	/* These have no packet. */
	if (strcmp(program_name, "in_raw_tracepoint") && strcmp(program_name, "in_syscall")) {
		opts.data_in = packet;
		opts.data_size_in = sizeof(packet);
		opts.repeat = 1;
	}
	skel->bss->answer = 12345;
	skel->bss->request.operation = operation;
	skel->bss->request.bits = bits;
	skel->bss->request.key = key;
	skel->bss->request.word = word;
	skel->bss->request.now = now;
	skel->bss->request.claim = claim;
	if (bpf_prog_test_run_opts(program_fd, &opts))
		tap_bail("bpf_prog_test_run_opts, %s", program_name);
	if (!strcmp(program_name, "in_timer"))
		wait_for_timer(fired);
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

static void del(__u32 key)
{
	bpf_map_delete_elem(map_fd, &key);
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

/* Clocks wrap around, but not by what is told from a word that is written at the same time. */
static void test_idle(void)
{
	const __u64 ahead = bits == 32 ? 1u << 28 : 1ull << 60;
	const __u64 half = bits == 32 ? 1ull << 31 : 1ull << 63;
	const enum operation refreshes[] = { REFRESH, REFRESH_AT };
	const __u64 minutes_40 = 40 * 60 * 1000000ull;

	for (int i = 0; i < (strstr(program_name, "_locked") ? 1 : 2); i++) {
		put_word(1, 1000);
		check_answer(run(refreshes[i], 1, 1000 + minutes_40), DONE, "idle for 40 minutes");
		check_entry(1, 1000 + minutes_40, 1000, "idle for 40 minutes");
		put_word(1, 1000);
		check_answer(run(refreshes[i], 1, 1000 + half + 1), DONE, "idle for half a round");
		check_entry(1, 1000 + half + 1, 1000, "idle for half a round");
		put_word(1, 1000 + ahead);
		check_answer(run(refreshes[i], 1, 1000), DONE, "the word is ahead by the bound");
		check_entry(1, 1000 + ahead, 1000 + ahead, "the word is ahead by the bound");
		put_word(1, 1001 + ahead);
		check_answer(run(refreshes[i], 1, 1000), DONE, "the word is ahead by more");
		check_entry(1, 1000, 1001 + ahead, "the word is ahead by more");
	}
}

static void test_refresh_at(void)
{
	del(1);
	check_answer(run(REFRESH_AT, 1, 2000), NO_ENTRY, "refresh at, no entry");
	put_word(1, 1000);
	check_answer(run(REFRESH_AT, 1, 2000), DONE, "refresh at");
	tap_is(skel->bss->found, 1, "%s, %u bits: the value that is left", program_name, bits);
	check_entry(1, 2000, 1000, "refresh at");
	check_answer(run(REFRESH_AT, 1, 1500), DONE, "refresh at with an earlier word");
	check_entry(1, 2000, 1000, "refresh at with an earlier word");
	put_word(1, CLAIM_FIRST);
	check_answer(run(REFRESH_AT, 1, 2000), CLAIMED, "refresh at, claimed");
	check_entry(1, CLAIM_FIRST, CLAIM_FIRST, "refresh at, claimed");
}

#define STAMPED(stamp, low) ((__u64)(stamp) << 32 | (low))

static void test_stamped(void)
{
	put_word(1, STAMPED(5, 1000));
	check_answer(run(REFRESH_STAMPED, 1, STAMPED(6, 10)), DONE, "a later stamp, shrunk");
	check_entry(1, STAMPED(6, 10), STAMPED(5, 1000), "a later stamp, shrunk");
	check_answer(run(REFRESH_STAMPED, 1, STAMPED(6, 5)), DONE, "the same stamp, shrunk");
	check_entry(1, STAMPED(6, 5), STAMPED(5, 1000), "the same stamp, shrunk");
	check_answer(run(REFRESH_STAMPED, 1, STAMPED(6, 7)), DONE, "the same stamp, grown");
	check_entry(1, STAMPED(6, 7), STAMPED(5, 1000), "the same stamp, grown");
	check_answer(run(REFRESH_STAMPED, 1, STAMPED(5, 9000)), DONE, "an earlier stamp");
	check_entry(1, STAMPED(6, 7), STAMPED(5, 1000), "an earlier stamp");
	put_word(1, STAMPED(-5u, 9));
	check_answer(run(REFRESH_STAMPED, 1, STAMPED(3, 1)), DONE, "a stamp that wrapped around");
	check_entry(1, STAMPED(3, 1), STAMPED(-5u, 9), "a stamp that wrapped around");
	put_word(1, CLAIM_LAST);
	check_answer(run(REFRESH_STAMPED, 1, STAMPED(6, 7)), CLAIMED, "stamped, claimed");
	check_entry(1, CLAIM_LAST, CLAIM_LAST, "stamped, claimed");
}

/* Claims come first here: nothing is ahead but words between the clock and those. */
static void test_store(void)
{
	now = 50;
	del(1);
	check_answer(run(STORE, 1, 90), NO_ENTRY, "store without an entry");
	put_word(1, 99);
	check_answer(run(STORE, 1, 61), DONE, "store an earlier word over one that is ahead");
	check_entry(1, 61, 99, "store an earlier word over one that is ahead");
	check_answer(run(STORE, 1, 61), DONE, "store the same word");
	check_answer(run(STORE, 1, 90), DONE, "store a later word");
	check_entry(1, 90, 99, "store a later word");
	for (__u64 word = 55; word < 110; word += 5) {
		put_word(1, word);
		check_answer(run(IS_AHEAD, 1, 0), word > 60 && word < CLAIM_FIRST, "is ahead");
	}
	for (__u64 seen = 0; seen <= 60; seen += 10) {
		put_word(1, seen);
		check_answer(run(STORE, 1, 90), DONE, "store over one that has passed, or will");
		check_entry(1, 90, seen, "store over one that has passed, or will");
	}
	put_word(1, CLAIM_LAST + 1);
	check_answer(run(STORE, 1, 90), DONE, "store over what is behind the claims");
	check_entry(1, 90, CLAIM_LAST + 1, "store over what is behind the claims");
	for (__u64 word = CLAIM_FIRST; word <= CLAIM_LAST; word++) {
		put_word(1, word);
		check_answer(run(STORE, 1, 90), CLAIMED, "store over a claim");
		check_entry(1, word, word, "store over a claim");
	}
}

static void check_deleted(const char *what)
{
	__u32 key = 1;
	struct entry entry;

	tap_ok(bpf_map_lookup_elem(map_fd, &key, &entry) && errno == ENOENT,
	       "%s, %u bits: %s, no entry is left", program_name, bits, what);
}

static void test_delete(void)
{
	__u64 taken;

	del(1);
	check_answer(run(DELETE, 1, 1000), NO_ENTRY, "delete without an entry");
	check_answer(run(REMOVE, 1, 0), NO_ENTRY, "remove without an entry");
	put_word(1, 1000);
	check_answer(run(DELETE, 1, 1001), CHANGED, "delete, another word");
	check_entry(1, 1000, 1000, "delete, another word");
	check_answer(run(DELETE, 1, CLAIM_FIRST), -EINVAL, "delete, a claim expected");
	claim = CLAIM_LAST + 1;
	check_answer(run(DELETE, 1, 1000), -EINVAL, "delete by what is no claim");
	check_answer(run(REMOVE, 1, 0), -EINVAL, "remove by what is no claim");
	claim = 0;
	check_entry(1, 1000, 1000, "refused deletes");
	check_answer(run(DELETE, 1, 1000), DONE, "delete");
	check_deleted("delete");
	put_word(1, 1000);
	check_answer(run(REMOVE, 1, 0), DONE, "remove");
	check_deleted("remove");
	for (__u64 word = CLAIM_FIRST; word <= CLAIM_LAST; word++) {
		put_word(1, word);
		check_answer(run(DELETE, 1, 1000), CLAIMED, "delete, claimed");
		check_answer(run(REMOVE, 1, 0), CLAIMED, "remove, claimed");
		check_entry(1, word, word, "delete and remove, claimed");
	}
	/* Claims are taken in turn, each by a run of its own. */
	put_word(1, 1000);
	taken = skel->bss->claims;
	check_answer(run(DELETE, 1, 0), CHANGED, "delete, another word");
	tap_is(skel->bss->claims, taken + 1, "%s, %u bits: claims taken", program_name, bits);
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
	bpf_map__set_autocreate(skel->maps.timers,
				!strcmp(name, "in_timer") || !strcmp(name, "in_for_each"));
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
		test_idle();
		if (!strstr(name, "_locked")) {
			test_refresh_at();
			test_store();
			test_delete();
			if (bits == 64)
				test_stamped();
		}
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

/* A project's own names for the helpers. */
static void test_names(void)
{
	struct test_names_bpf *names = test_names_bpf__open_and_load();
	char packet[64] = "";
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = 1);

	tap_ok(names && !bpf_prog_test_run_opts(bpf_program__fd(names->progs.use_all), &opts) &&
		       opts.retval == 2 /* XDP_PASS */,
	       "helpers by other names");
	test_names_bpf__destroy(names);
}

int main(void)
{
	static const char *const programs[] = { "in_xdp",     "in_tc",	     "in_cgroup_skb",
						"in_syscall", "in_for_each", "in_timer" };
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
	test_names();
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		test_program(BPF_MAP_TYPE_HASH, programs[i]);
		test_program(BPF_MAP_TYPE_LRU_HASH, programs[i]);
	}
	/* Whatever the kernel lets syscall programs do, these take locks since 5.1. */
	for (size_t i = 0; i < ARRAY_SIZE(locked); i++)
		test_program(BPF_MAP_TYPE_HASH, locked[i]);
	return tap_done();
}
