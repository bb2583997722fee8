/* SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause) */

/*
 * For tests that try things with fewer capabilities, in a child.
 */
#ifndef SELFTESTS_CAPABILITIES_H
#define SELFTESTS_CAPABILITIES_H

#include <unistd.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include "tap.h"

#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#endif
#ifndef CAP_BPF
#define CAP_BPF 39
#endif

/* Of those the caller has, these bits. */
static inline void keep_capabilities(__u64 kept)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		tap_bail("capget");
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= kept >> 32 * i;
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, data))
		tap_bail("capset");
}

/* Of those that are permitted, these are effective. */
static inline void set_effective(__u64 wanted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		tap_bail("capget");
	for (int i = 0; i < 2; i++)
		data[i].effective = data[i].permitted & wanted >> 32 * i;
	if (syscall(SYS_capset, &header, data))
		tap_bail("capset");
}

#endif /* SELFTESTS_CAPABILITIES_H */
