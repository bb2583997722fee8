// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * libbpf makes its system calls by syscall(), and of two functions of a name the program's goes first.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>
#include <sys/syscall.h>
#include "swapped.h"

static struct {
	atomic_bool armed;
	atomic_uint left;
	int fd, other;
} swap;

void swapped_arm(unsigned int nth, int fd, int other)
{
	swap.left = nth;
	swap.fd = fd;
	swap.other = other;
	swap.armed = true;
}

bool swapped_disarm(void)
{
	return !atomic_exchange(&swap.armed, false);
}

long syscall(long number, ...)
{
	long (*next)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	long a[6];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_bpf && swap.armed && !swap.left--) {
		swap.armed = false;
		dup2(swap.other, swap.fd);
	}
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
