/* SPDX-License-Identifier: GPL-2.0 */
/* In front of every file of libring and of ring.c: see fuzz.h */
#ifndef TESTS_FUZZ_STEPS_H
#define TESTS_FUZZ_STEPS_H

#include <string.h>
#include <time.h>
#include <urcu/arch.h>
#include <urcu/system.h>
#include <urcu/uatomic.h>

void fuzz_step(void);
int fuzz_clock(clockid_t id, struct timespec *now);
void *fuzz_memcpy(void *to, const void *from, size_t bytes);

/* Those below are declared by the headers that a file includes, under these names */
#undef CMM_LOAD_SHARED
#define CMM_LOAD_SHARED(x)	({ fuzz_step(); *(volatile __typeof__(x) *)&(x); })
#undef cmm_smp_rmb
#define cmm_smp_rmb()	fuzz_step()
#define clock_gettime	fuzz_clock
#define memcpy	fuzz_memcpy
#define open	fuzz_open
#define close	fuzz_close
#define ioctl	fuzz_ioctl
#define mmap	fuzz_mmap
#define munmap	fuzz_munmap
#define ppoll	fuzz_ppoll

#endif /* TESTS_FUZZ_STEPS_H */
