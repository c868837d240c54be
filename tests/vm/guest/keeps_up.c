// SPDX-License-Identifier: GPL-2.0
/* A sleeper that keeps up costs no wakeup per event, but one per watermark. */
#include "hold.h"

#define NAME	"keeps-up"
#define MARK	(KRING_RING_SIZE_MIN / 8)
#define RECORD	96

static int control, fd;
static const struct kring_meta *meta;

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

int main(void)
{
	/* The file counts as a reader, so the channel records in any case */
	control = channel_create(NAME, KRING_MODE_GLOBAL);
	fd = channel_open(NAME);
	meta = map_ring(fd, 0);
	test_wakeups();
	channel_remove(control, NAME);
	return !!failures;
}
