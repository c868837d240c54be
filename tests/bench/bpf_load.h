/* SPDX-License-Identifier: GPL-2.0 */
/* Programs of a contender that lie in a file of BPF */
#ifndef TESTS_BENCH_BPF_LOAD_H
#define TESTS_BENCH_BPF_LOAD_H

#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "bench.h"
#include "bpf.h"

static inline int silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

/* The programs lie beside this one; NULL: bench_none() has said why not */
static inline struct bpf_object *load(const char *name)
{
	struct bpf_object *object;
	char self[4096], path[4200];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[length < 0 ? 0 : length] = 0;
	*strrchr(self, '/') = 0;
	snprintf(path, sizeof(path), "%s/%s.bpf.o", self, name);
	libbpf_set_print(silent);
	object = bpf_object__open_file(path, NULL);
	if (!object) {
		bench_none("cannot open %s: %s", path, strerror(errno));
		return NULL;
	}
	if (bpf_object__load(object)) {
		bench_none("this kernel does not take the BPF programs: %s", strerror(errno));
		bpf_object__close(object);
		return NULL;
	}
	return object;
}

static inline int program(struct bpf_object *object, const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(object, name));
}

#endif /* TESTS_BENCH_BPF_LOAD_H */
