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
 * Opening it for reading makes it record, unless it records always. Permission
 * is looked at there and nowhere else: who is given the descriptor may do what
 * it was opened for.
 *
 * A CPU that comes online later gets a ring then; rings of CPUs that go offline
 * stay. Rings have indices from 0 in the order they were made, so those below
 * kring_meta.nr_rings, which only grows, are there. max_rings is its bound.
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
 * round. A ring's first record has start_pos and start_seq; a ring that was
 * made while a consumer was at work is read from there.
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
 * Read nr_rings of any ring behind that barrier too: a ring that is not counted
 * there has no event before T0.
 *
 * All this is of channels with a clock that programs can read: T0 is kring_info
 * .clock, CLOCK_MONOTONIC or CLOCK_BOOTTIME, without the offset of a time
 * namespace. KRING_CLOCK_LOCAL is the scheduler's clock of each CPU: ns since the
 * boot, more or less; it never goes back on one CPU, and on two it may differ.
 * There is no T0 for it, and nothing to merge by, as with KRING_CLOCK_NONE.
 *
 * Holding
 * -------
 * Oldest records are overwritten, unless a consumer holds them: then the new
 * event is refused, and counted. A consumer with its file open for reading and
 * writing holds after KRING_IOC_HOLD. It has a cursor per ring, a position from
 * which on nothing is overwritten. To move the cursors it maps its private page
 * of them, hold_size bytes at hold_offset, read-write and shared; that of ring
 * i is the 64-bit word at i * KRING_CURSOR_STRIDE. Storing one releases all
 * before it:
 *
 *	last read of the records; store_release(&cursor, pos);	(D)
 *
 * KRING_IOC_RELEASE does the same for those who want no writable page.
 * The kernel trusts nothing there: a cursor before tail holds what is from tail
 * on, one past head holds nothing, and neither reads or writes anything else.
 *
 * What is held is stable. It need not be copied and validated like what an
 * observer reads, as long as tail is not past the cursor. It may get there in
 * one case: the channel's owner has set how far a hold may lag, and this one
 * lagged further. Then it is revoked in that ring, for good, and its holder
 * goes on as an observer does. A holder on such a channel looks at tail (C)
 * after it has used what it read in place.
 *
 * Closing the file and unmapping it, or dying, drops the hold. A hold with a
 * name and a `keep` stays for that long, with the cursors where they are, and
 * with the channel recording: KRING_IOC_HOLD by another file with the same name
 * continues it.
 *
 * While a hold stands, events of types that the source calls critical
 * (KRING_TYPE_CRITICAL) find a share of the ring that others may not fill.
 *
 * Waiting
 * -------
 * The kernel does not know where an observer is until told:
 * KRING_IOC_ARM passes its positions, returns 1 if there is something to read
 * behind one of them, or 0: then poll(), epoll (level- or edge-triggered) will
 * report the file readable as soon as the watermark or the latency bound that
 * KRING_IOC_WAKE set is reached. No wakeup is lost between the two; where the
 * watermark is 16 KiB or more and the latency a millisecond or more, it may be
 * late by 4,096 bytes. Until the next KRING_IOC_ARM the file stays readable. A
 * ring that is new makes it readable too. A removed channel reports EPOLLHUP;
 * what is in its rings remains readable.
 *
 * Writing
 * -------
 * write() reports an event where the source takes events from programs
 * ("user"): one call, one event. -EMSGSIZE: longer than fits; -ENOBUFS: there
 * was no room, readers see it as lost; -EBADF: other sources' channels. While
 * nobody reads, and the channel does not record always, it goes nowhere.
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

#define KRING_ABI		2
#define KRING_MAGIC		0x676e726bu	/* "krng" */
#define KRING_NAME_MAX		32		/* with the NUL */
#define KRING_MESSAGE_MAX	128		/* with the NUL */
#define KRING_GRANULE		16
#define KRING_CPU_ANY		0xffffffffu
#define KRING_CURSOR_STRIDE	64		/* bytes */
#define KRING_HOLDS_MAX		8		/* on one ring */

#define KRING_RING_SIZE_MIN	(64u << 10)	/* bytes of data per ring */
#define KRING_RING_SIZE_MAX	(1u << 30)
#define KRING_RING_SIZE_DEFAULT	(1u << 20)

#define KRING_MODE_PERCPU	1u
#define KRING_MODE_GLOBAL	2u

#define KRING_CLOCK_MONOTONIC	1u		/* CLOCK_MONOTONIC */
#define KRING_CLOCK_BOOTTIME	2u		/* CLOCK_BOOTTIME */
#define KRING_CLOCK_LOCAL	3u		/* each CPU's own, the cheapest */
#define KRING_CLOCK_NONE	4u		/* time is 0 */

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
	__aligned_u64 refused_critical;	/* held too, and of a critical type */
	__aligned_u64 revoked;		/* holds */
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
	__aligned_u64 start_pos;	/* of the ring's first record */
	__aligned_u64 start_seq;	/* its sequence number, not cut to 32 bits */
	__u32 nr_rings;			/* of the channel, now; only grows */
	__u32 reserved0;
	__aligned_u64 reserved4[7];

	__aligned_u64 reserve;		/* 128: packed, see above */
	__aligned_u64 head;
	__aligned_u64 reserved1[14];

	__aligned_u64 tail;		/* 256 */
	__aligned_u64 reserved2[15];

	struct kring_counters counters;	/* 384 */
	__aligned_u64 reserved3[8];
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
	__u32 nr_rings;			/* now */
	__u32 clock;			/* KRING_CLOCK_* */
	__aligned_u64 ring_size;	/* bytes of data in each ring */
	__aligned_u64 ring_stride;	/* mmap offset from one ring to the next */
	__aligned_u64 map_size;		/* bytes to map for one ring */
	__aligned_u64 data_offset;	/* bytes to map for the metadata alone */
	__u32 max_payload;		/* bytes that one record can carry */
	__u32 schema_size;		/* bytes, for KRING_IOC_SCHEMA */
	__u32 readers;			/* files open for reading, and kept holds */
	__u32 reserved0;
	__aligned_u64 events;		/* reported so far: sum of sequence numbers */
	struct kring_counters counters;	/* sums over the rings */
	__u32 max_rings;		/* that there can ever be */
	__u32 holds;			/* that stand, kept ones included */
	__u32 holds_max;		/* allowed on one ring */
	__u32 critical_share;		/* percent of each ring */
	__aligned_u64 hold_offset;	/* mmap offset of a holder's cursors */
	__aligned_u64 hold_size;	/* bytes to map for them */
	__aligned_u64 lag_limit;	/* bytes that a hold may lag; 0: no limit */
	__aligned_u64 keep_limit;	/* ns that one may outlive its file */
};

/*
 * Schema: what the payloads hold. struct kring_schema, then nr_types types,
 * then nr_fields fields; a type's fields follow one another. Names are words of
 * printable ASCII.
 */
enum kring_kind {
	KRING_KIND_UNSIGNED = 1,
	KRING_KIND_SIGNED,
	KRING_KIND_HEX,
	KRING_KIND_BOOL,
	KRING_KIND_PID,			/* in the initial namespace */
	KRING_KIND_UID,			/* in the initial namespace */
	KRING_KIND_SIGNAL,		/* its number, 0 for none */
	KRING_KIND_TIME,		/* ns since the boot */
	KRING_KIND_CGROUP,		/* cgroup v2 id */
	KRING_KIND_SYSCALL,		/* its number, on the kernel's architecture */
	KRING_KIND_RESULT,		/* signed; below 0 an errno */
	KRING_KIND_TEXT,		/* ends at a NUL or at its size */
	KRING_KIND_PATH,		/* the same */
	KRING_KIND_ARGV,		/* texts, a NUL after each */
	KRING_KIND_ADDRESS,		/* 16 bytes, IPv6, or IPv4 as ::ffff:a.b.c.d */
	KRING_KIND_BYTES,
};

/* Kinds up to this are numbers of 1, 2, 4 or 8 bytes */
#define KRING_KIND_NUMBER_MAX	KRING_KIND_RESULT

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
	__u32 flags;			/* KRING_TYPE_* */
};

/* kring_type.flags: may use the share of the ring kept for critical events */
#define KRING_TYPE_CRITICAL	(1u << 0)

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
 * KRING_IOC_ARM	see Waiting; 1 also if nr is less than nr_rings by now;
 *			-EINVAL if it is more, or a position is past any record
 * KRING_IOC_HOLD	see Holding; -EBADF: not open for reading and writing;
 *			-EBUSY: this file holds already, or another one has that
 *			name, or a ring has no place for one more; -EINVAL: what
 *			is not allowed; -ENOMEM
 * KRING_IOC_RELEASE	store cursors; -ENXIO if this file does not hold
 * KRING_IOC_DROP	end the hold now, also one to be kept; -ENXIO. Unmap the
 *			cursors first: what is stored there is ignored
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
	__u32 nr;			/* positions: the rings that are read from 0 on */
	__aligned_u64 positions;	/* pointer to __u64 each; ~0: not read */
};

/*
 * What begins those that may be refused for a reason that a number does not
 * tell: then `message` says what was wrong and what is allowed.
 */
struct kring_request {
	__u32 size;			/* of the structure that this begins */
	__u32 reserved0;
	char name[KRING_NAME_MAX];	/* of the channel; KRING_IOC_HOLD: of the hold */
	char message[KRING_MESSAGE_MAX];	/* from the kernel */
};

/*
 * KRING_IOC_HOLD. Positions say where to hold, and are set to where it does; if
 * a kept hold is continued, its cursors count instead. Rings from nr on, those
 * that are made later too, are held from their first record with
 * KRING_HOLD_LATER, else not.
 */
#define KRING_HOLD_LATER	(1u << 0)

struct kring_hold {
	struct kring_request req;	/* name: "" if the hold is not to be kept */
	__u32 flags;			/* KRING_HOLD_LATER */
	__u32 nr;			/* positions: at most nr_rings */
	__aligned_u64 keep;		/* ns to outlive the file; at most keep_limit */
	__aligned_u64 positions;	/* pointer to __u64 each, KRING_HOLD_* */
	__u32 resumed;			/* out: 1: continues a kept one */
	__u32 reserved0;
};

/* Positions that a hold may ask for, besides true ones */
#define KRING_HOLD_OLDEST	0ULL
#define KRING_HOLD_NEWEST	(~0ULL)
#define KRING_HOLD_NONE		(~0ULL - 1)	/* not this ring */

struct kring_release {
	__u32 size;
	__u32 nr;			/* positions: at most nr_rings */
	__aligned_u64 positions;	/* pointer to __u64 each; ~0: as it is */
};

struct kring_drop {
	__u32 size;
	__u32 reserved0;
};

#define KRING_IOC		0xf9
#define KRING_IOC_INFO		_IOWR(KRING_IOC, 0x01, struct kring_info)
#define KRING_IOC_SCHEMA	_IOW(KRING_IOC, 0x02, struct kring_schema_get)
#define KRING_IOC_WAKE		_IOW(KRING_IOC, 0x03, struct kring_wake)
#define KRING_IOC_ARM		_IOW(KRING_IOC, 0x04, struct kring_arm)
#define KRING_IOC_HOLD		_IOWR(KRING_IOC, 0x20, struct kring_hold)
#define KRING_IOC_RELEASE	_IOW(KRING_IOC, 0x21, struct kring_release)
#define KRING_IOC_DROP		_IOW(KRING_IOC, 0x22, struct kring_drop)
/* 0x10 to 0x1f are of /dev/kring/control: linux/kring_control.h */

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
KRING_ASSERT(sizeof(struct kring_counters) == 64);
KRING_OFFSET(kring_counters, refused_held, 8);
KRING_OFFSET(kring_counters, refused_busy, 16);
KRING_OFFSET(kring_counters, refused_size, 24);
KRING_OFFSET(kring_counters, discarded, 32);
KRING_OFFSET(kring_counters, wakeups, 40);
KRING_OFFSET(kring_counters, refused_critical, 48);
KRING_OFFSET(kring_counters, revoked, 56);
KRING_ASSERT(sizeof(struct kring_meta) == 512);
KRING_OFFSET(kring_meta, abi, 4);
KRING_OFFSET(kring_meta, size, 8);
KRING_OFFSET(kring_meta, ring_index, 12);
KRING_OFFSET(kring_meta, cpu, 16);
KRING_OFFSET(kring_meta, clock, 20);
KRING_OFFSET(kring_meta, channel_id, 24);
KRING_OFFSET(kring_meta, data_size, 32);
KRING_OFFSET(kring_meta, data_offset, 40);
KRING_OFFSET(kring_meta, start_pos, 48);
KRING_OFFSET(kring_meta, start_seq, 56);
KRING_OFFSET(kring_meta, nr_rings, 64);
KRING_OFFSET(kring_meta, reserved0, 68);
KRING_OFFSET(kring_meta, reserved4, 72);
KRING_OFFSET(kring_meta, reserve, 128);
KRING_OFFSET(kring_meta, head, 136);
KRING_OFFSET(kring_meta, reserved1, 144);
KRING_OFFSET(kring_meta, tail, 256);
KRING_OFFSET(kring_meta, reserved2, 264);
KRING_OFFSET(kring_meta, counters, 384);
KRING_OFFSET(kring_meta, reserved3, 448);
KRING_ASSERT(sizeof(struct kring_info) == 272);
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
KRING_OFFSET(kring_info, max_rings, 224);
KRING_OFFSET(kring_info, holds, 228);
KRING_OFFSET(kring_info, holds_max, 232);
KRING_OFFSET(kring_info, critical_share, 236);
KRING_OFFSET(kring_info, hold_offset, 240);
KRING_OFFSET(kring_info, hold_size, 248);
KRING_OFFSET(kring_info, lag_limit, 256);
KRING_OFFSET(kring_info, keep_limit, 264);
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
KRING_OFFSET(kring_type, flags, 44);
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
KRING_ASSERT(sizeof(struct kring_release) == 16);
KRING_OFFSET(kring_release, nr, 4);
KRING_OFFSET(kring_release, positions, 8);
KRING_ASSERT(sizeof(struct kring_drop) == 8);
KRING_OFFSET(kring_drop, reserved0, 4);
KRING_ASSERT(sizeof(struct kring_request) == 168);
KRING_OFFSET(kring_request, reserved0, 4);
KRING_OFFSET(kring_request, name, 8);
KRING_OFFSET(kring_request, message, 40);
KRING_ASSERT(sizeof(struct kring_hold) == 200);
KRING_OFFSET(kring_hold, flags, 168);
KRING_OFFSET(kring_hold, nr, 172);
KRING_OFFSET(kring_hold, keep, 176);
KRING_OFFSET(kring_hold, positions, 184);
KRING_OFFSET(kring_hold, resumed, 192);
KRING_OFFSET(kring_hold, reserved0, 196);

#endif /* _UAPI_LINUX_KRING_H */
