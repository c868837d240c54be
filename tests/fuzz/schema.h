/* SPDX-License-Identifier: GPL-2.0 */
/* A schema and payloads for it, from an input */
#ifndef TESTS_FUZZ_SCHEMA_H
#define TESTS_FUZZ_SCHEMA_H

#include "fuzz.h"

#define FUZZ_TYPES	3u
#define FUZZ_FIELDS	8u
#define FUZZ_SCHEMA_MAX	(sizeof(struct kring_schema) + FUZZ_TYPES * sizeof(struct kring_type) + \
			 FUZZ_FIELDS * sizeof(struct kring_field))

/* At most FUZZ_SCHEMA_MAX bytes; returns how many. Mostly it is good */
size_t fuzz_schema_make(struct input *in, void *schema);

/* Its types in a handle without rings, or NULL if it was refused */
struct ring *fuzz_schema_take(const void *schema, size_t size);

/* An event with a payload of its own, to be freed: nothing behind it can be read */
struct ring_record fuzz_record_make(struct input *in);

/* Whether it is UTF-8 without control characters */
bool fuzz_is_printable(const char *text, size_t size);

#endif /* TESTS_FUZZ_SCHEMA_H */
