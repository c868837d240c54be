/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A full ring of eight granules, all of it committed late. Producers that
 * overwrite it, and an observer that reads as libring/fetch.c does: it copies
 * all that is there, granule by granule, looks at tail, and believes the rest.
 */
#ifndef SIZE
#define SIZE	8
#endif
#define FIRST	SIZE		/* a lap was before */
#ifndef LOOKS
#define LOOKS	2
#endif
#ifndef FIRST_EVENTS
#define FIRST_EVENTS	1
#endif
#define EVENTS	(FIRST_EVENTS + PRODUCERS - 1)
#define NR_PROCESSES	5
#include "ring.pml"

#ifdef OBSERVED
#define OBSERVERS	1
/* Reads until the ring is at rest and it has seen all; counts what it did not see */
proctype observer()
{
	byte pos = FIRST, expected, delivered, lost, looks;
	byte h, t, at, n, bytes;
	byte copied_size[SIZE], copied[SIZE];

	do
	:: atomic {
		looks < LOOKS || finished == PRODUCERS;
		looks = (looks < LOOKS -> looks + 1 : looks);
		h = head
	   }
	   if
#if OBS_TAIL_EARLY
	   :: true -> t = TAIL_SEEN
#else
	   :: true
#endif
	   fi;
	   at = pos;
copy:
	   atomic {
		if
		:: at < h && at - pos < SIZE ->
			copied_size[CELL(at)] = size_at[CELL(at)];
			copied[CELL(at)] = written[CELL(at)];
			at++;
			goto copy
		:: else
		fi
	   }
	   atomic {
#if OBS_HEAD_LATE
		h = head;
#endif
#if !OBS_TAIL_EARLY && !OBS_NO_TAIL
		t = TAIL_SEEN;
#endif
		/* All of the copy may be gone */
		pos = (t > pos -> t : pos);
		at = pos;
		do
		:: at < h ->
			bytes = copied_size[CELL(at)];
			/* libring would call the ring broken */
			assert(bytes <= h - at);
			/* torn? */
			assert(bytes == true_size[CELL(at)] && bytes >= LEAST);
			n = 0;
			do
			:: n < bytes -> assert(copied[CELL(at + n)] == true_seq[CELL(at)]); n++
			:: else -> break
			od;
			n = copied[CELL(at)];
			assert(n >= expected);
			lost = lost + (n - expected);
			delivered++;
			expected = n + 1;
			at = at + bytes
		:: else -> break
		od;
		pos = at;
		at = 0; n = 0; bytes = 0; t = 0; h = 0;
		do
		:: n < SIZE -> copied[n] = 0; copied_size[n] = 0; n++
		:: else -> break
		od;
		n = 0
	   }
	   atomic {
		if
		:: finished == PRODUCERS && pos == reserve_pos ->
			/* refused since the last record */
			lost = lost + (reserve_seq - expected);
			assert(delivered + lost == reserve_seq);
			break
		:: else
		fi
	   }
	od
}
#endif

init {
	byte at, n;

	atomic {
		fill(FIRST, FIRST + SIZE);
		run producer(NOBODY, 3, FIRST_EVENTS);
		run producer(1, 2, 1);
#if PRODUCERS > 2
		run producer(NOBODY, 2, 1);
#endif
#ifdef OBSERVED
		run observer();
#endif
	}
	atomic {
		finished == PRODUCERS;
		check_rest(SIZE / LEAST + EVENTS)
	}
}
