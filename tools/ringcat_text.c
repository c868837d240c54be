// SPDX-License-Identifier: GPL-2.0
/* One line of text for each record */
#include <stdio.h>

#include "ringcat.h"

static void print_string(const char *text)
{
	fputs(text, stdout);
}

/* Bare if it can be taken for one word, else quoted */
static void print_text(const unsigned char *text, size_t size)
{
	bool bare = size > 0;
	size_t length;

	for (size_t n = 0; n < size && bare; n += length) {
		bare = char_escape(text + n, size - n, &length) < 0 &&
		       text[n] != ' ' && text[n] != '"' && text[n] != '\\';
	}
	if (bare)
		print_bytes(text, size);
	else
		print_quoted(text, size, "\\x%02x");
}

static void print_field(const struct ring_record *record, const struct ring_field *field)
{
	struct ring_value value;
	char text[128] = "?";
	int ret = ring_value(record, field, &value);

	if (!ret && value.kind == KRING_KIND_BOOL && !value.number)
		return;
	putchar_unlocked(' ');
	print_string(field->name);
	if (!ret && value.kind == KRING_KIND_BOOL)
		return;
	putchar_unlocked('=');
	switch (ret ? 0 : value.kind) {
	case KRING_KIND_UNSIGNED:
	case KRING_KIND_PID:
		print_number(value.number);
		break;
	case KRING_KIND_TEXT:
	case KRING_KIND_PATH:
		print_text(value.data, value.size);
		break;
	case KRING_KIND_ARGV:
		print_argv(&value, ' ', print_text);
		break;
	case KRING_KIND_BYTES:
		print_hex(value.data, value.size);
		break;
	default:
		if (!ret)
			ring_format(record, field, text, sizeof(text));
		print_string(text);
	}
}

static void print_event(const struct ring *ring, const struct ring_record *record)
{
	const struct ring_type *type = ring_type(ring, record->type);

	if (!type) {
		printf("UNKNOWN type=%u bytes=", record->type);
		print_hex(record->data, record->size);
		return;
	}
	print_string(type->name);
	for (unsigned int n = 0; n < type->nr_fields; n++)
		print_field(record, &type->fields[n]);
}

static void print_time(uint64_t time)
{
	uint64_t rest = time % 1000000000;

	print_number(time / 1000000000);
	putchar_unlocked('.');
	for (uint64_t unit = 100000000; unit > 1 && rest < unit; unit /= 10)
		putchar_unlocked('0');
	print_number(rest);
}

void print_record_text(const struct ring *ring, const struct ring_record *record)
{
	if (ring_info(ring)->clock != KRING_CLOCK_NONE) {
		if (record->time)
			print_time(record->time);
		else
			putchar_unlocked('-');
		putchar_unlocked(' ');
	}
	putchar_unlocked('[');
	if (record->cpu == KRING_CPU_ANY)
		putchar_unlocked('-');
	else
		print_number(record->cpu);
	print_string("] ");
	if (record->kind == RING_LOST)
		printf("LOST %ju events (%ju overwritten, %ju refused)%s",
		       (uintmax_t)record->overwritten + record->refused,
		       (uintmax_t)record->overwritten, (uintmax_t)record->refused,
		       record->flags & RING_REVOKED ? " (the hold was revoked)" : "");
	else
		print_event(ring, record);
	putchar_unlocked('\n');
}
