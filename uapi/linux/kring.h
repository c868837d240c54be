/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * kring: events of the kernel in rings that programs map read-only.
 *
 * This header is the contract. Whoever has only this file can write a correct
 * consumer; libring is one.
 *
 * Channels and rings
 * ------------------
 * A channel is a named stream of typed events, the file /dev/kring/<name>.
 * It has one ring per CPU (KRING_MODE_PERCPU) or one ring (KRING_MODE_GLOBAL).
 * Opening it for reading makes it record, unless it records always.
 *
 *	fd = open("/dev/kring/task", O_RDONLY | O_CLOEXEC);
 *	struct kring_info info = { .size = sizeof(info) };
 *	ioctl(fd, KRING_IOC_INFO, &info);
 *	base = mmap(NULL, info.map_size, PROT_READ, MAP_SHARED, fd,
 *		    ring_index * info.ring_stride);
 *
 * A mapping is one ring: a metadata page (struct kring_meta), at data_offset
 * the data, and the data once more, so that every record is contiguous.
 * Map exactly map_size bytes, or data_offset bytes for the metadata alone.
 * Mappings are read-only and shared for good: anything else is refused with
 * -EACCES (protection, private), -EINVAL (length, offset, split).
 *
 * Positions
 * ---------
 * A position counts bytes since the ring was made. It never wraps and never
 * goes back; the byte at position p lies at data[p & (data_size - 1)]. Every
 * record starts at a multiple of KRING_GRANULE. Always
 *
 *	tail <= head <= reserve <= tail + data_size
 *
 * [tail, head) is whole records. [head, reserve) belongs to producers that
 * are not finished. When room is needed, tail moves over the oldest records.
 *
 * Records
 * -------
 * A record is struct kring_record, `size` bytes of payload, and zeros up to
 * the next granule: KRING_RECORD_BYTES(size) in all.
 *
 * `seq` counts every event that the kernel reported to this ring, kept or
 * refused. A consumer that expected sequence number e and finds s has lost
 * s - e events, exactly (unsigned 32-bit difference). Some were overwritten
 * before it came, the others refused because there was no room.
 *
 * A record with KRING_RECORD_DISCARDED was taken back by its producer: it has
 * a sequence number, but nothing to deliver and nothing lost.
 *
 * Reading
 * -------
 *	h = load_acquire(&meta->head);				(A)
 *	while (pos < h) {
 *		copy the header at pos; bound KRING_RECORD_BYTES(size) by
 *		h - pos; copy the payload;
 *		read barrier (loads before it stay before it);	(C)
 *		t = load(&meta->tail);
 *		if (t > pos) { pos = t; continue; }
 *		lost += seq - expected; expected = seq + 1; pos += bytes;
 *	}
 *
 * Nothing of the copy may be believed before tail was read again: it may be
 * torn, the length too. Many records can be copied at once and validated by
 * one look at tail: what lies at or after it is whole. (A) pairs with the
 * kernel's store-release of head, (C) with its fully ordered move of tail.
 * An acquire load of tail in place of (C) is wrong: it does not keep the
 * copy before it.
 *
 * `reserve` packs a sequence number (high 32 bits) and a position in granules
 * (low 32 bits) in one word: the next event's. To start at the newest, start
 * there, position and expected sequence number both, and wait for head to come
 * by. To start at the oldest, start at tail and expect what you find first.
 *
 * When the position in `reserve` equals head and that is where you are, the
 * difference of its sequence number and the expected one is what was refused
 * since the last record.
 *
 * Should more than 2^32 events pass between two looks at a ring, the counters
 * (64 bits, overwritten + refused_*) tell how many times the difference went
 * round.
 *
 * Time order
 * ----------
 * `time` is read after the reservation (G). A producer interrupted between the
 * two gets a later time than records behind it in the ring. A record with
 * KRING_RECORD_ORDERED was reserved while nobody else was between reserve and
 * commit: no record before it has a later time than it or any after it. So
 * the records between two such marks are sorted by themselves.
 *
 * Across rings: read the clock (T0), full barrier, then read `reserve` and
 * after it head of each ring. Where head has reached the position in
 * `reserve`, nothing will come out of that ring behind head with a time before
 * T0. Where it has not, a producer is at work with preemption off: look again.
 * T0 is CLOCK_MONOTONIC without the offset of a time namespace.
 *
 * Waiting
 * -------
 * The kernel does not know where an observer is until told:
 * KRING_IOC_ARM passes its positions, returns 1 if there is something to read
 * behind one of them, or 0: then poll(), epoll (level- or edge-triggered) will
 * report the file readable as soon as the watermark or the latency bound that
 * KRING_IOC_WAKE set is reached. No wakeup is lost between the two. Until the
 * next KRING_IOC_ARM the file stays readable. A removed channel reports
 * EPOLLHUP; what is in its rings remains readable.
 *
 * Extending this
 * --------------
 * A structure passed to an ioctl starts with its own size, as the caller
 * knows it. A kernel that knows less refuses non-zero bytes that it does not
 * know (-E2BIG); one that knows more takes what is missing as zero, and fills
 * in no more than the caller has room for. Reserved fields are zero. Take
 * sizes and offsets from struct kring_info, never from constants. A consumer
 * made for another KRING_ABI must stop.
 *
 * Programs must be able to load 64 bits at once.
 */
#ifndef _UAPI_LINUX_KRING_H
#define _UAPI_LINUX_KRING_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define KRING_ABI		1
#define KRING_MAGIC		0x676e726bu	/* "krng" */
#define KRING_NAME_MAX		32		/* with the NUL */
#define KRING_MESSAGE_MAX	128		/* with the NUL */
#define KRING_GRANULE		16
#define KRING_CPU_ANY		0xffffffffu

#define KRING_RING_SIZE_MIN	(64u << 10)	/* bytes of data per ring */
#define KRING_RING_SIZE_MAX	(1u << 30)
#define KRING_RING_SIZE_DEFAULT	(1u << 20)

#define KRING_MODE_PERCPU	1u
#define KRING_MODE_GLOBAL	2u

#define KRING_CLOCK_MONOTONIC	1u		/* ns, CLOCK_MONOTONIC */

/* Channel names: letters, digits, '-', '_', '.'; not "control"; no leading '.' */

/* kring_record.flags */
#define KRING_RECORD_DISCARDED	(1u << 0)
#define KRING_RECORD_ORDERED	(1u << 1)

struct kring_record {
	__u32 size;			/* payload bytes */
	__u16 type;			/* of the schema */
	__u16 flags;			/* KRING_RECORD_* */
	__u32 seq;
	__u32 cpu;			/* where it was reported */
	__aligned_u64 time;		/* ns, kring_meta.clock */
};

/* Bytes a record with this payload takes in the ring; size is a 64-bit value */
#define KRING_RECORD_BYTES(size) \
	(((size) + sizeof(struct kring_record) + KRING_GRANULE - 1) & \
	 ~(__u64)(KRING_GRANULE - 1))

/* The two halves of kring_meta.reserve */
#define KRING_RESERVE_SEQ(word)		((__u32)((word) >> 32))
#define KRING_RESERVE_GRANULE(word)	((__u32)(word))

/*
 * Events, 64 bits each. They follow tail and `reserve`: their sums are exact
 * while nobody is producing, and a few events behind otherwise.
 */
struct kring_counters {
	__aligned_u64 overwritten;	/* records that tail has passed */
	__aligned_u64 refused_held;	/* no room: a consumer holds the rest */
	__aligned_u64 refused_busy;	/* no room: producers are not finished */
	__aligned_u64 refused_size;	/* payload over max_payload */
	__aligned_u64 discarded;	/* taken back; also kept or overwritten */
	__aligned_u64 wakeups;		/* of sleeping readers */
};

/* The metadata page. What changes lies in cache lines of its own. */
struct kring_meta {
	__u32 magic;			/* KRING_MAGIC */
	__u32 abi;			/* KRING_ABI */
	__u32 size;			/* of this structure, as the kernel knows it */
	__u32 ring_index;
	__u32 cpu;			/* or KRING_CPU_ANY */
	__u32 clock;			/* KRING_CLOCK_* */
	__aligned_u64 channel_id;	/* kring_info.id */
	__aligned_u64 data_size;	/* bytes, a power of two */
	__aligned_u64 data_offset;	/* of the data, from this page's start */
	__aligned_u64 reserved0[10];

	__aligned_u64 reserve;		/* 128: packed, see above */
	__aligned_u64 head;
	__aligned_u64 reserved1[14];

	__aligned_u64 tail;		/* 256 */
	__aligned_u64 reserved2[15];

	struct kring_counters counters;	/* 384 */
	__aligned_u64 reserved3[10];
};

/* kring_info.flags, kring_set.flags */
#define KRING_RECORD_ALWAYS	(1u << 0)	/* also while nobody reads */

struct kring_info {
	__u32 size;			/* of this structure */
	__u32 abi;			/* KRING_ABI of the module */
	__aligned_u64 features;		/* none yet */
	__aligned_u64 id;		/* of the channel, not reused before a reboot */
	char name[KRING_NAME_MAX];
	char source[KRING_NAME_MAX];	/* what reports the events */
	__u32 mode;			/* KRING_MODE_* */
	__u32 flags;			/* KRING_RECORD_ALWAYS */
	__u32 nr_rings;
	__u32 clock;			/* KRING_CLOCK_* */
	__aligned_u64 ring_size;	/* bytes of data in each ring */
	__aligned_u64 ring_stride;	/* mmap offset from one ring to the next */
	__aligned_u64 map_size;		/* bytes to map for one ring */
	__aligned_u64 data_offset;	/* bytes to map for the metadata alone */
	__u32 max_payload;		/* bytes that one record can carry */
	__u32 schema_size;		/* bytes, for KRING_IOC_SCHEMA */
	__u32 readers;			/* files open for reading */
	__u32 reserved0;
	__aligned_u64 events;		/* reported so far: sum of sequence numbers */
	struct kring_counters counters;	/* sums over the rings */
};

/*
 * Schema: what the payloads hold. struct kring_schema, then nr_types types,
 * then nr_fields fields; a type's fields follow one another.
 */
enum kring_kind {
	KRING_KIND_UNSIGNED = 1,
	KRING_KIND_SIGNED,
	KRING_KIND_HEX,
	KRING_KIND_BOOL,
	KRING_KIND_PID,			/* in the initial namespace */
	KRING_KIND_UID,			/* in the initial namespace */
	KRING_KIND_SIGNAL,		/* its number, 0 for none */
	KRING_KIND_TIME,		/* ns, the channel's clock */
	KRING_KIND_CGROUP,		/* cgroup v2 id */
	KRING_KIND_TEXT,		/* ends at a NUL or at its size */
	KRING_KIND_ARGV,		/* texts, a NUL after each */
	KRING_KIND_BYTES,
};

/* kring_field.flags: the payload has a struct kring_var at the offset */
#define KRING_FIELD_VAR		(1u << 0)

/* Where a field of variable size lies in the same payload */
struct kring_var {
	__u16 offset;			/* from the payload's start */
	__u16 size;			/* bytes */
};

struct kring_schema {
	__u32 size;			/* of all of it */
	__u16 nr_types;
	__u16 nr_fields;
};

struct kring_type {
	char name[KRING_NAME_MAX];
	__u16 type;			/* kring_record.type */
	__u16 nr_fields;
	__u32 first_field;		/* index */
	__u32 payload;			/* bytes without the variable fields */
	__u32 reserved0;
};

struct kring_field {
	char name[KRING_NAME_MAX];
	__u32 offset;			/* from the payload's start */
	__u16 size;			/* bytes: 1, 2, 4 or 8 for numbers */
	__u8 kind;			/* enum kring_kind */
	__u8 flags;			/* KRING_FIELD_* */
};

/*
 * A channel's file.
 *
 * KRING_IOC_INFO	fill in struct kring_info
 * KRING_IOC_SCHEMA	copy the schema to `data`; -ENOSPC if `room` is less
 *			than kring_info.schema_size
 * KRING_IOC_WAKE	set this file's thresholds; -EINVAL for a watermark of 0
 *			or over half of ring_size, or a latency over an hour
 * KRING_IOC_ARM	see Waiting; -EINVAL if nr is not nr_rings
 *
 * Numbers from 0x20 on are kept for holds: positions that the kernel does not
 * overwrite until a consumer lets go of them.
 */
struct kring_schema_get {
	__u32 size;
	__u32 room;			/* bytes at data */
	__aligned_u64 data;		/* pointer */
};

struct kring_wake {
	__u32 size;
	__u32 reserved0;
	__aligned_u64 watermark;	/* wake at so many bytes in one ring; 1 */
	__aligned_u64 latency;		/* ns after the first byte at most; 0: none */
};

struct kring_arm {
	__u32 size;
	__u32 nr;			/* positions: nr_rings */
	__aligned_u64 positions;	/* pointer to __u64 each; ~0: not read */
};

#define KRING_IOC		0xf9
#define KRING_IOC_INFO		_IOWR(KRING_IOC, 0x01, struct kring_info)
#define KRING_IOC_SCHEMA	_IOW(KRING_IOC, 0x02, struct kring_schema_get)
#define KRING_IOC_WAKE		_IOW(KRING_IOC, 0x03, struct kring_wake)
#define KRING_IOC_ARM		_IOW(KRING_IOC, 0x04, struct kring_arm)

/*
 * /dev/kring/control. Reading it allows KRING_IOC_NEXT, writing the rest.
 *
 * KRING_IOC_NEXT	info of the channel with the lowest id above info.id;
 *			-ENOENT when there is none
 * KRING_IOC_CREATE	make a channel fed by one of the module's sources
 * KRING_IOC_REMOVE	take a channel away; files and mappings that are open
 *			stay valid
 * KRING_IOC_SET	set the flags in `mask` to `flags`
 *
 * When one of them is refused, `message` says what was wrong and what is
 * allowed.
 */
struct kring_request {
	__u32 size;			/* of the structure that this begins */
	__u32 reserved0;
	char name[KRING_NAME_MAX];	/* of the channel */
	char message[KRING_MESSAGE_MAX];	/* from the kernel */
};

struct kring_create {
	struct kring_request req;
	char source[KRING_NAME_MAX];	/* "task", "load" */
	__u32 mode;			/* KRING_MODE_*; 0: per CPU */
	__u32 flags;			/* KRING_RECORD_ALWAYS */
	__aligned_u64 ring_size;	/* bytes per ring; 0: the default */
};

struct kring_remove {
	struct kring_request req;
};

struct kring_set {
	struct kring_request req;
	__u32 flags;			/* KRING_RECORD_ALWAYS */
	__u32 mask;
};

#define KRING_IOC_NEXT		_IOWR(KRING_IOC, 0x10, struct kring_info)
#define KRING_IOC_CREATE	_IOWR(KRING_IOC, 0x11, struct kring_create)
#define KRING_IOC_REMOVE	_IOWR(KRING_IOC, 0x12, struct kring_remove)
#define KRING_IOC_SET		_IOWR(KRING_IOC, 0x13, struct kring_set)
/* 0x14: KRING_IOC_LOAD, linux/kring_load.h */

#ifdef __cplusplus
#define KRING_ASSERT(what)	static_assert(what, #what)
#else
#define KRING_ASSERT(what)	_Static_assert(what, #what)
#endif
#define KRING_OFFSET(type, field, offset) \
	KRING_ASSERT(__builtin_offsetof(struct type, field) == (offset))

KRING_ASSERT(sizeof(struct kring_record) == 24);
KRING_OFFSET(kring_record, type, 4);
KRING_OFFSET(kring_record, flags, 6);
KRING_OFFSET(kring_record, seq, 8);
KRING_OFFSET(kring_record, cpu, 12);
KRING_OFFSET(kring_record, time, 16);
KRING_ASSERT(sizeof(struct kring_counters) == 48);
KRING_OFFSET(kring_counters, refused_held, 8);
KRING_OFFSET(kring_counters, refused_busy, 16);
KRING_OFFSET(kring_counters, refused_size, 24);
KRING_OFFSET(kring_counters, discarded, 32);
KRING_OFFSET(kring_counters, wakeups, 40);
KRING_ASSERT(sizeof(struct kring_meta) == 512);
KRING_OFFSET(kring_meta, abi, 4);
KRING_OFFSET(kring_meta, size, 8);
KRING_OFFSET(kring_meta, ring_index, 12);
KRING_OFFSET(kring_meta, cpu, 16);
KRING_OFFSET(kring_meta, clock, 20);
KRING_OFFSET(kring_meta, channel_id, 24);
KRING_OFFSET(kring_meta, data_size, 32);
KRING_OFFSET(kring_meta, data_offset, 40);
KRING_OFFSET(kring_meta, reserved0, 48);
KRING_OFFSET(kring_meta, reserve, 128);
KRING_OFFSET(kring_meta, head, 136);
KRING_OFFSET(kring_meta, reserved1, 144);
KRING_OFFSET(kring_meta, tail, 256);
KRING_OFFSET(kring_meta, reserved2, 264);
KRING_OFFSET(kring_meta, counters, 384);
KRING_OFFSET(kring_meta, reserved3, 432);
KRING_ASSERT(sizeof(struct kring_info) == 208);
KRING_OFFSET(kring_info, abi, 4);
KRING_OFFSET(kring_info, features, 8);
KRING_OFFSET(kring_info, id, 16);
KRING_OFFSET(kring_info, name, 24);
KRING_OFFSET(kring_info, source, 56);
KRING_OFFSET(kring_info, mode, 88);
KRING_OFFSET(kring_info, flags, 92);
KRING_OFFSET(kring_info, nr_rings, 96);
KRING_OFFSET(kring_info, clock, 100);
KRING_OFFSET(kring_info, ring_size, 104);
KRING_OFFSET(kring_info, ring_stride, 112);
KRING_OFFSET(kring_info, map_size, 120);
KRING_OFFSET(kring_info, data_offset, 128);
KRING_OFFSET(kring_info, max_payload, 136);
KRING_OFFSET(kring_info, schema_size, 140);
KRING_OFFSET(kring_info, readers, 144);
KRING_OFFSET(kring_info, reserved0, 148);
KRING_OFFSET(kring_info, events, 152);
KRING_OFFSET(kring_info, counters, 160);
KRING_ASSERT(sizeof(struct kring_var) == 4);
KRING_OFFSET(kring_var, size, 2);
KRING_ASSERT(sizeof(struct kring_schema) == 8);
KRING_OFFSET(kring_schema, nr_types, 4);
KRING_OFFSET(kring_schema, nr_fields, 6);
KRING_ASSERT(sizeof(struct kring_type) == 48);
KRING_OFFSET(kring_type, type, 32);
KRING_OFFSET(kring_type, nr_fields, 34);
KRING_OFFSET(kring_type, first_field, 36);
KRING_OFFSET(kring_type, payload, 40);
KRING_OFFSET(kring_type, reserved0, 44);
KRING_ASSERT(sizeof(struct kring_field) == 40);
KRING_OFFSET(kring_field, offset, 32);
KRING_OFFSET(kring_field, size, 36);
KRING_OFFSET(kring_field, kind, 38);
KRING_OFFSET(kring_field, flags, 39);
KRING_ASSERT(sizeof(struct kring_schema_get) == 16);
KRING_OFFSET(kring_schema_get, room, 4);
KRING_OFFSET(kring_schema_get, data, 8);
KRING_ASSERT(sizeof(struct kring_wake) == 24);
KRING_OFFSET(kring_wake, reserved0, 4);
KRING_OFFSET(kring_wake, watermark, 8);
KRING_OFFSET(kring_wake, latency, 16);
KRING_ASSERT(sizeof(struct kring_arm) == 16);
KRING_OFFSET(kring_arm, nr, 4);
KRING_OFFSET(kring_arm, positions, 8);
KRING_ASSERT(sizeof(struct kring_request) == 168);
KRING_OFFSET(kring_request, reserved0, 4);
KRING_OFFSET(kring_request, name, 8);
KRING_OFFSET(kring_request, message, 40);
KRING_ASSERT(sizeof(struct kring_create) == 216);
KRING_OFFSET(kring_create, source, 168);
KRING_OFFSET(kring_create, mode, 200);
KRING_OFFSET(kring_create, flags, 204);
KRING_OFFSET(kring_create, ring_size, 208);
KRING_ASSERT(sizeof(struct kring_remove) == 168);
KRING_ASSERT(sizeof(struct kring_set) == 176);
KRING_OFFSET(kring_set, flags, 168);
KRING_OFFSET(kring_set, mask, 172);

#endif /* _UAPI_LINUX_KRING_H */
