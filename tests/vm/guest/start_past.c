// SPDX-License-Identifier: GPL-2.0
/*
 * start_past NAME POSITION SEQUENCE [stopped]: whether every ring of the channel began before this
 * position and this sequence number (or at 0) and is past them; and the sums close.
 */
#include "hold.h"

int main(int argc, char **argv)
{
	uint64_t position = argc >= 4 ? strtoull(argv[2], NULL, 10) : 0;
	uint64_t seq = argc >= 4 ? strtoull(argv[3], NULL, 10) : 0;
	struct kring_info info;
	int fd;

	must(argc >= 4);
	fd = channel_open(argv[1]);
	info = channel_info(fd);
	for (uint32_t i = 0; i < info.nr_rings; i++) {
		const struct kring_meta *meta = map_ring(fd, i);
		uint32_t now = KRING_RESERVE_SEQ(meta->reserve);

		check(!!meta->start_pos == !!position && meta->start_pos <= position);
		check(!!meta->start_seq == !!seq && meta->start_seq <= seq);
		/* Several rounds of the ring, and so many events, behind the boundary */
		check(meta->tail > position + 2 * meta->data_size, "tail is at %llu",
		      (unsigned long long)meta->tail);
		check((int32_t)(now - (uint32_t)seq) > 1000, "the next is %u", now);
		if (argc > 4)
			ring_closes(meta);
	}
	close(fd);
	return !!failures;
}
