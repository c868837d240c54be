/* SPDX-License-Identifier: GPL-2.0 */
/* For fuzz_calls.c: any ioctl, mostly one that makes sense */
#ifndef FUZZ_IOCTLS_H
#define FUZZ_IOCTLS_H

#include "fuzz_process.h"

static union any {
	uint32_t size;
	unsigned char bytes[1024];
	struct kring_request req;
	struct kring_info info;
	struct kring_schema_get schema;
	struct kring_wake wake;
	struct kring_arm arm;
	struct kring_hold hold;
	struct kring_release release;
	struct kring_drop drop;
	struct kring_create create;
	struct kring_set set;
	struct kring_filter filter;
	struct kring_hold_info hold_info;
	struct kring_load load;
} any;

static uint64_t numbers[64];		/* positions, CPUs, a schema */

static void fill_create(void)
{
	static const char *const sources[] = { "load", "load", "load", "load", "user", "user",
					       "user", "user", "task", "file", "net", "log",
					       "sched", "none" };

	strcpy(any.create.source, sources[below(14)]);
	any.create.mode = below(4);
	any.create.flags = below(3);
	any.create.ring_size = any_number(KRING_RING_SIZE_MIN);
	/* There is not so much memory for all of them */
	if (any.create.ring_size > 1 << 20)
		any.create.ring_size |= 1;
}

static void fill_set(void)
{
	any.set.flags = below(2);
	any.set.mask = below(8) ? below(2) : below(4);
	any.set.options = below(below(8) ? 16 : 64);
	any.set.holds_max = any_number(KRING_HOLDS_MAX);
	any.set.critical_share = any_number(50);
	any.set.lag_limit = any_number(KRING_RING_SIZE_MIN / 4);
	any.set.keep_limit = any_number(NS);
	/* Whoever verifies the steady channel wants it as it is */
	if (!strcmp(any.req.name, STEADY))
		any.req.name[0] = '\0';
}

static void fill_load(void)
{
	any.load.command = below(3);
	any.load.bytes = any_number(64);
	any.load.rate = any_number(10000);
	any.load.duration = any_number(NS / 100);
	any.load.cpus = below(2) ? (uintptr_t)numbers : 0;
	any.load.cpus_size = any_number(8);
	any.load.critical = any_number(2);
	if (!strcmp(any.req.name, STEADY))
		any.req.name[0] = '\0';
}

static void fill_filter(void)
{
	any.filter.nr = any_number(2);
	for (unsigned int i = 0; i < 4; i++) {
		any.filter.conditions[i].field = below(7);
		any.filter.conditions[i].negated = below(below(8) ? 2 : 4);
		any.filter.conditions[i].number = any_number(getpid());
		any.filter.conditions[i].text[0] = "a\0b"[below(3)];
	}
}

static void fill_hold(void)
{
	any.req.name[0] = '\0';
	if (below(2))
		snprintf(any.req.name, KRING_NAME_MAX, "h%u", below(4));
	any.hold.flags = below(below(8) ? 2 : 4);
	any.hold.nr = any_number(2);
	any.hold.keep = below(2) ? 0 : any_number(NS / 10);
	any.hold.positions = any_number((uintptr_t)numbers);
}

static const struct request {
	unsigned long number;
	size_t size;
	void (*fill)(void);
} requests[] = {
	{ KRING_IOC_INFO, sizeof(struct kring_info), NULL },
	{ KRING_IOC_SCHEMA, sizeof(struct kring_schema_get), NULL },
	{ KRING_IOC_WAKE, sizeof(struct kring_wake), NULL },
	{ KRING_IOC_ARM, sizeof(struct kring_arm), NULL },
	{ KRING_IOC_RELEASE, sizeof(struct kring_release), NULL },
	{ KRING_IOC_DROP, sizeof(struct kring_drop), NULL },
	{ KRING_IOC_HOLD, sizeof(struct kring_hold), fill_hold },
	{ KRING_IOC_NEXT, sizeof(struct kring_info), NULL },
	{ KRING_IOC_CREATE, sizeof(struct kring_create), fill_create },
	{ KRING_IOC_REMOVE, sizeof(struct kring_remove), NULL },
	{ KRING_IOC_SET, sizeof(struct kring_set), fill_set },
	{ KRING_IOC_LOAD, sizeof(struct kring_load), fill_load },
	{ KRING_IOC_FILTER, sizeof(struct kring_filter), fill_filter },
	{ KRING_IOC_FILTER_GET, sizeof(struct kring_filter), NULL },
	{ KRING_IOC_HOLD_NEXT, sizeof(struct kring_hold_info), NULL },
};

#define NR_REQUESTS	(sizeof(requests) / sizeof(requests[0]))
#define NR_OF_CHANNEL	7		/* the first ones, of a channel's file */

/* Mostly one that this file knows; channels stay for a while */
static const struct request *any_request(const struct file *file)
{
	const struct request *request = &requests[below(NR_REQUESTS)];

	if (below(8))
		request = file->control ?
			  &requests[NR_OF_CHANNEL + below(NR_REQUESTS - NR_OF_CHANNEL)] :
			  &requests[below(NR_OF_CHANNEL)];
	if (request->number == KRING_IOC_REMOVE && below(8))
		request++;
	return request;
}

static bool has_message(unsigned long number)
{
	return number == KRING_IOC_HOLD ||
	       (_IOC_NR(number) >= 0x10 && number != KRING_IOC_NEXT);
}

static void fill(const struct request *request)
{
	unsigned int i;

	memset(&any, 0, sizeof(any));
	any.size = request->size;
	for (i = 0; i < 4; i++)
		numbers[i] = any_number(below(2) ? 0 : KRING_RING_SIZE_MIN);
	if (has_message(request->number))
		any_channel_name(any.req.name);
	switch (request->number) {
	case KRING_IOC_SCHEMA:
		any.schema.room = any_number(sizeof(numbers)) % (sizeof(numbers) + 1);
		any.schema.data = any_number((uintptr_t)numbers);
		break;
	case KRING_IOC_WAKE:
		any.wake.watermark = any_number(1 << 14);
		any.wake.latency = any_number(1000000);
		break;
	case KRING_IOC_ARM:
	case KRING_IOC_RELEASE:
		any.arm.nr = any_number(2);
		any.arm.positions = any_number((uintptr_t)numbers);
		break;
	case KRING_IOC_NEXT:
		any.info.id = any_number(3);
		break;
	default:
		if (request->fill)
			request->fill();
	}
	/* Words that are not as they should be, of which some mean nothing */
	for (i = below(16) ? 0 : below(4); i; i--) {
		uint64_t *word = (uint64_t *)any.bytes + below(request->size / 8 + 1);

		*word = any_number(*word);
	}
	if (below(8) == 0)
		any.size = any_number(request->size);
	if (request->number == KRING_IOC_SET || request->number == KRING_IOC_LOAD ||
	    request->number == KRING_IOC_REMOVE || request->number == KRING_IOC_FILTER)
		if (!strncmp(any.req.name, STEADY, strlen(STEADY)))
			any.req.name[0] = '\0';
	if (request->number == KRING_IOC_CREATE &&
	    strncmp(any.req.name, FUZZ_NAME, strlen(FUZZ_NAME)))
		any.req.name[0] = '\0';
}

/* But for the message, what failed has filled in nothing */
static void check_unchanged(const struct request *request, const unsigned char *now)
{
	union any after = any;

	memcpy(&after, now, request->size);
	if (has_message(request->number))
		memcpy(after.req.message, any.req.message, sizeof(any.req.message));
	if (request->number == KRING_IOC_HOLD)
		after.hold.resumed = any.hold.resumed;
	certain(!memcmp(&after, &any, request->size), "ioctl 0x%lx failed, yet filled something in",
		request->number);
}

static void call_ioctl(struct file *file)
{
	const struct request *request = any_request(file);
	uint64_t before[64];
	unsigned char *at;
	size_t bytes;
	long ret;

	fill(request);
	/* As many bytes as it says, and then no more memory; or even before */
	bytes = any.size > request->size && any.size <= sizeof(any) ? any.size : request->size;
	bytes -= below(16) ? 0 : below(request->size / 8) * 8;
	at = args + PAGE - bytes;
	memcpy(at, &any, bytes);
	memcpy(before, numbers, sizeof(numbers));
	if (!has_message(request->number) && below(16) == 0) {
		ret = call(ioctl(file->fd, below(2) ? random64() :
				 _IOC(_IOC_READ, KRING_IOC, below(64), below(512)), at),
			   ENOTTY, EBADF, EINVAL, EFAULT, E2BIG,
			   ENXIO, ENOENT, ENOSPC, EBUSY, EEXIST, EPERM, ENODEV);
		return;
	}
	switch (request->number) {
	case KRING_IOC_INFO:
	case KRING_IOC_WAKE:
	case KRING_IOC_ARM:
		ret = call(ioctl(file->fd, request->number, at),
			   EFAULT, EINVAL, E2BIG, EBADF, ENOTTY);
		break;
	case KRING_IOC_SCHEMA:
		ret = call(ioctl(file->fd, request->number, at),
			   EFAULT, EINVAL, E2BIG, ENOTTY, ENOSPC);
		break;
	case KRING_IOC_RELEASE:
	case KRING_IOC_DROP:
		ret = call(ioctl(file->fd, request->number, at),
			   EFAULT, EINVAL, E2BIG, EBADF, ENOTTY, ENXIO);
		break;
	case KRING_IOC_HOLD:
		ret = call(ioctl(file->fd, request->number, at),
			   EFAULT, EINVAL, E2BIG, EBADF, ENOTTY, EBUSY, ENODEV, ENOMEM);
		if (ret >= 0)
			__atomic_add_fetch(&common->holds, 1, __ATOMIC_RELAXED);
		break;
	case KRING_IOC_CREATE:
		ret = call(ioctl(file->fd, request->number, at),
			   EFAULT, EINVAL, E2BIG, EBADF, ENOTTY, EBUSY, EEXIST, ENOMEM);
		break;
	case KRING_IOC_REMOVE:
		ret = call(ioctl(file->fd, request->number, at),
			   EFAULT, EINVAL, E2BIG, EBADF, ENOTTY, ENOENT, EPERM);
		break;
	default:
		ret = call(ioctl(file->fd, request->number, at),
			   EFAULT, EINVAL, E2BIG, EBADF, ENOTTY, ENOENT);
	}
	if (ret >= 0)
		return;
	if (ret != -EFAULT && bytes >= request->size)
		check_unchanged(request, at);
	certain(!memcmp(before, numbers, sizeof(numbers)), "ioctl 0x%lx failed, yet gave an answer",
		request->number);
}

#endif /* FUZZ_IOCTLS_H */
