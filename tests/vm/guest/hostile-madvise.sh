# SPDX-License-Identifier: GPL-2.0
# Advice, locks, migration, faults that programs handle, pages called broken: others see the same ring.
. /tests/lib

for what in advice cursors lock move userfault poison; do
	hostile_madvise $what || fail "$what"
done
