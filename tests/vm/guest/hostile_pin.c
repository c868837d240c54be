// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of a ring that something in the kernel refers to: a pipe, a socket's send queue, a write
 * that goes past the page cache, io_uring. What they have stays what it was when the mapping, the
 * channel and the module are gone; and nobody writes to a ring through them.
 * hostile_pin pipe|socket		pin, let go of all else, say "pinned", wait for a line, look
 * hostile_pin direct|uring DEVICE
 */
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <linux/io_uring.h>
#include "hostile.h"

#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY	60
#define MSG_ZEROCOPY	0x4000000
#endif

/* What is in the pipe or comes out of the socket is what the ring was */
static void compare(int fd)
{
	char *got = malloc(info.map_size);
	size_t have = 0;

	must(got);
	while (have < info.map_size) {
		ssize_t n = read(fd, got + have, info.map_size - have);

		must(n > 0);
		have += n;
	}
	for (size_t at = 0; at < info.map_size; at += page)
		check(!memcmp(got + at, (char *)before + at, page), "page %zu: %02x %02x",
		      at / page, (unsigned char)got[at], (unsigned char)got[at + 1]);
	free(got);
}

static int pin_pipe(const void *base)
{
	struct iovec all = { (void *)base, info.map_size };
	int pipes[2];

	must(!pipe(pipes) && fcntl(pipes[1], F_SETPIPE_SZ, 2 * info.map_size) > 0);
	must(vmsplice(pipes[1], &all, 1, SPLICE_F_NONBLOCK) == (ssize_t)info.map_size);
	return pipes[0];
}

/* Most of it is more than the receiver takes: it waits in the sender's queue, by reference */
static int pin_socket(const void *base)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), sender = socket(AF_INET, SOCK_STREAM, 0);
	int one = 1, little = 4096, much = 1 << 20;

	must(listener >= 0 && sender >= 0);
	must(!setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &little, sizeof(little)));
	must(!bind(listener, (void *)&address, sizeof(address)) && !listen(listener, 1));
	must(!getsockname(listener, (void *)&address, &length));
	must(!setsockopt(sender, SOL_SOCKET, SO_SNDBUFFORCE, &much, sizeof(much)));
	must(!setsockopt(sender, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)));
	must(!connect(sender, (void *)&address, sizeof(address)));
	must(send(sender, base, info.map_size, MSG_ZEROCOPY | MSG_DONTWAIT) ==
	     (ssize_t)info.map_size);
	return accept(listener, NULL, NULL);
}

/* Memory that is free is given to others, and they fill it */
static void churn(void)
{
	size_t size = 256 << 20;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(memory != MAP_FAILED);
	for (size_t at = 0; at < size; at += page)
		memory[at] = 0x77;
	must(!munmap(memory, size));
}

static void let_go(int pinned)
{
	char line[8];

	must(!munmap((void *)witness, info.map_size));
	channel_remove(control, NAME);
	must(!close(control));
	printf("pinned\n");
	fflush(stdout);
	must(fgets(line, sizeof(line), stdin));
	churn();
	compare(pinned);
}

/* The same through every kind of file, and a look at what it reads there */
static void test_direct(const char *path)
{
	int fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC), ring = hostile_open(O_RDWR);
	char *base = mmap(NULL, info.map_size, PROT_READ, MAP_SHARED, ring, 0);
	char *got = mmap(NULL, info.map_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);

	must(fd >= 0 && base != MAP_FAILED && got != MAP_FAILED);
	must(pwrite(fd, base, info.map_size, 0) == (ssize_t)info.map_size);
	must(pread(fd, got, info.map_size, 0) == (ssize_t)info.map_size);
	check(!memcmp(got, before, info.map_size));
	memset(got, 0x5a, info.map_size);
	must(pwrite(fd, got, info.map_size, 0) == (ssize_t)info.map_size);
	for (size_t at = 0; at < info.map_size; at += page)
		refused(pread(fd, base + at, page, at), EFAULT);
	refused(pread(fd, base, info.map_size, 0), EFAULT);
	hostile_unharmed();
	must(!munmap(base, info.map_size) && !munmap(got, info.map_size));
	must(!close(fd) && !close(ring));
}

static struct {
	_Atomic bool stop;
	char *at;			/* where a ring is mapped, and not, in turn */
	_Atomic unsigned long rounds;
} flicker;

static void *flicker_thread(void *unused)
{
	(void)unused;
	while (!flicker.stop) {
		int fd = hostile_open(O_RDONLY);

		must(mmap(flicker.at, info.map_size, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) !=
		     MAP_FAILED);
		must(!close(fd));
		sched_yield();
		if (flicker.rounds++ % 2)
			must(!madvise(flicker.at, info.map_size, MADV_DONTNEED));
		must(!munmap(flicker.at, info.map_size));
	}
	return NULL;
}

/* What is written while the mapping comes and goes is from the ring, or not written */
static void test_flicker(const char *path)
{
	int fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC), pipes[2];
	char *got = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long done[3] = { 0 }, tries = 0;
	uint64_t end = now_ns() + NS / 2;
	pthread_t thread;

	must(fd >= 0 && got != MAP_FAILED && !pipe(pipes));
	flicker.at = mmap(NULL, info.map_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(flicker.at != MAP_FAILED && !pthread_create(&thread, NULL, flicker_thread, NULL));
	for (; now_ns() < end || !done[0] || !done[1] || !done[2] ||
	     (flicker.rounds <= 100 && tries <= 1000); tries++) {
		size_t at = tries % (info.map_size / page) * page;
		struct iovec from = { flicker.at + at, page }, to = { got, page };
		int way = tries % 3;
		ssize_t n;

		certain(now_ns() < end + 30 * NS, "%lu, %lu, %lu", done[0], done[1], done[2]);
		memset(got, 0, page);
		if (way == 0) {
			n = pwrite(fd, from.iov_base, page, 0);
			must(n <= 0 || pread(fd, got, page, 0) == (ssize_t)page);
		} else if (way == 1) {
			n = vmsplice(pipes[1], &from, 1, SPLICE_F_NONBLOCK);
			must(n <= 0 || read(pipes[0], got, page) == n);
		} else {
			n = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
		}
		certain(n == (ssize_t)page || (n == -1 && errno == EFAULT), "way %d: %zd, %s", way,
			n, strerror(errno));
		if (n == (ssize_t)page) {
			check(!memcmp(got, (char *)before + at, page), "way %d", way);
			done[way]++;
		}
	}
	flicker.stop = true;
	must(!pthread_join(thread, NULL));
	printf("%lu tries, %lu %lu %lu whole, %lu times mapped\n", tries, done[0], done[1], done[2],
	       flicker.rounds);
	must(!munmap(got, page) && !close(fd) && !close(pipes[0]) && !close(pipes[1]));
}

/* One request at a time, without a library */
static struct {
	int fd;
	struct io_uring_params params;
	char *sq, *cq;
	struct io_uring_sqe *sqes;
} uring;

static bool uring_begin(void)
{
	struct io_uring_params *p = &uring.params;

	uring.fd = syscall(SYS_io_uring_setup, 4, p);
	if (uring.fd < 0 && (errno == ENOSYS || errno == EPERM)) {
		printf("no io_uring here: %s\n", strerror(errno));
		return false;
	}
	must(uring.fd >= 0);
	uring.sq = mmap(NULL, p->sq_off.array + p->sq_entries * 4, PROT_READ | PROT_WRITE,
			MAP_SHARED, uring.fd, IORING_OFF_SQ_RING);
	uring.cq = mmap(NULL, p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe),
			PROT_READ | PROT_WRITE, MAP_SHARED, uring.fd, IORING_OFF_CQ_RING);
	uring.sqes = mmap(NULL, p->sq_entries * sizeof(*uring.sqes), PROT_READ | PROT_WRITE,
			  MAP_SHARED, uring.fd, IORING_OFF_SQES);
	must(uring.sq != MAP_FAILED && uring.cq != MAP_FAILED && uring.sqes != MAP_FAILED);
	return true;
}

static int uring_do(int opcode, int fd, const void *at, size_t size, int flags)
{
	struct io_uring_params *p = &uring.params;
	unsigned int *tail = (unsigned int *)(uring.sq + p->sq_off.tail);
	unsigned int *head = (unsigned int *)(uring.cq + p->cq_off.head);
	struct io_uring_cqe *cqes = (void *)(uring.cq + p->cq_off.cqes);
	unsigned int slot = *tail & (p->sq_entries - 1);
	int result;

	uring.sqes[slot] = (struct io_uring_sqe){
		.opcode = opcode, .fd = fd, .addr = (uintptr_t)at, .len = size, .flags = flags,
	};
	((unsigned int *)(uring.sq + p->sq_off.array))[slot] = slot;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	must(syscall(SYS_io_uring_enter, uring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1);
	result = cqes[*head & (p->cq_entries - 1)].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return result;
}

static int uring_register(void *at, size_t size)
{
	struct iovec buffer = { at, size };

	if (!syscall(SYS_io_uring_register, uring.fd, IORING_REGISTER_BUFFERS, &buffer, 1))
		return 0;
	return -errno;
}

/* A page of cursors that the kernel pins to write there: it harms no hold but its own */
static void uring_cursors(int fd)
{
	uint64_t positions[2] = { KRING_HOLD_OLDEST, KRING_HOLD_OLDEST };
	int file = hostile_open(O_RDWR), other = hostile_open(O_RDWR), ret;
	char *cursors, *others;

	must(!hold(file, info.nr_rings, positions) && !hold(other, info.nr_rings, positions));
	cursors = map_cursors(file);
	others = map_cursors(other);
	must(cursors != MAP_FAILED && others != MAP_FAILED);
	ret = uring_register(cursors, info.hold_size);
	/* Kernels before 6.5 refuse what belongs to a file */
	check(!ret || ret == -EOPNOTSUPP, "%s", strerror(-ret));
	must(!hold_drop(file));
	must(!munmap(cursors, info.hold_size) && !close(file));
	if (!ret) {
		check(uring_do(IORING_OP_READ_FIXED, fd, cursors, info.hold_size, 0) ==
		      (int)info.hold_size);
		must(!syscall(SYS_io_uring_register, uring.fd, IORING_UNREGISTER_BUFFERS, NULL, 0));
	}
	check(*cursor_at(others, 0) == positions[0]);
	must(!munmap(others, info.hold_size) && !close(other));
}

static void test_uring(const char *path)
{
	int fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC), ring = hostile_open(O_RDWR);
	char *base = mmap(NULL, info.map_size, PROT_READ, MAP_SHARED, ring, 0);
	char *got = mmap(NULL, info.map_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	int ret, size = info.map_size;

	must(fd >= 0 && base != MAP_FAILED && got != MAP_FAILED);
	if (!uring_begin())
		goto out;
	/* Registered buffers are pinned to be written to */
	ret = uring_register(base, info.map_size);
	check(ret == -EFAULT || ret == -EOPNOTSUPP, "%s", strerror(-ret));
	for (unsigned int flags = 0; flags <= IOSQE_ASYNC; flags += IOSQE_ASYNC) {
		check(uring_do(IORING_OP_WRITE, fd, base, info.map_size, flags) == size);
		check(uring_do(IORING_OP_READ, fd, got, info.map_size, flags) == size);
		check(!memcmp(got, before, info.map_size));
		check(uring_do(IORING_OP_READ, fd, base, info.map_size, flags) == -EFAULT);
	}
	hostile_unharmed();
	uring_cursors(fd);
	close(uring.fd);
out:
	must(!munmap(base, info.map_size) && !munmap(got, info.map_size));
	must(!close(fd) && !close(ring));
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";

	hostile_begin();
	if (!strcmp(way, "pipe")) {
		let_go(pin_pipe(witness));
		return !!failures;
	} else if (!strcmp(way, "socket")) {
		let_go(pin_socket(witness));
		return !!failures;
	} else if (!strcmp(way, "direct") && argc == 3) {
		test_direct(argv[2]);
		test_flicker(argv[2]);
	} else if (!strcmp(way, "uring") && argc == 3) {
		test_uring(argv[2]);
	} else {
		must(!"a known test");
	}
	hostile_end();
	return !!failures;
}
