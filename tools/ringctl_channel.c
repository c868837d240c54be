// SPDX-License-Identifier: GPL-2.0
/* ringctl create, remove, set */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "complain.h"
#include "parse.h"
#include "ringctl.h"

#define CRITICAL_SHARE_MAX	75	/* percent */

static const struct option no_options[] = { { 0 } };

/* Of create and set both */
#define SETTING_OPTIONS							\
	{ "holders",		required_argument,	NULL, 'h' },	\
	{ "lag",		required_argument,	NULL, 'l' },	\
	{ "keep",		required_argument,	NULL, 'k' },	\
	{ "critical-share",	required_argument,	NULL, 'c' }
#define SETTING_NAMES \
	"--holders N, --lag BYTES|none, --keep SECONDS|none, --critical-share PERCENT"
#define CREATE_NAMES \
	"--source NAME, --mode percpu|global, --clock mono|boot|local|none, --size BYTES, " \
	"--record-always, " SETTING_NAMES

static int parse_setting(int option, struct kring_set *set)
{
	bool none = optarg && !strcmp(optarg, "none");
	uint64_t number = 0;
	int ret = 0;

	switch (option) {
	case 'h':
		ret = parse_number("--holders", optarg, 0, KRING_HOLDS_MAX, &number);
		set->options |= KRING_SET_HOLDS_MAX;
		set->holds_max = number;
		break;
	case 'l':
		if (!none)
			ret = parse_size("--lag", optarg, &number);
		set->options |= KRING_SET_LAG_LIMIT;
		set->lag_limit = number;
		break;
	case 'k':
		if (!none)
			ret = parse_seconds("--keep", optarg, &number);
		set->options |= KRING_SET_KEEP_LIMIT;
		set->keep_limit = number;
		break;
	case 'c':
		ret = parse_number("--critical-share", optarg, 0, CRITICAL_SHARE_MAX, &number);
		set->options |= KRING_SET_CRITICAL_SHARE;
		set->critical_share = number;
		break;
	default:		/* get_option() has said it */
		ret = -EINVAL;
	}
	return ret;
}

int command_create(int argc, char **argv)
{
	static const struct option allowed[] = {
		{ "source",		required_argument,	NULL, 's' },
		{ "mode",		required_argument,	NULL, 'm' },
		{ "clock",		required_argument,	NULL, 't' },
		{ "size",		required_argument,	NULL, 'b' },
		{ "record-always",	no_argument,		NULL, 'r' },
		SETTING_OPTIONS,
		{ 0 },
	};
	static const char *const modes[] = { "percpu", "global", NULL };
	static const __u32 mode_numbers[] = { KRING_MODE_PERCPU, KRING_MODE_GLOBAL };
	static const char *const clocks[] = { "mono", "boot", "local", "none", NULL };
	static const __u32 clock_numbers[] = { KRING_CLOCK_MONOTONIC, KRING_CLOCK_BOOTTIME,
					       KRING_CLOCK_LOCAL, KRING_CLOCK_NONE };
	struct kring_create create = { .req.size = sizeof(create) };
	struct kring_set set = { .req.size = sizeof(set) };
	struct kring_remove remove = { .req.size = sizeof(remove) };
	unsigned int mode = 0, clock = 0;
	uint64_t size = 0;
	int option, ret;

	while ((option = get_option(argc, argv, allowed, CREATE_NAMES)) != -1) {
		ret = 0;
		switch (option) {
		case 's':
			ret = parse_name("--source", optarg, create.source);
			break;
		case 'm':
			ret = parse_word("--mode", optarg, modes, &mode);
			break;
		case 't':
			ret = parse_word("--clock", optarg, clocks, &clock);
			break;
		case 'b':
			ret = parse_ring_size("--size", optarg, &size);
			break;
		case 'r':
			create.flags |= KRING_RECORD_ALWAYS;
			break;
		default:
			ret = parse_setting(option, &set);
		}
		if (ret)
			return EXIT_USAGE;
	}
	if (get_arguments(argc, argv, 1, 1, "create NAME --source SOURCE [options]") ||
	    parse_name("create", argv[optind], create.req.name))
		return EXIT_USAGE;
	if (!*create.source) {
		complain("create: --source is missing: " SOURCES);
		return EXIT_USAGE;
	}
	create.mode = mode_numbers[mode];
	create.clock = clock_numbers[clock];
	create.ring_size = size;
	ret = send_request(KRING_IOC_CREATE, &create.req);
	if (ret || !set.options)
		return ret;
	memcpy(set.req.name, create.req.name, sizeof(set.req.name));
	ret = send_request(KRING_IOC_SET, &set.req);
	/* As if nothing had happened */
	memcpy(remove.req.name, create.req.name, sizeof(remove.req.name));
	if (ret)
		send_request(KRING_IOC_REMOVE, &remove.req);
	return ret;
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
	static const struct option allowed[] = { SETTING_OPTIONS, { 0 } };
	static const char *const records[] = { "record=reading", "record=always", NULL };
	struct kring_set set = { .req.size = sizeof(set) };
	unsigned int always;
	int option;

	while ((option = get_option(argc, argv, allowed, SETTING_NAMES)) != -1) {
		if (parse_setting(option, &set))
			return EXIT_USAGE;
	}
	if (get_arguments(argc, argv, 1, 2, "set NAME [record=always|reading] [options]") ||
	    parse_name("set", argv[optind], set.req.name))
		return EXIT_USAGE;
	if (optind + 1 < argc) {
		if (parse_word("set", argv[optind + 1], records, &always))
			return EXIT_USAGE;
		set.mask = KRING_RECORD_ALWAYS;
		set.flags = always ? KRING_RECORD_ALWAYS : 0;
	} else if (!set.options) {
		complain("set: what to set is missing: record=always, record=reading, "
			 SETTING_NAMES);
		return EXIT_USAGE;
	}
	return send_request(KRING_IOC_SET, &set.req);
}
