// SPDX-License-Identifier: GPL-2.0
/* The load generator: threads that report events which carry their proof. */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/topology.h>
#include <linux/uaccess.h>
#include <linux/kring_load.h>
#include <internal.h>

static const struct kring_field load_fields[] = {
	KRING_FIELD(struct kring_load_event, counter, KRING_KIND_UNSIGNED),
	KRING_FIELD(struct kring_load_event, checksum, KRING_KIND_HEX),
	KRING_FIELD(struct kring_load_event, producer, KRING_KIND_UNSIGNED),
	KRING_FIELD(struct kring_load_event, context, KRING_KIND_UNSIGNED),
};

static const struct kring_event_type load_types[] = {
	{
		.name = "load",
		.type = KRING_LOAD_TYPE,
		.payload = sizeof(struct kring_load_event),
		.fields = load_fields,
		.nr_fields = ARRAY_SIZE(load_fields),
	},
	{
		.name = "critical",
		.type = KRING_LOAD_CRITICAL,
		.payload = sizeof(struct kring_load_event),
		.fields = load_fields,
		.nr_fields = ARRAY_SIZE(load_fields),
		.critical = true,
	},
};

/* The threads of one channel; kring_channels_lock guards it */
struct load {
	struct kring_channel *channel;
	u32 bytes;
	u32 critical;			/* every so many-th; 0: none */
	u64 interval;			/* ns from event to event; 0: flat out */
	u64 duration;			/* ns; 0: until stopped */
	struct task_struct *threads[];	/* nr_cpu_ids, NULL where there is none */
};

static void load_event(struct load *load, u32 producer, u64 counter)
{
	u64 words = (load->bytes - sizeof(struct kring_load_event)) / 8;
	bool critical = load->critical && counter % load->critical == 0;
	struct kring_load_event *event;
	struct kring_slot slot;

	event = kring_reserve(load->channel, &slot,
			      critical ? KRING_LOAD_CRITICAL : KRING_LOAD_TYPE, load->bytes);
	if (!event)
		return;
	kring_load_stamp(event, words, producer, KRING_LOAD_TASK, counter);
	kring_commit(&slot);
}

/* Until the next event is due, but always with a chance to stop */
static void load_pause(u64 due)
{
	u64 now = ktime_get_ns();

	if (due > now + 100 * NSEC_PER_USEC)
		usleep_range((due - now) / NSEC_PER_USEC,
			     (due - now) / NSEC_PER_USEC + 50);
	else
		cond_resched();
}

static int load_thread(void *data)
{
	struct load *load = data;
	u32 producer = smp_processor_id();	/* bound to it */
	u64 end = load->duration ? ktime_get_ns() + load->duration : U64_MAX;
	u64 due = ktime_get_ns();
	u64 counter = 0;

	while (!kthread_should_stop() && ktime_get_ns() < end) {
		u64 batch = load->interval ? 1 : 64;

		if (!kring_recording(load->channel)) {
			/* Nobody reads: what is not reported is not counted */
			msleep(20);
			due = ktime_get_ns();
			continue;
		}
		while (load->interval && due > ktime_get_ns() && !kthread_should_stop())
			load_pause(min(due, ktime_get_ns() + 10 * NSEC_PER_MSEC));
		while (batch--)
			load_event(load, producer, counter++);
		due += load->interval;
		cond_resched();
	}
	/* Whoever started us comes to fetch us */
	while (!kthread_should_stop()) {
		set_current_state(TASK_IDLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static void load_stop(struct kring_channel *channel)
{
	struct load *load = kring_channel_private(channel);
	u32 cpu;

	if (!load)
		return;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (load->threads[cpu])
			kthread_stop(load->threads[cpu]);
	kring_channel_set_private(channel, NULL);
	kfree(load);
}

static int load_start(struct kring_channel *channel, const struct kring_load *set,
		      const struct cpumask *cpus)
{
	struct load *load;
	u32 cpu;

	load = kzalloc(struct_size(load, threads, nr_cpu_ids), GFP_KERNEL_ACCOUNT);
	if (!load)
		return -ENOMEM;
	load->channel = channel;
	load->bytes = set->bytes;
	load->critical = set->critical;
	load->interval = set->rate ? NSEC_PER_SEC / set->rate : 0;
	load->duration = set->duration;
	kring_channel_set_private(channel, load);
	for_each_cpu(cpu, cpus) {
		struct task_struct *thread;

		thread = kthread_create_on_node(load_thread, load, cpu_to_node(cpu),
						"kring_load/%u", cpu);
		if (IS_ERR(thread)) {
			load_stop(channel);
			return PTR_ERR(thread);
		}
		kthread_bind(thread, cpu);
		load->threads[cpu] = thread;
	}
	for_each_cpu(cpu, cpus)
		wake_up_process(load->threads[cpu]);
	return 0;
}

/* The CPUs to use; -EINVAL if one is not online or there is none */
static int load_cpus(const struct kring_load *set, struct cpumask *cpus)
{
	const u64 __user *from = u64_to_user_ptr(set->cpus);
	u32 i, bit;

	cpumask_clear(cpus);
	if (!set->cpus) {
		cpumask_copy(cpus, cpu_online_mask);
		return 0;
	}
	if (set->cpus_size % 8 || set->cpus_size > 8192)
		return -EINVAL;
	for (i = 0; i < set->cpus_size / 8; i++) {
		u64 word;

		if (get_user(word, from + i))
			return -EFAULT;
		for (bit = 0; bit < 64; bit++) {
			u32 cpu = i * 64 + bit;

			if (!(word >> bit & 1))
				continue;
			if (cpu >= nr_cpu_ids || !cpu_online(cpu))
				return -EINVAL;
			cpumask_set_cpu(cpu, cpus);
		}
	}
	return cpumask_empty(cpus) ? -EINVAL : 0;
}

/* kring_channels_lock held; the numbers were checked */
int kring_load_command(struct kring_channel *channel, struct kring_load *set)
{
	cpumask_var_t cpus;
	int ret;

	if (set->command == KRING_LOAD_STOP) {
		load_stop(channel);
		return 0;
	}
	if (!zalloc_cpumask_var(&cpus, GFP_KERNEL))
		return -ENOMEM;
	ret = load_cpus(set, cpus);
	if (!ret) {
		load_stop(channel);
		ret = load_start(channel, set, cpus);
	}
	free_cpumask_var(cpus);
	return ret;
}

const struct kring_source kring_source_load = {
	.name = KRING_LOAD_SOURCE,
	.types = load_types,
	.nr_types = ARRAY_SIZE(load_types),
	.remove = load_stop,
};
