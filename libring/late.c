// SPDX-License-Identifier: LGPL-2.1-or-later
/* Rings of CPUs that came online after ring_open() */
#include <errno.h>
#include <sys/mman.h>
#include "internal.h"

static int take(struct ring *ring, uint32_t index)
{
	static const struct ring_opts silent;
	const struct kring_info *info = &ring->info;
	struct ring_reader *r = &ring->readers[ring->nr];
	void *base;

	if (ring->fd < 0)
		base = ring->bases[index];
	else
		base = mmap(NULL, info->map_size, PROT_READ, MAP_SHARED, ring->fd,
			    index * info->ring_stride);
	if (base == MAP_FAILED)
		return errno == EAGAIN ? -ENOMEM : -errno;
	if (ring_check_meta(base, index, info, &silent)) {
		if (ring->fd >= 0)
			munmap(base, info->map_size);
		return -EBADMSG;
	}
	ring_reader_init(r, ring, base);
	ring_reader_start_new(r);
	if (ring->holds)
		ring_hold_reader(ring, r);
	ring->heap[ring->nr++] = r;
	return 0;
}

/* There are so many by now. 0 or an error; what could not be taken is next time */
int ring_take_late(struct ring *ring, uint32_t nr)
{
	int ret;

	if (nr > ring->info.max_rings)
		return -EBADMSG;
	for (; ring->known < nr; ring->known++) {
		ret = ring->later ? take(ring, ring->known) : 0;
		if (ret)
			return ret;
	}
	return 0;
}
