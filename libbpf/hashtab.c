// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What the kernel's BTF tells of its hash maps: where in its own structs what is that a program looks at to
 * know beforehand what it will need.
 */
#include <bpf/btf.h>
#include "compare_internal.h"

#define KERNEL_BTF "/sys/kernel/btf/vmlinux"

static const struct btf_type *find_type(const struct btf *btf, const char *name, __u32 kind)
{
	int id = btf__find_by_name_kind(btf, name, kind);

	return id < 0 ? NULL : btf__type_by_id(btf, id);
}

/* A member of a struct, or of its unnamed parts so many levels down; NULL where it has none. */
static const struct btf_member *find_member(const struct btf *btf, const struct btf_type *type,
					    const char *name, int levels, __u32 *at)
{
	const struct btf_member *member = btf_members(type), *found;

	for (__u32 i = 0; i < btf_vlen(type); i++, member++) {
		const char *this = btf__name_by_offset(btf, member->name_off);
		const struct btf_type *inner = btf__type_by_id(btf, member->type);
		__u32 offset = btf_member_bit_offset(type, i) / 8;

		*at = offset;
		if (this && !strcmp(this, name))
			return member;
		if ((this && *this) || !levels || !inner || !btf_is_composite(inner))
			continue;
		found = find_member(btf, inner, name, levels - 1, at);
		if (found) {
			*at += offset;
			return found;
		}
	}
	return NULL;
}

/* The struct that a member points to: of its name there are more than one. */
static const struct btf_type *pointed_to(const struct btf *btf, const struct btf_member *member)
{
	const struct btf_type *type = btf__type_by_id(btf, member->type);

	return type && btf_is_ptr(type) ? btf__type_by_id(btf, type->type) : NULL;
}

/* What of an LRU map's elements tells free ones. */
static bool read_lru(const struct btf *btf, const struct btf_type *elem, struct hashtab *layout)
{
	const struct btf_member *member = find_member(btf, elem, "lru_node", 1, &layout->elem_lru);
	const struct btf_type *node = member ? btf__type_by_id(btf, member->type) : NULL;
	const struct btf_type *lists = find_type(btf, "bpf_lru_list_type", BTF_KIND_ENUM);
	__u32 known = 0;

	if (!node || !lists || !find_member(btf, node, "type", 0, &layout->lru_type))
		return false;
	layout->lru_type += layout->elem_lru;
	for (__u32 i = 0; i < btf_vlen(lists); i++) {
		const struct btf_enum *list = btf_enum(lists) + i;
		const char *name = btf__name_by_offset(btf, list->name_off);

		if (!strcmp(name, "BPF_LRU_LIST_T_FREE")) {
			layout->lru_free = list->val;
			known++;
		} else if (!strcmp(name, "BPF_LRU_LOCAL_LIST_T_FREE")) {
			layout->lru_local_free = list->val;
			known++;
		}
	}
	return known == 2;
}

static bool read_layout(const struct btf *btf, struct hashtab *layout)
{
	const struct btf_type *map = find_type(btf, "bpf_htab", BTF_KIND_STRUCT);
	const struct btf_type *elem = find_type(btf, "htab_elem", BTF_KIND_STRUCT);
	/* Some struct that starts with a number of 64 bits, and is part of the kernel's interface. */
	int word = btf__find_by_name_kind(btf, "bpf_cgroup_storage_key", BTF_KIND_STRUCT);
	int cast = btf__find_by_name_kind(btf, "bpf_rdonly_cast", BTF_KIND_FUNC);
	const struct btf_member *buckets;
	const struct btf_type *bucket;

	if (!map || !elem || word < 0)
		return false;
	buckets = find_member(btf, map, "buckets", 0, &layout->buckets);
	bucket = buckets ? pointed_to(btf, buckets) : NULL;
	if (!bucket || !read_lru(btf, elem, layout) ||
	    !find_member(btf, bucket, "head", 0, &layout->head) ||
	    !find_member(btf, map, "n_buckets", 0, &layout->n_buckets) ||
	    !find_member(btf, map, "elems", 0, &layout->elems) ||
	    !find_member(btf, map, "elem_size", 0, &layout->elem_size) ||
	    !find_member(btf, map, "hashrnd", 0, &layout->seed) ||
	    !find_member(btf, elem, "hash", 0, &layout->elem_hash) ||
	    !find_member(btf, elem, "key", 0, &layout->elem_key))
		return false;
	layout->bucket_size = bucket->size;
	layout->word_type = word;
	layout->cast = cast < 0 ? 0 : cast;
	return true;
}

/* Whether it is known. To learn it takes some 10 ms: that is done once, and where it will save more. */
bool hashtab_layout(struct hashtab *layout, bool learn)
{
	enum {
		UNKNOWN,
		WRITING,
		KNOWN,
		NONE
	};
	static struct hashtab known;
	static char state;
	char now = __atomic_load_n(&state, __ATOMIC_ACQUIRE);
	struct btf *btf;
	bool found;

	if (now == KNOWN)
		*layout = known;
	if (now == KNOWN || now == NONE || !learn)
		return now == KNOWN;
	btf = btf__parse_raw(KERNEL_BTF);
	if (libbpf_get_error(btf))
		return false;
	memset(layout, 0, sizeof(*layout));
	found = read_layout(btf, layout);
	btf__free(btf);
	now = UNKNOWN;
	if (!__atomic_compare_exchange_n(&state, &now, WRITING, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		return found;
	known = *layout;
	__atomic_store_n(&state, found ? KNOWN : NONE, __ATOMIC_RELEASE);
	return found;
}
