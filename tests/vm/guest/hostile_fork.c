// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings that are inherited, descriptors that are passed on, and what is left when those who had
 * them end in any order.
 * hostile_fork fork|outlive|flight
 */
#include <sys/socket.h>
#include "hostile.h"

static const int modes[] = { O_RDONLY, O_RDWR };

static struct kring_info listed(void)
{
	struct kring_info now = { .size = sizeof(now) };

	while (!ioctl(control, KRING_IOC_NEXT, &now))
		if (!strcmp(now.name, NAME))
			return now;
	return (struct kring_info){ .size = 0 };
}

/*
 * A child, and one of its own, with the mapping or without it. Who ends first is `first`: the child
 * (0), the one that mapped (1).
 */
static void fork_with(char *base, bool inherited, int first)
{
	uint64_t *told = shared(page);
	pid_t child = child_start();

	if (!child) {
		child = child_start();
		if (!child) {
			check(mappings(getpid(), NULL) == 1 + inherited);
			check(load_raises(base) == (inherited ? 0 : SIGSEGV));
			if (inherited) {
				check(!memcmp(base, before, info.map_size));
				check(store_raises(base) == SIGSEGV);
				refused(mprotect(base, page, PROT_NONE), EINVAL);
				refused(mprotect(base, info.map_size, PROT_READ | PROT_WRITE),
					EACCES);
			}
			exit(!!failures);
		}
		child_end(child);
		check(load_raises(base) == (inherited ? 0 : SIGSEGV));
		told[0] = 1;
		if (first)
			wait_until(load_acquire(&told[1]));
		check(!inherited || !memcmp(base, before, info.map_size));
		exit(!!failures);
	}
	wait_until(load_acquire(&told[0]));
	if (!first)
		child_end(child);
	check(!memcmp(base, before, info.map_size));
	must(!munmap(base, info.map_size));
	check(listed().readers == 1U + (first && inherited), "%u readers", listed().readers);
	told[1] = 1;
	if (first)
		child_end(child);
	check(listed().readers == 1, "%u readers", listed().readers);
	must(!munmap(told, page));
}

static char *map_closed(int mode)
{
	int fd = hostile_open(mode);
	char *base = mmap(NULL, info.map_size, PROT_READ, MAP_SHARED, fd, 0);

	must(base != MAP_FAILED && !close(fd));
	return base;
}

static void test_fork(void)
{
	faults_catch();
	for (int i = 0; i < 4; i++) {
		char *base = map_closed(modes[i % 2]);
		bool inherited = true;

		fork_with(base, !mappings(getpid(), "dc"), i / 2);
		base = map_closed(modes[i % 2]);
		must(!madvise(base, info.map_size, MADV_DONTFORK));
		check(mappings(getpid(), "dc") == 1);
		fork_with(base, false, i / 2);
		base = map_closed(modes[i % 2]);
		must(!madvise(base, info.map_size, MADV_DONTFORK));
		/* Later kernels refuse to take it back for mappings of this sort */
		if (madvise(base, info.map_size, MADV_DOFORK)) {
			check(errno == EINVAL, "%s", strerror(errno));
			inherited = false;
		}
		check(mappings(getpid(), "dc") == !inherited);
		fork_with(base, inherited, i / 2);
	}
}

static void fd_send(int socket, int fd)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control_data = { .head = {
		.cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
	} };
	struct iovec byte = { "x", 1 };
	struct msghdr message = {
		.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control_data,
		.msg_controllen = sizeof(control_data),
	};

	memcpy(CMSG_DATA(&control_data.head), &fd, sizeof(fd));
	must(sendmsg(socket, &message, 0) == 1);
}

static int fd_receive(int socket)
{
	char control_data[CMSG_SPACE(sizeof(int))], byte;
	struct iovec vector = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control_data,
		.msg_controllen = sizeof(control_data),
	};
	int fd;

	must(recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* A process gets the descriptor, maps, and reads on when all others and the channel are gone */
static void test_outlive(void)
{
	uint64_t *told = shared(page), positions[2] = { KRING_HOLD_OLDEST, KRING_HOLD_OLDEST };
	int sockets[2], fd = hostile_open(O_RDWR);
	pid_t child;

	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	must(!hold(fd, info.nr_rings, positions));
	child = child_start();
	if (!child) {
		uint64_t *cursors;
		char *base;

		must(!munmap((void *)witness, info.map_size) && !close(fd) && !close(control));
		fd = fd_receive(sockets[1]);
		base = mmap(NULL, info.map_size, PROT_READ, MAP_SHARED, fd, 0);
		cursors = map_cursors(fd);
		must(base != MAP_FAILED && cursors != MAP_FAILED);
		told[0] = 1;
		wait_until(load_acquire(&told[1]));
		/* The channel is gone, and nobody else has it open or mapped */
		check(!memcmp(base, before, info.map_size));
		must(mmap(NULL, page, PROT_READ, MAP_SHARED, fd, info.ring_stride) != MAP_FAILED);
		must(!close(fd));
		check(!memcmp(base, before, info.map_size));
		*cursor_at(cursors, 0) = ~0ULL;
		exit(!!failures);
	}
	fd_send(sockets[0], fd);
	must(!close(fd));
	wait_until(load_acquire(&told[0]));
	check(listed().readers == 2 && listed().holds == 1);
	/* As hostile_end() would; another takes its place under the same name */
	must(!munmap((void *)witness, info.map_size));
	channel_remove(control, NAME);
	told[1] = 1;
	child_end(child);
	must(!close(sockets[0]) && !close(sockets[1]) && !munmap(told, page));
	hostile_begin();
}

/* A descriptor that nobody has: it is on its way, in a socket that is on its way in itself */
static void test_flight(void)
{
	int sockets[2], fd = hostile_open(O_RDONLY);

	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	fd_send(sockets[0], fd);
	must(!close(fd));
	check(listed().readers == 2);
	fd = fd_receive(sockets[1]);
	check(!ioctl(fd, KRING_IOC_INFO, &info) && listed().readers == 2);
	fd_send(sockets[0], fd);
	fd_send(sockets[0], sockets[1]);
	must(!close(fd) && !close(sockets[0]) && !close(sockets[1]));
	/* The garbage collector of sockets runs when others are closed */
	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) && !close(sockets[0]) &&
	     !close(sockets[1]));
	wait_until(listed().readers == 1);
}

static const struct hostile_test tests[] = {
	{ "fork", test_fork },
	{ "outlive", test_outlive },
	{ "flight", test_flight },
};

int main(int argc, char **argv)
{
	return hostile_main(argc, argv, tests);
}
