// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * Comes between the page's collector and the library: where its batch has the address 127.0.0.2, a
 * packet from there arrives after the snapshot and before the delete.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/bpf_compare.h>

int __real_bpf_map_delete_batch_opts(int fd, const void *keys, __u32 *count,
				     const struct bpf_map_delete_batch_opts *opts);
int __wrap_bpf_map_delete_batch_opts(int fd, const void *keys, __u32 *count,
				     const struct bpf_map_delete_batch_opts *opts);

struct flow {
	__u64 opened, expires;
};

static void send_from(__u32 address)
{
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = address };
	struct sockaddr_in to = from;
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	to.sin_port = htons(9);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (!bind(s, (void *)&from, sizeof(from)))
		sendto(s, "", 1, 0, (void *)&to, sizeof(to));
	close(s);
}

int __wrap_bpf_map_delete_batch_opts(int fd, const void *keys, __u32 *count,
				     const struct bpf_map_delete_batch_opts *opts)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	__u32 i, late = htonl(INADDR_LOOPBACK + 1);
	struct flow before, after;
	int tries = 1000;

	for (i = 0; i < *count; i++)
		if (((const __u32 *)keys)[i] == late)
			break;
	if (i < *count && !bpf_map_lookup_elem(fd, &late, &before)) {
		send_from(late);
		do
			nanosleep(&ms, NULL);
		while (--tries && !bpf_map_lookup_elem(fd, &late, &after) &&
		       after.expires == before.expires);
	}
	return __real_bpf_map_delete_batch_opts(fd, keys, count, opts);
}
