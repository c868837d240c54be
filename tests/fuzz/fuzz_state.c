// SPDX-License-Identifier: GPL-2.0
/*
 * A holder's state, saved and changed. As it was, the next one goes on behind the last
 * record that was handed out, without a gap and without one twice. Changed, it is
 * refused or harmless.
 */
#include "fuzz.h"

#define STEPS	(8u << 20)
#define RINGS	2u

/* Of struct ring_state: the sum of all behind it, and where that begins */
#define SUM	16
#define SUMMED	24

static const int next_errors[] = { ENODATA, EBADMSG, 0 };

static u64 value, expected[RINGS];

static void put(u32 n, bool nested)
{
	struct fixture *f = &fuzz_channel.rings[n];
	struct kring_slot slot;
	u64 *to;

	/* The outer one begins first and has the later time */
	to = kring_ring_reserve(&f->ring, &slot, 1, sizeof(*to), n);
	if (!to)
		return;
	*to = value++;
	if (nested)
		put(n, false);
	slot.record->time = ++fuzz_now;
	kring_ring_commit(&slot, false);
}

static void no_step(void)
{
}

static int read_some(struct ring *ring, u32 nr, bool exactly)
{
	struct ring_record record;
	static bool seen[1 << 16];
	int ret = 1;

	if (!exactly)
		memset(seen, 0, sizeof(seen));
	while (nr-- && ret == 1) {
		fuzz_call(STEPS);
		ret = ring_next(ring, &record);
		must(fuzz_documented(ret, next_errors), "ring_next: %d", ret);
		if (ret != 1)
			break;
		fuzz_touch(&record, FUZZ_SIZE);
		if (!exactly)
			continue;
		must(record.kind == RING_EVENT, "lost, though it was held");
		must(!seen[*(const u64 *)record.data], "number %llu twice",
		     *(const u64 *)record.data);
		seen[*(const u64 *)record.data] = true;
		expected[record.ring]++;
	}
	return ret;
}

static u64 sum_of(const u8 *state, size_t size)
{
	u64 sum = size;

	for (size_t n = SUMMED; n < size; n++)
		sum = (sum ^ state[n]) * 0x100000001b3ULL;
	return sum;
}

static void hold(const struct ring *ring)
{
	static u64 kept[RINGS];

	for (u32 n = 0; n < RINGS; n++) {
		u64 **slot = &fuzz_channel.rings[n].ring.holds[0];

		/* The cursors of a kept hold stay when its file is closed */
		if (!ring)
			kept[n] = *slot ? **slot : ~0ULL;
		*slot = ring ? ring->readers[n].cursor : &kept[n];
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const u64 pos[FUZZ_RINGS], seq[FUZZ_RINGS];
	struct input in = { data, size };
	u8 how = input_byte(&in);
	struct ring_opts opts = {
		.size = sizeof(opts), .flags = RING_HOLD, .order = how & 1,
		.hold = "name", .keep = 1000,
	};
	u32 n, changes = how >> 1 & 7;
	struct ring *ring;
	u8 *state;
	int ret;

	value = fuzz_now = 0;
	memset(expected, 0, sizeof(expected));
	fuzz_on_step = no_step;
	fuzz_call(STEPS);
	fuzz_channel_reset(RINGS, pos, seq);
	must(!fuzz_channel_open(&ring, &opts, &fuzz_plain_schema, sizeof(fuzz_plain_schema)),
	     "ring_open");
	hold(ring);
	read_some(ring, 0, false);
	for (n = input_byte(&in); n; n--) {
		u8 what = input_byte(&in);

		put(what & 1, what & 2);
		if (what & 4)
			read_some(ring, what >> 3, true);
	}
	fuzz_call(STEPS);
	ret = ring_save(ring, NULL, 0);
	must(ret > 0, "ring_save: %d", ret);
	size = ret;
	state = malloc(size);
	must(state, "out of memory");
	ret = ring_save(ring, state, size);
	must(ret == (int)size, "ring_save: %zu bytes, then %d", size, ret);
	must(*(u64 *)(state + SUM) == sum_of(state, size), "libring's states have changed");
	hold(NULL);
	ring_close(ring);

	for (n = 0; n < changes; n++)
		input_change(&in, state, size / 8);
	if (changes && how & 16)
		size = input_take(&in, 2) % (size + 1);
	if (how & 32 && size >= SUMMED) {
		*(u64 *)(state + 8) = size;
		*(u64 *)(state + SUM) = sum_of(state, size);
	}
	/* Exactly so long, so that nothing behind it is read */
	opts.state = memcpy(malloc(size ? size : 1), state, size);
	opts.state_size = size;
	fuzz_call(STEPS);
	ret = fuzz_channel_open(&ring, &opts, &fuzz_plain_schema, sizeof(fuzz_plain_schema));
	must(!ret || (changes && (ret == -EBADMSG || ret == -ESTALE)), "ring_open: %d", ret);
	if (!ret) {
		hold(ring);
		read_some(ring, ~0u, !changes);
		must(changes || expected[0] + expected[1] == value, "%llu of %llu",
		     expected[0] + expected[1], value);
		fuzz_call(STEPS);
		ret = ring_save(ring, NULL, 0);
		must(ret > 0 || changes, "ring_save: %d", ret);
	}
	for (n = 0; n < RINGS; n++)
		fuzz_channel.rings[n].ring.holds[0] = NULL;
	ring_close(ring);
	free((void *)opts.state);
	free(state);
	return 0;
}
