// SPDX-License-Identifier: GPL-2.0
/*
 * The lag limit: a holder that stops is revoked in the ring that needs room, learns the exact
 * number that it lost, and nobody else loses anything. hold_revoke [flood]
 */
#include "hold.h"

#define NAME	"lag"
#define LIMIT	(KRING_RING_SIZE_MIN / 2)
#define BYTES	1000			/* 1024 with the header */

static int control;

struct consumer {
	int fd;
	uint64_t *cursors;
	struct reader reader;
};

static struct consumer holder(uint32_t ring, uint32_t nr)
{
	struct consumer consumer = { .fd = channel_open(NAME) };
	uint64_t positions[2] = { KRING_HOLD_OLDEST, KRING_HOLD_OLDEST };

	must(!hold(consumer.fd, nr, positions));
	consumer.cursors = map_cursors(consumer.fd);
	must(consumer.cursors != MAP_FAILED);
	reader_start(&consumer.reader, consumer.fd, ring, cursor_at(consumer.cursors, ring));
	consumer.reader.bursts = true;
	return consumer;
}

static void end(struct consumer *consumer)
{
	struct kring_info info = channel_info(consumer->fd);

	must(!munmap(consumer->cursors, info.hold_size));
	must(!munmap((void *)consumer->reader.meta, info.map_size));
	must(!hold_drop(consumer->fd) && !close(consumer->fd));
}

/* Few events at a time: nobody but the one who stops lags */
static void test_exact(void)
{
	struct consumer stops, reads;
	struct reader observer;
	const struct kring_meta *meta;
	struct kring_hold_info about;
	uint64_t before, lost;

	must(!channel_set(control, NAME, KRING_SET_LAG_LIMIT, LIMIT));
	stops = holder(0, 2);
	reads = holder(0, 2);
	reader_start(&observer, stops.fd, 0, NULL);
	observer.bursts = true;
	meta = reads.reader.meta;

	load_burst(control, NAME, BYTES, 4);
	hold_read(&stops.reader, 0);
	before = stops.reader.events;
	hold_read(&reads.reader, 0);
	observe(&observer);
	while (!meta->counters.revoked) {
		/* As long as there is room, it may lag further than that */
		check(meta->tail <= *stops.reader.cursor, "not revoked, but overwritten");
		certain(meta->head <= meta->data_size, "no room, but not revoked");
		load_burst(control, NAME, BYTES, 4);
		hold_read(&reads.reader, 0);
		observe(&observer);
	}
	check(meta->tail > *stops.reader.cursor && meta->counters.revoked == 1);
	/* For good: that the cursor moves on changes nothing; and in this ring alone */
	*stops.reader.cursor = meta->head;
	about = hold_next(control, NAME, 0);
	check(about.rings == 1 && about.revoked == 1);
	about = hold_next(control, NAME, about.id);
	check(about.rings == 2 && about.revoked == 0, "the other is revoked too");

	/* The one who lost goes on as an observer: exactly the overwritten ones are missing */
	stops.reader.cursor = NULL;
	lost = meta->counters.overwritten - before;
	observe(&stops.reader);
	check(lost > 0 && stops.reader.lost == lost && stops.reader.jumps == 1,
	      "lost %llu, overwritten %llu of which %llu were read",
	      (unsigned long long)stops.reader.lost,
	      (unsigned long long)meta->counters.overwritten, (unsigned long long)before);
	check(reads.reader.lost == 0 && observer.lost == 0 && refused_in(meta) == 0,
	      "others lost %llu and %llu", (unsigned long long)reads.reader.lost,
	      (unsigned long long)observer.lost);
	reader_end(&reads.reader);
	reader_end(&observer);
	reader_end(&stops.reader);
	check(reads.reader.events == observer.events && reads.reader.events ==
	      stops.reader.events + stops.reader.lost);

	end(&reads);
	end(&stops);
}

/* One that lags no further than it may is not revoked, but holds: what comes is refused */
static void test_within(void)
{
	struct consumer slow;
	const struct kring_meta *meta;
	uint64_t revoked;

	must(!channel_set(control, NAME, KRING_SET_LAG_LIMIT, KRING_RING_SIZE_MIN));
	slow = holder(0, 1);
	meta = slow.reader.meta;
	revoked = meta->counters.revoked;
	load_until(control, NAME, refused_in(meta));
	check(meta->counters.revoked == revoked, "a lag of the ring's size is allowed");
	check(meta->counters.refused_held == refused_in(meta));
	check(meta->tail <= *slow.reader.cursor);
	/* The limit may be lowered while it stands: then the ring gets its room */
	must(!channel_set(control, NAME, KRING_SET_LAG_LIMIT, LIMIT));
	load_until(control, NAME, meta->counters.revoked != revoked);
	check(meta->counters.revoked == revoked + 1 && meta->tail > *slow.reader.cursor);
	end(&slow);
}

/* Flat out from 2 CPUs at once: each hold is revoked once, and the recorder runs on */
static void test_flood(void)
{
	struct consumer stops[4];
	const struct kring_meta *meta;
	uint64_t refused, from;

	must(!channel_set(control, NAME, KRING_SET_LAG_LIMIT, LIMIT));
	for (int round = 0; round < 20; round++) {
		uint64_t revoked;

		for (int i = 0; i < 4; i++)
			stops[i] = holder(0, 1);
		meta = stops[0].reader.meta;
		revoked = meta->counters.revoked;
		refused = refused_in(meta) - meta->counters.refused_busy;
		from = meta->head;
		load_on(control, NAME, 0, (struct kring_load){ .bytes = 64 });
		wait_until(load_relaxed(&meta->head) - from > 4 * meta->data_size);
		load_stop(control, NAME);
		check(meta->counters.revoked == revoked + 4, "revoked %llu times, 4 holds",
		      (unsigned long long)(meta->counters.revoked - revoked));
		check(refused_in(meta) - meta->counters.refused_busy == refused,
		      "refused, although the holds lag too far");
		ring_closes(meta);
		for (int i = 0; i < 4; i++) {
			check(stops[i].reader.meta->tail > *stops[i].reader.cursor);
			end(&stops[i]);
		}
	}
}

int main(int argc, char **argv)
{
	bool flood = argc > 1 && !strcmp(argv[1], "flood");

	control = channel_create(NAME, flood ? KRING_MODE_GLOBAL : KRING_MODE_PERCPU);
	if (flood) {
		test_flood();
	} else {
		test_exact();
		test_within();
	}
	channel_remove(control, NAME);
	return !!failures;
}
