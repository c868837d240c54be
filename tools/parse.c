// SPDX-License-Identifier: GPL-2.0
#include "parse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <linux/kring.h>

#include "complain.h"

#define NS_PER_SECOND	1000000000ull
#define SECONDS_MAX	1000000000ull

/* Decimal digits only. Returns what follows them, or NULL: none, or too large. */
static const char *digits(const char *text, uint64_t *number)
{
	const char *p = text;

	for (*number = 0; *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, *p - '0', number))
			return NULL;
	}
	return p == text ? NULL : p;
}

int parse_number(const char *option, const char *text, uint64_t min, uint64_t max,
		 uint64_t *number)
{
	const char *end = digits(text, number);

	if (end && !*end && *number >= min && *number <= max)
		return 0;
	complain("%s: '%s' is not allowed: a number from %" PRIu64 " to %" PRIu64,
		 option, text, min, max);
	return -EINVAL;
}

int parse_seconds(const char *option, const char *text, uint64_t *ns)
{
	uint64_t whole, unit = NS_PER_SECOND;
	const char *p = digits(text, &whole);

	if (!p || whole > SECONDS_MAX)
		goto bad;
	*ns = whole * NS_PER_SECOND;
	if (*p == '.') {
		for (p++; *p >= '0' && *p <= '9'; p++) {
			unit /= 10;
			*ns += (*p - '0') * unit;
		}
	}
	if (!*p && *ns)
		return 0;
bad:
	complain("%s: '%s' is not allowed: seconds like 10 or 0.5, more than 0, at most %llu",
		 option, text, SECONDS_MAX);
	return -EINVAL;
}

/* With a suffix or not; 0: it is none, or too large */
static uint64_t bytes_of(const char *text)
{
	static const char suffixes[] = "KMG";
	const char *suffix;
	uint64_t bytes;
	const char *end = digits(text, &bytes);

	if (end && *end) {
		suffix = strchr(suffixes, *end);
		if (!suffix || end[1] || bytes > KRING_RING_SIZE_MAX)
			return 0;
		bytes <<= 10 * (suffix - suffixes + 1);
	}
	return end && bytes <= KRING_RING_SIZE_MAX ? bytes : 0;
}

int parse_size(const char *option, const char *text, uint64_t *bytes)
{
	*bytes = bytes_of(text);
	if (*bytes)
		return 0;
	complain("%s: '%s' is not allowed: bytes from 1 to 1G (suffixes K, M, G)", option, text);
	return -EINVAL;
}

int parse_ring_size(const char *option, const char *text, uint64_t *bytes)
{
	*bytes = bytes_of(text);
	if (*bytes >= KRING_RING_SIZE_MIN && !(*bytes & (*bytes - 1)))
		return 0;
	complain("%s: '%s' is not allowed: a power of two from 64K to 1G (suffixes K, M, G)",
		 option, text);
	return -EINVAL;
}

int parse_cpus(const char *option, const char *text, struct cpu_list *cpus)
{
	const char *p = text;
	uint64_t first, last;

	memset(cpus, 0, sizeof(*cpus));
	for (;;) {
		p = digits(p, &first);
		if (!p)
			break;
		last = first;
		if (*p == '-')
			p = digits(p + 1, &last);
		if (!p || first > last || last >= CPU_MAX)
			break;
		for (; first <= last; first++) {
			uint64_t bit = 1ull << (first % 64);

			cpus->count += !(cpus->mask[first / 64] & bit);
			cpus->mask[first / 64] |= bit;
		}
		if (!*p)
			return 0;
		if (*p++ != ',')
			break;
	}
	complain("%s: '%s' is not allowed: CPU numbers and ranges below %d, like 0-3,5",
		 option, text, CPU_MAX);
	return -EINVAL;
}

int parse_word(const char *option, const char *text, const char *const *words,
	       unsigned int *index)
{
	char allowed[128] = "";
	size_t length = 0;

	for (*index = 0; words[*index]; ++*index) {
		if (!strcmp(text, words[*index]))
			return 0;
		length += snprintf(allowed + length, sizeof(allowed) - length, "%s%s",
				   *index ? " or " : "", words[*index]);
	}
	complain("%s: '%s' is not allowed: %s", option, text, allowed);
	return -EINVAL;
}

int parse_name(const char *what, const char *text, char *name)
{
	size_t length = strlen(text);

	/* Which characters are allowed is the kernel's to say */
	if (length && length < KRING_NAME_MAX) {
		memset(name, 0, KRING_NAME_MAX);
		memcpy(name, text, length);
		return 0;
	}
	complain("%s: '%s' is not allowed: 1 to %d characters", what, text,
		 KRING_NAME_MAX - 1);
	return -EINVAL;
}
