/* SPDX-License-Identifier: GPL-2.0 */
/* LTTng-UST's events, one for each size, as its macros want them */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER kring_bench
#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "./ust_tp.h"

#if !defined(TESTS_BENCH_UST_TP_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define TESTS_BENCH_UST_TP_H

#include <lttng/tracepoint.h>

#define REPORT(bytes)										\
LTTNG_UST_TRACEPOINT_EVENT(kring_bench, report_##bytes,						\
			   LTTNG_UST_TP_ARGS(const unsigned char *, data),			\
			   LTTNG_UST_TP_FIELDS(lttng_ust_field_array(unsigned char, data,	\
								     data, bytes)))

REPORT(8)
REPORT(64)
REPORT(256)
REPORT(1024)

#endif

#include <lttng/tracepoint-event.h>
