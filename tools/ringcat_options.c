// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "list.h"
#include "ringcat.h"

#define ALLOWED \
	"-o text|json, -n N, -q, --where CONDITION, --cpu LIST, --from oldest|newest, " \
	"--snapshot, --seconds S, --hold, --name NAME, --keep SECONDS, --state FILE, " \
	"--busy-us N, --verify, --stats text|json, --list, -h, -V"

enum {
	OPT_CPU = 256, OPT_FROM, OPT_SNAPSHOT, OPT_SECONDS, OPT_VERIFY, OPT_STATS,
	OPT_LIST, OPT_WHERE, OPT_HOLD, OPT_NAME, OPT_KEEP, OPT_STATE, OPT_BUSY
};

static const struct option long_options[] = {
	{ "output",	required_argument,	NULL, 'o' },
	{ "count",	required_argument,	NULL, 'n' },
	{ "quiet",	no_argument,		NULL, 'q' },
	{ "cpu",	required_argument,	NULL, OPT_CPU },
	{ "from",	required_argument,	NULL, OPT_FROM },
	{ "snapshot",	no_argument,		NULL, OPT_SNAPSHOT },
	{ "seconds",	required_argument,	NULL, OPT_SECONDS },
	{ "where",	required_argument,	NULL, OPT_WHERE },
	{ "hold",	no_argument,		NULL, OPT_HOLD },
	{ "name",	required_argument,	NULL, OPT_NAME },
	{ "keep",	required_argument,	NULL, OPT_KEEP },
	{ "state",	required_argument,	NULL, OPT_STATE },
	{ "busy-us",	required_argument,	NULL, OPT_BUSY },
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
"their time over all CPUs; if the channel's clock is local or none, as they lie in\n"
"each ring. CHANNEL is a name as --list has it, or a path.\n"
"\n"
"  -o, --output text|json  how to print (text), see below\n"
"  -n, --count N           end after N events\n"
"      --seconds S         end after S seconds (0.5 is allowed)\n"
"      --from newest       begin with what is reported from now on (default)\n"
"      --from oldest       begin with the oldest event in the rings\n"
"      --snapshot          print what is in the rings now, oldest first, and end\n"
"      --cpu LIST          only the rings of these CPUs, like 0-3,5\n"
"      --where CONDITION   print only what meets it, see below; may be repeated\n"
"  -q, --quiet             print no events; count them\n"
"      --hold              lose nothing: what is not read yet is not overwritten, new\n"
"                          events are refused instead (needs permission to write)\n"
"      --name NAME         of the hold; goes on with the one that was kept by it\n"
"      --keep SECONDS      with --name: for so long the hold outlives ringcat, as far\n"
"                          as the channel allows (ringctl set --keep)\n"
"      --state FILE        with --hold: go on where FILE says that the last run ended,\n"
"                          if it is there; at the end, write it\n"
"      --busy-us N         look so many microseconds for events before sleeping\n"
"      --verify            prove that the load generator's events are all there and\n"
"                          whole (the load must not be started anew meanwhile)\n"
"      --stats text|json   how to print statistics (text)\n"
"      --list              list the channels\n"
"  -h, --help              this text\n"
"  -V, --version           versions of ringcat, libring, the ABI and the module's\n"
"\n"
"A CONDITION is FIELD OP VALUE without blanks around OP: = != < <= > >= or ~ (has\n"
"the text in it). FIELD is one of an event's, or event (its name) or cpu. Of those\n"
"with = or ~ on the same field one must hold, and all others; an event without the\n"
"field is left out. Numbers are decimal or 0x..., or names where names are printed\n"
"(SIGKILL, openat, -EACCES, 127.0.0.1, true); times are in ns. Of a list of texts,\n"
"one must be or have that text. --where comm=init --where 'result<0'\n"
"\n"
"text    SECONDS.NANOSECONDS [CPU] EVENT FIELD=VALUE ... with the time of the\n"
"        channel's clock: - where it is not known, and nothing stands there if that\n"
"        is none. Texts are quoted where they are empty or have blanks, quotes,\n"
"        backslashes or control characters (\\xNN). Lists of texts stand in\n"
"        brackets. What is true or false stands there by its name when true.\n"
"        Where events are missing: ... [CPU] LOST N events (N overwritten, N refused),\n"
"        and behind the first ones since a hold was revoked: (the hold was revoked)\n"
"json    An object a line. Events: {\"kind\":\"event\",\"time\":NS,\"cpu\":N,\"ring\":N,\n"
"        \"seq\":N,\"event\":NAME,\"fields\":{...}}; missing events: {\"kind\":\"lost\",\n"
"        \"time\":NS,\"cpu\":N,\"ring\":N,\"overwritten\":N,\"refused\":N}. cpu is null for\n"
"        what is lost in a ring of all CPUs, time where text has none. Integers are\n"
"        numbers, up to 64 bits wide: read them as such. System calls are names where\n"
"        they have one. Bytes are hexadecimal, lists of texts arrays; a byte that is\n"
"        not UTF-8 is \\u00NN; a field that cannot be decoded is null. The first loss\n"
"        since a hold was revoked has \"revoked\":true.\n"
"\n"
"Overwritten: gone before they were read. Refused: there was no room for them.\n"
"Discarded: taken back by the kernel itself. Filtered: read, and left out by --where.\n"
"\n"
"The last line on stderr has the statistics: events, bytes of their payloads,\n"
"seconds, lost events by cause, discarded and filtered ones. As JSON its kind is\n"
"\"stats\", and left (events in the rings, not read; null if they changed too fast)\n"
"is there too.\n"
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
	case OPT_WHERE:
		options->where[options->nr_where++] = optarg;
		break;
	case OPT_HOLD:
		options->hold = true;
		break;
	case OPT_NAME:
		ret = parse_name("--name", optarg, options->name);
		break;
	case OPT_KEEP:
		ret = parse_seconds("--keep", optarg, &options->keep);
		break;
	case OPT_STATE:
		options->state = optarg;
		break;
	case OPT_BUSY:
		ret = parse_number("--busy-us", optarg, 1, 1000000, &options->busy);
		options->busy *= 1000;
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

	options->where = calloc(argc, sizeof(*options->where));
	if (!options->where) {
		complain("%s", strerror(ENOMEM));
		return EXIT_ERROR;
	}
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
	if (!options->hold && (*options->name || options->keep || options->state)) {
		complain("%s needs --hold", *options->name ? "--name" :
			 options->keep ? "--keep" : "--state");
		return EXIT_USAGE;
	}
	if (options->keep && !*options->name) {
		complain("--keep needs --name: by it a kept hold is found again");
		return EXIT_USAGE;
	}
	options->channel = argv[optind];
	return -1;
}
