// SPDX-License-Identifier: GPL-2.0
/* ringcat: follows a channel */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "ringcat.h"
#include "ringcat_verify.h"

const char program[] = "ringcat";

static struct options options;

static int open_channel(struct ring **ring)
{
	static uint32_t cpus[CPU_MAX];
	char message[256] = "";
	struct ring_opts opts = {
		.size = sizeof(opts),
		.from = options.oldest || options.snapshot ? RING_FROM_OLDEST :
							     RING_FROM_NEWEST,
		.order = RING_ORDER_TIME,
		.flags = options.snapshot ? RING_SNAPSHOT : 0,
		.cpus = cpus,
		.message = message,
		.message_size = sizeof(message),
	};
	int ret;

	for (unsigned int cpu = 0; cpu < CPU_MAX; cpu++) {
		if (options.cpus.mask[cpu / 64] & 1ull << (cpu % 64))
			cpus[opts.nr_cpus++] = cpu;
	}
	ret = ring_open(ring, options.channel, &opts);
	if (!ret)
		return EXIT_OK;
	complain("%s: %s", options.channel, *message ? message : strerror(-ret));
	return ret == -EPROTO ? EXIT_ABI : EXIT_ERROR;
}

/*
 * Sleeps until there may be something to read. Not ring_wait(), because the
 * end of stdout's reader must be noticed also while no events come.
 */
static int wait_for_events(struct ring *ring)
{
	struct pollfd fds[] = {
		{ .fd = ring_fd(ring), .events = POLLIN },
		{ .fd = options.quiet ? -1 : STDOUT_FILENO },
	};
	int ret;

	if (fflush(stdout))
		return -errno;
	ret = ring_arm(ring);
	if (ret == 1 || ret == -ECANCELED)
		return 0;
	if (ret < 0)
		return ret;
	if (poll(fds, 2, -1) < 0)
		return errno == EINTR ? 0 : -errno;
	return fds[1].revents ? -EPIPE : 0;
}

/* Returns 0 if it ended as asked, or the negative errno that ended it */
static int follow(struct ring *ring, struct verify *verify, uint64_t since)
{
	void (*print)(const struct ring *ring, const struct ring_record *record) =
		options.json ? print_record_json : print_record_text;
	struct ring_record record;
	struct ring_stats stats;
	uint64_t count = 0;
	int ret = 0;

	while (!ret && !signals_ended()) {
		if (signals_asked()) {
			stats_take(ring, 0, &stats);
			stats_print(&stats, since, options.stats_json);
		}
		ret = ring_next(ring, &record);
		if (ret == 0) {
			ret = wait_for_events(ring);
			continue;
		}
		if (ret < 0)
			break;
		ret = 0;
		if (verify)
			verify_record(verify, &record);
		if (!options.quiet)
			print(ring, &record);
		if (ferror_unlocked(stdout))
			ret = -errno;
		if (record.kind == RING_EVENT && ++count == options.count)
			break;
	}
	if (fflush(stdout) && (!ret || ret == -ENODATA))
		ret = -errno;
	return ret == -ENODATA ? 0 : ret;
}

/* Returns whether all was well */
static bool end_verify(struct verify *verify, const struct ring_stats *stats)
{
	verify_end(verify, stats->left == STATS_UNKNOWN ? NULL : stats);
	for (unsigned int n = 0; n < VERIFY_PRODUCERS; n++) {
		for (unsigned int context = 0; context < VERIFY_CONTEXTS; context++) {
			const struct verify_producer *producer =
				&verify->producers[n][context];

			if (producer->events)
				fprintf(stderr, "verify: producer %u %s: %" PRIu64
					" events, %" PRIu64 " missing\n", n,
					verify_context_name(context),
					producer->events, producer->missing);
		}
	}
	for (unsigned int class = 0; class < VERIFY_CLASSES; class++) {
		if (verify->class_failures[class] && verify->class_failures[class] !=
						     verify->failures)
			fprintf(stderr, "verify: %s: %" PRIu64 " failures, first: %s\n",
				verify_class_name(class), verify->class_failures[class],
				verify->reason[class]);
	}
	if (verify->failures)
		fprintf(stderr, "verify: FAILED: %s: %s (%" PRIu64 " failures)\n",
			verify_class_name(verify->first), verify->reason[verify->first],
			verify->failures);
	else
		fprintf(stderr, "verify: ok: %" PRIu64 " events whole and in order, %"
			PRIu64 " lost, %" PRIu64 " left, %" PRIu64 " reported\n",
			verify->events, stats->overwritten + stats->refused,
			stats->left, stats->reported);
	return !verify->failures;
}

/* Returns what to verify with, or NULL after it said why not */
static struct verify *start_verify(const struct ring *ring)
{
	const char *refusal = verify_refusal(ring_type(ring, KRING_LOAD_TYPE));
	struct verify *verify = NULL;

	if (refusal) {
		complain("--verify: channel '%s' cannot be verified: %s (make one with: "
			 "ringctl create NAME --source load)", options.channel, refusal);
		return NULL;
	}
	verify = calloc(1, sizeof(*verify));
	if (!verify)
		complain("%s", strerror(ENOMEM));
	return verify;
}

int main(int argc, char **argv)
{
	struct verify *verify = NULL;
	struct ring_stats stats;
	struct ring *ring;
	uint64_t since;
	int exit_code = options_parse(&options, argc, argv);
	int ret;

	if (exit_code >= 0)
		return finish_stdout(exit_code);
	exit_code = open_channel(&ring);
	if (exit_code)
		return exit_code;
	if (options.verify) {
		verify = start_verify(ring);
		if (!verify) {
			ring_close(ring);
			return EXIT_ERROR;
		}
	}
	since = stats_now();
	setvbuf(stdout, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, 64 << 10);
	signals_start(ring, options.duration);

	ret = follow(ring, verify, since);
	if (ret == -EPIPE)
		ret = 0;
	if (ret) {
		complain("%s: %s", ferror(stdout) ? "standard output" : options.channel,
			 strerror(-ret));
		exit_code = EXIT_ERROR;
	}
	stats_take(ring, verify ? 2000 : 20, &stats);
	if (verify && !end_verify(verify, &stats) && !ret)
		exit_code = EXIT_VERIFY;
	stats_print(&stats, since, options.stats_json);
	signals_stop();
	ring_close(ring);
	free(verify);
	return exit_code;
}
