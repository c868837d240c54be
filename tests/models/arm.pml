/* SPDX-License-Identifier: GPL-2.0 */
/* What kring_ring_arm() says by itself, with no lock around it: who is told to sleep is woken. */
#define SIZE	16
#define WAKING	1
#define COUNT_WAKEUPS	1
#define PRODUCERS	2
#define READERS	2
#define NR_PROCESSES	3
#include "ring.pml"

byte armed_at[READERS], before[READERS];
bool told_to_sleep[READERS];

proctype reader(byte id; byte watermark)
{
	byte h, w;

	atomic {
		before[id] = wakeups;
		armed_at[id] = head + watermark
	}
	arm(armed_at[id]);
	told_to_sleep[id] = h < armed_at[id]
}

init {
	byte at, n;

	atomic {
		fill(0, 0);
		run producer(NOBODY, 2, 1);
		run producer(NESTS, 3, 1);
		run reader(0, 1);
		run reader(1, 4);
	}
	atomic {
		_nr_pr == 1;
		check_rest(2);
		assert(!told_to_sleep[0] || head < armed_at[0] || wakeups > before[0]);
		assert(!told_to_sleep[1] || head < armed_at[1] || wakeups > before[1])
	}
}
