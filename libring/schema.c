// SPDX-License-Identifier: LGPL-2.1-or-later
/* A channel's schema, believed only as a whole. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

struct blob {
	const struct kring_schema *head;
	const struct kring_type *types;
	const struct kring_field *fields;
};

/* One printable word: it is shown on terminals as it is */
static bool is_name(const char *name)
{
	size_t i;

	for (i = 0; i < KRING_NAME_MAX && name[i]; i++)
		if (name[i] <= ' ' || name[i] > '~')
			return false;
	return i && i < KRING_NAME_MAX;
}

static bool field_is_good(const struct kring_field *field, uint32_t payload)
{
	uint32_t size = field->size;

	if (!is_name(field->name) || field->flags & ~KRING_FIELD_VAR)
		return false;
	if (field->flags & KRING_FIELD_VAR)
		size = sizeof(struct kring_var);
	if (ring_kind_is_number(field->kind) &&
	    (field->flags || (size != 1 && size != 2 && size != 4 && size != 8)))
		return false;
	return field->offset <= payload && size <= payload - field->offset;
}

/* Types and fields within the blob; returns what is wrong, or NULL */
static const char *find_fault(struct blob *blob, const void *schema, size_t size)
{
	const struct kring_type *type;
	uint32_t i;

	blob->head = schema;
	if (size < sizeof(*blob->head) || blob->head->size != size ||
	    size != sizeof(*blob->head) +
		    blob->head->nr_types * sizeof(*type) +
		    blob->head->nr_fields * sizeof(*blob->fields))
		return "its size";
	blob->types = (const void *)(blob->head + 1);
	blob->fields = (const void *)(blob->types + blob->head->nr_types);

	for (type = blob->types; type < blob->types + blob->head->nr_types; type++) {
		if (!is_name(type->name))
			return "a type's name";
		if (type->first_field > blob->head->nr_fields ||
		    type->nr_fields > blob->head->nr_fields - type->first_field)
			return "a type's number of fields";
		for (i = 0; i < type->nr_fields; i++)
			if (!field_is_good(&blob->fields[type->first_field + i],
					   type->payload))
				return "a field";
	}
	return NULL;
}

int ring_schema_take(struct ring *ring, const void *schema, size_t size,
		     const struct ring_opts *opts)
{
	struct blob blob;
	const char *fault = find_fault(&blob, schema, size);
	size_t i, nr;

	if (fault)
		return ring_fail(opts, -EBADMSG, "the schema of channel '%s' makes no sense: %s",
				 ring->info.name, fault);
	nr = blob.head->nr_types;
	ring->types = calloc(nr + 1, sizeof(*ring->types));
	ring->fields = calloc(blob.head->nr_fields + 1, sizeof(*ring->fields));
	if (!ring->types || !ring->fields)
		return ring_fail(opts, -ENOMEM, "out of memory");

	for (i = 0; i < blob.head->nr_fields; i++) {
		const struct kring_field *from = &blob.fields[i];
		struct ring_field *to = &ring->fields[i];

		memcpy(to->name, from->name, sizeof(to->name) - 1);
		to->offset = from->offset;
		to->size = from->size;
		to->kind = from->kind;
		to->flags = from->flags;
	}
	for (i = 0; i < nr; i++) {
		const struct kring_type *from = &blob.types[i];
		struct ring_type *to = &ring->types[i];

		memcpy(to->name, from->name, sizeof(to->name) - 1);
		to->type = from->type;
		to->nr_fields = from->nr_fields;
		to->payload = from->payload;
		to->flags = from->flags;
		to->fields = ring->fields + from->first_field;
	}
	ring->nr_types = nr;
	return 0;
}

const struct ring_type *ring_type(const struct ring *ring, uint16_t type)
{
	size_t i;

	/* Numbers are usually given out in order */
	if (type && type <= ring->nr_types && ring->types[type - 1].type == type)
		return &ring->types[type - 1];
	for (i = 0; i < ring->nr_types; i++)
		if (ring->types[i].type == type)
			return &ring->types[i];
	return NULL;
}

size_t ring_types(const struct ring *ring, const struct ring_type **types)
{
	*types = ring->types;
	return ring->nr_types;
}
