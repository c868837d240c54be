// SPDX-License-Identifier: GPL-2.0
/* What both kinds of output are made of */
#include <stdio.h>
#include <string.h>

#include "ringcat.h"

void print_bytes(const void *bytes, size_t size)
{
	fwrite_unlocked(bytes, 1, size, stdout);
}

void print_number(uint64_t number)
{
	char digits[20];
	char *p = digits + sizeof(digits);

	/* printf() would take most of the time of a fast stream */
	do {
		*--p = '0' + number % 10;
		number /= 10;
	} while (number);
	print_bytes(p, digits + sizeof(digits) - p);
}

void print_hex(const void *bytes, size_t size)
{
	const unsigned char *byte = bytes;

	for (; size; size--, byte++)
		printf("%02x", *byte);
}

int char_escape(const unsigned char *text, size_t size, size_t *length)
{
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = text[0];
	size_t bytes = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 :
		       first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
	uint32_t code = bytes > 1 ? first & (0x7f >> bytes) : first;

	*length = 1;
	if (!bytes || bytes > size)
		return first;
	for (size_t n = 1; n < bytes; n++) {
		if ((text[n] & 0xc0) != 0x80)
			return first;
		code = code << 6 | (text[n] & 0x3f);
	}
	/* Too long a form, half a surrogate pair, beyond Unicode */
	if (code < lowest[bytes] || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
		return first;
	*length = bytes;
	return code < ' ' || (code >= 0x7f && code < 0xa0) ? (int)code : -1;
}

void print_quoted(const unsigned char *text, size_t size, const char *escape)
{
	size_t length;

	putchar_unlocked('"');
	for (; size; text += length, size -= length) {
		int code = char_escape(text, size, &length);

		if (code >= 0) {
			printf(escape, code);
			continue;
		}
		if (*text == '"' || *text == '\\')
			putchar_unlocked('\\');
		print_bytes(text, length);
	}
	putchar_unlocked('"');
}

void print_argv(const struct ring_value *argv, char separator,
		void (*print)(const unsigned char *text, size_t size))
{
	const unsigned char *text = argv->data;
	size_t left = argv->size;

	putchar_unlocked('[');
	while (left) {
		/* The last one has no NUL where it was cut */
		size_t size = strnlen((const char *)text, left);
		size_t taken = size < left ? size + 1 : size;

		if (text != argv->data)
			putchar_unlocked(separator);
		print(text, size);
		text += taken;
		left -= taken;
	}
	putchar_unlocked(']');
}
