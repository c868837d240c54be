// SPDX-License-Identifier: GPL-2.0
/* What a record costs its producer. */
#include "bench.h"

#define HOLDERS_MAX	KRING_HOLDS_MAX
#define BLOCKS		31		/* the median counts, where each has to be cleared away */

static int by_value(const void *one, const void *other)
{
	double a = *(const double *)one, b = *(const double *)other;

	return a < b ? -1 : a > b;
}

double median(double *values, uint32_t n)
{
	qsort(values, n, sizeof(*values), by_value);
	return values[n / 2];
}

static const char *channel_of(const char *who, char *channel)
{
	return strcpy(channel, "bench"), strcat(channel, who + strlen("kring"));
}

static struct answer beside_readers(const char *who, enum reading how, uint32_t n, uint32_t bytes)
{
	struct batch batch = {
		.who = who, .bytes = bytes, .msecs = quick ? 30 : 100, .mean = true,
	};
	struct readers *readers;
	char channel[48];
	double ns;

	readers = readers_start(channel_of(who, channel), how, n);
	/* The mean: a median would not see that each tenth block wakes a reader */
	ns = kernel_run(batch);
	readers_stop(readers);
	return NS_VALUE(ns);
}

/*
 * Blocks of records that are not overwritten: half of a ring each, which the holders, if there are
 * any, then give back. A peer empties its ring itself before each.
 */
static struct answer in_blocks(const char *who, uint32_t holders, bool refused, uint32_t bytes)
{
	const struct ring_record *records;
	struct ring *rings[HOLDERS_MAX];
	double blocks[BLOCKS];
	char channel[48];
	struct batch batch = {
		.who = who, .bytes = bytes,
		.records = kernel_ring_size() / 2 / KRING_RECORD_BYTES(bytes),
	};
	uint32_t i, holder, n = quick ? BLOCKS / 3 : BLOCKS;
	int got;

	must(holders <= HOLDERS_MAX);
	if (batch.records > 1024)		/* one block of the module's */
		batch.records = 1024;
	for (i = 0; i < holders; i++)
		rings[i] = reader_open(channel_of(who, channel),
				       (struct ring_opts){ .flags = RING_HOLD });
	if (refused)		/* of the full ring: as good as no record fits */
		kernel_run((struct batch){ .who = who, .bytes = bytes, .records = 100000 });
	for (i = 0; i < n; i++) {
		blocks[i] = kernel_run(batch);
		for (holder = 0; holder < holders && !refused; holder++) {
			while ((got = ring_peek(rings[holder], &records, 1000)) > 0)
				must(!ring_advance(rings[holder], got));
			must(got == 0);
		}
	}
	for (i = 0; i < holders; i++)
		ring_close(rings[i]);
	return NS_VALUE(median(blocks, n));
}

struct answer produce(const char *who, const char *what, uint32_t bytes)
{
	bool kring = !strncmp(who, "kring", 5);
	char how[16] = "", peer[48];
	uint32_t n;
	double ns;

	if (!*what)
		return NS_VALUE(kernel_run((struct batch){ .who = who, .bytes = bytes }));
	if (sscanf(what, "percpu-%u", &n) == 1 || sscanf(what, "global-%u", &n) == 1) {
		if (*what == 'g' && !kring)
			return NONE("it has a ring for each CPU only");
		if (!strcmp(who, "memcpy"))
			return NONE("it has one ring and no lock");
		if (n > (uint32_t)cpu_last() + 1)
			return NONE("not so many CPUs");
		ns = kernel_run((struct batch){ .who = who, .bytes = bytes, .producers = n });
		if (ns < 0)
			return NONE("the host gave the producers no two CPUs at once");
		return NS_VALUE(ns);
	}
	if (!strcmp(what, "drop") || !strcmp(what, "refused")) {
		snprintf(peer, sizeof(peer), "%s-drop", who);
		if (!kring && !kernel_knows(peer))
			return NONE("it does not refuse");
		if (!kring && *what == 'r')
			return NONE("measured for kring alone");
		return in_blocks(kring ? who : peer, kring, *what == 'r', bytes);
	}
	if (!kring)
		return NONE("measured for kring alone");
	if (!strcmp(what, "awake"))
		return beside_readers(who, AWAKE, 1, bytes);
	if (!strcmp(what, "busy"))
		return beside_readers(who, BUSY, 1, bytes);
	if (sscanf(what, "observers-%u-%15s", &n, how) == 2 && !strcmp(how, "reading") && n <= 16)
		return beside_readers(who, AT_THEIR_PACE, n, bytes);
	if (sscanf(what, "observers-%u", &n) == 1 && !*how && n <= 16)
		return beside_readers(who, AT_REST, n, bytes);
	if (sscanf(what, "holders-%u", &n) == 1 && n <= HOLDERS_MAX)
		return in_blocks(who, n, false, bytes);
	return NONE("no such case");
}
