// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Threads: of several that delete one entry exactly one succeeds, as of those that update it by compare,
 * what several add is all there, and calls on one map and on many do not mix up.
 */
#include <pthread.h>
#include <stdatomic.h>
#include "common.h"

#define THREADS 4
#define KEYS	1000

/* Rounds of KEYS keys, each deleted by all; a test kernel under emulation has to do with fewer. */
static int rounds = 100;

static pthread_barrier_t barrier;
static _Atomic unsigned long winners, losers, others;

struct race {
	int fd;
	__u32 backend;
};

static void *race_for_keys(void *arg)
{
	const struct race *race = arg;

	for (int round = 0; round < rounds; round++) {
		pthread_barrier_wait(&barrier);
		for (__u32 key = 0; key < KEYS; key++) {
			__u64 expected = ((__u64)round << 32) + key;
			int err = delete_if(race->fd, &key, &expected, 0, 0, race->backend);

			if (!err)
				winners++;
			else if (err == -ENOENT || err == -EBUSY)
				losers++;
			else
				others++;
		}
		/* One puts the next round's entries there, while the rest wait. */
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			for (__u32 key = 0; key < KEYS; key++) {
				__u64 value = ((__u64)(round + 1) << 32) + key;

				put(race->fd, &key, &value);
			}
	}
	return NULL;
}

static void test_one_winner(__u32 map_type, const char *name, __u32 backend)
{
	struct race race = {
		.fd = make_map(map_type, sizeof(__u32), sizeof(__u64), 2 * KEYS, 0),
		.backend = backend,
	};
	unsigned long keys = (unsigned long)rounds * KEYS;
	pthread_t threads[THREADS];

	winners = losers = others = 0;
	for (__u32 key = 0; key < KEYS; key++) {
		__u64 value = key;

		put(race.fd, &key, &value);
	}
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, race_for_keys, &race))
			tap_bail("pthread_create");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&barrier);
	tap_ok(winners == keys && losers == (THREADS - 1) * keys && !others,
	       "%s, %s: of %d threads one deleted each of %lu entries", name, backend_name(backend),
	       THREADS, keys);
	if (winners != keys || others)
		printf("# %lu winners, %lu losers, %lu other answers\n", winners, losers, others);
	bpf_map_compare_release(race.fd);
	close(race.fd);
}

/* All add to each word, and one of them takes the word beside it from each number to the next. */
struct words {
	__u64 sum, turn;
};

static void *add_to_words(void *arg)
{
	const int fd = *(const int *)arg;
	LIBBPF_OPTS(bpf_map_update_elem_opts, add, .flags = BPF_F_IN_PLACE, .size = 8,
		    .op = BPF_MAP_UPDATE_ADD);
	LIBBPF_OPTS(bpf_map_update_elem_opts, take, .flags = BPF_F_IN_PLACE | BPF_F_COMPARE,
		    .offset = 8, .size = 8, .compare_offset = 8, .compare_size = 8);

	for (int round = 0; round < rounds; round++) {
		pthread_barrier_wait(&barrier);
		for (__u32 key = 0; key < KEYS / 10; key++) {
			__u64 by = key + 1, turn = round, next = round + 1;
			int err;

			/* Of many at one time some may be asked to try again. */
			do
				err = bpf_map_update_elem_opts(fd, &key, &by, &add);
			while (err == -EAGAIN);
			others += !!err;
			take.compare = &turn;
			err = bpf_map_update_elem_opts(fd, &key, &next, &take);
			winners += !err;
			losers += err == -EBUSY;
			others += err && err != -EBUSY;
		}
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

static void test_words(__u32 map_type, const char *name)
{
	int fd = make_map(map_type, sizeof(__u32), sizeof(struct words), KEYS, 0);
	unsigned long updates = (unsigned long)rounds * (KEYS / 10);
	pthread_t threads[THREADS];
	unsigned int wrong = 0;
	struct words words = {};

	winners = losers = others = 0;
	for (__u32 key = 0; key < KEYS / 10; key++)
		put(fd, &key, &words);
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, add_to_words, &fd))
			tap_bail("pthread_create");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&barrier);
	for (__u64 key = 0; key < KEYS / 10; key++)
		wrong += bpf_map_lookup_elem(fd, &key, &words) ||
			 words.sum != (key + 1) * THREADS * rounds || words.turn != (__u64)rounds;
	tap_ok(winners == updates && losers == (THREADS - 1) * updates && !others,
	       "%s: of %d threads one updated each of %lu words", name, THREADS, updates);
	tap_is(wrong, 0, "%s: what all have added is there", name);
	bpf_map_compare_release(fd);
	close(fd);
}

/* Each thread has a map of its own beside one that all share, of different shapes. */
#define WORKERS 24

static int shared_fd;
static _Atomic bool stop;
static _Atomic unsigned long calls, wrong_answers;

static int replace_if(int fd, const void *key, const void *compare, const void *value)
{
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = BPF_F_COMPARE, .compare = compare);

	return bpf_map_update_elem_opts(fd, key, value, &opts);
}

static void *work(void *arg)
{
	__u32 number = (__u32)(unsigned long)arg, key_size = 4 + number;
	__u32 value_size = 8 + 3 * number;
	char key[4 + WORKERS] = "", value[8 + 3 * WORKERS] = "", wrong[sizeof(value)];
	int own_fd;

	own_fd = make_map(number % 2 ? BPF_MAP_TYPE_HASH : BPF_MAP_TYPE_LRU_HASH, key_size,
			  value_size, 4, 0);
	for (unsigned int i = 0; !stop; i++) {
		__u64 shared_value = ((__u64)number << 32) + i, shared_wrong = shared_value + 1;
		__u32 shared_key = number;

		memcpy(key, &i, sizeof(i));
		memset(value, i, value_size);
		memset(wrong, i + 1, value_size);
		put(own_fd, key, value);
		put(shared_fd, &shared_key, &shared_value);
		wrong_answers += delete_if(own_fd, key, wrong + 1, 1, value_size - 1, 0) != -EBUSY;
		wrong_answers +=
			delete_if(shared_fd, &shared_key, &shared_wrong, 0, 0, 0) != -EBUSY;
		wrong_answers +=
			replace_if(shared_fd, &shared_key, &shared_wrong, &shared_value) != -EBUSY;
		wrong_answers += replace_if(own_fd, key, value, wrong) != 0;
		wrong_answers += delete_if(own_fd, key, wrong, 0, 0, 0) != 0;
		wrong_answers += delete_if(shared_fd, &shared_key, &shared_value, 0, 0, 0) != 0;
		calls += 6;
		/* Let go of what others are using right now. */
		if (i % 500 == 20 * number)
			bpf_map_compare_release(shared_fd);
	}
	bpf_map_compare_release(own_fd);
	close(own_fd);
	return NULL;
}

static void test_many_maps(void)
{
	pthread_t threads[WORKERS];

	shared_fd = make_map(BPF_MAP_TYPE_HASH, 4, 8, 2 * WORKERS, 0);
	for (unsigned long i = 0; i < WORKERS; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)i))
			tap_bail("pthread_create");
	while (calls < 2000ul * rounds)
		usleep(1000);
	stop = true;
	for (int i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	tap_is(wrong_answers, 0, "%d threads, each with a map of its own and a shared one",
	       WORKERS);
	bpf_map_compare_release(shared_fd);
	close(shared_fd);
}

int main(void)
{
	if (getenv("SLOW_MACHINE"))
		rounds = 5;
	for (size_t i = 0; i < ARRAY_SIZE(all_backends); i++) {
		__u32 backend = all_backends[i];

		if (backend_serves(backend, BPF_MAP_TYPE_HASH, 0))
			test_one_winner(BPF_MAP_TYPE_HASH, "hash", backend);
		if (backend_serves(backend, BPF_MAP_TYPE_LRU_HASH, 0))
			test_one_winner(BPF_MAP_TYPE_LRU_HASH, "LRU hash", backend);
	}
	if (can_write_in_place()) {
		test_words(BPF_MAP_TYPE_HASH, "hash");
		test_words(BPF_MAP_TYPE_LRU_HASH, "LRU hash");
	}
	if (kernel_has("syscall_prog"))
		test_many_maps();
	if (!tap_tests)
		tap_skip("threads", "this kernel has no backend");
	return tap_done();
}
