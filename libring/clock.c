// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The clocks of channels. Rings are merged by time only where a program can read
 * the clock: without T0 nobody knows what may still come from a ring that has
 * nothing now, and to wait for its next event would be to wait for ever.
 */
#include "internal.h"

static const struct {
	const char *name;
	clockid_t id;
} clocks[] = {
	[KRING_CLOCK_MONOTONIC] = { "mono", CLOCK_MONOTONIC },
	[KRING_CLOCK_BOOTTIME] = { "boot", CLOCK_BOOTTIME },
	[KRING_CLOCK_LOCAL] = { "local", RING_CLOCK_UNREAD },
	[KRING_CLOCK_NONE] = { "none", RING_CLOCK_UNREAD },
};

const char *ring_clock_name(uint32_t clock)
{
	return clock < sizeof(clocks) / sizeof(clocks[0]) ? clocks[clock].name : NULL;
}

/* The clock must be known */
clockid_t ring_clock_id(uint32_t clock)
{
	return clocks[clock].id;
}
