// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Asks the kernel's verifier what syscall programs may do here, by loading small ones. They never
 * run.
 */
#include <stdint.h>
#include <linux/capability.h>
#include "compare_internal.h"

static const char license[] = "Dual BSD/GPL";

/*
 * The verifier gives up with -EAGAIN whenever a signal is pending. A profiler's timer could keep a
 * program from ever being loaded, so signals wait, some milliseconds at most.
 */
void verifier_hold_signals(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, before);
}

void verifier_let_signals(const sigset_t *before)
{
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

static int load_small(const struct bpf_insn *insns, __u32 count)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SYSCALL;
	attr.prog_flags = BPF_F_SLEEPABLE;
	attr.insns = (uintptr_t)insns;
	attr.insn_cnt = count;
	attr.license = (uintptr_t)license;
	return sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* 1 or 0, which are remembered, as no kernel changes its mind; or an error where it could not be told. */
int verifier_has_syscall_progs(void)
{
	enum {
		UNKNOWN,
		NO,
		YES
	};
	static char answer;
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	char known = __atomic_load_n(&answer, __ATOMIC_RELAXED);
	int fd, tries = 5;

	if (known != UNKNOWN)
		return known == YES;
	do
		fd = load_small(insns, ARRAY_LEN(insns));
	while ((fd == -EAGAIN || fd == -EINTR) && --tries);
	if (fd >= 0)
		close(fd);
	else if (fd != -EINVAL)
		return fd == -EPERM
			       ? refuse(fd, "loading a BPF_PROG_TYPE_SYSCALL program takes CAP_BPF")
			       : fd;
	/* There is nothing else in it that a kernel could find invalid. */
	__atomic_store_n(&answer, fd >= 0 ? YES : NO, __ATOMIC_RELAXED);
	return fd >= 0;
}

/* What an error of loading a program says: the verifier's own are that this cannot be done. */
int verifier_refusal(int err)
{
	return err == -EACCES || err == -EINVAL || err == -KERNEL_ENOTSUPP ? -EOPNOTSUPP : err;
}

/* Loads a program that reads some byte of lo to hi, or none, of an element's value. */
static int load_reader(int map_fd, int scratch_fd, __u32 lo, __u32 hi)
{
	__s32 last = hi > lo ? hi - lo - 1 : 0;
	__u8 touch = hi > lo ? BPF_LDX | BPF_B | BPF_MEM : BPF_ALU64 | BPF_MOV | BPF_X;
	const struct bpf_insn insns[] = {
		/* r0 = lookup(map, the scratch array's element) */
		{ BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map_fd },
		{ 0, 0, 0, 0, 0 },
		{ BPF_LD | BPF_DW | BPF_IMM, BPF_REG_2, BPF_PSEUDO_MAP_VALUE, 0, scratch_fd },
		{ 0, 0, 0, 0, 0 },
		{ BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem },
		/* if (!r0) goto out */
		{ BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 7, 0 },
		/* r1 = a number that the verifier cannot know; if (r1 > last) goto out */
		{ BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_VALUE, 0, scratch_fd },
		{ 0, 0, 0, 0, 0 },
		{ BPF_LDX | BPF_DW | BPF_MEM, BPF_REG_1, BPF_REG_1, 0, 0 },
		{ BPF_JMP | BPF_JGT | BPF_K, BPF_REG_1, 0, 3, last },
		/* r1 = the byte at r0 + lo + r1 */
		{ BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_0, 0, 0, lo },
		{ BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_0, BPF_REG_1, 0, 0 },
		{ touch, BPF_REG_1, BPF_REG_0, 0, 0 },
		/* out: return 0 */
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0 },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};

	return load_small(insns, ARRAY_LEN(insns));
}

/* An array of one element, which serves as the key: for the largest the stack would be too small. */
static int make_key(__u32 size)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(__u32);
	attr.value_size = size < sizeof(__u64) ? sizeof(__u64) : size;
	attr.max_entries = 1;
	return sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}

/*
 * 0 where a syscall program may look up an element of this map and read bytes lo to hi of its value
 * (with lo and hi equal, none of them); -EOPNOTSUPP where the verifier refuses that, as it does
 * where a field is in the way that the kernel manages; another error where it could not be asked.
 */
int verifier_allows_read(int map_fd, __u32 key_size, __u32 lo, __u32 hi)
{
	int key_fd, fd;

	key_fd = make_key(key_size);
	if (key_fd < 0)
		return key_fd;
	fd = load_reader(map_fd, key_fd, lo, hi);
	close(key_fd);
	if (fd < 0)
		return verifier_refusal(fd);
	close(fd);
	return 0;
}

/* The caller's effective ones, of those in CAPABILITIES_MASK. */
int own_capabilities(__u64 *capabilities)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	memset(data, 0, sizeof(data));
	if (syscall(__NR_capget, &header, data))
		return -errno;
	*capabilities = ((__u64)data[1].effective << 32 | data[0].effective) & CAPABILITIES_MASK;
	return 0;
}
