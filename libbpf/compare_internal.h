/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

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
#include <bpf/bpf_compare.h>

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
