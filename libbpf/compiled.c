// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Makes a program's instructions of those that were compiled: puts in the place of their symbols what they
 * stand for here, and the functions that judge.c writes among them.
 */
#include <stdlib.h>
#include "compare_internal.h"

/* Symbols of steps.bpf.h and touch.bpf.c: */
enum patch_kind {
	/* maps, */
	PATCH_target,
	PATCH_requests,
	PATCH_linked_target,

	/* numbers, */
	PATCH_key_at,
	PATCH_key_size,
	PATCH_expected_at,
	PATCH_linked_key_at,
	PATCH_linked_expected_at,
	PATCH_value_at,
	PATCH_new_at,
	PATCH_old_at,
	PATCH_elems_max,
	PATCH_buckets_max,
	PATCH_hashtab_buckets,
	PATCH_hashtab_n_buckets,
	PATCH_hashtab_seed,
	PATCH_hashtab_elems,
	PATCH_hashtab_elem_size,
	PATCH_hashtab_head,
	PATCH_hashtab_bucket_size,
	PATCH_hashtab_elem_hash,
	PATCH_hashtab_elem_key,
	PATCH_hashtab_elem_lru,
	PATCH_hashtab_lru_type,
	PATCH_hashtab_lru_free,
	PATCH_hashtab_lru_local_free,
	PATCH_hashtab_word_type,

	/* a function of the same program, whose address is taken, one of the kernel's, */
	PATCH_callback,
	PATCH_cast,

	/* compiled ones, and those of judge.c. */
	PATCH_touch,
	PATCH_touch_linked,
	PATCH_hold_cpu,
	PATCH_release_cpu,
	PATCH_is_allowed,
	PATCH_is_frozen,
	PATCH_is_equal,
	PATCH_claim,
	PATCH_is_claimed,
	PATCH_give_back,
	PATCH_copy_if_wanted,
	PATCH_is_linked_frozen,
	PATCH_is_linked_equal,
	PATCH_claim_linked,
	PATCH_claim_linked_word,
	PATCH_is_linked_claimed,
	PATCH_give_linked_back,
	PATCH_linked_word,
	PATCH_matches,
	PATCH_word_of,
	PATCH_claim_word,
	PATCH_put_word,
	PATCH_copy_key,
	PATCH_glance,
	PATCH_peek,
	PATCH_read_bytes,
	PATCH_exchange_bytes,
	PATCHES,
};

struct patch {
	__u32 insn;
	__u32 kind;
};

#include "emulate.insns.h"

/* Functions, for the first entry's map or the linked one's. */
static const struct {
	const char *name;
	enum function function;
	enum side side;
} functions[PATCHES] = {
	[PATCH_touch] = { "touch", FUNCTION_NOTHING, FIRST },
	[PATCH_touch_linked] = { "touch_linked", FUNCTION_NOTHING, LINKED },
	[PATCH_hold_cpu] = { "hold_cpu", FUNCTION_NOTHING, FIRST },
	[PATCH_release_cpu] = { "release_cpu", FUNCTION_NOTHING, FIRST },
	[PATCH_is_allowed] = { "is_allowed", FUNCTION_IS_ALLOWED, FIRST },
	[PATCH_is_frozen] = { "is_frozen", FUNCTION_IS_FROZEN, FIRST },
	[PATCH_is_equal] = { "is_equal", FUNCTION_IS_EQUAL, FIRST },
	[PATCH_claim] = { "claim", FUNCTION_CLAIM, FIRST },
	[PATCH_is_claimed] = { "is_claimed", FUNCTION_IS_CLAIMED, FIRST },
	[PATCH_give_back] = { "give_back", FUNCTION_GIVE_BACK, FIRST },
	[PATCH_copy_if_wanted] = { "copy_if_wanted", FUNCTION_COPY, FIRST },
	[PATCH_is_linked_frozen] = { "is_linked_frozen", FUNCTION_IS_FROZEN, LINKED },
	[PATCH_is_linked_equal] = { "is_linked_equal", FUNCTION_IS_EQUAL, LINKED },
	[PATCH_claim_linked] = { "claim_linked", FUNCTION_CLAIM, LINKED },
	[PATCH_claim_linked_word] = { "claim_linked_word", FUNCTION_CLAIM_WORD, LINKED },
	[PATCH_is_linked_claimed] = { "is_linked_claimed", FUNCTION_IS_CLAIMED, LINKED },
	[PATCH_give_linked_back] = { "give_linked_back", FUNCTION_GIVE_BACK, LINKED },
	[PATCH_linked_word] = { "linked_word", FUNCTION_WORD, LINKED },
	[PATCH_matches] = { "matches", FUNCTION_MATCHES, FIRST },
	[PATCH_word_of] = { "word_of", FUNCTION_WORD, FIRST },
	[PATCH_claim_word] = { "claim_word", FUNCTION_CLAIM_WORD, FIRST },
	[PATCH_put_word] = { "put_word", FUNCTION_PUT_WORD, FIRST },
	[PATCH_copy_key] = { "copy_key", FUNCTION_COPY_KEY, FIRST },
	[PATCH_glance] = { "glance", FUNCTION_GLANCE, FIRST },
	[PATCH_peek] = { "peek", FUNCTION_PEEK, FIRST },
	[PATCH_read_bytes] = { "read_bytes", FUNCTION_READ_BYTES, FIRST },
	[PATCH_exchange_bytes] = { "exchange_bytes", FUNCTION_EXCHANGE_BYTES, FIRST },
};

struct compiled {
	const char *name;
	const struct bpf_insn *insns;
	const struct patch *patches; /* in the order of the instructions */
	const __u32 *starts;	     /* of its functions, likewise */
	__u32 insns_cnt, patches_cnt, starts_cnt;
};

#define COMPILED(name)                                                                             \
	{                                                                                          \
		"compare_" #name, name##_insns, name##_patches, name##_starts,                     \
			ARRAY_LEN(name##_insns), ARRAY_LEN(name##_patches),                        \
			ARRAY_LEN(name##_starts)                                                   \
	}

static const struct compiled compiled_programs[] = {
	[ACTION_PLAIN] = COMPILED(plain),	[ACTION_COMPARE] = COMPILED(compare),
	[ACTION_CLAIM] = COMPILED(claim),	[ACTION_LINKED] = COMPILED(linked),
	[ACTION_UPDATE] = COMPILED(update),	[ACTION_WORD] = COMPILED(word),
	[ACTION_BYTES] = COMPILED(bytes),	[ACTION_SWEEP_EACH] = COMPILED(each),
	[ACTION_SWEEP_ELEMS] = COMPILED(elems), [ACTION_SWEEP_BUCKETS] = COMPILED(buckets),
};

/* A part of any of them, for one of the maps. */
static const struct compiled compiled_touch = COMPILED(touch);

#define FITS(name)                                                                                 \
	(sizeof("compare_" #name) <= BPF_OBJ_NAME_LEN &&                                           \
	 ARRAY_LEN(name##_starts) + 2 * ARRAY_LEN(touch_starts) + PATCHES <= FUNCTIONS_MAX)

STATIC_ASSERT(FITS(plain) && FITS(compare) && FITS(claim) && FITS(linked) && FITS(update) &&
		      FITS(word) && FITS(bytes) && FITS(each) && FITS(elems) && FITS(buckets),
	      "room for the name and the functions of each program");

/* What is made of them. */
struct making {
	struct code *code;
	struct plan *plan;
	__u32 starts[PATCHES]; /* of functions that are there already */
};

static int map_fd_for(const struct plan *plan, __u32 kind, enum side side)
{
	if (kind == PATCH_requests)
		return plan->requests_fd;
	return plan->map_fds[kind == PATCH_target ? side : LINKED];
}

static __u32 number_for(const struct plan *plan, __u32 kind, enum side side)
{
	const struct bpf_map_info *info = plan->infos[side];
	const struct layout *layout = plan->layout;
	const struct hashtab *hashtab = &plan->hashtab;

	switch (kind) {
	case PATCH_key_at:
		return side == FIRST ? layout->key_at : layout->linked_key_at;
	case PATCH_key_size:
		return info->key_size;
	case PATCH_expected_at:
		return layout->expected_at;
	case PATCH_linked_key_at:
		return layout->linked_key_at;
	case PATCH_linked_expected_at:
		return layout->linked_expected_at;
	case PATCH_value_at:
		return layout->value_at;
	case PATCH_new_at:
		return layout->new_at;
	case PATCH_old_at:
		return layout->old_at;
	case PATCH_elems_max:
	case PATCH_buckets_max:
		return walk_places(info);
	case PATCH_hashtab_buckets:
		return hashtab->buckets;
	case PATCH_hashtab_n_buckets:
		return hashtab->n_buckets;
	case PATCH_hashtab_seed:
		return hashtab->seed;
	case PATCH_hashtab_elems:
		return hashtab->elems;
	case PATCH_hashtab_elem_size:
		return hashtab->elem_size;
	case PATCH_hashtab_head:
		return hashtab->head;
	case PATCH_hashtab_bucket_size:
		return hashtab->bucket_size;
	case PATCH_hashtab_elem_hash:
		return hashtab->elem_hash;
	case PATCH_hashtab_elem_key:
		return hashtab->elem_key;
	case PATCH_hashtab_elem_lru:
		return info->type == BPF_MAP_TYPE_LRU_HASH ? hashtab->elem_lru : 0;
	case PATCH_hashtab_lru_type:
		return info->type == BPF_MAP_TYPE_LRU_HASH ? hashtab->lru_type : 0;
	case PATCH_hashtab_lru_free:
		return hashtab->lru_free;
	case PATCH_hashtab_lru_local_free:
		return hashtab->lru_local_free;
	}
	return hashtab->word_type;
}

static void add_start(struct code *code, const char *name)
{
	code->functions[code->functions_cnt++] = (struct code_function){ name, code->count };
}

static void add_compiled(struct making *making, const struct compiled *compiled, enum side side);

static bool is_compiled(const struct plan *plan, __u32 kind)
{
	return (kind == PATCH_touch || kind == PATCH_touch_linked) &&
	       plan->touches[functions[kind].side];
}

/* The function of the kernel's that is called there; 0: it is none of those. */
static __u32 kfunc_for(const struct plan *plan, __u32 kind)
{
	if (kind == PATCH_cast)
		return plan->hashtab.cast;
	if (plan->hold != HOLD_CLAIMS)
		return 0;
	if (kind == PATCH_hold_cpu)
		return plan->kfuncs.ids[KFUNC_PREEMPT_DISABLE];
	return kind == PATCH_release_cpu ? plan->kfuncs.ids[KFUNC_PREEMPT_ENABLE] : 0;
}

/* Where a function starts, which is added if it is not there yet. */
static __u32 start_of(struct making *making, __u32 kind)
{
	enum side side = functions[kind].side;

	if (making->starts[kind])
		return making->starts[kind];
	making->starts[kind] = making->code->count;
	if (is_compiled(making->plan, kind)) {
		add_compiled(making, &compiled_touch, side);
	} else {
		add_start(making->code, functions[kind].name);
		judge_write(making->code, &making->plan->judges[side], functions[kind].function);
	}
	return making->starts[kind];
}

static bool is_call(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL);
}

static bool is_jump(const struct bpf_insn *insn)
{
	__u8 class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);

	return (class == BPF_JMP || class == BPF_JMP32) && op != BPF_CALL && op != BPF_EXIT;
}

/*
 * In the place of a call, where a function is short and leaves alone what a call has to: a call and a
 * return take longer than it does.
 */
#define INLINE_MAX 24u

static bool add_inline(struct making *making, __u32 kind)
{
	struct code *code = making->code;
	__u32 start = code->count, reads_cnt = code->reads_cnt;

	if (kind < PATCH_touch || kfunc_for(making->plan, kind) ||
	    is_compiled(making->plan, kind) ||
	    !judge_is_inline(&making->plan->judges[functions[kind].side], functions[kind].function))
		return false;
	judge_write(code, &making->plan->judges[functions[kind].side], functions[kind].function);
	if (code->count - start > INLINE_MAX) {
		code->count = start;
		code->reads_cnt = reads_cnt;
		return false;
	}
	/* The way on instead of the return, with which they end. */
	if (!code->failed)
		code->count--;
	return true;
}

/* Copies the instructions, with short functions among them; places: where each went, and the end. */
static void copy(struct making *making, const struct compiled *compiled, __u32 *places)
{
	const struct patch *patch = compiled->patches, *end = patch + compiled->patches_cnt;
	const __u32 *start = compiled->starts, *starts_end = start + compiled->starts_cnt;

	for (__u32 i = 0; i < compiled->insns_cnt; i++) {
		bool patched = patch < end && patch->insn == i;

		if (start < starts_end && *start == i) {
			add_start(making->code, compiled->name);
			start++;
		}
		places[i] = making->code->count;
		if (!patched || !add_inline(making, patch->kind))
			code_add(making->code, compiled->insns + i, 1);
		patch += patched;
	}
	places[compiled->insns_cnt] = making->code->count;
}

/* Jumps and calls lead where they did, though more may be in between now. */
static void lead(struct bpf_insn *insns, const struct compiled *compiled, const __u32 *places)
{
	for (__u32 i = 0; i < compiled->insns_cnt; i++) {
		const struct bpf_insn *from = compiled->insns + i;
		struct bpf_insn *to = insns + places[i];

		if (is_jump(from))
			to->off = places[i + 1 + from->off] - places[i] - 1;
		else if (is_call(from) && from->src_reg == BPF_PSEUDO_CALL && from->imm != -1)
			to->imm = places[i + 1 + from->imm] - places[i] - 1;
	}
}

static void put(struct making *making, const struct patch *patch, enum side side,
		const __u32 *places)
{
	__u32 at = places[patch->insn], start;
	struct bpf_insn *insn = making->code->insns + at;

	if (patch->kind < PATCH_key_at) {
		insn->src_reg = BPF_PSEUDO_MAP_FD;
		insn->imm = map_fd_for(making->plan, patch->kind, side);
	} else if (patch->kind < PATCH_callback) {
		insn->imm = number_for(making->plan, patch->kind, side);
	} else if (patch->kind == PATCH_callback) {
		insn->src_reg = BPF_PSEUDO_FUNC;
		insn->imm = places[insn->imm] - at - 1;
	} else if (kfunc_for(making->plan, patch->kind)) {
		insn->src_reg = BPF_PSEUDO_KFUNC_CALL;
		insn->imm = kfunc_for(making->plan, patch->kind);
	} else if (places[patch->insn + 1] == at + 1 && is_call(insn)) {
		start = start_of(making, patch->kind);
		/* Which may have moved them all. */
		making->code->insns[at].imm = start - at - 1;
	}
}

/* What they say of one map is of that side's. */
static void add_compiled(struct making *making, const struct compiled *compiled, enum side side)
{
	__u32 *places = malloc((compiled->insns_cnt + 1) * sizeof(*places));

	if (!places) {
		making->code->failed = true;
		return;
	}
	copy(making, compiled, places);
	if (!making->code->failed)
		lead(making->code->insns, compiled, places);
	for (__u32 i = 0; i < compiled->patches_cnt && !making->code->failed; i++)
		put(making, compiled->patches + i, side, places);
	free(places);
}

/* All of a program; its name. */
const char *compiled_write(struct code *code, struct plan *plan)
{
	const struct compiled *compiled = &compiled_programs[plan->action];
	struct making making = { .code = code, .plan = plan };

	add_compiled(&making, compiled, FIRST);
	return compiled->name;
}
