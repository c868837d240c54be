// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * From what the kernel says of a channel and the mappings of its rings to a
 * handle. Unit tests come in here, with rings of their own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include "internal.h"

/* Nothing may be read or mapped by sizes that make no sense. */
int ring_check_info(const struct kring_info *info, const struct ring_opts *opts)
{
	if (info->abi != KRING_ABI)
		return ring_fail(opts, -EPROTO,
				 "the kring module speaks ABI %u, this library (%s) ABI %u: install matching versions",
				 info->abi, ring_version(), KRING_ABI);
	if (info->clock != KRING_CLOCK_MONOTONIC)
		return ring_fail(opts, -EPROTO, "the channel has clock %u, this library (%s) knows %u",
				 info->clock, ring_version(), KRING_CLOCK_MONOTONIC);
	if (!info->nr_rings || info->ring_size < KRING_RING_SIZE_MIN ||
	    info->ring_size > KRING_RING_SIZE_MAX ||
	    info->ring_size & (info->ring_size - 1) ||
	    info->data_offset < sizeof(struct kring_meta) ||
	    info->data_offset % KRING_GRANULE ||
	    info->map_size != info->data_offset + 2 * info->ring_size ||
	    info->ring_stride < info->map_size ||
	    strnlen(info->name, sizeof(info->name)) == sizeof(info->name))
		return ring_fail(opts, -EBADMSG, "the module's info of the channel makes no sense");
	return 0;
}

static int check_meta(const struct kring_meta *meta, uint32_t index,
		      const struct kring_info *info, const struct ring_opts *opts)
{
	if (meta->magic != KRING_MAGIC || meta->abi != KRING_ABI ||
	    meta->ring_index != index || meta->clock != info->clock ||
	    meta->channel_id != info->id || meta->data_size != info->ring_size ||
	    meta->data_offset != info->data_offset)
		return ring_fail(opts, -EBADMSG, "ring %u does not belong to channel '%s'",
				 index, info->name);
	return 0;
}

static bool wanted(uint32_t cpu, const struct ring_opts *opts)
{
	uint32_t i;

	for (i = 0; i < opts->nr_cpus; i++)
		if (opts->cpus[i] == cpu)
			return true;
	return !opts->nr_cpus;
}

static int check_cpus(const struct ring *ring, const struct ring_opts *opts)
{
	uint32_t i, n;

	for (i = 0; i < opts->nr_cpus; i++) {
		for (n = 0; n < ring->nr; n++)
			if (ring->readers[n].cpu == opts->cpus[i])
				break;
		if (n == ring->nr)
			return ring_fail(opts, -EINVAL, "channel '%s' has no ring of CPU %u",
					 ring->info.name, opts->cpus[i]);
	}
	return 0;
}

static int add_readers(struct ring *ring, void *const *bases,
		       const struct ring_opts *opts)
{
	uint32_t i;
	int ret;

	for (i = 0; i < ring->info.nr_rings; i++) {
		const struct kring_meta *meta = bases[i];
		struct ring_reader *r = &ring->readers[ring->nr];

		ret = check_meta(meta, i, &ring->info, opts);
		if (ret)
			return ret;
		ring->positions[i] = ~0ULL;
		if (!wanted(meta->cpu, opts))
			continue;
		r->index = i;
		r->cpu = meta->cpu;
		r->meta = meta;
		r->data = (const unsigned char *)meta + ring->info.data_offset;
		r->data_size = ring->info.ring_size;
		ret = ring_reader_start(r, opts);
		if (ret)
			return ring_fail(opts, ret, "ring %u of channel '%s' makes no sense",
					 i, ring->info.name);
		ring->heap[ring->nr++] = r;
	}
	return check_cpus(ring, opts);
}

static int add_fds(struct ring *ring, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	ring->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (ring->event_fd < 0)
		return -errno;
	ring->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (ring->epoll_fd < 0 ||
	    epoll_ctl(ring->epoll_fd, EPOLL_CTL_ADD, ring->event_fd, &event) < 0 ||
	    (fd >= 0 && epoll_ctl(ring->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0))
		return -errno;
	return 0;
}

/* On success the handle owns fd and, if there is one, the mappings. */
int ring_setup(struct ring **out, int fd, const struct kring_info *info,
	       const void *schema, void *const *bases,
	       const struct ring_opts *opts)
{
	struct ring *ring = calloc(1, sizeof(*ring));
	int ret = -ENOMEM;

	if (!ring)
		return ring_fail(opts, ret, "out of memory");
	ring->info = *info;
	ring->by_time = opts->order == RING_ORDER_TIME;
	ring->fd = ring->event_fd = ring->epoll_fd = -1;
	ring->readers = calloc(info->nr_rings, sizeof(*ring->readers));
	ring->heap = calloc(info->nr_rings, sizeof(*ring->heap));
	ring->positions = calloc(info->nr_rings, sizeof(*ring->positions));
	if (!ring->readers || !ring->heap || !ring->positions) {
		ring_fail(opts, ret, "out of memory");
		goto fail;
	}
	ret = ring_schema_take(ring, schema, info->schema_size, opts);
	if (ret)
		goto fail;
	ret = add_readers(ring, bases, opts);
	if (ret)
		goto fail;
	ret = add_fds(ring, fd);
	if (ret) {
		ring_fail(opts, ret, "cannot make an eventfd and an epoll: %s", strerror(-ret));
		goto fail;
	}
	ring->turn = ring->readers;
	ring->until = RING_NEVER;
	ring->fd = fd;
	*out = ring;
	return 0;
fail:
	ring->nr = 0;
	ring_close(ring);
	return ret;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void ring_close(struct ring *ring)
{
	uint32_t i;

	if (!ring)
		return;
	for (i = 0; i < ring->info.nr_rings && ring->readers; i++) {
		free(ring->readers[i].items);
		free(ring->readers[i].copy);
	}
	for (i = 0; i < ring->nr && ring->fd >= 0; i++)
		munmap((void *)ring->readers[i].meta, ring->info.map_size);
	close_fd(ring->epoll_fd);
	close_fd(ring->event_fd);
	close_fd(ring->fd);
	free(ring->positions);
	free(ring->heap);
	free(ring->readers);
	free(ring->fields);
	free(ring->types);
	free(ring);
}

const struct kring_info *ring_info(const struct ring *ring)
{
	return &ring->info;
}
