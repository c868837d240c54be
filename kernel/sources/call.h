/* SPDX-License-Identifier: GPL-2.0 */
/* What sources that listen to calls of the kernel's functions share. */
#ifndef KRING_CALL_H
#define KRING_CALL_H

#include <linux/kprobes.h>
#include <internal.h>

/**
 * struct kring_call - A function and who listens, as with kretprobes.
 * @function: its name
 * @enter: before it runs; 0: @leave wants to know of its return too
 * @leave: after it; may be NULL if @enter never returns 0
 * @data_size: bytes kept from @enter to @leave
 * @active: calls that may be between the two at once; those above are missed
 * @event: one call is one event, so that a missed one is a lost event
 *
 * Both run with preemption off.
 */
struct kring_call {
	const char *function;
	int (*enter)(struct kretprobe_instance *ri, struct pt_regs *regs);
	int (*leave)(struct kretprobe_instance *ri, struct pt_regs *regs);
	u16 data_size;
	u16 active;
	bool event;
};

struct kring_calls;

/* ERR_PTR(), with a line in the kernel log; all of them or none */
struct kring_calls *kring_calls_start(struct kring_channel *channel,
				      const struct kring_call *calls, size_t nr);
/* None runs any more when this returns. May sleep. */
void kring_calls_stop(struct kring_calls *calls);

/* For enter and leave. Reports what this function's listener missed until now. */
struct kring_channel *kring_call_channel(struct kretprobe_instance *ri);

/* The same function's list: how many calls that are no events were missed */
u32 kring_calls_missed(struct kretprobe_instance *ri);

#endif /* KRING_CALL_H */
