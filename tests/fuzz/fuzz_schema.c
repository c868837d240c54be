// SPDX-License-Identifier: GPL-2.0
/*
 * Any schema, and any payload under it: what is taken makes sense, values lie in their
 * payload, and texts are printable, of the length that was said, in the room there is.
 */
#include "schema.h"

static void check_type(const struct ring_type *type)
{
	size_t length = strnlen(type->name, sizeof(type->name));

	must(length && length < sizeof(type->name), "a type's name");
	for (u32 n = 0; n < type->nr_fields; n++) {
		const struct ring_field *field = &type->fields[n];
		u32 size = field->flags & KRING_FIELD_VAR ? sizeof(struct kring_var) : field->size;

		length = strnlen(field->name, sizeof(field->name));
		must(length && length < sizeof(field->name), "a field's name");
		must((u64)field->offset + size <= type->payload, "a field at %u, %u bytes, of %u",
		     field->offset, size, type->payload);
	}
}

static void check_format(const struct ring_record *record, const struct ring_field *field,
			 size_t room)
{
	int length = ring_format(record, field, NULL, 0), again;
	char *all, *part;

	if (length < 0)
		return;
	all = malloc(length + 1);
	part = malloc(room);
	must(all && (part || !room), "out of memory");
	again = ring_format(record, field, all, length + 1);
	must(again == length && strlen(all) == (size_t)length, "a text of %d bytes, then %d, is %zu",
	     length, again, strlen(all));
	must(fuzz_is_printable(all, length), "'%s' is not printable", all);
	again = ring_format(record, field, part, room);
	must(again == length, "a text of %d bytes, in less room %d", length, again);
	if (room)
		must(strlen(part) < room && !strncmp(part, all, strlen(part)), "'%s' is no part of '%s'",
		     part, all);
	free(all);
	free(part);
}

static void check_value(const struct ring_record *record, const struct ring_field *field,
			size_t room)
{
	struct ring_value value;
	int ret = ring_value(record, field, &value);
	const u8 *data = value.data, *payload = record->data;

	must(!ret || ret == -EBADMSG, "ring_value: %d", ret);
	if (!ret && !ring_kind_is_number(value.kind))
		must(data >= payload && data <= payload + record->size &&
		     value.size <= (size_t)(payload + record->size - data),
		     "a value outside its payload");
	check_format(record, field, room);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u64 schema[FUZZ_SCHEMA_MAX / 8 + 1];
	bool raw = input_byte(&in) & 1;
	struct ring_record record;
	const struct ring_type *types, *type;
	struct ring *ring;
	size_t t, n, room;

	if (!raw)
		size = fuzz_schema_make(&in, schema);
	ring = raw ? fuzz_schema_take(in.at, in.left) : fuzz_schema_take(schema, size);
	if (!ring)
		return 0;
	record = fuzz_record_make(&in);
	room = input_byte(&in) % 64;
	n = ring_types(ring, &types);
	for (t = 0; t < n; t++) {
		check_type(&types[t]);
		type = ring_type(ring, types[t].type);
		must(type && type->type == types[t].type, "a type that is not found");
		for (u32 i = 0; i < types[t].nr_fields; i++)
			check_value(&record, &types[t].fields[i], room);
	}
	free((void *)record.data);
	ring_close(ring);
	return 0;
}
