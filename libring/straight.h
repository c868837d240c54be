/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The short way of a record from a ring that is held to its reader's hands: as
 * long as the next one is simple, nothing needs to be remembered of it.
 */
#ifndef LIBRING_STRAIGHT_H
#define LIBRING_STRAIGHT_H

#include "internal.h"

/* It is the next one, was not taken back, and ends in front of `whole` */
static inline bool ring_is_simple(const struct kring_record *record, uint64_t seq,
				  uint64_t total, uint64_t room)
{
	return record->seq == (uint32_t)seq && !(record->flags & KRING_RECORD_DISCARDED) &&
	       total <= room;
}

/* What is the same in all of a ring's events */
static inline void ring_prepare_event(const struct ring_reader *r, struct ring_record *out)
{
	out->kind = RING_EVENT;
	out->ring = r->index;
	out->flags = 0;
	out->overwritten = 0;
	out->refused = 0;
}

static inline void ring_fill_event(const struct kring_record *record, const unsigned char *at,
				   uint64_t seq, struct ring_record *out)
{
	out->cpu = record->cpu;
	out->type = record->type;
	out->seq = seq;
	out->time = record->time;
	out->data = at + sizeof(*record);
	out->size = record->size;
}

#endif /* LIBRING_STRAIGHT_H */
