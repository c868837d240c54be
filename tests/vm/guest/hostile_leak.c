// SPDX-License-Identifier: GPL-2.0
/*
 * No byte that nobody wrote on purpose gets to a program: new pages, records of every source,
 * answers of every ioctl. The kernel's memory holds poison when it is allocated (see tests/vm/run).
 * hostile_leak pages|answers|records CHANNEL
 */
#include <stddef.h>
#include "hostile.h"

/* What looks like an address of the kernel */
static bool is_address(uint64_t word)
{
	/* Between them and the top are small negative numbers */
	return word >= 0xffff800000000000 && word < 0xffffffffff000000;
}

/* What looks like memory that was never written */
static bool is_poison(uint64_t word)
{
	static const unsigned char poison[] = { 0xaa, 0x6b, 0x5a, 0xa5, 0xbb, 0xcc };

	for (size_t i = 0; i < sizeof(poison); i++)
		if (word == poison[i] * 0x0101010101010101ULL)
			return true;
	return false;
}

static void scan(const char *what, const void *bytes, size_t size, bool addresses)
{
	for (size_t at = 0; at + 8 <= size; at += 8) {
		uint64_t word;

		memcpy(&word, (const char *)bytes + at, 8);
		certain(!is_poison(word) && (!addresses || !is_address(word)),
			"%s, byte %zu: %016llx", what, at, (unsigned long long)word);
	}
}

static void zero(const char *what, const void *bytes, size_t from, size_t to)
{
	for (size_t at = from; at < to; at++)
		certain(!((const unsigned char *)bytes)[at], "%s, byte %zu: %02x", what, at,
			((const unsigned char *)bytes)[at]);
}

#define zero_gap(what, bytes, type, after, until)				\
	zero(what, bytes, offsetof(type, after) + sizeof(((type *)0)->after), until)

/* Behind a text's NUL */
static void padded(const char *what, const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	zero(what, text, length, size);
}

/* A ring that nothing was reported to: the metadata that the contract defines, and zeros */
static void new_ring(int fd, const struct kring_info *of, uint32_t index)
{
	const struct kring_meta *meta = map_ring(fd, index);
	const char *bytes = (const char *)meta;
	struct kring_meta defined = {
		.magic = KRING_MAGIC, .abi = KRING_ABI, .size = meta->size, .ring_index = index,
		.cpu = of->mode == KRING_MODE_GLOBAL ? KRING_CPU_ANY : index, .clock = of->clock,
		.channel_id = of->id, .data_size = of->ring_size, .data_offset = of->data_offset,
		.nr_rings = of->nr_rings,
	};

	check(meta->size == sizeof(*meta) && !memcmp(meta, &defined, sizeof(defined)));
	zero("metadata page", bytes, meta->size, of->data_offset);
	zero("data", bytes, of->data_offset, of->map_size);
	must(!munmap((void *)meta, of->map_size));
}

static void new_cursors(int fd, const struct kring_info *of)
{
	uint64_t positions[2] = { KRING_HOLD_OLDEST, KRING_HOLD_NEWEST };
	char *cursors;

	must(!hold(fd, of->nr_rings, positions));
	cursors = map_cursors(fd);
	must(cursors != MAP_FAILED);
	/* They stand at 0 */
	zero("cursors", cursors, 0, of->hold_size);
	must(!munmap(cursors, of->hold_size));
}

/* Memory of all sorts was in use and is free: what is taken next is that */
static void churn(void)
{
	size_t size = 64 << 20;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(memory != MAP_FAILED);
	memset(memory, 0x77, size);
	must(!munmap(memory, size));
}

static void test_pages(void)
{
	for (int i = 0; i < 8; i++) {
		int fd, control = (churn(), channel_create("new", 1 + i % 2));
		struct kring_info of;

		fd = channel_open("new");
		of = channel_info(fd);
		for (uint32_t ring = 0; ring < of.nr_rings; ring++)
			new_ring(fd, &of, ring);
		new_cursors(fd, &of);
		must(!close(fd));
		channel_remove(control, "new");
		must(!close(control));
	}
}

/* An answer, into memory that was zero */
#define ask(fd, request, argument, ...)						\
	do {									\
		__typeof__(argument) *ask_at = &(argument);			\
										\
		memset(ask_at, 0, sizeof(*ask_at));				\
		__VA_ARGS__;							\
		must(!ioctl(fd, request, ask_at));				\
		scan(#request, ask_at, sizeof(*ask_at), true);			\
	} while (0)

static void test_answers(void)
{
	union {
		struct kring_info info;
		struct kring_hold_info hold;
		struct kring_filter filter;
		unsigned char bytes[4096];
	} any;
	int fd = hostile_open(O_RDWR);
	uint64_t positions[4] = { KRING_HOLD_OLDEST, KRING_HOLD_OLDEST, 0x77, 0x77 };
	struct kring_schema_get get = { .size = sizeof(get) };
	unsigned char schema[4096];

	/* The caller's structure is larger than the kernel's: the rest is zero */
	ask(fd, KRING_IOC_INFO, any, any.info.size = sizeof(any));
	zero("info", &any, sizeof(any.info), sizeof(any));
	padded("name", any.info.name, KRING_NAME_MAX);
	padded("source", any.info.source, KRING_NAME_MAX);
	check(!any.info.reserved0 && !any.info.features);
	ask(control, KRING_IOC_NEXT, any, any.info.size = sizeof(any));
	padded("name", any.info.name, KRING_NAME_MAX);
	padded("source", any.info.source, KRING_NAME_MAX);
	zero("next", &any, sizeof(any.info), sizeof(any));

	must(!channel_set(control, NAME, KRING_SET_KEEP_LIMIT, NS));
	must(hold_named(fd, "a", NS, 0, info.nr_rings, positions) == 0);
	scan("positions", positions, 16, true);
	check(positions[2] == 0x77 && positions[3] == 0x77 && !said[0]);
	ask(control, KRING_IOC_HOLD_NEXT, any, any.hold.req.size = sizeof(any),
	    strcpy(any.hold.req.name, NAME));
	padded("hold", any.hold.hold, KRING_NAME_MAX);
	padded("comm", any.hold.comm, sizeof(any.hold.comm));
	check(!any.hold.req.message[0]);
	zero("hold", &any, sizeof(any.hold), sizeof(any));
	check(!any.hold.reserved0 && !any.hold.req.reserved0 && any.hold.pid == (uint32_t)getpid());
	ask(control, KRING_IOC_FILTER_GET, any, any.filter.req.size = sizeof(any),
	    strcpy(any.filter.req.name, "task"));
	zero("filter", &any, offsetof(struct kring_filter, nr), sizeof(any));

	/* A refusal: the message ends, and behind it is what the caller had there */
	memset(&any, 0, sizeof(any));
	memset(any.hold.req.message, 0x11, KRING_MESSAGE_MAX);
	strcpy(any.hold.req.name, "none");
	any.hold.req.size = sizeof(any.hold.req);
	refused(ioctl(control, KRING_IOC_REMOVE, &any), ENOENT);
	for (size_t i = strlen(any.hold.req.message) + 1; i < KRING_MESSAGE_MAX; i++)
		check(any.hold.req.message[i] == 0x11, "message, byte %zu: %02x", i,
		      any.hold.req.message[i]);

	memset(schema, 0x11, sizeof(schema));
	get.room = sizeof(schema);
	get.data = (uintptr_t)schema;
	must(!ioctl(fd, KRING_IOC_SCHEMA, &get));
	for (size_t i = info.schema_size; i < sizeof(schema); i++)
		check(schema[i] == 0x11, "schema, byte %zu", i);
	scan("schema", schema, info.schema_size, true);
	must(!hold_drop(fd) && !close(fd));
}

/* What a channel says that its records hold */
static struct {
	struct kring_schema *schema;
	const struct kring_type *types;
	const struct kring_field *fields;
} about;

static void schema_get(int fd)
{
	uint32_t size = channel_info(fd).schema_size;
	struct kring_schema_get get = { .size = sizeof(get), .room = size };

	about.schema = malloc(size);
	must(about.schema);
	get.data = (uintptr_t)about.schema;
	must(!ioctl(fd, KRING_IOC_SCHEMA, &get) && about.schema->size == size);
	scan("schema", about.schema, size, true);
	about.types = (const void *)(about.schema + 1);
	about.fields = (const void *)(about.types + about.schema->nr_types);
	for (uint16_t i = 0; i < about.schema->nr_types; i++)
		padded("type's name", about.types[i].name, KRING_NAME_MAX);
	for (uint16_t i = 0; i < about.schema->nr_fields; i++)
		padded("field's name", about.fields[i].name, KRING_NAME_MAX);
}

/* A field's bytes are its own; a text is padded with zeros */
static void cover(const struct kring_field *field, const unsigned char *payload, uint32_t size,
		  unsigned char *covered)
{
	uint32_t offset = field->offset, length = field->size;

	certain(offset + length <= size, "field %s is outside", field->name);
	memset(covered + offset, 1, length);
	/* Arguments of a system call are what the program had in its registers */
	scan(field->name, payload + offset, length,
	     field->kind != KRING_KIND_HEX || strncmp(field->name, "arg", 3));
	if (field->flags & KRING_FIELD_VAR) {
		const struct kring_var *var = (const void *)(payload + offset);

		offset = var->offset;
		length = var->size;
		certain(offset + length <= size, "field %s is outside: %u, %u", field->name, offset,
			length);
		memset(covered + offset, 1, length);
		return;
	}
	if (field->kind == KRING_KIND_TEXT || field->kind == KRING_KIND_PATH)
		padded(field->name, (const char *)payload + offset, length);
}

static void whole_record(const struct kring_record *record)
{
	static unsigned char covered[1 << 16];
	const unsigned char *payload = (const void *)(record + 1);
	const struct kring_type *type = NULL;

	for (uint16_t i = 0; i < about.schema->nr_types; i++)
		if (about.types[i].type == record->type)
			type = &about.types[i];
	certain(type && record->size >= type->payload && record->size <= sizeof(covered),
		"type %u, size %u", record->type, record->size);
	certain(!(record->flags & ~(KRING_RECORD_DISCARDED | KRING_RECORD_ORDERED)) &&
		record->cpu < 8, "flags %x, cpu %u", record->flags, record->cpu);
	zero("padding", payload, record->size,
	     KRING_RECORD_BYTES((uint64_t)record->size) - sizeof(*record));
	if (record->flags & KRING_RECORD_DISCARDED)
		return;
	/* Addresses are looked for field by field: two numbers of 32 bits may look like one */
	scan(type->name, payload, record->size, false);
	memset(covered, 0, record->size);
	for (uint16_t i = 0; i < type->nr_fields; i++)
		cover(&about.fields[type->first_field + i], payload, record->size, covered);
	/* Between the fields, and behind them */
	for (uint32_t at = 0; at < record->size; at++)
		certain(covered[at] || !payload[at], "%s, byte %u of %u: %02x", type->name, at,
			record->size, payload[at]);
}

static unsigned long ring_records(const struct kring_meta *meta)
{
	struct reader reader = {
		.meta = meta, .data = (const unsigned char *)meta + meta->data_offset,
	};
	uint64_t pos = meta->tail;
	unsigned long n = 0;

	zero("metadata page", meta, sizeof(*meta), meta->data_offset);
	zero_gap("metadata", meta, struct kring_meta, nr_rings,
		 offsetof(struct kring_meta, reserve));
	zero_gap("metadata", meta, struct kring_meta, head, offsetof(struct kring_meta, tail));
	zero_gap("metadata", meta, struct kring_meta, tail, offsetof(struct kring_meta, counters));
	zero_gap("metadata", meta, struct kring_meta, counters, sizeof(*meta));
	for (; pos < meta->head; n++) {
		const struct kring_record *record = reader_at(&reader, pos);

		whole_record(record);
		pos += KRING_RECORD_BYTES((uint64_t)record->size);
	}
	if (!meta->tail)
		zero("data behind head", reader.data, meta->head, meta->data_size);
	else
		printf("ring %u went round\n", meta->ring_index);
	return n;
}

/* All that is in the channel's rings, once nothing is reported to them any more */
static void test_records(const char *name)
{
	int fd = channel_open(name);
	struct kring_info of = channel_info(fd);
	const struct kring_meta *metas[8];
	unsigned long n = 0;

	must(of.nr_rings <= 8);
	for (uint32_t i = 0; i < of.nr_rings; i++)
		metas[i] = map_ring(fd, i);
	schema_get(fd);
	channel_remove(control_open(), name);
	for (uint32_t i = 0; i < of.nr_rings; i++)
		n += ring_records(metas[i]);
	printf("%s: %lu records\n", name, n);
	certain(n > 10, "%s: hardly anything was reported", name);
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "records")) {
		test_records(argv[2]);
		return !!failures;
	}
	must(argc == 2);
	hostile_begin();
	if (!strcmp(argv[1], "pages"))
		test_pages();
	else if (!strcmp(argv[1], "answers"))
		test_answers();
	else
		must(!"a known test");
	hostile_end();
	return !!failures;
}
