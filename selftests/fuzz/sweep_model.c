// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * See sweep_model.h.
 */
#include <endian.h>
#include <string.h>
#include "sweep_model.h"

/* The field's bytes, as a number. */
static __u64 number_at(const unsigned char *at, __u32 size, bool big)
{
	__u16 half;
	__u32 word;
	__u64 wide;

	switch (size) {
	case 1:
		return *at;
	case 2:
		memcpy(&half, at, sizeof(half));
		return big ? be16toh(half) : half;
	case 4:
		memcpy(&word, at, sizeof(word));
		return big ? be32toh(word) : word;
	}
	memcpy(&wide, at, sizeof(wide));
	return big ? be64toh(wide) : wide;
}

static __s64 as_signed(__u64 number, __u32 size)
{
	switch (size) {
	case 1:
		return (__s8)number;
	case 2:
		return (__s16)number;
	case 4:
		return (__s32)number;
	}
	return (__s64)number;
}

static bool in_order(__u8 op, bool less, bool equal)
{
	switch (op) {
	case BPF_MAP_SWEEP_EQ:
		return equal;
	case BPF_MAP_SWEEP_NE:
		return !equal;
	case BPF_MAP_SWEEP_LT:
		return less;
	case BPF_MAP_SWEEP_LE:
		return less || equal;
	case BPF_MAP_SWEEP_GT:
		return !less && !equal;
	}
	return !less;
}

static bool cond_holds(const struct bpf_map_sweep_cond *cond, const unsigned char *key,
		       const unsigned char *value)
{
	const unsigned char *at = (cond->flags & BPF_MAP_SWEEP_KEY ? key : value) + cond->offset;
	__u64 a = number_at(at, cond->size, cond->flags & BPF_MAP_SWEEP_BE), b = cond->operand;
	__s64 signed_a, signed_b;

	if (cond->mask)
		a &= cond->mask;
	if (cond->op == BPF_MAP_SWEEP_BEFORE)
		return as_signed(a - b, cond->size) < 0;
	if (cond->op == BPF_MAP_SWEEP_AFTER)
		return as_signed(a - b, cond->size) > 0;
	signed_a = as_signed(a, cond->size);
	signed_b = as_signed(b, cond->size);
	if (cond->flags & BPF_MAP_SWEEP_SIGNED)
		return in_order(cond->op, signed_a < signed_b, signed_a == signed_b);
	return in_order(cond->op, a < b, a == b);
}

static bool any_group_holds(const struct sweep_call *call, const void *key, const void *value)
{
	bool broken[8] = {}, there[8] = {};

	for (__u32 i = 0; i < call->conds_cnt; i++) {
		const struct bpf_map_sweep_cond *cond = &call->conds[i];

		there[cond->group] = true;
		if (!cond_holds(cond, key, value))
			broken[cond->group] = true;
	}
	for (int group = 0; group < 8; group++)
		if (there[group] && !broken[group])
			return true;
	return !call->conds_cnt;
}

static bool is_claimed(const struct bpf_map_sweep_opts *opts, const unsigned char *value)
{
	__u64 word;

	if (!opts->claim)
		return false;
	word = number_at(value + opts->claim_offset, opts->claim_size, false);
	return word == number_at(opts->claim, opts->claim_size, false) ||
	       (opts->claim_last && word >= opts->claim_first && word <= opts->claim_last);
}

bool sweep_matches(const struct sweep_call *call, const void *key, const void *value)
{
	return !is_claimed(&call->opts, value) && any_group_holds(call, key, value);
}

static bool is_good_cond(const struct bpf_map_sweep_cond *cond)
{
	__u32 room = cond->flags & BPF_MAP_SWEEP_KEY ? SWEEP_KEY_SIZE : VALUE_SIZE;
	__u64 outside;

	if (cond->size != 1 && cond->size != 2 && cond->size != 4 && cond->size != 8)
		return false;
	outside = cond->size == 8 ? 0 : -1ull << 8 * cond->size;
	return cond->op <= BPF_MAP_SWEEP_AFTER && cond->flags < 8 &&
	       (__u64)cond->offset + cond->size <= room && !(cond->mask & outside) &&
	       !(cond->operand & outside);
}

static bool has_good_groups(const struct sweep_call *call)
{
	__u32 next = 0;

	for (__u32 i = 0; i < call->conds_cnt; i++) {
		if (call->conds[i].group > next || call->conds[i].group + 1u < next ||
		    call->conds[i].group > 7)
			return false;
		next = call->conds[i].group + 1u;
	}
	return true;
}

/* In each group some condition has all of the word, and none has a part of it and something else. */
static bool is_judged_claim(const struct sweep_call *call)
{
	__u64 from = call->opts.claim_offset, to = from + call->opts.claim_size;
	bool judged[8] = {};

	for (__u32 i = 0; i < call->conds_cnt; i++) {
		const struct bpf_map_sweep_cond *cond = &call->conds[i];
		__u64 start = cond->offset, end = start + cond->size;

		if (cond->flags & BPF_MAP_SWEEP_KEY || end <= from || start >= to)
			continue;
		if (start < from || end > to)
			return false;
		judged[cond->group] |= start == from && end == to;
	}
	for (__u32 i = 0; i < call->conds_cnt; i++)
		if (!judged[call->conds[i].group])
			return false;
	return call->conds_cnt;
}

static bool has_good_claim(const struct bpf_map_sweep_opts *opts)
{
	__u64 word;

	if (opts->claim_first > opts->claim_last)
		return false;
	if (!opts->claim)
		return !opts->claim_offset && !opts->claim_size && !opts->claim_last;
	if ((opts->claim_size != 4 && opts->claim_size != 8) ||
	    opts->claim_offset % opts->claim_size)
		return false;
	word = number_at(opts->claim, opts->claim_size, false);
	return !opts->claim_last || (word >= opts->claim_first && word <= opts->claim_last);
}

static bool has_good_opts(const struct sweep_call *call)
{
	const struct bpf_map_sweep_opts *opts = &call->opts;
	__u32 parts = opts->cursor >> 56, part = opts->cursor >> 48 & 0xff;

	if (call->padding || opts->flags > 3 || (parts ? part >= parts : part))
		return false;
	if ((opts->keys || opts->values) && !opts->capacity)
		return false;
	return has_good_claim(opts);
}

int predict_sweep(const struct sweep_call *call)
{
	bool counts = call->opts.flags & BPF_MAP_SWEEP_COUNT;
	int err = call->target->error;

	if (call->sz && (call->sz < sizeof(size_t) || call->sz > OPTS_SIZE_MAX))
		return -EINVAL;
	if (!has_good_opts(call) || call->conds_cnt > 16)
		return -EINVAL;
	if (call->conds_cnt && !call->conds)
		return -EFAULT;
	if (err && !(err == -EPERM && counts))
		return err;
	if (!call->target->serves)
		return -EOPNOTSUPP;
	if (!(call->opts.flags & BPF_MAP_SWEEP_ALL) != !!call->conds_cnt)
		return -EINVAL;
	for (__u32 i = 0; i < call->conds_cnt; i++)
		if (!is_good_cond(&call->conds[i]))
			return -EINVAL;
	if (!has_good_groups(call) || (call->opts.claim && !is_judged_claim(call)))
		return -EINVAL;
	return 0;
}
