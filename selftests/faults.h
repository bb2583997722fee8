/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Lets the n-th system call or allocation that the library, and libbpf for it, make in this thread
 * fail. For programs that are linked with the linker's --wrap for each function here, see
 * selftests.mk.
 */
#ifndef SELFTESTS_FAULTS_H
#define SELFTESTS_FAULTS_H

#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include "common.h"

enum fault_kind {
	NO_FAULT,
	FAULT_ALLOCATION,
	FAULT_SYSTEM_CALL,
	FAULT_PROGRAM_LOAD,
};

static __thread struct {
	enum fault_kind kind;
	int err;
	unsigned int left; /* calls that still succeed */
	void (*event)(void);
	bool met;
} fault;

static inline void fault_arm(enum fault_kind kind, int err, unsigned int nth)
{
	fault.err = err;
	fault.left = nth;
	fault.event = NULL;
	fault.met = false;
	fault.kind = kind;
}

/* Something happens before the n-th system call, which is then made. */
static inline void fault_arm_event(void (*event)(void), unsigned int nth)
{
	fault_arm(FAULT_SYSTEM_CALL, 0, nth);
	fault.event = event;
}

/* Whether there was an n-th call to fail. */
static inline bool fault_disarm(void)
{
	fault.kind = NO_FAULT;
	return fault.met;
}

/* Whether this call fails; errno is set then. */
static inline bool fault_due(enum fault_kind kind)
{
	if (kind != fault.kind || fault.met)
		return false;
	if (fault.left) {
		fault.left--;
		return false;
	}
	fault.met = true;
	if (fault.event) {
		fault.event();
		return false;
	}
	errno = fault.err;
	return true;
}

/* Large ones, those of children too. */
static unsigned int *program_loads;

static inline void fault_init(void)
{
	program_loads = mmap(NULL, sizeof(*program_loads), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (program_loads == MAP_FAILED)
		tap_bail("mmap");
}

/* No lock of an open file description is in another's way, as far as F_OFD_GETLK tells. */
static bool locks_are_apart;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

static inline bool is_syscall_program(long attr_at)
{
	return ((const union bpf_attr *)(uintptr_t)attr_at)->prog_type == BPF_PROG_TYPE_SYSCALL;
}

/*
 * The small programs that only tell whether they load are loaded once: as the same is asked again
 * and again here, copies of the first one's fd do.
 */
static inline long load_program_once(long cmd, long attr_at, long size)
{
	const union bpf_attr *attr = (const void *)(uintptr_t)attr_at;
	static int loaded[BPF_PROG_TYPE_SYSCALL + 1];
	int *kept = &loaded[attr->prog_type];

	if (attr->insn_cnt > 2) {
		if (++*program_loads % 50 == 0)
			let_programs_be_freed();
		return __real_syscall(__NR_bpf, cmd, attr_at, size);
	}
	if (!*kept) {
		long fd = __real_syscall(__NR_bpf, cmd, attr_at, size);

		if (fd < 0)
			return fd;
		*kept = __real_syscall(__NR_fcntl, fd, F_DUPFD_CLOEXEC, 900);
		return fd;
	}
	return __real_syscall(__NR_fcntl, *kept, F_DUPFD_CLOEXEC, 0);
}

long __wrap_syscall(long number, ...)
{
	bool loads_program;
	long a[3] = {};
	va_list ap;

	/* Of those that get here no other has less than three. */
	va_start(ap, number);
	for (int i = 0; i < (number == __NR_capget ? 2 : 3); i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	/* Commands are passed as int. */
	loads_program = number == __NR_bpf && (int)a[0] == BPF_PROG_LOAD;
	if (fault_due(FAULT_SYSTEM_CALL) ||
	    (loads_program && is_syscall_program(a[1]) && fault_due(FAULT_PROGRAM_LOAD)))
		return -1;
	if (number == __NR_fcntl && a[1] == 36 && locks_are_apart) {
		*(short *)(uintptr_t)a[2] = F_UNLCK;
		return 0;
	}
	if (loads_program && program_loads)
		return load_program_once(a[0], a[1], a[2]);
	return __real_syscall(number, a[0], a[1], a[2]);
}

/* Blocks that the library and libbpf hold. */
static __thread long allocated;

#define WRAP_ALLOCATION(name, parameters, arguments, old)                                          \
	void *__real_##name parameters;                                                            \
	void *__wrap_##name parameters;                                                            \
	void *__wrap_##name parameters                                                             \
	{                                                                                          \
		void *block = fault_due(FAULT_ALLOCATION) ? NULL : __real_##name arguments;        \
                                                                                                   \
		allocated += block && !(old);                                                      \
		return block;                                                                      \
	}

WRAP_ALLOCATION(malloc, (size_t size), (size), false)
WRAP_ALLOCATION(calloc, (size_t n, size_t size), (n, size), false)
WRAP_ALLOCATION(realloc, (void *old, size_t size), (old, size), old)
#undef WRAP_ALLOCATION

char *__wrap_strdup(const char *text);

char *__wrap_strdup(const char *text)
{
	char *copy = __wrap_malloc(strlen(text) + 1);

	return copy ? strcpy(copy, text) : NULL;
}

void __real_free(void *block);
void __wrap_free(void *block);

void __wrap_free(void *block)
{
	allocated -= !!block;
	__real_free(block);
}

#define WRAP(type, failure, name, parameters, arguments)                                           \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		return fault_due(FAULT_SYSTEM_CALL) ? failure : __real_##name arguments;           \
	}

WRAP(void *, MAP_FAILED, mmap, (void *at, size_t size, int prot, int flags, int fd, off_t offset),
     (at, size, prot, flags, fd, offset))
WRAP(void *, MAP_FAILED, mmap64, (void *at, size_t size, int prot, int flags, int fd, off_t offset),
     (at, size, prot, flags, fd, offset))
WRAP(int, -1, madvise, (void *at, size_t size, int advice), (at, size, advice))
WRAP(int, -1, fcntl, (int fd, int cmd, long argument), (fd, cmd, argument))
WRAP(int, -1, fcntl64, (int fd, int cmd, long argument), (fd, cmd, argument))
WRAP(int, -1, open, (const char *path, int flags, mode_t mode), (path, flags, mode))
WRAP(int, -1, open64, (const char *path, int flags, mode_t mode), (path, flags, mode))
WRAP(ssize_t, -1, getrandom, (void *to, size_t size, unsigned int flags), (to, size, flags))
#undef WRAP

#endif /* SELFTESTS_FAULTS_H */
