/* SPDX-License-Identifier: GPL-2.0 */
/* ringctl's commands, and what they share. All return exit codes. */
#ifndef RINGCTL_H
#define RINGCTL_H

#include <getopt.h>
#include <stddef.h>
#include <linux/kring_control.h>

#define SOURCES	"task, sched, syscall, log, net, file, user or load"

/* argv[0] is the command's name */
int command_list(int argc, char **argv);
int command_show(int argc, char **argv);
int command_create(int argc, char **argv);
int command_remove(int argc, char **argv);
int command_set(int argc, char **argv);
int command_filter(int argc, char **argv);
int command_load(int argc, char **argv);

/* As getopt_long(): -1 at the end, '?' after it said what is wrong */
int get_option(int argc, char **argv, const struct option *allowed, const char *names);

/* Checks how many arguments follow the options; they begin at argv[optind] */
int get_arguments(int argc, char **argv, unsigned int min, unsigned int max,
		  const char *usage);

/* A filter's conditions, a line each, with this before them; returns an exit code */
int filter_print(const char *channel, const char *before);

/* Bytes of somebody else, up to a NUL, so that they are safe on a terminal */
void print_text(const char *text, size_t size);

/* Says why the kernel refused it (errno); returns an exit code */
int complain_request(int error, const struct kring_request *request);

/* An ioctl of /dev/kring/control; says why it was refused */
int send_request(unsigned long command, struct kring_request *request);

#endif
