// SPDX-License-Identifier: GPL-2.0
/* Rings in the address space of consumers: read-only, shared, whole. */
#include <linux/mm.h>
#include <linux/nospec.h>
#include <compat.h>
#include <internal.h>

static int kring_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	return -EINVAL;
}

/* The mapping holds its file, and that holds the channel: nothing to count */
static const struct vm_operations_struct kring_vm_ops = {
	.may_split = kring_may_split,
};

/* Metadata, data, data again: also how far rings are apart */
unsigned long kring_ring_pages(const struct kring_channel *channel)
{
	return 1 + 2 * (channel->ring_size >> PAGE_SHIFT);
}

/* In pages: behind all rings that there can be */
unsigned long kring_hold_offset(const struct kring_channel *channel)
{
	return channel->max_rings * kring_ring_pages(channel);
}

/* A holder's cursors: its own, the only pages here that it may write */
static int mmap_cursors(struct kring_file *kfile, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_SHARED) || (vma->vm_flags & VM_EXEC))
		return -EACCES;
	vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP, VM_MAYEXEC);
	vma->vm_ops = &kring_vm_ops;
	return kring_hold_mmap(kfile, vma);
}

int kring_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct kring_file *kfile = file->private_data;
	struct kring_channel *channel = kfile->channel;
	unsigned long stride = kring_ring_pages(channel);
	unsigned long index = vma->vm_pgoff / stride;
	u32 nr_rings = kring_nr_rings(channel);
	unsigned long nr = vma_pages(vma);
	struct kring_buffer *buffer;

	if (vma->vm_pgoff == kring_hold_offset(channel))
		return mmap_cursors(kfile, vma);
	/* VM_MAYSHARE: of a file opened read-only, VM_SHARED is gone by now */
	if (!(vma->vm_flags & VM_MAYSHARE) ||
	    (vma->vm_flags & (VM_WRITE | VM_EXEC)))
		return -EACCES;
	if (vma->vm_pgoff % stride || index >= nr_rings ||
	    (nr != 1 && nr != stride))
		return -EINVAL;

	buffer = channel->buffers[array_index_nospec(index, nr_rings)];
	vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP, VM_MAYWRITE | VM_MAYEXEC);
	vma->vm_ops = &kring_vm_ops;
	return vm_insert_pages(vma, vma->vm_start, buffer->pages, &nr);
}
