/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How kernel code reports events. Documentation/producer.md has an example.
 *
 * A source describes its events; a channel is made from a source. Whatever
 * context an event comes from, it is three steps:
 *
 *	struct kring_slot slot;
 *	struct my_event *event;
 *
 *	event = kring_reserve(channel, &slot, MY_TYPE, sizeof(*event));
 *	if (event) {
 *		event->value = value;
 *		kring_commit(&slot);
 *	}
 */
#ifndef KRING_PRODUCER_H
#define KRING_PRODUCER_H

#include <linux/types.h>
#include <linux/stddef.h>
#include <linux/kring.h>
#include <kring_slot.h>

struct kring_channel;
struct task_struct;

/**
 * struct kring_event_type - One type of event.
 * @name: shown to people
 * @type: its number in every record
 * @payload: bytes without the variable fields
 * @nr_fields: how many
 * @fields: where they are; KRING_FIELD() and its like make them
 * @critical: may use the share of a ring that its owner set aside for such, so
 *	that a flood of others cannot push it out. @type is below 64 then
 */
struct kring_event_type {
	const char *name;
	u16 type;
	u16 nr_fields;
	u32 payload;
	const struct kring_field *fields;
	bool critical;
};

#define KRING_FIELD_NAMED(struct_, member, name_, kind_) {	\
	.name = name_,						\
	.offset = offsetof(struct_, member),			\
	.size = sizeof_field(struct_, member),			\
	.kind = (kind_),					\
}

#define KRING_FIELD(struct_, member, kind_)			\
	KRING_FIELD_NAMED(struct_, member, #member, kind_)

/* The member is a struct kring_var, which says where the bytes are */
#define KRING_FIELD_VARIABLE(struct_, member, kind_) {		\
	.name = #member,					\
	.offset = offsetof(struct_, member),			\
	.size = sizeof_field(struct_, member),			\
	.kind = (kind_),					\
	.flags = KRING_FIELD_VAR,				\
}

/**
 * struct kring_source - What reports events.
 * @name: at most KRING_NAME_MAX - 1 characters
 * @types: the events
 * @nr_types: how many
 * @start: somebody reads, or the channel records always: begin to report. May
 *	sleep. 0 or -errno, which open() then returns. May be NULL.
 * @stop: nobody reads any more: cease. May sleep; nothing may be reported to
 *	the channel once it has returned. May be NULL.
 * @remove: the channel goes; called once, after @stop. May sleep. May be NULL.
 * @write: a program wrote @size bytes to the channel's file, @data is a copy of
 *	them. May sleep. 0 or -errno. NULL: it may not. The channel may be gone.
 * @filters: it asks kring_wants() before it reports; else a filter is refused
 */
struct kring_source {
	const char *name;
	const struct kring_event_type *types;
	u16 nr_types;
	int (*start)(struct kring_channel *channel);
	void (*stop)(struct kring_channel *channel);
	void (*remove)(struct kring_channel *channel);
	int (*write)(struct kring_channel *channel, const void *data, u32 size);
	bool filters;
};

/**
 * struct kring_options - How a channel is made.
 * @name: /dev/kring/<name>
 * @mode: KRING_MODE_*; 0: per CPU
 * @flags: KRING_RECORD_ALWAYS
 * @ring_size: bytes per ring, a power of two; 0: KRING_RING_SIZE_DEFAULT
 * @clock: KRING_CLOCK_*; 0: KRING_CLOCK_MONOTONIC
 */
struct kring_options {
	const char *name;
	u32 mode;
	u32 flags;
	u64 ring_size;
	u32 clock;
};

struct kring_channel *kring_channel_create(const struct kring_source *source,
					   const struct kring_options *options);
void kring_channel_destroy(struct kring_channel *channel);
void kring_channel_set_private(struct kring_channel *channel, void *private);
void *kring_channel_private(const struct kring_channel *channel);

bool kring_recording(const struct kring_channel *channel);
bool kring_wants(struct kring_channel *channel, struct task_struct *task);
bool kring_wants_either(struct kring_channel *channel, struct task_struct *a,
			struct task_struct *b);
void kring_miss(struct kring_channel *channel, u32 events);
void *kring_reserve(struct kring_channel *channel, struct kring_slot *slot,
		    u16 type, u32 size);
void kring_commit(struct kring_slot *slot);
void kring_discard(struct kring_slot *slot);
int kring_write(struct kring_channel *channel, u16 type, const void *data,
		u32 size);

#endif /* KRING_PRODUCER_H */
