// SPDX-License-Identifier: GPL-2.0
/*
 * Rings that hold what no kernel writes, and change under the reader's hands. Whatever
 * stands there, a reader looks at nothing outside, ends, and hands out nothing that is
 * longer than the ring. The first half of the input is the calls, the second what
 * changes, between the calls and in the midst of them.
 */
#include "fuzz.h"

#define STEPS	(8u << 20)	/* of one call; 64 KiB hold 2048 records */
#define BURST	64		/* calls of one kind in a row */
#define RAW	10		/* upper half of a call's byte: ring_next_raw(), not ring_next() */

static const int next_errors[] = { ENODATA, ENOMEM, EBADMSG, 0 };
static const int peek_errors[] = { ENODATA, ENOMEM, EBADMSG, EINVAL, 0 };
static const int raw_errors[] = { ENODATA, ENOMEM, EBADMSG, ENOMSG, 0 };
static const int stats_errors[] = { EAGAIN, EBADMSG, 0 };
static const int save_errors[] = { ESTALE, EINVAL, ENOMEM, 0 };
static const int wait_errors[] = { ENODATA, ENOMEM, EBADMSG, 0 };
static const int release_errors[] = { ESTALE, 0 };

static struct input changes;
static u32 countdown;
static u64 sum;

/* A word of the metadata page, mostly one that matters */
static void change_meta(struct kring_meta *meta)
{
	static const u8 hot[] = { offsetof(struct kring_meta, head) / 8,
		offsetof(struct kring_meta, tail) / 8, offsetof(struct kring_meta, reserve) / 8 };
	u8 which = input_byte(&changes);
	u64 *word;

	if (which < 192) {
		word = (u64 *)meta + hot[which % sizeof(hot)];
		*word = input_number(&changes, which & 64 ? *word : meta->head);
	} else {
		input_change(&changes, meta, sizeof(*meta) / 8);
	}
}

/* Of a header near the head or the tail: sizes first of all */
static void change_data(struct fixture *f)
{
	struct kring_meta *meta = f->ring.meta;
	u8 which = input_byte(&changes);
	u64 pos = (which & 1 ? meta->tail : meta->head) & ~15ULL;
	struct kring_record *record;

	pos += (s64)(__s16)input_take(&changes, 2) * KRING_GRANULE;
	record = (void *)(f->ring.data + (pos & (FUZZ_SIZE - 1)));
	switch (which >> 1 & 3) {
	case 0:
		record->size = input_number(&changes, record->size);
		break;
	case 1:
		record->time = input_number(&changes, fuzz_now);
		break;
	case 2:
		record->seq = input_number(&changes, record->seq);
		record->flags = input_byte(&changes);
		break;
	default:
		input_change(&changes, record, sizeof(*record) / 8);
	}
}

/* As a producer does, but wherever the words say, which the real one would not survive */
static void put(struct fixture *f, u32 size)
{
	struct kring_meta *meta = f->ring.meta;
	u64 end, pos = meta->head & ~15ULL;
	struct kring_record *record = (void *)(f->ring.data + (pos & (FUZZ_SIZE - 1)));

	*record = (struct kring_record) {
		.size = size,
		.type = 1,
		.flags = KRING_RECORD_ORDERED,
		.seq = KRING_RESERVE_SEQ(meta->reserve),
		.time = ++fuzz_now,
	};
	end = pos + KRING_RECORD_BYTES((u64)size);
	meta->reserve = (u64)(record->seq + 1) << 32 | (u32)(end / KRING_GRANULE);
	meta->head = end;
	if (end - meta->tail > FUZZ_SIZE) {
		meta->tail = end - FUZZ_SIZE / 2;
		meta->counters.overwritten += FUZZ_SIZE / 2 / KRING_RECORD_BYTES((u64)size);
	}
}

static void change(void)
{
	u8 what = input_byte(&changes);
	struct fixture *f = &fuzz_channel.rings[what / 16 % FUZZ_RINGS];
	u32 n;

	switch (what % 8) {
	case 0: case 1: case 2:
		change_meta(f->ring.meta);
		break;
	case 3: case 4:
		change_data(f);
		break;
	case 5:				/* all of one kind, up to a lap */
		for (n = input_take(&changes, 1) * 8; n; n--)
			put(f, 8);
		break;
	case 6:
		put(f, input_take(&changes, 2) % 4096);
		break;
	default:
		fuzz_channel_show(input_byte(&changes) % 16 ?
				  1 + input_byte(&changes) % FUZZ_RINGS : input_take(&changes, 4));
	}
}

static void on_step(void)
{
	if (!changes.left || countdown--)
		return;
	countdown = input_byte(&changes);
	change();
}

static void touch(const struct ring_record *record)
{
	sum += fuzz_touch(record, FUZZ_SIZE);
	sum += record->ring + record->cpu + record->type + record->seq + record->time;
}

/* All that came in one piece, which changes while it is stepped through */
static int next_raw(struct ring *ring)
{
	const struct kring_record *at;
	struct ring_raw raw;
	int ret = ring_next_raw(ring, &raw);
	u64 n = 0;

	must(fuzz_documented(ret, raw_errors), "ring_next_raw: %d", ret);
	if (ret != 1)
		return ret;
	must(raw.nr && raw.ring < FUZZ_RINGS, "%llu records of ring %u", (u64)raw.nr, raw.ring);
	/* How many they are by now nobody knows, but no more than fit */
	for (; (at = ring_raw_step(&raw)); n++) {
		struct ring_record record = {
			.kind = RING_EVENT, .data = at + 1, .size = raw.size,
		};

		must((char *)(at + 1) + raw.size <= (char *)raw.end, "behind the end");
		touch(&record);
		on_step();
	}
	must(n <= FUZZ_SIZE / KRING_RECORD_BYTES(0), "%llu records in a ring", n);
	return ret;
}

static void call(struct ring *ring, struct input *in)
{
	u8 what = input_byte(in);
	u32 n, times = 1 + what / 8 % 2 * (BURST - 1);
	struct ring_stats stats = { .size = sizeof(stats) };
	const struct ring_record *records;
	struct ring_record record;
	static u8 state[1u << 20];
	int ret, i, broken = 0;

	for (n = 0; n < times; n++) {
		fuzz_call(STEPS);
		switch (what % 8) {
		case 0: case 1:
			if (what / 16 == RAW) {
				ret = next_raw(ring);
			} else {
				ret = ring_next(ring, &record);
				must(fuzz_documented(ret, next_errors), "ring_next: %d", ret);
				if (ret == 1)
					touch(&record);
			}
			must(!broken || ret == broken, "-EBADMSG, and then %d", ret);
			if (ret == -EBADMSG)
				broken = ret;
			break;
		case 2:
			ret = ring_peek(ring, &records, 1 + input_byte(in));
			must(fuzz_documented(ret, peek_errors), "ring_peek: %d", ret);
			for (i = 0; i < ret; i++)
				touch(&records[i]);
			if (ret > 0) {
				i = ring_advance(ring, input_byte(in) % (ret + 1));
				must(fuzz_documented(i, release_errors), "ring_advance: %d", i);
			}
			break;
		case 3:
			ret = ring_release(ring);
			must(fuzz_documented(ret, release_errors), "ring_release: %d", ret);
			break;
		case 4:
			ret = ring_stats(ring, &stats);
			must(fuzz_documented(ret, stats_errors), "ring_stats: %d", ret);
			return;
		case 5:
			ret = ring_save(ring, state, sizeof(state));
			must(fuzz_documented(ret, save_errors), "ring_save: %d", ret);
			return;
		case 6:
			ret = ring_wait(ring, 0);
			must(fuzz_documented(ret, wait_errors), "ring_wait: %d", ret);
			return;
		default:		/* the kernel goes on meanwhile */
			fuzz_on_step = NULL;
			change();
			fuzz_on_step = on_step;
			return;
		}
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u8 how = input_byte(&in), records = input_byte(&in), places = input_byte(&in);
	struct ring_opts opts = {
		.size = sizeof(opts),
		.from = how & 1,
		.order = how >> 1 & 1,
		.flags = (how & 4 ? RING_SNAPSHOT : 0) | (how & 8 ? RING_HOLD : 0),
	};
	u64 pos[FUZZ_RINGS] = { places & 1 ? ~31U * 16ULL : 0 };
	u64 seq[FUZZ_RINGS] = { places & 2 ? ~7U : 0 };
	u32 nr = 1 + (how >> 4) % 3;
	struct ring *ring;
	u32 i;

	changes = input_halve(&in);
	countdown = input_byte(&changes);
	fuzz_now = 1000;
	fuzz_on_step = NULL;
	fuzz_channel_reset(nr, pos, seq);
	for (i = 0; i < records; i++)
		put(&fuzz_channel.rings[i % nr], 8);
	/* Sometimes it is wrong when it is opened already */
	for (i = 0; i < how >> 6; i++)
		change();
	fuzz_on_step = on_step;
	fuzz_call(STEPS);
	if (!fuzz_channel_open(&ring, &opts, &fuzz_plain_schema, sizeof(fuzz_plain_schema))) {
		for (i = 0; i < 256 && in.left; i++)
			call(ring, &in);
		ring_close(ring);
	}
	fuzz_on_step = NULL;
	return 0;
}
