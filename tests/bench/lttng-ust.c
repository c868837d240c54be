// SPDX-License-Identifier: GPL-2.0
/* LTTng-UST: tracepoints of this program, a session that overwrites the oldest, LTTng's clock */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "ust_tp.h"
#include "bench.h"

#define READY_NS	5000000000	/* for the daemon to find this program */

static char session[64], folder[128], script[4200];

static int lttng(const char *verb, char *answer, size_t size)
{
	char command[sizeof(script) + sizeof(session) + sizeof(folder) + 32];
	FILE *out;

	snprintf(command, sizeof(command), "sh '%s' %s %s %s", script, verb, session, folder);
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
	length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[length < 0 ? 0 : length] = 0;
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

static double produce(uint32_t bytes, long arg)
{
	const struct bench_batch batch = {
		.run = bytes == 8 ? run_8 : bytes == 64 ? run_64 :
		       bytes == 256 ? run_256 : run_1024,
	};

	(void)arg;
	if (bench_counting())
		return bench_none("callgrind and the session daemon do not go together");
	return start() ? bench_best(&batch) : -1;
}

const struct bench_case bench_cases[] = {
	{ "produce", .sample = produce },
	{ NULL }
};
