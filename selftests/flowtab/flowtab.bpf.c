// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/* A program that does what it is asked, on a table of the shape that FLOWTAB_SHAPE names: compiled for each of them. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_flowtab.h>
#include "shapes.h"

struct flowtab_request request;

#define CREATE_1(table, class, value)                                                              \
	bpf_flowtab_create(table, &key, &initial, request.ns, class, request.flags, value)
#define CREATE_2(table, class, value)                                                              \
	bpf_flowtab_create_pair(table, &key, &second, &initial, request.ns, class, request.flags,  \
				value)
#define IS_SECOND_1(table, value) 0
#define IS_SECOND_2(table, value) bpf_flowtab_is_second(table, &key, value)
#define DECLARE_1		  BPF_FLOWTAB
#define DECLARE_2		  BPF_FLOWTAB_PAIRS

#define PROGRAM(name, key_type, value_type, keys, slots)                                           \
	DECLARE_##keys(name, key_type, value_type, slots)                                          \
                                                                                                   \
		SEC("tc") int on_##name(struct __sk_buff *packet)                                  \
	{                                                                                          \
		key_type key, second;                                                              \
		value_type initial, *value = NULL;                                                 \
                                                                                                   \
		__builtin_memcpy(&key, request.key, sizeof(key));                                  \
		__builtin_memcpy(&second, request.second, sizeof(second));                         \
		__builtin_memcpy(&initial, request.value, sizeof(initial));                        \
		switch (request.call) {                                                            \
		case FLOWTAB_LOOKUP:                                                               \
			request.answer = bpf_flowtab_lookup(name, &key, &value);                   \
			break;                                                                     \
		case FLOWTAB_REFRESH:                                                              \
			request.answer = bpf_flowtab_refresh(name, &key, request.ns,               \
							     request.class, &value);               \
			break;                                                                     \
		case FLOWTAB_CREATE:                                                               \
			request.answer = CREATE_##keys(name, request.class, &value);               \
			break;                                                                     \
		case FLOWTAB_DELETE:                                                               \
			request.answer = bpf_flowtab_delete(name, &key);                           \
			break;                                                                     \
		}                                                                                  \
		if (!value)                                                                        \
			return 0;                                                                  \
		request.is_second = IS_SECOND_##keys(name, value);                                 \
		if (request.writes)                                                                \
			*(volatile __u8 *)value = request.writes;                                  \
		__bpf_flowtab_copy(request.value, value, sizeof(*value));                          \
		return 0;                                                                          \
	}

FLOWTAB_SHAPE(PROGRAM)

char _license[] SEC("license") = "Dual BSD/GPL";
