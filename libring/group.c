// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The items of one ring, brought into time order.
 *
 * Records that were nested or written by several CPUs at once carry times that
 * are not those of their positions. A group of them is complete when an
 * ORDERED record follows, or when it is longer than the ring. Nearly always it
 * is one record. At the end of the ring, a look tells up to which time its
 * records may go.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

static int compare(const void *a, const void *b)
{
	const struct ring_item *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

/* By time, then by seq. Few are far from their place; if they are, no matter. */
static void sort(struct ring_item *items, size_t nr)
{
	size_t moves = 16 * nr;
	struct ring_item item;
	size_t i, at;

	for (i = 1; i < nr; i++) {
		item = items[i];
		for (at = i; at && compare(&item, &items[at - 1]) < 0; at--)
			items[at] = items[at - 1];
		items[at] = item;
		if (i - at > moves) {
			qsort(items, nr, sizeof(*items), compare);
			return;
		}
		moves -= i - at;
	}
}

void ring_items_sort(struct ring_reader *r)
{
	sort(r->items + r->ready, r->nr - r->ready);
	r->disordered = false;
	r->moved = r->nr;
}

/* Room for so many items more, and for one loss behind them */
int ring_items_room(struct ring_reader *r, size_t extra)
{
	size_t room = r->items_room ? r->items_room : 64;
	struct ring_item *items;

	while (room - r->nr < extra + 1)
		room *= 2;
	if (room == r->items_room)
		return 0;
	items = realloc(r->items, room * sizeof(*items));
	if (!items)
		return -ENOMEM;
	r->items = items;
	r->items_room = room;
	return 0;
}

/* Forget what was delivered, and its part of the copy. */
void ring_items_drop(struct ring_reader *r)
{
	size_t low = r->used;
	size_t i;

	r->moved = r->moved > r->first ? r->moved - r->first : 0;
	if (r->first == r->nr) {
		r->first = 0;
		r->ready = 0;
		r->nr = 0;
		r->used = 0;
	}
	if (!r->first)
		return;
	r->nr -= r->first;
	r->ready -= r->first;
	memmove(r->items, r->items + r->first, r->nr * sizeof(*r->items));
	r->first = 0;

	if (!r->used)
		return;		/* they lie in the ring itself */
	for (i = 0; i < r->nr; i++)
		if (r->items[i].kind == ITEM_EVENT && r->items[i].value < low)
			low = r->items[i].value;
	if (!low)
		return;
	memmove(r->copy, r->copy + low, r->used - low);
	r->used -= low;
	for (i = 0; i < r->nr; i++)
		if (r->items[i].kind == ITEM_EVENT)
			r->items[i].value -= low;
}

/* Events are missing in front of the cursor; there must be room. */
void ring_items_lost(struct ring_reader *r, uint64_t time, uint64_t lost)
{
	if (r->nr_past)
		lost -= ring_past(r, r->at.seq - lost, r->at.seq);
	if (lost) {
		ring_items_add(r, time, r->at.seq - lost,
			       r->at.jumped ? ITEM_OVERWRITTEN : ITEM_REFUSED, lost);
		r->items[r->nr - 1].revoked = r->mark;
		r->mark = false;
	}
	r->at.jumped = false;
}

/* Whether the loss b goes on where the loss a ends */
static bool joins(const struct ring_item *a, const struct ring_item *b)
{
	return a->kind == ITEM_OVERWRITTEN && b->kind == ITEM_OVERWRITTEN &&
	       a->seq + a->value == b->seq;
}

/* Items of a ring, by position: those before tail are lost, several as one. */
void ring_items_overwritten(struct ring_reader *r, uint64_t tail)
{
	size_t to = r->first, ready = r->ready;
	size_t i;

	for (i = r->first; i < r->nr; i++) {
		struct ring_item item = r->items[i];

		if (item.kind == ITEM_EVENT && item.value < tail) {
			item.kind = ITEM_OVERWRITTEN;
			item.value = 1;
			item.revoked = r->mark;
			r->mark = false;
		}
		/* never over the end of what may go */
		if (to > r->first && i != r->ready && joins(&r->items[to - 1], &item)) {
			struct ring_item *last = &r->items[to - 1];

			last->value += item.value;
			last->revoked |= item.revoked;
			if (last->time < item.time)
				last->time = item.time;
			if (i < r->ready)
				ready--;
			continue;
		}
		r->items[to++] = item;
	}
	r->ready = ready;
	r->nr = to;
	r->moved = r->nr;
}

/* What has a time up to this may go: nothing that is not yet an item is earlier. */
void ring_items_until(struct ring_reader *r, uint64_t time)
{
	if (r->disordered)
		ring_items_sort(r);
	while (r->ready < r->nr && r->items[r->ready].time <= time)
		r->ready++;
	if (r->bound < time)
		r->bound = time;
}

/*
 * When a record was reserved, what lay a ring's size before it had been
 * overwritten, so it had been committed, so it had its time. No later record
 * can have an earlier one.
 */
void ring_items_outlive(struct ring_reader *r)
{
	const struct kring_record *record;
	uint64_t time = 0;
	size_t i, end;

	/* Not before it frees a good part, as it looks at all items */
	if (r->used < r->data_size + r->data_size / 2)
		return;
	end = r->used - r->data_size;
	for (i = r->ready; i < r->nr; i++) {
		if (r->items[i].kind != ITEM_EVENT)
			continue;
		record = (const void *)(r->copy + r->items[i].value);
		if (r->items[i].value + KRING_RECORD_BYTES((uint64_t)record->size) <= end &&
		    r->items[i].time > time)
			time = r->items[i].time;
	}
	ring_items_until(r, time);
}
