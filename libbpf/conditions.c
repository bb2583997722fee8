// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The conditions of a sweep: whether they are such as they may be, and which entries they are true of.
 */
#include "compare_internal.h"

#define GROUPS_MAX 8u

static __u64 bits(__u32 size)
{
	return size == 8 ? ~0ull : (1ull << 8 * size) - 1;
}

static int check_cond(const struct bpf_map_sweep_cond *cond, __u32 i,
		      const struct bpf_map_info *info)
{
	bool of_key = cond->flags & BPF_MAP_SWEEP_KEY;
	__u32 room = of_key ? info->key_size : info->value_size;

	if (cond->size != 1 && cond->size != 2 && cond->size != 4 && cond->size != 8)
		return refuse(-EINVAL, "condition %u: size %u is not 1, 2, 4 or 8", i, cond->size);
	if (cond->op > BPF_MAP_SWEEP_AFTER)
		return refuse(-EINVAL, "condition %u: unknown op %u", i, cond->op);
	if (cond->flags & ~(BPF_MAP_SWEEP_KEY | BPF_MAP_SWEEP_SIGNED | BPF_MAP_SWEEP_BE))
		return refuse(-EINVAL, "condition %u: unknown flags 0x%x", i, cond->flags);
	if (cond->size > room || cond->offset > room - cond->size)
		return refuse(-EINVAL, "condition %u: offset %u + size %u is past the %s's end: %u",
			      i, cond->offset, cond->size, of_key ? "key" : "value", room);
	if ((cond->mask | cond->operand) & ~bits(cond->size))
		return refuse(-EINVAL, "condition %u: a bit of the %s is not in %u bytes", i,
			      cond->mask & ~bits(cond->size) ? "mask" : "operand", cond->size);
	return 0;
}

static int check_group(const struct sweep *sweep, __u32 i)
{
	__u32 group = sweep->conds[i].group, before = i ? sweep->conds[i - 1].group : 0;

	if (group >= GROUPS_MAX)
		return refuse(-EINVAL, "condition %u: group %u, of at most %u", i, group,
			      GROUPS_MAX);
	if (i ? group != before && group != before + 1 : group)
		return refuse(-EINVAL, "condition %u: group %u does not follow group %u", i, group,
			      before);
	return 0;
}

static bool overlap(const struct bpf_map_sweep_cond *cond, const struct claim *claim)
{
	return !(cond->flags & BPF_MAP_SWEEP_KEY) && cond->offset < claim->offset + claim->size &&
	       claim->offset < cond->offset + cond->size;
}

/* Whether the field is the claim's word, or part of it. */
bool conditions_is_in_word(const struct bpf_map_sweep_cond *cond, const struct claim *claim)
{
	return claim->size && !(cond->flags & BPF_MAP_SWEEP_KEY) && cond->offset >= claim->offset &&
	       cond->offset + cond->size <= claim->offset + claim->size;
}

/* So that what is claimed was judged. */
static int check_judged_word(const struct sweep *sweep, const struct claim *claim)
{
	bool is_word, judged = false;

	if (!claim->size)
		return 0;
	for (__u32 i = 0; i < sweep->conds_cnt; i++) {
		const struct bpf_map_sweep_cond *cond = &sweep->conds[i];

		if (i && cond->group != cond[-1].group && !judged)
			break;
		if (i && cond->group != cond[-1].group)
			judged = false;
		if (overlap(cond, claim) && !conditions_is_in_word(cond, claim))
			return refuse(-EINVAL, "condition %u: its field is the claim's in part", i);
		is_word = conditions_is_in_word(cond, claim) && cond->size == claim->size;
		judged |= is_word;
	}
	return judged ? 0
		      : refuse(-EINVAL,
			       "the claim's %u bytes at %u are no condition's field in some group",
			       claim->size, claim->offset);
}

int conditions_check(const struct sweep *sweep, const struct bpf_map_info *info,
		     const struct claim *claim)
{
	bool all = sweep->flags & BPF_MAP_SWEEP_ALL;
	int err = 0;

	if (all && sweep->conds_cnt)
		return refuse(-EINVAL, "BPF_MAP_SWEEP_ALL with conditions");
	if (!all && !sweep->conds_cnt)
		return refuse(-EINVAL, "neither conditions nor BPF_MAP_SWEEP_ALL");
	if (all && claim->size)
		return refuse(-EINVAL, "BPF_MAP_SWEEP_ALL with a claim");
	for (__u32 i = 0; i < sweep->conds_cnt && !err; i++) {
		err = check_cond(&sweep->conds[i], i, info);
		if (!err)
			err = check_group(sweep, i);
	}
	return err ? err : check_judged_word(sweep, claim);
}

/* Whether a program for the ones serves the others: but for the operands. */
bool conditions_are_alike(const struct sweep *a, const struct sweep *b)
{
	if (a->conds_cnt != b->conds_cnt)
		return false;
	for (__u32 i = 0; i < a->conds_cnt; i++) {
		struct bpf_map_sweep_cond cond = a->conds[i];

		cond.operand = b->conds[i].operand;
		if (memcmp(&cond, &b->conds[i], sizeof(cond)))
			return false;
	}
	return true;
}

static __u64 extended(__u64 field, __u32 size)
{
	return (__u64)((__s64)(field << (64 - 8 * size)) >> (64 - 8 * size));
}

/* As it is compared: with BPF_MAP_SWEEP_SIGNED its sign is extended. */
__u64 conditions_operand(const struct bpf_map_sweep_cond *cond)
{
	bool wraps = cond->op == BPF_MAP_SWEEP_BEFORE || cond->op == BPF_MAP_SWEEP_AFTER;

	return cond->flags & BPF_MAP_SWEEP_SIGNED && !wraps ? extended(cond->operand, cond->size)
							    : cond->operand;
}

static __u64 read_field(const struct bpf_map_sweep_cond *cond, const unsigned char *at)
{
	bool big = cond->flags & BPF_MAP_SWEEP_BE || __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	__u64 field = 0;

	for (__u32 i = 0; i < cond->size; i++)
		field = field << 8 | at[big ? i : cond->size - 1 - i];
	return cond->mask ? field & cond->mask : field;
}

/* How two numbers compare: -1, 0 or 1. */
static int compared(__u64 a, __u64 b, bool is_signed)
{
	const __u64 sign = is_signed ? 1ull << 63 : 0;

	a ^= sign;
	b ^= sign;
	return (a > b) - (a < b);
}

static bool holds(const struct bpf_map_sweep_cond *cond, const void *key, const void *value)
{
	const void *from = cond->flags & BPF_MAP_SWEEP_KEY ? key : value;
	__u64 field = read_field(cond, (const unsigned char *)from + cond->offset);
	bool is_signed = cond->flags & BPF_MAP_SWEEP_SIGNED;
	int order;

	if (cond->op == BPF_MAP_SWEEP_BEFORE || cond->op == BPF_MAP_SWEEP_AFTER)
		order = compared(extended(field - cond->operand, cond->size), 0, true);
	else
		order = compared(is_signed ? extended(field, cond->size) : field,
				 conditions_operand(cond), is_signed);
	switch (cond->op) {
	case BPF_MAP_SWEEP_EQ:
		return !order;
	case BPF_MAP_SWEEP_NE:
		return order;
	case BPF_MAP_SWEEP_LT:
	case BPF_MAP_SWEEP_BEFORE:
		return order < 0;
	case BPF_MAP_SWEEP_LE:
		return order <= 0;
	case BPF_MAP_SWEEP_GE:
		return order >= 0;
	}
	return order > 0;
}

bool conditions_match(const struct sweep *sweep, const void *key, const void *value)
{
	bool all = true;

	for (__u32 i = 0; i < sweep->conds_cnt; i++) {
		if (i && sweep->conds[i].group != sweep->conds[i - 1].group) {
			if (all)
				return true;
			all = true;
		}
		all = all && holds(&sweep->conds[i], key, value);
	}
	return all;
}

/* Of a value, from the first of its fields that are judged to the last; its size is 0 where none is. */
struct region conditions_region(const struct sweep *sweep)
{
	struct region region = { 0, 0 };
	__u32 end = 0;

	for (__u32 i = 0; i < sweep->conds_cnt; i++) {
		const struct bpf_map_sweep_cond *cond = &sweep->conds[i];

		if (cond->flags & BPF_MAP_SWEEP_KEY)
			continue;
		if (!end || cond->offset < region.offset)
			region.offset = cond->offset;
		if (cond->offset + cond->size > end)
			end = cond->offset + cond->size;
	}
	region.size = end - region.offset;
	return region;
}
