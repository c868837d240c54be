// SPDX-License-Identifier: GPL-2.0
/*
 * Any calls in any order on the module's files, by several processes at once, each from a seed of
 * its own; processes are killed in the middle of it. Besides that nothing breaks: errors are those
 * that the manual names, a call that failed has changed nothing, and what is mapped read-only
 * cannot be written to.
 * fuzz_calls SECONDS SEED			the seeds of the processes are SEED, SEED + 1, ...
 * fuzz_calls one SEED				that process again, alone, for some 100000 calls
 */
#include "fuzz_calls.h"

#define WORKERS		3
#define ALONE		100000

/* A process's calls, until it is told to stop or has done so many */
static void work(uint64_t start, uint64_t calls)
{
	seed = start * 0x9e3779b97f4a7c15ULL | 1;
	calls_start();
	while (calls-- && !load_acquire(&common->stop))
		calls_any();
	if (failures)
		printf("the process of seed %llu failed\n", (unsigned long long)start);
	exit(!!failures);
}

static pid_t start(uint64_t of)
{
	pid_t child = child_start();

	if (!child)
		work(of, ~0ULL);
	return child;
}

/* Killed in the middle, unless it has ended by itself: it has found something */
static void stop(pid_t child)
{
	int status;

	must(!kill(child, SIGKILL) && waitpid(child, &status, 0) == child);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "a process ended with 0x%x",
	      status);
}

/* What they have left is removed, and then there is nothing of theirs */
static void clean(void)
{
	int control = control_open();
	struct kring_info info = { .size = sizeof(info) };

	while (!ioctl(control, KRING_IOC_NEXT, &info)) {
		struct kring_remove remove = { .req.size = sizeof(remove) };

		if (strncmp(info.name, FUZZ_NAME, strlen(FUZZ_NAME)))
			continue;
		memcpy(remove.req.name, info.name, sizeof(info.name));
		check(!ioctl(control, KRING_IOC_REMOVE, &remove), "%s", remove.req.message);
	}
	must(errno == ENOENT);
	close(control);
}

static bool is_enough(void)
{
	return load_relaxed(&common->good) > 500 && load_relaxed(&common->maps) > 20 &&
	       load_relaxed(&common->holds) > 5;
}

int main(int argc, char **argv)
{
	pid_t workers[WORKERS] = { 0 };
	unsigned int kills = 0, i;
	uint64_t end, next;

	must(argc == 3);
	next = strtoull(argv[2], NULL, 0);
	common = shared(sizeof(*common));
	if (!strcmp(argv[1], "one"))
		work(next, ALONE);
	printf("seed %s: again with \"fuzz_calls one N\", N that of the process that failed\n",
	       argv[2]);
	end = now_ns() + strtoull(argv[1], NULL, 10) * NS;
	for (i = 0; i < WORKERS; i++)
		workers[i] = start(next++);
	/* On a busy machine it takes longer, but not for ever */
	while ((now_ns() < end || (!is_enough() && now_ns() < end + 90 * NS)) && !failures) {
		i = rand() % WORKERS;
		usleep(rand() % 400000);
		stop(workers[i]);
		kills++;
		workers[i] = start(next++);
	}
	__atomic_store_n(&common->stop, 1, __ATOMIC_RELEASE);
	for (i = 0; i < WORKERS; i++)
		child_end(workers[i]);
	clean();
	printf("%llu calls, %llu good, %u processes killed, %llu maps, %llu holds; errors:",
	       (unsigned long long)common->calls, (unsigned long long)common->good, kills,
	       (unsigned long long)common->maps, (unsigned long long)common->holds);
	for (i = 0; i < ERRNO_MAX; i++)
		if (common->errors[i])
			printf(" %s %llu", strerrorname_np(i),
			       (unsigned long long)common->errors[i]);
	printf("\n");
	check(is_enough(), "hardly a test");
	return !!failures;
}
