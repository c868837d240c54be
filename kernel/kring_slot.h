/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KRING_SLOT_H
#define KRING_SLOT_H

struct kring_ring;
struct kring_record;

/* A reservation, on the producer's stack from reserve to commit */
struct kring_slot {
	struct kring_ring *ring;
	struct kring_record *record;
	u64 pos;
	u64 end;
};

#endif /* KRING_SLOT_H */
