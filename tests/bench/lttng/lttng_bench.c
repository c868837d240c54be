// SPDX-License-Identifier: GPL-2.0
/*
 * LTTng's kernel ring buffer as a contender: stands in for lttng-tracer.ko, which
 * its unchanged clients register with, and reports as its probes do.
 */
#include <linux/cpuhotplug.h>
#include <linux/module.h>
#include <lttng/kernel-version.h>
#include <ringbuffer/config.h>
#include <lttng/cpuhotplug.h>
#include <lttng/events.h>
#include <lttng/events-internal.h>
#include <kring_bench.h>

#define SUBBUF	(256 << 10)	/* four of them are as much as kring has */
#define SUBBUFS	4
#define COMPACT	1		/* header_type of lttng_event_reserve() */

static struct lttng_kernel_channel_buffer_private channel_private = { .header_type = COMPACT };
static struct lttng_kernel_session_private session_private;
static struct lttng_kernel_session session = { .priv = &session_private };
static struct lttng_kernel_channel_buffer channel = {
	.parent.session = &session,
	.priv = &channel_private,
};

static struct lttng_kernel_event_recorder_private event_private = { .id = 1 };

static struct lttng_kernel_event_recorder event = { .priv = &event_private, .chan = &channel };

static bool lttng_one(const void *data, u32 bytes)
{
	struct lttng_kernel_ring_buffer_ctx ctx;

	lib_ring_buffer_ctx_init(&ctx, &event, bytes, sizeof(u64), NULL);
	if (channel.ops->event_reserve(&ctx))
		return false;
	channel.ops->event_write(&ctx, data, bytes, sizeof(u64));
	channel.ops->event_commit(&ctx);
	return true;
}

static void lttng_block(void *to, u32 bytes, u32 n)
{
	/* The buffer overwrites: what is refused is not for want of room */
	while (n--)
		WARN_ON_ONCE(!lttng_one(to, bytes));
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

/* Called by lttng-ring-buffer-client-overwrite.ko */
void lttng_transport_register(struct lttng_transport *transport)
{
	static u64 data[1024 / sizeof(u64)];

	channel.ops = &transport->ops;
	channel_private.rb_chan = channel.ops->priv->channel_create("bench", &channel, NULL,
								    SUBBUF, SUBBUFS, 0, 0);
	if (!channel_private.rb_chan) {
		pr_err("lttng_bench: no channel\n");
		return;
	}
	kring_bench_peer("lttng", lttng_block, data);
}
EXPORT_SYMBOL_GPL(lttng_transport_register);

void lttng_transport_unregister(struct lttng_transport *transport)
{
}
EXPORT_SYMBOL_GPL(lttng_transport_unregister);

/* Without an exit: what LTTng has of it stays */
MODULE_DESCRIPTION("Benchmark of LTTng's ring buffer beside kring");
MODULE_LICENSE("GPL");
