// SPDX-License-Identifier: GPL-2.0
/* What it takes to begin to read, and a channel's memory. */
#include <sys/mount.h>
#include <sys/stat.h>
#include "bench.h"

#define TIMES		15
#define CHANNELS	64

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

/*
 * What this process had the kernel take: rings are charged to the group of who creates them. Memory
 * that is free tells less, as others take and free it too.
 */
#define GROUPS	"/tmp/bench-groups"

static void group_write(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);

	certain(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text),
		"%s: %s", name, strerror(errno));
	close(fd);
}

static long group_bytes(void)
{
	FILE *file = fopen(GROUPS "/mine/memory.current", "re");
	long bytes;

	certain(file && fscanf(file, "%ld", &bytes) == 1, "memory.current: %s", strerror(errno));
	fclose(file);
	return bytes;
}

static void group_enter(void)
{
	if (!mkdir(GROUPS, 0700)) {
		must(!mount("none", GROUPS, "cgroup2", 0, NULL));
		group_write(GROUPS "/cgroup.subtree_control", "+memory");
		must(!mkdir(GROUPS "/mine", 0700));
	}
	group_write(GROUPS "/mine/cgroup.procs", "0");
}

/*
 * Of one ring, with all that belongs to it. A CPU charges for up to 64 pages ahead, which many
 * channels share.
 */
static double memory(void)
{
	struct kring_create create = {
		.req.size = sizeof(create), .source = KRING_LOAD_SOURCE,
		.mode = KRING_MODE_GLOBAL, .ring_size = kernel_ring_size(),
	};
	int control = control_open(), i;
	long before, after;
	char name[32];

	group_enter();
	before = group_bytes();
	for (i = 0; i < CHANNELS; i++) {
		snprintf(create.req.name, sizeof(create.req.name), "memory%d", i);
		certain(!ioctl(control, KRING_IOC_CREATE, &create),
			"create: %s", create.req.message);
	}
	after = group_bytes();
	for (i = 0; i < CHANNELS; i++) {
		snprintf(name, sizeof(name), "memory%d", i);
		channel_remove(control, name);
	}
	close(control);
	group_write(GROUPS "/cgroup.procs", "0");
	return (double)(after - before) / CHANNELS;
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
