// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Has a table's memory: creates an arena and lays a table out in it, or opens one that is there. Whatever is
 * read of its first page is read once, and checked.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>
#include "flowtab_internal.h"

#ifndef MADV_POPULATE_WRITE /* Linux 5.14 */
#define MADV_POPULATE_WRITE 23
#endif

/* Programs take the lower 32 bits of an address for an offset, so those of the first one are 0. */
#define ADDRESS_UNIT (1ull << 32)
/* Where no allocator, sanitizer or program has anything as a rule: in units. */
#define ADDRESS_FIRST 0x2000
#define ADDRESS_COUNT 0x3000
#define ADDRESS_TRIES 16

static int check_machine(void)
{
#ifdef __x86_64__
	return 0;
#else
	return refuse(-EOPNOTSUPP, "flow tables in an arena are for x86-64");
#endif
}

/* The bytes of a table, or 0 where that is no shape. */
static __u64 size_of(const struct bpf_flowtab *table)
{
	__u64 buckets = (__u64)table->bucket_mask + 1;
	__u64 size;

	if (!table->key_size || table->key_size > BPF_FLOWTAB_KEY_MAX || !table->value_size ||
	    table->value_size > BPF_FLOWTAB_VALUE_MAX || (table->keys != 1 && table->keys != 2) ||
	    (table->slots != 8 && table->slots != 16) || (buckets & table->bucket_mask))
		return 0;
	size = bpf_flowtab_words(buckets, table->keys, table->slots) +
	       buckets * table->slots *
		       bpf_flowtab_record_size(table->key_size, table->value_size, table->keys);
	return (size + BPF_FLOWTAB_PAGE - 1) / BPF_FLOWTAB_PAGE * BPF_FLOWTAB_PAGE;
}

static void set_layout(struct bpf_flowtab *table)
{
	table->records =
		bpf_flowtab_words((__u64)table->bucket_mask + 1, table->keys, table->slots);
}

static int read_head(struct bpf_flowtab *table)
{
	const struct bpf_flowtab_head *head = (const void *)table->memory;
	__u64 shape = __atomic_load_n(&head->shape, __ATOMIC_ACQUIRE);

	table->key_size = shape >> 32 & 0xffff;
	table->value_size = shape >> 16 & 0xffff;
	table->slots = shape >> 8 & 0xff;
	table->keys = shape >> 4 & 0xf;
	if (shape !=
	    BPF_FLOWTAB_SHAPE(table->key_size, table->value_size, table->keys, table->slots))
		return refuse(-EINVAL, "the arena has no flow table of version %d",
			      BPF_FLOWTAB_VERSION);
	table->bucket_mask = *(const volatile __u32 *)&head->bucket_mask;
	table->grace = *(const volatile __u32 *)&head->grace;
	memcpy(table->secret, head->secret, sizeof(table->secret));
	if (!size_of(table) || size_of(table) > table->size)
		return refuse(-EINVAL, "the arena's flow table is damaged: it tells a shape that "
				       "cannot be, or does not fit");
	set_layout(table);
	return 0;
}

/* A signal may end what is longer than 256 bytes early. */
static int get_random(void *to, size_t size)
{
	while (size) {
		ssize_t got = getrandom(to, size, 0);

		if (got < 0 && errno != EINTR)
			return refuse(-errno, "no random numbers: %s", strerror(errno));
		if (got > 0) {
			to = (char *)to + got;
			size -= got;
		}
	}
	return 0;
}

/*
 * A slot that was never used is as of some time, as any other: each of another one. Were all of one, all of them would
 * seem young for some seconds each time that the clock has gone round to it, and nothing could be created.
 */
static void write_times(struct bpf_flowtab *table)
{
	const __u64 day = bpf_flowtab_ticks(24ull * 3600 * 1000000000);
	const __u64 step = 200 * day / all_slots(table);
	__u64 time = ticks_now() - day;

	for (__u32 slot = 0; slot < all_slots(table); slot++, time -= step)
		*word_of(table, slot) = time << BPF_FLOWTAB_TIME_SHIFT;
}

static int write_head(struct bpf_flowtab *table)
{
	struct bpf_flowtab_head *head = (void *)table->memory;
	int err = get_random(table->secret, sizeof(table->secret));

	if (err)
		return err;
	write_times(table);
	head->bucket_mask = table->bucket_mask;
	head->grace = table->grace;
	memcpy(head->secret, table->secret, sizeof(head->secret));
	__atomic_store_n(&head->shape,
			 BPF_FLOWTAB_SHAPE(table->key_size, table->value_size, table->keys,
					   table->slots),
			 __ATOMIC_RELEASE);
	set_layout(table);
	return 0;
}

static struct bpf_flowtab *alloc_table(void)
{
	struct bpf_flowtab *table = calloc(1, sizeof(*table));
	int *ours;

	if (!table) {
		refuse(-ENOMEM, "out of memory");
		return NULL;
	}
	table->fd = -1;
	ours = mmap(NULL, sizeof(*ours), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	if (ours == MAP_FAILED || madvise(ours, sizeof(*ours), MADV_WIPEONFORK)) {
		refuse(-errno, "no memory that tells a child from its parent: %s", strerror(errno));
		if (ours != MAP_FAILED)
			munmap(ours, sizeof(*ours));
		free(table);
		return NULL;
	}
	*ours = 1;
	table->ours = ours;
	return table;
}

int check_ours(const struct bpf_flowtab *table)
{
	return *table->ours ? 0 : refuse(-EBADF, "the table is a parent's: a child opens it anew");
}

void bpf_flowtab__close(struct bpf_flowtab *table)
{
	if (!table)
		return;
	/* A child has something else there, or nothing. */
	if (table->memory && *table->ours)
		munmap(table->memory, table->size);
	munmap((void *)table->ours, sizeof(*table->ours));
	if (table->fd >= 0)
		close(table->fd);
	free(table);
}

static struct bpf_flowtab *fail(struct bpf_flowtab *table, int err)
{
	bpf_flowtab__close(table);
	errno = -err;
	return NULL;
}

static int map_at(struct bpf_flowtab *table, __u64 address)
{
	char *memory = mmap((void *)address, table->size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_FIXED_NOREPLACE, table->fd, 0);

	if (memory == MAP_FAILED)
		return -errno;
	if (memory != (char *)address) { /* by a kernel that does not know the flag */
		munmap(memory, table->size);
		return -EEXIST;
	}
	table->memory = memory;
	return 0;
}

/* Whether it is arenas that this kernel does not know, as it calls all that it does not know invalid. */
static bool knows_arenas(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	int fd = bpf_map_create(MAP_TYPE_ARENA, NULL, 0, 0, 1, &opts);

	if (fd < 0)
		return errno != EINVAL;
	close(fd);
	return true;
}

/* -EEXIST where something of this process has the address. */
static int create_at(struct bpf_flowtab *table, const char *name, __u64 address)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE, .map_extra = address);
	int err;

	table->fd =
		bpf_map_create(MAP_TYPE_ARENA, name, 0, 0, table->size / BPF_FLOWTAB_PAGE, &opts);
	if (table->fd < 0) {
		err = -errno;
		if (err == -EINVAL && !knows_arenas())
			return refuse(-EOPNOTSUPP,
				      "the kernel has no BPF_MAP_TYPE_ARENA (Linux 6.9)");
		if (err == -EPERM)
			return refuse(err, "an arena takes CAP_BPF");
		return refuse(err, "cannot create an arena of %zu bytes: %s", table->size,
			      strerror(-err));
	}
	err = map_at(table, address);
	if (!err)
		return 0;
	close(table->fd);
	table->fd = -1;
	return refuse(err, "cannot map an arena of %zu bytes: %s", table->size, strerror(-err));
}

static int create_arena(struct bpf_flowtab *table, const char *name)
{
	int err = -EEXIST;

	for (int i = 0; i < ADDRESS_TRIES && err == -EEXIST; i++) {
		__u32 random;

		err = get_random(&random, sizeof(random));
		if (!err)
			err = create_at(table, name,
					(ADDRESS_FIRST + random % ADDRESS_COUNT) * ADDRESS_UNIT);
	}
	return err;
}

static int read_create_opts(struct bpf_flowtab *table, const struct bpf_flowtab_create_opts *opts)
{
	__u64 buckets = 1, size;

	if (!opts || opts->sz != sizeof(*opts))
		return refuse(-EINVAL, "opts are those of another version of the library");
	table->key_size = opts->key_size;
	table->value_size = opts->value_size;
	table->keys = opts->keys ?: 1;
	table->slots = opts->slots ?: 8;
	table->grace = opts->grace_ms ?: 1000;
	if (table->grace < 1000)
		return refuse(-EINVAL, "grace_ms is %u: a grace is a second, at least",
			      table->grace);
	table->grace = ((__u64)table->grace * 1000000 >> BPF_FLOWTAB_TICK_SHIFT) + 2;
	while (buckets * table->slots < opts->max_entries)
		buckets *= 2;
	table->bucket_mask = buckets - 1;
	size = opts->max_entries ? size_of(table) : 0;
	if (!size)
		return refuse(-EINVAL,
			      "no table has %u entries of %u keys of %u bytes and a value of %u, "
			      "in buckets of %u",
			      opts->max_entries, table->keys, table->key_size, table->value_size,
			      table->slots);
	if (size > ADDRESS_UNIT)
		return refuse(-E2BIG, "a table of %llu bytes is larger than an arena, 4 GiB",
			      (unsigned long long)size);
	table->size = size;
	return 0;
}

struct bpf_flowtab *bpf_flowtab__create(const char *name,
					const struct bpf_flowtab_create_opts *opts)
{
	struct bpf_flowtab *table = alloc_table();
	int err;

	if (!table)
		return NULL;
	err = check_machine();
	if (!err)
		err = read_create_opts(table, opts);
	if (!err)
		err = create_arena(table, name);
	/* What has no memory yet drops what is stored there. It is never given back, either. */
	if (!err && madvise(table->memory, table->size, MADV_POPULATE_WRITE))
		err = refuse(-errno == -EFAULT ? -ENOMEM : -errno, "no memory for %zu bytes",
			     table->size);
	if (!err)
		err = write_head(table);
	return err ? fail(table, err) : table;
}

/* The table has fd from here on. */
static struct bpf_flowtab *open_owned(int fd)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);
	struct bpf_flowtab *table;
	int err;

	if (fd < 0)
		return NULL;
	table = alloc_table();
	if (!table) {
		err = -errno;
		close(fd);
		errno = -err;
		return NULL;
	}
	table->fd = fd;
	err = check_machine();
	if (!err && bpf_obj_get_info_by_fd(fd, &info, &size))
		err = refuse(-errno, "cannot ask for the map's type: %s", strerror(errno));
	if (!err && (info.type != MAP_TYPE_ARENA || !info.map_extra ||
		     info.map_extra % ADDRESS_UNIT || (info.map_flags & SEGV_ON_FAULT)))
		err = refuse(-EINVAL, "map %u is no arena that bpf_flowtab__create() made",
			     info.id);
	if (err)
		return fail(table, err);
	table->size = (__u64)info.max_entries * BPF_FLOWTAB_PAGE;
	err = map_at(table, info.map_extra);
	if (err == -EEXIST)
		refuse(err,
		       "something of this process is at %#llx, where the arena has to be: "
		       "is the table open already?",
		       (unsigned long long)info.map_extra);
	else if (err == -EPERM || err == -EACCES)
		err = refuse(-EPERM,
			     "the file descriptor is read-only: an arena takes a writable one");
	else if (err)
		refuse(err, "cannot map the arena: %s", strerror(-err));
	else
		err = read_head(table);
	return err ? fail(table, err) : table;
}

struct bpf_flowtab *bpf_flowtab__open(int fd)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (own < 0)
		refuse(-errno, "file descriptor %d: %s", fd, strerror(errno));
	return open_owned(own);
}

struct bpf_flowtab *bpf_flowtab__open_id(__u32 id)
{
	int fd = bpf_map_get_fd_by_id(id);

	if (fd < 0)
		refuse(-errno, "map %u: %s", id, strerror(errno));
	return open_owned(fd);
}

struct bpf_flowtab *bpf_flowtab__open_pinned(const char *path)
{
	int fd = bpf_obj_get(path);

	if (fd < 0)
		refuse(-errno, "%s: %s", path, strerror(errno));
	return open_owned(fd);
}

int bpf_flowtab__fd(const struct bpf_flowtab *table)
{
	return table->fd;
}

int bpf_flowtab__info(const struct bpf_flowtab *table, struct bpf_flowtab_info *info)
{
	*info = (struct bpf_flowtab_info){
		.key_size = table->key_size,
		.value_size = table->value_size,
		.keys = table->keys,
		.slots = table->slots,
		.all_slots = all_slots(table),
		.grace_ms = ((__u64)table->grace << BPF_FLOWTAB_TICK_SHIFT) / 1000000,
	};
	return 0;
}
