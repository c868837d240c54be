// SPDX-License-Identifier: GPL-2.0
/*
 * Files opened, removed and renamed, or not, and why not.
 *
 * From the functions that do it, not from system calls: they have the names in
 * the kernel's own memory, where no program changes them meanwhile, and io_uring
 * calls them too.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/namei.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <compat.h>
#include "call.h"
#include "probe.h"

#define PATH_KEPT	2000u		/* bytes of a path; two in KRETPROBE_MAX_DATA_SIZE */

enum file_event {
	EVENT_OPEN = 1,
	EVENT_UNLINK,
	EVENT_RENAME,
};

struct file_open {
	struct kring_who who;
	struct kring_var path;
	u32 flags;
	u32 mode;
	s32 result;
	u8 path_cut;
	u8 reserved0[7];
	char text[];
};

struct file_unlink {
	struct kring_who who;
	struct kring_var path;
	s32 result;
	u8 path_cut;
	u8 directory;
	u8 reserved0[6];
	char text[];
};

struct file_rename {
	struct kring_who who;
	struct kring_var from;
	struct kring_var to;
	u32 flags;
	s32 result;
	u8 from_cut;
	u8 to_cut;
	u8 reserved0[6];
	char text[];
};

static const struct kring_field open_fields[] = {
	KRING_WHO_FIELDS(struct file_open),
	KRING_FIELD_VARIABLE(struct file_open, path, KRING_KIND_PATH),
	KRING_FIELD(struct file_open, path_cut, KRING_KIND_BOOL),
	KRING_FIELD(struct file_open, flags, KRING_KIND_HEX),
	KRING_FIELD(struct file_open, mode, KRING_KIND_HEX),
	KRING_FIELD(struct file_open, result, KRING_KIND_RESULT),
};

static const struct kring_field unlink_fields[] = {
	KRING_WHO_FIELDS(struct file_unlink),
	KRING_FIELD_VARIABLE(struct file_unlink, path, KRING_KIND_PATH),
	KRING_FIELD(struct file_unlink, path_cut, KRING_KIND_BOOL),
	KRING_FIELD(struct file_unlink, directory, KRING_KIND_BOOL),
	KRING_FIELD(struct file_unlink, result, KRING_KIND_RESULT),
};

static const struct kring_field rename_fields[] = {
	KRING_WHO_FIELDS(struct file_rename),
	KRING_FIELD_VARIABLE(struct file_rename, from, KRING_KIND_PATH),
	KRING_FIELD(struct file_rename, from_cut, KRING_KIND_BOOL),
	KRING_FIELD_VARIABLE(struct file_rename, to, KRING_KIND_PATH),
	KRING_FIELD(struct file_rename, to_cut, KRING_KIND_BOOL),
	KRING_FIELD(struct file_rename, flags, KRING_KIND_HEX),
	KRING_FIELD(struct file_rename, result, KRING_KIND_RESULT),
};

static const struct kring_event_type file_types[] = {
	{ "open", EVENT_OPEN, ARRAY_SIZE(open_fields), sizeof(struct file_open), open_fields },
	{ "unlink", EVENT_UNLINK, ARRAY_SIZE(unlink_fields), sizeof(struct file_unlink),
	  unlink_fields },
	{ "rename", EVENT_RENAME, ARRAY_SIZE(rename_fields), sizeof(struct file_rename),
	  rename_fields },
};

/* An absolute path, as the task sees it; not NUL-terminated */
struct kept_path {
	u16 size;
	bool cut;
	char text[PATH_KEPT];
};

/* Of one channel: where paths are put together; the guard keeps others out */
struct file_watch {
	struct kring_calls *calls;
	struct kept_path __percpu *scratch;
};

static DEFINE_PER_CPU(struct kring_guard, guard);

/* d_path() writes to the end: bring it to the front. Nothing if it does not fit. */
static void keep_d_path(struct kept_path *kept, const struct path *path)
{
	const char *text = d_path(path, kept->text, sizeof(kept->text));

	kept->cut = IS_ERR(text);
	kept->size = kept->cut ? 0 : strlen(text);
	memmove(kept->text, text, kept->size);
}

/* Where relative names begin */
static void keep_base(struct kept_path *kept, int dfd)
{
	struct file *file;

	if (dfd == AT_FDCWD) {
		/* The lock, not a reference: to drop the last one may sleep */
		spin_lock(&current->fs->lock);
		keep_d_path(kept, &current->fs->pwd);
		spin_unlock(&current->fs->lock);
		return;
	}
	kept->size = 0;
	kept->cut = false;
	file = fget_raw(dfd);
	if (file) {
		keep_d_path(kept, &file->f_path);
		fput(file);
	}
}

static void keep_name(struct kept_path *kept, int dfd, const struct filename *name)
{
	size_t size;

	kept->size = 0;
	kept->cut = false;
	/* It could not be read; or the task is so far in its exit that it has no root */
	if (IS_ERR(name) || !current->fs)
		return;
	if (name->name[0] != '/')
		keep_base(kept, dfd);
	if (kept->size && kept->text[kept->size - 1] != '/' && name->name[0] &&
	    kept->size < sizeof(kept->text))
		kept->text[kept->size++] = '/';
	size = strlen(name->name);
	if (size > sizeof(kept->text) - kept->size) {
		size = sizeof(kept->text) - kept->size;
		kept->cut = true;
	}
	memcpy(kept->text + kept->size, name->name, size);
	kept->size += size;
}

struct opening {
	const struct filename *name;	/* the caller's, until after the return */
	const struct kring_open_flags *how;
	int dfd;
};

static int enter_open(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	*(struct opening *)ri->data = (struct opening) {
		.dfd = (int)regs_get_kernel_argument(regs, 0),
		.name = (void *)regs_get_kernel_argument(regs, 1),
		.how = (void *)regs_get_kernel_argument(regs, 2),
	};
	return !kring_wants(kring_call_channel(ri), current);
}

static void report_open(struct kring_channel *channel, const struct opening *opening,
			const struct kept_path *path, int result)
{
	struct kring_slot slot;
	struct file_open *event;

	event = kring_reserve(channel, &slot, EVENT_OPEN, sizeof(*event) + path->size);
	if (!event)
		return;
	kring_who_fill(&event->who, current);
	event->path = (struct kring_var) { sizeof(*event), path->size };
	event->flags = opening->how->open_flag;
	event->mode = opening->how->mode & 07777;
	event->result = result;
	event->path_cut = path->cut;
	memset(event->reserved0, 0, sizeof(event->reserved0));
	memcpy(event->text, path->text, path->size);
	kring_commit(&slot);
}

static int leave_open(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct kring_channel *channel = kring_call_channel(ri);
	struct file_watch *watch = kring_channel_private(channel);
	const struct opening *opening = (void *)ri->data;
	struct file *file = (void *)regs_return_value(regs);
	struct kept_path *path;

	/* io_uring looks first whether it would have to sleep, and then comes again */
	if (file == ERR_PTR(-EAGAIN) && (opening->how->lookup_flags & LOOKUP_CACHED))
		return 0;
	if (!kring_enter(&guard))
		return 0;
	path = this_cpu_ptr(watch->scratch);
	if (IS_ERR(file) || !current->fs)
		path->cut = true;
	else
		keep_d_path(path, &file->f_path);
	if (path->cut)
		keep_name(path, opening->dfd, opening->name);
	report_open(channel, opening, path, PTR_ERR_OR_ZERO(file));
	kring_leave(&guard);
	return 0;
}

static int enter_unlink(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	if (!kring_wants(kring_call_channel(ri), current))
		return 1;
	keep_name((void *)ri->data, (int)regs_get_kernel_argument(regs, 0),
		  (void *)regs_get_kernel_argument(regs, 1));
	return 0;
}

static int report_unlink(struct kretprobe_instance *ri, struct pt_regs *regs,
			 bool directory)
{
	const struct kept_path *path = (void *)ri->data;
	struct kring_slot slot;
	struct file_unlink *event;

	event = kring_reserve(kring_call_channel(ri), &slot, EVENT_UNLINK,
			      sizeof(*event) + path->size);
	if (!event)
		return 0;
	kring_who_fill(&event->who, current);
	event->path = (struct kring_var) { sizeof(*event), path->size };
	event->result = (int)regs_return_value(regs);
	event->path_cut = path->cut;
	event->directory = directory;
	memset(event->reserved0, 0, sizeof(event->reserved0));
	memcpy(event->text, path->text, path->size);
	kring_commit(&slot);
	return 0;
}

static int leave_unlink(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return report_unlink(ri, regs, false);
}

static int leave_rmdir(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return report_unlink(ri, regs, true);
}

struct renaming {
	u32 flags;
	struct kept_path from;
	struct kept_path to;
};

static int enter_rename(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct renaming *data = (void *)ri->data;

	if (!kring_wants(kring_call_channel(ri), current))
		return 1;
	keep_name(&data->from, (int)regs_get_kernel_argument(regs, 0),
		  (void *)regs_get_kernel_argument(regs, 1));
	keep_name(&data->to, (int)regs_get_kernel_argument(regs, 2),
		  (void *)regs_get_kernel_argument(regs, 3));
	data->flags = regs_get_kernel_argument(regs, 4);
	return 0;
}

static int leave_rename(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct renaming *data = (void *)ri->data;
	struct kring_slot slot;
	struct file_rename *event;

	event = kring_reserve(kring_call_channel(ri), &slot, EVENT_RENAME,
			      sizeof(*event) + data->from.size + data->to.size);
	if (!event)
		return 0;
	kring_who_fill(&event->who, current);
	event->from = (struct kring_var) { sizeof(*event), data->from.size };
	event->to = (struct kring_var) { sizeof(*event) + data->from.size, data->to.size };
	event->flags = data->flags;
	event->result = (int)regs_return_value(regs);
	event->from_cut = data->from.cut;
	event->to_cut = data->to.cut;
	memset(event->reserved0, 0, sizeof(event->reserved0));
	memcpy(event->text, data->from.text, data->from.size);
	memcpy(event->text + data->from.size, data->to.text, data->to.size);
	kring_commit(&slot);
	return 0;
}

/* To open a FIFO may take for ever, so there may be many; the others are short */
static const struct kring_call calls[] = {
	{ "do_filp_open", enter_open, leave_open, sizeof(struct opening), 2048, .event = true },
	{ "do_unlinkat", enter_unlink, leave_unlink, sizeof(struct kept_path), 128,
	  .event = true },
	{ "do_rmdir", enter_unlink, leave_rmdir, sizeof(struct kept_path), 128, .event = true },
	{ "do_renameat2", enter_rename, leave_rename, sizeof(struct renaming), 128,
	  .event = true },
};

static void watch_free(struct file_watch *watch)
{
	free_percpu(watch->scratch);
	kfree(watch);
}

static int file_start(struct kring_channel *channel)
{
	struct file_watch *watch;

	if (!KRING_NAMES_IN_KERNEL)
		return -EOPNOTSUPP;
	watch = kzalloc(sizeof(*watch), GFP_KERNEL_ACCOUNT);
	if (!watch)
		return -ENOMEM;
	watch->scratch = alloc_percpu(struct kept_path);
	if (!watch->scratch) {
		watch_free(watch);
		return -ENOMEM;
	}
	kring_channel_set_private(channel, watch);
	watch->calls = kring_calls_start(channel, calls, ARRAY_SIZE(calls));
	if (IS_ERR(watch->calls)) {
		int ret = PTR_ERR(watch->calls);

		watch_free(watch);
		return ret;
	}
	return 0;
}

static void file_stop(struct kring_channel *channel)
{
	struct file_watch *watch = kring_channel_private(channel);

	kring_calls_stop(watch->calls);
	watch_free(watch);
}

const struct kring_source kring_source_file = {
	.name = "file",
	.types = file_types,
	.nr_types = ARRAY_SIZE(file_types),
	.start = file_start,
	.stop = file_stop,
	.filters = true,
};
