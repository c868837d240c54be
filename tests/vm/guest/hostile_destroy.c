// SPDX-License-Identifier: GPL-2.0
/*
 * Channels that go under full load, with everything pending that can be: sleepers to be woken,
 * timers, kept holds about to expire, holders to be freed after a grace period. Files, mappings
 * and the channel go in every order.
 * hostile_destroy SECONDS [SEED]
 */
#include <sys/epoll.h>
#include "hostile.h"

#define FILES	3

/* A reader with all that it may have, about to be woken, timed out and expired */
struct victim {
	int fd;
	void *ring, *cursors;
};

static void victim_begin(struct victim *victim, int epoll, unsigned int *seed, int number)
{
	uint64_t positions[2] = { KRING_HOLD_NEWEST, KRING_HOLD_NEWEST };
	struct kring_wake wake = {
		.size = sizeof(wake), .watermark = 1 + rand_r(seed) % 8192,
		.latency = 1 + rand_r(seed) % 50000000,	/* runs on when the file is ready */
	};
	struct kring_arm arm = { .size = sizeof(arm), .positions = (uintptr_t)positions };
	struct epoll_event event = { .events = EPOLLIN | (rand_r(seed) % 2 ? EPOLLET : 0) };
	struct kring_info of;
	char name[8];

	victim->fd = hostile_open(O_RDWR);
	of = channel_info(victim->fd);
	victim->ring = (void *)map_ring(victim->fd, 0);
	snprintf(name, sizeof(name), "v%d", number);
	if (rand_r(seed) % 4)
		must(hold_named(victim->fd, name, rand_r(seed) % 2 * (1 + rand_r(seed) % NS),
				0, of.nr_rings, positions) >= 0);
	victim->cursors = map_cursors(victim->fd);	/* may fail: there is no hold */
	must(!epoll_ctl(epoll, EPOLL_CTL_ADD, victim->fd, &event));
	must(!ioctl(victim->fd, KRING_IOC_WAKE, &wake));
	for (uint32_t i = 0; i < of.nr_rings; i++)
		positions[i] = ((struct kring_meta *)victim->ring)->head;
	if (of.nr_rings > 1)
		positions[1] = ~0ULL;
	arm.nr = of.nr_rings;
	must(ioctl(victim->fd, KRING_IOC_ARM, &arm) >= 0);
}

/* Threads of the load sleep while nobody reads: until they are at it */
static void under_load(void)
{
	int fd = hostile_open(O_RDONLY);
	const struct kring_meta *meta = map_ring(fd, 0);

	load_on(control, NAME, 0, (struct kring_load){ .bytes = 64 });
	wait_until(load_acquire(&meta->tail));
	must(!close(fd) && !munmap((void *)meta, info.map_size));
}

static void victim_step(struct victim *victim, int step)
{
	switch (step) {
	case 0:
		must(!close(victim->fd));
		break;
	case 1:
		must(!munmap(victim->ring, info.map_size));
		break;
	default:
		if (victim->cursors != MAP_FAILED)
			must(!munmap(victim->cursors, info.hold_size));
	}
}

int main(int argc, char **argv)
{
	uint64_t end = now_ns() + (argc > 1 ? strtoull(argv[1], NULL, 10) : 1) * NS;
	unsigned int seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	unsigned long rounds = 0;

	printf("seed %u\n", seed);
	hostile_begin();
	hostile_end();
	for (; now_ns() < end || rounds < 30; rounds++) {
		int epoll = epoll_create1(EPOLL_CLOEXEC), left = 3 * FILES + 1;
		bool done[3 * FILES + 1] = { false };
		struct victim victims[FILES];

		control = channel_create(NAME, 1 + rounds % 2);
		must(epoll >= 0 && !channel_set(control, NAME, KRING_SET_KEEP_LIMIT, NS));
		under_load();
		for (int i = 0; i < FILES; i++)
			victim_begin(&victims[i], epoll, &seed, i);
		usleep(rand_r(&seed) % 3000);
		while (left) {
			int next = rand_r(&seed) % (3 * FILES + 1);

			if (done[next])
				continue;
			done[next] = true;
			left--;
			if (next == 3 * FILES)
				channel_remove(control, NAME);
			else
				victim_step(&victims[next / 3], next % 3);
		}
		must(!close(control) && !close(epoll));
	}
	printf("%lu rounds\n", rounds);
	return !!failures;
}
