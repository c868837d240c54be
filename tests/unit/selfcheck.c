// SPDX-License-Identifier: GPL-2.0
/* Deliberate errors: each must be caught, in the flavours that can see it. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

Test(selfcheck, assertion)
{
	cr_assert_eq(getpid(), 0);
}

Test(selfcheck, expectation)
{
	cr_expect_eq(getpid(), 0);
}

static void *assert_here(void *arg)
{
	cr_assert_not_null(arg);
	return NULL;
}

Test(selfcheck, assertion_in_thread)
{
	pthread_t thread;

	pthread_create(&thread, NULL, assert_here, NULL);
	pthread_join(thread, NULL);
}

Test(selfcheck, crash)
{
	raise(SIGSEGV);
}

Test(selfcheck, hang, .timeout = 1)
{
	pause();
}

Test(selfcheck, exit_status)
{
	exit(3);
}

Test(selfcheck, no_signal, .signal = SIGSEGV)
{
}

/* The compiler must not see what is wrong here */
static volatile char *volatile bytes;

Test(selfcheck, overflow)
{
	bytes = malloc(8);
	bytes[8] = 1;
	free((void *)bytes);
}

Test(selfcheck, leak)
{
	bytes = malloc(80);
	bytes = NULL;
}

Test(selfcheck, uninitialised)
{
	bytes = malloc(8);
	if (bytes[3])
		putc('x', stderr);
	free((void *)bytes);
}

Test(selfcheck, undefined)
{
	volatile int by = 40;
	volatile int value = 1;

	value <<= by;
}

static int shared;

static void *add(void *arg)
{
	for (int i = 0; i < 1000; i++)
		shared++;
	return arg;
}

Test(selfcheck, race)
{
	pthread_t thread;

	pthread_create(&thread, NULL, add, NULL);
	add(NULL);
	pthread_join(thread, NULL);
}
