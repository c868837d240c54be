// SPDX-License-Identifier: GPL-2.0
/* ringctl load start, load stop */
#include <string.h>
#include <linux/kring_load.h>

#include "complain.h"
#include "parse.h"
#include "ringctl.h"

#define BYTES_DEFAULT	64
#define START_NAMES	"--cpus LIST, --rate N, --bytes N, --seconds S, --critical N"

static const struct option start_options[] = {
	{ "cpus",	required_argument,	NULL, 'c' },
	{ "rate",	required_argument,	NULL, 'r' },
	{ "bytes",	required_argument,	NULL, 'b' },
	{ "seconds",	required_argument,	NULL, 's' },
	{ "critical",	required_argument,	NULL, 'e' },
	{ 0 },
};

static const struct option stop_options[] = { { 0 } };

static int parse_bytes(const char *text, uint64_t *bytes)
{
	if (parse_number("--bytes", text, KRING_LOAD_BYTES_MIN, KRING_LOAD_BYTES_MAX, bytes))
		return -1;
	if (*bytes % 8 == 0)
		return 0;
	complain("--bytes: '%s' is not allowed: a multiple of 8", text);
	return -1;
}

int command_load(int argc, char **argv)
{
	static const char *const words[] = { "stop", "start", NULL };
	struct kring_load load = { .req.size = sizeof(load) };
	struct cpu_list cpus = { 0 };
	uint64_t bytes = BYTES_DEFAULT, rate = 0, duration = 0, critical = 0;
	unsigned int start;
	int option, ret;

	if (argc < 2) {
		complain("load: what to do is missing: start or stop");
		return EXIT_USAGE;
	}
	if (parse_word("load", argv[1], words, &start))
		return EXIT_USAGE;
	argc--;
	argv++;
	while ((option = get_option(argc, argv, start ? start_options : stop_options,
				    start ? START_NAMES : "none")) != -1) {
		switch (option) {
		case 'c':
			ret = parse_cpus("--cpus", optarg, &cpus);
			break;
		case 'r':
			ret = parse_number("--rate", optarg, 0, 1000000000, &rate);
			break;
		case 'b':
			ret = parse_bytes(optarg, &bytes);
			break;
		case 's':
			ret = parse_seconds("--seconds", optarg, &duration);
			break;
		case 'e':
			ret = parse_number("--critical", optarg, 1, UINT32_MAX, &critical);
			break;
		default:
			return EXIT_USAGE;
		}
		if (ret)
			return EXIT_USAGE;
	}
	if (get_arguments(argc, argv, 0, 1, start ? "load start [NAME] [options]" :
						    "load stop [NAME]") ||
	    parse_name("load", optind < argc ? argv[optind] : "load", load.req.name))
		return EXIT_USAGE;

	if (start) {
		load.command = KRING_LOAD_START;
		load.bytes = bytes;
		load.rate = rate;
		load.duration = duration;
		load.critical = critical;
	}
	if (cpus.count) {
		load.cpus = (uintptr_t)cpus.mask;
		load.cpus_size = sizeof(cpus.mask);
		/* The kernel may know of fewer CPUs than this program does */
		while (!cpus.mask[load.cpus_size / 8 - 1])
			load.cpus_size -= 8;
	}
	return send_request(KRING_IOC_LOAD, &load.req);
}
