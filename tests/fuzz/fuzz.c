// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "fuzz.h"

#define WEAK __attribute__((weak))

void fuzz_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "FAIL %s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	abort();
}

u64 input_number(struct input *in, u64 near)
{
	static const u64 special[] = { 0, 1, 15, 16, 24, 32, 0x7fffffff, 0x80000000, 0xffffffff,
		1ULL << 32, FUZZ_SIZE, FUZZ_SIZE - 16, 2 * FUZZ_SIZE, 1ULL << 36, 1ULL << 62,
		1ULL << 63, ~0ULL, ~15ULL };
	u8 how = input_byte(in);

	switch (how % 8) {
	case 0:
		return input_take(in, 8);
	case 1:
		return special[how / 8 % (sizeof(special) / sizeof(special[0]))];
	case 2:
		return near ^ 1ULL << how / 8;
	case 3:
		return near + (how / 8 & 1 ? 1 : -1) * input_take(in, 2);
	case 4:
		return near + (how / 8 & 1 ? 1 : -1) * input_take(in, 3) * KRING_GRANULE;
	case 5:
		return near + input_take(in, 1) * FUZZ_SIZE;
	case 6:
		return (near & 0xffffffff) | input_take(in, 4) << 32;
	default:
		return (near & ~0xffffffffULL) | input_take(in, 4);
	}
}

u32 input_change(struct input *in, void *words, u32 nr)
{
	u32 which = input_below(in, nr);
	u64 word;

	memcpy(&word, (u8 *)words + which * sizeof(word), sizeof(word));
	word = input_number(in, word);
	memcpy((u8 *)words + which * sizeof(word), &word, sizeof(word));
	return which;
}

/* Rings */

struct fixture_channel fuzz_channel;

const struct fuzz_schema fuzz_plain_schema = {
	.head = { .size = sizeof(fuzz_plain_schema), .nr_types = 1, .nr_fields = 1 },
	.type = { .name = "number", .type = 1, .nr_fields = 1, .payload = 8 },
	.field = { .name = "value", .size = 8, .kind = KRING_KIND_UNSIGNED },
};

/* Map it for the consumer anew, with nothing in front and behind */
static void guard(struct fixture *f)
{
	u64 first = f->data_offset + f->ring.size;
	u8 *base = mmap(NULL, f->map_size + 2 * f->data_offset, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		err(1, "mmap");
	base += f->data_offset;
	if (mmap(base, first, PROT_READ, MAP_SHARED | MAP_FIXED, f->fd, 0) == MAP_FAILED ||
	    mmap(base + first, f->ring.size, PROT_READ, MAP_SHARED | MAP_FIXED, f->fd,
		 f->data_offset) == MAP_FAILED)
		err(1, "mmap of a ring");
	munmap((void *)f->meta, f->map_size);
	f->meta = (void *)base;
	f->data = base + f->data_offset;
}

void fuzz_channel_show(u32 nr)
{
	for (u32 i = 0; i < FUZZ_RINGS; i++)
		fuzz_channel.rings[i].ring.meta->nr_rings = nr;
}

void fuzz_channel_reset(u32 nr, const u64 *pos, const u64 *seq)
{
	struct fixture_channel *ch = &fuzz_channel;

	if (!ch->rings) {
		fixture_channel_init(ch, KRING_MODE_PERCPU, FUZZ_RINGS, FUZZ_SIZE);
		for (u32 i = 0; i < FUZZ_RINGS; i++)
			guard(&ch->rings[i]);
	}
	for (u32 i = 0; i < FUZZ_RINGS; i++) {
		struct fixture *f = &ch->rings[i];
		u64 *marks = f->ring.marks;
		struct kring_meta *meta = f->ring.meta;

		memset(meta, 0, f->data_offset + FUZZ_SIZE);
		memset(marks, 0, kring_nr_marks(FUZZ_SIZE) * sizeof(*marks));
		kring_ring_init(&f->ring, meta, (u8 *)meta + f->data_offset, marks, FUZZ_SIZE,
				pos[i], seq[i]);
		meta->channel_id = 1;
		meta->data_offset = f->data_offset;
		meta->ring_index = i;
		meta->cpu = i;
	}
	ch->info.nr_rings = nr;
	ch->info.max_rings = FUZZ_RINGS;
	fuzz_channel_show(nr);
}

struct fixture *fuzz_ring_at(const void *at)
{
	for (u32 i = 0; i < FUZZ_RINGS && fuzz_channel.rings; i++) {
		struct fixture *f = &fuzz_channel.rings[i];

		if ((const u8 *)at >= (const u8 *)f->meta &&
		    (const u8 *)at < (const u8 *)f->meta + f->map_size)
			return f;
	}
	return NULL;
}

int fuzz_channel_open(struct ring **ring, const struct ring_opts *user, const void *schema,
		      size_t schema_size)
{
	static void *bases[FUZZ_RINGS];
	struct kring_info info = fuzz_channel.info;
	struct ring_opts opts;
	int ret = ring_take_opts(&opts, user);

	*ring = NULL;
	info.schema_size = schema_size;
	for (u32 i = 0; i < FUZZ_RINGS; i++)
		bases[i] = (void *)fuzz_channel.rings[i].meta;
	return ret ? ret : ring_setup(ring, -1, &info, schema, bases, &opts);
}

u64 fuzz_touch(const struct ring_record *record, u64 data_size)
{
	const u8 *byte = record->data;
	struct fixture *f = fuzz_ring_at(byte);
	u64 sum = 0;

	if (record->kind == RING_LOST) {
		must(!record->data && !record->size, "a loss with data");
		must(record->overwritten || record->refused, "a loss of nothing");
		return 0;
	}
	must(record->kind == RING_EVENT, "kind %u", record->kind);
	must(record->size + sizeof(struct kring_record) <= data_size, "%zu bytes in a ring of %llu",
	     record->size, data_size);
	must(!f || record->size <= (size_t)((const u8 *)f->meta + f->map_size - byte),
	     "%zu bytes, over the mapping's end", record->size);
	for (size_t i = 0; i < record->size; i++)
		sum = sum * 31 + byte[i];
	return sum;
}

bool fuzz_documented(int ret, const int *errors)
{
	if (ret >= 0)
		return true;
	while (*errors && *errors != -ret)
		errors++;
	return *errors;
}

/* Steps */

void (*fuzz_on_step)(void);
u64 fuzz_now;
static u64 steps_left = ~0ULL;
static bool within;

void fuzz_step(void);
int fuzz_clock(clockid_t id, struct timespec *now);
void *fuzz_memcpy(void *to, const void *from, size_t bytes);

void fuzz_call(u64 steps)
{
	steps_left = steps;
}

void fuzz_step(void)
{
	if (within || !fuzz_on_step)
		return;
	must(steps_left--, "this call does not end");
	within = true;
	fuzz_on_step();
	within = false;
}

int fuzz_clock(clockid_t id, struct timespec *now)
{
	(void)id;
	fuzz_step();
	fuzz_now++;
	now->tv_sec = fuzz_now / 1000000000;
	now->tv_nsec = fuzz_now % 1000000000;
	return 0;
}

/* Out of a ring: in two parts, so that something happens between them */
void *fuzz_memcpy(void *to, const void *from, size_t bytes)
{
	size_t half = fuzz_ring_at(from) ? bytes / 2 / KRING_GRANULE * KRING_GRANULE : 0;

	if (half) {
		memcpy(to, from, half);
		fuzz_step();
	}
	memcpy((u8 *)to + half, (const u8 *)from + half, bytes - half);
	return to;
}

/* System calls */

WEAK int fuzz_open(const char *path, int flags, ...)
{
	return open(path, flags);
}

WEAK int fuzz_close(int fd)
{
	return close(fd);
}

WEAK int fuzz_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	return ioctl(fd, request, arg);
}

WEAK void *fuzz_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	return mmap(at, size, prot, flags, fd, offset);
}

WEAK int fuzz_munmap(void *at, size_t size)
{
	return munmap(at, size);
}

WEAK int fuzz_ppoll(struct pollfd *fds, unsigned long nr, const struct timespec *timeout,
		    const sigset_t *mask)
{
	return ppoll(fds, nr, timeout, mask);
}
