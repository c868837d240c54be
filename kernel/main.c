// SPDX-License-Identifier: GPL-2.0
/* kring.ko: comes with the channel "task", goes with all its channels. */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <internal.h>

/* Only what our own sources feed is left when the module may go */
static void remove_channels(void)
{
	struct kring_channel *channel, *next;

	mutex_lock(&kring_channels_lock);
	list_for_each_entry_safe(channel, next, &kring_channels, link)
		kring_channel_remove(channel);
	mutex_unlock(&kring_channels_lock);
}

static int __init kring_init(void)
{
	const struct kring_options options = { .name = "task" };
	struct kring_channel *channel;
	int ret;

	ret = kring_rings_init();
	if (ret)
		return ret;
	channel = kring_channel_create(&kring_source_task, &options);
	ret = PTR_ERR_OR_ZERO(channel);
	if (!ret)
		ret = kring_control_init();
	if (ret) {
		remove_channels();
		kring_rings_exit();
	}
	return ret;
}

static void __exit kring_exit(void)
{
	kring_control_exit();
	remove_channels();
	kring_rings_exit();
	rcu_barrier();			/* holder_free_rcu() is ours */
}

module_init(kring_init);
module_exit(kring_exit);

MODULE_DESCRIPTION("Events of the kernel in rings that programs map read-only");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.3.0");
