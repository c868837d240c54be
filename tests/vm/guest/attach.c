// SPDX-License-Identifier: GPL-2.0
/* attach NAME TIMES: an observer that opens, maps, reads a little, sleeps perhaps, and is gone. */
#include "hold.h"

static uint64_t attach(const char *name, unsigned int *seed)
{
	uint64_t positions[2] = { 0 }, events = 0;
	struct reader readers[2];
	struct kring_info info;
	bool first = rand_r(seed) % 2;
	struct kring_arm arm = { .size = sizeof(arm), .positions = (uintptr_t)positions };
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/kring/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	must(fd >= 0);
	info = channel_info(fd);
	must(info.nr_rings <= 2);
	for (uint32_t i = 0; i < info.nr_rings; i++) {
		struct reader *reader = &readers[i];
		uint64_t head;

		reader_start(reader, fd, i, NULL);
		reader->pos = load_relaxed(&reader->meta->tail);
		head = load_acquire(&reader->meta->head);
		for (int n = 0; n < 20 && reader->pos < head; n++)
			events += observe_one(reader, head);
		positions[i] = head;
	}
	arm.nr = info.nr_rings;
	must(ioctl(fd, KRING_IOC_ARM, &arm) >= 0);
	if (rand_r(seed) % 4 == 0)
		must(poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 2) >= 0);
	/* The file goes first, or the mappings */
	if (first)
		must(!close(fd));
	for (uint32_t i = 0; i < info.nr_rings; i++)
		must(!munmap((void *)readers[i].meta, info.map_size));
	if (!first)
		must(!close(fd));
	return events;
}

int main(int argc, char **argv)
{
	unsigned long times = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	unsigned int seed = 1;
	uint64_t events = 0;

	must(times);
	for (unsigned long i = 0; i < times; i++)
		events += attach(argv[1], &seed);
	check(events, "nothing was read");
	return !!failures;
}
