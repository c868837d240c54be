/* SPDX-License-Identifier: GPL-2.0 */
/* For fuzz_calls.c: what one process has open and mapped, and how it chooses and judges a call */
#ifndef FUZZ_PROCESS_H
#define FUZZ_PROCESS_H

#include "hold.h"

#define FUZZ_NAME	"fuzz"		/* and a digit: the channels that come and go */
#define STEADY		"steady"	/* the channel of somebody who verifies it meanwhile */
#define FILES		8
#define MAPS		12
#define ERRNO_MAX	134
#define PAGE		4096ULL

static struct {
	unsigned int stop;
	uint64_t calls, good, maps, holds;
	uint64_t errors[ERRNO_MAX];
} *common;

static struct file {
	int fd;				/* or -1 */
	bool control;
	int mode;			/* O_RDONLY, ... */
} files[FILES];

static struct map {
	unsigned char *at;		/* or NULL */
	size_t size;
	bool writable;			/* a page of cursors */
	bool changed;			/* a look at it may be a signal by now */
} maps[MAPS];

static int epoll_fd;
static unsigned char *args;		/* a page, and one without access behind it */
static uint64_t seed;
static int depth;			/* of forks */

/* xorshift64*: the same on each machine */
static uint64_t random64(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1dULL;
}

static unsigned int below(unsigned int nr)
{
	return (random64() >> 33) % nr;
}

/* One that is right, or one that is easily taken wrong */
static uint64_t any_number(uint64_t right)
{
	switch (below(12)) {
	case 0: return random64();
	case 1: return 0;
	case 2: return ~0ULL - below(3);
	case 3: return 1ULL << below(64);
	case 4: return right + below(33) - 16;
	case 5: return right * below(4);
	default: return right;
	}
}

/* The result, or -errno, which must be one of these */
#define call(what, ...)							\
({									\
	static const int call_errors[] = { __VA_ARGS__, 0 };		\
	long call_ret = (errno = 0, (long)(what));			\
									\
	call_ret == -1 ? failed(#what, call_errors) : succeeded(call_ret);	\
})

static long succeeded(long ret)
{
	__atomic_add_fetch(&common->calls, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&common->good, 1, __ATOMIC_RELAXED);
	return ret;
}

static long failed(const char *what, const int *errors)
{
	int error = errno;

	__atomic_add_fetch(&common->calls, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&common->errors[error % ERRNO_MAX], 1, __ATOMIC_RELAXED);
	while (*errors && *errors != error)
		errors++;
	certain(*errors, "%s: %s is no documented error", what, strerrorname_np(error));
	return -error;
}

static void any_channel_name(char *name)
{
	if (below(8) == 0)
		snprintf(name, KRING_NAME_MAX, "%s", STEADY);
	else
		snprintf(name, KRING_NAME_MAX, FUZZ_NAME "%u", below(4));
}

#endif /* FUZZ_PROCESS_H */
