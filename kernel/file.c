// SPDX-License-Identifier: GPL-2.0
/* A channel's file: open, ask, write, close. */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <compat.h>
#include <internal.h>

static int kring_open(struct inode *inode, struct file *file)
{
	/* The misc core holds its mutex: the channel cannot go meanwhile */
	struct kring_channel *channel =
		container_of(file->private_data, struct kring_channel, misc);
	struct kring_file *kfile;
	int ret;

	if (!(file->f_mode & FMODE_READ) && !channel->source->write)
		return -EINVAL;
	kfile = kvzalloc(struct_size(kfile, pos, channel->max_rings),
			 GFP_KERNEL_ACCOUNT);
	if (!kfile)
		return -ENOMEM;
	ret = file->f_mode & FMODE_READ ? kring_channel_open(channel) : 0;
	if (ret) {
		kvfree(kfile);
		return ret;
	}
	kring_channel_get(channel);
	kring_file_init(kfile, channel);
	file->private_data = kfile;
	return nonseekable_open(inode, file);
}

static int kring_release(struct inode *inode, struct file *file)
{
	struct kring_file *kfile = file->private_data;
	struct kring_channel *channel = kfile->channel;

	kring_file_exit(kfile);
	if (!kring_hold_close(kfile) && (file->f_mode & FMODE_READ))
		kring_channel_close(channel);
	kring_channel_put(channel);
	kvfree(kfile);
	return 0;
}

/* One call, one event; also writev() */
static ssize_t kring_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct kring_file *kfile = iocb->ki_filp->private_data;
	struct kring_channel *channel = kfile->channel;
	size_t size = iov_iter_count(from);
	void *data;
	int ret;

	if (!channel->source->write)
		return -EBADF;
	if (READ_ONCE(channel->gone))
		return -ENODEV;
	if (!size)
		return 0;
	if (size > kring_max_payload(channel->ring_size))
		return -EMSGSIZE;
	data = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!data)
		return -ENOMEM;
	ret = -EFAULT;
	if (copy_from_iter_full(data, size, from))
		ret = channel->source->write(channel, data, size);
	kvfree(data);
	return ret ?: size;
}

static long ioctl_info(struct kring_channel *channel, void __user *arg)
{
	struct kring_info info;
	int ret = kring_copy_in(&info, sizeof(info), arg);

	if (ret)
		return ret;
	kring_channel_info(channel, &info);
	return kring_copy_out(arg, &info, sizeof(info));
}

static long ioctl_schema(struct kring_channel *channel, void __user *arg)
{
	const struct kring_schema *schema = channel->schema;
	struct kring_schema_get get;
	int ret = kring_copy_in(&get, sizeof(get), arg);

	if (ret)
		return ret;
	if (get.room < schema->size)
		return -ENOSPC;
	return copy_to_user(u64_to_user_ptr(get.data), schema, schema->size) ?
	       -EFAULT : 0;
}

static long ioctl_hold(struct file *file, void __user *arg)
{
	struct kring_hold hold;
	int ret = kring_copy_in(&hold, sizeof(hold), arg);

	if (ret)
		return ret;
	if (hold.req.size < offsetofend(struct kring_hold, positions))
		return -EINVAL;
	ret = kring_hold(file, &hold);
	return kring_copy_out(arg, &hold, sizeof(hold)) ?: ret;
}

static long kring_ioctl(struct file *file, unsigned int cmd, unsigned long param)
{
	struct kring_file *kfile = file->private_data;
	void __user *arg = (void __user *)param;
	union {
		struct kring_wake wake;
		struct kring_arm arm;
		struct kring_release release;
		struct kring_drop drop;
	} in;
	int ret;

	if (_IOC_TYPE(cmd) != KRING_IOC)
		return -ENOTTY;
	/* Who only writes may ask what there is, but waits for nothing */
	if (!(file->f_mode & FMODE_READ) && _IOC_NR(cmd) != _IOC_NR(KRING_IOC_INFO) &&
	    _IOC_NR(cmd) != _IOC_NR(KRING_IOC_SCHEMA))
		return -EBADF;
	/* The size in the number is that of the caller's header: not compared */
	switch (_IOC_NR(cmd)) {
	case _IOC_NR(KRING_IOC_INFO):
		return ioctl_info(kfile->channel, arg);
	case _IOC_NR(KRING_IOC_SCHEMA):
		return ioctl_schema(kfile->channel, arg);
	case _IOC_NR(KRING_IOC_WAKE):
		ret = kring_copy_in(&in.wake, sizeof(in.wake), arg);
		return ret ?: kring_file_set_wake(kfile, &in.wake);
	case _IOC_NR(KRING_IOC_ARM):
		ret = kring_copy_in(&in.arm, sizeof(in.arm), arg);
		return ret ?: kring_file_arm(kfile, &in.arm);
	case _IOC_NR(KRING_IOC_HOLD):
		return ioctl_hold(file, arg);
	case _IOC_NR(KRING_IOC_RELEASE):
		ret = kring_copy_in(&in.release, sizeof(in.release), arg);
		return ret ?: kring_hold_release(kfile, &in.release);
	case _IOC_NR(KRING_IOC_DROP):
		ret = kring_copy_in(&in.drop, sizeof(in.drop), arg);
		if (!ret && in.drop.reserved0)
			ret = -EINVAL;
		return ret ?: kring_hold_drop(kfile);
	default:
		return -ENOTTY;
	}
}

const struct file_operations kring_file_ops = {
	.owner = THIS_MODULE,
	.open = kring_open,
	.release = kring_release,
	.write_iter = kring_write_iter,
	.unlocked_ioctl = kring_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = kring_mmap,
	.poll = kring_file_poll,
	.llseek = no_llseek,
};
