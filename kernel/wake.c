// SPDX-License-Identifier: GPL-2.0
/*
 * Sleeping readers.
 *
 * A reader passes its positions and is armed: each ring is told at which head
 * it wants to know (kring_ring_arm(), barrier F). The producer that gets there
 * queues the ring's irq_work, which looks at every armed file: those that have
 * what they wait for become ready, the others are armed again. A latency bound
 * costs one such look, at the first record: it starts a timer.
 *
 * The barrier is the dearest thing in a commit, so producers of per-CPU rings have
 * it only while a file is open that was armed once. The first of these waits until
 * no producer is left that has not seen it.
 */
#include <linux/nospec.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <compat.h>
#include <internal.h>

#define LATENCY_MAX	(3600ULL * NSEC_PER_SEC)

/* For a source that reports wakeups: whose readers this CPU is waking */
DEFINE_PER_CPU(struct kring_channel *, kring_waking);

/* A ring's fences, as long as there are so many sleepers; hold_lock held */
void kring_wake_fence(struct kring_channel *channel, struct kring_ring *ring)
{
	u32 fences = kring_fences(channel->mode, channel->clock);

	/* F: then a grace period, before anybody sleeps */
	WRITE_ONCE(ring->fences, fences | (channel->sleepers ? KRING_FENCE_SLEEPERS : 0));
}

/* The channel has one sleeper more or less; hold_lock held */
static void sleepers_add(struct kring_channel *channel, int n)
{
	u32 i;

	channel->sleepers += n;
	for (i = 0; i < channel->nr_rings; i++)
		kring_wake_fence(channel, &channel->buffers[i]->ring);
}

/* Before a file is armed */
static void file_may_sleep(struct kring_file *file)
{
	struct kring_channel *channel = file->channel;

	/* F: set behind the grace period; kring_ring_arm() has the barrier */
	if (READ_ONCE(file->sleeps))
		return;
	mutex_lock(&channel->hold_lock);
	if (!file->sleeps) {
		sleepers_add(channel, 1);
		/*
		 * F: no producer is left that has not seen it. Expedited, as
		 * this reader reads nothing meanwhile.
		 */
		if (channel->sleepers == 1 && channel->mode == KRING_MODE_PERCPU)
			synchronize_rcu_expedited();
		WRITE_ONCE(file->sleeps, true);	/* F: for its other threads */
	}
	mutex_unlock(&channel->hold_lock);
}

/* wait_lock held */
static void file_ready(struct kring_file *file)
{
	file->armed = false;
	WRITE_ONCE(file->ready, true);
	this_cpu_write(kring_waking, file->channel);
	wake_up_poll(&file->wait, EPOLLIN | EPOLLRDNORM);
	this_cpu_write(kring_waking, NULL);
}

/*
 * Whether the file has what it waits for in this ring; if not, the ring is
 * armed for it. wait_lock held. At most three rounds: each changes `need`.
 */
static bool file_check(struct kring_file *file, struct kring_ring *ring, u64 pos)
{
	/* Never more than may be there while this very reader holds */
	u64 watermark = min(file->watermark, READ_ONCE(ring->room) / 2);
	u64 head, need;

	if (pos == KRING_POS_NOT_READ)
		return false;
	do {
		head = READ_ONCE(ring->meta->head);
		if (head > pos) {
			if (head - pos >= watermark)
				return true;
			if (file->latency && !file->timing) {
				file->timing = true;
				hrtimer_start(&file->timer,
					      ns_to_ktime(file->latency),
					      HRTIMER_MODE_REL);
			}
		}
		need = file->latency && !file->timing ? 1 : watermark;
	} while (kring_ring_arm(ring, pos + need));
	return false;
}

/* A ring's irq_work: head got to where somebody wanted to know */
void kring_wake_work(struct irq_work *work)
{
	struct kring_buffer *buffer = container_of(work, struct kring_buffer, wake);
	struct kring_channel *channel = buffer->channel;
	struct kring_file *file;
	unsigned long flags;

	spin_lock_irqsave(&channel->wait_lock, flags);
	list_for_each_entry(file, &channel->files, link)
		if (file->armed &&
		    file_check(file, &buffer->ring, file->pos[buffer->index]))
			file_ready(file);
	spin_unlock_irqrestore(&channel->wait_lock, flags);
}

static enum hrtimer_restart wake_timer(struct hrtimer *timer)
{
	struct kring_file *file = container_of(timer, struct kring_file, timer);
	struct kring_channel *channel = file->channel;
	unsigned long flags;

	spin_lock_irqsave(&channel->wait_lock, flags);
	if (file->armed)
		file_ready(file);
	spin_unlock_irqrestore(&channel->wait_lock, flags);
	return HRTIMER_NORESTART;
}

/* The channel goes (EPOLLHUP) or has one ring more: all who sleep learn of it */
void kring_wake_all(struct kring_channel *channel, __poll_t more)
{
	struct kring_file *file;
	unsigned long flags;

	spin_lock_irqsave(&channel->wait_lock, flags);
	list_for_each_entry(file, &channel->files, link) {
		file_ready(file);
		wake_up_poll(&file->wait, EPOLLIN | EPOLLRDNORM | more);
	}
	spin_unlock_irqrestore(&channel->wait_lock, flags);
}

void kring_file_init(struct kring_file *file, struct kring_channel *channel)
{
	file->channel = channel;
	mutex_init(&file->lock);
	init_waitqueue_head(&file->wait);
	hrtimer_setup(&file->timer, wake_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	file->watermark = 1;
	file->ready = true;
	spin_lock_irq(&channel->wait_lock);
	list_add_tail(&file->link, &channel->files);
	spin_unlock_irq(&channel->wait_lock);
}

/* Not armed and without a timer; file->lock held, or nobody else has the file */
static void file_disarm(struct kring_file *file)
{
	spin_lock_irq(&file->channel->wait_lock);
	file->armed = false;
	file->ready = true;
	spin_unlock_irq(&file->channel->wait_lock);
	hrtimer_cancel(&file->timer);
	file->timing = false;
}

void kring_file_exit(struct kring_file *file)
{
	spin_lock_irq(&file->channel->wait_lock);
	list_del(&file->link);
	spin_unlock_irq(&file->channel->wait_lock);
	file_disarm(file);
	mutex_lock(&file->channel->hold_lock);
	if (file->sleeps)
		sleepers_add(file->channel, -1);
	mutex_unlock(&file->channel->hold_lock);
}

int kring_file_set_wake(struct kring_file *file, const struct kring_wake *wake)
{
	if (!wake->watermark || wake->watermark > file->channel->ring_size / 2 ||
	    wake->latency > LATENCY_MAX || wake->reserved0)
		return -EINVAL;
	mutex_lock(&file->lock);
	file_disarm(file);
	file->watermark = wake->watermark;
	file->latency = wake->latency;
	mutex_unlock(&file->lock);
	return 0;
}

/* The file's lock is held. 0, -EFAULT, -EINVAL (where no reader can be) */
static int file_set_positions(struct kring_file *file, const u64 __user *from, u32 nr)
{
	struct kring_channel *channel = file->channel;
	u32 i;

	for (i = nr; i < channel->max_rings; i++)
		file->pos[i] = KRING_POS_NOT_READ;
	if (copy_from_user(file->pos, from, array_size(nr, sizeof(u64))))
		return -EFAULT;
	for (i = 0; i < nr; i++) {
		u64 head = READ_ONCE(channel->buffers[i]->ring.meta->head);

		if (file->pos[i] != KRING_POS_NOT_READ &&
		    file->pos[i] > head + channel->ring_size)
			return -EINVAL;
	}
	return 0;
}

/* 1: there is something to read; 0: poll will tell */
int kring_file_arm(struct kring_file *file, const struct kring_arm *arm)
{
	struct kring_channel *channel = file->channel;
	u32 i, nr, nr_rings = kring_nr_rings(channel);
	bool ready;
	int ret;

	if (arm->nr > nr_rings)
		return -EINVAL;
	nr = array_index_nospec(arm->nr, nr_rings + 1);
	file_may_sleep(file);
	mutex_lock(&file->lock);
	file_disarm(file);
	ret = file_set_positions(file, u64_to_user_ptr(arm->positions), nr);
	if (ret)
		goto unlock;

	spin_lock_irq(&channel->wait_lock);
	/* Under the lock: a ring that is made later wakes whoever is armed */
	ready = channel->gone || nr < READ_ONCE(channel->nr_rings);
	for (i = 0; i < nr && !ready; i++)
		ready = file_check(file, &channel->buffers[i]->ring, file->pos[i]);
	file->ready = ready;
	file->armed = !ready;
	spin_unlock_irq(&channel->wait_lock);
	ret = ready;
unlock:
	mutex_unlock(&file->lock);
	return ret;
}

__poll_t kring_file_poll(struct file *filp, poll_table *wait)
{
	struct kring_file *file = filp->private_data;
	__poll_t mask = 0;

	poll_wait(filp, &file->wait, wait);
	if (file->channel->source->write && (filp->f_mode & FMODE_WRITE))
		mask |= EPOLLOUT | EPOLLWRNORM;
	if (READ_ONCE(file->ready) && (filp->f_mode & FMODE_READ))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(file->channel->gone))
		mask |= EPOLLHUP;
	return mask;
}
