// SPDX-License-Identifier: GPL-2.0
/* ringcat's --verify must let a whole stream pass, and catch every wrong one */
#include <criterion/criterion.h>
#include <string.h>

#include "../../libring/ring.h"
#include "../../tools/ringcat_verify.h"

#define FILL	5	/* words */

struct load {
	struct kring_load_event event;
	__u64 fill[FILL];
};

/* Each test is a process of its own, so these begin as they stand here */
static struct verify object;
static struct verify *const verify = &object;
static struct load load;
static struct ring_record record;
static struct ring_stats stats;
static uint64_t now = 1000;

/* A whole event, not yet given to verify_record() */
static void make(uint32_t producer, uint32_t context, uint64_t counter)
{
	load.event.producer = producer;
	load.event.context = context;
	load.event.counter = counter;
	for (unsigned int n = 0; n < FILL; n++)
		load.fill[n] = kring_load_word(producer, counter, n);
	load.event.checksum = kring_load_sum(&load.event, load.fill, FILL);
	record = (struct ring_record) {
		.kind = RING_EVENT,
		.cpu = producer,
		.type = KRING_LOAD_TYPE,
		.time = now++,
		.data = &load,
		.size = sizeof(load),
	};
}

static void give(void)
{
	verify_record(verify, &record);
	stats.events++;
	stats.reported++;
}

static void event(uint32_t producer, uint32_t context, uint64_t counter)
{
	make(producer, context, counter);
	give();
}

static void lost(uint64_t overwritten, uint64_t refused)
{
	record = (struct ring_record) {
		.kind = RING_LOST,
		.overwritten = overwritten,
		.refused = refused,
		.time = now,
	};
	verify_record(verify, &record);
	stats.overwritten += overwritten;
	stats.refused += refused;
	stats.reported += overwritten + refused;
}

/* Each class has so many failures as it should: this one `count`, the others none */
static void expect(enum verify_class class, uint64_t count)
{
	verify_end(verify, &stats);
	for (unsigned int n = 0; n < VERIFY_CLASSES; n++)
		cr_expect_eq(verify->class_failures[n], n == class ? count : 0,
			     "%s: %lu failures: %s", verify_class_name(n),
			     (unsigned long)verify->class_failures[n], verify->reason[n]);
	cr_expect_eq(verify->failures, count);
	if (count) {
		cr_expect_eq(verify->first, class);
		cr_expect_neq(*verify->reason[class], 0);
	}
}

static void expect_ok(void)
{
	expect(VERIFY_NOTHING, 0);
}

Test(verify, whole)
{
	for (unsigned int n = 0; n < 1000; n++) {
		event(0, KRING_LOAD_TASK, n);
		event(3, KRING_LOAD_TASK, 500 + n);
		event(3, KRING_LOAD_NMI, n);
	}
	expect_ok();
	cr_expect_eq(verify->events, 3000);
	cr_expect_eq(verify->producers[3][KRING_LOAD_NMI].events, 1000);
}

Test(verify, extremes)
{
	event(VERIFY_PRODUCERS - 1, KRING_LOAD_NMI, UINT64_MAX);
	make(0, KRING_LOAD_TASK, 0);
	record.size = KRING_LOAD_BYTES_MIN;
	load.event.checksum = kring_load_sum(&load.event, NULL, 0);
	give();
	/* Equal times are in order */
	make(0, KRING_LOAD_TASK, 1);
	record.time = 1001;
	give();
	expect_ok();
}

Test(verify, unaligned)
{
	char bytes[sizeof(load) + 1];

	make(1, KRING_LOAD_TASK, 7);
	memcpy(bytes + 1, &load, sizeof(load));
	record.data = bytes + 1;
	give();
	expect_ok();
}

Test(verify, largest)
{
	static __u64 words[KRING_LOAD_BYTES_MAX / 8];
	struct kring_load_event *largest = (struct kring_load_event *)words;

	make(1, KRING_LOAD_TASK, 7);
	*largest = load.event;
	for (unsigned int n = 0; n < KRING_LOAD_BYTES_MAX / 8 - 3; n++)
		words[3 + n] = kring_load_word(1, 7, n);
	largest->checksum = kring_load_sum(largest, words + 3, KRING_LOAD_BYTES_MAX / 8 - 3);
	record.data = words;
	record.size = sizeof(words);
	give();
	expect_ok();
}

Test(verify, loss_counted)
{
	event(0, KRING_LOAD_TASK, 10);
	lost(4, 2);
	event(0, KRING_LOAD_TASK, 15);
	event(1, KRING_LOAD_TASK, 0);
	event(1, KRING_LOAD_TASK, 3);
	expect_ok();
	cr_expect_eq(verify->missing, 6);
	cr_expect_eq(verify->producers[0][KRING_LOAD_TASK].missing, 4);
	cr_expect_eq(verify->producers[1][KRING_LOAD_TASK].missing, 2);
}

Test(verify, loss_not_counted)
{
	event(0, KRING_LOAD_TASK, 10);
	lost(3, 2);
	event(0, KRING_LOAD_TASK, 17);
	expect(VERIFY_MISSING, 1);
}

Test(verify, loss_of_another_context)
{
	event(0, KRING_LOAD_TASK, 10);
	event(0, KRING_LOAD_HARDIRQ, 10);
	event(0, KRING_LOAD_TASK, 11);
	event(0, KRING_LOAD_HARDIRQ, 12);
	expect(VERIFY_MISSING, 1);
}

/* Both types go by the same counters */
Test(verify, critical)
{
	event(0, KRING_LOAD_TASK, 10);
	make(0, KRING_LOAD_TASK, 11);
	record.type = KRING_LOAD_CRITICAL;
	give();
	event(0, KRING_LOAD_TASK, 12);
	expect_ok();
	cr_expect_eq(verify->producers[0][KRING_LOAD_TASK].events, 3);
	make(0, KRING_LOAD_TASK, 14);
	record.type = KRING_LOAD_CRITICAL;
	give();
	expect(VERIFY_MISSING, 1);
}

/* After a resume: what was missed comes first, and counters begin anywhere */
Test(verify, resumed)
{
	lost(3, 9);
	event(0, KRING_LOAD_TASK, 1234);
	event(0, KRING_LOAD_TASK, 1235);
	expect_ok();
}

Test(verify, held)
{
	verify->held = true;
	event(0, KRING_LOAD_TASK, 10);
	lost(0, 7);
	event(0, KRING_LOAD_TASK, 18);
	expect_ok();
}

Test(verify, held_and_overwritten)
{
	verify->held = true;
	event(0, KRING_LOAD_TASK, 10);
	lost(1, 7);
	event(0, KRING_LOAD_TASK, 18);
	expect(VERIFY_HELD, 1);
}

Test(verify, held_until_revoked)
{
	verify->held = true;
	event(0, KRING_LOAD_TASK, 10);
	record = (struct ring_record) { .kind = RING_LOST, .flags = RING_REVOKED };
	verify_record(verify, &record);
	lost(5, 0);
	event(0, KRING_LOAD_TASK, 16);
	expect_ok();
}

/* Every single bit of the payload counts */
Test(verify, every_bit)
{
	const unsigned int bits = sizeof(load) * 8;

	for (unsigned int n = 0; n < bits; n++) {
		make(2, KRING_LOAD_TASK, n);
		((unsigned char *)&load)[n / 8] ^= 1 << n % 8;
		give();
	}
	expect(VERIFY_CHECKSUM, bits);
}

Test(verify, words_exchanged)
{
	__u64 word;

	make(2, KRING_LOAD_TASK, 0);
	word = load.fill[1];
	load.fill[1] = load.fill[3];
	load.fill[3] = word;
	give();
	expect(VERIFY_CHECKSUM, 1);
}

/* The first half of one event, the second of the next */
Test(verify, torn)
{
	struct load first;

	make(2, KRING_LOAD_TASK, 0);
	first = load;
	make(2, KRING_LOAD_TASK, 1);
	memcpy(&load, &first, sizeof(load) / 2);
	give();
	expect(VERIFY_CHECKSUM, 1);
}

/* A broken event is not taken for a lost one that was not counted */
Test(verify, broken_is_not_missing)
{
	event(0, KRING_LOAD_TASK, 0);
	make(0, KRING_LOAD_TASK, 1);
	load.fill[0] = 0;
	give();
	event(0, KRING_LOAD_TASK, 2);
	expect(VERIFY_CHECKSUM, 1);
}

Test(verify, fill)
{
	make(2, KRING_LOAD_TASK, 5);
	load.fill[FILL - 1]++;
	load.event.checksum = kring_load_sum(&load.event, load.fill, FILL);
	give();
	expect(VERIFY_FILL, 1);
}

Test(verify, doubled)
{
	event(0, KRING_LOAD_TASK, 5);
	event(1, KRING_LOAD_TASK, 5);
	event(0, KRING_LOAD_TASK, 5);
	expect(VERIFY_COUNTER, 1);
}

Test(verify, reordered)
{
	event(0, KRING_LOAD_TASK, 5);
	lost(2, 0);
	event(0, KRING_LOAD_TASK, 7);
	event(0, KRING_LOAD_TASK, 6);
	expect(VERIFY_COUNTER, 1);
}

Test(verify, stream_time)
{
	event(0, KRING_LOAD_TASK, 5);
	event(0, KRING_LOAD_TASK, 6);
	make(1, KRING_LOAD_TASK, 5);
	record.time -= 2;
	give();
	expect(VERIFY_STREAM_TIME, 1);
}

/* With a clock by which nothing is sorted; but it goes forward for each producer */
Test(verify, unsorted_stream)
{
	verify->unsorted = true;
	event(0, KRING_LOAD_TASK, 5);
	make(1, KRING_LOAD_TASK, 5);
	record.time -= 2;
	give();
	make(0, KRING_LOAD_TASK, 6);
	record.time = 999;
	give();
	expect(VERIFY_PRODUCER_TIME, 1);
}

/* Going back within a producer is going back in the stream as well */
Test(verify, producer_time)
{
	event(0, KRING_LOAD_TASK, 5);
	make(0, KRING_LOAD_TASK, 6);
	record.time -= 2;
	give();
	verify_end(verify, &stats);
	cr_expect_eq(verify->class_failures[VERIFY_PRODUCER_TIME], 1);
	cr_expect_eq(verify->class_failures[VERIFY_STREAM_TIME], 1);
	cr_expect_eq(verify->failures, 2);
}

Test(verify, shape)
{
	static const size_t sizes[] = { 0, 16, KRING_LOAD_BYTES_MIN - 1,
		KRING_LOAD_BYTES_MIN + 4, KRING_LOAD_BYTES_MAX + 8, SIZE_MAX - 7 };

	for (unsigned int n = 0; n < sizeof(sizes) / sizeof(sizes[0]); n++) {
		make(0, KRING_LOAD_TASK, n);
		record.size = sizes[n];
		give();
	}
	make(0, KRING_LOAD_TASK, 6);
	record.type = KRING_LOAD_CRITICAL + 1;
	give();
	event(VERIFY_PRODUCERS, KRING_LOAD_TASK, 0);
	event(UINT32_MAX, KRING_LOAD_TASK, 0);
	event(0, KRING_LOAD_NMI + 1, 0);
	expect(VERIFY_SHAPE, 10);
}

Test(verify, balance_reported)
{
	event(0, KRING_LOAD_TASK, 0);
	lost(3, 4);
	stats.discarded = 5;
	stats.left = 6;
	stats.reported += 5 + 6;
	verify_end(verify, &stats);
	cr_expect_eq(verify->failures, 0);
	stats.reported++;
	expect(VERIFY_BALANCE, 1);
}

Test(verify, balance_left)
{
	event(0, KRING_LOAD_TASK, 0);
	stats.left = 1;
	expect(VERIFY_BALANCE, 1);
}

/* Closes by itself, but the stream delivered another number of events */
Test(verify, balance_events)
{
	event(0, KRING_LOAD_TASK, 0);
	stats.events++;
	stats.reported++;
	expect(VERIFY_BALANCE, 1);
}

Test(verify, balance_lost)
{
	event(0, KRING_LOAD_TASK, 0);
	lost(5, 5);
	stats.overwritten--;
	stats.reported--;
	expect(VERIFY_BALANCE, 1);
}

/* Loss that is known, but not yet at its place in the stream, is no failure */
Test(verify, balance_lost_later)
{
	event(0, KRING_LOAD_TASK, 0);
	stats.overwritten += 7;
	stats.reported += 7;
	expect_ok();
}

Test(verify, balance_unknown)
{
	event(0, KRING_LOAD_TASK, 0);
	verify_end(verify, NULL);
	cr_expect_eq(verify->class_failures[VERIFY_BALANCE], 1);
	cr_expect_eq(verify->failures, 1);
}

Test(verify, nothing)
{
	expect(VERIFY_NOTHING, 1);
}

Test(verify, nothing_but_loss)
{
	lost(3, 0);
	expect(VERIFY_NOTHING, 1);
}

/* The first failure is the verdict's, with its place; each class keeps its own */
Test(verify, first_reason)
{
	event(0, KRING_LOAD_TASK, 0);
	event(0, KRING_LOAD_TASK, 0);
	event(0, KRING_LOAD_TASK, 0);
	make(7, KRING_LOAD_TASK, 1);
	load.fill[0]++;
	give();
	verify_end(verify, &stats);
	cr_expect_eq(verify->failures, 3);
	cr_expect_eq(verify->first, VERIFY_COUNTER);
	cr_expect_eq(verify->class_failures[VERIFY_COUNTER], 2);
	cr_expect_eq(verify->class_failures[VERIFY_CHECKSUM], 1);
	cr_expect(strstr(verify->reason[VERIFY_COUNTER], "event 1 (ring 0, cpu 0, time 1001)"));
	cr_expect(strstr(verify->reason[VERIFY_CHECKSUM], "event 3 (ring 0, cpu 7, time 1003)"));
}

Test(verify, refusal)
{
	struct ring_field fields[] = {
		{ "counter", 0, 8, KRING_KIND_UNSIGNED, 0 },
		{ "checksum", 8, 8, KRING_KIND_HEX, 0 },
		{ "producer", 16, 4, KRING_KIND_UNSIGNED, 0 },
		{ "context", 20, 4, KRING_KIND_UNSIGNED, 0 },
	};
	struct ring_type type = { "load", KRING_LOAD_TYPE, 4, 24, fields, 0 };

	cr_expect_null(verify_refusal(&type));
	cr_expect_not_null(verify_refusal(NULL));
	type.payload = 32;
	cr_expect_not_null(verify_refusal(&type));
	type.payload = 24;
	type.nr_fields = 3;
	cr_expect_not_null(verify_refusal(&type));
	type.nr_fields = 4;
	fields[1].offset = 0;
	cr_expect_not_null(verify_refusal(&type));
	fields[1].offset = 8;
	fields[2].flags = KRING_FIELD_VAR;
	cr_expect_not_null(verify_refusal(&type));
	fields[2].flags = 0;
	strcpy(type.name, "exec");
	cr_expect_not_null(verify_refusal(&type));
}
