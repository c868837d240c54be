// SPDX-License-Identifier: GPL-2.0
/*
 * What a ring's mapping is: the same pages for everybody who maps it. What a program cannot do with
 * it is shown by those called hostile.
 */
#include <sys/wait.h>
#include "guest.h"

static size_t page;
static struct kring_info info;

/* Physical frame numbers of n pages, 0 where there is none */
static void frames_of(const void *base, uint64_t *frames, size_t n)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);

	must(fd >= 0);
	must(pread(fd, frames, n * 8, (uintptr_t)base / page * 8) == (ssize_t)(n * 8));
	close(fd);
	for (size_t i = 0; i < n; i++)
		frames[i] = frames[i] >> 63 ? frames[i] & ((1ULL << 55) - 1) : 0;
}

/* Two processes that open and map a ring by themselves see the same frames */
static void test_frames(void)
{
	size_t n = info.map_size / page, data = info.ring_size / page;
	uint64_t *mine = calloc(n, 8), *other = calloc(n, 8);
	int fd = open("/dev/kring/map", O_RDONLY), pipe_fd[2], status;
	pid_t child;

	must(fd >= 0 && mine && other && !pipe(pipe_fd));
	frames_of(map_ring(fd, 0), mine, n);
	child = fork();
	must(child >= 0);
	if (!child) {
		fd = open("/dev/kring/map", O_RDONLY);
		frames_of(map_ring(fd, 0), other, n);
		must(write(pipe_fd[1], other, n * 8) == (ssize_t)(n * 8));
		exit(0);
	}
	for (size_t got = 0; got < n * 8;) {
		ssize_t part = read(pipe_fd[0], (char *)other + got, n * 8 - got);

		must(part > 0);
		got += part;
	}
	must(waitpid(child, &status, 0) == child && !status);
	for (size_t i = 0; i < n; i++)
		check(mine[i] && mine[i] == other[i], "page %zu: %llx, %llx", i,
		      (unsigned long long)mine[i], (unsigned long long)other[i]);
	for (size_t i = 1; i <= data; i++)
		check(mine[i] == mine[data + i], "data page %zu is not there twice", i);
	if (info.nr_rings > 1) {
		frames_of(map_ring(fd, 1), other, n);
		check(other[0] && other[0] != mine[0] && other[1] != mine[1]);
	}
	printf("%zu pages, same frames in both processes\n", n);
}

int main(void)
{
	int control = channel_create("map", KRING_MODE_PERCPU);
	int fd = open("/dev/kring/map", O_RDONLY);

	must(fd >= 0);
	page = sysconf(_SC_PAGESIZE);
	info = channel_info(fd);
	test_frames();
	channel_remove(control, "map");
	return !!failures;
}
