// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What the emulation keeps between calls: loaded programs, at most KEPT_MAX, and the memory that
 * they all share with us, of which each call under way has a slot.
 *
 * Programs are found by map id, which the kernel gives to no other map as long as the program holds
 * its map. File descriptors are trusted only as far as they must be, since an application may close
 * numbers that it does not own, and get them again for something else: a program refuses to run for
 * a caller that took it for another, by its cookie, and nothing is closed but what has our id.
 *
 * A forked child shares nothing with its parent: two processes in one slot would mix one's key with
 * the other's expected bytes.
 */
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include "compare_internal.h"
#include "emulate.h"

#define KEPT_MAX  64
#define SLOTS_MAX 16

enum state {
	FREE,
	LOADING,
	LIVE,
	LEAVING, /* not to be used again; the last call that runs it lets go of it */
};

struct kept {
	enum state state;
	__u32 map_id;
	bool claims;	    /* it is the program for claims */
	unsigned int calls; /* that run it now */
	__u64 last_use;
	struct loaded loaded;
	struct emulate_config config;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t change; /* a slot or a program became free, or is loaded */
	__u64 uses;
	struct kept programs[KEPT_MAX];

	/* The shared memory is there as long as any program is, live or being loaded. */
	unsigned int slot_users;
	unsigned int busy_slots; /* a bit a slot */
	int slots_fd;
	__u32 slots_map_id;
	char *slots;
} kept = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.change = PTHREAD_COND_INITIALIZER,
};

/*
 * Asks what a file descriptor is, and again where that fails for another reason than that it is
 * none of BPF: what could not be told to be ours would never be closed.
 */
static bool tell(int fd, void *info, __u32 size)
{
	int tries = 3;

	do
		if (!bpf_obj_get_info_by_fd(fd, info, &size))
			return true;
	while (errno != EBADFD && errno != EBADF && errno != EINVAL && --tries);
	return false;
}

static bool is_our_slots(void)
{
	struct bpf_map_info info = {};

	return tell(kept.slots_fd, &info, sizeof(info)) && info.id == kept.slots_map_id &&
	       info.value_size == SLOT_SIZE;
}

static void close_program(const struct loaded *loaded)
{
	struct bpf_prog_info info = {};

	if (tell(loaded->fd, &info, sizeof(info)) && info.id == loaded->prog_id &&
	    info.type == BPF_PROG_TYPE_SYSCALL)
		close(loaded->fd);
}

/*
 * The child's half of a fork, on its first call: the threads that held the lock or a slot are not
 * there, and the memory is not mapped. What the parent was just changing is half done here; fds are
 * closed only where they prove to be ours.
 */
static void start_afresh(void)
{
	for (struct kept *k = kept.programs; k < kept.programs + KEPT_MAX; k++) {
		if (k->state != FREE)
			close_program(&k->loaded);
		*k = (struct kept){ .state = FREE };
	}
	if (kept.slots && is_our_slots())
		close(kept.slots_fd);
	kept.slots = NULL;
	kept.slot_users = 0;
	kept.busy_slots = 0;
	kept.lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	kept.change = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
}

enum {
	FRESH = 0,
	STARTING,
	STARTED
};

/* In memory that the kernel fills with zeros in a child, however it was forked. */
static _Atomic int *_Atomic process_state;

static int map_process_state(void)
{
	_Atomic int *none = NULL;
	void *page;
	int err;

	page = mmap(NULL, sizeof(*process_state), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return -errno;
	if (madvise(page, sizeof(*process_state), MADV_WIPEONFORK)) {
		err = -errno;
		munmap(page, sizeof(*process_state));
		return err;
	}
	/* Another thread may have been first. */
	if (!atomic_compare_exchange_strong(&process_state, &none, page))
		munmap(page, sizeof(*process_state));
	return 0;
}

static int notice_fork(void)
{
	int err, fresh = FRESH;

	err = process_state ? 0 : map_process_state();
	if (err)
		return err;
	if (*process_state == STARTED)
		return 0;
	if (atomic_compare_exchange_strong(process_state, &fresh, STARTING)) {
		start_afresh();
		*process_state = STARTED;
	}
	while (*process_state != STARTED)
		sched_yield();
	return 0;
}

static int make_slots(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	struct bpf_map_info info;
	void *memory;
	int fd, err;

	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "compare_slots", sizeof(__u32), SLOT_SIZE,
			    SLOTS_MAX, &opts);
	if (fd < 0)
		return -errno;
	err = map_info(fd, &info);
	if (err)
		goto out_close;
	memory = mmap(NULL, SLOTS_MAX * SLOT_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		err = -errno;
		goto out_close;
	}
	if (madvise(memory, SLOTS_MAX * SLOT_SIZE, MADV_DONTFORK)) {
		err = -errno;
		goto out_unmap;
	}
	kept.slots_fd = fd;
	kept.slots_map_id = info.id;
	kept.slots = memory;
	return 0;

out_unmap:
	munmap(memory, SLOTS_MAX * SLOT_SIZE);
out_close:
	close(fd);
	return err;
}

static void put_slots(void)
{
	if (--kept.slot_users)
		return;
	munmap(kept.slots, SLOTS_MAX * SLOT_SIZE);
	if (is_our_slots())
		close(kept.slots_fd);
	kept.slots = NULL;
}

static void let_go(struct kept *k)
{
	close_program(&k->loaded);
	*k = (struct kept){ .state = FREE };
	put_slots();
	pthread_cond_broadcast(&kept.change);
}

static void forget(struct kept *k)
{
	if (k->state != LIVE)
		return;
	k->state = LEAVING;
	if (!k->calls)
		let_go(k);
}

/* Makes sure that there is shared memory, whose fd a program can be loaded with, and holds it. */
static int get_slots(void)
{
	int err;

	if (kept.slots && !is_our_slots()) {
		/* Someone closed it. The memory lives on, but no further program can get at it. */
		for (;;) {
			for (struct kept *k = kept.programs; k < kept.programs + KEPT_MAX; k++)
				forget(k);
			if (!kept.slots)
				break;
			pthread_cond_wait(&kept.change, &kept.lock);
		}
	}
	if (!kept.slots) {
		err = make_slots();
		if (err)
			return err;
	}
	kept.slot_users++;
	return 0;
}

static bool covers(const struct kept *k, const struct bpf_map_info *info, struct region region,
		   bool claims)
{
	if (k->map_id != info->id || k->claims != claims)
		return false;
	/* What a program that is being loaded will cover is not known yet. */
	return k->state == LOADING || (k->state == LIVE && k->config.lo <= region.offset &&
				       region.offset + region.size <= k->config.hi);
}

static struct kept *find(const struct bpf_map_info *info, struct region region, bool claims)
{
	for (struct kept *k = kept.programs; k < kept.programs + KEPT_MAX; k++)
		if (covers(k, info, region, claims))
			return k;
	return NULL;
}

/* Two at once might take each other's claims for their own. */
static bool claim_is_running(__u32 map_id)
{
	for (struct kept *k = kept.programs; k < kept.programs + KEPT_MAX; k++)
		if (k->map_id == map_id && k->claims && k->calls)
			return true;
	return false;
}

/* A free place, if need be that of the program whose last use is longest ago; NULL = all are busy. */
static struct kept *find_place(void)
{
	struct kept *oldest = NULL;

	for (struct kept *k = kept.programs; k < kept.programs + KEPT_MAX; k++) {
		if (k->state == FREE)
			return k;
		if (k->state == LIVE && !k->calls && (!oldest || k->last_use < oldest->last_use))
			oldest = k;
	}
	if (oldest)
		forget(oldest);
	return oldest;
}

/* Loads a program for this map and region. Others may use the lock meanwhile. */
static int add(int fd, const struct bpf_map_info *info, struct region region, bool claims)
{
	struct emulate_config config = {};
	struct loaded loaded = {};
	struct kept *k;
	int err;

	/* First of all: where this is new to the kernel, so is much that libbpf relies on. */
	err = verifier_has_syscall_progs();
	if (err != 1)
		return err ? err : -EOPNOTSUPP;
	err = get_slots();
	if (err)
		return err;
	k = find_place();
	if (!k) {
		put_slots();
		pthread_cond_wait(&kept.change, &kept.lock);
		return 0;
	}
	k->state = LOADING;
	k->map_id = info->id;
	k->claims = claims;
	pthread_mutex_unlock(&kept.lock);

	err = load_program(fd, kept.slots_fd, info, region, claims, &config, &loaded);

	pthread_mutex_lock(&kept.lock);
	k->config = config;
	k->loaded = loaded;
	k->state = LIVE;
	if (err) {
		*k = (struct kept){ .state = FREE };
		put_slots();
	}
	pthread_cond_broadcast(&kept.change);
	return err;
}

int kept_acquire(int fd, const struct bpf_map_info *info, struct region region, bool claims,
		 struct kept_call *call)
{
	struct kept *k;
	int err;

	err = notice_fork();
	if (err)
		return err;
	pthread_mutex_lock(&kept.lock);
	for (;;) {
		k = find(info, region, claims);
		if (!k) {
			err = add(fd, info, region, claims);
			if (err)
				break;
		} else if (k->state == LOADING || kept.busy_slots == (1u << SLOTS_MAX) - 1 ||
			   (claims && claim_is_running(info->id))) {
			pthread_cond_wait(&kept.change, &kept.lock);
		} else {
			call->program = k;
			call->slot = __builtin_ctz(~kept.busy_slots);
			kept.busy_slots |= 1u << call->slot;
			k->last_use = ++kept.uses;
			k->calls++;
			break;
		}
	}
	pthread_mutex_unlock(&kept.lock);
	return err;
}

const struct emulate_config *kept_config(const struct kept_call *call)
{
	return &call->program->config;
}

struct emulate_run *kept_memory(const struct kept_call *call)
{
	return (struct emulate_run *)(kept.slots + (size_t)call->slot * SLOT_SIZE);
}

int kept_run(const struct kept_call *call)
{
	struct emulate_call context = {
		.cookie = call->program->config.cookie,
		.slot = call->slot,
	};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &context, .ctx_size_in = sizeof(context));

	if (!bpf_prog_test_run_opts(call->program->loaded.fd, &opts))
		return opts.retval == EMULATE_RAN ? 0 : -ESTALE;
	switch (errno) {
	case EBADF:
	case EINVAL:
	case KERNEL_ENOTSUPP:
		/* Our program would not have been answered so: this is no fd of it. */
		return -ESTALE;
	}
	return -errno;
}

void kept_put(const struct kept_call *call)
{
	struct kept *k = call->program;

	pthread_mutex_lock(&kept.lock);
	kept.busy_slots &= ~(1u << call->slot);
	k->calls--;
	if (k->state == LEAVING && !k->calls)
		let_go(k);
	pthread_cond_broadcast(&kept.change);
	pthread_mutex_unlock(&kept.lock);
}

void kept_forget(const struct kept_call *call)
{
	pthread_mutex_lock(&kept.lock);
	forget(call->program);
	pthread_mutex_unlock(&kept.lock);
}

void kept_release_map(__u32 map_id)
{
	if (notice_fork())
		return;
	pthread_mutex_lock(&kept.lock);
	for (struct kept *k = kept.programs; k < kept.programs + KEPT_MAX; k++)
		if (k->map_id == map_id)
			forget(k);
	pthread_mutex_unlock(&kept.lock);
}

int bpf_map_compare_release(int fd)
{
	int err, cancel_state = enter();
	struct bpf_map_info info;

	/* To have information is not to be a map: programs do too, with ids of their own. */
	err = map_check_writable(fd);
	if (!err || err == -EPERM)
		err = map_info(fd, &info);
	if (!err)
		kept_release_map(info.id);
	return leave(cancel_state, err);
}
