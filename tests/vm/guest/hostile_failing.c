// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that map rings and cursors, rightly and wrongly, over their earlier mappings, fork, hold
 * and close, while the channel is removed and made anew under load. A call that fails leaves
 * nothing.
 * hostile_failing SECONDS [SEED]
 */
#include <pthread.h>
#include <stdatomic.h>
#include "hostile.h"

#define THREADS	4

static _Atomic bool stop;
static _Atomic unsigned long mapped, failed, held, forked;

/* The only errors there may be while the channel goes and comes */
static void gone_only(void)
{
	certain(errno == ENOENT || errno == ENODEV || errno == ENXIO, "%s", strerror(errno));
}

static void try_wrong(int fd, const struct kring_info *of, unsigned int *seed)
{
	uint64_t offset = rand_r(seed) % (2 * of->ring_stride / page) * page;
	size_t length = (1 + rand_r(seed) % (of->map_size / page + 2)) * page;
	int protection = rand_r(seed) % 8;	/* PROT_* are bits */
	int flags = rand_r(seed) % 2 ? MAP_SHARED : MAP_PRIVATE;
	char *at = mmap(NULL, length, protection, flags, fd, offset);

	failed += at == MAP_FAILED;
	if (at == MAP_FAILED)
		certain(errno == EACCES || errno == EINVAL || errno == ENXIO, "%s",
			strerror(errno));
	else
		must(!munmap(at, length));
}

static void try_hold(int fd, const struct kring_info *of, unsigned int *seed)
{
	uint64_t positions[2] = { KRING_HOLD_NEWEST, KRING_HOLD_OLDEST };
	void *cursors;

	if (hold(fd, of->nr_rings, positions) < 0) {
		certain(errno == EBUSY || errno == ENODEV, "%s", strerror(errno));
		return;
	}
	held++;
	cursors = map_cursors(fd);
	must(cursors != MAP_FAILED);
	if (rand_r(seed) % 2)
		must(!hold_drop(fd));
	*cursor_at(cursors, 0) = ~0ULL;
	must(!munmap(cursors, of->hold_size));
}

static void try_fork(void)
{
	pid_t child = fork();

	must(child >= 0);
	if (!child)
		_exit(0);
	must(waitpid(child, NULL, 0) == child);
	forked++;
}

static void *worker(void *seed_of)
{
	unsigned int seed = (uintptr_t)seed_of;
	char *place = NULL;

	while (!stop) {
		int fd = open("/dev/kring/" NAME,
			      (rand_r(&seed) % 2 ? O_RDWR : O_RDONLY) | O_CLOEXEC);
		struct kring_info of;

		if (fd < 0) {
			gone_only();
			sched_yield();
			continue;
		}
		of = channel_info(fd);
		for (int i = 0; i < 8; i++) {
			char *at = mmap(place, of.map_size, PROT_READ,
					MAP_SHARED | (place ? MAP_FIXED : 0), fd,
					rand_r(&seed) % of.nr_rings * of.ring_stride);

			must(at != MAP_FAILED);
			mapped++;
			place = at;
			try_wrong(fd, &of, &seed);
			certain(((struct kring_meta *)place)->magic == KRING_MAGIC, "not a ring");
			if (rand_r(&seed) % 16 == 0)
				must(!madvise(place, of.map_size, MADV_DONTNEED) &&
				     !munmap(place, of.map_size) && (place = NULL, 1));
		}
		if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR)
			try_hold(fd, &of, &seed);
		if (rand_r(&seed) % 32 == 0)
			try_fork();
		must(!close(fd));
	}
	if (place)
		must(!munmap(place, info.map_size));
	return NULL;
}

static bool enough(unsigned long removed)
{
	return removed >= 10 && mapped > 100 && failed > 100 && held > 10 && forked;
}

int main(int argc, char **argv)
{
	uint64_t end = now_ns() + (argc > 1 ? strtoull(argv[1], NULL, 10) : 1) * NS;
	unsigned int seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	unsigned long removed = 0;
	pthread_t threads[THREADS];

	printf("seed %u\n", seed);
	hostile_begin();
	must(!munmap((void *)witness, info.map_size));
	for (uintptr_t i = 0; i < THREADS; i++)
		must(!pthread_create(&threads[i], NULL, worker, (void *)(seed + i)));
	/* A busy machine takes longer */
	while (now_ns() < end || (!enough(removed) && now_ns() < end + 60 * NS)) {
		load_on(control, NAME, 0, (struct kring_load){ .bytes = 64, .rate = 20000 });
		usleep(rand_r(&seed) % 20000);
		channel_remove(control, NAME);
		close(channel_create(NAME, KRING_MODE_PERCPU));
		removed++;
	}
	stop = true;
	for (int i = 0; i < THREADS; i++)
		must(!pthread_join(threads[i], NULL));
	printf("%lu removed, %lu mapped, %lu failed, %lu held, %lu forked\n", removed, mapped,
	       failed, held, forked);
	check(enough(removed), "hardly a test");
	check(!mappings(getpid(), NULL));
	channel_remove(control, NAME);
	hostile_begin();
	hostile_end();
	return !!failures;
}
