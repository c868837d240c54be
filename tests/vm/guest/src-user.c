// SPDX-License-Identifier: GPL-2.0
/*
 * Writing to the channel "user", for src-user.sh:
 *
 *	src-user			whatever the contract says of write()
 *	src-user full			until a hold refuses more
 */
#include <limits.h>
#include <poll.h>
#include <sys/uio.h>
#include "guest.h"

#define PATH	"/dev/kring/user"
#define HEADER	48			/* bytes of a message's payload before its text */

static int writer(void)
{
	int fd = open(PATH, O_WRONLY | O_CLOEXEC);

	must(fd >= 0);
	return fd;
}

static short polled(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN | POLLOUT };

	must(poll(&pollfd, 1, 0) >= 0);
	return pollfd.revents;
}

/* A file that only writes */
static void test_writer(void)
{
	struct kring_arm arm = { .size = sizeof(arm) };
	struct kring_wake wake = { .size = sizeof(wake), .watermark = 1 };
	int fd = writer();
	struct kring_info info = channel_info(fd);
	char byte;

	check(!info.readers, "%u readers", info.readers);
	refused(read(fd, &byte, 1), EBADF);
	refused(ioctl(fd, KRING_IOC_ARM, &arm), EBADF);
	refused(ioctl(fd, KRING_IOC_WAKE, &wake), EBADF);
	check(mmap(NULL, info.data_offset, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED &&
	      errno == EACCES, "%s", strerror(errno));
	check(polled(fd) == POLLOUT, "%#x", polled(fd));
	check(write(fd, "nobody reads", 12) == 12, "%s", strerror(errno));
	check(!channel_info(fd).events, "an event with no reader");
	close(fd);
}

/* With a reader; what ringcat must show is in the script */
static void test_messages(void)
{
	int reader = open(PATH, O_RDONLY | O_CLOEXEC), fd = writer();
	void *volatile nowhere = (void *)8;
	struct kring_info info;
	char *text;

	must(reader >= 0);
	info = channel_info(reader);
	check(info.readers == 1, "%u readers", info.readers);
	refused(write(reader, "x", 1), EBADF);
	check(!write(fd, "", 0), "%s", strerror(errno));
	check(!channel_info(fd).events, "an event for nothing");
	refused(write(fd, nowhere, 5), EFAULT);
	check(!channel_info(fd).events, "an event for what cannot be read");

	text = malloc(info.max_payload + 1);
	must(text);
	memset(text, 'm', info.max_payload + 1);
	refused(write(fd, text, info.max_payload + 1), EMSGSIZE);
	refused(write(fd, text, info.max_payload - HEADER + 1), EMSGSIZE);
	refused(write(fd, text, INT_MAX), EMSGSIZE);	/* nobody looks for so much memory */
	check(!channel_info(fd).events, "an event for too much");
	check(write(fd, text, info.max_payload - HEADER) == (int)info.max_payload - HEADER,
	      "%s", strerror(errno));
	check(channel_info(fd).events == 1, "%llu events", channel_info(fd).events);
	free(text);
	close(fd);
	close(reader);
}

static void test_writev(void)
{
	struct iovec parts[] = { { "one ", 4 }, { "event ", 6 }, { "of three parts", 14 } };
	int reader = open(PATH, O_RDWR | O_CLOEXEC);

	must(reader >= 0);
	check(writev(reader, parts, 3) == 24, "%s", strerror(errno));
	check(polled(reader) == (POLLIN | POLLOUT), "%#x", polled(reader));
	check(channel_info(reader).events == 2, "%llu events", channel_info(reader).events);
	close(reader);
}

/* Other sources take none */
static void test_others(void)
{
	int fd;

	refused(open("/dev/kring/task", O_WRONLY), EINVAL);
	fd = open("/dev/kring/task", O_RDWR | O_CLOEXEC);
	must(fd >= 0);
	refused(write(fd, "x", 1), EBADF);
	check(!(polled(fd) & POLLOUT), "%#x", polled(fd));
	close(fd);
}

static void test_removed(void)
{
	int fd = writer(), control = control_open();

	channel_remove(control, "user");
	refused(write(fd, "x", 1), ENODEV);
	check(polled(fd) & POLLHUP, "%#x", polled(fd));
	close(fd);
	close(control);
}

static void test_full(void)
{
	struct kring_hold hold = { .req.size = sizeof(hold), .flags = KRING_HOLD_LATER };
	int fd = open(PATH, O_RDWR | O_CLOEXEC);
	char text[1000] = "";
	uint64_t kept = 0;

	must(fd >= 0);
	must(!ioctl(fd, KRING_IOC_HOLD, &hold));
	while (write(fd, text, sizeof(text)) == sizeof(text))
		kept++;
	check(errno == ENOBUFS, "%s", strerror(errno));
	refused(write(fd, text, sizeof(text)), ENOBUFS);
	check(kept > 10 && channel_info(fd).events == kept + 2 &&
	      channel_info(fd).counters.refused_held == 2, "%llu events, %llu refused",
	      channel_info(fd).events, channel_info(fd).counters.refused_held);
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "full")) {
		test_full();
		return failures != 0;
	}
	test_writer();
	test_messages();
	test_writev();
	test_others();
	test_removed();
	return failures != 0;
}
