/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of kring.ko share.
 *
 * Locks, outermost first:
 *
 *	kring_channels_lock	the list of channels, their names
 *	(misc_mtx)		of the misc devices: held while a file is opened
 *	channel->lock		readers, flags, gone; start and stop of the source
 *	(cpu_hotplug_lock)	the rings of a channel
 *	(mmap_lock)
 *	channel->hold_lock	holders, their rings' slots; limits of holds
 *	file->lock		the positions of one file
 *	channel->wait_lock	files, how they sleep, nr_rings; interrupts off
 *
 * A channel lives as long as the list, a file or a mapping (through its file)
 * refers to it. Its rings live as long as it does.
 */
#ifndef KRING_INTERNAL_H
#define KRING_INTERNAL_H

#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/kref.h>
#include <linux/kring_control.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <kring_producer.h>
#include <ring.h>

/* A ring with its pages */
struct kring_buffer {
	struct kring_ring ring;
	struct irq_work wake;
	struct kring_channel *channel;
	u32 index;
	struct page **pages;	/* as mapped: metadata, data, data again */
	unsigned long nr_pages;	/* entries of pages */
	void *base;		/* all of it, mapped in the kernel */
};

struct kring_channel {
	bool recording;			/* H */
	struct kring_buffer **by_cpu;	/* where a CPU writes */

	struct kref ref;
	struct list_head link;		/* in kring_channels */
	u64 id;
	char name[KRING_NAME_MAX];
	char node[KRING_NAME_MAX + 8];
	struct miscdevice misc;
	const struct kring_source *source;
	void *private;			/* the source's */
	struct kring_schema *schema;
	struct kring_filter_set __rcu *filter;	/* NULL: all pass; filter.c */
	u64 critical;			/* types, a bit each */
	u32 mode;
	u32 flags;
	u32 clock;
	u64 ring_size;
	u32 max_rings;
	u32 nr_rings;			/* only grows; see rings.c */
	struct kring_buffer **buffers;
	struct hlist_node hotplug;

	struct mutex lock;		/* see above */
	u32 readers;			/* files, and holds without one */
	bool gone;

	struct mutex hold_lock;		/* see above */
	struct list_head holders;
	struct delayed_work expiry;	/* of kept holds */
	u64 last_holder;		/* id */
	u32 nr_holders;
	bool holds_ended;
	u32 holds_max;			/* on one ring */
	u32 critical_share;		/* percent */
	u64 lag_limit;			/* bytes, 0: none */
	u64 keep_limit;			/* ns */

	spinlock_t wait_lock;		/* see above */
	struct list_head files;
	u32 light_sleepers;		/* files that each record is to wake */
};

/* A channel's file */
struct kring_file {
	struct kring_channel *channel;
	struct mutex lock;		/* see above */
	struct list_head link;		/* in channel->files */
	struct kring_holder *holder;	/* or NULL; channel->hold_lock */
	wait_queue_head_t wait;
	struct hrtimer timer;
	u64 watermark;			/* bytes */
	u64 latency;			/* ns; 0: none */
	bool armed;
	bool light;			/* counts in channel->light_sleepers */
	bool grace;			/* the grace period for it is not over */
	bool stale;			/* and will not do: it began too early */
	struct rcu_head rcu;
	bool timing;			/* the timer runs, or has run */
	bool ready;
	u64 pos[];			/* max_rings */
};

#define KRING_POS_NOT_READ	(~0ULL)

/* pages.c */
struct kring_buffer *kring_buffer_alloc(struct kring_channel *channel, u32 index,
					u32 cpu);
void kring_buffer_free(struct kring_buffer *buffer);

/* rings.c */
int kring_rings_make(struct kring_channel *channel);
void kring_rings_end(struct kring_channel *channel);
void kring_rings_free(struct kring_channel *channel);
int kring_rings_init(void);
void kring_rings_exit(void);

/* Rings there are now; those stay */
static inline u32 kring_nr_rings(const struct kring_channel *channel)
{
	/* J: the number, then the rings; pairs with the store-release in rings_add() */
	return smp_load_acquire(&channel->nr_rings);
}

/* hold.c */
unsigned long kring_hold_pages(const struct kring_channel *channel);
void kring_holds_init(struct kring_channel *channel);
void kring_holds_set(struct kring_channel *channel, const struct kring_set *set);
void kring_holds_add_ring(struct kring_channel *channel, struct kring_buffer *buffer);
int kring_hold_next(struct kring_channel *channel, struct kring_hold_info *info);

/* hold_file.c */
int kring_hold(struct file *file, struct kring_hold *hold, struct kring_hold __user *arg);
int kring_hold_release(struct kring_file *file, const struct kring_release *release);
int kring_hold_drop(struct kring_file *file);
int kring_hold_mmap(struct kring_file *file, struct vm_area_struct *vma);

/* hold_keep.c */
bool kring_hold_close(struct kring_file *file);
void kring_holds_end(struct kring_channel *channel);

/* map.c */
unsigned long kring_ring_pages(const struct kring_channel *channel);
unsigned long kring_hold_offset(const struct kring_channel *channel);
int kring_mmap(struct file *file, struct vm_area_struct *vma);

/* schema.c */
struct kring_schema *kring_schema_build(const struct kring_source *source);

/* channel.c */
extern struct mutex kring_channels_lock;
extern struct list_head kring_channels;
void kring_channel_get(struct kring_channel *channel);
void kring_channel_put(struct kring_channel *channel);
int kring_channel_open(struct kring_channel *channel);
void kring_channel_close(struct kring_channel *channel);
int kring_channel_set(struct kring_channel *channel, const struct kring_set *set);
void kring_channel_remove(struct kring_channel *channel);
int kring_options_check(const struct kring_options *options, char *message);

/* info.c */
void kring_channel_info(struct kring_channel *channel, struct kring_info *info);

/* file.c */
extern const struct file_operations kring_file_ops;

/* wake.c */
DECLARE_PER_CPU(struct kring_channel *, kring_waking);
void kring_file_init(struct kring_file *file, struct kring_channel *channel);
void kring_file_exit(struct kring_file *file);
void kring_wake_fence(struct kring_channel *channel, struct kring_ring *ring);
void kring_wake_work(struct irq_work *work);
void kring_wake_all(struct kring_channel *channel, __poll_t more);
int kring_file_set_wake(struct kring_file *file, const struct kring_wake *wake);
int kring_file_arm(struct kring_file *file, const struct kring_arm *arm);
__poll_t kring_file_poll(struct file *file, poll_table *wait);

/* control.c */
int kring_control_init(void);
void kring_control_exit(void);

/* filter.c */
int kring_filter_set(struct kring_channel *channel, struct kring_filter *filter);
void kring_filter_get(struct kring_channel *channel, struct kring_filter *filter);
void kring_filter_free(struct kring_channel *channel);

/* usercopy.c: structures that start with their size */
__printf(3, 4)
int kring_refuse(struct kring_request *req, int error, const char *format, ...);
int kring_copy_in(void *to, size_t known, const void __user *from);
int kring_copy_out(void __user *to, const void *from, size_t known);

/* sources/ */
extern const struct kring_source kring_source_task;
extern const struct kring_source kring_source_sched;
extern const struct kring_source kring_source_syscall;
extern const struct kring_source kring_source_log;
extern const struct kring_source kring_source_net;
extern const struct kring_source kring_source_file;
extern const struct kring_source kring_source_user;
extern const struct kring_source kring_source_load;
struct kring_load;
int kring_load_command(struct kring_channel *channel, struct kring_load *load);

#endif /* KRING_INTERNAL_H */
