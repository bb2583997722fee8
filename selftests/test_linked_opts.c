// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Linked entries and values: what is refused, of the options and of the maps, and what there is beside
 * the table, which test_linked.c has.
 */
#include "common.h"

struct value {
	__u64 other;
	__u32 word;
	__u32 rest;
};

#define KEY	   1u
#define LINKED_KEY 2u
#define WORD	   7u
#define OFFSET	   offsetof(struct value, word)

static const __u32 key = KEY, linked_key = LINKED_KEY, claim = 0xffffffff;
static const struct value value = { 3, WORD, 5 };

static int hash(__u32 n)
{
	return make_map(BPF_MAP_TYPE_HASH, sizeof(key), sizeof(value), n, 0);
}

static bool has(int fd, __u32 at)
{
	struct value now;

	return !bpf_map_lookup_elem(fd, &at, &now);
}

/* A pair that would go, but for what is wrong. */
static struct bpf_map_delete_batch_opts good(void)
{
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = &value.word, .compare_offset = OFFSET, .compare_size = 4,
		    .linked_keys = &linked_key, .linked_compare = &value.word,
		    .linked_compare_offset = OFFSET, .linked_compare_size = 4);

	return opts;
}

static void with_claims(struct bpf_map_delete_batch_opts *opts)
{
	opts->claim = opts->linked_claim = &claim;
	opts->claim_offset = opts->linked_claim_offset = OFFSET;
	opts->claim_size = opts->linked_claim_size = sizeof(claim);
}

static int delete (int fd, const struct bpf_map_delete_batch_opts *opts, int *result,
		   int *linked_result)
{
	struct bpf_map_delete_batch_opts ours = *opts;
	__u32 count = 1;
	int err;

	*result = *linked_result = 1;
	ours.results = result;
	if (ours.linked_keys)
		ours.linked_results = linked_result;
	errno = 0;
	err = bpf_map_delete_batch_opts(fd, &key, &count, &ours);
	if (err > 0 || (err && (errno != -err || count)))
		tap_ok(false, "answer %d with errno %d and count %u", err, errno, count);
	return err;
}

static void refused(int fd, const struct bpf_map_delete_batch_opts *opts, int want,
		    const char *what)
{
	int result, linked_result, err = delete (fd, opts, &result, &linked_result);
	bool pass = err == want && result == -ECANCELED &&
		    (!opts->linked_keys || linked_result == -ECANCELED);

	if (!tap_ok(pass, "%s", what))
		printf("# %d, %d, %d; should be %d\n", err, result, linked_result, want);
	tap_ok(has(fd, KEY) && has(fd, LINKED_KEY), "%s: both are there", what);
}

#define REFUSED(want, what, ...)                                                                   \
	do {                                                                                       \
		struct bpf_map_delete_batch_opts opts = good();                                    \
		__VA_ARGS__                                                                        \
		refused(fd, &opts, want, what);                                                    \
	} while (0)

static void test_options(void)
{
	int fd = hash(8);

	put(fd, &key, &value);
	put(fd, &linked_key, &value);
	REFUSED(-EINVAL, "linked_compare without linked_keys", opts.linked_keys = NULL;);
	REFUSED(-EINVAL, "linked_flags without linked_keys", opts.linked_keys = NULL;
		opts.linked_compare = NULL; opts.linked_compare_offset = 0;
		opts.linked_compare_size = 0; opts.linked_flags = BPF_MAP_LINKED_KEEP;);
	REFUSED(-EINVAL, "linked_fd without linked_keys", opts.linked_keys = NULL;
		opts.linked_compare = NULL; opts.linked_compare_offset = 0;
		opts.linked_compare_size = 0; opts.linked_fd = fd;);
	REFUSED(-EINVAL, "linked_keys with elem_flags 0", opts.elem_flags = 0; opts.compare = NULL;
		opts.compare_offset = 0; opts.compare_size = 0;);
	REFUSED(-EINVAL, "an unknown flag", opts.linked_flags = 8;);
	REFUSED(-EINVAL, "ABSENT and KEEP", opts.linked_flags = 3; opts.linked_compare = NULL;
		opts.linked_compare_offset = 0; opts.linked_compare_size = 0;);
	REFUSED(-EINVAL, "ABSENT and FIRST", opts.linked_flags = 6; opts.linked_compare = NULL;
		opts.linked_compare_offset = 0; opts.linked_compare_size = 0;);
	REFUSED(-EINVAL, "ABSENT and a compare", opts.linked_flags = 2;);
	REFUSED(-EINVAL, "ABSENT and a claim", opts.linked_flags = 2; opts.linked_compare = NULL;
		opts.linked_compare_offset = 0; opts.linked_compare_size = 0; with_claims(&opts););
	REFUSED(-EINVAL, "KEEP and FIRST", opts.linked_flags = 5;);
	REFUSED(-EINVAL, "KEEP and a claim", opts.linked_flags = 1; with_claims(&opts););
	REFUSED(-EINVAL, "linked_compare_size without linked_compare", opts.linked_compare = NULL;
		opts.linked_compare_offset = 0;);
	REFUSED(-EINVAL, "linked_compare_offset without linked_compare", opts.linked_compare = NULL;
		opts.linked_compare_size = 0;);
	REFUSED(-EINVAL, "linked_compare_stride without linked_compare", opts.linked_compare = NULL;
		opts.linked_compare_size = 0; opts.linked_compare_offset = 0;
		opts.linked_compare_stride = 4;);
	REFUSED(-EINVAL, "linked_claim_size without linked_claim", opts.linked_claim_size = 4;);
	REFUSED(-EINVAL, "linked_claim_size 2", with_claims(&opts); opts.linked_claim_size = 2;);
	REFUSED(-EINVAL, "linked_claim_offset 6", with_claims(&opts);
		opts.linked_claim_offset = 6;);
	REFUSED(-EINVAL, "a linked claim outside of its region", with_claims(&opts);
		opts.linked_claim_offset = OFFSET + 4;);
	REFUSED(-EINVAL, "a linked claim outside of the value", with_claims(&opts);
		opts.linked_compare = NULL; opts.linked_compare_size = 0;
		opts.linked_compare_offset = 0; opts.linked_claim_offset = sizeof(value););
	REFUSED(-EINVAL, "a claim on the first alone", with_claims(&opts); opts.linked_claim = NULL;
		opts.linked_claim_offset = opts.linked_claim_size = 0;);
	REFUSED(-EINVAL, "a claim on the linked one alone", with_claims(&opts); opts.claim = NULL;
		opts.claim_offset = opts.claim_size = 0;);
	REFUSED(-EINVAL, "the same by linked_fd", with_claims(&opts); opts.claim = NULL;
		opts.claim_offset = opts.claim_size = 0; opts.linked_fd = fd;);
	REFUSED(-EINVAL, "a linked region past the value", opts.linked_compare_size = 9;);
	REFUSED(-EINVAL, "claim_first over claim_last", with_claims(&opts);
		opts.claim_first = -1ull; opts.claim_last = 1;);
	REFUSED(-EINVAL, "claim_last without a claim", opts.claim_last = 1;);
	REFUSED(-EINVAL, "a range without the claim", with_claims(&opts); opts.claim_first = 10;
		opts.claim_last = 20;);
	REFUSED(-EINVAL, "a range with elem_flags 0", opts.elem_flags = 0; opts.compare = NULL;
		opts.compare_offset = 0; opts.compare_size = 0; opts.linked_keys = NULL;
		opts.linked_compare = NULL; opts.linked_compare_offset = 0;
		opts.linked_compare_size = 0; opts.claim_last = 1;);
	REFUSED(-EOPNOTSUPP, "the native backend", opts.backend = BPF_MAP_COMPARE_NATIVE;);
	REFUSED(-EOPNOTSUPP, "values by the native backend", struct value was;
		opts.backend = BPF_MAP_COMPARE_NATIVE; opts.values = &was; opts.linked_keys = NULL;
		opts.linked_compare = NULL; opts.linked_compare_offset = 0;
		opts.linked_compare_size = 0;);
	bpf_map_compare_release(fd);
	close(fd);
}

static int reopen(int fd, __u32 flags)
{
	LIBBPF_OPTS(bpf_get_fd_by_id_opts, opts, .open_flags = flags);

	return bpf_map_get_fd_by_id_opts(map_id(fd), &opts);
}

/* What the linked map can be, and what may be asked of it. */
static void test_linked_map(void)
{
	int other = hash(8), fd = hash(8), array, read_only, write_only, closed, result, linked;
	int same_write_only;
	bool prog = kernel_has("syscall_prog");
	int pass = prog ? 0 : -EOPNOTSUPP;
	struct bpf_map_delete_batch_opts ok = good();

	array = make_map(BPF_MAP_TYPE_ARRAY, 4, sizeof(value), 8, 0);
	closed = open_fds() + 100;
	read_only = reopen(other, BPF_F_RDONLY);
	write_only = reopen(other, BPF_F_WRONLY);
	same_write_only = reopen(fd, BPF_F_WRONLY);
	put(fd, &key, &value);
	put(fd, &linked_key, &value);
	put(other, &linked_key, &value);
	REFUSED(-EBADF, "linked_fd is closed", opts.linked_fd = closed;);
	REFUSED(-EINVAL, "linked_fd is no map's", opts.linked_fd = STDIN_FILENO + 1;);
	REFUSED(-EINVAL, "linked_fd is no map's, KEEP", opts.linked_fd = STDIN_FILENO + 1;
		opts.linked_flags = BPF_MAP_LINKED_KEEP;);
	REFUSED(-EOPNOTSUPP, "linked_fd is an array's", opts.linked_fd = array;);
	REFUSED(-EPERM, "linked_fd is read-only", opts.linked_fd = read_only;);
	REFUSED(-EINVAL, "linked_fd is read-only, and a region past its value is looked at",
		opts.linked_fd = read_only;
		opts.linked_flags = BPF_MAP_LINKED_KEEP; opts.linked_compare_size = 9;);
	REFUSED(-EPERM, "linked_fd is write-only, KEEP", opts.linked_fd = write_only;
		opts.linked_flags = BPF_MAP_LINKED_KEEP;);
	REFUSED(-EPERM, "linked_fd is write-only, and of the same map",
		opts.linked_fd = same_write_only;
		opts.linked_flags = BPF_MAP_LINKED_KEEP;);
	ok.linked_fd = read_only;
	ok.linked_flags = BPF_MAP_LINKED_KEEP;
	tap_ok(delete (fd, &ok, &result, &linked) == pass && (!prog || (!result && !linked)) &&
		       has(other, LINKED_KEY),
	       "linked_fd is read-only, and looked at");
	if (!bpf_map_freeze(other)) {
		put(fd, &key, &value);
		REFUSED(-EPERM, "the linked map is frozen", opts.linked_fd = other;);
		ok.linked_fd = other;
		tap_ok(delete (fd, &ok, &result, &linked) == pass &&
			       (!prog || (!result && !linked)) && has(other, LINKED_KEY),
		       "the linked map is frozen, and looked at");
	}
	bpf_map_compare_release(fd);
	close(other);
	close(array);
	close(read_only);
	close(write_only);
	close(same_write_only);
	close(fd);
}

/* Two claims, each of which is one wherever it stands. */
static void test_two_claims(void)
{
	const __u32 claims[2] = { 0xffffffff, 0xfffffffe };
	const struct value claimed = { 3, 0xffffffff, 5 }, claimed_by_other = { 3, 0xfffffffe, 5 };
	int fd = hash(8), result, linked;
	struct bpf_map_delete_batch_opts opts = good();

	with_claims(&opts);
	opts.claim = &claims[0];
	opts.linked_claim = &claims[1];
	put(fd, &key, &value);
	put(fd, &linked_key, &claimed);
	opts.linked_compare = &claimed.word;
	tap_ok(!delete (fd, &opts, &result, &linked) && result == -EBUSY && linked == -EBUSY &&
		       has(fd, KEY) && has(fd, LINKED_KEY),
	       "the linked entry is expected to carry the other's claim");
	opts.linked_compare = NULL;
	opts.linked_compare_offset = opts.linked_compare_size = 0;
	tap_ok(!delete (fd, &opts, &result, &linked) && result == -EBUSY && linked == -EBUSY &&
		       has(fd, KEY) && has(fd, LINKED_KEY),
	       "it carries the other's claim, and is not compared");
	put(fd, &key, &claimed_by_other);
	put(fd, &linked_key, &value);
	opts.compare = &claimed_by_other.word;
	tap_ok(!delete (fd, &opts, &result, &linked) && result == -EBUSY && linked == -ECANCELED &&
		       has(fd, KEY) && has(fd, LINKED_KEY),
	       "the first one is expected to carry the linked one's claim");
	bpf_map_compare_release(fd);
	close(fd);
}

/* As large as can be, on both sides. */
static void test_large_regions(void)
{
	enum {
		SIZE = 65536
	};
	static char value[SIZE], got[SIZE];
	const __u64 large_claim = -1ull;
	int fd = make_map(BPF_MAP_TYPE_HASH, 4, SIZE, 4, 0), result, linked;
	__u32 count = 1;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE, .compare = value,
		    .claim = &large_claim, .claim_size = 8, .values = got,
		    .linked_keys = &linked_key, .linked_compare = value,
		    .linked_claim = &large_claim, .linked_claim_size = 8, .results = &result,
		    .linked_results = &linked);

	memset(value, 7, sizeof(value));
	put(fd, &key, value);
	put(fd, &linked_key, value);
	tap_ok(!bpf_map_delete_batch_opts(fd, &key, &count, &opts) && count == 1 && !result &&
		       !linked && !memcmp(got, value, SIZE),
	       "regions of 64 KiB on both sides, with claims and values");
	bpf_map_compare_release(fd);
	close(fd);
}

/* Pairs in their order; one of one key; more than a run takes. */
static void test_order(void)
{
	enum {
		N = 2000
	};
	static __u32 keys[N], linked_keys[N];
	static int results[N], linked_results[N];
	static struct value values[N];
	int fd = hash(2 * N), want;
	__u32 count = N, deleted = 0;
	bool pass = true;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE,
		    .compare = &values[0].word, .compare_offset = OFFSET, .compare_size = 4,
		    .compare_stride = sizeof(values[0]), .linked_keys = linked_keys,
		    .linked_compare = &values[0].word, .linked_compare_offset = OFFSET,
		    .linked_compare_size = 4, .linked_compare_stride = sizeof(values[0]),
		    .results = results, .linked_results = linked_results);

	/* Each entry with its reverse one, both ways; every seventh with itself. */
	for (__u32 i = 0; i < N; i++) {
		keys[i] = i;
		linked_keys[i] = i % 7 ? i ^ 1 : i;
		values[i] = value;
		put(fd, &keys[i], &values[i]);
	}
	tap_ok(!bpf_map_delete_batch_opts(fd, keys, &count, &opts), "pairs in both directions");
	for (__u32 i = 0; i < N; i++) {
		/* Those of odd numbers went with the ones before, if these were not refused. */
		want = i % 7 == 0 ? -EINVAL : i % 2 && (i - 1) % 7 ? -ENOENT : 0;
		deleted += !want;
		pass &= results[i] == want && linked_results[i] == (want ? -ECANCELED : 0);
		if (results[i] != want)
			printf("# %u: %d, should be %d\n", i, results[i], want);
	}
	tap_ok(pass, "the first of two deletes both, an entry with itself is refused");
	tap_ok(count == deleted, "count is %u, should be %u", count, deleted);
	bpf_map_compare_release(fd);
	close(fd);
}

/* Maps of other keys and values than one another's. */
static void test_other_sizes(void)
{
	enum {
		N = 700,
		LINKED_SIZE = 600
	};
	static __u32 keys[N];
	static __u64 words[N], linked_words[N];
	static char linked_keys[N][13], other[LINKED_SIZE];
	static int results[N], linked_results[N];
	__u64 big_claim = -1ull;
	__u32 count = N;
	int fd = make_map(BPF_MAP_TYPE_HASH, 4, 8, N, 0);
	int linked_fd = make_map(BPF_MAP_TYPE_HASH, 13, LINKED_SIZE, N, 0);
	bool pass = true;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE, .compare = words,
		    .results = results, .claim = &big_claim, .claim_size = 8,
		    .linked_keys = linked_keys, .linked_fd = linked_fd,
		    .linked_results = linked_results, .linked_compare = linked_words,
		    .linked_compare_offset = 592, .linked_claim = &big_claim,
		    .linked_claim_offset = 592, .linked_claim_size = 8, .linked_compare_size = 8);

	for (__u32 i = 0; i < N; i++) {
		keys[i] = i;
		words[i] = i * 3ull;
		linked_words[i] = i * 5ull + (i % 3 == 0);
		snprintf(linked_keys[i], sizeof(linked_keys[i]), "key %u", i);
		put(fd, &keys[i], &words[i]);
		*(__u64 *)(other + 592) = i * 5ull;
		put(linked_fd, linked_keys[i], other);
	}
	pass &= !bpf_map_delete_batch_opts(fd, keys, &count, &opts);
	for (__u32 i = 0; i < N; i++) {
		int want = i % 3 == 0 ? -EBUSY : 0;
		__u64 word;

		pass &= results[i] == want && linked_results[i] == want;
		pass &= !bpf_map_lookup_elem(fd, &keys[i], &word) == !!want &&
			(!want || word == i * 3ull);
		pass &= !bpf_map_lookup_elem(linked_fd, linked_keys[i], other) == !!want &&
			(!want || *(__u64 *)(other + 592) == i * 5ull);
	}
	tap_ok(pass && count == N - (N + 2) / 3, "other keys and values, claims of 8 bytes");
	bpf_map_compare_release(fd);
	close(fd);
	close(linked_fd);
}

static bool map_exists(__u32 id)
{
	int fd = bpf_map_get_fd_by_id(id);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* What is kept for two maps goes when either is released. */
static void test_release(bool linked_one)
{
	int fd = hash(8), other = hash(8), result, linked;
	struct bpf_map_delete_batch_opts opts = good();
	__u32 id = map_id(fd), other_id = map_id(other);

	opts.linked_fd = other;
	tap_ok(!delete (fd, &opts, &result, &linked) && result == -ENOENT, "two empty maps");
	bpf_map_compare_release(linked_one ? other : fd);
	close(fd);
	close(other);
	for (int i = 0; i < 100 && (map_exists(id) || map_exists(other_id)); i++)
		let_programs_be_freed();
	tap_ok(!map_exists(id) && !map_exists(other_id), "released by the %s one, both maps go",
	       linked_one ? "linked" : "first");
}

static void test_comparer(void)
{
	int fd = hash(8), others[2] = { hash(8), hash(8) }, results[1], linked_results[1];
	LIBBPF_OPTS(bpf_map_comparer_opts, with, .compare_offset = OFFSET, .compare_size = 4);
	struct bpf_map_comparer *comparer = bpf_map_comparer__open(fd, &with);
	struct bpf_map_delete_batch_opts opts = good();
	bool pass = comparer;
	__u32 count;

	opts.results = results;
	opts.linked_results = linked_results;
	for (int i = 0; i < 6 && pass; i++) {
		opts.linked_fd = i % 3 ? others[i % 2] : 0;
		put(fd, &key, &value);
		put(i % 3 ? others[i % 2] : fd, &linked_key, &value);
		count = 1;
		pass &= !bpf_map_comparer__delete_batch(comparer, &key, &count, &opts) &&
			count == 1 && !results[0] && !linked_results[0] && !has(fd, KEY) &&
			!has(others[0], LINKED_KEY) && !has(others[1], LINKED_KEY) &&
			!has(fd, LINKED_KEY);
	}
	tap_ok(pass, "by a comparer, with one map after another");
	bpf_map_comparer__close(comparer);
	close(fd);
	close(others[0]);
	close(others[1]);
}

int main(void)
{
	test_options();
	test_linked_map();
	if (kernel_has("syscall_prog")) {
		test_order();
		test_two_claims();
		if (!getenv("SLOW_MACHINE"))
			test_large_regions();
		test_other_sizes();
		test_release(false);
		test_release(true);
		test_comparer();
	}
	return tap_done();
}
