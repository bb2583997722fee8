// SPDX-License-Identifier: (LGPL-2.1-only OR BSD-2-Clause)

/*
 * What a field is compared with: a number, an address, or a time.
 */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <arpa/inet.h>
#include "bpfcmp.h"

#define NOW "now"

static const struct unit {
	const char *name;
	__s64 ns;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "m", 60 * 1000000000LL },
	{ "h", 3600 * 1000000000LL },
};

static const struct unit *find_unit(const char *name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(name, units[i].name))
			return &units[i];
	return NULL;
}

__u64 all_bits(__u32 bits)
{
	return ~0ULL >> (64 - bits);
}

static bool is_big_endian(const struct field *field)
{
	return field->flags & BPF_MAP_SWEEP_BE;
}

static bool is_signed(const struct field *field)
{
	return field->flags & BPF_MAP_SWEEP_SIGNED;
}

static enum status fail_number(const char *word, const struct field *field)
{
	return fail(STATUS_USAGE, "%s: '%s' is no %snumber of %u bit%s", field->name, word,
		    is_signed(field) ? "signed " : "", field->bits, field->bits == 1 ? "" : "s");
}

/* One that is below zero is stored as that of the field would be. */
static enum status parse_field_number(const char *word, const struct field *field, __u64 *operand)
{
	bool negative = is_signed(field) && *word == '-';
	unsigned long long max = all_bits(field->bits), number;

	if (is_signed(field))
		max = max / 2 + negative;
	if (!read_number(word + negative, 0, max, &number))
		return fail_number(word, field);
	*operand = (negative ? -number : number) & all_bits(field->bits);
	return STATUS_OK;
}

static enum status parse_address(const char *word, const struct field *field, __u64 *operand)
{
	struct in_addr address;

	if (inet_pton(AF_INET, word, &address) != 1)
		return fail(STATUS_USAGE, "%s: '%s' is no IPv4 address", field->name, word);
	if (!is_big_endian(field) || field->bits != 32)
		return fail(STATUS_USAGE, "%s: '%s' is an address, and the field not be32",
			    field->name, word);
	*operand = ntohl(address.s_addr);
	return STATUS_OK;
}

/* The +5m of now+5m, in nanoseconds. */
static enum status parse_shift(const char *word, const struct field *field, __s64 *shift)
{
	const char *sign = word + strlen(NOW);
	const struct unit *unit;
	unsigned long long number;
	char digits[24];
	size_t length;

	*shift = 0;
	if (!*sign)
		return STATUS_OK;
	length = strspn(sign + 1, "0123456789");
	snprintf(digits, sizeof(digits), "%.*s", (int)length, sign + 1);
	unit = find_unit(sign + 1 + length);
	if ((*sign != '-' && *sign != '+') || !unit || length >= sizeof(digits) ||
	    !read_number(digits, 10, INT64_MAX / 2 / unit->ns, &number))
		return fail(STATUS_USAGE,
			    "%s: '%s' is no time: now, or as now-30s and now+5m with ns, us, ms, "
			    "s, m or "
			    "h, within 146 years",
			    field->name, word);
	*shift = *sign == '-' ? -(__s64)number * unit->ns : (__s64)number * unit->ns;
	return STATUS_OK;
}

/* In which the field counts. Of 8 bytes they are the datapath's nanoseconds, of fewer nobody knows. */
static enum status parse_unit(char ***words, const struct field *field, const struct unit **unit)
{
	*unit = &units[0];
	if (!**words || strcmp(**words, "in")) {
		if (field->bits == 64)
			return STATUS_OK;
		return fail(
			STATUS_USAGE,
			"%s: %s: in which unit does the field count? Add 'in s' for seconds, or in "
			"ns, us, ms, m, h",
			field->name, (*words)[-1]);
	}
	++*words;
	*unit = **words ? find_unit(**words) : NULL;
	if (!*unit)
		return fail(STATUS_USAGE, "%s: in '%s': no unit of time: ns, us, ms, s, m or h",
			    field->name, **words ? **words : "");
	++*words;
	return STATUS_OK;
}

__u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* All operands have the same. */
static __s64 operands_clock;

static __s64 operands_now(void)
{
	if (!operands_clock)
		operands_clock = now_ns();
	return operands_clock;
}

void forget_now(void)
{
	operands_clock = 0;
}

static enum status parse_time(char ***words, const struct field *field, bool wraps, __u64 *operand)
{
	const char *word = *(*words)++;
	const struct unit *unit;
	enum status status;
	__s64 shift, when;

	status = parse_shift(word, field, &shift);
	if (!status)
		status = parse_unit(words, field, &unit);
	if (status)
		return status;
	/* Rounded down, as what counts whole seconds is. */
	when = operands_now() + shift;
	when = when / unit->ns - (when % unit->ns < 0);
	shift /= unit->ns;
	if (wraps && (shift < 0 ? -(__u64)shift : (__u64)shift) > all_bits(field->bits) / 2)
		return fail(STATUS_USAGE, "%s: %s: more than half of what %u bits count in %s",
			    field->name, word, field->bits, unit->name);
	*operand = when & all_bits(field->bits);
	if (wraps || is_signed(field))
		return STATUS_OK;
	if (when < 0)
		return fail(
			STATUS_USAGE,
			"%s: %s: that is before the clock began; 'before' and 'after' can say so",
			field->name, word);
	if (*operand != (__u64)when)
		return fail(STATUS_USAGE,
			    "%s: %s: over %u bits by now; of a clock that wraps say 'before' or "
			    "'after'",
			    field->name, word, field->bits);
	return STATUS_OK;
}

static bool is_time(const char *word)
{
	return !strncmp(word, NOW, strlen(NOW));
}

void skip_operand(char ***words)
{
	bool time = is_time(*(*words)++);

	if (time && **words && !strcmp(**words, "in"))
		*words += (*words)[1] ? 2 : 1;
}

enum status parse_operand(char ***words, const struct field *field, bool wraps, __u64 *operand)
{
	const char *word = **words;

	if (!word)
		return fail(STATUS_USAGE, "%s: nothing given to compare with", field->name);
	if (is_time(word))
		return parse_time(words, field, wraps, operand);
	++*words;
	if (strchr(word, '.'))
		return parse_address(word, field, operand);
	return parse_field_number(word, field, operand);
}

enum status parse_mask(const char *word, const struct field *field, __u64 *mask)
{
	unsigned long long number;
	enum status status = STATUS_OK;

	if (!word)
		return fail(STATUS_USAGE, "%s: mask: no number given", field->name);
	if (strchr(word, '.'))
		status = parse_address(word, field, mask);
	else if (!read_number(word, 0, all_bits(field->bits), &number))
		status = fail(STATUS_USAGE, "%s: mask: '%s' is no number of %u bits", field->name,
			      word, field->bits);
	else
		*mask = number;
	if (!status && !*mask)
		return fail(STATUS_USAGE, "%s: mask 0 leaves nothing of it", field->name);
	return status;
}

enum status parse_any_sign(const char *word, const struct field *field, __u64 *number)
{
	struct field either = *field;

	if (*word == '-')
		either.flags |= BPF_MAP_SWEEP_SIGNED;
	else
		either.flags &= ~BPF_MAP_SWEEP_SIGNED;
	return parse_field_number(word, &either, number);
}

enum status parse_range(const char *from, const char *to, const struct field *field, __u64 *first,
			__u64 *last)
{
	enum status status = parse_any_sign(from, field, first);

	if (!status)
		status = parse_any_sign(to, field, last);
	if (!status && *first > *last)
		return fail(STATUS_USAGE, "from %s to %s: as unsigned numbers that is none", from,
			    to);
	return status;
}

enum status parse_claims(const char *from, const char *to, const struct field *field, __u64 *first,
			 __u64 *last)
{
	enum status status = parse_range(from, to, field, first, last);

	if (!status && !*last)
		return fail(STATUS_USAGE, "claim_last %s: 0 alone cannot be the claims", to);
	return status;
}

enum status parse_wait(const char *word, const char *what, __u32 *ms)
{
	size_t length = word ? strspn(word, "0123456789") : 0;
	const struct unit *unit = length ? find_unit(word + length) : NULL;
	unsigned long long number = 0;
	char digits[24];
	__u64 wait;

	snprintf(digits, sizeof(digits), "%.*s", (int)length, word ? word : "");
	if (!unit || length >= sizeof(digits) ||
	    !read_number(digits, 10, INT64_MAX / unit->ns, &number))
		return fail(STATUS_USAGE, "%s: '%s' is no time: as 10s, with ns, us, ms, s, m or h",
			    what, word ? word : "");
	wait = number * unit->ns / 1000000;
	if (!wait || wait > UINT32_MAX)
		return fail(STATUS_USAGE, "%s: '%s' is not 1ms to 49 days", what, word);
	*ms = wait;
	return STATUS_OK;
}
