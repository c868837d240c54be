// SPDX-License-Identifier: GPL-2.0
/* Kretprobes of one channel: attached and detached together, misses counted. */
#include <linux/err.h>
#include <linux/slab.h>
#include "call.h"

struct called {
	struct kretprobe probe;
	struct kring_calls *calls;
	bool event;
	u32 reported;			/* of what was missed */
};

struct kring_calls {
	struct kring_channel *channel;
	struct kretprobe **probes;	/* those of called[], for the kernel */
	size_t nr;
	struct called called[];
};

/*
 * No room to remember the call, or another probe was at work on the CPU. The
 * kernel counts without atomic instructions: two CPUs at once may count as one.
 */
static u32 missed(const struct called *called)
{
	return READ_ONCE(called->probe.nmissed) + READ_ONCE(called->probe.kp.nmissed);
}

/* A filter was not asked about them: some may be events that it excludes */
static void report_missed(struct called *called)
{
	u32 before = READ_ONCE(called->reported);
	u32 now = missed(called);

	if (called->event && (s32)(now - before) > 0 &&
	    cmpxchg(&called->reported, before, now) == before)
		kring_miss(called->calls->channel, now - before);
}

static struct called *called_of(struct kretprobe_instance *ri)
{
	return container_of(get_kretprobe(ri), struct called, probe);
}

struct kring_channel *kring_call_channel(struct kretprobe_instance *ri)
{
	report_missed(called_of(ri));
	return called_of(ri)->calls->channel;
}

u32 kring_calls_missed(struct kretprobe_instance *ri)
{
	const struct kring_calls *calls = called_of(ri)->calls;
	u32 sum = 0;
	size_t i;

	for (i = 0; i < calls->nr; i++)
		if (!calls->called[i].event)
			sum += missed(&calls->called[i]);
	return sum;
}

static void calls_free(struct kring_calls *calls)
{
	kfree(calls->probes);
	kfree(calls);
}

struct kring_calls *kring_calls_start(struct kring_channel *channel,
				      const struct kring_call *list, size_t nr)
{
	struct kring_calls *calls;
	size_t i;
	int ret;

	calls = kzalloc(struct_size(calls, called, nr), GFP_KERNEL);
	if (!calls)
		return ERR_PTR(-ENOMEM);
	calls->channel = channel;
	calls->nr = nr;
	calls->probes = kcalloc(nr, sizeof(*calls->probes), GFP_KERNEL);
	if (!calls->probes) {
		calls_free(calls);
		return ERR_PTR(-ENOMEM);
	}
	for (i = 0; i < nr; i++) {
		struct called *called = &calls->called[i];

		called->calls = calls;
		called->event = list[i].event;
		called->probe = (struct kretprobe) {
			.kp.symbol_name = list[i].function,
			.entry_handler = list[i].enter,
			.handler = list[i].leave,
			.data_size = list[i].data_size,
			.maxactive = list[i].active,
		};
		calls->probes[i] = &called->probe;
		ret = register_kretprobe(&called->probe);
		if (ret) {
			pr_err("kring: function %s: error %d\n", list[i].function, ret);
			unregister_kretprobes(calls->probes, i);
			calls_free(calls);
			return ERR_PTR(ret);
		}
	}
	return calls;
}

void kring_calls_stop(struct kring_calls *calls)
{
	size_t i;

	unregister_kretprobes(calls->probes, calls->nr);
	for (i = 0; i < calls->nr; i++)
		report_missed(&calls->called[i]);
	calls_free(calls);
}
