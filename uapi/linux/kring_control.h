/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * kring's channels listed, made and set: the file /dev/kring/control.
 *
 * KRING_IOC_CREATE	make a channel fed by one of the module's sources
 * KRING_IOC_REMOVE	take a channel away; files and mappings that are open
 *			stay valid
 * KRING_IOC_SET	set the flags in `mask` to `flags`, and the options in
 *			`options` to their values
 * KRING_IOC_FILTER	set which events are reported at all, from now on
 *
 * These take permission to write. To read is enough for
 *
 * KRING_IOC_NEXT	info of the channel with the lowest id above info.id;
 *			-ENOENT when there is none
 * KRING_IOC_FILTER_GET	the filter that is set
 * KRING_IOC_HOLD_NEXT	what there is about the hold with the lowest id above
 *			kring_hold_info.id; -ENOENT when there is none
 *
 * KRING_IOC_LOAD is in linux/kring_load.h. Channels of other modules may be set
 * and filtered, but not removed (-EPERM).
 */
#ifndef _UAPI_LINUX_KRING_CONTROL_H
#define _UAPI_LINUX_KRING_CONTROL_H

#include <linux/kring.h>

struct kring_create {
	struct kring_request req;
	char source[KRING_NAME_MAX];	/* "task", "sched", ... */
	__u32 mode;			/* KRING_MODE_*; 0: per CPU */
	__u32 flags;			/* KRING_RECORD_ALWAYS */
	__aligned_u64 ring_size;	/* bytes per ring; 0: the default */
	__u32 clock;			/* KRING_CLOCK_*; 0: KRING_CLOCK_MONOTONIC */
	__u32 reserved0;
};

struct kring_remove {
	struct kring_request req;
};

struct kring_set {
	struct kring_request req;
	__u32 flags;			/* KRING_RECORD_ALWAYS */
	__u32 mask;
	__u32 options;			/* KRING_SET_*: which of the following */
	__u32 holds_max;		/* 0 to KRING_HOLDS_MAX; default: that */
	__u32 critical_share;		/* percent of each ring, 0 (default) to 75 */
	__u32 reserved0;
	__aligned_u64 lag_limit;	/* bytes, 0 (default, none) to ring_size */
	__aligned_u64 keep_limit;	/* ns, 0 (default, none) to a day */
};

#define KRING_SET_HOLDS_MAX	(1u << 0)
#define KRING_SET_CRITICAL_SHARE	(1u << 1)
#define KRING_SET_LAG_LIMIT	(1u << 2)
#define KRING_SET_KEEP_LIMIT	(1u << 3)

/*
 * A filter. An event passes if its task meets, of the conditions on each field,
 * one that is not negated, where there is one; and none that is negated. What
 * happens between two tasks passes if one of them does.
 */
#define KRING_CONDITIONS_MAX	16u

enum kring_condition_field {
	KRING_FILTER_PID = 1,		/* of the thread, initial namespace */
	KRING_FILTER_TGID,		/* of the process, initial namespace */
	KRING_FILTER_UID,		/* initial namespace */
	KRING_FILTER_COMM,		/* text, up to its NUL */
	KRING_FILTER_CGROUP,		/* cgroup v2 id; those below it too */
};

struct kring_condition {
	__u8 field;			/* enum kring_condition_field */
	__u8 negated;			/* 0 or 1 */
	__u8 reserved0[6];
	__aligned_u64 number;
	char text[16];			/* KRING_FILTER_COMM */
};

struct kring_filter {
	struct kring_request req;
	__u32 nr;			/* conditions; 0: all events pass */
	__u32 reserved0;
	struct kring_condition conditions[16];
};

/* Who holds what */
struct kring_hold_info {
	struct kring_request req;	/* name: of the channel */
	__aligned_u64 id;		/* of the hold; in: see above */
	char hold[KRING_NAME_MAX];	/* its name, or "" */
	char comm[16];			/* of the process that made it */
	__u32 pid;			/* of that process; 0: kept, without a file */
	__u32 rings;			/* that it holds */
	__u32 revoked;			/* rings that it held */
	__u32 reserved0;
	__aligned_u64 lag;		/* bytes, in the ring where it is largest */
	__aligned_u64 keep;		/* ns that it outlives its file */
};

#define KRING_IOC_NEXT		_IOWR(KRING_IOC, 0x10, struct kring_info)
#define KRING_IOC_CREATE	_IOWR(KRING_IOC, 0x11, struct kring_create)
#define KRING_IOC_REMOVE	_IOWR(KRING_IOC, 0x12, struct kring_remove)
#define KRING_IOC_SET		_IOWR(KRING_IOC, 0x13, struct kring_set)
/* 0x14: KRING_IOC_LOAD, linux/kring_load.h */
#define KRING_IOC_FILTER	_IOWR(KRING_IOC, 0x15, struct kring_filter)
#define KRING_IOC_FILTER_GET	_IOWR(KRING_IOC, 0x16, struct kring_filter)
#define KRING_IOC_HOLD_NEXT	_IOWR(KRING_IOC, 0x17, struct kring_hold_info)

KRING_ASSERT(sizeof(struct kring_create) == 224);
KRING_OFFSET(kring_create, source, 168);
KRING_OFFSET(kring_create, mode, 200);
KRING_OFFSET(kring_create, flags, 204);
KRING_OFFSET(kring_create, ring_size, 208);
KRING_OFFSET(kring_create, clock, 216);
KRING_OFFSET(kring_create, reserved0, 220);
KRING_ASSERT(sizeof(struct kring_remove) == 168);
KRING_ASSERT(sizeof(struct kring_set) == 208);
KRING_OFFSET(kring_set, flags, 168);
KRING_OFFSET(kring_set, mask, 172);
KRING_OFFSET(kring_set, options, 176);
KRING_OFFSET(kring_set, holds_max, 180);
KRING_OFFSET(kring_set, critical_share, 184);
KRING_OFFSET(kring_set, reserved0, 188);
KRING_OFFSET(kring_set, lag_limit, 192);
KRING_OFFSET(kring_set, keep_limit, 200);
KRING_ASSERT(sizeof(struct kring_condition) == 32);
KRING_OFFSET(kring_condition, negated, 1);
KRING_OFFSET(kring_condition, reserved0, 2);
KRING_OFFSET(kring_condition, number, 8);
KRING_OFFSET(kring_condition, text, 16);
KRING_ASSERT(sizeof(struct kring_filter) == 688);
KRING_OFFSET(kring_filter, nr, 168);
KRING_OFFSET(kring_filter, reserved0, 172);
KRING_OFFSET(kring_filter, conditions, 176);
KRING_ASSERT(sizeof(struct kring_hold_info) == 256);
KRING_OFFSET(kring_hold_info, id, 168);
KRING_OFFSET(kring_hold_info, hold, 176);
KRING_OFFSET(kring_hold_info, comm, 208);
KRING_OFFSET(kring_hold_info, pid, 224);
KRING_OFFSET(kring_hold_info, rings, 228);
KRING_OFFSET(kring_hold_info, revoked, 232);
KRING_OFFSET(kring_hold_info, reserved0, 236);
KRING_OFFSET(kring_hold_info, lag, 240);
KRING_OFFSET(kring_hold_info, keep, 248);

#endif /* _UAPI_LINUX_KRING_CONTROL_H */
