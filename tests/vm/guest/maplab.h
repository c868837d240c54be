/* SPDX-License-Identifier: GPL-2.0 */
/* For the programs of the mapping laboratory: its devices, and what the kernel tells of a page. */
#ifndef MAPLAB_H
#define MAPLAB_H

#include <time.h>
#include "guest.h"
#include "../modules/kring_maplab.h"

#define WAYS	6

static const char *const ways[WAYS] = {
	"pfn-reserved", "pfn-ordinary", "insert-page", "insert-pages", "fault", "vmalloc",
};

static size_t page, size;

static inline int lab_open(const char *way, int flags)
{
	char path[64];
	int fd;

	page = sysconf(_SC_PAGESIZE);
	size = MAPLAB_PAGES * page;
	snprintf(path, sizeof(path), "/dev/maplab-%s", way);
	fd = open(path, flags | O_CLOEXEC);
	must(fd >= 0);
	return fd;
}

static inline char *lab_map(int fd, int protection, int flags, uint64_t offset)
{
	char *map = mmap(NULL, size, protection, flags, fd, offset);

	must(map != MAP_FAILED);
	return map;
}

static inline void touch_all(const volatile char *map)
{
	for (size_t at = 0; at < size; at += page)
		(void)map[at];
}

#endif /* MAPLAB_H */
