/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_SCHED_GRACE_H
#define TESTS_SCHED_GRACE_H

void grace_begin(void);		/* an execution */
void section_begin(void);	/* preemption off, and on again */
void section_end(void);
void grace_period(void);	/* synchronize_rcu() */

#endif /* TESTS_SCHED_GRACE_H */
