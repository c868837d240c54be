/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A full ring; a holder that attaches, reads in place, gives back and leaves,
 * while producers want the room. With OTHER, a second hold with any cursor;
 * with AGAIN, a second holder that takes the place of the first. With LAG, holds
 * may be revoked, and their holders look at tail before they believe anything.
 */
#ifndef SIZE
#define SIZE	6
#endif
#define FIRST	SIZE		/* a lap was before */
#ifndef OTHER
#define OTHER	0
#endif
#define HOLDS	(1 + OTHER)
#ifndef EVENTS_1
#define EVENTS_1	1
#endif
#ifndef LOOKS
#define LOOKS	2
#endif
#define NR_PROCESSES	5
#include "ring.pml"

#ifdef LAG_LIMIT
#define REVOCABLE	1
#else
#define REVOCABLE	0
#endif

byte lost_holds;
bool locked;			/* hold_lock */

/* kring_holder_attach(), libring/fetch.c parse_held(), libring/hold.c, kring_holder_drop() */
proctype holder(byte id; byte looks)
{
	byte pos, expected, h, t, at, bytes, seq;
	bool torn;

	atomic { !locked && !hold[0]; locked = true }
	pos = tail;
	cursor[id] = pos;
	atomic { hold[0] = id; locked = false }
#if E_TAIL_EARLY
	t = tail;
#endif
#if !E_NO_GRACE
	atomic {
		at = 0;
		do
		:: at < NR_PROCESSES -> awaited[at] = inside[at]; at++
		:: else -> break
		od;
		at = 0
	}
	!awaited[1] && !awaited[2] && !awaited[3] && !awaited[4];
#endif
#if !E_TAIL_EARLY
	t = tail;
#endif
	atomic {
		pos = (t > pos -> t : pos);
		cursor[id] = pos;
		standing[id] = true;
		t = 0;
		expected = 0
	}
	do
	:: looks ->
		looks--;
		h = head;
record:
		atomic {
			if
			:: pos < h -> bytes = size_at[CELL(pos)]; seq = written[CELL(pos)]; at = 1; torn = false
			:: else -> goto give_back
			fi
		}
#if REVOCABLE && !HOLDER_NO_TAIL
		/* Who reads a length that makes no sense stops here */
		atomic {
			if
			:: TAIL_SEEN > cursor[id] -> goto out
			:: else
			fi
		}
#endif
#if D_RELEASE_EARLY
		cursor[id] = pos + bytes;
#endif
use:
		atomic {
			torn = torn || written[CELL(pos + at)] != seq;
			at++;
			if
			:: at < bytes -> goto use
			:: else
			fi
		}
		atomic {
#if REVOCABLE && !HOLDER_NO_TAIL
			if
			:: TAIL_SEEN > cursor[id] -> goto out
			:: else
			fi;
#endif
			assert(!torn);
			assert(bytes == true_size[CELL(pos)] && seq == true_seq[CELL(pos)]);
			assert(seq >= expected);
			expected = seq + 1;
			pos = pos + bytes;
			bytes = 0; at = 0; seq = 0;
			goto record
		}
give_back:
		cursor[id] = pos
	:: else -> break
	od;
out:
	atomic {
		standing[id] = false;
		pos = 0; expected = 0; h = 0; t = 0; at = 0; bytes = 0; seq = 0; torn = false; looks = 0
	}
	atomic {
		!locked;
		if
		:: hold[0] == id -> locked = true
		:: else -> lost_holds++; goto gone
		fi
	}
	/* Revoked in between, or not */
	atomic {
		if
		:: hold[0] == id
		:: else -> lost_holds++
		fi;
		hold[0] = 0;
		locked = false
	}
gone:
	skip
}

init {
	byte at, n;

	atomic {
		fill(FIRST, FIRST + SIZE);
#if OTHER
		if
		:: cursor[HOLDS + 1] = 0
		:: cursor[HOLDS + 1] = FIRST + 1
		:: cursor[HOLDS + 1] = FIRST + LEAST
		:: cursor[HOLDS + 1] = FIRST + 2 * LEAST
		:: cursor[HOLDS + 1] = NEVER
		fi;
		hold[1] = HOLDS + 1;
		standing[HOLDS + 1] = true;
#endif
		run producer(NOBODY, 3, EVENTS_1);
		run producer(1, 2, 1);
#if PRODUCERS > 2
		run producer(NOBODY, 2, 1);
#endif
		run holder(1, LOOKS);
#if AGAIN
		run holder(2, 1);
#endif
	}
	atomic {
		finished == PRODUCERS && _nr_pr == 1;
		check_rest(SIZE / LEAST + EVENTS_1 + PRODUCERS - 1);
#if OTHER
		if
		:: hold[1] == 0 -> lost_holds++
		:: else
		fi;
#endif
		assert(revoked == lost_holds)
	}
}
