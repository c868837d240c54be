/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kernel/hold.c and the headers it includes need of the kernel, for the
 * machine: grace periods and a page of cursors are real, the rest is there so that
 * it compiles. The Makefile makes a linux/NAME.h for each that includes this one.
 */
#ifndef TESTS_SCHED_KERNEL_STUB_H
#define TESTS_SCHED_KERNEL_STUB_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <ring_port.h>
#include "../grace.h"
#include "../hold.h"

#define PAGE_SIZE	(2 * KRING_CURSOR_STRIDE)
#define TASK_COMM_LEN	16
#define GFP_KERNEL_ACCOUNT	0
#define __GFP_ZERO	0
#define __user
#define __rcu
#define __printf(a, b)
#define DECLARE_PER_CPU(type, name)	extern type name
#define sizeof_field(type, member)	sizeof(((type *)0)->member)

typedef unsigned int __poll_t;
typedef long ktime_t;
typedef int spinlock_t;
typedef int wait_queue_head_t;
typedef struct poll_table_struct poll_table;
struct page;
struct file;
struct vm_area_struct;
struct file_operations;
struct list_head { struct list_head *next, *prev; };
struct hlist_node { struct hlist_node *next; };
struct rcu_head { void *next; };
struct mutex { int held; };
struct kref { int n; };
struct hrtimer { int n; };
struct irq_work { int n; };
struct miscdevice { int n; };
struct work_struct { int n; };
struct delayed_work { struct work_struct work; };

#define min(a, b)	((a) < (b) ? (a) : (b))
#define max(a, b)	((a) > (b) ? (a) : (b))
#define clamp(x, low, high)	min(max(x, low), high)
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define struct_size(p, member, n)	(sizeof(*(p)) + (n) * sizeof(*(p)->member))
#define container_of(p, type, member)	((type *)((char *)(p) - offsetof(type, member)))
#define list_for_each_entry(at, list, member)				\
	for (at = container_of((list)->next, __typeof__(*at), member);	\
	     &at->member != (list);					\
	     at = container_of(at->member.next, __typeof__(*at), member))
#define lockdep_assert_held(lock)	((void)(lock))
#define mutex_init(lock)	((void)(lock))
#define mutex_lock(lock)	((void)(lock))
#define mutex_unlock(lock)	((void)(lock))
#define INIT_DELAYED_WORK(work, fn)	((void)(work), (void)(fn))
#define strscpy_pad(to, from, size)	strncpy(to, from, size)

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list->prev = list;
}

static inline void list_del(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
}

static inline void *kzalloc(size_t size, int flags)
{
	(void)flags;
	return calloc(1, size);
}

#define kfree(p)	free(p)
#define alloc_page(flags)	((void)(flags), (struct page *)hold_page())
#define page_address(page)	((void *)(page))
#define put_page(page)	hold_page_gone(page)
#define synchronize_rcu()	grace_period()

/* The machine has nothing better to do meanwhile */
static inline void call_rcu(struct rcu_head *head, void (*fn)(struct rcu_head *head))
{
	grace_period();
	fn(head);
}

#endif /* TESTS_SCHED_KERNEL_STUB_H */
