// SPDX-License-Identifier: GPL-2.0
#include <locale.h>
#include <wchar.h>
#include "schema.h"

/* One or two bytes, mostly printable */
static void make_name(struct input *in, char *name)
{
	name[0] = '!' + input_byte(in) % 95;
	name[1] = name[0] & 1 ? input_byte(in) : 0;
}

size_t fuzz_schema_make(struct input *in, void *schema)
{
	struct kring_schema *head = schema;
	struct kring_type *types = (void *)(head + 1);
	struct kring_field *fields;
	u8 how = input_byte(in);
	size_t size;
	u32 i;

	memset(schema, 0, FUZZ_SCHEMA_MAX);
	head->nr_types = how % (FUZZ_TYPES + 1);
	head->nr_fields = input_below(in, FUZZ_FIELDS + 1);
	fields = (void *)(types + head->nr_types);
	head->size = size = (u8 *)(fields + head->nr_fields) - (u8 *)schema;
	for (i = 0; i < head->nr_types; i++) {
		make_name(in, types[i].name);
		types[i].type = i + 1;
		types[i].first_field = input_below(in, head->nr_fields + 1);
		types[i].nr_fields = head->nr_fields - types[i].first_field;
		types[i].payload = 64;
	}
	for (i = 0; i < head->nr_fields; i++) {
		make_name(in, fields[i].name);
		fields[i].offset = input_byte(in) % 48;
		fields[i].kind = 1 + input_below(in, KRING_KIND_BYTES + 1);
		fields[i].size = ring_kind_is_number(fields[i].kind) ? 1 << input_byte(in) % 4 : 16;
		if (!ring_kind_is_number(fields[i].kind))
			fields[i].flags = input_byte(in) & KRING_FIELD_VAR;
	}
	for (i = how >> 2 & 7; i; i--)
		input_change(in, schema, size / 8);
	return how & 32 ? FUZZ_SCHEMA_MAX : size;
}

struct ring *fuzz_schema_take(const void *schema, size_t size)
{
	static const struct ring_opts silent;
	struct ring *ring = aligned_alloc(_Alignof(struct ring), sizeof(*ring));
	void *copy = malloc(size);
	int ret;

	must(ring && copy, "out of memory");
	memset(ring, 0, sizeof(*ring));
	memcpy(copy, schema, size);
	ring->fd = ring->event_fd = ring->epoll_fd = -1;
	ret = ring_schema_take(ring, copy, size, &silent);
	free(copy);
	must(!ret || ret == -EBADMSG, "ring_schema_take: %d", ret);
	if (!ret)
		return ring;
	ring_close(ring);
	return NULL;
}

struct ring_record fuzz_record_make(struct input *in)
{
	size_t size = input_byte(in) % 97, n;
	u8 *payload = malloc(size);
	struct ring_record record = {
		.kind = RING_EVENT,
		.type = input_byte(in) % (FUZZ_TYPES + 2),
		.cpu = input_byte(in),
		.data = payload,
		.size = size,
		.time = input_take(in, 8),
	};

	must(payload || !size, "out of memory");
	for (n = 0; n < size; n++)
		payload[n] = input_byte(in);
	return record;
}

bool fuzz_is_printable(const char *text, size_t size)
{
	static bool once;
	mbstate_t state = { 0 };
	size_t at = 0;

	if (!once)
		must(setlocale(LC_CTYPE, "C.UTF-8"), "no C.UTF-8");
	once = true;
	while (at < size) {
		wchar_t code;
		size_t bytes = mbrtowc(&code, text + at, size - at, &state);

		if (bytes == 0 || bytes > size - at || code < ' ' || (code >= 0x7f && code < 0xa0))
			return false;
		at += bytes;
	}
	return true;
}
