/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Every system call and allocation of a call fails once, in each way that passes. Which calls there are,
 * and what is true after them, says the program that includes this.
 */
#ifndef SELFTESTS_FAULTS_RUN_H
#define SELFTESTS_FAULTS_RUN_H

#include <sys/wait.h>
#include "faults.h"

struct subject {
	const char *name;
	int (*call)(const struct subject *subject);
	__u32 backend;
	bool claims;
	int wanted;
};

/* From which state of the library a call starts. */
enum start {
	COLD,	  /* as it was loaded, in a process of its own */
	RELEASED, /* it knows the kernel, but has no program for this map */
	KEPT,	  /* and a program */
};

static const char *const start_names[] = { "cold", "released", "kept" };

struct series {
	const struct subject *subject;
	enum start start;
	enum fault_kind kind;
	int err;
};

/* What the program has to have: before the calls of a series, and before each; */
static void start_series(const struct subject *s);
static void fill(void);
/* after it, that what it says of each entry is true; and, before a child ends, all else; */
static void check_results(const struct series *series, __u32 nth, int err);
static void check_child(const struct series *series, __u32 nth);
/* what lets go of all that is kept; */
static void let_go(void);
/* whether a call that failed may have something kept that another one has not; */
static bool keeps_by_way(const struct subject *s);
/* and what is answered where the verifier refuses the program. */
static int without_program(const struct subject *s);

static int surprises;

__attribute__((format(printf, 1, 2))) static void surprise(const char *fmt, ...)
{
	va_list ap;

	surprises++;
	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

static bool answer_is_true(const struct series *series, int got)
{
	const struct subject *s = series->subject;

	if (got == s->wanted)
		return true;
	/* Where libbpf does not tell what failed, the library says that memory did. */
	if (series->kind != FAULT_PROGRAM_LOAD)
		return got == -series->err || got == -ENOMEM;
	return got == without_program(s);
}

/* One call with a fault, one without; whether the first one met it. */
static bool try_once(const struct series *series, __u32 nth)
{
	const struct subject *s = series->subject;
	int fds = open_fds(), got, err;
	bool met;

	fill();
	errno = 0;
	fault_arm(series->kind, series->err, nth);
	got = s->call(s);
	err = errno;
	met = fault_disarm();
	if (!answer_is_true(series, got))
		surprise("call %u: answered %d (%s)", nth, got, strerror(-got));
	else if (got < 0 && err != -got)
		surprise("call %u: answered %d with errno %d", nth, got, err);
	check_results(series, nth, got);

	fill();
	got = s->call(s);
	/* The kernel that calls the smallest syscall program invalid has none: this is remembered. */
	if (got != s->wanted && !(series->start == COLD && series->kind == FAULT_PROGRAM_LOAD &&
				  !nth && answer_is_true(series, got)))
		surprise("after call %u: answered %d (%s)", nth, got, strerror(-got));
	check_results(series, nth, got);

	if (series->start != KEPT) {
		let_go();
		if (open_fds() != fds)
			surprise("call %u: %d fds were open, now %d", nth, fds, open_fds());
	}
	return met;
}

static bool try_in_child(const struct series *series, __u32 nth)
{
	/* Not what a child ends with that has come to an end otherwise. */
	enum {
		MET = 10,
		NOT_MET,
		SURPRISED
	};
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		bool met;

		surprises = 0;
		met = try_once(series, nth);
		check_child(series, nth);
		/* Not _exit(): a sanitizer looks for leaks. */
		exit(surprises ? SURPRISED : met ? MET : NOT_MET);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		tap_bail("fork");
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_MET)
		return false;
	if (WIFEXITED(status) && WEXITSTATUS(status) == SURPRISED)
		surprises++;
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != MET)
		surprise("call %u: wait status %#x", nth, status);
	return true;
}

static void test_series(const struct series *series)
{
	const struct subject *s = series->subject;
	bool by_way = keeps_by_way(s);
	long held;
	__u32 nth;

	surprises = 0;
	start_series(s);
	if (series->start == RELEASED)
		let_go();
	for (nth = 0; surprises < 10; nth++) {
		if (series->start == COLD) {
			if (!try_in_child(series, nth))
				break;
			continue;
		}
		if (by_way)
			let_go();
		held = allocated;
		if (series->start == KEPT) {
			fill();
			s->call(s);
		}
		if (!by_way)
			held = allocated;
		if (!try_once(series, nth))
			break;
		if (by_way)
			let_go();
		if (allocated != held)
			surprise("call %u: %ld blocks of memory are not freed", nth,
				 allocated - held);
	}
	tap_ok(!surprises, "%s, %s, %s: each of %u %s fails with '%s'", s->name,
	       backend_name(s->backend), start_names[series->start], nth,
	       series->kind == FAULT_ALLOCATION	   ? "allocations"
	       : series->kind == FAULT_SYSTEM_CALL ? "system calls"
						   : "program loads",
	       strerror(series->err));
}

static const int passing_errors[] = { EMFILE, ENOMEM, EPERM, EINTR, EAGAIN };

/* Of the system calls, with some of these errors or all. */
static void test_system_calls(const struct subject *s, enum start start, size_t errors)
{
	struct series series = { s, start, FAULT_SYSTEM_CALL, 0 };

	for (size_t i = 0; i < errors; i++) {
		series.err = passing_errors[i];
		test_series(&series);
	}
}

/* The library's first question, which faults.h keeps the answer to. */
static void ask_first_question(void)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = BPF_F_SLEEPABLE);
	const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	close(bpf_prog_load(BPF_PROG_TYPE_SYSCALL, NULL, "GPL", nothing, ARRAY_SIZE(nothing),
			    &opts));
}

#endif /* SELFTESTS_FAULTS_RUN_H */
