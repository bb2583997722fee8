// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Opens the map that is named by its id, by a pinned file, or by its name, and has its sizes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <bpf/bpf.h>
#include "bpfcmp.h"

static enum status open_id(const char *word, int *fd)
{
	enum status status;
	__u32 id;

	status = parse_number(word, "id", &id);
	if (status)
		return status;
	*fd = bpf_map_get_fd_by_id(id);
	if (*fd < 0 && errno == ENOENT)
		return fail(STATUS_ERROR, "there is no map with id %u", id);
	return *fd < 0 ? fail_errno(errno, "open map id", word) : STATUS_OK;
}

static bool is_elsewhere(const char *file)
{
	struct statfs fs;

	return !statfs(file, &fs) && fs.f_type != BPF_FS_MAGIC;
}

static enum status open_pinned(const char *file, int *fd)
{
	*fd = bpf_obj_get(file);
	/* To the kernel a file of another file system is one that it may not open. */
	if (*fd < 0 && errno == EACCES && is_elsewhere(file))
		return fail(STATUS_ERROR, "%s is not in a BPF file system", file);
	if (*fd < 0)
		return fail_errno(errno, "open", file);
	/* A program or a link can be pinned too. Nothing is kept yet that could be released. */
	if (bpf_map_compare_release(*fd) == -EINVAL) {
		close(*fd);
		return fail(STATUS_ERROR, "%s is no map", file);
	}
	return STATUS_OK;
}

/* Gives the map's fd where it has this name, -1 where it has another or is gone meanwhile. */
static int open_if_named(__u32 id, const char *name, int *fd)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);
	int err = 0;

	*fd = bpf_map_get_fd_by_id(id);
	if (*fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (bpf_obj_get_info_by_fd(*fd, &info, &size))
		err = -errno;
	if (err || strcmp(info.name, name)) {
		close(*fd);
		*fd = -1;
	}
	return err;
}

static enum status open_name(const char *name, int *fd)
{
	enum status status = STATUS_OK;
	size_t length, found = 0;
	char *ids = NULL;
	FILE *list;
	__u32 id = 0;
	int one = -1, err = 0;

	if (!*name || strlen(name) >= BPF_OBJ_NAME_LEN)
		return fail(STATUS_USAGE, "name: '%s' has not 1 to %d bytes", name,
			    BPF_OBJ_NAME_LEN - 1);
	list = open_memstream(&ids, &length);
	if (!list)
		return fail(STATUS_ERROR, "out of memory");
	*fd = -1;
	while (!err) {
		err = bpf_map_get_next_id(id, &id) ? -errno : open_if_named(id, name, &one);
		if (err || one < 0)
			continue;
		fprintf(list, "%s%u", found++ ? ", " : "", id);
		if (*fd >= 0)
			close(*fd);
		*fd = one;
	}
	/* Of a map that could not be looked at nobody knows whether it has this name as well. */
	if (err != -ENOENT)
		status = fail_errno(-err, "look for a map named", name);
	fclose(list);
	if (!status && !found)
		status = fail(STATUS_ERROR, "there is no map named '%s'", name);
	else if (!status && found > 1)
		status = fail(STATUS_USAGE, "%zu maps are named '%s', with ids %s: name one by id",
			      found, name, ids);
	free(ids);
	if (status && *fd >= 0)
		close(*fd);
	return status;
}

static const struct {
	const char *keyword;
	enum status (*open)(const char *word, int *fd);
} ways[] = {
	{ "id", open_id },
	{ "pinned", open_pinned },
	{ "name", open_name },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static size_t find_way(const char *keyword)
{
	size_t way = 0;

	while (way < WAYS && (!keyword || strcmp(keyword, ways[way].keyword)))
		way++;
	return way;
}

enum status check_map_words(char **words, const char *what)
{
	if (find_way(words[0]) == WAYS)
		return fail(STATUS_USAGE, "%s: which map? id N, pinned FILE or name NAME",
			    words[0] ? words[0] : what);
	if (!words[1])
		return fail(STATUS_USAGE, "no word after '%s'", words[0]);
	return STATUS_OK;
}

enum status open_map(char **words, int *fd, struct bpf_map_info *info)
{
	__u32 size = sizeof(*info);
	enum status status;

	status = ways[find_way(words[0])].open(words[1], fd);
	if (status) {
		*fd = -1;
		return status;
	}
	memset(info, 0, size);
	if (bpf_obj_get_info_by_fd(*fd, info, &size))
		return fail_errno(errno, "read", "the map's key and value size");
	return STATUS_OK;
}

enum status with_map(char **words, const char *command, use_of_map *use)
{
	struct bpf_map_info info;
	enum status status;
	int fd = -1;

	status = check_map_words(words, command);
	if (!status)
		status = open_map(words, &fd, &info);
	if (!status)
		status = use(fd, &info, words + MAP_WORDS);
	if (fd >= 0)
		close(fd);
	return status;
}
