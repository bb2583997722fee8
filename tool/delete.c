// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * bpfcmp delete: reads what to delete from where, calls the library, says what became of it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "bpfcmp.h"

enum keyword {
	KEY,
	COMPARE,
	OFFSET,
	SIZE,
	CLAIM,
	CLAIM_OFFSET,
	BACKEND,
	KEYWORDS
};

static const char *const keywords[KEYWORDS] = {
	[KEY] = "key",	   [COMPARE] = "compare",	    [OFFSET] = "offset",   [SIZE] = "size",
	[CLAIM] = "claim", [CLAIM_OFFSET] = "claim_offset", [BACKEND] = "backend",
};

struct request {
	bool given[KEYWORDS];
	struct bytes key;
	struct bytes compare;
	struct bytes claim;
	__u32 offset;
	__u32 size;
	__u32 claim_offset;
	__u32 backend;
};

static enum keyword find_keyword(const char *word)
{
	enum keyword keyword = 0;

	while (keyword < KEYWORDS && strcmp(word, keywords[keyword]))
		keyword++;
	return keyword;
}

static enum status parse_backend(const char *word, __u32 *backend)
{
	const char *name;

	if (!word)
		return fail(STATUS_USAGE, "backend: none given");
	for (*backend = 0; (name = libbpf_bpf_map_compare_backend_str(*backend)); ++*backend)
		if (!strcmp(word, name))
			return STATUS_OK;
	return fail(STATUS_USAGE, "unknown backend '%s': auto, native or syscall_prog", word);
}

/* Reads what follows a keyword, up to the next one where that is data; *words is then behind it. */
static enum status parse_argument(enum keyword keyword, char ***words, struct request *request)
{
	const char *name = keywords[keyword];
	char **first = *words;
	size_t count = 0;

	while (first[count] && find_keyword(first[count]) == KEYWORDS)
		count++;
	switch (keyword) {
	case KEY:
		*words += count;
		return parse_bytes(first, count, name, &request->key);
	case COMPARE:
		*words += count;
		return parse_bytes(first, count, name, &request->compare);
	case CLAIM:
		*words += count;
		return parse_bytes(first, count, name, &request->claim);
	default:
		*words += !!*first;
	}
	switch (keyword) {
	case OFFSET:
		return parse_number(*first, name, &request->offset);
	case SIZE:
		return parse_number(*first, name, &request->size);
	case CLAIM_OFFSET:
		return parse_number(*first, name, &request->claim_offset);
	default:
		return parse_backend(*first, &request->backend);
	}
}

static enum status parse_request(char **words, struct request *request)
{
	enum keyword keyword;
	enum status status;

	while (*words) {
		keyword = find_keyword(*words);
		if (keyword == KEYWORDS)
			return fail(STATUS_USAGE, "unknown word '%s', see bpfcmp delete help",
				    *words);
		if (request->given[keyword])
			return fail(STATUS_USAGE, "'%s' is there twice", *words);
		request->given[keyword] = true;
		words++;
		status = parse_argument(keyword, &words, request);
		if (status)
			return status;
	}
	if (!request->given[KEY])
		return fail(STATUS_USAGE, "no key given");
	if (!request->given[COMPARE])
		return fail(STATUS_USAGE, "nothing given to compare with");
	if (request->given[CLAIM_OFFSET] && !request->given[CLAIM])
		return fail(STATUS_USAGE, "claim_offset without claim");
	return STATUS_OK;
}

static enum status check_count(const char *what, const struct bytes *bytes, size_t expected)
{
	if (bytes->count == expected)
		return STATUS_OK;
	return fail(STATUS_USAGE, "%s: expected %zu byte%s, given %zu", what, expected,
		    expected == 1 ? "" : "s", bytes->count);
}

/* That the bytes given are as many as the map has, and fills in what was left out. */
static enum status fit_to_map(struct request *request, const struct bpf_map_info *info)
{
	enum status status;

	if (!request->given[SIZE] && request->offset < info->value_size)
		request->size = info->value_size - request->offset;
	/* To the library a size of 0 is the whole value. */
	if (!request->size || request->size > info->value_size ||
	    request->offset > info->value_size - request->size)
		return fail(STATUS_USAGE, "offset %u and size %u: the value has %u bytes",
			    request->offset, request->size, info->value_size);
	if (!request->given[CLAIM_OFFSET])
		request->claim_offset = request->offset;
	if (request->given[CLAIM] && request->claim.count != 4 && request->claim.count != 8)
		return fail(STATUS_USAGE, "claim: expected 4 or 8 bytes, given %zu",
			    request->claim.count);
	status = check_count("key", &request->key, info->key_size);
	return status ? status : check_count("compare", &request->compare, request->size);
}

static enum status answer(enum status status, const char *result, const char *text)
{
	if (output_is_json()) {
		json_open(NULL, '{');
		json_string("result", result);
		json_close('}');
	} else {
		puts(text);
	}
	return status;
}

static enum status fail_unsupported(enum bpf_map_type type, const struct request *request)
{
	const char *reason, *name = libbpf_bpf_map_type_str(type);

	if (ask_kernel(type, request->backend, &reason) == 1)
		reason = request->given[CLAIM] ? "not for this map, this region or a claim"
					       : "not for this map or this region";
	return fail(STATUS_UNSUPPORTED, "not supported: map type %s, backend %s: %s",
		    name ? name : "unknown", libbpf_bpf_map_compare_backend_str(request->backend),
		    reason);
}

static enum status report(int err, enum bpf_map_type type, const struct request *request)
{
	switch (err) {
	case 0:
		return answer(STATUS_OK, "deleted", "deleted");
	case -EBUSY:
		return answer(STATUS_DIFFERS, "differs", "differs: the entry is left alone");
	case -ENOENT:
		return answer(STATUS_ABSENT, "absent", "absent: there is no such key");
	case -EOPNOTSUPP:
		return fail_unsupported(type, request);
	case -EPERM:
		return fail(STATUS_DENIED,
			    "not permitted: the map is read-only or frozen, or the caller lacks "
			    "CAP_BPF (before Linux 6.1 perhaps CAP_PERFMON; a claim beside a bpf_spin_lock: "
			    "CAP_SYS_ADMIN)");
	case -EINVAL:
		if (request->given[CLAIM])
			return fail(
				STATUS_USAGE,
				"the claim has to lie in the compared bytes, at a multiple of "
				"its size in the value, and to differ from the bytes it replaces");
	}
	return fail_errno(-err, "delete", "the entry");
}

static enum status delete_from(int fd, struct request *request)
{
	LIBBPF_OPTS(bpf_map_delete_elem_opts, opts, .flags = BPF_F_COMPARE);
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);
	enum status status;
	int err;

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return fail_errno(errno, "read", "the map's key and value size");
	status = fit_to_map(request, &info);
	if (status)
		return status;
	opts.compare = request->compare.at;
	opts.compare_offset = request->offset;
	opts.compare_size = request->size;
	opts.backend = request->backend;
	if (request->given[CLAIM]) {
		opts.claim = request->claim.at;
		opts.claim_offset = request->claim_offset;
		opts.claim_size = request->claim.count;
	}
	err = bpf_map_delete_elem_opts(fd, request->key.at, &opts);
	keep_reason();
	status = report(err, info.type, request);
	bpf_map_compare_release(fd);
	return status;
}

enum status do_delete(char **argv)
{
	struct request request = {};
	enum status status;
	int fd;

	status = check_map_words(argv);
	if (!status)
		status = parse_request(argv + MAP_WORDS, &request);
	if (!status)
		status = open_map(argv, &fd);
	if (!status) {
		status = delete_from(fd, &request);
		close(fd);
	}
	free(request.key.at);
	free(request.compare.at);
	free(request.claim.at);
	return status;
}
