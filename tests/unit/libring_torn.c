// SPDX-License-Identifier: GPL-2.0
/*
 * What is overwritten in the very middle of libring's copy. The reader's second
 * page of data cannot be accessed at first: when the copy gets there, the signal
 * handler writes to the ring and lets it go on.
 */
#include <signal.h>
#include <sys/mman.h>
#include "libring_tap.h"

#define RECORD	32u		/* bytes */
#define FULL	(64 * KIB / RECORD)

static struct tap tap;
static u8 *page;
static u64 to_write, written, wrong_tail;
static int faults;

static void on_fault(int number, siginfo_t *info, void *context)
{
	u64 size = tap_ring(&tap, 0)->data_offset;

	(void)number;
	(void)context;
	if ((u8 *)info->si_addr < page || (u8 *)info->si_addr >= page + size ||
	    faults++)
		_Exit(3);
	mprotect(page, size, PROT_READ | PROT_WRITE);
	while (to_write--)
		tap_put(&tap, 0, written++);
	if (wrong_tail)
		tap_ring(&tap, 0)->ring.meta->tail = wrong_tail;
}

static void set_trap(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	struct fixture *f = tap_ring(&tap, 0);

	page = (u8 *)tap.ring->readers[0].data + f->data_offset;
	sigaction(SIGSEGV, &action, NULL);
	mprotect(page, f->data_offset, PROT_NONE);
}

/* A full ring, and so many records when the reader copies it */
static void begin(u64 count, u32 order)
{
	tap_init(&tap, 0, 64 * KIB);
	tap_open(&tap, .order = order);
	for (written = 0; written < FULL; written++)
		cr_assert(tap_put(&tap, 0, written));
	to_write = count;
	set_trap();
}

/* The first record says that all behind tail is lost; the others follow */
static void expect_rest(void)
{
	struct ring_record record;
	u64 next;

	cr_assert_eq(ring_next(tap.ring, &record), 1);
	cr_assert_eq(faults, 1);
	next = tap_ring(&tap, 0)->meta->tail / RECORD;
	cr_assert_gt(next, 0);
	cr_assert_eq(record.kind, RING_LOST);
	cr_assert_eq(record.overwritten, next);
	cr_assert_eq(record.refused, 0);
	while (next < written)
		tap_expect(&tap, next++);
	tap_expect_nothing(&tap);
	cr_assert_eq(tap_stats(&tap).reported, written);
	tap_free(&tap);
}

Test(libring_torn, the_first_part_of_a_copy)
{
	begin(1, RING_ORDER_RING);
	expect_rest();
}

Test(libring_torn, the_first_part_of_a_copy_in_time_order)
{
	begin(1, RING_ORDER_TIME);
	expect_rest();
}

Test(libring_torn, all_of_a_copy)
{
	begin(FULL, RING_ORDER_RING);
	expect_rest();
}

Test(libring_torn, all_of_a_copy_several_laps_later)
{
	begin(5 * FULL + 77, RING_ORDER_TIME);
	expect_rest();
}

Test(libring_torn, what_tail_did_not_pass_is_whole)
{
	begin(0, RING_ORDER_RING);
	for (u64 n = 0; n < FULL; n++)
		tap_expect(&tap, n);
	cr_assert_eq(faults, 1);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

/* There seems to be a record, and all of it whole */
Test(libring_torn, tail_goes_where_no_record_begins)
{
	wrong_tail = 8;
	begin(0, RING_ORDER_RING);
	tap_expect_result(&tap, -EBADMSG);
	cr_assert_eq(faults, 1);
	tap_free(&tap);
}

/* A hold was revoked: what its items stand for is copied */
Test(libring_torn, what_is_kept_of_a_revoked_hold)
{
	static char big[64 * KIB];

	tap_init(&tap, 0, 64 * KIB);
	tap_open_held(&tap, .order = RING_ORDER_RING);
	/* A loss in front of them, so that there are items */
	cr_assert_not(fixture_write(tap_ring(&tap, 0), TAP_TYPE, big, sizeof(big)));
	for (u64 n = 0; n < 300; n++)
		tap_put(&tap, 0, n);
	cr_assert_eq(ring_wait(tap.ring, 0), 1);
	tap_drop(&tap);
	tap_ring(&tap, 0)->ring.meta->tail = RECORD;
	wrong_tail = 200 * RECORD;
	set_trap();
	tap_expect_lost(&tap, 0, 1);
	tap_expect_lost(&tap, 200, 0);
	cr_assert_eq(faults, 1);
	for (u64 n = 200; n < 300; n++)
		tap_expect(&tap, n);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}
