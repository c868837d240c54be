// SPDX-License-Identifier: GPL-2.0
/*
 * Who may: that is decided when the file is opened, once. A process without any right that is given
 * the descriptor can do what the file was opened for, and nothing more; a user namespace changes
 * nothing.
 * hostile_access access
 */
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sched.h>
#include "hostile.h"

#define NOBODY	65534

static void drop(void)
{
	must(!syscall(SYS_setgroups, 0, NULL) && !setresgid(NOBODY, NOBODY, NOBODY) &&
	     !setresuid(NOBODY, NOBODY, NOBODY));
	/* Else its own /proc/self is root's */
	must(!prctl(PR_SET_DUMPABLE, 1));
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && !close(fd));
}

/* Root, as it believes */
static void namespace(void)
{
	drop();
	if (unshare(CLONE_NEWUSER)) {
		printf("no user namespace: %s\n", strerror(errno));
		exit(failures);
	}
	write_text("/proc/self/setgroups", "deny");
	write_text("/proc/self/uid_map", "0 65534 1");
	write_text("/proc/self/gid_map", "0 65534 1");
	must(!getuid());
}

/* The channel as one who may not open it */
static void closed(int reader)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	struct kring_remove remove = { .req = { .size = sizeof(remove), .name = NAME } };
	struct kring_info first = { .size = sizeof(first) };
	char path[64];
	int list;

	for (int i = 0; i < 3; i++) {
		refused(open("/dev/kring/" NAME, modes[i]), EACCES);
		/* A descriptor is not a way to a better one */
		snprintf(path, sizeof(path), "/proc/self/fd/%d", reader);
		refused(open(path, modes[i]), EACCES);
	}
	refused(chmod("/dev/kring/" NAME, 0666), EPERM);
	refused(open("/dev/kring/control", O_RDWR), EACCES);
	list = open("/dev/kring/control", O_RDONLY | O_CLOEXEC);
	must(list >= 0);
	check(!ioctl(list, KRING_IOC_NEXT, &first));
	refused(ioctl(list, KRING_IOC_REMOVE, &remove), EBADF);
	close(list);
}

/* What the descriptors were opened for */
static void as_opened(int reader, int holder)
{
	uint64_t positions[2] = { KRING_HOLD_OLDEST, KRING_HOLD_OLDEST };
	char *base = mmap(NULL, info.map_size, PROT_READ, MAP_SHARED, reader, 0);
	uint64_t *cursors;

	must(base != MAP_FAILED);
	check(!memcmp(base, before, info.map_size));
	refused(mprotect(base, info.map_size, PROT_READ | PROT_WRITE), EACCES);
	refused(map_at(reader, info.map_size, PROT_READ | PROT_WRITE, MAP_SHARED, 0), EACCES);
	refused(map_at(holder, info.map_size, PROT_READ | PROT_WRITE, MAP_SHARED, 0), EACCES);
	refused(hold(reader, info.nr_rings, positions), EBADF);
	must(!hold(holder, info.nr_rings, positions));
	refused(map_at(reader, info.hold_size, PROT_READ, MAP_SHARED, info.hold_offset), EACCES);
	cursors = map_cursors(holder);
	must(cursors != MAP_FAILED);
	*cursor_at(cursors, 0) = ~0ULL;
	must(!munmap(cursors, info.hold_size) && !hold_drop(holder) &&
	     !munmap(base, info.map_size));
}

static void test_access(void)
{
	int reader = hostile_open(O_RDONLY), holder = hostile_open(O_RDWR);
	struct stat about;

	must(!stat("/dev/kring/" NAME, &about));
	check((about.st_mode & 07777) == 0600 && !about.st_uid && !about.st_gid);
	for (int i = 0; i < 2; i++) {
		pid_t child = child_start();

		if (!child) {
			if (i)
				namespace();
			else
				drop();
			closed(reader);
			as_opened(reader, holder);
			exit(!!failures);
		}
		child_end(child);
	}
	must(!close(reader) && !close(holder));
}

static const struct hostile_test tests[] = {
	{ "access", test_access },
};

int main(int argc, char **argv)
{
	return hostile_main(argc, argv, tests);
}
