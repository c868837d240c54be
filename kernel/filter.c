// SPDX-License-Identifier: GPL-2.0
/* Which events a channel wants: conditions on the task that an event is about. */
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/export.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <internal.h>

/* Replaced as a whole, under channel->lock; probes read it inside RCU */
struct kring_filter_set {
	struct rcu_head rcu;
	u32 wanted;		/* a bit per field with a condition that is not negated */
	u32 nr;
	struct kring_condition conditions[];
};

static bool in_cgroup(struct task_struct *task, u64 id)
{
	struct cgroup *cgroup = task_dfl_cgroup(task);

	while (cgroup && cgroup_id(cgroup) != id)
		cgroup = cgroup_parent(cgroup);
	return cgroup;
}

static bool condition_met(const struct kring_condition *condition, struct task_struct *task)
{
	if (!task)
		return false;
	switch (condition->field) {
	case KRING_FILTER_PID:
		return task->pid == condition->number;
	case KRING_FILTER_TGID:
		return task->tgid == condition->number;
	case KRING_FILTER_UID:
		return from_kuid(&init_user_ns, task_uid(task)) == condition->number;
	case KRING_FILTER_COMM:
		return !strncmp(task->comm, condition->text, sizeof(condition->text));
	default:
		return in_cgroup(task, condition->number);
	}
}

static bool filter_passes(const struct kring_filter_set *set, struct task_struct *task)
{
	u32 met = 0;
	u32 i;

	for (i = 0; i < set->nr; i++) {
		const struct kring_condition *condition = &set->conditions[i];
		u32 bit = 1 << condition->field;

		/* One that is met is enough; of the negated ones none may be */
		if (!condition->negated && (met & bit))
			continue;
		if (!condition_met(condition, task))
			continue;
		if (condition->negated)
			return false;
		met |= bit;
	}
	return met == set->wanted;
}

/**
 * kring_wants() - Whether an event about a task would be kept.
 * @channel: where
 * @task: that the event is about; NULL: nobody knows, so it meets no condition
 *
 * For sources with &kring_source.filters, before they gather what they report.
 * Any context, preemption off.
 *
 * Return: the channel records, and its filter lets the event pass.
 */
bool kring_wants(struct kring_channel *channel, struct task_struct *task)
{
	return kring_wants_either(channel, task, NULL);
}
EXPORT_SYMBOL_GPL(kring_wants);

/**
 * kring_wants_either() - The same for an event between two tasks.
 * @channel: where
 * @a: one of them
 * @b: the other one, or NULL
 *
 * Return: the channel records, and its filter lets one of them pass.
 */
bool kring_wants_either(struct kring_channel *channel, struct task_struct *a,
			struct task_struct *b)
{
	const struct kring_filter_set *set;
	bool passes;

	if (!kring_recording(channel))
		return false;
	if (likely(!rcu_access_pointer(channel->filter)))
		return true;
	rcu_read_lock();	/* K: pairs with the grace period after a filter is replaced */
	set = rcu_dereference(channel->filter);	/* K: the pointer, then what it points to */
	passes = !set || filter_passes(set, a) || (b && filter_passes(set, b));
	rcu_read_unlock();	/* K: it is not looked at any more */
	return passes;
}
EXPORT_SYMBOL_GPL(kring_wants_either);

/* 0; or -EINVAL, and in message (KRING_MESSAGE_MAX bytes) what is allowed */
static int condition_check(const struct kring_condition *condition, u32 number, char *message)
{
	size_t length = strnlen(condition->text, sizeof(condition->text));

	if (!condition->field || condition->field > KRING_FILTER_CGROUP)
		snprintf(message, KRING_MESSAGE_MAX,
			 "condition %u: field %u is unknown: 1 (pid), 2 (tgid), 3 (uid), 4 (comm) or 5 (cgroup)",
			 number, condition->field);
	else if (condition->negated > 1)
		snprintf(message, KRING_MESSAGE_MAX, "condition %u: negated is %u: 0 or 1",
			 number, condition->negated);
	else if (memchr_inv(condition->reserved0, 0, sizeof(condition->reserved0)))
		snprintf(message, KRING_MESSAGE_MAX, "condition %u: reserved0 must be 0", number);
	else if (condition->field == KRING_FILTER_COMM &&
		 (!length || length == sizeof(condition->text)))
		snprintf(message, KRING_MESSAGE_MAX,
			 "condition %u: a comm has 1 to %zu characters and a NUL", number,
			 sizeof(condition->text) - 1);
	else if (condition->field <= KRING_FILTER_UID && condition->number > U32_MAX)
		snprintf(message, KRING_MESSAGE_MAX, "condition %u: number %llu: at most %u",
			 number, condition->number, U32_MAX);
	else
		return 0;
	return -EINVAL;
}

static int filter_check(const struct kring_source *source, const struct kring_filter *filter,
			char *message)
{
	u32 i;

	if (filter->nr > KRING_CONDITIONS_MAX) {
		snprintf(message, KRING_MESSAGE_MAX, "%u conditions: at most %u", filter->nr,
			 KRING_CONDITIONS_MAX);
	} else if (filter->reserved0) {
		snprintf(message, KRING_MESSAGE_MAX, "reserved0 must be 0");
	} else if (filter->nr && !source->filters) {
		snprintf(message, KRING_MESSAGE_MAX,
			 "source \"%s\" cannot be filtered: its events belong to no task; 0 conditions",
			 source->name);
	} else {
		for (i = 0; i < filter->nr; i++)
			if (condition_check(&filter->conditions[i], i + 1, message))
				return -EINVAL;
		return 0;
	}
	return -EINVAL;
}

/* 0; -ENOMEM; -EINVAL, and in filter->req.message what is allowed */
int kring_filter_set(struct kring_channel *channel, struct kring_filter *filter)
{
	struct kring_filter_set *set = NULL;
	u32 i;

	if (filter_check(channel->source, filter, filter->req.message))
		return -EINVAL;
	if (filter->nr) {
		set = kzalloc(struct_size(set, conditions, filter->nr), GFP_KERNEL_ACCOUNT);
		if (!set) {
			snprintf(filter->req.message, KRING_MESSAGE_MAX,
				 "not enough memory for the filter");
			return -ENOMEM;
		}
		set->nr = filter->nr;
		for (i = 0; i < set->nr; i++) {
			set->conditions[i] = filter->conditions[i];
			if (!set->conditions[i].negated)
				set->wanted |= 1 << set->conditions[i].field;
		}
	}
	mutex_lock(&channel->lock);
	/* K: the conditions, then the pointer; pairs with kring_wants_either() */
	set = rcu_replace_pointer(channel->filter, set, lockdep_is_held(&channel->lock));
	mutex_unlock(&channel->lock);
	if (set)
		kfree_rcu(set, rcu);	/* K: producers may still look at it */
	return 0;
}

void kring_filter_get(struct kring_channel *channel, struct kring_filter *filter)
{
	const struct kring_filter_set *set;

	filter->nr = 0;
	filter->reserved0 = 0;
	memset(filter->conditions, 0, sizeof(filter->conditions));
	rcu_read_lock();	/* K: as in kring_wants_either() */
	set = rcu_dereference(channel->filter);	/* K: as there */
	if (set) {
		filter->nr = set->nr;
		memcpy(filter->conditions, set->conditions,
		       set->nr * sizeof(set->conditions[0]));
	}
	rcu_read_unlock();	/* K: as there */
}

/* With the channel, which nobody refers to any more */
void kring_filter_free(struct kring_channel *channel)
{
	kfree(rcu_dereference_protected(channel->filter, true));
}
