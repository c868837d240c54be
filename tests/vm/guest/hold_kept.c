// SPDX-License-Identifier: GPL-2.0
/*
 * Kept holds: they outlive their file, with the channel recording, for the time that they asked
 * for; they are taken over by name; they go with the channel. hold_kept, or
 * hold_kept leave: makes channel "left" and leaves a hold there for an hour.
 */
#include "hold.h"

#define NAME	"kept"
#define HOUR	(3600 * NS)

static int control;

/* Asked of the control file: a file of the channel would count as a reader */
static struct kring_info listed(void)
{
	struct kring_info info = { .size = sizeof(info) };

	while (!ioctl(control, KRING_IOC_NEXT, &info))
		if (!strcmp(info.name, NAME))
			return info;
	must(!"a known channel");
	return info;
}

/* The hold's file; *position: in and out */
static int hold_kept(uint64_t keep, uint64_t *position, int expected)
{
	int fd = channel_open(NAME), ret = hold_named(fd, "agent", keep, 0, 1, position);

	certain(ret == expected, "%d, expected %d: %s", ret, expected, said);
	return fd;
}

/* The reader goes on in this file's mappings */
static void reader_map(struct reader *reader, int fd)
{
	reader->meta = map_ring(fd, 0);
	reader->data = (const unsigned char *)reader->meta + reader->meta->data_offset;
	reader->cursor = map_cursors(fd);
	must(reader->cursor != MAP_FAILED);
}

static void reader_unmap(struct reader *reader, int fd)
{
	struct kring_info info = channel_info(fd);

	must(!munmap(reader->cursor, info.hold_size));
	must(!munmap((void *)reader->meta, info.map_size));
}

/* A file after the other reads, under load; in between nobody has the channel open */
static void test_taken_over(void)
{
	uint64_t position = KRING_HOLD_OLDEST, from;
	struct reader reader = { .pos = 0 };
	struct kring_hold_info about;
	int fd;

	check(listed().readers == 0);
	fd = hold_kept(HOUR, &position, 0);
	load_on(control, NAME, 0, (struct kring_load){ .bytes = 64, .rate = 2000 });
	for (int life = 0; life < 20; life++) {
		reader_map(&reader, fd);
		usleep(5000);
		hold_read(&reader, 0);
		reader_unmap(&reader, fd);
		if (life % 3 == 0) {		/* dies with it */
			pid_t child = child_start();

			if (!child)
				pause();
			must(!close(fd));
			check(hold_next(control, NAME, 0).pid == (uint32_t)getpid());
			child_kill(child);
		} else {
			must(!close(fd));
		}
		wait_until(hold_next(control, NAME, 0).pid == 0);
		check(listed().readers == 1 && listed().holds == 1, "%u readers, %u holds",
		      listed().readers, listed().holds);
		about = hold_next(control, NAME, 0);
		check(!strcmp(about.hold, "agent") && about.rings == 1 && about.keep == HOUR);
		from = listed().events;
		wait_until(listed().events > from + 20);

		position = KRING_HOLD_NEWEST;	/* does not count */
		fd = hold_kept(HOUR, &position, 1);
		check(position == reader.pos, "resumed at %llu, released up to %llu",
		      (unsigned long long)position, (unsigned long long)reader.pos);
		check(hold_next(control, NAME, 0).pid == (uint32_t)getpid());
		check(listed().readers == 1 && listed().holds == 1);
	}
	load_stop(control, NAME);
	reader_map(&reader, fd);
	reader_end(&reader);			/* nothing is missing but what was refused */
	reader_unmap(&reader, fd);
	printf("20 lives: %llu events, %llu refused\n", (unsigned long long)reader.events,
	       (unsigned long long)reader.lost);
	check(reader.events > 20 * 20);

	/* Taken over without being kept any longer, it goes with the file */
	must(!close(fd));
	fd = hold_kept(0, &position, 1);
	must(!close(fd));
	check(listed().holds == 0 && listed().readers == 0);
	fd = hold_kept(HOUR, &position, 0);
	must(!hold_drop(fd) && !close(fd));
	check(listed().holds == 0 && listed().readers == 0, "dropped, and kept all the same");
}

/* It is kept for no less than it asked for; then the channel does not record any more */
static void test_expires(void)
{
	static const uint64_t keeps[] = { 1, NS / 1000, NS / 3, NS };
	uint64_t position = KRING_HOLD_OLDEST, before, refusals;
	int fd;

	for (size_t i = 0; i < sizeof(keeps) / sizeof(keeps[0]); i++) {
		fd = hold_kept(keeps[i], &position, 0);
		before = now_ns();
		must(!close(fd));
		wait_until(!listed().holds);
		check(now_ns() - before >= keeps[i], "kept for %llu ns of %llu",
		      (unsigned long long)(now_ns() - before), (unsigned long long)keeps[i]);
		wait_until(!listed().readers);
	}
	/* Two of them, each its time */
	fd = hold_kept(HOUR, &position, 0);
	must(!close(fd));
	fd = channel_open(NAME);
	must(!hold_named(fd, "short", NS / 5, 0, 1, &position) && !close(fd));
	check(listed().holds == 2 && listed().readers == 2);
	wait_until(listed().holds == 1 && listed().readers == 1);
	check(!strcmp(hold_next(control, NAME, 0).hold, "agent"));
	fd = hold_kept(0, &position, 1);

	/* What is expired holds nothing */
	must(!hold_drop(fd));
	must(!hold_named(fd, "agent", NS / 5, 0, 1, &position) && !close(fd));
	fd = channel_open(NAME);
	load_on(control, NAME, 0, (struct kring_load){ .bytes = 64 });
	wait_until(!listed().holds);
	refusals = listed().counters.refused_held;
	before = listed().counters.overwritten;
	wait_until(listed().counters.overwritten > before + 10000);
	check(listed().counters.refused_held == refusals, "refused, and nobody holds");
	load_stop(control, NAME);
	must(!close(fd));
}

/* Taken over just as it expires: one or the other, and the channel's readers are counted right */
static void test_race(void)
{
	unsigned int seed = 1, resumed = 0;
	uint64_t position = KRING_HOLD_OLDEST;

	for (int i = 0; i < 300; i++) {
		int fd = channel_open(NAME), ret;

		ret = hold_named(fd, "agent", NS / 500, 0, 1, &position);
		certain(ret == 0 || ret == 1, "%s", said);
		resumed += ret;
		must(!close(fd));
		usleep(rand_r(&seed) % 16000);
	}
	printf("taken over %u times of 300\n", resumed);
	check(resumed > 10 && resumed < 290, "hardly a race");
	wait_until(!listed().holds && !listed().readers);
}

int main(int argc, char **argv)
{
	bool leave = argc > 1 && !strcmp(argv[1], "leave");
	uint64_t position = KRING_HOLD_OLDEST;
	int fd;

	control = channel_create(leave ? "left" : NAME, KRING_MODE_GLOBAL);
	must(!channel_set(control, leave ? "left" : NAME, KRING_SET_KEEP_LIMIT, HOUR));
	if (leave) {
		fd = channel_open("left");
		must(!hold_named(fd, "agent", HOUR, 0, 1, &position));
		load_on(control, "left", 0, (struct kring_load){ .bytes = 64 });
		return 0;
	}
	test_taken_over();
	test_expires();
	test_race();

	/* A channel that is removed takes what is kept along */
	fd = hold_kept(HOUR, &position, 0);
	load_on(control, NAME, 0, (struct kring_load){ .bytes = 64 });
	must(!close(fd));
	fd = channel_open(NAME);
	must(!hold_named(fd, "other", HOUR, 0, 1, &position));
	channel_remove(control, NAME);
	must(!close(fd));			/* which keeps nothing any more */
	return !!failures;
}
