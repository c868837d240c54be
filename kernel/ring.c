// SPDX-License-Identifier: GPL-2.0
/*
 * The ring: many producers, any context, no lock.
 *
 * The caller keeps preemption off from reserve to commit. Interrupts and NMIs
 * may nest in between, and other CPUs write to the same ring if it is global.
 * Every loop here repeats only because another producer got further.
 *
 * What is rare is out of line: each register that is saved, and each store, is
 * one more that the next full barrier waits for (Documentation/performance.md).
 */
#include <ring.h>

/* Room made at once beyond what is needed, so that it is made rarely */
#define SLACK_MAX	(16u << 10)

void kring_ring_init(struct kring_ring *ring, struct kring_meta *meta,
		     void *data, u64 *marks, u64 size, u64 pos, u64 seq)
{
	*ring = (struct kring_ring) {
		.meta = meta,
		.data = data,
		.marks = marks,
		.size = size,
		.room = size,
		.lag_limit = KRING_LAG_ANY,
		.max_payload = kring_max_payload(size),
		.clock = KRING_CLOCK_MONOTONIC,
		.locked = true,
		.fence_mask = KRING_FENCE_EACH,
		.wake_at = KRING_WAKE_NEVER,
	};
	meta->magic = KRING_MAGIC;
	meta->abi = KRING_ABI;
	meta->size = sizeof(*meta);
	meta->clock = KRING_CLOCK_MONOTONIC;
	meta->data_size = size;
	meta->start_pos = pos;
	meta->start_seq = seq;
	meta->tail = pos;
	meta->head = pos;
	meta->reserve = seq << 32 | (u32)(pos / KRING_GRANULE);
}

static struct kring_record *record_at(struct kring_ring *ring, u64 pos)
{
	return (void *)(ring->data + (pos & (ring->size - 1)));
}

/* A record's size, or nonsense if tail has passed it */
static u32 size_at(const void *record)
{
	return READ_ONCE(((const struct kring_record *)record)->size);
}

/* A mark is the position itself, so that none of an earlier lap is taken for it */
static u64 mark_of(u64 pos)
{
	return pos | 1;			/* never 0, as they are in the beginning */
}

static u64 *mark_at(struct kring_ring *ring, u64 pos)
{
	return &ring->marks[(pos & (ring->size - 1)) / KRING_RECORD_MIN];
}

/* The position in a reserve word; near is one at most 2^31 granules away */
static u64 reserve_pos(u64 word, u64 near)
{
	s32 ahead = KRING_RESERVE_GRANULE(word) - (u32)(near / KRING_GRANULE);

	return near + (s64)ahead * KRING_GRANULE;
}

/*
 * How far room may be made: to the lowest hold, or to head. A hold that lags too
 * far is revoked on the way; that tail has passed its cursor tells its holder (C).
 */
static u64 evict_stop(struct kring_ring *ring, u64 head)
{
	u64 limit = READ_ONCE(ring->lag_limit);
	u64 stop = head;
	int i;

	for (i = 0; i < KRING_HOLDS_MAX; i++) {
		/* E: pairs with the grace period after a hold is set */
		u64 *hold = READ_ONCE(ring->holds[i]);
		u64 pos;

		if (!hold)
			continue;
		/* D: pairs with the consumer's store-release of its cursor */
		pos = smp_load_acquire(hold);
		if (pos >= stop)
			continue;
		if (head - pos <= limit)
			stop = pos;
		else if (cmpxchg(&ring->holds[i], hold, NULL) == hold)
			kring_count(&ring->meta->counters.revoked, 1);
	}
	return stop;
}

/* Whether events of this type may use all of the ring, also while a hold stands */
static bool is_critical(const struct kring_ring *ring, u16 type)
{
	return type < 64 && ring->critical >> type & 1;
}

/*
 * How far whole records go from tail on: to `want` or beyond, if there are so many
 * before stop; and how many they are.
 */
static __always_inline u64 walk(struct kring_ring *ring, u64 tail, u64 want, u64 stop,
				u64 *records)
{
	/* Mapped twice: for one lap it need not be looked where the data ends */
	const u8 *data = (u8 *)record_at(ring, tail);
	u64 end = want < stop ? want : stop;
	u64 at = tail;
	u64 n = 0;

	/* Where tail has moved meanwhile head may be further away than that */
	if (end > tail + ring->size)
		end = tail + ring->size;
	while (at < end) {
		u32 size = size_at(data + (at - tail));
		u64 bytes = KRING_RECORD_BYTES((u64)size);
		u64 last;

		/* Not a size (tail has moved), or a hold in mid-record */
		if (bytes > stop - at)
			break;
		/* A CPU that guesses that more have this size need not wait for theirs */
		last = stop - bytes < end - 1 ? stop - bytes : end - 1;
		do {
			at += bytes;
			n++;
		} while (at <= last && size_at(data + (at - tail)) == size);
	}
	*records = n;
	return at;
}

/*
 * Move tail so that a record of this type may end at `end`. Returns NULL, or the
 * counter of why there is no room.
 */
static u64 *make_room(struct kring_ring *ring, u64 end, u16 type)
{
	struct kring_meta *meta = ring->meta;
	bool critical = is_critical(ring, type);
	u64 room = critical ? ring->size : READ_ONCE(ring->room);
	u64 need = end > room ? end - room : 0;
	u64 want = need + (ring->size / 16 < SLACK_MAX ? ring->size / 16 : SLACK_MAX);

	for (;;) {
		u64 tail = READ_ONCE(meta->tail);
		/* A: the sizes below are those of whole records */
		u64 head = smp_load_acquire(&meta->head);
		u64 stop = evict_stop(ring, head);
		u64 at, n;

		if (tail >= need)
			return NULL;
		at = walk(ring, tail, want, stop, &n);
		if (at < need) {
			/* C: sizes, then tail; pairs with the move of tail */
			smp_rmb();
			if (READ_ONCE(meta->tail) != tail)
				continue;
			if (need > head)
				return &meta->counters.refused_busy;
			return critical ? &meta->counters.refused_critical :
					  &meta->counters.refused_held;
		}
		/*
		 * C: fully ordered before the data that goes there; pairs with
		 * the read barrier between an observer's copy and its look at
		 * tail. Fails if any size above was nonsense.
		 */
		if (cmpxchg(&meta->tail, tail, at) == tail) {
			kring_count(&meta->counters.overwritten, n);
			return NULL;
		}
	}
}

/* What is reserved next, and head */
static __always_inline u64 read_reserve(struct kring_meta *meta, u64 *head)
{
	u64 word = READ_ONCE(meta->reserve);

	/* A: if head is at our position, all before us were stamped */
	*head = smp_load_acquire(&meta->head);
	return word;
}

/* Take the next sequence number, and the room up to end; false: somebody else did */
static __always_inline bool take(const struct kring_ring *ring, struct kring_meta *meta,
				 u64 word, u64 end)
{
	u64 *reserve = &meta->reserve;
	u64 next = ((word >> 32) + 1) << 32 | (u32)(end / KRING_GRANULE);

	/* Only what interrupts us could come between */
	if (likely(!ring->locked))
		return cmpxchg_local(reserve, word, next) == word;
	/*
	 * G: fully ordered before the clock; pairs with the reader's
	 * barrier between its clock and this word. C: carries a move of
	 * tail by another CPU to whoever sees what is written below.
	 */
	return cmpxchg(reserve, word, next) == word;
}

/* Two numbers side by side in memory: one store, where the compiler makes two */
static __always_inline u64 side_by_side(u32 first, u32 second, int bits)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return first | (u64)second << bits;
#else
	return (u64)first << bits | second;
#endif
}

static noinline void *stamp(struct kring_record *record, u32 clock)
{
	/* G: the reservation was before; pairs as in take() */
	record->time = kring_clock(clock);
	return record + 1;
}

/* As it is stored: a word at a time */
union header {
	struct kring_record record;
	u64 words[sizeof(struct kring_record) / 8];
};

/* The header of a record at pos, which was taken with that word */
static __always_inline void *begin(struct kring_ring *ring, struct kring_slot *slot,
				   u64 word, u64 pos, u16 flags, u16 type, u32 size, u32 cpu)
{
	struct kring_record *record = record_at(ring, pos);
	u64 bytes = KRING_RECORD_BYTES((u64)size);
	union header *header = (void *)record;

	*slot = (struct kring_slot) {
		.ring = ring,
		.record = record,
		.pos = pos,
		.end = pos + bytes,
	};
	/* The padding, with a size that the compiler knows: header and payload follow */
	memset((u8 *)record + bytes - KRING_GRANULE, 0, KRING_GRANULE);
	WRITE_ONCE(header->words[0], side_by_side(size, side_by_side(type, flags, 16), 32));
	header->words[1] = side_by_side(KRING_RESERVE_SEQ(word), cpu, 32);
	if (ring->clock != KRING_CLOCK_NONE)
		return stamp(record, ring->clock);
	record->time = 0;
	return record + 1;
}

/* Others are at work, or there is no room: as often as it takes */
static noinline void *reserve_slowly(struct kring_ring *ring, struct kring_slot *slot,
				     u16 type, u32 size, u32 cpu)
{
	struct kring_meta *meta = ring->meta;
	u64 bytes = KRING_RECORD_BYTES((u64)size);
	u64 word, head, pos;
	u64 *refused;

	do {
		word = read_reserve(meta, &head);
		pos = reserve_pos(word, head);
		refused = NULL;
		if (size > ring->max_payload)
			refused = &meta->counters.refused_size;
		else if (pos + bytes - READ_ONCE(meta->tail) > READ_ONCE(ring->room))
			refused = make_room(ring, pos + bytes, type);
	} while (!take(ring, meta, word, refused ? pos : pos + bytes));

	if (refused) {
		kring_count(refused, 1);
		return NULL;
	}
	return begin(ring, slot, word, pos, head == pos ? KRING_RECORD_ORDERED : 0,
		     type, size, cpu);
}

/**
 * kring_ring_reserve() - Take room for a record.
 * @ring: where
 * @slot: filled in, for kring_ring_commit()
 * @type: the record's
 * @size: payload bytes
 * @cpu: that reports it
 *
 * Return: the payload, to be filled; or NULL if it was refused, and counted.
 */
__always_inline void *kring_ring_reserve(struct kring_ring *ring, struct kring_slot *slot,
					 u16 type, u32 size, u32 cpu)
{
	struct kring_meta *meta = ring->meta;
	u64 head, word = read_reserve(meta, &head);
	u64 end = head + KRING_RECORD_BYTES((u64)size);

	/* Nobody is between reserve and commit, and there is room */
	if (unlikely(KRING_RESERVE_GRANULE(word) != (u32)(head / KRING_GRANULE) ||
		     size > ring->max_payload ||
		     READ_ONCE(meta->tail) + READ_ONCE(ring->room) < end ||
		     !take(ring, meta, word, end)))
		return reserve_slowly(ring, slot, type, size, cpu);
	return begin(ring, slot, word, head, KRING_RECORD_ORDERED, type, size, cpu);
}

/* head got to wake_at: the ring, if it is us who wake */
static noinline struct kring_ring *disarm(struct kring_ring *ring, u64 head, u64 wake_at)
{
	while (head >= wake_at) {
		u64 seen = cmpxchg(&ring->wake_at, wake_at, KRING_WAKE_NEVER);

		if (seen == wake_at) {
			kring_count(&ring->meta->counters.wakeups, 1);
			return ring;
		}
		/* Lowered meanwhile: what it was before still waits too */
		wake_at = seen;
	}
	return NULL;
}

/* head has moved, and where somebody sleeps lightly a full barrier came behind that */
static __always_inline struct kring_ring *look_for_sleepers(struct kring_ring *ring, u64 head)
{
	/* F: pairs with the barrier in kring_ring_arm() */
	u64 wake_at = READ_ONCE(ring->wake_at);

	return unlikely(head >= wake_at) ? disarm(ring, head, wake_at) : NULL;
}

/* Move head over the records that were committed out of turn */
static noinline struct kring_ring *publish_marked(struct kring_ring *ring)
{
	struct kring_meta *meta = ring->meta;
	u64 head = READ_ONCE(meta->head);

	/*
	 * Where other CPUs write too, each round comes after a full barrier: the
	 * caller's, or that of the compare-and-swap. If it fails, another producer
	 * goes on from there, and finds what was marked before that barrier.
	 */
	while (KRING_RESERVE_GRANULE(READ_ONCE(meta->reserve)) !=
	       (u32)(head / KRING_GRANULE)) {
		u64 next;

		/* A: the record is whole; pairs with the xchg in commit */
		if (smp_load_acquire(mark_at(ring, head)) != mark_of(head))
			break;
		next = head + KRING_RECORD_BYTES((u64)size_at(record_at(ring, head)));
		/* A, B: head, then the next mark */
		if (cmpxchg(&meta->head, head, next) != head)
			break;
		head = next;
	}
	return look_for_sleepers(ring, head);
}

/**
 * kring_ring_commit() - Give a record to the readers.
 * @slot: from kring_ring_reserve()
 * @discard: take it back instead; its sequence number stays used
 *
 * Return: the ring if a sleeper must be woken, or NULL. The caller sees to it.
 */
__always_inline struct kring_ring *kring_ring_commit(struct kring_slot *slot, bool discard)
{
	struct kring_ring *ring = slot->ring;
	struct kring_meta *meta = ring->meta;
	u64 pos = slot->pos, head = slot->end;

	if (unlikely(discard)) {
		slot->record->flags |= KRING_RECORD_DISCARDED;
		kring_count(&meta->counters.discarded, 1);
	}

	/* A: what others published before us is published anew by our store */
	if (likely(smp_load_acquire(&meta->head) == pos)) {
		/* A: only we may move it; pairs with load-acquire of head */
		smp_store_release(&meta->head, head);
		/* What interrupts us sees this in order, if the compiler keeps it */
		barrier();
		/* F: before the section ends; pairs with the grace period after it was set */
		if (unlikely((u32)(head ^ pos) & READ_ONCE(ring->fence_mask)))
			smp_mb();	/* B, F: head, then the marks and wake_at */
		if (likely(KRING_RESERVE_GRANULE(READ_ONCE(meta->reserve)) ==
			   (u32)(head / KRING_GRANULE)))
			return look_for_sleepers(ring, head);
	} else {
		/* A, B: the record, its mark, head (xchg is a full barrier) */
		xchg(mark_at(ring, pos), mark_of(pos));
	}
	return publish_marked(ring);
}

/**
 * kring_ring_arm() - Ask to be woken when head gets to a position.
 * @ring: the ring
 * @at: the position; an earlier one that somebody else asked for stays
 *
 * Return: whether it is there already; the wakeup may come all the same.
 */
bool kring_ring_arm(struct kring_ring *ring, u64 at)
{
	u64 wake_at = READ_ONCE(ring->wake_at);

	while (at < wake_at) {
		u64 seen = cmpxchg(&ring->wake_at, wake_at, at);

		if (seen == wake_at)
			break;
		wake_at = seen;
	}
	/* F: wake_at, then head; pairs with the barrier in commit */
	smp_mb();
	return READ_ONCE(ring->meta->head) >= at;
}

/**
 * kring_ring_miss() - Count events that happened but could not be reported.
 * @ring: where
 * @n: how many; each takes a sequence number
 */
void kring_ring_miss(struct kring_ring *ring, u32 n)
{
	struct kring_meta *meta = ring->meta;
	u64 word = READ_ONCE(meta->reserve);
	u64 seen;

	while ((seen = cmpxchg(&meta->reserve, word, word + ((u64)n << 32))) != word)
		word = seen;
	kring_count(&meta->counters.refused_busy, n);
}
