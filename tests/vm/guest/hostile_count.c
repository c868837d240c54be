// SPDX-License-Identifier: GPL-2.0
/*
 * Many mappings of one page in many processes: each is counted, and none is left when they are
 * gone.
 * hostile_count PROCESSES MAPPINGS
 */
#include "hostile.h"

static uint64_t frame_of(const volatile void *at)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry;

	must(fd >= 0 && pread(fd, &entry, 8, (uintptr_t)at / page * 8) == 8 && entry >> 63);
	close(fd);
	return entry & ((1ULL << 55) - 1);
}

/* How often the page with this frame is mapped */
static uint64_t times_mapped(uint64_t frame)
{
	int fd = open("/proc/kpagecount", O_RDONLY);
	uint64_t count;

	must(fd >= 0 && pread(fd, &count, 8, frame * 8) == 8);
	close(fd);
	return count;
}

int main(int argc, char **argv)
{
	unsigned long processes = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
	unsigned long nr = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	uint64_t meta, data, *told = shared(4096);
	pid_t *children = calloc(processes + 1, sizeof(*children));

	must(processes && nr && children);
	hostile_begin();
	meta = frame_of(witness);
	data = frame_of((char *)witness + page);
	check(times_mapped(meta) == 1 && times_mapped(data) == 2);
	for (unsigned long i = 0; i < processes; i++) {
		children[i] = child_start();
		if (children[i])
			continue;
		for (unsigned long n = 0; n < nr; n++) {
			int fd = hostile_open(O_RDONLY);

			/* Each of a file of its own; some of all of the ring */
			must(mmap(NULL, n % 64 ? page : info.map_size, PROT_READ, MAP_SHARED, fd,
				  0) != MAP_FAILED && !close(fd));
		}
		__atomic_add_fetch(told, 1, __ATOMIC_RELEASE);
		pause();
	}
	wait_until(load_acquire(told) == processes);
	/* The children have what was mapped before they were made, too */
	check(times_mapped(meta) == 1 + processes * (nr + 1), "%llu",
	      (unsigned long long)times_mapped(meta));
	check(times_mapped(data) == 2 + 2 * processes * (1 + (nr + 63) / 64), "%llu",
	      (unsigned long long)times_mapped(data));
	/* One after the other, in any order: what is left is still whole */
	for (unsigned long i = 0; i < processes; i++) {
		child_kill(children[(i * 7 + 3) % processes]);
		children[(i * 7 + 3) % processes] = 0;
		hostile_unharmed();
	}
	check(times_mapped(meta) == 1 && times_mapped(data) == 2);
	free(children);
	hostile_end();
	return !!failures;
}
