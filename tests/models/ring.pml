/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kernel/ring.c, an atomic step for each access to memory that others use, in
 * its order and with its names. Positions and sizes count granules; a granule
 * has the number of the event that wrote it, and what it is if it is taken for
 * a size. Nothing goes round: see the checks of the C code for that.
 *
 * A scene defines what is there, and then includes this:
 *
 *	SIZE		granules of the ring
 *	PRODUCERS	how many end before the ring is at rest
 *	HOLDS		places for holds, LAG: how far they may lag
 *	WAKING		somebody sleeps
 *
 * Words in capitals behind #if are mutants, or their effect: see the list.
 */
#ifndef ROOM
#define ROOM	SIZE		/* for events that are not critical */
#endif
#ifndef SLACK
#define SLACK	0
#endif
#ifdef LAG_LIMIT
#define LAG	LAG_LIMIT
#else
#define LAG	NEVER
#endif
#define NEVER	255
#define NOBODY	255
#define BUSY	1
#define HELD	2
#define CELL(pos)	((pos) % SIZE)
#define MARK(pos)	((pos) % SIZE / 2)	/* KRING_RECORD_MIN is two granules */
#if MARK_FLAG
#define STAMP(pos)	1
#else
#define STAMP(pos)	((pos) + 1)
#endif
#define LEAST	2
/* What lies in a payload looks like the size of a record */
#ifndef EVIL
#define EVIL	LEAST
#endif

byte reserve_seq, reserve_pos;		/* one word */
byte head, tail;
byte size_at[SIZE], written[SIZE];
byte marks[SIZE / 2];
byte overwritten, refused_busy, refused_held;
byte finished;
byte interrupted = NOBODY;		/* the process in which another is nested */

/* Of the record that was reserved at a position, for the checks */
byte true_size[SIZE], true_seq[SIZE];

#if HOLDS
byte hold[HOLDS];			/* 1 + index of the cursor; 0: none */
byte cursor[HOLDS + 2];
byte revoked;
bool inside[NR_PROCESSES];		/* has preemption off */
bool awaited[NR_PROCESSES];		/* by a grace period */
bool standing[HOLDS + 2];		/* its holder relies on it */
#endif

#if WAKING
byte wake_at = NEVER;
byte wakeups;
bool wake_pending;
#endif

#if C_TAIL_RELAXED
byte tail_seen;				/* by who is not a producer */
#define TAIL_SEEN	tail_seen
#else
#define TAIL_SEEN	tail
#endif

#if B_NO_BARRIER
/* A store of head may wait here while its producer reads on */
byte buffer[NR_PROCESSES];
#define BUFFERED	(buffer[_pid])
#define HEAD_SEEN	(BUFFERED -> BUFFERED : head)
proctype store_buffer(byte owner)
{
	do
	:: atomic { buffer[owner] -> head = buffer[owner]; buffer[owner] = 0 }
	:: finished == PRODUCERS && !buffer[owner] -> break
	od
}
#else
#define BUFFERED	false
#define HEAD_SEEN	head
#endif

inline check_order()
{
	assert(tail <= head && head <= reserve_pos && reserve_pos <= tail + SIZE)
}

/* R1; uses at, which the caller does not need any more */
inline check_whole(from, to)
{
	at = from;
	do
	:: at < to ->
		assert(size_at[CELL(at)] == true_size[CELL(at)]);
		assert(written[CELL(at)] == true_seq[CELL(at)]);
		assert(written[CELL(at + 1)] == true_seq[CELL(at)]);
		assert(true_size[CELL(at)] == LEAST || written[CELL(at + 2)] == true_seq[CELL(at)]);
		at = at + true_size[CELL(at)]
	:: else -> break
	od;
	assert(at == to)
}

/* Records of the least size from `first` on, all committed late. SIZE is even */
inline fill(first, to)
{
	head = first;
	do
	:: head < to ->
		size_at[CELL(head)] = LEAST;
		size_at[CELL(head + 1)] = EVIL;
		true_size[CELL(head)] = LEAST;
		written[CELL(head)] = reserve_seq;
		written[CELL(head + 1)] = reserve_seq;
		true_seq[CELL(head)] = reserve_seq;
		marks[MARK(head)] = STAMP(head);
		reserve_seq++;
		head = head + LEAST
	:: else -> break
	od;
	tail = first;
	reserve_pos = head
}

/* A CPU that reports some events; or, given a victim, an interrupt that does so in its midst */
proctype producer(byte victim; byte size; byte events) provided (interrupted != _pid)
{
	byte seq, pos, end, need, want, why, t, h, stop, at, bytes, n;
#if HOLDS
	byte i, who;
#endif
#if WAKING
	byte w;
#endif

	atomic {
		if
		:: victim != NOBODY ->
			interrupted == NOBODY;
#if B_NO_BARRIER
			!buffer[victim];
#endif
			interrupted = victim
		:: else
		fi
	}
next:
#if HOLDS
	inside[_pid] = true;
#endif
reserve:
	atomic {
		seq = reserve_seq;
		pos = reserve_pos;
		end = pos + size;
		why = 0;
		need = (end > ROOM -> end - ROOM : 0);
		want = need + SLACK
	}
	atomic {
		if
#if !ROOM_UNCHECKED
		:: end > tail + ROOM || end < tail -> skip
#endif
		:: else -> goto claim
		fi
	}

make_room:
	t = tail;
#if A_SIZE_EARLY
	bytes = size_at[CELL(t)];
#endif
	atomic {
		h = HEAD_SEEN;
		stop = h;
#if STOP_AT_RESERVE
		stop = reserve_pos;
#endif
		at = t;
		n = 0
	}
#if HOLDS && !HOLD_UNSEEN
	i = 0;
look:
	atomic {
		if
		:: i < HOLDS && hold[i] -> who = hold[i]
		:: i < HOLDS && !hold[i] -> i++; goto look
		:: else -> goto looked
		fi
	}
	atomic {
#if CURSOR_RAISES
		stop = cursor[who];
		i++;
		goto look;
#endif
		if
		:: cursor[who] >= stop -> i++; goto look
		:: else ->
			if
			:: h - cursor[who] <= LAG -> stop = cursor[who]; i++; goto look
			:: else -> skip
			fi
		fi
	}
	atomic {
		if
#if REVOKE_STORE
		:: true -> hold[i] = 0; revoked++
#else
		:: hold[i] == who -> hold[i] = 0; revoked++
		:: else
#endif
		fi;
		i++;
		goto look
	}
looked:
#endif
	atomic {
		if
		:: t >= need -> goto claim
		:: else
		fi
	}
walk:
	atomic {
		if
#if STOP_UNCHECKED
		:: at < want ->
#else
		:: at < want && at < stop ->
#endif
#if A_SIZE_EARLY
			bytes = (at == t -> bytes : size_at[CELL(at)]);
#else
			bytes = size_at[CELL(at)];
#endif
			if
#if !SIZE_UNCHECKED
			/* unsigned: nothing is more than the difference, if that is negative */
			:: at <= stop && bytes > stop - at -> skip
#endif
			:: else -> at = at + bytes; n++; goto walk
			fi
		:: else
		fi
	}
	atomic {
		if
		:: at < need ->
			if
#if !TAIL_NOT_REREAD
			:: tail != t -> goto make_room
#endif
			:: else -> why = (need > h -> BUSY : HELD)
			fi
		:: else ->
			if
#if TAIL_STORE
			:: true ->
#else
			:: tail == t ->
#endif
#if HOLDS
				/* R4; a cursor before tail holds from tail on */
				bytes = 0;
				do
				:: bytes < HOLDS ->
					assert(!standing[hold[bytes]] || at <= cursor[hold[bytes]] ||
					       at == t);
					bytes++
				:: else -> break
				od;
#endif
				assert(at >= tail);
				tail = at;
				overwritten = overwritten + n;
				check_order()
#if !TAIL_STORE
			:: else -> goto make_room
#endif
			fi
		fi
	}

claim:
	atomic {
		!BUFFERED;
		if
#if RESERVE_STORE
		:: true ->
#else
		:: reserve_seq == seq && reserve_pos == pos ->
#endif
			reserve_seq = seq + 1;
			if
			:: why == BUSY -> refused_busy++
			:: why == HELD -> refused_held++
			:: else ->
				reserve_pos = end;
				true_size[CELL(pos)] = size;
				true_seq[CELL(pos)] = seq
			fi;
			check_order();
#if !HOLDS
			assert(why != HELD);
#endif
			if
			:: why -> goto done
			:: else
			fi
#if !RESERVE_STORE
		:: else -> goto reserve
#endif
		fi
	}

	/* R3 is check_order(); the first granule has the header */
	atomic { size_at[CELL(pos)] = size; written[CELL(pos)] = seq; at = 1 }
write:
	atomic {
#if HEAD_EARLY
		at = (size > LEAST -> LEAST : 1);
#endif
		size_at[CELL(pos + at)] = EVIL;
		written[CELL(pos + at)] = seq;
		at++;
		if
		:: at < size -> goto write
		:: else
		fi
	}
#if C_TAIL_RELAXED
	tail_seen = tail;
#endif

commit:
	atomic {
		if
#if FAST_UNCHECKED
		:: true ->
#else
		:: HEAD_SEEN == pos ->
#endif
			skip
		:: else -> goto late
		fi
	}
#if F_WAKE_EARLY
	w = wake_at;
#endif
	atomic {
		!BUFFERED;
#if B_NO_BARRIER
		buffer[_pid] = end;
#else
		assert(end > head);
		head = end;
		check_order();
#endif
		check_whole(pos, end)
	}
#if HEAD_EARLY
	atomic { size_at[CELL(pos + 1)] = EVIL; written[CELL(pos + 1)] = seq }
#endif
#if NO_LOOK
	h = end;
	goto wake;
#endif
	goto publish;
late:
#if MARK_LATE
	h = HEAD_SEEN;
#endif
	atomic {
		!BUFFERED;
		marks[MARK(pos)] = STAMP(pos)
	}
#if MARK_LATE
	goto settled;
#endif
publish:
	h = HEAD_SEEN;
settled:
	atomic {
		if
		:: reserve_pos == h -> goto wake
		:: else
		fi
	}
	atomic {
		if
		:: marks[MARK(h)] != STAMP(h) -> goto wake
		:: else
		fi
	}
	bytes = size_at[CELL(h)];
	atomic {
		!BUFFERED;
		if
#if HEAD_STORE
		:: true ->
#else
		:: head == h ->
#endif
			assert(h + bytes > head);
			head = h + bytes;
			check_order();
			check_whole(h, head);
			h = head
#if PUBLISH_ONE
			; goto wake
#else
			; goto settled
#endif
#if !HEAD_STORE
		:: else -> goto publish
#endif
		fi
	}

wake:
#if WAKING
	atomic {
#if !F_WAKE_EARLY
		w = wake_at;
#endif
		if
		:: h < w -> goto done
		:: else
		fi
	}
lower:
	atomic {
		!BUFFERED;
		if
#if WAKE_STORE
		:: true ->
#else
		:: wake_at == w ->
#endif
			wake_at = NEVER;
#if COUNT_WAKEUPS
			wakeups++;
#endif
			wake_pending = true
#if !WAKE_STORE
		:: else ->
			w = wake_at;
#if WAKE_GIVES_UP
			goto done;
#endif
			if
			:: h >= w -> goto lower
			:: else
			fi
#endif
		fi
	}
#endif

done:
	atomic {
#if HOLDS
		inside[_pid] = false;
		awaited[_pid] = false;
#endif
		/* Old values would make states that differ in nothing */
		seq = 0; pos = 0; end = 0; need = 0; want = 0; why = 0;
		t = 0; h = 0; stop = 0; at = 0; bytes = 0; n = 0;
#if HOLDS
		i = 0; who = 0;
#endif
#if WAKING
		w = 0;
#endif
		events--;
		if
		:: events -> goto next
		:: else
		fi;
		if
		:: victim != NOBODY -> interrupted = NOBODY
		:: else
		fi;
		finished++
	}
}

#if WAKING
/* kring_ring_arm(); its caller compares h, what head is. Uses w */
inline arm(want)
{
#if F_ARM_HEAD_EARLY
	h = head;
#endif
	w = wake_at;
raised:
	atomic {
		if
		:: want >= w
#if ARM_STORE
		:: else -> wake_at = want
#else
		:: want < w && wake_at == w -> wake_at = want
		:: want < w && wake_at != w ->
			w = wake_at;
#if !ARM_GIVES_UP
			goto raised
#endif
#endif
		fi
	}
#if !F_ARM_HEAD_EARLY
	h = head
#endif
}
#endif

/* When all are done: everything is published, everything is counted. R5; uses at and n */
inline check_rest(total)
{
	check_order();
	assert(head == reserve_pos);
	assert(reserve_seq == total);
	check_whole(tail, head);
	assert(!BUFFERED);
	n = 0;
	at = tail;
	do
	:: at < head -> n++; at = at + true_size[CELL(at)]
	:: else -> break
	od;
	/* n are there, the others were overwritten or refused */
	assert(total == n + overwritten + refused_busy + refused_held)
}
