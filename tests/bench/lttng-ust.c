// SPDX-License-Identifier: GPL-2.0
/*
 * LTTng-UST: tracepoints of this program, in a session that overwrites the oldest. With
 * COUNTER its clock is the time stamp counter, in place of CLOCK_MONOTONIC. With DEFAULT
 * the session is LTTng's default: the consumer daemon takes all, what finds no room is lost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "ust_tp.h"
#include "bench.h"

#ifdef COUNTER
#define PLUGIN	"LTTNG_UST_CLOCK_PLUGIN"
#define CASE	"produce-clock-counter"
#elif defined(DEFAULT)
#define CASE	"produce-default"
#else
#define CASE	"produce"
#endif

/* Of the default channel's four parts of 512 KiB: two batches never meet in one */
#define DEFAULT_ROOM	(1u << 19)
#define DEFAULT_PAUSE	20000		/* us, for the daemon to take them */
#define EVENT_BYTES	32		/* around a payload, at most */

#define READY_NS	5000000000	/* for the daemon to find this program */

#ifdef COUNTER
/* LTTng looks for a clock before this program runs: so it begins once more, with one */
__attribute__((constructor))
static void name_clock(int argc, char **argv)
{
	char plugin[4096];
	ssize_t length = readlink("/proc/self/exe", plugin, sizeof(plugin) - 4);

	if (argc < 1 || length < 0 || getenv(PLUGIN))
		return;
	strcpy(plugin + length, ".so");
	setenv(PLUGIN, plugin, 1);
	execv("/proc/self/exe", argv);
}

/* The plugin takes the variable away where LTTng did not take the clock */
static bool has_clock(void)
{
	return getenv(PLUGIN);
}
#else
static bool has_clock(void)
{
	return true;
}
#endif

static char session[64], folder[128], script[4200];

static int lttng(const char *verb, char *answer, size_t size)
{
	char command[sizeof(script) + sizeof(session) + sizeof(folder) + 32];
	FILE *out;

	snprintf(command, sizeof(command), "sh '%s' %s %s %s %s %d", script, verb, session, folder,
		 CASE, getpid());
	out = popen(command, "r");
	if (!out)
		return -1;
	if (!fgets(answer, size, out))
		*answer = 0;
	return pclose(out);
}

static void stop(void)
{
	char answer[200];

	lttng("stop", answer, sizeof(answer));
}

/* Once; false: bench_none() has said why not */
static bool start(void)
{
	static bool tried, works;
	char answer[200] = "", self[4096];
	ssize_t length;
	uint64_t end;

	if (tried)
		return works || (bench_none("there is no session of LTTng"), false);
	tried = true;
	if (!has_clock()) {
		bench_none("LTTng has not taken the time stamp counter for its clock");
		return false;
	}
	length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[length < 0 ? 0 : length] = 0;
	/* One script for all of this program's kinds */
	if (strrchr(self, '.'))
		*strrchr(self, '.') = 0;
	snprintf(script, sizeof(script), "%s.sh", self);
	snprintf(session, sizeof(session), "kring-bench-%d", getpid());
	snprintf(folder, sizeof(folder), "/tmp/%s", session);
	atexit(stop);
	if (lttng("start", answer, sizeof(answer))) {
		answer[strcspn(answer, "\n")] = 0;
		bench_none("no session of LTTng: %s", answer);
		return false;
	}
	end = bench_now() + READY_NS;
	while (!lttng_ust_tracepoint_enabled(kring_bench, report_64) && bench_now() < end)
		usleep(10000);
	/* The others come with it */
	usleep(100000);
	works = lttng_ust_tracepoint_enabled(kring_bench, report_64);
	if (!works)
		bench_none("LTTng has not switched this program's tracepoints on");
	return works;
}

#define RUN(bytes)							\
static void run_##bytes(void *ctx, unsigned long n)			\
{									\
	unsigned char data[bytes];					\
									\
	(void)ctx;							\
	for (; n; n--) {						\
		bench_fill(data, n, bytes);				\
		lttng_ust_do_tracepoint(kring_bench, report_##bytes, data);	\
	}								\
}

RUN(8)
RUN(64)
RUN(256)
RUN(1024)

#ifdef DEFAULT
static void let_consume(void *ctx, unsigned long n)
{
	(void)ctx;
	(void)n;
	usleep(DEFAULT_PAUSE);
}
#endif

static double produce(uint32_t bytes, long arg)
{
	const struct bench_batch batch = {
#ifdef DEFAULT
		.prepare = let_consume, .most = DEFAULT_ROOM / (bytes + EVENT_BYTES),
#endif
		.run = bytes == 8 ? run_8 : bytes == 64 ? run_64 :
		       bytes == 256 ? run_256 : run_1024,
	};

	(void)arg;
	if (bench_counting())
		return bench_none("callgrind and the session daemon do not go together");
	return start() ? bench_best(&batch) : -1;
}

const struct bench_case bench_cases[] = {
	{ CASE, .sample = produce },
	{ NULL }
};
