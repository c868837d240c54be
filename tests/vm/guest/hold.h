/* SPDX-License-Identifier: GPL-2.0 */
/* Consumers of load channels that have the contract's header alone: holders and observers */
#ifndef HOLD_H
#define HOLD_H

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include "guest.h"

#define NS		1000000000ULL
#define PRODUCERS	8

#define load_acquire(at)	__atomic_load_n(at, __ATOMIC_ACQUIRE)
#define load_relaxed(at)	__atomic_load_n(at, __ATOMIC_RELAXED)

/* What one look at a ring found wrong is enough */
#define certain(what, ...)						\
	do {								\
		if (!(what)) {						\
			check(what, __VA_ARGS__);			\
			exit(1);					\
		}							\
	} while (0)

static char said[KRING_MESSAGE_MAX];	/* the message of the last request */

/* Until `what` holds, for a minute at most */
#define wait_until(what)						\
	do {								\
		uint64_t until = now_ns() + 60 * NS;			\
									\
		while (!(what) && now_ns() < until)			\
			usleep(1000);					\
		certain(what, "waited in vain");			\
	} while (0)

static inline uint64_t now_ns(void)
{
	struct timespec now;

	/* Where copies are made to fail, this one may too */
	while (clock_gettime(CLOCK_MONOTONIC, &now))
		certain(errno == EFAULT, "clock: %s", strerror(errno));
	return now.tv_sec * NS + now.tv_nsec;
}

static inline void *shared(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	must(at != MAP_FAILED);
	return at;
}

/* A process of its own, which does not outlive this one */
static inline pid_t child_start(void)
{
	pid_t parent = getpid(), child;

	fflush(stdout);
	child = fork();
	must(child >= 0);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		must(getppid() == parent);
	}
	return child;
}

static inline void child_end(pid_t child)
{
	int status;

	must(waitpid(child, &status, 0) == child);
	check(!status, "child: status 0x%x", status);
}

static inline void child_kill(pid_t child)
{
	int status;

	must(!kill(child, SIGKILL) && waitpid(child, &status, 0) == child);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "child: status 0x%x", status);
}

static inline int channel_open(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/kring/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	must(fd >= 0);
	return fd;
}

/* The ioctl's result; 1: resumed */
static inline int hold_named(int fd, const char *name, uint64_t keep, uint32_t flags,
			     uint32_t nr, uint64_t *positions)
{
	struct kring_hold hold = {
		.req.size = sizeof(hold), .flags = flags, .nr = nr, .keep = keep,
		.positions = (uintptr_t)positions,
	};
	int ret;

	snprintf(hold.req.name, sizeof(hold.req.name), "%s", name);
	ret = ioctl(fd, KRING_IOC_HOLD, &hold);
	memcpy(said, hold.req.message, sizeof(said));
	return ret ?: (int)hold.resumed;
}

static inline int hold(int fd, uint32_t nr, uint64_t *positions)
{
	return hold_named(fd, "", 0, 0, nr, positions);
}

static inline int hold_drop(int fd)
{
	struct kring_drop drop = { .size = sizeof(drop) };

	return ioctl(fd, KRING_IOC_DROP, &drop);
}

static inline int hold_release(int fd, uint32_t nr, const uint64_t *positions)
{
	struct kring_release release = {
		.size = sizeof(release), .nr = nr, .positions = (uintptr_t)positions,
	};

	return ioctl(fd, KRING_IOC_RELEASE, &release);
}

static inline void *map_cursors(int fd)
{
	struct kring_info info = channel_info(fd);

	return mmap(NULL, info.hold_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    info.hold_offset);
}

static inline uint64_t *cursor_at(void *cursors, uint32_t ring)
{
	return (uint64_t *)((char *)cursors + ring * KRING_CURSOR_STRIDE);
}

/* The hold with the lowest id above `id`, or one with id 0 */
static inline struct kring_hold_info hold_next(int control, const char *name, uint64_t id)
{
	struct kring_hold_info info = { .req.size = sizeof(info), .id = id };

	snprintf(info.req.name, sizeof(info.req.name), "%s", name);
	if (ioctl(control, KRING_IOC_HOLD_NEXT, &info)) {
		must(errno == ENOENT);
		info.id = 0;
	}
	return info;
}

/* One option of the channel; the ioctl's result */
static inline int channel_set(int control, const char *name, uint32_t option, uint64_t value)
{
	struct kring_set set = {
		.req.size = sizeof(set), .options = option, .holds_max = value,
		.critical_share = value, .lag_limit = value, .keep_limit = value,
	};
	int ret;

	snprintf(set.req.name, sizeof(set.req.name), "%s", name);
	ret = ioctl(control, KRING_IOC_SET, &set);
	memcpy(said, set.req.message, sizeof(said));
	return ret;
}

/* cpus: a mask; 0: all that are online. Fields not given here are those of `how`. */
static inline void load_on(int control, const char *name, uint64_t cpus, struct kring_load how)
{
	how.req = (struct kring_request){ .size = sizeof(how) };
	how.command = KRING_LOAD_START;
	how.cpus = cpus ? (uintptr_t)&cpus : 0;
	how.cpus_size = cpus ? sizeof(cpus) : 0;
	snprintf(how.req.name, sizeof(how.req.name), "%s", name);
	certain(!ioctl(control, KRING_IOC_LOAD, &how), "load: %s", how.req.message);
}

static inline void load_stop(int control, const char *name)
{
	struct kring_load stop = { .req.size = sizeof(stop), .command = KRING_LOAD_STOP };

	snprintf(stop.req.name, sizeof(stop.req.name), "%s", name);
	must(!ioctl(control, KRING_IOC_LOAD, &stop));
}

/* At most `events` of so many bytes by CPU 0, which are all reported on return */
static inline void load_burst(int control, const char *name, uint32_t bytes, uint64_t events)
{
	uint64_t interval = 50000;

	load_on(control, name, 1, (struct kring_load){
		.bytes = bytes, .rate = NS / interval,
		.duration = interval * (events - 1),
	});
	usleep(interval * events / 1000);
	load_stop(control, name);
}

/* Bursts of records of 1048 bytes, until `what` holds */
#define load_until(control, name, what)					\
	do {								\
		int bursts = 0;						\
									\
		for (; !(what) && bursts < 1000; bursts++)		\
			load_burst(control, name, 1024, 64);		\
		certain(what, "%d bursts in vain", bursts);		\
	} while (0)

/* A ring, and how far one consumer has read it */
struct reader {
	const struct kring_meta *meta;
	const unsigned char *data;
	uint64_t *cursor;		/* of its hold; NULL: observes */
	uint64_t pos;
	uint32_t first;			/* sequence number at the start */
	uint32_t expected;
	uint64_t events;
	uint64_t critical;		/* of these */
	uint64_t lost;
	uint64_t jumps;			/* over what was overwritten, observers */
	bool bursts;			/* producers count from 0 again and again */
	uint64_t next[PRODUCERS];	/* lowest counter that each may have */
};

/* From the ring's first record on */
static inline void reader_start(struct reader *reader, int fd, uint32_t ring, uint64_t *cursor)
{
	const struct kring_meta *meta = map_ring(fd, ring);

	*reader = (struct reader){
		.meta = meta, .data = (const unsigned char *)meta + meta->data_offset,
		.cursor = cursor, .pos = meta->start_pos, .first = meta->start_seq,
		.expected = meta->start_seq,
	};
}

static inline bool event_whole(const struct kring_record *record)
{
	const struct kring_load_event *event = (const void *)(record + 1);

	return record->size >= sizeof(*event) && record->size <= KRING_LOAD_BYTES_MAX &&
	       !(record->size % 8) && event->producer < PRODUCERS &&
	       event->checksum == kring_load_sum(event, (const void *)(event + 1),
						 (record->size - sizeof(*event)) / 8);
}

static inline void reader_take(struct reader *reader, const struct kring_record *record)
{
	const struct kring_load_event *event = (const void *)(record + 1);

	certain(event_whole(record), "position %llu: size %u, sequence %u",
		(unsigned long long)reader->pos, record->size, record->seq);
	certain(reader->bursts || event->counter >= reader->next[event->producer],
		"producer %u: counter %llu, expected %llu at least", event->producer,
		(unsigned long long)event->counter,
		(unsigned long long)reader->next[event->producer]);
	reader->next[event->producer] = event->counter + 1;
	reader->lost += record->seq - reader->expected;
	reader->expected = record->seq + 1;
	reader->events++;
	reader->critical += record->type == KRING_LOAD_CRITICAL;
	reader->pos += KRING_RECORD_BYTES((uint64_t)record->size);
}

static inline const struct kring_record *reader_at(const struct reader *reader, uint64_t pos)
{
	return (const void *)(reader->data + (pos & (reader->meta->data_size - 1)));
}

/* One record at the reader's position, copied and validated, up to head. False: it was gone. */
static inline bool observe_one(struct reader *reader, uint64_t head)
{
	static union {
		struct kring_record record;
		unsigned char bytes[sizeof(struct kring_record) + KRING_LOAD_BYTES_MAX];
	} copy;
	uint64_t size, tail;

	memcpy(copy.bytes, reader_at(reader, reader->pos), sizeof(copy.record));
	size = KRING_RECORD_BYTES((uint64_t)copy.record.size);
	if (size <= head - reader->pos && copy.record.size <= KRING_LOAD_BYTES_MAX)
		memcpy(copy.bytes, reader_at(reader, reader->pos),
		       sizeof(copy.record) + copy.record.size);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	tail = load_relaxed(&reader->meta->tail);
	if (tail > reader->pos) {
		reader->pos = tail;
		reader->jumps++;
		return false;
	}
	certain(size <= head - reader->pos, "a record of %u bytes, %llu up to head",
		copy.record.size, (unsigned long long)(head - reader->pos));
	reader_take(reader, &copy.record);
	return true;
}

static inline void observe(struct reader *reader)
{
	uint64_t head = load_acquire(&reader->meta->head);

	while (reader->pos < head)
		observe_one(reader, head);
}

/*
 * All up to head in place, once more after a while, then released. Nothing of
 * it may change meanwhile.
 */
static inline void hold_read(struct reader *reader, unsigned int pause_us)
{
	uint64_t head = load_acquire(&reader->meta->head), from = reader->pos, pos;

	while (reader->pos < head) {
		uint64_t size = reader_at(reader, reader->pos)->size;

		certain(KRING_RECORD_BYTES(size) <= head - reader->pos,
			"a record of %llu bytes, %llu up to head", (unsigned long long)size,
			(unsigned long long)(head - reader->pos));
		reader_take(reader, reader_at(reader, reader->pos));
	}
	if (pause_us)
		usleep(pause_us);
	for (pos = from; pos < head;) {
		const struct kring_record *record = reader_at(reader, pos);

		certain(event_whole(record), "changed while it was held: position %llu",
			(unsigned long long)pos);
		pos += KRING_RECORD_BYTES((uint64_t)record->size);
	}
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	certain(load_relaxed(&reader->meta->tail) <= from, "tail %llu is past the hold %llu",
		(unsigned long long)reader->meta->tail, (unsigned long long)from);
	__atomic_store_n(reader->cursor, reader->pos, __ATOMIC_RELEASE);
}

static inline uint64_t refused_in(const struct kring_meta *meta)
{
	const struct kring_counters *at = &meta->counters;

	return at->refused_held + at->refused_busy + at->refused_size + at->refused_critical;
}

/* Nothing is producing: every event ever reported to the ring is there, gone, or was refused */
static inline void ring_closes(const struct kring_meta *meta)
{
	const struct reader reader = {
		.meta = meta, .data = (const unsigned char *)meta + meta->data_offset,
	};
	uint64_t sum = meta->start_seq + meta->counters.overwritten + refused_in(meta);
	uint64_t pos = meta->tail;

	for (; pos < meta->head; sum++)
		pos += KRING_RECORD_BYTES((uint64_t)reader_at(&reader, pos)->size);
	check(pos == meta->head && (uint32_t)sum == KRING_RESERVE_SEQ(meta->reserve),
	      "ring %u: %llu events there, gone or refused; %u were reported", meta->ring_index,
	      (unsigned long long)sum, KRING_RESERVE_SEQ(meta->reserve));
}

/*
 * Nothing is producing any more: what is left was refused, and the sums close. Of a
 * holder that stood before the first event, only what was refused is missing.
 */
static inline void reader_end(struct reader *reader)
{
	const struct kring_meta *meta = reader->meta;
	uint64_t refused = refused_in(meta);
	uint32_t seq;

	if (reader->cursor)
		hold_read(reader, 0);
	else
		observe(reader);
	certain(reader->pos == meta->head &&
		KRING_RESERVE_GRANULE(meta->reserve) == (uint32_t)(meta->head / KRING_GRANULE),
		"a producer is not finished");
	seq = KRING_RESERVE_SEQ(meta->reserve);
	reader->lost += seq - reader->expected;
	reader->expected = seq;
	check(reader->events + reader->lost == seq - reader->first,
	      "%llu events, %llu lost, %u reported", (unsigned long long)reader->events,
	      (unsigned long long)reader->lost, seq - reader->first);
	if (reader->cursor)
		check(reader->lost == refused, "%llu lost, %llu refused",
		      (unsigned long long)reader->lost, (unsigned long long)refused);
	else
		check(reader->lost >= refused && (reader->jumps || reader->lost == refused),
		      "%llu lost in %llu jumps, %llu refused", (unsigned long long)reader->lost,
		      (unsigned long long)reader->jumps, (unsigned long long)refused);
}

#endif /* HOLD_H */
