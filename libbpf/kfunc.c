// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Finds functions of the kernel's that programs may call. It knows them by their ids in its own BTF, which is
 * large: to have that parsed takes longer than all else that a first call does. So the names are gone through
 * here, and then the types, a page at a time.
 */
#include <bpf/btf.h>
#include "compare_internal.h"

#define KERNEL_TYPES "/sys/kernel/btf/vmlinux"

#define KFUNC_NAME(string)                                                                         \
	{                                                                                          \
		string, sizeof(string) - 1                                                         \
	}

static const struct {
	const char *name;
	__u32 length;
} kfunc_names[KFUNCS] = {
	[KFUNC_PREEMPT_DISABLE] = KFUNC_NAME("bpf_preempt_disable"),
	[KFUNC_PREEMPT_ENABLE] = KFUNC_NAME("bpf_preempt_enable"),
};

/* Names that are looked for are shorter. */
#define NAME_SIZE_MAX 64u

struct reader {
	int fd;
	int err;
	__u32 at, size; /* what is in bytes: from there on, so much */
	char bytes[4096];
};

/* What is there; *there: how many bytes of it, of which size is the least that will do, else NULL. */
static const void *read_at(struct reader *reader, __u32 at, __u32 size, __u32 *there)
{
	__u32 skipped = at - reader->at;
	ssize_t got;

	if (at < reader->at || skipped > reader->size || reader->size - skipped < size) {
		got = pread(reader->fd, reader->bytes, sizeof(reader->bytes), at);
		if (got < 0)
			reader->err = -errno;
		reader->at = at;
		reader->size = got < 0 ? 0 : got;
		skipped = 0;
	}
	*there = reader->size - skipped;
	return *there < size ? NULL : reader->bytes + skipped;
}

static bool has_found(const struct kfuncs *found)
{
	for (int i = 0; i < KFUNCS; i++)
		if (!found->ids[i])
			return false;
	return true;
}

/* Where among the strings the names are. */
static void find_names(struct reader *reader, __u32 begin, __u32 end, struct kfuncs *names)
{
	bool starts = true, ends;
	const char *string;
	__u32 there, length;

	for (__u32 at = begin; at < end && !has_found(names); at += length + ends) {
		string = read_at(reader, at, end - at < NAME_SIZE_MAX ? end - at : NAME_SIZE_MAX,
				 &there);
		if (!string)
			return;
		length = strnlen(string, there);
		ends = length < there;
		for (int i = 0; i < KFUNCS && starts && ends; i++)
			if (length == kfunc_names[i].length && !strcmp(string, kfunc_names[i].name))
				names->ids[i] = at - begin;
		starts = ends;
	}
}

/* What follows it in the list; -1 where its kind is not known. */
static int size_behind(const struct btf_type *type)
{
	switch (btf_kind(type)) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	case BTF_KIND_INT:
		return sizeof(__u32);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return btf_vlen(type) * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return btf_vlen(type) * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return btf_vlen(type) * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return btf_vlen(type) * sizeof(struct btf_param);
	case BTF_KIND_VAR:
		return sizeof(struct btf_var);
	case BTF_KIND_DATASEC:
		return btf_vlen(type) * sizeof(struct btf_var_secinfo);
	case BTF_KIND_DECL_TAG:
		return sizeof(struct btf_decl_tag);
	default:
		return -1;
	}
}

/* The functions of these names. */
static void find_functions(struct reader *reader, __u32 begin, __u32 end,
			   const struct kfuncs *names, struct kfuncs *found)
{
	const struct btf_type *type;
	__u32 there, id = 1;
	int behind = 0;

	for (__u32 at = begin; at < end && !has_found(found) && behind >= 0; id++) {
		type = read_at(reader, at, sizeof(*type), &there);
		if (!type)
			return;
		for (int i = 0; i < KFUNCS && btf_is_func(type); i++)
			if (type->name_off == names->ids[i])
				found->ids[i] = id;
		behind = size_behind(type);
		at += sizeof(*type) + behind;
	}
}

static void find_kfuncs(struct reader *reader, struct kfuncs *found)
{
	const struct btf_header *start;
	struct kfuncs names;
	struct btf_header header;
	__u32 there, strings, types;

	memset(&names, 0, sizeof(names));
	start = read_at(reader, 0, sizeof(header), &there);
	if (!start || start->magic != BTF_MAGIC || start->version != BTF_VERSION)
		return;
	header = *start;
	strings = header.hdr_len + header.str_off;
	types = header.hdr_len + header.type_off;
	find_names(reader, strings, strings + header.str_len, &names);
	if (has_found(&names))
		find_functions(reader, types, types + header.type_len, &names, found);
}

/*
 * 1 or 0: whether the kernel has all of them. It is remembered: to find them takes a millisecond. Where its BTF is
 * not to be had they are not either.
 */
int kfuncs_find(struct kfuncs *found)
{
	enum {
		UNKNOWN,
		WRITING,
		KNOWN,
		NONE
	};
	static struct kfuncs known;
	static char state;
	char now = __atomic_load_n(&state, __ATOMIC_ACQUIRE);
	struct reader reader;

	memset(found, 0, sizeof(*found));
	if (now == KNOWN)
		*found = known;
	if (now == KNOWN || now == NONE)
		return now == KNOWN;
	memset(&reader, 0, sizeof(reader));
	reader.fd = open(KERNEL_TYPES, O_RDONLY | O_CLOEXEC);
	if (reader.fd < 0)
		return errno == ENOENT || errno == EACCES || errno == EPERM ? 0 : -errno;
	find_kfuncs(&reader, found);
	close(reader.fd);
	if (reader.err)
		return reader.err;
	now = UNKNOWN;
	if (!__atomic_compare_exchange_n(&state, &now, WRITING, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		return has_found(found);
	known = *found;
	__atomic_store_n(&state, has_found(found) ? KNOWN : NONE, __ATOMIC_RELEASE);
	return has_found(found);
}
