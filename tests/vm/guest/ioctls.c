// SPDX-License-Identifier: GPL-2.0
/* Bad input to every ioctl is refused by the right error, with a message where there is one. */
#include <poll.h>
#include <stddef.h>
#include "guest.h"

#define BAD_POINTER	((void *)8)

static int control, fd;

/* Each request refuses sizes that cannot be, bytes it does not know and bad pointers */
static void check_size(int file, unsigned long request, size_t known)
{
	union {
		uint32_t size;
		unsigned char bytes[8192];
	} any;

	memset(&any, 0, sizeof(any));
	refused(ioctl(file, request, BAD_POINTER), EFAULT);
	refused(ioctl(file, request, &any), EINVAL);		/* size 0 */
	any.size = 3;
	refused(ioctl(file, request, &any), EINVAL);
	any.size = 8192;
	refused(ioctl(file, request, &any), EINVAL);
	any.size = known + 8;
	any.bytes[known + 3] = 1;
	refused(ioctl(file, request, &any), E2BIG);
}

/* Refused with this error, and a message that has this text */
#define said(request, any, error, text)						\
	do {									\
		memset((any)->req.message, 0, KRING_MESSAGE_MAX);		\
		refused(ioctl(control, request, any), error);			\
		check(strstr((any)->req.message, text), "message '%s', not '%s'", \
		      (any)->req.message, text);				\
	} while (0)

static struct kring_create a_create(const char *name)
{
	struct kring_create create = { .req.size = sizeof(create), .source = "load" };

	snprintf(create.req.name, sizeof(create.req.name), "%s", name);
	return create;
}

static void test_create(void)
{
	static const char * const names[] = {
		"", ".", ".a", "control", "a/b", "a b", "\xc3\xa4", "\xe4",
	};
	static const uint64_t sizes[] = { 1, 4096, 32768, 65537, 3 << 20, 2ULL << 30, -1ULL };
	struct kring_create create;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		create = a_create(names[i]);
		said(KRING_IOC_CREATE, &create, EINVAL, "letters, digits");
	}
	create = a_create("x");
	memset(create.req.name, 'x', KRING_NAME_MAX);
	said(KRING_IOC_CREATE, &create, EINVAL, "at most 31");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		create = a_create("x");
		create.ring_size = sizes[i];
		said(KRING_IOC_CREATE, &create, EINVAL, "a power of two from 65536 to 1073741824");
	}
	create = a_create("x");
	create.mode = 3;
	said(KRING_IOC_CREATE, &create, EINVAL, "1 (percpu) or 2 (global)");
	create = a_create("x");
	create.flags = 2;
	said(KRING_IOC_CREATE, &create, EINVAL, "0 or 1");
	create = a_create("x");
	strcpy(create.source, "nothing");
	said(KRING_IOC_CREATE, &create, EINVAL, "unknown: task");
	memset(create.source, 't', sizeof(create.source));
	said(KRING_IOC_CREATE, &create, EINVAL, "unknown: task");
	create = a_create("x");
	create.req.reserved0 = 1;
	said(KRING_IOC_CREATE, &create, EINVAL, "reserved0");
	create = a_create("x");
	create.clock = KRING_CLOCK_NONE + 1;
	said(KRING_IOC_CREATE, &create, EINVAL,
	     "clock 5 is unknown: 1 (mono), 2 (boot), 3 (local) or 4 (none)");
	create = a_create("x");
	create.reserved0 = 1;
	said(KRING_IOC_CREATE, &create, EINVAL, "second reserved0");
	create = a_create("bad");
	said(KRING_IOC_CREATE, &create, EEXIST, "exists already");
}

/* Where the answer cannot be given, nothing is done */
static void test_answer(void)
{
	struct kring_create *create = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(create != MAP_FAILED);
	*create = a_create("unheard");
	must(!mprotect(create, 4096, PROT_READ));
	refused(ioctl(control, KRING_IOC_CREATE, create), EFAULT);
	check(access("/dev/kring/unheard", F_OK), "made all the same");
	must(!munmap(create, 4096));
}

static void test_others(void)
{
	struct kring_remove remove = { .req = { .size = sizeof(remove), .name = "none" } };
	struct kring_set set = { .req = { .size = sizeof(set), .name = "none" } };
	struct kring_load load = { .req = { .size = sizeof(load), .name = "none" } };
	uint64_t cpus[1025] = { 0, 1 };

	said(KRING_IOC_REMOVE, &remove, ENOENT, "no channel \"none\"");
	remove.req.size = offsetof(struct kring_request, message);
	refused(ioctl(control, KRING_IOC_REMOVE, &remove), EINVAL);
	refused(ioctl(control, KRING_IOC_REMOVE ^ 0x100, &remove), ENOTTY);
	said(KRING_IOC_SET, &set, ENOENT, "no channel \"none\"");
	strcpy(set.req.name, "bad");
	set.mask = 6;
	said(KRING_IOC_SET, &set, EINVAL, "unknown");
	said(KRING_IOC_LOAD, &load, ENOENT, "no channel \"none\"");
	strcpy(load.req.name, "task");
	said(KRING_IOC_LOAD, &load, EINVAL, "not by load");
	strcpy(load.req.name, "bad");
	load.command = 2;
	said(KRING_IOC_LOAD, &load, EINVAL, "0 (stop) or 1 (start)");
	load.command = KRING_LOAD_START;
	said(KRING_IOC_LOAD, &load, EINVAL, "a multiple of 8 from 24 to 4096");
	load.bytes = 65;
	said(KRING_IOC_LOAD, &load, EINVAL, "a multiple of 8 from 24 to 4096");
	load.bytes = 4104;
	said(KRING_IOC_LOAD, &load, EINVAL, "a multiple of 8 from 24 to 4096");
	load.bytes = 64;
	load.rate = 1000000001;
	said(KRING_IOC_LOAD, &load, EINVAL, "at most 1000000000");
	load.rate = 0;
	load.cpus = (uintptr_t)cpus;
	load.cpus_size = 16;			/* CPU 64 */
	said(KRING_IOC_LOAD, &load, EINVAL, "online CPUs");
	load.cpus_size = 8;			/* none */
	said(KRING_IOC_LOAD, &load, EINVAL, "online CPUs");
	load.cpus_size = 7;
	said(KRING_IOC_LOAD, &load, EINVAL, "online CPUs");
	cpus[0] = 1;
	cpus[1] = 0;
	load.cpus_size = 12;
	said(KRING_IOC_LOAD, &load, EINVAL, "online CPUs");
	load.cpus_size = sizeof(cpus);
	said(KRING_IOC_LOAD, &load, EINVAL, "online CPUs");
	load.cpus_size = 8;
	load.cpus = 8;
	refused(ioctl(control, KRING_IOC_LOAD, &load), EFAULT);
}

static void test_file(void)
{
	struct kring_info info = channel_info(fd);
	struct kring_schema_get get = { .size = sizeof(get) };
	struct kring_wake wake = { .size = sizeof(wake), .watermark = 1 };
	struct kring_arm arm = { .size = sizeof(arm), .nr = info.nr_rings };
	uint64_t positions[1024] = { 0 };

	refused(ioctl(fd, KRING_IOC_SCHEMA, &get), ENOSPC);
	get.room = info.schema_size - 1;
	refused(ioctl(fd, KRING_IOC_SCHEMA, &get), ENOSPC);
	get.room = info.schema_size;
	get.data = 8;
	refused(ioctl(fd, KRING_IOC_SCHEMA, &get), EFAULT);
	check(!ioctl(fd, KRING_IOC_WAKE, &wake));
	wake.watermark = 0;
	refused(ioctl(fd, KRING_IOC_WAKE, &wake), EINVAL);
	wake.watermark = info.ring_size / 2 + 1;
	refused(ioctl(fd, KRING_IOC_WAKE, &wake), EINVAL);
	wake.watermark = 1;
	wake.latency = 3600000000001;
	refused(ioctl(fd, KRING_IOC_WAKE, &wake), EINVAL);
	wake.latency = 0;
	wake.reserved0 = 1;
	refused(ioctl(fd, KRING_IOC_WAKE, &wake), EINVAL);

	arm.positions = 8;
	refused(ioctl(fd, KRING_IOC_ARM, &arm), EFAULT);
	arm.positions = (uintptr_t)positions;
	arm.nr++;
	refused(ioctl(fd, KRING_IOC_ARM, &arm), EINVAL);
	/* Fewer than there are: there is something to learn */
	arm.nr -= 2;
	check(ioctl(fd, KRING_IOC_ARM, &arm) == 1);
	arm.nr++;
	positions[0] = info.ring_size + 16;
	refused(ioctl(fd, KRING_IOC_ARM, &arm), EINVAL);
	positions[0] = -2ULL;
	refused(ioctl(fd, KRING_IOC_ARM, &arm), EINVAL);
	positions[0] = -1ULL;
	check(ioctl(fd, KRING_IOC_ARM, &arm) == 0);
	positions[0] = 0;
	check(ioctl(fd, KRING_IOC_ARM, &arm) == 0);

	refused(ioctl(fd, KRING_IOC_CREATE, &arm), ENOTTY);
	refused(ioctl(fd, 0x5401, &arm), ENOTTY);
	refused(ioctl(control, KRING_IOC_ARM, &arm), ENOTTY);
	refused(ioctl(control, 0x5401, &arm), ENOTTY);
	refused(read(fd, positions, 8), EINVAL);
	refused(write(control, positions, 8), EINVAL);
}

/* What a newer program has behind what we know is zero in the answer */
static void test_newer(void)
{
	static const unsigned char zero[256];
	struct {
		struct kring_info info;
		unsigned char more[sizeof(zero)];
	} newer = { .info.size = sizeof(newer) };

	check(!ioctl(fd, KRING_IOC_INFO, &newer) && newer.info.abi == KRING_ABI);
	check(!memcmp(newer.more, zero, sizeof(zero)), "bytes that nobody wrote");
}

/* A shorter structure, of an older program, gets its part and no more */
static void test_older(void)
{
	struct kring_create create;
	struct kring_info info;
	int older;

	memset(&info, 0x5a, sizeof(info));
	memset(&info, 0, 16);
	info.size = 16;
	check(!ioctl(fd, KRING_IOC_INFO, &info) && info.abi == KRING_ABI);
	check(info.size == 16 && info.id == 0x5a5a5a5a5a5a5a5aULL);

	/* What is behind the size that it says is not there: the default */
	create = a_create("older");
	create.req.size = offsetof(struct kring_create, clock);
	create.clock = 7;
	must(!ioctl(control, KRING_IOC_CREATE, &create));
	older = open("/dev/kring/older", O_RDONLY);
	must(older >= 0);
	check(channel_info(older).clock == KRING_CLOCK_MONOTONIC);
	close(older);
	channel_remove(control, "older");
}

int main(void)
{
	int reader, writer, holder;

	control = channel_create("bad", KRING_MODE_PERCPU);
	fd = open("/dev/kring/bad", O_RDONLY);
	reader = open("/dev/kring/control", O_RDONLY);
	writer = open("/dev/kring/control", O_WRONLY);
	holder = open("/dev/kring/bad", O_RDWR);
	must(fd >= 0 && reader >= 0 && writer >= 0 && holder >= 0);

	check_size(fd, KRING_IOC_INFO, sizeof(struct kring_info));
	check_size(fd, KRING_IOC_SCHEMA, sizeof(struct kring_schema_get));
	check_size(fd, KRING_IOC_WAKE, sizeof(struct kring_wake));
	check_size(fd, KRING_IOC_ARM, sizeof(struct kring_arm));
	check_size(holder, KRING_IOC_HOLD, sizeof(struct kring_hold));
	check_size(holder, KRING_IOC_RELEASE, sizeof(struct kring_release));
	check_size(holder, KRING_IOC_DROP, sizeof(struct kring_drop));
	check_size(control, KRING_IOC_NEXT, sizeof(struct kring_info));
	check_size(control, KRING_IOC_CREATE, sizeof(struct kring_create));
	check_size(control, KRING_IOC_REMOVE, sizeof(struct kring_remove));
	check_size(control, KRING_IOC_SET, sizeof(struct kring_set));
	check_size(control, KRING_IOC_LOAD, sizeof(struct kring_load));
	check_size(control, KRING_IOC_HOLD_NEXT, sizeof(struct kring_hold_info));
	check_size(control, KRING_IOC_FILTER, sizeof(struct kring_filter));
	check_size(control, KRING_IOC_FILTER_GET, sizeof(struct kring_filter));
	refused(ioctl(writer, KRING_IOC_NEXT, BAD_POINTER), EBADF);
	refused(ioctl(writer, KRING_IOC_HOLD_NEXT, BAD_POINTER), EBADF);
	refused(ioctl(writer, KRING_IOC_FILTER_GET, BAD_POINTER), EBADF);
	refused(ioctl(reader, KRING_IOC_FILTER, BAD_POINTER), EBADF);
	refused(ioctl(reader, KRING_IOC_CREATE, BAD_POINTER), EBADF);
	refused(ioctl(reader, KRING_IOC_REMOVE, BAD_POINTER), EBADF);
	refused(ioctl(reader, KRING_IOC_SET, BAD_POINTER), EBADF);
	refused(ioctl(reader, KRING_IOC_LOAD, BAD_POINTER), EBADF);
	test_create();
	test_answer();
	test_others();
	test_file();
	test_newer();
	test_older();
	channel_remove(control, "bad");
	return !!failures;
}
