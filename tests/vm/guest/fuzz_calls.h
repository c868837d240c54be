/* SPDX-License-Identifier: GPL-2.0 */
/* The calls of fuzz_calls.c, one process's: what it has open and mapped, and what it does with it. */
#ifndef FUZZ_CALLS_H
#define FUZZ_CALLS_H

#include <setjmp.h>
#include <sys/epoll.h>
#include "hold.h"

#define FUZZ_NAME	"fuzz"		/* and a digit: the channels that come and go */
#define STEADY		"steady"	/* the channel of somebody who verifies it meanwhile */
#define FILES		8
#define MAPS		12
#define ERRNO_MAX	134
#define PAGE		4096ULL

static struct {
	unsigned int stop;
	uint64_t calls, good, maps, holds;
	uint64_t errors[ERRNO_MAX];
} *common;

static struct file {
	int fd;				/* or -1 */
	bool control;
	int mode;			/* O_RDONLY, ... */
} files[FILES];

static struct map {
	unsigned char *at;		/* or NULL */
	size_t size;
	bool writable;			/* a page of cursors */
	bool changed;			/* a look at it may be a signal by now */
} maps[MAPS];

static int epoll_fd;
static unsigned char *args;		/* a page, and one without access behind it */
static uint64_t seed;
static int depth;			/* of forks */

/* xorshift64*: the same on each machine */
static uint64_t random64(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1dULL;
}

static unsigned int below(unsigned int nr)
{
	return (random64() >> 33) % nr;
}

/* One that is right, or one that is easily taken wrong */
static uint64_t any_number(uint64_t right)
{
	switch (below(12)) {
	case 0: return random64();
	case 1: return 0;
	case 2: return ~0ULL - below(3);
	case 3: return 1ULL << below(64);
	case 4: return right + below(33) - 16;
	case 5: return right * below(4);
	default: return right;
	}
}

/* The result, or -errno, which must be one of these */
#define call(what, ...)							\
({									\
	static const int call_errors[] = { __VA_ARGS__, 0 };		\
	long call_ret = (errno = 0, (long)(what));			\
									\
	call_ret == -1 ? failed(#what, call_errors) : succeeded(call_ret);	\
})

static long succeeded(long ret)
{
	__atomic_add_fetch(&common->calls, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&common->good, 1, __ATOMIC_RELAXED);
	return ret;
}

static long failed(const char *what, const int *errors)
{
	int error = errno;

	__atomic_add_fetch(&common->calls, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&common->errors[error % ERRNO_MAX], 1, __ATOMIC_RELAXED);
	while (*errors && *errors != error)
		errors++;
	certain(*errors, "%s: %s is no documented error", what, strerrorname_np(error));
	return -error;
}

static void any_channel_name(char *name)
{
	if (below(8) == 0)
		snprintf(name, KRING_NAME_MAX, "%s", STEADY);
	else
		snprintf(name, KRING_NAME_MAX, FUZZ_NAME "%u", below(4));
}

/* Files */

static void call_open(void)
{
	static const int modes[] = { O_RDONLY, O_RDWR, O_RDWR, O_WRONLY };
	struct file *file = &files[below(FILES)];
	char name[KRING_NAME_MAX], path[64];

	if (file->fd >= 0)
		return;
	file->mode = modes[below(4)];
	file->control = below(3) == 0;
	any_channel_name(name);
	snprintf(path, sizeof(path), "/dev/kring/%s", file->control ? "control" : name);
	file->fd = call(open(path, file->mode | O_CLOEXEC | (below(2) ? O_NONBLOCK : 0)),
			ENOENT, ENODEV, EINVAL, ENOMEM);
}

static void call_close(struct file *file)
{
	must(!close(file->fd));
	file->fd = -1;
}

static void call_write(struct file *file)
{
	size_t size = any_number(64) % 70000;

	if (size > PAGE)
		call(write(file->fd, args, size), EBADF, EINVAL, ENODEV, EMSGSIZE, EFAULT, ENOBUFS);
	else
		call(write(file->fd, args + PAGE - size, size), EBADF, EINVAL, ENODEV, EMSGSIZE,
		     ENOBUFS);
	call(read(file->fd, args, 64), EBADF, EINVAL);
	call(lseek(file->fd, below(100), SEEK_SET), ESPIPE);
}

static void call_poll(struct file *file)
{
	struct pollfd poll_fd = { .fd = file->fd, .events = below(0x10000) };
	struct epoll_event event = { .events = random64() & (EPOLLIN | EPOLLOUT | EPOLLET | EPOLLONESHOT) };

	switch (below(4)) {
	case 0:
		call(poll(&poll_fd, 1, below(4)), EINTR);
		break;
	case 1:
		call(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, file->fd, &event), EEXIST, EPERM);
		break;
	case 2:
		call(epoll_ctl(epoll_fd, EPOLL_CTL_DEL, file->fd, NULL), ENOENT, EPERM);
		break;
	default:
		call(epoll_wait(epoll_fd, &event, 1, below(4)), EINTR);
	}
}

/* Ioctls */

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
				 _IOC(_IOC_READ, KRING_IOC, below(64), below(512)), at), ENOTTY, EBADF, EINVAL, EFAULT, E2BIG,
			   ENXIO, ENOENT, ENOSPC, EBUSY, EEXIST, EPERM, ENODEV);
		return;
	}
	switch (request->number) {
	case KRING_IOC_INFO:
	case KRING_IOC_WAKE:
	case KRING_IOC_ARM:
		ret = call(ioctl(file->fd, request->number, at), EFAULT, EINVAL, E2BIG, EBADF, ENOTTY);
		break;
	case KRING_IOC_SCHEMA:
		ret = call(ioctl(file->fd, request->number, at), EFAULT, EINVAL, E2BIG, ENOTTY, ENOSPC);
		break;
	case KRING_IOC_RELEASE:
	case KRING_IOC_DROP:
		ret = call(ioctl(file->fd, request->number, at), EFAULT, EINVAL, E2BIG, EBADF, ENOTTY,
			   ENXIO);
		break;
	case KRING_IOC_HOLD:
		ret = call(ioctl(file->fd, request->number, at), EFAULT, EINVAL, E2BIG, EBADF, ENOTTY,
			   EBUSY, ENODEV, ENOMEM);
		if (ret >= 0)
			__atomic_add_fetch(&common->holds, 1, __ATOMIC_RELAXED);
		break;
	case KRING_IOC_CREATE:
		ret = call(ioctl(file->fd, request->number, at), EFAULT, EINVAL, E2BIG, EBADF, ENOTTY,
			   EBUSY, EEXIST, ENOMEM);
		break;
	case KRING_IOC_REMOVE:
		ret = call(ioctl(file->fd, request->number, at), EFAULT, EINVAL, E2BIG, EBADF, ENOTTY,
			   ENOENT, EPERM);
		break;
	default:
		ret = call(ioctl(file->fd, request->number, at), EFAULT, EINVAL, E2BIG, EBADF, ENOTTY,
			   ENOENT);
	}
	if (ret >= 0)
		return;
	if (ret != -EFAULT && bytes >= request->size)
		check_unchanged(request, at);
	certain(!memcmp(before, numbers, sizeof(numbers)), "ioctl 0x%lx failed, yet gave an answer",
		request->number);
}

/* Mappings */

static sigjmp_buf caught;

static void catch(int signal)
{
	(void)signal;
	siglongjmp(caught, 1);
}

/* Whether the access came through */
static bool load_byte(const volatile unsigned char *at)
{
	if (sigsetjmp(caught, 1))
		return false;
	(void)*at;
	return true;
}

static bool store_word(volatile uint64_t *at, uint64_t value)
{
	if (sigsetjmp(caught, 1))
		return false;
	*at = value;
	return true;
}

static struct map *free_map(void)
{
	for (struct map *map = maps; map < maps + MAPS; map++)
		if (!map->at)
			return map;
	return NULL;
}

static void call_mmap(struct file *file)
{
	static const int prots[] = { PROT_READ, PROT_READ, PROT_READ, PROT_READ | PROT_WRITE,
				     PROT_NONE, PROT_READ | PROT_EXEC };
	struct map *map = free_map();
	uint64_t size = PAGE, offset = 0;
	int prot = prots[below(6)], flags = below(8) ? MAP_SHARED : MAP_PRIVATE;
	struct kring_info info = { .size = sizeof(info) };
	long ret;

	if (!map)
		return;
	map->writable = false;
	if (!file->control && !ioctl(file->fd, KRING_IOC_INFO, &info)) {
		map->writable = below(4) == 0;
		size = map->writable ? info.hold_size : below(4) ? info.map_size : info.data_offset;
		offset = map->writable ? info.hold_offset : below(info.nr_rings + 1) * info.ring_stride;
		if (map->writable)
			prot = PROT_READ | PROT_WRITE;
	}
	if (below(4) == 0) {
		size = any_number(size) % (1ULL << 40);
		offset = any_number(offset);
	}
	ret = call(mmap(NULL, size, prot, flags | (below(8) ? 0 : MAP_POPULATE), file->fd, offset),
		   EACCES, EINVAL, ENXIO, ENODEV, ENOMEM, EOVERFLOW, EPERM);
	if (ret < 0 && ret > -4096)
		return;
	certain(flags == MAP_SHARED && (map->writable || !(prot & (PROT_WRITE | PROT_EXEC))),
		"mapped with prot %d and flags %d", prot, flags);
	__atomic_add_fetch(&common->maps, 1, __ATOMIC_RELAXED);
	map->at = (void *)ret;
	map->size = (size + PAGE - 1) & ~(PAGE - 1);
	map->changed = prot == PROT_NONE;
	map->writable = prot & PROT_WRITE;
}

static void call_on_map(struct map *map)
{
	size_t part = below(map->size / PAGE) * PAGE;
	int prot = below(8);
	uint64_t size;
	long ret;

	switch (below(8)) {
	case 0:
		if (below(4)) {
			ret = call(munmap(map->at, map->size), EINVAL);
			certain(!ret, "a mapping stays");
			map->at = NULL;
		} else if (part) {
			ret = call(munmap(map->at, part), EINVAL);
			certain(ret, "a mapping was split");
		}
		break;
	case 1:
		if (part && !map->changed)
			certain(call(mprotect(map->at, part, PROT_NONE), EINVAL), "split");
		ret = call(mprotect(map->at, map->size, prot), EACCES, EINVAL);
		certain(ret || map->writable || !(prot & PROT_WRITE), "mprotect() made it writable");
		certain(ret || !(prot & PROT_EXEC), "mprotect() made it executable");
		map->changed |= !ret;
		break;
	case 2:
	case 3:
		size = below(2) ? map->size : any_number(map->size) % (1ULL << 40);
		ret = call(mremap(map->at, map->size, size,
				  below(2) * MREMAP_MAYMOVE | below(8) / 7 * MREMAP_DONTUNMAP),
			   EFAULT, EINVAL, ENOMEM, EAGAIN);
		if (ret < 0 && ret > -4096)
			break;
		certain((size + PAGE - 1) / PAGE == map->size / PAGE, "mremap() to another size");
		map->at = (void *)ret;
		break;
	case 4:
		/* What it may do to such pages is the memory manager's; not to a part */
		ret = madvise(map->at, map->size, below(26));
		map->changed = true;
		break;
	case 5:
		certain(load_byte(map->at + below(map->size)) || map->changed, "it cannot be read");
		break;
	case 6:
		if (!map->writable)
			certain(!store_word((uint64_t *)map->at, 1), "it was written to");
		break;
	default:
		if (map->writable)
			store_word((uint64_t *)map->at + below(map->size / 64) * 8,
				   any_number(KRING_RING_SIZE_MIN));
	}
}

static void calls_any(void);

static void call_fork(void)
{
	unsigned int calls = below(20);
	pid_t parent = getpid(), child;

	if (depth)
		return;
	fflush(stdout);
	child = fork();
	must(child >= 0);
	if (child) {
		child_end(child);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);		/* it was killed meanwhile */
	depth++;
	seed += 2;
	while (calls--)
		calls_any();
	fflush(stdout);
	_exit(!!failures);
}

static void calls_start(void)
{
	struct sigaction action = { .sa_handler = catch };

	for (int i = 0; i < FILES; i++)
		files[i].fd = -1;
	args = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(args != MAP_FAILED && !mprotect(args + PAGE, PAGE, PROT_NONE));
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	must(epoll_fd >= 0 && !sigaction(SIGSEGV, &action, NULL) && !sigaction(SIGBUS, &action, NULL));
}

static void calls_any(void)
{
	struct file *file = &files[below(FILES)];
	struct map *map = &maps[below(MAPS)];
	unsigned int what = below(100);

	if (file->fd < 0)
		call_open();
	else if (what < 50)
		call_ioctl(file);
	else if (what < 60)
		call_mmap(file);
	else if (what < 65)
		call_close(file);
	else if (what < 70)
		call_write(file);
	else if (what < 75)
		call_poll(file);
	else if (what < 76)
		call_fork();
	else if (map->at)
		call_on_map(map);
}

#endif /* FUZZ_CALLS_H */
