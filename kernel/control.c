// SPDX-License-Identifier: GPL-2.0
/* /dev/kring/control: channels listed, made, set and removed by programs. */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>
#include <linux/kring_load.h>
#include <compat.h>
#include <internal.h>

static const struct kring_source * const sources[] = {
	&kring_source_task,
	&kring_source_sched,
	&kring_source_syscall,
	&kring_source_log,
#ifdef CONFIG_KRETPROBES
	&kring_source_net,
	&kring_source_file,
#endif
	&kring_source_user,
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

static int control_create(union kring_any_request *any)
{
	struct kring_create *create = &any->create;
	struct kring_request *req = &create->req;
	const struct kring_source *source = source_find(create->source);
	struct kring_options options = {
		.name = req->name,
		.mode = create->mode,
		.flags = create->flags,
		.ring_size = create->ring_size,
		.clock = create->clock,
	};
	struct kring_channel *channel;

	if (kring_options_check(&options, req->message))
		return -EINVAL;
	if (create->reserved0)
		return kring_refuse(req, -EINVAL, "the second reserved0 must be 0");
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

static int control_remove(struct kring_channel *channel, union kring_any_request *any)
{
	/* Another module has a pointer to it */
	if (channel->source != source_find(channel->source->name))
		return kring_refuse(&any->req, -EPERM, "channel \"%s\" belongs to another module",
				    channel->name);
	kring_channel_remove(channel);
	return 0;
}

static int control_set(struct kring_channel *channel, union kring_any_request *any)
{
	struct kring_request *req = &any->req;
	struct kring_set *set = &any->set;
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

static int control_load(struct kring_channel *channel, union kring_any_request *any)
{
	struct kring_request *req = &any->req;
	struct kring_load *load = &any->load;
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

static int control_filter(struct kring_channel *channel, union kring_any_request *any)
{
	return kring_filter_set(channel, &any->filter);
}

static int control_filter_get(struct kring_channel *channel, union kring_any_request *any)
{
	kring_filter_get(channel, &any->filter);
	return 0;
}

static int control_hold_next(struct kring_channel *channel, union kring_any_request *any)
{
	return kring_hold_next(channel, &any->hold);
}

static const struct control_request {
	size_t size;
	fmode_t mode;
	int (*act)(struct kring_channel *channel, union kring_any_request *any);
} requests[] = {
	[_IOC_NR(KRING_IOC_CREATE)] = { sizeof(struct kring_create), FMODE_WRITE },
	[_IOC_NR(KRING_IOC_REMOVE)] = { sizeof(struct kring_remove), FMODE_WRITE, control_remove },
	[_IOC_NR(KRING_IOC_SET)] = { sizeof(struct kring_set), FMODE_WRITE, control_set },
	[_IOC_NR(KRING_IOC_LOAD)] = { sizeof(struct kring_load), FMODE_WRITE, control_load },
	[_IOC_NR(KRING_IOC_FILTER)] = { sizeof(struct kring_filter), FMODE_WRITE, control_filter },
	[_IOC_NR(KRING_IOC_FILTER_GET)] = { sizeof(struct kring_filter), FMODE_READ,
					    control_filter_get },
	[_IOC_NR(KRING_IOC_HOLD_NEXT)] = { sizeof(struct kring_hold_info), FMODE_READ,
					   control_hold_next },
};

static int control_act(const struct control_request *request, union kring_any_request *any)
{
	struct kring_request *req = &any->req;
	struct kring_channel *channel;
	int ret;

	if (req->reserved0)
		return kring_refuse(req, -EINVAL, "reserved0 must be 0");
	if (strnlen(req->name, KRING_NAME_MAX) == KRING_NAME_MAX)
		return kring_refuse(req, -EINVAL, "channel name: at most %d characters",
				    KRING_NAME_MAX - 1);
	if (!request->act)
		return control_create(any);

	ret = kring_refuse(req, -ENOENT, "there is no channel \"%s\"; it must be created first",
			   req->name);
	mutex_lock(&kring_channels_lock);
	list_for_each_entry(channel, &kring_channels, link) {
		if (strcmp(channel->name, req->name))
			continue;
		req->message[0] = '\0';
		ret = request->act(channel, any);
		break;
	}
	mutex_unlock(&kring_channels_lock);
	return ret;
}

static long ioctl_request(const struct control_request *request, void __user *arg)
{
	union kring_any_request any;
	int ret;

	ret = kring_copy_in(&any, request->size, arg);
	if (ret)
		return ret;
	if (any.req.size < sizeof(any.req))
		return -EINVAL;
	any.req.message[0] = '\0';
	/* Before anything is done: whether the answer can be given */
	ret = kring_copy_out(arg, &any, request->size);
	if (ret)
		return ret;
	ret = control_act(request, &any);
	/* What was done must not fail any more: only the others have more to tell */
	if (!ret && request->mode == FMODE_WRITE)
		return 0;
	return kring_copy_out(arg, &any, request->size) ?: ret;
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
	unsigned int nr = _IOC_NR(cmd);

	if (_IOC_TYPE(cmd) != KRING_IOC)
		return -ENOTTY;
	if (nr == _IOC_NR(KRING_IOC_NEXT))
		return file->f_mode & FMODE_READ ? ioctl_next(arg) : -EBADF;
	if (nr >= ARRAY_SIZE(requests))
		return -ENOTTY;
	nr = array_index_nospec(nr, ARRAY_SIZE(requests));
	if (!requests[nr].size)
		return -ENOTTY;
	return file->f_mode & requests[nr].mode ? ioctl_request(&requests[nr], arg) : -EBADF;
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
