// SPDX-License-Identifier: GPL-2.0
/*
 * libring in the machine: what it delivers is whole, in order, once, and together
 * with what it says is lost it is all that was reported.
 */
#include <errno.h>
#include <sys/mman.h>
#include <time.h>
#include "../../libring/internal.h"
#include "hold.h"
#include "reader.h"
#include "world.h"

static const struct {
	struct kring_schema head;
	struct kring_type type;
	struct kring_field field;
} schema = {
	.head = { .size = sizeof(schema), .nr_types = 1, .nr_fields = 1 },
	.type = { .name = "number", .type = TYPE_PLAIN, .nr_fields = 1, .payload = 8 },
	.field = { .name = "value", .size = 8, .kind = KRING_KIND_UNSIGNED },
};

struct seen {
	u64 seq[RINGS_MAX];	/* the next, in the order of one ring */
	u64 time;
	u64 events, lost;
	bool got[RINGS_MAX][EVENTS_MAX];
	const char *torn;	/* read in place, believed when it is released */
};

static struct ring *reader_open(const struct reader *reader)
{
	const struct kring_info info = {
		.size = sizeof(info),
		.abi = KRING_ABI,
		.id = 1,
		.name = "world",
		.mode = world.nr_rings > 1 ? KRING_MODE_PERCPU : KRING_MODE_GLOBAL,
		.nr_rings = world.nr_rings,
		.max_rings = world.nr_rings,
		.clock = KRING_CLOCK_MONOTONIC,
		.ring_size = world.rings[0].size,
		.data_offset = sizeof(struct kring_meta),
		.schema_size = sizeof(schema),
	};
	struct ring_opts opts = {
		.size = sizeof(opts),
		.order = reader->order,
		.from = reader->from,
		.flags = reader->flags,
	};
	void *bases[RINGS_MAX];
	struct ring *ring;
	u32 i;

	for (i = 0; i < world.nr_rings; i++)
		bases[i] = world.rings[i].meta;
	sim_check(!ring_setup(&ring, -1, &info, &schema, bases, &opts), "it does not open");
	return ring;
}

static void see(const struct reader *reader, struct ring *ring, struct seen *seen,
		const struct ring_record *record)
{
	u64 seq = ring->readers[record->ring].start + record->seq;
	bool same;

	if (reader->order == RING_ORDER_TIME) {
		sim_check(record->time >= seen->time, "time %llu after %llu",
			  (unsigned long long)record->time, (unsigned long long)seen->time);
		seen->time = record->time;
	} else {
		sim_check(record->seq >= seen->seq[record->ring], "event %u after %u",
			  (u32)record->seq, (u32)seen->seq[record->ring]);
		seen->seq[record->ring] = record->seq + 1;
	}
	if (record->kind == RING_LOST) {
		sim_note("reads: %u lost", (u32)(record->overwritten + record->refused));
		seen->lost += record->overwritten + record->refused;
		sim_check(!(reader->flags & RING_HOLD) || reader->revocable || !record->overwritten,
			  "overwritten under a hold");
		return;
	}
	seen->events++;
	sim_check(world_same_header(record->ring, seq, record->type, record->size, record->time),
		  "event %u has another's header", (u32)seq);
	same = world_same_payload(seq, record->size, record->data);
	sim_note("reads event %u, %s", (u32)seq, same ? "whole" : "torn");
	if (!same) {
		sim_check(reader->revocable && ring->readers[record->ring].cursor,
			  "event %u is torn", (u32)seq);
		seen->torn = "what was torn, it released without a word";
		return;
	}
	sim_check(!world_event(record->ring, seq)->discarded, "event %u was discarded", (u32)seq);
	sim_check(!seen->got[record->ring][seq % EVENTS_MAX], "event %u comes twice", (u32)seq);
	seen->got[record->ring][seq % EVENTS_MAX] = true;
}

static void release(struct ring *ring, struct seen *seen)
{
	int ret = ring_release(ring);

	sim_check(!ret || ret == -ESTALE, "release: %d", ret);
	sim_check(ret || !seen->torn, "%s", seen->torn);
	seen->torn = NULL;
}

static void drain(const struct reader *reader, struct ring *ring, struct seen *seen)
{
	struct ring_record record;
	int ret;

	while ((ret = ring_next(ring, &record)) == 1) {
		see(reader, ring, seen, &record);
		if (reader->flags & RING_HOLD && !reader->keeps)
			release(ring, seen);
	}
	if (reader->keeps)
		release(ring, seen);
	sim_check(!ret, "ring_next: %d", ret);
}

static void read_all(void *arg)
{
	const struct reader *reader = arg;
	struct seen seen = { 0 };
	struct ring_stats stats = { .size = sizeof(stats) };
	struct ring *ring;
	int i;

	if (reader->attaches)
		hold_attach();
	ring = reader_open(reader);
	for (i = 0; i < reader->looks; i++)
		drain(reader, ring, &seen);
	if (reader->leaves)
		goto close;
	world_wait_done();
	drain(reader, ring, &seen);
	sim_check(!ring_stats(ring, &stats), "there are no statistics");
	sim_check(stats.reported == seen.events + seen.lost + stats.discarded && !stats.left,
		  "%u events, %u lost, %u discarded, %u left, but %u reported",
		  (u32)seen.events, (u32)seen.lost, (u32)stats.discarded, (u32)stats.left,
		  (u32)stats.reported);
close:
	ring_close(ring);
	if (reader->attaches)
		hold_drop();
}

int reader_cpu(const struct reader *reader)
{
	return sim_cpu(reader->name, read_all, (void *)reader);
}

/* ld --wrap: what libring asks the system for */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset);
int __wrap_munmap(void *at, size_t size);
int __wrap_eventfd(unsigned int value, int flags);
int __wrap_epoll_create1(int flags);
int __wrap_epoll_ctl(int epoll, int op, int fd, void *event);
int __wrap_close(int fd);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	u64 ns = sim_clock();

	(void)clock;
	now->tv_sec = ns / 1000000000;
	now->tv_nsec = ns % 1000000000;
	return 0;
}

void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	(void)at, (void)size, (void)prot, (void)flags, (void)fd, (void)offset;
	return world.cursors;
}

int __wrap_munmap(void *at, size_t size)
{
	(void)at;
	(void)size;
	return 0;
}

int __wrap_eventfd(unsigned int value, int flags)
{
	(void)value;
	(void)flags;
	return 100;
}

int __wrap_epoll_create1(int flags)
{
	(void)flags;
	return 101;
}

int __wrap_epoll_ctl(int epoll, int op, int fd, void *event)
{
	(void)epoll, (void)op, (void)fd, (void)event;
	return 0;
}

int __wrap_close(int fd)
{
	(void)fd;
	return 0;
}
