// SPDX-License-Identifier: GPL-2.0
/* Values of fields, and their text */
#include "libring_tap.h"
#include <sys/syscall.h>

static struct ring_value value;
static char text[200];

static struct ring_record payload(const void *data, size_t size)
{
	return (struct ring_record) { .kind = RING_EVENT, .data = data, .size = size };
}

/* The text of a fixed field that is the whole payload */
static const char *format(u8 kind, const void *data, u16 size)
{
	struct ring_field field = { .kind = kind, .size = size };
	struct ring_record record = payload(data, size);
	int len = ring_format(&record, &field, text, sizeof(text));

	cr_assert_eq(len, (int)strlen(text));
	return text;
}

#define FORMAT(kind, type, ...) \
	format(KRING_KIND_##kind, &(type) { __VA_ARGS__ }, sizeof(type))
#define FORMAT_STRING(kind, string) \
	format(KRING_KIND_##kind, string, sizeof(string) - 1)

Test(libring_value, numbers_of_every_size)
{
	cr_assert_str_eq(FORMAT(UNSIGNED, u8, 200), "200");
	cr_assert_str_eq(FORMAT(UNSIGNED, u16, 60000), "60000");
	cr_assert_str_eq(FORMAT(UNSIGNED, u32, 4000000000), "4000000000");
	cr_assert_str_eq(FORMAT(UNSIGNED, u64, ~0ULL), "18446744073709551615");
}

Test(libring_value, signed_numbers_of_every_size)
{
	cr_assert_str_eq(FORMAT(SIGNED, signed char, -2), "-2");
	cr_assert_str_eq(FORMAT(SIGNED, short, -3), "-3");
	cr_assert_str_eq(FORMAT(SIGNED, s32, -4), "-4");
	cr_assert_str_eq(FORMAT(SIGNED, s64, -5), "-5");
	cr_assert_str_eq(FORMAT(SIGNED, s32, 6), "6");
}

Test(libring_value, every_other_kind_of_number)
{
	cr_assert_str_eq(FORMAT(HEX, u32, 0xbeef), "0xbeef");
	cr_assert_str_eq(FORMAT(BOOL, u8, 0), "false");
	cr_assert_str_eq(FORMAT(BOOL, u8, 2), "true");
	cr_assert_str_eq(FORMAT(PID, u32, 4711), "4711");
	cr_assert_str_eq(FORMAT(UID, u32, 1000), "1000");
	cr_assert_str_eq(FORMAT(SIGNAL, u32, 9), "SIGKILL");
	cr_assert_str_eq(FORMAT(SIGNAL, u32, 0), "0");
	cr_assert_str_eq(FORMAT(SIGNAL, u32, 40), "40");
	cr_assert_str_eq(FORMAT(SIGNAL, u32, 0xffffffff), "4294967295");
	cr_assert_str_eq(FORMAT(TIME, u64, 5000000007), "5.000000007");
	cr_assert_str_eq(FORMAT(CGROUP, u64, 77), "77");
}

Test(libring_value, system_calls_have_their_names)
{
	cr_assert_str_eq(FORMAT(SYSCALL, u32, SYS_openat), "openat");
	cr_assert_str_eq(FORMAT(SYSCALL, u16, SYS_restart_syscall), "restart_syscall");
	cr_assert_str_eq(FORMAT(SYSCALL, u64, SYS_io_uring_setup), "io_uring_setup");
	cr_assert_str_eq(FORMAT(SYSCALL, u32, 4711), "4711");
	cr_assert_str_eq(FORMAT(SYSCALL, u32, 0xffffffff), "4294967295");
	cr_assert_str_eq(FORMAT(SYSCALL, u64, ~0ULL), "18446744073709551615");
}

Test(libring_value, results_are_numbers_or_errors)
{
	cr_assert_str_eq(FORMAT(RESULT, s64, 0), "0");
	cr_assert_str_eq(FORMAT(RESULT, s32, 7), "7");
	cr_assert_str_eq(FORMAT(RESULT, s32, -EACCES), "-EACCES");
	cr_assert_str_eq(FORMAT(RESULT, s64, -ENOENT), "-ENOENT");
	cr_assert_str_eq(FORMAT(RESULT, short, -EPERM), "-EPERM");
	cr_assert_str_eq(FORMAT(RESULT, s64, -4095), "-4095", "has no name");
	cr_assert_str_eq(FORMAT(RESULT, s64, -4096), "-4096");
	cr_assert_str_eq(FORMAT(RESULT, s64, INT64_MIN), "-9223372036854775808");
	/* An address, of which the low half looks like an error */
	cr_assert_str_eq(FORMAT(RESULT, u64, 0xfffffff3), "4294967283");
}

Test(libring_value, addresses_of_both_families)
{
	cr_assert_str_eq(FORMAT_STRING(ADDRESS, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1"),
			 "127.0.0.1");
	cr_assert_str_eq(FORMAT_STRING(ADDRESS, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"),
			 "2001:db8::1");
	cr_assert_str_eq(FORMAT_STRING(ADDRESS, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "::");
	cr_assert_str_eq(FORMAT_STRING(ADDRESS, "0123456789abcdef"),
			 "3031:3233:3435:3637:3839:6162:6364:6566");
}

Test(libring_value, an_address_of_another_size_is_bytes)
{
	/* in memory of its size, so that the sanitizers know its end */
	size_t size;

	for (size = 0; size <= 40; size++) {
		char *bytes = memset(malloc(size + 1), 0xa5, size + 1);

		format(KRING_KIND_ADDRESS, bytes, size);
		cr_assert_eq(strlen(text), size == 16 ? 39 : 2 * size, "%zu: %s", size, text);
		free(bytes);
	}
}

Test(libring_value, paths_are_texts)
{
	cr_assert_str_eq(FORMAT_STRING(PATH, "/tmp/a\0b"), "/tmp/a");
	cr_assert_str_eq(FORMAT_STRING(PATH, "/tmp/\n\xff"), "/tmp/\\x0a\\xff");
	cr_assert_str_eq(FORMAT_STRING(PATH, ""), "");
}

Test(libring_value, text_ends_at_a_nul_or_at_its_size)
{
	cr_assert_str_eq(FORMAT_STRING(TEXT, "abc\0def"), "abc");
	cr_assert_str_eq(FORMAT_STRING(TEXT, "abcdef"), "abcdef");
	cr_assert_str_eq(FORMAT_STRING(TEXT, ""), "");
}

Test(libring_value, control_characters_are_escaped)
{
	cr_assert_str_eq(FORMAT_STRING(TEXT, "a\nb\x1b[31m\x7f"), "a\\x0ab\\x1b[31m\\x7f");
}

Test(libring_value, utf8_is_kept_and_what_is_not_is_escaped)
{
	cr_assert_str_eq(FORMAT_STRING(TEXT, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
			 "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	cr_assert_str_eq(FORMAT_STRING(TEXT, "\xc2\x9b"), "\\xc2\\x9b", "a control character");
	cr_assert_str_eq(FORMAT_STRING(TEXT, "\x9b" "A"), "\\x9bA");
	cr_assert_str_eq(FORMAT_STRING(TEXT, "\xc0\x8a"), "\\xc0\\x8a", "overlong");
	cr_assert_str_eq(FORMAT_STRING(TEXT, "\xed\xa0\x80"), "\\xed\\xa0\\x80", "surrogate");
	cr_assert_str_eq(FORMAT_STRING(TEXT, "\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
	cr_assert_str_eq(FORMAT_STRING(TEXT, "\xe2\x82"), "\\xe2\\x82", "cut");
	cr_assert_str_eq(FORMAT_STRING(TEXT, "\xff"), "\\xff");
}

Test(libring_value, arguments_have_spaces_between_them)
{
	cr_assert_str_eq(FORMAT_STRING(ARGV, "ls\0-l\0/tmp\0"), "ls -l /tmp");
	cr_assert_str_eq(FORMAT_STRING(ARGV, "ls\0-l\0/tm"), "ls -l /tm", "cut");
	cr_assert_str_eq(FORMAT_STRING(ARGV, "a\0\0b\0"), "a  b");
	cr_assert_str_eq(FORMAT_STRING(ARGV, ""), "");
}

Test(libring_value, bytes_and_kinds_of_a_later_version_are_hex)
{
	cr_assert_str_eq(FORMAT_STRING(BYTES, "\x01\xff\x00"), "01ff00");
	cr_assert_str_eq(format(200, "\x0a", 1), "0a");
}

Test(libring_value, a_text_that_is_too_long_is_cut_and_measured)
{
	struct ring_field field = { .kind = KRING_KIND_TEXT, .size = 6 };
	struct ring_record record = payload("ab\ncde", 6);
	size_t size;

	for (size = 1; size < 12; size++) {
		memset(text, '#', sizeof(text));
		cr_assert_eq(ring_format(&record, &field, text, size), 9);
		cr_assert_leq(strlen(text), size - 1);
		cr_assert(!strncmp(text, "ab\\x0acde", strlen(text)));
		cr_assert_eq(text[size], '#');
	}
	cr_assert_eq(ring_format(&record, &field, NULL, 0), 9);
}

Test(libring_value, values_lie_in_the_payload)
{
	struct ring_field field = { .kind = KRING_KIND_TEXT, .offset = 2, .size = 4 };
	struct ring_record record = payload("..ab\0.", 6);

	cr_assert_eq(ring_value(&record, &field, &value), 0);
	cr_assert_eq(value.kind, KRING_KIND_TEXT);
	cr_assert_eq(value.data, (const char *)record.data + 2);
	cr_assert_eq(value.size, 2);
}

Test(libring_value, unaligned_numbers)
{
	struct ring_field field = { .kind = KRING_KIND_UNSIGNED, .offset = 1, .size = 8 };
	struct ring_record record = payload("\xff\1\0\0\0\0\0\0\0", 9);

	cr_assert_eq(ring_value(&record, &field, &value), 0);
	cr_assert_eq(value.number, 1);
}

Test(libring_value, a_loss_has_no_fields)
{
	struct ring_field field = { .kind = KRING_KIND_UNSIGNED, .size = 8 };
	struct ring_record record = { .kind = RING_LOST };

	cr_assert_eq(ring_value(&record, &field, &value), -ENOENT);
	cr_assert_eq(ring_format(&record, &field, text, sizeof(text)), -ENOENT);
}

Test(libring_value, a_payload_that_is_too_short)
{
	struct ring_field field = { .kind = KRING_KIND_UNSIGNED, .offset = 4, .size = 8 };
	u64 data[2] = { 0 };
	struct ring_record record = payload(data, 11);

	cr_assert_eq(ring_value(&record, &field, &value), -EBADMSG);
	record.size = 3;
	cr_assert_eq(ring_value(&record, &field, &value), -EBADMSG);
	record.size = 12;
	cr_assert_eq(ring_value(&record, &field, &value), 0);
}

/* A payload of 16 bytes with a struct kring_var in front */
static int value_of_var(u8 kind, u16 offset, u16 size, size_t payload_size)
{
	static struct {
		struct kring_var var;
		char rest[12];
	} data;
	struct ring_field field = { .kind = kind, .flags = KRING_FIELD_VAR };
	struct ring_record record = payload(&data, payload_size);

	data.var.offset = offset;
	data.var.size = size;
	memcpy(data.rest, "abcdefghijkl", sizeof(data.rest));
	return ring_value(&record, &field, &value);
}

Test(libring_value, a_field_of_variable_size)
{
	cr_assert_eq(value_of_var(KRING_KIND_TEXT, 6, 3, 16), 0);
	cr_assert_eq(value.size, 3);
	cr_assert_arr_eq(value.data, "cde", 3);
	cr_assert_eq(value_of_var(KRING_KIND_BYTES, 16, 0, 16), 0);
	cr_assert_eq(value.size, 0);
	cr_assert_eq(value_of_var(KRING_KIND_PATH, 6, 3, 16), 0);
	cr_assert_eq(value.kind, KRING_KIND_PATH);
	cr_assert_eq(value.size, 3);
	cr_assert_eq(value_of_var(KRING_KIND_ADDRESS, 0, 16, 16), 0);
	cr_assert_eq(value.kind, KRING_KIND_ADDRESS);
	cr_assert_eq(value.size, 16);
	cr_assert_eq(value_of_var(KRING_KIND_ADDRESS, 0, 15, 16), 0);
	cr_assert_eq(value.kind, KRING_KIND_BYTES);
	cr_assert_eq(value.size, 15);
}

Test(libring_value, a_field_of_variable_size_out_of_the_payload)
{
	cr_assert_eq(value_of_var(KRING_KIND_TEXT, 6, 11, 16), -EBADMSG);
	cr_assert_eq(value_of_var(KRING_KIND_ARGV, 17, 0, 16), -EBADMSG);
	cr_assert_eq(value_of_var(KRING_KIND_BYTES, 65535, 65535, 16), -EBADMSG);
	cr_assert_eq(value_of_var(KRING_KIND_TEXT, 0, 0, 3), -EBADMSG);
	cr_assert_eq(value_of_var(KRING_KIND_PATH, 16, 1, 16), -EBADMSG);
	cr_assert_eq(value_of_var(KRING_KIND_ADDRESS, 1, 16, 16), -EBADMSG);
	cr_assert_eq(value_of_var(KRING_KIND_ADDRESS, 0, 16, 15), -EBADMSG);
}
