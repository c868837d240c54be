/* SPDX-License-Identifier: GPL-2.0 */
/* What must be true of a ring at any moment when nobody writes to it. */
#ifndef TESTS_WALK_H
#define TESTS_WALK_H

#include "fixture.h"

struct walk {
	u64 records;		/* in [tail, head) */
	u64 bytes;
	u64 discarded;		/* of the records */
	u32 first;		/* sequence number of the first record */
	u32 last;
};

/*
 * Go over the ring as a consumer would and assert that every record is whole,
 * in order, padded with zeros, and undamaged if it is a load event; that
 * KRING_RECORD_ORDERED is told truly; and that
 * tail <= head <= reserve <= tail + size.
 */
struct walk walk_ring(const struct fixture *f);

/* The same when no slot is open: all is published, all events are accounted */
struct walk walk_settled(const struct fixture *f);

#endif /* TESTS_WALK_H */
