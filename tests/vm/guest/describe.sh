# SPDX-License-Identifier: GPL-2.0
# A source that describes its events wrongly gets no channel: see modules/kring_describe.c.
. /tests/lib

insmod /modules/kring_describe.ko || fail "$(dmesg | grep kring_describe)"
