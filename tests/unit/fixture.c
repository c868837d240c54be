// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <sys/mman.h>
#include <unistd.h>
#include "fixture.h"

/* Metadata page, data, data again, in one piece; and bytes behind that none may touch */
static void *map(const struct fixture *f, int prot, u64 behind)
{
	u64 size = f->ring.size;
	u8 *base = mmap(NULL, f->map_size + behind, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED ||
	    mmap(base, f->data_offset + size, prot, MAP_SHARED | MAP_FIXED,
		 f->fd, 0) == MAP_FAILED ||
	    mmap(base + f->data_offset + size, size, prot,
		 MAP_SHARED | MAP_FIXED, f->fd, f->data_offset) == MAP_FAILED)
		err(1, "mmap of a ring of %llu bytes", size);
	return base;
}

void *fixture_map(const struct fixture *f)
{
	return map(f, PROT_READ, 0);
}

void fixture_init(struct fixture *f, u64 size)
{
	fixture_init_at(f, size, 0, 0);
}

void fixture_init_at(struct fixture *f, u64 size, u64 pos, u32 seq)
{
	struct kring_meta *meta;
	u64 *marks;
	u8 *base;

	memset(f, 0, sizeof(*f));
	f->first_seq = seq;
	f->ring.size = size;
	f->data_offset = sysconf(_SC_PAGESIZE);
	f->map_size = f->data_offset + 2 * size;
	f->fd = memfd_create("kring", MFD_CLOEXEC);
	if (f->fd < 0 || ftruncate(f->fd, f->data_offset + size) < 0)
		err(1, "memfd of a ring of %llu bytes", size);
	marks = calloc(kring_nr_marks(size), sizeof(*marks));
	if (!marks)
		err(1, "marks of a ring of %llu bytes", size);

	base = map(f, PROT_READ | PROT_WRITE, f->data_offset);
	meta = (void *)base;
	kring_ring_init(&f->ring, meta, base + f->data_offset, marks, size, pos,
			seq);
	meta->cpu = KRING_CPU_ANY;
	meta->channel_id = 1;
	meta->data_offset = f->data_offset;

#ifndef __SANITIZE_THREAD__	/* it tells memory by its address, and would see no sharing */
	base = map(f, PROT_READ, 0);
#endif
	f->meta = (void *)base;
	f->data = base + f->data_offset;
}

void fixture_free(struct fixture *f)
{
	if (f->meta != f->ring.meta)
		munmap((void *)f->meta, f->map_size);
	munmap(f->ring.meta, f->map_size + f->data_offset);
	free(f->ring.marks);
	close(f->fd);
}

bool fixture_write(struct fixture *f, u16 type, const void *payload, u32 size)
{
	struct kring_slot slot;
	void *to = kring_ring_reserve(&f->ring, &slot, type, size, 0);

	if (!to)
		return false;
	memcpy(to, payload, size);
	kring_ring_commit(&slot, false);
	return true;
}

bool fixture_write_at(struct fixture *f, u16 type, const void *payload, u32 size,
		      u64 time, u32 cpu)
{
	struct kring_slot slot;
	void *to = kring_ring_reserve(&f->ring, &slot, type, size, cpu);

	if (!to)
		return false;
	memcpy(to, payload, size);
	slot.record->time = time;
	kring_ring_commit(&slot, false);
	return true;
}

void fixture_fill_load(void *payload, u32 producer, u64 counter, u32 context,
		       u32 bytes)
{
	kring_load_stamp(payload, (bytes - sizeof(struct kring_load_event)) / 8,
			 producer, context, counter);
}

bool fixture_check_load(const void *payload, u32 bytes)
{
	const struct kring_load_event *event = payload;
	const __u64 *fill = (const void *)(event + 1);
	u64 words = (bytes - sizeof(*event)) / 8;
	u64 n;

	if (bytes < sizeof(*event) || bytes % 8)
		return false;
	for (n = 0; n < words; n++)
		if (fill[n] != kring_load_word(event->producer, event->counter, n))
			return false;
	return event->checksum == kring_load_sum(event, fill, words);
}

bool fixture_write_load(struct fixture *f, u32 producer, u64 counter,
			u32 context, u32 bytes)
{
	struct kring_slot slot;
	void *to = kring_ring_reserve(&f->ring, &slot, KRING_LOAD_TYPE, bytes,
				      producer);

	if (!to)
		return false;
	fixture_fill_load(to, producer, counter, context, bytes);
	kring_ring_commit(&slot, false);
	return true;
}

u32 fixture_seq(const struct fixture *f)
{
	return KRING_RESERVE_SEQ(READ_ONCE(f->meta->reserve));
}

u64 fixture_reserve(const struct fixture *f)
{
	u64 head = READ_ONCE(f->meta->head);
	u32 ahead = KRING_RESERVE_GRANULE(READ_ONCE(f->meta->reserve)) -
		    (u32)(head / KRING_GRANULE);

	return head + (u64)ahead * KRING_GRANULE;
}

const struct kring_record *fixture_record(const struct fixture *f, u64 pos)
{
	return (const void *)(f->data + (pos & (f->ring.size - 1)));
}

void fixture_channel_init(struct fixture_channel *ch, u32 mode, u32 nr, u64 size)
{
	struct fixture *f;
	u32 i;

	ch->nr = mode == KRING_MODE_GLOBAL ? 1 : nr;
	ch->rings = calloc(ch->nr + FIXTURE_LATE, sizeof(*ch->rings));
	if (!ch->rings)
		err(1, "%u rings", ch->nr);
	for (i = 0; i < ch->nr; i++) {
		f = &ch->rings[i];
		fixture_init(f, size);
		f->ring.meta->ring_index = i;
		f->ring.meta->nr_rings = ch->nr;
		fixture_set_mode(&f->ring, mode, f->ring.clock);
		if (mode == KRING_MODE_PERCPU)
			f->ring.meta->cpu = i;
	}
	f = &ch->rings[0];
	ch->info = (struct kring_info) {
		.size = sizeof(ch->info),
		.abi = KRING_ABI,
		.id = f->meta->channel_id,
		.name = "fixture",
		.source = KRING_LOAD_SOURCE,
		.mode = mode,
		.nr_rings = ch->nr,
		.max_rings = ch->nr + FIXTURE_LATE,
		.clock = KRING_CLOCK_MONOTONIC,
		.ring_size = size,
		.ring_stride = f->map_size,
		.map_size = f->map_size,
		.data_offset = f->data_offset,
		.max_payload = kring_max_payload(size),
		.readers = 1,
	};
}

struct fixture *fixture_channel_add(struct fixture_channel *ch, u64 pos, u32 seq)
{
	struct fixture *f = &ch->rings[ch->nr];

	if (ch->nr == ch->info.max_rings)
		errx(1, "no more than %u rings", ch->nr);
	fixture_init_at(f, ch->info.ring_size, pos, seq);
	fixture_set_mode(&f->ring, ch->info.mode, f->ring.clock);
	f->ring.meta->ring_index = ch->nr;
	f->ring.meta->cpu = ch->nr;
	return f;
}

void fixture_channel_show(struct fixture_channel *ch)
{
	u32 i;

	ch->nr++;
	for (i = 0; i < ch->nr; i++)
		smp_store_release(&ch->rings[i].ring.meta->nr_rings, ch->nr);
}

void fixture_channel_free(struct fixture_channel *ch)
{
	u32 i;

	for (i = 0; i < ch->nr; i++)
		fixture_free(&ch->rings[i]);
	free(ch->rings);
}

void fixture_channel_sum(struct fixture_channel *ch)
{
	struct kring_counters *sum = &ch->info.counters;
	u32 i;

	memset(sum, 0, sizeof(*sum));
	ch->info.events = 0;
	for (i = 0; i < ch->nr; i++) {
		const struct kring_counters *c = &ch->rings[i].meta->counters;

		ch->info.events += fixture_seq(&ch->rings[i]);
		sum->overwritten += c->overwritten;
		sum->refused_held += c->refused_held;
		sum->refused_busy += c->refused_busy;
		sum->refused_size += c->refused_size;
		sum->discarded += c->discarded;
		sum->wakeups += c->wakeups;
		sum->refused_critical += c->refused_critical;
		sum->revoked += c->revoked;
	}
}

u64 fixture_scale(void)
{
	const char *text = getenv("KRING_TEST_SCALE");
	u64 scale = text ? strtoull(text, NULL, 10) : 1;

	return scale ? scale : 1;
}

u64 fixture_scaled(u64 n)
{
	u64 scale = fixture_scale();

	return n > scale ? n / scale : 1;
}
