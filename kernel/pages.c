// SPDX-License-Identifier: GPL-2.0
/* The memory of a ring: its pages, and how the kernel sees them. */
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>
#include <internal.h>

#define GFP_RING	(GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN | \
			 __GFP_RETRY_MAYFAIL)

static int alloc_pages_of(struct kring_buffer *buffer, unsigned long nr_data,
			  int node)
{
	unsigned long i;

	for (i = 0; i < nr_data + 1; i++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		buffer->pages[i] = alloc_pages_node(node, GFP_RING, 0);
		if (!buffer->pages[i])
			return -ENOMEM;
		cond_resched();
	}
	/* The data again, so that every record is contiguous */
	for (i = 1; i <= nr_data; i++)
		buffer->pages[nr_data + i] = buffer->pages[i];
	return 0;
}

/* Where a new ring's counters start: 0, or with KRING_START just below any limit */
static unsigned long long start_pos, start_seq;
#ifdef KRING_START
module_param(start_pos, ullong, 0444);
module_param(start_seq, ullong, 0444);
#endif

/* A ring for events of this CPU (KRING_CPU_ANY: of all), or ERR_PTR() */
struct kring_buffer *kring_buffer_alloc(struct kring_channel *channel, u32 index,
					u32 cpu)
{
	int node = cpu == KRING_CPU_ANY ? NUMA_NO_NODE : cpu_to_node(cpu);
	u64 size = channel->ring_size;
	unsigned long nr_data = size >> PAGE_SHIFT;
	struct kring_buffer *buffer;
	struct kring_meta *meta;
	u64 *marks;
	int ret = -ENOMEM;

	buffer = kzalloc_node(sizeof(*buffer), GFP_KERNEL_ACCOUNT, node);
	if (!buffer)
		return ERR_PTR(-ENOMEM);
	buffer->channel = channel;
	buffer->index = index;
	buffer->nr_pages = 1 + 2 * nr_data;
	init_irq_work(&buffer->wake, kring_wake_work);

	marks = kvmalloc_node(kring_nr_marks(size) * sizeof(*marks), GFP_RING, node);
	buffer->ring.marks = marks;
	buffer->pages = kvcalloc(buffer->nr_pages, sizeof(*buffer->pages),
				 GFP_KERNEL_ACCOUNT);
	if (!marks || !buffer->pages)
		goto fail;
	ret = alloc_pages_of(buffer, nr_data, node);
	if (ret)
		goto fail;
	ret = -ENOMEM;
	buffer->base = vmap(buffer->pages, buffer->nr_pages, VM_MAP, PAGE_KERNEL);
	if (!buffer->base)
		goto fail;

	meta = buffer->base;
	kring_ring_init(&buffer->ring, meta, buffer->base + PAGE_SIZE, marks, size,
			start_pos & -KRING_GRANULE, start_seq);
	buffer->ring.clock = channel->clock;
	buffer->ring.locked = kring_locked(channel->mode, channel->clock);
	meta->clock = channel->clock;
	meta->ring_index = index;
	meta->cpu = cpu;
	meta->channel_id = channel->id;
	meta->data_offset = PAGE_SIZE;
	return buffer;

fail:
	kring_buffer_free(buffer);
	return ERR_PTR(ret);
}

/*
 * No producer may be at work. Pages that somebody still refers to, through a
 * pinned mapping, outlive this.
 */
void kring_buffer_free(struct kring_buffer *buffer)
{
	unsigned long i;

	irq_work_sync(&buffer->wake);
	vunmap(buffer->base);
	if (buffer->pages) {
		for (i = 0; i < 1 + buffer->nr_pages / 2; i++)
			if (buffer->pages[i])
				put_page(buffer->pages[i]);
	}
	kvfree(buffer->pages);
	kvfree(buffer->ring.marks);
	kfree(buffer);
}
