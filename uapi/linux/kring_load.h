/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * kring's load generator: events that carry their own proof.
 *
 * A channel of the source "load" gets its events from kernel threads, one per
 * chosen CPU. Each event is a struct kring_load_event and `fill` bytes. Every
 * producer counts its events, refused ones too, so that a reader can check
 * that none is doubled, reordered, torn, or lost without being counted.
 */
#ifndef _UAPI_LINUX_KRING_LOAD_H
#define _UAPI_LINUX_KRING_LOAD_H

#include <linux/kring_control.h>

#define KRING_LOAD_SOURCE	"load"
#define KRING_LOAD_TYPE		1		/* kring_record.type */
#define KRING_LOAD_CRITICAL	2		/* the same, of a critical type */
#define KRING_LOAD_BYTES_MIN	24u		/* payload bytes */
#define KRING_LOAD_BYTES_MAX	4096u

struct kring_load_event {
	__aligned_u64 counter;		/* of this producer, from 0 */
	__aligned_u64 checksum;		/* of all else in the payload */
	__u32 producer;
	__u32 context;			/* enum kring_load_context */
};

enum kring_load_context {
	KRING_LOAD_TASK,
	KRING_LOAD_SOFTIRQ,
	KRING_LOAD_HARDIRQ,
	KRING_LOAD_NMI,
};

/*
 * KRING_IOC_LOAD, on /dev/kring/control: start the load on a channel, with
 * one thread on each CPU of the mask, or stop it. Starting it anew stops it
 * first. Producer numbers are CPU numbers.
 */
#define KRING_LOAD_STOP		0u
#define KRING_LOAD_START	1u

struct kring_load {
	struct kring_request req;
	__u32 command;			/* KRING_LOAD_STOP, KRING_LOAD_START */
	__u32 bytes;			/* payload of each event; a multiple of 8 */
	__aligned_u64 rate;		/* events a second and CPU; 0: flat out */
	__aligned_u64 duration;		/* ns; 0: until stopped */
	__aligned_u64 cpus;		/* pointer to a mask of __u64; 0: all online */
	__u32 cpus_size;		/* bytes there */
	__u32 critical;			/* every so many-th event is critical; 0: none */
};

#define KRING_IOC_LOAD		_IOWR(KRING_IOC, 0x14, struct kring_load)

/* The n-th 8 bytes behind the event of this producer and counter */
static inline __u64 kring_load_word(__u32 producer, __u64 counter, __u64 n)
{
	return (counter + n) * 0x9e3779b97f4a7c15ULL ^ producer;
}

/*
 * Sum over the stamps and the fill; any change of a bit or an exchange of two
 * words changes it. words: 8-byte words behind the event.
 */
static inline __u64 kring_load_sum(const struct kring_load_event *event,
				   const __u64 *fill, __u64 words)
{
	__u64 sum = event->counter ^
		    ((__u64)event->producer << 32 | event->context);
	__u64 n;

	for (n = 0; n < words; n++)
		sum = (sum ^ fill[n]) * 0x100000001b3ULL;
	return sum * 0x100000001b3ULL;
}

/* Writes the event and the words behind it */
static inline void kring_load_stamp(struct kring_load_event *event, __u64 words,
				    __u32 producer, __u32 context, __u64 counter)
{
	__u64 *fill = (__u64 *)(event + 1);
	__u64 n;

	event->counter = counter;
	event->producer = producer;
	event->context = context;
	for (n = 0; n < words; n++)
		fill[n] = kring_load_word(producer, counter, n);
	event->checksum = kring_load_sum(event, fill, words);
}

KRING_ASSERT(sizeof(struct kring_load_event) == KRING_LOAD_BYTES_MIN);
KRING_OFFSET(kring_load_event, checksum, 8);
KRING_OFFSET(kring_load_event, producer, 16);
KRING_OFFSET(kring_load_event, context, 20);
KRING_ASSERT(sizeof(struct kring_load) == 208);
KRING_OFFSET(kring_load, command, 168);
KRING_OFFSET(kring_load, bytes, 172);
KRING_OFFSET(kring_load, rate, 176);
KRING_OFFSET(kring_load, duration, 184);
KRING_OFFSET(kring_load, cpus, 192);
KRING_OFFSET(kring_load, cpus_size, 200);
KRING_OFFSET(kring_load, critical, 204);

#endif /* _UAPI_LINUX_KRING_LOAD_H */
