// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel log, a line per event, as it is written.
 *
 * printk() may be called anywhere, and its tracepoint fires before the message
 * is in the log: so that only makes an interrupt, which makes a work item, which
 * reads the log on from where it was. What the log has dropped by then is known
 * by its numbers, and counts as lost.
 */
#include <linux/ctype.h>
#include <linux/irq_work.h>
#include <linux/kmsg_dump.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <compat.h>
#include "probe.h"

/* A message of at most 1 KiB, all of it line ends, with a prefix on each line */
#define MESSAGE_MAX	(48u << 10)

#define EVENT_LINE	1

struct log_line {
	u64 written;			/* as the log says, in us; 0: it does not */
	struct kring_var text;
	u16 facility;
	u8 level;
	u8 reserved0;
	char bytes[];
};

static const struct kring_field line_fields[] = {
	KRING_FIELD(struct log_line, level, KRING_KIND_UNSIGNED),
	KRING_FIELD(struct log_line, facility, KRING_KIND_UNSIGNED),
	KRING_FIELD(struct log_line, written, KRING_KIND_TIME),
	KRING_FIELD_VARIABLE(struct log_line, text, KRING_KIND_TEXT),
};

static const struct kring_event_type log_type = {
	.name = "line",
	.type = EVENT_LINE,
	.payload = sizeof(struct log_line),
	.fields = line_fields,
	.nr_fields = ARRAY_SIZE(line_fields),
};

struct log_state {
	struct kring_channel *channel;
	struct irq_work interrupt;
	struct work_struct work;
	struct kmsg_dump_iter iter;	/* the work's: what is read next */
	char message[MESSAGE_MAX];
};

static DEFINE_PER_CPU(struct kring_guard, guard);

/* The number at *from, before end; moves *from behind it */
static u64 take_number(const char **from, const char *end)
{
	u64 number = 0;

	while (*from < end && isdigit(**from))
		number = number * 10 + *(*from)++ - '0';
	return number;
}

/* "[seconds.microseconds] ", which is there unless printk.time says no */
static u64 take_time(const char **from, const char *end)
{
	const char *dot = strnchr(*from, end - *from, '.');
	const char *at = *from + 1;
	u64 ns;

	if (!dot || end - dot < 9 || **from != '[' || dot[7] != ']' || dot[8] != ' ')
		return 0;
	while (*at == ' ')
		at++;
	ns = take_number(&at, dot) * NSEC_PER_SEC;
	if (at != dot)
		return 0;
	at++;
	ns += take_number(&at, dot + 7) * NSEC_PER_USEC;
	if (at != dot + 7)
		return 0;
	*from = dot + 9;
	return ns;
}

/* "<14>[    3.141592] text" */
static void report_line(struct kring_channel *channel, const char *at, const char *end)
{
	struct kring_slot slot;
	struct log_line *event;
	u32 priority;
	u64 written;

	at++;				/* < */
	priority = take_number(&at, end);
	at += at < end;			/* > */
	written = take_time(&at, end);

	event = kring_reserve(channel, &slot, EVENT_LINE, sizeof(*event) + (end - at));
	if (!event)
		return;
	event->written = written;
	event->text = (struct kring_var) { sizeof(*event), end - at };
	event->facility = priority >> 3;
	event->level = priority & 7;
	event->reserved0 = 0;
	memcpy(event->bytes, at, end - at);
	kring_commit(&slot);
}

/* The next message of the log; false if there is none */
static bool report_message(struct log_state *state)
{
	u64 expected = state->iter.cur_seq;
	const char *at = state->message;
	const char *end, *line;
	size_t size;

	if (!kmsg_dump_get_line(&state->iter, true, state->message, sizeof(state->message),
				&size))
		return false;
	/* cur_seq is one past the message that we got */
	if (state->iter.cur_seq > expected + 1)
		kring_miss(state->channel, state->iter.cur_seq - expected - 1);
	for (end = at + size; at < end; at = line + 1) {
		line = memchr(at, '\n', end - at) ?: end;
		report_line(state->channel, at, line);
	}
	return true;
}

static void log_work(struct work_struct *work)
{
	struct log_state *state = container_of(work, struct log_state, work);
	bool more = true;

	while (more) {
		/* Should this log something, that makes no more work */
		if (!kring_enter(&guard))
			return;
		more = report_message(state);
		kring_leave(&guard);
		cond_resched();
	}
}

static void log_interrupt(struct irq_work *interrupt)
{
	struct log_state *state = container_of(interrupt, struct log_state, interrupt);

	queue_work(system_unbound_wq, &state->work);
}

static void probe_console(void *channel, const char *text, size_t size)
{
	struct log_state *state = kring_channel_private(channel);

	if (!kring_enter(&guard))
		return;
	irq_work_queue(&state->interrupt);
	kring_leave(&guard);
}

static struct kring_probe probes[] = {
	{ "console", probe_console },
};

static void log_stop(struct kring_channel *channel)
{
	struct log_state *state = kring_channel_private(channel);

	kring_probes_stop(channel, probes, ARRAY_SIZE(probes));
	irq_work_sync(&state->interrupt);
	flush_work(&state->work);
	kring_channel_set_private(channel, NULL);
	kvfree(state);
}

static int log_start(struct kring_channel *channel)
{
	struct log_state *state = kvzalloc(sizeof(*state), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!state)
		return -ENOMEM;
	state->channel = channel;
	init_irq_work(&state->interrupt, log_interrupt);
	INIT_WORK(&state->work, log_work);
	kring_log_end(&state->iter);
	kring_channel_set_private(channel, state);
	ret = kring_probes_start(channel, probes, ARRAY_SIZE(probes));
	if (ret) {
		kring_channel_set_private(channel, NULL);
		kvfree(state);
		return ret;
	}
	/* For what was logged since */
	queue_work(system_unbound_wq, &state->work);
	return 0;
}

const struct kring_source kring_source_log = {
	.name = "log",
	.types = &log_type,
	.nr_types = 1,
	.start = log_start,
	.stop = log_stop,
};
