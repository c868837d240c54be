/* SPDX-License-Identifier: GPL-2.0 */
/* The table of channels, and how a channel's properties are called. */
#ifndef TOOLS_LIST_H
#define TOOLS_LIST_H

#include "ring.h"

/* Prints the table on stdout; returns the exit code */
int list_channels(void);

const char *mode_name(const struct kring_info *info);
const char *record_name(const struct kring_info *info);

/* Bytes with the largest suffix that is exact; text has 24 bytes */
const char *size_name(uint64_t bytes, char *text);

#endif
