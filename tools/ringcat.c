// SPDX-License-Identifier: GPL-2.0
/* ringcat: follows a channel */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "ringcat.h"
#include "ringcat_filter.h"
#include "ringcat_verify.h"

const char program[] = "ringcat";

static struct options options;

struct stream {
	struct ring *ring;
	struct verify *verify;		/* or NULL */
	struct filter *filter;		/* or NULL */
	uint64_t count;			/* events printed */
	uint64_t filtered;		/* events */
	bool enough;			/* -n of them */
	uint64_t since;			/* when it began */
	bool resumed;
};

static int open_channel(struct stream *stream)
{
	static uint32_t cpus[CPU_MAX];
	char message[256] = "";
	struct ring_opts opts = {
		.size = sizeof(opts),
		.from = options.oldest || options.snapshot ? RING_FROM_OLDEST :
							     RING_FROM_NEWEST,
		.order = RING_ORDER_BEST,
		.flags = (options.snapshot ? RING_SNAPSHOT : 0) |
			 (options.hold ? RING_HOLD : 0),
		.cpus = cpus,
		.message = message,
		.message_size = sizeof(message),
		.busy = options.busy,
		.hold = *options.name ? options.name : NULL,
		.keep = options.keep,
	};
	int ret;

	if (options.state && state_load(options.state, &opts))
		return EXIT_ERROR;

	for (unsigned int cpu = 0; cpu < CPU_MAX; cpu++) {
		if (options.cpus.mask[cpu / 64] & 1ull << (cpu % 64))
			cpus[opts.nr_cpus++] = cpu;
	}
	ret = ring_open(&stream->ring, options.channel, &opts);
	stream->resumed = opts.state;
	free((void *)opts.state);
	if (!ret)
		return EXIT_OK;
	complain("%s: %s", options.channel, *message ? message : strerror(-ret));
	return ret == -EPROTO ? EXIT_ABI : EXIT_ERROR;
}

/*
 * Sleeps until there may be something to read. Not in ring_wait(), because the
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
	if (options.busy) {
		ret = ring_wait(ring, options.busy);
		if (ret)
			return ret > 0 || ret == -ECANCELED || ret == -EINTR ? 0 : ret;
	}
	ret = ring_arm(ring);
	if (ret == 1 || ret == -ECANCELED)
		return 0;
	if (ret < 0)
		return ret;
	if (poll(fds, 2, -1) < 0)
		return errno == EINTR ? 0 : -errno;
	return fds[1].revents ? -EPIPE : 0;
}

static void print_stats(const struct stream *stream, const struct ring_stats *stats)
{
	stats_print(stats, stream->filtered, stream->since, options.stats_json);
}

/* Returns whether it is an event to count as printed */
static bool take_record(struct stream *stream, const struct ring_record *record)
{
	bool event = record->kind == RING_EVENT;

	if (stream->verify)
		verify_record(stream->verify, record);
	if (event && stream->filter && !filter_passes(stream->filter, record)) {
		stream->filtered++;
		return false;
	}
	if (!options.quiet)
		(options.json ? print_record_json : print_record_text)(stream->ring, record);
	return event;
}

/*
 * Take these, of which a holder gives back what is printed and flushed: so those
 * come again that nobody saw. Returns 0 or a negative errno.
 */
static int take_batch(struct stream *stream, const struct ring_record *records, int nr)
{
	int n = 0;

	while (n < nr && !stream->enough && !ferror_unlocked(stdout))
		if (take_record(stream, &records[n++]))
			stream->enough = ++stream->count == options.count;
	if (ferror_unlocked(stdout) || (options.hold && fflush(stdout)))
		return -errno;
	return ring_advance(stream->ring, n);
}

/* Returns 0 if it ended as asked, or the negative errno that ended it */
static int follow(struct stream *stream)
{
	const struct ring_record *records;
	struct ring *ring = stream->ring;
	struct ring_stats stats;
	int ret = 0;

	while (!ret && !stream->enough && !signals_ended()) {
		if (signals_asked()) {
			stats_take(ring, 0, &stats);
			print_stats(stream, &stats);
		}
		ret = ring_peek(ring, &records, INT_MAX);
		if (ret > 0)
			ret = take_batch(stream, records, ret);
		else if (ret == 0)
			ret = wait_for_events(ring);
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

static int start_verify(struct stream *stream)
{
	const char *refusal = verify_refusal(ring_type(stream->ring, KRING_LOAD_TYPE));

	if (refusal) {
		complain("--verify: channel '%s' cannot be verified: %s (make one with: ringctl create NAME --source load)",
			 options.channel, refusal);
		return EXIT_ERROR;
	}
	stream->verify = calloc(1, sizeof(*stream->verify));
	if (!stream->verify) {
		complain("%s", strerror(ENOMEM));
		return EXIT_ERROR;
	}
	/* What a state missed may be overwritten */
	stream->verify->held = options.hold && !stream->resumed;
	stream->verify->unsorted = ring_info(stream->ring)->clock > KRING_CLOCK_BOOTTIME;
	return EXIT_OK;
}

static int start_filter(struct stream *stream)
{
	const struct ring_type *types;
	size_t nr = ring_types(stream->ring, &types);
	char message[1024];

	stream->filter = filter_new(types, nr, options.where, options.nr_where, message,
				    sizeof(message));
	if (stream->filter)
		return EXIT_OK;
	complain("--where %s", message);
	return EXIT_USAGE;
}

/* error: what ended the stream, or 0 */
static int save(struct ring *ring, int error)
{
	if (!error && !ferror(stdout))
		return state_save(options.state, ring);
	complain("--state %s: not saved: not all was read and written", options.state);
	return EXIT_ERROR;
}

static int run(struct stream *stream)
{
	struct ring_stats stats;
	int exit_code = EXIT_OK;
	int ret;

	stream->since = stats_now();
	setvbuf(stdout, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, 64 << 10);
	signals_start(stream->ring, options.duration);

	ret = follow(stream);
	if (ret == -EPIPE)
		ret = 0;
	if (ret) {
		complain("%s: %s", ferror(stdout) ? "standard output" : options.channel,
			 ret == -ESTALE ? REVOKED : strerror(-ret));
		exit_code = EXIT_ERROR;
	}
	if (options.state)
		exit_code = save(stream->ring, ret);
	stats_take(stream->ring, stream->verify ? 2000 : 20, &stats);
	if (stream->verify && !end_verify(stream->verify, &stats) && !exit_code)
		exit_code = EXIT_VERIFY;
	print_stats(stream, &stats);
	signals_stop();
	return exit_code;
}

int main(int argc, char **argv)
{
	struct stream stream = { 0 };
	int exit_code = options_parse(&options, argc, argv);

	if (exit_code >= 0)
		return finish_stdout(exit_code);
	exit_code = open_channel(&stream);
	if (!exit_code && options.verify)
		exit_code = start_verify(&stream);
	if (!exit_code && options.nr_where)
		exit_code = start_filter(&stream);
	if (!exit_code)
		exit_code = run(&stream);
	ring_close(stream.ring);
	filter_free(stream.filter);
	free(stream.verify);
	free(options.where);
	return exit_code;
}
