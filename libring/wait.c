// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sleeping until there is something, and being woken. */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include "internal.h"
#include "order.h"

#define NAP	100000	/* ns: a producer will have finished by then */

/* 1 if there is something behind the positions, 0 if the file will tell */
static int arm(struct ring *ring)
{
	struct kring_arm arm = {
		.size = sizeof(arm),
		.nr = ring->known,
		.positions = (uintptr_t)ring->positions,
	};
	uint32_t i;
	int ret;

	for (i = 0; i < ring->nr; i++) {
		const struct ring_reader *r = &ring->readers[i];

		ring->positions[r->index] = r->done ? ~0ULL : r->at.pos;
	}
	if (ring->fd < 0)
		return 0;
	ret = ioctl(ring->fd, KRING_IOC_ARM, &arm);
	return ret < 0 ? -errno : ret;
}

/* -ECANCELED if ring_wake() was called since the last time */
static int take_wake(struct ring *ring)
{
	if (!ring_load(&ring->woken))	/* I: behind the eventfd */
		return 0;
	ring_store(&ring->woken, 0);
	return -ECANCELED;
}

/*
 * Sleep until the channel's file (unless skipped) or ring_wake() has news, at
 * most so many ns (INT64_MAX: without end). 0 or an error. The flag tells of
 * ring_wake(), the eventfd only ends the sleep: it may be written to when the
 * flag has been taken already.
 */
static int sleep_ns(struct ring *ring, bool skip_file, int64_t ns)
{
	struct pollfd fds[] = {
		{ .fd = ring->event_fd, .events = POLLIN },
		{ .fd = skip_file ? -1 : ring->fd, .events = POLLIN },
	};
	struct timespec ts = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
	eventfd_t count;
	int ret;

	ret = ppoll(fds, 2, ns == INT64_MAX ? NULL : &ts, NULL);
	if (ret < 0)
		return -errno;
	if (fds[0].revents)
		eventfd_read(ring->event_fd, &count);	/* I: then the flag */
	if (fds[1].revents & ~POLLIN)
		ring->gone = true;
	return take_wake(ring);
}

/* Until then, or until a ring or ring_wake() has something; no system call */
static void look_busily(const struct ring *ring, uint64_t until)
{
	uint32_t i;

	while (ring_now() < until && !ring_load(&ring->woken)) {
		for (i = 0; i < ring->nr; i++) {
			const struct ring_reader *r = &ring->readers[i];

			/* A hint: ring_look() orders what follows */
			if (!r->done && ring_load(&r->meta->head) > r->at.pos)
				return;
		}
		if (ring_load_32(&ring->readers[0].meta->nr_rings) > ring->known)
			return;
		caa_cpu_relax();
	}
}

int ring_wait(struct ring *ring, int64_t timeout)
{
	uint64_t start = timeout < 0 && !ring->busy ? 0 : ring_now();
	uint64_t busy = start + ring->busy;
	int64_t left = timeout;
	bool expired = false;
	int ret;

	if (busy < start)
		busy = RING_NEVER;
	if (timeout >= 0 && busy - start > (uint64_t)timeout)
		busy = start + timeout;
	for (;;) {
		int64_t nap;
		bool ready;

		ret = take_wake(ring);
		if (!ret)
			ret = ring_look(ring);
		if (ret || expired)
			return ret;
		if (ring->busy && ring_now() < busy) {
			look_busily(ring, busy);
			continue;
		}
		/* What is in hand waits for a producer, not for the file */
		ready = ring->held || ring->gone;
		nap = ready ? NAP : INT64_MAX;
		if (!ready) {
			ret = arm(ring);
			if (ret < 0)
				return ret;
			if (ret)
				nap = 0;
		}
		if (timeout >= 0 && left < nap)
			nap = left;
		ret = sleep_ns(ring, ready, nap);
		if (ret)
			return ret;
		if (timeout >= 0) {
			left = timeout - (int64_t)(ring_now() - start);
			expired = left <= 0;
		}
	}
}

int ring_wake(struct ring *ring)
{
	int saved = errno, err = 0;

	ring_store(&ring->woken, 1);
	cmm_smp_mb();		/* I: the flag, then the eventfd; pairs with sleep_ns() */
	/* EAGAIN: it is readable already */
	if (eventfd_write(ring->event_fd, 1) < 0 && errno != EAGAIN)
		err = -errno;
	errno = saved;		/* of whom this signal handler interrupts */
	return err;
}

int ring_fd(const struct ring *ring)
{
	return ring->epoll_fd;
}

int ring_arm(struct ring *ring)
{
	int ret, ready;

	ready = arm(ring);
	if (ready < 0)
		return ready;
	/* With a signal pending, ppoll() says so even when it is not to sleep */
	do {
		ret = sleep_ns(ring, false, 0);
	} while (ret == -EINTR);
	if (ret)
		return ret;
	if (!ring->held)
		return ready || ring->gone;
	sched_yield();		/* to the producer that records in hand wait for */
	return 1;
}
