/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of libring share.
 *
 * A record's way: fetch.c copies bytes of a ring into the reader's memory,
 * proves them whole and makes items of them; group.c brings the items of one
 * ring into time order; next.c merges the rings and hands items out.
 */
#ifndef LIBRING_INTERNAL_H
#define LIBRING_INTERNAL_H

#include <stdbool.h>
#include <time.h>
#include "ring.h"

#define RING_DIRECTORY	"/dev/kring"
#define RING_CONTROL	RING_DIRECTORY "/control"

#define RING_NEVER	UINT64_MAX

enum ring_item_kind {
	ITEM_EVENT,
	ITEM_OVERWRITTEN,
	ITEM_REFUSED,
};

/* Something to deliver */
struct ring_item {
	uint64_t time;
	uint64_t seq;		/* of the event, or the first one lost */
	uint64_t kind : 2;	/* enum ring_item_kind */
	uint64_t value : 62;	/* where in the copy, or how many are lost */
};

/* A place in a ring, and what was seen there */
struct ring_cursor {
	uint64_t pos;
	uint64_t seq;		/* expected next, all 64 bits of it */
	bool jumped;		/* tail came by: what is missing was overwritten */
};

struct ring_reader {
	uint64_t time;		/* what comes next from here is not earlier */
	uint32_t index;
	uint32_t cpu;
	bool by_time;
	bool settled;		/* all reserved before the last look is in hand */
	bool done;		/* at the snapshot's end */
	bool disordered;	/* items behind `ready` are to be sorted */

	/* [first, ready) may go, [ready, nr) waits for its group's end */
	struct ring_item *items;
	size_t first, ready, nr, items_room;
	uint64_t latest;	/* time of all items so far */
	uint64_t bound;		/* what is not an item yet is not earlier */

	unsigned char *copy;	/* the items' records */
	size_t used, room;
	size_t need;		/* bytes of the next record, as far as known */

	const struct kring_meta *meta;
	const unsigned char *data;
	uint64_t data_size;
	struct ring_cursor at;
	uint64_t overwritten;	/* the counter when the cursor was set */
	uint64_t word;		/* meta->reserve when settled */
	uint64_t refused_to;	/* seq up to which refusals are known */
	uint64_t start;		/* seq */
	uint64_t stop;		/* position, RING_NEVER without a snapshot */
	uint64_t stop_seq;
	uint64_t discarded;
	uint64_t wakeups;	/* before ring_open() */
};

struct ring {
	struct ring_reader **heap;	/* the earliest first */
	struct ring_reader *readers;
	uint32_t nr;
	struct ring_reader *turn;	/* whose items are handed out now */
	uint64_t until;		/* by time: the last time at which they may be */
	bool by_time;
	bool held;		/* there are items that cannot go yet */
	bool settled;		/* all readers are */
	bool ended;		/* all readers are done */
	bool gone;		/* the channel was removed */
	int broken;		/* -EBADMSG for ever, or 0 */
	uint64_t events, bytes, overwritten, refused;	/* delivered */

	int fd;			/* the channel, -1 in unit tests */
	int event_fd;
	int epoll_fd;
	__u64 woken;		/* ring_wake() was called */
	__u64 *positions;	/* for KRING_IOC_ARM */

	struct kring_info info;
	struct ring_type *types;
	struct ring_field *fields;
	size_t nr_types;
};

static inline uint64_t ring_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* The 64 bits of a sequence number: those nearest to an estimate */
static inline uint64_t ring_full_seq(uint32_t seq, uint64_t estimate)
{
	return estimate + (int32_t)(seq - (uint32_t)estimate);
}

static inline bool ring_reader_ready(const struct ring_reader *r)
{
	return r->first < r->ready;
}

/* After items became ready or were taken */
static inline void ring_reader_retime(struct ring_reader *r)
{
	if (ring_reader_ready(r))
		r->time = r->items[r->first].time;
	else if (r->time < r->bound)
		r->time = r->bound;
}

static inline void ring_items_add(struct ring_reader *r, uint64_t time,
				  uint64_t seq, enum ring_item_kind kind,
				  uint64_t value)
{
	struct ring_item *item = &r->items[r->nr++];

	item->time = time;
	item->seq = seq;
	item->kind = kind;
	item->value = value;
	if (time < r->latest)
		r->disordered = true;
	else
		r->latest = time;
}

/* open.c */
int ring_fail(const struct ring_opts *opts, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int ring_take_opts(struct ring_opts *opts, const struct ring_opts *user);

/* setup.c: bases are mappings, in the order of rings; fd may be -1 */
int ring_setup(struct ring **ring, int fd, const struct kring_info *info,
	       const void *schema, void *const *bases,
	       const struct ring_opts *opts);
int ring_check_info(const struct kring_info *info, const struct ring_opts *opts);

/* fetch.c */
uint64_t ring_counted(const struct kring_meta *meta);
bool ring_copy_header(const struct ring_reader *r, uint64_t pos,
	       struct kring_record *record, uint64_t *tail);
uint64_t ring_meet(struct ring_cursor *at, uint32_t seq, uint64_t overwritten);
int ring_fetch(struct ring_reader *r);

/* reader.c */
void ring_read_reserve(const struct kring_meta *meta, uint64_t *pos, uint64_t *seq);
int ring_reader_start(struct ring_reader *r, const struct ring_opts *opts);
int ring_reader_look(struct ring_reader *r, uint64_t t0);

/* group.c */
int ring_items_room(struct ring_reader *r, size_t extra);
void ring_items_drop(struct ring_reader *r);
void ring_items_lost(struct ring_reader *r, uint64_t time, uint64_t lost);
void ring_items_sort(struct ring_reader *r);
void ring_items_until(struct ring_reader *r, uint64_t time);
void ring_items_outlive(struct ring_reader *r);

/* The group is complete: no later record belongs among its items. */
static inline void ring_items_close(struct ring_reader *r)
{
	if (r->disordered)
		ring_items_sort(r);
	r->ready = r->nr;
}

/* next.c */
int ring_look(struct ring *ring);

/* Its size is 1, 2, 4 or 8, see schema.c */
static inline bool ring_kind_is_number(uint8_t kind)
{
	return kind && kind <= KRING_KIND_NUMBER_MAX;
}

/* syscalls.c: or NULL */
const char *ring_syscall_name(uint64_t number);

/* schema.c */
int ring_schema_take(struct ring *ring, const void *schema, size_t size,
		     const struct ring_opts *opts);

#endif /* LIBRING_INTERNAL_H */
