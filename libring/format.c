// SPDX-License-Identifier: LGPL-2.1-or-later
/* Values of fields as text that is safe to print on a terminal. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "internal.h"

struct text {
	char *at;
	size_t size;		/* bytes there */
	size_t len;		/* of the whole text */
};

__attribute__((format(printf, 2, 3)))
static void put(struct text *text, const char *format, ...)
{
	size_t room = text->len < text->size ? text->size - text->len : 0;
	va_list args;

	va_start(args, format);
	text->len += vsnprintf(room ? text->at + text->len : NULL, room, format, args);
	va_end(args);
}

static void put_byte(struct text *text, unsigned char byte)
{
	if (text->len + 1 < text->size) {
		text->at[text->len] = byte;
		text->at[text->len + 1] = '\0';
	}
	text->len++;
}

/*
 * Bytes of the printable character here, 0 if there is none: control
 * characters, also those above 0x7f, and what is not UTF-8.
 */
static size_t printable(const unsigned char *at, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0xa0, 0x800, 0x10000 };
	uint32_t code = at[0];
	size_t len, i;

	if (code < 0x80)
		return code >= 0x20 && code != 0x7f;
	len = code >= 0xf0 ? 4 : code >= 0xe0 ? 3 : 2;
	if (code < 0xc0 || code >= 0xf8 || len > left)
		return 0;
	code &= 0x7f >> len;
	for (i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	return len;
}

static void put_text(struct text *text, const unsigned char *at, size_t size)
{
	const unsigned char *end = at + size;

	while (at < end) {
		size_t len = printable(at, end - at);

		if (!len)
			put(text, "\\x%02x", *at++);
		while (len--)
			put_byte(text, *at++);
	}
}

/* Texts with a space between them */
static void put_argv(struct text *text, const unsigned char *at, size_t size)
{
	const unsigned char *end = at + size;

	while (at < end) {
		size_t len = strnlen((const char *)at, end - at);

		put_text(text, at, len);
		at += len + 1;
		if (at < end)
			put_byte(text, ' ');
	}
}

static void put_signal(struct text *text, uint64_t number)
{
	const char *name = number < 128 ? sigabbrev_np(number) : NULL;

	if (name)
		put(text, "SIG%s", name);
	else
		put(text, "%" PRIu64, number);
}

static void put_syscall(struct text *text, uint64_t number)
{
	const char *name = ring_syscall_name(number);

	if (name)
		put(text, "%s", name);
	else
		put(text, "%" PRIu64, number);
}

static void put_result(struct text *text, int64_t number)
{
	const char *name = number < 0 && number >= -4095 ? strerrorname_np(-number) : NULL;

	if (name)
		put(text, "-%s", name);
	else
		put(text, "%" PRId64, number);
}

static void put_address(struct text *text, const void *at)
{
	char name[INET6_ADDRSTRLEN];
	struct in6_addr address;

	memcpy(&address, at, sizeof(address));
	if (IN6_IS_ADDR_V4MAPPED(&address))
		inet_ntop(AF_INET, &address.s6_addr[12], name, sizeof(name));
	else
		inet_ntop(AF_INET6, &address, name, sizeof(name));
	put(text, "%s", name);
}

int ring_format(const struct ring_record *record, const struct ring_field *field,
		char *at, size_t size)
{
	struct text text = { .at = at, .size = size };
	struct ring_value value;
	const unsigned char *byte;
	size_t i;
	int ret = ring_value(record, field, &value);

	if (ret)
		return ret;
	if (size)
		at[0] = '\0';
	switch (value.kind) {
	case KRING_KIND_SIGNED:
		put(&text, "%" PRId64, (int64_t)value.number);
		break;
	case KRING_KIND_HEX:
		put(&text, "0x%" PRIx64, value.number);
		break;
	case KRING_KIND_BOOL:
		put(&text, "%s", value.number ? "true" : "false");
		break;
	case KRING_KIND_SIGNAL:
		put_signal(&text, value.number);
		break;
	case KRING_KIND_TIME:
		put(&text, "%" PRIu64 ".%09" PRIu64, value.number / 1000000000,
		    value.number % 1000000000);
		break;
	case KRING_KIND_SYSCALL:
		put_syscall(&text, value.number);
		break;
	case KRING_KIND_RESULT:
		put_result(&text, value.number);
		break;
	case KRING_KIND_TEXT:
	case KRING_KIND_PATH:
		put_text(&text, value.data, value.size);
		break;
	case KRING_KIND_ARGV:
		put_argv(&text, value.data, value.size);
		break;
	case KRING_KIND_ADDRESS:
		put_address(&text, value.data);
		break;
	case KRING_KIND_BYTES:
		byte = value.data;
		for (i = 0; i < value.size; i++)
			put(&text, "%02x", byte[i]);
		break;
	default:
		put(&text, "%" PRIu64, value.number);
	}
	return text.len;
}
