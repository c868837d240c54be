// SPDX-License-Identifier: GPL-2.0
/* The module's parameters */
#include "bench.h"

#define PARAMETERS	"/sys/module/kring_bench/parameters/"

static bool set(const char *name, const char *value)
{
	char path[128];
	int fd, error;
	bool ok;

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	must(fd >= 0);
	ok = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	error = errno;
	close(fd);
	errno = error;
	return ok;
}

static void set_number(const char *name, uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	must(set(name, text));
}

static uint64_t get(const char *name)
{
	unsigned long long value;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	file = fopen(path, "re");
	must(file && fscanf(file, "%llu", &value) == 1);
	fclose(file);
	return value;
}

uint32_t kernel_ring_size(void)
{
	return get("ring_size");
}

double kernel_run(struct batch batch)
{
	char text[64];

	set_number("producers", batch.producers ?: 1);
	/* Several producers: until the host let them run at once for a while */
	set_number("msecs", batch.msecs ?: (quick ? 5 : 20) * (batch.producers > 1 ? 8 : 1));
	set_number("records", batch.records);
	set_number("gap", batch.gap);
	must(set("retry", batch.retry ? "1" : "0"));
	must(set("mean", batch.mean ? "1" : "0"));
	snprintf(text, sizeof(text), "%s %u", batch.who, batch.bytes);
	if (!set("sample", text)) {
		must(errno == EAGAIN);
		return -1;
	}
	return get("sample") / 100.0;
}

/* Asks for nothing but the name */
bool kernel_knows(const char *who)
{
	char text[64];

	set_number("producers", 1);
	set_number("records", 1);
	set_number("gap", 0);
	snprintf(text, sizeof(text), "%s 8", who);
	return set("sample", text);
}
