// SPDX-License-Identifier: GPL-2.0
/* A source's events, as readers get them: one flat block. */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <internal.h>

/* One printable word: readers show it on terminals as it is */
static bool name_valid(const char *name)
{
	size_t i, length = strnlen(name, KRING_NAME_MAX);

	for (i = 0; i < length; i++)
		if (name[i] <= ' ' || name[i] > '~')
			return false;
	return length && length < KRING_NAME_MAX;
}

static bool field_valid(const struct kring_event_type *type,
			const struct kring_field *field)
{
	bool number = field->kind <= KRING_KIND_NUMBER_MAX;

	if (!field->kind || field->kind > KRING_KIND_BYTES || !name_valid(field->name) ||
	    field->offset > type->payload ||
	    field->size > type->payload - field->offset)
		return false;
	if (field->flags & KRING_FIELD_VAR)
		return field->flags == KRING_FIELD_VAR && !number &&
		       field->size == sizeof(struct kring_var);
	if (field->kind == KRING_KIND_ADDRESS && field->size != 16)
		return false;
	return !field->flags &&
	       (!number || field->size == 1 || field->size == 2 ||
		field->size == 4 || field->size == 8);
}

static bool type_valid(const struct kring_event_type *type)
{
	u16 i;

	if (!name_valid(type->name) || (type->critical && type->type >= 64))
		return false;
	for (i = 0; i < type->nr_fields; i++)
		if (!field_valid(type, &type->fields[i]))
			return false;
	return true;
}

/* kmalloc()ed; -EINVAL if the source describes what cannot be */
struct kring_schema *kring_schema_build(const struct kring_source *source)
{
	struct kring_schema *schema;
	struct kring_field *field;
	struct kring_type *type;
	u32 nr_fields = 0;
	size_t size;
	u16 i;

	for (i = 0; i < source->nr_types; i++) {
		if (!type_valid(&source->types[i]))
			return ERR_PTR(-EINVAL);
		nr_fields += source->types[i].nr_fields;
	}
	if (!source->nr_types || nr_fields > U16_MAX)
		return ERR_PTR(-EINVAL);

	size = sizeof(*schema) + source->nr_types * sizeof(*type) +
	       nr_fields * sizeof(*field);
	schema = kzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!schema)
		return ERR_PTR(-ENOMEM);
	schema->size = size;
	schema->nr_types = source->nr_types;
	schema->nr_fields = nr_fields;

	type = (struct kring_type *)(schema + 1);
	field = (struct kring_field *)(type + source->nr_types);
	nr_fields = 0;
	for (i = 0; i < source->nr_types; i++, type++) {
		const struct kring_event_type *from = &source->types[i];

		strscpy(type->name, from->name, sizeof(type->name));
		type->type = from->type;
		type->nr_fields = from->nr_fields;
		type->first_field = nr_fields;
		type->payload = from->payload;
		type->flags = from->critical ? KRING_TYPE_CRITICAL : 0;
		memcpy(field + nr_fields, from->fields,
		       from->nr_fields * sizeof(*field));
		nr_fields += from->nr_fields;
	}
	return schema;
}
