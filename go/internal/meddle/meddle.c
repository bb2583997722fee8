// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * libbpf makes its system calls by syscall(), and of two functions of a name the program's goes first.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include <sys/syscall.h>
#include "meddle.h"

static struct {
	atomic_bool armed;
	atomic_uint left;
	int fd, other;
	int err;
	char line[512];
} meddler;

static void arm(unsigned int nth)
{
	meddler.left = nth;
	meddler.armed = true;
}

void meddle_swap(unsigned int nth, int fd, int other)
{
	meddler.fd = fd;
	meddler.other = other;
	meddler.err = 0;
	arm(nth);
}

void meddle_say(unsigned int nth, const char *line, int err)
{
	snprintf(meddler.line, sizeof(meddler.line), "%s", line);
	meddler.err = err;
	arm(nth);
}

bool meddle_done(void)
{
	return !atomic_exchange(&meddler.armed, false);
}

static void say(const char *format, ...)
{
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	va_list args;

	libbpf_set_print(print);
	va_start(args, format);
	if (print)
		print(LIBBPF_DEBUG, format, args);
	va_end(args);
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
		if (meddler.err) {
			say("%s", meddler.line);
			errno = meddler.err;
			return -1;
		}
		dup2(meddler.other, meddler.fd);
	}
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static char heard[512];

static int listen(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	return vsnprintf(heard, sizeof(heard), format, args);
}

void meddle_listen(void)
{
	libbpf_set_print(listen);
}

char *meddle_heard(bool *listening)
{
	*listening = libbpf_set_print(NULL) == listen;
	return heard;
}
