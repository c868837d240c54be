// SPDX-License-Identifier: GPL-2.0
/*
 * Sleepers, and what readers cost.
 * cost wakeups		one that keeps up costs no wakeup per event, but one per watermark
 * cost ROUNDS		prints what an event costs its producer while nobody reads, while a sleeper
 *			keeps up, while a reader is busy: in turns, the medians
 */
#include "hold.h"

#define NAME	"cost"
#define MARK	(KRING_RING_SIZE_MIN / 8)
#define RECORD	96
#define BURST	(NS / 5)

static int control, fd;
static const struct kring_meta *meta;

static void on_cpu(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	must(!sched_setaffinity(0, sizeof(one), &one));
}

/* Sleeps until there is as much as the watermark, and takes all that is there */
static void sleeper(uint64_t *looks, const unsigned int *stop)
{
	struct kring_wake wake = { .size = sizeof(wake), .watermark = MARK };
	uint64_t position = load_acquire(&meta->head);
	struct kring_arm arm = { .size = sizeof(arm), .nr = 1, .positions = (uintptr_t)&position };
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	must(!ioctl(fd, KRING_IOC_WAKE, &wake));
	while (!load_acquire(stop)) {
		int ready = ioctl(fd, KRING_IOC_ARM, &arm);

		must(ready >= 0);
		__atomic_add_fetch(looks, 1, __ATOMIC_RELEASE);
		if (!ready && poll(&poll_fd, 1, 100) == 0)
			continue;
		position = load_acquire(&meta->head);
	}
	exit(0);
}

static void test_wakeups(void)
{
	uint64_t *looks = shared(sizeof(*looks)), events, wakeups;
	unsigned int *stop = shared(sizeof(*stop));
	pid_t child = child_start();

	if (!child)
		sleeper(looks, stop);
	wait_until(load_acquire(looks));
	load_on(control, NAME, 1, (struct kring_load){ .bytes = 64, .rate = 5000 });
	wait_until(load_relaxed(&meta->head) > 10000 * RECORD);
	load_stop(control, NAME);
	__atomic_store_n(stop, 1, __ATOMIC_RELEASE);
	child_end(child);
	wakeups = meta->counters.wakeups;
	events = KRING_RESERVE_SEQ(meta->reserve);
	printf("%llu events, %llu wakeups\n", (unsigned long long)events,
	       (unsigned long long)wakeups);
	/* Each comes behind so many bytes that the sleeper had not taken; and it did sleep */
	check(wakeups <= events * RECORD / MARK + 1 && wakeups > 5);
}

enum state { NOBODY, SLEEPER, BUSY, STATES };

/* ns per event of one producer on CPU 0, which runs flat out; the reader is on CPU 1 */
static uint64_t measure(enum state state, uint64_t *looks, unsigned int *stop)
{
	uint64_t events, from, time;
	pid_t child = -1;

	*looks = *stop = 0;
	if (state != NOBODY)
		child = child_start();
	if (!child) {
		on_cpu(1);
		if (state == SLEEPER)
			sleeper(looks, stop);
		struct reader reader;

		reader_start(&reader, fd, 0, NULL);
		reader.bursts = true;
		reader.pos = load_acquire(&meta->head);
		while (!load_acquire(stop)) {
			__atomic_store_n(looks, 1, __ATOMIC_RELEASE);
			observe(&reader);
		}
		exit(0);
	}
	if (state != NOBODY)
		wait_until(load_acquire(looks));
	load_on(control, NAME, 1, (struct kring_load){ .bytes = 64 });
	usleep(20000);
	events = KRING_RESERVE_SEQ(load_relaxed(&meta->reserve));
	from = now_ns();
	usleep(BURST / 1000);
	events = (uint32_t)(KRING_RESERVE_SEQ(load_relaxed(&meta->reserve)) - events);
	time = now_ns() - from;
	load_stop(control, NAME);
	__atomic_store_n(stop, 1, __ATOMIC_RELEASE);
	if (child > 0)
		child_end(child);
	certain(events, "no events");
	return time / events;
}

static int by_value(const void *one, const void *other)
{
	uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

	return a < b ? -1 : a > b;
}

static void measure_all(unsigned int rounds)
{
	static const char * const names[] = {
		"nobody reads", "a sleeper keeps up", "a busy reader",
	};
	uint64_t *costs[STATES], *looks = shared(sizeof(*looks));
	unsigned int *stop = shared(sizeof(*stop));

	for (int state = 0; state < STATES; state++)
		must((costs[state] = calloc(rounds, sizeof(uint64_t))));
	for (unsigned int i = 0; i < rounds; i++)
		for (int state = 0; state < STATES; state++)
			costs[state][i] = measure(state, looks, stop);
	for (int state = 0; state < STATES; state++) {
		qsort(costs[state], rounds, sizeof(uint64_t), by_value);
		printf("%-20s %5llu ns per event\n", names[state],
		       (unsigned long long)costs[state][rounds / 2]);
	}
}

int main(int argc, char **argv)
{
	must(argc == 2);
	/* The file counts as a reader, so the channel records in all states */
	control = channel_create(NAME, KRING_MODE_GLOBAL);
	fd = channel_open(NAME);
	meta = map_ring(fd, 0);
	if (!strcmp(argv[1], "wakeups"))
		test_wakeups();
	else
		measure_all(atoi(argv[1]));
	channel_remove(control, NAME);
	return !!failures;
}
