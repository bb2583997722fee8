// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What it takes: CAP_BPF is enough, on older kernels with CAP_PERFMON, as with it for updates in place, and
 * without it the answer is -EPERM, not "unsupported". Each try is in a child, which knows nothing of what its parent found
 * out.
 */
#include <signal.h>
#include <linux/sched.h>
#include <sys/wait.h>
#include "capabilities.h"
#include "common.h"

#define SYSCTL "/proc/sys/kernel/unprivileged_bpf_disabled"

/* 2 and 1: maps and programs take CAP_BPF; 0: anybody may create some. */
static bool anybody_may_create_maps(void)
{
	FILE *file = fopen(SYSCTL, "r");
	int value = 0;

	if (file && fscanf(file, "%d", &value) != 1)
		value = 0;
	if (file)
		fclose(file);
	return !value;
}

static bool set_sysctl(int value)
{
	FILE *file = fopen(SYSCTL, "w");
	bool pass = file && fprintf(file, "%d", value) > 0;

	return file && !fclose(file) && pass;
}

static const __u32 key = 1;
static const char value[24] = "value", other[24] = "other";
static int map_fd;

/* What is said of a pair, the first of which differs, or of the call. */
static int delete_pair(bool claims, bool wants_value)
{
	static const __u32 linked_key = 2, claim = 0xffffffff;
	int result = 0, err;
	char was[24];
	__u32 count = 1;
	LIBBPF_OPTS(bpf_map_delete_batch_opts, opts, .elem_flags = BPF_F_COMPARE, .compare = other,
		    .results = &result, .linked_keys = &linked_key, .linked_compare = other);

	if (claims) {
		opts.claim = opts.linked_claim = &claim;
		opts.claim_size = opts.linked_claim_size = sizeof(claim);
	}
	if (wants_value)
		opts.values = was;
	err = bpf_map_delete_batch_opts(map_fd, &key, &count, &opts);
	return err ? err : result;
}

/* To what differs, of one key or of many; or in place whatever was there. */
static int update(__u64 flags, __u32 backend, bool many)
{
	static const char unlike[24] = "unlike";
	LIBBPF_OPTS(bpf_map_update_elem_opts, opts, .flags = flags, .backend = backend);
	LIBBPF_OPTS(bpf_map_update_batch_opts, batch, .elem_flags = flags, .backend = backend);
	int result = 0, err;
	__u32 count = 1;

	if (flags & BPF_F_COMPARE)
		opts.compare = batch.compare = other;
	if (flags & BPF_F_IN_PLACE)
		opts.size = batch.size = 8;
	batch.results = &result;
	if (!many)
		return bpf_map_update_elem_opts(map_fd, &key, unlike, &opts);
	err = bpf_map_update_batch_opts(map_fd, &key, unlike, &count, &batch);
	return err ? err : result;
}

/* With what it has left a child calls everything; its exit status is the number of surprises. */
struct wants {
	int delete[3];
	int probe[3];
	int backend;
	int in_place;
};

static int is(const char *what, int got, int want)
{
	if (got == want)
		return 0;
	printf("# %s: got %d, want %d\n", what, got, want);
	fflush(stdout);
	return 1;
}

/* Before Linux 5.19 a system that denies anybody's maps denies anybody every bpf(2). */
static bool bpf_is_closed(void)
{
	__u32 next;

	return bpf_map_get_next_key(map_fd, NULL, &next) && errno == EPERM;
}

/* They are what deletes by the emulation are, but in place. */
static int updates_in_child(const struct wants *wants)
{
	const int natively = bpf_is_closed() ? -EPERM : -EOPNOTSUPP;
	const __u32 prog = BPF_MAP_COMPARE_SYSCALL_PROG, native = BPF_MAP_COMPARE_NATIVE;
	const __u64 in_place = BPF_F_COMPARE | BPF_F_IN_PLACE;
	int surprises = 0;

	for (int many = 0; many <= 1; many++) {
		surprises += is("update", update(BPF_F_COMPARE, prog, many), wants->delete[2]);
		surprises += is("update", update(BPF_F_COMPARE, 0, many), wants->delete[2]);
		surprises += is("update natively", update(BPF_F_COMPARE, native, many), natively);
		surprises += is("update in place", update(in_place, prog, many), wants->in_place);
		if (wants->in_place == -EPERM && wants->delete[2] == -EBUSY)
			surprises += is("CAP_PERFMON in the reason",
					!!strstr(libbpf_compare_reason(), "CAP_PERFMON"), 1);
		/* Nothing is compared, and nothing may be written. */
		if (wants->in_place != -EBUSY)
			surprises += is("update in place of anything",
					update(BPF_F_IN_PLACE, prog, many), wants->in_place);
		/* What the kernel lets anybody do. */
		surprises += is("creation", update(BPF_NOEXIST, 0, many),
				bpf_is_closed() ? -EPERM : -EEXIST);
	}
	return surprises;
}

/* All capabilities, but over a namespace of its own alone. */
#define IN_NAMESPACE (1ull << 63)

static int in_child(__u64 capabilities, const struct wants *wants)
{
	int surprises = 0;

	if (capabilities != IN_NAMESPACE)
		keep_capabilities(capabilities);
	surprises += is("backend", bpf_map_get_compare_backend(map_fd), wants->backend);
	for (int i = 0; i < 3; i++) {
		__u32 backend = all_backends[i];

		surprises +=
			is("probe", libbpf_probe_bpf_map_compare(BPF_MAP_TYPE_HASH, backend, NULL),
			   wants->probe[i]);
		surprises += is("delete", delete_if(map_fd, &key, other, 0, 0, backend),
				wants->delete[i]);
	}
	for (int i = 0; i < 4; i++)
		surprises += is("pair", delete_pair(i & 1, i & 2), wants->delete[2]);
	surprises += updates_in_child(wants);
	surprises += is("release", bpf_map_compare_release(map_fd), bpf_is_closed() ? -EPERM : 0);
	return surprises;
}

static void test_with(const char *when, const char *name, __u64 capabilities,
		      const struct wants *wants)
{
	char now[24];
	int status;
	pid_t child;

	fflush(stdout);
	/* unshare(2) takes a process with one thread, which with a sanitizer this is not. */
	child = capabilities == IN_NAMESPACE
			? (pid_t)syscall(__NR_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)
			: fork();
	if (!child)
		_exit(in_child(capabilities, wants));
	if (child < 0 || waitpid(child, &status, 0) != child)
		tap_bail("fork");
	tap_ok(WIFEXITED(status) && !WEXITSTATUS(status), "%s%s", name, when);
	tap_ok(!bpf_map_lookup_elem(map_fd, &key, now) && !memcmp(now, value, sizeof(now)),
	       "%s%s: the entry is untouched", name, when);
}

static void test_all(const char *when)
{
	bool native = kernel_has("native"), prog = kernel_has("syscall_prog");
	const int differs = -EBUSY, no = -EOPNOTSUPP;
	const struct wants enough = {
		.delete = { native || prog ? differs : no, native ? differs : no,
			    prog ? differs : no },
		.probe = { native || prog, native, prog },
		.backend = native ? BPF_MAP_COMPARE_NATIVE
			   : prog ? BPF_MAP_COMPARE_SYSCALL_PROG
				  : no,
		.in_place = can_write_in_place() ? differs : no,
	};
	struct wants without_perfmon, denied = {
		.in_place = -EPERM,
		.delete = { -EPERM, -EPERM, -EPERM },
		.probe = { -EPERM, -EPERM, -EPERM },
		.backend = -EPERM,
	};

	/* What the emulation takes more. */
	without_perfmon = enough;
	if (can_write_in_place())
		without_perfmon.in_place = -EPERM;
	if (prog && !kernel_has("cap_bpf_alone")) {
		without_perfmon.delete[2] = without_perfmon.probe[2] = -EPERM;
		if (!native)
			without_perfmon.delete[0] = without_perfmon.probe[0] =
				without_perfmon.backend = -EPERM;
	}

	/* The native backend can be told, and used, by whoever may have a map. */
	if (anybody_may_create_maps()) {
		denied.delete[1] = enough.delete[1];
		denied.probe[1] = enough.probe[1];
		if (native) {
			denied.delete[0] = differs;
			denied.probe[0] = 1;
			denied.backend = BPF_MAP_COMPARE_NATIVE;
		}
	}

	test_with(when, "CAP_BPF alone", 1ull << CAP_BPF, &without_perfmon);
	test_with(when, "CAP_BPF and CAP_PERFMON", 1ull << CAP_BPF | 1ull << CAP_PERFMON, &enough);
	test_with(when, "no capability", 0, &denied);
	test_with(when, "all but CAP_BPF and CAP_SYS_ADMIN",
		  ~(1ull << CAP_BPF | 1ull << CAP_SYS_ADMIN), &denied);
	test_with(when, "all capabilities over a user namespace", IN_NAMESPACE, &denied);
}

int main(void)
{
	map_fd = make_map(BPF_MAP_TYPE_HASH, sizeof(key), sizeof(value), 4, 0);
	put(map_fd, &key, value);
	test_all("");
	/* What 1 is set to stays 1, so on a test kernel alone, whose init sets this. */
	if (getenv("VM_LIMIT")) {
		tap_ok(set_sysctl(0), SYSCTL " is 0");
		test_all(", where anybody may");
		tap_ok(set_sysctl(2), SYSCTL " is 2");
		test_all(", where few may");
		tap_ok(set_sysctl(1), SYSCTL " is 1");
		test_all(", where few may for good");
	}
	close(map_fd);
	return tap_done();
}
