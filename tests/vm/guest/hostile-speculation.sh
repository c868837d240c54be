# SPDX-License-Identifier: GPL-2.0
# Numbers by which programs choose a ring, or say how many, are limited also for a processor that guesses.
exec hostile_speculation /modules/kring.ko kring_mmap kring_file_arm kring_hold kring_hold_release \
	control_ioctl
