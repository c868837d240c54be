// SPDX-License-Identifier: GPL-2.0
/*
 * Plain accesses. The code under test is compiled with the compiler's calls for
 * the thread sanitizer; here they come to the machine instead. A call comes
 * before its access: so a load's value is put into real memory just then, and a
 * store's is taken from there at the next step. Many words at once are as if
 * loaded at the end: what was there before, each may still find.
 */
#include <string.h>
#include "machine.h"

#define ACCESS(size)							\
void __tsan_read##size(void *at);					\
void __tsan_write##size(void *at);					\
void __tsan_read##size(void *at) { plain_load(at, size); }		\
void __tsan_write##size(void *at) { plain_store(at, size); }

#define UNALIGNED(size)							\
void __tsan_unaligned_read##size(void *at);				\
void __tsan_unaligned_write##size(void *at);				\
void __tsan_unaligned_read##size(void *at) { plain_load(at, size); }	\
void __tsan_unaligned_write##size(void *at) { plain_store(at, size); }

ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
UNALIGNED(2)
UNALIGNED(4)
UNALIGNED(8)
UNALIGNED(16)

void __tsan_read_range(void *at, size_t bytes);
void __tsan_write_range(void *at, size_t bytes);
void __tsan_func_entry(void *from);
void __tsan_func_exit(void);
void __tsan_init(void);

void __tsan_read_range(void *at, size_t bytes)
{
	plain_load(at, bytes);
}

void __tsan_write_range(void *at, size_t bytes)
{
	plain_store(at, bytes);
}

void __tsan_func_entry(void *from)
{
	(void)from;
}

void __tsan_func_exit(void)
{
}

void __tsan_init(void)
{
}

/* ld --wrap: the code under test is compiled without builtins */
void *__real_memcpy(void *to, const void *from, size_t bytes);
void *__wrap_memcpy(void *to, const void *from, size_t bytes);
void *__real_memset(void *to, int byte, size_t bytes);
void *__wrap_memset(void *to, int byte, size_t bytes);

void *__wrap_memcpy(void *to, const void *from, size_t bytes)
{
	if (!bytes)
		return to;
	plain_load(from, bytes);
	plain_store(to, bytes);
	return __real_memcpy(to, from, bytes);
}

void *__wrap_memset(void *to, int byte, size_t bytes)
{
	if (bytes)
		plain_store(to, bytes);
	return __real_memset(to, byte, bytes);
}
