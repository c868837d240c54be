// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel memory that is mapped in six ways: what is in the page tables, whose frames they are,
 * and what the kernel keeps account of. Documentation/mapping.md explains the table.
 */
#include "maplab_table.h"

/* One word of a file of 64-bit words */
static uint64_t word(const char *file, uint64_t index)
{
	int fd = open(file, O_RDONLY);
	uint64_t value;

	must(fd >= 0 && pread(fd, &value, 8, index * 8) == 8);
	close(fd);
	return value;
}

/* Frame of a present page as pagemap tells it, or 0 */
static uint64_t pagemap_frame(const char *at)
{
	uint64_t value = word("/proc/self/pagemap", (uintptr_t)at / page);

	return value >> 63 ? value & ((1ULL << 55) - 1) : 0;
}

/* What is in page tables */

static void entry_before(const struct lab *lab)
{
	char *map = lab_map(lab->fd, PROT_READ, MAP_SHARED, 0);
	int present = 0;

	for (size_t at = 0; at < size; at += page)
		present += entry(lab, map + at).flags & MAPLAB_PRESENT;
	say("%s", present == MAPLAB_PAGES ? "all" : !present ? "none" : "some");
	must(!munmap(map, size));
}

static void say_entry(const struct lab *lab, const char *at)
{
	uint32_t flags = entry(lab, at).flags;

	say("%c%c%c%c", flags & MAPLAB_PRESENT ? 'p' : '-', flags & MAPLAB_USER ? 'u' : '-',
	    flags & MAPLAB_WRITE ? 'w' : '-', flags & MAPLAB_SPECIAL ? 's' : '-');
}

static void entry_of(const struct lab *lab, int protection, int flags)
{
	char *map = lab_map(lab->fd, protection, flags, 0);

	touch_all(map);
	say_entry(lab, map);
	must(!munmap(map, size));
}

static void entry_readonly(const struct lab *lab)
{
	entry_of(lab, PROT_READ, MAP_SHARED);
}

static void entry_writable(const struct lab *lab)
{
	say_entry(lab, lab->map);
}

static void entry_private(const struct lab *lab)
{
	entry_of(lab, PROT_READ | PROT_WRITE, MAP_PRIVATE);
}

/* Which frames, and whose */

static void frames(const struct lab *lab)
{
	pid_t child;

	say_frames(lab, lab->map);
	say(", ");
	child = fork();
	if (!child) {
		struct lab own = { .fd = lab_open(lab->way, O_RDONLY) };

		own.map = lab_map(own.fd, PROT_READ, MAP_SHARED, 0);
		touch_all(own.map);
		say_frames(&own, own.map);
		_exit(0);
	}
	wait_child(child);
}

static void pagemap(const struct lab *lab)
{
	int same = 0;

	for (size_t i = 0; i < MAPLAB_PAGES; i++)
		same += pagemap_frame(lab->map + i * page) == buffer_page(lab, i).pfn;
	say_count(same);
}

static void kernel_writes(const struct lab *lab)
{
	bool seen = true;

	for (size_t at = 0; at < size; at += page - 1) {
		kernel_store(lab, at, at / 7 + 1);
		seen &= *(volatile char *)(lab->map + at) == (char)(at / 7 + 1);
	}
	say("%s", seen ? "seen" : "not seen");
}

static void program_writes(const struct lab *lab)
{
	bool seen = true;

	for (size_t at = 0; at < size; at += page - 1) {
		*(volatile char *)(lab->map + at) = at / 5 + 2;
		seen &= kernel_load(lab, at) == (char)(at / 5 + 2);
	}
	say("%s", seen ? "seen" : "not seen");
}

static void read_write(const struct lab *lab)
{
	char *copy = malloc(size);

	must(copy);
	for (size_t i = 0; i < size; i++)
		copy[i] = i * 2654435761U >> 24;
	must(pwrite(lab->fd, copy, size, 0) == (ssize_t)size);
	say("%s", memcmp(lab->map, copy, size) ? "differ" : "agree");
	memset(lab->map, 0x5a, size);
	must(pread(lab->fd, copy, size, 0) == (ssize_t)size);
	say(", %s", memcmp(lab->map, copy, size) ? "differ" : "agree");
	free(copy);
}

/* What the kernel keeps account of */

static void vm_flags(const struct lab *lab)
{
	char flags[128] = "";

	smaps(lab->map, "pf mm io dd de dc lo", flags);
	say("%s", *flags ? flags : "-");
}

static void rss(const struct lab *lab)
{
	char flags[128] = "";
	long kb = smaps(lab->map, "", flags);

	if (!kb || kb == (long)(size >> 10))
		say("%s", kb ? "all" : "0");
	else
		say("%ld kB", kb);
}

static void page_kind(const struct lab *lab)
{
	static const struct {
		int bit;
		const char *name;
	} kinds[] = {
		{ 5, "lru" }, { 10, "buddy" }, { 11, "mmap" }, { 12, "anon" }, { 32, "reserved" },
	};
	uint64_t flags = word("/proc/kpageflags", buffer_page(lab, 0).pfn);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (flags >> kinds[i].bit & 1)
			say("%s%s", *answer ? " " : "", kinds[i].name);
	}
	if (!*answer)
		say("-");
}

/* With no mapping, one, two */
static void counts(const struct lab *lab, bool references)
{
	char *maps[2];

	must(!munmap(lab->map, size));
	for (int n = 0; n <= 2; n++) {
		struct maplab_page about = buffer_page(lab, 0);

		say("%s%llu", n ? " " : "", references ? (unsigned long long)about.refcount :
		    (unsigned long long)word("/proc/kpagecount", about.pfn));
		if (n == 2)
			break;
		maps[n] = lab_map(lab->fd, PROT_READ, MAP_SHARED, 0);
		touch_all(maps[n]);
	}
	for (int n = 0; n < 2; n++)
		must(!munmap(maps[n], size));
	must(mmap(lab->map, size, PROT_READ, MAP_SHARED | MAP_FIXED, lab->fd, 0) == lab->map);
}

static void refcounts(const struct lab *lab)
{
	counts(lab, true);
}

static void mapcounts(const struct lab *lab)
{
	counts(lab, false);
}

/* The buffer is freed while it is mapped */
static void freed(const struct lab *lab)
{
	int gone;

	memset(lab->map, 0x33, size);
	gone = ioctl(lab->fd, MAPLAB_REPLACE);
	must(gone >= 0);
	say("%s", !gone ? "kept" : "dangling");
	if (gone)
		return;
	for (size_t at = 0; at < size; at++) {
		if (lab->map[at] != 0x33) {
			say(", but changed");
			break;
		}
	}
}

static const struct row rows[] = {
	{ "entries before the first touch", entry_before,
	  { "all", "all", "all", "all", "none", "all" } },
	{ "entry, read-only", entry_readonly, PFN("pu-s|pu--", "pu--") },
	{ "entry, writable", entry_writable, PFN("puws|puw-", "puw-") },
	{ "entry, private", entry_private, PFN("pu-s|pu--", "pu--") },
	{ "frames here, in another process", frames, ALL("same, same") },
	{ "frames as pagemap tells", pagemap, PFN("0", "same") },
	{ "the kernel's stores", kernel_writes, ALL("seen") },
	{ "the program's stores", program_writes, ALL("seen") },
	{ "write(), read()", read_write, ALL("agree, agree") },
	{ "VmFlags", vm_flags,
	  { "pf io de dd", "pf io de dd", "mm", "mm", "-", "de dd mm" } },
	{ "Rss", rss, PFN("0", "all") },
	{ "kind of page", page_kind, { "reserved", "-", "mmap", "mmap", "mmap", "mmap" } },
	{ "references: mapped 0, 1, 2 times", refcounts, PFN("1 1 1", "1 2 3") },
	{ "mapcount: mapped 0, 1, 2 times", mapcounts, PFN("0 0 0", "0 1 2") },
	{ "kernel frees it while mapped", freed, PFN("dangling", "kept") },
};

int main(void)
{
	return lab_table(rows, sizeof(rows) / sizeof(rows[0]));
}
