// SPDX-License-Identifier: GPL-2.0
/* ringctl show */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

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

/* Exact, without zeros behind it */
static void print_seconds(uint64_t ns)
{
	int digits = 9;

	if (!ns) {
		printf("none");
		return;
	}
	for (uint64_t rest = ns; digits && rest % 10 == 0; rest /= 10)
		digits--;
	printf("%.*f s", digits, ns / 1e9);
}

static int show_holds(const char *channel)
{
	struct kring_hold_info hold = { 0 };
	int fd = open("/dev/kring/control", O_RDONLY | O_CLOEXEC);
	char size[24];
	int error;

	if (fd < 0)
		return complain_control(-errno);
	for (;;) {
		hold = (struct kring_hold_info) { .req.size = sizeof(hold), .id = hold.id };
		strcpy(hold.req.name, channel);
		if (ioctl(fd, KRING_IOC_HOLD_NEXT, &hold))
			break;
		printf("hold          ");
		if (*hold.hold)
			print_text(hold.hold, sizeof(hold.hold));
		else
			printf("without a name");
		printf(" of ");
		print_text(hold.comm, sizeof(hold.comm));
		if (hold.pid)
			printf(" (pid %u)", hold.pid);
		else
			printf(" (gone)");
		printf(": %u rings, %u revoked, lags %s, keep ", hold.rings, hold.revoked,
		       size_name(hold.lag, size));
		print_seconds(hold.keep);
		putchar('\n');
	}
	error = errno;
	close(fd);
	return error == ENOENT ? EXIT_OK : complain_request(error, &hold.req);
}

static void show_info(const struct kring_info *info)
{
	const struct kring_counters *counters = &info->counters;
	const char *clock = ring_clock_name(info->clock);
	char size[24], limit[24];

	printf("name          %.*s\n", KRING_NAME_MAX, info->name);
	printf("source        %.*s\n", KRING_NAME_MAX, info->source);
	printf("id            %llu\n", info->id);
	printf("abi           %u\n", info->abi);
	printf("features      %#llx\n", info->features);
	printf("mode          %s\n", mode_name(info));
	printf("record        %s\n", record_name(info));
	printf("clock         %s\n", clock ? clock : "?");
	printf("rings         %u of %u\n", info->nr_rings, info->max_rings);
	printf("ring size     %s\n", size_name(info->ring_size, size));
	printf("ring stride   %llu\n", info->ring_stride);
	printf("map size      %llu\n", info->map_size);
	printf("data offset   %llu\n", info->data_offset);
	printf("max payload   %u\n", info->max_payload);
	printf("schema size   %u\n", info->schema_size);
	printf("readers       %u\n", info->readers);
	printf("holds         %u, on a ring at most %u\n", info->holds, info->holds_max);
	printf("lag limit     %s\n", info->lag_limit ? size_name(info->lag_limit, limit) : "none");
	printf("keep limit    ");
	print_seconds(info->keep_limit);
	printf("\ncritical      %u%% of each ring\n", info->critical_share);
	printf("events        %llu\n", info->events);
	printf("overwritten   %llu\n", counters->overwritten);
	printf("refused       %llu held, %llu critical, %llu busy, %llu size\n",
	       counters->refused_held, counters->refused_critical,
	       counters->refused_busy, counters->refused_size);
	printf("discarded     %llu\n", counters->discarded);
	printf("wakeups       %llu\n", counters->wakeups);
	printf("revoked       %llu holds\n", counters->revoked);
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

		printf("event         %s, type %u, %u bytes%s%s\n", type->name, type->type,
		       type->payload, type->flags & KRING_TYPE_CRITICAL ? ", critical" : "",
		       type->nr_fields ? ":" : "");
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
	ret = filter_print(search.name, "filter        ");
	if (!ret)
		ret = show_holds(search.name);
	return ret ? ret : show_schema(search.name);
}
