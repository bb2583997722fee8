// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Has a program for one map, or two, and for regions and claims: finds out what its instructions have to
 * know of the maps, has it put together and loaded, and says why where that cannot be.
 */
#include "compare_internal.h"
#include "request.h"

/* The longest region that is compared under a value's bpf_spin_lock. */
#define LOCKED_REGION_SIZE_MAX 256u

/*
 * The kernel's sets of capabilities are two words, from Linux 6.3 on one of twice the size: of which the
 * lower half comes first on some machines only.
 */
#define HALVES_IN_ORDER (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

/*
 * Where a program may look at all of a value there is no lock in it: to read BTF, by which the kernel knows
 * what it keeps to itself, takes a privilege.
 */
static int choose_lock(struct judge *judge, int map_fd, const struct bpf_map_info *info)
{
	int err;

	judge->lock = NO_LOCK;
	if ((!judge->claim.size && !judge->written.size) || !info->btf_value_type_id)
		return 0;
	err = verifier_allows_read(map_fd, info->key_size, 0, info->value_size);
	if (err == -EOPNOTSUPP)
		err = find_lock(info, &judge->lock);
	return err;
}

/* What is done with the lock held has to be short. */
static int check_locked(const struct plan *plan, enum side side, const char *name)
{
	const struct judge *judge = plan->judges + side;

	if (plan->action == ACTION_BYTES && judge->written.size && judge->lock == NO_LOCK)
		return refuse_map(
			plan->map_fds[side], -EOPNOTSUPP,
			"offset %u, size %u: the values of map '%s' have no bpf_spin_lock, "
			"under which more than one word could be written in place",
			judge->written.offset, judge->written.size, name);
	if (plan->action == ACTION_WORD || judge->lock == NO_LOCK)
		return 0;
	if (judge->region.size > LOCKED_REGION_SIZE_MAX)
		return refuse(-EOPNOTSUPP,
			      "compare_size %u: at most %u bytes are compared under the "
			      "bpf_spin_lock of map '%s'",
			      judge->region.size, LOCKED_REGION_SIZE_MAX, name);
	if (judge->written.size > LOCKED_REGION_SIZE_MAX)
		return refuse_map(
			plan->map_fds[side], -EOPNOTSUPP,
			"size %u: at most %u bytes are written under the bpf_spin_lock of "
			"map '%s'",
			judge->written.size, LOCKED_REGION_SIZE_MAX, name);
	return 0;
}

static int add_part(struct judge *judge, __u32 lo, __u32 hi)
{
	struct region *last = judge->parts_cnt ? &judge->parts[judge->parts_cnt - 1] : NULL;

	if (last && last->offset + last->size == lo) {
		last->size += hi - lo;
		return 0;
	}
	if (judge->parts_cnt == PARTS_MAX)
		return refuse(-EOPNOTSUPP,
			      "values with more than %u fields that the kernel manages",
			      PARTS_MAX - 1);
	judge->parts[judge->parts_cnt++] = (struct region){ lo, hi - lo };
	return 0;
}

/* The parts of a value's bytes from lo to hi that a program may read: no field of the kernel's is smaller. */
#define FIELD_SIZE_MIN 4u

static int find_parts(struct judge *judge, int map_fd, __u32 key_size, __u32 lo, __u32 hi)
{
	__u32 middle = lo + ((hi - lo) / 2 & ~(FIELD_SIZE_MIN - 1));
	int err;

	err = verifier_allows_read(map_fd, key_size, lo, hi);
	if (!err)
		return add_part(judge, lo, hi);
	if (err != -EOPNOTSUPP)
		return err;
	if (hi - lo <= FIELD_SIZE_MIN)
		return 0;
	if (middle == lo)
		middle += FIELD_SIZE_MIN;
	err = find_parts(judge, map_fd, key_size, lo, middle);
	return err ? err : find_parts(judge, map_fd, key_size, middle, hi);
}

static int refuse_region(const struct region *region, const char *name)
{
	return refuse(-EOPNOTSUPP,
		      "compare_offset %u, compare_size %u: a field that the kernel manages is in "
		      "that region of map '%s'",
		      region->offset, region->size, name);
}

/* What is compared is so where it was copied to: the verifier does not see what was left out of it. */
static int check_copied(const struct judge *judge, int map_fd, const struct bpf_map_info *info)
{
	const struct region *region = &judge->region;

	/* Where nothing can be read of it no program can be loaded, unless the field is all there is. */
	if (!judge->parts_cnt && verifier_allows_read(map_fd, info->key_size, 0, 0))
		return 0;
	for (__u32 i = 0; i < judge->parts_cnt; i++) {
		const struct region *part = judge->parts + i;

		if (region->offset >= part->offset &&
		    region->offset + region->size <= part->offset + part->size)
			return 0;
	}
	return region->size ? refuse_region(region, info->name) : 0;
}

static int choose_parts(struct judge *judge, int map_fd, const struct bpf_map_info *info)
{
	int err;

	if (!info->btf_value_type_id)
		return add_part(judge, 0, info->value_size);
	err = find_parts(judge, map_fd, info->key_size, 0, info->value_size);
	return err ? err : check_copied(judge, map_fd, info);
}

/* What the verifier refused, asked after it did: all of a map, or a region; 0 where it was neither. */
static int say_what_of_map(const struct judge *judge, int map_fd, const struct bpf_map_info *info)
{
	const struct region *region = &judge->region, *written = &judge->written;

	if (verifier_allows_read(map_fd, info->key_size, 0, 0) == -EOPNOTSUPP)
		return refuse(-EOPNOTSUPP,
			      "this kernel lets no syscall program use map '%s' (map_flags 0x%x%s)",
			      info->name, info->map_flags,
			      info->btf_value_type_id ? ", values with BTF" : "");
	if (region->size && verifier_allows_read(map_fd, info->key_size, region->offset,
						 region->offset + region->size) == -EOPNOTSUPP)
		return refuse_region(region, info->name);
	if (written->size && verifier_allows_read(map_fd, info->key_size, written->offset,
						  written->offset + written->size) == -EOPNOTSUPP)
		return refuse(-EOPNOTSUPP,
			      "offset %u, size %u: a field that the kernel manages is there in "
			      "map '%s'",
			      written->offset, written->size, info->name);
	return 0;
}

static bool is_in_place(const struct plan *plan)
{
	return plan->action == ACTION_WORD || plan->action == ACTION_BYTES;
}

static int say_why(const struct plan *plan, const struct bpf_map_info *infos)
{
	bool two = infos[FIRST].id != infos[LINKED].id;
	int err = 0;

	for (int side = 0; side < SIDES && !err; side++)
		err = say_what_of_map(plan->judges + side, plan->map_fds[side], infos + side);
	return err ? err
		   : refuse(-EOPNOTSUPP,
			    "the kernel's verifier refused the program for map '%s'%s%s%s",
			    infos[FIRST].name, two ? " and map " : "",
			    two ? infos[LINKED].name : "",
			    is_in_place(plan) ? "; in place it takes Linux 5.17" : "");
}

/*
 * Whether that is what is said where a program may not ask what the kernel has in its structs: it is older
 * than that (E2BIG), lacks BTF or tracing (EFAULT), or the caller lacks CAP_PERFMON.
 */
static bool cannot_ask(int err)
{
	return err == -E2BIG || err == -EFAULT || err == -EPERM ||
	       verifier_refusal(err) == -EOPNOTSUPP;
}

/* That a map still is the one that is meant, and what its values have that is not to be touched. */
static int look_at_map(struct plan *plan, enum side side, const struct bpf_map_info *meant,
		       struct bpf_map_info *now)
{
	int err;

	err = map_full_info(plan->map_fds[side], now);
	if (!err && now->id != meant->id)
		err = refuse(-EBADF, "the file descriptor has become another map meanwhile");
	if (!err)
		err = choose_lock(plan->judges + side, plan->map_fds[side], now);
	return err ? err : check_locked(plan, side, now->name);
}

/* It asks the kernel, and reads ahead, where it can, while it holds its CPU for so long. */
static int load_with_most(struct program *program, const struct plan *all, enum holding hold)
{
	struct plan plan = *all;
	int err;

	plan.hold = hold;
	err = assemble_and_load(program, &plan, true);
	if (cannot_ask(err) && plan.touches[FIRST]) {
		memset(plan.touches, 0, sizeof(plan.touches));
		err = assemble_and_load(program, &plan, true);
	}
	return cannot_ask(err) ? assemble_and_load(program, &plan, false) : err;
}

static bool claims(const struct plan *plan)
{
	const struct sweep *sweep = plan->judges[FIRST].sweep;

	return plan->action != ACTION_WORD &&
	       (plan->judges[FIRST].claim.size || plan->judges[LINKED].claim.size) &&
	       !(sweep && sweep_counts(sweep));
}

/*
 * Whether a run is so short that others can wait for it, and of maps that syscall programs take too: what older
 * kernels let others do with maps that are not pre-allocated they warn of.
 */
static bool may_hold_runs(const struct plan *plan)
{
	if (!(plan->judges[FIRST].capabilities & TRACING_CAPABILITIES) ||
	    (plan->action == ACTION_SWEEP_EACH && !sweep_is_short(plan->infos[FIRST])))
		return false;
	for (int side = 0; side < SIDES; side++)
		if (plan->infos[side]->map_flags & BPF_F_NO_PREALLOC &&
		    verifier_allows_read(plan->map_fds[side], plan->infos[side]->key_size, 0, 0))
			return false;
	return true;
}

/*
 * While a claim stands the entry is there for nobody, and who is preempted meanwhile may run again a second later:
 * so none is, where the kernel lets us see to that.
 */
static int load_with_hold(struct program *program, struct plan *plan)
{
	int err = -EOPNOTSUPP, has;

	if (claims(plan)) {
		has = kfuncs_find(&plan->kfuncs);
		if (has < 0)
			return has;
		if (has)
			err = load_with_most(program, plan, HOLD_CLAIMS);
		if (cannot_ask(err) && may_hold_runs(plan))
			err = load_with_most(program, plan, HOLD_RUNS);
	}
	return cannot_ask(err) ? load_with_most(program, plan, HOLD_NOTHING) : err;
}

static int load_for_maps(struct program *program, struct plan *plan,
			 const struct bpf_map_info *info, const struct bpf_map_info *linked_info,
			 bool copies)
{
	struct bpf_map_info now[SIDES];
	int err;

	err = look_at_map(plan, FIRST, info, &now[FIRST]);
	if (!err)
		err = look_at_map(plan, LINKED, linked_info, &now[LINKED]);
	if (!err && is_in_place(plan) && !(plan->judges[FIRST].capabilities & TRACING_CAPABILITIES))
		err = refuse(-EPERM, "to change a value of map '%s' in place takes CAP_PERFMON",
			     now[FIRST].name);
	if (!err && copies)
		err = choose_parts(&plan->judges[FIRST], plan->map_fds[FIRST], &now[FIRST]);
	if (err)
		return err;
	err = load_with_hold(program, plan);
	/* A walk along the kernel's memory takes what it is asked by. */
	if (err == -EFAULT && plan->action >= ACTION_SWEEP_ELEMS)
		return refuse(-EOPNOTSUPP,
			      "this kernel has no tracing, by which its memory is read");
	/* Regions so large that it gives up are refused too. */
	if (verifier_refusal(err) == -EOPNOTSUPP || err == -E2BIG)
		err = say_why(plan, now);
	if (err == -EPERM)
		refuse(err, "loading a program for map '%s' takes CAP_BPF", now[FIRST].name);
	return err < 0 ? err : 0;
}

/* So large that the processor's nearest caches do not have all of it. */
#define LARGE_ENTRIES 4096u

/* The hash by which the kernel finds a bucket is known for machines of this byte order alone. */
static bool is_large(const struct bpf_map_info *info)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && info->max_entries >= LARGE_ENTRIES;
}

static void set_judge(struct judge *judge, const struct entries *entries)
{
	judge->region = entries->region;
	judge->claim = entries->claim;
}

/*
 * 0, and program is loaded; -EOPNOTSUPP where no program of ours can serve this map and region; another
 * error where that could not be told. It reads ahead where what that takes is known, or may be learned now.
 */
int program_load(struct program *program, int map_fd, int requests_fd,
		 const struct bpf_map_info *info, const struct job *job,
		 const struct layout *layout, bool guarded, bool learns)
{
	const struct target *linked = job->linked_target;
	struct plan plan;
	sigset_t before;
	int err;

	memset(&plan, 0, sizeof(plan));
	plan.action = job->action;
	plan.requests_fd = requests_fd;
	plan.layout = layout;
	set_judge(&plan.judges[FIRST], &job->first);
	set_judge(&plan.judges[LINKED], &job->linked);
	if (job->update)
		plan.judges[FIRST].written = job->update->written;
	/* The word that is exchanged. */
	if (job->action == ACTION_WORD)
		plan.judges[FIRST].claim = (struct claim){
			.offset = job->update->written.offset,
			.size = job->update->written.size,
		};
	err = own_capabilities(&plan.judges[FIRST].capabilities);
	if (err)
		return err;
	plan.guarded = guarded && HALVES_IN_ORDER;
	plan.infos[FIRST] = info;
	plan.infos[LINKED] = linked ? &linked->info : info;
	if (job->sweep) {
		plan.judges[FIRST].sweep = job->sweep;
		plan.judges[FIRST].key_size = info->key_size;
		plan.judges[FIRST].hashtab = &plan.hashtab;
		if (job->action != ACTION_SWEEP_EACH && !hashtab_layout(&plan.hashtab, true))
			return refuse(-EOPNOTSUPP,
				      "the kernel's BTF does not tell of its hash maps");
	} else {
		plan.touches[FIRST] = is_large(info) && hashtab_layout(&plan.hashtab, learns) &&
				      plan.hashtab.cast;
	}
	plan.touches[LINKED] = plan.touches[FIRST] && has_links(job);
	/* Should the caller's fds become other maps meanwhile, these do not. */
	plan.map_fds[FIRST] = duplicate(map_fd);
	if (plan.map_fds[FIRST] < 0)
		return plan.map_fds[FIRST];
	plan.map_fds[LINKED] = duplicate(linked ? linked->fd : plan.map_fds[FIRST]);
	if (plan.map_fds[LINKED] < 0) {
		close(plan.map_fds[FIRST]);
		return plan.map_fds[LINKED];
	}
	verifier_hold_signals(&before);
	err = load_for_maps(program, &plan, plan.infos[FIRST], plan.infos[LINKED],
			    job->asks & ASKS_VALUE);
	verifier_let_signals(&before);
	close(plan.map_fds[FIRST]);
	close(plan.map_fds[LINKED]);
	return err;
}

/*
 * An application may close numbers that it does not own, and get them again for something else: nothing
 * is closed but what has our id. Where that could not be told it is asked again: what is not known to be
 * ours would never be closed.
 */
void program_close(const struct program *program)
{
	struct bpf_prog_info info;
	__u32 size;

	for (int tries = 0; tries < 3; tries++) {
		size = offsetof(struct bpf_prog_info, tag);
		memset(&info, 0, sizeof(info));
		if (!bpf_obj_get_info_by_fd(program->fd, &info, &size)) {
			if (info.id == program->id && info.type == program->type)
				close(program->fd);
			return;
		}
		if (errno == EBADFD || errno == EBADF || errno == EINVAL)
			return;
	}
}
