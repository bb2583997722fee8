// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Asks the kernel's verifier what syscall programs may do here, by loading small ones. They never
 * run.
 */
#include <stdatomic.h>
#include <stdint.h>
#include <linux/capability.h>
#include "compare_internal.h"
#include "emulate.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#endif

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

/* 1 or 0, which are remembered, as no kernel changes its mind; or an error where it could not be told. */
int verifier_has_syscall_progs(void)
{
	enum { UNKNOWN, NO, YES };
	static _Atomic char answer;
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SYSCALL,
		.prog_flags = BPF_F_SLEEPABLE,
		.insns = (uintptr_t)insns,
		.insn_cnt = ARRAY_LEN(insns),
		.license = (uintptr_t)license,
	};
	int fd, tries = 5;

	if (answer != UNKNOWN)
		return answer == YES;
	do
		fd = sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	while ((fd == -EAGAIN || fd == -EINTR) && --tries);
	if (fd >= 0)
		close(fd);
	else if (fd != -EINVAL)
		return fd;
	/* There is nothing else in it that a kernel could find invalid. */
	answer = fd >= 0 ? YES : NO;
	return answer == YES;
}

/* What an error of loading a program says: the verifier's own are that this cannot be done. */
int verifier_refusal(int err)
{
	return err == -EACCES || err == -EINVAL || err == -KERNEL_ENOTSUPP ? -EOPNOTSUPP : err;
}

/* Loads a program that reads some byte of lo to hi, or none, of an element's value. */
static int load_reader(int map_fd, int scratch_fd, __u32 lo, __u32 hi)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = BPF_F_SLEEPABLE);
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
	int fd;

	fd = bpf_prog_load(BPF_PROG_TYPE_SYSCALL, NULL, license, insns, ARRAY_LEN(insns), &opts);
	return fd < 0 ? -errno : fd;
}

/*
 * 0 where a syscall program may look up an element of this map and read bytes lo to hi of its value
 * (with lo and hi equal, none of them); -EOPNOTSUPP where the verifier refuses that, as it does
 * where a field is in the way that the kernel manages; another error where it could not be asked.
 */
int verifier_allows_read(int map_fd, __u32 lo, __u32 hi)
{
	int scratch_fd, fd;

	/* Its only element serves as the key, for which the stack would be too small. */
	scratch_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, sizeof(__u32), KEY_SIZE_MAX, 1, NULL);
	if (scratch_fd < 0)
		return -errno;
	fd = load_reader(map_fd, scratch_fd, lo, hi);
	close(scratch_fd);
	if (fd < 0)
		return verifier_refusal(fd);
	close(fd);
	return 0;
}

/* Whether the caller has this capability, as far as it can know: in a user namespace it may err. */
static bool has_capability(int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	return !syscall(__NR_capget, &header, data) &&
	       data[capability / 32].effective & 1u << capability % 32;
}

/*
 * 0 where programs may hold code that can never run; -EPERM where the verifier looks at it all the
 * same, as a processor may that mispredicts a branch, and takes offence. So do older kernels (6.1,
 * not 6.12) with programs of those who lack CAP_PERFMON. The emulation's programs have such code: how
 * to read pieces that are larger than this map's values.
 */
int verifier_allows_dead_code(void)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = BPF_F_SLEEPABLE);
	const struct bpf_insn insns[] = {
		/* r0 = 0; if (r0 == 0) goto out */
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0 },
		{ BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 1, 0 },
		/* a read past the stack's end */
		{ BPF_LDX | BPF_DW | BPF_MEM, BPF_REG_0, BPF_REG_10, 8, 0 },
		/* out: return 0 */
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0 },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	int fd;

	if (has_capability(CAP_PERFMON) || has_capability(CAP_SYS_ADMIN))
		return 0;
	fd = bpf_prog_load(BPF_PROG_TYPE_SYSCALL, NULL, license, insns, ARRAY_LEN(insns), &opts);
	if (fd < 0)
		return errno == EACCES ? -EPERM : -errno;
	close(fd);
	return 0;
}
