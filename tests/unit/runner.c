// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a program's Criterion tests, one process each, and prints a line for
 * each: "ok LABEL/PROGRAM/TEST", "not ok ... why" or "skip ... why".
 *
 * It takes the place of Criterion's own main, which hides from valgrind and
 * from the sanitizers how a test's process ended, and does not start under
 * the thread sanitizer. Of a TestSuite it knows init and fini; it refuses tests
 * with parameters.
 *
 *	PROGRAM LABEL [TEST...]
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_DEFAULT	100	/* seconds */
#define EXIT_FAILED	1
#define EXIT_SKIPPED	77

/* The linker's: where Criterion's macros put the tests and suites */
extern struct criterion_test *__start_cr_tst[], *__stop_cr_tst[];
extern struct criterion_suite *__start_cr_sts[] __attribute__((weak));
extern struct criterion_suite *__stop_cr_sts[] __attribute__((weak));

/* Shared with the test's process */
static struct verdict {
	int failed;
	char why[256];
} *verdict;

static void say(const char *file, unsigned int line, const char *what)
{
	fprintf(stderr, "%s:%u: %s\n", file, line, what);
	if (!__atomic_exchange_n(&verdict->failed, 1, __ATOMIC_SEQ_CST))
		snprintf(verdict->why, sizeof(verdict->why), "%s:%u: %.180s",
			 file, line, what);
}

/* What Criterion's macros call in the test's process; any thread may fail */

void criterion_send_assert(struct criterion_assert_stats *stats)
{
	if (!stats->passed)
		say(stats->file, stats->line,
		    stats->message ? stats->message : "failed");
}

void criterion_abort_test(void)
{
	_exit(EXIT_FAILED);
}

void criterion_continue_test(void)
{
}

void criterion_skip_test(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(verdict->why, sizeof(verdict->why), format, args);
	va_end(args);
	_exit(EXIT_SKIPPED);
}

void criterion_internal_test_setup(void)
{
}

void criterion_internal_test_main(void (*body)(void))
{
	body();
}

void criterion_internal_test_teardown(void)
{
}

static const struct criterion_test_extra_data *suite_of(const struct criterion_test *test)
{
	static const struct criterion_test_extra_data none;
	struct criterion_suite **suite;

	for (suite = __start_cr_sts; suite < __stop_cr_sts; suite++)
		if (*suite && !strcmp((*suite)->name, test->category))
			return (*suite)->data;
	return &none;
}

static void run_here(const struct criterion_test *test)
{
	const struct criterion_test_extra_data *suite = suite_of(test);

	/* Of its own group, to be killed with all it started; not to outlive us */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (suite->init)
		suite->init();
	if (test->data->init)
		test->data->init();
	test->test();
	if (test->data->fini)
		test->data->fini();
	if (suite->fini)
		suite->fini();
	exit(verdict->failed ? EXIT_FAILED : 0);
}

/* The process's status, or -1 if it had to be killed */
static int wait_for(pid_t pid, double seconds)
{
	struct timespec left = { .tv_sec = seconds };
	sigset_t chld;
	int status;

	left.tv_nsec = (seconds - left.tv_sec) * 1e9;
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	for (;;) {
		pid_t got = waitpid(pid, &status, WNOHANG);

		if (got == pid)
			return status;
		if (sigtimedwait(&chld, NULL, &left) < 0 && errno == EAGAIN)
			break;
	}
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return -1;
}

static bool run(const char *label, const struct criterion_test *test)
{
	double seconds = test->data->timeout > 0 ? test->data->timeout :
						   TIMEOUT_DEFAULT;
	char why[256] = "";
	int status;
	pid_t pid;

	if (test->data->kind_ != CR_TEST_NORMAL) {
		printf("not ok %s/%s/%s this runner knows no parameters\n",
		       label, test->category, test->name);
		return false;
	}
	if (test->data->disabled) {
		printf("skip %s/%s/%s disabled\n", label, test->category, test->name);
		return true;
	}
	memset(verdict, 0, sizeof(*verdict));
	fflush(stdout);
	fprintf(stderr, "== %s/%s/%s\n", label, test->category, test->name);
	pid = fork();
	if (pid < 0) {
		perror("fork");
		exit(2);
	}
	if (!pid)
		run_here(test);
	status = wait_for(pid, seconds);

	if (status == -1) {
		snprintf(why, sizeof(why), "not done in %g s", seconds);
	} else if (WIFSIGNALED(status) && WTERMSIG(status) != test->data->signal) {
		snprintf(why, sizeof(why), "killed by signal %d", WTERMSIG(status));
	} else if (WIFEXITED(status) && test->data->signal) {
		snprintf(why, sizeof(why), "not killed by signal %d", test->data->signal);
	} else if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIPPED) {
		printf("skip %s/%s/%s %s\n", label, test->category, test->name,
		       verdict->why);
		return true;
	} else if (WIFEXITED(status) && WEXITSTATUS(status) != test->data->exit_code) {
		snprintf(why, sizeof(why), "exit status %d", WEXITSTATUS(status));
	}

	if (!why[0] && !verdict->failed) {
		printf("ok %s/%s/%s\n", label, test->category, test->name);
		return true;
	}
	for (char *c = verdict->why; *c; c++)
		if (*c == '\n')
			*c = ' ';
	printf("not ok %s/%s/%s %s%s%s\n", label, test->category, test->name, why,
	       why[0] && verdict->why[0] ? ", " : "", verdict->why);
	return false;
}

static bool chosen(const struct criterion_test *test, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(*names, test->name))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	struct criterion_test **test;
	bool good = true;
	sigset_t chld;
	int n = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: %s LABEL [TEST...]\n", argv[0]);
		return 2;
	}
	verdict = mmap(NULL, sizeof(*verdict), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (verdict == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	/* Blocked, so that sigtimedwait() gets it; the tests start with it so */
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);

	for (test = __start_cr_tst; test < __stop_cr_tst; test++) {
		if (!*test || !chosen(*test, argv + 2))
			continue;
		good &= run(argv[1], *test);
		n++;
	}
	/* The caller wants to see this, to know that no test was left out */
	printf("ran %d\n", n);
	return good && n ? 0 : 1;
}
