// SPDX-License-Identifier: GPL-2.0
#include <criterion/criterion.h>
#include "walk.h"

static void check_record(const struct fixture *f, const struct kring_record *record,
			 u64 pos, u64 left)
{
	const u8 *payload = (const void *)(record + 1);
	u64 bytes = KRING_RECORD_BYTES((u64)record->size);
	u64 i;

	if (record->size > f->ring.max_payload || bytes > left)
		cr_assert_fail("record at %llu: %u bytes of payload, %llu left",
			       pos, record->size, left);
	for (i = record->size; i < bytes - sizeof(*record); i++)
		if (payload[i])
			cr_assert_fail("record at %llu: byte %llu after the payload is %u",
				       pos, i - record->size, payload[i]);
	if (record->type == KRING_LOAD_TYPE &&
	    !(record->flags & KRING_RECORD_DISCARDED) &&
	    !fixture_check_load(payload, record->size))
		cr_assert_fail("record at %llu is torn", pos);
}

struct walk walk_ring(const struct fixture *f)
{
	u64 tail = f->meta->tail;
	u64 head = f->meta->head;
	u64 reserve = fixture_reserve(f);
	struct walk walk = { 0 };
	u64 pos = tail;
	u64 latest = 0, floor = 0;

	if (tail > head || head > reserve || reserve > tail + f->ring.size)
		cr_assert_fail("tail %llu, head %llu, reserve %llu", tail, head, reserve);
	while (pos < head) {
		const struct kring_record *record = fixture_record(f, pos);

		check_record(f, record, pos, head - pos);
		if (!walk.records)
			walk.first = record->seq;
		else if (record->seq - walk.last - 1 > fixture_seq(f) - walk.last - 1)
			cr_assert_fail("record at %llu has number %u after %u, next is %u",
				       pos, record->seq, walk.last, fixture_seq(f));
		if (record->flags & KRING_RECORD_ORDERED)
			floor = latest;
		if (record->time < floor)
			cr_assert_fail("record at %llu has time %llu, %llu was before a mark",
				       pos, record->time, floor);
		if (record->time > latest)
			latest = record->time;
		walk.last = record->seq;
		walk.records++;
		walk.discarded += !!(record->flags & KRING_RECORD_DISCARDED);
		pos += KRING_RECORD_BYTES((u64)record->size);
	}
	walk.bytes = head - tail;
	return walk;
}

struct walk walk_settled(const struct fixture *f)
{
	const struct kring_counters *c = &f->meta->counters;
	struct walk walk = walk_ring(f);
	u64 events = walk.records + c->overwritten + c->refused_held + c->refused_critical +
		     c->refused_busy + c->refused_size;

	if (fixture_reserve(f) != f->meta->head)
		cr_assert_fail("head %llu is not reserve %llu", f->meta->head,
			       fixture_reserve(f));
	if ((u32)events != fixture_seq(f) - f->first_seq)
		cr_assert_fail("%llu events accounted for, %u reported", events,
			       fixture_seq(f) - f->first_seq);
	return walk;
}
