// SPDX-License-Identifier: GPL-2.0
/* --state: where the stream ended, from one run to the next */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "ringcat.h"

#define STATE_MAX	(16u << 20)

static int failed(const char *path, const char *what, int error)
{
	complain("--state %s: %s: %s", path, what, strerror(error));
	return EXIT_ERROR;
}

/* What is written first, so that the file is the old one or the new one */
static FILE *open_new(const char *path, char name[PATH_MAX])
{
	if (snprintf(name, PATH_MAX, "%s.tmp", path) < PATH_MAX)
		return fopen(name, "we");
	errno = ENAMETOOLONG;
	return NULL;
}

int state_load(const char *path, struct ring_opts *opts)
{
	char name[PATH_MAX];
	FILE *file = open_new(path, name);
	char *bytes;

	/* Better said now than when there is something to save */
	if (!file)
		return failed(path, "cannot be written", errno);
	fclose(file);
	unlink(name);

	file = fopen(path, "re");
	if (!file)
		return errno == ENOENT ? EXIT_OK : failed(path, "cannot be read", errno);
	bytes = malloc(STATE_MAX);
	if (bytes)
		opts->state_size = fread(bytes, 1, STATE_MAX, file);
	if (!bytes || ferror(file)) {
		failed(path, "cannot be read", errno);
		fclose(file);
		free(bytes);
		return EXIT_ERROR;
	}
	fclose(file);
	opts->state = bytes;
	return EXIT_OK;
}

/* So that the new name is on the disk too */
static bool sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	bool synced;
	int fd;

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path + 1) : 1,
		 slash ? path : ".");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	synced = fd >= 0 && !fsync(fd);
	if (fd >= 0)
		close(fd);
	return synced;
}

static int write_state(const char *path, const void *bytes, size_t size)
{
	char name[PATH_MAX];
	FILE *file = open_new(path, name);
	bool written;

	if (!file)
		return failed(path, "not saved", errno);
	written = fwrite(bytes, 1, size, file) == size && !fflush(file) && !fsync(fileno(file));
	if (fclose(file) || !written || rename(name, path)) {
		failed(path, "not saved", errno);
		unlink(name);
		return EXIT_ERROR;
	}
	if (!sync_folder(path))
		return failed(path, "saved, but may not be on the disk", errno);
	return EXIT_OK;
}

int state_save(const char *path, struct ring *ring)
{
	void *bytes = malloc(STATE_MAX);
	int size = bytes ? ring_save(ring, bytes, STATE_MAX) : -ENOMEM;
	int ret;

	if (size == -ESTALE)
		complain("--state %s: not saved: " REVOKED, path);
	if (size < 0)
		ret = size == -ESTALE ? EXIT_ERROR : failed(path, "not saved", -size);
	else
		ret = write_state(path, bytes, size);
	free(bytes);
	return ret;
}
