# SPDX-License-Identifier: GPL-2.0
# needs: compat32
# A program of 32 bits reads, maps, holds and is refused as any other.
. /tests/lib

ringctl create compat --source load --size 64K --record-always || fail "create"
ringctl load start compat --rate 5000 --seconds 0.3 || fail "load"
usleep 400000
ringctl load stop compat || fail "stop"
hostile_compat || fail "line $(($? + 20)) of hostile_compat.c"
ringctl set compat record=reading || fail "set"
