// SPDX-License-Identifier: GPL-2.0
/*
 * What a program can do with the mapping of a ring: read it, and nothing else.
 * mapping frames|stores|refusals
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/uio.h>
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

static sigjmp_buf after_fault;
static volatile sig_atomic_t fault_code;

static void on_fault(int signal, siginfo_t *about, void *context)
{
	(void)signal;
	(void)context;
	fault_code = about->si_code;
	siglongjmp(after_fault, 1);
}

static bool store_faults(volatile char *at)
{
	fault_code = 0;
	if (!sigsetjmp(after_fault, 1))
		*at = 0x5a;
	return fault_code == SEGV_ACCERR;
}

static void test_stores(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	int fd = open("/dev/kring/map", O_RDWR), mem = open("/proc/self/mem", O_RDWR);
	char byte = 0x5a, *base;
	struct iovec from = { &byte, 1 }, to = { .iov_len = 1 };

	must(fd >= 0 && mem >= 0 && !sigaction(SIGSEGV, &action, NULL));
	base = (char *)map_ring(fd, 0);
	for (size_t at = 0; at < info.map_size; at += page) {
		check(store_faults(base + at) && store_faults(base + at + page - 1),
		      "page %zu", at / page);
		refused(pwrite(mem, &byte, 1, (uintptr_t)base + at), EIO);
		to.iov_base = base + at;
		refused(process_vm_writev(getpid(), &from, 1, &to, 1, 0), EFAULT);
	}
	printf("%zu pages, every store a SIGSEGV\n", (size_t)info.map_size / page);
}

static void *map(int fd, size_t length, int protection, int flags, uint64_t offset)
{
	/* The C library refuses some offsets by itself */
	return (void *)syscall(SYS_mmap, NULL, length, protection, flags, fd, offset);
}

static void test_refusals(void)
{
	const uint64_t far[] = { 1ULL << 31, 1ULL << 43, 1ULL << 62, 1ULL << 63,
				 -(uint64_t)page, -info.ring_stride };
	const int flags[] = { O_RDONLY, O_RDWR };
	size_t all = info.map_size;
	int fd, memory;
	char *base;

	refused(open("/dev/kring/map", O_WRONLY), EINVAL);
	memory = memfd_create("other", 0);
	must(memory >= 0 && !ftruncate(memory, page));
	for (int i = 0; i < 2; i++) {
		fd = open("/dev/kring/map", flags[i]);
		must(fd >= 0);
		refused(map(fd, all, PROT_READ | PROT_WRITE, MAP_SHARED, 0), EACCES);
		refused(map(fd, all, PROT_WRITE, MAP_SHARED, 0), EACCES);
		refused(map(fd, all, PROT_READ | PROT_EXEC, MAP_SHARED, 0), EACCES);
		refused(map(fd, all, PROT_READ, MAP_PRIVATE, 0), EACCES);
		refused(map(fd, all, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0), EACCES);
		refused(map(fd, 2 * page, PROT_READ, MAP_SHARED, 0), EINVAL);
		refused(map(fd, all - page, PROT_READ, MAP_SHARED, 0), EINVAL);
		refused(map(fd, all + page, PROT_READ, MAP_SHARED, 0), EINVAL);
		refused(map(fd, all, PROT_READ, MAP_SHARED, page), EINVAL);
		refused(map(fd, page, PROT_READ, MAP_SHARED, page), EINVAL);
		refused(map(fd, all, PROT_READ, MAP_SHARED,
			    info.hold_offset + info.hold_size), EINVAL);
		for (size_t n = 0; n < sizeof(far) / sizeof(far[0]); n++) {
			errno = 0;
			check(map(fd, all, PROT_READ, MAP_SHARED, far[n]) == MAP_FAILED &&
			      (errno == EINVAL || errno == EOVERFLOW),
			      "offset %llx: %s", (unsigned long long)far[n], strerror(errno));
		}
		base = (char *)map_ring(fd, 0);
		refused(mprotect(base, all, PROT_READ | PROT_WRITE), EACCES);
		refused(mprotect(base, page, PROT_READ | PROT_EXEC), EACCES);
		refused(mprotect(base + page, page, PROT_NONE), EINVAL);
		refused(mremap(base, all, all + page, MREMAP_MAYMOVE), EFAULT);
		refused(mremap(base, 0, all, MREMAP_MAYMOVE), EFAULT);
		refused(mremap(base, all, page, 0), EINVAL);
		refused(munmap(base, page), EINVAL);
		refused(munmap(base + page, page), EINVAL);
		refused(munmap(base + all - page, page), EINVAL);
		refused(map(memory, page, PROT_READ, MAP_SHARED, page / 2), EINVAL);
		check(mmap(base + page, page, PROT_READ, MAP_SHARED | MAP_FIXED, memory, 0) ==
		      MAP_FAILED, "a page was put over the ring");
		check(((struct kring_meta *)base)->magic == KRING_MAGIC);
		must(!munmap(base, all));
		/* The metadata alone is allowed */
		base = map(fd, page, PROT_READ, MAP_SHARED, 0);
		check(base != MAP_FAILED && ((struct kring_meta *)base)->magic == KRING_MAGIC);
		must(!munmap(base, page));
		close(fd);
	}
	printf("all refused\n");
}

int main(int argc, char **argv)
{
	int control = channel_create("map", KRING_MODE_PERCPU);
	int fd = open("/dev/kring/map", O_RDONLY);
	struct kring_meta before, after;
	const struct kring_meta *meta;

	must(fd >= 0 && argc == 2);
	page = sysconf(_SC_PAGESIZE);
	info = channel_info(fd);
	meta = map_ring(fd, 0);
	memcpy(&before, meta, sizeof(before));
	if (!strcmp(argv[1], "frames"))
		test_frames();
	else if (!strcmp(argv[1], "stores"))
		test_stores();
	else if (!strcmp(argv[1], "refusals"))
		test_refusals();
	else
		must(!"a known test");
	memcpy(&after, meta, sizeof(after));
	check(!memcmp(&before, &after, sizeof(before)), "the ring changed");
	channel_remove(control, "map");
	return !!failures;
}
