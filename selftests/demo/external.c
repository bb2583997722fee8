// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The map is pinned in a bpf file system that is mounted for this process and the command alone. So
 * it goes with the two of them, as all else here, and the command goes with this process.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "clock.h"
#include "demo.h"
#include "external.h"
#include "report.h"

#define BPF_FS	   "/sys/fs/bpf"
#define PATH	   BPF_FS "/demo_conns"
#define PATIENCE_S 10 /* for a last sweep, and for the end after SIGTERM */

pid_t external_start(const char *command, int map)
{
	char *line;
	pid_t pid;

	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("bpf", BPF_FS, "bpf", 0, NULL))
		fail_errno("mounting a bpf file system on " BPF_FS);
	if (bpf_obj_pin(map, PATH))
		fail_errno("pinning the map as " PATH);
	if (asprintf(&line, "exec %s " PATH, command) < 0)
		fail_errno("allocating a command");

	pid = fork();
	if (pid < 0)
		fail_errno("starting \"%s\"", command);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		execl("/bin/sh", "sh", "-c", line, NULL);
		_exit(127);
	}
	free(line);
	return pid;
}

static bool has_ended(pid_t pid, int *status)
{
	pid_t ended = waitpid(pid, status, WNOHANG);

	if (ended < 0)
		fail_errno("waiting for the collector");
	return ended == pid;
}

void external_check(pid_t pid)
{
	int status;

	if (has_ended(pid, &status))
		fail("the collector ended by itself, with status %#x", status);
}

static __u32 count_entries(int map)
{
	struct conn_key key;
	__u32 n = 0;

	for (void *from = NULL; !bpf_map_get_next_key(map, from, &key); from = &key)
		n++;
	return n;
}

__u32 external_finish(pid_t pid, int map)
{
	__u64 deadline = clock_now() + DEMO_TIMEOUT_NS + PATIENCE_S * NS_PER_SEC;
	__u32 left;
	int status;

	while ((left = count_entries(map)) && clock_now() < deadline) {
		external_check(pid);
		usleep(10000);
	}
	kill(pid, SIGTERM);
	deadline = clock_now() + PATIENCE_S * NS_PER_SEC;
	while (!has_ended(pid, &status)) {
		if (clock_now() > deadline)
			fail("the collector does not end upon SIGTERM");
		usleep(10000);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail("the collector ended upon SIGTERM with status %#x, not 0", status);
	return left;
}
