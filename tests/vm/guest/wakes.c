// SPDX-License-Identifier: GPL-2.0
/*
 * Processes whose scheduling is known.
 * wakes count N: CPU 0 wakes a sleeping process of CPU 1 N times. Prints "WAKER WOKEN SWITCHES",
 *	how often the woken one gave up its CPU by the kernel's own count.
 * wakes latency: a process of CPU 1 waits twice, once woken, once preempted, while another keeps
 *	the CPU. Prints "WOKEN LOW HIGH LOW HIGH", between which nanoseconds each wait lasted.
 * wakes reader CHANNEL SECONDS: reads it, woken by every event. Prints how often.
 */
#include <poll.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <linux/futex.h>
#include "guest.h"

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	must(!sched_setaffinity(0, sizeof(set), &set));
}

/* Until the kernel says that the process sleeps */
static void wait_sleeping(pid_t pid)
{
	char path[64], text[256], *state;
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	do {
		fd = open(path, O_RDONLY);
		must(fd >= 0);
		size = read(fd, text, sizeof(text) - 1);
		must(size > 0);
		close(fd);
		text[size] = '\0';
		state = strrchr(text, ')');
		must(state);
	} while (state[2] != 'S');
}

static long futex(int *word, int op, int value)
{
	return syscall(SYS_futex, word, op, value, NULL, NULL, 0);
}

/* By a futex: nothing else that the two share could make one wait for the other */
static void count(int times)
{
	struct rusage usage;
	int *rounds, status;
	pid_t child;

	rounds = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(rounds != MAP_FAILED);
	run_on(0);
	child = fork();
	must(child >= 0);
	if (!child) {
		run_on(1);
		for (int i = 0; i < times; i++)
			must(!futex(rounds, FUTEX_WAIT, i));
		_exit(0);
	}
	for (int i = 0; i < times; i++) {
		wait_sleeping(child);
		__atomic_store_n(rounds, i + 1, __ATOMIC_RELEASE);
		must(futex(rounds, FUTEX_WAKE, 1) == 1);
	}
	must(wait4(child, &status, 0, &usage) == child && !status);
	printf("%d %d %ld\n", getpid(), child, usage.ru_nvcsw);
}

/* What both processes of "wakes latency" know */
static struct shared {
	volatile int step;
	volatile uint64_t woken, gap;
} *shared;

static void waiter(int fd)
{
	uint64_t last, at;
	char byte;

	must(read(fd, &byte, 1) == 1);
	last = now();
	shared->woken = last;
	shared->step = 1;
	/* Preempted here: nobody knows better than the clock for how long */
	while (shared->step != 3) {
		at = now();
		if (at - last > shared->gap)
			shared->gap = at - last;
		last = at;
	}
	_exit(0);
}

static void spin(uint64_t ns)
{
	uint64_t end = now() + ns;

	while (now() < end)
		;
}

static void latency(void)
{
	struct sched_param param = { .sched_priority = 10 };
	struct timespec nap = { .tv_nsec = 10000000 };
	uint64_t before, after, low[2];
	int fds[2], status;
	char byte = 0;
	pid_t child;

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(shared != MAP_FAILED && !pipe(fds));
	run_on(1);
	child = fork();
	must(child >= 0);
	if (!child)
		waiter(fds[0]);
	wait_sleeping(child);
	must(!sched_setscheduler(0, SCHED_FIFO, &param));
	before = now();
	must(write(fds[1], &byte, 1) == 1);
	after = now();
	spin(50000000);
	low[0] = now() - after;
	while (shared->step != 1)
		nanosleep(&nap, NULL);
	/* It runs. We wake up, and it waits until we sleep. */
	nanosleep(&nap, NULL);
	after = now();
	spin(50000000);
	low[1] = now() - after;
	nanosleep(&nap, NULL);
	shared->step = 3;
	must(waitpid(child, &status, 0) == child && !status);
	printf("%d %llu %llu %llu %llu\n", child, (unsigned long long)low[0],
	       (unsigned long long)(shared->woken - before), (unsigned long long)low[1],
	       (unsigned long long)shared->gap);
}

static void reader(const char *name, int seconds)
{
	char path[64];
	uint64_t end = now() + seconds * 1000000000ULL, positions[2] = { 0 };
	struct kring_arm arm = { .size = sizeof(arm), .nr = 2,
				 .positions = (uintptr_t)positions };
	const struct kring_meta *metas[2];
	unsigned long woken = 0;
	struct pollfd fd;

	snprintf(path, sizeof(path), "/dev/kring/%s", name);
	fd = (struct pollfd){ .fd = open(path, O_RDONLY), .events = POLLIN };
	must(fd.fd >= 0 && channel_info(fd.fd).nr_rings == 2);
	for (int i = 0; i < 2; i++)
		metas[i] = map_ring(fd.fd, i);
	while (now() < end) {
		int ret;

		for (int i = 0; i < 2; i++)
			positions[i] = __atomic_load_n(&metas[i]->head, __ATOMIC_ACQUIRE);
		ret = ioctl(fd.fd, KRING_IOC_ARM, &arm);
		must(ret >= 0);
		if (ret)
			continue;
		must(poll(&fd, 1, 20000) == 1);
		woken++;
	}
	printf("%lu\n", woken);
}

int main(int argc, char **argv)
{
	must(argc > 1);
	if (!strcmp(argv[1], "count"))
		count(atoi(argv[2]));
	else if (!strcmp(argv[1], "latency"))
		latency();
	else
		reader(argv[2], atoi(argv[3]));
	return !!failures;
}
