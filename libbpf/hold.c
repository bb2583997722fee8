// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Claims that are held, so that no two collectors have the same one. Whoever has one holds a lock in a file that all
 * processes have in common, whatever their namespaces, and that goes with its last file descriptor: the
 * kernel's one inode behind all file descriptors that are no file's. It is nowhere promised that there is one:
 * so it is looked at each time whether locks in it exclude each other.
 */
#include "compare_internal.h"

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
