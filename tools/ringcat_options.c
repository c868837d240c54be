// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <stdio.h>

#include "complain.h"
#include "list.h"
#include "ringcat.h"

#define ALLOWED \
	"-o text|json, -n N, -q, --cpu LIST, --from oldest|newest, --snapshot, " \
	"--seconds S, --verify, --stats text|json, --list, -h, -V"

enum { OPT_CPU = 256, OPT_FROM, OPT_SNAPSHOT, OPT_SECONDS, OPT_VERIFY, OPT_STATS,
       OPT_LIST };

static const struct option long_options[] = {
	{ "output",	required_argument,	NULL, 'o' },
	{ "count",	required_argument,	NULL, 'n' },
	{ "quiet",	no_argument,		NULL, 'q' },
	{ "cpu",	required_argument,	NULL, OPT_CPU },
	{ "from",	required_argument,	NULL, OPT_FROM },
	{ "snapshot",	no_argument,		NULL, OPT_SNAPSHOT },
	{ "seconds",	required_argument,	NULL, OPT_SECONDS },
	{ "verify",	no_argument,		NULL, OPT_VERIFY },
	{ "stats",	required_argument,	NULL, OPT_STATS },
	{ "list",	no_argument,		NULL, OPT_LIST },
	{ "help",	no_argument,		NULL, 'h' },
	{ "version",	no_argument,		NULL, 'V' },
	{ 0 },
};

static const char help[] =
"Usage: ringcat [options] CHANNEL\n"
"       ringcat --list\n"
"Prints the events of a kring channel as they come, one a line, in the order of\n"
"their time over all CPUs. CHANNEL is a name as --list has it, or a path.\n"
"\n"
"  -o, --output text|json  how to print (text), see below\n"
"  -n, --count N           end after N events\n"
"      --seconds S         end after S seconds (0.5 is allowed)\n"
"      --from newest       begin with what is reported from now on (default)\n"
"      --from oldest       begin with the oldest event in the rings\n"
"      --snapshot          print what is in the rings now, oldest first, and end\n"
"      --cpu LIST          only the rings of these CPUs, like 0-3,5\n"
"  -q, --quiet             print no events; count them\n"
"      --verify            prove that the load generator's events are all there and\n"
"                          whole (the load must not be started anew meanwhile)\n"
"      --stats text|json   how to print statistics (text)\n"
"      --list              list the channels\n"
"  -h, --help              this text\n"
"  -V, --version           versions of ringcat, libring, the ABI and the module's\n"
"\n"
"text    SECONDS.NANOSECONDS [CPU] EVENT FIELD=VALUE ... with CLOCK_MONOTONIC's\n"
"        time. Texts are quoted where they are empty or have blanks, quotes,\n"
"        backslashes or control characters (\\xNN). Lists of texts stand in\n"
"        brackets. What is true or false stands there by its name when true.\n"
"        Where events are missing: ... [CPU] LOST N events (N overwritten, N refused)\n"
"json    An object a line. Events: {\"kind\":\"event\",\"time\":NS,\"cpu\":N,\"ring\":N,\n"
"        \"seq\":N,\"event\":NAME,\"fields\":{...}}; missing events: {\"kind\":\"lost\",\n"
"        \"time\":NS,\"cpu\":N,\"ring\":N,\"overwritten\":N,\"refused\":N}. cpu is null for\n"
"        what is lost in a ring of all CPUs. Integers are numbers, up to 64 bits\n"
"        wide: read them as such. Bytes are hexadecimal, lists of texts arrays; a\n"
"        byte that is not UTF-8 is \\u00NN; a field that cannot be decoded is null.\n"
"\n"
"Overwritten: gone before they were read. Refused: there was no room for them.\n"
"Discarded: taken back by the kernel itself.\n"
"\n"
"The last line on stderr has the statistics: events, bytes of their payloads,\n"
"seconds, lost events by cause, discarded ones. As JSON its kind is \"stats\", and\n"
"left (events in the rings, not read; null if they changed too fast) is there too.\n"
"\n"
"Signals: INT and TERM end cleanly, a second one at once. USR1 prints the\n"
"statistics on stderr and goes on. When the reader of stdout is gone, ringcat\n"
"ends quietly.\n"
"\n"
"Exit codes:\n"
"  0  ended as asked: by -n, --seconds, --snapshot, INT, TERM, a reader that left,\n"
"     or because the channel was removed\n"
"  1  an error: no such channel, no permission, output cannot be written, ...\n"
"  2  wrong options or arguments\n"
"  3  --verify found something wrong, or had nothing to verify\n"
"  4  the kernel module speaks another ABI\n";

static int parse_option(struct options *options, int option)
{
	static const char *const formats[] = { "text", "json", NULL };
	static const char *const starts[] = { "newest", "oldest", NULL };
	unsigned int word = 0;
	int ret = 0;

	switch (option) {
	case 'o':
		ret = parse_word("-o", optarg, formats, &word);
		options->json = word;
		break;
	case 'n':
		ret = parse_number("-n", optarg, 1, UINT64_MAX, &options->count);
		break;
	case 'q':
		options->quiet = true;
		break;
	case OPT_CPU:
		ret = parse_cpus("--cpu", optarg, &options->cpus);
		break;
	case OPT_FROM:
		ret = parse_word("--from", optarg, starts, &word);
		options->oldest = word;
		break;
	case OPT_SNAPSHOT:
		options->snapshot = true;
		break;
	case OPT_SECONDS:
		ret = parse_seconds("--seconds", optarg, &options->duration);
		break;
	case OPT_VERIFY:
		options->verify = true;
		break;
	case OPT_STATS:
		ret = parse_word("--stats", optarg, formats, &word);
		options->stats_json = word;
		break;
	}
	return ret;
}

int options_parse(struct options *options, int argc, char **argv)
{
	bool list = false;
	int option;

	while ((option = getopt_long(argc, argv, "o:n:qhV", long_options, NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(help, stdout);
			return EXIT_OK;
		case 'V':
			print_version();
			return EXIT_OK;
		case OPT_LIST:
			list = true;
			break;
		case '?':
			complain("allowed: " ALLOWED);
			return EXIT_USAGE;
		default:
			if (parse_option(options, option))
				return EXIT_USAGE;
		}
	}
	if (argc - optind > !list) {
		complain("extra argument '%s': %s", argv[optind + !list],
			 list ? "--list takes none" : "one channel is allowed");
		return EXIT_USAGE;
	}
	if (list)
		return list_channels();
	if (optind == argc) {
		complain("no channel given (ringcat --list has them, ringcat -h has help)");
		return EXIT_USAGE;
	}
	options->channel = argv[optind];
	return -1;
}
