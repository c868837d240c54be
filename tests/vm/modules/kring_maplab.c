// SPDX-License-Identifier: GPL-2.0
/*
 * The ways to show kernel memory to programs, side by side: for each a device
 * /dev/maplab-WAY, whose buffer mmap shows, and read and write copy through the
 * kernel's own address of it. Documentation/mapping.md says what comes out.
 */
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pgtable.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <compat.h>
#include "kring_maplab.h"

#define LAB_SIZE	(MAPLAB_PAGES * PAGE_SIZE)

struct buffer {
	void *base;
	struct page *pages[MAPLAB_PAGES];
};

struct lab {
	struct miscdevice misc;
	int (*map)(struct lab *lab, struct vm_area_struct *vma);
	bool contiguous;	/* from the page allocator, otherwise from vmalloc */
	bool reserved;
	struct mutex lock;	/* of buffer, against replace() */
	struct buffer *buffer;
};

static struct buffer *buffer_alloc(const struct lab *lab)
{
	struct buffer *buffer = kmalloc(sizeof(*buffer), GFP_KERNEL);
	unsigned int i;

	if (!buffer)
		return NULL;
	if (lab->contiguous)
		buffer->base = alloc_pages_exact(LAB_SIZE, GFP_KERNEL | __GFP_ZERO);
	else
		buffer->base = vmalloc_user(LAB_SIZE);
	if (!buffer->base) {
		kfree(buffer);
		return NULL;
	}
	for (i = 0; i < MAPLAB_PAGES; i++) {
		void *at = buffer->base + i * PAGE_SIZE;

		buffer->pages[i] = lab->contiguous ? virt_to_page(at) : vmalloc_to_page(at);
		if (lab->reserved)
			SetPageReserved(buffer->pages[i]);
	}
	return buffer;
}

/* How many of its pages nobody else held on to */
static int buffer_free(const struct lab *lab, struct buffer *buffer)
{
	unsigned int i;
	int gone = 0;

	for (i = 0; lab->reserved && i < MAPLAB_PAGES; i++)
		ClearPageReserved(buffer->pages[i]);
	if (lab->contiguous)
		free_pages_exact(buffer->base, LAB_SIZE);
	else
		vfree(buffer->base);
	for (i = 0; i < MAPLAB_PAGES; i++)
		gone += !page_count(buffer->pages[i]);
	kfree(buffer);
	return gone;
}

/* All entries at once, by frame number: no page is looked at, and any protection taken */
static int map_pfn(struct lab *lab, struct vm_area_struct *vma)
{
	pgprot_t prot = vma->vm_page_prot;

	if (vma->vm_pgoff == MAPLAB_LOOSE)
		prot = vm_get_page_prot(VM_READ | VM_WRITE | VM_SHARED);
	return remap_pfn_range(vma, vma->vm_start, page_to_pfn(lab->buffer->pages[0]),
			       vma->vm_end - vma->vm_start, prot);
}

static int map_page(struct lab *lab, struct vm_area_struct *vma)
{
	unsigned long i;
	int ret = 0;

	for (i = 0; !ret && i < vma_pages(vma); i++)
		ret = vm_insert_page(vma, vma->vm_start + i * PAGE_SIZE, lab->buffer->pages[i]);
	return ret;
}

static int map_pages(struct lab *lab, struct vm_area_struct *vma)
{
	unsigned long nr = vma_pages(vma);

	return vm_insert_pages(vma, vma->vm_start, lab->buffer->pages, &nr);
}

static vm_fault_t lab_fault(struct vm_fault *vmf)
{
	struct lab *lab = vmf->vma->vm_private_data;
	unsigned long index = vmf->pgoff & (MAPLAB_SEALED - 1);

	if (index >= MAPLAB_PAGES)
		return VM_FAULT_SIGBUS;
	vmf->page = lab->buffer->pages[index];
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct fault_ops = {
	.fault = lab_fault,
};

/* No entry is made now: each page when it is touched */
static int map_fault(struct lab *lab, struct vm_area_struct *vma)
{
	vma->vm_private_data = lab;
	vma->vm_ops = &fault_ops;
	return 0;
}

static int map_vmalloc(struct lab *lab, struct vm_area_struct *vma)
{
	return remap_vmalloc_range(vma, lab->buffer->base, 0);
}

static struct lab *lab_of(struct file *file)
{
	return container_of(file->private_data, struct lab, misc);
}

static int lab_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct lab *lab = lab_of(file);

	if (vma_pages(vma) > MAPLAB_PAGES)
		return -EINVAL;
	switch (vma->vm_pgoff) {
	case 0:
		break;
	case MAPLAB_SEALED:
		if (vma->vm_flags & VM_WRITE)
			return -EACCES;
		vm_flags_mod(vma, 0, VM_MAYWRITE);
		break;
	case MAPLAB_LOOSE:
		if (lab->map == map_pfn)
			break;
		fallthrough;
	default:
		return -EINVAL;
	}
	return lab->map(lab, vma);
}

static ssize_t lab_read(struct file *file, char __user *to, size_t count, loff_t *pos)
{
	struct lab *lab = lab_of(file);
	ssize_t ret;

	mutex_lock(&lab->lock);
	ret = simple_read_from_buffer(to, count, pos, lab->buffer->base, LAB_SIZE);
	mutex_unlock(&lab->lock);
	return ret;
}

static ssize_t lab_write(struct file *file, const char __user *from, size_t count, loff_t *pos)
{
	struct lab *lab = lab_of(file);
	ssize_t ret;

	mutex_lock(&lab->lock);
	ret = simple_write_to_buffer(lab->buffer->base, LAB_SIZE, pos, from, count);
	mutex_unlock(&lab->lock);
	return ret;
}

/* Every level, as the CPU walks them; the flags that decide about access */
static int get_entry(struct maplab_page *page)
{
	struct mm_struct *mm = current->mm;
	int ret = -ENOENT;
	pgd_t *pgd;
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;
	pte_t pte;

	mmap_read_lock(mm);
	pgd = pgd_offset(mm, page->at);
	if (pgd_none(*pgd) || pgd_bad(*pgd))
		goto out;
	p4d = p4d_offset(pgd, page->at);
	if (p4d_none(*p4d) || p4d_bad(*p4d))
		goto out;
	pud = pud_offset(p4d, page->at);
	if (pud_none(*pud) || pud_bad(*pud))
		goto out;
	pmd = pmd_offset(pud, page->at);
	if (pmd_none(*pmd) || pmd_bad(*pmd))
		goto out;
	pte = *pte_offset_kernel(pmd, page->at);
	ret = 0;
	page->flags = 0;
	if (!pte_present(pte))
		goto out;
	page->pfn = pte_pfn(pte);
	page->flags |= MAPLAB_PRESENT;
#ifdef _PAGE_USER
	if (pte_val(pte) & _PAGE_USER)
		page->flags |= MAPLAB_USER;
#endif
	if (pte_write(pte))
		page->flags |= MAPLAB_WRITE;
	if (pte_special(pte))
		page->flags |= MAPLAB_SPECIAL;
out:
	mmap_read_unlock(mm);
	return ret;
}

static int pin(struct maplab_page *page, unsigned int flags)
{
	struct page *pinned;
	int ret = pin_user_pages_fast(page->at, 1, flags, &pinned);

	if (ret != 1)
		return ret < 0 ? ret : -EFAULT;
	page->pfn = page_to_pfn(pinned);
	unpin_user_page(pinned);
	return 0;
}

static int replace(struct lab *lab)
{
	struct buffer *old, *new = buffer_alloc(lab);

	if (!new)
		return -ENOMEM;
	mutex_lock(&lab->lock);
	old = lab->buffer;
	lab->buffer = new;
	mutex_unlock(&lab->lock);
	return buffer_free(lab, old);
}

static long lab_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct lab *lab = lab_of(file);
	void __user *user = (void __user *)arg;
	struct maplab_page page;
	int ret = 0;

	if (cmd == MAPLAB_REPLACE)
		return replace(lab);
	if (copy_from_user(&page, user, sizeof(page)))
		return -EFAULT;
	switch (cmd) {
	case MAPLAB_BUFFER:
		if (page.at >= MAPLAB_PAGES)
			return -EINVAL;
		page.pfn = page_to_pfn(lab->buffer->pages[page.at]);
		page.refcount = page_count(lab->buffer->pages[page.at]);
		break;
	case MAPLAB_ENTRY:
		ret = get_entry(&page);
		break;
	case MAPLAB_PIN:
		ret = pin(&page, 0);
		break;
	case MAPLAB_PIN_WRITE:
		ret = pin(&page, FOLL_WRITE);
		break;
	default:
		return -ENOTTY;
	}
	if (ret)
		return ret;
	return copy_to_user(user, &page, sizeof(page)) ? -EFAULT : 0;
}

static const struct file_operations lab_fops = {
	.owner = THIS_MODULE,
	.mmap = lab_mmap,
	.read = lab_read,
	.write = lab_write,
	.unlocked_ioctl = lab_ioctl,
};

static struct lab labs[] = {
	{ .misc.name = "maplab-pfn-reserved", .map = map_pfn, .contiguous = true,
	  .reserved = true },
	{ .misc.name = "maplab-pfn-ordinary", .map = map_pfn, .contiguous = true },
	{ .misc.name = "maplab-insert-page", .map = map_page },
	{ .misc.name = "maplab-insert-pages", .map = map_pages },
	{ .misc.name = "maplab-fault", .map = map_fault },
	{ .misc.name = "maplab-vmalloc", .map = map_vmalloc },
};

static void lab_remove(unsigned int count)
{
	while (count--) {
		misc_deregister(&labs[count].misc);
		buffer_free(&labs[count], labs[count].buffer);
	}
}

static int __init maplab_init(void)
{
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(labs); i++) {
		struct lab *lab = &labs[i];

		mutex_init(&lab->lock);
		lab->misc.minor = MISC_DYNAMIC_MINOR;
		lab->misc.fops = &lab_fops;
		lab->misc.mode = 0600;
		lab->buffer = buffer_alloc(lab);
		ret = lab->buffer ? misc_register(&lab->misc) : -ENOMEM;
		if (ret) {
			if (lab->buffer)
				buffer_free(lab, lab->buffer);
			lab_remove(i);
			return ret;
		}
	}
	return 0;
}

static void __exit maplab_exit(void)
{
	lab_remove(ARRAY_SIZE(labs));
}

module_init(maplab_init);
module_exit(maplab_exit);

MODULE_DESCRIPTION("Test of kring: ways to map kernel memory");
MODULE_LICENSE("GPL");
