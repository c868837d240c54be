/* SPDX-License-Identifier: GPL-2.0 */
/* Three commit out of turn, with room for all: whoever is last publishes for all. */
#define SIZE	16
#define PRODUCERS	3
#define NR_PROCESSES	4
#include "ring.pml"

init {
	byte at, n;

	atomic {
		fill(0, 0);
		run producer(NOBODY, 2, 2);
		run producer(NOBODY, 2, 2);
		run producer(1, 3, 1);
#if B_NO_BARRIER
		run store_buffer(1);
		run store_buffer(2);
		run store_buffer(3);
#endif
	}
	atomic {
		finished == PRODUCERS;
#if B_NO_BARRIER
		!buffer[1] && !buffer[2] && !buffer[3];
#endif
		check_rest(5)
	}
}
