// SPDX-License-Identifier: GPL-2.0
/*
 * Memory in which stores arrive late: the operational, view-based form of C11's
 * relaxed and release-acquire accesses and fences (Kang and others, "A promising
 * semantics for relaxed-memory concurrency", 2017), without promises.
 *
 * Each word keeps all stores to it. A CPU has a view: per word, the oldest of
 * them that it may still load. A load takes any that is not older, and moves the
 * view. Stores carry views: a release store that of its CPU, others the view at
 * the CPU's last release fence. A load-acquire takes over the view of what it
 * loads; an acquire fence the views of all that was loaded before it. A full
 * barrier is both, and exchanges views with one place that all full barriers
 * share. Read-modify-writes act on the newest store, and those that succeed and
 * are fully ordered have a full barrier on both sides; one that fails is a
 * relaxed load. This is weaker than the kernel's model, in which a release
 * carries what relaxed loads saw before it.
 *
 * Words are 8 bytes: smaller stores keep the rest of the newest one. Loads are
 * not delayed past later stores, and stores to one word take effect in the order
 * of execution.
 *
 * The clock is a word that only time stores to: it may be read late, but not from
 * before the last read or fence.
 */
#include <stdio.h>
#include <string.h>
#include "machine.h"

#define WORDS		2048
#define LOCATIONS	160		/* touched at all; no 0 */
#define STORES		96		/* to one word in one execution */
#define VIEWS		2048
#define NAMES		96

struct sim_view {
	uint8_t at[LOCATIONS];
	uint64_t clock;
};

struct message {
	uint64_t value;
	const struct sim_view *view;	/* or NULL */
};

struct location {
	uint16_t word;
	uint8_t nr;
	struct message stores[STORES];
};

struct cpu {
	struct sim_view view;		/* may not load older than this */
	struct sim_view loaded;		/* with the views of all it has loaded */
	const struct sim_view *fenced;	/* at the last release fence, or NULL */
	volatile void *plain;		/* a store that is being made by the program itself */
	size_t plain_size;
};

static _Alignas(64) uint64_t memory[WORDS], saved[WORDS];
static size_t used;			/* words */
static uint16_t same_as[WORDS];		/* where a word really is, or 0 */
static bool constant[WORDS];
static bool forbidden[WORDS];
static uint8_t location_of[WORDS];
static struct location locations[LOCATIONS];
static int nr_locations = 1;

static struct cpu cpus[SIM_CPUS];
static struct sim_view barriers;	/* of all full ones */
static struct sim_view views[VIEWS];
static int nr_views;

static struct {
	const volatile char *from, *to;
	const char *name;
} names[NAMES];
static int nr_names;

/* Setting up */

void *sim_alloc(size_t bytes, const char *name)
{
	uint64_t *at = &memory[used + 8];

	used += 8 + (bytes + 63) / 64 * 8;
	if (used > WORDS)
		sim_fail("no more memory for %s", name);
	for (size_t i = at - memory; i < used; i++)
		same_as[i] = i;
	sim_name(at, bytes, name);
	return at;
}

void sim_alias(void *from, size_t bytes)
{
	size_t first = (uint64_t *)from - memory;

	for (size_t i = 0; i < bytes / 8; i++)
		same_as[first + bytes / 8 + i] = first + i;
}

void sim_constant(const void *from, size_t bytes)
{
	size_t first = (const uint64_t *)from - memory;

	for (size_t i = 0; i < bytes / 8; i++)
		constant[first + i] = true;
}

void sim_name(const void *from, size_t bytes, const char *name)
{
	if (nr_names == NAMES)
		sim_fail("too many names");
	names[nr_names].from = from;
	names[nr_names].to = (const char *)from + bytes;
	names[nr_names++].name = name;
}

void sim_save(void)
{
	memcpy(saved, memory, sizeof(memory));
}

const char *memory_name(const volatile void *at)
{
	static char text[4][48];
	static int turn;
	const volatile char *byte = at;
	int i;

	turn = (turn + 1) % 4;
	/* The last one is the most precise */
	for (i = nr_names; i--; ) {
		if (byte < names[i].from || byte >= names[i].to)
			continue;
		if (names[i].to - names[i].from > 8)
			snprintf(text[turn], sizeof(text[turn]), "%s+%d", names[i].name,
				 (int)(byte - names[i].from));
		else
			snprintf(text[turn], sizeof(text[turn]), "%s", names[i].name);
		return text[turn];
	}
	return "?";
}

bool memory_is_shared(const volatile void *at)
{
	size_t word = (const volatile uint64_t *)at - memory;

	/* What lies before it gives a huge number */
	return word < used && !constant[word];
}

void memory_forbid(const volatile void *at, size_t bytes)
{
	size_t first = (const volatile uint64_t *)at - memory;

	memset(&forbidden[first], true, bytes / 8);
}

/* Executions */

void memory_begin(void)
{
	memcpy(memory, saved, used * sizeof(*memory));
	while (nr_locations > 1)
		location_of[locations[--nr_locations].word] = 0;
	nr_views = 0;
	memset(forbidden, 0, used);
	memset(&barriers, 0, sizeof(barriers));
}

void memory_cpu_begin(int cpu)
{
	memset(&cpus[cpu], 0, sizeof(cpus[cpu]));
}

/* All stores arrive */
void memory_end(void)
{
	int cpu, i;

	for (cpu = 0; cpu < SIM_CPUS; cpu++)
		memory_settle(cpu);
	for (i = 1; i < nr_locations; i++)
		memory[locations[i].word] = locations[i].stores[locations[i].nr - 1].value;
	for (i = 0; i < (int)used; i++)
		if (same_as[i] != i)
			memory[i] = memory[same_as[i]];
}

static uint8_t find(const volatile void *at)
{
	size_t word = same_as[(const volatile uint64_t *)at - memory];
	struct location *location;

	if (forbidden[word])
		sim_fail("%s is used after it was freed", memory_name(at));
	if (!location_of[word]) {
		if (nr_locations == LOCATIONS)
			sim_fail("too many words in use");
		location_of[word] = nr_locations;
		location = &locations[nr_locations++];
		location->word = word;
		location->nr = 1;
		/* Not memory's: a plain store may be there already */
		location->stores[0].value = saved[word];
		location->stores[0].view = NULL;
	}
	return location_of[word];
}

static void join(struct sim_view *to, const struct sim_view *from)
{
	int i;

	for (i = 0; i < LOCATIONS; i++)
		to->at[i] = to->at[i] > from->at[i] ? to->at[i] : from->at[i];
	if (to->clock < from->clock)
		to->clock = from->clock;
}

static struct sim_view *keep(const struct sim_view *view)
{
	if (nr_views == VIEWS)
		sim_fail("too many views");
	views[nr_views] = *view;
	return &views[nr_views++];
}

static struct message *newest(uint8_t at)
{
	return &locations[at].stores[locations[at].nr - 1];
}

static int shift_of(const volatile void *at)
{
	return (uintptr_t)at % 8 * 8;
}

static uint64_t mask_of(size_t size)
{
	return size == 8 ? ~0ULL : (1ULL << size * 8) - 1;
}

static uint64_t part(uint64_t word, const volatile void *at, size_t size)
{
	return word >> shift_of(at) & mask_of(size);
}

/* This CPU's own is the newest of that word now */
static void append(struct cpu *c, uint8_t at, const volatile void *to, size_t size,
		   uint64_t value, const struct sim_view *view)
{
	struct location *location = &locations[at];
	uint64_t mask = mask_of(size) << shift_of(to);
	uint64_t word = newest(at)->value;

	if (location->nr == STORES)
		sim_fail("too many stores to %s", memory_name(to));
	word = (word & ~mask) | (value << shift_of(to) & mask);
	location->stores[location->nr] = (struct message) { word, view };
	c->view.at[at] = c->loaded.at[at] = location->nr++;
}

static const struct sim_view *released(struct cpu *c, uint8_t at)
{
	struct sim_view view = c->view;

	view.at[at] = locations[at].nr;
	return keep(&view);
}

static void see(struct cpu *c, uint8_t at, int index, enum sim_order order)
{
	const struct sim_view *view = locations[at].stores[index].view;

	if (c->view.at[at] < index)
		c->view.at[at] = index;
	if (c->loaded.at[at] < index)
		c->loaded.at[at] = index;
	if (!view)
		return;
	join(&c->loaded, view);
	if (order != SIM_RELAXED)
		join(&c->view, view);
}

static void fence(struct cpu *c, enum sim_order order)
{
	if (order != SIM_RELEASE) {
		join(&c->view, &c->loaded);
		c->view.clock = fiber_tick;
	}
	if (order == SIM_FULL) {
		join(&c->view, &barriers);
		barriers = c->view;
	}
	if (order != SIM_ACQUIRE)
		c->fenced = keep(&c->view);
	join(&c->loaded, &c->view);
}

static bool simulated(const volatile void *at)
{
	return fiber_now >= 0 && memory_is_shared(at);
}

/* Where a load finds its value; steps were made */
static uint64_t load(struct cpu *c, const volatile void *from, size_t size,
		     enum sim_order order)
{
	uint8_t at = find(from);
	int last = locations[at].nr - 1;
	int index = last;

	if (last > c->view.at[at])
		index -= explore_load(last - c->view.at[at] + 1);
	see(c, at, index, order);
	if (tracing)
		trace("load%s %s = %#llx%s", order == SIM_ACQUIRE ? "-acquire" : "",
		      memory_name(from),
		      (unsigned long long)part(locations[at].stores[index].value, from, size),
		      index == last ? "" : " (old)");
	return locations[at].stores[index].value;
}

uint64_t sim_load(const volatile void *from, size_t size, enum sim_order order)
{
	uint64_t value = 0;

	if (!simulated(from)) {
		memcpy(&value, (const void *)from, size);
		return value;
	}
	fiber_step(true);
	return part(load(&cpus[fiber_now], from, size, order), from, size);
}

void sim_store(volatile void *to, size_t size, uint64_t value, enum sim_order order)
{
	struct cpu *c = &cpus[fiber_now < 0 ? 0 : fiber_now];
	uint8_t at;

	if (!simulated(to)) {
		memcpy((void *)to, &value, size);
		return;
	}
	fiber_step(true);
	at = find(to);
	if (tracing)
		trace("store%s %s = %#llx", order == SIM_RELEASE ? "-release" : "",
		      memory_name(to), (unsigned long long)value);
	append(c, at, to, size, value, order == SIM_RELEASE ? released(c, at) : c->fenced);
}

/* On the newest store, with the view that this one carries on */
static void modify(struct cpu *c, uint8_t at, volatile void *to, size_t size,
		   uint64_t value, enum sim_order order)
{
	const struct sim_view *before = newest(at)->view;
	const struct sim_view *view;

	if (order == SIM_FULL)
		fence(c, SIM_FULL);
	see(c, at, locations[at].nr - 1, order);
	if (order == SIM_RELAXED)
		view = c->fenced;
	else
		view = released(c, at);
	if (before && view != before) {
		struct sim_view both = *before;

		if (view)
			join(&both, view);
		view = keep(&both);
	}
	append(c, at, to, size, value, view);
	if (order == SIM_FULL)
		fence(c, SIM_FULL);
}

uint64_t sim_cmpxchg(volatile void *to, size_t size, uint64_t old, uint64_t value,
		     enum sim_order order)
{
	struct cpu *c = &cpus[fiber_now < 0 ? 0 : fiber_now];
	int others[STORES];
	int i, nr = 0;
	uint64_t seen;
	bool fits;
	uint8_t at;

	if (!simulated(to)) {
		seen = sim_load(to, size, order);
		if (seen == old)
			sim_store(to, size, value, order);
		return seen;
	}
	fiber_step(true);
	at = find(to);
	fits = part(newest(at)->value, to, size) == old;
	/* It may fail by any other value that it may load */
	for (i = locations[at].nr - 1; i >= c->view.at[at]; i--)
		if (part(locations[at].stores[i].value, to, size) != old)
			others[nr++] = i;
	i = nr + fits > 1 ? explore_load(nr + fits) : 0;
	if (fits && !i) {
		if (tracing)
			trace("cmpxchg %s: %#llx -> %#llx", memory_name(to),
			      (unsigned long long)old, (unsigned long long)value);
		modify(c, at, to, size, value, order);
		return old;
	}
	i = others[i - fits];
	see(c, at, i, SIM_RELAXED);
	seen = part(locations[at].stores[i].value, to, size);
	if (tracing)
		trace("cmpxchg %s fails: %#llx, not %#llx", memory_name(to),
		      (unsigned long long)seen, (unsigned long long)old);
	return seen;
}

uint64_t sim_xchg(volatile void *to, size_t size, uint64_t value, enum sim_order order)
{
	uint64_t seen;
	uint8_t at;

	if (!simulated(to)) {
		seen = sim_load(to, size, order);
		sim_store(to, size, value, order);
		return seen;
	}
	fiber_step(true);
	at = find(to);
	seen = part(newest(at)->value, to, size);
	if (tracing)
		trace("xchg %s: %#llx -> %#llx", memory_name(to), (unsigned long long)seen,
		      (unsigned long long)value);
	modify(&cpus[fiber_now], at, to, size, value, order);
	return seen;
}

void sim_add(volatile void *to, size_t size, uint64_t value)
{
	uint8_t at;

	if (!simulated(to)) {
		sim_store(to, size, sim_load(to, size, SIM_RELAXED) + value, SIM_RELAXED);
		return;
	}
	fiber_step(true);
	at = find(to);
	value += part(newest(at)->value, to, size);
	if (tracing)
		trace("add: %s = %#llx", memory_name(to), (unsigned long long)value);
	modify(&cpus[fiber_now], at, to, size, value, SIM_RELAXED);
}

void sim_fence(enum sim_order order)
{
	if (fiber_now < 0)
		return;
	memory_settle(fiber_now);
	if (tracing)
		trace(order == SIM_FULL ? "barrier" : order == SIM_ACQUIRE ? "read barrier" : "fence");
	fence(&cpus[fiber_now], order);
}

uint64_t sim_clock(void)
{
	struct cpu *c = &cpus[fiber_now < 0 ? 0 : fiber_now];

	if (fiber_now < 0)
		return fiber_tick;
	fiber_step(true);
	if (c->view.clock == fiber_tick || !explore_load(2))
		c->view.clock = fiber_tick;
	if (c->loaded.clock < c->view.clock)
		c->loaded.clock = c->view.clock;
	if (tracing)
		trace("clock = %llu", (unsigned long long)c->view.clock);
	return c->view.clock;
}

uint64_t sim_newest(const volatile void *at)
{
	if (!simulated(at))
		return *(const volatile uint64_t *)at;
	memory_settle(fiber_now);
	return newest(find(at))->value;
}

/* The program's own accesses, see plain.c */

void plain_load(const volatile void *from, size_t bytes)
{
	const volatile uint64_t *word = (const void *)((uintptr_t)from & ~7UL);

	if (!simulated(from))
		return;
	fiber_step(false);
	/* It looks at real memory next, as nobody else does meanwhile */
	for (; (const volatile char *)word < (const volatile char *)from + bytes; word++)
		*(uint64_t *)word = load(&cpus[fiber_now], word, 8, SIM_RELAXED);
}

void plain_store(volatile void *to, size_t bytes)
{
	struct cpu *c;

	if (!simulated(to))
		return;
	fiber_step(false);
	/* What it stores is there when it takes its next step */
	c = &cpus[fiber_now];
	c->plain = to;
	c->plain_size = bytes;
}

void memory_settle(int cpu)
{
	struct cpu *c = &cpus[cpu];
	volatile char *to = c->plain;
	volatile char *end = to + c->plain_size;
	size_t size;
	uint64_t value;

	if (!to)
		return;
	c->plain = NULL;
	for (; to < end; to += size) {
		size = 8 - (uintptr_t)to % 8;
		if (size > (size_t)(end - to))
			size = end - to;
		value = 0;
		memcpy(&value, (void *)to, size);
		if (tracing)
			trace("store %s = %#llx (plain)", memory_name(to),
			      (unsigned long long)value);
		append(c, find(to), to, size, value, c->fenced);
	}
}

/* Views that go other ways */

struct sim_view *sim_view_new(void)
{
	static const struct sim_view nothing;

	return keep(&nothing);
}

void sim_view_put(struct sim_view *view)
{
	memory_settle(fiber_now);
	join(view, &cpus[fiber_now].view);
	if (view->clock < fiber_tick)
		view->clock = fiber_tick;
}

void sim_view_take(const struct sim_view *view)
{
	join(&cpus[fiber_now].view, view);
	join(&cpus[fiber_now].loaded, view);
}
