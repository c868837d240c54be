// SPDX-License-Identifier: GPL-2.0
/* Sleepers, and what kernel/wake.c does for them: its lock, its work, its check */
#include "grace.h"
#include "programs.h"

struct sleeper {
	u64 at;
	bool armed, ready;
};

static struct sleeper sleepers[2];
static u64 nr_armed;
static bool lightly;		/* they are to be woken by the very record */
static bool locked;
static struct sim_view *lock_view;

static bool is_unlocked(void *arg)
{
	(void)arg;
	return !locked;
}

static void lock(void)
{
	sim_irqs_off();
	sim_wait(is_unlocked, NULL);
	locked = true;
	if (!lock_view)
		lock_view = sim_view_new();
	sim_view_take(lock_view);
}

static void unlock(void)
{
	sim_view_put(lock_view);
	locked = false;
	sim_irqs_on();
}

static bool sleeper_check(const struct sleeper *sleeper, struct kring_ring *ring)
{
	do {
		if (READ_ONCE(ring->meta->head) >= sleeper->at)
			return true;
		nr_armed++;
	} while (kring_ring_arm(ring, sleeper->at));
	return false;
}

static void wake_work(struct world_ring *r)
{
	size_t i;

	lock();
	for (i = 0; i < 2; i++)
		if (sleepers[i].armed && sleeper_check(&sleepers[i], r->ring)) {
			sleepers[i].armed = false;
			sleepers[i].ready = true;
		}
	unlock();
}

static bool is_ready(void *arg)
{
	const struct sleeper *sleeper = arg;

	return sleeper->ready;
}

/* What file_lighten() and sleeps_lightly() do before a sleeper is armed for a record */
static void sleep_lightly(void)
{
	WRITE_ONCE(world.rings[0].ring->fence_mask, KRING_FENCE_EACH);
	grace_period();
}

static void sleep_once(void *arg)
{
	struct sleeper *sleeper = arg;

	if (lightly)
		sleep_lightly();
	lock();
	sleeper->ready = sleeper_check(sleeper, world.rings[0].ring);
	sleeper->armed = !sleeper->ready;
	unlock();
	sim_wait(is_ready, sleeper);
}

static void sleep_some(size_t nr, const struct work *other)
{
	static const struct work a = { 0, 0, { SMALL } };
	static const struct work nested = { 0, 0, { SMALL } };
	u64 pos = world.rings[0].meta->start_pos;

	begin();
	locked = false;
	lock_view = NULL;
	nr_armed = 0;
	sleepers[0] = (struct sleeper) { .at = pos + 32 };
	sleepers[1] = (struct sleeper) { .at = pos + 64 };
	world.woken = wake_work;
	world_producer("a", &a, &nested, NULL);
	if (other)
		world_producer("b", other, NULL, NULL);
	sim_cpu("low", sleep_once, &sleepers[0]);
	if (nr > 1)
		sim_cpu("high", sleep_once, &sleepers[1]);
	run();
	sim_check(world.wakes <= nr_armed, "woken %llu times, armed %llu times", world.wakes,
		  nr_armed);
}

void wake(void)
{
	static const struct work b = { 0, 1, { SMALL } };

	lightly = false;
	sleep_some(2, &b);
}

/* In the ring of one CPU, which has no barrier before somebody sleeps lightly */
void light_set_up(void)
{
	world_make(1, SIZE, POS, SEQ);
	world_per_cpu(KRING_CLOCK_LOCAL);
	world_save();
}

void light(void)
{
	lightly = true;
	sleep_some(1, NULL);
}

/* A page is two records there: who waits for the first is woken by the second at the latest */
void page_set_up(void)
{
	world_make(1, SIZE, POS, SEQ);
	world_per_cpu(KRING_CLOCK_LOCAL);
	world.rings[0].ring->fence_mask = -64;
	world_save();
}

void page(void)
{
	lightly = false;
	sleep_some(1, NULL);
}

/* Without the lock: any wakeup ends all sleep, so the lowest position must count */
static u64 wakes_seen[2];

static void count_wake(struct world_ring *r)
{
	(void)r;
	if (!lock_view)
		lock_view = sim_view_new();
	sim_view_put(lock_view);
}

static bool is_woken(void *arg)
{
	return world.wakes > *(const u64 *)arg;
}

static void sleep_alone(void *arg)
{
	struct sleeper *sleeper = arg;
	u64 *seen = &wakes_seen[sleeper - sleepers];

	*seen = world.wakes;
	if (lock_view)
		sim_view_take(lock_view);
	if (!kring_ring_arm(world.rings[0].ring, sleeper->at))
		sim_wait(is_woken, seen);
}

static void arm_two(u64 one, u64 other, bool both)
{
	static const struct work a = { 0, 0, { SMALL } };
	static const struct work nested = { 0, 0, { SMALL } };
	static const struct work b = { 0, 1, { SMALL } };
	u64 pos = world.rings[0].meta->start_pos;
	int low, high;

	begin();
	lock_view = NULL;
	sleepers[0] = (struct sleeper) { .at = pos + one };
	sleepers[1] = (struct sleeper) { .at = pos + other };
	world.woken = count_wake;
	world_producer("a", &a, &nested, NULL);
	world_producer("b", &b, NULL, NULL);
	low = sim_cpu("low", sleep_alone, &sleepers[0]);
	high = sim_cpu("high", sleep_alone, &sleepers[1]);
	sim_check(sim_run() || (!sim_stuck(low) && !(both && sim_stuck(high))),
		  "a wakeup is lost");
	world_settled();
	sim_check(world.wakes <= 2, "woken %llu times, armed twice", world.wakes);
}

/* They get just to where one waits, and not to where the other does */
void arm(void)
{
	arm_two(96, 128, false);
}

void arm_early(void)
{
	arm_two(32, 64, true);
}
