/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What the emulation's BPF program and its caller agree on.
 *
 * Keys and expected bytes reach the program through memory that both map, cut into slots of which a
 * call has one to itself. A slot holds a struct emulate_run and after it requests, one a key, each
 * shaped like this, every part 8-byte aligned:
 *
 *	struct request		the answer
 *	key			key_size bytes
 *	expected		the region's bytes, each at the offset modulo 8 that it has in the value
 *
 * The program looks at no more of a value than its window, bytes lo to hi. That is the whole value,
 * but where the kernel keeps some of it to itself (a bpf_timer, say) or where it is too large: there
 * it is the region that one caller compares. Offsets count from the window's base, which is lo
 * rounded down to 8.
 */
#ifndef LIBBPF_COMPARE_EMULATE_H
#define LIBBPF_COMPARE_EMULATE_H

#include <linux/types.h>

#define KEY_SIZE_MAX	1024u
#define REGION_SIZE_MAX 65536u
/* The largest request there can be, and as many small ones as go into it. */
#define SLOT_SIZE	(72u * 1024)
/* So that one run of the program stays well under 250 us: it does not reschedule. */
#define RUN_KEYS_MAX	512u
/* Bytes that are compared in one step of a loop, where the region is as long. */
#define BLOCK_SIZE	256u
/* The longest region that is compared under a value's bpf_spin_lock, where no loop is allowed. */
#define LOCKED_REGION_SIZE_MAX BLOCK_SIZE
/* The most steps that a loop of the program takes. */
#define LOOP_MAX	512u

#define ROUND_UP_8(n)	(((n) + 7) & ~7u)

/* Set before the program is loaded, constants to the verifier. */
struct emulate_config {
	__u64 cookie;	/* unlike that of any other loaded program */
	__u32 key_size;
	__u32 lo;
	__u32 hi;
	__u32 lock;	/* where in the value its bpf_spin_lock is, or NO_LOCK; claims only */
};

#define NO_LOCK (-1u)

/* The program's context, one a run. */
struct emulate_call {
	__u64 cookie;
	__u32 slot;
	__u32 unused;
};

enum emulate_mode {
	/* Not 0: memory that nobody wrote must not pass for a run. */
	EMULATE_COMPARE = 1,
	/* Delete whatever the value is. Nothing is expected then. */
	EMULATE_REGARDLESS = 2,
	/* Compare, and claim the entry before it is deleted. */
	EMULATE_CLAIM = 3,
};

/*
 * What all requests of a run have in common, at the start of the slot. The region, by offsets from
 * the window's base: words is the first multiple of 8 in it or at its end, or of 4, 2 or 1 where
 * there is none of the larger.
 */
struct emulate_run {
	__u32 mode;
	__u32 count;
	__u64 stride; /* from one request to the next */
	__u64 base;   /* of the expected bytes: start rounded down to 8 */
	__u64 start;
	__u64 words;
	__u64 end;
	__u64 claim;
	__u32 claim_at; /* offset of its word from the window's base */
	__u32 claim_size;
};

struct request {
	__s32 result; /* 0 or a negative errno */
	__u32 unused;
};

/* What the program itself returns. */
enum emulate_verdict {
	EMULATE_RAN = 0,
	/* Not the program that the caller took it for, or a run it does not understand. */
	EMULATE_REFUSED = 1,
};

static inline __u32 window_base(const volatile struct emulate_config *config)
{
	return config->lo & ~7u;
}

static inline __u32 request_key(void)
{
	return sizeof(struct request);
}

static inline __u32 request_expected(const volatile struct emulate_config *config)
{
	return request_key() + ROUND_UP_8(config->key_size);
}

/* Where the last request can be: even behind it the program wants room for a whole window. */
static inline __u32 last_request(const volatile struct emulate_config *config)
{
	return SLOT_SIZE - sizeof(struct emulate_run) - request_expected(config) -
	       ROUND_UP_8(config->hi - window_base(config));
}

#endif /* LIBBPF_COMPARE_EMULATE_H */
