// SPDX-License-Identifier: GPL-2.0
/*
 * A channel that is removed while files are open and pages mapped.
 * lifetime: checks it in itself. lifetime map NAME: maps a ring of the channel,
 * closes the file, says "mapped", and waits to be killed.
 */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include "guest.h"

static uint64_t sum(const struct kring_meta *meta)
{
	const unsigned char *at = (const void *)meta;
	uint64_t sum = 0;

	for (size_t i = 0; i < meta->data_offset + 2 * meta->data_size; i++)
		sum = sum * 31 + at[i];
	return sum;
}

static void test_remove(void)
{
	int control = channel_create("life", KRING_MODE_GLOBAL);
	int fd = open("/dev/kring/life", O_RDONLY);
	struct kring_arm arm = { .size = sizeof(arm), .nr = 1 };
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	const struct kring_meta *meta;
	uint64_t before, position;
	int status;
	pid_t child;

	must(fd >= 0);
	meta = map_ring(fd, 0);
	must(!load_start(control, "life", 0));
	usleep(200000);
	channel_remove(control, "life");

	check(access("/dev/kring/life", F_OK), "the node is still there");
	check(meta->magic == KRING_MAGIC && meta->head > 0);
	before = sum(meta);
	usleep(100000);
	check(sum(meta) == before, "a ring that was removed is written to");
	check(channel_info(fd).nr_rings == 1);
	check(poll(&poll_fd, 1, 0) == 1 && poll_fd.revents & POLLHUP);
	position = meta->head;
	arm.positions = (uintptr_t)&position;
	check(ioctl(fd, KRING_IOC_ARM, &arm) == 1);

	/* Its name can be used again at once, by another channel */
	close(channel_create("life", KRING_MODE_GLOBAL));
	channel_remove(control, "life");

	close(fd);
	check(sum(meta) == before, "gone with the file");
	child = fork();
	must(child >= 0);
	if (!child)
		exit(sum(meta) != before);
	must(waitpid(child, &status, 0) == child);
	check(!status, "a child does not see the same");
	must(!munmap((void *)meta, meta->data_offset + 2 * meta->data_size));
}

/* Sleepers learn that the channel goes */
static void test_sleeper(void)
{
	int control = channel_create("life", KRING_MODE_GLOBAL);
	int fd = open("/dev/kring/life", O_RDONLY), status;
	uint64_t position = 0;
	struct kring_arm arm = {
		.size = sizeof(arm), .nr = 1, .positions = (uintptr_t)&position,
	};
	pid_t child;

	must(fd >= 0);
	child = fork();
	must(child >= 0);
	if (!child) {
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

		must(ioctl(fd, KRING_IOC_ARM, &arm) == 0);
		exit(!(poll(&poll_fd, 1, 10000) == 1 && poll_fd.revents & POLLHUP));
	}
	usleep(300000);
	channel_remove(control, "life");
	must(waitpid(child, &status, 0) == child);
	check(!status, "poll did not end with POLLHUP");
	close(fd);
}

/* Made and removed under load, with readers; again and again */
static void test_churn(void)
{
	for (int i = 0; i < 60; i++) {
		int control = channel_create("life", 1 + i % 2);
		int fd = open("/dev/kring/life", O_RDONLY);
		uint64_t positions[64] = { 0 };
		struct kring_wake wake = {
			.size = sizeof(wake), .watermark = 4096, .latency = 100000,
		};
		struct kring_arm arm = {
			.size = sizeof(arm), .positions = (uintptr_t)positions,
		};
		const struct kring_meta *meta;

		must(fd >= 0);
		arm.nr = channel_info(fd).nr_rings;
		meta = map_ring(fd, 0);
		must(!ioctl(fd, KRING_IOC_WAKE, &wake));
		must(ioctl(fd, KRING_IOC_ARM, &arm) >= 0);
		must(!load_start(control, "life", i % 3 ? 0 : 20000));
		usleep(i % 5 * 1000);
		must(ioctl(fd, KRING_IOC_ARM, &arm) >= 0);
		if (i % 2)
			close(fd);
		channel_remove(control, "life");
		close(control);
		check(meta->magic == KRING_MAGIC);
		must(!munmap((void *)meta, meta->data_offset + 2 * meta->data_size));
		if (!(i % 2))
			close(fd);
	}
}

int main(int argc, char **argv)
{
	if (argc == 3) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "/dev/kring/%s", argv[2]);
		fd = open(path, O_RDONLY);
		must(fd >= 0);
		map_ring(fd, 0);
		close(fd);
		printf("mapped\n");
		fflush(stdout);
		pause();
	}
	test_remove();
	test_sleeper();
	test_churn();
	return !!failures;
}
