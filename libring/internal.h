/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of libring share.
 *
 * A record's way: fetch.c copies bytes of a ring into the reader's memory and
 * proves them whole; of a ring that is held (hold.c) nothing is copied. Records
 * that are in order go from where they lie straight (straight.h) to the batch
 * that next.c merges the rings into and batch.c hands out. Of others fetch.c
 * makes items, which group.c brings into time order.
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
	uint64_t revoked : 1;	/* the first loss since the hold was revoked */
	uint64_t value : 61;	/* where in the copy or in the ring, or how many are lost */
};

/* Sequence numbers [from, to) */
struct ring_span {
	uint64_t from, to;
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

	/*
	 * [first, ready) may go, [ready, nr) waits for its group's end. Those in
	 * front of first that are in the batch were not handed out yet.
	 */
	struct ring_item *items;
	size_t first, ready, nr, items_room;
	size_t peeked;
	size_t moved;		/* up to here, sorting changed the order of positions */
	uint64_t latest;	/* time of all items so far */
	uint64_t bound;		/* what is not an item yet is not earlier */

	/* An item's record lies at base + (value & mask), whole unless *guard > given */
	const unsigned char *base;
	uint64_t mask;
	const __u64 *guard;
	__u64 given;		/* the cursor, as stored last; RING_NEVER if there is none */
	__u64 *cursor;		/* or NULL: an observer */
	bool stale;		/* revoked while records were handed out */
	bool revoked;
	bool mark;		/* the next loss is the first since then */

	/*
	 * Behind the items, all ready then: records from the cursor on go straight to
	 * the batch, as long as they are simple and end before `straight`. Up to
	 * `ahead` they are there. That at position p is found as an item with the
	 * value p - origin.
	 */
	uint64_t straight, origin;
	struct {
		uint64_t pos, seq;
	} ahead;

	unsigned char *copy;	/* the items' records, unless held */
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
	struct ring_span *past;	/* delivered before the state was saved; ascending */
	size_t nr_past;
};

#define RING_BATCH_MAX	128

/* Records that come next, a cache line each; [first, nr) was not handed out */
struct ring_batch {
	int first, nr;
	int taken;		/* up to here the readers know that they were */
	bool ours;		/* ring_next() takes from it: ring_advance() may not */
	uint64_t events, bytes, overwritten, refused;	/* in all of it */
	struct ring_record records[RING_BATCH_MAX] __attribute__((aligned(64)));
};

struct ring {
	struct ring_reader **heap;	/* the earliest first */
	struct ring_reader *readers;
	struct ring_reader **by_index;	/* of a ring's number, its reader */
	uint32_t nr;
	struct ring_reader *turn;	/* whose items are handed out now */
	uint64_t until;		/* by time: the last time at which they may be */
	uint64_t horizon;	/* rings that come later have nothing before it */
	struct ring_reader *nobody;	/* whose turn it is if it is nobody's */
	bool by_time;
	clockid_t clock;	/* the channel's, if programs can read it */
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
	uint64_t busy;		/* ns */

	uint32_t known;		/* rings that there are */
	bool later;		/* those to come are read too */
	void *const *bases;	/* in unit tests, for those */
	bool holds;		/* opened so */
	bool resumed;		/* a kept hold */
	__u64 *cursors;		/* mapped */
	size_t cursors_size;
	char boot_id[40];	/* once it was asked for */

	struct ring_batch batch;
	struct kring_info info;
	struct ring_type *types;
	struct ring_field *fields;
	size_t nr_types;
};

#define RING_CLOCK_UNREAD	((clockid_t)-1)	/* no program can read it */

/* 0 of a clock that nobody can read: the C library would ask the kernel, each time in vain */
static inline uint64_t ring_time(clockid_t clock)
{
	struct timespec ts;

	if (clock == RING_CLOCK_UNREAD)
		return 0;
	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static inline uint64_t ring_now(void)
{
	return ring_time(CLOCK_MONOTONIC);
}

/* The 64 bits of a sequence number: those nearest to an estimate */
static inline uint64_t ring_full_seq(uint32_t seq, uint64_t estimate)
{
	return estimate + (int32_t)(seq - (uint32_t)estimate);
}

/* The first item that was not handed out */
static inline size_t ring_reader_next(const struct ring_reader *r)
{
	return r->first - r->peeked;
}

static inline bool ring_reader_straight(const struct ring_reader *r)
{
	return r->ahead.pos < r->straight;
}

static inline bool ring_reader_ready(const struct ring_reader *r)
{
	return r->first < r->ready || ring_reader_straight(r);
}

/* With meta->reserve as it was when settled, nothing has happened since */
static inline bool ring_reader_has_all(const struct ring_reader *r, uint64_t word)
{
	return r->settled && r->word == word && r->refused_to <= r->at.seq &&
	       r->first == r->nr;
}

/* Whether the next look may find that events were lost, with no record behind them */
static inline bool ring_reader_may_lose(const struct ring_reader *r)
{
	return r->refused_to > r->at.seq || r->stop != RING_NEVER;
}

/* After items became ready or were taken */
static inline void ring_reader_retime(struct ring_reader *r)
{
	if (r->first < r->ready)
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
	item->revoked = 0;
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

/* clock.c */
clockid_t ring_clock_id(uint32_t clock);

/* setup.c: bases are mappings, in the order of rings; fd may be -1 */
int ring_setup(struct ring **ring, int fd, const struct kring_info *info,
	       const void *schema, void *const *bases,
	       const struct ring_opts *opts);
int ring_check_info(const struct kring_info *info, const struct ring_opts *opts);
int ring_check_meta(const struct kring_meta *meta, uint32_t index,
		    const struct kring_info *info, const struct ring_opts *opts);
void ring_reader_init(struct ring_reader *r, struct ring *ring, const struct kring_meta *meta);

/* fetch.c */
uint64_t ring_counted(const struct kring_meta *meta);
bool ring_copy_header(const struct ring_reader *r, uint64_t pos,
		      struct kring_record *record, uint64_t *tail);
uint64_t ring_meet(struct ring_cursor *at, uint32_t seq, uint64_t overwritten);
int ring_keep(struct ring_reader *r);
int ring_fetch(struct ring_reader *r);
bool ring_fetch_straight(struct ring_reader *r);

/* reader.c */
void ring_read_reserve(const struct kring_meta *meta, uint64_t *pos, uint64_t *seq);
void ring_reader_go_on(struct ring_reader *r);
int ring_reader_start_new(struct ring_reader *r);
int ring_reader_start(struct ring_reader *r, const struct ring_opts *opts, uint64_t pos);
int ring_reader_look(struct ring_reader *r, uint64_t t0);

/* late.c */
int ring_take_late(struct ring *ring, uint32_t nr);

/* hold.c */
int ring_hold(struct ring *ring, int fd, const struct ring_opts *opts, __u64 *positions);
void ring_hold_reader(struct ring *ring, struct ring_reader *r);
void ring_hold_drop(struct ring *ring, int fd);
uint64_t ring_lowest(const struct ring_reader *r);
bool ring_is_revoked(const struct ring_reader *r);
void ring_give_back(struct ring *ring);
int ring_revoke(struct ring_reader *r);

/* state.c */
struct ring_state;
int ring_state_load(struct ring_state **state, const struct kring_info *info,
		    const struct ring_opts *opts);
bool ring_state_is_new(const struct ring_state *state, uint32_t index);
const struct ring_state_ring *ring_state_find(const struct ring_state *state, uint32_t index);
uint64_t ring_state_pos(const struct ring_state_ring *saved);
int ring_state_start(struct ring_reader *r, const struct ring_state_ring *saved);
uint64_t ring_past(const struct ring_reader *r, uint64_t from, uint64_t to);

/* group.c */
int ring_items_room(struct ring_reader *r, size_t extra);
void ring_items_drop(struct ring_reader *r);
void ring_items_lost(struct ring_reader *r, uint64_t time, uint64_t lost);
void ring_items_overwritten(struct ring_reader *r, uint64_t tail);
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
bool ring_pick(struct ring *ring);
void ring_rebuild(struct ring *ring);
int ring_gather(struct ring *ring, int max);
int ring_revoke_turn(struct ring *ring);
void ring_turn_ends(struct ring *ring);

/* batch.c */
void ring_batch_prepare(struct ring_batch *batch);
void ring_take(struct ring *ring);
void ring_unpeek(struct ring *ring);

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
