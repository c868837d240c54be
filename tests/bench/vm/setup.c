// SPDX-License-Identifier: GPL-2.0
/* What it takes to begin to read, and a channel's memory. */
#include "bench.h"

#define TIMES		15
#define CHANNELS	16

static double open_ns(const char *channel, uint32_t flags)
{
	double times[TIMES];
	int i;

	for (i = 0; i < TIMES; i++) {
		uint64_t from = now_ns();
		struct ring *ring = reader_open(channel, (struct ring_opts){ .flags = flags });

		times[i] = now_ns() - from;
		ring_close(ring);
	}
	return median(times, TIMES);
}

static long free_bytes(void)
{
	char line[128];
	long kilobytes = -1;
	FILE *file = fopen("/proc/meminfo", "re");

	must(file);
	while (fgets(line, sizeof(line), file) && sscanf(line, "MemFree: %ld", &kilobytes) != 1)
		;
	fclose(file);
	must(kilobytes >= 0);
	return kilobytes * 1024;
}

/* Of one ring, with all that belongs to it */
static double memory_once(void)
{
	struct kring_create create = {
		.req.size = sizeof(create), .source = KRING_LOAD_SOURCE,
		.mode = KRING_MODE_GLOBAL, .ring_size = kernel_ring_size(),
	};
	int control = control_open(), i;
	long before, after;
	char name[32];

	usleep(300000);		/* until what others left is free */
	before = free_bytes();

	for (i = 0; i < CHANNELS; i++) {
		snprintf(create.req.name, sizeof(create.req.name), "memory%d", i);
		certain(!ioctl(control, KRING_IOC_CREATE, &create), "create: %s", create.req.message);
	}
	after = free_bytes();
	for (i = 0; i < CHANNELS; i++) {
		snprintf(name, sizeof(name), "memory%d", i);
		channel_remove(control, name);
	}
	close(control);
	return (double)(before - after) / CHANNELS;
}

/* What others free meanwhile makes it less, nothing makes it much more */
static double memory(void)
{
	double bytes, most = 0;
	int i;

	for (i = 0; i < 3; i++) {
		bytes = memory_once();
		if (bytes > most)
			most = bytes;
	}
	return most;
}

struct answer setup(const char *channel, const char *what)
{
	if (!strcmp(what, "map"))
		return NS_VALUE(open_ns(channel, 0));
	if (!strcmp(what, "attach"))
		return NS_VALUE(open_ns(channel, RING_HOLD));
	if (!strcmp(what, "memory"))
		return (struct answer){ .value = memory(), .unit = "bytes" };
	return NONE("no such case");
}
