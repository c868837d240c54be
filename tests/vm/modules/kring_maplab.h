/* SPDX-License-Identifier: GPL-2.0 */
/* What the mapping laboratory's module and its programs say to each other. */
#ifndef KRING_MAPLAB_H
#define KRING_MAPLAB_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MAPLAB_PAGES		256

/* In pages: a mapping at this offset has VM_MAYWRITE cleared */
#define MAPLAB_SEALED		0x100000UL
/* By frame number only: here the entries allow stores, whatever the mapping was asked for */
#define MAPLAB_LOOSE		0x200000UL

#define MAPLAB_PRESENT		1
#define MAPLAB_USER		2
#define MAPLAB_WRITE		4
#define MAPLAB_SPECIAL		8

struct maplab_page {
	__u64 at;
	__u64 pfn;
	__u32 refcount;
	__u32 flags;
};

/* The buffer's page number "at": its frame and reference count */
#define MAPLAB_BUFFER		_IOWR('M', 0, struct maplab_page)
/* The page-table entry that translates the caller's address "at": frame and flags */
#define MAPLAB_ENTRY		_IOWR('M', 1, struct maplab_page)
/* Pin the page at the caller's address "at", as direct I/O does: its frame */
#define MAPLAB_PIN		_IOWR('M', 2, struct maplab_page)
#define MAPLAB_PIN_WRITE	_IOWR('M', 3, struct maplab_page)
/* Free the buffer and take another; returns how many of the old pages nobody held on to */
#define MAPLAB_REPLACE		_IO('M', 4)

#endif /* KRING_MAPLAB_H */
