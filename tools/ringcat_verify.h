/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Proof that a stream of the load generator is whole: no event torn, doubled,
 * reordered, or lost without being counted. Only looks and counts: no input,
 * no output.
 */
#ifndef RINGCAT_VERIFY_H
#define RINGCAT_VERIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/kring_load.h>

struct ring_record;
struct ring_stats;
struct ring_type;

#define VERIFY_PRODUCERS	8192	/* as many CPUs as Linux can have */
#define VERIFY_CONTEXTS		(KRING_LOAD_NMI + 1)
#define VERIFY_REASON		224

/* What can be wrong; each is counted by itself and keeps its first reason */
enum verify_class {
	VERIFY_SHAPE,		/* not the load's type, size or stamps */
	VERIFY_CHECKSUM,	/* torn or changed */
	VERIFY_FILL,		/* a word of the fill is not what it must be */
	VERIFY_COUNTER,		/* doubled, or out of its producer's order */
	VERIFY_PRODUCER_TIME,	/* time goes back within a producer */
	VERIFY_STREAM_TIME,	/* time goes back in the merged stream */
	VERIFY_HELD,		/* overwritten, though it was held */
	VERIFY_MISSING,		/* more counters missing than reported as lost */
	VERIFY_BALANCE,		/* reported is not delivered + lost + left */
	VERIFY_NOTHING,		/* no event to verify */
	VERIFY_CLASSES,
};

struct verify_producer {	/* one context of a producer */
	uint64_t events;
	uint64_t missing;	/* counters skipped between its events */
	uint64_t counter;	/* of its latest event */
	uint64_t time;		/* of its latest event */
};

/* Zeroed before use; large, so do not put it on the stack */
struct verify {
	bool held;		/* set by who begins; until the hold is revoked */
	bool unsorted;		/* set by who begins: the stream is not sorted by time */
	uint64_t events;
	uint64_t lost;		/* as the stream said */
	uint64_t missing;	/* sum over the producers */
	uint64_t broken;	/* events whose stamps cannot be believed */
	uint64_t time;		/* of the latest event */
	uint64_t failures;	/* sum over the classes */
	enum verify_class first;	/* class of the first failure */
	uint64_t class_failures[VERIFY_CLASSES];
	char reason[VERIFY_CLASSES][VERIFY_REASON];
	struct verify_producer producers[VERIFY_PRODUCERS][VERIFY_CONTEXTS];
};

/* NULL if a channel with this type (or none: NULL) can be verified, else why not */
const char *verify_refusal(const struct ring_type *type);

/* Every record of the stream, in its order */
void verify_record(struct verify *verify, const struct ring_record *record);

/* At the end; stats is NULL when what is left could not be counted */
void verify_end(struct verify *verify, const struct ring_stats *stats);

const char *verify_class_name(enum verify_class class);
const char *verify_context_name(unsigned int context);

#endif
