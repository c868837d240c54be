// SPDX-License-Identifier: GPL-2.0
/* Channels: made, found, recording or not, and taken away. */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <internal.h>

DEFINE_MUTEX(kring_channels_lock);	/* the list, and each channel's place in it */
LIST_HEAD(kring_channels);	/* in the order of their ids */

static bool name_valid(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++)
		if (i == KRING_NAME_MAX - 1 || !isascii(name[i]) ||
		    !(isalnum(name[i]) || strchr("-_.", name[i])))
			return false;
	return i && name[0] != '.' && strcmp(name, "control");
}

static void channel_free(struct kref *ref)
{
	struct kring_channel *channel = container_of(ref, struct kring_channel, ref);

	kring_rings_end(channel);
	kring_rings_free(channel);
	kring_filter_free(channel);
	kfree(channel->schema);
	kfree(channel);
}

void kring_channel_get(struct kring_channel *channel)
{
	kref_get(&channel->ref);
}

void kring_channel_put(struct kring_channel *channel)
{
	kref_put(&channel->ref, channel_free);
}

static u64 critical_types(const struct kring_source *source)
{
	u64 mask = 0;
	u16 i;

	for (i = 0; i < source->nr_types; i++)
		if (source->types[i].critical)
			mask |= 1ULL << source->types[i].type;
	return mask;
}

static struct kring_channel *channel_alloc(const struct kring_source *source,
					   const struct kring_options *options)
{
	static u64 last_id;	/* under kring_channels_lock */
	struct kring_channel *channel;
	int ret;

	channel = kzalloc(sizeof(*channel), GFP_KERNEL_ACCOUNT);
	if (!channel)
		return ERR_PTR(-ENOMEM);
	kref_init(&channel->ref);
	mutex_init(&channel->lock);
	spin_lock_init(&channel->wait_lock);
	INIT_LIST_HEAD(&channel->files);
	INIT_LIST_HEAD(&channel->link);
	INIT_HLIST_NODE(&channel->hotplug);
	kring_holds_init(channel);
	/* Time makes it unique also when the module was loaded anew */
	channel->id = max_t(u64, last_id + 1, ktime_get_boottime_ns());
	last_id = channel->id;
	channel->source = source;
	channel->mode = options->mode ?: KRING_MODE_PERCPU;
	channel->flags = options->flags;
	channel->clock = options->clock ?: KRING_CLOCK_MONOTONIC;
	channel->ring_size = options->ring_size ?: KRING_RING_SIZE_DEFAULT;
	strscpy(channel->name, options->name, sizeof(channel->name));

	channel->schema = kring_schema_build(source);
	if (IS_ERR(channel->schema)) {
		ret = PTR_ERR(channel->schema);
		channel->schema = NULL;
		goto fail;
	}
	channel->critical = critical_types(source);
	ret = kring_rings_make(channel);
	if (ret)
		goto fail;
	return channel;

fail:
	kring_channel_put(channel);
	return ERR_PTR(ret);
}

/* Begin or cease to record, as readers and flags want it; channel->lock held */
static int recording_update(struct kring_channel *channel)
{
	bool want = !channel->gone &&
		    (channel->readers || (channel->flags & KRING_RECORD_ALWAYS));
	int ret = 0;

	if (want == channel->recording)
		return 0;
	if (want) {
		/* H: rings, then the flag; pairs with kring_reserve() */
		smp_store_release(&channel->recording, true);
		if (channel->source->start)
			ret = channel->source->start(channel);
		if (!ret)
			return 0;
	} else if (channel->source->stop) {
		channel->source->stop(channel);
	}
	WRITE_ONCE(channel->recording, false);
	/* H: the flag, then whatever goes; pairs with kring_reserve() */
	synchronize_rcu();
	return ret;
}

/* A file was opened for reading */
int kring_channel_open(struct kring_channel *channel)
{
	int ret = -ENODEV;

	mutex_lock(&channel->lock);
	if (!channel->gone) {
		channel->readers++;
		ret = recording_update(channel);
		if (ret)
			channel->readers--;
	}
	mutex_unlock(&channel->lock);
	return ret;
}

void kring_channel_close(struct kring_channel *channel)
{
	mutex_lock(&channel->lock);
	channel->readers--;
	recording_update(channel);
	mutex_unlock(&channel->lock);
}

/* Values were checked. All of it, or -errno from the source's start. */
int kring_channel_set(struct kring_channel *channel, const struct kring_set *set)
{
	u32 old;
	int ret;

	mutex_lock(&channel->lock);
	old = channel->flags;
	channel->flags = (old & ~set->mask) | (set->flags & set->mask);
	ret = recording_update(channel);
	if (ret)
		channel->flags = old;
	mutex_unlock(&channel->lock);
	if (!ret)
		kring_holds_set(channel, set);
	return ret;
}

/* Takes the list's reference; kring_channels_lock held */
void kring_channel_remove(struct kring_channel *channel)
{
	misc_deregister(&channel->misc);
	list_del_init(&channel->link);

	mutex_lock(&channel->lock);
	channel->gone = true;
	recording_update(channel);
	mutex_unlock(&channel->lock);
	kring_rings_end(channel);
	kring_holds_end(channel);
	if (channel->source->remove)
		channel->source->remove(channel);
	kring_wake_all(channel, EPOLLHUP);
	kring_channel_put(channel);
}

/* The list takes the caller's reference; if this fails it is dropped */
static int channel_register(struct kring_channel *channel)
{
	int ret;

	snprintf(channel->node, sizeof(channel->node), "kring/%s", channel->name);
	channel->misc = (struct miscdevice) {
		.minor = MISC_DYNAMIC_MINOR,
		/* In sysfs a '/' becomes a '!' */
		.name = channel->node,
		.nodename = channel->node,
		.mode = 0600,
		.fops = &kring_file_ops,
	};
	ret = misc_register(&channel->misc);
	if (ret) {
		kring_channel_put(channel);
		return ret;
	}
	list_add_tail(&channel->link, &kring_channels);

	mutex_lock(&channel->lock);
	ret = recording_update(channel);
	mutex_unlock(&channel->lock);
	if (ret)
		kring_channel_remove(channel);
	return ret;
}

/* 0; or -EINVAL, and in message (KRING_MESSAGE_MAX bytes) what is allowed */
int kring_options_check(const struct kring_options *options, char *message)
{
	u64 size = options->ring_size;

	if (!name_valid(options->name))
		snprintf(message, KRING_MESSAGE_MAX,
			 "channel name: 1 to %d of letters, digits, '-', '_', '.', not first '.', not \"control\"",
			 KRING_NAME_MAX - 1);
	else if (options->mode > KRING_MODE_GLOBAL)
		snprintf(message, KRING_MESSAGE_MAX,
			 "mode %u is unknown: 1 (percpu) or 2 (global)", options->mode);
	else if (options->flags & ~KRING_RECORD_ALWAYS)
		snprintf(message, KRING_MESSAGE_MAX,
			 "flags 0x%x are unknown: 0 or 1 (record always)", options->flags);
	else if (options->clock > KRING_CLOCK_NONE)
		snprintf(message, KRING_MESSAGE_MAX,
			 "clock %u is unknown: 1 (mono), 2 (boot), 3 (local) or 4 (none)",
			 options->clock);
	else if (size && (!is_power_of_2(size) || size < KRING_RING_SIZE_MIN ||
			  size > KRING_RING_SIZE_MAX))
		snprintf(message, KRING_MESSAGE_MAX,
			 "ring size %llu: a power of two from %u to %u bytes", size,
			 KRING_RING_SIZE_MIN, KRING_RING_SIZE_MAX);
	else
		return 0;
	return -EINVAL;
}

/**
 * kring_channel_create() - Make a channel, /dev/kring/<name>.
 * @source: what feeds it; must outlive the channel
 * @options: copied
 *
 * May sleep. It records at once if it records always, else while it is read.
 *
 * Return: the channel; or ERR_PTR() of -EINVAL (name, mode, flags, clock, size: the
 * kernel log says what is allowed; or the source's description), -EEXIST (the
 * name), -ENOMEM, -EINTR, -EBUSY (no device number left), or what the source's
 * start returned.
 */
struct kring_channel *kring_channel_create(const struct kring_source *source,
					   const struct kring_options *options)
{
	char message[KRING_MESSAGE_MAX];
	struct kring_channel *channel;
	int ret;

	ret = kring_options_check(options, message);
	if (ret) {
		pr_err("kring: %s\n", message);
		return ERR_PTR(ret);
	}
	mutex_lock(&kring_channels_lock);
	list_for_each_entry(channel, &kring_channels, link) {
		if (!strcmp(channel->name, options->name)) {
			channel = ERR_PTR(-EEXIST);
			goto unlock;
		}
	}
	channel = channel_alloc(source, options);
	if (IS_ERR(channel))
		goto unlock;
	ret = channel_register(channel);
	if (ret)
		channel = ERR_PTR(ret);
unlock:
	mutex_unlock(&kring_channels_lock);
	return channel;
}
EXPORT_SYMBOL_GPL(kring_channel_create);

/**
 * kring_channel_destroy() - Take a channel away.
 * @channel: from kring_channel_create(), not removed yet
 *
 * May sleep. The source is stopped first. Nothing may be reported to it any
 * more. Files and mappings that readers have stay valid; they see the end.
 */
void kring_channel_destroy(struct kring_channel *channel)
{
	mutex_lock(&kring_channels_lock);
	kring_channel_remove(channel);
	mutex_unlock(&kring_channels_lock);
}
EXPORT_SYMBOL_GPL(kring_channel_destroy);

/**
 * kring_channel_set_private() - Keep a pointer of the source with the channel.
 * @channel: the channel
 * @private: the pointer
 */
void kring_channel_set_private(struct kring_channel *channel, void *private)
{
	channel->private = private;
}
EXPORT_SYMBOL_GPL(kring_channel_set_private);

/**
 * kring_channel_private() - That pointer.
 * @channel: the channel
 *
 * Return: what kring_channel_set_private() was given last, or NULL.
 */
void *kring_channel_private(const struct kring_channel *channel)
{
	return channel->private;
}
EXPORT_SYMBOL_GPL(kring_channel_private);
