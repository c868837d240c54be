// SPDX-License-Identifier: GPL-2.0
/* Process life cycle: fork, exec and exit, from the kernel's tracepoints. */
#include <linux/binfmts.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include "probe.h"

#define FILE_MAX	1024u		/* bytes of an exec's file name */
#define ARGS_MAX	2048u		/* bytes of its arguments */

enum task_event {
	EVENT_FORK = 1,
	EVENT_EXEC,
	EVENT_EXIT,
};

struct task_fork {
	struct kring_who who;		/* the child */
	u32 parent;			/* thread that forked */
	u32 reserved0;
};

struct task_exec {
	struct kring_who who;
	u32 old_pid;			/* of the thread that called exec */
	struct kring_var file;
	struct kring_var args;
	u8 file_cut;
	u8 args_cut;
	u8 reserved0[2];
	u8 text[];
};

struct task_exit {
	struct kring_who who;
	u32 code;			/* passed to exit() */
	u16 signal;			/* that killed it, or 0 */
	u8 core;			/* dumped */
	u8 reserved0;
};

static const struct kring_field fork_fields[] = {
	KRING_WHO_FIELDS(struct task_fork),
	KRING_FIELD(struct task_fork, parent, KRING_KIND_PID),
};

static const struct kring_field exec_fields[] = {
	KRING_WHO_FIELDS(struct task_exec),
	KRING_FIELD(struct task_exec, old_pid, KRING_KIND_PID),
	KRING_FIELD_VARIABLE(struct task_exec, file, KRING_KIND_TEXT),
	KRING_FIELD(struct task_exec, file_cut, KRING_KIND_BOOL),
	KRING_FIELD_VARIABLE(struct task_exec, args, KRING_KIND_ARGV),
	KRING_FIELD(struct task_exec, args_cut, KRING_KIND_BOOL),
};

static const struct kring_field exit_fields[] = {
	KRING_WHO_FIELDS(struct task_exit),
	KRING_FIELD(struct task_exit, code, KRING_KIND_UNSIGNED),
	KRING_FIELD(struct task_exit, signal, KRING_KIND_SIGNAL),
	KRING_FIELD(struct task_exit, core, KRING_KIND_BOOL),
};

static const struct kring_event_type task_types[] = {
	{ "fork", EVENT_FORK, ARRAY_SIZE(fork_fields), sizeof(struct task_fork), fork_fields },
	{ "exec", EVENT_EXEC, ARRAY_SIZE(exec_fields), sizeof(struct task_exec), exec_fields },
	{ "exit", EVENT_EXIT, ARRAY_SIZE(exit_fields), sizeof(struct task_exit), exit_fields },
};

static void probe_fork(void *data, struct task_struct *parent,
		       struct task_struct *child)
{
	struct kring_slot slot;
	struct task_fork *event;

	if (!kring_wants_either(data, parent, child))
		return;
	event = kring_reserve(data, &slot, EVENT_FORK, sizeof(*event));
	if (!event)
		return;
	kring_who_fill(&event->who, child);
	event->parent = task_pid_nr(parent);
	event->reserved0 = 0;
	kring_commit(&slot);
}

static void probe_exec(void *data, struct task_struct *task, pid_t old_pid,
		       struct linux_binprm *bprm)
{
	unsigned long args = task->mm->arg_start;
	unsigned long args_size = task->mm->arg_end - args;
	size_t file_size = strlen(bprm->filename);
	u32 file_kept = min_t(size_t, file_size, FILE_MAX);
	u32 args_kept = min_t(unsigned long, args_size, ARGS_MAX);
	struct kring_slot slot;
	struct task_exec *event;

	if (!kring_wants(data, task))
		return;
	event = kring_reserve(data, &slot, EVENT_EXEC,
			      sizeof(*event) + file_kept + args_kept);
	if (!event)
		return;
	kring_who_fill(&event->who, task);
	event->old_pid = old_pid;
	event->file = (struct kring_var) { sizeof(*event), file_kept };
	event->args = (struct kring_var) { sizeof(*event) + file_kept, args_kept };
	event->file_cut = file_kept < file_size;
	event->args_cut = args_kept < args_size;
	memset(event->reserved0, 0, sizeof(event->reserved0));
	memcpy(event->text, bprm->filename, file_kept);
	/* exec has just written them: they are in memory, as a rule */
	if (copy_from_user_nofault(event->text + file_kept, (void __user *)args,
				   args_kept)) {
		memset(event->text + file_kept, 0, args_kept);
		event->args.size = 0;
		event->args_cut = args_size > 0;
	}
	kring_commit(&slot);
}

static void probe_exit(void *data, struct task_struct *task)
{
	u32 status = task->exit_code;
	struct kring_slot slot;
	struct task_exit *event;

	if (!kring_wants(data, task))
		return;
	event = kring_reserve(data, &slot, EVENT_EXIT, sizeof(*event));
	if (!event)
		return;
	kring_who_fill(&event->who, task);
	event->code = status >> 8 & 0xff;
	event->signal = status & 0x7f;
	event->core = !!(status & 0x80);
	event->reserved0 = 0;
	kring_commit(&slot);
}

static struct kring_probe probes[] = {
	{ "sched_process_fork", probe_fork },
	{ "sched_process_exec", probe_exec },
	{ "sched_process_exit", probe_exit },
};

static int task_start(struct kring_channel *channel)
{
	return kring_probes_start(channel, probes, ARRAY_SIZE(probes));
}

static void task_stop(struct kring_channel *channel)
{
	kring_probes_stop(channel, probes, ARRAY_SIZE(probes));
}

const struct kring_source kring_source_task = {
	.name = "task",
	.types = task_types,
	.nr_types = ARRAY_SIZE(task_types),
	.start = task_start,
	.stop = task_stop,
	.filters = true,
};
