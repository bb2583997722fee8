// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * An entry that was found is deleted and created anew before it is claimed, and its element is another
 * key's by then, which carries the expected word: by interrupts of the very thread that deletes, so many
 * that some come at exactly that moment. The new entry stays, and nothing is left claimed.
 */
#include "interrupts.h"
#include "test_linked_steps.skel.h"

#define KEY	   1u
#define LINKED_KEY 2u
#define OTHER	   3u
#define WORD	   7ull
#define NEWER	   8ull

static const __u64 claim = -1ull;
static struct test_linked_steps_bpf *skel;
static int fd;

struct scene {
	const char *name;
	bool linked;  /* the linked entry is the one that is recycled */
	bool compare; /* of the linked entry */
	__u32 flags;
};

static bool is_word(__u32 key, __u64 word)
{
	__u64 now;

	return !bpf_map_lookup_elem(fd, &key, &now) && now == word;
}

#define STEPS 20000u

static bool is_gone(__u32 key)
{
	__u64 now;

	return bpf_map_lookup_elem(fd, &key, &now);
}

/* One pair, stepped in on or not; whether the answer is true of all three entries. */
static bool delete_pair(const struct scene *scene, unsigned long *steps)
{
	const __u32 key = KEY, linked_key = LINKED_KEY, other = OTHER;
	const __u64 word = WORD;
	int result, linked_result;
	__u32 count = 1;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE, .compare = &word,
		    .claim = &claim, .claim_size = 8, .results = &result,
		    .linked_keys = &linked_key, .linked_claim = &claim, .linked_claim_size = 8,
		    .linked_results = &linked_result, .linked_flags = scene->flags);

	if (scene->compare)
		opts.linked_compare = &word;
	skel->bss->recycled = 0;
	bpf_map_delete_elem(fd, &other);
	put(fd, &key, &word);
	put(fd, &linked_key, &word);
	*(volatile __u32 *)&skel->bss->steps = 0;
	*(volatile __u32 *)&skel->bss->recycled = scene->linked ? LINKED_KEY : KEY;
	if (bpf_map_delete_batch_opts(fd, &key, &count, &opts))
		tap_bail("bpf_map_delete_batch_opts");
	*(volatile __u32 *)&skel->bss->recycled = 0;
	if (!*(volatile __u32 *)&skel->bss->steps)
		return !result && !linked_result && is_gone(KEY) && is_gone(LINKED_KEY);
	++*steps;
	if (skel->bss->err || !is_word(OTHER, WORD))
		return false;
	/* Where nothing of it is compared, a newer one will do that is found so. */
	if (!result && !linked_result && !scene->compare && scene->linked)
		return is_gone(KEY) && is_gone(LINKED_KEY);
	return result == -EBUSY && is_word(KEY, scene->linked ? WORD : NEWER) &&
	       is_word(LINKED_KEY, scene->linked ? NEWER : WORD);
}

static void test_scene(const struct scene *scene)
{
	unsigned long steps = 0;
	bool pass = true;

	while (pass && steps < STEPS)
		pass = delete_pair(scene, &steps);
	tap_ok(pass, "%s: %lu new entries stay, and none is claimed", scene->name, steps);
}

int main(void)
{
	static const struct scene scenes[] = {
		{ "the first one", false, true, 0 },
		{ "the first one, FIRST", false, true, BPF_MAP_LINKED_FIRST },
		{ "the linked one", true, true, 0 },
		{ "the linked one, FIRST", true, true, BPF_MAP_LINKED_FIRST },
		{ "the linked one, not compared", true, false, 0 },
		{ "the linked one, not compared, FIRST", true, false, BPF_MAP_LINKED_FIRST },
	};

	struct bpf_link *interrupts;

	if (!kernel_has("syscall_prog") || getenv("SLOW_MACHINE")) {
		tap_skip("steps", "no syscall programs, or interrupts that are slow");
		return tap_done();
	}
	skel = test_linked_steps_bpf__open_and_load();
	if (!skel)
		tap_bail("test_linked_steps_bpf__open_and_load");
	fd = bpf_map__fd(skel->maps.target);
	skel->bss->word = WORD;
	skel->bss->newer = NEWER;
	skel->bss->other = OTHER;
	interrupts = interrupt_this_thread(skel->progs.step_in, 10000);
	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
		test_scene(&scenes[i]);
	bpf_link__destroy(interrupts);
	bpf_map_compare_release(fd);
	test_linked_steps_bpf__destroy(skel);
	return tap_done();
}
