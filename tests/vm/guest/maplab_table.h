/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tables of the mapping laboratory: a row is a question, a column a way to map. Each cell is
 * asked from the kernel anew, and compared with what it is expected to be.
 */
#ifndef MAPLAB_TABLE_H
#define MAPLAB_TABLE_H

#include <stdarg.h>
#include <sys/wait.h>
#include "maplab.h"

/* A file of one way, and a writable shared mapping of it whose pages have all been touched */
struct lab {
	const char *way;
	int fd;
	char *map;
};

/* The cell; shared, so that a child can fill it in */
static char *answer;
#define ANSWER	64

__attribute__((format(printf, 1, 2)))
static inline void say(const char *format, ...)
{
	size_t length = strlen(answer);
	va_list args;

	va_start(args, format);
	vsnprintf(answer + length, ANSWER - length, format, args);
	va_end(args);
}

static inline void say_error(long ret)
{
	say("%s", ret < 0 ? strerrorname_np(errno) : "ok");
}

/* The kernel stores through its own address of the buffer */
static inline void kernel_store(const struct lab *lab, size_t at, char byte)
{
	must(pwrite(lab->fd, &byte, 1, at) == 1);
}

static inline char kernel_load(const struct lab *lab, size_t at)
{
	char byte;

	must(pread(lab->fd, &byte, 1, at) == 1);
	return byte;
}

static inline struct maplab_page buffer_page(const struct lab *lab, size_t index)
{
	struct maplab_page about = { .at = index };

	must(!ioctl(lab->fd, MAPLAB_BUFFER, &about));
	return about;
}

static inline struct maplab_page entry(const struct lab *lab, const char *at)
{
	struct maplab_page about = { .at = (uintptr_t)at };

	if (ioctl(lab->fd, MAPLAB_ENTRY, &about)) {
		must(errno == ENOENT);
		about.flags = 0;
	}
	return about;
}

static inline uint64_t entry_frame(const struct lab *lab, const char *at)
{
	struct maplab_page about = entry(lab, at);

	return about.flags & MAPLAB_PRESENT ? about.pfn : 0;
}

static inline void say_count(int count)
{
	if (count == MAPLAB_PAGES)
		say("same");
	else
		say("%d", count);
}

/* Whether the mapping's frames are those of the kernel's buffer; otherwise of how many pages */
static inline void say_frames(const struct lab *lab, const char *map)
{
	int same = 0;

	for (size_t i = 0; i < MAPLAB_PAGES; i++)
		same += entry_frame(lab, map + i * page) == buffer_page(lab, i).pfn;
	say_count(same);
}

/* The lines of a mapping in smaps: its resident kB, and its flags among those asked for */
static inline long smaps(const char *map, const char *asked, char *flags)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	unsigned long start;
	bool here = false;
	char line[512];
	long rss = -1;

	must(file);
	while (fgets(line, sizeof(line), file)) {
		char *end;

		start = strtoul(line, &end, 16);
		if (*end == '-')
			here = start == (uintptr_t)map;
		if (here)
			sscanf(line, "Rss: %ld", &rss);
		if (!here || strncmp(line, "VmFlags:", 8))
			continue;
		for (char *flag = strtok(line + 8, "\n "); flag; flag = strtok(NULL, "\n ")) {
			if (strstr(asked, flag))
				strcat(strcat(flags, *flags ? " " : ""), flag);
		}
	}
	fclose(file);
	must(rss >= 0);
	return rss;
}

static inline void wait_child(pid_t child)
{
	int status;

	must(child > 0 && waitpid(child, &status, 0) == child);
	check(WIFEXITED(status) && !WEXITSTATUS(status), "child: %#x", status);
}

/* In the order of ways[] */
#define ALL(x)		{ x, x, x, x, x, x }
#define PFN(x, y)	{ x, x, y, y, y, y }

struct row {
	const char *title;
	void (*ask)(const struct lab *lab);
	const char *expected[WAYS];
};

/*
 * There, what is behind a | is expected: it has no special entries and no caching modes, and makes
 * the host's entries from the VMA as well.
 */
static inline bool user_mode_linux(void)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[256];
	bool found = false;

	must(file);
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, "User Mode Linux");
	fclose(file);
	return found;
}

static inline bool expected(const char *answers)
{
	const char *other = strchr(answers, '|');
	size_t length = other ? (size_t)(other - answers) : strlen(answers);

	if (other && user_mode_linux())
		return !strcmp(answer, other + 1);
	return strlen(answer) == length && !strncmp(answer, answers, length);
}

static inline void ask(const struct row *row, int way)
{
	struct lab lab = { .way = ways[way], .fd = lab_open(ways[way], O_RDWR) };

	lab.map = lab_map(lab.fd, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	touch_all(lab.map);
	*answer = 0;
	row->ask(&lab);
	check(expected(row->expected[way]), "%s, %s: '%s', expected '%s'", row->title,
	      ways[way], answer, row->expected[way]);
	must(!munmap(lab.map, size));
	close(lab.fd);
}

static inline int lab_table(const struct row *rows, size_t count)
{
	answer = mmap(NULL, ANSWER, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(answer != MAP_FAILED);
	printf("%-32s", "");
	for (int way = 0; way < WAYS; way++)
		printf(" %-14s", ways[way]);
	printf("\n");
	for (; count--; rows++) {
		char cells[WAYS][ANSWER];

		for (int way = 0; way < WAYS; way++) {
			ask(rows, way);
			memcpy(cells[way], answer, ANSWER);
		}
		printf("%-32s", rows->title);
		for (int way = 0; way < WAYS; way++)
			printf(" %-14s", cells[way]);
		printf("\n");
		fflush(stdout);
	}
	return !!failures;
}

#endif /* MAPLAB_TABLE_H */
