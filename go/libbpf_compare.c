// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)
// Its BPF program: Debian clang version 14.0.6
//go:build cgo && !purego

/*
 * All of libbpf-compare 0.2.0, as 'make vendor' puts it together. Change it there.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#define COMPARE_MAJOR 0
#define COMPARE_MINOR 2
#define COMPARE_PATCH 0
#define INTERNAL      static

/* ---- delete.c ---- */

/*
 * Where the delete of one key comes in: its options and its map are checked, a backend is chosen.
 */
#include <bpf/libbpf.h>

/* ---- compare_internal.h ---- */

/*
 * What the library's files know of one another, in the order in which a delete passes them. Errors
 * are negative errnos; only the exported functions set errno.
 */
#ifndef LIBBPF_COMPARE_INTERNAL_H
#define LIBBPF_COMPARE_INTERNAL_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "bpf_compare.h"

/*
 * What our files share and nobody else sees. Empty, as the build hides it from those who link the
 * library; where all files are compiled as one it is static.
 */
#ifndef INTERNAL
#define INTERNAL
#endif

/* Before C11 there is none. */
#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define STATIC_ASSERT(condition, message) _Static_assert(condition, message)
#else
#define STATIC_ASSERT(condition, message) extern int static_assert_holds[(condition) ? 1 : -1]
#endif

#define ARRAY_LEN(a)	       (sizeof(a) / sizeof((a)[0]))
#define FIELD_END(type, field) (offsetof(type, field) + sizeof(((type *)0)->field))

/* The kernel's own ENOTSUPP, which no user space header has. */
#define KERNEL_ENOTSUPP 524

static inline int set_errno(int err)
{
	if (err < 0)
		errno = -err;
	return err;
}

/* print.c, fork.c */
INTERNAL void forget_reason(void);
INTERNAL int process_number(__u64 *number);

/*
 * No call is a cancellation point: a thread that was cancelled in close(2), say, would leave a lock
 * taken or files open. What enter() gives is for leave(), which gives err and sets errno.
 */
static inline int enter(void)
{
	int cancel_state;
	__u64 process;

	/* Before a lock is taken that a thread could have had which a child has not. */
	process_number(&process);
	forget_reason();
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	return cancel_state;
}

static inline int leave(int cancel_state, int err)
{
	pthread_setcancelstate(cancel_state, NULL);
	return set_errno(err);
}

/*
 * bpf(2) itself, where libbpf has no function for it, or one that first asks what the kernel can do: that
 * raises RLIMIT_MEMLOCK on kernels before 5.11, and remembers for good what failed for want of an fd.
 */
static inline int sys_bpf(enum bpf_cmd cmd, void *attr, unsigned int size)
{
	long ret = syscall(__NR_bpf, cmd, attr, size);

	return ret < 0 ? -errno : (int)ret;
}

/* Those below are the standard streams', also where a process has closed them. */
#define FIRST_FD 3

/* The same file by a number of ours: what becomes of the caller's no longer matters. */
static inline int duplicate(int fd)
{
	int ours = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);

	return ours < 0 ? -errno : ours;
}

/* Part of a value, in bytes. */
struct region {
	__u32 offset;
	__u32 size;
};

/* The word that says whose entry it is until it is deleted; none where its size is 0. */
struct claim {
	__u64 word;
	__u32 offset; /* within the value */
	__u32 size;
};

/* Words that are claims, whoever's; both 0: none. */
struct claims {
	__u64 first;
	__u64 last;
};

enum action {
	ACTION_PLAIN, /* delete, whatever the value is */
	ACTION_COMPARE,
	ACTION_CLAIM,
	ACTION_LINKED, /* any of these, together with a second entry or with the value handed out */
	ACTION_UPDATE, /* replace the entry */
	ACTION_WORD,   /* change a word where it is, */
	ACTION_BYTES,  /* or several under the value's lock */
	ACTION_SWEEP_EACH,    /* delete what matches: all of the map at once, */
	ACTION_SWEEP_ELEMS,   /* along its elements, */
	ACTION_SWEEP_BUCKETS, /* or its buckets */
};

/* Entries of one map, and what they have to be. */
struct entries {
	const char *keys;    /* one after the other, of the map's key size */
	const char *compare; /* key i's expected bytes are at compare + i * stride */
	size_t stride;
	struct region region; /* its size is 0 where nothing is compared */
	struct claim claim;
};

#define CONDS_MAX 16

enum sweep_way {
	WAY_EACH = 1,
	WAY_WALK = 2,
	WAY_BATCH = 3,
};

/* A sweep: what it asks for, where it is, and what it has come to. */
struct sweep {
	struct bpf_map_sweep_cond conds[CONDS_MAX];
	__u32 conds_cnt;
	__u32 capacity;
	__u64 flags, budget; /* ns for a run */
	char *keys, *values;
	__u32 part, parts;
	__u32 out; /* matches that a run may hand out; 0: none is */
	__u64 stop_at; /* ns of the clock: from then on no further run is begun; 0: there is no such time */

	__u64 from, until, next; /* elements, or buckets */
	__u64 skip;		 /* entries of the first bucket that were counted already */
	__u32 runs;
	__u64 scanned, matched, deleted, changed;
};

/* An update: what is written, and how. */
struct update {
	const char *values; /* key i's bytes are at values + i * stride */
	size_t stride;
	struct region written; /* in place; its size is 0 where the entry is replaced */
	__u32 op;
	__u64 flags; /* of the kernel's update */
};

/* What a call asks for, of one key or of many. */
struct job {
	enum action action;
	struct entries first;
	struct entries linked;
	const struct target
		*linked_target; /* NULL: the linked entries are in the same map, if any */
	__u32 asks;		/* of each linked_request */
	struct claims claims;
	char *values;		     /* out: what was there, one after the other; or NULL */
	struct sweep *sweep;	     /* in the place of all keys; or NULL */
	const struct update *update; /* or NULL */
};

/* What became of one key. */
struct answer {
	int result;
	int linked_result;
};

/* The map that a call is about: by the caller's fd, or by a comparer's. */
struct target {
	int fd;
	struct bpf_map_info info; /* its fields before name alone */
	struct bpf_map_comparer *comparer;
};

#define TARGET_BY_FD(number)                                                                       \
	{                                                                                          \
		.fd = (number), .comparer = NULL                                                   \
	}

/* print.c: says why, through libbpf's print callback, and gives err */
INTERNAL int refuse(int err, const char *format, ...) __attribute__((format(printf, 2, 3)));
INTERNAL int refuse_map(int fd, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
INTERNAL void hint(const char *format, ...) __attribute__((format(printf, 1, 2)));

INTERNAL bool print_reasons(bool on);
INTERNAL void print_start_afresh(void);

/* delete.c, batch.c: the calls, whichever way they came in */
INTERNAL int delete_elem(struct target *target, const void *key,
			 const struct bpf_map_delete_elem_opts *opts);
INTERNAL int delete_batch(struct target *target, const void *keys, __u32 *count,
			  const struct bpf_map_delete_batch_opts *opts);

/* progress.c: how far a batch has come */
struct progress {
	__u32 total;
	__u32 reached; /* keys that have their answer, */
	__u32 done;    /* and those whose answer is 0 */
	int *results;  /* the caller's, or NULL */
	int *linked_results;
};

typedef int call_for_key(const struct target *target, const struct job *job, __u32 i);

INTERNAL const char *key_at(const struct target *target, const struct job *job, __u32 i);
INTERNAL int progress_plain_error(int err);
INTERNAL int progress_by_call(struct progress *progress, const struct job *job,
			      const struct target *target, call_for_key *call);
INTERNAL int progress_by_program(struct progress *progress, const struct job *job,
				 const struct target *target);
INTERNAL int progress_either_way(struct progress *progress, const struct job *job,
				 const struct target *target, call_for_key *call);
INTERNAL void progress_end(struct progress *progress);

/* comparer.c: what a comparer was opened with */
INTERNAL struct lane *comparer_lane(struct bpf_map_comparer *comparer, const struct job *job);
INTERNAL int comparer_keeps(const struct bpf_map_comparer *comparer, __u32 *backend,
			    struct job *job);

/* opts.c: options of older and newer callers */
INTERNAL int copy_opts(void *to, size_t known, const void *from, const char *name);
INTERNAL int read_stride(size_t *stride, size_t packed, const char *whose, __u32 total);

/* claim.c: the rules for claims; whose is "" or "linked_", as their options are called */
INTERNAL int read_claim(struct claim *claim, const char *whose, const void *word, __u32 offset,
			__u32 size);
INTERNAL int read_claims(struct claims *claims, __u64 first, __u64 last);
INTERNAL int check_in_claims(const struct claims *claims, const struct claim *claim,
			     const char *whose);
INTERNAL int check_claim(const struct claim *claim, const char *whose, struct region region);
INTERNAL bool claim_is_expected(const struct claim *claim, struct region region,
				const void *compare);
INTERNAL bool is_claim(const struct claims *claims, __u64 word);
INTERNAL __u64 read_word(const void *at, __u32 size);
INTERNAL void store_word(void *to, __u64 word, __u32 size);

/* hold.c: claims that are held by a file descriptor */
INTERNAL int hold_open(void);
INTERNAL int hold_claim(int fd, __u32 map_id, __u64 word);
INTERNAL int hold_let_go(int fd, __u32 map_id, __u64 word);
INTERNAL int hold_any(int fd, __u32 map_id, const struct claims *claims, const __u64 *but,
		      __u64 *word);
INTERNAL int hold_check_range(const struct claims *claims, __u32 size);

/* linked.c: second entries */
INTERNAL bool has_links(const struct job *job);
INTERNAL const struct target *linked_map(const struct target *target, const struct job *job);
INTERNAL struct target linked_map_to_judge(const struct target *target, const struct job *job);
INTERNAL int read_linked(struct job *job, const struct bpf_map_delete_batch_opts *opts);
INTERNAL int open_linked(struct job *job, const struct target *target, struct target *linked_target,
			 __u32 linked_fd);
INTERNAL int check_linked(struct job *job, const struct target *target);
INTERNAL int linked_check_permission(const struct job *job, const struct target *target,
				     bool program_asks);

/* sweep.c: the ways of a sweep have these in common */
INTERNAL bool sweep_counts(const struct sweep *sweep);
INTERNAL bool sweep_hands_out(const struct sweep *sweep);
INTERNAL __u64 sweep_room(const struct sweep *sweep);
INTERNAL bool sweep_is_over_time(const struct sweep *sweep);
INTERNAL bool sweep_is_short(const struct bpf_map_info *info);
INTERNAL int sweep_by_program(const struct target *target, struct job *job);

/* walk.c: along the kernel's memory */
INTERNAL int sweep_by_walk(const struct target *target, struct job *job);
INTERNAL __u64 walk_places(const struct bpf_map_info *info);
INTERNAL bool walk_is_known(const struct bpf_map_info *info);
INTERNAL int walk_serves(const struct bpf_map_info *info);

/* sweep_batch.c: by what user space reads */
INTERNAL int sweep_by_batch(struct target *target, struct job *job);

/* conditions.c */
INTERNAL int conditions_check(const struct sweep *sweep, const struct bpf_map_info *info,
			      const struct claim *claim);
INTERNAL bool conditions_is_in_word(const struct bpf_map_sweep_cond *cond,
				    const struct claim *claim);
INTERNAL bool conditions_are_alike(const struct sweep *a, const struct sweep *b);
INTERNAL __u64 conditions_operand(const struct bpf_map_sweep_cond *cond);
INTERNAL bool conditions_match(const struct sweep *sweep, const void *key, const void *value);
INTERNAL struct region conditions_region(const struct sweep *sweep);

/* map.c: what is behind a file descriptor */
INTERNAL int map_info(int fd, struct bpf_map_info *info);
INTERNAL int map_full_info(int fd, struct bpf_map_info *info);
INTERNAL bool map_is_same(const struct bpf_map_info *a, const struct bpf_map_info *b);
INTERNAL int map_check_same(int fd, const struct bpf_map_info *info);
INTERNAL int map_check_writable(int fd);
INTERNAL int map_check_mode(int fd);
INTERNAL int map_check_readable(int fd);
INTERNAL int map_first_error(int fd, int err);
INTERNAL int target_check(const struct target *target);
INTERNAL bool map_type_serves(__u32 type);
INTERNAL int map_check_type(const struct target *target);
INTERNAL int map_check_region(const struct target *target, const char *whose,
			      struct region *region);

/* native.c: the kernel's BPF_F_COMPARE */
INTERNAL int native_delete(int fd, const void *key, const void *compare, struct region region);
INTERNAL int native_refuse(int err, struct region region);
INTERNAL int native_probe(__u32 map_type);
INTERNAL int native_serves_map(int fd, const struct bpf_map_info *info);

/* emulate.c: the syscall programs */
#define RUN_KEYS_MAX 512u     /* so that a run stays well under 250 us: it does not reschedule */
#define HOLD_NS_MAX  1000000u /* so long may one that claims take that is bounded by time */

INTERNAL int emulate_check(const struct target *target, const struct job *job);
INTERNAL int emulate_prepare(const struct target *target, const struct job *job);
INTERNAL int emulate_run(const struct target *target, const struct job *job, __u32 first,
			 __u32 *count, struct answer *answers);
INTERNAL int emulate_serves_map(const struct target *target);

/* requests.c: requests to a program, in memory that is shared with it */

/* Where in a request its parts are, in bytes from its start. */
struct layout {
	__u32 key_at;
	__u32 expected_at; /* the region's, from its offset rounded down to 8 */
	__u32 linked_key_at, linked_expected_at;
	__u32 value_at;
	__u32 new_at, old_at; /* bytes to write, as the expected ones, or a whole value */
	__u32 stride;	      /* from one request to the next */
};

/* The part of a request that is about one entry. */
struct part {
	struct region region;
	struct claim claim; /* but for its word */
};

struct requests {
	enum action action;
	__u32 asks; /* what the layout depends on */
	struct part first, linked;
	struct region written; /* in place */
	__u32 key_size, linked_key_size, value_size;
	struct layout layout;
	char *memory;
	size_t memory_size;
	__u32 room;	     /* for so many */
	__s32 run;	     /* the last one's number */
	struct sweep *sweep; /* whose conditions they are for; or NULL */
};

INTERNAL int requests_open(struct requests *r, const struct bpf_map_info *info,
			   const struct bpf_map_info *linked_info, const struct job *job);
INTERNAL void requests_close(const struct requests *r);
INTERNAL bool requests_serve(const struct requests *r, const struct job *job);
INTERNAL __u32 requests_write(struct requests *r, const struct job *job, __u32 first, __u32 wanted);
INTERNAL bool requests_read_answers(const struct requests *r, __u32 count, struct answer *answers);
INTERNAL bool requests_take_back(const struct requests *r);
INTERNAL void requests_read_values(const struct requests *r, const struct job *job, __u32 first,
				   __u32 count, const struct answer *answers);

/* sweep_requests.c: the one request of a sweep, and the elements that it fills */
INTERNAL bool sweep_fits(const struct bpf_map_info *info, const struct sweep *sweep);
INTERNAL int sweep_lay_out(struct requests *r, const struct job *job);
INTERNAL bool sweep_serves(const struct requests *r, const struct job *job);
INTERNAL void sweep_write(struct requests *r, const struct job *job);
INTERNAL void sweep_read(const struct requests *r, const struct job *job);

/* update_requests.c: what is to be written, and what was there */
struct request;

INTERNAL void update_write(const struct requests *r, const struct job *job, struct request *request,
			   __u32 i);
INTERNAL void update_read(const struct requests *r, const struct job *job,
			  const struct request *request, __u32 i);

/* lane.c: what the emulation has for one map, for one call at a time */
struct lane;

INTERNAL struct lane *lane_open(const struct bpf_map_info *info,
				const struct bpf_map_info *linked_info, bool guarded);
INTERNAL int lane_run(struct lane *lane, int fd, const struct job *job, __u32 first, __u32 *count,
		      struct answer *answers);
INTERNAL int lane_prepare(struct lane *lane, int fd, const struct job *job, bool *checks_frozen);
INTERNAL __u32 lane_programs(const struct lane *lane);
INTERNAL bool lane_has_guarded(struct lane *lane, const struct job *job);
INTERNAL void lane_drop(struct lane *lane, const struct job *job);
INTERNAL void lane_close(struct lane *lane);
INTERNAL void lane_disown(const struct lane *lane);
INTERNAL void lane_free(struct lane *lane);

/* kept.c: lanes that are kept between calls that come with a file descriptor */
struct kept;

INTERNAL int kept_take(const struct target *target, const struct job *job, bool guarded_will_do,
		       struct kept **taken);
INTERNAL struct lane *kept_lane(const struct kept *kept);
INTERNAL void kept_put(struct kept *kept, bool served);
INTERNAL void kept_release_map(__u32 map_id);
INTERNAL void kept_drop_all(void);

/* turn.c: one at a time */
struct turn {
	pthread_mutex_t lock;
	pthread_cond_t next;
	bool taken;
	__u32 ahead;	  /* turns that were taken ahead of those who wait */
	__u64 given, now; /* numbers of those who wait, and the one that is next */
};

#define TURN_INIT                                                                                  \
	{                                                                                          \
		PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0, 0, 0                \
	}

INTERNAL void turn_take(struct turn *turn);
INTERNAL void turn_pass(struct turn *turn);
INTERNAL struct turn *claim_turn(__u32 map_id);
INTERNAL void turns_start_afresh(void);

/* program.c: one program for one map, or two, and one job's action, regions and claims */
struct program {
	int fd;
	__u32 id, type;
	bool checks_frozen;
	bool guarded; /* refuses who lacks capabilities that it was loaded with */
};

INTERNAL int program_load(struct program *program, int map_fd, int requests_fd,
			  const struct bpf_map_info *info, const struct job *job,
			  const struct layout *layout, bool guarded, bool learns);
INTERNAL void program_close(const struct program *program);

/* code.c: instructions that are being written */

/* Fields of the kernel's own structs, whose place is for the kernel to say. */
enum field {
	FIELD_FROZEN,
	FIELD_CRED,
	FIELD_CAPABILITIES,
	FIELDS,
};

#define READS_MAX     16u
#define FUNCTIONS_MAX 64u

struct code {
	struct bpf_insn *insns;
	__u32 count;
	__u32 room;
	bool failed; /* there was no memory for more */
	struct code_read {
		__u32 insn;
		enum field field;
	} reads[READS_MAX]; /* of the kernel's own structs */
	__u32 reads_cnt;
	struct code_function {
		const char *name;
		__u32 start;
	} functions[FUNCTIONS_MAX];
	__u32 functions_cnt;
};

/* An instruction's own offset is a signed number of 16 bits; pointers are moved up where it ends. */
#define OFFSET_MAX 32760u

INTERNAL void code_add(struct code *code, const struct bpf_insn *insns, __u32 count);
INTERNAL void emit(struct code *code, __u8 op, __u8 dst, __u8 src, __s16 off, __s32 imm);
INTERNAL void emit_move(struct code *code, __u8 to, __u8 from);
INTERNAL void emit_set(struct code *code, __u8 to, __s32 number);
INTERNAL void emit_add(struct code *code, __u8 to, __s32 number);
INTERNAL void land(struct code *code, __u32 jump);
INTERNAL __u8 size_bits(__u32 size);
INTERNAL __u32 aligned_piece(__u32 offset, __u32 left);

/* judge.c: the instructions that judge a value */

/* The functions that steps.bpf.h declares, each for either entry's map. */
enum function {
	FUNCTION_IS_ALLOWED,
	FUNCTION_IS_FROZEN,
	FUNCTION_IS_EQUAL,
	FUNCTION_CLAIM,
	FUNCTION_CLAIM_WORD, /* alone, whatever is beside it */
	FUNCTION_IS_CLAIMED,
	FUNCTION_GIVE_BACK,
	FUNCTION_WORD,
	FUNCTION_COPY,
	FUNCTION_NOTHING,

	/* And sweep.bpf.h, guess.bpf.h. */
	FUNCTION_COPY_KEY,
	FUNCTION_PUT_WORD,
	FUNCTION_MATCHES,
	FUNCTION_GLANCE,
	FUNCTION_PEEK,

	/* And bytes.bpf.c. */
	FUNCTION_READ_BYTES,
	FUNCTION_EXCHANGE_BYTES,
};

#define NO_LOCK (-1u)

/* The most parts that a value is copied in: what the kernel manages itself is left out. */
#define PARTS_MAX 16

/* What the functions are for. */
struct judge {
	struct region region;
	struct claim claim;
	struct region written;		/* in place */
	__u32 lock;			/* where in the value its bpf_spin_lock is, or NO_LOCK */
	struct region parts[PARTS_MAX]; /* of the value, to copy */
	__u32 parts_cnt;
	int map_fd;   /* to ask whether it is frozen, or -1 */
	bool guarded; /* to ask for these capabilities */
	__u64 capabilities;
	const struct sweep *sweep;
	__u32 key_size;
	const struct hashtab *hashtab;
};

INTERNAL void judge_write(struct code *code, const struct judge *judge, enum function function);
INTERNAL bool judge_is_inline(const struct judge *judge, enum function function);

/* match.c: the instructions that judge an entry by conditions */
INTERNAL void match_write(struct code *code, const struct judge *judge);
INTERNAL void match_write_glance(struct code *code, const struct judge *judge);
INTERNAL void match_write_peek(struct code *code, const struct judge *judge);

/* hashtab.c: the kernel's hash maps */

/* Offsets, in bytes, in its structs. */
struct hashtab {
	__u32 buckets, n_buckets, seed;	     /* of bpf_htab */
	__u32 elems, elem_size;		     /* likewise, of pre-allocated maps */
	__u32 head, bucket_size;	     /* of bucket */
	__u32 elem_hash, elem_key, elem_lru; /* of htab_elem */
	__u32 lru_type;			     /* of htab_elem, for LRU maps: which list it is in, */
	__u32 lru_free, lru_local_free;	     /* and the numbers of those of free ones */
	__u32 word_type;		     /* id of a struct's type that starts with 64 bits */
	__u32 cast;			     /* id of bpf_rdonly_cast(), or 0 */
};

INTERNAL bool hashtab_layout(struct hashtab *layout, bool learn);

/* kfunc.c: functions of the kernel's that programs may call */
enum kfunc {
	KFUNC_PREEMPT_DISABLE, /* Linux 6.10 */
	KFUNC_PREEMPT_ENABLE,
	KFUNCS,
};

struct kfuncs {
	__u32 ids[KFUNCS]; /* 0: not there */
};

INTERNAL int kfuncs_find(struct kfuncs *found);

/* compiled.c: a program of compiled instructions and the judge's */

/* The first entries' map, and the linked ones'. */
enum side {
	FIRST,
	LINKED,
	SIDES,
};

/* How long a program has its CPU to itself. */
enum holding {
	HOLD_NOTHING, /* it can be preempted anywhere */
	HOLD_CLAIMS,  /* while a claim of it stands, by functions of the kernel's */
	HOLD_RUNS,    /* from its beginning to its end, as one that is run as a raw tracepoint's */
};

/* What it is put together for. */
struct plan {
	enum action action;
	struct judge judges[SIDES];
	int map_fds[SIDES], requests_fd;
	const struct layout *layout;
	const struct bpf_map_info *infos[SIDES];
	bool touches[SIDES]; /* reads ahead what the next requests need of that map */
	struct hashtab hashtab;
	enum holding hold;
	struct kfuncs kfuncs;
	bool guarded;
};

INTERNAL const char *compiled_write(struct code *code, struct plan *plan);

/* assemble.c: what the kernel is given */
INTERNAL int assemble_and_load(struct program *program, struct plan *plan, bool asks);

/* lock.c: where a value's bpf_spin_lock is */
INTERNAL int find_lock(const struct bpf_map_info *info, __u32 *offset);

/* verifier.c: what the kernel lets a syscall program do */
INTERNAL void verifier_hold_signals(sigset_t *before);
INTERNAL void verifier_let_signals(const sigset_t *before);
INTERNAL int verifier_has_syscall_progs(void);
INTERNAL int verifier_refusal(int err);
INTERNAL int verifier_allows_read(int map_fd, __u32 key_size, __u32 lo, __u32 hi);
/* Those that loading takes, or can use. */
#define CAPABILITIES_MASK                                                                          \
	(1ull << 21 /* SYS_ADMIN */ | 1ull << 38 /* PERFMON */ | 1ull << 39 /* BPF */)
/* Those of which one is enough for programs that trace. */
#define TRACING_CAPABILITIES (1ull << 21 /* SYS_ADMIN */ | 1ull << 38 /* PERFMON */)
INTERNAL int own_capabilities(__u64 *capabilities);

/* scratch.c: maps to try things on */
#define SCRATCH_KEY 1u
struct scratch_value {
	__u32 first;
	__u32 second;
	__u32 third;
};
INTERNAL int scratch_map(__u32 map_type);
INTERNAL int scratch_add(int fd, const struct scratch_value *value);
INTERNAL int scratch_has(int fd);

#endif /* LIBBPF_COMPARE_INTERNAL_H */

/* What can be said of the options without the map; what they ask for, where nothing is wrong. */
static int read_opts(const struct target *target, const struct bpf_map_delete_elem_opts *opts,
		     struct job *job, __u32 *backend)
{
	int err;

	if (opts->flags & ~(__u64)BPF_F_COMPARE)
		return refuse(-EINVAL, "flags 0x%llx: only BPF_F_COMPARE is known",
			      (unsigned long long)opts->flags);
	if (opts->backend > BPF_MAP_COMPARE_SYSCALL_PROG)
		return refuse(-EINVAL, "backend %u is unknown", opts->backend);
	if (!opts->flags && (opts->compare || opts->compare_offset || opts->compare_size ||
			     opts->claim || opts->claim_offset || opts->claim_size))
		return refuse(-EINVAL, "compare or claim fields without BPF_F_COMPARE in flags");
	*backend = opts->backend;
	job->first.compare = opts->compare;
	job->first.region.offset = opts->compare_offset;
	job->first.region.size = opts->compare_size;
	err = read_claim(&job->first.claim, "", opts->claim, opts->claim_offset, opts->claim_size);
	if (!err && opts->flags && target->comparer)
		err = comparer_keeps(target->comparer, backend, job);
	if (!err)
		err = check_claim(&job->first.claim, "", job->first.region);
	if (!err && claim_is_expected(&job->first.claim, job->first.region, job->first.compare))
		err = refuse(-EINVAL, "the claim equals the expected word");
	if (opts->flags)
		job->action = job->first.claim.size ? ACTION_CLAIM : ACTION_COMPARE;
	return err;
}

/* What is wrong with the call, or with what the emulation is asked for. */
static int check(const struct target *target, struct job *job)
{
	int err;

	if (!job->first.keys)
		return refuse_map(target->fd, -EFAULT, "key is NULL");
	err = map_check_region(target, "compare_", &job->first.region);
	if (err)
		return err;
	err = check_claim(&job->first.claim, "", job->first.region);
	if (!err && claim_is_expected(&job->first.claim, job->first.region, job->first.compare))
		err = refuse(-EINVAL, "the claim equals the expected word");
	return err ? map_first_error(target->fd, err) : map_check_type(target);
}

static int emulate_one(const struct target *target, const struct job *job, int *result)
{
	struct answer answer;
	__u32 count = 1;
	int err;

	err = emulate_run(target, job, 0, &count, &answer);
	*result = err ? err : answer.result;
	return err;
}

static int delete_by_compare(const struct target *target, struct job *job, __u32 backend)
{
	int err, native = 0, result = 0;

	/* The kernel knows no claims. */
	if (backend != BPF_MAP_COMPARE_SYSCALL_PROG && !job->first.claim.size)
		native = native_probe(target->info.type);
	if (native == 1) {
		err = target_check(target);
		if (err)
			return err;
		/* The kernel does the checks below itself, in the same order. */
		err = native_delete(target->fd, job->first.keys, job->first.compare,
				    job->first.region);
		if (err != -EOPNOTSUPP || backend == BPF_MAP_COMPARE_NATIVE)
			return native_refuse(err, job->first.region);
	}
	err = check(target, job);
	/* The emulation promises less: it does not stand in for what could not be told. */
	if (!err && native < 0)
		err = native;
	if (!err && backend == BPF_MAP_COMPARE_NATIVE)
		err = refuse_map(target->fd, -EOPNOTSUPP,
				 job->first.claim.size
					 ? "the native backend knows no claims"
					 : "the native backend does not serve this map");
	if (!err)
		err = emulate_one(target, job, &result);
	if (!err && result == -EPERM)
		return refuse(result, "the map is frozen");
	return err ? err : result;
}

int delete_elem(struct target *target, const void *key, const struct bpf_map_delete_elem_opts *opts)
{
	struct bpf_map_delete_elem_opts ours;
	struct job job;
	__u32 backend;
	int err;

	memset(&job, 0, sizeof(job));
	job.first.keys = key;
	err = copy_opts(&ours, FIELD_END(struct bpf_map_delete_elem_opts, backend), opts,
			"bpf_map_delete_elem_opts");
	if (!err)
		err = read_opts(target, &ours, &job, &backend);
	if (err)
		return err;
	if (job.action == ACTION_PLAIN) {
		err = target_check(target);
		return err ? err : bpf_map_delete_elem(target->fd, key);
	}
	err = target->comparer ? 0 : map_info(target->fd, &target->info);
	return err ? err : delete_by_compare(target, &job, backend);
}

int bpf_map_delete_elem_opts(int fd, const void *key, const struct bpf_map_delete_elem_opts *opts)
{
	struct target target = TARGET_BY_FD(fd);
	int cancel_state = enter();

	return leave(cancel_state, delete_elem(&target, key, opts));
}

int bpf_map__delete_elem_opts(const struct bpf_map *map, const void *key, size_t key_sz,
			      const struct bpf_map_delete_elem_opts *opts)
{
	int cancel_state = enter(), err = 0;

	if (!map)
		err = refuse(-EINVAL, "map is NULL");
	else if (key_sz != bpf_map__key_size(map))
		err = refuse(-EINVAL, "key_sz %zu is not the key size of map '%s', %u", key_sz,
			     bpf_map__name(map), bpf_map__key_size(map));
	leave(cancel_state, err);
	return err ? err : bpf_map_delete_elem_opts(bpf_map__fd(map), key, opts);
}

/* ---- batch.c ---- */

/*
 * Where the delete of many keys comes in: options and map are checked, a way is chosen.
 */

/* ---- request.h ---- */

/*
 * What the emulation's BPF programs and their caller agree on.
 *
 * Keys and expected bytes reach a program through an array map that its caller has mapped as memory:
 * an element a request, each shaped like this, every part 8-byte aligned:
 *
 *	struct request, or one of those below that begin with it
 *	key			key_size bytes
 *	expected		the region's bytes, each at the offset modulo 8 that it has in the value
 *	linked key, expected	likewise of the second entry, where there is one
 *	value			the first entry's, written by the program, where it is wanted
 *	new, old		bytes to write, and those that were there, written by the program: likewise
 *
 * Who asks gives a run a number of its own, writes it into the result of each request and, last of all, into
 * the first one's run. A program takes that number from there, by compare-exchange, serves the requests that
 * have it, and puts its negative there. So each is served once, whoever runs the program, and however often;
 * and nothing is written anew while somebody may still serve it.
 */
#ifndef LIBBPF_COMPARE_REQUEST_H
#define LIBBPF_COMPARE_REQUEST_H

#include <linux/types.h>

/* What a program returns. */
#define RUN_DONE    0
#define RUN_REFUSED 1 /* to who lacks capabilities */
#define RUN_TAKEN   2 /* by another, or there was none */

struct request {
	__s32 result; /* the run's number, over which the program writes 0 or a negative errno */
	__s32 run;    /* of the first request: the number, from 1 on; 0 = taken, negative = done */
};

struct claim_request {
	struct request request;
	/* The expected word, and the claim that takes its place, both zero-extended; two of a kind: none may. */
	__u64 word;
	__u64 claim;
};

/* What a linked_request asks for. */
enum {
	ASKS_CLAIM = 1, /* the first entry is claimed, else compared alone */
	ASKS_VALUE = 2,
	ASKS_LINKED = 4,	 /* there is a second entry; the rest is about that */
	ASKS_LINKED_COMPARE = 8, /* it has to be as expected, and there */
	ASKS_LINKED_ABSENT = 16, /* it may not be there */
	ASKS_LINKED_DELETE = 32, /* it goes with the first one, */
	ASKS_LINKED_FIRST = 64,	 /* before that, */
	ASKS_LINKED_CLAIM = 128, /* and is claimed */
	ASKS_NOTHING = 256,	 /* it makes no sense */
};

struct linked_request {
	struct claim_request first;
	__s32 linked_result; /* 0 or a negative errno; -ECANCELED: it was not looked at, or left alone */
	__u32 asks;
	__u64 linked_word; /* where nothing is compared the program writes it */
	__u64 linked_claim;
	__u64 claims_first; /* words from here to the last are claims; none where it is over that */
	__u64 claims_last;
};

/* Of a whole value: the new one goes with it. */
struct update_request {
	struct request request;
	__u32 flags;	/* of bpf_map_update_elem() */
	__u32 compares; /* whether the entry has to be as expected */
};

/* Of bytes that are written in place. */
struct place_request {
	struct request request;
	__u32 replaced; /* the program's own: so often the entry was another one */
	__u32 barrier;
};

/* A word becomes ((word & keep) ^ flip) + add, whichever op it is, of as many bits as it has. */
struct word_request {
	struct place_request place;
	__u64 keep, flip, add;
	__u64 bits;
	__u64 word;	    /* it has to be this one, */
	__u64 compared;	    /* in these bits, beside all else that has to be as expected */
	__u64 claims_first; /* words from here to the last are claims; none where it is over that */
	__u64 claims_last;
	__u64 old; /* written by the program */
};

/* A sweep is one request; what it finds is in the elements that follow. */
#define SWEEP_CONDS_MAX 16

enum {
	SWEEPS_COUNT = 1, /* deletes nothing */
	SWEEPS_OUT = 2,	  /* each match has an element of its own */
	SWEEPS_CLAIM = 4,
};

struct sweep_request {
	struct request
		request; /* its result: 0, or -EAGAIN where an entry's lock could not be taken */
	__u32 flags;
	__u32 room;   /* no more matches than these */
	__u64 from;   /* the first slot, or bucket */
	__u64 until;  /* the one after the last */
	__u64 skip;   /* entries of the first bucket that were counted already */
	__u64 budget; /* ns */
	__u64 claim, claims_first, claims_last;
	__u64 operands[SWEEP_CONDS_MAX];

	/* Written by the program: */
	__u64 next; /* where it stopped, */
	__u64 seen; /* and how many entries of that bucket were counted */
	__u64 scanned, matched, deleted, changed;
	__u64 found; /* elements that are filled */
};

/* So many requests' entries are read ahead of their look-ups. */
#define TOUCHED_AT_ONCE 16

#define ROUND_UP_8(n)	(((n) + 7) & ~7u)

#endif /* LIBBPF_COMPARE_REQUEST_H */

struct batch {
	struct target *target;
	struct target linked_target;
	__u32 linked_fd;
	struct job job;
	__u32 backend;
	bool compares;
	bool packed; /* no stride was given */
	struct progress progress;
};

static enum action action_of(const struct job *job, __u64 elem_flags)
{
	if (job->asks & (ASKS_LINKED | ASKS_VALUE))
		return ACTION_LINKED;
	if (!elem_flags)
		return ACTION_PLAIN;
	return job->first.claim.size ? ACTION_CLAIM : ACTION_COMPARE;
}

/* Which words are claims, beside the ones that are given. */
static int read_range(struct job *job, const struct bpf_map_delete_batch_opts *opts)
{
	int err;

	err = read_claims(&job->claims, opts->claim_first, opts->claim_last);
	if (!err && opts->claim_last && !job->first.claim.size && !job->linked.claim.size)
		err = refuse(-EINVAL, "claim_first or claim_last without a claim");
	if (!err)
		err = check_in_claims(&job->claims, &job->first.claim, "");
	if (!err)
		err = check_in_claims(&job->claims, &job->linked.claim, "linked_");
	return err;
}

/* What can be said of the options without the map; what they ask for, where nothing is wrong. */
static int read_batch_opts(const struct bpf_map_delete_batch_opts *opts, struct batch *batch)
{
	struct job *job = &batch->job;
	int err;

	if (opts->elem_flags & ~(__u64)BPF_F_COMPARE)
		return refuse(-EINVAL, "elem_flags 0x%llx: only BPF_F_COMPARE is known",
			      (unsigned long long)opts->elem_flags);
	if (opts->backend > BPF_MAP_COMPARE_SYSCALL_PROG)
		return refuse(-EINVAL, "backend %u is unknown", opts->backend);
	if (!opts->elem_flags && (opts->compare || opts->compare_offset || opts->compare_size ||
				  opts->compare_stride || opts->claim || opts->claim_offset ||
				  opts->claim_size || opts->claim_first || opts->claim_last))
		return refuse(-EINVAL,
			      "compare or claim fields without BPF_F_COMPARE in elem_flags");
	batch->backend = opts->backend;
	batch->packed = !opts->compare_stride;
	batch->linked_fd = opts->linked_fd;
	batch->compares = opts->elem_flags;
	job->first.compare = opts->compare;
	job->first.stride = opts->compare_stride;
	job->first.region.offset = opts->compare_offset;
	job->first.region.size = opts->compare_size;
	job->values = opts->values;
	err = read_claim(&job->first.claim, "", opts->claim, opts->claim_offset, opts->claim_size);
	if (!err && opts->elem_flags && batch->target->comparer)
		err = comparer_keeps(batch->target->comparer, &batch->backend, job);
	if (!err)
		err = check_claim(&job->first.claim, "", job->first.region);
	if (!err)
		err = read_linked(job, opts);
	if (!err)
		err = read_range(job, opts);
	if (err)
		return err;
	if (job->values)
		job->asks |= ASKS_VALUE;
	if (job->first.claim.size)
		job->asks |= ASKS_CLAIM;
	job->action = action_of(job, opts->elem_flags);
	return 0;
}

static int delete_natively(const struct target *target, const struct job *job, __u32 i)
{
	return native_delete(target->fd, key_at(target, job, i),
			     job->first.compare + i * job->first.stride, job->first.region);
}

/* Without a condition. */
static int delete_plainly(const struct target *target, const struct job *job, __u32 i)
{
	return progress_plain_error(bpf_map_delete_elem(target->fd, key_at(target, job, i)));
}

/* What is often forgotten: the values of a batched look-up lie apart by more than what is compared of them. */
static void hint_at_stride(const struct batch *batch)
{
	if (batch->packed && batch->progress.total > 1 &&
	    batch->progress.done < batch->progress.total &&
	    batch->job.first.stride < batch->target->info.value_size)
		hint("compare_stride was 0: expected bytes were taken %zu bytes apart, values are "
		     "%u apart",
		     batch->job.first.stride, batch->target->info.value_size);
}

/* What is asked of the first entries, with the map known. */
static int check_first(struct batch *batch)
{
	struct entries *first = &batch->job.first;
	int err;

	if (!batch->compares)
		return map_check_type(batch->target);
	err = map_check_region(batch->target, "compare_", &first->region);
	if (!err)
		err = check_claim(&first->claim, "", first->region);
	if (!err)
		err = read_stride(&first->stride, first->region.size, "compare_",
				  batch->progress.total);
	return err ? err : map_check_type(batch->target);
}

/* What the kernel's own way does not have. */
static const char *beyond_native(const struct job *job)
{
	if (has_links(job))
		return "the native backend knows no linked entries";
	if (job->values)
		return "the native backend hands out no values";
	if (job->first.claim.size)
		return "the native backend knows no claims";
	return NULL;
}

static int delete_if_equal(struct batch *batch)
{
	const struct bpf_map_info *info = &batch->target->info;
	struct job *job = &batch->job;
	const char *beyond = beyond_native(job);
	int err, native = 0;

	err = check_first(batch);
	if (!err)
		err = check_linked(job, batch->target);
	if (!err)
		err = read_stride(&job->linked.stride, job->linked.region.size, "linked_compare_",
				  batch->progress.total);
	if (err)
		return err;
	/* The program may be faster, but the kernel's own way promises more (see the header). */
	if (batch->backend != BPF_MAP_COMPARE_SYSCALL_PROG && !beyond)
		native = native_serves_map(batch->target->fd, info);
	if (native == 1 && !job->first.compare)
		return refuse(-EFAULT, "compare is NULL");
	if (native == 1) {
		err = target_check(batch->target);
		if (err)
			return err;
		err = progress_by_call(&batch->progress, job, batch->target, delete_natively);
		return err ? native_refuse(err, job->first.region) : 0;
	}
	/* The emulation promises less: it does not stand in for what could not be told. */
	if (native < 0)
		return native;
	if (batch->backend == BPF_MAP_COMPARE_NATIVE)
		return refuse(-EOPNOTSUPP, "%s",
			      beyond ? beyond : "the native backend does not serve this map");
	err = emulate_prepare(batch->target, job);
	if (!err)
		err = progress_by_program(&batch->progress, job, batch->target);
	if (!err && batch->compares)
		hint_at_stride(batch);
	return err;
}

static int delete_keys(struct batch *batch)
{
	int err;

	err = map_check_writable(batch->target->fd);
	if (!err)
		err = batch->target->comparer ? target_check(batch->target)
					      : map_info(batch->target->fd, &batch->target->info);
	if (!err)
		err = open_linked(&batch->job, batch->target, &batch->linked_target,
				  batch->linked_fd);
	if (err)
		return err;
	if (!batch->job.first.keys)
		return refuse(-EFAULT, "keys is NULL");
	return batch->job.action == ACTION_PLAIN
		       ? progress_either_way(&batch->progress, &batch->job, batch->target,
					     delete_plainly)
		       : delete_if_equal(batch);
}

int delete_batch(struct target *target, const void *keys, __u32 *count,
		 const struct bpf_map_delete_batch_opts *opts)
{
	struct bpf_map_delete_batch_opts ours;
	struct batch batch;
	int err;

	if (!count)
		return refuse(-EINVAL, "count is NULL");
	memset(&batch, 0, sizeof(batch));
	batch.target = target;
	batch.job.first.keys = keys;
	batch.progress.total = *count;
	*count = 0;
	err = copy_opts(&ours, FIELD_END(struct bpf_map_delete_batch_opts, claim_last), opts,
			"bpf_map_delete_batch_opts");
	if (err)
		return err;
	batch.progress.results = ours.results;
	batch.progress.linked_results = ours.linked_results;
	err = read_batch_opts(&ours, &batch);
	if (!err)
		err = delete_keys(&batch);
	*count = batch.progress.done;
	progress_end(&batch.progress);
	return err;
}

int bpf_map_delete_batch_opts(int fd, const void *keys, __u32 *count,
			      const struct bpf_map_delete_batch_opts *opts)
{
	struct target target = TARGET_BY_FD(fd);
	int cancel_state = enter();

	return leave(cancel_state, delete_batch(&target, keys, count, opts));
}

/* ---- update.c ---- */

/*
 * Where updates come in, of one key or of many: options and map are checked, a way is chosen.
 */
#include <bpf/libbpf.h>

#define KERNEL_FLAGS ((__u64)(BPF_NOEXIST | BPF_EXIST))
#define OUR_FLAGS    ((__u64)(BPF_F_COMPARE | BPF_F_IN_PLACE))

/* Whoever updates one key has a batch of one. */
struct updates {
	struct target target;
	struct job job;
	struct update update;
	struct progress progress;
	__u64 flags;
	__u32 backend;
};

static bool is_word(const struct region *written)
{
	return (written->size == sizeof(__u32) || written->size == sizeof(__u64)) &&
	       !(written->offset % written->size);
}

static int check_flags_of_update(const struct bpf_map_update_batch_opts *opts, const char *name)
{
	unsigned long long flags = opts->elem_flags;

	if (flags & ~(KERNEL_FLAGS | OUR_FLAGS))
		return refuse(-EINVAL,
			      "%s 0x%llx: BPF_NOEXIST, BPF_EXIST, BPF_F_COMPARE and BPF_F_IN_PLACE "
			      "alone are known",
			      name, flags);
	if ((flags & KERNEL_FLAGS) == KERNEL_FLAGS || (flags & KERNEL_FLAGS && flags & OUR_FLAGS))
		return refuse(-EINVAL, "%s 0x%llx: BPF_NOEXIST and BPF_EXIST go with no other flag",
			      name, flags);
	if (!(flags & BPF_F_COMPARE) &&
	    (opts->compare || opts->compare_offset || opts->compare_size || opts->compare_stride))
		return refuse(-EINVAL, "compare fields without BPF_F_COMPARE in %s", name);
	if (!(flags & BPF_F_IN_PLACE) && (opts->offset || opts->size || opts->op))
		return refuse(-EINVAL, "offset, size or op without BPF_F_IN_PLACE in %s", name);
	if (!(flags & BPF_F_IN_PLACE) && (opts->claim_first || opts->claim_last))
		return refuse(-EINVAL, "claim_first or claim_last without BPF_F_IN_PLACE in %s",
			      name);
	if (!(flags & OUR_FLAGS) && opts->old)
		return refuse(-EINVAL, "old without BPF_F_COMPARE or BPF_F_IN_PLACE in %s", name);
	return 0;
}

/* What makes sense of a word alone. */
static int check_is_word(const struct job *job, const struct region *written)
{
	if (is_word(written))
		return written->size == sizeof(__u32) && job->claims.first > (__u32)-1
			       ? refuse(-EINVAL, "claim_first 0x%llx: no word of 4 bytes is that",
					(unsigned long long)job->claims.first)
			       : 0;
	if (job->update->op)
		return refuse(-EINVAL,
			      "offset %u, size %u: op %u is for one word, of 4 or 8 bytes at a "
			      "multiple of its size",
			      written->offset, written->size, job->update->op);
	if (job->claims.last)
		return refuse(-EINVAL,
			      "offset %u, size %u: claim_last is for one word, of 4 or 8 bytes at "
			      "a multiple of its size",
			      written->offset, written->size);
	return 0;
}

/* What can be said of the options without the map; what they ask for, where nothing is wrong. */
static int read_update_opts(const struct bpf_map_update_batch_opts *opts, const char *name,
			    struct updates *updates)
{
	struct update *update = &updates->update;
	struct job *job = &updates->job;
	int err;

	err = check_flags_of_update(opts, name);
	if (err)
		return err;
	if (opts->op > BPF_MAP_UPDATE_XOR)
		return refuse(-EINVAL, "op %u is unknown", opts->op);
	if (opts->backend > BPF_MAP_COMPARE_SYSCALL_PROG)
		return refuse(-EINVAL, "backend %u is unknown", opts->backend);
	err = read_claims(&job->claims, opts->claim_first, opts->claim_last);
	if (err)
		return err;
	updates->flags = opts->elem_flags;
	updates->backend = opts->backend;
	update->written.offset = opts->offset;
	update->written.size = opts->size;
	update->op = opts->op;
	update->stride = opts->value_stride;
	/* It is to replace one that was looked at. */
	update->flags = opts->elem_flags & BPF_F_COMPARE ? BPF_EXIST : opts->elem_flags;
	job->action = ACTION_UPDATE;
	job->update = update;
	job->first.compare = opts->compare;
	job->first.stride = opts->compare_stride;
	job->first.region.offset = opts->compare_offset;
	job->first.region.size = opts->compare_size;
	job->values = opts->old;
	return opts->size ? check_is_word(job, &update->written) : 0;
}

/* What the kernel takes for a value: of maps that have one for each CPU, all of those. */
static int full_value_size(const struct bpf_map_info *info, size_t *size)
{
	int cpus = 1;

	*size = info->value_size;
	switch (info->type) {
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
		cpus = libbpf_num_possible_cpus();
		*size = (size_t)ROUND_UP_8(info->value_size) * (cpus < 0 ? 0 : cpus);
	}
	return cpus < 0 ? cpus : 0;
}

static int check_written(struct updates *updates)
{
	const struct target *target = &updates->target;
	struct region *written = &updates->update.written;
	struct job *job = &updates->job;
	int err;

	err = map_check_region(target, "", written);
	if (!err)
		err = map_first_error(target->fd, check_is_word(job, written));
	if (!err)
		err = map_check_type(target);
	if (!err && written->size <= 2)
		err = refuse_map(target->fd, -EOPNOTSUPP,
				 "size %u: 1 or 2 bytes are not written in place", written->size);
	job->action = is_word(written) ? ACTION_WORD : ACTION_BYTES;
	return err;
}

/* What is asked for, with the map known. */
static int check_update(struct updates *updates)
{
	const struct target *target = &updates->target;
	struct job *job = &updates->job;
	size_t size;
	int err;

	if (!job->first.keys || !updates->update.values)
		return refuse_map(target->fd, -EFAULT, "%s is NULL",
				  job->first.keys ? "the value" : "the key");
	err = updates->flags & BPF_F_COMPARE
		      ? map_check_region(target, "compare_", &job->first.region)
		      : 0;
	if (!err && updates->flags & BPF_F_IN_PLACE)
		err = check_written(updates);
	else if (!err && updates->flags & BPF_F_COMPARE)
		err = map_check_type(target);
	if (!err)
		err = full_value_size(&target->info, &size);
	if (err)
		return err;
	if (updates->update.written.size)
		size = updates->update.written.size;
	if (job->action == ACTION_UPDATE && job->values)
		job->asks |= ASKS_VALUE;
	err = read_stride(&updates->update.stride, size, "value_", updates->progress.total);
	if (!err)
		err = read_stride(&job->first.stride, job->first.region.size, "compare_",
				  updates->progress.total);
	return err;
}

/* Without a condition. */
static int update_plainly(const struct target *target, const struct job *job, __u32 i)
{
	const char *value = job->update->values + (size_t)i * job->update->stride;

	return progress_plain_error(
		bpf_map_update_elem(target->fd, key_at(target, job, i), value, job->update->flags));
}

static int update_keys(struct updates *updates)
{
	const struct target *target = &updates->target;
	int err;

	err = map_info(target->fd, &updates->target.info);
	if (!err)
		err = check_update(updates);
	if (err)
		return err;
	if (!(updates->flags & OUR_FLAGS))
		return progress_either_way(&updates->progress, &updates->job, target,
					   update_plainly);
	if (updates->backend == BPF_MAP_COMPARE_NATIVE)
		return refuse_map(target->fd, -EOPNOTSUPP,
				  "the native backend knows no updates by compare or in place");
	/* All that can go wrong does so before the first key, if there is one. */
	return updates->progress.total
		       ? progress_by_program(&updates->progress, &updates->job, target)
		       : emulate_prepare(target, &updates->job);
}

static void start_updates(struct updates *updates, int fd, const void *keys, const void *values,
			  __u32 total)
{
	memset(updates, 0, sizeof(*updates));
	updates->target.fd = fd;
	updates->job.first.keys = keys;
	updates->update.values = values;
	updates->progress.total = total;
}

/* The fields of both, by those of many. */
static void opts_of_one(struct bpf_map_update_batch_opts *to,
			const struct bpf_map_update_elem_opts *from)
{
	memset(to, 0, sizeof(*to));
	to->elem_flags = from->flags;
	to->compare = from->compare;
	to->old = from->old;
	to->compare_offset = from->compare_offset;
	to->compare_size = from->compare_size;
	to->offset = from->offset;
	to->size = from->size;
	to->op = from->op;
	to->backend = from->backend;
	to->claim_first = from->claim_first;
	to->claim_last = from->claim_last;
}

static int update_elem(int fd, const void *key, const void *value,
		       const struct bpf_map_update_elem_opts *opts)
{
	struct bpf_map_update_elem_opts ours;
	struct bpf_map_update_batch_opts as_batch;
	struct updates updates;
	int err, result = 0;

	start_updates(&updates, fd, key, value, 1);
	updates.progress.results = &result;
	err = copy_opts(&ours, FIELD_END(struct bpf_map_update_elem_opts, claim_last), opts,
			"bpf_map_update_elem_opts");
	if (err)
		return err;
	opts_of_one(&as_batch, &ours);
	err = read_update_opts(&as_batch, "flags", &updates);
	if (!err && !(updates.flags & OUR_FLAGS))
		return bpf_map_update_elem(fd, key, value, updates.flags);
	if (!err)
		err = update_keys(&updates);
	return err ? err : result;
}

int bpf_map_update_elem_opts(int fd, const void *key, const void *value,
			     const struct bpf_map_update_elem_opts *opts)
{
	int cancel_state = enter();

	return leave(cancel_state, update_elem(fd, key, value, opts));
}

static int check_sizes(const struct bpf_map *map, size_t key_sz, size_t value_sz,
		       const struct bpf_map_update_elem_opts *opts)
{
	struct bpf_map_update_elem_opts ours;
	size_t wanted;
	int err;

	if (!map)
		return refuse(-EINVAL, "map is NULL");
	if (key_sz != bpf_map__key_size(map))
		return refuse(-EINVAL, "key_sz %zu is not the key size of map '%s', %u", key_sz,
			      bpf_map__name(map), bpf_map__key_size(map));
	err = copy_opts(&ours, FIELD_END(struct bpf_map_update_elem_opts, claim_last), opts,
			"bpf_map_update_elem_opts");
	if (err)
		return err;
	wanted = ours.size ? ours.size : bpf_map__value_size(map);
	if (value_sz != wanted)
		return refuse(-EINVAL, "value_sz %zu is not what is written to map '%s', %zu",
			      value_sz, bpf_map__name(map), wanted);
	return 0;
}

int bpf_map__update_elem_opts(const struct bpf_map *map, const void *key, size_t key_sz,
			      const void *value, size_t value_sz,
			      const struct bpf_map_update_elem_opts *opts)
{
	int cancel_state = enter(), err;

	err = leave(cancel_state, check_sizes(map, key_sz, value_sz, opts));
	return err ? err : bpf_map_update_elem_opts(bpf_map__fd(map), key, value, opts);
}

static int update_batch(int fd, const void *keys, const void *values, __u32 *count,
			const struct bpf_map_update_batch_opts *opts)
{
	struct bpf_map_update_batch_opts ours;
	struct updates updates;
	int err;

	if (!count)
		return refuse(-EINVAL, "count is NULL");
	start_updates(&updates, fd, keys, values, *count);
	*count = 0;
	err = copy_opts(&ours, FIELD_END(struct bpf_map_update_batch_opts, claim_last), opts,
			"bpf_map_update_batch_opts");
	if (err)
		return err;
	updates.progress.results = ours.results;
	err = read_update_opts(&ours, "elem_flags", &updates);
	if (!err)
		err = map_check_writable(fd);
	if (!err)
		err = update_keys(&updates);
	*count = updates.progress.done;
	progress_end(&updates.progress);
	return err;
}

int bpf_map_update_batch_opts(int fd, const void *keys, const void *values, __u32 *count,
			      const struct bpf_map_update_batch_opts *opts)
{
	int cancel_state = enter();

	return leave(cancel_state, update_batch(fd, keys, values, count, opts));
}

/* ---- progress.c ---- */

/*
 * How far a batch has come: its keys go one way or another, run by run or call by call, until all are done
 * or one fails for a reason that is not its own. Each has an answer.
 */

const char *key_at(const struct target *target, const struct job *job, __u32 i)
{
	return job->first.keys + (size_t)i * target->info.key_size;
}

/* Of a kernel's own call for one key: elsewhere -EBUSY means "differs" alone. */
int progress_plain_error(int err)
{
	return err == -EBUSY ? -EAGAIN : err;
}

static void set_answer(struct progress *progress, struct answer answer)
{
	if (progress->results)
		progress->results[progress->reached] = answer.result;
	if (progress->linked_results)
		progress->linked_results[progress->reached] = answer.linked_result;
	progress->reached++;
	progress->done += !answer.result;
}

static void set_result(struct progress *progress, int result)
{
	struct answer answer = { result, -ECANCELED };

	set_answer(progress, answer);
}

/* Whether an answer is about its key, so that the other keys can go on. */
static bool is_result(const struct job *job, int err)
{
	switch (err) {
	case 0:
	case -EBUSY:
	case -ENOENT:
	case -EAGAIN:
		return true;
	case -EEXIST:
	case -E2BIG:
	case -ENOMEM:
		return job->update;
	case -EINVAL:
		/* A pair that is one and the same entry is refused by itself. */
		return has_links(job);
	default:
		return false;
	}
}

/* That the kernel could not take a lock, which is about the key too. */
static bool is_lock_error(int err)
{
	return err == -EDEADLK || err == -ETIMEDOUT;
}

/* A call for each key; what it answers that is about no key ends it. */
int progress_by_call(struct progress *progress, const struct job *job, const struct target *target,
		     call_for_key *call)
{
	int err;

	while (progress->reached < progress->total) {
		err = call(target, job, progress->reached);
		if (is_lock_error(err))
			err = -EAGAIN;
		if (!is_result(job, err))
			return err;
		set_result(progress, err);
	}
	return 0;
}

/* The caller's fds still have to be the maps that they were: a batch can take its time. */
static int check_again(const struct target *target, const struct job *job)
{
	const struct target *linked = job->linked_target;
	int err;

	err = target->comparer ? 0 : map_check_same(target->fd, &target->info);
	if (!err && linked)
		err = map_check_same(linked->fd, &linked->info);
	return err;
}

int progress_by_program(struct progress *progress, const struct job *job,
			const struct target *target)
{
	struct answer answers[RUN_KEYS_MAX];
	__u32 count;
	int err;

	while (progress->reached < progress->total) {
		err = progress->reached ? check_again(target, job) : 0;
		if (err)
			return err;
		count = progress->total - progress->reached;
		err = emulate_run(target, job, progress->reached, &count, answers);
		if (err)
			return err;
		for (__u32 i = 0; i < count; i++) {
			/* Of the map, not of the key: it was frozen meanwhile, say. */
			if (!is_result(job, answers[i].result)) {
				err = answers[i].result;
				set_result(progress, -ECANCELED);
			} else {
				set_answer(progress, answers[i]);
			}
		}
		if (err)
			return err == -EPERM ? refuse(err, progress->total == 1
								   ? "the map is frozen"
								   : "a map was frozen meanwhile")
					     : err;
	}
	return 0;
}

/* By a program, which is only a faster way to the same: where it is not to be had, there is the other. */
int progress_either_way(struct progress *progress, const struct job *job,
			const struct target *target, call_for_key *call)
{
	struct target ours = *target;
	bool printing = print_reasons(false);
	int err = emulate_prepare(target, job);

	print_reasons(printing);
	if (!err)
		return progress_by_program(progress, job, target);
	/* Should the caller's fd become another map meanwhile, this one does not. */
	ours.fd = duplicate(target->fd);
	if (ours.fd < 0)
		return ours.fd;
	err = map_check_same(ours.fd, &ours.info);
	if (!err)
		err = progress_by_call(progress, job, &ours, call);
	close(ours.fd);
	return err;
}

/* Those that were not reached. */
void progress_end(struct progress *progress)
{
	while (progress->reached < progress->total &&
	       (progress->results || progress->linked_results))
		set_result(progress, -ECANCELED);
}

/* ---- linked.c ---- */

/*
 * Second entries: what may be asked of them, and what their map has to be.
 */

#define FLAGS (BPF_MAP_LINKED_KEEP | BPF_MAP_LINKED_ABSENT | BPF_MAP_LINKED_FIRST)

bool has_links(const struct job *job)
{
	return job->asks & ASKS_LINKED;
}

/* The map that they are in. */
const struct target *linked_map(const struct target *target, const struct job *job)
{
	return job->linked_target ? job->linked_target : target;
}

/*
 * The map that they are in, to look at what it is: what is to be said of its fd has been, and that may be
 * read-only where they stay. So whoever asks about fd is told of the first entries'.
 */
struct target linked_map_to_judge(const struct target *target, const struct job *job)
{
	struct target map = *linked_map(target, job);

	map.fd = target->fd;
	return map;
}

static int refuse_without_links(const struct bpf_map_delete_batch_opts *opts)
{
	if (!opts->linked_compare && !opts->linked_claim && !opts->linked_results &&
	    !opts->linked_fd && !opts->linked_flags && !opts->linked_compare_offset &&
	    !opts->linked_compare_size && !opts->linked_compare_stride &&
	    !opts->linked_claim_offset && !opts->linked_claim_size)
		return 0;
	return refuse(-EINVAL, "linked fields without linked_keys");
}

static int check_flags(const struct bpf_map_delete_batch_opts *opts)
{
	__u32 flags = opts->linked_flags;

	if (flags & ~(__u32)FLAGS)
		return refuse(-EINVAL, "linked_flags 0x%x: unknown", flags);
	if (flags & BPF_MAP_LINKED_ABSENT &&
	    (flags != BPF_MAP_LINKED_ABSENT || opts->linked_compare || opts->linked_claim))
		return refuse(-EINVAL, "BPF_MAP_LINKED_ABSENT with another flag, linked_compare or "
				       "linked_claim");
	if (flags & BPF_MAP_LINKED_KEEP && (flags & BPF_MAP_LINKED_FIRST || opts->linked_claim))
		return refuse(-EINVAL,
			      "BPF_MAP_LINKED_KEEP with BPF_MAP_LINKED_FIRST or linked_claim");
	if (!opts->linked_compare && (opts->linked_compare_offset || opts->linked_compare_size ||
				      opts->linked_compare_stride))
		return refuse(-EINVAL, "linked_compare fields without linked_compare");
	return 0;
}

static __u32 what_is_asked(const struct bpf_map_delete_batch_opts *opts)
{
	__u32 asks = ASKS_LINKED;

	if (opts->linked_compare)
		asks |= ASKS_LINKED_COMPARE;
	if (opts->linked_claim)
		asks |= ASKS_LINKED_CLAIM;
	if (opts->linked_flags & BPF_MAP_LINKED_ABSENT)
		asks |= ASKS_LINKED_ABSENT;
	if (!(opts->linked_flags & (BPF_MAP_LINKED_ABSENT | BPF_MAP_LINKED_KEEP)))
		asks |= ASKS_LINKED_DELETE;
	if (opts->linked_flags & BPF_MAP_LINKED_FIRST)
		asks |= ASKS_LINKED_FIRST;
	return asks;
}

/* A delete without a claim breaks the protocol for the others of its map. */
static int check_claims_in_one_map(const struct job *job)
{
	bool first = job->first.claim.size, linked = job->linked.claim.size;

	if (first && !linked && job->asks & ASKS_LINKED_DELETE)
		return refuse(-EINVAL, "claim without linked_claim, on entries of one map that are "
				       "both deleted");
	if (linked && !first)
		return refuse(-EINVAL, "linked_claim without claim, on entries of one map");
	return 0;
}

/* What can be said without the maps. */
int read_linked(struct job *job, const struct bpf_map_delete_batch_opts *opts)
{
	struct entries *linked = &job->linked;
	int err;

	if (!opts->linked_keys)
		return refuse_without_links(opts);
	if (!opts->elem_flags)
		return refuse(-EINVAL, "linked_keys without BPF_F_COMPARE in elem_flags");
	err = check_flags(opts);
	if (err)
		return err;
	job->asks |= what_is_asked(opts);
	linked->keys = opts->linked_keys;
	linked->compare = opts->linked_compare;
	linked->stride = opts->linked_compare_stride;
	linked->region.offset = opts->linked_compare_offset;
	linked->region.size = opts->linked_compare_size;
	err = read_claim(&linked->claim, "linked_", opts->linked_claim, opts->linked_claim_offset,
			 opts->linked_claim_size);
	if (!err && linked->compare)
		err = check_claim(&linked->claim, "linked_", linked->region);
	if (!err && !opts->linked_fd)
		err = check_claims_in_one_map(job);
	return err;
}

/* To have information is not to be a map: programs do too, with ids of their own. */
static int check_is_map(int fd)
{
	bool printing = print_reasons(false);
	int err = map_check_writable(fd);

	print_reasons(printing);
	if (err == -EPERM)
		return 0;
	return err ? map_check_writable(fd) : 0;
}

/* What is behind linked_fd, where that is another map than the first entries'. */
int open_linked(struct job *job, const struct target *target, struct target *linked_target,
		__u32 linked_fd)
{
	int err;

	if (!has_links(job) || !linked_fd)
		return 0;
	linked_target->fd = (int)linked_fd;
	err = job->asks & ASKS_LINKED_DELETE ? map_check_writable(linked_target->fd)
					     : check_is_map(linked_target->fd);
	if (!err)
		err = map_info(linked_target->fd, &linked_target->info);
	if (!err && !map_is_same(&linked_target->info, &target->info))
		job->linked_target = linked_target;
	if (!err && !(job->asks & ASKS_LINKED_DELETE))
		err = map_check_readable(linked_target->fd);
	return err;
}

static int check_word(const struct target *map, const struct claim *claim)
{
	__u32 value_size = map->info.value_size;

	if (claim->offset < value_size && claim->size <= value_size - claim->offset)
		return 0;
	return refuse_map(map->fd, -EINVAL,
			  "linked_claim_offset %u + linked_claim_size %u is past the value's end: "
			  "value_size %u",
			  claim->offset, claim->size, value_size);
}

/* What is asked of them, with the map known. */
int check_linked(struct job *job, const struct target *target)
{
	struct entries *linked = &job->linked;
	struct target map;
	int err = 0;

	if (!has_links(job))
		return 0;
	if (!job->linked_target)
		err = check_claims_in_one_map(job);
	if (err)
		return err;
	map = linked_map_to_judge(target, job);
	if (linked->compare) {
		err = map_check_region(&map, "linked_compare_", &linked->region);
	} else if (linked->claim.size) {
		/* It is the word alone that is looked at. */
		linked->region.offset = linked->claim.offset;
		linked->region.size = linked->claim.size;
		err = check_word(&map, &linked->claim);
	}
	if (!err)
		err = check_claim(&linked->claim, "linked_", linked->region);
	return err ? err : map_check_type(&map);
}

/* As for the first entries; those that are only looked at take no more than a look-up does. */
int linked_check_permission(const struct job *job, const struct target *target, bool program_asks)
{
	const struct target *map = job->linked_target;

	if (!(job->asks & ASKS_LINKED_DELETE))
		return map_check_readable(linked_map(target, job)->fd);
	if (!map)
		return 0;
	return program_asks ? map_check_mode(map->fd) : map_check_writable(map->fd);
}

/* ---- sweep.c ---- */

/*
 * Where a sweep comes in: it is checked, a way through the map is chosen, and that is gone in steps, until
 * all of the map was seen or the capacity is used up.
 */
#include <sched.h>
#include <time.h>

#define SCAN_US_DEFAULT 250u
#define SCAN_US_NONE	(-1u)

/* What an entry takes, about. */
#define ENTRY_NS 200u

/* A lock that is held for so long is not given back. */
#define LOCK_TRIES 100

/*
 * What a cursor has: the part of how many that it is of, the way that was gone, and how far: up to which
 * element or bucket, and how many matches, or entries, of that are not to be counted again.
 */
#define CURSOR_PARTS(cursor) ((__u32)((cursor) >> 56))
#define CURSOR_PART(cursor)  ((__u32)((cursor) >> 48) & 0xff)
#define CURSOR_WAY(cursor)   ((enum sweep_way)((cursor) >> 46 & 3))
#define CURSOR_SKIP(cursor)  ((cursor) >> 32 & SKIP_MAX)
#define CURSOR_PLACE(cursor) ((__u32)(cursor))
#define SKIP_MAX	     ((1u << 14) - 1)

static __u64 make_cursor(const struct sweep *sweep, enum sweep_way way)
{
	__u64 skip = sweep->skip < SKIP_MAX ? sweep->skip : SKIP_MAX;
	__u64 ours = (__u64)sweep->parts << 56 | (__u64)sweep->part << 48 | (__u64)way << 46;

	/* All of the map at once has no place in it. */
	return ours | skip << 32 | (way == WAY_EACH ? 0 : (__u32)sweep->next);
}

bool sweep_counts(const struct sweep *sweep)
{
	return sweep->flags & BPF_MAP_SWEEP_COUNT;
}

bool sweep_hands_out(const struct sweep *sweep)
{
	return sweep->keys || sweep->values;
}

/* How many more may be deleted, or are to be found. */
__u64 sweep_room(const struct sweep *sweep)
{
	__u64 used = sweep_counts(sweep) ? sweep->matched : sweep->deleted;

	if (!sweep->capacity || (sweep_counts(sweep) && !sweep_hands_out(sweep)))
		return UINT64_MAX;
	return sweep->capacity - used;
}

static __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

bool sweep_is_over_time(const struct sweep *sweep)
{
	return sweep->stop_at && now_ns() >= sweep->stop_at;
}

/* What a run came to: 0 to go on. What it could not delete for a lock is seen by the next one. */
static int check_run(const struct sweep *sweep, int result, __u64 before, int *tries)
{
	*tries = result == -EAGAIN ? *tries + 1 : 0;
	if (result == -EPERM)
		return refuse(-EPERM, "the map was frozen meanwhile");
	if (result && result != -EAGAIN)
		return result;
	if (*tries == LOCK_TRIES)
		return -EAGAIN;
	if (*tries)
		sched_yield();
	else if (sweep->next <= sweep->from && sweep->deleted + sweep->matched == before)
		return refuse(-EOPNOTSUPP, "the walk through the map does not get on");
	return 0;
}

/* One run of the program after the other. */
int sweep_by_program(const struct target *target, struct job *job)
{
	struct sweep *sweep = job->sweep;
	struct answer answer;
	int err, tries = 0;
	__u64 before;
	__u32 count;

	for (sweep->next = sweep->from; sweep->next < sweep->until && sweep_room(sweep);) {
		sweep->from = sweep->next;
		before = sweep->deleted + sweep->matched;
		count = 1;
		err = sweep->runs ? map_check_same(target->fd, &target->info) : 0;
		if (!err)
			err = emulate_run(target, job, 0, &count, &answer);
		if (err)
			return err;
		sweep->runs++;
		err = check_run(sweep, answer.result, before, &tries);
		if (err)
			return err;
		if (!tries && sweep_is_over_time(sweep))
			break;
	}
	return sweep->next < sweep->until;
}

/* In one run. What is found has to fit into its memory. */
static int sweep_by_each(const struct target *target, struct job *job)
{
	struct sweep *sweep = job->sweep;

	job->action = ACTION_SWEEP_EACH;
	sweep->out = sweep_hands_out(sweep) ? target->info.max_entries : 0;
	sweep->from = 0;
	/* Kernels have gone astray where the current element is deleted: then it is no whole pass. */
	sweep->until = 4ull * target->info.max_entries;
	return sweep_by_program(target, job);
}

static __u64 ns_for_all(const struct bpf_map_info *info)
{
	return (__u64)info->max_entries * ENTRY_NS;
}

/* Whether one run over all of the map is no longer than one may be that nobody can preempt. */
bool sweep_is_short(const struct bpf_map_info *info)
{
	return ns_for_all(info) <= HOLD_NS_MAX;
}

/* Whether it takes no longer than the caller allows, and holds what it finds. */
static bool is_small(const struct bpf_map_info *info, const struct sweep *sweep)
{
	if (sweep_hands_out(sweep) && !sweep_fits(info, sweep))
		return false;
	return ns_for_all(info) <= sweep->budget;
}

/* Errors that say that a way cannot be gone here, and not that a sweep has failed. */
static bool is_no_way(const struct sweep *sweep, int err)
{
	return err == -ELOOP ||
	       (!sweep->runs && (err == -EOPNOTSUPP || err == -EPERM || err == -E2BIG));
}

/* Whether there can be a program for this map at all. */
static bool takes_programs(const struct target *target, const struct job *job)
{
	bool printing = print_reasons(false);
	int err = emulate_check(target, job);

	print_reasons(printing);
	return !err;
}

/*
 * The one that was begun is gone on with, where that can be. A walk whose like was tried already costs nothing to
 * begin, and misses less: see bpf_map_sweep().
 */
static int choose_way(const struct target *target, const struct job *job, enum sweep_way begun,
		      enum sweep_way *way)
{
	const struct bpf_map_info *info = &target->info;
	const struct sweep *sweep = job->sweep;
	int walks;

	*way = WAY_BATCH;
	if (begun == WAY_BATCH || !takes_programs(target, job))
		return 0;
	*way = WAY_EACH;
	if (begun == WAY_EACH)
		return 0;
	if (!begun && !sweep->parts && is_small(info, sweep) && !walk_is_known(info))
		return 0;
	walks = walk_serves(info);
	if (walks < 0)
		return walks;
	if (!walks && begun == WAY_WALK && sweep->parts)
		return refuse(-EPERM, "who began this part could walk through the map");
	*way = walks ? WAY_WALK : WAY_BATCH;
	return 0;
}

/* From a place on, with so much of it left out. */
static int go(struct target *target, struct job *job, enum sweep_way way, __u64 place, __u64 skip)
{
	struct sweep *sweep = job->sweep;

	sweep->next = sweep->from = place;
	sweep->skip = skip;
	/* Who cannot share it has the first part do it all. */
	if (way != WAY_WALK && sweep->part)
		return 0;
	switch (way) {
	case WAY_WALK:
		return sweep_by_walk(target, job);
	case WAY_EACH:
		return sweep_by_each(target, job);
	default:
		return sweep_by_batch(target, job);
	}
}

static int sweep_map(struct target *target, struct job *job, __u64 *cursor)
{
	struct sweep *sweep = job->sweep;
	enum sweep_way begun = CURSOR_WAY(*cursor), way;
	int err;

	err = choose_way(target, job, begun, &way);
	if (err)
		return err;
	/* Of another way the place says nothing. */
	err = go(target, job, way, begun == way ? CURSOR_PLACE(*cursor) : 0,
		 begun == way ? CURSOR_SKIP(*cursor) : 0);
	/* Of several parts the others would not know. */
	if (way != WAY_BATCH && !sweep->parts && is_no_way(sweep, err)) {
		forget_reason();
		way = WAY_BATCH;
		sweep->scanned = sweep->deleted;
		err = go(target, job, way, 0, 0);
	}
	*cursor = err ? make_cursor(sweep, way) : 0;
	return err;
}

static int read_sweep_opts(struct job *job, const struct bpf_map_sweep_opts *opts)
{
	struct sweep *sweep = job->sweep;
	__u32 scan_us;
	int err;

	if (opts->flags & ~(__u64)(BPF_MAP_SWEEP_COUNT | BPF_MAP_SWEEP_ALL))
		return refuse(-EINVAL, "unknown flags 0x%llx", (unsigned long long)opts->flags);
	sweep->flags = opts->flags;
	sweep->keys = opts->keys;
	sweep->values = opts->values;
	sweep->capacity = opts->capacity;
	scan_us = opts->max_scan_us ? opts->max_scan_us : SCAN_US_DEFAULT;
	sweep->budget = scan_us == SCAN_US_NONE ? UINT64_MAX : scan_us * 1000ull;
	sweep->parts = CURSOR_PARTS(opts->cursor);
	sweep->part = CURSOR_PART(opts->cursor);
	if (sweep->parts ? sweep->part >= sweep->parts : sweep->part)
		return refuse(-EINVAL, "cursor: part %u of %u", sweep->part, sweep->parts);
	if (sweep_hands_out(sweep) && !sweep->capacity)
		return refuse(-EINVAL, "keys or values without capacity");
	job->asks = sweep->values ? ASKS_VALUE : 0;
	err = read_claim(&job->first.claim, "", opts->claim, opts->claim_offset, opts->claim_size);
	if (!err)
		err = read_claims(&job->claims, opts->claim_first, opts->claim_last);
	if (!err && opts->claim_last && !opts->claim)
		err = refuse(-EINVAL, "claim_first or claim_last without a claim");
	if (!err)
		err = check_in_claims(&job->claims, &job->first.claim, "");
	return err;
}

/* The conditions are copied: what was checked is what is gone by. */
static int read_conds(struct sweep *sweep, const struct bpf_map_sweep_cond *conds, __u32 conds_cnt)
{
	if (conds_cnt > CONDS_MAX)
		return refuse(-EINVAL, "%u conditions, of at most %u", conds_cnt, CONDS_MAX);
	if (conds_cnt && !conds)
		return refuse(-EFAULT, "conds is NULL");
	if (conds_cnt)
		memcpy(sweep->conds, conds, conds_cnt * sizeof(*conds));
	sweep->conds_cnt = conds_cnt;
	return 0;
}

static int check_sweep(struct target *target, struct job *job)
{
	struct region none = { 0, 0 };
	int err;

	err = sweep_counts(job->sweep) ? 0 : map_check_writable(target->fd);
	if (!err)
		err = map_info(target->fd, &target->info);
	if (!err)
		err = map_check_type(target);
	if (!err)
		err = map_check_readable(target->fd);
	if (!err)
		err = conditions_check(job->sweep, &target->info, &job->first.claim);
	return err ? err : check_claim(&job->first.claim, "", none);
}

/* By a file descriptor of ours: should the caller's become another map meanwhile, with other sizes, this does not. */
static int sweep_by_ours(struct target *target, struct job *job, __u64 *cursor)
{
	int theirs = target->fd, err;

	target->fd = duplicate(theirs);
	if (target->fd < 0)
		return target->fd;
	err = map_check_same(target->fd, &target->info);
	if (!err)
		err = sweep_map(target, job, cursor);
	close(target->fd);
	return err;
}

static int sweep(int fd, const struct bpf_map_sweep_cond *conds, __u32 conds_cnt,
		 struct bpf_map_sweep_opts *ours, __u64 stop_at)
{
	struct target target = TARGET_BY_FD(fd);
	struct job job;
	struct sweep all;
	int err;

	memset(&job, 0, sizeof(job));
	memset(&all, 0, sizeof(all));
	all.stop_at = stop_at;
	job.sweep = &all;
	err = read_sweep_opts(&job, ours);
	if (!err)
		err = read_conds(&all, conds, conds_cnt);
	if (!err)
		err = check_sweep(&target, &job);
	if (!err)
		err = sweep_by_ours(&target, &job, &ours->cursor);
	ours->scanned = all.scanned;
	ours->matched = all.matched;
	ours->deleted = all.deleted;
	ours->changed = all.changed;
	return err;
}

/* What the caller's struct has room for. */
static void copy_counts(struct bpf_map_sweep_opts *to, const struct bpf_map_sweep_opts *from)
{
	const size_t start = offsetof(struct bpf_map_sweep_opts, cursor);
	const size_t end = FIELD_END(struct bpf_map_sweep_opts, changed);
	size_t size = to->sz < end ? to->sz : end;

	if (size > start)
		memcpy((char *)to + start, (const char *)from + start, size - start);
}

static int sweep_until(int fd, const struct bpf_map_sweep_cond *conds, __u32 conds_cnt,
		       struct bpf_map_sweep_opts *opts, __u64 stop_at)
{
	struct bpf_map_sweep_opts ours;
	int cancel_state = enter(), err;

	err = copy_opts(&ours, FIELD_END(struct bpf_map_sweep_opts, changed), opts,
			"bpf_map_sweep_opts");
	if (err)
		return leave(cancel_state, err);
	err = sweep(fd, conds, conds_cnt, &ours, stop_at);
	if (opts)
		copy_counts(opts, &ours);
	return leave(cancel_state, err);
}

int bpf_map_sweep(int fd, const struct bpf_map_sweep_cond *conds, __u32 conds_cnt,
		  struct bpf_map_sweep_opts *opts)
{
	return sweep_until(fd, conds, conds_cnt, opts, 0);
}

int bpf_map_sweep_timed(int fd, const struct bpf_map_sweep_cond *conds, __u32 conds_cnt,
			struct bpf_map_sweep_opts *opts, __u32 max_us)
{
	return sweep_until(fd, conds, conds_cnt, opts, now_ns() + max_us * 1000ull);
}

/* ---- conditions.c ---- */

/*
 * The conditions of a sweep: whether they are such as they may be, and which entries they are true of.
 */

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

/* ---- walk.c ---- */

/*
 * Walks along the kernel's own memory of a map: which there are, and whether they find here what they have to.
 */
#include <bpf/libbpf.h>

static bool is_preallocated(const struct bpf_map_info *info)
{
	return !(info->map_flags & BPF_F_NO_PREALLOC);
}

static enum action action_for(const struct bpf_map_info *info)
{
	return is_preallocated(info) ? ACTION_SWEEP_ELEMS : ACTION_SWEEP_BUCKETS;
}

static __u64 possible_cpus(void)
{
	int cpus = libbpf_num_possible_cpus();

	return cpus > 0 ? cpus : 1;
}

/* How many elements the kernel has, at most, or buckets. */
__u64 walk_places(const struct bpf_map_info *info)
{
	__u64 places = 1;

	/* A spare one for each CPU; with BPF_F_NO_COMMON_LRU as many more as make equal shares. */
	if (is_preallocated(info))
		return info->max_entries + possible_cpus();
	while (places < info->max_entries)
		places *= 2;
	return places;
}

/* Along the elements or the buckets, of which a part may be wanted. */
int sweep_by_walk(const struct target *target, struct job *job)
{
	struct sweep *sweep = job->sweep;
	__u64 places = walk_places(&target->info), begin;

	job->action = action_for(&target->info);
	sweep->out = !sweep_hands_out(sweep) ? 0 : RUN_KEYS_MAX;
	begin = sweep->parts ? places * sweep->part / sweep->parts : 0;
	sweep->until = sweep->parts ? places * (sweep->part + 1) / sweep->parts : places;
	if (!sweep->from)
		sweep->from = begin;
	if (sweep->from < begin || sweep->from > sweep->until)
		return refuse(-EINVAL, "no call gave this cursor for this map");
	return sweep_by_program(target, job);
}

enum {
	TEST_ENTRIES = 48,
	TEST_KEY_SIZE = 12,
	TEST_VALUE_SIZE = 20,
};

struct test_entry {
	__u32 key[TEST_KEY_SIZE / sizeof(__u32)];
	__u32 value[TEST_VALUE_SIZE / sizeof(__u32)];
};

static void set_entry(struct test_entry *entry, __u32 i)
{
	memset(entry, 0, sizeof(*entry));
	entry->key[0] = entry->key[2] = i;
	entry->value[4] = i;
}

/* A map whose elements were used, freed and used again. */
static int make_test_map(const struct bpf_map_info *like)
{
	struct bpf_map_create_opts opts;
	struct test_entry entry;
	int fd, err = 0;

	memset(&opts, 0, sizeof(opts));
	opts.sz = sizeof(opts);
	opts.map_flags = like->map_flags & BPF_F_NO_PREALLOC;
	fd = bpf_map_create(like->type, "compare_test", TEST_KEY_SIZE, TEST_VALUE_SIZE,
			    16 * TEST_ENTRIES, &opts);
	if (fd < 0)
		return -errno;
	for (__u32 i = 0; i < 2 * TEST_ENTRIES && !err; i++) {
		set_entry(&entry, i);
		err = bpf_map_update_elem(fd, entry.key, entry.value, BPF_ANY) ? -errno : 0;
		set_entry(&entry, i - TEST_ENTRIES);
		if (i >= TEST_ENTRIES && !err)
			err = bpf_map_delete_elem(fd, entry.key) ? -errno : 0;
	}
	if (err)
		close(fd);
	return err ? err : fd;
}

/* Half of the entries are to be deleted, by what is at the end of their values; all are to be seen. */
static int run_test(int fd, bool *good)
{
	struct target target = TARGET_BY_FD(fd);
	struct job job;
	struct sweep sweep;
	int err;

	memset(&job, 0, sizeof(job));
	memset(&sweep, 0, sizeof(sweep));
	job.sweep = &sweep;
	sweep.budget = UINT64_MAX;
	sweep.conds_cnt = 1;
	sweep.conds[0] = (struct bpf_map_sweep_cond){
		.offset = TEST_VALUE_SIZE - sizeof(__u32),
		.size = sizeof(__u32),
		.op = BPF_MAP_SWEEP_GE,
		.operand = TEST_ENTRIES + TEST_ENTRIES / 2,
	};
	err = map_info(fd, &target.info);
	if (err)
		return err;
	err = sweep_by_walk(&target, &job);
	kept_release_map(target.info.id);
	*good = !err && sweep.scanned == TEST_ENTRIES && sweep.matched == TEST_ENTRIES / 2 &&
		sweep.deleted == TEST_ENTRIES / 2 && !sweep.changed;
	return err;
}

enum {
	UNKNOWN,
	NO,
	YES
};

/* Whether maps of a kind can be walked along here, of which the kernel changes nothing. */
static char *answer_for(const struct bpf_map_info *info)
{
	static char answers[3];

	if (!is_preallocated(info))
		return &answers[0];
	return &answers[info->type == BPF_MAP_TYPE_HASH ? 1 : 2];
}

/* Whoever may not walk is told nothing of it. On machines of the other byte order it was never tried. */
static bool may_walk(void)
{
	__u64 capabilities = 0;

	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && !own_capabilities(&capabilities) &&
	       capabilities & TRACING_CAPABILITIES;
}

/* Whether that is known already, and it can be done. */
bool walk_is_known(const struct bpf_map_info *info)
{
	return __atomic_load_n(answer_for(info), __ATOMIC_RELAXED) == YES && may_walk();
}

/* 1 or 0; or an error, of which nothing is remembered, where it could not be told. */
int walk_serves(const struct bpf_map_info *info)
{
	char *answer = answer_for(info), known = __atomic_load_n(answer, __ATOMIC_RELAXED);
	bool good = false, printing;
	int fd, err;

	if (!may_walk())
		return 0;
	if (known != UNKNOWN)
		return known == YES;
	printing = print_reasons(false);
	fd = make_test_map(info);
	err = fd < 0 ? fd : run_test(fd, &good);
	if (fd >= 0)
		close(fd);
	print_reasons(printing);
	if (err && err != -EOPNOTSUPP)
		return err == -EPERM ? 0 : err;
	__atomic_store_n(answer, good ? YES : NO, __ATOMIC_RELAXED);
	return good;
}

/* ---- sweep_batch.c ---- */

/*
 * A sweep by what user space reads: batched look-ups, and batches by compare of what matches. It holds no CPU
 * for long, and takes no privilege beyond the emulation's.
 */
#include <stdlib.h>

/* Entries that are read at once, and memory for them. A bucket has to fit. */
#define CHUNK	   2048u
#define CHUNK_MAX  (1u << 20)
#define CHUNK_SIZE (4u << 20)

/* How often an entry is looked at again that changes, and still matches. */
#define TRIES 16

struct chunk {
	struct target *target;
	struct job *job;
	struct region region; /* of values, that is compared */
	__u32 room, count, matching;
	char *keys, *values, *out; /* out: what was deleted */
	int *results;
};

static char *key_of(const struct chunk *c, __u32 i)
{
	return c->keys + (size_t)i * c->target->info.key_size;
}

static char *value_of(const struct chunk *c, __u32 i)
{
	return c->values + (size_t)i * c->target->info.value_size;
}

static void drop_chunk(struct chunk *c)
{
	free(c->keys);
	free(c->values);
	free(c->out);
	free(c->results);
	c->keys = c->values = c->out = NULL;
	c->results = NULL;
}

static int make_chunk(struct chunk *c)
{
	const struct bpf_map_info *info = &c->target->info;

	drop_chunk(c);
	c->keys = calloc(c->room, info->key_size);
	c->values = calloc(c->room, info->value_size);
	c->results = calloc(c->room, sizeof(*c->results));
	if (c->job->sweep->values)
		c->out = calloc(c->room, info->value_size);
	return !c->keys || !c->values || !c->results || (c->job->sweep->values && !c->out) ? -ENOMEM
											   : 0;
}

static bool is_claimed_by_any(const struct chunk *c, const char *value)
{
	const struct claim *claim = &c->job->first.claim;
	__u64 word = claim->size ? read_word(value + claim->offset, claim->size) : 0;

	return claim->size && (word == claim->word || is_claim(&c->job->claims, word));
}

/* What of a chunk is to be deleted comes to be its first entries. */
static void keep(struct chunk *c, __u32 from, __u32 to)
{
	if (from == to)
		return;
	memcpy(key_of(c, to), key_of(c, from), c->target->info.key_size);
	memcpy(value_of(c, to), value_of(c, from), c->target->info.value_size);
}

/* Behind what was handed out before. */
static void hand_out(const struct chunk *c, const char *values, __u32 i)
{
	struct sweep *sweep = c->job->sweep;
	const struct bpf_map_info *info = &c->target->info;
	__u64 at = sweep_counts(sweep) ? sweep->matched : sweep->deleted;

	if (sweep->keys)
		memcpy(sweep->keys + at * info->key_size, key_of(c, i), info->key_size);
	if (sweep->values)
		memcpy(sweep->values + at * info->value_size, values + (size_t)i * info->value_size,
		       info->value_size);
}

/* Deletes the entries of a chunk that match, those that have changed meanwhile again and again. */
static int delete_once(struct chunk *c)
{
	struct job *job = c->job;
	struct sweep *sweep = job->sweep;
	__u32 count = c->matching, left = 0;
	struct bpf_map_delete_batch_opts opts;
	char claim[sizeof(__u64)];
	int err;

	memset(&opts, 0, sizeof(opts));
	opts.sz = sizeof(opts);
	opts.backend = BPF_MAP_COMPARE_SYSCALL_PROG;
	opts.results = c->results;
	opts.values = c->out;
	if (c->region.size) {
		opts.elem_flags = BPF_F_COMPARE;
		opts.compare = c->values + c->region.offset;
		opts.compare_stride = c->target->info.value_size;
		opts.compare_offset = c->region.offset;
		opts.compare_size = c->region.size;
	}
	if (job->first.claim.size) {
		store_word(claim, job->first.claim.word, job->first.claim.size);
		opts.claim = claim;
		opts.claim_offset = job->first.claim.offset;
		opts.claim_size = job->first.claim.size;
		opts.claim_first = job->claims.first;
		opts.claim_last = job->claims.last;
	}
	err = delete_batch(c->target, c->keys, &count, &opts);
	for (__u32 i = 0; i < c->matching; i++) {
		if (!c->results[i]) {
			hand_out(c, c->out, i);
			sweep->matched++;
			sweep->deleted++;
		} else if (c->results[i] == -ENOENT) {
			sweep->matched++;
			sweep->changed++;
		} else {
			keep(c, i, left++);
		}
	}
	c->matching = left;
	return err;
}

/* What was not deleted, for another value or a lock, is read again; what does not match now is left alone. */
static int read_again(struct chunk *c)
{
	struct sweep *sweep = c->job->sweep;
	__u32 left = 0;
	int err;

	for (__u32 i = 0; i < c->matching; i++) {
		err = bpf_map_lookup_elem(c->target->fd, key_of(c, i), value_of(c, i)) ? -errno : 0;
		if (err && err != -ENOENT)
			return err;
		if (!err && is_claimed_by_any(c, value_of(c, i)))
			continue;
		if (!err && conditions_match(sweep, key_of(c, i), value_of(c, i))) {
			keep(c, i, left++);
			continue;
		}
		sweep->matched++;
		sweep->changed++;
	}
	c->matching = left;
	return 0;
}

static int delete_matching(struct chunk *c)
{
	struct sweep *sweep = c->job->sweep;
	int err = 0;

	for (int tries = 0; tries < TRIES && c->matching && !err; tries++) {
		err = delete_once(c);
		if (!err && c->matching)
			err = read_again(c);
	}
	if (err)
		return err;
	sweep->matched += c->matching;
	sweep->changed += c->matching;
	return 0;
}

/*
 * Finds what matches of what was read, from one of it on, as far as there is room, and was not counted already; how
 * far that was.
 */
static __u32 judge_chunk(struct chunk *c, __u32 from, __u64 *counted)
{
	struct sweep *sweep = c->job->sweep;
	__u64 room = sweep_room(sweep);
	__u32 i;

	c->matching = 0;
	for (i = from; i < c->count && c->matching < room; i++) {
		bool match = !is_claimed_by_any(c, value_of(c, i)) &&
			     conditions_match(sweep, key_of(c, i), value_of(c, i));

		if (*counted) {
			*counted -= match;
			continue;
		}
		sweep->scanned++;
		if (match)
			keep(c, i, c->matching++);
	}
	return i;
}

static int collect_chunk(struct chunk *c)
{
	struct sweep *sweep = c->job->sweep;

	if (!sweep_counts(sweep))
		return delete_matching(c);
	for (__u32 i = 0; i < c->matching; i++) {
		hand_out(c, c->values, i);
		sweep->matched++;
	}
	return 0;
}

/* 0, or 1 at the map's end; a bucket that does not fit takes more room. */
static int read_chunk(struct chunk *c, __u32 *token)
{
	__u32 next = 0;
	int err;

	for (;;) {
		c->count = c->room;
		err = bpf_map_lookup_batch(c->target->fd, *token ? token : NULL, &next, c->keys,
					   c->values, &c->count, NULL)
			      ? -errno
			      : 0;
		if (err != -ENOSPC || c->room >= CHUNK_MAX)
			break;
		c->room *= 2;
		err = make_chunk(c);
		if (err)
			return err;
	}
	if (err && err != -ENOENT)
		return err;
	*token = next;
	return err == -ENOENT;
}

/* All of a chunk, or as much as there is room for: what was not deleted for others makes room again. */
static int sweep_chunk(struct chunk *c, bool *full)
{
	struct sweep *sweep = c->job->sweep;
	__u64 matched = sweep->matched, deleted = sweep->deleted, counted = sweep->skip;
	__u32 judged = 0;
	int err = 0;

	while (judged < c->count && sweep_room(sweep) && !err) {
		judged = judge_chunk(c, judged, &counted);
		err = collect_chunk(c);
	}
	*full = judged < c->count;
	/*
	 * What is left is read again by the next call, with all of the chunk: the matches that were counted are
	 * left out then; where they were deleted, the entries that stay are counted then.
	 */
	if (*full && sweep_counts(sweep))
		sweep->skip += sweep->matched - matched;
	else if (*full)
		sweep->scanned -= judged - (sweep->deleted - deleted);
	return err;
}

static int sweep_chunks(struct chunk *c)
{
	struct sweep *sweep = c->job->sweep;
	__u32 token = sweep->next;
	bool end = false, full;
	int err;

	while (!end) {
		if (!sweep_room(sweep))
			return 1;
		err = map_check_same(c->target->fd, &c->target->info);
		if (err)
			return err;
		err = read_chunk(c, &token);
		if (err < 0)
			return err;
		end = err;
		err = sweep_chunk(c, &full);
		if (err || full)
			return err ? err : 1;
		sweep->skip = 0;
		sweep->next = token;
		if (!end && sweep_is_over_time(sweep))
			return 1;
	}
	return 0;
}

static int check_each_field(const struct target *target, const struct sweep *sweep)
{
	const struct bpf_map_info *info = &target->info;
	int err;

	err = verifier_allows_read(target->fd, info->key_size, 0, info->value_size);
	if (err != -EOPNOTSUPP)
		return err;
	for (__u32 i = 0; i < sweep->conds_cnt; i++) {
		const struct bpf_map_sweep_cond *cond = &sweep->conds[i];

		if (cond->flags & BPF_MAP_SWEEP_KEY)
			continue;
		err = verifier_allows_read(target->fd, info->key_size, cond->offset,
					   cond->offset + cond->size);
		if (err == -EOPNOTSUPP)
			refuse(err, "condition %u: a field that the kernel manages is there", i);
		if (err)
			return err;
	}
	return 0;
}

/* That none of the fields is one that the kernel manages, of which a look-up gives zeroes. */
static int check_fields(const struct target *target, const struct sweep *sweep)
{
	struct bpf_map_info info;
	sigset_t before;
	int err;

	err = map_full_info(target->fd, &info);
	if (err || !info.btf_value_type_id)
		return err;
	verifier_hold_signals(&before);
	err = check_each_field(target, sweep);
	verifier_let_signals(&before);
	return err;
}

int sweep_by_batch(struct target *target, struct job *job)
{
	const struct bpf_map_info *info = &target->info;
	struct chunk c;
	int err;

	memset(&c, 0, sizeof(c));
	c.target = target;
	c.job = job;
	c.region = conditions_region(job->sweep);
	c.room = CHUNK;
	while (c.room > 1 &&
	       (__u64)c.room * ((__u64)info->key_size + info->value_size) > CHUNK_SIZE)
		c.room /= 2;
	err = sweep_counts(job->sweep) ? 0 : emulate_check(target, job);
	if (!err)
		err = check_fields(target, job->sweep);
	if (!err)
		err = make_chunk(&c);
	if (!err)
		err = sweep_chunks(&c);
	drop_chunk(&c);
	return err;
}

/* ---- comparer.c ---- */

/*
 * A map and all that deleting from it takes, in one object that the caller owns.
 */
#include <stdlib.h>

struct bpf_map_comparer {
	int fd;
	struct bpf_map_info info;
	struct lane *lane;
	struct lane *linked_lane; /* together with another map, the last one that was used so */
	struct bpf_map_info linked_info;
	struct turn turn;
	__u64 process; /* that opened it */
	enum bpf_map_compare_guarantee guarantee;
	bool native; /* what serves deletes without a claim */

	/* What all its calls have in common, or 0. */
	__u32 backend;
	struct region region;
	struct claim claim;
};

/* NULL: out of memory. */
struct lane *comparer_lane(struct bpf_map_comparer *comparer, const struct job *job)
{
	const struct target *linked = job->linked_target;

	if (!linked)
		return comparer->lane;
	if (comparer->linked_lane && map_is_same(&comparer->linked_info, &linked->info))
		return comparer->linked_lane;
	if (comparer->linked_lane)
		lane_close(comparer->linked_lane);
	comparer->linked_info = linked->info;
	comparer->linked_lane = lane_open(&comparer->info, &linked->info, false);
	return comparer->linked_lane;
}

static struct target target_of(struct bpf_map_comparer *comparer)
{
	struct target target = { comparer->fd, comparer->info, comparer };

	return target;
}

static bool is_set(struct region region)
{
	return region.offset || region.size;
}

/* A call takes what it leaves out from its comparer, and contradicts it in nothing. */
int comparer_keeps(const struct bpf_map_comparer *comparer, __u32 *backend, struct job *job)
{
	const struct region *region = &comparer->region;
	const struct claim *claim = &comparer->claim;

	if (!*backend)
		*backend = comparer->backend;
	else if (comparer->backend && comparer->backend != *backend)
		return refuse(-EINVAL, "backend %u is not the comparer's, %u", *backend,
			      comparer->backend);
	if (is_set(*region)) {
		if (!is_set(job->first.region))
			job->first.region = *region;
		else if (job->first.region.offset != region->offset ||
			 job->first.region.size != region->size)
			return refuse(-EINVAL,
				      "compare_offset %u, compare_size %u are not the comparer's, "
				      "%u and %u",
				      job->first.region.offset, job->first.region.size,
				      region->offset, region->size);
	}
	if (claim->size) {
		if (!job->first.claim.size)
			job->first.claim = *claim;
		else if (job->first.claim.offset != claim->offset ||
			 job->first.claim.size != claim->size)
			return refuse(
				-EINVAL,
				"claim_offset %u, claim_size %u are not the comparer's, %u and %u",
				job->first.claim.offset, job->first.claim.size, claim->offset,
				claim->size);
	}
	return 0;
}

static int read_comparer_opts(const struct bpf_map_comparer_opts *opts,
			      struct bpf_map_comparer *comparer)
{
	int err;

	if (opts->backend > BPF_MAP_COMPARE_SYSCALL_PROG)
		return refuse(-EINVAL, "backend %u is unknown", opts->backend);
	if (opts->guarantee > BPF_MAP_COMPARE_GUARANTEE_IN_PLACE)
		return refuse(-EINVAL, "guarantee %u is unknown", opts->guarantee);
	comparer->backend = opts->backend;
	comparer->region.offset = opts->compare_offset;
	comparer->region.size = opts->compare_size;
	err = read_claim(&comparer->claim, "", opts->claim, opts->claim_offset, opts->claim_size);
	return err ? err : check_claim(&comparer->claim, "", comparer->region);
}

/*
 * Chooses the backend, and says what is promised with it: never more than the header's table. The
 * emulation promises less than the kernel's own way: it does not stand in for what could not be told.
 */
static int choose_backend(struct bpf_map_comparer *comparer)
{
	int native = 0;

	if (comparer->backend != BPF_MAP_COMPARE_SYSCALL_PROG && !comparer->claim.size)
		native = native_serves_map(comparer->fd, &comparer->info);
	if (native < 0)
		return native;
	if (native == 0 && comparer->backend == BPF_MAP_COMPARE_NATIVE)
		return refuse(-EOPNOTSUPP, comparer->claim.size
						   ? "the native backend knows no claims"
						   : "the native backend does not serve this map");
	comparer->native = native;
	if (native)
		comparer->guarantee = BPF_MAP_COMPARE_GUARANTEE_REPLACING;
	else if (comparer->claim.size && comparer->info.type == BPF_MAP_TYPE_HASH)
		comparer->guarantee = BPF_MAP_COMPARE_GUARANTEE_IN_PLACE;
	else
		comparer->guarantee = BPF_MAP_COMPARE_GUARANTEE_NARROWED;
	return 0;
}

/* Whether the emulation can serve this map; with what a region needs loaded already. */
static int prepare_emulation(struct bpf_map_comparer *comparer)
{
	struct target target = target_of(comparer);
	struct job job;
	struct region region = comparer->region;
	int err;

	if (!is_set(comparer->region))
		return emulate_serves_map(&target);
	err = map_check_region(&target, "compare_", &region);
	if (err)
		return err;
	memset(&job, 0, sizeof(job));
	job.action = comparer->claim.size ? ACTION_CLAIM : ACTION_COMPARE;
	job.first.region = region;
	job.first.claim = comparer->claim;
	/* Nothing is compared with it yet. */
	job.first.compare = "";
	return emulate_prepare(&target, &job);
}

static int open_on(struct bpf_map_comparer *comparer, int fd,
		   const struct bpf_map_comparer_opts *opts, __u32 wanted)
{
	struct target target;
	struct region region;
	int err;

	err = read_comparer_opts(opts, comparer);
	if (err)
		return err;
	comparer->fd = duplicate(fd);
	if (comparer->fd < 0)
		return comparer->fd;
	err = map_info(comparer->fd, &comparer->info);
	if (err) {
		close(comparer->fd);
		comparer->fd = -1;
		return err;
	}
	err = map_check_writable(comparer->fd);
	target = target_of(comparer);
	region = comparer->region;
	if (!err)
		err = map_check_region(&target, "compare_", &region);
	if (!err)
		err = check_claim(&comparer->claim, "", region);
	if (!err)
		err = map_check_type(&target);
	if (!err)
		err = process_number(&comparer->process);
	if (!err)
		err = choose_backend(comparer);
	if (err)
		return err;
	/* From then on its deletes may do with no less. */
	if (wanted == BPF_MAP_COMPARE_GUARANTEE_REPLACING && comparer->native)
		comparer->backend = BPF_MAP_COMPARE_NATIVE;
	if (comparer->guarantee < wanted)
		return refuse(-EOPNOTSUPP, "guarantee %u is wanted, %u is what there is", wanted,
			      comparer->guarantee);
	comparer->lane = lane_open(&comparer->info, NULL, false);
	if (!comparer->lane)
		return -ENOMEM;
	return comparer->native ? 0 : prepare_emulation(comparer);
}

/* As program_close(): nothing is closed but what is known to be ours. */
static void close_map(const struct bpf_map_comparer *comparer)
{
	struct bpf_map_info now;
	int err = -EINTR;

	for (int tries = 0; tries < 3 && err && err != -EBADF && err != -EINVAL; tries++)
		err = map_info(comparer->fd, &now);
	if (!err && map_is_same(&now, &comparer->info))
		close(comparer->fd);
}

static void close_comparer(struct bpf_map_comparer *comparer)
{
	if (comparer->lane)
		lane_close(comparer->lane);
	if (comparer->linked_lane)
		lane_close(comparer->linked_lane);
	if (comparer->fd >= 0)
		close_map(comparer);
	free(comparer);
}

struct bpf_map_comparer *bpf_map_comparer__open(int fd, const struct bpf_map_comparer_opts *opts)
{
	static const struct turn fresh = TURN_INIT;
	struct bpf_map_comparer *comparer = NULL;
	struct bpf_map_comparer_opts ours;
	int err, cancel_state = enter();

	err = copy_opts(&ours, FIELD_END(struct bpf_map_comparer_opts, claim_size), opts,
			"bpf_map_comparer_opts");
	if (!err) {
		comparer = calloc(1, sizeof(*comparer));
		err = comparer ? 0 : -ENOMEM;
	}
	if (!err) {
		comparer->fd = -1;
		comparer->turn = fresh;
		err = open_on(comparer, fd, &ours, ours.guarantee);
	}
	if (err && comparer) {
		close_comparer(comparer);
		comparer = NULL;
	}
	leave(cancel_state, err);
	return comparer;
}

/* A child has no part in its parent's comparers: it shares neither memory nor turns with it. */
static bool is_inherited(const struct bpf_map_comparer *comparer)
{
	__u64 process;

	return process_number(&process) || process != comparer->process;
}

static int check_owner(const struct bpf_map_comparer *comparer)
{
	if (!comparer)
		return refuse(-EINVAL, "comparer is NULL");
	return is_inherited(comparer)
		       ? refuse(-ESTALE, "this comparer is another process', which forked this one")
		       : 0;
}

int bpf_map_comparer__delete(struct bpf_map_comparer *comparer, const void *key,
			     const struct bpf_map_delete_elem_opts *opts)
{
	int err, cancel_state = enter();

	err = check_owner(comparer);
	if (!err) {
		struct target target = target_of(comparer);

		turn_take(&comparer->turn);
		err = delete_elem(&target, key, opts);
		turn_pass(&comparer->turn);
	}
	return leave(cancel_state, err);
}

int bpf_map_comparer__delete_batch(struct bpf_map_comparer *comparer, const void *keys,
				   __u32 *count, const struct bpf_map_delete_batch_opts *opts)
{
	int err, cancel_state = enter();

	err = check_owner(comparer);
	if (!err) {
		struct target target = target_of(comparer);

		turn_take(&comparer->turn);
		err = delete_batch(&target, keys, count, opts);
		turn_pass(&comparer->turn);
	} else if (count) {
		*count = 0;
	}
	return leave(cancel_state, err);
}

enum bpf_map_compare_guarantee bpf_map_comparer__guarantee(const struct bpf_map_comparer *comparer)
{
	return comparer ? comparer->guarantee : BPF_MAP_COMPARE_GUARANTEE_ANY;
}

static void give_up(struct lane **lane)
{
	if (*lane) {
		lane_disown(*lane);
		lane_free(*lane);
		*lane = NULL;
	}
}

void bpf_map_comparer__close(struct bpf_map_comparer *comparer)
{
	int saved = errno, cancel_state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	if (comparer) {
		/* In a child the memory that it shared is not mapped. */
		if (is_inherited(comparer)) {
			give_up(&comparer->lane);
			give_up(&comparer->linked_lane);
		}
		close_comparer(comparer);
	}
	leave(cancel_state, 0);
	errno = saved;
}

/* ---- opts.c ---- */

/*
 * Options of callers that were built with an older or a newer header, and what those mean that are left out.
 */

/* More than any version of a struct will ever have; above it sz was never set. */
#define OPTS_SIZE_MAX 4096

/*
 * Copies the fields that the caller knows; known is where ours end. Fields that he does not know are
 * 0, and those that we do not know must be. Of a field that lies in his struct in part, the bytes
 * there are taken as they are: to drop them might drop a flag.
 */
int copy_opts(void *to, size_t known, const void *from, const char *name)
{
	const char *bytes = from;
	size_t size;

	memset(to, 0, known);
	if (!from)
		return 0;
	memcpy(&size, from, sizeof(size));
	if (size < sizeof(size) || size > OPTS_SIZE_MAX)
		return refuse(-EINVAL, "sz of struct %s is %zu, and was never set", name, size);
	for (size_t i = known; i < size; i++)
		if (bytes[i])
			return refuse(-EINVAL,
				      "byte %zu of struct %s is not 0: this library knows %zu", i,
				      name, known);
	memcpy(to, from, size < known ? size : known);
	return 0;
}

/* What an omitted one means; and that the last key's bytes are at an address, and not past all of them. */
int read_stride(size_t *stride, size_t packed, const char *whose, __u32 total)
{
	size_t last;

	if (!*stride)
		*stride = packed;
	if (total && __builtin_mul_overflow(*stride, (size_t)total - 1, &last))
		return refuse(-EINVAL, "%sstride %zu times %u keys is past all memory", whose,
			      *stride, total);
	return 0;
}

/* ---- claim.c ---- */

/*
 * The rules for claims, see bpf_map_delete_elem_opts().
 */

__u64 read_word(const void *at, __u32 size)
{
	__u64 word;
	__u32 half;

	if (size == sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		return word;
	}
	memcpy(&half, at, sizeof(half));
	return half;
}

void store_word(void *to, __u64 word, __u32 size)
{
	__u32 half = (__u32)word;

	if (size == sizeof(word))
		memcpy(to, &word, sizeof(word));
	else
		memcpy(to, &half, sizeof(half));
}

int read_claim(struct claim *claim, const char *whose, const void *word, __u32 offset, __u32 size)
{
	memset(claim, 0, sizeof(*claim));
	if (!word)
		return offset || size
			       ? refuse(-EINVAL, "%sclaim_offset or %sclaim_size without %sclaim",
					whose, whose, whose)
			       : 0;
	if (size != sizeof(__u32) && size != sizeof(__u64))
		return refuse(-EINVAL, "%sclaim_size is %u, not 4 or 8", whose, size);
	if (offset % size)
		return refuse(-EINVAL, "%sclaim_offset %u is no multiple of %sclaim_size %u", whose,
			      offset, whose, size);
	claim->offset = offset;
	claim->size = size;
	claim->word = read_word(word, size);
	return 0;
}

int read_claims(struct claims *claims, __u64 first, __u64 last)
{
	if (first > last)
		return refuse(-EINVAL, "claim_first is over claim_last");
	claims->first = first;
	claims->last = last;
	return 0;
}

/* Others who go by the range would take a claim outside of it for a word like any. */
int check_in_claims(const struct claims *claims, const struct claim *claim, const char *whose)
{
	if (!claim->size || !claims->last || is_claim(claims, claim->word))
		return 0;
	return refuse(-EINVAL, "the %sclaim is not between claim_first and claim_last", whose);
}

bool is_claim(const struct claims *claims, __u64 word)
{
	return claims->last && word >= claims->first && word <= claims->last;
}

/* That the word is inside the region, whose size is 0 as long as it is the unknown value's. */
int check_claim(const struct claim *claim, const char *whose, struct region region)
{
	if (!claim->size)
		return 0;
	if (claim->offset < region.offset ||
	    (region.size &&
	     (__u64)claim->offset + claim->size > (__u64)region.offset + region.size))
		return refuse(-EINVAL,
			      "the %sclaim's %u bytes at %u are not within the compared region, "
			      "from %u to %llu",
			      whose, claim->size, claim->offset, region.offset,
			      (unsigned long long)region.offset + region.size);
	return 0;
}

/* To claim an entry by what it carries already would claim nothing. */
bool claim_is_expected(const struct claim *claim, struct region region, const void *compare)
{
	if (!claim->size || !region.size || !compare)
		return false;
	return read_word((const char *)compare + (claim->offset - region.offset), claim->size) ==
	       claim->word;
}

/* ---- map.c ---- */

/*
 * What is behind a file descriptor, and what of it can be compared.
 */

static int get_info(int fd, struct bpf_map_info *info, __u32 size)
{
	memset(info, 0, sizeof(*info));
	if (!bpf_obj_get_info_by_fd(fd, info, &size))
		return 0;
	/* This one command has a number of its own for what the others call EBADF. */
	if (errno == EBADFD || errno == EBADF)
		return refuse(-EBADF, "the file descriptor is not open");
	return errno == EINVAL ? refuse(-EINVAL, "the file descriptor is no map's") : -errno;
}

/* What each call needs: type, id, sizes and flags. Less to fill for the kernel, and to copy. */
int map_info(int fd, struct bpf_map_info *info)
{
	return get_info(fd, info, offsetof(struct bpf_map_info, name));
}

int map_full_info(int fd, struct bpf_map_info *info)
{
	return get_info(fd, info, sizeof(*info));
}

/*
 * All that was said has to be the same: programs and others have ids too, and could have a map's, but not its
 * sizes where they have other things.
 */
bool map_is_same(const struct bpf_map_info *a, const struct bpf_map_info *b)
{
	return !memcmp(a, b, offsetof(struct bpf_map_info, name));
}

int map_check_same(int fd, const struct bpf_map_info *info)
{
	struct bpf_map_info now;
	int err;

	err = map_info(fd, &now);
	if (!err && !map_is_same(&now, info))
		err = refuse(-EBADF, "the file descriptor has become another map meanwhile");
	return err;
}

/*
 * Asks the kernel whether fd is a map that may be written through it: a batch of no keys deletes
 * none, but is refused as any other would be. The emulation's program needs fd for nothing, so
 * nobody else would ask.
 */
int map_check_writable(int fd)
{
	__u32 count = 0;
	int err;

	err = bpf_map_delete_batch(fd, NULL, &count, NULL) ? -errno : 0;
	switch (err) {
	case -KERNEL_ENOTSUPP:
		/* It is a map, writable, of a type without batches. */
		return 0;
	case -EINVAL:
		return refuse(err, "the file descriptor is no map's");
	case -EPERM:
		return refuse(err, "the file descriptor is read-only, or the map frozen");
	case -EBADF:
		return refuse(err, "the file descriptor is not open");
	}
	return err;
}

/*
 * Whether fd was opened for writing: all that map_check_writable() asks but whether the map is frozen.
 */
int map_check_mode(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -errno;
	return (flags & O_ACCMODE) == O_RDONLY ? refuse(-EPERM, "the file descriptor is read-only")
					       : 0;
}

/* What a look-up would ask. */
int map_check_readable(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -errno;
	return (flags & O_ACCMODE) == O_WRONLY ? refuse(-EPERM, "the file descriptor is write-only")
					       : 0;
}

/* What is to be said of the map behind fd itself comes before err. */
int map_first_error(int fd, int err)
{
	int first = err ? map_check_writable(fd) : 0;

	return first ? first : err;
}

/*
 * That a comparer's own file descriptor still is its map, asked where nothing else would tell: somebody
 * may have closed the number and got it again. What a program deletes from is not up to it.
 */
int target_check(const struct target *target)
{
	return target->comparer ? map_check_same(target->fd, &target->info) : 0;
}

bool map_type_serves(__u32 type)
{
	return type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH;
}

int map_check_type(const struct target *target)
{
	if (map_type_serves(target->info.type))
		return 0;
	return refuse_map(target->fd, -EOPNOTSUPP,
			  "map type %u is neither BPF_MAP_TYPE_HASH nor BPF_MAP_TYPE_LRU_HASH",
			  target->info.type);
}

int map_check_region(const struct target *target, const char *whose, struct region *region)
{
	const struct bpf_map_info *info = &target->info;
	__u32 size = region->size ? region->size : info->value_size;

	if (size > info->value_size || region->offset > info->value_size - size)
		return refuse_map(target->fd, -EINVAL,
				  "%soffset %u + %ssize %u is past the value's "
				  "end: value_size %u",
				  whose, region->offset, whose, size, info->value_size);
	region->size = size;
	return 0;
}

/* ---- native.c ---- */

/*
 * The native backend: BPF_MAP_DELETE_ELEM with BPF_F_COMPARE.
 */
#include <stdint.h>
#include <stdlib.h>

/* The part of union bpf_attr for BPF_MAP_*_ELEM, with the fields that come with BPF_F_COMPARE. */
struct delete_attr {
	__u32 map_fd;
	__u32 unused;
	__aligned_u64 key;
	__aligned_u64 value;
	__aligned_u64 flags;
	__aligned_u64 compare;
	__u32 compare_offset;
	__u32 compare_size;
};

STATIC_ASSERT(offsetof(struct delete_attr, flags) == offsetof(union bpf_attr, flags) &&
		      offsetof(struct delete_attr, compare) == 32 &&
		      sizeof(struct delete_attr) == 48,
	      "the kernel's layout");

static int delete_with(int fd, const void *key, __u64 flags, const void *compare,
		       struct region region)
{
	struct delete_attr attr = {
		.map_fd = fd,
		.key = (uintptr_t)key,
		.flags = flags,
		.compare = (uintptr_t)compare,
		.compare_offset = region.offset,
		.compare_size = region.size,
	};

	return sys_bpf(BPF_MAP_DELETE_ELEM, &attr, sizeof(attr));
}

int native_delete(int fd, const void *key, const void *compare, struct region region)
{
	return delete_with(fd, key, BPF_F_COMPARE, compare, region);
}

/* What the kernel refuses of a call, it gives no reason for. */
int native_refuse(int err, struct region region)
{
	switch (err) {
	case -EPERM:
		return refuse(err, "the file descriptor is read-only, or the map frozen");
	case -EINVAL:
		return refuse(err, "the kernel's BPF_F_COMPARE: compare_offset %u, compare_size %u",
			      region.offset, region.size);
	case -EFAULT:
		return refuse(err, "the kernel's BPF_F_COMPARE: key or compare cannot be read");
	case -EOPNOTSUPP:
		return refuse(err, "the kernel's BPF_F_COMPARE does not serve this map");
	}
	return err;
}

/* In the kernel's half of the address space: whatever user space maps, it cannot be read. */
static const void *unreadable(void)
{
	return (const void *)(uintptr_t)-4096;
}

/*
 * Whether this is what a kernel may say of a flag that it does not know, ignores, or means otherwise.
 * Anything else, such as -EPERM or -ENOMEM, does not tell.
 */
static bool is_answer(int err)
{
	switch (err) {
	case 0:
	case -EINVAL:
	case -EBUSY:
	case -ENOENT:
	case -EFAULT:
	case -E2BIG:
	case -EOPNOTSUPP:
	case -KERNEL_ENOTSUPP:
		return true;
	}
	return false;
}

/*
 * Does to a scratch map whatever tells BPF_F_COMPARE from a flag that is unknown, ignored, or has
 * another meaning. 1: it is what it should be; 0: it is not; negative: could not be told.
 */
static int try_on_scratch(int fd)
{
	const struct scratch_value value = { 1, 2, 3 }, wrong = { 1, 2, 4 };
	const struct region whole = { 0, 0 };
	/* Offset and size unlike each other, should they be taken for one another. */
	const struct region third = { offsetof(struct scratch_value, third), sizeof(value.third) };
	const __u32 key = SCRATCH_KEY;
	const struct {
		__u64 flags;
		const void *compare;
		struct region region;
		int answer;
	} tries[] = {
		/* Without the flag an equal region first: ignored fields would delete. */
		{ 0, &value.third, third, -EINVAL },
		{ BPF_F_COMPARE, &wrong, whole, -EBUSY },
		{ BPF_F_COMPARE, &wrong.third, third, -EBUSY },
		{ BPF_F_COMPARE, unreadable(), whole, -EFAULT },
		{ BPF_F_COMPARE, &value.third, third, 0 },
	};
	int err;

	err = scratch_add(fd, &value);
	if (err)
		return err;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		bool stays = tries[i].answer;

		err = delete_with(fd, &key, tries[i].flags, tries[i].compare, tries[i].region);
		if (!is_answer(err))
			return err;
		if (err != tries[i].answer)
			return 0;
		err = scratch_has(fd);
		if (err < 0)
			return err;
		if (err != stays)
			return 0;
	}
	return 1;
}

/*
 * Whether this kernel has BPF_F_COMPARE for maps of this type, of those the library serves at all.
 * Yes and no are remembered, as no kernel changes its mind; an error is not.
 */
int native_probe(__u32 map_type)
{
	enum {
		UNKNOWN,
		NO,
		YES
	};
	static char answers[BPF_MAP_TYPE_LRU_HASH + 1];
	int fd, ret;
	char known;

	if (!map_type_serves(map_type))
		return 0;
	known = __atomic_load_n(&answers[map_type], __ATOMIC_RELAXED);
	if (known != UNKNOWN)
		return known == YES;
	fd = scratch_map(map_type);
	if (fd < 0)
		return fd;
	ret = try_on_scratch(fd);
	close(fd);
	if (ret >= 0)
		__atomic_store_n(&answers[map_type], ret ? YES : NO, __ATOMIC_RELAXED);
	return ret;
}

/*
 * Whether it has it for this map, whose values may hold fields that it refuses. The kernel looks at
 * those before it reads the expected bytes, which cannot be read.
 */
int native_serves_map(int fd, const struct bpf_map_info *info)
{
	void *key;
	int ret;

	ret = native_probe(info->type);
	if (ret != 1)
		return ret;
	key = calloc(1, info->key_size);
	if (!key)
		return -ENOMEM;
	ret = native_delete(fd, key, unreadable(), (struct region){ 0, 0 });
	free(key);
	switch (ret) {
	case -EFAULT:
		return 1;
	case -EOPNOTSUPP:
		return 0;
	}
	return ret;
}

/* ---- emulate.c ---- */

/*
 * The emulation, by BPF syscall programs: what they can serve at all, and whether the caller may.
 */

#define KEY_SIZE_MAX	1024u
#define REGION_SIZE_MAX 65536u

/* What can be said of a map without asking the kernel. */
static int check_limits(const struct target *target, __u32 region_size)
{
	const struct bpf_map_info *info = &target->info;
	int err = map_check_type(target);

	if (err)
		return err;
	if (info->key_size > KEY_SIZE_MAX)
		return refuse_map(target->fd, -EOPNOTSUPP, "key_size %u is over the emulation's %u",
				  info->key_size, KEY_SIZE_MAX);
	if (region_size > REGION_SIZE_MAX)
		return refuse_map(target->fd, -EOPNOTSUPP,
				  "compare_size %u is over the emulation's %u", region_size,
				  REGION_SIZE_MAX);
	if (info->map_flags & (BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG))
		return refuse_map(target->fd, -EOPNOTSUPP,
				  "%s: the emulation's program may not use this map",
				  info->map_flags & BPF_F_RDONLY_PROG ? "BPF_F_RDONLY_PROG"
								      : "BPF_F_WRONLY_PROG");
	return 0;
}

static int check_value_size(const struct target *target)
{
	if (target->info.value_size <= REGION_SIZE_MAX)
		return 0;
	return refuse_map(target->fd, -EOPNOTSUPP,
			  "value_size %u: the emulation hands out and writes values of up to %u "
			  "bytes",
			  target->info.value_size, REGION_SIZE_MAX);
}

static int check_kernel(const struct target *target)
{
	/* First of all: where this is new to the kernel, so is much that libbpf relies on. */
	int ret = verifier_has_syscall_progs();

	if (!ret)
		return refuse_map(target->fd, -EOPNOTSUPP,
				  "this kernel has no BPF_PROG_TYPE_SYSCALL (Linux 5.14)");
	return ret < 0 ? ret : 0;
}

/*
 * A program asks by itself whether the map is frozen, where kernel and caller allow that. A comparer was
 * asked for the rest when it was opened.
 */
static int check_permission(const struct target *target, const struct job *job, bool program_asks)
{
	int err;

	err = has_links(job) ? linked_check_permission(job, target, program_asks) : 0;
	if (!err && (job->values || job->sweep))
		err = map_check_readable(target->fd);
	if (err || (job->sweep && sweep_counts(job->sweep)))
		return err;
	if (program_asks)
		return target->comparer ? 0 : map_check_mode(target->fd);
	err = target_check(target);
	return err ? err : map_check_writable(target->fd);
}

/* A lane that can serve these jobs: the comparer's, or one of those that are kept. */
struct hold {
	struct lane *lane;
	struct kept *kept;
};

static int take_hold(const struct target *target, const struct job *job, bool guarded_will_do,
		     struct hold *hold)
{
	int err;

	hold->kept = NULL;
	if (target->comparer) {
		hold->lane = comparer_lane(target->comparer, job);
		return hold->lane ? 0 : -ENOMEM;
	}
	err = kept_take(target, job, guarded_will_do, &hold->kept);
	if (!err)
		hold->lane = kept_lane(hold->kept);
	return err;
}

static void let_go(const struct hold *hold, bool served)
{
	if (hold->kept)
		kept_put(hold->kept, served);
}

static int prepare(const struct target *target, const struct job *job, struct lane *lane)
{
	bool program_asks;
	int err;

	err = lane_prepare(lane, target->fd, job, &program_asks);
	if (!err)
		err = check_permission(target, job, program_asks);
	if (!err && job->first.region.size && !job->first.compare)
		err = refuse_map(target->fd, -EFAULT, "compare is NULL");
	return err;
}

/* Whether it can be asked for at all, of this map and on this kernel. */
int emulate_check(const struct target *target, const struct job *job)
{
	struct target linked;
	__u64 process;
	int err;

	err = check_limits(target, job->first.region.size);
	if (!err && (job->asks & ASKS_VALUE || job->action == ACTION_UPDATE))
		err = check_value_size(target);
	if (!err && has_links(job)) {
		linked = linked_map_to_judge(target, job);
		err = check_limits(&linked, job->linked.region.size);
	}
	if (!err)
		err = process_number(&process);
	return err ? err : check_kernel(target);
}

/* All that can go wrong before the first key is deleted. */
int emulate_prepare(const struct target *target, const struct job *job)
{
	struct hold hold;
	int err;

	err = emulate_check(target, job);
	if (!err)
		err = take_hold(target, job, false, &hold);
	if (err)
		return err;
	err = prepare(target, job, hold.lane);
	let_go(&hold, true);
	return err;
}

static int run_by(const struct target *target, const struct job *job, __u32 first, __u32 *count,
		  struct answer *answers, bool guarded_will_do)
{
	struct hold hold;
	int err;

	err = take_hold(target, job, guarded_will_do, &hold);
	if (err)
		return err;
	err = prepare(target, job, hold.lane);
	if (!err)
		err = lane_run(hold.lane, target->fd, job, first, count, answers);
	/* It was loaded with what this caller has: so it was not our program that said so. */
	if (err == -EACCES && !guarded_will_do) {
		lane_drop(hold.lane, job);
		err = -ESTALE;
	}
	let_go(&hold, err != -EACCES);
	return err;
}

/* See lane_run(). What a program was loaded for does not serve those who could not load it now. */
int emulate_run(const struct target *target, const struct job *job, __u32 first, __u32 *count,
		struct answer *answers)
{
	bool guarded_will_do = true;
	int err;

	err = emulate_check(target, job);
	if (err)
		return err;
	for (int tries = 0; tries < 3; tries++) {
		err = run_by(target, job, first, count, answers, guarded_will_do);
		if (err != -EACCES && err != -ESTALE)
			return err;
		guarded_will_do = guarded_will_do && err != -EACCES;
	}
	return err == -ESTALE
		       ? refuse(err, "a program's file descriptor was closed, and became another's")
		       : err;
}

int emulate_serves_map(const struct target *target)
{
	sigset_t before;
	int err;

	err = check_limits(target, 0);
	if (!err)
		err = check_kernel(target);
	if (err)
		return err;
	verifier_hold_signals(&before);
	err = verifier_allows_read(target->fd, target->info.key_size, 0, 0);
	verifier_let_signals(&before);
	if (err == -EOPNOTSUPP)
		return refuse(err, "this kernel lets no syscall program use this map");
	return err == -EPERM ? refuse(err, "loading the emulation's program takes CAP_BPF") : err;
}

/* ---- lane.c ---- */

/*
 * What the emulation has for one map, for one call at a time: programs, each with memory that it shares
 * with us. A call writes its requests there, runs the program, reads the answers.
 */
#include <stdlib.h>

/* What is to be learned of the kernel takes as long as so many keys are then faster. */
#define LEARN_AFTER (1u << 16)

/* Of different regions and claims, what was used last. */
#define EMULATIONS_MAX 16

struct emulation {
	struct requests requests;
	struct program program;
	__u64 last_use;
	__u32 served; /* keys, up to LEARN_AFTER */
	bool learned; /* loaded after that, or not to be loaded anew */
};

struct lane {
	struct bpf_map_info info;
	struct bpf_map_info linked_info; /* of the linked entries' map: the same, or another */
	struct emulation *emulations[EMULATIONS_MAX];
	__u64 uses;
	bool guarded; /* its programs refuse who lacks what they were loaded with, where they can */
};

/* linked_info is NULL where linked entries, if any, are in the same map. */
struct lane *lane_open(const struct bpf_map_info *info, const struct bpf_map_info *linked_info,
		       bool guarded)
{
	struct lane *lane = calloc(1, sizeof(*lane));

	if (lane) {
		lane->info = *info;
		lane->linked_info = linked_info ? *linked_info : *info;
		lane->guarded = guarded;
	}
	return lane;
}

static void drop(struct emulation **place)
{
	struct emulation *e = *place;

	if (!e)
		return;
	program_close(&e->program);
	requests_close(&e->requests);
	free(e);
	*place = NULL;
}

static int open_emulation(struct lane *lane, int fd, const struct job *job, bool learns,
			  struct emulation **opened)
{
	struct emulation *e = calloc(1, sizeof(*e));
	int requests_fd, err;

	if (!e)
		return -ENOMEM;
	requests_fd = requests_open(&e->requests, &lane->info, &lane->linked_info, job);
	if (requests_fd < 0) {
		free(e);
		return requests_fd;
	}
	err = program_load(&e->program, fd, requests_fd, &lane->info, job, &e->requests.layout,
			   lane->guarded, learns);
	close(requests_fd);
	if (err) {
		requests_close(&e->requests);
		free(e);
		return err;
	}
	e->learned = learns;
	*opened = e;
	return 0;
}

/* Where the emulation for this job is, or NULL. */
static struct emulation **find_emulation(struct lane *lane, const struct job *job)
{
	for (size_t i = 0; i < EMULATIONS_MAX; i++) {
		struct emulation **e = lane->emulations + i;

		if (*e && requests_serve(&(*e)->requests, job))
			return e;
	}
	return NULL;
}

/* Where there is none, or the one that is to make place for another. */
static struct emulation **find_place(struct lane *lane)
{
	struct emulation **place = lane->emulations;

	for (struct emulation **e = place; e < lane->emulations + EMULATIONS_MAX && *place; e++)
		if (!*e || (*e)->last_use < (*place)->last_use)
			place = e;
	return place;
}

/*
 * In the place of one that has served many keys already. It stays where there is no better one: whoever could
 * load it may not be able to any more.
 */
static void replace(struct lane *lane, int fd, const struct job *job, struct emulation **place)
{
	bool printing = print_reasons(false);
	struct emulation *e;

	(*place)->learned = true;
	if (!open_emulation(lane, fd, job, true, &e)) {
		drop(place);
		*place = e;
	}
	print_reasons(printing);
}

/* Makes sure that there is a program; fd is the map's. */
static int get_emulation(struct lane *lane, int fd, const struct job *job, struct emulation **e)
{
	struct emulation **place = find_emulation(lane, job);
	int err;

	if (!place) {
		err = open_emulation(lane, fd, job, false, e);
		if (err)
			return err;
		place = find_place(lane);
		drop(place);
		*place = *e;
	} else if ((*place)->served == LEARN_AFTER && !(*place)->learned && !job->sweep) {
		replace(lane, fd, job, place);
	}
	*e = *place;
	(*e)->last_use = ++lane->uses;
	return 0;
}

/* And tells whether it asks by itself if the map is frozen. */
int lane_prepare(struct lane *lane, int fd, const struct job *job, bool *checks_frozen)
{
	struct emulation *e;
	int err;

	err = get_emulation(lane, fd, job, &e);
	if (!err)
		*checks_frozen = e->program.checks_frozen;
	return err;
}

/* What is to be said where nobody had the requests. */
static int why_not_run(const struct emulation *e, int err, __u32 retval)
{
	if (!err && retval == RUN_REFUSED && e->program.guarded)
		return -EACCES;
	/* Our program would not have been answered so: this is no fd of it. */
	return !err || err == -EBADF || err == -EINVAL || err == -KERNEL_ENOTSUPP ? -ESTALE : err;
}

/* A run comes to an end, also where it is none of ours: for so long that is waited for. */
#define WAITS	   2000
#define WAIT_USECS 500

static int wait_for_answers(const struct emulation *e, __u32 count, struct answer *answers)
{
	for (int i = 0; i < WAITS; i++) {
		if (requests_read_answers(&e->requests, count, answers))
			return 0;
		usleep(WAIT_USECS);
	}
	return refuse(-ETIMEDOUT, "another run has the keys, and does not come to an end");
}

static int run(const struct emulation *e, __u32 count, struct answer *answers)
{
	struct bpf_test_run_opts opts = { .sz = sizeof(opts) };
	int err;

	err = bpf_prog_test_run_opts(e->program.fd, &opts) ? -errno : 0;
	if (!err && requests_read_answers(&e->requests, count, answers))
		return 0;
	/* What nobody has taken nobody will. */
	if (requests_take_back(&e->requests))
		return why_not_run(e, err, opts.retval);
	return wait_for_answers(e, count, answers);
}

static struct turn *turn_for(const struct part *part, const struct bpf_map_info *info)
{
	return part->claim.size ? claim_turn(info->id) : NULL;
}

/*
 * Runs with a claim take turns on each map that they claim in. Of two the one that comes first in memory is
 * taken first, so that nobody waits for somebody who waits for him.
 */
static int run_in_turn(const struct lane *lane, const struct emulation *e, __u32 count,
		       struct answer *answers)
{
	struct turn *first = turn_for(&e->requests.first, &lane->info);
	struct turn *linked = turn_for(&e->requests.linked, &lane->linked_info);
	struct turn *lower = first < linked ? first : linked;
	struct turn *upper = first < linked ? linked : first;
	int err;

	if (lower)
		turn_take(lower);
	if (upper && upper != lower)
		turn_take(upper);
	err = run(e, count, answers);
	if (upper && upper != lower)
		turn_pass(upper);
	if (lower)
		turn_pass(lower);
	return err;
}

/*
 * Deletes keys from first on, at most *count of them and no more than one run of the program takes;
 * *count is then how many it took, each of which has its answer. On an error none was deleted, but by
 * -ETIMEDOUT. -ESTALE: the program's file descriptor is another's, and it may be tried once more, with
 * another; -EACCES: the program is guarded from this caller.
 */
int lane_run(struct lane *lane, int fd, const struct job *job, __u32 first, __u32 *count,
	     struct answer *answers)
{
	struct emulation *e;
	__u32 taken;
	int err;

	err = get_emulation(lane, fd, job, &e);
	if (err)
		return err;
	taken = requests_write(&e->requests, job, first, *count);
	err = run_in_turn(lane, e, taken, answers);
	if (err == -ESTALE || err == -ETIMEDOUT)
		lane_drop(lane, job);
	if (err)
		return err;
	if (job->sweep)
		sweep_read(&e->requests, job);
	else
		requests_read_values(&e->requests, job, first, taken, answers);
	e->served = taken < LEARN_AFTER - e->served ? e->served + taken : LEARN_AFTER;
	*count = taken;
	return 0;
}

/* The program for this job is not to be used again. */
void lane_drop(struct lane *lane, const struct job *job)
{
	struct emulation **place = find_emulation(lane, job);

	if (place)
		drop(place);
}

void lane_close(struct lane *lane)
{
	for (size_t i = 0; i < EMULATIONS_MAX; i++)
		drop(lane->emulations + i);
	free(lane);
}

/* A parent's, in its child, which has none of the memory, and may find the allocator's lock taken. */
void lane_disown(const struct lane *lane)
{
	for (size_t i = 0; i < EMULATIONS_MAX; i++)
		if (lane->emulations[i])
			program_close(&lane->emulations[i]->program);
}

/* What is left of one that was disowned. */
void lane_free(struct lane *lane)
{
	for (size_t i = 0; i < EMULATIONS_MAX; i++)
		free(lane->emulations[i]);
	free(lane);
}

/* Whether it has a program for this job that asks by itself what its caller may. */
bool lane_has_guarded(struct lane *lane, const struct job *job)
{
	struct emulation **place = find_emulation(lane, job);

	return place && (*place)->program.guarded;
}

__u32 lane_programs(const struct lane *lane)
{
	__u32 count = 0;

	for (size_t i = 0; i < EMULATIONS_MAX; i++)
		count += !!lane->emulations[i];
	return count;
}

/* ---- kept.c ---- */

/*
 * Lanes that are kept between calls that come with a file descriptor, by map id, which the kernel gives to
 * no other map as long as a program holds it. Each call has one to itself: calls at one time on one map
 * have one each.
 */
#include <stdlib.h>
#include <sys/resource.h>

/* A bucket for each on the average. */
#define KEPT_MAX 512

/*
 * Of all lanes. Linux 6.18 comes to a standstill where over a thousand programs are freed at one time, as they
 * are when a process ends.
 */
#define PROGRAMS_MAX 512

struct kept {
	struct lane *lane; /* NULL: free */
	struct kept *next; /* in its bucket */
	struct bpf_map_info info;
	struct bpf_map_info linked_info; /* of another map that linked entries are in, or zeroes */
	__u64 capabilities; /* what is kept for a caller of others would answer otherwise than a new one */
	bool busy;
	bool leaving;	/* not to be used again: closed with the call that has it */
	bool refused;	/* a caller of other capabilities: they are looked at first from then on */
	__u32 programs; /* as counted when it was put back */
	__u64 last_use;
};

static struct {
	pthread_mutex_t lock;
	__u64 uses;
	__u32 programs;
	struct kept *buckets[KEPT_MAX]; /* by map id: ids follow one another */
	struct kept all[KEPT_MAX];
	struct lane *inherited[KEPT_MAX]; /* see kept_drop_all() */
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Whether this one can be tried without a look at the caller's capabilities: its program asks. */
static bool will_do(const struct kept *k, const struct job *job)
{
	return !k->refused && lane_has_guarded(k->lane, job);
}

static struct kept **bucket_of(const struct bpf_map_info *info)
{
	return kept.buckets + info->id % KEPT_MAX;
}

/* What linked entries are in, where it is another map. */
static const struct bpf_map_info *linked_info_of(const struct job *job)
{
	static const struct bpf_map_info none;

	return job->linked_target ? &job->linked_target->info : &none;
}

/* For these capabilities; or, where they are NULL, one whose program asks for them. */
static struct kept *find(const struct target *target, const struct job *job,
			 const __u64 *capabilities)
{
	for (struct kept *k = *bucket_of(&target->info); k; k = k->next)
		if (!k->busy && map_is_same(&k->info, &target->info) &&
		    map_is_same(&k->linked_info, linked_info_of(job)) &&
		    (capabilities ? k->capabilities == *capabilities : will_do(k, job)))
			return k;
	return NULL;
}

static struct kept *find_oldest(void)
{
	struct kept *oldest = NULL;

	for (struct kept *k = kept.all; k < kept.all + KEPT_MAX; k++)
		if (k->lane && !k->busy && (!oldest || k->last_use < oldest->last_use))
			oldest = k;
	return oldest;
}

static bool has_place(const struct kept *k)
{
	return k >= kept.all && k < kept.all + KEPT_MAX;
}

static void put_into_bucket(struct kept *k)
{
	struct kept **bucket = bucket_of(&k->info);

	k->next = *bucket;
	*bucket = k;
}

/* Takes what is kept out of its place; for lane_close(), outside of the lock. */
static struct lane *clear(struct kept *k)
{
	struct kept **at = bucket_of(&k->info);
	struct lane *lane = k->lane;

	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	kept.programs -= k->programs;
	memset(k, 0, sizeof(*k));
	return lane;
}

/* A free place, if need be that whose last use is longest ago; NULL = all are busy. */
static struct kept *find_room(struct lane **evicted)
{
	struct kept *oldest;

	for (struct kept *k = kept.all; k < kept.all + KEPT_MAX; k++)
		if (!k->lane)
			return k;
	oldest = find_oldest();
	if (oldest)
		*evicted = clear(oldest);
	return oldest;
}

/* What finds no place is closed when it is put back. */
static struct kept *make(const struct target *target, const struct job *job, __u64 capabilities,
			 struct lane **evicted)
{
	const struct target *linked = job->linked_target;
	struct lane *lane = lane_open(&target->info, linked ? &linked->info : NULL, true);
	struct kept *k;

	if (!lane)
		return NULL;
	k = find_room(evicted);
	if (!k)
		k = calloc(1, sizeof(*k));
	if (!k) {
		lane_close(lane);
		return NULL;
	}
	k->lane = lane;
	k->info = target->info;
	k->linked_info = *linked_info_of(job);
	k->capabilities = capabilities;
	if (has_place(k))
		put_into_bucket(k);
	return k;
}

/* A lane for this map and the caller's capabilities, to be put back. */
static int take_by_capabilities(const struct target *target, const struct job *job,
				struct kept **taken)
{
	struct lane *evicted = NULL;
	__u64 capabilities = 0;
	int err;

	err = own_capabilities(&capabilities);
	if (err)
		return err;
	pthread_mutex_lock(&kept.lock);
	*taken = find(target, job, &capabilities);
	if (!*taken)
		*taken = make(target, job, capabilities, &evicted);
	if (*taken)
		(*taken)->busy = true;
	pthread_mutex_unlock(&kept.lock);
	if (evicted)
		lane_close(evicted);
	return *taken ? 0 : -ENOMEM;
}

/* Likewise; or, where a guarded one will do, one whose program asks for them by itself. */
int kept_take(const struct target *target, const struct job *job, bool guarded_will_do,
	      struct kept **taken)
{
	if (guarded_will_do) {
		pthread_mutex_lock(&kept.lock);
		*taken = find(target, job, NULL);
		if (*taken)
			(*taken)->busy = true;
		pthread_mutex_unlock(&kept.lock);
		if (*taken)
			return 0;
	}
	return take_by_capabilities(target, job, taken);
}

struct lane *kept_lane(const struct kept *k)
{
	return k->lane;
}

/* Half of the file descriptors are the application's at least. */
static __u32 programs_max(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur / 2 >= PROGRAMS_MAX)
		return PROGRAMS_MAX;
	return limit.rlim_cur / 2;
}

/* One call adds one program at most, so that to let go of one lane for each that is too much will do. */
static struct lane *put_in_place(struct kept *k, bool served)
{
	__u32 programs = lane_programs(k->lane);
	struct kept *oldest;

	k->busy = false;
	k->refused = !served;
	if (served)
		k->last_use = ++kept.uses;
	if (k->leaving || !programs)
		return clear(k);
	if (programs == k->programs)
		return NULL;
	kept.programs += programs - k->programs;
	k->programs = programs;
	oldest = kept.programs > programs_max() ? find_oldest() : NULL;
	return oldest && oldest != k ? clear(oldest) : NULL;
}

/* served: it did not refuse its caller. */
void kept_put(struct kept *k, bool served)
{
	struct lane *closed;

	if (!has_place(k)) {
		lane_close(k->lane);
		free(k);
		return;
	}
	pthread_mutex_lock(&kept.lock);
	closed = put_in_place(k, served);
	pthread_mutex_unlock(&kept.lock);
	if (closed)
		lane_close(closed);
}

void kept_release_map(__u32 map_id)
{
	struct lane *released[KEPT_MAX];
	size_t count = 0;

	pthread_mutex_lock(&kept.lock);
	for (struct kept *k = kept.all; k < kept.all + KEPT_MAX; k++) {
		if (!k->lane || (k->info.id != map_id && k->linked_info.id != map_id))
			continue;
		k->leaving = true;
		if (!k->busy)
			released[count++] = clear(k);
	}
	pthread_mutex_unlock(&kept.lock);
	while (count)
		lane_close(released[--count]);
}

/*
 * In a child, which has no use for its parent's. What another thread was just changing is half done: so
 * nothing is freed, and stays known here alone.
 */
void kept_drop_all(void)
{
	pthread_mutex_init(&kept.lock, NULL);
	for (struct kept *k = kept.all; k < kept.all + KEPT_MAX; k++) {
		if (k->lane) {
			lane_disown(k->lane);
			kept.inherited[k - kept.all] = k->lane;
		}
		memset(k, 0, sizeof(*k));
	}
	memset(kept.buckets, 0, sizeof(kept.buckets));
	kept.programs = 0;
}

int bpf_map_compare_release(int fd)
{
	int err, cancel_state = enter();
	struct bpf_map_info info;
	__u64 process;

	/* To have information is not to be a map: programs do too, with ids of their own. */
	err = map_check_writable(fd);
	if (!err || err == -EPERM)
		err = map_info(fd, &info);
	if (!err && !process_number(&process))
		kept_release_map(info.id);
	return leave(cancel_state, err);
}

/* ---- requests.c ---- */

/*
 * Requests to a program, in memory that is shared with it: how they lie there, what is written into them,
 * and what is read out of them afterwards.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

/* For as many requests as go into it, but one at least. */
#define MEMORY_MAX (72u * 1024)

/* Expected bytes lie as those of the value from the region's offset on, rounded down to 8. */
static __u32 bytes_size(const struct region *region)
{
	return region->size ? region->size + (region->offset & 7) : 0;
}

/* What an update writes that is not in its request's struct. */
static __u32 new_size(const struct requests *r)
{
	if (r->action == ACTION_UPDATE)
		return r->value_size;
	return r->action == ACTION_BYTES ? bytes_size(&r->written) : 0;
}

static __u32 header_size(enum action action)
{
	switch (action) {
	case ACTION_CLAIM:
		return sizeof(struct claim_request);
	case ACTION_LINKED:
		return sizeof(struct linked_request);
	case ACTION_UPDATE:
		return sizeof(struct update_request);
	case ACTION_WORD:
		return sizeof(struct word_request);
	case ACTION_BYTES:
		return sizeof(struct place_request);
	default:
		return sizeof(struct request);
	}
}

/* Where a part of this size is; at the start where there is none, since the verifier wants it inside. */
static __u32 place(struct layout *layout, __u32 size)
{
	__u32 at = layout->stride;

	layout->stride += ROUND_UP_8(size);
	return size ? at : 0;
}

static void lay_out(struct requests *r)
{
	struct layout *layout = &r->layout;
	bool linked = r->asks & ASKS_LINKED;
	__u32 requests_max = linked ? RUN_KEYS_MAX / 2 : RUN_KEYS_MAX;

	layout->stride = header_size(r->action);
	layout->key_at = place(layout, r->key_size);
	layout->expected_at = place(layout, bytes_size(&r->first.region));
	/* Without one it is the first one's key that the verifier sees. */
	layout->linked_key_at = linked ? place(layout, r->linked_key_size) : layout->key_at;
	layout->linked_expected_at = place(layout, bytes_size(&r->linked.region));
	layout->value_at = place(layout, r->asks & ASKS_VALUE ? r->value_size : 0);
	layout->new_at = place(layout, new_size(r));
	layout->old_at = place(layout, r->action == ACTION_BYTES ? new_size(r) : 0);
	r->room = MEMORY_MAX / layout->stride;
	if (r->room > requests_max)
		r->room = requests_max;
	if (!r->room)
		r->room = 1;
	r->memory_size = (size_t)r->room * layout->stride;
}

/* The map of the requests, as our memory as well; its file descriptor, or an error. */
static int share_memory(struct requests *r)
{
	union bpf_attr attr;
	void *memory;
	int fd, err;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(__u32);
	attr.value_size = r->layout.stride;
	attr.max_entries = r->room;
	attr.map_flags = BPF_F_MMAPABLE;
	strcpy(attr.map_name, "compare_reqs");
	fd = sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd == -EPERM)
		return refuse(fd, "creating the emulation's map takes CAP_BPF");
	if (fd < 0)
		return fd;
	memory = mmap(NULL, r->memory_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		err = -errno;
	} else if (madvise(memory, r->memory_size, MADV_DONTFORK)) {
		err = -errno;
		munmap(memory, r->memory_size);
	} else {
		r->memory = memory;
		return fd;
	}
	close(fd);
	return err;
}

static void set_part(struct part *part, const struct entries *entries)
{
	part->region = entries->region;
	part->claim = entries->claim;
}

/* What of a linked_request the layout depends on: all else may change from one call to the next. */
static __u32 lasting_asks(const struct job *job)
{
	return job->asks & (ASKS_VALUE | ASKS_LINKED);
}

/* The file descriptor of their map, or an error. */
int requests_open(struct requests *r, const struct bpf_map_info *info,
		  const struct bpf_map_info *linked_info, const struct job *job)
{
	int fd;

	r->action = job->action;
	r->asks = lasting_asks(job);
	set_part(&r->first, &job->first);
	set_part(&r->linked, &job->linked);
	if (job->update)
		r->written = job->update->written;
	r->key_size = info->key_size;
	r->value_size = info->value_size;
	r->linked_key_size = linked_info->key_size;
	if (!job->sweep)
		lay_out(r);
	else if (sweep_lay_out(r, job))
		return -ENOMEM;
	fd = share_memory(r);
	if (fd < 0)
		free(r->sweep);
	return fd;
}

void requests_close(const struct requests *r)
{
	munmap(r->memory, r->memory_size);
	free(r->sweep);
}

static bool is_same_region(const struct region *a, const struct region *b)
{
	return a->offset == b->offset && a->size == b->size;
}

static bool is_for(const struct part *part, const struct entries *entries)
{
	return is_same_region(&part->region, &entries->region) &&
	       part->claim.offset == entries->claim.offset &&
	       part->claim.size == entries->claim.size;
}

/* Whether they are what this job takes. */
bool requests_serve(const struct requests *r, const struct job *job)
{
	if (r->action != job->action)
		return false;
	if (r->action == ACTION_PLAIN)
		return true;
	if (job->sweep && !sweep_serves(r, job))
		return false;
	if (job->update && !is_same_region(&r->written, &job->update->written))
		return false;
	return is_for(&r->first, &job->first) && is_for(&r->linked, &job->linked) &&
	       r->asks == lasting_asks(job);
}

static struct request *request_at(const struct requests *r, __u32 i)
{
	return (struct request *)(r->memory + (size_t)i * r->layout.stride);
}

/* Its expected word; 0 where nothing is compared. */
static __u64 write_part(char *key_at, char *expected_at, const struct entries *entries,
			const struct part *part, __u32 i, __u32 key_size)
{
	const char *expected;

	memcpy(key_at, entries->keys + (size_t)i * key_size, key_size);
	if (!entries->compare)
		return 0;
	expected = entries->compare + (size_t)i * entries->stride;
	memcpy(expected_at + (part->region.offset & 7), expected, part->region.size);
	if (!part->claim.size)
		return 0;
	return read_word(expected + (part->claim.offset - part->region.offset), part->claim.size);
}

static bool is_given_claim(const struct claim *claim, __u64 word)
{
	return claim->size && claim->word == word;
}

/* From a word that is a claim, whichever entry's, nothing may be claimed. */
static __u64 claim_for(const struct job *job, const struct claim *claim, __u64 word)
{
	return is_claim(&job->claims, word) || is_given_claim(&job->first.claim, word) ||
			       is_given_claim(&job->linked.claim, word)
		       ? word
		       : claim->word;
}

static void write_linked(const struct requests *r, const struct job *job,
			 struct linked_request *asked, __u32 i)
{
	const struct entries *linked = &job->linked;
	char *bytes = (char *)asked;

	asked->asks = job->asks;
	asked->claims_first = job->claims.last ? job->claims.first : 1;
	asked->claims_last = job->claims.last;
	if (!(r->asks & ASKS_LINKED))
		return;
	asked->linked_word =
		write_part(bytes + r->layout.linked_key_at, bytes + r->layout.linked_expected_at,
			   linked, &r->linked, i, r->linked_key_size);
	asked->linked_claim = linked->compare ? claim_for(job, &linked->claim, asked->linked_word)
					      : linked->claim.word;
	/* One and the same entry. */
	if (!job->linked_target &&
	    !memcmp(bytes + r->layout.linked_key_at, bytes + r->layout.key_at, r->key_size))
		asked->asks |= ASKS_NOTHING;
}

static void write_request(const struct requests *r, const struct job *job, struct request *request,
			  __u32 i)
{
	struct claim_request *by = (struct claim_request *)request;
	char *bytes = (char *)request;
	__u64 word;

	word = write_part(bytes + r->layout.key_at, bytes + r->layout.expected_at, &job->first,
			  &r->first, i, r->key_size);
	if (job->update)
		update_write(r, job, request, i);
	if (r->action != ACTION_CLAIM && r->action != ACTION_LINKED)
		return;
	by->word = word;
	by->claim = claim_for(job, &job->first.claim, word);
	if (r->action == ACTION_LINKED)
		write_linked(r, job, (struct linked_request *)request, i);
}

static void store(__s32 *to, __s32 number)
{
	__atomic_store_n(to, number, __ATOMIC_RELEASE);
}

static __s32 load(const __s32 *from)
{
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

/* Writes as many requests as one run takes of those wanted; gives their number. */
__u32 requests_write(struct requests *r, const struct job *job, __u32 first, __u32 wanted)
{
	__u32 count = wanted < r->room ? wanted : r->room;

	r->run = r->run == INT32_MAX ? 1 : r->run + 1;
	if (job->sweep)
		sweep_write(r, job);
	for (__u32 i = 0; i < count; i++) {
		struct request *request = request_at(r, i);

		if (!job->sweep)
			write_request(r, job, request, first + i);
		store(&request->result, r->run);
	}
	/* Where the numbers began anew an old request could have this one. */
	if (count < r->room)
		store(&request_at(r, count)->result, 0);
	store(&request_at(r, 0)->run, r->run);
	return count;
}

/* Whether each of them has its answer, and those answers. */
bool requests_read_answers(const struct requests *r, __u32 count, struct answer *answers)
{
	const struct request *request;

	if (load(&request_at(r, 0)->run) != -r->run)
		return false;
	for (__u32 i = 0; i < count; i++) {
		request = request_at(r, i);
		answers[i].result = request->result;
		if (r->asks & ASKS_LINKED)
			answers[i].linked_result =
				((const struct linked_request *)request)->linked_result;
	}
	return true;
}

/*
 * Where the entry was claimed the copy has the claim, in the place of the expected word, which the request
 * has too: the caller's memory with the expected bytes may be the very one that values are written to.
 */
static void put_word_back(char *value, const struct claim *claim, const struct request *request)
{
	if (claim->size)
		store_word(value + claim->offset, ((const struct claim_request *)request)->word,
			   claim->size);
}

static void read_value(const struct requests *r, const struct job *job,
		       const struct request *request, __u32 i)
{
	char *value = job->values + (size_t)i * r->value_size;

	memcpy(value, (const char *)request + r->layout.value_at, r->value_size);
	put_word_back(value, &job->first.claim, request);
}

void requests_read_values(const struct requests *r, const struct job *job, __u32 first, __u32 count,
			  const struct answer *answers)
{
	for (__u32 i = 0; i < count && job->values; i++) {
		const struct request *request = request_at(r, i);

		if (answers[i].result)
			continue;
		if (job->update)
			update_read(r, job, request, first + i);
		else
			read_value(r, job, request, first + i);
	}
}

/* Whether nobody has taken them, and nobody will any more. */
bool requests_take_back(const struct requests *r)
{
	__s32 asked = r->run;

	return __atomic_compare_exchange_n(&request_at(r, 0)->run, &asked, 0, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* ---- sweep_requests.c ---- */

/*
 * The memory that a sweep's program shares with us: the request, and after it elements for what it finds,
 * each a key and, where it is wanted, a value. Without those one serves all matches, in turn.
 */
#include <stdlib.h>

STATIC_ASSERT(CONDS_MAX == SWEEP_CONDS_MAX, "an operand for each condition");

/* For what a run hands out. */
#define OUT_MEMORY_MAX (512u * 1024)

/* What an element takes, with a value or without: the first one is the request. */
static __u32 element_size(__u32 key_size, __u32 value_size)
{
	__u32 size = sizeof(struct request) + ROUND_UP_8(key_size) + ROUND_UP_8(value_size);

	return size < sizeof(struct sweep_request) ? sizeof(struct sweep_request) : size;
}

/* Whether all of a map could be handed out by one run. */
bool sweep_fits(const struct bpf_map_info *info, const struct sweep *sweep)
{
	__u64 size = element_size(info->key_size, sweep->values ? info->value_size : 0);

	return size * info->max_entries <= OUT_MEMORY_MAX;
}

int sweep_lay_out(struct requests *r, const struct job *job)
{
	__u32 key = ROUND_UP_8(r->key_size), out = job->sweep->out;
	__u32 value = job->asks & ASKS_VALUE ? ROUND_UP_8(r->value_size) : 0;
	struct layout *layout = &r->layout;

	layout->value_at = value ? key : 0;
	layout->stride = element_size(r->key_size, value);
	if (out > OUT_MEMORY_MAX / layout->stride)
		out = OUT_MEMORY_MAX / layout->stride;
	r->room = 1 + (out ? out : 1);
	r->memory_size = (size_t)r->room * layout->stride;
	r->sweep = malloc(sizeof(*r->sweep));
	if (!r->sweep)
		return -ENOMEM;
	*r->sweep = *job->sweep;
	return 0;
}

/* What a program has in its instructions of a sweep has to be the same. */
bool sweep_serves(const struct requests *r, const struct job *job)
{
	const struct sweep *a = r->sweep, *b = job->sweep;

	return conditions_are_alike(a, b) && sweep_counts(a) == sweep_counts(b) && a->out == b->out;
}

static __u32 flags_of(const struct job *job)
{
	return (sweep_counts(job->sweep) ? SWEEPS_COUNT : 0) | (job->sweep->out ? SWEEPS_OUT : 0) |
	       (job->first.claim.size ? SWEEPS_CLAIM : 0);
}

static __u32 room_for(const struct requests *r, const struct sweep *sweep)
{
	__u64 room = sweep_room(sweep), max = sweep->out ? r->room - 1 : UINT32_MAX;

	return room < max ? room : max;
}

/* While it claims, others may have to wait for the CPU. */
static __u64 budget_for(const struct job *job)
{
	__u64 budget = job->sweep->budget;

	return job->first.claim.size && budget > HOLD_NS_MAX ? HOLD_NS_MAX : budget;
}

/* All but what says that it is one. */
void sweep_write(struct requests *r, const struct job *job)
{
	struct sweep_request *asked = (struct sweep_request *)r->memory;
	const struct sweep *sweep = job->sweep;

	memset(&asked->flags, 0, sizeof(*asked) - offsetof(struct sweep_request, flags));
	asked->flags = flags_of(job);
	asked->room = room_for(r, sweep);
	asked->from = sweep->from;
	asked->until = sweep->until;
	asked->next = sweep->from;
	asked->skip = sweep->skip;
	asked->budget = budget_for(job);
	asked->claim = job->first.claim.word;
	asked->claims_first = job->claims.last ? job->claims.first : 1;
	asked->claims_last = job->claims.last;
	for (__u32 i = 0; i < sweep->conds_cnt; i++)
		asked->operands[i] = conditions_operand(&sweep->conds[i]);
}

/* Behind those of the runs before. */
static void copy_out(const struct requests *r, struct sweep *sweep, __u64 found)
{
	__u64 before = sweep_counts(sweep) ? sweep->matched : sweep->deleted;

	for (__u64 i = 0; i < found && sweep->out; i++) {
		const char *element =
			r->memory + (size_t)(1 + i) * r->layout.stride + sizeof(struct request);

		if (sweep->keys)
			memcpy(sweep->keys + (before + i) * r->key_size, element, r->key_size);
		if (sweep->values)
			memcpy(sweep->values + (before + i) * r->value_size,
			       element + r->layout.value_at, r->value_size);
	}
}

void sweep_read(const struct requests *r, const struct job *job)
{
	const struct sweep_request *asked = (const struct sweep_request *)r->memory;
	struct sweep *sweep = job->sweep;
	__u64 found;

	/* Others could have written there. */
	found = asked->found < r->room - 1 ? asked->found : r->room - 1;
	if (found > room_for(r, sweep))
		found = room_for(r, sweep);
	copy_out(r, sweep, found);
	sweep->next = asked->next;
	sweep->skip = asked->seen;
	sweep->scanned += asked->scanned;
	sweep->matched += asked->matched;
	sweep->deleted += asked->deleted;
	sweep->changed += asked->changed;
}

/* ---- update_requests.c ---- */

/*
 * What a request for an update has beside the key and the expected bytes: what is to be written; and what it says
 * afterwards of what was there.
 */

static const char *bytes_to_write(const struct job *job, __u32 i)
{
	return job->update->values + (size_t)i * job->update->stride;
}

/* Whether all of the word is compared: only then it is known what it has to be. */
static bool compares_word(const struct region *compared, const struct region *word)
{
	return compared->size && compared->offset <= word->offset &&
	       word->offset + word->size <= compared->offset + compared->size;
}

static void write_op(struct word_request *asked, __u32 op, __u64 operand)
{
	asked->keep = op == BPF_MAP_UPDATE_SET	 ? 0
		      : op == BPF_MAP_UPDATE_AND ? operand
		      : op == BPF_MAP_UPDATE_OR	 ? ~operand
						 : ~(__u64)0;
	asked->flip = op == BPF_MAP_UPDATE_ADD || op == BPF_MAP_UPDATE_AND ? 0 : operand;
	asked->add = op == BPF_MAP_UPDATE_ADD ? operand : 0;
}

static void write_word_request(const struct job *job, struct word_request *asked, __u32 i)
{
	const struct region *word = &job->update->written;
	const struct entries *first = &job->first;

	write_op(asked, job->update->op, read_word(bytes_to_write(job, i), word->size));
	asked->bits = word->size == sizeof(__u32) ? ~(__u32)0 : ~(__u64)0;
	asked->claims_first = job->claims.last ? job->claims.first : 1;
	asked->claims_last = job->claims.last;
	asked->compared = 0;
	if (!compares_word(&first->region, word))
		return;
	asked->compared = asked->bits;
	asked->word = read_word(first->compare + (size_t)i * first->stride +
					(word->offset - first->region.offset),
				word->size);
}

void update_write(const struct requests *r, const struct job *job, struct request *request, __u32 i)
{
	struct update_request *asked = (struct update_request *)request;
	char *bytes = (char *)request + r->layout.new_at;

	switch (r->action) {
	case ACTION_WORD:
		write_word_request(job, (struct word_request *)request, i);
		break;
	case ACTION_BYTES:
		memcpy(bytes + (r->written.offset & 7), bytes_to_write(job, i), r->written.size);
		break;
	default:
		asked->flags = job->update->flags;
		asked->compares = !!job->first.region.size;
		memcpy(bytes, bytes_to_write(job, i), r->value_size);
	}
}

void update_read(const struct requests *r, const struct job *job, const struct request *request,
		 __u32 i)
{
	size_t size = r->written.size ? r->written.size : r->value_size;
	char *old = job->values + i * size;

	switch (r->action) {
	case ACTION_WORD:
		store_word(old, ((const struct word_request *)request)->old, r->written.size);
		break;
	case ACTION_BYTES:
		memcpy(old, (const char *)request + r->layout.old_at + (r->written.offset & 7),
		       size);
		break;
	default:
		memcpy(old, (const char *)request + r->layout.value_at, size);
	}
}

/* ---- turn.c ---- */

/*
 * One at a time. Those who have to wait sleep, and have their turn in the order in which they came. Whoever
 * comes while nobody has a turn need not wait for a sleeper to be up, which takes longer than most turns: but
 * so many times only, or the sleeper would wait for long.
 */

#define AHEAD_MAX 16

void turn_take(struct turn *turn)
{
	__u64 mine;

	pthread_mutex_lock(&turn->lock);
	if (turn->taken || (turn->given != turn->now && turn->ahead == AHEAD_MAX)) {
		for (mine = turn->given++; turn->taken || turn->now != mine;)
			pthread_cond_wait(&turn->next, &turn->lock);
		turn->now++;
		turn->ahead = 0;
	} else if (turn->given != turn->now) {
		turn->ahead++;
	}
	turn->taken = true;
	pthread_mutex_unlock(&turn->lock);
}

void turn_pass(struct turn *turn)
{
	pthread_mutex_lock(&turn->lock);
	turn->taken = false;
	if (turn->given != turn->now)
		pthread_cond_broadcast(&turn->next);
	pthread_mutex_unlock(&turn->lock);
}

/* Runs with a claim take turns, as two at once might take each other's claims for their own. */
#define TURN_BITS 4

static struct turn claim_turns[1 << TURN_BITS] = {
	TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT,
	TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT, TURN_INIT,
};

/* One for all runs on a map; some other maps have the same, which costs time alone. */
struct turn *claim_turn(__u32 map_id)
{
	return &claim_turns[map_id & ((1 << TURN_BITS) - 1)];
}

/* In a child the threads that had a turn, or waited for one, are not there. */
void turns_start_afresh(void)
{
	static const struct turn fresh = TURN_INIT;

	for (size_t i = 0; i < ARRAY_LEN(claim_turns); i++)
		claim_turns[i] = fresh;
}

/* ---- fork.c ---- */

/*
 * Tells a forked child from its parent, by whatever system call it was made. A child shares nothing with
 * its parent: two processes in one memory would mix one's key with the other's expected bytes.
 */
#include <linux/futex.h>
#include <sys/mman.h>

enum {
	FRESH = 0,
	STARTING,
	STARTED,
};

/* In memory that the kernel fills with zeros in a child. */
static int *state;

/* What a child's first call makes one more than its parent's. */
static __u64 number;

static void futex(int *word, int operation, int value)
{
	syscall(__NR_futex, word, operation, value, NULL, NULL, 0);
}

static int map_state(void)
{
	int *none = NULL;
	void *page;
	int err;

	page = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	if (page == MAP_FAILED)
		return -errno;
	if (madvise(page, sizeof(*state), MADV_WIPEONFORK)) {
		err = -errno;
		munmap(page, sizeof(*state));
		return err;
	}
	/* Another thread may have been first. */
	if (!__atomic_compare_exchange_n(&state, &none, (int *)page, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST))
		munmap(page, sizeof(*state));
	return 0;
}

/* The threads that had a lock are not there, and no memory that programs share is mapped. */
static void start_afresh(void)
{
	number++;
	turns_start_afresh();
	print_start_afresh();
	kept_drop_all();
}

/* What a child inherits is closed also where it never calls us. */
static void after_fork(void)
{
	__u64 ignored;

	process_number(&ignored);
}

static int start(int *word)
{
	static int registered;
	int fresh = FRESH, now;

	if (__atomic_compare_exchange_n(word, &fresh, STARTING, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST)) {
		start_afresh();
		if (!registered)
			registered = !pthread_atfork(NULL, NULL, after_fork);
		__atomic_store_n(word, STARTED, __ATOMIC_SEQ_CST);
		futex(word, FUTEX_WAKE_PRIVATE, 1 << 30);
	}
	/* To spin would keep a thread of lower priority from ever coming to an end. */
	while ((now = __atomic_load_n(word, __ATOMIC_SEQ_CST)) != STARTED)
		futex(word, FUTEX_WAIT_PRIVATE, now);
	return 0;
}

int process_number(__u64 *this)
{
	int *word = __atomic_load_n(&state, __ATOMIC_ACQUIRE), err = 0;

	if (!word) {
		err = map_state();
		word = __atomic_load_n(&state, __ATOMIC_ACQUIRE);
	}
	if (!err && __atomic_load_n(word, __ATOMIC_ACQUIRE) != STARTED)
		err = start(word);
	*this = number;
	return err;
}

/* ---- program.c ---- */

/*
 * Has a program for one map, or two, and for regions and claims: finds out what its instructions have to
 * know of the maps, has it put together and loaded, and says why where that cannot be.
 */

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

/* ---- compiled.c ---- */

/*
 * Makes a program's instructions of those that were compiled: puts in the place of their symbols what they
 * stand for here, and the functions that judge.c writes among them.
 */
#include <stdlib.h>

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


/* ---- emulate.insns.h ---- */

/* The BPF programs of the emulation, written by libbpf/embed.c. */

static const struct bpf_insn plain_insns[] = {
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 10, 1, -4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, 1 },
	{ 0x16, 0, 0, 27, 0 },
	{ 0xbf, 2, 10, 0, 0 },
	{ 0x07, 2, 0, 0, -4 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 6, 0, 0, 0 },
	{ 0xb4, 1, 0, 0, 2 },
	{ 0x15, 6, 0, 19, 0 },
	{ 0x61, 0, 6, 4, 0 },
	{ 0x63, 10, 0, -8, 0 },
	{ 0xc6, 0, 0, 16, 1 },
	{ 0xb4, 2, 0, 0, 0 },
	{ 0xc3, 6, 2, 4, 241 },
	{ 0x61, 2, 10, -8, 0 },
	{ 0x5e, 0, 2, 12, 0 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -8 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 34 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 164 },
	{ 0x61, 1, 10, -8, 0 },
	{ 0x84, 1, 0, 0, 0 },
	{ 0xc3, 6, 1, 4, 225 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0xbc, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 7, 4, 0, 0 },
	{ 0xbf, 6, 3, 0, 0 },
	{ 0xbf, 8, 2, 0, 0 },
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x61, 2, 6, 0, 0 },
	{ 0x61, 1, 7, 0, 0 },
	{ 0x5e, 2, 1, 27, 0 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0xbc, 3, 1, 0, 0 },
	{ 0x54, 3, 0, 0, 15 },
	{ 0x56, 3, 0, 4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0x61, 2, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, -1 },
	{ 0x56, 0, 0, 14, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x07, 2, 0, 0, 8 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 2, 0, 0, 0 },
	{ 0xb4, 3, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 3, 2, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 1, 3, 0, 0 },
	{ 0x63, 6, 1, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct patch plain_patches[] = {
	{ 2, PATCH_is_allowed },
	{ 7, PATCH_requests },
	{ 22, PATCH_requests },
	{ 24, PATCH_callback },
	{ 45, PATCH_touch },
	{ 48, PATCH_touch_linked },
	{ 49, PATCH_is_frozen },
	{ 54, PATCH_target },
};

static const __u32 plain_starts[] = { 0, 34, };

static const struct bpf_insn compare_insns[] = {
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 10, 1, -4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, 1 },
	{ 0x16, 0, 0, 27, 0 },
	{ 0xbf, 2, 10, 0, 0 },
	{ 0x07, 2, 0, 0, -4 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 6, 0, 0, 0 },
	{ 0xb4, 1, 0, 0, 2 },
	{ 0x15, 6, 0, 19, 0 },
	{ 0x61, 0, 6, 4, 0 },
	{ 0x63, 10, 0, -8, 0 },
	{ 0xc6, 0, 0, 16, 1 },
	{ 0xb4, 2, 0, 0, 0 },
	{ 0xc3, 6, 2, 4, 241 },
	{ 0x61, 2, 10, -8, 0 },
	{ 0x5e, 0, 2, 12, 0 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -8 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 34 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 164 },
	{ 0x61, 1, 10, -8, 0 },
	{ 0x84, 1, 0, 0, 0 },
	{ 0xc3, 6, 1, 4, 225 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0xbc, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 7, 4, 0, 0 },
	{ 0xbf, 6, 3, 0, 0 },
	{ 0xbf, 8, 2, 0, 0 },
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x61, 2, 6, 0, 0 },
	{ 0x61, 1, 7, 0, 0 },
	{ 0x5e, 2, 1, 62, 0 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0xbc, 3, 1, 0, 0 },
	{ 0x54, 3, 0, 0, 15 },
	{ 0x56, 3, 0, 4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0x61, 2, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, -1 },
	{ 0x56, 0, 0, 49, 0 },
	{ 0xbf, 7, 6, 0, 0 },
	{ 0x07, 7, 0, 0, 8 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 21, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 16, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 11, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 6, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xb4, 1, 0, 0, -2 },
	{ 0x15, 0, 0, 21, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, -16 },
	{ 0x16, 0, 0, 13, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 2, 0, 0, 0 },
	{ 0xb4, 3, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 3, 2, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 1, 3, 0, 0 },
	{ 0x63, 6, 1, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct patch compare_patches[] = {
	{ 2, PATCH_is_allowed },
	{ 7, PATCH_requests },
	{ 22, PATCH_requests },
	{ 24, PATCH_callback },
	{ 45, PATCH_touch },
	{ 48, PATCH_touch_linked },
	{ 49, PATCH_is_frozen },
	{ 54, PATCH_target },
	{ 59, PATCH_target },
	{ 64, PATCH_target },
	{ 69, PATCH_target },
	{ 74, PATCH_target },
	{ 80, PATCH_expected_at },
	{ 85, PATCH_is_equal },
	{ 88, PATCH_target },
};

static const __u32 compare_starts[] = { 0, 34, };

static const struct bpf_insn claim_insns[] = {
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 10, 1, -4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, 1 },
	{ 0x16, 0, 0, 27, 0 },
	{ 0xbf, 2, 10, 0, 0 },
	{ 0x07, 2, 0, 0, -4 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 6, 0, 0, 0 },
	{ 0xb4, 1, 0, 0, 2 },
	{ 0x15, 6, 0, 19, 0 },
	{ 0x61, 0, 6, 4, 0 },
	{ 0x63, 10, 0, -8, 0 },
	{ 0xc6, 0, 0, 16, 1 },
	{ 0xb4, 2, 0, 0, 0 },
	{ 0xc3, 6, 2, 4, 241 },
	{ 0x61, 2, 10, -8, 0 },
	{ 0x5e, 0, 2, 12, 0 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -8 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 34 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 164 },
	{ 0x61, 1, 10, -8, 0 },
	{ 0x84, 1, 0, 0, 0 },
	{ 0xc3, 6, 1, 4, 225 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0xbc, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 7, 4, 0, 0 },
	{ 0xbf, 6, 3, 0, 0 },
	{ 0xbf, 8, 2, 0, 0 },
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x61, 2, 6, 0, 0 },
	{ 0x61, 1, 7, 0, 0 },
	{ 0x5e, 2, 1, 105, 0 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0xbc, 3, 1, 0, 0 },
	{ 0x54, 3, 0, 0, 15 },
	{ 0x56, 3, 0, 4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0x61, 2, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 8, 0, 0, -1 },
	{ 0x56, 0, 0, 92, 0 },
	{ 0xbf, 7, 6, 0, 0 },
	{ 0x07, 7, 0, 0, 24 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 21, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 16, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 11, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 6, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xb4, 8, 0, 0, -2 },
	{ 0x15, 0, 0, 64, 0 },
	{ 0x7b, 10, 0, -8, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 8, 0, 0, -16 },
	{ 0x79, 4, 6, 16, 0 },
	{ 0x79, 3, 6, 8, 0 },
	{ 0x1d, 3, 4, 57, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 9, 6, 0, 0 },
	{ 0x0f, 9, 1, 0, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x16, 0, 0, 49, 0 },
	{ 0x79, 1, 6, 16, 0 },
	{ 0x7b, 10, 1, -16, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 21, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 16, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 11, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 6, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xb4, 8, 0, 0, -2 },
	{ 0x15, 0, 0, 17, 0 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x79, 3, 10, -16, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 8, 0, 0, -16 },
	{ 0x16, 0, 0, 11, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 8, 0, 0, -11 },
	{ 0x16, 0, 0, 5, -16 },
	{ 0x16, 0, 0, 4, -110 },
	{ 0x16, 0, 0, 3, -35 },
	{ 0xbc, 8, 0, 0, 0 },
	{ 0x16, 0, 0, 5, 0 },
	{ 0xbc, 8, 0, 0, 0 },
	{ 0x79, 3, 6, 16, 0 },
	{ 0x79, 2, 6, 8, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x63, 6, 8, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct patch claim_patches[] = {
	{ 2, PATCH_is_allowed },
	{ 7, PATCH_requests },
	{ 22, PATCH_requests },
	{ 24, PATCH_callback },
	{ 45, PATCH_touch },
	{ 48, PATCH_touch_linked },
	{ 49, PATCH_is_frozen },
	{ 54, PATCH_target },
	{ 59, PATCH_target },
	{ 64, PATCH_target },
	{ 69, PATCH_target },
	{ 74, PATCH_target },
	{ 81, PATCH_hold_cpu },
	{ 86, PATCH_expected_at },
	{ 92, PATCH_claim },
	{ 96, PATCH_target },
	{ 101, PATCH_target },
	{ 106, PATCH_target },
	{ 111, PATCH_target },
	{ 116, PATCH_target },
	{ 125, PATCH_is_claimed },
	{ 128, PATCH_target },
	{ 142, PATCH_give_back },
	{ 143, PATCH_release_cpu },
};

static const __u32 claim_starts[] = { 0, 34, };

static const struct bpf_insn linked_insns[] = {
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 10, 1, -4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, 1 },
	{ 0x16, 0, 0, 27, 0 },
	{ 0xbf, 2, 10, 0, 0 },
	{ 0x07, 2, 0, 0, -4 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 6, 0, 0, 0 },
	{ 0xb4, 1, 0, 0, 2 },
	{ 0x15, 6, 0, 19, 0 },
	{ 0x61, 0, 6, 4, 0 },
	{ 0x63, 10, 0, -8, 0 },
	{ 0xc6, 0, 0, 16, 1 },
	{ 0xb4, 2, 0, 0, 0 },
	{ 0xc3, 6, 2, 4, 241 },
	{ 0x61, 2, 10, -8, 0 },
	{ 0x5e, 0, 2, 12, 0 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -8 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 34 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 164 },
	{ 0x61, 1, 10, -8, 0 },
	{ 0x84, 1, 0, 0, 0 },
	{ 0xc3, 6, 1, 4, 225 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0xbc, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 7, 4, 0, 0 },
	{ 0xbf, 6, 3, 0, 0 },
	{ 0xbf, 8, 2, 0, 0 },
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x61, 2, 6, 0, 0 },
	{ 0x61, 1, 7, 0, 0 },
	{ 0x5e, 2, 1, 1006, 0 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0xbc, 3, 1, 0, 0 },
	{ 0x54, 3, 0, 0, 15 },
	{ 0x56, 3, 0, 4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0x61, 2, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 7, 0, 0, -1 },
	{ 0x56, 0, 0, 993, 0 },
	{ 0xb4, 1, 0, 0, -125 },
	{ 0x63, 6, 1, 24, 0 },
	{ 0xb4, 7, 0, 0, -22 },
	{ 0x61, 1, 6, 28, 0 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x54, 2, 0, 0, 256 },
	{ 0x56, 2, 0, 986, 0 },
	{ 0x54, 1, 0, 0, 32 },
	{ 0x16, 1, 0, 3, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 7, 0, 0, -1 },
	{ 0x56, 0, 0, 981, 0 },
	{ 0xbf, 9, 6, 0, 0 },
	{ 0x07, 9, 0, 0, 64 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 25, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 19, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 13, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 7, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0xb4, 7, 0, 0, -2 },
	{ 0x15, 8, 0, 948, 0 },
	{ 0xbf, 7, 6, 0, 0 },
	{ 0x07, 7, 0, 0, 28 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x07, 1, 0, 0, 24 },
	{ 0x7b, 10, 1, -24, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x7b, 10, 7, -8, 0 },
	{ 0x61, 1, 7, 0, 0 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x54, 2, 0, 0, 1 },
	{ 0x7b, 10, 9, -16, 0 },
	{ 0x56, 2, 0, 76, 0 },
	{ 0x54, 1, 0, 0, 2 },
	{ 0x16, 1, 0, 7, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 7, 0, 0, -16 },
	{ 0x16, 0, 0, 918, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 4 },
	{ 0x16, 1, 0, 161, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 9, 6, 0, 0 },
	{ 0x0f, 9, 1, 0, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 164, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 158, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 152, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 146, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 140, 0 },
	{ 0xb4, 1, 0, 0, -2 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 8 },
	{ 0x56, 1, 0, 873, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 7, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 861, -110 },
	{ 0xbc, 7, 2, 0, 0 },
	{ 0x05, 0, 0, 859, 0 },
	{ 0xb4, 7, 0, 0, -16 },
	{ 0x79, 4, 6, 16, 0 },
	{ 0x79, 3, 6, 8, 0 },
	{ 0x1d, 3, 4, 855, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 9, 6, 0, 0 },
	{ 0x0f, 9, 1, 0, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x16, 0, 0, 847, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 21, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 16, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 11, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 6, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xb4, 5, 0, 0, -2 },
	{ 0x15, 0, 0, 816, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 3, 6, 16, 0 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 5, 0, 0, -16 },
	{ 0x16, 0, 0, 804, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 4 },
	{ 0x16, 1, 0, 788, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 9, 6, 0, 0 },
	{ 0x0f, 9, 1, 0, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0x55, 7, 0, 137, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0x55, 7, 0, 131, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0x55, 7, 0, 125, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0x55, 7, 0, 119, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0x55, 7, 0, 113, 0 },
	{ 0xb4, 1, 0, 0, -2 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 8 },
	{ 0xb4, 5, 0, 0, -16 },
	{ 0x56, 1, 0, 758, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xbf, 9, 0, 0, 0 },
	{ 0xb4, 5, 0, 0, -11 },
	{ 0x16, 9, 0, 751, -16 },
	{ 0x16, 9, 0, 750, -110 },
	{ 0x16, 9, 0, 749, -35 },
	{ 0x05, 0, 0, 745, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 7, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 741, -110 },
	{ 0x05, 0, 0, -121, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x54, 2, 0, 0, 128 },
	{ 0x16, 2, 0, 17, 0 },
	{ 0x54, 1, 0, 0, 8 },
	{ 0x16, 1, 0, 275, 0 },
	{ 0xb4, 7, 0, 0, -16 },
	{ 0x79, 4, 6, 40, 0 },
	{ 0x79, 3, 6, 32, 0 },
	{ 0x1d, 3, 4, 8, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x16, 0, 0, 1, 0 },
	{ 0x05, 0, 0, 288, 0 },
	{ 0x79, 1, 10, -24, 0 },
	{ 0x63, 1, 7, 0, 0 },
	{ 0x05, 0, 0, 718, 0 },
	{ 0xb4, 7, 0, 0, -16 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 7, 0, 0 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x54, 2, 0, 0, 16 },
	{ 0x56, 2, 0, 712, 0 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x54, 2, 0, 0, 8 },
	{ 0x16, 2, 0, 9, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x16, 0, 0, 702, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x54, 2, 0, 0, 32 },
	{ 0x16, 2, 0, 122, 0 },
	{ 0xb4, 2, 0, 0, -125 },
	{ 0x79, 3, 10, -24, 0 },
	{ 0x63, 3, 2, 0, 0 },
	{ 0x54, 1, 0, 0, 64 },
	{ 0x16, 1, 0, 133, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 2, 0, 0, 0 },
	{ 0xb4, 3, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 3, 2, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 1, 3, 0, 0 },
	{ 0x56, 1, 0, 163, -2 },
	{ 0xb4, 1, 0, 0, -2 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 8 },
	{ 0x56, 1, 0, 671, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 7, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 659, -110 },
	{ 0x05, 0, 0, -203, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x54, 2, 0, 0, 128 },
	{ 0x7b, 10, 9, -32, 0 },
	{ 0x16, 2, 0, 18, 0 },
	{ 0x54, 1, 0, 0, 8 },
	{ 0x16, 1, 0, 415, 0 },
	{ 0xb4, 5, 0, 0, -16 },
	{ 0x79, 4, 6, 40, 0 },
	{ 0x79, 3, 6, 32, 0 },
	{ 0x1d, 3, 4, 9, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 5, 0, 0, -16 },
	{ 0x16, 0, 0, 1, 0 },
	{ 0x05, 0, 0, 427, 0 },
	{ 0x79, 1, 10, -24, 0 },
	{ 0x63, 1, 5, 0, 0 },
	{ 0x05, 0, 0, 629, 0 },
	{ 0xb4, 5, 0, 0, -16 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 5, 0, 0 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x54, 2, 0, 0, 16 },
	{ 0x56, 2, 0, 623, 0 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x54, 2, 0, 0, 8 },
	{ 0x16, 2, 0, 10, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 5, 0, 0, -16 },
	{ 0x16, 0, 0, 612, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x54, 2, 0, 0, 32 },
	{ 0x16, 2, 0, 84, 0 },
	{ 0xb4, 2, 0, 0, -125 },
	{ 0x79, 3, 10, -24, 0 },
	{ 0x63, 3, 2, 0, 0 },
	{ 0x54, 1, 0, 0, 64 },
	{ 0x16, 1, 0, 109, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -32, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 9, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 9, 2, 0, 0 },
	{ 0x56, 9, 0, 122, -2 },
	{ 0xb4, 1, 0, 0, -2 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 8 },
	{ 0xb4, 5, 0, 0, -16 },
	{ 0x56, 1, 0, 580, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xbf, 9, 0, 0, 0 },
	{ 0xb4, 5, 0, 0, -11 },
	{ 0x16, 9, 0, 573, -16 },
	{ 0x16, 9, 0, 572, -110 },
	{ 0x16, 9, 0, 571, -35 },
	{ 0x05, 0, 0, 567, 0 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 7, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 560, -110 },
	{ 0x05, 0, 0, -302, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 7, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 7, 2, 0, 0 },
	{ 0x56, 7, 0, 545, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 2, 0, 0, 0 },
	{ 0xb4, 3, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 3, 2, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 1, 3, 0, 0 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0xb4, 7, 0, 0, 0 },
	{ 0x05, 0, 0, 528, 0 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xbf, 9, 0, 0, 0 },
	{ 0xb4, 5, 0, 0, -11 },
	{ 0x16, 9, 0, 513, -16 },
	{ 0x16, 9, 0, 512, -110 },
	{ 0x16, 9, 0, 511, -35 },
	{ 0x05, 0, 0, 507, 0 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0xbc, 7, 1, 0, 0 },
	{ 0x56, 1, 0, 511, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 7, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 499, -110 },
	{ 0x05, 0, 0, -363, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 9, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 9, 2, 0, 0 },
	{ 0x56, 9, 0, 476, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -32, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 2, 0, 0, 0 },
	{ 0xb4, 3, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 3, 2, 0, 0 },
	{ 0x16, 0, 0, -60, -110 },
	{ 0x05, 0, 0, -62, 0 },
	{ 0x79, 1, 10, -24, 0 },
	{ 0x63, 1, 9, 0, 0 },
	{ 0x56, 9, 0, 460, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xbf, 9, 0, 0, 0 },
	{ 0xb4, 5, 0, 0, -11 },
	{ 0x16, 9, 0, 456, -16 },
	{ 0x16, 9, 0, 455, -110 },
	{ 0x16, 9, 0, 454, -35 },
	{ 0x05, 0, 0, 450, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 6, 28, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x16, 1, 0, 3, 0 },
	{ 0xb4, 7, 0, 0, -16 },
	{ 0x79, 1, 6, 16, 0 },
	{ 0x1d, 1, 0, -271, 0 },
	{ 0xb4, 7, 0, 0, -16 },
	{ 0x79, 4, 6, 40, 0 },
	{ 0x1d, 4, 0, -274, 0 },
	{ 0x79, 1, 6, 48, 0 },
	{ 0x2d, 1, 0, 2, 0 },
	{ 0x79, 1, 6, 56, 0 },
	{ 0x3d, 1, 0, -278, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0x7b, 6, 0, 32, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x7b, 10, 2, -32, 0 },
	{ 0xbf, 3, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x16, 0, 0, 101, 0 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 20, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 15, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 10, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 5, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x15, 0, 0, 161, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0x79, 3, 6, 40, 0 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 7, 0, 0, -16 },
	{ 0xb4, 1, 0, 0, -16 },
	{ 0x16, 0, 0, 1, 0 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 6, 1, 24, 0 },
	{ 0x16, 0, 0, 143, 0 },
	{ 0xb4, 1, 0, 0, -125 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 64 },
	{ 0x16, 1, 0, 22, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 2, 0, 0, 0 },
	{ 0xb4, 3, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 3, 2, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 1, 3, 0, 0 },
	{ 0x56, 1, 0, 101, -2 },
	{ 0xb4, 1, 0, 0, -2 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 8 },
	{ 0x16, 1, 0, 99, 0 },
	{ 0x05, 0, 0, 114, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 7, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 7, 2, 0, 0 },
	{ 0x56, 7, 0, 97, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 2, 0, 0, 0 },
	{ 0xb4, 3, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 3, 2, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 1, 3, 0, 0 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0xb4, 7, 0, 0, 0 },
	{ 0x05, 0, 0, 82, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x16, 1, 0, 2, 0 },
	{ 0x79, 1, 6, 16, 0 },
	{ 0x1d, 1, 0, -397, 0 },
	{ 0x79, 4, 6, 40, 0 },
	{ 0x1d, 4, 0, -399, 0 },
	{ 0x79, 1, 6, 48, 0 },
	{ 0x2d, 1, 0, 2, 0 },
	{ 0x79, 1, 6, 56, 0 },
	{ 0x3d, 1, 0, -403, 0 },
	{ 0x7b, 6, 0, 32, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x79, 2, 10, -32, 0 },
	{ 0xbf, 3, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x56, 0, 0, -121, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x16, 1, 0, 2, 0 },
	{ 0x79, 1, 6, 16, 0 },
	{ 0x1d, 1, 0, -417, 0 },
	{ 0x79, 4, 6, 40, 0 },
	{ 0x1d, 4, 0, -419, 0 },
	{ 0x79, 1, 6, 48, 0 },
	{ 0x2d, 1, 0, 2, 0 },
	{ 0x79, 1, 6, 56, 0 },
	{ 0x3d, 1, 0, -423, 0 },
	{ 0x7b, 6, 0, 32, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x79, 2, 10, -32, 0 },
	{ 0xbf, 3, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x56, 0, 0, -141, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x16, 1, 0, 2, 0 },
	{ 0x79, 1, 6, 16, 0 },
	{ 0x1d, 1, 0, -437, 0 },
	{ 0x79, 4, 6, 40, 0 },
	{ 0x1d, 4, 0, -439, 0 },
	{ 0x79, 1, 6, 48, 0 },
	{ 0x2d, 1, 0, 2, 0 },
	{ 0x79, 1, 6, 56, 0 },
	{ 0x3d, 1, 0, -443, 0 },
	{ 0x7b, 6, 0, 32, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x79, 2, 10, -32, 0 },
	{ 0xbf, 3, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 7, 0, 0, -11 },
	{ 0x16, 0, 0, -450, 0 },
	{ 0x05, 0, 0, -163, 0 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0xbc, 7, 1, 0, 0 },
	{ 0x16, 1, 0, 1, 0 },
	{ 0x05, 0, 0, 15, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 7, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 7, 2, 0, 0 },
	{ 0x79, 1, 10, -24, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x16, 1, 0, 249, 0 },
	{ 0x79, 3, 6, 40, 0 },
	{ 0x79, 2, 6, 32, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x05, 0, 0, 244, 0 },
	{ 0xb4, 1, 0, 0, -2 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0xb4, 7, 0, 0, -16 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 8 },
	{ 0x16, 1, 0, -29, 0 },
	{ 0x05, 0, 0, -14, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 6, 28, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x16, 1, 0, 3, 0 },
	{ 0xb4, 5, 0, 0, -16 },
	{ 0x79, 1, 6, 16, 0 },
	{ 0x1d, 1, 0, -410, 0 },
	{ 0xb4, 5, 0, 0, -16 },
	{ 0x79, 4, 6, 40, 0 },
	{ 0x1d, 4, 0, -413, 0 },
	{ 0x79, 1, 6, 48, 0 },
	{ 0x2d, 1, 0, 2, 0 },
	{ 0x79, 1, 6, 56, 0 },
	{ 0x3d, 1, 0, -417, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 9, 6, 0, 0 },
	{ 0x0f, 9, 1, 0, 0 },
	{ 0x7b, 6, 0, 32, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0xbf, 3, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x16, 0, 0, 102, 0 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 9, 10, -32, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 20, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 15, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 10, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 5, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x15, 0, 0, 185, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0x79, 3, 6, 40, 0 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 9, 0, 0, -16 },
	{ 0xb4, 1, 0, 0, -16 },
	{ 0x16, 0, 0, 1, 0 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 6, 1, 24, 0 },
	{ 0x16, 0, 0, 146, 0 },
	{ 0xb4, 1, 0, 0, -125 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 64 },
	{ 0x16, 1, 0, 22, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -32, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 2, 0, 0, 0 },
	{ 0xb4, 3, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 3, 2, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 1, 3, 0, 0 },
	{ 0x56, 1, 0, 104, -2 },
	{ 0xb4, 1, 0, 0, -2 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 8 },
	{ 0x16, 1, 0, 102, 0 },
	{ 0x05, 0, 0, 117, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 9, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 9, 2, 0, 0 },
	{ 0x56, 9, 0, 100, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -32, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 2, 0, 0, 0 },
	{ 0xb4, 3, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 3, 2, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 1, 3, 0, 0 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0xb4, 9, 0, 0, 0 },
	{ 0x05, 0, 0, 85, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 5, 0, 0, -16 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x16, 1, 0, 2, 0 },
	{ 0x79, 1, 6, 16, 0 },
	{ 0x1d, 1, 0, -538, 0 },
	{ 0x79, 4, 6, 40, 0 },
	{ 0x1d, 4, 0, -540, 0 },
	{ 0x79, 1, 6, 48, 0 },
	{ 0x2d, 1, 0, 2, 0 },
	{ 0x79, 1, 6, 56, 0 },
	{ 0x3d, 1, 0, -544, 0 },
	{ 0x7b, 6, 0, 32, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0xbf, 3, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x56, 0, 0, -123, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 5, 0, 0, -16 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x16, 1, 0, 2, 0 },
	{ 0x79, 1, 6, 16, 0 },
	{ 0x1d, 1, 0, -559, 0 },
	{ 0x79, 4, 6, 40, 0 },
	{ 0x1d, 4, 0, -561, 0 },
	{ 0x79, 1, 6, 48, 0 },
	{ 0x2d, 1, 0, 2, 0 },
	{ 0x79, 1, 6, 56, 0 },
	{ 0x3d, 1, 0, -565, 0 },
	{ 0x7b, 6, 0, 32, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0xbf, 3, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x56, 0, 0, -144, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 5, 0, 0, -16 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x16, 1, 0, 2, 0 },
	{ 0x79, 1, 6, 16, 0 },
	{ 0x1d, 1, 0, -580, 0 },
	{ 0x79, 4, 6, 40, 0 },
	{ 0x1d, 4, 0, -582, 0 },
	{ 0x79, 1, 6, 48, 0 },
	{ 0x2d, 1, 0, 2, 0 },
	{ 0x79, 1, 6, 56, 0 },
	{ 0x3d, 1, 0, -586, 0 },
	{ 0x7b, 6, 0, 32, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0xbf, 3, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 5, 0, 0, -11 },
	{ 0x16, 0, 0, -593, 0 },
	{ 0x05, 0, 0, -167, 0 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0xbc, 9, 1, 0, 0 },
	{ 0x16, 1, 0, 1, 0 },
	{ 0x05, 0, 0, 15, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 9, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 9, 2, 0, 0 },
	{ 0x79, 1, 10, -24, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x16, 1, 0, 14, 0 },
	{ 0x79, 3, 6, 40, 0 },
	{ 0x79, 2, 6, 32, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x05, 0, 0, 9, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xbf, 9, 0, 0, 0 },
	{ 0xb4, 5, 0, 0, -11 },
	{ 0x16, 9, 0, 5, -16 },
	{ 0x16, 9, 0, 4, -110 },
	{ 0x16, 9, 0, 3, -35 },
	{ 0xb4, 7, 0, 0, 0 },
	{ 0xbc, 5, 9, 0, 0 },
	{ 0x16, 9, 0, 5, 0 },
	{ 0x79, 3, 6, 16, 0 },
	{ 0x79, 2, 6, 8, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0xbc, 7, 5, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x63, 6, 7, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xb4, 1, 0, 0, -2 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0xb4, 9, 0, 0, -16 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x61, 1, 1, 0, 0 },
	{ 0x54, 1, 0, 0, 8 },
	{ 0x16, 1, 0, -50, 0 },
	{ 0x05, 0, 0, -35, 0 },
};

static const struct patch linked_patches[] = {
	{ 2, PATCH_is_allowed },
	{ 7, PATCH_requests },
	{ 22, PATCH_requests },
	{ 24, PATCH_callback },
	{ 45, PATCH_touch },
	{ 48, PATCH_touch_linked },
	{ 49, PATCH_is_frozen },
	{ 61, PATCH_is_linked_frozen },
	{ 66, PATCH_target },
	{ 72, PATCH_target },
	{ 78, PATCH_target },
	{ 84, PATCH_target },
	{ 90, PATCH_target },
	{ 102, PATCH_hold_cpu },
	{ 111, PATCH_value_at },
	{ 116, PATCH_copy_if_wanted },
	{ 118, PATCH_expected_at },
	{ 123, PATCH_is_equal },
	{ 130, PATCH_linked_key_at },
	{ 134, PATCH_linked_target },
	{ 140, PATCH_linked_target },
	{ 146, PATCH_linked_target },
	{ 152, PATCH_linked_target },
	{ 158, PATCH_linked_target },
	{ 171, PATCH_target },
	{ 189, PATCH_expected_at },
	{ 195, PATCH_claim },
	{ 197, PATCH_target },
	{ 202, PATCH_target },
	{ 207, PATCH_target },
	{ 212, PATCH_target },
	{ 217, PATCH_target },
	{ 223, PATCH_value_at },
	{ 228, PATCH_copy_if_wanted },
	{ 232, PATCH_is_claimed },
	{ 239, PATCH_linked_key_at },
	{ 243, PATCH_linked_target },
	{ 249, PATCH_linked_target },
	{ 255, PATCH_linked_target },
	{ 261, PATCH_linked_target },
	{ 267, PATCH_linked_target },
	{ 281, PATCH_target },
	{ 291, PATCH_target },
	{ 315, PATCH_linked_expected_at },
	{ 320, PATCH_claim_linked },
	{ 335, PATCH_linked_expected_at },
	{ 340, PATCH_is_linked_equal },
	{ 352, PATCH_linked_target },
	{ 373, PATCH_target },
	{ 398, PATCH_linked_expected_at },
	{ 403, PATCH_claim_linked },
	{ 419, PATCH_linked_expected_at },
	{ 424, PATCH_is_linked_equal },
	{ 437, PATCH_linked_target },
	{ 459, PATCH_target },
	{ 472, PATCH_target },
	{ 485, PATCH_target },
	{ 499, PATCH_linked_target },
	{ 519, PATCH_target },
	{ 533, PATCH_target },
	{ 546, PATCH_target },
	{ 560, PATCH_linked_target },
	{ 576, PATCH_target },
	{ 587, PATCH_linked_word },
	{ 601, PATCH_linked_expected_at },
	{ 609, PATCH_claim_linked_word },
	{ 614, PATCH_linked_target },
	{ 619, PATCH_linked_target },
	{ 624, PATCH_linked_target },
	{ 629, PATCH_linked_target },
	{ 634, PATCH_linked_target },
	{ 639, PATCH_linked_expected_at },
	{ 645, PATCH_is_linked_claimed },
	{ 659, PATCH_linked_target },
	{ 681, PATCH_target },
	{ 695, PATCH_linked_target },
	{ 713, PATCH_linked_word },
	{ 730, PATCH_claim_linked_word },
	{ 733, PATCH_linked_word },
	{ 750, PATCH_claim_linked_word },
	{ 753, PATCH_linked_word },
	{ 770, PATCH_claim_linked_word },
	{ 779, PATCH_target },
	{ 798, PATCH_give_linked_back },
	{ 810, PATCH_linked_word },
	{ 824, PATCH_linked_expected_at },
	{ 832, PATCH_claim_linked_word },
	{ 837, PATCH_linked_target },
	{ 843, PATCH_linked_target },
	{ 848, PATCH_linked_target },
	{ 853, PATCH_linked_target },
	{ 858, PATCH_linked_target },
	{ 863, PATCH_linked_expected_at },
	{ 869, PATCH_is_linked_claimed },
	{ 883, PATCH_linked_target },
	{ 905, PATCH_target },
	{ 919, PATCH_linked_target },
	{ 937, PATCH_linked_word },
	{ 955, PATCH_claim_linked_word },
	{ 958, PATCH_linked_word },
	{ 976, PATCH_claim_linked_word },
	{ 979, PATCH_linked_word },
	{ 997, PATCH_claim_linked_word },
	{ 1006, PATCH_target },
	{ 1025, PATCH_give_linked_back },
	{ 1027, PATCH_target },
	{ 1043, PATCH_give_back },
	{ 1044, PATCH_release_cpu },
};

static const __u32 linked_starts[] = { 0, 34, };

static const struct bpf_insn update_insns[] = {
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 10, 1, -4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, 1 },
	{ 0x16, 0, 0, 27, 0 },
	{ 0xbf, 2, 10, 0, 0 },
	{ 0x07, 2, 0, 0, -4 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 6, 0, 0, 0 },
	{ 0xb4, 1, 0, 0, 2 },
	{ 0x15, 6, 0, 19, 0 },
	{ 0x61, 0, 6, 4, 0 },
	{ 0x63, 10, 0, -8, 0 },
	{ 0xc6, 0, 0, 16, 1 },
	{ 0xb4, 2, 0, 0, 0 },
	{ 0xc3, 6, 2, 4, 241 },
	{ 0x61, 2, 10, -8, 0 },
	{ 0x5e, 0, 2, 12, 0 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -8 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 34 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 164 },
	{ 0x61, 1, 10, -8, 0 },
	{ 0x84, 1, 0, 0, 0 },
	{ 0xc3, 6, 1, 4, 225 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0xbc, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 7, 4, 0, 0 },
	{ 0xbf, 6, 3, 0, 0 },
	{ 0xbf, 8, 2, 0, 0 },
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x61, 2, 6, 0, 0 },
	{ 0x61, 1, 7, 0, 0 },
	{ 0x5e, 2, 1, 76, 0 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0xbc, 3, 1, 0, 0 },
	{ 0x54, 3, 0, 0, 15 },
	{ 0x56, 3, 0, 4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0x61, 2, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, -1 },
	{ 0x56, 0, 0, 63, 0 },
	{ 0x61, 1, 6, 12, 0 },
	{ 0x16, 1, 0, 42, 0 },
	{ 0xbf, 7, 6, 0, 0 },
	{ 0x07, 7, 0, 0, 16 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 21, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 16, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 11, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 6, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xb4, 1, 0, 0, -2 },
	{ 0x15, 0, 0, 33, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, -16 },
	{ 0x16, 0, 0, 19, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 3, 6, 0, 0 },
	{ 0x0f, 3, 1, 0, 0 },
	{ 0x61, 4, 6, 8, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x07, 2, 0, 0, 16 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 2 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 2, 0, 0, 0 },
	{ 0xb4, 3, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 3, 2, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 1, 3, 0, 0 },
	{ 0x63, 6, 1, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct patch update_patches[] = {
	{ 2, PATCH_is_allowed },
	{ 7, PATCH_requests },
	{ 22, PATCH_requests },
	{ 24, PATCH_callback },
	{ 45, PATCH_touch },
	{ 48, PATCH_touch_linked },
	{ 49, PATCH_is_frozen },
	{ 56, PATCH_target },
	{ 61, PATCH_target },
	{ 66, PATCH_target },
	{ 71, PATCH_target },
	{ 76, PATCH_target },
	{ 82, PATCH_value_at },
	{ 87, PATCH_copy_if_wanted },
	{ 88, PATCH_expected_at },
	{ 93, PATCH_is_equal },
	{ 96, PATCH_new_at },
	{ 103, PATCH_target },
};

static const __u32 update_starts[] = { 0, 34, };

static const struct bpf_insn word_insns[] = {
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 10, 1, -4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, 1 },
	{ 0x16, 0, 0, 27, 0 },
	{ 0xbf, 2, 10, 0, 0 },
	{ 0x07, 2, 0, 0, -4 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 6, 0, 0, 0 },
	{ 0xb4, 1, 0, 0, 2 },
	{ 0x15, 6, 0, 19, 0 },
	{ 0x61, 0, 6, 4, 0 },
	{ 0x63, 10, 0, -8, 0 },
	{ 0xc6, 0, 0, 16, 1 },
	{ 0xb4, 2, 0, 0, 0 },
	{ 0xc3, 6, 2, 4, 241 },
	{ 0x61, 2, 10, -8, 0 },
	{ 0x5e, 0, 2, 12, 0 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -8 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 34 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 164 },
	{ 0x61, 1, 10, -8, 0 },
	{ 0x84, 1, 0, 0, 0 },
	{ 0xc3, 6, 1, 4, 225 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0xbc, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 7, 4, 0, 0 },
	{ 0xbf, 6, 3, 0, 0 },
	{ 0xbf, 8, 2, 0, 0 },
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x61, 2, 6, 0, 0 },
	{ 0x61, 1, 7, 0, 0 },
	{ 0x5e, 2, 1, 27, 0 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0xbc, 3, 1, 0, 0 },
	{ 0x54, 3, 0, 0, 15 },
	{ 0x56, 3, 0, 4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0x61, 2, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, -1 },
	{ 0x56, 0, 0, 14, 0 },
	{ 0x7b, 10, 6, -8, 0 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 6, 1, 8, 0 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -8 },
	{ 0xb4, 1, 0, 0, 64 },
	{ 0x18, 2, 0, 0, 69 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 181 },
	{ 0x61, 2, 6, 0, 0 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x66, 2, 0, 1, 0 },
	{ 0xbc, 1, 2, 0, 0 },
	{ 0x63, 6, 1, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0x79, 6, 2, 0, 0 },
	{ 0xbf, 8, 6, 0, 0 },
	{ 0x07, 8, 0, 0, 88 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0x55, 7, 0, 25, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0x55, 7, 0, 19, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0x55, 7, 0, 13, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0x55, 7, 0, 7, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0xb4, 1, 0, 0, -2 },
	{ 0x15, 7, 0, 70, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 6, 16, 0 },
	{ 0x7b, 10, 1, -16, 0 },
	{ 0x79, 1, 6, 24, 0 },
	{ 0x7b, 10, 1, -40, 0 },
	{ 0x79, 1, 6, 32, 0 },
	{ 0x7b, 10, 1, -32, 0 },
	{ 0x79, 1, 6, 40, 0 },
	{ 0x7b, 10, 1, -24, 0 },
	{ 0x79, 1, 6, 48, 0 },
	{ 0x7b, 10, 0, -8, 0 },
	{ 0xaf, 1, 0, 0, 0 },
	{ 0x79, 2, 6, 56, 0 },
	{ 0x5f, 1, 2, 0, 0 },
	{ 0xb4, 9, 0, 0, 1 },
	{ 0x55, 1, 0, 9, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 9, 0, 0, 1 },
	{ 0x16, 0, 0, 1, 0 },
	{ 0xb4, 9, 0, 0, 0 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0xc3, 6, 1, 12, 225 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x5d, 0, 7, 41, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x5d, 0, 7, 36, 0 },
	{ 0x54, 9, 0, 0, 1 },
	{ 0x79, 8, 10, -8, 0 },
	{ 0x79, 4, 10, -16, 0 },
	{ 0x56, 9, 0, 14, 0 },
	{ 0x79, 1, 6, 64, 0 },
	{ 0x2d, 1, 8, 2, 0 },
	{ 0x79, 2, 6, 72, 0 },
	{ 0x3d, 2, 8, 10, 0 },
	{ 0x5f, 4, 8, 0, 0 },
	{ 0x79, 2, 10, -40, 0 },
	{ 0xaf, 4, 2, 0, 0 },
	{ 0x79, 2, 10, -32, 0 },
	{ 0x0f, 4, 2, 0, 0 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x5f, 4, 2, 0, 0 },
	{ 0x2d, 1, 4, 8, 0 },
	{ 0x79, 1, 6, 72, 0 },
	{ 0xad, 1, 4, 6, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, -16 },
	{ 0x1d, 0, 8, 10, 0 },
	{ 0xb4, 1, 0, 0, 2 },
	{ 0x05, 0, 0, 8, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0xbf, 3, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, 2 },
	{ 0x16, 0, 0, 2, 0 },
	{ 0x7b, 6, 8, 80, 0 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 6, 1, 0, 0 },
	{ 0xb4, 0, 0, 0, 1 },
	{ 0x56, 1, 0, 8, 2 },
	{ 0x05, 0, 0, 6, 0 },
	{ 0xb4, 0, 0, 0, 1 },
	{ 0x63, 6, 0, 0, 0 },
	{ 0x61, 1, 6, 8, 0 },
	{ 0x04, 1, 0, 0, 1 },
	{ 0x63, 6, 1, 8, 0 },
	{ 0x26, 1, 0, 1, 3 },
	{ 0xb4, 0, 0, 0, 0 },
	{ 0x57, 0, 0, 0, 1 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct patch word_patches[] = {
	{ 2, PATCH_is_allowed },
	{ 7, PATCH_requests },
	{ 22, PATCH_requests },
	{ 24, PATCH_callback },
	{ 45, PATCH_touch },
	{ 48, PATCH_touch_linked },
	{ 49, PATCH_is_frozen },
	{ 58, PATCH_callback },
	{ 72, PATCH_target },
	{ 78, PATCH_target },
	{ 84, PATCH_target },
	{ 90, PATCH_target },
	{ 96, PATCH_target },
	{ 104, PATCH_word_of },
	{ 120, PATCH_expected_at },
	{ 125, PATCH_is_equal },
	{ 131, PATCH_target },
	{ 136, PATCH_target },
	{ 160, PATCH_word_of },
	{ 168, PATCH_claim_word },
};

static const __u32 word_starts[] = { 0, 34, 69, };

static const struct bpf_insn bytes_insns[] = {
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 10, 1, -4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, 1 },
	{ 0x16, 0, 0, 27, 0 },
	{ 0xbf, 2, 10, 0, 0 },
	{ 0x07, 2, 0, 0, -4 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 6, 0, 0, 0 },
	{ 0xb4, 1, 0, 0, 2 },
	{ 0x15, 6, 0, 19, 0 },
	{ 0x61, 0, 6, 4, 0 },
	{ 0x63, 10, 0, -8, 0 },
	{ 0xc6, 0, 0, 16, 1 },
	{ 0xb4, 2, 0, 0, 0 },
	{ 0xc3, 6, 2, 4, 241 },
	{ 0x61, 2, 10, -8, 0 },
	{ 0x5e, 0, 2, 12, 0 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -8 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 34 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 164 },
	{ 0x61, 1, 10, -8, 0 },
	{ 0x84, 1, 0, 0, 0 },
	{ 0xc3, 6, 1, 4, 225 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0xbc, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 7, 4, 0, 0 },
	{ 0xbf, 6, 3, 0, 0 },
	{ 0xbf, 8, 2, 0, 0 },
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x61, 2, 6, 0, 0 },
	{ 0x61, 1, 7, 0, 0 },
	{ 0x5e, 2, 1, 27, 0 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0xbc, 3, 1, 0, 0 },
	{ 0x54, 3, 0, 0, 15 },
	{ 0x56, 3, 0, 4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0x61, 2, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, -1 },
	{ 0x56, 0, 0, 14, 0 },
	{ 0x7b, 10, 6, -8, 0 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 6, 1, 8, 0 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -8 },
	{ 0xb4, 1, 0, 0, 64 },
	{ 0x18, 2, 0, 0, 69 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 181 },
	{ 0x61, 2, 6, 0, 0 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x66, 2, 0, 1, 0 },
	{ 0xbc, 1, 2, 0, 0 },
	{ 0x63, 6, 1, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0x79, 1, 2, 0, 0 },
	{ 0x7b, 10, 1, -16, 0 },
	{ 0xbf, 2, 1, 0, 0 },
	{ 0x07, 2, 0, 0, 16 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x7b, 10, 2, -8, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0x55, 7, 0, 25, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -8, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0x55, 7, 0, 19, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -8, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0x55, 7, 0, 13, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -8, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0x55, 7, 0, 7, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -8, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0xb4, 1, 0, 0, -2 },
	{ 0x15, 7, 0, 41, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 9, 10, -16, 0 },
	{ 0xbf, 8, 9, 0, 0 },
	{ 0x0f, 8, 1, 0, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 6, 9, 0, 0 },
	{ 0x0f, 6, 1, 0, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0xbf, 3, 6, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x63, 10, 0, -24, 0 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0xc3, 9, 1, 12, 225 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -8, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x5d, 0, 7, 25, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -8, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x5d, 0, 7, 20, 0 },
	{ 0xb4, 1, 0, 0, -16 },
	{ 0x61, 2, 10, -24, 0 },
	{ 0x16, 2, 0, 12, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 4, 10, -16, 0 },
	{ 0x0f, 4, 1, 0, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0xbf, 3, 6, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, 1 },
	{ 0x16, 0, 0, 1, 0 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x64, 1, 0, 0, 1 },
	{ 0x79, 2, 10, -16, 0 },
	{ 0x63, 2, 1, 0, 0 },
	{ 0xb4, 0, 0, 0, 1 },
	{ 0x56, 1, 0, 8, 2 },
	{ 0x05, 0, 0, 6, 0 },
	{ 0xb4, 0, 0, 0, 1 },
	{ 0x63, 9, 0, 0, 0 },
	{ 0x61, 1, 9, 8, 0 },
	{ 0x04, 1, 0, 0, 1 },
	{ 0x63, 9, 1, 8, 0 },
	{ 0x26, 1, 0, 1, 3 },
	{ 0xb4, 0, 0, 0, 0 },
	{ 0x57, 0, 0, 0, 1 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct patch bytes_patches[] = {
	{ 2, PATCH_is_allowed },
	{ 7, PATCH_requests },
	{ 22, PATCH_requests },
	{ 24, PATCH_callback },
	{ 45, PATCH_touch },
	{ 48, PATCH_touch_linked },
	{ 49, PATCH_is_frozen },
	{ 58, PATCH_callback },
	{ 73, PATCH_target },
	{ 79, PATCH_target },
	{ 85, PATCH_target },
	{ 91, PATCH_target },
	{ 97, PATCH_target },
	{ 104, PATCH_expected_at },
	{ 109, PATCH_old_at },
	{ 116, PATCH_read_bytes },
	{ 120, PATCH_target },
	{ 125, PATCH_target },
	{ 133, PATCH_new_at },
	{ 140, PATCH_exchange_bytes },
};

static const __u32 bytes_starts[] = { 0, 34, 69, };

static const struct bpf_insn touch_insns[] = {
	{ 0x63, 10, 2, -144, 0 },
	{ 0x63, 10, 1, -136, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x0f, 1, 2, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 9, 8, 0, 0 },
	{ 0x0f, 9, 1, 0, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x0f, 8, 1, 0, 0 },
	{ 0x79, 2, 0, 0, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0x7b, 10, 2, -152, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 6, 0, 0, 0 },
	{ 0xbf, 1, 9, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x18, 9, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0c, 9, 1, 0, 0 },
	{ 0xb7, 7, 0, 0, 0 },
	{ 0x7b, 10, 7, -8, 0 },
	{ 0x7b, 10, 7, -16, 0 },
	{ 0x7b, 10, 7, -24, 0 },
	{ 0x7b, 10, 7, -32, 0 },
	{ 0x7b, 10, 7, -40, 0 },
	{ 0x7b, 10, 7, -48, 0 },
	{ 0x7b, 10, 7, -56, 0 },
	{ 0x7b, 10, 7, -64, 0 },
	{ 0x7b, 10, 7, -72, 0 },
	{ 0x7b, 10, 7, -80, 0 },
	{ 0x7b, 10, 7, -88, 0 },
	{ 0x7b, 10, 7, -96, 0 },
	{ 0x7b, 10, 7, -104, 0 },
	{ 0x7b, 10, 7, -112, 0 },
	{ 0x7b, 10, 7, -120, 0 },
	{ 0x7b, 10, 7, -128, 0 },
	{ 0x04, 6, 0, 0, -1 },
	{ 0x63, 10, 6, -160, 0 },
	{ 0x04, 9, 0, 0, -559038737 },
	{ 0x05, 0, 0, 77, 0 },
	{ 0xa6, 4, 0, 5, 5 },
	{ 0x61, 4, 0, 4, 0 },
	{ 0x5c, 4, 5, 0, 0 },
	{ 0x0c, 4, 2, 0, 0 },
	{ 0xb4, 5, 0, 0, -1 },
	{ 0xbc, 2, 4, 0, 0 },
	{ 0xbc, 4, 2, 0, 0 },
	{ 0x74, 4, 0, 0, 18 },
	{ 0xbc, 6, 2, 0, 0 },
	{ 0x64, 6, 0, 0, 14 },
	{ 0x4c, 6, 4, 0, 0 },
	{ 0xbc, 4, 2, 0, 0 },
	{ 0xac, 4, 3, 0, 0 },
	{ 0x1c, 4, 6, 0, 0 },
	{ 0xbc, 3, 4, 0, 0 },
	{ 0x74, 3, 0, 0, 21 },
	{ 0xbc, 6, 4, 0, 0 },
	{ 0x64, 6, 0, 0, 11 },
	{ 0x4c, 6, 3, 0, 0 },
	{ 0x61, 3, 0, 0, 0 },
	{ 0x5c, 3, 5, 0, 0 },
	{ 0x0c, 3, 1, 0, 0 },
	{ 0xac, 3, 4, 0, 0 },
	{ 0x1c, 3, 6, 0, 0 },
	{ 0xbc, 1, 3, 0, 0 },
	{ 0x74, 1, 0, 0, 7 },
	{ 0xbc, 0, 3, 0, 0 },
	{ 0x64, 0, 0, 0, 25 },
	{ 0x4c, 0, 1, 0, 0 },
	{ 0xbf, 5, 7, 0, 0 },
	{ 0x67, 5, 0, 0, 3 },
	{ 0xbf, 1, 10, 0, 0 },
	{ 0x07, 1, 0, 0, -128 },
	{ 0x0f, 1, 5, 0, 0 },
	{ 0xbc, 5, 3, 0, 0 },
	{ 0xac, 5, 2, 0, 0 },
	{ 0x1c, 5, 0, 0, 0 },
	{ 0xbc, 2, 5, 0, 0 },
	{ 0x74, 2, 0, 0, 16 },
	{ 0xbc, 0, 5, 0, 0 },
	{ 0x64, 0, 0, 0, 16 },
	{ 0x4c, 0, 2, 0, 0 },
	{ 0xbc, 2, 5, 0, 0 },
	{ 0xac, 2, 4, 0, 0 },
	{ 0x1c, 2, 0, 0, 0 },
	{ 0xbc, 4, 2, 0, 0 },
	{ 0x74, 4, 0, 0, 28 },
	{ 0xbc, 0, 2, 0, 0 },
	{ 0x64, 0, 0, 0, 4 },
	{ 0x4c, 0, 4, 0, 0 },
	{ 0xbc, 4, 2, 0, 0 },
	{ 0xac, 4, 3, 0, 0 },
	{ 0x1c, 4, 0, 0, 0 },
	{ 0xbc, 3, 4, 0, 0 },
	{ 0x74, 3, 0, 0, 18 },
	{ 0xbc, 0, 4, 0, 0 },
	{ 0x64, 0, 0, 0, 14 },
	{ 0x4c, 0, 3, 0, 0 },
	{ 0xac, 4, 5, 0, 0 },
	{ 0x1c, 4, 0, 0, 0 },
	{ 0xbc, 3, 4, 0, 0 },
	{ 0x74, 3, 0, 0, 8 },
	{ 0xbc, 5, 4, 0, 0 },
	{ 0x64, 5, 0, 0, 24 },
	{ 0x4c, 5, 3, 0, 0 },
	{ 0xac, 4, 2, 0, 0 },
	{ 0x1c, 4, 5, 0, 0 },
	{ 0x61, 2, 10, -160, 0 },
	{ 0x5c, 4, 2, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x2f, 4, 2, 0, 0 },
	{ 0x79, 2, 10, -152, 0 },
	{ 0x0f, 2, 4, 0, 0 },
	{ 0x7b, 1, 2, 0, 0 },
	{ 0x07, 7, 0, 0, 1 },
	{ 0x15, 7, 0, 100, 16 },
	{ 0xbc, 1, 7, 0, 0 },
	{ 0x61, 2, 10, -136, 0 },
	{ 0x0c, 1, 2, 0, 0 },
	{ 0x63, 10, 1, -132, 0 },
	{ 0xbf, 2, 10, 0, 0 },
	{ 0x07, 2, 0, 0, -132 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x15, 0, 0, 90, 0 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x61, 2, 10, -144, 0 },
	{ 0x5e, 1, 2, 87, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x0f, 0, 1, 0, 0 },
	{ 0x18, 4, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbc, 1, 9, 0, 0 },
	{ 0xbc, 2, 9, 0, 0 },
	{ 0xbc, 3, 9, 0, 0 },
	{ 0xa6, 4, 0, 65, 13 },
	{ 0x18, 4, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbc, 8, 9, 0, 0 },
	{ 0xbc, 5, 9, 0, 0 },
	{ 0xbc, 6, 9, 0, 0 },
	{ 0x61, 3, 0, 8, 0 },
	{ 0x0c, 3, 8, 0, 0 },
	{ 0xbc, 1, 3, 0, 0 },
	{ 0x74, 1, 0, 0, 28 },
	{ 0xbc, 2, 3, 0, 0 },
	{ 0x64, 2, 0, 0, 4 },
	{ 0x4c, 2, 1, 0, 0 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0c, 1, 6, 0, 0 },
	{ 0x1c, 1, 3, 0, 0 },
	{ 0xac, 1, 2, 0, 0 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x74, 2, 0, 0, 26 },
	{ 0xbc, 6, 1, 0, 0 },
	{ 0x64, 6, 0, 0, 6 },
	{ 0x4c, 6, 2, 0, 0 },
	{ 0x61, 2, 0, 4, 0 },
	{ 0x0c, 2, 5, 0, 0 },
	{ 0x0c, 3, 2, 0, 0 },
	{ 0x1c, 2, 1, 0, 0 },
	{ 0xac, 2, 6, 0, 0 },
	{ 0xbc, 5, 2, 0, 0 },
	{ 0x74, 5, 0, 0, 24 },
	{ 0xbc, 6, 2, 0, 0 },
	{ 0x64, 6, 0, 0, 8 },
	{ 0x4c, 6, 5, 0, 0 },
	{ 0x0c, 1, 3, 0, 0 },
	{ 0x1c, 3, 2, 0, 0 },
	{ 0xac, 3, 6, 0, 0 },
	{ 0xbc, 5, 3, 0, 0 },
	{ 0x74, 5, 0, 0, 16 },
	{ 0xbc, 6, 3, 0, 0 },
	{ 0x64, 6, 0, 0, 16 },
	{ 0x4c, 6, 5, 0, 0 },
	{ 0x0c, 2, 1, 0, 0 },
	{ 0x1c, 1, 3, 0, 0 },
	{ 0xac, 1, 6, 0, 0 },
	{ 0xbc, 5, 1, 0, 0 },
	{ 0x74, 5, 0, 0, 13 },
	{ 0xbc, 6, 1, 0, 0 },
	{ 0x64, 6, 0, 0, 19 },
	{ 0x4c, 6, 5, 0, 0 },
	{ 0x0c, 3, 2, 0, 0 },
	{ 0x1c, 2, 1, 0, 0 },
	{ 0xac, 2, 6, 0, 0 },
	{ 0xbc, 5, 2, 0, 0 },
	{ 0x74, 5, 0, 0, 28 },
	{ 0xbc, 6, 2, 0, 0 },
	{ 0x64, 6, 0, 0, 4 },
	{ 0x4c, 6, 5, 0, 0 },
	{ 0x0c, 1, 3, 0, 0 },
	{ 0x1c, 3, 2, 0, 0 },
	{ 0xac, 3, 6, 0, 0 },
	{ 0x07, 0, 0, 0, 12 },
	{ 0x0c, 2, 1, 0, 0 },
	{ 0x04, 4, 0, 0, -12 },
	{ 0xbc, 8, 3, 0, 0 },
	{ 0xbc, 5, 2, 0, 0 },
	{ 0xbc, 6, 1, 0, 0 },
	{ 0x26, 4, 0, -60, 12 },
	{ 0xbc, 6, 4, 0, 0 },
	{ 0x64, 6, 0, 0, 3 },
	{ 0x84, 6, 0, 0, 0 },
	{ 0x54, 6, 0, 0, 24 },
	{ 0xb4, 5, 0, 0, -1 },
	{ 0x7c, 5, 6, 0, 0 },
	{ 0xa6, 4, 0, -171, 9 },
	{ 0x61, 4, 0, 8, 0 },
	{ 0x5c, 4, 5, 0, 0 },
	{ 0x0c, 4, 3, 0, 0 },
	{ 0xb4, 5, 0, 0, -1 },
	{ 0xbc, 3, 4, 0, 0 },
	{ 0x05, 0, 0, -176, 0 },
	{ 0x79, 1, 10, -128, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -128, 0 },
	{ 0x79, 1, 10, -120, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -120, 0 },
	{ 0x79, 1, 10, -112, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -112, 0 },
	{ 0x79, 1, 10, -104, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -104, 0 },
	{ 0x79, 1, 10, -96, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -96, 0 },
	{ 0x79, 1, 10, -88, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -88, 0 },
	{ 0x79, 1, 10, -80, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -80, 0 },
	{ 0x79, 1, 10, -72, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -72, 0 },
	{ 0x79, 1, 10, -64, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -64, 0 },
	{ 0x79, 1, 10, -56, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -56, 0 },
	{ 0x79, 1, 10, -48, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -48, 0 },
	{ 0x79, 1, 10, -40, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -40, 0 },
	{ 0x79, 1, 10, -32, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -32, 0 },
	{ 0x79, 1, 10, -24, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -24, 0 },
	{ 0x79, 1, 10, -16, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -16, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -8, 0 },
	{ 0x79, 6, 10, -128, 0 },
	{ 0x18, 7, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x18, 8, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x0f, 8, 1, 0, 0 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -120, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -112, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -104, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -96, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -88, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -80, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -72, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -64, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -56, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -48, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -40, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -32, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -24, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -16, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -8, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 0, 0, 0 },
	{ 0x79, 1, 10, -128, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 1, 10, -120, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 1, 10, -112, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 1, 10, -104, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 1, 10, -96, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 1, 10, -88, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 1, 10, -80, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 1, 10, -72, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 1, 10, -64, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 1, 10, -56, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 1, 10, -48, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 1, 10, -40, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 1, 10, -32, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 1, 10, -24, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 1, 10, -16, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 7, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x15, 7, 0, 339, 0 },
	{ 0x79, 6, 10, -128, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 8, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x07, 8, 0, 0, 8 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -120, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -112, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -104, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -96, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -88, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -80, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -72, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -64, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -56, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -48, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -40, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -32, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -24, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -16, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x79, 6, 10, -8, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x0f, 6, 8, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 0, 0, 0 },
	{ 0xb4, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
};

static const struct patch touch_patches[] = {
	{ 2, PATCH_target },
	{ 4, PATCH_hashtab_word_type },
	{ 6, PATCH_cast },
	{ 8, PATCH_hashtab_buckets },
	{ 12, PATCH_hashtab_word_type },
	{ 14, PATCH_cast },
	{ 15, PATCH_hashtab_seed },
	{ 19, PATCH_hashtab_n_buckets },
	{ 23, PATCH_hashtab_head },
	{ 28, PATCH_hashtab_word_type },
	{ 30, PATCH_cast },
	{ 33, PATCH_hashtab_word_type },
	{ 35, PATCH_cast },
	{ 36, PATCH_key_size },
	{ 130, PATCH_hashtab_bucket_size },
	{ 144, PATCH_requests },
	{ 151, PATCH_key_at },
	{ 154, PATCH_key_size },
	{ 160, PATCH_key_size },
	{ 239, PATCH_hashtab_word_type },
	{ 241, PATCH_cast },
	{ 245, PATCH_hashtab_word_type },
	{ 247, PATCH_cast },
	{ 251, PATCH_hashtab_word_type },
	{ 253, PATCH_cast },
	{ 257, PATCH_hashtab_word_type },
	{ 259, PATCH_cast },
	{ 263, PATCH_hashtab_word_type },
	{ 265, PATCH_cast },
	{ 269, PATCH_hashtab_word_type },
	{ 271, PATCH_cast },
	{ 275, PATCH_hashtab_word_type },
	{ 277, PATCH_cast },
	{ 281, PATCH_hashtab_word_type },
	{ 283, PATCH_cast },
	{ 287, PATCH_hashtab_word_type },
	{ 289, PATCH_cast },
	{ 293, PATCH_hashtab_word_type },
	{ 295, PATCH_cast },
	{ 299, PATCH_hashtab_word_type },
	{ 301, PATCH_cast },
	{ 305, PATCH_hashtab_word_type },
	{ 307, PATCH_cast },
	{ 311, PATCH_hashtab_word_type },
	{ 313, PATCH_cast },
	{ 317, PATCH_hashtab_word_type },
	{ 319, PATCH_cast },
	{ 323, PATCH_hashtab_word_type },
	{ 325, PATCH_cast },
	{ 329, PATCH_hashtab_word_type },
	{ 331, PATCH_cast },
	{ 335, PATCH_hashtab_elem_hash },
	{ 339, PATCH_hashtab_word_type },
	{ 341, PATCH_cast },
	{ 342, PATCH_key_size },
	{ 344, PATCH_hashtab_elem_key },
	{ 350, PATCH_hashtab_word_type },
	{ 352, PATCH_cast },
	{ 357, PATCH_hashtab_word_type },
	{ 359, PATCH_cast },
	{ 363, PATCH_hashtab_word_type },
	{ 365, PATCH_cast },
	{ 370, PATCH_hashtab_word_type },
	{ 372, PATCH_cast },
	{ 376, PATCH_hashtab_word_type },
	{ 378, PATCH_cast },
	{ 383, PATCH_hashtab_word_type },
	{ 385, PATCH_cast },
	{ 389, PATCH_hashtab_word_type },
	{ 391, PATCH_cast },
	{ 396, PATCH_hashtab_word_type },
	{ 398, PATCH_cast },
	{ 402, PATCH_hashtab_word_type },
	{ 404, PATCH_cast },
	{ 409, PATCH_hashtab_word_type },
	{ 411, PATCH_cast },
	{ 415, PATCH_hashtab_word_type },
	{ 417, PATCH_cast },
	{ 422, PATCH_hashtab_word_type },
	{ 424, PATCH_cast },
	{ 428, PATCH_hashtab_word_type },
	{ 430, PATCH_cast },
	{ 435, PATCH_hashtab_word_type },
	{ 437, PATCH_cast },
	{ 441, PATCH_hashtab_word_type },
	{ 443, PATCH_cast },
	{ 448, PATCH_hashtab_word_type },
	{ 450, PATCH_cast },
	{ 454, PATCH_hashtab_word_type },
	{ 456, PATCH_cast },
	{ 461, PATCH_hashtab_word_type },
	{ 463, PATCH_cast },
	{ 467, PATCH_hashtab_word_type },
	{ 469, PATCH_cast },
	{ 474, PATCH_hashtab_word_type },
	{ 476, PATCH_cast },
	{ 480, PATCH_hashtab_word_type },
	{ 482, PATCH_cast },
	{ 487, PATCH_hashtab_word_type },
	{ 489, PATCH_cast },
	{ 493, PATCH_hashtab_word_type },
	{ 495, PATCH_cast },
	{ 500, PATCH_hashtab_word_type },
	{ 502, PATCH_cast },
	{ 506, PATCH_hashtab_word_type },
	{ 508, PATCH_cast },
	{ 513, PATCH_hashtab_word_type },
	{ 515, PATCH_cast },
	{ 519, PATCH_hashtab_word_type },
	{ 521, PATCH_cast },
	{ 526, PATCH_hashtab_word_type },
	{ 528, PATCH_cast },
	{ 532, PATCH_hashtab_word_type },
	{ 534, PATCH_cast },
	{ 539, PATCH_hashtab_word_type },
	{ 541, PATCH_cast },
	{ 545, PATCH_hashtab_word_type },
	{ 547, PATCH_cast },
	{ 550, PATCH_hashtab_word_type },
	{ 552, PATCH_cast },
	{ 555, PATCH_hashtab_word_type },
	{ 557, PATCH_cast },
	{ 560, PATCH_hashtab_word_type },
	{ 562, PATCH_cast },
	{ 565, PATCH_hashtab_word_type },
	{ 567, PATCH_cast },
	{ 570, PATCH_hashtab_word_type },
	{ 572, PATCH_cast },
	{ 575, PATCH_hashtab_word_type },
	{ 577, PATCH_cast },
	{ 580, PATCH_hashtab_word_type },
	{ 582, PATCH_cast },
	{ 585, PATCH_hashtab_word_type },
	{ 587, PATCH_cast },
	{ 590, PATCH_hashtab_word_type },
	{ 592, PATCH_cast },
	{ 595, PATCH_hashtab_word_type },
	{ 597, PATCH_cast },
	{ 600, PATCH_hashtab_word_type },
	{ 602, PATCH_cast },
	{ 605, PATCH_hashtab_word_type },
	{ 607, PATCH_cast },
	{ 610, PATCH_hashtab_word_type },
	{ 612, PATCH_cast },
	{ 615, PATCH_hashtab_word_type },
	{ 617, PATCH_cast },
	{ 620, PATCH_hashtab_word_type },
	{ 622, PATCH_cast },
	{ 625, PATCH_hashtab_word_type },
	{ 627, PATCH_cast },
	{ 630, PATCH_hashtab_word_type },
	{ 632, PATCH_cast },
	{ 635, PATCH_hashtab_word_type },
	{ 637, PATCH_cast },
	{ 640, PATCH_hashtab_word_type },
	{ 642, PATCH_cast },
	{ 645, PATCH_hashtab_word_type },
	{ 647, PATCH_cast },
	{ 650, PATCH_hashtab_word_type },
	{ 652, PATCH_cast },
	{ 655, PATCH_hashtab_word_type },
	{ 657, PATCH_cast },
	{ 660, PATCH_hashtab_word_type },
	{ 662, PATCH_cast },
	{ 665, PATCH_hashtab_word_type },
	{ 667, PATCH_cast },
	{ 670, PATCH_hashtab_word_type },
	{ 672, PATCH_cast },
	{ 675, PATCH_hashtab_word_type },
	{ 677, PATCH_cast },
	{ 680, PATCH_hashtab_word_type },
	{ 682, PATCH_cast },
	{ 685, PATCH_hashtab_word_type },
	{ 687, PATCH_cast },
	{ 690, PATCH_hashtab_word_type },
	{ 692, PATCH_cast },
	{ 695, PATCH_hashtab_word_type },
	{ 697, PATCH_cast },
	{ 700, PATCH_hashtab_word_type },
	{ 702, PATCH_cast },
	{ 705, PATCH_hashtab_word_type },
	{ 707, PATCH_cast },
	{ 709, PATCH_hashtab_elem_lru },
	{ 715, PATCH_hashtab_word_type },
	{ 717, PATCH_cast },
	{ 719, PATCH_hashtab_word_type },
	{ 721, PATCH_cast },
	{ 723, PATCH_hashtab_elem_lru },
	{ 728, PATCH_hashtab_word_type },
	{ 730, PATCH_cast },
	{ 732, PATCH_hashtab_word_type },
	{ 734, PATCH_cast },
	{ 739, PATCH_hashtab_word_type },
	{ 741, PATCH_cast },
	{ 743, PATCH_hashtab_word_type },
	{ 745, PATCH_cast },
	{ 749, PATCH_hashtab_word_type },
	{ 751, PATCH_cast },
	{ 753, PATCH_hashtab_word_type },
	{ 755, PATCH_cast },
	{ 760, PATCH_hashtab_word_type },
	{ 762, PATCH_cast },
	{ 764, PATCH_hashtab_word_type },
	{ 766, PATCH_cast },
	{ 770, PATCH_hashtab_word_type },
	{ 772, PATCH_cast },
	{ 774, PATCH_hashtab_word_type },
	{ 776, PATCH_cast },
	{ 781, PATCH_hashtab_word_type },
	{ 783, PATCH_cast },
	{ 785, PATCH_hashtab_word_type },
	{ 787, PATCH_cast },
	{ 791, PATCH_hashtab_word_type },
	{ 793, PATCH_cast },
	{ 795, PATCH_hashtab_word_type },
	{ 797, PATCH_cast },
	{ 802, PATCH_hashtab_word_type },
	{ 804, PATCH_cast },
	{ 806, PATCH_hashtab_word_type },
	{ 808, PATCH_cast },
	{ 812, PATCH_hashtab_word_type },
	{ 814, PATCH_cast },
	{ 816, PATCH_hashtab_word_type },
	{ 818, PATCH_cast },
	{ 823, PATCH_hashtab_word_type },
	{ 825, PATCH_cast },
	{ 827, PATCH_hashtab_word_type },
	{ 829, PATCH_cast },
	{ 833, PATCH_hashtab_word_type },
	{ 835, PATCH_cast },
	{ 837, PATCH_hashtab_word_type },
	{ 839, PATCH_cast },
	{ 844, PATCH_hashtab_word_type },
	{ 846, PATCH_cast },
	{ 848, PATCH_hashtab_word_type },
	{ 850, PATCH_cast },
	{ 854, PATCH_hashtab_word_type },
	{ 856, PATCH_cast },
	{ 858, PATCH_hashtab_word_type },
	{ 860, PATCH_cast },
	{ 865, PATCH_hashtab_word_type },
	{ 867, PATCH_cast },
	{ 869, PATCH_hashtab_word_type },
	{ 871, PATCH_cast },
	{ 875, PATCH_hashtab_word_type },
	{ 877, PATCH_cast },
	{ 879, PATCH_hashtab_word_type },
	{ 881, PATCH_cast },
	{ 886, PATCH_hashtab_word_type },
	{ 888, PATCH_cast },
	{ 890, PATCH_hashtab_word_type },
	{ 892, PATCH_cast },
	{ 896, PATCH_hashtab_word_type },
	{ 898, PATCH_cast },
	{ 900, PATCH_hashtab_word_type },
	{ 902, PATCH_cast },
	{ 907, PATCH_hashtab_word_type },
	{ 909, PATCH_cast },
	{ 911, PATCH_hashtab_word_type },
	{ 913, PATCH_cast },
	{ 917, PATCH_hashtab_word_type },
	{ 919, PATCH_cast },
	{ 921, PATCH_hashtab_word_type },
	{ 923, PATCH_cast },
	{ 928, PATCH_hashtab_word_type },
	{ 930, PATCH_cast },
	{ 932, PATCH_hashtab_word_type },
	{ 934, PATCH_cast },
	{ 938, PATCH_hashtab_word_type },
	{ 940, PATCH_cast },
	{ 942, PATCH_hashtab_word_type },
	{ 944, PATCH_cast },
	{ 949, PATCH_hashtab_word_type },
	{ 951, PATCH_cast },
	{ 953, PATCH_hashtab_word_type },
	{ 955, PATCH_cast },
	{ 959, PATCH_hashtab_word_type },
	{ 961, PATCH_cast },
	{ 963, PATCH_hashtab_word_type },
	{ 965, PATCH_cast },
	{ 970, PATCH_hashtab_word_type },
	{ 972, PATCH_cast },
	{ 974, PATCH_hashtab_word_type },
	{ 976, PATCH_cast },
	{ 980, PATCH_hashtab_word_type },
	{ 982, PATCH_cast },
	{ 984, PATCH_hashtab_word_type },
	{ 986, PATCH_cast },
	{ 991, PATCH_hashtab_word_type },
	{ 993, PATCH_cast },
	{ 995, PATCH_hashtab_word_type },
	{ 997, PATCH_cast },
	{ 1001, PATCH_hashtab_word_type },
	{ 1003, PATCH_cast },
	{ 1005, PATCH_hashtab_word_type },
	{ 1007, PATCH_cast },
	{ 1012, PATCH_hashtab_word_type },
	{ 1014, PATCH_cast },
	{ 1016, PATCH_hashtab_word_type },
	{ 1018, PATCH_cast },
	{ 1022, PATCH_hashtab_word_type },
	{ 1024, PATCH_cast },
	{ 1026, PATCH_hashtab_word_type },
	{ 1028, PATCH_cast },
	{ 1033, PATCH_hashtab_word_type },
	{ 1035, PATCH_cast },
	{ 1037, PATCH_hashtab_word_type },
	{ 1039, PATCH_cast },
	{ 1043, PATCH_hashtab_word_type },
	{ 1045, PATCH_cast },
	{ 1047, PATCH_hashtab_word_type },
	{ 1049, PATCH_cast },
};

static const __u32 touch_starts[] = { 0, };

static const struct bpf_insn each_insns[] = {
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 10, 1, -4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, 1 },
	{ 0x16, 0, 0, 27, 0 },
	{ 0xbf, 2, 10, 0, 0 },
	{ 0x07, 2, 0, 0, -4 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 6, 0, 0, 0 },
	{ 0xb4, 1, 0, 0, 2 },
	{ 0x15, 6, 0, 19, 0 },
	{ 0x61, 0, 6, 4, 0 },
	{ 0x63, 10, 0, -8, 0 },
	{ 0xc6, 0, 0, 16, 1 },
	{ 0xb4, 2, 0, 0, 0 },
	{ 0xc3, 6, 2, 4, 241 },
	{ 0x61, 2, 10, -8, 0 },
	{ 0x5e, 0, 2, 12, 0 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -8 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 34 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 164 },
	{ 0x61, 1, 10, -8, 0 },
	{ 0x84, 1, 0, 0, 0 },
	{ 0xc3, 6, 1, 4, 225 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0xbc, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 7, 4, 0, 0 },
	{ 0xbf, 6, 3, 0, 0 },
	{ 0xbf, 8, 2, 0, 0 },
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x61, 2, 6, 0, 0 },
	{ 0x61, 1, 7, 0, 0 },
	{ 0x5e, 2, 1, 45, 0 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0xbc, 3, 1, 0, 0 },
	{ 0x54, 3, 0, 0, 15 },
	{ 0x56, 3, 0, 4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0x61, 2, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, -1 },
	{ 0x56, 0, 0, 32, 0 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 10, 1, -8, 0 },
	{ 0xb7, 7, 0, 0, 0 },
	{ 0x7b, 10, 7, -16, 0 },
	{ 0x7b, 10, 6, -24, 0 },
	{ 0x63, 6, 1, 0, 0 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -24 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 87 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 164 },
	{ 0x79, 1, 6, 216, 0 },
	{ 0x61, 2, 10, -8, 0 },
	{ 0x56, 2, 0, 2, 0 },
	{ 0x79, 2, 6, 24, 0 },
	{ 0x05, 0, 0, 9, 0 },
	{ 0x61, 2, 6, 8, 0 },
	{ 0x54, 2, 0, 0, 1 },
	{ 0x16, 2, 0, 3, 0 },
	{ 0xb7, 2, 0, 0, 0 },
	{ 0x79, 7, 10, -16, 0 },
	{ 0x05, 0, 0, 3, 0 },
	{ 0xb7, 2, 0, 0, 0 },
	{ 0x79, 1, 6, 232, 0 },
	{ 0xb7, 7, 0, 0, 0 },
	{ 0x7b, 6, 1, 216, 0 },
	{ 0x7b, 6, 7, 208, 0 },
	{ 0x7b, 6, 2, 200, 0 },
	{ 0x61, 1, 6, 0, 0 },
	{ 0x63, 6, 1, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 6, 3, 0, 0 },
	{ 0xbf, 8, 2, 0, 0 },
	{ 0x79, 2, 4, 8, 0 },
	{ 0xbf, 1, 2, 0, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 4, 1, 8, 0 },
	{ 0x79, 7, 4, 0, 0 },
	{ 0x79, 3, 7, 24, 0 },
	{ 0xad, 2, 3, 5, 0 },
	{ 0xb4, 1, 0, 0, -40 },
	{ 0x63, 7, 1, 0, 0 },
	{ 0xb7, 9, 0, 0, 1 },
	{ 0xbf, 0, 9, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0x7b, 10, 4, -16, 0 },
	{ 0xb7, 9, 0, 0, 0 },
	{ 0x79, 2, 7, 32, 0 },
	{ 0xbd, 1, 2, -6, 0 },
	{ 0x79, 1, 7, 216, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 7, 1, 216, 0 },
	{ 0xb7, 9, 0, 0, 0 },
	{ 0x61, 1, 7, 8, 0 },
	{ 0x54, 1, 0, 0, 4 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x16, 1, 0, 3, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 4, 0, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0xbf, 3, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x16, 0, 0, -22, 0 },
	{ 0xb4, 1, 0, 0, 1 },
	{ 0x61, 2, 7, 8, 0 },
	{ 0x54, 2, 0, 0, 2 },
	{ 0x16, 2, 0, 2, 0 },
	{ 0x79, 1, 7, 248, 0 },
	{ 0x04, 1, 0, 0, 1 },
	{ 0x63, 10, 1, -4, 0 },
	{ 0xbf, 2, 10, 0, 0 },
	{ 0x07, 2, 0, 0, -4 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xb7, 9, 0, 0, 1 },
	{ 0x15, 0, 0, -36, 0 },
	{ 0x7b, 10, 0, -24, 0 },
	{ 0xbf, 6, 0, 0, 0 },
	{ 0x07, 6, 0, 0, 8 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 25, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 19, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 13, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 7, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0xb4, 9, 0, 0, -2 },
	{ 0x15, 8, 0, 219, 0 },
	{ 0x61, 1, 7, 8, 0 },
	{ 0x54, 1, 0, 0, 4 },
	{ 0x16, 1, 0, 35, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 9, 0, 0, 0 },
	{ 0x79, 1, 7, 48, 0 },
	{ 0x1d, 1, 0, 244, 0 },
	{ 0x79, 1, 7, 56, 0 },
	{ 0x2d, 1, 0, 2, 0 },
	{ 0x79, 1, 7, 64, 0 },
	{ 0x3d, 1, 0, 240, 0 },
	{ 0x7b, 10, 0, -32, 0 },
	{ 0x61, 1, 7, 8, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x16, 1, 0, 89, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0xbf, 8, 6, 0, 0 },
	{ 0x18, 6, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x0f, 6, 2, 0, 0 },
	{ 0x07, 6, 0, 0, 8 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0xbf, 3, 7, 0, 0 },
	{ 0x79, 8, 10, -32, 0 },
	{ 0xbf, 4, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 9, 0, 0, -16 },
	{ 0x16, 0, 0, 186, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 9, 0, 0, 0 },
	{ 0x05, 0, 0, 181, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 1, 10, -24, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0x07, 2, 0, 0, 8 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0xbf, 3, 7, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 9, 0, 0, -16 },
	{ 0x16, 0, 0, 167, 0 },
	{ 0xb4, 9, 0, 0, 0 },
	{ 0x61, 1, 7, 8, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x56, 1, 0, 163, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 9, 0, 0, -1 },
	{ 0x56, 0, 0, 162, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 9, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 9, 2, 0, 0 },
	{ 0x56, 9, 0, 8, -11 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xbf, 9, 0, 0, 0 },
	{ 0x16, 9, 0, 3, -16 },
	{ 0x16, 9, 0, 2, -110 },
	{ 0x16, 9, 0, 1, -35 },
	{ 0x56, 9, 0, 137, -11 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xbf, 9, 0, 0, 0 },
	{ 0x16, 9, 0, 3, -16 },
	{ 0x16, 9, 0, 2, -110 },
	{ 0x16, 9, 0, 1, -11 },
	{ 0x56, 9, 0, 128, -35 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 9, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 116, -110 },
	{ 0xbc, 9, 2, 0, 0 },
	{ 0x05, 0, 0, 114, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0xbf, 3, 7, 0, 0 },
	{ 0x79, 4, 10, -32, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 9, 0, 0, -16 },
	{ 0x16, 0, 0, 105, 0 },
	{ 0x79, 4, 7, 48, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x79, 3, 10, -32, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x16, 0, 0, 99, 0 },
	{ 0x7b, 10, 8, -40, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 25, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 19, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 13, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x55, 8, 0, 7, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0xb4, 9, 0, 0, -2 },
	{ 0x15, 8, 0, 63, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 9, 0, 0, -16 },
	{ 0x79, 1, 7, 48, 0 },
	{ 0x5d, 0, 1, 58, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 1, 10, -24, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0x07, 2, 0, 0, 8 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0xbf, 8, 2, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0xbf, 3, 7, 0, 0 },
	{ 0x79, 4, 10, -32, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x16, 0, 0, 44, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 9, 0, 0, -1 },
	{ 0x56, 0, 0, 41, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0xb4, 0, 0, 0, -11 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 1, 0, 1, -35 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0xb4, 3, 0, 0, -11 },
	{ 0x16, 1, 0, 1, -16 },
	{ 0xbc, 3, 2, 0, 0 },
	{ 0x16, 1, 0, 1, -110 },
	{ 0xbc, 0, 3, 0, 0 },
	{ 0x56, 0, 0, 7, -11 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0x16, 0, 0, 3, -16 },
	{ 0x16, 0, 0, 2, -110 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0x56, 0, 0, 16, -11 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0x16, 0, 0, 3, -16 },
	{ 0x16, 0, 0, 2, -110 },
	{ 0x16, 0, 0, 1, -11 },
	{ 0x56, 0, 0, 8, -35 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 9, 0, 0, -11 },
	{ 0x16, 0, 0, 4, -16 },
	{ 0x16, 0, 0, 3, -110 },
	{ 0x16, 0, 0, 2, -35 },
	{ 0xbc, 9, 0, 0, 0 },
	{ 0x16, 0, 0, 41, 0 },
	{ 0x79, 3, 7, 48, 0 },
	{ 0x79, 1, 10, -40, 0 },
	{ 0x79, 2, 10, -32, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x16, 9, 0, 1, -11 },
	{ 0x56, 9, 0, 3, -1 },
	{ 0x63, 7, 9, 0, 0 },
	{ 0xb4, 9, 0, 0, 1 },
	{ 0x05, 0, 0, 28, 0 },
	{ 0x16, 9, 0, 11, 0 },
	{ 0x79, 1, 7, 240, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 7, 1, 240, 0 },
	{ 0xb4, 9, 0, 0, 0 },
	{ 0x61, 1, 7, 8, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x56, 1, 0, 20, 0 },
	{ 0x79, 1, 7, 224, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 7, 1, 224, 0 },
	{ 0x05, 0, 0, 16, 0 },
	{ 0x79, 1, 7, 224, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 7, 1, 224, 0 },
	{ 0x61, 1, 7, 8, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x56, 1, 0, 3, 0 },
	{ 0x79, 1, 7, 232, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 7, 1, 232, 0 },
	{ 0x61, 2, 7, 12, 0 },
	{ 0x79, 1, 7, 248, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0xb4, 9, 0, 0, 1 },
	{ 0x3d, 1, 2, 1, 0 },
	{ 0xb4, 9, 0, 0, 0 },
	{ 0x7b, 7, 1, 248, 0 },
	{ 0x79, 1, 10, -16, 0 },
	{ 0x63, 1, 9, 16, 0 },
	{ 0x05, 0, 0, -328, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x79, 2, 10, -32, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 9, 0, 0, 0 },
	{ 0x05, 0, 0, -42, 0 },
};

static const struct patch each_patches[] = {
	{ 2, PATCH_is_allowed },
	{ 7, PATCH_requests },
	{ 22, PATCH_requests },
	{ 24, PATCH_callback },
	{ 45, PATCH_touch },
	{ 48, PATCH_touch_linked },
	{ 49, PATCH_is_frozen },
	{ 60, PATCH_target },
	{ 62, PATCH_callback },
	{ 114, PATCH_word_of },
	{ 119, PATCH_matches },
	{ 130, PATCH_requests },
	{ 140, PATCH_copy_key },
	{ 141, PATCH_target },
	{ 147, PATCH_target },
	{ 153, PATCH_target },
	{ 159, PATCH_target },
	{ 165, PATCH_target },
	{ 176, PATCH_word_of },
	{ 190, PATCH_value_at },
	{ 196, PATCH_copy_if_wanted },
	{ 202, PATCH_matches },
	{ 207, PATCH_put_word },
	{ 210, PATCH_value_at },
	{ 216, PATCH_copy_if_wanted },
	{ 221, PATCH_matches },
	{ 228, PATCH_is_frozen },
	{ 231, PATCH_target },
	{ 245, PATCH_target },
	{ 254, PATCH_target },
	{ 263, PATCH_target },
	{ 277, PATCH_hold_cpu },
	{ 282, PATCH_matches },
	{ 289, PATCH_claim_word },
	{ 292, PATCH_target },
	{ 298, PATCH_target },
	{ 304, PATCH_target },
	{ 310, PATCH_target },
	{ 316, PATCH_target },
	{ 324, PATCH_word_of },
	{ 328, PATCH_value_at },
	{ 335, PATCH_copy_if_wanted },
	{ 340, PATCH_matches },
	{ 342, PATCH_is_frozen },
	{ 345, PATCH_target },
	{ 360, PATCH_target },
	{ 368, PATCH_target },
	{ 376, PATCH_target },
	{ 389, PATCH_give_back },
	{ 390, PATCH_release_cpu },
	{ 429, PATCH_put_word },
};

static const __u32 each_starts[] = { 0, 34, 87, };

static const struct bpf_insn elems_insns[] = {
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 10, 1, -4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, 1 },
	{ 0x16, 0, 0, 27, 0 },
	{ 0xbf, 2, 10, 0, 0 },
	{ 0x07, 2, 0, 0, -4 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 6, 0, 0, 0 },
	{ 0xb4, 1, 0, 0, 2 },
	{ 0x15, 6, 0, 19, 0 },
	{ 0x61, 0, 6, 4, 0 },
	{ 0x63, 10, 0, -8, 0 },
	{ 0xc6, 0, 0, 16, 1 },
	{ 0xb4, 2, 0, 0, 0 },
	{ 0xc3, 6, 2, 4, 241 },
	{ 0x61, 2, 10, -8, 0 },
	{ 0x5e, 0, 2, 12, 0 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -8 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 34 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 164 },
	{ 0x61, 1, 10, -8, 0 },
	{ 0x84, 1, 0, 0, 0 },
	{ 0xc3, 6, 1, 4, 225 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0xbc, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 7, 4, 0, 0 },
	{ 0xbf, 6, 3, 0, 0 },
	{ 0xbf, 8, 2, 0, 0 },
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x61, 2, 6, 0, 0 },
	{ 0x61, 1, 7, 0, 0 },
	{ 0x5e, 2, 1, 78, 0 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0xbc, 3, 1, 0, 0 },
	{ 0x54, 3, 0, 0, 15 },
	{ 0x56, 3, 0, 4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0x61, 2, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, -1 },
	{ 0x56, 0, 0, 65, 0 },
	{ 0xb7, 1, 0, 0, 0 },
	{ 0x7b, 10, 1, -24, 0 },
	{ 0x7b, 10, 1, -32, 0 },
	{ 0x7b, 10, 1, -40, 0 },
	{ 0x7b, 10, 1, -48, 0 },
	{ 0x7b, 10, 6, -104, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x7b, 10, 2, -8, 0 },
	{ 0x7b, 10, 1, -16, 0 },
	{ 0xbf, 1, 10, 0, 0 },
	{ 0x07, 1, 0, 0, -16 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -8 },
	{ 0xb4, 2, 0, 0, 8 },
	{ 0x85, 0, 0, 0, 113 },
	{ 0x79, 7, 10, -16, 0 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 6, 1, 0, 0 },
	{ 0x85, 0, 0, 0, 5 },
	{ 0x7b, 10, 0, -96, 0 },
	{ 0x79, 1, 6, 16, 0 },
	{ 0x7b, 6, 1, 200, 0 },
	{ 0x7b, 10, 1, -88, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x0f, 1, 2, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x7b, 10, 0, -80, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x0f, 1, 2, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x67, 0, 0, 0, 32 },
	{ 0x77, 0, 0, 0, 32 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x2f, 0, 1, 0, 0 },
	{ 0x7b, 10, 0, -56, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x0f, 1, 2, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x0f, 7, 1, 0, 0 },
	{ 0x7b, 10, 0, -72, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, -95 },
	{ 0x67, 0, 0, 0, 32 },
	{ 0x77, 0, 0, 0, 32 },
	{ 0x7b, 10, 0, -64, 0 },
	{ 0x15, 0, 0, 8, 0 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -104 },
	{ 0xb4, 1, 0, 0, 1048576 },
	{ 0x18, 2, 0, 0, 120 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 181 },
	{ 0x61, 1, 6, 0, 0 },
	{ 0x63, 6, 1, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 7, 2, 0, 0 },
	{ 0xbc, 9, 1, 0, 0 },
	{ 0x16, 9, 0, 3, 0 },
	{ 0xbc, 1, 9, 0, 0 },
	{ 0x54, 1, 0, 0, 7 },
	{ 0x16, 1, 0, 2, 0 },
	{ 0x79, 3, 7, 0, 0 },
	{ 0x05, 0, 0, 7, 0 },
	{ 0x85, 0, 0, 0, 5 },
	{ 0x79, 1, 7, 8, 0 },
	{ 0x1f, 0, 1, 0, 0 },
	{ 0xb7, 6, 0, 0, 1 },
	{ 0x79, 3, 7, 0, 0 },
	{ 0x79, 1, 3, 40, 0 },
	{ 0x2d, 0, 1, 67, 0 },
	{ 0x64, 9, 0, 0, 2 },
	{ 0x79, 1, 7, 16, 0 },
	{ 0x0f, 1, 9, 0, 0 },
	{ 0xb7, 6, 0, 0, 1 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x3d, 1, 2, 60, 0 },
	{ 0x79, 2, 3, 24, 0 },
	{ 0xbd, 2, 1, 58, 0 },
	{ 0x7b, 10, 3, -8, 0 },
	{ 0x79, 8, 7, 40, 0 },
	{ 0x2f, 8, 1, 0, 0 },
	{ 0x79, 1, 7, 32, 0 },
	{ 0x0f, 8, 1, 0, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 6, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x15, 2, 0, 10, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x0f, 1, 2, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x57, 0, 0, 0, 255 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x1d, 0, 1, 41, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x1d, 0, 1, 38, 0 },
	{ 0x79, 1, 7, 24, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x1f, 2, 1, 0, 0 },
	{ 0x79, 1, 7, 48, 0 },
	{ 0xad, 2, 1, 9, 0 },
	{ 0x79, 1, 7, 32, 0 },
	{ 0xad, 6, 1, 31, 0 },
	{ 0x1f, 6, 1, 0, 0 },
	{ 0x79, 1, 7, 40, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x3f, 2, 1, 0, 0 },
	{ 0x2f, 2, 1, 0, 0 },
	{ 0x1f, 6, 2, 0, 0 },
	{ 0x55, 6, 0, 24, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0x85, 0, 1, 0, 191 },
	{ 0x16, 0, 0, 20, 0 },
	{ 0x79, 5, 10, -8, 0 },
	{ 0xbf, 1, 5, 0, 0 },
	{ 0x07, 1, 0, 0, 200 },
	{ 0x61, 3, 5, 0, 0 },
	{ 0x16, 3, 0, 2, 0 },
	{ 0xbf, 1, 5, 0, 0 },
	{ 0x07, 1, 0, 0, 216 },
	{ 0xb7, 4, 0, 0, 200 },
	{ 0x16, 3, 0, 1, 0 },
	{ 0xb7, 4, 0, 0, 216 },
	{ 0xb7, 6, 0, 0, 1 },
	{ 0xb7, 2, 0, 0, 1 },
	{ 0x16, 3, 0, 1, 0 },
	{ 0xb7, 2, 0, 0, -1 },
	{ 0x0f, 5, 4, 0, 0 },
	{ 0x79, 3, 5, 0, 0 },
	{ 0x0f, 2, 3, 0, 0 },
	{ 0x7b, 1, 2, 0, 0 },
	{ 0xbf, 0, 6, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0x79, 2, 10, -8, 0 },
	{ 0x79, 1, 2, 200, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 2, 1, 200, 0 },
	{ 0xbf, 1, 9, 0, 0 },
	{ 0x47, 1, 0, 0, 1 },
	{ 0x79, 2, 7, 16, 0 },
	{ 0x0f, 1, 2, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 6, 0, 0, 1 },
	{ 0x3d, 1, 2, -14, 0 },
	{ 0x79, 3, 7, 0, 0 },
	{ 0x79, 2, 3, 24, 0 },
	{ 0xbd, 2, 1, -17, 0 },
	{ 0x7b, 10, 3, -8, 0 },
	{ 0x79, 8, 7, 40, 0 },
	{ 0x2f, 8, 1, 0, 0 },
	{ 0x79, 1, 7, 32, 0 },
	{ 0x0f, 8, 1, 0, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 6, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x15, 2, 0, 10, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x0f, 1, 2, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x57, 0, 0, 0, 255 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x1d, 0, 1, 21, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x1d, 0, 1, 18, 0 },
	{ 0x79, 1, 7, 24, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x1f, 2, 1, 0, 0 },
	{ 0x79, 1, 7, 48, 0 },
	{ 0xad, 2, 1, 9, 0 },
	{ 0x79, 1, 7, 32, 0 },
	{ 0xad, 6, 1, 11, 0 },
	{ 0x1f, 6, 1, 0, 0 },
	{ 0x79, 1, 7, 40, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x3f, 2, 1, 0, 0 },
	{ 0x2f, 2, 1, 0, 0 },
	{ 0x1f, 6, 2, 0, 0 },
	{ 0x55, 6, 0, 4, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0x85, 0, 1, 0, 116 },
	{ 0x56, 0, 0, -75, 0 },
	{ 0x79, 2, 10, -8, 0 },
	{ 0x79, 1, 2, 200, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 2, 1, 200, 0 },
	{ 0xbf, 1, 9, 0, 0 },
	{ 0x47, 1, 0, 0, 2 },
	{ 0x79, 2, 7, 16, 0 },
	{ 0x0f, 1, 2, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 6, 0, 0, 1 },
	{ 0x3d, 1, 2, -69, 0 },
	{ 0x79, 3, 7, 0, 0 },
	{ 0x79, 2, 3, 24, 0 },
	{ 0xbd, 2, 1, -72, 0 },
	{ 0x7b, 10, 3, -8, 0 },
	{ 0x79, 8, 7, 40, 0 },
	{ 0x2f, 8, 1, 0, 0 },
	{ 0x79, 1, 7, 32, 0 },
	{ 0x0f, 8, 1, 0, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 6, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x15, 2, 0, 10, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x0f, 1, 2, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x57, 0, 0, 0, 255 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x1d, 0, 1, 21, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x1d, 0, 1, 18, 0 },
	{ 0x79, 1, 7, 24, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x1f, 2, 1, 0, 0 },
	{ 0x79, 1, 7, 48, 0 },
	{ 0xad, 2, 1, 9, 0 },
	{ 0x79, 1, 7, 32, 0 },
	{ 0xad, 6, 1, 11, 0 },
	{ 0x1f, 6, 1, 0, 0 },
	{ 0x79, 1, 7, 40, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x3f, 2, 1, 0, 0 },
	{ 0x2f, 2, 1, 0, 0 },
	{ 0x1f, 6, 2, 0, 0 },
	{ 0x55, 6, 0, 4, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0x85, 0, 1, 0, 61 },
	{ 0x56, 0, 0, -130, 0 },
	{ 0x79, 2, 10, -8, 0 },
	{ 0x79, 1, 2, 200, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 2, 1, 200, 0 },
	{ 0x47, 9, 0, 0, 3 },
	{ 0x79, 1, 7, 16, 0 },
	{ 0x0f, 9, 1, 0, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 6, 0, 0, 1 },
	{ 0x3d, 9, 1, -123, 0 },
	{ 0x79, 2, 7, 0, 0 },
	{ 0x79, 1, 2, 24, 0 },
	{ 0xbd, 1, 9, -126, 0 },
	{ 0x7b, 10, 2, -8, 0 },
	{ 0x79, 8, 7, 40, 0 },
	{ 0x2f, 8, 9, 0, 0 },
	{ 0x79, 1, 7, 32, 0 },
	{ 0x0f, 8, 1, 0, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x07, 1, 0, 0, 8 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 6, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x15, 2, 0, 10, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0x0f, 1, 2, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x57, 0, 0, 0, 255 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x1d, 0, 1, 21, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x1d, 0, 1, 18, 0 },
	{ 0x79, 1, 7, 24, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x1f, 2, 1, 0, 0 },
	{ 0x79, 1, 7, 48, 0 },
	{ 0xad, 2, 1, 9, 0 },
	{ 0x79, 1, 7, 32, 0 },
	{ 0xad, 6, 1, 11, 0 },
	{ 0x1f, 6, 1, 0, 0 },
	{ 0x79, 1, 7, 40, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x3f, 2, 1, 0, 0 },
	{ 0x2f, 2, 1, 0, 0 },
	{ 0x1f, 6, 2, 0, 0 },
	{ 0x55, 6, 0, 4, 0 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0x85, 0, 1, 0, 7 },
	{ 0x56, 0, 0, -184, 0 },
	{ 0xb7, 6, 0, 0, 0 },
	{ 0xb7, 3, 0, 0, 1 },
	{ 0x79, 1, 10, -8, 0 },
	{ 0x79, 2, 1, 200, 0 },
	{ 0x07, 1, 0, 0, 200 },
	{ 0x05, 0, 0, -174, 0 },
	{ 0xbf, 8, 2, 0, 0 },
	{ 0xbf, 6, 1, 0, 0 },
	{ 0x79, 1, 6, 216, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 6, 1, 216, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 0, 0, 0, 0 },
	{ 0x16, 1, 0, 301, 0 },
	{ 0xb4, 1, 0, 0, 1 },
	{ 0x61, 2, 6, 8, 0 },
	{ 0x54, 2, 0, 0, 2 },
	{ 0x16, 2, 0, 2, 0 },
	{ 0x79, 1, 6, 248, 0 },
	{ 0x04, 1, 0, 0, 1 },
	{ 0x63, 10, 1, -4, 0 },
	{ 0xbf, 2, 10, 0, 0 },
	{ 0x07, 2, 0, 0, -4 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0xb4, 0, 0, 0, 1 },
	{ 0x15, 7, 0, 286, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x0f, 8, 1, 0, 0 },
	{ 0xbf, 9, 7, 0, 0 },
	{ 0x07, 9, 0, 0, 8 },
	{ 0xbf, 1, 9, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 3, 8, 0, 0 },
	{ 0x85, 0, 0, 0, 113 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 21, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 16, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 11, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 6, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xb4, 8, 0, 0, -2 },
	{ 0x15, 0, 0, 216, 0 },
	{ 0x61, 1, 6, 8, 0 },
	{ 0x54, 1, 0, 0, 4 },
	{ 0x16, 1, 0, 35, 0 },
	{ 0x7b, 10, 0, -16, 0 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x79, 1, 6, 48, 0 },
	{ 0xb4, 0, 0, 0, 0 },
	{ 0x1d, 1, 8, 240, 0 },
	{ 0x79, 1, 6, 56, 0 },
	{ 0x2d, 1, 8, 3, 0 },
	{ 0x79, 1, 6, 64, 0 },
	{ 0xb4, 0, 0, 0, 0 },
	{ 0x3d, 1, 8, 235, 0 },
	{ 0x61, 1, 6, 8, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x16, 1, 0, 86, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0xbf, 7, 1, 0, 0 },
	{ 0x07, 7, 0, 0, 8 },
	{ 0x79, 1, 10, -16, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0xbf, 3, 6, 0, 0 },
	{ 0xbf, 4, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0xb4, 8, 0, 0, -16 },
	{ 0x16, 0, 0, 182, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 8, 0, 0, 0 },
	{ 0x05, 0, 0, 178, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x0f, 2, 7, 0, 0 },
	{ 0x07, 2, 0, 0, 8 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0xbf, 3, 6, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 8, 0, 0, -16 },
	{ 0x16, 0, 0, 165, 0 },
	{ 0xb4, 8, 0, 0, 0 },
	{ 0x61, 1, 6, 8, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x56, 1, 0, 161, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 8, 0, 0, -1 },
	{ 0x56, 0, 0, 160, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 8, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 8, 2, 0, 0 },
	{ 0x56, 8, 0, 8, -11 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x16, 8, 0, 3, -16 },
	{ 0x16, 8, 0, 2, -110 },
	{ 0x16, 8, 0, 1, -35 },
	{ 0x56, 8, 0, 135, -11 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x16, 8, 0, 3, -16 },
	{ 0x16, 8, 0, 2, -110 },
	{ 0x16, 8, 0, 1, -11 },
	{ 0x56, 8, 0, 126, -35 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 8, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 114, -110 },
	{ 0xbc, 8, 2, 0, 0 },
	{ 0x05, 0, 0, 112, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 10, -16, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0xbf, 3, 6, 0, 0 },
	{ 0xbf, 4, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 3, 8, 0, 0 },
	{ 0xb4, 8, 0, 0, -16 },
	{ 0x16, 0, 0, 102, 0 },
	{ 0x79, 4, 6, 48, 0 },
	{ 0x79, 1, 10, -16, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x7b, 10, 3, -24, 0 },
	{ 0x79, 3, 10, -24, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 10, -24, 0 },
	{ 0x16, 0, 0, 94, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 21, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 16, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 11, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 6, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xb4, 8, 0, 0, -2 },
	{ 0x15, 0, 0, 64, 0 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0xb4, 8, 0, 0, -16 },
	{ 0x79, 2, 6, 48, 0 },
	{ 0x5d, 0, 2, 57, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x0f, 2, 7, 0, 0 },
	{ 0xbf, 7, 2, 0, 0 },
	{ 0x07, 7, 0, 0, 8 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0xbf, 3, 6, 0, 0 },
	{ 0x79, 4, 10, -24, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x16, 0, 0, 44, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 8, 0, 0, -1 },
	{ 0x56, 0, 0, 41, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0xb4, 0, 0, 0, -11 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 1, 0, 1, -35 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0xb4, 3, 0, 0, -11 },
	{ 0x16, 1, 0, 1, -16 },
	{ 0xbc, 3, 2, 0, 0 },
	{ 0x16, 1, 0, 1, -110 },
	{ 0xbc, 0, 3, 0, 0 },
	{ 0x56, 0, 0, 7, -11 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0x16, 0, 0, 3, -16 },
	{ 0x16, 0, 0, 2, -110 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0x56, 0, 0, 16, -11 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0x16, 0, 0, 3, -16 },
	{ 0x16, 0, 0, 2, -110 },
	{ 0x16, 0, 0, 1, -11 },
	{ 0x56, 0, 0, 8, -35 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 8, 0, 0, -11 },
	{ 0x16, 0, 0, 4, -16 },
	{ 0x16, 0, 0, 3, -110 },
	{ 0x16, 0, 0, 2, -35 },
	{ 0xbc, 8, 0, 0, 0 },
	{ 0x16, 0, 0, 40, 0 },
	{ 0x79, 3, 6, 48, 0 },
	{ 0x79, 1, 10, -16, 0 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x16, 8, 0, 1, -11 },
	{ 0x56, 8, 0, 3, -1 },
	{ 0x63, 6, 8, 0, 0 },
	{ 0xb4, 0, 0, 0, 1 },
	{ 0x05, 0, 0, 29, 0 },
	{ 0x16, 8, 0, 12, 0 },
	{ 0x79, 1, 6, 240, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 6, 1, 240, 0 },
	{ 0x61, 1, 6, 8, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0xb4, 0, 0, 0, 0 },
	{ 0x56, 1, 0, 21, 0 },
	{ 0x79, 1, 6, 224, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 6, 1, 224, 0 },
	{ 0xb4, 0, 0, 0, 0 },
	{ 0x05, 0, 0, 16, 0 },
	{ 0x79, 1, 6, 224, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 6, 1, 224, 0 },
	{ 0x61, 1, 6, 8, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x56, 1, 0, 3, 0 },
	{ 0x79, 1, 6, 232, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 6, 1, 232, 0 },
	{ 0x61, 2, 6, 12, 0 },
	{ 0x79, 1, 6, 248, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0xb4, 0, 0, 0, 1 },
	{ 0x3d, 1, 2, 1, 0 },
	{ 0xb4, 0, 0, 0, 0 },
	{ 0x7b, 6, 1, 248, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 8, 0, 0, 0 },
	{ 0x05, 0, 0, -41, 0 },
};

static const struct patch elems_patches[] = {
	{ 2, PATCH_is_allowed },
	{ 7, PATCH_requests },
	{ 22, PATCH_requests },
	{ 24, PATCH_callback },
	{ 45, PATCH_touch },
	{ 48, PATCH_touch_linked },
	{ 49, PATCH_is_frozen },
	{ 58, PATCH_target },
	{ 76, PATCH_hashtab_buckets },
	{ 80, PATCH_peek },
	{ 82, PATCH_hashtab_n_buckets },
	{ 86, PATCH_peek },
	{ 89, PATCH_hashtab_bucket_size },
	{ 93, PATCH_hashtab_elems },
	{ 97, PATCH_peek },
	{ 98, PATCH_hashtab_elem_size },
	{ 103, PATCH_peek },
	{ 112, PATCH_callback },
	{ 139, PATCH_elems_max },
	{ 151, PATCH_peek },
	{ 153, PATCH_hashtab_lru_type },
	{ 158, PATCH_peek },
	{ 160, PATCH_hashtab_lru_free },
	{ 163, PATCH_hashtab_lru_local_free },
	{ 212, PATCH_elems_max },
	{ 226, PATCH_peek },
	{ 228, PATCH_hashtab_lru_type },
	{ 233, PATCH_peek },
	{ 235, PATCH_hashtab_lru_free },
	{ 238, PATCH_hashtab_lru_local_free },
	{ 267, PATCH_elems_max },
	{ 281, PATCH_peek },
	{ 283, PATCH_hashtab_lru_type },
	{ 288, PATCH_peek },
	{ 290, PATCH_hashtab_lru_free },
	{ 293, PATCH_hashtab_lru_local_free },
	{ 321, PATCH_elems_max },
	{ 335, PATCH_peek },
	{ 337, PATCH_hashtab_lru_type },
	{ 342, PATCH_peek },
	{ 344, PATCH_hashtab_lru_free },
	{ 347, PATCH_hashtab_lru_local_free },
	{ 381, PATCH_glance },
	{ 394, PATCH_requests },
	{ 400, PATCH_hashtab_elem_key },
	{ 406, PATCH_key_size },
	{ 410, PATCH_target },
	{ 415, PATCH_target },
	{ 420, PATCH_target },
	{ 425, PATCH_target },
	{ 430, PATCH_target },
	{ 441, PATCH_word_of },
	{ 454, PATCH_value_at },
	{ 461, PATCH_copy_if_wanted },
	{ 466, PATCH_matches },
	{ 471, PATCH_put_word },
	{ 474, PATCH_value_at },
	{ 479, PATCH_copy_if_wanted },
	{ 484, PATCH_matches },
	{ 491, PATCH_is_frozen },
	{ 494, PATCH_target },
	{ 508, PATCH_target },
	{ 517, PATCH_target },
	{ 526, PATCH_target },
	{ 540, PATCH_hold_cpu },
	{ 545, PATCH_matches },
	{ 554, PATCH_claim_word },
	{ 557, PATCH_target },
	{ 562, PATCH_target },
	{ 567, PATCH_target },
	{ 572, PATCH_target },
	{ 577, PATCH_target },
	{ 585, PATCH_word_of },
	{ 590, PATCH_value_at },
	{ 596, PATCH_copy_if_wanted },
	{ 601, PATCH_matches },
	{ 603, PATCH_is_frozen },
	{ 606, PATCH_target },
	{ 621, PATCH_target },
	{ 629, PATCH_target },
	{ 637, PATCH_target },
	{ 650, PATCH_give_back },
	{ 651, PATCH_release_cpu },
	{ 689, PATCH_put_word },
};

static const __u32 elems_starts[] = { 0, 34, 120, 374, };

static const struct bpf_insn buckets_insns[] = {
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 10, 1, -4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, 1 },
	{ 0x16, 0, 0, 27, 0 },
	{ 0xbf, 2, 10, 0, 0 },
	{ 0x07, 2, 0, 0, -4 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 6, 0, 0, 0 },
	{ 0xb4, 1, 0, 0, 2 },
	{ 0x15, 6, 0, 19, 0 },
	{ 0x61, 0, 6, 4, 0 },
	{ 0x63, 10, 0, -8, 0 },
	{ 0xc6, 0, 0, 16, 1 },
	{ 0xb4, 2, 0, 0, 0 },
	{ 0xc3, 6, 2, 4, 241 },
	{ 0x61, 2, 10, -8, 0 },
	{ 0x5e, 0, 2, 12, 0 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -8 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x18, 2, 0, 0, 34 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 164 },
	{ 0x61, 1, 10, -8, 0 },
	{ 0x84, 1, 0, 0, 0 },
	{ 0xc3, 6, 1, 4, 225 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0xbc, 0, 1, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 7, 4, 0, 0 },
	{ 0xbf, 6, 3, 0, 0 },
	{ 0xbf, 8, 2, 0, 0 },
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x61, 2, 6, 0, 0 },
	{ 0x61, 1, 7, 0, 0 },
	{ 0x5e, 2, 1, 55, 0 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0xbc, 3, 1, 0, 0 },
	{ 0x54, 3, 0, 0, 15 },
	{ 0x56, 3, 0, 4, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x61, 1, 8, 0, 0 },
	{ 0x61, 2, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 1, 0, 0, -1 },
	{ 0x56, 0, 0, 42, 0 },
	{ 0xb7, 7, 0, 0, 0 },
	{ 0x7b, 10, 7, -24, 0 },
	{ 0x7b, 10, 7, -32, 0 },
	{ 0x7b, 10, 7, -40, 0 },
	{ 0x7b, 10, 7, -48, 0 },
	{ 0x7b, 10, 7, -56, 0 },
	{ 0x7b, 10, 7, -64, 0 },
	{ 0x7b, 10, 7, -72, 0 },
	{ 0x7b, 10, 6, -104, 0 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x63, 6, 1, 0, 0 },
	{ 0x85, 0, 0, 0, 5 },
	{ 0x7b, 10, 0, -96, 0 },
	{ 0x79, 1, 6, 16, 0 },
	{ 0x7b, 6, 1, 200, 0 },
	{ 0x7b, 10, 1, -88, 0 },
	{ 0x79, 1, 6, 32, 0 },
	{ 0x7b, 10, 1, -40, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x7b, 10, 1, -8, 0 },
	{ 0x7b, 10, 7, -16, 0 },
	{ 0xbf, 1, 10, 0, 0 },
	{ 0x07, 1, 0, 0, -16 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -8 },
	{ 0xb4, 2, 0, 0, 8 },
	{ 0x85, 0, 0, 0, 113 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x79, 1, 10, -16, 0 },
	{ 0x0f, 1, 2, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x7b, 10, 0, -80, 0 },
	{ 0xbf, 3, 10, 0, 0 },
	{ 0x07, 3, 0, 0, -104 },
	{ 0xb4, 1, 0, 0, 4194304 },
	{ 0x18, 2, 0, 0, 97 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 181 },
	{ 0x61, 1, 6, 0, 0 },
	{ 0x63, 6, 1, 0, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 7, 2, 0, 0 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x79, 8, 7, 16, 0 },
	{ 0x0f, 8, 2, 0, 0 },
	{ 0xb7, 6, 0, 0, 1 },
	{ 0x79, 9, 7, 0, 0 },
	{ 0x79, 2, 9, 24, 0 },
	{ 0x3d, 8, 2, 120, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x3d, 8, 2, 117, 0 },
	{ 0x16, 1, 0, 8, 0 },
	{ 0x54, 1, 0, 0, 7 },
	{ 0x56, 1, 0, 6, 0 },
	{ 0x85, 0, 0, 0, 5 },
	{ 0x79, 1, 7, 8, 0 },
	{ 0x1f, 0, 1, 0, 0 },
	{ 0x79, 1, 7, 0, 0 },
	{ 0x79, 1, 1, 40, 0 },
	{ 0x2d, 0, 1, 108, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 6, 8, 0, 0 },
	{ 0x2f, 6, 1, 0, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x0f, 6, 1, 0, 0 },
	{ 0x79, 2, 7, 24, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 2, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x7b, 7, 0, 56, 0 },
	{ 0xb7, 1, 0, 0, 0 },
	{ 0x7b, 7, 1, 72, 0 },
	{ 0xb4, 1, 0, 0, 65536 },
	{ 0x18, 2, 0, 0, 227 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 3, 7, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 181 },
	{ 0x61, 1, 7, 80, 0 },
	{ 0x16, 1, 0, 8, 0 },
	{ 0x79, 2, 7, 72, 0 },
	{ 0x79, 1, 7, 0, 0 },
	{ 0x61, 3, 1, 8, 0 },
	{ 0x54, 3, 0, 0, 1 },
	{ 0x16, 3, 0, 71, 0 },
	{ 0x7b, 1, 2, 208, 0 },
	{ 0xb7, 6, 0, 0, 1 },
	{ 0x05, 0, 0, 78, 0 },
	{ 0x67, 8, 0, 0, 1 },
	{ 0x47, 8, 0, 0, 1 },
	{ 0x79, 1, 7, 56, 0 },
	{ 0x1d, 1, 8, 69, 0 },
	{ 0x61, 1, 9, 8, 0 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x54, 2, 0, 0, 1 },
	{ 0x56, 2, 0, 54, 0 },
	{ 0x79, 1, 7, 72, 0 },
	{ 0x79, 2, 9, 216, 0 },
	{ 0x1f, 2, 1, 0, 0 },
	{ 0x7b, 9, 2, 216, 0 },
	{ 0x79, 2, 7, 24, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x0f, 1, 2, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x7b, 7, 0, 56, 0 },
	{ 0xb7, 1, 0, 0, 0 },
	{ 0x7b, 7, 1, 72, 0 },
	{ 0xb4, 1, 0, 0, 65536 },
	{ 0x18, 2, 0, 0, 227 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 3, 7, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 181 },
	{ 0x61, 1, 7, 80, 0 },
	{ 0x56, 1, 0, -35, 0 },
	{ 0x79, 1, 7, 56, 0 },
	{ 0x1d, 1, 8, 44, 0 },
	{ 0x61, 1, 9, 8, 0 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x54, 2, 0, 0, 1 },
	{ 0x56, 2, 0, 29, 0 },
	{ 0x79, 1, 7, 72, 0 },
	{ 0x79, 2, 9, 216, 0 },
	{ 0x1f, 2, 1, 0, 0 },
	{ 0x7b, 9, 2, 216, 0 },
	{ 0x79, 1, 7, 24, 0 },
	{ 0x0f, 6, 1, 0, 0 },
	{ 0xbf, 1, 6, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x7b, 7, 0, 56, 0 },
	{ 0xb7, 1, 0, 0, 0 },
	{ 0x7b, 7, 1, 72, 0 },
	{ 0xb4, 1, 0, 0, 65536 },
	{ 0x18, 2, 0, 0, 227 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 3, 7, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 181 },
	{ 0x61, 1, 7, 80, 0 },
	{ 0x56, 1, 0, -60, 0 },
	{ 0x79, 1, 7, 56, 0 },
	{ 0x1d, 1, 8, 19, 0 },
	{ 0x61, 1, 9, 8, 0 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x54, 2, 0, 0, 1 },
	{ 0x56, 2, 0, 4, 0 },
	{ 0x79, 2, 7, 72, 0 },
	{ 0x79, 3, 9, 216, 0 },
	{ 0x1f, 3, 2, 0, 0 },
	{ 0x7b, 9, 3, 216, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x56, 1, 0, 9, 0 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x63, 9, 1, 0, 0 },
	{ 0xb7, 6, 0, 0, 1 },
	{ 0x05, 0, 0, 10, 0 },
	{ 0x79, 3, 1, 216, 0 },
	{ 0x1f, 3, 2, 0, 0 },
	{ 0x7b, 1, 3, 216, 0 },
	{ 0xb7, 6, 0, 0, 1 },
	{ 0x05, 0, 0, 5, 0 },
	{ 0xb7, 6, 0, 0, 0 },
	{ 0x7b, 7, 6, 64, 0 },
	{ 0x79, 1, 9, 200, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 9, 1, 200, 0 },
	{ 0xbf, 0, 6, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 6, 2, 0, 0 },
	{ 0xb7, 0, 0, 0, 1 },
	{ 0x79, 7, 6, 56, 0 },
	{ 0x15, 7, 0, 29, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x57, 1, 0, 0, 1 },
	{ 0x55, 1, 0, 26, 0 },
	{ 0x79, 8, 6, 0, 0 },
	{ 0x79, 9, 8, 232, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x7b, 6, 0, 56, 0 },
	{ 0x79, 1, 6, 64, 0 },
	{ 0x15, 1, 0, 7, 0 },
	{ 0x07, 1, 0, 0, -1 },
	{ 0x7b, 6, 1, 64, 0 },
	{ 0x79, 1, 6, 72, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 6, 1, 72, 0 },
	{ 0xb7, 0, 0, 0, 0 },
	{ 0x05, 0, 0, 12, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 1, 0, 10 },
	{ 0x63, 6, 0, 80, 0 },
	{ 0x79, 2, 8, 232, 0 },
	{ 0xb4, 1, 0, 0, 1 },
	{ 0x1d, 2, 9, 1, 0 },
	{ 0xb4, 1, 0, 0, 0 },
	{ 0x79, 2, 6, 72, 0 },
	{ 0x0f, 2, 1, 0, 0 },
	{ 0x7b, 6, 2, 72, 0 },
	{ 0xbc, 0, 0, 0, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 8, 2, 0, 0 },
	{ 0xbf, 6, 1, 0, 0 },
	{ 0x79, 1, 6, 216, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 6, 1, 216, 0 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0xbf, 2, 6, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 0, 0, 0, 0 },
	{ 0x16, 1, 0, 301, 0 },
	{ 0xb4, 1, 0, 0, 1 },
	{ 0x61, 2, 6, 8, 0 },
	{ 0x54, 2, 0, 0, 2 },
	{ 0x16, 2, 0, 2, 0 },
	{ 0x79, 1, 6, 248, 0 },
	{ 0x04, 1, 0, 0, 1 },
	{ 0x63, 10, 1, -4, 0 },
	{ 0xbf, 2, 10, 0, 0 },
	{ 0x07, 2, 0, 0, -4 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xbf, 7, 0, 0, 0 },
	{ 0xb4, 0, 0, 0, 1 },
	{ 0x15, 7, 0, 286, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x0f, 8, 1, 0, 0 },
	{ 0xbf, 9, 7, 0, 0 },
	{ 0x07, 9, 0, 0, 8 },
	{ 0xbf, 1, 9, 0, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 3, 8, 0, 0 },
	{ 0x85, 0, 0, 0, 113 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 21, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 16, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 11, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 6, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xb4, 8, 0, 0, -2 },
	{ 0x15, 0, 0, 216, 0 },
	{ 0x61, 1, 6, 8, 0 },
	{ 0x54, 1, 0, 0, 4 },
	{ 0x16, 1, 0, 35, 0 },
	{ 0x7b, 10, 0, -16, 0 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x79, 1, 6, 48, 0 },
	{ 0xb4, 0, 0, 0, 0 },
	{ 0x1d, 1, 8, 240, 0 },
	{ 0x79, 1, 6, 56, 0 },
	{ 0x2d, 1, 8, 3, 0 },
	{ 0x79, 1, 6, 64, 0 },
	{ 0xb4, 0, 0, 0, 0 },
	{ 0x3d, 1, 8, 235, 0 },
	{ 0x61, 1, 6, 8, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x16, 1, 0, 86, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x0f, 1, 7, 0, 0 },
	{ 0xbf, 7, 1, 0, 0 },
	{ 0x07, 7, 0, 0, 8 },
	{ 0x79, 1, 10, -16, 0 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0xbf, 3, 6, 0, 0 },
	{ 0xbf, 4, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 2, 8, 0, 0 },
	{ 0xb4, 8, 0, 0, -16 },
	{ 0x16, 0, 0, 182, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 8, 0, 0, 0 },
	{ 0x05, 0, 0, 178, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x0f, 2, 7, 0, 0 },
	{ 0x07, 2, 0, 0, 8 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0xbf, 3, 6, 0, 0 },
	{ 0xb7, 4, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 8, 0, 0, -16 },
	{ 0x16, 0, 0, 165, 0 },
	{ 0xb4, 8, 0, 0, 0 },
	{ 0x61, 1, 6, 8, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x56, 1, 0, 161, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 8, 0, 0, -1 },
	{ 0x56, 0, 0, 160, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 8, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 1, -110 },
	{ 0xbc, 8, 2, 0, 0 },
	{ 0x56, 8, 0, 8, -11 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x16, 8, 0, 3, -16 },
	{ 0x16, 8, 0, 2, -110 },
	{ 0x16, 8, 0, 1, -35 },
	{ 0x56, 8, 0, 135, -11 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x16, 8, 0, 3, -16 },
	{ 0x16, 8, 0, 2, -110 },
	{ 0x16, 8, 0, 1, -11 },
	{ 0x56, 8, 0, 126, -35 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 8, 0, 0, -11 },
	{ 0xb4, 1, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0xbc, 1, 0, 0, 0 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 0, 0, 1, -16 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0x16, 0, 0, 114, -110 },
	{ 0xbc, 8, 2, 0, 0 },
	{ 0x05, 0, 0, 112, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 10, -16, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0xbf, 3, 6, 0, 0 },
	{ 0xbf, 4, 8, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 3, 8, 0, 0 },
	{ 0xb4, 8, 0, 0, -16 },
	{ 0x16, 0, 0, 102, 0 },
	{ 0x79, 4, 6, 48, 0 },
	{ 0x79, 1, 10, -16, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x7b, 10, 3, -24, 0 },
	{ 0x79, 3, 10, -24, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x79, 1, 10, -24, 0 },
	{ 0x16, 0, 0, 94, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 21, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 16, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 11, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0x55, 0, 0, 6, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 1 },
	{ 0xb4, 8, 0, 0, -2 },
	{ 0x15, 0, 0, 64, 0 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0xbf, 8, 0, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 1, 8, 0, 0 },
	{ 0xb4, 8, 0, 0, -16 },
	{ 0x79, 2, 6, 48, 0 },
	{ 0x5d, 0, 2, 57, 0 },
	{ 0x18, 2, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0x0f, 2, 7, 0, 0 },
	{ 0xbf, 7, 2, 0, 0 },
	{ 0x07, 7, 0, 0, 8 },
	{ 0xbf, 2, 7, 0, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0xbf, 3, 6, 0, 0 },
	{ 0x79, 4, 10, -24, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x16, 0, 0, 44, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 8, 0, 0, -1 },
	{ 0x56, 0, 0, 41, 0 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xbf, 1, 0, 0, 0 },
	{ 0xb4, 0, 0, 0, -11 },
	{ 0xb4, 2, 0, 0, -11 },
	{ 0x16, 1, 0, 1, -35 },
	{ 0xbc, 2, 1, 0, 0 },
	{ 0xb4, 3, 0, 0, -11 },
	{ 0x16, 1, 0, 1, -16 },
	{ 0xbc, 3, 2, 0, 0 },
	{ 0x16, 1, 0, 1, -110 },
	{ 0xbc, 0, 3, 0, 0 },
	{ 0x56, 0, 0, 7, -11 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0x16, 0, 0, 3, -16 },
	{ 0x16, 0, 0, 2, -110 },
	{ 0x16, 0, 0, 1, -35 },
	{ 0x56, 0, 0, 16, -11 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0x16, 0, 0, 3, -16 },
	{ 0x16, 0, 0, 2, -110 },
	{ 0x16, 0, 0, 1, -11 },
	{ 0x56, 0, 0, 8, -35 },
	{ 0x18, 1, 0, 0, 0 },
	{ 0x00, 0, 0, 0, 0 },
	{ 0xbf, 2, 9, 0, 0 },
	{ 0x85, 0, 0, 0, 3 },
	{ 0xb4, 8, 0, 0, -11 },
	{ 0x16, 0, 0, 4, -16 },
	{ 0x16, 0, 0, 3, -110 },
	{ 0x16, 0, 0, 2, -35 },
	{ 0xbc, 8, 0, 0, 0 },
	{ 0x16, 0, 0, 40, 0 },
	{ 0x79, 3, 6, 48, 0 },
	{ 0x79, 1, 10, -16, 0 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0x16, 8, 0, 1, -11 },
	{ 0x56, 8, 0, 3, -1 },
	{ 0x63, 6, 8, 0, 0 },
	{ 0xb4, 0, 0, 0, 1 },
	{ 0x05, 0, 0, 29, 0 },
	{ 0x16, 8, 0, 12, 0 },
	{ 0x79, 1, 6, 240, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 6, 1, 240, 0 },
	{ 0x61, 1, 6, 8, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0xb4, 0, 0, 0, 0 },
	{ 0x56, 1, 0, 21, 0 },
	{ 0x79, 1, 6, 224, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 6, 1, 224, 0 },
	{ 0xb4, 0, 0, 0, 0 },
	{ 0x05, 0, 0, 16, 0 },
	{ 0x79, 1, 6, 224, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 6, 1, 224, 0 },
	{ 0x61, 1, 6, 8, 0 },
	{ 0x54, 1, 0, 0, 1 },
	{ 0x56, 1, 0, 3, 0 },
	{ 0x79, 1, 6, 232, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0x7b, 6, 1, 232, 0 },
	{ 0x61, 2, 6, 12, 0 },
	{ 0x79, 1, 6, 248, 0 },
	{ 0x07, 1, 0, 0, 1 },
	{ 0xb4, 0, 0, 0, 1 },
	{ 0x3d, 1, 2, 1, 0 },
	{ 0xb4, 0, 0, 0, 0 },
	{ 0x7b, 6, 1, 248, 0 },
	{ 0x95, 0, 0, 0, 0 },
	{ 0xbf, 1, 7, 0, 0 },
	{ 0x79, 2, 10, -24, 0 },
	{ 0x85, 0, 1, 0, -1 },
	{ 0xb4, 8, 0, 0, 0 },
	{ 0x05, 0, 0, -41, 0 },
};

static const struct patch buckets_patches[] = {
	{ 2, PATCH_is_allowed },
	{ 7, PATCH_requests },
	{ 22, PATCH_requests },
	{ 24, PATCH_callback },
	{ 45, PATCH_touch },
	{ 48, PATCH_touch_linked },
	{ 49, PATCH_is_frozen },
	{ 70, PATCH_target },
	{ 80, PATCH_hashtab_buckets },
	{ 84, PATCH_peek },
	{ 89, PATCH_callback },
	{ 105, PATCH_buckets_max },
	{ 117, PATCH_hashtab_bucket_size },
	{ 121, PATCH_hashtab_head },
	{ 127, PATCH_peek },
	{ 132, PATCH_callback },
	{ 162, PATCH_peek },
	{ 167, PATCH_callback },
	{ 187, PATCH_peek },
	{ 192, PATCH_callback },
	{ 237, PATCH_peek },
	{ 268, PATCH_glance },
	{ 281, PATCH_requests },
	{ 287, PATCH_hashtab_elem_key },
	{ 293, PATCH_key_size },
	{ 297, PATCH_target },
	{ 302, PATCH_target },
	{ 307, PATCH_target },
	{ 312, PATCH_target },
	{ 317, PATCH_target },
	{ 328, PATCH_word_of },
	{ 341, PATCH_value_at },
	{ 348, PATCH_copy_if_wanted },
	{ 353, PATCH_matches },
	{ 358, PATCH_put_word },
	{ 361, PATCH_value_at },
	{ 366, PATCH_copy_if_wanted },
	{ 371, PATCH_matches },
	{ 378, PATCH_is_frozen },
	{ 381, PATCH_target },
	{ 395, PATCH_target },
	{ 404, PATCH_target },
	{ 413, PATCH_target },
	{ 427, PATCH_hold_cpu },
	{ 432, PATCH_matches },
	{ 441, PATCH_claim_word },
	{ 444, PATCH_target },
	{ 449, PATCH_target },
	{ 454, PATCH_target },
	{ 459, PATCH_target },
	{ 464, PATCH_target },
	{ 472, PATCH_word_of },
	{ 477, PATCH_value_at },
	{ 483, PATCH_copy_if_wanted },
	{ 488, PATCH_matches },
	{ 490, PATCH_is_frozen },
	{ 493, PATCH_target },
	{ 508, PATCH_target },
	{ 516, PATCH_target },
	{ 524, PATCH_target },
	{ 537, PATCH_give_back },
	{ 538, PATCH_release_cpu },
	{ 576, PATCH_put_word },
};

static const __u32 buckets_starts[] = { 0, 34, 97, 227, 261, };


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

/* ---- assemble.c ---- */

/*
 * Puts a program together, with what the kernel wants to be told of it, and loads it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <bpf/btf.h>

/* The part of union bpf_attr for BPF_PROG_LOAD, as far as some UAPI headers do not go yet. */
struct load_attr {
	__u32 prog_type;
	__u32 insn_cnt;
	__aligned_u64 insns;
	__aligned_u64 license;
	__u32 log_level;
	__u32 log_size;
	__aligned_u64 log_buf;
	__u32 kern_version;
	__u32 prog_flags;
	char prog_name[BPF_OBJ_NAME_LEN];
	__u32 prog_ifindex;
	__u32 expected_attach_type;
	__u32 prog_btf_fd;
	__u32 func_info_rec_size;
	__aligned_u64 func_info;
	__u32 func_info_cnt;
	__u32 line_info_rec_size;
	__aligned_u64 line_info;
	__u32 line_info_cnt;
	__u32 attach_btf_id;
	__u32 attach_prog_fd;
	__u32 core_relo_cnt;
	__aligned_u64 fd_array;
	__aligned_u64 core_relos;
	__u32 core_relo_rec_size;
	__u32 unused;
};

STATIC_ASSERT(offsetof(struct load_attr, func_info_cnt) ==
			      offsetof(union bpf_attr, func_info_cnt) &&
		      offsetof(struct load_attr, core_relo_cnt) == 116 &&
		      offsetof(struct load_attr, core_relo_rec_size) == 136,
	      "the kernel's layout");

/* The kernel's struct bpf_core_relo, since 5.17, and one of its kinds. */
struct field_relocation {
	__u32 insn_off; /* in bytes */
	__u32 type_id;
	__u32 access_str_off;
	__u32 kind;
};

#define FIELD_BYTE_OFFSET 0

/* A program that is being put together, and what the kernel wants to be told of it. */
struct draft {
	struct plan *plan;
	const char *name;
	struct code code;
	struct btf *btf;
	__u32 field_types[FIELDS], first_field;
	struct bpf_func_info functions[FUNCTIONS_MAX];
};

/* A struct of the kernel's with one field, which is all that it is known by here. */
static int add_struct(struct btf *btf, const char *name, const char *field, int type)
{
	int id = btf__add_struct(btf, name, 8);

	return id < 0 || btf__add_field(btf, field, type, 0, 0) ? -ENOMEM : id;
}

/* The least BTF that a program with a callback must have, and those fields of the kernel's that it reads. */
static int start_btf(struct draft *draft)
{
	int number, truth, set, cred, pointer, proto, name;
	struct btf *btf = btf__new_empty();

	if (!btf)
		return -errno;
	draft->btf = btf;
	number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	proto = btf__add_func_proto(btf, number);
	truth = btf__add_int(btf, "bool", 1, BTF_INT_BOOL);
	set = btf__add_struct(btf, "kernel_cap_t", 8);
	cred = add_struct(btf, "cred", "cap_effective", set);
	pointer = btf__add_ptr(btf, cred);
	draft->field_types[FIELD_FROZEN] = add_struct(btf, "bpf_map", "frozen", truth);
	draft->field_types[FIELD_CRED] = add_struct(btf, "task_struct", "cred", pointer);
	draft->field_types[FIELD_CAPABILITIES] = cred;
	name = btf__add_str(btf, "0:0");
	for (int i = 0; i < FIELDS; i++)
		if ((int)draft->field_types[i] < 0)
			return -ENOMEM;
	if (proto < 0 || truth < 0 || set < 0 || pointer < 0 || name < 0)
		return -ENOMEM;
	draft->first_field = name;
	return proto;
}

static int assemble(struct draft *draft)
{
	int proto, id;

	draft->name = compiled_write(&draft->code, draft->plan);
	if (draft->code.failed)
		return -ENOMEM;
	proto = start_btf(draft);
	if (proto < 0)
		return proto;
	for (__u32 i = 0; i < draft->code.functions_cnt; i++) {
		id = btf__add_func(draft->btf, draft->code.functions[i].name, BTF_FUNC_STATIC,
				   proto);
		if (id < 0)
			return id;
		draft->functions[i].insn_off = draft->code.functions[i].start;
		draft->functions[i].type_id = id;
	}
	return 0;
}

/* The same file by a number that is none of the standard streams'. */
static int above_standard(int fd)
{
	int other;

	if (fd < 0 || fd >= FIRST_FD)
		return fd;
	other = duplicate(fd);
	close(fd);
	return other;
}

static int load_btf(const struct btf *btf)
{
	union bpf_attr attr;
	__u32 size;

	memset(&attr, 0, sizeof(attr));
	attr.btf = (uintptr_t)btf__raw_data(btf, &size);
	if (!attr.btf)
		return -ENOMEM;
	attr.btf_size = size;
	return sys_bpf(BPF_BTF_LOAD, &attr, sizeof(attr));
}

static void relocate_fields(const struct draft *draft, struct field_relocation *fields)
{
	for (__u32 i = 0; i < draft->code.reads_cnt; i++)
		fields[i] = (struct field_relocation){
			.insn_off = draft->code.reads[i].insn * sizeof(struct bpf_insn),
			.type_id = draft->field_types[draft->code.reads[i].field],
			.access_str_off = draft->first_field,
			.kind = FIELD_BYTE_OFFSET,
		};
}

/*
 * A raw tracepoint's program that is run without one is the only kind that all kernels run with preemption off.
 * It takes CAP_PERFMON, and no values with a bpf_spin_lock or a timer.
 */
static __u32 type_for(const struct plan *plan)
{
	return plan->hold == HOLD_RUNS ? BPF_PROG_TYPE_RAW_TRACEPOINT : BPF_PROG_TYPE_SYSCALL;
}

static int load_code(const struct draft *draft)
{
	struct field_relocation fields[READS_MAX];
	struct load_attr attr;
	int btf_fd, fd;

	btf_fd = load_btf(draft->btf);
	if (btf_fd < 0)
		return btf_fd;
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type_for(draft->plan);
	attr.prog_flags = attr.prog_type == BPF_PROG_TYPE_SYSCALL ? BPF_F_SLEEPABLE : 0;
	strcpy(attr.prog_name, draft->name);
	attr.insns = (uintptr_t)draft->code.insns;
	attr.insn_cnt = draft->code.count;
	attr.license = (uintptr_t) "Dual BSD/GPL";
	attr.prog_btf_fd = btf_fd;
	attr.func_info = (uintptr_t)draft->functions;
	attr.func_info_cnt = draft->code.functions_cnt;
	attr.func_info_rec_size = sizeof(draft->functions[0]);
	relocate_fields(draft, fields);
	if (draft->code.reads_cnt) {
		attr.core_relo_cnt = draft->code.reads_cnt;
		attr.core_relos = (uintptr_t)fields;
		attr.core_relo_rec_size = sizeof(fields[0]);
	}
	fd = sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	close(btf_fd);
	return above_standard(fd);
}

/* The id by which our program is known again, whatever becomes of its file descriptor. */
static int identify(struct program *program)
{
	struct bpf_prog_info info;
	__u32 size = offsetof(struct bpf_prog_info, tag);
	int err;

	memset(&info, 0, sizeof(info));
	if (!bpf_obj_get_info_by_fd(program->fd, &info, &size)) {
		program->id = info.id;
		return 0;
	}
	err = -errno;
	close(program->fd);
	return err;
}

/* Of a frozen map too. */
static bool is_only_counted(const struct judge *judge)
{
	return judge->sweep && sweep_counts(judge->sweep);
}

/* With questions to the kernel's own structs, or without. */
int assemble_and_load(struct program *program, struct plan *plan, bool asks)
{
	struct draft draft;
	int err;

	memset(&draft, 0, sizeof(draft));
	draft.plan = plan;
	for (int side = 0; side < SIDES; side++)
		plan->judges[side].map_fd =
			asks && !is_only_counted(&plan->judges[side]) ? plan->map_fds[side] : -1;
	plan->judges[FIRST].guarded = asks && plan->guarded;
	err = assemble(&draft);
	if (!err) {
		err = program->fd = load_code(&draft);
		if (err > 0)
			err = identify(program);
	}
	program->type = type_for(plan);
	program->checks_frozen = asks;
	program->guarded = plan->judges[FIRST].guarded;
	btf__free(draft.btf);
	free(draft.code.insns);
	return err;
}

/* ---- judge.c ---- */

/*
 * Writes the instructions that judge a value: the functions that steps.bpf.h only declares, for one region
 * and one claim. Straight code with no offset but constants: short, which is most of what the verifier's
 * time depends on, and with no way through it that it could find unsafe.
 *
 * Expected bytes lie as those of the value from the region's offset on, rounded down to 8.
 */
#include <stddef.h>
#include <stdlib.h>

/*
 * r5 |= whether the value at r1 differs from the expected bytes at r2 in the region's part from lo to hi.
 * Takes r3 and r4. r1 and r2 are where they were, afterwards too.
 */
static void emit_differs(struct code *code, const struct judge *judge, __u32 lo, __u32 hi)
{
	__u32 start = judge->region.offset & ~7u, base, at, size;

	base = lo & ~7u;
	emit_add(code, BPF_REG_1, base);
	emit_add(code, BPF_REG_2, base - start);
	for (at = lo; at < hi; at += size) {
		size = aligned_piece(at, hi - at);
		if (at - base > OFFSET_MAX) {
			emit_add(code, BPF_REG_1, OFFSET_MAX);
			emit_add(code, BPF_REG_2, OFFSET_MAX);
			base += OFFSET_MAX;
		}
		emit(code, BPF_LDX | BPF_MEM | size_bits(size), BPF_REG_3, BPF_REG_1, at - base, 0);
		emit(code, BPF_LDX | BPF_MEM | size_bits(size), BPF_REG_4, BPF_REG_2, at - base, 0);
		emit(code, BPF_ALU64 | BPF_XOR | BPF_X, BPF_REG_3, BPF_REG_4, 0, 0);
		emit(code, BPF_ALU64 | BPF_OR | BPF_X, BPF_REG_5, BPF_REG_3, 0, 0);
	}
	emit_add(code, BPF_REG_1, -base);
	emit_add(code, BPF_REG_2, -(base - start));
}

/* The same of all of the region but its word. */
static void emit_rest_differs(struct code *code, const struct judge *judge)
{
	const struct region *region = &judge->region;
	const struct claim *claim = &judge->claim;

	if (region->offset < claim->offset)
		emit_differs(code, judge, region->offset, claim->offset);
	if (claim->offset + claim->size < region->offset + region->size)
		emit_differs(code, judge, claim->offset + claim->size,
			     region->offset + region->size);
}

static void emit_return(struct code *code, __s32 number)
{
	emit_set(code, BPF_REG_0, number);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* return !r5 */
static void emit_return_not_r5(struct code *code)
{
	emit_set(code, BPF_REG_0, 1);
	emit(code, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_5, 0, 1, 0);
	emit_set(code, BPF_REG_0, 0);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* r0 = the word of the value at r1, which becomes to where it is r0; moves r1 */
static void emit_exchange(struct code *code, const struct judge *judge, __u8 to)
{
	emit_add(code, BPF_REG_1, judge->claim.offset);
	emit(code, BPF_STX | BPF_ATOMIC | size_bits(judge->claim.size), BPF_REG_1, to, 0,
	     BPF_CMPXCHG);
}

/* Where on the stack what was read of the kernel is. */
#define READ_AT (-8)

/* The instruction that comes next has a field's offset put into it by the kernel. */
static void add_read(struct code *code, enum field field)
{
	if (code->reads_cnt == READS_MAX)
		code->failed = true;
	else
		code->reads[code->reads_cnt++] = (struct code_read){ code->count, field };
}

/* Reads 8 bytes from where r0 points, but for the field's offset, which the kernel puts there. */
static void emit_read(struct code *code, enum field field)
{
	add_read(code, field);
	emit(code, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_0, 0, 0, 0);
	emit_move(code, BPF_REG_1, BPF_REG_10);
	emit_add(code, BPF_REG_1, READ_AT);
	emit_set(code, BPF_REG_2, 8);
	emit_move(code, BPF_REG_3, BPF_REG_0);
	emit(code, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_probe_read_kernel);
}

/*
 * Whether the current task's effective capabilities, of those that count, are those that are wanted. Read as
 * plain memory, since for typed pointers the verifier searches all of the kernel's types by name.
 */
static void write_is_allowed(struct code *code, const struct judge *judge)
{
	__u32 jumps[2] = { 0, 0 };

	if (judge->guarded) {
		emit(code, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_current_task);
		emit_read(code, FIELD_CRED);
		emit(code, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_0, BPF_REG_10, READ_AT, 0);
		emit_read(code, FIELD_CAPABILITIES);
		emit_set(code, BPF_REG_0, 0);
		for (__u32 half = 0; half < 2; half++) {
			emit(code, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_1, BPF_REG_10,
			     READ_AT + 4 * half, 0);
			emit(code, BPF_ALU | BPF_AND | BPF_K, BPF_REG_1, 0, 0,
			     CAPABILITIES_MASK >> half * 32);
			jumps[half] = code->count;
			emit(code, BPF_JMP32 | BPF_JNE | BPF_K, BPF_REG_1, 0, 0,
			     judge->capabilities >> half * 32);
		}
	}
	emit_set(code, BPF_REG_0, 1);
	if (judge->guarded)
		for (__u32 half = 0; half < 2; half++)
			land(code, jumps[half]);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void write_is_frozen(struct code *code, const struct judge *judge)
{
	emit_set(code, BPF_REG_0, 0);
	if (judge->map_fd >= 0) {
		emit(code, BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0,
		     judge->map_fd);
		emit(code, 0, 0, 0, 0, 0);
		add_read(code, FIELD_FROZEN);
		emit(code, BPF_LDX | BPF_MEM | BPF_B, BPF_REG_0, BPF_REG_1, 0, 0);
	}
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* r1: value, r2: expected */
static void write_is_equal(struct code *code, const struct judge *judge)
{
	emit_set(code, BPF_REG_5, 0);
	emit_differs(code, judge, judge->region.offset, judge->region.offset + judge->region.size);
	emit_return_not_r5(code);
}

static void emit_lock_call(struct code *code, const struct judge *judge, enum bpf_func_id function)
{
	if (judge->lock == NO_LOCK)
		return;
	emit_move(code, BPF_REG_1, BPF_REG_6);
	emit_add(code, BPF_REG_1, judge->lock);
	emit(code, BPF_JMP | BPF_CALL, 0, 0, 0, function);
}

/* r1: value, r2: expected, r3: word, r4: claim. A value's lock is held while it is compared and claimed. */
static void write_claim(struct code *code, const struct judge *judge)
{
	__u32 jump;

	emit_move(code, BPF_REG_6, BPF_REG_1);
	emit_move(code, BPF_REG_7, BPF_REG_2);
	emit_move(code, BPF_REG_8, BPF_REG_3);
	emit_move(code, BPF_REG_9, BPF_REG_4);
	emit_lock_call(code, judge, BPF_FUNC_spin_lock);
	emit_move(code, BPF_REG_1, BPF_REG_6);
	emit_move(code, BPF_REG_2, BPF_REG_7);
	emit_set(code, BPF_REG_5, 0);
	emit_rest_differs(code, judge);
	jump = code->count;
	emit(code, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_5, 0, 0, 0);
	emit_move(code, BPF_REG_0, BPF_REG_8);
	emit_exchange(code, judge, BPF_REG_9);
	emit_move(code, BPF_REG_5, BPF_REG_0);
	emit(code, BPF_ALU64 | BPF_XOR | BPF_X, BPF_REG_5, BPF_REG_8, 0, 0);
	land(code, jump);
	emit_move(code, BPF_REG_7, BPF_REG_5);
	emit_lock_call(code, judge, BPF_FUNC_spin_unlock);
	emit_move(code, BPF_REG_5, BPF_REG_7);
	emit_return_not_r5(code);
}

static void write_claim_word(struct code *code, const struct judge *judge)
{
	struct judge word = *judge;

	if (judge->lock == NO_LOCK) {
		emit_move(code, BPF_REG_0, BPF_REG_3);
		emit_exchange(code, judge, BPF_REG_4);
		emit_move(code, BPF_REG_5, BPF_REG_0);
		emit(code, BPF_ALU64 | BPF_XOR | BPF_X, BPF_REG_5, BPF_REG_3, 0, 0);
		emit_return_not_r5(code);
		return;
	}
	word.region.offset = judge->claim.offset;
	word.region.size = judge->claim.size;
	write_claim(code, &word);
}

/* r1: value, r2: expected, r3: claim */
static void write_is_claimed(struct code *code, const struct judge *judge)
{
	emit_move(code, BPF_REG_5, BPF_REG_3);
	emit_add(code, BPF_REG_1, judge->claim.offset);
	emit(code, BPF_LDX | BPF_MEM | size_bits(judge->claim.size), BPF_REG_3, BPF_REG_1, 0, 0);
	emit_add(code, BPF_REG_1, -judge->claim.offset);
	emit(code, BPF_ALU64 | BPF_XOR | BPF_X, BPF_REG_5, BPF_REG_3, 0, 0);
	emit_rest_differs(code, judge);
	emit_return_not_r5(code);
}

/* r1: value, r2: word, r3: claim */
static void write_give_back(struct code *code, const struct judge *judge)
{
	emit_move(code, BPF_REG_0, BPF_REG_3);
	emit_exchange(code, judge, BPF_REG_2);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* r1: value */
static void write_word(struct code *code, const struct judge *judge)
{
	emit_add(code, BPF_REG_1, judge->claim.offset);
	emit(code, BPF_LDX | BPF_MEM | size_bits(judge->claim.size), BPF_REG_0, BPF_REG_1, 0, 0);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* The part from lo to hi; moves r1 and r2 on from where they are, base. */
static __u32 emit_copy(struct code *code, __u32 base, __u32 lo, __u32 hi)
{
	__u32 size;

	for (__u32 at = lo; at < hi; at += size) {
		size = aligned_piece(at, hi - at);
		if (at - base > OFFSET_MAX) {
			emit_add(code, BPF_REG_1, at - base);
			emit_add(code, BPF_REG_2, at - base);
			base = at;
		}
		emit(code, BPF_LDX | BPF_MEM | size_bits(size), BPF_REG_3, BPF_REG_1, at - base, 0);
		emit(code, BPF_STX | BPF_MEM | size_bits(size), BPF_REG_2, BPF_REG_3, at - base, 0);
	}
	return base;
}

/* The written bytes, from r1 to r2: of a value, and of what lies as expected bytes do. */
static void emit_copy_written(struct code *code, const struct judge *judge)
{
	const struct region *written = &judge->written;

	emit_copy(code, written->offset & ~7u, written->offset, written->offset + written->size);
}

/*
 * r1: value, r2: expected, r3: old bytes, r4: bytes to write instead. Both ways the region is compared with the lock
 * held; then the old bytes are read, or compared too and written over.
 */
static void write_under_lock(struct code *code, const struct judge *judge, bool reads)
{
	__u32 start = judge->written.offset & ~7u, jump;
	struct judge old = *judge;

	old.region = judge->written;
	emit_move(code, BPF_REG_6, BPF_REG_1);
	emit_move(code, BPF_REG_7, BPF_REG_2);
	emit_move(code, BPF_REG_8, BPF_REG_3);
	if (!reads)
		emit_move(code, BPF_REG_9, BPF_REG_4);
	emit_lock_call(code, judge, BPF_FUNC_spin_lock);
	emit_move(code, BPF_REG_1, BPF_REG_6);
	emit_move(code, BPF_REG_2, BPF_REG_7);
	emit_set(code, BPF_REG_5, 0);
	emit_differs(code, judge, judge->region.offset, judge->region.offset + judge->region.size);
	if (!reads) {
		emit_move(code, BPF_REG_2, BPF_REG_8);
		emit_differs(code, &old, old.region.offset, old.region.offset + old.region.size);
	}
	emit_move(code, BPF_REG_7, BPF_REG_5);
	jump = code->count;
	emit(code, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_5, 0, 0, 0);
	emit_move(code, reads ? BPF_REG_1 : BPF_REG_2, BPF_REG_6);
	emit_add(code, reads ? BPF_REG_1 : BPF_REG_2, start);
	emit_move(code, reads ? BPF_REG_2 : BPF_REG_1, reads ? BPF_REG_8 : BPF_REG_9);
	emit_copy_written(code, judge);
	land(code, jump);
	emit_lock_call(code, judge, BPF_FUNC_spin_unlock);
	emit_move(code, BPF_REG_5, BPF_REG_7);
	emit_return_not_r5(code);
}

/* r1: value, r2: to; no parts: it is not wanted */
static void write_copy(struct code *code, const struct judge *judge)
{
	__u32 base = 0;

	for (__u32 i = 0; i < judge->parts_cnt; i++)
		base = emit_copy(code, base, judge->parts[i].offset,
				 judge->parts[i].offset + judge->parts[i].size);
	emit_add(code, BPF_REG_2, -base);
	emit_move(code, BPF_REG_0, judge->parts_cnt ? BPF_REG_2 : BPF_REG_1);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* r1: a value's copy, r2: word; where there is no copy it writes nothing */
static void write_put_word(struct code *code, const struct judge *judge)
{
	if (judge->parts_cnt) {
		emit_add(code, BPF_REG_1, judge->claim.offset);
		emit(code, BPF_STX | BPF_MEM | size_bits(judge->claim.size), BPF_REG_1, BPF_REG_2,
		     0, 0);
	}
	emit_return(code, 0);
}

/* Where there is no word to be claimed nobody calls these. */
static bool is_of_claim(enum function function)
{
	return function == FUNCTION_CLAIM || function == FUNCTION_CLAIM_WORD ||
	       function == FUNCTION_IS_CLAIMED || function == FUNCTION_GIVE_BACK ||
	       function == FUNCTION_WORD || function == FUNCTION_PUT_WORD;
}

/*
 * Whether it can stand in the place of a call: it ends with its only return, and takes no registers but those
 * that are free then, and no stack.
 */
bool judge_is_inline(const struct judge *judge, enum function function)
{
	switch (function) {
	case FUNCTION_IS_ALLOWED:
	case FUNCTION_CLAIM:
	case FUNCTION_GLANCE:
	case FUNCTION_READ_BYTES:
	case FUNCTION_EXCHANGE_BYTES:
		return false;
	case FUNCTION_CLAIM_WORD:
		return judge->lock == NO_LOCK;
	case FUNCTION_PEEK:
		return judge->hashtab->cast;
	default:
		return true;
	}
}

void judge_write(struct code *code, const struct judge *judge, enum function function)
{
	if (is_of_claim(function) && !judge->claim.size) {
		emit_return(code, 0);
		return;
	}
	switch (function) {
	case FUNCTION_NOTHING:
		emit_return(code, 0);
		break;
	case FUNCTION_IS_ALLOWED:
		write_is_allowed(code, judge);
		break;
	case FUNCTION_IS_FROZEN:
		write_is_frozen(code, judge);
		break;
	case FUNCTION_IS_EQUAL:
		write_is_equal(code, judge);
		break;
	case FUNCTION_CLAIM:
		write_claim(code, judge);
		break;
	case FUNCTION_CLAIM_WORD:
		write_claim_word(code, judge);
		break;
	case FUNCTION_IS_CLAIMED:
		write_is_claimed(code, judge);
		break;
	case FUNCTION_GIVE_BACK:
		write_give_back(code, judge);
		break;
	case FUNCTION_WORD:
		write_word(code, judge);
		break;
	case FUNCTION_COPY:
		write_copy(code, judge);
		break;
	case FUNCTION_COPY_KEY:
		emit_copy(code, 0, 0, judge->key_size);
		emit_return(code, 0);
		break;
	case FUNCTION_PUT_WORD:
		write_put_word(code, judge);
		break;
	case FUNCTION_MATCHES:
		match_write(code, judge);
		break;
	case FUNCTION_GLANCE:
		match_write_glance(code, judge);
		break;
	case FUNCTION_PEEK:
		match_write_peek(code, judge);
		break;
	case FUNCTION_READ_BYTES:
		write_under_lock(code, judge, true);
		break;
	case FUNCTION_EXCHANGE_BYTES:
		write_under_lock(code, judge, false);
		break;
	}
}

/* ---- match.c ---- */

/*
 * Writes the instructions that tell whether an entry matches the conditions of a sweep, for their fields,
 * operations and masks; operands are read where they run, so that they may change.
 */

/* Where things are while they run; r0 and r5 are free. */
#define VALUE	BPF_REG_1
#define KEY	BPF_REG_2
#define REQUEST BPF_REG_3
#define WORD	BPF_REG_4 /* what the claim's word was when it was read */
#define FIELD	BPF_REG_0
#define OPERAND BPF_REG_5

/* FIELD = the bytes there, as the machine reads them; takes OPERAND. */
static void load_bytes(struct code *code, __u8 base, __u32 offset, __u32 size)
{
	__u32 far = offset > OFFSET_MAX ? offset & ~7u : 0, done, shift, now;

	if (far)
		emit_add(code, base, far);
	for (done = 0; done < size; done += now) {
		now = aligned_piece(offset + done, size - done);
		emit(code, BPF_LDX | BPF_MEM | size_bits(now), done ? OPERAND : FIELD, base,
		     offset + done - far, 0);
		if (now == size)
			break;
		shift = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? done : size - done - now;
		if (shift)
			emit(code, BPF_ALU64 | BPF_LSH | BPF_K, done ? OPERAND : FIELD, 0, 0,
			     8 * shift);
		if (done)
			emit(code, BPF_ALU64 | BPF_OR | BPF_X, FIELD, OPERAND, 0, 0);
	}
	if (far)
		emit_add(code, base, -(__s32)far);
}

/* The same of a field that lies in the claim's word: others may have another one there by now. */
static void take_from_word(struct code *code, const struct claim *claim,
			   const struct bpf_map_sweep_cond *cond)
{
	__u32 at = cond->offset - claim->offset;
	__u32 above =
		__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? at : claim->size - at - cond->size;

	emit_move(code, FIELD, WORD);
	if (above)
		emit(code, BPF_ALU64 | BPF_RSH | BPF_K, FIELD, 0, 0, 8 * above);
	if (cond->size < claim->size) {
		emit(code, BPF_ALU64 | BPF_LSH | BPF_K, FIELD, 0, 0, 64 - 8 * cond->size);
		emit(code, BPF_ALU64 | BPF_RSH | BPF_K, FIELD, 0, 0, 64 - 8 * cond->size);
	}
}

static void and_mask(struct code *code, __u64 mask)
{
	emit(code, BPF_LD | BPF_DW | BPF_IMM, OPERAND, 0, 0, (__u32)mask);
	emit(code, 0, 0, 0, 0, mask >> 32);
	emit(code, BPF_ALU64 | BPF_AND | BPF_X, FIELD, OPERAND, 0, 0);
}

static void extend(struct code *code, __u32 size)
{
	if (size == 8)
		return;
	emit(code, BPF_ALU64 | BPF_LSH | BPF_K, FIELD, 0, 0, 64 - 8 * size);
	emit(code, BPF_ALU64 | BPF_ARSH | BPF_K, FIELD, 0, 0, 64 - 8 * size);
}

/* The jump that is taken where the condition does not hold. */
static __u8 jump_unless(const struct bpf_map_sweep_cond *cond)
{
	bool is_signed = cond->flags & BPF_MAP_SWEEP_SIGNED;

	switch (cond->op) {
	case BPF_MAP_SWEEP_EQ:
		return BPF_JNE;
	case BPF_MAP_SWEEP_NE:
		return BPF_JEQ;
	case BPF_MAP_SWEEP_LT:
		return is_signed ? BPF_JSGE : BPF_JGE;
	case BPF_MAP_SWEEP_LE:
		return is_signed ? BPF_JSGT : BPF_JGT;
	case BPF_MAP_SWEEP_GT:
		return is_signed ? BPF_JSLE : BPF_JLE;
	case BPF_MAP_SWEEP_GE:
		return is_signed ? BPF_JSLT : BPF_JLT;
	case BPF_MAP_SWEEP_BEFORE:
		return BPF_JSGE;
	}
	return BPF_JSLE;
}

/* With FIELD loaded; the place of the jump. */
static __u32 compare(struct code *code, __u8 request, const struct bpf_map_sweep_cond *cond,
		     __u32 number)
{
	bool wraps = cond->op == BPF_MAP_SWEEP_BEFORE || cond->op == BPF_MAP_SWEEP_AFTER;

	if (cond->flags & BPF_MAP_SWEEP_BE && cond->size > 1)
		emit(code, BPF_ALU | BPF_END | BPF_TO_BE, FIELD, 0, 0, 8 * cond->size);
	if (cond->mask)
		and_mask(code, cond->mask);
	if (cond->flags & BPF_MAP_SWEEP_SIGNED && !wraps)
		extend(code, cond->size);
	emit(code, BPF_LDX | BPF_MEM | BPF_DW, OPERAND, request,
	     offsetof(struct sweep_request, operands) + number * sizeof(__u64), 0);
	if (wraps) {
		emit(code, BPF_ALU64 | BPF_SUB | BPF_X, FIELD, OPERAND, 0, 0);
		extend(code, cond->size);
		emit(code, BPF_JMP | jump_unless(cond) | BPF_K, FIELD, 0, 0, 0);
	} else {
		emit(code, BPF_JMP | jump_unless(cond) | BPF_X, FIELD, OPERAND, 0, 0);
	}
	return code->count - 1;
}

static void land_all(struct code *code, const __u32 *jumps, __u32 count)
{
	for (__u32 i = 0; i < count; i++)
		land(code, jumps[i]);
}

/* Loads the field of condition i into FIELD, in its own way. */
typedef void load_fn(struct code *code, const struct judge *judge,
		     const struct bpf_map_sweep_cond *cond);

/* r0 = whether the conditions of any one group hold. Ends with its only return. */
static void write_groups(struct code *code, const struct judge *judge, __u8 request, load_fn *load)
{
	const struct sweep *sweep = judge->sweep;
	__u32 unless[SWEEP_CONDS_MAX], matches[SWEEP_CONDS_MAX], groups = 0, failing, group;

	for (__u32 i = 0; i < sweep->conds_cnt;) {
		group = sweep->conds[i].group;
		for (failing = 0; i < sweep->conds_cnt && sweep->conds[i].group == group; i++) {
			load(code, judge, &sweep->conds[i]);
			unless[failing++] = compare(code, request, &sweep->conds[i], i);
		}
		emit_set(code, BPF_REG_0, 1);
		matches[groups++] = code->count;
		emit(code, BPF_JMP | BPF_JA, 0, 0, 0, 0);
		land_all(code, unless, failing);
	}
	emit_set(code, BPF_REG_0, !sweep->conds_cnt);
	land_all(code, matches, groups);
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void load_field(struct code *code, const struct judge *judge,
		       const struct bpf_map_sweep_cond *cond)
{
	if (cond->flags & BPF_MAP_SWEEP_KEY)
		load_bytes(code, KEY, cond->offset, cond->size);
	else if (conditions_is_in_word(cond, &judge->claim))
		take_from_word(code, &judge->claim, cond);
	else
		load_bytes(code, VALUE, cond->offset, cond->size);
}

/* Whether an entry matches: r1 value, r2 key, r3 the request, r4 what the claim's word was. */
void match_write(struct code *code, const struct judge *judge)
{
	write_groups(code, judge, REQUEST, load_field);
}

/*
 * r0 = the bytes that the kernel has where r3 points, which may be nowhere: then 0. As a type that they need not
 * have, where there is bpf_rdonly_cast(), else copied to the stack.
 */
static void load_kernel(struct code *code, const struct judge *judge, __u32 size)
{
	if (judge->hashtab->cast) {
		emit_move(code, BPF_REG_1, BPF_REG_3);
		emit_set(code, BPF_REG_2, judge->hashtab->word_type);
		emit(code, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, judge->hashtab->cast);
		emit(code, BPF_LDX | BPF_MEM | size_bits(size), BPF_REG_0, BPF_REG_0, 0, 0);
		return;
	}
	emit_move(code, BPF_REG_1, BPF_REG_10);
	emit_add(code, BPF_REG_1, -8);
	emit_set(code, BPF_REG_2, size);
	emit(code, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_probe_read_kernel);
	emit(code, BPF_LDX | BPF_MEM | size_bits(size), BPF_REG_0, BPF_REG_10, -8, 0);
}

/* What a walk found, and the request. */
#define ELEM	     BPF_REG_6
#define WALK_REQUEST BPF_REG_7

static void load_guess(struct code *code, const struct judge *judge,
		       const struct bpf_map_sweep_cond *cond)
{
	__u32 at = judge->hashtab->elem_key + cond->offset;

	if (!(cond->flags & BPF_MAP_SWEEP_KEY))
		at += ROUND_UP_8(judge->key_size);
	emit_move(code, BPF_REG_3, ELEM);
	emit_add(code, BPF_REG_3, at);
	load_kernel(code, judge, cond->size);
}

/* Whether what a walk found seems to match: r1 an element's address, r2 the request. Not to be inline. */
void match_write_glance(struct code *code, const struct judge *judge)
{
	emit_move(code, ELEM, BPF_REG_1);
	emit_move(code, WALK_REQUEST, BPF_REG_2);
	write_groups(code, judge, WALK_REQUEST, load_guess);
}

/* The 64 bits at the kernel's address r1. */
void match_write_peek(struct code *code, const struct judge *judge)
{
	emit_move(code, BPF_REG_3, BPF_REG_1);
	load_kernel(code, judge, sizeof(__u64));
	emit(code, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* ---- code.c ---- */

/*
 * Instructions that are being written, and the pieces that fields of a value are read in.
 */
#include <stdlib.h>

void code_add(struct code *code, const struct bpf_insn *insns, __u32 count)
{
	struct bpf_insn *grown = code->insns;
	__u32 room = code->room ? code->room : 256;

	while (room - code->count < count)
		room *= 2;
	if (room != code->room) {
		grown = realloc(grown, room * sizeof(*grown));
		if (!grown) {
			code->failed = true;
			return;
		}
		code->insns = grown;
		code->room = room;
	}
	memcpy(code->insns + code->count, insns, count * sizeof(*insns));
	code->count += count;
}

void emit(struct code *code, __u8 op, __u8 dst, __u8 src, __s16 off, __s32 imm)
{
	const struct bpf_insn insn = { op, dst, src, off, imm };

	code_add(code, &insn, 1);
}

void emit_move(struct code *code, __u8 to, __u8 from)
{
	emit(code, BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0);
}

void emit_set(struct code *code, __u8 to, __s32 number)
{
	emit(code, BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, number);
}

void emit_add(struct code *code, __u8 to, __s32 number)
{
	if (number)
		emit(code, BPF_ALU64 | BPF_ADD | BPF_K, to, 0, 0, number);
}

/* The jump that was emitted there leads here. */
void land(struct code *code, __u32 jump)
{
	if (!code->failed)
		code->insns[jump].off = code->count - jump - 1;
}

/* Of a load's or store's op. */
__u8 size_bits(__u32 size)
{
	switch (size) {
	case 1:
		return BPF_B;
	case 2:
		return BPF_H;
	case 4:
		return BPF_W;
	}
	return BPF_DW;
}

/* How much of the bytes that begin at offset can be loaded at once. */
__u32 aligned_piece(__u32 offset, __u32 left)
{
	__u32 size = 8;

	while (offset % size || size > left)
		size /= 2;
	return size;
}

/* ---- hashtab.c ---- */

/*
 * What the kernel's BTF tells of its hash maps: where in its own structs what is that a program looks at to
 * know beforehand what it will need.
 */
#include <bpf/btf.h>

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

/* ---- kfunc.c ---- */

/*
 * Finds functions of the kernel's that programs may call. It knows them by their ids in its own BTF, which is
 * large: to have that parsed takes longer than all else that a first call does. So the names are gone through
 * here, and then the types, a page at a time.
 */
#include <bpf/btf.h>

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

/* ---- lock.c ---- */

/*
 * Finds the bpf_spin_lock in a map's values, by the map's BTF.
 */
#include <bpf/btf.h>

/* As deep as the kernel itself looks for its fields, and some more. */
#define DEPTH_MAX 8

/* The lock's offset in bytes is added to *offset; 1 where there is one, 0 where not, or an error. */
static int find_in_type(const struct btf *btf, __u32 id, __u32 *offset, int depth)
{
	const struct btf_type *type;
	const struct btf_member *member;
	const char *name;
	__u32 members;
	int ret;

	type = btf__type_by_id(btf, id);
	while (type && (btf_is_mod(type) || btf_is_typedef(type)))
		type = btf__type_by_id(btf, type->type);
	if (!type || !btf_is_struct(type) || depth > DEPTH_MAX)
		return 0;
	name = btf__name_by_offset(btf, type->name_off);
	if (name && !strcmp(name, "bpf_spin_lock"))
		return 1;
	/* A lock of another kind, which takes other calls. */
	if (name && !strcmp(name, "bpf_res_spin_lock"))
		return refuse(-EOPNOTSUPP, "a claim beside a bpf_res_spin_lock");
	member = btf_members(type);
	/* An int, or unsigned from libbpf 1.8 on. */
	members = btf_vlen(type);
	for (__u32 i = 0; i < members; i++) {
		ret = find_in_type(btf, member[i].type, offset, depth + 1);
		if (ret > 0)
			*offset += btf_member_bit_offset(type, i) / 8;
		if (ret)
			return ret;
	}
	return 0;
}

/*
 * 0, and *offset is the lock's or NO_LOCK; -EPERM where the caller may not read BTF, which takes
 * CAP_SYS_ADMIN; or another error.
 */
int find_lock(const struct bpf_map_info *info, __u32 *offset)
{
	struct btf *btf;
	int ret;

	btf = btf__load_from_kernel_by_id(info->btf_id);
	if (!btf)
		return errno == EPERM ? refuse(-EPERM,
					       "map '%s': whether its values have a bpf_spin_lock "
					       "takes CAP_SYS_ADMIN to know",
					       info->name)
				      : -errno;
	*offset = 0;
	ret = find_in_type(btf, info->btf_value_type_id, offset, 0);
	btf__free(btf);
	if (ret < 1)
		*offset = NO_LOCK;
	return ret < 0 ? ret : 0;
}

/* ---- verifier.c ---- */

/*
 * Asks the kernel's verifier what syscall programs may do here, by loading small ones. They never
 * run.
 */
#include <stdint.h>
#include <linux/capability.h>

static const char license[] = "Dual BSD/GPL";

/*
 * The verifier gives up with -EAGAIN whenever a signal is pending. A profiler's timer could keep a
 * program from ever being loaded, so signals wait, some milliseconds at most.
 */
void verifier_hold_signals(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, before);
}

void verifier_let_signals(const sigset_t *before)
{
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

static int load_small(const struct bpf_insn *insns, __u32 count)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SYSCALL;
	attr.prog_flags = BPF_F_SLEEPABLE;
	attr.insns = (uintptr_t)insns;
	attr.insn_cnt = count;
	attr.license = (uintptr_t)license;
	return sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* 1 or 0, which are remembered, as no kernel changes its mind; or an error where it could not be told. */
int verifier_has_syscall_progs(void)
{
	enum {
		UNKNOWN,
		NO,
		YES
	};
	static char answer;
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	char known = __atomic_load_n(&answer, __ATOMIC_RELAXED);
	int fd, tries = 5;

	if (known != UNKNOWN)
		return known == YES;
	do
		fd = load_small(insns, ARRAY_LEN(insns));
	while ((fd == -EAGAIN || fd == -EINTR) && --tries);
	if (fd >= 0)
		close(fd);
	else if (fd != -EINVAL)
		return fd == -EPERM
			       ? refuse(fd, "loading a BPF_PROG_TYPE_SYSCALL program takes CAP_BPF")
			       : fd;
	/* There is nothing else in it that a kernel could find invalid. */
	__atomic_store_n(&answer, fd >= 0 ? YES : NO, __ATOMIC_RELAXED);
	return fd >= 0;
}

/* What an error of loading a program says: the verifier's own are that this cannot be done. */
int verifier_refusal(int err)
{
	return err == -EACCES || err == -EINVAL || err == -KERNEL_ENOTSUPP ? -EOPNOTSUPP : err;
}

/* Loads a program that reads some byte of lo to hi, or none, of an element's value. */
static int load_reader(int map_fd, int scratch_fd, __u32 lo, __u32 hi)
{
	__s32 last = hi > lo ? hi - lo - 1 : 0;
	__u8 touch = hi > lo ? BPF_LDX | BPF_B | BPF_MEM : BPF_ALU64 | BPF_MOV | BPF_X;
	const struct bpf_insn insns[] = {
		/* r0 = lookup(map, the scratch array's element) */
		{ BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map_fd },
		{ 0, 0, 0, 0, 0 },
		{ BPF_LD | BPF_DW | BPF_IMM, BPF_REG_2, BPF_PSEUDO_MAP_VALUE, 0, scratch_fd },
		{ 0, 0, 0, 0, 0 },
		{ BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem },
		/* if (!r0) goto out */
		{ BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 7, 0 },
		/* r1 = a number that the verifier cannot know; if (r1 > last) goto out */
		{ BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_VALUE, 0, scratch_fd },
		{ 0, 0, 0, 0, 0 },
		{ BPF_LDX | BPF_DW | BPF_MEM, BPF_REG_1, BPF_REG_1, 0, 0 },
		{ BPF_JMP | BPF_JGT | BPF_K, BPF_REG_1, 0, 3, last },
		/* r1 = the byte at r0 + lo + r1 */
		{ BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_0, 0, 0, lo },
		{ BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_0, BPF_REG_1, 0, 0 },
		{ touch, BPF_REG_1, BPF_REG_0, 0, 0 },
		/* out: return 0 */
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0 },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};

	return load_small(insns, ARRAY_LEN(insns));
}

/* An array of one element, which serves as the key: for the largest the stack would be too small. */
static int make_key(__u32 size)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(__u32);
	attr.value_size = size < sizeof(__u64) ? sizeof(__u64) : size;
	attr.max_entries = 1;
	return sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}

/*
 * 0 where a syscall program may look up an element of this map and read bytes lo to hi of its value
 * (with lo and hi equal, none of them); -EOPNOTSUPP where the verifier refuses that, as it does
 * where a field is in the way that the kernel manages; another error where it could not be asked.
 */
int verifier_allows_read(int map_fd, __u32 key_size, __u32 lo, __u32 hi)
{
	int key_fd, fd;

	key_fd = make_key(key_size);
	if (key_fd < 0)
		return key_fd;
	fd = load_reader(map_fd, key_fd, lo, hi);
	close(key_fd);
	if (fd < 0)
		return verifier_refusal(fd);
	close(fd);
	return 0;
}

/* The caller's effective ones, of those in CAPABILITIES_MASK. */
int own_capabilities(__u64 *capabilities)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	memset(data, 0, sizeof(data));
	if (syscall(__NR_capget, &header, data))
		return -errno;
	*capabilities = ((__u64)data[1].effective << 32 | data[0].effective) & CAPABILITIES_MASK;
	return 0;
}

/* ---- scratch.c ---- */

/*
 * Scratch maps, on which the probes see what a kernel does.
 */

int scratch_map(__u32 map_type)
{
	union bpf_attr attr = {
		.map_type = map_type,
		.key_size = sizeof(__u32),
		.value_size = sizeof(struct scratch_value),
		.max_entries = 1,
	};

	return sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}

int scratch_add(int fd, const struct scratch_value *value)
{
	const __u32 key = SCRATCH_KEY;

	return bpf_map_update_elem(fd, &key, value, BPF_NOEXIST) ? -errno : 0;
}

/* 1 where the entry is there, 0 where it is not. */
int scratch_has(int fd)
{
	const __u32 key = SCRATCH_KEY;
	struct scratch_value value;

	if (!bpf_map_lookup_elem(fd, &key, &value))
		return 1;
	return errno == ENOENT ? 0 : -errno;
}

/* ---- probe.c ---- */

/*
 * What this kernel can do for this caller, and what this library is.
 */

/*
 * 1: a delete of the scratch map's entry, if it equals value, gets this answer, and the entry then is
 * there or gone as that says; 0: it is otherwise; negative: could not be told.
 */
static int try_delete(int fd, const struct bpf_map_info *info, const struct scratch_value *value,
		      int answer)
{
	const __u32 key = SCRATCH_KEY;
	const struct target target = { fd, *info, NULL };
	const struct job job = {
		.action = ACTION_COMPARE,
		.first = {
			.keys = (const char *)&key,
			.compare = (const char *)value,
			.region = { 0, sizeof(*value) },
		},
	};
	struct answer said;
	__u32 count = 1;
	int err, has;

	err = emulate_run(&target, &job, 0, &count, &said);
	if (err)
		return err == -EOPNOTSUPP ? 0 : err;
	has = scratch_has(fd);
	if (has < 0)
		return has;
	return said.result == answer && has == (answer != 0);
}

/* Whether the emulation does on a scratch map what it should. */
static int try_emulation(int fd)
{
	const struct scratch_value value = { 1, 2, 3 }, wrong = { 1, 2, 4 };
	struct bpf_map_info info;
	int ret;

	ret = scratch_add(fd, &value);
	if (!ret)
		ret = map_info(fd, &info);
	if (ret)
		return ret;
	ret = try_delete(fd, &info, &wrong, -EBUSY);
	if (ret == 1)
		ret = try_delete(fd, &info, &value, 0);
	kept_release_map(info.id);
	return ret;
}

static int emulate_probe(__u32 map_type)
{
	int fd, ret;

	if (!map_type_serves(map_type))
		return 0;
	ret = verifier_has_syscall_progs();
	if (ret != 1)
		return ret;
	fd = scratch_map(map_type);
	if (fd < 0)
		return fd;
	ret = try_emulation(fd);
	close(fd);
	return ret;
}

static int probe(enum bpf_map_type map_type, enum bpf_map_compare_backend backend)
{
	int native, emulation;

	switch (backend) {
	case BPF_MAP_COMPARE_NATIVE:
		return native_probe(map_type);
	case BPF_MAP_COMPARE_SYSCALL_PROG:
		return emulate_probe(map_type);
	case BPF_MAP_COMPARE_AUTO:
		native = native_probe(map_type);
		if (native == 1)
			return 1;
		emulation = emulate_probe(map_type);
		return emulation ? emulation : native;
	}
	return refuse(-EINVAL, "backend %d is unknown", (int)backend);
}

int libbpf_probe_bpf_map_compare(enum bpf_map_type map_type, enum bpf_map_compare_backend backend,
				 const void *opts)
{
	int cancel_state = enter();

	return leave(cancel_state,
		     opts ? refuse(-EINVAL, "opts is not NULL") : probe(map_type, backend));
}

static int get_backend(int fd)
{
	struct target target = TARGET_BY_FD(fd);
	int err, native;

	err = map_info(fd, &target.info);
	if (!err)
		err = map_check_writable(fd);
	if (err)
		return err;
	native = native_serves_map(fd, &target.info);
	if (native)
		return native == 1 ? BPF_MAP_COMPARE_NATIVE : native;
	err = emulate_serves_map(&target);
	return err ? err : BPF_MAP_COMPARE_SYSCALL_PROG;
}

int bpf_map_get_compare_backend(int fd)
{
	int cancel_state = enter();

	return leave(cancel_state, get_backend(fd));
}

const char *libbpf_bpf_map_compare_backend_str(enum bpf_map_compare_backend backend)
{
	switch (backend) {
	case BPF_MAP_COMPARE_AUTO:
		return "auto";
	case BPF_MAP_COMPARE_NATIVE:
		return "native";
	case BPF_MAP_COMPARE_SYSCALL_PROG:
		return "syscall_prog";
	}
	return NULL;
}

__u32 libbpf_compare_major_version(void)
{
	return COMPARE_MAJOR;
}

__u32 libbpf_compare_minor_version(void)
{
	return COMPARE_MINOR;
}

#define STRING(a)		#a
#define VERSION_STRING(a, b, c) STRING(a) "." STRING(b) "." STRING(c)

const char *libbpf_compare_version_string(void)
{
	return VERSION_STRING(COMPARE_MAJOR, COMPARE_MINOR, COMPARE_PATCH);
}

/* ---- print.c ---- */

/*
 * Says why a call is refused: to the thread that asks afterwards, and through the callback that the
 * application gave libbpf with libbpf_set_print(). libbpf tells what that is only to those who set another:
 * so for a moment it is ours, and what is printed in that moment waits until it is known to whom it goes.
 */
#include <stdarg.h>
#include <stdio.h>
#include <bpf/libbpf.h>

static struct {
	pthread_mutex_t lock;
	libbpf_print_fn_t callback;
} print = { PTHREAD_MUTEX_INITIALIZER, NULL };

static __thread char reason[256];

/* Not while something is tried that there is another way for. */
static __thread bool quiet;

/* In the place of none: before 1.2 libbpf looks whether there is one, and then calls what is there by then. */
static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

static int pass_on(enum libbpf_print_level level, const char *format, va_list args)
{
	static __thread bool passing;
	libbpf_print_fn_t callback;
	int printed = 0;

	pthread_mutex_lock(&print.lock);
	callback = print.callback;
	pthread_mutex_unlock(&print.lock);
	/* One that was set in our moment may have us for its predecessor, and pass on to us. */
	if (!passing && callback != pass_on) {
		passing = true;
		printed = callback(level, format, args);
		passing = false;
	}
	return printed;
}

static libbpf_print_fn_t current_callback(void)
{
	libbpf_print_fn_t callback, between;

	pthread_mutex_lock(&print.lock);
	callback = libbpf_set_print(pass_on);
	/* Where it was us, that is left of a fork or of somebody who put back what was there in our moment. */
	if (callback != pass_on)
		print.callback = callback ? callback : silent;
	between = libbpf_set_print(print.callback);
	/* Somebody set it in that moment. */
	if (between != pass_on) {
		print.callback = between ? between : silent;
		libbpf_set_print(print.callback);
	}
	callback = print.callback;
	pthread_mutex_unlock(&print.lock);
	return callback;
}

static void print_by(libbpf_print_fn_t callback, enum libbpf_print_level level, const char *format,
		     ...)
{
	va_list args;

	va_start(args, format);
	callback(level, format, args);
	va_end(args);
}

/* What the caller got wrong is a warning; what is not to be had here is for those who ask. */
static int refuse_args(int err, const char *format, va_list args)
{
	if (quiet)
		return err;
	vsnprintf(reason, sizeof(reason), format, args);
	print_by(current_callback(), err == -EINVAL || err == -EFAULT ? LIBBPF_WARN : LIBBPF_DEBUG,
		 "libbpf-compare: %s\n", reason);
	return err;
}

int refuse(int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	refuse_args(err, format, args);
	va_end(args);
	return err;
}

/* What is to be said of the map behind fd itself comes before err. */
int refuse_map(int fd, int err, const char *format, ...)
{
	int first = map_check_writable(fd);
	va_list args;

	if (first)
		return first;
	va_start(args, format);
	refuse_args(err, format, args);
	va_end(args);
	return err;
}

void hint(const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	print_by(current_callback(), LIBBPF_DEBUG, "libbpf-compare: %s\n", text);
}

/* In this thread, from now on; gives how it was. */
bool print_reasons(bool on)
{
	bool was = !quiet;

	quiet = !on;
	return was;
}

/* At the start of a call. */
void forget_reason(void)
{
	reason[0] = '\0';
}

const char *libbpf_compare_reason(void)
{
	return reason;
}

/* A thread that is not there in this child may have had the lock. */
void print_start_afresh(void)
{
	pthread_mutex_init(&print.lock, NULL);
}

/* ---- hold.c ---- */

/*
 * Claims that are held, so that no two collectors have the same one. Whoever has one holds a lock in a file that all
 * processes have in common, whatever their namespaces, and that goes with its last file descriptor: the
 * kernel's one inode behind all file descriptors that are no file's. It is nowhere promised that there is one:
 * so it is looked at each time whether locks in it exclude each other.
 */

/* Of the words of a range so many are tried. */
#define TAKE_TRIES 65536u

/* As the kernel has it, with offsets of 64 bits whatever off_t is. */
struct hold_lock {
	__s16 type, whence;
	__s64 start, len;
	__s32 pid, unused;
};

/* The headers have these for GNU's sources alone. */
#define HOLD_GET 36 /* F_OFD_GETLK */
#define HOLD_SET 37 /* F_OFD_SETLK */

#ifdef __NR_fcntl64
#define HOLD_CALL __NR_fcntl64
#else
#define HOLD_CALL __NR_fcntl
#endif

/* That of no map: there it is tried out. */
#define NO_MAP 0

/*
 * A byte for each map and claim. No map's id has its upper bit set. Of two words of a range the lower 32 bits differ,
 * see hold_check_range().
 */
static int lock_byte(int fd, int command, short type, __u32 map_id, __u64 word, bool *is_free)
{
	struct hold_lock lock;

	memset(&lock, 0, sizeof(lock));
	lock.type = type;
	lock.whence = SEEK_SET;
	lock.start = (__s64)((__u64)map_id << 32 | (__u32)word);
	lock.len = 1;
	if (syscall(HOLD_CALL, fd, command, &lock))
		return -errno;
	if (is_free)
		*is_free = lock.type == F_UNLCK;
	return 0;
}

static int open_file(void)
{
	/* An event file: the kind does not matter, and this one takes no privilege. */
	long fd = syscall(__NR_eventfd2, 0, O_CLOEXEC, 0);
	int ours;

	if (fd >= FIRST_FD || fd < 0)
		return fd < 0 ? -errno : (int)fd;
	ours = duplicate((int)fd);
	close((int)fd);
	return ours;
}

/* Whether a lock by one of them is in the other's way. */
static int exclude_each_other(int one, int other)
{
	bool is_free = true;
	int err;

	/* Others try it too, at the same time: a lock that all can have. */
	err = lock_byte(one, HOLD_SET, F_RDLCK, NO_MAP, 0, NULL);
	if (!err)
		err = lock_byte(other, HOLD_GET, F_WRLCK, NO_MAP, 0, &is_free);
	if (!err)
		err = lock_byte(one, HOLD_SET, F_UNLCK, NO_MAP, 0, NULL);
	return err ? err : !is_free;
}

/* A file descriptor that claims can be held by. */
int hold_open(void)
{
	int fd, other, ret;

	fd = open_file();
	if (fd < 0)
		return fd == -ENOSYS ? refuse(-EOPNOTSUPP, "the kernel has no eventfd()") : fd;
	other = open_file();
	ret = other < 0 ? other : exclude_each_other(fd, other);
	if (other >= 0)
		close(other);
	if (ret == 1)
		return fd;
	close(fd);
	/* The latter two of a kernel without file locks. */
	if (!ret || ret == -EINVAL || ret == -EACCES)
		return refuse(-EOPNOTSUPP,
			      "locks of open file descriptions do not exclude each other in the "
			      "kernel's anonymous inode");
	return ret;
}

/* 0, or -EBUSY where another file descriptor holds it that is no duplicate of this one. */
int hold_claim(int fd, __u32 map_id, __u64 word)
{
	int err = lock_byte(fd, HOLD_SET, F_WRLCK, map_id, word, NULL);

	return err == -EAGAIN ? -EBUSY : err;
}

int hold_let_go(int fd, __u32 map_id, __u64 word)
{
	return lock_byte(fd, HOLD_SET, F_UNLCK, map_id, word, NULL);
}

/* The first one that is to be had, but for one. */
int hold_any(int fd, __u32 map_id, const struct claims *claims, const __u64 *but, __u64 *word)
{
	__u64 more = claims->last - claims->first;
	int err;

	if (more >= TAKE_TRIES)
		more = TAKE_TRIES - 1;
	for (__u64 i = 0; i <= more; i++) {
		*word = claims->first + i;
		if (but && *word == *but)
			continue;
		err = hold_claim(fd, map_id, *word);
		if (err != -EBUSY)
			return err;
	}
	return -EBUSY;
}

int hold_check_range(const struct claims *claims, __u32 size)
{
	if (size != sizeof(__u32) && size != sizeof(__u64))
		return refuse(-EINVAL, "claim_size is %u, not 4 or 8", size);
	if (!claims->last)
		return refuse(-EINVAL, "claim_first and claim_last are 0: no word is a claim");
	if (size == sizeof(__u32) && claims->last > UINT32_MAX)
		return refuse(-EINVAL, "claim_last 0x%llx is no word of 4 bytes",
			      (unsigned long long)claims->last);
	if (claims->last - claims->first > UINT32_MAX)
		return refuse(-EINVAL, "claim_first and claim_last are more than 2^32 words apart");
	return 0;
}

static int take_any(__u32 map_id, const struct claims *claims, __u64 *word)
{
	int fd = hold_open(), err;

	if (fd < 0)
		return fd;
	err = hold_any(fd, map_id, claims, NULL, word);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int take(int fd, const struct claims *claims, void *claim, __u32 claim_size)
{
	struct target target = TARGET_BY_FD(fd);
	__u64 word = 0;
	int ret;

	ret = hold_check_range(claims, claim_size);
	if (!ret && !claim)
		ret = refuse(-EINVAL, "claim is NULL");
	if (!ret)
		ret = map_check_writable(fd);
	if (!ret)
		ret = map_info(fd, &target.info);
	if (!ret)
		ret = map_check_type(&target);
	if (!ret)
		ret = take_any(target.info.id, claims, &word);
	if (ret >= 0)
		store_word(claim, word, claim_size);
	return ret;
}

int bpf_map_claim_take(int fd, __u64 claim_first, __u64 claim_last, void *claim, __u32 claim_size)
{
	int cancel_state = enter(), ret;
	struct claims claims = { 0, 0 };

	ret = read_claims(&claims, claim_first, claim_last);
	if (!ret)
		ret = take(fd, &claims, claim, claim_size);
	return leave(cancel_state, ret);
}

/* ---- stale.c ---- */

/*
 * Claims that stand though nobody is at work who would take them back, in a map that was copied, say. A claim
 * is seen again and again, and nobody holds it: then it is held here, and the entries that carry it are deleted as
 * by the collector whose it was.
 */
#include <stdlib.h>
#include <time.h>

#define WAIT_MS_DEFAULT 10000u

/* How often a claim has to be seen after it was found, the last time when its entry is deleted. */
#define LOOKS 8

/* Keys that are handed on at once, and memory for all that were found. */
#define KEYS_AT_ONCE 512u
#define FOUND_SIZE   (16u << 20)

/* A lock of the kernel's that is held for so long is not given back. */
#define CLEAR_TRIES 100

/* A claim that was found, and its entry's key behind it. */
struct found {
	__u64 word;
	__u64 at; /* in what is handed out */
};

struct stale {
	struct target target;
	struct bpf_map_claims_opts *opts;
	struct claims claims;
	struct claim own; /* the caller's; of size 0 where none was given */
	int holding;	  /* a file descriptor, see hold.c */
	char *found;	  /* struct found and the key, stride apart */
	size_t stride;
	__u32 count, room, more; /* more: there were others, for which there was no room */
	char *keys, *value;
	int results[KEYS_AT_ONCE];
	char words[KEYS_AT_ONCE * sizeof(__u64)];
};

static struct found *found_at(const struct stale *s, __u32 i)
{
	return (struct found *)(void *)(s->found + i * s->stride);
}

static char *found_key(const struct stale *s, __u32 i)
{
	return (char *)(found_at(s, i) + 1);
}

static bool keeps(const struct stale *s)
{
	return s->opts->flags & BPF_MAP_CLAIMS_KEEP;
}

static void set_found_result(const struct stale *s, __u32 i, int result)
{
	__u64 at = found_at(s, i)->at;

	if (s->opts->results && at < s->opts->capacity)
		s->opts->results[at] = result;
}

/* 1 where the entry carries a claim, 0 where it does not or is not there. */
static int look_at(const struct stale *s, const void *key, __u64 *word)
{
	if (bpf_map_lookup_elem(s->target.fd, key, s->value))
		return errno == ENOENT ? 0 : -errno;
	*word = read_word(s->value + s->opts->claim_offset, s->opts->claim_size);
	return is_claim(&s->claims, *word);
}

static int make_room_for_found(struct stale *s)
{
	__u32 most = FOUND_SIZE / s->stride, room = s->room ? 2 * s->room : KEYS_AT_ONCE;
	char *found;

	if (s->count < s->room)
		return 0;
	if (room > most)
		room = most;
	found = realloc(s->found, room * s->stride);
	if (!found)
		return -ENOMEM;
	s->found = found;
	s->room = room;
	return 0;
}

static void hand_out_found(const struct stale *s, const void *key, __u64 word)
{
	const struct bpf_map_claims_opts *opts = s->opts;
	__u64 at = opts->found;

	if (at >= opts->capacity)
		return;
	if (opts->keys)
		memcpy((char *)opts->keys + at * s->target.info.key_size, key,
		       s->target.info.key_size);
	if (opts->words)
		opts->words[at] = word;
	if (opts->results)
		opts->results[at] = -ECANCELED;
}

static int add_found(struct stale *s, const void *key, __u64 word)
{
	int err;

	if ((s->count + 1) * s->stride > FOUND_SIZE) {
		s->more++;
		return 0;
	}
	err = make_room_for_found(s);
	if (err)
		return err;
	hand_out_found(s, key, word);
	found_at(s, s->count)->word = word;
	found_at(s, s->count)->at = s->opts->found++;
	memcpy(found_key(s, s->count), key, s->target.info.key_size);
	s->count++;
	return 0;
}

/* What a sweep found carries a claim, or did. */
static int look_first(struct stale *s, __u64 count)
{
	__u64 word = 0;
	int ret = 0;

	for (__u64 i = 0; i < count && ret >= 0; i++) {
		const char *key = s->keys + i * s->target.info.key_size;

		ret = look_at(s, key, &word);
		if (ret == 1)
			ret = add_found(s, key, word);
	}
	return ret < 0 ? ret : 0;
}

static int find_all(struct stale *s)
{
	struct bpf_map_sweep_cond conds[2];
	struct bpf_map_sweep_opts opts;
	int ret = 1;

	memset(conds, 0, sizeof(conds));
	conds[0].offset = conds[1].offset = s->opts->claim_offset;
	conds[0].size = conds[1].size = (__u8)s->opts->claim_size;
	conds[0].op = BPF_MAP_SWEEP_GE;
	conds[0].operand = s->claims.first;
	conds[1].op = BPF_MAP_SWEEP_LE;
	conds[1].operand = s->claims.last;
	memset(&opts, 0, sizeof(opts));
	opts.sz = sizeof(opts);
	opts.flags = BPF_MAP_SWEEP_COUNT;
	opts.keys = s->keys;
	opts.capacity = KEYS_AT_ONCE;
	/* One part of one: the way that cannot go on where it stopped is not gone. */
	opts.cursor = BPF_MAP_SWEEP_PART(0, 1);
	while (ret == 1 && !s->more) {
		ret = bpf_map_sweep(s->target.fd, conds, ARRAY_LEN(conds), &opts);
		if (ret >= 0) {
			int err = look_first(s, opts.matched);

			ret = err ? err : ret;
		}
	}
	return ret < 0 ? ret : 0;
}

static int wait_for_next_look(const struct stale *s)
{
	__u64 ms = s->opts->wait_ms ? s->opts->wait_ms : WAIT_MS_DEFAULT;
	__u64 ns = ms * 1000000 / LOOKS;
	struct timespec time;

	time.tv_sec = (time_t)(ns / 1000000000);
	time.tv_nsec = (long)(ns % 1000000000);
	return nanosleep(&time, NULL) ? -errno : 0;
}

static void has_changed(struct stale *s, __u32 i)
{
	set_found_result(s, i, -ENOENT);
	s->opts->changed++;
}

/* What does not carry the very claim any more is left alone from now on. */
static int look_again(struct stale *s)
{
	__u32 left = 0;
	__u64 word = 0;
	int ret;

	for (__u32 i = 0; i < s->count; i++) {
		ret = look_at(s, found_key(s, i), &word);
		if (ret < 0)
			return ret;
		if (!ret || word != found_at(s, i)->word) {
			has_changed(s, i);
			continue;
		}
		if (left != i)
			memcpy(found_at(s, left), found_at(s, i), s->stride);
		left++;
	}
	s->count = left;
	return 0;
}

static int wait_and_look(struct stale *s)
{
	int err = 0;

	for (int look = 1; look <= LOOKS && s->count && !err; look++) {
		err = wait_for_next_look(s);
		/* The last one is under the claim's lock. */
		if (!err && look < LOOKS)
			err = look_again(s);
	}
	return err;
}

static int compare_words(const void *a, const void *b)
{
	const struct found *one = a, *other = b;

	return one->word < other->word ? -1 : one->word > other->word;
}

/* A few that carry one claim, all of which is held: deletes them, and says which could not be for a lock. */
static int delete_standing(struct stale *s, __u32 first, __u32 count, __u64 by)
{
	__u32 key_size = s->target.info.key_size, deleted = count;
	__u32 half = (__u32)by;
	struct bpf_map_delete_batch_opts opts;

	memset(&opts, 0, sizeof(opts));
	opts.sz = sizeof(opts);
	opts.elem_flags = BPF_F_COMPARE;
	opts.backend = BPF_MAP_COMPARE_SYSCALL_PROG;
	opts.compare = s->words;
	opts.compare_offset = opts.claim_offset = s->opts->claim_offset;
	opts.compare_size = opts.claim_size = s->opts->claim_size;
	opts.claim = opts.claim_size == sizeof(half) ? (const void *)&half : &by;
	opts.results = s->results;
	for (__u32 i = 0; i < count; i++) {
		memcpy(s->keys + (size_t)i * key_size, found_key(s, first + i), key_size);
		store_word(s->words + (size_t)i * opts.claim_size, found_at(s, first + i)->word,
			   opts.claim_size);
	}
	return delete_batch(&s->target, s->keys, &deleted, &opts);
}

/* Of what a lock was in the way the answer is to come yet. */
static int clear_some(struct stale *s, __u32 first, __u32 count, __u64 by)
{
	__u32 left = count;
	int err = 0;

	for (int tries = 0; left && !err; tries++) {
		if (tries == CLEAR_TRIES)
			return -EAGAIN;
		err = delete_standing(s, first, count, by);
		left = 0;
		for (__u32 i = 0; i < count; i++) {
			if (!s->results[i]) {
				set_found_result(s, first + i, 0);
				s->opts->stale++;
				s->opts->cleared++;
			} else if (s->results[i] == -EBUSY || s->results[i] == -ENOENT) {
				has_changed(s, first + i);
			} else if (first + left++ != first + i) {
				memcpy(found_at(s, first + left - 1), found_at(s, first + i),
				       s->stride);
			}
		}
		count = left;
	}
	return err;
}

static int tell_of(struct stale *s, __u32 first, __u32 count)
{
	__u64 word = 0;
	int ret;

	for (__u32 i = first; i < first + count; i++) {
		ret = look_at(s, found_key(s, i), &word);
		if (ret < 0)
			return ret;
		if (ret && word == found_at(s, i)->word) {
			set_found_result(s, i, 0);
			s->opts->stale++;
		} else {
			has_changed(s, i);
		}
	}
	return 0;
}

/* By the caller's claim, or where it is that one, or there is none, by any other. */
static int clear_all_of(struct stale *s, __u32 first, __u32 count)
{
	__u64 word = found_at(s, first)->word, by = s->own.word;
	bool takes = !s->own.size || by == word;
	int err = 0;

	if (takes)
		err = hold_any(s->holding, s->target.info.id, &s->claims, &word, &by);
	if (err == -EBUSY)
		return refuse(err, "no other claim is free to clear claim 0x%llx by",
			      (unsigned long long)word);
	while (count && !err) {
		__u32 some = count < KEYS_AT_ONCE ? count : KEYS_AT_ONCE;

		err = clear_some(s, first, some, by);
		first += some;
		count -= some;
	}
	if (takes)
		hold_let_go(s->holding, s->target.info.id, by);
	return err;
}

/* Those that carry the same one. While it is held here nobody else can come to have it. */
static int finish_group(struct stale *s, __u32 first, __u32 count)
{
	__u64 word = found_at(s, first)->word;
	bool own = s->own.size && s->own.word == word;
	int err;

	err = own ? 0 : hold_claim(s->holding, s->target.info.id, word);
	if (err == -EBUSY) {
		for (__u32 i = first; i < first + count; i++)
			set_found_result(s, i, -EBUSY);
		s->opts->held += count;
		return 0;
	}
	if (err)
		return err;
	err = keeps(s) ? tell_of(s, first, count) : clear_all_of(s, first, count);
	if (!own)
		hold_let_go(s->holding, s->target.info.id, word);
	return err;
}

static int finish(struct stale *s)
{
	__u32 first = 0, count;
	int err = 0;

	if (s->count)
		qsort(s->found, s->count, s->stride, compare_words);
	for (; first < s->count && !err; first += count) {
		count = 1;
		while (first + count < s->count &&
		       found_at(s, first + count)->word == found_at(s, first)->word)
			count++;
		err = finish_group(s, first, count);
	}
	return err;
}

static int look_and_clear(struct stale *s)
{
	const struct bpf_map_info *info = &s->target.info;
	int err = 0;

	s->stride = sizeof(struct found) + ((info->key_size + 7u) & ~7u);
	s->keys = calloc(KEYS_AT_ONCE, info->key_size);
	s->value = calloc(1, info->value_size);
	if (!s->keys || !s->value)
		err = -ENOMEM;
	/* What it takes to delete is asked before the wait. */
	if (!err && !keeps(s))
		err = delete_standing(s, 0, 0, s->claims.last);
	if (!err)
		err = find_all(s);
	if (!err)
		err = wait_and_look(s);
	if (!err)
		err = finish(s);
	free(s->keys);
	free(s->value);
	free(s->found);
	return err ? err : !!s->more;
}

/* By file descriptors of ours: the wait is long, and the caller's may become another map's meanwhile. */
static int clear_by_ours(struct stale *s, int fd)
{
	int err;

	s->target.fd = duplicate(fd);
	if (s->target.fd < 0)
		return s->target.fd;
	s->holding = -1;
	err = map_check_same(s->target.fd, &s->target.info);
	if (!err)
		s->holding = err = hold_open();
	if (err >= 0)
		err = look_and_clear(s);
	if (s->holding >= 0)
		close(s->holding);
	close(s->target.fd);
	return err;
}

static int read_claims_opts(struct stale *s)
{
	const struct bpf_map_claims_opts *opts = s->opts;
	int err;

	if (opts->flags & ~(__u64)BPF_MAP_CLAIMS_KEEP)
		return refuse(-EINVAL, "unknown flags 0x%llx", (unsigned long long)opts->flags);
	if ((opts->keys || opts->words || opts->results) && !opts->capacity)
		return refuse(-EINVAL, "keys, words or results without capacity");
	err = read_claims(&s->claims, opts->claim_first, opts->claim_last);
	if (!err)
		err = hold_check_range(&s->claims, opts->claim_size);
	if (!err && opts->claim_offset % opts->claim_size)
		err = refuse(-EINVAL, "claim_offset %u is no multiple of claim_size %u",
			     opts->claim_offset, opts->claim_size);
	if (!err && opts->claim)
		err = read_claim(&s->own, "", opts->claim, opts->claim_offset, opts->claim_size);
	if (!err)
		err = check_in_claims(&s->claims, &s->own, "");
	if (!err && !keeps(s) && s->claims.first == s->claims.last)
		err = refuse(-EINVAL, "a claim is cleared by another one: the range has one alone");
	return err;
}

static int check_claims_map(struct stale *s, int fd)
{
	struct bpf_map_info *info = &s->target.info;
	__u32 offset = s->opts->claim_offset, size = s->opts->claim_size;
	int err;

	s->target.fd = fd;
	err = keeps(s) ? 0 : map_check_writable(fd);
	if (!err)
		err = map_info(fd, info);
	if (!err)
		err = map_check_type(&s->target);
	if (!err)
		err = map_check_readable(fd);
	if (!err && (size > info->value_size || offset > info->value_size - size))
		err = refuse(-EINVAL,
			     "claim_offset %u + claim_size %u is past the value's end: "
			     "value_size %u",
			     offset, size, info->value_size);
	return err;
}

static int clear_map(int fd, struct bpf_map_claims_opts *ours)
{
	struct stale *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->opts = ours;
	ours->found = ours->held = ours->stale = ours->cleared = ours->changed = 0;
	err = read_claims_opts(s);
	if (!err)
		err = check_claims_map(s, fd);
	if (!err)
		err = clear_by_ours(s, fd);
	free(s);
	return err;
}

/* What the caller's struct has room for. */
static void copy_claims_counts(struct bpf_map_claims_opts *to,
			       const struct bpf_map_claims_opts *from)
{
	const size_t start = offsetof(struct bpf_map_claims_opts, found);
	const size_t end = FIELD_END(struct bpf_map_claims_opts, changed);
	size_t size = to->sz < end ? to->sz : end;

	if (size > start)
		memcpy((char *)to + start, (const char *)from + start, size - start);
}

int bpf_map_claims_clear(int fd, struct bpf_map_claims_opts *opts)
{
	struct bpf_map_claims_opts ours;
	int cancel_state = enter(), err;

	if (!opts)
		return leave(cancel_state, refuse(-EINVAL, "opts is NULL"));
	err = copy_opts(&ours, FIELD_END(struct bpf_map_claims_opts, changed), opts,
			"bpf_map_claims_opts");
	if (err)
		return leave(cancel_state, err);
	err = clear_map(fd, &ours);
	copy_claims_counts(opts, &ours);
	return leave(cancel_state, err);
}
