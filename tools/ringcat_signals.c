// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <sys/time.h>

#include "ringcat.h"

static struct ring *volatile sleeper;
static volatile sig_atomic_t ended;
static volatile sig_atomic_t killed;
static volatile sig_atomic_t asked;

static void on_signal(int number)
{
	struct ring *ring = sleeper;
	int saved = errno;

	if (number == SIGUSR1) {
		asked = 1;
	} else if (number == SIGALRM || !killed) {
		ended = 1;
		killed |= number != SIGALRM;
	} else {
		/* Takes effect when this handler returns */
		signal(number, SIG_DFL);
		raise(number);
	}
	/* Whoever looked at the flags just before now does not fall asleep */
	if (ring)
		ring_wake(ring);
	errno = saved;
}

void signals_start(struct ring *ring, uint64_t duration)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGALRM, SIGUSR1 };
	/* SA_RESTART: stdio loses what it could not write when interrupted */
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	uint64_t us = (duration + 999) / 1000;
	struct itimerval timer = {
		.it_value = { .tv_sec = us / 1000000, .tv_usec = us % 1000000 },
	};

	sleeper = ring;
	signal(SIGPIPE, SIG_IGN);
	for (size_t n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++)
		sigaction(numbers[n], &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

void signals_stop(void)
{
	sleeper = NULL;
}

bool signals_ended(void)
{
	return ended;
}

bool signals_asked(void)
{
	bool was = asked;

	if (was)
		asked = 0;
	return was;
}
