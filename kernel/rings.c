// SPDX-License-Identifier: GPL-2.0
/*
 * A channel's rings: one for every CPU that has been online since it was made,
 * or one for all. A ring is made before its CPU may run, and stays.
 *
 * The list of rings only grows, under the lock of CPU hotplug (or before anybody
 * knows the channel). nr_rings is released behind what it counts.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <internal.h>

static int hotplug_state;

static int rings_add(struct kring_channel *channel, u32 cpu)
{
	u32 i, index = channel->nr_rings;
	struct kring_buffer *buffer;

	buffer = kring_buffer_alloc(channel, index, cpu);
	if (IS_ERR(buffer))
		return PTR_ERR(buffer);
	buffer->ring.critical = channel->critical;

	mutex_lock(&channel->hold_lock);
	channel->buffers[index] = buffer;
	kring_holds_add_ring(channel, buffer);
	spin_lock_irq(&channel->wait_lock);
	kring_wake_fence(channel, &buffer->ring);
	/* J: the ring, then their number; pairs with kring_nr_rings() */
	smp_store_release(&channel->nr_rings, index + 1);
	spin_unlock_irq(&channel->wait_lock);
	mutex_unlock(&channel->hold_lock);

	/* G: before this CPU's clock; pairs with a reader's barrier behind its own */
	for (i = 0; i <= index; i++)
		WRITE_ONCE(channel->buffers[i]->ring.meta->nr_rings, index + 1);
	kring_wake_all(channel, 0);
	return 0;
}

/* A CPU will come online; called for those that are, when a channel is made */
static int rings_prepare(unsigned int cpu, struct hlist_node *node)
{
	struct kring_channel *channel = hlist_entry(node, struct kring_channel, hotplug);
	int ret;

	if (channel->by_cpu[cpu])
		return 0;
	ret = rings_add(channel, cpu);
	if (!ret)
		channel->by_cpu[cpu] = channel->buffers[channel->nr_rings - 1];
	else if (!cpu_online(cpu))
		pr_err("kring: no ring of CPU %u for channel \"%s\": error %d; the CPU cannot come online\n",
		       cpu, channel->name, ret);
	return ret;
}

static int rings_make_global(struct kring_channel *channel)
{
	int ret = rings_add(channel, KRING_CPU_ANY);
	u32 cpu;

	for_each_possible_cpu(cpu)
		channel->by_cpu[cpu] = channel->buffers[0];
	return ret;
}

int kring_rings_make(struct kring_channel *channel)
{
	bool global = channel->mode == KRING_MODE_GLOBAL;
	u64 pages = (channel->ring_size + channel->ring_size / 4) >> PAGE_SHIFT;

	channel->max_rings = global ? 1 : num_possible_cpus();
	/* Rather than to find out when everybody else has run out of it too */
	if (pages * (global ? 1 : num_online_cpus()) > si_mem_available())
		return -ENOMEM;
	channel->buffers = kvcalloc(channel->max_rings, sizeof(*channel->buffers),
				    GFP_KERNEL_ACCOUNT);
	channel->by_cpu = kvcalloc(nr_cpu_ids, sizeof(*channel->by_cpu),
				   GFP_KERNEL_ACCOUNT);
	if (!channel->buffers || !channel->by_cpu)
		return -ENOMEM;
	if (global)
		return rings_make_global(channel);
	return cpuhp_state_add_instance(hotplug_state, &channel->hotplug);
}

/* No more rings are made */
void kring_rings_end(struct kring_channel *channel)
{
	if (hlist_unhashed(&channel->hotplug))
		return;
	cpuhp_state_remove_instance_nocalls(hotplug_state, &channel->hotplug);
	INIT_HLIST_NODE(&channel->hotplug);
}

void kring_rings_free(struct kring_channel *channel)
{
	u32 i;

	for (i = 0; i < channel->nr_rings; i++)
		kring_buffer_free(channel->buffers[i]);
	kvfree(channel->buffers);
	kvfree(channel->by_cpu);
}

int kring_rings_init(void)
{
	hotplug_state = cpuhp_setup_state_multi(CPUHP_BP_PREPARE_DYN, "kring:prepare",
						rings_prepare, NULL);
	return hotplug_state < 0 ? hotplug_state : 0;
}

void kring_rings_exit(void)
{
	cpuhp_remove_multi_state(hotplug_state);
}
