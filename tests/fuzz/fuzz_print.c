// SPDX-License-Identifier: GPL-2.0
/*
 * What ringcat prints of any event under any schema: one line without control
 * characters, and with --json one object of JSON.
 */
#include <ctype.h>
#include "schema.h"
#include "../../tools/ringcat.h"

/* Parsers: each returns what follows, or NULL */
static const char *json_value(const char *at);

static const char *json_string(const char *at)
{
	if (*at++ != '"')
		return NULL;
	for (; *at != '"'; at++) {
		if (!*at)
			return NULL;
		if (*at != '\\')
			continue;
		at++;
		if (*at == 'u') {
			for (int n = 0; n < 4; n++)
				if (!isxdigit((u8)*++at))
					return NULL;
		} else if (!*at || !strchr("\"\\/bfnrt", *at)) {
			return NULL;
		}
	}
	return at + 1;
}

static const char *json_number(const char *at)
{
	at += *at == '-';
	if (!isdigit((u8)*at) || (at[0] == '0' && isdigit((u8)at[1])))
		return NULL;
	while (isdigit((u8)*at))
		at++;
	return at;
}

static const char *json_list(const char *at, char end, bool named)
{
	if (*++at == end)
		return at + 1;
	for (;; at++) {
		if (named) {
			at = json_string(at);
			if (!at || *at++ != ':')
				return NULL;
		}
		at = json_value(at);
		if (!at)
			return NULL;
		if (*at == end)
			return at + 1;
		if (*at != ',')
			return NULL;
	}
}

static const char *json_value(const char *at)
{
	static const char *const words[] = { "true", "false", "null" };

	switch (*at) {
	case '{':
		return json_list(at, '}', true);
	case '[':
		return json_list(at, ']', false);
	case '"':
		return json_string(at);
	}
	for (int n = 0; n < 3; n++)
		if (!strncmp(at, words[n], strlen(words[n])))
			return at + strlen(words[n]);
	return json_number(at);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u64 schema[FUZZ_SCHEMA_MAX / 8 + 1];
	FILE *terminal = stdout;
	struct ring_record record;
	size_t text_size, json_size;
	char *text, *json;
	struct ring *ring;
	u8 how;

	size = fuzz_schema_make(&in, schema);
	ring = fuzz_schema_take(schema, size);
	if (!ring)
		return 0;
	record = fuzz_record_make(&in);
	how = input_byte(&in);
	if (how < 16)
		record.cpu = KRING_CPU_ANY;
	if (how % 16 == 15) {
		record.kind = RING_LOST;
		record.flags = how & RING_REVOKED;
		record.overwritten = input_take(&in, 8);
	}
	stdout = open_memstream(&text, &text_size);
	print_record_text(ring, &record);
	fclose(stdout);
	stdout = open_memstream(&json, &json_size);
	print_record_json(ring, &record);
	fclose(stdout);
	stdout = terminal;

	must(text_size && text[text_size - 1] == '\n', "no line: '%s'", text);
	must(fuzz_is_printable(text, text_size - 1), "not printable: '%s'", text);
	must(json_size && json[json_size - 1] == '\n', "no line: '%s'", json);
	must(fuzz_is_printable(json, json_size - 1), "not printable: '%s'", json);
	must(json_value(json) == json + json_size - 1, "no JSON: '%s'", json);
	free(text);
	free(json);
	free((void *)record.data);
	ring_close(ring);
	return 0;
}
