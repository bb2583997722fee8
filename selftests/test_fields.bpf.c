// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Maps for test_fields.c and test_map_types.c, declared here because the kernel learns what is in
 * their values from BTF.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/*
 * The kernel goes by the name alone, but wants the definition. clang 14 loses the tag of a pointer
 * to a struct, but not to a typedef, and puts a struct into BTF where a map has it as its value.
 */
typedef struct task_struct {
	int pid;
} task;

struct locked {
	__u32 before;
	struct bpf_spin_lock lock;
	__u64 after;
};

/* Of a size that is no multiple of the lock's. */
struct uneven {
	__u64 before;
	struct bpf_spin_lock lock;
	char after[3];
} __attribute__((packed));

struct timed {
	__u64 before;
	struct bpf_timer timer;
	__u64 after;
};

struct pointing {
	__u64 before;
	task __attribute__((btf_type_tag("kptr"))) * task;
	__u64 after;
};

struct plain {
	__u64 before;
	__u64 after;
};

#define HASH(name, type_of_value)                                                                  \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_HASH);                                                   \
		__uint(max_entries, 4);                                                            \
		__type(key, __u32);                                                                \
		__type(value, type_of_value);                                                      \
	} name SEC(".maps")

HASH(locked, struct locked);
HASH(uneven, struct uneven);
HASH(timed, struct timed);
HASH(pointing, struct pointing);
HASH(plain, struct plain);
HASH(for_btf, struct task_struct);

#define STORAGE(name, map_type)                                                                    \
	struct {                                                                                   \
		__uint(type, map_type);                                                            \
		__uint(map_flags, BPF_F_NO_PREALLOC);                                              \
		__type(key, int);                                                                  \
		__type(value, __u64);                                                              \
	} name SEC(".maps")

STORAGE(sk_storage, BPF_MAP_TYPE_SK_STORAGE);
STORAGE(task_storage, BPF_MAP_TYPE_TASK_STORAGE);
STORAGE(inode_storage, BPF_MAP_TYPE_INODE_STORAGE);
/* BPF_MAP_TYPE_CGRP_STORAGE, for headers before 6.2. */
STORAGE(cgrp_storage, 32);

char _license[] SEC("license") = "Dual BSD/GPL";
