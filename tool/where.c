// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Which entries are meant: conditions on fields of keys and values.
 */
#include <string.h>
#include <bpf/btf.h>
#include "bpfcmp.h"

static const struct type {
	const char *name;
	__u8 size;
	__u8 flags;
} types[] = {
	{ "u8", 1, 0 },
	{ "u16", 2, 0 },
	{ "u32", 4, 0 },
	{ "u64", 8, 0 },
	{ "s8", 1, BPF_MAP_SWEEP_SIGNED },
	{ "s16", 2, BPF_MAP_SWEEP_SIGNED },
	{ "s32", 4, BPF_MAP_SWEEP_SIGNED },
	{ "s64", 8, BPF_MAP_SWEEP_SIGNED },
	{ "be16", 2, BPF_MAP_SWEEP_BE },
	{ "be32", 4, BPF_MAP_SWEEP_BE },
	{ "be64", 8, BPF_MAP_SWEEP_BE },
};

static const struct {
	const char *name, *sign;
	enum bpf_map_sweep_op op;
} ops[] = {
	{ "eq", "=", BPF_MAP_SWEEP_EQ },	   { "eq", "==", BPF_MAP_SWEEP_EQ },
	{ "ne", "!=", BPF_MAP_SWEEP_NE },	   { "lt", "<", BPF_MAP_SWEEP_LT },
	{ "le", "<=", BPF_MAP_SWEEP_LE },	   { "gt", ">", BPF_MAP_SWEEP_GT },
	{ "ge", ">=", BPF_MAP_SWEEP_GE },	   { "before", "before", BPF_MAP_SWEEP_BEFORE },
	{ "after", "after", BPF_MAP_SWEEP_AFTER },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct type *find_type(const char *word)
{
	for (size_t i = 0; word && i < COUNT(types); i++)
		if (!strcmp(word, types[i].name))
			return &types[i];
	return NULL;
}

/* TYPE at OFFSET */
static enum status parse_place(char ***words, const struct type *type, bool of_key,
			       const struct bpf_map_info *info, struct field *field)
{
	__u32 room = of_key ? info->key_size : info->value_size;
	enum status status;

	*field = (struct field){ .name = type->name,
				 .size = type->size,
				 .bits = 8 * type->size,
				 .flags = type->flags | (of_key ? BPF_MAP_SWEEP_KEY : 0) };
	++*words;
	if (!**words || strcmp(**words, "at"))
		return fail(STATUS_USAGE, "%s: no 'at' after it, and an offset", type->name);
	++*words;
	status = parse_number(**words, "at", &field->offset);
	if (status)
		return status;
	++*words;
	if (field->size > room || field->offset > room - field->size)
		return fail(STATUS_USAGE, "%s at %u: the %s has %u byte%s", type->name,
			    field->offset, of_key ? "key" : "value", room, room == 1 ? "" : "s");
	return STATUS_OK;
}

static enum status parse_field(char ***words, const struct bpf_map_info *info, bool bare_names,
			       struct btf **btf, struct field *field)
{
	char **at = *words;
	bool of_key = *at && !strcmp(*at, "key"), root = of_key || (*at && !strcmp(*at, "value"));
	const struct type *type = find_type(at[root]);

	if (!*at)
		return fail(STATUS_USAGE, "no %s after '%s'", bare_names ? "field" : "condition",
			    at[-1]);
	if (type) {
		*words += root;
		return parse_place(words, type, of_key, info, field);
	}
	++*words;
	if (bare_names || is_field_name(*at))
		return find_field(*at, info, btf, field);
	return fail(STATUS_USAGE,
		    "'%s' is no field: u8 to u64, s8 to s64, be16, be32 or be64 'at' an offset, of "
		    "the 'key' or the 'value', or a name that starts so, as value.state",
		    *at);
}

enum status parse_one_field(char ***words, const struct bpf_map_info *info, bool bare_names,
			    struct field *field)
{
	struct btf *btf = NULL;
	enum status status = parse_field(words, info, bare_names, &btf, field);

	btf__free(btf);
	return status;
}

enum status check_is_word(const struct field *field, const char *what)
{
	if (field->flags & (BPF_MAP_SWEEP_KEY | BPF_MAP_SWEEP_BE) ||
	    (field->bits != 32 && field->bits != 64) || field->bits != 8 * field->size)
		return fail(STATUS_USAGE,
			    "%s: %s words of a value, of 4 or 8 bytes of the machine's order",
			    field->name, what);
	if (field->offset % field->size)
		return fail(STATUS_USAGE, "%s: at %u, which is no multiple of its %u bytes",
			    field->name, field->offset, field->size);
	return STATUS_OK;
}

static enum status parse_op(char ***words, const struct field *field, __u8 *op)
{
	const char *word = **words;

	for (size_t i = 0; word && i < COUNT(ops); i++) {
		if (strcmp(word, ops[i].name) && strcmp(word, ops[i].sign))
			continue;
		*op = ops[i].op;
		++*words;
		return STATUS_OK;
	}
	return fail(STATUS_USAGE,
		    "%s: '%s' is no comparison: eq, ne, lt, le, gt, ge, before or after, or mask "
		    "before one",
		    field->name, word ? word : "");
}

static bool wraps(const struct bpf_map_sweep_cond *cond)
{
	return cond->op == BPF_MAP_SWEEP_BEFORE || cond->op == BPF_MAP_SWEEP_AFTER;
}

/* What is the same for all entries was not meant. */
static enum status check_operand(const struct field *field, const struct bpf_map_sweep_cond *cond)
{
	bool equals = cond->op == BPF_MAP_SWEEP_EQ || cond->op == BPF_MAP_SWEEP_NE;

	if (equals && cond->mask && cond->operand & ~cond->mask)
		return fail(STATUS_USAGE,
			    "%s: what it is compared with, 0x%llx, has bits that the mask has not",
			    field->name, (unsigned long long)cond->operand);
	if (wraps(cond) && field->bits != 8 * field->size)
		return fail(STATUS_USAGE, "%s: before or after, of a bit-field", field->name);
	return STATUS_OK;
}

static void set_cond(struct bpf_map_sweep_cond *cond, const struct field *field)
{
	cond->offset = field->offset;
	cond->size = field->size;
	cond->flags = field->flags;
	if (!cond->mask && field->bits != 8 * field->size)
		cond->mask = all_bits(field->bits);
	cond->mask <<= field->shift;
	cond->operand <<= field->shift;
}

static enum status parse_cond(char ***words, const struct bpf_map_info *info, struct btf **btf,
			      struct bpf_map_sweep_cond *cond)
{
	struct field field;
	enum status status;

	status = parse_field(words, info, false, btf, &field);
	if (!status && **words && !strcmp(**words, "mask")) {
		++*words;
		status = parse_mask(**words, &field, &cond->mask);
		*words += !status;
	}
	if (!status)
		status = parse_op(words, &field, &cond->op);
	if (!status)
		status = parse_operand(words, &field, wraps(cond), &cond->operand);
	if (!status)
		status = check_operand(&field, cond);
	if (!status)
		set_cond(cond, &field);
	return status;
}

/* Whether another condition follows: by "or" in a group of its own. */
static bool goes_on(char ***words, __u8 *group)
{
	const char *word = **words;

	if (!word || (strcmp(word, "and") && strcmp(word, "or")))
		return false;
	*group += !strcmp(word, "or");
	++*words;
	return true;
}

enum status parse_where(char ***words, const struct bpf_map_info *info, struct where *where)
{
	enum status status = STATUS_OK;
	struct btf *btf = NULL;
	__u8 group = 0;

	do {
		struct bpf_map_sweep_cond *cond = &where->conds[where->count];

		if (where->count == CONDS_MAX) {
			status = fail(STATUS_USAGE, "more than %u conditions", CONDS_MAX);
			break;
		}
		memset(cond, 0, sizeof(*cond));
		cond->group = group;
		status = parse_cond(words, info, &btf, cond);
		where->count++;
	} while (!status && goes_on(words, &group));
	btf__free(btf);
	return status;
}
