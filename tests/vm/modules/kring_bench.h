/* SPDX-License-Identifier: GPL-2.0 */
/* For peers that are modules of their own */
#ifndef KRING_BENCH_H
#define KRING_BENCH_H

#include <linux/types.h>

/*
 * @block writes @n records of @bytes bytes; @name is one that kring_bench.c has
 * room for; @reset, if any, empties it before each batch. None of them may go any more.
 */
void kring_bench_peer(const char *name, void (*block)(void *to, u32 bytes, u32 n),
		      void (*reset)(void *to), void *to);

#endif /* KRING_BENCH_H */
