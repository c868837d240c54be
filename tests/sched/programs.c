// SPDX-License-Identifier: GPL-2.0
/*
 * What runs. Rings are a few records long, so that each lap matters. Positions
 * begin so that the 32 bits of granules, and those of sequence numbers, end in
 * the midst of it.
 */
#include "../../libring/ring.h"
#include "grace.h"
#include "programs.h"
#include "reader.h"

void begin(void)
{
	world_begin();
	grace_begin();
}

void run(void)
{
	bool ended = sim_run();

	sim_check(ended, "somebody waits for ever");
	world_settled();
}

static void no_refusals(void)
{
	u32 i;

	for (i = 0; i < world.nr_rings; i++) {
		const struct kring_counters *c = &world.rings[i].meta->counters;

		sim_check(!c->refused_held && !c->refused_critical,
			  "refused for a hold, but there is none");
	}
}

/* Three producers, one of them in another, and nothing in their way */
static void commit_set_up(void)
{
	world_make(1, SIZE, POS, SEQ);
	world_save();
}

static void commit(void)
{
	static const struct work a = { 0, 0, { SMALL, GONE } };
	static const struct work nested = { 0, 0, { SMALL } };
	static const struct work b = { 0, 1, { SMALL, SMALL } };

	begin();
	world_producer("a", &a, &nested, NULL);
	world_producer("b", &b, NULL, NULL);
	run();
	no_refusals();
	sim_check(!world.rings[0].meta->counters.refused_busy, "refused, but there is room");
}

static void evict_set_up(void);

static void nest_set_up(void)
{
	evict_set_up();
	world_per_cpu(KRING_CLOCK_LOCAL);
	world_save();
}

/* One CPU, an interrupt in it and another in that one */
static void nest(void)
{
	static const struct work a = { 0, 0, { SMALL, LARGE } };
	static const struct work irq = { 0, 0, { LARGE } };
	static const struct work nmi = { 0, 0, { SMALL } };

	begin();
	world_producer("a", &a, &irq, &nmi);
	run();
	no_refusals();
}

/* They evict what is there, and each other's; sizes differ from lap to lap */
static void evict_set_up(void)
{
	world_make(1, SIZE, POS, SEQ);
	world_fill(0, BYTES_LARGE, 2);
	world_fill(0, BYTES_SMALL, 4);
	world_save();
}

static void evict(void)
{
	static const struct work a = { 0, 0, { LARGE, SMALL } };
	static const struct work nested = { 0, 0, { SMALL } };
	static const struct work b = { 0, 1, { SMALL, LARGE, SMALL } };

	begin();
	world_producer("a", &a, &nested, NULL);
	world_producer("b", &b, NULL, NULL);
	run();
	no_refusals();
}

/* Somebody observes */
static void observe(void)
{
	static const struct work a = { 0, 0, { LARGE, SMALL, SMALL } };
	static const struct work b = { 0, 1, { SMALL, LARGE } };
	static const struct reader reader = {
		.name = "reader", .order = RING_ORDER_RING, .from = RING_FROM_OLDEST, .looks = 2,
	};

	begin();
	world_producer("a", &a, NULL, NULL);
	world_producer("b", &b, NULL, NULL);
	reader_cpu(&reader);
	run();
	no_refusals();
}

/* In the order of time, with what nests in one ring */
static void order(void)
{
	static const struct work a = { 0, 0, { SMALL, SMALL } };
	static const struct work nested = { 0, 0, { SMALL } };
	static const struct work b = { 0, 1, { SMALL, SMALL } };
	static const struct reader reader = {
		.name = "reader", .order = RING_ORDER_TIME, .from = RING_FROM_OLDEST, .looks = 3,
	};

	begin();
	world_producer("a", &a, &nested, NULL);
	world_producer("b", &b, NULL, NULL);
	reader_cpu(&reader);
	run();
}

static void merge_set_up(void)
{
	world_make(2, SIZE, POS, SEQ);
	world_per_cpu(KRING_CLOCK_MONOTONIC);
	world_fill(0, BYTES_SMALL, 1);
	world_save();
}

/* In the order of time, over two rings */
static void merge(void)
{
	static const struct work a = { 0, 0, { SMALL, SMALL } };
	static const struct work nested = { 0, 0, { SMALL } };
	static const struct work b = { 1, 1, { SMALL, SMALL } };
	static const struct reader reader = {
		.name = "reader", .order = RING_ORDER_TIME, .from = RING_FROM_OLDEST, .looks = 3,
	};

	begin();
	world_producer("a", &a, &nested, NULL);
	world_producer("b", &b, NULL, NULL);
	reader_cpu(&reader);
	run();
	no_refusals();
}

static void hold_set_up(void)
{
	evict_set_up();
	world.cursors[0] = world.rings[0].meta->tail;
	world.rings[0].ring->holds[0] = world.cursors;
	world_save();
}

/* Somebody holds, reads in place and releases */
static void hold(void)
{
	static const struct work a = { 0, 0, { LARGE, SMALL } };
	static const struct work nested = { 0, 0, { SMALL } };
	static const struct work b = { 0, 1, { SMALL, LARGE } };
	static const struct reader reader = {
		.name = "holder", .order = RING_ORDER_RING, .from = RING_FROM_OLDEST,
		.flags = RING_HOLD, .looks = 2,
	};

	begin();
	world_producer("a", &a, &nested, NULL);
	world_producer("b", &b, NULL, NULL);
	reader_cpu(&reader);
	run();
}

/*
 * No hold lags so far, but a cursor that is not there yet would. (At the limit of
 * one ring's size it may be revoked while it is attached: by who sees it, after
 * others that do not have moved on.)
 */
static void attach_set_up(void)
{
	evict_set_up();
	world.rings[0].ring->lag_limit = 2 * SIZE;
	world_save();
}

static void not_revoked(void)
{
	sim_check(!world.rings[0].meta->counters.revoked, "revoked, and did not lag");
}

/* The same, attached in the midst of it: from then on nothing is overwritten */
static void attach(void)
{
	static const struct work a = { 0, 0, { SMALL, LARGE, SMALL } };
	static const struct work b = { 0, 1, { LARGE, SMALL } };
	static const struct reader reader = {
		.name = "holder", .order = RING_ORDER_RING, .from = RING_FROM_OLDEST,
		.flags = RING_HOLD, .looks = 2, .attaches = true,
	};

	begin();
	world_producer("a", &a, NULL, NULL);
	world_producer("b", &b, NULL, NULL);
	reader_cpu(&reader);
	run();
	not_revoked();
}

/* And dropped */
static void drop(void)
{
	static const struct work a = { 0, 0, { SMALL, LARGE, SMALL, SMALL } };
	static const struct work b = { 0, 1, { LARGE, SMALL, SMALL } };
	static const struct reader reader = {
		.name = "holder", .order = RING_ORDER_RING, .from = RING_FROM_OLDEST,
		.flags = RING_HOLD, .looks = 1, .attaches = true, .leaves = true,
	};

	begin();
	world_producer("a", &a, NULL, NULL);
	world_producer("b", &b, NULL, NULL);
	reader_cpu(&reader);
	run();
	not_revoked();
}

static void revoke_set_up(void)
{
	hold_set_up();
	world.rings[0].ring->lag_limit = SIZE / 2;
	world_save();
}

static void lag(const struct reader *reader)
{
	static const struct work a = { 0, 0, { LARGE, SMALL, SMALL } };
	static const struct work b = { 0, 1, { SMALL, LARGE } };
	const struct world_ring *r = &world.rings[0];

	begin();
	world_producer("a", &a, NULL, NULL);
	world_producer("b", &b, NULL, NULL);
	reader_cpu(reader);
	run();
	sim_check(r->meta->counters.revoked == !r->ring->holds[0], "revoked %u times",
		  (u32)r->meta->counters.revoked);
}

/* The same, but who lags too far loses it; what is read goes straight to its hands */
static void revoke(void)
{
	static const struct reader reader = {
		.name = "holder", .order = RING_ORDER_RING, .from = RING_FROM_OLDEST,
		.flags = RING_HOLD, .looks = 2, .revocable = true,
	};

	lag(&reader);
}

static void revoke_batch_set_up(void)
{
	revoke_set_up();
	world_per_cpu(KRING_CLOCK_MONOTONIC);
	world_save();
}

/* By time, it is items */
static void revoke_time(void)
{
	static const struct reader reader = {
		.name = "holder", .order = RING_ORDER_TIME, .from = RING_FROM_OLDEST,
		.flags = RING_HOLD, .looks = 2, .revocable = true,
	};

	lag(&reader);
}

/* The same with few looks: what is in hand must be kept, or lost */
static void revoke_batch(void)
{
	static const struct work a = { 0, 0, { LARGE, SMALL, SMALL } };
	static const struct work nested = { 0, 0, { SMALL, LARGE } };
	static const struct reader reader = {
		.name = "holder", .order = RING_ORDER_TIME, .from = RING_FROM_OLDEST,
		.flags = RING_HOLD, .looks = 2, .revocable = true, .keeps = true,
	};

	begin();
	world_producer("a", &a, &nested, NULL);
	reader_cpu(&reader);
	run();
}

/* Events that nobody could report, beside those that are */
static void miss_two(void *arg)
{
	(void)arg;
	kring_ring_miss(world.rings[0].ring, 1);
	kring_ring_miss(world.rings[0].ring, 2);
}

static void miss(void)
{
	static const struct work a = { 0, 0, { SMALL } };
	static const struct work b = { 0, 1, { SMALL } };

	begin();
	sim_interrupt(world_producer("a", &a, NULL, NULL), miss_two, NULL);
	world_producer("b", &b, NULL, NULL);
	sim_cpu("c", miss_two, NULL);
	run();
}

static void laps_set_up(void)
{
	world_make(1, SIZE / 2, POS, SEQ);
	world_save();
}

/* Late commits in every lap, so that marks of one are there in the next */
static void laps(void)
{
	static const struct work a = { 0, 0, { SMALL, SMALL, SMALL, SMALL, SMALL } };
	static const struct work nested = { 0, 0, { SMALL, SMALL, SMALL } };
	static const struct work nmi = { 0, 0, { SMALL, SMALL, SMALL } };

	begin();
	world_producer("a", &a, &nested, &nmi);
	world_producer("b", &nested, &nmi, NULL);
	run();
	no_refusals();
}

static void lapped_set_up(void)
{
	laps_set_up();
	world_per_cpu(KRING_CLOCK_NONE);
	world_save();
}

/* An observer that is more than a ring behind */
static void lapped(void)
{
	static const struct work a = { 0, 0, { SMALL, SMALL, SMALL, SMALL, SMALL } };
	static const struct work more = { 0, 0, { SMALL, SMALL, SMALL, SMALL, SMALL } };
	static const struct reader reader = {
		.name = "reader", .order = RING_ORDER_RING, .from = RING_FROM_OLDEST, .looks = 2,
	};

	begin();
	world_producer("a", &a, &more, NULL);
	reader_cpu(&reader);
	run();
	no_refusals();
}

const struct program programs[] = {
	{ "commit", commit_set_up, commit, { 2, 1 } },
	{ "nest", nest_set_up, nest, { 0, 0 } },
	{ "evict", evict_set_up, evict, { 1, 1 } },
	{ "observe", evict_set_up, observe, { 1, 1 } },
	{ "order", commit_set_up, order, { 1, 1 } },
	{ "merge", merge_set_up, merge, { 1, 1 } },
	{ "hold", hold_set_up, hold, { 1, 0 } },
	{ "attach", attach_set_up, attach, { 1, 0 } },
	{ "drop", attach_set_up, drop, { 1, 0 } },
	{ "revoke", revoke_set_up, revoke, { 1, 1 } },
	{ "revoke_time", revoke_set_up, revoke_time, { 1, 1 } },
	{ "revoke_batch", revoke_batch_set_up, revoke_batch, { 1, 1 } },
	{ "lapped", lapped_set_up, lapped, { 1, 1 } },
	{ "miss", commit_set_up, miss, { 2, 1 } },
	{ "laps", laps_set_up, laps, { 0, 0 } },
	{ "wake", commit_set_up, wake, { 1, 1 } },
	{ "light", light_set_up, light, { 1, 1 } },
	{ "page", page_set_up, page, { 1, 1 } },
	{ "arm", commit_set_up, arm, { 1, 1 } },
	{ "arm_early", commit_set_up, arm_early, { 1, 1 } },
};

const size_t nr_programs = sizeof(programs) / sizeof(*programs);
