// SPDX-License-Identifier: GPL-2.0
/* What ring_open() refuses, and what it says then; no channel is needed here */
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>
#include "libring_tap.h"

static char message[300];

/* Open with options that must be refused; the message has these words */
static void refused(const char *channel, struct ring_opts *opts, int err,
		    const char *words)
{
	struct ring *ring = (struct ring *)1;

	opts->size = sizeof(*opts);
	opts->message = message;
	opts->message_size = sizeof(message);
	cr_assert_eq(ring_open(&ring, channel, opts), err);
	cr_assert_null(ring);
	cr_assert(strstr(message, words), "%s", message);
}

#define REFUSED(channel, err, words, ...) \
	refused(channel, &(struct ring_opts) { __VA_ARGS__ }, err, words)

Test(libring_open, unknown_options_of_a_later_version_are_refused)
{
	struct {
		struct ring_opts opts;
		u64 later;
	} large = { .opts.size = sizeof(large), .later = 1 };
	struct ring *ring;

	large.opts.message = message;
	large.opts.message_size = sizeof(message);
	cr_assert_eq(ring_open(&ring, "x", &large.opts), -E2BIG);
	cr_assert(strstr(message, ring_version()), "%s", message);
}

Test(libring_open, later_options_that_are_zero_are_fine)
{
	struct {
		struct ring_opts opts;
		u64 later;
	} large = { .opts.size = sizeof(large) };
	struct ring_opts opts;

	large.opts.watermark = 5;
	cr_assert_eq(ring_take_opts(&opts, &large.opts), 0);
	cr_assert_eq(opts.watermark, 5);
}

Test(libring_open, shorter_options_of_an_earlier_version_are_fine)
{
	struct ring_opts small = { .size = offsetof(struct ring_opts, watermark),
				   .from = RING_FROM_OLDEST, .watermark = 5 };
	struct ring_opts opts;

	cr_assert_eq(ring_take_opts(&opts, &small), 0);
	cr_assert_eq(opts.from, RING_FROM_OLDEST);
	cr_assert_eq(opts.watermark, 0);
}

Test(libring_open, options_without_a_size_are_refused)
{
	struct ring_opts opts = { .size = 0 };
	struct ring *ring;

	cr_assert_eq(ring_open(&ring, "x", &opts), -EINVAL);
}

Test(libring_open, wrong_options_are_refused_by_name)
{
	REFUSED("x", -EINVAL, "from is 2", .from = 2);
	REFUSED("x", -EINVAL, "order is 9", .order = 9);
	REFUSED("x", -EINVAL, "flags are 0x82", .flags = 0x82);
	REFUSED("x", -EINVAL, "nr_cpus is 1", .nr_cpus = 1);
	REFUSED("x", -EINVAL, "for RING_HOLD", .hold = "agent");
	REFUSED("x", -EINVAL, "for RING_HOLD", .keep = 1);
	REFUSED("x", -EINVAL, "needs a name", .flags = RING_HOLD, .keep = 1);
	REFUSED("x", -EINVAL, "1 to 31", .flags = RING_HOLD, .hold = "");
	REFUSED("x", -EINVAL, "1 to 31", .flags = RING_HOLD,
		.hold = "a-name-of-thirty-two-characters-");
}

Test(libring_open, names_that_cannot_be_are_refused)
{
	REFUSED("", -EINVAL, "no channel name");
	REFUSED(".hidden", -EINVAL, "no channel name");
	REFUSED("control", -EINVAL, "no channel name");
	REFUSED("white space", -EINVAL, "no channel name");
	REFUSED("a-name-of-thirty-two-characters-", -EINVAL, "31 at most");
}

Test(libring_open, a_channel_that_is_not_there)
{
	struct ring *ring;

	if (access(RING_CONTROL, F_OK))
		REFUSED("no-such", -ENOENT, "modprobe kring");
	else
		REFUSED("no-such", -ENOENT, "there is no channel 'no-such'");
	cr_assert_eq(ring_open(&ring, "no-such", NULL), -ENOENT);
}

Test(libring_open, a_path_that_is_not_there)
{
	REFUSED("/nonexistent/x", -ENOENT, "/nonexistent/x");
}

Test(libring_open, a_path_that_is_too_long)
{
	static char path[PATH_MAX + 2];

	memset(path, '/', sizeof(path) - 1);
	REFUSED(path, -ENAMETOOLONG, "too long");
}

Test(libring_open, files_that_are_no_channels)
{
	REFUSED("/dev/null", -ENOTTY, "/dev/null is not a channel");
	REFUSED("/proc/self/exe", -ENOTTY, "not a channel");
}

Test(libring_open, nothing_stays_open_after_a_refusal)
{
	struct ring *ring;
	int before = dup(0);

	close(before);
	ring_open(&ring, "/dev/null", NULL);
	cr_assert_eq(dup(0), before);
}

Test(libring_open, closing_nothing_is_allowed)
{
	ring_close(NULL);
}

static int count(const struct kring_info *info, void *ctx)
{
	(void)info;
	++*(int *)ctx;
	return 0;
}

Test(libring_open, listing_without_kring_says_so)
{
	int channels = 0;

	if (access(RING_CONTROL, F_OK))
		cr_assert_eq(ring_list(count, &channels), -ENOENT);
	else
		cr_assert_eq(ring_list(count, &channels), 0);
}

Test(libring_open, the_info_is_that_of_the_channel)
{
	struct tap tap;

	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap);
	cr_assert_str_eq(ring_info(tap.ring)->name, "fixture");
	cr_assert_eq(ring_info(tap.ring)->nr_rings, 2);
	tap_free(&tap);
}

Test(libring_open, many_handles_leave_nothing_behind)
{
	struct tap tap;
	int before = dup(0);

	close(before);
	tap_init(&tap, 2, 64 * KIB);
	for (int n = 0; n < 50; n++) {
		tap_open(&tap, .from = RING_FROM_OLDEST);
		tap_put(&tap, 0, n);
		ring_wait(tap.ring, 0);
		ring_close(tap.ring);
	}
	tap.ring = NULL;
	tap_free(&tap);
	cr_assert_eq(dup(0), before);
}
