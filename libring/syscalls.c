// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names of the system calls of the architecture that this is built for. */
#include <asm/unistd.h>
#include "internal.h"

static const char *const names[] = {
#include "syscalls.h"		/* made by the Makefile */
};

const char *ring_syscall_name(uint64_t number)
{
	return number < sizeof(names) / sizeof(names[0]) ? names[number] : NULL;
}
