// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "complain.h"
#include "ringcat.h"

uint64_t stats_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

void stats_take(struct ring *ring, unsigned int ms, struct ring_stats *stats)
{
	int ret;

	memset(stats, 0, sizeof(*stats));
	stats->size = sizeof(*stats);
	while ((ret = ring_stats(ring, stats)) == -EAGAIN && ms--)
		usleep(1000);
	if (ret)
		stats->left = STATS_UNKNOWN;
}

void stats_print(const struct ring_stats *stats, uint64_t filtered, uint64_t since,
		 bool json)
{
	double seconds = (stats_now() - since) / 1e9;
	char left[24] = "null";

	if (!json) {
		complain("%" PRIu64 " events, %" PRIu64 " bytes in %.3f s; lost %" PRIu64
			 " (%" PRIu64 " overwritten, %" PRIu64 " refused), %" PRIu64
			 " discarded, %" PRIu64 " filtered", stats->events, stats->bytes,
			 seconds, stats->overwritten + stats->refused, stats->overwritten,
			 stats->refused, stats->discarded, filtered);
		return;
	}
	if (stats->left != STATS_UNKNOWN)
		snprintf(left, sizeof(left), "%" PRIu64, stats->left);
	fprintf(stderr, "{\"kind\":\"stats\",\"events\":%" PRIu64 ",\"bytes\":%" PRIu64
		",\"seconds\":%.6f,\"overwritten\":%" PRIu64 ",\"refused\":%" PRIu64
		",\"discarded\":%" PRIu64 ",\"reported\":%" PRIu64
		",\"left\":%s,\"wakeups\":%" PRIu64 ",\"filtered\":%" PRIu64 "}\n",
		stats->events, stats->bytes, seconds, stats->overwritten, stats->refused,
		stats->discarded, stats->reported, left, stats->wakeups, filtered);
}
