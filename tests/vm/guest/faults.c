// SPDX-License-Identifier: GPL-2.0
/* faults: all calls on a loaded module, see faults.h; faults MODULE.ko: loading it. */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "faults.h"

#define SIZE	KRING_RING_SIZE_MIN

/* What the steps have, from one to the next */
static int file = -1, epoll_file = -1, module_file = -1;
static const char *source, *module;
static uint32_t mode, flags;
static void *ring, *cursors;
static size_t ring_size;
static uint64_t positions[64];

static void nothing(void)
{
}

static int create(void)
{
	struct kring_create create = {
		.req = { .size = sizeof(create), .name = "faults" },
		.mode = mode, .flags = flags, .ring_size = SIZE,
	};

	snprintf(create.source, sizeof(create.source), "%s", source);
	return ioctl(control, KRING_IOC_CREATE, &create);
}

static int remove_it(void)
{
	struct kring_remove remove = { .req = { .size = sizeof(remove), .name = "faults" } };

	return ioctl(control, KRING_IOC_REMOVE, &remove);
}

static void must_create(void)
{
	must(!create());
}

static void must_remove(void)
{
	must(!remove_it());
}

static int open_it(void)
{
	return file = open("/dev/kring/faults", O_RDWR | O_CLOEXEC);
}

static void close_it(void)
{
	must(!close(file));
	file = -1;
}

static void must_open(void)
{
	must_create();
	must(open_it() >= 0);
}

static void close_and_remove(void)
{
	close_it();
	must_remove();
}

static struct kring_info info;

static void open_load(void)
{
	source = KRING_LOAD_SOURCE, mode = KRING_MODE_PERCPU, flags = 0;
	must_open();
	info = channel_info(file);
}

static int map(size_t size)
{
	void *at = mmap(NULL, ring_size = size, PROT_READ, MAP_SHARED, file, 0);

	ring = at;
	return at == MAP_FAILED ? -1 : 0;
}

static int map_ring_0(void)
{
	return map(info.map_size);
}

static int map_meta(void)
{
	return map(info.data_offset);
}

static void unmap(void)
{
	must(!munmap(ring, ring_size));
}

static void open_and_map(void)
{
	open_load();
	must(!map_ring_0());
}

static void unmap_and_remove(void)
{
	unmap();
	close_and_remove();
}

static void map_again(void)
{
	must(!map_ring_0());
}

static int unmap_it(void)
{
	return munmap(ring, ring_size);
}

/* To where nothing is; and not back */
static int move(void)
{
	char *to = (char *)0x200000000000ULL;
	void *at;

	if (ring == to)
		to += 1ULL << 30;
	at = mremap(ring, ring_size, ring_size, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (at == MAP_FAILED)
		return -1;
	ring = at;
	return 0;
}

/* With the mapping, which the child has too */
static int fork_it(void)
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(0);
	if (child > 0)
		must(waitpid(child, &status, 0) == child && !status);
	return child < 0 ? -1 : 0;
}

static int hold_as(const char *name, uint64_t keep)
{
	struct kring_hold hold = {
		.req.size = sizeof(hold), .nr = info.nr_rings, .keep = keep,
		.positions = (uintptr_t)positions,
	};

	memset(positions, 0, sizeof(positions));
	snprintf(hold.req.name, sizeof(hold.req.name), "%s", name);
	return ioctl(file, KRING_IOC_HOLD, &hold);
}

static int hold(void)
{
	return hold_as("", 0);
}

static int drop(void)
{
	struct kring_drop drop = { .size = sizeof(drop) };

	return ioctl(file, KRING_IOC_DROP, &drop);
}

static void must_drop(void)
{
	must(!drop());
}

static void must_hold(void)
{
	must(!hold());
}

static void open_and_hold(void)
{
	open_load();
	must_hold();
}

#define KEEP	3600000000000ULL

static int hold_kept(void)
{
	return hold_as("kept", KEEP);
}

/* A hold without a file is there for each */
static void leave_hold(void)
{
	close_it();
	must(open_it() >= 0);
}

static void open_and_leave(void)
{
	struct kring_set set = {
		.req = { .size = sizeof(set), .name = "faults" },
		.options = KRING_SET_KEEP_LIMIT, .keep_limit = KEEP,
	};

	open_load();
	must(!ioctl(control, KRING_IOC_SET, &set));
	must(!hold_kept());
	leave_hold();
}

static int map_cursors(void)
{
	cursors = mmap(NULL, info.hold_size, PROT_READ | PROT_WRITE, MAP_SHARED, file,
		       info.hold_offset);
	return cursors == MAP_FAILED ? -1 : 0;
}

static void unmap_cursors(void)
{
	must(!munmap(cursors, info.hold_size));
}

static int release(void)
{
	struct kring_release release = {
		.size = sizeof(release), .nr = info.nr_rings, .positions = (uintptr_t)positions,
	};

	return ioctl(file, KRING_IOC_RELEASE, &release);
}

static int arm_it(void)
{
	struct kring_arm arm = {
		.size = sizeof(arm), .nr = info.nr_rings, .positions = (uintptr_t)positions,
	};

	return ioctl(file, KRING_IOC_ARM, &arm);
}

static int wake(void)
{
	struct kring_wake wake = { .size = sizeof(wake), .watermark = 4096, .latency = 1000000 };

	return ioctl(file, KRING_IOC_WAKE, &wake);
}

static int get_info(void)
{
	struct kring_info info = { .size = sizeof(info) };

	return ioctl(file, KRING_IOC_INFO, &info);
}

static int get_schema(void)
{
	static char room[65536];
	struct kring_schema_get get = {
		.size = sizeof(get), .room = sizeof(room), .data = (uintptr_t)room,
	};

	return ioctl(file, KRING_IOC_SCHEMA, &get);
}

static int next(void)
{
	struct kring_info info = { .size = sizeof(info) };

	return ioctl(control, KRING_IOC_NEXT, &info);
}

static int hold_next(void)
{
	struct kring_hold_info info = { .req = { .size = sizeof(info), .name = "faults" } };

	return ioctl(control, KRING_IOC_HOLD_NEXT, &info);
}

static int filter(uint32_t nr)
{
	struct kring_filter filter = {
		.req = { .size = sizeof(filter), .name = "faults" }, .nr = nr,
		.conditions = { { .field = KRING_FILTER_PID, .number = 1 } },
	};

	return ioctl(control, KRING_IOC_FILTER, &filter);
}

static int filter_set(void)
{
	return filter(1);
}

static void filter_none(void)
{
	must(!filter(0));
}

static int set(uint32_t flags, uint32_t holds)
{
	struct kring_set set = {
		.req = { .size = sizeof(set), .name = "faults" }, .mask = KRING_RECORD_ALWAYS,
		.flags = flags, .options = KRING_SET_HOLDS_MAX, .holds_max = holds,
	};

	return ioctl(control, KRING_IOC_SET, &set);
}

static int set_all(void)
{
	return set(KRING_RECORD_ALWAYS, 3);
}

static void set_back(void)
{
	must(!set(0, 8));
}

static int load(uint32_t command)
{
	struct kring_load load = {
		.req = { .size = sizeof(load), .name = "faults" },
		.command = command, .bytes = 64, .rate = 100,
	};

	return ioctl(control, KRING_IOC_LOAD, &load);
}

static int start(void)
{
	return load(KRING_LOAD_START);
}

static void stop(void)
{
	must(!load(KRING_LOAD_STOP));
}

static int poll_it(void)
{
	struct pollfd poll_file = { .fd = file, .events = POLLIN };

	return poll(&poll_file, 1, 0);
}

static void open_epoll(void)
{
	open_load();
	epoll_file = epoll_create1(EPOLL_CLOEXEC);
	must(epoll_file >= 0);
}

static int epoll_add(void)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(epoll_file, EPOLL_CTL_ADD, file, &event);
}

static void epoll_delete(void)
{
	must(!epoll_ctl(epoll_file, EPOLL_CTL_DEL, file, NULL));
}

static void close_epoll(void)
{
	must(!close(epoll_file));
	epoll_file = -1;
	close_and_remove();
}

static void open_user(void)
{
	source = "user", mode = KRING_MODE_GLOBAL, flags = 0;
	must_open();
	info = channel_info(file);
}

static int write_it(void)
{
	return write(file, "event", 5) == 5 ? 0 : -1;
}

static int open_write(void)
{
	return file = open("/dev/kring/faults", O_WRONLY | O_CLOEXEC);
}

static void create_user(void)
{
	source = "user", mode = KRING_MODE_GLOBAL, flags = KRING_RECORD_ALWAYS;
	must_create();
}

static void create_load(void)
{
	source = KRING_LOAD_SOURCE, mode = KRING_MODE_PERCPU, flags = 0;
}

static const struct step steps[] = {
	{ "remove", create_load, remove_it, must_create, must_remove, 0 },
	{ "open to write", create_user, open_write, close_it, must_remove, 0 },
	{ "map a ring", open_load, map_ring_0, unmap, close_and_remove, 0 },
	{ "map the metadata", open_load, map_meta, unmap, close_and_remove, 0 },
	{ "unmap a ring", open_and_map, unmap_it, map_again, unmap_and_remove, 0 },
	{ "move a mapping", open_and_map, move, nothing, unmap_and_remove, 0 },
	{ "fork", open_and_map, fork_it, nothing, unmap_and_remove, EAGAIN },
	{ "hold", open_load, hold, must_drop, close_and_remove, 0 },
	{ "continue a kept hold", open_and_leave, hold_kept, leave_hold, close_and_remove, 0 },
	{ "map cursors", open_and_hold, map_cursors, unmap_cursors, close_and_remove, 0 },
	{ "release", open_and_hold, release, nothing, close_and_remove, 0 },
	{ "drop", open_and_hold, drop, must_hold, close_and_remove, 0 },
	{ "holds", open_and_hold, hold_next, nothing, close_and_remove, 0 },
	{ "arm", open_load, arm_it, nothing, close_and_remove, 0 },
	{ "wake", open_load, wake, nothing, close_and_remove, 0 },
	{ "info", open_load, get_info, nothing, close_and_remove, 0 },
	{ "schema", open_load, get_schema, nothing, close_and_remove, 0 },
	{ "next", open_load, next, nothing, close_and_remove, 0 },
	{ "filter", open_load, filter_set, filter_none, close_and_remove, 0 },
	{ "set", open_load, set_all, set_back, close_and_remove, 0 },
	{ "load", open_load, start, stop, close_and_remove, 0 },
	{ "poll", open_load, poll_it, nothing, close_and_remove, 0 },
	{ "epoll", open_epoll, epoll_add, epoll_delete, close_epoll, 0 },
	{ "write", open_user, write_it, nothing, close_and_remove, 0 },
};

static int insmod(void)
{
	return syscall(SYS_finit_module, module_file, "", 0);
}

static void rmmod(void)
{
	must(!syscall(SYS_delete_module, module, O_NONBLOCK));
}

/* Made, and opened so that the source starts, from each source there is */
static void run_sources(const char *const *sources)
{
	static char name[64];
	const struct step create_step = { name, NULL, create, must_remove, NULL, 0 };
	const struct step open_step = { name, must_create, open_it, close_it, must_remove, 0 };

	for (; *sources; sources++) {
		source = *sources;
		for (mode = KRING_MODE_PERCPU; mode <= KRING_MODE_GLOBAL; mode++) {
			flags = KRING_RECORD_ALWAYS;
			snprintf(name, sizeof(name), "create %s, mode %u", source, mode);
			run(&create_step);
		}
		mode = KRING_MODE_GLOBAL, flags = 0;
		snprintf(name, sizeof(name), "open %s", source);
		run(&open_step);
	}
}

int main(int argc, char **argv)
{
	static const char *const sources[] = {
		"load", "task", "sched", "syscall", "log", "user", NULL
	};

	setvbuf(stdout, NULL, _IOLBF, 0);
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	must(fail_nth >= 0);
	if (argc > 1) {
		const struct step insmod_step = { "insmod", NULL, insmod, rmmod, NULL, 0 };

		module = "kring";
		module_file = open(argv[1], O_RDONLY | O_CLOEXEC);
		must(module_file >= 0);
		run(&insmod_step);
		return !!failures;
	}
	control = control_open();
	run_sources(sources);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		run(&steps[i]);
	return !!failures;
}
