// SPDX-License-Identifier: GPL-2.0
/* A schema is taken as a whole or not at all */
#include "libring_tap.h"

struct blob {
	struct kring_schema head;
	struct kring_type types[2];
	struct kring_field fields[3];
};

static const struct blob good = {
	.head = { .size = sizeof(good), .nr_types = 2, .nr_fields = 3 },
	.types = {
		{ .name = "first", .type = 1, .nr_fields = 1, .payload = 8 },
		{ .name = "second", .type = 70, .nr_fields = 2, .first_field = 1,
		  .payload = 12, .flags = KRING_TYPE_CRITICAL },
	},
	.fields = {
		{ .name = "number", .size = 8, .kind = KRING_KIND_UNSIGNED },
		{ .name = "text", .offset = 4, .kind = KRING_KIND_TEXT,
		  .flags = KRING_FIELD_VAR },
		{ .name = "word", .offset = 8, .size = 4, .kind = KRING_KIND_HEX },
	},
};

static struct ring ring;
static struct blob blob;
static char message[200];

static int take(size_t size)
{
	struct ring_opts opts = { .message = message, .message_size = sizeof(message) };
	/* in memory of its size, so that the sanitizers know its end */
	void *copy = malloc(size);
	int ret;

	memcpy(copy, &blob, size < sizeof(blob) ? size : sizeof(blob));
	ret = ring_schema_take(&ring, copy, size, &opts);
	free(copy);
	return ret;
}

static void drop(void)
{
	free(ring.types);
	free(ring.fields);
}

Test(libring_schema, types_and_fields_are_found)
{
	const struct ring_type *types;

	blob = good;
	cr_assert_eq(take(sizeof(blob)), 0);
	cr_assert_eq(ring_types(&ring, &types), 2);
	cr_assert_str_eq(types[0].name, "first");
	cr_assert_eq(ring_type(&ring, 1), &types[0]);
	cr_assert_eq(ring_type(&ring, 70), &types[1]);
	cr_assert_eq(types[1].nr_fields, 2);
	cr_assert_eq(types[1].payload, 12);
	cr_assert_eq(types[0].flags, 0);
	cr_assert_eq(types[1].flags, KRING_TYPE_CRITICAL);
	cr_assert_str_eq(types[1].fields[1].name, "word");
	cr_assert_eq(types[1].fields[1].offset, 8);
	cr_assert_eq(types[1].fields[0].flags, KRING_FIELD_VAR);
	cr_assert_eq(types[1].fields[1].kind, KRING_KIND_HEX);
	drop();
}

Test(libring_schema, types_that_are_not_there)
{
	blob = good;
	cr_assert_eq(take(sizeof(blob)), 0);
	cr_assert_null(ring_type(&ring, 0));
	cr_assert_null(ring_type(&ring, 2));
	cr_assert_null(ring_type(&ring, 65535));
	drop();
}

Test(libring_schema, an_empty_one_is_good)
{
	const struct ring_type *types;

	blob.head.size = sizeof(blob.head);
	cr_assert_eq(take(sizeof(blob.head)), 0);
	cr_assert_eq(ring_types(&ring, &types), 0);
	cr_assert_null(ring_type(&ring, 1));
	drop();
}

Test(libring_schema, unknown_kinds_are_good)
{
	blob = good;
	blob.fields[2].kind = 200;
	cr_assert_eq(take(sizeof(blob)), 0);
	drop();
}

Test(libring_schema, one_that_is_cut_is_refused_anywhere)
{
	size_t size;

	blob = good;
	for (size = 1; size < sizeof(blob); size++) {
		cr_assert_eq(take(size), -EBADMSG);
		blob.head.size = size;
		cr_assert_eq(take(size), -EBADMSG);
		blob.head.size = sizeof(blob);
	}
	cr_assert(strstr(message, "its size"), "%s", message);
}

Test(libring_schema, a_handle_is_refused_with_it)
{
	struct ring_opts opts = { .size = sizeof(opts) };
	struct tap tap;

	tap_init(&tap, 1, 64 * KIB);
	tap.ch.info.schema_size--;
	cr_assert_eq(tap_try_open(&tap, &opts), -EBADMSG);
	tap_free(&tap);
}

#define REFUSED(name, change, words)					\
Test(libring_schema, name)						\
{									\
	blob = good;							\
	change;								\
	cr_assert_eq(take(sizeof(blob)), -EBADMSG);			\
	cr_assert(strstr(message, words), "%s", message);		\
	cr_assert_null(ring.types);					\
}

REFUSED(another_size, blob.head.size--, "its size")
REFUSED(more_types_than_there_are, blob.head.nr_types++, "its size")
REFUSED(more_fields_than_there_are, blob.head.nr_fields = 65535, "its size")
REFUSED(a_type_without_a_name, blob.types[0].name[0] = 0, "a type's name")
REFUSED(an_endless_name_of_a_type, memset(blob.types[1].name, 'x', KRING_NAME_MAX),
	"a type's name")
REFUSED(a_type_named_to_clear_the_terminal, strcpy(blob.types[1].name, "a\033[2J"), "a type's name")
REFUSED(a_field_with_a_blank_in_its_name, strcpy(blob.fields[1].name, "a b"), "a field")
REFUSED(a_field_with_half_a_character, strcpy(blob.fields[1].name, "a\xc3"), "a field")
REFUSED(a_type_with_too_many_fields, blob.types[1].nr_fields++, "number of fields")
REFUSED(a_type_with_far_fields, blob.types[1].first_field = ~0u, "number of fields")
REFUSED(an_endless_name_of_a_field, memset(blob.fields[0].name, 'x', KRING_NAME_MAX),
	"a field")
REFUSED(a_field_without_a_name, blob.fields[0].name[0] = 0, "a field")
REFUSED(a_field_out_of_the_payload, blob.fields[2].offset = 9, "a field")
REFUSED(a_field_far_out_of_the_payload, blob.fields[2].offset = ~0u, "a field")
REFUSED(a_number_of_three_bytes, blob.fields[2].size = 3, "a field")
REFUSED(a_result_of_three_bytes, blob.fields[2].size = 3; blob.fields[2].kind =
	KRING_KIND_RESULT, "a field")
REFUSED(a_number_of_variable_size, blob.fields[2].flags = KRING_FIELD_VAR, "a field")
REFUSED(unknown_flags_of_a_field, blob.fields[1].flags |= 2, "a field")
REFUSED(a_var_out_of_the_payload, blob.fields[1].offset = 10, "a field")
