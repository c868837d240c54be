// SPDX-License-Identifier: GPL-2.0
/* ringcat --where: leaves out all that it should and nothing else; refuses what makes no sense */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#include "../../libring/ring.h"
#include "../../tools/ringcat_filter.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

struct call {
	uint32_t pid;
	uint32_t nr;
	int64_t result;
	uint32_t signal;
	int32_t nice;
	uint64_t flags;
	uint8_t ok;
	char comm[15];
	unsigned char addr[16];
	struct kring_var path, argv, raw;
	char rest[32];
};

#define FIELD(kind_, name_)						\
	{ .name = #name_, .offset = offsetof(struct call, name_),	\
	  .size = sizeof(((struct call *)0)->name_), .kind = KRING_KIND_##kind_ }
#define VAR(kind_, name_)						\
	{ .name = #name_, .offset = offsetof(struct call, name_),	\
	  .kind = KRING_KIND_##kind_, .flags = KRING_FIELD_VAR }

static const struct ring_field call_fields[] = {
	FIELD(PID, pid), FIELD(SYSCALL, nr), FIELD(RESULT, result), FIELD(SIGNAL, signal),
	FIELD(SIGNED, nice), FIELD(HEX, flags), FIELD(BOOL, ok), FIELD(TEXT, comm),
	FIELD(ADDRESS, addr), VAR(PATH, path), VAR(ARGV, argv), VAR(BYTES, raw),
};

/* Here `result` is a text, and `addr` too short for one */
static const struct ring_field other_fields[] = {
	{ .name = "pid", .offset = 0, .size = 4, .kind = KRING_KIND_PID },
	{ .name = "result", .offset = 4, .size = 4, .kind = KRING_KIND_TEXT },
	{ .name = "addr", .offset = 0, .size = 8, .kind = KRING_KIND_ADDRESS },
	{ .name = "only", .offset = 4, .size = 4, .kind = KRING_KIND_TEXT },
};

static const struct ring_type types[] = {
	{ .name = "call", .type = 7, .nr_fields = COUNT(call_fields), .fields = call_fields },
	{ .name = "other", .type = 1, .nr_fields = COUNT(other_fields), .fields = other_fields },
};

static struct call call = {
	.pid = 300,
	.nr = SYS_openat,
	.result = -EACCES,
	.signal = SIGKILL,
	.nice = -5,
	.flags = 0xdeadbeefcafe,
	.ok = 2,
	.comm = "bash",
	.addr = { [10] = 0xff, 0xff, 127, 0, 0, 1 },
	.path = { .offset = offsetof(struct call, rest), .size = 8 },
	.argv = { .offset = offsetof(struct call, rest) + 8, .size = 11 },
	.raw = { .offset = offsetof(struct call, rest), .size = 4 },
	.rest = "/tmp/a\0\0ls\0-la\0/tmp/a",
};

static const struct {
	uint32_t pid;
	char result[4];
} other = { 300, "done" };

static char message[1024];

static struct filter *make(size_t nr, const char *const *conditions)
{
	return filter_new(types, COUNT(types), conditions, nr, message, sizeof(message));
}

static bool passes_as(const struct ring_record *record, size_t nr, const char *const *conditions)
{
	struct filter *filter = make(nr, conditions);
	bool passed;

	cr_assert_not_null(filter, "%s", message);
	passed = filter_passes(filter, record);
	filter_free(filter);
	return passed;
}

#define CONDITIONS(...)	\
	COUNT(((const char *const[]) { __VA_ARGS__ })), (const char *const[]) { __VA_ARGS__ }

static const struct ring_record call_record = {
	.kind = RING_EVENT, .type = 7, .cpu = 3, .data = &call, .size = sizeof(call),
};

static const struct ring_record other_record = {
	.kind = RING_EVENT, .type = 1, .cpu = 12, .data = &other, .size = sizeof(other),
};

#define yes(...) cr_expect(passes_as(&call_record, CONDITIONS(__VA_ARGS__)), #__VA_ARGS__)
#define no(...)	cr_expect(!passes_as(&call_record, CONDITIONS(__VA_ARGS__)), #__VA_ARGS__)
#define other_yes(...) cr_expect(passes_as(&other_record, CONDITIONS(__VA_ARGS__)), #__VA_ARGS__)
#define other_no(...) cr_expect(!passes_as(&other_record, CONDITIONS(__VA_ARGS__)), #__VA_ARGS__)

#define refused(words, ...) do {					\
	memset(message, 0, sizeof(message));				\
	cr_expect_null(make(CONDITIONS(__VA_ARGS__)), #__VA_ARGS__);	\
	cr_expect(strstr(message, words), "'%s' lacks '%s'", message, words);	\
} while (0)

Test(filter, every_operator)
{
	yes("pid=300"); no("pid=301"); yes("pid=0x12C"); yes("pid=0300");
	no("pid!=300"); yes("pid!=299");
	no("pid<300"); yes("pid<301"); no("pid<299");
	yes("pid<=300"); yes("pid<=301"); no("pid<=299");
	no("pid>300"); no("pid>301"); yes("pid>299");
	yes("pid>=300"); no("pid>=301"); yes("pid>=299");
	yes("comm~as"); no("comm~sa");
}

Test(filter, numbers_of_64_bits)
{
	yes("flags=0xdeadbeefcafe");
	yes("flags<18446744073709551615");
	yes("flags<0xffffffffffffffff");
	no("flags=0xdeadbeefcaff");
}

Test(filter, signed_numbers)
{
	yes("nice=-5"); yes("nice<0"); yes("nice>-6"); yes("nice<=-5"); no("nice>-5");
	no("nice=5"); yes("nice>-9223372036854775808"); yes("nice<9223372036854775807");
}

Test(filter, names_of_numbers)
{
	yes("nr=openat"); no("nr=close"); yes("nr!=close"); no("nr!=openat");
	yes("signal=SIGKILL"); yes("signal=9"); no("signal=SIGTERM"); yes("signal<SIGTERM");
	yes("result=-EACCES"); yes("result=-13"); yes("result<0"); no("result=-ENOENT");
	yes("ok=true"); yes("ok=1"); no("ok=false"); no("ok!=true"); yes("ok!=0");
}

Test(filter, texts)
{
	yes("comm=bash"); no("comm=bas"); no("comm=bashh"); no("comm="); yes("comm!=bas");
	yes("comm<bat"); yes("comm>bas"); no("comm>bash"); yes("comm<=bash"); no("comm<b");
	yes("comm~"); yes("comm~bash"); no("comm~bashh");
	yes("path=/tmp/a"); yes("path~/tmp/"); no("path~/var");
}

Test(filter, one_of_a_list_of_texts)
{
	yes("argv=-la"); yes("argv=ls"); yes("argv=/tmp"); no("argv=/tmp/a");
	no("argv=l"); yes("argv~l"); no("argv~x"); yes("argv!=l"); no("argv!=ls"); no("argv!=/tmp");
	call.argv.size = 0;
	no("argv=ls"); no("argv~"); yes("argv!=ls");
}

Test(filter, addresses)
{
	yes("addr=127.0.0.1"); yes("addr=::ffff:127.0.0.1"); no("addr=127.0.0.2");
	no("addr=::1"); yes("addr!=::1"); no("addr!=127.0.0.1");
	memset(call.addr, 0, sizeof(call.addr));
	call.addr[15] = 1;
	yes("addr=::1"); yes("addr=0:0::0:1"); no("addr=0.0.0.1"); no("addr=127.0.0.1");
}

Test(filter, names_of_events_and_cpus)
{
	yes("event=call"); no("event=other"); yes("event!=other"); no("event!=call"); yes("event~al");
	other_no("event=call"); other_yes("event=other"); other_yes("event~the");
	yes("cpu=3"); no("cpu=2"); yes("cpu<12"); other_no("cpu<12"); other_yes("cpu=12");
	yes("event=call", "event=other"); other_yes("event=call", "event=other");
}

Test(filter, all_must_hold_and_one_of_those_wanted_of_a_field)
{
	yes("pid=300", "comm=bash"); no("pid=300", "comm=sh"); no("pid=1", "comm=bash");
	yes("pid=1", "pid=300"); yes("pid=300", "pid=1"); no("pid=1", "pid=2");
	yes("comm=sh", "comm~ba"); no("comm=sh", "comm~zz");
	no("pid=1", "comm=bash", "pid=2"); yes("pid=1", "comm=bash", "pid=300");
	yes("pid>1", "pid<301"); no("pid>1", "pid<300"); no("pid>300", "pid<400");
	no("pid!=1", "pid!=300"); no("pid=300", "pid!=300"); no("pid!=300", "pid=300");
	yes("pid=300", "pid<1000"); no("pid=300", "pid<10");
}

Test(filter, an_event_without_the_field_is_left_out)
{
	other_no("comm=bash"); other_no("comm!=bash"); no("only=x"); no("only!=x");
	other_yes("pid=300"); other_no("pid=300", "nr=openat");
}

Test(filter, a_field_that_events_have_of_different_kinds)
{
	other_yes("result=done"); no("result=done"); no("result!=done"); other_yes("result~on");
	no("result~on");
	/* As a text it is compared with what is a number elsewhere */
	yes("result=-13"); other_no("result=-13");
	other_no("addr!=::1"); other_no("addr=::1");
}

Test(filter, payloads_that_are_too_short)
{
	struct ring_record record = call_record;

	record.size = 3;
	cr_expect(!passes_as(&record, CONDITIONS("pid=300")));
	cr_expect(!passes_as(&record, CONDITIONS("pid!=300")));
	record.size = 4;
	cr_expect(passes_as(&record, CONDITIONS("pid=300")));
	cr_expect(!passes_as(&record, CONDITIONS("path!=x")));
}

Test(filter, events_that_the_schema_does_not_have)
{
	struct ring_record record = call_record;

	record.type = 2;
	cr_expect(!passes_as(&record, CONDITIONS("pid=300")));
	cr_expect(!passes_as(&record, CONDITIONS("event!=other")));
	cr_expect(!passes_as(&record, CONDITIONS("cpu=3")));
}

Test(filter, what_is_no_condition)
{
	refused("operators: = != <= >= < > ~", "pid");
	refused("'=1': a condition is", "=1");
	refused("a condition is", "");
	refused("a condition is", "pid!1");
	refused("'comm'", "pid=1", "comm");
}

Test(filter, fields_that_are_not_there)
{
	refused("no event has a field 'foo' here; there are: event, cpu, pid, nr,", "foo=1");
	refused("addr, path, argv, raw, only", "foo=1");
	cr_expect_null(strstr(strstr(message, "pid") + 1, "pid"), "twice: %s", message);
	refused("no event has a field 'pid '", "pid =1");
	refused("no event is called 'exec' here; there are: call, other", "event=exec");
	refused("no event is called 'exec'", "event!=exec");
}

Test(filter, values_that_a_field_cannot_have)
{
	refused("'x' is not allowed: a number", "pid=x");
	refused("not below 0", "pid=-1");
	refused("a number", "pid=");
	refused("a number", "pid=0x");
	refused("a number", "pid=12x");
	refused("a number", "pid= 1");
	refused("a number", "pid=+1");
	refused("a number", "pid=18446744073709551616");
	refused("a number", "nice=9223372036854775808");
	refused("a number", "nice=-9223372036854775809");
	refused("a number", "nice=--5");
	refused("a number", "cpu=any");
	refused("SIGKILL", "signal=KILL");
	refused("openat", "nr=opnat");
	refused("true or false", "ok=maybe");
	refused("127.0.0.1", "addr=localhost");
	refused("127.0.0.1", "addr=127.0.0");
}

Test(filter, operators_that_a_field_does_not_have)
{
	refused("pid cannot be compared by ~; allowed: = != <= >= < >", "pid~3");
	refused("addr cannot be compared by <; allowed: = !=", "addr<::1");
	refused("ok cannot be compared by >; allowed: = !=", "ok>0");
	refused("argv cannot be compared by <; allowed: = != ~", "argv<x");
	refused("raw is bytes", "raw=00");
}

Test(filter, a_message_that_does_not_fit_is_cut)
{
	const char *condition = "foo=1";
	char small[20];

	memset(small, '#', sizeof(small));
	cr_assert_null(filter_new(types, COUNT(types), &condition, 1, small, sizeof(small) - 1));
	cr_expect_eq(strlen(small), sizeof(small) - 2);
	cr_expect_eq(small[sizeof(small) - 1], '#');
}
