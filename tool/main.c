// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * bpfcmp: deletes and updates entries of BPF hash maps by compare from the shell. The commands.
 */
#include <stdio.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "bpfcmp.h"

static enum status do_help(char **argv);

static enum status do_version(char **argv)
{
	(void)argv;
	if (output_is_json()) {
		json_open(NULL, '{');
		json_string("version", libbpf_compare_version_string());
		json_string("libbpf_version", libbpf_version_string() + strlen("v"));
		json_close('}');
	} else {
		printf("bpfcmp v%s\nusing libbpf %s\n", libbpf_compare_version_string(),
		       libbpf_version_string());
	}
	return STATUS_OK;
}

static const struct command {
	const char *name;
	enum status (*run)(char **argv);
	const char *help;
} commands[] = {
	{ "probe", do_probe, probe_help },
	{ "delete", do_delete, delete_help },
	{ "sweep", do_sweep, sweep_help },
	{ "count", do_count, count_help },
	{ "top", do_top, top_help },
	{ "claims", do_claims, claims_help },
	{ "update", do_update, update_help },
	{ "add", do_add, add_help },
	{ "set", do_set, set_help },
	{ "version", do_version, help },
	{ "help", do_help, help },
};

/* As in bpftool, the start of its name will do for a command. */
static const struct command *find_command(const char *word)
{
	for (size_t i = 0; *word && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strncmp(commands[i].name, word, strlen(word)))
			return &commands[i];
	return NULL;
}

static enum status fail_unknown(const char *word)
{
	return fail(STATUS_USAGE, "unknown command '%s', see bpfcmp help", word);
}

static enum status do_help(char **argv)
{
	const struct command *command = *argv ? find_command(*argv) : NULL;

	if (*argv && !command)
		return fail_unknown(*argv);
	fputs(command ? command->help : help, stdout);
	return STATUS_OK;
}

static enum status run_command(char **words, bool wants_help)
{
	const struct command *command = find_command(words[0]);

	if (!command)
		return fail_unknown(words[0]);
	if (!wants_help && (!words[1] || strcmp(words[1], "help")))
		return command->run(words + 1);
	fputs(command->help, stdout);
	return STATUS_OK;
}

static enum status run(char **words)
{
	struct options options = {};
	enum status status;

	status = take_options(words, &options);
	if (status)
		return status;
	if (options.version)
		return do_version(words);
	if (words[0])
		return run_command(words, options.help);
	if (options.help)
		return do_help(words);
	fputs(usage, stderr);
	return fail(STATUS_USAGE, "no command");
}

int main(int argc, char **argv)
{
	enum status status;

	/* What goes wrong is said by our own messages, in JSON if so wanted. */
	libbpf_set_print(NULL);
	status = end_output(run(argv + !!argc));
	end_interrupted();
	return status;
}
