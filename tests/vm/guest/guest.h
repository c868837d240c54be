/* SPDX-License-Identifier: GPL-2.0 */
/* For the programs of the guest tests: they use the kernel alone, no libring. */
#ifndef GUEST_H
#define GUEST_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/kring_control.h>
#include <linux/kring_load.h>

static int failures;

/* Goes on, so that one run shows all that is wrong */
#define check(what, ...)							\
	do {									\
		if (!(what)) {							\
			printf("FAIL %s:%d: %s:", __FILE__, __LINE__, #what);	\
			printf(" " __VA_ARGS__);					\
			printf("\n");						\
			fflush(stdout);						\
			failures++;						\
		}								\
	} while (0)

#define must(what)								\
	do {									\
		if (!(what)) {							\
			printf("FAIL %s:%d: %s: %s\n", __FILE__, __LINE__, #what, \
			       strerror(errno));				\
			exit(1);						\
		}								\
	} while (0)

/* The call fails with that errno */
#define refused(call, error)							\
	do {									\
		long refused_ret;						\
		int refused_errno;						\
										\
		errno = 0;							\
		refused_ret = (long)(call);					\
		refused_errno = errno;						\
		check(refused_ret == -1 && refused_errno == (error),		\
		      "%s: returned %ld, errno %s, expected %s", #call, refused_ret,	\
		      strerror(refused_errno), strerror(error));		\
	} while (0)

static inline struct kring_info channel_info(int fd)
{
	struct kring_info info = { .size = sizeof(info) };

	must(!ioctl(fd, KRING_IOC_INFO, &info));
	return info;
}

static inline const struct kring_meta *map_ring(int fd, uint32_t index)
{
	struct kring_info info = channel_info(fd);
	void *map = mmap(NULL, info.map_size, PROT_READ, MAP_SHARED, fd,
			 index * info.ring_stride);

	must(map != MAP_FAILED);
	return map;
}

static inline int control_open(void)
{
	int fd = open("/dev/kring/control", O_RDWR | O_CLOEXEC);

	must(fd >= 0);
	return fd;
}

static inline int channel_create(const char *name, uint32_t mode)
{
	struct kring_create create = {
		.req.size = sizeof(create),
		.source = KRING_LOAD_SOURCE,
		.mode = mode,
		.ring_size = KRING_RING_SIZE_MIN,
	};
	int control = control_open();

	snprintf(create.req.name, sizeof(create.req.name), "%s", name);
	if (ioctl(control, KRING_IOC_CREATE, &create)) {
		printf("FAIL: create %s: %s\n", name, create.req.message);
		exit(1);
	}
	return control;
}

static inline void channel_remove(int control, const char *name)
{
	struct kring_remove remove = { .req.size = sizeof(remove) };

	snprintf(remove.req.name, sizeof(remove.req.name), "%s", name);
	must(!ioctl(control, KRING_IOC_REMOVE, &remove));
}

static inline int load_start(int control, const char *name, uint64_t rate)
{
	struct kring_load load = {
		.req.size = sizeof(load),
		.command = KRING_LOAD_START,
		.bytes = 64,
		.rate = rate,
	};

	snprintf(load.req.name, sizeof(load.req.name), "%s", name);
	return ioctl(control, KRING_IOC_LOAD, &load);
}

#endif /* GUEST_H */
