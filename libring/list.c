// SPDX-License-Identifier: LGPL-2.1-or-later
/* What there is: the channels, and this library. */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kring_control.h>
#include "internal.h"

int ring_list(int (*fn)(const struct kring_info *info, void *ctx), void *ctx)
{
	uint64_t id = 0;
	int fd, ret = 0;

	fd = open(RING_CONTROL, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (!ret) {
		struct kring_info info = { .size = sizeof(info), .id = id };

		if (ioctl(fd, KRING_IOC_NEXT, &info) < 0) {
			ret = errno == ENOENT ? 0 : -errno;
			break;
		}
		id = info.id;
		ret = fn(&info, ctx);
	}
	close(fd);
	return ret;
}

const char *ring_version(void)
{
	return KRING_VERSION;
}
