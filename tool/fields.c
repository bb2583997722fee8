// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Fields of keys and values by their names, which the map's BTF has.
 */
#define _GNU_SOURCE /* strchrnul() */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/btf.h>
#include "bpfcmp.h"

#define POINTER_SIZE 8

/* Where in a key or value, and of which type. */
struct place {
	const struct btf *btf;
	__u32 type;
	__u32 bit;  /* where it begins */
	__u32 bits; /* of a bit-field; 0 = it is none */
};

bool is_field_name(const char *word)
{
	size_t root = strcspn(word, ".[");

	return (root == strlen("key") && !strncmp(word, "key", root)) ||
	       (root == strlen("value") && !strncmp(word, "value", root));
}

/* Behind typedefs and the like. */
static const struct btf_type *type_of(const struct btf *btf, __u32 id, bool *big_endian)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	*big_endian = false;
	while (type && (btf_is_mod(type) || btf_is_typedef(type))) {
		const char *name = btf__name_by_offset(btf, type->name_off);

		if (btf_is_typedef(type) && !strncmp(name, "__be", 4))
			*big_endian = true;
		type = btf__type_by_id(btf, type->type);
	}
	return type;
}

/* How many bytes a number of this type has; 0 where it is none that could be compared. */
static __u32 number_size(const struct btf_type *type)
{
	__u32 size = btf_is_ptr(type) ? POINTER_SIZE : type->size;

	if (!btf_is_int(type) && !btf_is_any_enum(type) && !btf_is_ptr(type))
		return 0;
	/* A bit-field as compilers had them before 2019. */
	if (btf_is_int(type) && (btf_int_offset(type) || btf_int_bits(type) != 8 * size))
		return 0;
	return size == 1 || size == 2 || size == 4 || size == 8 ? size : 0;
}

static bool is_signed(const struct btf_type *type)
{
	if (btf_is_int(type))
		return btf_int_encoding(type) & BTF_INT_SIGNED;
	return btf_is_any_enum(type) && btf_kflag(type);
}

static void list_places(FILE *list, const struct place *place, const char *name);

static struct place member_of(const struct place *place, const struct btf_type *type, __u32 i)
{
	return (struct place){ place->btf, btf_members(type)[i].type,
			       place->bit + btf_member_bit_offset(type, i),
			       btf_member_bitfield_size(type, i) };
}

static void list_members(FILE *list, const struct place *place, const struct btf_type *type,
			 const char *name)
{
	char inner[512];

	for (__u32 i = 0; i < btf_vlen(type); i++) {
		struct place member = member_of(place, type, i);
		const char *called = btf__name_by_offset(place->btf, btf_members(type)[i].name_off);

		snprintf(inner, sizeof(inner), "%s%s%s", name, *called ? "." : "", called);
		list_places(list, &member, inner);
	}
}

static void list_places(FILE *list, const struct place *place, const char *name)
{
	struct place element = *place;
	const struct btf_type *type;
	char inner[512];
	bool big;

	type = type_of(place->btf, place->type, &big);
	if (type && btf_is_composite(type)) {
		list_members(list, place, type, name);
	} else if (type && btf_is_array(type)) {
		element.type = btf_array(type)->type;
		snprintf(inner, sizeof(inner), "%s[0..%u]", name, btf_array(type)->nelems - 1);
		if (btf_array(type)->nelems)
			list_places(list, &element, inner);
	} else if (type && number_size(type)) {
		fprintf(list, "%s%s", ftell(list) ? ", " : "", name);
	}
}

/* Those that begin with a part of the name as it was typed, or all. */
static enum status fail_with_list(const char *name, const char *problem, const struct place *place,
				  const char *part)
{
	enum status status;
	char *text = NULL;
	size_t length;
	FILE *list;

	list = open_memstream(&text, &length);
	if (!list)
		return fail(STATUS_ERROR, "out of memory");
	list_places(list, place, part);
	fclose(list);
	status = fail(STATUS_USAGE, "%s: %s; there %s %s", name, problem,
		      text && strchr(text, ',') ? "are" : "is",
		      text && *text ? text : "no number that has a name");
	free(text);
	return status;
}

/* Also one of a struct or union without a name. */
static bool enter_member(struct place *place, const char *name, size_t length)
{
	bool big;
	const struct btf_type *type = type_of(place->btf, place->type, &big);

	if (!type || !btf_is_composite(type))
		return false;
	for (__u32 i = 0; i < btf_vlen(type); i++) {
		struct place member = member_of(place, type, i);
		const char *called = btf__name_by_offset(place->btf, btf_members(type)[i].name_off);

		if (!*called ? enter_member(&member, name, length)
			     : strlen(called) == length && !strncmp(called, name, length)) {
			*place = member;
			return true;
		}
	}
	return false;
}

static bool enter_element(struct place *place, const char *index, size_t length)
{
	bool big;
	const struct btf_type *type = type_of(place->btf, place->type, &big);
	unsigned long long i;
	char word[16];
	__s64 size;

	snprintf(word, sizeof(word), "%.*s", (int)length, index);
	if (!type || !btf_is_array(type) || strlen(word) != length ||
	    !read_number(word, 10, UINT_MAX, &i) || i >= btf_array(type)->nelems)
		return false;
	place->type = btf_array(type)->type;
	size = btf__resolve_size(place->btf, place->type);
	place->bit += 8 * size * i;
	return size > 0;
}

/* What of the rest of the name is said next: ".member" or "[index]". */
static bool enter(struct place *place, const char **rest)
{
	const char *at = *rest, *end;

	if (*at == '.') {
		end = at + 1 + strcspn(at + 1, ".[");
		*rest = end;
		return enter_member(place, at + 1, end - at - 1);
	}
	end = strchrnul(at, ']');
	*rest = *end ? end + 1 : end;
	return *at == '[' && *end && enter_element(place, at + 1, end - at - 1);
}

/* The bytes that it is in, as few as there are numbers of. */
static bool set_bit_field(struct field *field, const struct place *place)
{
	__u32 first = place->bit % 8;

	field->size = 1;
	while (8u * field->size < first + place->bits)
		field->size *= 2;
	field->bits = place->bits;
	field->offset = place->bit / 8;
	field->shift = first;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	field->shift = 8 * field->size - first - place->bits;
#endif
	return field->size <= 8;
}

static enum status set_field(struct field *field, const struct place *place,
			     const struct place *root, const char *root_name)
{
	bool big;
	const struct btf_type *type = type_of(place->btf, place->type, &big);
	__u32 size = type ? number_size(type) : 0;

	if (!size)
		return fail_with_list(
			field->name, "no number",
			type && (btf_is_composite(type) || btf_is_array(type)) ? place : root,
			type && (btf_is_composite(type) || btf_is_array(type)) ? field->name
									       : root_name);
	if (is_signed(type))
		field->flags |= BPF_MAP_SWEEP_SIGNED;
	if (big)
		field->flags |= BPF_MAP_SWEEP_BE;
	field->size = size;
	field->bits = 8 * size;
	field->offset = place->bit / 8;
	if (!place->bits)
		return STATUS_OK;
	if (is_signed(type) || big || !set_bit_field(field, place))
		return fail(STATUS_USAGE, "%s: a bit-field that cannot be compared", field->name);
	return STATUS_OK;
}

static enum status load_btf(const char *name, const char *root, const struct bpf_map_info *info,
			    __u32 type, struct btf **btf)
{
	int err;

	if (!info->btf_id || !type)
		return fail(
			STATUS_USAGE,
			"%s: the map has no BTF, which would have names: say where it is, as in "
			"'%s u32 at 0'",
			name, root);
	if (*btf)
		return STATUS_OK;
	*btf = btf__load_from_kernel_by_id(info->btf_id);
	if (*btf)
		return STATUS_OK;
	err = errno;
	return fail(err == EPERM ? STATUS_DENIED : STATUS_ERROR,
		    "%s: read the map's BTF: %s: without, say where it is, as in '%s u32 at 0'",
		    name, strerror(err), root);
}

enum status find_field(const char *name, const struct bpf_map_info *info, struct btf **btf,
		       struct field *field)
{
	bool bare = !is_field_name(name), of_key = !bare && *name == 'k', found = true;
	const char *root_name = of_key ? "key" : "value";
	const char *rest = name + (bare ? strcspn(name, ".[") : strlen(root_name));
	struct place root = { .type = of_key ? info->btf_key_type_id : info->btf_value_type_id };
	struct place place;
	enum status status;

	status = load_btf(name, root_name, info, root.type, btf);
	if (status)
		return status;
	*field = (struct field){ .name = name, .flags = of_key ? BPF_MAP_SWEEP_KEY : 0 };
	root.btf = *btf;
	place = root;
	if (bare)
		found = enter_member(&place, name, rest - name);
	while (found && *rest)
		found = enter(&place, &rest);
	if (!found)
		return fail_with_list(name, "no such field", &root, root_name);
	return set_field(field, &place, &root, root_name);
}
