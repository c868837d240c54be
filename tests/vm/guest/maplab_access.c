// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel memory that is mapped in six ways: who else gets at it, and how the mapping can be
 * changed.
 * Documentation/mapping.md explains the table.
 */
#include <elf.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include "maplab_table.h"

#define CORE	"/tmp/maplab.core"
#define DISK	"/dev/ram0"

static sigjmp_buf after_fault;

static void on_fault(int number)
{
	siglongjmp(after_fault, number);
}

/* The signal that a load raises, or 0 */
static int touch(const volatile char *at)
{
	int number = sigsetjmp(after_fault, 1);

	if (!number)
		(void)*at;
	return number;
}

static const char *touched(const char *at)
{
	switch (touch(at)) {
	case 0: return "ok";
	case SIGBUS: return "SIGBUS";
	case SIGSEGV: return "SIGSEGV";
	default: return "?";
	}
}

/* Other ways to it */

static void fork_shared(const struct lab *lab)
{
	pid_t child = fork();

	if (!child) {
		say("%s", entry(lab, lab->map).flags & MAPLAB_PRESENT ? "copied" : "on touch");
		touch_all(lab->map);
		say(", ");
		say_frames(lab, lab->map);
		_exit(0);
	}
	wait_child(child);
}

/*
 * A private mapping of which one page is stored to and the next is not; then the kernel stores to
 * both, here or in a child: whose bytes are there?
 */
static void private_of(const struct lab *lab, size_t stored, bool forked)
{
	volatile char *map = lab_map(lab->fd, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);
	size_t other = stored + page;
	pid_t child = 0;

	kernel_store(lab, stored, 1);
	kernel_store(lab, other, 1);
	must(map[stored] == 1 && map[other] == 1);
	map[stored] = 2;
	check(kernel_load(lab, stored) == 1);
	if (forked)
		child = fork();
	if (child < 0) {
		say_error(child);
	} else if (child) {
		wait_child(child);
	} else {
		kernel_store(lab, stored, 3);
		kernel_store(lab, other, 3);
		say("%s, %s", map[stored] == 2 ? "copy" : "kernel's",
		    map[other] == 3 ? "kernel's" : "copy");
		if (forked)
			_exit(0);
	}
	must(!munmap((void *)map, size));
}

static void private(const struct lab *lab)
{
	private_of(lab, page, false);
}

static void private_fork(const struct lab *lab)
{
	private_of(lab, page, true);
}

static void private_fork_first(const struct lab *lab)
{
	private_of(lab, 0, true);
}

static void ptraced(const struct lab *lab, bool poke)
{
	pid_t child = fork();
	int status;
	long got;

	if (!child) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(0);
	}
	must(child > 0 && waitpid(child, &status, 0) == child && WIFSTOPPED(status));
	memset(lab->map, 0x11, sizeof(long));
	errno = 0;
	if (poke) {
		got = ptrace(PTRACE_POKEDATA, child, lab->map, 0x2222222222222222);
		say_error(got);
		check(kernel_load(lab, 0) == (got ? 0x11 : 0x22));
	} else {
		got = ptrace(PTRACE_PEEKDATA, child, lab->map, NULL);
		say_error(errno ? -1 : 0);
		check(errno || got == 0x1111111111111111);
	}
	must(!ptrace(PTRACE_CONT, child, NULL, NULL));
	wait_child(child);
}

static void peek(const struct lab *lab)
{
	ptraced(lab, false);
}

static void poke(const struct lab *lab)
{
	ptraced(lab, true);
}

static void mem(const struct lab *lab)
{
	int fd = open("/proc/self/mem", O_RDWR);
	char *map = lab_map(lab->fd, PROT_READ, MAP_SHARED, 0);
	char byte = 0;

	must(fd >= 0);
	kernel_store(lab, 0, 5);
	say_error(pread(fd, &byte, 1, (uintptr_t)map) - 1);
	say(", ");
	say_error(pwrite(fd, "x", 1, (uintptr_t)map) - 1);
	check(kernel_load(lab, 0) == 5);
	close(fd);
	must(!munmap(map, size));
}

static void vm_readv(const struct lab *lab)
{
	char byte = 0;
	struct iovec to = { &byte, 1 }, from = { lab->map, 1 };

	kernel_store(lab, 0, 6);
	say_error(process_vm_readv(getpid(), &to, 1, &from, 1, 0) - 1);
}

static void say_pin(const struct lab *lab, unsigned long how)
{
	struct maplab_page about = { .at = (uintptr_t)lab->map };
	int ret = ioctl(lab->fd, how, &about);

	if (ret)
		say_error(ret);
	else
		say("%s", about.pfn == buffer_page(lab, 0).pfn ? "same" : "other frame");
}

static void pins(const struct lab *lab)
{
	say_pin(lab, MAPLAB_PIN);
	say(", ");
	say_pin(lab, MAPLAB_PIN_WRITE);
}

/* What the pipe gives is what the page holds by then: it was not copied */
static void splice_out(const struct lab *lab)
{
	struct iovec from = { lab->map, page };
	int fds[2];
	char byte;

	must(!pipe(fds));
	kernel_store(lab, 0, 7);
	if (vmsplice(fds[1], &from, 1, 0) != (ssize_t)page) {
		say_error(-1);
	} else {
		kernel_store(lab, 0, 8);
		must(read(fds[0], &byte, 1) == 1);
		say("%s", byte == 8 ? "the page" : "a copy");
	}
	close(fds[0]);
	close(fds[1]);
}

/* To a disk and back, past the page cache: the disk reads and writes the page itself */
static void direct(const struct lab *lab)
{
	int fd = open(DISK, O_RDWR | O_DIRECT);

	must(fd >= 0);
	memset(lab->map, 0x44, page);
	say_error(pwrite(fd, lab->map, page, 0));
	memset(lab->map, 0, page);
	say(", ");
	say_error(pread(fd, lab->map, page, 0));
	check(kernel_load(lab, 0) == (strcmp(answer, "ok, ok") ? 0 : 0x44));
	close(fd);
}

/* What changes mappings */

static void locked(const struct lab *lab)
{
	char *map = lab_map(lab->fd, PROT_READ, MAP_SHARED, 0), flags[128] = "";

	say_error(mlock(map, size));
	smaps(map, "lo", flags);
	say(", %s", *flags ? "locked" : "not locked");
	must(!munmap(map, size));
}

static void dontneed(const struct lab *lab)
{
	int ret = madvise(lab->map, size, MADV_DONTNEED);

	if (ret)
		say_error(ret);
	else
		say("gone, %s", touched(lab->map));
}

/* To another place: where it is there may be room or not */
static void grow(const struct lab *lab)
{
	char *map = lab_map(lab->fd, PROT_READ, MAP_SHARED, 0), *moved;
	void *room = mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(room != MAP_FAILED);
	moved = mremap(map, size, 2 * size, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	if (moved == MAP_FAILED) {
		say_error(-1);
		must(!munmap(map, size));
	} else {
		say("grown, %s", touched(moved + size));
	}
	must(!munmap(room, 2 * size));
}

/* A reader makes its mapping writable */
static void upgrade_of(const struct lab *lab, int open_flags, uint64_t offset)
{
	int fd = lab_open(lab->way, open_flags), ret;
	char *map = lab_map(fd, PROT_READ, MAP_SHARED, offset);

	kernel_store(lab, 0, 9);
	ret = mprotect(map, size, PROT_READ | PROT_WRITE);
	if (ret) {
		say_error(ret);
	} else {
		*(volatile char *)map = 10;
		say("%s", kernel_load(lab, 0) == 10 ? "written" : "ok");
	}
	must(!munmap(map, size));
	close(fd);
}

static void upgrade(const struct lab *lab)
{
	upgrade_of(lab, O_RDWR, 0);
}

static void upgrade_readonly(const struct lab *lab)
{
	upgrade_of(lab, O_RDONLY, 0);
}

static void upgrade_sealed(const struct lab *lab)
{
	upgrade_of(lab, O_RDWR, MAPLAB_SEALED * page);
}

/* A store into what was mapped for reading only */
static void loose(const struct lab *lab)
{
	volatile char *map = mmap(NULL, size, PROT_READ, MAP_SHARED, lab->fd, MAPLAB_LOOSE * page);
	char flags[128] = "";

	if (map == MAP_FAILED) {
		say_error(-1);
		return;
	}
	smaps((char *)map, "wr", flags);
	check(!*flags);
	kernel_store(lab, 0, 11);
	if (sigsetjmp(after_fault, 1)) {
		say("SIGSEGV");
	} else {
		*map = 12;
		say("%s", kernel_load(lab, 0) == 12 ? "written" : "lost");
	}
	must(!munmap((void *)map, size));
}

/* Whether the core of a process that died has the mapping, all of it and right */
static void core_has(const char *map)
{
	int fd = open(CORE, O_RDONLY);
	Elf64_Ehdr header;
	Elf64_Phdr part;
	char *bytes = malloc(size);

	must(fd >= 0 && bytes && pread(fd, &header, sizeof(header), 0) == sizeof(header));
	for (int i = 0; i < header.e_phnum; i++) {
		must(pread(fd, &part, sizeof(part), header.e_phoff + i * sizeof(part)) ==
		     sizeof(part));
		if (part.p_type != PT_LOAD || part.p_vaddr != (uintptr_t)map)
			continue;
		if (!part.p_filesz)
			say("no");
		else if (pread(fd, bytes, size, part.p_offset) == (ssize_t)size &&
			 !memcmp(bytes, map, size))
			say("yes");
		else
			say("in part");
	}
	free(bytes);
	close(fd);
	unlink(CORE);
}

static void core(const struct lab *lab, const char *filter)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	int status;
	pid_t child;

	memset(lab->map, 0x77, size);
	child = fork();
	if (!child) {
		int fd = open("/proc/self/coredump_filter", O_WRONLY);

		touch_all(lab->map);
		must(fd >= 0 && write(fd, filter, strlen(filter)) > 0);
		must(!setrlimit(RLIMIT_CORE, &limit));
		abort();
	}
	must(child > 0 && waitpid(child, &status, 0) == child);
	must(WIFSIGNALED(status) && WCOREDUMP(status));
	core_has(lab->map);
}

static void core_default(const struct lab *lab)
{
	core(lab, "0x33");
}

static void core_shared(const struct lab *lab)
{
	core(lab, "0x3b");
}

static void dodump(const struct lab *lab)
{
	say_error(madvise(lab->map, size, MADV_DODUMP));
}

static const struct row rows[] = {
	{ "fork, shared", fork_shared,
	  { "copied, same", "copied, same", "copied, same", "copied, same", "on touch, same",
	    "copied, same" } },
	{ "private, stored to and not", private, ALL("copy, kernel's") },
	{ "same, in a child", private_fork, ALL("copy, kernel's") },
	/* x86 looks into the first page's entry for the caching of all */
	{ "same, if the copy is page 0", private_fork_first,
	  PFN("ENOMEM|copy, kernel's", "copy, kernel's") },
	{ "ptrace peek", peek, PFN("EIO", "ok") },
	{ "ptrace poke", poke, PFN("EIO", "ok") },
	{ "/proc/self/mem, read-only", mem, PFN("EIO, EIO", "ok, EIO") },
	{ "process_vm_readv", vm_readv, PFN("EFAULT", "ok") },
	{ "pin to read, to write", pins, PFN("EFAULT, EFAULT", "same, same") },
	{ "O_DIRECT to a disk, from it", direct, PFN("EFAULT, EFAULT", "ok, ok") },
	{ "vmsplice", splice_out, PFN("EFAULT", "the page") },
	{ "mlock", locked,
	  { "ok, not locked", "ok, not locked", "ok, not locked", "ok, not locked", "ok, locked",
	    "ok, not locked" } },
	{ "MADV_DONTNEED, touch", dontneed,
	  { "EINVAL", "EINVAL", "gone, SIGBUS", "gone, SIGBUS", "gone, ok", "gone, SIGBUS" } },
	{ "mremap to twice, touch", grow,
	  { "EFAULT", "EFAULT", "grown, SIGBUS", "grown, SIGBUS", "grown, SIGBUS", "EFAULT" } },
	{ "mprotect to write", upgrade, ALL("written") },
	{ "same, opened read-only", upgrade_readonly, ALL("EACCES") },
	{ "same, VM_MAYWRITE cleared", upgrade_sealed, ALL("EACCES") },
	{ "read-only, protection of its own", loose, PFN("written|SIGSEGV", "EINVAL") },
	{ "core, as is", core_default, ALL("no") },
	{ "core, with shared files", core_shared,
	  { "no", "no", "yes", "yes", "yes", "no" } },
	{ "MADV_DODUMP", dodump,
	  { "EINVAL", "EINVAL", "EINVAL", "EINVAL", "ok", "EINVAL" } },
};

int main(void)
{
	int pattern = open("/proc/sys/kernel/core_pattern", O_WRONLY);

	must(pattern >= 0 && write(pattern, CORE, strlen(CORE)) > 0);
	must(signal(SIGBUS, on_fault) != SIG_ERR && signal(SIGSEGV, on_fault) != SIG_ERR);
	return lab_table(rows, sizeof(rows) / sizeof(rows[0]));
}
