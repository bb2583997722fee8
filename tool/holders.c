// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Who holds a claim: the processes that have the file whose lock it is, as /proc tells. See NOTES of
 * bpf_map_claim_take(3).
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bpfcmp.h"

static enum status add_lock(struct holders *holders, __u32 pid, __u64 first, __u64 last)
{
	struct holder *all = holders->all;

	/* Duplicates, of one process. */
	if (holders->count && all[holders->count - 1].pid == pid &&
	    all[holders->count - 1].first == first)
		return STATUS_OK;
	all = realloc(all, (holders->count + 1) * sizeof(*all));
	if (!all)
		return fail(STATUS_ERROR, "out of memory");
	holders->all = all;
	all[holders->count++] = (struct holder){ pid, first, last };
	return STATUS_OK;
}

/* "lock:	1: OFDLCK ADVISORY  WRITE -1 00:0e:1059 FIRST LAST", or EOF for the last */
static bool read_lock(const char *line, __u64 *first, __u64 *last)
{
	char end[24];
	unsigned long long start;

	if (sscanf(line, "lock: %*d: OFDLCK %*s WRITE %*d %*s %llu %23s", &start, end) != 2)
		return false;
	*first = start;
	*last = strcmp(end, "EOF") ? strtoull(end, NULL, 10) : UINT64_MAX;
	return true;
}

static bool is_anonymous(const char *process, const char *number)
{
	char path[64], target[16] = "";

	snprintf(path, sizeof(path), "/proc/%.16s/fd/%.16s", process, number);
	return readlink(path, target, sizeof(target) - 1) > 0 &&
	       !strncmp(target, "anon_inode:", strlen("anon_inode:"));
}

static enum status look_at_file(struct holders *holders, const char *process, const char *number)
{
	enum status status = STATUS_OK;
	char path[64], line[256];
	__u64 first, last;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%.16s/fdinfo/%.16s", process, number);
	file = fopen(path, "re");
	/* It is closed by now, or nobody else may look. */
	if (!file)
		return STATUS_OK;
	while (!status && fgets(line, sizeof(line), file))
		if (read_lock(line, &first, &last) && is_anonymous(process, number))
			status = add_lock(holders, strtoul(process, NULL, 10), first, last);
	fclose(file);
	return status;
}

static enum status look_at_process(struct holders *holders, const char *process)
{
	enum status status = STATUS_OK;
	struct dirent *entry;
	char path[64];
	DIR *files;

	snprintf(path, sizeof(path), "/proc/%.16s/fdinfo", process);
	files = opendir(path);
	if (!files) {
		/* Of one that has ended there is nothing to see. */
		holders->hidden |= errno != ENOENT && errno != ESRCH;
		return STATUS_OK;
	}
	while (!status && (entry = readdir(files)))
		if (*entry->d_name != '.')
			status = look_at_file(holders, process, entry->d_name);
	closedir(files);
	return status;
}

enum status find_holders(struct holders *holders)
{
	enum status status = STATUS_OK;
	struct dirent *entry;
	DIR *processes;

	memset(holders, 0, sizeof(*holders));
	processes = opendir("/proc");
	holders->hidden = !processes || access("/proc/self/fdinfo", R_OK);
	if (!processes)
		return STATUS_OK;
	while (!status && (entry = readdir(processes)))
		if (entry->d_name[strspn(entry->d_name, "0123456789")] == '\0')
			status = look_at_process(holders, entry->d_name);
	closedir(processes);
	return status;
}

bool is_held_by(const struct holder *holder, __u32 map_id, __u64 claim)
{
	__u64 byte = (__u64)map_id << 32 | (__u32)claim;

	return byte >= holder->first && byte <= holder->last;
}

void free_holders(struct holders *holders)
{
	free(holders->all);
}
