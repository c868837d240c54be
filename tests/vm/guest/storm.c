// SPDX-License-Identifier: GPL-2.0
/*
 * storm SECONDS: processes with several threads each map, hold, move and unmap rings of a few
 * channels, and others make and remove these, while allocations and copies fail at random
 * (make-it-fail). What each call may answer is known; whatever it is, the metadata that was mapped
 * stays right.
 */
#include <pthread.h>
#include "hold.h"

#define CHANNELS	3
#define PROCESSES	3
#define THREADS		3

static struct counts {
	uint64_t maps, holds, cursors, made, failed;
} *counts;
static uint64_t until;

/* Counts an outcome: true if it went well */
static bool did(uint64_t *count, long ret, const char *what)
{
	if (ret >= 0) {
		__atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
		return true;
	}
	__atomic_fetch_add(&counts->failed, 1, __ATOMIC_RELAXED);
	certain(errno == ENOMEM || errno == EFAULT || errno == ENOENT || errno == ENODEV ||
		errno == ENXIO || errno == EBUSY || errno == EEXIST || errno == EAGAIN,
		"%s: %s", what, strerror(errno));
	return false;
}

static void use(int fd)
{
	struct kring_info info = { .size = sizeof(info) };
	uint64_t ignored = 0, cursor[64] = { 0 };
	struct kring_arm arm = { .size = sizeof(arm), .positions = (uintptr_t)cursor };
	const struct kring_meta *meta;
	void *at;

	if (!did(&ignored, ioctl(fd, KRING_IOC_INFO, &info), "info"))
		return;
	arm.nr = info.nr_rings;
	at = mmap(NULL, info.map_size, PROT_READ, MAP_SHARED, fd, 0);
	if (did(&counts->maps, at == MAP_FAILED ? -1 : 0, "map")) {
		meta = at;
		certain(meta->magic == KRING_MAGIC && meta->data_size == info.ring_size &&
			meta->channel_id == info.id, "wrong metadata");
		did(&ignored, ioctl(fd, KRING_IOC_ARM, &arm), "arm");
		/* Until it can be unmapped */
		while (munmap(at, info.map_size))
			certain(errno == ENOMEM, "unmap: %s", strerror(errno));
	}
	if (!did(&counts->holds, hold(fd, info.nr_rings, cursor), "hold"))
		return;
	at = mmap(NULL, info.hold_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, info.hold_offset);
	if (did(&counts->cursors, at == MAP_FAILED ? -1 : 0, "cursors")) {
		__atomic_store_n(cursor_at(at, 0), ~0ULL, __ATOMIC_RELEASE);
		while (munmap(at, info.hold_size))
			certain(errno == ENOMEM, "unmap: %s", strerror(errno));
	}
}

static void *consumer(void *arg)
{
	uint64_t n = (uintptr_t)arg, ignored = 0;

	while (now_ns() < until) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "/dev/kring/storm%d", (int)(n++ % CHANNELS));
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (!did(&ignored, fd, "open"))
			continue;
		use(fd);
		close(fd);
	}
	return NULL;
}

static void *maker(void *arg)
{
	uint64_t n = (uintptr_t)arg, ignored = 0;
	int control;

	do
		control = open("/dev/kring/control", O_RDWR | O_CLOEXEC);
	while (!did(&ignored, control, "open"));
	while (now_ns() < until) {
		struct kring_create create = {
			.req.size = sizeof(create), .source = KRING_LOAD_SOURCE,
			.mode = 1 + n % 2, .ring_size = KRING_RING_SIZE_MIN,
		};
		struct kring_remove remove = { .req.size = sizeof(remove) };
		char *name = create.req.name;

		snprintf(name, sizeof(create.req.name), "storm%d", (int)(n++ % CHANNELS));
		memcpy(remove.req.name, name, sizeof(remove.req.name));
		did(&ignored, ioctl(control, KRING_IOC_REMOVE, &remove), "remove");
		if (did(&counts->made, ioctl(control, KRING_IOC_CREATE, &create), "create"))
			did(&ignored, load_start(control, name, 1000), "load");
	}
	close(control);
	return NULL;
}

/* Its own memory is there before anything may fail: stacks, too */
static void storm(int nr)
{
	pthread_t threads[THREADS];
	int fail = open("/proc/self/make-it-fail", O_WRONLY | O_CLOEXEC);

	must(fail >= 0);
	must(!mlockall(MCL_CURRENT | MCL_FUTURE));
	must(write(fail, "1", 1) == 1);
	for (uintptr_t i = 0; i < THREADS; i++)
		while (pthread_create(&threads[i], NULL, i || nr % 2 ? consumer : maker,
				      (void *)(i + nr)))
			usleep(1000);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	exit(!!failures);
}

int main(int argc, char **argv)
{
	pid_t children[PROCESSES];

	must(argc == 2);
	counts = shared(sizeof(*counts));
	until = now_ns() + atoi(argv[1]) * NS;
	for (int i = 0; i < PROCESSES; i++) {
		children[i] = child_start();
		if (!children[i])
			storm(i);
	}
	for (int i = 0; i < PROCESSES; i++)
		child_end(children[i]);
	printf("%lu mapped, %lu held, %lu cursors, %lu made; %lu failed\n", counts->maps,
	       counts->holds, counts->cursors, counts->made, counts->failed);
	check(counts->maps && counts->holds && counts->cursors && counts->made && counts->failed);
	return !!failures;
}
