// SPDX-License-Identifier: GPL-2.0
/*
 * What a record costs its producer: kring's beside its peers', in one kernel,
 * with the same bytes copied in the same way. Writing "WHO BYTES" to the
 * parameter `sample` runs a batch; reading it then gives hundredths of ns a
 * record: the median of the batch's blocks, so that what the host did meanwhile
 * is not counted, or their mean (see below); of several producers, what they
 * wrote together in blocks in which they did run at once (-EAGAIN: there was none).
 *
 * The channels are "bench-CLOCK" and "bench-global" (no clock), for programs to read.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/relay.h>
#include <linux/ring_buffer.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <compat.h>
#include <kring_producer.h>
#include "kring_bench.h"

#define TYPE		1
#define BYTES_MAX	1024
#define BLOCK		1024		/* records between two looks at the clock */
#define BLOCKS_MIN	5
#define PARTS		8		/* of a block, where producers watch each other */
#define BLOCKS_MAX	2048
#define SUBBUFS		16		/* of relay */

static unsigned int ring_size = 1 << 20;
module_param(ring_size, uint, 0444);

/* How the next batch goes */
static unsigned int producers = 1;	/* on as many CPUs, from 0 on */
module_param(producers, uint, 0644);
static unsigned int msecs = 20;		/* how long, at least BLOCKS_MIN */
module_param(msecs, uint, 0644);
static unsigned int records;		/* instead: so many a producer; up to BLOCK are one block */
module_param(records, uint, 0644);
static bool retry;			/* what was refused, until it is not */
module_param(retry, bool, 0644);
static bool mean;			/* also of blocks in which readers were woken or read */
module_param(mean, bool, 0644);
static unsigned int gap;		/* ns between records; their first word is the TSC then */
module_param(gap, uint, 0644);

/* The payload */
static u64 source[BYTES_MAX / sizeof(u64)];

/*
 * One of the functions below, inlined n times, with a size that the compiler knows as sources know
 * theirs
 */
static __always_inline void repeat_sized(bool (*one)(void *to, u32 bytes), void *to, u32 bytes,
					 u32 n)
{
	while (n)
		if (likely(one(to, bytes)) || !retry)
			n--;
		else
			cond_resched();
}

static __always_inline void repeat(bool (*one)(void *to, u32 bytes), void *to, u32 bytes, u32 n)
{
	switch (bytes) {
	case 8: return repeat_sized(one, to, 8, n);
	case 64: return repeat_sized(one, to, 64, n);
	case 256: return repeat_sized(one, to, 256, n);
	case 1024: return repeat_sized(one, to, 1024, n);
	default: return repeat_sized(one, to, bytes, n);
	}
}

/* The bytes alone, as far apart as kring's records */
struct copy_ring {
	u32 pos;
	u8 data[];
};

static __always_inline bool copy_one(void *to, u32 bytes)
{
	struct copy_ring *ring = to;

	memcpy(ring->data + ring->pos, source, bytes);
	ring->pos = (ring->pos + KRING_RECORD_BYTES(bytes)) & (ring_size - 1);
	return true;
}

static void copy_block(void *to, u32 bytes, u32 n)
{
	repeat(copy_one, to, bytes, n);
}

static __always_inline bool kring_one(void *to, u32 bytes)
{
	struct kring_slot slot;
	void *payload = kring_reserve(to, &slot, TYPE, bytes);

	if (!payload)
		return false;
	memcpy(payload, source, bytes);
	kring_commit(&slot);
	return true;
}

static void kring_block(void *to, u32 bytes, u32 n)
{
	repeat(kring_one, to, bytes, n);
}

/* The clock is trace_clock_local(): modules cannot set another one */
static __always_inline bool ftrace_one(void *to, u32 bytes)
{
	struct ring_buffer_event *event = ring_buffer_lock_reserve(to, bytes);

	if (!event)
		return false;
	memcpy(ring_buffer_event_data(event), source, bytes);
	ring_buffer_commit_compat(to, event);
	return true;
}

static void ftrace_block(void *to, u32 bytes, u32 n)
{
	repeat(ftrace_one, to, bytes, n);
}

static void ftrace_reset(void *to)
{
	ring_buffer_reset(to);
}

/* From any context but NMIs, as kring_reserve() */
static __always_inline bool relay_one(void *to, u32 bytes)
{
	relay_write(to, source, bytes);
	return true;
}

static void relay_block(void *to, u32 bytes, u32 n)
{
	repeat(relay_one, to, bytes, n);
}

/* Not from interrupts */
static __always_inline bool relay_task_one(void *to, u32 bytes)
{
	__relay_write(to, source, bytes);
	return true;
}

static void relay_task_block(void *to, u32 bytes, u32 n)
{
	repeat(relay_task_one, to, bytes, n);
}

static void relay_reset_all(void *to)
{
	relay_reset(to);
}

static int relay_overwrite(KRING_SUBBUF_ARGS)
{
	return 1;
}

static struct dentry *relay_create(const char *name, struct dentry *parent, umode_t mode,
				   struct rchan_buf *buf, int *is_global)
{
	return debugfs_create_file(name, mode, parent, buf, &relay_file_operations);
}

static int relay_remove(struct dentry *dentry)
{
	debugfs_remove(dentry);
	return 0;
}

static const struct rchan_callbacks relay_overwrites = {
	.subbuf_start = relay_overwrite,
	.create_buf_file = relay_create,
	.remove_buf_file = relay_remove,
};

/* What is full stays as it is: relay's default */
static const struct rchan_callbacks relay_drops = {
	.create_buf_file = relay_create,
	.remove_buf_file = relay_remove,
};

enum who {
	MEMCPY,
	RELAY, RELAY_TASK, RELAY_DROP,
	FTRACE, FTRACE_DROP,
	KRING_NONE, KRING_LOCAL, KRING_MONO, KRING_BOOT, KRING_GLOBAL,
	LTTNG, LTTNG_DROP,
};

struct contender {
	const char *name;
	void (*block)(void *to, u32 bytes, u32 n);
	void (*reset)(void *to);		/* empties it, before each batch */
	void *to;
};

static struct contender contenders[] = {
	[MEMCPY] = { "memcpy", copy_block },
	[RELAY] = { "relay", relay_block },
	[RELAY_TASK] = { "relay_task", relay_task_block },
	[RELAY_DROP] = { "relay-drop", relay_block, relay_reset_all },
	[FTRACE] = { "ftrace", ftrace_block },
	[FTRACE_DROP] = { "ftrace-drop", ftrace_block, ftrace_reset },
	[KRING_NONE] = { "kring-none", kring_block },
	[KRING_LOCAL] = { "kring-local", kring_block },
	[KRING_MONO] = { "kring-mono", kring_block },
	[KRING_BOOT] = { "kring-boot", kring_block },
	[KRING_GLOBAL] = { "kring-global", kring_block },
	[LTTNG] = { "lttng" },			/* until its modules come */
	[LTTNG_DROP] = { "lttng-drop" },
};

void kring_bench_peer(const char *name, void (*block)(void *to, u32 bytes, u32 n),
		      void (*reset)(void *to), void *to)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(contenders); i++) {
		if (strcmp(contenders[i].name, name))
			continue;
		contenders[i].to = to;
		contenders[i].reset = reset;
		/* What it is called with, then the function; pairs with sample_set() */
		smp_store_release(&contenders[i].block, block);
	}
}
EXPORT_SYMBOL_GPL(kring_bench_peer);

struct producer {
	struct work_struct work;
	const struct contender *who;
	const struct producer *other;	/* to run at the same time */
	u32 done;			/* parts, of all blocks */
	u32 bytes;
	u32 block;			/* records */
	u32 blocks;			/* that were timed */
	u64 times[BLOCKS_MAX];		/* ns */
};

/* Producers that have not begun: all do so at once */
static atomic_t missing;

static int by_value(const void *one, const void *other)
{
	u64 a = *(const u64 *)one, b = *(const u64 *)other;

	return a < b ? -1 : a > b;
}

/*
 * One block; whether the other producer was as busy meanwhile, so that neither waited for a CPU of
 * the host's
 */
static bool produce_block(struct producer *producer)
{
	const struct producer *other = producer->other;
	u32 part = producer->block / PARTS, before, others, i;

	if (!other) {
		producer->who->block(producer->who->to, producer->bytes, producer->block);
		return true;
	}
	before = READ_ONCE(other->done);
	for (i = 0; i < PARTS; i++) {
		producer->who->block(producer->who->to, producer->bytes, part);
		WRITE_ONCE(producer->done, producer->done + 1);
	}
	others = READ_ONCE(other->done) - before;
	return others >= PARTS / 4 && others <= PARTS * 4;
}

static void produce_paced(struct producer *producer)
{
	u64 due = ktime_get_ns();
	u32 n;

	for (n = 0; n < records; n++) {
		due += gap;
		while (ktime_get_ns() < due)
			cond_resched();
		source[0] = __builtin_ia32_rdtsc();
		producer->who->block(producer->who->to, producer->bytes, 1);
	}
	producer->blocks = 1;
	producer->times[0] = gap;
}

static void produce(struct work_struct *work)
{
	struct producer *producer = container_of(work, struct producer, work);
	u64 now, start, end;
	u32 n = 0;

	atomic_dec(&missing);
	while (atomic_read(&missing))
		cond_resched();
	if (gap) {
		produce_paced(producer);
		return;
	}
	now = ktime_get_ns();
	end = now + msecs * NSEC_PER_MSEC;
	do {
		bool counts;

		start = now;
		counts = produce_block(producer);
		now = ktime_get_ns();
		if (counts && producer->blocks < BLOCKS_MAX)
			producer->times[producer->blocks++] = now - start;
		n += producer->block;
		cond_resched();
	} while (records ? n < records : now < end || n < BLOCKS_MIN * BLOCK);
}

/*
 * Of blocks that are sorted. What the host gave to others is not the producer's: a block that took
 * ten times as long as most do was interrupted for that
 */
static u64 middle(const u64 *times, u32 n)
{
	u64 median = times[n / 2], sum = 0;
	u32 i;

	if (!mean)
		return median;
	for (i = 0; i < n && times[i] <= 10 * median; i++)
		sum += times[i];
	return div_u64(sum, max(i, 1U));
}

static struct workqueue_struct *queue;
static u64 result;			/* hundredths of ns */

static int run(const struct contender *who, u32 bytes)
{
	u64 rate = 0;			/* records a ns, 32 bits of fraction */
	u32 i;
	struct producer *all = kvcalloc(producers, sizeof(*all), GFP_KERNEL);

	if (!all)
		return -ENOMEM;
	if (who->reset)
		who->reset(who->to);
	atomic_set(&missing, producers);
	for (i = 0; i < producers; i++) {
		all[i].who = who;
		all[i].bytes = bytes;
		all[i].other = producers > 1 ? &all[(i + 1) % producers] : NULL;
		all[i].block = gap ? 1 : records && records < BLOCK ? records : BLOCK;
		INIT_WORK(&all[i].work, produce);
		queue_work_on(i, queue, &all[i].work);
	}
	for (i = 0; i < producers; i++)
		flush_work(&all[i].work);
	for (i = 0; i < producers; i++) {
		if (!all[i].blocks) {
			kvfree(all);
			return -EAGAIN;
		}
		sort(all[i].times, all[i].blocks, sizeof(u64), by_value, NULL);
		rate += ((u64)all[i].block << 32) /
			max(1ULL, middle(all[i].times, all[i].blocks));
	}
	result = (100ULL << 32) / rate;
	kvfree(all);
	return 0;
}

static int sample_set(const char *text, const struct kernel_param *param)
{
	unsigned int bytes;
	char name[32];
	u32 i;

	if (sscanf(text, "%31s %u", name, &bytes) != 2 || bytes > BYTES_MAX || !producers ||
	    producers > num_online_cpus() || (gap && !records))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(contenders); i++)
		/* Pairs with kring_bench_peer() */
		if (smp_load_acquire(&contenders[i].block) && !strcmp(contenders[i].name, name))
			return run(&contenders[i], bytes);
	return -ENOENT;
}

static int sample_get(char *buffer, const struct kernel_param *param)
{
	return sprintf(buffer, "%llu\n", result);
}

static const struct kernel_param_ops sample_ops = { .set = sample_set, .get = sample_get };
module_param_cb(sample, &sample_ops, NULL, 0600);

static struct dentry *folder;

static void remove_all(void)
{
	u32 i;

	if (queue)
		destroy_workqueue(queue);
	vfree(contenders[MEMCPY].to);
	for (i = RELAY; i <= RELAY_DROP; i++)
		relay_close(contenders[i].to);
	debugfs_remove(folder);
	for (i = FTRACE; i <= FTRACE_DROP; i++)
		if (contenders[i].to)
			ring_buffer_free(contenders[i].to);
	for (i = KRING_NONE; i <= KRING_GLOBAL; i++)
		if (contenders[i].to)
			kring_channel_destroy(contenders[i].to);
}

static const struct kring_event_type type = { .name = "bench", .type = TYPE };
static const struct kring_source bench_source = {
	.name = "bench",
	.types = &type,
	.nr_types = 1,
};

static int make_channels(void)
{
	static const struct {
		const char *name;
		u32 mode, clock;
	} channels[] = {
		[KRING_NONE] = { "bench-none", KRING_MODE_PERCPU, KRING_CLOCK_NONE },
		[KRING_LOCAL] = { "bench-local", KRING_MODE_PERCPU, KRING_CLOCK_LOCAL },
		[KRING_MONO] = { "bench-mono", KRING_MODE_PERCPU, KRING_CLOCK_MONOTONIC },
		[KRING_BOOT] = { "bench-boot", KRING_MODE_PERCPU, KRING_CLOCK_BOOTTIME },
		[KRING_GLOBAL] = { "bench-global", KRING_MODE_GLOBAL, KRING_CLOCK_NONE },
	};
	u32 i;

	for (i = KRING_NONE; i <= KRING_GLOBAL; i++) {
		const struct kring_options options = {
			.name = channels[i].name,
			.mode = channels[i].mode,
			.clock = channels[i].clock,
			.flags = KRING_RECORD_ALWAYS,
			.ring_size = ring_size,
		};
		struct kring_channel *channel = kring_channel_create(&bench_source, &options);

		if (IS_ERR(channel))
			return PTR_ERR(channel);
		contenders[i].to = channel;
	}
	return 0;
}

static int make_peers(void)
{
	struct copy_ring *copy;
	u32 i;

	copy = vzalloc(sizeof(*copy) + ring_size + BYTES_MAX);
	if (!copy)
		return -ENOMEM;
	contenders[MEMCPY].to = copy;
	for (i = RELAY; i <= RELAY_DROP; i++) {
		contenders[i].to = relay_open(contenders[i].name, folder,
					      ring_size / SUBBUFS, SUBBUFS,
					      i == RELAY_DROP ? &relay_drops : &relay_overwrites,
					      NULL);
		if (!contenders[i].to)
			return -ENOMEM;
	}
	for (i = FTRACE; i <= FTRACE_DROP; i++) {
		contenders[i].to = ring_buffer_alloc(ring_size,
						     i == FTRACE_DROP ? 0 : RB_FL_OVERWRITE);
		if (!contenders[i].to)
			return -ENOMEM;
	}
	return 0;
}

static int __init bench_init(void)
{
	int ret = -ENOMEM;

	if (!is_power_of_2(ring_size) || ring_size < KRING_RING_SIZE_MIN)
		return -EINVAL;
	memset(source, 0x5a, sizeof(source));
	folder = debugfs_create_dir("kring_bench", NULL);
	queue = alloc_workqueue("kring_bench", WQ_CPU_INTENSIVE | KRING_WQ_PERCPU, 0);
	if (queue)
		ret = make_peers();
	if (!ret)
		ret = make_channels();
	if (ret)
		remove_all();
	return ret;
}

module_init(bench_init);
module_exit(remove_all);

MODULE_DESCRIPTION("Benchmark of kring and its peers in the kernel");
MODULE_LICENSE("GPL");
