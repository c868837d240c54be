/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the programs that do to a ring's mapping what it must stand: a channel with events in it that
 * nobody adds to, and a look at it from outside, before and afterwards.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <setjmp.h>
#include <sys/syscall.h>
#include "hold.h"

#define NAME	"hostile"

static size_t page;
static int control;
static struct kring_info info;
static const struct kring_meta *witness;	/* ring 0, as it is */
static void *before;				/* as it was */

static inline int hostile_open(int flags)
{
	int fd = open("/dev/kring/" NAME, flags | O_CLOEXEC);

	must(fd >= 0);
	return fd;
}

static inline void *map_at(int fd, size_t length, int protection, int flags, uint64_t offset)
{
	/* The C library refuses some offsets by itself */
	return (void *)syscall(SYS_mmap, NULL, length, protection, flags, fd, offset);
}

/* The mappings of the channel in a process, and those of their lines in smaps with `flag` */
static inline int mappings(pid_t pid, const char *flag)
{
	char path[64], line[512], wanted[8];
	bool ours = false;
	int n = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	snprintf(wanted, sizeof(wanted), " %s ", flag ?: "");
	maps = fopen(path, "r");
	must(maps);
	while (fgets(line, sizeof(line), maps)) {
		/* "from-to ...": a mapping, lower case; else "Name: value" */
		if (line[0] < 'A' || line[0] > 'Z')
			ours = strstr(line, "/dev/kring/" NAME);
		else if (ours && !strncmp(line, "VmFlags:", 8))
			n += !flag || strstr(line, wanted);
	}
	fclose(maps);
	return n;
}

/* Events in ring 0, all that it has room for, then nothing is reported any more */
static inline void hostile_begin(void)
{
	int fd;

	page = sysconf(_SC_PAGESIZE);
	control = channel_create(NAME, KRING_MODE_PERCPU);
	fd = hostile_open(O_RDONLY);
	info = channel_info(fd);
	witness = map_ring(fd, 0);
	close(fd);
	load_on(control, NAME, 1, (struct kring_load){ .bytes = 64 });
	wait_until(load_acquire(&witness->tail));
	load_stop(control, NAME);
	before = malloc(info.map_size);
	must(before);
	memcpy(before, witness, info.map_size);
	check(mappings(getpid(), NULL) == 1);
}

static inline void hostile_unharmed(void)
{
	check(!memcmp(before, witness, info.map_size), "the ring has changed");
}

/* Nothing is left of what was tried, and the channel works as before */
static inline void hostile_end(void)
{
	struct kring_info now = { .size = sizeof(now) };
	uint64_t head = witness->head;

	hostile_unharmed();
	check(mappings(getpid(), NULL) == 1, "%d mappings are left", mappings(getpid(), NULL));
	while (!ioctl(control, KRING_IOC_NEXT, &now) && strcmp(now.name, NAME))
		;
	check(!strcmp(now.name, NAME) && now.readers == 1 && !now.holds,
	      "%u readers, %u holds are left", now.readers, now.holds);
	if (failures)
		exit(1);		/* a hold that is left would have the rest wait */
	load_on(control, NAME, 1, (struct kring_load){ .bytes = 64 });
	wait_until(load_acquire(&witness->head) > head + info.ring_size);
	load_stop(control, NAME);
	ring_closes(witness);
	channel_remove(control, NAME);
	must(!munmap((void *)witness, info.map_size));
	free(before);
}

static sigjmp_buf after_fault;

static void on_fault(int number)
{
	siglongjmp(after_fault, number);
}

static inline void faults_catch(void)
{
	struct sigaction action = { .sa_handler = on_fault };

	must(!sigaction(SIGSEGV, &action, NULL) && !sigaction(SIGBUS, &action, NULL));
}

/* The signal that a load from there raises, or 0 */
static inline int load_raises(const volatile void *at)
{
	int number = sigsetjmp(after_fault, 1);

	if (!number)
		(void)*(const volatile char *)at;
	return number;
}

static inline int store_raises(volatile void *at)
{
	int number = sigsetjmp(after_fault, 1);

	if (!number)
		*(volatile char *)at = 0x5a;
	return number;
}

/* A test by its name on the command line */
struct hostile_test {
	const char *name;
	void (*run)(void);
};

static inline int hostile_one_of(int argc, char **argv, const struct hostile_test *tests, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (argc != 2 || strcmp(argv[1], tests[i].name))
			continue;
		hostile_begin();
		tests[i].run();
		hostile_end();
		return !!failures;
	}
	printf("usage: %s TEST, one of:", argv[0]);
	for (size_t i = 0; i < nr; i++)
		printf(" %s", tests[i].name);
	printf("\n");
	return 2;
}

#define hostile_main(argc, argv, tests)						\
	hostile_one_of(argc, argv, tests, sizeof(tests) / sizeof((tests)[0]))

#endif /* HOSTILE_H */
