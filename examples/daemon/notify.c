// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * A datagram to the socket that NOTIFY_SOCKET names, as sd_notify(3) says of it. libsystemd does no more, and would be
 * one more library in a process that has privilege.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "bpfcmpd.h"

void notify(const char *format, ...)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char text[1024];
	size_t length;
	va_list args;
	int fd;

	if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof(address.sun_path))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	length = offsetof(struct sockaddr_un, sun_path) + strlen(path);
	memcpy(address.sun_path, path, strlen(path));
	if (*path == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* Whether anybody listens does not matter to what we do. */
	(void)!sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address, length);
	close(fd);
}
