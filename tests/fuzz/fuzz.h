/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the harnesses share: bytes of the input, rings in guarded pages, and steps.
 *
 * libring and ring.c are built with steps.h in front. So every look at a ring, each
 * system call and each reading of the clock comes by here, and a harness can change
 * the rings between two looks of one call, as the kernel does.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <errno.h>
#include <signal.h>
#include <sys/types.h>
#include "../unit/fixture.h"
#include "../../libring/internal.h"

/* Ends the program, which is how libFuzzer learns of it */
void fuzz_fail(const char *file, int line, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

#define must(what, ...) do {						\
	if (!(what))							\
		fuzz_fail(__FILE__, __LINE__, #what ": " __VA_ARGS__);	\
} while (0)

/* What is left of an input; zeros behind its end */
struct input {
	const u8 *at;
	size_t left;
};

static inline u64 input_take(struct input *in, size_t bytes)
{
	u64 value = 0;
	size_t n = bytes < in->left ? bytes : in->left;

	memcpy(&value, in->at, n);
	in->at += n;
	in->left -= n;
	return value;
}

static inline u8 input_byte(struct input *in)
{
	return input_take(in, 1);
}

/* A number below nr */
static inline u32 input_below(struct input *in, u32 nr)
{
	return input_take(in, nr > 256 ? 2 : 1) % nr;
}

/* The second half of what is left becomes an input of its own */
static inline struct input input_halve(struct input *in)
{
	size_t half = in->left / 2;
	struct input other = { in->at + in->left - half, half };

	in->left -= half;
	return other;
}

/* A number near one that is there, or one that is easily taken wrong */
u64 input_number(struct input *in, u64 near);

/* One of the first nr 64-bit words becomes another number; returns which */
u32 input_change(struct input *in, void *words, u32 nr);

/*
 * A channel of one ring per CPU, of which so many are shown, the same memory for all
 * inputs. The consumer's mappings have pages without access in front and behind.
 */
#define FUZZ_RINGS	4
#define FUZZ_SIZE	(64ULL << 10)

extern struct fixture_channel fuzz_channel;

void fuzz_channel_reset(u32 nr, const u64 *pos, const u64 *seq);
void fuzz_channel_show(u32 nr);
/* The ring in whose mapping this address is, or NULL */
struct fixture *fuzz_ring_at(const void *at);
/* Open it as ring_open() would; fd is -1, so no system call is made for it */
int fuzz_channel_open(struct ring **ring, const struct ring_opts *opts, const void *schema,
		      size_t schema_size);

extern const struct fuzz_schema {
	struct kring_schema head;
	struct kring_type type;
	struct kring_field field;
} fuzz_plain_schema;

/* Steps. The harness's function, or NULL; it is not called from within itself */
extern void (*fuzz_on_step)(void);
/* From here on so many steps may be made, or it is an endless loop */
void fuzz_call(u64 steps);
extern u64 fuzz_now;			/* ns: the clock */

/*
 * Reads all of a record that was handed out: it lies in the mapping of its ring or in
 * memory of the handle, which the address sanitizer knows. A sum, so that it is read.
 */
u64 fuzz_touch(const struct ring_record *record, u64 data_size);

/* An error that the man pages know of; 0 and more are none */
bool fuzz_documented(int ret, const int *errors);

/* The system calls of libring; a harness may define its own */
struct pollfd;
int fuzz_open(const char *path, int flags, ...);
int fuzz_close(int fd);
int fuzz_ioctl(int fd, unsigned long request, ...);
void *fuzz_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset);
int fuzz_munmap(void *at, size_t size);
int fuzz_ppoll(struct pollfd *fds, unsigned long nr, const struct timespec *timeout,
	       const sigset_t *mask);

#endif /* TESTS_FUZZ_H */
