// SPDX-License-Identifier: LGPL-2.1-or-later
/* The values of fields: where they lie in a payload. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include "internal.h"

static uint64_t load_number(const void *from, uint16_t size)
{
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	switch (size) {
	case 1:
		return *(const uint8_t *)from;
	case 2:
		memcpy(&u16, from, sizeof(u16));
		return u16;
	case 4:
		memcpy(&u32, from, sizeof(u32));
		return u32;
	default:
		memcpy(&u64, from, sizeof(u64));
		return u64;
	}
}

static uint64_t extend_sign(uint64_t number, uint16_t size)
{
	unsigned int shift = 64 - 8 * size;

	return (uint64_t)((int64_t)(number << shift) >> shift);
}

/* Bytes of the payload, or NULL if they are not all there */
static const unsigned char *bytes_at(const struct ring_record *record,
				     size_t offset, size_t size)
{
	if (offset > record->size || size > record->size - offset)
		return NULL;
	return (const unsigned char *)record->data + offset;
}

int ring_value(const struct ring_record *record, const struct ring_field *field,
	       struct ring_value *value)
{
	const unsigned char *at;
	struct kring_var var = { .size = field->size };

	if (record->kind != RING_EVENT)
		return -ENOENT;
	*value = (struct ring_value) { .kind = field->kind };
	if (field->flags & KRING_FIELD_VAR) {
		at = bytes_at(record, field->offset, sizeof(var));
		if (!at)
			return -EBADMSG;
		memcpy(&var, at, sizeof(var));
		at = bytes_at(record, var.offset, var.size);
	} else {
		at = bytes_at(record, field->offset, field->size);
	}
	if (!at)
		return -EBADMSG;

	if (ring_kind_is_number(field->kind)) {
		value->number = load_number(at, var.size);
		if (field->kind == KRING_KIND_SIGNED || field->kind == KRING_KIND_RESULT)
			value->number = extend_sign(value->number, var.size);
		return 0;
	}
	switch (field->kind) {
	case KRING_KIND_TEXT:
	case KRING_KIND_PATH:
		var.size = strnlen((const char *)at, var.size);
		break;
	case KRING_KIND_ARGV:
		break;
	case KRING_KIND_ADDRESS:
		if (var.size == sizeof(struct in6_addr))
			break;
		/* fall through */
	default:		/* of a later module: its bytes are all we know */
		value->kind = KRING_KIND_BYTES;
	}
	value->data = at;
	value->size = var.size;
	return 0;
}
