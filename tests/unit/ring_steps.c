// SPDX-License-Identifier: GPL-2.0
/*
 * Every way in which one producer can come between the steps of another: an
 * operation is stopped before each of its accesses to shared memory in turn,
 * and another runs there whole, as interrupts do and as other CPUs may; that
 * one is stopped in the same manner by a third, at some of its steps.
 */
static void step(void);
#define PORT_STEP()	step()
#include "../../kernel/ring.c"

#include <criterion/criterion.h>
#include "walk.h"

#define SIZE	(64u << 10)
#define LEVELS	2
/* A write has fewer; a lap has more, but they repeat themselves */
#define MAX_STEPS	60
#define MAX_OPEN	16
#define MAX_ARMED	64

static struct fixture f;
static u64 hold;
static bool held;		/* by it, at first */

static struct open_slot {
	struct kring_slot slot;
	bool open;
} slots[MAX_OPEN];
static int nr_slots;

/* Whoever armed and was told to sleep; it was on the wait queue before */
static struct armed {
	u64 at;
	u64 wakes;
} armed[MAX_ARMED];
static int nr_armed;
static u64 wakes;

/* Where to stop: the n-th step of each level, 0 for nowhere */
static int level, countdown[LEVELS];
static void (*between[LEVELS])(void);
static bool fired[LEVELS];
static u64 counter;

/* What any reader may rely on at any moment */
static void look(void)
{
	u64 tail = f.meta->tail, head = f.meta->head;

	if (tail > head || head > fixture_reserve(&f) ||
	    fixture_reserve(&f) > tail + SIZE)
		cr_assert_fail("tail %llu, head %llu, reserve %llu", tail, head,
			       fixture_reserve(&f));
	if (f.ring.holds[0] && tail > hold)
		cr_assert_fail("tail %llu is past the hold at %llu", tail, hold);
	if (held && !f.ring.holds[0] && head - hold <= f.ring.lag_limit)
		cr_assert_fail("revoked at a lag of %llu, allowed are %llu", head - hold,
			       f.ring.lag_limit);
	/* An observer that reads the oldest record now */
	if (tail < head) {
		const struct kring_record *record = fixture_record(&f, tail);

		if (KRING_RECORD_BYTES((u64)record->size) > head - tail ||
		    !fixture_check_load(record + 1, record->size))
			cr_assert_fail("the record at tail, %llu, is torn", tail);
	}
}

static void step(void)
{
	int at = level;

	if (at >= LEVELS)
		return;
	if (countdown[at] <= 0 || --countdown[at])
		return;
	look();
	fired[at] = true;
	level = at + 1;
	between[at]();
	level = at;
	look();
}

static void commit(struct kring_slot *slot)
{
	if (kring_ring_commit(slot, false))
		wakes++;
}

static bool reserve_and_fill(struct kring_slot *slot, u32 bytes)
{
	u16 type = counter % 2 ? KRING_LOAD_CRITICAL : KRING_LOAD_TYPE;
	void *to = kring_ring_reserve(&f.ring, slot, type, bytes, 0);

	if (to)
		fixture_fill_load(to, 0, counter++, 0, bytes);
	return to;
}

/* The operations */

static void write_bytes(u32 bytes)
{
	struct kring_slot slot;

	if (reserve_and_fill(&slot, bytes))
		commit(&slot);
}

static void write_small(void)
{
	write_bytes(24);
}

static void write_large(void)
{
	write_bytes(9000);
}

/* Another gets a whole lap ahead, if it can */
static void write_lap(void)
{
	int i;

	for (i = 0; i < 18; i++)
		write_bytes(4096);
}

static void refuse(void)
{
	struct kring_slot slot;

	cr_assert_null(kring_ring_reserve(&f.ring, &slot, 1, SIZE, 0));
}

static void open_one(void)
{
	struct open_slot *s;

	if (nr_slots == MAX_OPEN)
		return;
	s = &slots[nr_slots++];
	s->open = reserve_and_fill(&s->slot, 88);
}

static void close_oldest(void)
{
	int i;

	for (i = 0; i < nr_slots; i++)
		if (slots[i].open) {
			slots[i].open = false;
			commit(&slots[i].slot);
			return;
		}
}

static void close_newest(void)
{
	int i;

	for (i = nr_slots; i--; )
		if (slots[i].open) {
			slots[i].open = false;
			commit(&slots[i].slot);
			return;
		}
}

static void arm(u64 at)
{
	u64 before = wakes;

	if (!kring_ring_arm(&f.ring, at) && nr_armed < MAX_ARMED)
		armed[nr_armed++] = (struct armed) { .at = at, .wakes = before };
}

static void arm_low(void)
{
	arm(f.meta->head + 1);
}

static void arm_high(void)
{
	arm(f.meta->head + 300);
}

/* A slow reader, who did not see that there is something already */
static void arm_past(void)
{
	arm(f.meta->tail + 1);
}

typedef void (*operation)(void);

static const operation operations[] = {
	write_small, write_large, write_lap, refuse, open_one, close_oldest,
	close_newest, arm_past, arm_low, arm_high,
};

#define NR_OPERATIONS	(sizeof(operations) / sizeof(*operations))

/* The rings they start from */

static void some_records(void)
{
	write_small();
	write_small();
}

/* Small ones, then one in the last place: the next has to make room */
static void full(void)
{
	while (f.meta->tail == f.meta->start_pos)
		write_bytes(2040);
	while (fixture_reserve(&f) + 48 <= f.meta->tail + SIZE)
		write_small();
}

static void full_with_open(void)
{
	full();
	open_one();
	open_one();
	write_small();
}

static void full_with_hold(void)
{
	full();
	hold = f.meta->tail + 2 * KRING_RECORD_BYTES(2040);
	f.ring.holds[0] = &hold;
	held = true;
}

/* Whoever needs room next revokes one hold, and keeps to the other's */
static void full_with_lagging_hold(void)
{
	static u64 slow;

	full_with_hold();
	slow = f.meta->tail;
	f.ring.holds[1] = &slow;
	f.ring.lag_limit = f.meta->head - f.meta->tail - KRING_RECORD_BYTES(2040);
	f.ring.room = SIZE * 3 / 4;
	f.ring.critical = 1 << KRING_LOAD_CRITICAL;
}

static void full_and_armed(void)
{
	full();
	arm_low();
}

static void open_and_armed(void)
{
	open_one();
	open_one();
	arm_high();
	arm_low();
}

/* No room, for all of it is being written */
static void busy(void)
{
	open_one();
	while (fixture_reserve(&f) + 4120 <= f.meta->tail + SIZE)
		write_bytes(4072);
	arm_high();
}

/* Nothing but late commits, so that stale marks are everywhere */
static void marked(void)
{
	int i;

	for (i = 0; i < 1000; i++) {
		open_one();
		open_one();
		close_newest();
		close_newest();
		nr_slots = 0;
	}
	open_one();
}

static struct {
	struct kring_ring ring;
	struct kring_meta meta;
	struct open_slot slots[MAX_OPEN];
	struct armed armed[MAX_ARMED];
	int nr_slots, nr_armed;
	u64 wakes, hold, counter;
	u8 data[SIZE];
	u64 marks[SIZE / KRING_RECORD_MIN];
} saved;

static void save(void)
{
	saved.ring = f.ring;
	saved.meta = *f.ring.meta;
	memcpy(saved.slots, slots, sizeof(slots));
	memcpy(saved.armed, armed, sizeof(armed));
	saved.nr_slots = nr_slots;
	saved.nr_armed = nr_armed;
	saved.wakes = wakes;
	saved.hold = hold;
	saved.counter = counter;
	memcpy(saved.data, f.ring.data, SIZE);
	memcpy(saved.marks, f.ring.marks, sizeof(saved.marks));
}

static void restore(void)
{
	f.ring = saved.ring;
	*f.ring.meta = saved.meta;
	memcpy(slots, saved.slots, sizeof(slots));
	memcpy(armed, saved.armed, sizeof(armed));
	nr_slots = saved.nr_slots;
	nr_armed = saved.nr_armed;
	wakes = saved.wakes;
	hold = saved.hold;
	counter = saved.counter;
	memcpy(f.ring.data, saved.data, SIZE);
	memcpy(f.ring.marks, saved.marks, sizeof(saved.marks));
}

/* All close their slots: then everything must be there, and all be awake */
static void finish(bool oldest_first)
{
	int i;

	walk_ring(&f);
	for (i = 0; i < nr_slots; i++)
		oldest_first ? close_oldest() : close_newest();
	walk_settled(&f);
	for (i = 0; i < nr_armed; i++)
		if (f.meta->head >= armed[i].at && wakes == armed[i].wakes)
			cr_assert_fail("lost wakeup: armed at %llu, head is %llu",
				       armed[i].at, f.meta->head);
	cr_assert_eq(f.meta->counters.wakeups, wakes);
}

/* Run with the stops set; true if the stop of the deepest level was reached */
static bool run(operation outer, const operation *inner, const int *at, int levels)
{
	int i;

	restore();
	for (i = 0; i < LEVELS; i++) {
		countdown[i] = i < levels ? at[i] : 0;
		between[i] = i < levels ? inner[i] : NULL;
		fired[i] = false;
	}
	outer();
	for (i = 0; i < LEVELS; i++)
		countdown[i] = 0;
	finish(at[0] % 2);
	return fired[levels - 1];
}

/* One in so many; the rest would not be done in a minute */
static bool leave_out(u64 n)
{
	static unsigned int seed = 1;

	return rand_r(&seed) % n;
}

static void explore(void (*scene)(void), u64 start)
{
	u64 scale = fixture_scale();
	size_t outer, first, second;
	operation inner[2];
	u64 runs[2] = { 0 };
	int at[2];

	fixture_init_at(&f, SIZE, start, ~0u - 100);
	scene();
	save();
	for (outer = 0; outer < NR_OPERATIONS; outer++)
		for (first = 0; first < NR_OPERATIONS; first++)
			for (at[0] = 1; at[0] < MAX_STEPS; at[0]++) {
				if (leave_out(scale / 16 + 1))
					continue;
				inner[0] = operations[first];
				if (!run(operations[outer], inner, at, 1))
					break;
				runs[0]++;
				for (second = 0; second < NR_OPERATIONS; second++)
					for (at[1] = 1; at[1] < MAX_STEPS; at[1]++) {
						if (leave_out(8 * scale))
							continue;
						inner[1] = operations[second];
						if (!run(operations[outer], inner, at, 2))
							break;
						runs[1]++;
					}
			}
	fprintf(stderr, "%llu and %llu runs\n", runs[0], runs[1]);
	/* There are thousands, if the hook is alive */
	cr_assert_gt(runs[0], 100 / scale);
	cr_assert_gt(runs[1], 100 / scale);
	fixture_free(&f);
}

#define SCENE(name)						\
Test(ring_steps, name)						\
{								\
	explore(name, 0);					\
}

/* Where the 32 bits of granules in a reserve word end, in the midst of all this */
#define SCENE_AT_THE_LIMIT(name, bytes_before)			\
Test(ring_steps, name##_at_the_limit)				\
{								\
	explore(name, (1ULL << 36) - (bytes_before));		\
}

SCENE(some_records)
SCENE(full)
SCENE(full_with_open)
SCENE(full_with_hold)
SCENE(full_with_lagging_hold)
SCENE(full_and_armed)
SCENE(open_and_armed)
SCENE(busy)
SCENE(marked)
SCENE_AT_THE_LIMIT(some_records, 160)
SCENE_AT_THE_LIMIT(full_with_open, SIZE + 2048)

/* Records of 64 bytes, so that wherever one was there is one, laps later */
static void write_laps(void)
{
	struct kring_slot slot;
	u64 i;

	for (i = 0; i < 2 * SIZE / 64; i++) {
		void *to = kring_ring_reserve(&f.ring, &slot, KRING_LOAD_CRITICAL, 40, 0);

		cr_assert(to);
		fixture_fill_load(to, 0, counter++, 0, 40);
		commit(&slot);
	}
}

/*
 * Who may use little of the ring wants more than a lap to be gone, and between its looks
 * at tail and at head there is more than a lap. Behind the data is a page that none may touch.
 */
Test(ring_steps, a_walk_ends_within_a_lap)
{
	u64 start;
	int at;

	/* Wherever tail is then; the first steps, as those of the walk repeat themselves */
	for (start = 0; start < SIZE; start += fixture_scale() * SLACK_MAX / 16)
		for (at = 1; at < 12; at++) {
			struct kring_slot slot;

			fixture_init_at(&f, SIZE, start, 0);
			f.ring.room = SIZE / 16;
			f.ring.critical = 1ULL << KRING_LOAD_CRITICAL;
			write_laps();
			fired[0] = false;
			countdown[0] = at;
			between[0] = write_laps;
			cr_assert_null(kring_ring_reserve(&f.ring, &slot, 1,
							  kring_max_payload(SIZE), 0));
			countdown[0] = 0;
			cr_assert(fired[0]);
			walk_settled(&f);
			fixture_free(&f);
		}
}
