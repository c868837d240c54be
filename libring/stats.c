// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Statistics. What is left is counted by walking it, so that the sum proves
 * something; what that walk finds missing counts as lost already.
 */
#include <errno.h>
#include <string.h>
#include "internal.h"
#include "order.h"
#include "straight.h"

#define TRIES	200	/* looks at producers that are not finished */

struct tally {
	uint64_t left, discarded, overwritten, refused;
};

static void tally_lost(struct tally *tally, bool overwritten, uint64_t lost)
{
	if (overwritten)
		tally->overwritten += lost;
	else
		tally->refused += lost;
}

static void tally_items(const struct ring_reader *r, struct tally *tally)
{
	size_t i;

	for (i = ring_reader_next(r); i < r->nr; i++) {
		const struct ring_item *item = &r->items[i];

		if (item->kind == ITEM_EVENT)
			tally->left++;
		else
			tally_lost(tally, item->kind == ITEM_OVERWRITTEN, item->value);
	}
}

/*
 * The position and sequence number up to which everything is either in the ring
 * or lost: where producers are now, or the snapshot's end. 0 or -EAGAIN.
 */
static int find_end(const struct ring_reader *r, uint64_t *end, uint64_t *seq)
{
	int tries;

	for (tries = 0; tries < TRIES; tries++) {
		ring_read_reserve(r->meta, end, seq);
		if (*end >= r->stop) {
			*end = r->stop;
			*seq = r->stop_seq;
		}
		/* A: whole up to there */
		if (ring_load_acquire(&r->meta->head) >= *end)
			return 0;
		caa_cpu_relax();
	}
	return -EAGAIN;
}

/* The record at pos, if it lies whole in the copy that goes straight */
static bool in_hand(const struct ring_reader *r, uint64_t pos, struct kring_record *record)
{
	uint64_t end = r->origin + r->used;

	if (!r->straight || r->cursor || pos >= end || end - pos < RECORD_MIN)
		return false;
	*record = ring_load_header(ring_straight_at(r, pos));
	return KRING_RECORD_BYTES((uint64_t)record->size) <= end - pos;
}

/* Count what lies between the reader and that end. 0 or -EBADMSG */
static int walk(const struct ring_reader *r, uint64_t end, uint64_t seq,
		struct tally *tally)
{
	struct ring_cursor at = r->at;
	uint64_t seen = r->overwritten;

	while (at.pos < end) {
		struct kring_record record;
		uint64_t overwritten, bytes, tail, lost;
		bool jumped, copied = in_hand(r, at.pos, &record);

		if (!copied && !ring_copy_header(r, at.pos, &record, &tail)) {
			if (tail % KRING_GRANULE)
				return -EBADMSG;
			at.pos = tail;
			at.jumped = true;
			continue;
		}
		bytes = KRING_RECORD_BYTES((uint64_t)record.size);
		if ((!copied && end - at.pos > r->data_size) || bytes > end - at.pos)
			return -EBADMSG;
		overwritten = ring_load(&r->meta->counters.overwritten);
		jumped = at.jumped;
		lost = ring_meet(&at, record.seq, overwritten - seen);
		tally_lost(tally, jumped, lost - ring_past(r, at.seq - lost, at.seq));
		seen = overwritten;
		if (ring_past(r, at.seq, at.seq + 1))
			;	/* before the state was saved */
		else if (record.flags & KRING_RECORD_DISCARDED)
			tally->discarded++;
		else
			tally->left++;
		at.pos += bytes;
		at.seq++;
		at.jumped = false;
	}
	if (seq > at.seq)
		tally_lost(tally, at.jumped, seq - at.seq - ring_past(r, at.seq, seq));
	return 0;
}

/* 0; -EAGAIN, with only what is certain added; -EBADMSG */
static int add_reader(struct ring_stats *stats, const struct ring_reader *r)
{
	struct tally tally = { 0 };
	uint64_t end, seq;
	int err = find_end(r, &end, &seq);

	if (!err)
		err = walk(r, end, seq, &tally);
	if (err == -EAGAIN)
		tally = (struct tally) { 0 };
	tally_items(r, &tally);
	stats->reported += seq - r->start - ring_past(r, r->start, seq);
	stats->revoked += r->revoked;
	stats->left += tally.left;
	stats->discarded += r->discarded + tally.discarded;
	stats->overwritten += tally.overwritten;
	stats->refused += tally.refused;
	stats->wakeups += ring_load(&r->meta->counters.wakeups) - r->wakeups;
	return err;
}

int ring_stats(struct ring *ring, struct ring_stats *stats)
{
	struct ring_stats all;
	uint32_t i;
	int err = ring->broken;

	if (stats->size < sizeof(stats->size))
		return -EINVAL;
	ring_take(ring);
	all = (struct ring_stats) {
		.size = stats->size,
		.events = ring->events,
		.bytes = ring->bytes,
		.overwritten = ring->overwritten,
		.refused = ring->refused,
		.rings = ring->nr,
	};
	for (i = 0; i < ring->nr && err != -EBADMSG; i++) {
		int ret = add_reader(&all, &ring->readers[i]);

		if (ret)
			err = ret;
	}
	if (all.size > sizeof(all))
		memset((char *)stats + sizeof(all), 0, all.size - sizeof(all));
	memcpy(stats, &all, all.size < sizeof(all) ? all.size : sizeof(all));
	return err;
}
