/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two readers with different watermarks lie down while producers commit; the
 * ring's irq_work wakes who has enough, and arms the ring for the other again:
 * kernel/wake.c, under its lock.
 */
#define SIZE	16
#define WAKING	1
#define READERS	2
#ifndef NESTS
#define NESTS	1
#endif
#define NR_PROCESSES	4
#include "ring.pml"

byte pos[READERS], watermark[READERS];
bool armed[READERS];
bool locked;			/* wait_lock */
byte asleep;			/* readers that are done with arming */

/* file_check(). `enough`: the result */
inline file_check(id)
{
	enough = false;
check:
	atomic {
		if
		:: head - pos[id] >= watermark[id] -> enough = true; goto checked
		:: else -> want = pos[id] + watermark[id]
		fi
	}
	arm(want);
	atomic {
		if
		:: h >= want -> goto check
		:: else
		fi
	}
checked:
	skip
}

proctype reader(byte id)
{
	byte h, w, want;
	bool enough;

	pos[id] = head;
	atomic { !locked; locked = true }
	file_check(id);
	atomic {
		armed[id] = !enough;
		locked = false;
		asleep++
	}
}

proctype irq_work()
{
	byte id, h, w, want;
	bool enough;

again:
	atomic {
		if
		:: wake_pending -> wake_pending = false
		:: !wake_pending && finished == PRODUCERS && asleep == READERS -> goto out
		fi
	}
	atomic { !locked; locked = true; id = 0 }
next_file:
	if
	:: id < READERS && armed[id] ->
		file_check(id);
		atomic {
			armed[id] = !enough;
			id++;
			h = 0; w = 0; want = 0; enough = false;
			goto next_file
		}
	:: id < READERS && !armed[id] -> id++; goto next_file
	:: id == READERS -> atomic { locked = false; id = 0; goto again }
	fi;
out:
	skip
}

init {
	byte at, n;

	atomic {
		fill(0, 0);
		watermark[0] = 1;
		watermark[1] = 4;
		run producer(NOBODY, 2, EVENTS_1);
		run producer(NESTS, 2, 1);
#if PRODUCERS > 2
		run producer(NOBODY, 3, 1);
#endif
		run reader(0);
#if BOTH_RACE
		run reader(1);
#else
		/* This one lay down before */
		armed[1] = true;
		wake_at = watermark[1];
		asleep = 1;
#endif
		run irq_work();
#if B_NO_BARRIER
		run store_buffer(1);
		run store_buffer(2);
		run store_buffer(3);
#endif
	}
	atomic {
		_nr_pr == 1;
		check_rest(EVENTS_1 + PRODUCERS - 1);
		/* Whoever still sleeps has nothing to wake for */
		assert(!armed[0] || head - pos[0] < watermark[0]);
		assert(!armed[1] || head - pos[1] < watermark[1])
	}
}
