/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Is the kernel what its row in rows.txt says? The system call itself, without
 * any library: BPF_F_COMPARE's checks and their order where it is known,
 * refusal where it is not, and the delete it must not be mistaken for where
 * flags are ignored.
 */
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../tap.h"

#ifndef BPF_F_COMPARE
#define BPF_F_COMPARE 32
#endif

#define VALUE_SIZE     40
#define ENTRIES	       16
#define NOWHERE	       ((const void *)8) /* a pointer that cannot be read */
#define RACE_SECONDS   3
#define RACE_REVISIONS (1U << 20)

/* BPF_MAP_DELETE_ELEM's part of union bpf_attr; beyond: more than it knows of */
struct delete_attr {
	__u32 fd;
	__u32 hole;
	__u64 key;
	__u64 value;
	__u64 flags;
	__u64 compare;
	__u32 offset;
	__u32 size;
	__u64 beyond;
};

static unsigned char expected[VALUE_SIZE];
static const __u64 key = 7, absent = 8;

static int sys_bpf(int cmd, void *attr, unsigned int size)
{
	long ret = syscall(__NR_bpf, cmd, attr, size);

	return ret < 0 ? -errno : ret;
}

static int map_create(enum bpf_map_type type, __u32 key_size, __u32 flags, int btf, __u32 btf_value)
{
	union bpf_attr attr = {
		.map_type = type,
		.key_size = key_size,
		.value_size = VALUE_SIZE,
		.max_entries = ENTRIES,
		.map_flags = flags,
		.btf_fd = btf,
		.btf_key_type_id = btf_value ? 1 : 0,
		.btf_value_type_id = btf_value,
	};
	int fd = sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));

	if (fd < 0)
		tap_bail("map of type %d, flags %u, BTF type %u: %d", type, flags, btf_value, fd);
	return fd;
}

static int map_update(int fd, const void *k, const void *value, __u64 flags)
{
	union bpf_attr attr = {
		.map_fd = fd,
		.key = (uintptr_t)k,
		.value = (uintptr_t)value,
		.flags = flags,
	};

	return sys_bpf(BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr));
}

static int map_lookup(int fd, const void *k, void *value)
{
	union bpf_attr attr = {
		.map_fd = fd,
		.key = (uintptr_t)k,
		.value = (uintptr_t)value,
	};

	return sys_bpf(BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr));
}

static int delete_compare(int fd, const void *k, const void *compare, __u32 offset, __u32 size)
{
	struct delete_attr attr = {
		.fd = fd,
		.key = (uintptr_t)k,
		.flags = BPF_F_COMPARE,
		.compare = (uintptr_t)compare,
		.offset = offset,
		.size = size,
	};

	return sys_bpf(BPF_MAP_DELETE_ELEM, &attr, sizeof(attr));
}

static bool has(const char *word)
{
	const char *words = getenv("KERNEL_HAS");
	size_t len = strlen(word);

	for (; words && *words; words += strcspn(words, " "), words += strspn(words, " "))
		if (!strncmp(words, word, len) && (words[len] == ' ' || !words[len]))
			return true;
	return false;
}

static void put(int fd)
{
	if (map_update(fd, &key, expected, BPF_ANY))
		tap_bail("update");
}

static bool holds(int fd)
{
	unsigned char value[VALUE_SIZE];

	return !map_lookup(fd, &key, value) && !memcmp(value, expected, VALUE_SIZE);
}

/* Every way to set a flag or a field that a kernel may not know */
static const struct {
	const char *name;
	struct delete_attr attr;
	bool known; /* ... where BPF_F_COMPARE is */
} fields[] = {
	{ "flag", { .flags = BPF_F_COMPARE, .compare = (uintptr_t)expected }, true },
	{ "flag 1", { .flags = 1 }, false },
	{ "flag 64", { .flags = 64 }, false },
	{ "flag and flag 1",
	  { .flags = BPF_F_COMPARE | 1, .compare = (uintptr_t)expected },
	  false },
	{ "flag in the upper half", { .flags = (__u64)BPF_F_COMPARE << 32 }, false },
	{ "compare, no flag", { .compare = (uintptr_t)expected }, false },
	{ "compare_offset, no flag", { .offset = 1 }, false },
	{ "compare_size, no flag", { .size = 1 }, false },
	{ "flag and value",
	  { .flags = BPF_F_COMPARE, .compare = (uintptr_t)expected, .value = (uintptr_t)expected },
	  false },
	{ "flag and more fields",
	  { .flags = BPF_F_COMPARE, .compare = (uintptr_t)expected, .beyond = 1 },
	  false },
};

static void test_fields(void)
{
	int fd = map_create(BPF_MAP_TYPE_HASH, sizeof(key), 0, 0, 0);
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct delete_attr attr = fields[i].attr;
		bool deletes = has("ignores_flags") || (has("native") && fields[i].known);

		attr.key = (uintptr_t)&key;
		attr.fd = fd;
		put(fd);
		tap_is(sys_bpf(BPF_MAP_DELETE_ELEM, &attr, sizeof(attr)), deletes ? 0 : -EINVAL,
		       "%s", fields[i].name);
		tap_ok(holds(fd) == !deletes, "%s: %s", fields[i].name, deletes ? "gone" : "there");
		if (deletes)
			continue;
		attr.fd = -1;
		tap_is(sys_bpf(BPF_MAP_DELETE_ELEM, &attr, sizeof(attr)), -EINVAL,
		       "%s, before the map is looked at", fields[i].name);
	}
	close(fd);
}

/* What a kernel that ignores the flag does instead of comparing */
static void test_ignored(void)
{
	static const unsigned char other[VALUE_SIZE] = { 0xff };
	int fd = map_create(BPF_MAP_TYPE_HASH, sizeof(key), 0, 0, 0);

	put(fd);
	tap_is(delete_compare(fd, &key, other, 0, 0), 0, "deletes what differs");
	tap_ok(!holds(fd), "deletes what differs: gone");
	close(fd);
}

/* Key sizes that are rounded up before the value; with and without pre-allocation */
static void test_compare(__u32 key_size, __u32 map_flags)
{
	unsigned char k[16] = { 1, 2, 3 }, other_k[16] = { 3, 2, 1 }, bytes[VALUE_SIZE];
	int fd = map_create(BPF_MAP_TYPE_HASH, key_size, map_flags, 0, 0);
	unsigned int at, wrong = 0;

	map_update(fd, other_k, expected, BPF_ANY);
	tap_is(delete_compare(fd, k, expected, 0, 0), -ENOENT, "key size %u: absent", key_size);
	map_update(fd, k, expected, BPF_ANY);
	for (at = 0; at < VALUE_SIZE; at++) {
		memcpy(bytes, expected, VALUE_SIZE);
		bytes[at] ^= 0x80;
		wrong += delete_compare(fd, k, bytes, 0, 0) != -EBUSY;
		wrong += delete_compare(fd, k, bytes + at, at, 1) != -EBUSY;
		wrong += map_lookup(fd, k, bytes) || memcmp(bytes, expected, VALUE_SIZE);
	}
	tap_is(wrong, 0, "key size %u: any byte that differs", key_size);
	for (at = 0; at < VALUE_SIZE; at++) {
		map_update(fd, k, expected, BPF_ANY);
		wrong += delete_compare(fd, k, expected + at, at, VALUE_SIZE - at) != 0;
		wrong += map_lookup(fd, k, bytes) != -ENOENT;
		memset(bytes, 0xff, VALUE_SIZE);
		bytes[at] = expected[at];
		map_update(fd, k, bytes, BPF_ANY);
		wrong += delete_compare(fd, k, expected + at, at, 1) != 0;
		wrong += map_lookup(fd, k, bytes) != -ENOENT;
	}
	tap_is(wrong, 0, "key size %u: any region that equals", key_size);
	tap_is(map_lookup(fd, other_k, bytes), 0, "key size %u: no other key", key_size);
	close(fd);
}

static int reopen_read_only(int fd)
{
	static const char path[] = "/sys/fs/bpf/test_flag";
	union bpf_attr attr = { .pathname = (uintptr_t)path, .bpf_fd = fd };
	int ret = sys_bpf(BPF_OBJ_PIN, &attr, sizeof(attr));

	if (ret)
		tap_bail("pin: %d", ret);
	attr.bpf_fd = 0;
	attr.file_flags = BPF_F_RDONLY;
	ret = sys_bpf(BPF_OBJ_GET, &attr, sizeof(attr));
	unlink(path);
	return ret;
}

/* Each call is wrong in this and in every later respect. */
static void test_order(void)
{
	int fd = map_create(BPF_MAP_TYPE_HASH, sizeof(key), 0, 0, 0);
	int lru = map_create(BPF_MAP_TYPE_LRU_HASH, sizeof(key), 0, 0, 0);
	int null = open("/dev/null", O_RDWR), read_only = reopen_read_only(fd);
	union bpf_attr frozen = { .map_fd = fd };

	put(fd);
	put(lru);
	tap_is(delete_compare(-1, NULL, NULL, 1, 0), -EBADF, "no fd");
	tap_is(delete_compare(null, NULL, NULL, 1, 0), -EINVAL, "no map");
	tap_is(delete_compare(read_only, NULL, NULL, 1, 0), -EPERM, "read-only fd");
	tap_is(delete_compare(lru, NULL, NULL, 1, 0), -EFAULT, "no key");
	tap_is(delete_compare(lru, &key, NULL, 1, 0), -EINVAL, "whole value, but not from 0");
	tap_is(delete_compare(lru, &key, NULL, 0, VALUE_SIZE + 1), -EINVAL, "size");
	tap_is(delete_compare(lru, &key, NULL, VALUE_SIZE, 1), -EINVAL, "offset");
	tap_is(delete_compare(lru, &key, NULL, 2, -2), -EINVAL, "a sum that overflows");
	tap_is(delete_compare(lru, &key, NULL, -2, 2), -EINVAL, "likewise");
	tap_is(delete_compare(lru, &key, NULL, 0, 0), -EOPNOTSUPP, "map type");
	tap_is(delete_compare(fd, &absent, NULL, 0, 0), -EFAULT, "no expected bytes");
	tap_is(delete_compare(fd, &absent, NOWHERE, 0, 0), -EFAULT, "unreadable bytes");
	tap_is(delete_compare(fd, &absent, expected, 0, 0), -ENOENT, "absent");
	tap_ok(holds(fd) && holds(lru), "nothing was deleted");
	if (sys_bpf(BPF_MAP_FREEZE, &frozen, sizeof(frozen)))
		tap_bail("freeze");
	tap_is(delete_compare(fd, &key, expected, 0, 0), -EPERM, "frozen map");
	tap_ok(holds(fd), "frozen map: there");
	close(fd);
	close(lru);
	close(null);
	close(read_only);
}

static void test_types(void)
{
	static const struct {
		const char *name;
		enum bpf_map_type type;
		__u32 key_size, flags;
	} types[] = {
		{ "array", BPF_MAP_TYPE_ARRAY, 4, 0 },
		{ "LRU hash", BPF_MAP_TYPE_LRU_HASH, 8, 0 },
		{ "per-CPU hash", BPF_MAP_TYPE_PERCPU_HASH, 8, 0 },
		{ "per-CPU LRU hash", BPF_MAP_TYPE_LRU_PERCPU_HASH, 8, 0 },
		{ "LPM trie", BPF_MAP_TYPE_LPM_TRIE, 8, BPF_F_NO_PREALLOC },
	};
	static const __u32 k[2] = { 3, 0 };
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		int fd = map_create(types[i].type, types[i].key_size, types[i].flags, 0, 0);

		tap_is(delete_compare(fd, k, expected, 0, 0), -EOPNOTSUPP, "%s", types[i].name);
		close(fd);
	}
}

/*
 * Types 4, 6 and 10: values of VALUE_SIZE bytes with a field that the kernel looks
 * after, at 0.
 */
static int load_btf(void)
{
#define TYPE(kind, vlen) ((kind) << 24 | (vlen))
	static const char strings[] = "\0int\0bpf_spin_lock\0bpf_timer\0kptr\0task_struct\0f";
	enum {
		INT = 1,
		LOCK = 5,
		TIMER = 19,
		KPTR = 29,
		TASK = 34,
		FIELD = 46
	};
	static const struct {
		struct btf_header header;
		__u32 types[50];
		char strings[sizeof(strings)];
	} btf = {
		.header =
			{
				.magic = BTF_MAGIC,
				.version = BTF_VERSION,
				.hdr_len = sizeof(struct btf_header),
				.type_len = sizeof(btf.types),
				.str_off = sizeof(btf.types),
				.str_len = sizeof(strings),
			},
		.types = {
			/*  1 */ INT,
			TYPE(BTF_KIND_INT, 0),
			8,
			64,
			/*  2 */ INT,
			TYPE(BTF_KIND_INT, 0),
			4,
			32,
			/*  3 */ LOCK,
			TYPE(BTF_KIND_STRUCT, 1),
			4,
			FIELD,
			2,
			0,
			/*  4 */ 0,
			TYPE(BTF_KIND_STRUCT, 1),
			VALUE_SIZE,
			FIELD,
			3,
			0,
			/*  5 */ TIMER,
			TYPE(BTF_KIND_STRUCT, 2),
			16,
			FIELD,
			1,
			0,
			FIELD,
			1,
			64,
			/*  6 */ 0,
			TYPE(BTF_KIND_STRUCT, 1),
			VALUE_SIZE,
			FIELD,
			5,
			0,
			/*  7 */ TASK,
			TYPE(BTF_KIND_STRUCT, 0),
			0,
			/*  8 */ KPTR,
			TYPE(BTF_KIND_TYPE_TAG, 0),
			7,
			/*  9 */ 0,
			TYPE(BTF_KIND_PTR, 0),
			8,
			/* 10 */ 0,
			TYPE(BTF_KIND_STRUCT, 1),
			VALUE_SIZE,
			FIELD,
			9,
			0,
		},
		.strings = "\0int\0bpf_spin_lock\0bpf_timer\0kptr\0task_struct\0f",
	};
	union bpf_attr attr = { .btf = (uintptr_t)&btf, .btf_size = sizeof(btf) };
	int fd = sys_bpf(BPF_BTF_LOAD, &attr, sizeof(attr));

	if (fd < 0)
		tap_bail("BTF: %d", fd);
	return fd;
}

static void test_managed(void)
{
	static const struct {
		const char *name;
		__u32 type;
	} values[] = { { "bpf_spin_lock", 4 }, { "bpf_timer", 6 }, { "kernel pointer", 10 } };
	int btf = load_btf();
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		int fd = map_create(BPF_MAP_TYPE_HASH, sizeof(key), BPF_F_NO_PREALLOC, btf,
				    values[i].type);

		put(fd);
		tap_is(delete_compare(fd, &key, NULL, 16, 8), -EOPNOTSUPP, "value with a %s",
		       values[i].name);
		close(fd);
	}
	close(btf);
}

/*
 * One thread replaces an entry by ever higher revisions, two delete the one they
 * have read. The writer notices each delete, as its BPF_EXIST finds nothing, and
 * knows what was lost: the revision that it wrote last. Each revision lost must
 * be one that somebody deleted by compare, and the other way round.
 */
static struct {
	int fd;
	bool compare; /* false: read again before a plain delete */
	bool stop;
	__u32 last; /* revision written */
	unsigned char deleted[RACE_REVISIONS], lost[RACE_REVISIONS];
	unsigned int nr_lost;
	unsigned int unnamed; /* lost, and not deleted once by its name */
	unsigned int unlost;  /* deleted by its name, and not lost */
} race;

static void *race_writer(void *unused)
{
	unsigned char value[VALUE_SIZE] = { 0 };
	time_t end = time(NULL) + RACE_SECONDS;
	__u32 revision;

	(void)unused;
	for (revision = 1; revision < RACE_REVISIONS && time(NULL) < end; revision++) {
		memcpy(value + 8, &revision, sizeof(revision));
		if (!map_update(race.fd, &key, value, BPF_EXIST))
			continue;
		race.lost[revision - 1] = 1;
		if (map_update(race.fd, &key, value, BPF_NOEXIST))
			tap_bail("create");
	}
	race.last = revision - 1;
	__atomic_store_n(&race.stop, true, __ATOMIC_RELAXED);
	return NULL;
}

static void *race_deleter(void *unused)
{
	unsigned char value[VALUE_SIZE];
	union bpf_attr plain = { .map_fd = race.fd, .key = (uintptr_t)&key };
	__u32 revision;
	int ret;

	(void)unused;
	while (!__atomic_load_n(&race.stop, __ATOMIC_RELAXED)) {
		if (map_lookup(race.fd, &key, value))
			continue;
		memcpy(&revision, value + 8, sizeof(revision));
		ret = race.compare ? delete_compare(race.fd, &key, value + 8, 8, 4)
				   : sys_bpf(BPF_MAP_DELETE_ELEM, &plain, sizeof(plain));
		if (!ret)
			__atomic_add_fetch(&race.deleted[revision], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void run_race(bool compare)
{
	pthread_t threads[3];
	unsigned int i;

	memset(&race, 0, sizeof(race));
	race.compare = compare;
	race.fd = map_create(BPF_MAP_TYPE_HASH, sizeof(key), 0, 0, 0);
	/* revision 0 */
	if (map_update(race.fd, &key, (unsigned char[VALUE_SIZE]){ 0 }, BPF_NOEXIST))
		tap_bail("create");
	for (i = 0; i < 3; i++)
		if (pthread_create(&threads[i], NULL, i ? race_deleter : race_writer, NULL))
			tap_bail("thread");
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < race.last; i++) {
		race.nr_lost += race.lost[i];
		race.unnamed += race.lost[i] && race.deleted[i] != 1;
		race.unlost += !race.lost[i] && race.deleted[i];
	}
	/* where the last one was deleted, nobody was left to notice */
	race.unlost += race.deleted[race.last] > 1;
	close(race.fd);
}

static void test_race(void)
{
	run_race(true);
	tap_ok(!race.unnamed && !race.unlost && race.nr_lost > 10,
	       "race: what is deleted is what was compared (%u lost, %u unnamed, %u unlost)",
	       race.nr_lost, race.unnamed, race.unlost);
	/* The same race without the flag, or the test might have shown nothing. */
	run_race(false);
	tap_ok(race.unnamed, "race: not so without the flag (%u lost, %u unnamed, %u unlost)",
	       race.nr_lost, race.unnamed, race.unlost);
}

int main(void)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	unsigned int i;

	setrlimit(RLIMIT_MEMLOCK, &unlimited); /* before 5.11, what maps are charged to */
	for (i = 0; i < VALUE_SIZE; i++)
		expected[i] = i;

	test_fields();
	if (has("ignores_flags"))
		test_ignored();
	if (has("native")) {
		test_order();
		test_types();
		test_managed();
		for (i = 1; i <= 16; i++)
			test_compare(i, i % 2 ? BPF_F_NO_PREALLOC : 0);
		test_race();
	}
	return tap_done();
}
