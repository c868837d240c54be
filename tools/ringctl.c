// SPDX-License-Identifier: GPL-2.0
/* ringctl: makes, shows, sets and removes channels; starts and stops the load */
#include "ringctl.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "complain.h"
#include "list.h"
#include "ring.h"

const char program[] = "ringctl";

static const char help[] =
"Usage: ringctl COMMAND [arguments]\n"
"Makes, shows, sets and removes the channels of kring.\n"
"\n"
"  list                      list the channels\n"
"  show NAME                 all about a channel, and what its events hold\n"
"  create NAME --source SOURCE [options]\n"
"                            make a channel; SOURCE is task (processes: fork, exec,\n"
"                            exit), sched (switches, wakeups), syscall (system calls),\n"
"                            log (the kernel's log), net (connections, drops), file\n"
"                            (open, rename, unlink), user (what programs write to it)\n"
"                            or load (the load generator)\n"
"      --mode percpu|global  a ring for each CPU (default), or one for all\n"
"      --clock CLOCK         of the events' times: mono (default), boot (goes on while\n"
"                            the machine sleeps), local (each CPU's own, the cheapest)\n"
"                            or none; with the last two, events are not sorted by time\n"
"      --size BYTES          of each ring: a power of two from 64K to 1G (1M)\n"
"      --record-always       record also while nobody reads\n"
"      --holders N           so many holds at once on a ring: 0 to 8 (8)\n"
"      --lag BYTES|none      revoke a hold that lags more than this (none)\n"
"      --keep SECONDS|none   how long a hold may outlive its program (none)\n"
"      --critical-share PERCENT\n"
"                            of each ring for critical events alone, while there are\n"
"                            holds: 0 to 75 (0)\n"
"  remove NAME               take a channel away; who has it open may read on\n"
"  set NAME record=always    record also while nobody reads\n"
"  set NAME record=reading   record while somebody reads\n"
"  set NAME [options]        --holders, --lag, --keep, --critical-share, as for create\n"
"  filter NAME               print which events are reported at all\n"
"  filter NAME CONDITION...  report only those of tasks that meet them, from now on:\n"
"                            pid, tgid, uid, comm or cgroup, then = or !=, and a value;\n"
"                            uid also by name, cgroup also as a directory's path. Of\n"
"                            those with = on the same one, one must hold; and all others\n"
"  filter NAME none          report all again\n"
"  load start [NAME] [options]\n"
"                            start the load generator on a channel of the source\n"
"                            load (NAME: load), anew if it runs\n"
"      --cpus LIST           one thread on each of these CPUs, like 0-3,5 (all)\n"
"      --rate N              events a second and CPU; 0: flat out (default)\n"
"      --bytes N             payload of an event: 24 to 4096, a multiple of 8 (64)\n"
"      --critical N          every N-th event is a critical one (none)\n"
"      --seconds S           end after that time (0.5 is allowed); without it, the\n"
"                            load runs until it is stopped\n"
"  load stop [NAME]          stop it (NAME: load)\n"
"  -h, --help                this text\n"
"  -V, --version             versions of ringctl, libring, the ABI and the module's\n"
"\n"
"Exit codes:\n"
"  0  done\n"
"  1  refused by the kernel, no such channel, no permission, kring not loaded\n"
"  2  wrong command, options or arguments\n"
"  4  the kernel module speaks another ABI\n";

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "list", command_list },
	{ "show", command_show },
	{ "create", command_create },
	{ "remove", command_remove },
	{ "set", command_set },
	{ "filter", command_filter },
	{ "load", command_load },
};

int get_option(int argc, char **argv, const struct option *allowed, const char *names)
{
	int option = getopt_long(argc, argv, "", allowed, NULL);

	if (option == '?')
		complain("%s: allowed options: %s", argv[0], names);
	return option;
}

int get_arguments(int argc, char **argv, unsigned int min, unsigned int max,
		  const char *usage)
{
	unsigned int count = argc - optind;

	if (count >= min && count <= max)
		return 0;
	if (count < min)
		complain("%s: missing argument; usage: ringctl %s", argv[0], usage);
	else
		complain("%s: extra argument '%s'; usage: ringctl %s", argv[0],
			 argv[optind + max], usage);
	return EXIT_USAGE;
}

int complain_request(int error, const struct kring_request *request)
{
	if (*request->message)
		complain("%s: %.*s", request->name, KRING_MESSAGE_MAX, request->message);
	else
		complain("%s: %s", request->name, strerror(error));
	return error == EPROTO ? EXIT_ABI : EXIT_ERROR;
}

int send_request(unsigned long command, struct kring_request *request)
{
	bool asks = command == KRING_IOC_FILTER_GET;
	int fd = open("/dev/kring/control", (asks ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
	int error;

	if (fd < 0)
		return complain_control(-errno);
	error = ioctl(fd, command, request) ? errno : 0;
	close(fd);
	return error ? complain_request(error, request) : EXIT_OK;
}

void print_text(const char *text, size_t size)
{
	struct ring_field field = { .kind = KRING_KIND_TEXT, .size = size };
	struct ring_record record = { .kind = RING_EVENT, .data = text, .size = size };
	char safe[256];

	ring_format(&record, &field, safe, sizeof(safe));
	fputs(safe, stdout);
}

int command_list(int argc, char **argv)
{
	static const struct option none[] = { { 0 } };

	if (get_option(argc, argv, none, "none") != -1 ||
	    get_arguments(argc, argv, 0, 0, "list"))
		return EXIT_USAGE;
	return list_channels();
}

static int run(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (!strcmp(name, "-h") || !strcmp(name, "--help")) {
		fputs(help, stdout);
		return EXIT_OK;
	}
	if (!strcmp(name, "-V") || !strcmp(name, "--version")) {
		print_version();
		return EXIT_OK;
	}
	for (size_t n = 0; n < sizeof(commands) / sizeof(commands[0]); n++) {
		if (!strcmp(name, commands[n].name))
			return commands[n].run(argc - 1, argv + 1);
	}
	if (*name)
		complain("unknown command '%s'", name);
	else
		complain("no command given");
	complain("allowed: list, show, create, remove, set, filter, load start, load stop, -h, -V");
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	return finish_stdout(run(argc, argv));
}
