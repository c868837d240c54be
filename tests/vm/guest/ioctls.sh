# SPDX-License-Identifier: GPL-2.0
# Bad input to every ioctl: the right error, and a message with what is allowed.
exec ioctls
