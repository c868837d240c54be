// SPDX-License-Identifier: GPL-2.0
/* The page of cursors: whose it is, how it may be mapped, and how long it and its hold last. */
#include <sys/syscall.h>
#include "hold.h"

#define NAME	"hold"

static int control;
static size_t page;
static struct kring_info info;

static void *map(int fd, size_t length, int protection, int flags)
{
	return mmap(NULL, length, protection, flags, fd, info.hold_offset);
}

static uint32_t holds(void)
{
	int fd = open("/dev/kring/" NAME, O_RDONLY);
	uint32_t nr;

	must(fd >= 0);
	nr = channel_info(fd).holds;
	close(fd);
	return nr;
}

static int hold_all(int fd)
{
	uint64_t positions[2] = { KRING_HOLD_OLDEST, KRING_HOLD_NEWEST };

	return hold(fd, info.nr_rings, positions);
}

static void test_refusals(void)
{
	int fd = channel_open(NAME), reader = open("/dev/kring/" NAME, O_RDONLY);
	size_t all = info.hold_size;
	const int read_write = PROT_READ | PROT_WRITE;
	char *at;

	must(reader >= 0);
	check(all == page && info.hold_offset == info.max_rings * info.ring_stride);
	refused(map(fd, all, read_write, MAP_SHARED), ENXIO);
	must(!hold_all(fd));
	refused(map(reader, all, PROT_READ, MAP_SHARED), EACCES);
	refused(map(reader, all, read_write, MAP_SHARED), EACCES);
	refused(map(fd, all + page, read_write, MAP_SHARED), EINVAL);
	refused(map(fd, info.map_size, PROT_READ, MAP_SHARED), EINVAL);
	refused(map(fd, all, read_write, MAP_PRIVATE), EACCES);
	refused(map(fd, all, PROT_READ, MAP_PRIVATE), EACCES);
	refused(map(fd, all, read_write | PROT_EXEC, MAP_SHARED), EACCES);
	refused(map(fd, all, PROT_READ | PROT_EXEC, MAP_SHARED), EACCES);
	/* Nothing lies behind it, nor writable before it */
	refused(mmap(NULL, all, read_write, MAP_SHARED, fd, info.hold_offset + page), EACCES);
	refused(mmap(NULL, all, PROT_READ, MAP_SHARED, fd, info.hold_offset + page), EINVAL);
	refused(mmap(NULL, all, read_write, MAP_SHARED, fd, info.hold_offset - page), EACCES);
	refused(mmap(NULL, 2 * page, PROT_READ, MAP_SHARED, fd, info.hold_offset - page), EINVAL);

	at = map(fd, all, PROT_READ, MAP_SHARED);
	must(at != MAP_FAILED);
	check(!mprotect(at, all, read_write));
	at[page - 1] = 1;
	refused(mprotect(at, all, PROT_READ | PROT_EXEC), EACCES);
	refused(mremap(at, all, all + page, MREMAP_MAYMOVE), EFAULT);
	check(mremap(at, 0, all, MREMAP_MAYMOVE) == MAP_FAILED);
	must(!munmap(at, all));
	must(!close(fd) && !close(reader));
	check(holds() == 0);
}

/* A page each, zero but for its cursors; stores and ioctl do the same */
static void test_own(void)
{
	int fd = channel_open(NAME), other = channel_open(NAME);
	uint64_t *mine, *its, positions[2] = { KRING_HOLD_OLDEST, KRING_HOLD_NEWEST };
	const struct kring_meta *meta = map_ring(fd, 0);

	load_until(control, NAME, meta->tail);
	must(!hold(fd, 2, positions) && !hold_all(other));
	mine = map_cursors(fd);
	its = map_cursors(other);
	must(mine != MAP_FAILED && its != MAP_FAILED);
	check(*cursor_at(mine, 0) == meta->tail && positions[0] == meta->tail);
	for (size_t i = 1; i < page / 8; i++)
		check(!mine[i], "word %zu is %llx", i, (unsigned long long)mine[i]);
	*cursor_at(mine, 0) = meta->head;
	check(*cursor_at(its, 0) == meta->tail, "another holder's");
	check(hold_next(control, NAME, 0).lag == 0, "a store releases");

	positions[0] = ~0ULL;
	positions[1] = 48;
	check(!hold_release(fd, 2, positions));
	check(*cursor_at(mine, 0) == meta->head && *cursor_at(mine, 1) == 48);
	positions[0] = meta->tail;
	check(!hold_release(fd, 1, positions) && *cursor_at(mine, 0) == meta->tail);
	check(*cursor_at(its, 0) == meta->tail && *cursor_at(its, 1) == 0);
	must(!munmap(mine, page) && !munmap(its, page) && !munmap((void *)meta, info.map_size));
	must(!close(fd) && !close(other));
	check(holds() == 0);
}

/* Stores into a page whose hold is gone do nothing */
static void test_outlives(void)
{
	int fd = channel_open(NAME), next;
	uint64_t *old, *new, position = KRING_HOLD_OLDEST;
	const struct kring_meta *meta = map_ring(fd, 0);
	uint64_t refusals, from;

	must(!hold_all(fd));
	old = map_cursors(fd);
	must(old != MAP_FAILED && !hold_drop(fd));
	refused(map(fd, page, PROT_READ | PROT_WRITE, MAP_SHARED), ENXIO);
	check(holds() == 0);
	*cursor_at(old, 0) = 0;				/* would hold the oldest */
	refusals = refused_in(meta);
	from = meta->head;
	load_until(control, NAME, meta->head - from >= 2 * meta->data_size);
	check(refused_in(meta) == refusals, "a hold that was dropped holds");

	must(!hold(fd, 1, &position));
	new = map_cursors(fd);
	must(new != MAP_FAILED);
	*cursor_at(old, 0) = -2ULL;			/* would hold nothing */
	load_until(control, NAME, refused_in(meta) > refusals);
	check(meta->tail == position, "released through the page of an earlier hold");
	*cursor_at(new, 0) = meta->head;

	/* The mapping is the file's, so it has the hold stand */
	must(!munmap(old, page) && !close(fd));
	check(holds() == 1, "gone while it is mapped");
	must(!munmap(new, page));
	must(!munmap((void *)meta, info.map_size));
	check(holds() == 0, "left behind");

	close(channel_create("gone", KRING_MODE_GLOBAL));
	next = channel_open("gone");
	position = KRING_HOLD_NEWEST;
	must(!hold(next, 1, &position));
	new = map_cursors(next);
	must(new != MAP_FAILED);
	load_on(control, "gone", 0, (struct kring_load){ .bytes = 64 });
	channel_remove(control, "gone");
	*cursor_at(new, 0) = 0;
	must(!close(next));
	*cursor_at(new, 0) = 16;
	must(!munmap(new, page));
}

/* A process that holds and has its cursors mapped, until it is told what to do */
static void test_processes(void)
{
	uint64_t *told = shared(page);
	int fd = channel_open(NAME);
	uint64_t *cursors;
	pid_t child;

	must(!hold_all(fd));
	cursors = map_cursors(fd);
	must(cursors != MAP_FAILED);
	child = child_start();
	if (!child) {
		*cursor_at(cursors, 0) = 4711;
		*told = 1;
		pause();
	}
	wait_until(load_acquire(told));
	check(*cursor_at(cursors, 0) == 4711, "after fork the page is not shared");
	must(!munmap(cursors, page) && !close(fd));
	check(holds() == 1, "gone while a child has it");
	child_kill(child);
	wait_until(holds() == 0);

	*told = 0;
	child = child_start();
	if (!child) {
		fd = channel_open(NAME);
		must(!hold_all(fd) && map_cursors(fd) != MAP_FAILED);
		*told = 1;
		wait_until(load_acquire(told) == 2);
		execlp("sleep", "sleep", "1000", NULL);
		exit(1);
	}
	wait_until(load_acquire(told));
	check(holds() == 1);
	*told = 2;
	wait_until(holds() == 0);
	check(waitpid(child, NULL, WNOHANG) == 0, "gone with the process, not by exec");
	child_kill(child);
}

int main(void)
{
	int fd;

	page = sysconf(_SC_PAGESIZE);
	control = channel_create(NAME, KRING_MODE_PERCPU);
	fd = channel_open(NAME);
	info = channel_info(fd);
	must(info.nr_rings == 2);
	close(fd);
	test_refusals();
	test_own();
	test_outlives();
	test_processes();
	check(holds() == 0);
	channel_remove(control, NAME);
	return !!failures;
}
