// SPDX-License-Identifier: GPL-2.0
/*
 * The scheduler: who runs, who was woken by whom, and how long it waited.
 *
 * A reader that asks to be woken for every event is woken because it went to
 * sleep: that was an event. It should set a watermark or a latency bound.
 */
#include <linux/mm.h>
#include <linux/timekeeping.h>
#include <compat.h>
#include "probe.h"
#include "since.h"

enum sched_event {
	EVENT_SWITCH = 1,
	EVENT_WAKEUP,
};

struct sched_switch {
	u32 prev_pid;
	u32 prev_tgid;
	u32 next_pid;
	u32 next_tgid;
	char prev_comm[TASK_COMM_LEN];
	char next_comm[TASK_COMM_LEN];
	u64 next_cgroup;
	u64 latency;			/* ns that next waited to run; 0: not known */
	u32 next_uid;
	char prev_state[4];		/* a letter: R runs on later, S sleeps, ... */
};

struct sched_wakeup {
	struct kring_who who;
	u32 waker;			/* 0: an interrupt, or not known */
	u32 target_cpu;
};

static const struct kring_field switch_fields[] = {
	KRING_FIELD(struct sched_switch, prev_pid, KRING_KIND_PID),
	KRING_FIELD(struct sched_switch, prev_tgid, KRING_KIND_PID),
	KRING_FIELD(struct sched_switch, prev_comm, KRING_KIND_TEXT),
	KRING_FIELD(struct sched_switch, prev_state, KRING_KIND_TEXT),
	KRING_FIELD(struct sched_switch, next_pid, KRING_KIND_PID),
	KRING_FIELD(struct sched_switch, next_tgid, KRING_KIND_PID),
	KRING_FIELD(struct sched_switch, next_uid, KRING_KIND_UID),
	KRING_FIELD(struct sched_switch, next_comm, KRING_KIND_TEXT),
	KRING_FIELD(struct sched_switch, next_cgroup, KRING_KIND_CGROUP),
	KRING_FIELD(struct sched_switch, latency, KRING_KIND_UNSIGNED),
};

static const struct kring_field wakeup_fields[] = {
	KRING_WHO_FIELDS(struct sched_wakeup),
	KRING_FIELD(struct sched_wakeup, waker, KRING_KIND_PID),
	KRING_FIELD(struct sched_wakeup, target_cpu, KRING_KIND_UNSIGNED),
};

static const struct kring_event_type sched_types[] = {
	{ "switch", EVENT_SWITCH, ARRAY_SIZE(switch_fields), sizeof(struct sched_switch),
	  switch_fields },
	{ "wakeup", EVENT_WAKEUP, ARRAY_SIZE(wakeup_fields), sizeof(struct sched_wakeup),
	  wakeup_fields },
};

/*
 * A wakeup begins where the waker is, and may be finished by an interrupt on
 * the CPU that it goes to. So who it was is kept in between, as in since.h: a
 * word per slot, with the woken task's bits on top.
 */
#define WAKER_PID	0xffffffffULL	/* the waker */
#define WAKER_KNOWN	BIT_ULL(32)	/* never 0 */
#define WAKER_PASSES	BIT_ULL(33)	/* the filter */
#define WAKER_OWN	BIT_ULL(34)	/* kring wakes a reader of this channel */

struct sched_state {
	struct kring_since waiting;	/* runnable but not running */
	u64 wakers[KRING_SLOTS];
};

static DEFINE_PER_CPU(struct kring_guard, guard);

static void probe_waking(void *channel, struct task_struct *task)
{
	struct sched_state *state = kring_channel_private(channel);
	u64 word = kring_since_owner(task->pid) | WAKER_KNOWN;

	if (!kring_enter(&guard))
		return;
	if (this_cpu_read(kring_waking) == channel)
		word |= WAKER_OWN;
	if (in_task()) {
		word |= current->pid;
		if (kring_wants(channel, current))
			word |= WAKER_PASSES;
	}
	WRITE_ONCE(state->wakers[kring_slot_of(task->pid)], word);
	kring_leave(&guard);
}

static void report_wakeup(struct kring_channel *channel, struct task_struct *task, u32 waker)
{
	struct kring_slot slot;
	struct sched_wakeup *event;

	event = kring_reserve(channel, &slot, EVENT_WAKEUP, sizeof(*event));
	if (!event)
		return;
	kring_who_fill(&event->who, task);
	event->waker = waker;
	event->target_cpu = task_cpu(task);
	kring_commit(&slot);
}

static void probe_wakeup(void *channel, struct task_struct *task)
{
	struct sched_state *state = kring_channel_private(channel);
	u64 word = READ_ONCE(state->wakers[kring_slot_of(task->pid)]);

	if (!kring_enter(&guard))
		return;
	/* If it was about to sleep and waits already, it does so since then */
	if (!kring_since_known(&state->waiting, task->pid))
		kring_since_begin(&state->waiting, task->pid, ktime_get_mono_fast_ns());
	if (!(word & WAKER_KNOWN) ||
	    (word & ~KRING_SINCE_TIME) != kring_since_owner(task->pid))
		word = 0;
	if (!(word & WAKER_OWN) && ((word & WAKER_PASSES) || kring_wants(channel, task)))
		report_wakeup(channel, task, word & WAKER_PID);
	kring_leave(&guard);
}

/* Its first one, by its parent */
static void probe_wakeup_new(void *channel, struct task_struct *task)
{
	struct sched_state *state = kring_channel_private(channel);

	if (!kring_enter(&guard))
		return;
	kring_since_begin(&state->waiting, task->pid, ktime_get_mono_fast_ns());
	if (kring_wants_either(channel, task, current))
		report_wakeup(channel, task, current->pid);
	kring_leave(&guard);
}

static void report_switch(struct kring_channel *channel, struct task_struct *prev,
			  struct task_struct *next, char prev_state, u64 latency)
{
	struct kring_slot slot;
	struct sched_switch *event;

	event = kring_reserve(channel, &slot, EVENT_SWITCH, sizeof(*event));
	if (!event)
		return;
	rcu_read_lock();
	*event = (struct sched_switch) {
		.prev_pid = task_pid_nr(prev),
		.prev_tgid = task_tgid_nr(prev),
		.next_pid = task_pid_nr(next),
		.next_tgid = task_tgid_nr(next),
		.next_cgroup = cgroup_id(task_dfl_cgroup(next)),
		.latency = latency,
		.next_uid = from_kuid(&init_user_ns, task_uid(next)),
		.prev_state = { prev_state },
	};
	rcu_read_unlock();
	strscpy_pad(event->prev_comm, prev->comm, sizeof(event->prev_comm));
	strscpy_pad(event->next_comm, next->comm, sizeof(event->next_comm));
	kring_commit(&slot);
}

static void probe_switch(void *channel, KRING_SWITCH_ARGS)
{
	struct sched_state *state = kring_channel_private(channel);
	u64 now = ktime_get_mono_fast_ns();
	bool waits = kring_task_waits(prev);
	u64 latency = 0;

	if (!kring_enter(&guard))
		return;
	/* Idle tasks are not queued, and share their pid, 0 */
	if (prev->pid && waits)
		kring_since_begin(&state->waiting, prev->pid, now);
	else if (prev->pid)
		kring_since_forget(&state->waiting, prev->pid);
	if (next->pid)
		latency = kring_since_end(&state->waiting, next, now);
	if (kring_wants_either(channel, prev, next))
		report_switch(channel, prev, next,
			      waits ? 'R' : task_index_to_char(KRING_SWITCH_STATE), latency);
	kring_leave(&guard);
}

static struct kring_probe probes[] = {
	{ "sched_waking", probe_waking },
	{ "sched_wakeup", probe_wakeup },
	{ "sched_wakeup_new", probe_wakeup_new },
	{ "sched_switch", probe_switch },
};

static void sched_stop(struct kring_channel *channel)
{
	kring_probes_stop(channel, probes, ARRAY_SIZE(probes));
	kvfree(kring_channel_private(channel));
	kring_channel_set_private(channel, NULL);
}

static int sched_start(struct kring_channel *channel)
{
	struct sched_state *state = kvzalloc(sizeof(*state), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!state)
		return -ENOMEM;
	kring_channel_set_private(channel, state);
	ret = kring_probes_start(channel, probes, ARRAY_SIZE(probes));
	if (ret) {
		kring_channel_set_private(channel, NULL);
		kvfree(state);
	}
	return ret;
}

const struct kring_source kring_source_sched = {
	.name = "sched",
	.types = sched_types,
	.nr_types = ARRAY_SIZE(sched_types),
	.start = sched_start,
	.stop = sched_stop,
	.filters = true,
};
