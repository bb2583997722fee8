// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * bpfcmpd: deletes what matches conditions from pinned maps, again and again, by a configuration file. One thread, which waits
 * for the next map's time or for a signal: so none comes in the middle of anything.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "bpfcmp.h"
#include "bpfcmpd.h"

#define NS_PER_S 1000000000ULL

static const char daemon_usage[] =
	"Usage: bpfcmpd [--once] [FILE]\n"
	"       bpfcmpd --check [FILE]\n"
	"\n"
	"Deletes what matches conditions from pinned BPF hash maps, in intervals, as FILE says\n"
	"(default: /etc/bpfcmpd.conf). SIGHUP has it read anew, SIGTERM and SIGINT end this.\n"
	"  --once     collect from each map once, and end\n"
	"  --check    tell whether FILE is fine, and how many entries match now; delete nothing\n"
	"  --version  tell the version\n"
	"  --help     tell this\n"
	"\n"
	"Exit status: 0 ended as asked for, 1 the file is not fine, or with --once a map was not\n"
	"             collected from, 2 wrong usage\n"
	"\n"
	"See bpfcmpd(8).\n";

struct daemon {
	struct config config;
	bool reload_failed;
	bool metrics_failed; /* which was said */
	__u64 reloaded;	     /* in seconds since 1970 */
};

/* look: at the maps that are there too, as names are known by those alone. */
static bool load(const char *file, struct config *config, bool look, bool loud)
{
	bool good = read_config(file, config);

	for (size_t i = 0; good && look && i < config->count; i++)
		good = check_map(config, &config->maps[i], loud);
	return good;
}

static void publish(struct daemon *daemon)
{
	bool good = write_metrics(&daemon->config, daemon->reload_failed, daemon->reloaded);

	if (!good && !daemon->metrics_failed)
		fprintf(stderr, "metrics: %s: %s\n", daemon->config.metrics.text, strerror(errno));
	daemon->metrics_failed = !good;
}

/* Does what is due, and tells when something is next. */
static __u64 collect_due(struct daemon *daemon)
{
	__u64 next = ~0ULL;
	bool any = false;

	for (size_t i = 0; i < daemon->config.count; i++) {
		struct map *map = &daemon->config.maps[i];

		if (map->due_ns <= now_ns()) {
			any = true;
			collect(map);
			map->due_ns += map->interval_ms * 1000000ULL;
			/* One that was missed is not made up for. */
			if (map->due_ns < now_ns())
				map->due_ns = now_ns() + map->interval_ms * 1000000ULL;
		}
		if (map->due_ns < next)
			next = map->due_ns;
	}
	if (any)
		publish(daemon);
	return next;
}

/* What was counted goes on. */
static void take_over(struct config *new, const struct config *old)
{
	for (size_t i = 0; i < new->count; i++)
		for (size_t j = 0; j < old->count; j++)
			if (!strcmp(new->maps[i].name, old->maps[j].name))
				new->maps[i].counters = old->maps[j].counters;
}

static void drop_metrics(const struct config *config)
{
	if (config->metrics.text)
		unlink(config->metrics.text);
}

static void reload(struct daemon *daemon)
{
	const char *file = daemon->config.file;
	struct config config;

	notify("RELOADING=1\nMONOTONIC_USEC=%llu", now_ns() / 1000);
	daemon->reload_failed = !load(file, &config, true, false);
	if (daemon->reload_failed) {
		fprintf(stderr, "%s: refused, the configuration stays as it was\n", file);
		free_config(&config);
	} else {
		take_over(&config, &daemon->config);
		if (daemon->config.metrics.text &&
		    (!config.metrics.text ||
		     strcmp(config.metrics.text, daemon->config.metrics.text)))
			drop_metrics(&daemon->config);
		free_config(&daemon->config);
		daemon->config = config;
		daemon->reloaded = time(NULL);
		fprintf(stderr, "%s: read anew\n", file);
	}
	publish(daemon);
	notify("READY=1\nSTATUS=%zu maps%s", daemon->config.count,
	       daemon->reload_failed ? ", and a new configuration that was refused" : "");
}

/* 0: the time has come. */
static int wait_for_signal(const sigset_t *signals, __u64 until)
{
	__u64 now = now_ns(), left = until > now ? until - now : 0;
	struct timespec timeout = { .tv_sec = left / NS_PER_S, .tv_nsec = left % NS_PER_S };
	int signal = sigtimedwait(signals, NULL, &timeout);

	return signal < 0 ? 0 : signal;
}

static void block_signals(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGHUP);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGINT);
	sigprocmask(SIG_BLOCK, signals, NULL);
}

static void run(struct daemon *daemon, const sigset_t *signals)
{
	int signal;

	notify("READY=1\nSTATUS=%zu maps", daemon->config.count);
	do {
		signal = wait_for_signal(signals, collect_due(daemon));
		if (signal == SIGHUP)
			reload(daemon);
	} while (!signal || signal == SIGHUP);
	notify("STOPPING=1");
	drop_metrics(&daemon->config);
}

static int run_once(struct daemon *daemon)
{
	bool good = true;

	collect_due(daemon);
	for (size_t i = 0; i < daemon->config.count; i++)
		good &= daemon->config.maps[i].counters.results[RESULT_DONE] == 1;
	return good ? 0 : 1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "once", no_argument, NULL, 'o' },
						 { "check", no_argument, NULL, 'c' },
						 { "version", no_argument, NULL, 'V' },
						 { "help", no_argument, NULL, 'h' },
						 {} };
	struct daemon daemon = { .reloaded = time(NULL) };
	const char *file = "/etc/bpfcmpd.conf";
	bool once = false, check = false;
	sigset_t signals;
	int option, status = 0;

	while ((option = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
		switch (option) {
		case 'o':
			once = true;
			break;
		case 'c':
			check = true;
			break;
		case 'V':
			return printf("bpfcmpd v%s\n", libbpf_compare_version_string()) < 0;
		case 'h':
			return fputs(daemon_usage, stdout) < 0;
		default:
			return fputs(daemon_usage, stderr), 2;
		}
	}
	if (argc - optind > 1 || (once && check))
		return fputs(daemon_usage, stderr), 2;
	if (optind < argc)
		file = argv[optind];
	/* What it has to say is in libbpf_compare_reason(), and is told once. */
	libbpf_set_print(NULL);
	if (!once && !check)
		block_signals(&signals);
	if (!load(file, &daemon.config, check, true))
		status = 1;
	else if (once)
		status = run_once(&daemon);
	else if (!check)
		run(&daemon, &signals);
	free_config(&daemon.config);
	return status;
}
