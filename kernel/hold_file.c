// SPDX-License-Identifier: GPL-2.0
/* What a channel's file asks for: a hold, its cursors, its end. */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <hold.h>

static struct kring_holder *holder_find(struct kring_channel *channel, const char *name)
{
	struct kring_holder *holder;

	list_for_each_entry(holder, &channel->holders, link)
		if (!strcmp(holder->name, name))
			return holder;
	return NULL;
}

/* hold_lock held. A new holder, or an orphan with that name, or ERR_PTR() */
static struct kring_holder *holder_get(struct kring_channel *channel,
				       struct kring_hold *hold, u64 *positions)
{
	struct kring_request *req = &hold->req;
	struct kring_holder *holder = NULL;
	int ret;
	u32 i;

	if (req->name[0])
		holder = holder_find(channel, req->name);
	if (holder && !holder->orphan)
		return ERR_PTR(kring_refuse(req, -EBUSY, "hold \"%s\" is in use by process %u (%s)",
					    req->name, holder->pid, holder->comm));
	if (holder) {
		for (i = 0; i < hold->nr; i++) {
			u64 *cursor = kring_cursor(holder, i);

			positions[i] = kring_hold_slot(&channel->buffers[i]->ring, cursor) ?
				       READ_ONCE(*cursor) : KRING_HOLD_NONE;
		}
		hold->resumed = 1;
		return holder;
	}

	holder = kring_holder_alloc(channel);
	if (!holder)
		return ERR_PTR(kring_refuse(req, -ENOMEM, "not enough memory for the cursors"));
	holder->id = ++channel->last_holder;
	strscpy(holder->name, req->name, sizeof(holder->name));
	holder->later = hold->flags & KRING_HOLD_LATER;
	list_add_tail(&holder->link, &channel->holders);
	channel->nr_holders++;
	ret = kring_holder_attach(channel, holder, hold, positions);
	if (ret) {
		kring_holder_drop(channel, holder);
		return ERR_PTR(ret);
	}
	return holder;
}

static int hold_check(struct kring_channel *channel, const struct kring_hold *hold,
		      struct kring_request *req)
{
	u64 keep_limit = READ_ONCE(channel->keep_limit);

	if (req->reserved0 || hold->reserved0 || hold->flags & ~KRING_HOLD_LATER)
		return kring_refuse(req, -EINVAL, "flags 0x%x: 0 or 1 (later rings too), reserved fields 0",
				    hold->flags);
	if (strnlen(req->name, KRING_NAME_MAX) == KRING_NAME_MAX)
		return kring_refuse(req, -EINVAL, "a hold's name has at most %d characters",
				    KRING_NAME_MAX - 1);
	if (hold->keep && !req->name[0])
		return kring_refuse(req, -EINVAL, "a hold to be kept needs a name");
	if (hold->keep > keep_limit)
		return kring_refuse(req, -EINVAL,
				    "keep for %llu ns: this channel allows %llu (see ringctl set --keep)",
				    hold->keep, keep_limit);
	if (hold->nr > channel->nr_rings)
		return kring_refuse(req, -EINVAL, "%u positions, but there are %u rings",
				    hold->nr, channel->nr_rings);
	return 0;
}

/*
 * 0 or -errno, then with a message; positions has room for hold->nr, *kept is for
 * what the holder's keep was
 */
static int hold_attach(struct kring_file *file, struct kring_hold *hold, u64 *positions,
		       u64 *kept)
{
	struct kring_channel *channel = file->channel;
	struct kring_holder *holder;

	if (file->holder)
		return kring_refuse(&hold->req, -EBUSY, "this file holds already");
	if (channel->holds_ended)
		return kring_refuse(&hold->req, -ENODEV, "the channel was removed");
	holder = holder_get(channel, hold, positions);
	if (IS_ERR(holder))
		return PTR_ERR(holder);
	holder->pid = task_tgid_nr(current);
	get_task_comm(holder->comm, current);
	*kept = holder->keep;
	holder->keep = hold->keep;
	holder->orphan = false;
	file->holder = holder;
	return 0;
}

/* Nobody learned of it: a new hold goes, one that was continued is kept again */
static void hold_undo(struct kring_file *file, bool resumed, u64 kept)
{
	struct kring_channel *channel = file->channel;

	if (!resumed) {
		kring_hold_drop(file);
		return;
	}
	mutex_lock(&channel->hold_lock);
	if (file->holder)
		file->holder->keep = kept;
	mutex_unlock(&channel->hold_lock);
	if (!kring_hold_close(file))
		kring_channel_close(channel);
}

/* Answers in arg, if it succeeds */
int kring_hold(struct file *filp, struct kring_hold *hold, struct kring_hold __user *arg)
{
	struct kring_file *file = filp->private_data;
	u64 __user *user = u64_to_user_ptr(hold->positions);
	struct kring_channel *channel = file->channel;
	u64 *positions;
	size_t size;
	u64 kept = 0;
	int ret;

	hold->resumed = 0;
	hold->req.message[0] = '\0';
	if (!(filp->f_mode & FMODE_READ) || !(filp->f_mode & FMODE_WRITE))
		return kring_refuse(&hold->req, -EBADF,
				    "to hold, the channel must be open for reading and writing");
	ret = hold_check(channel, hold, &hold->req);
	if (ret)
		return ret;
	hold->nr = array_index_nospec(hold->nr, kring_nr_rings(channel) + 1);
	size = array_size(hold->nr, sizeof(u64));
	positions = memdup_user(user, size);
	if (IS_ERR(positions))
		return PTR_ERR(positions);
	/* Before anything is done: whether the answer can be given */
	if (copy_to_user(user, positions, size)) {
		kfree(positions);
		return -EFAULT;
	}

	mutex_lock(&channel->hold_lock);
	ret = hold_attach(file, hold, positions, &kept);
	mutex_unlock(&channel->hold_lock);
	if (!ret && (copy_to_user(user, positions, size) ||
		     kring_copy_out(arg, hold, sizeof(*hold)))) {
		hold_undo(file, hold->resumed, kept);
		ret = -EFAULT;
	} else if (!ret && hold->resumed) {
		kring_channel_close(channel);	/* the orphan was a reader */
	}
	kfree(positions);
	return ret;
}

/* For those who do not map their cursors */
int kring_hold_release(struct kring_file *file, const struct kring_release *release)
{
	struct kring_channel *channel = file->channel;
	u32 i, nr, nr_rings = kring_nr_rings(channel);
	u64 *positions;
	int ret = 0;

	if (release->nr > nr_rings)
		return -EINVAL;
	nr = array_index_nospec(release->nr, nr_rings + 1);
	positions = memdup_user(u64_to_user_ptr(release->positions),
				array_size(nr, sizeof(u64)));
	if (IS_ERR(positions))
		return PTR_ERR(positions);
	mutex_lock(&channel->hold_lock);
	if (!file->holder)
		ret = -ENXIO;
	for (i = 0; i < nr && !ret; i++)
		if (positions[i] != ~0ULL)
			/* D: the caller's reads, then the cursor */
			smp_store_release(kring_cursor(file->holder, i), positions[i]);
	mutex_unlock(&channel->hold_lock);
	kfree(positions);
	return ret;
}

int kring_hold_drop(struct kring_file *file)
{
	struct kring_channel *channel = file->channel;
	struct kring_holder *holder;

	mutex_lock(&channel->hold_lock);
	holder = file->holder;
	file->holder = NULL;
	if (holder)
		kring_holder_drop(channel, holder);
	mutex_unlock(&channel->hold_lock);
	return holder ? 0 : -ENXIO;
}

int kring_hold_mmap(struct kring_file *file, struct vm_area_struct *vma)
{
	unsigned long nr = kring_hold_pages(file->channel);
	struct kring_holder *holder;
	int ret = -ENXIO;

	if (vma_pages(vma) != nr)
		return -EINVAL;
	mutex_lock(&file->channel->hold_lock);
	holder = file->holder;
	if (holder)
		ret = vm_insert_pages(vma, vma->vm_start, holder->pages, &nr);
	mutex_unlock(&file->channel->hold_lock);
	return ret;
}

