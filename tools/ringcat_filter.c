// SPDX-License-Identifier: GPL-2.0
#include "ringcat_filter.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ring.h"

enum op { OP_EQ, OP_NE, OP_LE, OP_GE, OP_LT, OP_GT, OP_IN, OPS };

/* None is the beginning of a later one */
static const char *const op_names[OPS] = { "=", "!=", "<=", ">=", "<", ">", "~" };

#define EQUALITY	(1u << OP_EQ | 1u << OP_NE)
#define ORDER		(1u << OP_LT | 1u << OP_LE | 1u << OP_GT | 1u << OP_GE)
#define CONTAINS	(1u << OP_IN)

/* What a condition compares with in events of one type */
struct operand {
	const struct ring_field *field;		/* NULL: they have nothing to compare */
	uint64_t number;
	struct in6_addr address;
};

struct condition {
	const char *whole;
	const char *value;
	char *name;			/* of the field */
	enum op op;
	size_t group;			/* its first condition: one of a group must hold */
	struct operand *operands;	/* for each type */
};

struct filter {
	const struct ring_type *types;
	size_t nr_types;
	size_t nr;
	struct condition conditions[];
};

/* These stand for what every event has; no field of a payload hides them */
static const struct ring_field event_field = { .name = "event", .kind = KRING_KIND_TEXT };
static const struct ring_field cpu_field = { .name = "cpu", .kind = KRING_KIND_UNSIGNED };

struct message {
	char *at;
	size_t size, used;
};

static void __attribute__((format(printf, 2, 3)))
say(struct message *message, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(message->at + message->used, message->size - message->used,
			   format, args);
	va_end(args);
	message->used += length;
	if (message->used >= message->size)
		message->used = message->size - 1;
}

static unsigned int ops_of(uint8_t kind)
{
	switch (kind) {
	case KRING_KIND_BOOL:
	case KRING_KIND_ADDRESS:
		return EQUALITY;
	case KRING_KIND_TEXT:
	case KRING_KIND_PATH:
		return EQUALITY | ORDER | CONTAINS;
	case KRING_KIND_ARGV:
		return EQUALITY | CONTAINS;
	default:
		return kind <= KRING_KIND_NUMBER_MAX ? EQUALITY | ORDER : 0;
	}
}

static bool is_signed(uint8_t kind)
{
	return kind == KRING_KIND_SIGNED || kind == KRING_KIND_RESULT;
}

/* Decimal or 0x */
static bool take_digits(const char *text, uint8_t kind, uint64_t *number)
{
	bool minus = *text == '-' && is_signed(kind);
	bool hex;
	char *end;

	text += minus;
	hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	if (hex ? !isxdigit(text[2]) : !isdigit(text[0]))
		return false;
	errno = 0;
	*number = strtoull(text, &end, hex ? 16 : 10);
	if (errno || *end || (is_signed(kind) && *number > (uint64_t)INT64_MAX + minus))
		return false;
	if (minus)
		*number = -*number;
	return true;
}

/* The number that libring prints so */
static bool take_name(const char *text, uint8_t kind, uint64_t *number)
{
	struct ring_field field = { .kind = kind, .size = sizeof(*number) };
	struct ring_record record = {
		.kind = RING_EVENT,
		.data = number,
		.size = sizeof(*number),
	};
	char name[64];

	for (int64_t n = 0; n < 4096; n++) {
		*number = kind == KRING_KIND_RESULT ? -n : n;
		ring_format(&record, &field, name, sizeof(name));
		if (!strcmp(name, text))
			return true;
	}
	return false;
}

static bool take_address(const char *text, struct in6_addr *address)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (inet_pton(AF_INET6, text, address) == 1)
		return true;
	memcpy(address, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, &address->s6_addr[12]) == 1;
}

/* Returns NULL, or what values are allowed */
static const char *take_value(struct operand *operand, uint8_t kind, const char *text)
{
	static const char *const named[KRING_KIND_NUMBER_MAX + 1] = {
		[KRING_KIND_BOOL] = "true or false",
		[KRING_KIND_SIGNAL] = "a number, or a signal like SIGKILL",
		[KRING_KIND_SYSCALL] = "a number, or a system call like openat",
		[KRING_KIND_RESULT] = "a number, or an error like -EACCES",
	};

	if (kind == KRING_KIND_ADDRESS)
		return take_address(text, &operand->address) ? NULL :
		       "an address like 127.0.0.1 or ::1";
	if (kind > KRING_KIND_NUMBER_MAX || take_digits(text, kind, &operand->number))
		return NULL;
	if (named[kind])
		return take_name(text, kind, &operand->number) ? NULL : named[kind];
	return is_signed(kind) ? "a number, decimal or 0x..." :
	       "a number, decimal or 0x..., not below 0";
}

/* The field of that name in events of a type, or NULL */
static const struct ring_field *find_field(const struct ring_type *type, const char *name)
{
	if (!strcmp(name, event_field.name))
		return &event_field;
	if (!strcmp(name, cpu_field.name))
		return &cpu_field;
	for (unsigned int n = 0; n < type->nr_fields; n++) {
		if (!strcmp(name, type->fields[n].name))
			return &type->fields[n];
	}
	return NULL;
}

static void say_fields(struct message *message, const struct filter *filter)
{
	for (size_t t = 0; t < filter->nr_types; t++) {
		const struct ring_type *type = &filter->types[t];

		for (unsigned int n = 0; n < type->nr_fields; n++) {
			const char *name = type->fields[n].name;
			size_t before = 0;

			/* Each name once */
			while (!find_field(&filter->types[before], name))
				before++;
			if (before == t)
				say(message, ", %s", name);
		}
	}
}

static bool take_event(struct message *message, const struct filter *filter,
		       const struct condition *c)
{
	size_t t = 0;

	if (!(EQUALITY & 1u << c->op))
		return true;
	while (t < filter->nr_types && strcmp(filter->types[t].name, c->value))
		t++;
	if (t < filter->nr_types)
		return true;
	say(message, "no event is called '%s' here; there are:", c->value);
	for (t = 0; t < filter->nr_types; t++)
		say(message, "%s %s", t ? "," : "", filter->types[t].name);
	return false;
}

static void say_operators(struct message *message, unsigned int ops)
{
	for (enum op op = 0; op < OPS; op++) {
		if (ops & 1u << op)
			say(message, " %s", op_names[op]);
	}
}

static bool take_operator(struct message *message, struct condition *c)
{
	size_t length = strcspn(c->whole, "=!<>~");
	const char *at = c->whole + length;
	enum op op = 0;

	while (op < OPS && strncmp(at, op_names[op], strlen(op_names[op])))
		op++;
	if (!length || op == OPS) {
		say(message, "a condition is FIELD, operator and VALUE without blanks between them; operators:");
		say_operators(message, ~0u);
		return false;
	}
	c->name = strndup(c->whole, length);
	if (!c->name) {
		say(message, "out of memory");
		return false;
	}
	c->op = op;
	c->value = at + strlen(op_names[op]);
	return true;
}

/* Types whose field of that name is of another kind have nothing to compare */
static bool take_operands(struct message *message, const struct filter *filter,
			  struct condition *c)
{
	const struct ring_field *field = NULL;
	const char *values = NULL;
	unsigned int ops = 0;
	bool some = false;

	for (size_t t = 0; t < filter->nr_types; t++) {
		struct operand *operand = &c->operands[t];
		const struct ring_field *found = find_field(&filter->types[t], c->name);
		const char *fault = NULL;

		if (!found)
			continue;
		field = found;
		ops |= ops_of(field->kind);
		if (!(ops_of(field->kind) & 1u << c->op))
			continue;
		fault = take_value(operand, field->kind, c->value);
		if (fault) {
			values = fault;
			continue;
		}
		operand->field = field;
		some = true;
	}
	if (some)
		return field != &event_field || take_event(message, filter, c);
	if (!field) {
		say(message, "no event has a field '%s' here; there are: event, cpu", c->name);
		say_fields(message, filter);
	} else if (values) {
		say(message, "'%s' is not allowed: %s", c->value, values);
	} else if (ops) {
		say(message, "%s cannot be compared by %s; allowed:", c->name,
		    op_names[c->op]);
		say_operators(message, ops);
	} else {
		say(message, "%s is bytes, which cannot be compared", c->name);
	}
	return false;
}

/* Says what an event shall be, one of several things; not what each must be */
static bool is_wish(const struct condition *c)
{
	return c->op == OP_EQ || c->op == OP_IN;
}

/* The first wish about the same field; what is none stands alone */
static size_t group_of(const struct filter *filter, size_t nr)
{
	const struct condition *c = &filter->conditions[nr], *before = filter->conditions;

	while (before < c && !(is_wish(c) && is_wish(before) && !strcmp(c->name, before->name)))
		before++;
	return before - filter->conditions;
}

struct filter *filter_new(const struct ring_type *types, size_t nr_types,
			  const char *const *conditions, size_t nr,
			  char *text, size_t size)
{
	struct filter *filter = calloc(1, sizeof(*filter) + nr * sizeof(filter->conditions[0]));
	struct message message = { .at = text, .size = size };

	if (!filter) {
		say(&message, "out of memory");
		return NULL;
	}
	filter->types = types;
	filter->nr_types = nr_types;
	for (size_t n = 0; n < nr; n++) {
		struct condition *c = &filter->conditions[n];

		c->whole = conditions[n];
		filter->nr++;
		say(&message, "'%s': ", c->whole);
		c->operands = calloc(nr_types + 1, sizeof(c->operands[0]));
		if (!c->operands) {
			say(&message, "out of memory");
			goto bad;
		}
		if (!take_operator(&message, c) || !take_operands(&message, filter, c))
			goto bad;
		message.used = 0;
		c->group = group_of(filter, n);
	}
	return filter;
bad:
	filter_free(filter);
	return NULL;
}

void filter_free(struct filter *filter)
{
	for (size_t n = 0; filter && n < filter->nr; n++) {
		free(filter->conditions[n].name);
		free(filter->conditions[n].operands);
	}
	free(filter);
}

static bool decide(enum op op, int order)
{
	switch (op) {
	case OP_EQ:
		return order == 0;
	case OP_NE:
		return order != 0;
	case OP_LT:
		return order < 0;
	case OP_LE:
		return order <= 0;
	case OP_GT:
		return order > 0;
	default:
		return order >= 0;
	}
}

static bool text_holds(const struct condition *c, const char *text, size_t size)
{
	size_t length = strlen(c->value);
	int order;

	if (c->op == OP_IN)
		return memmem(text, size, c->value, length);
	order = memcmp(text, c->value, size < length ? size : length);
	if (!order)
		order = (size > length) - (size < length);
	return decide(c->op, order);
}

/* One text must hold; for != all of them */
static bool texts_hold(const struct condition *c, const char *text, size_t left)
{
	bool all = c->op == OP_NE;

	while (left) {
		size_t size = strnlen(text, left);
		size_t taken = size < left ? size + 1 : size;

		if (text_holds(c, text, size) != all)
			return !all;
		text += taken;
		left -= taken;
	}
	return all;
}

static bool number_holds(const struct condition *c, uint8_t kind, uint64_t a, uint64_t b)
{
	if (kind == KRING_KIND_BOOL) {
		a = !!a;
		b = !!b;
	} else if (is_signed(kind)) {
		/* In the order of unsigned numbers */
		a ^= 1ull << 63;
		b ^= 1ull << 63;
	}
	return decide(c->op, (a > b) - (a < b));
}

static bool condition_holds(const struct filter *filter, const struct condition *c,
			    size_t type, const struct ring_record *event)
{
	const struct operand *operand = &c->operands[type];
	const struct ring_field *field = operand->field;
	struct ring_value value;

	if (field == &event_field)
		return text_holds(c, filter->types[type].name,
				  strlen(filter->types[type].name));
	if (field == &cpu_field)
		return number_holds(c, field->kind, event->cpu, operand->number);
	/* Of another kind than its field: an address that has not the size of one */
	if (!field || ring_value(event, field, &value) || value.kind != field->kind)
		return false;
	switch (value.kind) {
	case KRING_KIND_TEXT:
	case KRING_KIND_PATH:
		return text_holds(c, value.data, value.size);
	case KRING_KIND_ARGV:
		return texts_hold(c, value.data, value.size);
	case KRING_KIND_ADDRESS:
		return decide(c->op, memcmp(value.data, &operand->address,
					    sizeof(operand->address)));
	default:
		return number_holds(c, value.kind, value.number, operand->number);
	}
}

bool filter_passes(const struct filter *filter, const struct ring_record *event)
{
	size_t type = 0, first, n;

	/* Types that the schema does not have are one more, without operands */
	while (type < filter->nr_types && filter->types[type].type != event->type)
		type++;
	for (first = 0; first < filter->nr; first++) {
		if (filter->conditions[first].group != first)
			continue;
		for (n = first; n < filter->nr; n++) {
			const struct condition *c = &filter->conditions[n];

			if (c->group == first && condition_holds(filter, c, type, event))
				break;
		}
		if (n == filter->nr)
			return false;
	}
	return true;
}
