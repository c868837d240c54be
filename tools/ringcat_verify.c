// SPDX-License-Identifier: GPL-2.0
#include "ringcat_verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ring.h"

static const char *const class_names[VERIFY_CLASSES] = {
	[VERIFY_SHAPE] = "shape",
	[VERIFY_CHECKSUM] = "checksum",
	[VERIFY_FILL] = "fill",
	[VERIFY_COUNTER] = "counter",
	[VERIFY_PRODUCER_TIME] = "producer time",
	[VERIFY_STREAM_TIME] = "stream time",
	[VERIFY_HELD] = "held",
	[VERIFY_MISSING] = "missing",
	[VERIFY_BALANCE] = "balance",
	[VERIFY_NOTHING] = "nothing",
};

const char *verify_class_name(enum verify_class class)
{
	return class_names[class];
}

const char *verify_context_name(unsigned int context)
{
	static const char *const names[VERIFY_CONTEXTS] = {
		"task", "softirq", "hardirq", "nmi",
	};

	return names[context];
}

static bool has_field(const struct ring_type *type, uint32_t offset, uint16_t size)
{
	for (unsigned int n = 0; n < type->nr_fields; n++) {
		if (type->fields[n].offset == offset && type->fields[n].size == size &&
		    !(type->fields[n].flags & KRING_FIELD_VAR))
			return true;
	}
	return false;
}

const char *verify_refusal(const struct ring_type *type)
{
	if (!type || strcmp(type->name, KRING_LOAD_SOURCE))
		return "its events are not the load generator's";
	if (type->payload != sizeof(struct kring_load_event) ||
	    !has_field(type, offsetof(struct kring_load_event, counter), 8) ||
	    !has_field(type, offsetof(struct kring_load_event, checksum), 8) ||
	    !has_field(type, offsetof(struct kring_load_event, producer), 4) ||
	    !has_field(type, offsetof(struct kring_load_event, context), 4))
		return "the load generator's events have another layout here";
	return NULL;
}

static void __attribute__((format(printf, 3, 4)))
fail(struct verify *verify, enum verify_class class, const char *format, ...)
{
	va_list args;

	if (!verify->failures++)
		verify->first = class;
	if (verify->class_failures[class]++)
		return;
	va_start(args, format);
	vsnprintf(verify->reason[class], VERIFY_REASON, format, args);
	va_end(args);
}

/* The failing event: which one of the stream, where it was reported, and when */
#define fail_at(verify, class, record, format, ...)				\
	fail(verify, class, "event %" PRIu64 " (ring %u, cpu %u, time %" PRIu64	\
	     "): " format, (verify)->events, (record)->ring, (record)->cpu,	\
	     (record)->time, ##__VA_ARGS__)

static void check_producer(struct verify *verify, const struct ring_record *record,
			   const struct kring_load_event *event)
{
	struct verify_producer *producer =
		&verify->producers[event->producer][event->context];
	const char *context = verify_context_name(event->context);

	if (producer->events && event->counter <= producer->counter)
		fail_at(verify, VERIFY_COUNTER, record,
			"counter %" PRIu64 " of producer %u %s came after %" PRIu64,
			(uint64_t)event->counter, event->producer, context,
			producer->counter);
	else if (producer->events)
		producer->missing += event->counter - producer->counter - 1;
	if (producer->events && record->time < producer->time)
		fail_at(verify, VERIFY_PRODUCER_TIME, record,
			"producer %u %s had reported at %" PRIu64, event->producer,
			context, producer->time);
	producer->events++;
	producer->counter = event->counter;
	producer->time = record->time;
}

static void check_payload(struct verify *verify, const struct ring_record *record)
{
	union {
		struct kring_load_event event;
		__u64 words[KRING_LOAD_BYTES_MAX / 8];
	} payload;
	const struct kring_load_event *event = &payload.event;
	const __u64 *fill = payload.words + sizeof(*event) / 8;
	size_t words = (record->size - sizeof(*event)) / 8;
	uint64_t sum;

	if ((record->type != KRING_LOAD_TYPE && record->type != KRING_LOAD_CRITICAL) ||
	    record->size < KRING_LOAD_BYTES_MIN || record->size > KRING_LOAD_BYTES_MAX ||
	    record->size % 8) {
		verify->broken++;
		fail_at(verify, VERIFY_SHAPE, record, "type %u with %zu bytes",
			record->type, record->size);
		return;
	}
	/* A copy, because record->data may lie at any address */
	memcpy(&payload, record->data, record->size);
	sum = kring_load_sum(event, fill, words);
	if (sum != event->checksum) {
		verify->broken++;
		fail_at(verify, VERIFY_CHECKSUM, record,
			"checksum %#" PRIx64 " of producer %u counter %" PRIu64
			" must be %#" PRIx64, (uint64_t)event->checksum,
			event->producer, (uint64_t)event->counter, sum);
		return;
	}
	if (event->producer >= VERIFY_PRODUCERS || event->context >= VERIFY_CONTEXTS) {
		verify->broken++;
		fail_at(verify, VERIFY_SHAPE, record, "producer %u in context %u",
			event->producer, event->context);
		return;
	}
	for (size_t n = 0; n < words; n++) {
		uint64_t word = kring_load_word(event->producer, event->counter, n);

		if (fill[n] != word) {
			fail_at(verify, VERIFY_FILL, record,
				"word %zu of producer %u counter %" PRIu64 " is %#"
				PRIx64 ", must be %#" PRIx64, n, event->producer,
				(uint64_t)event->counter, (uint64_t)fill[n], word);
			break;
		}
	}
	check_producer(verify, record, event);
}

void verify_record(struct verify *verify, const struct ring_record *record)
{
	if (record->kind == RING_LOST) {
		if (record->flags & RING_REVOKED)
			verify->held = false;
		if (verify->held && record->overwritten)
			fail_at(verify, VERIFY_HELD, record, "%" PRIu64
				" events in front of it were overwritten, though held",
				record->overwritten);
		verify->lost += record->overwritten + record->refused;
		return;
	}
	if (!verify->unsorted && verify->events && record->time < verify->time)
		fail_at(verify, VERIFY_STREAM_TIME, record, "%" PRIu64 " came before it",
			verify->time);
	verify->time = record->time;
	check_payload(verify, record);
	verify->events++;
}

static void check_balance(struct verify *verify, const struct ring_stats *stats)
{
	uint64_t lost = stats->overwritten + stats->refused;
	uint64_t sum = stats->events + lost + stats->discarded + stats->left;

	if (stats->reported != sum)
		fail(verify, VERIFY_BALANCE,
		     "%" PRIu64 " events were reported, but %" PRIu64 " are %" PRIu64
		     " delivered + %" PRIu64 " overwritten + %" PRIu64 " refused + %"
		     PRIu64 " discarded + %" PRIu64 " left", stats->reported, sum,
		     stats->events, stats->overwritten, stats->refused,
		     stats->discarded, stats->left);
	if (stats->events != verify->events)
		fail(verify, VERIFY_BALANCE,
		     "%" PRIu64 " events came, %" PRIu64 " are counted as delivered",
		     verify->events, stats->events);
	/* Some may be known as lost before their place in the stream has come */
	if (lost < verify->lost)
		fail(verify, VERIFY_BALANCE,
		     "the stream said that %" PRIu64 " are lost, %" PRIu64
		     " are counted", verify->lost, lost);
}

void verify_end(struct verify *verify, const struct ring_stats *stats)
{
	for (unsigned int n = 0; n < VERIFY_PRODUCERS; n++) {
		for (unsigned int context = 0; context < VERIFY_CONTEXTS; context++)
			verify->missing += verify->producers[n][context].missing;
	}
	/* A broken event leaves a gap in its producer's counters, and is reported */
	if (verify->missing > verify->lost + verify->broken)
		fail(verify, VERIFY_MISSING,
		     "%" PRIu64 " counters are missing, but only %" PRIu64
		     " events were reported as lost", verify->missing, verify->lost);
	if (stats)
		check_balance(verify, stats);
	else
		fail(verify, VERIFY_BALANCE,
		     "the producers were too fast to count what is left; stop them first");
	if (!verify->events)
		fail(verify, VERIFY_NOTHING, "no event came, so nothing was verified");
}
