// SPDX-License-Identifier: GPL-2.0
/*
 * ringcat --where: any conditions on any schema are taken or refused in words, and look
 * at nothing but the event.
 */
#include "schema.h"
#include "../../tools/ringcat_filter.h"

#define CONDITIONS	4

/* Any text; or a field's name, an operator and the rest of it */
static char *make_condition(const struct ring_type *types, size_t nr_types, const char *text,
			    size_t length)
{
	static const char *const ops[] = { "=", "!=", "<", ">=", "~" };
	const struct ring_type *type;
	u8 how = length ? text[0] : 0;
	char *condition;

	if (length < 2 || how < 64 || !nr_types)
		return strndup(text, length);
	type = &types[how % nr_types];
	if (!type->nr_fields)
		return strndup(text, length);
	how = text[1];
	if (asprintf(&condition, "%s%s%.*s", type->fields[how % type->nr_fields].name,
		     ops[how / 16 % 5], (int)length - 2, text + 2) < 0)
		return NULL;
	return condition;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u64 schema[FUZZ_SCHEMA_MAX / 8 + 1];
	char *conditions[CONDITIONS];
	const struct ring_type *types;
	struct ring_record record;
	size_t nr, n, room, nr_types;
	struct filter *filter;
	struct ring *ring;
	char *message;

	size = fuzz_schema_make(&in, schema);
	ring = fuzz_schema_take(schema, size);
	if (!ring)
		return 0;
	nr_types = ring_types(ring, &types);
	record = fuzz_record_make(&in);
	nr = input_below(&in, CONDITIONS + 1);
	room = 1 + input_byte(&in);
	message = malloc(room);
	must(message, "out of memory");
	message[0] = '\0';
	for (n = 0; n < nr; n++) {
		size_t length = input_below(&in, 32);

		if (length > in.left)
			length = in.left;
		conditions[n] = make_condition(types, nr_types, (const char *)in.at, length);
		must(conditions[n], "out of memory");
		in.at += length;
		in.left -= length;
	}
	filter = filter_new(types, nr_types, (const char *const *)conditions, nr, message, room);
	must(strnlen(message, room) < room, "a message without an end");
	if (filter)
		filter_passes(filter, &record);
	else
		must(message[0] || room == 1, "refused without a word");
	filter_free(filter);
	for (n = 0; n < nr; n++)
		free(conditions[n]);
	free(message);
	free((void *)record.data);
	ring_close(ring);
	return 0;
}
