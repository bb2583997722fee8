/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What the library's files know of one another, in the order in which a delete passes them. Errors
 * are negative errnos; only the exported functions set errno.
 */
#ifndef LIBBPF_COMPARE_INTERNAL_H
#define LIBBPF_COMPARE_INTERNAL_H

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/bpf_compare.h>

/*
 * What our files share and nobody else sees. Empty, as the build hides it from those who link the
 * library; where all files are compiled as one it is static.
 */
#ifndef INTERNAL
#define INTERNAL
#endif

/* The kernel's own ENOTSUPP, which no user space header has. */
#define KERNEL_ENOTSUPP 524

static inline int set_errno(int err)
{
	if (err < 0)
		errno = -err;
	return err;
}

/*
 * No call is a cancellation point: a thread that was cancelled in close(2), say, would leave a lock
 * taken or files open. What enter() gives is for leave(), which gives err and sets errno.
 */
static inline int enter(void)
{
	int cancel_state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	return cancel_state;
}

static inline int leave(int cancel_state, int err)
{
	pthread_setcancelstate(cancel_state, NULL);
	return set_errno(err);
}

/*
 * bpf(2) itself, where libbpf has no function for it, or one that raises RLIMIT_MEMLOCK on kernels
 * before 5.11: whoever only asks what a kernel can do does not expect that.
 */
static inline int sys_bpf(enum bpf_cmd cmd, void *attr, unsigned int size)
{
	long ret = syscall(__NR_bpf, cmd, attr, size);

	return ret < 0 ? -errno : (int)ret;
}

/* Part of a value, in bytes. */
struct region {
	__u32 offset;
	__u32 size;
};

/* The word that says whose entry it is until it is deleted; none where its size is 0. */
struct claim {
	__u64 word;
	__u32 offset;	/* within the value */
	__u32 size;
};

/* What a call asks for, of one key or of many. */
struct deletion {
	const char *keys;	/* one after the other, of the map's key size */
	bool conditional;
	const char *compare;	/* key i's expected bytes are at compare + i * stride */
	size_t stride;
	struct region region;
	struct claim claim;
};

/* opts.c: options of older and newer callers */
INTERNAL int copy_opts(void *to, size_t known, const void *from);

/* claim.c: the rules for claims */
INTERNAL int read_claim(struct claim *claim, const void *word, __u32 offset, __u32 size);
INTERNAL int check_claim(const struct claim *claim, struct region region);
INTERNAL bool claim_is_expected(const struct claim *claim, struct region region,
				const void *compare);

/* map.c: what is behind a file descriptor */
INTERNAL int map_info(int fd, struct bpf_map_info *info);
INTERNAL int map_full_info(int fd, struct bpf_map_info *info);
INTERNAL int map_check_writable(int fd);
INTERNAL bool map_type_serves(__u32 type);
INTERNAL int map_check_region(const struct bpf_map_info *info, struct region *region);

/* native.c: the kernel's BPF_F_COMPARE */
INTERNAL int native_delete(int fd, const void *key, const void *compare, struct region region);
INTERNAL int native_probe(__u32 map_type);
INTERNAL int native_serves_map(int fd, const struct bpf_map_info *info);

/* emulate.c: the syscall program */
INTERNAL int emulate_prepare(int fd, const struct bpf_map_info *info,
			     const struct deletion *deletion);
INTERNAL int emulate_delete(int fd, const struct bpf_map_info *info,
			    const struct deletion *deletion, __u32 first, __u32 *count,
			    int *results);
INTERNAL int emulate_serves_map(int fd, const struct bpf_map_info *info);

/* kept.c: the programs and the shared memory that are kept between calls */
struct kept;

struct kept_call {
	struct kept *program;
	unsigned int slot;
};

struct emulate_config;
struct emulate_run;

INTERNAL int kept_acquire(int fd, const struct bpf_map_info *info, struct region region,
			  bool claims, struct kept_call *call);
INTERNAL const struct emulate_config *kept_config(const struct kept_call *call);
INTERNAL struct emulate_run *kept_memory(const struct kept_call *call);
INTERNAL int kept_run(const struct kept_call *call);
INTERNAL void kept_put(const struct kept_call *call);
/* This program is not to be used again, its file descriptor turned out to be something else. */
INTERNAL void kept_forget(const struct kept_call *call);
INTERNAL void kept_release_map(__u32 map_id);

/* loader.c: one program for one map */
struct loaded {
	int fd;
	__u32 prog_id;
};

INTERNAL int load_program(int map_fd, int slots_fd, const struct bpf_map_info *info,
			  struct region region, bool claims, struct emulate_config *config,
			  struct loaded *loaded);

/* lock.c: where a value's bpf_spin_lock is */
INTERNAL int find_lock(const struct bpf_map_info *info, __u32 *offset);

/* verifier.c: what the kernel lets a syscall program do */
INTERNAL void verifier_hold_signals(sigset_t *before);
INTERNAL void verifier_let_signals(const sigset_t *before);
INTERNAL int verifier_has_syscall_progs(void);
INTERNAL int verifier_refusal(int err);
INTERNAL int verifier_allows_read(int map_fd, __u32 lo, __u32 hi);
INTERNAL int verifier_allows_dead_code(void);

/* scratch.c: maps to try things on */
#define SCRATCH_KEY 1u
struct scratch_value {
	__u32 first;
	__u32 second;
	__u32 third;
};
INTERNAL int scratch_map(__u32 map_type);
INTERNAL int scratch_add(int fd, const struct scratch_value *value);
INTERNAL int scratch_has(int fd);

#endif /* LIBBPF_COMPARE_INTERNAL_H */
