// SPDX-License-Identifier: GPL-2.0
#include "list.h"

#include <stdio.h>

#include "complain.h"

const char *mode_name(const struct kring_info *info)
{
	return info->mode == KRING_MODE_PERCPU ? "percpu" :
	       info->mode == KRING_MODE_GLOBAL ? "global" : "?";
}

const char *record_name(const struct kring_info *info)
{
	return info->flags & KRING_RECORD_ALWAYS ? "always" : "reading";
}

const char *size_name(uint64_t bytes, char *text)
{
	static const char *const suffix[] = { "", "K", "M", "G" };
	unsigned int n = 0;

	while (n < 3 && bytes && bytes % 1024 == 0) {
		bytes /= 1024;
		n++;
	}
	snprintf(text, 24, "%llu%s", (unsigned long long)bytes, suffix[n]);
	return text;
}

static void print_header(void)
{
	printf("%-16s %-8s %-6s %5s %6s %-7s %7s %12s %12s %8s %9s %5s\n", "NAME",
	       "SOURCE", "MODE", "RINGS", "SIZE", "RECORD", "READERS", "EVENTS",
	       "OVERWRITTEN", "REFUSED", "DISCARDED", "HOLDS");
}

static int print_row(const struct kring_info *info, void *count)
{
	const struct kring_counters *lost = &info->counters;
	char size[24];

	if (!(*(int *)count)++)
		print_header();
	printf("%-16.*s %-8.*s %-6s %5u %6s %-7s %7u %12llu %12llu %8llu %9llu %5u\n",
	       KRING_NAME_MAX, info->name, KRING_NAME_MAX, info->source,
	       mode_name(info), info->nr_rings, size_name(info->ring_size, size),
	       record_name(info), info->readers, info->events,
	       lost->overwritten, lost->refused_held + lost->refused_busy +
	       lost->refused_size + lost->refused_critical, lost->discarded, info->holds);
	return 0;
}

int list_channels(void)
{
	int count = 0;
	int ret = ring_list(print_row, &count);

	if (ret < 0)
		return complain_control(ret);
	if (!count)
		print_header();
	return EXIT_OK;
}
