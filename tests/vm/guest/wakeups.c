// SPDX-License-Identifier: GPL-2.0
/*
 * No wakeup is lost: one process sleeps whenever it has read everything, the
 * other reports a single event at a random moment around that, thousands of
 * times. Every event must end the sleep by itself.
 * wakeups level|edge [ROUNDS], wakeups bounds|sound
 */
#include <poll.h>
#include <signal.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include "guest.h"

#define SPIN	100000		/* about the time that reporting an event takes */
#define SOUND	(16 << 10)	/* watermark, from which on a reader may sleep soundly */

static uint32_t nr_rings;
static const struct kring_meta *metas[64];
static uint64_t positions[64];

static int arm(int fd)
{
	struct kring_arm arm = {
		.size = sizeof(arm), .nr = nr_rings, .positions = (uintptr_t)positions,
	};

	return ioctl(fd, KRING_IOC_ARM, &arm);
}

static uint64_t heads(void)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < nr_rings; i++)
		sum += __atomic_load_n(&metas[i]->head, __ATOMIC_ACQUIRE);
	return sum;
}

static void read_all(void)
{
	for (uint32_t i = 0; i < nr_rings; i++)
		positions[i] = __atomic_load_n(&metas[i]->head, __ATOMIC_ACQUIRE);
}

static int open_example(void)
{
	int fd = open("/dev/kring/example", O_RDONLY);

	must(fd >= 0);
	nr_rings = channel_info(fd).nr_rings;
	for (uint32_t i = 0; i < nr_rings; i++)
		metas[i] = map_ring(fd, i);
	read_all();
	return fd;
}

static void report_one(int value_fd)
{
	must(pwrite(value_fd, "1", 1, 0) == 1);
}

static void spin(unsigned int loops)
{
	while (loops--)
		__asm__ volatile("" ::: "memory");
}

/* Reports an event whenever *go was raised, after a random while */
static void producer(const unsigned int *go)
{
	int value_fd = open("/sys/module/kring_example/parameters/value", O_WRONLY);
	unsigned int seed = 1, done = 0;

	must(value_fd >= 0);
	for (;;) {
		while (__atomic_load_n(go, __ATOMIC_ACQUIRE) == done)
			sched_yield();
		spin(rand_r(&seed) % SPIN);
		report_one(value_fd);
		done++;
	}
}

static void run_on(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	must(!sched_setaffinity(0, sizeof(one), &one));
}

static void test_races(bool edge, unsigned int rounds)
{
	int fd = open_example(), epoll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN | (edge ? EPOLLET : 0) };
	unsigned int slept = 0, seed = 2, lead = 0, *go;
	pid_t child;

	go = mmap(NULL, sizeof(*go), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(go != MAP_FAILED);
	must(epoll >= 0 && !epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
	child = fork();
	must(child >= 0);
	run_on(!child);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		producer(go);
	}
	for (unsigned int i = 0; i < rounds && !failures; i++) {
		uint64_t before = heads();
		int ready;

		__atomic_add_fetch(go, 1, __ATOMIC_RELEASE);
		spin(rand_r(&seed) % SPIN + lead);
		ready = arm(fd);
		must(ready >= 0);
		if (!ready) {
			slept++;
			check(epoll_wait(epoll, &event, 1, 10000) == 1, "round %u", i);
			/* Who is always first leaves the other more time: machines differ */
			lead += lead < 4 * SPIN ? SPIN / 64 : 0;
		} else if (lead) {
			lead -= SPIN / 64;
		}
		check(heads() > before, "round %u: woken for nothing", i);
		read_all();
	}
	check(slept > rounds / 10 && slept < rounds / 10 * 9,
	      "slept %u times of %u: hardly a race", slept, rounds);
	printf("%u events, slept for %u of them\n", rounds, slept);
	must(!kill(child, SIGKILL) && waitpid(child, NULL, 0) == child);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static void set_wake(int fd, uint64_t watermark, uint64_t latency_ms)
{
	struct kring_wake wake = {
		.size = sizeof(wake), .watermark = watermark,
		.latency = latency_ms * 1000000,
	};

	must(!ioctl(fd, KRING_IOC_WAKE, &wake));
}

/* The watermark and the latency bound, each by itself and both at once */
static void test_bounds(void)
{
	int fd = open_example(), value_fd;
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	uint64_t start, wakeups;

	value_fd = open("/sys/module/kring_example/parameters/value", O_WRONLY);
	must(value_fd >= 0);

	check(poll(&poll_fd, 1, 0) == 1, "not armed: readable");
	set_wake(fd, 320, 0);			/* 10 records of 32 bytes */
	check(arm(fd) == 0 && poll(&poll_fd, 1, 100) == 0, "nothing there");
	wakeups = channel_info(fd).counters.wakeups;
	for (int i = 0; i < 9; i++)
		report_one(value_fd);
	check(poll(&poll_fd, 1, 100) == 0, "below the watermark");
	check(channel_info(fd).counters.wakeups == wakeups, "woken below the watermark");
	report_one(value_fd);
	check(poll(&poll_fd, 1, 10000) == 1, "at the watermark");
	check(arm(fd) == 1, "still there");

	read_all();
	set_wake(fd, 320, 300);
	check(arm(fd) == 0 && poll(&poll_fd, 1, 500) == 0, "the time runs from an event on");
	start = now_ms();
	report_one(value_fd);
	check(poll(&poll_fd, 1, 10000) == 1, "the latency bound");
	check(now_ms() - start >= 295, "woken after %d ms", (int)(now_ms() - start));

	read_all();
	check(arm(fd) == 0);
	for (int i = 0; i < 10; i++)
		report_one(value_fd);
	check(poll(&poll_fd, 1, 10000) == 1, "the watermark, before the latency bound");

	/* What was there before arming counts too */
	read_all();
	report_one(value_fd);
	check(arm(fd) == 0 && poll(&poll_fd, 1, 10000) == 1, "an event from before");

	/* A file that is closed takes its timer along. Not fd: what is mapped stays open. */
	for (int i = 0; i < 10; i++) {
		int other = open("/dev/kring/example", O_RDONLY);

		must(other >= 0);
		set_wake(other, 320, 100);
		read_all();
		check(arm(other) == 0);
		report_one(value_fd);
		close(other);
	}
	usleep(300000);
}

/*
 * Who may sleep soundly: woken by its watermark while it is kept busy; by the first event
 * and the latency's timer once that has found nothing; and it goes in any state.
 */
static void test_sound(void)
{
	int fd = open_example(), value_fd;
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	uint64_t start, wakeups = 0;

	value_fd = open("/sys/module/kring_example/parameters/value", O_WRONLY);
	must(value_fd >= 0);

	set_wake(fd, SOUND, 60000);
	for (int round = 0; round < 3; round++) {
		check(arm(fd) == 0);
		for (int i = 1; i < SOUND / 32; i++) {
			/* What somebody asked for who is gone was near */
			if (i == (round ? 1 : 32))
				wakeups = channel_info(fd).counters.wakeups;
			report_one(value_fd);
		}
		check(poll(&poll_fd, 1, 0) == 0, "below the watermark");
		check(channel_info(fd).counters.wakeups == wakeups, "told below the watermark");
		/* By the next page at the latest */
		for (int i = 0; i < 4096 / 32 && poll(&poll_fd, 1, 0) == 0; i++)
			report_one(value_fd);
		check(poll(&poll_fd, 1, 10000) == 1, "a page behind the watermark");
		read_all();
	}

	/* The timer runs from arming on */
	set_wake(fd, SOUND, 300);
	start = now_ms();
	check(arm(fd) == 0);
	report_one(value_fd);
	check(poll(&poll_fd, 1, 10000) == 1, "the latency bound");
	check(now_ms() - start >= 295, "woken after %d ms", (int)(now_ms() - start));

	/* It found nothing, so from then on it runs from an event on: a second is a long time */
	read_all();
	set_wake(fd, SOUND, 100);
	for (int i = 0; i < 5; i++) {
		check(arm(fd) == 0 && poll(&poll_fd, 1, 1050) == 0, "woken for nothing");
		start = now_ms();
		report_one(value_fd);
		check(poll(&poll_fd, 1, 10000) == 1, "the latency bound, from an event on");
		check(now_ms() - start >= 95, "woken after %d ms", (int)(now_ms() - start));
		read_all();
	}

	/* Busy again */
	set_wake(fd, SOUND, 60000);
	check(arm(fd) == 0);
	for (int i = 0; i < (SOUND + 4096) / 32; i++)
		report_one(value_fd);
	check(poll(&poll_fd, 1, 10000) == 1, "the watermark");
	read_all();

	/* Closed, or told otherwise, around the moment when the timer has found nothing */
	for (int i = 0; i < 40; i++) {
		int other = open("/dev/kring/example", O_RDONLY);

		must(other >= 0);
		set_wake(other, SOUND, 1);
		check(arm(other) == 0);
		usleep(i * 250);
		if (i % 2) {
			set_wake(other, 1, 0);
			check(arm(other) == 0);
			poll_fd.fd = other;
			report_one(value_fd);
			check(poll(&poll_fd, 1, 10000) == 1, "an event, now awaited at once");
			read_all();
		}
		close(other);
	}
}

int main(int argc, char **argv)
{
	must(argc >= 2);
	if (!strcmp(argv[1], "bounds")) {
		/* Events come from one CPU: all of them are in one ring */
		run_on(0);
		test_bounds();
	} else if (!strcmp(argv[1], "sound")) {
		run_on(0);
		test_sound();
	} else {
		test_races(!strcmp(argv[1], "edge"), argc > 2 ? atoi(argv[2]) : 10000);
	}
	return !!failures;
}
