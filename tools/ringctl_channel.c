// SPDX-License-Identifier: GPL-2.0
/* ringctl create, remove, set */
#include <stddef.h>
#include <stdint.h>

#include "complain.h"
#include "parse.h"
#include "ringctl.h"

static const struct option no_options[] = { { 0 } };

int command_create(int argc, char **argv)
{
	static const struct option allowed[] = {
		{ "source",		required_argument,	NULL, 's' },
		{ "mode",		required_argument,	NULL, 'm' },
		{ "size",		required_argument,	NULL, 'b' },
		{ "record-always",	no_argument,		NULL, 'r' },
		{ 0 },
	};
	static const char *const modes[] = { "percpu", "global", NULL };
	static const __u32 mode_numbers[] = { KRING_MODE_PERCPU, KRING_MODE_GLOBAL };
	struct kring_create create = { .req.size = sizeof(create) };
	unsigned int mode = 0;
	uint64_t size = 0;
	int option, ret;

	while ((option = get_option(argc, argv, allowed, "--source NAME, --mode "
				    "percpu|global, --size BYTES, --record-always")) != -1) {
		ret = 0;
		switch (option) {
		case 's':
			ret = parse_name("--source", optarg, create.source);
			break;
		case 'm':
			ret = parse_word("--mode", optarg, modes, &mode);
			break;
		case 'b':
			ret = parse_ring_size("--size", optarg, &size);
			break;
		case 'r':
			create.flags |= KRING_RECORD_ALWAYS;
			break;
		default:
			return EXIT_USAGE;
		}
		if (ret)
			return EXIT_USAGE;
	}
	if (get_arguments(argc, argv, 1, 1, "create NAME --source task|load [options]") ||
	    parse_name("create", argv[optind], create.req.name))
		return EXIT_USAGE;
	if (!*create.source) {
		complain("create: --source is missing: task or load");
		return EXIT_USAGE;
	}
	create.mode = mode_numbers[mode];
	create.ring_size = size;
	return send_request(KRING_IOC_CREATE, &create.req);
}

int command_remove(int argc, char **argv)
{
	struct kring_remove remove = { .req.size = sizeof(remove) };

	if (get_option(argc, argv, no_options, "none") != -1 ||
	    get_arguments(argc, argv, 1, 1, "remove NAME") ||
	    parse_name("remove", argv[optind], remove.req.name))
		return EXIT_USAGE;
	return send_request(KRING_IOC_REMOVE, &remove.req);
}

int command_set(int argc, char **argv)
{
	static const char *const settings[] = { "record=reading", "record=always", NULL };
	struct kring_set set = { .req.size = sizeof(set), .mask = KRING_RECORD_ALWAYS };
	unsigned int always;

	if (get_option(argc, argv, no_options, "none") != -1 ||
	    get_arguments(argc, argv, 2, 2, "set NAME record=always|reading") ||
	    parse_name("set", argv[optind], set.req.name) ||
	    parse_word("set", argv[optind + 1], settings, &always))
		return EXIT_USAGE;
	set.flags = always ? KRING_RECORD_ALWAYS : 0;
	return send_request(KRING_IOC_SET, &set.req);
}
