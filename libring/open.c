// SPDX-License-Identifier: LGPL-2.1-or-later
/* Opening a channel: options, file, mappings; and what to say if it fails. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "internal.h"

#define LATENCY_DEFAULT		5000000		/* ns */
#define SCHEMA_MAX		(16u << 20)	/* more than its counts can make */

/* Say why, if somebody wants to know, and return err. */
int ring_fail(const struct ring_opts *opts, int err, const char *format, ...)
{
	va_list args;

	if (opts->message && opts->message_size) {
		va_start(args, format);
		vsnprintf(opts->message, opts->message_size, format, args);
		va_end(args);
	}
	return err;
}

/* Our idea of the caller's options */
int ring_take_opts(struct ring_opts *opts, const struct ring_opts *user)
{
	const unsigned char *byte = (const void *)user;
	size_t i;

	memset(opts, 0, sizeof(*opts));
	if (!user)
		return 0;
	if (user->size < sizeof(user->size))
		return -EINVAL;
	memcpy(opts, user, user->size < sizeof(*opts) ? user->size : sizeof(*opts));
	for (i = sizeof(*opts); i < user->size; i++)
		if (byte[i])
			return ring_fail(opts, -E2BIG,
					 "options of %zu bytes: this library (%s) knows %zu",
					 user->size, ring_version(), sizeof(*opts));
	if (opts->from > RING_FROM_OLDEST)
		return ring_fail(opts, -EINVAL, "from is %u: RING_FROM_NEWEST (0) or RING_FROM_OLDEST (1)",
				 opts->from);
	if (opts->order > RING_ORDER_BEST)
		return ring_fail(opts, -EINVAL, "order is %u: RING_ORDER_TIME (0), RING_ORDER_RING (1) or RING_ORDER_BEST (2)",
				 opts->order);
	if (opts->flags & ~(RING_SNAPSHOT | RING_HOLD))
		return ring_fail(opts, -EINVAL, "flags are 0x%x: RING_SNAPSHOT (0x%x) and RING_HOLD (0x%x) are all there is",
				 opts->flags, RING_SNAPSHOT, RING_HOLD);
	if ((opts->hold || opts->keep) && !(opts->flags & RING_HOLD))
		return ring_fail(opts, -EINVAL, "hold and keep are for RING_HOLD");
	if (opts->keep && !opts->hold)
		return ring_fail(opts, -EINVAL, "a hold to be kept needs a name: hold is NULL");
	if (opts->hold && (!opts->hold[0] || strlen(opts->hold) >= KRING_NAME_MAX))
		return ring_fail(opts, -EINVAL, "hold is '%s': a name has 1 to %d characters",
				 opts->hold, KRING_NAME_MAX - 1);
	if (opts->nr_cpus && !opts->cpus)
		return ring_fail(opts, -EINVAL, "nr_cpus is %u, but cpus is NULL", opts->nr_cpus);
	return 0;
}

static bool name_is_valid(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("-_.", name[i]))
			return false;
	return i && i < KRING_NAME_MAX && name[0] != '.' && strcmp(name, "control");
}

/* No such channel: why not, and what there is instead */
static int fail_missing(const char *channel, const struct ring_opts *opts)
{
	char names[256] = "";
	struct dirent *entry;
	size_t len = 0;
	DIR *dir;

	dir = access(RING_CONTROL, F_OK) ? NULL : opendir(RING_DIRECTORY);
	if (!dir)
		return ring_fail(opts, -ENOENT, "kring is not loaded: modprobe kring");
	while ((entry = readdir(dir)))
		if (name_is_valid(entry->d_name) && len < sizeof(names))
			len += snprintf(names + len, sizeof(names) - len, "%s%s",
					len ? ", " : "", entry->d_name);
	closedir(dir);
	return ring_fail(opts, -ENOENT, "there is no channel '%s'; there is: %s", channel,
			 len ? names : "none");
}

/* Returns a file descriptor, or an error */
static int open_channel(const char *channel, const struct ring_opts *opts)
{
	char path[PATH_MAX];
	int fd, len;

	if (strchr(channel, '/')) {
		len = snprintf(path, sizeof(path), "%s", channel);
	} else {
		if (!name_is_valid(channel))
			return ring_fail(opts, -EINVAL,
					 "'%s' is no channel name: letters, digits, '-', '_' and '.', %d at most, not 'control', no '.' in front",
					 channel, KRING_NAME_MAX - 1);
		len = snprintf(path, sizeof(path), RING_DIRECTORY "/%s", channel);
	}
	if (len >= (int)sizeof(path))
		return ring_fail(opts, -ENAMETOOLONG, "the path is too long");
	fd = open(path, (opts->flags & RING_HOLD ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	fd = -errno;
	if (fd == -ENOENT && !strchr(channel, '/'))
		return fail_missing(channel, opts);
	return ring_fail(opts, fd, "cannot open %s%s: %s", path,
			 opts->flags & RING_HOLD ? " for reading and writing, to hold" : "",
			 strerror(-fd));
}

static int ask_info(int fd, const char *channel, struct kring_info *info,
		    const struct ring_opts *opts)
{
	*info = (struct kring_info) { .size = sizeof(*info) };
	if (ioctl(fd, KRING_IOC_INFO, info) < 0)
		return ring_fail(opts, -errno,
				 "%s is not a channel of kring: %s", channel, strerror(errno));
	if (opts->nr_cpus && info->mode == KRING_MODE_GLOBAL)
		return ring_fail(opts, -EINVAL,
				 "channel '%.*s' is global: it has no rings of CPUs to choose from",
				 KRING_NAME_MAX, info->name);
	return ring_check_info(info, opts);
}

/* 0 and a block to be freed, or an error */
static int ask_schema(int fd, const struct kring_info *info, void **schema,
		      const struct ring_opts *opts)
{
	struct kring_schema_get get = { .size = sizeof(get), .room = info->schema_size };

	if (info->schema_size > SCHEMA_MAX)
		return ring_fail(opts, -EBADMSG, "a schema of %u bytes makes no sense",
				 info->schema_size);
	*schema = calloc(1, info->schema_size + 1);
	if (!*schema)
		return ring_fail(opts, -ENOMEM, "out of memory");
	get.data = (uintptr_t)*schema;
	if (ioctl(fd, KRING_IOC_SCHEMA, &get) < 0)
		return ring_fail(opts, -errno, "cannot read the schema: %s", strerror(errno));
	return 0;
}

static int set_wake(int fd, const struct kring_info *info, const struct ring_opts *opts)
{
	struct kring_wake wake = {
		.size = sizeof(wake),
		.watermark = opts->watermark ? opts->watermark : info->ring_size / 8,
		.latency = opts->latency ? opts->latency : LATENCY_DEFAULT,
	};

	if (ioctl(fd, KRING_IOC_WAKE, &wake) < 0)
		return ring_fail(opts, -errno,
				 "watermark %llu, latency %llu: %s; allowed are 1 to %llu bytes and up to an hour in ns",
				 wake.watermark, wake.latency, strerror(errno),
				 info->ring_size / 2);
	return 0;
}

static void unmap_all(void **bases, uint32_t nr, const struct kring_info *info)
{
	while (nr--)
		munmap(bases[nr], info->map_size);
}

static int map_all(int fd, void **bases, const struct kring_info *info,
		   const struct ring_opts *opts)
{
	uint32_t i;
	int err;

	for (i = 0; i < info->nr_rings; i++) {
		bases[i] = mmap(NULL, info->map_size, PROT_READ, MAP_SHARED, fd,
				i * info->ring_stride);
		if (bases[i] == MAP_FAILED) {
			err = -errno;
			unmap_all(bases, i, info);
			return ring_fail(opts, err, "cannot map ring %u, %llu bytes: %s", i,
					 info->map_size, strerror(-err));
		}
	}
	return 0;
}

static int open_rings(struct ring **ring, int fd, const struct kring_info *info,
		      const void *schema, const struct ring_opts *opts)
{
	void **bases = calloc(info->nr_rings, sizeof(*bases));
	uint32_t i, n = 0;
	int ret;

	if (!bases)
		return ring_fail(opts, -ENOMEM, "out of memory");
	ret = map_all(fd, bases, info, opts);
	if (ret)
		goto out;
	ret = ring_setup(ring, fd, info, schema, bases, opts);
	for (i = 0; i < info->nr_rings; i++) {
		/* those of CPUs that nobody asked for are of no use */
		if (!ret && n < (*ring)->nr && (*ring)->readers[n].index == i)
			n++;
		else
			munmap(bases[i], info->map_size);
	}
out:
	free(bases);
	return ret;
}

int ring_open(struct ring **ring, const char *channel, const struct ring_opts *user)
{
	struct kring_info info;
	struct ring_opts opts;
	void *schema = NULL;
	int fd, ret;

	*ring = NULL;
	ret = ring_take_opts(&opts, user);
	if (ret)
		return ret;
	fd = open_channel(channel, &opts);
	if (fd < 0)
		return fd;
	ret = ask_info(fd, channel, &info, &opts);
	if (!ret)
		ret = ask_schema(fd, &info, &schema, &opts);
	if (!ret)
		ret = set_wake(fd, &info, &opts);
	if (!ret)
		ret = open_rings(ring, fd, &info, schema, &opts);
	free(schema);
	if (ret)
		close(fd);
	return ret;
}
