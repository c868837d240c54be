/* SPDX-License-Identifier: GPL-2.0 */
/* A handle on rings of the fixture, and what tests of libring ask of it. */
#ifndef TESTS_LIBRING_TAP_H
#define TESTS_LIBRING_TAP_H

#include <criterion/criterion.h>
#include <errno.h>
#include "fixture.h"
#include "../../libring/internal.h"

#define TAP_TYPE	1
#define TAP_RINGS_MAX	64
#define KIB		1024ULL

struct tap {
	struct fixture_channel ch;
	struct ring *ring;
	void *bases[TAP_RINGS_MAX];
};

static const struct {
	struct kring_schema head;
	struct kring_type type;
	struct kring_field field;
} tap_schema = {
	.head = { .size = sizeof(tap_schema), .nr_types = 1, .nr_fields = 1 },
	.type = { .name = "number", .type = TAP_TYPE, .nr_fields = 1, .payload = 8 },
	.field = { .name = "value", .size = 8, .kind = KRING_KIND_UNSIGNED },
};

/* nr rings, one per CPU; 0: one global ring */
static inline void tap_init(struct tap *tap, u32 nr, u64 size)
{
	fixture_channel_init(&tap->ch, nr ? KRING_MODE_PERCPU : KRING_MODE_GLOBAL,
			     nr, size);
	tap->ch.info.schema_size = sizeof(tap_schema);
	tap->ring = NULL;
}

static inline struct fixture *tap_ring(struct tap *tap, u32 n)
{
	return &tap->ch.rings[n];
}

static inline int tap_try_open(struct tap *tap, const struct ring_opts *user)
{
	struct ring_opts opts;
	int ret = ring_take_opts(&opts, user);
	u32 i;

	for (i = 0; i < tap->ch.nr; i++)
		tap->bases[i] = (void *)tap->ch.rings[i].meta;
	return ret ? ret : ring_setup(&tap->ring, -1, &tap->ch.info, &tap_schema,
				      tap->bases, &opts);
}

#define tap_open(tap, ...) do {						\
	struct ring_opts tap_opts = { .size = sizeof(tap_opts), __VA_ARGS__ };	\
									\
	cr_assert_eq(tap_try_open(tap, &tap_opts), 0);			\
} while (0)

/* What the kernel does with a hold: its cursors count. */
static inline void tap_hold(struct tap *tap)
{
	u32 i;

	for (i = 0; i < tap->ring->nr; i++)
		tap_ring(tap, tap->ring->readers[i].index)->ring.holds[0] =
			tap->ring->readers[i].cursor;
}

#define tap_open_held(tap, ...) do {					\
	tap_open(tap, .flags = RING_HOLD, __VA_ARGS__);			\
	tap_hold(tap);							\
} while (0)

/* As when the file is closed, or the hold revoked */
static inline void tap_drop(struct tap *tap)
{
	u32 i;

	for (i = 0; i < tap->ch.nr; i++)
		tap_ring(tap, i)->ring.holds[0] = NULL;
}

static inline void tap_close(struct tap *tap)
{
	tap_drop(tap);
	ring_close(tap->ring);
	tap->ring = NULL;
}

static inline void tap_free(struct tap *tap)
{
	tap_close(tap);
	fixture_channel_free(&tap->ch);
}

static inline bool tap_put(struct tap *tap, u32 n, u64 value)
{
	return fixture_write(tap_ring(tap, n), TAP_TYPE, &value, sizeof(value));
}

static inline bool tap_put_at(struct tap *tap, u32 n, u64 value, u64 time)
{
	return fixture_write_at(tap_ring(tap, n), TAP_TYPE, &value, sizeof(value),
				time, n);
}

/* An event in the middle of being reported */
static inline void tap_begin(struct tap *tap, u32 n, struct kring_slot *slot,
			     u64 value)
{
	u64 *to = kring_ring_reserve(&tap_ring(tap, n)->ring, slot, TAP_TYPE,
				     sizeof(value), n);

	cr_assert_not_null(to);
	*to = value;
}

/* One that is taken back */
static inline void tap_discard(struct tap *tap, u32 n)
{
	struct kring_slot slot;

	tap_begin(tap, n, &slot, 0);
	kring_ring_commit(&slot, true);
}

/* An event for which there never is room */
static inline void tap_refuse(struct tap *tap, u32 n)
{
	static char big[64 * KIB];

	cr_assert_not(fixture_write(tap_ring(tap, n), TAP_TYPE, big, sizeof(big)));
}

static inline void tap_end_at(struct kring_slot *slot, u64 time)
{
	slot->record->time = time;
	kring_ring_commit(slot, false);
}

/* Fill the ring so that everything before is overwritten; returns how many */
static inline u64 tap_lap(struct tap *tap, u32 n)
{
	struct fixture *f = tap_ring(tap, n);
	u64 goal = f->meta->head + f->ring.size;
	u64 count = 0;

	for (; f->meta->tail < goal; count++)
		cr_assert(tap_put(tap, n, count));
	return count;
}

static inline u64 tap_value(const struct ring_record *record)
{
	cr_assert_eq(record->kind, RING_EVENT);
	cr_assert_eq(record->size, sizeof(u64));
	return *(const u64 *)record->data;
}

/* The next record is this event */
#define tap_expect(tap, value) do {					\
	struct ring_record tap_record;					\
									\
	cr_assert_eq(ring_next((tap)->ring, &tap_record), 1);		\
	cr_assert_eq(tap_value(&tap_record), (u64)(value));		\
} while (0)

/* The next record says that so many are lost */
#define tap_expect_lost(tap, overwritten_, refused_) do {		\
	struct ring_record tap_record;					\
									\
	cr_assert_eq(ring_next((tap)->ring, &tap_record), 1);		\
	cr_assert_eq(tap_record.kind, RING_LOST);			\
	cr_assert_eq(tap_record.overwritten, (u64)(overwritten_));	\
	cr_assert_eq(tap_record.refused, (u64)(refused_));		\
	cr_assert_null(tap_record.data);				\
} while (0)

#define tap_expect_result(tap, result) do {				\
	struct ring_record tap_record;					\
									\
	cr_assert_eq(ring_next((tap)->ring, &tap_record), result);	\
} while (0)

#define tap_expect_nothing(tap)	tap_expect_result(tap, 0)

/* The statistics, whose sum must be right at any time that nobody writes */
static inline struct ring_stats tap_stats(struct tap *tap)
{
	struct ring_stats s = { .size = sizeof(s) };

	cr_assert_eq(ring_stats(tap->ring, &s), 0);
	cr_assert_eq(s.reported, s.events + s.overwritten + s.refused +
				 s.discarded + s.left);
	return s;
}

#endif /* TESTS_LIBRING_TAP_H */
