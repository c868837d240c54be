// SPDX-License-Identifier: GPL-2.0
/* Waiting without a file: timeouts, ring_wake(), signals */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>
#include "libring_tap.h"

#define MS	1000000LL

static struct tap tap;

static void begin(void)
{
	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap);
}

Test(libring_wait, a_timeout_lasts_as_long_as_it_says)
{
	u64 start, took;

	begin();
	start = ring_now();
	cr_assert_eq(ring_wait(tap.ring, 30 * MS), 0);
	took = ring_now() - start;
	cr_assert_geq(took, 30 * MS);
	cr_assert_lt(took, 10000 * MS);
	tap_free(&tap);
}

Test(libring_wait, no_timeout_only_looks)
{
	u64 start;

	begin();
	start = ring_now();
	cr_assert_eq(ring_wait(tap.ring, 0), 0);
	tap_put(&tap, 1, 1);
	cr_assert_eq(ring_wait(tap.ring, 0), 1);
	cr_assert_lt(ring_now() - start, 10000 * MS);
	tap_free(&tap);
}

Test(libring_wait, it_returns_at_once_if_there_is_something)
{
	begin();
	tap_put(&tap, 1, 1);
	cr_assert_eq(ring_wait(tap.ring, -1), 1);
	cr_assert_eq(ring_wait(tap.ring, -1), 1);
	tap_expect(&tap, 1);
	tap_free(&tap);
}

Test(libring_wait, a_wake_before_it_counts_once)
{
	begin();
	tap_put(&tap, 0, 1);
	cr_assert_eq(ring_wake(tap.ring), 0);
	cr_assert_eq(ring_wake(tap.ring), 0);
	cr_assert_eq(ring_wait(tap.ring, -1), -ECANCELED);
	cr_assert_eq(ring_wait(tap.ring, -1), 1);
	tap_expect(&tap, 1);
	cr_assert_eq(ring_wait(tap.ring, 0), 0);
	tap_free(&tap);
}

static void *wake_later(void *arg)
{
	usleep(20000);
	ring_wake(tap.ring);
	return arg;
}

Test(libring_wait, another_thread_ends_it)
{
	pthread_t thread;

	begin();
	pthread_create(&thread, NULL, wake_later, NULL);
	cr_assert_eq(ring_wait(tap.ring, -1), -ECANCELED);
	pthread_join(thread, NULL);
	tap_free(&tap);
}

static void *wake_often(void *arg)
{
	u64 n = fixture_scaled(20000);

	while (n--)
		ring_wake(tap.ring);
	__atomic_store_n((int *)arg, 1, __ATOMIC_SEQ_CST);
	ring_wake(tap.ring);
	return NULL;
}

Test(libring_wait, no_wake_is_ever_lost)
{
	pthread_t thread;
	int done = 0;

	begin();
	pthread_create(&thread, NULL, wake_often, &done);
	while (!__atomic_load_n(&done, __ATOMIC_SEQ_CST))
		cr_assert_eq(ring_wait(tap.ring, -1), -ECANCELED);
	pthread_join(thread, NULL);
	tap_free(&tap);
}

static void wake_by_signal(int number)
{
	(void)number;
	ring_wake(tap.ring);
}

static void ignore(int number)
{
	(void)number;
}

static void start_timer(void (*handler)(int))
{
	/* again and again, should the first come before the sleep */
	struct itimerval often = { { 0, 10000 }, { 0, 10000 } };
	struct sigaction action = { .sa_handler = handler };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static void stop_timer(void)
{
	struct itimerval none = { 0 };

	setitimer(ITIMER_REAL, &none, NULL);
}

Test(libring_wait, a_signal_ends_it)
{
	begin();
	start_timer(ignore);
	cr_assert_eq(ring_wait(tap.ring, -1), -EINTR);
	stop_timer();
	tap_free(&tap);
}

Test(libring_wait, a_signal_handler_may_wake)
{
	int ret;

	begin();
	start_timer(wake_by_signal);
	do {
		ret = ring_wait(tap.ring, -1);
		cr_assert(ret == -ECANCELED || ret == -EINTR);
	} while (ret != -ECANCELED);
	stop_timer();
	tap_free(&tap);
}

Test(libring_wait, a_wake_leaves_errno_alone)
{
	begin();
	eventfd_write(tap.ring->event_fd, UINT64_MAX - 1);	/* full */
	errno = 77;
	cr_assert_eq(ring_wake(tap.ring), 0);
	cr_assert_eq(errno, 77);
	cr_assert_eq(ring_wait(tap.ring, -1), -ECANCELED);
	tap_free(&tap);
}

static void *commit_later(void *slot)
{
	usleep(30000);
	kring_ring_commit(slot, false);
	return NULL;
}

Test(libring_wait, what_is_held_back_ends_it_once_it_may_go)
{
	struct kring_slot slot;
	pthread_t thread;

	begin();
	tap_begin(&tap, 0, &slot, 1);
	tap_put(&tap, 1, 2);
	pthread_create(&thread, NULL, commit_later, &slot);
	cr_assert_eq(ring_wait(tap.ring, -1), 1);
	tap_expect(&tap, 1);
	tap_expect(&tap, 2);
	pthread_join(thread, NULL);
	tap_free(&tap);
}

Test(libring_wait, a_timeout_holds_while_something_is_held_back)
{
	struct kring_slot slot;
	u64 start;

	begin();
	tap_begin(&tap, 0, &slot, 1);
	tap_put(&tap, 1, 2);
	start = ring_now();
	cr_assert_eq(ring_wait(tap.ring, 20 * MS), 0);
	cr_assert_geq(ring_now() - start, 20 * MS);
	cr_assert_lt(ring_now() - start, 10000 * MS);
	kring_ring_commit(&slot, false);
	tap_free(&tap);
}

Test(libring_wait, a_wake_ends_it_while_something_is_held_back)
{
	struct kring_slot slot;
	pthread_t thread;

	begin();
	tap_begin(&tap, 0, &slot, 1);
	tap_put(&tap, 1, 2);
	pthread_create(&thread, NULL, wake_later, NULL);
	cr_assert_eq(ring_wait(tap.ring, -1), -ECANCELED);
	pthread_join(thread, NULL);
	kring_ring_commit(&slot, false);
	tap_free(&tap);
}

Test(libring_wait, the_fd_tells_of_a_wake_and_arming_takes_it_back)
{
	struct pollfd fd;

	begin();
	fd = (struct pollfd) { .fd = ring_fd(tap.ring), .events = POLLIN };
	cr_assert_eq(ring_arm(tap.ring), 0);
	cr_assert_eq(poll(&fd, 1, 0), 0);
	ring_wake(tap.ring);
	cr_assert_eq(poll(&fd, 1, 0), 1);
	cr_assert_eq(ring_arm(tap.ring), -ECANCELED);
	cr_assert_eq(poll(&fd, 1, 0), 0);
	cr_assert_eq(ring_arm(tap.ring), 0);
	tap_free(&tap);
}

Test(libring_wait, arming_says_go_on_while_something_is_held_back)
{
	struct kring_slot slot;

	begin();
	tap_begin(&tap, 0, &slot, 1);
	tap_put(&tap, 1, 2);
	tap_expect_nothing(&tap);
	cr_assert_eq(ring_arm(tap.ring), 1);
	kring_ring_commit(&slot, false);
	tap_free(&tap);
}

Test(libring_wait, a_removed_channel_ends_when_all_was_delivered)
{
	begin();
	tap_put(&tap, 0, 1);
	tap.ring->gone = true;
	tap_expect(&tap, 1);
	tap_expect_result(&tap, -ENODATA);
	tap_expect_result(&tap, -ENODATA);	/* with nothing new since */
	cr_assert_eq(ring_wait(tap.ring, -1), -ENODATA);
	cr_assert_eq(ring_arm(tap.ring), 1, "or an event loop would sleep for ever");
	tap_free(&tap);
}

/* The sleep would not end: there is no file that tells. */
static void *put_later(void *arg)
{
	usleep(20000);
	tap_put(&tap, 1, 1);
	return arg;
}

Test(libring_wait, a_busy_wait_sees_events_without_the_file)
{
	pthread_t thread;

	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap, .busy = ~0ULL);
	pthread_create(&thread, NULL, put_later, NULL);
	cr_assert_eq(ring_wait(tap.ring, -1), 1);
	tap_expect(&tap, 1);
	pthread_join(thread, NULL);
	tap_free(&tap);
}

Test(libring_wait, a_busy_wait_ends_by_a_wake_and_in_time)
{
	pthread_t thread;
	u64 start;

	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap, .busy = 1000000 * MS);
	pthread_create(&thread, NULL, wake_later, NULL);
	cr_assert_eq(ring_wait(tap.ring, -1), -ECANCELED);
	pthread_join(thread, NULL);
	start = ring_now();
	cr_assert_eq(ring_wait(tap.ring, 20 * MS), 0);
	cr_assert_geq(ring_now() - start, 20 * MS);
	cr_assert_lt(ring_now() - start, 10000 * MS);
	cr_assert_eq(ring_wait(tap.ring, 0), 0);
	tap_free(&tap);
}

Test(libring_wait, who_was_busy_long_enough_sleeps)
{
	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap, .busy = MS);
	cr_assert_eq(ring_wait(tap.ring, 20 * MS), 0);
	tap_free(&tap);
}
