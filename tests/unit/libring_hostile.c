// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that hold what no kernel writes. The answer is an error or harmless; pages
 * without access before and behind them, the sanitizers and valgrind see to it
 * that nothing else is read.
 */
#include <sys/mman.h>
#include "libring_tap.h"

static struct tap tap;
static struct kring_meta *meta;

/* Map it anew, with nothing before and behind it */
static void guard(struct fixture *f)
{
	u64 first = f->data_offset + f->ring.size;
	u8 *base = mmap(NULL, f->map_size + 2 * f->data_offset, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	cr_assert_neq(base, MAP_FAILED);
	base += f->data_offset;
	cr_assert_eq(mmap(base, first, PROT_READ, MAP_SHARED | MAP_FIXED, f->fd, 0), base);
	cr_assert_eq(mmap(base + first, f->ring.size, PROT_READ, MAP_SHARED | MAP_FIXED,
			  f->fd, f->data_offset), base + first);
	if (f->meta != f->ring.meta)
		munmap((void *)f->meta, f->map_size);
	f->meta = (void *)base;
}

static void begin(u32 rings, u32 order)
{
	tap_init(&tap, rings, 64 * KIB);
	guard(tap_ring(&tap, 0));
	for (int n = 0; n < 10; n++)
		tap_put(&tap, 0, n);
	tap_open(&tap, .from = RING_FROM_OLDEST, .order = order);
	meta = tap_ring(&tap, 0)->ring.meta;
}

static struct kring_record *record_at(u64 pos)
{
	return (struct kring_record *)(tap_ring(&tap, 0)->ring.data + pos);
}

/* The next call, and all later ones, say that the ring is bad */
static void expect_bad(void)
{
	struct ring_stats s = { .size = sizeof(s) };

	tap_expect_result(&tap, -EBADMSG);
	tap_expect_result(&tap, -EBADMSG);
	cr_assert_eq(ring_wait(tap.ring, -1), -EBADMSG);
	cr_assert_eq(ring_stats(tap.ring, &s), -EBADMSG);
	tap_free(&tap);
}

Test(libring_hostile, a_length_over_the_rest_of_the_ring)
{
	begin(1, RING_ORDER_TIME);
	record_at(9 * 32)->size = 9;
	for (int n = 0; n < 9; n++)
		tap_expect(&tap, n);
	expect_bad();
}

Test(libring_hostile, the_longest_length)
{
	begin(1, RING_ORDER_RING);
	record_at(0)->size = ~0u;
	expect_bad();
}

Test(libring_hostile, statistics_find_a_bad_length_too)
{
	struct ring_stats s = { .size = sizeof(s) };

	begin(1, RING_ORDER_TIME);
	record_at(5 * 32)->size = ~0u;
	cr_assert_eq(ring_stats(tap.ring, &s), -EBADMSG);
	tap_free(&tap);
}

/*
 * Held records of which there are items, as one was refused in front of them, are
 * looked at twice: for their sizes, and when they are handed out
 */
static void begin_held(void)
{
	static char big[64 * KIB];

	tap_init(&tap, 1, 64 * KIB);
	guard(tap_ring(&tap, 0));
	tap_open_held(&tap, .order = RING_ORDER_TIME);
	meta = tap_ring(&tap, 0)->ring.meta;
	cr_assert_not(fixture_write(tap_ring(&tap, 0), TAP_TYPE, big, sizeof(big)));
	for (int n = 0; n < 10; n++)
		tap_put(&tap, 0, n);
	cr_assert_eq(ring_wait(tap.ring, 0), 1);
}

Test(libring_hostile, a_length_that_grows_before_it_is_handed_out)
{
	begin_held();
	record_at(0)->size = 64 * KIB - sizeof(struct kring_record) + 1;
	tap_expect_lost(&tap, 0, 1);
	expect_bad();
}

Test(libring_hostile, a_length_that_grows_before_a_revoked_hold_is_copied)
{
	begin_held();
	record_at(5 * 32)->size = 5 * 32;
	meta->tail = 32;
	expect_bad();
}

/* A save looks for its place from tail on, once the hold was revoked */
Test(libring_hostile, tail_that_goes_back_does_not_keep_a_save_busy, .timeout = 20)
{
	begin_held();
	meta->head = meta->tail = 1ULL << 45;
	meta->reserve = (u32)(meta->head / KRING_GRANULE) | 10ULL << 32;
	while (ring_next(tap.ring, &(struct ring_record) { 0 }) == 1)
		;
	meta->tail = 0;
	ring_release(tap.ring);
	cr_assert_gt(ring_save(tap.ring, NULL, 0), 0);
	tap_free(&tap);
}

Test(libring_hostile, head_over_a_ring_ahead)
{
	begin(1, RING_ORDER_TIME);
	meta->head += 64 * KIB;
	expect_bad();
}

Test(libring_hostile, head_far_ahead_for_statistics)
{
	struct ring_stats s = { .size = sizeof(s) };

	begin(1, RING_ORDER_TIME);
	meta->head = 1ULL << 62;
	meta->reserve = (u32)(meta->head / KRING_GRANULE);
	cr_assert_eq(ring_stats(tap.ring, &s), -EBADMSG);
	tap_free(&tap);
}

Test(libring_hostile, head_went_back)
{
	begin(1, RING_ORDER_TIME);
	tap_lap(&tap, 0);
	tap_lap(&tap, 0);
	while (tap_stats(&tap).left)
		ring_next(tap.ring, &(struct ring_record) { 0 });
	meta->tail = 0;
	meta->head = 0;
	meta->reserve = 0;
	expect_bad();
}

Test(libring_hostile, head_is_no_granule)
{
	begin(1, RING_ORDER_TIME);
	meta->head += 8;
	expect_bad();
}

Test(libring_hostile, tail_is_no_granule)
{
	begin(1, RING_ORDER_TIME);
	meta->tail += 8;	/* where there seems to be an empty record */
	expect_bad();
}

/* From one to the other there seem to be empty records */
Test(libring_hostile, tail_and_head_are_no_granules)
{
	begin(1, RING_ORDER_TIME);
	for (int n = 0; n < 10; n++)
		record_at(n * 32)->seq = 0;
	meta->tail += 8;
	meta->head += 8;
	expect_bad();
}

Test(libring_hostile, a_length_over_the_rest_of_a_held_ring)
{
	tap_init(&tap, 1, 64 * KIB);
	guard(tap_ring(&tap, 0));
	for (int n = 0; n < 10; n++)
		tap_put(&tap, 0, n);
	tap_open_held(&tap, .from = RING_FROM_OLDEST);
	record_at(9 * 32)->size = 9;
	for (int n = 0; n < 9; n++)
		tap_expect(&tap, n);
	expect_bad();
}

Test(libring_hostile, a_ring_that_begins_with_nonsense_is_not_opened)
{
	tap_init(&tap, 1, 64 * KIB);
	for (int n = 0; n < 10; n++)
		tap_put(&tap, 0, n);
	meta = tap_ring(&tap, 0)->ring.meta;
	meta->tail = 8;
	cr_assert_eq(tap_try_open(&tap, &(struct ring_opts) {
		.size = sizeof(struct ring_opts), .from = RING_FROM_OLDEST }), -EBADMSG);
	meta->tail = meta->head + 32;
	cr_assert_eq(tap_try_open(&tap, &(struct ring_opts) {
		.size = sizeof(struct ring_opts), .from = RING_FROM_OLDEST }), -EBADMSG);
	tap_free(&tap);
}

/* A holder's records are kept when it is revoked: not more than there can be */
Test(libring_hostile, more_in_hand_than_the_ring_holds)
{
	struct ring_reader *r;

	begin(1, RING_ORDER_TIME);
	r = tap.ring->readers;
	r->at.pos = 65 * KIB;
	r->first = r->nr = 1;
	r->items = calloc(2, sizeof(*r->items));
	r->peeked = 1;
	r->items[0] = (struct ring_item) { .kind = ITEM_EVENT };
	cr_assert_eq(ring_keep(r), -EBADMSG);
	r->at.pos = 8;
	cr_assert_eq(ring_keep(r), -EBADMSG);
	r->peeked = 0;
	tap_free(&tap);
}

Test(libring_hostile, tail_far_ahead_of_head)
{
	begin(1, RING_ORDER_TIME);
	meta->tail = 1ULL << 60;
	expect_bad();
}

Test(libring_hostile, tail_in_the_middle_of_a_record)
{
	struct ring_record record;
	int n, ret = 1;

	begin(1, RING_ORDER_TIME);
	record_at(16)->size = 1000000;
	meta->tail = 16;
	for (n = 0; n < 20 && ret == 1; n++)
		ret = ring_next(tap.ring, &record);
	cr_assert_eq(ret, -EBADMSG);
	tap_free(&tap);
}

Test(libring_hostile, numbers_that_go_back_are_a_great_loss)
{
	begin(1, RING_ORDER_TIME);
	record_at(32)->seq = 0;
	tap_expect(&tap, 0);
	tap_expect_lost(&tap, 0, 0xffffffff);
	tap_free(&tap);
}

Test(libring_hostile, counters_of_nonsense_do_not_stop_reading)
{
	begin(1, RING_ORDER_TIME);
	memset(&meta->counters, 0xa5, sizeof(meta->counters));
	for (int n = 0; n < 10; n++)
		tap_expect(&tap, n);
	tap_free(&tap);
}

Test(libring_hostile, times_that_go_back_are_delivered)
{
	u64 sum = 0;
	struct ring_record record;

	begin(2, RING_ORDER_TIME);
	for (int n = 0; n < 10; n++)
		record_at(n * 32)->time = 1000 - n;
	while (ring_next(tap.ring, &record) == 1)
		sum += tap_value(&record);
	cr_assert_eq(sum, 45);
	tap_free(&tap);
}

/* Reading ends, whatever all these say */
Test(libring_hostile, every_word_of_nonsense_ends)
{
	static const u64 nonsense[] = { 0, 1, 15, 16, 32, 0x7fffffff, 0x80000000,
		0xffffffff, 64 * KIB, 64 * KIB - 16, 128 * KIB, 1ULL << 36, 1ULL << 63,
		~0ULL, ~15ULL, 0xfffffff000000000 };
	u32 i, j, k, n;

	for (i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		for (j = 0; j < sizeof(nonsense) / sizeof(nonsense[0]); j++) {
			for (k = 0; k < 4; k++) {
				struct ring_stats s = { .size = sizeof(s) };
				struct ring_record record;

				begin(1, k & 1);
				meta->head = nonsense[i];
				meta->tail = k & 2 ? nonsense[j] : 0;
				meta->reserve = nonsense[j];
				memset(record_at(0), nonsense[j], 320);
				for (n = 0; n < 100; n++)
					if (ring_next(tap.ring, &record) != 1)
						break;
				ring_stats(tap.ring, &s);
				tap_free(&tap);
			}
		}
	}
}

/* A ring of noise, at each of its offsets a few */
Test(libring_hostile, noise_is_survived)
{
	u64 rounds = fixture_scaled(2000), random = 1, i, n;
	u32 *word;

	while (rounds--) {
		struct ring_record record;

		tap_init(&tap, 1, 64 * KIB);
		guard(tap_ring(&tap, 0));
		meta = tap_ring(&tap, 0)->ring.meta;
		word = (u32 *)tap_ring(&tap, 0)->ring.data;
		for (i = 0; i < 2048; i++) {
			random = random * 6364136223846793005ULL + 1442695040888963407ULL;
			/* often a likely size */
			word[i] = i % 4 || random >> 63 ? random >> 33 : random >> 58;
		}
		meta->head = 8192;
		meta->reserve = 512 | random << 32;
		tap_open(&tap, .from = RING_FROM_OLDEST, .order = rounds & 1,
			 .flags = rounds & 2 ? RING_SNAPSHOT : 0);
		for (n = 0; n < 2000; n++) {
			if (ring_next(tap.ring, &record) != 1)
				break;
			if (record.kind == RING_EVENT && record.size)
				cr_assert_lt(record.size, 8192);
		}
		cr_assert_lt(n, 2000);
		tap_free(&tap);
	}
}

#define META_TEST(name, change)						\
Test(libring_hostile, meta_with_a_wrong_##name)				\
{									\
	tap_init(&tap, 1, 64 * KIB);					\
	meta = tap_ring(&tap, 0)->ring.meta;				\
	change;								\
	cr_assert_eq(tap_try_open(&tap, NULL), -EBADMSG);		\
	cr_assert_null(tap.ring);					\
	tap_free(&tap);							\
}

META_TEST(magic, meta->magic++)
META_TEST(abi, meta->abi++)
META_TEST(index, meta->ring_index++)
META_TEST(clock, meta->clock++)
META_TEST(channel, meta->channel_id++)
META_TEST(size, meta->data_size *= 2)
META_TEST(offset, meta->data_offset += 4096)

static int check_info(void (*change)(struct kring_info *info), char *message)
{
	struct ring_opts opts = { .message = message, .message_size = 200 };
	struct kring_info info;
	int ret;

	tap_init(&tap, 1, 64 * KIB);
	info = tap.ch.info;
	if (change)
		change(&info);
	ret = ring_check_info(&info, &opts);
	tap_free(&tap);
	return ret;
}

static void other_abi(struct kring_info *info)
{
	info->abi = KRING_ABI + 1;
}

Test(libring_hostile, another_abi_is_refused_with_both_versions)
{
	char message[200];

	cr_assert_eq(check_info(other_abi, message), -EPROTO);
	cr_assert(strstr(message, "ABI 3"), "%s", message);
	cr_assert(strstr(message, "ABI 2"), "%s", message);
}

static void other_clock(struct kring_info *info)
{
	info->clock = 7;
}

Test(libring_hostile, another_clock_is_refused)
{
	char message[200];

	cr_assert_eq(check_info(other_clock, message), -EPROTO);
	cr_assert(strstr(message, "clock 7"), "%s", message);
}

Test(libring_hostile, a_good_info_is_taken)
{
	cr_assert_eq(check_info(NULL, NULL), 0);
}

/* All else as it must be then */
static void resize(struct kring_info *info, u64 data_offset, u64 ring_size)
{
	info->data_offset = data_offset;
	info->ring_size = ring_size;
	info->map_size = data_offset + 2 * ring_size;
	info->ring_stride = info->map_size;
}

#define INFO_TEST(name, change)						\
static void info_##name(struct kring_info *info)			\
{									\
	change;								\
}									\
Test(libring_hostile, info_with_##name)					\
{									\
	cr_assert_eq(check_info(info_##name, NULL), -EBADMSG);		\
}

INFO_TEST(no_rings, info->nr_rings = 0)
INFO_TEST(fewer_rings_at_most_than_there_are, info->max_rings = info->nr_rings - 1)
INFO_TEST(rings_without_bound, info->max_rings = ~0u)
INFO_TEST(a_small_ring, resize(info, info->data_offset, info->ring_size / 2))
INFO_TEST(a_huge_ring, resize(info, info->data_offset, 1ULL << 40))
INFO_TEST(an_odd_ring, resize(info, info->data_offset, info->ring_size + 4096))
INFO_TEST(data_over_the_metadata, resize(info, 0, info->ring_size))
INFO_TEST(data_off_the_granules, resize(info, info->data_offset + 8, info->ring_size))
INFO_TEST(data_before_the_mapping, info->data_offset = -info->ring_size;
	  info->map_size = info->ring_size)
INFO_TEST(a_short_mapping, info->map_size -= 4096)
INFO_TEST(overlapping_rings, info->ring_stride -= 4096)
INFO_TEST(an_endless_name, memset(info->name, 'x', sizeof(info->name)))
