// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs that go offline and come: rings stay readable, a CPU that comes has a ring, whoever sleeps
 * learns of it, and a hold holds it from its first record. hotplug rings|load
 */
#include "hold.h"

#define NAME	"hot"

static int control;

static void cpu1(bool online)
{
	int fd = open("/sys/devices/system/cpu/cpu1/online", O_WRONLY);

	must(fd >= 0);
	must(write(fd, online ? "1" : "0", 1) == 1);
	must(!close(fd));
}

/* The ring of a CPU that is gone stays as it is, and is mapped anew */
static void test_stays(void)
{
	const struct kring_meta *meta, *again;
	struct reader reader;
	uint64_t head;
	int fd;

	control = channel_create(NAME, KRING_MODE_PERCPU);
	fd = channel_open(NAME);
	must(channel_info(fd).nr_rings == 2);
	meta = map_ring(fd, 1);
	load_on(control, NAME, 2, (struct kring_load){ .bytes = 64, .rate = 10000 });
	wait_until(load_relaxed(&meta->head) >= 96 * 100);
	load_stop(control, NAME);
	head = meta->head;
	cpu1(false);
	again = map_ring(fd, 1);
	check(again->head == head && meta->head == head && again->cpu == 1 && again->nr_rings == 2);
	check(channel_info(fd).nr_rings == 2 && channel_info(fd).max_rings == 2);
	reader_start(&reader, fd, 1, NULL);
	reader_end(&reader);
	check(reader.events == head / 96 && !reader.lost);

	/* It comes back to the ring that it had */
	cpu1(true);
	check(channel_info(fd).nr_rings == 2);
	load_on(control, NAME, 2, (struct kring_load){ .bytes = 64, .rate = 10000 });
	wait_until(load_relaxed(&meta->head) >= head + 96 * 100);
	load_stop(control, NAME);
	reader.bursts = true;
	reader_end(&reader);
	check(reader.events == meta->head / 96 && !reader.lost);
	channel_remove(control, NAME);
	close(fd);
}

/* Sleeps with one ring armed; exit status 0: woken, and there is another one */
static pid_t sleeper(int fd, uint64_t *asleep)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	uint64_t position = 0;
	struct kring_arm arm = {
		.size = sizeof(arm), .nr = 1, .positions = (uintptr_t)&position,
	};
	pid_t child = child_start();

	if (child)
		return child;
	must(ioctl(fd, KRING_IOC_ARM, &arm) == 0);
	check(poll(&poll_fd, 1, 0) == 0);
	__atomic_store_n(asleep, 1, __ATOMIC_RELEASE);
	check(poll(&poll_fd, 1, 60000) == 1 && poll_fd.revents == POLLIN);
	check(channel_info(fd).nr_rings == 2);
	check(ioctl(fd, KRING_IOC_ARM, &arm) == 1, "fewer positions than rings");
	exit(!!failures);
}

/* A channel that is made while one CPU is offline */
static void test_comes(void)
{
	int fd, later, fixed;
	uint64_t positions[2] = { KRING_HOLD_OLDEST }, *asleep = shared(8), *cursors;
	const struct kring_meta *first, *meta;
	struct kring_hold_info about;
	struct kring_info info;
	struct reader reader;
	pid_t child;

	cpu1(false);
	control = channel_create(NAME, KRING_MODE_PERCPU);
	fd = open("/dev/kring/" NAME, O_RDONLY);
	must(fd >= 0);
	info = channel_info(fd);
	check(info.nr_rings == 1 && info.max_rings == 2, "%u rings", info.nr_rings);
	first = map_ring(fd, 0);
	check(first->nr_rings == 1);
	refused(mmap(NULL, info.map_size, PROT_READ, MAP_SHARED, fd, info.ring_stride),
		EINVAL);
	refused(ioctl(fd, KRING_IOC_ARM, &(struct kring_arm){ .size = 16, .nr = 2,
		      .positions = (uintptr_t)positions }), EINVAL);
	later = channel_open(NAME);
	fixed = channel_open(NAME);
	refused(hold(later, 2, positions), EINVAL);
	must(!hold_named(later, "later", 0, KRING_HOLD_LATER, 1, positions));
	must(!hold_named(fixed, "fixed", 0, 0, 1, positions));
	child = sleeper(fd, asleep);
	wait_until(load_acquire(asleep));

	cpu1(true);
	child_end(child);
	info = channel_info(fd);
	check(info.nr_rings == 2 && first->nr_rings == 2);
	meta = map_ring(fd, 1);
	check(meta->cpu == 1 && meta->ring_index == 1 && meta->nr_rings == 2);
	about = hold_next(control, NAME, 0);
	check(!strcmp(about.hold, "later") && about.rings == 2 && !about.revoked);
	about = hold_next(control, NAME, about.id);
	check(!strcmp(about.hold, "fixed") && about.rings == 1 && !about.revoked);

	/* Its first record stays, whatever comes */
	must(!hold_drop(fixed));
	cursors = map_cursors(later);
	must(cursors != MAP_FAILED);
	check(*cursor_at(cursors, 1) == meta->start_pos);
	load_on(control, NAME, 2, (struct kring_load){ .bytes = 64 });
	wait_until(load_relaxed(&meta->counters.refused_held) > 100);
	load_stop(control, NAME);
	check(meta->tail == meta->start_pos);
	reader_start(&reader, later, 1, cursor_at(cursors, 1));
	hold_read(&reader, 0);
	check(reader.next[1] == reader.events && !reader.lost,
	      "%llu events, but the last is the %lluth",
	      (unsigned long long)reader.events, (unsigned long long)reader.next[1]);
	reader_end(&reader);
	channel_remove(control, NAME);
	close(fd);
	close(later);
	close(fixed);
}

/* A place in a ring that comes may be taken; then the hold is revoked there, and it is counted */
static void test_no_place(void)
{
	uint64_t position = KRING_HOLD_OLDEST;
	int fd, later[2];

	cpu1(false);
	control = channel_create(NAME, KRING_MODE_PERCPU);
	for (int i = 0; i < 2; i++) {
		later[i] = channel_open(NAME);
		must(!hold_named(later[i], "", 0, KRING_HOLD_LATER, 1, &position));
	}
	must(!channel_set(control, NAME, KRING_SET_HOLDS_MAX, 1));
	cpu1(true);
	fd = channel_open(NAME);
	check(channel_info(fd).counters.revoked == 1, "%llu revoked",
	      (unsigned long long)channel_info(fd).counters.revoked);
	check(hold_next(control, NAME, 0).rings == 2);
	check(hold_next(control, NAME, hold_next(control, NAME, 0).id).rings == 1);
	channel_remove(control, NAME);
	close(fd);
	close(later[0]);
	close(later[1]);
}

/* Channels come and go meanwhile */
static void churn(const unsigned int *stop)
{
	while (!load_acquire(stop)) {
		int mine = channel_create("churn", KRING_MODE_PERCPU), fd = channel_open("churn");
		uint64_t position = KRING_HOLD_OLDEST;

		must(!hold_named(fd, "", 0, KRING_HOLD_LATER, 1, &position));
		channel_remove(mine, "churn");
		close(mine);
		close(fd);
	}
	exit(!!failures);
}

/* A holder of all rings, those that come too; the sums close at the end */
static void consume(const unsigned int *stop, unsigned int *ready)
{
	int fd = channel_open(NAME);
	struct reader readers[2];
	uint64_t *cursors;
	uint32_t nr = 0;

	must(!hold_named(fd, "", 0, KRING_HOLD_LATER, 0, NULL));
	cursors = map_cursors(fd);
	must(cursors != MAP_FAILED);
	for (bool last = false; !last;) {
		/* Stopped by now, so that what is read behind this is all there is */
		last = load_acquire(stop);
		for (; nr < channel_info(fd).nr_rings; nr++) {
			reader_start(&readers[nr], fd, nr, cursor_at(cursors, nr));
			readers[nr].bursts = true;
		}
		for (uint32_t i = 0; i < nr; i++)
			hold_read(&readers[i], 0);
		__atomic_store_n(ready, 1, __ATOMIC_RELEASE);
	}
	for (uint32_t i = 0; i < nr; i++) {
		reader_end(&readers[i]);
		ring_closes(readers[i].meta);
		printf("ring %u: %llu events, %llu lost\n", i,
		       (unsigned long long)readers[i].events,
		       (unsigned long long)readers[i].lost);
		check(readers[i].events > 0);
	}
	exit(!!failures);
}

static void test_load(void)
{
	unsigned int *shares = shared(2 * sizeof(*shares));
	pid_t churner, consumer;

	cpu1(false);
	control = channel_create(NAME, KRING_MODE_PERCPU);
	consumer = child_start();
	if (!consumer)
		consume(&shares[0], &shares[1]);
	churner = child_start();
	if (!churner)
		churn(&shares[0]);
	wait_until(load_acquire(&shares[1]));
	for (int i = 0; i < 20; i++) {
		cpu1(true);
		/* A thread on each; that of CPU 1 is moved away when it goes */
		load_on(control, NAME, 0, (struct kring_load){ .bytes = 64 });
		usleep(100000);
		cpu1(false);
	}
	cpu1(true);
	load_stop(control, NAME);
	__atomic_store_n(&shares[0], 1, __ATOMIC_RELEASE);
	child_end(churner);
	child_end(consumer);
	channel_remove(control, NAME);
}

int main(int argc, char **argv)
{
	must(argc == 2);
	if (!strcmp(argv[1], "load")) {
		test_load();
	} else {
		test_stays();
		test_comes();
		test_no_place();
	}
	return !!failures;
}
