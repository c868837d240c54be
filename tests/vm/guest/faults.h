/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Each allocation, and each copy from and to the program, that a call makes is made to fail in turn
 * (/proc/thread-self/fail-nth: 1, 2, ... until the call gets by). A call that fails says why and
 * has changed nothing; the same call then succeeds.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include "guest.h"

static int control = -1;

struct step {
	const char *name;
	void (*prepare)(void);		/* before all of it */
	int (*call)(void);		/* one system call: -1 and errno, or not */
	void (*undo)(void);		/* so that it can be made again */
	void (*finish)(void);
	int error;			/* may fail with this, too */
};

static int fail_nth = -1;

static void arm(int n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d", n);

	/* What is left of the last one may hit the write itself */
	while (pwrite(fail_nth, text, length, 0) != length)
		must(errno == EFAULT || errno == ENOMEM);
}

/* Whether something was made to fail since arm() */
static bool disarm(void)
{
	char text[16] = "";
	/* 1: the next one fails, and that is this call's own copy */
	bool fired = pread(fail_nth, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;
	int error = errno;

	arm(0);
	errno = error;
	return fired;
}

static void append(char *world, size_t size, const char *path, const char *having)
{
	char line[512];
	FILE *from = fopen(path, "re");

	must(from);
	while (fgets(line, sizeof(line), from))
		if (strstr(line, having))
			strncat(world, line, size - strlen(world) - 1);
	fclose(from);
}

/* What a failed call must leave as it was */
static void look(char *world, size_t size)
{
	struct kring_info info = { .size = sizeof(info) };
	int fds = 0;

	world[0] = '\0';
	append(world, size, "/proc/self/maps", "/dev/kring");
	append(world, size, "/proc/modules", "kring");
	for (int fd = 0; fd < 256; fd++)
		fds += fcntl(fd, F_GETFD) >= 0;
	snprintf(world + strlen(world), size - strlen(world), "%d files\n", fds);
	while (control >= 0 && !ioctl(control, KRING_IOC_NEXT, &info)) {
		struct kring_filter filter = { .req.size = sizeof(filter) };

		memcpy(filter.req.name, info.name, sizeof(info.name));
		must(!ioctl(control, KRING_IOC_FILTER_GET, &filter));
		snprintf(world + strlen(world), size - strlen(world),
			 "%s: flags %u, %u rings, %u readers, %u holds (at most %u), %u conditions\n",
			 info.name, info.flags, info.nr_rings, info.readers, info.holds,
			 info.holds_max, filter.nr);
	}
}

static void run(const struct step *step)
{
	static char before[8192], after[8192];
	int n, failed = 0, ret, error;
	bool fired = true;

	if (step->prepare)
		step->prepare();
	for (n = 1; fired; n++) {
		must(n < 10000);
		look(before, sizeof(before));
		arm(n);
		errno = 0;
		ret = step->call();
		fired = disarm();
		error = errno;
		if (ret >= 0) {
			step->undo();
			continue;
		}
		failed++;
		check(fired, "%s: fails by itself: %s", step->name, strerror(error));
		check(error == ENOMEM || error == EFAULT || error == step->error,
		      "%s, failure %d: %s", step->name, n, strerror(error));
		look(after, sizeof(after));
		check(!strcmp(before, after), "%s, failure %d (%s) left something\nbefore:\n%safter:\n%s",
		      step->name, n, strerror(error), before, after);
		errno = 0;
		ret = step->call();
		check(ret >= 0, "%s, after failure %d: %s", step->name, n, strerror(errno));
		if (ret < 0)
			break;
		step->undo();
	}
	printf("%s: %d points of failure, %d failed\n", step->name, n - 2, failed);
	fflush(stdout);
	if (step->finish)
		step->finish();
}

#endif /* FAULTS_H */
