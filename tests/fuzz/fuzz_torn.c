// SPDX-License-Identifier: GPL-2.0
/*
 * An honest kernel that writes while libring reads: producers of ring.c reserve, fill,
 * nest, commit and take back between any two looks of one call, as the second half of
 * the input says. Each record carries its proof, and a log knows what became of each
 * sequence number. What is delivered must be whole, in order, once, and all the rest
 * must be counted as lost, to the last event.
 */
#include "fuzz.h"

#define EVENTS	8192		/* per ring and input */
#define OPEN	3		/* producers that nest in one ring */
#define RAW	10		/* ring_next_raw() first: the upper half of a call's byte */
#define STEPS	(8u << 20)

enum fate { UNKNOWN, REFUSED, WRITTEN, DISCARDED };

struct producer {
	struct kring_slot slot;
	u64 *payload;
	u32 bytes;
	u64 seq;
};

static struct ring_log {
	u32 nr;				/* events so far */
	u32 open;
	struct producer producers[OPEN];
	struct {
		u8 fate;		/* enum fate */
		bool seen;
		u32 bytes;
		u64 time;
	} events[EVENTS];
	u64 first;			/* sequence number of events[0] */
	u64 lost, seen;
} logs[FUZZ_RINGS];

static struct input changes;
static u32 countdown, nr_rings;
static u64 stream_time;
static bool exact, held, limited;

static void begin(u32 n, u32 bytes)
{
	struct ring_log *log = &logs[n];
	struct fixture *f = &fuzz_channel.rings[n];
	struct producer *p = &log->producers[log->open];

	if (log->open == OPEN || log->nr == EVENTS)
		return;
	p->seq = log->first + log->nr;
	p->bytes = bytes;
	log->events[log->nr].seen = false;
	log->events[log->nr].bytes = bytes;
	log->events[log->nr].fate = REFUSED;
	p->payload = kring_ring_reserve(&f->ring, &p->slot, KRING_LOAD_TYPE, bytes, n);
	if (p->payload) {
		must(p->slot.record->seq == (u32)p->seq, "the harness lost count");
		log->events[log->nr].fate = WRITTEN;
		log->events[log->nr].time = p->slot.record->time;
		log->open++;
		/* A part of it, so that who reads too early sees it torn */
		memset(p->payload, 0xa5, bytes / 2);
	}
	log->nr++;
}

/* One that is open, not always the last: other CPUs may write here too */
static void end(u32 n, u32 which, bool discard)
{
	struct ring_log *log = &logs[n];
	struct producer *p;

	if (!log->open)
		return;
	p = &log->producers[which % log->open];
	fixture_fill_load(p->payload, n, p->seq, KRING_LOAD_TASK, p->bytes);
	if (discard)
		log->events[p->seq - log->first].fate = DISCARDED;
	kring_ring_commit(&p->slot, discard);
	*p = log->producers[--log->open];
}

/* The clock is read late: something came between it and the reservation */
static void stamp(u32 n, u32 which)
{
	struct ring_log *log = &logs[n];
	struct producer *p = &log->producers[which % OPEN];

	if (which % OPEN >= log->open)
		return;
	p->slot.record->time = ++fuzz_now;
	log->events[p->seq - log->first].time = fuzz_now;
}

/* Sizes are multiples of 8, small ones above all */
static u32 bytes_of(u8 how)
{
	static const u32 sizes[] = { 24, 32, 48, 96, 488, 1000, 4096, 16360 };

	return sizes[how % 8];
}

static void change(void)
{
	u8 what = input_byte(&changes);
	u32 n = what / 64 % nr_rings, times, bytes;

	switch (what % 8) {
	case 0: case 1:
		begin(n, bytes_of(input_byte(&changes)));
		break;
	case 2:
		end(n, what >> 4, false);
		break;
	case 3:
		stamp(n, what >> 3);
		break;
	case 4:
		end(n, what >> 4, what & 8);
		break;
	case 5:				/* 64 of the larger ones are a lap */
		bytes = bytes_of(what >> 3);
		for (times = bytes > 1000 ? 16 : 96; times; times--) {
			begin(n, bytes);
			end(n, OPEN - 1, false);
		}
		break;
	case 6:
		begin(n, bytes_of(input_byte(&changes)));
		end(n, 0, false);
		break;
	default:
		fuzz_now += input_byte(&changes);
	}
}

static void on_step(void)
{
	if (!changes.left || countdown--)
		return;
	countdown = input_byte(&changes);
	if (countdown > 128)		/* several at once */
		countdown = 0;
	change();
}

static void take(const struct ring *ring, const struct ring_record *record)
{
	const struct ring_reader *r = &ring->readers[record->ring];
	struct ring_log *log = &logs[record->ring];
	u64 seq = r->start + record->seq, i = seq - log->first;
	const struct kring_load_event *event = record->data;

	fuzz_touch(record, FUZZ_SIZE);
	if (record->kind == RING_LOST) {
		u64 lost = record->overwritten + record->refused;

		must(i + lost <= log->nr, "ring %u: %llu lost from %llu on, of %u events",
		     record->ring, lost, i, log->nr);
		must(!held || limited || !record->overwritten, "ring %u: held, yet overwritten",
		     record->ring);
		log->lost += lost;
		return;
	}
	must(i < log->nr, "ring %u: number %llu of %u events", record->ring, i, log->nr);
	must(log->events[i].fate == WRITTEN, "ring %u: number %llu has fate %u", record->ring, i,
	     log->events[i].fate);
	must(!log->events[i].seen, "ring %u: number %llu twice", record->ring, i);
	must(log->events[i].time == record->time && log->events[i].bytes == record->size &&
	     record->cpu == record->ring && record->type == KRING_LOAD_TYPE,
	     "ring %u: number %llu with another's header", record->ring, i);
	log->events[i].seen = true;
	log->seen++;
	must(!exact || record->time >= stream_time, "time went back by %llu",
	     stream_time - record->time);
	stream_time = record->time;
	/* With a limit, what is read in place may go while it is read: see libring_revoke */
	if (!held || !limited)
		must(fixture_check_load(record->data, record->size) && event->counter == seq &&
		     event->producer == record->ring, "ring %u: number %llu is torn",
		     record->ring, i);
}

/* Nothing changes between these and the call before, so what is in hand stays */
static void still(void)
{
	fuzz_on_step = NULL;
}

static int next(struct ring *ring, u32 times)
{
	struct ring_record record;
	int ret = 1;

	while (times-- && ret == 1) {
		fuzz_on_step = on_step;
		ret = ring_next(ring, &record);
		still();
		must(ret == 1 || ret == 0 || ret == -ENODATA, "ring_next: %d", ret);
		if (ret == 1)
			take(ring, &record);
	}
	return ret;
}

static int next_raw(struct ring *ring)
{
	const struct kring_record *at;
	struct ring_raw raw;
	u64 n = 0;
	int ret;

	fuzz_on_step = on_step;
	ret = ring_next_raw(ring, &raw);
	still();
	must(ret == 1 || ret == 0 || ret == -ENODATA || ret == -ENOMSG, "ring_next_raw: %d", ret);
	if (ret != 1)
		return ret;
	for (; (at = ring_raw_step(&raw)); n++) {
		struct ring_record record = {
			.kind = RING_EVENT, .ring = raw.ring, .cpu = at->cpu, .type = at->type,
			.seq = raw.seq + n, .time = at->time, .data = at + 1, .size = raw.size,
		};

		must(at->seq == (u32)(ring->readers[raw.ring].start + record.seq),
		     "ring %u: a number is missing between", raw.ring);
		take(ring, &record);
	}
	must(n == raw.nr, "%llu of %llu records", n, (u64)raw.nr);
	return ret;
}

static void peek(struct ring *ring, struct input *in)
{
	const struct ring_record *records;
	int ret, i, n;

	fuzz_on_step = on_step;
	ret = ring_peek(ring, &records, 1 + input_byte(in));
	still();
	must(ret >= 0 || ret == -ENODATA, "ring_peek: %d", ret);
	n = ret > 0 ? input_byte(in) % (ret + 1) : 0;
	for (i = 0; i < n; i++)
		take(ring, &records[i]);
	if (ret <= 0)
		return;
	fuzz_on_step = on_step;
	ret = ring_advance(ring, n);
	still();
	must(!ret || (limited && ret == -ESTALE), "ring_advance: %d", ret);
}

static void look(struct ring *ring)
{
	struct ring_stats s = { .size = sizeof(s) };
	int ret;

	fuzz_on_step = on_step;
	ret = ring_stats(ring, &s);
	still();
	must(!ret || ret == -EAGAIN, "ring_stats: %d", ret);
	ret = ring_stats(ring, &s);
	must(ret || s.reported == s.events + s.overwritten + s.refused + s.discarded + s.left,
	     "the sum does not close");
}

static void call(struct ring *ring, struct input *in)
{
	u8 what = input_byte(in);
	int ret;

	fuzz_call(STEPS);
	switch (what % 8) {
	case 0: case 1: case 2:		/* what the one does not take, the other does */
		if (what / 16 != RAW || next_raw(ring) == -ENOMSG)
			next(ring, 1 + what / 8);
		break;
	case 3:
		peek(ring, in);
		break;
	case 4:
		fuzz_on_step = on_step;
		ret = ring_release(ring);
		still();
		must(!ret || (limited && ret == -ESTALE), "ring_release: %d", ret);
		break;
	case 5:
		look(ring);
		break;
	case 6:
		fuzz_on_step = on_step;
		ret = ring_wait(ring, 0);
		still();
		must(ret == 0 || ret == 1 || ret == -ENODATA, "ring_wait: %d", ret);
		break;
	default:
		change();
	}
}

static void hold(struct ring *ring)
{
	for (u32 n = 0; n < nr_rings; n++)
		fuzz_channel.rings[n].ring.holds[0] = ring->readers[n].cursor;
}

/* Nobody writes any more: all that is left, and then the sums must be right */
static void finish(struct ring *ring)
{
	struct ring_stats s = { .size = sizeof(s) };
	u64 seen = 0, lost = 0, reported = 0;
	int ret;
	u32 n;

	changes.left = 0;
	for (n = 0; n < nr_rings; n++)
		while (logs[n].open)
			end(n, 0, false);
	fuzz_call(1ULL << 32);
	ret = next(ring, ~0u);
	must(ret <= 0, "it does not end");
	ret = ring_stats(ring, &s);
	must(!ret, "ring_stats: %d", ret);
	for (n = 0; n < nr_rings; n++) {
		seen += logs[n].seen;
		lost += logs[n].lost;
		if (ring->readers[n].stop == RING_NEVER)
			must(ring->readers[n].at.seq == logs[n].first + logs[n].nr,
			     "ring %u: at number %llu of %u", n,
			     (u64)ring->readers[n].at.seq - logs[n].first, logs[n].nr);
		reported += ring->readers[n].at.seq - ring->readers[n].start;
	}
	must(s.left == 0 && s.events == seen && s.overwritten + s.refused == lost &&
	     s.reported == reported && seen + lost + s.discarded == reported,
	     "%llu seen, %llu lost, %llu discarded of %llu (%llu)", seen, lost,
	     (u64)s.discarded, reported, (u64)s.reported);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u8 how = input_byte(&in), places = input_byte(&in);
	struct ring_opts opts = {
		.size = sizeof(opts),
		.from = how & 1,
		.order = how >> 1 & 1,
		.flags = (how & 4 ? RING_SNAPSHOT : 0) | (how & 8 ? RING_HOLD : 0),
	};
	/* Where the 32 bits of both go round, and where they do not */
	u64 pos[FUZZ_RINGS] = { places & 1 ? 0xffffff00ULL * KRING_GRANULE : 0,
				places & 2 ? 0x7fffff80ULL * KRING_GRANULE : 1ULL << 40 };
	u64 seq[FUZZ_RINGS] = { places & 4 ? 0xfffffff0 : 0, places & 8 ? 0x7fffff00 : 1 };
	struct ring *ring;
	u32 n;

	nr_rings = 1 + (how >> 4) % 3;
	held = how & 8;
	limited = held && places & 16;
	exact = !opts.order;
	stream_time = 0;
	changes = input_halve(&in);
	countdown = input_byte(&changes);
	fuzz_now = 1000;
	still();
	fuzz_channel_reset(nr_rings, pos, seq);
	for (n = 0; n < nr_rings; n++) {
		struct ring_log *log = &logs[n];

		log->nr = log->open = log->lost = log->seen = 0;
		log->first = seq[n];
		if (limited)
			fuzz_channel.rings[n].ring.lag_limit = FUZZ_SIZE / 4 << (places >> 5 & 1);
	}
	for (n = 0; n < how >> 6; n++)
		change();
	/* A hold stands before its holder starts to read */
	if (!held)
		fuzz_on_step = on_step;
	fuzz_call(STEPS);
	must(!fuzz_channel_open(&ring, &opts, &fuzz_plain_schema, sizeof(fuzz_plain_schema)),
	     "ring_open");
	still();
	if (held)
		hold(ring);
	while (in.left)
		call(ring, &in);
	finish(ring);
	for (n = 0; n < nr_rings; n++)
		fuzz_channel.rings[n].ring.holds[0] = NULL;
	ring_close(ring);
	return 0;
}
