// SPDX-License-Identifier: GPL-2.0
/*
 * evict_stop() with any cursors; kring_ring_arm(); kring_ring_miss().
 *
 * cbmc: -DHOLDS=2 --unwind 9 --unwindset kring_ring_arm.0:3,kring_ring_miss.0:2
 */
#include "any_ring.h"

int main(void)
{
	u64 stop, at = nondet_u64(), before;
	bool held[HOLDS];
	u32 n = nondet_u32();
	int i;

	any_ring();
	before = meta.counters.revoked;
	for (i = 0; i < HOLDS; i++)
		held[i] = ring.holds[i];
	stop = evict_stop(&ring, meta.head);
	/* A cursor can only lower it, and one that lags too far does not count */
	assert(stop <= meta.head);
	for (i = 0; i < HOLDS; i++)
		if (ring.holds[i])
			assert(cursors[i] >= stop && (cursors[i] >= meta.head ||
						      meta.head - cursors[i] <= ring.lag_limit));
		else if (held[i])
			assert(cursors[i] < meta.head && meta.head - cursors[i] > ring.lag_limit &&
			       meta.counters.revoked - before > 0);
	assert(meta.counters.revoked - before <= HOLDS);

	before = ring.wake_at;
	assert(kring_ring_arm(&ring, at) == (meta.head >= at));
	assert(ring.wake_at == (at < before ? at : before));

	before = refused();
	kring_ring_miss(&ring, n);
	assert(refused() == before + n);
	return 0;
}
