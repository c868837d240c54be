/* SPDX-License-Identifier: GPL-2.0 */
/*
 * --where: which events are to be printed. Only looks: no input, no output.
 *
 * A condition is FIELD OP VALUE. Of those on one field that say what is wanted
 * (= and ~) one must hold, and all others. An event without the field does not
 * meet a condition.
 */
#ifndef RINGCAT_FILTER_H
#define RINGCAT_FILTER_H

#include <stdbool.h>
#include <stddef.h>

struct filter;
struct ring_record;
struct ring_type;

/*
 * Checks the conditions against a channel's schema, which must live as long as
 * the filter. Returns NULL after it wrote to message what is wrong and what is
 * allowed.
 */
struct filter *filter_new(const struct ring_type *types, size_t nr_types,
			  const char *const *conditions, size_t nr,
			  char *message, size_t size);
void filter_free(struct filter *filter);

bool filter_passes(const struct filter *filter, const struct ring_record *event);

#endif
