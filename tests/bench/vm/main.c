// SPDX-License-Identifier: GPL-2.0
/* bench WHO: reads lines "CASE BYTES", answers each. */
#include "bench.h"

bool quick;

/* The module's name of it: kring has a channel for each clock, its peers have what they have */
static bool contender(char *name, size_t size, const char *who, const char *clock)
{
	if (!strcmp(who, "kring"))
		snprintf(name, size, "%s-%s", who, clock);
	else
		snprintf(name, size, "%s%s", who, strcmp(clock, "none") ? clock : "");
	return kernel_knows(name);
}

/* Cases are "produce[-clock-CLOCK][-WHAT]" and those of kring's consumers */
static struct answer answer(const char *who, const char *text, uint32_t bytes)
{
	const char *what = text;
	char clock[16] = "none", name[48], channel[48];
	bool producer = !strncmp(text, "produce", 7);
	int length = 0;

	if (producer) {
		what += 7;
		if (sscanf(what, "-clock-%15[a-z]%n", clock, &length) == 1)
			what += length;
		what += *what == '-';
	}
	if (!strncmp(what, "global-", 7) && !strcmp(who, "kring"))
		strcpy(clock, "global");
	if (!contender(name, sizeof(name), who, clock))
		return NONE("it has no such clock");
	if (producer)
		return produce(name, what, bytes);
	if (strcmp(who, "kring"))
		return NONE("measured for kring alone");
	snprintf(channel, sizeof(channel), "bench-%s", clock);
	if (!strncmp(what, "end-to-end", 10))
		return deliver(channel, what, bytes);
	if (!strncmp(what, "latency-", 8) || !strcmp(what, "wake"))
		return latency(channel, what, bytes);
	return setup(channel, what);
}

int main(int argc, char **argv)
{
	char text[64];
	uint32_t bytes;

	must(argc == 2);
	quick = getenv("QUICK") && *getenv("QUICK");
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (scanf("%63s %u", text, &bytes) == 2) {
		struct answer got = answer(argv[1], text, bytes);

		if (got.none)
			printf("none %s\n", got.none);
		else
			printf("%.2f %s\n", got.value, got.unit);
	}
	return 0;
}
