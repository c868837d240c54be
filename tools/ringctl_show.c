// SPDX-License-Identifier: GPL-2.0
/* ringctl show */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "complain.h"
#include "list.h"
#include "ring.h"
#include "ringctl.h"

struct search {
	const char *name;
	struct kring_info info;
};

static int match(const struct kring_info *info, void *ctx)
{
	struct search *search = ctx;

	if (strncmp(info->name, search->name, KRING_NAME_MAX))
		return 0;
	search->info = *info;
	return 1;
}

static void show_info(const struct kring_info *info)
{
	const struct kring_counters *counters = &info->counters;
	char size[24];

	printf("name          %.*s\n", KRING_NAME_MAX, info->name);
	printf("source        %.*s\n", KRING_NAME_MAX, info->source);
	printf("id            %llu\n", info->id);
	printf("abi           %u\n", info->abi);
	printf("features      %#llx\n", info->features);
	printf("mode          %s\n", mode_name(info));
	printf("record        %s\n", record_name(info));
	printf("clock         %s\n",
	       info->clock == KRING_CLOCK_MONOTONIC ? "CLOCK_MONOTONIC" : "?");
	printf("rings         %u\n", info->nr_rings);
	printf("ring size     %s\n", size_name(info->ring_size, size));
	printf("ring stride   %llu\n", info->ring_stride);
	printf("map size      %llu\n", info->map_size);
	printf("data offset   %llu\n", info->data_offset);
	printf("max payload   %u\n", info->max_payload);
	printf("schema size   %u\n", info->schema_size);
	printf("readers       %u\n", info->readers);
	printf("events        %llu\n", info->events);
	printf("overwritten   %llu\n", counters->overwritten);
	printf("refused       %llu held, %llu busy, %llu size\n", counters->refused_held,
	       counters->refused_busy, counters->refused_size);
	printf("discarded     %llu\n", counters->discarded);
	printf("wakeups       %llu\n", counters->wakeups);
}

static const char *kind_name(uint8_t kind)
{
	static const char *const names[] = {
		[KRING_KIND_UNSIGNED] = "unsigned",
		[KRING_KIND_SIGNED] = "signed",
		[KRING_KIND_HEX] = "hex",
		[KRING_KIND_BOOL] = "bool",
		[KRING_KIND_PID] = "pid",
		[KRING_KIND_UID] = "uid",
		[KRING_KIND_SIGNAL] = "signal",
		[KRING_KIND_TIME] = "time",
		[KRING_KIND_CGROUP] = "cgroup",
		[KRING_KIND_SYSCALL] = "syscall",
		[KRING_KIND_RESULT] = "result",
		[KRING_KIND_TEXT] = "text",
		[KRING_KIND_PATH] = "path",
		[KRING_KIND_ARGV] = "argv",
		[KRING_KIND_ADDRESS] = "address",
		[KRING_KIND_BYTES] = "bytes",
	};

	return kind && kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "?";
}

static int show_schema(const char *name)
{
	const struct ring_type *types;
	char message[256] = "";
	struct ring_opts opts = {
		.size = sizeof(opts),
		.order = RING_ORDER_RING,
		.message = message,
		.message_size = sizeof(message),
	};
	struct ring *ring;
	size_t count;
	int ret;

	/* Only the channel's own file has the schema; open, it records: so be it */
	ret = ring_open(&ring, name, &opts);
	if (ret) {
		complain("%s: %s", name, *message ? message : strerror(-ret));
		return ret == -EPROTO ? EXIT_ABI : EXIT_ERROR;
	}
	count = ring_types(ring, &types);
	for (size_t n = 0; n < count; n++) {
		const struct ring_type *type = &types[n];

		printf("event         %s, type %u, %u bytes%s\n", type->name, type->type,
		       type->payload, type->nr_fields ? ":" : "");
		for (unsigned int f = 0; f < type->nr_fields; f++) {
			const struct ring_field *field = &type->fields[f];

			printf("    %-16s %-8s at %u, %u bytes%s\n", field->name,
			       kind_name(field->kind), field->offset, field->size,
			       field->flags & KRING_FIELD_VAR ?
			       " (where it is, of variable size)" : "");
		}
	}
	ring_close(ring);
	return EXIT_OK;
}

int command_show(int argc, char **argv)
{
	static const struct option none[] = { { 0 } };
	struct search search;
	int ret;

	if (get_option(argc, argv, none, "none") != -1 ||
	    get_arguments(argc, argv, 1, 1, "show NAME"))
		return EXIT_USAGE;
	/* Before the channel is opened, so that this reader is not counted */
	search.name = argv[optind];
	ret = ring_list(match, &search);
	if (ret < 0)
		return complain_control(ret);
	if (!ret) {
		complain("there is no channel '%s'; ringctl list shows what there is",
			 search.name);
		return EXIT_ERROR;
	}
	show_info(&search.info);
	return show_schema(search.name);
}
