// SPDX-License-Identifier: GPL-2.0
/*
 * make_room(), and evict_stop() and walk() below it, alone: it is done in one round.
 *
 * cbmc: -DHOLDS=1 --unwind 9 --unwindset make_room.0:2,walk.0:6,walk.1:6
 */
#include "any_ring.h"

int main(void)
{
	u64 bytes = nondet_u64(), *why;
	u16 type = nondet_u16();
	u64 room;

	any_ring();
	room = is_critical(&ring, type) ? ring.size : ring.room;
	assume(!(bytes % KRING_GRANULE) && bytes >= KRING_RECORD_MIN &&
	       bytes <= KRING_RECORD_BYTES((u64)ring.max_payload));
	why = make_room(&ring, was.pos + bytes, type);
	if (!why)
		assert(was.pos + bytes <= meta.tail + room);	/* R3 */
	else
		assert(why == &meta.counters.refused_busy || why == &meta.counters.refused_held ||
		       why == &meta.counters.refused_critical);
	/* R4, and that a cursor before tail holds what is from tail on */
	if (!why && ring.holds[0])
		assert(meta.tail <= cursors[0] || meta.tail == first_tail);
	return 0;
}
