// SPDX-License-Identifier: GPL-2.0
/*
 * A 32-bit consumer, without a C library: all sizes and offsets as the kernel tells them, and the
 * same answers and refusals. It reads /dev/kring/compat, to which nothing is reported meanwhile,
 * and exits with the line of what went wrong, less 20, or 0.
 */
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/poll.h>
#include <linux/kring_load.h>

#ifndef __i386__
#error "to be built with -m32"
#endif

#define check(what)								\
	do {									\
		if (!(what))							\
			call(__NR_exit, __LINE__ - 20, 0, 0);			\
	} while (0)

static long call(long nr, long a, long b, long c)
{
	long ret;

	asm volatile("int $0x80" : "=a" (ret) : "a" (nr), "b" (a), "c" (b), "d" (c) : "memory");
	return ret;
}

/* The compiler may ask for it */
void *memset(void *to, int byte, unsigned long size)
{
	volatile char *at = to;

	while (size--)
		*at++ = byte;
	return to;
}

static long ask(long fd, unsigned long request, void *argument)
{
	return call(__NR_ioctl, fd, request, (long)argument);
}

/* A failure is -errno, as an address */
static long map(long fd, unsigned long size, unsigned long protection, unsigned long flags,
		unsigned long offset)
{
	unsigned long arguments[6] = { 0, size, protection, flags, fd, offset };

	return call(__NR_mmap, (long)arguments, 0, 0);
}

static int mapped(long at)
{
	return at < -4095 || at >= 0;
}

static unsigned long count_records(const struct kring_meta *meta)
{
	const char *data = (const char *)meta + (unsigned long)meta->data_offset;
	__u64 pos = meta->tail;
	unsigned long n = 0;

	for (; pos < meta->head; n++) {
		unsigned long at = (unsigned long)pos & ((unsigned long)meta->data_size - 1);
		const struct kring_record *record = (const void *)(data + at);
		const struct kring_load_event *event = (const void *)(record + 1);

		check(record->type == KRING_LOAD_TYPE && record->size == 64);
		check(event->checksum == kring_load_sum(event, (const void *)(event + 1), 5));
		pos += KRING_RECORD_BYTES((__u64)record->size);
	}
	check(pos == meta->head);
	return n;
}

static void test(void)
{
	static char schema[4096];
	struct kring_info info = { .size = sizeof(info) };
	struct kring_schema_get get = {
		.size = sizeof(get), .room = sizeof(schema), .data = (unsigned long)schema,
	};
	struct kring_wake wake = { .size = sizeof(wake), .watermark = 1 };
	__u64 positions[2] = { 0, 0 };
	struct kring_arm arm = {
		.size = sizeof(arm), .nr = 2, .positions = (unsigned long)positions,
	};
	struct kring_hold hold = {
		.req.size = sizeof(hold), .nr = 2, .positions = (unsigned long)positions,
	};
	struct kring_release release = {
		.size = sizeof(release), .nr = 2, .positions = (unsigned long)positions,
	};
	long fd = call(__NR_open, (long)"/dev/kring/compat", O_RDWR | O_LARGEFILE, 0), at;
	struct pollfd poll = { .fd = fd, .events = POLLIN };
	unsigned long size, n = 0;
	__u64 *cursors;

	check(fd >= 0);
	check(!ask(fd, KRING_IOC_INFO, &info) && info.size == sizeof(info) &&
	      info.abi == KRING_ABI);
	check(info.nr_rings == 2 && info.map_size < 1 << 30 && info.map_size == info.ring_stride);
	check(info.map_size == info.data_offset + 2 * info.ring_size);
	check(!ask(fd, KRING_IOC_SCHEMA, &get) &&
	      ((struct kring_schema *)schema)->size == info.schema_size);

	size = info.map_size;
	for (__u32 i = 0; i < info.nr_rings; i++) {
		const struct kring_meta *meta;

		at = map(fd, size, PROT_READ, MAP_SHARED, i * (unsigned long)info.ring_stride);
		check(mapped(at));
		meta = (const void *)at;
		check(meta->magic == KRING_MAGIC && meta->size == sizeof(*meta) &&
		      meta->ring_index == i);
		n += count_records(meta);
		check(call(__NR_mprotect, at, size, PROT_READ | PROT_WRITE) == -EACCES);
		check(call(__NR_munmap, at, info.data_offset, 0) == -EINVAL);
		check(!call(__NR_munmap, at, size, 0));
	}
	check(n > 10);
	check(map(fd, size, PROT_READ | PROT_WRITE, MAP_SHARED, 0) == -EACCES);
	check(map(fd, size, PROT_READ, MAP_PRIVATE, 0) == -EACCES);
	check(map(fd, 0xfffff000, PROT_READ, MAP_SHARED, 0) == -ENOMEM);
	check(map(fd, size, PROT_READ, MAP_SHARED, 0xfffff000) == -EINVAL);

	check(!ask(fd, KRING_IOC_WAKE, &wake) && ask(fd, KRING_IOC_ARM, &arm) == 1);
	check(call(__NR_poll, (long)&poll, 1, 0) == 1 && poll.revents == POLLIN);
	arm.nr = 0x20000002;		/* times 8: 16 */
	check(ask(fd, KRING_IOC_ARM, &arm) == -EINVAL);
	arm.nr = 2;
	arm.positions = 1ULL << 32 | (unsigned long)positions;	/* not cut to what fits */
	check(ask(fd, KRING_IOC_ARM, &arm) == -EFAULT);

	check(!ask(fd, KRING_IOC_HOLD, &hold));
	at = map(fd, info.hold_size, PROT_READ | PROT_WRITE, MAP_SHARED, info.hold_offset);
	check(mapped(at));
	cursors = (__u64 *)at;
	check(cursors[0] == positions[0] && cursors[KRING_CURSOR_STRIDE / 8] == positions[1]);
	positions[1] = 0x123456789abcdef0ULL;
	check(!ask(fd, KRING_IOC_RELEASE, &release));
	check(cursors[KRING_CURSOR_STRIDE / 8] == positions[1]);
	check(!call(__NR_close, fd, 0, 0) && cursors[0] == positions[0]);
}

__attribute__((force_align_arg_pointer)) void _start(void)
{
	test();
	call(__NR_exit, 0, 0, 0);
	__builtin_unreachable();
}
