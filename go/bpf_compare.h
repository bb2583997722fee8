/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * Delete an entry of a BPF hash map only if its value still is what the
 * caller saw.
 *
 * Two backends give the same answers. The native one is the kernel's own
 * BPF_F_COMPARE, on kernels that carry it. The other, called the emulation
 * below, is a BPF syscall program (Linux >= 5.14) that compares and then
 * deletes inside the kernel. What each is atomic against differs, and is said
 * at bpf_map_delete_elem_opts().
 *
 * Map types: BPF_MAP_TYPE_HASH and BPF_MAP_TYPE_LRU_HASH, pre-allocated or not.
 *
 * A caller either has a file descriptor, and what the emulation needs is kept
 * unseen between the calls (see bpf_map_compare_release()), or has it in an
 * object of its own, see bpf_map_comparer__open(): faster, and with no state but
 * the caller's.
 *
 * Whoever is refused is told why through libbpf's print callback
 * (libbpf_set_print()): with level LIBBPF_WARN where the call itself is wrong
 * (-EINVAL, -EFAULT), LIBBPF_DEBUG where this map, kernel or caller does not have
 * what it takes. The text begins with "libbpf-compare: ". What is about a key
 * (-EBUSY, -ENOENT, -EAGAIN) prints nothing. libbpf_compare_reason() has the last
 * reason for the thread that was refused. The callback must not call this library.
 *
 * Every function is thread safe, none is async-signal-safe, none a cancellation
 * point. A child made by fork() may call them all: it starts with nothing kept.
 * dlclose() leaves the shared library in place.
 */
#ifndef __LIBBPF_BPF_COMPARE_H
#define __LIBBPF_BPF_COMPARE_H

#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/libbpf_common.h>

/* After <linux/bpf.h>, which may come to define it. */
#ifndef BPF_F_COMPARE
#define BPF_F_COMPARE (1U << 5)
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct bpf_map;

enum bpf_map_compare_backend {
	/*
	 * Native where it serves this map and these options, else the emulation; an error where that
	 * could not be told.
	 */
	BPF_MAP_COMPARE_AUTO = 0,
	/* The kernel's BPF_F_COMPARE, or -EOPNOTSUPP. */
	BPF_MAP_COMPARE_NATIVE = 1,
	/* The emulation by a BPF syscall program, or -EOPNOTSUPP. */
	BPF_MAP_COMPARE_SYSCALL_PROG = 2,
};

struct bpf_map_delete_elem_opts {
	size_t sz;		/* size of this struct, for compatibility; LIBBPF_OPTS sets it */
	__u64 flags;		/* 0 = delete whatever the value is, or BPF_F_COMPARE */
	const void *compare;	/* the expected bytes */
	__u32 compare_offset;	/* where in the value they start, in bytes */
	__u32 compare_size;	/* how many bytes; 0 = the whole value */
	const void *claim;	/* one word that no live entry carries; NULL = no claim */
	__u32 claim_offset;	/* where in the value that word is, in bytes; a multiple of its size */
	__u32 claim_size;	/* the word's size, 4 or 8 bytes */
	__u32 backend;		/* enum bpf_map_compare_backend */
	__extension__ size_t :0;
};
#define bpf_map_delete_elem_opts__last_field backend

/**
 * @brief **bpf_map_delete_elem_opts()** deletes the entry of *key* from a map,
 * with BPF_F_COMPARE only if a region of its value equals what the caller
 * expects.
 *
 * With *opts* NULL or flags 0 this is bpf_map_delete_elem(): the entry is
 * deleted whatever its value is. With BPF_F_COMPARE the entry is deleted only
 * if compare_size bytes of its value, from compare_offset on, equal those at
 * compare. No failure ever becomes an unconditional delete.
 *
 * What the comparison is atomic against depends on the backend:
 *
 * - Native: atomic against writers that replace the element
 *   (bpf_map_update_elem(), also from BPF programs), as the kernel compares and
 *   unlinks under the bucket's lock. Not against BPF programs that write in
 *   place, through the pointer that bpf_map_lookup_elem() gave them.
 * - Emulation: not atomic against either. The window between reading and
 *   deleting shrinks from the caller's (a whole batch, often) to a wait for one
 *   bucket's lock, plus a preemption or an interrupt before it. A writer that
 *   never pauses still wins nearly always.
 * - Emulation with a claim, on BPF_MAP_TYPE_HASH: closed against both, where all
 *   who share the map keep to the protocol of <bpf/bpf_compare.bpf.h>: every
 *   creator uses BPF_NOEXIST, every writer and every conditional delete follows
 *   it, and nobody uses BPF_ANY, BPF_EXIST, BPF_F_LOCK or a plain delete. On
 *   BPF_MAP_TYPE_LRU_HASH likewise, but for an entry that is evicted and created
 *   anew between the check and the delete.
 * - All deletes by compare of one entry, by any backend: the kernel deletes an
 *   element once, so that of several callers at most one gets 0.
 *
 * A claim is a word that no live entry ever carries, 4 or 8 bytes at a multiple
 * of its size, inside the compared region. The program compares the region,
 * writes the claim over the word by an atomic compare-exchange, looks the key up
 * again, and deletes only if the entry there carries the claim and is otherwise
 * as expected; if not, it takes the claim back. All of that is one run of the
 * program: whoever is killed leaves nothing claimed. Where the value has a
 * bpf_spin_lock, comparing and claiming happen with that lock held (Linux >= 6.6,
 * regions up to 256 bytes). For a collector that claims:
 *
 * - The expected word must be one that a new entry cannot carry at the moment of
 *   the delete, such as an expiry that has passed, or a revision that is counted
 *   for the whole map.
 * - It must not be a claim, of whichever collector: skip entries that a snapshot
 *   shows claimed. To claim from another's claim could leave it standing.
 * - Runs with a claim on one map go one after the other within a process, which
 *   the library sees to. Processes that collect from one map at the same time, a
 *   parent and its child among them, need a claim each.
 *
 * On first use on a map, for each region and each place of a claim's word, the
 * emulation loads a BPF program (some tenths of a millisecond), which is kept,
 * see bpf_map_compare_release(). Later calls take three system calls: two that
 * check the map behind *fd* and the permission to write through it, one that
 * runs the program. The program itself looks whether the map is frozen before
 * each delete, and whether the caller has the capabilities that it was loaded
 * with, where it may (Linux >= 5.17 with BTF and tracing, loaded with
 * CAP_PERFMON): else system calls ask, one more.
 *
 * @param fd file descriptor of the map, opened for writing. The map must stay
 * open during the call.
 * @param key pointer to the key, of the map's key size
 * @param opts options, may be NULL. Only the first opts->sz bytes are read;
 * bytes past those known here must be zero.
 * @return 0, the entry was deleted; negative error code otherwise, which is
 * stored in errno as well, and nothing was deleted. The first that applies:
 *
 * - -EINVAL: unknown flag or backend, compare or claim fields without
 *   BPF_F_COMPARE, opts->sz too small, or non-zero bytes past the known fields;
 *   a claim whose size, alignment or place in the region is not as said above,
 *   or that equals the expected word (where compare_size is 0 those two are
 *   answered with the region, below);
 * - -EBADF: *fd* is not open, or has become another map while the program was
 *   loaded for this one; -EINVAL: it is no map;
 * - -EPERM: *fd* is read-only, or the map is frozen;
 * - -EFAULT: *key* is NULL;
 * - -EINVAL: compare_offset + compare_size lies past the value's end;
 * - -EOPNOTSUPP: the map's type, the region (it overlaps a bpf_spin_lock,
 *   bpf_timer, kptr or other field that the kernel manages), or the wanted
 *   backend does not support it: native on a value with any such field; the
 *   emulation on a map that BPF programs may not read and write
 *   (BPF_F_RDONLY_PROG, BPF_F_WRONLY_PROG, exclusive), on keys over 1024 bytes,
 *   on regions over 64 KiB, before Linux 6.1 on maps with BPF_F_NO_PREALLOC, and
 *   before 6.6 on values with a bpf_spin_lock; native with a claim; a claim on
 *   a region over 256 bytes of a value with a bpf_spin_lock, or on a value with
 *   a bpf_res_spin_lock; or the kernel has neither backend;
 * - -EPERM: loading the emulation's program takes CAP_BPF (on kernels before 6.1
 *   that may be CAP_PERFMON as well), which the caller lacks now, whatever is kept
 *   from earlier (but what is kept takes capabilities by name: those over a user
 *   namespace that was entered since will do for it); or the caller may not
 *   create the scratch map that tells whether the kernel has the native backend;
 *   or there is a claim and a field in the value that the kernel manages: to learn
 *   from the map's BTF whether it is a lock takes CAP_SYS_ADMIN;
 * - -EFAULT: compare is NULL; from the native backend also a *key* or compare
 *   that cannot be read (the emulation reads them in user space);
 * - -EBUSY: the region differs, the entry is untouched (from the native backend
 *   this may also mean, as -EDEADLK and -ETIMEDOUT do, that the kernel could not
 *   take a lock);
 * - -ENOENT: there is no such key. The emulation looks up to five times: its
 *   look-up takes no lock, and can miss a key that is there all the time while
 *   others replace it and a key of the same bucket, once in a hundred times at
 *   worst, so that one in 10^10 such answers remains;
 * - -EAGAIN: the region matched, but the kernel could not take a lock (the
 *   emulation only; -EBUSY always means "differs" there);
 * - -ESTALE: file descriptors that the library keeps were closed behind its back
 *   and became others', and so again when it had made new ones; -ETIMEDOUT: by one
 *   of those somebody else ran the emulation's program, and that did not come to
 *   an end within a second: whether the entry was deleted is not known;
 * - -ENOMEM, -EMFILE, -ENFILE, -EINTR, -EAGAIN and others of bpf(2): passed on
 *   from loading or running the emulation's program; a later call tries again.
 */
LIBBPF_API int bpf_map_delete_elem_opts(int fd, const void *key,
					const struct bpf_map_delete_elem_opts *opts);

/**
 * @brief **bpf_map__delete_elem_opts()** is bpf_map_delete_elem_opts() on a
 * libbpf map object.
 *
 * @param map libbpf map object, created or re-used
 * @param key pointer to the key
 * @param key_sz the key's size in bytes, which must be the map's key size
 * @param opts as for bpf_map_delete_elem_opts()
 * @return as bpf_map_delete_elem_opts(); -EINVAL also where *map* is NULL or
 * *key_sz* is not the map's key size, -EBADF where the map was not created yet
 */
LIBBPF_API int bpf_map__delete_elem_opts(const struct bpf_map *map, const void *key, size_t key_sz,
					 const struct bpf_map_delete_elem_opts *opts);

/* What becomes of linked entries: 0 = each is deleted after the first one of its pair. */
enum {
	BPF_MAP_LINKED_KEEP = 1,   /* it is looked at, and stays */
	BPF_MAP_LINKED_ABSENT = 2, /* it must not be there */
	BPF_MAP_LINKED_FIRST = 4,  /* it is deleted before the first one */
};

struct bpf_map_delete_batch_opts {
	size_t sz;		/* size of this struct, for compatibility; LIBBPF_OPTS sets it */
	__u64 elem_flags;	/* 0 = delete whatever the values are, or BPF_F_COMPARE */
	const void *compare;	/* key i's expected bytes start at compare + i * compare_stride */
	__u32 compare_offset;	/* where in the value they start, in bytes */
	__u32 compare_size;	/* how many bytes; 0 = the whole value */
	/*
	 * From one to the next, in bytes; 0 = compare_size, or the value size where that is 0 too:
	 * packed, and not as bpf_map_lookup_batch() gives values, which takes the value size.
	 */
	__u32 compare_stride;
	__u32 backend;		/* enum bpf_map_compare_backend */
	const void *claim;	/* one claim for every key, as for a single one */
	__u32 claim_offset;
	__u32 claim_size;
	int *results;		/* out: an answer for each key; NULL = not wanted */

	/* Since 0.2.0, by the emulation alone: */
	void *values;		/* out: value i as it was, value_size * i from here; NULL = not wanted */
	const void *linked_keys;	/* a second entry for each key; NULL = none */
	const void *linked_compare;	/* what it has to be; NULL = anything, also missing */
	const void *linked_claim;	/* one claim for all of them; NULL = no claim */
	int *linked_results;	/* out: an answer for each; NULL = not wanted */
	__u32 linked_fd;	/* the map that they are in; 0 = the same */
	__u32 linked_flags;	/* BPF_MAP_LINKED_* */
	__u32 linked_compare_offset;	/* as compare_offset and so on, in the linked map's values */
	__u32 linked_compare_size;
	__u32 linked_compare_stride;
	__u32 linked_claim_offset;
	__u32 linked_claim_size;
	__u64 claim_first;	/* words from here to claim_last are claims, whoever's, in either map; */
	__u64 claim_last;	/* both 0: those given above alone */
	__extension__ size_t :0;
};
#define bpf_map_delete_batch_opts__last_field claim_last

/**
 * @brief **bpf_map_delete_batch_opts()** deletes many keys, with BPF_F_COMPARE
 * only those whose value still equals what the caller expects.
 *
 * Every key is looked at, in their order, and has an answer of its own: one
 * that differs or is missing stops nothing, unlike in BPF_MAP_DELETE_BATCH. Of
 * a key that is there twice, the first deletes and the second is missing. What
 * bpf_map_lookup_batch() read can be handed on as it is: its keys, and compare =
 * values + offset with compare_stride = the value size.
 *
 * What is true of bpf_map_delete_elem_opts() is true of each key here:
 * atomicity, limits, errors. It is no transaction: each key is deleted by itself.
 *
 * - Emulation: a run of its program takes up to 512 keys, as many as fit into
 *   72 KiB with the bytes they are compared with (each of both rounded up to 8
 *   bytes, and 8 more, with a claim 24, with linked entries or values 64), one at
 *   least, pairs up to 256, and usually some 100 us. Between runs the
 *   fd is checked anew: -EBADF where it has become another map. Where the map is
 *   frozen meanwhile the answer is -EPERM, and what was not deleted by then stays:
 *   all but the one entry whose delete had begun, or but those of that run where
 *   the program cannot ask (see above).
 * - Native: one system call a key.
 * - BPF_MAP_COMPARE_AUTO means here what it means for a single key, native where
 *   it serves, although the emulation is faster: it promises less. Whoever
 *   prefers speed there asks for BPF_MAP_COMPARE_SYSCALL_PROG.
 *
 * With elem_flags 0 or *opts* NULL keys are deleted unconditionally, by the
 * emulation's program where that can be had and by one system call a key where
 * not; backend is of no account, and any map type that deletes by key will do. With
 * values it is the emulation, as with BPF_F_COMPARE.
 *
 * Linked entries: with linked_keys each key is one half of a pair, A, and the key
 * at the same place there is the other, B, in the same map or in another (linked_fd).
 * Both are looked at in one run of the program, before either is deleted; then A
 * goes, and after it B, unless linked_flags say otherwise. By A and B, the answers are:
 *
 *	A	B					results	linked_results
 *	missing	not looked at				-ENOENT	-ECANCELED
 *	differs	not looked at				-EBUSY	-ECANCELED
 *	equal	differs; is there, but should be absent;
 *		is claimed by another			-EBUSY	-EBUSY
 *	equal	compared, but missing			-EBUSY	-ENOENT
 *	equal	not compared, or absent: missing	0	-ENOENT
 *	equal	as it has to be				0	0
 *	one entry's two halves				-EINVAL	-ECANCELED
 *
 * Where the kernel could not take a lock for the second of the two deletes, that one
 * has -EAGAIN and the other 0; for the first of them, A has -EAGAIN and nothing was
 * deleted. Where A is not what was claimed when it is looked up again, it has -EBUSY or
 * -ENOENT; an unclaimed one that somebody else deleted before its turn has -ENOENT,
 * whatever became of the other. Where both are deleted, nothing of B is compared, and its word
 * changed four times while it was to be claimed: -EAGAIN twice. Pairs go in their
 * order: of one connection's two directions, each with the other, the first deletes
 * both and the second is -ENOENT. A is what *count* counts.
 *
 * - With claims on both, A's word is claimed and its key looked up again, then the same
 *   is done with B (where nothing of it is compared, whatever word it carries that is no
 *   claim), then both are deleted; where anything is not as it has to be both words are
 *   given back. So a pair is deleted whole or not at all, under the conditions that a
 *   claim has by itself, in both maps, but for a lock that could not be taken, and for
 *   a B of which nothing is compared and which is not found though it is there. Nobody waits
 *   for anybody: of two collectors who have the same pair at one time, each may find
 *   the other's claim, and leaves the pair alone (-EBUSY).
 * - Without a claim, B is judged after A and both are deleted after that: narrowed as
 *   for one entry, and one may be deleted while the other is refreshed. That
 *   is all there is to BPF_MAP_LINKED_KEEP and BPF_MAP_LINKED_ABSENT in any case.
 * - It is no transaction for those who read: they can see one gone and the other there,
 *   for some 100 ns, longer where the program is preempted in between.
 *
 * values: copied after the claim, or before the region is compared, in the copy,
 * and just before the delete. What was compared is in it as it was expected; what is
 * written in place between copy and delete, by whom no claim keeps from that, is not;
 * nor is what replaced the element then, which without a claim may go unseen.
 * A claim is not seen in it: the expected word is. Fields that the kernel manages read
 * as 0. Where the result is not 0, value i is undefined.
 *
 * @param fd file descriptor of the map, opened for writing; with values also for
 * reading. So is linked_fd, but for KEEP and ABSENT, which take one for reading
 * @param keys the keys, one after the other, each of the map's key size
 * @param count in: number of keys, 0 being fine; out, in any case: number of
 * entries that were deleted
 * @param opts options, may be NULL; as for bpf_map_delete_elem_opts()
 * @return 0, every key has its result; negative error code otherwise, stored in
 * errno too: those of bpf_map_delete_elem_opts() that are about the call, the
 * map or the caller, and -EINVAL where *count* is NULL. results then holds what
 * became of the keys that were reached, and -ECANCELED for all others; it is left
 * alone only where opts itself could not be read (opts->sz, unknown fields).
 *
 * What a key's result can be: 0, deleted; -EBUSY, it differs, or its expected
 * bytes carry a claim already, as a snapshot can; -ENOENT, it is not there;
 * -EAGAIN, the kernel could not take a lock; -ECANCELED, not reached; and as in the
 * table above.
 *
 * Errors of the newer fields:
 *
 * - -EINVAL: a linked field without linked_keys; linked_keys without BPF_F_COMPARE;
 *   unknown linked_flags; ABSENT with KEEP, FIRST, linked_compare or linked_claim; KEEP
 *   with FIRST or linked_claim; linked_compare_* without linked_compare;
 *   a linked_claim whose size, alignment or place is wrong, outside the value or, where
 *   that is compared, the region; of two entries of one map that are both
 *   to be deleted, a claim on one alone; a linked_claim alone in one map; claim_first
 *   over claim_last, either without a claim, or a claim that is not between them;
 * - -EBADF, -EINVAL, -EPERM: linked_fd is not open, no map, read-only or frozen (the
 *   last two only where B is to be deleted) or write-only (where B stays); with
 *   values, *fd* is write-only;
 * - -EOPNOTSUPP: what fd's map can be refused for, of linked_fd's; values of more than
 *   64 KiB; BPF_MAP_COMPARE_NATIVE.
 */
LIBBPF_API int bpf_map_delete_batch_opts(int fd, const void *keys, __u32 *count,
					 const struct bpf_map_delete_batch_opts *opts);

/* Ours, beside the kernel's flags of an update. */
#define BPF_F_IN_PLACE (1U << 30)

/* What becomes of a word in place: each of these with the word at value. */
enum bpf_map_update_op {
	BPF_MAP_UPDATE_SET = 0,
	BPF_MAP_UPDATE_ADD = 1,	/* it wraps around; to subtract, add the negative */
	BPF_MAP_UPDATE_AND = 2,
	BPF_MAP_UPDATE_OR = 3,
	BPF_MAP_UPDATE_XOR = 4,
};

struct bpf_map_update_elem_opts {
	size_t sz;		/* size of this struct, for compatibility; LIBBPF_OPTS sets it */
	__u64 flags;		/* BPF_ANY, BPF_NOEXIST, BPF_EXIST; or BPF_F_COMPARE, BPF_F_IN_PLACE, both */
	const void *compare;	/* the expected bytes */
	void *old;		/* out: the bytes that were written over; NULL = not wanted */
	__u32 compare_offset;	/* where in the value they start, in bytes */
	__u32 compare_size;	/* how many bytes; 0 = the whole value */
	__u32 offset;		/* where in the value is written in place, in bytes, */
	__u32 size;		/* and how many; 0 = the whole value */
	__u32 op;		/* enum bpf_map_update_op, of one word in place */
	__u32 backend;		/* enum bpf_map_compare_backend */
	__u64 claim_first;	/* a word from here to claim_last is not written over, nor written; */
	__u64 claim_last;	/* both 0: any is */
	__extension__ size_t :0;
};
#define bpf_map_update_elem_opts__last_field claim_last

/**
 * @brief **bpf_map_update_elem_opts()** changes the value of an entry: only if a
 * region of it equals what the caller expects, or one word of it where it is, or
 * both.
 *
 * - flags BPF_ANY (0), BPF_NOEXIST, BPF_EXIST, or *opts* NULL: this is
 *   bpf_map_update_elem(), of any map.
 * - BPF_F_COMPARE: the entry is replaced by one with the whole of *value* if
 *   compare_size bytes of its value, from compare_offset on, equal those at compare.
 * - BPF_F_IN_PLACE: size bytes from offset on are changed in the value where it is:
 *   what others write beside them stays. *value* has size bytes.
 * - both: in place, and only if the region equals.
 *
 * In place is for one word, of 4 or 8 bytes at a multiple of its size, a whole value
 * of that size included: op makes the new word of the one that is there and the one
 * at *value*. Several bytes can be set in place where the value has a bpf_spin_lock,
 * which is held meanwhile; where it has none readers could see half of them, so that
 * is refused, as are 1 and 2 bytes.
 *
 * By the emulation alone, see bpf_map_delete_elem_opts(): no kernel has this. What
 * it is atomic against:
 *
 * - One word in place, against BPF programs and others who change it in place by atomic
 *   operations, or that word's value under the lock: it is read, looked at and changed
 *   by compare-exchange. None of their changes is lost, *old* is the word that was
 *   changed, and of two calls that compare that word, one alone gets 0. A region is
 *   atomic with it as far as it is that word; what is compared beside it is narrowed,
 *   as for a delete without a claim.
 * - Several bytes: as for one word, against all who hold the lock.
 * - Entries that are replaced, deleted, or whose element is recycled for another key
 *   meanwhile: the key is looked up again between reading and the exchange, and where it
 *   leads elsewhere all is done anew there, at most 4 times. So another entry is
 *   changed only where, at the moment when the element is recycled, it carries the very
 *   word (or bytes) that was read: never where words of different entries differ. An
 *   answer of 0 says that at some time during the call the entry was there, with *old* in
 *   it, and was changed then. Who replaces or deletes it after that does so with the
 *   changed one; but who counts what it was by then, as a reader of counters that
 *   deletes does, has to delete with a claim, and updates leave its claims alone: else
 *   what *old* tells may be counted twice.
 * - BPF_F_COMPARE alone: narrowed, from the caller's look-up to a look at the region and
 *   an update right after it, against all writers: what they write in between is lost.
 *
 * A reader of counters that are added to by atomic operations takes them by
 * BPF_MAP_UPDATE_SET of 0 with *old*: none is lost, none counted twice. BPF_MAP_UPDATE_ADD
 * of 0 with *old* reads a word.
 *
 * In place takes Linux 5.17, and CAP_PERFMON beside CAP_BPF: to tell whether an element is
 * still the entry's. Of an LRU map's order each call with BPF_F_COMPARE or BPF_F_IN_PLACE is
 * a use of the entry; an update with BPF_F_COMPARE alone takes a free element there, for
 * which another entry may be evicted, also where it then finds none to replace.
 *
 * @param fd file descriptor of the map, opened for writing; with *old* also for reading
 * @param key pointer to the key, of the map's key size
 * @param value pointer to size bytes, where size is 0 to as many as the map's values have
 * @param opts options, may be NULL
 * @return 0, the value was changed; negative error code otherwise, stored in errno too,
 * and neither the value nor *old* was changed. As for bpf_map_delete_elem_opts(), in
 * that order, with these among them:
 *
 * - -EINVAL: unknown flags, op or backend; BPF_NOEXIST or BPF_EXIST together with
 *   BPF_F_COMPARE or BPF_F_IN_PLACE; compare fields without BPF_F_COMPARE; offset, size, or an
 *   op other than BPF_MAP_UPDATE_SET, without BPF_F_IN_PLACE; *old* without either; an op on
 *   what is not one word; claim_first over claim_last, or over what a word can be, or either
 *   on what is not one word in place;
 * - -EFAULT: *key* or *value* is NULL;
 * - -EINVAL: offset + size lies past the value's end;
 * - -EOPNOTSUPP: what the emulation cannot serve; BPF_MAP_COMPARE_NATIVE with BPF_F_COMPARE or
 *   BPF_F_IN_PLACE; 1 or 2 bytes in place; several where there is no bpf_spin_lock, or more
 *   than 256 of them, or of what is compared with that held; bytes that the kernel manages; with BPF_F_COMPARE alone values over
 *   64 KiB;
 * - -EPERM: in place, the caller lacks CAP_PERFMON; or CAP_SYS_ADMIN where the kernel manages a
 *   field of the value, of which that cannot be told to be a lock without it; with *old*, *fd*
 *   is write-only;
 * - -EBUSY: the region differs; or the word, or what would become of it, is a claim;
 * - -ENOENT: there is no such key, or not any more;
 * - -EAGAIN: the entry was another one four times, or the word changed 64 times before it
 *   could be exchanged; or the kernel could not take a lock;
 * - -EEXIST, -E2BIG, -ENOMEM and others: passed on from the kernel's update.
 */
LIBBPF_API int bpf_map_update_elem_opts(int fd, const void *key, const void *value,
					const struct bpf_map_update_elem_opts *opts);

/**
 * @brief **bpf_map__update_elem_opts()** is bpf_map_update_elem_opts() on a libbpf
 * map object.
 *
 * @param map libbpf map object, created or re-used
 * @param key pointer to the key
 * @param key_sz the key's size in bytes, which must be the map's key size
 * @param value pointer to what is to be written
 * @param value_sz its size in bytes, which must be opts->size, or the map's value size
 * where that is 0
 * @param opts as for bpf_map_update_elem_opts()
 * @return as bpf_map_update_elem_opts(); -EINVAL also where *map* is NULL or a size is
 * not what it must be, -EBADF where the map was not created yet
 */
LIBBPF_API int bpf_map__update_elem_opts(const struct bpf_map *map, const void *key, size_t key_sz,
					 const void *value, size_t value_sz,
					 const struct bpf_map_update_elem_opts *opts);

struct bpf_map_update_batch_opts {
	size_t sz;		/* size of this struct, for compatibility; LIBBPF_OPTS sets it */
	__u64 elem_flags;	/* flags of each update, as for a single one */
	const void *compare;	/* key i's expected bytes start at compare + i * compare_stride */
	void *old;		/* out: what key i's bytes were, from old + i * size on, or the value size */
	int *results;		/* out: an answer for each key; NULL = not wanted */
	__u32 compare_offset;	/* as for a single one, from here on */
	__u32 compare_size;
	__u32 compare_stride;	/* 0 = compare_size, or the value size where that is 0 too */
	__u32 offset;
	__u32 size;
	__u32 value_stride;	/* from one value to the next, in bytes; 0 = size, or likewise */
	__u32 op;
	__u32 backend;
	__u64 claim_first;
	__u64 claim_last;
	__extension__ size_t :0;
};
#define bpf_map_update_batch_opts__last_field claim_last

/**
 * @brief **bpf_map_update_batch_opts()** updates many keys, each as
 * bpf_map_update_elem_opts() does, and each with an answer of its own.
 *
 * Every key is looked at, in their order; one that cannot be updated stops none of the
 * others. A key that is there twice is updated twice. One operand for all keys takes one
 * value each all the same: value_stride 0 means packed.
 *
 * With elem_flags BPF_ANY, BPF_NOEXIST or BPF_EXIST by the emulation's program where that can
 * be had, and by one system call a key where not; backend is of no account then, and any
 * map type will do.
 *
 * A run of the program takes up to 512 keys, as many as fit into 72 KiB with what goes with
 * each: value and expected bytes, where the whole value is written, and the old one where that
 * is wanted. Between runs the fd is checked anew: -EBADF where it has become another map.
 *
 * @param fd file descriptor of the map
 * @param keys the keys, one after the other, each of the map's key size
 * @param values what is written: key i's from values + i * value_stride on
 * @param count in: number of keys, 0 being fine; out, in any case: number of entries that
 * were updated
 * @param opts options, may be NULL
 * @return 0, every key has its result; negative error code otherwise, stored in errno too:
 * those of bpf_map_update_elem_opts() that are about the call, the map or the caller, and
 * -EINVAL where *count* is NULL, or a stride times the number of keys is past all memory.
 * results then holds what became of the keys that were reached, and -ECANCELED for all
 * others; it is left alone only where opts itself could not be read.
 *
 * What a key's result can be: 0, -EBUSY, -ENOENT and -EAGAIN as for a single one; -EEXIST,
 * -E2BIG, -ENOMEM from the kernel's update; -ECANCELED, not reached. Of a key with another
 * result than 0 old has what it had.
 */
LIBBPF_API int bpf_map_update_batch_opts(int fd, const void *keys, const void *values, __u32 *count,
					 const struct bpf_map_update_batch_opts *opts);

/* What deletes by compare are atomic against, each including those before it. */
enum bpf_map_compare_guarantee {
	BPF_MAP_COMPARE_GUARANTEE_ANY = 0,
	/* Nothing: the time in which others can write is as short as it gets. */
	BPF_MAP_COMPARE_GUARANTEE_NARROWED = 1,
	/* Writers that replace the element: the native backend, or as below. */
	BPF_MAP_COMPARE_GUARANTEE_REPLACING = 2,
	/*
	 * Writers in place too: a claim on BPF_MAP_TYPE_HASH, where all who share the map keep to
	 * the protocol of <bpf/bpf_compare.bpf.h>, which has no writers that replace.
	 */
	BPF_MAP_COMPARE_GUARANTEE_IN_PLACE = 3,
};

struct bpf_map_comparer;

struct bpf_map_comparer_opts {
	size_t sz;		/* size of this struct, for compatibility; LIBBPF_OPTS sets it */
	__u32 backend;		/* enum bpf_map_compare_backend, of all its deletes */
	__u32 guarantee;	/* enum bpf_map_compare_guarantee: at least this, or it is not opened */
	__u32 compare_offset;	/* the region that all its deletes compare; */
	__u32 compare_size;	/* both 0: each delete names its own */
	const void *claim;	/* the claim of all its deletes; NULL: each may have its own */
	__u32 claim_offset;
	__u32 claim_size;
	__extension__ size_t :0;
};
#define bpf_map_comparer_opts__last_field claim_size

/**
 * @brief **bpf_map_comparer__open()** gets ready to delete by compare from one
 * map: all that the calls with a file descriptor find out, or keep between
 * them unseen, is in one object here that the caller owns.
 *
 * It holds a duplicate of *fd*, so that neither closing *fd* nor using its number
 * again matters to it, and one program and 8 to 72 KiB of memory (up to 196 for
 * values and linked entries, whose last other map is held too) for each region
 * and claim that is deleted by, of which the last 16 stay. With a region in *opts*
 * the program is loaded here, and no delete has to: then it may be used after
 * capabilities are dropped, as a file descriptor may. The kernel keeps
 * the map as long as the comparer is open.
 *
 * Threads may share a comparer; its calls go one after the other, of those
 * that wait in the order in which they came. Threads that are not to wait for
 * each other open one each.
 * It belongs to the process that opened it: in a child made by fork() its deletes
 * answer -ESTALE, and the child holds the map until it closes the comparer or
 * executes another program.
 *
 * @param fd file descriptor of the map, opened for writing
 * @param opts options, may be NULL
 * @return the comparer, to be closed by bpf_map_comparer__close(); NULL with
 * errno set to what bpf_map_delete_elem_opts() would answer for this map, backend,
 * region and claim (EINVAL, EBADF, EPERM, EOPNOTSUPP, ENOMEM, ...); EOPNOTSUPP also
 * where the wanted guarantee is more than there is
 */
LIBBPF_API struct bpf_map_comparer *
bpf_map_comparer__open(int fd, const struct bpf_map_comparer_opts *opts);

/**
 * @brief **bpf_map_comparer__delete()** is bpf_map_delete_elem_opts() on the map
 * of a comparer.
 *
 * What *opts* leaves 0 of backend, region and claim is the comparer's. It takes
 * one system call, by the emulation where the caller lacked CAP_PERFMON when the
 * program was loaded, where the kernel has no BTF or is older than 5.17, two: one
 * more asks whether the map is frozen. The native backend takes two.
 *
 * @param comparer the comparer
 * @param key pointer to the key
 * @param opts options, may be NULL: then, as with flags 0, the entry is deleted
 * whatever its value is, by a comparer with a claim too. Backend, region and the
 * place and size of the claim's word must not be others than those that the
 * comparer was opened with; the claim itself may be
 * @return as bpf_map_delete_elem_opts(); -EINVAL also where *opts* contradicts the
 * comparer, or that is NULL; -EBADF where its file descriptor was closed behind
 * it, and is needed; -ESTALE in a child of the process that opened it
 */
LIBBPF_API int bpf_map_comparer__delete(struct bpf_map_comparer *comparer, const void *key,
					const struct bpf_map_delete_elem_opts *opts);

/**
 * @brief **bpf_map_comparer__delete_batch()** is bpf_map_delete_batch_opts() on
 * the map of a comparer.
 *
 * @param comparer the comparer
 * @param keys the keys, one after the other
 * @param count in: number of keys; out, in any case: number of entries deleted
 * @param opts options, may be NULL; see bpf_map_comparer__delete()
 * @return as bpf_map_delete_batch_opts(), and as bpf_map_comparer__delete(); results
 * are left alone where *comparer* is NULL or another process'
 */
LIBBPF_API int bpf_map_comparer__delete_batch(struct bpf_map_comparer *comparer, const void *keys,
					      __u32 *count,
					      const struct bpf_map_delete_batch_opts *opts);

/**
 * @brief **bpf_map_comparer__guarantee()** tells what the comparer's deletes with
 * BPF_F_COMPARE are atomic against, those that name no backend and no claim.
 *
 * @param comparer the comparer
 * @return the guarantee; BPF_MAP_COMPARE_GUARANTEE_ANY where *comparer* is NULL
 */
LIBBPF_API enum bpf_map_compare_guarantee
bpf_map_comparer__guarantee(const struct bpf_map_comparer *comparer);

/**
 * @brief **bpf_map_comparer__close()** closes a comparer, and keeps errno. No
 * call on it may be under way.
 *
 * @param comparer the comparer; nothing is done with NULL
 */
LIBBPF_API void bpf_map_comparer__close(struct bpf_map_comparer *comparer);

/* How a field of an entry compares with a condition's operand: both as numbers of the field's size. */
enum bpf_map_sweep_op {
	BPF_MAP_SWEEP_EQ = 0,
	BPF_MAP_SWEEP_NE = 1,
	BPF_MAP_SWEEP_LT = 2,
	BPF_MAP_SWEEP_LE = 3,
	BPF_MAP_SWEEP_GT = 4,
	BPF_MAP_SWEEP_GE = 5,
	BPF_MAP_SWEEP_BEFORE = 6,	/* of clocks that wrap: the difference, signed, is below 0; */
	BPF_MAP_SWEEP_AFTER = 7,	/* is above 0 */
};

/* Flags of a condition. */
enum {
	BPF_MAP_SWEEP_KEY = 1,		/* a field of the key, not of the value */
	BPF_MAP_SWEEP_SIGNED = 2,
	BPF_MAP_SWEEP_BE = 4,		/* big endian, as addresses and ports are */
};

/* The field is read in its byte order, then masked, then its sign is extended. */
struct bpf_map_sweep_cond {
	__u32 offset;		/* bytes into the value, or the key; any alignment */
	__u8 size;		/* 1, 2, 4 or 8 */
	__u8 op;		/* enum bpf_map_sweep_op */
	__u8 flags;		/* BPF_MAP_SWEEP_KEY, _SIGNED, _BE */
	__u8 group;		/* from 0 on, in order: an entry matches if all of any one group hold */
	__u64 mask;		/* ANDed to the field first; 0 = all of its bits */
	__u64 operand;		/* zero-extended, with BPF_MAP_SWEEP_SIGNED too */
};

/* Flags of a sweep. */
enum {
	BPF_MAP_SWEEP_COUNT = 1,	/* count what matches, delete nothing */
	BPF_MAP_SWEEP_ALL = 2,		/* no conditions: everything matches */
};

struct bpf_map_sweep_opts {
	size_t sz;		/* size of this struct, for compatibility; LIBBPF_OPTS sets it */
	__u64 flags;		/* BPF_MAP_SWEEP_COUNT, BPF_MAP_SWEEP_ALL */
	const void *claim;	/* as for a delete; the word that is expected is the one that was judged */
	void *keys;		/* out: keys of what was deleted (COUNT: that matches); NULL = not wanted */
	void *values;		/* out: their values, value_size apart; NULL = not wanted */
	__u32 claim_offset;
	__u32 claim_size;
	__u64 claim_first;	/* words from here to claim_last are claims, whoever's; */
	__u64 claim_last;	/* both 0: the one given above alone */
	__u32 capacity;		/* room in keys and values, in entries; without those 0 = no limit */
	__u32 max_scan_us;	/* how long the program may run at a time; 0 = 250, -1 = no limit */
	__u64 cursor;		/* in, out: 0 = from the start; else where the last call stopped */
	__u64 scanned;		/* out: entries that were looked at, */
	__u64 matched;		/* of these those that matched (COUNT: and were handed out), */
	__u64 deleted;		/* of these those that were deleted; */
	__u64 changed;		/* those that matched, but not any more when looked up again */
	__extension__ size_t :0;
};
#define bpf_map_sweep_opts__last_field changed

/* A cursor for one of up to 255 threads, from 0 on, that share a sweep: each begins with its own. */
#define BPF_MAP_SWEEP_PART(part, parts) \
	(((__u64)(parts) << 56) | ((__u64)(part) << 48))

/**
 * @brief **bpf_map_sweep()** deletes the entries that match, inside the kernel:
 * a whole collection, or part of one, in one call.
 *
 * An entry matches where all conditions of any one group hold; conditions of a
 * group follow each other, and groups count from 0 without gaps. Operands may be others in
 * each call at no cost; for conditions of another shape (fields, ops, masks,
 * groups) another program is loaded, and kept likewise.
 *
 * Which entries: one that is there from before the call until after it, and matches
 * all the time, is deleted. One that is created, deleted or rewritten meanwhile may be
 * missed. None is deleted that did not match when it was looked up by its key, right
 * before its delete: what a walk finds is but a guess, since its element may have been
 * recycled. Between that look-up and the delete, a sweep promises against writers what
 * bpf_map_delete_elem_opts() does by the emulation, with the judged fields in the place of
 * the compared region: narrowed without a claim; with one, whose word is a field of
 * some condition in each group, no refresh is lost under the conditions that a claim has.
 * Entries whose word is a claim, whoever's, are left alone and count as scanned alone.
 *
 * How it walks depends on kernel, map and caller:
 *
 * - maps of which all can be seen within max_scan_us (200 ns an entry are reckoned
 *   with): by bpf_for_each_map_elem(). The kernel's walk can leave a bucket where the
 *   entry that it would come to next is deleted and its element created anew in
 *   another one within some 100 ns. What it then misses, the next sweep finds;
 * - else, and where it was done before, since Linux 5.17, with the kernel's BTF and
 *   CAP_PERFMON: along the elements, or the buckets where they are not pre-allocated.
 *   That takes the least time by far, and threads can share it: each begins with a
 *   BPF_MAP_SWEEP_PART() as cursor, all with the same capabilities. By the third way
 *   the first part is the whole map;
 * - else by bpf_map_lookup_batch(), and bpf_map_delete_batch_opts() with the
 *   emulation for what matched.
 *
 * The program runs for no longer than about max_scan_us at a time, so that others
 * are not kept waiting on kernels without preemption. A signal does not interrupt a sweep.
 *
 * Of an LRU map's order a sweep changes nothing but for the entries that match.
 *
 * @param fd file descriptor of the map, opened for reading, and for writing unless
 * with BPF_MAP_SWEEP_COUNT, which may be used on frozen maps too
 * @param conds the conditions, up to 16 in up to 8 groups
 * @param conds_cnt how many; 0 only with BPF_MAP_SWEEP_ALL
 * @param opts options and counts; NULL = none
 * @return 0: the whole map was seen, or all of the part, and cursor is 0 again; 1: the
 * capacity is used up, call again for the rest, with the cursor as it is; negative error
 * code, stored in errno too: as for bpf_map_delete_elem_opts() by the emulation (-EBADF,
 * -EPERM, -EOPNOTSUPP, -ENOMEM, -EAGAIN where the kernel could not take a lock for long, ...), and
 * -EINVAL: conditions as they may not be (too many, none without BPF_MAP_SWEEP_ALL or some
 * with it, a field outside of key or value, an unknown size, op or flag, groups out
 * of order, bits of mask or operand outside the field); a claim with
 * BPF_MAP_SWEEP_ALL, or whose word is not all of a value's field in each group, or
 * lies in part in another one; keys or values without capacity; claim_first over
 * claim_last, or either without a claim; a cursor that no call gave. The counts are
 * set anew by each call, on an error too.
 */
LIBBPF_API int bpf_map_sweep(int fd, const struct bpf_map_sweep_cond *conds, __u32 conds_cnt,
			     struct bpf_map_sweep_opts *opts);

/**
 * @brief **bpf_map_sweep_timed()** is bpf_map_sweep() for as long as a time is not over: for
 * callers who have something else to look at in between, such as whether to end.
 *
 * @param max_us microseconds, from the call on, after which no further run of the program is
 * begun, nor anything else read of the map. One run there is in any case.
 * @return as bpf_map_sweep(), with 1 also where the time was over: call again for the rest, with the
 * cursor as it is
 */
LIBBPF_API int bpf_map_sweep_timed(int fd, const struct bpf_map_sweep_cond *conds, __u32 conds_cnt,
				   struct bpf_map_sweep_opts *opts, __u32 max_us);

/**
 * @brief **bpf_map_claim_take()** takes a claim for a map that nobody else has
 * taken: no other process, whatever its namespaces, and no other call of this one.
 *
 * It is held until the file descriptor that is returned, and all its duplicates,
 * are closed, or the processes that have them have ended, however that came. A
 * child made by fork() inherits it as any other: the claim is held while either has
 * it, and only one of the two may collect with it.
 *
 * Nothing is held back from those who do not ask: all who collect from the map take
 * their claims, or none does. Whether who deletes with a claim holds it, nobody looks.
 *
 * What holds it is a lock of an open file description (F_OFD_SETLK, Linux 3.15) in
 * the kernel's anonymous inode, on the byte at map id << 32 | the word's lower 32
 * bits. It is nowhere promised that it is one inode for all: each call looks, and
 * refuses where such locks do not exclude each other. Whoever can open an event file
 * can lock there, without any privilege, and so keep claims from being taken.
 *
 * @param fd file descriptor of the map, opened for writing; may be closed afterwards
 * @param claim_first words from this one on,
 * @param claim_last to this one are claims, not both 0, and less than 2^32 apart. The
 * first one that is free is taken, of at most 65536 that are tried
 * @param claim out: the claim, claim_size bytes, as deletes and sweeps take it; left
 * alone on an error
 * @param claim_size the word's size, 4 or 8 bytes
 * @return a file descriptor, closed on exec, and not one of the standard streams'
 * numbers; negative error code otherwise, stored in errno too:
 *
 * - -EINVAL: claim_size is neither 4 nor 8; claim_first is over claim_last, both are
 *   0, they are 2^32 words or more apart, or do not fit into 4 bytes; *claim* is
 *   NULL; *fd* is no map;
 * - -EBADF: *fd* is not open;
 * - -EPERM: *fd* is read-only, or the map is frozen; or, before Linux 5.19, bpf(2)
 *   itself takes CAP_BPF here (kernel.unprivileged_bpf_disabled);
 * - -EOPNOTSUPP: the map's type; or locks do not exclude each other in this kernel;
 * - -EBUSY: all claims of the range are taken;
 * - -ENOMEM, -EMFILE, -ENFILE, -ENOLCK and others of eventfd(2) and fcntl(2): passed
 *   on.
 */
LIBBPF_API int bpf_map_claim_take(int fd, __u64 claim_first, __u64 claim_last, void *claim,
				  __u32 claim_size);

/* Flags of bpf_map_claims_clear(). */
enum {
	BPF_MAP_CLAIMS_KEEP = 1,	/* clear nothing, tell what stands */
};

struct bpf_map_claims_opts {
	size_t sz;		/* size of this struct, for compatibility; LIBBPF_OPTS sets it */
	__u64 flags;		/* BPF_MAP_CLAIMS_KEEP */
	const void *claim;	/* the caller's own; NULL: one is taken for as long as it is needed */
	void *keys;		/* out: keys of the entries that were found claimed; NULL = not wanted */
	__u64 *words;		/* out: the claims that they carry; NULL = not wanted */
	int *results;		/* out: what they were found to be; NULL = not wanted */
	__u32 claim_offset;	/* where in the value the claims' word is, in bytes */
	__u32 claim_size;	/* its size, 4 or 8 bytes */
	__u64 claim_first;	/* words from here to claim_last are claims */
	__u64 claim_last;
	__u32 capacity;		/* room in keys, words and results, in entries */
	__u32 wait_ms;		/* how long a claim has to stand, in milliseconds; 0 = 10000 */
	__u64 found;		/* out: entries that carried a claim; */
	__u64 held;		/* of these those whose claim somebody holds, */
	__u64 stale;		/* and those whose claim nobody holds, and stood all the time; */
	__u64 cleared;		/* of the latter those that were deleted; */
	__u64 changed;		/* those that did not carry it any more, or were gone */
	__extension__ size_t :0;
};
#define bpf_map_claims_opts__last_field changed

/**
 * @brief **bpf_map_claims_clear()** finds claims that stand in a map though nobody
 * is at work who would take them back, and deletes the entries that carry them.
 *
 * A claim stands for as long as one run of a program takes, whatever becomes of the
 * process: microseconds, or where it is preempted up to some seconds. But a map that
 * was copied while it was collected from, restored or migrated, can have claims for
 * ever, and datapaths take their entries for neither there nor free. Such a claim is
 * stale: nobody holds it by bpf_map_claim_take(), and its entry carries it at nine
 * looks, spread over wait_ms.
 *
 * From the last look on until its entries are gone the claim is held by this call:
 * nobody can come to have it. They are deleted as by bpf_map_delete_batch_opts(), with
 * the stale claim as the expected word, and another claim, so that an entry whose
 * word is another one by then stays. What else was in an entry is lost: whether it
 * had expired nobody knows any more. The datapath creates it anew.
 *
 * A claim that somebody holds is left alone, although entries may be among its own
 * that were copied. So clear first, and take a claim then; or hand the one that is
 * held in as claim: entries that carry that one are cleared as well.
 *
 * Collectors that do not take their claims, and datapaths that delete by a claim, are
 * known by time alone: where there are any, wait_ms has to be more than a run of
 * theirs can last, and claim one that none of them has.
 *
 * @param fd file descriptor of the map, opened for reading, and for writing unless
 * with BPF_MAP_CLAIMS_KEEP, which may be used on frozen maps too
 * @param opts options and counts. claim is one that this process deletes with by this
 * library alone. The counts are set anew by each call, on an error too: found is then
 * more than held + stale + changed, by the entries that were not come to. results: 0,
 * stale, and deleted unless with BPF_MAP_CLAIMS_KEEP; -EBUSY, held; -ENOENT, changed;
 * -ECANCELED, not come to. Of more entries than capacity the first are handed out
 * @return 0: the whole map was seen; 1: there are more claims than one call remembers
 * (16 MiB of keys, each with 16 bytes more and rounded up to 8), call again for the
 * rest; negative error code otherwise, stored in errno too: as for
 * bpf_map_delete_batch_opts() by the emulation and for bpf_map_sweep() (-EBADF,
 * -EPERM, -EOPNOTSUPP, -ENOMEM, -EMFILE, ...), before the wait where it can be told
 * then, and
 *
 * - -EINVAL: *opts* is NULL; unknown flags; keys, words or results without capacity;
 *   claim_size, claim_first and claim_last as bpf_map_claim_take() refuses them; a
 *   word that is not aligned, or past the value's end; a claim that is not between
 *   them; a range of one word without BPF_MAP_CLAIMS_KEEP;
 * - -EOPNOTSUPP: as bpf_map_claim_take() does;
 * - -EBUSY: no claim is free to clear another by;
 * - -EAGAIN: the kernel could not take a lock, a hundred times;
 * - -EINTR: a signal came while it waited. Nothing was deleted yet.
 */
LIBBPF_API int bpf_map_claims_clear(int fd, struct bpf_map_claims_opts *opts);

/**
 * @brief **libbpf_probe_bpf_map_compare()** tells whether the running kernel
 * can delete by compare from maps of a type, for this caller.
 *
 * It asks by doing: on a scratch map of its own an entry that differs must
 * stay and an entry that equals must go. Nothing is kept of an answer that a
 * lack of privilege or of memory stood behind.
 *
 * @param map_type the map type in question
 * @param backend the backend in question; BPF_MAP_COMPARE_AUTO asks for either
 * @param opts reserved, must be NULL
 * @return 1, it can; 0, it cannot; negative error code, stored in errno too, if
 * that could not be told: -EINVAL (unknown backend, *opts* not NULL), -EPERM
 * (the probe takes a privilege that the caller lacks: creating a map takes
 * CAP_BPF, but where kernel.unprivileged_bpf_disabled is 0, loading the
 * emulation's program CAP_BPF), -ENOMEM,
 * -EMFILE and others of bpf(2)
 */
LIBBPF_API int libbpf_probe_bpf_map_compare(enum bpf_map_type map_type,
					    enum bpf_map_compare_backend backend, const void *opts);

/**
 * @brief **bpf_map_get_compare_backend()** tells which backend
 * BPF_MAP_COMPARE_AUTO would use on a map, without a claim. Nothing is deleted.
 *
 * @param fd file descriptor of the map
 * @return BPF_MAP_COMPARE_NATIVE or BPF_MAP_COMPARE_SYSCALL_PROG; or the
 * negative error code, stored in errno too, with which
 * bpf_map_delete_elem_opts() would refuse this map whatever the key and the
 * region: -EBADF, -EINVAL, -EPERM, -EOPNOTSUPP, -ENOMEM, ...
 */
LIBBPF_API int bpf_map_get_compare_backend(int fd);

/**
 * @brief **libbpf_bpf_map_compare_backend_str()** gives a backend's name.
 *
 * @param backend a backend
 * @return "auto", "native" or "syscall_prog"; NULL for an unknown one
 */
LIBBPF_API const char *libbpf_bpf_map_compare_backend_str(enum bpf_map_compare_backend backend);

/**
 * @brief **bpf_map_compare_release()** lets go of what the emulation keeps for
 * a map between calls.
 *
 * It keeps what it has for the last 512 maps, twice for a map that two
 * threads delete from at one time, or callers with different capabilities,
 * (a pair of maps that hold linked entries counting as one more, let go of by
 * either) and of each the programs of the last 16 regions and claims, 512 in all or
 * half as many as the process may have file descriptors: each with a file
 * descriptor and 8 to 72 KiB of memory (up to 196 for values and linked
 * entries) that it shares with the library. A
 * program holds its map: a map that is closed everywhere else lives on until
 * it is released here or has fallen out of the 512. So release a map before
 * its last close, when no call on it is under way: such a call goes on
 * undisturbed, and its program goes with it, but a batch between two runs
 * keeps one again.
 *
 * A kept program serves only who still has the capabilities that it was loaded
 * with. A child made by fork() closes what it inherits of all this at once, but
 * for what another thread was just loading or letting go of; one that was made by
 * a bare clone() does so with its first call.
 *
 * @param fd file descriptor of the map
 * @return 0, also where nothing was kept; negative error code, stored in errno
 * too: -EBADF, *fd* is not open; -EINVAL, it is no map
 */
LIBBPF_API int bpf_map_compare_release(int fd);

/**
 * @brief **libbpf_compare_reason()** tells why this thread's last call of this
 * library was refused, as it told libbpf's print callback.
 *
 * @return the reason, to be read before the thread's next call; "" where the call
 * was not refused, or where errno says it all
 */
LIBBPF_API const char *libbpf_compare_reason(void);

/**
 * @brief The version of this library, as numbers and as "major.minor.patch".
 */
LIBBPF_API __u32 libbpf_compare_major_version(void);
LIBBPF_API __u32 libbpf_compare_minor_version(void);
LIBBPF_API const char *libbpf_compare_version_string(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* __LIBBPF_BPF_COMPARE_H */
