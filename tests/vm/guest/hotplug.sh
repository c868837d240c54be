# SPDX-License-Identifier: GPL-2.0
# needs: hotplug
# timeout: 180
# CPUs go offline and come: their rings stay, new ones are noticed, read and held; also under load.
. /tests/lib

[ -e /sys/devices/system/cpu/cpu1/online ] || fail "CPU 1 cannot go offline here"
hotplug rings || fail "rings"
hotplug load || fail "load"
