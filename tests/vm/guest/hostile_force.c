// SPDX-License-Identifier: GPL-2.0
/*
 * Writes that a debugger may do to memory that a program itself may not write: to a ring, by itself
 * and to another process. Reading it in the same ways works.
 * hostile_force force
 */
#include <sys/ptrace.h>
#include <sys/uio.h>
#include "hostile.h"

#define BYTES	"\x5a\x5a\x5a\x5a\x5a\x5a\x5a\x5a"

/* Every way to write into a process but ptrace */
static void write_to(pid_t pid, char *at)
{
	char path[64], bytes[8] = BYTES;
	struct iovec from = { bytes, 8 }, to = { at, 8 };
	int mem;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	mem = open(path, O_RDWR | O_CLOEXEC);
	must(mem >= 0);
	refused(pwrite(mem, bytes, 8, (uintptr_t)at), EIO);
	check(pread(mem, bytes, 8, (uintptr_t)at) == 8 && !memcmp(bytes, at, 8));
	close(mem);
	memcpy(bytes, BYTES, 8);
	refused(process_vm_writev(pid, &from, 1, &to, 1, 0), EFAULT);
	check(process_vm_readv(pid, &from, 1, &to, 1, 0) == 8 && !memcmp(bytes, at, 8));
}

static void poke(pid_t pid, char *at)
{
	long word = 0x5a5a5a5a5a5a5a5a, there;

	refused(ptrace(PTRACE_POKEDATA, pid, at, word), EIO);
	refused(ptrace(PTRACE_POKETEXT, pid, at, word), EIO);
	errno = 0;
	there = ptrace(PTRACE_PEEKDATA, pid, at, NULL);
	check(!errno && !memcmp(&there, at, sizeof(there)));
}

/* Of another process, with the mapping where it is here */
static void test_other(char *base)
{
	pid_t child = child_start();
	int status;

	if (!child) {
		must(!ptrace(PTRACE_TRACEME, 0, NULL, NULL));
		raise(SIGSTOP);
		exit(memcmp(base, before, info.map_size) != 0);
	}
	must(waitpid(child, &status, 0) == child && WIFSTOPPED(status));
	for (size_t at = 0; at < info.map_size; at += page) {
		poke(child, base + at);
		poke(child, base + at + page - 8);
		write_to(child, base + at);
	}
	must(!ptrace(PTRACE_CONT, child, NULL, NULL));
	child_end(child);
}

static void test_force(void)
{
	static const int modes[] = { O_RDONLY, O_RDWR };

	for (int i = 0; i < 2; i++) {
		int fd = hostile_open(modes[i]);
		char *base = mmap(NULL, info.map_size, PROT_READ, MAP_SHARED, fd, 0);

		must(base != MAP_FAILED);
		/* Else the child would not have it */
		must(!madvise(base, info.map_size, MADV_DOFORK) || errno == EINVAL);
		for (size_t at = 0; at < info.map_size; at += page)
			write_to(getpid(), base + at);
		test_other(base);
		hostile_unharmed();
		must(!munmap(base, info.map_size));
		close(fd);
	}
}

static const struct hostile_test tests[] = {
	{ "force", test_force },
};

int main(int argc, char **argv)
{
	return hostile_main(argc, argv, tests);
}
