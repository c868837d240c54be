// SPDX-License-Identifier: GPL-2.0
/* kring's contender in user space: what it is measured in, and its rings and readers */
#include <err.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>
#include "kring.h"

const struct bench_case bench_cases[] = {
	{ "produce", .sample = produce, .arg = KRING_CLOCK_NONE },
	{ "produce-clock-mono", .sample = produce, .arg = KRING_CLOCK_MONOTONIC },
	{ "produce-clock-boot", .sample = produce, .arg = KRING_CLOCK_BOOTTIME },
	/* The time stamp counter: see port/ring_port.h */
	{ "produce-clock-counter", .sample = produce, .arg = KRING_CLOCK_LOCAL },
	{ "produce-observers-1", .sample = produce_observers, .arg = 1 },
	{ "produce-observers-4", .sample = produce_observers, .arg = 4 },
	{ "produce-observers-16", .sample = produce_observers, .arg = 16 },
	{ "produce-observers-1-reading", .sample = produce_observers_reading, .arg = 1 },
	{ "produce-observers-4-reading", .sample = produce_observers_reading, .arg = 4 },
	{ "produce-observers-16-reading", .sample = produce_observers_reading, .arg = 16 },
	{ "produce-observers-1-flat-out", .sample = produce_observers_flat_out, .arg = 1 },
	{ "produce-observers-16-flat-out", .sample = produce_observers_flat_out, .arg = 16 },
	{ "produce-holders-1", .sample = produce_holders, .arg = 1 },
	{ "produce-holders-4", .sample = produce_holders, .arg = 4 },
	/* Nothing is overwritten, there is always room: one holder, which keeps up */
	{ "produce-drop", .sample = produce_holders, .arg = 1 },
	{ "produce-refused", .sample = produce_refused },
	{ "produce-global-1", .sample = produce_shared, .arg = 1 },
	{ "produce-global-2", .sample = produce_shared, .arg = 2 },
	{ "produce-percpu-2", .sample = produce_percpu, .arg = 2 },
	{ "consume-holder", .sample = consume, .arg = 0 },
	{ "consume-holder-raw", .sample = consume, .arg = CONSUME_RAW },
	{ "consume-holder-raw-remote", .sample = consume, .arg = CONSUME_RAW | CONSUME_REMOTE },
	{ "consume-merged-raw", .sample = consume, .arg = CONSUME_MERGED | CONSUME_RAW },
	{ "consume-holder-next", .sample = consume, .arg = CONSUME_NEXT },
	{ "consume-holder-callback", .sample = consume, .arg = CONSUME_CALLBACK },
	{ "consume-holder-time", .sample = consume, .arg = CONSUME_TIME },
	{ "consume-holder-remote", .sample = consume, .arg = CONSUME_REMOTE },
	{ "consume-observer", .sample = consume, .arg = CONSUME_OBSERVE },
	{ "consume-observer-callback", .sample = consume,
	  .arg = CONSUME_OBSERVE | CONSUME_CALLBACK },
	{ "consume-observer-remote", .sample = consume, .arg = CONSUME_OBSERVE | CONSUME_REMOTE },
	{ "consume-merged", .sample = consume, .arg = CONSUME_MERGED },
	{ "consume-merged-callback", .sample = consume, .arg = CONSUME_MERGED | CONSUME_CALLBACK },
	{ "consume-merged-observer", .sample = consume, .arg = CONSUME_MERGED | CONSUME_OBSERVE },
	{ "end-to-end", "M/s", .sample = end_to_end, .arg = 0 },
	{ "end-to-end-busy", "M/s", .sample = end_to_end, .arg = FLOW_BUSY },
	{ "end-to-end-clock-mono", "M/s", .sample = end_to_end, .arg = FLOW_CLOCK },
	BENCH_LATENCIES("latency-spin", latency_spin),
	BENCH_LATENCIES("latency-sleep", latency_sleep),
	{ NULL }
};

void channel_init(struct fixture_channel *ch, u32 nr, u32 clock)
{
	u32 i;

	fixture_channel_init(ch, nr ? KRING_MODE_PERCPU : KRING_MODE_GLOBAL, nr, BENCH_RING_SIZE);
	ch->info.clock = clock;
	for (i = 0; i < ch->nr; i++) {
		ch->rings[i].ring.clock = ch->info.clock;
		fixture_set_mode(&ch->rings[i].ring, ch->info.mode, clock);
		ch->rings[i].ring.meta->clock = ch->info.clock;
	}
}

/* With its pages, as the kernel maps a ring: none is taken in when it is first read */
static void *map_whole(const struct fixture *ring)
{
	volatile const char *base = fixture_map(ring);
	u64 at;

	for (at = 0; at < ring->map_size; at += sysconf(_SC_PAGESIZE))
		(void)base[at];
	return (void *)base;
}

void reader_open(struct reader *reader, struct fixture_channel *ch, const struct ring_opts *user)
{
	static const struct {
		struct kring_schema head;
		struct kring_type type;
		struct kring_field field;
	} schema = {
		.head = { .size = sizeof(schema), .nr_types = 1, .nr_fields = 1 },
		.type = { .name = "bench", .type = KRING_BENCH_TYPE, .nr_fields = 1, .payload = 8 },
		.field = { .name = "number", .size = 8, .kind = KRING_KIND_UNSIGNED },
	};
	char message[KRING_MESSAGE_MAX];
	struct ring_opts opts, with = *user;
	u32 i;

	with.size = sizeof(with);
	with.message = message;
	with.message_size = sizeof(message);
	ch->info.schema_size = sizeof(schema);
	reader->channel = ch;
	for (i = 0; i < ch->nr; i++)
		reader->bases[i] = map_whole(&ch->rings[i]);
	if (ring_take_opts(&opts, &with) ||
	    ring_setup(&reader->ring, -1, &ch->info, &schema, reader->bases, &opts))
		errx(1, "cannot read the rings: %s", message);
}

void reader_hold(struct reader *reader, struct fixture_channel *ch, int slot)
{
	u32 i;

	for (i = 0; i < ch->nr; i++)
		ch->rings[i].ring.holds[slot] = reader->ring->readers[i].cursor;
}

void reader_close(struct reader *reader)
{
	u32 i;

	ring_close(reader->ring);
	for (i = 0; i < reader->channel->nr; i++)
		munmap(reader->bases[i], reader->channel->info.map_size);
}

void channel_sleep_lightly(struct fixture_channel *ch)
{
	u32 i;

	for (i = 0; i < ch->nr; i++)
		ch->rings[i].ring.fence_mask = kring_fence_mask(ch->info.mode, true);
}

void reader_sleep(struct reader *reader, struct fixture_channel *ch, int event, u64 watermark)
{
	struct pollfd fd = { .fd = event, .events = POLLIN };
	u64 count;

	if (kring_ring_arm(&ch->rings[0].ring, reader->ring->readers[0].at.pos + watermark))
		return;
	if (poll(&fd, 1, 1000) == 1 && read(event, &count, sizeof(count)) < 0)
		err(1, "read of an eventfd");
}

void reader_wake(int event)
{
	u64 one = 1;

	if (write(event, &one, sizeof(one)) < 0)
		err(1, "write to an eventfd");
}
