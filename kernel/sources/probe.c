// SPDX-License-Identifier: GPL-2.0
/* Tracepoints found and listened to, and who an event is about. */
#include <linux/cred.h>
#include <linux/string.h>
#include "probe.h"

void kring_who_fill(struct kring_who *who, struct task_struct *task)
{
	rcu_read_lock();
	*who = (struct kring_who) {
		.pid = task_pid_nr(task),
		.tgid = task_tgid_nr(task),
		.ppid = task_tgid_nr(rcu_dereference(task->real_parent)),
		.uid = from_kuid(&init_user_ns, task_uid(task)),
		.cgroup = cgroup_id(task_dfl_cgroup(task)),
	};
	rcu_read_unlock();
	strscpy_pad(who->comm, task->comm, sizeof(who->comm));
}

/* The kernel does not export most of them by name: look for it */
static void find_tracepoint(struct tracepoint *tracepoint, void *data)
{
	struct kring_probe *probe = data;

	/* Two channels of a source may be looking: both find the same */
	if (!strcmp(tracepoint->name, probe->name))
		WRITE_ONCE(probe->tracepoint, tracepoint);
}

int kring_probes_start(struct kring_channel *channel, struct kring_probe *probes,
		       size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		struct kring_probe *probe = &probes[i];
		int ret = -ENOENT;

		if (!READ_ONCE(probe->tracepoint))
			for_each_kernel_tracepoint(find_tracepoint, probe);
		if (probe->tracepoint)
			ret = tracepoint_probe_register(probe->tracepoint, probe->probe, channel);
		if (ret) {
			pr_err("kring: tracepoint %s: error %d\n", probe->name, ret);
			kring_probes_stop(channel, probes, i);
			return ret;
		}
	}
	return 0;
}

void kring_probes_stop(struct kring_channel *channel, struct kring_probe *probes,
		       size_t nr)
{
	while (nr--)
		tracepoint_probe_unregister(probes[nr].tracepoint, probes[nr].probe, channel);
	tracepoint_synchronize_unregister();
}
