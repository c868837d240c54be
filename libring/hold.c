// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Holding: asking for it, the cursors that give back what was read, and what
 * happens when the kernel takes a hold away.
 *
 * A cursor is at the first record that was not handed out. Nothing behind it is
 * overwritten, so it is read in place, as long as tail is not past the cursor.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "internal.h"
#include "order.h"

static int map_cursors(struct ring *ring, int fd, const struct ring_opts *opts)
{
	const struct kring_info *info = &ring->info;
	size_t size = (size_t)info->max_rings * KRING_CURSOR_STRIDE;
	void *cursors;

	if (fd < 0) {
		cursors = mmap(NULL, size, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	} else {
		if (info->hold_size < size)
			return ring_fail(opts, -EBADMSG, "%llu bytes of cursors for %u rings make no sense",
					 info->hold_size, info->max_rings);
		size = info->hold_size;
		cursors = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			       info->hold_offset);
	}
	if (cursors == MAP_FAILED)
		return ring_fail(opts, -errno, "cannot map %zu bytes of cursors: %s", size,
				 strerror(errno));
	ring->cursors = cursors;
	ring->cursors_size = size;
	return 0;
}

/*
 * Hold from these positions on, one for each ring that there is. They become
 * those of a kept hold if that is continued: ring->resumed.
 */
int ring_hold(struct ring *ring, int fd, const struct ring_opts *opts, __u64 *positions)
{
	struct kring_hold hold = {
		.req.size = sizeof(hold),
		.flags = ring->later ? KRING_HOLD_LATER : 0,
		.nr = ring->info.nr_rings,
		.keep = opts->keep,
		.positions = (uintptr_t)positions,
	};
	int err;

	if (opts->hold)
		strcpy(hold.req.name, opts->hold);	/* ring_take_opts() knows it fits */
	if (fd >= 0 && ioctl(fd, KRING_IOC_HOLD, &hold) < 0) {
		err = errno;
		return ring_fail(opts, -err, "cannot hold channel '%s': %.*s", ring->info.name,
				 KRING_MESSAGE_MAX,
				 hold.req.message[0] ? hold.req.message : strerror(err));
	}
	ring->holds = true;
	ring->resumed = hold.resumed;
	return map_cursors(ring, fd, opts);
}

/* The reader starts here, where it is held already. */
void ring_hold_reader(struct ring *ring, struct ring_reader *r)
{
	r->cursor = ring->cursors + r->index * (KRING_CURSOR_STRIDE / sizeof(*r->cursor));
	r->base = r->data;
	r->mask = r->data_size - 1;
	r->guard = &r->meta->tail;
	r->given = r->at.pos;
	ring_store_release(r->cursor, r->given);	/* D: nothing was read yet */
}

/* Opening failed: a new hold must not outlive that. */
void ring_hold_drop(struct ring *ring, int fd)
{
	struct kring_drop drop = { .size = sizeof(drop) };

	if (ring->cursors)
		munmap(ring->cursors, ring->cursors_size);
	ring->cursors = NULL;
	if (ring->holds && !ring->resumed && fd >= 0)
		ioctl(fd, KRING_IOC_DROP, &drop);
}

/* Of a ring that is held: the position of what was not handed out */
uint64_t ring_lowest(const struct ring_reader *r)
{
	uint64_t low = RING_NEVER;
	size_t i = ring_reader_next(r);

	/* Handed out in the order of time. Nearly always that of positions */
	for (; i < r->moved; i++)
		if (r->items[i].kind == ITEM_EVENT && r->items[i].value < low)
			low = r->items[i].value;
	for (; i < r->nr && low == RING_NEVER; i++)
		if (r->items[i].kind == ITEM_EVENT)
			low = r->items[i].value;
	if (low == RING_NEVER && !r->done)
		low = r->at.pos;
	return low;
}

/* Records that were handed out and not given back may have been overwritten */
bool ring_is_revoked(const struct ring_reader *r)
{
	cmm_smp_rmb();		/* C: what was read is whole if tail is not past it */
	return r->stale || (r->cursor && ring_load(&r->meta->tail) > r->given);
}

static void give_back(struct ring_reader *r)
{
	uint64_t low = ring_lowest(r);

	if (low == r->given)
		return;
	if (ring_is_revoked(r)) {
		r->stale = true;
		return;
	}
	r->given = low;
	ring_store_release(r->cursor, low);	/* D: pairs with evict_stop() */
}

/* All that was handed out */
void ring_give_back(struct ring *ring)
{
	uint32_t i;

	for (i = 0; i < ring->nr && ring->holds; i++)
		if (ring->readers[i].cursor)
			give_back(&ring->readers[i]);
}

/*
 * Tail is past the cursor: observe from now on. 0, or an error with nothing
 * changed. Nothing of that ring may be peeked at.
 */
int ring_revoke(struct ring_reader *r)
{
	bool stale = ring_lowest(r) != r->given;
	int ret;

	r->mark = true;
	ret = ring_keep(r);
	if (ret)
		return ret;
	r->stale |= stale;
	r->revoked = true;
	r->straight = 0;
	r->cursor = NULL;
	r->guard = &r->given;
	r->given = RING_NEVER;
	r->time = r->bound;
	ring_reader_retime(r);
	return 0;
}

int ring_release(struct ring *ring)
{
	bool stale = false;
	uint32_t i;

	ring_take(ring);
	ring_give_back(ring);
	for (i = 0; i < ring->nr && ring->holds; i++)
		stale |= ring->readers[i].stale;
	if (!stale)
		return 0;
	/* What was peeked at may be torn too */
	ring_unpeek(ring);
	for (i = 0; i < ring->nr; i++) {
		struct ring_reader *r = &ring->readers[i];

		if (r->stale && r->cursor)
			ring_revoke(r);		/* without memory, later */
		r->stale = false;
	}
	ring_rebuild(ring);
	return -ESTALE;
}
