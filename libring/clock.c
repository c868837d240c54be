// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The clocks of channels. Rings are merged by time only where a program can read
 * the clock: without T0 nobody knows what may still come from a ring that has
 * nothing now, and to wait for its next event would be to wait for ever.
 */
#include "internal.h"

const char *ring_clock_name(uint32_t clock)
{
	switch (clock) {
	case KRING_CLOCK_MONOTONIC:
		return "mono";
	case KRING_CLOCK_BOOTTIME:
		return "boot";
	case KRING_CLOCK_LOCAL:
		return "local";
	case KRING_CLOCK_NONE:
		return "none";
	default:
		return NULL;
	}
}

clockid_t ring_clock_id(uint32_t clock)
{
	switch (clock) {
	case KRING_CLOCK_MONOTONIC:
		return CLOCK_MONOTONIC;
	case KRING_CLOCK_BOOTTIME:
		return CLOCK_BOOTTIME;
	default:
		return RING_CLOCK_UNREAD;
	}
}
