// SPDX-License-Identifier: GPL-2.0
/*
 * Filters, by the ioctls alone.
 * filter CHANNEL [CONDITION...]: sets one, like "pid=12 comm!=sh".
 * filter --refusals: what is refused, and that what was set is what one gets.
 * filter --actor NAME UID PROCS: a process that is called NAME, belongs to UID and is in the cgroup
 *	whose cgroup.procs PROCS is. When /tmp/NAME.go can be read it makes a thread and a child,
 *	which end, writes who they were to /tmp/NAME.ids, and ends.
 */
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "guest.h"

static int control;

static struct kring_filter a_filter(const char *channel)
{
	struct kring_filter filter = { .req.size = sizeof(filter) };

	snprintf(filter.req.name, sizeof(filter.req.name), "%s", channel);
	return filter;
}

/* Refused with a message that has this text, and what was set stays */
static void said(struct kring_filter *filter, const char *text)
{
	memset(filter->req.message, 0, KRING_MESSAGE_MAX);
	refused(ioctl(control, KRING_IOC_FILTER, filter), EINVAL);
	check(strstr(filter->req.message, text), "message '%s', not '%s'", filter->req.message,
	      text);
}

static void test_conditions(void)
{
	struct kring_filter filter = a_filter("task");
	struct kring_condition *condition = &filter.conditions[1];

	filter.nr = 2;
	filter.conditions[0].field = KRING_FILTER_PID;
	said(&filter, "condition 2: field 0 is unknown: 1 (pid), 2 (tgid), 3 (uid), 4 (comm) or 5 (cgroup)");
	condition->field = 6;
	said(&filter, "condition 2: field 6 is unknown");
	condition->field = 255;
	condition->number = 1;
	said(&filter, "field 255 is unknown");
	for (int field = KRING_FILTER_PID; field <= KRING_FILTER_UID; field++) {
		condition->field = field;
		condition->number = 1ULL << 32;
		said(&filter, "condition 2: number 4294967296: at most 4294967295");
		condition->number = -1ULL;
		said(&filter, "at most 4294967295");
	}
	condition->number = 1;
	condition->negated = 2;
	said(&filter, "condition 2: negated is 2: 0 or 1");
	condition->negated = 0;
	condition->reserved0[5] = 1;
	said(&filter, "condition 2: reserved0 must be 0");
	condition->reserved0[5] = 0;
	condition->field = KRING_FILTER_COMM;
	said(&filter, "condition 2: a comm has 1 to 15 characters and a NUL");
	memset(condition->text, 'x', sizeof(condition->text));
	said(&filter, "condition 2: a comm has 1 to 15 characters and a NUL");
	condition->text[15] = '\0';
	filter.reserved0 = 1;
	said(&filter, "reserved0 must be 0");
	filter.reserved0 = 0;
	filter.nr = 17;
	said(&filter, "17 conditions: at most 16");
	filter.nr = -1U;
	said(&filter, "at most 16");
	filter.nr = 3;
	said(&filter, "condition 3: field 0");
}

static void test_sources(void)
{
	static const char * const sources[] = { "load", "log" };

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		struct kring_create create = { .req.size = sizeof(create), .req.name = "other" };
		struct kring_filter filter = a_filter("other");
		char text[64];

		strcpy(create.source, sources[i]);
		must(!ioctl(control, KRING_IOC_CREATE, &create));
		check(!ioctl(control, KRING_IOC_FILTER, &filter));
		filter.nr = 1;
		filter.conditions[0].field = KRING_FILTER_UID;
		snprintf(text, sizeof(text), "source \"%s\" cannot be filtered: ", sources[i]);
		said(&filter, text);
		channel_remove(control, "other");
	}
}

/* What is set is what one gets, by a file that may only read, until something else is set */
static void test_get(void)
{
	struct kring_filter set = a_filter("task");
	struct kring_filter got = a_filter("task");
	int reader = open("/dev/kring/control", O_RDONLY);
	int writer = open("/dev/kring/control", O_WRONLY);

	must(reader >= 0 && writer >= 0);
	set.nr = 16;
	for (int i = 0; i < 16; i++) {
		struct kring_condition *condition = &set.conditions[i];

		condition->field = 1 + i % 5;
		condition->negated = i & 1;
		if (condition->field == KRING_FILTER_COMM)
			snprintf(condition->text, sizeof(condition->text), "name %d", i);
		else
			condition->number = 0xfffffff0 + i;
	}
	refused(ioctl(reader, KRING_IOC_FILTER, &set), EBADF);
	check(!ioctl(writer, KRING_IOC_FILTER, &set));
	refused(ioctl(writer, KRING_IOC_FILTER_GET, &got), EBADF);
	memset(got.conditions, 0x5a, sizeof(got.conditions));
	check(!ioctl(reader, KRING_IOC_FILTER_GET, &got));
	check(got.nr == 16 && !memcmp(got.conditions, set.conditions, sizeof(set.conditions)));

	/* What is refused changes nothing */
	set.conditions[3].negated = 7;
	refused(ioctl(writer, KRING_IOC_FILTER, &set), EINVAL);
	set.conditions[3].negated = 1;
	check(!ioctl(reader, KRING_IOC_FILTER_GET, &got));
	check(got.nr == 16 && !memcmp(got.conditions, set.conditions, sizeof(set.conditions)));

	set.nr = 0;
	check(!ioctl(writer, KRING_IOC_FILTER, &set));
	check(!ioctl(reader, KRING_IOC_FILTER_GET, &got));
	memset(set.conditions, 0, sizeof(set.conditions));
	check(got.nr == 0 && !memcmp(got.conditions, set.conditions, sizeof(set.conditions)));

	got = a_filter("none");
	refused(ioctl(reader, KRING_IOC_FILTER_GET, &got), ENOENT);
	check(strstr(got.req.message, "no channel \"none\""), "%s", got.req.message);
	refused(ioctl(writer, KRING_IOC_FILTER, &got), ENOENT);
	refused(ioctl(writer, KRING_IOC_FILTER, (void *)8), EFAULT);
	refused(ioctl(reader, KRING_IOC_FILTER_GET, (void *)8), EFAULT);
	got.req.size = sizeof(got.req) - 8;
	refused(ioctl(reader, KRING_IOC_FILTER_GET, &got), EINVAL);
}

static void *thread(void *unused)
{
	(void)unused;
	return (void *)syscall(SYS_gettid);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0644);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && !close(fd));
}

static void actor(const char *name, uid_t uid, const char *procs)
{
	char path[64], text[128];
	pthread_t thread_id;
	void *tid;
	pid_t child;
	int fd;

	snprintf(text, sizeof(text), "%d", getpid());
	write_file(procs, text);
	must(!setgid(uid) && !setuid(uid) && !prctl(PR_SET_NAME, name));
	snprintf(path, sizeof(path), "/tmp/%s.ready", name);
	write_file(path, "");
	snprintf(path, sizeof(path), "/tmp/%s.go", name);
	fd = open(path, O_RDONLY);
	must(fd >= 0);

	must(!pthread_create(&thread_id, NULL, thread, NULL));
	must(!pthread_join(thread_id, &tid));
	child = fork();
	must(child >= 0);
	if (!child)
		_exit(3);
	must(waitpid(child, NULL, 0) == child);
	snprintf(path, sizeof(path), "/tmp/%s.ids", name);
	snprintf(text, sizeof(text), "%d %s\n%ld %s-thread\n%d %s-child\n", getpid(), name,
		 (long)tid, name, child, name);
	write_file(path, text);
}

static void set_filter(const char *channel, char **texts)
{
	static const char * const names[] = { "", "pid", "tgid", "uid", "comm", "cgroup" };
	struct kring_filter filter = a_filter(channel);

	for (; *texts; texts++) {
		struct kring_condition *condition = &filter.conditions[filter.nr++];
		char *value = strchr(*texts, '=');

		must(value && value > *texts);
		condition->negated = value[-1] == '!';
		value[condition->negated ? -1 : 0] = '\0';
		value++;
		for (int i = 1; i < 6; i++)
			if (!strcmp(*texts, names[i]))
				condition->field = i;
		if (condition->field == KRING_FILTER_COMM)
			snprintf(condition->text, sizeof(condition->text), "%s", value);
		else
			condition->number = strtoull(value, NULL, 10);
	}
	check(!ioctl(control, KRING_IOC_FILTER, &filter), "%s", filter.req.message);
}

int main(int argc, char **argv)
{
	must(argc > 1);
	control = control_open();
	if (!strcmp(argv[1], "--actor")) {
		must(argc == 5);
		actor(argv[2], atoi(argv[3]), argv[4]);
	} else if (!strcmp(argv[1], "--refusals")) {
		test_conditions();
		test_sources();
		test_get();
	} else {
		set_filter(argv[1], argv + 2);
	}
	return !!failures;
}
