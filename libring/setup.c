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
#include "order.h"

#define RINGS_MAX	(1u << 20)	/* more than there can be CPUs */

/* Nothing may be read or mapped by sizes that make no sense. */
int ring_check_info(const struct kring_info *info, const struct ring_opts *opts)
{
	if (info->abi != KRING_ABI)
		return ring_fail(opts, -EPROTO,
				 "the kring module speaks ABI %u, this library (%s) ABI %u: install matching versions",
				 info->abi, ring_version(), KRING_ABI);
	if (!ring_clock_name(info->clock))
		return ring_fail(opts, -EPROTO, "the channel has clock %u, this library (%s) knows %u to %u",
				 info->clock, ring_version(), KRING_CLOCK_MONOTONIC,
				 KRING_CLOCK_NONE);
	if (!info->nr_rings || info->max_rings < info->nr_rings ||
	    info->max_rings > RINGS_MAX || info->ring_size < KRING_RING_SIZE_MIN ||
	    info->ring_size > KRING_RING_SIZE_MAX ||
	    info->ring_size & (info->ring_size - 1) ||
	    info->data_offset < sizeof(struct kring_meta) ||
	    info->data_offset % KRING_GRANULE ||
	    info->map_size != info->data_offset + 2 * info->ring_size ||
	    info->map_size < info->data_offset ||
	    info->ring_stride < info->map_size ||
	    strnlen(info->name, sizeof(info->name)) == sizeof(info->name))
		return ring_fail(opts, -EBADMSG, "the module's info of the channel makes no sense");
	if (opts->order == RING_ORDER_TIME && ring_clock_id(info->clock) == RING_CLOCK_UNREAD)
		return ring_fail(opts, -EINVAL,
				 "channel '%s' has the clock %s, by which its rings cannot be merged: order RING_ORDER_RING or RING_ORDER_BEST is allowed",
				 info->name, ring_clock_name(info->clock));
	return 0;
}

int ring_check_meta(const struct kring_meta *meta, uint32_t index,
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

void ring_reader_init(struct ring_reader *r, struct ring *ring, const struct kring_meta *meta)
{
	ring->by_index[meta->ring_index] = r;
	r->index = meta->ring_index;
	r->cpu = meta->cpu;
	r->by_time = ring->by_time;
	r->meta = meta;
	r->data = (const unsigned char *)meta + ring->info.data_offset;
	r->data_size = ring->info.ring_size;
	r->wakeups = ring_load(&meta->counters.wakeups);
	r->mask = ~0ULL;
	r->guard = &r->given;
	r->given = RING_NEVER;
}

static int add_readers(struct ring *ring, void *const *bases,
		       const struct ring_opts *opts)
{
	uint32_t i;
	int ret;

	for (i = 0; i < ring->info.nr_rings; i++) {
		const struct kring_meta *meta = bases[i];

		ret = ring_check_meta(meta, i, &ring->info, opts);
		if (ret)
			return ret;
		if (wanted(meta->cpu, opts))
			ring_reader_init(&ring->readers[ring->nr++], ring, meta);
	}
	return check_cpus(ring, opts);
}

/* Where to hold: not behind where the reader is going to start */
static int hold(struct ring *ring, int fd, const struct ring_state *state,
		__u64 *positions, const struct ring_opts *opts)
{
	uint32_t i;

	for (i = 0; i < ring->info.nr_rings; i++)
		positions[i] = KRING_HOLD_NONE;
	for (i = 0; i < ring->nr; i++) {
		uint32_t index = ring->readers[i].index;
		const struct ring_state_ring *saved = ring_state_find(state, index);

		if (saved)
			positions[index] = ring_state_pos(saved);
		else if (opts->from == RING_FROM_OLDEST || ring_state_is_new(state, index))
			positions[index] = KRING_HOLD_OLDEST;
		else
			positions[index] = KRING_HOLD_NEWEST;
	}
	return ring_hold(ring, fd, opts, positions);
}

/* Each where it was, or else as the options say */
static int start_readers(struct ring *ring, const struct ring_state *state,
			 const __u64 *positions, const struct ring_opts *opts)
{
	struct ring_opts from = *opts;
	uint32_t i;
	int ret;

	/* A kept hold goes on where it is */
	if (ring->resumed)
		from.from = RING_FROM_OLDEST;
	for (i = 0; i < ring->nr; i++) {
		struct ring_reader *r = &ring->readers[i];
		const struct ring_state_ring *saved = ring_state_find(state, r->index);

		/* A kept hold that was revoked in this ring, or never was on it */
		r->revoked = ring->resumed && positions[r->index] == KRING_HOLD_NONE;
		r->mark = r->revoked;
		if (saved)
			ret = ring_state_start(r, saved);
		else if (ring_state_is_new(state, r->index))
			ret = ring_reader_start_new(r);
		else
			ret = ring_reader_start(r, &from, ring->resumed && !r->revoked ?
						positions[r->index] : 0);
		if (ret == -ENOMEM)
			return ring_fail(opts, ret, "out of memory");
		if (ret)
			return ring_fail(opts, ret, "ring %u of channel '%s' makes no sense%s",
					 r->index, ring->info.name,
					 saved ? ", or the state does not" : "");
		if (opts->flags & RING_SNAPSHOT)
			ring_read_reserve(r->meta, &r->stop, &r->stop_seq);
		if (ring->holds && !r->revoked)
			ring_hold_reader(ring, r);
		ring->heap[i] = r;
	}
	return 0;
}

static int start(struct ring *ring, int fd, void *const *bases,
		 const struct ring_opts *opts)
{
	struct ring_state *state;
	uint32_t i;
	int ret;

	ret = add_readers(ring, bases, opts);
	if (ret)
		return ret;
	ret = ring_state_load(&state, &ring->info, opts);
	if (ret)
		return ret;
	if (opts->flags & RING_HOLD)
		ret = hold(ring, fd, state, ring->positions, opts);
	if (!ret)
		ret = start_readers(ring, state, ring->positions, opts);
	free(state);
	for (i = 0; i < ring->info.max_rings; i++)
		ring->positions[i] = ~0ULL;
	return ret;
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

/*
 * On success the handle owns fd and, if there is one, the mappings. If there is
 * none, bases must live on, for rings that come later.
 */
int ring_setup(struct ring **out, int fd, const struct kring_info *info,
	       const void *schema, void *const *bases,
	       const struct ring_opts *opts)
{
	struct ring *ring = aligned_alloc(_Alignof(struct ring), sizeof(*ring));
	int ret = -ENOMEM;

	if (!ring)
		return ring_fail(opts, ret, "out of memory");
	memset(ring, 0, sizeof(*ring));
	ring->info = *info;
	ring->clock = ring_clock_id(info->clock);
	ring->by_time = opts->order == RING_ORDER_TIME ||
			(opts->order == RING_ORDER_BEST && ring->clock != RING_CLOCK_UNREAD);
	ring->busy = opts->busy;
	ring->known = info->nr_rings;
	ring->later = !opts->nr_cpus && !(opts->flags & RING_SNAPSHOT);
	ring->bases = bases;
	ring->fd = -1;
	ring->event_fd = -1;
	ring->epoll_fd = -1;
	ring->readers = calloc(info->max_rings + 1, sizeof(*ring->readers));
	ring->by_index = calloc(info->max_rings, sizeof(*ring->by_index));
	ring->heap = calloc(info->max_rings, sizeof(*ring->heap));
	ring->positions = calloc(info->max_rings, sizeof(*ring->positions));
	if (!ring->readers || !ring->by_index || !ring->heap || !ring->positions) {
		ring_fail(opts, ret, "out of memory");
		goto fail;
	}
	ret = ring_schema_take(ring, schema, info->schema_size, opts);
	if (ret)
		goto fail;
	ret = start(ring, fd, bases, opts);
	if (ret)
		goto fail;
	ret = add_fds(ring, fd);
	if (ret) {
		ring_fail(opts, ret, "cannot make an eventfd and an epoll: %s", strerror(-ret));
		goto fail;
	}
	ring_batch_prepare(&ring->batch);
	ring->nobody = &ring->readers[info->max_rings];
	ring->turn = ring->readers;
	ring->until = RING_NEVER;
	ring->horizon = RING_NEVER;
	ring->fd = fd;
	*out = ring;
	return 0;
fail:
	ring_hold_drop(ring, fd);
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
	for (i = 0; i < ring->info.max_rings && ring->readers; i++) {
		free(ring->readers[i].items);
		free(ring->readers[i].copy);
		free(ring->readers[i].past);
	}
	if (ring->cursors)
		munmap(ring->cursors, ring->cursors_size);
	for (i = 0; i < ring->nr && ring->fd >= 0; i++)
		munmap((void *)ring->readers[i].meta, ring->info.map_size);
	close_fd(ring->epoll_fd);
	close_fd(ring->event_fd);
	close_fd(ring->fd);
	free(ring->positions);
	free(ring->heap);
	free(ring->by_index);
	free(ring->readers);
	free(ring->fields);
	free(ring->types);
	free(ring);
}

const struct kring_info *ring_info(const struct ring *ring)
{
	return &ring->info;
}
