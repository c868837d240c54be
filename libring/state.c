// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Where a holder was, to go on there after a restart: for each ring the position
 * and the sequence number of the first record that was not handed out, and the
 * numbers behind it that were. In the byte order of the machine, as it is of no
 * use after a reboot.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "internal.h"
#include "order.h"

#define STATE_MAGIC	0x7473726bu	/* "krst" */
#define STATE_VERSION	1

struct ring_state {
	uint32_t magic;
	uint32_t version;
	uint64_t size;		/* of all of it */
	uint64_t sum;		/* of what follows here */
	uint64_t channel;
	char boot_id[40];
	uint32_t known;		/* rings that there were */
	uint32_t nr;		/* of which so many are here, by index */
};

struct ring_state_ring {
	uint32_t index;
	uint32_t jumped;	/* 1: what is missing in front was overwritten */
	uint64_t pos;
	uint64_t seq;
	uint64_t overwritten;	/* the counter then */
	uint64_t nr_past;	/* spans that follow */
	struct ring_span past[];
};

static uint64_t sum_of(const struct ring_state *state, size_t size)
{
	const unsigned char *byte = (const void *)&state->channel;
	const unsigned char *end = (const unsigned char *)state + size;
	uint64_t sum = size;

	while (byte < end)
		sum = (sum ^ *byte++) * 0x100000001b3ULL;
	return sum;
}

static const struct ring_state_ring *first_ring(const struct ring_state *state)
{
	return (const void *)(state + 1);
}

static const struct ring_state_ring *next_ring(const struct ring_state_ring *saved)
{
	return (const void *)(saved->past + saved->nr_past);
}

/* This boot's, 36 characters, once it was read. 0 or an error */
static int read_boot_id(char *id, size_t size)
{
	ssize_t bytes;
	int fd;

	if (id[0])
		return 0;
	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	bytes = read(fd, id, size - 1);
	close(fd);
	if (bytes < 36) {
		id[0] = 0;
		return -EIO;
	}
	memset(id + 36, 0, size - 36);
	return 0;
}

/* Saving */

static int by_seq(const void *a, const void *b)
{
	const struct ring_span *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* The first record from that number on, in a ring that is not held */
static uint64_t find(const struct ring_reader *r, uint64_t seq)
{
	uint64_t pos = 0, bytes, tail = ring_load(&r->meta->tail);
	struct kring_record record;

	while (pos < r->at.pos) {
		if (pos < tail)
			pos = tail;
		/* No kernel moves tail so: there is nothing to be found */
		if (pos > r->at.pos || r->at.pos - pos > r->data_size || pos % KRING_GRANULE)
			break;
		if (!ring_copy_header(r, pos, &record, &tail))
			continue;
		if ((int32_t)(record.seq - (uint32_t)seq) >= 0)
			return pos;
		bytes = KRING_RECORD_BYTES((uint64_t)record.size);
		if (bytes > r->at.pos - pos)
			break;
		pos += bytes;
	}
	return r->at.pos;
}

/*
 * Spans of what is not handed out and known: they end up as the gaps between
 * them, which was. Returns how many.
 */
static size_t invert(struct ring_span *spans, size_t nr, uint64_t end)
{
	size_t i, to = 0;

	qsort(spans, nr, sizeof(*spans), by_seq);
	for (i = 0; i < nr; i++) {
		uint64_t from = spans[i].to;
		uint64_t next = i + 1 < nr ? spans[i + 1].from : end;

		if (from < next)
			spans[to++] = (struct ring_span) { from, next };
	}
	return to;
}

/* There must be room for a span for each item and for each in r->past. */
static void save_ring(const struct ring_reader *r, struct ring_state_ring *saved)
{
	struct ring_span *past = saved->past;
	size_t i, nr = 0;
	uint64_t known;

	*saved = (struct ring_state_ring) {
		.index = r->index,
		.jumped = r->at.jumped,
		.seq = r->at.seq,
		.overwritten = r->overwritten,
	};
	for (i = ring_reader_next(r); i < r->nr; i++) {
		const struct ring_item *item = &r->items[i];
		uint64_t count = item->kind == ITEM_EVENT ? 1 : item->value;

		past[nr++] = (struct ring_span) { item->seq, item->seq + count };
		if (item->seq < saved->seq)
			saved->seq = item->seq;
		if (item->kind == ITEM_OVERWRITTEN) {
			saved->jumped = 1;
			/* refusals may be among them */
			saved->overwritten -= item->value < saved->overwritten ?
					      item->value : saved->overwritten;
		}
	}
	if (r->moved > ring_reader_next(r)) {
		nr = invert(past, nr, r->at.seq);
		known = r->at.seq;
	} else {
		nr = 0;		/* in order: nothing behind the first was handed out */
		known = saved->seq;
	}
	for (i = 0; i < r->nr_past; i++) {
		struct ring_span span = r->past[i];

		if (span.from < known)
			span.from = known;
		if (span.from < span.to)
			past[nr++] = span;
	}
	saved->nr_past = nr;
	saved->pos = r->cursor ? ring_lowest(r) : find(r, saved->seq);
	if (saved->pos > r->at.pos)
		saved->pos = r->at.pos;		/* done */
}

static size_t most_bytes(const struct ring *ring)
{
	size_t bytes = sizeof(struct ring_state);
	uint32_t i;

	for (i = 0; i < ring->nr; i++) {
		const struct ring_reader *r = &ring->readers[i];

		bytes += sizeof(struct ring_state_ring) +
			 (r->nr - ring_reader_next(r) + r->nr_past) *
			 sizeof(struct ring_span);
	}
	return bytes;
}

int ring_save(struct ring *ring, void *to, size_t size)
{
	struct ring_state_ring *saved;
	struct ring_state *state;
	uint32_t i;
	int ret;

	if (!ring->holds)
		return -EINVAL;
	ret = read_boot_id(ring->boot_id, sizeof(ring->boot_id));
	if (ret)
		return ret;
	ring_take(ring);
	for (i = 0; i < ring->nr && !ret; i++)
		if (ring_is_revoked(&ring->readers[i]))
			ret = ring_release(ring);
	if (ret)
		return ret;
	state = malloc(most_bytes(ring));
	if (!state)
		return -ENOMEM;
	*state = (struct ring_state) {
		.magic = STATE_MAGIC,
		.version = STATE_VERSION,
		.channel = ring->info.id,
		.known = ring->known,
		.nr = ring->nr,
	};
	memcpy(state->boot_id, ring->boot_id, sizeof(state->boot_id));
	saved = (struct ring_state_ring *)first_ring(state);
	for (i = 0; i < ring->nr; i++) {
		save_ring(&ring->readers[i], saved);
		saved = (struct ring_state_ring *)next_ring(saved);
	}
	state->size = (char *)saved - (char *)state;
	state->sum = sum_of(state, state->size);
	ret = state->size;
	if (size)
		memcpy(to, state, size < state->size ? size : state->size);
	free(state);
	return ret;
}

/* Loading */

/* What is wrong with a block of so many bytes, or NULL */
static const char *find_fault(const struct ring_state *state, size_t size)
{
	const struct ring_state_ring *saved = first_ring(state);
	const char *end = (const char *)state + size;
	uint64_t i, n, next = 0;

	if (size < sizeof(*state) || state->magic != STATE_MAGIC)
		return "ring_save() did not write it";
	if (state->version != STATE_VERSION)
		return "another version of this library wrote it";
	if (state->size != size)
		return "its size is not what it says";
	if (state->sum != sum_of(state, size))
		return "it is damaged";
	if (state->boot_id[sizeof(state->boot_id) - 1])
		return "its boot id has no end";
	for (i = 0; i < state->nr; i++) {
		uint64_t seq, left = end - (const char *)saved;

		if (left < sizeof(*saved) ||
		    saved->nr_past > (left - sizeof(*saved)) / sizeof(*saved->past))
			return "a ring is missing";
		if (saved->index < next || saved->index >= state->known ||
		    saved->jumped > 1)
			return "a ring in it makes no sense";
		next = saved->index + 1ULL;
		for (n = 0, seq = saved->seq; n < saved->nr_past; n++) {
			if (saved->past[n].from < seq || saved->past[n].to <= saved->past[n].from)
				return "a number in it makes no sense";
			seq = saved->past[n].to;
		}
		saved = next_ring(saved);
	}
	return (const char *)saved == end ? NULL : "there is more than it says";
}

/* The options' state, to be freed, or NULL if they have none */
int ring_state_load(struct ring_state **out, const struct kring_info *info,
		    const struct ring_opts *opts)
{
	char boot_id[sizeof((*out)->boot_id)] = "";
	struct ring_state *state;
	const char *fault;
	int ret;

	*out = NULL;
	if (!opts->state)
		return 0;
	state = calloc(1, opts->state_size + sizeof(*state));	/* aligned */
	if (!state)
		return ring_fail(opts, -ENOMEM, "out of memory");
	memcpy(state, opts->state, opts->state_size);
	fault = find_fault(state, opts->state_size);
	ret = read_boot_id(boot_id, sizeof(boot_id));
	if (fault)
		ret = ring_fail(opts, -EBADMSG, "the state is none: %s", fault);
	else if (ret)
		ret = ring_fail(opts, ret, "cannot read the boot id: %s", strerror(-ret));
	else if (strcmp(state->boot_id, boot_id))
		ret = ring_fail(opts, -ESTALE, "the state is of before a reboot");
	else if (state->channel != info->id)
		ret = ring_fail(opts, -ESTALE, "the state is of channel number %llu, this is %llu",
				(unsigned long long)state->channel, info->id);
	if (ret)
		free(state);
	else
		*out = state;
	return ret;
}

/* Whether the ring was made since. state may be NULL here and below */
bool ring_state_is_new(const struct ring_state *state, uint32_t index)
{
	return state && index >= state->known;
}

const struct ring_state_ring *ring_state_find(const struct ring_state *state, uint32_t index)
{
	const struct ring_state_ring *saved;
	uint32_t i;

	if (!state)
		return NULL;
	saved = first_ring(state);
	for (i = 0; i < state->nr; i++, saved = next_ring(saved))
		if (saved->index == index)
			return saved;
	return NULL;
}

uint64_t ring_state_pos(const struct ring_state_ring *saved)
{
	return saved->pos;
}

/* Go on there; -EBADMSG if the ring was never there */
int ring_state_start(struct ring_reader *r, const struct ring_state_ring *saved)
{
	uint64_t overwritten = ring_load(&r->meta->counters.overwritten);
	uint64_t pos, seq, i;

	ring_read_reserve(r->meta, &pos, &seq);
	if (saved->pos > pos || saved->pos < r->meta->start_pos ||
	    saved->pos % KRING_GRANULE || saved->seq > seq ||
	    saved->seq < r->meta->start_seq || saved->overwritten > overwritten)
		return -EBADMSG;
	if (saved->nr_past && saved->past[saved->nr_past - 1].to > seq)
		return -EBADMSG;
	if (saved->nr_past) {
		r->past = malloc(saved->nr_past * sizeof(*r->past));
		if (!r->past)
			return -ENOMEM;
		for (i = 0; i < saved->nr_past; i++)
			r->past[i] = saved->past[i];
		r->nr_past = saved->nr_past;
	}
	r->at = (struct ring_cursor) {
		.pos = saved->pos,
		.seq = saved->seq,
		.jumped = saved->jumped,
	};
	r->overwritten = saved->overwritten;
	ring_reader_go_on(r);
	return 0;
}

/* How many of the numbers in [from, to) were delivered before the state was saved */
uint64_t ring_past(const struct ring_reader *r, uint64_t from, uint64_t to)
{
	uint64_t count = 0;
	size_t i;

	for (i = 0; i < r->nr_past; i++) {
		uint64_t low = from > r->past[i].from ? from : r->past[i].from;
		uint64_t high = to < r->past[i].to ? to : r->past[i].to;

		if (low < high)
			count += high - low;
	}
	return count;
}
