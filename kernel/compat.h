/* SPDX-License-Identifier: GPL-2.0 */
/* Where kernels differ. No other file asks for a version. */
#ifndef KRING_COMPAT_H
#define KRING_COMPAT_H

#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/kmsg_dump.h>
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/version.h>
#include <linux/workqueue.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_mod(struct vm_area_struct *vma, vm_flags_t set,
				vm_flags_t clear)
{
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define may_split split
#endif

/* A file without llseek cannot seek, since 6.0 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define no_llseek NULL
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define system_unbound_wq system_dfl_wq
#define system_wq system_percpu_wq
#define KRING_WQ_PERCPU WQ_PERCPU
#else
#define KRING_WQ_PERCPU 0
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define ring_buffer_commit_compat(buffer, event)	ring_buffer_unlock_commit(buffer, event)
#else
#define ring_buffer_commit_compat(buffer, event)	ring_buffer_unlock_commit(buffer)
#endif

/* What subbuf_start of struct rchan_callbacks gets */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define KRING_SUBBUF_ARGS	struct rchan_buf *buf, void *subbuf, void *prev, size_t padding
#else
#define KRING_SUBBUF_ARGS	struct rchan_buf *buf, void *subbuf, void *prev
#endif

/* What a probe of sched_switch gets, and in which state prev leaves */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 18, 0)
#define KRING_SWITCH_ARGS	bool preempt, struct task_struct *prev, struct task_struct *next
#define KRING_SWITCH_STATE	task_state_index(prev)
#else
#define KRING_SWITCH_ARGS	bool preempt, struct task_struct *prev, \
				struct task_struct *next, unsigned int prev_state
#define KRING_SWITCH_STATE	__task_state_index(prev_state, prev->exit_state)
#endif

/* For a task that a CPU switches from: whether it waits to run again */
static inline bool kring_task_waits(struct task_struct *task)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	return task->on_rq;
#else
	return task_is_runnable(task);
#endif
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 13, 0)
#define kmsg_dump_iter kmsg_dumper
#endif

/* Go to the end of the kernel log */
static inline void kring_log_end(struct kmsg_dump_iter *iter)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 13, 0)
	iter->active = true;
#endif
	kmsg_dump_rewind(iter);
	iter->cur_seq = iter->next_seq;
}

/* In fs/internal.h, which modules do not see; the same since 4.7 */
struct kring_open_flags {
	int open_flag;
	umode_t mode;
	int acc_mode;
	int intent;
	int lookup_flags;
};

/* Before that, do_renameat2() gets the program's own pointers to names */
#define KRING_NAMES_IN_KERNEL	(LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0))

#ifndef LOOKUP_CACHED
#define LOOKUP_CACHED		0
#endif

/* The tracepoint kfree_skb says why */
#define KRING_DROP_HAS_REASON	(LINUX_VERSION_CODE >= KERNEL_VERSION(5, 17, 0))

#if !KRING_DROP_HAS_REASON
enum skb_drop_reason { SKB_DROP_REASON_NOT_SPECIFIED };
#endif

#ifndef DEFINE_DROP_REASON
#define DEFINE_DROP_REASON(reason, last) reason(NOT_SPECIFIED)
#endif

#endif /* KRING_COMPAT_H */
