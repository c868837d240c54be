// SPDX-License-Identifier: GPL-2.0
/* Holds: what is refused, and how; limits, names, and what the owner may set. */
#include <pthread.h>
#include "hold.h"

#define NAME	"hold"

static int control;
static uint32_t nr_rings;
static uint64_t none[2] = { KRING_HOLD_NONE, KRING_HOLD_NONE };

/* Refused with this error, and a message that has this text; nothing is held then */
#define said_no(call, error, text)						\
	do {									\
		memset(said, 0, sizeof(said));					\
		refused(call, error);						\
		check(strstr(said, text), "message '%s', not '%s'", said, text); \
	} while (0)

static uint32_t holds(void)
{
	int fd = open("/dev/kring/" NAME, O_RDONLY);
	uint32_t nr;

	must(fd >= 0);
	nr = channel_info(fd).holds;
	close(fd);
	return nr;
}

/* A hold on the rings of the mask, from the oldest on; its file */
static int hold_rings(uint32_t mask)
{
	int fd = channel_open(NAME);
	uint64_t positions[2];

	for (uint32_t i = 0; i < nr_rings; i++)
		positions[i] = mask >> i & 1 ? KRING_HOLD_OLDEST : KRING_HOLD_NONE;
	if (!hold(fd, nr_rings, positions))
		return fd;
	close(fd);
	return -1;
}

static int request(int fd, struct kring_hold ask)
{
	int ret;

	ask.req.size = ask.req.size ?: sizeof(ask);
	ret = ioctl(fd, KRING_IOC_HOLD, &ask);
	memcpy(said, ask.req.message, sizeof(said));
	return ret;
}

static void test_refused(void)
{
	int fd = channel_open(NAME), reader = open("/dev/kring/" NAME, O_RDONLY), gone;
	const uint64_t *constant = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t positions[3] = { 0 };
	struct kring_hold ask = { .nr = nr_rings, .positions = (uintptr_t)positions };
	struct kring_hold bad;

	must(reader >= 0 && constant != MAP_FAILED);
	said_no(hold(reader, nr_rings, positions), EBADF, "open for reading and writing");
	bad = ask;
	bad.flags = 2;
	said_no(request(fd, bad), EINVAL, "flags 0x2");
	bad = ask;
	bad.reserved0 = 1;
	said_no(request(fd, bad), EINVAL, "reserved fields 0");
	bad = ask;
	bad.req.reserved0 = 1;
	said_no(request(fd, bad), EINVAL, "reserved fields 0");
	bad = ask;
	memset(bad.req.name, 'x', KRING_NAME_MAX);
	said_no(request(fd, bad), EINVAL, "at most 31 characters");
	bad = ask;
	bad.keep = 1;
	said_no(request(fd, bad), EINVAL, "needs a name");
	said_no(hold_named(fd, "a", 1, 0, nr_rings, positions), EINVAL,
		"keep for 1 ns: this channel allows 0");
	bad = ask;
	bad.nr = nr_rings + 1;
	said_no(request(fd, bad), EINVAL, "3 positions, but there are 2 rings");
	said_no(hold(fd, nr_rings, none), EINVAL, "at least one ring");
	said_no(hold(fd, 0, NULL), EINVAL, "at least one ring");
	bad = ask;
	bad.positions = 8;
	refused(request(fd, bad), EFAULT);
	bad = ask;
	bad.positions = (uintptr_t)constant;
	refused(request(fd, bad), EFAULT);
	bad = ask;
	bad.req.size = offsetof(struct kring_hold, positions);
	refused(request(fd, bad), EINVAL);
	check(holds() == 0, "%u are left behind", holds());

	refused(hold_drop(fd), ENXIO);
	refused(hold_release(fd, nr_rings, positions), ENXIO);
	check(!hold(fd, nr_rings, positions));
	said_no(hold(fd, nr_rings, positions), EBUSY, "this file holds already");
	refused(hold_release(fd, nr_rings + 1, positions), EINVAL);
	refused(hold_release(fd, 1, (void *)8), EFAULT);
	refused(ioctl(fd, KRING_IOC_DROP, &(struct kring_drop){ .size = 8, .reserved0 = 1 }),
		EINVAL);
	check(!hold_drop(fd));
	refused(hold_drop(fd), ENXIO);

	close(channel_create("gone", KRING_MODE_GLOBAL));
	gone = channel_open("gone");
	check(!hold(gone, 1, positions));
	channel_remove(control, "gone");
	check(channel_info(gone).holds == 1, "what holds goes on with what is left");
	check(!hold_drop(gone));
	said_no(hold(gone, 1, positions), ENODEV, "was removed");
	close(gone);
	close(reader);
	close(fd);
}

static void test_limits(void)
{
	int fds[KRING_HOLDS_MAX], other[KRING_HOLDS_MAX];

	for (uint32_t i = 0; i < KRING_HOLDS_MAX; i++)
		must((fds[i] = hold_rings(2)) >= 0);
	said_no(hold_rings(2), EBUSY, "ring 1 has 8 holds already, 8 are allowed");
	/* Of one that was refused, nothing is left in the ring where there was a place */
	said_no(hold_rings(3), EBUSY, "ring 1 has 8 holds already");
	for (uint32_t i = 0; i < KRING_HOLDS_MAX; i++)
		must((other[i] = hold_rings(1)) >= 0);
	said_no(hold_rings(3), EBUSY, "ring 0 has 8 holds already");
	check(holds() == 2 * KRING_HOLDS_MAX);
	close(fds[3]);
	said_no(hold_rings(1), EBUSY, "ring 0 has 8 holds already");
	fds[3] = hold_rings(2);
	check(fds[3] >= 0, "no place after one was closed");

	check(!channel_set(control, NAME, KRING_SET_HOLDS_MAX, 3));
	close(fds[0]);
	check(hold_rings(2) < 0, "7 stand, 3 are allowed");
	for (uint32_t i = 0; i < KRING_HOLDS_MAX; i++) {
		close(fds[i]);
		close(other[i]);
	}
	for (uint32_t i = 0; i < 3; i++)
		must((fds[i] = hold_rings(3)) >= 0);
	said_no(hold_rings(3), EBUSY, "ring 0 has 3 holds already, 3 are allowed");
	for (uint32_t i = 0; i < 3; i++)
		close(fds[i]);
	check(!channel_set(control, NAME, KRING_SET_HOLDS_MAX, 0));
	said_no(hold_rings(3), EBUSY, "0 are allowed");
	check(!channel_set(control, NAME, KRING_SET_HOLDS_MAX, KRING_HOLDS_MAX));
	check(holds() == 0);
}

static void test_names(void)
{
	int fd = channel_open(NAME), other = channel_open(NAME);
	uint64_t positions[2] = { 0 };
	char text[64];

	check(!hold_named(fd, "one", 0, 0, nr_rings, positions));
	snprintf(text, sizeof(text), "hold \"one\" is in use by process %d (hold_ioctls)",
		 getpid());
	said_no(hold_named(other, "one", 0, 0, nr_rings, positions), EBUSY, text);
	check(!hold_named(other, "two", 0, 0, nr_rings, positions));
	close(other);
	other = channel_open(NAME);
	check(!hold_named(other, "two", 0, 0, nr_rings, positions), "not resumed, it was not kept");
	check(!hold_drop(fd));
	check(!hold_named(fd, "one", 0, 0, nr_rings, positions));
	close(fd);
	close(other);
}

static int set(struct kring_set ask)
{
	int ret;

	ask.req.size = sizeof(ask);
	strcpy(ask.req.name, NAME);
	ret = ioctl(control, KRING_IOC_SET, &ask);
	memcpy(said, ask.req.message, sizeof(said));
	return ret;
}

static void test_set(void)
{
	struct kring_set good = {
		.options = 0xf, .holds_max = 2, .critical_share = 75, .lag_limit = 65536,
		.keep_limit = 24 * 3600 * NS,
	}, bad;
	int fd = channel_open(NAME);
	struct kring_info info = channel_info(fd);

	check(info.holds_max == KRING_HOLDS_MAX && !info.critical_share && !info.lag_limit &&
	      !info.keep_limit && info.max_rings == 2);
	bad = good;
	bad.options = 0x10;
	said_no(set(bad), EINVAL, "any of 0xf");
	bad = good;
	bad.reserved0 = 1;
	said_no(set(bad), EINVAL, "unknown");
	bad = good;
	bad.holds_max = 9;
	said_no(set(bad), EINVAL, "9 holds on one ring: 0 to 8");
	bad = good;
	bad.critical_share = 76;
	said_no(set(bad), EINVAL, "critical share 76 percent: 0 to 75");
	bad = good;
	bad.lag_limit++;
	said_no(set(bad), EINVAL, "lag limit 65537 bytes: 0 (none) to the ring's 65536");
	bad = good;
	bad.keep_limit++;
	said_no(set(bad), EINVAL, "keep limit 86400000000001 ns: 0 (none) to 86400000000000");
	bad = good;
	bad.mask = 2;
	said_no(set(bad), EINVAL, "record always");
	info = channel_info(fd);
	check(info.holds_max == KRING_HOLDS_MAX && !info.critical_share && !info.lag_limit &&
	      !info.keep_limit, "what was refused was done in part");
	bad = good;
	bad.options = 0;
	check(!set(bad) && channel_info(fd).holds_max == KRING_HOLDS_MAX, "not asked for");
	check(!set(good));
	info = channel_info(fd);
	check(info.holds_max == 2 && info.critical_share == 75 && info.lag_limit == 65536 &&
	      info.keep_limit == 24 * 3600 * NS);
	said_no(hold_named(fd, "a", info.keep_limit + 1, 0, 0, none), EINVAL,
		"this channel allows 86400000000000");
	good = (struct kring_set){ .options = 0xf, .holds_max = KRING_HOLDS_MAX };
	check(!set(good));
	close(fd);
}

static bool stop;

static void *protect_and_not(void *at)
{
	while (!load_relaxed(&stop)) {
		mprotect(at, 4096, PROT_READ);
		usleep(1000);
		mprotect(at, 4096, PROT_READ | PROT_WRITE);
		usleep(1000);
	}
	return NULL;
}

/* An answer that cannot be given: nothing is held by then, and a kept hold is still there */
static void test_answer(void)
{
	int fd = channel_open(NAME), taken = 0;
	uint64_t positions[2] = { 0 };
	uint64_t *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct kring_hold *ask = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_t thread;

	must(at != MAP_FAILED && ask != MAP_FAILED);
	*ask = (struct kring_hold){
		.req = { .size = sizeof(*ask), .name = "kept" }, .nr = nr_rings,
		.positions = (uintptr_t)positions,
	};
	must(!mprotect(at, 4096, PROT_READ) && !mprotect(ask, 4096, PROT_READ));
	refused(ioctl(fd, KRING_IOC_HOLD, ask), EFAULT);
	check(holds() == 0, "held without an answer");

	check(!channel_set(control, NAME, KRING_SET_KEEP_LIMIT, 100 * NS));
	check(!hold_named(fd, "kept", 100 * NS, 0, nr_rings, positions));
	close(fd);
	fd = channel_open(NAME);
	must(!prctl(PR_SET_NAME, "another"));
	refused(hold_named(fd, "kept", 0, 0, nr_rings, at), EFAULT);
	check(!strcmp(hold_next(control, NAME, 0).comm, "hold_ioctls"), "it was continued for a while");
	must(!prctl(PR_SET_NAME, "hold_ioctls"));
	refused(ioctl(fd, KRING_IOC_HOLD, ask), EFAULT);
	check(holds() == 1, "the kept hold is lost");
	check(hold_named(fd, "kept", 0, 0, nr_rings, positions) == 1 && !hold_drop(fd));
	check(!channel_set(control, NAME, KRING_SET_KEEP_LIMIT, 0));
	must(!munmap(ask, 4096));

	must(!pthread_create(&thread, NULL, protect_and_not, at));
	/* A quick one may find the page as it is two hundred times */
	for (int i = 0; i < 200 || (!taken && i < 100000); i++) {
		if (hold(fd, nr_rings, at)) {
			check(errno == EFAULT && holds() == 0, "held without an answer");
		} else {
			taken++;
			check(!hold_drop(fd));
		}
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	must(!pthread_join(thread, NULL));
	check(taken, "never held");
	close(fd);
	check(holds() == 0);
}

/* Where a hold stands is what was asked for, in the bounds of what there is */
static void test_positions(void)
{
	int fd = channel_open(NAME);
	const struct kring_meta *meta = map_ring(fd, 0);
	uint64_t ask[2], middle;

	load_until(control, NAME, meta->tail);
	middle = meta->head - KRING_RECORD_BYTES(1024);
	const struct { uint64_t asked, given; } cases[] = {
		{ KRING_HOLD_OLDEST, meta->tail },
		{ 1, meta->tail },
		{ meta->tail, meta->tail },
		{ middle, middle },
		{ meta->head, meta->head },
		{ meta->head + 16, meta->head },
		{ KRING_HOLD_NEWEST, meta->head },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ask[0] = cases[i].asked;
		ask[1] = KRING_HOLD_NONE;
		check(!hold(fd, 2, ask));
		check(ask[0] == cases[i].given && ask[1] == KRING_HOLD_NONE,
		      "asked for %llx, expected %llx, is %llx", (unsigned long long)cases[i].asked,
		      (unsigned long long)cases[i].given, (unsigned long long)ask[0]);
		check(!hold_drop(fd));
	}
	/* Fewer positions than rings: not the others, or all of them */
	ask[0] = KRING_HOLD_NEWEST;
	check(!hold(fd, 1, ask) && hold_next(control, NAME, 0).rings == 1);
	check(!hold_drop(fd));
	check(!hold_named(fd, "", 0, KRING_HOLD_LATER, 0, NULL));
	check(hold_next(control, NAME, 0).rings == 2);
	check(hold_next(control, NAME, 0).lag == meta->head - meta->tail);
	must(!munmap((void *)meta, channel_info(fd).map_size));
	close(fd);
	check(holds() == 0);
}

static void test_hold_next(void)
{
	int fd = channel_open(NAME), other = channel_open(NAME), writer;
	uint64_t positions[2] = { KRING_HOLD_NEWEST, KRING_HOLD_NEWEST };
	struct kring_hold_info first, info = { .req = { .size = sizeof(info), .name = "nothing" } };

	refused(ioctl(control, KRING_IOC_HOLD_NEXT, &info), ENOENT);
	check(strstr(info.req.message, "no channel \"nothing\""), "%s", info.req.message);
	info = hold_next(control, NAME, 0);
	check(!info.id && !info.req.message[0]);
	writer = open("/dev/kring/control", O_WRONLY);
	must(writer >= 0);
	refused(ioctl(writer, KRING_IOC_HOLD_NEXT, &info), EBADF);
	close(writer);
	writer = open("/dev/kring/control", O_RDONLY);
	must(writer >= 0);

	check(!channel_set(control, NAME, KRING_SET_KEEP_LIMIT, NS));
	check(!hold_named(fd, "first", NS, 0, nr_rings, positions));
	positions[1] = KRING_HOLD_NONE;
	check(!hold(other, nr_rings, positions));
	first = hold_next(writer, NAME, 0);
	check(first.id && !strcmp(first.hold, "first") && !strcmp(first.comm, "hold_ioctls"));
	check(first.pid == (uint32_t)getpid() && first.rings == 2 && !first.revoked);
	check(first.keep == NS && first.lag == 0);
	info = hold_next(writer, NAME, first.id);
	check(info.id > first.id && !info.hold[0] && info.rings == 1 && !info.keep);
	check(!hold_next(writer, NAME, info.id).id);

	/* Lag is bounded by what there is, wherever the cursor stands */
	positions[0] = 0;
	check(!hold_release(other, 1, positions));
	check(hold_next(writer, NAME, first.id).lag <= KRING_RING_SIZE_MIN);
	positions[0] = -2ULL;
	check(!hold_release(other, 1, positions));
	check(hold_next(writer, NAME, first.id).lag == 0);
	check(!channel_set(control, NAME, KRING_SET_KEEP_LIMIT, 0));
	hold_drop(fd);
	close(fd);
	close(other);
	close(writer);
}

int main(void)
{
	int fd;

	control = channel_create(NAME, KRING_MODE_PERCPU);
	fd = channel_open(NAME);
	nr_rings = channel_info(fd).nr_rings;
	must(nr_rings == 2);
	close(fd);
	test_set();
	test_refused();
	test_limits();
	test_names();
	test_answer();
	test_positions();
	test_hold_next();
	check(holds() == 0);
	channel_remove(control, NAME);
	return !!failures;
}
