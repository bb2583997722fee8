// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Says why a call is refused, through the callback that the application gave libbpf with
 * libbpf_set_print(). libbpf tells what that is only to those who set another: so for a moment it is ours,
 * and what is printed in that moment waits until it is known to whom it goes.
 */
#include <stdarg.h>
#include <stdio.h>
#include <bpf/libbpf.h>
#include "compare_internal.h"

static struct {
	pthread_mutex_t lock;
	libbpf_print_fn_t callback;
} print = { PTHREAD_MUTEX_INITIALIZER, NULL };

static int pass_on(enum libbpf_print_level level, const char *format, va_list args)
{
	libbpf_print_fn_t callback;

	pthread_mutex_lock(&print.lock);
	callback = print.callback;
	pthread_mutex_unlock(&print.lock);
	return callback && callback != pass_on ? callback(level, format, args) : 0;
}

static libbpf_print_fn_t current_callback(void)
{
	libbpf_print_fn_t callback, between;

	pthread_mutex_lock(&print.lock);
	print.callback = libbpf_set_print(pass_on);
	between = libbpf_set_print(print.callback);
	/* Somebody set it in that moment. */
	if (between != pass_on) {
		print.callback = between;
		libbpf_set_print(between);
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

static void print_args(enum libbpf_print_level level, const char *format, va_list args)
{
	libbpf_print_fn_t callback = current_callback();
	char reason[256];

	if (!callback)
		return;
	vsnprintf(reason, sizeof(reason), format, args);
	print_by(callback, level, "libbpf-compare: %s\n", reason);
}

/* What the caller got wrong is a warning; what is not to be had here is for those who ask. */
static int refuse_args(int err, const char *format, va_list args)
{
	print_args(err == -EINVAL || err == -EFAULT ? LIBBPF_WARN : LIBBPF_DEBUG, format, args);
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
	va_list args;

	va_start(args, format);
	print_args(LIBBPF_DEBUG, format, args);
	va_end(args);
}

/* A thread that is not there in this child may have had the lock. */
void print_start_afresh(void)
{
	pthread_mutex_init(&print.lock, NULL);
}
