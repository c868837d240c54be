// SPDX-License-Identifier: GPL-2.0
/*
 * calls: makes system calls with known arguments, and prints "PID PPID CHILD LOW HIGH": between LOW
 * and HIGH nanoseconds is how long its nanosleep took.
 */
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "guest.h"

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

int main(void)
{
	struct timespec nap = { .tv_nsec = 30000000 }, left = { 0 };
	uint64_t before, after;
	pid_t pid = getpid(), ppid = getppid();
	long ret, child;

	/* More arguments than it takes: all six registers are reported. With the one above, two. */
	must(syscall(SYS_getppid, 1, -1L, 0x123456789abcdef0, 4, 5, 6) == ppid);
	for (int i = 0; i < 100; i++)
		syscall(SYS_getuid, (long)i);
	refused(syscall(SYS_chdir, "/nowhere", 78), ENOENT);
	refused(syscall(SYS_close, 77), EBADF);
	refused(syscall(999, 77, 78), ENOSYS);
	refused(syscall(SYS_lseek, 1, 0x7edcba9876543210, 9), EINVAL);

	/* The 32-bit way in: 20 is getpid there, and high halves are not passed */
	asm volatile("int $0x80" : "=a" (ret)
		     : "a" (20), "b" (0x12340000000b), "c" (0xc), "d" (0xd), "S" (0x51), "D" (0xd1)
		     : "memory", "r8", "r9", "r10", "r11");
	must(ret == pid);

	before = now();
	must(!syscall(SYS_nanosleep, &nap, &left));
	after = now();

	child = syscall(SYS_fork);
	must(child >= 0);
	if (!child)
		syscall(SYS_exit_group, 9);
	must(waitpid(child, NULL, 0) == child);
	printf("%d %d %ld %llu %llu\n", pid, ppid, child,
	       (unsigned long long)nap.tv_nsec, (unsigned long long)(after - before));
	return !!failures;
}
