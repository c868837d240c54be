// SPDX-License-Identifier: GPL-2.0
/* Sources that describe what cannot be: no channel is made. Loads if all are refused. */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <kring_producer.h>

#define LONG_NAME	"abcdefghijklmnopqrstuvwxyzabcdef"	/* KRING_NAME_MAX characters */

#define FIELD(name_, kind_, offset_, size_, flags_)			\
	{ .name = name_, .kind = kind_, .offset = offset_, .size = size_, .flags = flags_ }

static const struct kring_field good = FIELD("value", KRING_KIND_UNSIGNED, 4, 4, 0);

static const struct kring_event_type good_type = {
	.name = "good", .type = 1, .payload = 8, .fields = &good, .nr_fields = 1,
};

static const struct {
	const char *what;
	struct kring_field field;
} bad_fields[] = {
	{ "no name", FIELD("", KRING_KIND_UNSIGNED, 0, 4, 0) },
	{ "two words", FIELD("a b", KRING_KIND_UNSIGNED, 0, 4, 0) },
	{ "a control character", FIELD("a\x1b[2J", KRING_KIND_UNSIGNED, 0, 4, 0) },
	{ "a character to delete", FIELD("a\x7f", KRING_KIND_UNSIGNED, 0, 4, 0) },
	{ "not ASCII", FIELD("a\xc3\xa4", KRING_KIND_UNSIGNED, 0, 4, 0) },
	{ "a name without end", FIELD(LONG_NAME, KRING_KIND_UNSIGNED, 0, 4, 0) },
	{ "no kind", FIELD("value", 0, 0, 4, 0) },
	{ "an unknown kind", FIELD("value", KRING_KIND_BYTES + 1, 0, 4, 0) },
	{ "an offset past the end", FIELD("value", KRING_KIND_BYTES, 9, 0, 0) },
	{ "a size past the end", FIELD("value", KRING_KIND_UNSIGNED, 4, 8, 0) },
	{ "a number of 3 bytes", FIELD("value", KRING_KIND_UNSIGNED, 0, 3, 0) },
	{ "an address of 4 bytes", FIELD("value", KRING_KIND_ADDRESS, 0, 4, 0) },
	{ "a number of variable size", FIELD("value", KRING_KIND_UNSIGNED, 0, 4, KRING_FIELD_VAR) },
	{ "a variable field of 8 bytes", FIELD("value", KRING_KIND_TEXT, 0, 8, KRING_FIELD_VAR) },
	{ "a variable field with another flag",
	  FIELD("value", KRING_KIND_TEXT, 0, sizeof(struct kring_var), KRING_FIELD_VAR | 2) },
	{ "an unknown flag", FIELD("value", KRING_KIND_TEXT, 0, 4, 2) },
};

static const struct {
	const char *what;
	struct kring_event_type type;
} bad_types[] = {
	{ "a type without name", { .name = "", .type = 1 } },
	{ "a type of two words", { .name = "a b", .type = 1 } },
	{ "a type's name of 32 characters", { .name = LONG_NAME, .type = 1 } },
	{ "a critical type above 63", { .name = "good", .type = 64, .critical = true } },
};

static const char * const bad_names[] = { "", ".describe", "describe/", LONG_NAME, "control" };

/* Whether a channel can be made of it */
static bool is_taken_as(const char *name, const struct kring_event_type *type, u16 nr_types)
{
	const struct kring_source source = {
		.name = "describe", .types = type, .nr_types = nr_types,
	};
	const struct kring_options options = { .name = name };
	struct kring_channel *channel = kring_channel_create(&source, &options);

	if (IS_ERR(channel))
		return false;
	kring_channel_destroy(channel);
	return true;
}

static bool is_taken(const struct kring_event_type *type, u16 nr_types)
{
	return is_taken_as("describe", type, nr_types);
}

/* More fields than a schema can count */
static bool too_many_are_taken(void)
{
	const u16 nr_types = 256, nr_fields = U16_MAX / 256 + 1;
	struct kring_event_type *types = kcalloc(nr_types, sizeof(*types), GFP_KERNEL);
	struct kring_field *fields = kcalloc(nr_fields, sizeof(*fields), GFP_KERNEL);
	bool taken = true;
	u16 i;

	if (types && fields) {
		for (i = 0; i < nr_fields; i++)
			fields[i] = good;
		for (i = 0; i < nr_types; i++)
			types[i] = (struct kring_event_type) {
				.name = "good", .type = i, .payload = 8,
				.fields = fields, .nr_fields = nr_fields,
			};
		taken = is_taken(types, nr_types);
	}
	kfree(types);
	kfree(fields);
	return taken;
}

static bool field_is_taken(const struct kring_field *field)
{
	const struct kring_event_type type = {
		.name = "good", .type = 1, .payload = 8, .fields = field, .nr_fields = 1,
	};

	return is_taken(&type, 1);
}

static int __init describe_init(void)
{
	int failed = 0;
	size_t i;

	if (!is_taken(&good_type, 1)) {
		pr_info("kring_describe: refused: what is good\n");
		failed++;
	}
	if (is_taken(&bad_types[0].type, 0)) {
		pr_info("kring_describe: taken: no type at all\n");
		failed++;
	}
	if (too_many_are_taken()) {
		pr_info("kring_describe: taken: 65536 fields\n");
		failed++;
	}
	for (i = 0; i < ARRAY_SIZE(bad_names); i++) {
		if (is_taken_as(bad_names[i], &good_type, 1)) {
			pr_info("kring_describe: taken: a channel called '%s'\n", bad_names[i]);
			failed++;
		}
	}
	for (i = 0; i < ARRAY_SIZE(bad_fields); i++) {
		if (field_is_taken(&bad_fields[i].field)) {
			pr_info("kring_describe: taken: %s\n", bad_fields[i].what);
			failed++;
		}
	}
	for (i = 0; i < ARRAY_SIZE(bad_types); i++) {
		if (is_taken(&bad_types[i].type, 1)) {
			pr_info("kring_describe: taken: %s\n", bad_types[i].what);
			failed++;
		}
	}
	return failed ? -EINVAL : 0;
}

static void __exit describe_exit(void)
{
}

module_init(describe_init);
module_exit(describe_exit);

MODULE_DESCRIPTION("Test of what kring takes for the description of events");
MODULE_LICENSE("GPL");
