// SPDX-License-Identifier: GPL-2.0
/*
 * logflood N: writes N messages of 900 bytes to the kernel log from each of CPUs 0 and 1, so that
 * nobody else runs there meanwhile. logflood seq: prints the number of the log's next message.
 */
#include <pthread.h>
#include <sched.h>
#include "guest.h"

static int times;
static pthread_barrier_t ready;

static void *flood(void *cpu)
{
	struct sched_param param = { .sched_priority = 10 };
	int fd = open("/dev/kmsg", O_WRONLY);
	char text[900];
	cpu_set_t set;

	must(fd >= 0);
	memset(text, '.', sizeof(text));
	CPU_ZERO(&set);
	CPU_SET((long)cpu, &set);
	must(!sched_setaffinity(0, sizeof(set), &set));
	pthread_barrier_wait(&ready);
	must(!sched_setscheduler(0, SCHED_FIFO, &param));
	for (int i = 0; i < times; i++) {
		text[snprintf(text, sizeof(text), "<7>flood %ld %d ", (long)cpu, i)] = '.';
		must(write(fd, text, sizeof(text)) == sizeof(text));
	}
	return NULL;
}

static void print_seq(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	unsigned long long seq = 0;
	char text[8192];
	ssize_t size;

	must(fd >= 0);
	for (;;) {
		size = read(fd, text, sizeof(text) - 1);
		if (size < 0 && errno == EPIPE)
			continue;	/* overwritten meanwhile: on from the oldest */
		if (size < 0)
			break;
		text[size] = '\0';
		must(sscanf(text, "%*u,%llu,", &seq) == 1);
	}
	must(errno == EAGAIN);
	printf("%llu\n", seq + 1);
}

int main(int argc, char **argv)
{
	pthread_t threads[2];

	must(argc > 1);
	times = atoi(argv[1]);
	if (!times) {
		print_seq();
		return 0;
	}
	must(!pthread_barrier_init(&ready, NULL, 2));
	for (long cpu = 0; cpu < 2; cpu++)
		must(!pthread_create(&threads[cpu], NULL, flood, (void *)cpu));
	for (int cpu = 0; cpu < 2; cpu++)
		must(!pthread_join(threads[cpu], NULL));
	return !!failures;
}
