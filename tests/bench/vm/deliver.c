// SPDX-License-Identifier: GPL-2.0
/* From the kernel's producer to a program: throughput, without a loss. */
#include <x86intrin.h>
#include "bench.h"

#define RINGS	8
#define RECORDS	20000

/*
 * Records of which the fastest run counts: many rings of them, so that to empty one
 * that was full does not pass for what producer and reader can do together
 */
static uint64_t window_of(uint32_t bytes)
{
	uint64_t records = RINGS * kernel_ring_size() / KRING_RECORD_BYTES((uint64_t)bytes);

	return records > RECORDS ? records : RECORDS;
}

struct delivery {
	uint32_t ready, stop;
	uint64_t lost;
	double rate;			/* records a microsecond */
};

/* Takes all until it is told to stop and nothing is left */
static void consume(const char *channel, bool sleeps, int cpu, uint64_t window,
		    struct delivery *delivery)
{
	const uint32_t cpus[] = { 0 };
	struct ring *ring;
	const struct ring_record *records;
	struct ring_stats stats = { .size = sizeof(stats) };
	uint64_t since = 0, now, taken = 0;
	double rate;
	int n;

	tsc_ns();
	on_cpu(cpu);
	ring = reader_open(channel, (struct ring_opts){
		.flags = RING_HOLD, .cpus = cpus, .nr_cpus = 1,
	});
	__atomic_store_n(&delivery->ready, 1, __ATOMIC_RELEASE);
	for (;;) {
		bool stop = load_acquire(&delivery->stop);

		n = ring_peek(ring, &records, 256);
		must(n >= 0);
		if (n) {
			must(!ring_advance(ring, n));
			now = __rdtsc();	/* the clock is a system call in user-mode Linux */
			taken += n;
			if (since && taken < window)
				continue;
			rate = 1000 * taken / ((now - since) * tsc_ns());
			if (since && rate > delivery->rate)
				delivery->rate = rate;
			since = now;
			taken = 0;
			continue;
		}
		if (since && stop)
			break;
		if (sleeps)
			must(ring_wait(ring, stop ? 0 : 100000000) >= 0);
	}
	must(!ring_stats(ring, &stats));
	delivery->lost = stats.overwritten;
	ring_close(ring);
	exit(0);
}

struct answer deliver(const char *channel, const char *what, uint32_t bytes)
{
	bool sleeps = strstr(what, "-sleep"), one_cpu = strstr(what, "-one-cpu");
	struct delivery *delivery = shared(sizeof(*delivery));
	char who[48];
	struct batch batch = {
		.who = who, .bytes = bytes, .msecs = quick ? 50 : 200, .retry = true,
	};
	struct answer answer;
	pid_t child = child_start();

	if (!child)
		consume(channel, sleeps || one_cpu, one_cpu ? 0 : cpu_last(), window_of(bytes),
			delivery);
	wait_until(load_acquire(&delivery->ready));
	snprintf(who, sizeof(who), "kring%s", channel + strlen("bench"));
	kernel_run(batch);
	__atomic_store_n(&delivery->stop, 1, __ATOMIC_RELEASE);
	child_end(child);
	answer = (struct answer){ .value = delivery->rate, .unit = "M/s" };
	if (delivery->lost)
		answer = NONE("records were lost");
	else if (!delivery->rate)
		answer = NONE("too few records");
	munmap(delivery, sizeof(*delivery));
	return answer;
}
