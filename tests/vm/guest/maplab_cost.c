// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to map a page, to touch it first and to unmap it, for each way of the mapping
 * laboratory. The ways take turns, in another order every round, so that a busy machine and what
 * the one before left in the caches disturb all alike.
 */
#include "maplab.h"

#define ROUNDS	60

enum { MAP, TOUCH, UNMAP, STEPS };

static uint64_t now(void)
{
	struct timespec t;

	must(!clock_gettime(CLOCK_MONOTONIC, &t));
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void shuffle(int *order)
{
	for (int i = WAYS - 1; i > 0; i--) {
		int with = rand() % (i + 1), was = order[i];

		order[i] = order[with];
		order[with] = was;
	}
}

int main(void)
{
	static uint64_t took[WAYS][STEPS][ROUNDS];
	int fd[WAYS], order[WAYS];

	for (int way = 0; way < WAYS; way++) {
		fd[way] = lab_open(ways[way], O_RDONLY);
		order[way] = way;
	}
	for (int round = -1; round < ROUNDS; round++) {
		shuffle(order);
		for (int turn = 0; turn < WAYS; turn++) {
			int way = order[turn];
			uint64_t start = now(), mapped, touched, end;
			char *map = lab_map(fd[way], PROT_READ, MAP_SHARED, 0);

			mapped = now();
			touch_all(map);
			touched = now();
			must(!munmap(map, size));
			end = now();
			if (round < 0)
				continue;
			took[way][MAP][round] = mapped - start;
			took[way][TOUCH][round] = touched - mapped;
			took[way][UNMAP][round] = end - touched;
		}
	}
	printf("ns per page, medians of %d rounds of %d pages\n", ROUNDS, MAPLAB_PAGES);
	printf("%-14s %8s %12s %8s %8s\n", "", "map", "touch first", "unmap", "sum");
	for (int way = 0; way < WAYS; way++) {
		double median[STEPS], sum = 0;

		for (int step = 0; step < STEPS; step++) {
			qsort(took[way][step], ROUNDS, sizeof(uint64_t), compare);
			median[step] = (double)took[way][step][ROUNDS / 2] / MAPLAB_PAGES;
			sum += median[step];
		}
		printf("%-14s %8.0f %12.0f %8.0f %8.0f\n", ways[way], median[MAP], median[TOUCH],
		       median[UNMAP], sum);
	}
	return !!failures;
}
