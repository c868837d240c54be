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

int kring_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct kring_file *kfile = file->private_data;
	struct kring_channel *channel = kfile->channel;
	unsigned long stride = channel->buffers[0]->nr_pages;
	unsigned long index = vma->vm_pgoff / stride;
	unsigned long nr = vma_pages(vma);
	struct kring_buffer *buffer;

	/* VM_MAYSHARE: of a file opened read-only, VM_SHARED is gone by now */
	if (!(vma->vm_flags & VM_MAYSHARE) ||
	    (vma->vm_flags & (VM_WRITE | VM_EXEC)))
		return -EACCES;
	if (vma->vm_pgoff % stride || index >= channel->nr_rings ||
	    (nr != 1 && nr != stride))
		return -EINVAL;

	buffer = channel->buffers[array_index_nospec(index, channel->nr_rings)];
	vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP, VM_MAYWRITE | VM_MAYEXEC);
	vma->vm_ops = &kring_vm_ops;
	return vm_insert_pages(vma, vma->vm_start, buffer->pages, &nr);
}
