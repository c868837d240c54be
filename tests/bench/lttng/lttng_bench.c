// SPDX-License-Identifier: GPL-2.0
/*
 * LTTng's kernel ring buffer as a contender: stands in for lttng-tracer.ko, which
 * its unchanged clients register with, and reports as its probes do.
 */
#include <linux/cpuhotplug.h>
#include <linux/module.h>
#include <lttng/kernel-version.h>
#include <wrapper/compiler.h>
#include <ringbuffer/config.h>
#include <ringbuffer/backend.h>
#include <ringbuffer/frontend.h>
#include <lttng/cpuhotplug.h>
#include <lttng/events.h>
#include <lttng/events-internal.h>
#include <kring_bench.h>

#define SUBBUF	(256 << 10)	/* four of them are as much as kring has */
#define SUBBUFS	4
#define COMPACT	1		/* header_type of lttng_event_reserve() */

static struct lttng_kernel_session_private session_private;
static struct lttng_kernel_session session = { .priv = &session_private };

/* A channel and its one event */
struct recorder {
	struct lttng_kernel_channel_buffer_private channel_private;
	struct lttng_kernel_channel_buffer channel;
	struct lttng_kernel_event_recorder_private event_private;
	struct lttng_kernel_event_recorder event;
};

static u64 data[1024 / sizeof(u64)];

static bool lttng_one(struct recorder *to, u32 bytes)
{
	struct lttng_kernel_channel_buffer_ops *ops = to->channel.ops;
	struct lttng_kernel_ring_buffer_ctx ctx;

	lib_ring_buffer_ctx_init(&ctx, &to->event, bytes, sizeof(u64), NULL);
	if (ops->event_reserve(&ctx))
		return false;
	ops->event_write(&ctx, data, bytes, sizeof(u64));
	ops->event_commit(&ctx);
	return true;
}

/* The one overwrites, and the other is emptied before it is full */
static void lttng_block(void *to, u32 bytes, u32 n)
{
	while (n--)
		WARN_ON_ONCE(!lttng_one(to, bytes));
}

static void lttng_reset(void *to)
{
	struct recorder *recorder = to;
	struct lttng_kernel_ring_buffer_channel *chan = recorder->channel_private.rb_chan;
	int cpu;

	/* channel_reset() leaves what is in the buffers */
	for_each_online_cpu(cpu)
		lib_ring_buffer_reset(channel_get_ring_buffer(&chan->backend.config, chan, cpu));
}

static struct lttng_cpuhp_node *hotplug_node(struct hlist_node *node)
{
	return container_of(node, struct lttng_cpuhp_node, node);
}

static int buffer_prepare(unsigned int cpu, struct hlist_node *node)
{
	if (hotplug_node(node)->component != LTTNG_RING_BUFFER_BACKEND)
		return 0;
	return lttng_cpuhp_rb_backend_prepare(cpu, hotplug_node(node));
}

static int buffer_online(unsigned int cpu, struct hlist_node *node)
{
	if (hotplug_node(node)->component != LTTNG_RING_BUFFER_FRONTEND)
		return 0;
	return lttng_cpuhp_rb_frontend_online(cpu, hotplug_node(node));
}

/* A buffer is made when its CPU comes, or has come: through these states. No CPU goes here. */
static int __init lttng_bench_init(void)
{
	int state;

	state = cpuhp_setup_state_multi(CPUHP_BP_PREPARE_DYN, "lttng_bench:prepare",
					buffer_prepare, NULL);
	if (state < 0)
		return state;
	lttng_rb_set_hp_prepare(state);
	state = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN, "lttng_bench:online",
					buffer_online, NULL);
	if (state < 0)
		return state;
	lttng_rb_set_hp_online(state);
	return 0;
}
module_init(lttng_bench_init);

/* Called by lttng-ring-buffer-client-overwrite.ko, and -discard.ko, LTTng's default */
void lttng_transport_register(struct lttng_transport *transport)
{
	static struct recorder recorders[2];
	bool drops = !!strstr(transport->name, "discard");
	struct recorder *to = &recorders[drops];

	to->channel_private.header_type = COMPACT;
	to->channel.parent.session = &session;
	to->channel.priv = &to->channel_private;
	to->channel.ops = &transport->ops;
	to->event_private.id = 1;
	to->event.priv = &to->event_private;
	to->event.chan = &to->channel;
	to->channel_private.rb_chan = transport->ops.priv->channel_create("bench", &to->channel,
									  NULL, SUBBUF, SUBBUFS,
									  0, 0);
	if (!to->channel_private.rb_chan) {
		pr_err("lttng_bench: no channel\n");
		return;
	}
	kring_bench_peer(drops ? "lttng-drop" : "lttng", lttng_block, drops ? lttng_reset : NULL,
			 to);
}
EXPORT_SYMBOL_GPL(lttng_transport_register);

void lttng_transport_unregister(struct lttng_transport *transport)
{
}
EXPORT_SYMBOL_GPL(lttng_transport_unregister);

/* Without an exit: what LTTng has of it stays */
MODULE_DESCRIPTION("Benchmark of LTTng's ring buffer beside kring");
MODULE_LICENSE("GPL");
