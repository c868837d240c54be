/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Values of options. Each returns 0, or -EINVAL after a message that names the
 * option, the value and what is allowed.
 */
#ifndef TOOLS_PARSE_H
#define TOOLS_PARSE_H

#include <stddef.h>
#include <stdint.h>

#define CPU_MAX	8192

struct cpu_list {
	uint32_t count;
	uint64_t mask[CPU_MAX / 64];
};

/* A decimal number from min to max */
int parse_number(const char *option, const char *text, uint64_t min, uint64_t max,
		 uint64_t *number);

/* Seconds, with a fraction or not, as ns; 0 is refused */
int parse_seconds(const char *option, const char *text, uint64_t *ns);

/* Bytes, at least 1 and at most in the largest ring: 65536, 64K, 1M, 1G */
int parse_size(const char *option, const char *text, uint64_t *bytes);

/* The same that one ring can have: a power of two */
int parse_ring_size(const char *option, const char *text, uint64_t *bytes);

/* CPU numbers and ranges: 0-3,5 */
int parse_cpus(const char *option, const char *text, struct cpu_list *cpus);

/* One of the words, which end with NULL; gives its index */
int parse_word(const char *option, const char *text, const char *const *words,
	       unsigned int *index);

/* A name for the kernel, with the NUL: 1 to 31 characters */
int parse_name(const char *what, const char *text, char *name);

#endif
