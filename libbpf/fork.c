// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Tells a forked child from its parent, by whatever system call it was made. A child shares nothing with
 * its parent: two processes in one memory would mix one's key with the other's expected bytes.
 */
#include <linux/futex.h>
#include <sys/mman.h>
#include "compare_internal.h"

enum {
	FRESH = 0,
	STARTING,
	STARTED,
};

/* In memory that the kernel fills with zeros in a child. */
static int *state;

/* What a child's first call makes one more than its parent's. */
static __u64 number;

static void futex(int *word, int operation, int value)
{
	syscall(__NR_futex, word, operation, value, NULL, NULL, 0);
}

static int map_state(void)
{
	int *none = NULL;
	void *page;
	int err;

	page = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	if (page == MAP_FAILED)
		return -errno;
	if (madvise(page, sizeof(*state), MADV_WIPEONFORK)) {
		err = -errno;
		munmap(page, sizeof(*state));
		return err;
	}
	/* Another thread may have been first. */
	if (!__atomic_compare_exchange_n(&state, &none, (int *)page, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST))
		munmap(page, sizeof(*state));
	return 0;
}

/* The threads that had a lock are not there, and no memory that programs share is mapped. */
static void start_afresh(void)
{
	number++;
	turns_start_afresh();
	print_start_afresh();
	kept_drop_all();
}

/* What a child inherits is closed also where it never calls us. */
static void after_fork(void)
{
	__u64 ignored;

	process_number(&ignored);
}

static int start(int *word)
{
	static int registered;
	int fresh = FRESH, now;

	if (__atomic_compare_exchange_n(word, &fresh, STARTING, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST)) {
		start_afresh();
		if (!registered)
			registered = !pthread_atfork(NULL, NULL, after_fork);
		__atomic_store_n(word, STARTED, __ATOMIC_SEQ_CST);
		futex(word, FUTEX_WAKE_PRIVATE, 1 << 30);
	}
	/* To spin would keep a thread of lower priority from ever coming to an end. */
	while ((now = __atomic_load_n(word, __ATOMIC_SEQ_CST)) != STARTED)
		futex(word, FUTEX_WAIT_PRIVATE, now);
	return 0;
}

int process_number(__u64 *this)
{
	int *word = __atomic_load_n(&state, __ATOMIC_ACQUIRE), err = 0;

	if (!word) {
		err = map_state();
		word = __atomic_load_n(&state, __ATOMIC_ACQUIRE);
	}
	if (!err && __atomic_load_n(word, __ATOMIC_ACQUIRE) != STARTED)
		err = start(word);
	*this = number;
	return err;
}
