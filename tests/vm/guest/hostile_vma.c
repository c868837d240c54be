// SPDX-License-Identifier: GPL-2.0
/*
 * How a ring may be mapped, and what a program can make of the mapping afterwards.
 * hostile_vma overflow|size|maywrite|protection|private|mremap|split
 */
#include <sys/uio.h>
#include "hostile.h"

static const int modes[] = { O_RDONLY, O_RDWR };

#define each_mode(fd)								\
	for (int mode = 0, fd; mode < 2 && (fd = hostile_open(modes[mode])) >= 0; mode++, close(fd))

static bool one_of(int error, const int *allowed)
{
	while (*allowed && *allowed != error)
		allowed++;
	return *allowed;
}

/* Offset and length: a row of the table, or an error that fits */
static void map_row(int fd, uint64_t offset, uint64_t length)
{
	static const int wrong[] = { EINVAL, EOVERFLOW, 0 };
	static const int too_long[] = { EINVAL, EOVERFLOW, ENOMEM, 0 };
	static const int not_held[] = { EINVAL, ENXIO, EACCES, ENOMEM, 0 };
	uint64_t index = offset / info.ring_stride;
	bool allowed = offset % info.ring_stride == 0 && index < info.nr_rings &&
		       (length == page || length == info.map_size);
	struct kring_meta *meta = map_at(fd, length, PROT_READ, MAP_SHARED, offset);

	if (meta == MAP_FAILED) {
		check(!allowed && one_of(errno, offset == info.hold_offset ? not_held :
					 length > 1ULL << 40 ? too_long : wrong),
		      "offset %llx, length %llx: %s", (unsigned long long)offset,
		      (unsigned long long)length, strerror(errno));
		return;
	}
	check(allowed, "offset %llx, length %llx is mapped", (unsigned long long)offset,
	      (unsigned long long)length);
	if (allowed)
		check(meta->magic == KRING_MAGIC && meta->ring_index == index);
	munmap(meta, length);
}

static void test_overflow(void)
{
	const uint64_t last = (info.nr_rings - 1) * info.ring_stride;
	const uint64_t pages_max = (1ULL << 52) - 1, stride = info.ring_stride / page;
	const uint64_t offsets[] = {
		0, page, last, last + page, last + info.ring_stride, info.hold_offset,
		info.hold_offset + page, info.hold_offset + info.hold_size,
		(1ULL << 31) * page, (1ULL << 32) * page, (1ULL << 31) * info.ring_stride,
		1ULL << 31, 1ULL << 43, 1ULL << 62, 1ULL << 63, -(uint64_t)page,
		-info.ring_stride, -info.map_size + page, pages_max / stride * stride * page,
		INT64_MAX & -page, (INT64_MAX & -page) - page,
	};
	const uint64_t lengths[] = {
		page, info.map_size, info.map_size - page, info.map_size + page, 1ULL << 31,
		(1ULL << 32) + info.map_size, 1ULL << 46, 1ULL << 63, -(uint64_t)page,
		-info.ring_stride,
	};

	each_mode(fd)
		for (size_t i = 0; i < sizeof(offsets) / 8; i++)
			for (size_t n = 0; n < sizeof(lengths) / 8; n++)
				map_row(fd, offsets[i], lengths[n]);
	/* An offset in mid-page never gets to the channel */
	each_mode(fd)
		refused(map_at(fd, info.map_size, PROT_READ, MAP_SHARED, page / 2), EINVAL);
}

/* Every page as a beginning, every number of pages; lengths that are rounded up to pages */
static void test_size(void)
{
	const uint64_t odd[] = { 1, page - 1, page + 1, info.map_size - 1, info.map_size + 1,
				 info.map_size - page + 1 };

	each_mode(fd) {
		refused(map_at(fd, 0, PROT_READ, MAP_SHARED, 0), EINVAL);
		for (size_t n = page; n <= info.map_size + 2 * page; n += page)
			for (uint64_t ring = 0; ring < info.nr_rings; ring++)
				map_row(fd, ring * info.ring_stride, n);
		for (uint64_t at = 0; at <= info.hold_offset + 2 * page; at += page) {
			map_row(fd, at, page);
			map_row(fd, at, info.map_size);
			map_row(fd, at, 2 * page);
		}
		for (size_t i = 0; i < sizeof(odd) / 8; i++)
			map_row(fd, 0, (odd[i] + page - 1) & -page);
	}
}

static long protect_key(void *at, size_t length, int protection, int key)
{
	return syscall(SYS_pkey_mprotect, at, length, protection, key);
}

static void test_maywrite(void)
{
	static const int more[] = {
		PROT_WRITE, PROT_READ | PROT_WRITE, PROT_EXEC, PROT_READ | PROT_EXEC,
		PROT_READ | PROT_WRITE | PROT_EXEC,
	};
	const size_t sizes[] = { page, info.map_size };
	int key = syscall(SYS_pkey_alloc, 0, 0);
	/* User-mode Linux has no such call */
	bool keys = protect_key(NULL, 0, PROT_READ, -1) == 0 || errno != ENOSYS;

	faults_catch();
	each_mode(fd) {
		for (int i = 0; i < 2; i++) {
			char *base = map_at(fd, sizes[i], PROT_READ, MAP_SHARED, 0);

			must(base != MAP_FAILED);
			check(mappings(getpid(), "ms") == 2 && mappings(getpid(), "rd") == 2);
			check(mappings(getpid(), "de") == 2 && mappings(getpid(), "dd") == 2);
			check(!mappings(getpid(), "mw") && !mappings(getpid(), "me") &&
			      !mappings(getpid(), "wr") && !mappings(getpid(), "ex"));
			for (size_t n = 0; n < sizeof(more) / sizeof(more[0]); n++) {
				refused(map_at(fd, sizes[i], more[n], MAP_SHARED, 0), EACCES);
				refused(mprotect(base, sizes[i], more[n]), EACCES);
				if (keys)
					refused(protect_key(base, sizes[i], more[n], -1), EACCES);
				if (key >= 0)
					refused(protect_key(base, sizes[i], more[n], key), EACCES);
			}
			/* Less is its owner's business, and the way back is to read only */
			check(!mprotect(base, sizes[i], PROT_NONE) && load_raises(base) == SIGSEGV);
			refused(mprotect(base, sizes[i], PROT_READ | PROT_WRITE), EACCES);
			check(!mprotect(base, sizes[i], PROT_READ) && !load_raises(base));
			check(store_raises(base) == SIGSEGV);
			must(!munmap(base, sizes[i]));
		}
	}
	refused(open("/dev/kring/" NAME, O_WRONLY), EINVAL);
}

/* Of every page: the program's stores, and the kernel's on its behalf */
static void test_protection(void)
{
	int zero = open("/dev/zero", O_RDONLY), pipes[2];

	must(zero >= 0 && !pipe(pipes));
	faults_catch();
	each_mode(fd) {
		char *base = map_at(fd, info.map_size, PROT_READ, MAP_SHARED, 0);

		must(base != MAP_FAILED);
		for (size_t at = 0; at < info.map_size; at += page) {
			check(store_raises(base + at) == SIGSEGV &&
			      store_raises(base + at + page - 1) == SIGSEGV, "page %zu", at / page);
			check(!load_raises(base + at), "page %zu", at / page);
			refused(read(zero, base + at, 1), EFAULT);
		}
		/* As a whole, and by a call that writes where it was told to */
		refused(read(zero, base, info.map_size), EFAULT);
		refused(syscall(SYS_clock_gettime, CLOCK_MONOTONIC_RAW, base), EFAULT);
		must(write(pipes[1], "x", 1) == 1);
		refused(read(pipes[0], base + page, 1), EFAULT);
		must(!munmap(base, info.map_size));
	}
}

static void test_private(void)
{
	static const int protections[] = {
		PROT_NONE, PROT_READ, PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC,
	};
	const size_t sizes[] = { page, info.map_size };
	uint64_t positions[2] = { KRING_HOLD_NEWEST, KRING_HOLD_NEWEST };
	int fd;

	each_mode(fd) {
		for (size_t i = 0; i < 2 * sizeof(protections) / sizeof(protections[0]); i++)
			refused(map_at(fd, sizes[i % 2], protections[i / 2], MAP_PRIVATE, 0),
				EACCES);
	}
	/* The cursors neither: a copy of them would hold nothing */
	fd = hostile_open(O_RDWR);
	must(!hold(fd, info.nr_rings, positions));
	for (size_t i = 0; i < sizeof(protections) / sizeof(protections[0]); i++)
		refused(map_at(fd, info.hold_size, protections[i], MAP_PRIVATE, info.hold_offset),
			EACCES);
	close(fd);
}

static void *remap(void *old, size_t old_size, size_t new_size, int flags, void *new)
{
	return (void *)syscall(SYS_mremap, old, old_size, new_size, flags, new);
}

static void test_mremap(void)
{
	size_t all = info.map_size;

	faults_catch();
	each_mode(fd) {
		char *room = mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		char *base = map_at(fd, all, PROT_READ, MAP_SHARED, 0), *moved;

		must(room != MAP_FAILED && base != MAP_FAILED);
		/* Larger, here or elsewhere; twice; leaving the old one behind */
		refused(remap(base, all, all + page, 0, NULL), EFAULT);
		refused(remap(base, all, all + page, MREMAP_MAYMOVE, NULL), EFAULT);
		refused(remap(base, all, 2 * all, MREMAP_MAYMOVE, NULL), EFAULT);
		refused(remap(base, 0, page, MREMAP_MAYMOVE, NULL), EFAULT);
		refused(remap(base, 0, all, MREMAP_MAYMOVE, NULL), EFAULT);
		refused(remap(base, all, all, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL), EINVAL);
		/* Smaller, or a part of it elsewhere */
		refused(remap(base, all, page, 0, NULL), EINVAL);
		refused(remap(base, all, page, MREMAP_MAYMOVE, NULL), EINVAL);
		refused(remap(base + page, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, room),
			EINVAL);
		refused(remap(base, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, room), EINVAL);
		/* Another part of the file in place of what is there */
		check(syscall(SYS_remap_file_pages, base, page, 0, 1, 0) == -1);
		check(mappings(getpid(), NULL) == 2 && !memcmp(base, before, all));

		/* The same elsewhere is allowed: one mapping, with all its limits */
		moved = remap(base, all, all, MREMAP_MAYMOVE | MREMAP_FIXED, room);
		must(moved == room);
		check(mappings(getpid(), NULL) == 2 && !mappings(getpid(), "mw"));
		check(load_raises(base) == SIGSEGV && !memcmp(moved, before, all));
		check(store_raises(moved + page) == SIGSEGV);
		refused(mprotect(moved, all, PROT_READ | PROT_WRITE), EACCES);
		refused(munmap(moved, page), EINVAL);
		must(!munmap(moved, all));
	}
}

static void test_split(void)
{
	size_t all = info.map_size;
	int memory = memfd_create("other", MFD_CLOEXEC);

	must(memory >= 0 && !ftruncate(memory, page));
	each_mode(fd) {
		char *base = map_at(fd, all, PROT_READ, MAP_SHARED, 0);
		const struct {
			char *at;
			size_t length;
		} parts[] = {
			{ base, page },
			{ base + page, page },
			{ base + all / page / 2 * page, page },
			{ base + all - page, page },
			{ base, all - page },
			{ base + page, all - page },
		};

		must(base != MAP_FAILED);
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
			char *at = parts[i].at;
			size_t length = parts[i].length;

			refused(munmap(at, length), EINVAL);
			refused(mprotect(at, length, PROT_NONE), EINVAL);
			refused(madvise(at, length, MADV_DONTFORK), EINVAL);
			refused(madvise(at, length, MADV_RANDOM), EINVAL);
			/* What is put over it, or moved there, would take that part away */
			check(mmap(at, page, PROT_READ, MAP_SHARED | MAP_FIXED, memory,
				   0) == MAP_FAILED, "part %zu", i);
			check(mmap(at, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
				   0) == MAP_FAILED, "part %zu", i);
			check(mappings(getpid(), NULL) == 2, "part %zu", i);
			check(!memcmp(base, before, all), "part %zu", i);
		}
		/* From before its start into it */
		refused(munmap(base - page, 2 * page), EINVAL);
		must(!munmap(base, all));
	}
	close(memory);
}

static const struct hostile_test tests[] = {
	{ "overflow", test_overflow },
	{ "size", test_size },
	{ "maywrite", test_maywrite },
	{ "protection", test_protection },
	{ "private", test_private },
	{ "mremap", test_mremap },
	{ "split", test_split },
};

int main(int argc, char **argv)
{
	return hostile_main(argc, argv, tests);
}
