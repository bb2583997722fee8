// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Says why a call is refused: to the thread that asks afterwards, and through the callback that the
 * application gave libbpf with libbpf_set_print(). libbpf tells what that is only to those who set another:
 * so for a moment it is ours, and what is printed in that moment waits until it is known to whom it goes.
 */
#include <stdarg.h>
#include <stdio.h>
#include <bpf/libbpf.h>
#include "compare_internal.h"

static struct {
	pthread_mutex_t lock;
	libbpf_print_fn_t callback;
} print = { PTHREAD_MUTEX_INITIALIZER, NULL };

static __thread char reason[256];

/* Not while something is tried that there is another way for. */
static __thread bool quiet;

/* In the place of none: before 1.2 libbpf looks whether there is one, and then calls what is there by then. */
static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

static int pass_on(enum libbpf_print_level level, const char *format, va_list args)
{
	static __thread bool passing;
	libbpf_print_fn_t callback;
	int printed = 0;

	pthread_mutex_lock(&print.lock);
	callback = print.callback;
	pthread_mutex_unlock(&print.lock);
	/* One that was set in our moment may have us for its predecessor, and pass on to us. */
	if (!passing && callback != pass_on) {
		passing = true;
		printed = callback(level, format, args);
		passing = false;
	}
	return printed;
}

static libbpf_print_fn_t current_callback(void)
{
	libbpf_print_fn_t callback, between;

	pthread_mutex_lock(&print.lock);
	callback = libbpf_set_print(pass_on);
	/* Where it was us, that is left of a fork or of somebody who put back what was there in our moment. */
	if (callback != pass_on)
		print.callback = callback ? callback : silent;
	between = libbpf_set_print(print.callback);
	/* Somebody set it in that moment. */
	if (between != pass_on) {
		print.callback = between ? between : silent;
		libbpf_set_print(print.callback);
	}
	callback = print.callback;
	pthread_mutex_unlock(&print.lock);
	return callback;
}

static void print_by(libbpf_print_fn_t callback, enum libbpf_print_level level, const char *format,
		     ...)
{
	va_list args;

	va_start(args, format);
	callback(level, format, args);
	va_end(args);
}

/* What the caller got wrong is a warning; what is not to be had here is for those who ask. */
static int refuse_args(int err, const char *format, va_list args)
{
	if (quiet)
		return err;
	vsnprintf(reason, sizeof(reason), format, args);
	print_by(current_callback(), err == -EINVAL || err == -EFAULT ? LIBBPF_WARN : LIBBPF_DEBUG,
		 "libbpf-compare: %s\n", reason);
	return err;
}

int refuse(int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	refuse_args(err, format, args);
	va_end(args);
	return err;
}

/* What is to be said of the map behind fd itself comes before err. */
int refuse_map(int fd, int err, const char *format, ...)
{
	int first = map_check_writable(fd);
	va_list args;

	if (first)
		return first;
	va_start(args, format);
	refuse_args(err, format, args);
	va_end(args);
	return err;
}

void hint(const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	print_by(current_callback(), LIBBPF_DEBUG, "libbpf-compare: %s\n", text);
}

/* In this thread, from now on; gives how it was. */
bool print_reasons(bool on)
{
	bool was = !quiet;

	quiet = !on;
	return was;
}

/* At the start of a call. */
void forget_reason(void)
{
	reason[0] = '\0';
}

const char *libbpf_compare_reason(void)
{
	return reason;
}

/* A thread that is not there in this child may have had the lock. */
void print_start_afresh(void)
{
	pthread_mutex_init(&print.lock, NULL);
}
