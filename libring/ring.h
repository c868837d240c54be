/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libring: reads the channels of kring, and loses count of nothing.
 *
 *	struct ring *ring;
 *	struct ring_record record;
 *	int ret = ring_open(&ring, "task", NULL);
 *
 *	while (ret >= 0) {
 *		while ((ret = ring_next(ring, &record)) == 1)
 *			use(&record);
 *		if (ret == 0)
 *			ret = ring_wait(ring, -1);
 *	}
 *	ring_close(ring);
 *
 * Errors are negative errno values; nothing here sets errno or prints.
 *
 * A handle observes, and copies what it reads; or, opened with RING_HOLD, it
 * holds: nothing is overwritten before it has read it, and what it reads lies
 * in the ring itself, without a copy.
 *
 * Threads:
 *
 *	ring_wake()			any thread, signal handlers, at any
 *					time up to ring_close()
 *	all else with one handle	one thread at a time, which may change
 *	what different handles do	is independent, also with one channel:
 *					a thread for each ring opens a handle
 *					for each, with `cpus`
 *	ring_list(), ring_version()	any thread
 *	after fork()			the parent alone uses what it opened
 *
 * What ring_next() and ring_peek() hand out may be read by any thread as long
 * as it is valid.
 */
#ifndef LIBRING_RING_H
#define LIBRING_RING_H

#include <stddef.h>
#include <stdint.h>
#include <linux/kring.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RING_API __attribute__((visibility("default")))

struct ring;

enum ring_from {
	RING_FROM_NEWEST,	/* what is reported from now on */
	RING_FROM_OLDEST,	/* what the rings still have, then the rest */
};

enum ring_order {
	RING_ORDER_TIME,	/* exact, across all rings; takes a channel with
				 * KRING_CLOCK_MONOTONIC or KRING_CLOCK_BOOTTIME */
	RING_ORDER_RING,	/* as in each ring, one ring after the other */
	RING_ORDER_BEST,	/* by time if the channel's clock allows it, else
				 * as in each ring */
};

/* flags of struct ring_opts */
#define RING_SNAPSHOT	(1u << 0)	/* end where the rings end at ring_open() */
#define RING_HOLD	(1u << 1)	/* lose nothing; needs permission to write */

/*
 * Zero means the default everywhere. size: sizeof(struct ring_opts); a library
 * that knows less refuses what it does not know (-E2BIG).
 */
struct ring_opts {
	size_t size;
	uint32_t from;		/* enum ring_from */
	uint32_t order;		/* enum ring_order */
	uint32_t flags;		/* RING_SNAPSHOT, RING_HOLD */
	uint32_t nr_cpus;	/* entries of cpus; 0: all */
	const uint32_t *cpus;	/* read only the rings of these CPUs; -EINVAL
				 * if the channel is global or lacks one */
	uint64_t watermark;	/* wake at so many bytes in one ring (1/8 of it) */
	uint64_t latency;	/* ns: wake no later than this after an event
				 * (5,000,000); 1 is as good as at once */
	char *message;		/* gets a sentence when ring_open() fails, or NULL */
	size_t message_size;	/* bytes there */
	uint64_t busy;		/* ns that ring_wait() looks before it sleeps (0) */
	const char *hold;	/* RING_HOLD: name by which a kept hold is found
				 * again; NULL: not kept */
	uint64_t keep;		/* RING_HOLD: ns that the hold outlives this
				 * handle; needs a name and the owner's leave */
	const void *state;	/* from ring_save(): go on there, and at the start
				 * of rings made since; `from` counts for those
				 * that were not read then. NULL: do not */
	size_t state_size;	/* bytes there */
};

enum ring_kind {
	RING_EVENT = 1,
	RING_LOST,		/* so many are missing in front of the next event
				 * of that ring */
};

/* flags of struct ring_record */
#define RING_REVOKED	(1u << 0)	/* RING_LOST: the first loss since the hold on
					 * that ring was revoked; it is observed now */

/*
 * data is valid until the next ring_next(), ring_peek(), ring_next_raw(), ring_wait()
 * or ring_arm() with this handle; see also ring_peek() and ring_release().
 */
struct ring_record {
	uint32_t kind;		/* enum ring_kind */
	uint32_t ring;		/* index */
	uint32_t cpu;		/* that reported it; RING_LOST: of the ring */
	uint16_t type;		/* RING_EVENT: see ring_type() */
	uint16_t flags;		/* RING_REVOKED */
	uint64_t seq;		/* in this ring since ring_open(), from 0, the
				 * lost ones counted */
	uint64_t time;		/* ns, ring_info()->clock, 0 if that is none;
				 * RING_LOST: they were reported before this, 0:
				 * it is not known when (only KRING_CLOCK_LOCAL) */
	const void *data;	/* payload, or NULL */
	size_t size;		/* bytes there */
	uint64_t overwritten;	/* RING_LOST: events gone before they were read,
				 * refused ones among them included */
	uint64_t refused;	/* RING_LOST: events for which there was no room */
};

/*
 * ring_open - start to read a channel
 * @ring: gets the handle, or NULL; the caller owns it and calls ring_close()
 * @channel: its name, or a path if it has a '/'
 * @opts: or NULL
 *
 * Returns 0, or -ENOENT (no such channel), -EACCES, -EPROTO (library and
 * module speak different ABIs; the message names both), -EINVAL, -E2BIG,
 * -ENOMEM, -EMFILE, -ENOTTY (not a channel), -EBUSY (no more holds are allowed,
 * or one of that name is in use), -ESTALE (`state` is of another channel or of
 * before a reboot: what was missed cannot be known), -EBADMSG (it is no state).
 */
RING_API int ring_open(struct ring **ring, const char *channel,
		       const struct ring_opts *opts);

/* ring_close - unmap and free; NULL is allowed */
RING_API void ring_close(struct ring *ring);

/*
 * ring_next - the next record
 *
 * Returns 1 and fills in @record; 0 when there is nothing to deliver now; or
 * -ENODATA at the end: the channel was removed or the snapshot is complete, and
 * everything was delivered. -ENOMEM: try again later, nothing is lost by it.
 * -EBADMSG: the ring holds what no kernel writes; the handle is of no more use.
 */
RING_API int ring_next(struct ring *ring, struct ring_record *record);

/*
 * ring_release - give back what a holder was handed out
 *
 * The space of all records that ring_next() has handed out, this last one
 * included, may be used again. Without it that happens when ring_next() has to
 * look for more. An observer has nothing to give back. Returns 0, or -ESTALE:
 * the hold was revoked while those records were in use, so what was read of
 * them since may be torn (only on channels that have a lag limit).
 */
RING_API int ring_release(struct ring *ring);

/*
 * ring_peek, ring_advance - a batch at once
 *
 * ring_peek() sets @records to the next records, @max at most, in an array that
 * belongs to the handle; returns how many, which does not mean that there are no
 * more, or what ring_next() returns. They stay next, and their data valid, until
 * ring_advance() has taken @n of them and given their space back, with one store
 * for each ring. @n is at most what is left of them (-EINVAL); -ESTALE as
 * ring_release() does, the records are taken all the same: peek again. A
 * ring_next() in between takes the first and ends the batch.
 */
RING_API int ring_peek(struct ring *ring, const struct ring_record **records, int max);
RING_API int ring_advance(struct ring *ring, int n);

/*
 * ring_next_raw, ring_raw_step - many records at once, as the kernel wrote them
 *
 * For whoever needs no more of an event than its header and payload, or passes
 * them on in one piece: nothing is filled in for each. ring_next_raw() sets @raw to
 * the next records, of one ring, one behind the other: none is missing between
 * them, none was taken back, and none of another ring belongs between them.
 * They count as handed out, as those of ring_next() do, with the same life.
 *
 * Returns 1; -ENOMSG if what comes next is not of this kind (a loss, or an event
 * whose place in time had to be found): ring_next() has it; or what ring_next()
 * returns.
 *
 * ring_raw_step() returns the next one's header (linux/kring.h), or NULL behind the
 * last. raw->size is then the size of its payload, which follows.
 */
struct ring_raw {
	const void *at, *end;	/* what ring_raw_step() has not returned yet */
	uint64_t nr;		/* records there were at first */
	uint64_t seq;		/* the first one's, as in struct ring_record */
	uint64_t size;		/* bytes of payload of the last one returned */
	uint64_t length;	/* of that one with all that belongs to it */
	uint32_t ring;		/* index */
	const void *last;	/* where one of that length still fits */
};

RING_API int ring_next_raw(struct ring *ring, struct ring_raw *raw);

static inline const struct kring_record *ring_raw_step(struct ring_raw *raw)
{
	const struct kring_record *record = (const struct kring_record *)raw->at;
	uint64_t length;
	uint32_t size;

	/* As long as the last, or anything that fits */
	if (__builtin_expect(raw->at > raw->last, 0)) {
		if ((const char *)raw->end - (const char *)raw->at < (int64_t)sizeof(*record))
			return NULL;
		raw->size = UINT64_MAX;	/* none has that */
	}
	/* Once: where a hold was revoked, somebody writes there */
	size = *(const volatile __u32 *)&record->size;
	/* Most are as long as the last: the CPU need not wait to know where the next is */
	if (__builtin_expect(size != raw->size, 0)) {
		length = KRING_RECORD_BYTES((uint64_t)size);
		if ((uint64_t)((const char *)raw->end - (const char *)raw->at) < length)
			return NULL;
		__asm__("" : "+r"(length));
		raw->size = size;
		raw->length = length;
		raw->last = (const char *)raw->end - length;
	}
	raw->at = (const char *)raw->at + raw->length;
	return record;
}

/*
 * ring_save - where a holder is
 *
 * Writes at most @size bytes of a state to @state, for ring_opts.state, and
 * returns how many it takes. With it, ring_open() goes on behind the records
 * that were handed out, in this process or another; what was overwritten
 * meanwhile comes as RING_LOST, exactly. With a kept hold, nothing was. It gives
 * nothing back: who releases or advances only when the state is where it will
 * be found again loses nothing whenever it dies. -ESTALE as ring_release() does;
 * -EINVAL: the handle does not hold; -ENOMEM.
 */
RING_API int ring_save(struct ring *ring, void *state, size_t size);

/*
 * ring_consume - hand up to @budget records to @fn
 *
 * @fn returns 0 to go on; anything else stops behind this record. @budget is
 * at least 1. Returns how many records were handed out (0: nothing now), the
 * negative value that @fn returned, or an error of ring_next() if it came first.
 */
typedef int (*ring_fn)(const struct ring_record *record, void *ctx);
RING_API int ring_consume(struct ring *ring, ring_fn fn, void *ctx, int budget);

/*
 * ring_wait - sleep until there is something to read
 * @timeout: ns to sleep at most; negative: no bound; 0: only look
 *
 * The timeout runs from the call and bounds the sleep, whatever arrives; how
 * long events may gather is `latency` of struct ring_opts. Returns 1; 0 after
 * the timeout; -ECANCELED after ring_wake(); -EINTR after a signal; -ENODATA at
 * the end as ring_next() does.
 */
RING_API int ring_wait(struct ring *ring, int64_t timeout);

/* ring_wake - make the current or else the next ring_wait() return -ECANCELED */
RING_API int ring_wake(struct ring *ring);

/*
 * ring_fd, ring_arm - for an event loop of one's own
 *
 * ring_fd() can be polled for reading, and be nested in epoll, level- or
 * edge-triggered. It belongs to the handle. Once ring_next() returned 0, call
 * ring_arm(): 1 means go on reading; 0 that the fd will become readable.
 * ring_arm() also takes back a ring_wake() (-ECANCELED).
 */
RING_API int ring_fd(const struct ring *ring);
RING_API int ring_arm(struct ring *ring);

/* All since ring_open(), events unless it says otherwise. */
struct ring_stats {
	size_t size;		/* in: sizeof(struct ring_stats) */
	uint64_t reported;	/* by the kernel, to the rings read */
	uint64_t events;	/* delivered */
	uint64_t bytes;		/* their payloads */
	uint64_t overwritten;	/* lost, as in struct ring_record */
	uint64_t refused;	/* lost, as in struct ring_record */
	uint64_t discarded;	/* taken back by their producers */
	uint64_t left;		/* still in the rings or in hand */
	uint64_t wakeups;	/* by the kernel, of all readers of these rings */
	uint64_t revoked;	/* rings in which the hold was revoked */
	uint64_t rings;		/* that are read; more where CPUs came online */
};

/*
 * ring_stats - look, without a system call
 *
 * reported = events + overwritten + refused + discarded + left, exactly, each
 * counted by itself: `left` by walking what is there. Returns 0; -EAGAIN if the
 * producers were too fast for that walk (all but `left` is valid then).
 */
RING_API int ring_stats(struct ring *ring, struct ring_stats *stats);

/* ring_info - what the kernel said at ring_open(); lives as long as the handle */
RING_API const struct kring_info *ring_info(const struct ring *ring);

/*
 * ring_clock_name - what people call a channel's clock: "mono", "boot", "local",
 * "none"; NULL if this library does not know it
 */
RING_API const char *ring_clock_name(uint32_t clock);

/* What payloads hold; lives as long as the handle. Strings end with a NUL. */
struct ring_field {
	char name[KRING_NAME_MAX];
	uint32_t offset;	/* as in struct kring_field */
	uint16_t size;
	uint8_t kind;		/* enum kring_kind */
	uint8_t flags;		/* KRING_FIELD_VAR */
};

struct ring_type {
	char name[KRING_NAME_MAX];
	uint16_t type;
	uint16_t nr_fields;
	uint32_t payload;	/* bytes without the variable fields */
	const struct ring_field *fields;
	uint32_t flags;		/* KRING_TYPE_* */
};

/* ring_type - the event type of that number, or NULL */
RING_API const struct ring_type *ring_type(const struct ring *ring, uint16_t type);

/* ring_types - all of them; returns how many */
RING_API size_t ring_types(const struct ring *ring, const struct ring_type **types);

/* A field's value, in place */
struct ring_value {
	uint8_t kind;		/* enum kring_kind */
	uint64_t number;	/* sign-extended where signed */
	const void *data;	/* text, path, argv, address, bytes; not terminated */
	size_t size;		/* bytes there, for texts without the NUL */
};

/*
 * ring_value - decode a field of a record
 *
 * Returns 0; -ENOENT if it is not an event; -EBADMSG if the payload is too
 * short for it.
 */
RING_API int ring_value(const struct ring_record *record,
			const struct ring_field *field, struct ring_value *value);

/*
 * ring_format - the same as printable text, for people
 *
 * Like snprintf(): writes at most @size bytes with the NUL, returns the length
 * that all of it has. Control characters come as \xNN.
 */
RING_API int ring_format(const struct ring_record *record,
			 const struct ring_field *field, char *text, size_t size);

/*
 * ring_list - call @fn for every channel, in the order of their making
 *
 * Returns 0, what @fn returned if not 0, -ENOENT (kring is not loaded), -EACCES.
 */
RING_API int ring_list(int (*fn)(const struct kring_info *info, void *ctx), void *ctx);

/* ring_version - "major.minor.patch" of the library */
RING_API const char *ring_version(void);

#ifdef __cplusplus
}
#endif

#endif /* LIBRING_RING_H */
