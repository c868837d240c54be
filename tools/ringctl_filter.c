// SPDX-License-Identifier: GPL-2.0
/* ringctl filter: which events of a channel are reported at all */
#include <ctype.h>
#include <errno.h>
#include <linux/magic.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "complain.h"
#include "parse.h"
#include "ringctl.h"

static const char *const fields[] = {
	[KRING_FILTER_PID] = "pid",
	[KRING_FILTER_TGID] = "tgid",
	[KRING_FILTER_UID] = "uid",
	[KRING_FILTER_COMM] = "comm",
	[KRING_FILTER_CGROUP] = "cgroup",
};

#define FIELDS	(sizeof(fields) / sizeof(fields[0]))

static int parse_comm(const char *text, struct kring_condition *condition)
{
	if (*text && strlen(text) < sizeof(condition->text)) {
		strcpy(condition->text, text);
		return 0;
	}
	complain("comm: '%s' is not allowed: 1 to %zu bytes", text,
		 sizeof(condition->text) - 1);
	return -EINVAL;
}

static int parse_user(const char *text, uint64_t *uid)
{
	struct passwd *user;

	if (isdigit((unsigned char)*text))
		return parse_number("uid", text, 0, UINT32_MAX - 1, uid);
	user = getpwnam(text);
	if (!user) {
		complain("uid: '%s' is not allowed: a number, or the name of a user that is there",
			 text);
		return -EINVAL;
	}
	*uid = user->pw_uid;
	return 0;
}

static int parse_cgroup(const char *text, uint64_t *id)
{
	struct statfs fs;
	struct stat stat_;

	if (!strchr(text, '/'))
		return parse_number("cgroup (a path has a '/')", text, 1, UINT64_MAX, id);
	if (stat(text, &stat_) || statfs(text, &fs)) {
		complain("cgroup: '%s': %s", text, strerror(errno));
		return -EINVAL;
	}
	if (fs.f_type != CGROUP2_SUPER_MAGIC || !S_ISDIR(stat_.st_mode)) {
		complain("cgroup: '%s' is not allowed: a directory of cgroup v2", text);
		return -EINVAL;
	}
	*id = stat_.st_ino;
	return 0;
}

static int parse_condition(const char *text, struct kring_condition *condition)
{
	size_t length = strcspn(text, "!=");
	const char *value = text + length;
	uint64_t number = 0;
	int ret;

	condition->negated = *value == '!';
	value += condition->negated;
	for (condition->field = 1; condition->field < FIELDS; condition->field++) {
		if (!strncmp(text, fields[condition->field], length) &&
		    !fields[condition->field][length])
			break;
	}
	if (condition->field == FIELDS || *value++ != '=') {
		complain("filter: '%s' is not allowed: pid, tgid, uid, comm or cgroup, then = or !=, then a value; or none alone",
			 text);
		return -EINVAL;
	}
	switch (condition->field) {
	case KRING_FILTER_COMM:
		return parse_comm(value, condition);
	case KRING_FILTER_UID:
		ret = parse_user(value, &number);
		break;
	case KRING_FILTER_CGROUP:
		ret = parse_cgroup(value, &number);
		break;
	default:
		ret = parse_number(fields[condition->field], value, 0, INT32_MAX, &number);
	}
	condition->number = number;
	return ret;
}

int filter_print(const char *channel, const char *before)
{
	struct kring_filter filter = { .req.size = sizeof(filter) };
	int ret;

	strcpy(filter.req.name, channel);
	ret = send_request(KRING_IOC_FILTER_GET, &filter.req);
	if (ret)
		return ret;
	if (!filter.nr)
		printf("%snone\n", before);
	for (unsigned int n = 0; n < filter.nr && n < KRING_CONDITIONS_MAX; n++) {
		const struct kring_condition *condition = &filter.conditions[n];

		printf("%s%s%s", before,
		       condition->field < FIELDS && condition->field ?
		       fields[condition->field] : "?", condition->negated ? "!=" : "=");
		if (condition->field == KRING_FILTER_COMM)
			print_text(condition->text, sizeof(condition->text));
		else
			printf("%llu", condition->number);
		putchar('\n');
	}
	return EXIT_OK;
}

int command_filter(int argc, char **argv)
{
	static const struct option none[] = { { 0 } };
	struct kring_filter filter = { .req.size = sizeof(filter) };

	if (get_option(argc, argv, none, "none") != -1 ||
	    get_arguments(argc, argv, 1, 1 + KRING_CONDITIONS_MAX, "filter NAME [CONDITION...]") ||
	    parse_name("filter", argv[optind], filter.req.name))
		return EXIT_USAGE;
	if (optind + 1 == argc)
		return filter_print(filter.req.name, "");
	if (optind + 2 != argc || strcmp(argv[optind + 1], "none")) {
		for (; optind + 1 + (int)filter.nr < argc; filter.nr++) {
			if (parse_condition(argv[optind + 1 + filter.nr],
					    &filter.conditions[filter.nr]))
				return EXIT_USAGE;
		}
	}
	return send_request(KRING_IOC_FILTER, &filter.req);
}
