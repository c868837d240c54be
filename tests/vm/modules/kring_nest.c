// SPDX-License-Identifier: GPL-2.0
/*
 * Producers that interrupt one another: a thread, a softirq, a hard interrupt
 * and NMIs (raised from outside the VM) write into one channel, "nest", with
 * the stamps of the load generator. Each holds its reservation open for a
 * while, so that the others do hit it; nested[] counts how often they did.
 */
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <asm/nmi.h>
#include <linux/kring_load.h>
#include <compat.h>
#include <kring_producer.h>

#define CONTEXTS	(KRING_LOAD_NMI + 1)
#define PAYLOAD		64
#define SOFT_PERIOD	ns_to_ktime(150 * NSEC_PER_USEC)
#define HARD_PERIOD	ns_to_ktime(110 * NSEC_PER_USEC)

static unsigned int mode = KRING_MODE_PERCPU;
module_param(mode, uint, 0444);

/* By the context that found another's reservation open */
static unsigned long nested[CONTEXTS];
static int nested_count = CONTEXTS;
module_param_array(nested, ulong, &nested_count, 0444);

static struct kring_channel *channel;
static struct task_struct *thread;
static struct hrtimer soft, hard;
static DEFINE_PER_CPU(u64[CONTEXTS], counters);
static DEFINE_PER_CPU(int, open_reservations);

static void report(u32 context, unsigned int usecs)
{
	u64 words = (PAYLOAD - sizeof(struct kring_load_event)) / 8;
	struct kring_load_event *event;
	struct kring_slot slot;
	u32 cpu;

	event = kring_reserve(channel, &slot, KRING_LOAD_TYPE, PAYLOAD);
	if (!event)
		return;
	cpu = smp_processor_id();
	if (__this_cpu_read(open_reservations))
		nested[context]++;
	this_cpu_inc(open_reservations);
	kring_load_stamp(event, words, cpu, context,
			 (*this_cpu_ptr(&counters))[context]++);
	if (usecs)
		udelay(usecs);
	this_cpu_dec(open_reservations);
	kring_commit(&slot);
}

static enum hrtimer_restart soft_timer(struct hrtimer *timer)
{
	report(KRING_LOAD_SOFTIRQ, 10);
	hrtimer_forward_now(timer, SOFT_PERIOD);
	return HRTIMER_RESTART;
}

static enum hrtimer_restart hard_timer(struct hrtimer *timer)
{
	report(KRING_LOAD_HARDIRQ, 10);
	hrtimer_forward_now(timer, HARD_PERIOD);
	return HRTIMER_RESTART;
}

static int on_nmi(unsigned int type, struct pt_regs *regs)
{
	report(KRING_LOAD_NMI, 0);
	return NMI_HANDLED;
}

static int run(void *unused)
{
	hrtimer_start(&soft, SOFT_PERIOD, HRTIMER_MODE_REL_PINNED_SOFT);
	hrtimer_start(&hard, HARD_PERIOD, HRTIMER_MODE_REL_PINNED_HARD);
	while (!kthread_should_stop()) {
		report(KRING_LOAD_TASK, 20);
		cond_resched();
	}
	hrtimer_cancel(&soft);
	hrtimer_cancel(&hard);
	return 0;
}

static const struct kring_field fields[] = {
	KRING_FIELD(struct kring_load_event, counter, KRING_KIND_UNSIGNED),
	KRING_FIELD(struct kring_load_event, checksum, KRING_KIND_HEX),
	KRING_FIELD(struct kring_load_event, producer, KRING_KIND_UNSIGNED),
	KRING_FIELD(struct kring_load_event, context, KRING_KIND_UNSIGNED),
};

static const struct kring_event_type type = {
	.name = "load",
	.type = KRING_LOAD_TYPE,
	.payload = sizeof(struct kring_load_event),
	.fields = fields,
	.nr_fields = ARRAY_SIZE(fields),
};

static const struct kring_source source = {
	.name = "nest",
	.types = &type,
	.nr_types = 1,
};

static int __init nest_init(void)
{
	const struct kring_options options = { .name = "nest", .mode = mode };
	int ret;

	hrtimer_setup(&soft, soft_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_SOFT);
	hrtimer_setup(&hard, hard_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	channel = kring_channel_create(&source, &options);
	if (IS_ERR(channel))
		return PTR_ERR(channel);
	ret = register_nmi_handler(NMI_UNKNOWN, on_nmi, 0, "kring_nest");
	if (ret)
		goto destroy;
	thread = kthread_create(run, NULL, "kring_nest");
	if (IS_ERR(thread)) {
		ret = PTR_ERR(thread);
		goto unregister;
	}
	kthread_bind(thread, 0);
	wake_up_process(thread);
	return 0;

unregister:
	unregister_nmi_handler(NMI_UNKNOWN, "kring_nest");
destroy:
	kring_channel_destroy(channel);
	return ret;
}

static void __exit nest_exit(void)
{
	kthread_stop(thread);
	unregister_nmi_handler(NMI_UNKNOWN, "kring_nest");
	kring_channel_destroy(channel);
}

module_init(nest_init);
module_exit(nest_exit);

MODULE_DESCRIPTION("Test of kring: nested producers");
MODULE_LICENSE("GPL");
