// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

//go:build cgo && !purego

/*
 * libbpf makes its system calls by syscall(), and of two functions of a name the program's goes first.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>
#include <sys/syscall.h>
#include "meddle.h"

static struct {
	atomic_bool armed;
	atomic_uint left;
	int fd, other;
} meddler;

void meddle_swap(unsigned int nth, int fd, int other)
{
	meddler.fd = fd;
	meddler.other = other;
	meddler.left = nth;
	meddler.armed = true;
}

bool meddle_done(void)
{
	return !atomic_exchange(&meddler.armed, false);
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
	if (number == SYS_bpf && meddler.armed && !meddler.left--) {
		meddler.armed = false;
		dup2(meddler.other, meddler.fd);
	}
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
