// SPDX-License-Identifier: GPL-2.0
/*
 * What a program may tell the kernel to do with memory, told about a ring: nothing of it reaches
 * the pages that others see.
 * hostile_madvise advice|cursors|lock|move|userfault|poison
 */
#include <linux/mempolicy.h>
#include <linux/userfaultfd.h>
#include "hostile.h"

/* Of later kernels or older C libraries */
#define COLD		20
#define PAGEOUT		21
#define POPULATE_READ	22
#define POPULATE_WRITE	23
#define DONTNEED_LOCKED	24
#define COLLAPSE	25
#define GUARD_INSTALL	102
#define SOFT_OFFLINE	101

static char *map_one(int mode)
{
	int fd = hostile_open(mode);
	char *base = mmap(NULL, info.map_size, PROT_READ, MAP_SHARED, fd, 0);

	must(base != MAP_FAILED && !close(fd));
	return base;
}

/* All of it is there as it was */
static void whole(const char *base)
{
	check(!memcmp(base, before, info.map_size));
	check(mappings(getpid(), NULL) == 2 && !mappings(getpid(), "mw"));
	hostile_unharmed();
}

static const struct {
	const char *name;
	int advice;
	int error[2];			/* allowed; 0: may succeed */
} harmless[] = {
	{ "NORMAL", MADV_NORMAL, { 0 } },
	{ "RANDOM", MADV_RANDOM, { 0 } },
	{ "SEQUENTIAL", MADV_SEQUENTIAL, { 0 } },
	{ "WILLNEED", MADV_WILLNEED, { 0 } },
	{ "FREE", MADV_FREE, { EINVAL, EINVAL } },
	{ "REMOVE", MADV_REMOVE, { EACCES, EACCES } },
	{ "DONTFORK", MADV_DONTFORK, { 0 } },
	{ "DOFORK", MADV_DOFORK, { 0, EINVAL } },	/* later kernels */
	{ "MERGEABLE", MADV_MERGEABLE, { 0, EINVAL } },	/* without KSM */
	{ "UNMERGEABLE", MADV_UNMERGEABLE, { 0, EINVAL } },
	{ "HUGEPAGE", MADV_HUGEPAGE, { 0, EINVAL } },	/* without huge pages */
	{ "NOHUGEPAGE", MADV_NOHUGEPAGE, { 0, EINVAL } },
	{ "DONTDUMP", MADV_DONTDUMP, { 0 } },
	{ "DODUMP", MADV_DODUMP, { EINVAL, EINVAL } },
	{ "WIPEONFORK", MADV_WIPEONFORK, { EINVAL, EINVAL } },
	{ "KEEPONFORK", MADV_KEEPONFORK, { 0, EINVAL } },
	{ "COLD", COLD, { 0 } },
	{ "PAGEOUT", PAGEOUT, { 0 } },
	{ "POPULATE_READ", POPULATE_READ, { 0 } },
	{ "POPULATE_WRITE", POPULATE_WRITE, { EINVAL, EFAULT } },
	{ "COLLAPSE", COLLAPSE, { EINVAL, EINVAL } },
	{ "GUARD_INSTALL", GUARD_INSTALL, { EINVAL, EINVAL } },
	{ "unknown", 99, { EINVAL, EINVAL } },
};

/* Gone from this mapping, and there is no way to get it back but to map it anew */
static void dont_need(int mode, int advice)
{
	char *base = map_one(mode), *again;

	if (madvise(base, info.map_size, advice)) {
		check(advice == DONTNEED_LOCKED && errno == EINVAL, "%s", strerror(errno));
		whole(base);
	} else {
		for (size_t at = 0; at < info.map_size; at += page) {
			check(load_raises(base + at) == SIGBUS, "page %zu", at / page);
			check(store_raises(base + at) == SIGSEGV, "page %zu", at / page);
		}
		refused(write(control, base, 1), EINVAL);
		refused(madvise(base, info.map_size, POPULATE_READ), EFAULT);
	}
	again = map_one(mode);
	check(!memcmp(again, before, info.map_size));
	must(!munmap(again, info.map_size) && !munmap(base, info.map_size));
	/* Of a part: that is gone, the rest is not */
	base = map_one(mode);
	must(!madvise(base + page, page, MADV_DONTNEED));
	check(load_raises(base + page) == SIGBUS);
	check(!memcmp(base, before, page) &&
	      !memcmp(base + 2 * page, (char *)before + 2 * page, info.map_size - 2 * page));
	must(!munmap(base, info.map_size));
	hostile_unharmed();
}

static void test_advice(void)
{
	faults_catch();
	for (int mode = 0; mode < 2; mode++) {
		char *base = map_one(mode ? O_RDWR : O_RDONLY);

		for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
			int ret = madvise(base, info.map_size, harmless[i].advice);
			int error = ret ? errno : 0;

			check(error == harmless[i].error[0] || error == harmless[i].error[1],
			      "%s: %s", harmless[i].name, strerror(error));
			whole(base);
		}
		must(!munmap(base, info.map_size));
		dont_need(mode ? O_RDWR : O_RDONLY, MADV_DONTNEED);
		dont_need(mode ? O_RDWR : O_RDONLY, DONTNEED_LOCKED);
	}
}

/* The cursors: what is taken from their mapping, the kernel still has */
static void test_cursors(void)
{
	uint64_t positions[2] = { KRING_HOLD_OLDEST, KRING_HOLD_NONE };
	int fd = hostile_open(O_RDWR);
	char *cursors;

	faults_catch();
	must(!hold(fd, info.nr_rings, positions));
	cursors = map_cursors(fd);
	must(cursors != MAP_FAILED);
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		madvise(cursors, info.hold_size, harmless[i].advice);
		check(*cursor_at(cursors, 0) == positions[0], "%s", harmless[i].name);
	}
	must(!madvise(cursors, info.hold_size, MADV_DONTNEED));
	check(load_raises(cursors) == SIGBUS && store_raises(cursors) == SIGBUS);
	check(hold_next(control, NAME, 0).lag == witness->head - positions[0]);
	must(!munmap(cursors, info.hold_size));
	cursors = map_cursors(fd);
	must(cursors != MAP_FAILED);
	check(*cursor_at(cursors, 0) == positions[0]);
	must(!munmap(cursors, info.hold_size) && !close(fd));
}

static void test_lock(void)
{
	char *base = map_one(O_RDONLY);

	must(!mlock(base, info.map_size));
	whole(base);
	must(!mlock(base + page, page));
	must(!munlock(base, info.map_size));
	must(!mlockall(MCL_CURRENT | MCL_FUTURE));
	whole(base);
	must(!munmap(base, info.map_size));
	base = map_one(O_RDWR);		/* while all that comes is locked */
	whole(base);
	must(!munlockall());
	must(!syscall(SYS_mlock2, base, info.map_size, 1 /* MLOCK_ONFAULT */));
	refused(munmap(base, page), EINVAL);
	whole(base);
	must(!munmap(base, info.map_size));
}

/* To another node, or another page of this one: they are not the program's to move */
static void test_move(void)
{
	char *base = map_one(O_RDWR);
	unsigned long node = 1;
	size_t nr = info.map_size / page;
	void **pages = calloc(nr, sizeof(*pages));
	int *nodes = calloc(nr, sizeof(*nodes)), *status = calloc(nr, sizeof(*status));
	long ret;

	must(pages && nodes && status);
	for (size_t i = 0; i < nr; i++)
		pages[i] = base + i * page;
	ret = syscall(SYS_move_pages, 0, nr, pages, nodes, status, MPOL_MF_MOVE_ALL);
	check(ret >= 0 || errno == ENOSYS, "move_pages: %s", strerror(errno));
	for (size_t i = 0; ret >= 0 && i < nr; i++)
		check(status[i] <= 0, "page %zu: status %d", i, status[i]);
	ret = syscall(SYS_mbind, base + page, page, MPOL_BIND, &node, 8, 0);
	check(ret == -1, "mbind of a part");
	ret = syscall(SYS_mbind, base, info.map_size, MPOL_BIND, &node, 8,
		      MPOL_MF_MOVE_ALL | MPOL_MF_STRICT);
	check(!ret || errno == EIO || errno == ENOSYS, "mbind: %s", strerror(errno));
	ret = syscall(SYS_migrate_pages, 0, 8, &node, &node);
	check(ret >= 0 || errno == ENOSYS, "migrate_pages: %s", strerror(errno));
	whole(base);
	must(!munmap(base, info.map_size));
	free(pages), free(nodes), free(status);
}

/* Faults are not the program's to answer: there is none that could be */
static void test_userfault(void)
{
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = { .api = UFFD_API };
	static const uint64_t ways[] = {
		UFFDIO_REGISTER_MODE_MISSING, UFFDIO_REGISTER_MODE_WP,
		UFFDIO_REGISTER_MODE_MINOR,
		UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP,
	};

	if (fd < 0 && errno == ENOSYS)
		return;
	must(fd >= 0 && !ioctl(fd, UFFDIO_API, &api));
	for (int mode = 0; mode < 2; mode++) {
		char *base = map_one(mode ? O_RDWR : O_RDONLY);
		struct uffdio_zeropage zero = { .range = { (uintptr_t)base, page } };
		struct uffdio_copy copy = {
			.dst = (uintptr_t)base, .src = (uintptr_t)before, .len = page,
		};

		for (int i = 0; i < 4; i++) {
			struct uffdio_register all = {
				.range = { (uintptr_t)base, info.map_size }, .mode = ways[i],
			};

			refused(ioctl(fd, UFFDIO_REGISTER, &all), EINVAL);
		}
		check(ioctl(fd, UFFDIO_ZEROPAGE, &zero) == -1);
		check(ioctl(fd, UFFDIO_COPY, &copy) == -1);
		whole(base);
		must(!madvise(base, page, MADV_DONTNEED));
		check(ioctl(fd, UFFDIO_ZEROPAGE, &zero) == -1 &&
		      ioctl(fd, UFFDIO_COPY, &copy) == -1);
		must(!munmap(base, info.map_size));
	}
	close(fd);
}

/*
 * Root says that a page is broken. The kernel leaves alone what it does not know how to do without,
 * or takes it from all programs: the ring's owner, the kernel, goes on in any case.
 */
static void test_poison(void)
{
	static const int ways[] = { SOFT_OFFLINE, MADV_HWPOISON };

	for (int i = 0; i < 2; i++) {
		pid_t child;
		int status;

		fflush(stdout);
		child = fork();
		must(child >= 0);
		if (!child) {
			char *base = map_one(O_RDONLY);
			int ret = madvise(base + 3 * page, page, ways[i]);

			printf("%s: %s\n", i ? "HWPOISON" : "SOFT_OFFLINE",
			       ret ? strerror(errno) : "done");
			fflush(stdout);
			_exit(load_raises(base + 4 * page) != 0);
		}
		must(waitpid(child, &status, 0) == child);
		check(!status || (WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS),
		      "status 0x%x", status);
	}
	hostile_unharmed();
}

static const struct hostile_test tests[] = {
	{ "advice", test_advice },
	{ "cursors", test_cursors },
	{ "lock", test_lock },
	{ "move", test_move },
	{ "userfault", test_userfault },
	{ "poison", test_poison },
};

int main(int argc, char **argv)
{
	return hostile_main(argc, argv, tests);
}
