// SPDX-License-Identifier: GPL-2.0
/*
 * ring_open() and what follows, with a kernel that answers anything: what its ioctls
 * fill in and return, what it lets be mapped, what the mappings hold, what poll says. A
 * mapping has the length that was asked for, and nothing in front and behind. Whatever
 * happens, it is all closed and unmapped in the end.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "fuzz.h"

#define CHANNEL		1000	/* the file descriptor */
#define PAGE		4096ULL
#define MAPPED_MAX	(1ULL << 20)
#define MAPS_MAX	64
#define RINGS		3

static struct input answers;
static struct kring_info base, said;
static bool is_open;
static u32 nr_maps;
static int waits;
static struct ring *ring;
static struct map {
	u8 *at;
	size_t size;
} maps[MAPS_MAX];

/* Sometimes the call fails, with any error */
static bool failing(void)
{
	u8 how = input_byte(&answers);

	if (how < 250)
		return false;
	errno = how == 250 ? ENOMEM : how == 251 ? EFAULT : 1 + input_byte(&answers) % 132;
	return true;
}

int fuzz_open(const char *path, int flags, ...)
{
	(void)flags;
	if (strncmp(path, RING_DIRECTORY, strlen(RING_DIRECTORY)))
		return open(path, flags);
	must(!is_open, "it is opened twice");
	is_open = true;
	return CHANNEL;
}

int fuzz_close(int fd)
{
	if (fd != CHANNEL)
		return close(fd);
	must(is_open, "it is closed twice");
	is_open = false;
	return 0;
}

static void answer_info(struct kring_info *info)
{
	u32 n;

	must(info->size == sizeof(*info), "size %u", info->size);
	*info = base;
	info->ring_size <<= input_byte(&answers) % 4 ? 0 : input_byte(&answers) % 16;
	info->map_size = info->data_offset + 2 * info->ring_size;
	info->ring_stride = info->map_size;
	for (n = input_byte(&answers) % 8; n--; )
		input_change(&answers, info, sizeof(*info) / 8);
	/* Such that they fit together again */
	n = input_byte(&answers);
	if (n & 16)
		info->data_offset = input_number(&answers, info->data_offset) & ~15ULL;
	if (n & 1)
		info->map_size = info->data_offset + 2 * info->ring_size;
	else if (n & 32)
		info->map_size = input_number(&answers, info->map_size);
	if (n & 2)
		info->ring_stride = info->map_size;
	if (n & 4)
		info->abi = KRING_ABI;
	/* What is right, and takes only time and memory */
	if (info->max_rings > 1000)
		info->max_rings = n & 8 ? 1000 : ~0u;
	if (info->schema_size > 1 << 16 && info->schema_size < 1 << 25)
		info->schema_size = 1 << 16;
	said = *info;
}

static void answer_schema(const struct kring_schema_get *get)
{
	u8 *to = (u8 *)(uintptr_t)get->data;
	size_t size = sizeof(fuzz_plain_schema);
	u32 n;

	memcpy(to, &fuzz_plain_schema, size < get->room ? size : get->room);
	for (n = input_byte(&answers) % 8; n-- && get->room >= 8; )
		input_change(&answers, to, get->room / 8);
}

static void answer_hold(struct kring_hold *hold)
{
	u64 *positions = (u64 *)(uintptr_t)hold->positions;

	for (u32 n = 0; n < hold->nr; n++)
		positions[n] = input_byte(&answers) % 4 ? 0 : input_number(&answers, positions[n]);
	hold->resumed = input_byte(&answers) & 1;
	memset(hold->req.message, 'x', input_byte(&answers) % (KRING_MESSAGE_MAX + 1));
}

int fuzz_ioctl(int fd, unsigned long request, ...)
{
	bool fails;
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	must(fd == CHANNEL && is_open, "ioctl of a file that is not open");
	fails = failing();
	switch (request) {
	case KRING_IOC_INFO:
		if (!fails)
			answer_info(arg);
		break;
	case KRING_IOC_SCHEMA:
		if (!fails)
			answer_schema(arg);
		break;
	case KRING_IOC_HOLD:
		answer_hold(arg);
		break;
	case KRING_IOC_ARM:		/* not for ever: then it waits for ever, which is right */
		if (!fails && waits++ < 16)
			return input_byte(&answers) & 1;
		break;
	case KRING_IOC_WAKE:
	case KRING_IOC_DROP:
		break;
	default:
		must(false, "an unknown request 0x%lx", request);
	}
	return fails ? -1 : 0;
}

static void fill_ring(u8 *at, size_t size, u64 offset)
{
	struct kring_meta *meta = (void *)at;
	struct kring_record *record;
	u64 pos = 0, n;

	if (size < sizeof(*meta))
		return;
	*meta = (struct kring_meta) {
		.magic = KRING_MAGIC, .abi = KRING_ABI, .size = sizeof(*meta),
		.ring_index = said.ring_stride ? offset / said.ring_stride : 0,
		.cpu = said.ring_stride ? offset / said.ring_stride : 0,
		.clock = said.clock, .channel_id = said.id, .data_size = said.ring_size,
		.data_offset = said.data_offset, .nr_rings = said.nr_rings,
	};
	/* The data may be said to lie anywhere: what does not fit is not there */
	for (n = input_byte(&answers) % 32; n--; pos += 32) {
		if (size < 32 + PAGE || said.data_offset > size - 32 - pos)
			continue;
		record = (void *)(at + said.data_offset + pos);
		record->size = 8;
		record->type = 1;
		record->seq = pos / 32;
		record->time = ++fuzz_now;
	}
	meta->head = pos;
	meta->reserve = pos / 32 << 32 | pos / KRING_GRANULE;
	for (n = input_byte(&answers) % 8; n--; )
		input_change(&answers, at, n & 1 ? sizeof(*meta) / 8 : PAGE / 8);
}

void *fuzz_mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset)
{
	size_t pages = (size + PAGE - 1) & ~(PAGE - 1);
	struct map *map = &maps[nr_maps];
	u8 *at;

	if (fd < 0)
		return mmap(addr, size, prot, flags, fd, offset);
	must(fd == CHANNEL && is_open, "a mapping of a file that is not open");
	if (failing())
		return MAP_FAILED;
	errno = ENOMEM;
	if (!size || size > MAPPED_MAX || offset % PAGE || nr_maps == MAPS_MAX)
		return MAP_FAILED;
	at = mmap(NULL, pages + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(at != MAP_FAILED, "mmap");
	at += PAGE;
	must(!mprotect(at, pages, PROT_READ | PROT_WRITE), "mprotect");
	if (prot & PROT_WRITE)		/* cursors */
		must(size == said.hold_size, "%zu bytes of cursors", size);
	else
		fill_ring(at, pages, offset);
	if (!(prot & PROT_WRITE))
		must(!mprotect(at, pages, PROT_READ), "mprotect");
	*map = (struct map) { at, size };
	nr_maps++;
	return at;
}

int fuzz_munmap(void *at, size_t size)
{
	for (u32 n = 0; n < nr_maps; n++) {
		size_t pages = (size + PAGE - 1) & ~(PAGE - 1);

		if (maps[n].at != at)
			continue;
		must(maps[n].size == size, "%zu bytes of a mapping of %zu are unmapped", size,
		     maps[n].size);
		munmap((u8 *)at - PAGE, pages + 2 * PAGE);
		maps[n] = maps[--nr_maps];
		return 0;
	}
	return munmap(at, size);
}

int fuzz_ppoll(struct pollfd *fds, unsigned long nr, const struct timespec *timeout,
	       const sigset_t *mask)
{
	u8 how = input_byte(&answers);

	(void)timeout;
	(void)mask;
	for (unsigned long n = 0; n < nr; n++)
		fds[n].revents = 0;
	if (waits++ > 16 && ring)
		ring_wake(ring);
	if (how == 255) {
		errno = EINTR;
		return -1;
	}
	if (fds[1].fd == CHANNEL)
		fds[1].revents = how & 1 ? POLLIN : how & 2 ? POLLHUP | POLLIN : 0;
	return !!fds[1].revents;
}

static void use(const struct ring_record *record)
{
	const struct ring_type *type;
	char text[64];

	fuzz_touch(record, said.ring_size);
	if (record->kind != RING_EVENT)
		return;
	type = ring_type(ring, record->type);
	for (u32 n = 0; type && n < type->nr_fields; n++)
		ring_format(record, &type->fields[n], text, sizeof(text));
}

static void no_step(void)
{
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const int errors[] = { EINTR, ECANCELED, ENODATA, EBADMSG, ENOMEM, 0 };
	struct input in = { data, size };
	u8 how = input_byte(&in);
	u32 cpu = input_byte(&in) % 4;
	char message[200];
	struct ring_opts opts = {
		.size = sizeof(opts),
		.from = how & 1,
		.order = how >> 1 & 1,
		.flags = (how & 4 ? RING_SNAPSHOT : 0) | (how & 8 ? RING_HOLD : 0),
		.message = message,
		.message_size = sizeof(message),
		.nr_cpus = how & 16 ? 1 : 0,
		.cpus = &cpu,
		.hold = (how & 40) == 40 ? "name" : NULL,
		.keep = (how & 40) == 40 ? 1000 : 0,
		.busy = how & 64 ? 10 : 0,
	};
	struct ring_stats stats = { .size = sizeof(stats) };
	struct ring_record record;
	int ret, n;

	base = (struct kring_info) {
		.size = sizeof(base), .abi = KRING_ABI, .id = 7, .name = "fuzz",
		.source = "load", .mode = KRING_MODE_PERCPU, .nr_rings = 1 + how % RINGS,
		.max_rings = RINGS + 1, .clock = KRING_CLOCK_MONOTONIC, .ring_size = FUZZ_SIZE,
		.data_offset = PAGE, .schema_size = sizeof(fuzz_plain_schema),
		.hold_offset = 1ULL << 40, .hold_size = PAGE,
	};
	answers = input_halve(&in);
	nr_maps = waits = 0;
	ring = NULL;
	fuzz_now = 1000;
	fuzz_on_step = no_step;		/* they are counted */
	fuzz_call(64u << 20);
	ret = ring_open(&ring, "fuzz", &opts);
	must(ret <= 0 && !ret == !!ring, "ring_open: %d", ret);
	while (ring && in.left) {
		fuzz_call(8u << 20);
		waits = 0;
		switch (input_byte(&in) % 8) {
		default:
			for (n = 0; n < 64; n++) {
				ret = ring_next(ring, &record);
				if (ret != 1)
					break;
				use(&record);
			}
			break;
		case 4:
			ret = ring_wait(ring, input_byte(&in) % 2 ? -1 : input_byte(&in));
			must(fuzz_documented(ret, errors) || answers.left, "ring_wait: %d", ret);
			break;
		case 5:
			ret = ring_arm(ring);
			break;
		case 6:
			ring_stats(ring, &stats);
			break;
		case 7:
			ring_release(ring);
		}
	}
	ring_close(ring);
	must(!is_open, "it stays open");
	must(!nr_maps, "%u mappings stay", nr_maps);
	return 0;
}
