// SPDX-License-Identifier: GPL-2.0
/* /dev/kring/control: channels listed, made, set and removed by programs. */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/uaccess.h>
#include <linux/kring_load.h>
#include <internal.h>

static const struct kring_source * const sources[] = {
	&kring_source_task,
	&kring_source_sched,
	&kring_source_syscall,
	&kring_source_log,
	&kring_source_load,
};

#define SET_OPTIONS	(KRING_SET_HOLDS_MAX | KRING_SET_CRITICAL_SHARE | \
			 KRING_SET_LAG_LIMIT | KRING_SET_KEEP_LIMIT)
#define SHARE_MAX	75u
#define KEEP_MAX	(24 * 3600ULL * NSEC_PER_SEC)

union kring_any_request {
	struct kring_request req;
	struct kring_create create;
	struct kring_remove remove;
	struct kring_set set;
	struct kring_load load;
	struct kring_hold_info hold;
	struct kring_filter filter;
};

static const struct kring_source *source_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sources); i++)
		if (!strncmp(sources[i]->name, name, KRING_NAME_MAX))
			return sources[i];
	return NULL;
}

/* "source "x" is unknown: a, b or c" */
static int refuse_source(struct kring_create *create)
{
	char names[96] = "";
	size_t i, length = 0;

	for (i = 0; i < ARRAY_SIZE(sources); i++)
		length += scnprintf(names + length, sizeof(names) - length, "%s%s",
				    !i ? "" : i + 1 < ARRAY_SIZE(sources) ? ", " : " or ",
				    sources[i]->name);
	return kring_refuse(&create->req, -EINVAL, "source \"%.31s\" is unknown: %s",
		      create->source, names);
}

static int control_create(struct kring_create *create)
{
	struct kring_request *req = &create->req;
	const struct kring_source *source = source_find(create->source);
	struct kring_options options = {
		.name = req->name,
		.mode = create->mode,
		.flags = create->flags,
		.ring_size = create->ring_size,
	};
	struct kring_channel *channel;

	if (kring_options_check(&options, req->message))
		return -EINVAL;
	if (!source)
		return refuse_source(create);

	channel = kring_channel_create(source, &options);
	switch (PTR_ERR_OR_ZERO(channel)) {
	case 0:
		return 0;
	case -EEXIST:
		return kring_refuse(req, -EEXIST, "channel \"%s\" exists already", req->name);
	case -ENOMEM:
		return kring_refuse(req, -ENOMEM, "not enough memory for the rings");
	case -EBUSY:
		return kring_refuse(req, -EBUSY, "no device number is left; remove a channel");
	default:
		return kring_refuse(req, PTR_ERR(channel), "channel \"%s\" could not be made",
				    req->name);
	}
}

/* The channel of that name, if its source is one of ours */
static struct kring_channel *channel_find(struct kring_request *req, int *error)
{
	struct kring_channel *channel;

	list_for_each_entry(channel, &kring_channels, link) {
		if (strncmp(channel->name, req->name, KRING_NAME_MAX))
			continue;
		if (channel->source == source_find(channel->source->name))
			return channel;
		*error = kring_refuse(req, -EPERM, "channel \"%s\" belongs to another module",
				      channel->name);
		return NULL;
	}
	*error = kring_refuse(req, -ENOENT, "there is no channel \"%.31s\"; it must be created first",
			      req->name);
	return NULL;
}

static int control_set(struct kring_channel *channel, struct kring_set *set)
{
	struct kring_request *req = &set->req;
	int ret;

	if ((set->flags | set->mask) & ~KRING_RECORD_ALWAYS)
		return kring_refuse(req, -EINVAL, "flags 0x%x of 0x%x are unknown: 1 (record always)",
				    set->flags, set->mask);
	if (set->options & ~SET_OPTIONS || set->reserved0)
		return kring_refuse(req, -EINVAL, "options 0x%x are unknown: any of 0x%x",
				    set->options, SET_OPTIONS);
	if (set->options & KRING_SET_HOLDS_MAX && set->holds_max > KRING_HOLDS_MAX)
		return kring_refuse(req, -EINVAL, "%u holds on one ring: 0 to %u",
				    set->holds_max, KRING_HOLDS_MAX);
	if (set->options & KRING_SET_CRITICAL_SHARE && set->critical_share > SHARE_MAX)
		return kring_refuse(req, -EINVAL, "critical share %u percent: 0 to %u",
				    set->critical_share, SHARE_MAX);
	if (set->options & KRING_SET_LAG_LIMIT && set->lag_limit > channel->ring_size)
		return kring_refuse(req, -EINVAL, "lag limit %llu bytes: 0 (none) to the ring's %llu",
				    set->lag_limit, channel->ring_size);
	if (set->options & KRING_SET_KEEP_LIMIT && set->keep_limit > KEEP_MAX)
		return kring_refuse(req, -EINVAL, "keep limit %llu ns: 0 (none) to %llu (a day)",
				    set->keep_limit, KEEP_MAX);
	ret = kring_channel_set(channel, set);
	if (ret)
		kring_refuse(req, ret, "source \"%s\" could not start", channel->source->name);
	return ret;
}

static int control_load(struct kring_channel *channel, struct kring_load *load)
{
	struct kring_request *req = &load->req;
	int ret;

	if (channel->source != &kring_source_load)
		return kring_refuse(req, -EINVAL, "channel \"%s\" is fed by \"%s\", not by load",
				    channel->name, channel->source->name);
	if (load->command > KRING_LOAD_START)
		return kring_refuse(req, -EINVAL, "command %u is unknown: 0 (stop) or 1 (start)",
				    load->command);
	if (load->command == KRING_LOAD_START &&
	    (load->bytes < KRING_LOAD_BYTES_MIN || load->bytes > KRING_LOAD_BYTES_MAX ||
	     load->bytes % 8))
		return kring_refuse(req, -EINVAL, "%u bytes per event: a multiple of 8 from %u to %u",
				    load->bytes, KRING_LOAD_BYTES_MIN, KRING_LOAD_BYTES_MAX);
	if (load->rate > NSEC_PER_SEC)
		return kring_refuse(req, -EINVAL, "rate %llu: at most %lu events a second; 0: flat out",
				    load->rate, NSEC_PER_SEC);
	ret = kring_load_command(channel, load);
	if (ret == -EINVAL)
		return kring_refuse(req, ret, "the CPU mask must name online CPUs, at least one");
	if (ret)
		kring_refuse(req, ret, "the load's threads could not be started");
	return ret;
}

static int control_request(unsigned int cmd, union kring_any_request *any)
{
	struct kring_channel *channel;
	int ret;

	any->req.message[0] = '\0';
	if (any->req.reserved0)
		return kring_refuse(&any->req, -EINVAL, "reserved0 must be 0");
	if (strnlen(any->req.name, KRING_NAME_MAX) == KRING_NAME_MAX)
		return kring_refuse(&any->req, -EINVAL, "channel name: at most %d characters",
				    KRING_NAME_MAX - 1);
	if (_IOC_NR(cmd) == _IOC_NR(KRING_IOC_CREATE))
		return control_create(&any->create);

	mutex_lock(&kring_channels_lock);
	channel = channel_find(&any->req, &ret);
	if (channel) {
		ret = 0;
		if (_IOC_NR(cmd) == _IOC_NR(KRING_IOC_REMOVE))
			kring_channel_remove(channel);
		else if (_IOC_NR(cmd) == _IOC_NR(KRING_IOC_SET))
			ret = control_set(channel, &any->set);
		else if (_IOC_NR(cmd) == _IOC_NR(KRING_IOC_HOLD_NEXT))
			ret = kring_hold_next(channel, &any->hold);
		else if (_IOC_NR(cmd) == _IOC_NR(KRING_IOC_FILTER))
			ret = kring_filter_set(channel, &any->filter);
		else if (_IOC_NR(cmd) == _IOC_NR(KRING_IOC_FILTER_GET))
			kring_filter_get(channel, &any->filter);
		else
			ret = control_load(channel, &any->load);
	}
	mutex_unlock(&kring_channels_lock);
	return ret;
}

static long ioctl_request(unsigned int cmd, size_t known, void __user *arg)
{
	union kring_any_request any;
	int ret;

	ret = kring_copy_in(&any, known, arg);
	if (ret)
		return ret;
	if (any.req.size < sizeof(any.req))
		return -EINVAL;
	ret = control_request(cmd, &any);
	return kring_copy_out(arg, &any, known) ?: ret;
}

static long ioctl_next(void __user *arg)
{
	struct kring_channel *channel;
	struct kring_info info;
	int ret;

	ret = kring_copy_in(&info, sizeof(info), arg);
	if (ret)
		return ret;
	ret = -ENOENT;
	mutex_lock(&kring_channels_lock);
	list_for_each_entry(channel, &kring_channels, link) {
		if (channel->id > info.id) {
			kring_channel_info(channel, &info);
			ret = 0;
			break;
		}
	}
	mutex_unlock(&kring_channels_lock);
	return ret ?: kring_copy_out(arg, &info, sizeof(info));
}

static long control_ioctl(struct file *file, unsigned int cmd, unsigned long param)
{
	void __user *arg = (void __user *)param;
	fmode_t needed = FMODE_WRITE;
	size_t known;

	if (_IOC_TYPE(cmd) != KRING_IOC)
		return -ENOTTY;
	if (_IOC_NR(cmd) == _IOC_NR(KRING_IOC_NEXT))
		return file->f_mode & FMODE_READ ? ioctl_next(arg) : -EBADF;
	switch (_IOC_NR(cmd)) {
	case _IOC_NR(KRING_IOC_CREATE):
		known = sizeof(struct kring_create);
		break;
	case _IOC_NR(KRING_IOC_REMOVE):
		known = sizeof(struct kring_remove);
		break;
	case _IOC_NR(KRING_IOC_SET):
		known = sizeof(struct kring_set);
		break;
	case _IOC_NR(KRING_IOC_LOAD):
		known = sizeof(struct kring_load);
		break;
	case _IOC_NR(KRING_IOC_FILTER):
		known = sizeof(struct kring_filter);
		break;
	case _IOC_NR(KRING_IOC_FILTER_GET):
		known = sizeof(struct kring_filter);
		needed = FMODE_READ;
		break;
	case _IOC_NR(KRING_IOC_HOLD_NEXT):
		known = sizeof(struct kring_hold_info);
		needed = FMODE_READ;
		break;
	default:
		return -ENOTTY;
	}
	return file->f_mode & needed ? ioctl_request(cmd, known, arg) : -EBADF;
}

static const struct file_operations control_ops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.unlocked_ioctl = control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = no_llseek,
};

/* Anybody may list; making and removing takes write permission */
static struct miscdevice control = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kring/control",
	.nodename = "kring/control",
	.mode = 0644,
	.fops = &control_ops,
};

int kring_control_init(void)
{
	return misc_register(&control);
}

void kring_control_exit(void)
{
	misc_deregister(&control);
}
