// SPDX-License-Identifier: GPL-2.0
/* Does one of the things that a debug kernel must notice; see tests/uml/selftest. */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *fault = "none";
module_param(fault, charp, 0444);
static int shift = 40;
module_param(shift, int, 0444);

static DEFINE_SPINLOCK(one);
static DEFINE_SPINLOCK(two);
static DEFINE_MUTEX(mutex);
static int sink;	/* so that what is read is read */

static void after_free(void)
{
	char *at = kmalloc(64, GFP_KERNEL);

	if (!at)
		return;
	OPTIMIZER_HIDE_VAR(at);
	kfree(at);
	WRITE_ONCE(sink, at[8]);
}

static void beyond(void)
{
	char *at = kmalloc(100, GFP_KERNEL);

	if (!at)
		return;
	OPTIMIZER_HIDE_VAR(at);
	WRITE_ONCE(sink, at[100]);
	kfree(at);
}

/* Some memory may still have the address of one */
static void leak(void)
{
	char *at;
	int i;

	for (i = 0; i < 16; i++) {
		at = kmalloc(64, GFP_KERNEL);
		OPTIMIZER_HIDE_VAR(at);
		WRITE_ONCE(sink, !at);
	}
}

static void inversion(void)
{
	spin_lock(&one);
	spin_lock(&two);
	spin_unlock(&two);
	spin_unlock(&one);
	spin_lock(&two);
	spin_lock(&one);
	spin_unlock(&one);
	spin_unlock(&two);
}

static void sleep_in_atomic(void)
{
	spin_lock(&one);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	spin_unlock(&one);
}

static void list_corruption(void)
{
	LIST_HEAD(list);
	struct list_head entry;

	list_add(&entry, &list);
	entry.next = &entry;
	list_del(&entry);
}

static const struct {
	const char *name;
	void (*act)(void);
} faults[] = {
	{ "after-free", after_free }, { "beyond", beyond }, { "leak", leak },
	{ "inversion", inversion }, { "sleep-in-atomic", sleep_in_atomic },
	{ "list", list_corruption },
};

static int __init faulty_init(void)
{
	size_t i;

	if (!strcmp(fault, "shift")) {
		WRITE_ONCE(sink, 1 << shift);
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (!strcmp(fault, faults[i].name)) {
			faults[i].act();
			return 0;
		}
	}
	return -EINVAL;
}

static void __exit faulty_exit(void)
{
}

module_init(faulty_init);
module_exit(faulty_exit);
MODULE_DESCRIPTION("Faults for kernels that notice them");
MODULE_LICENSE("GPL");
