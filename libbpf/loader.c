// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Loads the emulation's program for one map.
 */
#include <fcntl.h>
#include <sys/random.h>
#include <bpf/libbpf.h>
#include "compare_internal.h"
#include "emulate.h"
#include "emulate.skel.h"

/* Those below are the standard streams', also where a process has closed them. */
#define FIRST_FD 3

/*
 * Whether the kernel may refuse our program to look at all of a value, or at this map at all. Asked
 * of the verifier, which takes a program by itself, only where there is reason to: of a field that
 * the kernel manages it knows by BTF alone.
 */
static bool is_doubtful(const struct bpf_map_info *info)
{
	return info->btf_value_type_id || info->map_flags & BPF_F_NO_PREALLOC;
}

/*
 * What of the value the program may look at: all of it, so that one program does for every region,
 * or this region. Only where it may not look at all of it can there be a lock to be held.
 */
static int choose_window(int map_fd, const struct bpf_map_info *info, struct region region,
			 bool claims, struct emulate_config *config)
{
	bool small = info->value_size <= REGION_SIZE_MAX;
	int err = 0;

	config->lock = NO_LOCK;
	config->lo = 0;
	config->hi = info->value_size;
	if (is_doubtful(info) && (small || claims))
		err = verifier_allows_read(map_fd, 0, info->value_size);
	if (err && err != -EOPNOTSUPP)
		return err;
	if (!err && small)
		return 0;
	if (err && claims && info->btf_value_type_id) {
		err = find_lock(info, &config->lock);
		if (err)
			return err;
	}
	if (config->lock != NO_LOCK && region.size > LOCKED_REGION_SIZE_MAX)
		return -EOPNOTSUPP;
	config->lo = region.offset;
	config->hi = region.offset + region.size;
	return is_doubtful(info) ? verifier_allows_read(map_fd, config->lo, config->hi) : 0;
}

/* As many as libbpf has open at one time while it loads the object, and the copy of the program's. */
#define FDS_TO_LOAD 8

/*
 * libbpf remembers for good that the kernel lacks what it asks for at its first load, also where it
 * only had no file descriptor left to ask with. Better to fail before it asks.
 */
static int check_room_for_fds(int fd)
{
	int fds[FDS_TO_LOAD], n, err = 0;

	for (n = 0; n < FDS_TO_LOAD; n++) {
		fds[n] = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);
		if (fds[n] < 0) {
			err = -errno;
			break;
		}
	}
	while (n--)
		close(fds[n]);
	return err;
}

/*
 * That the kernel did not take the object's BTF libbpf keeps to itself, and the verifier then refuses
 * the program. But all kernels that have syscall programs know such BTF, and whatever else libbpf
 * may find unsupported: there was no memory for it, or there was none when libbpf first asked.
 */
static int load_error(const struct emulate_bpf *skel, int err)
{
	if (err == -EOPNOTSUPP)
		return -ENOMEM;
	err = verifier_refusal(err);
	return err == -EOPNOTSUPP && bpf_object__btf_fd(skel->obj) < 0 ? -ENOMEM : err;
}

static int load_skeleton(int map_fd, int slots_fd, bool claims, const struct emulate_config *config,
			 struct loaded *loaded)
{
	struct bpf_prog_info info = {};
	__u32 info_size = sizeof(info);
	struct bpf_program *program;
	struct emulate_bpf *skel;
	int err, fd;

	err = check_room_for_fds(map_fd);
	if (err)
		return err;
	skel = emulate_bpf__open();
	/* Numbers of libbpf's own: libelf failed. It was given a sound object, so memory lacked. */
	if (!skel)
		return errno >= __LIBBPF_ERRNO__START ? -ENOMEM : -errno;
	program = claims ? skel->progs.claim_and_delete : skel->progs.compare_and_delete;
	bpf_program__set_autoload(skel->progs.claim_and_delete, claims);
	bpf_program__set_autoload(skel->progs.compare_and_delete, !claims);
	skel->rodata->config = *config;
	err = bpf_map__reuse_fd(skel->maps.target, map_fd);
	if (!err)
		err = bpf_map__reuse_fd(skel->maps.slots, slots_fd);
	if (!err)
		err = load_error(skel, emulate_bpf__load(skel));
	if (err)
		goto out;
	fd = bpf_program__fd(program);
	if (bpf_obj_get_info_by_fd(fd, &info, &info_size))
		err = -errno;
	/* A copy, as the rest that libbpf keeps of an object is of no more use. */
	loaded->prog_id = info.id;
	loaded->fd = err ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);
	if (!err && loaded->fd < 0)
		err = -errno;
out:
	emulate_bpf__destroy(skel);
	return err;
}

static int load(int map_fd, int slots_fd, const struct bpf_map_info *info, struct region region,
		bool claims, struct emulate_config *config, struct loaded *loaded)
{
	struct bpf_map_info now;
	int own_fd, err;

	if (getrandom(&config->cookie, sizeof(config->cookie), 0) != sizeof(config->cookie))
		return -errno;
	config->key_size = info->key_size;

	/* Should the caller's fd become another map meanwhile, this one does not. */
	own_fd = fcntl(map_fd, F_DUPFD_CLOEXEC, FIRST_FD);
	if (own_fd < 0)
		return -errno;
	err = map_full_info(own_fd, &now);
	if (!err && now.id != info->id)
		err = -EBADF;
	if (!err)
		err = choose_window(own_fd, &now, region, claims, config);
	if (!err)
		err = verifier_allows_dead_code();
	if (!err)
		err = load_skeleton(own_fd, slots_fd, claims, config, loaded);
	close(own_fd);
	return err;
}

/*
 * 0, and config and loaded are filled; -EOPNOTSUPP where no program of ours can serve this map and
 * region; another error where that could not be told.
 */
int load_program(int map_fd, int slots_fd, const struct bpf_map_info *info, struct region region,
		 bool claims, struct emulate_config *config, struct loaded *loaded)
{
	sigset_t before;
	int err;

	verifier_hold_signals(&before);
	err = load(map_fd, slots_fd, info, region, claims, config, loaded);
	verifier_let_signals(&before);
	return err;
}
