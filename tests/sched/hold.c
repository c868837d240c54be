// SPDX-License-Identifier: GPL-2.0
#include <kernel_stub.h>
#include "../../kernel/hold.h"
#include "machine.h"
#include "world.h"

static struct kring_channel channel;
static struct kring_buffer *buffers[1];
static struct kring_holder *holder;

void *hold_page(void)
{
	return world.cursors;
}

void hold_page_gone(void *page)
{
	memory_forbid(page, PAGE_SIZE);
}

/* What KRING_IOC_HOLD does behind its checks */
void hold_attach(void)
{
	u64 positions[1] = { KRING_HOLD_OLDEST };
	struct kring_hold hold = { .nr = 1 };
	int ret;

	sim_note("attaches a hold");
	buffers[0] = container_of(world.rings[0].ring, struct kring_buffer, ring);
	channel.max_rings = channel.nr_rings = 1;
	channel.buffers = buffers;
	channel.lag_limit = world.rings[0].ring->lag_limit;
	kring_holds_init(&channel);
	holder = kring_holder_alloc(&channel);
	holder->link.next = holder->link.prev = &channel.holders;
	channel.holders.next = channel.holders.prev = &holder->link;
	ret = kring_holder_attach(&channel, holder, &hold, positions);
	sim_check(!ret, "attach: %d", ret);
	world.held = true;
	world_look();
	sim_note("holds from %llu on", positions[0]);
}

void hold_drop(void)
{
	world.held = false;
	sim_note("drops the hold");
	kring_holder_drop(&channel, holder);
}

/* What kernel/hold.c calls elsewhere */
int kring_refuse(struct kring_request *req, int error, const char *format, ...)
{
	(void)req;
	(void)format;
	return error;
}

void kring_wake_all(struct kring_channel *c, __poll_t more)
{
	(void)c;
	(void)more;
}

void kring_hold_expiry(struct work_struct *work)
{
	(void)work;
}
