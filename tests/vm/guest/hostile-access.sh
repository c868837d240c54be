# SPDX-License-Identifier: GPL-2.0
# Permission is decided at open: what privileges a process has later, or in its namespace, is nothing.
exec hostile_access access
