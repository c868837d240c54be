// SPDX-License-Identifier: GPL-2.0
/*
 * sched PROGRAM MODE: executions of one program until the time is over, or all.
 * The first that goes wrong is shown step by step, with what it takes to see it
 * again.
 */
#include <err.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "machine.h"
#include "world.h"

static const struct program *program;
static enum explore_mode mode;
static jmp_buf failed;
static char failure[512];
static uint64_t executions;

static struct {
	struct explore_bounds bounds;
	const char *choices;
	bool once;
	uint64_t seed;
	double seconds;
} options = { .seed = 1, .seconds = 10 };

void sim_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(failure, sizeof(failure), format, args);
	va_end(args);
	trace("** %s", failure);
	fiber_abort();
	_longjmp(failed, 1);
}

/* The system's own clock; the machine's is clock_gettime() here */
static double seconds(void)
{
	return (double)time(NULL);
}

static const char *const modes[] = {
	[EXPLORE_RANDOM] = "random", [EXPLORE_PCT] = "pct", [EXPLORE_ALL] = "all",
};

static void report(uint64_t seed, bool by_seed)
{
	printf("%s.%s: %s\nto see it again: tests/sched/run %s %s ", program->name, modes[mode],
	       failure, program->name, modes[mode]);
	if (by_seed) {
		printf("--seed %llu\n", (unsigned long long)seed);
	} else {
		printf("--choices ");
		explore_print(stdout);
		putchar('\n');
	}
	fflush(stdout);
}

/* Returns whether it was right */
static bool execute(void)
{
	if (_setjmp(failed))
		return false;
	program->execution();
	executions++;
	return true;
}

static int go(void)
{
	bool by_seed = mode == EXPLORE_RANDOM || mode == EXPLORE_PCT;
	double end = seconds() + options.seconds;
	uint64_t seed = options.seed;

	do {
		if (by_seed)
			explore_seed(seed);
		if (execute())
			continue;
		report(seed, by_seed);
		if (by_seed)
			explore_seed(seed);
		tracing = true;
		if (execute())
			printf("the second time it went well: the machine is not deterministic\n");
		return 1;
	} while (by_seed ? (seed++, executions % 64 || seconds() < end) : explore_next());
	printf("%s.%s: %llu executions\n", program->name, modes[mode],
	       (unsigned long long)executions);
	return 0;
}

static void usage(void)
{
	size_t i;

	fprintf(stderr, "usage: sched PROGRAM random|pct [--seed N] [--from N] [--seconds N]\n"
			"       sched PROGRAM all [--preemptions N] [--stale N] [--choices LIST]\n"
			"programs:");
	for (i = 0; i < nr_programs; i++)
		fprintf(stderr, " %s", programs[i].name);
	fputc('\n', stderr);
	exit(2);
}

static void take_options(int argc, char **argv)
{
	int i;

	for (i = 3; i + 1 < argc; i += 2) {
		const char *value = argv[i + 1];

		if (!strcmp(argv[i], "--seed")) {
			options.seed = strtoull(value, NULL, 0);
			options.once = true;
		} else if (!strcmp(argv[i], "--from")) {
			options.seed = strtoull(value, NULL, 0);
		} else if (!strcmp(argv[i], "--seconds")) {
			options.seconds = atof(value);
		} else if (!strcmp(argv[i], "--preemptions")) {
			options.bounds.preemptions = atoi(value);
		} else if (!strcmp(argv[i], "--stale")) {
			options.bounds.stale = atoi(value);
		} else if (!strcmp(argv[i], "--choices")) {
			options.choices = value;
			options.once = true;
		} else {
			usage();
		}
	}
	if (i != argc)
		usage();
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc < 3)
		usage();
	for (i = 0; i < nr_programs; i++)
		if (!strcmp(programs[i].name, argv[1]))
			program = &programs[i];
	for (i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (modes[i] && !strcmp(modes[i], argv[2]))
			mode = i;
	if (!program || !mode)
		usage();
	options.bounds = program->all;
	take_options(argc, argv);

	if (_setjmp(failed))
		errx(2, "%s: set up: %s", program->name, failure);
	program->set_up();
	/* How long each CPU takes when nothing happens; it must be right, too */
	if (!execute()) {
		tracing = true;
		execute();
		errx(1, "%s, one after the other: %s", program->name, failure);
	}
	executions = 0;
	explore_mode(options.choices ? EXPLORE_REPLAY : mode, &options.bounds);
	if (options.choices && !explore_parse(options.choices))
		errx(2, "choices are INDEX:CHOICE,..., not '%s'", options.choices);
	if (!options.once)
		return go();
	explore_seed(options.seed);
	tracing = true;
	puts(execute() ? "it went well" : failure);
	return !!failure[0];
}
