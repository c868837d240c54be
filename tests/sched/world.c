// SPDX-License-Identifier: GPL-2.0
#include "grace.h"
#include "machine.h"
#include "world.h"

struct world world;

static void name_words(const struct world_ring *r)
{
#define NAME(where, field) sim_name(&(where)->field, sizeof((where)->field), #field)
	NAME(r->meta, reserve);
	NAME(r->meta, head);
	NAME(r->meta, tail);
	NAME(r->meta, counters.overwritten);
	NAME(r->meta, counters.refused_held);
	NAME(r->meta, counters.refused_busy);
	NAME(r->meta, counters.refused_critical);
	NAME(r->meta, counters.wakeups);
	NAME(r->meta, counters.revoked);
	NAME(r->meta, nr_rings);
	NAME(r->ring, holds);
	NAME(r->ring, wake_at);
	NAME(r->ring, fence_mask);
	NAME(r->ring, room);
	NAME(r->ring, lag_limit);
#undef NAME
}

static void ring_make(struct world_ring *r, u32 index, u64 size, u64 pos, u32 seq)
{
	struct kring_meta *meta = sim_alloc(sizeof(*meta) + 2 * size, "meta");
	u64 *marks = sim_alloc(kring_nr_marks(size) * sizeof(*marks), "mark");

	/* With room for what struct kring_buffer has behind it */
	r->ring = sim_alloc(sizeof(*r->ring) + 128, "ring");
	r->meta = meta;
	r->data = (u8 *)(meta + 1);
	r->size = size;
	r->first_seq = seq;
	kring_ring_init(r->ring, meta, r->data, marks, size, pos, seq);
	r->ring->locked = kring_locked(KRING_MODE_GLOBAL, KRING_CLOCK_MONOTONIC);
	r->ring->fence_mask = kring_fence_mask(KRING_MODE_GLOBAL, false);
	meta->ring_index = index;
	meta->nr_rings = world.nr_rings;
	meta->cpu = world.nr_rings > 1 ? index : KRING_CPU_ANY;
	meta->channel_id = 1;
	meta->data_offset = sizeof(*meta);
	sim_alias(r->data, size);
	sim_name(r->data, 2 * size, "data");
	name_words(r);
	sim_constant(meta, offsetof(struct kring_meta, reserve));
	sim_constant(r->ring, offsetof(struct kring_ring, max_payload));
	sim_constant(&r->ring->critical, sizeof(r->ring->critical));
}

void world_make(u32 rings, u64 size, u64 pos, u32 seq)
{
	u32 i;

	world.nr_rings = rings;
	world.cursors = sim_alloc(RINGS_MAX * KRING_CURSOR_STRIDE, "cursor");
	for (i = 0; i < rings; i++)
		ring_make(&world.rings[i], i, size, pos, seq);
}

void world_per_cpu(u32 clock)
{
	u32 i;

	for (i = 0; i < world.nr_rings; i++) {
		world.rings[i].ring->locked = kring_locked(KRING_MODE_PERCPU, clock);
		world.rings[i].ring->fence_mask = kring_fence_mask(KRING_MODE_PERCPU, false);
	}
}

void world_fill(u32 ring, u32 bytes, u32 count)
{
	while (count--)
		world_report(ring, ring, TYPE_PLAIN, bytes, false);
}

void world_save(void)
{
	u32 i;

	for (i = 0; i < world.nr_rings; i++)
		world.rings[i].nr_before = world_seq(i) - world.rings[i].first_seq;
	sim_save();
}

void world_begin(void)
{
	u32 i;

	for (i = 0; i < world.nr_rings; i++) {
		struct world_ring *r = &world.rings[i];

		memset(&r->events[r->nr_before], 0,
		       (EVENTS_MAX - r->nr_before) * sizeof(*r->events));
	}
	world.held = world.rings[0].ring->holds[0];
	world.wakes = 0;
	world.producing = 0;
	world.done = NULL;
}

u32 world_seq(u32 ring)
{
	return KRING_RESERVE_SEQ(sim_newest(&world.rings[ring].meta->reserve));
}

static u64 reserved(const struct world_ring *r)
{
	u64 head = sim_newest(&r->meta->head);
	u32 ahead = KRING_RESERVE_GRANULE(sim_newest(&r->meta->reserve)) -
		    (u32)(head / KRING_GRANULE);

	return head + (u64)ahead * KRING_GRANULE;
}

static struct event *event_of(struct world_ring *r, u64 seq)
{
	u32 n = (u32)seq - r->first_seq;

	sim_check(n < EVENTS_MAX, "event %u: there are not so many", n);
	return &r->events[n];
}

const struct event *world_event(u32 ring, u64 seq)
{
	return event_of(&world.rings[ring], seq);
}

/* The n-th word of an event's payload: no other event has it, in no other place */
static u64 word_of(u32 seq, u32 n)
{
	return (seq + 1) * 1000000007ULL << 16 | (n + 1);
}

static void fill(void *payload, u32 seq, u32 size)
{
	u64 *words = payload;
	u32 i;

	for (i = 0; i < size / 8; i++) {
		plain_store(&words[i], 8);
		words[i] = word_of(seq, i);
	}
}

bool world_same_header(u32 ring, u64 seq, u16 type, u32 size, u64 time)
{
	const struct event *event = world_event(ring, seq);

	return event->reported && event->committed && event->type == type &&
	       event->size == size && event->time == time;
}

bool world_same_payload(u64 seq, u32 size, const void *payload)
{
	const u64 *words = payload;
	u32 i;

	for (i = 0; i < size / 8; i++) {
		plain_load(&words[i], 8);
		if (words[i] != word_of(seq, i))
			return false;
	}
	return true;
}

bool world_report(u32 ring, u32 cpu, u16 type, u32 bytes, bool discard)
{
	struct world_ring *r = &world.rings[ring];
	struct kring_slot slot;
	struct event *event;
	void *payload;
	bool wake;
	u32 seq;

	section_begin();
	sim_note("reports %u bytes", bytes);
	payload = kring_ring_reserve(r->ring, &slot, type, bytes, cpu);
	if (!payload) {
		sim_note("refused");
		section_end();
		return false;
	}
	seq = sim_newest(&slot.record->seq) & ~0U;
	event = event_of(r, seq);
	sim_check(!event->reported, "two events have number %u", seq);
	*event = (struct event) {
		.reported = true,
		.discarded = discard,
		.type = type,
		.size = bytes,
		.pos = slot.pos,
		.end = slot.end,
		.time = sim_newest(&slot.record->time),
		.cpu = cpu,
	};
	world_look();
	fill(payload, seq, bytes);
	event->committed = true;
	wake = kring_ring_commit(&slot, discard);
	world_look();
	if (wake) {
		world.wakes++;
		sim_note("wakes");
		if (world.woken)
			world.woken(r);
	}
	section_end();
	return true;
}

static void produce(void *arg)
{
	const struct work *work = arg;
	int i;

	for (i = 0; work->events[i].bytes; i++)
		world_report(work->ring, work->cpu, work->events[i].type ?: TYPE_PLAIN,
			     work->events[i].bytes, work->events[i].discard);
	if (!world.done)
		world.done = sim_view_new();
	sim_view_put(world.done);
	world.producing--;
}

int world_producer(const char *name, const struct work *work, const struct work *first,
		   const struct work *second)
{
	int cpu = sim_cpu(name, produce, (void *)work);

	world.producing++;
	if (first) {
		sim_interrupt(cpu, produce, (void *)first);
		world.producing++;
	}
	if (second) {
		sim_interrupt(cpu, produce, (void *)second);
		world.producing++;
	}
	return cpu;
}

static bool all_done(void *arg)
{
	(void)arg;
	return !world.producing;
}

void world_wait_done(void)
{
	sim_wait(all_done, NULL);
	if (world.done)
		sim_view_take(world.done);
}

void world_look(void)
{
	u32 i;
	int n;

	for (i = 0; i < world.nr_rings; i++) {
		struct world_ring *r = &world.rings[i];
		u64 tail = sim_newest(&r->meta->tail);
		u64 head = sim_newest(&r->meta->head);

		sim_check(tail <= head && head <= reserved(r) && reserved(r) <= tail + r->size,
			  "ring %u: tail %llu, head %llu, reserve %llu", i, tail, head,
			  reserved(r));
		for (n = 0; world.held && n < KRING_HOLDS_MAX; n++) {
			u64 *hold = (u64 *)sim_newest(&r->ring->holds[n]);
			u64 at = hold ? sim_newest(hold) : 0;

			sim_check(!hold || at >= tail || at < r->meta->start_pos,
				  "ring %u: tail %llu passed the hold at %llu", i, tail, at);
		}
	}
}

static void ring_settled(u32 index)
{
	struct world_ring *r = &world.rings[index];
	const struct kring_counters *c = &r->meta->counters;
	u32 events = world_seq(index) - r->first_seq;
	u64 records = 0, gone = 0, discarded = 0, refused, pos, i;
	u64 latest = 0, floor = 0;
	u32 last = r->first_seq - 1;

	sim_check(reserved(r) == r->meta->head, "ring %u: head %llu, but reserved to %llu",
		  index, r->meta->head, reserved(r));
	for (pos = r->meta->tail; pos < r->meta->head; records++) {
		const struct kring_record *record = (void *)(r->data + (pos & (r->size - 1)));
		u64 bytes = KRING_RECORD_BYTES((u64)record->size);
		const u8 *end = (const u8 *)(record + 1) + record->size;

		sim_check(bytes <= r->meta->head - pos &&
			  world_same_header(index, record->seq, record->type, record->size,
					    record->time) &&
			  world_same_payload(record->seq, record->size, record + 1) &&
			  event_of(r, record->seq)->pos == pos,
			  "ring %u: the record at %llu is not what was reported", index, pos);
		sim_check((int)(record->seq - last) > 0, "ring %u: %u follows %u", index,
			  record->seq, last);
		sim_check(!!(record->flags & KRING_RECORD_DISCARDED) ==
			  event_of(r, record->seq)->discarded,
			  "ring %u: flags %#x at %llu", index, record->flags, pos);
		for (; end < (const u8 *)record + bytes; end++)
			sim_check(!*end, "ring %u: bytes behind the record at %llu", index, pos);
		/* Who finds nobody before it is stamped after all of them */
		if (record->flags & KRING_RECORD_ORDERED)
			floor = latest;
		sim_check(record->time >= floor, "ring %u: time %llu at %llu, after %llu",
			  index, record->time, pos, floor);
		if (record->time > latest)
			latest = record->time;
		last = record->seq;
		pos += bytes;
	}
	sim_check(pos == r->meta->head, "ring %u: records end at %llu, not at head %llu",
		  index, pos, r->meta->head);
	for (i = 0; i < events; i++) {
		gone += r->events[i].reported && r->events[i].end <= r->meta->tail;
		discarded += r->events[i].discarded;
	}
	refused = c->refused_held + c->refused_busy + c->refused_critical + c->refused_size;
	sim_check(gone == c->overwritten, "ring %u: %llu events overwritten, counted are %llu",
		  index, gone, c->overwritten);
	sim_check(discarded == c->discarded, "ring %u: %llu events discarded, counted are %llu",
		  index, discarded, c->discarded);
	sim_check(records + gone + refused == events,
		  "ring %u: %llu events there, %llu gone, %llu refused, but %u reported",
		  index, records, gone, refused, events);
}

void world_settled(void)
{
	u32 i;

	for (i = 0; i < world.nr_rings; i++)
		ring_settled(i);
}
