// SPDX-License-Identifier: GPL-2.0
/*
 * What the shell's tools cannot do for src-file.sh:
 *
 *	src-file at DIR OLD NEW		with names relative to an O_PATH descriptor of DIR:
 *					create OLD with mode 0640, rename it to NEW without
 *					replacing, fail to once more, unlink it
 *	src-file bad			unlink with a bad pointer, and with a bad descriptor
 *	src-file long			open a name of as many characters as there may be
 *	src-file wait FIFO COUNT	so many processes open it for reading, and wait
 */
#include <linux/limits.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "guest.h"

static void do_at(const char *dir, const char *old, const char *new)
{
	int at = open(dir, O_PATH | O_DIRECTORY), fd;

	must(at >= 0);
	umask(0);
	fd = openat(at, old, O_CREAT | O_EXCL | O_WRONLY, 0640);
	must(fd >= 0);
	must(!renameat2(at, old, at, new, RENAME_NOREPLACE));
	refused(renameat2(at, old, at, new, RENAME_NOREPLACE), ENOENT);
	must(!unlinkat(at, new, 0));
	close(at);
}

static void do_bad(void)
{
	refused(unlinkat(AT_FDCWD, (void *)8, 0), EFAULT);
	refused(unlinkat(77, "below", 0), EBADF);
}

static void do_long(void)
{
	static char name[PATH_MAX];

	for (size_t i = 0; i < sizeof(name) - 1; i++)
		name[i] = i % 2 ? '.' : '/';
	refused(open(name, O_RDONLY | O_DIRECTORY | O_CREAT), EINVAL);
	refused(open(name, O_WRONLY), EISDIR);
}

static void do_wait(const char *fifo, unsigned int count)
{
	while (count--) {
		pid_t child = fork();

		must(child >= 0);
		if (!child) {
			must(open(fifo, O_RDONLY) >= 0);
			exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "at") && argc == 5)
		do_at(argv[2], argv[3], argv[4]);
	else if (!strcmp(what, "bad"))
		do_bad();
	else if (!strcmp(what, "long"))
		do_long();
	else if (!strcmp(what, "wait") && argc == 4)
		do_wait(argv[2], strtoul(argv[3], NULL, 10));
	else
		check(!"unknown command");
	return failures != 0;
}
