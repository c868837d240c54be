// SPDX-License-Identifier: GPL-2.0
/*
 * The critical share: while a hold stands, a flood of other events cannot fill the ring. What
 * became of each event is known: the producer counts them, every EVERY-th is critical.
 */
#include "hold.h"

#define NAME	"critical"
#define EVERY	10
#define SHARE	40
#define SIZE	KRING_RING_SIZE_MIN
#define ROOM	(SIZE - SIZE / 100 * SHARE)

static int control, fd;
static const struct kring_meta *meta;

static const struct kring_load flood = { .bytes = 64, .critical = EVERY };

/* Events of both classes in [from, head), and where the last one that is not critical ends */
struct contents {
	uint64_t critical;
	uint64_t other;
	uint64_t other_end;
};

static struct contents look(uint64_t from)
{
	const struct reader reader = {
		.meta = meta, .data = (const unsigned char *)meta + meta->data_offset,
	};
	struct contents found = { 0 };

	for (uint64_t pos = from; pos < meta->head;) {
		const struct kring_record *record = reader_at(&reader, pos);
		const struct kring_load_event *event = (const void *)(record + 1);

		certain(event_whole(record), "position %llu", (unsigned long long)pos);
		check((record->type == KRING_LOAD_CRITICAL) == (event->counter % EVERY == 0));
		pos += KRING_RECORD_BYTES((uint64_t)record->size);
		if (record->type == KRING_LOAD_CRITICAL) {
			found.critical++;
		} else {
			found.other++;
			found.other_end = pos;
		}
	}
	return found;
}

/* One producer, an empty ring, and a hold that does not move: all is known to the event */
static void test_full(void)
{
	uint64_t position = KRING_HOLD_OLDEST, seq, critical;
	struct contents found;

	must(!hold(fd, 1, &position) && position == 0);
	load_on(control, NAME, 1, flood);
	/* The others are refused first, and the critical ones go on being accepted */
	wait_until(load_relaxed(&meta->counters.refused_critical) >= 100);
	load_stop(control, NAME);

	seq = KRING_RESERVE_SEQ(meta->reserve);
	critical = (seq + EVERY - 1) / EVERY;
	found = look(0);
	printf("%llu events: critical %llu there, %llu refused; others %llu there, %llu refused\n",
	       (unsigned long long)seq, (unsigned long long)found.critical,
	       (unsigned long long)meta->counters.refused_critical,
	       (unsigned long long)found.other, (unsigned long long)meta->counters.refused_held);
	check(meta->tail == 0 && meta->counters.overwritten == 0);
	check(found.critical + meta->counters.refused_critical == critical);
	check(found.other + meta->counters.refused_held == seq - critical);
	check(refused_in(meta) == meta->counters.refused_critical + meta->counters.refused_held);
	check(found.other_end <= ROOM && found.other_end > ROOM - 4 * 96,
	      "others end at %llu, %u is for them", (unsigned long long)found.other_end, ROOM);
	check(meta->head > SIZE - 96, "critical ones end at %llu",
	      (unsigned long long)meta->head);
	ring_closes(meta);
}

/* What is released goes to both classes again, and the share stays kept */
static void test_moves(void)
{
	uint64_t released = 0, from = meta->head;
	struct contents found;

	for (int i = 0; i < 8; i++) {
		uint64_t refused = meta->counters.refused_critical;

		/* A quarter of what lies there, at a record's end */
		released += SIZE / 4 / 96 * 96;
		must(!hold_release(fd, 1, &released));
		load_on(control, NAME, 1, flood);
		wait_until(load_relaxed(&meta->counters.refused_critical) > refused);
		load_stop(control, NAME);
		check(meta->tail <= released, "overwritten what is held");
		found = look(from);
		check(!found.other || found.other_end <= released + ROOM,
		      "others end %llu behind the hold",
		      (unsigned long long)(found.other_end - released));
		if (released + ROOM <= from)
			check(!found.other, "the share was not empty, yet others got in");
		else
			check(found.other && found.critical);
		from = meta->head;
		ring_closes(meta);
	}
}

/* Without a hold nothing is refused, and all of the ring is for everybody */
static void test_free(void)
{
	struct contents found;
	uint64_t refused, from;

	must(!hold_drop(fd));
	refused = refused_in(meta);
	from = meta->head;
	load_on(control, NAME, 1, flood);
	wait_until(load_relaxed(&meta->head) > from + 4 * SIZE);
	load_stop(control, NAME);
	check(refused_in(meta) == refused, "refused, and nobody holds");
	found = look(meta->tail);
	check((found.other + found.critical) * 96 > ROOM && found.other > found.critical * 8);

	/* A share of 0: a hold makes no difference between the two */
	must(!channel_set(control, NAME, KRING_SET_CRITICAL_SHARE, 0));
	must(!hold(fd, 1, &(uint64_t){ KRING_HOLD_NEWEST }));
	refused = meta->counters.refused_critical;
	load_on(control, NAME, 1, flood);
	wait_until(load_relaxed(&meta->counters.refused_critical) > refused);
	load_stop(control, NAME);
	found = look(meta->tail);
	check(found.other_end > meta->tail + SIZE - 2 * 96, "with a share of 0 it is not filled");

	/* One that is set while a hold stands counts from then on */
	must(!channel_set(control, NAME, KRING_SET_CRITICAL_SHARE, SHARE));
	from = meta->head;
	must(!hold_release(fd, 1, &from));
	load_on(control, NAME, 1, flood);
	refused = meta->counters.refused_critical;
	wait_until(load_relaxed(&meta->counters.refused_critical) > refused);
	load_stop(control, NAME);
	found = look(from);
	check(found.other_end <= from + ROOM && found.critical > found.other / EVERY * 2);
	must(!hold_drop(fd));
}

/* A watermark that is never reached, as a share is not for these events, is lowered */
static void test_sleeper(void)
{
	struct kring_wake wake = { .size = sizeof(wake), .watermark = SIZE / 2 };
	uint64_t position = KRING_HOLD_NEWEST;
	struct kring_arm arm = {
		.size = sizeof(arm), .nr = 1, .positions = (uintptr_t)&position,
	};
	struct pollfd asleep = { .fd = fd, .events = POLLIN };

	must(!channel_set(control, NAME, KRING_SET_CRITICAL_SHARE, 75));
	must(!hold(fd, 1, &position));
	must(!ioctl(fd, KRING_IOC_WAKE, &wake));
	must(!ioctl(fd, KRING_IOC_ARM, &arm));
	load_on(control, NAME, 1, (struct kring_load){ .bytes = 64 });
	check(poll(&asleep, 1, 20000) == 1, "%llu bytes came, and it was not woken",
	      (unsigned long long)(load_relaxed(&meta->head) - position));
	load_stop(control, NAME);
	wake.watermark = 1;
	must(!ioctl(fd, KRING_IOC_WAKE, &wake));
	must(!hold_drop(fd));
	must(!channel_set(control, NAME, KRING_SET_CRITICAL_SHARE, SHARE));
}

/* Two producers flat out, a holder that reads: the sums close, each class for itself */
static void test_flood(void)
{
	const struct kring_counters *now = &meta->counters, before = meta->counters;
	uint64_t position = KRING_HOLD_NEWEST, end = now_ns() + 3 * NS, total, critical;
	struct reader reader;

	must(!hold(fd, 1, &position));
	reader_start(&reader, fd, 0, map_cursors(fd));
	reader.pos = position;
	reader.first = KRING_RESERVE_SEQ(meta->reserve);
	reader.expected = reader.first;
	load_on(control, NAME, 0, flood);
	while (now_ns() < end || load_relaxed(&now->refused_held) == before.refused_held)
		hold_read(&reader, 1000);
	load_stop(control, NAME);
	hold_read(&reader, 0);
	total = KRING_RESERVE_SEQ(meta->reserve) - reader.first;
	check(total - reader.events == now->refused_held + now->refused_critical +
	      now->refused_busy - before.refused_held - before.refused_critical -
	      before.refused_busy);
	/* Each of the two producers begins with a critical one */
	critical = reader.critical + now->refused_critical - before.refused_critical;
	printf("flood: %llu events, %llu critical; refused %llu and critical %llu\n",
	       (unsigned long long)reader.events, (unsigned long long)reader.critical,
	       (unsigned long long)(now->refused_held - before.refused_held),
	       (unsigned long long)(now->refused_critical - before.refused_critical));
	check(critical <= total / EVERY + 2 &&
	      critical + now->refused_busy - before.refused_busy >= total / EVERY,
	      "%llu critical of %llu", (unsigned long long)critical, (unsigned long long)total);
	ring_closes(meta);
}

int main(void)
{
	control = channel_create(NAME, KRING_MODE_GLOBAL);
	fd = channel_open(NAME);
	meta = map_ring(fd, 0);
	must(meta->data_size == SIZE);
	must(!channel_set(control, NAME, KRING_SET_CRITICAL_SHARE, SHARE));
	test_full();
	test_moves();
	test_free();
	test_sleeper();
	test_flood();
	channel_remove(control, NAME);
	return !!failures;
}
