// SPDX-License-Identifier: GPL-2.0
/*
 * The worked example of Documentation/producer.md: a channel "example" and an
 * event for every number written to /sys/module/kring_example/parameters/value.
 */
#include <linux/module.h>
#include <kring_producer.h>

#define EXAMPLE_VALUE	1		/* our only type of event */

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
};

static const struct kring_source example_source = {
	.name = "example",
	.types = example_types,
	.nr_types = ARRAY_SIZE(example_types),
};

static struct kring_channel *channel;

/* Any context would do: this may be an interrupt handler, or an NMI's */
static void report(s32 value)
{
	struct kring_slot slot;
	struct example_value *event;

	event = kring_reserve(channel, &slot, EXAMPLE_VALUE, sizeof(*event));
	if (!event)
		return;
	event->pid = task_pid_nr(current);
	event->value = value;
	kring_commit(&slot);
}

static int value_set(const char *text, const struct kernel_param *param)
{
	s32 value;
	int ret = kstrtos32(text, 0, &value);

	if (!ret)
		report(value);
	return ret;
}

static const struct kernel_param_ops value_ops = { .set = value_set };
module_param_cb(value, &value_ops, NULL, 0200);

static int __init example_init(void)
{
	const struct kring_options options = { .name = "example" };

	channel = kring_channel_create(&example_source, &options);
	return PTR_ERR_OR_ZERO(channel);
}

static void __exit example_exit(void)
{
	kring_channel_destroy(channel);
}

module_init(example_init);
module_exit(example_exit);

MODULE_DESCRIPTION("Example of a kring producer");
MODULE_LICENSE("GPL");
