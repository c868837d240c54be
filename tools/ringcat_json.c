// SPDX-License-Identifier: GPL-2.0
/* One JSON object, on one line, for each record */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ringcat.h"

/* A byte that is not of valid UTF-8 becomes the character of its number */
static void print_text(const unsigned char *text, size_t size)
{
	print_quoted(text, size, "\\u%04x");
}

static void print_name(const char *name)
{
	print_text((const unsigned char *)name, strlen(name));
}

static void print_member(const char *name, uint64_t number)
{
	print_bytes(",\"", 2);
	print_bytes(name, strlen(name));
	print_bytes("\":", 2);
	print_number(number);
}

/* What people are shown: a name, or the number of what has none */
static void print_formatted(const struct ring_record *record, const struct ring_field *field)
{
	char text[64];
	int length = ring_format(record, field, text, sizeof(text));

	if (isdigit(*text) && field->kind == KRING_KIND_SYSCALL)
		print_bytes(text, length);
	else
		print_name(text);
}

static void print_value(const struct ring_record *record, const struct ring_field *field)
{
	struct ring_value value;

	if (ring_value(record, field, &value)) {
		print_bytes("null", 4);
		return;
	}
	switch (value.kind) {
	case KRING_KIND_BOOL:
		fputs(value.number ? "true" : "false", stdout);
		break;
	case KRING_KIND_SIGNED:
	case KRING_KIND_RESULT:
		printf("%" PRId64, (int64_t)value.number);
		break;
	case KRING_KIND_TEXT:
	case KRING_KIND_PATH:
		print_text(value.data, value.size);
		break;
	case KRING_KIND_ARGV:
		print_argv(&value, ',', print_text);
		break;
	case KRING_KIND_SYSCALL:
	case KRING_KIND_ADDRESS:
		print_formatted(record, field);
		break;
	case KRING_KIND_BYTES:
		putchar_unlocked('"');
		print_hex(value.data, value.size);
		putchar_unlocked('"');
		break;
	default:
		print_number(value.number);
	}
}

static void print_event(const struct ring *ring, const struct ring_record *record)
{
	const struct ring_type *type = ring_type(ring, record->type);

	print_member("seq", record->seq);
	if (!type) {
		print_member("type", record->type);
		fputs(",\"bytes\":\"", stdout);
		print_hex(record->data, record->size);
		putchar_unlocked('"');
		return;
	}
	fputs(",\"event\":", stdout);
	print_name(type->name);
	fputs(",\"fields\":{", stdout);
	for (unsigned int n = 0; n < type->nr_fields; n++) {
		if (n)
			putchar_unlocked(',');
		print_name(type->fields[n].name);
		putchar_unlocked(':');
		print_value(record, &type->fields[n]);
	}
	putchar_unlocked('}');
}

void print_record_json(const struct ring *ring, const struct ring_record *record)
{
	bool lost = record->kind == RING_LOST;

	fputs(lost ? "{\"kind\":\"lost\"" : "{\"kind\":\"event\"", stdout);
	if (record->time)
		print_member("time", record->time);
	else
		fputs(",\"time\":null", stdout);
	if (record->cpu == KRING_CPU_ANY)
		fputs(",\"cpu\":null", stdout);
	else
		print_member("cpu", record->cpu);
	print_member("ring", record->ring);
	if (lost) {
		print_member("overwritten", record->overwritten);
		print_member("refused", record->refused);
		if (record->flags & RING_REVOKED)
			fputs(",\"revoked\":true", stdout);
	} else {
		print_event(ring, record);
	}
	print_bytes("}\n", 2);
}
