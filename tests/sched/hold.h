/* SPDX-License-Identifier: GPL-2.0 */
/* A hold on the world's first ring, attached and dropped by kernel/hold.c itself. */
#ifndef TESTS_SCHED_HOLD_H
#define TESTS_SCHED_HOLD_H

void hold_attach(void);
void hold_drop(void);

/* The page that its cursors are in; after that nobody may touch it */
void *hold_page(void);
void hold_page_gone(void *page);

#endif /* TESTS_SCHED_HOLD_H */
