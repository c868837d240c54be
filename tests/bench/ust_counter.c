// SPDX-License-Identifier: GPL-2.0
/* The time stamp counter as LTTng-UST's clock: see lttng-ust.c */
#include <stdlib.h>
#include <lttng/ust-clock.h>
#include "bench.h"

static uint64_t counter_hz(void)
{
	uint64_t ns = bench_now(), ticks = bench_ticks();

	while (bench_now() - ns < 20000000)
		;
	return (bench_ticks() - ticks) * 1e9 / (bench_now() - ns);
}

static const char *counter_name(void)
{
	return "counter";
}

/* No other clock has it, as none counts from the same start */
static int counter_uuid(char *uuid)
{
	strcpy(uuid, "6b72696e-672d-4265-8e63-682d74736321");
	return 0;
}

/* Called by LTTng, which wants all of them */
void lttng_ust_clock_plugin_init(void);
void lttng_ust_clock_plugin_init(void)
{
	if (lttng_ust_trace_clock_set_read64_cb(bench_ticks) ||
	    lttng_ust_trace_clock_set_freq_cb(counter_hz) ||
	    lttng_ust_trace_clock_set_uuid_cb(counter_uuid) ||
	    lttng_ust_trace_clock_set_name_cb(counter_name) ||
	    lttng_ust_trace_clock_set_description_cb(counter_name) ||
	    lttng_ust_enable_trace_clock_override())
		unsetenv("LTTNG_UST_CLOCK_PLUGIN");
}
