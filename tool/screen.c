// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The whole of a terminal: on its alternate screen, without its cursor, and with keys that are read at once. It gets
 * back what it had also where a signal ends or stops us.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include "top.h"

static struct termios before; /* us */
static bool has_keys;	      /* standard input is the terminal, too */
static volatile sig_atomic_t resized;

/* What a signal handler may call. */
static void put(const char *sequence)
{
	ssize_t written = write(STDOUT_FILENO, sequence, strlen(sequence));

	(void)written;
}

static void enter(void)
{
	struct termios now = before;

	now.c_lflag &= ~(ICANON | ECHO);
	if (has_keys)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &now);
	put("\033[?1049h\033[?25l");
}

static void leave(void)
{
	put("\033[?25h\033[?1049l");
	if (has_keys)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

/* Then by the signal itself, as it has no handler any more. */
static void end(int signal)
{
	leave();
	raise(signal);
}

static void stop(int signal)
{
	(void)signal;
	leave();
	raise(SIGSTOP);
	enter();
	resized = true;
}

static void resize(int signal)
{
	(void)signal;
	resized = true;
}

static void handle(int signal, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigaction(signal, &action, NULL);
}

bool open_screen(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	const char *kind = getenv("TERM");

	if (!isatty(STDOUT_FILENO) || !kind || !*kind || !strcmp(kind, "dumb"))
		return false;
	has_keys = !tcgetattr(STDIN_FILENO, &before);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		handle(ends[i], end, SA_RESETHAND | SA_RESTART);
	handle(SIGTSTP, stop, SA_RESTART);
	handle(SIGWINCH, resize, SA_RESTART);
	enter();
	return true;
}

void close_screen(void)
{
	leave();
}

void draw_screen(const char *text)
{
	struct winsize size = {};
	unsigned int rows = 24, columns = 80;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col) {
		rows = size.ws_row;
		columns = size.ws_col;
	}
	fputs("\033[H", stdout);
	for (unsigned int row = 0; *text && row < rows; row++) {
		size_t length = strcspn(text, "\n");

		/* The last line has no end, which would move the others up. */
		printf("%s%.*s\033[K", row ? "\n" : "", (int)(length < columns ? length : columns),
		       text);
		text += length + (text[length] == '\n');
	}
	fputs("\033[J", stdout);
	output_failed();
}

enum event wait_at_screen(__u64 until)
{
	struct pollfd keys = { .fd = has_keys ? STDIN_FILENO : -1, .events = POLLIN };
	char key = 0;

	while (!resized) {
		__u64 now = now_ns();
		int ready;

		if (now >= until)
			return EVENT_TIME;
		ready = poll(&keys, 1, (int)((until - now) / 1000000) + 1);
		if (ready <= 0)
			continue;
		/* At its end there are no more. */
		if (read(STDIN_FILENO, &key, 1) <= 0)
			keys.fd = -1;
		else if (key == 'q' || key == 'Q')
			return EVENT_QUIT;
	}
	resized = false;
	return EVENT_RESIZED;
}
