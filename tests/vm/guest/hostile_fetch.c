// SPDX-License-Identifier: GPL-2.0
/*
 * Arguments that change while the kernel reads them: another thread flips them between what is
 * allowed and what is not. What the kernel then does is one or the other, as a whole: every value
 * that can be seen afterwards is allowed, and no byte is written beyond what the caller may have
 * asked for.
 * hostile_fetch SECONDS
 */
#include <pthread.h>
#include <stdatomic.h>
#include "hostile.h"

#define AREA	8192		/* of an argument; sizes over a page are refused */
#define PATTERN	0xa7

static unsigned char *area;	/* the argument, then memory that is nobody's */
static struct {
	size_t size;		/* bytes that are flipped */
	unsigned char good[1024], evil[1024];
} image;
static _Atomic bool flipping, quit;
static _Atomic unsigned int round_nr;

static void *flip(void *unused)
{
	unsigned int seed = 1;

	(void)unused;
	while (!quit) {
		if (!flipping) {
			round_nr++;
			sched_yield();
			continue;
		}
		for (int i = 0; i < 64; i++) {
			size_t at = rand_r(&seed) % (image.size / 4) * 4;
			const unsigned char *from = rand_r(&seed) % 4 ? image.good : image.evil;

			*(volatile uint32_t *)(area + at) = *(const uint32_t *)(from + at);
		}
		round_nr++;
	}
	return NULL;
}

/* The request again and again under the other thread's hands; how often it was granted */
static unsigned long flip_call(int fd, unsigned long request, size_t size,
			       unsigned int milliseconds)
{
	uint64_t end = now_ns() + milliseconds * 1000000ULL;
	unsigned long granted = 0, calls = 0;

	memset(area, PATTERN, 2 * AREA);
	memcpy(area, image.good, size);
	image.size = size;
	flipping = true;
	/* Where the threads take turns, it may be the wrong one's for all of the time */
	for (; now_ns() < end || (!granted && now_ns() < end + 10 * NS); calls++) {
		granted += ioctl(fd, request, area) >= 0;
		if (!granted)
			sched_yield();
	}
	flipping = false;
	for (unsigned int from = round_nr; round_nr < from + 2;)
		sched_yield();
	for (size_t at = sysconf(_SC_PAGESIZE); at < 2 * AREA; at++)
		certain(area[at] == PATTERN, "request %lx: byte %zu was written", request, at);
	printf("request %lx: %lu of %lu granted\n", request, granted, calls);
	return granted;
}

#define flipped(fd, request, granted, good_, ...)				\
	do {									\
		__typeof__(good_) flipped_good = good_, flipped_evil = flipped_good; \
										\
		memset(&image, 0, sizeof(image));				\
		memcpy(image.good, &flipped_good, sizeof(flipped_good));	\
		{								\
			__typeof__(good_) *evil = &flipped_evil;		\
			__VA_ARGS__;						\
		}								\
		memcpy(image.evil, &flipped_evil, sizeof(flipped_evil));	\
		granted = flip_call(fd, request, sizeof(flipped_good), milliseconds); \
	} while (0)

static unsigned int milliseconds;

static void test_info(int fd)
{
	struct kring_info good = { .size = sizeof(good) };
	unsigned long granted;

	flipped(fd, KRING_IOC_INFO, granted, good, evil->size = AREA);
	check(granted);
	flipped(control, KRING_IOC_NEXT, granted, good, evil->size = AREA, evil->id = ~0ULL);
}

static void test_schema(int fd)
{
	uint32_t size = channel_info(fd).schema_size;
	unsigned char *room = shared(2 * page);
	struct kring_schema_get good = {
		.size = sizeof(good), .room = size, .data = (uintptr_t)room + page - size,
	};
	unsigned long granted;

	must(size < page);
	/* Right behind it is memory that the kernel must not get to; its own neither */
	must(!mprotect(room + page, page, PROT_NONE));
	flipped(fd, KRING_IOC_SCHEMA, granted, good, evil->room = 0,
		evil->data = 0xffff888000100000);
	check(granted && *(uint32_t *)(room + page - size) == size);
	must(!munmap(room, 2 * page));
}

/* Positions in the argument and behind its pointer */
static void test_positions(int fd)
{
	static uint64_t positions[2];
	struct kring_arm arm = { .size = sizeof(arm), .nr = 2, .positions = (uintptr_t)positions };
	struct kring_release release = {
		.size = sizeof(release), .nr = 2, .positions = (uintptr_t)positions,
	};
	struct kring_hold hold = {
		.req = { .size = sizeof(hold), .name = "flip" }, .nr = 2, .keep = NS,
		.positions = (uintptr_t)positions,
	};
	struct kring_drop drop = { .size = sizeof(drop) };
	struct kring_hold_info about;
	unsigned long granted;

	flipped(fd, KRING_IOC_ARM, granted, arm, evil->nr = 0x20000001,
		evil->positions = 0xffff888000100000);
	check(granted);
	flipped(fd, KRING_IOC_HOLD, granted, hold, evil->nr = 0x40000000,
		evil->positions = 0xffff888000100000, evil->keep = ~0ULL, evil->flags = ~0u,
		memset(evil->req.name, 'x', KRING_NAME_MAX));
	check(granted == 1, "%lu holds of one file", granted);
	about = hold_next(control, NAME, 0);
	check(about.id && about.keep <= NS && about.rings <= 2 &&
	      strnlen(about.hold, KRING_NAME_MAX) < KRING_NAME_MAX, "keep %llu",
	      (unsigned long long)about.keep);
	flipped(fd, KRING_IOC_RELEASE, granted, release, evil->nr = 0x20000001,
		evil->positions = 0xffff888000100000);
	check(granted);
	flipped(fd, KRING_IOC_DROP, granted, drop, evil->reserved0 = 1);
	check(granted == 1 && !channel_info(fd).holds);
}

static void test_wake(int fd)
{
	struct kring_wake good = { .size = sizeof(good), .watermark = 1, .latency = 1000 };
	unsigned long granted;

	flipped(fd, KRING_IOC_WAKE, granted, good, evil->watermark = ~0ULL,
		evil->latency = ~0ULL);
	check(granted);
}

static void test_control(int fd)
{
	struct kring_set set = {
		.req = { .size = sizeof(set), .name = NAME }, .options = 15, .holds_max = 8,
		.critical_share = 75, .lag_limit = info.ring_size, .keep_limit = NS,
	};
	struct kring_load load = {
		.req = { .size = sizeof(load), .name = NAME }, .command = KRING_LOAD_START,
		.bytes = 64, .rate = 1000,
	};
	struct kring_create create = {
		.req = { .size = sizeof(create), .name = "new" }, .source = KRING_LOAD_SOURCE,
		.mode = KRING_MODE_GLOBAL, .ring_size = KRING_RING_SIZE_MIN,
	};
	struct kring_remove remove = { .req = { .size = sizeof(remove), .name = "new" } };
	struct kring_info now = { .size = sizeof(now) };
	unsigned long granted;

	flipped(control, KRING_IOC_SET, granted, set, evil->holds_max = 9,
		evil->critical_share = 99, evil->lag_limit = ~0ULL, evil->keep_limit = ~0ULL,
		evil->options = ~0u, memset(evil->req.name, 'x', KRING_NAME_MAX));
	now = channel_info(fd);
	check(granted && now.holds_max <= 8 && now.critical_share <= 75 &&
	      now.lag_limit <= info.ring_size && now.keep_limit <= 24 * 3600 * NS);
	flipped(control, KRING_IOC_LOAD, granted, load, evil->bytes = 8, evil->rate = ~0ULL,
		evil->cpus = 0xffff888000100000, evil->cpus_size = ~0u);
	check(granted);
	load_stop(control, NAME);
	flipped(control, KRING_IOC_CREATE, granted, create, memcpy(evil->req.name, "../x", 4),
		memset(evil->source, 'l', KRING_NAME_MAX), evil->ring_size = 3, evil->mode = 7);
	check(granted);
	now = (struct kring_info){ .size = sizeof(now) };
	while (!ioctl(control, KRING_IOC_NEXT, &now)) {
		check(!strchr(now.name, '/') && strnlen(now.name, KRING_NAME_MAX) < KRING_NAME_MAX);
		check(now.ring_size >= KRING_RING_SIZE_MIN && now.mode &&
		      now.mode <= KRING_MODE_GLOBAL);
	}
	flipped(control, KRING_IOC_REMOVE, granted, remove, memset(evil->req.name, 'n', 32));
	/* Names with a mixture of both, which are allowed too */
	now = (struct kring_info){ .size = sizeof(now) };
	while (!ioctl(control, KRING_IOC_NEXT, &now))
		if (strcmp(now.name, NAME) && strcmp(now.name, "task"))
			channel_remove(control, now.name);
}

static void test_filter(void)
{
	struct kring_filter good = {
		.req = { .size = sizeof(good), .name = "task" }, .nr = 2,
		.conditions = { { .field = KRING_FILTER_PID, .number = 1 },
				{ .field = KRING_FILTER_COMM, .text = "a" } },
	};
	struct kring_filter get = good;
	unsigned long granted;

	flipped(control, KRING_IOC_FILTER, granted, good, evil->nr = 17,
		evil->conditions[0].field = 77, evil->conditions[0].number = ~0ULL,
		memset(evil->conditions[1].text, 'x', 16), evil->conditions[1].negated = 2);
	check(granted && !ioctl(control, KRING_IOC_FILTER_GET, &get) && get.nr <= 16);
	for (uint32_t i = 0; i < get.nr; i++)
		check(get.conditions[i].field && get.conditions[i].field <= KRING_FILTER_CGROUP &&
		      get.conditions[i].negated <= 1 && memchr(get.conditions[i].text, 0, 16) &&
		      get.conditions[i].number <= ~0u);
	flipped(control, KRING_IOC_FILTER_GET, granted, get, evil->req.size = AREA);
	check(granted);
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 1;
	pthread_t thread;
	int fd;

	milliseconds = seconds * 1000 / 12;
	hostile_begin();
	fd = hostile_open(O_RDWR);
	must(!channel_set(control, NAME, KRING_SET_KEEP_LIMIT, NS));
	area = shared(2 * AREA);
	must(!pthread_create(&thread, NULL, flip, NULL));
	test_info(fd);
	test_schema(fd);
	test_positions(fd);
	test_wake(fd);
	test_filter();
	hostile_unharmed();
	test_control(fd);
	quit = true;
	must(!pthread_join(thread, NULL) && !close(fd));
	must(!munmap(area, 2 * AREA) && !munmap((void *)witness, info.map_size));
	channel_remove(control, NAME);
	hostile_begin();
	hostile_end();
	return !!failures;
}
