/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When something began for a task, kept without locks: a word per slot, a slot
 * for the tasks whose pids have their low bits in common. The last one to begin
 * takes the slot, the others' times are then not known. The word has the other
 * bits of the pid, and 54 bits of time, which go round in 208 days.
 */
#ifndef KRING_SINCE_H
#define KRING_SINCE_H

#include <linux/bits.h>
#include <linux/sched.h>
#include <linux/threads.h>
#include <linux/types.h>

#define KRING_SLOT_BITS		12
#define KRING_SLOTS		BIT(KRING_SLOT_BITS)
#define KRING_SINCE_TIME	((1ULL << 54) - 1)

struct kring_since {
	u64 words[KRING_SLOTS];		/* 0: nobody's */
};

static inline u32 kring_slot_of(u32 pid)
{
	return pid & (KRING_SLOTS - 1);
}

static inline u64 kring_since_owner(u32 pid)
{
	BUILD_BUG_ON(PID_MAX_LIMIT > 1u << (KRING_SLOT_BITS + 10));
	return (u64)(pid >> KRING_SLOT_BITS) << 54;
}

/* Whether it began for that task */
static inline bool kring_since_known(struct kring_since *since, u32 pid)
{
	u64 word = READ_ONCE(since->words[kring_slot_of(pid)]);

	return word && (word & ~KRING_SINCE_TIME) == kring_since_owner(pid);
}

static inline void kring_since_begin(struct kring_since *since, u32 pid, u64 now)
{
	/* Not 0 */
	WRITE_ONCE(since->words[kring_slot_of(pid)],
		   kring_since_owner(pid) | (now & KRING_SINCE_TIME) | 1);
}

/* It did not begin, or does not matter */
static inline void kring_since_forget(struct kring_since *since, u32 pid)
{
	if (kring_since_known(since, pid))
		WRITE_ONCE(since->words[kring_slot_of(pid)], 0);
}

/* ns since it began, at least 1; 0: not known */
static inline u64 kring_since_end(struct kring_since *since, struct task_struct *task, u64 now)
{
	u64 word = READ_ONCE(since->words[kring_slot_of(task->pid)]);
	u64 passed = ((now | 1) - word) & KRING_SINCE_TIME;

	if (!word || (word & ~KRING_SINCE_TIME) != kring_since_owner(task->pid))
		return 0;
	WRITE_ONCE(since->words[kring_slot_of(task->pid)], 0);
	/* An earlier task had the same pid */
	if (passed > now - task->start_time)
		return 0;
	return passed ?: 1;
}

#endif /* KRING_SINCE_H */
