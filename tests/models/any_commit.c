// SPDX-License-Identifier: GPL-2.0
/*
 * kring_ring_commit() of a record that was reserved before, first or not; what is
 * marked behind it may be anything whole.
 *
 * cbmc: -DHOLDS=1 --unwind 9 --unwindset publish_marked.0:6,disarm.0:2
 */
#include "any_ring.h"

int main(void)
{
	struct kring_slot slot;
	u64 own, own_end;		/* the record that is being written */
	u64 bytes, wakeups, head, wake_at;
	bool woke, moves;

	any_ring();
	own = nondet_u64();
	bytes = nondet_u64();
	assume(bytes == KRING_RECORD_MIN || bytes == KRING_RECORD_MIN + KRING_GRANULE);
	own_end = own + bytes;
	assume(!(own % KRING_GRANULE) && own >= meta.head && own_end <= was.pos && own < own_end);
	assume(own == meta.head || own - meta.head >= KRING_RECORD_MIN);
	/* What is reserved is not marked yet */
	assume(marks[(own & (SIZE - 1)) / KRING_RECORD_MIN] != (own | 1));
	slot = (struct kring_slot) {
		.ring = &ring,
		.record = (void *)(data + (own & (SIZE - 1))),
		.pos = own,
		.end = own_end,
	};
	slot.record->size = bytes - sizeof(struct kring_record);
	assume_marks();
	wakeups = meta.counters.wakeups;
	wake_at = ring.wake_at;
	head = meta.head;
	moves = head == own || marks[(head & (SIZE - 1)) / KRING_RECORD_MIN] == (head | 1);
	woke = kring_ring_commit(&slot, nondet_bool());
	/* Over this record or one that is marked, over no other */
	assert(moves ? meta.head > head : meta.head == head);
	assert(woke == (meta.head >= wake_at));
	assert(meta.counters.wakeups == wakeups + woke);
	assert(!woke || ring.wake_at == KRING_WAKE_NEVER);
	return 0;
}
