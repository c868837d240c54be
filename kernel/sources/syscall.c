// SPDX-License-Identifier: GPL-2.0
/*
 * System calls: enter and exit, by number, with arguments and result.
 *
 * Reading a channel takes system calls too. They are events like all others: a
 * reader that does not want them sets a filter, tgid != its own.
 *
 * 32-bit calls on a 64-bit kernel are events of their own, since their numbers
 * mean other calls.
 */
#include <linux/audit.h>
#include <linux/mm.h>
#include <linux/timekeeping.h>
#include <asm/syscall.h>
#include "probe.h"
#include "since.h"

enum syscall_event {
	EVENT_ENTER = 1,
	EVENT_EXIT,
	EVENT_ENTER_COMPAT,
	EVENT_EXIT_COMPAT,
};

struct syscall_enter {
	struct kring_who who;
	u32 nr;
	u32 reserved0;
	u64 args[6];
};

struct syscall_exit {
	struct kring_who who;
	u32 nr;
	u32 reserved0;
	s64 ret;
	u64 duration;			/* ns; 0: not known */
};

#define ENTER_FIELDS(number_kind)						\
	KRING_WHO_FIELDS(struct syscall_enter),					\
	KRING_FIELD(struct syscall_enter, nr, number_kind),			\
	KRING_FIELD_NAMED(struct syscall_enter, args[0], "arg0", KRING_KIND_HEX), \
	KRING_FIELD_NAMED(struct syscall_enter, args[1], "arg1", KRING_KIND_HEX), \
	KRING_FIELD_NAMED(struct syscall_enter, args[2], "arg2", KRING_KIND_HEX), \
	KRING_FIELD_NAMED(struct syscall_enter, args[3], "arg3", KRING_KIND_HEX), \
	KRING_FIELD_NAMED(struct syscall_enter, args[4], "arg4", KRING_KIND_HEX), \
	KRING_FIELD_NAMED(struct syscall_enter, args[5], "arg5", KRING_KIND_HEX)

#define EXIT_FIELDS(number_kind)						\
	KRING_WHO_FIELDS(struct syscall_exit),					\
	KRING_FIELD(struct syscall_exit, nr, number_kind),			\
	KRING_FIELD(struct syscall_exit, ret, KRING_KIND_RESULT),		\
	KRING_FIELD(struct syscall_exit, duration, KRING_KIND_UNSIGNED)

static const struct kring_field enter_fields[] = { ENTER_FIELDS(KRING_KIND_SYSCALL) };
static const struct kring_field exit_fields[] = { EXIT_FIELDS(KRING_KIND_SYSCALL) };
static const struct kring_field enter_compat_fields[] = { ENTER_FIELDS(KRING_KIND_UNSIGNED) };
static const struct kring_field exit_compat_fields[] = { EXIT_FIELDS(KRING_KIND_UNSIGNED) };

static const struct kring_event_type syscall_types[] = {
	{ "enter", EVENT_ENTER, ARRAY_SIZE(enter_fields), sizeof(struct syscall_enter),
	  enter_fields },
	{ "exit", EVENT_EXIT, ARRAY_SIZE(exit_fields), sizeof(struct syscall_exit),
	  exit_fields },
	{ "enter_compat", EVENT_ENTER_COMPAT, ARRAY_SIZE(enter_compat_fields),
	  sizeof(struct syscall_enter), enter_compat_fields },
	{ "exit_compat", EVENT_EXIT_COMPAT, ARRAY_SIZE(exit_compat_fields),
	  sizeof(struct syscall_exit), exit_compat_fields },
};

static DEFINE_PER_CPU(struct kring_guard, guard);

static bool is_compat(void)
{
	return !(syscall_get_arch(current) & __AUDIT_ARCH_64BIT);
}

static void report_enter(struct kring_channel *channel, struct pt_regs *regs, u32 nr)
{
	unsigned long args[6];
	struct kring_slot slot;
	struct syscall_enter *event;
	bool compat = is_compat();
	size_t i;

	event = kring_reserve(channel, &slot, compat ? EVENT_ENTER_COMPAT : EVENT_ENTER,
			      sizeof(*event));
	if (!event)
		return;
	kring_who_fill(&event->who, current);
	event->nr = nr;
	event->reserved0 = 0;
	syscall_get_arguments(current, regs, args);
	for (i = 0; i < ARRAY_SIZE(args); i++)
		event->args[i] = compat ? (u32)args[i] : args[i];
	kring_commit(&slot);
}

static void report_exit(struct kring_channel *channel, u32 nr, s64 ret, u64 duration)
{
	struct kring_slot slot;
	struct syscall_exit *event;
	bool compat = is_compat();

	event = kring_reserve(channel, &slot, compat ? EVENT_EXIT_COMPAT : EVENT_EXIT,
			      sizeof(*event));
	if (!event)
		return;
	kring_who_fill(&event->who, current);
	event->nr = nr;
	event->reserved0 = 0;
	event->ret = ret;
	event->duration = duration;
	kring_commit(&slot);
}

static void probe_enter(void *channel, struct pt_regs *regs, long nr)
{
	struct kring_since *since = kring_channel_private(channel);

	if (!kring_enter(&guard))
		return;
	if (kring_wants(channel, current)) {
		kring_since_begin(since, current->pid, ktime_get_mono_fast_ns());
		report_enter(channel, regs, nr);
	} else {
		kring_since_forget(since, current->pid);
	}
	kring_leave(&guard);
}

static void probe_exit(void *channel, struct pt_regs *regs, long ret)
{
	struct kring_since *since = kring_channel_private(channel);

	if (!kring_enter(&guard))
		return;
	if (kring_wants(channel, current))
		report_exit(channel, syscall_get_nr(current, regs), ret,
			    kring_since_end(since, current, ktime_get_mono_fast_ns()));
	else
		kring_since_forget(since, current->pid);
	kring_leave(&guard);
}

static struct kring_probe probes[] = {
	{ "sys_enter", probe_enter },
	{ "sys_exit", probe_exit },
};

static void syscall_stop(struct kring_channel *channel)
{
	kring_probes_stop(channel, probes, ARRAY_SIZE(probes));
	kvfree(kring_channel_private(channel));
	kring_channel_set_private(channel, NULL);
}

static int syscall_start(struct kring_channel *channel)
{
	struct kring_since *since = kvzalloc(sizeof(*since), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!since)
		return -ENOMEM;
	kring_channel_set_private(channel, since);
	ret = kring_probes_start(channel, probes, ARRAY_SIZE(probes));
	if (ret) {
		kring_channel_set_private(channel, NULL);
		kvfree(since);
	}
	return ret;
}

const struct kring_source kring_source_syscall = {
	.name = "syscall",
	.types = syscall_types,
	.nr_types = ARRAY_SIZE(syscall_types),
	.start = syscall_start,
	.stop = syscall_stop,
	.filters = true,
};
