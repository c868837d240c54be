// SPDX-License-Identifier: GPL-2.0
/*
 * Holders that write anything into their cursors, from every CPU, come, go and are killed at
 * random, while the load runs flat out. An honest holder and an observer on the same rings must
 * not notice.
 * hold_fuzz percpu|global SECONDS [SEED]
 */
#include <pthread.h>
#include "hold.h"

#define NAME		"fuzz"
#define SCRIBBLERS	2

static struct {
	unsigned int stop;
	uint64_t stores;		/* by scribblers */
	uint64_t holds;
	uint64_t honest;		/* events */
	uint64_t observed;
} *common;

static uint64_t random64(unsigned int *seed)
{
	return (uint64_t)rand_r(seed) << 62 ^ (uint64_t)rand_r(seed) << 31 ^ (uint64_t)rand_r(seed);
}

/* What a cursor must not be trusted with: near what matters, or far from all of it */
static uint64_t any_value(const struct kring_meta *meta, unsigned int *seed)
{
	uint64_t tail = load_relaxed(&meta->tail), head = load_relaxed(&meta->head);

	switch (rand_r(seed) % 9) {
	case 0: return random64(seed);
	case 1: return 0;
	case 2: return ~0ULL;
	case 3: return tail + rand_r(seed) % 64 - 32;
	case 4: return head + rand_r(seed) % 64 - 32;
	case 5: return tail + rand_r(seed) % meta->data_size;	/* in mid-record */
	case 6: return head + meta->data_size;
	case 7: return 1ULL << rand_r(seed) % 64;
	default: return head;
	}
}

static struct {
	uint32_t nr_rings;
	const struct kring_meta *metas[2];
	void *cursors;
	size_t size;
} mine;

static void *scribble(void *seed_of)
{
	unsigned int seed = (uintptr_t)seed_of;

	for (;;) {
		uint32_t ring = rand_r(&seed) % mine.nr_rings;
		uint64_t *cursor = cursor_at(mine.cursors, ring);
		uint64_t value = any_value(mine.metas[ring], &seed);

		switch (rand_r(&seed) % 16) {
		case 0:				/* torn: a byte after the other */
			for (int i = 0; i < 8; i++)
				((volatile unsigned char *)cursor)[i] = value >> 8 * i;
			break;
		case 1:				/* all of the page */
			for (size_t at = 0; at < mine.size; at += 8)
				*(volatile uint64_t *)((char *)mine.cursors + at) = value;
			break;
		default:
			__atomic_store_n(cursor, value, __ATOMIC_RELAXED);
		}
		__atomic_add_fetch(&common->stores, 1, __ATOMIC_RELAXED);
		/* So that the ring is not held all the time */
		if (rand_r(&seed) % 64 == 0) {
			for (uint32_t i = 0; i < mine.nr_rings; i++)
				*(volatile uint64_t *)cursor_at(mine.cursors, i) = ~0ULL;
			usleep(rand_r(&seed) % 500);
		}
	}
	return NULL;
}

static void on_cpu(pthread_t thread, int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	must(!pthread_setaffinity_np(thread, sizeof(one), &one));
}

/* Two threads store, one attaches and drops; until it is killed */
static void scribbler(unsigned int seed)
{
	int fd = channel_open(NAME);
	pthread_t threads[2];
	bool started = false;

	mine.nr_rings = channel_info(fd).nr_rings;
	mine.size = channel_info(fd).hold_size;
	for (uint32_t i = 0; i < mine.nr_rings; i++)
		mine.metas[i] = map_ring(fd, i);
	for (;;) {
		uint64_t positions[2];
		struct kring_arm arm = {
			.size = sizeof(arm), .nr = mine.nr_rings, .positions = (uintptr_t)positions,
		};
		void *at;

		for (uint32_t i = 0; i < mine.nr_rings; i++)
			positions[i] = rand_r(&seed) % 8 ? any_value(mine.metas[i], &seed) : 0;
		if (hold_named(fd, "", 0, rand_r(&seed) % 2, mine.nr_rings, positions) < 0) {
			must(errno == EINVAL || errno == EBUSY);
			continue;
		}
		__atomic_add_fetch(&common->holds, 1, __ATOMIC_RELAXED);
		/* In place of the page before, under the hands of the threads */
		at = mmap(mine.cursors, mine.size, PROT_READ | PROT_WRITE,
			  MAP_SHARED | (started ? MAP_FIXED : 0), fd, channel_info(fd).hold_offset);
		must(at != MAP_FAILED);
		mine.cursors = at;
		for (int i = 0; i < 2 && !started; i++) {
			must(!pthread_create(&threads[i], NULL, scribble,
					     (void *)(uintptr_t)rand_r(&seed)));
			on_cpu(threads[i], i);
		}
		started = true;
		usleep(rand_r(&seed) % 5000);
		for (uint32_t i = 0; i < mine.nr_rings; i++)
			positions[i] = any_value(mine.metas[i], &seed);
		must(!hold_release(fd, mine.nr_rings, positions));
		/* Where it claims to have read up to */
		for (uint32_t i = 0; i < mine.nr_rings; i++)
			positions[i] = any_value(mine.metas[i], &seed);
		must(ioctl(fd, KRING_IOC_ARM, &arm) >= 0 || errno == EINVAL);
		must(!hold_drop(fd));
	}
}

/* Reads all rings until the load has stopped; the sums must close then */
static void consume(bool holds, unsigned int *ready, uint64_t *events, unsigned int seed)
{
	int fd = channel_open(NAME);
	uint32_t nr_rings = channel_info(fd).nr_rings;
	uint64_t positions[2] = { KRING_HOLD_OLDEST, KRING_HOLD_OLDEST };
	struct reader readers[2];
	void *cursors = NULL;

	if (holds) {
		must(!hold(fd, nr_rings, positions));
		cursors = map_cursors(fd);
		must(cursors != MAP_FAILED);
	}
	for (uint32_t i = 0; i < nr_rings; i++)
		reader_start(&readers[i], fd, i, holds ? cursor_at(cursors, i) : NULL);
	__atomic_add_fetch(ready, 1, __ATOMIC_RELEASE);
	while (!load_acquire(&common->stop)) {
		for (uint32_t i = 0; i < nr_rings; i++) {
			if (holds)
				hold_read(&readers[i],
					  rand_r(&seed) % 4 ? 0 : rand_r(&seed) % 2000);
			else
				observe(&readers[i]);
		}
	}
	for (uint32_t i = 0; i < nr_rings; i++) {
		reader_end(&readers[i]);
		*events += readers[i].events;
		printf("%s, ring %u: %llu events, %llu lost\n", holds ? "holder" : "observer", i,
		       (unsigned long long)readers[i].events, (unsigned long long)readers[i].lost);
	}
	exit(!!failures);
}

int main(int argc, char **argv)
{
	unsigned int *ready = shared(sizeof(*ready)), kills = 0;
	unsigned int seed = argc > 3 ? atoi(argv[3]) : 1;
	pid_t honest, observer, scribblers[SCRIBBLERS] = { 0 };
	struct kring_counters *at;
	struct kring_info info;
	uint64_t end;
	int control, fd;

	must(argc >= 3);
	common = shared(sizeof(*common));
	control = channel_create(NAME, strcmp(argv[1], "global") ? KRING_MODE_PERCPU :
								    KRING_MODE_GLOBAL);
	fd = channel_open(NAME);
	honest = child_start();
	if (!honest)
		consume(true, ready, &common->honest, seed);
	observer = child_start();
	if (!observer)
		consume(false, ready, &common->observed, seed);
	wait_until(load_acquire(ready) == 2);
	load_on(control, NAME, 0, (struct kring_load){ .bytes = 64 });

	end = now_ns() + strtoull(argv[2], NULL, 10) * NS;
	while (now_ns() < end || kills < 10) {
		pid_t *one = &scribblers[rand_r(&seed) % SCRIBBLERS];

		if (*one) {
			child_kill(*one);
			kills++;
		}
		*one = child_start();
		if (!*one)
			scribbler(rand_r(&seed) + kills);
		usleep(rand_r(&seed) % 300000);
		certain(!waitpid(honest, NULL, WNOHANG) && !waitpid(observer, NULL, WNOHANG),
			"a reader gave up");
	}
	for (int i = 0; i < SCRIBBLERS; i++)
		if (scribblers[i])
			child_kill(scribblers[i]);
	wait_until(channel_info(fd).holds == 1);
	load_stop(control, NAME);
	__atomic_store_n(&common->stop, 1, __ATOMIC_RELEASE);
	child_end(honest);
	child_end(observer);

	info = channel_info(fd);
	at = &info.counters;
	for (uint32_t i = 0; i < info.nr_rings; i++)
		ring_closes(map_ring(fd, i));
	printf("%s: %u killed, %llu holds, %llu stores; %llu overwritten, %llu refused_held\n",
	       argv[1], kills, (unsigned long long)common->holds,
	       (unsigned long long)common->stores,
	       (unsigned long long)at->overwritten, (unsigned long long)at->refused_held);
	check(common->holds > kills && common->stores > 1000 && common->honest > 1000 &&
	      common->observed > 1000 && at->overwritten && at->refused_held, "hardly a test");
	close(fd);
	channel_remove(control, NAME);
	return !!failures;
}
