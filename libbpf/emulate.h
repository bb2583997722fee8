/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * What the emulation's BPF program and its caller agree on.
 *
 * Keys and expected bytes reach the program through memory that both map, cut
 * into slots of which a call has one to itself. A slot holds requests, one a
 * key, each shaped like this, every part 8-byte aligned:
 *
 *	struct request		the answer
 *	key			key_size bytes
 *	window			expected bytes, at the offsets they have in the value
 *
 * The window is the part of the value that the program may look at, bytes lo
 * to hi. It is the whole value, but where the kernel keeps some of it to itself
 * (a bpf_timer, say) or where it is too large: there it is the region that one
 * caller compares. It starts at lo rounded down to 8, so that each expected
 * byte is aligned as the value's byte is.
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
/* Bytes that are compared in one step, where the region is as long. */
#define BLOCK_SIZE	256u
/* The most steps that a loop of the program takes. */
#define LOOP_MAX	512u

#define ROUND_UP_8(n)	(((n) + 7) & ~7u)

/* Set before the program is loaded, constants to the verifier. */
struct emulate_config {
	__u64 cookie;	/* unlike that of any other loaded program */
	__u32 key_size;
	__u32 lo;
	__u32 hi;
	__u32 unused;
};

/* The program's context, one a run. */
struct emulate_call {
	__u64 cookie;
	__u32 slot;
	__u32 unused;
};

/*
 * What all requests of a run have in common, at the start of the slot. The region, by offsets from
 * the window's base: words is the first multiple of 8 in it or at its end, or of 4, 2 or 1 where
 * there is none of the larger.
 */
struct emulate_run {
	__u32 count;
	__u32 unused;
	__u64 start;
	__u64 words;
	__u64 end;
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

static inline __u32 request_window(const volatile struct emulate_config *config)
{
	return request_key() + ROUND_UP_8(config->key_size);
}

static inline __u32 request_size(const volatile struct emulate_config *config)
{
	return request_window(config) + ROUND_UP_8(config->hi - window_base(config));
}

#endif /* LIBBPF_COMPARE_EMULATE_H */
