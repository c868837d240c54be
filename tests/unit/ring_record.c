// SPDX-License-Identifier: GPL-2.0
/* One record: what reserve and commit leave in the ring. */
#include <criterion/criterion.h>
#include "walk.h"

#define SIZE	(64u << 10)

static struct fixture f;
static const u8 text[] = "0123456789abcdefghijklmnopqrstuvwxyz";

Test(ring_record, init)
{
	fixture_init_at(&f, SIZE, 4096, 7);
	cr_assert_eq(f.meta->magic, KRING_MAGIC);
	cr_assert_eq(f.meta->abi, KRING_ABI);
	cr_assert_eq(f.meta->size, sizeof(struct kring_meta));
	cr_assert_eq(f.meta->clock, KRING_CLOCK_MONOTONIC);
	cr_assert_eq(f.meta->data_size, SIZE);
	cr_assert_eq(f.meta->tail, 4096);
	cr_assert_eq(f.meta->head, 4096);
	cr_assert_eq(KRING_RESERVE_GRANULE(f.meta->reserve), 4096 / 16);
	cr_assert_eq(KRING_RESERVE_SEQ(f.meta->reserve), 7);
	fixture_free(&f);
}

Test(ring_record, max_payload)
{
	/* A quarter of the ring, 64 KiB at most, header included */
	cr_assert_eq(kring_max_payload(64u << 10), (16u << 10) - 24);
	cr_assert_eq(kring_max_payload(128u << 10), (32u << 10) - 24);
	cr_assert_eq(kring_max_payload(256u << 10), (64u << 10) - 24);
	cr_assert_eq(kring_max_payload(1u << 30), (64u << 10) - 24);
}

Test(ring_record, header)
{
	const struct kring_record *record;
	u64 before, after;

	fixture_init_at(&f, SIZE, 0, 41);
	before = kring_clock(KRING_CLOCK_MONOTONIC);
	cr_assert(fixture_write_at(&f, 10, text, 10, 5, 3));
	cr_assert(fixture_write(&f, 2, text, 36));
	after = kring_clock(KRING_CLOCK_MONOTONIC);

	record = fixture_record(&f, 0);
	cr_assert_eq(record->size, 10);
	cr_assert_eq(record->type, 10);
	cr_assert_eq(record->flags, KRING_RECORD_ORDERED);
	cr_assert_eq(record->seq, 41);
	cr_assert_eq(record->cpu, 3);
	cr_assert_eq(record->time, 5);
	cr_assert_arr_eq(record + 1, text, 10);

	record = fixture_record(&f, KRING_RECORD_BYTES(10));
	cr_assert_eq(record->size, 36);
	cr_assert_eq(record->type, 2);
	cr_assert_eq(record->seq, 42);
	cr_assert_eq(record->cpu, 0);
	cr_assert(record->time >= before && record->time <= after);
	cr_assert_arr_eq(record + 1, text, 36);

	cr_assert_eq(f.meta->head, KRING_RECORD_BYTES(10) + KRING_RECORD_BYTES(36));
	cr_assert_eq(fixture_seq(&f), 43);
	cr_assert_eq(walk_settled(&f).records, 2);
	fixture_free(&f);
}

/* Also over what an earlier lap left there: no old byte may be seen */
Test(ring_record, padding_is_zero)
{
	u8 *stale = malloc(1 << 10);
	u32 size;

	fixture_init(&f, SIZE);
	memset(f.ring.data, 0xff, SIZE);
	memset(stale, 0xee, 1 << 10);
	for (size = 0; size < 200; size++) {
		u64 pos = f.meta->head;
		const u8 *payload = (const void *)(fixture_record(&f, pos) + 1);
		u32 i;

		cr_assert(fixture_write(&f, 9, stale, size));
		cr_assert_eq(f.meta->head % KRING_GRANULE, 0);
		cr_assert_eq(f.meta->head - pos, (24 + size + 15) / 16 * 16);
		for (i = 0; i < size; i++)
			cr_assert_eq(payload[i], 0xee);
		for (; i < f.meta->head - pos - 24; i++)
			cr_assert_eq(payload[i], 0, "size %u, byte %u", size, i);
		cr_assert(payload[i] == 0xff, "size %u: wrote behind its end", size);
	}
	free(stale);
	fixture_free(&f);
}

/* The second mapping of the data makes a record that wraps one piece */
Test(ring_record, contiguous_over_the_end)
{
	u64 pos = SIZE - 32;

	fixture_init_at(&f, SIZE, pos, 0);
	cr_assert(fixture_write_load(&f, 0, 0, 0, 24 + 8 * 40));
	cr_assert(fixture_check_load(f.data + pos + 24, 24 + 8 * 40));
	cr_assert_arr_eq(f.data + SIZE, f.data, 256, "no second mapping");
	walk_settled(&f);
	fixture_free(&f);
}

Test(ring_record, largest)
{
	const u64 sizes[] = { 64u << 10, 128u << 10, 1u << 20, 4u << 20 };
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		u32 most = kring_max_payload(sizes[i]);
		int n;

		fixture_init_at(&f, sizes[i], sizes[i] - 4096, 0);
		for (n = 0; n < 100; n++)
			cr_assert(fixture_write_load(&f, 0, n, 0, most));
		cr_assert_not(fixture_write_load(&f, 0, n, 0, most + 1));
		cr_assert_eq(f.meta->counters.refused_size, 1);
		walk_settled(&f);
		fixture_free(&f);
	}
}

Test(ring_record, not_seen_before_commit)
{
	struct kring_slot slot;
	void *to;

	fixture_init(&f, SIZE);
	to = kring_ring_reserve(&f.ring, &slot, 9, 8, 0);
	cr_assert_not_null(to);
	cr_assert_eq(f.meta->head, 0);
	cr_assert_eq(fixture_reserve(&f), 32);
	cr_assert_eq((u8 *)to, f.ring.data + 24);
	kring_ring_commit(&slot, false);
	cr_assert_eq(f.meta->head, 32);
	fixture_free(&f);
}

Test(ring_record, discarded)
{
	struct kring_slot slot;

	fixture_init(&f, SIZE);
	cr_assert(fixture_write_load(&f, 0, 0, 0, 64));
	cr_assert_not_null(kring_ring_reserve(&f.ring, &slot, 5, 64, 0));
	kring_ring_commit(&slot, true);
	cr_assert(fixture_write_load(&f, 0, 1, 0, 64));

	cr_assert_eq(f.meta->counters.discarded, 1);
	cr_assert_eq(fixture_seq(&f), 3);
	cr_assert_eq(slot.record->flags, KRING_RECORD_DISCARDED | KRING_RECORD_ORDERED);
	cr_assert_eq(slot.record->seq, 1);
	cr_assert_eq(walk_settled(&f).discarded, 1);
	cr_assert_eq(walk_settled(&f).records, 3);
	fixture_free(&f);
}
