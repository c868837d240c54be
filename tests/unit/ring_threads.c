// SPDX-License-Identifier: GPL-2.0
/*
 * Producers in several threads, each interrupted by signals that write to the
 * same ring in the middle of a record, and readers who check every byte, every
 * number and every time. Unlike in the kernel, producers lose their CPU between
 * reserve and commit: the ring then fills behind them, and refuses.
 */
#include <stdint.h>
static void jitter(void);
#define PORT_STEP()	jitter()
#include "../../kernel/ring.c"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>
#include <urcu/urcu-memb.h>
#include "fixture.h"

#define PRODUCERS_MAX	3
#define LEVELS	3		/* the thread, SIGUSR1 in it, SIGUSR2 in that */
#define STREAMS	(PRODUCERS_MAX * LEVELS)
#define READERS_MAX	3
#define BYTES_MAX	256

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id	_sigev_un._tid
#endif

static struct fixture f;

static struct storm {
	u64 size;
	u32 producers;
	u32 nest;		/* levels of signals */
	u32 observers;
	bool slow;		/* the last observer sleeps now and then */
	bool jitter;		/* stop at random before shared accesses */
	bool attach;		/* holders come and go */
	bool local;		/* one producer, and its clock is nobody else's */
	u64 events;		/* of each producer's thread; signals add theirs */
} storm;

struct stream {
	u64 counter;
	u64 refused;
};

static struct stream streams[PRODUCERS_MAX][LEVELS];
static u32 running;
static __thread u32 my_producer;
static __thread volatile u32 dice;

static u32 roll(void)
{
	u32 x = dice ? dice : (u32)(uintptr_t)&dice | 1;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	dice = x;
	return x >> 4;
}

static void jitter(void)
{
	u32 n;

	if (!storm.jitter)
		return;
	n = roll() % 4096;
	if (n == 0)
		sched_yield();
	else if (n < 64)
		while (n--)
			__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static void produce(u32 level)
{
	struct stream *stream = &streams[my_producer][level];
	u64 counter = stream->counter++;
	u32 bytes = 24 + roll() % ((BYTES_MAX - 24) / 8) * 8;
	struct kring_slot slot;
	void *to;

	if (storm.attach)
		urcu_memb_read_lock();
	to = kring_ring_reserve(&f.ring, &slot, KRING_LOAD_TYPE, bytes, my_producer);
	if (to) {
		if (level < storm.nest && roll() % 32 == 0)
			raise(level ? SIGUSR2 : SIGUSR1);
		fixture_fill_load(to, my_producer * LEVELS + level, counter, level,
				  bytes);
		if (level < storm.nest && roll() % 32 == 0)
			raise(level ? SIGUSR2 : SIGUSR1);
		kring_ring_commit(&slot, roll() % 256 == 0);
	} else {
		stream->refused++;
	}
	if (storm.attach)
		urcu_memb_read_unlock();
}

static void on_signal(int signal)
{
	static __thread volatile bool inside[LEVELS];
	u32 level = signal == SIGUSR1 ? 1 : 2;
	u32 n = roll() % 3;

	/* The thread sanitizer delivers signals that are blocked */
	if (inside[level])
		return;
	inside[level] = true;
	do
		produce(level);
	while (n--);
	inside[level] = false;
}

static void *producer(void *arg)
{
	/* Less often where all takes longer: it must not be all that is done */
	long ns = 70000 * fixture_scale();
	struct itimerspec every = { .it_interval.tv_nsec = ns, .it_value.tv_nsec = ns };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID,
				  .sigev_signo = SIGUSR1 };
	timer_t timer;
	u64 n;

	my_producer = (uintptr_t)arg;
	urcu_memb_register_thread();
	if (storm.nest) {
		event.sigev_notify_thread_id = gettid();
		if (timer_create(CLOCK_MONOTONIC, &event, &timer) ||
		    timer_settime(timer, 0, &every, NULL))
			cr_assert_fail("no timer");
	}
	for (n = 0; n < storm.events; n++)
		produce(0);
	if (storm.nest)
		timer_delete(timer);
	urcu_memb_unregister_thread();
	__atomic_sub_fetch(&running, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* A reader's side */

struct reader {
	u32 nr;
	u32 expected;		/* sequence number */
	u64 delivered;
	u64 lost;
	u64 torn;		/* thrown away in time */
	u64 next[STREAMS];	/* counter that each stream has reached */
	u64 latest, floor;	/* times: of all, and of all before a mark */
	u64 t0, t0_pos;		/* nothing from there on has an earlier time */
};

static void reader_takes(struct reader *r, const struct kring_record *record, u64 pos)
{
	const struct kring_load_event *event = (const void *)(record + 1);

	if (record->seq - r->expected > 1u << 30)
		cr_assert_fail("number %u at %llu, expected %u", record->seq, pos,
			       r->expected);
	r->lost += record->seq - r->expected;
	r->expected = record->seq + 1;
	r->delivered++;
	if (record->flags & KRING_RECORD_ORDERED)
		r->floor = r->latest;
	if (record->time < r->floor)
		cr_assert_fail("time %llu at %llu, but %llu came before a mark",
			       record->time, pos, r->floor);
	if (record->time > r->latest)
		r->latest = record->time;
	if (!storm.local && pos >= r->t0_pos && record->time < r->t0)
		cr_assert_fail("time %llu at %llu, but %llu was before it was reserved",
			       record->time, pos, r->t0);
	if (record->flags & KRING_RECORD_DISCARDED)
		return;
	if (record->type != KRING_LOAD_TYPE || !fixture_check_load(event, record->size))
		cr_assert_fail("torn record at %llu, %u bytes", pos, record->size);
	if (event->producer >= STREAMS || event->counter < r->next[event->producer])
		cr_assert_fail("stream %u: %llu after %llu", event->producer,
			       event->counter, r->next[event->producer] - 1);
	r->next[event->producer] = event->counter + 1;
}

/* At the end: what was refused behind the last record */
static void reader_ends(struct reader *r)
{
	r->lost += fixture_seq(&f) - r->expected;
	r->expected = fixture_seq(&f);
}

/* Each pair is read in the order in which it can be compared */
static void check_positions(struct reader *r)
{
	u64 tail = READ_ONCE(f.meta->tail), t0 = kring_clock(KRING_CLOCK_MONOTONIC), head, reserve;
	u32 granule;

	smp_rmb();
	head = READ_ONCE(f.meta->head);
	/* G */
	smp_mb();
	granule = KRING_RESERVE_GRANULE(READ_ONCE(f.meta->reserve));
	reserve = head + (s64)(s32)(granule - (u32)(head / KRING_GRANULE)) *
		  KRING_GRANULE;
	if (tail > head || head > reserve)
		cr_assert_fail("tail %llu, head %llu, reserve %llu", tail, head, reserve);
	smp_rmb();
	tail = READ_ONCE(f.meta->tail);
	if (reserve > tail + f.ring.size)
		cr_assert_fail("reserve %llu, tail %llu", reserve, tail);
	r->t0 = t0;
	r->t0_pos = reserve;
}

/*
 * Producers may be writing there: the sanitizer must not see it, nor the
 * compiler read twice.
 */
__attribute__((no_sanitize("thread"), __noinline__))
static void copy(void *to, const void *from, u64 bytes)
{
	volatile u64 *t = to;
	const volatile u64 *s = from;

	for (; bytes; bytes -= 8)
		*t++ = *s++;
}

static u64 buffer[READERS_MAX][(BYTES_MAX + 32) / 8];

static void *observer(void *arg)
{
	struct reader *r = arg;
	struct kring_record *record = (void *)buffer[r->nr];
	u64 pos = 0, n = 0;
	bool over;

	do {
		u64 head;

		over = !__atomic_load_n(&running, __ATOMIC_ACQUIRE);
		check_positions(r);
		/* A */
		head = smp_load_acquire(&f.meta->head);
		if (pos >= head)
			sched_yield();
		while (pos < head) {
			const void *from = fixture_record(&f, pos);
			u64 bytes;

			copy(record, from, sizeof(*record));
			bytes = KRING_RECORD_BYTES((u64)record->size);
			if (bytes <= head - pos && bytes <= sizeof(buffer[0]))
				copy(record + 1, (const struct kring_record *)from + 1,
				     bytes - sizeof(*record));
			/* C */
			smp_rmb();
			if (READ_ONCE(f.meta->tail) > pos) {
				r->torn++;
				pos = READ_ONCE(f.meta->tail);
				continue;
			}
			if (bytes > head - pos || bytes > sizeof(buffer[0]))
				cr_assert_fail("%llu bytes at %llu", bytes, pos);
			reader_takes(r, record, pos);
			pos += bytes;
			if (storm.slow && r->nr == storm.observers - 1 &&
			    ++n % 4096 == 0)
				usleep(2000);
		}
	} while (!over);
	reader_ends(r);
	return NULL;
}

static u64 cursor;

/* Reads in place; what is behind its cursor it has let go of */
static u64 hold_and_read(struct reader *r, u64 pos, u64 most)
{
	u64 n = 0;
	bool over;

	do {
		u64 head;

		over = !__atomic_load_n(&running, __ATOMIC_ACQUIRE);
		/* A */
		head = smp_load_acquire(&f.meta->head);
		if (pos >= head)
			sched_yield();
		while (pos < head && n < most) {
			const struct kring_record *record = fixture_record(&f, pos);

			reader_takes(r, record, pos);
			pos += KRING_RECORD_BYTES((u64)record->size);
			if (++n % 8)
				continue;
			if (READ_ONCE(f.meta->tail) > cursor)
				cr_assert_fail("tail %llu is past the hold at %llu",
					       f.meta->tail, cursor);
			/* D */
			smp_store_release(&cursor, pos);
		}
	} while (!over && n < most);
	return pos;
}

static void *holder(void *arg)
{
	struct reader *r = arg;

	hold_and_read(r, 0, ~0ULL);
	reader_ends(r);
	return NULL;
}

/* The number of the record at pos, or of the next event if that comes to lie there */
static u32 number_at(u64 pos)
{
	for (;;) {
		/* In one word, as a producer may take the place meanwhile */
		u64 word = READ_ONCE(f.meta->reserve);

		if (smp_load_acquire(&f.meta->head) > pos)
			return fixture_record(&f, pos)->seq;
		if (KRING_RESERVE_GRANULE(word) == (u32)(pos / KRING_GRANULE))
			return KRING_RESERVE_SEQ(word);
		sched_yield();
	}
}

/* Attach, read on from tail, detach, and again */
static void *holders(void *arg)
{
	struct reader *r = arg;
	u64 overwritten, pos;

	urcu_memb_register_thread();
	while (__atomic_load_n(&running, __ATOMIC_ACQUIRE)) {
		smp_store_release(&cursor, 0);
		/* E */
		WRITE_ONCE(f.ring.holds[0], &cursor);
		urcu_memb_synchronize_rcu();
		pos = READ_ONCE(f.meta->tail);
		overwritten = READ_ONCE(f.meta->counters.overwritten);
		usleep(roll() % 256);
		if (READ_ONCE(f.meta->tail) != pos ||
		    READ_ONCE(f.meta->counters.overwritten) != overwritten)
			cr_assert_fail("tail moved from %llu to %llu under a hold",
				       pos, f.meta->tail);
		smp_store_release(&cursor, pos);
		/* It may have been here before: it starts anew */
		*r = (struct reader) {
			.nr = r->nr, .delivered = r->delivered, .expected = number_at(pos),
		};
		hold_and_read(r, pos, 1000 + roll() % 5000);
		/* D: the last read, then gone */
		smp_mb();
		WRITE_ONCE(f.ring.holds[0], NULL);
		urcu_memb_synchronize_rcu();
	}
	urcu_memb_unregister_thread();
	return NULL;
}

static void check_sums(struct reader *readers, u32 nr_readers)
{
	const struct kring_counters *c = &f.meta->counters;
	u64 refused = c->refused_busy + c->refused_held + c->refused_critical + c->refused_size;
	u64 reported = 0, said = 0, left = 0, pos;
	u32 i, level;

	for (i = 0; i < storm.producers; i++)
		for (level = 0; level < LEVELS; level++) {
			reported += streams[i][level].counter;
			said += streams[i][level].refused;
		}
	for (pos = f.meta->tail; pos < f.meta->head; left++)
		pos += KRING_RECORD_BYTES((u64)fixture_record(&f, pos)->size);
	cr_assert_eq(fixture_reserve(&f), f.meta->head);
	cr_assert_eq((u32)reported, fixture_seq(&f));
	cr_assert_eq(refused, said);
	cr_assert_eq(c->overwritten + left + refused, reported);
	cr_assert(!storm.nest || reported > storm.producers * storm.events,
		  "no signal came");
	fprintf(stderr, "%llu reported, %llu busy, %llu held, %llu overwritten\n",
		reported, c->refused_busy, c->refused_held, c->overwritten);
	for (i = 0; i < nr_readers; i++) {
		struct reader *r = &readers[i];

		fprintf(stderr, "reader %u: %llu delivered, %llu lost, %llu torn\n",
			i, r->delivered, r->lost, r->torn);
		cr_assert_gt(r->delivered, 0);
		if (!storm.attach)
			cr_assert_eq(r->delivered + r->lost, reported);
	}
}

static void blow(struct storm s, void *(*last)(void *))
{
	static struct reader readers[READERS_MAX + 1];
	pthread_t producers[PRODUCERS_MAX], threads[READERS_MAX + 1];
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	u32 nr_readers = s.observers + !!last;
	u32 i;

	storm = s;
	storm.events = fixture_scaled(s.events);
	running = s.producers;
	fixture_init(&f, s.size);
	if (s.producers == 1)
		fixture_set_mode(&f.ring, KRING_MODE_PERCPU,
				 s.local ? KRING_CLOCK_LOCAL : f.ring.clock);
	if (last == holder)
		f.ring.holds[2] = &cursor;
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	for (i = 0; i < nr_readers; i++) {
		readers[i].nr = i;
		pthread_create(&threads[i], NULL, i < s.observers ? observer : last,
			       &readers[i]);
	}
	for (i = 0; i < s.producers; i++)
		pthread_create(&producers[i], NULL, producer, (void *)(uintptr_t)i);
	for (i = 0; i < s.producers; i++)
		pthread_join(producers[i], NULL);
	for (i = 0; i < nr_readers; i++)
		pthread_join(threads[i], NULL);
	check_sums(readers, nr_readers);
	/* A hold loses what was refused, and nothing else */
	if (last == holder)
		cr_assert_eq(readers[s.observers].lost,
			     f.meta->counters.refused_busy +
			     f.meta->counters.refused_held);
	fixture_free(&f);
}

#define SMALL	(64u << 10)
#define LARGE	(1u << 20)

Test(ring_threads, one_producer)
{
	blow((struct storm) { SMALL, 1, 0, 1, .events = 1000000 }, NULL);
}

Test(ring_threads, one_producer_nesting)
{
	blow((struct storm) { SMALL, 1, 2, 2, .slow = true, .events = 500000 }, NULL);
}

Test(ring_threads, one_producer_local)
{
	blow((struct storm) { SMALL, 1, 2, 2, .local = true, .events = 500000 }, NULL);
}

Test(ring_threads, two_producers)
{
	blow((struct storm) { SMALL, 2, 0, 2, .slow = true, .events = 500000 }, NULL);
}

Test(ring_threads, three_producers_nesting)
{
	blow((struct storm) { SMALL, 3, 2, 2, .slow = true, .events = 200000 }, NULL);
}

Test(ring_threads, jitter)
{
	blow((struct storm) { SMALL, 3, 2, 2, .slow = true, .jitter = true, .events = 100000 },
	     NULL);
}

Test(ring_threads, large_ring)
{
	blow((struct storm) { LARGE, 3, 2, 2, .slow = true, .jitter = true, .events = 100000 },
	     NULL);
}

Test(ring_threads, holder)
{
	blow((struct storm) { SMALL, 2, 2, 1, .events = 300000 }, holder);
}

Test(ring_threads, holder_jitter)
{
	blow((struct storm) { SMALL, 3, 2, 1, .slow = true, .jitter = true, .events = 100000 },
	     holder);
}

Test(ring_threads, holders_come_and_go)
{
	blow((struct storm) { SMALL, 2, 2, 1, .attach = true, .events = 300000 },
	     holders);
}

Test(ring_threads, holders_come_and_go_jitter)
{
	blow((struct storm) { SMALL, 3, 1, 0, .attach = true, .jitter = true, .events = 100000 },
	     holders);
}
