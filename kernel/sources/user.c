// SPDX-License-Identifier: GPL-2.0
/* Events that programs write; the kernel says who they are. */
#include <linux/string.h>
#include "probe.h"

#define EVENT_MESSAGE	1

struct user_message {
	struct kring_who who;
	struct kring_var text;
	u32 reserved0;
	u8 bytes[];
};

static const struct kring_field message_fields[] = {
	KRING_WHO_FIELDS(struct user_message),
	KRING_FIELD_VARIABLE(struct user_message, text, KRING_KIND_TEXT),
};

static const struct kring_event_type user_type = {
	.name = "message",
	.type = EVENT_MESSAGE,
	.payload = sizeof(struct user_message),
	.fields = message_fields,
	.nr_fields = ARRAY_SIZE(message_fields),
};

static int user_write(struct kring_channel *channel, const void *data, u32 size)
{
	struct user_message *event;
	struct kring_slot slot;

	if (size > kring_max_payload(channel->ring_size) - sizeof(*event))
		return -EMSGSIZE;
	if (!kring_wants(channel, current))
		return 0;
	event = kring_reserve(channel, &slot, EVENT_MESSAGE, sizeof(*event) + size);
	if (!event)
		return kring_recording(channel) ? -ENOBUFS : 0;
	kring_who_fill(&event->who, current);
	event->text = (struct kring_var) { sizeof(*event), size };
	event->reserved0 = 0;
	memcpy(event->bytes, data, size);
	kring_commit(&slot);
	return 0;
}

const struct kring_source kring_source_user = {
	.name = "user",
	.types = &user_type,
	.nr_types = 1,
	.write = user_write,
	.filters = true,
};
