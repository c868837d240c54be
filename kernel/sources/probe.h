/* SPDX-License-Identifier: GPL-2.0 */
/* What sources that listen to the kernel's tracepoints share. */
#ifndef KRING_PROBE_H
#define KRING_PROBE_H

#include <linux/cgroup.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/tracepoint.h>
#include <internal.h>

/* Who an event is about. Numbers as in the initial namespaces. */
struct kring_who {
	u32 pid;			/* of the thread */
	u32 tgid;			/* of the process */
	u32 ppid;
	u32 uid;
	u64 cgroup;
	char comm[TASK_COMM_LEN];
};

#define KRING_WHO_FIELDS(type)							\
	KRING_FIELD_NAMED(type, who.pid, "pid", KRING_KIND_PID),		\
	KRING_FIELD_NAMED(type, who.tgid, "tgid", KRING_KIND_PID),		\
	KRING_FIELD_NAMED(type, who.ppid, "ppid", KRING_KIND_PID),		\
	KRING_FIELD_NAMED(type, who.uid, "uid", KRING_KIND_UID),		\
	KRING_FIELD_NAMED(type, who.comm, "comm", KRING_KIND_TEXT),		\
	KRING_FIELD_NAMED(type, who.cgroup, "cgroup", KRING_KIND_CGROUP)

void kring_who_fill(struct kring_who *who, struct task_struct *task);

/* A tracepoint and who listens; the channel is the probe's first argument */
struct kring_probe {
	const char *name;
	void *probe;
	struct tracepoint *tracepoint;	/* found when first used */
};

/* 0 or -errno, with a line in the kernel log; all of them or none */
int kring_probes_start(struct kring_channel *channel, struct kring_probe *probes,
		       size_t nr);
/* None runs any more when this returns. May sleep. */
void kring_probes_stop(struct kring_channel *channel, struct kring_probe *probes,
		       size_t nr);

/*
 * What a source does may cause what it reports. Each source has one guard per
 * CPU; an event that comes while the same context (task, softirq, hardirq, NMI)
 * of the CPU is in the source already is that source's own doing, and is not
 * reported.
 *
 *	static DEFINE_PER_CPU(struct kring_guard, guard);
 *
 *	if (!kring_enter(&guard))
 *		return;
 *	...
 *	kring_leave(&guard);
 *
 * Preemption is off from one to the other.
 */
struct kring_guard {
	unsigned int busy;		/* a bit per context */
};

static __always_inline unsigned int kring_guard_context(void)
{
	return in_nmi() ? 1 << 3 : in_hardirq() ? 1 << 2 : in_serving_softirq() ? 1 << 1 : 1;
}

static __always_inline bool kring_enter(struct kring_guard __percpu *guard)
{
	unsigned int context = kring_guard_context();

	preempt_disable_notrace();
	if (likely(!(this_cpu_read(guard->busy) & context))) {
		/* Whoever interrupts here puts it back as it was */
		this_cpu_or(guard->busy, context);
		barrier();
		return true;
	}
	preempt_enable_notrace();
	return false;
}

static __always_inline void kring_leave(struct kring_guard __percpu *guard)
{
	barrier();
	this_cpu_and(guard->busy, ~kring_guard_context());
	preempt_enable_notrace();
}

#endif /* KRING_PROBE_H */
