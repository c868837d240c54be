// SPDX-License-Identifier: GPL-2.0
/*
 * The worked example of Documentation/producer.md: a channel "example" and an
 * event for every number written to /sys/module/kring_example/parameters/value
 * (as text) or to the channel's own file (as it is in memory).
 */
#include <linux/module.h>
#include <kring_producer.h>

#define EXAMPLE_VALUE	1
#define EXAMPLE_ALARM	2		/* the same for numbers below 0: critical */

struct example_value {
	u32 pid;
	s32 value;
};

static const struct kring_field value_fields[] = {
	KRING_FIELD(struct example_value, pid, KRING_KIND_PID),
	KRING_FIELD(struct example_value, value, KRING_KIND_SIGNED),
};

static const struct kring_event_type example_types[] = {
	{
		.name = "value",
		.type = EXAMPLE_VALUE,
		.payload = sizeof(struct example_value),
		.fields = value_fields,
		.nr_fields = ARRAY_SIZE(value_fields),
	},
	{
		.name = "alarm",
		.type = EXAMPLE_ALARM,
		.payload = sizeof(struct example_value),
		.fields = value_fields,
		.nr_fields = ARRAY_SIZE(value_fields),
		.critical = true,
	},
};

/* Any context would do: this may be an interrupt handler, or an NMI's */
static void report(struct kring_channel *channel, s32 value)
{
	struct kring_slot slot;
	struct example_value *event;

	if (!kring_wants(channel, current))
		return;
	event = kring_reserve(channel, &slot, value < 0 ? EXAMPLE_ALARM : EXAMPLE_VALUE,
			      sizeof(*event));
	if (!event)
		return;
	event->pid = current->pid;
	event->value = value;
	kring_commit(&slot);
}

static int example_write(struct kring_channel *channel, const void *data, u32 size)
{
	s32 value;

	if (size != sizeof(value))
		return -EINVAL;
	memcpy(&value, data, size);
	report(channel, value);
	return 0;
}

static const struct kring_source example_source = {
	.name = "example",
	.types = example_types,
	.nr_types = ARRAY_SIZE(example_types),
	.write = example_write,
	.filters = true,
};

static struct kring_channel *example;

static int value_set(const char *text, const struct kernel_param *param)
{
	s32 value;
	int ret = kstrtos32(text, 0, &value);

	if (!ret)
		report(example, value);
	else if (ret == -ERANGE)
		kring_miss(example, 1);	/* it happened, but no event can tell */
	return ret;
}

static const struct kernel_param_ops value_ops = { .set = value_set };
module_param_cb(value, &value_ops, NULL, 0200);

static int __init example_init(void)
{
	const struct kring_options options = { .name = "example" };

	example = kring_channel_create(&example_source, &options);
	return PTR_ERR_OR_ZERO(example);
}

static void __exit example_exit(void)
{
	kring_channel_destroy(example);
}

module_init(example_init);
module_exit(example_exit);

MODULE_DESCRIPTION("Example of a kring producer");
MODULE_LICENSE("GPL");
