/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/* The tables that the tests of flow tables use, and what a program is asked to do. */
#ifndef SELFTESTS_FLOWTAB_SHAPES_H
#define SELFTESTS_FLOWTAB_SHAPES_H

#include <linux/types.h>

struct flow_key {
	__u32 from, to;
	__u16 from_port, to_port;
	__u32 protocol;
};

struct flow {
	__u64 packets;
	__u64 stamps[6];
};

/* Of sizes that are multiples of nothing. */
struct odd_key {
	__u8 bytes[13];
};

struct odd_value {
	__u8 bytes[7];
};

/* name, key, value, keys of a record, slots of a bucket */
#define FLOWTAB_plain8(shape)  shape(plain8, struct flow_key, struct flow, 1, 8)
#define FLOWTAB_plain16(shape) shape(plain16, struct flow_key, struct flow, 1, 16)
#define FLOWTAB_pairs8(shape)  shape(pairs8, struct flow_key, struct flow, 2, 8)
#define FLOWTAB_pairs16(shape) shape(pairs16, struct flow_key, struct flow, 2, 16)
#define FLOWTAB_odd8(shape)    shape(odd8, struct odd_key, struct odd_value, 1, 8)

enum flowtab_call {
	FLOWTAB_LOOKUP,
	FLOWTAB_REFRESH,
	FLOWTAB_CREATE,
	FLOWTAB_DELETE,
};

struct flowtab_request {
	__u32 call; /* enum flowtab_call */
	__u32 class;
	__u32 flags;
	__u32 answer;
	__u64 ns;
	__u8 key[16];
	__u8 second[16];
	__u8 value[56]; /* of a create: the initial one; of the rest: what was found */
	__u32 is_second;
	__u32 writes; /* the first byte of the value is written in place */
};

#endif /* SELFTESTS_FLOWTAB_SHAPES_H */
