// SPDX-License-Identifier: GPL-2.0
/*
 * Producers at work between a reader's look at `reserve` and its copy: reader.c
 * is compiled in here, with a hook behind that look.
 */
#include "libring_tap.h"
#include "../../libring/order.h"

static void looked(const __u64 *word);
#define ring_load(word)						\
({								\
	uint64_t hooked_value = ring_load(word);		\
								\
	looked(word);						\
	hooked_value;						\
})
#include "../../libring/reader.c"

#define MS	1000000ULL

static struct tap tap;
static struct kring_slot first, second;
static u64 now;
static bool armed;

/* The first is stamped late, the second was reserved behind it meanwhile */
static void looked(const __u64 *word)
{
	if (!armed || word != &tap.ring->readers[0].meta->reserve)
		return;
	armed = false;
	tap_begin(&tap, 0, &second, 2);
	now = ring_now();
	tap_end_at(&first, now + 50 * MS);
}

Test(libring_late, a_later_reservation_may_be_stamped_earlier)
{
	const struct timespec pause = { .tv_nsec = 60 * MS };

	tap_init(&tap, 0, 64 * KIB);
	tap_open(&tap);
	tap_begin(&tap, 0, &first, 1);
	armed = true;
	tap_expect_nothing(&tap);
	cr_assert_not(armed);
	tap_end_at(&second, now + 20 * MS);
	nanosleep(&pause, NULL);
	tap_expect(&tap, 2);
	tap_expect(&tap, 1);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}
