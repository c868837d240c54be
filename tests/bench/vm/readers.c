// SPDX-License-Identifier: GPL-2.0
/* Readers beside a producer: processes on the last CPU, as producers begin with the first. */
#include "bench.h"

#define READERS_MAX	16

struct readers {
	pid_t pids[READERS_MAX];
	uint32_t n;
	uint32_t ready;			/* processes count themselves here */
};

void on_cpu(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	must(!sched_setaffinity(0, sizeof(one), &one));
}

int cpu_last(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN) - 1;
}

struct ring *reader_open(const char *channel, struct ring_opts opts)
{
	char message[128] = "";
	struct ring *ring;
	int ret;

	opts.size = sizeof(opts);
	opts.order = RING_ORDER_BEST;
	opts.message = message;
	opts.message_size = sizeof(message);
	ret = ring_open(&ring, channel, &opts);
	certain(!ret, "%s: %s: %s", channel, strerror(-ret), message);
	return ring;
}

/* Up to so many records; whether there was one */
static bool take(struct ring *ring, int max)
{
	const struct ring_record *records;
	int n = ring_peek(ring, &records, max);

	must(n >= 0);
	must(!n || !ring_advance(ring, n));
	return n;
}

static void reader(const char *channel, enum reading how, uint32_t *ready)
{
	struct ring *ring;

	on_cpu(cpu_last());
	ring = reader_open(channel, (struct ring_opts){});
	take(ring, 1);
	__atomic_add_fetch(ready, 1, __ATOMIC_RELEASE);
	for (;;) {
		switch (how) {
		case AT_REST:
			pause();
			break;
		case AT_THEIR_PACE:
			take(ring, 1000);
			usleep(1000);
			break;
		case AWAKE:
			if (!take(ring, 1000))
				must(ring_wait(ring, -1) >= 0);
			break;
		case BUSY:
			take(ring, 1000);
			break;
		}
	}
}

struct readers *readers_start(const char *channel, enum reading how, uint32_t n)
{
	struct readers *readers = shared(sizeof(*readers));
	uint32_t i;

	must(n <= READERS_MAX);
	readers->n = n;
	for (i = 0; i < n; i++) {
		pid_t child = child_start();

		if (!child)
			reader(channel, how, &readers->ready);
		readers->pids[i] = child;	/* shared: not the child's 0 */
	}
	wait_until(load_acquire(&readers->ready) == n);
	return readers;
}

void readers_stop(struct readers *readers)
{
	uint32_t i;

	for (i = 0; i < readers->n; i++)
		child_kill(readers->pids[i]);
	munmap(readers, sizeof(*readers));
}
