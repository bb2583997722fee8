// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Random calls, the same ones on a map for each backend: they must give the answer that a look at
 * the value tells beforehand, and so the same one, and leave the same entries.
 */
#include "common.h"

#define KEYS	 8
#define BYTES_MAX 300
/* The emulation loads a program for each, and keeps some more of a map than this. */
#define REGIONS	 12

static __u64 state;

static __u32 random_below(__u32 limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % limit;
}

/* The maps, and what they should hold. */
struct world {
	__u32 key_size;
	__u32 value_size;
	int fds[2];
	__u32 backends[2];
	int nr_fds;
	char keys[KEYS][BYTES_MAX];
	char values[KEYS][BYTES_MAX];
	bool present[KEYS];
	struct {
		__u32 offset, size;
	} regions[REGIONS];
};

static void put_random(struct world *world, __u32 k)
{
	/* Of few different bytes, so that much is equal. */
	for (__u32 i = 0; i < world->value_size; i++)
		world->values[k][i] = random_below(3);
	world->present[k] = true;
	for (int i = 0; i < world->nr_fds; i++)
		put(world->fds[i], world->keys[k], world->values[k]);
}

struct call {
	__u32 k;
	__u32 offset;
	__u32 size;
	bool no_compare;
	char expected[BYTES_MAX];
};

static void choose_region(struct world *world, __u32 i)
{
	__u32 size = random_below(world->value_size + 1);

	world->regions[i].size = size;
	world->regions[i].offset = size ? random_below(world->value_size - size + 1) : 0;
}

static void choose_call(struct world *world, struct call *call)
{
	__u32 i = random_below(REGIONS);

	/* Seldom a new one, that an old one is forgotten for. */
	if (!random_below(400))
		choose_region(world, i);
	call->k = random_below(KEYS);
	call->size = world->regions[i].size;
	call->offset = world->regions[i].offset;
	call->no_compare = !random_below(50);
	if (!random_below(20))
		call->offset += world->value_size;
	if (!random_below(50))
		call->offset = -random_below(20);
	if (!random_below(50))
		call->size = -random_below(20);
	memcpy(call->expected, world->values[call->k], world->value_size);
	if (random_below(2))
		call->expected[random_below(world->value_size)] ^= 1 + random_below(2);
}

/* What the contract has to say of it. */
static int foretell(const struct world *world, const struct call *call)
{
	__u32 size = call->size ? call->size : world->value_size;

	if ((__u64)call->offset + size > world->value_size)
		return -EINVAL;
	if (call->no_compare)
		return -EFAULT;
	if (!world->present[call->k])
		return -ENOENT;
	return memcmp(world->values[call->k] + call->offset, call->expected + call->offset, size) ?
		       -EBUSY :
		       0;
}

static bool make_call(struct world *world, const struct call *call, __u64 nr)
{
	const char *compare = call->expected;
	int want = foretell(world, call), got;

	/* A region past the end has no bytes here, and none are to be read. */
	if (want != -EINVAL)
		compare += call->offset;
	for (int i = 0; i < world->nr_fds; i++) {
		got = delete_if(world->fds[i], world->keys[call->k],
				call->no_compare ? NULL : compare, call->offset, call->size,
				world->backends[i]);
		if (got == want)
			continue;
		printf("# call %llu, %s: %u bytes at %u of %u: got %d, want %d\n", nr,
		       backend_name(world->backends[i]), call->size, call->offset,
		       world->value_size, got, want);
		return false;
	}
	if (!want)
		world->present[call->k] = false;
	return true;
}

static bool holds_what_it_should(const struct world *world)
{
	char value[BYTES_MAX];
	bool there;

	for (int i = 0; i < world->nr_fds; i++)
		for (__u32 k = 0; k < KEYS; k++) {
			there = !bpf_map_lookup_elem(world->fds[i], world->keys[k], value);
			if (there != world->present[k] ||
			    (there && memcmp(value, world->values[k], world->value_size)))
				return false;
		}
	return true;
}

static void test_map(__u32 type, __u32 flags, __u32 key_size, __u32 value_size, __u64 calls)
{
	struct world world = { .key_size = key_size, .value_size = value_size };
	bool pass = true;
	struct call call;

	for (__u32 backend = BPF_MAP_COMPARE_NATIVE; backend <= BPF_MAP_COMPARE_SYSCALL_PROG;
	     backend++)
		if (backend_serves(backend, type, flags)) {
			world.backends[world.nr_fds] = backend;
			world.fds[world.nr_fds++] = make_map(type, key_size, value_size, 4 * KEYS,
							     flags);
		}
	if (!world.nr_fds)
		return;
	for (__u32 k = 0; k < KEYS; k++) {
		memset(world.keys[k], k, key_size);
		world.keys[k][0] = k;
	}
	for (__u32 i = 0; i < REGIONS; i++)
		choose_region(&world, i);
	for (__u64 nr = 0; pass && nr < calls; nr++) {
		if (!random_below(3))
			put_random(&world, random_below(KEYS));
		choose_call(&world, &call);
		pass = make_call(&world, &call, nr);
		if (pass && nr % 1000 == 999)
			pass = holds_what_it_should(&world);
	}
	tap_ok(pass && holds_what_it_should(&world),
	       "type %u, flags %#x, key %u, value %u: %llu random calls on %s%s", type, flags,
	       key_size, value_size, calls, backend_name(world.backends[0]),
	       world.nr_fds == 2 ? " and syscall_prog" : "");
	for (int i = 0; i < world.nr_fds; i++) {
		bpf_map_compare_release(world.fds[i]);
		close(world.fds[i]);
	}
}

int main(void)
{
	static const __u32 key_sizes[] = { 1, 4, 14, 38, 255 };
	static const __u32 value_sizes[] = { 1, 4, 7, 16, 56, 300 };
	/* A few hundred thousand in all, of which a slow machine may do less where one backend is alone. */
	__u64 calls = getenv("SLOW_MACHINE") && !kernel_has("native") ? 4000 : 20000;

	state = 88172645463325252ull;
	for (size_t i = 0; i < ARRAY_SIZE(value_sizes); i++) {
		__u32 key_size = key_sizes[i % ARRAY_SIZE(key_sizes)];

		test_map(BPF_MAP_TYPE_HASH, 0, key_size, value_sizes[i], calls);
		test_map(BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, key_size, value_sizes[i], calls);
		test_map(BPF_MAP_TYPE_LRU_HASH, 0, key_size, value_sizes[i], calls);
	}
	if (!tap_tests)
		tap_skip("random calls", "this kernel has no backend");
	return tap_done();
}
