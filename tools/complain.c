// SPDX-License-Identifier: GPL-2.0
#include "complain.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ring.h"

void complain(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int complain_control(int error)
{
	if (error == -ENOENT)
		complain("kring is not loaded (modprobe kring)");
	else if (error == -EACCES || error == -EPERM)
		complain("no access to /dev/kring/control: be root, or get permission on that file");
	else
		complain("/dev/kring/control: %s", strerror(-error));
	return error == -EPROTO ? EXIT_ABI : EXIT_ERROR;
}

int finish_stdout(int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	complain("standard output: %s", strerror(errno));
	return code ? code : EXIT_ERROR;
}

static int get_abi(const struct kring_info *info, void *abi)
{
	*(__u32 *)abi = info->abi;
	return 1;
}

void print_version(void)
{
	__u32 abi;
	int ret = ring_list(get_abi, &abi);

	printf("%s %s, libring %s, ABI %d\nmodule: ", program, KRING_VERSION,
	       ring_version(), KRING_ABI);
	if (ret == 1)
		printf("ABI %u\n", abi);
	else if (ret == 0)
		printf("loaded, without a channel that tells its ABI\n");
	else
		printf("%s\n", ret == -ENOENT ? "not loaded" : strerror(-ret));
}
