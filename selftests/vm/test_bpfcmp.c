// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * bpfcmp on a test kernel, with bpfcmp beside this: what it tells of the kernel, and the status
 * of each way that a delete can go, by each backend, and of updates. See selftests/tool/ for the rest of it.
 */
#include <libgen.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "capabilities.h"
#include "common.h"

#define PIN	 "/sys/fs/bpf/flows"
#define COUNTERS "/sys/fs/bpf/counters"
#define EQUAL	 "1"
#define OTHER	 "2"

enum {
	DONE = 0,
	DELETED = DONE,
	DIFFERS = 3,
	ABSENT = 4,
	UNSUPPORTED = 5,
	DENIED = 6,
};

static const __u32 key = 7;
static const __u8 value = 1;
static char path[4096];
static char said[4096]; /* by bpfcmp, the last time */
static bool privileged = true;

/* For what is executed, too, although root does it. */
static void drop_capabilities(void)
{
	if (prctl(PR_SET_SECUREBITS, SECBIT_NOROOT))
		tap_bail("PR_SET_SECUREBITS");
	keep_capabilities(0);
}

/* Its exit status. */
static int run(char *const *arguments)
{
	size_t length = 0;
	int ends[2], status;
	ssize_t got;
	pid_t child;

	if (pipe(ends))
		tap_bail("pipe");
	fflush(stdout);
	child = fork();
	if (!child) {
		if (!privileged)
			drop_capabilities();
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		execv(path, arguments);
		_exit(127);
	}
	close(ends[1]);
	while ((got = read(ends[0], said + length, sizeof(said) - 1 - length)) > 0)
		length += got;
	said[length] = '\0';
	close(ends[0]);
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		tap_bail("bpfcmp: %s", said);
	return WEXITSTATUS(status);
}

/* Prints what it said where that was not to be, each line as a comment. */
static void quote(void)
{
	for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n"))
		printf("# %s\n", line);
}

static int delete_by(char *number, char *data, const char *backend)
{
	return run((char *[]){ path, "delete", "pinned", PIN, "key", number, "0", "0", "0",
			       "compare", data, "backend", (char *)backend, NULL });
}

/* What is said of a type: "yes" or "no: why". */
static void test_probe_line(const char *type, const char *what, bool has)
{
	char line[64], answer[8];
	const char *at;

	snprintf(line, sizeof(line), "%s\n  ", type);
	at = strstr(said, line);
	snprintf(line, sizeof(line), "\n  %s ", what);
	at = at ? strstr(at, line) : NULL;
	at = at ? at + strlen(line) : "";
	at += strspn(at, " ");
	snprintf(answer, sizeof(answer), "%.*s", (int)strcspn(at, ": \n"), at);
	tap_ok(!strcmp(answer, has ? "yes" : "no"), "probe: %s, %s: %s", type, what, answer);
}

static void test_probe(void)
{
	bool prog = kernel_has("syscall_prog");
	int failures = tap_failures;

	tap_is(run((char *[]){ path, "probe", NULL }), 0, "probe");
	test_probe_line("hash", "native", kernel_has("native"));
	test_probe_line("hash", "syscall_prog", prog);
	test_probe_line("lru_hash", "native", false);
	test_probe_line("lru_hash", "syscall_prog", prog);
	test_probe_line("arena", "flow_table", kernel_has("arena"));
	tap_is(!!strstr(said, "  sweep "), prog, "probe: what goes by the emulation");
	if (prog) {
		test_probe_line("hash", "no_prealloc", kernel_has("no_prealloc"));
		test_probe_line("hash", "spin_lock", kernel_has("spin_lock"));
		test_probe_line("hash", "claim", true);
		test_probe_line("hash", "sweep", true);
		test_probe_line("hash", "update", true);
		test_probe_line("hash", "in_place", true);
	}
	if (tap_failures != failures)
		quote();
}

static void test_delete(int fd, __u32 backend)
{
	bool served = backend_serves(backend, BPF_MAP_TYPE_HASH, 0);
	const char *name = backend_name(backend);
	int failures = tap_failures;
	__u8 now;

	put(fd, &key, &value);
	tap_is(delete_by("7", OTHER, name), served ? DIFFERS : UNSUPPORTED, "%s: differs", name);
	tap_is(delete_by("8", EQUAL, name), served ? ABSENT : UNSUPPORTED, "%s: absent", name);
	privileged = false;
	tap_is(delete_by("7", EQUAL, name), DENIED, "%s: without privilege", name);
	privileged = true;
	tap_ok(!bpf_map_lookup_elem(fd, &key, &now), "%s: the entry is there", name);
	tap_is(delete_by("7", EQUAL, name), served ? DELETED : UNSUPPORTED, "%s: equal", name);
	tap_is(!bpf_map_lookup_elem(fd, &key, &now), !served, "%s: %s", name,
	       served ? "the entry is gone" : "the entry is still there");
	if (tap_failures != failures)
		quote();
}

/* Two entries of the map together. */
static void test_linked(int fd)
{
	char *words[] = { path, "delete",  "pinned", PIN,	"key",	  "7", "0",   "0",
			  "0",	"compare", EQUAL,    "linked",	"pinned", PIN, "key", "8",
			  "0",	"0",	   "0",	     "compare", EQUAL,	  NULL };
	bool served = kernel_has("syscall_prog");
	int failures = tap_failures;
	__u32 linked = key + 1;
	__u8 now;

	put(fd, &key, &value);
	put(fd, &linked, &value);
	tap_is(run(words), served ? DELETED : UNSUPPORTED, "linked");
	tap_ok(!bpf_map_lookup_elem(fd, &key, &now) == !served &&
		       !bpf_map_lookup_elem(fd, &linked, &now) == !served,
	       "linked: %s", served ? "both are gone" : "both are there");
	if (tap_failures != failures)
		quote();
}

/* By value and key: of three entries one is to go. */
static void test_sweep(int fd)
{
	char *words[] = { path,	 "sweep", "pinned", PIN,  "where", "u8", "at", "0",    "eq", EQUAL,
			  "and", "key",	  "u16",    "at", "0",	   "gt", "7",  "keys", NULL };
	char *count[] = { path, "count", "pinned", PIN, NULL };
	bool served = kernel_has("syscall_prog");
	int failures = tap_failures;
	__u32 others[] = { key + 1, key + 2 };
	__u8 now, other = 2;

	put(fd, &key, &value);
	put(fd, &others[0], &value);
	put(fd, &others[1], &other);
	tap_is(run(words), served ? DELETED : UNSUPPORTED, "sweep");
	tap_ok(!served || strstr(said, "key: 08 00 00 00\nscanned 3, matched 1, deleted 1,"),
	       "sweep: the counts");
	tap_ok(!bpf_map_lookup_elem(fd, &key, &now) && !bpf_map_lookup_elem(fd, &others[1], &now) &&
		       !bpf_map_lookup_elem(fd, &others[0], &now) == !served,
	       "sweep: %s", served ? "what matches is gone" : "all are there");
	privileged = false;
	tap_is(run(words), DENIED, "sweep: without privilege");
	privileged = true;
	/* What can be read can be counted, on any kernel. */
	tap_is(run(count), DELETED, "count");
	tap_ok(strstr(said, served ? "scanned 2, matched 2," : "scanned 3, matched 3,"),
	       "count: the counts");
	if (tap_failures != failures)
		quote();
}

static int update_to(char *data, char *how, char *seen)
{
	return run((char *[]){ path, "update", "pinned", PIN, "key", "7", "0", "0", "0", "value",
			       data, how, seen, NULL });
}

/* By compare; and whatever there is, which takes no program. */
static void test_update(int fd)
{
	bool served = kernel_has("syscall_prog");
	int failures = tap_failures;
	__u8 now = 0;

	put(fd, &key, &value);
	tap_is(update_to(OTHER, "compare", EQUAL), served ? DONE : UNSUPPORTED, "update");
	tap_ok(!bpf_map_lookup_elem(fd, &key, &now) && now == (served ? 2 : 1), "update: %s",
	       served ? "it is the new one" : "it is the old one");
	tap_is(update_to(EQUAL, "compare", EQUAL), served ? DIFFERS : UNSUPPORTED,
	       "update: differs");
	tap_is(update_to(EQUAL, "noexist", NULL), DIFFERS, "update: it is there");
	tap_is(update_to(EQUAL, "exist", NULL), DONE, "update: whatever it is");
	tap_ok(!bpf_map_lookup_elem(fd, &key, &now) && now == 1, "update: it is what it was");
	if (tap_failures != failures)
		quote();
}

/* In place. */
static void test_add(void)
{
	int fd = make_map(BPF_MAP_TYPE_HASH, sizeof(key), sizeof(__u64), 8, 0);
	char *words[] = { path, "add",	  "pinned", COUNTERS, "key", "7",  "0",	 "0",
			  "0",	"offset", "0",	    "size",   "8",   "by", "-3", NULL };
	bool served = kernel_has("syscall_prog");
	int failures = tap_failures;
	__u64 counter = 10;

	if (bpf_obj_pin(fd, COUNTERS))
		tap_bail("%s", COUNTERS);
	put(fd, &key, &counter);
	tap_is(run(words), served ? DONE : UNSUPPORTED, "add");
	tap_ok(!served || !strcmp(said, "added\nold: 10\nnew: 7\n"), "add: the numbers");
	tap_ok(!bpf_map_lookup_elem(fd, &key, &counter) && counter == (served ? 7 : 10), "add: %s",
	       served ? "it is less" : "it is what it was");
	privileged = false;
	tap_is(run(words), DENIED, "add: without privilege");
	privileged = true;
	if (tap_failures != failures)
		quote();
	unlink(COUNTERS);
	close(fd);
}

int main(int argc, char **argv)
{
	int fd = make_map(BPF_MAP_TYPE_HASH, sizeof(key), sizeof(value), 8, 0);

	(void)argc;
	snprintf(path, sizeof(path), "%s/bpfcmp", dirname(argv[0]));
	if (bpf_obj_pin(fd, PIN))
		tap_bail("%s", PIN);
	test_probe();
	for (size_t i = 0; i < ARRAY_SIZE(all_backends); i++)
		test_delete(fd, all_backends[i]);
	test_linked(fd);
	test_sweep(fd);
	test_update(fd);
	test_add();
	unlink(PIN);
	return tap_done();
}
