// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * The configuration file: sections of maps, KEY = VALUE in each. Lines that begin with a blank go on with the value
 * before them; those that begin with # are comments.
 */
#define _GNU_SOURCE /* asprintf() */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bpfcmp.h"
#include "bpfcmpd.h"

#define INTERVAL_MIN_MS 100
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/-"

static const char *const keys[KEYS] = {
	[KEY_METRICS] = "metrics",   [KEY_MAP] = "map",		  [KEY_WHERE] = "where",
	[KEY_CLAIM] = "claim",	     [KEY_KEY_SIZE] = "key_size", [KEY_VALUE_SIZE] = "value_size",
	[KEY_INTERVAL] = "interval", [KEY_DRY_RUN] = "dry_run",
};

void complain_at(const struct config *config, unsigned int line, const char *format, ...)
{
	char text[SAID_MAX + 64];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (line)
		fprintf(stderr, "%s:%u: %s\n", config->file, line, text);
	else
		fprintf(stderr, "%s: %s\n", config->file, text);
}

/* Without blanks before and behind. */
static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t\r\n");
	end = text + strlen(text);
	while (end > text && strchr(" \t\r\n", end[-1]))
		*--end = '\0';
	return text;
}

static bool read_section(struct config *config, unsigned int line, char *text)
{
	size_t length = strcspn(text, "]");
	struct map *maps;

	if (text[length] != ']' || text[length + 1]) {
		complain_at(config, line, "a section is [NAME], and nothing behind it");
		return false;
	}
	text[length] = '\0';
	text = trim(text);
	if (!*text || text[strspn(text, NAME_CHARACTERS)]) {
		complain_at(config, line, "[%s]: a name has letters, digits and _.:/-", text);
		return false;
	}
	for (size_t i = 0; i < config->count; i++) {
		if (strcmp(config->maps[i].name, text))
			continue;
		complain_at(config, line, "[%s] is there twice, first in line %u", text,
			    config->maps[i].line);
		return false;
	}
	maps = realloc(config->maps, (config->count + 1) * sizeof(*maps));
	if (maps)
		config->maps = maps;
	text = maps ? strdup(text) : NULL;
	if (!text) {
		complain_at(config, line, "out of memory");
		return false;
	}
	config->maps[config->count++] = (struct map){ .name = text, .line = line };
	return true;
}

static struct value *find_value(struct config *config, const char *key)
{
	struct map *map = config->count ? &config->maps[config->count - 1] : NULL;

	for (int i = 0; i < KEYS; i++) {
		if (strcmp(key, keys[i]))
			continue;
		if (i == KEY_METRICS)
			return map ? NULL : &config->metrics;
		return map ? &map->values[i] : NULL;
	}
	return NULL;
}

static struct value *read_value(struct config *config, unsigned int line, char *text)
{
	char *equals = strchr(text, '=');
	struct value *value;

	if (!equals) {
		complain_at(config, line, "'%s' is neither [NAME] nor KEY = VALUE", text);
		return NULL;
	}
	*equals = '\0';
	text = trim(text);
	value = find_value(config, text);
	if (!value) {
		complain_at(config, line, "'%s' is no key %s", text,
			    config->count ? "of a section" : "before the first section");
		return NULL;
	}
	if (value->text) {
		complain_at(config, line, "'%s' is there twice, first in line %u", text,
			    value->line);
		return NULL;
	}
	value->line = line;
	value->text = strdup(trim(equals + 1));
	if (!value->text)
		complain_at(config, line, "out of memory");
	return value->text ? value : NULL;
}

static bool go_on(const struct config *config, unsigned int line, struct value *value,
		  const char *text)
{
	char *longer = NULL;

	if (!value) {
		complain_at(config, line,
			    "a line that begins with a blank, and no value before it");
		return false;
	}
	if (asprintf(&longer, "%s %s", value->text, text) < 0) {
		complain_at(config, line, "out of memory");
		return false;
	}
	free(value->text);
	value->text = longer;
	return true;
}

static bool read_line(struct config *config, unsigned int line, char *text, struct value **value)
{
	bool goes_on = *text == ' ' || *text == '\t';

	text = trim(text);
	if (!*text || *text == '#')
		return true;
	if (goes_on)
		return go_on(config, line, *value, text);
	*value = NULL;
	if (*text == '[')
		return read_section(config, line, text + 1);
	*value = read_value(config, line, text);
	return *value;
}

static bool read_lines(struct config *config, FILE *file)
{
	struct value *value = NULL;
	unsigned int line = 0;
	char *text = NULL;
	size_t room = 0;
	bool good = true;

	while (good && getline(&text, &room, file) >= 0)
		good = read_line(config, ++line, text, &value);
	free(text);
	if (good && ferror(file)) {
		complain_at(config, 0, "%s", strerror(errno));
		good = false;
	}
	return good;
}

/* The text is cut into its words, up to NULL. */
static char **split(char *text)
{
	char **words = calloc(strlen(text) / 2 + 2, sizeof(*words)), *rest;
	size_t count = 0;

	if (!words)
		return NULL;
	for (char *word = strtok_r(text, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest))
		words[count++] = word;
	return words;
}

static bool has_word(char **words, const char *word)
{
	for (; words && *words; words++)
		if (!strcmp(*words, word))
			return true;
	return false;
}

static bool split_words(struct value *value, char ***words)
{
	if (value->text)
		*words = split(value->text);
	return !value->text || *words;
}

/* Whether it is there, and a number. */
static enum status parse_size(const struct map *map, enum key key, __u32 *size)
{
	enum status status;

	if (!map->values[key].text)
		return STATUS_OK;
	status = parse_number(map->values[key].text, keys[key], size);
	return status || *size ? status : fail(STATUS_USAGE, "%s: 0 bytes", keys[key]);
}

static enum status parse_interval(struct map *map)
{
	enum status status;

	status = parse_wait(map->values[KEY_INTERVAL].text, keys[KEY_INTERVAL], &map->interval_ms);
	if (!status && map->interval_ms < INTERVAL_MIN_MS)
		status = fail(STATUS_USAGE, "interval: less than %d ms", INTERVAL_MIN_MS);
	return status;
}

static enum status parse_dry_run(struct map *map)
{
	const char *text = map->values[KEY_DRY_RUN].text;

	map->dry_run = text && !strcmp(text, "yes");
	if (text && !map->dry_run && strcmp(text, "no"))
		return fail(STATUS_USAGE, "dry_run: '%s' is neither yes nor no", text);
	return STATUS_OK;
}

static bool check(const struct config *config, const struct map *map, enum key key,
		  enum status status)
{
	if (status)
		complain_at(config, map->values[key].line, "[%s] %s", map->name, complaint());
	return !status;
}

/* A place in a map of another layout is another field. A name is found, or it is not. */
static bool check_layout(const struct config *config, const struct map *map)
{
	if ((map->key_size && map->value_size) ||
	    (!has_word(map->where, "at") && !has_word(map->claim, "at")))
		return true;
	complain_at(config, map->values[KEY_WHERE].line,
		    "[%s] fields 'at' offsets take key_size and value_size, so that no other "
		    "map is taken for this one",
		    map->name);
	return false;
}

static bool read_map(const struct config *config, struct map *map)
{
	static const enum key needed[] = { KEY_MAP, KEY_WHERE, KEY_INTERVAL };

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (map->values[needed[i]].text && *map->values[needed[i]].text)
			continue;
		complain_at(config, map->line, "[%s] has no '%s'", map->name, keys[needed[i]]);
		return false;
	}
	if (!split_words(&map->values[KEY_WHERE], &map->where) ||
	    !split_words(&map->values[KEY_CLAIM], &map->claim)) {
		complain_at(config, map->line, "out of memory");
		return false;
	}
	return check(config, map, KEY_KEY_SIZE, parse_size(map, KEY_KEY_SIZE, &map->key_size)) &&
	       check(config, map, KEY_VALUE_SIZE,
		     parse_size(map, KEY_VALUE_SIZE, &map->value_size)) &&
	       check(config, map, KEY_INTERVAL, parse_interval(map)) &&
	       check(config, map, KEY_DRY_RUN, parse_dry_run(map)) && check_layout(config, map) &&
	       check_places(config, map);
}

static bool read_maps(struct config *config)
{
	for (size_t i = 0; i < config->count; i++)
		if (!read_map(config, &config->maps[i]))
			return false;
	if (!config->count)
		complain_at(config, 0, "no section, so no map to collect from");
	return config->count;
}

bool read_config(const char *name, struct config *config)
{
	FILE *file = fopen(name, "re");
	bool good;

	*config = (struct config){ .file = name };
	if (!file) {
		complain_at(config, 0, "%s", strerror(errno));
		return false;
	}
	good = read_lines(config, file) && read_maps(config);
	fclose(file);
	return good;
}

void free_config(struct config *config)
{
	for (size_t i = 0; i < config->count; i++) {
		for (int key = 0; key < KEYS; key++)
			free(config->maps[i].values[key].text);
		free(config->maps[i].where);
		free(config->maps[i].claim);
		free(config->maps[i].name);
	}
	free(config->maps);
	free(config->metrics.text);
}
