/* SPDX-License-Identifier: GPL-2.0 */
/* What the tools say when something is wrong, and their exit codes. */
#ifndef TOOLS_COMPLAIN_H
#define TOOLS_COMPLAIN_H

enum exit_code {
	EXIT_OK = 0,
	EXIT_ERROR = 1,
	EXIT_USAGE = 2,
	EXIT_VERIFY = 3,
	EXIT_ABI = 4,
};

/* "ringcat" or "ringctl": each defines its own */
extern const char program[];

/* "program: message" and a newline, on stderr */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Says why /dev/kring/control or the list of channels cannot be had (negative
 * errno); returns the exit code
 */
int complain_control(int error);

/* Before the end: the exit code, or another if stdout could not be written */
int finish_stdout(int code);

/* -V: tool, library, ABI of both sides */
void print_version(void);

#endif
